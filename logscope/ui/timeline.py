"""The cascade timeline: users on top, errors as a histogram, a lane per service, marks, and the one cursor time.

Scrubbed by keys, mouse and wheel; zoomed from the whole log to seconds; stepped by event.
"""

from bisect import bisect_left, bisect_right
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from logscope.model.incident import TimelineEntry
from logscope.model.snapshot import Snapshot
from logscope.ui.axis import Axis
from logscope.ui.events import event_key, event_steps
from logscope.ui.formatting import Look
from logscope.ui.lanes import draw_axis
from logscope.ui.timeline_rows import DrawnLanes, draw_rows, draw_strip, has_times, lines_wanted, with_fine_lanes
from logscope.ui.viewport import Viewport

_LABEL = 14
"""Cells left of the lanes; more where the screen is wide."""
_WIDE_LABEL, _WIDE = 20, 110
_TAIL = 10
"""Cells right of the lanes."""


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
        self.cursor_time: int | None = None
        self.is_big = False
        """The histogram takes the place of the lanes."""
        self._viewport = Viewport()
        self._version = 0
        """Counts Snapshots: what was drawn for one is not asked from another."""
        self._drawn: tuple[object, DrawnLanes] = (None, DrawnLanes((), 0))
        self._event = ""
        """The event that was stepped to last."""

    @property
    def snapshot(self) -> Snapshot | None:
        """What is drawn."""
        return self._viewport.snapshot

    def show(self, snapshot: Snapshot) -> None:
        """Take a new Snapshot; the cursor stays where it is, at first on the root."""
        old = self.snapshot
        self._version += 1
        self._viewport.take(snapshot)
        if self.cursor_time is None and snapshot.incident is not None:
            self.cursor_time = snapshot.incident.start
        if old is None or _facts(old) != _facts(snapshot):
            self.refresh()

    def put_cursor(self, time: int, *, is_followed: bool = False) -> None:
        """Move the cursor without telling anybody.

        Args:
            time: Where it goes.
            is_followed: By newest lines, and by nobody: it may leave an incident that is in view, which grows with it.
        """
        if time != self.cursor_time:
            self.cursor_time = time
            if not (is_followed and self._viewport.is_fitted):
                self._viewport.keep_visible(time)
            self.refresh()

    def lines_wanted(self, most: int) -> int:
        """Lines in which every lane has its own, and the histogram a few; at most `most`."""
        return lines_wanted(self.snapshot, most)

    def reach(self) -> tuple[int, int] | None:
        """The first and the last moment that the cursor may stand at; None without times."""
        if self.snapshot is None or not has_times(self.snapshot):
            return None
        start, end = self._viewport.bounds()
        return start, end - 1

    @property
    def _label_cells(self) -> int:
        return _WIDE_LABEL if self.size.width >= _WIDE else _LABEL

    def axis(self) -> Axis:
        """What is shown now."""
        return Axis(*self._viewport.span(), max(10, self.size.width - self._label_cells - _TAIL))

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Marks, users, errors, lanes, axis."""
        width, palette = self.size.width, self.look.palette
        if self.snapshot is None or not has_times(self.snapshot):
            text = "  no times to draw" if y == 0 and self.snapshot is not None else ""
            return Strip([Segment(text.ljust(width), palette.dim)])
        axis = self.axis()
        drawn = self._draw_lanes(axis)
        if y > len(drawn.rows):
            return Strip.blank(width, palette.plain)
        column = axis.column(self.cursor_time) if self.cursor_time is not None else None
        if y < len(drawn.rows):
            row = drawn.rows[y]
        else:
            row, column = draw_axis(axis, self.cursor_time, self.look, self._label_cells - 2, drawn.hidden), None
        return draw_strip(row, column, self._label_cells, width, self.look)

    def _fine(self, axis: Axis) -> Snapshot:
        """What the lanes are drawn from."""
        assert self.snapshot is not None, "asked only with a snapshot"
        return with_fine_lanes(self.snapshot, axis, self._viewport.bounds()[1])

    def _draw_lanes(self, axis: Axis) -> DrawnLanes:
        """All lines but the axis; drawn once for each change of what they show."""
        key = (self._version, axis, self.size.height, self.is_big, self.look)
        if self._drawn[0] != key:
            lanes = draw_rows(self._fine(axis), axis, self.size.height, self.look, is_big=self.is_big)
            self._drawn = (key, lanes)
        return self._drawn[1]

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
            start, end = self._viewport.bounds()
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
        shown = self._viewport.zoom(factor, self.cursor_time)
        if shown is not None:
            start, end = shown
            axis = self.axis()
            if (end - start) // axis.cells < self._fine(axis).lane_bucket_us:
                self.post_message(self.Narrowed((2 * start - end, 2 * end - start)))
        self.refresh()

    def fit_incident(self) -> None:
        """Show the incident with some of the time before and after it."""
        if self.snapshot is not None:
            self._viewport.fit()
            self.post_message(self.Narrowed(None))
            self.refresh()

    def _move(self, time: int) -> None:
        start, end = self._viewport.bounds()
        self.cursor_time = max(start, min(time, end - 1))
        self._viewport.keep_visible(self.cursor_time)
        self.refresh()
        self.post_message(self.Scrubbed(self.cursor_time))

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
