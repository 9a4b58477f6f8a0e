"""What opens over the screen: all keys, one record in detail, the proof of a figure, what a report shall hold."""

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from logscope import __version__
from logscope.model.snapshot import Snapshot
from logscope.report.sections import SECTIONS, Options
from logscope.runner.proof import Proof
from logscope.text.safe_text import safe_text
from logscope.ui.feeding import Feed
from logscope.ui.formatting import Look
from logscope.ui.keys import KEYS, Key
from logscope.ui.palette import Palette
from logscope.ui.prompt import Prompt

_PANE_KEYS = {
    "logs": ("find", "find_next", "filter", "error_next", "warning_next", "follow", "merge", "same_id", "mark"),
    "kinds": ("sort", "mute", "solo", "proof"),
    "story": ("next_event", "open", "proof"),
    "timeline": ("next_event", "zoom_in", "fit", "histogram", "relative"),
    "recovery": ("fixed", "proof"),
    "files": ("bind", "open"),
}
_PREVIEW_LINES = 400
_WITH_PREVIEW = 76
"""From this many cells on the report is shown beside what is chosen of it."""
_BESIDE_SECTIONS = 12
"""Lines of the dialog without the sections."""
_SECTION_CELLS = 20
_TWO_COLUMNS = 78
"""From this many cells on the help has two keys a line."""


class HelpScreen(ModalScreen[None]):
    """All keys, by what they are for; those of the pane that has the keys first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
    ]

    def __init__(self, look: Look, config_path: str, pane: str, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._look = look
        self._config_path = config_path
        self._pane = pane
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """One text."""
        with VerticalScroll(id="help", classes="dialog"):
            yield Static(self._text(), markup=False)

    def on_resize(self) -> None:
        """Two keys a line only where both have room."""
        self.query_one("#help Static", Static).update(self._text())

    def _text(self) -> Text:
        columns = 2 if self.app.size.width >= _TWO_COLUMNS else 1
        text = Text()
        text.append("logscope: what broke first, and is it over?\n", "bold")
        own = [key for key in KEYS if key.shown and key.id in _PANE_KEYS.get(self._pane, ())]
        sections: dict[str, list[Key]] = {f"In this pane ({self._pane})": own} if own else {}
        for key in KEYS:
            if key.shown and key not in own:
                sections.setdefault(key.section, []).append(key)
        for section, keys in sections.items():
            text.append(f"\n{section}\n", style="bold")
            for first in range(0, len(keys), columns):
                for key in keys[first : first + columns]:
                    shown = self._keymap.get(key.id, key.shown)
                    text.append(f"  {shown:<7} ", "bold")
                    text.append(f"{key.label:<26}")
                text.append("\n")
        text.append(f"\nMarks: {'  '.join(self._marks()[:4])}\n       {'  '.join(self._marks()[4:])}\n")
        text.append("\nMove: arrows or j k, space b, g G; on the timeline h l, H L.\n")
        text.append("Mouse: click, drag, wheel; Shift or Option and drag selects text.\n")
        text.append("Colours: : then theme.   Times in UTC or local: : then zone.\n")
        text.append("Logs are only ever read. Slow link: ssh -C, --slow.\n")
        text.append(safe_text(f"logscope {__version__}   configuration: {self._config_path}   Esc closes this"))
        return text

    def _marks(self) -> list[str]:
        """What stands on the timeline and before the lines of the story."""
        glyphs = self._look.glyphs
        told = {"the cause": glyphs.root, "begins to fail": glyphs.onset, "a change": glyphs.change}
        told |= {"an alert": glyphs.alert, "falls silent": glyphs.silence, "rises again": glyphs.wave}
        told |= {"fix, over": glyphs.fix, "a note": glyphs.note}
        return [f"{mark} {what}" for what, mark in told.items()]

    def action_scroll(self, lines: int) -> None:
        """A line up or down."""
        self.query_one("#help").scroll_relative(y=lines, animate=False)


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
            content.append(f"{safe_text(name):<{width}}  ", _ink(self._palette, "dim"))
            content.append(safe_text(value) + "\n")
        content.append("\n")
        for line in self._text.split("\n"):
            content.append(safe_text(line) + "\n")
        content.append("\n")
        if self._ids:
            content.append(f"o  all lines with {safe_text(self._ids[0])}, in every log   ", "bold")
        content.append("Esc closes this", _ink(self._palette, "dim"))
        with VerticalScroll(id="help", classes="dialog"):
            yield Static(content, markup=False)

    def action_dismiss_with(self, what: str) -> None:
        """Close; with the first id when its lines are asked for."""
        self.dismiss(self._ids[0] if what and self._ids else None)

    def action_scroll(self, lines: int) -> None:
        """A line up or down."""
        self.query_one("#help").scroll_relative(y=lines, animate=False)


class ProofDialog(ModalScreen[str | None]):
    """Shell commands that show the same without logscope, and what they will say."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,v", "dismiss_with(-1)", show=False),
        Binding("y,c,1", "dismiss_with(0)", show=False),
        Binding("2", "dismiss_with(1)", show=False),
    ]

    def __init__(self, proofs: Sequence[Proof], look: Look) -> None:
        super().__init__()
        self._proofs = proofs
        self._palette = look.palette

    def compose(self) -> ComposeResult:
        """Each command with what it shows."""
        content = Text()
        content.append("Prove it without logscope\n", "bold")
        for number, proof in enumerate(self._proofs, 1):
            content.append(f"\n{number}  {safe_text(proof.what)}\n")
            content.append(f"   {safe_text(proof.command)}\n", "bold")
            if proof.expected:
                content.append(f"   says {safe_text(proof.expected)}\n", _ink(self._palette, "dim"))
        keys = "y copies it" if len(self._proofs) == 1 else "1 2 copy"
        content.append(f"\n{keys} (OSC 52)   Esc closes this", _ink(self._palette, "dim"))
        with VerticalScroll(id="help", classes="dialog"):
            yield Static(content, markup=False)

    def action_dismiss_with(self, number: int) -> None:
        """Close; with a command when it is asked for."""
        self.dismiss(self._proofs[number].command if 0 <= number < len(self._proofs) else None)


class HandOffScreen(ModalScreen[None]):
    """The lines for the incident channel, whole: to be selected where the clipboard is out of reach."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter,Y", "dismiss", show=False)]

    def __init__(self, text: str, palette: Palette) -> None:
        super().__init__()
        self._text = text
        self._palette = palette

    def compose(self) -> ComposeResult:
        """The lines as they were sent."""
        content = Text()
        content.append("For the incident channel, sent to the terminal's clipboard (OSC 52)\n\n", "bold")
        content.append("\n".join(map(safe_text, self._text.split("\n"))), _ink(self._palette, "plain"))
        content.append("\n\nShift or Option and drag selects it   Esc closes this", _ink(self._palette, "dim"))
        with VerticalScroll(id="help", classes="dialog"):
            yield Static(content, markup=False)


class ExportDialog(ModalScreen[tuple[Options, str, bool] | None]):
    """What the report holds, where it goes, and a preview. Gives options, path, and whether it is to be copied."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("space", "turn", show=False),
        Binding("a", "turn_all", show=False),
        Binding("z", "zone", show=False),
        Binding("f", "file", show=False),
        Binding("c,y", "finish(True)", show=False),
        Binding("enter,x", "finish(False)", show=False),
    ]

    def __init__(self, feed: Feed, snapshot: Snapshot, look: Look, zone: tzinfo) -> None:
        super().__init__()
        self._feed = feed
        self._snapshot = snapshot
        self._palette = look.palette
        self._zones = [(zone, "as shown"), (UTC, "UTC")]
        self._chosen = set(SECTIONS)
        self._at = 0
        self._path = feed.report_name(snapshot)

    def compose(self) -> ComposeResult:
        """Sections at the left, the preview at the right."""
        with Horizontal(id="export", classes="dialog"):
            with Vertical(id="choices"):
                yield Static("", id="list", markup=False)
                yield Prompt(self._path, id="path")
            with VerticalScroll(id="preview", can_focus=False):
                yield Static("", id="report", markup=False)

    def on_mount(self) -> None:
        """Nothing is typed at first."""
        self.query_one("#path", Input).display = False
        self._show()

    def on_resize(self) -> None:
        """Other lines; the preview where there is room for it."""
        self.query_one("#preview").display = self.size.width >= _WITH_PREVIEW
        self._show()

    def _options(self) -> Options:
        zone, name = self._zones[0]
        return Options(zone=zone, zone_name=name if name == "UTC" else str(zone), sections=frozenset(self._chosen))

    def _show(self) -> None:
        dim = _ink(self._palette, "dim")
        text = Text()
        text.append("Write the report\n", "bold")
        text.append("Enter writes   c copies   Esc leaves\n\n", "bold")
        text.append("f  file   ", dim)
        text.append(f"{safe_text(self._path)}\n")
        text.append("z  times  ", dim)
        text.append(f"{self._zones[0][1]}\n\n")
        # All of them are in view: beside each other where they are more than the lines.
        rows = len(SECTIONS) if self.size.height >= len(SECTIONS) + _BESIDE_SECTIONS else -(-len(SECTIONS) // 2)
        for row in range(rows):
            for number in range(row, len(SECTIONS), rows):
                mark, is_here = "x" if SECTIONS[number] in self._chosen else " ", number == self._at
                shown = f"{'>' if is_here else ' '} [{mark}] {SECTIONS[number]}"
                text.append(f"{shown:<{_SECTION_CELLS}}", "bold" if is_here else "")
            text.append("\n")
        text.append("\nspace turns one, a all\n", dim)
        text.append("secrets and personal data are masked", dim)
        self.query_one("#list", Static).update(text)
        lines = self._feed.preview(self._snapshot, self._options()).split("\n")
        shown = "\n".join(safe_text(line) for line in lines[:_PREVIEW_LINES])
        self.query_one("#report", Static).update(Text(shown))

    def action_move(self, step: int) -> None:
        """Another section."""
        self._at = (self._at + step) % len(SECTIONS)
        self._show()

    def action_turn(self) -> None:
        """With or without this section."""
        self._chosen ^= {SECTIONS[self._at]}
        self._show()

    def action_turn_all(self) -> None:
        """All sections, or none."""
        self._chosen = set() if self._chosen else set(SECTIONS)
        self._show()

    def action_zone(self) -> None:
        """Times in the zone that is shown, or in UTC."""
        self._zones.reverse()
        self._show()

    def action_file(self) -> None:
        """Type another path."""
        field = self.query_one("#path", Input)
        field.display = True
        field.focus()

    @on(Input.Submitted)
    def _named(self, message: Input.Submitted) -> None:
        message.stop()
        self._path = message.value.strip() or self._path
        message.input.display = False
        self.set_focus(None)
        self._show()

    def action_finish(self, to_clipboard: bool) -> None:
        """Write or copy what is chosen."""
        self.dismiss((self._options(), self._path, to_clipboard))


def _ink(palette: Palette, name: str) -> str:
    """A style's colour alone: dialogs have a background of their own."""
    colour = getattr(palette, name).color
    return "dim" if colour is None else str(colour.name)
