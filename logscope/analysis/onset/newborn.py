"""Logs that begin in the middle: with the start of their service, or with the incident.

A service that is released again, or dies and comes back, often writes to a new log: that it wrote nothing before is a
fact, and no gap. And of a log that begins with the incident nobody knows what is usual in it, but all that fails in it
meanwhile belongs to what others show.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly, Outbreak, make_outbreak
from logscope.analysis.onset.gate import SHORTEST_BASELINE_S, Coverage, find_without_baseline
from logscope.knowledge.rule import RuleClass
from logscope.model.severity import Severity
from logscope.model.times import US

_STARTS: Final = re.compile(r"(?i)\b(?:starting|started|starts|booting|booted|launching|launched|deploying|deployed)\b")
_FIRST_LINES: Final = 3
_LATE_US: Final = SHORTEST_BASELINE_S * US
"""What begins so long behind the first log begins in the middle."""


def know_newborn(coverage: Coverage, kinds: Iterable[Kind]) -> Coverage:
    """The same, but silent from the begin of all logs on are those that begin with the start of their service.

    Args:
        coverage: Since when the logs show something.
        kinds: Of every level.
    """
    born = {
        kind.view.key
        for kind in kinds
        if kind.meaning.cls in (RuleClass.STATE, RuleClass.CHANGE)
        and kind.service == kind.view.service
        and _begins_late(kind, coverage)
        and _STARTS.search(kind.headline) is not None
        and any(one.line <= _FIRST_LINES for one in kind.exemplars)
    }
    quiet = {key: coverage.first if key in born else start for key, start in coverage.quiet_starts.items()}
    return replace(coverage, quiet_starts=quiet) if born else coverage


def join_unsettled(outbreaks: Sequence[Outbreak], failing: Iterable[Kind], coverage: Coverage) -> list[Outbreak]:
    """Outbreaks with the errors of logs in which no normal period is in view, because they begin with them.

    Args:
        outbreaks: By weight.
        failing: All failing kinds.
        coverage: Since when the logs show something.
    """
    part = {one.kind.id for outbreak in outbreaks for one in outbreak.anomalies}
    unsettled = [
        one
        for one in find_without_baseline(list(failing))
        if one.kind.id not in part
        and one.kind.severity >= Severity.ERROR
        and _begins_late(one.kind, coverage)
        and one.time - coverage.quiet_starts.get(one.kind.view.key, coverage.first) < _LATE_US
    ]
    joined = []
    for outbreak in outbreaks:
        more = [
            one
            for one in unsettled
            if outbreak.start - _LATE_US <= coverage.starts[one.kind.view.key] and one.time <= outbreak.end
        ]
        unsettled = [one for one in unsettled if one not in more]
        chain = sorted((*outbreak.anomalies, *more), key=lambda one: (one.time, one.kind.order))
        joined.append(replace(make_outbreak(chain), silent=outbreak.silent) if more else outbreak)
    return joined


def find_unsettled_causes(low: Iterable[Kind], coverage: Coverage) -> list[Anomaly]:
    """What tells of a cause at an everyday level, in the first lines of logs that begin in the middle.

    Args:
        low: Kinds that are no failure.
        coverage: Since when the logs show something.
    """
    told = [kind for kind in low if kind.match is not None and kind.is_cause_like and _begins_late(kind, coverage)]
    return [
        one
        for one in find_without_baseline(told)
        if one.time - coverage.quiet_starts.get(one.kind.view.key, coverage.first) < _LATE_US
    ]


def _begins_late(kind: Kind, coverage: Coverage) -> bool:
    return coverage.starts.get(kind.view.key, coverage.first) - coverage.first >= _LATE_US
