"""Notable records on their way into their groups: gathered from many pieces, then folded group by group at once.

Plan: records of a piece are appended as columns with the number of their kind; only those whose text a group may keep
are looked at one by one, which after the first pieces are few. When many have come, or somebody asks, all are sorted by
group once. What comes out does not depend on when that happens. Cost: about 0.3 us a record.
"""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from logscope.index.counts import Occurrences
from logscope.index.exemplars import FIRST, SPREAD, Exemplar, cut_sample, spread_rank
from logscope.index.groups import Group, Groups
from logscope.ingest.batch import Batch, Int32, Int64, Signature, UInt8, UInt16
from logscope.ingest.distinct import find_distinct
from logscope.ingest.texts import take_texts
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME, US

_MOST_PENDING: Final = 131_072
"""Records gathered before they are folded: 5 MiB."""
_MOST_TEXT_BYTES: Final = 8 * 1024 * 1024
"""Of texts gathered before they are folded."""
_MOST_KINDS: Final = 16_384
"""Remembered before all is forgotten: a file in which every line is another kind costs no memory."""
_LATEST: Final = 2**62
_HIGHEST: Final = 2**64 - 1
_SEVERITIES: Final = 32
"""More than the scale has."""


@dataclass(slots=True)
class _Kind:
    """What is gathered of the records of one signature, source and severity."""

    source: str
    severity: Severity
    signature: Signature
    is_placed: bool
    times: list[int]
    """The earliest so far, ascending, at most `FIRST`."""
    ranks: list[int]
    """The lowest so far, ascending, at most `SPREAD`."""
    chosen: list[Exemplar]
    last: Exemplar | None


@dataclass(frozen=True, slots=True)
class _Codes:
    """Numbers of the kinds of one scanner's signatures."""

    signatures: list[Signature]
    kinds: Int64
    """By signature and severity; -1 where none came yet."""


class Notes:
    """Notable records of all sources that are not in their groups yet."""

    def __init__(self) -> None:
        self.forget_kinds()
        self._pieces: list[tuple[Int64, Int64, Int64, Int64, Int64]] = []
        self._count = 0
        self._text_bytes = 0

    def forget_kinds(self) -> None:
        """Know no kind: what is remembered only spares work."""
        self._kinds: list[_Kind] = []
        self._number_by_kind: dict[tuple[str, Severity, int], int] = {}
        self._codes: dict[str, _Codes] = {}
        self._latest_first: Int64 = np.empty(0, np.int64)
        """For each kind the time of its third record; later ones are not among the first three."""
        self._worst_rank = np.empty(0, np.uint64)

    @property
    def is_full(self) -> bool:
        """So many have come that they should be folded."""
        return (
            self._count >= _MOST_PENDING
            or self._text_bytes >= _MOST_TEXT_BYTES
            or (self._count > 0 and len(self._kinds) >= _MOST_KINDS)
        )

    @property
    def text_bytes(self) -> int:
        """Of the examples that wait."""
        return self._text_bytes

    @property
    def is_empty(self) -> bool:
        """Nothing waits."""
        return not self._count

    def add(self, source: str, batch: Batch, signatures: list[Signature], chosen: Int64 | None = None) -> None:
        """Take the notable records of a piece.

        Args:
            source: Key of the source.
            batch: Its records.
            signatures: The scanner's, that `batch.signature` points into.
            chosen: Numbers of those of `batch.notable` that count; None for all.
        """
        noted = np.arange(len(batch.notable)) if chosen is None else chosen
        if not len(noted):
            return
        rows = batch.notable[noted]
        number = self._number(source, batch.signature[noted], batch.severity[rows], signatures)
        times, offset, line = batch.time[rows], batch.offset[rows], batch.line[rows]
        part = batch.part[rows]
        self._pieces.append((number, times, part.astype(np.int64), offset, line))
        self._count += len(rows)
        ranks = spread_rank(part, offset)
        wanted = (times <= self._latest_first[number]) | (ranks <= self._worst_rank[number])
        in_order = bool((times[1:] >= times[:-1]).all())
        kept = self._choose(np.flatnonzero(wanted), number, times, ranks, part, offset)
        newest = np.full(len(self._kinds), -1)
        order = np.arange(len(rows)) if in_order else np.lexsort((offset, part, times))
        newest[number[order]] = order  # of equal ones the last wins
        last = newest[newest >= 0]
        shown = np.concatenate([kept, last])
        texts = take_texts(batch.texts, noted[shown])
        columns = (number[shown], ranks[shown], times[shown], part[shown], offset[shown], line[shown])
        for n, (kind_number, rank, time, of_part, at, on_line, text) in enumerate(
            zip(*(column.tolist() for column in columns), texts, strict=True)
        ):
            kind = self._kinds[kind_number]
            if n < len(kept):
                self._keep(kind_number, Exemplar(time, of_part, at, on_line, cut_sample(text)), rank)
            elif kind.last is None or kind.last[:3] < (time, of_part, at):
                kind.last = Exemplar(time, of_part, at, on_line, cut_sample(text))

    def _number(self, source: str, signature: Int32, severity: UInt8, signatures: list[Signature]) -> Int64:
        """The number of each record's kind."""
        code = signature.astype(np.int64) * _SEVERITIES + severity
        codes = self._codes.get(source)
        size = _SEVERITIES * len(signatures)
        if codes is None or codes.signatures is not signatures or len(codes.kinds) < size:
            kinds: Int64 = np.full(max(size, 64 * _SEVERITIES), -1)
            if codes is not None and codes.signatures is signatures:
                kinds = np.full(2 * size, -1)
                kinds[: len(codes.kinds)] = codes.kinds
            codes = self._codes[source] = _Codes(signatures, kinds)
        number = codes.kinds[code]
        if len(number) and int(number.min()) < 0:
            for one in find_distinct(code[number < 0]).tolist():
                codes.kinds[one] = self._add_kind(
                    source, Severity(one % _SEVERITIES), signatures[one // _SEVERITIES]
                )  # fmt: skip
            number = codes.kinds[code]
        numbers: Int64 = number
        return numbers

    def _add_kind(self, source: str, severity: Severity, signature: Signature) -> int:
        number = self._number_by_kind.setdefault((source, severity, signature.key), len(self._kinds))
        if number == len(self._kinds):
            self._kinds.append(_Kind(source, severity, signature, False, [], [], [], None))
            if number >= len(self._latest_first):
                more = max(64, number)
                self._latest_first = np.concatenate([self._latest_first, np.full(more, _LATEST)])
                self._worst_rank = np.concatenate([self._worst_rank, np.full(more, _HIGHEST, np.uint64)])
        return number

    @staticmethod
    def _choose(
        rows: Int64, number: Int64, times: Int64, ranks: "np.ndarray[tuple[int], np.dtype[np.uint64]]",
        part: UInt16, offset: Int64,
    ) -> Int64:  # fmt: skip
        """Of records that may be kept the first and the lowest of each kind in this piece."""
        if len(rows) <= FIRST:
            return rows
        by_time = rows[np.lexsort((offset[rows], part[rows], times[rows], number[rows]))]
        by_rank = rows[np.lexsort((ranks[rows], number[rows]))]
        return find_distinct(
            np.concatenate([_take_each(by_time, number, FIRST), _take_each(by_rank, number, SPREAD)])
        )  # fmt: skip

    def _keep(self, number: int, one: Exemplar, rank: int) -> None:
        kind = self._kinds[number]
        kind.chosen.append(one)
        self._text_bytes += len(one.text)
        insort(kind.times, one.time)
        insort(kind.ranks, rank)
        del kind.times[FIRST:], kind.ranks[SPREAD:]
        if len(kind.times) == FIRST:
            self._latest_first[number] = kind.times[-1]
        if len(kind.ranks) == SPREAD:
            self._worst_rank[number] = kind.ranks[-1]

    def fold_into(self, groups: Groups) -> None:
        """Put all records into their groups; none is left here."""
        if self.is_empty:
            return
        numbers, times, part, offset, line = (np.concatenate(column) for column in zip(*self._pieces, strict=True))
        touched = np.flatnonzero(np.bincount(numbers, minlength=len(self._kinds))).tolist()
        for kind in (self._kinds[number] for number in touched):
            if not kind.is_placed:
                groups.place(kind.source, kind.severity, kind.signature)
                kind.is_placed = True
        homes: dict[int, int] = {}
        found: list[Group] = []
        home = np.empty(len(self._kinds), np.int64)
        for number in touched:
            kind = self._kinds[number]
            group = groups.get(kind.source, kind.severity, kind.signature)
            home[number] = homes.setdefault(id(group), len(found))
            if home[number] == len(found):
                found.append(group)
            if kind.chosen or kind.last is not None:
                group.exemplars.add(kind.chosen if kind.last is None else [*kind.chosen, kind.last])
                kind.chosen, kind.last = [], None
        _fold_occurrences(found, home[numbers], times, part, offset, line)
        self._pieces.clear()
        self._count = self._text_bytes = 0
        if len(self._kinds) >= _MOST_KINDS:
            self.forget_kinds()


def _take_each(rows: Int64, number: Int64, most: int) -> Int64:
    """The first rows of each kind; rows of one kind are neighbours."""
    kinds = number[rows]
    starts = np.flatnonzero(np.concatenate([[True], kinds[1:] != kinds[:-1]]))
    position = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    return rows[position < most]


def _fold_occurrences(
    groups: Sequence[Group], home: Int64, times: Int64, part: Int64, offset: Int64, line: Int64
) -> None:
    """Add records to the series of their groups, one row for each second."""
    timed = times != NO_TIME
    if not timed.all():
        for at, count in enumerate(np.bincount(home[~timed], minlength=len(groups)).tolist()):
            groups[at].untimed += count
        home, times, part, offset, line = home[timed], times[timed], part[timed], offset[timed], line[timed]
    if not len(home):
        return
    # Sixteen bits are sorted in linear time.
    order = np.argsort(home.astype(np.uint16) if len(groups) < 65_536 else home, kind="stable")
    ordered, stamps = home[order], times[order]
    same = ordered[1:] == ordered[:-1]
    if (same & (stamps[1:] < stamps[:-1])).any() or _is_out_of_place(part, offset, order, same):
        order = np.lexsort((offset, part, times, home))
        ordered, stamps = home[order], times[order]
        same = ordered[1:] == ordered[:-1]
    seconds = stamps // US
    starts = np.flatnonzero(np.concatenate([[True], ~same | (seconds[1:] != seconds[:-1])]))
    table = np.empty((len(starts), len(Occurrences.COLUMNS)), np.int64)
    first = order[starts]
    table[:, 0] = seconds[starts]
    table[:, 1] = np.diff(np.append(starts, len(order)))
    table[:, 2] = stamps[starts]
    table[:, 3] = part[first]
    table[:, 4] = offset[first]
    table[:, 5] = line[first]
    bounds = np.flatnonzero(np.concatenate([[True], np.diff(ordered[starts]) != 0, [True]])).tolist()
    for begin, end in pairwise(bounds):
        groups[int(ordered[starts[begin]])].occurrences.add(table[begin:end])


def _is_out_of_place(
    part: Int64, offset: Int64, order: Int64, same: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
) -> bool:
    """Whether records of one group do not come in the order of their places: pieces of a file may come in any order."""
    parts, offsets = part[order], offset[order]
    back = (parts[1:] < parts[:-1]) | ((parts[1:] == parts[:-1]) & (offsets[1:] < offsets[:-1]))
    return bool((same & back).any())
