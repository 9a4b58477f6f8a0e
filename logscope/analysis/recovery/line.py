"""One series at second resolution, for slicing. Minute buckets hide a herd (analysis.md 2d).

Only seconds with records are kept: a log of a year, or one with stamps decades apart, holds few of them.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from logscope.analysis.kinds.kinds import Kind
from logscope.ingest.batch import Int64
from logscope.ingest.distinct import find_distinct

_FEWEST_MINUTES: Final = 5
"""That so many records stand at a whole minute is no chance."""
_MOST_DENSE_S: Final = 4_000
"""Up to this length a span is counted second by second, which is quicker than sorting."""


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
        self.start = start
        self.end = end
        """Last second."""
        if len(seconds) and (int(seconds.min()) < start or int(seconds.max()) > end):
            inside = (seconds >= start) & (seconds <= end)
            seconds, counts = seconds[inside], counts[inside]
        if end - start <= _MOST_DENSE_S + 4 * len(seconds):
            values = np.bincount(seconds - start, weights=counts, minlength=1).astype(np.int64)
            at = np.arange(start, start + len(values))
        else:
            at, place = np.unique(seconds, return_inverse=True)
            values = np.bincount(place, weights=counts, minlength=len(at)).astype(np.int64)
        self._at: Int64 = at[values != 0]
        """Seconds with records, ascending."""
        self._values: Int64 = values[values != 0]
        self._sums: Int64 = np.concatenate([[0], np.cumsum(self._values)])

    @classmethod
    def of(cls, kinds: Sequence[Kind], start: int, end: int) -> "Line":
        """The records of at least one kind, from start to end, both included."""
        # A series is in order: what lies in a span is cut out, not looked for.
        pieces = [kind.within(start, end) for kind in kinds]
        if end - start <= _MOST_DENSE_S + sum(len(seconds) for seconds, _ in pieces):
            values = np.zeros(end - start + 1, np.int64)
            for seconds, counts in pieces:
                values[seconds - start] += counts
            active = np.flatnonzero(values)
            return cls(start, end, active + start, values[active])
        return cls(start, end, np.concatenate([one[0] for one in pieces]), np.concatenate([one[1] for one in pieces]))

    @classmethod
    def sum(cls, lines: Sequence["Line"]) -> "Line":
        """The records of at least one line; all are of one span."""
        if len(lines) == 1:
            return lines[0]
        start, end = lines[0].start, lines[0].end
        return cls(
            start, end, np.concatenate([one._at for one in lines]), np.concatenate([one._values for one in lines])
        )

    @property
    def is_by_minute(self) -> bool:
        """Its stamps are of whole minutes: a surge of seconds cannot be told in it."""
        return len(self._at) >= _FEWEST_MINUTES and not (self._at % 60).any()

    def before(self, seconds: Int64) -> Int64:
        """Records before each of these seconds."""
        return self._sums[np.searchsorted(self._at, seconds)]

    def count(self, start: int, end: int) -> int:
        """Records from start (included) to end (excluded)."""
        low, high = np.searchsorted(self._at, [start, max(start, end)])
        return int(self._sums[high] - self._sums[low])

    def cumulative(self, start: int, ends: Int64) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        """Records from start (included) to each end (excluded)."""
        begin = int(self._sums[np.searchsorted(self._at, start)])
        counts: Int64 = np.maximum(self.before(ends) - begin, 0)
        return counts.astype(np.float64)

    def rate(self, start: int, end: int) -> float:
        """Records per second in a span; 0 for an empty one."""
        return self.count(start, end) / (end - start) if end > start else 0.0

    def active(self, start: int, end: int) -> Int64:
        """Seconds with a record, from start (included) to end (excluded)."""
        low, high = np.searchsorted(self._at, [start, max(start, end)])
        return self._at[low:high]

    def turns(self, start: int, end: int) -> Int64:
        """Seconds at which a count up to them can be sharpest, from start to end, both included: where records are.

        Between two records a likelihood of two rates is convex in the second that parts them: its ends are the best.
        """
        active = self.active(start - 1, end + 1)
        cuts = find_distinct(np.concatenate([[start, end], active, active + 1]))
        return cuts[(cuts >= start) & (cuts <= end)]

    def peak(self, start: int, end: int, width_s: int = 5) -> int:
        """Most records within so many seconds, from start (included) to end (excluded)."""
        active = self.active(start, end)
        return int((self.before(np.minimum(active + width_s, end)) - self.before(active)).max(initial=0))

    def common_peak(self, start: int, end: int, width_s: int = 5) -> float:
        """Records within so many seconds that three of four stretches with records stay below: its usual height."""
        active = self.active(start, end)
        sums = self.before(np.minimum(active + width_s, end)) - self.before(active)
        return float(np.quantile(sums, 0.75)) if len(sums) else 0.0

    def width_of(self, start: int, end: int, share: float) -> int:
        """Seconds that hold the middle share of the records, from start (included) to end (excluded)."""
        active = self.active(start, end)
        sums = self.before(active + 1) - self.before(active[:1])
        if not len(active):
            return 1
        ends = np.searchsorted(sums, [(1 - share) / 2 * sums[-1], (1 + share) / 2 * sums[-1]])
        low, high = active[np.minimum(ends, len(active) - 1)]
        return int(high - low) + 1

    def longest_pause(self, start: int, end: int) -> int:
        """Longest stretch of seconds without a record between two records of a span; its width with fewer than two."""
        active = self.active(start, end)
        return int(np.diff(active).max(initial=0)) if len(active) > 1 else end - start
