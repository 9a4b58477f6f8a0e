"""Which lines of a node may show the cause: not what came of it, what only led there, or what others do to it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from logscope.analysis.causes.blame import Edge, is_hushed
from logscope.analysis.causes.case import Case
from logscope.analysis.causes.changes import is_check
from logscope.analysis.causes.stops import find_member_stop
from logscope.analysis.causes.weights import LEAST_RARITY
from logscope.analysis.onset.anomalies import Anomaly, says_why
from logscope.analysis.onset.novelties import Novelty
from logscope.analysis.onset.silences import Silence
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US, US

_SOON_US: Final = 10 * US
"""Between a step and the line that says why it failed."""
_LEAD_US: Final = 20 * US
"""Between what led to a failure and the failure itself: what came sooner before it is a part of it."""


@dataclass(frozen=True, slots=True)
class OwnLines:
    """What a node says itself."""

    lines: Sequence[Anomaly]
    """That may show the cause, by onset."""
    novelties: Sequence[Novelty]
    """Ordinary lines that may."""
    left: Anomaly | None
    """Of a server of several hosts the one that stopped first."""
    told: Sequence[Novelty] = ()
    """Ordinary lines of new kinds right before it fails: what set it off."""


def choose_own(case: Case, node: str, naming: Sequence[Edge]) -> OwnLines:
    """The lines of a node that may show the cause.

    Args:
        case: What is known.
        node: Who is judged.
        naming: Who names it in words.
    """
    end = max((last for other, last in case.ends.items() if other != node), default=None)
    # What a node says anew when all others have stopped failing broke nobody: a server that is stopped afterwards.
    own = [one for one in case.anomalies if one.node == node and (end is None or one.time <= end)]
    woken = _wakes_up(case.silences.get(node), naming)
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
    fails = [one for one in own if one.kind.is_failure or one.kind.is_cause_like]
    if left is None and fails and (naming or any(tells_of_failure(one) for one in fails)):
        # A change or a start of a node that also fails is what set it off, not what broke.
        own = fails
    own = [one for one in own if not _came_of_another(one, own)]
    reasons = [one for one in own if _is_own_reason(one)]
    own = [one for one in own if one.kind.is_failure or not any(_dies_later(one, reason) for reason in reasons)]
    # Who dies says why before its supervisor tells that it died.
    own = [
        one
        for one in own
        if one.kind.node == node or one in reasons or all(one.time < reason.time for reason in reasons)
    ]
    if naming:
        own = [one for one in own if not _is_stray(one, naming)]
    new = [one for one in case.new_by_node.get(node, ()) if _may_show_cause(one, own, states, case.anomalies)]
    told = [one for one in new if any(_fails_itself(fault, one.anomaly) for fault in own)]
    return OwnLines(own, [one for one in new if one not in told], left, told)


def _may_show_cause(
    new: Novelty, own: Sequence[Anomaly], states: Sequence[Anomaly], anomalies: Sequence[Anomaly]
) -> bool:
    """Whether an ordinary line of a new kind may be what broke."""
    if new.rarity < LEAST_RARITY and own:
        # It may well be new by chance, and there is a line that fails.
        return False
    own_logs = {one.kind.view.key for one in own if one.kind.is_cause_like}
    if own_logs and new.anomaly.kind.view.key not in own_logs:
        # Another log tells something new of a node whose own says what broke: that may have set it off.
        return False
    if any(_is_reason_of(one, new.anomaly) for one in anomalies):
        # It starts, and a moment later says why it cannot; a kernel tells of a disk, and then what that took.
        return False
    if any(_is_step_for_another(new.anomaly, one) for one in anomalies):
        return False
    # It was told to stop or start, and says how it does.
    return not any(_is_step_of(new.anomaly, one) for one in states)


def _is_step_for_another(new: Anomaly, change: Anomaly) -> bool:
    """A deployer's log tells in the same moment what it altered of another one: that one is to be looked at."""
    is_of_log = change.kind.node == new.node == new.kind.node and change.kind.view.key == new.kind.view.key
    is_of_another = change.kind.meaning.kind is MeaningKind.CHANGE and change.node != new.node
    return is_of_log and is_of_another and abs(change.time - new.time) <= _SOON_US


def _fails_itself(one: Anomaly, new: Anomaly) -> bool:
    """Right behind a new ordinary line its log tells error upon error, and names nobody for them: that broke."""
    kind = one.kind
    is_fault = kind.severity >= Severity.ERROR and kind.meaning.kind is MeaningKind.NONE and not kind.is_request
    is_own = kind.node == new.kind.node == one.node and kind.view.key == new.kind.view.key
    names_nobody = not kind.mentions.keys() - {one.node}
    return is_fault and is_own and names_nobody and one.is_strong and 0 <= one.time - new.time <= _SOON_US


def tells_of_failure(one: Anomaly) -> bool:
    """It fails or says why; a mere warning of which no normal time is in view may be everyday noise."""
    kind = one.kind
    is_noise = kind.severity < Severity.ERROR and kind.meaning.kind is MeaningKind.NONE and not one.has_baseline
    return kind.is_cause_like or (kind.is_failure and not is_noise)


def _is_own_reason(one: Anomaly) -> bool:
    """A log that says itself what broke, or the kernel's: no fault in its code, which may be what followed."""
    kind = one.kind
    is_kernels = kind.match is not None and kind.match.rule.component == "linux" and one.is_new
    is_told = kind.node == one.node or is_kernels
    return is_told and kind.is_failure and kind.is_cause_like and kind.meaning.cls is not RuleClass.BUG


def _dies_later(early: Anomaly, reason: Anomaly) -> bool:
    """What a log told at an everyday level well before it tells of what it dies of led there, and is not what broke."""
    is_death = reason.kind.severity >= Severity.FATAL and reason.kind.view.key == early.kind.view.key
    return is_death and early.time < reason.time - _LEAD_US


def _came_of_another(one: Anomaly, own: Sequence[Anomaly]) -> bool:
    """A restart or an end that another line of the same node tells the reason of."""
    meaning = one.kind.meaning
    if meaning.kind is MeaningKind.STATE and any(_comes_up_broken(one, other) for other in own):
        return True
    return meaning.cls is RuleClass.CRASH and any(_ends_by(one, other) for other in own)


def _comes_up_broken(stop: Anomaly, other: Anomaly) -> bool:
    """It was restarted, and fails ever since in another way: that it was away for a moment is not what broke."""
    is_another = other.kind.meaning.kind is not MeaningKind.STATE
    is_own = other.kind.is_failure and other.is_strong and other.kind.node == other.node
    return is_another and is_own and 0 <= other.time - stop.time <= _SOON_US and other.last - stop.last >= MINUTE_US


def _ends_by(end: Anomaly, fault: Anomaly) -> bool:
    """Its log tells a fault of its code, and then that it exited, or who supervises it does: the fault is what broke.

    Who is killed did not end by a fault of his own, whatever he wrote before.
    """
    is_fault = fault.kind.is_failure and fault.kind.meaning.cls is RuleClass.BUG
    is_supervised = end.kind.node != end.node and fault.kind.node == fault.node
    ends_itself = is_supervised and _ENDS_ITSELF.search(end.kind.headline) is not None
    is_told = end.kind.view.key == fault.kind.view.key or ends_itself
    return is_fault and is_told and 0 <= end.time - fault.time <= _SOON_US


_ENDS_ITSELF: Final = re.compile(
    r"(?i)\bexit(?:ed)?\b.{0,30}\b(?:status|code)[ =:]{1,2}(?:[1-9]|[1-9]\d|1[01]\d|12[0-8])\b"
)
"""A status above 128 tells a signal, as shells do."""


def _is_reason_of(one: Anomaly, new: Anomaly) -> bool:
    """A log says what broke right behind a new ordinary line: that line only led there."""
    is_reason = says_why(one) and one.kind.is_failure
    return is_reason and one.kind.view.key == new.kind.view.key and 0 <= one.time - new.time <= _SOON_US


def _is_step_of(new: Anomaly, state: Anomaly) -> bool:
    """A new ordinary line right behind a start or stop that the same log tells."""
    return state.kind.view.key == new.kind.view.key and 0 <= new.time - state.time <= _SOON_US


def _wakes_up(silence: Silence | None, naming: Sequence[Edge]) -> int | None:
    """When a log writes again that was silent as others began to name its node; None without that."""
    is_first = silence is not None and any(is_hushed(silence, edge.anomaly) for edge in naming)
    return silence.end if silence is not None and is_first else None


def _is_stray(own: Anomaly, naming: Sequence[Edge]) -> bool:
    """An everyday warning that a log holds for the first time, well before anybody names its service: none of it."""
    is_plain = own.kind.is_failure and own.kind.meaning.kind is MeaningKind.NONE and not own.is_strong
    return is_plain and own.time < min(edge.anomaly.time for edge in naming) - _SOON_US
