"""The text of a minute to microseconds since 1970: many lines share one, and it is read once."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from logscope.ingest.timestamps.months import read_month
from logscope.ingest.timestamps.zones import read_region
from logscope.model.times import DAY_US, MINUTE_US, NO_TIME

EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_CACHED: Final = 4096
"""Entries of a cache before it starts again: more distinct minutes than a block of a sane log holds."""


class MinuteCache(dict[bytes, int]):
    """Text of a minute to microseconds; `NO_TIME` for impossible dates. Bounded, and dropped when pickled."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[bytes], int]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, key: bytes) -> int:
        if len(self) >= _CACHED:
            self.clear()
        value = self[key] = self._read(key)
        return value

    def __reduce__(self) -> tuple[type["MinuteCache"], tuple[Callable[[bytes], int]]]:
        return (MinuteCache, (self._read,))


def read_minute(parts: bytes, key: bytes) -> int:
    """Microseconds since 1970 of a minute, in UTC; `NO_TIME` where there is no such minute.

    Args:
        parts: Regex over the text, with the groups that `StampKind.parts` names.
        key: The text.
    """
    # Compiled by the first text of its kind, and kept by `re`: most kinds are never met.
    match = re.fullmatch(parts, key)
    if match is None:
        return NO_TIME
    found = match.groupdict()
    try:
        year_text = found.get("Y") or found.get("y")
        if year_text is None:
            year = 2000
        else:
            year = int(year_text)
            if len(year_text) == 2:
                year += 2000 if year < 70 else 1900
            if not 1900 <= year < 2100:
                return NO_TIME
        month = read_month(found["b"]) if found.get("b") else int(found.get("m") or 1)
        hour = int(found["H"])
        minute = int(found["M"])
        half = found.get("p")
        if half:
            if not 1 <= hour <= 12:
                return NO_TIME
            hour = hour % 12 + (12 if half[:1] in b"pP" else 0)
        if hour > 24 or minute > 59 or (hour == 24 and minute):
            return NO_TIME
        day = _read_day(found, year, month) - EPOCH_DAY if {"d", "j", "W"} & found.keys() else 0
    except (ValueError, KeyError):
        return NO_TIME
    time = day * DAY_US + (hour * 60 + minute) * MINUTE_US
    region = found.get("z")
    return time if region is None else time - read_region(region.decode("ascii"), time)


def _read_day(found: Mapping[str, bytes], year: int, month: int) -> int:
    """Ordinal of a date by month and day, by day of the year, or by week and weekday.

    Raises:
        ValueError: There is no such day.
    """
    if "j" in found:
        day = date(year, 1, 1).toordinal() + int(found["j"]) - 1
        if date.fromordinal(day).year != year:
            raise ValueError(f"{year} has no day {int(found['j'])}")
        return day
    if "W" in found:
        return date.fromisocalendar(year, int(found["W"]), int(found["w"])).toordinal()
    return date(year, month, int(found["d"])).toordinal()
