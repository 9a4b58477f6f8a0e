"""What was done about an incident, and what became of it: the fix that held is the last one, not the first. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from logscope.model.files import LineRef
from logscope.model.incident import EventKind, TimelineEntry
from logscope.model.recovery import FixOrigin, Recovery, Verdict, Wave
from logscope.model.snapshot import FIX_APPLIED, Snapshot
from logscope.model.times import MINUTE_US, US, span

_BEFORE_US: Final = 120 * US
_BEHIND_US: Final = 5 * US
"""A change so long before the end of a wave, or logged so shortly behind it, may have ended it."""
_STEPS_US: Final = 15 * US
"""Steps of one change follow each other this closely; what set a wave off may be logged so long behind its begin."""

_AT_ONCE_US: Final = MINUTE_US
"""What was marked as a fix shows within that, as a rule; errors that go on longer may have ended by something else."""

_DEEDS: Final = (EventKind.CHANGE, EventKind.FIX)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something that may have been a fix."""

    time: int
    service: str
    text: str
    """What a person or the line says; empty where nothing does."""
    ref: LineRef | None
    origin: FixOrigin
    came_back: int | None = None
    """When errors rose again behind it; None where they did not."""
    failed: bool = False
    """Errors went on as before."""
    helped: bool = False
    """It is better since, and not over."""
    went_on_us: int = 0
    """For how long errors went on behind it, where that is so long that something else may have ended them."""

    def tell_outcome(self, clock: str) -> str:
        """What became of it, in words; empty where it held, or nobody knows yet.

        Args:
            clock: `came_back` as it is shown.
        """
        if self.came_back is not None:
            return f"errors came back at {clock}"
        if self.went_on_us:
            return f"errors went on for {span(self.went_on_us)}"
        return "it did not end it" if self.failed else "better since, not over" if self.helped else ""


def find_attempts(snapshot: Snapshot) -> tuple[Attempt, ...]:
    """By time: what people marked; what the logs tell of besides where that held, or where nobody marked any."""
    recovery = snapshot.recovery
    goes_on = not recovery.over and recovery.verdict in (Verdict.ONGOING, Verdict.SECOND_WAVE)
    marked = _marked(snapshot)
    is_logged = not marked or recovery.fix_origin is FixOrigin.DETECTED
    logged = _logged(snapshot, goes_on=goes_on) if is_logged else ()
    attempts = sorted([*marked, *logged], key=lambda one: one.time)
    return tuple(_judge(one, recovery, is_last=one is attempts[-1], goes_on=goes_on) for one in attempts)


def mark_attempts(snapshot: Snapshot) -> tuple[TimelineEntry, ...]:
    """The timeline, in which what may have ended a later wave is told as that."""
    attempts = [one for one in find_attempts(snapshot) if not one.failed and one.origin is FixOrigin.DETECTED]
    places = {(one.ref.file, one.ref.line) for one in attempts if one.ref is not None}
    return tuple(
        replace(e, kind=EventKind.FIX, is_key=True) if e.kind is EventKind.CHANGE and (e.file, e.line) in places else e
        for e in snapshot.timeline
    )


def _judge(one: Attempt, recovery: Recovery, *, is_last: bool, goes_on: bool) -> Attempt:
    back = next((wave.start for wave in recovery.waves if wave.kind == "second_wave" and wave.start > one.time), None)
    is_vain = goes_on if is_last else back is None
    is_partly = is_last and back is None and recovery.verdict is Verdict.PARTIAL
    went_on_us = 0
    if is_last and back is None and one.origin is FixOrigin.MARKED and recovery.over and recovery.since is not None:
        went_on_us = recovery.since - one.time if recovery.since - one.time > _AT_ONCE_US else 0
    return replace(one, came_back=back, failed=back is None and is_vain, helped=is_partly, went_on_us=went_on_us)


def _marked(snapshot: Snapshot) -> list[Attempt]:
    return [
        Attempt(note.time, "", note.text if note.text != FIX_APPLIED else "", None, FixOrigin.MARKED)
        for note in snapshot.notes
        if note.is_fix and (snapshot.incident is None or note.time >= snapshot.incident.start)
    ]


def _logged(snapshot: Snapshot, *, goes_on: bool) -> Iterator[Attempt]:
    r = snapshot.recovery
    if r.fix_at is not None and r.fix_origin is not None:
        yield Attempt(r.fix_at, r.fix_service, r.fix_text, r.fix_ref, r.fix_origin)
    waves = [wave for wave in r.waves if wave.kind in ("incident", "second_wave")]
    for wave in waves:
        entry = _last_change(snapshot, wave, is_open=goes_on and wave is waves[-1])
        # The fix that is known has its wave's end, and steps of its own.
        is_known = r.fix_at is not None and (wave.kind == "incident" or r.fix_at > wave.start)
        if entry is not None and not is_known:
            ref = LineRef(entry.file or "", entry.line or 0)
            yield Attempt(entry.time, entry.service, entry.event, ref, FixOrigin.DETECTED)


def _last_change(snapshot: Snapshot, wave: Wave, *, is_open: bool) -> TimelineEntry | None:
    """The last change that may have ended a wave; of one that goes on, that was to."""
    since, until = wave.start + _STEPS_US, wave.end + _BEHIND_US
    if not is_open:
        # What stands nearer to the begin than to the end came of it, or brought it.
        since = max(wave.end - _BEFORE_US, (wave.start + wave.end) // 2)
    changes = (e for e in snapshot.timeline if e.kind in _DEEDS and e.file is not None)
    near = [e for e in changes if since <= e.time <= until and _is_about(snapshot, e)]
    return near[-1] if near else None


def _is_about(snapshot: Snapshot, entry: TimelineEntry) -> bool:
    """It is told by or about a service of the incident, or by who told what set it off."""
    services = set(snapshot.incident.services) if snapshot.incident is not None else set()
    top = snapshot.candidates[0] if snapshot.candidates else None
    if top is not None:
        services.add(top.service)
    if entry.service in services or any(name in entry.event for name in services):
        return True
    trigger = top.trigger if top is not None else None
    # Whoever deploys many things names them: another one's line is about another thing.
    return trigger is not None and trigger.service == entry.service and not any(n in trigger.text for n in services)
