"""A few lines that somebody took out of logs: how many errors a minute has says nothing of them."""

import pytest

from logscope.model.recovery import Verdict
from tests.judged import judge

SEATS = """\
2026-03-05T09:00:14.480Z INFO  [http-1] booked seat 8812
2026-03-05T09:02:10.250Z INFO  [http-2] booked seat 8813
2026-03-05T09:04:11.990Z ERROR [http-5] booking failed: no answer from 10.0.4.7:3306: connection refused
2026-03-05T09:06:15.760Z ERROR [http-6] booking failed: no answer from 10.0.4.7:3306: connection refused
2026-03-05T09:08:19.210Z ERROR [http-7] booking failed: no answer from 10.0.4.7:3306: connection refused
"""
DATABASE = """\
2026-03-05 09:00:01 0 [Note] mariadbd: ready for connections.
2026-03-05 09:03:55 0 [ERROR] mariadbd: Disk full (/var/tmp/#sql_1a2b); waiting for someone to free some space...
2026-03-05 09:03:58 0 [ERROR] mariadbd got signal 6 ;
"""


def test_a_few_lines_are_an_incident(tmp_path):
    """Less than one error a minute in eight minutes: all that is there was kept for what it tells."""
    (tmp_path / "seats.log").write_text(SEATS)
    (tmp_path / "mariadb.log").write_text(DATABASE)
    snapshot = judge(tmp_path)
    assert snapshot.incident is not None
    assert snapshot.candidates[0].file.endswith("mariadb.log")
    assert "isk full" in snapshot.candidates[0].headline


@pytest.mark.parametrize("good", [40, 2000])
def test_a_few_errors_among_many_lines_are_everyday(tmp_path, good):
    """Three of forty, or three of thousands, one now and then."""
    lines = [f"2026-03-05T09:{n * 50 // good:02d}:{n % 60:02d}.000Z INFO booked seat {n}" for n in range(good)]
    for at in (1, 2, 3):
        lines.insert(at * good // 4, f"2026-03-05T09:{at * 50 // 4:02d}:59.000Z ERROR no such seat: {at}")
    (tmp_path / "seats.log").write_text("\n".join(lines) + "\n")
    assert judge(tmp_path).recovery.verdict is Verdict.NO_INCIDENT
