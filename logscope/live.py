"""The live loop: reads everything once, then follows, and publishes a Snapshot when something changed.

Runs in one thread that owns the session. Others only put intents into its queue and receive frozen Snapshots.
"""

import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from logscope.analysis.texts import TextPlace
from logscope.ingest.batch import Batch
from logscope.ingest.scanner import Scanner
from logscope.model.snapshot import LineRef, Note, Problem, Progress, Snapshot
from logscope.model.times import US
from logscope.planning import Plan
from logscope.runner import EXAMINE_ALL, BatchReading, Opened, Request, clip, only_failures, read_record, start_session
from logscope.session import Session, SourcePlan
from logscope.sources.follow import Data, Ended, Follower, Lost, Rotated, Truncated
from logscope.sources.reader import read_blocks
from logscope.text.decoding import Transcoder, is_wide

_TICK_S: Final = 0.5
"""Least time between two judgements."""
_LOOK_S: Final = 0.25
"""Most time between two looks at the files; events only make it earlier."""
_RELEASE_S: Final = 2.0
"""A last record is given out after so long without a new line."""
_CLOCK_TICK_S: Final = 5.0
"""Without new lines the verdict is looked at again this often: quiet time counts."""


@dataclass(slots=True)
class _Follow:
    """One source being followed."""

    plan: Plan
    scanner: Scanner
    follower: Follower | None
    parts: list[str]
    first_part: int
    """Part that generation 0 of the follower is."""
    generation: int = 0
    last_data: float = 0.0
    is_held: bool = False
    coder: Transcoder | None = None
    """Turns UTF-16 and UTF-32 into UTF-8; None for what is read as it stands."""

    def begin_file(self) -> None:
        """What is fed next is another file."""
        encoding = self.plan.layout.encoding
        self.coder = Transcoder(encoding) if is_wide(encoding) else None


class LiveLoop:
    """Reads and follows the sources of one request."""

    def __init__(
        self,
        request: Request,
        opened: Opened,
        publish: Callable[[Snapshot], None],
        *,
        follow: bool = True,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Prepare; nothing is read before `run`.

        Args:
            request: What the user asked for.
            opened: Its sources.
            publish: Receives each new Snapshot, in the loop's thread.
            follow: Go on after the first reading.
            clock: Seconds that only grow.
            wall: Seconds since 1970.
        """
        self._request = request
        self._opened = opened
        self._publish = publish
        self._follow = follow
        self._clock = clock
        self._wall = wall
        self._session: Session = start_session(request, opened)
        self._session.texts.read = self._read_text
        self._intents: queue.SimpleQueue[Callable[[Session], None]] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._bytes = 0
        self._stop_reading = False
        self._followed = [self._start_one(plan) for plan in opened.plans]
        self._examine_all = opened.bytes_total <= EXAMINE_ALL

    # Called from other threads

    def stop(self) -> None:
        """End the loop soon."""
        self._stop.set()
        self._wake.set()

    def stop_reading(self) -> None:
        """Do not read on to the end of the files; say what was read."""
        self._stop_reading = True

    def add_note(self, note: Note) -> None:
        """Remember a note or a fix, and judge anew."""
        self._intents.put(lambda session: session.add_note(note))
        self._wake.set()

    def shift_of(self, source: str) -> int:
        """What is added to a stamp of a source as written."""
        return self._session.shift_of(source)

    def seek(self, source: str, time: int) -> LineRef | None:
        """A place at or before a time, by the index's minutes; None without times."""
        return self._session.seek(source, time)

    # The loop's own thread

    def run(self) -> None:
        """Read, judge, follow, until stopped."""
        self._read_existing()
        if self._stop.is_set():
            return
        self._settle()
        last_tick = self._clock()
        while self._follow and not self._stop.is_set():
            self._wake.wait(_LOOK_S)
            self._wake.clear()
            changed = self._poll_all() | self._take_intents()
            now = self._clock()
            if (changed and now - last_tick >= _TICK_S) or now - last_tick >= _CLOCK_TICK_S:
                self._tick(done=True)
                last_tick = now
            elif changed:
                self._wake.set()
                time.sleep(max(0.0, _TICK_S - (now - last_tick)))
        for one in self._followed:
            if one.follower is not None:
                one.follower.close()

    def _start_one(self, plan: Plan) -> _Follow:
        parts = [part.path for part in plan.source.parts]
        newest = plan.source.parts[-1] if plan.source.parts else None
        can_follow = self._follow and newest is not None and newest.compression is None
        scanner = Scanner(plan.layout, plan.source.service)
        follower = Follower(newest.path, self._clock) if can_follow and newest is not None else None
        one = _Follow(plan, scanner, follower, parts, max(0, len(parts) - 1))
        one.begin_file()
        return one

    def _read_existing(self) -> None:
        last = self._clock()
        for one in self._followed:
            one.scanner.examine = self._examine_all
            last = self._read_parts(one, last)
            while one.follower is not None and not self._is_stopped():
                self._poll(one)
                last = self._tick_while_reading(last)
                if not one.follower.has_more:
                    break

    def _read_parts(self, one: _Follow, last: float) -> float:
        """Read the parts that do not change any more: all but a newest one that is followed."""
        parts = one.plan.source.parts if one.follower is None else one.plan.source.parts[:-1]
        for part in parts:
            problems: list[Problem] = []
            for block in read_blocks(part.path, problems.append):
                if self._is_stopped():
                    return last
                self._fold(one, one.scanner.feed(block))
                last = self._tick_while_reading(last)
            is_last = one.follower is None and part is parts[-1]
            batch = one.scanner.flush() if is_last else one.scanner.end_part()
            self._fold(one, replace(batch, problems=(*batch.problems, *problems)))
        return last

    def _is_stopped(self) -> bool:
        return self._stop.is_set() or self._stop_reading

    def _tick_while_reading(self, last: float) -> float:
        now = self._clock()
        if now - last < 1.0:
            return last
        self._take_intents()
        self._tick(done=False)
        return self._clock()

    def _settle(self) -> None:
        """The first judgement after everything was read, with the window that it asks for."""
        self._release_quiet(force=True)
        self._tick(done=True)
        if not self._examine_all and self._session.wanted_window is not None:
            reading = BatchReading(self._session, self._request, self._opened)
            reading.examine_window(self._session.wanted_window)
            self._tick(done=True)
        for one in self._followed:
            one.scanner.examine = True

    def _poll_all(self) -> bool:
        changed = False
        for one in self._followed:
            if one.follower is not None:
                changed |= self._poll(one)
        return changed | self._release_quiet()

    def _poll(self, one: _Follow) -> bool:
        assert one.follower is not None, "only followed sources are polled"
        changed = False
        for event in one.follower.poll():
            match event:
                case Data(data, generation, _) if generation < one.generation:
                    self._feed_late(one, event)
                    changed = True
                case Data(data, generation, _):
                    self._advance(one, generation)
                    self._fold(one, one.scanner.feed(one.coder.feed(data) if one.coder else data))
                    one.last_data, one.is_held = self._clock(), True
                    changed = True
                case Rotated(generation, path):
                    self._name_parts(one, generation, path)
                case Truncated(generation):
                    self._name_parts(one, generation, one.follower.path)
                    self._tell(one, Problem("truncated", "the file was cut and is read from its begin"))
                    changed = True
                case Lost(_, reason):
                    self._tell(one, Problem("lost", reason))
                    changed = True
                case Ended():
                    pass
                case _:
                    pass
        return changed

    def _advance(self, one: _Follow, generation: int) -> None:
        while one.generation < generation:
            self._fold(one, one.scanner.end_part())
            one.begin_file()
            one.generation += 1

    def _feed_late(self, one: _Follow, event: Data) -> None:
        """Bytes of a rotated file after its successor began: a stream of their own."""
        part = one.first_part + event.generation
        scanner = Scanner(one.plan.layout, one.plan.source.service, examine=True, offset=event.offset, part=part)
        self._fold_with(one, scanner, scanner.feed(event.data))
        self._fold_with(one, scanner, scanner.flush())

    def _name_parts(self, one: _Follow, generation: int, path: str) -> None:
        """A new part begins; the one before has moved to where rotation puts it."""
        assert one.follower is not None, "only followed sources rotate"
        index = one.first_part + generation
        while len(one.parts) <= index:
            one.parts.append(path)
        moved = f"{one.follower.path}.1"
        if index > 0 and one.parts[index - 1] == one.follower.path and os.path.exists(moved):
            one.parts[index - 1] = moved
        plan = one.plan
        self._session.add_source(
            SourcePlan(plan.source.key, plan.source.service, tuple(one.parts), plan.layout, plan.problems)
        )

    def _tell(self, one: _Follow, problem: Problem) -> None:
        batch = one.scanner.feed(b"")
        self._fold(one, replace(batch, problems=(*batch.problems, problem)))

    def _release_quiet(self, *, force: bool = False) -> bool:
        released = False
        for one in self._followed:
            if one.is_held and (force or self._clock() - one.last_data >= _RELEASE_S):
                self._fold(one, one.scanner.release())
                one.is_held = False
                released = True
        return released

    def _fold(self, one: _Follow, batch: Batch) -> None:
        self._fold_with(one, one.scanner, batch)

    def _fold_with(self, one: _Follow, scanner: Scanner, batch: Batch) -> None:
        key = one.plan.source.key
        self._bytes += batch.byte_count
        batch = clip(batch, self._request, self._session, key)
        if scanner.examine:
            self._session.examine(key, batch, scanner.signatures)
            batch = only_failures(batch, scanner.signatures)
        self._session.feed(key, batch, scanner.signatures)

    def _take_intents(self) -> bool:
        taken = False
        while True:
            try:
                intent = self._intents.get_nowait()
            except queue.Empty:
                return taken
            intent(self._session)
            taken = True

    def _tick(self, *, done: bool) -> None:
        total = max(self._opened.bytes_total, self._bytes)
        progress = Progress(self._bytes, total, done, stopped=self._stop_reading)
        snapshot = self._session.tick(self._now(), progress)
        self._publish(snapshot)

    def _read_text(self, place: TextPlace) -> bytes | None:
        one = next(one for one in self._followed if one.plan.source.key == place.source)
        return read_record(one.plan.layout, one.parts[min(place.part, len(one.parts) - 1)], place.offset)

    def _now(self) -> int | None:
        """The clock where the files are being written now; for older logs their newest record is now."""
        now = round(self._wall() * US)
        newest = self._session.newest_time()
        if newest is None or now - newest > 3600 * US or now < newest:
            return None
        return now
