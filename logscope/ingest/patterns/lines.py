"""The lines of a block that a pattern is matched on, and what its groups took."""

from functools import lru_cache
from typing import Final

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import Block

NO: Final = -1
"""Instead of an end: no match, whatever is tried."""
MAYBE: Final = -2
"""Instead of an end: the first way failed, and there may be another one."""
MARGIN: Final = 64
"""Bytes that must follow a line: the widest gather is less."""


LETTERS: Final = 1 << 10
"""The bit that says that letters are told apart."""
KINDS: Final = 1 << 11
"""The bit that says that letters are told from digits."""
_DIGITS: Final = frozenset(b"0123456789")
_LETTERS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


@lru_cache(maxsize=1024)
def find_steps(class_: frozenset[int]) -> int:
    """What a class tells apart: by a bit each the digits that it parts from those before, `LETTERS`, and `KINDS`."""
    has = [48 + digit in class_ for digit in range(10)]
    steps = sum(1 << digit for digit in range(1, 10) if has[digit] != has[digit - 1])
    steps |= LETTERS * (0 < len(class_ & _LETTERS) < len(_LETTERS))
    return steps | KINDS * (0 < len(class_ & (_LETTERS | _DIGITS)) < len(_LETTERS | _DIGITS))


class Watch:
    """What had a part in how lines matched."""

    __slots__ = ("seen", "steps", "told")

    def __init__(self, starts: Int64) -> None:
        """Nothing so far."""
        self.seen = starts.copy()
        """Behind the last byte of each line that had a part; behind its end where that had one."""
        self.steps = 0
        """How often a line was looked at."""
        self.told: list[tuple[Int64, Int64, Int64, int]] = []
        """Rows, where bytes of them begin and end that were told apart, and the steps."""


class Lines:
    """Lines from `starts` to `ends`, told by their row; positions are offsets in the block's data."""

    __slots__ = ("block", "ends", "groups", "starts", "watch")

    def __init__(self, block: Block, starts: Int64, ends: Int64, *, is_watched: bool = False) -> None:
        """Look at some lines.

        Args:
            block: Holds them.
            starts: Where they begin.
            ends: The ones behind their ends; `MARGIN` bytes more are in the block's data.
            is_watched: Keep what had a part in how they matched.
        """
        self.block = block
        self.starts = starts
        self.ends = ends
        self.groups: dict[int, tuple[Int64, Int64]] = {}
        """Of each group begin and end in every line, -1 where it took no part; of those that took part anywhere."""
        self.watch = Watch(starts) if is_watched else None

    def see(self, rows: Int64, behind: Int64) -> None:
        """The bytes of these lines up to some places have a part in how they match."""
        if self.watch is not None:
            self.watch.steps += len(rows)
            self.watch.seen[rows] = np.maximum(self.watch.seen[rows], behind)

    def tell(self, rows: Int64, begin: Int64, end: Int64, steps: int) -> None:
        """Which digit or letter stands in these places has a part, too: `find_steps` says which are told apart."""
        if self.watch is not None and steps:
            self.watch.told.append((rows, begin, end, steps))

    def put_group(self, number: int, rows: Int64, begin: Int64, end: Int64) -> None:
        """A group stands in these lines so; negative where it does not."""
        if len(rows) == len(self.starts):
            self.groups[number] = begin, end
            return
        places = self.groups.get(number)
        if places is None:
            places = self.groups[number] = np.full(len(self.starts), NO), np.full(len(self.starts), NO)
        places[0][rows], places[1][rows] = begin, end

    def forget(self, groups: tuple[int, ...], rows: Int64) -> None:
        """The groups took no part in these lines after all."""
        for group in groups if len(rows) else ():
            if group in self.groups:
                begins, ends = self.groups[group]
                begins[rows] = ends[rows] = NO

    def copy_groups(self, groups: tuple[int, ...], rows: Int64, sources: Int64, shift: Int64) -> None:
        """The groups stand in these lines as they do in the sources, so many bytes behind."""
        for group in groups:
            for places in self.groups.get(group, ()):
                taken = places[sources]
                places[rows] = np.where(taken >= 0, taken + shift, NO)

    def ends_of(self, rows: Int64) -> Int64:
        """The ends of some of the lines; of all of them they are at hand."""
        return self.ends if len(rows) == len(self.ends) else self.ends[rows]
