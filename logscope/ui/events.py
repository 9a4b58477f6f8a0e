"""The events of the story: which there are, what each is known by, and in which order one steps through them. Pure."""

from collections.abc import Sequence

from logscope.model.incident import EventKind, TimelineEntry
from logscope.model.snapshot import Snapshot

_WORTH_A_LINE = 3


def story_entries(timeline: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """The events of the story, and what people noted."""
    return [e for e in timeline if e.is_key or e.kind is EventKind.NOTE]


def other_services(snapshot: Snapshot) -> tuple[str, ...]:
    """Who fails as well and has no event in the story; empty where they are too few to be worth a line."""
    if snapshot.incident is None:
        return ()
    told = {entry.service for entry in story_entries(snapshot.timeline)}
    others = tuple(name for name in snapshot.incident.services if name not in told)
    return others if len(others) >= _WORTH_A_LINE else ()


def event_key(entry: TimelineEntry) -> str:
    """What a row of the story is found by: its event."""
    return f"{entry.kind.value}:{entry.time}:{entry.file}:{entry.line}"


def event_steps(timeline: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """What a person steps through: the story's events, and changes and alerts beside it; in order of time."""
    story = story_entries(timeline)
    beside = [e for e in timeline if not e.is_key and e.kind not in (EventKind.ONSET, EventKind.NOTE)]
    return sorted((*story, *beside), key=lambda e: (e.time, not e.is_root))
