"""Fingerprints along a file as it was read: what of it still stands after it was cut somewhere in its middle.

Places are kept at the ends of lines: of every line of a small file, ever further apart in a large one, so that their
count is bounded. At each the bytes before it are remembered as a checksum. A cut leaves the places before it as they
were, whatever was written behind it since.
"""

import os
import zlib
from array import array
from bisect import bisect_left
from typing import Final, NamedTuple

_WINDOW: Final = 1024
"""Bytes before a place that are compared: more than a line, whose end alone may be that of the next one, too."""
_MOST_PLACES: Final = 8192
_HEAD: Final = 4096
_DIGITS: Final = frozenset(b"0123456789")


class Kept(NamedTuple):
    """What still stands of a file that was cut."""

    offset: int
    """Bytes at its begin that were read before."""
    lines: int
    """Line ends that were read behind them, and are gone."""
    doubtful: int = 0
    """Most lines behind them that may stand, too: between two places nobody can tell what was written anew."""


NOTHING_KEPT: Final = Kept(0, 0)


class Trail:
    """Where one file was read along, from its first byte."""

    def __init__(self) -> None:
        self._offsets = array("q")
        self._sums = array("q")
        self._lines = array("q")
        """Line ends up to and with each place."""
        self._spacing = 1
        """Fewest bytes between two places."""
        self._last = b""
        """The last `_WINDOW` bytes."""
        self._end = 0
        self._line_count = 0
        self._is_whole = True
        """Every byte from the first on was noted."""

    def note(self, data: bytes, offset: int) -> None:
        """Remember bytes that were read.

        Args:
            data: The bytes, behind those that were noted before.
            offset: Of the first one.
        """
        if offset != self._end:
            self._is_whole = False  # Begun in the middle, or behind a hole.
        if not self._is_whole:
            return
        last = self._offsets[-1] if self._offsets else 0
        shift = offset - len(self._last)
        begin = self._last + data[:_WINDOW]
        counted = 0
        while (at := data.find(b"\n", max(counted, last + self._spacing - 1 - offset)) + 1) > 0:
            self._line_count += data.count(b"\n", counted, at)
            counted, last = at, offset + at
            # Most places are further behind than what they are known by.
            near = at < _WINDOW
            self._add(last, begin[max(0, last - shift - _WINDOW) : last - shift] if near else data[at - _WINDOW : at])
        self._line_count += data.count(b"\n", counted)
        self._end = offset + len(data)
        self._last = data[-_WINDOW:] if len(data) >= _WINDOW else begin[-_WINDOW:]

    def find_kept(self, descriptor: int) -> Kept:
        """Find out how much of what was noted an open file still begins with.

        A begin without any digit proves nothing: a banner or a header is written again into a file that was emptied.
        Neither does one with NUL bytes, in which a line's end may be half a character.

        Args:
            descriptor: Of the file.
        """
        size = os.fstat(descriptor).st_size
        if not self._is_whole or not size:
            return NOTHING_KEPT
        # Places match up to the cut and not behind it, so that a few looks find it.
        number = bisect_left(range(len(self._offsets)), True, key=lambda n: not self._stands(descriptor, n, size))
        if not number:
            return NOTHING_KEPT
        offset, lines = self._offsets[number - 1], self._line_count - self._lines[number - 1]
        head = os.pread(descriptor, min(_HEAD, offset), 0)
        if b"\0" in head or _DIGITS.isdisjoint(head) or not self._stands(descriptor, 0, size):
            return NOTHING_KEPT
        is_last = number == len(self._offsets)
        following = self._end if is_last else self._offsets[number]
        between = (self._line_count if is_last else self._lines[number]) - self._lines[number - 1]
        if offset < size < following:
            # The cut is between two places. With fewer line ends than were read there, nothing was written since.
            rest = os.pread(descriptor, size - offset, offset)
            ends = rest.count(b"\n")
            if ends < max(1, between):
                return Kept(offset + len(rest), lines - ends)
        return Kept(offset, lines, min(max(0, between - 1), lines) if size > offset else 0)

    def cut(self, kept: Kept, descriptor: int) -> None:
        """Go on from a cut.

        Args:
            kept: What still stands; more than nothing.
            descriptor: Of the file.
        """
        number = bisect_left(self._offsets, kept.offset + 1)
        del self._offsets[number:], self._sums[number:], self._lines[number:]
        begin = max(0, kept.offset - _WINDOW)
        self._end, self._last = kept.offset, os.pread(descriptor, kept.offset - begin, begin)
        self._line_count -= kept.lines

    def _add(self, place: int, before: bytes) -> None:
        self._offsets.append(place)
        self._sums.append(zlib.crc32(before))
        self._lines.append(self._line_count)
        if len(self._offsets) >= _MOST_PLACES:
            for column in (self._offsets, self._sums, self._lines):
                del column[::2]
            self._spacing = max(2 * self._spacing, 2 * (place - self._offsets[0]) // _MOST_PLACES)

    def _stands(self, descriptor: int, number: int, size: int) -> bool:
        """Whether the bytes before a place are those that were read."""
        place = self._offsets[number]
        if place > size:
            return False
        begin = max(0, place - _WINDOW)
        return zlib.crc32(os.pread(descriptor, place - begin, begin)) == self._sums[number]
