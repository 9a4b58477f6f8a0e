"""Shapes of timestamps as data.

A kind's pattern has the groups `minute` (everything down to the minute, in one piece), `second`, `fraction`, `zone`
and `extra` (AM/PM, or the year where it stands behind the time).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import Final

from logscope.ingest.timestamps.minutes import MinuteCache, read_minute
from logscope.ingest.timestamps.months import MONTH_NAMES
from logscope.ingest.timestamps.numbers import READERS
from logscope.ingest.timestamps.zones import REGION, ZONE_WORDS
from logscope.text.alternatives import write_alternatives


class Missing(IntEnum):
    """What a stamp does not say."""

    NOTHING = 0
    YEAR = 1
    DAY = 2
    EPOCH = 3
    """Counted from a start that the log does not tell (uptime)."""


@dataclass(frozen=True, slots=True)
class StampKind:
    """One way to write a point in time."""

    name: str
    pattern: bytes
    """Source of a bytes regex with the named groups of this module; no anchors, no other groups by name."""
    parts: bytes
    """Regex over the minute's text, with a blank and `extra` appended where there is one; groups Y y m b d j W w H M
    p z: year, short year, month, its name, day, day of the year, week, weekday, hour, minute, half of day, place."""
    missing: Missing = Missing.NOTHING

    @property
    def begins_with_year(self) -> bool:
        """Its stamps begin with `19` or `20`."""
        return self.pattern.startswith(rb"(?P<minute>" + _Y)

    @property
    def is_worded(self) -> bool:
        """It begins with the name of a month or a day; all others begin with a digit, a blank or an `@`."""
        return self.pattern.startswith(_WORDED)

    @property
    def names_month(self) -> bool:
        """Its stamps hold the name of a month: without a letter there is none."""
        return b"(?P<b>" in self.parts

    def make_cache(self) -> MinuteCache:
        """A fresh cache from the minute's text to microseconds since 1970.

        Without a year the year is 2000 (a leap year), without a day the day is 1970-01-01; `ParseState.place` puts
        them right.
        """
        if not self.parts:
            return MinuteCache(READERS[self.name])
        return MinuteCache(partial(read_minute, self.parts))


_T: Final = rb"(?:(?:[01]\d|2[0-4])| ?\d):[0-5]\d"
_S: Final = rb"(?::(?P<second>[0-5]\d|60))"
_COMMA: Final = rb",(?=\d{1,9}(?!\w{2}|,)|(?:\d{3}){1,2},)"
"""Before a fraction, and not before the next column of a table: `,123 `, `,123,`, but not `,7,` or `,0011C10`."""
_F: Final = rb"(?:(?:\.|" + _COMMA + rb")(?P<fraction>\d{1,9}))?"
_F_COLON: Final = rb"(?:(?:[.:]|" + _COMMA + rb")(?P<fraction>\d{1,9}))?"
_S_OR_NONE: Final = rb"(?::(?P<second>[0-5]\d|60)(?!\d)" + _F_COLON + rb"|(?![:\d]))"
"""Seconds that a full date may do without."""
_ZONE_WORD: Final = write_alternatives(word.encode() for word in ZONE_WORDS)
_Z: Final = (
    rb"(?: ?(?P<zone>Z(?![A-Za-z])|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?(?![\d.]|:\d)|(?:"
    + _ZONE_WORD
    + rb")(?![A-Za-z0-9_])))?"
)
_B: Final = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DOW: Final = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_Y: Final = rb"(?:19|20)\d\d"
NAMES_OF_DATES: Final = rb"(?:" + _B + b"|" + _DOW + b"|" + MONTH_NAMES + rb")"
"""What stamps that do not begin with a digit begin with."""
_NARROW: Final = rb"(?: |\xc2\xa0|\xe2\x80\xaf)"
"""A blank, or one of those at which no line breaks, as newer Java writes it before the half of a day."""
_HALF: Final = rb"(?:" + _NARROW + rb"?(?P<extra>[AaPp](?:\." + _NARROW + rb"?)?[Mm]\b\.?))"
_T12: Final = rb"(?:1[0-2]|0?[1-9]):[0-5]\d"
_JOIN: Final = rb"(?:,? |[:@T_-]| - )"
"""What may stand between date and time."""
_TH: Final = rb"(?:th|st|nd|rd)?"
_DE: Final = rb"(?:de )?"
_T_LETTERS: Final = rb"(?:(?:[01]\d|2[0-4])| ?\d)[:h][0-5]\d"
"""A clock that may be written with letters, `16h32m07s`: only behind a date, alone it would be a duration."""
_S_LETTERS: Final = rb"(?:[:m](?P<second>[0-5]\d|60)s?)"
_PARTS_HALF: Final = rb" (?P<p>\S+(?: [Mm]\.?)?)"
_PARTS_TIME: Final = rb"[T_ ]* ?(?P<H>\d{1,2})[:h]?(?P<M>\d\d)"


_MINUTE: Final = rb"(?P<minute>"


_WORDED: Final = tuple(_MINUTE + word for word in (_B, _DOW, b"(?:" + _DOW, MONTH_NAMES))


def _kind(name: str, minute: bytes, rest: bytes, parts: bytes, missing: Missing = Missing.NOTHING) -> StampKind:
    return StampKind(name, _MINUTE + minute + rb")" + rest, parts, missing)


_REGION: Final = rb" (?P<extra>" + REGION + rb")"
_PARTS_REGION: Final = rb" (?P<z>\S+)"


KINDS: Final[tuple[StampKind, ...]] = (
    _kind(
        "iso region", _Y + rb"-[01]\d-[0-3]\d[T ]" + _T, _S + _F + _REGION,
        rb"(?P<Y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)" + _PARTS_TIME + _PARTS_REGION,
    ),
    _kind(
        "day month year region", rb"[0-3]\d-" + _B + rb"-" + _Y + rb" " + _T, _S + _F + _REGION,
        rb"(?P<d>\d\d)-(?P<b>\w{3})-(?P<Y>\d{4})" + _PARTS_TIME + _PARTS_REGION,
    ),
    _kind(
        "iso 12h", _Y + rb"[-/][01]\d[-/][0-3]\d " + _T12, _S_OR_NONE + _HALF + _Z,
        rb"(?P<Y>\d{4})[-/](?P<m>\d\d)[-/](?P<d>\d\d)" + _PARTS_TIME + _PARTS_HALF,
    ),
    _kind(
        "iso", _Y + rb"-[01]\d-[0-3]\d[T _] ?" + _T, _S_OR_NONE + _Z,
        rb"(?P<Y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)" + _PARTS_TIME,
    ),
    _kind(
        "iso dashes", _Y + rb"[-.][01]\d[-.][0-3]\d[T _-](?:[01]\d|2[0-4])[.h-][0-5]\d",
        rb"[.m-](?P<second>[0-5]\d|60)(?!\d)" + _F_COLON
        + _Z.replace(b"(?P<zone>", rb"(?P<zone>[+-](?:[0-7]\d\d|8[0-3]\d|840)(?![\d:])|"),
        rb"(?P<Y>\d{4})[-.](?P<m>\d\d)[-.](?P<d>\d\d)[T _-](?P<H>\d\d)[.h-](?P<M>\d\d)",
    ),
    _kind(
        "iso joined", _Y + rb"-[01]\d-[0-3]\d[-:/@] ?" + _T, _S + _F_COLON + _Z,
        rb"(?P<Y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)[-:/@]" + _PARTS_TIME,
    ),
    _kind(
        "week", _Y + rb"-?W[0-5]\d-?[1-7][T ]" + _T, _S + _F + _Z,
        rb"(?P<Y>\d{4})-?W(?P<W>\d\d)-?(?P<w>\d)" + _PARTS_TIME,
    ),
    _kind(
        "ordinal", _Y + rb"[-.:/ ][0-3]\d\d[T :-]" + _T, _S + _F + _Z,
        rb"(?P<Y>\d{4})[-.:/ ](?P<j>\d{3})[-:]?" + _PARTS_TIME,
    ),
    _kind(
        "slash", _Y + rb"/[01]\d/[0-3]\d(?:[T @-]| - )" + _T, _S_OR_NONE + _Z,
        rb"(?P<Y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)(?:[@-]| -)?" + _PARTS_TIME,
    ),
    _kind(
        "dots", _Y + rb"[.:][01]\d[.:][0-3]\d[T -]" + _T, _S + _F_COLON + _Z,
        rb"(?P<Y>\d{4})[.:](?P<m>\d\d)[.:](?P<d>\d\d)-?" + _PARTS_TIME,
    ),
    _kind(
        "wide",
        # Year, month, day, hour, minute and second in Chinese and Japanese, in Korean.
        _Y + rb"(?:\xe5\xb9\xb4|\xeb\x85\x84) ?[01]?\d(?:\xe6\x9c\x88|\xec\x9b\x94) ?"
        + rb"[0-3]?\d(?:\xe6\x97\xa5|\xec\x9d\xbc)[ T]?"
        + rb"(?:[01]\d|2[0-4]|\d)(?::|\xe6\x97\xb6|\xe6\x99\x82|\xec\x8b\x9c) ?[0-5]?\d",
        rb"(?::|\xe5\x88\x86|\xeb\xb6\x84) ?(?P<second>[0-5]\d|60)(?!\d)(?:\xe7\xa7\x92|\xec\xb4\x88)?" + _F_COLON + _Z,
        rb"(?P<Y>\d{4})[^\d]{3,4}(?P<m>\d{1,2})[^\d]{3,4}(?P<d>\d{1,2})[^\d]{3,4}(?P<H>\d{1,2})[^\d]{1,4}(?P<M>\d{1,2})",
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
        _S + _F_COLON + _Z + rb" (?P<extra>" + _Y + rb")(?!\d)",
        rb"(?:\w+ )?(?P<b>\w{3}) +(?P<d>\d{1,2})" + _PARTS_TIME + rb" (?P<Y>\d{4})",
    ),
    _kind(
        # As `date` writes it in English, of which the rest of the world has the day first.
        "ctime 12h", rb"(?:" + _DOW + rb" )" + _B + rb" [ 0-3]?\d " + _T12,
        _S + rb" (?P<extra>[AP]M" + _Z + rb" " + _Y + rb")(?!\d)",
        rb"\w+ (?P<b>\w{3}) +(?P<d>\d{1,2})" + _PARTS_TIME + rb" (?P<p>\w\w)(?: \S+)? (?P<Y>\d{4})",
    ),
    _kind(
        "ctime day first", rb"(?:" + _DOW + rb"),? [ 0-3]?\d " + _B + rb" " + _T,
        _S + _Z + rb" (?P<extra>" + _Y + rb")(?!\d)",
        rb"\w+,? +(?P<d>\d{1,2}) (?P<b>\w{3})" + _PARTS_TIME + rb" (?P<Y>\d{4})",
    ),
    _kind(
        "day month year joined", rb"[0-3]\d" + MONTH_NAMES + _Y + rb"[: ]" + _T, _S + _F + _Z,
        rb"(?P<d>\d\d)(?P<b>\D+)(?P<Y>\d{4}):?" + _PARTS_TIME,
    ),
    _kind(
        "year first", _Y + rb"[ /-]" + _B + rb"[ /-][ 0-3]?\d(?: |[:T])" + _T,
        _S + _F_COLON + rb"(?: (?:GMT|UTC)(?= ?[+-]\d))?" + _Z,
        rb"(?P<Y>\d{4})[ /-](?P<b>\w{3})[ /-] ?(?P<d>\d{1,2}):?" + _PARTS_TIME,
    ),
    _kind(
        "month day year 12h", _B + rb" [ 0-3]?\d, " + _Y + rb",? " + _T12, _S + _F + _HALF + _Z,
        rb"(?P<b>\w{3}) +(?P<d>\d{1,2}), (?P<Y>\d{4}),?" + _PARTS_TIME + _PARTS_HALF,
    ),
    _kind(
        # As JavaScript writes it, with the day before and the offset behind `GMT`.
        "month day year", rb"(?:" + _DOW + rb",? )?" + _B + rb" [ 0-3]?\d,? " + _Y + rb",? " + _T,
        _S + _F + rb"(?: GMT(?=[+-]\d))?" + _Z,
        rb"(?:\w{3},? )?(?P<b>\w{3}) +(?P<d>\d{1,2}),? (?P<Y>\d{4}),?" + _PARTS_TIME,
    ),
    _kind(
        "us 12h", rb"[01]?\d[/-][0-3]?\d[/-](?:" + _Y + rb"|\d\d),? " + _T12, _S_OR_NONE + _HALF + _Z,
        rb"(?P<m>\d{1,2})[/-](?P<d>\d{1,2})[/-](?P<Y>\d{2,4}),?" + _PARTS_TIME + _PARTS_HALF,
    ),
    _kind(
        "day first 12h", rb"[0-3]?\d[/-][01]?\d[/-](?:" + _Y + rb"|\d\d),? " + _T12, _S_OR_NONE + _HALF + _Z,
        rb"(?P<d>\d{1,2})[/-](?P<m>\d{1,2})[/-](?P<Y>\d{2,4}),?" + _PARTS_TIME + _PARTS_HALF,
    ),
    _kind(
        "day first", rb"[0-3]?\d[/:-][01]?\d[/:-]" + _Y + _JOIN + _T, _S_OR_NONE + _Z,
        rb"(?P<d>\d{1,2})[/:-](?P<m>\d{1,2})[/:-](?P<Y>\d{4})(?:[:,@_-]| -)?" + _PARTS_TIME,
    ),
    _kind(
        "month first", rb"[01]?\d[/:-][0-3]?\d[/:-]" + _Y + _JOIN + _T, _S_OR_NONE + _Z,
        rb"(?P<m>\d{1,2})[/:-](?P<d>\d{1,2})[/:-](?P<Y>\d{4})(?:[:,@_-]| -)?" + _PARTS_TIME,
    ),
    _kind(
        "german", rb"[0-3]?\d\.[01]?\d\.(?:" + _Y + rb"|\d\d),? (?:- )?" + _T, _S_OR_NONE + _Z,
        rb"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<Y>\d{2,4}),?(?: -)?" + _PARTS_TIME,
    ),
    _kind(
        "day name year",
        rb"[ 0-3]?\d\.?" + _TH + b"[ /-]" + _DE + MONTH_NAMES + rb"\.?[ /-]" + _DE + _Y + b"(?:,? |[:T]| - )" + _T,
        _S + _F_COLON + _Z,
        rb" ?(?P<d>\d{1,2})\.?" + _TH + b"[ /-]" + _DE + rb"(?P<b>[^\d .\/-]+\.?)[ /-]" + _DE
        + rb"(?P<Y>\d{4})(?:[:,]| -)?" + _PARTS_TIME,
    ),
    _kind(
        "name day year 12h", MONTH_NAMES + rb"\.? [ 0-3]?\d" + _TH + b",? " + _Y + rb",? " + _T12,
        _S + _F + _HALF + _Z,
        rb"(?P<b>[^\d .]+\.?) +(?P<d>\d{1,2})(?:th|st|nd|rd)?,? (?P<Y>\d{4}),?" + _PARTS_TIME + _PARTS_HALF,
    ),
    _kind(
        "name day year", MONTH_NAMES + rb"\.? [ 0-3]?\d(?:th|st|nd|rd)?,? " + _Y + rb"(?:,? | at )" + _T, _S + _F + _Z,
        rb"(?P<b>[^\d .]+\.?) +(?P<d>\d{1,2})(?:th|st|nd|rd)?,? (?P<Y>\d{4})(?:,| at)?" + _PARTS_TIME,
    ),
    _kind(
        "short slash", rb"\d\d[/-][01]\d[/-][0-3]\d[ @-]" + _T_LETTERS, _S_LETTERS + _F_COLON + _Z,
        rb"(?P<y>\d\d)[/-](?P<m>\d\d)[/-](?P<d>\d\d)[@-]?" + _PARTS_TIME,
    ),
    _kind(
        "short day first", rb"[0-3]?\d[/-][01]?\d[/-]\d\d(?:,? |[@-])" + _T_LETTERS, _S_LETTERS + _F_COLON + _Z,
        rb"(?P<d>\d{1,2})[/-](?P<m>\d{1,2})[/-](?P<y>\d\d)[,@-]?" + _PARTS_TIME,
    ),
    _kind(
        "short month first", rb"[01]?\d[/-][0-3]?\d[/-]\d\d(?:,? |[@-])" + _T_LETTERS, _S_LETTERS + _F_COLON + _Z,
        rb"(?P<m>\d{1,2})[/-](?P<d>\d{1,2})[/-](?P<y>\d\d)[,@-]?" + _PARTS_TIME,
    ),
    _kind(
        "compact", _Y + rb"[01]\d[0-3]\d[ T:-]?(?:[01]\d|2[0-4])[0-5]\d", rb"(?P<second>[0-5]\d|60)(?!\d)" + _F + _Z,
        rb"(?P<Y>\d{4})(?P<m>\d\d)(?P<d>\d\d)[:-]?" + _PARTS_TIME,
    ),
    _kind(
        "compact millis", _Y + rb"[01]\d[0-3]\d[ T-]?(?:[01]\d|2[0-4])[0-5]\d",
        rb"(?P<second>[0-5]\d|60)(?P<fraction>\d{3})(?!\d)" + _Z,
        rb"(?P<Y>\d{4})(?P<m>\d\d)(?P<d>\d\d)-?" + _PARTS_TIME,
    ),
    StampKind(
        # Numbers as they come, without zeros before them: one text, for no part of it has a fixed width.
        "compact counts",
        rb"(?P<minute>" + _Y + rb"[01]\d[0-3]\d[ T-](?:[01]?\d|2[0-4]):[0-5]?\d:[0-5]?\d:\d{1,3})(?![\d:])",
        b"",
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
        "syslog name", MONTH_NAMES + rb"\.? [ 0-3]?\d " + _T, _S + _F + _Z,
        rb"(?P<b>[^\d .]+\.?) +(?P<d>\d{1,2})" + _PARTS_TIME, Missing.YEAR,
    ),
    _kind(
        # The month's number and its sign, in Chinese and Japanese, in Korean.
        "syslog number", rb"(?:1[0-2]| ?\d)(?:\xe6\x9c\x88|\xec\x9b\x94) [ 0-3]?\d " + _T, _S + _F + _Z,
        rb" ?(?P<m>\d{1,2})[^\d ]{3} +(?P<d>\d{1,2})" + _PARTS_TIME, Missing.YEAR,
    ),
    _kind(
        "day month",
        rb"[ 0-3]\d " + _B + rb" " + _T,
        _S + _F,
        rb" ?(?P<d>\d{1,2}) (?P<b>\w{3})" + _PARTS_TIME,
        Missing.YEAR,
    ),
    _kind(
        "name-day-year", MONTH_NAMES + rb"[-/][0-3]\d[-/](?:" + _Y + rb"|\d\d)[ :]" + _T, _S + _F,
        rb"(?P<b>[^\d/-]+)[-/](?P<d>\d\d)[-/](?P<Y>\d{2,4}):?" + _PARTS_TIME,
    ),
    _kind(
        "day-month", rb"[0-3]?\d-" + _B + rb" " + _T, rb"(?::(?P<second>[0-5]\d|60)(?!\d)|(?![:\d]))",
        rb"(?P<d>\d{1,2})-(?P<b>\w{3})" + _PARTS_TIME, Missing.YEAR,
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
        "day and time joined", rb"[01]\d[0-3]\d/(?:[01]\d|2[0-4])[0-5]\d", rb"(?P<second>[0-5]\d|60)(?!\d)" + _F,
        rb"(?P<m>\d\d)(?P<d>\d\d)/(?P<H>\d\d)(?P<M>\d\d)", Missing.YEAR,
    ),
    _kind(
        "logcat", rb"[01]\d[-.][0-3]\d " + _T, _S + _F,
        rb"(?P<m>\d\d)[-.](?P<d>\d\d)" + _PARTS_TIME, Missing.YEAR,
    ),
    _kind(
        "month/day", rb"[01]\d/[0-3]\d[ -]" + _T, _S + _F,
        rb"(?P<m>\d\d)/(?P<d>\d\d)-?" + _PARTS_TIME, Missing.YEAR,
    ),
    _kind(
        "time before date", _T, _S + _F + _Z + rb",? (?P<extra>" + _Y + rb"[-/][01]\d[-/][0-3]\d)(?!\d)",
        _PARTS_TIME + rb" (?P<Y>\d{4})[-/](?P<m>\d\d)[-/](?P<d>\d\d)",
    ),
    _kind(
        "time month first", _T, _S + _F + _Z + rb",? (?P<extra>[01]?\d[/-][0-3]?\d[/-]" + _Y + rb")(?!\d)",
        _PARTS_TIME + rb" (?P<m>\d{1,2})[/-](?P<d>\d{1,2})[/-](?P<Y>\d{4})",
    ),
    _kind(
        "time day first", _T, _S + _F + _Z + rb",? (?P<extra>[0-3]?\d[/.-][01]?\d[/.-]" + _Y + rb")(?!\d)",
        _PARTS_TIME + rb" (?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<Y>\d{4})",
    ),
    _kind(
        "time 12h", _T12, _S + _F_COLON + _HALF,
        rb"(?P<H>\d{1,2}):(?P<M>\d\d)" + _PARTS_HALF, Missing.DAY,
    ),
    _kind(
        "minutes 12h", _T12, rb"(?P<extra>[AaPp][Mm])(?=[ \t\]|])",
        rb"(?P<H>\d{1,2}):(?P<M>\d\d)" + _PARTS_HALF, Missing.DAY,
    ),
    _kind("time", _T, _S + _F_COLON, _PARTS_TIME, Missing.DAY),
    StampKind("tai64n", rb"(?P<minute>@4[0-9a-f]{23})(?![0-9a-f])", b""),
    StampKind("hex epoch", rb"(?P<minute>[67][0-9a-f]{7}\.[0-9a-f]{5,8})(?=[ \t]|$)", b""),
    StampKind("epoch", rb"(?P<minute>1\d{9}(?:\d{3}){0,3})(?!\d)(?:\.(?P<fraction>\d{1,9}))?(?![\d.])", b""),
)  # fmt: skip

READINGS: Final = (
    ("day first", "month first"),
    ("short slash", "short day first", "short month first"),
    ("us 12h", "day first 12h"),
    ("time day first", "time month first"),
)
"""Kinds that read the same text differently, the more usual first: which one it is, a whole file tells."""

UPTIME: Final = StampKind("uptime", rb"(?P<minute>\d{1,9})[.,](?P<fraction>\d{3,6})", b"", Missing.EPOCH)
"""Seconds since a start."""

RARE: Final = (
    UPTIME,
    _kind(
        "uptime clock", rb"\d{1,2}:[0-5]\d", rb":(?P<second>[0-5]\d)\.(?P<fraction>\d{9})(?!\d)",
        rb"(?P<H>\d{1,2}):(?P<M>\d\d)", Missing.EPOCH,
    ),
    _kind(
        "month day clock year", rb"[01]\d[0-3]\d[012]\d[0-5]\d\d\d", rb"(?!\d)",
        rb"(?P<m>\d\d)(?P<d>\d\d)(?P<H>\d\d)(?P<M>\d\d)(?P<y>\d\d)",
    ),
    StampKind(
        "biased",
        rb"(?P<minute>\d\d:\d\d:\d\d\.\d{1,7}[+-]\d{1,3}\" date=\"[01]?\d-[0-3]?\d-" + _Y + rb")(?!\d)", b"",
    ),
    _kind(
        "time before attribute", _T, _S + _F + rb"\" date=\"(?P<extra>[01]?\d-[0-3]?\d-" + _Y + rb")(?!\d)",
        _PARTS_TIME + rb" (?P<m>\d{1,2})-(?P<d>\d{1,2})-(?P<Y>\d{4})",
    ),
    _kind(
        "short ordinal", rb"\d\d[0-3]\d\d " + _T, _S + _F, rb"(?P<y>\d\d)(?P<j>\d{3})" + _PARTS_TIME,
    ),
    _kind(
        "clock dots", rb"(?:[01]\d|2[0-3])\.[0-5]\d", rb"\.(?P<second>[0-5]\d)(?![\d.])",
        rb"(?P<H>\d\d)\.(?P<M>\d\d)", Missing.DAY,
    ),
    _kind(
        "clock joined", rb"(?:[01]\d|2[0-3])[0-5]\d", rb"(?P<second>[0-5]\d)\.(?P<fraction>\d{1,6})(?!\d)",
        rb"(?P<H>\d\d)(?P<M>\d\d)", Missing.DAY,
    ),
)  # fmt: skip
"""Kinds that look like any numbers: only where a format says what they are."""

KIND_BY_NAME: Final[Mapping[str, StampKind]] = {kind.name: kind for kind in (*KINDS, *RARE)}

REGIONS: Final = ("iso region", "day month year region")
"""Kinds that name their zone by its place."""

NUMBERS: Final = ("epoch", "hex epoch", "tai64n", "biased")
"""Kinds that count from 1970: they are UTC."""
