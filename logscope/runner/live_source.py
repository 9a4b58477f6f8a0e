"""One source of a live loop: what it holds is read once, then it is followed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from logscope.analysis.kinds.texts import TextPlace
from logscope.errors import SourceError
from logscope.model.files import Problem
from logscope.runner.intake import Scanned
from logscope.runner.keeping import tell_file, tell_followed
from logscope.runner.planning import Plan, make_part, to_source_plan
from logscope.runner.records import RECORD_BYTES, read_record
from logscope.runner.resuming import find_moved_parts, follow_on
from logscope.runner.tailing import RELEASE_S, Followed, Tail, count_settled, follow_newest
from logscope.session.memory import SourcePlan
from logscope.session.session import Session
from logscope.sources.follow import Follower
from logscope.sources.growing import GrowingFile
from logscope.sources.reader import read_blocks
from logscope.state.session import Reading


@dataclass(slots=True)
class LiveSource:
    """A source, how far it was read, and what tells of its growth."""

    tail: Tail
    followed: Followed | None
    """None for what does not grow."""
    clock: Callable[[], float]
    """Seconds that only grow."""
    is_told: bool = False
    """An earlier reading has read what there was."""
    moved: frozenset[int] = frozenset()
    """Parts whose bytes are not where that reading found them."""
    _last_data: float = field(default=0.0, init=False)
    _is_held: bool = field(default=False, init=False)
    """The last record waits for lines that may belong to it."""

    @classmethod
    def start(
        cls,
        plan: Plan,
        clock: Callable[[], float],
        wall: Callable[[], float],
        *,
        examine: bool,
        follow: bool,
        hold_open: bool,
    ) -> Self:
        """A source from its first byte.

        Args:
            plan: How it is written.
            clock: Seconds that only grow.
            wall: Seconds since 1970.
            examine: Every record is notable, whatever its level.
            follow: It will be followed; else it is read like what does not change.
            hold_open: Keep its handle between two looks.
        """
        # A pipe is read as a stream in any case.
        followed = follow_newest(plan, clock, hold_open=hold_open) if follow else plan.stream
        return cls(Tail(plan, wall, examine=examine), followed, clock)

    @classmethod
    def go_on(
        cls, plan: Plan, reading: Reading, clock: Callable[[], float], wall: Callable[[], float], *, hold_open: bool,
        examine: bool = True,
    ) -> Self:  # fmt: skip
        """A source from where an earlier reading stopped.

        Args:
            plan: How it is written.
            reading: How far that reading came.
            clock: Seconds that only grow.
            wall: Seconds since 1970.
            hold_open: Keep its handle between two looks.
            examine: Every record is notable, whatever its level.
        """
        tail = Tail(plan, wall, examine=examine, resume=reading)
        followed = follow_on(reading, clock, hold_open=hold_open)
        return cls(tail, followed, clock, is_told=True, moved=find_moved_parts(reading))

    @property
    def plan(self) -> Plan:
        """How it is written, as far as it was seen."""
        return self.tail.plan

    @property
    def key(self) -> str:
        """Of the source."""
        return self.plan.source.key

    @property
    def is_stream(self) -> bool:
        """A pipe or the standard input: no file event tells of it."""
        return self.plan.stream is not None

    @property
    def is_over(self) -> bool:
        """A pipe whose writers have gone: nothing comes any more."""
        stream = self.plan.stream
        return stream is not None and stream.is_at_end

    @property
    def session_plan(self) -> SourcePlan:
        """What a session knows of it: where its parts lie now, and how they are written."""
        return to_source_plan(self.plan, self.tail.parts)

    @property
    def placed_plan(self) -> Plan:
        """How it is written, with its parts where they lie now."""
        source = self.plan.source
        found = {part.path: part for part in source.parts}
        parts = tuple(found.get(path) or make_part(path) for path in self.tail.parts)
        return replace(self.plan, source=replace(source, parts=parts))

    @property
    def has_more(self) -> bool:
        """There are bytes that the last look left."""
        return self.followed is not None and self.followed.has_more

    @property
    def trouble(self) -> tuple[str, str] | None:
        """The path behind which nothing new can be read now, with the reason; it is looked at again and again."""
        if isinstance(self.followed, Follower | GrowingFile) and self.followed.trouble:
            return self.followed.path, self.followed.trouble
        return None

    def read_settled(self) -> Iterator[list[Scanned]]:
        """What does not change any more: all parts but a newest one that is followed. Block by block."""
        plan = self.plan
        if self.is_told or plan.stream is not None:
            return
        count = len(plan.source.parts)
        for part in range(count_settled(plan, self.followed)):
            problems: list[Problem] = []
            try:
                for block in plan.read_part(part, problems.append):
                    yield self.tail.intake.feed(block, is_content=True)
            except SourceError as error:
                problems.append(Problem("unreadable", error.reason))
            yield [Scanned(replace(self.tail.intake.empty(), problems=tuple(problems)), [])]
            yield self.tail.intake.flush() if part == count - 1 else self.tail.intake.end_part()

    def read_pipe(self) -> Iterator[list[Scanned]]:
        """A stream to its end, for those who do not follow it."""
        if self.plan.stream is not None:
            for block in self.plan.stream.read_to_end():
                yield self.tail.intake.feed(block)

    def poll(self) -> list[Scanned]:
        """What was written since the last look."""
        if self.followed is None:
            return []
        found = self.tail.take(self.followed, self.followed.poll())
        if found:
            self._last_data, self._is_held = self.clock(), True
        return found

    def look(self, session: Session) -> list[Scanned]:
        """What was written since the last look; a session is told where it is read, or lies, otherwise by now."""
        plan, parts = self.plan, list(self.tail.parts)
        found = self.poll()
        # A rotation is seen in one look, the first line of the new file perhaps in a later one.
        if self.plan is not plan or self.tail.parts != parts:
            session.add_source(self.session_plan)
        return found

    def release(self, *, force: bool) -> list[Scanned] | None:
        """Give out a last record that nothing was added to for a while; None where none is held.

        Args:
            force: However short it was.
        """
        # Half a line: its writer flushes in blocks, and what follows may belong to the record.
        is_quiet = self.clock() - self._last_data >= RELEASE_S and not self.tail.intake.is_inside_line
        if not self._is_held or not (force or is_quiet):
            return None
        self._is_held = False
        return self.tail.intake.release()

    def tell(self) -> Reading:
        """How far it was read."""
        if isinstance(self.followed, Follower):
            return tell_followed(self.plan.source, self.tail.parts, self.tail.place, self.followed)
        return tell_file(self.plan.source, self.tail.place)

    def read_text(self, place: TextPlace) -> bytes | None:
        """A record as it is written.

        Args:
            place: Where it begins.

        Returns:
            None where its bytes cannot be found again.
        """
        if place.part in self.moved:
            return None
        plan = self.plan
        if plan.stream is not None:
            blocks = plan.read_part(0, lambda _: None, start=place.offset, block=RECORD_BYTES)
        else:
            path = self.tail.parts[min(place.part, len(self.tail.parts) - 1)]
            blocks = read_blocks(path, lambda _: None, start=place.offset, block=RECORD_BYTES, roll=plan.layout.roll)
        return read_record(plan.layout, blocks)

    def close(self) -> None:
        """Let go of its file."""
        if self.followed is not None:
            self.followed.close()
