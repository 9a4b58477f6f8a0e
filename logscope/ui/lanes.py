"""What the timeline draws: marks with words, users, volume, the histogram of errors, a lane per service, the axis.

Pure: a Snapshot and an axis in, cells out. Every lane has its own square-root scale, so that the root's single line is
visible beside 150 a minute.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.style import Style

from logscope.model.incident import EventKind
from logscope.model.snapshot import Snapshot
from logscope.ui.axis import Axis
from logscope.ui.formatting import Look, event_mark, height

Cell = tuple[str, Style]
"""One character and how it is drawn."""
Mark = tuple[int, Cell, str]
"""Weight, the mark itself, and its word."""
_CAUSE = 3
"""The weight of the cause's mark."""
_NOW = " now"
_LEAST_AHEAD = 8
"""Cells behind the newest record from which on one may wonder what is drawn there."""

_MINUTE_US = 60_000_000
_LABEL = re.compile(r"\S+(?: \S+)*")
"""Of the axis: a date has a blank of its own."""
_LEAST_TOP, _LEAST_LANE_TOP = 9, 3
"""Records of a cell that fill it at least: where there are few of them, few is what is drawn."""
_WIDE = 16
"""Cells before the axis that hold whole words."""


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One line of the timeline."""

    label: str
    label_style: Style
    cells: Sequence[Cell]
    tail: str = ""
    tails: Sequence[str] = ()
    """The tail for each cell that the cursor may stand in; empty where it is the same for all."""


def order_lanes(snapshot: Snapshot) -> list[str]:
    """Services in the order in which they fell, then others with errors, then those that only changed something.

    Where nobody complains all that write follow, the busiest first: who writes, and how much, is what there is to see.
    """
    order: dict[str, int] = {}
    told = [entry for entry in snapshot.timeline if entry.service and (entry.is_key or entry.is_root)]
    for entry in told:
        if entry.kind.value in ("onset", "silence"):
            order.setdefault(entry.service, len(order))
    for lane in sorted(snapshot.lanes, key=lambda one: -sum(one.errors)):
        if sum(lane.errors) or sum(lane.warnings):
            order.setdefault(lane.service, len(order))
    for entry in told:
        if entry.kind is EventKind.CHANGE:
            order.setdefault(entry.service, len(order))
    if not has_complaints(snapshot):
        for lane in sorted(snapshot.lanes, key=lambda one: -sum(one.records)):
            if sum(lane.records):
                order.setdefault(lane.service, len(order))
    names = {lane.service for lane in snapshot.lanes}
    root = root_service(snapshot)
    return sorted((name for name in order if name in names), key=lambda name: (name != root, order[name]))


def has_complaints(snapshot: Snapshot) -> bool:
    """Any service wrote a warning or an error."""
    return any(any(lane.errors) or any(lane.warnings) for lane in snapshot.lanes)


def root_service(snapshot: Snapshot) -> str | None:
    """Service of the line that is the root; None without one."""
    return next((entry.service for entry in snapshot.timeline if entry.is_root), None)


def draw_marks(snapshot: Snapshot, axis: Axis, look: Look) -> LaneRow:
    """A mark for each event of the story, each change, alert, note and fix, and for another incident.

    With its word where there is room.
    """
    marks: dict[int, Mark] = {}
    for entry in snapshot.timeline:
        if not entry.is_key and entry.kind is EventKind.ONSET:
            continue
        column = axis.column(entry.time)
        if column is None:
            continue
        glyph, style, word = event_mark(entry, look)
        weight = _CAUSE if entry.is_root else 2 if entry.is_key else 1
        if column not in marks or marks[column][0] < weight:
            marks[column] = (weight, (glyph, style), word)
    for other in snapshot.further:
        column = axis.column(other.incident.start)
        if column is not None:
            # As it stands below the story.
            marks.setdefault(column, (2, (look.glyphs.onset, look.palette.error), "also"))
    cells: list[Cell] = [(" ", look.palette.plain)] * axis.cells
    _clear_behind_cause(marks)
    taken = sorted(marks)
    for number, column in enumerate(taken):
        weight, cell, word = marks[column]
        cells[column] = cell
        free = (taken[number + 1] if number + 1 < len(taken) else axis.cells) - column - 2
        if word and len(word) <= free and weight > 1:
            for at, letter in enumerate(word, column + 2):
                cells[at] = (letter, cell[1] if weight == _CAUSE else look.palette.dim)
    _write_now(cells, snapshot, axis, look)
    return LaneRow("", look.palette.dim, cells, " in view:")


def _clear_behind_cause(marks: dict[int, Mark]) -> None:
    """The cause keeps its word: a first symptom right behind it, which has none, is seen in its own lane."""
    for column, (weight, _, word) in tuple(marks.items()):
        covered = [one for one in marks if column < one <= column + 2 + len(word)] if weight == _CAUSE else []
        if all(marks[one][2] == "" for one in covered):
            for one in covered:
                del marks[one]


def _write_now(cells: list[Cell], snapshot: Snapshot, axis: Axis, look: Look) -> None:
    """Where the records end and the picture goes on."""
    column = axis.column(snapshot.as_of) if snapshot.as_of is not None else None
    if column is None or axis.cells - column < _LEAST_AHEAD:
        return
    place = slice(column + 1, column + 1 + len(_NOW))
    if all(letter == " " for letter, _ in cells[place]):
        cells[place] = [(letter, look.palette.dim) for letter in _NOW]


def draw_users(snapshot: Snapshot, axis: Axis, look: Look) -> LaneRow:
    """The share of requests that were answered: full is all; nothing where nobody asked."""
    users = snapshot.users
    assert users is not None, "planned only with users"
    ok = axis.spread(users.ok, snapshot.lane_start, snapshot.lane_bucket_us)
    failed = axis.spread(users.failed, snapshot.lane_start, snapshot.lane_bucket_us)
    blocks, palette = look.glyphs.blocks, look.palette
    cells: list[Cell] = []
    tails: list[str] = []
    for good, bad in zip(ok, failed, strict=True):
        if good + bad == 0:
            cells.append((" ", palette.plain))
            tails.append("nobody")
            continue
        tails.append(f"{100 * good // (good + bad)} %")
        share = good / (good + bad)
        eighths = 8 if share >= 1 else min(7, round(share * 8))
        cells.append((blocks[eighths], palette.users))
    return LaneRow("users ok", palette.strong, cells, "", tails)


def draw_volume(snapshot: Snapshot, axis: Axis, look: Look) -> LaneRow:
    """Requests, whatever became of them."""
    users = snapshot.users
    assert users is not None, "planned only with users"
    both = [good + bad for good, bad in zip(users.ok, users.failed, strict=True)]
    counts = axis.spread(both, snapshot.lane_start, snapshot.lane_bucket_us)
    top = max(counts, default=0)
    style = look.palette.faint
    cells = [(look.glyphs.blocks[round(8 * n / top) if top else 0], style) for n in counts]
    return LaneRow("requests", look.palette.dim, cells, _peak_tail(both, snapshot, axis))


def draw_histogram(snapshot: Snapshot, axis: Axis, row: int, rows: int, look: Look) -> LaneRow:
    """Errors and warnings of all services; one row of several, the top one is 0."""
    palette = look.palette
    errors = _sum(lane.errors for lane in snapshot.lanes)
    both = _sum((errors, _sum(lane.warnings for lane in snapshot.lanes)))
    bad = axis.spread(errors, snapshot.lane_start, snapshot.lane_bucket_us)
    top_cells = axis.spread(both, snapshot.lane_start, snapshot.lane_bucket_us)
    top = max(_LEAST_TOP, *top_cells)
    below = 8 * (rows - 1 - row)
    cells: list[Cell] = []
    for e, value in zip(bad, top_cells, strict=True):
        inside = min(8, max(0, height(value, top, 8 * rows) - below))
        is_error = height(e, top, 8 * rows) > below
        style = palette.error_area if is_error else palette.warning_area
        cells.append((look.glyphs.blocks[inside], palette.faint if snapshot.provisional else style))
    label = "err + warn" if row == 0 else ""
    tail = _peak_tail(both, snapshot, axis) if row == 0 else ""
    style = palette.plain
    if snapshot.provisional and row == rows - 1:
        label, style = "so far", palette.warning
    return LaneRow(label, style, cells, tail)


def draw_lane(snapshot: Snapshot, name: str, axis: Axis, look: Look) -> LaneRow:
    """One service: bars for errors and warnings, a dot where it only writes, nothing where it is silent.

    Where nobody complains the bars are of all that it writes, and so are those of who fell silent without a word: that
    it writes less is what there is to see.
    """
    lane = next(one for one in snapshot.lanes if one.service == name)
    palette, start, width = look.palette, snapshot.lane_start, snapshot.lane_bucket_us
    both = _sum((lane.errors, lane.warnings))
    is_silent = any(e.kind is EventKind.SILENCE and e.is_key and e.service == name for e in snapshot.timeline)
    has_bars = has_complaints(snapshot) and (any(both) or not is_silent)
    errors, values = axis.spread(lane.errors, start, width), axis.spread(both, start, width)
    records = axis.spread(lane.records, start, width)
    top = max(_LEAST_LANE_TOP, *(values if has_bars else records))
    root = snapshot.candidates[0].first_seen if snapshot.candidates else None
    root_column = axis.column(root) if root is not None and name == root_service(snapshot) else None
    cells: list[Cell] = []
    for n, (e, value, written) in enumerate(zip(errors, values, records, strict=True)):
        if n == root_column:
            cells.append((look.glyphs.blocks[max(4, height(value, top, 8))], palette.cause))
        elif value > 0:
            style = palette.error_area if e else palette.warning_area
            style = palette.faint if snapshot.provisional else style
            cells.append((look.glyphs.blocks[height(value, top, 8)], style))
        elif not has_bars:
            cells.append((look.glyphs.blocks[height(written, top, 8)], palette.faint))
        else:
            cells.append((look.glyphs.written if written else " ", palette.faint))
    style = palette.cause if name == root_service(snapshot) else palette.plain
    tail = _lane_tail(sum(axis.within(lane.errors, start, width)), sum(axis.within(lane.warnings, start, width)))
    return LaneRow(name, style, cells, tail)


def _lane_tail(errors: int, warnings: int) -> str:
    return f" {_short(errors)} E" if errors else f" {_short(warnings)} W" if warnings else ""


def _short(count: int) -> str:
    return f"{count:,}" if count < 10_000 else f"{count / 1000:.0f}k" if count < 1_000_000 else f"{count / 1e6:.1f}M"


def draw_axis(axis: Axis, cursor: int | None, look: Look, room: int, hidden: int = 0) -> LaneRow:
    """Round times, and the cursor's own where it stands; before them the day and the zone that they are of.

    Args:
        axis: What is in view.
        cursor: The moment that is looked at.
        look: How times are shown.
        room: Cells before the axis.
        hidden: Lanes for which there is no room: they are told of in place of the scale.
    """
    cells: list[Cell] = [(letter, look.palette.dim) for letter in axis.labels(look)]
    column = axis.column(cursor) if cursor is not None else None
    if cursor is not None and column is not None:
        text = f" {look.clock(cursor).strip()} "
        low = max(0, min(axis.cells - len(text), column - 1 - (len(text) - 2 if column > axis.cells - 12 else 0)))
        for label in _LABEL.finditer(axis.labels(look)):
            # What would be left of it beside the cursor's time would be read as another time.
            if label.start() < low + len(text) and label.end() > low:
                cells[label.start() : label.end()] = [(" ", look.palette.dim)] * len(label[0])
        for at, letter in enumerate(text, low):
            cells[at] = (letter, look.palette.info)
    seconds = (axis.end - axis.start) / axis.cells / 1e6
    scale = f"{seconds:.0f}s" if seconds >= 1 else f"{seconds:.1f}s" if seconds >= 0.1 else f"{1000 * seconds:.0f}ms"
    tail = f" +{hidden} lane{'s' if hidden > 1 else ''}" if hidden else f" {scale}/col"
    return LaneRow(_day_of(axis, look, room), look.palette.dim, cells, tail)


def _day_of(axis: Axis, look: Look, room: int) -> str:
    """The day on which the axis ends (where another one begins within it, it is labelled), and the zone."""
    if look.origin is not None:
        return "from the onset" if room >= _WIDE else "from onset"
    last = look.dial.read(axis.end - 1)
    zone = last.tzname() or ""
    day = f"{last:%Y-%m-%d}" if len(zone) + 11 <= room else f"{last:%b} {last.day}"
    return f"{day} {zone}"


def _sum(series: Iterable[Sequence[int]]) -> list[int]:
    return [sum(values) for values in zip(*series, strict=True)]


def _peak_tail(counts: Sequence[int], snapshot: Snapshot, axis: Axis) -> str:
    shown = axis.within(counts, snapshot.lane_start, snapshot.lane_bucket_us)
    return f" {_short(_peak(shown, snapshot))}/min"


def _peak(counts: Sequence[int], snapshot: Snapshot) -> int:
    """The most in any minute."""
    buckets = max(1, _MINUTE_US // snapshot.lane_bucket_us)
    running = sum(counts[:buckets])
    best = running
    for at in range(buckets, len(counts)):
        running += counts[at] - counts[at - buckets]
        best = max(best, running)
    return round(best * _MINUTE_US / max(_MINUTE_US, buckets * snapshot.lane_bucket_us)) if counts else 0
