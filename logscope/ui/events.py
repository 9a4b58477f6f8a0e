"""The events of the story: which there are, what each is known by, and in which order one steps through them. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from logscope.model.incident import EventKind, TimelineEntry


def story_entries(timeline: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """The events of the story; a line that is both a fix and a kind's first is told once, as the fix."""
    entries = [e for e in timeline if e.is_key]
    fixes = {(e.file, e.line) for e in entries if e.kind is EventKind.FIX and e.file is not None}
    onsets = (e for e in entries if e.kind is EventKind.ONSET and not e.is_root)
    told = {(e.file, e.line): e for e in onsets if (e.file, e.line) in fixes}
    kept = []
    for entry in entries:
        twin = told.get((entry.file, entry.line))
        if twin is None:
            kept.append(entry)
        elif entry.kind is EventKind.FIX:
            kept.append(replace(entry, count=twin.count, group=twin.group, impact=entry.impact or twin.impact))
        elif entry is not twin:
            kept.append(entry)
    return kept


def event_key(entry: TimelineEntry) -> str:
    """What a row of the story is found by: its event."""
    return f"{entry.kind.value}:{entry.time}:{entry.file}:{entry.line}"


def event_steps(timeline: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """What a person steps through: the story's events, and changes, alerts, notes beside it; in order of time."""
    story = story_entries(timeline)
    beside = [e for e in timeline if not e.is_key and e.kind is not EventKind.ONSET]
    return sorted((*story, *beside), key=lambda e: (e.time, not e.is_root))
