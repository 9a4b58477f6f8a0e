"""Stretches in which a host's clock stood wrong: stepped ahead, and back a while later or not at all.

A log's stamps go up with its lines. Where they jump ahead, and later back by as much, what stands between was written
at another time than it says; nobody may take its end for now. Where they do not jump back, the log ends as much behind
all others as it seems to have been silent. Knows minutes and places, no lines. Cost: its minutes, its seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from logscope.ingest.batch import Int64

_LEAST_MIN: Final = 2
"""Minutes that a clock must jump: by less, lines are out of order, or nobody wrote."""
_ROUNDED_MIN: Final = 1
"""Minutes by which the way back may differ from the way there: both are cut to whole ones."""
_LEAST_S: Final = 20
"""Seconds that a clock must jump where it does not come back."""
_FEWEST: Final = 60
"""Seconds with a record, before a pause of a log says anything."""
_LONGER: Final = 4.0
"""Than the longest other pause."""
_SLACK_S: Final = 3
_PAUSES: Final = 3.0
"""And so many usual pauses: so much may lie between the last record of a log and the end of all."""


def find_ahead(minutes: Mapping[int, tuple[int, int, int]]) -> list[tuple[int, int]]:
    """Minutes (as written, first and last) in which the clock was ahead, by place in the log.

    Args:
        minutes: For each minute the first place of a record in it: (part, offset, line).
    """
    written = [minute for minute, _ in sorted(minutes.items(), key=lambda one: one[1])]
    found: list[tuple[int, int]] = []
    jump: tuple[int, int] | None = None
    for before, after in pairwise(written):
        if after - before > _LEAST_MIN:
            jump = (before, after)
        elif before - after >= _LEAST_MIN and jump is not None:
            # There and back: as long as it was ahead has passed since it was stepped ahead.
            left, ahead = jump
            if abs((after - left) - (before - ahead)) <= _ROUNDED_MIN:
                found.append((ahead, before))
            jump = None
    return found


def find_last_second(seconds: Int64, ahead: Sequence[tuple[int, int]]) -> int | None:
    """The last second with a record that the clock did not stamp ahead; None where all are.

    Args:
        seconds: With records, ascending.
        ahead: Minutes in which the clock was ahead.
    """
    for first, last in ahead:
        seconds = seconds[(seconds < first * 60) | (seconds >= (last + 1) * 60)]
    return int(seconds[-1]) if len(seconds) else None


@dataclass(frozen=True, slots=True)
class Jump:
    """A log's clock that was stepped ahead and stayed there: no pause, though no stamp lies between."""

    left: int
    """The last second that it stamped before."""
    ahead: int
    """The first one behind."""
    by: int
    """Seconds that all later stamps lie ahead."""


def find_jumps(active: Mapping[str, Int64]) -> dict[str, Jump]:
    """Logs that seem to have been silent, and to go on just as long when all others have ended.

    Args:
        active: By log the seconds in which it wrote, ascending, in the common time.
    """
    found: dict[str, Jump] = {}
    ends = {key: int(seconds[-1]) for key, seconds in active.items() if len(seconds)}
    for key, end in ends.items():
        # Who is stepped with it, on the same host, ends late too: of the others one at least does not.
        earlier = [other for other in ends if end - ends[other] >= _LEAST_S]
        common = max((ends[other] for other in earlier), default=None)
        jump = None if common is None else _find_jump(active[key], end - common, [active[other] for other in earlier])
        if jump is not None:
            found[key] = jump
    for key, end in ends.items():
        # A log that writes once in a while tells nothing by a pause of its own.
        common = max((late for other, late in ends.items() if other not in (key, *found)), default=end)
        shared = [jump for jump in found.values() if end > common and _has_pause(active[key], jump)]
        if key not in found and shared:
            found[key] = shared[0]
    return found


def _find_jump(seconds: Int64, late: int, others: Sequence[Int64]) -> Jump | None:
    pauses = np.diff(seconds)
    if len(pauses) < _FEWEST:
        return None
    at = int(pauses.argmax())
    rest = np.delete(pauses, at)
    usual, by = float(rest.mean()), int(pauses[at]) - round(float(rest.mean()))
    slack = _SLACK_S + _PAUSES * usual
    if by < max(_LEAST_S, _LONGER * rest.max()) or abs(late - by) > slack:
        return None
    left, ahead = int(seconds[at]), int(seconds[at + 1])
    # Were all others silent as well, nobody wrote: the host slept.
    wrote = (np.count_nonzero((other > left + slack) & (other < ahead - slack)) for other in others)
    return Jump(left, ahead, by) if any(wrote) else None


def _has_pause(seconds: Int64, jump: Jump) -> bool:
    return not np.any((seconds > jump.left + _SLACK_S) & (seconds < jump.ahead - _SLACK_S))
