"""What to check, do and avoid now, and what to change afterwards."""

from dataclasses import dataclass
from enum import StrEnum

from logscope.model.files import LineRef


class Risk(StrEnum):
    """What an action may cost."""

    SAFE = "safe"
    DISRUPTIVE = "disruptive"
    DESTRUCTIVE = "destructive"


@dataclass(frozen=True, slots=True)
class Action:
    """Something to check, do or avoid."""

    text: str
    command: str | None
    risk: Risk
    rule: str | None
    source: str
    """Document that it rests on, with version; or `measured`."""
    undo: str | None = None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Work for after the incident, tied to its evidence."""

    text: str
    reason: str
    lines: tuple[LineRef, ...]
    rule: str | None
    is_background: bool = False
    """It rests on what somebody said all along, from before the incident: it made room for it."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """What a rule of the knowledge says about the cause: general, not shown by these lines."""

    rule: str
    meaning: str
    """One sentence: what the line means."""
    usual_causes: str
    """What brings it about as a rule; empty when the rule names nothing."""
    silent_by_design: str
    """What the component does not log; empty when it logs this."""
    source: str
    lines: tuple[LineRef, ...]
    """The lines that the rule recognises."""


@dataclass(frozen=True, slots=True)
class Actions:
    """What to do now and later."""

    check: tuple[Action, ...] = ()
    do: tuple[Action, ...] = ()
    avoid: tuple[Action, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    mechanism: Mechanism | None = None
    """By rule; None where no rule speaks of the cause."""
