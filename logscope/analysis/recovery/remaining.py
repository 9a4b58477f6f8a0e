"""What is still broken, by name: routes as users see them first, then what services say."""

from collections.abc import Sequence
from math import log
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.recovery.line import Line
from logscope.analysis.recovery.routes import Route
from logscope.analysis.recovery.signs import Signs
from logscope.analysis.recovery.spells import QUIET_S
from logscope.model.recovery import Remaining
from logscope.model.times import US
from logscope.text.cutting import tell

_MOST: Final = 30
_FEWEST_FAILED: Final = 2
_FAILING_SHARE: Final = 0.02
"""A route of which fewer requests fail beyond the usual share is none that is broken."""
_SURELY: Final = 6.9
"""Expected failures of a silence that is no chance: one in a thousand."""
_PAUSES: Final = 2.0
"""What comes and goes has ended once it stays away twice as long as ever."""


def list_remaining(
    signs: Signs, failing: Sequence[Anomaly], routes: Sequence[Route], since: int, cause: str
) -> tuple[Remaining, ...]:
    """Everything that fails more than usual since a second and has not ended since, worst first.

    Where all of it seems to have ended, all of it: the verdict says whether it is over.

    Args:
        signs: All series.
        failing: The incident's kinds.
        routes: Of the edge log; requests of other access logs are the same requests once more.
        since: First second of the present.
        cause: Id of the kind that broke.
    """
    span = max(1, signs.now + 1 - since)
    start_us, end_us = since * US, signs.now * US
    rows = _routes(signs, routes, start_us, end_us, span)
    broke = next((one.kind for one in failing if one.kind.id == cause), None)
    services = []
    ended: set[str] = {row.what for row, kinds in rows if _has_ended(kinds, since, signs.now)}
    for one in failing:
        if one.kind.is_request and routes:
            continue
        count = one.kind.between(start_us, end_us)
        if not count or count <= 1.5 * one.baseline_per_s * span + 1:
            continue
        what = one.kind.template if one.kind.is_request else tell(one.kind.service, one.kind.headline)
        if _has_ended([one.kind], since, signs.now):
            ended.add(what)
        begun = one.time if since * US <= one.time or since <= signs.start else start_us
        services.append(
            Remaining(
                what=what,
                rate_per_min=round(count * 60 / span, 2),
                volume=count,
                since=max(begun, int(one.kind.firsts[one.kind.row_at(begun)])),
                usual_per_min=round(one.baseline_per_s * 60, 2),
                begun=one.time,
                last=one.last,
                is_cause=one.kind.id == cause,
                tells_cause=broke is not None and one.kind.id != cause and _tells_the_same(one.kind, broke),
            )
        )
    services.sort(key=lambda row: (-row.volume, row.what))
    listed = [*(row for row, _ in rows), *services]
    return tuple([row for row in listed if row.what not in ended] or listed)[:_MOST]


def _tells_the_same(kind: Kind, broke: Kind) -> bool:
    """Another kind that shows what broke: at another host, or of another table."""
    return not kind.is_request and (
        kind.headline == broke.headline
        or kind.template == broke.template
        or (kind.is_cause_like and kind.meaning.cls is broke.meaning.cls and kind.node == broke.node)
    )


def _has_ended(kinds: Sequence[Kind], since: int, now: int) -> bool:
    """It stayed away for longer than chance or its own pauses explain: what failed since the fix may be over by now."""
    behind = max((int(seconds[-1]) + 1 for kind in kinds if len(seconds := kind.within(since, now)[0])), default=None)
    if behind is None or now - behind + 1 < QUIET_S:
        return False
    line = Line.of(kinds, since, now)
    count = line.count(since, behind)
    needed = max((_SURELY + log(count)) * (behind - since) / count, _PAUSES * line.longest_pause(since, behind))
    return now - behind >= needed


def _routes(
    signs: Signs, routes: Sequence[Route], start_us: int, end_us: int, span: int
) -> list[tuple[Remaining, Sequence[Kind]]]:
    """Those that fail, worst first; whoever fails half as often as the worst or more stands by the whole incident.

    Their counts of a minute differ by chance: from look to look they would change places.
    """
    usual = signs.requests.usual_failed_share if signs.requests is not None else 0.0
    rows: list[tuple[Remaining, Sequence[Kind], int]] = []
    for route in routes:
        first = _first(route, start_us)
        if first is None:
            continue
        # What went well before it began to fail says nothing about it now.
        asked, failed = route.count(first, end_us)
        if failed < _FEWEST_FAILED or failed <= (2 * usual + _FAILING_SHARE) * asked:
            continue
        row = (
            Remaining(
                what=_name(route, start_us, end_us),
                rate_per_min=round(failed * 60 / span, 2),
                volume=failed,
                since=first,
                failed=failed,
                asked=asked if route.ok else None,
                earlier=route.count(start_us, first - US)[0] if first - US >= start_us else 0,
                begun=_first(route, signs.start * US),
            ),
            route.failed,
            route.count(signs.start * US, end_us)[1],
        )
        rows.append(row)
    most = max((one.failed for one, _, _ in rows), default=0)
    rows.sort(key=lambda row: ((0, -row[2]) if 2 * row[0].failed >= most else (1, -row[0].failed), row[0].what))
    return [(one, kinds) for one, kinds, _ in rows]


def _name(route: Route, start_us: int, end_us: int) -> str:
    """The route; and at which of several servers, where it does not fail at all of them."""
    asked = {kind.service for kind in (*route.ok, *route.failed)}
    failing = {kind.service for kind in route.failed if kind.between(start_us, end_us)}
    return f"{route.name} at {', '.join(sorted(failing))}" if failing < asked else route.name


def _first(route: Route, from_us: int) -> int | None:
    """The first failed request from a time on."""
    firsts = (int(kind.firsts[kind.row_at(from_us)]) for kind in route.failed if len(kind.firsts))
    return min((time for time in firsts if time >= from_us), default=None)
