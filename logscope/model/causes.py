"""What broke, what set it off, what followed, and what it was not."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from logscope.model.files import LineRef
from logscope.model.times import US, span

_LEAST_LAG_US: Final = 1000
"""Stamps are of milliseconds at best."""
OUTSIDE: Final = "outside these logs"
"""The suspect that is always there: no file shows the cause and no line names it."""


class Confidence(StrEnum):
    """How sure the ranking is, in words."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Link(StrEnum):
    """How an event is tied to another one."""

    NAMED = "named"
    NUMBER = "number"
    TIME = "time"

    @property
    def how(self) -> str:
        """In words; what only the time ties may be a coincidence."""
        return "by time only" if self is Link.TIME else "by number" if self is Link.NUMBER else "by name"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against a candidate; true of the lines that it cites."""

    kind: str
    """order, reach, cause, symptom, blame, lag, ended, change, number, silence, phantom, ..."""
    points: float
    text: str
    lines: tuple[LineRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """The change or event that set the cause off."""

    file: str
    line: int
    sample: str
    time: int
    lag_us: int
    """From the trigger to the cause's onset; positive."""
    link: Link
    service: str = ""
    text: str = ""
    """What changed, in a few words."""

    def is_at(self, file: str | None, line: int | None) -> bool:
        """Its line is that one."""
        return (self.file, self.line) == (file, line)

    @property
    def when(self) -> str:
        """How long before the cause, no finer than both stamps are: `16.9 s before`, `in the same second`."""
        seconds = (self.time + self.lag_us) // US - self.time // US
        if self.lag_us < _LEAST_LAG_US:
            return "at the same moment"
        if self.time % US and (self.time + self.lag_us) % US:
            return f"{span(self.lag_us)} before"
        if not seconds:
            return "in the same second"
        return f"{seconds} s before" if seconds < 60 else f"{span(seconds * US)} before"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible root cause, with evidence and counter-evidence. The first is the likeliest."""

    rank: int
    in_logs: bool
    """False where the cause's own log is silent or was not given."""
    file: str | None
    service: str
    group: str | None
    first_seen: int | None
    sample: str
    line: int | None
    points: float
    probability: float
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    counter_evidence: tuple[Evidence, ...]
    trigger: Trigger | None
    headline: str = ""
    """The mechanism in a few words: the message without its head."""
    rule: str | None = None
    is_event: bool = False
    """Its line tells of an event (a change, a job that begins), not of a failure: it is what can be undone."""
    log_service: str = ""
    """What its own log goes by, whose line this is; empty where another one's line names or is about it."""
    told_since: int | None = None
    """Since when its own log fails as well, where another one's line stands for it; None where it shows nothing."""

    @property
    def name(self) -> str:
        """Who it is, as `name_with_log` tells it."""
        return name_with_log(self.service, self.log_service)

    @property
    def is_set_off_by_itself(self) -> bool:
        """It is an event, surely enough, before which nothing is known: to ask for a change before it asks twice."""
        return self.is_event and self.trigger is None and self.confidence is not Confidence.LOW


def name_with_log(service: str, log_service: str) -> str:
    """Who it is; with its log's name, which the story tells, where that is another: `nginx (access)`."""
    own, log = service.lower(), log_service.lower()
    return service if log in own or own in log else f"{service} ({log_service})"


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A service that need not be woken, and why."""

    service: str
    file: str | None
    reason: str
    lines: tuple[LineRef, ...] = ()


@dataclass(frozen=True, slots=True)
class CascadeEdge:
    """One step of the cascade."""

    from_group: str
    to_group: str
    lag_us: int
    how: Link
