"""Exact tests for small counts, against values from tables and closed forms."""

import math

import pytest

from logscope.analysis.onset.statistics import beta_cdf, overdispersion, rate_upper_bound, rates_differ, surprise


@pytest.mark.parametrize(
    ("x", "a", "b", "expected"),
    [
        (0.5, 1, 1, 0.5),
        (0.3, 1, 1, 0.3),
        (0.5, 2, 2, 0.5),
        (0.25, 2, 3, 0.26171875),
        (0.9, 5, 1, 0.59049),
        (0.1, 1, 5, 0.40951),
        (0.5, 10, 10, 0.5),
        (0.5, 0.5, 0.5, 0.5),
        (0.5, 100_000, 100_000, 0.5),
    ],
)
def test_incomplete_beta(x, a, b, expected):
    """Polynomials, symmetry, and the middle of huge counts."""
    assert beta_cdf(x, a, b) == pytest.approx(expected, abs=1e-6)


def test_the_gates_examples():
    """The design's figures: first line ever after an hour, two in a second, 6 and 20 a minute against 2 a minute."""
    assert 10 ** -surprise(1, 1, 0, 3600) == pytest.approx(1.4e-4, rel=0.05)
    assert 10 ** -surprise(2, 1, 0, 3600) == pytest.approx(3e-8, rel=0.2)
    assert 10 ** -surprise(6, 60, 120, 3600) == pytest.approx(0.018, rel=0.1)
    assert 10 ** -surprise(20, 60, 120, 3600) == pytest.approx(2e-13, rel=0.3)


def test_nothing_is_surprising_without_a_normal_period():
    """No time before it: no comparison."""
    assert surprise(1000, 1, 0, 0) == 0.0


def test_a_storm_has_a_finite_surprise():
    """Counts beyond the range of floats stay numbers."""
    assert 290 <= surprise(1_000_000, 60, 1, 86_400) < math.inf


def test_silence_bounds_the_rate_by_three_over_time():
    """The rule of three, and Garwood's bound for one record."""
    assert rate_upper_bound(0, 60) == pytest.approx(0.05)
    assert rate_upper_bound(1, 1) == pytest.approx(4.744, rel=0.01)
    assert rate_upper_bound(10, 1) == pytest.approx(16.96, rel=0.01)


def test_equal_rates_do_not_differ():
    """The same rate is likely, a tenfold one is not."""
    assert rates_differ(10, 300, 60, 1800) > 0.3
    assert rates_differ(100, 300, 60, 1800) < 1e-20


def test_bursty_counts_are_overdispersed():
    """Floor 1 for even counts, up to 20 for bursts."""
    assert overdispersion([2, 2, 2, 2]) == 1.0
    assert overdispersion([0, 0, 100, 0, 0, 0]) == 20.0
    assert overdispersion([5]) == 1.0
