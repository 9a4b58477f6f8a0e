"""Words and figures that all renderings share. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Final

from logscope.analysis.story.quiet import late_groups, risen_groups
from logscope.model.causes import RuledOut
from logscope.model.incident import EventKind, NumberChange, TimelineEntry, Unfinished
from logscope.model.kinds import GroupSummary, Role
from logscope.model.severity import Severity
from logscope.model.snapshot import FIX_APPLIED, Snapshot
from logscope.model.times import Dial
from logscope.text.cutting import hide_masks

WHEN_OVER: Final = "It is over: these are for when it comes back, and the checks for now."
"""Of actions, where nothing is left to be done."""
_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII = " .:-=+*#%"
_FIGURES: Final = re.compile(r" \([^()]*\)")
"""What stands in brackets of a reason: figures of one service."""
_SEVERAL: Final = 3
"""Services of whom the same is true, and is told once."""


def day_and_clock(time_us: int | None, zone: tzinfo = UTC) -> str:
    """Date and time of day to the second."""
    if time_us is None:
        return "-"
    return Dial(zone).read(time_us).isoformat(" ")[:19]


def tell_asked(asked: tuple[int | None, int | None], dial: Dial) -> str:
    """The only time that was asked for: `from 14:10 until 14:20`, `from 14:10`; empty where all was."""
    return " ".join(
        f"{word} {dial.clock(time).removesuffix(':00')}"
        for word, time in zip(("from", "until"), asked, strict=True)
        if time is not None
    )


def left_behind(work: Unfinished) -> str:
    """What was left behind, as a sentence without its ids."""
    count = f"{'at least ' if work.is_sample else ''}{work.count:,}"
    begun, ended = (hide_masks(event) for event in (work.from_event, work.to_event))
    match work.kind:
        case "done_twice":
            return f"{count} done twice: {ended} (asked once by {begun})"
        case "told_failed_but_done":
            return f"{count} told failed but done: {ended} (asked by {begun})"
        case _:
            nothing = "; lost views, nothing to repair" if work.is_read_only else ""
            whose = "each was" if work.told == work.count else f"{work.told:,} of them were"
            told = f"; {whose} answered with an error" if work.told else ""
            return f"{count} begun, never finished: {begun}, then no {ended}{told}{nothing}"


def join_ruled_out(ruled_out: Sequence[RuledOut]) -> list[RuledOut]:
    """Who need not be woken; what is true of several but for its figures is told once, with all their names.

    What rests on a line of its own, a kind of error, stays by itself.
    """
    alike: dict[str, list[RuledOut]] = {}
    for one in ruled_out:
        alike.setdefault("" if one.lines else _FIGURES.sub("", one.reason), []).append(one)
    told: list[RuledOut] = []
    for reason, members in alike.items():
        if not reason or len(members) < _SEVERAL:
            told += members
        else:
            names = join_words([one.service for one in members])
            told.append(replace(members[0], service=names, file=None, reason=f"each {reason}"))
    return told


def count_of(count: int, what: str) -> str:
    """`1 record`, `2,341 records`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def strip(counts: Sequence[int], width: int, *, ascii_only: bool = False) -> str:
    """A series as one row of blocks; what is not zero is always visible.

    Args:
        counts: One per bucket, oldest first.
        width: Cells; neighbouring buckets share a cell where there are more of them (the highest counts).
        ascii_only: Use ASCII marks.
    """
    marks = _ASCII if ascii_only else _BLOCKS
    if not counts:
        return ""
    cells = min(width, len(counts))
    highest = [
        max(counts[len(counts) * n // cells : max(len(counts) * (n + 1) // cells, len(counts) * n // cells + 1)])
        for n in range(cells)
    ]
    top = max(highest)
    if top <= 0:
        return marks[0] * cells
    # Square root: a single record stays visible beside a storm.
    return "".join(marks[0] if v <= 0 else marks[max(1, round((v / top) ** 0.5 * 8))] for v in highest)


def incident_groups(snapshot: Snapshot) -> list[GroupSummary]:
    """Groups that began or rose in the incident, by onset."""
    return [g for g in snapshot.groups if g.onset is not None and g.role in (Role.CAUSE, Role.SYMPTOM)]


def everyday_groups(snapshot: Snapshot) -> list[GroupSummary]:
    """Everyday warnings and errors: as often before as during; what has no level is none for sure."""
    told = {g.id for g in (*risen_groups(snapshot), *late_groups(snapshot))}
    everyday = (g for g in snapshot.groups if g.role is Role.CHRONIC and g.severity >= Severity.WARN)
    return [g for g in everyday if g.id not in told]


def story(snapshot: Snapshot, most: int = 8) -> list[TimelineEntry]:
    """The lines that tell the incident, in order; where they are too many, those of the fewest records are left out.

    Of symptoms one more or less tells the same; what set it off, the cause, the alert, the fix and the end do not.
    """
    told = [entry for entry in snapshot.timeline if entry.is_key]
    symptoms = [n for n, entry in enumerate(told) if entry.kind is EventKind.ONSET and not entry.is_root]
    fewest = sorted(symptoms, key=lambda n: (told[n].count or 0, -n))[: max(0, len(told) - most)]
    return [entry for n, entry in enumerate(told) if n not in fewest][:most]


def fix_word(entry: TimelineEntry) -> str:
    """What stands before what ended the incident: a detected fix is the likeliest one, a marked one a person's word."""
    if entry.kind is not EventKind.FIX:
        return ""
    if entry.file is not None:
        return "likely fix: "
    return "fix marked: " if entry.is_key and entry.event != FIX_APPLIED else ""


def figure(value: float | None) -> str:
    """A rate for a person: whole from ten on, and never 0 unless it is; `-` where it is not known."""
    if value is None:
        return "-"
    if 0 < value < 0.05:
        return "<0.1"
    return f"{value:,.0f}" if value == 0 or value >= 9.95 else f"{value:.1f}"


def figure_of(one: NumberChange, value: float) -> str:
    """A value of a field, with its sign."""
    shown = f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:g}"
    return f"{shown} %" if one.is_percent else shown


def percent(share: float | None) -> str:
    """A share, cut rather than rounded: 99.96 % is not 100 %."""
    if share is None:
        return "not known"
    return "100 %" if share >= 1 else f"{int(share * 1000) / 10:.1f} %"


def sentence(text: str) -> str:
    """With a capital at its begin and a full stop at its end."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def join_words(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))


def cut(text: str, most: int) -> str:
    """At most so many characters, with an ellipsis where something was left out."""
    return text if len(text) <= most else text[: max(0, most - 1)] + "…"
