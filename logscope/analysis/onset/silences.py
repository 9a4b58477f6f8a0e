"""Logs that fall silent when it begins: a process that hangs, is gone, or gets no work any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.analysis.kinds.entities import Names
from logscope.analysis.kinds.kinds import SourceView
from logscope.index.index import RECORDS, Index, SourceState
from logscope.model.files import LineRef
from logscope.model.times import MINUTE_US, US

_LEAST_RECORDS: Final = 30
"""Records before it: of fewer no rhythm is known."""
_LONGER: Final = 4.0
"""A silence is news when it lasts so many times the longest pause before it."""
_LEAST_S: Final = 30
_BEFORE_US: Final = 2 * MINUTE_US
_BEHIND_US: Final = 5 * MINUTE_US
"""Around the onset in which a silence must begin."""


@dataclass(frozen=True, slots=True)
class Silence:
    """One log that stopped."""

    node: str
    service: str
    start: int
    """The second behind its last record, microseconds UTC."""
    end: int | None
    """First record afterwards; None where none came."""
    usual_per_s: float
    last: LineRef | None
    """Its last line before; None where its number is not known."""
    file: str


def find_silences(index: Index, views: Mapping[str, SourceView], names: Names, onset: int, as_of: int) -> list[Silence]:
    """Logs that wrote steadily and stopped around an onset, by time.

    The pauses before are the measure: a log that always wrote in bursts is not silent between two of them.
    """
    found: list[Silence] = []
    for key, view in views.items():
        state = index.sources.get(key)
        if state is None:
            continue
        seconds, values = state.seconds.arrays()
        active = seconds[values[:, RECORDS] > 0] + view.shift_us // US
        earlier = active[active < (onset + _BEHIND_US) // US]
        if len(earlier) < _LEAST_RECORDS:
            continue
        pauses = np.diff(np.append(active, as_of // US + 1))
        usual = np.maximum.accumulate(np.append(1, pauses))[: len(earlier)]
        is_long = pauses[: len(earlier)] >= np.maximum(_LEAST_S, _LONGER * usual)
        is_near = np.arange(len(earlier)) >= max(1, int(np.searchsorted(active, (onset - _BEFORE_US) // US)))
        stops = np.flatnonzero(is_long & is_near)
        if not len(stops):
            continue
        at = int(stops[0])
        begin = (int(active[at]) + 1) * US
        until = int(active[at + 1]) * US if at + 1 < len(active) else None
        records = int(values[seconds + view.shift_us // US <= active[at], RECORDS].sum())
        rate = records / max(1, int(active[at] - active[0]))
        node = names.node_of_service.get(view.service, view.service)
        last = _last_before(state, view, until)
        found.append(Silence(node, view.service, begin, until, rate, last, view.parts[-1]))
    return sorted(found, key=lambda one: (one.start, one.service))


def _last_before(state: SourceState, view: SourceView, until: int | None) -> LineRef | None:
    """The line before the first record behind a silence; without one the last line of the log."""
    if until is None:
        part = max(state.parts)
        return LineRef(view.parts[part], state.parts[part].lines) if state.parts[part].lines else None
    place = state.seek.get((until - view.shift_us) // MINUTE_US)
    if place is None or place[2] <= 1:
        return None
    return LineRef(view.parts[place[0]], place[2] - 1)
