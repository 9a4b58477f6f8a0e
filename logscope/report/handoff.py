"""Three lines for the incident channel: state; cause and trigger; what is being done."""

from collections.abc import Callable
from typing import Final

from logscope.model.snapshot import Snapshot
from logscope.report.wording import cut
from logscope.text.safe_text import safe_text

LONGEST: Final = 500
"""Characters of the whole: it must fit any channel."""


def render_handoff(snapshot: Snapshot, clean: Callable[[str], str] = str) -> str:
    """At most 500 characters in three lines.

    Args:
        snapshot: What is known.
        clean: Applied to every text that comes from a file: redaction.
    """
    state, broke, set_off, users = snapshot.sentences
    doing = snapshot.actions.do[0].text if snapshot.actions.do else "nothing yet"
    fix = next((note.text for note in reversed(snapshot.notes) if note.is_fix), None)
    lines = [
        f"{state.label}: {state.text}; users {users.text}",
        f"BROKE {broke.text}; set off by {set_off.text}",
        f"DONE {fix}" if fix else f"NEXT {doing}",
    ]
    room = (LONGEST - 2) // 3
    return "\n".join(cut(safe_text(clean(line)), room) for line in lines)
