"""Whether it is over, and how that is known."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from logscope.model.causes import Trigger
from logscope.model.files import LineRef

_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


class Verdict(StrEnum):
    """Whether the incident is over: the likeliest reading."""

    RECOVERED = "recovered"
    HERD = "herd"
    SECOND_WAVE = "second_wave"
    PARTIAL = "partial"
    ONGOING = "ongoing"
    NO_INCIDENT = "no_incident"
    NO_BASELINE = "no_baseline"
    TOO_EARLY = "too_early"


class FixOrigin(StrEnum):
    """Who says when the fix was applied."""

    MARKED = "marked"
    DETECTED = "detected"


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is still broken, by name."""

    what: str
    rate_per_min: float
    volume: int
    since: int | None
    """First record of the span that the volume counts."""
    usual_per_min: float = 0.0
    """Before the incident."""
    failed: int = 0
    """Failed requests of a route; 0 for what a service says."""
    asked: int | None = None
    """All requests of a route; None where answers that went well are not known."""
    earlier: int = 0
    """Requests of a route in the same span before the first that failed."""
    begun: int | None = None
    """When it began in this incident."""
    last: int | None = None
    """Its last record."""
    is_cause: bool = False
    """What broke, not what fails with it."""
    tells_cause: bool = False
    """Another kind that shows the same: at another host, of another table."""


@dataclass(frozen=True, slots=True)
class Served:
    """What users got lately, as the edge log saw it."""

    ok: int
    """Requests answered without a server error."""
    requests: int
    since: int
    """Begin of the span that both count."""
    ok_since: int
    """Behind the last failed request."""
    ok_requests: int
    """Since then; none of them failed."""


@dataclass(frozen=True, slots=True)
class NewFault:
    """A kind of error that a second wave brings and the first did not have."""

    group: str
    service: str
    headline: str
    count: int
    """Records in the wave."""
    time: int
    ref: LineRef
    trigger: Trigger | None
    """The change before it; None where none is logged."""


@dataclass(frozen=True, slots=True)
class Wave:
    """A burst of errors, at second resolution."""

    start: int
    end: int
    count: int
    """Records of whoever wrote most: others tell of the same failures once more."""
    peak_per_s: float
    kind: str
    """incident | tail | herd | second_wave"""
    service: str = ""
    """Who wrote most of it; empty where it holds no errors."""
    asked: int | None = None
    """Requests of users in it; None without an access log."""
    failed: int | None = None
    """Of these."""
    fault: NewFault | None = None
    """Of a second wave, or one that is not decided yet: what it has that is new; None where the same came back."""
    trigger: Trigger | None = None
    """Of a second wave in which the same came back: the change before it; None where none is logged."""

    @property
    def failed_share(self) -> float | None:
        """Share of the users' requests that failed in it; None where it is not known."""
        return self.failed / self.asked if self.asked and self.failed is not None else None

    @property
    def set_off(self) -> Trigger | None:
        """The change before it, whatever it brought."""
        return self.trigger if self.fault is None else self.fault.trigger


@dataclass(frozen=True, slots=True)
class Recovery:
    """Whether it is over, and how that is known."""

    verdict: Verdict
    confirmed: bool
    over: bool | None
    as_of: int | None
    fix_at: int | None
    fix_origin: FixOrigin | None
    baseline_per_min: float | None
    current_per_min: float | None
    since: int | None
    minutes_needed: float | None
    remaining: tuple[Remaining, ...]
    waves: tuple[Wave, ...]
    explanation: str
    during_per_min: float | None = None
    target_per_min: float | None = None
    held_us: int | None = None
    """How long the target has been held."""
    fix_ref: LineRef | None = None
    """The line that tells of the fix; None where nothing was logged."""
    fix_text: str = ""
    """What it says."""
    fix_sample: str = ""
    """The line as it stands."""
    fix_service: str = ""
    served: Served | None = None
    """None without an access log."""
    cause_silent_since: int | None = None
    """Since when what broke is silent though what it brought down fails on and keeps itself up; None if it is not."""
    silence: str = ""
    """What is known of whose silence is the incident, or is left of it; empty where lines are."""
    climbing: str = ""
    """The number that brought it down and rises again; empty where none does."""
    standing: str = ""
    """What a log told that is down and took back by no line, though nothing fails any more; empty without."""
    next_to_fail: str = ""
    """A number of a service that still works which falls to nothing or rises since the onset; empty without."""
    to_mitigate_us: int | None = None
    """From the start to the fix."""
    to_recover_us: int | None = None
    """From the start to the first second after it."""

    @property
    def quiet_minutes_needed(self) -> int | None:
        """How many more quiet minutes would confirm it, as it is told; None where none would, or it is confirmed."""
        return max(1, round(self.minutes_needed)) if self.minutes_needed else None

    @property
    def undecided(self) -> Wave | None:
        """The last wave while it goes on and nobody can say yet whether it is more than retries; None else."""
        is_open = self.verdict is Verdict.TOO_EARLY and self.since is None and len(self.waves) > 1
        return self.waves[-1] if is_open else None

    @property
    def present_fault(self) -> NewFault | None:
        """What fails in a later wave that is not over, where it is another fault than that of the first."""
        if self.verdict is not Verdict.SECOND_WAVE or self.over:
            return None
        return self.waves[-1].fault if self.waves else None

    def broken_since(self, left: Remaining) -> int | None:
        """Since when something that remains is broken: of a long wave only the last minute is counted."""
        begun = left.since if left.begun is None else left.begun
        again = [one.start for one in self.waves[1:] if one.kind == "second_wave" or one is self.undecided]
        return max((time for time in (begun, *again) if time is not None), default=None)

    def name_wave(self, wave: Wave | None = None) -> str:
        """`second wave`, `third wave`: which return a wave is; without one, the last."""
        returns = [one for one in self.waves if one.kind == "second_wave"]
        number = 1 + (returns.index(wave) if wave in returns else max(0, len(returns) - 1))
        return f"{_ORDINALS[number] if number < len(_ORDINALS) else f'{number + 1}th'} wave"


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A verdict that was replaced."""

    verdict: Verdict
    until: int
    reason: str
