"""What each pane shows of the Snapshot; a widget repaints only what changed."""

import time
from collections.abc import Sequence

from rich.text import Text
from textual.driver import Driver
from textual.widgets import Static

from logscope.model.snapshot import Sentence, Snapshot
from logscope.model.times import Dial
from logscope.sources.nearby import NearbyFile
from logscope.text.safe_text import safe_text
from logscope.ui import views
from logscope.ui.aligned import AlignedPane
from logscope.ui.formatting import Look, Row
from logscope.ui.layout import HOME, PANES, TABS_LINES, PaneLayout
from logscope.ui.news import Troubles
from logscope.ui.rows import RowList
from logscope.ui.status import Clockwork, badges, footer, tabs, title_line, window_title
from logscope.ui.timeline import Timeline


class Drawing(PaneLayout):
    """The part of the application that fills its panes."""

    def __init__(self, driver_class: type[Driver] | None = None, *, ansi_color: bool | None = None) -> None:
        super().__init__(driver_class, ansi_color=ansi_color)
        self._pending: Snapshot | None = None
        """What came last and is not shown yet."""
        self._clockwork = Clockwork(time.monotonic)
        self._stopped = ""
        """Why nothing more is read; stands before all else."""
        self._troubles: Troubles = ()
        self._told_of: tuple[Snapshot | None, str, Troubles, Dial | None] = (None, "", (), None)
        self._told: tuple[Sentence, ...] = ()
        """The sentences, and what they were written of."""
        self._foot_lines = 1
        self._window_title = ""
        self.given: Sequence[NearbyFile] = ()
        """The files, as far as they are known before they are read."""

    def _draw(self) -> None:
        """Give every visible widget what it shows; each repaints only what changed."""
        snapshot = self.snapshot
        self._draw_frame()
        head = self.query_one("#head")
        if snapshot is None:
            lines = [views.opening_line(self.given, self.look)]
        else:
            height = self._head_for[3] or head.size.height or 4
            sentences = self.sentences(snapshot)
            self._set_window_title(window_title(snapshot, sentences[0].label))
            lines = views.sentence_lines(sentences, self.size.width, height, self.look)
        self._set("head", Text("\n").join(lines))
        if snapshot is None:
            if self.given:
                story = self.query_one("#story", RowList)
                story.show(views.opening_rows(self.given, story.size.width or self.size.width, self.look))
            return
        self.query_one(Timeline).show(snapshot)
        for name in PANES:
            widget = self.query_one(f"#{name}")
            if widget.display and isinstance(widget, RowList):
                widget.show(self._rows(name, snapshot, widget))
        if self.is_huge:
            self._draw_side()

    def _take_look(self, look: Look) -> None:
        self.look = look
        for drawn in (self.query_one(Timeline), self.logs, self.query_one(AlignedPane)):
            drawn.look = look
            drawn.refresh()
        for rows in self.query(RowList):
            rows.palette = look.palette
            rows.refresh()
        self._draw()

    def sentences(self, snapshot: Snapshot) -> tuple[Sentence, ...]:
        """The sentences on top, as they hold now; written once for all that is drawn of a Snapshot."""
        told = (snapshot, self._stopped, self._troubles, self.look.dial)
        # Compared by identity: a Snapshot is large.
        if self._told_of[0] is not snapshot or self._told_of[1:] != told[1:]:
            self._told_of = told
            self._told = views.as_of_now(snapshot, self._stopped, self._troubles, self.look)
        return self._told

    def _rows(self, name: str, snapshot: Snapshot, widget: RowList) -> list[Row]:
        look, width = self.look, max(40, (widget.size.width or self.size.width) - 1)
        if self.solo is not None and name in ("story", "kinds"):
            snapshot = views.only_service(snapshot, self.solo)
        match name:
            case "story":
                return views.story_rows(snapshot, width, self._story_height(), look)
            case "kinds":
                return views.group_rows(snapshot, width, look, self.sort, self.feed.muted, self.unfolded)
            case "actions":
                return views.action_rows(snapshot, width, look)
            case "recovery":
                return views.recovery_rows(snapshot, width, look)
            case "files":
                left_out, named = self.feed.left_out, self.feed.named_formats
                return views.file_rows(snapshot, self.also_written, width, look, self._troubles, left_out, named)
            case _:
                return views.why_rows(snapshot, width, look)

    def _story_height(self) -> int:
        """Lines that the story may take; where it stands above the others one an event is enough.

        Counted from what is around it: the widget has its own size only after the next layout.
        """
        if self.is_wide:
            return 0
        if self.is_stacked:
            return self._story_lines()
        bars = TABS_LINES + self._foot_lines + self.query_one("#prompt").display
        return max(1, self.size.height - self._head_for[3] - self._timeline_lines() - bars)

    def _draw_frame(self) -> None:
        """Tabs, titles, footer."""
        width, look, wide = self.size.width, self.look, self.is_wide
        is_home = wide and self._pane in HOME
        shown = set(HOME) if is_home else {"story", "logs"} if self.is_stacked else {self._pane}
        told = badges(
            self._pending or self.snapshot,
            self._clockwork.seconds_left,
            self.solo,
            len(self.feed.muted),
            len(self.also_written),
            "STOPPED" if self._stopped else self.feed.state,
            self._troubles,
            len(self.feed.left_out),
            look.dial,
        )
        self._set("tabs", tabs(shown, told, width, look))
        focused = self.focused.id if self.focused is not None else None
        notes = {
            "kinds": f"by {self.sort}",
            "logs": f"{self.logs.title}{self._log_length()}{self._log_badge()}",
            "aligned": "Logs side by side",
            "line": "This line",
        }
        for name in (*PANES, "aligned", "line"):
            widget = self.query_one(f"#title-{name}", Static)
            cells = widget.size.width or width
            self._set(f"title-{name}", title_line(name, notes.get(name, ""), name == focused, cells, look))
        foot = footer(self.message, width, look, self.options.keymap)
        self._foot_lines = foot.plain.count("\n") + 1
        self.query_one("#foot").styles.height = self._foot_lines
        self._set("foot", foot)

    def _log_length(self) -> str:
        """Lines of the file that is shown, so that one sees where in it one is."""
        ref = self.logs.ref
        if ref is None or not ref.line or self.logs.is_merged or self.logs.filter or self.snapshot is None:
            return ""
        lines = next((f.lines for f in self.snapshot.files if f.path == ref.file), 0)
        return f" of {lines:,}" if lines >= ref.line else ""

    def _log_badge(self) -> str:
        if self.logs.is_following:
            return "   FOLLOWING" if self.is_live else ""
        fresh = self.new_lines()
        return f"   PAUSED +{fresh:,} new (F)" if fresh else ""

    def _set(self, name: str, content: Text) -> None:
        widget = self.query_one(f"#{name}", Static)
        if getattr(widget, "_shown", None) != content:
            widget._shown = content  # type: ignore[attr-defined]
            widget.update(content, layout=False)

    def _set_window_title(self, text: str) -> None:
        """The terminal's title carries the verdict: the engineer is in another window."""
        if text == self._window_title or self._driver is None or self.is_headless:
            return
        if not self._window_title:
            self._driver.write("\x1b[22;2t")
        self._window_title = text
        self._driver.write(f"\x1b]2;{text}\x07")

    def _say(self, text: str, *, stays: bool = False) -> None:
        """Show a message in the place of the footer for a while."""
        self.message = safe_text(text)
        self._clockwork.start_message(bool(text) and not stays)
        self._draw_frame()
