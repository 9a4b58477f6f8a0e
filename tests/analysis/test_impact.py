"""What users lost, told beside the timeline and in the sentence on users."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from logscope.analysis.story.impact import describe_impact
from logscope.analysis.story.timeline import _impacts, tell_states
from logscope.analysis.users.users import Users, success_rates
from logscope.model.files import LineRef
from logscope.model.incident import NumberChange
from logscope.model.severity import Severity
from logscope.model.times import US
from tests.judged import judge_sample

_BEGIN = 1_000


def _users(*seconds: tuple[int, int]) -> Users:
    """An access log by second: requests and failed ones."""
    table = np.array(seconds, np.int64)
    return Users("edge", "edge", np.arange(_BEGIN, _BEGIN + len(seconds)), table[:, 0], table[:, 1])


@pytest.mark.parametrize(
    ("requests", "failed", "told"),
    [(3, 3, "0 of 3 requests ok"), (9, 3, "6 of 9 requests ok"), (10, 3, "70 % of 10 requests ok")],
)
def test_a_share_of_few_requests_is_counted(requests, failed, told):
    """Below ten requests the ones that were served are counted; from ten on a share is told."""
    users = _users(*[(10, 0)] * 20, (requests, failed))
    first = (_BEGIN + 20) * US
    assert describe_impact(users, [], first)(first, first + US) == told


def test_nothing_is_lost_until_something_fails():
    """A span that ends before the first failure says so."""
    first = (_BEGIN + 20) * US
    between = describe_impact(_users(*[(10, 0)] * 20, (10, 9)), [], first)
    assert between(first - 5 * US, first) == "none yet"


def test_errors_of_many_services_are_counted_by_services():
    """Without an access log up to two that fail are named; of more, how many they are."""

    def failing(name):
        kind = SimpleNamespace(service=name, severity=Severity.ERROR, between=lambda low, high: 7)
        return SimpleNamespace(kind=kind, time=_BEGIN * US, last=(_BEGIN + 60) * US, is_strong=True)

    told = lambda *names: describe_impact(None, [failing(name) for name in names], _BEGIN * US)(  # noqa: E731
        _BEGIN * US, (_BEGIN + 9) * US
    )
    assert told("cart", "tax") == "errors: cart 7, tax 7"
    assert told("cart", "tax", "pay", "geo").startswith("errors in 4 services; cart 7, ")


def test_what_fails_a_moment_later_is_not_told_of_a_change_before_it():
    """A release two seconds before the next wave has cost nobody anything yet, though few requests came meanwhile."""
    users = _users(*[(10, 0)] * 20, *[(10, 8)] * 20, *[(3, 0)] * 20, *[(7, 6)] * 20)
    tell = describe_impact(users, [], (_BEGIN + 20) * US)
    assert tell((_BEGIN + 59) * US, (_BEGIN + 60) * US) == "users served"
    assert tell((_BEGIN + 61) * US, (_BEGIN + 62) * US).startswith("14 % of ")


def test_an_impact_lasts_until_the_next_entry_and_a_second_has_one():
    """Each entry measures up to the next, the last one to the end; entries of one second share what they measure."""
    told = _impacts([5, 5, 6, 9], 12 * US, lambda low, high: f"{low // US}-{high // US}")
    assert told == ["5-6", "5-6", "6-9", "9-12"]


def test_a_log_that_lost_its_requests_claims_no_share():
    """Where the volume falls to a tenth, the rate is unknown and the note says how much never arrived."""
    users = _users(*[(9, 0)] * 100, *[(9, 0), *[(0, 0)] * 9] * 10)
    rates, _, note = success_rates(users, (_BEGIN + 100) * US, None, (_BEGIN + 199) * US)
    assert (rates.before, rates.during) == (1.0, None)
    assert note == "requests lost before this log: 9/s to 0.9/s"


def test_requests_lost_after_an_incident_do_not_hide_what_was_counted():
    """The note keeps what the share was counted from, and adds what was lost later."""
    users = _users(*[(9, 0)] * 100, *[(9, 6)] * 50, *[(3, 0)] * 50)
    rates, _, note = success_rates(users, (_BEGIN + 100) * US, (_BEGIN + 150) * US, (_BEGIN + 199) * US)
    assert rates.during == pytest.approx(1 / 3)
    assert rates.after is None
    assert note == (
        "edge: requests without a server error; requests lost before this log after the incident: 9/s to 3/s"
    )


def test_behind_losses_no_event_has_none_yet():
    """A change that is told later, or in the second of the first failures, does not say that nothing is lost yet."""
    story = judge_sample("checkout-redis-oom")
    lost = next(entry.time for entry in story.timeline if entry.impact not in ("", "none yet"))
    refs = (LineRef("a.log", 1), LineRef("a.log", 2))
    late, early = (
        NumberChange(
            "pool", "size", 3.0, 4.0, time - US, time, 4.0, climbs_on=False, alert_at_80=None, is_full=False,
            is_percent=False, score=9.0, lines=refs, is_state=True,
        )
        for time in (lost + US, story.incident.start - US)
    )  # fmt: skip
    told = {
        when: next(e.impact for e in tell_states(story.timeline, [one]) if e.event == "size: 3 to 4")
        for when, one in (("late", late), ("early", early))
    }
    assert told == {"late": "", "early": "none yet"}


def test_operations_of_a_log_are_no_requests_that_were_lost():
    """Where no access log tells, fewer jobs that end are just that."""
    users = replace(_users(*[(10, 0)] * 90, *[(3, 0)] * 90), is_by_ids=True)
    start = (_BEGIN + 90) * US
    assert describe_impact(users, [], start)(start, start + 80 * US) == "fewer operations end, 10.0/s to 3.0/s"
