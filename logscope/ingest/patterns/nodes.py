"""The nodes of a pattern that hold others: each matches on many lines at once, each line at its own place.

A node takes the first way that `re` would take and gives its end, `NO` where there is no way at all, and `MAYBE` where
the first way failed but others may not: then `re` itself must be asked. A first way that succeeds is the one that `re`
finds, so ends and groups are exact.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Final, Protocol

import numpy as np

from logscope.ingest.batch import Int64, UInt8
from logscope.ingest.columns import REACH, mask_of
from logscope.ingest.patterns.atoms import Run
from logscope.ingest.patterns.lines import MAYBE, NO, Lines, find_steps

_MOST_TURNS: Final = 40
"""Of a repetition of more than single bytes; lines that need more are for `re`."""
_MANY: Final = 2
"""Alternatives from which on another byte is looked at, and how many bytes are at most."""
_COLUMNS_LOOKED_AT: Final = 6


class Node(Protocol):
    """A part of a pattern."""

    @property
    def groups(self) -> tuple[int, ...]:
        """Numbers of the groups in it."""
        ...

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """The end in each of the lines from a place on; `NO`, `MAYBE`."""
        ...


class Series:
    """Parts one behind the other."""

    def __init__(self, parts: Sequence[tuple[Node, bool]]) -> None:
        """The parts, and after each whether any so far might have matched in another way."""
        self._parts = parts
        self.groups = tuple(group for part, _ in parts for group in part.groups)

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the last part."""
        result: Int64 | None = None
        left: Int64 | None = None
        was_open = False
        for part, is_open in self._parts:
            at = part.match(lines, rows, at)
            bad = at < 0
            if bad.any():
                good = np.flatnonzero(~bad)
                if result is None or left is None:
                    result, left = np.where(bad, MAYBE, NO) if was_open else at.copy(), good
                else:
                    result[left[bad]] = MAYBE if was_open else at[bad]
                    left = left[good]
                if not len(left):
                    return result
                rows, at = rows[good], at[good]
            was_open = is_open
        if result is None or left is None:
            return at
        result[left] = at
        return result


class Branch:
    """One of several alternatives: the first that matches."""

    def __init__(self, choices: Sequence[tuple[Node, Sequence[frozenset[int] | None]]]) -> None:
        """The alternatives, and which bytes each may begin with, column by column; None or no column: any."""
        self.groups: tuple[int, ...] = tuple(group for choice, _ in choices for group in choice.groups)
        self._likely = _Likely(choices, 0)

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the alternative."""
        result = np.full(len(rows), NO)
        for left, choices in self._likely.find(lines, rows, at, None):
            for choice in choices:
                if left is None:
                    got = result = choice.match(lines, rows, at)
                    bad = got == NO
                    if not bad.any():
                        break
                    left = np.flatnonzero(bad)
                else:
                    got = result[left] = choice.match(lines, rows[left], at[left])
                    left = left[got == NO]
                if choice.groups:
                    lines.forget(choice.groups, rows[left])
                if not len(left):
                    break
        return result


class _Likely:
    """Which alternatives may match, by the bytes that stand there."""

    def __init__(self, choices: Sequence[tuple[Node, Sequence[frozenset[int] | None]]], column: int) -> None:
        """The alternatives as a `Branch` gets them, and which column to look at."""
        self._column = column
        self._choices = choices
        self._kind_of: UInt8 | None = None
        """For each byte which of `_rows`; made when a line comes to it: to most branches none ever does."""
        self._steps = 0
        """What is told apart, as `find_steps` says."""
        self._rows: list[tuple[int, ...]] = []
        self._kinds: list[Sequence[Node] | _Likely | None] = []

    def _sort(self) -> UInt8:
        """Sort the bytes by the alternatives that may begin with them."""
        likely: list[list[int]] = [[] for _ in range(256)]
        for n, (_, classes) in enumerate(self._choices):
            class_ = classes[self._column] if self._column < len(classes) else None
            for byte in range(256) if class_ is None else class_:
                likely[byte].append(n)
        kinds: dict[tuple[int, ...], int] = {}
        kind_of = np.array([kinds.setdefault(tuple(one), len(kinds)) for one in likely], np.uint8)
        self._steps = reduce(
            or_, (find_steps(frozenset(np.flatnonzero(kind_of == kind).tolist())) for kind in kinds.values())
        )  # fmt: skip
        self._rows = list(kinds)
        self._kinds = [None] * len(kinds)
        return kind_of

    def find(
        self, lines: Lines, rows: Int64, at: Int64, left: Int64 | None
    ) -> Iterator[tuple[Int64 | None, Sequence[Node]]]:
        """Lines (None: all) and the alternatives for them, in their order; not lines for which there is none."""
        if self._kind_of is None:
            self._kind_of = self._sort()
        some, places = (rows, at) if left is None else (rows[left], at[left])
        lines.see(some, places + (self._column + 1))
        lines.tell(some, places + self._column, places + self._column + 1, self._steps)
        kinds = self._kind_of[lines.block.bytes[places + self._column]]
        counts = np.bincount(kinds).tolist()
        for kind, count in enumerate(counts):
            if not count:
                continue
            chosen = left
            if count < len(kinds):
                chosen = np.flatnonzero(kinds == kind) if left is None else left[kinds == kind]
            one = self._kinds[kind]
            if one is None:
                one = self._kinds[kind] = self._narrow([self._choices[n] for n in self._rows[kind]])
            if isinstance(one, _Likely):
                yield from one.find(lines, rows, at, chosen)
            elif one:
                yield chosen, one

    def _narrow(self, choices: Sequence[tuple[Node, Sequence[frozenset[int] | None]]]) -> "Sequence[Node] | _Likely":
        """What is left to do for lines with these alternatives."""
        if len(choices) > _MANY and self._column + 1 < _COLUMNS_LOOKED_AT:
            return _Likely(choices, self._column + 1)
        return [choice for choice, _ in choices]


class Deferred:
    """A part without groups that is built when a line comes to it."""

    groups: tuple[int, ...] = ()

    def __init__(self, build: Callable[[], Node | None]) -> None:
        """What builds it; None: it cannot be built, and only `re` knows."""
        self._build = build
        self._part: Node | None = None
        self._is_built = False

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the part."""
        if not self._is_built:
            self._part, self._is_built = self._build(), True
        return np.full(len(rows), MAYBE) if self._part is None else self._part.match(lines, rows, at)


class Group:
    """A part whose place is kept."""

    def __init__(self, number: int, part: Node) -> None:
        """The group's number, and what it holds."""
        self._number, self._part = number, part
        self.groups = (number, *part.groups)

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the part."""
        got = self._part.match(lines, rows, at)
        # Places are kept as they are: a part's answer may be what it was given.
        lines.put_group(self._number, rows, np.where(got >= 0, at, NO), got.copy())
        return got


class Repeat:
    """A part as often as it matches."""

    def __init__(self, part: Node, least: int, most: int, *, is_open: bool, bulk: frozenset[int] | None) -> None:
        """Args are kept.

        Args:
            part: What is repeated; without groups.
            least: How often at least.
            most: How often at most.
            is_open: The part might match in another way than its first.
            bulk: Class of the single bytes that are the first way of the part.
        """
        self.groups = ()
        self._part, self._least, self._most, self._is_open = part, least, most, is_open
        self._bulk = Run(bulk, 0, 1 << 20) if bulk is not None else None

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the last time."""
        result, count = at.copy(), np.zeros(len(at), np.int64)
        left = np.arange(len(at))
        for _ in range(_MOST_TURNS):
            if self._bulk is not None:
                from_ = result[left]
                stop = np.minimum(self._bulk.match(lines, rows[left], from_), from_ + self._most - count[left])
                result[left] = stop
                count[left] += stop - from_
                left = left[count[left] < self._most]
            got = self._part.match(lines, rows[left], result[left])
            result[left[got == MAYBE]] = MAYBE
            on = got > result[left]
            left = left[on]
            result[left] = got[on]
            count[left] += 1
            left = left[count[left] < self._most]
            if not len(left):
                break
        result[left] = MAYBE
        few = (count < self._least) & (result >= 0)
        result[few] = np.where(self._is_open & (count[few] > 0), MAYBE, NO)
        return result


class Lazy:
    """A part as seldom as possible before the rest of the pattern."""

    def __init__(self, part: Node, least: int, most: int, rest: Node, *, is_open: bool) -> None:
        """Args are kept; `is_open`: the part might match in another way than its first."""
        self._part, self._least, self._most, self._rest, self._is_open = part, least, most, rest, is_open
        self.groups = (*part.groups, *rest.groups)

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the rest."""
        result = np.full(len(rows), NO)
        left = np.arange(len(rows))
        at = at.copy()
        for turn in range(min(self._most, _MOST_TURNS) + 1):
            if turn >= self._least:
                got = self._rest.match(lines, rows[left], at[left])
                result[left] = got
                left = left[got == NO]
                lines.forget(self._rest.groups, rows[left])
            if turn == self._most or not len(left):
                break
            got = self._part.match(lines, rows[left], at[left])
            result[left[got < 0]] = MAYBE if self._is_open and turn else got[got < 0]
            on = got >= 0
            left = left[on]
            at[left] = got[on]
        else:
            result[left] = MAYBE
        if self._is_open:
            result[result == NO] = MAYBE
        return result


class Ahead:
    """A part that must follow, or must not; nothing is taken."""

    def __init__(self, part: Node, *, wanted: bool) -> None:
        """The part, and whether it must follow."""
        self._part, self._wanted = part, wanted
        self.groups = part.groups

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """The place itself."""
        got = self._part.match(lines, rows, at)
        good = got >= 0 if self._wanted else got == NO
        bad = got == NO if self._wanted else got >= 0
        if not self._wanted and self.groups:
            lines.forget(self.groups, rows)
        return np.where(good, at, np.where(bad, NO, MAYBE))


class Window:
    """A part that sees few bytes: it is matched once for neighbouring lines in which these are equal."""

    def __init__(self, part: Node, reach: int) -> None:
        """The part, and how many bytes from its begin on it may look at."""
        self._part, self._reach = part, reach
        self.groups = part.groups

    def match(self, lines: Lines, rows: Int64, at: Int64) -> Int64:
        """Behind the part."""
        whole = at + self._reach <= lines.ends_of(rows)
        new = ~whole
        new[:1] = True
        new[1:] |= ~whole[:-1]
        for column in range(0, self._reach, REACH):
            word = lines.block.words[at + column]
            if self._reach - column < REACH:
                word &= mask_of(b" " * (self._reach - column))
            new[1:] |= word[1:] != word[:-1]
        firsts = np.flatnonzero(new)
        if len(firsts) * 2 > len(rows) or lines.watch is not None:
            return self._part.match(lines, rows, at)
        got = self._part.match(lines, rows[firsts], at[firsts])
        source = np.cumsum(new) - 1
        shift = at - at[firsts][source]
        lines.copy_groups(self.groups, rows, rows[firsts][source], shift)
        result: Int64 = got[source]
        result[result >= 0] += shift[result >= 0]
        return result
