"""Users instead of attempts: clients that ask again under the same id are one request that was served, or was not.

Where most lines of the edge's log show a request's id, all lines of one id and route are attempts at the same thing,
and it is served when its last attempt is. Retries make a log say that more, and a greater share, fails than users see.
"""

from collections.abc import Container
from typing import Final

import numpy as np

from logscope.analysis.users.trips import SERVER_ERROR, Trips
from logscope.analysis.users.users import Users
from logscope.model.incident import Attempts
from logscope.model.times import US

_MOSTLY: Final = 0.9
"""Share of the edge's requests that must show an id."""
_REPEATED: Final = 0.01
"""With fewer ids asked again attempts are users, and nothing is told."""
_FEWEST: Final = 20
_CHAIN: Final = 8.0
"""More rows for each id than clients ever try: an id of a session or a page."""


def count_attempts(trips: Trips, users: Users, start_us: int, end_us: int) -> Attempts | None:
    """What became of the requests that were first tried in a span; None where no ids tell, or nobody asks twice.

    Args:
        trips: Of the window that was read at every level.
        users: Of the edge.
        start_us: Begin of the span.
        end_us: Its end, excluded.
    """
    rows = np.flatnonzero(_is_edge(trips, users.sources)[trips.step_of] & (trips.status > 0))
    rows = rows[(trips.time[rows] >= start_us) & (trips.time[rows] < end_us + US)]
    if len(rows) < _FEWEST:
        return None
    seen, _ = users.count(start_us, end_us)
    if not trips.is_sample and len(rows) < _MOSTLY * seen:
        return None
    # Rows are sorted by id, then time: a stable sort by route keeps the attempts in order.
    order = rows[np.lexsort((trips.time[rows], trips.step_of[rows], trips.id_of[rows]))]
    ids, steps = trips.id_of[order], trips.step_of[order]
    firsts = np.flatnonzero(np.concatenate([[True], (np.diff(ids) != 0) | (np.diff(steps) != 0)]))
    lasts = np.append(firsts[1:], len(order)) - 1
    if len(order) > _CHAIN * len(firsts) or np.count_nonzero(lasts > firsts) < _REPEATED * len(firsts):
        return None
    served = int((trips.status[order[lasts]] < SERVER_ERROR).sum())
    failed = int((trips.status[order] >= SERVER_ERROR).sum())
    return Attempts(
        asked=len(firsts),
        served=served,
        attempts=len(order),
        failed_attempts=failed,
        is_sample=trips.is_sample,
    )


def _is_edge(trips: Trips, sources: Container[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array([step.source in sources and step.is_request for step in trips.steps], np.bool_)
