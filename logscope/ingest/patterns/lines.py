"""The lines of a block that a pattern is matched on, and what its groups took."""

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


class Lines:
    """Lines from `starts` to `ends`, told by their row; positions are offsets in the block's data."""

    __slots__ = ("block", "ends", "groups", "starts")

    def __init__(self, block: Block, starts: Int64, ends: Int64) -> None:
        """Look at some lines.

        Args:
            block: Holds them.
            starts: Where they begin.
            ends: The ones behind their ends; `MARGIN` bytes more are in the block's data.
        """
        self.block = block
        self.starts = starts
        self.ends = ends
        self.groups: dict[int, tuple[Int64, Int64]] = {}
        """Of each group begin and end in every line, -1 where it took no part; of those that took part anywhere."""

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
