"""Texts kept of a group: rotation may destroy the bytes. Chosen so that any merge order keeps the same ones."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from logscope.ingest.batch import Int64, UInt16

FIRST = 3
SPREAD = 5
_ALL_BITS = (1 << 64) - 1
_MOST_LINES = 40
MOST_BYTES = 8192


class Exemplar(NamedTuple):
    """One record's text and place. Sorts by time, then by place."""

    time: int
    """Microseconds as written; `NO_TIME` without a stamp."""
    part: int
    offset: int
    line: int
    text: bytes
    """The record, cut to 40 lines and 8 KiB."""


def spread_rank(part: UInt16, offset: Int64) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """A hash of each place: the lowest ranks are a fair sample of all records, in whatever order they come.

    The finaliser of splitmix64 (Steele, Lea and Flood 2014), which mixes every bit of the place into every bit.
    """
    x = (offset.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) + part.astype(np.uint64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _rank_of(one: Exemplar) -> int:
    """`spread_rank` of one record, in plain integers: a tenth of the time that arrays of one take."""
    x = ((one.offset + 1) * 0x9E3779B97F4A7C15 + one.part) & _ALL_BITS
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _ALL_BITS
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _ALL_BITS
    return x ^ (x >> 31)


class Exemplars:
    """The first three records, five spread over all, and the last one."""

    __slots__ = ("_all", "_spread", "first", "last", "version")

    def __init__(self) -> None:
        self.version = 0
        """Grows with each change."""
        self.first: tuple[Exemplar, ...] = ()
        self.last: Exemplar | None = None
        self._spread: tuple[tuple[int, Exemplar], ...] = ()
        """Those of the lowest ranks, with these."""
        self._all: tuple[Exemplar, ...] | None = None
        """In order, once somebody asked: three of a judgement's views do."""

    def add(self, exemplars: Iterable[Exemplar]) -> None:
        """Offer more records; only those that belong are kept."""
        fresh = {(_rank_of(one), one) for one in exemplars}
        if fresh:
            records = [one for _, one in fresh]
            self._take(records, fresh, max(records))

    def merge(self, other: "Exemplars") -> None:
        """Offer all records of another set: which of them may belong is known."""
        if other.last is not None:
            self._take(other.first, other._spread, other.last)

    def _take(self, first: Iterable[Exemplar], ranked: Iterable[tuple[int, Exemplar]], last: Exemplar) -> None:
        self.version += 1
        self._all = None
        self.last = last if self.last is None else max(self.last, last)
        # Most come later than the first and rank above what is kept: nothing is sorted for them.
        if len(self.first) < FIRST or min(first) < self.first[-1]:
            self.first = tuple(sorted({*self.first, *first})[:FIRST])
        if len(self._spread) < SPREAD or min(ranked) < self._spread[-1]:
            self._spread = tuple(sorted({*self._spread, *ranked})[:SPREAD])

    def text_bytes(self) -> int:
        """Of all kept records, those kept twice counted twice."""
        kept = [*self.first, *(one for _, one in self._spread), *([self.last] if self.last else [])]
        return sum(len(one.text) for one in kept)

    def cut(self, most_bytes: int) -> None:
        """Cut the texts further."""
        if all(len(one.text) <= most_bytes for one in self.all()):
            return
        self.version += 1
        self._all = None

        def cut(one: Exemplar) -> Exemplar:
            return one._replace(text=cut_sample(one.text, most_bytes))

        self.first = tuple(map(cut, self.first))
        self._spread = tuple((rank, cut(one)) for rank, one in self._spread)
        self.last = cut(self.last) if self.last is not None else None

    def all(self) -> tuple[Exemplar, ...]:
        """Every kept record, by time and place."""
        if self._all is None:
            spread = (one for _, one in self._spread)
            self._all = tuple(sorted({*self.first, *spread, *([self.last] if self.last else [])}))
        return self._all


def cut_sample(text: bytes, most_bytes: int = MOST_BYTES) -> bytes:
    """Cut a record to what a sample may hold: 40 lines and 8 KiB, or fewer.

    Of a longer trace the head, the first frames and the lines of the last cause stay: the cause is at the end in some
    languages and at the start in others.
    """
    if len(text) <= most_bytes and text.count(b"\n") < _MOST_LINES:
        return text
    lines = text.split(b"\n")
    if len(lines) > _MOST_LINES:
        causes = [n for n, line in enumerate(lines) if line.lstrip().startswith(b"Caused by")]
        tail_start = causes[-1] if causes else len(lines) - 12
        tail = lines[max(tail_start, 20) :][:18]
        lines = [*lines[: _MOST_LINES - len(tail) - 1], b"\t...", *tail]
    kept: list[bytes] = []
    room = most_bytes
    for line in lines:
        piece = line[: max(0, room)]
        kept.append(piece)
        room -= len(piece) + 1
        if room <= 0:
            break
    return b"\n".join(kept)
