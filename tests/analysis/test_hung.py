"""A worker that hangs without an error: its silence is the incident, and one line that names it the proof."""

import pytest

from logscope.model.recovery import Verdict
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, at, comma, iso

HANGS, COMPLAINS, AGAIN, END = 300, 420, 700, 900


def judge(folder, *, hangs=HANGS, complains=True, end=END, again=AGAIN):
    w = Writer(folder, 3)
    for s in w.often(0, end, 1):
        w.add("orders.log", s, f"{iso(s)} INFO order placed o-{w.number(1, 99999)}")
        if not hangs < s < again:
            w.add("invoicer.log", s + 0.3, f"[{comma(s + 0.3)}: INFO/MainProcess] invoice written {w.number(1, 99999)}")
    for s in range(20, END, 300):
        w.add("broker.log", s, f"{iso(s)} INFO queue statistics published")
    if complains:
        w.add("broker.log", COMPLAINS, f"{iso(COMPLAINS)} ERROR closing connection of invoicer: missed heartbeats")
    w.write()
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


def micros(second):
    return round(at(second).timestamp() * 1_000_000)


def test_who_hangs_is_the_cause_until_it_writes_again(tmp_path):
    """Named by the one line, shown by its own log, and over when that log goes on."""
    snapshot = judge(tmp_path)
    top = snapshot.candidates[0]
    assert top.service == "invoicer"
    assert any("falls silent" in one.text for one in top.evidence)
    recovery = snapshot.recovery
    assert (recovery.verdict, recovery.over) == (Verdict.RECOVERED, True)
    assert abs(recovery.since - micros(AGAIN)) < 5_000_000
    assert recovery.silence.startswith("invoicer writes again after 6 min")


def test_while_it_writes_nothing_it_is_not_over(tmp_path):
    """No error goes on, and yet nothing is well."""
    recovery = judge(tmp_path, end=650).recovery
    assert (recovery.verdict, recovery.over, recovery.since) == (Verdict.ONGOING, False, None)
    assert recovery.silence.startswith("invoicer has written nothing for 5 min")


@pytest.mark.parametrize("spared", [{"complains": False}, {"hangs": END}])
def test_neither_a_silence_nor_a_complaint_alone_is_an_incident(tmp_path, spared):
    """Who has nothing to do is silent, and one error is everyday."""
    assert judge(tmp_path, **spared).incident is None
