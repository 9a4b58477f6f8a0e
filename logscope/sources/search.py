"""Looking for literal bytes in one log, slice by slice, so that the caller can show progress and stop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from logscope.errors import SourceError
from logscope.sources.content import Content
from logscope.sources.pages import PageReader

_SLICE: Final = 4 * 1024 * 1024
"""A few milliseconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """A byte of a log."""

    part: int
    offset: int


@dataclass(frozen=True, slots=True)
class SearchStep:
    """How far a search has come."""

    bytes_done: int
    found: Place | None = None
    """The match nearest to the start; None so far."""


def search(
    reader: PageReader,
    pattern: bytes,
    start: Place,
    stop: Callable[[], bool],
    *,
    backward: bool = False,
    ignore_case: bool = False,
) -> Iterator[SearchStep]:
    """Look for bytes from a place on, through all parts on that side.

    Args:
        reader: The log.
        pattern: Literal bytes, not empty.
        start: Where to begin. Forward, a match may begin here; backward, it begins before.
        stop: Asked before each slice; True ends the search.
        backward: Towards older lines.
        ignore_case: ASCII letters only.

    Yields:
        A step for each slice; the last one holds the match, if there is one.
    """
    needle = pattern.lower() if ignore_case else pattern
    done = 0
    parts = range(start.part, -1, -1) if backward else range(start.part, reader.part_count)
    for part in parts:
        try:
            content = reader.content(part)
        except SourceError:
            continue  # Gone: there is nothing to be found in it.
        limit = start.offset if part == start.part else None
        slices = _backward(content, limit, len(needle)) if backward else _forward(content, limit or 0, len(needle))
        last: Place | None = None
        for offset, data in slices:
            if stop():
                return
            text = data.lower() if ignore_case else data
            at = text.rfind(needle) if backward else text.find(needle)
            done += len(data)
            if at >= 0:
                last = Place(part, offset + at)
                if not (backward and content.is_packed):
                    yield SearchStep(done, last)
                    return
            yield SearchStep(done)
        if last is not None:
            yield SearchStep(done, last)
            return


def _forward(content: Content, start: int, overlap: int) -> Iterator[tuple[int, bytes]]:
    """Slices in order; each begins with the end of the one before, shorter than the pattern."""
    offset = start
    while True:
        data = content.read(offset, _SLICE + overlap - 1)
        if not data:
            return
        yield offset, data
        if len(data) < _SLICE + overlap - 1:
            return
        offset += _SLICE


def _backward(content: Content, end: int | None, overlap: int) -> Iterator[tuple[int, bytes]]:
    """Slices from the end on. A compressed part comes in order instead: the last match is the one."""
    if content.is_packed:
        for offset, data in _forward(content, 0, overlap):
            if end is not None and offset >= end:
                return
            yield offset, data if end is None else data[: end - offset + overlap - 1]
        return
    high = end if end is not None else content.size or 0
    while high > 0:
        low = max(0, high - _SLICE)
        yield low, content.read(low, high - low + overlap - 1)
        high = low
