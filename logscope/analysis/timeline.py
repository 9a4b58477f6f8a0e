"""The story in time order: changes, onsets, alerts, people, fix, recovery; each with what users lost from then on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from logscope.analysis.alerts import Alert, AlertState
from logscope.analysis.anomalies import Anomaly
from logscope.analysis.ranking import span
from logscope.analysis.sentences import percent
from logscope.analysis.silences import Silence
from logscope.analysis.statistics import poisson_cdf
from logscope.analysis.tables import onset_text
from logscope.analysis.texts import TextShelf
from logscope.analysis.triggers import Change
from logscope.analysis.users import FALLEN_VOLUME, KNOWN_US, Users, failing_routes
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.causes import Trigger
from logscope.model.incident import EventKind, NumberChange, TimelineEntry
from logscope.model.recovery import FixOrigin, Recovery, Verdict
from logscope.model.severity import Severity
from logscope.model.snapshot import Note
from logscope.model.times import MINUTE_US, US

_MOST_ONSETS: Final = 60
_MOST_KEY_SYMPTOMS: Final = 4
NONE_YET: Final = "none yet"
_FEW_REQUESTS: Final = 10
"""Of fewer requests a share says nothing: they are counted."""
_WIDER_US: Final = (5 * US, 10 * US)
"""How far a count of few requests may look ahead."""
_BY_CHANCE: Final = 0.01
"""As many failures as usual, by a Poisson count."""
_CHANGE_SPAN_US: Final = 30 * MINUTE_US


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
    root_node: str = ""
    offsets: Mapping[str, int] = field(default_factory=dict)
    """By path what was added to a file's stamps because its clock is wrong, microseconds."""


def build_timeline(
    story: Story, impact_between: Callable[[int, int], str], further: Iterable[TimelineEntry] = ()
) -> tuple[TimelineEntry, ...]:
    """All events by corrected time.

    Args:
        story: The parts.
        impact_between: What users lost in a span, in one phrase.
        further: Events that no line tells of.
    """
    entries = [
        *further,
        *_onsets(story),
        *_changes(story),
        *_silences(story),
        *_alerts(story),
        *_notes(story.notes),
        *_recovery(story.recovery),
    ]
    entries.sort(key=lambda e: (e.time, _RANK[e.kind], e.file or "", e.line or 0))
    impacts = _impacts([entry.time // US for entry in entries], story.impact_end, impact_between)
    return tuple(
        replace(entry, time_logged=entry.time - story.offsets.get(entry.file or "", 0), impact=impact)
        for entry, impact in zip(entries, impacts, strict=True)
    )


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
    told = {(entry.file, entry.line) for entry in timeline}
    further = [
        TimelineEntry(
            one.end, one.end, EventKind.CHANGE, one.service, one.lines[1].file, one.lines[1].line, "",
            f"{one.name}: {one.before:g} to {one.after:g}", NONE_YET, is_key=True,
        )
        for one in states
        if (one.lines[1].file, one.lines[1].line) not in told
    ]  # fmt: skip
    if not further:
        return tuple(timeline)
    return tuple(sorted([*timeline, *further], key=lambda e: (e.time, _RANK[e.kind], e.file or "", e.line or 0)))


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
    shown = [a for a in story.anomalies if a.kind.meaning.kind not in (MeaningKind.CHANGE, MeaningKind.ALERT)]
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
            event=kind.headline,
            impact="",
            group=kind.id,
            count=int(kind.counts[row:].sum()),
            severity=kind.severity,
            is_root=is_root,
            is_key=is_root or kind.id in key_symptoms,
            sigma_us=one.sigma_us,
        )


def _key_symptoms(story: Story) -> set[str]:
    """The first weighty symptom of each service that fell: the lines that tell the spread."""
    best: dict[str, Anomaly] = {}
    for one in story.anomalies:
        if one is story.root or not one.kind.is_failure or one.time < story.start - US:
            continue
        have = best.get(one.kind.service)
        # Anomalies come by onset: a later kind replaces an earlier one only where it is far weightier.
        if have is None or one.excess > 4 * have.excess:
            best[one.kind.service] = one
    ordered = sorted(best.values(), key=lambda a: -a.excess)[:_MOST_KEY_SYMPTOMS]
    return {one.kind.id for one in ordered}


def _changes(story: Story) -> Iterable[TimelineEntry]:
    for change in story.changes:
        is_trigger = story.trigger is not None and (change.file, change.line) == (
            story.trigger.file,
            story.trigger.line,
        )
        if not is_trigger and not story.start - _CHANGE_SPAN_US <= change.time <= story.impact_end:
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
            is_key=is_trigger,
        )


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


def _notes(notes: Iterable[Note]) -> Iterable[TimelineEntry]:
    for note in notes:
        kind = EventKind.FIX if note.is_fix else EventKind.NOTE
        text = note.text or ("fix applied" if note.is_fix else "")
        yield TimelineEntry(note.time, note.time, kind, "", None, None, "", text, "", is_key=note.is_fix)


def _recovery(recovery: Recovery) -> Iterable[TimelineEntry]:
    for wave in recovery.waves:
        if wave.kind in ("herd", "second_wave"):
            text = "retry burst after the fix" if wave.kind == "herd" else "errors rise again"
            text += f": {wave.count:,} records, up to {wave.peak_per_s:.0f}/s"
            yield TimelineEntry(
                wave.start, wave.start, EventKind.WAVE, wave.service, None, None, "", text, "", is_key=True
            )
    if recovery.fix_at is not None and recovery.fix_origin is FixOrigin.DETECTED:
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
    if recovery.over and recovery.since is not None and recovery.verdict in (Verdict.RECOVERED, Verdict.HERD):
        text = "back at the usual rate"
        yield TimelineEntry(
            recovery.since, recovery.since, EventKind.RECOVERY, "", None, None, "", text, "", is_key=True
        )


def describe_impact(users: Users | None, story_anomalies: Sequence[Anomaly], start: int) -> Callable[[int, int], str]:
    """A function that says what users lost in a span, from the access log or else from the failing lines."""
    kinds = [one.kind for one in story_anomalies]
    # Callers may fail before the cause's own line: what is usual ends with the first failure.
    failing = [one.time for one in story_anomalies if one.kind.severity >= Severity.ERROR and one.is_strong]
    start = min([start, *failing])
    if users is not None:
        requests, failed = users.count(0, start)
        usual = failed / requests if requests else 0.0
        begins = int(users.seconds[0]) * US
        pace = requests * US / (start - begins) if start > begins else 0.0
        first = users.first_failing(start - US, usual)

        def from_requests(low: int, high: int) -> str:
            requests, failed = users.count(low, high)
            if pace and high - low >= KNOWN_US and requests * US < FALLEN_VOLUME * pace * (high - low):
                return f"requests lost before this log, {pace:.1f}/s to {requests * US / (high - low):.1f}/s"
            if first is None or high <= first:
                return NONE_YET
            for wider in _WIDER_US:
                # Entries a second apart: what users got from then on takes a few more to tell.
                if requests < _FEW_REQUESTS and high - low < wider:
                    high = low + wider
                    requests, failed = users.count(low, high)
            if not requests:
                return "no requests in this log"
            if low <= first and 1 - poisson_cdf(failed - 1, usual * requests) > _BY_CHANCE:
                return NONE_YET
            served = requests - failed
            ok = percent(served / requests) if requests >= _FEW_REQUESTS else f"{served}"
            if failed / requests <= max(0.02, 2 * usual):
                return "users served"
            routes = [route.route for route in failing_routes(kinds, low, high)[:2]]
            return f"{ok} of {requests:,} requests ok" + (f"; {', '.join(routes)} fail" if routes else "")

        return from_requests

    errors = sorted(
        (one for one in story_anomalies if one.kind.severity >= Severity.ERROR and one.is_strong), key=lambda a: a.time
    )

    def from_lines(low: int, high: int) -> str:
        failing = [one for one in errors if one.time < high and one.last >= low]
        if not failing:
            return NONE_YET if not errors or high <= errors[0].time else "no further errors"
        counts = {one.kind.service: 0 for one in failing}
        for one in failing:
            counts[one.kind.service] += one.kind.between(low, high - US)
        named = [f"{service} {count:,}" for service, count in sorted(counts.items(), key=lambda c: -c[1]) if count]
        return "errors: " + ", ".join(named[:3]) if named else "no further errors"

    return from_lines
