r"""One stream of bytes in, Batches of records out, whatever the cuts.

Plan: bytes are split at b"\n" only. A line that the layout knows as a head ends the record before it; all others
belong to that record. The last record is held back until its end is certain. Cost: one parse a line, and one
fingerprint for each record that matters.
"""

from typing import Final

import numpy as np

from logscope.ingest.batch import Batch, Signature, SignatureKind
from logscope.ingest.formats import TextForm
from logscope.ingest.layouts import Layout
from logscope.ingest.signatures import (
    SignatureTable,
    template_of_exception,
    template_of_message,
    template_of_request,
)
from logscope.ingest.stacks import has_stack, read_stack
from logscope.model.severity import Severity
from logscope.model.snapshot import Problem
from logscope.model.times import NO_TIME

LONGEST_LINE: Final = 65_536
"""Bytes kept of a line; the rest is counted and passed over."""
MOST_LINES: Final = 256
"""Lines kept of a record; all are counted."""


class _Open:
    """The record that may still go on."""

    __slots__ = (
        "duration",
        "line",
        "lines",
        "message",
        "offset",
        "part",
        "service",
        "severity",
        "size",
        "status",
        "text",
        "time",
    )

    def __init__(
        self, part: int, offset: int, line: int, time: int, severity: Severity, message: int, service: str | None,
        status: int, duration: int, text: bytes,
    ) -> None:  # fmt: skip
        self.part = part
        self.offset = offset
        self.line = line
        self.time = time
        self.severity = severity
        self.message = message
        self.service = service
        self.status = status
        self.duration = duration
        self.text = [text]
        self.size = len(text)
        self.lines = 1

    def extend(self, line: bytes) -> None:
        """Add a continuation; beyond the caps it is only counted."""
        self.lines += 1
        if self.lines <= MOST_LINES and self.size < LONGEST_LINE:
            kept = line[: LONGEST_LINE - self.size]
            self.text.append(kept)
            self.size += len(kept) + 1


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
        self._is_structured = not all(isinstance(form, TextForm) for form in layout.forms)
        self._table = SignatureTable()
        self._services: dict[str, int] = {service: 0}
        self._part = part
        self._offset = offset
        self._line = line
        self._carry: list[bytes] = []
        self._carry_size = 0
        self._open: _Open | None = None
        self._problems: list[Problem] = []

    @property
    def signatures(self) -> list[Signature]:
        """Distinct signatures so far; a batch's `signature` points into it."""
        return self._table.signatures

    @property
    def services(self) -> list[str]:
        """Names that a batch's `service` points into."""
        return list(self._services)

    def feed(self, data: bytes) -> Batch:
        """Take the next bytes of the current part."""
        done: list[_Open] = []
        start_line, start_offset = self._line, self._offset
        end = data.rfind(b"\n")
        if end < 0:
            self._keep_carry(data)
            return self._make_batch(done, 0, 0)
        self._keep_carry(data[: data.index(b"\n")])
        first = b"".join(self._carry)
        first_size = self._carry_size
        self._carry, self._carry_size = [], 0
        self._take_line(first, first_size + 1, done)
        rest = data[data.index(b"\n") + 1 : end]
        if end > data.index(b"\n"):
            for line in rest.split(b"\n"):
                self._take_line(line, len(line) + 1, done)
        self._keep_carry(data[end + 1 :])
        return self._make_batch(done, self._line - start_line, self._offset - start_offset)

    def end_part(self) -> Batch:
        """The current part ends; what is fed next belongs to the next one. A record may go on across the border."""
        done: list[_Open] = []
        lines, size = 0, 0
        if self._carry_size:
            text = b"".join(self._carry)
            lines, size = 1, self._carry_size
            self._carry, self._carry_size = [], 0
            self._take_line(text, size, done)
        batch = self._make_batch(done, lines, size)
        self._part += 1
        self._offset, self._line = 0, 1
        return batch

    def flush(self) -> Batch:
        """The stream ends: the last line without a newline is a line, the last record comes out."""
        done: list[_Open] = []
        lines, size = 0, 0
        if self._carry_size:
            text = b"".join(self._carry)
            lines, size = 1, self._carry_size
            self._carry, self._carry_size = [], 0
            self._take_line(text, size, done)
        if self._open is not None:
            done.append(self._open)
            self._open = None
        return self._make_batch(done, lines, size)

    def release(self) -> Batch:
        """Give the held-back record out although it may go on: nothing was written for a while."""
        done = [self._open] if self._open is not None else []
        self._open = None
        return self._make_batch(done, 0, 0)

    def _keep_carry(self, piece: bytes) -> None:
        room = LONGEST_LINE - sum(map(len, self._carry)) if self._carry else LONGEST_LINE
        self._carry_size += len(piece)
        if piece and room > 0:
            self._carry.append(piece[:room])

    def _take_line(self, line: bytes, size: int, done: list[_Open]) -> None:
        line = line[:LONGEST_LINE].removesuffix(b"\r")
        head = self._layout.parse(line, self._state)
        if head is not None:
            if self._open is not None:
                done.append(self._open)
            time = NO_TIME if head.time is None else head.time
            self._open = _Open(
                self._part, self._offset, self._line, time, head.severity, head.message, head.service,
                head.status, head.duration_us, line,
            )  # fmt: skip
        elif self._open is not None:
            self._open.extend(line)
        else:
            # Before the first head: the middle of a record whose head is not here.
            self._open = _Open(
                self._part, self._offset, self._line, NO_TIME, Severity.UNKNOWN, 0, None, 0, -1, line
            )  # fmt: skip
        self._offset += size
        self._line += 1

    def _make_batch(self, done: list[_Open], lines: int, size: int) -> Batch:
        count = len(done)
        notable: list[int] = []
        signature: list[int] = []
        texts: list[bytes] = []
        for row, record in enumerate(done):
            text = b"\n".join(record.text)
            is_trace = record.lines > 1 and has_stack(text)
            if self.examine or record.severity >= Severity.WARN or is_trace:
                index, is_exception = self._sign(record, text)
                if self.examine or record.severity >= Severity.WARN or is_exception:
                    notable.append(row)
                    signature.append(index)
                    texts.append(text)
        has_services = len(self._services) > 1 or any(record.service for record in done)
        problems, self._problems = tuple(self._problems), []
        return Batch(
            part=np.fromiter((r.part for r in done), np.uint16, count),
            offset=np.fromiter((r.offset for r in done), np.int64, count),
            line=np.fromiter((r.line for r in done), np.int64, count),
            length=np.fromiter((r.size for r in done), np.int32, count),
            lines=np.fromiter((r.lines for r in done), np.int32, count),
            time=np.fromiter((r.time for r in done), np.int64, count),
            severity=np.fromiter((r.severity for r in done), np.uint8, count),
            service=np.fromiter((self._service_index(r.service) for r in done), np.uint16, count)
            if has_services
            else None,
            status=np.fromiter((r.status for r in done), np.uint16, count) if any(r.status for r in done) else None,
            duration_us=np.fromiter((r.duration for r in done), np.int64, count)
            if any(r.duration >= 0 for r in done)
            else None,
            notable=np.array(notable, np.int64),
            signature=np.array(signature, np.int32),
            texts=texts,
            line_count=lines,
            byte_count=size,
            fed_part=self._part,
            problems=problems,
        )

    def _service_index(self, service: str | None) -> int:
        return self._services.setdefault(service or self._service, len(self._services))

    def _sign(self, record: _Open, text: bytes) -> tuple[int, bool]:
        service = record.service or ""
        if record.status:
            fields = self._layout.fields(text)
            if fields.route is not None:
                method = (fields.method or "").encode()
                template = template_of_request(method, fields.route.encode("utf-8", "replace"), record.status)
                return self._table.index(service, SignatureKind.REQUEST, template), False
        if self._is_structured:
            fields = self._layout.fields(text)
            message = fields.message.encode("utf-8", "replace")
            stack = read_stack(fields.stack.encode("utf-8", "replace")) if fields.stack else None
        else:
            message = record.text[0][record.message :]
            stack = read_stack(b"\n".join(record.text[1:])) if record.lines > 1 else None
        if stack is not None:
            return self._table.index(service, SignatureKind.EXCEPTION, template_of_exception(message, stack)), True
        return self._table.index(service, SignatureKind.MESSAGE, template_of_message(message)), False
