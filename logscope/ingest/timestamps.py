r"""Shapes of timestamps and how each becomes integer microseconds.

A `StampKind` is data: a bytes pattern with the groups `minute` (everything down to the minute, in one piece),
`second`, `fraction`, `zone` and `extra` (AM/PM, or the year where it stands behind the time). The minute's text is looked
up in a cache, so a line costs one look-up and a few additions. Nothing here knows layouts or levels.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache, partial
from typing import Final

from logscope.ingest.timestamps_zones import ZONE_WORDS, read_zone
from logscope.model.times import DAY_US, MINUTE_US, NO_TIME, US

EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_CACHED: Final = 4096
"""Entries of a cache before it starts again: more distinct minutes than a block of a sane log holds."""


class Missing(IntEnum):
    """What a stamp does not say."""

    NOTHING = 0
    YEAR = 1
    DAY = 2
    EPOCH = 3
    """Counted from a start that the log does not tell (uptime)."""


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


@dataclass(frozen=True, slots=True)
class StampKind:
    """One way to write a point in time."""

    name: str
    pattern: bytes
    """Source of a bytes regex with the named groups of this module; no anchors, no other groups by name."""
    parts: bytes
    """Regex over the minute's text, with a blank and `extra` appended where there is one; groups Y y m b d H M p."""
    missing: Missing = Missing.NOTHING

    def make_cache(self) -> MinuteCache:
        """A fresh cache from the minute's text to microseconds since 1970.

        Without a year the year is 2000 (a leap year), without a day the day is 1970-01-01; `ParseState.place` puts
        them right.
        """
        if not self.parts:
            return MinuteCache(_read_tai if self.name == "tai64n" else _read_epoch_text)
        return MinuteCache(partial(_read_minute, re.compile(self.parts)))


_MONTHS: Final[Mapping[bytes, int]] = {
    name: number for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}


def _read_minute(parts: re.Pattern[bytes], key: bytes) -> int:
    match = parts.fullmatch(key)
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
        if found.get("b"):
            month = _MONTHS[found["b"][:3].lower()]
        else:
            month = int(found.get("m") or 1)
        hour = int(found["H"])
        minute = int(found["M"])
        half = found.get("p")
        if half:
            if not 1 <= hour <= 12:
                return NO_TIME
            hour = hour % 12 + (12 if half[:1] in b"pP" else 0)
        if hour > 24 or minute > 59 or (hour == 24 and minute):
            return NO_TIME
        if "d" in found:
            day = date(year, month, int(found["d"])).toordinal() - EPOCH_DAY
        else:
            day = 0
    except (ValueError, KeyError):
        return NO_TIME
    return day * DAY_US + (hour * 60 + minute) * MINUTE_US


_H: Final = rb"(?:[01]\d|2[0-4]| \d|\d)"
_T: Final = rb"(?:(?:[01]\d|2[0-4])| ?\d):[0-5]\d"
_S: Final = rb"(?::(?P<second>[0-5]\d|60))"
_F: Final = rb"(?:[.,](?P<fraction>\d{1,9}))?"
_F_COLON: Final = rb"(?:[.,:](?P<fraction>\d{1,9}))?"
_ZONE_WORD: Final = b"|".join(word.encode() for word in sorted(ZONE_WORDS, key=lambda w: (-len(w), w)))
_Z: Final = (
    rb"(?: ?(?P<zone>Z(?![A-Za-z])|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?(?![\d:.])|(?:"
    + _ZONE_WORD
    + rb")(?![A-Za-z0-9_])))?"
)
_B: Final = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DOW: Final = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_Y: Final = rb"(?:19|20)\d\d"
_HALF: Final = rb"(?: ?(?P<extra>[AaPp]\.?[Mm]\b\.?))"
_PARTS_TIME: Final = rb"[T ]* ?(?P<H>\d{1,2}):?(?P<M>\d\d)"


def _kind(name: str, minute: bytes, rest: bytes, parts: bytes, missing: Missing = Missing.NOTHING) -> StampKind:
    return StampKind(name, rb"(?P<minute>" + minute + rb")" + rest, parts, missing)


KINDS: Final[tuple[StampKind, ...]] = (
    _kind(
        "iso", _Y + rb"-[01]\d-[0-3]\d[T ] ?" + _T, _S + _F_COLON + _Z,
        rb"(?P<Y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)" + _PARTS_TIME,
    ),
    _kind(
        "slash", _Y + rb"/[01]\d/[0-3]\d[T -]" + _T, _S + _F_COLON + _Z,
        rb"(?P<Y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)-?" + _PARTS_TIME,
    ),
    _kind(
        "dots", _Y + rb"\.[01]\d\.[0-3]\d[T -]" + _T, _S + _F_COLON + _Z,
        rb"(?P<Y>\d{4})\.(?P<m>\d\d)\.(?P<d>\d\d)-?" + _PARTS_TIME,
    ),
    _kind(
        "clf", rb"[0-3]\d/" + _B + rb"/" + _Y + rb":" + _T, _S + _F + _Z,
        rb"(?P<d>\d\d)/(?P<b>\w{3})/(?P<Y>\d{4}):" + _PARTS_TIME,
    ),
    _kind(
        "day month year", rb"[ 0-3]?\d[- ]" + _B + rb"[- ]" + _Y + rb"(?: |::|T)" + _T, _S + _F_COLON + _Z,
        rb" ?(?P<d>\d{1,2})[- ](?P<b>\w{3})[- ](?P<Y>\d{4}):*" + _PARTS_TIME,
    ),
    _kind(
        "mail", _DOW + rb", [ 0-3]?\d " + _B + rb" " + _Y + rb" " + _T, _S + _Z,
        rb"\w+, +(?P<d>\d{1,2}) (?P<b>\w{3}) (?P<Y>\d{4})" + _PARTS_TIME,
    ),
    _kind(
        "ctime", rb"(?:" + _DOW + rb" )?" + _B + rb" [ 0-3]?\d " + _T,
        _S + _F + _Z + rb" (?P<extra>" + _Y + rb")(?!\d)",
        rb"(?:\w+ )?(?P<b>\w{3}) +(?P<d>\d{1,2})" + _PARTS_TIME + rb" (?P<Y>\d{4})",
    ),
    _kind(
        "month day year 12h", _B + rb" [ 0-3]?\d, " + _Y + rb",? (?:1[0-2]|0?[1-9]):[0-5]\d", _S + _F + _HALF + _Z,
        rb"(?P<b>\w{3}) +(?P<d>\d{1,2}), (?P<Y>\d{4}),?" + _PARTS_TIME + rb" (?P<p>\S+)",
    ),
    _kind(
        "month day year", _B + rb" [ 0-3]?\d,? " + _Y + rb",? " + _T, _S + _F + _Z,
        rb"(?P<b>\w{3}) +(?P<d>\d{1,2}),? (?P<Y>\d{4}),?" + _PARTS_TIME,
    ),
    _kind(
        "us 12h", rb"[01]?\d/[0-3]?\d/(?:" + _Y + rb"|\d\d),? (?:1[0-2]|0?[1-9]):[0-5]\d", _S + _F_COLON + _HALF + _Z,
        rb"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<Y>\d{2,4}),?" + _PARTS_TIME + rb" (?P<p>\S+)",
    ),
    _kind(
        "iso 12h", _Y + rb"[-/][01]\d[-/][0-3]\d (?:1[0-2]|0?[1-9]):[0-5]\d", _S + _F + _HALF + _Z,
        rb"(?P<Y>\d{4})[-/](?P<m>\d\d)[-/](?P<d>\d\d)" + _PARTS_TIME + rb" (?P<p>\S+)",
    ),
    _kind(
        "day first", rb"[0-3]\d/[01]\d/" + _Y + rb"(?:,? |:|T)" + _T, _S + _F_COLON + _Z,
        rb"(?P<d>\d\d)/(?P<m>\d\d)/(?P<Y>\d{4})[:,]?" + _PARTS_TIME,
    ),
    _kind(
        "month first", rb"[01]\d/[0-3]\d/" + _Y + rb"(?:,? |:|T)" + _T, _S + _F_COLON + _Z,
        rb"(?P<m>\d\d)/(?P<d>\d\d)/(?P<Y>\d{4})[:,]?" + _PARTS_TIME,
    ),
    _kind(
        "german", rb"[0-3]?\d\.[01]?\d\." + _Y + rb",? " + _T, _S + _F_COLON + _Z,
        rb"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<Y>\d{4}),?" + _PARTS_TIME,
    ),
    _kind(
        "short slash", rb"\d\d/[01]\d/[0-3]\d " + _T, _S + _F + _Z,
        rb"(?P<y>\d\d)/(?P<m>\d\d)/(?P<d>\d\d)" + _PARTS_TIME,
    ),
    _kind(
        "compact", _Y + rb"[01]\d[0-3]\d[ T-]?(?:[01]\d|2[0-4])[0-5]\d", rb"(?P<second>[0-5]\d|60)(?!\d)" + _F + _Z,
        rb"(?P<Y>\d{4})(?P<m>\d\d)(?P<d>\d\d)-?" + _PARTS_TIME,
    ),
    _kind(
        "compact day", _Y + rb"[01]\d[0-3]\d[ T:-]" + _T, _S + _F_COLON + _Z,
        rb"(?P<Y>\d{4})(?P<m>\d\d)(?P<d>\d\d)[:-]?" + _PARTS_TIME,
    ),
    _kind(
        "short", rb"\d\d[01]\d[0-3]\d " + _T, _S + _F + _Z,
        rb"(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d)" + _PARTS_TIME,
    ),
    _kind(
        "short compact", rb"\d\d[01]\d[0-3]\d [012]\d[0-5]\d", rb"(?P<second>[0-5]\d|60)(?!\d)" + _F,
        rb"(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d)" + _PARTS_TIME,
    ),
    _kind(
        "syslog", _B + rb" [ 0-3]?\d " + _T, _S + _F + _Z,
        rb"(?P<b>\w{3}) +(?P<d>\d{1,2})" + _PARTS_TIME, Missing.YEAR,
    ),
    _kind(
        "day month",
        rb"[ 0-3]\d " + _B + rb" " + _T,
        _S + _F,
        rb" ?(?P<d>\d{1,2}) (?P<b>\w{3})" + _PARTS_TIME,
        Missing.YEAR,
    ),
    _kind(
        "month-day", _B + rb"-[0-3]\d " + _T, _S + _F,
        rb"(?P<b>\w{3})-(?P<d>\d{1,2})" + _PARTS_TIME, Missing.YEAR,
    ),
    _kind(
        "klog", rb"[01]\d[0-3]\d " + _T, _S + _F,
        rb"(?P<m>\d\d)(?P<d>\d\d)" + _PARTS_TIME, Missing.YEAR,
    ),
    _kind(
        "logcat", rb"[01]\d[-.][0-3]\d " + _T, _S + _F,
        rb"(?P<m>\d\d)[-.](?P<d>\d\d)" + _PARTS_TIME, Missing.YEAR,
    ),
    _kind(
        "time 12h", rb"(?:1[0-2]|0?[1-9]):[0-5]\d", _S + _F_COLON + _HALF,
        rb"(?P<H>\d{1,2}):(?P<M>\d\d) (?P<p>\S+)", Missing.DAY,
    ),
    _kind("time", _T, _S + _F_COLON, _PARTS_TIME, Missing.DAY),
    StampKind("tai64n", rb"(?P<minute>@4[0-9a-f]{23})(?![0-9a-f])", b""),
    StampKind("epoch", rb"(?P<minute>1\d{9}(?:\d{3}){0,3})(?!\d)(?:\.(?P<fraction>\d{1,9}))?(?![\d.])", b""),
)  # fmt: skip

KIND_BY_NAME: Final[Mapping[str, StampKind]] = {kind.name: kind for kind in KINDS}

_POWERS: Final = (1_000_000, 100_000, 10_000, 1_000, 100, 10, 1)
LATEST: Final = 4_102_444_800 * US
"""The year 2100: later stamps are end markers such as 9999-12-31 or plain nonsense."""


def read_fraction(digits: bytes) -> int:
    """Microseconds of the digits behind the second's mark; what is finer is cut."""
    return int(digits[:6]) * _POWERS[min(len(digits), 6)]


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


def _read_tai(label: bytes) -> int:
    """TAI64N as daemontools write it: seconds since 1970 plus 2^62 and ten, then nanoseconds, in hexadecimal."""
    try:
        seconds = int(label[1:17], 16) - (1 << 62) - 10
        time = seconds * US + int(label[17:25], 16) // 1000
    except ValueError:
        return NO_TIME
    return time if 0 < time < LATEST else NO_TIME


class ParseState:
    """What parsing a file line by line must remember; everything else about a file is in its frozen layout."""

    __slots__ = ("after_error", "day", "in_trace", "last", "partial", "year")

    def __init__(self, year: int = 1970, day: int = 0) -> None:
        self.year = year
        """Year of year-less stamps."""
        self.day = day
        """Microseconds at the midnight that time-only stamps count from."""
        self.last = NO_TIME
        """Minute of the last stamp whose year or day had to be found."""
        self.in_trace = False
        """The last line belongs to a stack trace whose end is a line without indent."""
        self.after_error = False
        """The last record without a head of a learned form is a warning or worse."""
        self.partial = False
        """The last line of the envelope was cut and goes on in the next."""

    def copy(self) -> "ParseState":
        """The same state again, for reading on from here twice."""
        twin = ParseState(self.year, self.day)
        twin.last, twin.in_trace, twin.partial = self.last, self.in_trace, self.partial
        twin.after_error = self.after_error
        return twin

    def place(self, minute: int, missing: Missing) -> int:
        """Give a minute without year or day its place, and notice the turn of year or day.

        A backwards jump of more than half a day (half a year) is midnight (New Year); a forward jump of as much
        shortly after one is a straggler from before it. Only whole minutes are compared, so reading runs of equal
        minutes gives the same as reading every line.
        """
        if missing is Missing.YEAR:
            time = _in_year(minute, self.year)
            if self.last != NO_TIME:
                if self.last - time > _HALF_YEAR:
                    self.year += 1
                    time = _in_year(minute, self.year)
                elif time - self.last > _HALF_YEAR and self.last - _in_year(_YEAR_2000, self.year) < DAY_US:
                    return _in_year(minute, self.year - 1)
        else:
            time = self.day + minute
            if self.last != NO_TIME:
                if self.last - time > DAY_US // 2:
                    self.day += DAY_US
                    time += DAY_US
                elif time - self.last > DAY_US // 2 and self.last - self.day < 10 * MINUTE_US:
                    return time - DAY_US
        self.last = time
        return time


_HALF_YEAR: Final = 183 * DAY_US
_YEAR_2000: Final = (date(2000, 1, 1).toordinal() - EPOCH_DAY) * DAY_US
_MARCH_2000: Final = (date(2000, 3, 1).toordinal() - EPOCH_DAY) * DAY_US


@lru_cache(maxsize=64)
def _year_shift(year: int) -> tuple[int, int]:
    """What moves a time of 2000 to the year: before and from the first of March on."""
    january, march = (date(year, month, 1).toordinal() - EPOCH_DAY for month in (1, 3))
    return january * DAY_US - _YEAR_2000, march * DAY_US - _MARCH_2000


def _in_year(time: int, year: int) -> int:
    before, after = _year_shift(max(1, min(year, 9998)))
    return time + (before if time < _MARCH_2000 else after)


class StampReader:
    """Puts the groups of one kind's match together."""

    __slots__ = ("_cache", "kind")

    def __init__(self, kind: StampKind) -> None:
        self.kind = kind
        self._cache = kind.make_cache()

    def __reduce__(self) -> tuple[type["StampReader"], tuple[StampKind]]:
        return (StampReader, (self.kind,))

    def read_minute(self, minute: bytes) -> int:
        """Microseconds of the minute as written, `NO_TIME` for an impossible one; year or day not yet found."""
        return self._cache[minute]

    def read(
        self,
        minute: bytes,
        second: bytes | None,
        fraction: bytes | None,
        zone: bytes | None,
        extra: bytes | None,
        state: ParseState,
    ) -> int | None:
        """Microseconds since 1970, an offset applied; None for impossible dates."""
        time = self._cache[minute if extra is None else minute + b" " + extra]
        if time == NO_TIME:
            return None
        if self.kind.missing:
            time = state.place(time, self.kind.missing)
        if second is not None:
            if second == b"60":
                time += MINUTE_US - 1
                fraction = None
            else:
                time += SECONDS[second]
        if fraction is not None:
            time += int(fraction) * 1000 if len(fraction) == 3 else read_fraction(fraction)
        if zone is not None:
            time -= read_zone(zone)
        return time


SECONDS: Final[Mapping[bytes, int]] = {b"%02d" % second: second * US for second in range(60)}
"""Two digits to microseconds."""


class AnyStamp:
    """Reads one stamp of any kind that stands alone: the value of a JSON, logfmt or CSV field."""

    __slots__ = ("_last", "_readers")

    def __init__(self) -> None:
        self._readers = [(_compile_alone(kind), StampReader(kind)) for kind in KINDS]
        self._last = self._readers[0]

    def __reduce__(self) -> tuple[type["AnyStamp"], tuple[()]]:
        return (AnyStamp, ())

    def read(self, text: bytes, state: ParseState) -> int | None:
        """Microseconds of the stamp; None when the whole text is not one."""
        pattern, reader = self._last
        match = pattern.fullmatch(text)
        if match is None:
            for one in self._readers:
                match = one[0].fullmatch(text)
                if match is not None:
                    self._last = pattern, reader = one
                    break
            else:
                return None
        minute, second, fraction, zone, extra = match.group("minute", "second", "fraction", "zone", "extra")
        return reader.read(minute, second, fraction, zone, extra, state)

    def find_match(self, text: bytes) -> tuple[StampKind, re.Match[bytes]] | None:
        """Kind and match of a stamp that stands alone."""
        for pattern, reader in self._readers:
            match = pattern.fullmatch(text)
            if match is not None:
                return reader.kind, match
        return None

    def read_minute(self, kind: str, minute: bytes) -> int:
        """Microseconds of a minute's text of a kind, `NO_TIME` for an impossible one; year or day not yet found."""
        for _, reader in self._readers:
            if reader.kind.name == kind:
                return reader.read_minute(minute)
        return NO_TIME

    def find_kind(self, text: bytes) -> tuple[StampKind, bytes | None] | None:
        """Kind and written zone of a stamp that stands alone."""
        found = self.find_match(text)
        return None if found is None else (found[0], found[1]["zone"])


GROUPS: Final = (b"minute", b"second", b"fraction", b"zone", b"extra")
"""The groups that a stamp's pattern may have."""


def complete_groups(pattern: bytes, names: tuple[bytes, ...] = GROUPS) -> bytes:
    """Append groups that never take part, so that every pattern has all the names."""
    missing = [name for name in names if b"(?P<" + name + b">" not in pattern]
    return pattern + b"".join(rb"(?P<" + name + rb">(?!))?" for name in missing)


@lru_cache(maxsize=64)
def _compile_alone(kind: StampKind) -> re.Pattern[bytes]:
    return re.compile(complete_groups(kind.pattern))
