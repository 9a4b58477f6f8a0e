"""The story: the five to eight lines that tell the incident, verbatim, in order of time, each with what users lost."""

from dataclasses import replace

from rich.text import Text

from logscope.model.files import LineRef
from logscope.model.incident import EventKind, TimelineEntry
from logscope.model.snapshot import Snapshot
from logscope.report.wording import fix_word
from logscope.text.cells import cells_of, pad
from logscope.text.cutting import tell
from logscope.text.safe_text import safe_text
from logscope.ui.events import event_key, other_services, story_entries
from logscope.ui.formatting import (
    Look,
    Row,
    event_mark,
    fit,
    lag_between,
    place,
    place_in_time,
    safe,
    shorten,
    shorten_clause,
    wrap,
)
from logscope.ui.views.also import also_rows, others_rows
from logscope.ui.views.nothing import nothing_rows, why_quiet

_AS_ABOVE = "as above"
_MARK = 3
_TIME = 13
_LAG = 8
_IMPACT = ((150, 50), (110, 28), (0, 0))
_PLACE = ((150, 30), (0, 0))
"""From this width on, this many cells."""


def story_rows(snapshot: Snapshot, width: int, height: int, look: Look) -> list[Row]:
    """The story in two lines an event where there is room, else in one; free lines go to words that one line cuts.

    Args:
        snapshot: What is known.
        width: Cells.
        height: Lines of the pane; 0 where it takes as few as it can.
        look: Colours and times.
    """
    entries = story_entries(snapshot.timeline)
    if not entries:
        return nothing_rows(snapshot, look, f"{why_quiet(snapshot)}: there is no story to tell.")
    root = next((e.shown_time for e in entries if e.is_root), None)
    if root is not None:
        # Within a second that a coarse stamp does not divide the order is not known: what may have set the cause off
        # stands before it, what may have followed behind it.
        entries.sort(key=lambda e: (place_in_time(e.time, root), e.kind is not EventKind.CHANGE, not e.is_root))
    also = others_rows(other_services(snapshot), width, look) + also_rows(snapshot.further, width, look)
    height = max(0, height - len(also))
    is_tall = 2 * len(entries) <= height
    free = height - (2 if is_tall else 1) * len(entries)
    entries = _without_repeats(entries)
    columns = _plan_columns(entries, width, look)
    lines_by_entry: dict[int, list[Text]] = {}
    # The cause's words are completed first, then those of the others from the top.
    for number, entry in sorted(enumerate(entries), key=lambda one: (not one[1].is_root, one[0])):
        ref = _ref(entry)
        lag = "" if root is None or entry.is_root else lag_between(entry.shown_time, root)
        if is_tall:
            lines = [_facts(entry, ref, lag, width, look), *_words(entry, width, look, 1 + max(0, free))]
        else:
            lines = _both(entry, ref, lag, width, columns, look, may_wrap=free > 0)
        free -= len(lines) - (2 if is_tall else 1)
        lines_by_entry[number] = lines
    rows: list[Row] = []
    for number, entry in enumerate(entries):
        for part, line in enumerate(lines_by_entry[number]):
            key = f"{event_key(entry)}:{number}"
            proves = entry.group or ""
            rows.append(Row(line, key, _ref(entry), entry.time, entry.service, is_joined=part > 0, proves=proves))
    return rows + also


def _without_repeats(entries: list[TimelineEntry]) -> list[TimelineEntry]:
    """What users lost said once: where events in a row say the same of it, or the event's own words are that."""
    entries = [replace(one, impact="") if one.impact.partition(":")[0] in one.event else one for one in entries]
    before = ("", *(entry.impact for entry in entries))
    return [
        replace(entry, impact=_AS_ABOVE) if len(entry.impact) > len(_AS_ABOVE) and entry.impact == impact else entry
        for entry, impact in zip(entries, before, strict=False)
    ]


def _ref(entry: TimelineEntry) -> LineRef | None:
    return LineRef(entry.file, entry.line) if entry.file and entry.line else None


def _start(entry: TimelineEntry, lag: str, look: Look) -> Text:
    mark, style, _ = event_mark(entry, look)
    line = Text(no_wrap=True)
    line.append(f" {mark} ", style)
    line.append(
        f"{look.clock_ms(entry.shown_time):<{_TIME}}", look.palette.strong if entry.is_root else look.palette.plain
    )
    line.append(f"{lag:<{_LAG}}", look.palette.dim)
    return line


def _shorten_impact(text: str, width: int, look: Look) -> str:
    """What users lost: of routes that fail all are told or none, their verb stands behind the last."""
    shown = shorten_clause(text, width, look.glyphs)
    is_cut_list = safe(text, look.glyphs)[len(shown) :].startswith(", ") or shown.endswith(look.glyphs.ellipsis)
    return (shown.rpartition("; ")[0] if is_cut_list else "") or shown


def _count(entry: TimelineEntry) -> str:
    return f"x{entry.count:,}" if entry.count and entry.count > 1 else ""


def _facts(entry: TimelineEntry, ref: LineRef | None, lag: str, width: int, look: Look) -> Text:
    """When, where, how often, and what users got."""
    palette = look.palette
    line = _start(entry, lag, look)
    count = _count(entry)
    where = shorten(place(ref), max(0, width - line.cell_len - len(count) - 3), look.glyphs)
    if entry.service and not where.startswith(safe_text(entry.service)):
        line.append(f"{safe_text(entry.service)}  ", palette.plain)
    line.append(where, palette.info)
    if count:
        line.append(f"  {count}", palette.strong)
    room = width - line.cell_len - 2
    impact = _shorten_impact(entry.impact, room, look) if room >= 8 else ""
    if impact:
        line.append(" " * (room + 1 - cells_of(impact)) + impact, palette.dim)
    return line


def _words(entry: TimelineEntry, width: int, look: Look, most: int) -> list[Text]:
    """What the line says, in at most so many lines."""
    room = width - _MARK - 1
    style = look.palette.cause if entry.is_root else look.palette.plain
    lines = []
    for piece in wrap(f"{fix_word(entry)}{entry.event}", room, room, most, look.glyphs):
        line = Text(" " * _MARK, look.palette.plain, no_wrap=True)
        line.append(piece, style)
        lines.append(line)
    return lines


def _plan_columns(entries: list[TimelineEntry], width: int, look: Look) -> tuple[int, int, int]:
    """Cells of counts, places and what users lost, no more than they need: the rest is for words; 0 leaves one out."""
    counts = max(len(_count(entry)) for entry in entries) + 1
    where = next(cells for least, cells in _PLACE if width >= least)
    if where:
        where = min(where, max(cells_of(place(_ref(entry))) for entry in entries) + 2)
    impact = next(cells for least, cells in _IMPACT if width >= least)
    if impact:
        impact = min(impact, max(cells_of(_shorten_impact(entry.impact, impact - 2, look)) for entry in entries) + 1)
    return counts, where, impact


def _both(
    entry: TimelineEntry,
    ref: LineRef | None,
    lag: str,
    width: int,
    columns: tuple[int, int, int],
    look: Look,
    *,
    may_wrap: bool,
) -> list[Text]:
    """All in one line: the words get what is left; what is cut of them in a second one, where that is free.

    Args:
        entry: The event.
        ref: Its line.
        lag: From the cause.
        width: Cells.
        columns: Cells of the counts, of the places, and of what users lost.
        look: Colours and times.
        may_wrap: A second line is free.
    """
    counts, where, impact = columns
    palette = look.palette
    line = _start(entry, lag, look)
    indent = line.cell_len
    count = _count(entry)
    told = f"{count:>{counts}} " if count else " "
    room = max(10, width - indent - len(told) - impact - where)
    words = fix_word(entry) + (tell(safe_text(entry.service), entry.event) if entry.service else entry.event)
    style = palette.cause if entry.is_root else palette.plain
    pieces = [words]
    if may_wrap and cells_of(safe(words, look.glyphs)) > room:
        pieces = wrap(words, room, max(10, width - indent - 1), 2, look.glyphs)
    line.append(fit(pieces[0], room, look.glyphs), style)
    line.append(told, palette.strong)
    if where:
        line.append(f" {fit(place(ref), where - 1, look.glyphs)}", palette.info)
    if impact:
        line.append(f" {pad(_shorten_impact(entry.impact, impact - 1, look), impact - 1)}", palette.dim)
    lines = [line]
    for piece in pieces[1:]:
        more = Text(" " * indent, palette.plain, no_wrap=True)
        more.append(piece, style)
        if not where and ref is not None and more.cell_len + cells_of(place(ref)) + 3 <= width:
            more.append(f"  {place(ref)}", palette.info)
        lines.append(more)
    return lines
