"""How a report is asked for: its sections, zone and title."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final

SECTIONS: Final = (
    "summary", "impact", "cause", "why", "trigger", "timeline", "cascade", "errors", "trend", "recovery", "actions",
    "unfinished", "follow-up", "ruled-out", "open-questions", "method", "appendix",
)  # fmt: skip
"""Names for `--section` and `--no-section`, in the order of the report."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a report is written."""

    zone: tzinfo = UTC
    zone_name: str = "UTC"
    title: str | None = None
    sections: frozenset[str] = frozenset(SECTIONS)
    most_raw_lines: int = 240
    """Raw lines in the appendix, all cited records together."""
