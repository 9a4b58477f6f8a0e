"""Reads the heads of many rows of a table: the columns that `TableForm.parse` gives line by line.

Rows with all their cells, and no quotes inside of them, whose stamp is a full date; the others are left to the parser.
"""

from typing import NamedTuple

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import Block, Flags, count_digits, count_in_lines, find_in_lines
from logscope.ingest.formats.table import LONGEST_ROW, TableForm, may_quote
from logscope.ingest.patterns.heads import STATUS, TextHeads, look_up, read_durations
from logscope.ingest.patterns.lines import MARGIN, MAYBE
from logscope.ingest.timestamps.timestamp import Missing
from logscope.ingest.value_times import VALUE_REACH, ValueTimes
from logscope.model.times import NO_TIME

_MOST_TEXTS = 4096


class _Cells(NamedTuple):
    """Where the cells of some rows stand: for each column an array."""

    rows: Int64
    begins: list[Int64]
    ends: list[Int64]


class RowReader:
    """Reads rows of one form."""

    def __init__(self, form: TableForm) -> None:
        """Keeps the form; `is_able` tells whether it can be read so."""
        self._form = form
        columns = form.columns
        first, last = (columns.time[0], columns.time[-1]) if columns.time else (0, 0)
        # Date and time are joined with a blank.
        self.is_able = (
            bool(columns.time) and form.missing is Missing.NOTHING and len(columns.separator) == 1
            and (last == first or (last == first + 1 and columns.separator == b" "))
        )  # fmt: skip
        self._times = ValueTimes()
        self._services: dict[bytes, int] = {}
        self.services: list[str] = []
        """Names of services so far."""

    def read(self, block: Block, starts: Int64, ends: Int64) -> TextHeads:
        """The heads of rows, as far as they are surely what they look like."""
        if len(self._services) > _MOST_TEXTS:
            self._services.clear()
            self.services = []
        columns = self._form.columns
        count = len(starts)
        heads = TextHeads(
            np.full(count, MAYBE), np.zeros(count, np.bool_), np.full(count, NO_TIME), np.zeros(count, np.uint8),
            np.full(count, -1), np.full(count, -1), np.zeros(count, np.int64), np.full(count, -1),
        )  # fmt: skip
        good = (ends + MARGIN + VALUE_REACH <= len(block.data)) & (ends > starts)
        good &= (block.bytes[starts] != ord("#")) & (block.bytes[np.maximum(ends - 1, 0)] != 13)
        cells = self._find_cells(block, starts, ends, good)
        rows = cells.rows
        if not len(rows):
            return heads

        def cell(column: int) -> tuple[Int64, Int64]:
            return cells.begins[column], cells.ends[column]

        at, stop = cells.begins[columns.time[0]], cells.ends[columns.time[-1]]
        time = self._times.read_texts(block, at, stop - at)
        known = time != NO_TIME
        heads.time[rows] = time
        severity = np.zeros(len(rows), np.int64)
        if columns.level is not None:
            severity = look_up(block, *cell(columns.level), lambda text: int(self._form.read_level(text)))
        if columns.status is not None:
            at, stop = cell(columns.status)
            is_code = (stop - at == 3) & (count_digits(block.words[at]) >= 3)
            status = np.where(is_code, block.read_number(at, (0, 3)), 0)
            heads.status[rows] = status
            severity = np.where((severity == 0) & (status > 0), STATUS[status], severity)
            if columns.took is not None:
                duration, is_known = read_durations(block, *cell(columns.took), columns.took_unit)
                heads.duration_us[rows] = duration
                known &= is_known
            method, path = self._form.request_columns
            if path is not None:
                parts = []
                for column in (method, path):
                    begin, end = (np.full(count, -1), np.full(count, -1))
                    if column is not None:
                        begin[rows], end[rows] = cell(column)
                    parts += [begin, end]
                heads.cells = parts[0], parts[1], parts[2], parts[3]
        heads.message_end = ends.copy()
        if columns.message is None:
            heads.message[rows] = starts[rows]
        else:
            heads.message[rows], heads.message_end[rows] = cell(columns.message)
        if columns.service is not None:
            heads.service[rows] = look_up(block, *cell(columns.service), self._number_service)
        heads.severity[rows] = severity
        heads.end[rows[known]] = ends[rows[known]]
        return heads

    def _find_cells(self, block: Block, starts: Int64, ends: Int64, good: Flags) -> "_Cells":
        """The cells of the rows among some good lines that have all of them, and no quotes but around them."""
        columns = self._form.columns
        separators = block.find_byte(columns.separator[0])
        quotes = block.find_byte(ord('"')) if may_quote(columns.separator) else np.empty(0, np.int64)
        count = count_in_lines(quotes, starts, ends)
        has_quotes = bool(count.any())
        if has_quotes:
            good = good & (count % 2 == 0) & ((count == 0) | (ends - starts < LONGEST_ROW))
            # What stands behind an odd number of a line's quotes stands in a cell.
            line = np.maximum(np.searchsorted(starts, separators, "right") - 1, 0)
            inside = np.searchsorted(quotes, separators) - find_in_lines(quotes, starts, ends)[line]
            separators = separators[inside % 2 == 0]
        good = good & (count_in_lines(separators, starts, ends) == len(columns.names) - 1)
        rows = np.flatnonzero(good)
        first = find_in_lines(separators, starts, ends)[rows]
        between = [separators[first + n] for n in range(len(columns.names) - 1)] if len(rows) else []
        cells = _Cells(rows, [starts[rows], *(place + 1 for place in between)], [*between, ends[rows]])
        return self._take_quotes(block, cells, count[rows]) if has_quotes and len(rows) else cells

    @staticmethod
    def _take_quotes(block: Block, cells: "_Cells", count: Int64) -> "_Cells":
        """Cells without the quotes around them, of the rows that have no others of so many."""
        begins, stops = [], []
        left = count.copy()
        for begin, stop in zip(cells.begins, cells.ends, strict=True):
            is_quoted = (stop - begin >= 2) & (block.bytes[begin] == ord('"')) & (block.bytes[stop - 1] == ord('"'))
            begins.append(begin + is_quoted)
            stops.append(stop - is_quoted)
            left -= 2 * is_quoted
        good = np.flatnonzero(left == 0)
        return _Cells(cells.rows[good], [one[good] for one in begins], [one[good] for one in stops])

    def _number_service(self, text: bytes) -> int:
        if not text:
            return -1
        number = self._services.get(text)
        if number is None:
            number = self._services[text] = len(self.services)
            self.services.append(text.decode("utf-8", "replace"))
        return number
