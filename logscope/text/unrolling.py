r"""Lines that hold many records in lists, as exports and archives write them: turned into one line for each record.

`{"Records":[{"eventTime":..},{"eventTime":..}]}`. The rows of one line end with `ROW_END`, but for the last: lines are
counted as the file has them, whatever stands in each. Offsets in such content are those of its rows, as in a turned one
(`decoding`).

Plan: brackets outside of texts are found with vector operations, a piece at a time; only those that open or close a
record or a list on the way to it are looked at one by one. What is held is bounded, however long a line is. Cost: about
10 ns a byte.
"""

import copy
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

ROW_END: Final = b"\x1e\n"
"""Ends a row behind which another one of the same line stands: a separator that JSON never holds as it is."""

_KEY_REACH: Final = 256
"""Bytes before a bracket in which its key stands."""
_MOST_CONTEXT: Final = 4096
"""Bytes of what stands around the records that each row repeats."""
_MOST_BEFORE: Final = 65_536
"""Bytes before the first record of a line; one that has none in them is passed on as it stands."""
_OPENING: Final = np.zeros(256, np.int8)
_OPENING[[ord("{"), ord("[")]] = 1
_OPENING[[ord("}"), ord("]")]] = -1


@dataclass(frozen=True, slots=True)
class Roll:
    """Where the records of a line stand."""

    path: tuple[str | int, ...]
    """From the outermost value to the first record: keys of objects, and 0 for an item of a list."""
    with_context: bool = False
    """What stands around the records says more of them, such as who writes: each row repeats it."""


class Unroller:
    """Turns a stream of such lines into rows; other lines stay as they are."""

    def __init__(self, roll: Roll) -> None:
        """Begin at the stream's first byte."""
        self._roll = roll
        self._depth_of_records = len(roll.path) + 1
        self._keys = [
            None
            if isinstance(step, int)
            else re.compile(rb'"' + re.escape(step.encode()) + rb'"[ \t]{0,8}:[ \t]{0,8}\Z')
            for step in ("", *roll.path)[1:]
        ]
        self._brackets = [b"[" if isinstance(step, int) else b"{" for step in roll.path]
        closing = b"".join(b"]" if one == b"[" else b"}" for one in reversed(self._brackets))
        self._closing = closing if roll.with_context else b""
        self._in_text = self._is_escaped = False
        self._last = b""
        """Of the bytes so far: a key may stand in another piece than its bracket."""
        self._depth = 0
        self._begin_line()

    def _begin_line(self) -> None:
        self._on_path = 0
        """How many of the brackets around the next record are open."""
        self._heads: list[bytes] = [b""]
        """What stands before each of them and the next one, without other records."""
        self._since = b""
        """What stands behind the last of them."""
        self._before: list[bytes] | None = []
        """What the line begins with, until its first record; None behind that."""
        self._size = 0
        self._is_inside = self._is_plain = False
        self._given = b""
        """The last byte that was given out of a text as it stands."""

    def feed(self, piece: bytes) -> bytes:
        """The rows that a piece completes, and begins."""
        out: list[bytes] = []
        begin = 0
        for at, depth in self._find_marks(piece):
            if depth == 0:
                self._pass(piece[begin:at], out)
                self._end_line(out, b"\n")
                begin = at + 1
            elif depth > 0:
                begin = self._open(piece, begin, at, depth, out)
            elif self._is_inside and -depth == self._depth_of_records:
                out.append(piece[begin : at + 1])
                self._given = b""
                self._is_inside, self._on_path, begin = False, -depth - 1, at + 1
                self._since = b""
            elif self._on_path >= -depth:
                self._pass(piece[begin:at], out)
                self._on_path, begin = -depth - 1, at
                self._since = b""
        self._pass(piece[begin:], out)
        self._last = (self._last + piece[-_KEY_REACH:])[-_KEY_REACH:]
        return b"".join(out)

    def flush(self) -> bytes:
        """What is left at the stream's end."""
        out: list[bytes] = []
        self._end_line(out, b"")
        return b"".join(out)

    def copy(self) -> "Unroller":
        """The same state, read on independently."""
        twin = copy.copy(self)
        twin._heads = list(self._heads)
        twin._before = None if self._before is None else list(self._before)
        return twin

    def _open(self, piece: bytes, begin: int, at: int, depth: int, out: list[bytes]) -> int:
        """Take a bracket that opens; gives where what is not dealt with begins."""
        if self._is_plain or self._on_path != depth - 1 or not self._is_on_path(piece, at, depth):
            return begin
        if depth < self._depth_of_records:
            self._pass(piece[begin : at + 1], out)
            self._on_path = depth
            self._heads[depth:] = (
                [self._heads[depth - 1] + self._tell_context(depth)] if self._roll.with_context else []
            )
            self._since = b""
            return at + 1
        if self._before is None:
            out += self._closing, ROW_END
        out.append(self._heads[-1] if self._roll.with_context else b"")
        self._before, self._is_inside, self._on_path = None, True, depth
        return at

    def _is_on_path(self, piece: bytes, at: int, depth: int) -> bool:
        """Whether a bracket inside the last one of the way leads on."""
        if depth < self._depth_of_records and piece[at : at + 1] != self._brackets[depth - 1]:
            return False
        key = self._keys[depth - 2] if depth > 1 else None
        if key is None:
            return True
        before = piece[max(0, at - _KEY_REACH) : at]
        return key.search(before if at >= _KEY_REACH else self._last + before) is not None

    def _tell_context(self, depth: int) -> bytes:
        """What stands between two brackets of the way."""
        step = self._roll.path[depth - 2] if depth > 1 else 0
        if isinstance(step, int):
            # The items before it stand for themselves.
            return self._brackets[depth - 1]
        if len(self._since) < _MOST_CONTEXT:
            return self._since.lstrip(b", \t")
        return b'"%b":%b' % (step.encode(), self._brackets[depth - 1])

    def _pass(self, text: bytes, out: list[bytes]) -> None:
        """Take what is no record: or a part of one that goes on."""
        if self._is_inside or self._is_plain:
            out.append(text)
            self._given = text[-1:] or self._given
            return
        if len(self._since) < _MOST_CONTEXT:
            self._since += text
        if self._before is not None and text:
            self._before.append(text)
            self._size += len(text)
            if self._size > _MOST_BEFORE:
                out += self._before
                self._is_plain, self._given = True, text[-1:]

    def _end_line(self, out: list[bytes], end: bytes) -> None:
        if self._before is not None and not self._is_plain:
            # As it stands.
            out += self._before
            self._given = self._before[-1][-1:] if self._before else b""
        elif self._before is None and self._closing:
            out.append(self._closing)
            self._given = b""
        # What the file itself ends a line with is no mark of ours.
        out += b" " if self._given == ROW_END[:1] else b"", end
        self._begin_line()

    def _find_marks(self, piece: bytes) -> list[tuple[int, int]]:
        """Where lines end (0) and brackets on the way to the records open (their depth) and close (minus that)."""
        if not piece:
            return []
        data = np.frombuffer(piece, np.uint8)
        ends = np.flatnonzero(data == 10)
        quotes = self._find_quotes(data)
        brackets = np.flatnonzero(_OPENING[data])
        line = np.searchsorted(ends, brackets)
        before = np.searchsorted(quotes, np.append(ends, 0))
        # A text ends with its line: what was read of the first line was in a text, or was not.
        parity = np.searchsorted(quotes, brackets) - np.where(line > 0, before[line - 1], -int(self._in_text))
        outside = parity % 2 == 0
        brackets, line = brackets[outside], line[outside]
        steps = _OPENING[data[brackets]].astype(np.int64)
        depth = np.cumsum(steps)
        firsts = np.searchsorted(line, np.arange(len(ends) + 1))
        reached = np.concatenate([[0], depth])[firsts]
        depth += np.where(line > 0, -reached[line], self._depth)
        last = len(ends)
        self._in_text = bool((len(quotes) - (int(before[last - 1]) if last else -int(self._in_text))) % 2)
        is_open = bool(len(line)) and int(line[-1]) == last
        self._depth = int(depth[-1]) if is_open else 0 if last else self._depth
        level = np.where(steps > 0, depth, depth + 1)
        near = np.flatnonzero((level <= self._depth_of_records) & (level > 0))
        at = np.concatenate([brackets[near], ends])
        told = np.concatenate([(level * steps)[near], np.zeros(last, np.int64)])
        order = np.argsort(at, kind="stable")
        return list(zip(at[order].tolist(), told[order].tolist(), strict=True))

    def _find_quotes(self, data: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Quotes that no escape takes their meaning."""
        quotes = np.flatnonzero(data == ord('"'))
        escapes = np.flatnonzero(data == ord("\\"))
        was_escaped, self._is_escaped = self._is_escaped, False
        if was_escaped and len(escapes) and not escapes[0]:
            escapes = escapes[1:]
        if was_escaped and len(quotes) and not quotes[0]:
            quotes = quotes[1:]
        if not len(escapes):
            return quotes
        begins = np.flatnonzero(np.diff(escapes, prepend=-2) > 1)
        lengths = np.diff(np.append(begins, len(escapes)))
        taken = (escapes[begins] + lengths)[lengths % 2 == 1]
        self._is_escaped = bool(len(taken)) and int(taken[-1]) == len(data)
        return np.setdiff1d(quotes, taken, assume_unique=True)


def count_lines(data: bytes) -> int:
    """Ends of lines in the content of such a file; those of rows are none."""
    return data.count(b"\n") - data.count(ROW_END)
