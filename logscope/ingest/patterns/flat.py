"""Finds the values of keys in flat objects, all lines of a block at once, and proves that each line is such an object.

Plan: all quotes that no backslash hides are found; what stands between two texts (`:`, `,`, or a number or literal and
a comma) tells which texts are keys and which are values. A line whose texts follow one another as JSON wants it is an
object; every other line, one that holds an object or a list in itself too, is left to the parser. Cost: about 30 ns a
text.
"""

import re
from typing import Final

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import Block, Flags, count_in_lines, find_in_lines, mask_of, word_of
from logscope.ingest.patterns.lines import MARGIN

_KEY, _VALUE = 0, 1
_COLON, _COMMA, _LITERAL, _END, _BAD = range(5)
"""What stands behind a text: `:`, `,`, a colon and a value without quotes, the object's end, something else."""
_GAPS: Final = {b":": _COLON, b": ": _COLON, b",": _COMMA, b", ": _COMMA}
_PLAIN: Final = rb"(?:-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?|true|false|null)"
_VALUE_GAP: Final = re.compile(rb": ?" + _PLAIN + rb", ?")
_LAST_GAP: Final = re.compile(rb": ?" + _PLAIN + rb"\}")
_LONGEST_GAP: Final = 80
_ESCAPES: Final = np.zeros(256, np.bool_)
_ESCAPES[list(b'"\\/bfnrtu')] = True
_HEX: Final = np.zeros(256, np.bool_)
_HEX[list(b"0123456789abcdefABCDEF")] = True


class FlatObjects:
    """The objects of some lines."""

    def __init__(self, block: Block, starts: Int64, ends: Int64) -> None:
        """Look at lines; `good` tells which of them surely are flat objects.

        Args:
            block: Holds them.
            starts: Where they begin.
            ends: The ones behind their ends.
        """
        self._block = block
        self.good: Flags = (ends - starts > 4) & (ends + MARGIN <= len(block.data))
        quotes = block.find_byte(ord('"'))
        self._has_escapes = block.data.find(b"\\", block.begin, block.end) >= 0
        if self._has_escapes:
            quotes = self._pass_escapes(quotes, starts, ends)
        if block.has_controls:
            data = block.bytes[block.begin : block.end]
            controls = np.flatnonzero((data < 32) & (data != 10)) + block.begin
            self.good &= count_in_lines(controls, starts, ends) == 0
        first, count = find_in_lines(quotes, starts, ends), count_in_lines(quotes, starts, ends)
        self.good &= (count >= 2) & (count % 2 == 0)
        rows = np.flatnonzero(self.good)
        # One entry for each text of a line that may be an object.
        count = count[rows] // 2
        self._row = np.repeat(rows, count)
        begin = np.cumsum(count) - count
        number = np.arange(len(self._row)) - np.repeat(begin, count)
        opening = np.repeat(first[rows], count) + 2 * number
        self._begin = quotes[opening] + 1
        self._end = quotes[opening + 1]
        is_last = number == np.repeat(count, count) - 1
        self._kind = self._read_kinds(number, is_last, starts, ends)

    def _pass_escapes(self, quotes: Int64, starts: Int64, ends: Int64) -> Int64:
        """The quotes that no backslash hides; lines with escapes that are none are not good."""
        block = self._block
        slashes = block.find_byte(ord("\\"))
        is_begin = np.ones(len(slashes), np.bool_)
        is_begin[1:] = slashes[1:] != slashes[:-1] + 1
        begins = np.flatnonzero(is_begin)
        place = np.arange(len(slashes)) - np.repeat(begins, np.diff(np.append(begins, len(slashes))))
        hidden = slashes[place % 2 == 0] + 1
        hidden = hidden[hidden + MARGIN < len(block.data)]
        bytes_ = block.bytes
        bad = ~_ESCAPES[bytes_[hidden]]
        coded = np.flatnonzero(bytes_[hidden] == ord("u"))
        for column in range(1, 5):
            bad[coded] |= ~_HEX[bytes_[hidden[coded] + column]]
        wrong = hidden[bad]
        self.good &= count_in_lines(wrong, starts, ends) == 0
        # What is hidden mostly is a newline: far fewer are looked up than if each quote was.
        is_seen = np.ones(len(quotes), np.bool_)
        is_seen[np.searchsorted(quotes, hidden[bytes_[hidden] == ord('"')])] = False
        return quotes[is_seen]

    def _read_kinds(self, number: Int64, is_last: Flags, starts: Int64, ends: Int64) -> Int64:
        """Which texts are keys and which are values; lines in which they do not follow as they must are not good."""
        block, row = self._block, self._row
        gap = np.where(is_last, ends[row], np.append(self._begin[1:], 0) - 1) - self._end - 1
        words = block.words[self._end + 1]
        behind = np.full(len(row), _BAD)
        for text, kind in _GAPS.items():
            behind[(gap == len(text)) & ((words & mask_of(text)) == word_of(text)) & ~is_last] = kind
        behind[is_last & (gap == 1) & ((words & mask_of(b"}")) == word_of(b"}"))] = _END
        odd = np.flatnonzero((behind == _BAD) & ((words & mask_of(b":")) == word_of(b":")) & (gap <= _LONGEST_GAP))
        data = block.data
        for n, at, size, ends_it in zip(
            odd.tolist(), (self._end[odd] + 1).tolist(), gap[odd].tolist(), is_last[odd].tolist(), strict=True
        ):
            if (_LAST_GAP if ends_it else _VALUE_GAP).fullmatch(data, at, at + size) is not None:
                behind[n] = _LITERAL
        before = np.append(_BAD, behind[:-1])
        is_value = (before == _COLON) & (number > 0)
        right = np.where(is_value, (behind == _COMMA) | (behind == _END), (behind == _COLON) | (behind == _LITERAL))
        opens = self._begin - 1 - starts[row]
        right &= (number > 0) | ((opens == 1) & (block.bytes[starts[row]] == ord("{")))
        if self._has_escapes and len(row):
            # A key may be written in several ways then.
            slashes = block.find_byte(ord("\\"))
            holder = np.searchsorted(self._begin, slashes, "right") - 1
            holder = holder[(holder >= 0) & (slashes < self._end[holder])]
            right[holder] &= is_value[holder]
        self.good[row[~right]] = False
        return np.where(is_value, _VALUE, _KEY)

    def find(self, key: bytes) -> tuple[Int64, Int64]:
        """Begin and end of the text that is the value of a key, for each line.

        Returns:
            Begins -1 where a line has no such key, -2 where it has several or a value that is no text.
        """
        block = self._block
        width = len(key)
        hit = np.flatnonzero((self._kind == _KEY) & (self._end - self._begin == width))
        for column in range(0, width, 8):
            piece = key[column : column + 8]
            hit = hit[(block.words[self._begin[hit] + column] & mask_of(piece)) == word_of(piece)]
        begins, ends = np.full(len(self.good), -1), np.full(len(self.good), -1)
        rows = self._row[hit]
        follow = np.minimum(hit + 1, len(self._row) - 1)
        is_text = (self._kind[follow] == _VALUE) & (self._row[follow] == rows)
        begins[rows] = np.where(is_text, self._begin[follow], -2)
        ends[rows] = self._end[follow]
        # Of two the last one counts: that is for the parser to know.
        twice = rows[1:][rows[1:] == rows[:-1]]
        begins[twice] = -2
        return begins, ends
