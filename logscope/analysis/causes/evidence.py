"""The evidence of a suspect's own lines: every point comes with a sentence and the lines that it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import erf, exp, sqrt
from typing import Final

from logscope.analysis.causes.blame import ALTERING_US, BROKEN_US, Edge, pair_sigma_us
from logscope.analysis.causes.scene import Scene
from logscope.analysis.causes.stops import says_stop
from logscope.analysis.causes.suspects import Suspect, join, onset_ref, quote
from logscope.analysis.causes.weights import (
    BEHIND,
    BLAME,
    BUG,
    CAUSE,
    CHANGE,
    ENDED,
    ENDED_MARGIN_US,
    HARMLESS,
    LAG,
    LAG_GRACE_US,
    LAG_SCALE_US,
    LATE,
    LATE_GRACE_US,
    LATE_SCALE_US,
    ORDER,
    REACH,
    SATURATED,
    SERVED,
    STATE,
    SYMPTOM,
)
from logscope.analysis.kinds.meaning import warns_of_old_ways
from logscope.analysis.onset.anomalies import Anomaly, says_why
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import Evidence
from logscope.model.times import US, span


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


def judge_own(one: Anomaly, naming: Edge | None, scene: Scene) -> Suspect:
    """A node by one of its own kinds, with what speaks for and against that one."""
    onsets, main, has_times = scene.onsets, scene.main, scene.has_times
    suspect = Suspect(one.node, one, naming)
    here = (onset_ref(one),)
    others = [other for node, other in onsets.items() if node != one.node and not other.kind.is_request]
    if others and has_times:
        suspect.evidence.append(judge_order(one, _first_of(one, scene), _also_fallen(one, others, scene)))
    meaning = one.kind.meaning
    blamed = scene.find_blamed(one)
    if blamed is None:
        blamed = _whom_it_blamed_first(one, scene) if says_why(one) else _whom_the_rest_blames(one, scene)
    own_share = 1.0 - (blamed.weight if blamed else 0.0)
    if meaning.kind is MeaningKind.CAUSE:
        # Words of a cause in a line that names another node are quoted from there.
        points = (BUG if meaning.cls is RuleClass.BUG else CAUSE) * own_share
        if points > 0.05:
            text = f"says {quote(meaning.words, one.kind.sample)}: {meaning.describe()}"
            suspect.evidence.append(Evidence("cause", points, text, here))
    elif meaning.kind is MeaningKind.CHANGE and all(told.points > BEHIND for told in suspect.evidence):
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
        lasts = meaning.kind in (MeaningKind.CAUSE, MeaningKind.CHANGE) or _stays_down(one, main, scene)
        if one.last < main - ENDED_MARGIN_US and not lasts:
            suspect.evidence.append(Evidence("ended", ENDED, "was over before the rest began", here))
    late = judge_late(one, scene)
    if late is not None:
        suspect.evidence.append(late)
    return suspect


def _stays_down(one: Anomaly, main: int, scene: Scene) -> bool:
    """Its line says that it stops, and nothing that is new of it says until then that it is back."""
    later = (a for a in scene.by_node.get(one.node, ()) if one.time < a.time <= main and not says_stop(a.kind))
    return says_stop(one.kind) and not any(later)


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
    # By onset: the first one that is found is the earliest.
    for other in scene.by_node.get(one.node, ()):
        if other.time > one.time:
            break
        led_up = other.is_strong and other.kind.is_failure and other.last >= one.time - ENDED_MARGIN_US
        if led_up or (other.kind.meaning.kind in _ALTERED and one.time - other.time <= _AWAY_US):
            return other
    return one


_AWAY_US: Final = ALTERING_US // 2
"""Who is stopped and started fails behind it within this; later it had been there again."""
_ALTERED: Final = {
    MeaningKind.STATE: "stopped, started or changed its state",
    MeaningKind.CHANGE: "was altered",
}
"""What may lie in front of what a node fails with, as it is told."""


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


def judge_order(shown: Anomaly, one: Anomaly, others: Sequence[Anomaly]) -> Evidence:
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
    if abs(gap) <= 2 * sigma and not (one.has_baseline and nearest.has_baseline) and sigma > US:
        text = f"began with the first (± {span(int(sigma))}, as far as logs tell that begin with it)"
        return Evidence("order", points, text, refs)
    if abs(gap) <= 2 * sigma:
        return Evidence("order", points, f"began with the first (within the stamps' {span(int(sigma))})", refs)
    if gap > 0:
        how = None if one is shown else _ALTERED.get(one.kind.meaning.kind)
        first = f"first by {span(gap)}" if how is None else f"{how} {span(gap)} before the first other failure"
        return Evidence("order", points, f"{first} (± {span(int(sigma))})", refs)
    later = sorted((other for other in others if other.time > one.time), key=lambda other: other.time)
    if points > 0 and later:
        refs = (onset_ref(one), onset_ref(later[0]))
        return Evidence("order", points, f"began before {len(later)} of {len(others)} others that fail", refs)
    return Evidence("order", points, f"began {span(-gap)} after {nearest.node}", refs)
