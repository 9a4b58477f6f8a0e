"""`analyze` for a person: one screen of text, no escapes."""

from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Final

from logscope.analysis.causes.departures import describe_number
from logscope.analysis.story.quiet import late_groups, risen_groups
from logscope.analysis.story.sentences import sentences_in
from logscope.model.advice import Risk
from logscope.model.files import ZoneOrigin, file_name, place_of
from logscope.model.snapshot import Snapshot
from logscope.model.times import MINUTE_US, Dial, span
from logscope.report.wording import (
    count_of,
    everyday_groups,
    fix_word,
    incident_groups,
    join_ruled_out,
    left_behind,
    story,
    strip,
    tell_asked,
)
from logscope.text.cells import cells_of, cut, pad
from logscope.text.cutting import tell
from logscope.text.safe_text import safe_text

_LABEL: Final = 9
_TIME: Final = 12
"""Cells of a time to the millisecond."""
_CLOCK: Final = 9
_MOST_KINDS: Final = 12
_SERVICE: Final = 16
_MOST_SERVICE: Final = 32
"""A longer name leaves no room for what happened."""


def render_console(snapshot: Snapshot, width: int = 100, zone: tzinfo = UTC) -> str:
    """Sentences, story, kinds, trend and what to do.

    Args:
        snapshot: What is known.
        width: Columns; longer lines are cut with an ellipsis.
        zone: Of the times shown.
    """
    dial = Dial.around(snapshot.as_of, zone)
    lines = [
        *_tell_sentences(snapshot, width, zone),
        *_tell_further(snapshot, width, dial),
        *_tell_story(snapshot, dial),
        *_tell_kinds(snapshot, width, dial),
        *_tell_trend(snapshot, width, dial),
        *_tell_work(snapshot, width),
        *_tell_files(snapshot, dial, zone),
    ]
    return "\n".join(_shorten(safe_text(line), max(width, 40)) for line in lines) + "\n"


def _tell_sentences(snapshot: Snapshot, width: int, zone: tzinfo) -> Iterator[str]:
    """What became of it, what broke, what set it off, what users lost."""
    for sentence in sentences_in(snapshot, zone):
        confidence = f"  {sentence.confidence.value.upper()}" if sentence.confidence else ""
        ref = f"  {sentence.ref.place}" if sentence.ref else ""
        yield from _wrap(sentence.label, f"{sentence.text}{ref}{confidence}", width)


def _tell_further(snapshot: Snapshot, width: int, dial: Dial) -> Iterator[str]:
    """Other incidents in the same logs."""
    for other in snapshot.further:
        incident, recovery = other.incident, other.recovery
        until = "" if incident.end is None else f" to {dial.clock(incident.end, unknown='-')}"
        start = dial.clock(incident.start)
        if other.is_alone:
            when = f"complained {start}{until}" if until else f"complains since {start}"
            what = f"apart from it, one service alone {when}"
        else:
            words = {True: "over", False: "not over", None: recovery.verdict.value.replace("_", " ")}
            what = f"another incident {start}{until}, {words[recovery.over]}"
        yield from _wrap("ALSO", f"{what}: {incident.headline}", width)


def _tell_story(snapshot: Snapshot, dial: Dial) -> Iterator[str]:
    """Each event, and below it where it stands and what users lost by then."""
    told = story(snapshot)
    if not told:
        return
    times = [dial.clock(entry.shown_time, millis=True) for entry in told]
    wide = max(_TIME, *map(len, times))
    yield from ("", "STORY")
    before = ""
    for entry, time in zip(told, times, strict=True):
        mark = "*" if entry.is_root else " "
        count = f" x{entry.count:,}" if entry.count and entry.count > 1 else ""
        service = pad(_shorten(safe_text(entry.service), _MOST_SERVICE), _SERVICE)
        yield f"{mark}{time:<{wide}} {service} {fix_word(entry)}{entry.event}{count}"
        where = place_of(entry.file, entry.line) if entry.file else ""
        impact = "" if entry.impact == before else entry.impact
        before = entry.impact
        if impact or where:
            yield f"{'':{wide + 1}} {where}  {impact}".rstrip()


def _tell_kinds(snapshot: Snapshot, width: int, dial: Dial) -> Iterator[str]:
    """A table of what is part of it; what is there every day is one row."""
    kinds = incident_groups(snapshot) or risen_groups(snapshot) or late_groups(snapshot)
    if kinds:
        times = [(one.onset or one.first_seen, one.last_seen) for one in kinds[:_MOST_KINDS]]
        spans = [tuple(dial.clock(time, unknown="-") for time in pair) for pair in times]
        wide = max(_CLOCK, *(len(time) for pair in spans for time in pair))
        room = width - 27 - 2 * wide
        yield from ("", f"{'KINDS, by onset':<{room}}{'count':>9} {'first':>{wide}} {'last':>{wide}}")
        for group, (first, last) in zip(kinds, spans, strict=False):
            name = _shorten(safe_text(tell(group.service, group.headline)), room - 1)
            yield f"{pad(name, room)}{group.count:>9,} {first:>{wide}} {last:>{wide}}"
        if len(kinds) > _MOST_KINDS:
            yield f"{count_of(len(kinds) - _MOST_KINDS, 'more kind')}"
    everyday = everyday_groups(snapshot)
    if everyday:
        records = count_of(sum(g.count for g in everyday), "record")
        yield f"{count_of(len(everyday), 'everyday kind')}, unchanged ({records})"


def _tell_trend(snapshot: Snapshot, width: int, dial: Dial) -> Iterator[str]:
    """Errors over time."""
    errors = snapshot.trend.errors
    if errors and any(errors):
        start = dial.clock(snapshot.trend.start, unknown="-")[:-3]
        bucket = snapshot.trend.bucket_us
        per = "/min" if bucket == MINUTE_US else f" in {span(bucket)}"
        begin, end = f"ERRORS   {start} ", f" peak {max(errors):,}{per}"
        yield from ("", f"{begin}{strip(errors, max(10, width - len(begin) - len(end)))}{end}")


def _tell_work(snapshot: Snapshot, width: int) -> Iterator[str]:
    """What to look at and to do, what not, what was left behind, and who need not be woken."""
    actions = snapshot.actions
    for label, listed in (("CHECK", actions.check[:2]), ("DO", actions.do[:3]), ("NOT", actions.avoid[:2])):
        for action in listed:
            command = f"  $ {action.command}" if action.command else ""
            risk = "" if action.risk is Risk.SAFE else f" [{action.risk.value}]"
            yield from _wrap(label, f"{action.text}{risk}{command}", width)
    for number in [one for one in snapshot.numbers if one.is_full or one.climbs_on][:2]:
        yield from _wrap("NUMBER", f"{describe_number(number)}  {number.lines[-1].place}", width)
    for work in snapshot.unfinished[:3]:
        ref = f"  {work.lines[0].place}" if work.lines else ""
        yield from _wrap("LEFT", f"{left_behind(work)}; {', '.join(work.ids[:2])}{ref}", width)
    for ruled in join_ruled_out(snapshot.ruled_out)[:2]:
        yield from _wrap("NOT IT", f"{ruled.service}: {ruled.reason}", width)


def _tell_files(snapshot: Snapshot, dial: Dial, zone: tzinfo) -> Iterator[str]:
    """What was read, what was assumed of it, and what was wrong with it."""
    read = sum(f.lines for f in snapshot.files)
    day = "" if dial.day is None else f", of {dial.day} where no other day is told"
    files, lines = count_of(len(snapshot.files), "file"), count_of(read, "line")
    yield from ("", f"{files}, {lines} read; every time in {zone}{day}")
    asked = tell_asked(snapshot.asked, dial)
    if asked:
        yield f"  only records {asked} count, as was asked"
    for file in snapshot.files:
        if file.zone.origin is ZoneOrigin.ASSUMED and file.first_seen is not None:
            yield f"  assumed: {file_name(file.path)} is written in {file.zone.name}"
        for problem in file.problems[:3]:
            yield f"  {place_of(file.path, problem.line)}: {problem.detail}"


def _shorten(text: str, width: int) -> str:
    """A text in at most `width` cells, with an ellipsis where something was left out."""
    return text if cells_of(text) <= width else cut(text, width - 1) + "…"


def _wrap(label: str, text: str, width: int) -> list[str]:
    """A labelled sentence over at most three lines."""
    room = max(20, width - _LABEL)
    rows: list[str] = []
    rest = safe_text(text)
    while rest and len(rows) < 3:
        if cells_of(rest) <= room:
            rows.append(rest)
            break
        most = len(cut(rest, room))
        at = rest.rfind(" ", 0, most)
        at = at if at > most // 2 else most
        rows.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [f"{label if n == 0 else '':<{_LABEL}}{row}" for n, row in enumerate(rows)]
