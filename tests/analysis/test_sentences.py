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


def test_a_second_wave_is_told_with_what_stands_right_before_it():
    """The job that began two seconds earlier, in the first sentence."""
    assert "right before it batch: job loyalty-recalc" in judge_sample("cache-loss-second-wave").sentences[0].text
