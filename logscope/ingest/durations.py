"""Reads durations behind a fixed text (`rt=0.123`, `" 0.123`) of all lines at once, as the form's regex reads them.

Knows one family of regexes: a literal, perhaps one of two separators, a decimal number. For others, and for numbers of
more digits than a word holds, the regex itself is asked. Cost: about 50 ns a line.
"""

import re
from typing import Final

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import REACH, Block, count_digits
from logscope.ingest.distinct import find_distinct
from logscope.ingest.fixed import FixedColumns, Shape
from logscope.ingest.formats.form import TextForm

_KNOWN: Final = re.compile(
    rb'(?P<border>\\b)?(?P<literal>[ "\w]{1,15})(?P<either>\[=:\])?'
    rb"\(\\d\{1,9\}\\\.\\d\{1,9\}\)(?P<end>\(\?= \|\$\))?"
)
_REACH: Final = 3 * REACH
_WHOLE: Final = Shape(b"000 ")
_WORD: Final = np.zeros(256, np.bool_)
_WORD[list(b"_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] = True


class DurationReader:
    """Reads one form's durations."""

    def __init__(self, form: TextForm) -> None:
        """Keeps the form, and what its regex asks for."""
        self._form = form
        self._known = _KNOWN.fullmatch(form.took_pattern) if form.took_pattern is not None else None

    def read(self, block: Block, begins: Int64, ends: Int64) -> Int64 | None:
        """Microseconds of each line's duration, -1 where there is none; None where the form has none at all.

        Args:
            block: Holds the lines.
            begins: Where to look from, in each line; ascending.
            ends: The line's ends.
        """
        if self._form.took_pattern is None:
            return None
        found: Int64 = np.full(len(begins), -1)
        if self._known is None:
            self._ask(block, np.arange(len(begins)), begins, ends, found)
            return found
        literal = self._known["literal"]
        gap = 0 if self._known["either"] is None else 1
        at, number = _pick_numbers(block, block.find_numbers(literal, gap), len(literal) + gap)
        row = _find_rows(at, begins, ends)
        inside = (row >= 0) & (number < ends[row])
        if self._known["border"] is not None:
            inside &= ~_WORD[block.bytes[np.maximum(at - 1, 0)]] | (at == 0)
        late = number + _REACH > len(block.data)
        if late.any():
            self._ask(block, find_distinct(row[late & inside]), begins, ends, found)
            inside &= ~np.isin(row, row[late])
        chosen = np.flatnonzero(inside)
        row, number = row[chosen], number[chosen]
        if self._known["either"] is not None:
            separator = block.bytes[number - 1]
            keep = (separator == ord("=")) | (separator == ord(":"))
            row, number = row[keep], number[keep]
        self._read_numbers(block, row, number, begins, ends, found)
        return found

    def _read_numbers(
        self, block: Block, row: Int64, number: Int64, begins: Int64, ends: Int64, found: Int64
    ) -> None:  # fmt: skip
        assert self._known is not None, "asked for what is known"
        row, number = self._read_alike(block, row, number, ends, found)
        whole = count_digits(block.words[number])
        point = number + whole
        maybe = (whole > 0) & ((block.bytes[point] == ord(".")) | (whole == REACH))
        row, number, whole, point = row[maybe], number[maybe], whole[maybe], point[maybe]
        parts = count_digits(block.words[np.minimum(point + 1, len(block.data) - REACH)])
        stop = point + 1 + parts
        long = (whole == REACH) | (parts == REACH)
        good = (parts > 0) & (stop <= ends[row])
        if self._known["end"] is not None:
            good &= (stop == ends[row]) | (block.bytes[np.minimum(stop, len(block.data) - 1)] == 32)
        if long.any():
            asked = find_distinct(row[long])
            self._ask(block, asked, begins, ends, found)
            good &= ~np.isin(row, asked)
        row, number, whole, parts = row[good], number[good], whole[good], parts[good]
        if not len(row):
            return
        # Of several numbers in a line the first counts.
        first = np.concatenate([[True], row[1:] != row[:-1]])
        row, number, whole, parts = row[first], number[first], whole[first], parts[first]
        digits = block.read_digits(number, whole) * 10**parts + block.read_digits(number + whole + 1, parts)
        # Both are exact, so their quotient is the number that the text itself gives.
        value = digits / 10.0**parts
        found[row] = np.where(value < 1e9, (value * self._form.took_unit + 0.5).astype(np.int64), -1)

    def _read_alike(
        self, block: Block, row: Int64, number: Int64, ends: Int64, found: Int64
    ) -> tuple[Int64, Int64]:  # fmt: skip
        """Read the numbers of a program, which have as many digits each, such as `0.123`; gives the others."""
        if len(row) < 2 or not (row[1:] > row[:-1]).all():
            return row, number
        whole = int(count_digits(block.words[number[:1]])[0])
        parts = int(count_digits(block.words[number[:1] + min(whole + 1, REACH)])[0])
        size = whole + 1 + parts
        if not whole or not parts or size >= REACH:
            return row, number
        columns = FixedColumns(block, number)
        good = Shape(b"0" * whole + b"." + b"0" * parts).matches(columns)
        stop = number + size
        behind = block.bytes[stop]
        is_end = stop == ends[row]
        good &= is_end | (behind == 32) if self._known is not None and self._known["end"] else stop <= ends[row]
        good &= (behind < 48) | (behind > 57)
        columns = columns.keep(good)
        digits = columns.read_number((0, whole)) * 10**parts + columns.read_number((whole + 1, size))
        # Both are exact, so their quotient is the number that the text itself gives.
        found[row[good]] = (digits / 10.0**parts * self._form.took_unit + 0.5).astype(np.int64)
        return row[~good], number[~good]

    def _ask(self, block: Block, rows: Int64, begins: Int64, ends: Int64, found: Int64) -> None:
        read, data = self._form.read_took, block.data
        found[rows] = [
            read(data, begin, end) for begin, end in zip(begins[rows].tolist(), ends[rows].tolist(), strict=True)
        ]  # fmt: skip


def _pick_numbers(block: Block, at: Int64, size: int) -> tuple[Int64, Int64]:
    """Texts of one size and the numbers behind them, but for three digits and a blank: most are a status."""
    number = at + size
    if not len(number) or int(number[-1]) + REACH > len(block.data):
        return at, number
    whole = ~_WHOLE.matches(FixedColumns(block, number))
    return at[whole], number[whole]


def _find_rows(at: Int64, begins: Int64, ends: Int64) -> Int64:
    """In which line each of some places lies, -1 before all; mostly there is one in each."""
    if len(at) == len(begins) and ((at >= begins) & (at < ends)).all():
        return np.arange(len(at))
    return np.searchsorted(begins, at, "right") - 1
