"""The live loop: reads everything once, then follows, and publishes a Snapshot when something changed.

Runs in one thread that owns the session. Others only put intents into its queue and receive frozen Snapshots.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from logscope.analysis.kinds.texts import TextPlace
from logscope.errors import SourceError
from logscope.model.files import LineRef, Problem, Progress
from logscope.model.snapshot import Note, Snapshot
from logscope.model.times import NO_TIME, US
from logscope.runner.batch import EXAMINE_ALL, start_session, to_source_plan
from logscope.runner.cutting import clip
from logscope.runner.intake import Scanned
from logscope.runner.keeping import tell_file, tell_followed
from logscope.runner.planning import Plan, find_forced
from logscope.runner.records import RECORD_BYTES, read_record
from logscope.runner.request import Opened, Request
from logscope.runner.resuming import Resumed, find_moved_parts, follow_on
from logscope.runner.tailing import RELEASE_S, STREAM_LOOK_S, Followed, Tail, count_settled, follow_newest
from logscope.runner.window import examine_window
from logscope.session.memory import SourcePlan
from logscope.session.session import Session
from logscope.sources.follow import Follower
from logscope.sources.growing import GrowingFile
from logscope.sources.opening import followers_held_open
from logscope.sources.reader import read_blocks
from logscope.sources.watch import Waker
from logscope.state.session import KeptSession, Reading, keep_session

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


@dataclass(slots=True)
class _Follow:
    """One source being read."""

    key: str
    tail: Tail
    followed: Followed | None
    """None for what does not grow."""
    last_data: float = 0.0
    is_held: bool = False
    is_told: bool = False
    """An earlier reading has read what there was."""
    moved: frozenset[int] = frozenset()
    """Parts whose bytes are not where that reading found them."""


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
            stays: Without following, still judge anew what people say.
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
        self._is_caught_up = False
        """What comes from now on was just written."""
        self._examine_all = opened.bytes_total <= EXAMINE_ALL or resumed is not None
        self._held = followers_held_open() if follow else 0
        self._followed: list[_Follow] = []
        for plan in opened.plans:
            self._followed.append(self._start_one(plan))
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

    def add_note(self, note: Note) -> None:
        """Remember a note or a fix, and judge anew."""
        self._intents.put(lambda session: session.add_note(note))
        self._wake()

    def remove_note(self, note: Note) -> None:
        """Forget a note or a fix, and judge anew."""
        self._intents.put(lambda session: session.remove_note(note))
        self._wake()

    def bind(self, name: str, service: str) -> None:
        """A name or an address in the logs means a service; judge anew."""
        self._intents.put(lambda session: session.bind(name, service))
        self._wake()

    def unbind(self, name: str) -> None:
        """Forget what a name in the logs was said to mean; judge anew."""
        self._intents.put(lambda session: session.unbind(name))
        self._wake()

    def look_at(self, span: tuple[int, int] | None) -> None:
        """A span is looked at closely: give it finer lanes."""
        self._intents.put(lambda session: session.look_at(span))
        self._wake()

    def add_plans(self, plans: Sequence[Plan]) -> None:
        """Read other logs as well, and follow them like the others."""
        self._intents.put(lambda _: self._adopt(plans))
        self._wake()

    @property
    def is_polling(self) -> bool:
        """No file events are to be had: the files are looked at a few times a second."""
        return self._waker is not None and self._waker.polling

    @property
    def troubles(self) -> tuple[tuple[str, str], ...]:
        """Paths behind which nothing new can be read now, each with the reason; they are looked at again and again."""
        live = (one.followed for one in list(self._followed) if isinstance(one.followed, Follower | GrowingFile))
        return tuple((one.path, one.trouble) for one in live if one.trouble)

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
        for one in self._followed:
            if path in one.tail.parts:
                return one.tail.plan, one.tail.parts.index(path)
        return None

    def parts_of(self, source: str) -> list[str]:
        """Where the parts of a source lie now, oldest first."""
        return next(list(one.tail.parts) for one in self._followed if one.key == source)

    def anchors_of(self, source: str) -> list[tuple[int, int, int]]:
        """Known places of a source: part, offset and line of the first record of each minute."""
        state = self._session.index.sources.get(source)
        return list(state.seek.values()) if state is not None else []

    def _wake(self) -> None:
        self._asked.set()
        if self._waker is not None:
            self._waker.wake()

    # The loop's own thread

    def run(self) -> None:
        """Read, judge, follow, until stopped."""
        try:
            self._read_existing()
            if self._stop.is_set():
                return
            self._settle()
            if self._once:
                return
            if self._follow:
                self._go_on()
            elif self._stays:
                self._attend()
        finally:
            if self._stop.is_set():
                self._fill_boxes()
            if self._waker is not None:
                self._waker.close()
            for one in self._followed:
                if one.followed is not None:
                    one.followed.close()

    def keep_now(self) -> KeptSession:
        """All that is known. Records that may still go on are given out."""
        self._release_quiet(force=True)
        return keep_session(self._session, tuple(self._tell(one) for one in self._followed), self._now())

    @staticmethod
    def _tell(one: _Follow) -> Reading:
        source = one.tail.plan.source
        if isinstance(one.followed, Follower):
            return tell_followed(source, one.tail.parts, one.tail.place, one.followed)
        return tell_file(source, one.tail.place)

    def _attend(self) -> None:
        """Nothing is followed: only what people say changes the answer."""
        while not self._stop.is_set():
            self._asked.wait()
            self._asked.clear()
            if self._take_intents() and not self._stop.is_set():
                self._tick(done=True)

    def _adopt(self, plans: Sequence[Plan]) -> None:
        """Read logs that are new, in the loop's own thread."""
        for plan in plans:
            self._opened.bytes_total += sum(part.size for part in plan.source.parts)
            one = self._take_up(plan)
            one.tail.intake.examine = True
            self._read_one(one, self._clock())
        self._release_quiet(force=True)
        self._waker_is_old = True

    def _watch(self) -> Waker:
        if self._waker is not None:
            self._waker.close()
        self._waker = Waker(one.tail.parts[-1] for one in self._followed if one.tail.plan.stream is None)
        self._waker_is_old = False
        return self._waker

    def _go_on(self) -> None:
        """Follow until stopped. What the files hold is the truth; events only make the next look earlier."""
        streams = [one.followed for one in self._followed if one.tail.plan.stream is not None]
        waker = self._watch()
        self._is_caught_up = True
        last_tick = self._clock()
        is_new = False
        while not self._stop.is_set():
            if self._waker_is_old:
                waker = self._watch()
            wait = min(waker.interval_s, STREAM_LOOK_S) if streams else waker.interval_s
            if is_new:
                wait = max(0.0, min(wait, _TICK_S - (self._clock() - last_tick)))
            has_more = any(one.followed is not None and one.followed.has_more for one in self._followed)
            waker.wait(0.0 if has_more else wait)
            is_new |= self._poll_all() | self._take_intents()
            now = self._clock()
            if (is_new and now - last_tick >= _TICK_S) or (now - last_tick >= self._idle_tick_s and self._is_now()):
                self._tick(done=True)
                last_tick, is_new = self._clock(), False

    @property
    def _idle_tick_s(self) -> float:
        """How often to judge anew only because time went by: what takes long is done seldom."""
        return max(_CLOCK_TICK_S, self._tick_cost_s / _IDLE_SHARE)

    def _take_up(self, plan: Plan) -> _Follow:
        """Begin with a log that was not there at the start."""
        self._opened.plans.append(plan)
        self._session.add_source(to_source_plan(plan))
        one = self._start_one(plan)
        self._followed.append(one)
        return one

    def _start_one(self, plan: Plan) -> _Follow:
        hold_open = len(self._followed) < self._held
        reading = self._resumed.readings.get(plan.source.key) if self._resumed is not None else None
        if reading is not None:
            tail = Tail(plan, self._wall, examine=True, resume=reading)
            newest = follow_on(reading, self._clock, hold_open=hold_open)
            return _Follow(plan.source.key, tail, newest, is_told=True, moved=find_moved_parts(reading))
        forced = find_forced(plan.source, self._request.formats)
        tail = Tail(plan, self._wall, forced=forced, examine=self._examine_all)
        # A pipe is read as a stream in any case; a file that is not followed is read like those that do not change.
        followed = follow_newest(plan, self._clock, hold_open=hold_open) if self._follow else plan.stream
        return _Follow(plan.source.key, tail, followed)

    def _read_existing(self) -> None:
        last = self._clock()
        for one in chain(list(self._followed), map(self._take_up, self._opened.further)):
            last = self._read_one(one, last)
            # Meanwhile others may have been added.
            number = next(number for number, other in enumerate(self._followed) if other is one)
            self._opened.plans[number] = one.tail.plan
            if self._stop.is_set():
                break

    def _read_one(self, one: _Follow, last: float) -> float:
        """Read a source to its end as it is now."""
        if not one.is_told:
            last = self._read_parts(one, last)
        while one.followed is not None and not self._is_stopped():
            self._poll(one)
            last = self._tick_while_reading(last)
            if not one.followed.has_more:
                break
        return last

    def _read_parts(self, one: _Follow, last: float) -> float:
        """Read the parts that do not change any more: all but a newest one that is followed."""
        plan = one.tail.plan
        if plan.stream is not None:
            return last if self._follow else self._read_pipe(one, plan.stream.read_to_end(), last)
        count = len(plan.source.parts)
        for part in range(count_settled(plan, one.followed)):
            problems: list[Problem] = []
            try:
                for block in plan.read_part(part, problems.append):
                    if self._is_stopped():
                        return last
                    self._fold(one, one.tail.intake.feed(block, is_content=True))
                    last = self._tick_while_reading(last)
            except SourceError as error:
                problems.append(Problem("unreadable", error.reason))
            batch = replace(one.tail.intake.empty(), problems=tuple(problems))
            self._fold(one, [Scanned(batch, [])])
            self._fold(one, one.tail.intake.flush() if part == count - 1 else one.tail.intake.end_part())
        return last

    def _read_pipe(self, one: _Follow, blocks: Iterable[bytes], last: float) -> float:
        for block in blocks:
            if self._is_stopped():
                break
            self._fold(one, one.tail.intake.feed(block))
            last = self._tick_while_reading(last)
        return last

    def _is_stopped(self) -> bool:
        return self._stop.is_set() or self._stop_reading

    def _tick_while_reading(self, last: float) -> float:
        now = self._clock()
        if now - last < (_READING_TICK_S if self._has_told else _FIRST_TICK_S):
            return last
        self._take_intents()
        self._tick(done=False)
        return self._clock()

    def _settle(self) -> None:
        """The first judgement after everything was read, with the window that it asks for."""
        self._release_quiet(force=True)
        for one in self._followed if self._once else ():
            # Nobody waits for the end of a last line.
            self._fold(one, one.tail.finish())
        self._tick(done=True)
        if not self._examine_all and self._session.wanted_window is not None:
            examine_window(self._session, self._opened.plans, self._session.wanted_window)
            self._tick(done=True)
        for one in self._followed:
            one.tail.intake.examine = True

    def _poll_all(self) -> bool:
        changed = False
        for one in self._followed:
            if one.followed is not None:
                changed |= self._poll(one)
        return changed | self._release_quiet()

    def _poll(self, one: _Follow) -> bool:
        assert one.followed is not None, "only followed sources are polled"
        plan, parts = one.tail.plan, list(one.tail.parts)
        found = one.tail.take(one.followed, one.followed.poll())
        # A rotation is seen in one look, the first line of the new file perhaps in a later one.
        if one.tail.plan is not plan or one.tail.parts != parts:
            self._retell(one)
        if not found:
            return False
        if self._is_caught_up:
            self._note_arrival(one.key, found)
        self._fold(one, found)
        one.last_data, one.is_held = self._clock(), True
        return True

    def _note_arrival(self, source: str, found: Iterable[Scanned]) -> None:
        stamps = [time for scanned in found if (time := int(scanned.batch.time.max(initial=NO_TIME))) != NO_TIME]
        if stamps:
            self._session.clocks.arrivals.note(source, round(self._wall() * US), max(stamps))

    def _retell(self, one: _Follow) -> None:
        """The layout was learned anew, or the parts have moved."""
        plan = one.tail.plan
        self._session.add_source(
            SourcePlan(one.key, plan.source.service, tuple(one.tail.parts), plan.layout, plan.problems)
        )

    def _release_quiet(self, *, force: bool = False) -> bool:
        released = False
        for one in self._followed:
            # Half a line: its writer flushes in blocks, and what follows may belong to the record.
            is_quiet = self._clock() - one.last_data >= RELEASE_S and not one.tail.intake.is_inside_line
            if one.is_held and (force or is_quiet):
                self._fold(one, one.tail.intake.release())
                one.is_held = False
                released = True
        return released

    def _fold(self, one: _Follow, found: Iterable[Scanned]) -> None:
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

    def _tick(self, *, done: bool) -> None:
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

    def _read_text(self, place: TextPlace) -> bytes | None:
        one = next(one for one in self._followed if one.key == place.source)
        plan = one.tail.plan
        if place.part in one.moved:
            return None
        if plan.stream is not None:
            blocks = plan.read_part(0, lambda _: None, start=place.offset, block=RECORD_BYTES)
        else:
            path = one.tail.parts[min(place.part, len(one.tail.parts) - 1)]
            blocks = read_blocks(path, lambda _: None, start=place.offset, block=RECORD_BYTES)
        return read_record(plan.layout, blocks)

    def _is_now(self) -> bool:
        """Whether time that goes by changes the answer."""
        return self._now() is not None

    def _now(self) -> int | None:
        """The clock where the files are being written now; for older logs their newest record is now."""
        if self._once:
            return None
        now = round(self._wall() * US)
        newest = self._session.newest_time()
        if newest is None or now - newest > 3600 * US or now < newest:
            return None
        return now
