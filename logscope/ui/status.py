"""Tabs, titles, badge, footer and window title: pure texts; and the small clock behind progress and messages."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from rich.style import Style
from rich.text import Text

from logscope.model.files import Progress
from logscope.model.snapshot import Snapshot
from logscope.model.times import Dial
from logscope.report.wording import tell_asked
from logscope.text.safe_text import safe_text
from logscope.ui.formatting import Look, shorten, size, wrap
from logscope.ui.keys import KEYS, Key
from logscope.ui.news import Troubles, trouble_word

TITLES: Final = {
    "story": "1 Story",
    "kinds": "2 Kinds",
    "logs": "3 Logs",
    "actions": "4 Actions",
    "recovery": "5 Recovery",
    "files": "6 Files",
    "why": "0 Why",
}
_LOOSE: Final = 100
"""From this many cells on the tabs stand apart."""
_LEAST_BADGE: Final = 10
_MESSAGE_S: Final = 12.0
_MOST_MESSAGE_LINES: Final = 2
_NEEDED_FIRST: Final = ("open", "export", "help", "quit")
"""Ids of the keys that the narrowest footer keeps."""
_UTC: Final = Dial()
_SETTLED_S: Final = 1.0
"""After this long a rate of reading can be told."""


def tab_at(cell: int, width: int) -> str | None:
    """The view whose tab stands at a cell; None beside them."""
    at = 0
    for name, title in TITLES.items():
        at += 1 + len(title) + (0 if width < _LOOSE else 1)
        if cell < at:
            return name
    return None


class Clockwork:
    """What passes with time: how long the reading will take, and when a message has been read."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._begun: tuple[float, int] | None = None
        self.seconds_left: float | None = None
        self._message_since: float | None = None

    def see(self, progress: Progress) -> None:
        """Learn from how far the reading is."""
        now = self._clock()
        if self._begun is None:
            self._begun = (now, progress.bytes_read)
        elapsed, done = now - self._begun[0], progress.bytes_read - self._begun[1]
        left = max(0, progress.bytes_total - progress.bytes_read)
        self.seconds_left = left * elapsed / done if elapsed >= _SETTLED_S and done > 0 else None

    def start_message(self, is_passing: bool) -> None:
        """A message is shown from now on."""
        self._message_since = self._clock() if is_passing else None

    @property
    def is_passing(self) -> bool:
        """The message is one that goes by itself."""
        return self._message_since is not None

    def is_message_old(self) -> bool:
        """The message has been shown for long enough."""
        return self._message_since is not None and self._clock() - self._message_since > _MESSAGE_S


def tabs(shown: Collection[str], badges: Sequence[str], width: int, look: Look) -> Text:
    """The views, those that are shown marked; at the right the badges, the weightiest as far as there is room."""
    line = Text(style=look.palette.bar, no_wrap=True)
    is_tight = width < _LOOSE
    for name, title in TITLES.items():
        style = look.palette.bar + Style(bold=True, underline=True) if name in shown else look.palette.bar
        line.append(" ", look.palette.bar)
        line.append(title, style)
        line.append("" if is_tight else " ", look.palette.bar)
    room = width - line.cell_len - 2
    kept: list[str] = []
    for one in badges:
        left = room - sum(len(part) + 2 for part in kept)
        if len(one) <= left:
            kept.append(one)
        elif not kept and left >= _LEAST_BADGE:
            # What a person has hidden is never left out.
            kept.append(_shorten_badge(one, left, look))
    line.append(f"{'  '.join(kept):>{max(0, room + 1)}} ", look.palette.bar)
    return line


def _shorten_badge(badge: str, width: int, look: Look) -> str:
    """A badge in fewer cells; the key behind it stays."""
    words, opening, key = badge.rpartition(" (")
    key = opening + key if words else ""
    return shorten(words or badge, width - len(key), look.glyphs) + key


def title_line(name: str, note: str, has_focus: bool, width: int, look: Look) -> Text:
    """A pane's title in a rule."""
    palette, rule = look.palette, look.glyphs.rule
    line = Text(no_wrap=True)
    line.append(f"{rule} ", palette.faint)
    style = palette.info + Style(bold=True) if has_focus else palette.strong
    title = TITLES.get(name, note)
    line.append(title, style)
    if note and name in TITLES:
        line.append(f"  {shorten(note, max(0, width - line.cell_len - 4), look.glyphs)}", palette.dim)
    line.append(" ")
    line.append(rule * max(0, width - line.cell_len), palette.faint)
    return line


def badges(
    snapshot: Snapshot | None,
    seconds_left: float | None,
    solo: str | None,
    muted: int,
    also: int,
    state: str,
    troubles: Troubles = (),
    left_out: int = 0,
    dial: Dial = _UTC,
) -> list[str]:
    """What a person has hidden, what is wrong, what is read: the weightiest first, each short.

    Args:
        snapshot: What is known; None before the first.
        seconds_left: Of the reading; None where that cannot be told.
        solo: Service that is shown alone.
        muted: Kinds called known noise.
        also: Logs that were written since the onset and not given.
        state: Of the following: LIVE, POLLING, ENDED, SAVED, empty.
        troubles: Paths behind which nothing new can be read, each with the reason.
        left_out: Text files of a folder that were taken for no logs.
        dial: Of times.
    """
    if snapshot is None:
        return []
    progress = snapshot.progress
    lines = sum(f.lines for f in snapshot.files)
    only = _only(snapshot.asked, dial)
    share = 100 * progress.bytes_read // max(1, progress.bytes_total)
    if not progress.done:
        left = [] if seconds_left is None else [f"{seconds_left:.0f} s left"]
        of = f"{size(progress.bytes_read)} of {size(progress.bytes_total)}"
        return [f"READING {share} %", "Esc stops", *only, *left, of]
    parts = only
    if solo is not None:
        parts.append(f"SOLO {safe_text(solo)} (s)")
    if muted:
        parts.append(f"{muted} MUTED (K)")
    if progress.stopped:
        parts.append(f"STOPPED at {share} %")
    if troubles:
        word = trouble_word(troubles[0][1]).removesuffix(" for")
        parts.append(f"{word} {len(troubles)} (6)")
    problems = sum(len(f.problems) for f in snapshot.files)
    if problems:
        parts.append(f"{problems} problem{'s' if problems > 1 else ''} (6)")
    skewed = sum(bool(f.clock_offset_us) for f in snapshot.files)
    if skewed:
        parts.append(f"{skewed} clock{'s' if skewed > 1 else ''} off (6)")
    if also:
        parts.append(f"+{also} log{'s' if also > 1 else ''} (6)")
    if left_out:
        parts.append(f"{left_out} left out (6)")
    if state:
        parts.append(state)
    count = len(snapshot.files)
    return [*parts, f"{count} file{'' if count == 1 else 's'}", f"{lines:,} lines"]


def _only(asked: tuple[int | None, int | None], dial: Dial) -> list[str]:
    """The only time that was asked for, in as few cells as tell it; none where all was."""
    since, until = asked
    told = tell_asked(asked, dial)
    if since is not None and until is not None:
        told = told.removeprefix("from ").replace(" until ", "-")
    return [f"only {told}"] if told else []


def footer(message: str, width: int, look: Look, keymap: Mapping[str, str] | None = None) -> Text:
    """The keys that a stranger needs, those of the configuration in their place; or a message, in two lines at most."""
    palette = look.palette
    if message:
        lines = wrap(message, width - 2, width - 2, _MOST_MESSAGE_LINES, look.glyphs)
        return Text("\n".join(f" {line}".ljust(width) for line in lines), style=palette.info, no_wrap=True)
    line = Text(style=palette.plain, no_wrap=True)
    for key, shown in _footer_keys(width, keymap):
        line.append(f" {shown} ", palette.strong)
        line.append(f"{key.footer} ", palette.dim)
    line.append(" " * max(0, width - line.cell_len), palette.plain)
    return line


def footer_action_at(cell: int, width: int, keymap: Mapping[str, str] | None = None) -> str | None:
    """The action whose key stands at a cell of the footer; None beside them."""
    at = 0
    for key, shown in _footer_keys(width, keymap):
        at += _footer_cells(key, shown)
        if cell < at:
            return key.action
    return None


def _footer_keys(width: int, keymap: Mapping[str, str] | None) -> list[tuple[Key, str]]:
    """Those that fit, each with how it is written; what a stranger needs most is kept longest."""
    listed = [
        (key, safe_text((keymap or {}).get(key.id, key.shown.partition(" ")[0]).partition(",")[0]))
        for key in KEYS
        if key.footer
    ]
    kept: list[tuple[Key, str]] = []
    for key, shown in sorted(listed, key=lambda one: one[0].id not in _NEEDED_FIRST):
        if sum(_footer_cells(*one) for one in kept) + _footer_cells(key, shown) <= width:
            kept.append((key, shown))
    return [one for one in listed if one in kept]


def _footer_cells(key: Key, shown: str) -> int:
    return len(shown) + len(key.footer) + 3


def window_title(snapshot: Snapshot, state: str) -> str:
    """The verdict and what broke, for the terminal's title.

    Args:
        snapshot: What is known.
        state: The word of the first sentence as it is shown.
    """
    top = snapshot.candidates[0] if snapshot.candidates and snapshot.incident is not None else None
    what = f" {top.service}: {top.headline[:50]}" if top is not None else ""
    return safe_text(f"{state}{what} - logscope")
