"""Lines of a block whose heads are known without the parser: what the tiers hand over that read them as columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64, Messages, UInt8
from logscope.ingest.columns import Block, Flags, count_in_lines


@dataclass(slots=True)
class Requests:
    """What makes the kind of lines that may be requests; one entry a line."""

    status: Int64
    """HTTP status, 0 without one."""
    body: Int64
    """Where the text begins that holds the request; -1 where the parser must be asked."""
    cells: tuple[Int64, Int64, Int64, Int64] | None
    """Where method and path begin and end; -1 where they are to be looked for in the text. None: in all."""

    def take(self, at: Int64) -> "Requests":
        """Those of some of the lines."""
        if self.cells is None:
            return Requests(self.status[at], self.body[at], None)
        begin, end, path, path_end = self.cells
        return Requests(self.status[at], self.body[at], (begin[at], end[at], path[at], path_end[at]))


@dataclass(slots=True)
class KnownLines:
    """One entry for each of `rows`."""

    rows: Int64
    """Rows of the lines among all of the block, ascending."""
    is_head: Flags
    time: Int64
    """Of stamps without year or day in 2000 or on the first day of 1970: they must be placed in turn."""
    severity: UInt8
    messages: Messages
    requests: Requests | None
    """What makes the kind of those that have a status, instead of the message; None: none of them can have one."""
    service: Int64
    """Index into `services`, -1 without one."""
    services: Sequence[str]
    missing: UInt8
    """What the stamp does not say: `Missing` of each."""
    after_error: NDArray[np.int8]
    """What reading the line leaves in the state; -1: nothing."""
    stream: Int64
    """Index into `streams` of the stream of the last line then, -1: that of the line before."""
    streams: Sequence[str | None]
    status: Int64 | None = None
    """HTTP status, 0 without one; None: no line has one."""
    duration_us: Int64 | None = None
    """-1 without one; None: no line has one."""
    fine: Int64 | None = None
    """What is added to each time once its year or day was found; None: nothing."""

    def find_messages(self, rows: Int64) -> Messages:
        """Where the messages of these lines of the block stand, as `Found` says; begins -2 where a line is not here."""
        at, is_known = self._find(rows)
        found = self.messages.take(at)
        found.begin[~is_known] = -2
        return found

    def find_requests(self, rows: Int64) -> Requests | None:
        """What makes the kind of these lines of the block; of those that are not here it says nothing."""
        return None if self.requests is None else self.requests.take(self._find(rows)[0])

    def find_services(self, rows: Int64) -> Int64:
        """Index into `services` of each of these lines of the block, -1 without one."""
        if not len(self.rows):
            return np.full(len(rows), -1, np.int64)
        at, is_known = self._find(rows)
        return np.where(is_known, self.service[at], -1)

    def _find(self, rows: Int64) -> tuple[Int64, Flags]:
        """The entry of each of these lines of the block, and whether it is really that line's."""
        at = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return at, self.rows[at] == rows


def find_strange(block: Block, starts: Int64, ends: Int64) -> Flags:
    """Lines with escapes, and what only the first line of a file begins with."""
    first = block.bytes[starts]
    strange: Flags = (first == 0) | (first == 0xEF)
    if block.data.find(b"\x1b", block.begin, block.end) >= 0:
        escapes = block.find_byte(27)
        strange |= count_in_lines(escapes, starts, ends) > 0
    return strange
