"""Zones by when lines arrive: of a log that is followed, a line that was just written was just stamped.

The least lag between a stamp and its arrival is the zone's, for a line may wait before it is written but never comes
before it happened (the lower envelope, analysis.md 2c). Only whole quarters of an hour are believed: any other lag is
work that waits, or a wrong clock.
"""

from collections import deque
from typing import Final

from logscope.analysis.clocks.clocks import is_zone
from logscope.model.times import MINUTE_US, US

_QUARTER_US: Final = 15 * MINUTE_US
_FEWEST: Final = 4
_LEAST_SPAN_US: Final = 5 * US
"""One copy of an old log comes at once; what is being written comes again and again."""
_SLACK_US: Final = 20 * US
_STEADY_US: Final = 60 * US
"""Lags that differ by more are of a log that is brought over, not written."""
_MOST: Final = 64


class Arrivals:
    """What was seen of each followed log."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[tuple[int, int]]] = {}

    def note(self, source: str, arrived: int, stamp: int) -> None:
        """Remember a look that found new lines.

        Args:
            source: Key of the log.
            arrived: The clock, microseconds UTC.
            stamp: The newest stamp of the lines, as written.
        """
        self._seen.setdefault(source, deque(maxlen=_MOST)).append((arrived, arrived - stamp))

    def forget(self, source: str) -> None:
        """Know nothing of a source any more."""
        self._seen.pop(source, None)

    def all(self) -> tuple[tuple[str, tuple[tuple[int, int], ...]], ...]:
        """For each log when lines arrived, and how long after their stamp, oldest first."""
        return tuple((source, tuple(seen)) for source, seen in sorted(self._seen.items()))

    def zone_of(self, source: str) -> int | None:
        """What is added to its stamps to get UTC, microseconds; None where nothing is known."""
        seen = list(self._seen.get(source, ()))
        if len(seen) < _FEWEST or seen[-1][0] - seen[0][0] < _LEAST_SPAN_US:
            return None
        lags = sorted(lag for _, lag in seen)
        zone = round(lags[0] / _QUARTER_US) * _QUARTER_US
        if abs(lags[0] - zone) > _SLACK_US or lags[len(lags) * 3 // 4] - lags[0] > _STEADY_US:
            return None
        return zone if is_zone(zone) else None
