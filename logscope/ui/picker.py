"""No logs were given: the recently written ones of here and of the usual folders, to pick from."""

import sys
from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.widgets import Static

from logscope.model.times import Dial
from logscope.sources.nearby import NearbyFile
from logscope.ui.formatting import Look, Row, fit, label, size
from logscope.ui.key_order import KeysInOrder
from logscope.ui.options import ScreenOptions
from logscope.ui.palette import ASCII, THEMES, UNICODE, make_colours, palette_for
from logscope.ui.rows import RowList


def picker_rows(files: Sequence[NearbyFile], chosen: frozenset[str], now: int, width: int, look: Look) -> list[Row]:
    """A row for each log: chosen or not, how long ago it was written, size, path."""
    palette = look.palette
    rows = [label(f"     {'WRITTEN':<12} {'SIZE':>9}  LOG", look)]
    for file in files:
        is_chosen = file.path in chosen
        line = Text(no_wrap=True)
        line.append(f" [{'x' if is_chosen else ' '}] ", palette.info if is_chosen else palette.dim)
        line.append(f"{ago(now - file.mtime_us):<12} {size(file.size):>9}  ", palette.dim)
        room = max(10, width - line.cell_len - 1)
        line.append(fit(file.path, room, look.glyphs), palette.strong if is_chosen else palette.plain)
        rows.append(Row(line, file.path))
    return rows


def ago(us: int) -> str:
    """How long ago: `now`, `5 min ago`, `3 h ago`, `2 days ago`."""
    minutes = us // 60_000_000
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"


class PickerApp(KeysInOrder[list[str]]):
    """Choose logs; the paths are what it returns."""

    CSS = """
    Screen { background: $background; color: $foreground; }
    #head, #foot { height: auto; }
    #files { height: 1fr; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,x", "turn", priority=True, show=False),
        Binding("a", "turn_all", show=False),
        Binding("q,escape,ctrl+c", "leave", show=False),
    ]

    def __init__(self, files: Sequence[NearbyFile], now: int, options: ScreenOptions) -> None:
        super().__init__(
            driver_class=_choose_driver(options),
            ansi_color=options.no_color or options.theme.startswith("ansi") or None,
        )
        self._files = files
        self._now = now
        self._options = options
        self._chosen: frozenset[str] = frozenset()
        self._own = dict(THEMES)
        for name, given in options.themes.items():
            try:
                self._own[name] = make_colours(name, given)
            except ValueError:
                continue  # the incident screen tells it
        palette = palette_for(options.theme, no_color=options.no_color, own=self._own)
        self.look = Look(palette, ASCII if options.ascii_only else UNICODE, Dial(options.zone))

    def compose(self) -> ComposeResult:
        """What this is, the logs, the keys."""
        palette = self.look.palette
        head = Text()
        head.append("\n logscope", palette.strong)
        head.append("  no logs given; written lately, here and in the usual folders:\n", palette.plain)
        head.append(" Logs are only ever read.\n", palette.dim)
        yield Static(head, id="head", markup=False)
        yield RowList(palette, id="files")
        foot = Text(no_wrap=True)
        keys = (("space", "choose"), ("a", "all or none"), ("Enter", "open the chosen"), ("q", "leave"))
        for key, word in keys:
            foot.append(f" {key} ", palette.strong)
            foot.append(f"{word} ", palette.dim)
        yield Static(foot, id="foot", markup=False)

    def on_mount(self) -> None:
        """Show the list."""
        for colours in self._own.values():
            self.register_theme(colours.theme)
        self.theme = self._options.theme if self._options.theme in self.available_themes else "logscope-dark"
        self.animation_level = "none"
        self.query_one("#files").focus()
        self.call_after_refresh(self._show)

    def on_resize(self) -> None:
        """Another width."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        pane = self.query_one("#files", RowList)
        pane.show(picker_rows(self._files, self._chosen, self._now, pane.size.width, self.look))

    def action_turn(self) -> None:
        """Choose the log under the cursor, or do not."""
        row = self.query_one("#files", RowList).current()
        if row is not None:
            self._chosen ^= {row.key}
            self._show()

    def action_turn_all(self) -> None:
        """All, or none."""
        everything = frozenset(file.path for file in self._files)
        self._chosen = frozenset() if self._chosen == everything else everything
        self._show()

    def on_row_list_chosen(self, message: RowList.Chosen) -> None:
        """Open the chosen logs; without any, the one under the cursor."""
        chosen = [file.path for file in self._files if file.path in self._chosen]
        self.exit(chosen or [message.row.key])

    def action_leave(self) -> None:
        """Open nothing."""
        self.exit([])


def _choose_driver(options: ScreenOptions) -> type[Driver] | None:
    if not options.diff or sys.platform == "win32":
        return None
    from logscope.ui.driver import DiffDriver

    return DiffDriver
