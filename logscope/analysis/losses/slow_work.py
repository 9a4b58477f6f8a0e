"""Work that is done well, but late, where no access log tells durations: a service's own records say how long it took.

Of each kind a fair sample of records is kept in what was read at every level; a number of milliseconds among them must
stand for a minute at six times the usual, above nearly all that was told before. One slow call now and then is none.
Cost: a median for each sampled record of a series that has enough high values at all; mostly none has.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.analysis.causes.series import Series
from logscope.analysis.kinds.kinds import SourceView
from logscope.analysis.losses.slowness import Slowdown
from logscope.analysis.recovery.spells import QUIET_S
from logscope.analysis.users.users import Users
from logscope.index.index import RECORDS, Index
from logscope.model.times import US

_MILLISECONDS: Final = re.compile(r"(?:^|[^A-Za-z]|[a-z](?=M))[Mm](?:s|illis(?:econds)?)$")
"""Ends of names of durations: `ms`, `took_ms`, `durationMs`, `elapsed_millis`."""
_WAITED_ON_PURPOSE: Final = re.compile(r"(?i)timeout|delay|back-?off|interval|sleep|retry|ttl|uptime|age|offset|lag")
"""Numbers of milliseconds that are no work."""
_FEWEST_BEFORE: Final = 20
_FEWEST_AWAY: Final = 8
_TIMES: Final = 6.0
_LEAST_MS: Final = 200.0
"""Nobody notices less."""
_ABOVE_HIGH: Final = 1.2
"""Of what one in twenty took before."""
_MOSTLY: Final = 0.8
_FEWEST_RECORDS: Final = 200
_LEAST_PER_S: Final = 1.0
"""Of its log: a job that runs now and then, or one part after another, is nobody's wait."""

_Floats = NDArray[np.float64]


def find_slow_work(
    series: Sequence[Series], index: Index, views: Mapping[str, SourceView], as_of: int
) -> tuple[Users, Slowdown] | None:
    """The first service whose work takes much longer for a minute at least, with its records as if they were requests.

    Args:
        series: Numbers of sampled records.
        index: All records.
        views: How each source is written.
        as_of: Now, microseconds UTC.
    """
    found: list[tuple[int, str, Users, Slowdown]] = []
    for one in series:
        if _MILLISECONDS.search(one.name) is None or _WAITED_ON_PURPOSE.search(one.name) is not None:
            continue
        turn = _find_turn(one.time, one.value)
        if turn is None or one.source not in views:
            continue
        users = _read_records(index, views[one.source], one.source)
        if users is not None:
            found.append((int(one.time[turn[0]]), one.source, users, _measure(one, users, *turn, as_of // US)))
    if not found:
        return None
    _, _, users, slowdown = min(found, key=lambda row: row[:2])
    return users, slowdown


def _find_turn(time: NDArray[np.int64], value: _Floats) -> tuple[int, float] | None:
    """Place of the first value of a lasting rise, and what such a value is at least; None without a rise."""
    if len(value) < _FEWEST_BEFORE + _FEWEST_AWAY:
        return None
    low = float(np.median(value[:_FEWEST_BEFORE]))
    high = np.flatnonzero(value >= max(_TIMES * low, low + _LEAST_MS))
    if len(high) < _FEWEST_AWAY:
        return None
    for at in high[high >= _FEWEST_BEFORE].tolist():
        if time[at] - time[0] < QUIET_S * US or time[-1] - time[at] < QUIET_S * US:
            continue
        before = value[:at]
        usual = float(np.median(before))
        need = max(_TIMES * usual, usual + _LEAST_MS, _ABOVE_HIGH * float(np.quantile(before, 0.95)))
        until = int(np.searchsorted(time, time[at] + QUIET_S * US))
        stretch = value[at:until]
        if value[at] >= need and len(stretch) >= _FEWEST_AWAY and np.mean(stretch >= need) >= _MOSTLY:
            return at, need
    return None


def _measure(one: Series, users: Users, at: int, need: float, now: int) -> Slowdown:
    end = len(one.value)
    for place in range(at + _FEWEST_AWAY, len(one.value) - _FEWEST_AWAY + 1):
        if np.mean(one.value[place : place + _FEWEST_AWAY] < need) >= _MOSTLY and one.value[place] < need:
            end = place
            break
    start = int(one.time[at]) // US
    stop = None if end == len(one.value) else int(one.time[end]) // US
    requests, _ = users.count(start * US, (now + 1 if stop is None else stop) * US)
    usual, during = float(np.median(one.value[:at])), float(np.median(one.value[at:end]))
    return Slowdown(start, stop, now, usual, during, requests, worker=one.service)


def _read_records(index: Index, view: SourceView, key: str) -> Users | None:
    """All records of a log by second; None of one that writes too seldom."""
    state = index.sources.get(key)
    if state is None:
        return None
    seconds, records = state.seconds.seconds() + view.shift_us // US, state.seconds.column(RECORDS)
    count = int(records.sum())
    if count < max(_FEWEST_RECORDS, _LEAST_PER_S * (int(seconds[-1]) + 1 - int(seconds[0]))):
        return None
    return Users(key, view.service, seconds, records, np.zeros_like(records))
