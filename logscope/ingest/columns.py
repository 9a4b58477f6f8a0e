"""Gathers from a block of bytes with numpy: the few operations that the vectorised tiers are made of.

A block is seen as an unaligned 64-bit word at every byte, so that eight columns of all lines are compared at once.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64

Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]

PADDING: Final = 16
"""Bytes that must follow the last byte that is asked for."""

_SIX: Final = np.uint64(0x0606060606060606)
_HIGH: Final = np.uint64(0xF0F0F0F0F0F0F0F0)


class Block:
    """Bytes of whole lines, padded so that words can be read at any of them."""

    __slots__ = ("bytes", "data", "words")

    def __init__(self, data: bytes) -> None:
        self.data = data
        """The bytes without the padding."""
        padded = data + bytes(PADDING)
        self.bytes = np.frombuffer(padded, np.uint8)
        self.words: Words = np.ndarray((len(padded) - 7,), "<u8", padded, strides=(1,))

    def find_newlines(self) -> Int64:
        """Offsets of all newlines."""
        return np.flatnonzero(self.bytes[: len(self.data)] == 10)

    def read_words(self, at: Int64, span: tuple[int, int]) -> list[Words]:
        """The columns of a span in words; bytes behind its end are zero."""
        found = []
        for column in range(span[0], span[1], 8):
            word = self.words[at + column]
            if span[1] - column < 8:
                word &= np.uint64((1 << 8 * (span[1] - column)) - 1)
            found.append(word)
        return found

    def read_number(self, at: Int64, span: tuple[int, int]) -> Int64:
        """The decimal number in the columns of a span, all of which must be digits; at most 18."""
        total: Int64 = np.zeros(len(at), np.int64)
        for column in range(span[0], span[1], 8):
            width = min(8, span[1] - column)
            word = self.words[at + column] << np.uint64(8 * (8 - width))
            word = (word & np.uint64(0x0F0F0F0F0F0F0F0F)) * np.uint64(2561) >> np.uint64(8)
            word = (word & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(6553601) >> np.uint64(16)
            word = (word & np.uint64(0x0000FFFF0000FFFF)) * np.uint64(42949672960001) >> np.uint64(32)
            total = total * 10**width + word.astype(np.int64)
        return total


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


def match_text(block: Block, at: Int64, text: bytes) -> Flags:
    """Whether a text of at most 16 bytes stands at each place."""
    good = np.ones(len(at), np.bool_)
    for column in range(0, len(text), 8):
        piece = text[column : column + 8]
        mask = np.uint64((1 << 8 * len(piece)) - 1)
        good &= (block.words[at + column] & mask) == np.uint64(int.from_bytes(piece, "little"))
    return good
