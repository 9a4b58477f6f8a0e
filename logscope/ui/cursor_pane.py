"""What panes of lines have in common: keys that move a cursor, the wheel, and how they tell of it."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from logscope.model.lines import LogLine

_WHEEL_LINES = 3


class CursorPane(Widget, can_focus=True):
    """Lines with a cursor, moved by keys and wheel."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown,space,ctrl+d,d", "page(1)", show=False),
        Binding("pageup,b,ctrl+u,u", "page(-1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    DEFAULT_CLASSES = "pane"

    class Moved(Message):
        """The cursor is on another line; its record's time, where it has one."""

        def __init__(self, moment: int | None) -> None:
            super().__init__()
            self.moment = moment

    class Chosen(Message):
        """Enter or a click on a line."""

        def __init__(self, line: LogLine) -> None:
            super().__init__()
            self.line = line

    head_lines = 0
    """Lines above the first that scrolls."""

    def action_move(self, step: int) -> None:
        """So many lines up or down; at the edge the window moves on."""
        raise NotImplementedError

    def action_choose(self) -> None:
        """Open the line under the cursor."""
        raise NotImplementedError

    def action_page(self, step: int) -> None:
        """A page up or down."""
        self.action_move(step * max(1, self.size.height - self.head_lines - 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the cursor by a few lines."""
        event.stop()
        self.action_move(_WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the cursor by a few lines."""
        event.stop()
        self.action_move(-_WHEEL_LINES)

    def on_focus(self) -> None:
        """The cursor line is marked."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor line is marked less."""
        self.refresh()
