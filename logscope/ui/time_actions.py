"""What the keys do with the one cursor time: scrub, zoom, step from event to event, and how times are written."""

from dataclasses import replace
from datetime import UTC, datetime

from textual import on

from logscope.model.files import LineRef
from logscope.model.times import US, Dial
from logscope.ui.events import event_key
from logscope.ui.log_actions import LogActions
from logscope.ui.rows import RowList
from logscope.ui.timeline import Timeline


class TimeActions(LogActions):
    """The part of the application that moves the timeline."""

    def action_histogram(self) -> None:
        """Errors per minute in the place of the lanes, or small again."""
        timeline = self.query_one(Timeline)
        timeline.is_big = not timeline.is_big
        timeline.refresh()

    def action_relative(self) -> None:
        """Times as spans from the onset, or of the day."""
        if self.look.origin is not None or self.snapshot is None or self.snapshot.incident is None:
            self._take_look(replace(self.look, origin=None))
            return
        self._take_look(replace(self.look, origin=self.snapshot.incident.start))
        self._say("times are counted from the onset; T shows the time of day again")

    def action_use_zone(self, name: str) -> None:
        """All times in UTC, or as the clock on the wall shows them; marks are typed in the same zone."""
        as_of = self.snapshot.as_of if self.snapshot is not None else None
        when = datetime.now(UTC) if as_of is None else datetime.fromtimestamp(as_of // US, UTC)
        # What the clock showed when it was logged: summer time may have begun or ended since.
        zone = UTC if name == "utc" else when.astimezone().tzinfo or UTC
        self.options = replace(self.options, zone=zone)
        self._take_look(replace(self.look, dial=Dial.around(as_of, zone)))
        self._say(f"times are shown in {when.astimezone(zone).tzname()}")

    def action_event(self, direction: int) -> None:
        """Next or previous event on the timeline."""
        if not self.query_one(Timeline).step_event(direction):
            self._say(f"no {'further' if direction > 0 else 'earlier'} event")

    def action_scrub(self, cells: int) -> None:
        """Move the cursor time."""
        self.query_one(Timeline).action_scrub(cells)

    def action_zoom(self, factor: float) -> None:
        """Zoom the timeline."""
        self.query_one(Timeline).zoom(factor)

    def action_fit(self) -> None:
        """Show the incident."""
        self.query_one(Timeline).fit_incident()

    def _jump(self, time: int) -> None:
        """Go to a time that was asked for; one outside the logs becomes their begin or end, and that is said."""
        bounds = self.query_one(Timeline).reach()
        if bounds is not None and not bounds[0] <= time <= bounds[1]:
            side, time = ("begin", bounds[0]) if time < bounds[0] else ("end", bounds[1])
            self._say(f"the logs {side} at {self.look.clock(time).strip()}")
        self.query_one(Timeline).put_cursor(time)
        self.go_to_time(time)

    @on(Timeline.Stepped)
    def _stepped(self, message: Timeline.Stepped) -> None:
        """The story's row and the log follow to an event; what has no row, or none in view, is told."""
        entry, story = message.entry, self.query_one("#story", RowList)
        row = next((row for row in story.rows if row.can_stand and row.key.startswith(event_key(entry))), None)
        if row is not None:
            story.was_moved = True
            story.put_cursor(row.key)
        if row is None or not story.display:
            service = f"{entry.service}: " if entry.service else ""
            self._say(f"{self.look.clock(entry.shown_time).strip()}  {entry.kind.value}  {service}{entry.event}")
        else:
            self._say("")
        if entry.file and entry.line:
            ref = LineRef(entry.file, entry.line)
            self._after_rest("logs", lambda: self.go_to_line(ref))
        else:
            self._after_rest("logs", lambda: self.go_to_time(entry.time))
