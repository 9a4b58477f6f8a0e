"""What every judgement of an incident starts from, and what it gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from logscope.analysis.causes.calls import Call
from logscope.analysis.causes.changes import Change
from logscope.analysis.clocks.steps import Jump
from logscope.analysis.kinds.entities import Names
from logscope.analysis.kinds.kinds import Kind, SourceView
from logscope.analysis.kinds.texts import TextShelf
from logscope.analysis.onset.gate import Coverage
from logscope.analysis.story.alerts import Alert
from logscope.analysis.story.tables import Buckets
from logscope.analysis.users.trips import Trips
from logscope.analysis.users.users import Users
from logscope.index.index import Index
from logscope.knowledge.rule import Rule
from logscope.model.advice import Actions
from logscope.model.causes import Candidate, CascadeEdge, RuledOut
from logscope.model.files import FileSummary
from logscope.model.incident import Incident, TimelineEntry
from logscope.model.kinds import GroupSummary
from logscope.model.recovery import Recovery
from logscope.model.snapshot import Note, Rise
from logscope.model.times import MINUTE_US

LOOK_BACK_US: Final = 30 * MINUTE_US
"""The window before the onset that is read at every level (analysis.md 3.2)."""


@dataclass(frozen=True, slots=True)
class Base:
    """What every judgement starts from."""

    index: Index
    views: Mapping[str, SourceView]
    files: tuple[FileSummary, ...]
    as_of: int | None
    kinds: Sequence[Kind]
    ordinary: Sequence[Kind]
    """Kinds of the window that was read at every level whose words say nothing."""
    read_since: Mapping[str, int]
    """By source since when its lines were read at every level: of a large log the time around an onset alone is."""
    buckets: Buckets
    lane_buckets: Buckets
    users: Users | None
    read_trips: Callable[[], Trips]
    """Where requests went, read when first asked for: a quiet moment needs none."""
    jumps: Mapping[str, Jump]
    """By source where its clock was stepped ahead, which is no pause."""
    alerts: Sequence[Alert]
    changes: Sequence[Change]
    coverage: Coverage
    notes: tuple[Note, ...]
    texts: TextShelf
    names: Names
    calls: Sequence[Call]
    knows: Callable[[str], bool]
    """Whether a word has a sense of its own, or is the name of somebody known."""
    find_silent: Callable[[str], tuple[Rule, ...]]
    """Rules about what a service does not log."""

    def read_starts(self) -> dict[str, int]:
        """By source since when its lines are known at every level: what stands there first need not be new."""
        return {key: max(start, self.read_since.get(key, start)) for key, start in self.coverage.starts.items()}

    def offset_by_part(self) -> dict[str, int]:
        """By path what its clock is off by, microseconds."""
        return {part: view.offset_us for view in self.views.values() for part in view.parts}


@dataclass(frozen=True, slots=True)
class Found:
    """What a judgement gives."""

    groups: tuple[GroupSummary, ...]
    recovery: Recovery
    incident: Incident | None = None
    candidates: tuple[Candidate, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    cascade: tuple[CascadeEdge, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    actions: Actions | None = None
    window: tuple[int, int] | None = None
    users: Users | None = None
    """What users got, as it was counted for this judgement; None where as ever."""
    rise: Rise | None = None
    """Where there is no incident: what rose and costs nobody anything."""
