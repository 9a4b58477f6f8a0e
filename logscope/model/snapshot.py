"""The Snapshot: everything that is known at one moment, as frozen values. Screen, report and JSON only render it.

All times are integers, microseconds UTC (`model.times`), already corrected by the file's zone; `None` means unknown.
All texts that come from a file are raw: whoever shows them passes them through `text.safe_text` first, and whoever
lets them leave the host through `text.redact`.
"""

from dataclasses import dataclass
from typing import Final

from logscope.model.advice import Actions
from logscope.model.causes import Candidate, CascadeEdge, Confidence, RuledOut
from logscope.model.files import FileSummary, LineRef, Progress
from logscope.model.incident import Incident, NumberChange, TimelineEntry, Unfinished
from logscope.model.kinds import GroupSummary
from logscope.model.lanes import Lane, LaneSet, Trend, UsersLane
from logscope.model.recovery import Recovery, VerdictChange


@dataclass(frozen=True, slots=True)
class FurtherIncident:
    """Another incident in the same logs, with its own answers."""

    incident: Incident
    candidates: tuple[Candidate, ...]
    """The likeliest three."""
    recovery: Recovery
    is_alone: bool = False
    """One service complains: it names nobody, no request fails with it, and no known cause is in its words."""


FIX_APPLIED: Final = "fix applied"
"""What the mark of a fix says where nobody said what was done."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a person added: a note, or the mark that a fix was applied."""

    time: int
    text: str
    is_fix: bool = False


@dataclass(frozen=True, slots=True)
class Rise:
    """What rose and is no incident: it costs nobody anything, or was over in moments."""

    text: str
    count: int
    since: int
    are_errors: bool = False
    """Else warnings."""
    until: int | None = None
    """End of what was too short for an incident, microseconds UTC; None where it costs nobody anything."""


@dataclass(frozen=True, slots=True)
class CutStart:
    """What failed where the logs begin."""

    errors: int
    until: int
    """End of it, microseconds UTC."""


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
    sentences: tuple[Sentence, ...] = ()
    """State, broke, set off, users: always four; with times in UTC."""
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
    rise: Rise | None = None
    """Without an incident."""
    cut_start: CutStart | None = None
    """Without an incident."""
    history: tuple[VerdictChange, ...] = ()
    """Earlier verdicts, newest first."""
    asked: tuple[int | None, int | None] = (None, None)
    """Begin and end of the only time that was asked for; None where it is open."""

    @property
    def has_cause(self) -> bool:
        """There is something to explain: everyday noise is no cause of anything where nothing rose."""
        return bool(self.candidates) and (self.incident is not None or self.as_of is None)
