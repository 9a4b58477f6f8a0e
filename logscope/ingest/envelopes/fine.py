"""Times of lines whose transport stamps whole seconds around a stamp of the writer's that is finer.

Order within a second is what tells a cause from its effect. The writer's clock gives that, whatever zone, day or year
its stamp has or lacks: zones differ by quarters of an hour, so a stamp belongs to the transport's where both are as
near to each other within one. One that is further off is another's, or waited long: the transport's stays. So it does
around requests, whose stamps tell when they came.
"""

from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from logscope.model.times import MINUTE_US, NO_TIME, US

_ZONE_STEP_US: Final = 15 * MINUTE_US
_LONGEST_WAY_US: Final = 2 * US
"""A line reaches its transport within."""
_LEAST: Final = 3
"""Lines that show it."""
_MOSTLY: Final = 0.8

_Times = TypeVar("_Times", int, NDArray[np.int64])


def _measure(outer: _Times, inner: _Times) -> _Times:
    """How far a writer's stamp is from the transport's, but for zone, day and year."""
    return (inner - outer + _ZONE_STEP_US // 2) % _ZONE_STEP_US - _ZONE_STEP_US // 2


def find_fine(outer: int, inner: int) -> int:
    """What is added to a transport's stamp: 0 where the writer's tells no more.

    Args:
        outer: The transport's, of a whole second.
        inner: The writer's.
    """
    apart = _measure(outer, inner)
    return apart if inner % US and -_LONGEST_WAY_US <= apart < US else 0


def find_all_fine(outer: NDArray[np.int64], inner: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same for many lines; `NO_TIME` where there is no stamp."""
    apart = _measure(outer, inner)
    is_known = (outer != NO_TIME) & (inner != NO_TIME) & (inner % US != 0)
    return np.where(is_known & (apart >= -_LONGEST_WAY_US) & (apart < US), apart, 0)


def is_coarse(pairs: Sequence[tuple[int, int]]) -> bool:
    """Whether a transport stamps whole seconds around lines with finer stamps of the same moments.

    Args:
        pairs: The transport's stamp of each line of a sample that has one of its own, and that one.
    """
    if any(outer % US for outer, _ in pairs):
        return False
    finer = [(outer, inner) for outer, inner in pairs if inner % US]
    return len(finer) >= _LEAST and sum(bool(find_fine(*pair)) for pair in finer) >= _MOSTLY * len(finer)
