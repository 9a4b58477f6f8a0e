"""The application: owns the Snapshot, lays out the panes, and turns keys into intents."""

import sys
import threading
import traceback
from dataclasses import replace
from typing import ClassVar, cast

from textual import events, on
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.driver import Driver
from textual.message import Message
from textual.widgets import Input

from logscope.errors import LogscopeError
from logscope.model.files import LineRef
from logscope.model.snapshot import Snapshot
from logscope.model.times import Dial
from logscope.ui.aligned import AlignedPane
from logscope.ui.commands import LogscopeCommands
from logscope.ui.drawing import Drawing
from logscope.ui.events import event_key
from logscope.ui.feeding import Feed
from logscope.ui.formatting import Look
from logscope.ui.keys import KEYS
from logscope.ui.layout import HOME, PANES, WIDE
from logscope.ui.log_pane import LogPane
from logscope.ui.news import find_news, find_trouble_news
from logscope.ui.opening import LEAVING_KEYS, Opening, Unopened
from logscope.ui.options import ScreenOptions
from logscope.ui.palette import ASCII, THEMES, UNICODE, Colours, make_colours, palette_for
from logscope.ui.rows import RowList
from logscope.ui.search import Searcher
from logscope.ui.status import footer_action_at, tab_at
from logscope.ui.timeline import Timeline

_FIRST_HINT = "Enter says why   . steps on   x writes the report   ? all keys   q quits"


_LOOKS = frozenset(
    {"story", "kinds", "actions", "recovery", "files", "why", "histogram", "relative", "zoom_pane", "help"}
)
"""Keys that only look. In the log are lines that are read and would move away: there somebody has the keys at once."""


class SnapshotReady(Message):
    """A new Snapshot arrived from the feed."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot


class FeedFailed(Message):
    """The reading thread died; the screen says so and stays."""

    def __init__(self, trace: str) -> None:
        super().__init__()
        self.trace = trace


class FeedOpened(Message):
    """The logs were found, and what reads them is there."""

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self.feed = feed


class OpeningRefused(Message):
    """There is nothing to read."""

    def __init__(self, error: LogscopeError) -> None:
        super().__init__()
        self.error = error


class LogscopeApp(Drawing):
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
            driver_class=self._choose_driver(),
            ansi_color=self.options.no_color or self.options.theme.startswith("ansi") or None,
        )
        self._begin_with_theme(self.options.theme)
        self.opening = feed if isinstance(feed, Opening) else None
        """Logs that are yet to be opened; None once they are."""
        self.given = feed.files if isinstance(feed, Opening) else ()
        self.feed = cast(Feed, Unopened()) if isinstance(feed, Opening) else feed
        self._held: list[events.Key] = []
        """Keys that were pressed before the logs were there."""
        self.refusal: LogscopeError | None = None
        """Why there is nothing to read."""
        self.snapshot = None
        self.exported = []
        self.look = Look(
            palette_for(self.options.theme, no_color=self.options.no_color, own=self._colours),
            ASCII if self.options.ascii_only else UNICODE,
            Dial(self.options.zone),
        )
        self.searcher = Searcher(self, self._say)
        self.crash: str | None = None
        """Traceback of the bug that ended the screen, or the reading."""
        self.unwritten = None
        self._resting = {}
        self._leave_code: int | None = None
        self._is_touched = False
        self._root: tuple[str | None, int | None] | None = None
        """The line at which everything stands; None before the first."""
        self._pending: Snapshot | None = None

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

    def _open_feed(self) -> None:
        """Load what reads logs: it takes as long again as all that was painted."""
        assert self.opening is not None, "what is there already is not opened"
        told = (
            lambda feed: _send(self, FeedOpened(feed)),
            lambda error: _send(self, OpeningRefused(error)),
            lambda trace: _send(self, FeedFailed(trace)),
        )
        threading.Thread(target=self.opening.run, args=told, name="logscope-opening", daemon=True).start()

    @on(FeedOpened)
    def _take_feed(self, message: FeedOpened) -> None:
        self.feed, self.opening = message.feed, None
        for pane in (self.logs, self.query_one(AlignedPane)):
            pane.source = self.feed
        self._start_feed()
        for key in self._held:
            self.post_message(key)
        self._held.clear()

    @on(OpeningRefused)
    def _refuse(self, message: OpeningRefused) -> None:
        self.refusal = message.error
        self.exit()

    def _start_feed(self) -> None:
        self.feed.start(
            lambda snapshot: _send(self, SnapshotReady(snapshot)),
            lambda trace: _send(self, FeedFailed(trace)),
        )

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

    def _take_look(self, look: Look) -> None:
        self.look = look
        for drawn in (self.query_one(Timeline), self.logs, self.query_one(AlignedPane)):
            drawn.look = look
            drawn.refresh()
        for rows in self.query(RowList):
            rows.palette = look.palette
            rows.refresh()
        self._draw()

    # Snapshots

    @on(SnapshotReady)
    def _take(self, message: SnapshotReady) -> None:
        first = self.snapshot is None
        self._pending = message.snapshot
        if first:
            self._tick()

    @on(FeedFailed)
    def _fail(self, message: FeedFailed) -> None:
        self.crash = message.trace
        reason = message.trace.strip().rsplit("\n", 1)[-1]
        self._stopped = reason[:60]
        self._say("READING STOPPED: what is shown is as of then; quitting says where the details are", stays=True)
        self._draw()

    def _tick(self) -> None:
        """The one clock of the screen: show what is new, and let a message go."""
        if not self.is_there:
            return
        if self._pending is not None:
            before, self.snapshot, self._pending = self.snapshot, self._pending, None
            self._show_snapshot(before, self.snapshot)
        troubles = self.feed.troubles
        if troubles != self._troubles:
            news = find_trouble_news(self._troubles, troubles)
            self._troubles = troubles
            self._draw()
            self._say(news)
        if self._clockwork.is_message_old():
            self._say("")

    def _show_snapshot(self, before: Snapshot | None, snapshot: Snapshot) -> None:
        self._clockwork.see(snapshot.progress)
        dial = Dial.around(snapshot.as_of, self.options.zone)
        if dial != self.look.dial:
            self._take_look(replace(self.look, dial=dial))
        if before is not None and before.progress.done and (snapshot.as_of or 0) > (before.as_of or 0):
            self.has_grown = True
        news = find_news(before, snapshot)
        if news.text:
            self._say(news.text)
        if news.is_verdict and self.options.bell:
            self.bell()
        with self.batch_update():
            if before is not None and not before.progress.done and snapshot.progress.done:
                # What was said so far may have needed more lines than the answer does.
                self.forget_head()
            self.query_one(Timeline).show(snapshot)
            self._fit_head()
            self.query_one(Timeline).styles.height = self._timeline_lines()
            self._stack()
            self.keep_up()
            self._draw()
        if not snapshot.progress.done:
            return
        if _has_cause(snapshot) and not self._is_touched:
            self._open_root(snapshot)
        elif not self.logs.was_asked:
            # Whoever was quicker than the reading has an empty pane: that one moves nothing else.
            self._open_something(snapshot)

    def _open_root(self, snapshot: Snapshot) -> None:
        """Until somebody touches a key everything stands at the line that proves the cause, also when it is another."""
        top = snapshot.candidates[0]
        if (top.file, top.line) == self._root:
            return
        if self._root is None and self.options.is_first_start:
            self._say(_FIRST_HINT, stays=True)
        self._root = (top.file, top.line)
        if top.file and top.line:
            self._open(LineRef(top.file, top.line), top.first_seen, focus=False)
        story = self.query_one("#story", RowList)
        root = next((row.key for row in story.rows if row.can_stand and row.time == top.first_seen), None)
        if root is not None:
            story.put_cursor(root)
        self._is_touched = self._pane == "logs"

    def _open_something(self, snapshot: Snapshot) -> None:
        """The cause's line; without one the newest lines of all logs, kept up; without times the first log's begin."""
        top = snapshot.candidates[0] if _has_cause(snapshot) else None
        if top is not None and top.file and top.line:
            self.logs.open(LineRef(top.file, top.line), tell=False)
        elif snapshot.as_of is not None:
            self.logs.open_merged(snapshot.as_of + 1, tell=False)
            self.logs.is_following = self.is_live
        elif snapshot.files:
            self.logs.open(LineRef(snapshot.files[0].path, 1))
        self._draw_frame()

    async def on_event(self, event: events.Event) -> None:
        """Somebody has the keys from the first one on that moves something: the screen moves nothing by itself then."""
        if self.opening is not None and isinstance(event, events.Key) and event.key not in LEAVING_KEYS:
            self._held.append(event)
            return
        if isinstance(event, events.Key | events.MouseDown):
            self._is_touched = self._is_touched or not (isinstance(event, events.Key) and self._only_looks(event.key))
            if self.message == _FIRST_HINT or (self._clockwork.is_passing and not self.searcher.is_busy):
                # A message is about what was done last: the next key makes room for its own, and for the footer.
                self._say("")
        await super().on_event(event)

    def _only_looks(self, key: str) -> bool:
        """A key that shows another view, and moves no cursor."""
        here = self.active_bindings.get(key)
        if here is not None and here.binding.id == "logs":
            return not self.logs.was_asked
        return here is not None and here.binding.id in _LOOKS

    # Moving about

    @on(RowList.Moved)
    def _row_moved(self, message: RowList.Moved) -> None:
        self._just_muted = None
        if message.row.time is not None:
            self.query_one(Timeline).put_cursor(message.row.time)
        if message.row.ref is not None and (self.is_stacked or (self.is_wide and self._pane in HOME)):
            ref = message.row.ref
            self._after_rest("logs", lambda: self._open(ref, None, focus=False))
        self._draw_side()

    @on(RowList.Chosen)
    def _row_chosen(self, message: RowList.Chosen) -> None:
        row = message.row
        is_root = self.snapshot is not None and any(
            e.is_root and row.key.startswith(event_key(e)) for e in self.snapshot.timeline
        )
        if self.open_folded(row):
            return
        if is_root and self._pane != "why":
            self.action_pane("why")
        elif row.ref is not None:
            self._open(row.ref, row.time, focus=True)
        elif row.time is not None:
            self.logs.open_merged(row.time)
            self.action_pane("logs")

    @on(LogPane.Moved)
    def _log_moved(self, message: LogPane.Moved) -> None:
        if message.moment is not None:
            self.query_one(Timeline).put_cursor(message.moment)
        self._draw_frame()
        self._draw_side()

    async def on_click(self, event: events.Click) -> None:
        """A click on a tab shows its view, one on a word of the footer does what it says."""
        if event.widget is self.query_one("#foot") and not self.message:
            action = footer_action_at(event.x, self.size.width, self.options.keymap)
            if action is not None:
                await self.run_action(action)
            return
        name = tab_at(event.x, self.size.width) if event.widget is self.query_one("#tabs") else None
        if name is not None:
            self.action_pane(name)

    def action_open(self) -> None:
        """From the timeline: to the lines of the cursor time."""
        self.action_pane("logs")

    def action_pane(self, name: str) -> None:
        """Show a pane and go there."""
        self._pane = name
        self.message = ""
        self._lay_out()
        self.query_one(f"#{name}").focus()
        if name == "files":
            self.look_around()

    def action_zoom_pane(self) -> None:
        """The focused pane alone, or all of them."""
        focused = self.focused
        if focused is not None and focused.id in PANES:
            self._pane = focused.id or self._pane
        self._alone = not self._alone
        self._lay_out()

    def action_step_back(self) -> None:
        """Close the prompt, stop a search or the reading, leave matches or a single pane, go back to the story."""
        prompt = self.query_one("#prompt", Input)
        if prompt.display:
            self.close_prompt()
        elif self.searcher.is_busy:
            self.searcher.stop()
        elif self.snapshot is not None and not self.snapshot.progress.done:
            self.feed.stop_reading()
        elif self._pane == "logs" and self.leave_matches():
            pass
        elif self._alone and self.size.width >= WIDE:
            self.action_zoom_pane()
        else:
            self.action_pane("story")

    def on_descendant_focus(self) -> None:
        """The title of the pane that has the keys stands out."""
        focused = self.focused.id if self.focused is not None else None
        was_stacked = self.is_stacked
        if focused in PANES:
            self._pane = focused or self._pane
        if was_stacked and not self.is_stacked:
            self._lay_out()
        self._draw_frame()

    def action_redraw(self) -> None:
        """Paint everything again: something else may have written to the terminal."""
        forget = getattr(self._driver, "forget", None)
        if forget is not None:
            forget()
        self.refresh(layout=True, repaint=True)


def _has_cause(snapshot: Snapshot) -> bool:
    """There is something to explain: everyday noise is no cause of anything where nothing rose."""
    return bool(snapshot.candidates) and (snapshot.incident is not None or snapshot.as_of is None)


def _send(app: LogscopeApp, message: Message) -> None:
    """Post from any thread; the screen may be gone already."""
    app.post_message(message)
