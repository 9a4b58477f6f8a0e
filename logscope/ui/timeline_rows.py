"""Which lines the timeline has, and how each is put on the screen: label, cells, figure. Pure."""

from dataclasses import dataclass, replace
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from logscope.model.snapshot import Snapshot
from logscope.text.safe_text import safe_text
from logscope.ui.axis import Axis
from logscope.ui.formatting import Look, fit
from logscope.ui.lanes import (
    LaneRow,
    draw_histogram,
    draw_lane,
    draw_marks,
    draw_users,
    draw_volume,
    has_complaints,
    order_lanes,
)
from logscope.ui.palette import UNICODE
from logscope.ui.rows import lay_over

_ROOMY: Final = 10
"""From this many lines on, the volume of requests has one."""
_MOST_HISTOGRAM: Final = 4
_TALL, _MIDDLE = 7, 4
"""Lines for the histogram and the lanes: with more the histogram has three of them at least; with more, two."""


@dataclass(frozen=True, slots=True)
class DrawnLanes:
    """All lines of the timeline but its axis."""

    rows: tuple[LaneRow, ...]
    hidden: int
    """Lanes for which there is no room."""


def has_times(snapshot: Snapshot) -> bool:
    """There is a span of time to draw."""
    return bool(snapshot.lanes) and snapshot.as_of is not None


def lines_wanted(snapshot: Snapshot | None, most: int) -> int:
    """Lines in which every lane has its own, and the histogram a few; at most `most`."""
    if snapshot is None:
        return most
    if not has_times(snapshot):
        return 2
    users = _users_lines(snapshot, is_roomy=most >= _ROOMY)
    histogram = 1 if most < _ROOMY else _most_histogram(snapshot)
    return min(most, 2 + users + histogram + len(order_lanes(snapshot)))


def draw_rows(snapshot: Snapshot, axis: Axis, height: int, look: Look, *, is_big: bool) -> DrawnLanes:
    """Marks, users, their volume, errors, and a lane for each service that fits.

    Args:
        snapshot: What is known, in buckets that are fine enough.
        axis: What is in view.
        height: Lines, that of the axis among them.
        look: Colours and times.
        is_big: The histogram takes the place of the lanes.
    """
    rows = [draw_marks(snapshot, axis, look)]
    lanes = order_lanes(snapshot)
    if snapshot.users is not None:
        rows.append(draw_users(snapshot, axis, look))
        if _users_lines(snapshot, is_roomy=height >= _ROOMY) > 1:
            rows.append(draw_volume(snapshot, axis, look))
    room = height - len(rows) - 1
    tall = room if is_big else 1 if room <= _MIDDLE else 2 if room <= _TALL else 3
    if not is_big and len(lanes) >= room and not has_complaints(snapshot):
        # Nothing stands in it: the lanes need its line.
        tall = 0
    elif not is_big and len(lanes) <= room - tall:
        tall = max(1, min(_most_histogram(snapshot), room - len(lanes)))
    shown = lanes[: max(0, room - tall)]
    rows += [draw_histogram(snapshot, axis, row, tall, look) for row in range(tall)]
    rows += [draw_lane(snapshot, name, axis, look) for name in shown]
    return DrawnLanes(tuple(rows), 0 if is_big else len(lanes) - len(shown))


def _users_lines(snapshot: Snapshot, *, is_roomy: bool) -> int:
    """Where nobody complains, how many asked is all that can tell of an incident."""
    if snapshot.users is None:
        return 0
    return 2 if is_roomy or not has_complaints(snapshot) else 1


def _most_histogram(snapshot: Snapshot) -> int:
    """Lines that the histogram may take: where nobody complains it has nothing to show."""
    return _MOST_HISTOGRAM if has_complaints(snapshot) else 1


def with_fine_lanes(snapshot: Snapshot, axis: Axis, end: int) -> Snapshot:
    """What the lanes are drawn from: the finer ones where they hold all that is shown.

    Args:
        snapshot: What is known.
        axis: What is in view.
        end: Of the last bucket.
    """
    near = snapshot.near
    if near is None or not near.lanes:
        return snapshot
    near_end = near.start + len(near.lanes[0].records) * near.bucket_us
    if axis.start < near.start or min(axis.end, end) > near_end:
        return snapshot
    return replace(snapshot, lanes=near.lanes, users=near.users, lane_start=near.start, lane_bucket_us=near.bucket_us)


def _at_cursor(text: str, style: Style, look: Look) -> Strip:
    """A cell of the cursor's column; a bar is never reversed: what it does not fill would look like the bar."""
    palette = look.palette
    if not text.strip():
        text, style = look.glyphs.cursor, palette.info
    is_kept = palette.column.reverse and text in UNICODE.blocks
    return lay_over(Strip([Segment(text, style)]), Style(bold=True) if is_kept else palette.column, has_colours=True)


def draw_strip(row: LaneRow, cursor: int | None, label_cells: int, width: int, look: Look) -> Strip:
    """A line as it stands on the screen.

    Args:
        row: What it shows.
        cursor: The cell in which the cursor's moment lies; None where it is not in view.
        label_cells: Cells left of the lanes.
        width: Cells of the screen.
        look: Colours and marks.
    """
    palette = look.palette
    segments = [Segment(f" {fit(safe_text(row.label), label_cells - 2, look.glyphs)} ", row.label_style)]
    for number, (text, style) in enumerate(row.cells):
        if number == cursor:
            segments += _at_cursor(text, style, look)
        else:
            segments.append(Segment(text, style))
    rest = max(0, width - label_cells - len(row.cells))
    # A figure of the cursor's moment has the cursor's mark and colour: the others are of all that is in view.
    at_cursor = row.tails[cursor] if row.tails and cursor is not None else None
    here = f" {look.glyphs.cursor}{at_cursor}"
    tail, style = (row.tail, palette.dim) if at_cursor is None else (here, palette.info)
    segments.append(Segment(tail[:rest].ljust(rest), style))
    return Strip(segments).simplify()
