"""What a program said itself as it ended, where another log shows its end: the supervisor knows that, not why. Pure."""

from collections.abc import Iterable
from typing import Final

from logscope.analysis.causes.suspects import onset_ref
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
