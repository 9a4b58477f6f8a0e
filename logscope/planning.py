"""The plan phase: how each source is written, before a byte of it is counted.

Impure: reads samples of the files. Files without dates learn theirs from the others of the same run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from logscope.errors import SourceError
from logscope.ingest.layouts import DateHint, Layout, Sample, is_log, learn_layout
from logscope.model.snapshot import DateOrigin, Problem
from logscope.sources.discovery import Source
from logscope.sources.reader import Extract, read_extract


@dataclass(frozen=True, slots=True)
class Plan:
    """One source and how it is written."""

    source: Source
    layout: Layout
    problems: tuple[Problem, ...] = ()


def looks_like_log(path: str) -> bool:
    """A file in which times or levels are found."""
    try:
        extract = read_extract(path, 16_384)
    except SourceError:
        return False
    return is_log(_sample(path, [extract]))


def make_plans(sources: Sequence[Source], forced: Mapping[str, str]) -> tuple[list[Plan], list[SourceError]]:
    """Learn every source's layout.

    Args:
        sources: What was discovered.
        forced: Format names by path or service, from `--format`.

    Returns:
        Plans in the order of the sources, and an error for each source that cannot be opened at all.
    """
    samples: list[tuple[Source, Sample]] = []
    errors: list[SourceError] = []
    for source in sources:
        try:
            extracts = [read_extract(part.path) for part in source.parts]
        except SourceError as error:
            errors.append(error)
            continue
        samples.append((source, _sample(source.key, extracts)))
    plans = [Plan(s, learn_layout(sample, None, _forced(s, forced))) for s, sample in samples]
    ranges = [
        _dated_range(plan.layout, sample)
        for plan, (_, sample) in zip(plans, samples, strict=True)
        if plan.layout.date_origin is DateOrigin.WRITTEN
    ]
    known = [found for found in ranges if found is not None]
    if not known:
        return plans, errors
    hint = DateHint(min(first for first, _ in known), max(last for _, last in known))
    return [
        plan
        if plan.layout.date_origin in (DateOrigin.WRITTEN, DateOrigin.NONE)
        else Plan(plan.source, learn_layout(sample, hint, _forced(plan.source, forced)))
        for plan, (_, sample) in zip(plans, samples, strict=True)
    ], errors


def _dated_range(layout: Layout, sample: Sample) -> tuple[int, int] | None:
    """Earliest and latest time in a file's samples."""
    state = layout.new_state()
    times = []
    for piece in (sample.head, sample.middle, sample.tail):
        for line in piece.split(b"\n")[1:-1] if piece is not sample.head else piece.split(b"\n")[:-1]:
            head = layout.parse(line, state)
            if head is not None and head.time is not None:
                times.append(head.time)
    return (min(times), max(times)) if times else None


def _forced(source: Source, forced: Mapping[str, str]) -> str | None:
    for part in source.parts:
        if part.path in forced:
            return forced[part.path]
    return forced.get(source.key) or forced.get(source.service)


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
