"""What a program said itself as it ended, where another log shows its end: the supervisor knows that, not why. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from logscope.analysis.causes.suspects import Suspect, onset_ref
from logscope.analysis.kinds.subjects import SUPERVISORS
from logscope.analysis.onset.anomalies import Anomaly
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import Evidence
from logscope.model.severity import Severity
from logscope.model.times import US

_BEFORE_US: Final = 5 * US
_BEHIND_US: Final = 2 * US
"""Stamps of whole seconds, and two logs: its last words may seem to come later than its end."""


def find_dying_words(anomalies: Iterable[Anomaly], cause: Anomaly | None) -> Evidence | None:
    """Its own last failing line, worth no points; None where it tells its end itself, or says nothing.

    Args:
        anomalies: Kinds of the incident.
        cause: What broke.
    """
    if cause is None or cause.kind.node == cause.node or cause.kind.meaning.cls is not RuleClass.CRASH:
        return None
    said = [
        one
        for one in anomalies
        if one.kind.node == cause.node
        and one.kind.severity >= Severity.ERROR
        and not one.kind.is_request
        and -_BEHIND_US <= cause.time - one.time <= _BEFORE_US
    ]
    if not said:
        return None
    worst = max(said, key=lambda one: (one.kind.severity, one.time, one.kind.order))
    return Evidence("dying", 0.0, f"its own log says as it ends: {worst.kind.headline}", (onset_ref(worst),))


def find_who_ended(suspect: Suspect, others: Sequence[Suspect]) -> Anomaly | None:
    """Who said why it breaks, just before a supervisor tells of an end under a name that nobody else goes by.

    `clamd: malformed database`, and then `clamav-daemon.service: Main process exited`: one event, told twice. None
    where the supervisor speaks of a node that is known, or nobody in its log said anything.
    """
    end = suspect.anomaly
    if end is None or suspect.node not in SUPERVISORS or end.kind.meaning.cls is not RuleClass.CRASH:
        return None
    said = [
        other.anomaly
        for other in others
        if other.anomaly is not None
        and other.node != suspect.node
        and other.anomaly.kind.view.key == end.kind.view.key
        and other.anomaly.kind.is_failure
        and other.anomaly.kind.is_cause_like
        and 0 <= end.time - other.anomaly.time <= _BEFORE_US
    ]
    return max(said, key=lambda one: (one.time, one.kind.order), default=None)
