"""Times: what stamps lack is found, its origin told, and turns of day and year are noticed."""

from datetime import UTC, datetime

import pytest

from logscope.ingest.layouts.layout import DateHint, Layout, Sample, learn_layout
from logscope.model.files import DateOrigin
from logscope.model.times import US, format_iso


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * US


def learn(*lines: str, name: str = "x.log", mtime: str | None = "2026-03-06", hint: DateHint | None = None) -> Layout:
    data = "\n".join(lines).encode() + b"\n"
    return learn_layout(Sample(name, data, b"", b"", len(data), instant(mtime) if mtime else None), hint)


def read_times(layout: Layout, *lines: str) -> list[str]:
    state = layout.new_state()
    heads = [layout.parse(line.encode(), state) for line in lines]
    return [format_iso(head.time, 3) for head in heads if head is not None and head.time is not None]


def test_day_of_time_only_stamps_comes_from_other_files():
    """Time-only stamps take the day that brings the last one nearest to the other files' last."""
    lines = ("14:01:58.332 # WARNING: maxmemory reached", "14:02:01.000 * Saving")
    layout = learn(*lines, hint=DateHint(instant("2026-03-05 13:58:00"), instant("2026-03-05 14:31:45")))
    assert read_times(layout, *lines) == ["2026-03-05T14:01:58.332Z", "2026-03-05T14:02:01.000Z"]
    assert layout.date_origin is DateOrigin.DAY_FROM_FILES


def test_midnight_is_a_new_day():
    """A backwards jump of more than half a day is midnight; a straggler from before it keeps its day."""
    lines = ("23:59:58.000 * a", "00:00:01.000 * b", "23:59:59.900 * late", "00:00:02.000 * c")
    layout = learn(*lines, mtime="2026-03-06 00:00:10")
    assert read_times(layout, *lines) == [
        "2026-03-05T23:59:58.000Z",
        "2026-03-06T00:00:01.000Z",
        "2026-03-05T23:59:59.900Z",
        "2026-03-06T00:00:02.000Z",
    ]
    assert layout.date_origin is DateOrigin.DAY_FROM_MTIME


def test_new_year_is_noticed():
    """Stamps without year begin in the old year when the file goes over New Year."""
    lines = ("Dec 31 23:59:59 web app[1]: a", "Jan  1 00:00:01 web app[1]: b", "Jan  2 10:00:00 web app[1]: c")
    layout = learn(*lines, mtime="2026-01-02 10:00:05")
    assert read_times(layout, *lines) == [
        "2025-12-31T23:59:59.000Z",
        "2026-01-01T00:00:01.000Z",
        "2026-01-02T10:00:00.000Z",
    ]
    assert layout.date_origin is DateOrigin.YEAR_FROM_MTIME


def test_leap_day_without_year():
    """29 February is read in a leap year."""
    lines = ("Feb 28 12:00:00 web app[1]: a", "Feb 29 12:00:00 web app[1]: b", "Mar  1 12:00:00 web app[1]: c")
    layout = learn(*lines, mtime="2028-03-01 12:00:05")
    assert read_times(layout, *lines)[1:] == ["2028-02-29T12:00:00.000Z", "2028-03-01T12:00:00.000Z"]
    layout = learn(*lines, mtime="2026-11-20 12:00:05")
    assert read_times(layout, *lines)[1] == "2024-02-29T12:00:00.000Z"


def test_name_tells_the_day():
    """A date in the file's name is trusted before the modification time."""
    layout = learn("14:02:08.123 [main] INFO a - b", "14:02:09.123 [main] INFO a - c", name="app-2026-02-03.log")
    assert read_times(layout, "14:02:08.123 [main] INFO a - b") == ["2026-02-03T14:02:08.123Z"]
    assert layout.date_origin is DateOrigin.DAY_FROM_NAME


def test_nothing_tells_the_day():
    """Without other files and modification time the origin says so."""
    layout = learn("14:02:08.123 # a", "14:02:09.123 # b", mtime=None)
    assert layout.date_origin is DateOrigin.NONE


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2026-03-05T14:02:08.123456789Z", "2026-03-05T14:02:08.123Z"),
        ("2026-03-05T14:02:08,123+01:00", "2026-03-05T13:02:08.123Z"),
        ("2026-03-05 14:02:08.123-0530", "2026-03-05T19:32:08.123Z"),
        ("2026-03-05 14:02:08:123", "2026-03-05T14:02:08.123Z"),
        ("2026-03-05 14:02:08.1 CEST", "2026-03-05T12:02:08.100Z"),
        ("2026-03-05 14:02:08 EST", "2026-03-05T19:02:08.000Z"),
        ("2016-12-31T23:59:60.500Z", "2016-12-31T23:59:59.999Z"),
        ("2026-03-05 02:02:08 PM", "2026-03-05T14:02:08.000Z"),
        ("03/05/2026 12:02:08 AM", "2026-03-05T00:02:08.000Z"),
        ("05/Mar/2026:14:02:08 +0100", "2026-03-05T13:02:08.000Z"),
        ("5-Mar-2026 14:02:08", "2026-03-05T14:02:08.000Z"),
        ("Thu, 05 Mar 2026 14:02:08 GMT", "2026-03-05T14:02:08.000Z"),
        ("Thu Mar  5 14:02:08.123456 2026", "2026-03-05T14:02:08.123Z"),
        ("Mar 05, 2026 2:02:08 PM", "2026-03-05T14:02:08.000Z"),
        ("20260305T140208Z", "2026-03-05T14:02:08.000Z"),
        ("260305 14:02:08", "2026-03-05T14:02:08.000Z"),
        ("1772719328", "2026-03-05T14:02:08.000Z"),
        ("1772719328.123", "2026-03-05T14:02:08.123Z"),
        ("1772719328123", "2026-03-05T14:02:08.123Z"),
        ("1772719328123456", "2026-03-05T14:02:08.123Z"),
        ("1772719328123456789", "2026-03-05T14:02:08.123Z"),
    ],
)
def test_stamps_of_any_shape(stamp, expected):
    """A line that begins with a stamp is timed by it, whatever its shape, and so is a field of an object."""
    line = f"{stamp} ERROR cart: failed"
    assert read_times(learn(line, line), line) == [expected]
    record = f'{{"level":"error","when":"{stamp}","msg":"failed"}}'
    assert read_times(learn(record, record), record) == [expected]


def test_offsets_may_change_within_a_file():
    """Each stamp's own offset counts: the hour that the clocks repeat is told apart."""
    lines = ("2026-10-25T02:30:00+02:00 INFO a", "2026-10-25T02:30:00+01:00 INFO b")
    assert read_times(learn(*lines), *lines) == ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"]


def test_impossible_dates_are_heads_without_time():
    """A stamp that no calendar has still begins a record."""
    layout = learn("2026-02-28 14:02:08 INFO a: b", "2026-02-28 14:02:09 INFO a: b")
    head = layout.parse(b"2026-02-31 14:02:08 ERROR a: b", layout.new_state())
    assert head is not None
    assert head.time is None
    assert head.severity.word == "error"


def test_zone_is_told_as_written():
    """The zone's name is the abbreviation as it stands, and known to be written."""
    layout = learn("2026-03-05 14:02:08.123 CET [71] a@b LOG:  x", "2026-03-05 14:02:09.123 CET [71] a@b LOG:  x")
    assert (layout.zone_written, layout.zone_name) == (True, "CET")


def test_dates_that_a_dash_joins_with_fine_clocks_have_the_month_first():
    """As intrusion detectors write them, though the other reading were nearer to when the file was written."""
    lines = [f"03/05/2026-14:02:0{second}.123456  [**] [1:2010935:3] ET SCAN inbound [**] {{TCP}}" for second in "789"]
    layout = learn(*lines, mtime="2026-11-27")
    assert read_times(layout, *lines)[0] == "2026-03-05T14:02:07.123Z"
    other = [line.replace("03/05", "13/05") for line in lines]
    assert read_times(learn(*other, mtime="2026-11-27"), *other)[0] == "2026-05-13T14:02:07.123Z"


def test_day_or_month_first_is_told_by_the_whole_file():
    """Where some dates exist only with the month first, all are read so; else time must not jump by months."""
    lines = ("03/09/2026 14:00:00 INFO a", "03/12/2026 14:00:00 INFO b", "03/14/2026 14:00:00 INFO c")
    assert read_times(learn(*lines), *lines)[0] == "2026-03-09T14:00:00.000Z"
    lines = ("03/09/2026 14:00:00 INFO a", "04/09/2026 14:00:00 INFO b", "05/09/2026 14:00:00 INFO c")
    assert read_times(learn(*lines), *lines)[0] == "2026-09-03T14:00:00.000Z"
    lines = ("03/09/2026 14:00:00 INFO a", "03/09/2026 14:00:01 INFO b")
    assert read_times(learn(*lines, mtime="2026-03-09 15:00:00"), *lines)[0] == "2026-03-09T14:00:00.000Z"
    assert read_times(learn(*lines, mtime="2026-09-03 15:00:00"), *lines)[0] == "2026-09-03T14:00:00.000Z"


def test_reading_of_a_date_does_not_depend_on_the_lines_before():
    """A field's ambiguous date is read alike whatever was read before: any cut of a file gives the same times."""
    lines = [f'{{"time":"{day:02d}/03/2026 14:00:00","level":"info","msg":"x"}}' for day in (25, 5, 6, 26)]
    layout = learn(*lines)
    assert read_times(layout, lines[1]) == read_times(layout, *lines)[1:2] == ["2026-03-05T14:00:00.000Z"]


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2026-W10-4T14:02:08Z", "2026-03-05T14:02:08.000Z"),
        ("2026-064T14:02:08.5", "2026-03-05T14:02:08.500Z"),
        ("2026:064:14:02:08", "2026-03-05T14:02:08.000Z"),
        ("2024-366T00:00:01", "2024-12-31T00:00:01.000Z"),
        ("2026-03-05_14:02:08", "2026-03-05T14:02:08.000Z"),
        ("2026-03-05_14-02-08", "2026-03-05T14:02:08.000Z"),
        ("2026-03-05 14.02.08", "2026-03-05T14:02:08.000Z"),
        ("2026-03-05-14:02:08", "2026-03-05T14:02:08.000Z"),
        ("2026-03-05T14:02Z", "2026-03-05T14:02:00.000Z"),
        ("3/5/2026 2:02 PM", "2026-03-05T14:02:00.000Z"),
        ("20260305-140208123", "2026-03-05T14:02:08.123Z"),
        ("5. März 2026 14:02:08", "2026-03-05T14:02:08.000Z"),
        ("mars 5, 2026 2:02:08 PM", "2026-03-05T14:02:08.000Z"),
        ("05 de marzo de 2026 14:02:08", "2026-03-05T14:02:08.000Z"),
        ("March 5th, 2026 14:02:08", "2026-03-05T14:02:08.000Z"),
        ("05.03.26 14:02:08", "2026-03-05T14:02:08.000Z"),
        ("26/03/05 14:02:08", "2026-03-05T14:02:08.000Z"),
        ("05-03-2026 14:02:08 +0300", "2026-03-05T11:02:08.000Z"),
        ("05/Mar/2026 14:02:08", "2026-03-05T14:02:08.000Z"),
        ("05/mars/2026:14:02:08 +0200", "2026-03-05T12:02:08.000Z"),
        ("Mar-05-26 14:02:08", "2026-03-05T14:02:08.000Z"),
        ("05/03/2026 - 14:02:08", "2026-03-05T14:02:08.000Z"),
        ("2026:03:05-14:02:08", "2026-03-05T14:02:08.000Z"),
    ],
)
def test_unusual_stamps(stamp, expected):
    """Week dates, days of the year, names of months in other languages, dates without seconds."""
    line = f"{stamp} ERROR cart: failed"
    assert read_times(learn(line, line), line) == [expected]
    record = f'{{"level":"error","when":"{stamp}","msg":"failed"}}'
    assert read_times(learn(record, record), record) == [expected]


def test_day_of_time_only_stamps_comes_from_the_files_own_whole_dates():
    """Where some lines of a file tell the date, the others' day is theirs, whatever other files and names say."""
    lines = (
        "web-1     | 23:59:58 [WARNING] cart: slow",
        "kafka-1   | 2020-09-06 00:00:04,001 ERROR [Broker] lost",
        "web-1     | 00:00:06 [ERROR] cart: gone",
        "kafka-1   | 2020-09-06 00:00:07,001 ERROR [Broker] lost",
    )
    layout = learn(*lines, hint=DateHint(instant("2026-03-05 13:58:00"), instant("2026-03-05 14:31:45")))
    assert read_times(layout, *lines) == [
        "2020-09-05T23:59:58.000Z",
        "2020-09-06T00:00:04.001Z",
        "2020-09-06T00:00:06.000Z",
        "2020-09-06T00:00:07.001Z",
    ]
    assert layout.date_origin is DateOrigin.WRITTEN


def test_day_of_time_only_stamps_comes_from_a_banner():
    """A whole date in the lines before the first head tells the day of the heads."""
    lines = ("--- log opened on Sat Sep  5 23:59:50 2020 ---", "23:59:58.000 * a", "00:00:01.000 * b")
    assert read_times(learn(*lines), *lines)[-2:] == ["2020-09-05T23:59:58.000Z", "2020-09-06T00:00:01.000Z"]


def test_year_comes_from_the_files_own_whole_dates():
    """Stamps without year are of the year that other lines of the file tell, a turn of the year counted."""
    lines = (
        "Dec 31 23:59:59 web app[1]: a",
        "2020-01-01T00:00:00Z web app[1]: moved to another format",
        "Jan  1 00:00:01 web app[1]: b",
        "Jan  1 00:00:02 web app[1]: c",
    )
    times = read_times(learn(*lines), *lines)
    assert (times[0], times[2]) == ("2019-12-31T23:59:59.000Z", "2020-01-01T00:00:01.000Z")


@pytest.mark.parametrize(
    ("mtime", "day"),
    [
        ("2026-03-05 14:05:00", 5),  # written a moment ago
        ("2026-03-06 01:11:00", 5),  # eleven hours ago: nothing is written before it happens
        ("2026-03-05 06:02:20", 5),  # by a clock that is eight hours ahead of UTC
        ("2026-03-06 09:11:20", 5),  # nineteen hours ago
    ],
)
def test_a_day_is_taken_from_when_the_file_was_written(mtime, day):
    """No record is later than its file, unless it is so by whole half hours, as zones are."""
    lines = ("14:02:08 INFO a started", "14:02:09 INFO b started")
    assert read_times(learn(*lines, mtime=mtime), *lines)[1] == f"2026-03-0{day}T14:02:09.000Z"


@pytest.mark.parametrize(
    ("place", "time", "expected"),
    [("Europe/Berlin", "2026-07-28T12:02:08.000Z", (True, "Europe/Berlin")), ("Europe/Nowhere", None, (False, None))],
)
def test_zones_that_are_named_by_a_place(place, time, expected):
    """Its clocks are read in summer as in winter; of a place that nobody knows the zone is as good as none."""
    lines = [f"[28-Jul-2026 14:02:0{second} {place}] PHP Warning:  pool is full in /x.php on line 7" for second in "89"]
    layout = learn(*lines)
    assert (layout.zone_written, layout.zone_name) == expected
    assert read_times(layout, *lines)[0] == (time or "2026-07-28T14:02:08.000Z")
    data = "\n".join([f'{{"time":"2026-07-28 14:02:08 {place}","msg":"pool is full"}}'] * 3)
    assert learn(*data.split("\n")).zone_written is expected[0]


@pytest.mark.parametrize(
    ("stamp", "origin", "expected"),
    [
        ("14:02:08 web.1     | ", DateOrigin.WRITTEN, "2024-03-05T14:02:08.123Z"),
        ("Mar  5 14:02:08 web1 cart[71]: ", DateOrigin.WRITTEN, "2024-03-05T14:02:08.123Z"),
        ("Mar  9 14:02:08 web1 cart[71]: ", DateOrigin.YEAR_FROM_MTIME, "2025-03-09T14:02:08.123Z"),
    ],
)
def test_the_lines_inside_of_envelopes_tell_the_date(stamp, origin, expected):
    """What wraps them tells a clock, or no year; what they tell themselves counts, if it is of the same moment."""
    bodies = [f"2024-03-05 14:02:{8 + n // 5:02d},123 {'ERROR' if n % 3 else 'INFO'} main: order {n}" for n in range(9)]
    lines = [stamp + bodies[0], *(stamp.replace(":08", f":{8 + n // 5:02d}") + bodies[n] for n in range(1, 9))]
    lines = [line.replace("web.1", "web.2") if n % 2 else line for n, line in enumerate(lines)]
    lines += [stamp.replace(":08", ":10") + "java.lang.X: gone", stamp.replace(":08", ":10") + "\tat a.B.c(D.java:1)"]
    layout = learn(*lines, mtime="2026-01-06")
    assert (layout.date_origin, read_times(layout, *lines)[0]) == (origin, expected)
