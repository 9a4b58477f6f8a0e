"""The four sentences on top: is it over, what broke, what set it off, what did users get. Always the same questions."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from logscope.analysis.ranking import span
from logscope.model.snapshot import (
    Candidate,
    Confidence,
    Incident,
    LineRef,
    Link,
    Progress,
    Recovery,
    Sentence,
    Trigger,
    Verdict,
)
from logscope.model.times import US

_LONGEST: Final = 160
"""Characters of a quoted line in a sentence."""

_NEW_S: Final = 60
"""An incident younger than this has started; after it, it goes on."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sentences are made of."""

    incident: Incident | None
    candidates: tuple[Candidate, ...]
    recovery: Recovery
    as_of: int | None
    progress: Progress
    file_count: int
    everyday: int
    """Failing records of everyday kinds."""


def write_sentences(facts: Facts, zone: tzinfo = UTC) -> tuple[Sentence, ...]:
    """State, what broke, what set it off, users: always four."""
    if facts.incident is None:
        return _quiet(facts, zone)
    top = facts.candidates[0] if facts.candidates else None
    return (
        _state(facts, zone),
        _broke(facts.candidates, zone),
        _set_off(top, zone),
        _users(facts, facts.incident, zone),
    )


def clock(time_us: int | None, zone: tzinfo = UTC) -> str:
    """Time of day to the second; `?` where it is not known."""
    if time_us is None:
        return "?"
    return datetime.fromtimestamp(time_us // US, zone).strftime("%H:%M:%S")


def clock_ms(time_us: int, zone: tzinfo = UTC) -> str:
    """Time of day to the millisecond, cut to the second where the stamp is."""
    text = clock(time_us, zone)
    millis = time_us // 1000 % 1000
    return f"{text}.{millis:03d}" if millis else text


def _quiet(facts: Facts, zone: tzinfo) -> tuple[Sentence, ...]:
    if not facts.progress.done:
        share = 100 * facts.progress.bytes_read // max(1, facts.progress.bytes_total)
        state = Sentence("READING", f"{facts.file_count} files, {share} %", None, "plain")
    elif facts.recovery.verdict is Verdict.NO_BASELINE:
        state = Sentence(
            "NO CLOCK", "no line of these files carries a time: nothing can be put in order", None, "warning"
        )
    else:
        text = f"no kind of error rose above its usual rate (as of {clock(facts.as_of, zone)}); "
        state = Sentence("QUIET", text + f"{facts.everyday:,} everyday warnings and errors", None, "ok")
    top = facts.candidates[0] if facts.candidates else None
    broke = (
        _broke(facts.candidates, zone)
        if top
        else Sentence("BROKE", "nothing, as far as these logs show", None, "plain")
    )
    none = Sentence("SET OFF", "-", None, "plain")
    return (state, broke, none, Sentence("USERS", "-", None, "plain"))


def _state(facts: Facts, zone: tzinfo) -> Sentence:
    recovery, incident = facts.recovery, facts.incident
    assert incident is not None, "quiet states are written elsewhere"
    as_of = f"as of {clock(facts.as_of, zone)}"
    age = (facts.as_of or incident.start) - incident.start
    sure = "confirmed" if recovery.confirmed else _not_confirmed(recovery)
    figures = recovery.explanation.partition(": ")[2]
    match recovery.verdict:
        case Verdict.RECOVERED:
            return Sentence("OVER", f"since {clock(recovery.since, zone)} ({as_of}), {sure}; {figures}", None, "ok")
        case Verdict.HERD:
            text = f"since {clock(recovery.since, zone)}, after a burst of retries ({as_of}), {sure}; {figures}"
            return Sentence("OVER", text, None, "ok")
        case Verdict.TOO_EARLY:
            text = f"too early to say: nothing since {clock(recovery.since, zone)} ({as_of}); {figures}"
            return Sentence("BETTER", text, None, "warning")
        case Verdict.PARTIAL:
            return Sentence("PARTIAL", f"not over ({as_of}): {_left(recovery)}{figures}", None, "warning")
        case Verdict.SECOND_WAVE if recovery.over:
            text = f"since {clock(recovery.since, zone)} ({as_of}), after a second wave; {figures}"
            return Sentence("OVER", text, None, "ok")
        case Verdict.SECOND_WAVE:
            wave = next((w for w in recovery.waves if w.kind == "second_wave"), None)
            when = f" since {clock(wave.start, zone)}" if wave else ""
            return Sentence("BACK", f"second wave{when} ({as_of}): {_left(recovery)}{figures}", None, "error")
        case _:
            label = "STARTED" if age < _NEW_S * US else "ONGOING"
            text = f"{span(age)} ({as_of}): {_left(recovery)}{figures}"
            if not facts.progress.done:
                share = 100 * facts.progress.bytes_read // max(1, facts.progress.bytes_total)
                text = f"provisional, {share} % read; {text}"
            return Sentence(label, text, None, "error")


def _left(recovery: Recovery) -> str:
    if not recovery.remaining:
        return ""
    worst = recovery.remaining[0]
    return f"{_cut(worst.what, 90)} {worst.rate_per_min:.0f}/min; "


def _not_confirmed(recovery: Recovery) -> str:
    if recovery.minutes_needed:
        return f"not confirmed: {recovery.minutes_needed:.0f} more quiet minutes"
    return "not confirmed"


def _broke(candidates: tuple[Candidate, ...], zone: tzinfo) -> Sentence:
    top = candidates[0] if candidates else None
    if top is None:
        return Sentence("BROKE", "not known", None, "plain")
    ref = LineRef(top.file, top.line) if top.file is not None and top.line is not None else None
    when = f"  {clock_ms(top.first_seen, zone)}" if top.first_seen is not None else ""
    if top.confidence is Confidence.LOW:
        rest = " or ".join(one.service for one in candidates[1:3])
        text = f"no clear cause; first guess {top.service}: {_cut(top.headline)}{when}" + (rest and f"; or {rest}")
    elif top.in_logs:
        text = f"{top.service}: {_cut(top.headline)}{when}"
    else:
        text = f"{_cut(top.headline)}{when}"
    return Sentence("BROKE", text, ref, "cause", top.confidence)


def _set_off(top: Candidate | None, zone: tzinfo) -> Sentence:
    trigger: Trigger | None = top.trigger if top else None
    if trigger is None:
        return Sentence("SET OFF", "not in these logs", None, "plain")
    how = {Link.NAMED: "linked by name", Link.NUMBER: "linked by number", Link.TIME: "linked by time only"}[
        trigger.link
    ]
    text = (
        f"{trigger.service}: {_cut(trigger.text)}  {clock_ms(trigger.time, zone)}, {span(trigger.lag_us)} before, {how}"
    )
    return Sentence("SET OFF", text, LineRef(trigger.file, trigger.line), "warning")


def _users(facts: Facts, incident: Incident, zone: tzinfo) -> Sentence:
    rate, volume = incident.success_rate, incident.volume
    if rate.before is None and rate.during is None:
        shares = incident.success_note
    else:
        parts = [
            _share(rate.before, volume.before),
            _share(rate.during, volume.during),
        ]
        if facts.recovery.over:
            parts.append(_share(rate.after, volume.after))
        shares = " -> ".join(parts)
        if rate.during is None:
            shares += f" ({incident.success_note})"
    if incident.detected_at is None:
        alert = "no alert in these logs"
    else:
        gap = f", {span(incident.detection_gap_us)} after the first error" if incident.detection_gap_us else ""
        alert = f"alert {clock(incident.detected_at, zone)}{gap}"
    return Sentence("USERS", f"{shares}; {alert}", None, "plain")


def _share(rate: float | None, volume: float | None) -> str:
    pace = "" if volume is None else f" of {volume:.1f}/s"
    return f"{'?' if rate is None else percent(rate)}{pace}"


def percent(share: float) -> str:
    """A share for a sentence: one digit behind the point, and never 100 % unless it is."""
    shown = int(share * 1000) / 10
    return "100 %" if share >= 1 else f"{shown:.1f} %"


def _cut(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
