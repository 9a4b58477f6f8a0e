"""Which seconds of a long follow stay as they are, where more is known than can be kept."""

from collections.abc import Mapping
from typing import Final

from logscope.index.index import Index
from logscope.model.snapshot import Snapshot
from logscope.model.times import MINUTE_US, US

MANY_ROWS: Final = 100_000
"""Active seconds of all kinds, 10 MB with what is made of them, up to which everything is kept."""
MANY_LOW_ROWS: Final = 50_000
"""Of what is below a warning: thirty kinds that come in every second of half an hour."""
_FINE_US: Final = 30 * MINUTE_US
"""Before the newest record: an incident that has not been noticed by then begins with a minute's first record."""
_AROUND_US: Final = 5 * MINUTE_US
"""Before and behind an incident."""
_MOST_TOLD: Final = 4


def coarsen_past(
    index: Index, window: Index, snapshot: Snapshot | None, newest: int, shifts: Mapping[str, int]
) -> None:
    """Keep less of what is long past, where much is kept: the memory of a long follow stays what it is.

    Half an hour up to the newest record, and the first hour of what is told as an incident with the minutes around it,
    stay as they are.

    Args:
        index: What was read.
        window: Records of every level around the onset.
        snapshot: What is told; None where nothing is yet.
        newest: The newest record, microseconds UTC.
        shifts: What is added to the stamps of each log, microseconds.
    """
    # What is below a warning comes in ten times as many lines, and matters around the onset.
    for kept_in, most, fine_us in ((index, MANY_ROWS, _FINE_US), (window, MANY_LOW_ROWS, _FINE_US // 2)):
        if kept_in.count_rows() <= most:
            continue
        spans = [] if snapshot is None else _told_spans(snapshot, newest, 2 * fine_us)
        until = {key: (newest - fine_us) // US - shift // US for key, shift in shifts.items()}
        kept = {
            key: [(low // US - shift // US, high // US - shift // US) for low, high in spans]
            for key, shift in shifts.items()
        }
        kept_in.coarsen(until, kept)


def _told_spans(snapshot: Snapshot, newest: int, longest_us: int) -> list[tuple[int, int]]:
    """The incidents that are told, with the minutes around them; of a long one, and of further ones, the begin.

    Args:
        snapshot: What is told.
        newest: The newest record, microseconds UTC like the spans.
        longest_us: Of the first one.
    """
    told = [snapshot.incident, *sorted((one.incident for one in snapshot.further), key=lambda one: -one.start)]
    spans = []
    for one in told[:_MOST_TOLD]:
        if one is not None:
            begin = min(one.start, one.first_error or one.start) - _AROUND_US
            spans.append((begin, min(begin + longest_us, (one.end or newest) + _AROUND_US)))
            longest_us = min(longest_us, 3 * _AROUND_US)
    return spans
