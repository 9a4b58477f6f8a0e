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

_FEW_BYTES: Final = 3
"""Bytes of a text that are looked for: with as many few places are left."""

SIX: Final = np.uint64(0x0606060606060606)
LOW: Final = np.uint64(0x0F0F0F0F0F0F0F0F)
_THREES: Final = np.uint64(0x3030303030303030)
_COLUMN_OF_FLAG: Final = np.uint64(0x0001020304050607)
"""Moves to the highest byte which byte of a word is 1, when the others are 0."""
HIGH: Final = np.uint64(0xF0F0F0F0F0F0F0F0)


class Block:
    """Whole lines within some bytes, seen in place: nothing is copied. All offsets are those of `data`."""

    __slots__ = (
        "_flags",
        "_found",
        "_has_controls",
        "_more_flags",
        "_rarity",
        "begin",
        "bytes",
        "data",
        "end",
        "words",
    )

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
        self._more_flags = np.empty(self.end - begin, np.bool_)
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

        Looks for those bytes of its first 16 that are rarest here, or one that was found before: a tenth of the time
        that a search for the text takes.
        """
        if len(text) > 2 * REACH:
            found = self.find_text(text[: 2 * REACH])
            size = len(text)
            return found[[self.data[n : n + size] == text and n + size <= self.end for n in found.tolist()]]
        if len(text) == 1:
            return self.find_byte(text[0])
        known = [self._found[byte] - column for column, byte in enumerate(text) if byte in self._found]
        if not known:
            return self._confirm(text, find_flags(self._flag_text(text)) + self.begin)
        at = min(known, key=len)
        at = at[: int(np.searchsorted(at, self.end - len(text), "right"))]
        at = at[int(np.searchsorted(at, self.begin)) :]
        return self._match(text, at)

    def find_numbers(self, text: bytes, gap: int) -> Int64:
        """Offsets of all occurrences of a text of at most 16 bytes behind which, some bytes on, a digit stands."""
        flags = self._flag_text(text + bytes(gap + 1), len(text))
        first = self.begin + len(text) + gap
        digits = self._more_flags[: len(flags)]
        np.subtract(self.bytes[first : first + len(flags)], ord("0"), out=digits.view(np.uint8))
        np.logical_and(flags, np.less(digits.view(np.uint8), 10, out=digits), out=flags)
        return self._confirm(text, find_flags(flags) + self.begin)

    def _confirm(self, text: bytes, at: Int64) -> Int64:
        """Those of the places of a text's rarest bytes at which it stands."""
        return at if len(text) <= _FEW_BYTES else self._match(text, at)

    def _match(self, text: bytes, at: Int64) -> Int64:
        """Those of some places at which a text stands; it would end in the block at each of them."""
        near = at[: int(np.searchsorted(at, len(self.data) - (2 * REACH if len(text) > REACH else REACH), "right"))]
        found = near[match_text(self, near, text)]
        rest = [n for n in at[len(near) :].tolist() if self.data.startswith(text, n)]
        return np.concatenate([found, np.array(rest, np.int64)]) if rest else found

    def count_text(self, text: bytes) -> int:
        """How often a text of at most `_FEW_BYTES` bytes occurs: in a third of the time of a search."""
        assert len(text) <= _FEW_BYTES, "of longer texts not all bytes are compared"
        return int(np.count_nonzero(self._flag_text(text)))

    def _flag_text(self, text: bytes, size: int | None = None) -> Flags:
        """For each place in the block from which it fits whether a text's rarest bytes stand in their columns there.

        Args:
            text: What must fit.
            size: How many of its bytes are looked at; None: all.
        """
        count = max(0, self.end - self.begin - len(text) + 1)
        if self._rarity is None:
            self._rarity = np.bincount(self.bytes[self.begin : min(self.end, self.begin + 65_536)], minlength=256)
        flags, others = self._flags[:count], self._more_flags[:count]
        rarity = self._rarity
        columns = sorted(range(len(text[:size])), key=lambda n: int(rarity[text[n]]))[:_FEW_BYTES]
        for turn, column in enumerate(columns):
            first = self.begin + column
            np.equal(self.bytes[first : first + count], text[column], out=others if turn else flags)
            if turn:
                np.logical_and(flags, others, out=flags)
        return flags

    def read_digits(self, at: Int64, width: Int64) -> Int64:
        """The decimal number in each place, of its own width of 1 to 8 digits."""
        word = self.words[at] << (np.uint64(8) * (np.uint64(8) - width.astype(np.uint64)))
        return to_number(word)

    def read_number(self, at: Int64, span: tuple[int, int]) -> Int64:
        """The decimal number in the columns of a span, all of which must be digits; at most 18."""
        total: Int64 = np.zeros(len(at), np.int64)
        for column in range(span[0], span[1], 8):
            width = min(8, span[1] - column)
            total = total * 10**width + to_number(self.words[at + column] << np.uint64(8 * (8 - width)))
        return total


def to_number(word: Words) -> Int64:
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
    crowds = int(np.count_nonzero(flags[:whole])) - len(found)
    if crowds * 16 > len(found):
        return np.flatnonzero(flags)
    hit = words[found]
    places = (found << 3) + ((hit * _COLUMN_OF_FLAG) >> np.uint64(56)).astype(np.int64)
    if crowds:
        several = (hit & (hit - np.uint64(1))) != 0
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
    other = ((words & HIGH) ^ _THREES) | ((words & LOW) + SIX & HIGH)
    lowest = other & (~other + np.uint64(1))
    # The lowest set bit tells the byte: bits below it are those of the digits before.
    # A power of two as a float has its exponent in plain sight.
    bit = (lowest.astype(np.float64).view(np.int64) >> 52) - 1023
    return np.where(other == 0, REACH, bit >> 3)


def find_in_lines(places: Int64, starts: Int64, ends: Int64) -> Int64:
    """For each line the index of the first of some places in it, or behind it where it holds none.

    Args:
        places: Ascending.
        starts: Where the lines begin, ascending.
        ends: The ones behind their ends; no line reaches into the next one.
    """
    each = _count_alike(places, starts, ends)
    return np.arange(0, len(places), each) if each else np.searchsorted(places, starts)


def count_in_lines(places: Int64, starts: Int64, ends: Int64) -> Int64:
    """How many of some places each line holds; arguments as those of `find_in_lines`."""
    if not len(places):
        return np.zeros(len(starts), np.int64)
    each = _count_alike(places, starts, ends)
    return np.full(len(starts), each) if each else np.searchsorted(places, ends) - np.searchsorted(places, starts)


def _count_alike(places: Int64, starts: Int64, ends: Int64) -> int:
    """How many places each line holds, where all hold as many: what is written for each alike needs no search."""
    each = len(places) // max(1, len(starts))
    if not each or each * len(starts) != len(places):
        return 0
    return each if (places[::each] >= starts).all() and (places[each - 1 :: each] < ends).all() else 0


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
