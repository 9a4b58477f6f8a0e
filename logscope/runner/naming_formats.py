"""A person says how a log is written while it is read: what its lines would be then, and which logs are read anew."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from logscope.errors import SourceError
from logscope.ingest.layouts.forced import list_formats
from logscope.ingest.layouts.layout import Layout, learn_again
from logscope.model.severity import Severity
from logscope.runner.planning import Plan, find_forced, spread_dates
from logscope.sources.discovery import Source, discover

_FIRST_LINES: Final = 40
"""Lines that are shown as they would be read."""
_ANY: Final = "plain"
"""Lines of any kind, without times."""
_LEAST: Final = "text"
"""Lines with a stamp; all names of writers of text say so much."""


@dataclass(frozen=True, slots=True)
class TriedLine:
    """A line as it would be read."""

    is_head: bool
    """It begins a record; others belong to the one before."""
    time: int | None
    """As written, microseconds."""
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A format tried on the lines of a log that were sampled."""

    name: str
    """As it is said; empty for what was learned from the lines alone."""
    format: str
    """What the lines are read as then: where none can be read as was said, what is learned from them."""
    lines: tuple[TriedLine, ...]
    """The first ones."""
    timed: int
    """Lines that begin a record with a time."""
    levelled: int
    """Lines that begin a record with a level."""
    count: int
    """Lines that were tried."""

    @property
    def is_readable(self) -> bool:
        """The lines can be read so."""
        return self.name in ("", _ANY) or (self.format == self.name and any(line.is_head for line in self.lines))


def try_format(plan: Plan, name: str) -> Tried:
    """What the lines of a log would be in a format; in none, where the name is empty, as they are learned."""
    lesson = plan.layout.lesson
    lines = lesson.lines if lesson is not None else []
    layout = _learn_as(plan, name).layout
    state = layout.new_state()
    tried: list[TriedLine] = []
    timed = levelled = 0
    for line in lines:
        head = layout.parse(line, state)
        severity = head.severity if head is not None else Severity.UNKNOWN
        timed += head is not None and head.time is not None
        levelled += severity is not Severity.UNKNOWN
        if len(tried) < _FIRST_LINES:
            tried.append(TriedLine(head is not None, head.time if head else None, severity, _message(layout, line)))
    return Tried(name, layout.name, tuple(tried), timed, levelled, len(lines))


def _message(layout: Layout, line: bytes) -> str:
    return layout.read_message(line).split("\n", 1)[0]


def rank_formats(plan: Plan) -> tuple[Tried, ...]:
    """All formats that can be named, those that give most lines a time first. Takes up to a second.

    Of those that read the lines alike what is learned from them comes first, and what says least.
    """
    tried = [try_format(plan, name) for name in list_formats()]
    learned = try_format(plan, "").format

    def rank(one: Tried) -> tuple[object, ...]:
        return not one.is_readable, -one.timed, -one.levelled, one.name != learned, one.name != _LEAST, one.name

    return tuple(sorted(tried, key=rank))


def replan(plans: Sequence[Plan], key: str, name: str) -> list[Plan]:
    """The plans that change where a log is said to be written in a format: its own, and those that learn dates of it.

    Args:
        plans: Of all logs.
        key: Of the log.
        name: Of the format; empty for as it is learned.
    """
    said = [_learn_as(plan, name) if plan.source.key == key else plan for plan in plans]
    return [
        new
        for old, new in zip(plans, spread_dates(said), strict=True)
        if old.source.key == key or (new.stream is None and _placing(new.layout) != _placing(old.layout))
    ]


def _learn_as(plan: Plan, name: str) -> Plan:
    lesson = plan.layout.lesson
    if lesson is None:
        return plan
    return replace(plan, layout=learn_again(replace(lesson, forced=name or None)))


def _placing(layout: Layout) -> tuple[object, ...]:
    """What places stamps without year or day."""
    return layout.date_origin, layout.year, layout.day, layout.needs_start


def say_format(formats: Mapping[str, str], source: Source, name: str) -> dict[str, str]:
    """What was said of all logs, with a name for one of them; an empty name takes back what was said of it."""
    said = dict(formats)
    while find_forced(source, said) is not None:
        for known in (*(part.path for part in source.parts), source.key, source.service, os.path.realpath(source.key)):
            said.pop(known, None)
    return {**said, source.key: name} if name else said


def find_again(source: Source, paths: Sequence[str]) -> Source:
    """A log as it lies now.

    Args:
        source: As it was found.
        paths: Where its parts were last seen, oldest first.

    Raises:
        SourceError: It cannot be read any more.
    """
    found = discover(list(dict.fromkeys(paths)), lambda _: True, siblings=False, wait_for_missing=True)
    now = next((one for one in found.sources if one.key == source.key), None)
    if now is None or not now.parts:
        raise SourceError(source.key, found.refusals[0].reason if found.refusals else "no such file any more")
    return replace(now, service=source.service)
