"""Reads the heads of a whole block of lines at once where the layout knows fixed places; line by line where not.

Plan: every line is checked against the learned places with a few vector operations. A line that fits has its time and
level read by vector operations too; each line that does not is parsed by the layout, in stream order. Nothing is
guessed: a plan is used only when fitting is proof of a head, and what could make the parser see more than the places
(a key that occurs twice, say) sends the line to the parser. Cost: about 0.2 us for a line that fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.ingest.access import AccessHeads, AccessReader, is_access
from logscope.ingest.batch import Int64, UInt8
from logscope.ingest.columns import Block, Flags
from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.formats.form import Head, TextForm
from logscope.ingest.known import KnownLines
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.objects import ObjectReader, is_object_log
from logscope.ingest.patterns.reader import PatternReader
from logscope.ingest.planned import PlannedHeads, PlannedReader, find_proof
from logscope.ingest.timestamps.timestamp import Missing, ParseState
from logscope.model.times import MINUTE_US, NO_TIME

LONGEST_LINE: Final = 65_536
"""Bytes kept of a line; the rest is counted and passed over."""

_WORTH_A_LOOK: Final = 64
"""Lines that do not fit from which on they are looked up together."""
_WORTH_COMPILING: Final = 2000
"""Lines from which on the regexes of their forms are made ready for many lines at once."""
_MOST_KNOWN: Final = 1 << 20
"""Bytes of lines of traces after which it is forgotten which of them are no heads."""


@dataclass(slots=True)
class Heads:
    """What the lines of a block begin; one entry a line."""

    is_head: Flags
    time: Int64
    severity: UInt8
    parsed: dict[int, Head]
    """Heads of lines that were parsed: they may say more."""
    access: AccessHeads | None = None
    """What lines of an access log say that were read by vector operations."""
    known: KnownLines | None = None
    """What lines say that were read by patterns."""

    def pick(self, rows: Int64) -> dict[int, Head]:
        """By their number among these lines the heads that were parsed."""
        parsed = self.parsed
        return {n: parsed[row] for n, row in enumerate(rows.tolist()) if row in parsed}

    def find_requests(self, rows: Int64) -> tuple[Int64, Int64] | None:
        """Where request and status of these lines of an access log begin and end, -1: they were not read as columns."""
        access = self.access
        if access is None:
            return None
        if not len(access.rows):
            none = np.full(len(rows), -1, np.int64)
            return none, none
        at = np.minimum(np.searchsorted(access.rows, rows), len(access.rows) - 1)
        is_read = access.rows[at] == rows
        return np.where(is_read, access.request[at], -1), np.where(is_read, access.status_end[at], -1)

    def read_requests(self, rows: Int64) -> tuple[Int64 | None, Int64 | None]:
        """Status (0 without one) and duration (us, -1) of these lines, as far as they were read as columns."""
        count = len(self.is_head)
        status, duration = np.zeros(count, np.int64), np.full(count, -1)
        is_any = False
        for read in (self.access, self.known):
            if read is not None and read.status is not None:
                status[read.rows] = read.status
                is_any = True
            if read is not None and read.duration_us is not None:
                duration[read.rows] = read.duration_us
                is_any = True
        return (status[rows], duration[rows]) if is_any else (None, None)


class BlockReader:
    """Reads blocks of one stream, in stream order."""

    def __init__(self, layout: Layout, state: ParseState, *, with_messages: bool = False) -> None:
        """Args are kept.

        Args:
            layout: How the stream is written.
            state: What its lines leave behind.
            with_messages: Say where the messages stand, too, which patterns tell and fixed places do not.
        """
        self._layout = layout
        self._state = state
        is_open = with_messages and isinstance(layout.forms[0], TextForm)
        proof = None if is_open else find_proof(layout)
        self._planned = None if proof is None else PlannedReader(layout, *proof, state)
        self._firsts = layout.find_first_bytes()
        self._sure_firsts = layout.find_sure_first_bytes() if self._firsts is not None else None
        self._rare: dict[bytes, bool] = {}
        self._rare_size = 0
        self._patterns: PatternReader | None = None
        self._asked = 0
        """Lines so far that the patterns are for."""
        self._objects = ObjectReader(layout) if is_object_log(layout) else None
        self._in_turn = any(form.missing or isinstance(form, EnvelopeForm) for form in layout.forms)
        self._access = AccessReader(layout, state) if is_access(layout) else None

    def read(self, block: Block, starts: Int64, ends: Int64) -> Heads:
        """Heads of the lines from `starts` to `ends` (without newline and carriage return)."""
        count = len(starts)
        heads = Heads(np.zeros(count, np.bool_), np.full(count, NO_TIME), np.zeros(count, np.uint8), {})
        rest = self._find_rest(block, starts, ends, self._fit(block, starts, ends, heads))
        if self._objects is not None and len(rest) >= _WORTH_A_LOOK:
            found = self._objects.read(block, starts[rest], ends[rest])
            if found is not None:
                rows = rest[found.rows]
                heads.is_head[rows] = True
                heads.time[rows] = found.time
                heads.severity[rows] = found.severity
                rest = np.setdiff1d(rest, rows, assume_unique=True)
        known = self._remember(block, starts, ends, rest, heads)
        if known is None or not self._in_turn:
            slow = rest if known is None else np.setdiff1d(rest, known.rows, assume_unique=True)
            self._parse_lines(block.data, starts, ends, slow, heads)
        else:
            self._take_turns(block.data, starts, ends, rest, known, heads)
        return heads

    def _fit(self, block: Block, starts: Int64, ends: Int64, heads: Heads) -> Flags:
        """Read what stands at fixed places into `heads`; gives the lines that fit."""
        fits = np.zeros(len(starts), np.bool_)
        found: AccessHeads | PlannedHeads | None = None
        if self._access is not None:
            found = heads.access = self._access.read(block, starts, ends)
        elif self._planned is not None:
            found = self._planned.read(block, starts, ends)
        if found is not None and len(found.rows) == len(starts):
            fits[:] = heads.is_head[:] = True
            heads.time, heads.severity = found.time, found.severity
        elif found is not None:
            fits[found.rows] = True
            heads.is_head[found.rows] = True
            heads.time[found.rows] = found.time
            heads.severity[found.rows] = found.severity
        return fits

    def _find_rest(self, block: Block, starts: Int64, ends: Int64, fits: Flags) -> Int64:
        """The lines that do not fit, but for those that begin as no head does."""
        # An empty line is never a head, and says nothing of the next one.
        rest = np.flatnonzero(~fits & (ends > starts))
        if self._firsts is not None and len(rest) and block.data.find(b"\x1b", block.begin, block.end) < 0:
            rest = rest[self._firsts[block.bytes[starts[rest]]]]
            if self._sure_firsts is not None and len(rest):
                # `Caused by: ...` begins with a letter as months do.
                is_sure = self._sure_firsts[block.bytes[starts[rest]]]
                doubtful = np.flatnonzero(~is_sure)
                begins = starts[rest[doubtful]]
                limits = np.minimum(ends[rest[doubtful]], begins + LONGEST_LINE)
                lines = [block.data[begin:end] for begin, end in zip(begins.tolist(), limits.tolist(), strict=True)]
                is_sure[doubtful] = self._are_rare(lines)
                rest = rest[is_sure]
        return rest

    def _are_rare(self, lines: Sequence[bytes]) -> list[bool]:
        """Whether each may be a head of a rare line; those of the same traces come again and again."""
        known = self._rare
        self._rare_size += sum(map(len, lines))
        if self._rare_size > _MOST_KNOWN:
            known.clear()
            self._rare_size = 0
        for line in set(lines) - known.keys():
            known[line] = self._layout.may_be_rare(line)
        return [known[line] for line in lines]

    def _remember(self, block: Block, starts: Int64, ends: Int64, rest: Int64, heads: Heads) -> KnownLines | None:
        """Read what is known of these lines into `heads`; None where nothing is."""
        limits = np.minimum(ends[rest], starts[rest] + LONGEST_LINE)
        known = self._read_patterns(block, starts, limits, rest)
        if known is None:
            return None
        heads.known = known
        heads.is_head[known.rows] = known.is_head
        heads.time[known.rows] = known.time
        heads.severity[known.rows] = known.severity
        return known

    def _read_patterns(self, block: Block, starts: Int64, limits: Int64, rest: Int64) -> KnownLines | None:
        self._asked += len(rest)
        if self._patterns is None and self._asked >= _WORTH_COMPILING:
            self._patterns = PatternReader(self._layout)
        if self._patterns is None or not self._patterns.is_able or len(rest) < _WORTH_A_LOOK:
            return None
        return self._patterns.read(block, starts, limits, rest)

    def _take_turns(
        self, data: bytes, starts: Int64, ends: Int64, rest: Int64, known: KnownLines, heads: Heads
    ) -> None:  # fmt: skip
        """Parse the lines that are not known, and place the times of those that are, each in its turn."""
        state = self._state
        slow = np.setdiff1d(rest, known.rows, assume_unique=True)
        done, last = 0, -1
        while True:
            # A cut line goes on in the next one, whatever that looks like; so does a trace.
            lines = rest if state.partial or state.in_trace else slow
            at = int(np.searchsorted(lines, last, "right"))
            row = int(lines[at]) if at < len(lines) else len(starts)
            stop = int(np.searchsorted(known.rows, row))
            self._place_known(known, slice(done, stop), heads)
            if known.fine is not None:
                heads.time[known.rows[done:stop]] += known.fine[done:stop]
            if row == len(starts):
                return
            done = stop + (stop < len(known.rows) and int(known.rows[stop]) == row)
            heads.is_head[row] = False
            self._parse_lines(data, starts, ends, np.array([row]), heads)
            last = row

    def _place_known(self, known: KnownLines, span: slice, heads: Heads) -> None:
        """Give known lines their year or day, and leave the state as reading them does."""
        rows, missing, left = known.rows[span], known.missing[span], known.after_error[span]
        if not len(rows):
            return
        told = np.flatnonzero(left >= 0)
        if len(told):
            self._state.after_error = bool(left[told[-1]])
        told = np.flatnonzero(known.stream[span] >= 0)
        if len(told):
            self._state.stream = known.streams[int(known.stream[span][told[-1]])]
        lacking = np.flatnonzero((missing > 0) & (heads.time[rows] != NO_TIME))
        if not len(lacking):
            return
        rows, missing = rows[lacking], missing[lacking]
        times = heads.time[rows]
        minutes = times // MINUTE_US
        changed = np.flatnonzero(
            np.concatenate([[True], (minutes[1:] != minutes[:-1]) | (missing[1:] != missing[:-1])])
        )  # fmt: skip
        placed = [
            self._state.place(minute * MINUTE_US, Missing(what)) - minute * MINUTE_US
            for minute, what in zip(minutes[changed].tolist(), missing[changed].tolist(), strict=True)
        ]
        shift = np.repeat(placed, np.diff(np.append(changed, len(rows))))
        # What uptimes count from may not be known.
        heads.time[rows] = np.where(shift < NO_TIME // 2, NO_TIME, times + shift)

    def _parse_lines(self, data: bytes, starts: Int64, ends: Int64, rows: Int64, heads: Heads) -> None:
        parse, state, parsed = self._layout.parse, self._state, heads.parsed
        limits = np.minimum(ends[rows], starts[rows] + LONGEST_LINE)
        found: list[int] = []
        times: list[int] = []
        severities: list[int] = []
        for row, start, end in zip(rows.tolist(), starts[rows].tolist(), limits.tolist(), strict=True):
            head = parse(data[start:end], state)
            if head is not None:
                parsed[row] = head
                found.append(row)
                times.append(NO_TIME if head.time is None else head.time)
                severities.append(head.severity)
        if found:
            chosen = np.array(found)
            heads.is_head[chosen] = True
            heads.time[chosen] = times
            heads.severity[chosen] = severities
