"""Work that nearly stops though nothing fails: a log writes far less than ever, while the others go on.

A batch that is done falls as well, and so does what nobody needs at night. It is told only where somebody else shows
that work is missing: an alert that fires meanwhile, or a number that climbs since then and for as long, as a queue
does. Cost: a sum over each log; what shows a fall is looked at as requests are (drops.py).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from logscope.analysis.causes.departures import describe_trend
from logscope.analysis.causes.series import FEWEST_VALUES, Series
from logscope.analysis.kinds.kinds import SourceView
from logscope.analysis.losses.drops import Drop, find_drop
from logscope.analysis.story.alerts import Alert, AlertState
from logscope.analysis.users.users import Users, do_others_go_on
from logscope.index.index import RECORDS, REQUESTS, Index
from logscope.ingest.batch import Int64
from logscope.model.incident import NumberChange
from logscope.model.times import MINUTE_US, US

_NEAR_US: Final = MINUTE_US
"""Between the fall and the moment from which a number climbs."""
_LATELY_S: Final = 7 * 86_400
_FALLEN: Final = 0.5
"""Of the usual minute: what never falls below is not looked at more closely."""


def find_slump(
    index: Index,
    views: Mapping[str, SourceView],
    as_of: int,
    alerts: Sequence[Alert],
    read_numbers: Callable[[int, int | None], Sequence[NumberChange]],
    *,
    is_live: bool,
) -> tuple[Users, Drop] | None:
    """The first log whose work nearly stopped, with its records as if they were requests; None without proof of it.

    Args:
        index: All records.
        views: How each source is written.
        as_of: Now, microseconds UTC.
        alerts: What monitors say.
        read_numbers: Gives the numbers that left their normal around a time, as they were known at another; None: now.
        is_live: The logs are followed.
    """
    found = []
    for key, records in sorted(_read_all(index, views).items()):
        drop = find_drop(records, as_of, is_live=is_live) if _ever_falls(records.seconds, records.requests) else None
        # A log that ends tells nothing of how it goes on.
        if drop is not None and drop.during_per_s > 0:
            found.append((drop.start, key, records, replace(drop, worker=records.service)))
    for _, key, records, drop in sorted(found, key=lambda one: one[:2]):
        if not _is_its_own(index, views, key, drop):
            continue
        missed = _find_missed(drop, alerts, read_numbers)
        if missed:
            return records, replace(drop, missed=missed)
    return None


def known_until(series: Iterable[Series], until: int) -> list[Series]:
    """The fields as they were known at a time, those with enough values by then."""
    found = []
    for one in series:
        count = int(np.searchsorted(one.time, until))
        if count >= FEWEST_VALUES:
            limit = None if one.limit is None else one.limit[:count]
            cut = replace(one, time=one.time[:count], value=one.value[:count], refs=one.refs[:count], limit=limit)
            found.append(cut)
    return found


def _read_all(index: Index, views: Mapping[str, SourceView]) -> dict[str, Users]:
    """By source its records of the last week; requests are looked at elsewhere.

    Minutes are counted one by one: of stamps that lie decades apart there would be millions.
    """
    found = {}
    for key, state in index.sources.items():
        if key in views and not state.seconds.column(REQUESTS).any():
            seconds = state.seconds.seconds() + views[key].shift_us // US
            records = state.seconds.column(RECORDS)
            if len(seconds):
                lately = seconds >= seconds[-1] - _LATELY_S
                seconds, records = seconds[lately], records[lately]
            found[key] = Users(key, views[key].service, seconds, records, np.zeros_like(records))
    return found


def _ever_falls(seconds: Int64, records: Int64) -> bool:
    """Whether any minute holds much less than the median one before it: mostly none, at the cost of one sum."""
    if not len(seconds):
        return False
    edges = np.arange(int(seconds[0]), int(seconds[-1]) + 1, 60)
    sums = np.concatenate([[0], np.cumsum(records)])[np.searchsorted(seconds, edges)]
    minutes = np.diff(sums)
    return len(minutes) > 2 and bool(minutes.min() < _FALLEN * np.median(minutes[: max(2, int(minutes.argmin()))]))


def _is_its_own(index: Index, views: Mapping[str, SourceView], fallen: str, drop: Drop) -> bool:
    """All other logs go on meanwhile."""
    before_s, stop = drop.start - int(_first_second(index, views)), drop.now if drop.end is None else drop.end
    before = during = 0
    for key, state in index.sources.items():
        if key == fallen or key not in views:
            continue
        seconds = state.seconds.seconds() + views[key].shift_us // US
        sums = np.concatenate([[0], np.cumsum(state.seconds.column(RECORDS))])
        low, high = np.searchsorted(seconds, [drop.start, stop])
        before, during = before + int(sums[low]), during + int(sums[high] - sums[low])
    return before_s > 0 and do_others_go_on(before / before_s, during / max(1, stop - drop.start))


def _first_second(index: Index, views: Mapping[str, SourceView]) -> int:
    firsts = [
        int(state.seconds.seconds()[0]) + views[key].shift_us // US
        for key, state in index.sources.items()
        if key in views and len(state.seconds.seconds())
    ]
    return min(firsts)


def _find_missed(
    drop: Drop, alerts: Sequence[Alert], read_numbers: Callable[[int, int | None], Sequence[NumberChange]]
) -> str:
    """What shows that the work is missing, or was until it went on, in words; empty for nothing."""
    start, until = drop.start * US, None if drop.end is None else drop.end * US
    climbing = [
        one
        for one in read_numbers(start, until)
        if one.climbs_on and one.after > one.before and abs(one.begin - start) <= _NEAR_US
    ]
    if climbing:
        return describe_trend(climbing[0] if until is None else replace(climbing[0], climbs_on=False))
    firing = [one for one in alerts if one.state is AlertState.FIRING and (one.began or one.time) >= start]
    return f"an alert {'fires' if until is None else 'fired'}: {firing[0].text}" if firing else ""
