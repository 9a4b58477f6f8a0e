"""Work that is left behind: begun and not ended, done twice, told failed but done.

What normally happens is learnt from the ids outside of the incident: an event A that nearly always leads to an event B,
in the same log or in another one. The ids that show A within the incident are then counted by what became of them. No
word is looked at but the method of a request: reading changes nothing, so nothing is left to repair.

Cost: one matrix of ids by steps, at most `_MOST_STEPS` wide.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.analysis.users.trips import SERVER_ERROR, Trips
from logscope.ingest.batch import Int64
from logscope.model.incident import Unfinished
from logscope.model.times import US

_FEWEST: Final = 20
"""Ids that show a step outside of the incident: of fewer no habit is known."""
_MOST_STEPS: Final = 96
_ALWAYS: Final = 0.98
"""Of the ids that show A at least so many show B, too: the rest are everyday failures."""
_ONCE: Final = 0.995
"""Of the ids that show B so many show it once: else twice is nothing special."""
_LEAST_GRACE_US: Final = 5 * US
_GRACES: Final = 3.0
"""Work is late when it took so many times the slowest of a hundred: younger work may still end."""
_NEW_SHARE: Final = 0.5
"""A flow is told only if so many of its ids were not told by another one."""
_MOST_TOLD: Final = 8
_MOST_IDS: Final = 20
_MOST_LINES: Final = 6

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Flow:
    """What normally leads to what."""

    begin: int
    """Number of the step A."""
    end: int
    latest_us: int
    """Within so long ninety-nine of a hundred come from A to B."""


class _Matrix:
    """Which id shows which step, how often, and when first and last. Most ids show few steps: only those are kept."""

    def __init__(self, trips: Trips) -> None:
        self.trips = trips
        self._id_count = len(trips.names)
        counts = np.bincount(trips.step_of, minlength=len(trips.steps))
        self.steps = np.sort(np.argsort(-counts, kind="stable")[:_MOST_STEPS])
        column = np.full(len(trips.steps), -1, np.int64)
        column[self.steps] = np.arange(len(self.steps))
        rows = np.flatnonzero(column[trips.step_of] >= 0)
        self.begin: Int64 = np.full(self._id_count, 2**62)
        """For each id when it was first seen."""
        # Rows are sorted by id, then time: of each id the one that is written last is its first.
        self.begin[trips.id_of[rows][::-1]] = trips.time[rows][::-1]
        cell = column[trips.step_of[rows]] * self._id_count + trips.id_of[rows]
        order = np.argsort(cell, kind="stable")
        starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
        cells, times = cell[order][starts], trips.time[rows][order]
        self._id = cells % max(1, self._id_count)
        self._count: Int64 = np.diff(np.append(starts, len(order)))
        self._first = times[starts]
        self._last = times[starts + self._count - 1]
        self._bounds = np.searchsorted(cells, np.arange(len(self.steps) + 1) * self._id_count).tolist()

    def counts(self, step: int) -> Int64:
        """For each id how often it shows a step."""
        return self._spread(step, self._count, 0)

    def firsts(self, step: int) -> Int64:
        """For each id when it first shows a step; later than everything where it does not."""
        return self._spread(step, self._first, 2**62)

    def lasts(self, step: int) -> Int64:
        """For each id when it last shows a step; earlier than everything where it does not."""
        return self._spread(step, self._last, -(2**62))

    def shows(self, step: int) -> Flags:
        """For each id whether it shows a step."""
        flags: Flags = np.zeros(self._id_count, np.bool_)
        flags[self._id[self._bounds[step] : self._bounds[step + 1]]] = True
        return flags

    def _spread(self, step: int, values: Int64, default: int) -> Int64:
        cells = slice(self._bounds[step], self._bounds[step + 1])
        dense: Int64 = np.full(self._id_count, default, np.int64)
        dense[self._id[cells]] = values[cells]
        return dense


def find_unfinished(
    trips: Trips,
    start: int,
    end: int,
    as_of: int,
    covered: Callable[[str], tuple[int, int]],
    quote: Callable[[int], str],
) -> tuple[Unfinished, ...]:
    """What the incident left behind, the most that changes something first.

    Args:
        trips: Where the ids of the window went.
        start: When the incident began to be felt.
        end: When it was over; now while it goes on.
        as_of: Now.
        covered: From when to when a source was read at every level.
        quote: The id of a row as its line writes it.
    """
    if not len(trips.names):
        return ()
    matrix = _Matrix(trips)
    inside = (matrix.begin >= start) & (matrix.begin <= end)
    outside = ~inside & ((matrix.begin < start - US) | (matrix.begin > end + US))
    flows = _learn_flows(matrix, outside)
    found = [
        *_find_twice(matrix, flows, inside, outside, quote),
        *_find_done_but_told(matrix, flows, inside, quote),
        *_find_missing(matrix, flows, inside, as_of, covered, quote),
    ]
    found.sort(key=lambda one: (one.is_read_only, _ORDER[one.kind], -one.count))
    return tuple(found[:_MOST_TOLD])


_ORDER: Final = {"started_not_finished": 0, "done_twice": 1, "told_failed_but_done": 2}


def _learn_flows(matrix: _Matrix, outside: Flags) -> list[Flow]:
    """All pairs of steps of which the first nearly always leads to the second."""
    # Counted bit by bit: a product of matrices wakes threads that cost more than the counting.
    present = np.array([np.packbits(matrix.shows(n)[outside]) for n in range(len(matrix.steps))])
    total = np.bitwise_count(present).sum(axis=1, dtype=np.int64)
    flows = []
    steps = matrix.trips.steps
    for a in np.flatnonzero(total >= _FEWEST).tolist():
        together = np.bitwise_count(present & present[a]).sum(axis=1, dtype=np.int64)
        for b in np.flatnonzero(together >= _ALWAYS * total[a]).tolist():
            begin, end = steps[int(matrix.steps[a])], steps[int(matrix.steps[b])]
            if a == b or end.is_failure or end.is_request or begin.is_failure:
                continue
            both = outside & matrix.shows(a) & matrix.shows(b)
            begins = matrix.firsts(a)[both]
            lags = matrix.lasts(b)[both] - begins
            # A request is logged when it is answered; anything else comes before what it leads to.
            if not begin.is_request and median((matrix.firsts(b)[both] - begins).tolist()) <= 0:
                continue
            flows.append(Flow(a, b, int(max(0, np.quantile(lags, 0.99)))))
    return flows


def _find_missing(
    matrix: _Matrix,
    flows: list[Flow],
    inside: Flags,
    as_of: int,
    covered: Callable[[str], tuple[int, int]],
    quote: Callable[[int], str],
) -> list[Unfinished]:
    """A without B by the end of the logs."""
    steps = matrix.trips.steps
    lost: list[tuple[Flow, Int64]] = []
    for flow in flows:
        low, high = covered(steps[int(matrix.steps[flow.end])].source)
        grace = max(_LEAST_GRACE_US, round(_GRACES * flow.latest_us))
        began = matrix.firsts(flow.begin)
        due = (
            inside & matrix.shows(flow.begin) & (began >= low) & (matrix.lasts(flow.begin) + grace <= min(high, as_of))
        )
        missing = np.flatnonzero(due & ~matrix.shows(flow.end))
        missing = _one_per_record(matrix, missing, flow.begin)
        if len(missing) >= 2:
            lost.append((flow, missing))
    # The whole way first: from what comes earliest to what comes last, and to another log rather than the same.
    lost.sort(key=lambda one: (-_depth(matrix, one[0], flows), -len(one[1]), one[0].begin, one[0].end))
    told = np.zeros(len(matrix.trips.names), np.bool_)
    knows = _are_told(matrix.trips)
    found = []
    for flow, missing in lost:
        if np.count_nonzero(~told[missing]) < _NEW_SHARE * len(missing):
            continue
        told[missing] = True
        lost_work = _tell(matrix, "started_not_finished", flow, missing, flow.begin, quote)
        found.append(replace(lost_work, told=int(np.count_nonzero(knows[missing]))))
    return found


def _depth(matrix: _Matrix, flow: Flow, flows: list[Flow]) -> int:
    """How much of a longer way a flow spans: ways that begin as it does and end before it, or the other way round."""
    begins = sum(other.begin == flow.begin for other in flows)
    ends = sum(other.end == flow.end for other in flows)
    steps = matrix.trips.steps
    crosses = steps[int(matrix.steps[flow.begin])].source != steps[int(matrix.steps[flow.end])].source
    asked = steps[int(matrix.steps[flow.begin])].is_request
    return begins + ends + 2 * crosses + 2 * asked


def _find_twice(
    matrix: _Matrix, flows: list[Flow], inside: Flags, outside: Flags, quote: Callable[[int], str]
) -> list[Unfinished]:
    """B more than once for an id whose work is done once."""
    found = []
    best: dict[int, Flow] = {}
    for flow in flows:
        have = best.get(flow.end)
        if have is None or _depth(matrix, flow, flows) > _depth(matrix, have, flows):
            best[flow.end] = flow
    ends_only = set(best) - {flow.begin for flow in flows}
    for end in sorted(ends_only):
        counts = matrix.counts(end)
        seen = counts[outside & (counts > 0)]
        if not len(seen) or np.count_nonzero(seen == 1) < _ONCE * len(seen):
            continue
        asked = inside & matrix.shows(best[end].begin)
        twice = np.flatnonzero(asked & (counts > 1) & (matrix.lasts(end) > matrix.firsts(end)))
        twice = _one_per_record(matrix, twice, end)
        if len(twice) and not _is_reading(matrix, twice):
            found.append(_tell(matrix, "done_twice", best[end], twice, end, quote))
    return found


def _find_done_but_told(
    matrix: _Matrix, flows: list[Flow], inside: Flags, quote: Callable[[int], str]
) -> list[Unfinished]:
    """B happened, but the last answer that was given is a server error."""
    trips = matrix.trips
    told_failed = inside & _are_told(trips)
    claimed = np.zeros(len(trips.names), np.bool_)
    found = []
    begins = {flow.begin for flow in flows}
    asked = [f for f in flows if trips.steps[int(matrix.steps[f.begin])].is_request and f.end not in begins]
    for flow in sorted(asked, key=lambda one: (-_depth(matrix, one, flows), one.begin, one.end)):
        done = np.flatnonzero(told_failed & matrix.shows(flow.begin) & matrix.shows(flow.end) & ~claimed)
        done = _one_per_record(matrix, done, flow.end)
        if len(done) and not _is_reading(matrix, done):
            claimed[done] = True
            found.append(_tell(matrix, "told_failed_but_done", flow, done, flow.end, quote))
    return found


def _are_told(trips: Trips) -> Flags:
    """For each id whether the last answer that was given is a server error."""
    answered = np.flatnonzero(trips.status > 0)
    last_status = np.zeros(len(trips.names), np.int64)
    # Rows are in order of time within an id: the last one that is written here stays.
    last_status[trips.id_of[answered]] = trips.status[answered]
    told: Flags = last_status >= SERVER_ERROR
    return told


def _one_per_record(matrix: _Matrix, ids: Int64, step: int) -> Int64:
    """Of ids that stand in the same records (a request's and its order's) one: the work is counted once."""
    trips = matrix.trips
    wanted = np.zeros(len(trips.names), np.bool_)
    wanted[ids] = True
    rows = np.flatnonzero((trips.step_of == matrix.steps[step]) & wanted[trips.id_of])
    _, first = np.unique(trips.id_of[rows], return_index=True)
    rows = rows[first]
    _, kept = np.unique(trips.place[rows], axis=0, return_index=True)
    return np.sort(trips.id_of[rows[kept]])


def _is_reading(matrix: _Matrix, ids: Int64) -> bool:
    """The requests of these ids say that they change nothing; what says nothing may change anything."""
    trips = matrix.trips
    wanted = np.zeros(len(trips.names), np.bool_)
    wanted[ids] = True
    steps = [trips.steps[n] for n in np.intersect1d(trips.step_of[wanted[trips.id_of]], matrix.steps).tolist()]
    return any(step.reads for step in steps) and not any(step.writes for step in steps)


def _tell(matrix: _Matrix, kind: str, flow: Flow, ids: Int64, shown: int, quote: Callable[[int], str]) -> Unfinished:
    trips = matrix.trips
    begin, end = (trips.steps[int(matrix.steps[n])] for n in (flow.begin, flow.end))
    step = int(matrix.steps[shown])
    ids = ids[np.argsort(matrix.begin[ids], kind="stable")]
    names, refs = [], []
    for n, number in enumerate(ids[:_MOST_IDS].tolist()):
        low, high = np.searchsorted(trips.id_of, [number, number + 1]).tolist()
        rows = low + np.flatnonzero(trips.step_of[low:high] == step)
        names.append(quote(int(rows[0])))
        if n < _MOST_LINES:
            refs += [trips.ref(int(row)) for row in rows[:2]]
    return Unfinished(
        kind=kind,
        from_event=f"{begin.service}: {begin.label}",
        to_event=f"{end.service}: {end.label}",
        count=len(ids),
        ids=tuple(names),
        lines=tuple(dict.fromkeys(refs))[:_MOST_LINES],
        is_read_only=_is_reading(matrix, ids),
        is_sample=trips.is_sample,
    )
