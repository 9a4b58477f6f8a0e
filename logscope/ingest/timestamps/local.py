"""Times of a place to UTC, stamp by stamp: a clock on the wall skips an hour in spring and repeats one in autumn."""

from datetime import UTC, datetime, tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.distinct import find_distinct
from logscope.model.times import DAY_US, MINUTE_US, NO_TIME, US

_STEP: Final = 15 * MINUTE_US
"""Zones change their offset at such times of the clock only."""
_REPEATED: Final = 20 * MINUTE_US
"""A clock that is back by so much within a repeated hour shows it the second time; by less, lines are out of order."""
_SANE: Final = (-62_000_000_000 * US, 250_000_000_000 * US)


class LocalClock:
    """Turns the stamps of one file, in its order, into UTC."""

    def __init__(self, zone: tzinfo) -> None:
        """Keeps the zone."""
        self._zone = zone
        self._offsets: dict[int, tuple[int, int]] = {}
        self._latest: int | None = None
        """Latest stamp within the repeated hour that is being read."""
        self._is_second = False

    def to_utc(self, stamp: int) -> int:
        """Microseconds UTC of a stamp that was read as if it were UTC.

        In an hour that the clock repeats a stamp is of its first run until time goes back within it. A stamp in an
        hour that the clock skips is read as if it had not.
        """
        first, second = self.find_offsets(stamp)
        if first <= second:
            if first == second:
                self._latest = None
            return stamp - first
        if self._latest is None or abs(stamp - self._latest) > DAY_US:
            self._latest, self._is_second = stamp, False
        elif stamp < self._latest - _REPEATED:
            self._is_second = True
        self._latest = max(stamp, self._latest) if not self._is_second else stamp
        return stamp - (second if self._is_second else first)

    def to_utc_all(self, stamps: NDArray[np.int64]) -> NDArray[np.int64]:
        """The same of many, in the file's order; `NO_TIME` stays. Quick where the clock is not moved between them."""
        timed = stamps[stamps != NO_TIME]
        if not len(timed):
            return stamps
        steps = timed // _STEP
        changes = np.flatnonzero(np.append(True, steps[1:] != steps[:-1]))
        offsets = {self.find_offsets(step * _STEP) for step in find_distinct(steps[changes]).tolist()}
        if len(offsets) == 1 and len(set(next(iter(offsets)))) == 1:
            self._latest = None
            return np.where(stamps == NO_TIME, NO_TIME, stamps - next(iter(offsets))[0])
        return np.array([stamp if stamp == NO_TIME else self.to_utc(stamp) for stamp in stamps.tolist()], np.int64)

    def find_offsets(self, stamp: int) -> tuple[int, int]:
        """Microseconds east of UTC of the clock's first and second showing of a time; equal where it shows it once."""
        step = stamp // _STEP
        offsets = self._offsets.get(step)
        if offsets is None:
            if len(self._offsets) > 10_000:
                self._offsets.clear()
            offsets = self._offsets[step] = self._find_offsets(step * _STEP)
        return offsets

    def _find_offsets(self, stamp: int) -> tuple[int, int]:
        moment = datetime.fromtimestamp(max(_SANE[0], min(stamp, _SANE[1])) / US, UTC).replace(tzinfo=self._zone)
        found = (moment.replace(fold=fold).utcoffset() for fold in (0, 1))
        first, second = (0 if offset is None else round(offset.total_seconds() * US) for offset in found)
        return first, second
