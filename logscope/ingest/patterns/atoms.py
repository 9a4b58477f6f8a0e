"""The nodes of a pattern that hold no others: bytes of classes, runs of them, and what looks at single places."""

from collections.abc import Sequence
from functools import lru_cache, reduce
from operator import or_
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64
from logscope.ingest.columns import REACH, Block, Words, word_of
from logscope.ingest.patterns.lines import NO, Lines, find_steps

_FEW_STOPS: Final = 10
"""Bytes outside a class by whose occurrences the ends of its runs are found."""
_WORDS_TRIED: Final = 4
"""Words in which the end of a run is looked for before the occurrences of the bytes that end it are."""
_WORTH_A_WORD: Final = 3
"""Bytes of a word that are looked at together; of fewer each is looked up."""
_FEW_LINES: Final = 512
"""Lines up to which a text is looked for in each: in the whole block that takes half a millisecond."""
_ENDLESS: Final = 1 << 20
"""Bytes of a run from which on its length is not asked for."""

_EVERY: Final = frozenset(range(256))
_HIGHEST: Final = np.uint64(0x8080808080808080)
_LOWER: Final = np.uint64(0x7F7F7F7F7F7F7F7F)
_ONES: Final = np.uint64(0x0101010101010101)
_COLUMNS: Final = np.arange(REACH)
_Range = tuple[int, int]


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
    byte: Int64 = ((lowest.astype(np.float64).view(np.int64) >> 52) - 1023) >> 3
    byte[bits == 0] = REACH
    return byte


def _find_bits(class_: frozenset[int]) -> tuple[int, int]:
    """A mask and the value that a class's bytes alone have under it: for one byte, and a letter in both cases; 0, 0."""
    if len(class_) == 1:
        return 255, min(class_)
    if len(class_) == 2 and max(class_) - min(class_) == 32 and not min(class_) & 32:
        return 255 - 32, min(class_)
    return 0, 0


def _find_ranges(class_: frozenset[int]) -> list[_Range]:
    """First and last of the bytes below 128 of a class that follow one another."""
    low = sorted(byte for byte in class_ if byte < 128)
    begins = [byte for n, byte in enumerate(low) if not n or low[n - 1] != byte - 1]
    ends = [byte for n, byte in enumerate(low) if n + 1 == len(low) or low[n + 1] != byte + 1]
    return list(zip(begins, ends, strict=True))


def _write_edges(lanes: Sequence[Sequence[_Range]]) -> list[np.uint64]:
    """What `_hold` adds to words whose bytes may be in some ranges, each in its own.

    Args:
        lanes: For each byte of a word first and last of the bytes below 128 that count.
    """
    # A sum sets the highest bit of a byte from an edge on: behind an odd number of edges a byte is inside.
    edges = [[edge for first, last in lane for edge in (128 - first, 127 - last) if edge] for lane in lanes]
    return [
        word_of(bytes(lane[turn] if turn < len(lane) else 0 for lane in edges)) for turn in range(max(map(len, edges)))
    ]


def _hold(words: Words, edges: Sequence[np.uint64]) -> Words:
    """Words whose highest bits tell which bytes are in the ranges of the edges; other bits say nothing.

    A byte of 128 and more looks like the one that is 128 less.
    """
    low = words & _LOWER
    inside = low + edges[0] if edges else low & np.uint64(0)
    sums = np.empty_like(low)
    for edge in edges[1:]:
        np.add(low, edge, out=sums)
        inside ^= sums
    return inside


class Cell:
    """Some bytes in a row, each of a class of its own."""

    groups: tuple[int, ...] = ()

    def __init__(self, classes: Sequence[frozenset[int]]) -> None:
        """The classes of the bytes: at most 32."""
        self._width = len(classes)
        self._words: list[tuple[int, np.uint64, np.uint64]] = []
        self._ranged: list[tuple[int, np.uint64, list[np.uint64]]] = []
        self._tables: list[tuple[int, NDArray[np.bool_]]] = []
        self._told = [(n, steps) for n, one in enumerate(classes) if (steps := find_steps(one))]
        bits = [_find_bits(one) for one in classes]
        for column in range(0, len(classes), REACH):
            lanes = range(column, min(column + REACH, len(classes)))
            masks = bytes(bits[n][0] for n in lanes)
            if any(masks):
                self._words.append((column, word_of(masks), word_of(bytes(bits[n][1] for n in lanes))))
            others = [n for n in lanes if not bits[n][0]]
            ranged = [n for n in others if classes[n] and max(classes[n]) < 128]
            if len(ranged) < _WORTH_A_WORD:
                ranged = []
            if ranged:
                wanted = word_of(bytes(128 * (n in ranged) for n in lanes))
                ranges = [_find_ranges(classes[n]) if n in ranged else [] for n in lanes]
                self._ranged.append((column, wanted, _write_edges(ranges)))
            self._tables += [(n, make_table(classes[n])) for n in others if n not in ranged]

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Where all bytes are of their class."""
        block = lines.block
        lines.see(rows, at + self._width)
        for column, steps in self._told:
            lines.tell(rows, at + column, at + column + 1, steps)
        good = at + self._width <= lines.ends_of(rows)
        for column, mask, value in self._words:
            good &= (block.words[at + column] & mask) == value
        for column, wanted, edges in self._ranged:
            word = block.words[at + column]
            good &= (_hold(word, edges) & ~word & wanted) == wanted
        for column, table in self._tables:
            good &= table[block.bytes[at + column]]
        return np.where(good, at + self._width, NO)


class Run:
    """As many bytes of a class as there are."""

    groups: tuple[int, ...] = ()

    def __init__(self, class_: frozenset[int], least: int, most: int) -> None:
        """A class, and how many bytes of it."""
        self._least, self._most = least, most
        self._steps = find_steps(class_)
        others = _EVERY - class_ - {10}
        self._stops = sorted(others) if len(others) <= _FEW_STOPS else None
        self._table = make_table(class_)
        self._has_high = 128 in class_
        self._is_even = len({byte in class_ for byte in range(128, 256)}) == 1
        # Behind a newline no run goes on, whatever is said of it.
        printable = frozenset(byte for byte in others if byte >= 32)
        self._inside, self._outside, self._printable = (
            _write_edges([_find_ranges(one)] * REACH) for one in (class_, _EVERY - class_, printable)
        )

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the run, where it is long enough."""
        stop = self.find_end(lines, rows, at)
        return np.where(stop - at >= self._least, stop, NO) if self._least else stop

    def find_end(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the run, however long it is."""
        end = self._find_end(lines, rows, at)
        lines.see(rows, end + 1)
        lines.tell(rows, at, end + 1, self._steps)
        return end

    def _find_end(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        limit = lines.ends_of(rows)
        if self._most < _ENDLESS:
            limit = np.minimum(limit, at + self._most)
        if self._most == 1:
            return at + (self._table[lines.block.bytes[at]] & (at < limit))
        block = lines.block
        size = self._count(block, at)
        stop = at + size
        left = np.flatnonzero((size == REACH) & (stop < limit))
        turn = 1
        while len(left):
            if turn >= _WORDS_TRIED and self._stops is not None:
                stop[left] = self._find_stop(block, stop[left], limit[left])
                break
            size = self._count(block, stop[left])
            stop[left] += size
            left = left[(size == REACH) & (stop[left] < limit[left])]
            turn += 1
        end: Int64 = np.minimum(stop, limit)
        return end

    def _count(self, block: Block, at: Int64) -> Int64:
        """How many of the next `REACH` bytes are of the class, up to the first that is not."""
        if not self._is_even:
            flags: NDArray[np.bool_] = self._table[block.bytes[at[:, None] + _COLUMNS]]
            return _find_lowest(flags.view(np.uint64).ravel() ^ _ONES)
        word = block.words[at]
        outside = self._outside if block.has_controls else self._printable
        others = _hold(word, outside) if len(outside) < len(self._inside) else ~_hold(word, self._inside)
        others = others & ~word if self._has_high else others | word
        return _find_lowest(others & _HIGHEST)

    def _find_stop(self, block: Block, at: Int64, limit: Int64) -> Int64:
        """The first byte that is not of the class, or the limit, by the places of all such bytes."""
        nearest = limit
        for byte in self._stops or ():
            places = block.find_byte(byte) if byte >= 32 or block.has_controls else ()
            if len(places):
                behind = np.searchsorted(places, at)
                place = places[np.minimum(behind, len(places) - 1)]
                nearest = np.where(place >= at, np.minimum(nearest, place), nearest)
        return nearest


class RunTo:
    """A run of a class up to the last place in it at which a text begins, and that text."""

    groups: tuple[int, ...] = ()

    def __init__(self, class_: frozenset[int], least: int, most: int, text: bytes) -> None:
        """The class, how many bytes of it, and a text of at most 16 bytes."""
        self._run, self._least, self._text = Run(class_, 0, most), least, text
        self._steps = reduce(or_, (find_steps(frozenset((byte,))) for byte in text))

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the text."""
        end = self._run.find_end(lines, rows, at)
        lines.see(rows, end + len(self._text))
        lines.tell(rows, at, end + len(self._text), self._steps)
        place = self._find_last(lines.block, at, end)
        good = (place >= at + self._least) & (place + len(self._text) <= lines.ends_of(rows))
        return np.where(good, place + len(self._text), NO)

    def _find_last(self, block: Block, at: Int64, end: Int64) -> Int64:
        """The last place up to each end at which the text begins; -1 or one before `at` where there is none."""
        text = self._text
        if len(at) <= _FEW_LINES:
            spans = zip(at.tolist(), (end + len(text)).tolist(), strict=True)
            return np.array([block.data.rfind(text, begin, stop) for begin, stop in spans], np.int64)
        places = block.find_text(text)
        if not len(places):
            return np.full(len(at), NO)
        last = np.searchsorted(places, end, "right") - 1
        return np.where(last >= 0, places[last], NO)


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
        self._steps = find_steps(class_)

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """The place itself."""
        lines.tell(rows, at - 1, at, self._steps)
        stands = (at > lines.starts[rows]) & self._table[lines.block.bytes[np.maximum(at - 1, 0)]]
        return np.where(stands == self._wanted, at, NO)


class Edge:
    """The line's begin or end, or the edge of a word."""

    groups: tuple[int, ...] = ()

    def __init__(self, word: frozenset[int] | None, *, at_end: bool) -> None:
        """Which bytes are a word's; None: the line's end or begin."""
        self._table = None if word is None else make_table(word)
        self._at_end = at_end
        self._steps = 0 if word is None else find_steps(word)

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """The place itself."""
        lines.see(rows, at + 1)
        lines.tell(rows, at - 1, at + 1, self._steps)
        starts, ends = lines.starts[rows], lines.ends_of(rows)
        if self._table is None:
            return np.where(at == (ends if self._at_end else starts), at, NO)
        before = (at > starts) & self._table[lines.block.bytes[np.maximum(at - 1, 0)]]
        behind = (at < ends) & self._table[lines.block.bytes[at]]
        return np.where(before != behind, at, NO)
