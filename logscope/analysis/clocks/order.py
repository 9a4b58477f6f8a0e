"""The order of events whose stamps leave it open. Pure.

A stamp of whole seconds says only in which second a line was written: an access log's `12:41:00` may stand for the
consequence of a database's `12:41:00.917`. Where a cause lies within the interval of its effect's stamp the effect
comes behind it; everything else is ordered by its stamp. Cost: each event and each of its causes is looked at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_Rank = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as exactly as its stamp tells."""

    time: int
    """Begin of the interval in which it happened, microseconds UTC."""
    resolution_us: int
    """Length of that interval."""
    causes: tuple[int, ...] = ()
    """Positions of events without which it would not have happened."""
    tie: tuple[int, str, int] = (0, "", 0)
    """Order among events of which nothing else is known."""


def put_in_order(events: Sequence[Event]) -> list[tuple[int, int]]:
    """Positions of the events in the order in which they happened, each with the earliest time at which it can have."""
    ranks: dict[int, _Rank] = {}
    for position in range(len(events)):
        _rank(events, position, ranks, set())
    ordered = sorted(range(len(events)), key=lambda position: (*ranks[position], events[position].tie))
    return [(position, ranks[position][0]) for position in ordered]


def _rank(events: Sequence[Event], position: int, ranks: dict[int, _Rank], asking: set[int]) -> _Rank:
    """Place and depth below the cause there; two that each cause the other are parted by nothing but their stamps."""
    known = ranks.get(position)
    if known is not None:
        return known
    event = events[position]
    if position in asking:
        return event.time, 0
    asking.add(position)
    found: _Rank = (event.time, 0)
    for cause in event.causes:
        place, depth = _rank(events, cause, ranks, asking)
        if event.time <= place < event.time + event.resolution_us:
            found = max(found, (place, depth + 1))
    asking.discard(position)
    ranks[position] = found
    return found
