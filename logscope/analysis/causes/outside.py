"""The evidence that others give: who names a node, what was altered of it, that its log stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp

from logscope.analysis.causes.blame import Edge, pair_sigma_us
from logscope.analysis.causes.changes import Change, find_concerned, is_answer
from logscope.analysis.causes.evidence import judge_late, judge_order
from logscope.analysis.causes.links import AFTER_US, LOOK_BACK_US
from logscope.analysis.causes.routine import is_routine
from logscope.analysis.causes.scene import Scene
from logscope.analysis.causes.suspects import Suspect, join, onset_ref, quote
from logscope.analysis.causes.weights import (
    APART,
    BEHIND,
    BLAME,
    CAUSE,
    CHANGE,
    CHANGED_US,
    FOLLOWING_US,
    LEAST_CHANGED,
    PHANTOM,
    SILENT,
    TESTIMONY,
)
from logscope.analysis.onset.anomalies import Anomaly, says_why
from logscope.analysis.onset.novelties import Novelty
from logscope.analysis.onset.silences import Silence
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import Evidence
from logscope.model.times import span


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
        order = judge_order(first.anomaly, first.anomaly, others)
        if order.points > 0:
            text = f"the first line that names it {'' if order.text.startswith('began') else 'is '}{order.text}"
            suspect.evidence.append(Evidence("order", order.points * 0.5, text, order.lines))
    quoted = next((e for e in callers if e.anomaly.kind.is_cause_like), None) or _find_reason(callers, scene)
    if quoted is not None and quoted.anomaly.kind.meaning.cls is not RuleClass.BUG:
        words, line = quoted.anomaly.kind.meaning, quoted.anomaly.kind.sample
        said = f"{quote(words.words, line)} of it" if words.words else "of it"
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


def _tell_novelty(verb: str, one: Novelty) -> str:
    return f"{verb} in lines that came more often" if one.more else f"{verb} in a line of a new kind"


def judge_changed(
    suspect: Suspect, changes: Sequence[Change], novelties: Sequence[Novelty], own: Sequence[Novelty] = ()
) -> Evidence | None:
    """What was altered of a node that fails moments later; None where nothing was, or its line is the change itself.

    Args:
        suspect: The node, judged otherwise.
        changes: Records that say that something was altered.
        novelties: Ordinary lines of a new kind that name the node.
        own: The same of its own log, right before it fails.
    """
    if any(one.kind == "change" for one in suspect.evidence):
        return None
    itself = _find_itself(suspect, changes)
    if itself is not None:
        is_behind = any(one.kind == "order" and one.points <= BEHIND for one in suspect.evidence)
        return None if is_behind else Evidence("change", CHANGE, f"is a change: {itself.text}", (itself.ref,))
    told = [
        ("was altered", CHANGE, change.time, f"{change.text}", change.ref)
        for change in changes
        if change.is_alteration
        and suspect.node in find_concerned(change)
        and (suspect.anomaly is None or change.kind.id != suspect.anomaly.kind.id)
        and not is_routine(change, suspect.time)
        and not (change.time > suspect.time and is_answer(change))
    ]
    for verb, new in (("is named", novelties), ("tells", own)):
        told += [
            (
                _tell_novelty(verb, one),
                CHANGE * one.rarity,
                one.anomaly.time,
                one.anomaly.kind.headline,
                onset_ref(one.anomaly),
            )
            for one in new
        ]
    blamed = -sum(one.points for one in suspect.evidence if one.kind == "blame") / -BLAME
    best: Evidence | None = None
    for how, weight, time, what, ref in told:
        lag = suspect.time - time
        if not -AFTER_US <= lag <= LOOK_BACK_US:
            continue
        points = weight * exp(-max(0, lag) / CHANGED_US) * (1.0 - blamed)
        if best is None or points > best.points:
            when = f"{span(lag)} before" if lag > 0 else "at the same moment"
            best = Evidence("change", points, f"{how} {when}: {what}", (ref,))
    return best


def _find_itself(suspect: Suspect, changes: Sequence[Change]) -> Change | None:
    """The change that is told by the ordinary line by which a node is judged: another one before it is no part."""
    one = suspect.anomaly
    if one is None or one.kind.is_failure or one.kind.is_cause_like:
        return None
    here = onset_ref(one)
    return next((c for c in changes if c.is_alteration and (c.file, c.line) == (here.file, here.line)), None)


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
    text = f"says {quote(one.kind.meaning.words, one.kind.sample)} behind a change: {one.kind.meaning.describe()}"
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
