"""The second look reads what lies around the onset, however many bytes a minute of the log has."""

import numpy as np
import pytest

from logscope.analysis.incident.base import LOOK_BACK_US
from logscope.model.times import MINUTE_US, US
from logscope.runner import batch, live_sources, window
from logscope.runner.batch import BatchReading, start_session
from logscope.runner.live import LiveLoop
from logscope.runner.request import Request, open_request

START = 1_772_460_000 * US
ONSET_S = 150
"""In the middle of a minute."""


@pytest.fixture
def reading(tmp_path, monkeypatch):
    """Four minutes of a log, far more than the second look may read, that were read once."""
    monkeypatch.setattr(batch, "EXAMINE_ALL", 0)
    monkeypatch.setattr(window, "EXAMINE_MOST", 64 * 1024)
    monkeypatch.setattr(window, "BLOCK", 64 * 1024)

    def read(lines_per_second):
        lines = []
        for n in range(240 * lines_per_second):
            second = n // lines_per_second
            level = "ERROR" if second >= ONSET_S else "INFO"
            minute, millisecond = second // 60, 1000 * (n % lines_per_second) // lines_per_second
            lines.append(
                f"2026-03-02T14:{minute:02d}:{second % 60:02d}.{millisecond:03d}Z {level} [main] c.s.Cart - cart {n}"
            )
        path = tmp_path / "cart.log"
        path.write_text("\n".join(lines) + "\n")
        request = Request([str(path)])
        opened = open_request(request)
        session = start_session(request, opened)
        BatchReading(session, request, opened).read_all()
        onset = START + ONSET_S * US
        window.examine_window(session, opened.plans, (onset - LOOK_BACK_US, START + 4 * MINUTE_US))
        seconds, values = session.window.sources[str(path)].seconds.arrays()
        return seconds - START // US, values[:, 0]

    return read


@pytest.mark.parametrize("lines_per_second", [20, 60, 200])
def test_the_onset_of_a_busy_log_is_looked_at(reading, lines_per_second):
    """Whole seconds before the onset and the onset itself are read, wherever in its minute it stands."""
    seconds, _ = reading(lines_per_second)
    assert seconds[0] < ONSET_S - 3
    assert seconds[-1] > ONSET_S


def test_a_busy_log_costs_no_more_than_its_share(reading):
    """What is read at every level is bounded by the budget, not by the bytes of a minute."""
    seconds, records = reading(200)
    line = 70
    assert np.sum(records) * line < 3.5 * window.EXAMINE_MOST
    assert ONSET_S in seconds.tolist()


def test_a_failing_kind_is_told_once_however_few_of_its_lines_the_second_look_reads(tmp_path, monkeypatch):
    """What one event says of many users is one kind, though the window alone shows too few of them to know that."""
    monkeypatch.setattr(batch, "EXAMINE_ALL", 0)
    monkeypatch.setattr(window, "EXAMINE_MOST", 16 * 1024)
    monkeypatch.setattr(window, "BLOCK", 32 * 1024)
    lines = []
    for n in range(6000):
        stamp = f"2026-03-02T14:{n // 600:02d}:{n // 10 % 60:02d}.{n % 10}00Z"
        user = "".join(chr(ord("a") + digit) for digit in divmod(n // 250, 26)) + "ulis"
        told = f"ERROR [main] c.s.Cart - cart of {user} was lost, disk is full"
        lines.append(f"{stamp} {told if n >= 3000 else 'INFO [main] c.s.Cart - cart kept'}")
    (tmp_path / "cart.log").write_text("\n".join(lines) + "\n")
    request = Request([str(tmp_path)])
    snapshot = batch.run_batch(request, open_request(request))
    assert [(one.count, one.template) for one in snapshot.groups] == [(3000, "cart of <*> was lost, disk is full")]


def write_outage(path, name):
    """Ten minutes of a log that fails from the fifth on, what it said just before it only at an everyday level."""
    with path.open("a") as file:
        for n in range(600):
            told = (
                f"ERROR {name} lost its leader" if n >= 300 else f"INFO {name} election {'lost' if n > 290 else 'ok'}"
            )
            file.write(f"2026-03-02T14:{n // 60:02d}:{n % 60:02d}Z {told}\n" * 5)


def test_a_log_that_goes_away_between_the_two_looks_stops_no_other(tmp_path, monkeypatch):
    """What was read of it counts, and the others are looked at again."""
    monkeypatch.setattr(batch, "EXAMINE_ALL", 0)
    for name in ("a", "b"):
        write_outage(tmp_path / f"{name}.log", name)
    request = Request([str(tmp_path)])
    opened = open_request(request)
    reading = BatchReading(start_session(request, opened), request, opened)
    reading.read_all()
    (tmp_path / "a.log").unlink()
    snapshot = reading.settle()
    assert snapshot.incident is not None
    assert [file.lines for file in snapshot.files] == [3000, 3000]
    assert {group.service for group in snapshot.groups if group.examined_only} == {"b"}


def test_a_log_is_looked_at_again_where_it_lies_now(tmp_path, monkeypatch):
    """It was rotated while it was read: the window is read in the part, and not in the file that took its name."""
    monkeypatch.setattr(live_sources, "EXAMINE_ALL", 0)
    path = tmp_path / "a.log"
    write_outage(path, "a")
    request = Request([str(path)])
    told = []
    loop = LiveLoop(request, open_request(request, live=True), told.append, clock=lambda: 0.0, wall=lambda: 0.0)
    settle = loop._settle

    def rotate_first():
        path.rename(tmp_path / "a.log.1")
        path.write_text("2026-03-02T15:00:00Z INFO of another day\n" * 3000)
        loop.look()
        settle()

    monkeypatch.setattr(loop, "_settle", rotate_first)
    loop.catch_up()
    loop.close()
    low = {group.template for group in told[-1].groups if group.examined_only}
    assert any("election" in one for one in low), low
