"""What the sentences say of users and waves."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from logscope.analysis.story.sentences import Facts, write_sentences
from logscope.analysis.story.state import Moment, write_state
from logscope.model.advice import FollowUp
from logscope.model.files import LineRef
from logscope.model.incident import Rates
from logscope.model.recovery import Verdict
from tests.judged import judge_sample


def test_users_of_a_partial_recovery_are_told_until_the_fix_and_since():
    """One share over both would be that of no moment at all."""
    snapshot = judge_sample("recommender-memory-leak")
    text = snapshot.sentences[3].text
    before, until, since = (int(one) for one in re.findall(r"(\d+) %", text))
    assert before == 100
    assert until < 35 < 65 < since
    assert "since 12:34:27" in text


def test_the_state_counts_requests_since_the_second_that_it_names():
    """Errors fell five seconds behind the line that ended it: what failed in between is not counted."""
    made = judge_sample("recommender-memory-leak")
    served = made.recovery.served
    recovery = replace(made.recovery, fix_at=served.since - 5_000_000)
    moment = Moment(made.as_of, made.as_of, made.progress)
    text = write_state(made.incident, recovery, moment, UTC).text
    assert made.recovery.verdict is Verdict.PARTIAL
    assert f"since {datetime.fromtimestamp(served.since / 1e6, UTC):%H:%M:%S}" in text


def test_the_present_wave_s_fault_and_what_set_it_off_come_first():
    """Locks and the job that began two seconds earlier, with the lost cache of the first wave behind them."""
    state, broke, set_off, _ = judge_sample("cache-loss-second-wave").sentences
    assert state.label == "BACK"
    assert broke.text.startswith("second wave: profile-api: ")
    assert "Lock wait timeout exceeded" in broke.text
    assert "before it: memcached 12:48:17" in broke.text
    assert set_off.text.startswith("batch: job loyalty-recalc starting")


def test_what_was_said_all_along_stands_where_nothing_set_it_off():
    """A job that does not run is no trigger, yet the nearest to a reason that the lines show."""
    snapshot = judge_sample("checkout-redis-oom")
    assert snapshot.candidates[0].trigger is None
    ref = LineRef("cart.log", 12)
    said = FollowUp("alert on it", "cart said 22 times, the first before it began: 0 of 9 removed", (ref,), None, True)
    facts = Facts(
        incident=snapshot.incident,
        candidates=snapshot.candidates,
        recovery=snapshot.recovery,
        as_of=snapshot.as_of,
        progress=snapshot.progress,
        file_count=6,
        everyday=0,
    )
    assert write_sentences(facts)[2].text == "not in these logs"
    set_off = write_sentences(replace(facts, background=(said,)))[2]
    assert (set_off.text, set_off.ref) == (f"not in these logs; {said.reason}", ref)


@pytest.mark.parametrize(
    ("during", "volume", "told"),
    [
        (1.0, 10.9, "served as before: 100 % of 10.0/s"),
        (0.91, 10.9, "100 % of 10.0/s -> 91 % of 10.9/s"),
        (1.0, 4.0, "100 % of 10.0/s -> 100 % of 4.0/s"),
        (None, 10.9, "100 % of 10.0/s -> ? of 10.9/s"),
    ],
)
def test_three_equal_shares_are_one(during, volume, told):
    """Requests that go on as before are told as that; a share or a volume that fell is told in full."""
    made = judge_sample("inventory-killed-herd")
    shares, volumes = Rates(1.0, during, None), Rates(10.0, volume, None)
    incident = replace(made.incident, success_rate=shares, volume=volumes, attempts=None)
    facts = Facts(incident, made.candidates, replace(made.recovery, over=None), made.as_of, made.progress, 3, 0)
    assert write_sentences(facts)[3].text.startswith(told)
