"""The text of lines that a Snapshot quotes: it is kept, because rotation may destroy the bytes. Pure."""

from collections.abc import Iterator

from logscope.model.files import LineRef
from logscope.model.snapshot import Snapshot


def find_kept(snapshot: Snapshot | None, ref: LineRef) -> str:
    """What a cited line said, raw; empty where the Snapshot does not quote it."""
    if snapshot is None:
        return ""
    return next((text for file, line, text in _quoted(snapshot) if (file, line) == (ref.file, ref.line) and text), "")


def _quoted(snapshot: Snapshot) -> Iterator[tuple[str | None, int | None, str]]:
    """File, line and text of whatever is quoted."""
    for entry in snapshot.timeline:
        yield entry.file, entry.line, entry.sample
    for one in snapshot.candidates:
        yield one.file, one.line, one.sample
        if one.trigger is not None:
            yield one.trigger.file, one.trigger.line, one.trigger.sample
    for group in snapshot.groups:
        yield group.file, group.line, group.sample
        if group.onset_ref is not None:
            yield group.onset_ref.file, group.onset_ref.line, group.onset_sample
