"""A saved incident that is judged anew, or read on where its reading stopped."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from logscope.errors import SourceError
from logscope.index.kept import KeptError
from logscope.knowledge.rule import RuleSet
from logscope.model.snapshot import Note, Snapshot
from logscope.runner.clock_scan import scan_plan
from logscope.runner.planning import Plan
from logscope.runner.request import Opened
from logscope.session.session import Session
from logscope.sources.discovery import Part
from logscope.sources.follow import Follower
from logscope.sources.rotated import holds
from logscope.state.incident import Saved
from logscope.state.session import Reading, restore_session


@dataclass(frozen=True, slots=True)
class Resumed:
    """A session that was saved, and how far its logs were read."""

    session: Session
    readings: Mapping[str, Reading]
    """By key of the log."""
    plans: Sequence[Plan]


def resume(saved: Saved, path: str, rules: RuleSet | None = None) -> Resumed:
    """Bring a saved incident back to life.

    Args:
        saved: What the file holds.
        path: Its name, for the error.
        rules: What is known of lines by now; None takes the rules that ship with logscope.

    Raises:
        SourceError: It holds the answer alone, or numbers that no session does.
    """
    if saved.session is None:
        raise SourceError(path, f"is shown as it was judged: {saved.why_not}")
    try:
        session = restore_session(saved.session, rules)
    except KeptError as error:
        raise SourceError(path, f"cannot be judged anew: it holds {error}") from error
    session.narrow(*saved.snapshot.asked)
    readings = {reading.source.key: reading for reading in saved.session.readings}
    plans = [
        Plan(readings[plan.key].source, plan.layout, plan.problems, zone=plan.zone)
        for plan in session.recall().plans
        if plan.key in readings and readings[plan.key].source.stream is None
    ]
    return Resumed(session, readings, plans)


def open_resumed(resumed: Resumed) -> Opened:
    """The logs of a saved incident, to be read on."""
    return Opened(list(resumed.plans), [], 0)


def judge_again(saved: Saved, resumed: Resumed, notes: Iterable[Note] = ()) -> Snapshot:
    """The answer anew, at the time of the saved one.

    Args:
        saved: What the file holds.
        resumed: The same, alive.
        notes: What people said since.
    """
    assert saved.session is not None, "what is alive was saved whole"
    for note in notes:
        resumed.session.add_note(note)
    return resumed.session.tick(saved.session.now, saved.snapshot.progress)


def learn_baseline(session: Session, plans: Iterable[Plan]) -> None:
    """Compare with other logs of a normal time from now on."""
    session.forget_normal()
    for plan in plans:
        for batch, signatures in scan_plan(plan):
            session.learn_normal(plan.source.service, batch, signatures)


def follow_on(reading: Reading, clock: Callable[[], float], *, hold_open: bool) -> Follower | None:
    """What reads a log on; None where it cannot be."""
    if reading.mark is None or not reading.source.parts:
        return None
    return Follower(
        reading.source.parts[-1].path,
        clock,
        start=reading.mark,
        read_parts=reading.read,
        known=frozenset(reading.known),
        hold_open=hold_open,
    )


def find_moved_parts(reading: Reading) -> frozenset[int]:
    """Which parts of a log are not where they were when it was saved: nothing is quoted from what lies there now."""
    last = len(reading.source.parts) - 1
    return frozenset(
        number
        for number, part in enumerate(reading.source.parts)
        if not (_is_same(part) if number < last or reading.mark is None else holds(part.path, reading.mark))
    )


def _is_same(part: Part) -> bool:
    try:
        info = os.stat(part.path)
    except (OSError, ValueError):
        return False
    found = ((info.st_dev, info.st_ino), info.st_size, info.st_mtime_ns // 1000)
    return found == (part.identity, part.size, part.mtime_us)
