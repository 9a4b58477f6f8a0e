"""What all views share: rows, times, places, texts cut and wrapped to their room, strips of blocks.

Pure: tested without an app. Text from a file passes `safe_text` here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.style import Style
from rich.text import Text

from logscope.model.files import LineRef
from logscope.model.incident import EventKind, TimelineEntry
from logscope.model.severity import Severity
from logscope.model.snapshot import Snapshot
from logscope.model.times import US, Dial
from logscope.text.cells import cells_of, cut, pad
from logscope.text.safe_text import safe_text
from logscope.ui.palette import Glyphs, Palette, to_ascii

_LEAST_PIECE = 16
"""Cells of a long word that are worth beginning it in a line."""
_PARTING = ",;&|/?="
_UNITS = frozenset(("%", "ms", "s", "min", "h", "kB", "MB", "GB"))
"""No line ends before them."""
_CLAUSE_ENDS = ("; ", ", ")
_LEAST_BEFORE_US, _LEAST_BEHIND_US = 30 * US, 120 * US
"""Of the time around an incident that is shown with it."""
_MOST_TIMES = 4
"""So many times as wide the picture may be for another incident."""
_STEPS_S = (15, 30, *(60 * m for m in (1, 2, 3, 5, 8, 12, 18, 30, 45, 60, 90, 120, 180, 300, 480, 720, 1080, 1440)))
"""How long an incident that goes on is shown."""
_MOST_DAYS = 9
"""So many days back are counted; of earlier ones the date is shown."""


@dataclass(frozen=True, slots=True)
class Look:
    """How things are shown: colours, marks, and times."""

    palette: Palette
    glyphs: Glyphs
    dial: Dial = field(default_factory=Dial)
    origin: int | None = None
    """Times are shown as spans from here; None shows the time of day."""

    def clock(self, time_us: int | None) -> str:
        """Eight cells: time of day to the second, `+mm:ss` from the origin, `-1d22:13` of an earlier day, or a date."""
        if time_us is None:
            return "--:--:--"
        if self.origin is None:
            moment, days = self.dial.read(time_us), self.dial.days_before(time_us)
            if not days:
                return f"{moment:%H:%M:%S}"
            return f"-{days}d{moment:%H:%M}" if 0 < days <= _MOST_DAYS else f"{moment:%b %d}".ljust(8)
        seconds = abs(_lag(time_us, self.origin)[0]) // US
        sign = "-" if time_us < self.origin else "+"
        if seconds < 3600:
            return f"{sign}{seconds // 60:02d}:{seconds % 60:02d}".rjust(8)
        return f"{sign}{seconds // 3600}h{seconds // 60 % 60:02d}m".rjust(8)

    def clock_ms(self, time_us: int | None) -> str:
        """Twelve cells: with milliseconds; a stamp of whole seconds claims none, nor one of another day."""
        if time_us is None:
            return ""
        days = self.dial.days_before(time_us) if self.origin is None else 0
        if days:
            moment = self.dial.read(time_us)
            return f"-{days}d {moment:%H:%M:%S}" if 0 < days <= _MOST_DAYS else f"{moment:%b %d %H:%M}"
        lag, is_fine = (time_us, not is_whole_second(time_us)) if self.origin is None else _lag(time_us, self.origin)
        if not is_fine:
            return f"{self.clock(time_us):<12}"
        part = abs(lag) // 1000 % 1000
        return f"{self.clock(time_us)}.{part:03d}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a pane."""

    text: Text
    key: str = ""
    """Identity across refreshes: the cursor stays on it."""
    ref: LineRef | None = None
    """The line that Enter opens; None where there is none."""
    time: int | None = None
    """Where the shared cursor goes; None leaves it."""
    service: str = ""
    """What the row is about, for showing that service alone."""
    is_label: bool = False
    """Heads a table or explains: the cursor passes over it."""
    is_joined: bool = False
    """Goes with the row above it: both are one to the cursor."""
    proves: str = ""
    """Id of the group whose count the row shows; empty where it shows none."""

    @property
    def can_stand(self) -> bool:
        """The cursor may stop here."""
        return not self.is_label and not self.is_joined


def label(text: str, look: Look) -> Row:
    """A row that explains."""
    return Row(Text(f" {text}" if text else "", style=look.palette.dim, no_wrap=True), is_label=True)


def place(ref: LineRef | None) -> str:
    """Where a line stands as people are told it, fit to be shown; empty for none."""
    return "" if ref is None else safe_text(ref.place)


def fit(text: str, width: int, glyphs: Glyphs) -> str:
    """A safe text in exactly `width` cells."""
    return pad(shorten(text, width, glyphs), width)


def safe(text: str, glyphs: Glyphs) -> str:
    """A text from anywhere as it may be drawn."""
    shown = safe_text(text)
    return to_ascii(shown) if glyphs.is_ascii else shown


def shorten(text: str, width: int, glyphs: Glyphs) -> str:
    """A safe text in at most `width` cells."""
    shown = safe(text, glyphs)
    if cells_of(shown) <= width:
        return shown
    return cut(shown, width - 1).rstrip() + glyphs.ellipsis if width > 0 else ""


def shorten_clause(text: str, width: int, glyphs: Glyphs) -> str:
    """A safe text in at most `width` cells, cut where a clause or at least a word ends."""
    shown = safe(text, glyphs)
    if cells_of(shown) <= width:
        return shown
    if width <= 0:
        return ""
    room, width = cut(shown, width - 1), len(cut(shown, width))
    # A clause may end where the room does: it needs no ellipsis.
    ends = (shown[: width + len(end)].rfind(end) for end in _CLAUSE_ENDS)
    # What is inside a bracket is no clause: it needs what closes it.
    at = max((at for at in ends if shown.count("(", 0, max(0, at)) == shown.count(")", 0, max(0, at))), default=-1)
    if at >= width * 2 // 3:
        return shown[:at]
    at = room.rfind(" ")
    return (room[:at] if at >= width // 2 else room).rstrip(" ,;:") + glyphs.ellipsis


def wrap(text: str, first: int, rest: int, most: int, glyphs: Glyphs) -> list[str]:
    """A safe text in lines, broken between words; the last one is cut where there are more.

    Args:
        text: Raw.
        first: Cells of the first line.
        rest: Cells of each further one.
        most: How many lines.
        glyphs: For the ellipsis.
    """
    words = _join_units(safe(text, glyphs).split(" "))
    lines: list[str] = []
    while words:
        room = first if not lines else rest
        if len(lines) == most - 1:
            lines.append(shorten_clause(" ".join(words), room, glyphs))
            break
        line = words.pop(0)
        while words and cells_of(line) + 1 + cells_of(words[0]) <= room:
            line += " " + words.pop(0)
        left = room - cells_of(line) - 1
        if words and cells_of(words[0]) > rest and left >= _LEAST_PIECE:
            # A word that fits in no line begins in this one.
            line += " " + words[0]
            words.pop(0)
        if cells_of(line) > room:
            end = _break_in(line, max(1, len(cut(line, room))))
            words.insert(0, line[end:])
            line = line[:end]
        lines.append(line)
    return lines or [""]


def _join_units(words: list[str]) -> list[str]:
    """A number and its unit are one word."""
    joined: list[str] = []
    for word in words:
        if joined and word.rstrip(",;:.)") in _UNITS and joined[-1][-1:].isdigit():
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return joined


def _break_in(text: str, room: int) -> int:
    """Where a text without spaces is parted: behind a mark that parts it anyhow, if one is near the end of the room."""
    at = max(text.rfind(mark, room - room // 4, room) for mark in _PARTING) + 1
    return at or room


def tagged(
    tag: str, text: str, style: Style, width: int, look: Look, ref: LineRef | None = None, most: int = 6
) -> list[Row]:
    """A tag in its column, and a text wrapped beside it."""
    room = max(20, width - 10)
    rows = []
    for number, line in enumerate(wrap(text, room, room, most, look.glyphs)):
        content = Text(no_wrap=True)
        content.append(f" {tag if number == 0 else '':<8} ", style)
        content.append(line, look.palette.plain)
        rows.append(Row(content, "", ref, is_joined=number > 0))
    return rows


def bar(counts: Sequence[int], width: int, glyphs: Glyphs) -> str:
    """A strip of blocks, square-root scale; whatever is not zero is visible."""
    cells = resample(counts, width)
    top = max(cells, default=0)
    return "".join(glyphs.blocks[height(value, top, 8)] for value in cells)


def height(value: int, top: int, most: int) -> int:
    """Eighths of a bar on a square-root scale: 0 for nothing, at least 1 for anything."""
    return 0 if value <= 0 or top <= 0 else max(1, round((value / top) ** 0.5 * most))


def resample(counts: Sequence[int], width: int) -> list[int]:
    """Counts in `width` cells: the highest of the buckets that share one."""
    count = len(counts)
    if count == 0 or width <= 0:
        return [0] * max(0, width)
    return [
        max(counts[count * n // width : max(count * (n + 1) // width, count * n // width + 1)], default=0)
        for n in range(width)
    ]


def incident_span(snapshot: Snapshot) -> tuple[int, int] | None:
    """The incident with some of the time before it, and half as long again behind it: that it stays over shows there.

    Another incident that is told with it is shown as well, as long as this one keeps a part of the width.

    Args:
        snapshot: What is known.

    Returns:
        First moment, and behind the last; it may lie behind the newest record. None without an incident.
    """
    if snapshot.incident is None:
        return None
    start = snapshot.incident.start
    end = max(start, snapshot.incident.end or snapshot.as_of or start)
    behind = max((end - start) // 2, _LEAST_BEHIND_US) if snapshot.incident.end is not None else 0
    low, high = start - max((end - start) // 5, _LEAST_BEFORE_US), end + max(behind, US)
    most = _MOST_TIMES * (high - low)
    for other in (one.incident for one in snapshot.further if not one.is_alone):
        until = (other.end or snapshot.as_of or other.start) + (_LEAST_BEFORE_US if other.end is not None else US)
        wider = min(low, other.start - _LEAST_BEFORE_US), max(high, until)
        low, high = wider if wider[1] - wider[0] <= most else (low, high)
    return low, high


def growing_span(snapshot: Snapshot, seconds: int) -> tuple[tuple[int, int], int] | None:
    """The same while records come: room on the right for them, so that the picture stands still between two steps.

    Args:
        snapshot: What is known.
        seconds: From the incident's begin to the right edge as it was last; 0 at first.

    Returns:
        First moment and behind the last, and the seconds for the next call. None without an incident.
    """
    fitted = incident_span(snapshot)
    if snapshot.incident is None or fitted is None:
        return None
    start = snapshot.incident.start
    least = max(seconds, -(-(fitted[1] - start) // US))
    seconds = next((step for step in _STEPS_S if step >= least), -(-least // 86_400) * 86_400)
    return (start - max(seconds * US // 6, _LEAST_BEFORE_US), start + seconds * US), seconds


def severity_letter(severity: Severity) -> str:
    """One letter for a level, so that colour is never alone."""
    if severity >= Severity.FATAL:
        return "F"
    if severity >= Severity.ERROR:
        return "E"
    if severity >= Severity.WARN:
        return "W"
    return "i" if severity >= Severity.INFO else "-"


def event_mark(entry: TimelineEntry, look: Look) -> tuple[str, Style, str]:
    """The glyph, the style and the word of a timeline entry."""
    glyphs, palette = look.glyphs, look.palette
    if entry.is_root:
        return glyphs.root, palette.cause, "cause"
    match entry.kind:
        case EventKind.CHANGE:
            return glyphs.change, palette.info, "change"
        case EventKind.ALERT:
            return glyphs.alert, palette.info, "alert"
        case EventKind.FIX:
            return glyphs.fix, palette.ok, "fix"
        case EventKind.RECOVERY:
            return glyphs.fix, palette.ok, "over"
        case EventKind.WAVE:
            return glyphs.wave, palette.error, "wave"
        case EventKind.SILENCE:
            return glyphs.silence, palette.error, "silent"
        case EventKind.NOTE:
            return glyphs.note, palette.info, "note"
        case _:
            return glyphs.onset, palette.error if entry.severity >= Severity.ERROR else palette.warning, ""


def is_whole_second(time_us: int) -> bool:
    """Whether a stamp tells no more than the second: where in it something happened is not known."""
    return time_us % US == 0


def place_in_time(time_us: int, root_us: int) -> int:
    """A time to put in order by: the cause's own where a whole second does not tell which of the two was first."""
    is_same = time_us // US == root_us // US and (is_whole_second(time_us) or is_whole_second(root_us))
    return root_us if is_same else time_us


def _lag(time_us: int, root_us: int) -> tuple[int, bool]:
    """From one stamp to another, and whether both tell more than the second: the lag is as fine as they are."""
    is_fine = not (is_whole_second(time_us) or is_whole_second(root_us))
    return time_us - root_us if is_fine else (time_us // US - root_us // US) * US, is_fine


def lag_between(time_us: int, root_us: int) -> str:
    """From the cause to an event, as fine as both stamps are: `+4.7s`, `+5s`, `<1s`."""
    lag, is_fine = _lag(time_us, root_us)
    if is_fine:
        return signed_span(lag)
    seconds = lag // US
    if seconds == 0:
        return "<1s"
    return f"{seconds:+d}s" if abs(seconds) < 60 else signed_span(lag)


def signed_span(us: int) -> str:
    """A lag: `+4.7s`, `-16.9s`, `+3m24s`."""
    return ("-" if us < 0 else "+") + span(us)


def span(us: int) -> str:
    """A duration: `12ms`, `4.7s`, `3m24s`, `2h05m`."""
    seconds = abs(us) / US
    if seconds < 0.1:
        return f"{abs(us) / 1000:.0f}ms"
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02d}m"


def size(count: int) -> str:
    """Bytes for people: `512 B`, `8.1 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
