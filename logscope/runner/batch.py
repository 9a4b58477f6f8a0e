"""A batch: joins sources and session. Reads each source to its end, then the incident's window, and judges."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.kinds.texts import TextPlace
from logscope.errors import SourceError
from logscope.ingest.scanner import Place, Scanner
from logscope.model.files import Problem, Progress
from logscope.model.snapshot import Snapshot
from logscope.runner.clock_scan import scan_clocks, scan_plan
from logscope.runner.cutting import clip
from logscope.runner.intake import Intake, Scanned
from logscope.runner.keeping import tell_file
from logscope.runner.parallel import LEAST_BYTES, Child, Found, can_fork, share
from logscope.runner.planning import Plan, to_source_plan
from logscope.runner.records import RECORD_BYTES, read_record
from logscope.runner.request import Opened, Request
from logscope.runner.spans import Span, can_begin_anywhere, find_span
from logscope.runner.window import examine_window
from logscope.session.session import Session
from logscope.state.session import KeptSession, keep_session

EXAMINE_ALL: Final = 24 * 1024 * 1024
"""Bytes to read up to which every record is examined at once: no second reading."""

_SCANNED_FOR_CLOCKS: Final = 512 * 1024 * 1024
"""Bytes of all files up to which they are read for their zones before they are cut by time: a second at most."""


def run_batch(request: Request, opened: Opened, on_progress: Callable[[Progress], None] | None = None) -> Snapshot:
    """Read everything to its end and judge it."""
    return judge_batch(request, opened, on_progress)[0]


def judge_batch(
    request: Request, opened: Opened, on_progress: Callable[[Progress], None] | None = None
) -> tuple[Snapshot, "BatchReading"]:
    """Read everything to its end and judge it; the answer, and the reading, which may be kept."""
    session = start_session(request, opened)
    reading = BatchReading(session, request, opened, on_progress)
    reading.read_all()
    return reading.settle(), reading


def start_session(request: Request, opened: Opened) -> Session:
    """A session that knows the sources and the notes, and no record yet."""
    if request.since is not None or request.until is not None:
        opened.learn_all()
    session = Session(tz=request.tz, tz_name=request.tz_name, rules=request.rules, room=request.room)
    session.narrow(request.since, request.until)
    for plan in opened.plans:
        session.add_source(to_source_plan(plan))
    for note in request.notes:
        session.add_note(note)
    for plan in opened.normal:
        for batch, signatures in scan_plan(plan):
            session.learn_normal(plan.source.service, batch, signatures)
    for entry in request.logs:
        for address in entry.addresses:
            if entry.name:
                session.bind(address, entry.name)
    for name, service in request.bindings:
        session.bind(name, service)
    if (request.since is not None or request.until is not None) and opened.bytes_total <= _SCANNED_FOR_CLOCKS:
        # What is cut by time needs the zones before the first record.
        session.clocks.know(scan_clocks(opened.plans))
    return session


class BatchReading:
    """One pass over all sources, and the second look that the session asks for."""

    def __init__(
        self,
        session: Session,
        request: Request,
        opened: Opened,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._session = session
        self._request = request
        self._opened = opened
        self._on_progress = on_progress
        self._spans = {
            (plan.source.key, number): span
            for plan in opened.plans
            for number in range(len(plan.source.parts))
            if (span := self._find_span(plan, number)) is not None
        }
        self._examine_all = opened.bytes_total - self._count_passed_over() <= EXAMINE_ALL
        self._bytes_read = 0
        self._places: dict[str, Place] = {}
        """Where the reading of each plain file stopped."""

    def keep(self) -> KeptSession:
        """All that is known, and how far the files were read."""
        readings = tuple(
            tell_file(plan.source, self._places.get(plan.source.key)) for plan in self._opened.plans
        )  # fmt: skip
        return keep_session(self._session, readings, None)

    @property
    def progress(self) -> Progress:
        """How much has been read."""
        total = max(self._opened.bytes_total, self._bytes_read)
        return Progress(self._bytes_read, total, self._bytes_read >= self._opened.bytes_total)

    def shift_of(self, source: str) -> int:
        """What is added to a stamp of a source as written."""
        return self._session.clocks.shift_of(source)

    def read_all(self) -> None:
        """Read every source from its oldest part to its end."""
        here, elsewhere = self._share()
        child = Child(lambda: self._read_some(elsewhere)) if elsewhere else None
        self._read_some(here)
        if child is not None:
            found = child.take()
            if found is None:
                self._read_some(elsewhere)
            else:
                self._session.index.merge(found[0])
                self._places |= found[1]
        self._bytes_read = max(self._bytes_read, self._opened.bytes_total)

    def _share(self) -> tuple[list[Plan], list[Plan]]:
        """The plans for this process, and those for a second one: none where that is not worth it."""
        plans = self._opened.plans
        is_small = self._examine_all or self._on_progress is not None or self._opened.bytes_total < LEAST_BYTES
        if is_small or any(plan.stream is not None for plan in plans) or not can_fork():
            return plans, []
        elsewhere = share([sum(part.size for part in plan.source.parts) for plan in plans])
        return [one for n, one in enumerate(plans) if n not in elsewhere], [plans[n] for n in elsewhere]

    def _read_some(self, plans: list[Plan]) -> Found:
        """Read some sources into the session's index, and give it, with the place where the reading of each stopped.

        Args:
            plans: Of these; that of a pipe gives way to the one that its last lines were read with.
        """
        for number, plan in enumerate(plans):
            if plan.stream is None:
                self._read_source(plan)
            else:
                plans[number] = self._read_stream(plan)
        return self._session.index, self._places

    def settle(self) -> Snapshot:
        """Look again at what the incident's window holds at every level, and judge."""
        self._session.texts.read = self._read_text
        done = Progress(self._opened.bytes_total, self._opened.bytes_total, done=True)
        window = None if self._examine_all else self._session.find_window()
        if window is not None:
            examine_window(self._session, self._opened.plans, window)
        return self._session.tick(None, done)

    def _read_source(self, plan: Plan) -> None:
        parts = plan.source.parts
        scanner = Scanner(plan.layout, plan.source.service, examine=self._examine_all)
        for number, part in enumerate(parts):
            problems: list[Problem] = []
            begin = self._bytes_read
            span = self._spans.get((plan.source.key, number))
            if span is not None and span.start:
                # What stands before it belongs to no record of the span.
                scanner = Scanner(
                    plan.layout, plan.source.service, examine=self._examine_all, offset=span.start, line=span.line,
                    part=number,
                )  # fmt: skip
            try:
                for block in self._read_span(plan, number, span, problems):
                    self._fold(plan, Scanned(scanner.feed(block), scanner.signatures))
                    self._count(block)
            except SourceError as error:
                problems.append(Problem("unreadable", error.reason))
            batch = scanner.end_part() if number < len(parts) - 1 else scanner.flush()
            if plan.layout.is_turned and part.compression is None:
                # What was fed is its content; the bytes that are told are those on disk.
                batch = replace(batch, byte_count=batch.byte_count + part.size - (self._bytes_read - begin))
            batch = replace(batch, problems=(*batch.problems, *problems))
            self._fold(plan, Scanned(batch, scanner.signatures))
        if parts and self._request.until is None and not plan.layout.is_turned:
            self._places[plan.source.key] = scanner.place

    def _count_passed_over(self) -> int:
        """Bytes of all files that lie outside the time that is asked for."""
        sizes = [
            part.size - (span.stop - span.start)
            for plan in self._opened.plans
            for number, part in enumerate(plan.source.parts)
            if (span := self._spans.get((plan.source.key, number))) is not None
        ]
        return sum(sizes)

    def _find_span(self, plan: Plan, number: int) -> Span | None:
        """The piece of a part that holds the time that is asked for; None where the part is read whole."""
        request, layout, part = self._request, plan.layout, plan.source.parts[number]
        if (request.since is None and request.until is None) or not can_begin_anywhere(layout, part):
            return None
        shift = self._session.clocks.steady_shift_of(plan.source.key)
        if shift is None:
            return None
        since, until = (None if bound is None else bound - shift for bound in (request.since, request.until))
        return find_span(part.path, layout, since, until)

    @staticmethod
    def _read_span(plan: Plan, number: int, span: Span | None, problems: list[Problem]) -> Iterator[bytes]:
        """The bytes of a part, or of the piece of it that is wanted."""
        if span is None:
            yield from plan.read_part(number, problems.append)
            return
        left = span.stop - span.start
        if left < plan.source.parts[number].size:
            problems.append(Problem("skipped", f"read from line {span.line:,} on, {left:,} bytes: the time asked for"))
        for block in plan.read_part(number, problems.append, start=span.start):
            if left <= 0:
                return
            yield block[:left]
            left -= len(block)

    def _read_stream(self, plan: Plan) -> Plan:
        """Read a pipe until its writers close it.

        Returns:
            The plan with the layout that its last lines were read with.
        """
        assert plan.stream is not None, "only pipes are read so"
        intake = Intake(plan, time.time, examine=self._examine_all)
        for block in plan.stream.read_to_end():
            self._fold_stream(intake, intake.feed(block))
            self._count(block)
            if self._examine_all and self._bytes_read > EXAMINE_ALL:
                self._stop_examining(intake)
        last = intake.flush()
        if plan.stream.problem:
            problem = Problem("unreadable", f"reading stopped: {plan.stream.problem}")
            last.append(Scanned(replace(intake.empty(), problems=(problem,)), []))
        self._fold_stream(intake, last)
        return intake.plan

    def _fold_stream(self, intake: Intake, found: Sequence[Scanned]) -> None:
        self._session.add_source(to_source_plan(intake.plan))
        for scanned in found:
            self._fold(intake.plan, scanned)

    def _stop_examining(self, intake: Intake) -> None:
        """There is too much to look at every record at once: the window around the onset is read again instead."""
        self._examine_all = intake.examine = False
        self._session.stop_examining()

    def _count(self, block: bytes) -> None:
        self._bytes_read += len(block)
        if self._on_progress is not None:
            self._on_progress(self.progress)

    def _fold(self, plan: Plan, scanned: Scanned) -> None:
        key = plan.source.key
        batch = clip(scanned.batch, self._request, self._session, key)
        if self._examine_all:
            self._session.examine(key, batch, scanned.signatures)
        self._session.feed(key, batch, scanned.signatures)

    def _read_text(self, place: TextPlace) -> bytes | None:
        plan = next(plan for plan in self._opened.plans if plan.source.key == place.source)
        return read_record(
            plan.layout, plan.read_part(place.part, lambda _: None, start=place.offset, block=RECORD_BYTES)
        )
