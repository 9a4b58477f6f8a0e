"""What the keys do in the log pane: times, all logs merged, the newest lines, details."""

from collections.abc import Callable

from textual import on
from textual.timer import Timer

from logscope.model.files import LineRef
from logscope.model.lines import Spot
from logscope.ui.aligned import AlignedPane
from logscope.ui.dialogs import DetailScreen
from logscope.ui.formatting import Look
from logscope.ui.kept import find_kept
from logscope.ui.lanes import order_lanes
from logscope.ui.log_pane import LogPane
from logscope.ui.options import ScreenOptions
from logscope.ui.rows import RowList
from logscope.ui.search_actions import SearchActions
from logscope.ui.timeline import Timeline
from logscope.ui.views import line_rows


class LogActions(SearchActions):
    """The part of the application that moves the log pane."""

    _seen: tuple[str, int] = ("", 0)
    """The log (empty: all) whose new lines the badge counts, and its lines when the pane was last at their end."""
    _resting: dict[str, Timer]
    """What waits for the cursor to come to rest, by what it moves."""
    look: Look
    options: ScreenOptions

    def _draw_frame(self) -> None:
        raise NotImplementedError

    def _draw(self) -> None:
        raise NotImplementedError

    def _take_look(self, look: Look) -> None:
        raise NotImplementedError

    @property
    def is_huge(self) -> bool:
        """Three columns are shown."""
        raise NotImplementedError

    @property
    def is_live(self) -> bool:
        """New lines are looked for."""
        return self.feed.state not in ("", "SAVED")

    # Times

    @on(Timeline.Scrubbed)
    def _scrubbed(self, message: Timeline.Scrubbed) -> None:
        """The other panes follow once the cursor has come to rest: a held key costs a column a step."""
        self._after_rest("logs", lambda: self.go_to_time(message.moment))

    @on(Timeline.Narrowed)
    def _narrowed(self, message: Timeline.Narrowed) -> None:
        self.feed.look_at(message.span)

    def _after_rest(self, what: str, act: Callable[[], None]) -> None:
        """Do something once nothing newer is asked of the same pane for a moment."""

        def rested() -> None:
            if self.is_there:
                act()

        waiting = self._resting.pop(what, None)
        if waiting is not None:
            waiting.stop()
        if self.options.rest_s <= 0:
            act()
        else:
            self._resting[what] = self.set_timer(self.options.rest_s, rested)

    @property
    def is_there(self) -> bool:
        """The panes are there: at the end they go before the last timer."""
        return bool(self.query(Timeline))

    def _open(self, ref: LineRef, time: int | None, *, focus: bool) -> None:
        """Show a cited line; the shared cursor goes to its time."""
        self.logs.open(ref, kept=find_kept(self.snapshot, ref))
        if time is not None:
            self.query_one(Timeline).put_cursor(time)
        if focus:
            self.action_pane("logs")
        self._draw_frame()

    # Side by side, and one line in detail: where the screen is wide

    def _draw_side(self) -> None:
        """The side-by-side logs and the details follow the line under the cursor."""
        if self.is_huge:
            self._after_rest("side", self._show_side)

    def _show_side(self) -> None:
        timeline = self.query_one(Timeline)
        if self.snapshot is not None and timeline.cursor_time is not None:
            services = order_lanes(self.snapshot)
            services += [lane.service for lane in self.snapshot.lanes if lane.service not in services]
            self.query_one(AlignedPane).show(services, timeline.cursor_time)
        pane, line = self.query_one("#line", RowList), self.logs.current()
        detail = self.feed.detail(line.spot) if line is not None else None
        pane.show(line_rows(line, detail, max(20, pane.size.width - 1), self.look))

    @on(AlignedPane.Moved)
    def _aligned_moved(self, message: AlignedPane.Moved) -> None:
        if message.moment is not None:
            self.query_one(Timeline).put_cursor(message.moment)

    @on(AlignedPane.Chosen)
    def _aligned_chosen(self, message: AlignedPane.Chosen) -> None:
        self.logs.open_spot(message.line.spot)
        self.action_pane("logs")

    def go_to_time(self, time: int) -> None:
        """Bring the log pane to a time, in the log that it shows; the cursor time stays where it was put."""
        line = self.logs.current()
        if line is None or self.logs.is_merged:
            self.logs.open_merged(time, tell=False)
        else:
            spot = self.feed.spot_at(line.source, time)
            if spot is not None:
                self.logs.open_spot(spot, tell=False)
        self._draw_frame()
        self._draw_side()

    def go_to_line(self, ref: LineRef) -> None:
        """Bring the log pane to a cited line; the cursor time stays where it was put."""
        self.logs.open(ref, tell=False, kept=find_kept(self.snapshot, ref))
        self._draw_frame()
        self._draw_side()

    def action_merge(self) -> None:
        """All logs by time, or the one of the cursor line."""
        line = self.logs.current()
        time = self.query_one(Timeline).cursor_time if line is None or line.time is None else line.time
        if self.logs.is_merged and line is not None:
            self.logs.open_spot(line.spot)
        elif time is not None:
            self.logs.open_merged(time, line.spot if line is not None else None)
        self.action_pane("logs")

    @on(LogPane.AtEdge)
    def _at_edge(self, message: LogPane.AtEdge) -> None:
        spot = self._spot()
        if spot is None:
            return
        firsts = [f.first_seen for f in self.snapshot.files if f.first_seen is not None] if self.snapshot else []
        if message.side < 0 and self.logs.is_merged and firsts:
            self.logs.open_merged(min(firsts))
        elif message.side < 0:
            self.logs.open_spot((spot[0], 0, 0))
        else:
            self.show_newest(spot)

    def action_follow(self) -> None:
        """Show the newest lines, and keep to them while they come; once more: stay here."""
        if self.logs.is_following:
            self.logs.is_following = False
            self._draw_frame()
            return
        spot = self._spot()
        if spot is not None:
            self.show_newest(spot)
            self.action_pane("logs")

    def show_newest(self, spot: Spot) -> None:
        """The end of a log, or of all; the pane stays at it."""
        if self.logs.is_merged and self.snapshot is not None and self.snapshot.as_of is not None:
            self.logs.open_merged(self.snapshot.as_of + 1)
        else:
            self.logs.open_spot(self.feed.end_of(spot))
        self.logs.is_following = True
        self._seen = self._lines_of(spot)
        self._draw_frame()

    def _lines_of(self, spot: Spot) -> tuple[str, int]:
        """The shown log (empty for all), and the lines that it has by now."""
        path = "" if self.logs.is_merged else self.feed.path_of(spot)
        files = self.snapshot.files if self.snapshot is not None else ()
        return path, sum(f.lines for f in files if not path or f.path == path)

    def keep_up(self) -> None:
        """After new lines came: show them when the pane follows."""
        line = self.logs.current()
        if line is None:
            return
        now = self._lines_of(line.spot)
        if self._seen[0] != now[0] or not self._seen[1]:
            # From here on the badge counts what comes.
            self._seen = now
        elif self.logs.is_following and self._seen != now:
            self.show_newest(line.spot)

    def new_lines(self) -> int:
        """Lines that came since the pane was last at the end."""
        line = self.logs.current()
        if line is None or self.logs.is_following:
            return 0
        path, count = self._lines_of(line.spot)
        return max(0, count - self._seen[1]) if path == self._seen[0] and self._seen[1] else 0

    # One record

    @on(LogPane.Chosen)
    def _show_detail(self, message: LogPane.Chosen) -> None:
        detail = self.feed.detail(message.line.spot)
        if detail is None:
            self._say("this line cannot be read any more")
            return

        def close(wanted: str | None) -> None:
            if wanted:
                self.show_everywhere(wanted)

        head = (("time", self.look.clock_ms(message.line.time).strip()), ("line", self.logs.place))
        rows = (*((name, value) for name, value in head if value), *detail.rows)
        self.push_screen(DetailScreen(rows, detail.text, detail.ids, self.look.palette), close)

    def action_same_id(self) -> None:
        """All lines with the request id of the cursor line, in every log."""
        line = self.logs.current()
        detail = self.feed.detail(line.spot) if line is not None else None
        if detail is None or not detail.ids:
            self._say("this line carries no id of a request or trace")
            return
        self.action_pane("logs")
        self.show_everywhere(detail.ids[0])
