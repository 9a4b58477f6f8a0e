"""The incident itself: its span, what users got, its story, its numbers, what it left undone."""

from dataclasses import dataclass
from enum import StrEnum

from logscope.model.files import LineRef
from logscope.model.severity import Severity
from logscope.model.times import US


class EventKind(StrEnum):
    """Kinds of timeline entries."""

    ONSET = "onset"
    CHANGE = "change"
    ALERT = "alert"
    NOTE = "note"
    FIX = "fix"
    RECOVERY = "recovery"
    SILENCE = "silence"
    WAVE = "wave"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Work that began and did not end, ended twice, or was told failed but done."""

    kind: str
    """started_not_finished | done_twice | told_failed_but_done"""
    from_event: str
    to_event: str
    count: int
    ids: tuple[str, ...]
    """The first 20."""
    lines: tuple[LineRef, ...]
    is_read_only: bool = False
    """Nothing was to be changed: lost views, nothing to repair."""
    is_sample: bool = False
    """There are so many ids that only a sample was followed: the count is of it."""
    told: int = 0
    """Of what was not finished so many whose last answer was an error: whoever asked knows."""


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A number in the logs that left its normal before or with the onset."""

    service: str
    name: str
    """Of the field, as it is written."""
    before: float
    after: float
    """The value farthest from before, until shortly behind the onset."""
    begin: int
    """Time of `before`, microseconds UTC."""
    end: int
    """Time of `after`."""
    last: float
    """Its latest value."""
    climbs_on: bool
    """Its latest values rise again, one after the other."""
    alert_at_80: int | None
    """When an alert at 80 % of a limit that the logs state would have fired, before the first error; None without."""
    is_full: bool
    """It reached a limit that the same records state, or 100 %."""
    is_percent: bool
    score: float
    """How many deviations away; for ordering."""
    lines: tuple[LineRef, ...]
    """Of `before` and of `after`."""
    left_normal: bool = True
    """Else it has risen for as long as there are values: when that began is not known."""
    is_state: bool = False
    """A number in rare lines that was always the same before: a state that changed."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of the story, in corrected time."""

    time: int
    """Where its stamp is of whole seconds and its cause lies within that second, the earliest it can have been."""
    time_logged: int
    """As the file's stamp says (zone applied, clock not corrected)."""
    kind: EventKind
    service: str
    file: str | None
    line: int | None
    sample: str
    event: str
    """What happened, in one line: the message without its head."""
    impact: str
    """What users lost, from the lines' own words; `none yet` until something fails."""
    group: str | None = None
    count: int | None = None
    """Records of the same kind from here on; None for single events."""
    severity: Severity = Severity.UNKNOWN
    is_root: bool = False
    is_key: bool = False
    """Belongs to the story: the five to eight lines that tell the incident."""
    sigma_us: int = 0
    is_placed: bool = False
    """Its stamp alone does not tell `time`: its cause does."""

    @property
    def shown_time(self) -> int:
        """For a person: no more digits than the stamp has."""
        return self.time // US * US if self.is_placed else self.time


@dataclass(frozen=True, slots=True)
class Rates:
    """A figure before, during and after the incident; None where it cannot be told."""

    before: float | None
    during: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Attempts:
    """Requests by their ids: what users asked for, however often their clients tried."""

    asked: int
    served: int
    """Whose last attempt went well."""
    attempts: int
    failed_attempts: int
    is_sample: bool
    """Not every id was kept."""


@dataclass(frozen=True, slots=True)
class Incident:
    """The incident as a whole."""

    start: int
    """Onset of candidate 1."""
    end: int | None
    headline: str
    services: tuple[str, ...]
    first_error: int | None
    alert_began: int | None
    detected_at: int | None
    """When an alert reached a person."""
    detection_gap_us: int | None
    success_rate: Rates
    """Shares, 0 to 1."""
    volume: Rates
    """Requests per second."""
    success_note: str = ""
    """Where the rate comes from, or why there is none."""
    is_by_ids: bool = False
    """The rates are of operations that one service logs by their ids; no access log is there."""
    edge_fails: str = ""
    """Who writes the access log and itself breaks: what it refuses may not be in there; empty for anybody else."""
    attempts: Attempts | None = None
    """During the incident; None where ids do not tell, or nobody asks twice."""
    share_until_fix: float | None = None
    """Of requests until it was partly over; None where it is not partly over, or no rate is known."""
    impact_text: str = ""
    """What users lost, in one sentence."""
