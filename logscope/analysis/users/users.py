"""What users got: requests of the edge access log, before, during and after, and by route."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.analysis.kinds.kinds import Kind, SourceView
from logscope.analysis.kinds.normal import NO_REQUESTS, Normal, UsualRequests
from logscope.index.index import FAILED, REQUESTS, SLOW_MS, Index, SourceState
from logscope.ingest.batch import Int64, SignatureKind
from logscope.model.files import LineRef
from logscope.model.incident import Rates
from logscope.model.severity import Severity
from logscope.model.times import US

FALLEN_VOLUME: Final = 0.5
"""Below this share of the usual volume a rate is not claimed: refused requests reach no access log."""

_BIN_S: Final = 5
"""Wide enough that a request is in the same bin of both logs that it goes through."""
_FEWEST_BINS: Final = 60
_SAME_REQUESTS: Final = 0.3
"""Rank correlation of how the counts of two logs change. Of a log that sees one in five of another one's requests it is
0.45, of independent ones 0 +- 0.13 with so few bins."""
_OF_ONE: Final = re.compile(r"\b[0-9a-f]{5,}\b|\d+|(?<=[-_.])[a-z](?![a-z])")
"""What tells one server's name from the next."""
_MOST_NAMED: Final = 2
_AS_MANY: Final = 0.95
"""Of the requests that the fullest log saw; a log that saw so many stands as near to the users."""
_NEARLY_ALL: Final = 0.9

KNOWN_US: Final = 15 * US
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
    beside: tuple[str, ...] = ()
    """Keys of the logs of servers beside it, whose requests are counted as well."""
    waited_ms: Int64 | None = None
    """Sum of the requests' durations per second; None where no log tells them."""
    refused: frozenset[str] = frozenset()
    """Ids of kinds below a server error that are counted as failed: refusals in the place of what went well."""

    unanswered: frozenset[str] = frozenset()
    """Ids of kinds that tell failed requests without a status: they are counted."""
    is_by_ids: bool = False
    """Operations that end in a service's own log, by their ids: no requests of an access log."""

    @property
    def sources(self) -> frozenset[str]:
        """Keys of all logs whose requests are counted."""
        return frozenset((self.source, *self.beside))

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
    """The access log that stands nearest to the users: the one that saw most requests. None without one.

    Servers that share the load each write their own: of one alone a third of the users would be seen.
    """
    found = _read_all(index, views, normal)
    if not found:
        return None
    most = max(int(one.requests.sum()) for one in found)
    near = [one for one in found if one.requests.sum() >= _AS_MANY * most]
    # Of logs that saw as many the one that tells nothing else: its lines name route and status.
    best = max(near, key=lambda one: (is_access_log(index.sources[one.source]), int(one.requests.sum())))
    beside = [one for one in found if one is not best and _is_beside(best, one)]
    return _join(best, beside) if beside else best


_AUDITS: Final = re.compile(r"(?i)(?:^|[^a-z])audit(?:$|[^a-z])")
"""What operators and controllers ask of a cluster is no request of a user."""


def _read_all(index: Index, views: Mapping[str, SourceView], normal: Normal | None) -> list[Users]:
    """Each log that holds requests, by key."""
    found = []
    for key in sorted(index.sources):
        if key not in views or _AUDITS.search(views[key].service):
            continue
        counts = index.sources[key].seconds
        requests = counts.column(REQUESTS)
        if requests.any() and not _tells_failures_only(index.sources[key]):
            shifted = counts.seconds() + views[key].shift_us // US
            usual = NO_REQUESTS if normal is None else normal.find_requests(views[key].service)
            found.append(
                Users(
                    key,
                    views[key].service,
                    shifted,
                    requests,
                    counts.column(FAILED),
                    usual,
                    (),
                    counts.column(SLOW_MS),
                )
            )
    return found


def _tells_failures_only(source: SourceState) -> bool:
    """Whether among other lines nothing but failed requests has a status: how many were served is not told then."""
    counts = source.seconds
    asked = int(counts.column(REQUESTS).sum())
    records = sum(tally.records for tally in source.parts.values())
    return 2 * asked < records and asked == int(counts.column(FAILED).sum())


def is_access_log(source: SourceState) -> bool:
    """Whether nearly each record is a request."""
    records = sum(tally.records for tally in source.parts.values())
    return bool(source.seconds.column(REQUESTS).sum() >= _NEARLY_ALL * records)


def _is_beside(one: Users, other: Users) -> bool:
    """Two of a kind that share the load: named alike but for a number, and one's requests are not the other's."""
    if _stem(one.service) != _stem(other.service):
        return False
    low, high = max(one.seconds[0], other.seconds[0]), min(one.seconds[-1], other.seconds[-1])
    bins = int(high - low) // _BIN_S
    if bins < _FEWEST_BINS:
        return False
    steps = [np.diff(_per_bin(users, int(low), bins)) for users in (one, other)]
    ranks = [np.argsort(np.argsort(step, kind="stable")) for step in steps]
    return all(step.any() for step in steps) and float(np.corrcoef(ranks[0], ranks[1])[0, 1]) < _SAME_REQUESTS


def _per_bin(users: Users, start: int, bins: int) -> Int64:
    at = (users.seconds - start) // _BIN_S
    inside = (at >= 0) & (at < bins)
    return np.bincount(at[inside], weights=users.requests[inside], minlength=bins).astype(np.int64)


def _stem(service: str) -> str:
    """A name without what tells one server from the next: numbers, hashes, a last letter."""
    return _OF_ONE.sub("", service.lower())


def _join(best: Users, beside: Sequence[Users]) -> Users:
    """Their requests, summed by second."""
    both = (best, *beside)
    seconds, at = np.unique(np.concatenate([one.seconds for one in both]), return_inverse=True)
    requests, failed, waited = (
        np.bincount(at, weights=np.concatenate(counts), minlength=len(seconds)).astype(np.int64)
        for counts in (
            [one.requests for one in both],
            [one.failed for one in both],
            [np.zeros_like(one.requests) if one.waited_ms is None else one.waited_ms for one in both],
        )
    )
    usual = UsualRequests(
        sum(one.usual.requests for one in both),
        sum(one.usual.failed for one in both),
        max(one.usual.seconds for one in both),
    )
    names = ", ".join([best.service, *(one.service for one in beside)][:_MOST_NAMED])
    names += f" and {len(both) - _MOST_NAMED} more" if len(both) > _MOST_NAMED else ""
    return Users(best.source, names, seconds, requests, failed, usual, tuple(one.source for one in beside), waited)


def success_rates(
    users: Users, start: int, end: int | None, as_of: int, calm: Sequence[tuple[int, int]] = ()
) -> tuple[Rates, Rates, str]:
    """Share of requests answered without a server error, and requests per second, before, during and after.

    Args:
        users: The access log.
        start: Begin of the incident.
        end: Its end; None while it goes on.
        as_of: Now.
        calm: Spans between two waves: they belong to neither.

    Returns:
        Shares (None where they cannot be claimed), volumes, and a sentence on what was withheld.
    """
    begins = int(users.seconds[0]) * US if len(users.seconds) else start
    turn = as_of + US if end is None else end
    spans = ((begins, start), (start, turn), (turn, as_of + US))
    shares: list[float | None] = []
    volumes: list[float | None] = []
    for span in spans:
        left_out = [(max(low, span[0]), min(high, span[1])) for low, high in calm]
        counts = [users.count(low, high) for low, high in left_out if low < high]
        requests, failed = users.count(*span)
        requests, failed = requests - sum(n for n, _ in counts), failed - sum(n for _, n in counts)
        seconds = max(0, span[1] - span[0] - sum(max(0, high - low) for low, high in left_out)) / US
        volumes.append(requests / seconds if seconds >= 1 else None)
        shares.append(1.0 - failed / requests if requests else None)
    usual = users.usual
    if usual.requests and start - begins < KNOWN_US:
        volumes[0], shares[0] = usual.requests / usual.seconds, 1.0 - usual.failed / usual.requests
    elif start - begins < KNOWN_US:
        # Where logs begin with the incident nobody knows what is usual.
        volumes[0] = shares[0] = None
    note = f"{users.service}: requests without a server error" + (" and not refused" if users.refused else "")
    before = volumes[0]
    for position in (1, 2):
        volume = volumes[position]
        low, high = spans[position]
        # A request is logged when it ends: of the first seconds most are still under way.
        is_long = high - low >= KNOWN_US
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


def route_of_unanswered(kind: Kind) -> str:
    """Method and path of a line such as `GET /fares failed after 3000ms`, as templates of requests have them."""
    method, path, *_ = [*kind.template.split(" ", 2), ""]
    return f"{method} {path.split('?', 1)[0]}"


def failing_routes(
    kinds: Sequence[Kind], start_us: int, end_us: int, users: Users | None = None
) -> list[RouteFailure]:  # fmt: skip
    """Routes with server errors, or what counts as one, in a span; most failures first."""
    found: dict[str, tuple[int, set[int], LineRef]] = {}
    refused, unanswered = (users.refused, users.unanswered) if users is not None else (frozenset(), frozenset())
    for kind in kinds:
        is_failed = kind.severity >= Severity.ERROR or kind.id in refused
        if (kind.signature_kind is not SignatureKind.REQUEST or not is_failed) and kind.id not in unanswered:
            continue
        failed = kind.between(start_us, end_us)
        route, _, status = kind.template.rpartition(" ")
        if kind.id in unanswered:
            route, status = route_of_unanswered(kind), ""
        if not failed or not route:
            continue
        count, statuses, ref = found.get(route, (0, set(), kind.first_ref()))
        if status.isdigit():
            statuses.add(int(status))
        found[route] = (count + failed, statuses, ref)
    failures = [RouteFailure(route, n, tuple(sorted(s)), ref) for route, (n, s, ref) in found.items()]
    return sorted(failures, key=lambda f: (-f.failed, f.route))


def do_others_go_on(usual: float, now: float) -> bool:
    """Whether what one log lost is its own matter: all others together write about as before.

    Args:
        usual: Records a second of the others before.
        now: The same since.
    """
    return usual > 0 and now >= _AS_BEFORE * usual


_AS_BEFORE: Final = 0.7
"""Less may be the time of day, or everybody's fall."""
