"""Which kinds are news: the likelihood-ratio scan for the onset, and the test whether it stands out.

Plan: for each active second as a possible start, and spans of 10 s, 1 min, 5 min and all that follows, compare the
records in the span with the rate before it (Poisson likelihood ratio). The onset is the best start of the first rise;
it is always the stamp of a record. Cost: a few vector operations over the active seconds of each kind.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.analysis.anomalies import Anomaly, resolution_us
from logscope.analysis.kinds import Kind
from logscope.analysis.statistics import poisson_cdf, surprise
from logscope.ingest.batch import Int64
from logscope.model.files import FileSummary
from logscope.model.times import US

ALARM: Final = 12.0
"""Log-likelihood ratio from which a rise is news: one false alarm in 200 h of baseline (analysis.md 2b)."""

NEWS: Final = 3.0
"""Surprise (-log10 p) from which a kind is anomalous."""

_SPANS_S: Final = (10, 60, 300)
_SPANS: Final = np.array(_SPANS_S)[:, None]
_CONNECTED_S: Final = 30
"""Records closer than this belong to one rise."""
_SHORTEST_BASELINE_S: Final = 60
_MOST_RISES: Final = 6
_MOST_STARTS: Final = 200
"""Starts of one kind that are looked at closely: a bound for storms of an hour."""
_FAR_GREATER: Final = 4.0
"""A later rise counts as the onset where it is so many times as clear as the first."""
_STRAY: Final = 0.01
"""Records before a rise are strays where so few had less than this chance at the rise's rate."""
_MOST_STRAYS: Final = 3
"""More records before it, and a kind was no stranger: its rise is what counts."""
_MOST_DENSE_S: Final = 20_000
"""Up to this length a kind is counted second by second, which is quicker than searching."""
_NEAR_UNITS: Final = 2.0
"""Starts whose ratio is within this of the best are as likely: their span is the onset's uncertainty."""


Ratios = np.ndarray[tuple[int], np.dtype[np.float64]]
Table = NDArray[np.int64]
"""One row for each span, one column for each active second."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Since when each source was able to show something."""

    starts: Mapping[str, int]
    """Source -> first stamp, microseconds UTC."""
    quiet_starts: Mapping[str, int]
    """The same, but for files that hold nothing but warnings and errors the begin of all files: their silence before
    is a fact, not a gap."""
    first: int
    """The earliest stamp of all files."""
    end: int
    """Now."""

    @classmethod
    def of(cls, files: Iterable[FileSummary], as_of: int | None) -> "Coverage":
        """Coverage of the given files."""
        starts: dict[str, int] = {}
        failing: dict[str, list[int]] = {}
        for one in files:
            if one.first_seen is not None:
                starts[one.source] = min(one.first_seen, starts.get(one.source, one.first_seen))
            tally = failing.setdefault(one.source, [0, 0])
            tally[0] += one.errors + one.warnings
            tally[1] += one.records
        first = min(starts.values(), default=0)
        quiet = {key: first if failing[key][0] >= failing[key][1] * 0.95 else start for key, start in starts.items()}
        return cls(starts, quiet, first, as_of or 0)


def find_anomalies(kinds: Sequence[Kind], coverage: Coverage) -> list[Anomaly]:
    """Kinds that are new or risen, by onset."""
    found = [one for kind in kinds if (one := judge_kind(kind, coverage)) is not None]
    return sorted(found, key=lambda a: (a.time, a.kind.id))


def find_without_baseline(kinds: Sequence[Kind]) -> list[Anomaly]:
    """Where the logs begin inside the incident nothing can be compared: every failing kind counts."""
    found = [
        Anomaly(
            kind=kind,
            time=int(kind.table[0, 2]),
            sigma_us=resolution_us(kind) // 4,
            surprise=NEWS + np.log10(kind.count),
            is_new=True,
            baseline_per_s=0.0,
            excess=float(kind.count),
            last=kind.last_seen or int(kind.table[0, 2]),
            has_baseline=False,
        )
        for kind in kinds
        if len(kind.table)
    ]
    return sorted(found, key=lambda a: (a.time, a.kind.id))


def judge_kind(kind: Kind, coverage: Coverage) -> Anomaly | None:
    """The kind's onset if it stands out, else None."""
    if not len(kind.table) or not coverage.end:
        return None
    seconds, counts = kind.seconds, kind.counts
    begins_s = coverage.quiet_starts.get(kind.view.key, int(kind.table[0, 2])) // US
    ends_s = coverage.end // US + 1
    before = np.cumsum(counts) - counts + kind.usual.count
    elapsed = np.maximum(seconds - begins_s, 0) + kind.usual.seconds
    rise = _first_rise(seconds, counts, before, elapsed, ends_s, begins_s)
    at = _begin_of_new(seconds, counts, before, elapsed, rise)
    baseline, baseline_s = int(before[at]), int(elapsed[at])
    has_baseline = baseline_s >= _SHORTEST_BASELINE_S
    after = int(counts[at:].sum())
    span_s = max(1, int(min(ends_s, seconds[-1] + 1) - seconds[at]))
    is_new = baseline == 0
    score = surprise(after, span_s, baseline, float(max(baseline_s, 1)), rise.phi)
    # A short sharp burst among a steady rate is weaker over "all that follows" than over its own span.
    score = max(score, rise.ratio / rise.phi / np.log(10.0) - 1.0 if rise.ratio / rise.phi > ALARM else 0.0)
    if has_baseline:
        if rise.ratio / rise.phi <= ALARM and not is_new:
            return None
    elif begins_s * US < coverage.first + _SHORTEST_BASELINE_S * US or score < NEWS:
        # What a log holds from its first minute on is its normal, as far as anybody can tell.
        return None
    rate = (baseline + 0.5) / baseline_s if baseline_s and baseline else 0.0
    sigma = int(np.ptp(kind.table[rise.near, 2])) // 2 if len(rise.near) > 1 and at == rise.at else 0
    return Anomaly(
        kind=kind,
        time=int(kind.table[at, 2]),
        sigma_us=min(sigma, 60 * US) + resolution_us(kind) // 4,
        surprise=score,
        is_new=is_new,
        baseline_per_s=rate,
        excess=max(0.0, after - rate * span_s),
        last=kind.last_seen or int(kind.table[at, 2]),
        has_baseline=has_baseline,
    )


@dataclass(frozen=True, slots=True)
class _Rise:
    """A start from which a kind comes more often than before."""

    at: int
    """Row of the start."""
    near: Int64
    """Rows that fit nearly as well."""
    ratio: float
    """Log-likelihood ratio; 0 where nothing rises."""
    phi: float
    from_start: bool
    """Nothing rose before: what came earlier are strays of this rise, or everyday noise."""


def _first_rise(seconds: Int64, counts: Int64, before: Int64, elapsed: Int64, ends_s: int, begins_s: int) -> _Rise:
    """The first start that raises the alarm, unless a far greater rise comes later.

    A storm of retries after the fix, or a second wave, may be sharper than the begin: it is not when it began. But a
    flicker of everyday noise an hour before is not either. Where no span of minutes rises, all that follows counts.
    """
    left = np.maximum(ends_s - seconds, 1)
    ratio = _ratios(_count_spans(seconds, counts), np.minimum(_SPANS, left), before, elapsed)
    alarms = np.flatnonzero(ratio > ALARM)
    if not len(alarms):
        ratio = _ratios((counts.sum() - before)[None, :], left[None, :], before, elapsed)
        alarms = np.flatnonzero(ratio > ALARM)
        alarms = alarms[np.argmax(ratio[alarms]) :][:1] if len(alarms) else alarms
    rises: list[_Rise] = []
    dispersion = _Dispersion(seconds, counts, begins_s) if len(alarms) else None
    for window in _windows(alarms, seconds, ratio):
        best = int(window[np.argmax(ratio[window])])
        phi = dispersion.before(best) if dispersion else 1.0
        near = window[ratio[window] >= ratio[best] - _NEAR_UNITS * phi]
        if ratio[best] > ALARM * phi:
            # A stray record shortly before a rise fits nearly as well; leaving out one of the rise itself does not.
            rises.append(_Rise(int(near[-1]), near, float(ratio[best]), phi, not rises))
            if before[rises[0].at] == 0:
                break
    if not rises:
        return _Rise(0, np.zeros(1, np.int64), 0.0, 1.0, True)
    greatest = max(one.ratio / one.phi for one in rises)
    return next(one for one in rises if one.ratio / one.phi >= greatest / _FAR_GREATER)


def _windows(alarms: Int64, seconds: Int64, ratio: Ratios) -> Iterable[Int64]:
    """Starts that alarm, in spans of five minutes: the first ones, and the one that holds the clearest."""
    if not len(alarms):
        return
    clearest = int(alarms[np.argmax(ratio[alarms])])
    for _ in range(_MOST_RISES):
        if not len(alarms):
            return
        window = alarms[: np.searchsorted(seconds[alarms], seconds[alarms[0]] + _SPANS_S[-1], side="right")]
        yield window
        alarms = alarms[len(window) :]
    if len(alarms) and alarms[0] <= clearest:
        far = np.abs(seconds[alarms] - seconds[clearest]) <= _SPANS_S[-1] // 2
        yield alarms[far]


def _begin_of_new(seconds: Int64, counts: Int64, before: Int64, elapsed: Int64, rise: _Rise) -> int:
    """A kind never seen before began with its first record, or with the first that is no stray.

    The first is none where it stands too near to the rise for a coincidence, or where the rise itself comes in such
    gaps. Else it began where two rates, one of strays and one up to the rise, tell the records before it best.
    """
    at = rise.at
    if at == 0 or not rise.from_start:
        return at
    if (np.diff(seconds[: at + 1]) <= _CONNECTED_S).all():
        return 0
    stop = int(np.searchsorted(seconds, seconds[at] + _SPANS_S[-1]))
    width = max(1, int(seconds[stop - 1] - seconds[at]))
    gap = int(seconds[at] - seconds[0])
    expected = float(counts[at:stop].sum()) / max(width, _SPANS_S[0]) * gap
    if poisson_cdf(int(before[at]), expected) >= _STRAY:
        return 0
    strays, quiet = before[: at + 1].astype(np.float64), np.maximum(elapsed[: at + 1], 1).astype(np.float64)
    left = np.maximum(seconds[at] - seconds[: at + 1], 1).astype(np.float64)
    told = _entropy(strays, quiet) + _entropy(strays[at] - strays, left)
    best = int(np.argmax(told))
    # Of many possible begins one fits well by chance: each must prove more (as a Bonferroni correction).
    is_begin = strays[best] <= _MOST_STRAYS and told[best] > told[at] + _NEAR_UNITS + np.log(at)
    return best if is_begin else at


def _count_spans(seconds: Int64, counts: Int64) -> Table:
    """For each span the records within it from each active second on, one row a span."""
    begin, width = int(seconds[0]), int(seconds[-1] - seconds[0]) + 1
    if width > _MOST_DENSE_S:
        cumulative = np.concatenate([[0], np.cumsum(counts)])
        return np.asarray(cumulative[np.searchsorted(seconds, seconds + _SPANS)] - cumulative[:-1])
    places = seconds - begin
    dense = np.zeros(width + _SPANS_S[-1] + 1, np.int64)
    dense[places + 1] = counts
    cumulative = np.cumsum(dense)
    return np.asarray(cumulative[places + _SPANS] - cumulative[places])


def _ratios(inside: Table, width: Table, before: Int64, elapsed: Int64) -> Ratios:
    """For each active second as start the greatest log-likelihood ratio of a span against all before.

    Args:
        inside: Records in each span from each of them on, one row a span.
        width: Seconds of the spans.
        before: Records before each of them.
        elapsed: Seconds of coverage before each of them.

    Returns:
        0 below the alarm.
    """
    quiet = np.maximum(elapsed, 1)
    ratio = np.zeros(len(before))
    # The ratio is below (x - e)^2 / e (of a known rate, and more so of an estimated one): most starts end here.
    expected = before * width / quiet
    excess = inside - expected
    is_hot = (excess > 0) & (excess * excess > ALARM * expected)
    for row in np.flatnonzero(is_hot.any(axis=1)).tolist():
        hot = np.flatnonzero(is_hot[row])
        if len(hot) > _MOST_STARTS:
            # A storm's own seconds: its begin, and its sharpest.
            sharp = np.argpartition(-excess[row, hot], _MOST_STARTS // 2)[: _MOST_STARTS // 2]
            chosen = np.zeros(len(hot), np.bool_)
            chosen[: _MOST_STARTS // 2] = True
            chosen[sharp] = True
            hot = hot[chosen]
        x, w, b, q = (values[hot].astype(np.float64) for values in (inside[row], width[row], before, quiet))
        # Two rates against one; 0 log 0 is 0. A rate known from few records weighs as little as it should.
        ratio[hot] = np.maximum(ratio[hot], _entropy(x, w) + _entropy(b, q) - _entropy(x + b, w + q))
    return ratio


def _entropy(count: Ratios, seconds: Ratios) -> Ratios:
    return count * np.log(np.maximum(count, 1e-9) / seconds)


class _Dispersion:
    """How much the minutes before a start vary: variance over mean, floor 1, cap 20 (quasi-Poisson, Noufaily 2013)."""

    def __init__(self, seconds: Int64, counts: Int64, begins_s: int) -> None:
        self._begins_s = begins_s
        self._seconds = seconds
        # Minutes with records only: one stamp of 1970 beside those of today is a span of 30 million minutes.
        minutes = np.maximum(seconds - begins_s, 0) // 60
        firsts = np.flatnonzero(np.diff(minutes, prepend=-1))
        self._minutes = minutes[firsts]
        before = np.concatenate([[0.0], np.cumsum(counts)])
        per_minute = np.diff(before[np.append(firsts, len(counts))])
        self._sums = np.concatenate([[0.0], np.cumsum(per_minute)])
        self._squares = np.concatenate([[0.0], np.cumsum(per_minute * per_minute)])

    def before(self, at: int) -> float:
        """Of the full minutes before a start, at most four hours of them; 1 where fewer than three are in view."""
        end = int(self._seconds[at] - self._begins_s) // 60
        minutes = min(end, 240)
        low, high = np.searchsorted(self._minutes, (end - minutes, end)).tolist()
        total = float(self._sums[high] - self._sums[low]) if minutes >= 3 else 0.0
        if total <= 0:
            return 1.0
        squares = float(self._squares[high] - self._squares[low])
        variance = (squares - total * total / minutes) / (minutes - 1)
        return min(20.0, max(1.0, variance * minutes / total))
