"""The impure loop: joins sources and session. Reads in blocks, examines the incident's window, answers what is asked.

Only here are files read for the session and, when live, is a clock asked.
"""

import gc
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Final

import numpy as np

from logscope.analysis.incident import LOOK_BACK_US
from logscope.analysis.texts import TextPlace
from logscope.errors import SourceError
from logscope.index.index import Index
from logscope.ingest.batch import Batch, Signature, SignatureKind
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.scanner import Place, Scanner
from logscope.knowledge.rule import RuleSet
from logscope.model.files import DateOrigin, Problem, Progress
from logscope.model.severity import Severity
from logscope.model.snapshot import Note, Snapshot
from logscope.model.times import MINUTE_US, NO_TIME
from logscope.runner.clock_scan import scan_clocks, scan_plan
from logscope.runner.intake import Intake, Scanned
from logscope.runner.keeping import tell_file
from logscope.runner.parallel import LEAST_BYTES, Child, Found, can_fork, share
from logscope.runner.planning import Plan, find_forced, looks_like_log, make_plans
from logscope.runner.settings import LogSettings, find_settings
from logscope.runner.spans import Span, find_span
from logscope.session import Session, SourcePlan
from logscope.sources.discovery import Discovery, Refusal, Source, discover
from logscope.sources.reader import BLOCK
from logscope.state.session import KeptSession, keep_session
from logscope.text.decoding import is_wide

EXAMINE_ALL: Final = 24 * 1024 * 1024
"""Bytes of all files up to which every record is examined at once: no second reading."""

EXAMINE_MOST: Final = 4 * 1024 * 1024
"""Bytes of the second reading, over all files."""

_BEFORE: Final = 0.6
"""Share of the second reading that lies before the onset."""

_SCANNED_FOR_CLOCKS: Final = 512 * 1024 * 1024
"""Bytes of all files up to which they are read for their zones before they are cut by time: a second at most."""

RECORD_BYTES: Final = 65_536
"""Bytes of a record that are quoted."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for."""

    paths: Sequence[str]
    tz: tzinfo | None = None
    tz_name: str | None = None
    siblings: bool = True
    formats: Mapping[str, str] = field(default_factory=dict)
    since: int | None = None
    until: int | None = None
    notes: tuple[Note, ...] = ()
    baseline: tuple[str, ...] = ()
    """Paths of other logs that show a normal time."""
    logs: tuple[LogSettings, ...] = ()
    """What the user said of logs beforehand; the command line wins."""
    rules: RuleSet | None = None
    """What is known of lines: the shipped rules with those of the user; None means the shipped ones alone."""
    bindings: tuple[tuple[str, str], ...] = ()
    """Names or addresses in the logs, and the service that each means."""


@dataclass(slots=True)
class Opened:
    """Sources with their plans, and what could not be opened."""

    plans: list[Plan]
    refusals: list[Refusal]
    bytes_total: int
    normal: Sequence[Plan] = ()
    """Logs of a normal time: read, never told."""

    @property
    def is_empty(self) -> bool:
        """Nothing can be read."""
        return not self.plans


def open_request(request: Request, *, live: bool = False) -> Opened:
    """Find the sources and learn how they are written.

    Args:
        request: What the user asked for.
        live: Wait for files that do not exist instead of refusing them, and not for streams that are silent.
    """
    found: Discovery = discover(request.paths, looks_like_log, siblings=request.siblings, wait_for_missing=live)
    sources, chosen = _apply_settings(request, found.sources)
    formats = {**{key: entry.format for key, entry in chosen.items() if entry.format}, **request.formats}
    plans, errors = make_plans(sources, formats, live=live)
    plans = [replace(plan, zone=_zone_of(chosen.get(plan.source.key))) for plan in plans]
    refusals = [*found.refusals, *(Refusal(error.path, error.reason) for error in errors)]
    total = sum(part.size for plan in plans for part in plan.source.parts)
    normal: list[Plan] = []
    if request.baseline:
        told = discover(request.baseline, looks_like_log, siblings=False)
        normal, errors = make_plans(told.sources, request.formats)
        refusals += [*told.refusals, *(Refusal(error.path, error.reason) for error in errors)]
    return Opened(plans, refusals, total, normal)


def _apply_settings(request: Request, sources: Sequence[Source]) -> tuple[list[Source], dict[str, LogSettings]]:
    """Name sources as the user's settings say, unless the command line names them; and what holds for each."""
    named = {path.partition("=")[0] for path in request.paths if "=" in path}
    chosen: dict[str, LogSettings] = {}
    renamed: list[Source] = []
    for source in sources:
        entry = find_settings(request.logs, [*(part.path for part in source.parts), source.key])
        if entry is not None:
            chosen[source.key] = entry
            if entry.name and source.service not in named:
                source = replace(source, service=entry.name)
        renamed.append(source)
    return renamed, chosen


def _zone_of(entry: LogSettings | None) -> tuple[tzinfo, str] | None:
    return (entry.tz, entry.tz_name or str(entry.tz)) if entry is not None and entry.tz is not None else None


def run_batch(request: Request, opened: Opened, on_progress: Callable[[Progress], None] | None = None) -> Snapshot:
    """Read everything to its end and judge it."""
    return judge_batch(request, opened, on_progress)[0]


def judge_batch(
    request: Request, opened: Opened, on_progress: Callable[[Progress], None] | None = None
) -> tuple[Snapshot, "BatchReading"]:
    """Read everything to its end and judge it; the answer, and the reading, which may be kept."""
    session = start_session(request, opened)
    reading = BatchReading(session, request, opened, on_progress)
    # Nothing of a batch is thrown away before its end: looking for cycles is a tenth of the time for nothing.
    gc.disable()
    try:
        reading.read_all()
        return reading.settle(), reading
    finally:
        gc.enable()


def start_session(request: Request, opened: Opened) -> Session:
    """A session that knows the sources and the notes, and no record yet."""
    session = Session(tz=request.tz, tz_name=request.tz_name, rules=request.rules)
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
        session.know_clocks(scan_clocks(opened.plans))
    return session


def to_source_plan(plan: Plan) -> SourcePlan:
    """What the session must know of a plan."""
    parts = tuple(part.path for part in plan.source.parts)
    return SourcePlan(plan.source.key, plan.source.service, parts, plan.layout, plan.problems, plan.zone)


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
        self._examine_all = opened.bytes_total <= EXAMINE_ALL
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

    def read_all(self) -> None:
        """Read every source from its oldest part to its end."""
        plans = self._opened.plans
        elsewhere = self._choose_elsewhere()
        child = Child(lambda: self._read_some([plans[n] for n in elsewhere])) if elsewhere else None
        for number, plan in enumerate(plans):
            if number in elsewhere:
                continue
            if plan.stream is None:
                self._read_source(plan)
            else:
                plans[number] = self._read_stream(plan)
        if child is not None:
            found = child.take()
            if found is None:
                self._read_some([plans[n] for n in elsewhere])
            else:
                self._session.index.merge(found[0])
                self._places |= found[1]
        self._bytes_read = max(self._bytes_read, self._opened.bytes_total)

    def _choose_elsewhere(self) -> list[int]:
        """Numbers of the plans that a second process reads; none where that is not worth it."""
        if self._examine_all or self._on_progress is not None or self._opened.bytes_total < LEAST_BYTES:
            return []
        if any(plan.stream is not None for plan in self._opened.plans) or not can_fork():
            return []
        return share([sum(part.size for part in plan.source.parts) for plan in self._opened.plans])

    def _read_some(self, plans: Sequence[Plan]) -> Found:
        """Read some sources into the session's index, and give it."""
        for plan in plans:
            self._read_source(plan)
        return self._session.index, self._places

    def settle(self) -> Snapshot:
        """Judge, and once more with what the second look gives."""
        self._session.texts.read = self._read_text
        done = Progress(self._opened.bytes_total, self._opened.bytes_total, done=True)
        snapshot = self._session.tick(None, done)
        if not self._examine_all and self._session.wanted_window is not None:
            self.examine_window(self._session.wanted_window)
            snapshot = self._session.tick(None, done)
        return snapshot

    def _read_source(self, plan: Plan) -> None:
        parts = plan.source.parts
        scanner = Scanner(plan.layout, plan.source.service, examine=self._examine_all)
        for number, part in enumerate(parts):
            problems: list[Problem] = []
            begin = self._bytes_read
            span = self._find_span(plan, number)
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
            if is_wide(plan.layout.encoding) and part.compression is None:
                # What was fed is UTF-8; the bytes that are told are those on disk.
                batch = replace(batch, byte_count=batch.byte_count + part.size - (self._bytes_read - begin))
            batch = replace(batch, problems=(*batch.problems, *problems))
            self._fold(plan, Scanned(batch, scanner.signatures))
        if parts and self._request.until is None and not is_wide(plan.layout.encoding):
            self._places[plan.source.key] = scanner.place

    def _find_span(self, plan: Plan, number: int) -> Span | None:
        """The piece of a part that holds the time that is asked for; None where the part is read whole."""
        request, layout, part = self._request, plan.layout, plan.source.parts[number]
        if (request.since is None and request.until is None) or part.compression is not None:
            return None
        if layout.encoding != "utf-8" or layout.date_origin is not DateOrigin.WRITTEN or not layout.zone_written:
            return None
        return find_span(part.path, layout, request.since, request.until)

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
        forced = find_forced(plan.source, self._request.formats)
        intake = Intake(plan, time.time, forced=forced, examine=self._examine_all)
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
        self._session.window = Index(is_window=True)

    def _count(self, block: bytes) -> None:
        self._bytes_read += len(block)
        if self._on_progress is not None:
            self._on_progress(self.progress)

    def _fold(self, plan: Plan, scanned: Scanned) -> None:
        key = plan.source.key
        batch = clip(scanned.batch, self._request, self._session, key)
        if self._examine_all:
            self._session.examine(key, batch, scanned.signatures)
            batch = only_failures(batch, scanned.signatures)
        self._session.feed(key, batch, scanned.signatures)

    def examine_window(self, span: tuple[int, int]) -> None:
        """Read the window around the onset again, at every level, within the budget."""
        budget = EXAMINE_MOST // max(1, len(self._opened.plans))
        for plan in self._opened.plans:
            shift = self._session.shift_of(plan.source.key)
            onset = span[0] + LOOK_BACK_US - shift
            self._examine_source(plan, onset, span[1] - shift, budget)

    def _examine_source(self, plan: Plan, onset: int, end: int, budget: int) -> None:
        """Read the time around the onset: most of the budget before it, where what set it off is logged."""
        state = self._session.index.sources.get(plan.source.key)
        seek = {minute: place for minute, place in state.seek.items() if place[1] >= plan.kept_from} if state else {}
        if not seek:
            return
        part, offset, line = seek[_first_minute(seek, onset // MINUTE_US, round(_BEFORE * budget))]
        scanner = Scanner(plan.layout, plan.source.service, examine=True, offset=offset, line=line, part=part)
        spent = 0
        for index in range(part, len(plan.source.parts)):
            begin = offset if index == part else 0
            for block in plan.read_part(index, lambda _: None, start=begin, block=BLOCK // 8):
                batch = scanner.feed(block)
                self._session.examine(plan.source.key, batch, scanner.signatures)
                spent += len(block)
                timed = self._session.utc_of(plan.source.key, batch.time)[batch.time != NO_TIME]
                newest = int(timed.min()) - self._session.shift_of(plan.source.key) if len(timed) else 0
                if newest > end or (spent >= budget and (newest > onset or spent >= 3 * budget)):
                    return
            last = index == len(plan.source.parts) - 1
            batch = scanner.flush() if last else scanner.end_part()
            self._session.examine(plan.source.key, batch, scanner.signatures)

    def _read_text(self, place: TextPlace) -> bytes | None:
        plan = next(plan for plan in self._opened.plans if plan.source.key == place.source)
        return read_record(
            plan.layout, plan.read_part(place.part, lambda _: None, start=place.offset, block=RECORD_BYTES)
        )


def _first_minute(seek: Mapping[int, tuple[int, int, int]], onset_minute: int, room: int) -> int:
    """The minute from which to read so that about `room` bytes lie before the onset, at least one minute of them."""
    minutes = sorted(seek)
    at = max(0, bisect_right(minutes, onset_minute) - 1)
    part, offset, _ = seek[minutes[at]]
    first = max(0, at - 1)
    while first > 0:
        earlier = seek[minutes[first - 1]]
        if earlier[0] != part or offset - earlier[1] > room or onset_minute - minutes[first - 1] > 30:
            break
        first -= 1
    return minutes[first]


def read_record(layout: Layout, blocks: Iterator[bytes]) -> bytes | None:
    """The whole record that some bytes begin with; None where they are gone."""
    data = b""
    try:
        for block in blocks:
            data += block
            if len(data) >= RECORD_BYTES:
                break
    except SourceError:
        return None
    lines = data[:RECORD_BYTES].split(b"\n")
    is_cut = len(data) >= RECORD_BYTES or data.endswith(b"\n")
    state = layout.new_state()
    kept = [lines[0].removesuffix(b"\r")]
    for line in lines[1:-1] if is_cut else lines[1:]:
        bare = line.removesuffix(b"\r")
        if layout.parse(bare, state) is not None:
            break
        kept.append(bare)
    return b"\n".join(kept) or None


def only_failures(batch: Batch, signatures: Sequence[Signature]) -> Batch:
    """What a scanner that does not examine would have called notable: warnings and worse, and stack traces."""
    exception = np.array([s.kind is SignatureKind.EXCEPTION for s in signatures] or [False], bool)
    keep = (batch.severity[batch.notable] >= Severity.WARN) | exception[batch.signature]
    if keep.all():
        return batch
    chosen = np.flatnonzero(keep)
    return replace(
        batch,
        notable=batch.notable[chosen],
        signature=batch.signature[chosen],
        texts=[batch.texts[n] for n in chosen.tolist()],
    )


def clip(batch: Batch, request: Request, session: Session, source: str) -> Batch:
    """Leave out records before `since` and after `until`; records without a time stay."""
    if request.since is None and request.until is None:
        return batch
    time = session.utc_of(source, batch.time)
    keep = np.ones(len(time), bool)
    if request.since is not None:
        keep &= time >= request.since
    if request.until is not None:
        keep &= time < request.until
    keep |= batch.time == NO_TIME
    return pick(batch, keep)


def pick(batch: Batch, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Batch:
    """The chosen records of a batch, one flag for each; what was counted while they were read stays."""
    if keep.all():
        return batch
    rows = np.flatnonzero(keep)
    position = np.cumsum(keep) - 1
    kept_notable = np.flatnonzero(keep[batch.notable])
    kept_ids = np.flatnonzero(keep[batch.id_rows])
    return replace(
        batch,
        part=batch.part[rows],
        offset=batch.offset[rows],
        line=batch.line[rows],
        length=batch.length[rows],
        lines=batch.lines[rows],
        time=batch.time[rows],
        severity=batch.severity[rows],
        service=None if batch.service is None else batch.service[rows],
        status=None if batch.status is None else batch.status[rows],
        duration_us=None if batch.duration_us is None else batch.duration_us[rows],
        notable=position[batch.notable[kept_notable]],
        signature=batch.signature[kept_notable],
        texts=[batch.texts[n] for n in kept_notable.tolist()],
        id_rows=position[batch.id_rows[kept_ids]],
        id_names=[batch.id_names[n] for n in kept_ids.tolist()],
    )
