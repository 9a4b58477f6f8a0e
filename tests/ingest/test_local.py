"""Stamps of a place: hours that its clocks skip and repeat."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from logscope.ingest.timestamps.local import LocalClock
from logscope.model.times import US, format_iso


def to_utc(*stamps: str, zone: str = "Europe/Berlin") -> list[str]:
    clock = LocalClock(ZoneInfo(zone))
    times = [round(datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp() * US) for stamp in stamps]
    return [format_iso(clock.to_utc(time), 0) for time in times]


def test_summer_and_winter():
    """The offset is that of the stamp's day."""
    assert to_utc("2026-01-05 12:00:00", "2026-07-05 12:00:00") == ["2026-01-05T11:00:00Z", "2026-07-05T10:00:00Z"]


def test_repeated_hour():
    """The second run of the hour begins where time goes back within it; a line out of order is no second run."""
    assert to_utc(
        "2026-10-25 01:59:59", "2026-10-25 02:40:00", "2026-10-25 02:39:00", "2026-10-25 02:59:00",
        "2026-10-25 02:10:00", "2026-10-25 02:50:00", "2026-10-25 03:00:00",
    ) == [
        "2026-10-24T23:59:59Z", "2026-10-25T00:40:00Z", "2026-10-25T00:39:00Z", "2026-10-25T00:59:00Z",
        "2026-10-25T01:10:00Z", "2026-10-25T01:50:00Z", "2026-10-25T02:00:00Z",
    ]  # fmt: skip


def test_skipped_hour():
    """A stamp in the hour that does not exist is read as if the clock had not been set."""
    assert to_utc("2026-03-29 01:59:59", "2026-03-29 02:30:00", "2026-03-29 03:00:01") == [
        "2026-03-29T00:59:59Z",
        "2026-03-29T01:30:00Z",
        "2026-03-29T01:00:01Z",
    ]
