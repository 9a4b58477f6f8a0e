"""What a judgement of everything rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from logscope.analysis.causes.calls import Call
from logscope.analysis.clocks.clocks import Clock
from logscope.analysis.kinds.builder import KindBuilder
from logscope.analysis.kinds.kinds import SourceView
from logscope.analysis.kinds.texts import TextShelf
from logscope.analysis.onset.gate import Gate
from logscope.analysis.story.alerts import Alerts
from logscope.index.index import Index
from logscope.model.files import DateOrigin, Problem, Progress, Zone
from logscope.model.recovery import VerdictChange
from logscope.model.snapshot import Note


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a judgement rests on."""

    index: Index
    window: Index
    """Records of every level from the span that was read again."""
    views: Mapping[str, SourceView]
    builder: KindBuilder
    gate: Gate
    """Of failing kinds."""
    low_gate: Gate
    """Of kinds below warning."""
    alerts: Alerts
    notes: Sequence[Note]
    now: int | None
    """The clock; None in batch."""
    progress: Progress
    texts: TextShelf
    zones: Mapping[str, Zone]
    date_origins: Mapping[str, DateOrigin]
    plan_problems: Mapping[str, Sequence[Problem]]
    history: Sequence[VerdictChange]
    clocks: Mapping[str, Clock]
    """For each source whose clock could be compared how it differs."""
    calls: Sequence[Call]
    """Which sources' requests go through which others."""
    estimated: Index = field(default_factory=Index)
    """What lies before the records of `index`, by second of each source, made from samples: for the curves alone."""
    focus: tuple[int, int] | None = None
    """Span that somebody looks at closely; None for the incident."""

    @property
    def curves(self) -> tuple[Index, Index]:
        """What the curves over time are drawn from."""
        return self.index, self.estimated
