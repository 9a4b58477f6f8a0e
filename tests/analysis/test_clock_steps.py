"""A clock that is stepped ahead, and back a while later, is nobody's now."""

import numpy as np

from logscope.analysis.clocks.steps import Jump, find_ahead, find_jumps
from logscope.model.recovery import Verdict
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, iso

BREAKS, FIXED, END, STEP = 300, 420, 660, 305


def places(minutes):
    """Where each minute begins in a log that holds them in this order."""
    return {minute: (0, 100 * n, n) for n, minute in reversed(list(enumerate(minutes)))}


def test_a_jump_ahead_and_back_is_found():
    """As much as the clock went ahead, less what passed, it comes back: between stands what was stamped wrongly."""
    assert find_ahead(places([10, 11, 12, 17, 18, 13, 14])) == [(17, 18)]


def test_a_pause_and_logs_that_were_put_together_are_no_steps():
    """Minutes without a record, two logs behind one another, newest first: no clock went ahead and came back."""
    assert find_ahead(places([10, 11, 30, 31])) == []
    assert find_ahead(places([10, 11, 12, 10, 11])) == []
    assert find_ahead(places([20, 19, 18, 17])) == []
    assert find_ahead(places([10, 40, 41, 20, 21])) == []


def test_what_is_stamped_ahead_does_not_put_off_the_end(tmp_path):
    """One host's stamps lie five minutes ahead for two: users are served since, and now is what the others say."""
    w = Writer(tmp_path, 3)
    for s in w.often(0, END, 4):
        bad = BREAKS < s < FIXED
        w.add("auth.log", s, f"{iso(s + STEP if bad else s)} INFO token issued")
        w.add("orders.log", s, f"{iso(s)} {'ERROR token used before issued' if bad else 'INFO order listed'}")
        w.add("edge.log", s, f"{iso(s)} {'ERROR orders answered 401' if bad else 'INFO proxied'}")
    w.write()
    asked = Request([str(tmp_path)])
    snapshot = run_batch(asked, open_request(asked))
    assert snapshot.recovery.verdict is Verdict.RECOVERED
    assert max(one.last_seen for one in snapshot.files) - snapshot.as_of > 50_000_000


def test_a_clock_that_is_stepped_ahead_is_no_silence():
    """It leaves out as much as it ends behind all others, and another log of the host with it."""
    steady, sparse, jump = np.arange(600), np.arange(0, 600, 29), Jump(299, 395, 95)
    stepped = [np.where(seconds >= 300, seconds + 95, seconds) for seconds in (steady, sparse)]
    assert find_jumps({"a": steady, "b": steady}) == {}
    assert find_jumps({"a": stepped[0], "b": steady, "c": stepped[1]}) == {"a": jump, "c": jump}


def test_who_hangs_and_whose_others_end_earlier_was_not_stepped():
    """A pause that is longer or shorter than what it ends later; one in which nobody wrote: the machine slept."""
    steady = np.arange(600)
    hung = np.concatenate([np.arange(300), np.arange(395, 640)])
    assert find_jumps({"a": hung, "b": steady}) == {}
    slept = np.concatenate([np.arange(300), np.arange(395, 695)])
    assert find_jumps({"a": slept, "b": np.concatenate([np.arange(300), np.arange(395, 600)])}) == {}


def test_what_is_stamped_ahead_until_the_end_puts_off_nothing(tmp_path):
    """Users fail until the last line that is stamped rightly: it goes on, and nobody fell silent."""
    w = Writer(tmp_path, 3)
    for s in w.often(0, END, 4):
        bad = s > BREAKS
        w.add("auth.log", s, f"{iso(s + 95 if bad else s)} INFO token issued")
        w.add("orders.log", s, f"{iso(s)} {'ERROR token is not yet valid' if bad else 'INFO order listed'}")
        w.add("edge.log", s, f"{iso(s)} {'ERROR orders answered 401' if bad else 'INFO proxied'}")
    w.write()
    asked = Request([str(tmp_path)])
    snapshot = run_batch(asked, open_request(asked))
    assert snapshot.recovery.verdict is Verdict.ONGOING
    told = [one.event for one in snapshot.timeline]
    assert not any("falls silent" in event for event in told)
    assert any("its clock is 1 min 35 s ahead" in event for event in told)
