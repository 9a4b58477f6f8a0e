"""The gate: what is news, and when it began."""

import random
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from logscope.analysis.kinds.normal import NOTHING_KNOWN
from logscope.analysis.onset import gate as gate_module
from logscope.analysis.onset import rises as rises_module
from logscope.analysis.onset.gate import Coverage, Gate, judge_kind
from logscope.analysis.onset.rises import _Hot
from logscope.model.times import US
from tests.effort import often

START, END = 36_000, 39_600
"""An hour of log, seconds."""


def make_kind(seconds):
    """A kind with one record at each of the given seconds."""
    seconds = list(seconds)
    active, counts = np.unique(np.asarray(sorted(seconds), dtype=np.int64), return_counts=True)
    view = SimpleNamespace(key="app", is_whole_second=False)
    return SimpleNamespace(
        seconds=active,
        firsts=active * US,
        count=len(seconds),
        sums=np.concatenate([[0], np.cumsum(counts)]),
        view=view,
        last_seen=int(active[-1]) * US,
        subject="app",
        id="a",
        order=("app", "a", "a"),
        usual=NOTHING_KNOWN,
        lumps=np.empty(0, np.int64),
    )


def judge(seconds):
    coverage = Coverage({"app": START * US}, {"app": START * US}, START * US, END * US)
    return judge_kind(make_kind(seconds), coverage)


def onset(seconds):
    found = judge(seconds)
    return None if found is None else found.time // US


STORM = [37_500 + 6 * step for step in range(100)]
"""Ten records a minute, for ten minutes."""


@pytest.mark.parametrize(
    "later",
    [
        pytest.param([38_160 + step // 4 for step in range(80)], id="retries after the fix"),
        pytest.param([38_700 + 2 * step for step in range(200)], id="a second wave"),
        pytest.param([], id="nothing"),
    ],
)
def test_what_comes_sharper_later_is_not_the_begin(later):
    """A storm that was never seen before began with its first record, whatever follows it."""
    assert onset(STORM + later) == 37_500


def test_a_slow_beginning_counts():
    """Of a kind never seen before that comes once or twice a minute, the first record is the onset."""
    assert onset([37_500, 37_621, 37_660, 37_720, 37_725, 37_800, 37_890, 37_930]) == 37_500


def test_a_stray_record_is_not_the_begin():
    """One record ten minutes before a storm is noise."""
    assert onset([36_900, *STORM]) == 37_500


def test_first_records_far_apart_are_the_begin():
    """Of a kind never seen in 25 min that then comes two minutes apart, and later densely, the first is the onset."""
    dense = [37_760 + 12 * step for step in range(25)]
    assert onset([37_500, 37_507, 37_518, 37_611, 37_631, *dense]) == 37_500


def test_a_stray_among_first_records_is_not_the_begin():
    """A stray record long before, then a few a minute, then a storm: it began behind the stray."""
    dense = [37_760 + 12 * step for step in range(25)]
    assert onset([36_700, 37_500, 37_507, 37_518, 37_611, 37_631, *dense]) == 37_500


def test_everyday_noise_flickers():
    """A small cluster of noise is no onset where the real rise is far greater."""
    noise = [36_050 + 97 * step for step in range(14)] + [36_800 + step for step in range(7)]
    storm = [37_500 + step // 5 for step in range(1500)]
    assert onset(noise + storm) == 37_500


def test_a_steady_rate_is_no_news():
    """What comes every half minute from the first to the last minute does not stand out."""
    assert judge(range(START, END, 30)) is None


@pytest.mark.parametrize("gap_s", [1, 3, 10, 20])
def test_what_was_always_there_begins_where_it_rises(gap_s):
    """A kind that comes every few seconds since the log begins rose with its storm: it did not begin an hour before."""
    storm = [38_000 + step // (20 // gap_s + 1) for step in range(6000 // gap_s)]
    assert onset([*range(START, END, gap_s), *storm]) == 38_000


def test_what_came_up_after_a_quiet_time_began_with_its_first_record():
    """A kind that was not there for minutes, and then comes in short gaps up to its storm, began before the storm."""
    climb, storm = range(37_500, 37_800, 12), [37_800 + step // 10 for step in range(1500)]
    assert onset([*climb, *storm]) == 37_500


def facts(anomaly):
    return anomaly and (anomaly.time, anomaly.sigma_us, anomaly.surprise, anomaly.is_new, anomaly.excess)


@pytest.mark.parametrize("seed", range(often(6)))
@pytest.mark.parametrize(("most_rows", "most_starts"), [(gate_module._MOST_ROWS, 200), (40, 200), (9999, 20)])
def test_judged_again_and_again_is_judged_once(seed, most_rows, most_starts, monkeypatch):
    """A gate that saw a series grow, stand still or get a late line says what one says that sees it first now.

    Also where there are more starts than it remembers, of all kinds or of one.
    """
    monkeypatch.setattr(gate_module, "_MOST_ROWS", most_rows)
    monkeypatch.setattr(rises_module, "_MOST_STARTS", most_starts)
    chance = random.Random(seed)
    gate, seconds, now, said = Gate(), [START + 300 + chance.randrange(60)], START + 400, set()
    kind = make_kind(seconds)
    for _ in range(60):
        for _ in range(chance.choice([0, 0, 1, 5, 60])):
            late = chance.random() < 0.02
            seconds.append(chance.randrange(START, now) if late else now - chance.randrange(5))
            kind = make_kind(seconds)
        coverage = Coverage({"app": START * US}, {"app": START * US}, START * US, now * US)
        found = gate.find_anomalies([kind], coverage)
        assert [facts(judge_kind(kind, coverage))] == ([facts(one) for one in found] or [None])
        said.add(bool(found))
        now += chance.choice([1, 1, 10, 400])
    assert True in said


@pytest.mark.parametrize("seed", range(20))
def test_starts_left_out_early_are_those_left_out_at_once(seed):
    """Of a growing storm the same starts are looked at closely, however often others were left out before."""
    chance = np.random.default_rng(seed)
    size = int(chance.integers(150, 900))
    rows, excess = np.cumsum(chance.integers(1, 4, size)), chance.integers(0, 30, size).astype(np.float64)
    whole = _Hot(rows, excess, rows + 7, rows + 9)
    grown = whole.take(slice(0))
    for piece in np.array_split(np.arange(size), chance.integers(2, 9)):
        grown = grown.join(whole.take(slice(piece[0], piece[-1] + 1))).sharpest()
    for mine, once in zip(grown, whole.sharpest(), strict=True):
        assert np.array_equal(mine, once)


def test_scans_of_long_storms_are_not_all_remembered(monkeypatch):
    """What is kept of many kinds that fail for hours is bounded; what is said of them is the same."""
    kinds = [make_kind(STORM) for _ in range(3)]
    for kind in kinds:
        kind.id = f"kind {id(kind)}"
    coverage = Coverage({"app": START * US}, {"app": START * US}, START * US, END * US)
    gate = Gate()
    said = [facts(one) for one in gate.find_anomalies(kinds, coverage)]
    rows = gate._known[kinds[0].id].scan.count_rows()
    monkeypatch.setattr(gate_module, "_MOST_ROWS", rows)
    small = Gate()
    assert [facts(one) for one in small.find_anomalies(kinds, coverage)] == said
    assert [one.scan is None for one in small._known.values()] == [False, True, True]


def test_an_anomaly_equals_itself_only():
    """Whether one is among hundreds of others is known without comparing what each holds: that took half a tick."""
    found = judge(STORM)
    assert found in [replace(found), found]
    assert replace(found) != found


def test_what_a_log_holds_from_its_first_minute_on_is_news_once_it_rises():
    """Six a minute since half a minute behind the begin, then six a second: it begins with the rise."""
    usual = [START + 35 + 10 * n for n in range(60)]
    storm = [START + 640 + n / 6 for n in range(400)]
    found = judge_kind(
        make_kind([*usual, *map(int, storm)]), Coverage({"app": START * US}, {"app": START * US}, START * US, END * US)
    )
    assert found is not None
    assert not found.is_new
    assert abs(found.time - (START + 640) * US) <= 10 * US


def spells(first, last, pause, length):
    """Seven records a second for so long, again and again."""
    return [s for begin in range(first, last, pause) for s in range(begin, begin + length) for _ in range(7)]


def judge_short(seconds):
    """The same in a log of nine minutes."""
    coverage = Coverage({"app": START * US}, {"app": START * US}, START * US, (START + 540) * US)
    return judge_kind(make_kind(seconds), coverage)


def test_what_comes_in_the_same_spells_since_the_first_minute_did_not_begin_later():
    """Spells of 16 s since the first minute, by chance thicker from the second on: there is no normal time in view."""
    chance, flapping, begin = random.Random(2), [], START + 18
    while begin < START + 520:
        flapping += [second for second in range(begin, begin + 16) for _ in range(chance.randrange(1, 9))]
        begin += chance.choice((36, 40, 45, 48))
    found = judge_short(flapping)
    assert (found.time // US, found.has_baseline) == (START + 18, False)


def test_an_everyday_spell_is_no_part_of_a_storm():
    """A spell of a job in the first minute, and a storm of the same strength that does not end: that is new."""
    found = judge_short([*spells(START + 18, START + 200, 300, 16), *spells(START + 240, START + 540, 1000, 300)])
    assert abs(found.time // US - START - 240) < 10
    assert found.has_baseline
