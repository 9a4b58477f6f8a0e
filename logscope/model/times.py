"""Times are integers: microseconds since 1970 in UTC. Durations likewise."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

US: Final = 1_000_000
"""Microseconds in a second."""

MINUTE_US: Final = 60 * US
HOUR_US: Final = 3600 * US
DAY_US: Final = 86_400 * US

NO_TIME: Final = -(2**62)
"""In arrays of times: the record carries no time. In single values None is used instead."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_US: Final = -62_135_596_800 * US
LAST_US: Final = 253_402_300_799 * US
"""The years 1 to 9999, all that a calendar has here."""


def format_iso(time_us: int, digits: int = 6) -> str:
    """Write a time as ISO 8601 in UTC.

    Args:
        time_us: Microseconds UTC; clamped to the years 1 to 9999.
        digits: Digits of the second's fraction, 0 to 6; the rest is cut, not rounded.
    """
    clamped = max(FIRST_US, min(time_us, LAST_US))
    moment = _EPOCH + timedelta(microseconds=clamped)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S") if moment.year >= 1000 else moment.isoformat()[:19]
    fraction = f".{moment.microsecond:06d}"[: digits + 1] if digits else ""
    return f"{text}{fraction}Z"


def span(us: int) -> str:
    """A duration for a sentence: `4.7 s`, `3 min 24 s`, `2 h 5 min`."""
    seconds = us / US
    if seconds < 1:
        return f"{max(min(us, 1), round(us / 1000))} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


@dataclass(frozen=True, slots=True)
class Dial:
    """How times are written for a person: in a zone, and with their date where it is not the day that is meant."""

    zone: tzinfo = UTC
    day: date | None = None
    """Times of this day go without a date; None where every time does."""

    @staticmethod
    def around(time_us: int | None, zone: tzinfo = UTC) -> "Dial":
        """A dial for times of the same day as a moment, and of others."""
        return Dial(zone, None if time_us is None else Dial(zone).read(time_us).date())

    def read(self, time_us: int) -> datetime:
        """The moment in the zone, to the second; kept within the years that a calendar has, whatever the zone."""
        return datetime.fromtimestamp(max(FIRST_US + DAY_US, min(time_us, LAST_US - DAY_US)) // US, self.zone)

    def clock(self, time_us: int | None, *, millis: bool = False, unknown: str = "?") -> str:
        """Time of day to the second, behind the date of another day: `14:02:23`, `Mar 2 14:02:23`.

        Args:
            time_us: Microseconds UTC; None where it is not known.
            millis: To the millisecond, where the stamp is not of a whole second.
            unknown: What stands for no time.
        """
        if time_us is None:
            return unknown
        moment, part = self.read(time_us), time_us // 1000 % 1000
        text = f"{self._date(moment)}{moment:%H:%M:%S}"
        return f"{text}.{part:03d}" if millis and part else text

    def days_before(self, time_us: int) -> int:
        """How many days before the one that is meant; 0 where every time goes without a date."""
        return 0 if self.day is None else (self.day - self.read(time_us).date()).days

    def _date(self, moment: datetime) -> str:
        if self.day is None or moment.date() == self.day:
            return ""
        return f"{moment:%b} {moment.day} " if moment.year == self.day.year else f"{moment.date()} "
