"""A moment that a person types: a clock time, with or without a date, or a step from where the cursor is. Pure."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from logscope.model.times import US

_STEP: Final = re.compile(r"([+-])(\d{1,9})([smhd])(?!\S)")
_WRITTEN: Final = re.compile(
    r"(?:(?:(?P<year>\d{4})-)?(?P<month>\d{1,2})-(?P<day>\d{1,2})[T ])?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?(?P<utc>Z?)(?!\S)"
)
_UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def read_moment(text: str, near: int, zone: tzinfo, reach: tuple[int, int] | None) -> tuple[int, str] | None:
    """Read a moment at the begin of a text.

    Args:
        text: `14:02`, `14:02:03`, `2026-03-02 14:02`, `03-02 14:02`, `+10m` (from `near`), then other words.
        near: Microseconds UTC. A clock time without a date is the nearest one, in the logs where there is one.
        zone: In which it is written, unless a `Z` follows.
        reach: The first and the last moment of the logs; None without times.

    Returns:
        Microseconds UTC, to the second, and the words behind it; None where the text begins with no moment.
    """
    text = text.strip()
    step = _STEP.match(text)
    if step is not None:
        by = int(step[2]) * _UNITS_S[step[3]] * US
        return near + (by if step[1] == "+" else -by), text[step.end() :].strip()
    match = _WRITTEN.match(text)
    if match is None:
        return None
    base = datetime.fromtimestamp(near // US, UTC if match["utc"] else zone)
    date = (int(match["year"] or base.year), int(match["month"] or base.month), int(match["day"] or base.day))
    clock = (int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    days = (0,) if match["day"] else (0, -1, 1)
    try:
        moment = datetime(*date, *clock, tzinfo=base.tzinfo)
        times = [_to_us(moment + timedelta(days=day)) for day in days]
    except (ValueError, OverflowError):
        return None
    inside = [time for time in times if reach is not None and reach[0] - US <= time <= reach[1]]
    return min(inside or times, key=lambda time: abs(time - near)), text[match.end() :].strip()


def _to_us(moment: datetime) -> int:
    return round(moment.timestamp()) * US
