"""The application: owns the Snapshot, lays out the panes, and turns keys into intents."""

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.driver import Driver
from textual.message import Message
from textual.widgets import Input, Static

from logscope.errors import LogscopeError
from logscope.model.snapshot import LineRef, Note, Snapshot
from logscope.model.times import US
from logscope.text.safe_text import safe_text
from logscope.ui import formatting
from logscope.ui.feeding import Feed
from logscope.ui.formatting import Row
from logscope.ui.help import HelpScreen
from logscope.ui.keys import KEYS
from logscope.ui.log_actions import LogActions
from logscope.ui.log_pane import LogPane
from logscope.ui.palette import ASCII, THEMES, UNICODE, palette_for
from logscope.ui.rows import RowList
from logscope.ui.search import Searcher
from logscope.ui.timeline import Timeline


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """How the screen looks and how often it is painted."""

    theme: str = "logscope-dark"
    ascii_only: bool = False
    no_color: bool = False
    zone: tzinfo = UTC
    updates_per_s: float = 4.0
    mouse: bool = True
    bell: bool = False
    diff: bool = True
    """Write only the cells that change."""
    clock: Callable[[], float] | None = None
    """Seconds since 1970, for the time of marks; None for the system's."""


_RIGHT = ("logs", "actions", "recovery", "files", "why")
_LEFT = ("story", "kinds")
_TITLES = {
    "story": "1 Story",
    "kinds": "2 Kinds",
    "logs": "3 Logs",
    "actions": "4 Actions",
    "recovery": "5 Recovery",
    "files": "6 Files",
    "why": "0 Why",
}
_SORTS = ("onset", "first", "count", "last", "service")


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


class LogscopeApp(LogActions):
    """The incident screen."""

    CSS_PATH = "logscope.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key.keys, key.action, key.label or key.id, show=False, id=key.id) for key in KEYS
    ]

    def __init__(self, feed: Feed, options: ScreenOptions | None = None) -> None:
        self.options = options or ScreenOptions()
        super().__init__(
            driver_class=self._choose_driver(),
            ansi_color=self.options.no_color or self.options.theme.startswith("ansi") or None,
        )
        self.feed = feed
        self.snapshot: Snapshot | None = None
        self.exported: str | None = None
        """Path of the last report; printed after quitting."""
        self.glyphs = ASCII if self.options.ascii_only else UNICODE
        self.palette = palette_for(self.options.theme, no_color=self.options.no_color)
        self._pane = "story"
        self._right = "logs"
        self._alone = False
        self._sort = "onset"
        self._prompt_kind = ""
        self._status = ""
        self._opened_root = False
        self._pending: Snapshot | None = None
        self._verdict: str | None = None
        self._seen_lines = 0
        self._solo: str | None = None
        """Service that alone is shown in story and kinds."""
        self.searcher = Searcher(self, self._say)
        self.crash: str | None = None
        """Traceback of the bug that ended the screen, or the reading."""
        self.unwritten: tuple[str, str] | None = None
        """A report that could not be written, and why: offered after quitting."""
        self._failure = ""
        self._is_ready = False
        self._leave_code: int | None = None

    def _choose_driver(self) -> type[Driver] | None:
        """The driver that writes only what changes, where the library would take the one it is made from."""
        if not self.options.diff or sys.platform == "win32":
            return None
        from logscope.ui.driver import DiffDriver

        return DiffDriver

    # Building

    def compose(self) -> ComposeResult:
        """Header, timeline, panes, footer."""
        yield Static("", id="head", markup=False)
        yield Timeline(self.palette, self.glyphs, self.options.zone, id="timeline")
        yield Static("", id="tabs", markup=False)
        with Horizontal(id="body"):
            with Vertical(id="left"):
                for name in _LEFT:
                    yield Static("", id=f"title-{name}", classes="title", markup=False)
                    yield RowList(self.palette, id=name)
            with Vertical(id="right"):
                for name in _RIGHT:
                    yield Static("", id=f"title-{name}", classes="title", markup=False)
                    if name == "logs":
                        yield LogPane(self.feed, self.palette, self.glyphs, id=name)
                    else:
                        yield RowList(self.palette, id=name)
        yield Input(id="prompt", select_on_focus=False)
        yield Static("", id="status", markup=False)
        yield Static("", id="foot", markup=False)

    def on_mount(self) -> None:
        """Themes, layout, and the feed."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.options.theme
        self.animation_level = "none"
        for name in (*_LEFT, *_RIGHT):
            self.query_one(f"#{name}").add_class("pane")
        self._lay_out()
        self.query_one("#story").focus()
        self.set_interval(1 / self.options.updates_per_s, self._show_pending)
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

    def on_unmount(self) -> None:
        """The reading thread and a search end with the screen."""
        self.searcher.stop()
        self.feed.stop()

    def on_resize(self) -> None:
        """Other sizes, other panes."""
        self.call_after_refresh(self._lay_out)

    @property
    def is_wide(self) -> bool:
        """Two columns fit."""
        return self.size.width >= 110 and not self._alone

    def _lay_out(self) -> None:
        wide = self.is_wide
        self.screen.set_class(wide, "-wide")
        self.screen.set_class(self.size.height >= 32, "-roomy")
        self.screen.set_class(self.size.height >= 50, "-tall")
        self.query_one("#tabs").display = not wide
        self.query_one("#left").display = wide or self._pane in _LEFT
        self.query_one("#right").display = wide or self._pane in _RIGHT
        for name in (*_LEFT, *_RIGHT):
            shown = name in _LEFT or name == self._right if wide else name == self._pane
            self.query_one(f"#{name}").display = shown
            self.query_one(f"#title-{name}").display = shown and wide
        self._draw()
        # A pane that was hidden has its width only after the layout.
        self.call_after_refresh(self._draw)

    # Snapshots

    @on(SnapshotReady)
    def _take(self, message: SnapshotReady) -> None:
        first = self.snapshot is None
        self._pending = message.snapshot
        if first:
            self._show_pending()

    @on(FeedFailed)
    def _fail(self, message: FeedFailed) -> None:
        self.crash = message.trace
        reason = message.trace.strip().rsplit("\n", 1)[-1]
        self._failure = safe_text(f"READING STOPPED: {reason[:60]}; what is shown is as of then   ")
        self._draw_frame()

    def _show_pending(self) -> None:
        if self._pending is None:
            return
        self.snapshot, self._pending = self._pending, None
        verdict = self.snapshot.recovery.verdict.value
        if self._verdict is not None and verdict != self._verdict and self.options.bell:
            self.bell()
        self._verdict = verdict
        self.title = safe_text(f"{self.snapshot.sentences[0].label} logscope")
        self.keep_up()
        self._draw()
        if not self._opened_root and self.snapshot.progress.done and self.snapshot.candidates:
            self._opened_root = True
            top = self.snapshot.candidates[0]
            if top.file and top.line:
                self._open(LineRef(top.file, top.line), top.first_seen, focus=False)
            self.query_one("#timeline", Timeline).fit_incident()

    def _draw(self) -> None:
        """Give every visible widget what it shows; each repaints only what changed."""
        snapshot = self.snapshot
        self._draw_frame()
        if snapshot is None:
            self._set("head", self._reading_head())
            return
        head = self.query_one("#head")
        lines = formatting.sentence_lines(
            snapshot.sentences, self.size.width, head.size.height or 4, self.palette, self.glyphs
        )
        self._set("head", Text("\n").join(lines))
        self.query_one("#timeline", Timeline).show(snapshot)
        for name in (*_LEFT, *_RIGHT):
            widget = self.query_one(f"#{name}")
            if widget.display and isinstance(widget, RowList):
                widget.show(self._rows(name, snapshot, widget.size.width or self.size.width))

    def _rows(self, name: str, snapshot: Snapshot, width: int) -> list[Row]:
        palette, glyphs, zone = self.palette, self.glyphs, self.options.zone
        width = max(40, width - 1)
        if self._solo is not None and name in _LEFT:
            snapshot = formatting.only_service(snapshot, self._solo)
        match name:
            case "story":
                return formatting.story_rows(snapshot, width, palette, glyphs, zone)
            case "kinds":
                return formatting.group_rows(snapshot, width, palette, glyphs, zone, self._sort, self.feed.muted)
            case "actions":
                return formatting.action_rows(snapshot, width, palette, glyphs)
            case "recovery":
                return formatting.recovery_rows(snapshot, width, palette, glyphs, zone)
            case "files":
                return formatting.file_rows(snapshot.files, width, palette, glyphs, zone)
            case _:
                return formatting.why_rows(snapshot, width, palette, glyphs, zone)

    def _reading_head(self) -> Text:
        return Text(" READING  finding out how the files are written", style=self.palette.strong)

    def _draw_frame(self) -> None:
        width = self.size.width
        tabs = Text(no_wrap=True)
        for name, title in _TITLES.items():
            active = name == (self._pane if not self.is_wide else "")
            tabs.append(f" {title} ", self.palette.cursor if active else self.palette.bar)
        tabs.append(self._badge().rjust(max(0, width - tabs.cell_len - 1)), self.palette.dim)
        self._set("tabs", tabs)
        for name in (*_LEFT, *_RIGHT):
            title = _TITLES[name]
            if name == "kinds":
                title += f"  by {self._sort}"
            elif name == "logs":
                title += f"  {self.logs.title}{self._log_badge()}"
            elif name == self._right:
                title += "   (3 logs 4 actions 5 recovery 6 files 0 why)"
            self._set(f"title-{name}", Text(f" {title} ".ljust(width), style=self.palette.bar, no_wrap=True))
        foot = Text(no_wrap=True)
        for key in KEYS:
            if key.in_footer:
                foot.append(f" {key.shown.split()[0]} ", self.palette.strong)
                foot.append(f"{key.label.split(':')[0]} ", self.palette.dim)
        self._set("foot", foot)
        self._set(
            "status", Text(f" {self._failure}{self._status or self._badge()}", style=self.palette.info, no_wrap=True)
        )

    def _badge(self) -> str:
        snapshot = self.snapshot
        if snapshot is None:
            return ""
        lines = sum(f.lines for f in snapshot.files)
        if not snapshot.progress.done:
            share = 100 * snapshot.progress.bytes_read // max(1, snapshot.progress.bytes_total)
            return f"reading {share} %, provisional   Esc stops   {len(snapshot.files)} files  {lines:,} lines"
        state = "stopped: not all was read" if snapshot.progress.stopped else "LIVE"
        if self._failure:
            state = "STOPPED"
        if self._solo is not None:
            state = f"SOLO {safe_text(self._solo)} (s)  {state}"
        if self.feed.muted:
            state = f"{len(self.feed.muted)} MUTED (K)  {state}"
        problems = sum(len(f.problems) for f in snapshot.files)
        trouble = f"  {problems} problems (6)" if problems else ""
        return f"{state}  {len(snapshot.files)} files  {lines:,} lines{trouble}"

    def _log_badge(self) -> str:
        if self.logs.is_following:
            return "   FOLLOWING"
        fresh = self.new_lines()
        return f"   PAUSED +{fresh:,} new (F)" if fresh else ""

    def _set(self, name: str, content: Text) -> None:
        widget = self.query_one(f"#{name}", Static)
        if getattr(widget, "_shown", None) != content:
            widget._shown = content  # type: ignore[attr-defined]
            widget.update(content, layout=False)

    def _say(self, text: str) -> None:
        self._status = safe_text(text)
        self._draw_frame()

    # Moving about

    @on(RowList.Moved)
    def _row_moved(self, message: RowList.Moved) -> None:
        if message.row.time is not None:
            self.query_one("#timeline", Timeline).put_cursor(message.row.time)
        if message.row.ref is not None and self.is_wide and self._right == "logs":
            self._open(message.row.ref, None, focus=False)

    @on(RowList.Chosen)
    def _row_chosen(self, message: RowList.Chosen) -> None:
        row = message.row
        is_root = self.snapshot is not None and any(
            e.is_root and row.key.startswith(f"onset:{e.time}:") for e in self.snapshot.timeline
        )
        if is_root and self._pane != "why":
            self.action_pane("why")
        elif row.ref is not None:
            self._open(row.ref, row.time, focus=True)

    @on(LogPane.Moved)
    def _log_moved(self, message: LogPane.Moved) -> None:
        if message.moment is not None:
            self.query_one("#timeline", Timeline).put_cursor(message.moment)
        self._draw_frame()

    def _open(self, ref: LineRef, time: int | None, *, focus: bool) -> None:
        self.query_one("#logs", LogPane).open(ref)
        if time is not None:
            self.query_one("#timeline", Timeline).put_cursor(time)
        if focus:
            self.action_pane("logs")
        self._draw_frame()

    def action_pane(self, name: str) -> None:
        """Show a pane and go there."""
        self._pane = name
        if name in _RIGHT:
            self._right = name
        self._lay_out()
        self.query_one(f"#{name}").focus()

    def action_zoom_pane(self) -> None:
        """The focused pane alone, or all of them."""
        focused = self.focused
        if focused is not None and focused.id in (*_LEFT, *_RIGHT):
            self._pane = focused.id or self._pane
        self._alone = not self._alone
        self._lay_out()

    def action_step_back(self) -> None:
        """Close the prompt, go back to the story, or stop reading."""
        prompt = self.query_one("#prompt", Input)
        if prompt.display:
            self._close_prompt()
        elif self.searcher.is_busy:
            self.searcher.stop()
        elif self.snapshot is not None and not self.snapshot.progress.done:
            self.feed.stop_reading()
        elif self._pane == "logs" and self.leave_matches():
            pass
        elif self._alone:
            self.action_zoom_pane()
        else:
            self.action_pane("story")

    def action_event(self, direction: int) -> None:
        """Next or previous event on the timeline."""
        self.query_one("#timeline", Timeline).step_event(direction)

    def action_scrub(self, cells: int) -> None:
        """Move the cursor time."""
        self.query_one("#timeline", Timeline).action_scrub(cells)

    def action_zoom(self, factor: float) -> None:
        """Zoom the timeline."""
        self.query_one("#timeline", Timeline).zoom(factor)

    def action_fit(self) -> None:
        """Show the incident."""
        self.query_one("#timeline", Timeline).fit_incident()

    def action_sort(self) -> None:
        """Another order of the kinds."""
        self._sort = _SORTS[(_SORTS.index(self._sort) + 1) % len(_SORTS)]
        self._draw()

    def action_redraw(self) -> None:
        """Paint everything again: something else may have written to the terminal."""
        forget = getattr(self._driver, "forget", None)
        if forget is not None:
            forget()
        self.refresh(layout=True, repaint=True)

    def action_help(self) -> None:
        """All keys."""
        self.push_screen(HelpScreen())

    # Marks, notes, export

    def action_prompt(self, kind: str) -> None:
        """Ask for one line."""
        prompt = self.query_one("#prompt", Input)
        self._prompt_kind = kind
        hints = {
            "find": "find:", "filter": "only lines with (!text: without):", "goto": "go to time (14:02 or 14:02:03):",
            "fix": "fix applied at TIME: what did you do?", "note": "note at TIME:",
        }  # fmt: skip
        prompt.placeholder = hints[kind]
        prompt.value = (
            f"{formatting.clock(self._mark_time(kind), self.options.zone)} " if kind in ("fix", "note") else ""
        )
        prompt.display = True
        prompt.focus()
        self._say(hints[kind])

    def _mark_time(self, kind: str) -> int:
        timeline = self.query_one("#timeline", Timeline)
        if kind == "note" and timeline.cursor_time is not None:
            return timeline.cursor_time
        if self.snapshot is not None and self.snapshot.as_of is not None:
            return self.snapshot.as_of
        now = self.options.clock() if self.options.clock else datetime.now(UTC).timestamp()
        return round(now * US)

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        kind, value = self._prompt_kind, message.value.strip()
        self._close_prompt()
        match kind:
            case "find":
                self.action_pane("logs")
                self.find(value, 1)
            case "filter":
                self.action_pane("logs")
                self.filter_lines(value)
            case "goto":
                time = self._read_clock(value)
                if time is not None:
                    self.query_one("#timeline", Timeline).put_cursor(time)
                    self.go_to_time(time)
            case _:
                self._mark(kind, value)

    def _mark(self, kind: str, value: str) -> None:
        clock, _, words = value.partition(" ")
        time = self._read_clock(clock)
        if time is None:
            return
        is_fix = kind == "fix"
        note = Note(time, words.strip() or ("fix applied" if is_fix else ""), is_fix)
        if self._save(lambda: self.feed.add_note(note)):
            self._say(f"{'fix' if is_fix else 'note'} marked at {clock}")
        if is_fix:
            self.action_pane("recovery")

    def _save(self, act: Callable[[], object]) -> bool:
        """Do what is kept for the next run; say so where it cannot be kept."""
        try:
            act()
        except LogscopeError as error:
            self._say(f"counts now, but is not saved: {error}")
            return False
        return True

    def action_mark(self) -> None:
        """Keep the line under the cursor as a note: it goes into the report."""
        line = self.logs.current()
        if line is None or line.time is None:
            self._say("no line with a time under the cursor")
            return
        time, place = line.time, self.logs.title
        note = Note(time, f"{place}  {' '.join(line.text.split())[:300]}")
        if self._save(lambda: self.feed.add_note(note)):
            self._say(f"{place} marked; it is in the report")

    def _chosen_row(self) -> Row | None:
        focused = self.focused
        if isinstance(focused, RowList) and focused.cursor < len(focused.rows):
            return focused.rows[focused.cursor]
        return None

    def action_mute(self) -> None:
        """Fold the kind under the cursor away as known noise, or bring all muted ones back."""
        row = self._chosen_row()
        groups = self.snapshot.groups if self.snapshot is not None else ()
        group = next((g for g in groups if row is not None and row.key == g.id), None)
        if group is not None:
            kind = (group.service, group.template)
            if self._save(lambda: self.feed.mute(kind)):
                self._say("muted as known noise: K on its last row brings it back")
        elif row is not None and row.key == formatting.MUTED and self.feed.muted:
            for kind in tuple(self.feed.muted):
                self._save(partial(self.feed.mute, kind))
            self._say("all kinds are shown again")
        else:
            self._say("K mutes the kind under the cursor: choose one in 2 Kinds")
        self._draw()

    def action_solo(self) -> None:
        """Only the service under the cursor in story and kinds, or all again."""
        row, line = self._chosen_row(), self.logs.current()
        if self._solo is not None:
            self._solo = None
        elif row is not None and row.service:
            self._solo = row.service
        elif line is not None:
            self._solo = line.service
        self._say("")
        self._draw()

    def _read_clock(self, text: str) -> int | None:
        """A time of day on the day that is shown; None and a word about it when it is none."""
        parts = text.split(":")
        base = self._mark_time("fix")
        try:
            hours, minutes = int(parts[0]), int(parts[1])
            seconds = int(float(parts[2])) if len(parts) > 2 else 0
            day = datetime.fromtimestamp(base // US, self.options.zone)
            moment = day.replace(hour=hours, minute=minutes, second=seconds, microsecond=0)
        except (ValueError, IndexError):
            self._say(f"{text}: no time; write 14:02 or 14:02:03")
            return None
        return round(moment.timestamp()) * US

    def _close_prompt(self) -> None:
        prompt = self.query_one("#prompt", Input)
        prompt.display = False
        self._status = ""
        self.query_one(f"#{self._pane}").focus()
        self._draw_frame()

    def action_export(self) -> None:
        """Write the report at once, and say where."""
        if self.snapshot is None:
            return
        try:
            self.exported = self.feed.export(self.snapshot)
        except LogscopeError as error:
            self.unwritten = self.feed.render(self.snapshot), str(error)
            self._say(f"kept until you quit: {error}")
            return
        self.unwritten = None
        self._say(f"report written: {os.path.abspath(self.exported)}")

    def action_save(self) -> None:
        """Keep the whole incident in a file of its own, and say where."""
        if self.snapshot is None:
            return
        try:
            saved = self.feed.save(self.snapshot)
        except LogscopeError as error:
            self._say(str(error))
            return
        self._say(f"incident saved: {os.path.abspath(saved)}; `logscope open` shows it")

    def action_copy(self) -> None:
        """Copy the line under the cursor, without secrets."""
        line = self.query_one("#logs", LogPane).current()
        if line is not None:
            self.copy_to_clipboard(safe_text(self.feed.clean(line.text)))
            self._say("line sent to the terminal's clipboard (OSC 52)")

    def action_brief(self) -> None:
        """Copy three lines for the incident channel, and show them."""
        if self.snapshot is not None:
            text = self.feed.brief(self.snapshot)
            self.copy_to_clipboard(text)
            self._say(text.replace("\n", " | "))

    def action_proof(self) -> None:
        """The shell command that shows the same without logscope."""
        if self.snapshot is None:
            return
        focused = self.focused
        row = focused.rows[focused.cursor] if isinstance(focused, RowList) and focused.rows else None
        logs = self.query_one("#logs", LogPane)
        ref = row.ref if row is not None else logs.ref
        self._say(self.feed.proof(row.key if row else "", ref, self.snapshot))


def _send(app: LogscopeApp, message: Message) -> None:
    """Post from any thread; the screen may be gone already."""
    app.post_message(message)
