"""Requests that take much longer are an incident though all of them are answered well."""

import tracemalloc

import numpy as np
import pytest

from logscope.analysis.losses.slowness import find_slowdown
from logscope.analysis.users.users import Users
from logscope.model.times import US
from tests.second_by_second import Playback

BEGIN = 1_772_460_000


def users(length, mean_ms, rate=5, seed=1, tail=0.0):
    """Requests whose durations are exponential around a mean, and some that take a hundred times as long."""
    chance = np.random.default_rng(seed)
    requests = chance.poisson(rate, length)
    waited = [
        int((chance.exponential(mean_ms(second), n) * np.where(chance.random(n) < tail, 100, 1)).sum())
        for second, n in enumerate(requests.tolist())
    ]
    kept = requests > 0
    seconds = BEGIN + np.flatnonzero(kept)
    return Users("edge", "edge", seconds, requests[kept], 0 * seconds, waited_ms=np.array(waited)[kept])


def find(made):
    return find_slowdown(made, int(made.seconds[-1]) * US)


@pytest.mark.parametrize("seed", range(5))
def test_a_slow_span_is_found(seed):
    """40 ms, then 900 ms for four minutes, then 40 ms again."""
    found = find(users(1500, lambda second: 900 if 900 <= second < 1140 else 40, seed=seed))
    assert abs(found.start - BEGIN - 900) <= 10
    assert abs(found.end - BEGIN - 1140) <= 10
    assert found.usual_ms == pytest.approx(40, rel=0.2)
    assert found.during_ms == pytest.approx(900, rel=0.2)


@pytest.mark.parametrize(("slow_ms", "is_found"), [(900, True), (160, False), (320, False)])
def test_two_minutes_before_show_only_a_sharp_rise(slow_ms, is_found):
    """From 60 ms: five times as long may be the time of day where so little is known of it."""
    found = find(users(500, lambda second: slow_ms if second >= 200 else 60))
    assert (found is not None) == is_found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "options",
    [{}, {"tail": 0.01}, {"rate": 1}, {"mean": lambda second: 40 + second / 10}, {"mean": lambda second: 2000}],
)
def test_what_varies_by_itself_is_no_slowdown(seed, options):
    """Steady, with slow ones now and then, few, slower with the day, and always slow."""
    mean = options.get("mean", lambda second: 40)
    rest = {name: value for name, value in options.items() if name != "mean"}
    assert find(users(3600, mean, seed=seed, **rest)) is None


def test_a_slowdown_is_an_incident_with_what_stands_before_it(tmp_path):
    """Ongoing while it lasts, over a minute behind it; the change just before is the first guess; rates are known."""
    chance = np.random.default_rng(7)
    with (tmp_path / "access.log").open("w") as file:
        for second in range(1500):
            stamp = np.datetime64(BEGIN + second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
            for _ in range(chance.poisson(4)):
                took = chance.exponential(1.2 if 900 <= second < 1200 else 0.05)
                file.write(f'10.1.1.9 - - [{stamp}] "GET /items HTTP/1.1" 200 160 "-" "-" {took:.3f}\n')
    with (tmp_path / "search.log").open("w") as file:
        for second in range(0, 1500, 20):
            file.write(f"{np.datetime64(BEGIN + second, 's')}Z INFO segments merged\n")
            if second == 880:
                file.write(f"{np.datetime64(BEGIN + 897, 's')}Z INFO planner switched to sequential scans\n")
    played = Playback(tmp_path)
    said = [played.look(BEGIN + second) for second in (800, 1000, 1215, 1400)]
    assert [one.recovery.verdict.value for one in said] == ["no_incident", "ongoing", "too_early", "recovered"]
    assert said[1].candidates[0].service == "search"
    assert said[3].incident.success_rate.during == 1.0
    assert "requests take longer" in said[3].incident.headline


def test_one_wrong_date_makes_no_years_of_bins():
    """A request of 1971 before those of a quarter of an hour: found as without it, in little memory."""
    made = users(1500, lambda second: 900 if 900 <= second < 1140 else 40)
    odd = Users(
        "edge", "edge", np.concatenate([[36_000_000], made.seconds]), np.concatenate([[1], made.requests]),
        np.zeros(len(made.seconds) + 1, np.int64), waited_ms=np.concatenate([[3], made.waited_ms]),
    )  # fmt: skip
    tracemalloc.start()
    found = find(odd)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4_000_000
    assert abs(found.start - BEGIN - 900) <= 10
    assert abs(found.end - BEGIN - 1140) <= 10
