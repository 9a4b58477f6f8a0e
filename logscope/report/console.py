"""`analyze` for a person: one screen of text, no escapes."""

from datetime import UTC, tzinfo

from logscope.analysis.causes.series import describe_number
from logscope.analysis.story.sentences import sentences_in
from logscope.model.snapshot import Snapshot
from logscope.model.times import Dial
from logscope.report.wording import (
    cut,
    everyday_groups,
    fix_word,
    incident_groups,
    left_behind,
    place,
    story,
    strip,
)
from logscope.text.safe_text import safe_text

_LABEL = 9
_TIME = 12
"""Cells of a time to the millisecond."""
_CLOCK = 9


def render_console(snapshot: Snapshot, width: int = 100, zone: tzinfo = UTC) -> str:
    """Sentences, story, kinds, trend and what to do.

    Args:
        snapshot: What is known.
        width: Columns; longer lines are cut with an ellipsis.
        zone: Of the times shown.
    """
    dial = Dial.around(snapshot.as_of, zone)
    lines: list[str] = []
    for sentence in sentences_in(snapshot, zone):
        confidence = f"  {sentence.confidence.value.upper()}" if sentence.confidence else ""
        ref = f"  {place(sentence.ref)}" if sentence.ref else ""
        lines.extend(_wrap(sentence.label, f"{sentence.text}{ref}{confidence}", width))
    for other in snapshot.further:
        recovery = other.recovery
        over = (
            "over"
            if recovery.over
            else "not over"
            if recovery.over is False
            else recovery.verdict.value.replace("_", " ")
        )
        until = "" if other.incident.end is None else f" to {dial.clock(other.incident.end, unknown='-')}"
        start = dial.clock(other.incident.start)
        if other.is_alone:
            when = f"complains since {start}" if not until else f"complained {start}{until}"
            what = f"apart from it, one service alone {when}"
        else:
            what = f"another incident {start}{until}, {over}"
        lines.extend(_wrap("ALSO", f"{what}: {other.incident.headline}", width))
    told = story(snapshot)
    if told:
        times = [dial.clock(entry.shown_time, millis=True) for entry in told]
        wide = max(_TIME, *map(len, times))
        lines += ["", "STORY"]
        before = ""
        for entry, time in zip(told, times, strict=True):
            mark = "*" if entry.is_root else " "
            count = f" x{entry.count:,}" if entry.count and entry.count > 1 else ""
            where = f"{place_of(entry.file, entry.line)}" if entry.file else ""
            event = f"{fix_word(entry)}{entry.event}{count}"
            lines.append(f"{mark}{time:<{wide}} {entry.service:<16} {event}")
            impact = "" if entry.impact == before else entry.impact
            before = entry.impact
            if impact or where:
                lines.append(f"{'':{wide + 1}} {where}  {impact}".rstrip())
    kinds = incident_groups(snapshot)
    if kinds:
        spans = [tuple(dial.clock(time, unknown="-") for time in (one.onset, one.last_seen)) for one in kinds[:12]]
        wide = max(_CLOCK, *(len(time) for span in spans for time in span))
        room = width - 27 - 2 * wide
        lines += ["", f"{'KINDS, by onset':<{room}}{'count':>9} {'first':>{wide}} {'last':>{wide}}"]
        for group, (first, last) in zip(kinds, spans, strict=False):
            name = cut(f"{group.service}: {group.headline}", room - 1)
            lines.append(f"{name:<{room}}{group.count:>9,} {first:>{wide}} {last:>{wide}}")
        if len(kinds) > 12:
            lines.append(f"{len(kinds) - 12} more kinds")
    everyday = everyday_groups(snapshot)
    if everyday:
        lines.append(f"{len(everyday)} everyday kinds, unchanged ({sum(g.count for g in everyday):,} records)")
    if snapshot.trend.errors and any(snapshot.trend.errors):
        start = dial.clock(snapshot.trend.start, unknown="-")[:-3]
        peak = f"peak {max(snapshot.trend.errors):,}"
        lines += ["", f"ERRORS   {start} {strip(snapshot.trend.errors, width - 30)} {peak}"]
    actions = snapshot.actions
    for label, listed in (("CHECK", actions.check[:2]), ("DO", actions.do[:3]), ("NOT", actions.avoid[:2])):
        for action in listed:
            command = f"  $ {action.command}" if action.command else ""
            risk = "" if action.risk.value == "safe" else f" [{action.risk.value}]"
            lines.extend(_wrap(label, f"{action.text}{risk}{command}", width))
    for number in [one for one in snapshot.numbers if one.is_full or one.climbs_on][:2]:
        lines.extend(_wrap("NUMBER", f"{describe_number(number)}  {place(number.lines[-1])}", width))
    for work in snapshot.unfinished[:3]:
        ref = f"  {place(work.lines[0])}" if work.lines else ""
        lines.extend(_wrap("LEFT", f"{left_behind(work)}; {', '.join(work.ids[:2])}{ref}", width))
    for one in snapshot.ruled_out[:2]:
        lines.extend(_wrap("NOT IT", f"{one.service}: {one.reason}", width))
    read = sum(f.lines for f in snapshot.files)
    day = "" if dial.day is None else f", of {dial.day} where no other day is told"
    lines += ["", f"{len(snapshot.files)} files, {read:,} lines read; every time in {zone_name(zone)}{day}"]
    for file in snapshot.files:
        if file.zone.origin.value == "assumed" and file.first_seen is not None:
            lines.append(f"  assumed: {place_of(file.path, None)} is written in {file.zone.name}")
        lines += [f"  {place_of(file.path, problem.line)}: {problem.detail}" for problem in file.problems[:3]]
    return "\n".join(cut(safe_text(line), max(width, 40)) for line in lines) + "\n"


def place_of(path: str | None, line: int | None) -> str:
    """The file's own name, with the line where there is one."""
    name = (path or "").rsplit("/", 1)[-1]
    return f"{name}:{line}" if line else name


def zone_name(zone: tzinfo) -> str:
    """The zone as a reader knows it."""
    return str(zone) if zone is not UTC else "UTC"


def _wrap(label: str, text: str, width: int) -> list[str]:
    """A labelled sentence over at most three lines."""
    room = max(20, width - _LABEL)
    rows: list[str] = []
    rest = text
    while rest and len(rows) < 3:
        if len(rest) <= room:
            rows.append(rest)
            break
        at = rest.rfind(" ", 0, room)
        at = at if at > room // 2 else room
        rows.append(rest[:at])
        rest = rest[at:].lstrip()
    return [f"{label if n == 0 else '':<{_LABEL}}{row}" for n, row in enumerate(rows)]
