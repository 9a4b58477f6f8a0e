"""Which part of the time is in view: the incident until somebody zooms, then what was zoomed to. No widget, no drawing.

While records come the incident's part grows in steps, so that the picture stands still between two of them.
"""

from typing import Final

from logscope.model.snapshot import Snapshot
from logscope.ui.formatting import growing_span, incident_span

_LEAST_SPAN_US: Final = 10_000_000


class Viewport:
    """A span of time over a Snapshot's, and how it follows the incident."""

    def __init__(self) -> None:
        """Nothing is known yet: all of the time, as soon as there is any."""
        self.snapshot: Snapshot | None = None
        self.is_growing = False
        """Newer records came: there is room for those that will."""
        self._view: tuple[int, int] | None = None
        """First and behind the last moment shown; None for all."""
        self.is_fitted = True
        """Until somebody zooms, the incident is shown as far as it has gone by now."""
        self._room_s = 0
        """Seconds from the incident's begin to the right edge, while records come."""

    def take(self, snapshot: Snapshot) -> None:
        """A newer Snapshot: what is in view stays, or grows with the incident."""
        old, self.snapshot = self.snapshot, snapshot
        if old is not None and old.progress.done and (snapshot.as_of or 0) > (old.as_of or 0):
            self.is_growing = True
        if old is None or _start_of(old) != _start_of(snapshot):
            self._room_s = 0
        if self.is_fitted:
            self.fit()

    def fit(self) -> None:
        """Show the incident with some of the time around it; of one that goes on, more and more."""
        assert self.snapshot is not None, "asked only with a snapshot"
        self.is_fitted = True
        grown = growing_span(self.snapshot, self._room_s) if self.is_growing else None
        if grown is None:
            self._view = incident_span(self.snapshot)
        else:
            self._view, self._room_s = grown

    def bounds(self) -> tuple[int, int]:
        """Begin of the first bucket and end of the last."""
        assert self.snapshot is not None, "asked only with a snapshot"
        start = self.snapshot.lane_start
        count = len(self.snapshot.lanes[0].records) if self.snapshot.lanes else 0
        return start, start + max(1, count) * self.snapshot.lane_bucket_us

    def span(self) -> tuple[int, int]:
        """First moment shown, and behind the last."""
        start, end = self.bounds()
        if self._view is not None and self._view[0] < end and self._view[1] > start:
            is_open = self.is_growing and self.is_fitted
            start, end = max(start, self._view[0]), self._view[1] if is_open else min(end, self._view[1])
        return start, max(end, start + 1)

    def zoom(self, factor: float, around: int | None) -> tuple[int, int] | None:
        """Show less (factor below 1) or more of the time around a moment.

        Args:
            factor: Of the span shown now.
            around: The cursor's moment; None takes the middle.

        Returns:
            What is shown from now on; None where that is all there is.
        """
        (start, end), (first, last) = self.span(), self.bounds()
        least = min(last - first, _LEAST_SPAN_US)
        wide = max(least, min(last - first, round((end - start) * factor)))
        middle = around if around is not None else (start + end) // 2
        low = max(first, min(last - wide, middle - wide // 2))
        self._view = None if wide >= last - first else (low, low + wide)
        self.is_fitted = False
        return self._view

    def keep_visible(self, time: int) -> None:
        """Move what is in view where a moment lies beside it."""
        if self._view is None or self.snapshot is None:
            return
        first, last = self._view
        if not first <= time < last:
            wide = last - first
            self.is_fitted = False
            self._view = (time - wide // 2, time + wide - wide // 2)


def _start_of(snapshot: Snapshot) -> int | None:
    return snapshot.incident.start if snapshot.incident is not None else None
