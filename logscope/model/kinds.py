"""Kinds of records: counted, placed in the incident, with their course over time."""

from dataclasses import dataclass
from enum import StrEnum

from logscope.model.files import LineRef
from logscope.model.severity import Severity

Kind = tuple[str, str]
"""Service and template: what stays the same of a kind from run to run."""


class Role(StrEnum):
    """What a group is to the incident."""

    CAUSE = "cause"
    SYMPTOM = "symptom"
    CHRONIC = "chronic"
    """As often before as during: everyday noise."""
    UNRELATED = "unrelated"
    OTHER = "other"


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
