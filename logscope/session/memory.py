"""What a session knows of its logs and keeps, as plain values: how each is written, and all that was read and told."""

from dataclasses import dataclass
from datetime import tzinfo

from logscope.analysis.clocks.clocks import Clock
from logscope.analysis.kinds.texts import TextPlace
from logscope.index.index import Index
from logscope.ingest.layouts.layout import Layout
from logscope.model.files import Problem
from logscope.model.recovery import VerdictChange
from logscope.model.snapshot import Note


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One log of the session and how it is written."""

    key: str
    service: str
    parts: tuple[str, ...]
    """Paths, oldest first."""
    layout: Layout
    problems: tuple[Problem, ...] = ()
    """Found before the first byte was parsed."""
    zone: tuple[tzinfo, str] | None = None
    """Zone of its stamps where they carry none, and its name; None where only the session's holds."""


@dataclass(frozen=True, slots=True)
class Memory:
    """All that a session knows, without what follows from it."""

    index: Index
    window: Index
    normal: Index
    plans: tuple[SourcePlan, ...]
    tz: tzinfo | None
    tz_name: str | None
    notes: tuple[Note, ...]
    bindings: tuple[tuple[str, str], ...]
    history: tuple[VerdictChange, ...]
    clocks: tuple[tuple[str, Clock], ...]
    """What an earlier reading showed of them."""
    arrivals: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
    texts: tuple[tuple[TextPlace, bytes | None], ...]
