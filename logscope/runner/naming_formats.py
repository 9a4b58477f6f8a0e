"""A person says how a log is written while it is read: what its lines would be then, and which logs are read anew."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from logscope.errors import SourceError
from logscope.ingest.layouts.forced import list_formats
from logscope.ingest.layouts.layout import Layout, learn_again
from logscope.model.files import Problem
from logscope.model.severity import Severity
from logscope.model.trying import Tried, TriedLine
from logscope.runner.planning import Plan, leave_old_parts, names_of, spread_dates
from logscope.sources.discovery import Source, discover

SAVED: Final = "what a saved incident holds of it cannot be read anew; open the log itself"
"""Why there is nothing to choose."""
_FIRST_LINES: Final = 40
"""Lines that are shown as they would be read."""
_LEAST: Final = "text"
"""Lines with a stamp; all names of writers of text say so much."""


class Trial:
    """Formats that are tried on the lines that were sampled of a log."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tried: dict[str, Tried] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All that can be said; first the empty one: as it is learned."""
        return "", *list_formats()

    def try_as(self, name: str) -> Tried:
        """What the lines would be in a format."""
        if name not in self._tried:
            self._tried[name] = _try_format(self._plan, name)
        return self._tried[name]

    def rank(self) -> tuple[Tried, ...]:
        """All of `names` but the first, those that give most lines a time first. Takes up to a second.

        Of those that read the lines alike what is learned from them comes first, and what says least.
        """
        learned = self.try_as("").format

        def rank(one: Tried) -> tuple[object, ...]:
            return not one.is_readable, -one.timed, -one.levelled, one.name != learned, one.name != _LEAST, one.name

        return tuple(sorted(map(self.try_as, list_formats()), key=rank))


def _try_format(plan: Plan, name: str) -> Tried:
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
    names = names_of(source)
    said = {known: one for known, one in formats.items() if known not in names}
    return {**said, source.key: name} if name else said


def find_again(plan: Plan, paths: Sequence[str], *, siblings: bool) -> Plan:
    """A log as it lies now, with a problem for each part that cannot be read any more.

    Args:
        plan: Of files, as they were found.
        paths: Where they were last seen, oldest first; the last one is followed.
        siblings: Also take rotated parts beside them: what was copied before it was cut has another place.

    Raises:
        SourceError: The newest one cannot be read.
    """
    found = discover(list(dict.fromkeys(paths)), lambda _: True, siblings=siblings)
    now = next((one for one in found.sources if one.key == plan.source.key), None)
    if now is None or now.parts[-1].path != paths[-1]:
        raise SourceError(paths[-1], next((one.reason for one in found.refusals), "it is not there now"))
    lost = [
        Problem("lost", f"{one.path}: {one.reason}; its lines were read and counted before") for one in found.refusals
    ]
    problems = (*plan.problems, *lost)
    return leave_old_parts(replace(plan, source=replace(now, service=plan.source.service), problems=problems))
