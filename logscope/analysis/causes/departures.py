"""Numbers that ramp, step or run full before it begins, and those that still climb behind it.

A series is told when its values around the onset are unlike all that it showed before, by a robust measure (median and
median absolute deviation), or when they reach a limit that the same records state. What only counts up (ids, offsets,
totals) keeps its slope through the incident and says nothing.
"""

import re
from collections.abc import Container, Sequence
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.analysis.causes.series import FEWEST, FEWEST_AFTER, Floats, Series, part_humps
from logscope.ingest.distinct import find_distinct
from logscope.model.incident import NumberChange
from logscope.model.times import MINUTE_US, US, span

_GAUGES: Final = frozenset(
    (
        "open", "used", "usage", "use", "active", "busy", "held", "inuse", "allocated", "fds", "fd", "handles",
        "descriptors", "files", "rss", "heap", "mem", "memory", "conns", "conn", "connections", "sessions", "threads",
        "goroutines", "sockets", "queue", "queued", "depth", "backlog", "pending", "waiting", "slots", "inodes",
    )
)  # fmt: skip
"""Words of what is taken and given back: at its limit it stands still, as a total does where nobody asks any more."""
_STILL: Final = 0.05
"""Of the whole rise: what moves by so little stands still."""
_STILL_LONG: Final = 0.15
"""Of the time until the limit: what rises evenly from the first value on stands still for a twentieth of it."""
_FEWEST_LONG: Final = 5
_STILL_BEFORE: Final = 0.25
"""Of the values before the onset: a total moves oftener."""
_MOSTLY: Final = 0.6
_NEARLY_ALWAYS: Final = 0.9
"""Of the values from its first change to the onset, that are away from its normal."""
_OUTSIDE: Final = 6.0
"""Deviations from the median beyond which a value is none of before."""
_WHOLE: Final = 0.995
_LEAST_CHANGE: Final = 0.3
"""And so much of the median at least."""
_FULL: Final = 0.98
"""Of a limit."""
_SAME_LIMIT: Final = 0.9
"""Of what it was: where a limit was lowered to what is used, nothing grew."""
_EARLIER_US: Final = 5 * MINUTE_US
_COARSE_US: Final = 30 * US
"""Between two values of a series that a monitoring system took, rather than a service wrote."""
_BEHIND_US: Final = 30 * US
"""After the onset in which the change must have begun: later ones are effects."""
MOST_TOLD: Final = 8
_UNIT: Final = "ms"
"""Of a number that nothing but its unit stands beside."""
_HALF_FULL: Final = 0.5
"""Of where it comes to stand, from which on it must have grown."""
_ALERT: Final = 80.0
_CLIMBING: Final = 4
"""Values that rise one after the other for a series to climb on."""
_GONE: Final = 0.25
"""Of the way from its normal to the worst, that it must have gone again: a cache that fills as usual is no sign."""
_FEWEST_SPREADING: Final = 3
_STEADY: Final = 0.5
"""A number that varies by more than this share of itself before the onset goes its own ways."""
_SUNK: Final = 0.5
_STEPS: Final = 2
"""A single step is a setting."""


def find_departures(series: Sequence[Series], onset: int, first_error: int, nodes: Sequence[str]) -> list[NumberChange]:
    """Series that left their normal before or with the onset, the most telling first.

    Args:
        series: All fields.
        onset: When the incident began.
        first_error: The first error of it.
        nodes: Services of the candidates, the likeliest first: their own numbers come first.
    """
    found = []
    for one in series:
        change = _judge(one, onset, first_error)
        if change is not None:
            place = nodes.index(one.service) if one.service in nodes else len(nodes)
            found.append((not change.is_full, place, -change.score, one.service, one.name, change))
    found.sort(key=lambda row: row[:5])
    return [row[5] for row in found[:MOST_TOLD]]


def _judge(one: Series, onset: int, first_error: int) -> NumberChange | None:
    before = int(np.searchsorted(one.time, onset - MINUTE_US))
    turn = int(np.searchsorted(one.time, onset + _BEHIND_US, side="right"))
    if turn < FEWEST + FEWEST_AFTER or np.ptp(one.value[:turn]) == 0:
        return None
    full = one.limit if one.limit is not None else np.full(len(one.value), 100.0) if one.is_percent else None
    share = one.value / full if full is not None else None
    reached = None if share is None else _first(share[:turn] >= _FULL)
    if share is not None and reached is not None and reached >= FEWEST and share[0] < _FULL - 0.1:
        whole = _first(share[:turn] >= _WHOLE)
        reached = reached if whole is None else whole
        begin, score = _find_rise(one, reached), float(1 / max(0.01, share[0]))
        if one.limit is None or one.limit[reached] >= _SAME_LIMIT * one.limit[begin]:
            return _tell(one, begin, reached, first_error, share, score=score, is_full=True)
    filled = _fill(one, turn)
    if filled is not None:
        limit = one.value[filled]
        score = float(limit / max(1.0, one.value[0]))
        begin = _find_rise(one, filled)
        return _tell(one, begin, filled, first_error, one.value / limit, score=score, is_full=True)
    if _only_counts(one, onset):
        return None
    # The normal: what it showed until a minute before; where the log is shorter, its first half before the onset.
    upto = int(np.searchsorted(one.time, onset))
    left = _leave(one, before if before >= FEWEST else max(FEWEST, upto // 2), turn, FEWEST_AFTER, _MOSTLY)
    if left is None and before >= 2 * FEWEST:
        # What fills slowly left its normal long before: then that is its first half, and it never came back to it.
        left = _leave(one, before // 2, turn, _FEWEST_LONG, _NEARLY_ALWAYS)
    earlier = int(np.searchsorted(one.time, onset - _EARLIER_US))
    if left is None and earlier >= 2 * FEWEST and np.median(np.diff(one.time[:turn])) >= _COARSE_US:
        # Of one value a minute two or three tell what a dense series tells by dozens.
        left = _leave(one, earlier, turn, FEWEST_AFTER, _NEARLY_ALWAYS)
    if left is None:
        return None
    start, middle, spread = left
    peak = start + int(np.argmax(np.abs(one.value[start:turn] - middle)))
    score = abs(float(one.value[peak]) - middle) / spread
    return _tell(one, start - 1, peak, first_error, share, score=score, is_full=False)


def _fill(one: Series, turn: int) -> int | None:
    """Where what only grew comes to stand at one value as it begins, and stays there: a limit that no line states.

    Args:
        one: The series.
        turn: Where it must have come to stand.

    Returns:
        Place of the first value there; None where it grows otherwise, or could be a total.
    """
    top = float(one.value.max())
    at = _first(one.value >= top)
    if not _says_gauge(one) or at is None or not FEWEST + FEWEST_AFTER <= at < turn:
        return None
    steps = np.diff(one.value[: at + 1])
    stays = int(np.argmin(np.append(one.value[at:] >= top, False)))
    is_grown = one.value[0] <= _HALF_FULL * top and np.count_nonzero(steps >= 0) >= _NEARLY_ALWAYS * len(steps)
    return at if is_grown and stays >= _CLIMBING and steps[-1] > 0 else None


def _says_gauge(one: Series) -> bool:
    """It is called like what is taken and given back."""
    return bool(set(re.split(r"[^a-z]+", part_humps(one.name).lower())) & _GAUGES)


def _find_rise(one: Series, peak: int) -> int:
    """The last value that was about as at first, before it rose to a limit; 0 where it rises from the beginning."""
    still = np.abs(one.value[: peak + 1] - one.value[0]) <= _STILL * np.ptp(one.value[: peak + 1])
    last = int(np.argmin(still)) - 1
    is_long = one.time[last] - one.time[0] >= _STILL_LONG * (one.time[peak] - one.time[0])
    return last if last >= FEWEST // 2 and is_long else 0


def _leave(one: Series, length: int, turn: int, fewest: int, share: float) -> tuple[int, float, float] | None:
    """Where a series leaves the normal of its first values and stays away, with that normal and its spread.

    Args:
        one: The series.
        length: Values that are the normal.
        turn: Where the change must have happened.
        fewest: Values away from it, from the first such one to there.
        share: How many of those there must be away.
    """
    base = one.value[:length]
    low, high, later = float(base.min()), float(base.max()), one.value[length:turn]
    # What is away lies a spread beyond the middle that is at least half as wide again as all of the base.
    reach = (_OUTSIDE / 4 - 1) * (high - low)
    if not len(later) or (later.max() <= high + reach and later.min() >= low - reach):
        return None
    middle = median(base.tolist())
    spread = 1.4826 * median(np.abs(base - middle).tolist()) + 1e-9
    spread = max(spread, float(np.ptp(base)) / 4)
    away = np.abs(one.value - middle) > max(_OUTSIDE * spread, _LEAST_CHANGE * abs(middle), 1e-6)
    away[:length] = False
    start = _first(away[:turn])
    if start is None or np.count_nonzero(away[start:turn]) < max(fewest, share * (turn - start)):
        return None
    return start, middle, spread


def _tell(
    one: Series, begin: int, peak: int, first_error: int, share: Floats | None, *, score: float, is_full: bool
) -> NumberChange:
    alert = None
    # What falls onto a limit that was lowered filled up with nothing.
    if share is not None and one.value[peak] > one.value[begin]:
        above = _first(share[: peak + 1] * 100 >= _ALERT)
        if above is not None and above > 0 and one.time[above] < first_error:
            alert = int(one.time[above])
    return NumberChange(
        service=one.service,
        name=one.name,
        before=float(one.value[begin]),
        after=float(one.value[peak]),
        begin=int(one.time[begin]),
        end=int(one.time[peak]),
        last=float(one.value[-1]),
        climbs_on=climbs(one, begin, peak),
        alert_at_80=alert,
        is_full=is_full,
        is_percent=one.is_percent,
        score=round(min(score, 1e6), 2),
        lines=(one.refs[begin], one.refs[peak]),
        left_normal=begin > 0 or not is_full,
    )


def describe_number(one: NumberChange) -> str:
    """A change in one sentence, in the field's own words."""
    is_unit = one.name == _UNIT
    sign = " %" if one.is_percent else f" {_UNIT}" if is_unit else ""
    what = "takes" if is_unit else one.name
    text = f"{one.service}: {what} {_figure(one.before)}{sign} to {_figure(one.after)}{sign}"
    text += f" in {span(one.end - one.begin)}" if one.end > one.begin else ""
    if one.is_full:
        text += ", its limit"
    if one.climbs_on:
        text += f"; climbs on, now {_figure(one.last)}{sign}"
    return text


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:g}"


def climbs(one: Series, begin: int, peak: int) -> bool:
    """Whether its latest values rise one after the other, again, and have left the normal in the same direction."""
    before, after = float(one.value[begin]), float(one.value[peak])
    if after <= before or one.value[-1] < before + _GONE * (after - before):
        return False
    return _rises(one.value[peak + 1 :])


def _rises(values: Floats) -> bool:
    """The last of them are each higher than the one before, or of many nearly all."""
    if len(values) < _CLIMBING:
        return False
    if bool((np.diff(values[-_CLIMBING:]) > 0).all()):
        return True
    steps = np.diff(values[-3 * _CLIMBING :])
    return len(steps) >= 2 * _CLIMBING and bool(np.count_nonzero(steps > 0) >= 0.9 * len(steps))


def find_spreading(series: Sequence[Series], onset: int, healthy: Container[str]) -> NumberChange | None:
    """The number of a service that still works which sinks towards nothing, or rises without end, since the onset.

    Only what goes one way is told: load and throughput go up and down with the incident everywhere.

    Args:
        series: All fields.
        onset: When the incident began.
        healthy: Services of which no kind fails.
    """
    best: NumberChange | None = None
    for one in series:
        at = int(np.searchsorted(one.time, onset))
        if one.service not in healthy or at < FEWEST or len(one.value) - at < _FEWEST_SPREADING:
            continue
        base, since = one.value[:at], one.value[at - 1 :]
        middle, last = median(base.tolist()), float(one.value[-1])
        spread = max(1.4826 * median(np.abs(base - middle).tolist()), float(np.ptp(base)) / 2)
        if np.ptp(base) > _STEADY * max(abs(middle), 1e-9) or abs(last - middle) <= spread:
            continue
        is_stepped = len(find_distinct(since)) > _STEPS
        sinks = bool((np.diff(since) <= 0).all()) and last <= _SUNK * middle and is_stepped
        rises = bool((np.diff(since) >= 0).all()) and last >= middle / _SUNK and is_stepped
        if middle <= 0 or not (sinks or rises) or _only_counts(one, onset):
            continue
        change = _tell(one, at - 1, len(one.value) - 1, onset, None, score=abs(last - middle) / middle, is_full=False)
        if best is None or change.score > best.score:
            best = change
    return best


def describe_trend(one: NumberChange) -> str:
    """Where a number goes, in the field's own words."""
    sign = " %" if one.is_percent else ""
    if one.climbs_on:
        reach = f"{_figure(one.before)}{sign} before, {_figure(one.after)}{sign} at the worst"
        return f"{one.name} of {one.service} climbs on, now {_figure(one.last)}{sign} ({reach})"
    return f"{one.service}: {one.name} {_figure(one.before)}{sign} to {_figure(one.last)}{sign}"


def _only_counts(one: Series, onset: int) -> bool:
    """It rises all the time and does so behind the onset as before: an id, an offset, a total."""
    steps = np.diff(one.value)
    at = int(np.searchsorted(one.time, onset))
    if at > FEWEST and _says_gauge(one) and np.count_nonzero(steps[: at - 1]) < _STILL_BEFORE * at:
        # A queue that stood still and grows since.
        return False
    # Who starts again counts from the beginning.
    restarts = (steps < 0) & (one.value[1:] <= one.value[0] + _STILL * np.ptp(one.value))
    falls = np.count_nonzero((steps < 0) & ~restarts)
    if falls > 0.02 * len(steps) or np.count_nonzero(steps > 0) < 0.5 * len(steps) or restarts[:at].any():
        return False
    return at < 3 or len(one.value) - at < 3 or one.value[-1] > one.value[at] or bool(restarts.any())


def _first(flags: NDArray[np.bool_]) -> int | None:
    at = np.flatnonzero(flags)
    return int(at[0]) if len(at) else None
