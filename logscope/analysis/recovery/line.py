"""One dense series at second resolution, for slicing. Minute buckets hide a herd (analysis.md 2d)."""

import numpy as np

from logscope.ingest.batch import Int64


class Line:
    """Counts per second over a span."""

    def __init__(self, start: int, end: int, seconds: Int64, counts: Int64) -> None:
        """Keep the seconds from start to end, both included.

        Args:
            start: First second.
            end: Last second, at least the first.
            seconds: Seconds with a count, in any order; they may repeat.
            counts: One for each of them.
        """
        inside = (seconds >= start) & (seconds <= end)
        self.start = start
        self.values = np.bincount(seconds[inside] - start, weights=counts[inside], minlength=end - start + 1).astype(
            np.int64
        )
        self.sums: Int64 = np.concatenate([[0], np.cumsum(self.values)])
        """Counts before each second, and all of them at last."""

    def plus(self, other: "Line") -> "Line":
        """Both counts together; the other one covers the same seconds."""
        counts = self.values + other.values
        return Line(self.start, self.end, self.start + np.arange(len(counts)), counts)

    @property
    def end(self) -> int:
        """Last second."""
        return self.start + len(self.values) - 1

    def count(self, start: int, end: int) -> int:
        """Records from start (included) to end (excluded)."""
        low = min(max(start - self.start, 0), len(self.values))
        high = min(max(end - self.start, low), len(self.values))
        return int(self.sums[high] - self.sums[low])

    def cumulative(self, start: int, ends: Int64) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        """Records from start (included) to each end (excluded)."""
        last = len(self.values)
        low = min(max(start - self.start, 0), last)
        counts: Int64 = self.sums[np.clip(ends - self.start, low, last)] - self.sums[low]
        return counts.astype(np.float64)

    def rate(self, start: int, end: int) -> float:
        """Records per second in a span; 0 for an empty one."""
        return self.count(start, end) / (end - start) if end > start else 0.0

    def active(self, start: int, end: int) -> Int64:
        """Seconds with a record, from start (included) to end (excluded)."""
        low = min(max(start - self.start, 0), len(self.values))
        high = min(max(end - self.start, low), len(self.values))
        return np.flatnonzero(self.values[low:high]) + (self.start + low)

    def peak(self, start: int, end: int, width_s: int = 5) -> int:
        """Most records within so many seconds, from start (included) to end (excluded)."""
        inside = self.values[max(start - self.start, 0) : max(end - self.start, 0)]
        return int(np.convolve(inside, np.ones(width_s, np.int64)).max(initial=0)) if len(inside) else 0

    def longest_pause(self, start: int, end: int) -> int:
        """Longest stretch of seconds without a record between two records of a span; its width with fewer than two."""
        active = self.active(start, end)
        return int(np.diff(active).max(initial=0)) if len(active) > 1 else end - start
