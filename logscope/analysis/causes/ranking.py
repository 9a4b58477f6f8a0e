"""The root-cause ranking: additive points with evidence, one candidate per node.

The terms and their weights are those of analysis.md 3.4, fitted there on simulated incidents: who is named counts most,
then words of a cause, then order; volume counts nothing. Every point comes with a sentence and the lines it rests on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from statistics import median
from typing import Final

from logscope.analysis.causes.blame import Edge, is_hushed, is_late, pair_sigma_us, reach
from logscope.analysis.causes.changes import Change, changes_by_node, is_check
from logscope.analysis.causes.evidence import (
    Scene,
    judge_apart,
    judge_changed,
    judge_following,
    judge_own,
    judge_own_limit,
    judge_phantom,
    judge_reach,
    judge_silence,
)
from logscope.analysis.causes.following import find_behind, find_followed
from logscope.analysis.causes.set_off import find_fault_before, find_set_off, is_refused_since
from logscope.analysis.causes.silent_logs import find_silent_logs
from logscope.analysis.causes.stops import find_member_stop, find_stop, judge_stop
from logscope.analysis.causes.suspects import Suspect, onset_ref
from logscope.analysis.causes.weights import (
    BUG,
    CAUSE,
    CHANGE,
    FILLED,
    HIGHEST_PROBABILITY,
    LEAST_RARITY,
    NOVEL,
    TEMPERATURE,
)
from logscope.analysis.onset.anomalies import Anomaly, says_why
from logscope.analysis.onset.novelties import Novelty, make_sign
from logscope.analysis.onset.silences import Silence
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import OUTSIDE, Confidence, Evidence
from logscope.model.times import MINUTE_US, US, span

_AT_ONCE_US: Final = 2 * US
"""Between what somebody says who alters something, and that."""
_SOON_US: Final = 10 * US
"""Between a step and the line that says why it failed."""


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
    led = reach(edges, onsets)
    failing = {*onsets, *(edge.callee for edge in edges)}
    reasons = [one for one in anomalies if says_why(one) and one.kind.is_failure]
    hushed = {one.node: one for one in find_silent_logs((silences or {}).values(), onsets, failing, reasons)}
    stopped = [one.silence for one in hushed.values() if one.silence is not None]
    by_time = (
        (
            *find_followed(anomalies, novelties, onsets, edges, stopped),
            *find_behind(anomalies, novelties, onsets, edges),
        )
        if has_times
        else ()
    )
    led_by_all = reach((*edges, *by_time), onsets) if by_time else led
    main = median(one.time for one in onsets.values()) if onsets else 0
    scene = Scene(anomalies, onsets, edges, int(main), has_times=has_times, harmed=harmed)
    suspects: list[Suspect] = []
    inherited: dict[str, Evidence] = {}
    altered = changes_by_node(changes)
    ends: dict[str, int] = {}
    """Last failing record of each node."""
    for one in anomalies:
        if one.kind.is_failure:
            ends[one.node] = max(one.last, ends.get(one.node, one.last))
    new_by_node: dict[str, list[Novelty]] = {}
    told_of: dict[str, list[Novelty]] = {}
    for novelty in novelties:
        # A log that tells anew of a node that fails tells what was done to it: that one is the suspect.
        if novelty.about in failing:
            told_of.setdefault(novelty.about or "", []).append(novelty)
        else:
            new_by_node.setdefault(novelty.anomaly.node, []).append(novelty)
    for node in sorted({one.node for one in anomalies} | {edge.callee for edge in edges} | set(new_by_node)):
        words = [edge for edge in edges if edge.callee == node and not edge.shared_ids]
        naming = max(words, key=lambda e: (e.weight, -e.anomaly.time), default=None)
        end = max((last for other, last in ends.items() if other != node), default=None)
        # What a node says anew when all others have stopped failing broke nobody: a server that is stopped afterwards.
        own = [one for one in anomalies if one.node == node and (end is None or one.time <= end)]
        woken = _wakes_up((silences or {}).get(node), words)
        if woken is not None:
            # What it says when it goes on came of its having stopped.
            own = [one for one in own if one.time < woken]
        # What only looks at something alters nothing: migrations are validated before one is run.
        own = [one for one in own if one.kind.is_failure or not is_check(one.kind)]
        states = [one for one in own if one.kind.meaning.kind is MeaningKind.STATE]
        left = find_member_stop(node, own, states)
        if left is not None:
            # What the others of it say since one of them stopped came of that.
            own = [one for one in own if one is left or one.time < left.time]
        if left is None and any(one.kind.is_failure or one.kind.is_cause_like for one in own):
            # A change or a start of a node that also fails is what set it off, not what broke.
            own = [one for one in own if one.kind.is_failure or one.kind.is_cause_like]
        own = [one for one in own if not any(_comes_up_broken(one, other) for other in own)]
        reasons = [one for one in own if _is_own_reason(one)]
        # Who dies says why before its supervisor tells that it died.
        own = [
            one
            for one in own
            if one.kind.node == node or one in reasons or all(one.time < reason.time for reason in reasons)
        ]
        if words:
            own = [one for one in own if not _is_stray(one, words)]
        reach_evidence = judge_reach(node, led.get(node, {}), onsets, edges)
        options = [judge_own(one, naming, scene) for one in own]
        own_logs = {one.kind.view.key for one in own if one.kind.is_cause_like}
        for novelty in new_by_node.get(node, ()):
            if novelty.rarity < LEAST_RARITY and own:
                # It may well be new by chance, and there is a line that fails.
                continue
            if own_logs and novelty.anomaly.kind.view.key not in own_logs:
                # Another log tells something new of a node whose own says what broke: that may have set it off.
                continue
            if any(_is_reason_of(one, novelty.anomaly) for one in anomalies):
                # It starts, and a moment later says why it cannot; a kernel tells of a disk, and then what that took.
                continue
            if any(_is_step_of(novelty.anomaly, one) for one in states):
                # It was told to stop or start, and says how it does.
                continue
            suspect = judge_own(novelty.anomaly, naming, scene)
            here = (onset_ref(novelty.anomaly),)
            suspect.evidence.append(Evidence("novel", NOVEL * novelty.rarity, novelty.reason, here))
            options.append(suspect)
        # Where another log gives a reason at that moment, it was stopped by that.
        is_behind = any(edge.caller == node for edge in by_time)
        stopped_itself = None if is_behind else find_stop(node, options, words)
        member = next((one for one in options if left is not None and one.anomaly is left), None)
        if left is not None and member is not None:
            text = f"one of them says that it stops: {left.kind.headline}"
            member.evidence.append(Evidence("stop", CAUSE, text, (onset_ref(left),)))
        elif stopped_itself is not None:
            stopped_itself.evidence.append(judge_stop(stopped_itself, words))
        elif naming is not None and not any(_is_in_time(one.anomaly, words, altered.get(node, ())) for one in options):
            phantom = judge_phantom(node, naming, scene, nodes_with_log)
            apart = judge_apart(node, led_by_all.get(node, {}), onsets) if has_times else None
            if apart is not None:
                phantom.evidence.append(apart)
            _take_over_change(phantom, options, node)
            if silences and node in silences:
                # Who tells of a fault at that moment tells why: the silence speaks for that one.
                heir = next((edge.callee for edge in by_time if edge.caller == node), None)
                inherited[heir or node] = judge_silence(silences[node], node if heir else None)
            options.append(phantom)
        for option in options:
            limited = judge_own_limit(option, changes, told_of.get(node, ()))
            if limited is not None:
                option.evidence.append(limited)
        if not options:
            continue
        # Of equals what a server says itself: a line of an access log tells what users got.
        best = max(options, key=_preference)
        if naming is not None and is_refused_since(node, best, words):
            # What its clients say that it refuses is what broke; what it says of its own altering set that off.
            best = judge_phantom(node, naming, scene, nodes_with_log)
        following = judge_following(node, led.get(node, {}), led_by_all.get(node, {}), onsets, by_time)
        changed = judge_changed(best, changes, told_of.get(node, ()))
        if changed is not None:
            best.evidence.append(changed)
            _tell_change_itself(best, changed, changes)
        best.evidence[:0] = [one for one in (reach_evidence, following) if one is not None]
        suspects.append(best)
    for suspect in suspects if has_times else ():
        fault = find_fault_before(suspect, suspects)
        if fault is not None:
            text = f"ran out {span(suspect.time - fault.time)} behind a fault of {fault.node}: {fault.kind.headline}"
            suspect.evidence.append(Evidence("filled", FILLED, text, (onset_ref(fault),)))
    for suspect in suspects:
        broken = find_set_off(suspect, suspects)
        if broken is not None:
            text = f"is what set {broken.node} off, which tells itself what broke"
            suspect.evidence.append(Evidence("trigger", -CHANGE, text, (onset_ref(broken),)))
    for suspect in suspects:
        if suspect.node in inherited:
            suspect.evidence.append(inherited[suspect.node])
    for node, silent in sorted(hushed.items()):
        following = judge_following(node, {}, led_by_all.get(node, {}), onsets, by_time)
        silent.evidence[:0] = [following] if following is not None else []
        # What it says when it starts again is no more than its silence.
        told = next((one for one in suspects if one.node == node), None)
        if told is None or told.points < silent.points:
            suspects = [*(one for one in suspects if one is not told), silent]
    suspects.append(Suspect(OUTSIDE, None, None))
    suspects.sort(key=lambda s: (-round(s.points, 2), s.node == OUTSIDE, s.time, s.node))
    weights = [exp(min(s.points, 50.0) / TEMPERATURE) for s in suspects]
    total = sum(weights)
    for suspect, weight in zip(suspects, weights, strict=True):
        suspect.probability = min(HIGHEST_PROBABILITY, weight / total)
    is_explained = not has_times or _explains_the_first(suspects[0], led, onsets)
    return Ranking(tuple(suspects), _confidence(suspects, has_times, is_explained=is_explained))


def _line_of(suspect: Suspect) -> int:
    """Where its line stands: stamps of whole seconds do not tell which of a log's lines came first."""
    return onset_ref(suspect.anomaly).line if suspect.anomaly is not None else 0


def _is_request(suspect: Suspect) -> bool:
    return suspect.anomaly is not None and suspect.anomaly.kind.is_request


def _preference(suspect: Suspect) -> tuple[float, bool, int, bool, int, int]:
    """The more points, then no request, then the earlier second; within one the line whose sense is sure, the first."""
    second = suspect.time // US
    points = round(suspect.points, 2)
    return points, not _is_request(suspect), -second, _is_sure(suspect), -suspect.time, -_line_of(suspect)


def _is_sure(suspect: Suspect) -> bool:
    """A rule is sure of what its line means: a kernel that looks whom to kill is followed by whom it killed."""
    match = suspect.anomaly.kind.match if suspect.anomaly is not None else None
    return match is not None and match.rule.confidence is Confidence.HIGH


def _is_own_reason(one: Anomaly) -> bool:
    """A log that says itself what broke, or the kernel's: no fault in its code, which may be what followed."""
    kind = one.kind
    is_kernels = kind.match is not None and kind.match.rule.component == "linux" and one.is_new
    is_told = kind.node == one.node or is_kernels
    return is_told and kind.is_failure and kind.is_cause_like and kind.meaning.cls is not RuleClass.BUG


def _comes_up_broken(stop: Anomaly, other: Anomaly) -> bool:
    """It was restarted, and fails ever since in another way: that it was away for a moment is not what broke."""
    is_restart = stop.kind.meaning.kind is MeaningKind.STATE and other.kind.meaning.kind is not MeaningKind.STATE
    is_own = other.kind.is_failure and other.is_strong and other.kind.node == other.node
    return is_restart and is_own and 0 <= other.time - stop.time <= _SOON_US and other.last - stop.last >= MINUTE_US


def _is_reason_of(one: Anomaly, new: Anomaly) -> bool:
    """A log says what broke right behind a new ordinary line: that line only led there."""
    is_reason = says_why(one) and one.kind.is_failure
    return is_reason and one.kind.view.key == new.kind.view.key and 0 <= one.time - new.time <= _SOON_US


def _is_step_of(new: Anomaly, state: Anomaly) -> bool:
    """A new ordinary line right behind a start or stop that the same log tells."""
    return state.kind.view.key == new.kind.view.key and 0 <= new.time - state.time <= _SOON_US


def _take_over_change(phantom: Suspect, options: list[Suspect], node: str) -> None:
    """A change of a node that another log tells (a release) sets it off; what broke is what its callers say of it."""
    changes = [
        evidence
        for one in options
        if one.anomaly is not None and one.anomaly.kind.node != node
        for evidence in one.evidence
        if evidence.kind == "change"
    ]
    phantom.evidence += changes[:1]
    if changes:
        options[:] = [one for one in options if one.anomaly is None or one.anomaly.kind.node == node]


def _wakes_up(silence: Silence | None, naming: Sequence[Edge]) -> int | None:
    """When a log writes again that was silent as others began to name its node; None without that."""
    is_first = silence is not None and any(is_hushed(silence, edge.anomaly) for edge in naming)
    return silence.end if silence is not None and is_first else None


def _is_in_time(own: Anomaly | None, naming: Sequence[Edge], changed: Sequence[int]) -> bool:
    """Whether a line of a node's own may be what others name: a failure that did not clearly come after theirs."""
    if own is None or (not own.kind.is_failure and own.kind.meaning.kind is not MeaningKind.CAUSE):
        # A start, stop or change at a level below warning is no failure of its own.
        return False
    return any(not is_late(own, edge.anomaly, changed) for edge in naming)


def _tell_change_itself(suspect: Suspect, changed: Evidence, changes: Sequence[Change]) -> None:
    """Of new ordinary lines of a log the one that alters something is told, not who logged in to do it."""
    if suspect.anomaly is None or not any(one.kind == "novel" for one in suspect.evidence):
        return
    here, there = onset_ref(suspect.anomaly), changed.lines[0]
    if here.file != there.file:
        return
    change = next((one for one in changes if (one.file, one.line) == (there.file, there.line)), None)
    if change is None or not change.is_alteration or change.kind.is_failure:
        return
    if abs(change.time - suspect.anomaly.time) <= _AT_ONCE_US:
        told = replace(changed, text=f"is a change: {change.kind.meaning.describe() or change.text}")
        suspect.evidence[:] = [
            told if one is changed else replace(one, lines=changed.lines) if one.kind == "novel" else one
            for one in suspect.evidence
        ]
        suspect.anomaly = make_sign(change.kind, change.time)


def _is_stray(own: Anomaly, naming: Sequence[Edge]) -> bool:
    """An everyday warning that a log holds for the first time, well before anybody names its service: none of it."""
    is_plain = own.kind.is_failure and own.kind.meaning.kind is MeaningKind.NONE and not own.is_strong
    return is_plain and own.time < min(edge.anomaly.time for edge in naming) - _SOON_US


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
    is_clear = top.probability >= 0.8 and margin >= 1.5 and len(families) >= 2
    is_told = top.silence is None
    if is_clear and has_times and has_baseline and is_explained and is_told:
        return Confidence.HIGH
    return Confidence.MEDIUM if top.probability >= 0.5 else Confidence.LOW


_FAMILY: Final = {
    "order": "time",
    "following": "time",
    "reach": "dependency",
    "phantom": "dependency",
    "cause": "words",
    "testimony": "words",
}
