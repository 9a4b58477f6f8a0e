"""Words of eight bytes in which letters and digits are alike as far as they need not be told apart; a table of them.

In such a word a letter is an `a`, a digit the number of steps that it has passed, or an `a` as well.
"""

from collections.abc import Mapping, Sequence
from typing import Final, cast

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import REACH, Block, Flags, Words
from logscope.ingest.patterns.lines import KINDS, LETTERS

NOWHERE: Final = int(np.iinfo(np.int64).min)
"""Instead of the number of a word that is not known."""
_ALL_BITS: Final = (1 << 64) - 1
_MIXER: Final = 0x9E3779B97F4A7C15
"""Odd, with bits all over: the golden ratio, as in Fibonacci hashing (Knuth, The Art of Computer Programming 6.4)."""
_NODE_MIXER: Final = 0xC2B2AE3D27D4EB4F
_FOLD: Final = 32
_EACH: Final = 0x0101010101010101
"""Times a byte: a word of it."""
_Number = np.uint64
"""Python's own integers in truth: as one of a pair they give what the other one is, a column or an integer."""


def _spread(byte: int) -> _Number:
    return cast(_Number, byte * _EACH)


_EVERY: Final = _spread(0xFF)
_LOWER: Final = _spread(0x7F)
_HIGHEST: Final = _spread(0x80)
_ZERO, _SMALL = _spread(ord("0")), _spread(0x20)
_A: Final = _spread(ord("a"))
_ZERO_TO_A: Final = _spread(ord("0") ^ ord("a"))
_FROM_A: Final = _spread(0x80 - ord("a"))
"""Carries what is `a` or more into the highest bit of its byte."""
_BEHIND_Z: Final = _spread(0x7F - ord("z"))
_BEHIND_9: Final = _spread(0x7F - 9)
_SEVEN, _BYTE, _NONE = (cast(_Number, number) for number in (7, 0xFF, 0))
_Masks = Words | _Number


class Alike:
    """What is alike in the eight bytes before a place of a line: all letters, and all digits between two steps."""

    __slots__ = ("apart", "edges", "exact", "told")

    def __init__(self, stop: int, known: Mapping[int, int], told: Mapping[int, int]) -> None:
        """Tell bytes apart at the steps of two lines.

        Args:
            stop: The one behind the bytes, from the line's begin.
            known: Steps by the place in the line, as `find_steps` gives them.
            told: The same; those of other bytes do not count.
        """
        self.told: dict[int, int] = {}
        """Steps by the place in the line."""
        edges: list[int] = []
        exact = apart = 0
        for at in range(max(0, stop - REACH), stop):
            steps = known.get(at, 0) | told.get(at, 0)
            if not steps:
                continue
            self.told[at] = steps
            shift = 8 * (REACH - stop + at)
            exact |= (0xFF if steps & LETTERS else 0) << shift
            apart |= (0xFF if steps & KINDS else 0) << shift
            passed = [digit for digit in range(1, 10) if steps >> digit & 1]
            edges += [0] * (len(passed) - len(edges))
            for turn, digit in enumerate(passed):
                # A digit from a step on carries into the highest bit of its byte.
                edges[turn] |= (0x80 - ord("0") - digit) << shift
        self.edges = [cast(_Number, edge) for edge in edges]
        """What is added to words so that each step shows."""
        self.exact, self.apart = cast(_Number, exact), cast(_Number, apart)
        """The bits of the bytes in which letters are told apart, and in which they are told from digits."""

    def tells(self, told: Mapping[int, int], stop: int) -> bool:
        """Whether all bytes are told apart that another line told apart here."""
        if told:
            for at in range(max(0, stop - REACH), stop):
                if told.get(at, 0) & ~self.told.get(at, 0):
                    return False
        return True

    def make_word(self, text: bytes, stop: int) -> int:
        """The word before a place of a line."""
        piece = text[max(0, stop - REACH) : stop].rjust(REACH, b"\0")
        return int(_make_alike(cast(Words, int.from_bytes(piece, "little")), self.edges, self.exact, self.apart))


def read_word(
    block: Block, starts: Int64, behind: Int64, stop: Int64 | int, edges: Sequence[_Masks], exact: _Masks, apart: _Masks
) -> Words:  # fmt: skip
    """The words before some places of lines; where a line begins less than eight bytes before, zeros come first.

    Args:
        block: Holds the lines.
        starts: Where they begin.
        behind: The places.
        stop: How far behind the begins these are.
        edges: As `Alike` has them.
        exact: The same.
        apart: The same.
    """
    word: Words
    if isinstance(stop, int):
        word = block.words[behind - REACH if stop >= REACH else starts]
        if stop < REACH:
            word <<= np.uint64(8 * (REACH - stop))
    else:
        word = block.words[np.maximum(behind - REACH, starts)]
        short = np.flatnonzero(stop < REACH)
        if len(short):
            word[short] <<= (8 * (REACH - stop[short])).astype(np.uint64)
    return _make_alike(word, edges, exact, apart)


def _make_alike(word: Words, edges: Sequence[_Masks], exact: _Masks, apart: _Masks) -> Words:
    """Make alike what is not told apart; a column is changed itself, an integer gives another one."""
    digits = word ^ _ZERO
    flags = digits & _LOWER
    flags += _BEHIND_9
    flags |= digits
    # Now the highest bit of a byte says that it is no digit.
    flags &= _HIGHEST
    flags ^= _HIGHEST
    flags >>= _SEVEN
    low = word & _LOWER
    passed = flags & _NONE
    for edge in edges:
        steps = low + edge
        steps &= _HIGHEST
        steps >>= _SEVEN
        passed += steps
    if isinstance(exact, np.ndarray) or exact != _EVERY:
        low |= _SMALL
        letters = low + _FROM_A
        low += _BEHIND_Z
        letters ^= low
        letters &= ~word
        letters &= _HIGHEST
        letters >>= _SEVEN
        letters *= _BYTE
        letters &= exact ^ _EVERY
        letters &= word ^ _A
        word ^= letters
    flags *= _BYTE
    digits &= flags
    digits ^= passed & flags
    # Where digits are no others than letters, from a `0` to an `a`: no steps are told there.
    flags &= apart ^ _EVERY
    flags &= _ZERO_TO_A
    digits ^= flags
    word ^= digits
    return word


class WordTable:
    """Numbers by a word and the number of the node at which it stands: a table of slots."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], int] = {}
        self._make(10)

    def __len__(self) -> int:
        """How many are known."""
        return len(self._known)

    def _make(self, bits: int) -> None:
        self._bits = bits
        self._shift = np.uint64(64 - bits)
        self._word: Words = np.zeros(1 << bits, np.uint64)
        self._node = np.full(1 << bits, -1)
        self._value = np.full(1 << bits, NOWHERE)
        self._turns = 1
        """Slots that an entry may stand in, from its own on."""
        for (word, node), value in self._known.items():
            self._enter(word, node, value)

    def get(self, word: int, node: int) -> int | None:
        """The number of one; None where it is not known."""
        return self._known.get((word, node))

    def put(self, word: int, node: int, value: int) -> None:
        """Enter one, or give it another number."""
        self._known[word, node] = value
        if len(self._known) * 4 > len(self._word):
            self._make(self._bits + 2)
        else:
            self._enter(word, node, value)

    def _enter(self, word: int, node: int, value: int) -> None:
        mixed = ((word ^ (node * _NODE_MIXER & _ALL_BITS)) * _MIXER) & _ALL_BITS
        slot = ((mixed ^ (mixed >> _FOLD)) * _MIXER & _ALL_BITS) >> (64 - self._bits)
        turns = 1
        while self._node[slot] >= 0 and (self._node[slot] != node or self._word[slot] != word):
            slot = (slot + 1) & ((1 << self._bits) - 1)
            turns += 1
        self._word[slot], self._node[slot], self._value[slot] = word, node, value
        self._turns = max(self._turns, turns)

    def find(self, word: Words, node: Int64 | int) -> Int64:
        """The number of each; `NOWHERE` where it is not known. The node may be one for all."""
        if isinstance(node, int):
            mixed = word ^ np.uint64(node * _NODE_MIXER & _ALL_BITS)
        else:
            mixed = node.astype(np.uint64)
            mixed *= np.uint64(_NODE_MIXER)
            mixed ^= word
        mixed *= np.uint64(_MIXER)
        mixed ^= mixed >> np.uint64(_FOLD)
        mixed *= np.uint64(_MIXER)
        mixed >>= self._shift
        slot = mixed.view(np.int64)
        here = self._node[slot]
        good: Flags = (here == node) & (self._word[slot] == word)
        value = self._value[slot]
        if good.all():
            return value
        value[~good] = NOWHERE
        left = np.flatnonzero(~good & (here >= 0))
        for turn in range(1, self._turns):
            if not len(left):
                break
            slot_of = (slot[left] + turn) & (len(self._word) - 1)
            here = self._node[slot_of]
            fits = (here == (node if isinstance(node, int) else node[left])) & (self._word[slot_of] == word[left])
            value[left[fits]] = self._value[slot_of[fits]]
            left = left[~fits & (here >= 0)]
        return value
