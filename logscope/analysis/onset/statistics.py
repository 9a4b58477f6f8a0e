"""Exact tests for small counts. Pure functions of numbers; the only numeric primitives are two special functions.

Sources: Press et al., Numerical Recipes 6.2 and 6.4 (continued fractions); Przyborowski and Wilenski 1940 (two Poisson
rates); Garwood 1936 (exact bounds of a Poisson mean).
"""

from math import erf, exp, lgamma, log, log1p, sqrt
from typing import Final

_TINY: Final = 1e-300
_STEPS: Final = 300
_PRECISION: Final = 1e-12


def beta_cdf(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function I_x(a, b), 0 to 1.

    Args:
        x: 0 to 1; outside it is clamped.
        a: Positive.
        b: Positive.
    """
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return min(1.0, front * _beta_fraction(x, a, b) / a)
    return max(0.0, 1.0 - front * _beta_fraction(1.0 - x, b, a) / b)


def _beta_fraction(x: float, a: float, b: float) -> float:
    """Lentz's method for the continued fraction of the incomplete beta function; about sqrt(max(a, b)) steps."""
    c = 1.0
    d = 1.0 / (1.0 - (a + b) * x / (a + 1.0) or _TINY)
    value = d
    for m in range(1, _STEPS + int(3 * sqrt(max(a, b)))):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0)),
        ):
            d = 1.0 / (1.0 + numerator * d or _TINY)
            c = 1.0 + numerator / c or _TINY
            value *= c * d
        if abs(c * d - 1.0) < _PRECISION:
            break
    return value


def surprise(count: int, seconds: float, baseline: int, baseline_seconds: float, phi: float = 1.0) -> float:
    """-log10 of the chance of so many records when nothing changed (gamma-Poisson predictive, analysis.md 2b).

    Args:
        count: Records in the span.
        seconds: Its length.
        baseline: Records before it.
        baseline_seconds: Length of the time before it; 0 gives 0: without a normal period nothing is surprising.
        phi: Overdispersion; 1 for independent records.
    """
    if count <= 0 or baseline_seconds <= 0:
        return 0.0
    p = beta_cdf(seconds / (baseline_seconds + seconds), count / phi, baseline / phi + 0.5)
    if p > 1e-290:
        return -log(p) / log(10.0)
    # Beyond the range of floats the likelihood ratio stands in; nobody tells 300 from 400.
    expected = (baseline + 0.5) / baseline_seconds * seconds
    return max(290.0, (count * log(count / expected) - count + expected) / phi / log(10.0))


def rate_upper_bound(count: float, seconds: float, phi: float = 1.0) -> float:
    """95 % upper bound of a rate per second from a count (Garwood 1936); 3.0 / seconds for none, the rule of three.

    The gamma quantile is found by Wilson and Hilferty's approximation (1931), within 1 % for all counts from 1 on.
    """
    if seconds <= 0:
        return float("inf")
    shape = count / phi + 1.0
    if count <= 0:
        return 3.0 * phi / seconds
    z = 1.6448536269514722
    return phi * shape * (1.0 - 1.0 / (9.0 * shape) + z / (3.0 * sqrt(shape))) ** 3 / seconds


def rates_differ(count: int, seconds: float, baseline: int, baseline_seconds: float, phi: float = 1.0) -> float:
    """Chance of so many records or more if both spans had the same rate (exact conditional test, 0 to 1)."""
    if count <= 0:
        return 1.0
    if seconds <= 0 or baseline_seconds <= 0:
        return 1.0
    return beta_cdf(seconds / (seconds + baseline_seconds), count / phi, baseline / phi + 1.0)


def overdispersion(counts: "list[int] | tuple[int, ...]") -> float:
    """Variance over mean of counts in equal buckets: floor 1, cap 20; 1 where fewer than three buckets are given.

    Quasi-Poisson as in the improved Farrington method (Noufaily et al. 2013).
    """
    if len(counts) < 3:
        return 1.0
    mean = sum(counts) / len(counts)
    if mean <= 0:
        return 1.0
    variance = sum((value - mean) ** 2 for value in counts) / (len(counts) - 1)
    return min(20.0, max(1.0, variance / mean))


def poisson_cdf(count: int, mean: float) -> float:
    """Chance of so many events or fewer when so many are expected, 0 to 1; exact to 200, beyond it the normal one."""
    if mean <= 0:
        return 1.0
    if count > 200:
        return 0.5 * (1.0 + erf((count + 0.5 - mean) / sqrt(2.0 * mean)))
    term = total = exp(-mean)
    for k in range(1, count + 1):
        term *= mean / k
        total += term
    return min(1.0, total)
