"""What ingest hands upstairs: one Batch per piece of a file, as columns. Knows nothing of files or incidents."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from logscope.model.files import Problem

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
UInt8 = NDArray[np.uint8]
UInt16 = NDArray[np.uint16]


class SignatureKind(StrEnum):
    """What a signature was made from."""

    MESSAGE = "message"
    EXCEPTION = "exception"
    REQUEST = "request"
    """A line of an access log: method, route without ids, status."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What makes records the same event: a pure function of one record and the mask version."""

    key: int
    """63 bits of blake2b over service, kind and template."""
    service: str
    kind: SignatureKind
    template: str
    """The message with its variable parts masked as `<num>`, `<id>`, `<ip>`, ...; `<*>` where folded."""


@dataclass(slots=True)
class Messages:
    """Where the messages of some lines stand: in the block, or in texts that were taken out of it."""

    begin: Int64
    """-1 where that is not known, -2 where the line fits the layout's plan, and nothing asked for it."""
    end: Int64
    source: Int64
    """Index into `sources`."""
    sources: Sequence[bytes]

    def take(self, at: Int64) -> "Messages":
        """Those of some of the lines."""
        return Messages(self.begin[at], self.end[at], self.source[at], self.sources)

    def texts(self) -> list[bytes]:
        """The messages, all of which must be known."""
        begins, ends = self.begin.tolist(), self.end.tolist()
        if len(self.sources) == 1:
            text = self.sources[0]
            return [text[begin:end] for begin, end in zip(begins, ends, strict=True)]
        sources = self.sources
        return [
            sources[source][begin:end] for begin, end, source in zip(begins, ends, self.source.tolist(), strict=True)
        ]

    def text(self, n: int) -> bytes | None:
        """The message of one line; None where it is not known."""
        begin = int(self.begin[n])
        return self.sources[int(self.source[n])][begin : int(self.end[n])] if begin >= 0 else None


@dataclass(frozen=True, slots=True)
class Batch:
    """The records whose heads were completed by one piece of one source's stream, in stream order.

    All arrays of records have the same length. A record is its head line and the continuations behind it; the last
    record of a piece is held back until its end is certain, so any cut of the bytes gives the same records.
    """

    part: UInt16
    """Index of the part (rotated file) that holds the head."""
    offset: Int64
    """Byte offset of the head line in its part's content."""
    line: Int64
    """1-based line number of the head in its part."""
    length: Int32
    """Bytes of the record that `text` can give (capped at 64 KiB)."""
    lines: Int32
    """Lines of the record."""
    time: Int64
    """Microseconds as written: an offset in the line is applied, a stamp without zone is read as if it were UTC.
    `model.times.NO_TIME` where the record has none."""
    severity: UInt8
    """`model.severity.Severity` values."""
    service: UInt16 | None
    """Index into the scanner's `services`; None where the whole stream is one service."""
    status: UInt16 | None
    """HTTP status of access-log records, 0 elsewhere; None where the stream has none."""
    duration_us: Int64 | None
    """Request duration, -1 where a record has none; None where the stream has none."""
    notable: Int64
    """Rows of the records that matter, ascending: warning or worse, heads of stack traces; every row when examining."""
    signature: Int32
    """For each notable row its index into the scanner's `signatures`."""
    texts: Sequence[bytes]
    """For each notable row the raw bytes of the record (at most 64 KiB), decoded to UTF-8 where the file is not."""
    line_count: int
    """Lines that this piece completed, including those of held-back records' heads."""
    byte_count: int
    """Bytes consumed by those lines."""
    messages: Messages | None = None
    """For each notable row its message, of records of one line whose heads were read by patterns; None: of none."""
    fed_part: int = 0
    """Part whose bytes were fed: `line_count` and `byte_count` belong to it, the records may begin in an older one."""
    problems: tuple[Problem, ...] = field(default=())
    id_rows: Int64 = field(default_factory=lambda: np.empty(0, np.int64))
    """Rows of the records in which ids were found, ascending; a row for each id."""
    id_names: Sequence[bytes] = ()
    """For each of `id_rows` the id (`ingest.ids`). When examining, of all records; else of the sampled seconds."""
