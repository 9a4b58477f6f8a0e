"""Reads the heads of many rows of a table: the columns that `TableForm.parse` gives line by line.

Rows with all their cells, and none in quotes, whose stamp is a full date; the others are left to the parser.
"""

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import Block, count_digits, count_in_lines, find_in_lines
from logscope.ingest.formats.table import TableForm
from logscope.ingest.patterns.heads import STATUS, TextHeads, look_up, read_durations
from logscope.ingest.patterns.lines import MARGIN, MAYBE
from logscope.ingest.timestamps.timestamp import Missing
from logscope.ingest.value_times import VALUE_REACH, ValueTimes
from logscope.model.times import NO_TIME

_MOST_TEXTS = 4096


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
            and (last == first or (last == first + 1 and columns.separator == b" ")) and not form.inner
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
        separators = block.find_byte(columns.separator[0])
        quotes = block.find_byte(ord('"'))
        first = find_in_lines(separators, starts, ends)
        good = count_in_lines(separators, starts, ends) == len(columns.names) - 1
        good &= count_in_lines(quotes, starts, ends) == 0
        good &= (ends + MARGIN + VALUE_REACH <= len(block.data)) & (ends > starts)
        good &= (block.bytes[starts] != ord("#")) & (block.bytes[np.maximum(ends - 1, 0)] != 13)
        rows = np.flatnonzero(good)
        if not len(rows):
            return heads
        edges = [starts[rows] - 1]
        edges += [separators[first[rows] + n] for n in range(len(columns.names) - 1)]
        edges.append(ends[rows])

        def cell(column: int) -> tuple[Int64, Int64]:
            return edges[column] + 1, edges[column + 1]

        at, stop = edges[columns.time[0]] + 1, edges[columns.time[-1] + 1]
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
                cells = []
                for column in (method, path):
                    begin, end = (np.full(count, -1), np.full(count, -1))
                    if column is not None:
                        begin[rows], end[rows] = cell(column)
                    cells += [begin, end]
                heads.cells = cells[0], cells[1], cells[2], cells[3]
        if columns.message is None or columns.message == len(columns.names) - 1:
            heads.message[rows] = starts[rows] if columns.message is None else cell(columns.message)[0]
        if columns.service is not None:
            heads.service[rows] = look_up(block, *cell(columns.service), self._number_service)
        heads.severity[rows] = severity
        heads.end[rows[known]] = ends[rows[known]]
        return heads

    def _number_service(self, text: bytes) -> int:
        if not text:
            return -1
        number = self._services.get(text)
        if number is None:
            number = self._services[text] = len(self.services)
            self.services.append(text.decode("utf-8", "replace"))
        return number
