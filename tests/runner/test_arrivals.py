"""While a log is followed, its lines' arrival tells in which zone it is written."""

from datetime import UTC, datetime, timedelta

import pytest

from logscope.runner.live import LiveLoop
from logscope.runner.request import Request, open_request

BEGIN = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


class Follow:
    """A loop whose clock is moved by hand, and a log that is written in some zone."""

    def __init__(self, folder, zone_h, words="", tz=None):
        self.log, self.now, self.zone, self.words = folder / "app.log", BEGIN, timedelta(hours=zone_h), words
        self.write(60, 1)
        request = Request([str(self.log)], tz=tz) if tz is not None else Request([str(self.log)])
        self.said = []
        self.loop = LiveLoop(
            request, open_request(request), self.said.append, clock=self.seconds, wall=lambda: self.now.timestamp()
        )
        self.loop.catch_up()

    def seconds(self):
        return self.now.timestamp()

    def write(self, count, step_s, *, late_s=0.0):
        for n in range(count):
            self.now += timedelta(seconds=step_s)
            stamp = f"{self.now + self.zone - timedelta(seconds=late_s):%Y-%m-%d %H:%M:%S}.250"
            with self.log.open("a") as file:
                file.write(f"{stamp}{self.words} INFO main - handled request number {n}\n")
            if hasattr(self, "loop"):
                self.now += timedelta(milliseconds=700)
                self.loop.look()

    def zone_of(self):
        self.loop.judge()
        (file,) = self.said[-1].files
        return file.zone.name, file.zone.origin.value, (file.first_seen // 1_000_000) - round(BEGIN.timestamp())


@pytest.mark.parametrize(("zone_h", "name"), [(-7, "-07:00"), (5.5, "+05:30"), (0, "UTC")])
def test_lines_that_were_just_written_prove_the_zone(tmp_path, zone_h, name):
    """Assumed while nothing new came; proved after a few lines, and the first line stands at its true time."""
    follow = Follow(tmp_path, zone_h)
    assert follow.zone_of()[:2] == ("UTC", "assumed")
    follow.write(6, 2)
    assert follow.zone_of() == (name, "proved", 1)


def test_lines_that_come_late_prove_nothing(tmp_path):
    """Three hours and a few minutes, or lags that come down as an old log is brought over: assumed as before."""
    follow = Follow(tmp_path, 0)
    follow.write(6, 2, late_s=3 * 3600 + 400)
    assert follow.zone_of()[:2] == ("UTC", "assumed")


def test_a_written_zone_stays(tmp_path):
    """What a line says itself is not doubted, however late it comes."""
    follow = Follow(tmp_path, 0, words="Z")
    follow.write(6, 2, late_s=7 * 3600)
    assert follow.zone_of()[:2] == ("UTC", "written")
