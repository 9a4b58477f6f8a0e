"""The first sentence: is it over, as of when, and what exactly is still broken, for users first."""

from dataclasses import dataclass
from typing import Final

from logscope.model.files import Progress
from logscope.model.incident import Incident
from logscope.model.recovery import Recovery, Remaining, Served, Verdict
from logscope.model.snapshot import Sentence
from logscope.model.times import US, Dial, span
from logscope.text.cutting import shorten

_NEW_US: Final = 30 * US
"""An incident younger than this has started; after it, it goes on."""
_WORSE_US: Final = 60 * US
"""What began to fail so lately makes it worse."""
_CALM_US: Final = 60 * US
"""As long without errors, and they had ended."""
_STALE_US: Final = 30 * US
"""Without a new line for so long the last line's time is told."""
_NEXT_US: Final = 5 * US
"""Counts that end longer ago end where another incident begins."""
_LONGEST: Final = 70
_SURELY: Final = 4.6
"""Failures that should have come: none of them by chance once in a hundred times."""
_MOST_NAMED: Final = 2
_FEW: Final = 20
"""One request of so many, beside those that fail, says nothing of the others."""
_LONG_MIN: Final = 30
"""Nobody waits longer for a confirmation."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The present."""

    as_of: int | None
    newest: int | None
    """Time of the newest line."""
    progress: Progress


def write_state(incident: Incident, recovery: Recovery, moment: Moment, dial: Dial) -> Sentence:
    """The state of an incident in one sentence, what matters most first."""
    as_of = _as_of(moment, dial)
    since = dial.clock(recovery.since)
    if not moment.progress.done:
        return _while_reading(incident, recovery, moment, dial)
    match recovery.verdict:
        case Verdict.RECOVERED | Verdict.HERD | Verdict.SECOND_WAVE if recovery.over:
            sure = "confirmed" if recovery.confirmed else _not_confirmed(recovery)
            text = f"since {since}{_after(recovery)}, {sure} ({as_of})"
            return Sentence("OVER", f"{text}: {_served(recovery)}{_until_next(recovery, moment, dial)}", None, "ok")
        case Verdict.RECOVERED | Verdict.HERD | Verdict.TOO_EARLY if _is_silent(recovery):
            doubt = recovery.explanation.partition("; ")[2] or "nothing shows whether anybody asks"
            return Sentence("BETTER", f"or only silent since {since} ({as_of}): {doubt}", None, "warning")
        case Verdict.ONGOING if recovery.since is not None and not recovery.silence:
            text = f"{_long(max(US, (moment.as_of or incident.start) - incident.start))} ({as_of}): "
            text += f"everything failed until {since}, and {_unanswered(recovery)}: nothing shows that it works again"
            return Sentence("ONGOING", text, None, "error")
        case Verdict.TOO_EARLY | Verdict.SECOND_WAVE if recovery.since is not None and recovery.over is None:
            held = _long(recovery.held_us or US)
            yet = f", yet {recovery.climbing}" if recovery.climbing else ""
            after = _after(recovery) if recovery.verdict is Verdict.SECOND_WAVE else ""
            text = f"too early to say{after} ({held}, {as_of}): {_served(recovery)}{yet}"
            return Sentence("BETTER", text, None, "warning")
        case Verdict.PARTIAL:
            return Sentence("PARTIAL", f"not over ({as_of}): {_partly(recovery, dial)}", None, "warning")
        case Verdict.SECOND_WAVE:
            wave = next((wave for wave in reversed(recovery.waves) if wave.kind == "second_wave"), None)
            since = dial.clock(wave.start if wave else None)
            text = f"{recovery.name_wave()} since {since} ({as_of}): {_lately(recovery)}"
            if wave is not None and wave.trigger is not None:
                text += f"; right before it {wave.trigger.service}: {shorten(wave.trigger.text, _LONGEST)}"
            return Sentence("BACK", text, None, "error")
        case Verdict.NO_BASELINE:
            text = f"errors since the first minute ({as_of}): {_lately(recovery)}; no normal period to compare with"
            return Sentence("UNCLEAR", text, None, "warning")
        case _:
            return _going_on(incident, recovery, moment, dial)


def _until_next(recovery: Recovery, moment: Moment, dial: Dial) -> str:
    """Up to when it was counted: what comes after that is another incident, and is told as that."""
    if recovery.served is None or recovery.as_of is None or (moment.as_of or 0) - recovery.as_of < _NEXT_US:
        return ""
    return f" until {dial.clock(recovery.as_of)}"


def _is_silent(recovery: Recovery) -> bool:
    """Quiet for a minute or more, and yet nobody can say that it is over: too little is asked or written since."""
    if recovery.over is not None or recovery.since is None:
        return False
    return recovery.verdict is not Verdict.TOO_EARLY or (recovery.held_us or 0) >= _WORSE_US


def _unanswered(recovery: Recovery) -> str:
    """Why nothing shows that it works again: nobody asks, or without an access log nothing is written."""
    return "nobody asked since" if recovery.served is not None else "next to nothing is written since"


def _while_reading(incident: Incident, recovery: Recovery, moment: Moment, dial: Dial) -> Sentence:
    """What is known before all is read: that errors go on may be said, that they ended may not."""
    share = 100 * moment.progress.bytes_read // max(1, moment.progress.bytes_total)
    read, unknown = f"{share} % read ({_as_of(moment, dial)}), so far", "whether it is over"
    if moment.progress.newest_first:
        # How much was read of the rest changes nothing here: the foot of the screen says it.
        read, unknown = f"so far by the newest lines alone ({_as_of(moment, dial)})", f"since when, and {unknown},"
    if recovery.verdict in (Verdict.ONGOING, Verdict.SECOND_WAVE, Verdict.PARTIAL):
        return Sentence("READING", f"{read}: {_broken(recovery)}", None, "error")
    text = f"{read}: errors from {dial.clock(incident.start)} on; {unknown} is said when all is read"
    return Sentence("READING", text, None, "warning")


def _going_on(incident: Incident, recovery: Recovery, moment: Moment, dial: Dial) -> Sentence:
    as_of = _as_of(moment, dial)
    # Users may fail before the line that tells why.
    begun = min([incident.start, *(row.begun for row in recovery.remaining if row.failed and row.begun is not None)])
    age = max(US, (moment.as_of or begun) - begun)
    label, when = ("STARTED", f"{_long(age)} ago") if age < _NEW_US else ("ONGOING", _long(age))
    text = f"{when} ({as_of}): "
    fix = recovery.fix_at if recovery.fix_origin == "marked" else None
    again = recovery.waves[-1].start if len(recovery.waves) > 1 else None
    if recovery.verdict is Verdict.TOO_EARLY and again is not None and (fix is None or again > fix):
        behind = "" if fix is None else f", {_long(again - fix)} after the fix"
        # Errors that pause for a moment go on; those that had ended are back.
        is_back = again - recovery.waves[-2].end >= _CALM_US
        label, text = (
            "BACK" if is_back else "ONGOING",
            f"again since {dial.clock(again)}{behind}, retries or a second wave ({as_of}): ",
        )
    elif recovery.verdict is Verdict.TOO_EARLY and fix is not None:
        # What goes on behind it did not begin by it.
        label, text = "ONGOING", f"{_long((moment.as_of or 0) - fix)} after the fix ({as_of}): "
    undecided = recovery.undecided
    text += _lately(recovery) + _worse(recovery, begun if undecided is None else undecided.start, moment, dial)
    if undecided is not None and undecided.fault is not None:
        text += f"; new is {undecided.fault.service}: {shorten(undecided.fault.headline, _LONGEST)}"
    if recovery.cause_silent_since is not None:
        since = dial.clock(recovery.cause_silent_since)
        text += f"; what broke is silent since {since}: it may keep itself up by retries"
    text += f"; still works, yet {recovery.next_to_fail}" if recovery.next_to_fail else ""
    return Sentence(label, text, None, "error")


def _as_of(moment: Moment, dial: Dial) -> str:
    text = f"as of {dial.clock(moment.as_of)}"
    if moment.as_of is not None and moment.newest is not None and moment.as_of - moment.newest > _STALE_US:
        text += f", no line since {dial.clock(moment.newest)}"
    return text


def _long(time_us: int) -> str:
    """A duration in whole seconds."""
    seconds = max(1, time_us // US)
    return f"{seconds} s" if seconds < 60 else span(seconds * US)


def _after(recovery: Recovery) -> str:
    if recovery.verdict is Verdict.SECOND_WAVE:
        return f" after a {recovery.name_wave()}"
    if recovery.verdict is not Verdict.HERD:
        return ""
    service = next((wave.service for wave in reversed(recovery.waves) if wave.kind == "herd"), "")
    return " after a burst of retries" + (f" at {service}" if service else "")


def _not_confirmed(recovery: Recovery) -> str:
    if recovery.minutes_needed and recovery.minutes_needed <= _LONG_MIN:
        return f"not confirmed before {recovery.quiet_minutes_needed} more quiet min"
    return "not confirmed"


def _served(recovery: Recovery) -> str:
    """What users got since the end; without an access log what was written."""
    served = recovery.served
    if served is not None and served.requests:
        return f"{served.ok:,} of {served.requests:,} requests ok"
    if recovery.current_per_min is None and recovery.explanation.endswith("fast again"):
        return "fast again"
    if not recovery.current_per_min:
        return recovery.silence or "no error since"
    usual = "" if recovery.baseline_per_min is None else f", {figure(recovery.baseline_per_min)} before the incident"
    return f"{figure(recovery.current_per_min)} errors/min{usual}"


def _partly(recovery: Recovery, dial: Dial) -> str:
    """Since the fix: what still fails; and where users are served by now, what still breaks behind their backs."""
    served = recovery.served
    # Counts begin where errors fell, which may be a moment behind the fix's own line.
    begin = recovery.fix_at if served is None else served.since
    since = f" since {dial.clock(begin)}" if begin is not None else ""
    cause = next((row for row in recovery.remaining if row.is_cause), None)
    left = recovery.climbing or recovery.standing
    if left and recovery.since is not None:
        # Nothing fails any more: what climbs, or is still down, is all that is left of it.
        return f"{_served(recovery).removesuffix(' since')} since {dial.clock(recovery.since)}, yet {left}"
    if served is None or not _is_served_by_now(served):
        return f"{_broken(recovery)}{since}{_still(recovery)}"
    text = f"users ok since {dial.clock(served.ok_since)} ({served.ok_requests:,} requests), yet "
    if cause is None:
        return f"{text}{_broken(recovery)}{since}"
    times = "once" if cause.volume == 1 else f"{cause.volume:,} times"
    text = f"{text}{shorten(cause.what, _LONGEST)} {times}{since}, last {dial.clock(cause.last)}"
    return f"{text}; {recovery.climbing}" if recovery.climbing else text


def _still(recovery: Recovery) -> str:
    """Behind the routes, who still says so where it is not the line that showed what broke: a part has ended."""
    said = [row for row in recovery.remaining if not row.failed]
    if len(said) == len(recovery.remaining) or any(row.is_cause for row in said):
        return ""
    told = [row for row in said if row.tells_cause][:_MOST_NAMED] or said[:_MOST_NAMED]
    return f"; still {'; '.join(shorten(row.what, _LONGEST) for row in told)}" if told else ""


def _is_served_by_now(served: Served) -> bool:
    """Since the last failure more requests went well than chance allows while they fail as they did since the fix."""
    if served.ok_since <= served.since or not served.requests:
        return False
    return served.ok_requests * (1 - served.ok / served.requests) > _SURELY


def _lately(recovery: Recovery) -> str:
    """What fails, and of which time the counts are."""
    served = recovery.served
    if served is None or recovery.as_of is None or not any(row.failed for row in recovery.remaining):
        return _broken(recovery)
    seconds = max(1, (recovery.as_of - served.since) // US + 1)
    return f"{_broken(recovery)} in the last {'minute' if seconds == 60 else f'{seconds} s'}"


def _broken(recovery: Recovery) -> str:
    """What fails, by name: routes with their requests; without any what services say."""
    routes = [row for row in recovery.remaining if row.failed]
    if not routes:
        if not recovery.remaining:
            return recovery.silence or "errors go on"
        return _said(recovery.remaining[0]) + _others(recovery)
    text = ", ".join(_route(row) for row in routes[:_MOST_NAMED])
    if len(routes) > _MOST_NAMED:
        text += f", {len(routes) - _MOST_NAMED} more"
    served = recovery.served
    if served is not None and all(row.asked is not None for row in routes):
        # What went well of a route before it failed is no other request.
        own = sum((row.asked or 0) + row.earlier for row in routes)
        others = served.requests - own
        ok = served.ok - own + sum(row.failed for row in routes)
        if others * _FEW >= served.requests and ok >= 0:
            text += f"; other requests {ok:,} of {others:,} ok"
    return text


def _route(row: Remaining) -> str:
    if row.asked is None:
        return f"{row.what} failed {row.failed:,} times"
    return f"{row.what} {row.asked - row.failed:,} of {row.asked:,} ok"


def _said(row: Remaining) -> str:
    usual = f", {figure(row.usual_per_min)} before" if row.usual_per_min >= 0.1 else ""
    return f"{shorten(row.what, _LONGEST)}: {figure(row.rate_per_min)}/min{usual}"


def _others(recovery: Recovery) -> str:
    """Who else still fails: one of many services says little of how far it goes."""
    parts = (row.what.partition(": ") for row in recovery.remaining)
    services = list(dict.fromkeys(service for service, colon, _ in parts if colon))[1:]
    if not services:
        return ""
    return f"; {' and '.join(services)} too" if len(services) <= _MOST_NAMED else f"; {len(services)} more services too"


def _worse(recovery: Recovery, start: int, moment: Moment, dial: Dial) -> str:
    """What began to fail within the last minute of an older incident: the same cause spreads."""
    if moment.as_of is None:
        return ""
    lately = max(moment.as_of, start + 2 * _WORSE_US) - _WORSE_US
    fresh = [row for row in recovery.remaining if row.begun is not None and row.begun > lately]
    named = [row for row in fresh if row.failed] or fresh
    if not named:
        return ""
    first = min(named, key=lambda row: row.begun or 0)
    what, since = first.what if first.failed else first.what.partition(":")[0], dial.clock(first.begun)
    is_told = not first.failed and what in _others(recovery)
    return f"; {what} since {since}" if is_told else f"; worse since {since}: {what} too"


def figure(value: float) -> str:
    """A rate as a person says it."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")
