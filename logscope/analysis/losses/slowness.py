"""Requests that are answered well, but late: users wait though nothing fails.

What the edge's log says of durations, as the mean of ten seconds: it must stand for a minute at three times the usual,
above every mean before, and be told by enough requests. A slow request now and then is none. Cost: a few vector
operations over the seconds of one log.
"""

from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from logscope.analysis.recovery.spells import QUIET_S
from logscope.analysis.users.users import Users
from logscope.ingest.batch import Int64
from logscope.ingest.distinct import find_distinct
from logscope.model.recovery import FixOrigin, Recovery, Remaining, Served, Verdict, Wave
from logscope.model.times import US

_BIN_S: Final = 10
_FEWEST_BINS: Final = 30
"""Before it: five minutes."""
_FEWEST_OF_SHARP: Final = 12
"""Before what is so much slower that two minutes show it."""
_SHARP: Final = 6.0
_MOST_BINS: Final = 1080
"""Three hours, of which the usual is known."""
_LASTS: Final = QUIET_S // _BIN_S
_FEWEST: Final = 5
"""Requests in a bin: of fewer one slow one is the mean."""
_TIMES: Final = 3.0
_LEAST_MS: Final = 200.0
"""Nobody notices less."""
_ABOVE_MOST: Final = 1.2
"""Of the slowest bin before."""
_MOST_TRIED: Final = 500
_BACK: Final = 1.5
"""Times the usual, or not above the slowest before: fast again."""


@dataclass(frozen=True, slots=True)
class Slowdown:
    """A span in which requests take much longer."""

    start: int
    """First second of it."""
    end: int | None
    """First second behind it; None while it lasts."""
    now: int
    usual_ms: float
    during_ms: float
    requests: int
    """In the span."""
    worker: str = ""
    """Whose own records tell how long their work took, where no access log does (slow_work.py)."""

    def describe(self) -> str:
        """From what to what."""
        told = f"{_length(self.usual_ms)} to {_length(self.during_ms)}"
        return (
            f"its work takes longer: {told} by its own records"
            if self.worker
            else (f"requests take longer: {told} on average")
        )

    @property
    def _whose(self) -> str:
        return "work that takes" if self.worker else "requests that take"

    def judge(self, users: Users) -> Recovery:
        """Whether they are fast again."""
        held_s = 0 if self.end is None else self.now + 1 - self.end
        is_back = self.end is not None and held_s >= QUIET_S
        since = None if self.end is None else self.end * US
        stop = self.now + 1 if self.end is None else self.end
        verdict = Verdict.RECOVERED if is_back else Verdict.TOO_EARLY if held_s else Verdict.ONGOING
        per_min = self.requests * 60 / max(1, stop - self.start)
        remaining = Remaining(
            what=f"{users.service}: {self._whose} {_length(self.during_ms)} instead of {_length(self.usual_ms)}",
            rate_per_min=round(per_min, 2), volume=self.requests, since=self.start * US, begun=self.start * US,
        )  # fmt: skip
        asked, failed = users.count(since, (self.now + 1) * US) if since is not None else (0, 0)
        return Recovery(
            verdict=verdict,
            confirmed=verdict is not Verdict.TOO_EARLY,
            over=True if is_back else None if held_s else False,
            as_of=self.now * US,
            fix_at=since,
            fix_origin=None if since is None else FixOrigin.DETECTED,
            baseline_per_min=None,
            current_per_min=None,
            since=since,
            minutes_needed=round(max(0.1, (QUIET_S - held_s) / 60), 1) if since is not None and not is_back else None,
            remaining=(remaining,) if since is None else (),
            waves=(Wave(self.start * US, stop * US, 0, 0.0, "incident"),),
            explanation=f"{self.describe()}; {self.requests:,} {'records' if self.worker else 'requests'}"
            + ("" if since is None else "; fast again"),
            held_us=held_s * US if since is not None else None,
            served=None
            if since is None or self.worker
            else Served(asked - failed, asked, since, since, asked - failed),
            to_recover_us=since - self.start * US if is_back and since is not None else None,
        )


def find_slowdown(users: Users, as_of: int) -> Slowdown | None:
    """The first time that requests take much longer for a minute at least; None where no log tells durations.

    Args:
        users: Of the edge.
        as_of: Now, microseconds UTC.
    """
    if users.waited_ms is None or not len(users.seconds) or not users.waited_ms.any():
        return None
    now = min(as_of // US, int(users.seconds[-1]))
    bins = _Bins(users.seconds, now)
    if bins.count < _FEWEST_OF_SHARP + _LASTS:
        return None
    requests, waited = bins.add_up(users.requests), bins.add_up(users.waited_ms)
    mean = waited / np.maximum(requests, 1)
    told = requests >= _FEWEST
    # The least of a minute's means is high: a running minimum over the bins that follow.
    lasting = np.lib.stride_tricks.sliding_window_view(np.where(told, mean, 0.0), _LASTS).min(axis=1)
    records = np.maximum.accumulate(np.where(told, mean, 0.0))
    # The bin right before may hold the begin: it is no part of the normal.
    most_before = np.concatenate([[0.0, 0.0], records])[: len(lasting)]
    for at in np.flatnonzero((lasting >= _LEAST_MS) & (lasting >= _ABOVE_MOST * most_before))[:_MOST_TRIED]:
        begin = int(at)
        before = mean[max(0, begin - _MOST_BINS) : begin][told[max(0, begin - _MOST_BINS) : begin]]
        if len(before) < _FEWEST_OF_SHARP:
            continue
        usual, most = median(before.tolist()), float(before[:-1].max(initial=0.0))
        times = _TIMES if len(before) >= _FEWEST_BINS else _SHARP
        if lasting[begin] < max(times * usual, usual + _LEAST_MS, _ABOVE_MOST * most):
            continue
        return _measure(users, bins, begin, mean, told, usual, most, now)
    return None


def _measure(
    users: Users, bins: "_Bins", begin: int, mean: np.ndarray[tuple[int], np.dtype[np.float64]],
    told: np.ndarray[tuple[int], np.dtype[np.bool_]], usual: float, most: float, now: int,
) -> Slowdown:  # fmt: skip
    back = np.flatnonzero(told[begin:] & (mean[begin:] <= max(_BACK * usual, most)))
    start = bins.begin_of(begin)
    end = None if not len(back) else bins.begin_of(begin + int(back[0]))
    low, high = np.searchsorted(users.seconds, (start, now + 1 if end is None else end))
    assert users.waited_ms is not None, "a slowdown is told by durations"
    requests = int(users.requests[low:high].sum())
    during = float(users.waited_ms[low:high].sum()) / max(1, requests)
    return Slowdown(start, end, now, usual, during, requests)


class _Bins:
    """Ten seconds each, in which a silence of any length is a minute: one wrong date makes no years of them."""

    def __init__(self, seconds: Int64, now: int) -> None:
        """Lay them out.

        Args:
            seconds: In which there were requests, ascending; at least one.
            now: The last second that counts; a bin that it cuts is none.
        """
        self._first = int(seconds[0])
        whole = (now + 1 - self._first) // _BIN_S
        at = (seconds - self._first) // _BIN_S
        self._is_inside = at < whole
        self._active = find_distinct(at[self._is_inside])
        steps = np.minimum(np.diff(self._active, prepend=self._active[:1]), _LASTS)
        self._place = np.cumsum(steps)
        self._at = self._place[np.searchsorted(self._active, at[self._is_inside])]
        last = int(self._active[-1]) if len(self._active) else 0
        self.count = int(self._place[-1]) + min(whole - last, _LASTS) if len(self._active) else 0

    def add_up(self, counts: Int64) -> Int64:
        """The sum in each bin of a count for each of the seconds."""
        return np.bincount(self._at, weights=counts[self._is_inside], minlength=self.count).astype(np.int64)

    def begin_of(self, number: int) -> int:
        """The first second of a bin."""
        before = max(0, int(np.searchsorted(self._place, number, side="right")) - 1)
        return self._first + int(self._active[before] + number - self._place[before]) * _BIN_S


def _length(ms: float) -> str:
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"
