"""Moving about: a row, a line, a click or a key leads to another pane, and all of them to one time."""

from textual import events, on
from textual.widgets import Input, Static

from logscope.ui.events import event_key
from logscope.ui.layout import HOME, PANES, WIDE
from logscope.ui.log_pane import LogPane
from logscope.ui.receiving import Receiving
from logscope.ui.rows import RowList
from logscope.ui.status import footer_action_at, tab_at
from logscope.ui.timeline import Timeline
from logscope.ui.views.head import LABEL


class Navigation(Receiving):
    """The part of the application that goes from one pane to another."""

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
            self.query_one(Timeline).put_cursor(message.moment, is_followed=self.logs.is_following)
        self._draw_frame()
        self._draw_side()

    async def on_click(self, event: events.Click) -> None:
        """A click on a tab shows its view, on a word of the footer does what it says, on a sentence opens its line."""
        if event.widget is self.query_one("#foot") and not self.message:
            action = footer_action_at(event.x, self.size.width, self.options.keymap)
            if action is not None:
                await self.run_action(action)
            return
        if event.widget is self.query_one("#head"):
            self._open_sentence(event.y)
            return
        name = tab_at(event.x, self.size.width) if event.widget is self.query_one("#tabs") else None
        if name is not None:
            self.action_pane(name)

    def _open_sentence(self, y: int) -> None:
        """The line that a sentence on top cites; of those without one, what is told in full in recovery."""
        if self.snapshot is None:
            return
        lines = str(self.query_one("#head", Static).render()).split("\n")
        number = sum(bool(line[:LABEL].strip()) for line in lines[: y + 1]) - 1
        sentences = self.sentences(self.snapshot)
        ref = sentences[number].ref if 0 <= number < len(sentences) else None
        if ref is not None:
            self._open(ref, None, focus=True)
        elif 0 <= number < len(sentences):
            self.action_pane("recovery")

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
            self.look_around(everywhere=True)

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
