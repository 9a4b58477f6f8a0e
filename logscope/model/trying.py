"""A format that is tried on the lines of a log before it is taken."""

from dataclasses import dataclass
from typing import Final

from logscope.model.severity import Severity

ANY: Final = "plain"
"""The format of lines of any kind, without times."""


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
        return self.name in ("", ANY) or (self.format == self.name and any(line.is_head for line in self.lines))
