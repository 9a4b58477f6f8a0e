"""The time axis: which cell a time falls into, which time a cell stands for, and where round times are labelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from logscope.model.times import US
from logscope.ui.formatting import Look

_STEPS_S: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
)  # fmt: skip
_WEEK_US: Final = _STEPS_S[-1] * US
_LABEL_CELLS: Final = 14


@dataclass(frozen=True, slots=True)
class Axis:
    """A span of time in cells of equal width."""

    start: int
    """Microseconds UTC."""
    end: int
    """Behind the last moment; after start."""
    cells: int

    def column(self, time: int) -> int | None:
        """Cell of a time; None outside."""
        if not self.start <= time < self.end:
            return None
        return min(self.cells - 1, (time - self.start) * self.cells // (self.end - self.start))

    def time_at(self, column: int) -> int:
        """The middle of a cell."""
        return self.start + (2 * column + 1) * (self.end - self.start) // (2 * self.cells)

    def spread(self, counts: Sequence[int], start: int, width: int) -> list[int]:
        """Counts of buckets as counts of cells.

        Args:
            counts: One a bucket, oldest first.
            start: Of the first bucket.
            width: Of a bucket, microseconds.

        Returns:
            Sums where several buckets share a cell; the bucket's count where it fills several cells.
        """
        total = len(counts)
        sums = [0]
        for count in counts:
            sums.append(sums[-1] + count)
        cells = []
        for n in range(self.cells):
            low = (self.start + n * (self.end - self.start) // self.cells - start) // width
            high = (self.start + (n + 1) * (self.end - self.start) // self.cells - start) // width
            low, high = max(0, low), min(total, max(high, low + 1))
            cells.append(sums[high] - sums[low] if low < high else 0)
        return cells

    def within(self, counts: Sequence[int], start: int, width: int) -> Sequence[int]:
        """The counts of the buckets that are shown.

        Args:
            counts: One a bucket, oldest first.
            start: Of the first bucket.
            width: Of a bucket, microseconds.
        """
        low = max(0, (self.start - start) // width)
        return counts[low : max(low, -(-(self.end - start) // width))]

    def labels(self, look: Look) -> str:
        """Round times under their cells."""
        text = [" "] * self.cells
        span_us = self.end - self.start
        least = _LABEL_CELLS * span_us // self.cells
        # Of a year of logs as of an hour: labels never touch.
        step = next((s * US for s in _STEPS_S if s * US >= least), -(-least // _WEEK_US) * _WEEK_US)
        base = look.origin if look.origin is not None else self._midnight(look)
        time = base - (base - self.start) // step * step
        while time < self.end:
            column = self.column(time)
            shown = self._label(time, step, look)
            if column is not None and column + len(shown) < self.cells:
                text[column : column + len(shown)] = shown
            time += step
        return "".join(text)

    def _label(self, time: int, step: int, look: Look) -> str:
        if look.origin is not None:
            return look.clock(time).strip()
        moment = look.dial.read(time)
        if step % (60 * US):
            return f"{moment:%H:%M:%S}"
        # A day begins: its date says more than its hour.
        is_midnight = moment.hour == moment.minute == 0
        return f"{moment:%b} {moment.day}" if is_midnight else f"{moment:%H:%M}"

    def _midnight(self, look: Look) -> int:
        """A moment at which the shown clock reads 00:00:00."""
        shown = look.dial.read(self.start)
        return self.start - self.start % US - (shown.hour * 3600 + shown.minute * 60 + shown.second) * US
