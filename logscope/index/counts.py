"""Sparse per-second series that grow by appending and merge in any order.

Plan: pieces are appended as they come; when many are pending they are sorted by second and folded into one. Cost:
O(n log n) over the active seconds, amortised over the pieces.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64

Ints = NDArray[np.int64] | NDArray[np.uint32]
"""Whole numbers in as many bytes as they need."""

_MOST_PENDING = 64
"""Pieces kept before they are folded together; bounds memory without sorting at every append."""


_NEVER: Final = 2**62
_MANY_ROWS = 2048
"""Records of one piece that are folded at once: of a storm few seconds remain."""
_MOST_ROWS = 65_536
"""Rows kept before they are folded: 4 MiB. Lines out of order have a row each: 64 pieces are 135 MB."""


Spans = Sequence[tuple[int, int]]
"""First and last second of each, both included."""

STEPS_S: Final = (5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600)
"""Steps in which seconds are summed where there are too many."""
_PIECE_ROWS: Final = 4
"""Rows that a piece costs beside its own."""
_RISE_S: Final = 60
_FINE_SHARE: Final = 6
"""Of the rows that a kind may have, one in so many before its greatest rise, and as many behind it."""


class SecondCounts:
    """Counters per active second: `width` integers for each second in which something happened."""

    __slots__ = ("_columns", "_pending", "_pending_rows", "_seconds", "width")

    def __init__(self, width: int) -> None:
        self.width = width
        self._seconds: Int64 = np.empty(0, np.int64)
        self._columns: list[Ints | None] = [None] * width
        """None where all are 0: what a log without requests has of most."""
        self._pending: list[tuple[Int64, Int64]] = []
        self._pending_rows = 0

    def add(self, seconds: Int64, values: Int64) -> None:
        """Add counters. Seconds may repeat and come in any order.

        Args:
            seconds: Unix seconds, one per row.
            values: Integers of shape (len(seconds), width).
        """
        if len(seconds):
            self._pending.append((seconds, values))
            self._pending_rows += len(seconds)
            # Not before they are as many as are folded: what is sorted again and again would cost.
            many = self._pending_rows >= max(_MOST_ROWS, len(self._seconds))
            if many or len(self._pending) >= _MOST_PENDING:
                self._fold()

    def merge(self, other: "SecondCounts") -> None:
        """Add all counters of another series of the same width."""
        self.add(*other.arrays())

    def coarsen(self, width_s: int, until: int, kept: Spans) -> None:
        """Sum what is long past in steps: the first active second of each step counts for all of it.

        Args:
            width_s: Seconds of a step.
            until: The second from which on nothing is summed.
            kept: Spans in which nothing is summed either.
        """
        seconds, values = self.arrays()
        starts = _find_steps(seconds, width_s, until, kept)
        if len(starts) < len(seconds):
            self._put(0, seconds[starts], np.add.reduceat(values, starts, axis=0))

    def held(self) -> int:
        """Rows that it takes the memory of."""
        return len(self._seconds) + self._pending_rows

    def shorten(self, most: int) -> bool:
        """Sum in the shortest steps that leave no more than so many rows; whether that was needed."""
        before = len(self.seconds())
        for width_s in STEPS_S:
            if len(self._seconds) <= most:
                break
            self.coarsen(width_s, _NEVER, ())
        return len(self._seconds) < before

    def seconds(self) -> Int64:
        """The distinct seconds, ascending. Do not write to them."""
        self._fold()
        return self._seconds

    def column(self, number: int) -> Int64:
        """One of the counters of each of the seconds."""
        self._fold()
        return self._read(number, 0)

    def arrays(self) -> tuple[Int64, Int64]:
        """The distinct seconds, ascending, and a table of their counters. Do not write to the seconds."""
        self._fold()
        return self._seconds, self._table(0)

    def _fold(self) -> None:
        if not self._pending:
            return
        # Most come in the order of time: of what is known only the last second, if any, is touched.
        first = min(int(piece[0].min()) for piece in self._pending)
        at = int(self._seconds.searchsorted(first))
        seconds = np.concatenate([self._seconds[at:], *(piece[0] for piece in self._pending)])
        values = np.concatenate([self._table(at), *(piece[1] for piece in self._pending)])
        self._pending.clear()
        self._pending_rows = 0
        order = np.argsort(seconds, kind="stable")
        seconds, values = seconds[order], values[order]
        starts = _run_starts(seconds)
        self._put(at, seconds[starts], np.add.reduceat(values, starts, axis=0))

    def _put(self, at: int, seconds: Int64, values: Int64) -> None:
        """Put rows in the place of those from one on."""
        for number, known in enumerate(self._columns):
            fresh = _shrink(values[:, number])
            if known is not None:
                self._columns[number] = np.concatenate([known[:at], fresh])
            elif fresh.any():
                self._columns[number] = np.concatenate([np.zeros(at, np.uint32), fresh])
        self._seconds = np.concatenate([self._seconds[:at], seconds])

    def _read(self, number: int, begin: int) -> Int64:
        column = self._columns[number]
        return np.zeros(len(self._seconds) - begin, np.int64) if column is None else column[begin:].astype(np.int64)

    def _table(self, begin: int) -> Int64:
        return np.stack([self._read(number, begin) for number in range(self.width)], axis=1)


def _shrink(values: Int64) -> Ints:
    """A copy, in fewer bytes where all fit."""
    fits = int(values.min(initial=0)) >= 0 and int(values.max(initial=0)) < 2**32
    return values.astype(np.uint32) if fits else values.copy()


class Columns(NamedTuple):
    """Rows of `Occurrences` as columns; those whose numbers are small take few bytes."""

    second: Int64
    records: Ints
    first_us: Int64
    part: Ints
    offset: Ints
    line: Ints

    @classmethod
    def of(cls, table: Int64) -> "Columns":
        """The columns of a table."""
        lows, highs = table.min(axis=0, initial=0).tolist(), table.max(axis=0, initial=0).tolist()

        def shrink(n: int) -> Ints:
            fits = lows[n] >= 0 and highs[n] < 2**32
            return table[:, n].astype(np.uint32) if fits else table[:, n].copy()

        return cls(table[:, 0].copy(), shrink(1), table[:, 2].copy(), shrink(3), shrink(4), shrink(5))

    def table(self, begin: int = 0) -> Int64:
        """The rows from one on."""
        table = np.empty((len(self.second) - begin, len(self)), np.int64)
        for number, column in enumerate(self):
            table[:, number] = column[begin:]
        return table

    def join(self, end: int, later: "Columns") -> "Columns":
        """The rows up to one, and behind them others."""
        return Columns(*(np.concatenate([one[:end], more]) for one, more in zip(self, later, strict=True)))


_NO_ROWS: Final = Columns.of(np.empty((0, 6), np.int64))


class Occurrences:
    """Records of one kind per active second: how many, and the first of them with its place."""

    __slots__ = ("_known", "_pending", "_pending_rows", "version")

    COLUMNS = Columns._fields

    def __init__(self) -> None:
        self.version = 0
        """Grows with each change."""
        self._known = _NO_ROWS
        self._pending: list[Int64] = []
        self._pending_rows = 0

    def __len__(self) -> int:
        """Active seconds, or steps (`coarsen`)."""
        return len(self.columns().second)

    def add(self, table: Int64) -> None:
        """Add rows of the columns of `COLUMNS`; seconds may repeat and come in any order."""
        if len(table):
            self.version += 1
            # A copy: a few rows would keep the whole table in memory that they were cut from.
            self._pending.append((_fold_rows(table) if len(table) > _MANY_ROWS else table).copy())
            self._pending_rows += len(self._pending[-1])
            many = self._pending_rows >= max(_MOST_ROWS, len(self._known.second))
            if many or len(self._pending) >= _MOST_PENDING:
                self._fold()

    def merge(self, other: "Occurrences") -> None:
        """Add all records of another series."""
        for table in (other._known.table(), *other._pending):
            self.add(table)

    def coarsen(self, width_s: int, until: int, kept: Spans) -> None:
        """Sum what is long past in steps: one row, a lump, for each of them that holds several.

        A lump's second is the last active one of its step, its stamp and place are those of the first record: so many
        seconds lie between the two, and nothing before a row or behind it is counted wrongly.

        Args:
            width_s: Seconds of a step.
            until: The second from which on nothing is summed.
            kept: Spans in which nothing is summed either.
        """
        seconds = self.columns().second
        starts = _find_steps(seconds, width_s, until, kept)
        if len(starts) < len(seconds):
            self.version += 1
            self._known = Columns.of(_lump(self._known.table(), starts))

    def held(self) -> int:
        """Rows that it takes the memory of; those that wait take more."""
        return len(self._known.second) + 2 * self._pending_rows + _PIECE_ROWS * len(self._pending)

    def shorten(self, most: int) -> bool:
        """Sum in the shortest steps that leave about so many rows; whether that was needed.

        Around its greatest rise the seconds stay as they are: there it may have begun to tell of a fault.
        """
        before = len(self)
        for width_s in STEPS_S:
            if len(self) <= most:
                break
            rise = _find_rise(self._known)
            near = most // _FINE_SHARE
            self.coarsen(width_s, _NEVER, [(rise - near, rise + near)])
        return len(self) < before

    def columns(self) -> Columns:
        """Rows sorted by second, one for each active second or step (`coarsen`). Do not write to them."""
        self._fold()
        return self._known

    def table(self) -> Int64:
        """The same as a table of their own."""
        return self.columns().table()

    def count(self) -> int:
        """All records that have a time."""
        return int(self.columns().records.sum())

    def _fold(self) -> None:
        if not self._pending:
            return
        pending = self._pending[0] if len(self._pending) == 1 else np.concatenate(self._pending)
        known, fresh = self._known, _fold_rows(pending)
        self._pending.clear()
        self._pending_rows = 0
        # Most come in the order of time: of what is known only the last second, if any, is touched.
        at = int(known.second.searchsorted(fresh[0, 0]))
        if at < len(known.second):
            fresh = _fold_rows(np.concatenate([known.table(at), fresh]))
        self._known = known.join(at, Columns.of(fresh)) if at else Columns.of(fresh)


def _fold_rows(table: Int64) -> Int64:
    """One row for each second: within a second the earliest stamp wins, then the earlier part, then the place."""
    if len(table) == 1 or ((table[1:, 0] > table[:-1, 0]).all() and (table[1:, 2] >= table[:-1, 2]).all()):
        # As most come: in order, and no second twice.
        return table
    if (table[1:, 2] < table[:-1, 2]).any():
        # By stamp is by second, too. Series that are in order by themselves are merged, which is quicker than sorting.
        table = table[np.argsort(table[:, 2], kind="stable")]
    if (table[1:, 2] == table[:-1, 2]).any() or (table[1:, 0] < table[:-1, 0]).any():
        table = table[np.lexsort((table[:, 4], table[:, 3], table[:, 2], table[:, 0]))]
    starts = _run_starts(table[:, 0])
    folded = table[starts]
    folded[:, 1] = np.add.reduceat(table[:, 1], starts)
    stamps = folded[:, 2]
    if (stamps[1:] < stamps[:-1]).any():
        # Lumps of other series, or of one that a late line came to: what they overlap belongs to them.
        latest, earliest = np.maximum.accumulate(stamps), np.minimum.accumulate(stamps[::-1])[::-1]
        folded = _lump(folded, np.flatnonzero(np.concatenate([[True], earliest[1:] >= latest[:-1]])))
    return folded


def _lump(table: Int64, starts: Int64) -> Int64:
    """Sum rows up to the next start each, as `Occurrences.coarsen` says."""
    ends = np.append(starts[1:], len(table)) - 1
    run = np.repeat(np.arange(len(starts)), ends - starts + 1)
    first = np.lexsort((table[:, 4], table[:, 3], table[:, 2], run))[starts]
    lumps = table[first]
    lumps[:, 0] = table[ends, 0]
    lumps[:, 1] = np.add.reduceat(table[:, 1], starts)
    return lumps


def _find_steps(seconds: Int64, width_s: int, until: int, kept: Spans) -> Int64:
    """Rows that begin a step; each row that is not to be summed begins its own."""
    steps = seconds // width_s
    is_start = np.concatenate([[True], steps[1:] != steps[:-1]])[: len(seconds)]
    spans = [(begin, end + 1) for begin, end in kept if begin <= end]
    for begin, end in [*spans, (until, _NEVER)]:
        low, high = np.searchsorted(seconds, (begin, end)).tolist()
        is_start[low : high + 1] = True
    return np.flatnonzero(is_start)


def _find_rise(rows: Columns) -> int:
    """The second behind which most more records came than before it, within a minute each."""
    seconds = rows.second
    sums = np.concatenate([[0], np.cumsum(rows.records, dtype=np.int64)])
    at = np.arange(len(seconds))
    after = sums[seconds.searchsorted(seconds + _RISE_S)] - sums[at]
    before = sums[at] - sums[seconds.searchsorted(seconds - _RISE_S)]
    # All rise where the log begins.
    first = min(1, len(seconds) - 1)
    return int(seconds[first + int(np.argmax((after - before)[first:]))])


def feed_digest(digest: "hashlib._Hash", array: Int64) -> None:
    """Add an array's content to a digest, independent of the machine's byte order."""
    digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())


def _run_starts(values: Int64) -> Int64:
    """Index of the first element of each run of equal neighbours."""
    return np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])) if len(values) else np.empty(0, np.int64)
