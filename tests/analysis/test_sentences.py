"""What the sentences say of users and waves."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from logscope.analysis.incident.cause import tell_first
from logscope.analysis.story.sentences import write_sentences
from logscope.analysis.story.state import Moment, write_state
from logscope.model.advice import FollowUp
from logscope.model.causes import Confidence
from logscope.model.files import LineRef
from logscope.model.incident import Rates
from logscope.model.lanes import UsersLane
from logscope.model.recovery import FixOrigin, Remaining, Verdict
from logscope.model.snapshot import CutStart
from logscope.model.times import DAY_US, Dial
from logscope.report.console import render_console
from tests.judged import copy_story, judge, judge_sample


def test_where_nothing_rose_users_are_told_as_served():
    """The share of their requests and how many they are; not of a few, nor where logs begin inside a failure."""
    made = judge_sample("recommender-memory-leak")
    recovery = replace(made.recovery, verdict=Verdict.NO_INCIDENT)
    lane = UsersLane("edge.log", (0, 60, 62, 0), (0, 1, 0, 0))
    calm = replace(made, incident=None, recovery=recovery, users=lane, lane_bucket_us=30_000_000)
    users = lambda snapshot: write_sentences(snapshot, Dial(UTC))[3].text  # noqa: E731
    assert users(calm) == "99.1 % of 2.0/s, as usual"
    assert users(replace(calm, users=replace(lane, ok=(0, 9, 9, 0)))) == "-"
    assert users(replace(calm, users=None)) == "-"
    uneven = replace(calm, users=UsersLane("edge.log", (60,) * 9 + (30,) * 3, (0,) * 9 + (30,) * 3), lane_start=0)
    assert users(uneven) == "88 % of 2.0/s, 50 % around 00:04:30"
    assert users(replace(calm, cut_start=CutStart(7, 9_000_000))) == "-"


def test_a_known_warning_that_comes_once_and_late_is_not_told_as_everyday(tmp_path):
    """The log of the server alone holds too little for an incident, and yet two lines that a rule knows."""
    alone = judge(copy_story(tmp_path / "logs", redis_server=1))
    assert alone.incident is None
    state, broke, *_ = write_sentences(alone, Dial())
    assert "yet new warnings came: redis-server: WARNING: maxmemory reached" in state.text
    assert "and 1 more kind" in state.text
    assert "everyday" not in state.text
    assert broke.text.startswith("perhaps redis: WARNING: maxmemory reached")
    assert (broke.ref.file.rpartition("/")[2], broke.ref.line) == ("redis-server.log", 29)
    told = render_console(alone, 100)
    assert "everyday" not in told


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
    text = write_state(made.incident, recovery, moment, Dial()).text
    assert made.recovery.verdict is Verdict.PARTIAL
    assert f"since {datetime.fromtimestamp(served.since / 1e6, UTC):%H:%M:%S}" in text


def test_requests_are_counted_until_another_incident_begins():
    """What is judged by an earlier moment than now says until when: later failures belong to the next incident."""
    made = judge_sample("checkout-redis-oom")
    moment = Moment(made.as_of + 60_000_000, made.as_of, made.progress)
    assert write_state(made.incident, made.recovery, moment, Dial()).text.endswith("requests ok until 15:01:59")
    now = Moment(made.as_of, made.as_of, made.progress)
    assert write_state(made.incident, made.recovery, now, Dial()).text.endswith("requests ok")


def test_the_present_wave_s_fault_and_what_set_it_off_come_first():
    """Locks and the job that began two seconds earlier, with the lost cache of the first wave behind them."""
    state, broke, set_off, _ = judge_sample("cache-loss-second-wave").sentences
    assert state.label == "BACK"
    assert broke.text.startswith("second wave: profile-api: ")
    assert "Lock wait timeout exceeded" in broke.text
    assert "before it: memcached 12:48:17" in broke.text
    assert set_off.text.startswith("batch: job loyalty-recalc starting")


def test_each_return_of_errors_is_a_wave_with_its_number():
    """What comes back a second time is the third wave: in the state, in what broke, and of its own entry."""
    made = judge_sample("cache-loss-second-wave")
    last = made.recovery.waves[-1]
    later = replace(last, start=last.start + 300_000_000, end=last.end + 300_000_000)
    recovery = replace(made.recovery, waves=(*made.recovery.waves, later))
    assert [recovery.name_wave(wave) for wave in (last, later)] == ["second wave", "third wave"]
    state, broke, *_ = write_sentences(replace(made, recovery=recovery), Dial())
    assert state.text.startswith("third wave since 12:57:00")
    assert broke.text.startswith("third wave: profile-api: ")
    over = write_sentences(replace(made, recovery=replace(recovery, over=True)), Dial())[0]
    assert "after a third wave" in over.text
    many = tuple(replace(later, start=later.start + n) for n in range(10))
    assert replace(recovery, waves=(made.recovery.waves[0], *many)).name_wave() == "11th wave"


def test_what_goes_on_behind_a_marked_fix_did_not_begin_by_it():
    """Errors are ten seconds old and the fix three: they go on, they are not started by it."""
    made = judge_sample("checkout-redis-oom")
    now = made.incident.start + 10_000_000
    moment = Moment(now, now, made.progress)
    young = replace(made.recovery, verdict=Verdict.TOO_EARLY, over=False, since=None, waves=made.recovery.waves[:1])
    assert write_state(made.incident, replace(young, fix_at=None), moment, Dial()).label == "STARTED"
    fixed = write_state(
        made.incident, replace(young, fix_at=now - 3_000_000, fix_origin=FixOrigin.MARKED), moment, Dial()
    )
    assert fixed.label == "ONGOING"
    assert fixed.text.startswith("3 s after the fix")


def test_the_state_says_how_many_services_fail():
    """Without an access log the one that writes most is named; one of fifteen is not told as all there is."""
    made = judge_sample("checkout-redis-oom")
    row = Remaining("cart: no answer: from tax", 60.0, 60, made.as_of)
    moment = Moment(made.as_of, made.as_of, made.progress)
    going_on = replace(made.recovery, verdict=Verdict.ONGOING, since=None, served=None)

    def state(*rows):
        return write_state(made.incident, replace(going_on, remaining=rows), moment, Dial()).text

    others = [replace(row, what=f"svc{n}: no answer") for n in range(5)]
    assert state(row).endswith("cart: no answer: from tax: 60/min")
    assert state(row, replace(row, what="cart: late"), others[0], others[1]).endswith("60/min; svc0 and svc1 too")
    assert state(row, *others).endswith("60/min; 5 more services too")
    began = made.as_of - 42_000_000
    fresh = replace(others[1], begun=began)
    assert state(row, others[0], fresh).endswith("60/min; svc0 and svc1 too; svc1 since 15:01:17"), "and not too again"
    assert state(row, *others[:4], replace(others[4], begun=began)).endswith("too; worse since 15:01:17: svc4 too")


def test_who_is_only_named_is_named_once():
    """Where that is the first guess, too: `redis: redis (named by ...)` would stutter."""
    made = judge_sample("checkout-redis-oom")
    top = replace(made.candidates[0], in_logs=False, headline="redis (named by cart: late)", confidence=Confidence.LOW)
    broke = write_sentences(replace(made, candidates=(top,)), Dial())[1]
    assert broke.text.startswith("no clear cause; first guess redis (named by cart: late)")


def test_what_was_said_all_along_stands_where_nothing_set_it_off():
    """A job that does not run is no trigger, yet the nearest to a reason that the lines show."""
    snapshot = judge_sample("checkout-redis-oom")
    assert snapshot.candidates[0].trigger is None
    ref = LineRef("cart.log", 12)
    said = FollowUp("alert on it", "cart said 22 times, the first before it began: 0 of 9 removed", (ref,), None, True)
    calm = replace(snapshot, actions=replace(snapshot.actions, follow_up=()))
    told = replace(snapshot, actions=replace(snapshot.actions, follow_up=(said,)))
    assert write_sentences(calm, Dial())[2].text == "not in these logs"
    set_off = write_sentences(told, Dial())[2]
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
    snapshot = replace(made, incident=incident, recovery=replace(made.recovery, over=None))
    assert write_sentences(snapshot, Dial())[3].text.startswith(told)


def test_what_an_edge_that_fails_refuses_is_not_told_as_served():
    """Its access log holds no connection that it dropped: equal shares are told as what is logged."""
    made = judge_sample("inventory-killed-herd")
    shares, volumes = Rates(1.0, 1.0, None), Rates(10.0, 9.0, None)
    incident = replace(made.incident, success_rate=shares, volume=volumes, attempts=None, edge_fails="nginx")
    text = write_sentences(replace(made, incident=incident, recovery=replace(made.recovery, over=None)), Dial())[3].text
    assert text.startswith("100 % of 10.0/s -> 100 % of 9.0/s, as far as is logged: what nginx refuses may not be")


def test_the_sentences_are_told_in_the_zone_that_is_shown():
    """Berlin is an hour ahead: each time of each sentence, and another day's with its date."""
    made = judge_sample("inventory-killed-herd")
    text = " ".join(one.text for one in made.sentences)
    berlin = timezone(timedelta(hours=1))
    told = " ".join(one.text for one in write_sentences(made, Dial.around(made.as_of, berlin)))
    assert text.replace(" 12:", " 13:") == told
    assert told != text
    dated = " ".join(one.text for one in write_sentences(made, Dial.around(made.as_of + DAY_US, UTC)))
    assert dated == text.replace(" 12:", " Nov 23 12:")


def test_who_broke_goes_by_the_name_that_the_story_tells_as_well():
    """`access.log` is nginx's: both names stand together; a log that is named after its server needs one."""
    made = judge_sample("checkout-redis-oom")
    top = made.candidates[0]
    named = replace(top, service="nginx", log_service="access", headline="nginx: GET /cart 502")
    broke = write_sentences(replace(made, candidates=(named,)), Dial(UTC))[1]
    assert broke.text.startswith("nginx (access): GET /cart 502")
    assert (top.log_service, top.name) == ("redis-server", "redis")
    assert replace(named, log_service="").name == "nginx"
    first = SimpleNamespace(node="nginx", kind=SimpleNamespace(service="access", headline="GET /cart 502"))
    assert tell_first(first).endswith("the first to fail is nginx (access): GET /cart 502")
