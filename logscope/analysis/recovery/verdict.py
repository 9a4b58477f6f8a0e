"""The verdict on one incident: over or not, how surely, and what is left.

The records of its kinds are parted into spells (spells.py). How the last one ended, what is left since (rates.py) and
what users get (the edge's requests) make the verdict: the likeliest reading, with whether it is confirmed. Cost: a few
vector operations over the seconds of the incident.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from logscope.analysis.anomalies import Anomaly
from logscope.analysis.gate import Coverage
from logscope.analysis.recovery.doubts import Doubts, find_doubts
from logscope.analysis.recovery.fixes import Fix, Hint, find_fix
from logscope.analysis.recovery.line import Line
from logscope.analysis.recovery.parts import by_service, find_ended_part
from logscope.analysis.recovery.rates import Comparison, Residual
from logscope.analysis.recovery.remaining import list_remaining
from logscope.analysis.recovery.routes import Route
from logscope.analysis.recovery.segments import dispersion, find_step_down
from logscope.analysis.recovery.signs import Signs, SourceRecords, choose_telling, read_signs
from logscope.analysis.recovery.spells import (
    HERD_LASTS_S,
    HERD_WITHIN_S,
    QUIET_S,
    Spell,
    find_spells,
    find_surge,
    holds_most,
    is_recurrent,
    make_spell,
    quiet_needed,
    silence_needed,
)
from logscope.analysis.recovery.wording import explain
from logscope.analysis.statistics import rates_differ
from logscope.analysis.users import Users
from logscope.model.recovery import Recovery, Remaining, Served, Verdict, Wave
from logscope.model.snapshot import Note
from logscope.model.times import US

_MARK: Final = 9
"""A person's mark is stronger than any line."""
_CLEARLY_LOWER: Final = 0.5
"""After a partial fix at most this share of the rate is left."""
_STEP: Final = 10.0
"""Log-likelihood ratio from which a step is real."""
_SURELY: Final = 4.6
"""Expected records of a silence that is no chance: exp(-4.6) is one in a hundred."""
_LONGER: Final = 1.5
"""Users who are served again are served for longer than ever between two failures."""
_SOON_S: Final = 5
"""Of so few seconds nothing is said."""
_LASTING_S: Final = 30
"""What goes wrong so long after an event that may be the fix is no tail."""
_BROKEN_SHARE: Final = 0.05
"""Without a normal period: users for whom one request in twenty fails are in an incident."""
_RECENT_S: Final = 60
_TOLD_OFTEN: Final = 10
"""Records of what broke, for its silence to be news."""
_AS_BEFORE: Final = 0.5
"""Of the rate before, at which what it brought down fails on (analysis.md 2d)."""
_LEADS_S: Final = 15
"""A cause is told at most so long before what it brings down."""
_RARE_SHARE: Final = 0.05
"""Of a spell's records: lines that tell of an event."""


def judge_recovery(
    anomalies: Sequence[Anomaly],
    users: Users | None,
    coverage: Coverage,
    start_us: int,
    as_of: int,
    notes: Sequence[Note],
    hints: Sequence[Hint],
    records: Sequence[SourceRecords],
    routes: Sequence[Route] = (),
    cause: str = "",
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
        routes: Of the edge log.
        cause: Id of the kind that broke; empty where it is not known.
    """
    failing = [one for one in anomalies if one.kind.is_failure]
    if not failing:
        return quiet_recovery(as_of, coverage)
    telling = choose_telling(failing, start_us, as_of)
    signs = read_signs(telling, users, coverage, start_us, as_of, records)
    marked = sorted(note.time // US for note in notes if note.is_fix and note.time >= start_us - US)
    broke = next((one for one in anomalies if one.kind.id == cause), None)
    return _Judge(signs, marked, hints, failing, routes, broke).judge()


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


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the spells say."""

    verdict: Verdict
    over: bool | None
    since: int | None
    """First second after it; None while it goes on."""
    turn: int
    """Where errors began to fall, or users to be served."""
    is_fallen: bool


class _Judge:
    """One judgement; its parts share the same signs."""

    def __init__(
        self,
        signs: Signs,
        marked: Sequence[int],
        hints: Sequence[Hint],
        failing: Sequence[Anomaly],
        routes: Sequence[Route],
        broke: Anomaly | None,
    ) -> None:
        self.signs = signs
        self.marked = marked
        self.hints = hints
        self.failing = failing
        self.routes = routes
        self.broke = broke
        """The kind that tells what broke, of whatever level."""
        self.cause = broke.kind.id if broke is not None else ""
        self.spells = find_spells(signs.line, signs.usual_per_s, signs.phi) or [self._few_records()]
        self.first, self.last = self.spells[0], self.spells[-1]
        self.quiet = signs.now - self.last.end
        self.surge = self._find_herd()
        self.waves = () if is_recurrent(self.spells) else tuple(s for s in self.spells[1:] if not self._is_echo(s))

    def judge(self) -> Recovery:
        """Decide by the spells: how many, how the last one ended, and what is left of it."""
        return self._make(self._read())

    def _read(self) -> _Reading:
        since = self.last.end + 1
        turn = self.surge.start if self.surge is not None else self.last.fall + 1
        needed = quiet_needed(self.signs.line, self.spells)
        if self.quiet < min(needed, QUIET_S) or (self.quiet < needed and not self._has_fallen()):
            return self._going_on(since, turn)
        if self._has_residual(since):
            return _Reading(Verdict.PARTIAL, False, None, turn, is_fallen=True)
        if self.waves:
            return _Reading(Verdict.SECOND_WAVE, True, since, self.first.fall + 1, is_fallen=True)
        if self.surge is not None or (len(self.spells) > 1 and not is_recurrent(self.spells)):
            return _Reading(Verdict.HERD, True, since, turn, is_fallen=True)
        return _Reading(Verdict.RECOVERED, True, since, turn, is_fallen=True)

    def _going_on(self, since: int, turn: int) -> _Reading:
        """Errors are being written, or were a moment ago."""
        has_fallen = self._has_fallen()
        if not self.signs.usual_s and not self.marked and not self._is_broken_by_itself():
            return _Reading(Verdict.NO_BASELINE, None, None, turn, is_fallen=False)
        if len(self.spells) > 1 and not is_recurrent(self.spells):
            if not self.waves or (has_fallen and self.last not in self.waves):
                # A minute tells whether it is clients that come back at once, or the same again.
                return _Reading(Verdict.TOO_EARLY, None, since if has_fallen else None, self.first.fall + 1, True)
            over, ended = (None, since) if has_fallen else (False, None)
            return _Reading(Verdict.SECOND_WAVE, over, ended, self.first.fall + 1, is_fallen=True)
        step = self._find_lasting_step()
        if step is not None:
            return _Reading(Verdict.PARTIAL, False, None, step, is_fallen=True)
        if has_fallen:
            return _Reading(Verdict.TOO_EARLY, None, since, turn, is_fallen=True)
        if self.marked and self.signs.now - self.marked[-1] < QUIET_S:
            return _Reading(Verdict.TOO_EARLY, None, None, turn, is_fallen=False)
        ended_part = find_ended_part(self.signs, self.failing, self.routes)
        if ended_part is not None:
            return _Reading(Verdict.PARTIAL, False, None, ended_part, is_fallen=True)
        return _Reading(Verdict.ONGOING, False, None, turn, is_fallen=False)

    def _few_records(self) -> Spell:
        """Too few records for a spell: each of them is the incident."""
        newest = max(one.last for one in self.failing) // US
        line = self.signs.line
        active = line.active(line.start, line.end + 1)
        first = int(active[0]) if len(active) else self.signs.start
        return make_spell(line, first, max(first, min(newest, self.signs.now)))

    def _has_fallen(self) -> bool:
        """Nothing for longer than chance allows: by requests where users ask, else at the rate before."""
        if is_recurrent(self.spells):
            return self.quiet > quiet_needed(self.signs.line, self.spells)
        if self.quiet < _SOON_S:
            return False
        requests = self.signs.requests
        if requests is not None:
            low = max(self.last.start, self.last.end - HERD_WITHIN_S)
            asked, failed = requests.between(low, self.last.end + 1)
            since, since_failed = requests.between(self.last.end + 1, self.signs.now + 1)
            share = failed / asked if asked else 0.0
            pause = requests.failed.longest_pause(low, self.last.end + 1)
            if not since_failed and since * share > _SURELY and self.quiet > _LONGER * pause:
                return True
        return self.quiet > silence_needed(self.signs.line, self.spells)

    def _is_broken_by_itself(self) -> bool:
        requests = self.signs.requests
        if requests is not None:
            asked, failed = requests.between(self.signs.start, self.signs.now + 1)
            return failed > _BROKEN_SHARE * asked
        written = sum(one.line.count(self.signs.start, self.signs.now + 1) for one in self.signs.writing)
        return self.signs.line.count(self.signs.start, self.signs.now + 1) > _BROKEN_SHARE * written

    # Echoes and waves

    def _is_soon(self, spell: Spell) -> bool:
        """It begins within five minutes of the fix; without a known one, of the end of the spell before."""
        fixes = [at for at in self.marked if at <= spell.start] or [self.first.end]
        return spell.start - fixes[-1] <= HERD_WITHIN_S

    def _is_echo(self, spell: Spell) -> bool:
        """A short burst soon after the end of the one before: clients that come back at once."""
        if self._is_caused_again(spell):
            return False
        is_short = holds_most(self.signs.line, spell) <= HERD_LASTS_S
        return self._is_soon(spell) and is_short and (spell.peak > self.first.peak or spell.count < self.first.count)

    def _is_caused_again(self, spell: Spell) -> bool:
        """What broke is told again, by a line or two, right before the burst and not since the spell before.

        What comes in numbers is no event but a symptom, and clients that come back bring it with them.
        """
        if self.broke is None:
            return False
        kind = self.broke.kind
        begin, end = (spell.start - _LEADS_S) * US, spell.start * US
        earlier = max((other.end for other in self.spells if other.end < spell.start), default=spell.start) + 1
        is_rare = kind.between(begin, spell.end * US) <= _RARE_SHARE * spell.count
        return is_rare and kind.between(begin, end) > 0 and not kind.between(earlier * US, begin - US)

    def _find_herd(self) -> Spell | None:
        surge = find_surge(self.signs.line, self.last, max(1.0, self.signs.phi))
        return surge if surge is not None and self._served_again(surge.start) else None

    def _served_again(self, cut: int) -> bool:
        """The fix stands before the surge: it is marked, logged near it, or users begin to be served with it."""
        last = self.last
        events = [*self.marked, *(hint.time // US for hint in self.hints if hint.strength > 1)]
        if any(cut - 90 <= at <= cut + 15 for at in events):
            return True
        if last.end - cut <= HERD_LASTS_S and cut - last.start >= 3 * (last.end - cut):
            # Steady for long, a sharp rise for less than a minute, then nothing: clients that come back at once.
            return True
        if self.signs.requests is None:
            return False
        ok = self.signs.requests.ok
        before = ok.rate(last.start, max(last.start + 1, cut - 5))
        return ok.rate(cut, last.end + 1) > 1.5 * before + 0.2

    # What is left

    def _compare(self, since: int) -> Comparison:
        signs = self.signs
        return Comparison(
            usual_count=signs.usual_count,
            usual_s=signs.usual_s,
            incident_per_s=self.first.rate,
            count=signs.line.count(since, signs.now + 1),
            seconds=max(1.0, float(signs.now + 1 - since)),
            phi=signs.phi,
        )

    def _has_residual(self, since: int) -> bool:
        """Surely more than before goes wrong, and not only at once after the end."""
        signs = self.signs
        span = signs.now + 1 - since
        if self._users_still_fail(since):
            return True
        if span < QUIET_S or self._compare(since).judge() not in (Residual.PARTLY, Residual.NOT_BACK):
            return False
        # What trickles in right behind the end is its tail, and what begins just now is no residue; nor are both.
        half, end = since + span // 2, signs.now + 1
        total = signs.line.count(since, end)
        if 2 * signs.line.longest_pause(since, end) > span:
            return False
        return 4 * signs.line.count(half, end) >= total and 10 * signs.line.count(since, half) >= total

    def _users_still_fail(self, since: int) -> bool:
        """The services are quiet, but the edge is not: surely more requests fail than before."""
        requests = self.signs.requests
        if requests is None:
            return False
        half = (since + self.signs.now + 1) // 2
        for low, high in ((since, half), (half, self.signs.now + 1)):
            asked, failed = requests.between(low, high)
            usual = requests.usual_failed_share
            if failed <= max(2 * usual, usual + 0.01) * asked or failed < 2:
                return False
            if rates_differ(failed, asked, requests.usual_failed, max(1, requests.usual_count)) >= 0.01:
                return False
        return True

    def _find_lasting_step(self) -> int | None:
        """The second from which clearly less, but still too much, goes wrong; at least a minute ago.

        Quiet at the end says nothing here: the rate behind the step is that of what still went wrong.
        """
        signs, last = self.signs, self.last
        line = signs.line
        until = last.end + 1
        events = [(_MARK, at) for at in self.marked] + [(hint.strength, hint.time // US) for hint in self.hints]
        best: tuple[int, float, int] | None = None
        for strength, at in events:
            if not last.start + 10 <= at <= min(signs.now - QUIET_S, until - _LASTING_S):
                continue
            before, after = line.rate(last.start, at), line.rate(at, until)
            if before > 0 and after <= _CLEARLY_LOWER * before:
                # A change is a fix rather than one of many restarts, whatever followed on which.
                best = max(best or (strength, -after, at), (strength, -after, at))
        if best is not None and self._is_higher_since(best[2]):
            return best[2]
        step = find_step_down(line, last.start, until, QUIET_S)
        if step is None:
            return None
        at, before, after, ratio = step
        clumps = max(signs.phi, dispersion(line, last.start, until))
        is_real = ratio > _STEP * clumps and after <= _CLEARLY_LOWER * before
        return at if is_real and self._is_higher_since(at) else None

    def _is_higher_since(self, since: int) -> bool:
        compared = self._compare(since)
        return compared.is_higher and compared.judge() is not Residual.BACK

    # The answer

    def _make(self, reading: _Reading) -> Recovery:
        signs, since = self.signs, reading.since
        compared = self._compare(since if since is not None else signs.now)
        doubts = find_doubts(signs, compared, since) if reading.over is not None and since is not None else Doubts()
        if doubts.is_unanswered:
            reading = replace(reading, verdict=Verdict.ONGOING, over=None, is_fallen=False)
        fix = find_fix(reading.turn, self.marked, self.hints, is_fallen=reading.is_fallen)
        recent_from = since if since is not None else self._recent_from(reading, fix)
        compared = self._compare(recent_from)
        usual = signs.usual_per_s
        has_ended = reading.is_fallen or since is not None
        during_end = max(reading.turn if has_ended else signs.now + 1, signs.start + 1)
        during = signs.line.rate(self.first.start, max(during_end, self.first.start + 1))
        silent = self._cause_silent_since() if reading.over is False else None
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
            remaining=list_remaining(signs, self.failing, self.routes, recent_from, self.cause)
            if not reading.over
            else (),
            waves=self._list_waves(reading),
            explanation=explain(verdict, signs, compared, during, doubts, is_recurrent(self.spells)),
            cause_silent_since=silent * US if silent is not None else None,
            during_per_min=round(during * 60, 2),
            target_per_min=round(compared.target_per_s * 60, 2),
            held_us=(signs.now + 1 - since) * US if since is not None else None,
            fix_ref=fix.hint.ref if fix is not None and fix.hint is not None else None,
            fix_text=fix.hint.text if fix is not None and fix.hint is not None else "",
            fix_sample=fix.hint.sample if fix is not None and fix.hint is not None else "",
            fix_service=fix.hint.kind.service if fix is not None and fix.hint is not None else "",
            served=self._served(recent_from),
            to_mitigate_us=max(0, fix.second - signs.start) * US if fix is not None and reading.is_fallen else None,
            to_recover_us=(since - signs.start) * US if over and since is not None else None,
        )

    def _recent_from(self, reading: _Reading, fix: Fix | None) -> int:
        """Begin of what is told as the present: since the fix while it is partly over, else the last minute."""
        if reading.verdict is Verdict.PARTIAL:
            return reading.turn if fix is None else max(reading.turn, fix.second)
        return max(self.last.start, self.signs.now + 1 - _RECENT_S)

    def _list_waves(self, reading: _Reading) -> tuple[Wave, ...]:
        made = []
        for spell in self.spells:
            kind = "incident" if spell is self.first or is_recurrent(self.spells) else "herd"
            kind = "second_wave" if spell in self.waves and reading.verdict is not Verdict.TOO_EARLY else kind
            is_cut = self.surge is not None and spell is self.last
            end = self.surge.start - 1 if self.surge is not None and is_cut else spell.end
            made.append(self._wave(spell.start, end, kind))
        if self.surge is not None:
            made.append(self._wave(self.surge.start, self.surge.end, "herd"))
        return tuple(made)

    def _wave(self, start: int, end: int, kind: str) -> Wave:
        service, line = self._loudest(start, end)
        requests = self.signs.requests
        asked, failed = (None, None) if requests is None else requests.between(start, end + 1)
        return Wave(
            start * US, (end + 1) * US, line.count(start, end + 1), line.peak(start, end + 1) / 5, kind,
            service=service, asked=asked, failed=failed,
        )  # fmt: skip

    def _loudest(self, start: int, end: int) -> tuple[str, Line]:
        """Who wrote most of the errors of a span, and when: what services say, where they say something."""
        own = [one for one in self.failing if not one.kind.is_request] or self.failing
        line = self.signs.line
        lines = {
            service: Line.of([one.kind for one in kinds], line.start, self.signs.now)
            for service, kinds in by_service(own).items()
        }
        service = max(sorted(lines), key=lambda name: lines[name].count(start, end + 1), default="")
        if not service or not lines[service].count(start, end + 1):
            return "", line
        return service, lines[service]

    def _tells_the_same(self, one: Anomaly) -> bool:
        """Another kind that shows what broke, at another host say, and goes on."""
        assert self.broke is not None, "asked only where it is known"
        kind, broke = one.kind, self.broke.kind
        is_same = kind.headline == broke.headline or kind.template == broke.template or kind.is_cause_like
        recent = (self.signs.now + 1 - _RECENT_S) * US
        return kind.id != broke.id and is_same and kind.between(recent, self.signs.now * US) > 0

    def _cause_silent_since(self) -> int | None:
        """The second behind the last record of what broke, where others fail on as before: retries, full queues.

        A cause that is told once is always silent, and so is a log that stopped: neither says that it is gone.
        """
        if self.broke is None:
            return None
        kind, signs = self.broke.kind, self.signs
        writing = next((one for one in signs.writing if one.service == kind.service), None)
        own = Line(signs.start, signs.now, kind.seconds, kind.counts)
        active = own.active(signs.start, signs.now + 1)
        if writing is None or own.count(signs.start, signs.now + 1) < _TOLD_OFTEN:
            return None
        if any(self._tells_the_same(one) for one in self.failing):
            return None
        last = int(active[-1])
        spell = make_spell(own, int(active[0]), last)
        quiet, rest = signs.now - last, signs.line.count(signs.start, last + 1) - own.count(signs.start, last + 1)
        if quiet < max(float(QUIET_S), silence_needed(own, [spell])) or not writing.line.count(last + 1, signs.now + 1):
            return None
        during = rest / (last + 1 - signs.start)
        lately = signs.line.rate(signs.now + 1 - _RECENT_S, signs.now + 1)
        return last + 1 if during > 0 and lately >= _AS_BEFORE * during else None

    def _served(self, since: int) -> Served | None:
        requests = self.signs.requests
        if requests is None:
            return None
        asked, failed = requests.between(since, self.signs.now + 1)
        failing = requests.failed.active(requests.failed.start, self.signs.now + 1)
        ok_since = int(failing[-1]) + 1 if len(failing) else self.signs.start
        ok_requests, _ = requests.between(ok_since, self.signs.now + 1)
        return Served(asked - failed, asked, since * US, ok_since * US, ok_requests)

    def _remaining(self, since: int) -> tuple[Remaining, ...]:
        return list_remaining(self.signs, self.failing, self.routes, since, self.cause)
