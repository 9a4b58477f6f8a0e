"""Lines around a place, for the log pane: a few bounded reads whatever the size of the file and of its lines.

The parts of one log are one sequence of lines, oldest part first. Bytes that rotation destroyed are a value, not an
exception.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from logscope.errors import SourceError
from logscope.sources.content import Content, open_content
from logscope.sources.line_index import SCAN_MOST, LineIndex
from logscope.sources.tape import Tape
from logscope.text.unrolling import ROW_END, Roll

LONGEST_LINE: Final = 64 * 1024
"""Bytes kept of a line."""
_STEP: Final = 64 * 1024
_FARTHEST: Final = 64 * 1024 * 1024
"""Bytes that are searched for the begin or the end of one line; a longer line is shown in pieces of that size."""
_CHUNK: Final = LONGEST_LINE + 1
"""Bytes that are read at once; hundreds of lines as a rule."""
_MOST_OPEN: Final = 8


@dataclass(frozen=True, slots=True)
class PagePart:
    """One file of a log, as far as pages need to know it."""

    path: str
    identity: tuple[int, int] | None = None
    """Device and inode; with it, a file that was rotated meanwhile is found again."""
    tape: Tape | None = None
    """Where the part is a stream: its newest bytes."""
    roll: Roll | None = None
    """Where the records of its lines stand, where each of them is shown as a line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One raw line."""

    part: int
    """Index of its part."""
    offset: int
    """Of its first byte, in the content of its part."""
    line: int | None
    """1-based number in its part; None where counting would take too long: `advance` the index."""
    data: bytes
    """Without the newline, at most `LONGEST_LINE` bytes. Hostile: never show it unescaped."""
    length: int
    """All its bytes, without the newline."""
    is_row: bool = False
    """The next one is of the same line of the file, which holds many records."""

    @property
    def end(self) -> int:
        """Offset of the byte behind it: its newline, or the end of the file."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Page:
    """Consecutive lines."""

    lines: tuple[Line, ...]
    gone: str | None = None
    """Why the place asked for cannot be shown; `lines` is then empty. None when all is well."""


class PageReader:
    """Reads lines at places of one log."""

    def __init__(self, parts: Sequence[PagePart]) -> None:
        """Open nothing yet.

        Args:
            parts: Oldest first.
        """
        self._parts = list(parts)
        self._open: OrderedDict[int, tuple[Content, LineIndex]] = OrderedDict()
        self._anchors: dict[int, list[tuple[int, int]]] = {}

    @property
    def part_count(self) -> int:
        """How many parts there are."""
        return len(self._parts)

    def add_anchor(self, part: int, offset: int, line: int) -> None:
        """Tell the number of a line that begins at an offset: numbers near it then cost nothing."""
        self._anchors.setdefault(part, []).append((offset, line))
        if part in self._open:
            self._open[part][1].add_anchor(offset, line)

    def read(self, part: int, offset: int, before: int, after: int) -> Page:
        """The line that holds a byte, and lines around it; they go on in the parts before and behind.

        Args:
            part: Index of the part.
            offset: Of any byte of the line, in the content.
            before: How many lines before it.
            after: How many lines from it on, itself included.
        """
        try:
            content = self.content(part)
        except SourceError as error:
            return Page((), error.reason)
        start = _find_begin(content, offset)
        if start is None:
            return Page((), "the file is shorter than it was: it was cut")
        lines = [*self._backward(part, start, before), *self._forward(part, start, after)]
        return Page(tuple(lines))

    def line_at(self, part: int, offset: int, most: int = SCAN_MOST) -> int | None:
        """Number of the line that holds a byte; None where it would take too long, or is gone."""
        try:
            return self._opened(part)[1].line_at(offset, most)
        except SourceError:
            return None

    def offset_of_line(self, part: int, number: int, most: int = SCAN_MOST) -> int | None:
        """Offset of a line; None where there is none, it would take too long, or is gone."""
        try:
            return self._opened(part)[1].offset_of_line(number, most)
        except SourceError:
            return None

    def advance(self, part: int, most: int = SCAN_MOST) -> bool:
        """Count lines of a part for a while; False when it is done or gone."""
        try:
            return self._opened(part)[1].advance(most)
        except SourceError:
            return False

    def content(self, part: int) -> Content:
        """The bytes of a part.

        Raises:
            SourceError: It is gone.
        """
        return self._opened(part)[0]

    def close(self) -> None:
        """Let go of all files."""
        for content, _ in self._open.values():
            content.close()
        self._open.clear()

    def _opened(self, part: int) -> tuple[Content, LineIndex]:
        if part in self._open:
            self._open.move_to_end(part)
            return self._open[part]
        one = self._parts[part]
        content: Content = one.tape if one.tape is not None else open_content(one.path, one.identity, one.roll)
        index = LineIndex(content)
        for offset, line in self._anchors.get(part, []):
            index.add_anchor(offset, line)
        self._open[part] = (content, index)
        if len(self._open) > _MOST_OPEN:
            _, (oldest, _) = self._open.popitem(last=False)
            oldest.close()
        return content, index

    def _forward(self, part: int, offset: int, count: int) -> list[Line]:
        lines: list[Line] = []
        while len(lines) < count and part < len(self._parts):
            try:
                content = self.content(part)
            except SourceError:
                break
            number = self.line_at(part, offset)
            lines += islice(_read_lines(content, part, offset, number), count - len(lines))
            part, offset = part + 1, 0
        return lines

    def _backward(self, part: int, offset: int, count: int) -> list[Line]:
        """Lines that end before an offset at which a line begins, oldest first."""
        lines: list[Line] = []
        while len(lines) < count:
            try:
                content = self.content(part)
            except SourceError:
                break
            lines += islice(_read_lines_before(content, part, offset), count - len(lines))
            if part == 0 or len(lines) >= count:
                break
            part -= 1
            offset = self.end_of(part)
        lines.reverse()
        return self._with_numbers(lines)

    def end_of(self, part: int) -> int:
        """Length of a part; of a compressed one found by reading it through."""
        try:
            content = self.content(part)
        except SourceError:
            return 0
        if content.size is None:
            index = self._opened(part)[1]
            while index.advance():
                pass
        return content.size or 0

    def _with_numbers(self, lines: list[Line]) -> list[Line]:
        """Number lines by one question for each part."""
        numbered: list[Line] = []
        for line in lines:
            last = numbered[-1] if numbered else None
            if last is not None and last.part == line.part:
                number = None if last.line is None else last.line + (not last.is_row)
            else:
                number = self.line_at(line.part, line.offset)
            numbered.append(replace(line, line=number))
        return numbered


def _find_begin(content: Content, offset: int) -> int | None:
    """Where the line begins that holds a byte; None where the byte is gone. The end of the file counts as its line."""
    if offset > 0 and not content.read(offset - 1, 1):
        return None
    high = offset
    low = max(0, offset - _FARTHEST)
    while high > low:
        start = max(low, high - _STEP)
        cut = content.read(start, high - start).rfind(b"\n")
        if cut >= 0:
            return start + cut + 1
        high = start
    return low


def _read_lines(content: Content, part: int, offset: int, number: int | None) -> Iterator[Line]:
    """The lines from an offset at which one begins to the end of a part, many with one look at the file."""
    chunk, base = b"", offset
    while True:
        cut = chunk.find(b"\n", offset - base)
        if cut < 0:
            chunk, base = content.read(offset, _CHUNK), offset
            cut = chunk.find(b"\n")
        if cut < 0:
            # The last one, without its newline, or one that is longer than what is read at once.
            line = _read_line(content, part, offset, number)
            chunk = b""
            if line is None:
                return
        else:
            length = base + cut - offset
            begin = offset - base
            line = _make_line(content, part, offset, number, chunk[begin : begin + min(length, LONGEST_LINE)], length)
        yield line
        offset = line.end + 1
        number = None if number is None else number + (not line.is_row)


def _read_lines_before(content: Content, part: int, offset: int) -> Iterator[Line]:
    """The lines that end before an offset at which one begins, the last one first, without their numbers."""
    while offset > 0:
        base = max(0, offset - _CHUNK)
        chunk = content.read(base, offset - base)
        if len(chunk) < offset - base:
            return
        end = len(chunk)
        while end > 0:
            stop = end - chunk.endswith(b"\n", 0, end)
            cut = chunk.rfind(b"\n", 0, stop)
            if cut < 0 < base:
                break
            begin, end = cut + 1, cut + 1
            data = chunk[begin : min(stop, begin + LONGEST_LINE)]
            yield _make_line(content, part, base + begin, None, data, stop - begin)
        if end == len(chunk):
            # It is longer than what is read at once.
            start = _find_begin(content, offset - 1)
            line = None if start is None else _read_line(content, part, start, None)
            if start is None or line is None:
                return
            yield line
            offset = start
        else:
            offset = base + end


def _read_line(content: Content, part: int, offset: int, number: int | None) -> Line | None:
    """The line that begins at an offset; None at the end."""
    data = content.read(offset, LONGEST_LINE + 1)
    if not data:
        return None
    cut = data.find(b"\n")
    if cut >= 0:
        return _make_line(content, part, offset, number, data[:cut], cut)
    end = offset + len(data)
    while end - offset < _FARTHEST:
        more = content.read(end, _STEP)
        cut = more.find(b"\n")
        end += cut if cut >= 0 else len(more)
        if cut >= 0 or not more:
            break
    return _make_line(content, part, offset, number, data[:LONGEST_LINE], end - offset)


def _make_line(content: Content, part: int, offset: int, number: int | None, data: bytes, length: int) -> Line:
    if not content.is_rolled or not length:
        return Line(part, offset, number, data, length)
    mark = ROW_END[:1]
    is_row = (data[-1:] if len(data) == length else content.read(offset + length - 1, 1)) == mark
    return Line(part, offset, number, data.removesuffix(mark) if is_row else data, length, is_row)
