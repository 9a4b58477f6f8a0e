"""One followed source: what its events mean in parts and records, each line once, whatever rotation does.

A record may go on from one generation to the next. A writer that keeps a rotated file open goes on there: such lines
are read as a stream of their own, from the place that was reached.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from logscope.errors import SourceError
from logscope.ingest.scanner import Place
from logscope.model.files import Problem
from logscope.runner.intake import Intake, Scanned
from logscope.runner.planning import MISSING, Plan
from logscope.sources.content import find_moved
from logscope.sources.events import Data, Ended, Event, Flawed, Lost, Rotated, Truncated
from logscope.sources.follow import Follower
from logscope.sources.generations import Mark
from logscope.sources.growing import GrowingFile
from logscope.sources.rotated import list_known
from logscope.sources.tape import RecordedStream
from logscope.state.session import Reading

Followed = Follower | GrowingFile | RecordedStream

RELEASE_S: Final = 0.6
"""A last record is given out after so long without a new line; writers that flush line by line take milliseconds."""
STREAM_LOOK_S: Final = 0.2
"""Most time between two looks at pipes: there is no event for them."""


class Tail:
    """Records of one source as it grows."""

    def __init__(
        self, plan: Plan, wall: Callable[[], float], *, examine: bool = False,
        resume: Reading | None = None,
    ) -> None:  # fmt: skip
        """Begin at the first byte of the oldest part, or where an earlier reading stopped.

        Args:
            plan: The source; its last part is the one that is followed.
            wall: Seconds since 1970.
            examine: Every record is notable, whatever its level.
            resume: How far an earlier reading came, in the last part.
        """
        place = resume.place if resume is not None else None
        self.intake = Intake(plan, wall, examine=examine, resume=place)
        self.parts = [part.path for part in plan.source.parts]
        """Where the parts lie now, oldest first."""
        self.truncations = 0
        self.lost = 0
        """How often bytes could not be read any more."""
        self._first_part = len(self.parts) - 1
        self._generation = 0
        self._wall = wall
        self._identities: dict[int, tuple[int, int] | None] = {}
        if resume is not None and resume.mark is not None:
            self._identities[0] = resume.mark.identity
        self._lines: dict[int, int] = {}
        """Number of the next line of generations that were left."""
        self._cuts: dict[int, int] = {}
        """Number of the first line of generations that begin at a cut."""
        self._ended: set[int] = set()
        self._late: dict[int, Intake] = {}

    @property
    def plan(self) -> Plan:
        """How the source is written, as far as it was seen."""
        return self.intake.plan

    @property
    def place(self) -> Place | None:
        """Where another reading may go on, once the last record was given out; None where that cannot be said."""
        return None if self._late else self.intake.place

    def take(self, followed: Followed, events: Sequence[Event]) -> list[Scanned]:
        """What one look gave.

        Args:
            followed: Where the events come from.
            events: As `poll` returned them.
        """
        found: list[Scanned] = []
        for event in events:
            match event:
                case Data(data, generation, offset) if generation >= self._generation:
                    found += self._advance(generation, offset)
                    found += self.intake.feed(data)
                case Data(data, _, _):
                    found += self._late_intake(event).feed(data)
                case Ended(generation) if isinstance(followed, RecordedStream):
                    found += self.intake.flush()
                case Ended(generation) if generation in self._late:
                    found += self._late.pop(generation).flush()
                case Ended(generation):
                    self._ended.add(generation)
                case Rotated(generation, path):
                    self._name_parts(followed.path, generation, path)
                case Truncated(generation, offset, lines, doubtful):
                    self.truncations += 1
                    self._name_parts(followed.path, generation, followed.path)
                    found.append(self._tell(Problem("truncated", self._note_cut(generation, offset, lines, doubtful))))
                case Lost(_, reason):
                    self.lost += 1
                    found.append(self._tell(Problem("lost", reason)))
                case Flawed(_, problem):
                    found.append(self._tell(problem))
                case _:
                    pass
        if isinstance(followed, Follower) and followed.mark is not None:
            self._identities[followed.generation] = followed.mark.identity
        elif isinstance(followed, GrowingFile):
            self._identities[followed.generation] = followed.identity
        return found

    def finish(self) -> list[Scanned]:
        """Nothing more is read: last lines without a newline are lines."""
        late = [scanned for _, intake in sorted(self._late.items()) for scanned in intake.flush()]
        self._late.clear()
        return [*late, *self.intake.flush()]

    def _note_cut(self, generation: int, offset: int, lines: int, doubtful: int) -> str:
        """Remember where a generation begins that was cut, and say it."""
        if not offset:
            # Between the copy and the cut nobody can read.
            return "the file was cut and is read from its begin; lines of the moment before may be missing"
        before = generation - 1
        reached = self.intake.line if before == self._generation else self._cuts.get(before, 1)
        self._cuts[generation] = reached - lines
        told = f"the file was cut: what remains was read before, it is read on from line {reached - lines}"
        return f"{told}; up to {doubtful} lines may be counted twice" if doubtful else told

    def _advance(self, generation: int, offset: int) -> list[Scanned]:
        """Go on to the part of a generation, whose first bytes that were not read are at an offset."""
        found: list[Scanned] = []
        while self._generation < generation:
            old, before = self.intake, self._generation
            self._generation += 1
            at = offset if self._generation == generation and not self.plan.layout.is_turned else 0
            line = self._cuts.pop(self._generation, 1)
            if old.is_inside_line and before not in self._ended:
                # Its writer may still have the file: the other half of the line would come late.
                self._late[before] = old
                self.intake = self._make_intake(self._generation, at, line)
            else:
                self._lines[before] = old.line
                found += old.end_part(at, line)
            self._ended.discard(before)
        return found

    def _late_intake(self, event: Data) -> Intake:
        if event.generation not in self._late:
            line = self._lines.get(event.generation, 1)
            self._late[event.generation] = self._make_intake(event.generation, event.offset, line)
        return self._late[event.generation]

    def _make_intake(self, generation: int, offset: int, line: int) -> Intake:
        part = self._first_part + generation
        return Intake(self.plan, self._wall, examine=self.intake.examine, part=part, offset=offset, line=line)

    def _name_parts(self, live: str, generation: int, path: str) -> None:
        """A new part begins; the one before has moved to where rotation puts it."""
        index = self._first_part + generation
        while len(self.parts) <= index:
            self.parts.append(path)
        for earlier in range(max(0, index - 2), index):
            identity = self._identities.get(earlier - self._first_part)
            if self.parts[earlier] == live and identity is not None:
                try:
                    self.parts[earlier] = find_moved(live, identity)
                except SourceError:
                    continue  # Deleted, or copied before it was cut: its lines cannot be opened again.

    def _tell(self, problem: Problem) -> Scanned:
        """No record, only a problem of the part that is being read."""
        return Scanned(replace(self.intake.empty(), problems=(problem,)), [])


def follow_newest(plan: Plan, clock: Callable[[], float], *, hold_open: bool) -> Followed | None:
    """What grows of a source: its stream, or its newest file; None where there is no room to follow a compressed one.

    A named pipe goes on when its writers have gone: others come.

    Args:
        plan: Of the source.
        clock: Seconds that only grow.
        hold_open: Keep a file's handle between two looks (`followers_held_open`).
    """
    if plan.stream is not None:
        plan.stream.outlast_writers()
        return plan.stream
    newest = plan.source.parts[-1]
    if newest.compression is None:
        return follow_file(plan, clock, hold_open=hold_open)
    return GrowingFile(newest.path, clock) if hold_open else None


def count_settled(plan: Plan, followed: Followed | None) -> int:
    """How many parts of a source do not change any more: all but a newest one that is followed."""
    return len(plan.source.parts) - (0 if followed is None else 1)


def follow_file(plan: Plan, clock: Callable[[], float], *, hold_open: bool = True) -> Follower:
    """Follow the newest part of a source from its first byte: the file that was found, even if it was rotated since.

    Args:
        plan: Of a file, which need not exist.
        clock: Seconds that only grow.
        hold_open: Keep its handle between two looks (`followers_held_open`).
    """
    part = plan.source.parts[-1]
    if part.identity == MISSING:
        return Follower(part.path, clock, hold_open=hold_open)
    start = Mark(0, b"", part.identity, part.mtime_us * 1000)
    return Follower(part.path, clock, start=start, known=list_known(part.path), hold_open=hold_open)
