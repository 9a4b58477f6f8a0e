"""The time that is offered for a fix, and what is odd about one."""

from dataclasses import replace

import pytest

from logscope.ui.formatting import Look
from logscope.ui.marking import doubt_fix_time, offer_fix_time
from logscope.ui.palette import DARK, UNICODE

LOOK = Look(DARK, UNICODE)
MINUTE = 60_000_000


@pytest.fixture
def over(story):
    return story[2]


def test_while_it_goes_on_the_fix_is_now(over):
    """A live incident that is not over: the newest record's time, wherever somebody looks."""
    ongoing = replace(over, recovery=replace(over.recovery, over=False))
    assert offer_fix_time(ongoing, over.incident.start + MINUTE, is_live=True) == over.as_of


def test_looking_back_the_cursor_is_offered_then_the_logged_fix(over):
    """The cursor where it was put behind the onset; else the fix that was found; else where errors end."""
    start = over.incident.start
    assert offer_fix_time(over, start + 3 * MINUTE, is_live=False) == start + 3 * MINUTE
    assert offer_fix_time(over, start, is_live=False) == over.recovery.fix_at
    unknown = replace(over, recovery=replace(over.recovery, fix_at=None, fix_origin=None))
    assert offer_fix_time(unknown, None, is_live=True) == over.incident.end
    assert offer_fix_time(replace(unknown, incident=None, as_of=None), None, is_live=False) is None


def test_a_time_that_cannot_be_is_told(over):
    """Before the onset, behind the recovery, behind the last record, or without an incident; else nothing is said."""
    assert "before the incident began" in doubt_fix_time(over, over.incident.start - MINUTE, LOOK)
    assert "errors had ended" in doubt_fix_time(over, over.as_of, LOOK)
    assert "after the last record" in doubt_fix_time(over, over.as_of + 3 * MINUTE, LOOK)
    assert "no incident" in doubt_fix_time(replace(over, incident=None), over.as_of, LOOK)
    assert doubt_fix_time(over, over.recovery.fix_at, LOOK) == ""
