"""How much one log's clock differs from another one's, by the ids that both show.

For an id that one log shows from a1 to a2 and another one from b1 to b2, the shorter span lies inside the longer one,
so the offset between their clocks lies between a1 - b1 and a2 - b2, widened by what the stamps leave out. The offset of
two logs is what most ids allow: the most covered interval (Marzullo 1984), with open ends (analysis.md 2c).

Work that waits in a queue shows its id later, too, and is no clock. Two guards: the ids must agree, as waiting times
do not; and where both logs are busy their ends must come together, for logs are collected at one moment.

Cost: one pass over the sampled ids, then a sort for each pair of logs that share any.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from logscope.index.ids import SHORT, Span
from logscope.ingest.batch import Int64
from logscope.model.times import US

FEWEST_IDS: Final = 5
"""Fewer shared ids prove nothing: five agree on a wrong offset by chance in one of many millions of pairs."""
AGREEING: Final = 0.6
"""At least this share of the shared ids allows the offset."""
_SLACK_US: Final = (0, 10_000, 100_000, US, 5 * US)
"""What a step between two logs may take where ids occur but once in each: the least that enough of them agree on."""
_SCATTER: Final = 4
"""An offset of less than so many times what the steps need is as likely a wait."""
_NEARLY: Final = 0.9
"""Of the ids that allow the likeliest offset so many allow every value within its uncertainty."""
_BUSY_PAUSES: Final = 10
"""A log is busy when its offset would be so many times its usual pause."""


@dataclass(frozen=True, slots=True)
class Witness:
    """What one log says about its clock."""

    ids: Mapping[bytes, Span]
    shift_us: int
    """Added to its stamps by a zone that was given; 0 without."""
    is_zone_written: bool
    is_whole_second: bool
    first: int
    """Earliest stamp as written."""
    last: int
    records: int
    is_anchored: bool = False
    """Its zone is known otherwise: given by the user, or by when its lines arrived."""


@dataclass(frozen=True, slots=True)
class Offset:
    """What is added to one log's stamps to get another one's time."""

    theta: int
    """The likeliest value, microseconds."""
    sigma_us: int
    agreeing: int
    """Ids that allow it."""
    shared: int


SharedIds = dict[tuple[str, str], list[tuple[Span, Span]]]
"""For each pair of logs the spans of the ids that both show."""


def measure_offset(a: Witness, b: Witness, pairs: Sequence[tuple[Span, Span]]) -> Offset | None:
    """What is added to b's stamps to get a's time, by the ids that both show; None where they do not agree."""
    table = np.array(pairs, np.int64).reshape(-1, 4)
    firsts = table[:, 0] + a.shift_us - table[:, 2] - b.shift_us
    lasts = table[:, 1] + a.shift_us - table[:, 3] - b.shift_us
    # A stamp that is cut to seconds hides up to one: of a that makes the offset greater, of b smaller.
    low = np.minimum(firsts, lasts) - _resolution(b)
    high = np.maximum(firsts, lasts) + _resolution(a)
    needed = max(FEWEST_IDS, AGREEING * len(table))
    if len(table) < FEWEST_IDS:
        return None
    least = max(_resolution(a), _resolution(b)) // 2
    for slack in _SLACK_US:
        start, end, count = _most_covered(low - slack, high + slack)
        if count >= needed:
            # Work that waits waits about as long as it scatters.
            sigma = max(least, (end - start) // 2, _SCATTER * slack // 2)
            return Offset((start + end) // 2, sigma, count, len(table))
    return None


def _most_covered(low: Int64, high: Int64) -> tuple[int, int, int]:
    """The interval around the place that most of these cover, as far as nearly as many do; and how many at most."""
    ends = np.concatenate([low, high])
    steps = np.concatenate([np.ones(len(low), np.int64), -np.ones(len(high), np.int64)])
    # Open ends: at one place what ends there ends before what begins there.
    order = np.lexsort((steps, ends))
    depth = np.cumsum(steps[order])
    first = last = int(np.argmax(depth))
    most = int(depth[first])
    while first > 0 and depth[first - 1] >= _NEARLY * most:
        first -= 1
    while depth[last + 1] >= _NEARLY * most:
        last += 1
    return int(ends[order[first]]), int(ends[order[last + 1]]), most


def _resolution(one: Witness) -> int:
    return US if one.is_whole_second else 1000


Pairs = dict[tuple[str, str], Offset]
"""For each pair of logs what is added to the second one's stamps."""


def find_offsets(witnesses: Mapping[str, Witness], shared: SharedIds) -> Pairs:
    """For each pair of logs the offset of their clocks, where enough ids agree on one."""
    found: Pairs = {}
    for (a, b), pairs in sorted(shared.items()):
        if len(pairs) < FEWEST_IDS:
            continue
        offset = measure_offset(witnesses[a], witnesses[b], pairs)
        if offset is not None and _is_clock(witnesses[a], witnesses[b], offset):
            found[a, b] = offset
    return found


def share_ids(witnesses: Mapping[str, Witness]) -> SharedIds:
    """For each pair of logs the spans of the ids that both show; of an id the short form is the same id."""
    holders: dict[bytes, list[tuple[bytes, str, Span]]] = {}
    for key in sorted(witnesses):
        for name, span in witnesses[key].ids.items():
            holders.setdefault(name[:SHORT], []).append((name, key, span))
    shared: SharedIds = {}
    for entries in holders.values():
        if len(entries) < 2 or len(entries) > 4 * len(witnesses):
            # Ids that all begin alike are numbered by time: too many to compare one by one.
            continue
        for (name, key, span), (other_name, other_key, other_span) in combinations(entries, 2):
            if key != other_key and (name.startswith(other_name) or other_name.startswith(name)):
                shared.setdefault((key, other_key), []).append((span, other_span))
    return shared


def _is_clock(a: Witness, b: Witness, offset: Offset) -> bool:
    """Whether a great offset is one of clocks, not work that waits: what brings the logs' ends apart is a delay."""
    theta = offset.theta
    if abs(theta) < 10 * US:
        return True
    pause = max((one.last - one.first) / max(1, one.records) for one in (a, b))
    if abs(theta) < _BUSY_PAUSES * pause:
        return True
    apart = abs(a.last + a.shift_us - b.last - b.shift_us)
    corrected = abs(a.last + a.shift_us - b.last - b.shift_us - theta)
    return corrected <= apart
