"""Requests that reach no log: the edge sees far fewer of them than ever, though nothing fails.

What is refused before the edge (a firewall, a load balancer, DNS) is written nowhere here. All that shows it is the
volume: lower in every moment than it was in any minute before. What falls slowly (the night), or has fallen as low
before, is no loss. Cost: a few vector operations over the seconds of one log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np

from logscope.analysis.onset.statistics import poisson_cdf
from logscope.analysis.recovery.line import Line
from logscope.analysis.recovery.segments import PENALTY, Segment, dispersion, split
from logscope.analysis.recovery.spells import QUIET_S
from logscope.analysis.users.users import FALLEN_VOLUME, Users
from logscope.model.recovery import FixOrigin, Recovery, Remaining, Served, Verdict, Wave
from logscope.model.times import US

_FEWEST_MINUTES: Final = 5
_FEWEST_OF_DEEP: Final = 3
"""Before a fall to a quarter."""
_MOST_MINUTES: Final = 180
"""Before it, of which the least and the usual volume are known."""
_FEWEST_PER_MIN: Final = 30
"""Of fewer requests a minute nobody knows what is few."""
_BELOW_LEAST: Final = 0.7
"""Of the lowest minute before: what came near it by itself may come again."""
_CHANCE: Final = 1e-7
"""That so few requests come by chance: there are a thousand minutes a day to look at."""
_SHARP_S: Final = 60
"""What takes longer to fall is the time of day."""
_SLOWLY_S: Final = 300
_DEEP: Final = 0.25
"""A change of names reaches the clients within minutes; what falls to a quarter in five is no time of day either."""
_BACK: Final = 0.8
"""Of the usual volume: near it."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Requests that fell away."""

    start: int
    """First second of the lower volume."""
    end: int | None
    """First second behind it; None while it lasts."""
    usual_per_s: float
    during_per_s: float
    now: int
    line: Line
    """Requests from the start to now."""
    worker: str = ""
    """Whose records these are, where they are work done, no requests (slumps.py)."""
    missed: str = ""
    """What shows that this work is missing."""

    def describe(self) -> str:
        """What is lost, in the contract's words."""
        lost = "writes far less" if self.worker else "requests lost before this log"
        return f"{lost}: {_pace(self.usual_per_s)}/s to {_pace(self.during_per_s)}/s"

    def describe_users(self) -> str:
        """The same of work that is done, with whose it is, and what became of it."""
        again = "" if self.end is None else f", {_pace(self.line.rate(self.end, self.now + 1))}/s again"
        return f"{self.worker} {self.describe()}{again}" if self.worker else self.describe()

    def judge(self, users: Users) -> Recovery:
        """Whether the requests are back."""
        return _judge(self, users)


@dataclass(frozen=True, slots=True)
class _Usual:
    """The minutes before."""

    minutes: int

    per_s: float
    """In the median minute."""
    least_per_s: float
    """In the lowest minute."""
    phi: float
    """Variance of the minutes over their mean, at least 1."""


def find_drop(users: Users, as_of: int, *, is_live: bool) -> Drop | None:
    """The first sudden loss of half of the requests or more, for a minute at least.

    Args:
        users: Of the edge.
        as_of: Now, microseconds UTC.
        is_live: The log is followed: where it ends, requests end. Of a copy of it nobody knows.
    """
    if not len(users.seconds):
        return None
    first = int(users.seconds[0])
    now = as_of // US if is_live else min(as_of // US, int(users.seconds[-1]))
    if now - first < (_FEWEST_OF_DEEP + 1) * 60:
        return None
    line = Line(first, now, users.seconds, users.requests)
    segments = split(line, first, now + 1, PENALTY * dispersion(line, first, now + 1))
    for before, low in pairwise(segments):
        known = _usual_before(line, low.start)
        if known is not None and _is_loss(line, before, low, known):
            start = low.start
        else:
            slow = _find_slow_fall(line, segments, low)
            if slow is None:
                continue
            start, known = slow
        usual = known.per_s
        end = next((one.start for one in segments if one.start > low.start and _is_back(one, usual)), None)
        stop = now + 1 if end is None else end
        return Drop(start, end, usual, line.rate(start, stop), now, line)
    return None


def _find_slow_fall(line: Line, segments: Sequence[Segment], low: Segment) -> tuple[int, _Usual] | None:
    """Where it began to fall, within minutes, to a fraction of the usual; and what was usual. None where it did not."""
    begin = low.start
    for one in reversed([one for one in segments if low.start - _SLOWLY_S <= one.end <= low.start]):
        begin = one.end
        known = _usual_before(line, begin)
        if known is not None and known.minutes >= _FEWEST_MINUTES and one.rate >= _BACK * known.per_s:
            deep = min(_DEEP * known.per_s, _BELOW_LEAST * known.least_per_s)
            seconds = low.end - low.start
            is_low = seconds >= QUIET_S and max(low.rate, line.rate(low.start, low.start + QUIET_S)) < deep
            chance = poisson_cdf(round(low.count / known.phi), known.per_s * seconds / known.phi)
            return (begin, known) if is_low and chance < _CHANCE else None
    return None


def _usual_before(line: Line, second: int) -> _Usual | None:
    """None where too little or too uneven is known."""
    minutes = min(_MOST_MINUTES, (second - line.start) // 60)
    if minutes < _FEWEST_OF_DEEP:
        return None
    starts = second - 60 * np.arange(minutes, -1, -1)
    counts = np.diff(line.cumulative(line.start, starts))
    middle = float(median(counts.tolist()))
    if middle < _FEWEST_PER_MIN or counts.min() < FALLEN_VOLUME * middle:
        return None
    return _Usual(minutes, middle / 60, float(counts.min()) / 60, max(1.0, float(counts.var(ddof=1) / counts.mean())))


def _is_loss(line: Line, before: Segment, low: Segment, usual: _Usual) -> bool:
    """It falls at once from near the usual to less than half of it, lower than ever, and stays there for a minute."""
    seconds = low.end - low.start
    high = line.rate(max(line.start, low.start - _SHARP_S), low.start)
    if seconds < QUIET_S or min(before.rate, high) < _BACK * usual.per_s:
        return False
    share = FALLEN_VOLUME if usual.minutes >= _FEWEST_MINUTES else _DEEP
    most = min(share * usual.per_s, _BELOW_LEAST * usual.least_per_s)
    if max(low.rate, line.rate(low.start, low.start + QUIET_S)) >= most:
        return False
    return poisson_cdf(round(low.count / usual.phi), usual.per_s * seconds / usual.phi) < _CHANCE


def _is_back(one: Segment, usual: float) -> bool:
    return one.rate >= _BACK * usual


def _judge(drop: Drop, users: Users) -> Recovery:
    held_s = 0 if drop.end is None else drop.now + 1 - drop.end
    is_back = drop.end is not None and held_s >= QUIET_S
    verdict = Verdict.RECOVERED if is_back else Verdict.TOO_EARLY if held_s else Verdict.ONGOING
    stop = drop.now + 1 if drop.end is None else drop.end
    lost = max(0, round(drop.usual_per_s * (stop - drop.start)) - drop.line.count(drop.start, stop))
    what = f"records of {drop.worker}" if drop.worker else f"requests that reach {users.service}"
    remaining = Remaining(
        what=what, rate_per_min=round(drop.during_per_s * 60, 2), volume=lost, since=drop.start * US,
        usual_per_min=round(drop.usual_per_s * 60, 2), begun=drop.start * US,
    )  # fmt: skip
    fall = f"{_pace(drop.usual_per_s)}/s to {_pace(drop.during_per_s)}/s"
    explanation = f"{what} fell from {fall}, " + (
        f"while others go on, and {drop.missed}" if drop.worker else f"about {lost:,} are lost"
    )
    since = drop.end
    if since is not None:
        explanation += f"; back at {_pace(drop.line.rate(since, drop.now + 1))}/s"
    asked, failed = users.count(since * US, (drop.now + 1) * US) if since is not None else (0, 0)
    return Recovery(
        verdict=verdict,
        confirmed=verdict is not Verdict.TOO_EARLY,
        over=True if is_back else None if held_s else False,
        as_of=drop.now * US,
        fix_at=None if since is None else since * US,
        fix_origin=None if since is None else FixOrigin.DETECTED,
        baseline_per_min=None,
        current_per_min=None,
        since=None if since is None else since * US,
        minutes_needed=round(max(0.1, (QUIET_S - held_s) / 60), 1) if since is not None and not is_back else None,
        remaining=(remaining,) if since is None else (),
        waves=(Wave(drop.start * US, stop * US, 0, 0.0, "incident"),),
        explanation=explanation,
        silence=f"{drop.worker} writes {_pace(drop.line.rate(since, drop.now + 1))}/s again"
        if drop.worker and since is not None
        else "",
        held_us=held_s * US if since is not None else None,
        served=None
        if since is None or drop.worker
        else Served(asked - failed, asked, since * US, since * US, asked - failed),
        to_recover_us=(since - drop.start) * US if is_back and since is not None else None,
    )


def _pace(volume: float) -> str:
    return f"{volume:.1f}".removesuffix(".0")
