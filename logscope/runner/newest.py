"""When the logs end, from their last lines alone: what `30m` and `14:00` mean for logs of another day."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

from logscope.errors import SourceError
from logscope.model.times import DAY_US, US
from logscope.runner.planning import Plan
from logscope.runner.request import Request, find_sources, learn_sources
from logscope.text.unrolling import ROW_END

_TAIL: Final = 65_536
_MOST_PACKED: Final = 16 * 1024 * 1024
"""Bytes of a compressed or turned file up to which it is read through for its end."""


def find_newest(request: Request, wall_us: int) -> int | None:
    """The newest stamp of the logs, zones applied where they are written or given.

    Args:
        request: What will be read. Nothing is taken from a stream: what is taken is gone.
        wall_us: The clock; stamps from its future by more than a day are not believed.

    Returns:
        Microseconds UTC; None where there is none, or where a stream is among the logs.
    """
    found = find_sources(request)
    if any(source.stream is not None for source in found.sources):
        return None
    ends = [_end_of(plan, request.tz) for plan in learn_sources(request, found).plans]
    return max((time for time in ends if time is not None and time <= wall_us + DAY_US), default=None)


def _end_of(plan: Plan, tz: tzinfo | None) -> int | None:
    part = plan.source.parts[-1]
    is_packed = part.compression is not None or plan.layout.is_turned
    if is_packed and part.size > _MOST_PACKED:
        return None
    start = 0 if is_packed else max(0, part.size - _TAIL)
    tail = b""
    try:
        for block in plan.read_part(len(plan.source.parts) - 1, lambda _: None, start=start):
            tail = (tail + block)[-_TAIL:]
    except SourceError:
        return None
    times = _times(plan, tail.replace(ROW_END, b"\n").split(b"\n"))
    if not times:
        return None
    zone = plan.zone[0] if plan.zone is not None else tz
    if plan.layout.zone_written or zone is None:
        return max(times)
    offset = datetime.fromtimestamp(max(times) / US, UTC).replace(tzinfo=zone).utcoffset()
    return max(times) - (round(offset.total_seconds() * US) if offset else 0)


def _times(plan: Plan, lines: Sequence[bytes]) -> list[int]:
    state = plan.layout.new_state()
    heads = (plan.layout.parse(line, state) for line in lines)
    return [head.time for head in heads if head is not None and head.time is not None]
