"""Gathers the records of one piece of a stream as columns: those closed line by line, then those of a block."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Batch, Int64, Messages, UInt8
from logscope.ingest.blocks import LONGEST_LINE
from logscope.ingest.ids import MOST_IN_RECORD, find_ids, is_sampled
from logscope.ingest.noting import Found, Noter
from logscope.ingest.records import OpenRecord
from logscope.ingest.texts import BlockTexts

_Extra = tuple[str | None, int, int]
"""Service, status and duration."""
_Number = TypeVar("_Number", np.uint16, np.int64)
_MOST_SERVICES: Final = 1000
"""Told apart in `Batch.service`; further ones count as the stream's own."""


class BlockRecords(NamedTuple):
    """Columns of a block's records."""

    offset: Int64
    line: Int64
    length: Int64
    lines: Int64
    time: Int64
    severity: UInt8
    status: Int64 | None
    """HTTP status of access lines read as columns, 0 elsewhere; None without any."""
    duration_us: Int64 | None


class Columns:
    """What one piece gives: first the records that were closed line by line, then those of a block."""

    def __init__(self) -> None:
        self.records: list[OpenRecord] = []
        self.notable: list[int] = []
        self.signature: list[int] = []
        self.texts: list[bytes] = []
        self.extras: dict[int, _Extra] = {}
        """Service, status and duration of records of the block that have any."""
        self.block: BlockRecords | None = None
        self.block_services: tuple[Sequence[str], Int64] | None = None
        """Names, and for each record of the block which of them it has, -1 for none."""
        self._block_notes: tuple[Int64, Int64, BlockTexts] | None = None
        self._messages: Messages | None = None
        self.id_rows: list[int] = []
        self.id_names: list[bytes] = []

    def add_id(self, row: int, name: bytes) -> None:
        """An id that a record holds."""
        self.id_rows.append(row)
        self.id_names.append(name)

    def add_block_ids(self, data: bytes, begins: Int64, ends: Int64, *, examine: bool) -> None:
        """Find the ids in the first lines of a block's records, all but the last one, which is held back.

        Args:
            data: Holds the lines.
            begins: Where each record begins.
            ends: Where its first line ends.
            examine: Look at all of them, not at a sample.
        """
        assert self.block is not None, "its columns are made before"
        whole = len(begins) - 1
        chosen = np.ones(whole, np.bool_) if examine else is_sampled(self.block.time)
        if not chosen.any():
            return
        edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8)))
        base = len(self.records)
        for first, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            start = int(begins[first])
            found = find_ids(data[start : int(begins[stop])])
            places = np.fromiter((one.at for one in found), np.int64, len(found)) + start
            rows = np.searchsorted(begins, places, side="right") - 1
            is_first_line = places < np.minimum(ends[rows], begins[rows] + LONGEST_LINE)
            last, seen = -1, 0
            for at in np.flatnonzero(is_first_line).tolist():
                row = int(rows[at])
                last, seen = row, seen + 1 if row == last else 1
                if seen <= MOST_IN_RECORD:
                    self.add_id(base + row, found[at].name)

    def add_notable(self, at: int, signature: int, text: bytes) -> None:
        """A record that was closed line by line and matters."""
        self.notable.append(at)
        self.signature.append(signature)
        self.texts.append(text)

    def add_block_notes(self, data: bytes, rows: Int64, found: Found, noter: Noter) -> None:
        """The records of the block that matter, of those that may; the rows are their positions in the block."""
        index = noter.note_block(data, found)
        chosen = np.flatnonzero(index >= 0)
        joined = found.joined
        if joined:
            joined = {n: joined[row] for n, row in enumerate(chosen.tolist()) if row in joined}
        texts = BlockTexts(self.texts, data, found.begin[chosen], found.end[chosen], joined)
        told = found.tell_messages(data, chosen)
        if told is not None:
            told.begin[found.is_long[chosen]] = -1
            few = np.zeros(len(self.texts), np.int64)
            self._messages = Messages(
                np.concatenate([few - 1, told.begin]), np.concatenate([few, told.end]),
                np.concatenate([few, told.source]), told.sources,
            )  # fmt: skip
        self._block_notes = rows[chosen] + len(self.records), index[chosen], texts

    def _notes(self) -> tuple[Int64, NDArray[np.int32], Sequence[bytes]]:
        notable, signature = np.array(self.notable, np.int64), np.array(self.signature, np.int32)
        if self._block_notes is None:
            return notable, signature, self.texts
        rows, index, texts = self._block_notes
        return np.concatenate([notable, rows]), np.concatenate([signature, index.astype(np.int32)]), texts

    def make_batch(self, services: dict[str, int], own: str, lines: int, size: int, fed_part: int) -> Batch:
        """The batch; names that are new get their index in `services`."""
        records = self.records
        count = len(records)
        part = np.fromiter((r.part for r in records), np.uint16, count)
        offset = np.fromiter((r.offset for r in records), np.int64, count)
        line = np.fromiter((r.line for r in records), np.int64, count)
        length = np.fromiter((r.size for r in records), np.int32, count)
        line_count = np.fromiter((r.lines for r in records), np.int32, count)
        time = np.fromiter((r.time for r in records), np.int64, count)
        severity = np.fromiter((r.severity for r in records), np.uint8, count)
        if self.block is not None:
            block = self.block
            part = np.concatenate([part, np.full(len(block.offset), fed_part, np.uint16)])
            offset = np.concatenate([offset, block.offset])
            line = np.concatenate([line, block.line])
            length = np.concatenate([length, block.length.astype(np.int32)])
            line_count = np.concatenate([line_count, block.lines.astype(np.int32)])
            time = np.concatenate([time, block.time])
            severity = np.concatenate([severity, block.severity])
        extras: dict[int, _Extra] = {
            n: (r.head.service, r.head.status, r.head.duration_us) for n, r in enumerate(records)
        }  # fmt: skip
        extras.update(self.extras)
        notable, signature, texts = self._notes()
        total = len(part)
        status = _spread(extras, total, np.uint16, 0, lambda extra: extra[1])
        duration = _spread(extras, total, np.int64, -1, lambda extra: extra[2])
        if self.block is not None and self.block.status is not None and self.block.duration_us is not None:
            read = np.flatnonzero((self.block.status > 0) | (self.block.duration_us >= 0))
            status[count + read] = self.block.status[read]
            duration[count + read] = self.block.duration_us[read]
        for name, _, _ in extras.values():
            if name and len(services) < _MOST_SERVICES:
                services.setdefault(name, len(services))
        for name in self.block_services[0] if self.block_services is not None else ():
            if len(services) < _MOST_SERVICES:
                services.setdefault(name, len(services))
        return Batch(
            part=part,
            offset=offset,
            line=line,
            length=length,
            lines=line_count,
            time=time,
            severity=severity,
            service=self._read_services(extras, services, own, total) if len(services) > 1 else None,
            status=status if status.any() else None,
            duration_us=duration if (duration >= 0).any() else None,
            notable=notable,
            signature=signature,
            texts=texts,
            line_count=lines,
            byte_count=size,
            messages=self._messages,
            fed_part=fed_part,
            id_rows=np.array(self.id_rows, np.int64),
            id_names=self.id_names,
        )

    def _read_services(
        self, extras: Mapping[int, _Extra], services: Mapping[str, int], own: str, total: int
    ) -> NDArray[np.uint16]:  # fmt: skip
        """Index of each record's service."""
        column = _spread(extras, total, np.uint16, 0, lambda extra: services.get(extra[0] or own, 0))
        if self.block_services is not None:
            names, index = self.block_services
            numbers = np.array([services.get(name, 0) for name in names], np.uint16)
            told = np.flatnonzero(index >= 0)
            column[len(self.records) + told] = numbers[index[told]]
        return column


def _spread(
    extras: Mapping[int, _Extra], total: int, kind: type[_Number], default: int, read: Callable[[_Extra], int]
) -> NDArray[_Number]:
    """A column with a default where a record has nothing of its own."""
    column = np.full(total, default, kind)
    if extras:
        column[np.fromiter(extras, np.int64, len(extras))] = [read(extra) for extra in extras.values()]
    return column
