"""Incidents as people on call know them: who broke is named with the reason, and what set it off where a line tells."""

import pytest

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis import veteran_incidents as incidents
from tests.analysis.small_incidents import Writer


@pytest.mark.parametrize("build", incidents.CASES, ids=lambda build: build.__name__)
def test_who_broke_is_named_with_the_reason(build, tmp_path):
    """Candidate 1 is one that a person would name, its sentence says why, and a trigger that is told is found."""
    services, words, trigger = incidents.CASES[build]
    writer = Writer(tmp_path, 7)
    build(writer)
    writer.write()
    asked = Request([str(tmp_path)])
    top = run_batch(asked, open_request(asked)).candidates[0]
    assert top.service in services
    assert words in top.headline
    if trigger is not None:
        assert top.trigger is not None
        assert trigger in top.trigger.text
