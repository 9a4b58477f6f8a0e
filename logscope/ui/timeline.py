"""The cascade timeline: users on top, errors as a histogram, a lane per service, markers, and the one cursor time.

Scrubbed by keys, mouse and wheel; zoomed from the whole log to seconds. Every lane has its own square-root scale, so
that the root's single line is visible beside 150 per minute.
"""

from bisect import bisect_left, bisect_right
from datetime import tzinfo
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from logscope.model.snapshot import Snapshot
from logscope.text.safe_text import safe_text
from logscope.ui.formatting import clock, event_mark, resample
from logscope.ui.palette import Glyphs, Palette

LABEL = 14
"""Cells left of the lanes."""
_LEAST_SPAN_BUCKETS = 8


class Timeline(Widget, can_focus=True):
    """One cursor time over all services."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,left", "scrub(-1)", show=False),
        Binding("l,right", "scrub(1)", show=False),
        Binding("H,shift+left", "scrub(-10)", show=False),
        Binding("L,shift+right", "scrub(10)", show=False),
    ]

    class Scrubbed(Message):
        """The cursor stands at another time."""

        def __init__(self, moment: int) -> None:
            super().__init__()
            self.moment = moment

    def __init__(self, palette: Palette, glyphs: Glyphs, zone: tzinfo, *, id: str) -> None:
        super().__init__(id=id)
        self.palette = palette
        self.glyphs = glyphs
        self.zone = zone
        self.snapshot: Snapshot | None = None
        self.cursor_time: int | None = None
        self._view: tuple[int, int] | None = None
        """First and last bucket shown; None for all."""

    def show(self, snapshot: Snapshot) -> None:
        """Take a new Snapshot; the cursor stays where it is, at first on the root."""
        old = self.snapshot
        self.snapshot = snapshot
        if self.cursor_time is None and snapshot.incident is not None:
            self.cursor_time = snapshot.incident.start
        is_same = old is not None and (old.lanes, old.users, old.timeline) == (
            snapshot.lanes,
            snapshot.users,
            snapshot.timeline,
        )
        if not is_same:
            self.refresh()

    def put_cursor(self, time: int) -> None:
        """Move the cursor without telling anybody."""
        if time != self.cursor_time:
            self.cursor_time = time
            self._keep_visible()
            self.refresh()

    # Geometry

    def _range(self) -> tuple[int, int]:
        """First bucket shown and the one behind the last."""
        snapshot = self.snapshot
        count = len(snapshot.lanes[0].records) if snapshot is not None and snapshot.lanes else 0
        if self._view is None or count == 0:
            return 0, count
        return max(0, self._view[0]), min(count, self._view[1])

    def _cells(self) -> int:
        return max(10, self.size.width - LABEL - 8)

    def _column(self, time: int) -> int | None:
        """Cell of a time; None outside the view."""
        assert self.snapshot is not None, "asked only while drawing"
        first, last = self._range()
        width = self.snapshot.lane_bucket_us
        start, end = self.snapshot.lane_start + first * width, self.snapshot.lane_start + last * width
        if not start <= time < max(end, start + 1):
            return None
        return min(self._cells() - 1, (time - start) * self._cells() // max(1, end - start))

    def _time_at(self, column: int) -> int:
        assert self.snapshot is not None, "asked only with a snapshot"
        first, last = self._range()
        width = self.snapshot.lane_bucket_us
        start, length = self.snapshot.lane_start + first * width, (last - first) * width
        return start + (2 * column + 1) * length // (2 * self._cells())

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Markers, users, errors, lanes, axis."""
        snapshot, width = self.snapshot, self.size.width
        if snapshot is None or not snapshot.lanes:
            text = "  no times to draw yet" if y == 0 else ""
            return Strip([Segment(text.ljust(width), self.palette.dim)])
        rows = self._plan(self.size.height)
        kind, name = rows[y] if y < len(rows) else ("blank", "")
        match kind:
            case "marks":
                return self._draw_marks()
            case "users":
                return self._draw_users()
            case "errors":
                return self._draw_histogram(int(name), sum(1 for k, _ in rows if k == "errors"))
            case "lane":
                return self._draw_lane(name)
            case "axis":
                return self._draw_axis()
            case _:
                return Strip.blank(width, self.palette.plain)

    def _plan(self, height: int) -> list[tuple[str, str]]:
        """What each line shows: markers and axis always, then users, a histogram, and as many lanes as fit."""
        assert self.snapshot is not None, "asked only with a snapshot"
        rows = [("marks", "")]
        if self.snapshot.users is not None:
            rows.append(("users", ""))
        room = height - len(rows) - 1
        lanes = self._lanes()
        tall = 1 if room <= 3 else 2 if room <= 6 else 3
        shown = lanes[: max(0, room - tall)]
        tall = max(1, room - len(shown)) if len(shown) == len(lanes) else tall
        tall = min(tall, 4)
        rows += [("errors", str(n)) for n in range(tall)]
        rows += [("lane", name) for name in shown]
        rows.append(("axis", ""))
        return rows

    def _lanes(self) -> list[str]:
        """Services in the order in which they fell, then those with errors."""
        assert self.snapshot is not None, "asked only with a snapshot"
        order: dict[str, int] = {}
        for entry in self.snapshot.timeline:
            if entry.kind.value in ("onset", "change") and entry.service and (entry.is_key or entry.is_root):
                order.setdefault(entry.service, len(order))
        for lane in sorted(self.snapshot.lanes, key=lambda one: -sum(one.errors)):
            if sum(lane.errors) or sum(lane.warnings):
                order.setdefault(lane.service, len(order))
        names = {lane.service for lane in self.snapshot.lanes}
        return [name for name in order if name in names]

    def _line(
        self, label: str, cells: list[tuple[str, Style]], tail: str = "", label_style: Style | None = None
    ) -> Strip:
        shown = safe_text(label)[: LABEL - 2]
        segments = [Segment(f" {shown:<{LABEL - 1}}", label_style or self.palette.dim)]
        column = self._column(self.cursor_time) if self.cursor_time is not None and self.snapshot else None
        for number, (text, style) in enumerate(cells):
            if number == column:
                segments.append(Segment(text if text.strip() else self.glyphs.cursor, self.palette.info))
            else:
                segments.append(Segment(text, style))
        used = LABEL + len(cells)
        segments.append(
            Segment(tail[: max(0, self.size.width - used)].ljust(max(0, self.size.width - used)), self.palette.dim)
        )
        return Strip(segments).simplify()

    def _draw_marks(self) -> Strip:
        snapshot = self.snapshot
        assert snapshot is not None, "asked only with a snapshot"
        cells = [(" ", self.palette.plain)] * self._cells()
        for entry in sorted(snapshot.timeline, key=lambda e: (e.is_root, e.is_key)):
            column = self._column(entry.time)
            if column is not None and (entry.is_key or entry.kind.value != "onset"):
                cells[column] = event_mark(entry, self.palette, self.glyphs)
        when = clock(self.cursor_time, self.zone) if self.cursor_time is not None else ""
        return self._line(f"@{when}", cells, label_style=self.palette.info)

    def _draw_users(self) -> Strip:
        snapshot = self.snapshot
        assert snapshot is not None, "asked only with a snapshot"
        assert snapshot.users is not None, "planned only with users"
        first, last = self._range()
        ok, failed = list(snapshot.users.ok[first:last]), list(snapshot.users.failed[first:last])
        cells: list[tuple[str, Style]] = []
        count = self._cells()
        volume = resample([a + b for a, b in zip(ok, failed, strict=True)], count)
        top = max(volume, default=0)
        for n in range(count):
            low, high = len(ok) * n // count, max(len(ok) * (n + 1) // count, len(ok) * n // count + 1)
            good, bad = sum(ok[low:high]), sum(failed[low:high])
            total = good + bad
            if not total:
                cells.append((" ", self.palette.plain))
                continue
            share = good / total
            height = max(1, round((volume[n] / top) ** 0.5 * 8)) if top else 1
            style = self.palette.ok if share >= 0.98 else self.palette.warning if share >= 0.8 else self.palette.error
            cells.append((self.glyphs.blocks[height], style))
        return self._line("users", cells, " ok/all", self.palette.strong)

    def _draw_histogram(self, row: int, rows: int) -> Strip:
        """Errors and warnings of all services; one row of several, the top one first."""
        snapshot = self.snapshot
        assert snapshot is not None, "asked only with a snapshot"
        first, last = self._range()
        errors = [sum(lane.errors[n] for lane in snapshot.lanes) for n in range(first, last)]
        warnings = [sum(lane.warnings[n] for lane in snapshot.lanes) for n in range(first, last)]
        bad, all_of = (
            resample(errors, self._cells()),
            resample([e + w for e, w in zip(errors, warnings, strict=True)], self._cells()),
        )
        top = max(all_of, default=0)
        cells: list[tuple[str, Style]] = []
        for e, both in zip(bad, all_of, strict=True):
            height = 0 if both <= 0 else max(1, round((both / max(1, top)) ** 0.5 * 8 * rows))
            inside = min(8, max(0, height - 8 * (rows - 1 - row)))
            red = 0 if e <= 0 else max(1, round((e / max(1, top)) ** 0.5 * 8 * rows))
            is_error = red > 8 * (rows - 1 - row)
            style = self.palette.error if is_error else self.palette.warning
            if snapshot.provisional:
                style = self.palette.dim
            cells.append((self.glyphs.blocks[inside], style))
        label = "errors" if row == 0 else "estimate" if snapshot.provisional and row == 1 else ""
        return self._line(label, cells, f" {top:,}" if row == 0 else "", self.palette.strong)

    def _draw_lane(self, name: str) -> Strip:
        snapshot = self.snapshot
        assert snapshot is not None, "asked only with a snapshot"
        lane = next(one for one in snapshot.lanes if one.service == name)
        first, last = self._range()
        errors = resample(lane.errors[first:last], self._cells())
        both = resample(
            [e + w for e, w in zip(lane.errors[first:last], lane.warnings[first:last], strict=True)], self._cells()
        )
        records = resample(lane.records[first:last], self._cells())
        top = max(both, default=0)
        cells: list[tuple[str, Style]] = []
        root = snapshot.candidates[0].first_seen if snapshot.candidates else None
        root_column = self._column(root) if root is not None else None
        root_service = next((e.service for e in snapshot.timeline if e.is_root), None)
        for n, (e, value, any_record) in enumerate(zip(errors, both, records, strict=True)):
            if value > 0:
                height = max(1, round((value / top) ** 0.5 * 8))
                style = self.palette.error if e else self.palette.warning
                if n == root_column and name == root_service:
                    style = self.palette.cause
                cells.append((self.glyphs.blocks[height], style))
            else:
                # A dot where the service writes, nothing where it is silent: silence is a gap.
                cells.append(("·" if any_record and self.glyphs.cursor != "|" else " ", self.palette.dim))
        style = self.palette.cause if name == root_service else self.palette.plain
        return self._line(name, cells, f" {top:,}", style)

    def _draw_axis(self) -> Strip:
        count = self._cells()
        text = [" "] * count
        step = 14
        for column in range(0, count - 7, step):
            label = clock(self._time_at(column), self.zone)
            text[column : column + len(label)] = list(label)
        return self._line("", [(c, self.palette.dim) for c in text])

    # Moving

    def action_scrub(self, cells: int) -> None:
        """Move the cursor by cells."""
        if self.snapshot is None or not self.snapshot.lanes:
            return
        first, last = self._range()
        step = max(1, (last - first) * self.snapshot.lane_bucket_us // self._cells())
        base = self.cursor_time if self.cursor_time is not None else self.snapshot.lane_start
        self._move(base + cells * step)

    def step_event(self, direction: int) -> None:
        """Jump to the next or previous event of the cascade."""
        if self.snapshot is None:
            return
        times = sorted({entry.time for entry in self.snapshot.timeline})
        if not times:
            return
        base = self.cursor_time if self.cursor_time is not None else times[0] - 1
        at = bisect_right(times, base) if direction > 0 else bisect_left(times, base) - 1
        if 0 <= at < len(times):
            self._move(times[at])

    def zoom(self, factor: float) -> None:
        """Show less (factor below 1) or more around the cursor."""
        if self.snapshot is None or not self.snapshot.lanes:
            return
        count = len(self.snapshot.lanes[0].records)
        first, last = self._range()
        span = max(_LEAST_SPAN_BUCKETS, min(count, round((last - first) * factor)))
        time = self.cursor_time if self.cursor_time is not None else self._time_at(self._cells() // 2)
        middle = (time - self.snapshot.lane_start) // self.snapshot.lane_bucket_us
        start = max(0, min(count - span, middle - span // 2))
        self._view = None if span >= count else (start, start + span)
        self.refresh()

    def fit_incident(self) -> None:
        """Show the incident with some of the time before and after it."""
        if self.snapshot is None or self.snapshot.incident is None:
            return
        width = self.snapshot.lane_bucket_us
        start = (self.snapshot.incident.start - self.snapshot.lane_start) // width
        end_time = self.snapshot.incident.end or self.snapshot.as_of or self.snapshot.incident.start
        end = (end_time - self.snapshot.lane_start) // width + 1
        margin = max(4, (end - start) // 5)
        self._view = (max(0, start - margin), end + margin)
        self.refresh()

    def _move(self, time: int) -> None:
        assert self.snapshot is not None, "moved only with a snapshot"
        count = len(self.snapshot.lanes[0].records) if self.snapshot.lanes else 1
        end = self.snapshot.lane_start + count * self.snapshot.lane_bucket_us - 1
        self.cursor_time = max(self.snapshot.lane_start, min(time, end))
        self._keep_visible()
        self.refresh()
        self.post_message(self.Scrubbed(self.cursor_time))

    def _keep_visible(self) -> None:
        if self._view is None or self.snapshot is None or self.cursor_time is None:
            return
        first, last = self._view
        at = (self.cursor_time - self.snapshot.lane_start) // self.snapshot.lane_bucket_us
        if not first <= at < last:
            span = last - first
            start = max(0, at - span // 2)
            self._view = (start, start + span)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click sets the cursor; dragging goes on."""
        if event.x >= LABEL and self.snapshot is not None and self.snapshot.lanes:
            self.capture_mouse()
            self._move(self._time_at(min(self._cells() - 1, event.x - LABEL)))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag."""
        if self.app.mouse_captured is self and self.snapshot is not None and event.x >= LABEL:
            self._move(self._time_at(max(0, min(self._cells() - 1, event.x - LABEL))))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """The drag ends."""
        del event
        self.release_mouse()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrubs."""
        event.stop()
        self.action_scrub(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrubs."""
        event.stop()
        self.action_scrub(-1)


def _drawn(snapshot: Snapshot) -> tuple[object, ...]:
    """What the picture depends on."""
    return (snapshot.lanes, snapshot.users, snapshot.timeline, snapshot.provisional, snapshot.candidates[:1])
