"""A change and what fails since: the failure is what broke, the change what set it off. Pure.

Receives nodes as they are judged; says which of them only tells of the change of another one.
"""

import re
from collections.abc import Sequence
from typing import Final

from logscope.analysis.causes.blame import Edge, pair_sigma_us
from logscope.analysis.causes.changes import Change
from logscope.analysis.causes.links import find_constants, words_of, writes_settings_of
from logscope.analysis.causes.suspects import Suspect, onset_ref
from logscope.analysis.causes.triggers import is_mere_change
from logscope.analysis.causes.weights import CAUSE, CHANGED_US
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly, says_why
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.times import US

_AT_ONCE_US: Final = 2 * US
"""Between what was altered and the first that is refused for it."""
_REFUSALS: Final = frozenset({RuleClass.SECURITY, RuleClass.CONFIG_CHANGE})
"""What a server says no to."""
_HARD: Final = frozenset({RuleClass.STORAGE, RuleClass.CRASH})
_HELD: Final = re.compile(r"(?i)\b(?:clients|connections?|sessions?|slots|threads|workers|pool)\b")
_FILLS_US: Final = 30 * US
"""A pool fills with those who wait within this."""


def is_refused_since(node: str, own: Suspect, naming: Sequence[Edge]) -> bool:
    """A server's own line only tells that something was altered, and a client quotes what it refuses since."""
    one = own.anomaly
    if one is None or one.kind.is_failure or one.kind.is_cause_like or one.kind.meaning.kind is MeaningKind.STATE:
        return False
    quoting = [edge.anomaly for edge in naming if edge.anomaly.kind.quoted == node]
    return any(other.time >= one.time and _is_refusal(other.kind) for other in quoting)


def _is_refusal(kind: Kind) -> bool:
    """A server says no, or that it is not the one to ask: `READONLY You can't write against a read only replica`."""
    is_told_off = kind.match is not None and kind.meaning.cls in (RuleClass.REFUSED, RuleClass.UPSTREAM)
    return kind.meaning.cls in _REFUSALS or is_told_off


def find_set_off(suspect: Suspect, others: Sequence[Suspect]) -> Anomaly | None:
    """What broke behind a change and says why: an engineer wants both, this as the cause. None where nothing is."""
    own = suspect.anomaly
    if own is None or own.kind.is_failure or own.kind.meaning.kind not in (MeaningKind.CHANGE, MeaningKind.NONE):
        return None
    here = onset_ref(own)
    sample = own.kind.sample
    told = words_of(own.kind.headline)
    for other in others:
        if other.node == suspect.node or other.anomaly is None:
            continue
        is_altered = any(one.kind == "change" for one in other.evidence)
        tells_why = other.anomaly.kind.is_failure and not other.anomaly.kind.is_request
        if is_altered and tells_why and writes_settings_of(sample, {other.node}):
            return other.anomaly
        lines = [line for one in other.evidence if one.kind == "change" for line in one.lines]
        is_same = any((line.file, line.line) == (here.file, here.line) for line in lines)
        if is_same and says_why(other.anomaly):
            return other.anomaly
        if is_altered and own.kind.meaning.kind is MeaningKind.CHANGE and _refuses_since(other, own):
            return other.anomaly
        is_behind = 0 <= other.anomaly.time - own.time <= _FILLS_US
        if is_behind and not other.anomaly.kind.is_request and find_constants(other.anomaly.kind) & told:
            # `key 2026-11 is in use`, and then `2026-11 is not known here`, again and again.
            return other.anomaly
    return None


def find_altered_itself(suspect: Suspect, others: Sequence[Suspect]) -> Anomaly | None:
    """Who fails since a change of its own, where of a suspect only a change is known that nothing ties to anybody.

    None where nobody does: then the change is as good as any other explanation.
    """
    if suspect.anomaly is None or not is_mere_change(suspect.anomaly) or not _is_known_by_time(suspect):
        return None
    return next(
        (
            other.anomaly
            for other in others
            if other.node != suspect.node
            and other.anomaly is not None
            and other.anomaly.kind.is_failure
            and other.anomaly.is_strong
            and any(one.kind == "change" for one in other.evidence)
            and not writes_settings_of(suspect.anomaly.kind.sample, {other.node})
        ),
        None,
    )


def find_told_itself(suspect: Suspect, others: Sequence[Suspect]) -> Anomaly | None:
    """Who says why it broke, and blames nobody, soon after a change that nothing but time ties to it; None without."""
    own = suspect.anomaly
    if own is None or not _is_known_by_time(suspect):
        return None
    return next(
        (
            one
            for other in others
            for one in (other.anomaly,)
            if other.node != suspect.node
            and one is not None
            and one.kind.is_failure
            and 0 < one.time - own.time <= CHANGED_US
            and sum(evidence.points for evidence in other.evidence) >= CAUSE
            and any(evidence.kind == "cause" and evidence.points >= CAUSE for evidence in other.evidence)
        ),
        None,
    )


def _is_known_by_time(suspect: Suspect) -> bool:
    """All that is known of it is that something was altered, or told for the first time, and when."""
    own = suspect.anomaly
    if own is None or own.kind.is_failure or any(one.kind not in _OF_TIME for one in suspect.evidence):
        return False
    return is_mere_change(own) or any(one.kind == "novel" for one in suspect.evidence)


_OF_TIME: Final = frozenset({"order", "change", "novel", "following", "lag", "ended"})
"""Evidence that rests on when something was altered, and on that it was."""


def _refuses_since(other: Suspect, change: Anomaly) -> bool:
    """It fails in numbers within moments of a change, and names nobody for it: what was altered is what it refuses."""
    one = other.anomaly
    if one is None or not one.kind.is_failure or one.kind.is_request or not one.is_strong:
        return False
    is_led = any(evidence.kind in ("blame", "symptom") for evidence in other.evidence)
    return not is_led and -_AT_ONCE_US <= one.time - change.time <= _AT_ONCE_US


def find_fault_before(suspect: Suspect, others: Sequence[Suspect]) -> Anomaly | None:
    """The disk or process of another one that broke right before connections or threads ran out; None without one.

    Who waits for what broke holds his connection meanwhile, and so do all that come behind him: that these run out is
    where it shows, whoever names whom.
    """
    one = suspect.anomaly
    if one is None or one.kind.meaning.cls is not RuleClass.EXHAUSTION or _HELD.search(one.kind.headline) is None:
        return None
    if any(evidence.kind == "change" for evidence in suspect.evidence):
        # It was altered itself: that explains it.
        return None
    found = [
        fault
        for other in others
        for fault in (other.anomaly,)
        if fault is not None
        and other.node != suspect.node
        and fault.is_new
        and fault.kind.is_failure
        and fault.kind.meaning.cls in _HARD
        and not any(evidence.kind == "blame" for evidence in other.evidence)
        and 2 * pair_sigma_us(one, fault) < one.time - fault.time <= _FILLS_US
        and fault.last >= one.time - _FILLS_US
    ]
    return min(found, key=lambda fault: (fault.time, fault.kind.order), default=None)


def find_altered_call(suspect: Suspect, naming: Sequence[Edge], changes: Sequence[Change]) -> Change | None:
    """What a node's only caller altered of how it calls it, right before it complains; None where it did not.

    `pricing.timeout=15` is a setting of who calls pricing: where that one shows nothing itself and nobody else
    complains of it, it answers as before, and is asked otherwise.

    Args:
        suspect: A node.
        naming: Who names it in words.
        changes: Records that say that something was altered, by time.
    """
    callers = {edge.caller for edge in naming}
    if suspect.anomaly is not None or suspect.silence is not None or len(callers) != 1:
        return None
    begin = min(edge.anomaly.time for edge in naming)
    found = [
        change
        for change in changes
        if change.is_alteration
        and {change.kind.node} == {change.kind.subject} == callers
        and suspect.node in change.kind.mentions
        and suspect.node.lower() in change.text.lower()
        and 0 <= begin - change.time <= _FILLS_US
    ]
    told = {(line.file, line.line) for one in suspect.evidence if one.kind == "change" for line in one.lines}
    is_altered_itself = bool(told - {(change.file, change.line) for change in found})
    return found[-1] if found and not is_altered_itself else None
