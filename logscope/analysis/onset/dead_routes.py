"""Routes on which nothing goes well any more, though everything did: an outage within its first seconds.

Whether everyday noise is more than that takes time to tell; that twelve of twelve requests fail on a route of which one
in a thousand ever failed does not. Told while it lasts: a blip that is over is judged like everything else.
"""

from collections.abc import Iterable, Sequence
from math import log
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.refused import Rise, is_lost
from logscope.analysis.users.users import Users
from logscope.model.severity import Severity
from logscope.model.times import US

_FEWEST: Final = 8
"""Failed requests."""
_FEWEST_LOST: Final = 16
"""Refused requests, where as many went well before as are missing now."""
_LASTS_US: Final = 5 * US
"""A server that is replaced is away for a moment."""
_LATELY_US: Final = 10 * US
_SERVED: Final = 0.1
"""Of the failed: more answers that go well are no dead route."""
_KNOWN: Final = 30
"""Requests before it, of which the usual share of failures is known."""
_CHANCE: Final = 1e-9
"""That so many fail one after the other by chance."""


def find_dead_routes(
    anomalies: Sequence[Anomaly], kinds: Iterable[Kind], users: Users | None, as_of: int
) -> frozenset[str]:
    """Ids of the kinds of failed requests on such routes.

    Args:
        anomalies: What rose.
        kinds: All kinds of every level that are known, answers that went well among them.
        users: Requests of the edge.
        as_of: Now, microseconds UTC.
    """
    if users is None:
        return frozenset()
    failing = [
        one
        for one in anomalies
        if one.kind.is_request and one.kind.is_failure and one.kind.view.key in users.sources
        if one.last >= as_of - _LATELY_US and as_of - one.time >= _LASTS_US
    ]
    if not failing:
        return frozenset()
    edge = [kind for kind in kinds if kind.is_request and kind.view.key in users.sources]
    return frozenset(one.kind.id for one in failing if _is_dead(one, edge, as_of))


def _is_clients(kind: Kind) -> bool:
    """An answer that is the client's own fault as a rule: it is not where the same requests went well before."""
    return kind.severity < Severity.ERROR


def _is_dead(one: Anomaly, edge: Sequence[Kind], as_of: int) -> bool:
    route = one.kind.template.rpartition(" ")[0]
    mine = [kind for kind in edge if kind.template.rpartition(" ")[0] == route]
    ok = [kind for kind in mine if not kind.is_failure]
    bad = [kind for kind in mine if kind.is_failure and (kind is one.kind or not _is_clients(kind))]
    failed = sum(kind.between(one.time, as_of) for kind in bad)
    if _is_clients(one.kind):
        if failed < _FEWEST_LOST or not is_lost(Rise(one.kind, one.time, one.last, one.time), mine):
            return False
    elif failed < _FEWEST or sum(kind.between(one.time + US, as_of) for kind in ok) > _SERVED * failed:
        return False
    begin = min((kind.first_seen for kind in mine if kind.first_seen is not None), default=one.time)
    served = sum(kind.between(begin, one.time - US) for kind in ok)
    before = sum(kind.between(begin, one.time - US) for kind in bad)
    if served + before < _KNOWN:
        return False
    return failed * log((before + 1) / (served + before + 2)) < log(_CHANCE)
