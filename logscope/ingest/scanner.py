r"""One stream of bytes in, Batches of records out, whatever the cuts.

Plan: bytes are split at b"\n" only. A line that the layout knows as a head ends the record before it; all others
belong to that record. The last record is held back until its end is certain. The first line of a piece, which an
earlier piece may have begun, and small pieces are read line by line; the lines of large ones together, as columns.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Batch, Int64, Signature, UInt8
from logscope.ingest.blocks import LONGEST_LINE, BlockReader, Heads
from logscope.ingest.columns import Block
from logscope.ingest.formats.form import Head
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.records import HEADLESS, MOST_LINES, OpenRecord
from logscope.ingest.signatures.recall import LineRecall, RequestRecall
from logscope.ingest.signatures.signing import Signer
from logscope.ingest.signatures.stacks import has_stack
from logscope.model.severity import Severity

_Extra = tuple[str | None, int, int]
"""Service, status and duration."""
_Number = TypeVar("_Number", np.uint16, np.int64)

_TOGETHER: Final = 256
"""Records that are looked up at once."""

_SMALL: Final = 4096
"""Bytes below which a piece is read line by line: vector operations cost 25 us before they gain."""


_MOST_SIGNATURES: Final = 10_000
"""Numbered before they are numbered anew: a file in which every line is another kind costs no memory."""
_MOST_SERVICES: Final = 1000
"""Told apart in `Batch.service`; further ones count as the stream's own."""


class Scanner:
    """Turns one source's stream into records."""

    def __init__(
        self, layout: Layout, service: str, *, examine: bool = False, offset: int = 0, line: int = 1, part: int = 0
    ) -> None:
        """Start at the beginning, or at a known head of a record.

        Args:
            layout: How the stream is written.
            service: Service of records that name none.
            examine: Every record is notable, whatever its level.
            offset: Byte offset of the first byte that will be fed, in its part's content.
            line: Its 1-based line number.
            part: Its part.
        """
        self._layout = layout
        self._service = service
        self.examine = examine
        """May change while reading: from then on every record is notable, or no longer."""
        self._state = layout.new_state()
        self._reader = BlockReader(layout, self._state)
        self._begin_signing()
        self._services: dict[str, int] = {service: 0}
        self._part = part
        self._offset = offset
        self._line = line
        self._carry: list[bytes] = []
        self._carry_size = 0
        self._open: OpenRecord | None = None

    def _begin_signing(self) -> None:
        """Number signatures from 0: nothing is remembered of the earlier ones."""
        self._signer = Signer(self._layout)
        self._lines = LineRecall(self._layout)
        self._requests = RequestRecall()

    @property
    def signatures(self) -> list[Signature]:
        """What the `signature` of the last batch points into: to be asked before more is fed."""
        return self._signer.signatures

    @property
    def services(self) -> list[str]:
        """Names that a batch's `service` points into."""
        return list(self._services)

    def feed(self, data: bytes) -> Batch:
        """Take the next bytes of the current part."""
        if len(self._signer.signatures) > _MOST_SIGNATURES:
            self._begin_signing()
        columns = _Columns()
        start_line, start_offset = self._line, self._offset
        first = data.find(b"\n")
        if first < 0:
            self._keep_carry(data)
            return self._make_batch(columns, 0, 0)
        last = data.rfind(b"\n")
        self._keep_carry(data[:first])
        self._take_carry(columns, newline=1)
        if last - first > _SMALL and not self._layout.two_lines:
            self._take_block(Block(data[first + 1 : last + 1]), columns)
        elif last > first:
            for line in data[first + 1 : last].split(b"\n"):
                self._take_line(line, len(line) + 1, columns)
        self._keep_carry(data[last + 1 :])
        return self._make_batch(columns, self._line - start_line, self._offset - start_offset)

    def end_part(self) -> Batch:
        """The current part ends; what is fed next belongs to the next one. A record may go on across the border."""
        columns = _Columns()
        size = self._carry_size
        if size:
            self._take_carry(columns, newline=0)
        batch = self._make_batch(columns, 1 if size else 0, size)
        self._part += 1
        self._offset, self._line = 0, 1
        return batch

    def flush(self) -> Batch:
        """The stream ends: the last line without a newline is a line, the last record comes out."""
        columns = _Columns()
        size = self._carry_size
        if size:
            self._take_carry(columns, newline=0)
        self._close(columns)
        return self._make_batch(columns, 1 if size else 0, size)

    def release(self) -> Batch:
        """Give the held-back record out although it may go on: nothing was written for a while."""
        columns = _Columns()
        self._close(columns)
        return self._make_batch(columns, 0, 0)

    def _keep_carry(self, piece: bytes) -> None:
        room = LONGEST_LINE - sum(map(len, self._carry)) if self._carry else LONGEST_LINE
        self._carry_size += len(piece)
        if piece and room > 0:
            self._carry.append(piece[:room])

    def _take_carry(self, columns: "_Columns", newline: int) -> None:
        line, size = b"".join(self._carry), self._carry_size + newline
        self._carry, self._carry_size = [], 0
        self._take_line(line, size, columns)

    def _take_line(self, line: bytes, size: int, columns: "_Columns") -> None:
        # A carriage return ends a line only where the line does: not where the cap cut it.
        line = line[:LONGEST_LINE].removesuffix(b"\r")
        head = self._layout.parse(line, self._state)
        if head is None and self._open is None:
            head = HEADLESS
        if head is not None:
            self._close(columns)
            self._open = OpenRecord(self._part, self._offset, self._line, head, line)
        elif self._open is not None:
            self._extend(self._open, line)
        self._offset += size
        self._line += 1

    def _extend(self, record: OpenRecord, line: bytes) -> None:
        if record.lines == 1 and self._layout.two_lines and record.severity is Severity.UNKNOWN:
            record.severity = self._layout.read_second_level(line)
        record.extend(line)

    def _close(self, columns: "_Columns") -> None:
        record, self._open = self._open, None
        if record is None:
            return
        text = record.join()
        self._note(columns, len(columns.records), record.severity, record.lines > 1, text, record.head)
        columns.records.append(record)

    def _take_block(self, block: Block, columns: "_Columns") -> None:
        data = block.data
        ends = block.find_newlines()
        starts = np.concatenate([[0], ends[:-1] + 1])
        if b"\r" in data:
            ends = ends - ((block.bytes[ends - 1] == 13) & (ends > starts))
        heads = self._reader.read(block, starts, ends)
        rows = np.flatnonzero(heads.is_head)
        first = int(rows[0]) if len(rows) else len(starts)
        if first:
            self._take_continuations(data, starts[:first], ends[:first])
        if not len(rows):
            self._advance(len(starts), len(data))
            return
        self._close(columns)
        self._take_records(block, starts, ends, heads, rows, columns)
        self._advance(len(starts), len(data))

    def _advance(self, lines: int, size: int) -> None:
        self._line += lines
        self._offset += size

    def _take_continuations(self, data: bytes, starts: Int64, ends: Int64) -> None:
        """Lines that go on from the open record; without one, the first stands for the head that is not here."""
        for row, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            line = data[start : min(end, start + LONGEST_LINE)]
            if self._open is None:
                self._open = OpenRecord(self._part, self._offset + start, self._line + row, HEADLESS, line)
            else:
                self._open.extend(line)

    def _take_records(
        self, block: Block, starts: Int64, ends: Int64, heads: Heads, rows: Int64, columns: "_Columns"
    ) -> None:  # fmt: skip
        """The records of a block; the last one is held back."""
        data = block.data
        bounds = np.append(rows, len(starts))
        lines = np.diff(bounds)
        length = np.minimum(ends[rows] - starts[rows], LONGEST_LINE)
        texts: dict[int, bytes] = {}
        for n in np.flatnonzero(lines > 1).tolist():
            begin, stop = int(bounds[n]), int(bounds[n + 1])
            texts[n] = _join(data, starts[begin:stop], ends[begin:stop])
            length[n] = len(texts[n])
        severity = heads.severity[rows]
        last = len(rows) - 1
        notable = np.flatnonzero((severity[:last] >= Severity.WARN) | (lines[:last] > 1) | self.examine)
        if len(notable):
            self._note_all(block, starts, heads, _Rows(rows, length, severity, texts), notable.tolist(), columns)
        row = int(rows[last])
        start = int(starts[row])
        line = data[start : start + int(min(ends[row] - start, LONGEST_LINE))]
        head = heads.parsed.get(row) or self._layout.parse(line, self._state)
        assert head is not None, "a line that fits is a head"
        self._open = OpenRecord(self._part, self._offset + start, self._line + row, head, line)
        for at in range(row + 1, len(starts)):
            self._open.extend(data[int(starts[at]) : min(int(ends[at]), int(starts[at]) + LONGEST_LINE)])
        whole = rows[:-1]
        status, duration = _requests_of(heads, whole, len(starts))
        columns.block = _BlockRecords(
            self._offset + starts[whole], self._line + whole, length[:-1], lines[:-1], heads.time[whole], severity[:-1],
            status, duration,
        )  # fmt: skip
        if heads.parsed:
            self._take_extras(heads, rows[:-1], columns)

    def _take_extras(self, heads: Heads, rows: Int64, columns: "_Columns") -> None:
        parsed = heads.parsed
        positions = {row: n for n, row in enumerate(rows.tolist())}
        for row, head in parsed.items():
            if (head.status or head.service or head.duration_us >= 0) and row in positions:
                columns.extras[len(columns.records) + positions[row]] = (head.service, head.status, head.duration_us)

    def _note_all(
        self, block: Block, starts: Int64, heads: Heads, chosen: "_Rows", notable: list[int], columns: "_Columns"
    ) -> None:
        """Sign the records of a block that may matter: known lines together, the others one by one."""
        data, joined, parsed = block.data, chosen.texts, heads.parsed
        rows = chosen.rows[notable].tolist()
        begins, sizes = starts[rows].tolist(), chosen.length[notable].tolist()
        texts = [data[begin : begin + size] for begin, size in zip(begins, sizes, strict=True)]
        requests = _read_requests(data, heads, rows) if heads.access is not None else None
        base, severities = len(columns.records), chosen.severity[notable].tolist()
        found = [-1] * len(notable)
        plain = [n for n, row in enumerate(rows) if row not in parsed and notable[n] not in joined]
        for n, record in enumerate(notable):
            if plain and n % _TOGETHER == 0:
                # Bit by bit: what the first lines of a block teach is known for its other lines.
                here = plain[bisect_left(plain, n) : bisect_left(plain, n + _TOGETHER)]
                known = (
                    self._lines.find([texts[at] for at in here])
                    if requests is None
                    else self._requests.find([requests[at] for at in here])
                )
                for at, index in zip(here, known, strict=True):
                    found[at] = index
            if found[n] >= 0:
                columns.add_notable(base + record, found[n], texts[n])
                continue
            request = b"" if requests is None else requests[n]
            text, is_long = joined.get(record, texts[n]), record in joined
            self._note(columns, base + record, severities[n], is_long, text, parsed.get(rows[n]), request)

    def _note(
        self, columns: "_Columns", at: int, severity: int, is_long: bool, text: bytes, head: Head | None,
        request: bytes = b"",
    ) -> None:  # fmt: skip
        """Sign a record if it matters; without a head it is parsed, and remembered for the next of its kind."""
        matters = self.examine or severity >= Severity.WARN
        if not matters and not (is_long and has_stack(text)):
            return
        known = head
        if known is None and self._signer.needs_head:
            known = self._layout.parse(text.split(b"\n", 1)[0], self._state)
        known = known or HEADLESS
        signed = self._signer.sign(text, known.message, known.service or "", known.status)
        if signed.spans is not None and head is None and not is_long:
            if request:
                self._requests.keep(request, signed.number)
            else:
                self._lines.keep(text, known.message, signed.number, signed.spans)
        if matters or signed.is_exception:
            columns.add_notable(at, signed.number, text)

    def _make_batch(self, columns: "_Columns", lines: int, size: int) -> Batch:
        return columns.make_batch(self._services, self._service, lines, size, self._part)


def _join(data: bytes, starts: Int64, ends: Int64) -> bytes:
    """The kept text of a record of several lines."""
    kept: list[bytes] = []
    size = -1
    for start, end in zip(starts[:MOST_LINES].tolist(), ends[:MOST_LINES].tolist(), strict=True):
        if kept and size >= LONGEST_LINE:
            break
        line = data[start : min(end, start + LONGEST_LINE)]
        if kept:
            line = line[: LONGEST_LINE - size]
        kept.append(line)
        size += len(line) + 1
    return b"\n".join(kept)


class _Rows(NamedTuple):
    """The records of a block while it is read."""

    rows: Int64
    """Lines of the heads."""
    length: Int64
    severity: UInt8
    texts: dict[int, bytes]
    """Texts of the records of several lines."""


def _read_requests(data: bytes, heads: Heads, rows: list[int]) -> list[bytes]:
    """Request and status of these lines of an access log; empty where they were not read as columns."""
    access = heads.access
    assert access is not None, "asked only for access logs"
    at = np.searchsorted(access.rows, rows)
    at = np.minimum(at, max(0, len(access.rows) - 1))
    begins, ends = access.request[at].tolist(), access.status_end[at].tolist()
    is_read = (access.rows[at] == rows).tolist()
    return [
        data[begin:end] if known else b""
        for begin, end, known in zip(begins, ends, is_read, strict=True)
    ]  # fmt: skip


class _BlockRecords(NamedTuple):
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


def _requests_of(heads: Heads, rows: Int64, count: int) -> tuple[Int64 | None, Int64 | None]:
    """Status and duration of the records on these lines, as far as they were read as columns."""
    if heads.access is None:
        return None, None
    status, duration = np.zeros(count, np.int64), np.full(count, -1)
    status[heads.access.rows] = heads.access.status
    duration[heads.access.rows] = heads.access.duration_us
    return status[rows], duration[rows]


class _Columns:
    """What one piece gives: first the records that were closed line by line, then those of a block."""

    def __init__(self) -> None:
        self.records: list[OpenRecord] = []
        self.notable: list[int] = []
        self.signature: list[int] = []
        self.texts: list[bytes] = []
        self.extras: dict[int, _Extra] = {}
        """Service, status and duration of records of the block that have any."""
        self.block: _BlockRecords | None = None

    def add_notable(self, at: int, signature: int, text: bytes) -> None:
        """A record that matters."""
        self.notable.append(at)
        self.signature.append(signature)
        self.texts.append(text)

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
        total = len(part)
        status = _spread(extras, total, np.uint16, 0, lambda extra: extra[1])
        duration = _spread(extras, total, np.int64, -1, lambda extra: extra[2])
        if self.block is not None and self.block.status is not None and self.block.duration_us is not None:
            read = np.flatnonzero(self.block.status)
            status[count + read] = self.block.status[read]
            duration[count + read] = self.block.duration_us[read]
        for name, _, _ in extras.values():
            if name and len(services) < _MOST_SERVICES:
                services.setdefault(name, len(services))
        return Batch(
            part=part,
            offset=offset,
            line=line,
            length=length,
            lines=line_count,
            time=time,
            severity=severity,
            service=_spread(extras, total, np.uint16, 0, lambda extra: services.get(extra[0] or own, 0))
            if len(services) > 1
            else None,
            status=status if status.any() else None,
            duration_us=duration if (duration >= 0).any() else None,
            notable=np.array(self.notable, np.int64),
            signature=np.array(self.signature, np.int32),
            texts=self.texts,
            line_count=lines,
            byte_count=size,
            fed_part=fed_part,
        )


def _spread(
    extras: Mapping[int, _Extra], total: int, kind: type[_Number], default: int, read: Callable[[_Extra], int]
) -> NDArray[_Number]:
    """A column with a default where a record has nothing of its own."""
    column = np.full(total, default, kind)
    if extras:
        column[np.fromiter(extras, np.int64, len(extras))] = [read(extra) for extra in extras.values()]
    return column
