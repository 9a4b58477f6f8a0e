"""Notes of a person put into a judged incident, or taken out: the story changes, no verdict does. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from logscope.analysis.story.impact import NONE_YET
from logscope.analysis.story.timeline import place_of
from logscope.model.incident import EventKind, TimelineEntry
from logscope.model.snapshot import Note, Snapshot


def add_notes(snapshot: Snapshot, notes: Iterable[Note]) -> Snapshot:
    """The Snapshot with further notes, each at its time in the story.

    Args:
        snapshot: What is known; what it already holds is not added again.
        notes: Plain ones: a fix would need a new judgement.
    """
    new = sorted({note for note in notes if note not in snapshot.notes}, key=lambda note: (note.time, note.text))
    if not new:
        return snapshot
    entries = list(snapshot.timeline)
    for note in new:
        entry = TimelineEntry(
            time=note.time,
            time_logged=note.time,
            kind=EventKind.NOTE,
            service="",
            file=None,
            line=None,
            sample="",
            event=note.text,
            impact=_impact_at(entries, note.time),
        )
        entries.insert(place_of(entries, note.time), entry)
    return replace(snapshot, notes=(*snapshot.notes, *new), timeline=tuple(entries))


def remove_note(snapshot: Snapshot, note: Note) -> Snapshot:
    """The Snapshot without a plain note."""
    shown = (EventKind.NOTE, note.time, note.text)
    return replace(
        snapshot,
        notes=tuple(one for one in snapshot.notes if one != note),
        timeline=tuple(one for one in snapshot.timeline if (one.kind, one.time, one.event) != shown),
    )


def _impact_at(entries: Sequence[TimelineEntry], time: int) -> str:
    """What users got from the last entry before a time on."""
    return next((one.impact for one in reversed(entries) if one.time <= time), NONE_YET)
