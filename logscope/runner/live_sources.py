"""All sources of a live loop: read into its session once, then looked at again and again.

Belongs to the loop's thread, but for what says where lines lie. What takes long is read piece by piece: whoever reads
may do something else in between.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from logscope.analysis.kinds.texts import TextPlace
from logscope.errors import SourceError
from logscope.model.times import NO_TIME, US
from logscope.runner.batch import EXAMINE_ALL
from logscope.runner.cutting import clip
from logscope.runner.intake import Scanned
from logscope.runner.live_source import LiveSource
from logscope.runner.naming_formats import find_again, replan, say_format
from logscope.runner.planning import Plan
from logscope.runner.preview import Preview, without_lines
from logscope.runner.request import Opened, Request
from logscope.runner.resuming import Resumed
from logscope.session.session import Session
from logscope.sources.opening import followers_held_open
from logscope.state.session import Reading


class LiveSources:
    """The sources of one request."""

    def __init__(
        self,
        request: Request,
        opened: Opened,
        session: Session,
        stop: threading.Event,
        *,
        follow: bool,
        resumed: Resumed | None,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            request: What the user asked for.
            opened: Its sources; others that come are added.
            session: Takes what is read.
            stop: Set when nothing more is to be read.
            follow: They grow.
            resumed: A saved incident that is read on.
            clock: Seconds that only grow.
            wall: Seconds since 1970.
        """
        self._request = request
        self._opened = opened
        self._session = session
        self._stop = stop
        self._follow = follow
        self._resumed = resumed
        self._clock = clock
        self._wall = wall
        self.examines_all = opened.bytes_total <= EXAMINE_ALL or resumed is not None
        """Every record is looked at closely; else only those of the window around the onset."""
        self.bytes = 0
        """That were read of all."""
        self.is_enough = False
        """Somebody wants no more of the files than was read."""
        self.is_caught_up = False
        """What comes from now on was just written."""
        self._whole: set[str] = set()
        """Keys of those that were read to their end."""
        self._cut: frozenset[str] = frozenset()
        """Of those of which only the newest part was read, because somebody had enough."""
        self._held = followers_held_open() if follow else 0
        self.all: list[LiveSource] = []
        for plan in opened.plans:
            self.all.append(self._start(plan))

    # Where lines lie: from any thread

    @property
    def has_files(self) -> bool:
        """Some are no pipe: a pipe is listened to."""
        return any(not one.is_stream for one in list(self.all))

    @property
    def has_streams(self) -> bool:
        """Some are pipes."""
        return any(one.is_stream for one in list(self.all))

    @property
    def is_over(self) -> bool:
        """Only pipes are read, and their writers have gone: what is known is the answer."""
        sources = list(self.all)
        return bool(sources) and all(one.is_over for one in sources)

    @property
    def troubles(self) -> tuple[tuple[str, str], ...]:
        """Paths behind which nothing new can be read now, each with the reason; they are looked at again and again."""
        return tuple(one.trouble for one in list(self.all) if one.trouble is not None)

    def find_part(self, path: str) -> tuple[Plan, int] | None:
        """The source that a path is a part of, as it is read now, and which part; None where it is none."""
        for one in list(self.all):
            # A rotation renames them meanwhile.
            parts = list(one.tail.parts)
            if path in parts:
                return one.plan, parts.index(path)
        return None

    def parts_of(self, source: str) -> list[str]:
        """Where the parts of a source lie now, oldest first."""
        return next(list(one.tail.parts) for one in self.all if one.key == source)

    # The loop's own thread

    @property
    def has_more(self) -> bool:
        """There are bytes that the last look left."""
        return any(one.has_more for one in self.all)

    @property
    def placed_plans(self) -> list[Plan]:
        """How all are written, with their parts where they lie now."""
        return [one.placed_plan for one in self.all]

    @property
    def is_cut(self) -> bool:
        """Of some only the newest part was read."""
        return bool(self._cut)

    def learn(self) -> Iterator[LiveSource]:
        """All, those that are yet to be learned each when it is asked for. Nothing is read."""
        yield from chain(list(self.all), map(self._take_up, self._opened.further))

    def go_on_with(self, preview: Preview) -> None:
        """Take over the newest part of each that was not read to its end: somebody had enough, and wants no more.

        Args:
            preview: What read them; only to be closed afterwards.
        """
        for one in self.all:
            if one.key not in self._whole:
                preview.add(one.plan)
        self._cut = frozenset(preview.sources.keys() - self._whole)
        self._session.take_over(preview.session, self._cut)
        for number, one in enumerate(self.all):
            if one.key in self._cut:
                one.close()
                self.all[number] = preview.sources.pop(one.key)

    def read_existing(self) -> Iterator[None]:
        """Read what there is, piece by piece."""
        for one in self.learn():
            yield from self._read(one)
            # Meanwhile others may have been added, and this one may be read anew.
            number = next((number for number, other in enumerate(self.all) if other is one), None)
            if number is not None:
                self._opened.plans[number] = one.plan
            if self._stop.is_set():
                break

    def adopt(self, plans: Sequence[Plan]) -> Iterator[None]:
        """Read logs that are new, piece by piece; one that was asked for twice meanwhile is read once."""
        for plan in plans:
            if any(one.key == plan.source.key for one in self.all):
                continue
            self._opened.bytes_total += sum(part.size for part in plan.source.parts)
            one = self._take_up(plan)
            one.tail.intake.examine = True
            yield from self._read(one)
        self.release_quiet(force=True)

    def read_as(self, key: str, name: str) -> Iterator[None]:
        """Forget what was read of a log, and of those that learn their dates of it, and read them by their new plans.

        Whoever is reading one of them meanwhile finds it gone.

        Args:
            key: Of the log.
            name: Of the format that a person says it is written in; empty for as it is learned.
        """
        plans, was_enough = [one.plan for one in self.all], self.is_enough
        source = next(plan.source for plan in plans if plan.source.key == key)
        self._request = replace(self._request, formats=say_format(self._request.formats, source, name))
        # Who had enough of the others wants this one.
        self.is_enough = False
        for plan in replan(plans, key, name):
            yield from self._read_anew(plan)
        self.is_enough |= was_enough

    def look(self) -> bool:
        """Read what was written since the last look; whether there was something."""
        changed = False
        for one in self.all:
            changed |= self._poll(one)
        return changed | self.release_quiet()

    def release_quiet(self, *, force: bool = False) -> bool:
        """Give out last records that nothing was added to for a while; whether there were any.

        Args:
            force: However short it was.
        """
        released = False
        for one in self.all:
            found = one.release(force=force)
            if found is not None:
                self.fold(one, found)
                released = True
        return released

    def finish(self) -> None:
        """Nothing more is read: nobody waits for the end of a last line."""
        for one in self.all:
            self.fold(one, one.tail.finish())

    def fold(self, one: LiveSource, found: Iterable[Scanned]) -> None:
        """Put records into the session."""
        for scanned in found:
            if one.key in self._cut:
                scanned = without_lines(scanned)
            self.bytes += scanned.batch.byte_count
            batch = clip(scanned.batch, self._request, self._session, one.key)
            if one.tail.intake.examine:
                self._session.examine(one.key, batch, scanned.signatures)
            self._session.feed(one.key, batch, scanned.signatures)

    def examine(self) -> None:
        """From now on look closely at every record."""
        for one in self.all:
            one.tail.intake.examine = True

    def read_text(self, place: TextPlace) -> bytes | None:
        """A record as it is written; None where its bytes cannot be found again."""
        return next(one for one in self.all if one.key == place.source).read_text(place)

    def tell(self) -> tuple[Reading, ...]:
        """How far each was read."""
        return tuple(one.tell() for one in self.all)

    def close(self) -> None:
        """Let go of the files."""
        for one in self.all:
            one.close()

    def _take_up(self, plan: Plan) -> LiveSource:
        """Begin with a log that was not there at the start."""
        one = self._start(plan)
        self._session.add_source(one.session_plan)
        # Whoever knows of the log, in another thread too, may ask where its parts lie.
        self.all.append(one)
        self._opened.plans.append(plan)
        return one

    def _start(self, plan: Plan) -> LiveSource:
        hold_open = len(self.all) < self._held
        reading = self._resumed.readings.get(plan.source.key) if self._resumed is not None else None
        if reading is not None:
            return LiveSource.go_on(plan, reading, self._clock, self._wall, hold_open=hold_open)
        return LiveSource.start(
            plan,
            self._clock,
            self._wall,
            examine=self.examines_all,
            follow=self._follow,
            hold_open=hold_open,
        )

    def _read_anew(self, plan: Plan) -> Iterator[None]:
        number = next(number for number, one in enumerate(self.all) if one.key == plan.source.key)
        before = self.all[number]
        try:
            plan = find_again(plan, before.tail.parts, siblings=self._request.siblings)
        except SourceError:
            return  # What was read of it is all that there will be.
        self.bytes -= self._session.bytes_of(plan.source.key)
        before.close()
        one = self.all[number] = self._start(plan)
        self._opened.plans[number] = plan
        self._session.replace_source(one.session_plan)
        self._cut -= {one.key}
        yield from self._read(one)
        self.release_quiet(force=True)

    def _read(self, one: LiveSource) -> Iterator[None]:
        """Read a source to its end as it is now, unless another reading takes its place."""
        if not self._is_wanted(one):
            return
        for found in chain(one.read_settled(), () if self._follow else one.read_pipe()):
            self.fold(one, found)
            yield
            if not self._is_wanted(one):
                return
        while one.followed is not None and self._is_wanted(one):
            self._poll(one)
            yield
            if not one.has_more:
                break
        if self._is_wanted(one):
            self._whole.add(one.key)

    def _is_wanted(self, one: LiveSource) -> bool:
        """More of it is to be read, and this is still the reading of its log that counts."""
        return not self._stop.is_set() and not self.is_enough and any(other is one for other in self.all)

    def _poll(self, one: LiveSource) -> bool:
        found = one.look(self._session)
        if found and self.is_caught_up:
            self._note_arrival(one.key, found)
        self.fold(one, found)
        return bool(found)

    def _note_arrival(self, source: str, found: Iterable[Scanned]) -> None:
        stamps = [time for scanned in found if (time := int(scanned.batch.time.max(initial=NO_TIME))) != NO_TIME]
        if stamps:
            self._session.clocks.arrivals.note(source, round(self._wall() * US), max(stamps))
