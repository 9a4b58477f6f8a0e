"""Tells which heads begin no record of their own.

Receives heads as they were parsed and the record that is still open; says which of them go on from the record before:
a head that is written again before each line of one statement, and a trace behind the error that it belongs to. What
run-time systems write without a time gets that of the record before it.
"""

from collections.abc import Collection
from typing import Final

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.blocks import LONGEST_LINE, Heads
from logscope.ingest.columns import Block
from logscope.ingest.formats.form import Head, Origin
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.records import OpenRecord
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME

_OPEN: Final = -1
"""Instead of the number of a line: the record that an earlier piece began."""


class Joiner:
    """For the lines of one layout: of a line alone and of a block the same."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._may_repeat = layout.sampled.has_fine_stamps or layout.sampled.has_headed_traces
        """Heads that are equal may be one head: two statements hardly have one time, or each line of a trace has it."""

    def settle_line(self, line: bytes, head: Head, record: OpenRecord) -> Head | None:
        """The head behind the open record as it counts; None where the line goes on from the record."""
        if head.origin:
            if head.origin is Origin.EITHER and record.severity >= Severity.WARN:
                return None
            if head.time is None and record.time != NO_TIME:
                head = head._replace(time=record.time)
        return None if self._repeats_head(line, head, record) else head

    def settle_block(
        self, block: Block, starts: Int64, ends: Int64, heads: Heads, record: OpenRecord | None
    ) -> Collection[int]:  # fmt: skip
        """Correct the heads of a block's lines.

        Args:
            block: Holds the lines.
            starts: Where each begins.
            ends: Where each ends.
            heads: Of each; corrected.
            record: That an earlier piece began, if one is open.

        Returns:
            Lines whose heads are written again below them: lines with the same head that come later belong to them.
        """
        _place_crashes(heads, record)
        return self._join_repeated(block, starts, ends, heads, record) if self._may_repeat else ()

    def _repeats_head(self, line: bytes, head: Head, record: OpenRecord | None) -> bool:
        """Whether a line has the open record's head again, and goes on from it."""
        if record is None or not self._may_repeat or head.time is None or head.time != record.time:
            return False
        if (record.lines > 1 and not record.is_run) or head.severity != record.severity:
            return False
        is_again = self._layout.goes_on(record.text[0], line, is_run=record.is_run)
        record.is_run |= is_again
        return is_again

    def _join_repeated(
        self, block: Block, starts: Int64, ends: Int64, heads: Heads, record: OpenRecord | None
    ) -> Collection[int]:  # fmt: skip
        """Take heads that are written again for no heads; gives the lines whose heads are."""
        rows = np.flatnonzero(heads.is_head)
        if not len(rows):
            return ()
        times, severities = heads.time[rows], heads.severity[rows]
        is_same = (times[1:] == times[:-1]) & (severities[1:] == severities[:-1]) & (times[1:] != NO_TIME)
        begun: dict[int, int] = {}
        """Line -> the one that begins its record."""
        for at in [0, *(np.flatnonzero(is_same) + 1).tolist()]:
            row = int(rows[at])
            line = block.data[int(starts[row]) : int(min(ends[row], starts[row] + LONGEST_LINE))]
            if at == 0:
                if row == 0 or (record is not None and record.is_run):
                    head = Head(int(times[0]), Severity(int(severities[0])), 0, None, 0, -1)
                    if self._repeats_head(line, head, record):
                        begun[row] = _OPEN
                continue
            before = int(rows[at - 1])
            first, is_run = begun.get(before, before), before in begun
            if first == _OPEN:
                is_again = record is not None and self._layout.goes_on(record.text[0], line, is_run=True)
            else:
                head_line = block.data[int(starts[first]) : int(min(ends[first], starts[first] + LONGEST_LINE))]
                is_again = (is_run or row == first + 1) and self._layout.goes_on(head_line, line, is_run=is_run)
            if is_again:
                begun[row] = first
        for row in begun:
            heads.is_head[row] = False
            heads.parsed.pop(row, None)
        return set(begun.values())


def _place_crashes(heads: Heads, record: OpenRecord | None) -> None:
    """Give what run-time systems wrote the time of the record before it, and traces to the errors before them."""
    for row in [row for row, head in heads.parsed.items() if head.origin]:
        before = row - 1
        while before >= 0 and not heads.is_head[before]:
            before -= 1
        if before < 0 and record is None:
            continue
        head = heads.parsed[row]
        severity = int(heads.severity[before]) if before >= 0 or record is None else record.severity
        if head.origin is Origin.EITHER and severity >= Severity.WARN:
            heads.is_head[row] = False
            del heads.parsed[row]
        elif head.time is None:
            time = int(heads.time[before]) if before >= 0 or record is None else record.time
            heads.time[row] = time
            heads.parsed[row] = head._replace(time=None if time == NO_TIME else time)
