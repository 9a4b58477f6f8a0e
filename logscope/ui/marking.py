"""When a fix was applied: the time that the prompt offers, and what is odd about the one that was given. Pure."""

from logscope.model.recovery import FixOrigin
from logscope.model.snapshot import Snapshot
from logscope.model.times import US, span
from logscope.ui.formatting import Look

_SLACK_US = 60 * US
"""A time that a person tells may be so far off without a word about it."""


def offer_fix_time(snapshot: Snapshot, cursor: int | None, *, is_live: bool) -> int | None:
    """The time that stands in the prompt.

    Now, while it goes on before one's eyes: the fix has just been applied. Looking back: the cursor, where somebody has
    put it behind the onset; else the fix that the logs tell of, else where errors end. None without any time.
    """
    recovery, incident = snapshot.recovery, snapshot.incident
    if is_live and recovery.over is not True:
        return snapshot.as_of
    if incident is not None and cursor is not None and cursor > incident.start:
        return cursor
    logged = recovery.fix_at if recovery.fix_origin is FixOrigin.DETECTED else None
    ended = incident.end if incident is not None else None
    return next((time for time in (logged, ended, snapshot.as_of) if time is not None), None)


def doubt_fix_time(snapshot: Snapshot, time: int, look: Look) -> str:
    """What speaks against a fix at a time; empty where nothing does."""
    recovery, incident = snapshot.recovery, snapshot.incident
    if snapshot.as_of is not None and time > snapshot.as_of + _SLACK_US:
        return f"that is {span(time - snapshot.as_of)} after the last record"
    if incident is None:
        return "there is no incident to fix"
    if time < incident.start - US:
        return (
            f"that is before the incident began at {look.clock(incident.start).strip()}: it does not count as its fix"
        )
    ended = recovery.since if recovery.over else None
    if ended is not None and time > ended + _SLACK_US:
        return f"errors had ended by {look.clock(ended).strip()}: this cannot have ended them"
    return ""
