"""Incidents as people on call know them: who broke is named with the reason, and what set it off where a line tells."""

import pytest

from tests.analysis import veteran_incidents as incidents
from tests.judged import judge_small


@pytest.mark.parametrize("build", incidents.CASES, ids=lambda build: build.__name__)
def test_who_broke_is_named_with_the_reason(build):
    """Candidate 1 is one that a person would name, its sentence says why, and a trigger that is told is found."""
    services, words, trigger = incidents.CASES[build]
    top = judge_small(build).candidates[0]
    assert top.service in services
    assert words in top.headline
    if trigger is not None:
        assert top.trigger is not None
        assert trigger in top.trigger.text
