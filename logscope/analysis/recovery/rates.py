"""Two rates against each other: is it back, still too high, or too early to say (analysis.md 2d).

Pure functions of counts and minutes. The bound is what may still go wrong, not what did.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import exp
from typing import Final

from logscope.analysis.onset.statistics import rate_upper_bound, rates_differ

_SURE: Final = 0.01


class Residual(StrEnum):
    """What is left after the fix."""

    BACK = "back"
    """What may still go wrong is at most the target."""
    PARTLY = "partly"
    """Surely more than before, at most half of what it was."""
    NOT_BACK = "not_back"
    """Surely more than before, and possibly most of what it was."""
    TOO_EARLY = "too_early"
    """Neither can be told yet."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Before the incident, in it, and since."""

    usual_count: float
    usual_s: float
    """Length of the normal period; 0 without one."""
    incident_per_s: float
    count: float
    """Since the fix."""
    seconds: float
    """Since the fix, as far as anything was written that could show it."""
    phi: float = 1.0
    """Overdispersion of the normal period."""

    @property
    def usual_per_s(self) -> float:
        """The normal rate; 0 without a normal period."""
        return self.usual_count / self.usual_s if self.usual_s > 0 else 0.0

    @property
    def target_per_s(self) -> float:
        """At most so much counts as normal."""
        return find_target(self.usual_per_s)

    @property
    def bound_per_s(self) -> float:
        """With 95 % the rate since is not above it."""
        return rate_upper_bound(self.count, self.seconds, self.phi)

    @property
    def is_higher(self) -> bool:
        """Surely more than before (exact conditional test)."""
        if self.seconds <= 0 or self.count / self.seconds <= self.usual_per_s:
            return False
        usual_s = self.usual_s if self.usual_s > 0 else 1.0
        return rates_differ(round(self.count), self.seconds, round(self.usual_count), usual_s, self.phi) < _SURE

    def judge(self) -> Residual:
        """The three-valued answer."""
        bound = self.bound_per_s
        if bound <= self.target_per_s:
            return Residual.BACK
        if self.is_higher:
            return Residual.PARTLY if bound < 0.5 * self.incident_per_s else Residual.NOT_BACK
        return Residual.TOO_EARLY

    @property
    def minutes_needed(self) -> float:
        """More minutes at the usual rate until the bound is low enough; 0 where it is."""
        if self.bound_per_s <= self.target_per_s:
            return 0.0
        low, high = self.seconds, max(self.seconds, 60.0)
        while self._bound_after(high) > self.target_per_s and high < _LONGEST_S:
            low, high = high, 2 * high
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (middle, high) if self._bound_after(middle) > self.target_per_s else (low, middle)
        return (high - self.seconds) / 60

    def _bound_after(self, seconds: float) -> float:
        expected = self.count + self.usual_per_s * (seconds - self.seconds)
        return rate_upper_bound(expected, seconds, self.phi)


_LONGEST_S: Final = 1e6


def find_target(usual_per_s: float) -> float:
    """Half as much again as usual, and at least half a record a minute more: less is nobody's concern."""
    return max(1.5 * usual_per_s, usual_per_s + 0.5 / 60)


def chance_of_silence(rate_per_s: float, seconds: float) -> float:
    """How likely so long a silence is while it still fails at a rate."""
    return exp(-min(700.0, rate_per_s * seconds))
