"""How a report is asked for: its sections, zone and title."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final

SECTIONS: Final = (
    "summary", "impact", "cause", "why", "trigger", "timeline", "cascade", "errors", "trend", "recovery", "actions",
    "unfinished", "follow-up", "ruled-out", "open-questions", "method", "appendix",
)  # fmt: skip
"""Names for `--section` and `--no-section`, in the order of the report."""

_HEADINGS: Final = {
    "root-cause": "cause", "what-may-have-caused-it": "cause", "why-it-happened": "why", "what-set-it-off": "trigger",
    "immediate-actions": "actions", "unfinished-work": "unfinished", "follow-ups": "follow-up",
    "cited-lines": "appendix",
}  # fmt: skip
"""Sections by their headings, where these are called otherwise."""


def find_section(name: str) -> str | None:
    """The section of that name, or with that heading, however it is written; None where there is none."""
    bare = "-".join(name.lower().replace("_", " ").replace("-", " ").split())
    found = _HEADINGS.get(bare, bare)
    return found if found in SECTIONS else None


@dataclass(frozen=True, slots=True)
class Options:
    """How a report is written."""

    zone: tzinfo = UTC
    zone_name: str = "UTC"
    title: str | None = None
    sections: frozenset[str] = frozenset(SECTIONS)
    most_raw_lines: int = 240
    """Raw lines in the appendix, all cited records together."""
