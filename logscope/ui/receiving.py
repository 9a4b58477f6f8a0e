"""What comes from the logs: they are opened, their Snapshots are shown, and everything stands at the cause at first."""

import threading
import time
from dataclasses import replace
from typing import cast

from textual import events, on
from textual.driver import Driver
from textual.message import Message

from logscope.errors import LogscopeError
from logscope.model.files import LineRef
from logscope.model.snapshot import Snapshot
from logscope.model.times import Dial
from logscope.ui.aligned import AlignedPane
from logscope.ui.drawing import Drawing
from logscope.ui.feeding import Feed
from logscope.ui.news import find_news, find_trouble_news
from logscope.ui.opening import LEAVING_KEYS, Opening, Unopened
from logscope.ui.rows import RowList
from logscope.ui.thrift import Thrift
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


class Receiving(Drawing):
    """The part of the application that takes what is read, and moves to it until somebody moves something else."""

    def __init__(
        self, feed: Feed | Opening, driver_class: type[Driver] | None = None, *, ansi_color: bool | None = None
    ) -> None:
        super().__init__(driver_class, ansi_color=ansi_color)
        self.opening = feed if isinstance(feed, Opening) else None
        """Logs that are yet to be opened; None once they are."""
        self.given = feed.files if isinstance(feed, Opening) else ()
        self.feed = cast(Feed, Unopened()) if isinstance(feed, Opening) else feed
        self.snapshot = None
        self.refusal: LogscopeError | None = None
        """Why there is nothing to read."""
        self.crash: str | None = None
        """Traceback of the bug that ended the screen, or the reading."""
        self._held: list[events.Key] = []
        """Keys that were pressed before the logs were there."""
        self._is_touched = False
        self._root: tuple[str | None, int | None] | None = None
        """The line at which everything stands; None before the first."""
        self._looked_for: int | None = None
        """The begin of the incident for which logs that were not given were looked for."""
        self._thrift = Thrift(time.monotonic, lambda: getattr(self._driver, "bytes_written", None))
        self._remark = ""
        """What the feed said last."""

    # Opening

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
        self._thrift.end_painting()
        pending = self._pending
        if pending is not None and (self.snapshot is None or self._is_worth_painting(pending)):
            before, self.snapshot, self._pending = self.snapshot, pending, None
            self._thrift.begin_painting()
            self._show_snapshot(before, pending)
        elif pending is not None:
            self._clockwork.see(pending.progress)
            self._draw_frame()
        troubles = self.feed.troubles
        if troubles != self._troubles:
            news = find_trouble_news(self._troubles, troubles)
            self._troubles = troubles
            self._draw()
            self._say(news)
        if self.feed.remark != self._remark:
            self._remark = self.feed.remark
            self._say(self._remark, stays=True)
        if self._clockwork.is_message_old():
            self._say("")

    def _is_worth_painting(self, snapshot: Snapshot) -> bool:
        """An answer of a part of the lines only as far as its bytes are; of the others how far they are is shown."""
        # The curve of all that there is comes behind the first answer of the newest lines, and once.
        reaches_back = self.snapshot is not None and snapshot.trend.start < self.snapshot.trend.start
        is_due = snapshot.progress.newest_first and reaches_back
        return snapshot.progress.done or self._thrift.affords_another(is_due=is_due)

    def _show_snapshot(self, before: Snapshot | None, snapshot: Snapshot) -> None:
        self._clockwork.see(snapshot.progress)
        dial = Dial.around(snapshot.as_of, self.options.zone)
        if dial != self.look.dial:
            self._take_look(replace(self.look, dial=dial))
        if before is not None and before.progress.done and (snapshot.as_of or 0) > (before.as_of or 0):
            self.has_grown = True
        self.forget_read_logs(snapshot)
        news = find_news(None if self.is_renamed else before, snapshot, self.look.dial)
        if news.text and self.query_one("#prompt").display:
            # What is being asked stays there to be read.
            self._held_news = news.text
        elif news.text:
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
            self.forget_renamed(snapshot)
            self._draw()
        if not snapshot.progress.done:
            return
        if snapshot.incident is not None and snapshot.incident.start != self._looked_for:
            self._looked_for = snapshot.incident.start
            self.look_around(everywhere=False)
        if snapshot.has_cause and not self._is_touched:
            self._open_root(snapshot)
        elif not self.logs.was_asked:
            # Whoever was quicker than the reading has an empty pane: that one moves nothing else.
            self._open_something(snapshot)

    def _open_root(self, snapshot: Snapshot) -> None:
        """Until somebody touches a key everything stands at the line that proves the cause, also when it is another."""
        place, moment = _find_root(snapshot)
        if place == self._root:
            return
        if self._root is None and self.options.is_first_start:
            self._say(_FIRST_HINT, stays=True)
        self._root = place
        if place[0] and place[1]:
            self._open(LineRef(place[0], place[1]), moment, focus=False)
        elif snapshot.incident is not None:
            # No line tells of it: what was written when it began is the nearest there is.
            self.logs.open_merged(snapshot.incident.start, tell=False)
        story = self.query_one("#story", RowList)
        begun = moment
        if snapshot.recovery.present_fault is not None:
            begun = snapshot.recovery.waves[-1].start
        root = next((row.key for row in story.rows if row.can_stand and row.time == begun), None)
        if root is not None:
            story.put_cursor(root)
        self._is_touched = self._pane == "logs"

    def _open_something(self, snapshot: Snapshot) -> None:
        """The cause's line; without one the newest lines of all logs, kept up; without times the first log's begin."""
        top = snapshot.candidates[0] if snapshot.has_cause else None
        if top is not None and top.file and top.line:
            self.logs.open(LineRef(top.file, top.line), tell=False)
        elif snapshot.as_of is not None:
            self.logs.open_merged(snapshot.as_of + 1, tell=False)
            self.logs.is_following = self.is_live
        elif any(file.lines for file in snapshot.files):
            self.logs.open(LineRef(snapshot.files[0].path, 1))
        self._draw_frame()

    # Who has the keys

    async def on_event(self, event: events.Event) -> None:
        """Somebody has the keys from the first one on that moves something: the screen moves nothing by itself then."""
        if self.opening is not None and isinstance(event, events.Key) and event.key not in LEAVING_KEYS:
            self._held.append(event)
            return
        if isinstance(event, events.Key | events.MouseDown):
            self._thrift.note_key()
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


def _send(app: Receiving, message: Message) -> None:
    """Post from any thread; the screen may be gone already."""
    app.post_message(message)


def _find_root(snapshot: Snapshot) -> tuple[tuple[str | None, int | None], int | None]:
    """File and line of what is told as broken now, and its time: of a later wave with a fault of its own, that one."""
    fault = snapshot.recovery.present_fault
    if fault is not None:
        return (fault.ref.file, fault.ref.line), fault.time
    top = snapshot.candidates[0]
    return (top.file, top.line), top.first_seen
