"""The story: the five to eight lines that tell the incident, verbatim, in order of time, each with what users lost."""

from rich.text import Text

from logscope.model.files import LineRef
from logscope.model.incident import TimelineEntry
from logscope.model.snapshot import Snapshot
from logscope.model.times import US
from logscope.text.safe_text import safe_text
from logscope.ui.formatting import (
    Look,
    Row,
    event_mark,
    fit,
    is_whole_second,
    label,
    lag_between,
    place,
    shorten,
    shorten_clause,
)

_MARK = 3
_TIME = 13
_LAG = 8
_COUNT = 9
_IMPACT = ((150, 50), (110, 28), (0, 0))
_PLACE = ((150, 30), (0, 0))
"""From this width on, this many cells."""


def story_rows(snapshot: Snapshot, width: int, height: int, look: Look, *, full: bool = False) -> list[Row]:
    """The story in two lines an event where there is room, else in one.

    Args:
        snapshot: What is known.
        width: Cells.
        height: Lines of the pane.
        look: Colours and times.
        full: Every event instead of the story's.
    """
    entries = [e for e in snapshot.timeline if full or e.is_key]
    if not entries:
        return [label("Nothing rose above its usual rate: there is no story to tell.", look)]
    root = next((e.time for e in entries if e.is_root), None)
    if root is not None:
        # Within a second that a coarse stamp does not divide the order is not known: the cause stands first.
        entries.sort(key=lambda e: (_place_in_time(e.time, root), not e.is_root))
    is_tall = 2 * len(entries) <= height and not full
    rows: list[Row] = []
    for number, entry in enumerate(entries):
        ref = LineRef(entry.file, entry.line) if entry.file and entry.line else None
        key = f"{entry.kind.value}:{entry.time}:{entry.file}:{entry.line}:{number}"
        lag = "" if root is None or entry.is_root else lag_between(entry.time, root)
        if is_tall:
            lines = [_facts(entry, ref, lag, width, look), _words(entry, width, look)]
        else:
            lines = [_both(entry, ref, lag, width, look)]
        for part, line in enumerate(lines):
            rows.append(Row(line, key, ref, entry.time, entry.service, is_joined=part > 0, proves=entry.group or ""))
    return rows


def _place_in_time(time: int, root: int) -> int:
    is_same = time // US == root // US and (is_whole_second(time) or is_whole_second(root))
    return root if is_same else time


def _start(entry: TimelineEntry, lag: str, look: Look) -> Text:
    mark, style, _ = event_mark(entry, look)
    line = Text(no_wrap=True)
    line.append(f" {mark} ", style)
    line.append(
        f"{look.clock_ms(entry.shown_time):<{_TIME}}", look.palette.strong if entry.is_root else look.palette.plain
    )
    line.append(f"{lag:<{_LAG}}", look.palette.dim)
    return line


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
    impact = shorten_clause(entry.impact, room, look.glyphs) if room >= 8 else ""
    if impact:
        line.append(impact.rjust(room + 1), palette.dim)
    return line


def _words(entry: TimelineEntry, width: int, look: Look) -> Text:
    """What the line says."""
    line = Text(no_wrap=True)
    line.append(" " * _MARK, look.palette.plain)
    style = look.palette.cause if entry.is_root else look.palette.plain
    line.append(shorten(entry.event, width - _MARK - 1, look.glyphs), style)
    return line


def _both(entry: TimelineEntry, ref: LineRef | None, lag: str, width: int, look: Look) -> Text:
    """All in one line: the words get what is left."""
    palette = look.palette
    line = _start(entry, lag, look)
    impact = next(cells for least, cells in _IMPACT if width >= least)
    where = next(cells for least, cells in _PLACE if width >= least)
    room = max(10, width - line.cell_len - _COUNT - impact - where)
    service = f"{safe_text(entry.service)}: " if entry.service else ""
    style = palette.cause if entry.is_root else palette.plain
    line.append(fit(service + entry.event, room, look.glyphs), style)
    line.append(f"{_count(entry):>{_COUNT - 1}} ", palette.strong)
    if where:
        line.append(f" {fit(place(ref), where - 1, look.glyphs)}", palette.info)
    if impact:
        line.append(f" {shorten_clause(entry.impact, impact - 2, look.glyphs):<{impact - 1}}", palette.dim)
    return line
