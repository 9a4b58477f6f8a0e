"""The Snapshot: everything that is known at one moment, as frozen values. Screen, report and JSON only render it.

All times are integers, microseconds UTC (`model.times`), already corrected by the file's zone; `None` means unknown.
All texts that come from a file are raw: whoever shows them passes them through `text.safe_text` first, and whoever
lets them leave the host through `text.redact`.
"""

from dataclasses import dataclass
from enum import StrEnum

from logscope.model.severity import Severity


class ZoneOrigin(StrEnum):
    """Where a file's time zone comes from."""

    WRITTEN = "written"
    """Every stamp carries it."""
    GIVEN = "given"
    """By `--tz` or the configuration."""
    PROVED = "proved"
    """By ids or mirrored events shared with a file whose zone is known."""
    ASSUMED = "assumed"


class DateOrigin(StrEnum):
    """Where a file's dates come from."""

    WRITTEN = "written"
    YEAR_FROM_NAME = "year from the file's name"
    YEAR_FROM_FILES = "year from other files"
    YEAR_FROM_MTIME = "year from the file's modification time"
    DAY_FROM_NAME = "day from the file's name"
    DAY_FROM_FILES = "day from other files"
    DAY_FROM_MTIME = "day from the file's modification time"
    NONE = "none"
    """The file holds no times, or nothing tells the day."""


class Role(StrEnum):
    """What a group is to the incident."""

    CAUSE = "cause"
    SYMPTOM = "symptom"
    CHRONIC = "chronic"
    """As often before as during: everyday noise."""
    UNRELATED = "unrelated"
    OTHER = "other"


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


class Risk(StrEnum):
    """What an action may cost."""

    SAFE = "safe"
    DISRUPTIVE = "disruptive"
    DESTRUCTIVE = "destructive"


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
class LineRef:
    """A line that can be opened."""

    file: str
    """Path of the part, as it was given or found."""
    line: int
    """1-based line number inside that part (of the content, where it is compressed)."""
    offset: int | None = None
    """Byte offset of the line's first byte in the part's content; None when not known."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a file that a reader must know: damaged, unreadable, undated, ..."""

    kind: str
    detail: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A file's time zone and how it is known."""

    name: str
    """`UTC`, an IANA name, or an offset such as `+01:00`."""
    origin: ZoneOrigin


@dataclass(frozen=True, slots=True)
class FileSummary:
    """One file (or one rotated part of a log) and how it was read."""

    path: str
    source: str
    """Key of the log this part belongs to; parts of one rotated log share it."""
    service: str
    format: str
    encoding: str
    zone: Zone
    date_origin: DateOrigin
    lines: int
    records: int
    bytes: int
    """Bytes on disk; of the content for compressed files."""
    errors: int
    warnings: int
    untimed_records: int
    first_seen: int | None
    last_seen: int | None
    clock_offset_us: int
    """What is added to a stamp of this file to get the common time; 0 when nothing shows a difference."""
    problems: tuple[Problem, ...] = ()
    levelled_records: int = 0
    """Records with a written level."""
    clock_origin: str = "assumed"
    """Why the offset is what it is: `assumed`, or e.g. `37 shared ids`."""


@dataclass(frozen=True, slots=True)
class Series:
    """Counts in buckets of equal width, oldest first."""

    start: int
    bucket_us: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """Records judged to be the same event."""

    id: str
    file: str
    """Part that holds the first record."""
    source: str
    service: str
    severity: Severity
    template: str
    sample: str
    line: int
    """Line of the first record in `file`."""
    count: int
    first_seen: int | None
    last_seen: int | None
    onset: int | None
    """When it began or rose in the incident; None when it did neither."""
    onset_ref: LineRef | None
    onset_sample: str
    """Raw text of the record at the onset; empty without one."""
    onset_sigma_us: int
    """Uncertainty of the onset."""
    baseline_per_min: float | None
    """Records per minute before the incident; None without a normal period in view."""
    per_minute: Series
    outside_window: int
    """Records outside the window of the trend, or without a time."""
    role: Role
    related_to: str | None
    """Id of the group that this one follows; None when it follows none."""
    headline: str = ""
    """The message without its head, in one line: what a table shows."""
    current_per_min: float | None = None
    """Records per minute lately (the recovery's window); None when too early."""
    peak_per_min: float = 0.0
    examined_only: bool = False
    """Found in the window that was read at every level: the count holds for that window only."""
    rule: str | None = None
    """Id of the knowledge rule that recognises it."""
    exception: bool = False
    request: bool = False
    """Lines of an access log."""


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


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A service that need not be woken, and why."""

    service: str
    file: str | None
    reason: str
    lines: tuple[LineRef, ...] = ()


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
    is_state: bool = False
    """A number in rare lines that was always the same before: a state that changed."""


@dataclass(frozen=True, slots=True)
class CascadeEdge:
    """One step of the cascade."""

    from_group: str
    to_group: str
    lag_us: int
    how: Link


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of the story, in corrected time."""

    time: int
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
    attempts: Attempts | None = None
    """During the incident; None where ids do not tell, or nobody asks twice."""
    impact_text: str = ""
    """What users lost, in one sentence."""


@dataclass(frozen=True, slots=True)
class Trend:
    """Counts over all files."""

    start: int
    bucket_us: int
    errors: tuple[int, ...]
    warnings: tuple[int, ...]
    records: tuple[int, ...]
    estimate: bool = False
    """Made from samples; the exact pass is not done."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One service's row in the timeline, in the buckets of `Snapshot.lane_start` and `lane_bucket_us`."""

    service: str
    errors: tuple[int, ...]
    warnings: tuple[int, ...]
    records: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UsersLane:
    """Requests as the edge log saw them. Buckets as in the lanes."""

    source: str
    ok: tuple[int, ...]
    failed: tuple[int, ...]
    beside: tuple[str, ...] = ()
    """Logs of servers beside it, counted as well."""


@dataclass(frozen=True, slots=True)
class LaneSet:
    """Lanes of a shorter span in finer buckets: what the timeline shows when it is zoomed."""

    start: int
    bucket_us: int
    lanes: tuple[Lane, ...]
    users: UsersLane | None


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
    begun: int | None = None
    """When it began in this incident."""
    last: int | None = None
    """Its last record."""
    is_cause: bool = False
    """What broke, not what fails with it."""


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
    peak_per_s: float
    kind: str
    """incident | tail | herd | second_wave"""
    service: str = ""
    """Who wrote most of it; empty where it holds no errors."""
    fault: NewFault | None = None
    """Of a second wave: what it has that is new; None where the same came back."""


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
    climbing: str = ""
    """The number that brought it down and rises again; empty where none does."""
    next_to_fail: str = ""
    """A number of a service that still works which falls to nothing or rises since the onset; empty without."""
    to_mitigate_us: int | None = None
    """From the start to the fix."""
    to_recover_us: int | None = None
    """From the start to the first second after it."""


@dataclass(frozen=True, slots=True)
class FurtherIncident:
    """Another incident in the same logs, with its own answers."""

    incident: Incident
    candidates: tuple[Candidate, ...]
    """The likeliest three."""
    recovery: Recovery


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A verdict that was replaced."""

    verdict: Verdict
    until: int
    reason: str


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


@dataclass(frozen=True, slots=True)
class Note:
    """What a person added: a note, or the mark that a fix was applied."""

    time: int
    text: str
    is_fix: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """One of the four sentences on top of the screen."""

    label: str
    """STATE word (ONGOING, OVER, ...), BROKE, SET OFF or USERS."""
    text: str
    ref: LineRef | None
    """The line that it rests on; None when there is none."""
    tone: str
    """error | warning | ok | cause | plain: picks the colour, never the only carrier."""
    confidence: Confidence | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How much has been read."""

    bytes_read: int
    bytes_total: int
    done: bool
    stopped: bool = False
    """The user stopped the reading."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is known at `as_of`."""

    as_of: int | None
    """The newest trustworthy time: of the newest record in batch, of the clock when live."""
    provisional: bool
    """The exact pass is not done."""
    progress: Progress
    files: tuple[FileSummary, ...]
    groups: tuple[GroupSummary, ...]
    incident: Incident | None
    candidates: tuple[Candidate, ...]
    ruled_out: tuple[RuledOut, ...]
    unfinished: tuple[Unfinished, ...]
    cascade: tuple[CascadeEdge, ...]
    timeline: tuple[TimelineEntry, ...]
    trend: Trend
    lanes: tuple[Lane, ...]
    users: UsersLane | None
    recovery: Recovery
    actions: Actions
    sentences: tuple[Sentence, ...]
    """State, broke, set off, users: always four."""
    lane_start: int = 0
    """Start of the lanes' first bucket."""
    lane_bucket_us: int = 60_000_000
    near: LaneSet | None = None
    """The span that is looked at, by default the incident, in finer buckets; None where the lanes are as fine."""
    notes: tuple[Note, ...] = ()
    further: tuple[FurtherIncident, ...] = ()
    """Other incidents in the same logs, by start."""
    numbers: tuple[NumberChange, ...] = ()
    """Numbers that left their normal before or with the onset, the most telling first."""
    history: tuple[VerdictChange, ...] = ()
    """Earlier verdicts, newest first."""
