"""Times as people type them: 30m, 14:00, yesterday 14:00, 2026-03-02T14:00, with a zone for what carries none."""

import re
import warnings
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from logscope.errors import UsageError
from logscope.model.times import DAY_US, HOUR_US, MINUTE_US, US

_UNIT_US = {"ms": 1000, "s": US, "m": MINUTE_US, "min": MINUTE_US, "h": HOUR_US, "d": DAY_US, "w": 7 * DAY_US}
_DURATION = re.compile(r"(?:\d{1,6}(?:\.\d{1,3})?(?:ms|min|[smhdw])){1,4}")
_PIECE = re.compile(r"(\d+(?:\.\d+)?)(ms|min|[smhdw])")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)?")
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


def parse_duration(text: str) -> int:
    """Read a duration such as `90s`, `15m` or `1h30m`, in microseconds.

    Raises:
        UsageError: It is none.
    """
    if not _DURATION.fullmatch(text.strip()):
        raise UsageError(f"{text!r} is no duration; write for example 90s, 15m or 1h30m")
    return sum(int(float(number) * _UNIT_US[unit]) for number, unit in _PIECE.findall(text))


def is_relative(text: str) -> bool:
    """Whether a time depends on what `now` is: anything but a date."""
    words = text.strip().lower().removesuffix(" ago")
    day = words.partition(" ")[0]
    return day in ("now", "today", "yesterday") or bool(_DURATION.fullmatch(words) or _CLOCK.fullmatch(words))


def parse_when(text: str, now_us: int, zone: tzinfo) -> int:
    """Read a point in time.

    Args:
        text: A duration before now, a clock time of the latest such moment before now, `now`, `today` or `yesterday`
            with or without a clock time, or a date in any usual form.
        now_us: What `now` means, microseconds UTC.
        zone: Zone of what carries none.

    Returns:
        Microseconds UTC.

    Raises:
        UsageError: It cannot be read.
    """
    words = text.strip().lower()
    if words == "now":
        return now_us
    if _DURATION.fullmatch(words.removesuffix(" ago")):
        return now_us - parse_duration(words.removesuffix(" ago"))
    now = datetime.fromtimestamp(now_us / US, UTC).astimezone(zone)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day, _, clock = words.partition(" ")
    if day in ("today", "yesterday"):
        base = midnight - timedelta(days=day == "yesterday")
        return _to_us(_with_clock(base, clock, text) if clock else base)
    if _CLOCK.fullmatch(words):
        moment = _with_clock(midnight, words, text)
        # 14:00 typed at 13:00 means yesterday's; a minute of grace for clocks that differ.
        return _to_us(moment if _to_us(moment) <= now_us + MINUTE_US else moment - timedelta(days=1))
    return _parse_date(text, zone)


def parse_zone(text: str) -> tzinfo:
    """Read a zone: an IANA name, `utc`, `local` or an offset such as `+01:00`.

    Raises:
        UsageError: There is no such zone.
    """
    if text.lower() in ("utc", "z"):
        return UTC
    if text.lower() == "local":
        return datetime.now().astimezone().tzinfo or UTC
    offset = _OFFSET.fullmatch(text)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3])
        if minutes >= 24 * 60:
            raise UsageError(f"{text!r} is no offset from UTC")
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    # The zones of the world are loaded for those who name one.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError, RecursionError) as error:
        # The library takes a name with a thousand dots for as many folders, one in another.
        raise UsageError(f"unknown time zone {text!r}; write for example Europe/Berlin, UTC or +01:00") from error


def _with_clock(day: datetime, clock: str, text: str) -> datetime:
    match = _CLOCK.fullmatch(clock)
    if not match or int(match[1]) > 23 or int(match[2]) > 59 or int(match[3] or 0) > 59:
        raise UsageError(f"{text!r} is no time; write for example 30m, 14:00 or 2026-03-02T14:00")
    micros = int(float(match[4] or 0) * US)
    return day.replace(hour=int(match[1]), minute=int(match[2]), second=int(match[3] or 0), microsecond=micros)


def _parse_date(text: str, zone: tzinfo) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        # Only here, on what a person typed: it takes 50 ms to import and guesses.
        from dateutil import parser

        try:
            with warnings.catch_warnings():
                # A zone that it does not know would be passed over.
                warnings.simplefilter("error")
                moment = parser.parse(text)
                # An offset of days is read, and refused by whoever asks for it.
                moment.utcoffset()
        except (ValueError, ArithmeticError, Warning) as error:
            raise UsageError(f"{text!r} is no time; write for example 30m, 14:00 or 2026-03-02T14:00") from error
    return _to_us(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _to_us(moment: datetime) -> int:
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
