"""The second look reads what lies around the onset, however many bytes a minute of the log has."""

import numpy as np
import pytest

from logscope.analysis.incident.base import LOOK_BACK_US
from logscope.model.times import MINUTE_US, US
from logscope.runner import batch, window
from logscope.runner.batch import BatchReading, start_session
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
