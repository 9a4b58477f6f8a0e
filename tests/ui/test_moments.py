"""Moments as people type them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from logscope.ui.moments import read_moment


def at(day, hour, minute, second=0, zone=UTC):
    return round(datetime(2026, 3, day, hour, minute, second, tzinfo=zone).timestamp()) * 1_000_000


NEAR = at(3, 0, 10)
REACH = (at(1, 12, 0), at(3, 2, 0))


@pytest.mark.parametrize(
    ("text", "expected", "rest"),
    [
        ("00:05", at(3, 0, 5), ""),
        ("23:50", at(2, 23, 50), ""),
        ("1:30 raised it", at(3, 1, 30), "raised it"),
        ("00:05:59,123", at(3, 0, 5, 59), ""),
        ("2026-03-01 14:02:03 words", at(1, 14, 2, 3), "words"),
        ("2026-03-01T14:02Z", at(1, 14, 2), ""),
        ("03-01 14:02", at(1, 14, 2), ""),
        ("-10m before", at(3, 0, 0), "before"),
        ("+1d", at(4, 0, 10), ""),
    ],
)
def test_a_moment_is_read_with_the_words_behind_it(text, expected, rest):
    """A clock time alone is the nearest in the logs; a date says its day; a step goes on from the cursor."""
    assert read_moment(text, NEAR, UTC, REACH) == (expected, rest)


def test_a_clock_time_is_one_in_the_logs_where_there_is_one():
    """13:00 is nearer on the day of the cursor, but the logs end before it: yesterday's is meant."""
    assert read_moment("13:00", NEAR + 1, UTC, REACH) == (at(2, 13, 0), "")
    assert read_moment("13:00", at(3, 2, 0), UTC, REACH) == (at(2, 13, 0), "")
    assert read_moment("13:00", at(3, 2, 0), UTC, None) == (at(3, 13, 0), "")


def test_a_moment_is_of_the_zone_that_is_shown():
    """The zone of the screen counts unless the text says UTC."""
    zone = timezone(timedelta(hours=2))
    assert read_moment("02:05", NEAR, zone, REACH) == (at(3, 0, 5), "")
    assert read_moment("2026-03-03 00:05Z", NEAR, zone, REACH) == (at(3, 0, 5), "")


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2026-13-01 10:00", "14", "14:02x"])
def test_what_is_no_moment_is_none(text):
    """Nothing is guessed."""
    assert read_moment(text, NEAR, UTC, REACH) is None
