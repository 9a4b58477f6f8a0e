"""Pages that are suddenly not found: what went well on a route is answered with 404 instead. Pure.

Such an answer is the client's own fault as a rule: a scanner asks for what never was there. It is not where the same
requests were served before and are not any more, as after a release that lost a route or a copy that lags behind.
Cost: a scan for each kind of such answers on a route that is served, too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.gate import Coverage, judge_kind
from logscope.analysis.onset.refused import FEWEST, Rise, find_served, is_lost
from logscope.analysis.onset.statistics import rates_differ
from logscope.analysis.users.users import Users
from logscope.model.times import MINUTE_US, US

_BEFORE_US: Final = 10 * MINUTE_US
_CHANCE: Final = 1e-6
_SHARE: Final = 0.1
"""Of all requests: fewer move their number less than the time of day does."""
_TAKEN: Final = 0.5
"""Of what is not found: at least so much less goes well."""


def mark_lost_routes(
    kinds: Sequence[Kind], examined: Iterable[Kind], users: Users | None, coverage: Coverage
) -> list[Kind]:
    """The kinds, with those as failures that tell of requests which used to go well.

    Args:
        kinds: Warnings and worse.
        examined: Kinds of every level that are known, answers that went well among them.
        users: Requests of the edge.
        coverage: Since when what could be seen.
    """
    asked = [kind for kind in kinds if kind.is_request and not kind.is_failure and kind.count >= FEWEST]
    if not asked:
        return list(kinds)
    requests = [*(kind for kind in examined if kind.is_request), *(kind for kind in kinds if kind.is_request)]
    lost = {kind.id for kind in asked if _is_lost(kind, requests, users, coverage)}
    return [replace(kind, is_loss=True) if kind.id in lost else kind for kind in kinds]


def _is_lost(kind: Kind, requests: Sequence[Kind], users: Users | None, coverage: Coverage) -> bool:
    beside = [one for one in requests if one.view.key == kind.view.key]
    is_known = any(find_served(kind, beside))
    if not is_known and (users is None or kind.view.key not in users.sources):
        return False
    rise = judge_kind(kind, coverage)
    if rise is None:
        return False
    if is_known:
        return is_lost(Rise(kind, rise.time, rise.last, rise.time), beside)
    return users is not None and _is_taken(rise, users)


def _is_taken(rise: Anomaly, users: Users) -> bool:
    """Of a log of which only failures are kept: all requests of the edge that went well fell by about as much."""
    kind, begin, end = rise.kind, rise.time - _BEFORE_US, rise.last + US
    begin = max(begin, int(users.seconds[0]) * US)
    before_s, during_s = (rise.time - begin) / US, (end - rise.time) / US
    spans = ((begin, rise.time), (rise.time, end))
    (asked, failed), (asked_then, failed_then) = (users.count(*span) for span in spans)
    missing, missing_then = (kind.between(start, stop - US) for start, stop in spans)
    served, served_then = asked - failed - missing, asked_then - failed_then - missing_then
    if before_s < 1 or served < FEWEST or missing_then < _SHARE * asked_then:
        return False
    fall = served / before_s - served_then / during_s
    more = missing_then / during_s - missing / before_s
    return fall >= _TAKEN * more and rates_differ(served_then, during_s, served, before_s) < _CHANCE
