"""A list of styled rows with a cursor: story, kinds, actions, why, recovery and files are all this widget.

It draws only the visible lines, keeps cursor and scroll across refreshes by the rows' keys, and repaints what changed.
"""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from logscope.ui.formatting import Row
from logscope.ui.palette import Palette


class RowList(ScrollView, can_focus=True):
    """Rows, one line each."""

    DEFAULT_CSS = "RowList { overflow-x: hidden; scrollbar-size-vertical: 1; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown,space,ctrl+d,d", "page(1)", show=False),
        Binding("pageup,b,ctrl+u,u", "page(-1)", show=False),
        Binding("home,g", "edge(-1)", show=False),
        Binding("end,G", "edge(1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    class Chosen(Message):
        """Enter or a click on a row."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    def __init__(self, palette: Palette, *, id: str) -> None:
        super().__init__(id=id)
        self.palette = palette
        self.rows: Sequence[Row] = ()
        self.cursor = 0
        self._chosen_by_user = False

    def show(self, rows: Sequence[Row]) -> None:
        """Replace the rows; the cursor stays on the row with its key."""
        key = self.rows[self.cursor].key if self.rows and self.cursor < len(self.rows) else ""
        if [row.text for row in rows] == [row.text for row in self.rows] and len(rows) == len(self.rows):
            self.rows = rows
            return
        self.rows = rows
        found = next((n for n, row in enumerate(rows) if key and row.key == key), None)
        self.cursor = found if found is not None else min(self.cursor, max(0, len(rows) - 1))
        self.virtual_size = Size(self.size.width, len(rows))
        self.refresh()

    def put_cursor(self, key: str) -> None:
        """Move the cursor to the row with a key, if there is one and the user has not moved it."""
        for number, row in enumerate(self.rows):
            if row.key == key and not self._chosen_by_user:
                self._set_cursor(number, tell=False)
                return

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        width = self.size.width
        number = y + int(self.scroll_offset.y)
        if number >= len(self.rows):
            return Strip.blank(width, self.palette.plain)
        text = self.rows[number].text
        if text.spans:
            segments = [segment for segment in text.render(self.app.console) if segment.text != "\n"]
        else:
            # Without spans the library leaves the text's own style out.
            segments = [Segment(text.plain, self.app.console.get_style(text.style))]
        strip = Strip(segments).crop(0, width)
        missing = width - strip.cell_length
        if missing > 0:
            strip = Strip([*strip, Segment(" " * missing, self.palette.plain)])
        if number == self.cursor and self.has_focus:
            strip = strip.apply_style(self.palette.cursor)
        return strip.simplify()

    def action_move(self, step: int) -> None:
        """One row up or down."""
        self._chosen_by_user = True
        self._set_cursor(self.cursor + step)

    def action_page(self, step: int) -> None:
        """A page up or down."""
        self._chosen_by_user = True
        self._set_cursor(self.cursor + step * max(1, self.size.height - 1))

    def action_edge(self, side: int) -> None:
        """First or last row."""
        self._chosen_by_user = True
        self._set_cursor(0 if side < 0 else len(self.rows) - 1)

    def action_choose(self) -> None:
        """Open what the row stands for."""
        if self.rows and self.cursor < len(self.rows):
            self.post_message(self.Chosen(self.rows[self.cursor]))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a second one opens."""
        number = event.y + int(self.scroll_offset.y)
        if 0 <= number < len(self.rows):
            self._chosen_by_user = True
            is_same = number == self.cursor
            self._set_cursor(number)
            if is_same:
                self.action_choose()

    def _set_cursor(self, number: int, *, tell: bool = True) -> None:
        number = max(0, min(number, len(self.rows) - 1))
        if not self.rows:
            return
        self.cursor = number
        self.scroll_to_region(Region(0, number, 1, 1), animate=False)
        self.refresh()
        if tell:
            self.post_message(self.Moved(self.rows[number]))

    def on_focus(self) -> None:
        """The cursor row is marked."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor row is not marked."""
        self.refresh()
