"""Finds where in a file a time stands, so that a few minutes of a large log cost a few minutes' reading.

Plan: the file is asked at places spread over it. Only when its times never go back there is it searched by halving; a
margin is left for lines that are a little out of order. Line numbers stay those of the file: the newlines before the
first line that is read are counted, which costs a tenth of a second a GB.
"""

import os
from collections.abc import Callable
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from logscope.errors import SourceError
from logscope.ingest.layouts.layout import Layout
from logscope.model.files import DateOrigin
from logscope.model.times import MINUTE_US
from logscope.sources.discovery import Part
from logscope.sources.opening import open_regular

SMALLEST: Final = 16 * 1024 * 1024
"""Bytes of a file below which it is read whole."""
_PROBES: Final = 33
"""Places at which order is looked for."""
_GLANCE: Final = 65_536
"""Bytes in which a place must show a time."""
_CLOSE: Final = 512 * 1024
"""Bytes to which a time's place is narrowed down."""
_MARGIN_US: Final = 2 * MINUTE_US
"""Disorder that is allowed for."""
_COUNTED: Final = 4 * 1024 * 1024


class Span(NamedTuple):
    """The piece of a file that is read."""

    start: int
    """Offset of a head line."""
    line: int
    """Its number."""
    stop: int
    """Offset behind the last byte."""


def can_begin_anywhere(layout: Layout, part: Part) -> bool:
    """Whether the stamps of a part say everything wherever in its bytes one begins to read."""
    is_plain = part.compression is None and layout.encoding == "utf-8" and layout.roll is None
    return is_plain and layout.date_origin is DateOrigin.WRITTEN


def find_span(path: str, layout: Layout, since: int | None, until: int | None) -> Span | None:
    """The piece of a file that holds a span of time; None where it must be read whole.

    Args:
        path: A plain file, not compressed and in an encoding of single bytes.
        layout: How it is written; its stamps say everything.
        since: First time that is wanted, as the file writes it; None for its begin.
        until: The time behind it; None for its end.
    """
    try:
        descriptor = open_regular(path)
    except SourceError:
        return None
    try:
        size = os.fstat(descriptor).st_size
        return _find(descriptor, size, layout, since, until) if size >= SMALLEST else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _find(descriptor: int, size: int, layout: Layout, since: int | None, until: int | None) -> Span | None:
    def look(offset: int) -> tuple[int, int] | None:
        return find_head(os.pread(descriptor, _GLANCE, offset), offset, layout)

    seen = [found for n in range(_PROBES) if (found := look(n * (size - _GLANCE) // (_PROBES - 1))) is not None]
    times = [time for _, time in seen]
    if len(seen) < _PROBES // 2 or any(later < earlier for earlier, later in pairwise(times)):
        return None
    start, stop = 0, size
    if since is not None:
        start = _halve(look, since - _MARGIN_US, 0, size)[0]
    if until is not None:
        stop = _halve(look, until + _MARGIN_US, start, size)[1]
    return Span(start, _count_newlines(descriptor, start) + 1, stop)


def _halve(look: Callable[[int], tuple[int, int] | None], wanted: int, low: int, high: int) -> tuple[int, int]:
    """Offsets of a head before a time (or the begin), and of one that is not (or the end), close to each other."""
    end = high
    while high - low > _CLOSE:
        middle = (low + high) // 2
        found = look(middle)
        if found is None or found[0] >= high or found[1] >= wanted:
            high = middle
            end = found[0] if found is not None and found[1] >= wanted else end
        else:
            low = found[0]
    return low, end


def find_head(data: bytes, offset: int, layout: Layout) -> tuple[int, int] | None:
    """Offset and time of the first whole head line with a time in some bytes of a file."""
    state = layout.new_state()
    at = data.find(b"\n") + 1 if offset else 0
    while at or not offset:
        end = data.find(b"\n", at)
        if end < 0:
            return None
        head = layout.parse(data[at:end].removesuffix(b"\r"), state)
        if head is not None and head.time is not None:
            return offset + at, head.time
        at = end + 1
    return None


def _count_newlines(descriptor: int, end: int) -> int:
    total = at = 0
    while at < end:
        data = os.pread(descriptor, min(_COUNTED, end - at), at)
        if not data:
            break
        total += int(np.count_nonzero(np.frombuffer(data, np.uint8) == 10))
        at += len(data)
    return total
