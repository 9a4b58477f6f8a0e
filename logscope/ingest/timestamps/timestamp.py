"""Timestamps as integer microseconds: puts the parts of a match together, and finds the year or day that they lack.

The minute's text is looked up in a cache, so a line costs one look-up and a few additions. Knows no layouts or levels.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from logscope.ingest.timestamps.kinds import (
    KIND_BY_NAME,
    KINDS,
    READINGS,
    Missing,
    StampKind,
)
from logscope.ingest.timestamps.minutes import EPOCH_DAY
from logscope.ingest.timestamps.numbers import LATEST
from logscope.ingest.timestamps.traces import CENTURIES, TRACE
from logscope.ingest.timestamps.zones import read_zone
from logscope.model.times import DAY_US, MINUTE_US, NO_TIME, US

__all__ = [
    "GROUPS",
    "KINDS",
    "KIND_BY_NAME",
    "READINGS",
    "AnyStamp",
    "Missing",
    "ParseState",
    "StampKind",
    "StampReader",
    "choose_reading",
    "compile_stamp",
    "complete_groups",
]

_POWERS: Final = (1_000_000, 100_000, 10_000, 1_000, 100, 10, 1)


def read_fraction(digits: bytes) -> int:
    """Microseconds of the digits behind the second's mark; what is finer is cut."""
    return int(digits[:6]) * _POWERS[min(len(digits), 6)]


class ParseState:
    """What parsing a file line by line must remember; everything else about a file is in its frozen layout."""

    __slots__ = ("after_error", "day", "in_trace", "last", "partial", "stream", "year")

    def __init__(self, year: int = 1970, day: int = 0) -> None:
        self.year = year
        """Year of year-less stamps."""
        self.day = day
        """Microseconds at the midnight that time-only stamps count from, at the start that uptimes do; 0: unknown."""
        self.last = NO_TIME
        """Minute of the last stamp whose year or day had to be found."""
        self.in_trace = False
        """The last line belongs to a stack trace whose end is a line without indent."""
        self.after_error = False
        """The last record without a head of a learned form is a warning or worse."""
        self.partial = ""
        """The output whose last line was cut and goes on in its next; empty: none was."""
        self.stream: str | None = None
        """Which of several interleaved services the last line belongs to."""

    def copy(self) -> "ParseState":
        """The same state again, for reading on from here twice."""
        twin = ParseState(self.year, self.day)
        twin.last, twin.in_trace, twin.partial = self.last, self.in_trace, self.partial
        twin.after_error, twin.stream = self.after_error, self.stream
        return twin

    def place(self, minute: int, missing: Missing) -> int:
        """Give a minute without year or day its place, and notice the turn of year or day.

        A backwards jump of more than half a day (half a year) is midnight (New Year); a forward jump of as much
        shortly after one is a straggler from before it. Only whole minutes are compared, so reading runs of equal
        minutes gives the same as reading every line.
        """
        if missing is Missing.EPOCH:
            return self.day + minute if self.day else NO_TIME
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

    __slots__ = ("_alone", "_cache", "kind")

    def __init__(self, kind: StampKind) -> None:
        self.kind = kind
        self._cache = kind.make_cache()
        self._alone: re.Pattern[bytes] | None = None

    @property
    def alone(self) -> re.Pattern[bytes]:
        """Matches a stamp that is a whole text; has all of `GROUPS`."""
        if self._alone is None:
            self._alone = compile_stamp(self.kind)
        return self._alone

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
            if time == NO_TIME:
                return None
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


class _Kinds(NamedTuple):
    """Kinds of stamps by what a text of them begins with."""

    by_name: Mapping[str, StampKind]
    """All, the one that is tried first before the others."""
    numbered: tuple[StampKind, ...]
    no_year_first: tuple[StampKind, ...]
    """Of those that begin with a number the ones that do not begin with the year."""
    bare: tuple[StampKind, ...]
    """Of those the ones without a month's name."""
    worded: tuple[StampKind, ...]


@lru_cache(maxsize=64)
def _sort_kinds(reading: str) -> _Kinds:
    """Sort the kinds, without the other readings of the same dates where a file has one."""
    unread = {name for names in READINGS if reading in names for name in names} - {reading}
    kinds = [kind for kind in KINDS if kind.name not in unread]
    numbered = tuple(kind for kind in kinds if not kind.is_worded)
    no_year_first = tuple(kind for kind in numbered if not kind.begins_with_year)
    bare = tuple(kind for kind in no_year_first if not kind.names_month)
    worded = tuple(kind for kind in kinds if kind.is_worded)
    return _Kinds({kind.name: kind for kind in kinds}, numbered, no_year_first, bare, worded)


class AnyStamp:
    """Reads one stamp of any kind that stands alone: the value of a JSON, logfmt or CSV field."""

    __slots__ = ("_kinds", "_last", "_readers", "reading")

    def __init__(self, reading: str = "") -> None:
        """Ready to read.

        Args:
            reading: Name of the kind that a file's ambiguous dates (`05/03/2026`) are of, see `choose_reading`; empty
                where it has none.
        """
        self.reading = reading
        self._kinds = _sort_kinds(reading)
        # Readers are made, and patterns compiled, when a text is the first to be tried on them: most logs need few of
        # the forty.
        self._readers: dict[str, StampReader] = {}
        self._last = self._find_reader(next(iter(self._kinds.by_name.values())))

    def __reduce__(self) -> tuple[type["AnyStamp"], tuple[str]]:
        return (AnyStamp, (self.reading,))

    def _find_reader(self, kind: StampKind) -> StampReader:
        reader = self._readers.get(kind.name)
        if reader is None:
            reader = self._readers[kind.name] = StampReader(kind)
        return reader

    def _find_kinds(self, text: bytes) -> tuple[StampKind, ...]:
        """Those whose stamps can begin as the text does, and are no longer than it."""
        if len(text) < _SHORTEST or TRACE.search(text) is None:
            return ()
        if text[:1] not in _NUMBER_BEGINS:
            return self._kinds.worded
        if text.startswith(CENTURIES):
            return self._kinds.numbered
        # The names of months take longest to compile, and what counts since 1970 holds no letter.
        return self._kinds.no_year_first if _LETTER.search(text) else self._kinds.bare

    def read(self, text: bytes, state: ParseState) -> int | None:
        """Microseconds of the stamp; None when the whole text is not one."""
        reader = self._last
        match = reader.alone.fullmatch(text)
        if match is None:
            for kind in self._find_kinds(text):
                reader = self._find_reader(kind)
                match = reader.alone.fullmatch(text)
                if match is not None:
                    # What an earlier line was never decides between two readings of this one.
                    if kind.name not in _AMBIGUOUS:
                        self._last = reader
                    break
            else:
                return None
        minute, second, fraction, zone, extra = match.group("minute", "second", "fraction", "zone", "extra")
        return reader.read(minute, second, fraction, zone, extra, state)

    def find_match(self, text: bytes) -> tuple[StampKind, re.Match[bytes]] | None:
        """Kind and match of a stamp that stands alone."""
        for kind in self._find_kinds(text):
            match = self._find_reader(kind).alone.fullmatch(text)
            if match is not None:
                return kind, match
        return None

    def read_minute(self, kind: str, minute: bytes) -> int:
        """Microseconds of a minute's text of a kind, `NO_TIME` for an impossible one; year or day not yet found."""
        known = self._kinds.by_name.get(kind)
        return NO_TIME if known is None else self._find_reader(known).read_minute(minute)

    def find_kind(self, text: bytes) -> tuple[StampKind, bytes | None] | None:
        """Kind and written zone of a stamp that stands alone."""
        found = self.find_match(text)
        return None if found is None else (found[0], found[1]["zone"])


_LETTER: Final = re.compile(rb"[A-Za-z\x80-\xff]")
_SHORTEST: Final = len(b"1:02:03")
"""Bytes of the shortest stamp, a time alone."""
_NUMBER_BEGINS: Final = frozenset(bytes((one,)) for one in b"0123456789 @")
"""What stamps begin with that do not begin with a word."""
_AMBIGUOUS: Final = frozenset(name for names in READINGS for name in names)


def choose_reading(kind: str, texts: Sequence[bytes], reference: int | None) -> str:
    """Which of several readings of the same dates is a file's: day or month first, year first or last.

    The one in which most of the dates exist; of those the one in which time passes most steadily (days that are read
    as months jump); then the one that ends nearest to the reference and not after it.

    Args:
        kind: Name of the kind that was found first.
        texts: Stamps of the file, in its order.
        reference: When the file was last written, microseconds UTC; None where that is not known.

    Returns:
        Name of a kind; `kind` itself where its texts can be read in one way only.
    """
    names = next((names for names in READINGS if kind in names), ())
    if not names:
        return kind
    # Snort and Suricata join day and clock by a dash, and write the month first.
    is_american = all(map(_MONTH_BEFORE_DASH.fullmatch, texts))
    judged: list[tuple[float, int, bool, int, str]] = []
    for order, name in enumerate(names):
        reader = StampReader(KIND_BY_NAME[name])
        times: list[int] = []
        for text in texts:
            match = reader.alone.fullmatch(text)
            if match is not None:
                minute, second, fraction, zone, extra = match.group("minute", "second", "fraction", "zone", "extra")
                time = reader.read(minute, second, fraction, zone, extra, ParseState())
                if time is not None and time < LATEST:
                    times.append(time)
        if not times:
            continue
        travel = sum(abs(after - before) for before, after in pairwise(times)) // DAY_US
        late = 0 if reference is None else max(0, times[-1] - reference - DAY_US) // DAY_US
        far = 0 if reference is None or late else min(2, (reference - times[-1]) // DAY_US)
        is_odd = is_american and name == "day first"
        judged.append((len(texts) - len(times), travel, is_odd, late + max(0, far), f"{order}{name}"))
    return min(judged)[4][1:] if judged else kind


_MONTH_BEFORE_DASH: Final = re.compile(rb"\d\d/\d\d/\d{4}-\d\d:\d\d:\d\d\.\d{6}")


GROUPS: Final = (b"minute", b"second", b"fraction", b"zone", b"extra")
"""The groups that a stamp's pattern may have."""


def complete_groups(pattern: bytes, names: tuple[bytes, ...] = GROUPS) -> bytes:
    """Append groups that never take part, so that every pattern has all the names."""
    missing = [name for name in names if b"(?P<" + name + b">" not in pattern]
    return pattern + b"".join(rb"(?P<" + name + rb">(?!))?" for name in missing)


@lru_cache(maxsize=64)
def compile_stamp(kind: StampKind) -> re.Pattern[bytes]:
    """Matches a kind's stamps; has all of `GROUPS`. What may stand before one is not asked."""
    return re.compile(complete_groups(kind.pattern))
