"""Whether the series of a kept answer fit each other, as whoever draws them counts on. Pure."""

from collections.abc import Sequence

from logscope.model.lanes import Lane, UsersLane
from logscope.model.snapshot import Snapshot
from logscope.model.times import FIRST_US, LAST_US


def find_misfit(snapshot: Snapshot) -> str | None:
    """What of its series no logscope writes; None where all fit."""
    trend, near, window = snapshot.trend, snapshot.near, snapshot.incident
    moments = [snapshot.as_of, snapshot.lane_start, *(() if window is None else (window.start, window.end))]
    if not all(FIRST_US <= moment <= LAST_US for moment in moments if moment is not None):
        return "a time that no calendar has"
    widths = [trend.bucket_us, snapshot.lane_bucket_us, *(group.per_minute.bucket_us for group in snapshot.groups)]
    if min(widths if near is None else (*widths, near.bucket_us)) < 1:
        return "a bucket without a length"
    if not _is_even(trend.errors, trend.warnings, trend.records):
        return "a trend of unlike lengths"
    sets = [(snapshot.lanes, snapshot.users), *([] if near is None else [(near.lanes, near.users)])]
    return None if all(_fit(lanes, users) for lanes, users in sets) else "lanes of unlike lengths"


def _fit(lanes: Sequence[Lane], users: UsersLane | None) -> bool:
    series = [one for lane in lanes for one in (lane.errors, lane.warnings, lane.records)]
    return _is_even(*series, *(() if users is None else (users.ok, users.failed)))


def _is_even(*series: Sequence[int]) -> bool:
    return len({len(one) for one in series}) <= 1
