"""Reads lines of access logs in common and combined form with vector operations: stamp behind `[`, status behind `"`.

Plan: positions of brackets, quotes, blanks and doubtful bytes of the whole block are found once; each line must have
`client - - [dd/Mon/yyyy:HH:MM:SS +zzzz] "request" ddd ` with nothing doubtful (a backslash, a control byte) in it, or
other words before the bracket (a host and its port, a user), else the parser reads it. The minute of each distinct
stamp is read by the parser itself. Cost: about 0.2 us a line.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64, UInt8
from logscope.ingest.columns import REACH, Block, count_in_lines, find_flags, find_in_lines, keep
from logscope.ingest.durations import DurationReader
from logscope.ingest.fixed import FixedColumns, Shape
from logscope.ingest.formats.form import TextForm
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.severity import from_http_status
from logscope.ingest.timestamps.timestamp import ParseState
from logscope.model.times import US

_STAMP: Final = b'[00/???/0000:00:00:00 ?0000] "'
_PREFIX: Final = b" - - ["
_LONGEST_CLIENT: Final = 256
_LONGEST_REQUEST: Final = 8192
_LONGEST_LINE: Final = 65_536
_PATTERN_END: Final = rb'\] (?P<message>)"(?:[^"\\]|\\.){0,8192}" (?P<status>\d{3})(?= )'
"""How a form ends whose lines this tier may read: the catalogue's common and combined logs."""

_MINUTE: Final = (1, 18)
"""Columns from the bracket on."""
_SECOND: Final = 19
_ZONE: Final = (21, 27)


@dataclass(slots=True)
class AccessHeads:
    """What the lines that fit say; arrays with one entry for each of `rows`."""

    rows: Int64
    time: Int64
    severity: UInt8
    status: Int64
    duration_us: Int64 | None
    """-1 where a line has none; None where the form has none."""
    request: Int64
    """Offset in the block of the request behind its opening quote."""
    status_end: Int64
    """Offset behind the status: from `request` to here stand request, closing quote, blank and status."""


class AccessReader:
    """Reads one stream's access lines."""

    def __init__(self, layout: Layout, state: ParseState) -> None:
        self._layout = layout
        self._state = state
        form = layout.forms[0]
        assert isinstance(form, TextForm), "only text forms are access logs"
        self._durations = DurationReader(form)
        self._shape = Shape(_STAMP)
        self._minutes: dict[bytes, int] = {}
        table = [from_http_status(code) for code in range(1000)]
        self._severity = np.array(table, np.uint8)

    def read(self, block: Block, starts: Int64, ends: Int64) -> AccessHeads | None:
        """Heads of the lines that surely are what they look like; None when there are none."""
        brackets = block.find_byte(ord("["))
        quotes = block.find_byte(ord('"'))
        if not len(brackets) or not len(quotes):
            return None
        at = find_in_lines(brackets, starts, ends)
        rows = np.flatnonzero(at < len(brackets))
        stamp = brackets[at[rows]]
        # The widest gather must stay inside the block, and the stamp inside its line.
        good = (stamp + 40 <= len(block.data)) & (stamp + len(_STAMP) < ends[rows])
        good &= (stamp - starts[rows] >= len(_PREFIX)) & (stamp - starts[rows] <= _LONGEST_CLIENT)
        rows, stamp = keep(good, rows, stamp)
        columns = FixedColumns(block, stamp)
        good = self._shape.matches(columns) & (columns.cut(_SECOND, 1) & np.uint64(0xFF) <= ord("5"))
        columns = columns.keep(good)
        rows, stamp = keep(good, rows, stamp)
        if not len(rows):
            return None
        good = _has_text(block, stamp - len(_PREFIX) + 1, _PREFIX)
        # Client, user and identity hold neither blanks nor quotes: three blanks before the bracket are all.
        good &= _are_single(block, starts[rows], stamp - len(_PREFIX) + 1)
        others = np.flatnonzero(~good)
        if len(others):
            good[others] = _are_words(block, starts[rows[others]], stamp[others])
        opening = find_in_lines(quotes, starts[rows], ends[rows])
        good &= quotes[np.minimum(opening, len(quotes) - 1)] == stamp + len(_STAMP) - 1
        good &= opening + 1 < len(quotes)
        columns = columns.keep(good)
        rows, stamp, opening = keep(good, rows, stamp, opening)
        closing = quotes[opening + 1]
        good = (closing + 6 < ends[rows]) & (closing - stamp < _LONGEST_REQUEST)
        good &= ends[rows] - starts[rows] < _LONGEST_LINE
        if _has_doubtful(block, len(starts)):
            data = block.bytes[block.begin : block.end]
            doubtful = find_flags((data == ord("\\")) | ((data < 32) & (data != 10)) | (data >= 128)) + block.begin
            good &= count_in_lines(doubtful, starts[rows], ends[rows]) == 0
        columns = columns.keep(good)
        rows, stamp, closing = keep(good, rows, stamp, closing)
        digits = [block.bytes[closing + column].astype(np.int64) - 48 for column in (2, 3, 4)]
        good = (block.bytes[closing + 1] == 32) & (block.bytes[closing + 5] == 32)
        for digit in digits:
            good &= (digit >= 0) & (digit <= 9)
        status = digits[0] * 100 + digits[1] * 10 + digits[2]
        columns = columns.keep(good)
        rows, stamp, closing, status = keep(good, rows, stamp, closing, status)
        if not len(rows):
            return None
        minutes = self._read_minutes(columns, starts[rows], ends[rows])
        good = minutes >= 0
        columns = columns.keep(good)
        rows, stamp, closing, status, minutes = keep(good, rows, stamp, closing, status, minutes)
        seconds = columns.read_number((_SECOND, _SECOND + 2)) * US
        return AccessHeads(
            rows=rows,
            time=minutes + seconds,
            severity=self._severity[status],
            status=status,
            duration_us=self._durations.read(block, stamp + len(_STAMP) - 1, ends[rows]),
            request=stamp + len(_STAMP),
            status_end=closing + 5,
        )

    def _read_minutes(self, columns: FixedColumns, starts: Int64, ends: Int64) -> Int64:
        """Microseconds of each line's minute, as the parser reads it; -1 where it reads none."""
        data, known, stamp = columns.block.data, self._minutes, columns.at

        def find(row: int) -> int:
            at = int(stamp[row])
            key = data[at + _MINUTE[0] : at + _MINUTE[1]] + data[at + _ZONE[0] : at + _ZONE[1]]
            minute = known.get(key)
            if minute is None:
                head = self._layout.parse(data[int(starts[row]) : int(ends[row])], self._state)
                second = int(data[at + _SECOND : at + _SECOND + 2])
                # Without a status another form has read the line: not what this tier is for.
                minute = -1 if head is None or head.time is None or not head.status else head.time - second * US
                if len(known) > 10_000:
                    known.clear()
                known[key] = minute
            return minute

        return columns.map_runs((_MINUTE, _ZONE), find)


def is_access(layout: Layout) -> bool:
    """Whether this tier may read a layout's lines."""
    form = layout.forms[0]
    return (
        isinstance(form, TextForm)
        and form.stamp == "clf"
        and form.pattern.endswith(_PATTERN_END)
        and not form.services
        and layout.encoding == "utf-8"
        and not layout.two_lines
    )


def _has_doubtful(block: Block, line_count: int) -> bool:
    """Whether anything stands in the block but printable ASCII without backslashes, and newlines."""
    data = block.data
    return not data.isascii() or data.find(b"\\") >= 0 or block.count_below(32) != line_count


def _are_single(block: Block, begins: Int64, ends: Int64) -> NDArray[np.bool_]:
    """Whether no blank stands between two places, which are one word apart in most lines."""
    good = np.ones(len(begins), np.bool_)
    size = ends - begins
    for column in range(0, 2 * REACH, REACH):
        word = block.words[begins + column] ^ _BLANKS
        if not (size >= column + REACH).all():
            # Bytes behind the end are made unlike a blank.
            left = np.clip(size - column, 0, REACH).astype(np.uint64)
            word |= np.where(left == REACH, np.uint64(0), ~np.uint64(0) << (left * np.uint64(8) & np.uint64(63)))
        good &= ((word - _ONES) & ~word & _HIGHEST) == 0
    for n in np.flatnonzero(good & (size > 2 * REACH)).tolist():
        good[n] = block.data.find(b" ", int(begins[n]), int(ends[n])) < 0
    return good


def _are_words(block: Block, begins: Int64, ends: Int64) -> NDArray[np.bool_]:
    """Whether two to six words stand between two places, a blank behind each."""
    blanks = block.find_byte(32)
    count = count_in_lines(blanks, begins, ends)
    doubled = blanks[np.flatnonzero(np.diff(blanks) == 1)]
    good: NDArray[np.bool_] = (count >= _FEWEST_WORDS) & (count <= _MOST_WORDS)
    good &= (block.bytes[begins] != 32) & (block.bytes[ends - 1] == 32)
    good &= count_in_lines(doubled, begins, ends) == 0
    return good


_FEWEST_WORDS: Final = 2
_MOST_WORDS: Final = 6
"""Client, and what the forms have before the bracket."""
_BLANKS: Final = np.uint64(0x2020202020202020)
_ONES: Final = np.uint64(0x0101010101010101)
_HIGHEST: Final = np.uint64(0x8080808080808080)


def _has_text(block: Block, at: Int64, text: bytes) -> NDArray[np.bool_]:
    mask = np.uint64((1 << 8 * len(text)) - 1)
    result: NDArray[np.bool_] = (block.words[at] & mask) == np.uint64(int.from_bytes(text, "little"))
    return result
