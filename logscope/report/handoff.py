"""Three lines for the incident channel: state; cause and trigger; what is being done."""

from collections.abc import Callable, Sequence
from typing import Final

from logscope.model.causes import Link
from logscope.model.snapshot import Sentence, Snapshot
from logscope.report.wording import cut
from logscope.text.cutting import tell
from logscope.text.safe_text import safe_text

LONGEST: Final = 500
"""Characters of the whole: it must fit any channel."""
_MOST_USERS: Final = 350
"""What users got is told whole: longer than this it never is."""


def render_handoff(snapshot: Snapshot, clean: Callable[[str], str] = str) -> str:
    """At most 500 characters in three lines; in fewer where there is nothing to do.

    Args:
        snapshot: What is known.
        clean: Applied to every text that comes from a file: redaction.
    """
    state, broke, set_off, users = snapshot.sentences
    told = [
        # What the rates were stands in the report; who is woken by this wants the state and what users got.
        f"{state.label} {state.text.split('; ')[0]} (UTC)",
        f"BROKE {broke.text}{'' if snapshot.incident is None else _tell_set_off(set_off)}",
        _tell_work(snapshot),
    ]
    got = cut(safe_text(clean(f"; users: {users.text}")), _MOST_USERS)
    shown = [safe_text(clean(line)) for line in told if line]
    rooms = _share_room(shown, LONGEST - (len(shown) - 1) - len(got))
    first, *others = (cut(line, room) for line, room in zip(shown, rooms, strict=True))
    return "\n".join([first + got, *others])


def _tell_set_off(said: Sentence) -> str:
    """The trigger; that it is known by time only stands before its words, which may be cut."""
    if said.ref is None:
        return "; set off: not in these logs"
    text = said.text.removesuffix(f", {Link.TIME.how}")
    return f"; set off: {text}" if text == said.text else f"; set off ({Link.TIME.how}): {text}"


def _tell_work(snapshot: Snapshot) -> str:
    """What was done, else what is to be done: when it is over only what to look at; empty where nothing is."""
    if snapshot.incident is None:
        return ""
    fix = next((note.text for note in reversed(snapshot.notes) if note.is_fix), None)
    if fix is not None:
        return f"DONE {fix}"
    actions = snapshot.actions
    if not snapshot.recovery.over and actions.do:
        return f"NEXT {_without_told(snapshot, actions.do[0].text)}"
    if actions.check:
        return f"CHECK {_without_told(snapshot, actions.check[0].text)}"
    return "" if snapshot.recovery.over else "NEXT nothing known yet"


def _without_told(snapshot: Snapshot, text: str) -> str:
    """An action without what was changed, where the line above it says that."""
    top = snapshot.candidates[0] if snapshot.candidates else None
    if top is None:
        return text
    told = [(top.service, top.headline), ("", top.headline)]
    told += [] if top.trigger is None else [(top.trigger.service, top.trigger.text), ("", top.trigger.text)]
    marks = (f": {tell(service, words) if service else words}" for service, words in told if words)
    return next((text[: text.index(mark)] for mark in marks if mark in text), text)


def _share_room(lines: Sequence[str], left: int) -> list[int]:
    """Room of each line, of so many characters: what a short one leaves goes to the longer ones."""
    rooms = [0] * len(lines)
    order = sorted(range(len(lines)), key=lambda n: len(lines[n]))
    for position, n in enumerate(order):
        rooms[n] = min(len(lines[n]), left // (len(order) - position))
        left -= rooms[n]
    return rooms
