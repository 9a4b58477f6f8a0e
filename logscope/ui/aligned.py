"""Logs side by side: a column per service, all in step by time; for wide screens.

Lines of several services share a row as long as the order of time holds from row to row. The row's time is that of the
gravest of them: what is looked for is told to the millisecond.
"""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from logscope.model.lines import LogLine
from logscope.model.severity import Severity
from logscope.text.safe_text import safe_text
from logscope.ui.cursor_pane import CursorPane
from logscope.ui.formatting import Look, fit, severity_letter
from logscope.ui.line_words import leave_out_asker, split_message
from logscope.ui.log_pane import Lines
from logscope.ui.rows import lay_over

_AROUND = 400
_LEAST_CELLS = 26
"""Of a service's column."""
_TIME_CELLS = 14
_SAME_TIME_US = 100_000
"""So much later a line has a row of its own: the time before the row is that of its first line."""

AlignedRow = dict[str, LogLine]
"""The line of each service that has one in this row."""


def align(lines: Sequence[LogLine], services: Sequence[str]) -> list[AlignedRow]:
    """Rows of at most one line a service: no line stands above an earlier one.

    Args:
        lines: Of all logs, in order of time; only heads of records are shown.
        services: Those that have a column.
    """
    rows: list[AlignedRow] = []
    begun = 0
    for line in lines:
        if not line.is_head or line.time is None or line.service not in services:
            continue
        if not rows or line.service in rows[-1] or line.time - begun >= _SAME_TIME_US:
            rows.append({})
            begun = line.time
        rows[-1][line.service] = line
    return rows


def find_chief(row: AlignedRow) -> LogLine:
    """The gravest line of a row; of ordinary ones the first."""
    return min(row.values(), key=lambda line: (-max(line.severity, Severity.NOTICE), line.time or 0))


class AlignedPane(CursorPane):
    """A column per service around the cursor time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "turn(1)", show=False),
        Binding("left,h", "turn(-1)", show=False),
    ]

    class Moved(CursorPane.Moved):
        """The cursor is at another time."""

    class Chosen(CursorPane.Chosen):
        """Enter or a click on a line."""

    head_lines = 1

    def __init__(self, lines: Lines, look: Look, *, id: str) -> None:
        super().__init__(id=id)
        self.source = lines
        self.look = look
        self.services: tuple[str, ...] = ()
        """In the order of their columns."""
        self.rows: list[AlignedRow] = []
        self.cursor = 0
        self._top = 0
        self._first = 0
        """First column shown."""
        self._time: int | None = None

    def show(self, services: Sequence[str], time: int) -> None:
        """Put the cursor at the first row at or behind a time."""
        wanted = tuple(services)
        if (wanted, time) == (self.services, self._time):
            return
        self.services, self._time = wanted, time
        self.rows = align(self.source.merged(time, _AROUND, _AROUND), self._columns())
        behind = (n for n, row in enumerate(self.rows) if any((line.time or 0) >= time for line in row.values()))
        self.cursor = next(behind, max(0, len(self.rows) - 1))
        self._top = max(0, self.cursor - max(1, self.size.height) // 3)
        self.refresh()

    def on_resize(self) -> None:
        """Other columns fit."""
        if self._time is not None:
            time, self._time = self._time, None
            self.show(self.services, time)

    def _columns(self) -> tuple[str, ...]:
        """Services that fit."""
        count = max(1, (self.size.width - _TIME_CELLS) // _LEAST_CELLS)
        first = max(0, min(self._first, len(self.services) - count))
        return self.services[first : first + count]

    def render_line(self, y: int) -> Strip:
        """The names, then a row."""
        palette, glyphs = self.look.palette, self.look.glyphs
        columns = self._columns()
        if not columns:
            return Strip.blank(self.size.width, palette.plain)
        cells = max(4, (self.size.width - _TIME_CELLS) // len(columns))
        if y == 0:
            names = "".join(fit(name, cells - 1, glyphs) + " " for name in columns)
            hidden = len(self.services) - len(columns)
            text = f" {'TIME':<{_TIME_CELLS - 1}}{names}"
            note = f"h l: {hidden} more" if hidden > 0 else ""
            width = self.size.width
            return Strip([Segment(f"{text[: width - len(note) - 1]:<{width - len(note)}}{note}"[:width], palette.dim)])
        number = y - 1 + self._top
        if number >= len(self.rows):
            return Strip.blank(self.size.width, palette.plain)
        row = self.rows[number]
        time = find_chief(row).time
        segments = [Segment(f" {self.look.clock_ms(time)}"[:_TIME_CELLS].ljust(_TIME_CELLS), palette.dim)]
        for name in columns:
            line = row.get(name)
            if line is None:
                segments.append(Segment(" " * cells, palette.plain))
                continue
            style = palette.error if line.severity >= Severity.ERROR else palette.plain
            style = palette.warning if Severity.WARN <= line.severity < Severity.ERROR else style
            # Colour is never alone.
            letter = f"{severity_letter(line.severity)} " if line.severity >= Severity.WARN else ""
            said = leave_out_asker(self.source.message_of(line) or split_message(line)[0])
            segments.append(Segment(fit(letter + safe_text(said), cells - 1, glyphs) + " ", style))
        strip = Strip(segments)
        strip = Strip([*segments, Segment(" " * max(0, self.size.width - strip.cell_length), palette.plain)])
        if number == self.cursor:
            strip = lay_over(strip, palette.cursor if self.has_focus else palette.selected)
        return strip.crop(0, self.size.width).simplify()

    def action_move(self, step: int) -> None:
        """A row up or down; at the edge the window moves on."""
        wanted = self.cursor + step
        if not 0 <= wanted < len(self.rows) and self.rows:
            edge = self.rows[0 if wanted < 0 else -1]
            time = next(line.time for line in edge.values())
            before = len(self.rows)
            if time is not None:
                self.show(self.services, time + (1 if wanted >= before else -1))
                wanted = self.cursor + (step if wanted < 0 else 0)
        self.cursor = max(0, min(wanted, len(self.rows) - 1))
        height = max(1, self.size.height - 1)
        self._top = max(min(self._top, self.cursor), self.cursor - height + 1)
        self.refresh()
        if self.rows:
            time = find_chief(self.rows[self.cursor]).time
            if time is not None:
                self._time = time
                self.post_message(self.Moved(time))

    def action_turn(self, step: int) -> None:
        """Other services' columns."""
        count = len(self._columns())
        first = max(0, min(self._first + step, len(self.services) - count))
        if first != self._first and self._time is not None:
            self._first = first
            time, self._time = self._time, None
            self.show(self.services, time)

    def action_choose(self) -> None:
        """Open the gravest line of the row in its log."""
        if self.cursor < len(self.rows):
            self.post_message(self.Chosen(find_chief(self.rows[self.cursor])))

    def on_click(self, event: events.Click) -> None:
        """Open the line under the pointer."""
        number, columns = event.y - 1 + self._top, self._columns()
        if event.y == 0 or number >= len(self.rows) or not columns:
            return
        self.cursor = number
        column = (event.x - _TIME_CELLS) * len(columns) // max(1, self.size.width - _TIME_CELLS)
        line = self.rows[number].get(columns[max(0, min(len(columns) - 1, column))])
        self.refresh()
        if line is not None:
            self.post_message(self.Chosen(line))
