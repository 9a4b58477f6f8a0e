"""What users got: requests of the edge access log, before, during and after, and by route."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.analysis.kinds import Kind, SourceView
from logscope.analysis.normal import NO_REQUESTS, Normal, UsualRequests
from logscope.index.index import FAILED, REQUESTS, Index
from logscope.ingest.batch import Int64, SignatureKind
from logscope.model.severity import Severity
from logscope.model.snapshot import LineRef, Rates
from logscope.model.times import US

FALLEN_VOLUME: Final = 0.5
"""Below this share of the usual volume a rate is not claimed: refused requests reach no access log."""

_KNOWN_US: Final = 15 * US
"""Of a shorter span no loss of requests is told."""
_FAILING_SHARE: Final = 0.05
"""Users notice from here on: more than one request in twenty."""
_FEWEST_FAILED: Final = 2


@dataclass(frozen=True, slots=True)
class Users:
    """Requests per second as one access log saw them, times corrected."""

    source: str
    service: str
    seconds: Int64
    requests: Int64
    failed: Int64
    usual: UsualRequests = NO_REQUESTS
    """In other, normal logs."""

    def count(self, start_us: int, end_us: int) -> tuple[int, int]:
        """Requests and failed ones in a span, end excluded."""
        low = np.searchsorted(self.seconds, -(-start_us // US), side="left")
        high = np.searchsorted(self.seconds, -(-end_us // US), side="left")
        return int(self.requests[low:high].sum()), int(self.failed[low:high].sum())

    def failed_share(self, start_us: int, end_us: int) -> float:
        """Share of failed requests in a span; 0 without requests."""
        requests, failed = self.count(start_us, end_us)
        return failed / requests if requests else 0.0

    def first_failing(self, start_us: int, usual_share: float) -> int | None:
        """The first second from which users fail more than usual; microseconds, None if they do not."""
        low = int(np.searchsorted(self.seconds, start_us // US))
        limit = max(_FAILING_SHARE, 3 * usual_share)
        for at in np.flatnonzero(self.failed[low:]).tolist():
            end = int(np.searchsorted(self.seconds, self.seconds[low + at] + 5))
            requests, failed = int(self.requests[low + at : end].sum()), int(self.failed[low + at : end].sum())
            if failed >= _FEWEST_FAILED and failed > limit * requests:
                return int(self.seconds[low + at]) * US
        return None


def find_users(index: Index, views: Mapping[str, SourceView], normal: Normal | None = None) -> Users | None:
    """The access log that stands nearest to the users: the one that saw most requests. None without one."""
    best: Users | None = None
    most = 0
    for key in sorted(index.sources):
        if key not in views:
            continue
        seconds, values = index.sources[key].seconds.arrays()
        total = int(values[:, REQUESTS].sum()) if len(values) else 0
        if total > most:
            shifted = seconds + views[key].shift_us // US
            usual = NO_REQUESTS if normal is None else normal.find_requests(views[key].service)
            best = Users(key, views[key].service, shifted, values[:, REQUESTS], values[:, FAILED], usual)
            most = total
    return best


def success_rates(users: Users, start: int, end: int | None, as_of: int) -> tuple[Rates, Rates, str]:
    """Share of requests answered without a server error, and requests per second, before, during and after.

    Args:
        users: The access log.
        start: Begin of the incident.
        end: Its end; None while it goes on.
        as_of: Now.

    Returns:
        Shares (None where they cannot be claimed), volumes, and a sentence on what was withheld.
    """
    begins = int(users.seconds[0]) * US if len(users.seconds) else start
    turn = as_of + US if end is None else end
    spans = ((begins, start), (start, turn), (turn, as_of + US))
    shares: list[float | None] = []
    volumes: list[float | None] = []
    for low, high in spans:
        requests, failed = users.count(low, high)
        seconds = max(0, high - low) / US
        volumes.append(requests / seconds if seconds >= 1 else None)
        shares.append(1.0 - failed / requests if requests else None)
    usual = users.usual
    if usual.requests and start - begins < _KNOWN_US:
        volumes[0], shares[0] = usual.requests / usual.seconds, 1.0 - usual.failed / usual.requests
    note = f"{users.service}: requests without a server error"
    before = volumes[0]
    for position in (1, 2):
        volume = volumes[position]
        low, high = spans[position]
        # A request is logged when it ends: of the first seconds most are still under way.
        is_long = high - low >= _KNOWN_US
        if before and volume is not None and is_long and volume < FALLEN_VOLUME * before:
            shares[position] = None
            lost = f"{_pace(before)}/s to {_pace(volume)}/s"
            if position == 1:
                note = f"requests lost before this log: {lost}"
            elif shares[1] is not None:
                # What was counted during the incident is still what the note tells of.
                note += f"; requests lost before this log after the incident: {lost}"
    return Rates(*shares), Rates(*volumes), note


def _pace(volume: float) -> str:
    return f"{volume:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class RouteFailure:
    """A route that fails, by name."""

    route: str
    """Method and path without ids."""
    failed: int
    statuses: tuple[int, ...]
    ref: LineRef


def failing_routes(kinds: Sequence[Kind], start_us: int, end_us: int) -> list[RouteFailure]:
    """Routes with server errors in a span, most failures first."""
    found: dict[str, tuple[int, set[int], LineRef]] = {}
    for kind in kinds:
        if kind.signature_kind is not SignatureKind.REQUEST or kind.severity < Severity.ERROR:
            continue
        failed = kind.between(start_us, end_us)
        route, _, status = kind.template.rpartition(" ")
        if not failed or not route:
            continue
        count, statuses, ref = found.get(route, (0, set(), kind.first_ref()))
        if status.isdigit():
            statuses.add(int(status))
        found[route] = (count + failed, statuses, ref)
    failures = [RouteFailure(route, n, tuple(sorted(s)), ref) for route, (n, s, ref) in found.items()]
    return sorted(failures, key=lambda f: (-f.failed, f.route))
