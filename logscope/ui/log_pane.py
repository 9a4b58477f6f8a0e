"""The lines of one file around a place, drawn on demand: any place of a large file costs the same."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from logscope.model.severity import Severity
from logscope.model.snapshot import LineRef
from logscope.text.safe_text import safe_text
from logscope.ui.palette import Glyphs, Palette

_AROUND = 300
"""Lines kept before and behind the place."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a file."""

    number: int
    text: str
    """Raw text."""
    severity: Severity
    is_head: bool
    """Begins a record; continuations follow it."""
    time: int | None


class Lines(Protocol):
    """Where the lines come from."""

    def lines_around(self, ref: LineRef, before: int, after: int) -> list[LogLine]:
        """Lines of the file around a place; empty where it cannot be read any more."""
        ...


class LogPane(Widget, can_focus=True):
    """A window over one file with a cursor line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown,space,ctrl+d,d", "page(1)", show=False),
        Binding("pageup,b,ctrl+u,u", "page(-1)", show=False),
        Binding("right,l", "shift(16)", show=False),
        Binding("left,h", "shift(-16)", show=False),
        Binding("home,g", "edge(-1)", show=False),
        Binding("end,G", "edge(1)", show=False),
    ]

    class Moved(Message):
        """The cursor line changed; its record's time, where it has one."""

        def __init__(self, moment: int | None) -> None:
            super().__init__()
            self.moment = moment

    def __init__(self, lines: Lines, palette: Palette, glyphs: Glyphs, *, id: str) -> None:
        super().__init__(id=id)
        self._source = lines
        self.palette = palette
        self.glyphs = glyphs
        self.ref: LineRef | None = None
        self._all: list[LogLine] = []
        self.lines: list[LogLine] = []
        self.cursor = 0
        self._left = 0
        self._top = 0
        """First line shown."""
        self._needle = ""
        self._filter = ""
        self.following = False

    def open(self, ref: LineRef) -> None:
        """Show the lines around a place, its line under the cursor."""
        self.ref = ref
        self._all = self._source.lines_around(ref, _AROUND, _AROUND)
        self._apply_filter()
        at = next((n for n, line in enumerate(self.lines) if line.number >= ref.line), max(0, len(self.lines) - 1))
        self._set_cursor(at, centre=True)

    def set_filter(self, text: str) -> None:
        """Show only lines that hold a text (`!text`: that do not); empty for all."""
        self._filter = text
        number = self.lines[self.cursor].number if self.lines else 0
        self._apply_filter()
        at = next((n for n, line in enumerate(self.lines) if line.number >= number), 0)
        self._set_cursor(at)

    def _apply_filter(self) -> None:
        text = self._filter.removeprefix("!").lower()
        wanted = not self._filter.startswith("!")
        self.lines = [one for one in self._all if not text or (text in one.text.lower()) is wanted]
        self.refresh()

    def find(self, text: str | None, direction: int = 1) -> bool:
        """Move to the next line that holds a text; None for the one before. False when there is none here."""
        if text is not None:
            self._needle = text.lower()
        if not self._needle:
            return False
        order = range(self.cursor + 1, len(self.lines)) if direction > 0 else range(self.cursor - 1, -1, -1)
        at = next((n for n in order if self._needle in self.lines[n].text.lower()), None)
        if at is None:
            self.refresh()
            return False
        self._set_cursor(at)
        return True

    def step_level(self, least: Severity, direction: int) -> bool:
        """Move to the next record of at least a level. False when there is none here."""
        order = range(self.cursor + 1, len(self.lines)) if direction > 0 else range(self.cursor - 1, -1, -1)
        at = next((n for n in order if self.lines[n].is_head and self.lines[n].severity >= least), None)
        if at is None:
            return False
        self._set_cursor(at)
        return True

    def current(self) -> LogLine | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    def render_line(self, y: int) -> Strip:
        """One visible line: number, level letter's colour, text."""
        width = self.size.width
        number = y + self._top
        if number >= len(self.lines):
            text = " choose a line in the story or the kinds and press Enter" if not self._all and y == 0 else ""
            return Strip([Segment(text.ljust(width)[:width], self.palette.dim)])
        line = self.lines[number]
        style = self.palette.plain
        if line.severity >= Severity.ERROR:
            style = self.palette.error
        elif line.severity >= Severity.WARN:
            style = self.palette.warning
        elif not line.is_head:
            style = self.palette.dim
        is_cursor = number == self.cursor
        mark = ">" if is_cursor else " "
        gutter = f"{mark}{line.number:>7} "
        text = safe_text(line.text)[self._left : self._left + max(1, width - len(gutter))]
        segments = [Segment(gutter, self.palette.info if is_cursor else self.palette.dim)]
        segments += self._highlighted(text, style)
        strip = Strip(segments)
        if strip.cell_length < width:
            strip = Strip([*segments, Segment(" " * (width - strip.cell_length), self.palette.plain)])
        if is_cursor and self.has_focus:
            strip = strip.apply_style(self.palette.cursor)
        return strip.crop(0, width).simplify()

    def _highlighted(self, text: str, style: Style) -> list[Segment]:
        at = text.lower().find(self._needle) if self._needle else -1
        if at < 0:
            return [Segment(text, style)]
        end = at + len(self._needle)
        return [
            Segment(text[:at], style),
            Segment(text[at:end], self.palette.cursor),
            Segment(text[end:], style),
        ]

    def action_move(self, step: int) -> None:
        """One line up or down; at the edge the window moves on."""
        self._set_cursor(self.cursor + step)

    def action_page(self, step: int) -> None:
        """A page up or down."""
        self._set_cursor(self.cursor + step * max(1, self.size.height - 1))

    def action_shift(self, cells: int) -> None:
        """Scroll sideways."""
        self._left = max(0, self._left + cells)
        self.refresh()

    def action_edge(self, side: int) -> None:
        """First or last line that is loaded."""
        self._set_cursor(0 if side < 0 else len(self.lines) - 1)

    def _set_cursor(self, number: int, *, centre: bool = False) -> None:
        if not self.lines:
            self.cursor = 0
            self.refresh()
            return
        if (number < 0 or number >= len(self.lines)) and not self._filter:
            number = self._load_more(number)
        self.cursor = max(0, min(number, len(self.lines) - 1))
        self._show_cursor(centre=centre)
        self.refresh()
        head = next((self.lines[n] for n in range(self.cursor, -1, -1) if self.lines[n].is_head), None)
        self.post_message(self.Moved(head.time if head else None))

    def _load_more(self, number: int) -> int:
        """Move the window so that a line beyond its edge is in it; the new position of the cursor."""
        assert self.ref is not None, "lines come from a place"
        edge = self.lines[0] if number < 0 else self.lines[-1]
        fresh = self._source.lines_around(LineRef(self.ref.file, edge.number), _AROUND, _AROUND)
        if not fresh:
            return number
        step = number if number < 0 else number - len(self.lines) + 1
        self._all = fresh
        self._apply_filter()
        at = next((n for n, line in enumerate(self.lines) if line.number >= edge.number), 0)
        return at + step

    def _show_cursor(self, *, centre: bool = False) -> None:
        """Choose the first line so that the cursor is in view, in the upper third when it was jumped to."""
        height = max(1, self.size.height)
        if centre or not self._top <= self.cursor < self._top + height:
            is_step = not centre and -2 <= self.cursor - self._top <= height + 1
            below = 0 if self.cursor < self._top else height - 1
            self._top = self.cursor - (below if is_step else height // 3)
        self._top = max(0, min(self._top, len(self.lines) - height))

    def on_resize(self) -> None:
        """The cursor line stays in view: the pane may have been opened before it had a size."""
        self._show_cursor(centre=True)
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the cursor by three lines."""
        event.stop()
        self.action_move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the cursor by three lines."""
        event.stop()
        self.action_move(-3)

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a line."""
        self._set_cursor(self._top + event.y)

    def on_focus(self) -> None:
        """The cursor line is marked."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor line is not marked."""
        self.refresh()
