"""All keys on one page, and the details of one record: what opens over the screen."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from logscope.text.safe_text import safe_text
from logscope.ui.keys import KEYS
from logscope.ui.palette import Palette


class HelpScreen(ModalScreen[None]):
    """All keys, by what they are for."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss", show=False)]

    def compose(self) -> ComposeResult:
        """One text."""
        with VerticalScroll(id="help"):
            yield Static(self._text(), markup=False)

    def _text(self) -> Text:
        text = Text("logscope: what broke first, and is it over?\n", style="bold")
        sections: dict[str, list[str]] = {}
        for key in KEYS:
            if key.shown:
                sections.setdefault(key.section, []).append(f"{key.shown:<8} {key.label}")
        for section, rows in sections.items():
            text.append(f"\n{section}\n", style="bold")
            for first in range(0, len(rows), 2):
                text.append("  " + "".join(f"{row:<34}" for row in rows[first : first + 2]).rstrip() + "\n")
        text.append(
            "\nMove: arrows or j k, space b, g G; h l on the timeline. Shift or Option and drag selects text.\n"
        )
        text.append("Logs are only ever read. Slow link: ssh -C, --slow. Esc closes this.")
        return text


class DetailScreen(ModalScreen[str | None]):
    """One record: its place, its fields, its whole text. Gives an id of it when all of its lines are asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss_with('')", show=False),
        Binding("o", "dismiss_with('id')", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
    ]

    def __init__(self, rows: Sequence[tuple[str, str]], text: str, ids: Sequence[str], palette: Palette) -> None:
        super().__init__()
        self._rows = rows
        self._text = text
        self._ids = ids
        self._palette = palette

    def compose(self) -> ComposeResult:
        """Fields, then the text."""
        content = Text()
        width = max((len(name) for name, _ in self._rows), default=0)
        for name, value in self._rows:
            content.append(f"{safe_text(name):<{width}}  ", self._palette.dim)
            content.append(safe_text(value) + "\n", self._palette.plain)
        content.append("\n")
        for line in self._text.split("\n"):
            content.append(safe_text(line) + "\n", self._palette.plain)
        content.append("\n")
        if self._ids:
            content.append(f"o  all lines with {safe_text(self._ids[0])}, in every log   ", self._palette.info)
        content.append("Esc closes this", self._palette.dim)
        with VerticalScroll(id="help"):
            yield Static(content, markup=False)

    def action_dismiss_with(self, what: str) -> None:
        """Close; with the first id when its lines are asked for."""
        self.dismiss(self._ids[0] if what and self._ids else None)

    def action_scroll(self, lines: int) -> None:
        """A line up or down."""
        self.query_one("#help").scroll_relative(y=lines, animate=False)
