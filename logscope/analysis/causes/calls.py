"""Which log's requests go through which other log: dependencies that no line names.

Where two logs show the same ids, and one of them shows each of them first and last, it hands them to the other one and
waits (parameter correspondence, Lou et al., WASL 2010). A log that is there before and after most of the shared ids is
the caller. Needs clocks that were compared, or whose difference is small beside the calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.analysis.clocks.clocks import Clock
from logscope.analysis.clocks.offsets import SharedIds, Witness, share_ids
from logscope.ingest.batch import Int64

FEWEST_IDS: Final = 5
_MOSTLY: Final = 0.6
"""At least this share of the shared ids lies inside the caller's spans."""


@dataclass(frozen=True, slots=True)
class Call:
    """Requests of one log go through another one."""

    caller: str
    """Key of the log."""
    callee: str
    ids: int
    """Sampled ids that show it."""


def find_calls(
    witnesses: Mapping[str, Witness], clocks: Mapping[str, Clock], shared: SharedIds | None = None
) -> tuple[Call, ...]:
    """All pairs of logs of which one encloses the other, by key; `shared` as for `find_clocks`."""
    found = []
    for (a, b), pairs in sorted((share_ids(witnesses) if shared is None else shared).items()):
        if len(pairs) < FEWEST_IDS or a not in clocks or b not in clocks:
            continue
        table = np.array(pairs, np.int64).reshape(-1, 4)
        table[:, :2] += witnesses[a].shift_us + clocks[a].shift_us
        table[:, 2:] += witnesses[b].shift_us + clocks[b].shift_us
        # Only spans with a length enclose something; of stamps in whole seconds few have one.
        outer = _encloses(table[:, 0], table[:, 1], table[:, 2], table[:, 3])
        inner = _encloses(table[:, 2], table[:, 3], table[:, 0], table[:, 1])
        for caller, callee, count, other in ((a, b, outer, inner), (b, a, inner, outer)):
            if count >= max(FEWEST_IDS, _MOSTLY * len(pairs)) and count > 2 * other:
                found.append(Call(caller, callee, count))
    return tuple(found)


def _encloses(start: Int64, end: Int64, first: Int64, last: Int64) -> int:
    return int(((start <= first) & (last <= end) & (end > start)).sum())
