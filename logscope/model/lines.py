"""Lines of logs as the log pane shows them: where each stands, what it says, and one looked at closely."""

from collections.abc import Callable
from dataclasses import dataclass

from logscope.model.severity import Severity

Spot = tuple[str, int, int]
"""A line: key of its log, part, offset."""
Progress = Callable[[int], bool]
"""Told the bytes that were looked at since the start; False ends the search."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log."""

    source: str
    """Key of its log."""
    service: str
    part: int
    offset: int
    number: int | None
    """1-based, in its part; None where counting would take too long."""
    text: str
    """Raw text: never show it unescaped."""
    severity: Severity
    """Of its record."""
    is_head: bool
    """Begins a record; continuations follow it."""
    time: int | None
    """Of its record, microseconds UTC, corrected by the clock of its file."""
    message: int = 0
    """Characters before the message: what the head takes, and what a continuation repeats of it; 0 without either."""

    def says(self, text: str) -> bool:
        """It holds a text, letters of any case."""
        return text.lower() in self.text.lower()

    def begins_at_least(self, least: Severity) -> bool:
        """A record of at least a level begins here."""
        return self.is_head and self.severity >= least

    @property
    def spot(self) -> Spot:
        """Where it stands."""
        return self.source, self.part, self.offset


@dataclass(frozen=True, slots=True)
class Detail:
    """One record, looked at closely. All text is raw."""

    rows: tuple[tuple[str, str], ...]
    """Names and values: time, level, logger, ids, pairs."""
    text: str
    """Head and continuations."""
    ids: tuple[str, ...]
    """Of the request or trace; they tie records of several services together."""
