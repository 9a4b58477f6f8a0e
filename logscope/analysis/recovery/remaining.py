"""What is still broken, by name: routes as users see them first, then what services say."""

from collections.abc import Sequence
from typing import Final

from logscope.analysis.anomalies import Anomaly
from logscope.analysis.recovery.routes import Route
from logscope.analysis.recovery.signs import Signs
from logscope.model.recovery import Remaining
from logscope.model.times import US

_MOST: Final = 10
_FEWEST_FAILED: Final = 2
_FAILING_SHARE: Final = 0.02
"""A route of which fewer requests fail beyond the usual share is none that is broken."""


def list_remaining(
    signs: Signs, failing: Sequence[Anomaly], routes: Sequence[Route], since: int, cause: str
) -> tuple[Remaining, ...]:
    """Everything that fails more than usual since a second, worst first.

    Args:
        signs: All series.
        failing: The incident's kinds.
        routes: Of the edge log; requests of other access logs are the same requests once more.
        since: First second of the present.
        cause: Id of the kind that broke.
    """
    span = max(1, signs.now + 1 - since)
    start_us, end_us = since * US, signs.now * US
    users = sorted(_routes(signs, routes, start_us, end_us, span), key=lambda row: (-row.failed, row.what))
    services = []
    for one in failing:
        if one.kind.is_request and routes:
            continue
        count = one.kind.between(start_us, end_us)
        if not count or count <= 1.5 * one.baseline_per_s * span + 1:
            continue
        what = one.kind.template if one.kind.is_request else f"{one.kind.service}: {one.kind.headline}"
        begun = one.time if since * US <= one.time or since <= signs.start else start_us
        services.append(
            Remaining(
                what=what,
                rate_per_min=round(count * 60 / span, 2),
                volume=count,
                since=max(begun, int(one.kind.table[one.kind.row_at(begun), 2])),
                usual_per_min=round(one.baseline_per_s * 60, 2),
                begun=one.time,
                last=one.last,
                is_cause=one.kind.id == cause,
            )
        )
    services.sort(key=lambda row: (-row.volume, row.what))
    return (*users, *services)[:_MOST]


def _routes(signs: Signs, routes: Sequence[Route], start_us: int, end_us: int, span: int) -> list[Remaining]:
    usual = signs.requests.usual_failed_share if signs.requests is not None else 0.0
    rows = []
    for route in routes:
        first = _first(route, start_us)
        if first is None:
            continue
        # What went well before it began to fail says nothing about it now.
        asked, failed = route.count(first, end_us)
        if failed < _FEWEST_FAILED or failed <= (2 * usual + _FAILING_SHARE) * asked:
            continue
        rows.append(
            Remaining(
                what=_name(route, start_us, end_us),
                rate_per_min=round(failed * 60 / span, 2),
                volume=failed,
                since=first,
                failed=failed,
                asked=asked if route.ok else None,
                begun=_first(route, signs.start * US),
            )
        )
    return rows


def _name(route: Route, start_us: int, end_us: int) -> str:
    """The route; and at which of several servers, where it does not fail at all of them."""
    asked = {kind.service for kind in (*route.ok, *route.failed)}
    failing = {kind.service for kind in route.failed if kind.between(start_us, end_us)}
    return f"{route.name} at {', '.join(sorted(failing))}" if failing < asked else route.name


def _first(route: Route, from_us: int) -> int | None:
    """The first failed request from a time on."""
    firsts = (int(kind.table[kind.row_at(from_us), 2]) for kind in route.failed if len(kind.table))
    return min((time for time in firsts if time >= from_us), default=None)
