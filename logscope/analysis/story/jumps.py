"""Clocks that were stepped ahead, as events of the story: what a log wrote since is stamped too late. Pure."""

from collections.abc import Mapping

from logscope.analysis.clocks.steps import Jump
from logscope.analysis.kinds.kinds import SourceView
from logscope.analysis.onset.silences import Silence
from logscope.index.index import Index
from logscope.model.incident import EventKind, TimelineEntry
from logscope.model.times import MINUTE_US, US, span


def is_jump(silence: Silence, jumps: Mapping[str, Jump], views: Mapping[str, SourceView]) -> bool:
    """Whether a log was not silent at all where its stamps leave out a time."""
    own = (jump for key, jump in jumps.items() if silence.file in views[key].parts)
    return any(jump.left * US <= silence.start <= jump.ahead * US for jump in own)


def tell_jumps(jumps: Mapping[str, Jump], views: Mapping[str, SourceView], index: Index) -> list[TimelineEntry]:
    """One event a log, at the first stamp that lies ahead."""
    told = []
    for key, jump in jumps.items():
        view, time = views[key], jump.ahead * US
        place = index.sources[key].seek.get((time - view.shift_us) // MINUTE_US)
        file, line = (view.parts[place[0]], place[2]) if place is not None else (view.parts[-1], None)
        text = f"its clock is {span(jump.by * US)} ahead from here on: it was not silent, and ends with the others"
        told.append(TimelineEntry(time, time, EventKind.CHANGE, view.service, file, line, "", text, "", is_key=True))
    return told
