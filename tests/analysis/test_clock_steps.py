"""A clock that is stepped ahead, and back a while later, is nobody's now."""

from logscope.analysis.clocks.steps import find_ahead
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
