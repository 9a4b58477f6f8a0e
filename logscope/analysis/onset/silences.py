"""Logs that fall silent when it begins: a process that hangs, is gone, or gets no work any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot
from typing import Final

import numpy as np

from logscope.analysis.kinds.entities import Names
from logscope.analysis.kinds.kinds import SourceView
from logscope.analysis.kinds.texts import TextPlace
from logscope.analysis.onset.anomalies import CLOCK_SIGMA_US, Anomaly
from logscope.index.index import RECORDS, Index, SourceState
from logscope.ingest.batch import Int64
from logscope.model.files import LineRef
from logscope.model.times import MINUTE_US, US

_LEAST_RECORDS: Final = 30
"""Records before it: of fewer no rhythm is known."""
_FEWEST_ACTIVE: Final = 10
"""Seconds with records before it: what is written at once as a server starts is no rhythm either."""
_LONGER: Final = 4.0
"""A silence is news when it lasts so many times the longest pause before it."""
_LEAST_S: Final = 30
_BEFORE_US: Final = 2 * MINUTE_US
_BEHIND_US: Final = 5 * MINUTE_US
"""Around the onset in which a silence must begin."""
_LATE_BEGIN: Final = 0.1
"""What begins to write after so much of the time before the onset is a job's log, which ends when the job does."""


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
    shown: TextPlace | None = None
    """The first record of the last minute in which it wrote, which can be read; None where no place is kept."""
    shown_at: LineRef | None = None
    """Where that one stands."""
    is_steady: bool = True
    """It wrote all along, as a server does; else what wrote may have been done."""

    @property
    def pause_us(self) -> int:
        """Mean time between two of its records: it stopped within about this behind the last."""
        return int(US / max(self.usual_per_s, 1e-6))

    def sigma_us(self, other: Anomaly) -> float:
        """How well it is known whether it stopped before another one failed.

        A log that writes once a minute may have stopped long before that shows.
        """
        return hypot(CLOCK_SIGMA_US, self.pause_us, other.spread_us)

    def describe(self) -> str:
        """What became of it, in a few words."""
        return f"{self.usual_per_s:.1f} records/s before, falls silent"


def find_silences(
    index: Index,
    views: Mapping[str, SourceView],
    names: Names,
    onset: int,
    as_of: int,
    begin: int,
    *,
    before_us: int = _BEFORE_US,
) -> list[Silence]:
    """Logs that wrote steadily and stopped around an onset, by time.

    The pauses before are the measure: a log that always wrote in bursts is not silent between two of them.

    Args:
        index: All records.
        views: How each source is written.
        names: Who is known.
        onset: Around which moment, microseconds UTC.
        as_of: Now.
        begin: Where all logs begin.
        before_us: How long before the onset one may have stopped.
    """
    found: list[Silence] = []
    first = begin // US
    for key, view in views.items():
        state = index.sources.get(key)
        if state is None:
            continue
        seconds, counts = state.seconds.seconds(), state.seconds.column(RECORDS)
        active = find_active(state, view)
        earlier = active[active < (onset + _BEHIND_US) // US]
        if len(earlier) < _LEAST_RECORDS or int(np.searchsorted(active, onset // US)) < _FEWEST_ACTIVE:
            # An error log that begins with it ends with it, a log of slow queries too: that is no news.
            continue
        pauses = np.diff(np.append(active, as_of // US + 1))
        usual = np.maximum.accumulate(np.append(1, pauses))[: len(earlier)]
        is_long = pauses[: len(earlier)] >= np.maximum(_LEAST_S, _LONGER * usual)
        is_known = np.arange(len(earlier)) >= _FEWEST_ACTIVE - 1
        is_near = np.arange(len(earlier)) >= max(1, int(np.searchsorted(active, (onset - before_us) // US)))
        stops = np.flatnonzero(is_long & is_near & is_known)
        if not len(stops):
            continue
        at = int(stops[0])
        stopped = (int(active[at]) + 1) * US
        until = int(active[at + 1]) * US if at + 1 < len(active) else None
        records = int(counts[seconds + view.shift_us // US <= active[at]].sum())
        rate = records / max(1, int(active[at] - active[0]))
        node = names.node_of_service.get(view.service, view.service)
        last = _last_before(state, view, until)
        shown, shown_at = _find_shown(state, view, int(active[at]))
        is_steady = int(active[0]) - first <= _LATE_BEGIN * (onset // US - first)
        found.append(
            Silence(node, view.service, stopped, until, rate, last, view.parts[-1], shown, shown_at, is_steady)
        )
    return sorted(found, key=lambda one: (one.start, one.service))


def find_active(state: SourceState, view: SourceView) -> Int64:
    """The seconds in which a log wrote, ascending, UTC."""
    return state.seconds.seconds()[state.seconds.column(RECORDS) > 0] + view.shift_us // US


def _last_before(state: SourceState, view: SourceView, until: int | None) -> LineRef | None:
    """The line before the first record behind a silence; without one the last line of the log."""
    if until is None:
        part = max(state.parts)
        if any(line < 0 for _, _, line in state.seek.values()):
            # Of a log of which only the newest part was read nobody counted the lines.
            return None
        return LineRef(view.parts[part], state.parts[part].lines) if state.parts[part].lines else None
    place = state.seek.get((until - view.shift_us) // MINUTE_US)
    if place is None or place[2] <= 1:
        return None
    return LineRef(view.parts[place[0]], place[2] - 1)


def _find_shown(state: SourceState, view: SourceView, second: int) -> tuple[TextPlace | None, LineRef | None]:
    """The first record of the minute of a second, as a text and as a line."""
    place = state.seek.get((second * US - view.shift_us) // MINUTE_US)
    if place is None:
        return None, None
    part, offset, line = place
    return TextPlace(view.key, part, offset), LineRef(view.parts[part], line, offset)
