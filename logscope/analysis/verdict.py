"""Is it over? The incident's own kinds, and users' requests where there is an access log, second by second."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np

from logscope.analysis.anomalies import Anomaly
from logscope.analysis.bursts import COOL_S, Burst, Line, find_bursts, find_step_down, longest_gap
from logscope.analysis.gate import Coverage
from logscope.analysis.statistics import overdispersion, rate_upper_bound, rates_differ
from logscope.analysis.users import FALLEN_VOLUME, Users
from logscope.ingest.batch import Int64
from logscope.model.snapshot import FixOrigin, Note, Recovery, Remaining, Verdict, Wave
from logscope.model.times import US

HERD_WITHIN_S: Final = 300
"""A surge that begins this soon after the fix and ends is its echo, not a second incident (contract)."""

_SURGE: Final = 1.5
"""A herd stands this much above the plateau before it."""
_CLEARLY_LOWER: Final = 0.6
"""After a partial fix at most this share of the rate is left."""
_STEP: Final = 10.0
"""Log-likelihood ratio from which a step is real."""
_MINOR_SHARE: Final = 0.03
"""A later burst with a smaller share of the incident's records is a straggler."""
_GAPS: Final = 2.0
"""Quiet counts once it lasts twice as long as the longest pause within the incident."""


_SAID_ENOUGH: Final = 0.1
"""Records of the services for each failed request from which on they tell the waves by themselves."""
_ENOUGH_REQUESTS: Final = 300
_FEW_FAILURES: Final = 0.02
"""With so many requests since, and at most this share failing for sure, users are served."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What the verdict is made from."""

    line: Line
    """Records of the incident's failing kinds per second."""
    ok: Line | None
    """Requests that were answered well, per second; None without an access log."""
    failed: Line | None
    records: Line
    """Records of all levels of the services that failed, per second."""
    usual_requests_per_s: float
    """Before the incident; 0 without an access log."""
    usual_records_per_s: float
    baseline_per_s: float
    baseline_s: float
    start: int
    """Second in which the incident began."""
    now: int
    """Last second in view."""
    phi: float


def judge_recovery(
    anomalies: Sequence[Anomaly],
    users: Users | None,
    coverage: Coverage,
    start_us: int,
    as_of: int,
    notes: Sequence[Note],
    events: Sequence[int],
    records: tuple[Int64, Int64],
) -> Recovery:
    """The verdict on one incident.

    Args:
        anomalies: The incident's kinds.
        users: Requests of the edge log, if there is one.
        coverage: Since when the files show something.
        start_us: Start of the incident.
        as_of: Now.
        notes: Marks of people: a fix among them is the fix.
        events: Times of changes and restarts about the cause since the start: hints where the fix may be.
        records: Seconds and counts of all records of the services that fail, in any order.
    """
    failing = [one for one in anomalies if one.kind.is_failure]
    if not failing:
        return quiet_recovery(as_of, coverage)
    # The edge's failures are the users' side, judged by requests; what the services say themselves tells the waves.
    failing = _telling(failing, start_us, as_of)
    signs = _read_signs(failing, users, coverage, start_us, as_of, records)
    marked = [note.time // US for note in notes if note.is_fix and note.time >= start_us - US]
    bursts = find_bursts(signs.line, signs.baseline_per_s)
    has_baseline = any(one.has_baseline for one in failing)
    return _Judge(signs, bursts, marked, [e // US for e in events], has_baseline, failing).judge()


def _telling(failing: Sequence[Anomaly], start: int, now: int) -> list[Anomaly]:
    """The kinds whose records tell when it ends: what services say, unless next to nothing beside the failed requests.

    A cause may be one line, and a service that is down says nothing: then only the edge knows.
    """
    own = [one for one in failing if not one.kind.is_request]
    said = sum(one.kind.between(start, now) for one in own)
    failed = sum(one.kind.between(start, now) for one in failing if one.kind.is_request)
    return own if said >= _SAID_ENOUGH * failed else list(failing)


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


def _read_signs(
    failing: Sequence[Anomaly],
    users: Users | None,
    coverage: Coverage,
    start_us: int,
    as_of: int,
    records: tuple[Int64, Int64],
) -> Signs:
    start, now = start_us // US, as_of // US
    begins = min((coverage.quiet_starts.get(a.kind.view.key, start_us) for a in failing), default=start_us) // US
    seconds = np.concatenate([one.kind.seconds for one in failing])
    counts = np.concatenate([one.kind.counts for one in failing])
    first = min(start, min(one.time for one in failing) // US)
    before = (seconds >= begins) & (seconds < first)
    baseline_s = float(max(1, first - begins))
    minutes = int(min(baseline_s // 60, 240))
    phi = 1.0
    if minutes >= 3:
        bucket = (first - seconds[before] - 1) // 60
        kept = bucket < minutes
        phi = overdispersion(
            np.bincount(bucket[kept], weights=counts[before][kept], minlength=minutes).astype(int).tolist()
        )
    span = (first, max(now, first))
    ok = failed = None
    usual_requests = 0.0
    if users is not None and len(users.seconds):
        usual_requests = users.count(begins * US, first * US)[0] / baseline_s
        ok = Line(*span, users.seconds, users.requests - users.failed)
        failed = Line(*span, users.seconds, users.failed)
    return Signs(
        line=Line(*span, seconds, counts),
        ok=ok,
        failed=failed,
        records=Line(*span, *records),
        usual_requests_per_s=usual_requests,
        usual_records_per_s=_count_between(records, begins, first) / baseline_s,
        baseline_per_s=float(counts[before].sum()) / baseline_s,
        baseline_s=baseline_s,
        start=first,
        now=span[1],
        phi=phi,
    )


def _count_between(records: tuple[Int64, Int64], start: int, end: int) -> int:
    seconds, counts = records
    return int(counts[(seconds >= start) & (seconds < end)].sum())


class _Judge:
    """One judgement; its parts share the same signs."""

    def __init__(
        self,
        signs: Signs,
        bursts: Sequence[Burst],
        marked: Sequence[int],
        events: Sequence[int],
        has_baseline: bool,
        failing: Sequence[Anomaly],
    ) -> None:
        self.signs = signs
        self.bursts: list[Burst] = list(bursts)
        self.marked = list(marked)
        self.events = sorted(events)
        self.has_baseline = has_baseline
        self.failing = failing

    def judge(self) -> Recovery:
        """Decide by the bursts: how many, how the last one ended, and what is left of it."""
        signs = self.signs
        if not self.bursts:
            # Too few records for a burst: each of them is the incident.
            newest = max(one.last for one in self.failing) // US
            count = signs.line.count(signs.start, signs.now + 1)
            self.bursts = [Burst(signs.start, min(newest, signs.now), count, 1)]
        self.bursts = self._without_stragglers()
        first, last = self.bursts[0], self.bursts[-1]
        quiet = signs.now - last.end
        surge = self._find_herd(last)
        main = [b for b in self.bursts[1:] if not self._is_echo(b, first)]
        fix, origin = self._find_fix(last if not main else main[-1], surge)
        waves = self._waves(surge, main)
        if main and quiet < self._quiet_needed(last):
            return self._make(Verdict.SECOND_WAVE, waves, fix, origin, since=None, over=False)
        if main:
            return self._make(Verdict.SECOND_WAVE, waves, fix, origin, since=last.end + 1, over=True)
        step = self._find_lasting_step(last)
        if quiet < self._quiet_needed(last):
            if step is not None:
                return self._make(Verdict.PARTIAL, waves, step, origin, since=None, over=False)
            if self._has_fallen(last, quiet):
                return self._make(Verdict.TOO_EARLY, waves, fix, origin, since=last.end + 1, over=None)
            return self._make(Verdict.ONGOING, waves, None if not self.marked else fix, origin, since=None, over=False)
        if self._residual_is_high(last.end + 1):
            return self._make(Verdict.PARTIAL, waves, fix, origin, since=None, over=False)
        verdict = Verdict.HERD if surge is not None or len(self.bursts) > 1 else Verdict.RECOVERED
        return self._make(verdict, waves, fix, origin, since=last.end + 1, over=True)

    def _without_stragglers(self) -> list[Burst]:
        most = max(burst.count for burst in self.bursts)
        tallest = max(burst.peak for burst in self.bursts)
        return [b for b in self.bursts if b.count >= _MINOR_SHARE * most or b.peak >= 0.5 * tallest] or self.bursts

    def _quiet_needed(self, last: Burst) -> float:
        """Seconds without a burst before it counts as quiet: a minute, and longer than the incident's own pauses."""
        pause = longest_gap(self.signs.line, max(last.start, last.end - 300), last.end + 1)
        return max(float(COOL_S), _GAPS * pause if pause > 10 else 0.0)

    def _find_herd(self, last: Burst) -> Burst | None:
        """The surge at the end of a burst: far above its plateau, short, and with something served again."""
        line = self.signs.line
        best: tuple[float, int] | None = None
        for cut in range(max(last.start + 10, last.end - HERD_WITHIN_S), last.end - 1):
            plateau_s = cut - last.start
            plateau, tail = line.rate(last.start, cut), line.rate(cut, last.end + 1)
            if tail < _SURGE * plateau or last.end + 1 - cut > max(3 * plateau_s, 30):
                continue
            count = line.count(cut, last.end + 1)
            p = rates_differ(
                count, last.end + 1 - cut, line.count(last.start, cut), plateau_s, max(1.0, self.signs.phi)
            )
            before = line.count(last.start, cut)
            mean = (before + count) / (plateau_s + last.end + 1 - cut)
            # The step that parts the burst best: log-likelihood of two rates against one.
            score = count * log(tail / mean) + before * log(max(plateau, 1e-9) / mean) if p < 1e-4 else 0.0
            if score > 0 and (best is None or score > best[0]):
                best = (score, cut)
        if best is None or not self._served_again(last, best[1]):
            return None
        return Burst(best[1], last.end, line.count(best[1], last.end + 1), last.peak)

    def _served_again(self, last: Burst, cut: int) -> bool:
        """The fix stands before the surge: it is marked, logged near it, or users begin to be served with it."""
        if any(cut - 90 <= at <= cut + 15 for at in (*self.marked, *self.events)):
            return True
        if last.end - cut <= COOL_S and cut - last.start >= 3 * (last.end - cut):
            # Steady for long, a sharp rise for less than a minute, then nothing: clients that come back at once.
            return True
        ok = self.signs.ok
        if ok is None:
            return False
        before = ok.rate(last.start, max(last.start + 1, cut - 5))
        return ok.rate(cut, last.end + 1) > 1.5 * before + 0.2

    def _is_echo(self, burst: Burst, first: Burst) -> bool:
        """A short burst soon after the end of the one before: clients that come back at once."""
        fixes = [at for at in self.marked if at <= burst.start] or [first.end]
        return (
            burst.start - fixes[-1] <= HERD_WITHIN_S and burst.end - burst.start <= COOL_S and burst.count < first.count
        )

    def _find_fix(self, last: Burst, surge: Burst | None) -> tuple[int | None, FixOrigin | None]:
        if self.marked:
            return self.marked[-1], FixOrigin.MARKED
        turn = surge.start if surge is not None else last.end
        near = [at for at in self.events if turn - 120 <= at <= turn + 5]
        if near:
            return near[-1], FixOrigin.DETECTED
        if self.signs.now - last.end >= COOL_S or surge is not None:
            return turn, FixOrigin.DETECTED
        return None, None

    def _find_lasting_step(self, last: Burst) -> int | None:
        """The second from which clearly less, but still too much, goes wrong; at least a minute ago."""
        line = self.signs.line
        candidates = [at for at in (*self.marked, *self.events) if last.start + 10 <= at <= self.signs.now - COOL_S]
        best: tuple[float, int] | None = None
        for at in candidates:
            before, after = line.rate(last.start, at), line.rate(at, self.signs.now + 1)
            if before > 0 and after <= _CLEARLY_LOWER * before and (best is None or after / before < best[0]):
                best = (after / before, at)
        if best is not None and self._residual_is_high(best[1]):
            return best[1]
        step = find_step_down(line, last.start, self.signs.now + 1, COOL_S)
        if step is None:
            return None
        at, before, after, ratio = step
        is_lasting = last.end - at >= COOL_S
        if (
            ratio > _STEP * self.signs.phi
            and after <= _CLEARLY_LOWER * before
            and is_lasting
            and self._residual_is_high(at)
        ):
            return at
        return None

    def _has_fallen(self, last: Burst, quiet: int) -> bool:
        """Nothing for longer than chance allows at the rate before."""
        recent = self.signs.line.rate(max(last.start, last.end - 60), last.end + 1)
        return recent * quiet > 4.6 and quiet >= 5

    def _residual_is_high(self, since: int) -> bool:
        signs = self.signs
        span = signs.now + 1 - since
        if span < COOL_S:
            return False
        count = signs.line.count(since, signs.now + 1)
        if count <= 1.5 * signs.baseline_per_s * span + 2:
            return False
        p = rates_differ(count, span, round(signs.baseline_per_s * signs.baseline_s), signs.baseline_s, signs.phi)
        return p < 0.01

    def _waves(self, surge: Burst | None, main: Sequence[Burst]) -> tuple[Wave, ...]:
        waves = []
        for burst in self.bursts:
            kind = "incident" if burst is self.bursts[0] else "second_wave" if burst in main else "herd"
            end = surge.start - 1 if surge is not None and burst is self.bursts[-1] else burst.end
            waves.append(_wave(burst.start, end, self.signs.line, kind))
        if surge is not None:
            waves.append(_wave(surge.start, surge.end, self.signs.line, "herd"))
        return tuple(waves)

    def _make(
        self,
        verdict: Verdict,
        waves: tuple[Wave, ...],
        fix: int | None,
        origin: FixOrigin | None,
        *,
        since: int | None,
        over: bool | None,
    ) -> Recovery:
        signs = self.signs
        recent_from = since if since is not None else max(signs.start, signs.now - 60)
        current_s = max(1, signs.now + 1 - recent_from)
        current = signs.line.rate(recent_from, signs.now + 1) * 60
        baseline = signs.baseline_per_s * 60
        during_end = since if since is not None else (fix if verdict is Verdict.PARTIAL and fix else signs.now + 1)
        during = signs.line.rate(signs.start, max(during_end, signs.start + 1)) * 60
        target = max(1.5 * baseline, baseline + 0.5)
        bound = rate_upper_bound(signs.line.count(recent_from, signs.now + 1), current_s, signs.phi) * 60
        confirmed, needed, extra = False, None, ""
        if over:
            confirmed, needed, extra = self._confirm(since or signs.start, bound, target)
        elif over is False:
            confirmed = verdict is not Verdict.ONGOING or signs.now - signs.start >= COOL_S
        if not self.has_baseline:
            extra += "; no normal period in view"
        return Recovery(
            verdict=verdict,
            confirmed=confirmed,
            over=over,
            as_of=signs.now * US,
            fix_at=fix * US if fix is not None else None,
            fix_origin=origin if fix is not None else None,
            baseline_per_min=round(baseline, 2) if self.has_baseline else None,
            current_per_min=round(current, 2),
            since=since * US if since is not None else None,
            minutes_needed=needed,
            remaining=self._remaining(recent_from) if not over else (),
            waves=waves,
            explanation=_explain(verdict, baseline, during, current, current_s) + extra,
            during_per_min=round(during, 2),
            target_per_min=round(target, 2),
            held_us=(signs.now + 1 - since) * US if since is not None else None,
        )

    def _confirm(self, since: int, bound: float, target: float) -> tuple[bool, float | None, str]:
        """Whether the bound on what may still go wrong is low enough: by requests where there are any."""
        signs = self.signs
        held_s = signs.now + 1 - since
        if signs.ok is not None and signs.failed is not None:
            served, failed = signs.ok.count(since, signs.now + 1), signs.failed.count(since, signs.now + 1)
            requests = served + failed
            if requests / held_s < FALLEN_VOLUME * signs.usual_requests_per_s:
                return False, None, "; traffic is down: quiet may mean that nobody asks"
            if requests >= _ENOUGH_REQUESTS and rate_upper_bound(failed, requests) <= _FEW_FAILURES:
                return True, None, f"; {served:,} of {requests:,} requests ok since"
        elif signs.records.rate(since, signs.now + 1) < FALLEN_VOLUME * signs.usual_records_per_s:
            return False, None, "; fewer lines than usual are written: quiet may mean that nothing runs"
        if bound <= target:
            return True, None, ""
        held = (signs.now + 1 - since) / 60
        needed = max(0.5, 3.0 / max(target - signs.baseline_per_s * 60, 0.1) - held)
        return False, round(needed, 1), ""

    def _remaining(self, since: int) -> tuple[Remaining, ...]:
        span = max(1, self.signs.now + 1 - since)
        rows = []
        for one in self.failing:
            count = one.kind.between(since * US, self.signs.now * US)
            if count > 1.5 * one.baseline_per_s * span + 1:
                name = f"{one.kind.service}: {one.kind.headline}"
                rows.append(Remaining(name, round(count * 60 / span, 2), count, one.time))
        return tuple(sorted(rows, key=lambda r: (-r.volume, r.what))[:10])


def _wave(start: int, end: int, line: Line, kind: str) -> Wave:
    five = np.convolve(line.values[start - line.start : end + 1 - line.start], np.ones(5, np.int64))
    return Wave(start * US, (end + 1) * US, line.count(start, end + 1), float(five.max(initial=0)) / 5, kind)


_WORDS: Final = {
    Verdict.RECOVERED: "back at the usual rate",
    Verdict.HERD: "back at the usual rate after a burst of retries",
    Verdict.SECOND_WAVE: "errors rose again after a quiet minute",
    Verdict.PARTIAL: "clearly less, but not back at the usual rate",
    Verdict.ONGOING: "errors go on",
    Verdict.TOO_EARLY: "errors have stopped, too early to say",
}


def _explain(verdict: Verdict, baseline: float, during: float, current: float, seconds: int) -> str:
    figures = f"{_figure(baseline)}/min before, {_figure(during)}/min during, {_figure(current)}/min in the last "
    span = f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
    return f"{_WORDS.get(verdict, verdict.value)}: {figures}{span}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
