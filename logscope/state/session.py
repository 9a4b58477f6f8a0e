"""A session as plain values, and back: what a saved incident needs to be judged anew and read on without its logs.

How a log is written is kept as the lines that it was learned from: the same layout is learned from them again, and no
pattern of a file is ever compiled.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from logscope.analysis.clocks.clocks import Clock
from logscope.analysis.kinds.texts import TextPlace
from logscope.index.kept import KeptError, KeptIndex, keep_index, restore_index
from logscope.ingest.layouts.layout import DateHint, Layout, Lesson, learn_again
from logscope.ingest.layouts.sample import pack_lines
from logscope.ingest.scanner import Place
from logscope.ingest.signatures.masks import MASK_VERSION
from logscope.knowledge.rule import RuleSet
from logscope.model.files import Problem
from logscope.model.recovery import VerdictChange
from logscope.model.snapshot import Note
from logscope.session.memory import Memory, SourcePlan
from logscope.session.session import Session
from logscope.sources.discovery import Source
from logscope.sources.generations import Mark

FORM: Final = (2, MASK_VERSION)
"""Of the index, and of its keys: one of another form is of no use here."""

_MOST_LINES: Final = 1000
_MOST_SOURCES: Final = 100_000
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Reading:
    """How far one log was read."""

    source: Source
    mark: Mark | None
    """Where its newest file goes on; None where it cannot: a pipe, a compressed file, one in UTF-16."""
    place: Place | None
    """The same place in records; None together with the mark."""
    read: tuple[Mark, ...] = ()
    """Ends of rotated parts that were read."""
    known: tuple[tuple[int, int, int, int], ...] = ()
    """Device, inode, mtime and size of what lay beside it."""


@dataclass(frozen=True, slots=True)
class KeptZone:
    """A zone that the user gave."""

    name: str
    key: str | None
    """In the time zone database; None for a fixed offset."""
    offset_s: int


@dataclass(frozen=True, slots=True)
class KeptLesson:
    """What a layout was learned from."""

    name: str
    encoding: str
    lines: bytes
    mtime_us: int | None
    hint: tuple[int | None, int | None, tuple[tuple[bytes, int], ...]] | None
    forced: str | None


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """One log and how it is written."""

    key: str
    service: str
    parts: tuple[str, ...]
    lesson: KeptLesson
    encoding: str
    problems: tuple[Problem, ...]
    zone: KeptZone | None


@dataclass(frozen=True, slots=True)
class KeptSession:
    """All that is known, and how far the logs were read."""

    form: tuple[int, int]
    index: KeptIndex
    window: KeptIndex
    normal: KeptIndex
    plans: tuple[KeptPlan, ...]
    zone: KeptZone | None
    notes: tuple[Note, ...]
    bindings: tuple[tuple[str, str], ...]
    history: tuple[VerdictChange, ...]
    clocks: tuple[tuple[str, Clock], ...]
    arrivals: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
    texts: tuple[tuple[str, int, int, bytes | None], ...]
    """Log, part, offset, and the record there; None where it was gone."""
    now: int | None
    """The clock of the last judgement; None where the newest record was now."""
    readings: tuple[Reading, ...]


def keep_session(session: Session, readings: tuple[Reading, ...], now: int | None) -> KeptSession:
    """A session as plain values."""
    memory = session.recall()
    return KeptSession(
        form=FORM,
        index=keep_index(memory.index),
        window=keep_index(memory.window),
        normal=keep_index(memory.normal),
        plans=tuple(_keep_plan(plan) for plan in memory.plans),
        zone=_keep_zone(memory.tz, memory.tz_name, now),
        notes=memory.notes,
        bindings=memory.bindings,
        history=memory.history,
        clocks=memory.clocks,
        arrivals=memory.arrivals,
        texts=tuple((*place, text) for place, text in memory.texts),
        now=now,
        readings=readings,
    )


def restore_session(kept: KeptSession, rules: RuleSet | None = None) -> Session:
    """The session that was kept.

    Args:
        kept: What was kept of it.
        rules: What is known of lines by now; None takes the rules that ship with logscope.

    Raises:
        KeptError: It holds what no session does.
    """
    if len(kept.plans) > _MOST_SOURCES:
        raise KeptError("too many logs")
    plans = tuple(_restore_plan(plan) for plan in kept.plans)
    parts = {plan.key: len(plan.parts) for plan in plans}
    normal = {source.key: 1 + max((one.part for one in source.parts), default=0) for source in kept.normal.sources}
    zone = _restore_zone(kept.zone)
    return Session.remember(
        Memory(
            index=restore_index(kept.index, parts, is_window=False),
            window=restore_index(kept.window, parts, is_window=True),
            normal=restore_index(kept.normal, normal, is_window=False),
            plans=plans,
            tz=zone[0] if zone is not None else None,
            tz_name=zone[1] if zone is not None else None,
            notes=kept.notes,
            bindings=kept.bindings,
            history=kept.history,
            clocks=kept.clocks,
            arrivals=kept.arrivals,
            texts=tuple((TextPlace(source, part, offset), text) for source, part, offset, text in kept.texts),
        ),
        rules,
    )


def _keep_plan(plan: SourcePlan) -> KeptPlan:
    lesson = plan.layout.lesson
    assert lesson is not None, "what was learned was learned from something"
    hint = lesson.hint
    return KeptPlan(
        key=plan.key,
        service=plan.service,
        parts=plan.parts,
        lesson=KeptLesson(
            name=lesson.name,
            encoding=lesson.encoding,
            lines=b"\n".join(lesson.lines),
            mtime_us=lesson.mtime_us,
            hint=None if hint is None else (hint.first, hint.last, tuple(sorted(hint.starts.items()))),
            forced=lesson.forced,
        ),
        encoding=plan.layout.encoding,
        problems=plan.problems,
        zone=_keep_zone(*plan.zone, None) if plan.zone is not None else None,
    )


def _restore_plan(kept: KeptPlan) -> SourcePlan:
    return SourcePlan(
        kept.key, kept.service, kept.parts, _restore_layout(kept), kept.problems, _restore_zone(kept.zone)
    )  # fmt: skip


def _restore_layout(kept: KeptPlan) -> Layout:
    lesson = kept.lesson
    lines = lesson.lines.split(b"\n") if lesson.lines else []
    if len(lines) > _MOST_LINES:
        raise KeptError("more lines than a layout is learned from")
    hint = None
    if lesson.hint is not None:
        first, last, starts = lesson.hint
        hint = DateHint(first, last, dict(starts))
    learned = learn_again(
        Lesson(lesson.name, lesson.encoding, pack_lines(lines), lesson.mtime_us, hint, lesson.forced), lines
    )  # fmt: skip
    return replace(learned, encoding=kept.encoding)


def _keep_zone(zone: tzinfo | None, name: str | None, now: int | None) -> KeptZone | None:
    if zone is None:
        return None
    moment = datetime.now(UTC) if now is None else datetime.fromtimestamp(now / 1e6, UTC)
    offset = moment.astimezone(zone).utcoffset() or timedelta(0)
    return KeptZone(name or str(zone), zone.key if isinstance(zone, ZoneInfo) else None, round(offset.total_seconds()))


def _restore_zone(kept: KeptZone | None) -> tuple[tzinfo, str] | None:
    if kept is None:
        return None
    if kept.key is not None:
        try:
            return ZoneInfo(kept.key), kept.name
        except (ValueError, OSError, KeyError):
            pass  # Not known on this host, or no name of a zone: its offset is.
    if not -_DAY_S < kept.offset_s < _DAY_S:
        raise KeptError("a zone that is none")
    return timezone(timedelta(seconds=kept.offset_s)), kept.name
