"""Columns at fixed distances behind some places of a block, such as the stamps of its lines.

Plan: each word of eight columns is gathered once, which costs more than all that is done with it; tests, numbers and
runs are cut out of the gathered words.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import HIGH, LOW, REACH, SIX, Block, Flags, Words, to_number

Span = tuple[int, int]
"""The first column and the one behind the last."""

_BITS: Final = 8 * REACH


class FixedColumns:
    """The columns behind some places; each must be followed by as many bytes as are asked for, in whole words."""

    __slots__ = ("_words", "at", "block")

    def __init__(self, block: Block, at: Int64, words: dict[int, Words] | None = None) -> None:
        """Columns are counted from the places.

        Args:
            block: Holds the places.
            at: Their offsets.
            words: What was gathered already, by column.
        """
        self.block = block
        self.at = at
        self._words = {} if words is None else words

    def keep(self, good: Flags) -> "FixedColumns":
        """Those of the places whose flag is set; mostly all are."""
        if good.all():
            return self
        return FixedColumns(self.block, self.at[good], {column: word[good] for column, word in self._words.items()})

    def word(self, column: int) -> Words:
        """The eight columns from a multiple of eight on. Do not write to it."""
        word = self._words.get(column)
        if word is None:
            word = self._words[column] = self.block.words[self.at + column if column else self.at]
        return word

    def cut(self, begin: int, size: int) -> Words:
        """The columns from one on, at most eight; behind as many as are asked for anything may follow."""
        first = begin & -REACH
        shift = 8 * (begin - first)
        if not shift:
            return self.word(first)
        word = self.word(first) >> np.uint64(shift)
        if begin - first + size > REACH:
            word |= self.word(first + REACH) << np.uint64(_BITS - shift)
        return word

    def read_number(self, span: Span) -> Int64:
        """The decimal number in a span of columns, all of which must be digits; at most 18."""
        total: Int64 | None = None
        for column in range(span[0], span[1], REACH):
            width = min(REACH, span[1] - column)
            number = to_number(self.cut(column, width) << np.uint64(8 * (REACH - width)))
            total = number if total is None else total * 10**width + number
        return np.zeros(len(self.at), np.int64) if total is None else total

    def find_runs(self, spans: tuple[Span | None, ...]) -> Int64:
        """Where runs of places begin that have the same bytes in some spans."""
        changed = np.zeros(len(self.at), np.bool_)
        changed[:1] = True
        masks: dict[int, int] = {}
        for column in {column for span in spans if span is not None for column in range(*span)}:
            first = column & -REACH
            masks[first] = masks.get(first, 0) | 0xFF << 8 * (column - first)
        for column, mask in masks.items():
            word = self.word(column)
            changed[1:] |= ((word[1:] ^ word[:-1]) & np.uint64(mask)) != 0
        return np.flatnonzero(changed)

    def map_runs(self, spans: tuple[Span | None, ...], find: Callable[[int], int]) -> Int64:
        """A number for each place that depends on its bytes in some spans alone.

        Args:
            spans: The columns that matter.
            find: The number of one of the places, by its index; asked once for each run of alike ones, in order.
        """
        runs = self.find_runs(spans)
        found = np.fromiter(map(find, runs.tolist()), np.int64, len(runs))
        return np.repeat(found, np.diff(np.append(runs, len(self.at))))


class Shape:
    """A pattern of one byte a column: `0` a digit, `?` any byte, else that very byte."""

    def __init__(self, shape: bytes) -> None:
        self._tests: list[tuple[int, np.uint64, np.uint64, np.uint64]] = []
        for column in range(0, len(shape), 8):
            mask = value = digits = 0
            for index, byte in enumerate(shape[column : column + 8]):
                if byte == ord("0"):
                    mask |= 0xF0 << 8 * index
                    value |= 0x30 << 8 * index
                    digits |= 0x0F << 8 * index
                elif byte != ord("?"):
                    mask |= 0xFF << 8 * index
                    value |= byte << 8 * index
            if mask:
                self._tests.append((column, np.uint64(mask), np.uint64(value), np.uint64(digits)))

    def matches(self, columns: FixedColumns) -> Flags:
        """Whether the bytes from each place on have the shape."""
        good: Flags | None = None
        for column, mask, value, digits in self._tests:
            word = columns.word(column)
            fits = (word & mask) == value
            if digits:
                # A low nibble above nine carries into the high one.
                nibbles = word & (digits & LOW)
                nibbles += SIX & digits
                nibbles &= HIGH
                fits &= nibbles == 0
            good = fits if good is None else good & fits
        return np.ones(len(columns.at), np.bool_) if good is None else good
