"""The record that may still go on: its head line and the continuations so far, bounded."""

from typing import Final

from logscope.ingest.batch import Int64
from logscope.ingest.blocks import LONGEST_LINE
from logscope.ingest.formats.form import Head
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME

MOST_LINES: Final = 256
"""Lines kept of a record; all are counted."""

HEADLESS: Final = Head(None, Severity.UNKNOWN, 0, None, 0, -1)
"""Of lines before the first head: the middle of a record whose head is not here."""


class OpenRecord:
    """A record as far as it has been read."""

    __slots__ = ("head", "is_run", "is_told", "line", "lines", "offset", "part", "severity", "size", "text", "time")

    def __init__(self, part: int, offset: int, line: int, head: Head, text: bytes) -> None:
        self.part = part
        self.offset = offset
        self.line = line
        self.head = head
        self.time = NO_TIME if head.time is None else head.time
        self.severity = head.severity
        self.text = [text]
        self.size = len(text)
        self.lines = 1
        self.is_run = False
        """Its head was written again: lines with that head belong to it."""
        self.is_told = False
        """It was given out by an earlier reading: what follows is only counted."""

    def extend(self, line: bytes) -> None:
        """Add a continuation; beyond the caps it is only counted."""
        self.lines += 1
        if self.lines <= MOST_LINES and self.size < LONGEST_LINE:
            kept = line[: LONGEST_LINE - self.size]
            self.text.append(kept)
            self.size += len(kept) + 1

    def extend_all(self, data: bytes, starts: Int64, ends: Int64) -> None:
        """Add the continuations that stand in some bytes from `starts` to `ends`."""
        room = max(0, MOST_LINES - self.lines)
        for start, end in zip(starts[:room].tolist(), ends[:room].tolist(), strict=True):
            self.extend(data[start : min(end, start + LONGEST_LINE)])
        self.lines += max(0, len(starts) - room)

    def complete(self, head: Head) -> None:
        """Take what the whole record says of its head."""
        self.head = head
        self.time = NO_TIME if head.time is None else head.time
        self.severity = head.severity

    def join(self) -> bytes:
        """The kept text."""
        return b"\n".join(self.text)
