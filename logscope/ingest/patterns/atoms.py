"""The nodes of a pattern that hold no others: bytes of classes, runs of them, and what looks at single places."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64
from logscope.ingest.columns import REACH, Words, count_digits, word_of
from logscope.ingest.patterns.lines import NO, Lines

_FEW_STOPS: Final = 10
"""Bytes outside a class by whose occurrences the ends of its runs are found."""
_WORDS_TRIED: Final = 2
"""Words in which the end of a run is looked for before the occurrences of the bytes that end it are."""
_ENDLESS: Final = 1 << 20
"""Bytes of a run from which on its length is not asked for."""
_DIGITS: Final = frozenset(b"0123456789")
_EVERY: Final = frozenset(range(256))
_ONES: Final = np.uint64(0x0101010101010101)
_HIGHEST: Final = np.uint64(0x8080808080808080)
_COLUMNS: Final = np.arange(REACH)


@lru_cache(maxsize=1024)
def make_table(bytes_: frozenset[int]) -> NDArray[np.bool_]:
    """Whether each byte is in a class. Do not write to it."""
    table = np.zeros(256, np.bool_)
    table[list(bytes_)] = True
    return table


def _find_lowest(bits: Words) -> Int64:
    """In which byte of each word the lowest bit is that is set; `REACH` where none is."""
    lowest = bits & (~bits + np.uint64(1))
    # A power of two as a float has its exponent in plain sight.
    byte = ((lowest.astype(np.float64).view(np.int64) >> 52) - 1023) >> 3
    return np.where(bits == 0, REACH, byte)


def _find_bits(class_: frozenset[int]) -> tuple[int, int]:
    """A mask and the value that a class's bytes alone have under it: for one byte, and a letter in both cases; 0, 0."""
    if len(class_) == 1:
        return 255, min(class_)
    if len(class_) == 2 and max(class_) - min(class_) == 32 and not min(class_) & 32:
        return 255 - 32, min(class_)
    return 0, 0


class Cell:
    """Some bytes in a row, each of a class of its own."""

    groups: tuple[int, ...] = ()

    def __init__(self, classes: Sequence[frozenset[int]]) -> None:
        """The classes of the bytes: at most 32."""
        self._width = len(classes)
        self._words: list[tuple[int, np.uint64, np.uint64]] = []
        bits = [_find_bits(one) for one in classes]
        for column in range(0, len(classes), REACH):
            masks = bytes(mask for mask, _ in bits[column : column + REACH])
            if any(masks):
                values = bytes(value for _, value in bits[column : column + REACH])
                self._words.append((column, word_of(masks), word_of(values)))
        self._tables = [
            (n, make_table(one)) for n, (one, (mask, _)) in enumerate(zip(classes, bits, strict=True)) if not mask
        ]

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Where all bytes are of their class."""
        block = lines.block
        good = at + self._width <= lines.ends_of(rows)
        for column, mask, value in self._words:
            good &= (block.words[at + column] & mask) == value
        for column, table in self._tables:
            good &= table[block.bytes[at + column]]
        return np.where(good, at + self._width, NO)


class Run:
    """As many bytes of a class as there are."""

    groups: tuple[int, ...] = ()

    def __init__(self, class_: frozenset[int], least: int, most: int) -> None:
        """A class, and how many bytes of it."""
        self._least, self._most = least, most
        others = _EVERY - class_ - {10}
        self._stops = sorted(others) if len(others) <= _FEW_STOPS else None
        self._are_digits = class_ == _DIGITS
        self._table = make_table(class_)

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the run, where it is long enough."""
        stop = self.find_end(lines, rows, at)
        return np.where(stop - at >= self._least, stop, NO) if self._least else stop

    def find_end(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the run, however long it is."""
        limit = lines.ends_of(rows)
        if self._most < _ENDLESS:
            limit = np.minimum(limit, at + self._most)
        if self._most == 1:
            stop = at + (self._table[lines.block.bytes[at]] & (at < limit))
        elif self._stops is not None:
            stop = self._find_stop(lines, at, limit)
        else:
            stop = np.minimum(self._pass(lines, at, limit), limit)
        return stop

    def _find_stop(self, lines: Lines, at: Int64, limit: Int64) -> Int64:
        """The first byte that is not of the class, or the limit."""
        block = lines.block
        stops = [byte for byte in self._stops or () if byte >= 32 or block.has_controls]
        stop = at
        left: Int64 | None = None
        for _ in range(_WORDS_TRIED):
            from_ = stop if left is None else stop[left]
            word = block.words[from_]
            found = np.zeros(len(word), np.uint64)
            for byte in stops:
                # The lowest of the bits is that of a byte that is equal.
                unlike = word ^ (_ONES * np.uint64(byte))
                found |= (unlike - _ONES) & ~unlike
            found &= _HIGHEST
            size = _find_lowest(found)
            if left is None:
                stop = from_ + size
                left = np.flatnonzero((found == 0) & (stop < limit))
            else:
                stop[left] += size
                left = left[(found == 0) & (stop[left] < limit[left])]
            if not len(left):
                return np.minimum(stop, limit)
        assert left is not None, "some words were looked at"
        from_, nearest = stop[left], limit[left]
        for byte in stops:
            places = block.find_byte(byte)
            if len(places):
                behind = np.searchsorted(places, from_)
                place = places[np.minimum(behind, len(places) - 1)]
                nearest = np.where(place >= from_, np.minimum(nearest, place), nearest)
        stop[left] = nearest
        return np.minimum(stop, limit)

    def _pass(self, lines: Lines, at: Int64, limit: Int64) -> Int64:
        """Behind the run, or the limit."""
        block = lines.block
        left = np.flatnonzero(self._table[block.bytes[at]] & (at < limit))
        stop = at.copy()
        stop[left] += 1
        # Runs of one byte are many.
        left = left[self._table[block.bytes[stop[left]]] & (stop[left] < limit[left])]
        while len(left):
            from_ = stop[left]
            if self._are_digits:
                size = count_digits(block.words[from_])
            else:
                other = self._table[block.bytes[from_[:, None] + _COLUMNS]].view(np.uint64)[:, 0] ^ _ONES
                size = _find_lowest(other)
            stop[left] = from_ + size
            left = left[(size == REACH) & (stop[left] < limit[left])]
        return stop


class RunTo:
    """A run of a class up to the last place in it at which a text begins, and that text."""

    groups: tuple[int, ...] = ()

    def __init__(self, class_: frozenset[int], least: int, most: int, text: bytes) -> None:
        """The class, how many bytes of it, and a text of at most 16 bytes."""
        self._run, self._least, self._text = Run(class_, 0, most), least, text

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the text."""
        places = lines.block.find_text(self._text)
        if not len(places):
            return np.full(len(at), NO)
        last = np.searchsorted(places, self._run.find_end(lines, rows, at), "right") - 1
        place = places[np.maximum(last, 0)]
        good = (last >= 0) & (place >= at + self._least) & (place + len(self._text) <= lines.ends_of(rows))
        return np.where(good, place + len(self._text), NO)


class Empty:
    """Nothing: always matches."""

    groups: tuple[int, ...] = ()

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """The place itself."""
        return at


class Behind:
    """A byte that must stand before the place, or must not."""

    groups: tuple[int, ...] = ()

    def __init__(self, class_: frozenset[int], *, wanted: bool) -> None:
        """Which bytes, and whether one of them must stand there."""
        self._table, self._wanted = make_table(class_), wanted

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """The place itself."""
        stands = (at > lines.starts[rows]) & self._table[lines.block.bytes[np.maximum(at - 1, 0)]]
        return np.where(stands == self._wanted, at, NO)


class Edge:
    """The line's begin or end, or the edge of a word."""

    groups: tuple[int, ...] = ()

    def __init__(self, word: frozenset[int] | None, *, at_end: bool) -> None:
        """Which bytes are a word's; None: the line's end or begin."""
        self._table = None if word is None else make_table(word)
        self._at_end = at_end

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """The place itself."""
        starts, ends = lines.starts[rows], lines.ends_of(rows)
        if self._table is None:
            return np.where(at == (ends if self._at_end else starts), at, NO)
        before = (at > starts) & self._table[lines.block.bytes[np.maximum(at - 1, 0)]]
        behind = (at < ends) & self._table[lines.block.bytes[at]]
        return np.where(before != behind, at, NO)
