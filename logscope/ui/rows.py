"""A list of styled rows with a cursor: story, kinds, actions, why, recovery and files are all this widget.

It draws only the visible lines, keeps cursor and scroll across refreshes by the rows' keys, and repaints what changed.
"""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from logscope.ui.formatting import Row
from logscope.ui.palette import Palette


class RowList(ScrollView, can_focus=True):
    """Rows, one line each; joined ones are one to the cursor."""

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

    DEFAULT_CLASSES = "pane"

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    class Chosen(Message):
        """Enter, or a click on the row under the cursor."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    def __init__(self, palette: Palette, *, id: str) -> None:
        super().__init__(id=id)
        self.palette = palette
        self.rows: Sequence[Row] = ()
        self.cursor = 0
        self.was_moved = False
        """By a person: from then on it stays where it was put."""
        self._was_put = False
        self.is_led = False
        """Its keys come by another widget, which has the focus: the cursor is marked all the same."""

    def show(self, rows: Sequence[Row]) -> None:
        """Replace the rows; the cursor stays on the row with its key, and where it is on the screen."""
        current = self.current()
        is_same = [(row.text, row.is_joined) for row in rows] == [(row.text, row.is_joined) for row in self.rows]
        if is_same:
            self.rows = rows
            return
        above = self.cursor - int(self.scroll_offset.y)
        # Until somebody moves it, the cursor is on the first row: what is first changes while files are read.
        key = current.key if current is not None and (self.was_moved or self._was_put) else ""
        self.rows = rows
        found = next((n for n, row in enumerate(rows) if key and row.key == key and row.can_stand), None)
        other = self._standing(min(self.cursor, max(0, len(rows) - 1)) if self.was_moved else 0, 1)
        self.cursor = found if found is not None else other
        self.virtual_size = Size(self.size.width, len(rows))
        if self.was_moved and found is not None:
            self.scroll_to(y=max(0, self.cursor - above), animate=False)
        self.refresh()

    def current(self) -> Row | None:
        """The row under the cursor; None where it stands on none."""
        if self.cursor < len(self.rows) and self.rows[self.cursor].can_stand:
            return self.rows[self.cursor]
        return None

    def put_cursor(self, key: str) -> bool:
        """Move the cursor to the row with a key; False where there is none."""
        for number, row in enumerate(self.rows):
            if row.key == key and row.can_stand:
                self._was_put = True
                self._set_cursor(number, tell=False)
                return True
        return False

    def _standing(self, number: int, step: int) -> int:
        """The nearest row that the cursor may stop at: in the direction of a step first, then the other way."""
        number = max(0, min(number, len(self.rows) - 1))
        for numbers in (range(number, len(self.rows)), range(number, -1, -1))[:: 1 if step >= 0 else -1]:
            for at in numbers:
                if self.rows[at].can_stand:
                    return at
        return number

    def _block_end(self, number: int) -> int:
        """Behind the last row that is joined to one."""
        end = number + 1
        while end < len(self.rows) and self.rows[end].is_joined:
            end += 1
        return end

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
        if self.current() is not None and self.cursor <= number < self._block_end(self.cursor):
            strip = lay_over(strip, self.palette.cursor if self.has_focus or self.is_led else self.palette.selected)
        return strip.simplify()

    def action_move(self, step: int) -> None:
        """One row up or down."""
        self.was_moved = True
        at = self._standing(self.cursor + step, step)
        if at == self.cursor and step < 0:
            # Labels above the first row come into view.
            self.scroll_to(y=max(0, int(self.scroll_offset.y) + step), animate=False)
        self._set_cursor(at)

    def action_page(self, step: int) -> None:
        """A page up or down."""
        self.was_moved = True
        self._set_cursor(self._standing(self.cursor + step * max(1, self.size.height - 1), step))

    def action_edge(self, side: int) -> None:
        """First or last row."""
        self.was_moved = True
        self._set_cursor(self._standing(0 if side < 0 else len(self.rows) - 1, -side))
        if side < 0:
            self.scroll_to(y=0, animate=False)

    def action_choose(self) -> None:
        """Open what the row stands for."""
        row = self.current()
        if row is not None:
            self.post_message(self.Chosen(row))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a second one opens."""
        number = event.y + int(self.scroll_offset.y)
        if not 0 <= number < len(self.rows):
            return
        while number and self.rows[number].is_joined:
            number -= 1
        if self.rows[number].can_stand:
            self.was_moved = True
            is_same = number == self.cursor
            self._set_cursor(number)
            if is_same:
                self.action_choose()

    def _set_cursor(self, number: int, *, tell: bool = True) -> None:
        if not self.rows:
            return
        self.cursor = number
        count = self._block_end(number) - number
        self.scroll_to_region(Region(0, number, 1, min(count, max(1, self.size.height))), animate=False)
        self.refresh()
        row = self.current()
        if tell and row is not None:
            self.post_message(self.Moved(row))

    def on_focus(self) -> None:
        """The cursor row is marked."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor row is marked less."""
        self.refresh()


def lay_over(strip: Strip, style: Style, *, has_colours: bool = False) -> Strip:
    """A strip with a style on top of its own; reversed words are of one colour, unless their colours mean something."""
    if has_colours or not style.reverse:
        return Strip(Segment.apply_style(strip, post_style=style), strip.cell_length)
    plain = [
        Segment(text, Style(bold=own.bold, underline=own.underline) + style if own is not None else style)
        for text, own, _ in strip
    ]
    return Strip(plain, strip.cell_length)
