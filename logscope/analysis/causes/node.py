"""One node judged: of its lines, or of what others say of it, whichever speaks most against it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from logscope.analysis.causes.blame import Edge, is_late
from logscope.analysis.causes.case import Case
from logscope.analysis.causes.changes import Change, find_concerned
from logscope.analysis.causes.evidence import judge_following, judge_own, judge_reach
from logscope.analysis.causes.outside import (
    judge_apart,
    judge_changed,
    judge_own_limit,
    judge_phantom,
    judge_silence,
)
from logscope.analysis.causes.own_lines import OwnLines, choose_own, tells_of_failure
from logscope.analysis.causes.routine import is_routine
from logscope.analysis.causes.set_off import is_refused_since
from logscope.analysis.causes.stops import find_stop, judge_stop
from logscope.analysis.causes.suspects import Suspect, join, onset_ref
from logscope.analysis.causes.triggers import is_mere_change
from logscope.analysis.causes.weights import CAUSE, FOLLOWING_US, NOVEL
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.novelties import Novelty, make_sign
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.causes import Confidence, Evidence
from logscope.model.times import US
from logscope.text.cutting import shorten

_AT_ONCE_US: Final = 2 * US
"""Between what somebody says who alters something, and that."""
_SURE: Final = 0.5
"""Of the weight with which a node is named best: less is a guess."""
_SPREADS_US: Final = 30 * US
"""Who waits for a node names it within a time-out of the first."""
_FEW_OF: Final = 0.1
"""Of the records that name somebody: a smaller share of them proves nothing about when it began."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of judging one node."""

    suspect: Suspect | None
    """None where nothing speaks against it."""
    inherited: tuple[str, Evidence] | None = None
    """Its silence, and against whom that speaks."""


def judge_node(case: Case, node: str) -> Judged:
    """Judge a node by all that is known.

    Args:
        case: What is known.
        node: Who is judged.
    """
    words = case.naming(node)
    naming = _choose_naming(words)
    own = choose_own(case, node, words)
    options = [judge_own(one, naming, case.scene) for one in own.lines]
    options += [_judge_novelty(case, one, naming) for one in own.novelties]
    is_noise = any(one.kind.is_failure for one in own.lines) and not any(tells_of_failure(one) for one in own.lines)
    if is_noise and naming is None:
        options += [judge_own(one, naming, case.scene) for one in _find_altered(case, node)]
    inherited = _judge_from_outside(case, node, own, options, words, naming)
    told_of = case.told_of.get(node, ())
    for option in options:
        limited = judge_own_limit(option, case.changes, told_of)
        if limited is not None:
            option.evidence.append(limited)
    if not options:
        return Judged(None, inherited)
    # Of equals what a server says itself: a line of an access log tells what users got.
    best = max(options, key=_preference)
    if naming is not None and is_refused_since(node, best, words):
        # What its clients say that it refuses is what broke; what it says of its own altering set that off.
        best = judge_phantom(node, naming, case.scene, case.nodes_with_log)
    changed = judge_changed(best, case.changes, told_of, own.told)
    if changed is not None:
        best.evidence.append(changed)
        _tell_change_itself(best, changed, case.changes)
    _tell_first_step(best, case.changes)
    led, led_by_all = case.led.get(node, {}), case.led_by_all.get(node, {})
    reached = judge_reach(node, led, case.scene.onsets, case.scene.edges)
    following = judge_following(node, led, led_by_all, case.scene.onsets, case.by_time)
    best.evidence[:0] = [one for one in (reached, following) if one is not None]
    return Judged(best, inherited)


def _find_altered(case: Case, node: str) -> list[Anomaly]:
    """The last change that a node's own log tells before others fail, where nothing else it says tells of a failure."""
    first = min((one.time for name, one in case.scene.onsets.items() if name != node), default=None)
    if first is None:
        return []
    own = [
        change
        for change in case.changes
        if change.is_alteration
        and change.kind.node == node == change.kind.subject
        and change.kind.meaning.kind is MeaningKind.CHANGE
        and first - FOLLOWING_US <= change.time <= first
        and not is_routine(change, first)
    ]
    return [replace(make_sign(change.kind, change.time), has_baseline=False) for change in own[-1:]]


def _choose_naming(words: Sequence[Edge]) -> Edge | None:
    """Whose words tell best what a node did to them: the surest of those that came first; None where nobody names it.

    Who names it long after others began to, as when it is mended and sessions are ended for that, tells of its end.
    """
    if not words:
        return None
    sure = _SURE * max(edge.weight for edge in words)
    begin = min(edge.anomaly.time for edge in words if edge.weight >= sure)
    first = [edge for edge in words if edge.anomaly.time <= begin + _SPREADS_US]
    return max(first, key=lambda edge: (edge.weight, -edge.anomaly.time))


def _judge_novelty(case: Case, new: Novelty, naming: Edge | None) -> Suspect:
    suspect = judge_own(new.anomaly, naming, case.scene)
    beside = _find_beside(case, new)[:_MOST_BESIDE]
    told = join([f'"{shorten(one.anomaly.kind.headline, _LONGEST_BESIDE)}"' for one in beside])
    text = f"{new.reason}, and with it {told}" if beside else new.reason
    refs = tuple(onset_ref(one.anomaly) for one in (new, *beside))
    suspect.evidence.append(Evidence("novel", NOVEL * new.rarity, text, refs))
    return suspect


def _find_beside(case: Case, new: Novelty) -> list[Novelty]:
    """What its log tells anew in the same breath: which of the lines of a start tells the cause nobody knows."""
    return [
        one
        for one in case.new_by_node.get(new.anomaly.node, ())
        if one.anomaly.kind.id != new.anomaly.kind.id
        and one.anomaly.kind.view.key == new.anomaly.kind.view.key
        and abs(one.anomaly.time - new.anomaly.time) <= US
        and not one.anomaly.kind.is_failure
    ]


_MOST_BESIDE: Final = 3
_LONGEST_BESIDE: Final = 80


def _judge_from_outside(
    case: Case, node: str, own: OwnLines, options: list[Suspect], words: Sequence[Edge], naming: Edge | None
) -> tuple[str, Evidence] | None:
    """Add what a stop or the words of others make of it; its silence, where that speaks against somebody.

    Args:
        case: What is known.
        node: Who is judged.
        own: Its lines.
        options: These, judged; changed in place.
        words: Who names it.
        naming: The strongest of these.
    """
    # Where another log gives a reason at that moment, it was stopped by that.
    is_behind = any(edge.caller == node for edge in case.by_time)
    stopped_itself = None if is_behind else find_stop(node, options, words)
    left = own.left
    member = next((one for one in options if left is not None and one.anomaly is left), None)
    if left is not None and member is not None:
        text = f"one of them says that it stops: {left.kind.headline}"
        member.evidence.append(Evidence("stop", CAUSE, text, (onset_ref(left),)))
        return None
    if stopped_itself is not None:
        stopped_itself.evidence.append(judge_stop(stopped_itself, words))
        return None
    if naming is None or any(_is_in_time(one.anomaly, words, case.altered.get(node, ())) for one in options):
        return None
    phantom = judge_phantom(node, naming, case.scene, case.nodes_with_log)
    if case.scene.has_times:
        apart = judge_apart(node, case.led_by_all.get(node, {}), case.scene.onsets)
        if apart is not None:
            phantom.evidence.append(apart)
    _take_over_change(phantom, options, node)
    options.append(phantom)
    if node not in case.silences:
        return None
    # Who tells of a fault at that moment tells why: the silence speaks for that one.
    heir = next((edge.callee for edge in case.by_time if edge.caller == node), None)
    return heir or node, judge_silence(case.silences[node], node if heir else None)


def _preference(suspect: Suspect) -> tuple[float, bool, int, bool, int, int]:
    """The more points, then no request, then the earlier second; within one the line whose sense is sure, the first."""
    second = suspect.time // US
    points = round(suspect.points, 2)
    return points, not _is_request(suspect), -second, _is_sure(suspect), -suspect.time, -_line_of(suspect)


def _is_sure(suspect: Suspect) -> bool:
    """A rule is sure of what its line means: a kernel that looks whom to kill is followed by whom it killed."""
    match = suspect.anomaly.kind.match if suspect.anomaly is not None else None
    return match is not None and match.rule.confidence is Confidence.HIGH


def _is_request(suspect: Suspect) -> bool:
    return suspect.anomaly is not None and suspect.anomaly.kind.is_request


def _line_of(suspect: Suspect) -> int:
    """Where its line stands: stamps of whole seconds do not tell which of a log's lines came first."""
    return onset_ref(suspect.anomaly).line if suspect.anomaly is not None else 0


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


def _is_in_time(own: Anomaly | None, naming: Sequence[Edge], changed: Sequence[int]) -> bool:
    """Whether a line of a node's own may be what others name: a failure that did not clearly come after theirs."""
    if own is None or (not own.kind.is_failure and own.kind.meaning.kind is not MeaningKind.CAUSE):
        # A start, stop or change at a level below warning is no failure of its own.
        return False
    in_time = sum(edge.anomaly.kind.count for edge in naming if not is_late(own, edge.anomaly, changed))
    # One who names it at the end, as it is mended, does not speak for the many who named it all along.
    return in_time > 0 and in_time >= _FEW_OF * sum(edge.anomaly.kind.count for edge in naming)


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
        # A change counts as one, however seldom its log tells of any.
        rest = [one for one in suspect.evidence if one.kind != "novel"]
        suspect.evidence[:] = [told if one is changed else one for one in rest]
        suspect.anomaly = make_sign(change.kind, change.time)


def _tell_first_step(suspect: Suspect, changes: Sequence[Change]) -> None:
    """Of a node of which only a change is known the step with which another log began to tell of it."""
    one = suspect.anomaly
    if one is None or one.kind.node == suspect.node or not is_mere_change(one):
        return
    steps = [
        change
        for change in changes
        if change.is_alteration
        and change.kind.id != one.kind.id
        and (change.kind.view.key, change.kind.node) == (one.kind.view.key, one.kind.node)
        and 0 <= one.time - change.time <= _STEPS_US
        and change.line < (onset_ref(one).line or 0)
        and suspect.node in find_concerned(change)
        and not is_routine(change, one.time)
    ]
    if steps:
        suspect.anomaly = make_sign(steps[0].kind, steps[0].time)


_STEPS_US: Final = 30 * US
"""So long a release may take from its first step to its last."""
