"""The cascade timeline: users on top, errors as a histogram, a lane per service, marks, and the one cursor time.

Scrubbed by keys, mouse and wheel; zoomed from the whole log to seconds; stepped by event.
"""

from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from logscope.model.incident import TimelineEntry
from logscope.model.snapshot import Snapshot
from logscope.text.safe_text import safe_text
from logscope.ui.axis import Axis
from logscope.ui.events import event_key, event_steps
from logscope.ui.formatting import Look, growing_span, incident_span
from logscope.ui.lanes import (
    LaneRow,
    draw_axis,
    draw_histogram,
    draw_lane,
    draw_marks,
    draw_users,
    draw_volume,
    order_lanes,
)
from logscope.ui.rows import lay_over

_LABEL = 14
"""Cells left of the lanes; more where the screen is wide."""
_WIDE_LABEL = 20
_TAIL = 10
"""Cells right of the lanes."""
_ROOMY = 10
"""From this many lines on, the volume of requests has one."""
_MOST_HISTOGRAM = 4
_LEAST_SPAN_US = 10_000_000


class Timeline(Widget, can_focus=True):
    """One cursor time over all services."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,left", "scrub(-1)", show=False),
        Binding("l,right", "scrub(1)", show=False),
        Binding("H,shift+left", "scrub(-10)", show=False),
        Binding("L,shift+right", "scrub(10)", show=False),
        Binding("home,g", "edge(-1)", show=False),
        Binding("end,G", "edge(1)", show=False),
    ]

    class Scrubbed(Message):
        """The cursor stands at another time."""

        def __init__(self, moment: int) -> None:
            super().__init__()
            self.moment = moment

    class Stepped(Message):
        """The cursor stands at an event."""

        def __init__(self, entry: TimelineEntry) -> None:
            super().__init__()
            self.entry = entry

    class Narrowed(Message):
        """So short a span is shown that its lanes should be finer; None for the incident."""

        def __init__(self, span: tuple[int, int] | None) -> None:
            super().__init__()
            self.span = span

    def __init__(self, look: Look, *, id: str) -> None:
        super().__init__(id=id)
        self.look = look
        self.snapshot: Snapshot | None = None
        self.cursor_time: int | None = None
        self.is_big = False
        """The histogram takes the place of the lanes."""
        self._view: tuple[int, int] | None = None
        """First and behind the last moment shown; None for all."""
        self._is_fitted = True
        """Until somebody zooms, the incident is shown as far as it has gone by now."""
        self._is_growing = False
        """Newer records came: there is room for those that will."""
        self._room_s = 0
        """Seconds from the incident's begin to the right edge, while records come."""
        self._version = 0
        """Counts Snapshots: what was drawn for one is not asked from another."""
        self._drawn: tuple[object, list[LaneRow]] = (None, [])
        self._event = ""
        """The event that was stepped to last."""
        self._hidden = 0
        """Lanes for which there is no room."""

    def show(self, snapshot: Snapshot) -> None:
        """Take a new Snapshot; the cursor stays where it is, at first on the root."""
        old = self.snapshot
        self.snapshot = snapshot
        self._version += 1
        if old is not None and old.progress.done and (snapshot.as_of or 0) > (old.as_of or 0):
            self._is_growing = True
        if old is None or _start_of(old) != _start_of(snapshot):
            self._room_s = 0
        if self._is_fitted:
            self._fit()
        if self.cursor_time is None and snapshot.incident is not None:
            self.cursor_time = snapshot.incident.start
        if old is None or _facts(old) != _facts(snapshot):
            self.refresh()

    def _fit(self) -> None:
        """Show the incident; of one that goes on, more and more."""
        assert self.snapshot is not None, "asked only with a snapshot"
        grown = growing_span(self.snapshot, self._room_s) if self._is_growing else None
        if grown is None:
            self._view = incident_span(self.snapshot)
        else:
            self._view, self._room_s = grown

    def put_cursor(self, time: int) -> None:
        """Move the cursor without telling anybody."""
        if time != self.cursor_time:
            self.cursor_time = time
            self._keep_visible()
            self.refresh()

    def lines_wanted(self, most: int) -> int:
        """Lines in which every lane has its own, and the histogram a few; at most `most`."""
        if self.snapshot is None:
            return most
        if not has_times(self.snapshot):
            return 2
        users = 0 if self.snapshot.users is None else 1 if most < _ROOMY else 2
        return min(most, 2 + users + (1 if most < _ROOMY else self._most_histogram()) + len(order_lanes(self.snapshot)))

    def _most_histogram(self) -> int:
        """Lines that the histogram may take: where nobody complains it has nothing to show."""
        assert self.snapshot is not None, "asked only with a snapshot"
        return _MOST_HISTOGRAM if any(any(one.errors) or any(one.warnings) for one in self.snapshot.lanes) else 1

    def reach(self) -> tuple[int, int] | None:
        """The first and the last moment that the cursor may stand at; None without times."""
        if self.snapshot is None or not has_times(self.snapshot):
            return None
        start, end = self._bounds()
        return start, end - 1

    # Geometry

    @property
    def _label_cells(self) -> int:
        return _WIDE_LABEL if self.size.width >= 110 else _LABEL

    def _bounds(self) -> tuple[int, int]:
        """Begin of the first bucket and end of the last."""
        assert self.snapshot is not None, "asked only with a snapshot"
        start = self.snapshot.lane_start
        count = len(self.snapshot.lanes[0].records) if self.snapshot.lanes else 0
        return start, start + max(1, count) * self.snapshot.lane_bucket_us

    def axis(self) -> Axis:
        """What is shown now."""
        start, end = self._bounds()
        if self._view is not None and self._view[0] < end and self._view[1] > start:
            is_open = self._is_growing and self._is_fitted
            start, end = max(start, self._view[0]), self._view[1] if is_open else min(end, self._view[1])
        return Axis(start, max(end, start + 1), max(10, self.size.width - self._label_cells - _TAIL))

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Marks, users, errors, lanes, axis."""
        width, palette = self.size.width, self.look.palette
        if self.snapshot is None or not has_times(self.snapshot):
            text = "  no times to draw" if y == 0 and self.snapshot is not None else ""
            return Strip([Segment(text.ljust(width), palette.dim)])
        axis = self.axis()
        rows = self._rows(axis)
        if y == len(rows):
            return self._strip(draw_axis(axis, self.cursor_time, self.look, self._label_cells - 2, self._hidden), None)
        if y > len(rows):
            return Strip.blank(width, palette.plain)
        column = axis.column(self.cursor_time) if self.cursor_time is not None else None
        return self._strip(rows[y], column)

    def _fine(self, axis: Axis) -> Snapshot:
        """What the lanes are drawn from: the finer ones where they hold all that is shown."""
        snapshot = self.snapshot
        assert snapshot is not None, "asked only with a snapshot"
        near = snapshot.near
        if near is None or not near.lanes:
            return snapshot
        end = near.start + len(near.lanes[0].records) * near.bucket_us
        if axis.start < near.start or min(axis.end, self._bounds()[1]) > end:
            return snapshot
        return replace(
            snapshot, lanes=near.lanes, users=near.users, lane_start=near.start, lane_bucket_us=near.bucket_us
        )

    def _rows(self, axis: Axis) -> list[LaneRow]:
        """All lines but the axis; drawn once for each change of what they show."""
        key = (self._version, axis, self.size.height, self.is_big, self.look)
        if self._drawn[0] == key:
            return self._drawn[1]
        snapshot = self._fine(axis)
        rows = [draw_marks(snapshot, axis, self.look)]
        height, is_roomy = self.size.height, self.size.height >= _ROOMY
        if snapshot.users is not None:
            rows.append(draw_users(snapshot, axis, self.look))
            if is_roomy:
                rows.append(draw_volume(snapshot, axis, self.look))
        room = height - len(rows) - 1
        lanes = order_lanes(snapshot)
        tall = room if self.is_big else 1 if room <= 4 else 2 if room <= 7 else 3
        shown = lanes[: max(0, room - tall)]
        if not self.is_big and len(shown) == len(lanes):
            tall = max(1, min(self._most_histogram(), room - len(shown)))
        rows += [draw_histogram(snapshot, axis, row, tall, self.look) for row in range(tall)]
        rows += [draw_lane(snapshot, name, axis, self.look) for name in shown]
        self._hidden = 0 if self.is_big else len(lanes) - len(shown)
        self._drawn = (key, rows)
        return rows

    def _strip(self, row: LaneRow, cursor: int | None) -> Strip:
        cells, palette = self._label_cells, self.look.palette
        label = safe_text(row.label)
        if len(label) > cells - 2:
            label = label[: cells - 3] + self.look.glyphs.ellipsis
        segments = [Segment(f" {label:<{cells - 1}}", row.label_style)]
        for number, (text, style) in enumerate(row.cells):
            if number == cursor:
                shown = text if text.strip() else self.look.glyphs.cursor
                cell = Strip([Segment(shown, style if text.strip() else palette.info)])
                segments += lay_over(cell, palette.column)
            else:
                segments.append(Segment(text, style))
        used = cells + len(row.cells)
        rest = max(0, self.size.width - used)
        # A figure of the cursor's moment has the cursor's mark and colour: the others are of all that is in view.
        at_cursor = row.tails[cursor] if row.tails and cursor is not None else None
        here = f" {self.look.glyphs.cursor}{at_cursor}"
        tail, style = (row.tail, palette.dim) if at_cursor is None else (here, palette.info)
        segments.append(Segment(tail[:rest].ljust(rest), style))
        return Strip(segments).simplify()

    # Moving

    def action_scrub(self, cells: int) -> None:
        """Move the cursor by cells."""
        if self.snapshot is None or not has_times(self.snapshot):
            return
        axis = self.axis()
        base = self.cursor_time if self.cursor_time is not None else axis.start
        self._move(base + cells * max(1, (axis.end - axis.start) // axis.cells))

    def action_edge(self, side: int) -> None:
        """The first or the last moment of the logs."""
        if self.snapshot is not None and has_times(self.snapshot):
            start, end = self._bounds()
            self._move(start if side < 0 else end - 1)

    def step_event(self, direction: int) -> bool:
        """Jump to the next or previous event, those of one moment one after the other; False where none is left."""
        if self.snapshot is None:
            return False
        events = event_steps(self.snapshot.timeline)
        times = [e.time for e in events]
        base = self.cursor_time
        if base is None:
            base = times[0] - 1 if times else 0
        # Where several share the cursor's moment it stands on the one that was stepped to, else on the first.
        same = range(bisect_left(times, base), bisect_right(times, base))
        here = next((n for n in same if event_key(events[n]) == self._event), same.start)
        at = here - 1 if direction < 0 else here + 1 if same else same.start
        if not 0 <= at < len(events):
            return False
        self.put_cursor(times[at])
        self._event = event_key(events[at])
        self.post_message(self.Stepped(events[at]))
        return True

    def zoom(self, factor: float) -> None:
        """Show less (factor below 1) or more around the cursor."""
        if self.snapshot is None or not has_times(self.snapshot):
            return
        axis, (first, last) = self.axis(), self._bounds()
        least = min(last - first, _LEAST_SPAN_US)
        span = max(least, min(last - first, round((axis.end - axis.start) * factor)))
        time = self.cursor_time if self.cursor_time is not None else (axis.start + axis.end) // 2
        start = max(first, min(last - span, time - span // 2))
        self._view = None if span >= last - first else (start, start + span)
        self._is_fitted = False
        if self._view is not None and span // axis.cells < self._fine(self.axis()).lane_bucket_us:
            self.post_message(self.Narrowed((start - span, start + 2 * span)))
        self.refresh()

    def fit_incident(self) -> None:
        """Show the incident with some of the time before and after it."""
        if self.snapshot is not None:
            self._is_fitted = True
            self._fit()
            self.post_message(self.Narrowed(None))
            self.refresh()

    def _move(self, time: int) -> None:
        start, end = self._bounds()
        self.cursor_time = max(start, min(time, end - 1))
        self._keep_visible()
        self.refresh()
        self.post_message(self.Scrubbed(self.cursor_time))

    def _keep_visible(self) -> None:
        if self._view is None or self.snapshot is None or self.cursor_time is None:
            return
        first, last = self._view
        if not first <= self.cursor_time < last:
            span = last - first
            self._is_fitted = False
            self._view = (self.cursor_time - span // 2, self.cursor_time + span - span // 2)

    def _point(self, x: int) -> None:
        if self.snapshot is None or not has_times(self.snapshot):
            return
        axis = self.axis()
        self._move(axis.time_at(max(0, min(axis.cells - 1, x - self._label_cells))))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click sets the cursor; dragging goes on."""
        if event.x >= self._label_cells and self.snapshot is not None:
            self.capture_mouse()
            self._point(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag."""
        if self.app.mouse_captured is self:
            self._point(event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """The drag ends."""
        del event
        self.release_mouse()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrubs; with ctrl it zooms."""
        event.stop()
        self.zoom(2.0) if event.ctrl else self.action_scrub(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrubs; with ctrl it zooms."""
        event.stop()
        self.zoom(0.5) if event.ctrl else self.action_scrub(-1)


def has_times(snapshot: Snapshot) -> bool:
    """There is a span of time to draw."""
    return bool(snapshot.lanes) and snapshot.as_of is not None


def _start_of(snapshot: Snapshot) -> int | None:
    return snapshot.incident.start if snapshot.incident is not None else None


def _facts(snapshot: Snapshot) -> tuple[object, ...]:
    """What the picture depends on."""
    top = snapshot.candidates[:1]
    return (
        snapshot.as_of is None,
        snapshot.lanes,
        snapshot.users,
        snapshot.near,
        snapshot.timeline,
        snapshot.provisional,
        top,
    )
