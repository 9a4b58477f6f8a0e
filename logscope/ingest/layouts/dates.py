"""Gives dates to stamps without year or day, and says where they come from; finds out whether zones are written.

The order of trust: the file's own lines with whole dates, its name, the other files of the run, the file's
modification time. One stamp is tied to them; the turns of year or day that the sample shows are counted from there.
"""

import re
from calendar import isleap
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.formats.form import Form, TextForm
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.logfmt import LogfmtForm
from logscope.ingest.formats.objects import get_path, load_object
from logscope.ingest.formats.pretty import PrettyForm
from logscope.ingest.formats.table import TableForm, split_row
from logscope.ingest.layouts.sample import DateHint
from logscope.ingest.layouts.text import find_stamp
from logscope.ingest.layouts.uptime import find_start
from logscope.ingest.timestamps.kinds import NUMBERS, REGIONS
from logscope.ingest.timestamps.minutes import EPOCH_DAY
from logscope.ingest.timestamps.timestamp import AnyStamp, Missing, ParseState
from logscope.ingest.timestamps.zones import knows_region, name_zone
from logscope.model.files import DateOrigin
from logscope.model.times import DAY_US, US


class Dates(NamedTuple):
    """What is known of a file's dates and zone."""

    year: int
    day: int
    origin: DateOrigin
    zone_written: bool
    zone_name: str | None


_LEAP_DAY: Final = (date(2000, 2, 29).toordinal() - EPOCH_DAY) * DAY_US
"""29 February of the year that stamps without one are read in at first."""
_NAME_DATE: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")


def place_dates(
    forms: Sequence[Form], lines: Sequence[bytes], name: str, mtime_us: int | None, hint: DateHint | None
) -> Dates:
    """Find year and day of a file's first stamp, and its zone.

    Args:
        forms: As learned.
        lines: Of the sample, in the file's order.
        name: Of the file.
        mtime_us: When it was last written; None where nobody knows.
        hint: Dates of the other files; None or empty when there are none.
    """
    zone_written, zone_name = _find_zone(forms, lines)
    timed = [form for form in forms if form.is_timed]
    missing = max((form.missing for form in timed), default=Missing.NOTHING)
    if not timed:
        return Dates(1970, 0, DateOrigin.NONE, False, None)
    if missing is Missing.NOTHING:
        return Dates(1970, 0, DateOrigin.WRITTEN, zone_written, zone_name)
    if missing is Missing.EPOCH:
        start = find_start(lines, hint.starts if hint is not None else {})
        if start is None:
            return Dates(1970, 0, DateOrigin.NONE, False, None)
        # What the kernel writes with seconds since 1970 is in UTC.
        if start[1]:
            return Dates(1970, start[0], DateOrigin.WRITTEN, True, "UTC")
        return Dates(1970, start[0], DateOrigin.DAY_FROM_FILES, False, None)
    by_year = missing is Missing.YEAR
    state = ParseState(2000, 0)
    last: int | None = None
    whole: int | None = None
    tied: int | None = None
    is_leap = False
    for row, line in enumerate(lines):
        time = _read_first(timed, line, state)
        if time is None:
            time = _find_whole(line) if whole is None and row < _BANNER else None
        elif time < _PLACED:
            last = time
            is_leap = is_leap or _LEAP_DAY <= last < _LEAP_DAY + DAY_US
            if whole is None and row < _BANNER:
                whole = _find_wrapped(timed[0], line, time)
        if whole is None and time is not None and time >= _PLACED:
            whole = time
        if whole is not None and tied is None:
            tied = last
    if last is None:
        return Dates(1970, 0, DateOrigin.NONE, zone_written, zone_name)
    if whole is not None and tied is not None:
        if by_year:
            turns = (tied - _YEAR_2000) // (366 * DAY_US)
            return Dates(_year_nearest(tied, whole) - turns, 0, DateOrigin.WRITTEN, zone_written, zone_name)
        day = (whole - tied + DAY_US // 2) // DAY_US * DAY_US
        return Dates(1970, day, DateOrigin.WRITTEN, zone_written, zone_name)
    named = _date_in_name(name)
    if named is not None:
        origin = DateOrigin.YEAR_FROM_NAME if by_year else DateOrigin.DAY_FROM_NAME
        if by_year:
            return Dates(named.year, 0, origin, zone_written, zone_name)
        return Dates(1970, (named.toordinal() - EPOCH_DAY) * DAY_US, origin, zone_written, zone_name)
    if hint is not None and hint.last is not None:
        reference = hint.last
        origin = DateOrigin.YEAR_FROM_FILES if by_year else DateOrigin.DAY_FROM_FILES
    elif mtime_us is not None:
        reference = mtime_us
        origin = DateOrigin.YEAR_FROM_MTIME if by_year else DateOrigin.DAY_FROM_MTIME
    else:
        return Dates(1970, 0, DateOrigin.NONE, zone_written, zone_name)
    if by_year:
        turns = state.year - 2000
        year = _year_before(last, reference)
        while is_leap and not isleap(year - turns):
            year -= 1
        return Dates(year - turns, 0, origin, zone_written, zone_name)
    nearest = (reference - last + DAY_US // 2) // DAY_US * DAY_US
    if origin is DateOrigin.DAY_FROM_MTIME and not _may_be_ahead(last + nearest - reference):
        nearest -= DAY_US
    return Dates(1970, nearest, origin, zone_written, zone_name)


def _may_be_ahead(ahead_us: int) -> bool:
    """Whether a last stamp may stand so far after its file was last written: by a zone, which is whole half hours."""
    return ahead_us <= _FLUSHED_US or -ahead_us % _ZONES_US <= _FLUSHED_US


_FLUSHED_US: Final = 60 * US
"""Records are written so long after their stamp at the most."""
_ZONES_US: Final = 1800 * US
"""All zones but three differ from UTC by whole half hours."""


def _read_first(forms: Sequence[Form], line: bytes, state: ParseState) -> int | None:
    """The time of a line by the first form that knows it."""
    for form in forms:
        head = form.parse(line, state)
        if head is not None:
            return head.time
    return None


def _find_whole(line: bytes) -> int | None:
    """The whole date in a line that is no head, a banner's, say; None where it has none."""
    place = find_stamp(line)
    if place is None or place.kind.missing is not Missing.NOTHING or place.kind.name in NUMBERS:
        return None
    return AnyStamp().read(line[place.start : place.end].strip(), ParseState())


def _find_wrapped(form: Form, line: bytes, time: int) -> int | None:
    """The whole date that a wrapped line begins with, where it is of the moment that its envelope tells; else None.

    Args:
        form: Of the file.
        line: A head of it.
        time: What the envelope tells, without year or day.
    """
    if not isinstance(form, EnvelopeForm):
        return None
    opened = form.opener.open(line, ParseState(2000))
    whole = _find_whole(opened.body[:_NEAR]) if opened is not None else None
    if whole is None:
        return None
    off = (whole - time) % _QUARTER_US
    if min(off, _QUARTER_US - off) > 2 * _FLUSHED_US:
        return None
    if time < DAY_US:
        return whole
    days = (whole - _YEAR_2000) // DAY_US - (time - _YEAR_2000) // DAY_US
    return whole if min(days * 4 % 1461, -days * 4 % 1461) <= 8 else None


_NEAR: Final = 64
"""Bytes of a wrapped line in which its stamp is looked for."""
_QUARTER_US: Final = 900 * US
"""All zones differ by whole quarters of an hour."""
_BANNER: Final = 20
"""Lines at a file's begin in which a banner may tell the date."""
_PLACED: Final = (date(2003, 1, 1).toordinal() - EPOCH_DAY) * DAY_US
"""Stamps without year are read as of 2000, those without day as of 1970: later ones say it themselves."""
_YEAR_2000: Final = (date(2000, 1, 1).toordinal() - EPOCH_DAY) * DAY_US


def _year_nearest(stamp: int, whole: int) -> int:
    """The year that puts a stamp of 2000 (or the next year, behind a turn) nearest to a time."""
    year = datetime.fromtimestamp(whole // US, UTC).year
    in_year = (stamp - _YEAR_2000) % (366 * DAY_US)
    start = (date(year, 1, 1).toordinal() - EPOCH_DAY) * DAY_US
    return min((year - 1, year, year + 1), key=lambda one: abs(start + (one - year) * 365 * DAY_US + in_year - whole))


def _year_before(last: int, reference: int) -> int:
    """The latest year that puts the last stamp not later than a day after the reference."""
    stamp = datetime.fromtimestamp(max(0, last) // US, UTC)
    limit = max(0, min(reference + DAY_US, 253_000_000_000 * US))
    year = datetime.fromtimestamp(limit // US, UTC).year
    latest = datetime.fromtimestamp(limit // US, UTC)
    before = (stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second)
    if before > (latest.month, latest.day, latest.hour, latest.minute, latest.second):
        year -= 1
    return year


def _date_in_name(name: str) -> date | None:
    found = _NAME_DATE.search(name)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _find_zone(forms: Sequence[Form], lines: Sequence[bytes]) -> tuple[bool, str | None]:
    """Whether all stamps of the sample carry a zone, and the first one's name."""
    stamps = AnyStamp()
    seen = without = 0
    name: str | None = None
    for line in lines[:200]:
        for form in forms:
            zone = _zone_of(form, line, stamps)
            if zone is None:
                continue
            seen += 1
            if form is not forms[0] and zone == b"Z":
                break  # a rare companion: says nothing of the file's zone
            if zone == b"":
                without += 1
            elif name is None:
                name = name_zone(zone)
            break
    return seen > 0 and without == 0, name


def _zone_of(form: Form, line: bytes, stamps: AnyStamp) -> bytes | None:
    """The zone as written, empty where there is none; None when the line has no stamp of the form."""
    if isinstance(form, EnvelopeForm):
        if not form.opener.is_timed:
            opened = form.opener.open(line, ParseState())
            inner = form.by_service.get(opened.service or "", form.forms) if opened is not None else ()
            found = (_zone_of(one, opened.body, stamps) for one in inner) if opened is not None else ()
            return next((zone for zone in found if zone is not None), None)
        form = form.opener.header
    if isinstance(form, TextForm):
        match = form.regex.match(line)
        if match is None or match["minute"] is None:
            return None
        if form.stamp in REGIONS:
            return _name_region(match["extra"])
        return b"Z" if form.stamp in NUMBERS else match["zone"] or b""
    if isinstance(form, PrettyForm):
        # Each line alone is looked up by the keys of times.
        time = form.find_time(line)
        return None if time is None else _zone_of_text(time, stamps)
    if isinstance(form, JsonForm):
        record = load_object(line.strip(b" \t,[]\r"))
        if record is None:
            return None
        for path in form.keys.times:
            value = get_path(record, path)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return b"Z"
            if isinstance(value, str):
                return _zone_of_text(value.encode("utf-8", "replace"), stamps)
        return None
    if isinstance(form, TableForm):
        head = form.parse(line, ParseState())
        if head is None or head.time is None:
            return None
        if form.name == "w3c":
            return b"Z"  # the W3C's draft says that times are UTC
        cells = split_row(line, form.columns.separator)
        return _zone_of_text(b" ".join(cells[column] for column in form.columns.time).strip(), stamps)
    if isinstance(form, LogfmtForm):
        for key, value in form.pair.findall(line[:4096]):
            if key == form.keys.time:
                return _zone_of_text(value.strip(b"\"'"), stamps)
    return None


def _name_region(name: bytes) -> bytes:
    """A place's name; empty where its zone is not known here, for then its times are as good as any without one."""
    return name if knows_region(name.decode("ascii")) else b""


def _zone_of_text(text: bytes, stamps: AnyStamp) -> bytes | None:
    found = stamps.find_kind(text)
    if found is None:
        return None
    if found[0].name in REGIONS:
        return _name_region(text.rsplit(b" ", 1)[-1])
    return b"Z" if found[0].name in NUMBERS else found[1] or b""
