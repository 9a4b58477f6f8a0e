"""What a person says of the incident: notes, marked lines, the fix; and what of it is taken back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from textual.widgets import Input

from logscope.errors import LogscopeError
from logscope.model.incident import EventKind
from logscope.model.snapshot import FIX_APPLIED, Note
from logscope.model.times import US
from logscope.ui.events import event_key
from logscope.ui.formatting import Row
from logscope.ui.marking import doubt_fix_time, offer_fix_time
from logscope.ui.moments import read_moment
from logscope.ui.options import ScreenOptions
from logscope.ui.rows import RowList
from logscope.ui.time_actions import TimeActions
from logscope.ui.timeline import Timeline

_PROMPTS = {
    "find": "find:",
    "filter": "only lines with (!text: without):",
    "goto": "go to time (14:02, 2026-03-02 14:02:03, +10m):",
    "fix": "fix applied at TIME, what did you do?",
    "note": "note at TIME:",
    "bind": "NAME or ADDRESS = SERVICE (10.0.0.7:6379=redis):",
    "add": "path of a log to read as well:",
}
_MOST_QUOTED = 60
"""Characters of a note that a message repeats."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A name or an address in the logs, and the service that it was said to mean."""

    name: str
    service: str


class NoteActions(TimeActions):
    """The part of the application that asks, and remembers what people say."""

    options: ScreenOptions
    has_grown = False
    """Newer records came while the screen was open: what is shown is happening now."""
    _said: tuple[Note | Binding, ...] = ()
    """What was said since the screen was opened and not taken back, in this order."""
    _prompt_kind = ""
    _offered = 0
    """The time from which what is typed into the prompt is understood."""

    _held_news = ""
    """What happened while something was being asked."""

    # Prompts

    def action_prompt(self, kind: str) -> None:
        """Ask for one line."""
        prompt = self.query_one("#prompt", Input)
        self._prompt_kind = kind
        prompt.placeholder = _PROMPTS[kind]
        self._offered = self._mark_time(kind)
        prompt.value = f"{self._clock_of_day(self._offered)} " if kind in ("fix", "note") else ""
        prompt.display = True
        prompt.focus()
        prompt.cursor_position = len(prompt.value)
        self._say(f"{_PROMPTS[kind]}   Enter does it, Esc leaves", stays=True)

    def close_prompt(self) -> None:
        """Without doing anything."""
        self.query_one("#prompt", Input).display = False
        held, self._held_news = self._held_news, ""
        self._say(held)
        self.query_one(f"#{self._pane}").focus()

    # Times

    def _clock_of_day(self, time: int) -> str:
        """A time as it may be typed: with its date where it is of another day than the logs' last one."""
        dial = self.look.dial
        moment = dial.read(time)
        return f"{moment:%Y-%m-%d %H:%M:%S}" if dial.days_before(time) else f"{moment:%H:%M:%S}"

    def _mark_time(self, kind: str) -> int:
        timeline = self.query_one(Timeline)
        if kind != "fix" and timeline.cursor_time is not None:
            return timeline.cursor_time
        if self.snapshot is not None:
            offered = offer_fix_time(self.snapshot, timeline.cursor_time, is_live=self.has_grown)
            if offered is not None:
                return offered
        now = self.options.clock() if self.options.clock else datetime.now(UTC).timestamp()
        return round(now * US)

    def read_moment(self, text: str) -> tuple[int, str] | None:
        """The moment at the begin of what was typed, and the words behind it; None and a word about it without one."""
        found = read_moment(text, self._offered, self.options.zone, self.query_one(Timeline).reach())
        if found is None:
            self._say(f"{text}: no time; write 14:02, 14:02:03, 2026-03-02 14:02 or +10m")
        return found

    # Notes and marks

    def mark(self, text: str, *, is_fix: bool) -> None:
        """Remember a note, or that a fix was applied.

        Args:
            text: A moment, then words.
            is_fix: It is the fix.
        """
        moment = self.read_moment(text)
        if moment is None:
            return
        time, words = moment
        clock = self._clock_of_day(time)
        note = Note(time, words or (FIX_APPLIED if is_fix else ""), is_fix)
        look = replace(self.look, origin=None)
        doubt = doubt_fix_time(self.snapshot, time, look) if is_fix and self.snapshot is not None else ""
        if is_fix:
            self.action_pane("recovery")
        is_saved = self._say_note(note)
        if is_saved and doubt:
            self._say(f"fix marked at {clock}, but {doubt}; U takes it back", stays=True)
        elif is_saved:
            self._say(f"{'fix' if is_fix else 'note'} marked at {clock}; it is in the report   U takes it back")

    def _say_note(self, note: Note) -> bool:
        is_saved = self.save(lambda: self.feed.add_note(note))
        if is_saved:
            self._said = (*self._said, note)
        return is_saved

    def bind_name(self, text: str) -> None:
        """Tell that a name or an address in the logs means a service.

        Args:
            text: `NAME=SERVICE`.
        """
        name, separator, service = (part.strip() for part in text.partition("="))
        if not separator or not name or not service:
            self._say("write NAME=SERVICE, for example 10.0.0.7:6379=redis")
            return
        if self.save(lambda: self.feed.bind(name, service)):
            self._said = (*self._said, Binding(name, service))
            self._say(f"{name} means {service} from now on; the ranking is judged anew   U takes it back")

    def save(self, act: Callable[[], object]) -> bool:
        """Do what is kept for the next run; say so where it cannot be kept."""
        try:
            act()
        except LogscopeError as error:
            # What a saved incident refuses counts nowhere.
            self._say(
                str(error) if self.feed.state == "SAVED" else f"counts now, but is not saved: {error}", stays=True
            )
            return False
        return True

    def action_mark(self) -> None:
        """Keep the line under the cursor as a note: it goes into the report."""
        line = self.logs.current()
        if line is None or line.time is None:
            self._say("no line with a time under the cursor")
            return
        time, place = line.time, self.logs.place
        # Its stamp stands before the note, in the zone of all others.
        said = " ".join(line.text[line.message :].split()) or " ".join(line.text.split())
        note = Note(time, f"{place}  {said[:300]}")
        if self._say_note(note):
            self._say(f"{place} marked; it is in the report   U takes it back")

    def action_take_back(self) -> None:
        """Take back the note, the mark or the fix under the cursor; elsewhere what was said last."""
        notes = self.snapshot.notes if self.snapshot is not None else ()
        here = self._note_under_cursor()
        note = here or (self._said[-1] if self._said else None)
        if note is None and notes:
            self._say("nothing was noted here; U on a note of the story, or in 5 Recovery, takes that back")
            return
        if note is None:
            self._say("nothing to take back: a notes, m marks a line, M marks a fix, B binds a name")
            return
        if isinstance(note, Binding):
            name = note.name
            if self.save(lambda: self.feed.unbind(name)):
                self._said = self._said[:-1]
                self._say(f"taken back: {name} means {note.service}; the ranking is judged anew")
            return
        if self.save(lambda: self.feed.remove_note(note)):
            self._said = tuple(one for one in self._said if one != note)
            what, words = "fix" if note.is_fix else "note", note.text[:_MOST_QUOTED]
            self._say(f"taken back: {what} at {self._clock_of_day(note.time)}{': ' + words if words else ''}")

    def _note_under_cursor(self) -> Note | None:
        """The note that the row under the cursor shows; the fix where the recovery has the keys."""
        row = self.chosen_row()
        if row is None or self.snapshot is None:
            return None
        if self._pane == "recovery":
            return next((note for note in reversed(self.snapshot.notes) if note.is_fix), None)
        for entry in self.snapshot.timeline:
            if entry.kind in (EventKind.NOTE, EventKind.FIX) and row.key.startswith(event_key(entry)):
                same = [note for note in self.snapshot.notes if (note.time, note.text) == (entry.time, entry.event)]
                return same[0] if same else None
        return None

    def chosen_row(self) -> Row | None:
        """The row under the cursor of the pane that has the keys, or had them before the palette opened."""
        focused = self.query_one("#story").screen.focused
        return focused.current() if isinstance(focused, RowList) else None
