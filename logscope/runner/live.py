"""The live loop: reads everything once, then follows, and publishes a Snapshot when something changed.

Runs in one thread that owns the session. Others only put intents into its queue and receive frozen Snapshots.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from logscope.analysis.kinds.texts import TextPlace
from logscope.errors import SourceError
from logscope.model.files import LineRef, Progress
from logscope.model.snapshot import Snapshot
from logscope.model.times import NO_TIME, US
from logscope.runner.batch import EXAMINE_ALL, start_session
from logscope.runner.cutting import clip
from logscope.runner.intake import Scanned
from logscope.runner.live_source import LiveSource
from logscope.runner.naming_formats import find_again, replan, say_format
from logscope.runner.newcomers import Newcomers
from logscope.runner.planning import Plan, find_forced
from logscope.runner.request import Opened, Request
from logscope.runner.resuming import Resumed
from logscope.runner.tailing import STREAM_LOOK_S
from logscope.runner.window import examine_window
from logscope.session.session import Session
from logscope.sources.opening import followers_held_open
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
        self._request = request
        self._opened = opened
        self._publish = publish
        self._follow = follow
        self._stays = stays
        self._once = once
        self._clock = clock
        self._wall = wall
        self._resumed = resumed
        self._session: Session = resumed.session if resumed is not None else start_session(request, opened)
        self._session.texts.read = self._read_text
        self._intents: queue.SimpleQueue[Callable[[Session], None]] = queue.SimpleQueue()
        self._boxes: queue.SimpleQueue[queue.SimpleQueue[KeptSession]] = queue.SimpleQueue()
        """Of those who wait for all that is known."""
        self._asked = threading.Event()
        """Set with each intent: what does not follow files waits for nothing else."""
        self._waker_is_old = False
        self._stop = threading.Event()
        self._waker: Waker | None = None
        self._bytes = 0
        self._stop_reading = False
        self._newcomers = Newcomers(request, opened.plans, clock) if follow and resumed is None else None
        self._is_caught_up = False
        """What comes from now on was just written."""
        self._anew: set[str] = set()
        """Keys of logs that are asked to be read anew."""
        self._is_settled = False
        """What there was has been judged."""
        self._examine_all = opened.bytes_total <= EXAMINE_ALL or resumed is not None
        self._held = followers_held_open() if follow else 0
        self._sources: list[LiveSource] = []
        for plan in opened.plans:
            self._sources.append(self._start(plan))
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
        self._stop_reading = True

    def ask(self, intent: Callable[[Session], None]) -> None:
        """Do something with the session between two looks, and judge anew.

        Args:
            intent: What to do, in the loop's thread.
        """
        self._intents.put(intent)
        self._wake()

    def add_plans(self, plans: Sequence[Plan]) -> None:
        """Read other logs as well, and follow them like the others."""
        self.ask(lambda _: self._adopt(plans))

    def read_as(self, key: str, name: str) -> None:
        """Read a log anew, as a person says that it is written.

        Args:
            key: Of its source: files, not a stream.
            name: Of the format; empty for as it is learned.
        """
        self._anew.add(key)
        self.ask(lambda _: self._read_as(key, name))

    @property
    def is_reading_anew(self) -> bool:
        """A log is yet to be read as somebody has just said that it is written."""
        return bool(self._anew)

    @property
    def is_polling(self) -> bool:
        """No file events are to be had: the files are looked at a few times a second."""
        # A pipe is listened to.
        has_files = any(not one.is_stream for one in list(self._sources))
        return self._waker is not None and self._waker.polling and has_files

    @property
    def is_over(self) -> bool:
        """Only pipes are read, and their writers have gone: what is known is the answer."""
        sources = list(self._sources)
        return bool(sources) and all(one.is_over for one in sources)

    @property
    def troubles(self) -> tuple[tuple[str, str], ...]:
        """Paths behind which nothing new can be read now, each with the reason; they are looked at again and again."""
        return tuple(one.trouble for one in list(self._sources) if one.trouble is not None)

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
        for one in self._sources:
            if path in one.tail.parts:
                return one.plan, one.tail.parts.index(path)
        return None

    def parts_of(self, source: str) -> list[str]:
        """Where the parts of a source lie now, oldest first."""
        return next(list(one.tail.parts) for one in self._sources if one.key == source)

    def anchors_of(self, source: str) -> list[tuple[int, int, int]]:
        """Known places of a source: part, offset and line of the first record of each minute."""
        state = self._session.index.sources.get(source)
        return list(state.seek.values()) if state is not None else []

    @property
    def has_more(self) -> bool:
        """There are bytes that the last look left."""
        return any(one.has_more for one in self._sources)

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
        self._read_existing()
        if not self._stop.is_set():
            self._settle()
            self._is_caught_up = self._follow

    def look(self) -> bool:
        """Read what was written since the last look; whether there was something."""
        changed = False
        for one in self._sources:
            changed |= self._poll(one)
        return changed | self._release_quiet()

    def judge(self, *, done: bool = True) -> None:
        """Judge what was read, and publish it.

        Args:
            done: All that there is was read.
        """
        begun = self._clock()
        total = max(self._opened.bytes_total, self._bytes)
        progress = Progress(self._bytes, total, done, stopped=self._stop_reading, files=self._opened.files)
        snapshot = self._session.tick(self._now(), progress)
        self._publish(snapshot)
        self._has_told = True
        if self._is_caught_up and begun - self._last_coarsened >= _COARSEN_S:
            self._session.coarsen_past()
            self._last_coarsened = begun
        self._tick_cost_s = self._clock() - begun

    def close(self) -> None:
        """Let go of the files."""
        if self._waker is not None:
            self._waker.close()
        for one in self._sources:
            one.close()

    def keep_now(self) -> KeptSession:
        """All that is known. Records that may still go on are given out."""
        self._release_quiet(force=True)
        return keep_session(self._session, tuple(one.tell() for one in self._sources), self._now())

    def _attend(self) -> None:
        """Nothing is followed: only what people say changes the answer."""
        while not self._stop.is_set():
            self._asked.wait()
            self._asked.clear()
            if self._take_intents() and not self._stop.is_set():
                self.judge()

    def _adopt(self, plans: Sequence[Plan]) -> None:
        """Read logs that are new, in the loop's own thread; one that was asked for twice meanwhile is read once."""
        for plan in plans:
            if any(one.key == plan.source.key for one in self._sources):
                continue
            self._opened.bytes_total += sum(part.size for part in plan.source.parts)
            one = self._take_up(plan)
            one.tail.intake.examine = True
            self._read_one(one, self._clock())
        self._release_quiet(force=True)
        self._waker_is_old = True

    def _read_as(self, key: str, name: str) -> None:
        """Forget what was read of a log, and of those that learn their dates of it, and read them by their new plans.

        Whoever is reading one of them meanwhile finds it gone.
        """
        plans, was_stopped = [one.plan for one in self._sources], self._stop_reading
        source = next(plan.source for plan in plans if plan.source.key == key)
        self._request = replace(self._request, formats=say_format(self._request.formats, source, name))
        # Who had enough of the others wants this one.
        self._stop_reading = False
        for plan in replan(plans, key, name):
            self._read_anew(plan)
        self._stop_reading |= was_stopped
        self._anew.discard(key)
        if self._is_settled and not self._stop.is_set():
            self._look_closely_again()

    def _read_anew(self, plan: Plan) -> None:
        number = next(number for number, one in enumerate(self._sources) if one.key == plan.source.key)
        before = self._sources[number]
        try:
            plan = find_again(plan, before.tail.parts)
        except SourceError:
            return  # What was read of it is all that there will be.
        self._bytes -= self._session.bytes_of(plan.source.key)
        before.close()
        one = self._sources[number] = self._start(plan)
        self._opened.plans[number] = plan
        self._session.replace_source(one.session_plan)
        self._read_one(one, self._clock())
        self._release_quiet(force=True)
        self._waker_is_old = True

    def _look_closely_again(self) -> None:
        """Look at the window that there is by now, as if all had been read by these plans at first."""
        if not self._examine_all:
            self.judge()
            for one in self._sources:
                self._session.window.forget(one.key)
            if self._session.wanted_window is not None:
                examine_window(self._session, self._opened.plans, self._session.wanted_window)
        for one in self._sources:
            one.tail.intake.examine = True

    def take_newcomers(self) -> bool:
        """Read logs that appeared in the folders that are followed; whether there were any."""
        if self._newcomers is None:
            return False
        plans = self._newcomers.look([one.tail for one in self._sources])
        if plans:
            self._adopt(plans)
        return bool(plans)

    def _watch(self) -> Waker:
        if self._waker is not None:
            self._waker.close()
        self._waker = Waker(one.tail.parts[-1] for one in self._sources if not one.is_stream)
        self._waker_is_old = False
        return self._waker

    def _go_on(self) -> None:
        """Follow until stopped. What the files hold is the truth; events only make the next look earlier."""
        has_streams = any(one.is_stream for one in self._sources)
        waker = self._watch()
        last_tick = self._clock()
        is_new = False
        while not self._stop.is_set():
            if self._waker_is_old:
                waker = self._watch()
            wait = min(waker.interval_s, STREAM_LOOK_S) if has_streams else waker.interval_s
            if is_new:
                wait = max(0.0, min(wait, _TICK_S - (self._clock() - last_tick)))
            waker.wait(0.0 if self.has_more else wait)
            is_new |= self.look() | self._take_intents() | self.take_newcomers()
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

    def _take_up(self, plan: Plan) -> LiveSource:
        """Begin with a log that was not there at the start."""
        self._opened.plans.append(plan)
        one = self._start(plan)
        self._session.add_source(one.session_plan)
        self._sources.append(one)
        return one

    def _start(self, plan: Plan) -> LiveSource:
        hold_open = len(self._sources) < self._held
        reading = self._resumed.readings.get(plan.source.key) if self._resumed is not None else None
        if reading is not None:
            return LiveSource.go_on(plan, reading, self._clock, self._wall, hold_open=hold_open)
        return LiveSource.start(
            plan,
            self._clock,
            self._wall,
            forced=find_forced(plan.source, self._request.formats),
            examine=self._examine_all,
            follow=self._follow,
            hold_open=hold_open,
        )

    def _read_existing(self) -> None:
        last = self._clock()
        for one in chain(list(self._sources), map(self._take_up, self._opened.further)):
            last = self._read_one(one, last)
            # Meanwhile others may have been added, and this one may be read anew.
            number = next((number for number, other in enumerate(self._sources) if other is one), None)
            if number is not None:
                self._opened.plans[number] = one.plan
            if self._stop.is_set():
                break

    def _read_one(self, one: LiveSource, last: float) -> float:
        """Read a source to its end as it is now, unless another reading has taken its place."""
        if self._is_stopped() or not self._reads(one):
            return last
        for found in chain(one.read_settled(), () if self._follow else one.read_pipe()):
            self._fold(one, found)
            last = self._judge_while_reading(last)
            if self._is_stopped() or not self._reads(one):
                return last
        while one.followed is not None and not self._is_stopped() and self._reads(one):
            self._poll(one)
            last = self._judge_while_reading(last)
            if not one.has_more:
                break
        return last

    def _reads(self, one: LiveSource) -> bool:
        """Whether it is still the reading of its log that counts."""
        return any(other is one for other in self._sources)

    def _is_stopped(self) -> bool:
        return self._stop.is_set() or self._stop_reading

    def _judge_while_reading(self, last: float) -> float:
        now = self._clock()
        if now - last < (_READING_TICK_S if self._has_told else _FIRST_TICK_S):
            return last
        self._take_intents()
        self.judge(done=False)
        return self._clock()

    def _settle(self) -> None:
        """The first judgement after everything was read, with the window that it asks for."""
        self._release_quiet(force=True)
        for one in self._sources if self._once else ():
            # Nobody waits for the end of a last line.
            self._fold(one, one.tail.finish())
        self.judge()
        if not self._examine_all and self._session.wanted_window is not None:
            examine_window(self._session, self._opened.plans, self._session.wanted_window)
            self.judge()
        for one in self._sources:
            one.tail.intake.examine = True
        self._is_settled = True

    def _poll(self, one: LiveSource) -> bool:
        plan, parts = one.plan, list(one.tail.parts)
        found = one.poll()
        # A rotation is seen in one look, the first line of the new file perhaps in a later one.
        if one.plan is not plan or one.tail.parts != parts:
            self._session.add_source(one.session_plan)
        if found and self._is_caught_up:
            self._note_arrival(one.key, found)
        self._fold(one, found)
        return bool(found)

    def _note_arrival(self, source: str, found: Iterable[Scanned]) -> None:
        stamps = [time for scanned in found if (time := int(scanned.batch.time.max(initial=NO_TIME))) != NO_TIME]
        if stamps:
            self._session.clocks.arrivals.note(source, round(self._wall() * US), max(stamps))

    def _release_quiet(self, *, force: bool = False) -> bool:
        released = False
        for one in self._sources:
            found = one.release(force=force)
            if found is not None:
                self._fold(one, found)
                released = True
        return released

    def _fold(self, one: LiveSource, found: Iterable[Scanned]) -> None:
        for scanned in found:
            self._bytes += scanned.batch.byte_count
            batch = clip(scanned.batch, self._request, self._session, one.key)
            if one.tail.intake.examine:
                self._session.examine(one.key, batch, scanned.signatures)
            self._session.feed(one.key, batch, scanned.signatures)

    def _fill_boxes(self) -> None:
        """Give all that is known to those who wait for it."""
        while not self._boxes.empty():
            self._boxes.get().put(self.keep_now())

    def _take_intents(self) -> bool:
        self._fill_boxes()
        taken = False
        while True:
            try:
                intent = self._intents.get_nowait()
            except queue.Empty:
                return taken
            intent(self._session)
            taken = True

    def _read_text(self, place: TextPlace) -> bytes | None:
        return next(one for one in self._sources if one.key == place.source).read_text(place)

    def _is_now(self) -> bool:
        """Whether time that goes by changes the answer."""
        return self._now() is not None

    def _now(self) -> int | None:
        """The clock where the files are being written now; for older logs their newest record is now."""
        if self._once or self.is_over:
            return None
        now = round(self._wall() * US)
        newest = self._session.newest_time()
        if newest is None or now - newest > 3600 * US or now < newest:
            return None
        return now
