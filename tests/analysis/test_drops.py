"""Requests that stop reaching the edge: told by the volume alone, never where it falls by itself."""

import re

import numpy as np
import pytest

from logscope.analysis.losses.drops import find_drop
from logscope.analysis.users.users import Users
from logscope.model.times import US
from tests.second_by_second import Playback

BEGIN = 1_772_460_000


def users(counts):
    counts = np.asarray(counts, np.int64)
    seconds = BEGIN + np.flatnonzero(counts)
    return Users("edge", "edge", seconds, counts[counts > 0], np.zeros(len(seconds), np.int64))


def find(counts, *, is_live=False):
    return find_drop(users(counts), (BEGIN + len(counts)) * US, is_live=is_live)


def steady(seed, length=1500, rate=5.0):
    return np.random.default_rng(seed).poisson(rate, length)


@pytest.mark.parametrize("seed", range(5))
def test_a_sudden_loss_is_found_to_the_second(seed):
    """A tenth of the requests is left for five minutes."""
    counts = steady(seed)
    counts[900:1200] = steady(seed + 100, 300, 0.5)
    found = find(counts)
    assert abs(found.start - BEGIN - 900) <= 3
    assert abs(found.end - BEGIN - 1200) <= 3
    assert found.usual_per_s == pytest.approx(5, abs=0.5)
    assert found.during_per_s == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize(("share", "is_found"), [(0.1, True), (0.4, False)])
def test_three_minutes_before_show_only_a_deep_fall(share, is_found):
    """Of so short a time nobody knows how low it falls by itself."""
    counts = np.concatenate([steady(3, 200), steady(4, 300, 5 * share)])
    assert (find(counts) is not None) == is_found


@pytest.mark.parametrize("seed", range(5))
def test_what_falls_to_a_tenth_within_minutes_is_a_loss(seed):
    """A record of names was changed: client by client asks for it again and comes no more."""
    fall = np.maximum(0.08, np.exp(-np.arange(600) / 40))
    counts = np.concatenate([steady(seed, 900, 15.0), np.random.default_rng(seed).poisson(15 * fall)])
    found = find(counts)
    assert -10 <= found.start - BEGIN - 900 <= 30
    assert found.usual_per_s == pytest.approx(15, abs=1)
    assert found.end is None


def evening(seed):
    """To a tenth, but within an hour."""
    return np.random.default_rng(seed).poisson(15 * np.exp(-np.maximum(0, np.arange(6000) - 900) / 1600))


def waves(seed):
    return np.random.default_rng(seed).poisson(6 + 5 * np.sin(2 * np.pi * np.arange(14_400) / 14_400))


def pages(seed):
    """A page and its pictures, now and then."""
    chance = np.random.default_rng(seed)
    counts = np.zeros(3600, np.int64)
    for second in np.flatnonzero(chance.random(3600) < 0.3):
        counts[second : second + 2] += chance.integers(1, 15, len(counts[second : second + 2]))
    return counts


def jobs(seed):
    return np.random.default_rng(seed).poisson(np.where(np.arange(3600) % 300 < 60, 20.0, 1.0))


@pytest.mark.parametrize("make", [steady, evening, waves, pages, jobs])
@pytest.mark.parametrize("seed", range(5))
def test_what_falls_by_itself_is_no_loss(make, seed):
    """Steady traffic, the time of day, pages in bursts, jobs by the clock."""
    assert find(make(seed)) is None


def test_where_a_copy_of_the_log_ends_nothing_is_lost():
    """Followed, its silence is one of requests; copied, nobody knows."""
    seen = users(steady(1, 900))
    now = (BEGIN + 1200) * US
    assert find_drop(seen, now, is_live=False) is None
    assert find_drop(seen, now, is_live=True).end is None


@pytest.fixture(scope="module")
def moments(tmp_path_factory):
    """A load balancer is given another list of addresses; nobody writes an error."""
    folder = tmp_path_factory.mktemp("lost")
    counts = steady(3)
    counts[900:1200] = steady(4, 300, 0.4)
    with (folder / "access.log").open("w") as file:
        for second in np.repeat(np.arange(len(counts)), counts):
            stamp = np.datetime64(BEGIN + int(second), "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
            file.write(f'10.1.1.{second % 200} - - [{stamp}] "GET /items HTTP/1.1" 200 160 "-" "-"\n')
    with (folder / "balancer.log").open("w") as file:
        for second in range(0, 1500, 30):
            file.write(f"{np.datetime64(BEGIN + second, 's')}Z INFO pool healthy members=4\n")
            if second == 870:
                file.write(f"{np.datetime64(BEGIN + 899, 's')}Z INFO allow list replaced by revision 41\n")
    played = Playback(folder)
    return {second: played.look(BEGIN + second) for second in (800, 970, 1230, 1400)}


def test_a_loss_of_requests_is_an_incident(moments):
    """Nothing before; then ongoing, better, over; the line just before it is the cause, by time only."""
    said = [(one.recovery.verdict.value, one.recovery.over) for one in moments.values()]
    assert said == [("no_incident", None), ("ongoing", False), ("too_early", None), ("recovered", True)]
    top = moments[970].candidates[0]
    assert (top.service, top.confidence.value) == ("balancer", "medium")
    assert "allow list replaced" in top.headline


def test_no_rate_is_claimed_for_requests_that_nobody_saw(moments):
    """The share is unknown, the volume is told, the impact is that of lost requests."""
    incident = moments[1400].incident
    assert incident.success_rate.during is None
    assert incident.volume.during == pytest.approx(0.4, abs=0.2)
    assert re.search(r"requests lost before this log: [45](\.\d)?/s to 0\.\d/s", incident.headline)
    fall = next(one for one in moments[1400].timeline if "requests lost" in one.event)
    assert "requests lost before this log" in fall.impact
    users = moments[970].sentences[3].text
    told = r"100 % of [45]\.\d/s -> \? of 0\.\d/s \(requests lost before this log\); "
    assert re.match(told, users), "each figure once"
