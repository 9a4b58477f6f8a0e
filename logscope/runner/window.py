"""The second look: the time around an incident's onset is read again, and every record of it is examined.

Plan: where the onset stands in a file is estimated from the records of each second. What lies between the minute that
is known and the first record that is wanted is passed over at the speed of the first reading.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from logscope.analysis.incident.base import LOOK_BACK_US
from logscope.errors import SourceError
from logscope.index.index import RECORDS, SourceState
from logscope.ingest.scanner import Scanner
from logscope.model.times import MINUTE_US, NO_TIME, US
from logscope.runner.planning import Plan
from logscope.session.session import Session
from logscope.sources.reader import BLOCK

EXAMINE_MOST: Final = 4 * 1024 * 1024
"""Bytes of the second reading, over all files."""

_BEFORE: Final = 0.6
"""Share of the second reading that lies before the onset."""
_LEAST_S: Final = 10
"""Seconds before the onset that are read of a busy log, too, as long as they are not too many bytes."""
_MOST_BEFORE: Final = 2
"""Times the share of one file that may lie before the onset."""
_MOST_MINUTES: Final = 30
"""Minutes before the onset from which on nothing is read, however few bytes they are."""

_PIECES: Final = 16
"""Of a block: by about one of them the second reading begins early, and ends late, in each file."""

_Seek = Mapping[int, tuple[int, int, int]]
"""For each minute the place of its first record: part, offset, line."""


def examine_window(session: Session, plans: Sequence[Plan], span: tuple[int, int]) -> None:
    """Read the window around the onset again, at every level, within the budget.

    Args:
        session: Takes what is read.
        plans: Of the logs that are read, with their parts where they lie now.
        span: What is wanted, microseconds UTC.
    """
    budget = EXAMINE_MOST // max(1, len(plans))
    for plan in plans:
        shift = session.clocks.shift_of(plan.source.key)
        onset = span[0] + LOOK_BACK_US - shift
        # Rotated away or deleted since it was read: what is known of it is from the first reading.
        with suppress(SourceError):
            _examine_source(session, plan, onset, span[1] - shift, budget)


def _examine_source(session: Session, plan: Plan, onset: int, end: int, budget: int) -> None:
    """Read the time around the onset: most of the budget before it, where what set it off is logged.

    Raises:
        SourceError: A part cannot be read; the records before it were taken.
    """
    state = session.index.sources.get(plan.source.key)
    seek = {minute: place for minute, place in state.seek.items() if place[1] >= plan.kept_from} if state else {}
    if state is None or not seek:
        return
    wanted = _choose_begin(state, seek, onset, budget)
    part, offset, line = seek[_first_minute(seek, onset // MINUTE_US, wanted)]
    scanner = Scanner(plan.layout, plan.source.service, offset=offset, line=line, part=part)
    spent = after = 0
    for index in range(part, len(plan.source.parts)):
        begin = offset if index == part else 0
        for block in plan.read_part(index, lambda _: None, start=begin, block=BLOCK // _PIECES):
            scanner.examine = scanner.examine or index > part or begin + len(block) > wanted
            batch = scanner.feed(block)
            begin += len(block)
            if not scanner.examine:
                continue
            session.examine(plan.source.key, batch, scanner.signatures)
            spent += len(block)
            timed = session.clocks.utc_of(plan.source.key, batch.time)[batch.time != NO_TIME]
            newest = int(timed.min()) - session.clocks.shift_of(plan.source.key) if len(timed) else 0
            after += len(block) * (newest > onset)
            is_enough = after >= (1 - _BEFORE) * budget or spent >= (_MOST_BEFORE + 1) * budget
            if newest > end or (spent >= budget and is_enough):
                return
        last = index == len(plan.source.parts) - 1
        batch = scanner.flush() if last else scanner.end_part()
        session.examine(plan.source.key, batch, scanner.signatures)


def _choose_begin(state: SourceState, seek: _Seek, onset: int, budget: int) -> int:
    """Offset in the part of the onset's minute from which on all is wanted."""
    found = _estimate_offset(state, seek, onset)
    least = found - _estimate_offset(state, seek, onset - _LEAST_S * US)
    return found - max(round(_BEFORE * budget), min(least, _MOST_BEFORE * budget))


def _estimate_offset(state: SourceState, seek: _Seek, time: int) -> int:
    """About where a time stands: as many bytes behind its minute's first record as the records before it had."""
    minutes = sorted(seek)
    at = max(0, bisect_right(minutes, time // MINUTE_US) - 1)
    part, offset, _ = seek[minutes[at]]
    # What is before a storm is like the minute before, not like the storm.
    for first, last in ((at - 1, at), (at, at + 1)):
        if first < 0 or last == len(minutes) or seek[minutes[first]][0] != part or seek[minutes[last]][0] != part:
            continue
        records = _count_records(state, minutes[first] * 60, minutes[last] * 60)
        size = seek[minutes[last]][1] - seek[minutes[first]][1]
        return offset + _count_records(state, minutes[at] * 60, time // US) * max(0, size) // max(1, records)
    return offset


def _count_records(state: SourceState, begin: int, end: int) -> int:
    """Records of the seconds from one on up to another."""
    first, last = state.seconds.seconds().searchsorted([begin, end]).tolist()
    return int(state.seconds.column(RECORDS)[first:last].sum())


def _first_minute(seek: _Seek, onset_minute: int, wanted: int) -> int:
    """The minute from which to read so that what is wanted of the onset's part is read, and one minute at least."""
    minutes = sorted(seek)
    at = max(0, bisect_right(minutes, onset_minute) - 1)
    part = seek[minutes[at]][0]
    first = at
    while first > 0 and seek[minutes[first]][1] > wanted:
        earlier = minutes[first - 1]
        if seek[earlier][0] != part or onset_minute - earlier > _MOST_MINUTES:
            break
        first -= 1
    return minutes[first]
