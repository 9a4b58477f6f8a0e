"""Requests that users lost though no server failed: refused with 401, 403, 404 or 429, or given up by whoever waited.

Such an answer is the client's own fault until what used to go well on the same route goes well no more: somebody who
guesses passwords adds refusals, an expired signing key turns answers into them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Outbreak
from logscope.analysis.onset.statistics import rates_differ
from logscope.analysis.users.users import Users
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US, US

_BEFORE_US: Final = 10 * MINUTE_US
_FALLEN: Final = 0.8
"""Of what went well before, where more is lost than chance takes."""
_KNOWN: Final = 0.9
_CHANCE: Final = 1e-6
_REFUSED: Final = re.compile(r"\b(?:respond(?:ed|s)|answer(?:ed|s)|status|returned|code)\W{1,3}4\d\d\b", re.IGNORECASE)
"""How the line of a request that is no line of an access log tells a refusal."""
FEWEST: Final = 20
"""Answers that went well before; of fewer no fall is sure."""


class Rise(NamedTuple):
    """Answers of one kind that came more often for a while."""

    kind: Kind
    time: int
    last: int
    calm: int
    """Until when it went well: the begin of the whole, where other answers failed first."""


def count_refused(users: Users, outbreak: Outbreak, kinds: Iterable[Kind]) -> Users:
    """The edge's requests with the refused ones among the failed, where they took the place of what went well.

    Args:
        users: Requests of the edge.
        outbreak: What rose with the incident.
        kinds: All kinds of every level that are known, answers that went well among them.
    """
    edge = [kind for kind in kinds if kind.is_request and kind.view.key in users.sources]
    rising = [
        Rise(one.kind, one.time, one.last, min(one.time, outbreak.start))
        for one in outbreak.anomalies
        if one.is_strong and one.kind.is_request and one.kind.is_failure and 400 <= _read_status(one.kind) < 500
        if one.kind.view.key in users.sources
    ]
    # A page that is not found is the client's fault, unless all pages are not found at once.
    rising += [
        Rise(kind, outbreak.start, outbreak.end, outbreak.start)
        for kind in edge
        if kind.severity >= Severity.WARN and not kind.is_failure and _rises(kind, outbreak.start, outbreak.end)
    ]
    refused = [one.kind for one in rising if _is_known(one, edge, users) and is_lost(one, edge)]
    refused += find_told(users, outbreak)
    if not refused:
        return users
    failed = users.failed.copy()
    for kind in refused:
        at = np.searchsorted(users.seconds, kind.seconds)
        known = (at < len(users.seconds)) & (users.seconds[np.minimum(at, len(users.seconds) - 1)] == kind.seconds)
        np.add.at(failed, at[known], kind.counts[known])
    failed = np.minimum(failed, users.requests)
    return replace(users, failed=failed, refused=frozenset(kind.id for kind in refused))


def find_told(users: Users, outbreak: Outbreak) -> list[Kind]:
    """What a log that counts its own requests says of a refusal in words: one kind, where less went well with it.

    Such a line is no line of an access log, and those that went well are none that are kept: the counts of all requests
    stand for them. An exception is told beside the answer: of several kinds the loudest is counted.
    """
    told = [
        Rise(one.kind, one.time, one.last, min(one.time, outbreak.start))
        for one in outbreak.anomalies
        if one.is_strong and not one.kind.is_request and one.kind.severity < Severity.ERROR
        if one.kind.view.key in users.sources and _REFUSED.search(one.kind.headline)
    ]
    lost = [one for one in told if _is_lost_of_all(one, users)]
    return [max(lost, key=lambda one: (one.kind.between(one.time, one.last), one.kind.order)).kind] if lost else []


def _is_lost_of_all(one: Rise, users: Users) -> bool:
    """Fewer of all requests went well when it rose."""
    begin = max(one.calm - _BEFORE_US, int(users.seconds[0]) * US)
    (asked, failed), (later, later_failed) = users.count(begin, one.calm), users.count(one.time, one.last + US)
    before, during = asked - failed, later - later_failed - one.kind.between(one.time, one.last)
    if before < FEWEST or one.calm <= begin:
        return False
    return during < _FALLEN * before * (one.last + US - one.time) / (one.calm - begin)


def _rises(kind: Kind, start: int, end: int) -> bool:
    """It comes more often in a span than in as much time before it, which is no chance."""
    during, before = kind.between(start, end), kind.between(start - (end - start) - US, start - US)
    return during >= FEWEST and rates_differ(during, 1.0, before, 1.0) < _CHANCE


def _is_known(one: Rise, edge: Sequence[Kind], users: Users) -> bool:
    """Answers that went well are kept where the log was read at every level: of too few of them no fall is seen."""
    asked, _ = users.count(one.time, one.last + US)
    return sum(kind.between(one.time, one.last) for kind in edge) >= _KNOWN * asked


def is_lost(one: Rise, edge: Sequence[Kind]) -> bool:
    """What went well on its route fell when it rose."""
    served = list(find_served(one.kind, edge))
    firsts = [kind.first_seen for kind in served if kind.first_seen is not None]
    begin = max(one.calm - _BEFORE_US, min(firsts, default=one.calm))
    before = sum(kind.between(begin, one.calm - US) for kind in served)
    if before < FEWEST or one.calm <= begin:
        return False
    during = sum(kind.between(one.time, one.last) for kind in served)
    return during < _FALLEN * before * (one.last + US - one.time) / (one.calm - begin)


def find_served(kind: Kind, requests: Iterable[Kind]) -> Iterator[Kind]:
    """Kinds of requests on its route that went well."""
    route = kind.template.rpartition(" ")[0]
    return (one for one in requests if one.template.rpartition(" ")[0] == route and _went_well(one))


def _went_well(kind: Kind) -> bool:
    return 0 < _read_status(kind) < 400


def _read_status(kind: Kind) -> int:
    """0 for none."""
    status = kind.template.rpartition(" ")[2]
    return int(status) if status.isdigit() else 0
