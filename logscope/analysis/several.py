"""One incident or several: what began after another one was over, among others, is an incident of its own.

Chained by onset alone (anomalies.py) a mail server that fails eight minutes after a database was mended would be the
database's second wave. A chain is cut where all that failed is quiet again, and what begins then fails for or blames
somebody who was not part of it. The users' failed requests belong to neither: the edge sees both.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from logscope.analysis.anomalies import Anomaly, Outbreak, make_outbreak
from logscope.analysis.users import Users
from logscope.model.severity import Severity
from logscope.model.times import US

_QUIET_US: Final = 60 * US
_LEFT: Final = 2
"""Stray records beyond the usual."""
_FEWEST: Final = 10
"""Records of fewer are everyday noise that is first seen now."""
_MOST: Final = 4


def part_outbreaks(outbreaks: Sequence[Outbreak]) -> list[Outbreak]:
    """Cut chains into what belongs together; the order of the whole ones is kept."""
    parted: list[Outbreak] = []
    for one in outbreaks:
        rest = one
        while (cut := _find_cut(rest)) is not None and len(parted) < _MOST:
            parted.append(make_outbreak(rest.anomalies[:cut]))
            rest = make_outbreak(rest.anomalies[cut:])
        parted.append(rest)
    return parted


def is_incident(outbreak: Outbreak) -> bool:
    """More than a kind of everyday noise that happens to be first seen late: an error that surely rose, in numbers."""
    return any(
        one.is_strong and one.kind.severity >= Severity.ERROR and one.excess >= _FEWEST for one in outbreak.anomalies
    )


def last_of(outbreak: Outbreak) -> int:
    """Last record of what surely rose, microseconds; everyday noise that is part of it goes on for ever."""
    own = [one for one in outbreak.anomalies if one.is_strong] or outbreak.anomalies
    return max(one.last for one in own)


def _find_cut(outbreak: Outbreak) -> int | None:
    """Where a second incident begins among its anomalies; None where all are one."""
    anomalies = outbreak.anomalies
    for cut in range(1, len(anomalies)):
        first, second = anomalies[:cut], anomalies[cut:]
        if second[0].time - first[0].time < _QUIET_US or second[0].kind.is_request:
            continue
        if _is_over(first, second[0].time, outbreak.end) and _is_apart(first, second):
            return cut
    return None


def _own(anomalies: Sequence[Anomaly]) -> list[Anomaly]:
    return [one for one in anomalies if one.is_strong and not one.kind.is_request]


def _is_over(anomalies: Sequence[Anomaly], begin: int, end: int) -> bool:
    """What services said of the first has stopped a minute before the second begins, and does not come again."""
    own = _own(anomalies)
    return bool(own) and all(
        one.kind.between(begin - _QUIET_US, end) <= 1.5 * one.baseline_per_s * (end - begin + _QUIET_US) / US + _LEFT
        for one in own
    )


def _is_apart(first: Sequence[Anomaly], second: Sequence[Anomaly]) -> bool:
    """The second fails for somebody, or is somebody, who has no part in the first; and names nobody who has."""
    mine, theirs = _own(first), _own(second)
    if not theirs:
        return False
    nodes, others = {one.node for one in mine}, {one.node for one in theirs}
    named = {name for one in mine for name in one.kind.mentions}
    blamed = {name for one in theirs for name in one.kind.mentions}
    if blamed & (nodes - others) or named & (others - nodes):
        return False
    lead = theirs[0]
    return bool(({lead.node, *lead.kind.mentions}) - nodes - named)


def without_spans(users: Users, spans: Sequence[tuple[int, int]]) -> Users:
    """The requests outside the spans of other incidents, ends included, microseconds."""
    kept = np.ones(len(users.seconds), np.bool_)
    for low, high in spans:
        kept &= (users.seconds < low // US) | (users.seconds > high // US)
    return replace(
        users,
        seconds=users.seconds[kept],
        requests=users.requests[kept],
        failed=users.failed[kept],
        waited_ms=None if users.waited_ms is None else users.waited_ms[kept],
    )
