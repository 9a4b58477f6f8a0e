"""The next line in all logs at once, as they stand in the merged view: by time, then by the order of the logs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from logscope.model.lines import LogLine, Progress
from logscope.runner.log_view import OpenLog

Find = Callable[[OpenLog, int, int, Progress], LogLine | None]
"""Searches one log from a line on (part, offset), the line itself left out."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where the search begins in one log."""

    log: OpenLog
    part: int
    offset: int
    after: int | None = None
    """Lines from this time on (microseconds UTC) stand behind the cursor line; None in the log that holds it."""


def find_across(
    starts: Iterable[Start],
    find: Find,
    holds: Callable[[LogLine], bool],
    direction: int,
    progress: Progress,
    until: LogLine | None = None,
) -> LogLine | None:
    """The nearest line behind the cursor line (before it, with direction -1) that is searched for.

    Args:
        starts: One for each log, in the order in which lines of the same time stand.
        find: How one log is searched.
        holds: Whether a line is searched for.
        direction: 1 or -1.
        progress: Told the bytes that were looked at; False ends the search.
        until: The search ends at this line, which is found where nothing is before it; None searches to the ends.
    """
    best = until
    done = 0

    def told(more: int) -> bool:
        return progress(done + more)

    for start in starts:
        most = _bytes_to(start, best, direction)
        seen = 0

        def go_on(more: int, most: int | None = most) -> bool:
            nonlocal seen
            seen = more
            return told(more) and (most is None or more <= most)

        found = _find_from(start, find, holds, direction, go_on)
        done += seen
        if found is not None and (best is None or _is_nearer(found, best, direction)):
            best = found
        if not progress(done):
            break
    return best


def _find_from(
    start: Start, find: Find, holds: Callable[[LogLine], bool], direction: int, progress: Progress
) -> LogLine | None:
    here = start.log.line_at(start.part, start.offset) if start.after is not None else None
    if here is not None and start.after is not None:
        is_behind = here.time is None or here.time >= start.after
        if is_behind == (direction > 0) and holds(here):
            return here
    return find(start.log, start.part, start.offset, progress)


def _is_nearer(line: LogLine, best: LogLine, direction: int) -> bool:
    """Of the same time the first one stands first; a line without a time is no nearer than any."""
    if line.time is None or best.time is None:
        return best.time is None and line.time is not None
    return line.time < best.time if direction > 0 else line.time >= best.time


def _bytes_to(start: Start, best: LogLine | None, direction: int) -> int | None:
    """How far this log has to be searched once another one holds a line; None to its end."""
    if best is None or best.time is None:
        return None
    first = (start.part, start.offset) if direction > 0 else (start.part, 0)
    part, offset = start.log.place_at(best.time, *first)
    return abs(offset - start.offset) + 1 if part == start.part else None
