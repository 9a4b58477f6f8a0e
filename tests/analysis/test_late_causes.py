"""What is told long after users failed explains at most what came then."""

import pytest

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, at, iso

BREAKS, FIXED, END = 300, 420, 600


def write(folder, told, reason="ERROR request failed"):
    """A shop behind an access log fails; a relay that it names is out of room a while later."""
    w = Writer(folder, 5)
    for s in w.often(0, END, 4):
        bad = BREAKS < s < FIXED
        stamp = at(s).strftime("%d/%b/%Y:%H:%M:%S +0000")
        request = f'10.1.2.3 - - [{stamp}] "POST /orders HTTP/1.1" {502 if bad else 200} 12 "-" "okhttp/4"'
        w.add("edge.access.log", s, request)
        w.add("shop.log", s, f"{iso(s)} {reason if bad else 'INFO order stored'}")
        if told < s < told + 40:
            w.add("relay.log", s, f"{iso(s)} ERROR rejecting message: account limit exceeded")
            w.add("shop.log", s + 0.01, f"{iso(s + 0.01)} ERROR resending failed: relay answered 429")
        w.add("relay.log", s, f"{iso(s)} INFO message accepted")
    w.write()


def judge(folder):
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


@pytest.mark.parametrize(("told", "is_late"), [(BREAKS + 2, False), (FIXED + 5, True)])
def test_a_limit_that_is_reached_after_users_failed_for_long_is_told_as_late(tmp_path, told, is_late):
    """Two seconds behind the first failed request it may be the cause; two minutes behind, it came of it."""
    write(tmp_path, told)
    relay = next(one for one in judge(tmp_path).candidates if one.service == "relay")
    late = [one for one in relay.counter_evidence if one.kind == "late"]
    assert bool(late) is is_late
    assert all("after users failed" in one.text for one in late)


def test_who_is_named_as_the_cause_is_not_ruled_out(tmp_path):
    """Its own log shows no failure, and says nothing for it: nobody says that it need not be looked at."""
    write(tmp_path, END, reason="ERROR order not stored: relay answered 503")
    snapshot = judge(tmp_path)
    assert snapshot.candidates[0].service == "relay"
    assert "relay" not in {one.service for one in snapshot.ruled_out}


def test_a_log_that_hardly_wrote_before_it_does_not_fall_silent(tmp_path):
    """What is slow is logged while it is: such a log begins a moment before the first failure, and ends with it."""
    write(tmp_path, END)
    w = Writer(tmp_path, 6)
    for s in range(BREAKS - 3, FIXED - 10):
        w.add("slow.log", s, f"{iso(s)} query took 5.0 s")
    w.write()
    assert "silence" not in {one.kind.value for one in judge(tmp_path).timeline if one.service == "slow"}
