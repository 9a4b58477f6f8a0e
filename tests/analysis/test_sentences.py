"""What the sentences say of users and waves."""

import re

from tests.judged import judge_sample


def test_users_of_a_partial_recovery_are_told_until_the_fix_and_since():
    """One share over both would be that of no moment at all."""
    snapshot = judge_sample("recommender-memory-leak")
    text = snapshot.sentences[3].text
    before, until, since = (int(one) for one in re.findall(r"(\d+) %", text))
    assert before == 100
    assert until < 35 < 65 < since
    assert "since 12:34:27" in text


def test_the_present_wave_s_fault_and_what_set_it_off_come_first():
    """Locks and the job that began two seconds earlier, with the lost cache of the first wave behind them."""
    state, broke, set_off, _ = judge_sample("cache-loss-second-wave").sentences
    assert state.label == "BACK"
    assert broke.text.startswith("second wave: profile-api: ")
    assert "Lock wait timeout exceeded" in broke.text
    assert "before it: memcached 12:48:17" in broke.text
    assert set_off.text.startswith("batch: job loyalty-recalc starting")
