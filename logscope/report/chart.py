"""The trend as a person reads it: the incident with a little before and after, in a dozen rows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from logscope.model.incident import EventKind
from logscope.model.snapshot import Snapshot
from logscope.model.times import MINUTE_US, US

_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 604800)
_WEEK_US: Final = _STEPS_S[-1] * US
_MOST_ROWS: Final = 16
_MOST_CELLS: Final = 80
_LEAST_ASIDE_US: Final = MINUTE_US
"""At least this much before and after the incident is shown."""


@dataclass(frozen=True, slots=True)
class Table:
    """Counts over the shown span."""

    start: int
    bucket_us: int
    errors: tuple[int, ...]
    warnings: tuple[int, ...]
    records: tuple[int, ...]
    ok: tuple[int, ...]
    """Requests that were served; empty without an access log."""
    failed: tuple[int, ...]
    records_of: tuple[str, ...] = ()
    """Services whose records are drawn, where they fell and nothing is an error; empty mostly."""


def choose_table(snapshot: Snapshot, most: int = _MOST_ROWS) -> Table | None:
    """Counts in at most so many buckets; None where nothing is counted, or not in the time of the incident."""
    finest = _finest(snapshot)
    if finest is None:
        return None
    low, high = choose_span(snapshot, finest)
    if low >= high:
        return None
    wide = next((s * US for s in _STEPS_S if (high - low) / (s * US) <= most and s * US >= finest.bucket_us), None)
    wide = max(wide or -(-(high - low) // (most * _WEEK_US)) * _WEEK_US, finest.bucket_us)
    first = low // wide * wide
    last = (high - 1) // wide * wide
    count = (last - first) // wide + 1

    def fold(series: Sequence[int]) -> tuple[int, ...]:
        sums = [0] * count
        for n, value in enumerate(series):
            at = (finest.start + n * finest.bucket_us - first) // wide
            if 0 <= at < count:
                sums[at] += value
        return tuple(sums) if series else ()

    return Table(
        first,
        wide,
        fold(finest.errors),
        fold(finest.warnings),
        fold(finest.records),
        fold(finest.ok),
        fold(finest.failed),
        finest.records_of,
    )


def choose_cells(snapshot: Snapshot) -> Table | None:
    """The same span in the cells of one row of text."""
    return choose_table(snapshot, _MOST_CELLS)


def choose_span(snapshot: Snapshot, table: Table) -> tuple[int, int]:
    """The incident with half its length on either side, inside what was read."""
    first, last = table.start, table.start + len(table.errors) * table.bucket_us
    incident = snapshot.incident
    if incident is None:
        return first, last
    end = incident.end or snapshot.as_of or last
    begin = min(incident.start, incident.first_error or incident.start)
    aside = max(_LEAST_ASIDE_US, (end - begin) // 2)
    return max(first, begin - aside), min(last, max(end + aside, begin + table.bucket_us))


def _find_fallen(snapshot: Snapshot) -> tuple[str, ...]:
    """Whose records tell of it, where nothing is an error: the services that wrote far less; empty mostly."""
    if snapshot.incident is None or any(snapshot.trend.errors):
        return ()
    is_told = any(one.kind is EventKind.SILENCE and one.is_key for one in snapshot.timeline)
    return snapshot.incident.services if is_told else ()


def _finest(snapshot: Snapshot) -> Table | None:
    """The finest series that covers everything: the lanes of all services together, else the trend."""
    trend = snapshot.trend
    fallen = _find_fallen(snapshot)
    if not fallen and not any(trend.errors) and not any(trend.warnings):
        return None
    users = snapshot.users
    ok, failed = (users.ok, users.failed) if users is not None else ((), ())
    lanes = [one for one in snapshot.lanes if not fallen or one.service in fallen]
    length = len(lanes[0].errors) if lanes else 0
    sums = [
        tuple(sum(series[n] for series in part) for n in range(length))
        for part in ([x.errors for x in lanes], [x.warnings for x in lanes], [x.records for x in lanes])
    ]
    if length and fallen:
        return Table(snapshot.lane_start, snapshot.lane_bucket_us, sums[0], sums[1], sums[2], ok, failed, fallen)
    if length and sum(sums[0]) == sum(trend.errors) and sum(sums[2]) == sum(trend.records):
        return Table(snapshot.lane_start, snapshot.lane_bucket_us, sums[0], sums[1], sums[2], ok, failed)
    return Table(trend.start, trend.bucket_us, trend.errors, trend.warnings, trend.records, (), ())


def draw_marks(table: Table, marks: Sequence[tuple[str, int | None]]) -> str:
    """A row with a letter under the cell of each moment; a later one moves aside rather than hide an earlier one."""
    cells = [" "] * (len(table.errors) + len(marks))
    for letter, time in marks:
        if time is None:
            continue
        at = (time - table.start) // table.bucket_us
        if not 0 <= at < len(table.errors):
            continue
        while cells[at] != " ":
            at += 1
        cells[at] = letter
    return "".join(cells).rstrip()
