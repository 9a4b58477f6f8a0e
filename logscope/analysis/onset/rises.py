"""Where a kind begins to come more often: the likelihood-ratio scan over its active seconds.

Plan: for each active second as a possible start, and spans of 10 s, 1 min, 5 min and all that follows, compare the
records in the span with the rate before it (Poisson likelihood ratio). The onset is the best start of the first rise;
it is always the stamp of a record. What the spans of a start hold is settled five minutes later: of a series that only
grew, the starts before are taken over from the last scan. Cost: a few vector operations over the starts of the last
minutes, and over those that may be rises.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logscope.analysis.kinds.normal import Usual
from logscope.analysis.onset.statistics import poisson_cdf
from logscope.ingest.batch import Int64

ALARM: Final = 12.0
"""Log-likelihood ratio from which a rise is news: one false alarm in 200 h of baseline (analysis.md 2b)."""

_SPANS_S: Final = (10, 60, 300)
_SPANS: Final = np.array(_SPANS_S)[:, None]
LONGEST_S: Final = _SPANS_S[-1]
"""What a start's spans hold is known so long after it."""
_CONNECTED_S: Final = 30
"""Records closer than this belong to one rise."""
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
_LONGEST_DISPERSION_MIN: Final = 240

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Table = NDArray[np.int64]
"""One row for each span, one column for each start."""


@dataclass(frozen=True, slots=True)
class Rise:
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
    is_by_span: bool = False
    """Spans of minutes show it: what follows later says no more about it."""


class _Hot(NamedTuple):
    """Starts of one span that may be rises, and what the span holds."""

    rows: Int64
    excess: Floats
    inside: Int64
    width: Int64
    passed: int = 0
    """Others before the last of them that are no longer kept: neither the first nor the sharpest."""

    def take(self, which: "slice | NDArray[np.bool_]") -> "_Hot":
        """Some of them."""
        return _Hot(self.rows[which], self.excess[which], self.inside[which], self.width[which], self.passed)

    def join(self, other: "_Hot") -> "_Hot":
        """These, and those of later starts."""
        if not len(other.rows):
            return self
        return _Hot(
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.excess, other.excess]),
            np.concatenate([self.inside, other.inside]),
            np.concatenate([self.width, other.width]),
            self.passed,
        )

    def sharpest(self) -> "_Hot":
        """Of a storm's own seconds its begin, and its sharpest; of equal ones the earlier."""
        if len(self.rows) + self.passed <= _MOST_STARTS:
            return self
        half = _MOST_STARTS // 2
        least = np.partition(self.excess, -half)[-half]
        chosen = self.excess > least
        chosen[np.flatnonzero(self.excess == least)[: half - np.count_nonzero(chosen)]] = True
        chosen[:half] = True
        return self.take(chosen)._replace(passed=self.passed + len(self.rows) - int(chosen.sum()))


@dataclass(frozen=True, slots=True)
class Series:
    """A kind's records, and what comes before each of its active seconds."""

    seconds: Int64
    sums: Int64
    """Records before each of them, and all."""
    before: Int64
    """Records before each of them, those of a normal time included."""
    elapsed: Int64
    """Seconds of coverage before each of them."""
    begins_s: int
    """Since when its log is able to show something."""
    usual: Usual
    lumps: Int64
    """Of the seconds those that stand for as much as a minute, of what is long past."""

    @classmethod
    def of(cls, seconds: Int64, sums: Int64, begins_s: int, usual: Usual, lumps: Int64) -> "Series":
        """Lay out a series."""
        elapsed = np.maximum(seconds - begins_s, 0)
        before = sums[:-1]
        if usual.seconds:
            elapsed, before = elapsed + usual.seconds, before + usual.count
        return cls(seconds, sums, before, elapsed, begins_s, usual, lumps)


class _Facts(NamedTuple):
    """What was found out about starts; of settled ones it holds."""

    phis: dict[int, float]
    """How much the minutes before a row vary."""
    begins: dict[int, int]
    """By the row of a kind's first rise the row that it began with."""

    def before(self, row: int) -> "_Facts":
        """Of the rows before one."""
        return _Facts(
            {at: phi for at, phi in self.phis.items() if at < row},
            {at: begin for at, begin in self.begins.items() if at < row},
        )


@dataclass(frozen=True, slots=True)
class Scan:
    """What the settled starts of a series showed that was scanned."""

    begins_s: int
    usual: Usual
    last: int
    """The series' last row."""
    last_s: int
    """Its second."""
    last_before: int
    """Records before it."""
    settled: int
    """Rows from the first on whose spans no later record can be in."""
    settled_s: int
    """The last one's second."""
    facts: "_Facts"
    """Of these rows, too."""
    hot: tuple[_Hot, ...]
    """Of these rows, one for each span: no more than twice `_MOST_STARTS`, whatever the series' length."""

    def count_rows(self) -> int:
        """Starts of all spans that it keeps in memory."""
        return sum(len(one.rows) for one in self.hot)


def scan(series: Series, ends_s: int, known: Scan | None) -> tuple[Rise, Scan]:
    """The first start that raises the alarm, unless a far greater rise comes later.

    A storm of retries after the fix, or a second wave, may be sharper than the begin: it is not when it began. But a
    flicker of everyday noise an hour before is not either. Where no span of minutes rises, all that follows counts.

    Args:
        series: Of one kind.
        ends_s: The second behind the last that is in view.
        known: What the series showed when it was shorter.
    """
    seconds, before, elapsed = series.seconds, series.before, series.elapsed
    begin, hot = _take_over(series, ends_s, known)
    left = np.maximum(ends_s - seconds, 1)
    fresh = _find_hot(
        _count_spans(seconds[begin:], series.sums[begin:]),
        np.minimum(_SPANS, left[begin:]),
        before[begin:],
        elapsed[begin:],
        begin,
    )
    if len(series.lumps):
        fresh = tuple(one.take(_is_resolved(seconds[one.rows], series.lumps)) for one in fresh)
    hot = tuple(one.join(later) for one, later in zip(hot, fresh, strict=True)) if hot else fresh
    ratio = _rate(hot, before, elapsed)
    alarms = np.flatnonzero(ratio > ALARM)
    is_by_span = bool(len(alarms))
    if not is_by_span:
        rest = _find_hot((series.sums[-1] - series.sums[:-1])[None, :], left[None, :], before, elapsed, 0)
        ratio = _rate(rest, before, elapsed)
        alarms = np.flatnonzero(ratio > ALARM)
        alarms = alarms[np.argmax(ratio[alarms]) :][:1] if len(alarms) else alarms
    settled = int(np.searchsorted(seconds, min(int(seconds[-1]), ends_s) - LONGEST_S, side="right"))
    kept = tuple(one.take(slice(int(np.searchsorted(one.rows, settled)))) for one in hot)
    facts = known.facts.before(begin) if known is not None and begin else _Facts({}, {})
    rise = _choose(series, ratio, alarms, facts, is_by_span=is_by_span)
    scanned = Scan(
        begins_s=series.begins_s,
        usual=series.usual,
        last=len(seconds) - 1,
        last_s=int(seconds[-1]),
        last_before=int(series.sums[-2]),
        settled=settled,
        settled_s=int(seconds[settled - 1]) if settled else 0,
        facts=facts.before(settled),
        hot=tuple(one.sharpest() if len(one.rows) > 2 * _MOST_STARTS else one for one in kept),
    )
    return rise, scanned


def _is_resolved(starts: Int64, lumps: Int64) -> NDArray[np.bool_]:
    """Starts in whose spans no lump lies: the records of a minute, told as of one second, look like a burst."""
    found: NDArray[np.bool_] = lumps.searchsorted(starts) == lumps.searchsorted(starts + LONGEST_S)
    return found


def _take_over(series: Series, ends_s: int, known: Scan | None) -> tuple[int, tuple[_Hot, ...]]:
    """How many starts need not be looked at again, and which of them may be rises."""
    if known is None or not known.settled:
        return 0, ()
    is_same = (
        known.begins_s == series.begins_s
        and known.usual == series.usual
        and known.last < len(series.seconds)
        and known.settled_s + LONGEST_S <= ends_s
        # Records only come: where the row of the last second has as many before it, no late line was among them.
        and known.last_s == series.seconds[known.last]
        and known.last_before == series.sums[known.last]
    )
    return (known.settled, known.hot) if is_same else (0, ())


def _choose(series: Series, ratio: Floats, alarms: Int64, facts: _Facts, *, is_by_span: bool) -> Rise:
    """The rise that counts, of all starts that alarm."""
    rises: list[Rise] = []
    for window in _windows(alarms, series.seconds, ratio):
        best = int(window[np.argmax(ratio[window])])
        phi = facts.phis.get(best)
        if phi is None:
            phi = facts.phis[best] = _find_dispersion(series, best)
        near = window[ratio[window] >= ratio[best] - _NEAR_UNITS * phi]
        if ratio[best] > ALARM * phi:
            # A stray record shortly before a rise fits nearly as well; leaving out one of the rise itself does not.
            rises.append(Rise(int(near[-1]), near, float(ratio[best]), phi, not rises, is_by_span))
            if series.before[rises[0].at] == 0:
                break
    if not rises:
        return Rise(0, np.zeros(1, np.int64), 0.0, 1.0, True, is_by_span)
    greatest = max(one.ratio / one.phi for one in rises)
    return next(one for one in rises if one.ratio / one.phi >= greatest / _FAR_GREATER)


def _windows(alarms: Int64, seconds: Int64, ratio: Floats) -> Iterable[Int64]:
    """Starts that alarm, in spans of five minutes: the first ones, and the one that holds the clearest."""
    if not len(alarms):
        return
    clearest = int(alarms[np.argmax(ratio[alarms])])
    for _ in range(_MOST_RISES):
        if not len(alarms):
            return
        window = alarms[: np.searchsorted(seconds[alarms], seconds[alarms[0]] + LONGEST_S, side="right")]
        yield window
        alarms = alarms[len(window) :]
    if len(alarms) and alarms[0] <= clearest:
        far = np.abs(seconds[alarms] - seconds[clearest]) <= LONGEST_S // 2
        yield alarms[far]


def find_begin(series: Series, rise: Rise, scanned: Scan) -> int:
    """The row that a rise began with, found once where that is settled."""
    begins = scanned.facts.begins
    begin = begins.get(rise.at) if rise.from_start else rise.at
    if begin is None:
        begin = _find_begin(series, rise.at)
        if rise.at < scanned.settled:
            begins[rise.at] = begin
    return begin


def _find_begin(series: Series, at: int) -> int:
    """A kind never seen before began with its first record, or with the first that is no stray.

    The first is none where it stands too near to the rise for a coincidence, or where the rise itself comes in such
    gaps. Else it began where two rates, one of strays and one up to the rise, tell the records before it best. What
    comes steadily since the log begins is its normal, in however short gaps: nothing shows that it ever began.
    """
    seconds = series.seconds
    if at == 0:
        return at
    if series.elapsed[0] > _CONNECTED_S and (np.diff(seconds[: at + 1]) <= _CONNECTED_S).all():
        return 0
    stop = int(np.searchsorted(seconds, seconds[at] + LONGEST_S))
    width = max(1, int(seconds[stop - 1] - seconds[at]))
    gap = int(seconds[at] - seconds[0])
    expected = float(series.sums[stop] - series.sums[at]) / max(width, _SPANS_S[0]) * gap
    if poisson_cdf(int(series.before[at]), expected) >= _STRAY:
        return 0
    strays = series.before[: at + 1].astype(np.float64)
    quiet = np.maximum(series.elapsed[: at + 1], 1).astype(np.float64)
    left = np.maximum(seconds[at] - seconds[: at + 1], 1).astype(np.float64)
    told = _entropy(strays, quiet) + _entropy(strays[at] - strays, left)
    best = int(np.argmax(told))
    # Of many possible begins one fits well by chance: each must prove more (as a Bonferroni correction).
    is_begin = strays[best] <= _MOST_STRAYS and told[best] > told[at] + _NEAR_UNITS + np.log(at)
    return best if is_begin else at


def _count_spans(seconds: Int64, sums: Int64) -> Table:
    """For each span the records within it from each active second on, one row a span."""
    begin, width = int(seconds[0]), int(seconds[-1] - seconds[0]) + 1
    if width > _MOST_DENSE_S:
        return np.asarray(sums[np.searchsorted(seconds, seconds + _SPANS)] - sums[:-1])
    places = seconds - begin
    dense = np.zeros(width + LONGEST_S + 1, np.int64)
    dense[places + 1] = np.diff(sums)
    cumulative = np.cumsum(dense)
    return np.asarray(cumulative[places + _SPANS] - cumulative[places])


def _find_hot(inside: Table, width: Table, before: Int64, elapsed: Int64, begin: int) -> tuple[_Hot, ...]:
    """For each span the starts that may alarm: far more records in it than before.

    Args:
        inside: Records in each span from each start on, one row a span.
        width: Seconds of the spans.
        before: Records before each start.
        elapsed: Seconds of coverage before each start.
        begin: Row of the first of them.
    """
    # The ratio is below (x - e)^2 / e (of a known rate, and more so of an estimated one): most starts end here.
    expected = before * width / np.maximum(elapsed, 1)
    excess = inside - expected
    is_hot = (excess > 0) & (excess * excess > ALARM * expected)
    found = []
    for span in range(len(inside)):
        rows = np.flatnonzero(is_hot[span])
        found.append(_Hot(rows + begin, excess[span, rows], inside[span, rows], width[span, rows]))
    return tuple(found)


def _rate(hot: Sequence[_Hot], before: Int64, elapsed: Int64) -> Floats:
    """For each active second as start the greatest log-likelihood ratio of a span against all before.

    Returns:
        0 for all but the hot ones.
    """
    ratio = np.zeros(len(before))
    chosen = [one.sharpest() for one in hot if len(one.rows)]
    if not chosen:
        return ratio
    rows = np.concatenate([one.rows for one in chosen])
    x, w, b, q = (
        values.astype(np.float64)
        for values in (
            np.concatenate([one.inside for one in chosen]),
            np.concatenate([one.width for one in chosen]),
            before[rows],
            np.maximum(elapsed[rows], 1),
        )
    )
    # Two rates against one; 0 log 0 is 0. A rate known from few records weighs as little as it should.
    told = _entropy(x, w) + _entropy(b, q) - _entropy(x + b, w + q)
    at = 0
    for one in chosen:
        ratio[one.rows] = np.maximum(ratio[one.rows], told[at : at + len(one.rows)])
        at += len(one.rows)
    return ratio


def _entropy(count: Floats, seconds: Floats) -> Floats:
    return count * np.log(np.maximum(count, 1e-9) / seconds)


def _find_dispersion(series: Series, at: int) -> float:
    """How much the minutes before a start vary: variance over mean, floor 1, cap 20 (quasi-Poisson, Noufaily 2013).

    Of the full minutes before it, at most four hours of them; 1 where fewer than three are in view.
    """
    end = int(series.seconds[at] - series.begins_s) // 60
    minutes = min(end, _LONGEST_DISPERSION_MIN)
    if minutes < 3:
        return 1.0
    edges = np.searchsorted(series.seconds, series.begins_s + 60 * np.arange(end - minutes, end + 1))
    if minutes == end:
        edges[0] = 0
    counts = np.diff(series.sums[edges]).astype(np.float64)
    total = float(counts.sum())
    if total <= 0:
        return 1.0
    variance = (float((counts * counts).sum()) - total * total / minutes) / (minutes - 1)
    return min(20.0, max(1.0, variance * minutes / total))
