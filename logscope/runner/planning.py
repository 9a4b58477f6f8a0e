"""The plan phase: how each source is written, before a byte of it is counted.

Impure: reads samples of the files. Files without dates learn theirs from the others of the same run.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

from logscope.errors import SourceError
from logscope.ingest.envelopes.rare import RareLines
from logscope.ingest.layouts.layout import DateHint, Layout, Sample, is_log, learn_again, learn_layout
from logscope.ingest.layouts.learn import collect_lines
from logscope.ingest.layouts.uptime import find_quoted
from logscope.model.files import ROLLED, DateOrigin, Problem
from logscope.model.times import US
from logscope.session.memory import SourcePlan
from logscope.sources.discovery import Part, Source, keep_near_parts
from logscope.sources.reader import BLOCK, Extract, read_blocks, read_extract, read_pieces
from logscope.sources.tape import RecordedStream, record_stream

_LIVE_PATIENCE_S: Final = 0.5
"""How long the first bytes of a stream are waited for before the screen opens without them."""


_DATED: Final = frozenset(
    {DateOrigin.WRITTEN, DateOrigin.YEAR_FROM_NAME, DateOrigin.YEAR_FROM_FILES, DateOrigin.YEAR_FROM_MTIME}
)
"""The day stands in each line."""
_BATCHED: Final = Problem("batched", "a line holds many events in one object: the worst of them stands for all")
_ROLLED: Final = Problem(ROLLED, "a line holds many records: each is read by itself, and has that line's number")

MISSING: Final = (0, 0)
"""Identity of what is no file, or none yet."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One source and how it is written."""

    source: Source
    layout: Layout
    problems: tuple[Problem, ...] = ()
    stream: RecordedStream | None = None
    """Where the bytes come from when it is no file."""
    zone: tuple[tzinfo, str] | None = None
    """Zone that the user's settings give to stamps without one, and its name; None leaves it to `--tz`."""
    is_pending: bool = False
    """There was nothing to learn from yet: a silent stream, an empty file, one that does not exist."""

    @property
    def forced(self) -> str | None:
        """Name of the format that a person says it is written in; None where nothing was said."""
        return self.layout.lesson.forced if self.layout.lesson is not None else None

    @property
    def kept_from(self) -> int:
        """Offset of the first byte that can be read again: what a pipe gave long ago is gone."""
        return 0 if self.stream is None else self.stream.tape.begin

    def read_part(
        self, part: int, on_problem: Callable[[Problem], None], *, start: int = 0, block: int = BLOCK
    ) -> Iterator[bytes]:
        """The content of one part from an offset on: read to its end; of a stream what is still kept of it.

        Raises:
            SourceError: It cannot be read.
        """
        if self.stream is None:
            return read_blocks(
                self.source.parts[part].path, on_problem, start=start, block=block, roll=self.layout.roll
            )
        return self.stream.read_again(start, block)


def to_source_plan(plan: Plan, paths: Sequence[str] | None = None) -> SourcePlan:
    """What a session must know of a plan.

    Args:
        plan: How the source is written.
        paths: Where its parts lie now, oldest first; None for where they were found.
    """
    parts = tuple(part.path for part in plan.source.parts) if paths is None else tuple(paths)
    return SourcePlan(plan.source.key, plan.source.service, parts, plan.layout, plan.problems, plan.zone)


def looks_like_log(path: str) -> bool:
    """A file in which times or levels are found."""
    try:
        extract = read_extract(path, 16_384)
    except SourceError:
        return False
    return is_log(_sample(path, [extract]))


def make_plans(
    sources: Sequence[Source], forced: Mapping[str, str], *, live: bool = False
) -> tuple[list[Plan], list[SourceError]]:
    """Learn every source's layout: all of `learn_plans`, and an error for each source that cannot be opened at all."""
    errors: list[SourceError] = []
    return list(learn_plans(sources, forced, errors.append, live=live)), errors


def learn_plans(
    sources: Sequence[Source], forced: Mapping[str, str], on_error: Callable[[SourceError], None], *, live: bool = False
) -> Iterator[Plan]:
    """Learn every source's layout, each when it is asked for: so that the first one can be read meanwhile.

    A source that learns its dates from others waits for all of them.

    Args:
        sources: What was discovered.
        forced: Format names by path or service, from `--format`.
        on_error: Told of each source that cannot be opened at all; it has no plan.
        live: Do not wait long for a stream that is silent, nor for a file that does not exist.

    Yields:
        Plans in the order of the sources.
    """

    def draft() -> Iterator[Plan]:
        for source in sources:
            try:
                yield _draft_plan(source, forced, live=live)
            except SourceError as error:
                on_error(error)

    plans: list[Plan] = []
    drafted = draft()
    for plan in drafted:
        plans.append(plan)
        if _lacks_dates(plan.layout) or plan.layout.needs_start:
            before = len(plans) - 1
            plans += drafted
            yield from map(leave_old_parts, spread_dates(plans)[before:])
        else:
            yield leave_old_parts(plan)


def spread_dates(plans: Sequence[Plan]) -> list[Plan]:
    """The plans, each with what the other files tell of its dates."""
    return _spread_starts(_spread_ranges(plans))


def _spread_ranges(plans: Sequence[Plan]) -> list[Plan]:
    """Files that lack year or day, or whose dates may be read in two ways, learn from those that are sure."""
    if not any(_lacks_dates(plan.layout) for plan in plans):
        return list(plans)
    sure = [plan for plan in plans if plan.layout.date_origin is DateOrigin.WRITTEN and not plan.layout.is_ambiguous]
    known = [found for plan in sure if (found := _dated_range(plan.layout)) is not None]
    if not known:
        return list(plans)
    hint = DateHint(min(first for first, _ in known), max(last for _, last in known))
    return [_hint_at(plan, hint) if _lacks_dates(plan.layout) else plan for plan in plans]


def _hint_at(plan: Plan, hint: DateHint) -> Plan:
    """A plan with what other files tell."""
    lesson = plan.layout.lesson
    if lesson is None or lesson.hint == hint:
        return plan
    return replace(plan, layout=learn_again(replace(lesson, hint=hint)))


def _lacks_dates(layout: Layout) -> bool:
    """Other files can tell something of the dates."""
    return layout.is_ambiguous or not (layout.untimed or layout.date_origin is DateOrigin.WRITTEN)


def _spread_starts(plans: list[Plan]) -> list[Plan]:
    """Files with uptimes learn from those that quote the same uptimes behind a time of their own."""
    if not any(plan.layout.needs_start for plan in plans):
        return plans
    starts: dict[bytes, int] = {}
    for plan in plans:
        for line, moment in _timed_lines(plan.layout):
            starts.update(find_quoted(line, moment))
    hint = DateHint(None, None, starts)
    return [_hint_at(plan, hint) if plan.layout.needs_start and starts else plan for plan in plans]


def _draft_plan(source: Source, forced: Mapping[str, str], *, live: bool) -> Plan:
    """A plan from the source alone.

    Raises:
        SourceError: The source cannot be read.
    """
    if source.stream is not None:
        stream = record_stream(source.stream)
        head = stream.peek(_LIVE_PATIENCE_S if live else None)
        # What comes through a pipe is being written now, as far as anybody can tell.
        sample = Sample(source.service, head, b"", b"", len(head), round(time.time() * US))
        layout = learn_stream(sample, find_forced(source, forced))
        if layout.roll is not None:
            stream.unroll(layout.roll)
        source = replace(source, parts=(make_part(source.stream),))
    else:
        stream = None
        extracts = [read_extract(part.path) for part in source.parts]
        sample = _sample(source.key, extracts) if extracts else Sample(source.key, b"", b"", b"", 0, None)
        if not extracts:
            source = replace(source, parts=(make_part(source.key),))
        layout = _learn_file(source, sample, find_forced(source, forced))
    problems = (_ROLLED,) if layout.roll is not None else (_BATCHED,) if layout.is_batched else ()
    return Plan(source, layout, problems, stream, is_pending=not sample.head.strip())


def learn_stream(sample: Sample, forced: str | None) -> Layout:
    """How a stream is written of which the first bytes have come."""
    layout = learn_layout(sample, None, forced)
    rare = _find_rare(layout)
    lines = rare.take(sample.head.split(b"\n")[:-1]) if rare.may_be else []
    return learn_layout(replace(sample, before_middle=lines), None, forced) if lines else layout


def _learn_file(source: Source, sample: Sample, forced: str | None) -> Layout:
    """How a file is written: also by lines of services that its sample hardly shows."""
    layout = learn_layout(sample, None, forced)
    rare = _find_rare(layout)
    first: list[bytes] = []
    last: list[bytes] = []
    for part in source.parts[-1:] if rare.may_be else ():
        for offset, piece in read_pieces(part.path, _RARE_PIECE, _RARE_MOST):
            rows = piece.split(b"\n")[min(offset, 1) : -1]
            (first if offset < part.size // 2 else last).extend(rare.take(rows))
    if not first and not last:
        return layout
    return learn_layout(replace(sample, before_middle=first, before_tail=last), None, forced)


def _find_rare(layout: Layout) -> RareLines:
    known = layout.lesson.lines if layout.lesson is not None else ()
    return RareLines(None if layout.is_turned else layout.forms[0], known)


_RARE_PIECE: Final = 65_536
_RARE_MOST: Final = 4 * 1024 * 1024
"""Bytes that are looked at for services that write rarely: 60 ms."""


def leave_old_parts(plan: Plan) -> Plan:
    """Without the parts beside a named log that end long before it begins: last month's are not this incident's.

    Of clock times without a date nothing can be said: their parts are read.
    """
    source, layout = plan.source, plan.layout
    named = next((part for part in source.parts if not part.found), None)
    if named is None or len(source.parts) < 2 or layout.date_origin not in _DATED:
        return plan

    def end_of(part: Part) -> int | None:
        if part.compression is not None:
            return None
        extract = read_extract(part.path)
        return max(_times_of(layout, extract.tail or extract.head), default=None)

    try:
        # Where it was rotated a moment ago nothing stands in it: it begins now.
        begin = min(_times_of(layout, read_extract(named.path).head), default=named.mtime_us)
        return replace(plan, source=keep_near_parts(source, begin, end_of))
    except SourceError:
        return plan


def _times_of(layout: Layout, extract: bytes) -> list[int]:
    """Times of the heads in an extract; its first and last line may be cut."""
    lines, _ = collect_lines(Sample("", extract, b"", b"", len(extract), None))
    return [moment for _, moment in _parse_timed(layout, lines)]


def make_part(path: str) -> Part:
    """A part of which nothing is known but its path: of a stream, of a file that does not exist yet, or has moved."""
    return Part(path, 0, 0, MISSING)


def _dated_range(layout: Layout) -> tuple[int, int] | None:
    """Earliest and latest time in a file's samples."""
    times = [moment for _, moment in _timed_lines(layout)]
    return (min(times), max(times)) if times else None


def _timed_lines(layout: Layout) -> Iterator[tuple[bytes, int]]:
    """Sampled lines that are heads with a time, and the time."""
    return _parse_timed(layout, layout.lesson.lines if layout.lesson is not None else ())


def _parse_timed(layout: Layout, lines: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    state = layout.new_state()
    for line in lines:
        head = layout.parse(line, state)
        if head is not None and head.time is not None:
            yield line, head.time


def find_forced(source: Source, forced: Mapping[str, str]) -> str | None:
    """The format that the user says a source has; None where nothing was said."""
    return next((name for known in names_of(source) if (name := forced.get(known))), None) if forced else None


def names_of(source: Source) -> tuple[str, ...]:
    """By which a format may be said of a source, the nearest first."""
    return (*(part.path for part in source.parts), source.key, source.service, os.path.realpath(source.key))


def _sample(name: str, extracts: Sequence[Extract]) -> Sample:
    """One sample of a log with several parts: the oldest's begin, the newest's begin and end."""
    oldest, newest = extracts[0], extracts[-1]
    is_one = len(extracts) == 1
    return Sample(
        name=name.rsplit("/", 1)[-1],
        head=oldest.head,
        middle=newest.middle if is_one or newest.middle else newest.head,
        tail=newest.tail if is_one or newest.tail else newest.head,
        size=sum(extract.size for extract in extracts),
        mtime_us=newest.mtime_us,
    )
