"""The three-valued answer on two rates: the table of 300 runs each that the design measured, and what it needs."""

import random
from collections import Counter

import pytest

from logscope.analysis.onset.statistics import overdispersion
from logscope.analysis.recovery.rates import Comparison, Residual, chance_of_silence

BASELINE_MIN = 30
RUNS = 300
INCIDENT_PER_MIN = 78
"""The story: 2,341 in half an hour."""


def poisson(chance, mean):
    """A number of independent records."""
    limit, count = chance.expovariate(1.0), 0
    while limit < mean:
        limit, count = limit + chance.expovariate(1.0), count + 1
    return count


def clumped(chance, mean, phi):
    """The same with a variance `phi` times the mean: records come in clumps (gamma-Poisson)."""
    if phi == 1 or not mean:
        return poisson(chance, mean)
    return poisson(chance, chance.gammavariate(mean / (phi - 1), phi - 1))


def shares(usual, after, minutes, phi=1):
    """Shares of the answers over the runs."""
    chance = random.Random(f"{usual}-{after}-{minutes}")
    found = Counter()
    for _ in range(RUNS):
        before = [clumped(chance, usual, phi) for _ in range(BASELINE_MIN)]
        since = sum(clumped(chance, after, phi) for _ in range(minutes))
        compared = Comparison(
            sum(before), BASELINE_MIN * 60, INCIDENT_PER_MIN / 60, since, minutes * 60, overdispersion(before)
        )
        found[compared.judge()] += 1
    return {answer: count / RUNS for answer, count in found.items()}


@pytest.mark.parametrize(
    ("usual", "after", "minutes", "answer", "expected"),
    [
        (2, 2, 1, Residual.TOO_EARLY, 0.95),
        (2, 2, 3, Residual.TOO_EARLY, 0.82),
        (2, 2, 5, Residual.BACK, 0.30),
        (2, 2, 10, Residual.BACK, 0.53),
        (2, 2, 20, Residual.BACK, 0.78),
        (2, 5, 1, Residual.PARTLY, 0.21),
        (2, 5, 3, Residual.PARTLY, 0.59),
        (2, 5, 5, Residual.PARTLY, 0.82),
        (2, 5, 10, Residual.PARTLY, 0.98),
        (2, 5, 20, Residual.PARTLY, 1.00),
        (2, 0, 1, Residual.BACK, 0.36),
        (2, 0, 3, Residual.BACK, 1.00),
        (2, 40, 1, Residual.NOT_BACK, 0.97),
        (2, 40, 3, Residual.NOT_BACK, 0.99),
        (0, 0, 1, Residual.TOO_EARLY, 1.00),
        (0, 0, 3, Residual.TOO_EARLY, 1.00),
        (0, 0, 10, Residual.BACK, 1.00),
    ],
)
def test_the_measured_table(usual, after, minutes, answer, expected):
    """Each cell is what the design measured, within what chance leaves of 300 runs."""
    assert shares(usual, after, minutes).get(answer, 0.0) == pytest.approx(expected, abs=0.08)


@pytest.mark.parametrize(("minutes", "early"), [(1, 0.99), (3, 0.93), (5, 0.83), (10, 0.69)])
def test_clumps_take_longer(minutes, early):
    """With three times the variance the same minutes say less."""
    assert shares(2, 2, minutes, phi=3).get(Residual.TOO_EARLY, 0.0) == pytest.approx(early, abs=0.1)


@pytest.mark.parametrize("minutes", [1, 3, 5, 10, 20])
def test_a_normal_rate_is_hardly_ever_called_partial(minutes):
    """At most two in a hundred."""
    found = shares(2, 2, minutes)
    assert found.get(Residual.PARTLY, 0.0) + found.get(Residual.NOT_BACK, 0.0) <= 0.02


def test_minutes_needed_are_enough_and_no_more():
    """After so many minutes at the usual rate the bound holds, and a little earlier it does not."""
    compared = Comparison(60, 1800, 99 / 60, 4, 120, 1.0)
    needed = compared.minutes_needed * 60

    def later(seconds):
        count = compared.count + compared.usual_per_s * seconds
        return Comparison(60, 1800, 99 / 60, count, 120 + seconds, 1.0).judge()

    assert later(needed * 1.01) is Residual.BACK
    assert later(needed * 0.9) is Residual.TOO_EARLY


def test_nothing_is_needed_where_it_is_back():
    """A bound that holds needs no more minutes."""
    assert Comparison(60, 1800, 1.65, 0, 600).minutes_needed == 0


@pytest.mark.parametrize(("rate", "seconds"), [(99, 2.8), (5, 55), (2, 138)])
def test_silence_of_so_many_seconds_is_one_in_a_hundred(rate, seconds):
    """The design's figures: 3 s at 99 a minute, 55 s at 5, 138 s at 2."""
    assert chance_of_silence(rate / 60, seconds) == pytest.approx(0.01, rel=0.05)
