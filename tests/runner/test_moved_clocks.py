"""A zone that the user gives is followed by its rule: a log that goes on while the clock is moved stays in order."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from logscope.model.times import US
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request

ZONE = ZoneInfo("Europe/Berlin")


def write_log(path, begin, minutes):
    """One record a minute, stamped with the clock on the wall; the last ten are errors."""
    rows = []
    for minute in range(minutes):
        wall = (begin + timedelta(minutes=minute)).astimezone(ZONE)
        level = "ERROR lost order" if minute >= minutes - 10 else "INFO took order"
        rows.append(f"{wall:%Y-%m-%d %H:%M:%S} {level} {minute}\n")
    path.write_text("".join(rows))


def micros(moment):
    return int(moment.timestamp()) * US


@pytest.mark.parametrize("begin", [datetime(2026, 3, 29, 0, 0, tzinfo=UTC), datetime(2026, 10, 24, 23, 30, tzinfo=UTC)])
def test_a_clock_that_is_moved_within_a_log_is_followed(tmp_path, begin):
    """First and last record of file and group have their own offsets, in spring and in autumn."""
    write_log(tmp_path / "shop.log", begin, 180)
    request = Request([str(tmp_path / "shop.log")], tz=ZONE, tz_name="Europe/Berlin")
    snapshot = run_batch(request, open_request(request))
    (file,) = snapshot.files
    end = begin + timedelta(minutes=179)
    assert (micros(begin), micros(end)) == (file.first_seen, file.last_seen)
    (group,) = [group for group in snapshot.groups if "lost" in group.template]
    assert (micros(end - timedelta(minutes=9)), micros(end)) == (group.first_seen, group.last_seen)


def test_a_part_that_is_cut_out_by_time_is_cut_by_the_clock_of_its_zone(tmp_path):
    """`--since` counts in UTC on both sides of the change."""
    begin = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    write_log(tmp_path / "shop.log", begin, 180)
    since = begin + timedelta(minutes=90)
    request = Request([str(tmp_path / "shop.log")], tz=ZONE, tz_name="Europe/Berlin", since=micros(since))
    assert micros(since) == run_batch(request, open_request(request)).files[0].first_seen
