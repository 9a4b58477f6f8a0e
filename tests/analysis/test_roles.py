"""What belongs to an incident, and what merely happens beside it."""

import pytest

from logscope.model.kinds import Role
from tests.judged import judge_sample

BESIDE = {
    "inventory-killed-herd": "getaddrinfo EAI_AGAIN",
    "recommender-memory-leak": "user unknown",
    "cache-loss-second-wave": "gravatar fetch",
}
"""Rare kinds of services that fail, there before it began and as rare during it."""


@pytest.mark.parametrize("sample", BESIDE)
def test_a_rare_kind_that_keeps_its_pace_is_not_part_of_the_incident(sample):
    """It stands among what is ruled out: neither a symptom nor something that must end."""
    snapshot = judge_sample(sample)
    roles = {group.role for group in snapshot.groups if BESIDE[sample] in group.headline}
    assert roles <= {Role.UNRELATED, Role.CHRONIC}
    assert not any(BESIDE[sample] in one.what for one in snapshot.recovery.remaining)


def test_an_early_sign_of_what_set_it_off_stays():
    """Few warnings before the first failure, in the log that tells the change, belong to it."""
    snapshot = judge_sample("pg-too-many-clients")
    (early,) = [group for group in snapshot.groups if "checked out and not returned" in group.headline]
    assert early.role is Role.SYMPTOM
