"""The verdict on one incident: over or not, how surely, and what is left.

The likeliest reading (reading.py) is told with what stands against it (doubts.py), what fixed it (fixes.py), what is
still broken by name (remaining.py) and its waves. Cost: a few vector operations over the seconds of the incident.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.gate import Coverage
from logscope.analysis.recovery.doubts import Doubts, find_doubts
from logscope.analysis.recovery.fixes import Fix, Hint, find_fix
from logscope.analysis.recovery.line import Line
from logscope.analysis.recovery.reading import Reading, Spells
from logscope.analysis.recovery.remaining import list_remaining
from logscope.analysis.recovery.routes import Route
from logscope.analysis.recovery.signs import SourceRecords, by_service, choose_telling, read_signs
from logscope.analysis.recovery.spells import (
    QUIET_S,
    is_recurrent,
    make_spell,
    silence_needed,
)
from logscope.analysis.recovery.wording import explain
from logscope.analysis.users.users import Users
from logscope.model.recovery import Recovery, Served, Verdict, Wave
from logscope.model.snapshot import Note
from logscope.model.times import US

_RECENT_S: Final = 60
_TOLD_OFTEN: Final = 5
"""Records of what broke, for its silence to be news."""
_AS_BEFORE: Final = 0.5
"""Of the rate before, at which what it brought down fails on (analysis.md 2d)."""


def judge_recovery(
    anomalies: Sequence[Anomaly],
    users: Users | None,
    coverage: Coverage,
    start_us: int,
    as_of: int,
    notes: Sequence[Note],
    hints: Sequence[Hint],
    records: Sequence[SourceRecords],
    read_others: Callable[[], Sequence[SourceRecords]],
    routes: Sequence[Route] = (),
    cause: str = "",
    told_end: int | None = None,
) -> Recovery:
    """The verdict on one incident.

    Args:
        anomalies: The incident's kinds, the cause's first where there is a choice.
        users: Requests of the edge log, if there is one.
        coverage: Since when the files show something.
        start_us: Start of the incident.
        as_of: Now.
        notes: Marks of people: a fix among them is the fix.
        hints: Logged events about the cause since the start: one of them may be the fix.
        records: All records of the logs that fail.
        read_others: Gives all records of the other logs.
        routes: Of the edge log.
        cause: Id of the kind that broke; empty where it is not known.
        told_end: When a line said last, and for the first time, that all is well again.
    """
    failing = [one for one in anomalies if one.kind.is_failure]
    if not failing:
        return quiet_recovery(as_of, coverage)
    telling = choose_telling(failing, start_us, as_of)
    signs = read_signs(telling, users, coverage, start_us, as_of, records, read_others)
    marked = sorted(note.time // US for note in notes if note.is_fix and note.time >= start_us - US)
    broke = next((one for one in anomalies if one.kind.id == cause), None)
    spells = Spells(signs, marked, hints, failing, routes, broke, told_end)
    return _answer(spells, spells.read())


def quiet_recovery(as_of: int | None, coverage: Coverage) -> Recovery:
    """Nothing rose: no incident, or nothing that could tell."""
    verdict = Verdict.NO_INCIDENT if coverage.starts else Verdict.NO_BASELINE
    text = (
        "no kind of error rose above its usual rate"
        if coverage.starts
        else "no times in these files: nothing to compare"
    )
    return Recovery(
        verdict=verdict, confirmed=verdict is Verdict.NO_INCIDENT, over=None, as_of=as_of, fix_at=None, fix_origin=None,
        baseline_per_min=None, current_per_min=None, since=None, minutes_needed=None, remaining=(), waves=(),
        explanation=text,
    )  # fmt: skip


def _answer(spells: Spells, reading: Reading) -> Recovery:
    signs, since = spells.signs, reading.since
    compared = spells.compare(since if since is not None else signs.now)
    doubts = find_doubts(signs, compared, since) if reading.over is not None and since is not None else Doubts()
    if doubts.is_unanswered or doubts.stopped:
        reading = replace(reading, verdict=Verdict.ONGOING, over=None, is_fallen=False)
    fix = find_fix(signs.start, reading.turn, spells.marked, spells.hints, is_fallen=reading.is_fallen)
    recent_from = since if since is not None else _recent_from(spells, reading, fix)
    compared = spells.compare(recent_from)
    usual = signs.usual_per_s
    has_ended = reading.is_fallen or since is not None
    during_end = max(reading.turn if has_ended else signs.now + 1, signs.start + 1)
    during = signs.line.rate(spells.first.start, max(during_end, spells.first.start + 1))
    silent = _cause_silent_since(spells) if reading.over is False else None
    over = None if reading.over and doubts.is_unknown else reading.over
    verdict = Verdict.TOO_EARLY if reading.over and doubts.is_too_early else reading.verdict
    confirmed = bool(reading.over and doubts.is_confirmed and over)
    if reading.over is False:
        confirmed = verdict is not Verdict.ONGOING or signs.now - signs.start >= QUIET_S
    return Recovery(
        verdict=verdict,
        confirmed=confirmed,
        over=over,
        as_of=signs.now * US,
        fix_at=fix.time if fix is not None else None,
        fix_origin=fix.origin if fix is not None else None,
        baseline_per_min=round(usual * 60, 2) if signs.usual_s else None,
        current_per_min=round(compared.count / compared.seconds * 60, 2),
        since=since * US if since is not None else None,
        minutes_needed=doubts.minutes_needed if not confirmed and reading.over is not False else None,
        remaining=list_remaining(signs, spells.failing, spells.routes, recent_from, spells.cause)
        if not reading.over
        else (),
        waves=_list_waves(spells, reading),
        explanation=explain(
            verdict, signs, compared, during, doubts, is_recurrent(spells.all), is_back=len(spells.all) > 1
        ),
        cause_silent_since=silent * US if silent is not None else None,
        during_per_min=round(during * 60, 2),
        target_per_min=round(compared.target_per_s * 60, 2),
        held_us=(signs.now + 1 - since) * US if since is not None else None,
        fix_ref=fix.hint.ref if fix is not None and fix.hint is not None else None,
        fix_text=fix.hint.text if fix is not None and fix.hint is not None else "",
        fix_sample=fix.hint.sample if fix is not None and fix.hint is not None else "",
        fix_service=fix.hint.kind.service if fix is not None and fix.hint is not None else "",
        served=_served(spells, recent_from),
        silence=doubts.stopped,
        to_mitigate_us=max(0, fix.second - signs.start) * US if fix is not None and reading.is_fallen else None,
        to_recover_us=(since - signs.start) * US if over and since is not None else None,
    )


def _recent_from(spells: Spells, reading: Reading, fix: Fix | None) -> int:
    """Begin of what is told as the present: since the fix while it is partly over, else the last minute."""
    if reading.verdict is Verdict.PARTIAL:
        return reading.turn if fix is None else max(reading.turn, fix.second)
    return max(spells.last.start, spells.signs.now + 1 - _RECENT_S)


def _list_waves(spells: Spells, reading: Reading) -> tuple[Wave, ...]:
    made = []
    for spell in spells.all:
        kind = "incident" if spell is spells.first or is_recurrent(spells.all) else "herd"
        kind = "second_wave" if spell in spells.waves and reading.verdict is not Verdict.TOO_EARLY else kind
        is_cut = spells.surge is not None and spell is spells.last
        end = spells.surge.start - 1 if spells.surge is not None and is_cut else spell.end
        made.append(_wave(spells, spell.start, end, kind))
    if spells.surge is not None:
        made.append(_wave(spells, spells.surge.start, spells.surge.end, "herd"))
    return tuple(made)


def _wave(spells: Spells, start: int, end: int, kind: str) -> Wave:
    service, line = _loudest(spells, start, end)
    requests = spells.signs.requests
    asked, failed = (None, None) if requests is None else requests.between(start, end + 1)
    return Wave(
        start * US, (end + 1) * US, line.count(start, end + 1), line.peak(start, end + 1) / 5, kind,
        service=service, asked=asked, failed=failed,
    )  # fmt: skip


def _loudest(spells: Spells, start: int, end: int) -> tuple[str, Line]:
    """Who wrote most of the errors of a span, and when: what services say, where they say something."""
    own = [one for one in spells.failing if not one.kind.is_request] or spells.failing
    lines = {service: spells.signs.line_of(kinds) for service, kinds in by_service(own).items()}
    service = max(sorted(lines), key=lambda name: lines[name].count(start, end + 1), default="")
    if not service or not lines[service].count(start, end + 1):
        return "", spells.signs.line
    return service, lines[service]


def _tells_the_same(spells: Spells, one: Anomaly) -> bool:
    """Another kind that shows what broke, at another host say, and goes on."""
    assert spells.broke is not None, "asked only where it is known"
    kind, broke = one.kind, spells.broke.kind
    is_same = kind.headline == broke.headline or kind.template == broke.template
    # A pool that stays empty tells of another fault than the time-out by which it was emptied.
    is_same = is_same or (kind.is_cause_like and (broke.is_cause_like or kind.node == broke.node))
    recent = (spells.signs.now + 1 - _RECENT_S) * US
    return kind.id != broke.id and is_same and kind.between(recent, spells.signs.now * US) > 0


def _cause_silent_since(spells: Spells) -> int | None:
    """The second behind the last record of what broke, where others fail on as before: retries, full queues.

    A cause that is told once is always silent, and so is a log that stopped: neither says that it is gone.
    """
    if spells.broke is None:
        return None
    kind, signs = spells.broke.kind, spells.signs
    writing = next((one for one in signs.writing if one.service == kind.service), None)
    own = Line(signs.start, signs.now, kind.seconds, kind.counts)
    active = own.active(signs.start, signs.now + 1)
    if writing is None or own.count(signs.start, signs.now + 1) < _TOLD_OFTEN:
        return None
    if any(_tells_the_same(spells, one) for one in spells.failing):
        return None
    last = int(active[-1])
    spell = make_spell(own, int(active[0]), last)
    quiet, rest = signs.now - last, signs.line.count(signs.start, last + 1) - own.count(signs.start, last + 1)
    if quiet < max(float(QUIET_S), silence_needed(own, [spell])) or not writing.line.count(last + 1, signs.now + 1):
        return None
    during = rest / (last + 1 - signs.start)
    lately = signs.line.rate(signs.now + 1 - _RECENT_S, signs.now + 1)
    return last + 1 if during > 0 and lately >= _AS_BEFORE * during else None


def _served(spells: Spells, since: int) -> Served | None:
    requests = spells.signs.requests
    if requests is None:
        return None
    asked, failed = requests.between(since, spells.signs.now + 1)
    failing = requests.failed.active(requests.failed.start, spells.signs.now + 1)
    ok_since = int(failing[-1]) + 1 if len(failing) else spells.signs.start
    ok_requests, _ = requests.between(ok_since, spells.signs.now + 1)
    return Served(asked - failed, asked, since * US, ok_since * US, ok_requests)
