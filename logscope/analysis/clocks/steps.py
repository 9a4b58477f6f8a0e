"""Stretches in which a host's clock stood wrong: stepped ahead, and back a while later.

A log's stamps go up with its lines. Where they jump ahead, and later back by as much, what stands between was written
at another time than it says; nobody may take its end for now. Knows minutes and places, no lines. Cost: its minutes.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from logscope.ingest.batch import Int64

_LEAST_MIN: Final = 2
"""Minutes that a clock must jump: by less, lines are out of order, or nobody wrote."""
_ROUNDED_MIN: Final = 1
"""Minutes by which the way back may differ from the way there: both are cut to whole ones."""


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
