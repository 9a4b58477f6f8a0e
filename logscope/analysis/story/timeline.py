"""The story in time order: changes, onsets, alerts, people, fix, recovery; each with what users lost from then on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from logscope.analysis.causes.changes import Change
from logscope.analysis.causes.routine import is_everyday
from logscope.analysis.clocks.order import Event, put_in_order
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.kinds.texts import TextShelf
from logscope.analysis.onset.anomalies import Anomaly, resolution_us
from logscope.analysis.onset.silences import Silence
from logscope.analysis.story.alerts import Alert, AlertState
from logscope.analysis.story.candidates import tell_line
from logscope.analysis.story.impact import NONE_YET
from logscope.analysis.story.tables import onset_text
from logscope.analysis.users.users import Users
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.causes import CascadeEdge, Link, Trigger
from logscope.model.files import LineRef
from logscope.model.incident import EventKind, NumberChange, TimelineEntry
from logscope.model.recovery import FixOrigin, Recovery, Verdict
from logscope.model.severity import Severity
from logscope.model.snapshot import FIX_APPLIED, Note
from logscope.model.times import MINUTE_US, US, span

_MOST_ONSETS: Final = 60
_MOST_KEY_SYMPTOMS: Final = 4
_CHANGE_SPAN_US: Final = 30 * MINUTE_US
_LED_US: Final = MINUTE_US
"""Symptoms may be told so long before their cause."""


@dataclass(frozen=True, slots=True)
class Story:
    """What the timeline is made of."""

    anomalies: Sequence[Anomaly]
    """Of the incident, by onset; symptoms and causes."""
    root: Anomaly | None
    start: int
    trigger: Trigger | None
    changes: Sequence[Change]
    alerts: Sequence[Alert]
    notes: Sequence[Note]
    recovery: Recovery
    users: Users | None
    impact_end: int
    texts: TextShelf
    silences: Sequence[Silence] = ()
    cascade: Sequence[CascadeEdge] = ()
    root_node: str = ""
    offsets: Mapping[str, int] = field(default_factory=dict)
    """By path what was added to a file's stamps because its clock is wrong, microseconds."""
    tried: LineRef | None = None
    """What was last done about it, while it goes on; None where nothing was logged."""


def build_timeline(
    story: Story, impact_between: Callable[[int, int], str], further: Iterable[TimelineEntry] = ()
) -> tuple[TimelineEntry, ...]:
    """All events by corrected time.

    Args:
        story: The parts.
        impact_between: What users lost in a span, in one phrase.
        further: Events that no line tells of.
    """
    entries = tell_once(
        [
            *further,
            *_onsets(story),
            *_changes(story),
            *_silences(story),
            *_alerts(story),
            *_notes(story.notes, story.start),
            *_recovery(story.recovery),
        ]
    )
    stamped = entries
    placed = _by_line(put_in_order(_events(stamped, story)), stamped)
    entries = [replace(e, time=time, is_placed=time > e.time) for e, time in ((stamped[n], time) for n, time in placed)]
    impacts = _impacts([entry.time // US for entry in entries], story.impact_end, impact_between)
    impacts = [_told(impact, entry, story) for impact, entry in zip(impacts, entries, strict=True)]
    return _say_none_yet_first(
        replace(entry, time_logged=stamped[n].time - story.offsets.get(entry.file or "", 0), impact=impact)
        for entry, impact, (n, _) in zip(entries, impacts, placed, strict=True)
    )


def _say_none_yet_first(timeline: Iterable[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """Behind an entry that tells of losses no other one says that there are none yet: then nothing is said."""
    told: list[TimelineEntry] = []
    has_lost = False
    for entry in timeline:
        told.append(replace(entry, impact="") if has_lost and entry.impact == NONE_YET else entry)
        has_lost = has_lost or entry.impact not in ("", NONE_YET)
    return tuple(told)


def _by_line(placed: Sequence[tuple[int, int]], entries: Sequence[TimelineEntry]) -> list[tuple[int, int]]:
    """Neighbours of one log and one moment in the order of their lines, whatever they tell: that order is certain.

    Args:
        placed: Number of each entry and its time, in order.
        entries: By their number.
    """
    found: list[tuple[int, int]] = []
    for (time, file), run in groupby(placed, key=lambda one: (one[1], entries[one[0]].file)):
        lines = list(run)
        is_of_lines = file is not None and time == entries[lines[0][0]].time
        found += sorted(lines, key=lambda one: entries[one[0]].line or 0) if is_of_lines else lines
    return found


def tell_once(entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """The line that ended it is told as that, with the count of its kind, and not as a kind or a change once more.

    Neither is a line that set something off told a second time as the begin of its kind.

    What set a later wave off keeps its own entry: that somebody's change was felt says more than what it mended.
    """
    ends = {(e.file, e.line) for e in entries if e.kind is EventKind.FIX and e.file is not None}
    kept = {(e.file, e.line) for e in entries if e.is_root or (e.kind is EventKind.CHANGE and e.is_key)} & ends
    kinds = {(e.file, e.line): e for e in entries if e.kind is EventKind.ONSET}
    triggers = {(e.file, e.line) for e in entries if e.kind is EventKind.CHANGE and e.is_key}
    told = []
    for entry in entries:
        place = (entry.file, entry.line)
        if entry.kind is EventKind.ONSET and place in triggers and not entry.is_root:
            continue
        if place not in ends or entry.kind not in (EventKind.FIX, EventKind.ONSET, EventKind.CHANGE):
            told.append(entry)
        elif place in kept:
            if entry.kind is not EventKind.FIX:
                told.append(entry)
        elif entry.kind is EventKind.FIX:
            kind = kinds.get(place)
            told.append(entry if kind is None else replace(entry, count=kind.count, group=kind.group))
    return told


def _told(impact: str, entry: TimelineEntry, story: Story) -> str:
    """The impact of one entry: what set it off has none yet, and when it is over nobody waits for one."""
    if _is_trigger(entry, story) and entry.time <= story.start:
        return NONE_YET
    if entry.kind is EventKind.RECOVERY and impact == NONE_YET:
        return "" if story.users is None else "users served"
    return impact


def _is_trigger(entry: TimelineEntry, story: Story) -> bool:
    return story.trigger is not None and story.trigger.is_at(entry.file, entry.line)


def _events(entries: Sequence[TimelineEntry], story: Story) -> list[Event]:
    """The entries with what each of them is the consequence of.

    What fails with the incident follows what set it off, the cause and, where its words name somebody, that one; a
    request is logged when it has ended, after whatever was said while it was answered. An end follows what brought it.
    """
    kinds = {one.kind.id: one.kind for one in story.anomalies}
    at_group = {e.group: n for n, e in enumerate(entries) if e.group is not None and e.kind is EventKind.ONSET}
    named = {step.to_group: step.from_group for step in story.cascade if step.how is Link.NAMED}
    first = [n for n, e in enumerate(entries) if _is_trigger(e, story)]
    roots = [n for n, e in enumerate(entries) if e.is_root]
    fixes = [n for n, e in enumerate(entries) if e.kind is EventKind.FIX]
    said = [n for n in at_group.values() if (k := kinds[entries[n].group or ""]).is_failure and not k.is_request]
    events = []
    for position, entry in enumerate(entries):
        kind = kinds.get(entry.group or "") if entry.kind is EventKind.ONSET else None
        causes: list[int] = []
        if entry.is_root or entry.kind in (EventKind.WAVE, EventKind.SILENCE):
            causes = [*first, *(roots if not entry.is_root else ())]
            causes += _changes_of_waves(entries, story) if entry.kind is EventKind.WAVE else []
        elif kind is not None and kind.is_failure:
            parent = named.get(kind.id)
            is_effect = kind.is_request or parent is not None or not kind.is_cause_like
            causes = [*first, *(roots if is_effect else ()), *(said if kind.is_request else ())]
            causes += [at_group[parent]] if parent in at_group else []
        elif entry.kind is EventKind.RECOVERY:
            causes = fixes
        events.append(
            Event(
                time=entry.time,
                resolution_us=_resolution_us(entry, kind),
                causes=tuple(cause for cause in causes if cause != position),
                tie=(_RANK[entry.kind], entry.file or "", entry.line or 0),
            )
        )
    return events


def _resolution_us(entry: TimelineEntry, kind: Kind | None) -> int:
    if kind is not None:
        return resolution_us(kind)
    # Waves, ends and silences are counted by second.
    return US if entry.kind in (EventKind.WAVE, EventKind.SILENCE, EventKind.RECOVERY) else 1


def _changes_of_waves(entries: Sequence[TimelineEntry], story: Story) -> list[int]:
    told = {(t.file, t.line) for wave in story.recovery.waves if (t := wave.set_off) is not None}
    return [n for n, e in enumerate(entries) if (e.file, e.line) in told]


def _impacts(seconds: Sequence[int], end: int, impact_between: Callable[[int, int], str]) -> list[str]:
    """What users got from each entry to the next; requests are counted by second, so entries of one second share one.

    Args:
        seconds: Of the entries, ascending.
        end: Up to when the last entry counts, microseconds.
        impact_between: What users lost in a span, in one phrase.
    """
    starts = sorted(set(seconds))
    ends = [second * US for second in starts[1:]] + [end]
    told = {
        second: impact_between(second * US, max(high, (second + 1) * US))
        for second, high in zip(starts, ends, strict=True)
    }
    return [told[second] for second in seconds]


def tell_states(timeline: Sequence[TimelineEntry], states: Iterable[NumberChange]) -> tuple[TimelineEntry, ...]:
    """The timeline with states that rare lines tell by a number alone; lines that it holds already keep their entry."""
    known = {(entry.file, entry.line) for entry in timeline}
    further = [
        TimelineEntry(
            one.end, one.end, EventKind.CHANGE, one.service, one.lines[1].file, one.lines[1].line, "",
            f"{one.name}: {one.before:g} to {one.after:g}", NONE_YET, is_key=True,
        )
        for one in states
        if (one.lines[1].file, one.lines[1].line) not in known
    ]  # fmt: skip
    if not further:
        return tuple(timeline)
    told = list(timeline)
    for one in sorted(further, key=lambda e: (e.time, e.file or "", e.line or 0)):
        told.insert(place_of(told, one.time), one)
    return _say_none_yet_first(told)


def place_of(timeline: Sequence[TimelineEntry], time: int) -> int:
    """Where an event of a time belongs: behind the last that is not later; others keep the order that they have."""
    return next((n + 1 for n in reversed(range(len(timeline))) if timeline[n].time <= time), 0)


_RANK: Final = {
    EventKind.CHANGE: 0,
    EventKind.ONSET: 1,
    EventKind.SILENCE: 2,
    EventKind.WAVE: 3,
    EventKind.ALERT: 4,
    EventKind.NOTE: 5,
    EventKind.FIX: 6,
    EventKind.RECOVERY: 7,
}


def _onsets(story: Story) -> Iterable[TimelineEntry]:
    shown = [
        one
        for one in story.anomalies
        if one is story.root or one.kind.meaning.kind not in (MeaningKind.CHANGE, MeaningKind.ALERT)
    ]
    weighty = sorted(shown, key=lambda a: (a is not story.root, -min(a.surprise, 50.0), a.time))
    chosen = weighty[:_MOST_ONSETS]
    key_symptoms = _key_symptoms(story)
    for one in chosen:
        kind = one.kind
        row = kind.row_at(one.time)
        ref = kind.ref_at(row)
        is_root = story.root is not None and kind.id == story.root.kind.id
        yield TimelineEntry(
            time=one.time,
            time_logged=one.time,
            kind=EventKind.ONSET,
            service=kind.service,
            file=ref.file,
            line=ref.line,
            sample=onset_text(one, story.texts),
            event=tell_line(kind, ref) if is_root else kind.headline,
            impact="",
            group=kind.id,
            count=int(kind.counts[row:].sum()),
            severity=kind.severity,
            is_root=is_root,
            is_key=is_root or kind.id in key_symptoms,
            sigma_us=one.sigma_us,
        )


def _key_symptoms(story: Story) -> set[str]:
    """The first weighty symptom of each service that fell: the lines that tell the spread, the users' side among them.

    Users may fail before the line that tells why: while a release loads, or until a timeout is reported.
    """
    edge = frozenset[str]() if story.users is None else story.users.sources
    begin = min(story.start, story.start - _LED_US if story.trigger is None else story.trigger.time) - US
    if len(story.recovery.waves) > 1:
        begin = min(begin, story.recovery.waves[0].start - US)
    best: dict[str, Anomaly] = {}
    for one in sorted(story.anomalies, key=_by_time_and_line):
        is_users = one.kind.view.key in edge and one.is_strong
        if one is story.root or not one.kind.is_failure or (one.time < begin and not is_users):
            continue
        have = best.get(one.kind.service)
        # Anomalies come by onset: a later kind replaces an earlier one only where it is far weightier.
        if have is None or one.excess > 4 * have.excess:
            best[one.kind.service] = one
    ordered = sorted(best.values(), key=lambda a: (a.kind.view.key not in edge, -a.excess))[:_MOST_KEY_SYMPTOMS]
    return {one.kind.id for one in ordered}


def _by_time_and_line(one: Anomaly) -> tuple[int, int]:
    """Of what began in one moment of a log its first line comes first: the log's path decides nothing."""
    return one.time, one.kind.ref_at(one.kind.row_at(one.time)).line or 0


def _changes(story: Story) -> Iterable[TimelineEntry]:
    of_waves = {(t.file, t.line) for wave in story.recovery.waves if (t := wave.set_off) is not None}
    root = None if story.root is None else story.root.kind.ref_at(story.root.kind.row_at(story.root.time))
    for change in story.changes:
        if root is not None and (change.file, change.line) == (root.file, root.line):
            # What broke is told as that.
            continue
        is_trigger = story.trigger is not None and (change.file, change.line) == (
            story.trigger.file,
            story.trigger.line,
        )
        if not is_trigger and not story.start - _CHANGE_SPAN_US <= change.time <= story.impact_end:
            continue
        is_tried = story.tried is not None and (change.file, change.line) == (story.tried.file, story.tried.line)
        is_key = is_trigger or is_tried or (change.file, change.line) in of_waves
        if not is_key and is_everyday(change.kind, story.start, story.impact_end):
            continue
        yield TimelineEntry(
            time=change.time,
            time_logged=change.time,
            kind=EventKind.CHANGE,
            service=change.kind.service,
            file=change.file,
            line=change.line,
            sample=change.sample,
            event=change.text,
            impact="",
            group=change.kind.id,
            severity=change.kind.severity,
            is_key=is_key,
        )
    told = {(change.file, change.line) for change in story.changes}
    for one in (story.trigger, *(wave.set_off for wave in story.recovery.waves)):
        if one is not None and (one.file, one.line) not in told:
            # An ordinary line of a kind that its log never held before may be all that tells of a change.
            told.add((one.file, one.line))
            yield TimelineEntry(
                one.time, one.time, EventKind.CHANGE, one.service, one.file, one.line, one.sample, one.text, "",
                is_key=True,
            )  # fmt: skip


def _silences(story: Story) -> Iterable[TimelineEntry]:
    for one in story.silences:
        until = "" if one.end is None else f" for {span(one.end - one.start)}"
        yield TimelineEntry(
            time=one.start,
            time_logged=one.start,
            kind=EventKind.SILENCE,
            service=one.service,
            file=one.last.file if one.last is not None else one.file,
            line=one.last.line if one.last is not None else None,
            sample="",
            event=f"falls silent{until} ({one.usual_per_s:.1f} records/s before)",
            impact="",
            is_key=one.node == story.root_node,
        )


def _alerts(story: Story) -> Iterable[TimelineEntry]:
    first_firing = True
    for alert in story.alerts:
        is_firing = alert.state is AlertState.FIRING
        yield TimelineEntry(
            time=alert.time,
            time_logged=alert.time,
            kind=EventKind.ALERT,
            service=alert.service,
            file=alert.ref.file,
            line=alert.ref.line,
            sample=alert.sample,
            event=f"{alert.state.value}: {alert.text}",
            impact="",
            severity=Severity.WARN if is_firing else Severity.INFO,
            is_key=is_firing and first_firing and alert.time >= story.start - US,
        )
        first_firing = first_firing and not is_firing


def _notes(notes: Iterable[Note], start: int) -> Iterable[TimelineEntry]:
    """What people said; a fix from before the begin ended another incident."""
    for note in notes:
        kind = EventKind.FIX if note.is_fix else EventKind.NOTE
        text = note.text or (FIX_APPLIED if note.is_fix else "")
        yield TimelineEntry(
            note.time, note.time, kind, "", None, None, "", text, "", is_key=note.is_fix and note.time >= start
        )


def _recovery(recovery: Recovery) -> Iterable[TimelineEntry]:
    for wave, following in zip(recovery.waves, (*recovery.waves[1:], None), strict=True):
        if following is not None and following.kind == "second_wave":
            text = f"errors end for {span(following.start - wave.end)}"
            yield TimelineEntry(wave.end, wave.end, EventKind.RECOVERY, "", None, None, "", text, "", is_key=True)
        if wave.kind in ("herd", "second_wave"):
            is_herd = wave.kind == "herd" and wave is not recovery.undecided
            text = "retry burst after the fix" if is_herd else "errors rise again"
            text += f": {wave.count:,} records, up to {wave.peak_per_s:.0f}/s"
            text += "" if wave.asked is None else f"; {wave.failed:,} of {wave.asked:,} requests fail"
            yield TimelineEntry(
                wave.start, wave.start, EventKind.WAVE, wave.service, None, None, "", text, "", is_key=True
            )
    # What fell silent and is back has no fall of errors; of that it is back its end tells.
    is_end = recovery.fix_ref is None and recovery.fix_at == recovery.since
    if recovery.fix_at is not None and recovery.fix_origin is FixOrigin.DETECTED and not is_end:
        ref = recovery.fix_ref
        yield TimelineEntry(
            time=recovery.fix_at,
            time_logged=recovery.fix_at,
            kind=EventKind.FIX,
            service=recovery.fix_service,
            file=ref.file if ref is not None else None,
            line=ref.line if ref is not None else None,
            sample=recovery.fix_sample,
            event=recovery.fix_text or "errors fall (fix detected, not logged)",
            impact="",
            is_key=ref is not None,
        )
    ended = (Verdict.RECOVERED, Verdict.HERD, Verdict.SECOND_WAVE)
    if recovery.over and recovery.since is not None and recovery.verdict in ended:
        text = "back at the usual rate"
        yield TimelineEntry(
            recovery.since, recovery.since, EventKind.RECOVERY, "", None, None, "", text, "", is_key=True
        )
