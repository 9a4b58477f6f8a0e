"""What users got where no access log tells: operations by their ids, in the log of a service that others do not call.

How operations usually end is learnt from the time before the incident: the kinds of lines that are the last of an id.
An id that failed shows a warning or an error, and no such end. Where nearly all of them show the end behind the failure
all the same ("answered 500" looks like "answered 200"), nobody can tell, and nothing is claimed.
"""

from collections.abc import Container
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.analysis.users.trips import Trips
from logscope.analysis.users.users import Users
from logscope.ingest.batch import Int64
from logscope.model.times import US

_FEWEST: Final = 50
"""Ids before the incident: of fewer nobody knows how they end."""
_OFTEN: Final = 0.02
"""Share of the ids that end with a kind of line, for it to be a usual end."""
_MOSTLY: Final = 0.9
"""Of the ids before the incident, that end as usual: else the log does not tell how."""
_UNCLEAR: Final = 0.7
"""Share of the ids with a failure that show an end behind it: from here on the end comes whatever happened."""


def find_outcomes(trips: Trips, onset_us: int, called: Container[str]) -> Users | None:
    """Operations and failed ones per second of the log that tells of most of them; None where none does.

    Args:
        trips: Of the window that was read at every level.
        onset_us: Begin of the incident.
        called: Keys of logs whose requests come from other logs: what users ask for begins elsewhere.
    """
    if trips.is_sample or not len(trips.id_of):
        return None
    best: Users | None = None
    for source in sorted({step.source for step in trips.steps}):
        if source in called:
            continue
        found = _read(trips, source, onset_us)
        if found is not None and (best is None or found.requests.sum() > best.requests.sum()):
            best = found
    return best


def _read(trips: Trips, source: str, onset_us: int) -> Users | None:
    mine = np.array([step.source == source and not step.is_request for step in trips.steps], np.bool_)
    rows = np.flatnonzero(mine[trips.step_of])
    if not len(rows):
        return None
    ids, steps, time = trips.id_of[rows], trips.step_of[rows], trips.time[rows]
    is_failure = np.array([step.is_failure for step in trips.steps], np.bool_)[steps]
    firsts = np.flatnonzero(np.concatenate([[True], np.diff(ids) != 0]))
    lasts = np.append(firsts[1:], len(rows)) - 1
    number = np.repeat(np.arange(len(firsts)), lasts - firsts + 1)
    has_failed = np.bincount(number, weights=is_failure) > 0
    before = (time[lasts] < onset_us) & ~has_failed
    ends = _usual_ends(steps[lasts[before]], len(trips.steps))
    if before.sum() < _FEWEST or not ends.any():
        return None
    is_end = ends[steps] & ~is_failure
    has_ended = np.bincount(number, weights=is_end) > 0
    if has_ended[before].mean() < _MOSTLY or _is_unclear(number, is_failure, is_end, has_failed):
        return None
    failed = has_failed & ~has_ended
    told = failed | has_ended
    at = time[lasts[told]] // US
    seconds, place = np.unique(at, return_inverse=True)
    requests = np.bincount(place, minlength=len(seconds)).astype(np.int64)
    lost: Int64 = np.bincount(place, weights=failed[told], minlength=len(seconds)).astype(np.int64)
    return Users(source, trips.views[source].service, seconds, requests, lost, is_by_ids=True)


def _usual_ends(last_steps: Int64, count: int) -> NDArray[np.bool_]:
    """Kinds of lines that are the last of many ids."""
    often = np.bincount(last_steps, minlength=count)
    return often >= max(2, _OFTEN * len(last_steps))


def _is_unclear(
    number: Int64, is_failure: NDArray[np.bool_], is_end: NDArray[np.bool_], has_failed: NDArray[np.bool_]
) -> bool:
    """Whether a good part of the ids shows a usual end behind its failure: a second try, or an end that is none."""
    place = np.arange(len(number))
    first_failure = np.full(len(has_failed), len(number))
    np.minimum.at(first_failure, number[is_failure], place[is_failure])
    last_end = np.full(len(has_failed), -1)
    np.maximum.at(last_end, number[is_end], place[is_end])
    behind = has_failed & (last_end > first_failure)
    return bool(behind.sum() > _UNCLEAR * has_failed.sum())
