"""The second look: the time around an incident's onset is read again, and every record of it is examined."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Final

from logscope.analysis.incident import LOOK_BACK_US
from logscope.ingest.scanner import Scanner
from logscope.model.times import MINUTE_US, NO_TIME
from logscope.runner.planning import Plan
from logscope.session.session import Session
from logscope.sources.reader import BLOCK

EXAMINE_MOST: Final = 4 * 1024 * 1024
"""Bytes of the second reading, over all files."""

_BEFORE: Final = 0.6
"""Share of the second reading that lies before the onset."""


def examine_window(session: Session, plans: Sequence[Plan], span: tuple[int, int]) -> None:
    """Read the window around the onset again, at every level, within the budget."""
    budget = EXAMINE_MOST // max(1, len(plans))
    for plan in plans:
        shift = session.clocks.shift_of(plan.source.key)
        onset = span[0] + LOOK_BACK_US - shift
        _examine_source(session, plan, onset, span[1] - shift, budget)


def _examine_source(session: Session, plan: Plan, onset: int, end: int, budget: int) -> None:
    """Read the time around the onset: most of the budget before it, where what set it off is logged."""
    state = session.index.sources.get(plan.source.key)
    seek = {minute: place for minute, place in state.seek.items() if place[1] >= plan.kept_from} if state else {}
    if not seek:
        return
    part, offset, line = seek[_first_minute(seek, onset // MINUTE_US, round(_BEFORE * budget))]
    scanner = Scanner(plan.layout, plan.source.service, examine=True, offset=offset, line=line, part=part)
    spent = 0
    for index in range(part, len(plan.source.parts)):
        begin = offset if index == part else 0
        for block in plan.read_part(index, lambda _: None, start=begin, block=BLOCK // 8):
            batch = scanner.feed(block)
            session.examine(plan.source.key, batch, scanner.signatures)
            spent += len(block)
            timed = session.clocks.utc_of(plan.source.key, batch.time)[batch.time != NO_TIME]
            newest = int(timed.min()) - session.clocks.shift_of(plan.source.key) if len(timed) else 0
            if newest > end or (spent >= budget and (newest > onset or spent >= 3 * budget)):
                return
        last = index == len(plan.source.parts) - 1
        batch = scanner.flush() if last else scanner.end_part()
        session.examine(plan.source.key, batch, scanner.signatures)


def _first_minute(seek: Mapping[int, tuple[int, int, int]], onset_minute: int, room: int) -> int:
    """The minute from which to read so that about `room` bytes lie before the onset, at least one minute of them."""
    minutes = sorted(seek)
    at = max(0, bisect_right(minutes, onset_minute) - 1)
    part, offset, _ = seek[minutes[at]]
    first = max(0, at - 1)
    while first > 0:
        earlier = seek[minutes[first - 1]]
        if earlier[0] != part or offset - earlier[1] > room or onset_minute - minutes[first - 1] > 30:
            break
        first -= 1
    return minutes[first]
