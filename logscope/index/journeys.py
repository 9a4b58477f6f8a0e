"""Where each id went: every record of a window that shows one, with its kind, time and place.

Bounded: beyond `MOST_ROWS` only ids with a small hash are kept, half as many at each level. All rows of an id are kept
or none, and a level follows from the rows that there are, so merging stays associative and commutative.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from logscope.index.groups import GroupKey
from logscope.index.ids import SHORT
from logscope.ingest.batch import Batch, Int64, Signature
from logscope.ingest.distinct import find_distinct
from logscope.ingest.ids import LONGEST_ID
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME

MOST_ROWS: Final = 400_000
"""40 MB: the requests of a quarter of an hour at 200 a second with two records each."""

Names = NDArray[np.bytes_]

TIME, PART, OFFSET, LINE, KIND, STATUS, RANK = range(7)
"""Columns of the rows: stamp as written, place, index into `kinds`, HTTP status (0 without), hash of the id."""


@dataclass(frozen=True, slots=True)
class Rows:
    """All that is kept, sorted by id, then time and place."""

    names: Names
    """Ids."""
    table: Int64
    """One row for each of `names`; columns as above."""
    kinds: Sequence[GroupKey]
    level: int
    """0 when every id is kept; else one in two to the power of it."""


class Journeys:
    """Collects records that show ids."""

    def __init__(self) -> None:
        self._names: list[Names] = []
        self._tables: list[Int64] = []
        self._kinds: dict[GroupKey, int] = {}
        self._signatures: dict[GroupKey, Signature] = {}
        self._count = 0
        self._level = 0

    def add(self, source: str, batch: Batch, signatures: Sequence[Signature]) -> None:
        """Add the notable records of a piece that show ids."""
        if not len(batch.id_rows) or not len(batch.notable):
            return
        at = np.minimum(np.searchsorted(batch.notable, batch.id_rows), len(batch.notable) - 1)
        chosen = np.flatnonzero((batch.notable[at] == batch.id_rows) & (batch.time[batch.id_rows] != NO_TIME))
        if not len(chosen):
            return
        rows, notes = batch.id_rows[chosen], at[chosen]
        names = [batch.id_names[n] for n in chosen.tolist()]
        codes: dict[tuple[int, int], int] = {}
        table = np.empty((len(rows), 7), np.int64)
        table[:, TIME], table[:, PART], table[:, OFFSET] = batch.time[rows], batch.part[rows], batch.offset[rows]
        table[:, LINE] = batch.line[rows]
        table[:, STATUS] = 0 if batch.status is None else batch.status[rows]
        table[:, RANK] = [crc32(name[:SHORT]) for name in names]
        pairs = zip(batch.signature[notes].tolist(), batch.severity[rows].tolist(), strict=True)
        for n, (signature, severity) in enumerate(pairs):
            code = codes.get((signature, severity))
            if code is None:
                code = codes[signature, severity] = self._number(source, severity, signatures[signature])
            table[n, KIND] = code
        self._take(np.array(names, f"S{LONGEST_ID}"), table)

    def _number(self, source: str, severity: int, signature: Signature) -> int:
        key = GroupKey(source, Severity(severity), signature.key)
        self._signatures[key] = signature
        return self._kinds.setdefault(key, len(self._kinds))

    def _take(self, names: Names, table: Int64) -> None:
        if self._level:
            kept = table[:, RANK] < 2**32 >> self._level
            names, table = names[kept], table[kept]
        self._names.append(names)
        self._tables.append(table)
        self._count += len(names)
        while self._count > MOST_ROWS and self._level < 31:
            self._level += 1
            keep = [table[:, RANK] < 2**32 >> self._level for table in self._tables]
            self._names = [names[kept] for names, kept in zip(self._names, keep, strict=True)]
            self._tables = [table[kept] for table, kept in zip(self._tables, keep, strict=True)]
            self._count = sum(map(len, self._names))
            self._forget_kinds()

    def _forget_kinds(self) -> None:
        """Number only kinds of which a row is left, in their own order."""
        used = {int(code) for table in self._tables for code in find_distinct(table[:, KIND])}
        left = sorted(key for key, code in self._kinds.items() if code in used)
        number = np.zeros(len(self._kinds), np.int64)
        for n, key in enumerate(left):
            number[self._kinds[key]] = n
        for table in self._tables:
            table[:, KIND] = number[table[:, KIND]]
        self._kinds = {key: n for n, key in enumerate(left)}
        self._signatures = {key: self._signatures[key] for key in left}

    def merge(self, other: "Journeys") -> None:
        """Add another collection."""
        self._level = max(self._level, other._level)
        codes = np.zeros(len(other._kinds), np.int64)
        for key, code in other._kinds.items():
            codes[code] = self._number(key.source, key.severity, other._signatures[key])
        pieces = [*zip(self._names, self._tables, strict=True)]
        for names, table in zip(other._names, other._tables, strict=True):
            moved = table.copy()
            moved[:, KIND] = codes[table[:, KIND]]
            pieces.append((names, moved))
        self._names, self._tables, self._count = [], [], 0
        for names, table in pieces:
            self._take(names, table)

    def forget(self, source: str) -> None:
        """Drop the rows of a source. Ids that were left out because of them stay left out."""
        gone = [code for key, code in self._kinds.items() if key.source == source]
        keep = [~np.isin(table[:, KIND], gone) for table in self._tables]
        self._names = [names[kept] for names, kept in zip(self._names, keep, strict=True)]
        self._tables = [table[kept] for table, kept in zip(self._tables, keep, strict=True)]
        self._count = sum(map(len, self._names))
        self._forget_kinds()

    def restore(
        self, level: int, kinds: Sequence[tuple[GroupKey, Signature]], names: Names, table: Int64
    ) -> None:  # fmt: skip
        """Take over rows that were kept, into a collection without any; `RANK` is that of the names."""
        self._level = level
        self._kinds = {key: number for number, (key, _) in enumerate(kinds)}
        self._signatures = dict(kinds)
        self._names, self._tables, self._count = [], [], 0
        self._take(names, table)

    def signature(self, key: GroupKey) -> Signature:
        """What records of a kind say."""
        return self._signatures[key]

    def rows(self) -> Rows:
        """All rows; kinds are numbered in their own order, so that equal content gives equal rows."""
        self._forget_kinds()
        kinds = list(self._kinds)
        if not self._names:
            return Rows(np.empty(0, f"S{LONGEST_ID}"), np.empty((0, 7), np.int64), kinds, self._level)
        names, table = np.concatenate(self._names), np.concatenate(self._tables)
        order = np.lexsort((table[:, KIND], table[:, OFFSET], table[:, PART], table[:, TIME], names))
        self._names, self._tables = [names[order]], [table[order]]
        return Rows(self._names[0], self._tables[0], kinds, self._level)
