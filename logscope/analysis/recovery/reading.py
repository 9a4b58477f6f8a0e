"""How an incident's last spell ended, and what is left since: the likeliest reading of its errors and requests.

The records of its kinds are parted into spells (spells.py): how many, how the last one ended, whether clients came back
at once or the same came again, what still goes wrong (rates.py), and what users get (the edge's requests).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.statistics import rates_differ
from logscope.analysis.recovery.fixes import Hint
from logscope.analysis.recovery.mended import is_mended, is_served_since
from logscope.analysis.recovery.parts import find_ended_part
from logscope.analysis.recovery.rates import Comparison, Residual
from logscope.analysis.recovery.routes import Route, fails_to_the_last
from logscope.analysis.recovery.segments import dispersion, find_step_down
from logscope.analysis.recovery.signs import Signs
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
from logscope.knowledge.rule import RuleClass
from logscope.model.recovery import Verdict
from logscope.model.severity import Severity
from logscope.model.times import US

_SPARED: Final = 0.5
"""Of the share of failed requests of the incident so far: a herd is one that users notice."""
_TOLD_AT_LAST_S: Final = 10
"""A server that comes back tells within this of whom it had lost."""
_MARK: Final = 9
"""A person's mark is stronger than any line."""
_CLEARLY_LOWER: Final = 0.5
"""After a partial fix at most this share of the rate is left."""
_STEP: Final = 10.0
"""Log-likelihood ratio from which a step is real."""
_DRAINS: Final = 4.0
"""The same for a rest that falls to what was usual: that it is no more than that is known besides."""
_LONGEST_TAIL_S: Final = 300
"""What trickles in for longer is a rest."""
_SURELY: Final = 4.6
"""Expected records of a silence that is no chance: exp(-4.6) is one in a hundred."""
_AGAIN_AND_AGAIN: Final = 4
"""Seconds in which it is told."""
_STORM: Final = 30
"""Records of a spell that comes in storms; fewer may leave any minute out."""
_LONGER: Final = 1.5
"""Users who are served again are served for longer than ever between two failures."""
_PAUSES: Final = 2.0
"""What comes and goes has ended once it stays away twice as long as ever."""
_SOON_S: Final = 5
"""Of so few seconds nothing is said."""
_MOMENT_S: Final = 15
_TWICE: Final = 2
_BRIEF_S: Final = 3
"""So long nothing failed, where a line says that it is over."""
_LASTING_S: Final = 30
"""What goes wrong so long after an event that may be the fix is no tail."""
_BROKEN_SHARE: Final = 0.05
"""Without a normal period: users for whom one request in twenty fails are in an incident."""
_LEADS_S: Final = 15
"""A cause is told at most so long before what it brings down."""
_RARE_SHARE: Final = 0.05
"""Of a spell's records: lines that tell of an event."""
_AS_USUAL: Final = 1.2
"""Times the usual rate of requests: so many come as always."""
_MOSTLY: Final = 0.5
_NO_MORE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Reading:
    """What the spells say."""

    verdict: Verdict
    over: bool | None
    since: int | None
    """First second after it; None while it goes on."""
    turn: int
    """Where errors began to fall, or users to be served."""
    is_fallen: bool


class Spells:
    """The spells of one incident, and what they say; the parts share the same signs."""

    def __init__(
        self,
        signs: Signs,
        marked: Sequence[int],
        hints: Sequence[Hint],
        failing: Sequence[Anomaly],
        routes: Sequence[Route],
        broke: Anomaly | None,
        told_end: int | None,
    ) -> None:
        self.signs = signs
        self.marked = marked
        self.hints = hints
        self.failing = failing
        self.routes = routes
        self.broke = broke
        """The kind that tells what broke, of whatever level."""
        self.cause = broke.kind.id if broke is not None else ""
        self.all = find_spells(signs.line, signs.usual_per_s, signs.phi, signs.step_s) or [self._few_records()]
        self.first, self.last = self.all[0], self.all[-1]
        self.quiet = signs.now - self.last.end
        self.told_end = told_end
        self.surge = self._find_herd()
        self.waves = () if is_recurrent(self.all) else tuple(s for s in self.all[1:] if not self._is_echo(s))

    def read(self) -> Reading:
        """How many spells, how the last one ended, and what is left of it."""
        since = self.last.end + 1
        turn = self.surge.start if self.surge is not None else self.last.fall + 1
        needed = quiet_needed(self.signs.line, self.all)
        is_quiet = self.quiet >= min(needed, QUIET_S) and (self.quiet >= needed or self._has_fallen())
        if not is_quiet and not self._is_served_since_a_deed():
            return self._going_on(since, turn)
        if self._has_residual(since) or self._still_breaks(since) or self._fails_to_the_last(since):
            return Reading(Verdict.PARTIAL, False, None, turn, is_fallen=True)
        if self.waves:
            return Reading(Verdict.SECOND_WAVE, True, since, self.first.fall + 1, is_fallen=True)
        if self.surge is not None or (len(self.all) > 1 and not is_recurrent(self.all)):
            return Reading(Verdict.HERD, True, since, turn, is_fallen=True)
        return Reading(Verdict.RECOVERED, True, since, turn, is_fallen=True)

    def _going_on(self, since: int, turn: int) -> Reading:
        """Errors are being written, or were a moment ago."""
        has_fallen = self._has_fallen()
        if not self.signs.usual_s and not self.marked and not self._is_broken_by_itself():
            return Reading(Verdict.NO_BASELINE, None, None, turn, is_fallen=False)
        if len(self.all) > 1 and not is_recurrent(self.all):
            if not self.waves or (has_fallen and self.last not in self.waves):
                # A minute tells whether it is clients that come back at once, or the same again.
                return Reading(Verdict.TOO_EARLY, None, since if has_fallen else None, self.first.fall + 1, True)
            over, ended = (None, since) if has_fallen else (False, None)
            return Reading(Verdict.SECOND_WAVE, over, ended, self.first.fall + 1, is_fallen=True)
        step = self._find_lasting_step()
        if step is not None and not (has_fallen and self._has_ended_since(step)):
            drained = self._find_drained(step, self.signs.now + 1)
            if drained is not None:
                return Reading(Verdict.RECOVERED, True, drained, step, is_fallen=True)
            return Reading(Verdict.PARTIAL, False, None, step, is_fallen=True)
        if has_fallen:
            return Reading(Verdict.TOO_EARLY, None, since, turn, is_fallen=True)
        if self.marked and self.signs.now - self.marked[-1] < QUIET_S:
            return Reading(Verdict.TOO_EARLY, None, None, turn, is_fallen=False)
        ended_part = find_ended_part(self.signs, self.failing, self.routes)
        if ended_part is not None:
            return Reading(Verdict.PARTIAL, False, None, ended_part, is_fallen=True)
        is_told = self.told_end is not None and self.told_end // US > self.last.end
        if is_told and self.quiet >= _BRIEF_S and self.quiet * self.last.rate > 1:
            # Somebody says that it is over, and what would have come by now did not.
            return Reading(Verdict.TOO_EARLY, None, since, turn, is_fallen=True)
        is_storm = self.last.count >= _STORM and self.quiet * self.last.rate > _SURELY
        if self.quiet >= QUIET_S and is_storm and not is_recurrent(self.all):
            # It paused as long before, but of what comes in storms a minute without any is not going on.
            if is_mended(self.hints, self.last):
                return Reading(Verdict.RECOVERED, True, since, turn, is_fallen=True)
            return Reading(Verdict.TOO_EARLY, None, since, turn, is_fallen=True)
        return Reading(Verdict.ONGOING, False, None, turn, is_fallen=False)

    def _is_served_since_a_deed(self) -> bool:
        """Once, and mended; where it came back before, a minute is waited for."""
        if len(self.all) > 1 or self.surge is not None or not self._has_fallen():
            return False
        return is_served_since(self.signs, self.marked, self.hints, self.last)

    def _few_records(self) -> Spell:
        """Too few records for a spell: each of them is the incident."""
        newest = max(one.last for one in self.failing) // US
        line = self.signs.line
        active = line.active(line.start, line.end + 1)
        first = int(active[0]) if len(active) else self.signs.start
        return make_spell(line, first, max(first, min(newest, self.signs.now)))

    def _has_fallen(self) -> bool:
        """Nothing for longer than chance allows: by requests where users ask, else at the rate before."""
        if is_recurrent(self.all):
            return self.quiet > quiet_needed(self.signs.line, self.all)
        if self.quiet < _SOON_S:
            return False
        requests = self.signs.requests
        if requests is not None:
            low = max(self.last.start, self.last.end - HERD_WITHIN_S)
            asked, failed = requests.between(low, self.last.end + 1)
            since, since_failed = requests.between(self.last.end + 1, self.signs.now + 1)
            share = failed / asked if asked else 0.0
            if since_failed > _SPARED * share * since:
                # Nothing is written for a moment, and users fail on.
                return False
            pause = requests.failed.longest_pause(low, self.last.end + 1)
            if not since_failed and since * share > _SURELY and self.quiet > _LONGER * pause:
                return True
        return self.quiet > silence_needed(self.signs.line, self.all)

    def _is_broken_by_itself(self) -> bool:
        requests = self.signs.requests
        if requests is not None:
            asked, failed = requests.between(self.signs.start, self.signs.now + 1)
            return failed > _BROKEN_SHARE * asked or fails_to_the_last(self.routes, self.signs.start, self.signs.now)
        written = sum(one.line.count(self.signs.start, self.signs.now + 1) for one in self.signs.writing)
        return self.signs.line.count(self.signs.start, self.signs.now + 1) > _BROKEN_SHARE * written

    # Echoes and waves

    def _is_soon(self, spell: Spell) -> bool:
        """It begins within five minutes of the fix; without a known one, of the end of the spell before."""
        fixes = [at for at in self.marked if at <= spell.start] or [self.first.end]
        return spell.start - fixes[-1] <= HERD_WITHIN_S

    def _is_echo(self, spell: Spell) -> bool:
        """A short burst soon after the end of the one before: clients that come back at once."""
        if self._is_caused_again(spell) or self._is_changed_again(spell) or self._fails_without_more_requests(spell):
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
        earlier = max((other.end for other in self.all if other.end < spell.start), default=spell.start) + 1
        is_rare = kind.between(begin, spell.end * US) <= _RARE_SHARE * spell.count
        return is_rare and kind.between(begin, end) > 0 and not kind.between(earlier * US, begin - US)

    def _is_changed_again(self, spell: Spell) -> bool:
        """Somebody changed what broke right before it, when it had been over for a minute: that was no fix.

        What a restart alone costs ends sooner.
        """
        earlier = max((other.end for other in self.all if other.end < spell.start), default=spell.start)
        calm = (earlier + QUIET_S) * US
        return self.signs.now - spell.start >= _LASTING_S and any(
            hint.is_deed and calm <= hint.time and -US <= spell.start * US - hint.time <= _LEADS_S * US
            for hint in self.hints
        )

    def _fails_without_more_requests(self, spell: Spell) -> bool:
        """Most of no more requests than usual fail: nobody comes back at once, what they ask for is broken again.

        Half a minute tells: what a restart costs ends sooner.
        """
        requests = self.signs.requests
        if requests is None or requests.usual_per_s <= 0 or self.signs.now - spell.start < _LASTING_S:
            return False
        asked, failed = requests.between(spell.start, spell.end + 1)
        return asked <= _AS_USUAL * requests.usual_per_s * spell.seconds and failed > _MOSTLY * asked

    def _find_herd(self) -> Spell | None:
        if self.signs.line.is_by_minute:
            return None
        # What fails in clumps all along (a crash, and each request that it takes along) ends with one of them.
        clumps = dispersion(self.signs.line, self.last.start, self.last.end + 1)
        surge = find_surge(self.signs.line, self.last, max(1.0, self.signs.phi, clumps))
        if self.broke is not None and surge is not None and surge.start <= self.broke.time // US + _LEADS_S:
            # What rises right behind the cause is the incident, whatever trickled before it.
            return None
        if surge is not None and not self._spares_users(surge) and self._served_again(surge.start):
            return surge
        return self._find_overrun()

    def _find_overrun(self) -> Spell | None:
        """Whoever is back meets a limit that nobody met before, and nothing else goes on: they fail of the crowd."""
        last, said = self.last, [one for one in self.failing if not one.kind.is_request]
        for at in sorted({*self.marked, *(hint.time // US for hint in self.hints if hint.strength > 1)}):
            if not last.start + _SOON_S <= at < last.end - _SOON_S or last.end - at > HERD_WITHIN_S:
                continue
            counts = [one.kind.between((at + _SOON_S) * US, (last.end + 1) * US) for one in said]
            old = [one.kind.between(last.start * US, (at - _SOON_S) * US) > 0 for one in said]
            limited = [one.kind.meaning.cls is RuleClass.EXHAUSTION for one in said]
            total = sum(counts)
            crowd = sum(n for n, known, is_limit in zip(counts, old, limited, strict=True) if is_limit and not known)
            left = sum(n for n, known in zip(counts, old, strict=True) if known)
            if crowd > _MOSTLY * total and left <= _NO_MORE * total:
                return make_spell(self.signs.line, at, last.end)
        return None

    def _spares_users(self, surge: Spell) -> bool:
        """A far smaller share of requests fails than so far: a server only tells at last whom it had lost.

        That takes it moments; held-back work that is sent again takes longer.
        """
        if self.signs.requests is None or holds_most(self.signs.line, surge) > _TOLD_AT_LAST_S:
            return False
        asked, failed = self.signs.requests.between(surge.start, surge.end + 1)
        before, failed_before = self.signs.requests.between(self.last.start, surge.start)
        return failed * before < _SPARED * failed_before * asked

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

    def compare(self, since: int) -> Comparison:
        """What goes wrong since a second against before and during."""
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
        if span < QUIET_S or self.compare(since).judge() not in (Residual.PARTLY, Residual.NOT_BACK):
            return False
        # What trickles in right behind the end is its tail, and what begins just now is no residue; nor are both.
        half, end = since + span // 2, signs.now + 1
        total = signs.line.count(since, end)
        if 2 * signs.line.longest_pause(since, end) > span or self._find_drained(since, end):
            return False
        return 4 * signs.line.count(half, end) >= total and 10 * signs.line.count(since, half) >= total

    def _still_breaks(self, since: int) -> bool:
        """What broke, and never was told before, is told again and again, to the last: one part of it is not mended.

        Replicas tell the same; of a change the loudest of what fails since is what it broke.
        """
        shown = self.broke
        if shown is None or not shown.kind.is_failure:
            said = [one for one in self.failing if not one.kind.is_request]
            shown = max(said, key=lambda one: (one.excess, one.kind.order), default=None)
        alike = [one for one in self.failing if shown and one.is_new and one.kind.template == shown.kind.template]
        begin, half = since + _LASTING_S // 2, (since + self.signs.now) // 2
        seconds = sorted({second for one in alike for second in one.kind.within(begin, self.signs.now)[0].tolist()})
        is_lasting = len(seconds) >= _AGAIN_AND_AGAIN and seconds[-1] >= self.signs.now - _LASTING_S
        return is_lasting and 2 * sum(second > half for second in seconds) >= len(seconds)

    def _fails_to_the_last(self, since: int) -> bool:
        """An error that nobody knew before came again and again since, with longer pauses, and a moment ago.

        What dies as soon as it is started waits longer each time.
        """
        begin, moment = since + _LASTING_S, self.signs.now - _MOMENT_S
        for one in self.failing:
            if one.is_new and one.kind.severity >= Severity.ERROR and not one.kind.is_request:
                seconds = one.kind.within(begin, self.signs.now)[0]
                if len(seconds) >= _TWICE and int(seconds[-1]) >= moment:
                    return True
        return False

    def _find_drained(self, since: int, end: int) -> int | None:
        """Since when no more goes wrong than before it all began, where what trickled in first has fallen once more."""
        step = find_step_down(self.signs.line, since, min(end, since + _LONGEST_TAIL_S + QUIET_S))
        if step is None or step[0] - since > _LONGEST_TAIL_S or end - step[0] < QUIET_S:
            return None
        # Each second may be the one: a longer rest must prove more.
        is_fallen = step[3] > (_DRAINS + log((end - since) / QUIET_S)) * self.signs.phi
        return step[0] if is_fallen and not self.compare(step[0]).is_higher else None

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

    def _has_ended_since(self, step: int) -> bool:
        """What was left since a step had no long pauses and surely ended: too early to say, no longer partly over."""
        line, until = self.signs.line, self.last.end + 1
        requests = self.signs.requests
        if requests is not None:
            asked, failed = requests.between(until, self.signs.now + 1)
            if failed > 2 * requests.usual_failed_share * asked + 1:
                # Nothing is written, and users fail on.
                return False
        return self.quiet * line.rate(step, until) > _SURELY and self.quiet > _PAUSES * line.longest_pause(step, until)

    def _is_higher_since(self, since: int) -> bool:
        compared = self.compare(since)
        return compared.is_higher and compared.judge() is not Residual.BACK

    # The answer
