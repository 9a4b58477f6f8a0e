"""Bursts at second resolution: where a series stands above its baseline, and where its level steps.

Minute buckets hide a herd: 270 records in 9 s look like three times one minute (analysis.md 2d).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.analysis.statistics import surprise
from logscope.ingest.batch import Int64

COOL_S: Final = 60
"""A burst is over after this long at the baseline."""
_WINDOW_S: Final = 15
_HOT: Final = 6.0
"""Surprise from which a window is hot."""
_LEAST: Final = 5
"""Records from which a window is hot: fewer are everyday chance."""


@dataclass(frozen=True, slots=True)
class Burst:
    """A stretch above the baseline."""

    start: int
    """First second."""
    end: int
    """Last second with a record, included."""
    count: int
    peak: int
    """Most records within five seconds."""


class Line:
    """A dense per-second series over a span, for slicing."""

    def __init__(self, start: int, end: int, seconds: Int64, counts: Int64) -> None:
        """Keep the seconds from start to end, both included."""
        inside = (seconds >= start) & (seconds <= end)
        self.start = start
        self.values = np.bincount(seconds[inside] - start, weights=counts[inside], minlength=end - start + 1).astype(
            np.int64
        )
        self._sums: Int64 = np.concatenate([[0], np.cumsum(self.values)])

    @property
    def end(self) -> int:
        """Last second."""
        return self.start + len(self.values) - 1

    def count(self, start: int, end: int) -> int:
        """Records from start (included) to end (excluded)."""
        low = min(max(start - self.start, 0), len(self.values))
        high = min(max(end - self.start, low), len(self.values))
        return int(self._sums[high] - self._sums[low])

    def cumulative(self, start: int, ends: Int64) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        """Records from start (included) to each end (excluded)."""
        last = len(self.values)
        low = min(max(start - self.start, 0), last)
        counts: Int64 = self._sums[np.clip(ends - self.start, low, last)] - self._sums[low]
        return counts.astype(np.float64)

    def rate(self, start: int, end: int) -> float:
        """Records per second in a span; 0 for an empty one."""
        return self.count(start, end) / (end - start) if end > start else 0.0


def find_bursts(line: Line, baseline_per_s: float) -> list[Burst]:
    """Stretches clearly above 1.5 times the baseline, parted by a minute of quiet."""
    sums = np.concatenate([[0], np.cumsum(line.values)])
    starts = np.arange(len(line.values))
    ends = np.minimum(starts + _WINDOW_S, len(line.values))
    inside = sums[ends] - sums[starts]
    limit = _hot_count(1.5 * baseline_per_s)
    hot = np.flatnonzero(inside >= limit)
    if not len(hot):
        return []
    bursts: list[Burst] = []
    groups = np.split(hot, np.flatnonzero(np.diff(hot) > COOL_S + _WINDOW_S) + 1)
    for group in groups:
        low, high = int(group[0]), min(int(group[-1]) + _WINDOW_S, len(line.values))
        active = np.flatnonzero(line.values[low:high]) + low
        if not len(active):
            continue
        first, last = int(active[0]), int(active[-1])
        five = np.convolve(line.values[first : last + 1], np.ones(5, np.int64))
        bursts.append(
            Burst(line.start + first, line.start + last, int(sums[last + 1] - sums[first]), int(five.max(initial=0)))
        )
    return bursts


def _hot_count(rate: float) -> int:
    """Fewest records in a window of 15 s that are no chance at this rate."""
    count = _LEAST
    while surprise(count, _WINDOW_S, round(rate * 3600), 3600.0) < _HOT:
        count = max(count + 1, int(count * 1.1))
    return count


def find_step_down(line: Line, start: int, end: int, least_s: int = 20) -> tuple[int, float, float, float] | None:
    """The second that best parts a span into a higher and a lower stretch.

    Returns:
        The second, the rates per second before and after it, and the log-likelihood ratio; None where the second half
        is not lower.
    """
    if end - start < 2 * least_s:
        return None
    cuts = np.arange(start + least_s, end - least_s + 1)
    sums = line.cumulative(start, cuts)
    total = float(line.count(start, end))
    before_s = (cuts - start).astype(np.float64)
    after_s = (end - cuts).astype(np.float64)
    after = total - sums
    mean = total / (end - start)
    if mean <= 0:
        return None
    ratio = _log_likelihood(sums, before_s, mean) + _log_likelihood(after, after_s, mean)
    ratio[sums / before_s <= after / after_s] = 0.0
    at = int(np.argmax(ratio))
    if ratio[at] <= 0:
        return None
    return int(cuts[at]), float(sums[at] / before_s[at]), float(after[at] / after_s[at]), float(ratio[at])


def _log_likelihood(
    count: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    seconds: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    mean: float,
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return count * np.log(np.maximum(count, 0.5) / (mean * seconds)) - (count - mean * seconds)


def longest_gap(line: Line, start: int, end: int) -> int:
    """Longest stretch of seconds without a record inside a span."""
    low, high = start - line.start, end - line.start
    active = np.flatnonzero(line.values[max(low, 0) : max(high, 0)])
    return int(np.diff(active).max(initial=0)) if len(active) > 1 else end - start
