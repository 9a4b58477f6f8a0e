"""The application: how it is built, looks and ends. What it takes, shows and does is in the classes below it."""

import sys
import traceback
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.driver import Driver

from logscope.model.times import Dial
from logscope.ui.commands import LogscopeCommands
from logscope.ui.feeding import Feed
from logscope.ui.formatting import Look
from logscope.ui.keys import KEYS
from logscope.ui.navigation import Navigation
from logscope.ui.opening import Opening
from logscope.ui.options import ScreenOptions
from logscope.ui.palette import ASCII, THEMES, UNICODE, Colours, make_colours, palette_for
from logscope.ui.search import Searcher


class LogscopeApp(Navigation):
    """The incident screen."""

    CSS_PATH = "logscope.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider]]] = {LogscopeCommands}  # type: ignore[assignment]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key.keys, key.action, key.label or key.id, show=False, id=key.id) for key in KEYS
    ]

    def __init__(self, feed: Feed | Opening, options: ScreenOptions | None = None) -> None:
        """Prepare; nothing is opened or read before the first painting.

        Args:
            feed: Where Snapshots come from, or how to get at it.
            options: How it looks.
        """
        self.options = options or ScreenOptions()
        self._warnings = list(self.options.warnings)
        self._colours = self._read_themes()
        super().__init__(
            feed,
            driver_class=self._choose_driver(),
            ansi_color=self.options.no_color or self.options.theme.startswith("ansi") or None,
        )
        self._begin_with_theme(self.options.theme)
        self.exported = []
        self.look = Look(
            palette_for(self.options.theme, no_color=self.options.no_color, own=self._colours),
            ASCII if self.options.ascii_only else UNICODE,
            Dial(self.options.zone),
        )
        self.searcher = Searcher(self, self._say)
        self.unwritten = None
        self._resting = {}
        self._leave_code: int | None = None

    def _choose_driver(self) -> type[Driver] | None:
        """The driver that writes only what changes, where the library would take the one it is made from."""
        if not self.options.diff or sys.platform == "win32":
            return None
        from logscope.ui.driver import DiffDriver

        return DiffDriver

    def _read_themes(self) -> dict[str, Colours]:
        """The screen's own themes, then those of the configuration; a wrong one is told and left out."""
        colours = dict(THEMES)
        for name, given in self.options.themes.items():
            try:
                colours[name] = make_colours(name, given)
            except ValueError as error:
                self._warnings.append(str(error))
        return colours

    def _begin_with_theme(self, name: str) -> None:
        """Take a theme before there is anything to be styled: after it, every rule of style is read again."""
        for colours in self._colours.values():
            self.register_theme(colours.theme)
        if name not in self.available_themes:
            self._warnings.append(f"unknown theme {name}: : lists those there are")
            name = "logscope-dark"
        self.set_reactive(LogscopeApp.theme, name)
        self.set_class(self.current_theme.dark, "-dark-mode", update=False)
        self.set_class(not self.current_theme.dark, "-light-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())
        self._refresh_truecolor_filter(self.ansi_theme)

    # Building

    def on_mount(self) -> None:
        """Themes, keys, layout, and the feed."""
        unknown = sorted(set(self.options.keymap) - {key.id for key in KEYS})
        if unknown:
            self._warnings.append(f"keys of unknown actions: {', '.join(unknown)}")
        if self.options.keymap:
            self.set_keymap(dict(self.options.keymap))
        self.animation_level = "none"
        self._lay_out()
        self.query_one("#story").focus()
        if self._warnings:
            self._say("   ".join(self._warnings))
        self.set_interval(1 / self.options.updates_per_s, self._tick)
        # The reading thread takes every other slice of the interpreter: the first painting goes before it.
        self.call_after_refresh(self._open_feed if self.opening is not None else self._start_feed)

    def on_ready(self) -> None:
        """The screen stands: now it can be ended."""
        self._is_ready = True
        if self._leave_code is not None:
            self.exit(self._leave_code)

    def leave(self, code: int) -> None:
        """End with an exit code; while the screen is being built, as soon as it stands."""
        self._leave_code = code
        if self._is_ready:
            self.exit(code)

    def _handle_exception(self, error: Exception) -> None:
        """A bug of ours ends the screen: the traceback is kept for a file, and never printed over the shell."""
        self.crash = self.crash or "".join(traceback.format_exception(error))
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """A key of the configuration was another action's: it is the new one's, and that is said."""
        del node
        names = ", ".join(sorted(binding.id or binding.action for binding in clashed_bindings))
        self._say(f"keys of the configuration were taken from: {names}")

    def on_unmount(self) -> None:
        """The reading thread and a search end with the screen; the terminal gets its title back."""
        if self._window_title and self._driver is not None:
            self._driver.write("\x1b[23;2t")
        self.searcher.stop()
        self.feed.stop()

    def on_resize(self) -> None:
        """Other sizes, other panes."""
        self.call_after_refresh(self._lay_out)

    def action_use_theme(self, name: str) -> None:
        """Other colours: widgets draw with the look that they were given."""
        self.theme = name
        palette = palette_for(name, no_color=self.options.no_color, own=self._colours)
        self._take_look(replace(self.look, palette=palette))

    def action_redraw(self) -> None:
        """Paint everything again: something else may have written to the terminal."""
        forget = getattr(self._driver, "forget", None)
        if forget is not None:
            forget()
        self.refresh(layout=True, repaint=True)
