"""The root-cause ranking: additive points with evidence, one candidate per node.

The terms and their weights are those of analysis.md 3.4, fitted there on simulated incidents: who is named counts most,
then words of a cause, then order; volume counts nothing. Every point comes with a sentence and the lines it rests on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import Final

from logscope.analysis.causes.blame import Edge, pair_sigma_us
from logscope.analysis.causes.case import Case
from logscope.analysis.causes.changes import Change
from logscope.analysis.causes.dying_words import find_who_ended
from logscope.analysis.causes.evidence import judge_following
from logscope.analysis.causes.node import judge_node
from logscope.analysis.causes.set_off import (
    find_altered_call,
    find_altered_itself,
    find_fault_before,
    find_set_off,
    find_told_itself,
)
from logscope.analysis.causes.suspects import Suspect, onset_ref
from logscope.analysis.causes.ties import is_member_of
from logscope.analysis.causes.weights import BUG, CHANGE, FILLED, HIGHEST_PROBABILITY, ORDER, TEMPERATURE
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.novelties import Novelty
from logscope.analysis.onset.silences import Silence
from logscope.model.causes import OUTSIDE, Confidence, Evidence
from logscope.model.times import span


@dataclass(frozen=True, slots=True)
class Ranking:
    """Suspects, the likeliest first, and how sure the first is."""

    suspects: tuple[Suspect, ...]
    confidence: Confidence


def rank(
    anomalies: Sequence[Anomaly],
    onsets: Mapping[str, Anomaly],
    edges: Sequence[Edge],
    nodes_with_log: frozenset[str],
    *,
    has_times: bool,
    silences: Mapping[str, Silence] | None = None,
    novelties: Sequence[Novelty] = (),
    changes: Sequence[Change] = (),
    harmed: int | None = None,
) -> Ranking:
    """Rank every node that fails or is blamed.

    Args:
        anomalies: Kinds of the incident and changes before it, by onset.
        onsets: Main onset of each failing node.
        edges: Who blames whom.
        nodes_with_log: Nodes that have a file here.
        has_times: The files carry times; without them order says nothing.
        silences: By node, logs that stopped when it began.
        novelties: Ordinary lines of new kinds just before it began.
        changes: Records that say that something was altered.
        harmed: Since when users fail, microseconds UTC; None where no access log tells.
    """
    case = Case.lay_out(
        anomalies,
        onsets,
        edges,
        nodes_with_log,
        silences or {},
        novelties,
        changes,
        has_times=has_times,
        harmed=harmed,
    )
    judged = [judge_node(case, node) for node in case.nodes]
    suspects = [one.suspect for one in judged if one.suspect is not None]
    if has_times:
        _tell_faults_before(suspects)
    _yield_to_set_off(suspects)
    _return_blame(case, suspects)
    inherited = dict(one.inherited for one in judged if one.inherited is not None)
    for suspect in suspects:
        if suspect.node in inherited:
            suspect.evidence.append(inherited[suspect.node])
    suspects = _add_hushed(case, suspects)
    suspects.append(Suspect(OUTSIDE, None, None))
    suspects.sort(key=lambda s: (-round(s.points, 2), s.node == OUTSIDE, s.time, s.node))
    weights = [exp(min(s.points, 50.0) / TEMPERATURE) for s in suspects]
    total = sum(weights)
    for suspect, weight in zip(suspects, weights, strict=True):
        suspect.probability = min(HIGHEST_PROBABILITY, weight / total)
    is_explained = not has_times or _explains_the_first(suspects[0], case.led, onsets)
    return Ranking(tuple(suspects), _confidence(suspects, has_times, is_explained=is_explained))


def _tell_faults_before(suspects: Sequence[Suspect]) -> None:
    """Who ran out of something behind a fault of another one ran out for that."""
    for suspect in suspects:
        fault = find_fault_before(suspect, suspects)
        if fault is not None:
            text = f"ran out {span(suspect.time - fault.time)} behind a fault of {fault.node}: {fault.kind.headline}"
            suspect.evidence.append(Evidence("filled", FILLED, text, (onset_ref(fault),)))


def _yield_to_set_off(suspects: Sequence[Suspect]) -> None:
    """A change counts less than what it broke, and an end that a supervisor tells less than what was said before it."""
    for suspect in suspects:
        ended = find_who_ended(suspect, suspects)
        if ended is not None:
            text = f"tells of an end {span(suspect.time - ended.time)} after {ended.node} said what broke"
            suspect.evidence.append(Evidence("ended", -CHANGE, text, (onset_ref(ended),)))
        broken = find_set_off(suspect, suspects)
        if broken is not None:
            text = f"is what set {broken.node} off, which tells itself what broke"
            suspect.evidence.append(Evidence("trigger", -CHANGE, text, (onset_ref(broken),)))
            continue
        altered = find_altered_itself(suspect, suspects)
        if altered is not None:
            text = f"nothing ties it to {altered.node}, which fails since a change of its own"
            suspect.evidence.append(Evidence("apart", -CHANGE - ORDER, text, (onset_ref(altered),)))
            continue
        told = find_told_itself(suspect, suspects)
        if told is not None:
            text = f"may have set {told.node} off, which tells itself what broke"
            suspect.evidence.append(Evidence("trigger", -CHANGE, text, (onset_ref(told),)))


def _return_blame(case: Case, suspects: Sequence[Suspect]) -> None:
    """Who altered how it calls another one, and fails to be served since, is to look at its own settings first."""
    by_node = {one.node: one for one in suspects}
    for suspect in suspects:
        naming = case.naming(suspect.node)
        change = find_altered_call(suspect, naming, case.changes)
        caller = by_node.get(change.kind.node) if change is not None else None
        if change is None or caller is None or caller.anomaly is None:
            continue
        lag = span(max(0, caller.time - change.time))
        said = f"{caller.node} altered how it calls it {lag} before, and nobody else complains"
        # What was altered is the caller's.
        suspect.evidence[:] = [one for one in suspect.evidence if one.kind != "change"]
        suspect.evidence.append(Evidence("caller", -sum(one.points for one in suspect.evidence), said, (change.ref,)))
        caller.evidence[:] = [one for one in caller.evidence if one.kind not in ("blame", "symptom", "change")]
        text = f"altered how it calls {suspect.node} {lag} before: {change.text}"
        caller.evidence.append(Evidence("change", CHANGE, text, (change.ref,)))


def _add_hushed(case: Case, suspects: Sequence[Suspect]) -> list[Suspect]:
    """The suspects with those of whom only the silence is known; what one says when it starts again is no more."""
    found = list(suspects)
    for phantom in suspects:
        stopped = [*(one for _, one in sorted(case.hushed.items())), *(one for one in suspects if _has_stopped(one))]
        replicas = [one for one in stopped if _is_replica_of(one.node, phantom, case)]
        if replicas:
            # Who calls `rates` meets one of rates-1 to rates-3: of these it is one that stopped.
            first = min(replicas, key=lambda one: (-round(one.points, 2), one.time, one.node))
            named = [replace(one, text=f"{one.text}, as {phantom.node}") for one in phantom.evidence if one.lines]
            first.evidence[:] = [one for one in first.evidence if one.kind != "following"]
            first.evidence[:0] = [one for one in named if one.kind == "reach"]
            found.remove(phantom)
    for node, silent in sorted(case.hushed.items()):
        following = judge_following(node, {}, case.led_by_all.get(node, {}), case.scene.onsets, case.by_time)
        silent.evidence[:0] = [following] if following is not None else []
        told = next((one for one in found if one.node == node), None)
        if told is None or told.points < silent.points:
            found = [*(one for one in found if one is not told), silent]
    return found


def _has_stopped(suspect: Suspect) -> bool:
    """Others say that it is down, and its log stopped."""
    return suspect.anomaly is None and any(one.kind == "silence" for one in suspect.evidence)


def _is_replica_of(node: str, phantom: Suspect, case: Case) -> bool:
    """Whether a node is called like one of which only others tell, with a number or letter behind it."""
    is_phantom = phantom.anomaly is None and phantom.naming is not None and phantom.node not in case.silences
    return is_phantom and is_member_of(node, phantom.node)


def _explains_the_first(top: Suspect, led: Mapping[str, Mapping[str, float]], onsets: Mapping[str, Anomaly]) -> bool:
    """Whether nobody failed clearly before a suspect who is not led to it by what its lines name."""
    if top.anomaly is None:
        return True
    for node, other in onsets.items():
        is_led = node in led.get(top.node, {}) or top.node in other.kind.mentions
        is_other = node != top.node and not other.kind.is_request and not is_led
        if is_other and other.time < top.time - 2 * pair_sigma_us(top.anomaly, other):
            return False
    return True


def _confidence(suspects: Sequence[Suspect], has_times: bool, *, is_explained: bool) -> Confidence:
    if not suspects:
        return Confidence.LOW
    top = suspects[0]
    margin = top.points - max(0.0, suspects[1].points if len(suspects) > 1 else 0.0)
    if top.node == OUTSIDE:
        return Confidence.MEDIUM if top.probability >= 0.5 else Confidence.LOW
    families = {_FAMILY.get(one.kind, one.kind) for one in top.evidence if one.points > 0.25}
    has_baseline = top.anomaly.has_baseline if top.anomaly else True
    if not is_explained and not any(one.kind == "cause" and one.points > BUG for one in top.evidence):
        # Somebody fell before it, and it does not say why: not even likely.
        return Confidence.LOW
    # A change that only came first is tied by time alone (README.md 4).
    is_clear = top.probability >= 0.8 and margin >= 1.5 and len(families) >= 2 and not families <= _TIME_ALONE
    is_told = top.silence is None
    if is_clear and has_times and has_baseline and is_explained and is_told:
        return Confidence.HIGH
    return Confidence.MEDIUM if top.probability >= 0.5 else Confidence.LOW


_TIME_ALONE: Final = frozenset({"time", "change"})
_FAMILY: Final = {
    "order": "time",
    "following": "time",
    "reach": "dependency",
    "phantom": "dependency",
    "cause": "words",
    "testimony": "words",
}
