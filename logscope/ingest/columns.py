"""Gathers from a block of bytes with numpy: the few operations that the vectorised tiers are made of.

A block is seen as an unaligned 64-bit word at every byte, so that eight columns of all lines are compared at once.
"""

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64

Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]

_Kind = TypeVar("_Kind", bound=np.generic)

REACH: Final = 8
"""Bytes of a word: so many must follow any place that is asked for."""

_SIX: Final = np.uint64(0x0606060606060606)
_LOW: Final = np.uint64(0x0F0F0F0F0F0F0F0F)
_THREES: Final = np.uint64(0x3030303030303030)
_COLUMN_OF_FLAG: Final = np.uint64(0x0001020304050607)
"""Moves to the highest byte which byte of a word is 1, when the others are 0."""
_HIGH: Final = np.uint64(0xF0F0F0F0F0F0F0F0)


class Block:
    """Whole lines within some bytes, seen in place: nothing is copied. All offsets are those of `data`."""

    __slots__ = ("_flags", "_found", "_has_controls", "_rarity", "begin", "bytes", "data", "end", "words")

    def __init__(self, data: bytes, begin: int = 0, end: int | None = None) -> None:
        """Look at the lines from `begin` to `end`, which is behind a newline.

        Args:
            data: At least 8 bytes.
            begin: Offset of the first line.
            end: The one behind the last line's newline; None: the end of the data.
        """
        self.data = data
        self.begin = begin
        self.end = len(data) if end is None else end
        self.bytes = np.frombuffer(data, np.uint8)
        self.words: Words = np.ndarray((len(data) - REACH + 1,), "<u8", data, strides=(1,))
        self._rarity: Int64 | None = None
        # Memory that is taken and given back costs more than what is done in it.
        self._flags = np.empty(self.end - begin, np.bool_)
        self._found: dict[int, Int64] = {}
        self._has_controls: bool | None = None

    def find_newlines(self) -> Int64:
        """Offsets of all newlines."""
        return self.find_byte(10)

    def find_byte(self, byte: int) -> Int64:
        """Offsets of all occurrences of a byte. Do not write to them."""
        found = self._found.get(byte)
        if found is None:
            flags = np.equal(self.bytes[self.begin : self.end], byte, out=self._flags)
            found = self._found[byte] = find_flags(flags) + self.begin
        return found

    def count_below(self, byte: int) -> int:
        """How many bytes are less than one."""
        return int(np.count_nonzero(np.less(self.bytes[self.begin : self.end], byte, out=self._flags)))

    @property
    def has_controls(self) -> bool:
        """Whether control bytes stand in it, but for newlines."""
        if self._has_controls is None:
            self._has_controls = self.count_below(32) != len(self.find_newlines())
        return self._has_controls

    def find_text(self, text: bytes) -> Int64:
        """Offsets of all occurrences of a text, overlapping ones too.

        Looks for the byte of its first 16 that is rarest here: a tenth of the time that a search for the text takes.
        """
        if len(text) > 2 * REACH:
            found = self.find_text(text[: 2 * REACH])
            size = len(text)
            return found[[self.data[n : n + size] == text and n + size <= self.end for n in found.tolist()]]
        if self._rarity is None:
            self._rarity = np.bincount(self.bytes[self.begin : min(self.end, self.begin + 65_536)], minlength=256)
        column = min(range(len(text)), key=lambda n: int(self._rarity[text[n]]) if self._rarity is not None else 0)
        at = self.find_byte(text[column]) - column
        reach = 2 * REACH if len(text) > REACH else REACH
        early, late = np.searchsorted(at, [self.begin, min(self.end, len(self.data) - reach) + 1]).tolist()
        near = at[early:late]
        found = near[match_text(self, near, text)]
        found = found[: int(np.searchsorted(found, self.end - len(text), "right"))]
        rest = [n for n in at[late:].tolist() if self.data.startswith(text, n) and n + len(text) <= self.end]
        return np.concatenate([found, np.array(rest, np.int64)]) if rest else found

    def read_words(self, at: Int64, span: tuple[int, int]) -> list[Words]:
        """The columns of a span in words; bytes behind its end are zero."""
        found = []
        for column in range(span[0], span[1], 8):
            word = self.words[at + column]
            if span[1] - column < 8:
                word &= np.uint64((1 << 8 * (span[1] - column)) - 1)
            found.append(word)
        return found

    def read_digits(self, at: Int64, width: Int64) -> Int64:
        """The decimal number in each place, of its own width of 1 to 8 digits."""
        word = self.words[at] << (np.uint64(8) * (np.uint64(8) - width.astype(np.uint64)))
        return _to_number(word)

    def read_number(self, at: Int64, span: tuple[int, int]) -> Int64:
        """The decimal number in the columns of a span, all of which must be digits; at most 18."""
        total: Int64 = np.zeros(len(at), np.int64)
        for column in range(span[0], span[1], 8):
            width = min(8, span[1] - column)
            total = total * 10**width + _to_number(self.words[at + column] << np.uint64(8 * (8 - width)))
        return total


def _to_number(word: Words) -> Int64:
    """The number of eight decimal digits, the first in the lowest byte; zero bytes before them are no digits."""
    word = (word & np.uint64(0x0F0F0F0F0F0F0F0F)) * np.uint64(2561) >> np.uint64(8)
    word = (word & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(6553601) >> np.uint64(16)
    word = (word & np.uint64(0x0000FFFF0000FFFF)) * np.uint64(42949672960001) >> np.uint64(32)
    return word.astype(np.int64)


def find_flags(flags: Flags) -> Int64:
    """Indexes of the flags that are set, where few are: a word of eight flags at a time."""
    whole = len(flags) & ~7
    words = flags[:whole].view(np.uint64)
    found = np.flatnonzero(words != 0)
    hit = words[found]
    places = (found << 3) + ((hit * _COLUMN_OF_FLAG) >> np.uint64(56)).astype(np.int64)
    several = (hit & (hit - np.uint64(1))) != 0
    if several.any():
        if np.count_nonzero(several) * 16 > len(found):
            return np.flatnonzero(flags)
        crowded = found[several]
        row, column = np.nonzero(flags[:whole].reshape(-1, 8)[crowded])
        places = np.concatenate([places[~several], (crowded[row] << 3) + column])
        places.sort(kind="stable")
    if whole < len(flags):
        places = np.concatenate([places, whole + np.flatnonzero(flags[whole:])])
    return places


def count_digits(words: Words) -> Int64:
    """How many decimal digits each word begins with."""
    # A byte is a digit when its high nibble is 3 and its low one is at most 9; the first that is none stops the count.
    other = ((words & _HIGH) ^ _THREES) | ((words & _LOW) + _SIX & _HIGH)
    lowest = other & (~other + np.uint64(1))
    # The lowest set bit tells the byte: bits below it are those of the digits before.
    # A power of two as a float has its exponent in plain sight.
    bit = (lowest.astype(np.float64).view(np.int64) >> 52) - 1023
    return np.where(other == 0, REACH, bit >> 3)


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

    def matches(self, block: Block, at: Int64) -> Flags:
        """Whether the bytes from each place on have the shape."""
        good = np.ones(len(at), np.bool_)
        for column, mask, value, digits in self._tests:
            word = block.words[at + column]
            good &= (word & mask) == value
            if digits:
                # A low nibble above nine carries into the high one.
                good &= ((word & digits) + (_SIX & digits) & _HIGH) == 0
        return good


def keep(good: Flags, *columns: NDArray[_Kind]) -> tuple[NDArray[_Kind], ...]:
    """The entries of some columns whose flag is set: mostly all are, and choosing them would cost as much as a test."""
    return columns if good.all() else tuple(column[good] for column in columns)


def word_of(text: bytes) -> np.uint64:
    """A text of at most 8 bytes as the word that it begins."""
    return np.uint64(int.from_bytes(text, "little"))


def mask_of(text: bytes) -> np.uint64:
    """The bits of a word that a text of at most 8 bytes fills."""
    return np.uint64((1 << 8 * len(text)) - 1)


def match_text(block: Block, at: Int64, text: bytes) -> Flags:
    """Whether a text of at most 16 bytes stands at each place."""
    good = np.ones(len(at), np.bool_)
    for column in range(0, len(text), 8):
        piece = text[column : column + 8]
        good &= (block.words[at + column] & mask_of(piece)) == word_of(piece)
    return good
