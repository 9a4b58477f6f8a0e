"""The log pane: a window over one log, or over all by time, with a cursor line; loads more lines as the cursor moves.

Stack traces and other continuations of more than a few lines are folded.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from rich.segment import Segment
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from logscope.model.files import LineRef, file_name, place_of
from logscope.model.lines import LogLine, Spot
from logscope.text.safe_text import safe_text
from logscope.ui.cursor_pane import CursorPane
from logscope.ui.folding import fold, mark_gaps
from logscope.ui.formatting import Look, place, wrap
from logscope.ui.line_words import have_long_heads
from logscope.ui.log_line import GUTTER_CELLS, DrawnLine, LinePlan, draw_line, service_cells

_AROUND = 300
"""Lines kept before and behind the place."""


class Lines(Protocol):
    """Where the lines come from."""

    @property
    def is_whole(self) -> bool:
        """Every line of the logs is there; False where only some were kept."""
        ...

    def spot_of(self, ref: LineRef) -> Spot | None:
        """Where a cited line stands; None where it cannot be read any more."""
        ...

    def path_of(self, spot: Spot) -> str:
        """The file that holds a line."""
        ...

    def around(self, spot: Spot, before: int, after: int) -> list[LogLine]:
        """Lines of one log around a line."""
        ...

    def merged(self, time: int, before: int, after: int) -> list[LogLine]:
        """Lines of all logs in order of time."""
        ...

    def message_of(self, line: LogLine) -> str:
        """What a line says where a form of its own wraps it; empty where its text shows that as it stands."""
        ...


class LogPane(CursorPane):
    """A window over lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "shift(16)", show=False),
        Binding("left,h", "shift(-16)", show=False),
        Binding("circumflex_accent", "shift(-100000)", show=False),
        Binding("0", "shift_home", show=False),
        Binding("home,g", "edge(-1)", show=False),
        Binding("end,G", "edge(1)", show=False),
    ]

    class Moved(CursorPane.Moved):
        """The cursor line changed."""

    class Chosen(CursorPane.Chosen):
        """Enter, or a second click, on a line that is not folded."""

    class AtEdge(Message):
        """Home or End: the begin or the end of the log is asked for."""

        def __init__(self, side: int) -> None:
            super().__init__()
            self.side = side

    def __init__(self, lines: Lines, look: Look, *, id: str) -> None:
        super().__init__(id=id)
        self.source = lines
        self._look = look
        self._all: list[LogLine] = []
        self.lines: list[LogLine] = []
        """Those that are shown: without the folded ones."""
        self._folded: dict[Spot, int] = {}
        """Lines hidden behind each folded head."""
        self._unfolded: set[Spot] = set()
        self._gaps: frozenset[int] = frozenset()
        """Of the lines that are shown: those that stand for others which were not kept."""
        self.cursor = 0
        self._left = 0
        self._top = 0
        """First line shown."""
        self.needle = ""
        self.filter = ""
        """Only lines that hold this are shown; the lines come from a search."""
        self.is_merged = False
        self.was_merged = False
        """Before the matches of a search were shown."""
        self.is_following = False
        self._gone: list[str] = []
        """Why the line that was asked for cannot be shown."""
        self._has_long_heads = False
        self._service_cells = 0

    @property
    def look(self) -> Look:
        """Colours, marks and times."""
        return self._look

    @look.setter
    def look(self, look: Look) -> None:
        self._look = look
        # Heads tell the time by another clock now, perhaps.
        self._judge_heads()

    # What is shown

    def open(self, ref: LineRef, *, tell: bool = True, kept: str = "") -> None:
        """Show the lines around a cited one, which comes under the cursor.

        Args:
            ref: The line.
            tell: Whether others move with it.
            kept: What it said, raw: shown where its file is gone.
        """
        spot = self.source.spot_of(ref)
        if spot is None:
            self._show([], None)
            told = f"{place(ref)} cannot be shown: the file was rotated away, cut or deleted"
            self._gone = [told, *(["", "What it said:", kept] if kept else [])]
            self.refresh()
            return
        self.open_spot(spot, tell=tell)

    def open_spot(self, spot: Spot, *, tell: bool = True) -> None:
        """Show the lines around one, in its own log; without `tell` nobody else is moved by that."""
        self.is_merged, self.filter = False, ""
        self._show(self.source.around(spot, _AROUND, _AROUND), spot, tell=tell)

    def open_merged(self, time: int, spot: Spot | None = None, *, tell: bool = True) -> None:
        """Show the lines of all logs around a time, and put the cursor on one of them."""
        self.is_merged, self.filter = True, ""
        lines = self.source.merged(time, _AROUND, _AROUND)
        if spot is None and lines:
            # Behind all of them the newest is the nearest.
            spot = next((line.spot for line in lines if line.time is not None and line.time >= time), lines[-1].spot)
        self._show(lines, spot, tell=tell)

    def show_matches(self, lines: Sequence[LogLine], text: str, spot: Spot, *, merged: bool) -> None:
        """Show what a search found; the line nearest to a place comes under the cursor."""
        if not self.filter:
            self.was_merged = self.is_merged
        self.is_merged, self.filter = merged, text
        self.needle = text.removeprefix("!").lower() if not text.startswith("!") else ""
        self._show(list(lines), spot)

    def _show(self, lines: list[LogLine], spot: Spot | None, *, tell: bool = True) -> None:
        self._all = lines
        self._gone = []
        self.is_following = False
        self._unfold_at(spot)
        self._fold()
        at = next((n for n, line in enumerate(self.lines) if line.spot == spot and n not in self._gaps), None)
        if at is None and spot is not None:
            behind = (n for n, line in enumerate(self.lines) if line.source == spot[0] and line.spot >= spot)
            at = next(behind, max(0, len(self.lines) - 1))
        self._set_cursor(at or 0, centre=True, load=False, tell=tell)

    def reload(self) -> None:
        """Show the same lines once more: they may be read otherwise by now. The cursor stays on its line."""
        line, height = self.current(), self.cursor - self._top
        if line is None or self.filter:
            return
        if not self.is_merged or line.time is None:
            self._all = self.source.around(line.spot, _AROUND, _AROUND)
        else:
            self._all = self.source.merged(line.time, _AROUND, _AROUND)
        self._unfold_at(line.spot)
        self._fold()
        self.cursor = next((n for n, one in enumerate(self.lines) if one.spot == line.spot), 0)
        self._top = self.cursor - height
        self._show_cursor()
        self.refresh()

    def _unfold_at(self, spot: Spot | None) -> None:
        """A line inside a folded record is shown: its record is unfolded."""
        head: LogLine | None = None
        for line in self._all:
            head = line if line.is_head else head
            if line.spot == spot and head is not None and not line.is_head:
                self._unfolded.add(head.spot)
                return

    def _fold(self) -> None:
        self._folded, self._gaps = {}, frozenset()
        self._judge_heads()
        if self.filter:
            self.lines = self._all
            return
        self.lines, self._folded = fold(self._all, self._unfolded)
        if not self.source.is_whole and not self.is_merged and self.lines:
            is_first = not self.source.around(self.lines[0].spot, 1, 0)
            self.lines, self._gaps = mark_gaps(self.lines, self._folded, is_first, self.look.glyphs.ellipsis)

    def _judge_heads(self) -> None:
        """Lines that stand together are written alike: one long head in ten shortens all of them."""
        self._has_long_heads = have_long_heads(self._all, self.size.width - GUTTER_CELLS, self.look)
        self._service_cells = 0 if self.is_merged else service_cells(self._all)

    @property
    def was_asked(self) -> bool:
        """Something is shown, or cannot be."""
        return bool(self._all or self._gone or self.filter)

    def current(self) -> LogLine | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    @property
    def title(self) -> str:
        """What the lines are: a file and line, or all logs."""
        line = self.current()
        if line is None:
            return ""
        path = self.source.path_of(line.spot)
        name = "all logs by time" if self.is_merged else file_name(path)
        number = f":{line.number}" if line.number is not None and not self.is_merged else ""
        number += "" if self.source.is_whole else "   kept lines only"
        shown = f"   only {'without' if self.filter.startswith('!') else 'with'} {self.filter.removeprefix('!')!r}"
        return safe_text(name + number + (shown if self.filter else ""))

    @property
    def place(self) -> str:
        """`file:line` of the line under the cursor."""
        line = self.current()
        if line is None:
            return ""
        return safe_text(place_of(self.source.path_of(line.spot), line.number))

    @property
    def ref(self) -> LineRef | None:
        """The line under the cursor as something that can be cited."""
        line = self.current()
        return None if line is None else LineRef(self.source.path_of(line.spot), line.number or 0, line.offset)

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One visible line: number or service, level's colour, text."""
        width, palette = self.size.width, self.look.palette
        number = y + self._top
        if number >= len(self.lines):
            text = ""
            if not self.lines and self._gone:
                told = [part for one in self._gone for part in wrap(one, width - 2, width - 2, 6, self.look.glyphs)]
                text = f" {told[y]}" if y < len(told) else ""
            elif not self.lines and y == 0:
                text = " nothing here holds that" if self.filter else " choose a line in the story or the kinds, Enter"
            return Strip([Segment(text.ljust(width)[:width], palette.dim)])
        line = self.lines[number]
        is_gap = number in self._gaps
        drawn = DrawnLine(
            line=line,
            is_gap=is_gap,
            is_cursor=number == self.cursor,
            folded=0 if is_gap else self._folded.get(line.spot, 0),
            said="" if is_gap else self._said(line),
        )
        plan = LinePlan(
            width=width,
            left=self._left,
            is_merged=self.is_merged,
            is_short=self.is_merged or self._left > 0 or self._has_long_heads,
            needle=self.needle,
            has_focus=self.has_focus,
            is_apart=bool(self.filter),
            service_cells=self._service_cells,
        )
        return draw_line(drawn, plan, self.look)

    def _said(self, line: LogLine) -> str:
        """What stands for the text of a line: not where that hides what was searched for."""
        said = self.source.message_of(line)
        return "" if self.needle and line.says(self.needle) and self.needle not in said.lower() else said

    # Moving

    def action_move(self, step: int) -> None:
        """One line up or down; at the edge the window moves on."""
        self.is_following = False
        self._set_cursor(self.cursor + step)

    def action_shift(self, cells: int) -> None:
        """Scroll sideways."""
        self._left = max(0, self._left + cells)
        self.refresh()

    def action_shift_home(self) -> None:
        """Back from sideways; where nothing is scrolled the key is the screen's."""
        if not self._left:
            raise SkipAction
        self.action_shift(-self._left)

    def action_edge(self, side: int) -> None:
        """First or last line of the log."""
        self.post_message(self.AtEdge(side))

    def action_choose(self) -> None:
        """Unfold a folded record; else ask for its details."""
        line = self.current()
        if line is None:
            return
        if line.spot in self._folded:
            self._unfolded.add(line.spot)
            self._fold()
            self.refresh()
        else:
            self.post_message(self.Chosen(line))

    def _set_cursor(self, number: int, *, centre: bool = False, load: bool = True, tell: bool = True) -> None:
        if not self.lines:
            self.cursor = 0
            self.refresh()
            return
        if load and not self.filter and (number < 0 or number >= len(self.lines)):
            number = self._load_more(number)
        self.cursor = max(0, min(number, len(self.lines) - 1))
        self._show_cursor(centre=centre)
        self.refresh()
        if tell:
            self.post_message(self.Moved(self.lines[self.cursor].time))

    def _load_more(self, number: int) -> int:
        """Move the window so that a line beyond its edge is in it; the new position of the cursor."""
        edge = self.lines[0] if number < 0 else self.lines[-1]
        step = number if number < 0 else number - len(self.lines) + 1
        if not self.is_merged:
            fresh = self.source.around(edge.spot, _AROUND, _AROUND)
        elif edge.time is not None:
            fresh = self.source.merged(edge.time, _AROUND, _AROUND)
        else:
            return number
        if not any(line.spot == edge.spot for line in fresh):
            return number
        self._all = fresh
        self._fold()
        at = next((n for n, line in enumerate(self.lines) if line.spot == edge.spot and n not in self._gaps), 0)
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
        self._judge_heads()
        self._show_cursor(centre=True)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a line; a second one opens it."""
        number = self._top + event.y
        is_same = number == self.cursor and self.has_focus
        self.is_following = False
        self._set_cursor(number, load=False)
        if is_same:
            self.action_choose()
