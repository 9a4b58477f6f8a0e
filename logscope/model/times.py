"""Times are integers: microseconds since 1970 in UTC. Durations likewise."""

from datetime import UTC, datetime, timedelta
from typing import Final

US: Final = 1_000_000
"""Microseconds in a second."""

MINUTE_US: Final = 60 * US
HOUR_US: Final = 3600 * US
DAY_US: Final = 86_400 * US

NO_TIME: Final = -(2**62)
"""In arrays of times: the record carries no time. In single values None is used instead."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 253_402_300_799 * US


def format_iso(time_us: int, digits: int = 6) -> str:
    """Write a time as ISO 8601 in UTC.

    Args:
        time_us: Microseconds UTC; clamped to the years 1 to 9999.
        digits: Digits of the second's fraction, 0 to 6; the rest is cut, not rounded.
    """
    clamped = max(-62_135_596_800 * US, min(time_us, _LARGEST))
    moment = _EPOCH + timedelta(microseconds=clamped)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S") if moment.year >= 1000 else moment.isoformat()[:19]
    fraction = f".{moment.microsecond:06d}"[: digits + 1] if digits else ""
    return f"{text}{fraction}Z"
