"""The evidence about one suspect: every point comes with a sentence and the lines that it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import erf, exp, sqrt
from typing import Final

from logscope.analysis.causes.blame import ALTERING_US, BROKEN_US, Edge, pair_sigma_us
from logscope.analysis.causes.changes import Change, find_concerned, is_answer
from logscope.analysis.causes.suspects import Suspect, join, onset_ref, quote
from logscope.analysis.causes.triggers import AFTER_US, LOOK_BACK_US, is_routine
from logscope.analysis.causes.weights import (
    APART,
    BLAME,
    BUG,
    CAUSE,
    CHANGE,
    CHANGED_US,
    ENDED,
    ENDED_MARGIN_US,
    FOLLOWING_US,
    HARMLESS,
    LAG,
    LAG_GRACE_US,
    LAG_SCALE_US,
    LATE,
    LATE_GRACE_US,
    LATE_SCALE_US,
    LEAST_CHANGED,
    ORDER,
    PHANTOM,
    REACH,
    SATURATED,
    SERVED,
    SILENT,
    STATE,
    SYMPTOM,
    TESTIMONY,
)
from logscope.analysis.kinds.meaning import warns_of_old_ways
from logscope.analysis.onset.anomalies import Anomaly, says_why
from logscope.analysis.onset.novelties import Novelty
from logscope.analysis.onset.silences import Silence
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import Evidence
from logscope.model.times import span


def judge_reach(
    node: str, led: Mapping[str, float], onsets: Mapping[str, Anomaly], edges: Sequence[Edge]
) -> Evidence | None:
    """How much of the incident leads to a node by what lines tell; None where nothing does."""
    share = _share_led(node, led, onsets)
    if share <= 0:
        return None
    leading = sorted((e for e in edges if e.callee == node), key=lambda e: e.anomaly.time)
    naming = [edge for edge in leading if not edge.shared_ids and not edge.is_wait]
    waiting = [edge for edge in leading if edge.is_wait]
    calling = sorted((edge.caller, edge.shared_ids) for edge in leading if edge.shared_ids)
    callers = sorted({edge.caller for edge in leading})
    records = sum(edge.anomaly.kind.count for edge in naming)
    further = len([other for other in led if other not in callers])
    parts = [f"named by {join(sorted({e.caller for e in naming}))} ({records:,} records)"] if naming else []
    if waiting:
        untold = sum(edge.anomaly.kind.count for edge in waiting)
        parts.append(f"waited for by {join(sorted({e.caller for e in waiting}))}, with no connection left ({untold:,})")
    parts += [f"called by {caller} ({ids:,} shared ids)" for caller, ids in calling]
    text = ", ".join(parts)
    if further:
        text += f", {further} more {'fails' if further == 1 else 'fail'} behind {'them' if len(callers) > 1 else 'it'}"
    return Evidence("reach", REACH * share, text, tuple(onset_ref(e.anomaly) for e in leading[:4]))


def judge_following(
    node: str,
    by_words: Mapping[str, float],
    by_all: Mapping[str, float],
    onsets: Mapping[str, Anomaly],
    by_time: Sequence[Edge],
) -> Evidence | None:
    """How much more of the incident leads to a node where order in time ties who names nobody; None for nothing.

    Args:
        node: The node.
        by_words: How strongly each other node leads to it by what lines name.
        by_all: The same with edges by time.
        onsets: Main onset of each failing node.
        by_time: Edges by time alone.
    """
    share = _share_led(node, by_all, onsets) - _share_led(node, by_words, onsets)
    following = sorted((e for e in by_time if e.callee == node), key=lambda e: (e.anomaly.time, e.caller))
    if share <= 0:
        return None
    if not following:
        behind = [other for other, value in by_all.items() if value > by_words.get(other, 0.0)]
        text = f"{join(sorted(behind))} {'fails' if len(behind) == 1 else 'fail'} behind who names it, by time alone"
        return Evidence("following", REACH * share, text, tuple(onset_ref(onsets[other]) for other in behind[:4]))
    failing = [edge for edge in following if edge.anomaly.node == edge.caller]
    silent = sorted({edge.caller for edge in following if edge.anomaly.node != edge.caller})
    parts = [f"{join([e.caller for e in failing])} failed moments later and named nobody"] if failing else []
    own = "shows no reason of its own" if len(silent) == 1 else "show no reason of their own"
    parts += [f"{join(silent)}, named by others, {own}"] if silent else []
    return Evidence("following", REACH * share, ", ".join(parts), tuple(onset_ref(e.anomaly) for e in following[:4]))


def _share_led(node: str, led: Mapping[str, float], onsets: Mapping[str, Anomaly]) -> float:
    others = [other for other, one in onsets.items() if other != node and not one.kind.is_request]
    return sum(led.get(other, 0.0) for other in others) / len(others) if others else 0.0


class Scene:
    """What each suspect's own kinds are judged against; what several of them ask for is found once."""

    def __init__(
        self,
        anomalies: Sequence[Anomaly],
        onsets: Mapping[str, Anomaly],
        edges: Sequence[Edge],
        main: int,
        *,
        has_times: bool,
        harmed: int | None = None,
    ) -> None:
        """Sort what is known by node.

        Args:
            anomalies: Kinds of the incident and changes before it, by onset.
            onsets: Main onset of each failing node.
            edges: Who blames whom.
            main: When most nodes had begun to fail, microseconds UTC.
            has_times: The files carry times.
            harmed: Since when users fail, microseconds UTC; None where no access log tells.
        """
        self.onsets = onsets
        self.edges = edges
        self.main = main
        self.harmed = harmed
        self.has_times = has_times
        self.by_node: dict[str, list[Anomaly]] = {}
        for one in anomalies:
            self.by_node.setdefault(one.node, []).append(one)
        told = {
            other.node: other
            for other in reversed(anomalies)
            if says_why(other) and (other.kind.is_failure or other.kind.match is not None)
        }
        self.told = dict(sorted(told.items()))
        """By node who says in a line or two what broke."""
        self.tied = {edge.caller for edge in edges} | {edge.callee for edge in edges}
        """Nodes that name somebody of it, or are named."""
        self._blamed: dict[str, Edge | None] = {}
        self._whole: dict[str, list[Edge]] = {}

    def find_blamed(self, one: Anomaly) -> Edge | None:
        """The strongest edge that rests on a kind's own words; None where it names nobody that may be blamed."""
        if one.kind.id not in self._blamed:
            self._blamed[one.kind.id] = _whom_it_blames(one, self.edges)
        return self._blamed[one.kind.id]

    def list_blamed(self, node: str) -> list[Edge]:
        """For each kind of what a node surely fails with whom it names, weighed by its share of all of that."""
        if node not in self._whole:
            own = [other for other in self.by_node.get(node, ()) if other.kind.is_failure and other.is_strong]
            total = sum(other.excess for other in own)
            found = [(other, self.find_blamed(other)) for other in own]
            # What comes no more often than before has no share: its kinds weigh alike then.
            self._whole[node] = [
                replace(edge, weight=edge.weight * (other.excess / total if total > 0 else 1 / len(own)))
                for other, edge in found
                if edge is not None
            ]
        return self._whole[node]


def judge_own(one: Anomaly, naming: Edge | None, scene: Scene) -> Suspect:
    """A node by one of its own kinds, with what speaks for and against that one."""
    onsets, main, has_times = scene.onsets, scene.main, scene.has_times
    suspect = Suspect(one.node, one, naming)
    here = (onset_ref(one),)
    others = [other for node, other in onsets.items() if node != one.node and not other.kind.is_request]
    if others and has_times:
        suspect.evidence.append(_judge_order(one, _first_of(one, scene), _also_fallen(one, others, scene)))
    meaning = one.kind.meaning
    blamed = scene.find_blamed(one)
    if blamed is None:
        blamed = _whom_it_blamed_first(one, scene) if says_why(one) else _whom_the_rest_blames(one, scene)
    own_share = 1.0 - (blamed.weight if blamed else 0.0)
    if meaning.kind is MeaningKind.CAUSE:
        # Words of a cause in a line that names another node are quoted from there.
        points = (BUG if meaning.cls is RuleClass.BUG else CAUSE) * own_share
        if points > 0.05:
            text = f"says {quote(meaning.words)}: {meaning.describe()}"
            suspect.evidence.append(Evidence("cause", points, text, here))
    elif meaning.kind is MeaningKind.CHANGE:
        suspect.evidence.append(Evidence("change", CHANGE, f"is a change: {meaning.describe()}", here))
    elif meaning.kind is MeaningKind.STATE and not one.kind.is_failure:
        suspect.evidence.append(Evidence("state", STATE, f"changes its state: {meaning.describe()}", here))
    elif meaning.cls is RuleClass.SATURATION:
        text = f"is busy, for want of answers as likely as of workers: {meaning.describe()}"
        suspect.evidence.append(Evidence("symptom", SATURATED, text, here))
    elif meaning.kind is MeaningKind.SYMPTOM:
        suspect.evidence.append(
            Evidence("symptom", SYMPTOM, f"reports a failing dependency: {meaning.describe()}", here)
        )
    if warns_of_old_ways(one.kind.headline):
        suspect.evidence.append(Evidence("harmless", HARMLESS, "warns of old ways, which still work", here))
    if one.kind.is_request and one.kind.match is None:
        suspect.evidence.append(Evidence("served", SERVED, "tells what users got, not why", here))
    if blamed is not None:
        how = "waits for a connection to" if blamed.is_wait else "its lines name"
        suspect.evidence.append(Evidence("blame", BLAME * blamed.weight, f"{how} {blamed.callee}", here))
    if has_times and one.time < main and others:
        lag = LAG * (1.0 - exp(-max(0, main - one.time - LAG_GRACE_US) / LAG_SCALE_US))
        if lag < -0.1:
            suspect.evidence.append(Evidence("lag", lag, f"began {span(main - one.time)} before the rest", here))
        if one.last < main - ENDED_MARGIN_US and meaning.kind not in (MeaningKind.CAUSE, MeaningKind.CHANGE):
            suspect.evidence.append(Evidence("ended", ENDED, "was over before the rest began", here))
    late = judge_late(one, scene)
    if late is not None:
        suspect.evidence.append(late)
    return suspect


def judge_late(one: Anomaly, scene: Scene) -> Evidence | None:
    """Users had failed for long when this began; None where they had not."""
    if scene.harmed is None or not scene.has_times:
        return None
    lag = one.time - scene.harmed
    points = LATE * (1.0 - exp(-max(0, lag - LATE_GRACE_US) / LATE_SCALE_US))
    if points > -0.1:
        return None
    return Evidence("late", points, f"began {span(lag)} after users failed", (onset_ref(one),))


def _first_of(one: Anomaly, scene: Scene) -> Anomaly:
    """The node's earliest sign that belongs to it.

    A strong warning that led up to the failure and did not end before is part of it, and so is the stop, start or
    change that it fails behind: it was away since then.
    """
    earlier = [
        a
        for a in scene.by_node.get(one.node, ())
        if a.time <= one.time
        and (
            (a.is_strong and a.kind.is_failure and a.last >= one.time - ENDED_MARGIN_US)
            or (a.kind.meaning.kind in _ALTERING and one.time - a.time <= _AWAY_US)
        )
    ]
    return min(earlier, key=lambda a: a.time, default=one)


_AWAY_US: Final = ALTERING_US // 2
"""Who is stopped and started fails behind it within this; later it had been there again."""
_ALTERING: Final = (MeaningKind.STATE, MeaningKind.CHANGE)


def _also_fallen(one: Anomaly, others: Sequence[Anomaly], scene: Scene) -> list[Anomaly]:
    """Whom order is told against: who surely fails, and who says in a line or two what broke and is tied to them.

    Who says what broke before it failed fell then.
    """
    fallen = [
        reason if reason is not None and 0 <= other.time - reason.time <= BROKEN_US else other
        for other in others
        for reason in (scene.told.get(other.node),)
    ]
    known = {other.node for other in others} | {one.node}
    further = [
        other
        for node, other in scene.told.items()
        if node not in known and other.kind.is_failure and (other.is_strong or node in scene.tied)
    ]
    return [*fallen, *further]


def _whom_it_blames(one: Anomaly, edges: Sequence[Edge]) -> Edge | None:
    found = []
    for edge in edges:
        if edge.caller != one.node or edge.shared_ids:
            continue
        own_weight = one.kind.mentions.get(edge.callee, 0.0)
        if edge.anomaly.kind.id == one.kind.id:
            found.append(edge)
        elif own_weight:
            found.append(replace(edge, weight=min(edge.weight, own_weight), anomaly=one))
    return max(found, key=lambda e: e.weight, default=None)


def _whom_the_rest_blames(one: Anomaly, scene: Scene) -> Edge | None:
    """Whom most of what a node says names, where this line of it names nobody and gives no reason either."""
    found = [edge for edge in scene.list_blamed(one.node) if edge.anomaly.kind.id != one.kind.id]
    return max(found, key=lambda e: e.weight, default=None)


def _whom_it_blamed_first(one: Anomaly, scene: Scene) -> Edge | None:
    """Whom a node named when it began to fail, long before this line of it gives a reason: that one came of it."""
    early = [
        other
        for other in scene.by_node.get(one.node, ())
        if other.kind.is_failure and other.is_strong and other.time < one.time - LAG_GRACE_US
    ]
    edge = next((edge for edge in map(scene.find_blamed, early) if edge is not None), None)
    # As surely as those first lines name it: how little they are of all that it said since does not matter.
    return None if edge is None else replace(edge, weight=edge.anomaly.kind.mentions.get(edge.callee, edge.weight))


def sum_order(pairs: Sequence[tuple[int, float]]) -> float:
    """Points for coming first.

    Args:
        pairs: For each other node how much later it failed, and how well that is known, in microseconds.
    """
    score = 0.0
    for apart, sigma in pairs:
        # Who pulls down takes moments: a lead of minutes says less and less.
        near = exp(-max(0, abs(apart) - LAG_GRACE_US) / LAG_SCALE_US)
        score += near * erf(apart / sigma / sqrt(2.0))
    return ORDER * score / len(pairs)


def _judge_order(shown: Anomaly, one: Anomaly, others: Sequence[Anomaly]) -> Evidence:
    """Who was first.

    Args:
        shown: The kind that a node is judged by.
        one: Its first sign, which may be that it was altered.
        others: Whom it is compared with.
    """
    points = sum_order([(other.time - one.time, pair_sigma_us(one, other)) for other in others])
    nearest = min(others, key=lambda other: other.time)
    gap = nearest.time - one.time
    sigma = pair_sigma_us(one, nearest)
    refs = (onset_ref(one), onset_ref(nearest))
    if abs(gap) <= 2 * sigma:
        return Evidence("order", points, f"began with the first (within the stamps' {span(int(sigma))})", refs)
    if gap > 0:
        is_altered = one is not shown and one.kind.meaning.kind in _ALTERING
        first = f"was altered {span(gap)} before the first other failure" if is_altered else f"first by {span(gap)}"
        return Evidence("order", points, f"{first} (± {span(int(sigma))})", refs)
    later = sorted((other for other in others if other.time > one.time), key=lambda other: other.time)
    if points > 0 and later:
        refs = (onset_ref(one), onset_ref(later[0]))
        return Evidence("order", points, f"began before {len(later)} of {len(others)} others that fail", refs)
    return Evidence("order", points, f"began {span(-gap)} after {nearest.node}", refs)


def judge_phantom(node: str, naming: Edge, scene: Scene, nodes_with_log: frozenset[str]) -> Suspect:
    """A node that others name and whose own log shows no failure, or was not given."""
    suspect = Suspect(node, None, naming)
    onsets, edges = scene.onsets, scene.edges
    callers = [edge for edge in edges if edge.callee == node and not edge.shared_ids and not edge.is_wait]
    refs = tuple(onset_ref(edge.anomaly) for edge in callers[:3])
    first = min(callers, key=lambda e: e.anomaly.time)
    if node not in onsets or onsets[node].time <= first.anomaly.time:
        # Who fails itself, if only behind who blames it, is no stranger: all that is known of it is that it is named.
        how = "its own log shows no failure" if node in nodes_with_log else "its own log was not given"
        suspect.evidence.append(Evidence("phantom", PHANTOM, f"is named, and {how}", refs))
    others = [other for name, other in onsets.items() if name != first.caller and not other.kind.is_request]
    if others:
        order = _judge_order(first.anomaly, first.anomaly, others)
        if order.points > 0:
            text = f"the first line that names it is {order.text}"
            suspect.evidence.append(Evidence("order", order.points * 0.5, text, order.lines))
    quoted = next((e for e in callers if e.anomaly.kind.is_cause_like), None) or _find_reason(callers, scene)
    if quoted is not None and quoted.anomaly.kind.meaning.cls is not RuleClass.BUG:
        words = quoted.anomaly.kind.meaning
        said = f"{quote(words.words)} of it" if words.words else "of it"
        text = f"{quoted.caller} reports {said}: {words.describe()}"
        suspect.evidence.append(Evidence("testimony", TESTIMONY, text, (onset_ref(quoted.anomaly),)))
        suspect.naming = quoted
    late = judge_late(first.anomaly, scene)
    if late is not None:
        suspect.evidence.append(late)
    return suspect


def _find_reason(callers: Sequence[Edge], scene: Scene) -> Edge | None:
    """What a caller says of a node at the same moment in another line that gives a reason; None where none does."""
    for edge in callers:
        for one in scene.by_node.get(edge.caller, ()):
            is_near = abs(one.time - edge.anomaly.time) <= pair_sigma_us(one, edge.anomaly)
            if is_near and says_why(one) and one.kind.is_failure and edge.callee in one.kind.mentions:
                return replace(edge, anomaly=one)
    return None


def judge_apart(node: str, led: Mapping[str, float], onsets: Mapping[str, Anomaly]) -> Evidence | None:
    """Others fell after a lull that no cascade bridges, and nothing ties them to a node; None where it is not so.

    Args:
        node: A node that is only named.
        led: How strongly each other node leads to it, by words and by time.
        onsets: Main onset of each failing node.
    """
    failing = {name: one for name, one in onsets.items() if not one.kind.is_request}
    tied = [one.time for name, one in failing.items() if name == node or led.get(name, 0.0) > 0]
    rest = sorted((one.time, name) for name, one in failing.items() if name != node and led.get(name, 0.0) <= 0)
    if not tied or not rest or rest[0][0] - max(tied) <= FOLLOWING_US:
        return None
    names = [name for _, name in rest]
    text = f"{join(names[:3])} fell {span(rest[0][0] - max(tied))} behind who names it, and nothing ties them to it"
    points = APART * len(rest) / (len(rest) + len(tied))
    return Evidence("apart", points, text, tuple(onset_ref(failing[name]) for name in names[:3]))


def judge_changed(suspect: Suspect, changes: Sequence[Change], novelties: Sequence[Novelty]) -> Evidence | None:
    """What was altered of a node that fails moments later; None where nothing was, or its line is the change itself.

    Args:
        suspect: The node, judged otherwise.
        changes: Records that say that something was altered.
        novelties: Ordinary lines of a new kind that name the node.
    """
    if any(one.kind == "change" for one in suspect.evidence):
        return None
    told = [
        (CHANGE, change.time, f"{change.text}", change.ref)
        for change in changes
        if change.is_alteration
        and suspect.node in find_concerned(change)
        and (suspect.anomaly is None or change.kind.id != suspect.anomaly.kind.id)
        and not is_routine(change, suspect.time)
        and not (change.time > suspect.time and is_answer(change))
    ]
    told += [
        (CHANGE * one.rarity, one.anomaly.time, one.anomaly.kind.headline, onset_ref(one.anomaly)) for one in novelties
    ]
    blamed = -sum(one.points for one in suspect.evidence if one.kind == "blame") / -BLAME
    best: Evidence | None = None
    for weight, time, what, ref in told:
        lag = suspect.time - time
        if not -AFTER_US <= lag <= LOOK_BACK_US:
            continue
        points = weight * exp(-max(0, lag) / CHANGED_US) * (1.0 - blamed)
        if best is None or points > best.points:
            when = f"{span(lag)} before" if lag > 0 else "at the same moment"
            best = Evidence("change", points, f"was altered {when}: {what}", (ref,))
    return best


def judge_own_limit(
    suspect: Suspect, changes: Sequence[Change], novelties: Sequence[Novelty]
) -> Evidence | None:  # fmt: skip
    """A full pool waits for others, as a rule; where it was altered moments before it is itself what broke.

    Args:
        suspect: The node, judged otherwise.
        changes: Records that say that something was altered.
        novelties: Ordinary lines of a new kind that name the node.

    Returns:
        What speaks for it, which also takes back that it reports a failing dependency; None where it is not so.
    """
    one = suspect.anomaly
    if one is None or one.kind.meaning.cls is not RuleClass.SATURATION:
        return None
    changed = judge_changed(suspect, changes, novelties)
    if changed is None or changed.points < LEAST_CHANGED:
        return None
    suspect.evidence[:] = [other for other in suspect.evidence if other.kind != "symptom"]
    text = f"says {quote(one.kind.meaning.words)} behind a change: {one.kind.meaning.describe()}"
    return Evidence("cause", CAUSE, text, (onset_ref(one),))


def judge_silence(silence: Silence, explained: str | None = None) -> Evidence:
    """Who is named and stops writing hangs or is gone.

    Args:
        silence: Of a log.
        explained: Whose it is, where it speaks for another node that tells why; None for the node's own.
    """
    whose = "its own log" if explained is None else f"at that moment the log of {explained}"
    text = f"{whose}, {silence.describe()}"
    if silence.end is not None:
        text += f" for {span(silence.end - silence.start)}"
    return Evidence("silence", SILENT, text, (silence.last,) if silence.last is not None else ())
