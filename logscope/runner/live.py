"""The live loop: reads everything once, then follows, and publishes a Snapshot when something changed.

Runs in one thread that owns the session. Others only put intents into its queue and receive frozen Snapshots.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from logscope.model.files import LineRef, Progress
from logscope.model.snapshot import Snapshot
from logscope.model.times import US
from logscope.runner.batch import start_session
from logscope.runner.live_sources import LiveSources
from logscope.runner.newcomers import Newcomers
from logscope.runner.planning import Plan
from logscope.runner.preview import Preview, make_preview
from logscope.runner.request import Opened, Request
from logscope.runner.resuming import Resumed
from logscope.runner.tailing import STREAM_LOOK_S
from logscope.runner.window import examine_window
from logscope.session.session import Session
from logscope.sources.watch import Waker
from logscope.state.session import KeptSession, keep_session

_TICK_S: Final = 0.5
"""Least time between two judgements."""
_FIRST_TICK_S: Final = 0.2
"""After so long of reading something is said: somebody waits before an empty screen."""
_READING_TICK_S: Final = 1.0
"""Between two judgements of what was read so far."""
_CLOCK_TICK_S: Final = 5.0
"""Without new lines the verdict is looked at again this often: quiet time counts."""
_COARSEN_S: Final = 300.0
"""Between two times at which less is kept of what is long past."""
_IDLE_SHARE: Final = 0.005
"""Of a core, for looking again at what did not change."""


class LiveLoop:
    """Reads and follows the sources of one request."""

    def __init__(
        self,
        request: Request,
        opened: Opened,
        publish: Callable[[Snapshot], None],
        *,
        follow: bool = True,
        stays: bool = False,
        once: bool = False,
        resumed: Resumed | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Prepare; nothing is read before `run`.

        Args:
            request: What the user asked for.
            opened: Its sources.
            publish: Receives each new Snapshot, in the loop's thread.
            follow: Go on after the first reading.
            stays: Where nothing is followed, or all pipes have ended, still judge anew what people say.
            once: End where following would begin; the newest record is now.
            resumed: A saved incident that is read on; `opened` is its logs.
            clock: Seconds that only grow.
            wall: Seconds since 1970.
        """
        self._opened = opened
        self._publish = publish
        self._follow = follow
        self._stays = stays
        self._once = once
        self._clock = clock
        self._wall = wall
        self._session: Session = resumed.session if resumed is not None else start_session(request, opened)
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._boxes: queue.SimpleQueue[queue.SimpleQueue[KeptSession]] = queue.SimpleQueue()
        """Of those who wait for all that is known."""
        self._asked = threading.Event()
        """Set with each order: what does not follow files waits for nothing else."""
        self._waker_is_old = False
        self._stop = threading.Event()
        self._waker: Waker | None = None
        self._newcomers = Newcomers(request, opened.plans, clock) if follow and resumed is None else None
        self._anew: set[str] = set()
        """Keys of logs that are asked to be read anew."""
        self._is_settled = False
        """What there was has been judged."""
        self._sources = LiveSources(
            request, opened, self._session, self._stop, follow=follow, resumed=resumed, clock=clock, wall=wall
        )  # fmt: skip
        self._session.texts.read = self._sources.read_text
        can_preview = follow and resumed is None
        self._preview = make_preview(request, opened, clock, wall) if can_preview else None
        """While large logs are read: what their newest parts say."""
        self._tick_cost_s = 0.0
        self._has_told = False
        self._last_coarsened = clock()

    # Called from other threads

    def stop(self) -> None:
        """End the loop soon."""
        self._stop.set()
        self._wake()

    def stop_reading(self) -> None:
        """Do not read on to the end of the files; say what was read."""
        self._sources.is_enough = True

    def ask(self, intent: Callable[[Session], None]) -> None:
        """Do something with the session between two looks, and judge anew.

        Args:
            intent: What to do, in the loop's thread; also with that of a preview.
        """
        self._order(lambda: self._tell_sessions(intent))

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.put(order)
        self._wake()

    def add_plans(self, plans: Sequence[Plan]) -> None:
        """Read other logs as well, and follow them like the others."""
        self._order(lambda: self._adopt(plans))

    def read_as(self, key: str, name: str) -> None:
        """Read a log anew, as a person says that it is written.

        Args:
            key: Of its source: files, not a stream.
            name: Of the format; empty for as it is learned.
        """
        self._anew.add(key)
        self._order(lambda: self._read_as(key, name))

    @property
    def is_reading_anew(self) -> bool:
        """A log is yet to be read as somebody has just said that it is written."""
        return bool(self._anew)

    @property
    def is_polling(self) -> bool:
        """No file events are to be had: the files are looked at a few times a second."""
        return self._waker is not None and self._waker.polling and self._sources.has_files

    @property
    def is_over(self) -> bool:
        """Only pipes are read, and their writers have gone: what is known is the answer."""
        return self._sources.is_over

    @property
    def troubles(self) -> tuple[tuple[str, str], ...]:
        """Paths behind which nothing new can be read now, each with the reason; they are looked at again and again."""
        return self._sources.troubles

    def keep(self, patience_s: float) -> KeptSession | None:
        """All that is known, and how far the files were read; None where the loop does not answer in time."""
        box: queue.SimpleQueue[KeptSession] = queue.SimpleQueue()
        self._boxes.put(box)
        self._wake()
        try:
            return box.get(timeout=patience_s)
        except queue.Empty:
            return None

    def shift_of(self, source: str) -> int:
        """What is added to a stamp of a source as written."""
        return self._session.clocks.shift_of(source)

    def seek(self, source: str, time: int) -> LineRef | None:
        """A place at or before a time, by the index's minutes; None without times."""
        return self._session.seek(source, time)

    def find_part(self, path: str) -> tuple[Plan, int] | None:
        """The source that a path is a part of, as it is read now, and which part; None where it is none."""
        return self._sources.find_part(path)

    def parts_of(self, source: str) -> list[str]:
        """Where the parts of a source lie now, oldest first."""
        return self._sources.parts_of(source)

    def anchors_of(self, source: str) -> list[tuple[int, int, int]]:
        """Known places of a source: part, offset and line of the first record of each minute."""
        state = self._session.index.sources.get(source)
        return list(state.seek.values()) if state is not None else []

    @property
    def has_more(self) -> bool:
        """There are bytes that the last look left."""
        return self._sources.has_more

    def _wake(self) -> None:
        self._asked.set()
        if self._waker is not None:
            self._waker.wake()

    # The loop's own thread

    def run(self) -> None:
        """Read, judge, follow, until stopped."""
        try:
            self.catch_up()
            if self._stop.is_set() or self._once:
                return
            if self._follow:
                self._go_on()
            elif self._stays:
                self._attend()
        finally:
            if self._stop.is_set():
                self._fill_boxes()
            self.close()

    def catch_up(self) -> None:
        """Read what there is, and judge it, with the window that the first judgement asks for."""
        if self._preview is not None:
            self._look_ahead(self._preview)
        self._read(self._sources.read_existing())
        if self._preview is not None:
            self._end_preview(self._preview)
        if not self._stop.is_set():
            self._settle()
            self._sources.is_caught_up = self._follow

    def _look_ahead(self, preview: Preview) -> None:
        """Read the newest part of each log, and tell what is known of it as soon as the first one says something."""
        for one in self._sources.learn():
            preview.add(one.plan)
            if self._stop.is_set() or self._sources.is_enough:
                return
            if not self._has_told and preview.sources:
                self._take_orders()
                self.judge(done=False)
        preview.estimate()
        self._take_orders()
        self.judge(done=False)

    def _end_preview(self, preview: Preview) -> None:
        """All was read; or the reading was stopped, and what was not read to its end goes on with its newest part."""
        self._preview = None
        if self._sources.is_enough:
            self._sources.go_on_with(preview)
        preview.close()

    def look(self) -> bool:
        """Read what was written since the last look; whether there was something."""
        return self._sources.look()

    def judge(self, *, done: bool = True) -> None:
        """Judge what was read, and publish it.

        Args:
            done: All that there is was read.
        """
        begun = self._clock()
        read, total = self._sources.bytes, max(self._opened.bytes_total, self._sources.bytes)
        progress = Progress(
            read, total, done, stopped=self._sources.is_enough, files=self._opened.files,
            newest_first=self._sources.is_cut,
        )  # fmt: skip
        if self._preview is None:
            snapshot = self._session.tick(self._now(self._session), progress)
        else:
            snapshot = self._preview.tell(self._now(self._preview.session), progress)
        self._publish(snapshot)
        self._has_told = True
        if self._sources.is_caught_up and begun - self._last_coarsened >= _COARSEN_S:
            self._session.coarsen_past()
            self._last_coarsened = begun
        self._tick_cost_s = self._clock() - begun

    def close(self) -> None:
        """Let go of the files."""
        if self._preview is not None:
            self._preview.close()
        if self._waker is not None:
            self._waker.close()
        self._sources.close()

    def keep_now(self) -> KeptSession:
        """All that is known. Records that may still go on are given out."""
        self._sources.release_quiet(force=True)
        return keep_session(self._session, self._sources.tell(), self._now(self._session))

    def _attend(self) -> None:
        """Nothing is followed: only what people say changes the answer."""
        while not self._stop.is_set():
            self._asked.wait()
            self._asked.clear()
            if self._take_orders() and not self._stop.is_set():
                self.judge()

    def _adopt(self, plans: Sequence[Plan]) -> None:
        """Read logs that are new."""
        self._read(self._sources.adopt(plans))
        self._waker_is_old = True

    def _read_as(self, key: str, name: str) -> None:
        """Read a log anew by another plan, and judge as if it had been read so at first."""
        self._read(self._sources.read_as(key, name))
        if self._preview is not None:
            self._preview.replace(next(one.plan for one in self._sources.all if one.key == key))
        self._waker_is_old = True
        self._anew.discard(key)
        if self._is_settled and not self._stop.is_set():
            self._look_closely_again()

    def _look_closely_again(self) -> None:
        """Look at the window that there is by now, as if all had been read by these plans at first."""
        if not self._sources.examines_all:
            self.judge()
            for one in self._sources.all:
                self._session.window.forget(one.key)
            if self._session.wanted_window is not None:
                examine_window(self._session, self._sources.placed_plans, self._session.wanted_window)
        self._sources.examine()

    def take_newcomers(self) -> bool:
        """Read logs that appeared in the folders that are followed; whether there were any."""
        if self._newcomers is None:
            return False
        plans = self._newcomers.look([one.tail for one in self._sources.all])
        if plans:
            self._adopt(plans)
        return bool(plans)

    def _watch(self) -> Waker:
        if self._waker is not None:
            self._waker.close()
        self._waker = Waker(one.tail.parts[-1] for one in self._sources.all if not one.is_stream)
        self._waker_is_old = False
        return self._waker

    def _go_on(self) -> None:
        """Follow until stopped. What the files hold is the truth; events only make the next look earlier."""
        waker = self._watch()
        last_tick = self._clock()
        is_new = False
        while not self._stop.is_set():
            if self._waker_is_old:
                waker = self._watch()
            wait = min(waker.interval_s, STREAM_LOOK_S) if self._sources.has_streams else waker.interval_s
            if is_new:
                wait = max(0.0, min(wait, _TICK_S - (self._clock() - last_tick)))
            waker.wait(0.0 if self.has_more else wait)
            is_new |= self.look() | self._take_orders() | self.take_newcomers()
            now = self._clock()
            if (is_new and now - last_tick >= _TICK_S) or (now - last_tick >= self._idle_tick_s and self._is_now()):
                self.judge()
                last_tick, is_new = self._clock(), False
            elif self.is_over and not self._stays and not is_new:
                return

    @property
    def _idle_tick_s(self) -> float:
        """How often to judge anew only because time went by: what takes long is done seldom."""
        return max(_CLOCK_TICK_S, self._tick_cost_s / _IDLE_SHARE)

    def _read(self, pieces: Iterable[None]) -> None:
        """Read on, and say now and then what is known so far."""
        last = self._clock()
        for _ in pieces:
            last = self._judge_while_reading(last)

    def _judge_while_reading(self, last: float) -> float:
        now = self._clock()
        if now - last < (_READING_TICK_S if self._has_told else _FIRST_TICK_S):
            return last
        self._take_orders()
        self.judge(done=False)
        return self._clock()

    def _settle(self) -> None:
        """The first judgement after everything was read, with the window that it asks for."""
        self._sources.release_quiet(force=True)
        if self._once:
            self._sources.finish()
        self.judge()
        if not self._sources.examines_all and self._session.wanted_window is not None:
            examine_window(self._session, self._sources.placed_plans, self._session.wanted_window)
            self.judge()
        self._sources.examine()
        self._is_settled = True

    def _fill_boxes(self) -> None:
        """Give all that is known to those who wait for it."""
        while not self._boxes.empty():
            self._boxes.get().put(self.keep_now())

    def _take_orders(self) -> bool:
        self._fill_boxes()
        taken = False
        while True:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                return taken
            order()
            taken = True

    def _tell_sessions(self, intent: Callable[[Session], None]) -> None:
        intent(self._session)
        if self._preview is not None:
            self._preview.ask(intent)

    def _is_now(self) -> bool:
        """Whether time that goes by changes the answer."""
        return self._now(self._session) is not None

    def _now(self, session: Session) -> int | None:
        """The clock where the files are being written now; for older logs their newest record is now."""
        if self._once or self.is_over:
            return None
        now = round(self._wall() * US)
        newest = session.newest_time()
        if newest is None or now - newest > 3600 * US or now < newest:
            return None
        return now
