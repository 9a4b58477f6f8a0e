"""Logs that begin inside the incident, and pieces that somebody cut out: what fails is all there is."""

from collections.abc import Iterable, Sequence
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.gate import Coverage
from logscope.model.files import FileSummary
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US

SHORT_US: Final = 5 * MINUTE_US
"""Logs shorter than this may hold nothing but the incident."""
_FAILING_SHARE: Final = 0.3
"""Of all records: where so many are errors from the first line on, the logs begin inside the incident."""
_FAILING_SHARE_SHORT: Final = 0.1
"""The same for logs of a few minutes, which somebody cut for the sake of what they hold."""
_NORMAL_PER_MIN: Final = 2.0
_FEWEST_FAILED: Final = 10
_ROUTE_SHARE: Final = 0.1
"""Of the requests of one route."""
_PIECE, _PIECE_US = 200, 60 * MINUTE_US
"""So few records of so short a time are no log but a piece of one."""
_LONGEST_PIECE_US: Final = 24 * 60 * MINUTE_US
_ERRORS: Final = 3
_ERROR_SHARE: Final = 0.15
_TOLD_SHARE: Final = 0.25
"""Of warnings and errors in a piece, where one error less is enough."""


def is_mostly_failing(
    files: Sequence[FileSummary], failing: Sequence[Kind], coverage: Coverage, *, is_short: bool
) -> bool:
    """Whether errors are so many that what these logs hold can be nobody's normal: they begin inside it.

    Args:
        files: All of them.
        failing: All failing kinds.
        coverage: Since when the logs show something.
        is_short: They are of few minutes, in which users are not served either.
    """
    errors, records = sum(one.errors for one in files), sum(one.records for one in files)
    span = coverage.end - coverage.first
    if records <= _PIECE and (span <= _PIECE_US or _is_in_one_part(failing, span)):
        # Somebody took these lines out for what they tell: how many a minute has says nothing.
        told = errors + sum(one.warnings for one in files)
        is_told_of = errors >= _ERRORS - 1 and told >= _TOLD_SHARE * records
        return is_told_of or errors >= max(_ERRORS, _ERROR_SHARE * records)
    minutes = max(1.0, span / MINUTE_US)
    share = _FAILING_SHARE_SHORT if is_short else _FAILING_SHARE
    return errors >= minutes * _NORMAL_PER_MIN and errors >= share * records


def fails_on_a_route(failing: Sequence[Kind], requests: Iterable[Kind]) -> bool:
    """Whether a server fails one request in ten on a route from the first minute on: nobody's normal either.

    Args:
        failing: All failing kinds.
        requests: Kinds of requests of every level, answers that went well among them.
    """
    failed: dict[tuple[str, str], int] = {}
    for kind in failing:
        if kind.is_request and kind.severity >= Severity.ERROR:
            failed[_route_of(kind)] = failed.get(_route_of(kind), 0) + kind.count
    asked = dict(failed)
    for kind in requests:
        if kind.is_request and kind.severity < Severity.ERROR and _route_of(kind) in asked:
            asked[_route_of(kind)] += kind.count
    return any(count >= _FEWEST_FAILED and count >= _ROUTE_SHARE * asked[route] for route, count in failed.items())


def _route_of(kind: Kind) -> tuple[str, str]:
    return kind.view.key, kind.template.rpartition(" ")[0]


def _is_in_one_part(failing: Sequence[Kind], span: int) -> bool:
    """What fails lies in one half of a time that is no longer than a day."""
    begins = [int(kind.firsts[0]) for kind in failing if len(kind.firsts)]
    ends = [kind.last_seen for kind in failing if kind.last_seen is not None]
    return span <= _LONGEST_PIECE_US and bool(begins) and bool(ends) and 2 * (max(ends) - min(begins)) <= span
