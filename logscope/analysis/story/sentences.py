"""The four sentences on top: is it over, what broke, what set it off, what did users get. Always the same questions."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Final

from logscope.analysis.story.quiet import late_groups, risen_groups
from logscope.analysis.story.state import Moment, write_state
from logscope.model.advice import FollowUp
from logscope.model.causes import OUTSIDE, Candidate, Confidence, Trigger
from logscope.model.files import LineRef, Progress
from logscope.model.incident import Incident
from logscope.model.recovery import NewFault, Recovery, Verdict
from logscope.model.severity import Severity
from logscope.model.snapshot import FurtherIncident, Rise, Sentence, Snapshot
from logscope.model.times import US, Dial, span
from logscope.text.cutting import own_words, shorten, tell

_LOST: Final = "requests lost before this log: "
_NEARLY_ALL: Final = 0.985
_FEW_PER_S: Final = 0.1
"""Fewer requests are told per minute."""
_FEWEST_REQUESTS: Final = 20
"""Of fewer a share says nothing."""
_SPELLS: Final = 20
"""Pieces of what is read in which shares are compared."""
_SURELY: Final = 4
"""Standard deviations of a share beyond which chance is no reason."""
_SAME_VOLUME: Final = 0.2
"""Requests per second that differ by less are no fewer and no more."""
"""Stamps do not tell what is nearer."""


def sentences_in(snapshot: Snapshot, zone: tzinfo) -> tuple[Sentence, ...]:
    """The sentences with their times in a zone: in UTC they are written already."""
    return snapshot.sentences if zone is UTC else write_sentences(snapshot, Dial.around(snapshot.as_of, zone))


def write_sentences(snapshot: Snapshot, dial: Dial) -> tuple[Sentence, ...]:
    """State, what broke, what set it off, users: always four."""
    if snapshot.incident is None:
        state, *rest = _quiet(snapshot, dial)
        return (_as_far_as_read(state, snapshot.progress), *rest)
    top = snapshot.candidates[0] if snapshot.candidates else None
    newest = max((one.last_seen for one in snapshot.files if one.last_seen is not None), default=None)
    moment = Moment(snapshot.as_of, newest, snapshot.progress)
    state = write_state(snapshot.incident, snapshot.recovery, moment, dial)
    state = replace(state, text=state.text + describe_further(snapshot.further, dial))
    state = _as_far_as_read(state, snapshot.progress)
    users = _users(snapshot, snapshot.incident, dial)
    fault = snapshot.recovery.present_fault
    if fault is not None:
        return (
            state,
            _broke_now(fault, snapshot.recovery.name_wave(), top, dial),
            _set_off(fault.trigger, dial),
            users,
        )
    trigger = top.trigger if top else None
    background = [one for one in snapshot.actions.follow_up if one.is_background]
    set_off = _made_room(background[0]) if trigger is None and background else _set_off(trigger, dial)
    if top is not None and top.is_set_off_by_itself:
        set_off = _itself(top)
    return (state, _broke(snapshot.candidates, dial), set_off, users)


def _broke_now(fault: NewFault, wave: str, top: Candidate | None, dial: Dial) -> Sentence:
    """What fails now, before what broke first: the engineer mends the present one."""
    text = f"{wave}: {tell(fault.service, shorten(fault.headline))}  {dial.clock(fault.time, millis=True)}"
    if top is not None:
        text += f"; before it: {top.service}" + (f" {dial.clock(top.first_seen)}" if top.first_seen else "")
    return Sentence("BROKE", text, fault.ref, "cause")


def _as_far_as_read(state: Sentence, progress: Progress) -> Sentence:
    """Where somebody stopped the reading the state holds for what was read, and says so."""
    if not progress.stopped or progress.bytes_read >= progress.bytes_total:
        return state
    share = 100 * progress.bytes_read // max(1, progress.bytes_total)
    read = "in the newest lines" if progress.newest_first else f"in the {share} % that was read"
    return replace(state, text=f"{read}: {state.text}")


def describe_further(further: tuple[FurtherIncident, ...], dial: Dial) -> str:
    """Other incidents behind the state, the gravest by name: since when, whose, whether over; empty without any."""
    if not further:
        return ""
    one = min(further, key=lambda other: other.is_alone)
    start, end = dial.clock(one.incident.start), one.incident.end
    until = f"since {start}" if end is None else f"{start} to {dial.clock(end)}"
    known = [c.service for c in one.candidates[:1] if c.service != OUTSIDE]
    name = known[0] if known else ", ".join(one.incident.services[:2])
    more = f" and {len(further) - 1} more" if len(further) > 1 else ""
    if one.is_alone:
        return f"; apart from it {name}{more} complain{'s' if end is None else 'ed'} {until}"
    return f"; another incident {'is not over, ' if one.recovery.over is False else ''}{until}: {name}{more}"


def _quiet(snapshot: Snapshot, dial: Dial) -> tuple[Sentence, ...]:
    if not snapshot.progress.done:
        share = 100 * snapshot.progress.bytes_read // max(1, snapshot.progress.bytes_total)
        count = max(len(snapshot.files), snapshot.progress.files)
        how_far = f"{share} %"
        if snapshot.progress.newest_first:
            how_far = "so far the newest lines alone: no kind of error rose in them"
        state = Sentence("READING", f"{count} file{'' if count == 1 else 's'}, {how_far}", None, "plain")
    elif snapshot.recovery.verdict is Verdict.NO_BASELINE:
        state = _without_times(snapshot, dial)
    else:
        text = _tell_quiet(snapshot, dial)
        cut = snapshot.cut_start
        if cut is not None:
            until = dial.clock(cut.until)
            failed = f"{cut.errors:,} errors until {until}"
            text = f"now, yet it was failing where what is read begins ({failed}): look further back; {text}"
        state = Sentence("QUIET", text, None, "ok" if cut is None else "warning")
    is_quiet = snapshot.progress.done and snapshot.recovery.verdict is Verdict.NO_INCIDENT
    nothing = "nothing, as far as these logs show" if snapshot.progress.done else "nothing so far"
    has_broken = bool(snapshot.candidates) and not is_quiet
    broke = _broke(snapshot.candidates, dial) if has_broken else Sentence("BROKE", nothing, None, "plain")
    if is_quiet:
        broke = _broke_for_moments(snapshot, dial) or _broke_late(snapshot, dial) or broke
    none = Sentence("SET OFF", "-", None, "plain")
    users = _served_as_usual(snapshot, dial) if is_quiet and snapshot.cut_start is None else "-"
    return (state, broke, none, Sentence("USERS", users, None, "plain"))


def _without_times(snapshot: Snapshot, dial: Dial) -> Sentence:
    """No line that was read carries a time: there is none, none of the time that was asked for, or none has a stamp."""
    since, until = snapshot.asked
    if since is not None or until is not None:
        bounds = (("from", since), ("up to", until))
        span = " ".join(f"{word} {dial.clock(time)}" for word, time in bounds if time is not None)
        if any(file.untimed_records for file in snapshot.files):
            return Sentence(
                "NO CLOCK", f"no line that carries a time is {span}; what is told carries none", None, "warning"
            )
        return Sentence("EMPTY", f"no line of these files is {span}: ask for another time", None, "warning")
    if not any(file.lines for file in snapshot.files):
        which = "this file" if len(snapshot.files) == 1 else "these files"
        return Sentence("EMPTY", f"no line is written in {which} yet", None, "warning")
    untold = "no line of these files carries a time: nothing can be put in order; --format names how one is written"
    return Sentence("NO CLOCK", untold, None, "warning")


def _served_as_usual(snapshot: Snapshot, dial: Dial) -> str:
    """The share of all requests that went well, and how many there are a second."""
    lane = snapshot.users
    asked = [ok + failed for ok, failed in zip(lane.ok, lane.failed, strict=True)] if lane is not None else []
    active = [number for number, count in enumerate(asked) if count]
    if lane is None or sum(asked) < _FEWEST_REQUESTS:
        return "-"
    seconds = (active[-1] + 1 - active[0]) * snapshot.lane_bucket_us / US
    told = _share(sum(lane.ok) / sum(asked), sum(asked) / seconds)
    worst = _find_worst(lane.ok, asked)
    if worst is not None:
        at, share = worst
        return f"{told}, {percent(share)} around {dial.clock(snapshot.lane_start + at * snapshot.lane_bucket_us)}"
    return told if snapshot.rise is not None and snapshot.rise.until is not None else f"{told}, as usual"


def _find_worst(ok: Sequence[int], asked: Sequence[int]) -> tuple[int, float] | None:
    """The bucket around which far fewer requests than otherwise went well, and their share; None where it is even.

    Buckets are gathered to as many requests as make a share say something.
    """
    usual, enough = sum(ok) / sum(asked), max(_FEWEST_REQUESTS, sum(asked) // _SPELLS)
    worst: tuple[int, float] | None = None
    begin = served = count = 0
    for number, (good, tried) in enumerate(zip(ok, asked, strict=True)):
        served, count = served + good, count + tried
        if count >= enough:
            if worst is None or served / count < worst[1]:
                worst = (begin + number) // 2, served / count
            begin, served, count = number + 1, 0, 0
    # Of requests that all went well one that fails is no other share.
    spread = math.sqrt(max(usual * (1 - usual), 1 / enough) / enough)
    return worst if worst is not None and usual - worst[1] > _SURELY * spread else None


_STILL_US: Final = 5 * US
"""Since its last record: what came until a moment ago may go on."""


def _goes_on(rise: Rise, as_of: int | None) -> bool:
    """Whether it is over in moments, as a blip is, does not show yet."""
    return rise.until is not None and as_of is not None and as_of - rise.until <= _STILL_US


def _tell_quiet(snapshot: Snapshot, dial: Dial) -> str:
    rise, as_of = snapshot.rise, dial.clock(snapshot.as_of)
    count = sum(file.errors + file.warnings for file in snapshot.files)
    if rise is None and not count:
        return f"no warning and no error (as of {as_of})"
    late = late_groups(snapshot)
    count -= min(count, sum(group.count for group in (*late, *risen_groups(snapshot))))
    told = f"no kind of error rose above its usual rate (as of {as_of})"
    if late:
        worst = max(late, key=lambda group: (group.severity, not group.request, group.count))
        what = "errors" if worst.severity >= Severity.ERROR else "warnings"
        told = f"no incident (as of {as_of}), yet new {what} came: {shorten(tell(worst.service, worst.headline))} "
        told += f"({worst.count:,})" + _and_more(len(late) - 1)
    if rise is not None and _goes_on(rise, snapshot.as_of):
        told = f"too short to tell (as of {as_of}): {shorten(rise.text)} "
        told += f"({rise.count:,} since {dial.clock(rise.since)})"
    elif rise is not None and rise.until is not None:
        told = f"no incident (as of {as_of}), only a blip: {shorten(rise.text)} "
        told += f"({rise.count:,}, {dial.clock(rise.since)} to {dial.clock(rise.until)})"
    elif rise is not None:
        what = "errors came" if rise.are_errors else "warnings rose"
        told = f"users are served as before (as of {as_of}); {what}: {shorten(rise.text)} "
        told += f"({rise.count:,} since {dial.clock(rise.since)})"
    if not count:
        return told
    everyday = "1 everyday warning or error" if count == 1 else f"{count:,} everyday warnings and errors"
    return f"{told}; {everyday}"


def _and_more(kinds: int) -> str:
    return "" if not kinds else ", and 1 more kind" if kinds == 1 else f", and {kinds} more kinds"


def _broke(candidates: tuple[Candidate, ...], dial: Dial) -> Sentence:
    top = candidates[0] if candidates else None
    if top is None:
        return Sentence("BROKE", "not known", None, "plain")
    ref = LineRef(top.file, top.line) if top.file is not None and top.line is not None else None
    when = f"  {dial.clock(top.first_seen, millis=True)}" if top.first_seen is not None else ""
    if top.confidence is Confidence.LOW:
        rest = " or ".join(one.service for one in candidates[1:3])
        text = f"no clear cause; first guess {_tell_who(top)}{when}" + (rest and f"; or {rest}")
    else:
        text = f"{_tell_who(top)}{when}"
    return Sentence("BROKE", text, ref, "cause", top.confidence)


def _broke_for_moments(snapshot: Snapshot, dial: Dial) -> Sentence | None:
    """What a blip came of, where lines tell it by name or in their words; None where they do not."""
    top = snapshot.candidates[0] if snapshot.candidates else None
    if snapshot.rise is None or snapshot.rise.until is None or top is None:
        return None
    if not top.in_logs or top.points < _TOLD or top.file is None or top.line is None or top.first_seen is None:
        return None
    text = f"for moments: {_tell_who(top)}  {dial.clock(top.first_seen, millis=True)}"
    return Sentence("BROKE", text, LineRef(top.file, top.line), "plain")


def _broke_late(snapshot: Snapshot, dial: Dial) -> Sentence | None:
    """What a rule knows in one of a few lines that are no incident, as these logs show it; None where it knows none."""
    top = snapshot.candidates[0] if snapshot.candidates else None
    if top is None or top.rule is None or top.file is None or top.line is None:
        return None
    first = next((group.first_seen for group in late_groups(snapshot) if group.id == top.group), None)
    if first is None:
        return None
    return Sentence(
        "BROKE", f"perhaps {_tell_who(top)}  {dial.clock(first, millis=True)}", LineRef(top.file, top.line), "plain"
    )


_TOLD: Final = 2.0
"""Points of a candidate of which more is known than when it was."""


def _tell_who(top: Candidate) -> str:
    """Who says what; words that begin with the name, also those of who is only named, name it once."""
    words = shorten(top.headline)
    return tell(top.name, own_words(top.service, words)) if top.in_logs else words


def _set_off(trigger: Trigger | None, dial: Dial) -> Sentence:
    if trigger is None:
        return Sentence("SET OFF", "not in these logs", None, "plain")
    what = tell(trigger.service, shorten(trigger.text))
    text = f"{what}  {dial.clock(trigger.time, millis=True)}, {trigger.when}, {trigger.link.how}"
    return Sentence("SET OFF", text, LineRef(trigger.file, trigger.line), "warning")


def _itself(top: Candidate) -> Sentence:
    """What broke is told by an event: it is itself what can be undone, and nothing before it is known."""
    ref = LineRef(top.file, top.line) if top.file is not None and top.line is not None else None
    return Sentence("SET OFF", "by the same line: it tells of an event, and nothing before it is known", ref, "warning")


def _made_room(said: FollowUp) -> Sentence:
    """No line tells what set it off; what somebody said all along is the nearest to it that the lines show."""
    return Sentence("SET OFF", f"not in these logs; {shorten(said.reason)}", said.lines[0], "plain")


def _users(snapshot: Snapshot, incident: Incident, dial: Dial) -> Sentence:
    rate, volume = incident.success_rate, incident.volume
    if rate.before is None and rate.during is None:
        shares = incident.success_note
    else:
        parts = [_share(rate.before, volume.before), _during(incident)]
        served = snapshot.recovery.served
        waves = _by_wave(snapshot.recovery, dial)
        if waves and rate.during is not None:
            parts[1:] = [f"{waves} (attempts)" if incident.attempts is not None else waves]
        if snapshot.recovery.over or (rate.after is not None and snapshot.recovery.over is None):
            parts.append(_share(rate.after, volume.after))
        elif incident.share_until_fix is not None and served is not None and served.requests:
            lately = _share(served.ok / served.requests, volume.during)
            parts[1:] = [percent(incident.share_until_fix), f"{lately} since {dial.clock(served.since)}"]
        shares = " -> ".join(parts)
        if _is_untouched(incident) and incident.edge_fails:
            shares += f", as far as is logged: what {incident.edge_fails} refuses may not be"
        elif _is_untouched(incident):
            shares = f"served as before: {parts[0]}"
        if rate.during is None or incident.is_by_ids:
            # How many there were before and during stands before it, where both are known.
            has_volumes = volume.before is not None and volume.during is not None and len(parts) == 2
            note = incident.success_note
            shares += f" ({note.partition(': ')[0] if note.startswith(_LOST) and has_volumes else note})"
    if incident.detected_at is None:
        alert = "no alert in these logs"
    else:
        gap = f", {span(incident.detection_gap_us)} after the first error" if incident.detection_gap_us else ""
        alert = f"alert {dial.clock(incident.detected_at)}{gap}"
    return Sentence("USERS", f"{shares}; {alert}", None, "plain")


def _is_untouched(incident: Incident) -> bool:
    """The requests that are logged are served as before, in number and in share."""
    rate, volume = incident.success_rate, incident.volume
    if rate.before is None or rate.during is None or not volume.before or volume.during is None:
        return False
    after = rate.before if rate.after is None else rate.after
    same_share = percent(rate.before) == percent(rate.during) == percent(after)
    return same_share and abs(volume.during / volume.before - 1) < _SAME_VOLUME


def _by_wave(recovery: Recovery, dial: Dial) -> str:
    """What users got in each of several waves: the share over all of them is that of none; empty for a single one."""
    told = [wave for wave in recovery.waves if wave.kind in ("incident", "second_wave")]
    if len(told) < 2 or not any(wave.kind == "second_wave" for wave in told):
        return ""
    parts = []
    for wave in told:
        share = wave.failed_share
        if share is None:
            return ""
        is_last = wave is recovery.waves[-1] and recovery.over is False
        until = f"since {dial.clock(wave.start)}" if is_last else f"{dial.clock(wave.start)}-{dial.clock(wave.end)}"
        parts.append(f"{percent(1 - share)} {until}")
    return ", ".join(parts)


def _during(incident: Incident) -> str:
    """The share; where clients asked again, of what users asked for, and of the attempts."""
    share, tried = _share(incident.success_rate.during, incident.volume.during), incident.attempts
    if tried is None or incident.success_rate.during is None:
        return share
    users = f"{tried.served:,} of {tried.asked:,}" if not tried.is_sample else percent(tried.served / tried.asked)
    return f"{users} user requests ({share} attempts)"


def _share(rate: float | None, volume: float | None) -> str:
    pace = "" if volume is None else f" of {volume:.1f}/s" if volume >= _FEW_PER_S else f" of {60 * volume:.1f}/min"
    return f"{'?' if rate is None else percent(rate)}{pace}"


def percent(share: float) -> str:
    """A share for a sentence: whole, with one digit where it is nearly all, and never 100 % unless it is."""
    if share >= 1:
        return "100 %"
    return f"{int(share * 1000) / 10:.1f} %" if share >= _NEARLY_ALL else f"{share * 100:.0f} %"
