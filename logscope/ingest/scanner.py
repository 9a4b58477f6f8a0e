r"""One stream of bytes in, Batches of records out, whatever the cuts.

Plan: bytes are split at b"\n" only. A line that the layout knows as a head ends the record before it; all others
belong to that record. The last record is held back until its end is certain. The first line of a piece, which an
earlier piece may have begun, and small pieces are read line by line; the lines of large ones together, as columns.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.ingest.batch import Batch, Int64, Signature
from logscope.ingest.blocks import LONGEST_LINE, BlockReader, Heads
from logscope.ingest.columns import Block
from logscope.ingest.gathering import BlockRecords, Columns
from logscope.ingest.ids import MOST_IN_RECORD, find_ids, is_sampled
from logscope.ingest.joining import Joiner
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.noting import Found, Noter
from logscope.ingest.records import HEADLESS, MOST_LINES, OpenRecord
from logscope.ingest.severity import FAILING_STATUS
from logscope.ingest.telling import load_glance, tells_by_words
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME
from logscope.text.unrolling import ROW_END

_SMALL: Final = 4096
"""Bytes below which a piece is read line by line: vector operations cost 25 us before they gain."""

_OPEN: Final = -1
"""Instead of the number of a line: the record that an earlier piece began."""
_HOLE: Final = bytes(64)
"""So many zeros at the begin of a line are no text."""
_ZEROS: Final = bytes(2 * 1024 * 1024)
_MOST_SIGNATURES: Final = 10_000
"""Numbered before they are numbered anew: a file in which every line is another kind costs no memory."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading of a stream can go on, each line and record once."""

    part: int
    offset: int
    """Of the next byte, in its part's content."""
    line: int
    """Number of the next line that is not counted yet."""
    is_inside_record: bool
    """What was read last may go on: lines that are no head belong to it."""
    is_inside_line: bool
    """The next bytes are the rest of a line that was counted without its end."""
    year: int
    """Of stamps that carry none; so are the day and the last minute."""
    day: int
    last: int


class Scanner:
    """Turns one source's stream into records."""

    def __init__(
        self, layout: Layout, service: str, *, examine: bool = False, offset: int = 0, line: int = 1, part: int = 0,
        with_ids: bool = True, with_messages: bool = False, noter: Noter | None = None, resume: Place | None = None,
    ) -> None:  # fmt: skip
        """Start at the beginning, or at a known head of a record.

        Args:
            layout: How the stream is written.
            service: Service of records that name none.
            examine: Every record is notable, whatever its level.
            offset: Byte offset of the first byte that will be fed, in its part's content.
            line: Its 1-based line number.
            part: Its part.
            with_ids: Find the ids that records share: for what compares logs.
            with_messages: Say where the messages stand, where that is sooner told than asked for.
            noter: Of an earlier reading of the stream: it knows the signatures of most records.
            resume: Where an earlier reading of the stream stopped; it says part, offset and line.
        """
        self._with_ids = with_ids
        self._layout = layout
        self._service = service
        self.examine = examine
        """May change while reading: from then on every record is notable, or no longer."""
        self._glance = load_glance() if not examine and tells_by_words(layout) else None
        """Where no level tells what failed, the words do."""
        self._state = layout.new_state()
        self._reader = BlockReader(layout, self._state, with_messages=with_messages)
        self._joiner = Joiner(layout)
        self._noter = noter or Noter(layout)
        self._services: dict[str, int] = {service: 0}
        self._part = part
        self._offset = offset
        self._line = line
        self._carry: list[bytes] = []
        self._carry_size = 0
        self._zeros = 0
        """Of the carried line, left out at its begin."""
        self._end = b""
        """The last byte of the carried line: it may not be among what is kept of it."""
        self._is_rolled = layout.roll is not None
        """One line of the file may be several rows here."""
        self._open: OpenRecord | None = None
        self._is_inside_line = False
        """The next line end belongs to a line that was counted."""
        if resume is not None:
            self._go_to(resume)

    def _go_to(self, place: Place) -> None:
        self._part, self._offset, self._line = place.part, place.offset, place.line
        self._state.year, self._state.day, self._state.last = place.year, place.day, place.last
        self._is_inside_line = place.is_inside_line
        if place.is_inside_record:
            self._open = OpenRecord(place.part, place.offset, place.line, HEADLESS, b"")
            self._open.is_told = True

    @property
    def place(self) -> Place:
        """Where to go on: to be asked when the last record was given out. Half a line is read again unless flushed."""
        assert self._open is None or self._open.is_told, "no record is held back"
        state = self._state
        begun = self._offset > 0 or self._part > 0
        return Place(
            self._part, self._offset, self._line, begun, self._is_inside_line, state.year, state.day, state.last
        )

    @property
    def noter(self) -> Noter:
        """What knows the signatures so far: for another reading of the same stream."""
        return self._noter

    @property
    def signatures(self) -> list[Signature]:
        """What the `signature` of the last batch points into: to be asked before more is fed."""
        return self._noter.signatures

    @property
    def services(self) -> list[str]:
        """Names that a batch's `service` points into."""
        return list(self._services)

    def feed(self, data: bytes) -> Batch:
        """Take the next bytes of the current part."""
        if len(self._noter.signatures) > _MOST_SIGNATURES:
            self._noter = Noter(self._layout)
        columns = Columns()
        start_line, start_offset = self._line, self._offset
        first = data.find(b"\n")
        if first < 0:
            self._keep_carry(data)
            return self._make_batch(columns, 0, 0)
        last = data.rfind(b"\n")
        self._keep_carry(data[:first])
        self._take_carry(columns, newline=1)
        if last - first > _SMALL and not self._layout.two_lines:
            self._take_block(Block(data, first + 1, last + 1), columns)
        elif last > first:
            for line in data[first + 1 : last].split(b"\n"):
                self._take_line(line, len(line), columns, end=line[-1:])
        self._keep_carry(data[last + 1 :])
        return self._make_batch(columns, self._line - start_line, self._offset - start_offset)

    def end_part(self, offset: int = 0, line: int = 1) -> Batch:
        """The current part ends; what is fed next belongs to the next one. A record may go on across the border.

        Args:
            offset: Of the first byte that will be fed, in the next part.
            line: Its line number.
        """
        columns = Columns()
        size, first = self._carry_size, self._line
        if size:
            self._take_carry(columns, newline=0)
        batch = self._make_batch(columns, self._line - first, size)
        self._part += 1
        self._offset, self._line, self._is_inside_line = offset, line, False
        return batch

    def flush(self) -> Batch:
        """The stream ends: the last line without a newline is a line, the last record comes out."""
        columns = Columns()
        size, first = self._carry_size, self._line
        if size:
            self._take_carry(columns, newline=0)
            self._is_inside_line = True
        self._close(columns)
        return self._make_batch(columns, self._line - first, size)

    def release(self) -> Batch:
        """Give the held-back record out although it may go on: nothing was written for a while.

        Lines that go on from it all the same belong to it, as in a reading that waits: they are only counted.
        """
        columns = Columns()
        record = self._open
        self._close(columns)
        batch = self._make_batch(columns, 0, 0)
        if record is not None:
            record.is_told, self._open = True, record
        return batch

    def _keep_carry(self, piece: bytes) -> None:
        self._carry_size += len(piece)
        self._end = piece[-1:] or self._end
        if self._zeros and not self._carry:
            # Comparing is ten times faster than stripping.
            piece = b"" if _ZEROS.startswith(piece) else piece.lstrip(b"\0")
            self._zeros = self._carry_size - len(piece)
        held = sum(map(len, self._carry)) if self._carry else 0
        if not piece or held >= LONGEST_LINE:
            return
        self._carry.append(piece[: LONGEST_LINE - held])
        if held < len(_HOLE) and not self._zeros:
            line = b"".join([*self._carry, piece[LONGEST_LINE - held :]])
            self._zeros = _count_zeros(line)
            if self._zeros:
                self._carry = [line[self._zeros :][:LONGEST_LINE]] if self._zeros < len(line) else []

    def _take_carry(self, columns: Columns, newline: int) -> None:
        line, length, zeros, end = b"".join(self._carry), self._carry_size, self._zeros, self._end
        self._carry, self._carry_size, self._zeros, self._end = [], 0, 0, b""
        self._take_line(line, length, columns, zeros=zeros, newline=newline, end=end)

    def _take_line(
        self, line: bytes, length: int, columns: Columns, *, zeros: int = 0, newline: int = 1, end: bytes
    ) -> None:  # fmt: skip
        """Take a line that is read alone.

        Args:
            line: What is kept of it.
            length: Its bytes without the newline.
            columns: What is given out.
            zeros: Left out at its begin.
            newline: Bytes of its newline: none at the end of a part.
            end: Its last byte.
        """
        if self._is_inside_line:
            self._offset, self._is_inside_line = self._offset + length + newline, False
            return
        is_row = self._is_rolled and end == ROW_END[:1]
        if zeros + len(line) == length:
            # A carriage return ends a line only where the line does: not where the cap cut it.
            line = line.removesuffix(ROW_END[:1] if is_row else b"\r")
        if not zeros and (zeros := _count_zeros(line)):
            line = line[zeros:]
        line = line[:LONGEST_LINE]
        head = self._layout.parse(line, self._state)
        if head is not None and self._open is not None:
            head = self._joiner.settle_line(line, head, self._open)
        if head is None and self._open is None:
            head = HEADLESS
        if head is not None:
            self._close(columns)
            self._open = OpenRecord(self._part, self._offset + zeros, self._line, head, line)
        elif self._open is not None:
            # What goes on from a record is kept as it is written, as where a block holds it whole.
            self._open.extend((b"\0" * min(zeros, LONGEST_LINE) + line)[:LONGEST_LINE])
        self._offset += length + newline
        self._line += not is_row

    def _close(self, columns: Columns) -> None:
        record, self._open = self._open, None
        if record is None or record.is_told:
            return
        text = record.join()
        if self._layout.two_lines:
            record.complete(self._layout.read_late(text, record.head))
        matters = self.examine or record.severity >= Severity.WARN or record.head.status >= FAILING_STATUS
        if not matters and self._glance is not None and record.severity == Severity.UNKNOWN:
            matters = self._glance.says(record.text[0])
        index = self._noter.note(text, record.head, matters=matters)
        if index >= 0:
            columns.add_notable(len(columns.records), index, text)
        if self._with_ids and (self.examine or is_sampled(np.array([record.time]))[0]):
            for one in find_ids(record.text[0])[:MOST_IN_RECORD]:
                columns.add_id(len(columns.records), one.name)
        columns.records.append(record)

    def _take_block(self, block: Block, columns: Columns) -> None:
        data = block.data
        ends = block.find_newlines()
        starts = np.concatenate([[block.begin], ends[:-1] + 1])
        has_returns = data.find(b"\r", block.begin, block.end) >= 0
        if has_returns:
            ends = ends - ((block.bytes[ends - 1] == 13) & (ends > starts))
        numbers = self._line + np.arange(len(starts) + 1)
        if self._is_rolled:
            is_row = (block.bytes[ends - 1] == ROW_END[0]) & (ends > starts)
            ends = ends - is_row
            numbers[1:] -= np.cumsum(is_row)
            has_returns = has_returns or bool(is_row.any())
        holes = np.flatnonzero((ends - starts >= len(_HOLE)) & (block.bytes[starts] == 0))
        zeros = [_count_zeros(data[starts[row] : ends[row]]) for row in holes.tolist()]
        starts[holes] += np.array(zeros, np.int64)
        heads = self._reader.read(block, starts, ends)
        runs = self._joiner.settle_block(block, starts, ends, heads, self._open)
        for row, count in zip(holes.tolist(), zeros, strict=True):
            # What goes on from a record is kept as it is written; without one, the first line stands for its head.
            if not heads.is_head[row] and (row or self._open is not None):
                starts[row] -= count
        rows = np.flatnonzero(heads.is_head)
        first = int(rows[0]) if len(rows) else len(starts)
        if first:
            self._take_continuations(block, starts[:first], ends[:first])
        if len(rows):
            self._close(columns)
            self._take_records(block, starts, ends, heads, rows, columns, numbers, has_returns=has_returns)
            if self._open is not None:
                self._open.is_run = int(rows[-1]) in runs
        self._line = int(numbers[-1])
        self._offset += block.end - block.begin

    def _take_continuations(self, block: Block, starts: Int64, ends: Int64) -> None:
        """Lines that go on from the open record; without one, the first stands for the head that is not here."""
        if self._open is None:
            start = int(starts[0])
            line = block.data[start : int(min(ends[0], start + LONGEST_LINE))]
            self._open = OpenRecord(self._part, self._offset + start - block.begin, self._line, HEADLESS, line)
            starts, ends = starts[1:], ends[1:]
        self._open.extend_all(block.data, starts, ends)

    def _take_records(
        self, block: Block, starts: Int64, ends: Int64, heads: Heads, rows: Int64, columns: Columns, numbers: Int64,
        *, has_returns: bool,
    ) -> None:  # fmt: skip
        """The records of a block; the last one is held back."""
        bounds = np.append(rows, len(starts))
        whole, last = rows[:-1], int(rows[-1])
        lines = np.diff(bounds)[:-1]
        begin = starts[whole]
        end = np.minimum(ends[bounds[1:-1] - 1], begin + LONGEST_LINE)
        head_end = np.minimum(ends[whole], begin + LONGEST_LINE)
        is_long = lines > 1
        joined: dict[int, bytes] = {}
        length = end - begin
        # Where nothing is cut or left out, a record's text is what stands in the block.
        apart = is_long & (has_returns | (lines > MOST_LINES) | (length >= LONGEST_LINE))
        for n in np.flatnonzero(apart).tolist():
            joined[n] = _join(block.data, starts[bounds[n] : bounds[n + 1]], ends[bounds[n] : bounds[n + 1]])
            length[n] = len(joined[n])
        severity, known = heads.severity[whole], heads.known
        matters = (severity >= Severity.WARN) | self.examine
        status, duration = heads.read_requests(whole)
        if status is not None:
            # What users got, whatever level its author gives that.
            matters |= status >= FAILING_STATUS
        failed = [row for row, head in heads.parsed.items() if head.status >= FAILING_STATUS and row < last]
        matters[np.searchsorted(whole, failed)] = True
        if self._glance is not None and not self.examine:
            silent = np.flatnonzero(severity == Severity.UNKNOWN)
            matters[silent[self._glance.find(block.data, begin[silent], head_end[silent])]] = True
        notable = np.flatnonzero(matters | is_long)
        if len(notable):
            found = Found(
                begin[notable], head_end[notable], end[notable], matters[notable], is_long[notable],
                {n: joined[row] for n, row in enumerate(notable.tolist()) if row in joined} if joined else {},
                heads.pick(whole[notable]) if heads.parsed else {},
                None if known is None else known.find_messages(whole[notable]),
                None if known is None else known.find_services(whole[notable]),
                None if known is None else known.find_requests(whole[notable]),
                heads.find_requests(whole[notable]), () if known is None else known.services,
            )  # fmt: skip
            columns.add_block_notes(block.data, notable, found, self._noter)
        self._open_last(block, starts, ends, heads, last, int(numbers[last]))
        shift = self._offset - block.begin
        columns.block = BlockRecords(
            shift + begin, numbers[whole], length, lines, heads.time[whole], severity, status, duration
        )
        if heads.parsed:
            self._take_extras(heads, whole, columns)
        if heads.known is not None and len(heads.known.services):
            columns.block_services = heads.known.services, heads.known.find_services(whole)
        if self._with_ids:
            columns.add_block_ids(block.data, starts[rows], ends[rows], examine=self.examine)

    def _open_last(self, block: Block, starts: Int64, ends: Int64, heads: Heads, row: int, number: int) -> None:
        """Hold back the block's last record: it may go on."""
        start = int(starts[row])
        line = block.data[start : int(min(ends[row], start + LONGEST_LINE))]
        head = heads.parsed.get(row)
        if head is None:
            state = self._state.copy()
            state.partial, state.in_trace = "", False
            head = self._layout.parse(line, state)
            assert head is not None, "a line that fits is a head"
            time = int(heads.time[row])
            head = head._replace(time=None if time == NO_TIME else time)
        self._open = OpenRecord(self._part, self._offset + start - block.begin, number, head, line)
        self._open.extend_all(block.data, starts[row + 1 :], ends[row + 1 :])

    def _take_extras(self, heads: Heads, rows: Int64, columns: Columns) -> None:
        told = [row for row, head in heads.parsed.items() if head.status or head.service or head.duration_us >= 0]
        at = np.searchsorted(rows, told)
        for row, position in zip(told, at.tolist(), strict=True):
            if position < len(rows) and rows[position] == row:
                head = heads.parsed[row]
                columns.extras[len(columns.records) + position] = (head.service, head.status, head.duration_us)

    def _make_batch(self, columns: Columns, lines: int, size: int) -> Batch:
        return columns.make_batch(self._services, self._service, lines, size, self._part)


def _count_zeros(line: bytes) -> int:
    """Zeros at the begin of a line, where they are a hole that nobody wrote; 0 for a few.

    A writer that does not append leaves one where its file was emptied; its next line stands behind it.
    """
    if not line.startswith(_HOLE):
        return 0
    return len(line) - len(line.lstrip(b"\0"))


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
