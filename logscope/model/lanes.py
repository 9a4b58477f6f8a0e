"""Counts over time, for the charts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trend:
    """Counts over all files."""

    start: int
    bucket_us: int
    errors: tuple[int, ...]
    warnings: tuple[int, ...]
    records: tuple[int, ...]
    estimate: bool = False
    """Made from samples; the exact pass is not done."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One service's row in the timeline, in the buckets of `Snapshot.lane_start` and `lane_bucket_us`."""

    service: str
    errors: tuple[int, ...]
    warnings: tuple[int, ...]
    records: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UsersLane:
    """Requests as the edge log saw them. Buckets as in the lanes."""

    source: str
    ok: tuple[int, ...]
    failed: tuple[int, ...]
    beside: tuple[str, ...] = ()
    """Logs of servers beside it, counted as well."""


@dataclass(frozen=True, slots=True)
class LaneSet:
    """Lanes of a shorter span in finer buckets: what the timeline shows when it is zoomed."""

    start: int
    bucket_us: int
    lanes: tuple[Lane, ...]
    users: UsersLane | None
