"""Where a rate changes: a series parted into stretches of one rate each.

Plan: bottom-up merging of a piecewise constant Poisson rate. Seconds with equal counts are joined, then neighbours
whose log-likelihood ratio (two rates against one, as in the scan of analysis.md 2b) is smallest, until every ratio that
is left is above the penalty; then each boundary moves to where it parts its two neighbours best. Unlike a fixed window
it adapts to the rate: 20 records a second and one a minute are both one stretch. Cost: a few vector operations over
the seconds; what is longer than `_MOST_BINS` seconds is looked at in wider bins.
"""

from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np

from logscope.analysis.recovery.line import Line
from logscope.ingest.batch import Int64

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]

PENALTY: Final = 10.0
"""Log-likelihood ratio from which two stretches differ: chance leaves it about once in thousands of boundaries."""
_LOG_SHORT: Final = log(600)
"""The penalty holds for ten minutes; more seconds are more chances, so it grows with their logarithm."""
_STEPS: Final = (0.25, 0.5, 1.0, 2.0, 3.0, 4.5, 6.0)
"""Shares of nothing are merged before shares of something: rising thresholds stand in for the smallest first."""
_MOST_BINS: Final = 20_000
_DISPERSION_BIN_S: Final = 10
_MOST_DISPERSION: Final = 10.0
_MOST_DISPERSION_BINS: Final = 60_480
"""A week: of a longer span its begin tells how records come."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one rate."""

    start: int
    """First second."""
    end: int
    """The second behind it."""
    count: int

    @property
    def rate(self) -> float:
        """Records per second."""
        return self.count / (self.end - self.start)


def split(line: Line, start: int, end: int, penalty: float = PENALTY, step_s: int = 1) -> list[Segment]:
    """Part the seconds from start (included) to end (excluded) into stretches of one rate.

    Args:
        line: The records.
        start: First second.
        end: The second behind the last.
        penalty: Log-likelihood ratio from which two stretches of ten minutes differ.
        step_s: Seconds of the steps, counted from the epoch, in which the records are known.
    """
    width = step_s * -(-(end - start) // (step_s * _MOST_BINS))
    steps = np.arange(start - start % step_s + width, end, width)
    edges = _join_equal(line, np.concatenate([[start], steps, [end]]))
    penalty = max(penalty, penalty * log(max(end - start, 2)) / _LOG_SHORT)
    for threshold in (*(step for step in _STEPS if step < penalty), penalty):
        edges = _merge(line, edges, threshold)
    edges = _merge(line, _refine(line, edges), penalty)
    return [Segment(a, b, line.count(a, b)) for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)]


def dispersion(line: Line, start: int, end: int) -> float:
    """Variance over mean of ten-second counts from the differences of neighbours: steps of the level do not count.

    Von Neumann's successive differences (1941). 1 for independent records; retries and bursts come in clumps.
    """
    bins = min((end - start) // _DISPERSION_BIN_S, _MOST_DISPERSION_BINS)
    if bins < 6:
        return 1.0
    ends = start + _DISPERSION_BIN_S * np.arange(bins + 1)
    counts = np.diff(line.cumulative(start, ends))
    mean = float(counts.mean())
    if mean <= 0:
        return 1.0
    squares = np.sort(np.diff(counts) ** 2)
    # A step is one difference among many: the largest tenth is left out, and what that takes from chance is given back.
    kept = squares[: max(1, int(len(squares) * 0.9))]
    return float(min(_MOST_DISPERSION, max(1.0, kept.mean() / 0.62 / (2 * mean))))


def find_step_down(line: Line, start: int, end: int, least_s: int = 20) -> tuple[int, float, float, float] | None:
    """The second that best parts a span into a higher and a lower stretch.

    Returns:
        The second, the rates per second before and after it, and the log-likelihood ratio; None where the second half
        is not lower.
    """
    if end - start < 2 * least_s:
        return None
    cuts = line.turns(start + least_s, end - least_s)
    before = line.cumulative(start, cuts)
    after = float(line.count(start, end)) - before
    before_s, after_s = (cuts - start).astype(np.float64), (end - cuts).astype(np.float64)
    ratio = _ratio(before, before_s, after, after_s)
    ratio[before / before_s <= after / after_s] = 0.0
    at = int(np.argmax(ratio))
    if ratio[at] <= 0:
        return None
    return int(cuts[at]), float(before[at] / before_s[at]), float(after[at] / after_s[at]), float(ratio[at])


def _join_equal(line: Line, edges: Int64) -> Int64:
    counts = np.diff(line.before(edges))
    kept: Int64 = edges[np.concatenate([[True], counts[1:] != counts[:-1], [True]])]
    return kept


def _merge(line: Line, edges: Int64, threshold: float) -> Int64:
    """Join neighbours whose ratio is below a threshold, the least ones first."""
    while len(edges) > 2:
        counts, widths = np.diff(line.before(edges)).astype(np.float64), np.diff(edges).astype(np.float64)
        ratio = _ratio(counts[:-1], widths[:-1], counts[1:], widths[1:])
        padded = np.concatenate([[np.inf], ratio, [np.inf]])
        # Equal ratios are common (none, one, none, one): every other one of them goes first.
        padded[1:-1] += 1e-7 * (((edges[1:-1] - line.start) * 2_654_435_761) % 1009)
        mine = padded[1:-1]
        chosen = (mine < threshold) & (mine <= padded[:-2]) & (mine < padded[2:])
        if not chosen.any():
            return edges
        keep = np.ones(len(edges), bool)
        keep[1:-1] = ~chosen
        edges = edges[keep]
    return edges


def _refine(line: Line, edges: Int64) -> Int64:
    """Move each boundary to the second that parts its two neighbours best."""
    edges = edges.copy()
    for n in range(1, len(edges) - 1):
        low, high = int(edges[n - 1]), int(edges[n + 1])
        cuts = line.turns(low + 1, high - 1)
        before = line.cumulative(low, cuts)
        after = float(line.count(low, high)) - before
        best = np.argmax(_ratio(before, (cuts - low).astype(np.float64), after, (high - cuts).astype(np.float64)))
        edges[n] = cuts[best]
    return edges


def _ratio(count: Floats, seconds: Floats, other: Floats, other_seconds: Floats) -> Floats:
    """Log-likelihood of two rates against one."""
    together = _likelihood(count + other, seconds + other_seconds)
    return _likelihood(count, seconds) + _likelihood(other, other_seconds) - together


def _likelihood(count: Floats, seconds: Floats) -> Floats:
    return count * np.log(np.maximum(count, 1e-9) / seconds)
