"""Verdicts on series whose truth is known, over many seeds; and what silence may hide."""

import math
import random
from dataclasses import replace

import numpy as np
import pytest

from logscope.analysis.incident.figures import find_present
from logscope.analysis.recovery.fixes import find_fix
from logscope.analysis.recovery.line import Line
from logscope.analysis.recovery.routes import Route
from logscope.analysis.recovery.segments import dispersion, split
from logscope.index.counts import Occurrences
from logscope.model.times import US
from tests.analysis.series import BEGIN, START, Series, judge, make_kind, poisson
from tests.judged import judge_sample

SEEDS = 12


def slow_tail(seed):
    """A rate that halves every 40 s."""
    made = Series(seed, after=0)
    second = float(made.end)
    while second < made.last:
        second += made.chance.expovariate(1.5 * math.exp(-(second - made.end) / 60) + 2 / 60)
        made.times.append(second)
    return made


def simple(**options):
    return lambda seed: Series(seed, **options)


QUIET = {"base": 0, "after": 0}
SIX_HOURS = {"length": 21_600, "during": 0.5}
SERIES = {
    "2 a minute before and after": (simple(), 1200, "recovered"),
    "2 a minute, then none": (simple(after=0), 1200, "recovered"),
    "2 a minute, then none for 90 s": (simple(after=0), 90, "recovered"),
    "none before and after": (simple(**QUIET), 1200, "recovered"),
    "2 a minute before, 7 after": (simple(after=7 / 60), 1200, "partial"),
    "a fifth is left": (simple(after=0.3), 1200, "partial"),
    "a fifth is left for 3 min": (simple(after=0.3), 180, "partial"),
    "clients come back at once": (simple(extra=[(14, 0, 14)]), 1200, "herd"),
    "clients come back after a minute": (simple(extra=[(14, 60, 74)]), 1200, "herd"),
    "clients come back after four minutes": (simple(extra=[(14, 240, 260)]), 1200, "herd"),
    "it drains": (simple(extra=[(0.8, 0, 90), (0.3, 90, 180)]), 1200, "recovered"),
    "a slow tail": (slow_tail, 1200, "recovered"),
    "the same again, going on": (simple(extra=[(1.5, 180, 700)]), 690, "second_wave"),
    "the same again, over": (simple(extra=[(1.5, 180, 700)]), 1200, "second_wave"),
    "a short wave": (simple(extra=[(1.5, 420, 500)]), 1200, "second_wave"),
    "a late wave of 40 s": (simple(extra=[(1.5, 600, 640)]), 1200, "second_wave"),
    "not fixed": (simple(length=900), -1, "ongoing"),
    "half a minute of silence": (simple(after=0), 30, "too_early"),
    "20 s": (simple(length=20, during=3), 600, "recovered"),
    "20 s, going on": (simple(length=20, during=3), -1, "ongoing"),
    "one a minute, going on": (simple(**QUIET, length=3600, during=1 / 60), -1, "ongoing"),
    "one a minute, over": (simple(**QUIET, length=3600, during=1 / 60), 1200, "recovered"),
}
LONG_SERIES = {
    "six hours, going on": (simple(**SIX_HOURS), -1, "ongoing"),
    "six hours, over": (simple(**SIX_HOURS), 1200, "recovered"),
    "six hours, a fifth is left": (simple(**SIX_HOURS, after=0.1), 1200, "partial"),
}
CASES = [(name, SEEDS) for name in SERIES] + [(name, 4) for name in LONG_SERIES]


@pytest.mark.parametrize(("name", "seeds"), CASES)
def test_the_verdict_is_the_truth(name, seeds):
    """At most one series in twelve is read otherwise: chance has its share."""
    make, behind, truth = (SERIES | LONG_SERIES)[name]
    found = []
    for seed in range(seeds):
        made = make(seed)
        found.append(judge(made.times, made.end + behind).verdict.value)
    assert found.count(truth) >= seeds - seeds // 12, found


@pytest.mark.parametrize("seed", range(5))
def test_two_a_minute_before_and_five_after_is_partial(seed):
    """The walkthrough's case, confirmed, with both rates and what is left by name."""
    made = Series(seed, after=5 / 60)
    recovery = judge(made.times, made.end + 1200)
    assert (recovery.verdict.value, recovery.confirmed, recovery.over) == ("partial", True, False)
    assert recovery.baseline_per_min == pytest.approx(2, abs=0.8)
    assert recovery.current_per_min == pytest.approx(5, abs=1.5)
    (left,) = recovery.remaining
    assert left.what == "a: it failed"
    assert left.rate_per_min == recovery.current_per_min


@pytest.mark.parametrize("seed", range(3))
def test_what_was_left_after_a_fix_and_ends_too_is_too_early(seed):
    """A third went on for a minute after the fix without a pause, then nothing: no longer partly over."""
    made = Series(seed, after=0, extra=[(0.5, 0, 60)])
    fix = (made.end,)
    assert judge(made.times, made.end + 65, marked=fix).verdict.value == "partial"
    assert judge(made.times, made.end + 95, marked=fix).verdict.value == "too_early"


def test_quiet_that_is_too_short_says_how_long_it_takes():
    """Not confirmed after two minutes at the usual rate, with the minutes that are needed."""
    made = Series(2)
    recovery = judge(made.times, made.end + 120)
    assert (recovery.verdict.value, recovery.confirmed) == ("recovered", False)
    assert recovery.minutes_needed > 1
    assert "comes by chance" not in recovery.explanation


# Second by second


@pytest.mark.parametrize("seed", range(2))
def test_second_by_second_a_herd_is_never_a_second_wave(seed):
    """Fed live, the burst after the fix is not called a second incident at any moment."""
    made = Series(seed, after=0, extra=[(14, 0, 14)])
    verdicts = [judge(made.times, now).verdict.value for now in range(made.end - 20, made.end + 200, 10)]
    assert "second_wave" not in verdicts
    assert verdicts[-1] == "herd"


def test_stamps_of_whole_minutes_tell_no_surge_of_seconds():
    """Errors that end within a minute all bear its stamp: a lump of them is no burst of retries."""
    made = Series(2, **QUIET)
    by_minute = sorted(second // 60 * 60 for second in made.times)
    assert judge(by_minute, made.end + 1200).verdict.value == "recovered"
    crowd = [*by_minute, *[made.end // 60 * 60] * 90]
    assert judge(sorted(crowd), made.end + 1200).verdict.value == "recovered"


def test_a_late_herd_is_too_early_to_tell_while_it_lasts():
    """After a quiet minute a burst may be an echo or the same again: within its first minute neither is said."""
    made = Series(4, **QUIET, extra=[(14, 100, 130)])
    verdicts = [judge(made.times, made.end + s).verdict.value for s in range(70, 260, 5)]
    assert verdicts[0] == "recovered"
    assert "second_wave" not in verdicts
    assert verdicts[8] == "too_early"
    assert verdicts[-1] == "herd"


@pytest.mark.parametrize(
    ("volume", "expected"),
    [(10, ["too_early", "second_wave", "second_wave"]), (40, ["too_early", "too_early", "herd"])],
)
def test_clients_that_come_back_are_more_than_usual(volume, expected):
    """A short burst soon after a marked fix is a herd where more requests come, else the same fault again.

    Half a minute of as many requests as ever, most of which fail, tells the latter.
    """
    made = Series(4, **QUIET, extra=[(1, 100, 145)])
    burst = range(made.end + 100, made.end + 145)
    broken = {*range(START, made.end), *burst}
    told = [
        judge(
            made.times,
            made.end + s,
            ok=lambda second: 3 if second in broken else 10,
            failed=lambda second: (volume if second in burst else 10) - 3 if second in broken else 0,
            marked=[made.end + 2],
        ).verdict.value
        for s in (95, 125, 140, 210)
    ]
    assert told == ["recovered", *expected]


@pytest.mark.parametrize("rate", [1 / 60, 0.5, 20])
def test_while_it_goes_on_nothing_else_is_said(rate):
    """A pause as the incident has them is no fall, at any rate, at any second."""
    made = Series(7, **QUIET, during=rate, length=900)
    begun = sorted(t for t in made.times if t >= START)[4]
    found = {judge(made.times, now).verdict.value for now in range(int(begun) + 60, made.end, 37)}
    assert found == {"ongoing"}


def test_storms_with_a_long_pause_do_not_go_on_while_none_comes():
    """Two storms with a pause of a minute between them, and a minute without any since: it may be over."""
    storms = [START + part + n / 2 for part in (0, 76) for n in range(40)]
    end = int(max(storms))
    assert judge(storms, end + 30).verdict.value in ("ongoing", "too_early")
    assert judge(storms, end + 65).verdict.value == "too_early"


def test_a_burst_that_begins_with_the_cause_again_is_a_second_wave():
    """Short and soon after the end like an echo, but the process was killed once more: said as soon as it shows."""
    made = Series(4, **QUIET, extra=[(1.5, 100, 140)])
    told = [START, made.end + 100]
    assert judge(made.times, made.end + 115, cause=told).verdict.value == "second_wave"
    after = judge(made.times, made.end + 160, cause=told)
    assert (after.verdict.value, after.over) == ("second_wave", None)
    assert judge(made.times, made.end + 260, cause=told).over
    assert judge(made.times, made.end + 260, cause=[START]).verdict.value == "herd"


def test_a_host_that_is_well_again_makes_it_partial():
    """One of two servers fails no more and goes on working: less than half of the errors went, yet a part is over."""
    made = Series(3, **QUIET, length=900)
    other = make_kind(poisson(random.Random(5), 1.0, START, START + 400), service="b")
    found = {s: judge(made.times, START + s, others=[other]).verdict.value for s in (300, 430, 480, 890)}
    assert found == {300: "ongoing", 430: "ongoing", 480: "partial", 890: "partial"}
    # Two tiers before them tell of every failure once more: the part is as great as before.
    both = [t for t in made.times if t >= START] + poisson(random.Random(5), 1.0, START, START + 400)
    tiers = [make_kind(both, service=name) for name in ("gateway", "edge")]
    assert judge(made.times, START + 480, others=[other, *tiers]).verdict.value == "partial"


def test_a_route_that_is_well_again_makes_it_partial():
    """One of two routes is answered as before, whatever one service says of both; one that nobody asks is not."""
    made = Series(3, **QUIET, length=900)
    chance = random.Random(7)
    bad = {name: poisson(chance, 1.0, START, START + length) for name, length in (("/live", 400), ("/funnel", 900))}

    def routes(served):
        answers = {
            "/live": poisson(chance, 1.0, START + 400, START + 900) if served else [START + 5],
            "/funnel": [START],
        }
        return [
            Route(
                f"GET {name}", *([make_kind(times, "edge", f"GET {name} {code}", request=True)] for times, code in both)
            )
            for name, both in ((n, ((answers[n], 200), (bad[n], 500))) for n in bad)
        ]

    both = sorted(made.times + bad["/live"])
    assert judge(both, START + 380, routes=routes(served=True)).verdict.value == "ongoing"
    assert judge(both, START + 490, routes=routes(served=True)).verdict.value == "partial"
    assert judge(both, START + 490, routes=routes(served=False)).verdict.value == "ongoing"


def test_what_is_left_says_where_the_same_goes_on():
    """One of two hosts is well again: what the other one says is another kind that shows what broke."""
    made = Series(3, **QUIET, length=900)
    broke = make_kind(poisson(random.Random(5), 1.0, START, START + 400), service="b")
    recovery = judge(made.times, START + 480, others=[broke], broke=broke)
    assert [(row.what, row.tells_cause) for row in recovery.remaining] == [("a: it failed", True)]


def test_a_log_that_is_cut_in_the_middle_is_no_fall():
    """The last second holds half of its records: the incident goes on."""
    made = Series(3, **QUIET, during=20, length=301)
    cut = [t for t in made.times if t < made.end - 0.9]
    assert judge(cut, made.end - 1).verdict.value == "ongoing"


def test_right_after_a_mark_it_is_too_early():
    """Somebody pressed the key 20 s ago and nothing has changed yet: nobody can tell."""
    made = Series(1, length=600)
    recovery = judge(made.times, made.end - 1, marked=[made.end - 21])
    assert (recovery.verdict.value, recovery.over, recovery.fix_origin.value) == ("too_early", None, "marked")


def test_two_minutes_after_a_mark_without_effect_it_goes_on():
    """The fix did nothing."""
    made = Series(1, length=600)
    assert judge(made.times, made.end - 1, marked=[made.end - 121]).verdict.value == "ongoing"


def test_times_are_told_from_the_start():
    """Ten minutes to the fall, as many to the first quiet second."""
    made = Series(5, **QUIET)
    recovery = judge(made.times, made.end + 600)
    assert recovery.to_mitigate_us == pytest.approx(600e6, abs=10e6)
    assert recovery.to_recover_us == pytest.approx(600e6, abs=10e6)


# Several faults


@pytest.mark.parametrize("seed", range(5))
def test_another_fault_after_the_fix_is_a_second_wave(seed):
    """Quiet for three minutes, then other errors of another service of the same incident."""
    made = Series(seed, **QUIET)
    other = make_kind(poisson(made.chance, 1.0, made.end + 180, made.end + 400), "b", "something else broke")
    recovery = judge(made.times, made.end + 399, others=[other])
    assert (recovery.verdict.value, recovery.over) == ("second_wave", False)
    assert recovery.remaining[0].what == "b: something else broke"


def test_what_comes_and_goes_is_no_row_of_waves():
    """A job that fails every three minutes: one incident that comes and goes, over only when it stays away."""
    made = Series(1, **QUIET, length=20, during=2, extra=[(2, at, at + 20) for at in range(180, 1900, 180)])
    during, after = judge(made.times, made.end + 1150), judge(made.times, made.end + 3600)
    assert (during.verdict.value, during.over) == ("ongoing", False)
    assert "comes and goes" in during.explanation
    assert (after.verdict.value, after.over) == ("recovered", True)


# Users


def asked(end, *, before=0, during=0, after=0, volume=5, volume_after=None):
    """Requests of a second, ok and failed: shares that fail before the start, until an end, and behind it."""
    volume_after = volume if volume_after is None else volume_after

    def both(second):
        share = before if second < START else during if second < end else after
        count = volume_after if second >= end else volume
        chance = np.random.default_rng(second)
        failed = int((chance.random(count) < share).sum())
        return count - failed, failed

    return {"ok": lambda s: both(s)[0], "failed": lambda s: both(s)[1]}


def test_served_requests_confirm_sooner_than_minutes():
    """A minute of 1,200 good requests says more than minutes of silence, whatever the errors' own rate was."""
    made = Series(4, **QUIET, during=0.2)
    with_users = judge(made.times, made.end + 70, **asked(made.end, during=0.6, volume=20))
    assert (with_users.verdict.value, with_users.confirmed) == ("recovered", True)
    assert with_users.served.ok_requests == with_users.served.requests > 1000
    assert not judge(made.times, made.end + 70).confirmed


def test_requests_tell_a_fall_within_seconds():
    """Seven quiet seconds of a slow service say nothing; 140 good requests where most failed do."""
    made = Series(4, **QUIET, during=0.3)
    users = asked(made.end, during=0.6, volume=20)
    last = int(max(t for t in made.times))
    assert judge(made.times, last + 7, **users).verdict.value == "too_early"
    assert judge(made.times, last + 7).verdict.value == "ongoing"


def test_a_route_that_still_fails_is_partial():
    """The services are silent, yet one request in ten fails: not over, whatever they say of themselves."""
    made = Series(1, **QUIET)
    recovery = judge(made.times, made.end + 600, **asked(made.end, during=0.6, after=0.1))
    assert (recovery.verdict.value, recovery.over) == ("partial", False)


def test_a_usual_share_of_failures_is_no_residue():
    """One in a hundred failed before it, too."""
    made = Series(1, **QUIET)
    recovery = judge(made.times, made.end + 600, **asked(made.end, before=0.01, during=0.6, after=0.01))
    assert (recovery.verdict.value, recovery.confirmed) == ("recovered", True)


def test_quiet_without_traffic_is_not_over():
    """A fifth of the usual requests arrives: quiet may mean that nobody asks."""
    made = Series(1, **QUIET)
    recovery = judge(made.times, made.end + 900, **asked(made.end, during=0.6, volume=10, volume_after=2))
    assert (recovery.verdict.value, recovery.over, recovery.confirmed) == ("recovered", None, False)
    assert "traffic is down, 10.0/s to 2.0/s" in recovery.explanation


def test_quiet_without_any_request_is_too_early():
    """What follows is less than a minute's worth of requests, whatever the clock says."""
    made = Series(1, **QUIET)
    recovery = judge(made.times, made.end + 900, **asked(made.end, during=0.6, volume_after=0))
    assert (recovery.verdict.value, recovery.over) == ("too_early", None)


def test_where_everything_failed_and_nobody_asks_it_goes_on():
    """Not one request was served since: nothing shows that it works again, and no fix is claimed."""
    made = Series(1, **QUIET)
    recovery = judge(made.times, made.end + 900, **asked(made.end, during=1.0, volume_after=0))
    assert (recovery.verdict.value, recovery.over, recovery.fix_at) == ("ongoing", None, None)
    assert judge(made.times, made.end + 30, **asked(made.end, during=1.0, volume_after=0)).verdict.value == "too_early"


def test_a_file_that_falls_silent_is_unknown_not_quiet():
    """No access log, and the failing service writes nothing any more."""
    made = Series(1, **QUIET)
    recovery = judge(made.times, made.end + 900, traffic_end=made.end)
    assert (recovery.verdict.value, recovery.over, recovery.confirmed) == ("too_early", None, False)
    assert "a writes next to nothing any more" in recovery.explanation


def test_a_file_that_wrote_failures_alone_and_stopped_goes_on():
    """Whatever it did failed, and then it did nothing more: that is no end, and no fix is claimed."""
    made = Series(1, **QUIET, during=5)
    recovery = judge(made.times, made.end + 900, traffic_end=made.end)
    assert (recovery.verdict.value, recovery.over, recovery.fix_at) == ("ongoing", None, None)


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        pytest.param(lambda _: 9, ("ongoing", None), id="it alone stopped"),
        pytest.param(lambda s: 9 if s < START else 12, ("too_early", None), id="another does its work"),
        pytest.param(lambda s: 9 if s < START else 2, ("too_early", None), id="nobody asks for anything"),
    ],
)
def test_a_file_that_stops_while_others_go_on_is_no_end(beside, expected):
    """Nothing fails any more because nothing is done any more."""
    made = Series(1, **QUIET)
    recovery = judge(made.times, made.end + 900, traffic_end=made.end, beside=beside)
    assert (recovery.verdict.value, recovery.over) == expected
    assert ("while others go on" in recovery.silence) == (expected[0] == "ongoing")


# No normal period


def test_without_a_normal_period_a_clear_end_is_an_end():
    """The log begins inside the incident; twenty quiet minutes end it."""
    made = Series(1, **QUIET)
    recovery = judge(made.times, made.end + 1200, baseline=False)
    assert (recovery.verdict.value, recovery.baseline_per_min) == ("recovered", None)
    assert "no normal period in view" in recovery.explanation


def test_without_a_normal_period_steady_errors_may_be_usual():
    """A few errors a minute from the first line to the last: nothing shows whether that is news."""
    made = Series(1, **QUIET, during=4 / 60)
    recovery = judge(made.times, made.end - 1, baseline=False)
    assert (recovery.verdict.value, recovery.over, recovery.confirmed) == ("no_baseline", None, False)


def test_without_a_normal_period_a_broken_edge_is_an_incident():
    """Half of all requests fail: no comparison is needed."""
    made = Series(1, **QUIET)
    recovery = judge(made.times, made.end - 1, baseline=False, **asked(made.end, during=0.5))
    assert (recovery.verdict.value, recovery.over) == ("ongoing", False)


# Stretches of one rate


def line_of(rates, seed=1):
    """A series with a rate for each 100 s."""
    chance = np.random.default_rng(seed)
    values = np.concatenate([chance.poisson(rate, 100) for rate in rates])
    seconds = BEGIN + np.arange(len(values))
    return Line(BEGIN, int(seconds[-1]), seconds, values)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rate", [0.02, 0.2, 2, 50])
def test_one_rate_is_one_stretch(rate, seed):
    """At any rate chance alone makes no boundary."""
    line = line_of([rate] * 12, seed)
    assert len(split(line, line.start, line.end + 1)) == 1


@pytest.mark.parametrize("seed", range(5))
def test_boundaries_lie_where_the_rate_changes(seed):
    """Three levels, each boundary within a few seconds."""
    line = line_of([0.1, 0.1, 3, 3, 3, 0.5, 0.5, 0.5, 0.5], seed)
    found = [one.start - BEGIN for one in split(line, line.start, line.end + 1)]
    assert found == [0, pytest.approx(200, abs=3), pytest.approx(500, abs=8)]


def test_a_step_is_no_clump():
    """Independent records of two levels have a dispersion near one; records in threes have three."""
    line = line_of([1] * 6 + [20] * 6)
    assert dispersion(line, line.start, line.end + 1) < 1.5
    chance = np.random.default_rng(2)
    values = 3 * chance.poisson(0.5, 1200)
    clumped = Line(BEGIN, BEGIN + 1199, BEGIN + np.arange(1200), values)
    assert dispersion(clumped, BEGIN, BEGIN + 1200) == pytest.approx(3, abs=0.8)


# What keeps itself up, and who comes back


def test_what_goes_on_without_its_cause_keeps_itself_up():
    """What broke is silent for two minutes in a log that goes on, and others fail as before: said, with since when."""
    made = Series(3, **QUIET, length=900)
    broke = make_kind(poisson(random.Random(5), 1.0, START, START + 400), service="b", words="pool exhausted")
    recovery = judge(made.times, START + 560, others=[broke], broke=broke)
    assert recovery.verdict.value in ("ongoing", "partial")
    assert recovery.cause_silent_since // 1_000_000 == pytest.approx(START + 400, abs=5)
    assert judge(made.times, START + 390, others=[broke], broke=broke).cause_silent_since is None


def test_a_cause_that_is_told_once_is_not_gone_by_its_silence():
    """One line of an exhausted memory, then only symptoms: nothing is known of the cause."""
    made = Series(3, **QUIET, length=900)
    broke = make_kind([START + 1], service="b", words="memory exhausted")
    assert judge(made.times, START + 560, others=[broke], broke=broke).cause_silent_since is None


def test_a_herd_is_told_with_who_comes_back():
    """The wave names the service that wrote most of it."""
    made = Series(2, **QUIET, extra=[(14, 0, 14)])
    recovery = judge(made.times, made.end + 600)
    assert [(wave.kind, wave.service) for wave in recovery.waves][-1] == ("herd", "a")


def test_what_ended_with_the_fix_is_not_left():
    """Of two kinds one goes on and one failed for its last seconds behind the fix: only the first is still broken."""
    made = Series(3, after=0.3)
    other = make_kind(poisson(made.chance, 1.0, START, made.end + 6), "b", "something else broke")
    recovery = judge(made.times, made.end + 1200, others=[other])
    assert other.between(recovery.fix_at, (made.end + 1200) * US) > 0
    assert (recovery.verdict.value, [row.what for row in recovery.remaining]) == ("partial", ["a: it failed"])


def test_what_fails_before_its_cause_is_logged_was_usual_until_then():
    """A rate before the incident holds nothing of the incident, one of the present nothing from before the fix."""
    snapshot = judge_sample("recommender-memory-leak")
    kind = next(one for one in snapshot.groups if one.headline.startswith("recommender call failed"))
    assert kind.onset < snapshot.incident.start
    assert kind.baseline_per_min == 0
    fix = snapshot.recovery.fix_at
    assert kind.current_per_min < kind.count * 60e6 / (snapshot.as_of - fix) * 0.5


@pytest.mark.parametrize(
    ("since", "fix", "span"),
    [
        (None, None, (700, 1000)),
        (None, 900, (900, 1000)),
        (950, 800, (950, 1000)),  # errors ended behind the fix
        (990, 800, None),  # ten seconds tell no rate
        (None, 1200, (700, 1000)),  # marked ahead of the newest record
        (None, 100, (700, 1000)),
    ],
)
def test_the_present_begins_with_the_end_or_the_fix(since, fix, span):
    """Rates of now hold nothing of what was before errors ended, else before the fix."""
    us = lambda seconds: None if seconds is None else seconds * US  # noqa: E731
    recovery = replace(judge(Series(1).times, Series(1).end + 30), since=us(since), fix_at=us(fix))
    found = find_present(1000 * US, 300 * US, recovery)
    assert found == (None if span is None else (us(span[0]), us(span[1])))


class _Told:
    """A line that may be the fix."""

    strength = 4
    sample = "heron reloaded"

    def __init__(self, second):
        self.time = second * US
        self.kind = make_kind([second])


def test_what_stands_nearer_to_the_begin_than_to_the_end_is_no_fix():
    """The same tool alters something a moment behind what broke, and again when it ends: the second one ended it."""
    first, last = _Told(START + 1), _Told(START + 89)
    found = find_fix(START, START + 90, [], [first, last], is_fallen=True)
    assert found.second == START + 89
    alone = find_fix(START, START + 90, [], [first], is_fallen=True)
    assert (alone.second, alone.hint) == (START + 90, None)


@pytest.mark.parametrize(("later", "verdict"), [(6.0, "recovered"), (2.5, "partial")])
def test_a_tail_that_drains_is_no_rest(later, verdict):
    """Six a minute before, thirty for half a minute behind the end: over where ten are left, and not with 24."""
    usual = [BEGIN + 10 * n for n in range((START - BEGIN) // 10)]
    storm = [START + n / 5 for n in range(500)]
    tail = [START + 100 + 2 * n for n in range(16)]
    rest = [START + 132 + later * n for n in range(int(110 / later))]
    assert judge([*usual, *storm, *tail, *rest], START + 242).verdict.value == verdict


def test_what_is_left_has_not_ended_while_users_fail_on():
    """A fix leaves a third for minutes; then the service writes nothing more, and one request in twenty still fails."""
    storm = [START + n / 5 for n in range(500)]
    rest = [START + 100 + 0.7 * n for n in range(140)]
    failing = {"ok": lambda s: 5, "failed": lambda s: (3 if s < START + 100 else s % 4 == 0) * (s >= START)}
    assert judge([*storm, *rest], START + 240, **failing).verdict.value == "partial"


@pytest.mark.parametrize("seed", range(1, 4))
def test_what_is_known_in_steps_is_no_row_of_waves(seed):
    """Of very many seconds only steps are kept: what is left after a fix is judged by these, not by where they end."""
    made = Series(seed, base=0.5, during=10, after=4)
    parts = [[] for _ in range(12)]
    for time in made.times:
        made.chance.choice(parts).append(time)
    kinds = []
    for number, part in enumerate(parts[1:]):
        series = Occurrences()
        series.add(make_kind(part).rows.table())
        series.coarsen(10, made.last, ())
        kinds.append(make_kind(part, words=f"it failed by {number}", rows=series.columns()))
    assert {kind.step_since(BEGIN) for kind in kinds} == {10}
    assert judge(parts[0], made.end + 900, others=kinds).verdict.value == "partial"
