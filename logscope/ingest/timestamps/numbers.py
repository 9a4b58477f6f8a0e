"""Stamps that are one number: seconds since 1970 or since a start, whole or hexadecimal, to microseconds."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from logscope.ingest.timestamps.minutes import read_minute
from logscope.model.times import MINUTE_US, NO_TIME, US

LATEST: Final = 4_102_444_800 * US
"""The year 2100: later stamps are end markers such as 9999-12-31 or plain nonsense."""
_COUNTED_DAY: Final = rb"(?P<Y>\d{4})(?P<m>\d\d)(?P<d>\d\d) (?P<H>\d):(?P<M>\d\d)"


def scale_epoch(number: int, micros: int = 0) -> int | None:
    """Microseconds of a number since 1970, its unit (s, ms, us, ns) told by its magnitude; None outside 1970 to 2100.

    Args:
        number: The digits before the point.
        micros: The fraction in millionths, used where the number is in seconds.
    """
    if number < 1_000_000:
        return None
    if number < 20_000_000_000:
        time = number * US + micros
    elif number < 20_000_000_000_000:
        time = number * 1000
    elif number < 20_000_000_000_000_000:
        time = number
    else:
        time = number // 1000
    return time if 0 < time < LATEST else None


def _read_epoch_text(digits: bytes) -> int:
    time = scale_epoch(int(digits)) if digits.isdigit() and digits[:1] == b"1" else None
    return NO_TIME if time is None else time


def _read_counts(text: bytes) -> int:
    clock = text[9:].split(b":")
    day = read_minute(_COUNTED_DAY, text[:8] + b" 0:00")
    if day == NO_TIME:
        return day
    hour, minute, second, milli = map(int, clock)
    return day + (hour * 60 + minute) * MINUTE_US + second * US + milli * 1000


def _read_uptime(digits: bytes) -> int:
    return int(digits) * US


def _read_tai(label: bytes) -> int:
    """TAI64N as daemontools write it: seconds since 1970 plus 2^62 and ten, then nanoseconds, in hexadecimal."""
    try:
        seconds = int(label[1:17], 16) - (1 << 62) - 10
        time = seconds * US + int(label[17:25], 16) // 1000
    except ValueError:
        return NO_TIME
    return time if 0 < time < LATEST else NO_TIME


def _read_hex(text: bytes) -> int:
    """Seconds and their fraction in hexadecimal, as OpenLDAP writes them: eight digits of ns, five of us."""
    seconds, _, fraction = text.partition(b".")
    try:
        micros = int(fraction, 16) // (1000 if len(fraction) == 8 else 1)
        return int(seconds, 16) * US + micros if micros < US else NO_TIME
    except ValueError:
        return NO_TIME


_BIASED: Final = re.compile(rb"(\d\d:\d\d):(\d\d)\.(\d{1,7})([+-]\d{1,3})\" date=\"(\d{1,2}-\d{1,2}-\d{4})")
_BIASED_MINUTE: Final = rb"(?P<H>\d\d):(?P<M>\d\d) (?P<m>\d{1,2})-(?P<d>\d{1,2})-(?P<Y>\d{4})"


def _read_biased(text: bytes) -> int:
    """A local time and the minutes that UTC is ahead of it, as Configuration Manager writes them before the date."""
    found = _BIASED.fullmatch(text)
    if found is None:
        return NO_TIME
    clock, second, fraction, bias, date = found.groups()
    minute = read_minute(_BIASED_MINUTE, clock + b" " + date)
    micros = int(fraction.ljust(6, b"0")[:6])
    return minute if minute == NO_TIME else minute + int(bias) * MINUTE_US + int(second) * US + micros


READERS: Final[Mapping[str, Callable[[bytes], int]]] = {
    "tai64n": _read_tai,
    "hex epoch": _read_hex,
    "epoch": _read_epoch_text,
    "compact counts": _read_counts,
    "uptime": _read_uptime,
    "biased": _read_biased,
}
"""How kinds that are one number are read."""
