"""Verdicts on series whose truth is known."""

import random

import numpy as np
import pytest

from logscope.analysis.anomalies import Anomaly
from logscope.analysis.gate import Coverage, judge_kind
from logscope.analysis.kinds import Kind, SourceView
from logscope.analysis.meaning import Meaning
from logscope.analysis.recovery.signs import SourceRecords
from logscope.analysis.recovery.verdict import judge_recovery
from logscope.analysis.users import Users
from logscope.index.counts import Occurrences, occurrence_rows
from logscope.index.exemplars import Exemplar
from logscope.index.index import GroupKey
from logscope.ingest.batch import SignatureKind
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.severity import Severity
from logscope.model.times import US

BEGIN = 1_772_460_000
"""Seconds; the incident begins half an hour later."""
START = BEGIN + 1800
MEANING = Meaning(MeaningKind.NONE, None, "", "", None)


def make_kind(times_s):
    """A kind of errors with a record at each of these seconds."""
    times = np.array(sorted(round(t * US) for t in times_s), np.int64)
    series = Occurrences()
    zeros = np.zeros(len(times), np.int64)
    series.add(occurrence_rows(times, zeros, np.arange(len(times)), np.arange(len(times))))
    view = SourceView("a.log", "a", ("a.log",), None)
    exemplar = Exemplar(int(times[0]), 0, 0, 1, b"ERROR it failed")
    last = Exemplar(int(times[-1]), 0, 1, 2, b"ERROR it failed")
    return Kind(
        GroupKey("a.log", Severity.ERROR, 1), "k", "a", "a", Severity.ERROR, "it failed", SignatureKind.MESSAGE, view,
        series.table(), 0, (exemplar, last), "it failed", MEANING, None, {}, False, "a",
    )  # fmt: skip


def poisson(chance, rate_per_s, start, end):
    """Times of independent records."""
    now, times = start, []
    while rate_per_s > 0 and (now := now + chance.expovariate(rate_per_s)) < end:
        times.append(now)
    return times


def judge(times, now, *, ok=None, failed=None, traffic=5, traffic_end=None):
    """The verdict as of a second."""
    kind = make_kind([t for t in times if t <= now])
    coverage = Coverage({"a.log": BEGIN * US}, {"a.log": BEGIN * US}, BEGIN * US, now * US)
    anomaly = judge_kind(kind, coverage)
    assert isinstance(anomaly, Anomaly)
    seconds = np.arange(BEGIN, min(now, traffic_end or now) + 1)
    users = None
    if ok is not None:
        good = np.array([ok(s) for s in seconds])
        bad = np.array([failed(s) for s in seconds])
        users = Users("edge", "edge", seconds, good + bad, bad)
    records = [SourceRecords("a", seconds, np.full(len(seconds), traffic))]
    return judge_recovery([anomaly], users, coverage, anomaly.time, now * US, (), (), records)


def series(seed=1, *, base=2 / 60, during=1.5, length=600, after=2 / 60, quiet=1200, extra=()):
    """Baseline, incident, and what follows."""
    chance = random.Random(seed)
    end = START + length
    times = poisson(chance, base, BEGIN, START) + poisson(chance, during, START, end)
    times += poisson(chance, after, end, end + quiet)
    for rate, low, high in extra:
        times += poisson(chance, rate, end + low, end + high)
    return times, end


@pytest.mark.parametrize("seed", range(5))
def test_back_at_the_baseline_is_recovered(seed):
    """Twenty minutes at the usual rate after a clear fall."""
    times, end = series(seed)
    assert judge(times, end + 1200).verdict.value == "recovered"


@pytest.mark.parametrize("seed", range(5))
def test_five_a_minute_instead_of_two_is_partial(seed):
    """The walkthrough's case: clearly less, but not the usual rate."""
    times, end = series(seed, after=7 / 60)
    assert judge(times, end + 1200).verdict.value == "partial"


@pytest.mark.parametrize("seed", range(5))
def test_going_on_is_ongoing(seed):
    """No fall at all."""
    times, end = series(seed, length=900)
    assert judge(times, end - 1).verdict.value == "ongoing"


@pytest.mark.parametrize("seed", range(5))
def test_half_a_minute_of_silence_is_too_early(seed):
    """Errors stopped, less than a minute ago."""
    times, end = series(seed, after=0)
    recovery = judge(times, end + 30)
    assert (recovery.verdict.value, recovery.over) == ("too_early", None)


@pytest.mark.parametrize("seed", range(5))
def test_a_burst_right_after_the_fix_is_a_herd(seed):
    """Fourteen seconds at many times the plateau, then quiet."""
    times, end = series(seed, extra=[(14, 0, 14)])
    recovery = judge(times, end + 1200)
    assert recovery.verdict.value == "herd"
    assert recovery.over


@pytest.mark.parametrize("seed", range(5))
def test_rising_again_after_two_quiet_minutes_is_a_second_wave(seed):
    """Quiet for more than a minute, then the same again, going on."""
    times, end = series(seed, extra=[(1.5, 180, 700)])
    recovery = judge(times, end + 500)
    assert (recovery.verdict.value, recovery.over) == ("second_wave", False)


def test_quiet_without_traffic_is_not_confirmed():
    """Requests stopped: silence proves nothing."""
    times, end = series(after=0)
    recovery = judge(
        times, end + 900, ok=lambda s: 3 if s < START or s < end else 0, failed=lambda s: 2 if START <= s < end else 0
    )
    assert not recovery.confirmed
    assert "traffic is down" in recovery.explanation


def test_quiet_without_lines_is_not_confirmed():
    """No access log, and the service writes nothing any more."""
    times, end = series(after=0)
    recovery = judge(times, end + 900, traffic_end=end)
    assert not recovery.confirmed
    assert "fewer lines" in recovery.explanation


def test_served_requests_confirm_soon():
    """Hundreds of good requests say more than minutes of silence."""
    times, end = series(after=0)
    recovery = judge(
        times, end + 120, ok=lambda s: 5 if s < START or s > end else 1, failed=lambda s: 4 if START <= s <= end else 0
    )
    assert (recovery.verdict.value, recovery.confirmed) == ("recovered", True)


def test_second_by_second_a_herd_is_never_a_second_wave():
    """Fed live, the burst after the fix is not called a second incident at any moment."""
    times, end = series(3, after=0, extra=[(14, 0, 14)])
    verdicts = [judge(times, now).verdict.value for now in range(end - 20, end + 200, 5)]
    assert "second_wave" not in verdicts
    assert verdicts[-1] == "herd"
