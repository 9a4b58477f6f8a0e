"""Logs that begin inside an incident which ends in view: what fails from their first minute on and then stops, at once.

Nothing rises in such logs; what is compared with is the time behind the end. One kind that stops may be a job that is
done. Kinds of several nodes that stop together, all of them there from the first minute, are what an end looks like.
Cost: one pass over the active seconds of kinds that began with the logs.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.gate import Coverage
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US, US

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]

_FEWEST: Final = 20
"""Records of one kind, and of those that would have come behind the end."""
_TIMES: Final = 10.0
"""How many times as often it came before the end as behind it."""
_SHORTEST_S: Final = 120
"""A shorter spell at the begin is what a server says while it starts."""
_MOST_SHARE: Final = 0.7
"""Of what is in view: of a longer spell too little follows to compare it with."""
_STILL: Final = 0.6
"""Of its mean rate: what comes as often in the last part of what is in view did not end before."""
_TOGETHER_S: Final = 60
"""Between the first and the last that stop: a retry's wait."""
_SURE: Final = 20.0
"""Log-likelihood ratio of two rates against one."""


def find_ended(kinds: Sequence[Kind], coverage: Coverage) -> list[Kind]:
    """Failing kinds that were there from the first minute and stopped together; none where it was one node alone.

    Args:
        kinds: Failing kinds.
        coverage: Since when what could be seen.
    """
    begin, end = coverage.first // US, coverage.end // US + 1
    ends = [(_find_end(kind, begin, end), kind) for kind in kinds if len(kind.seconds)]
    found = sorted(((at, kind) for at, kind in ends if at is not None), key=lambda one: (one[0], one[1].order))
    best: list[Kind] = []
    for first, (at, _) in enumerate(found):
        group = [kind for other, kind in found[first:] if other - at <= _TOGETHER_S]
        if len(group) > len(best):
            best = group
    is_spread = len({kind.node for kind in best}) > 1
    is_failure = any(kind.severity >= Severity.ERROR for kind in best)
    return best if is_spread and is_failure else []


def _find_end(kind: Kind, begin: int, end: int) -> int | None:
    """The second at which a kind stopped; None where it was not there at the begin, or goes on."""
    seconds, counts = kind.seconds, kind.counts.astype(np.float64)
    total = float(counts.sum())
    if total < _FEWEST or int(seconds[0]) * US - begin * US > MINUTE_US or len(kind.lumps):
        return None
    late = int(np.searchsorted(seconds, begin + _MOST_SHARE * (end - begin)))
    if float(kind.sums[-1] - kind.sums[late]) > _STILL * (1 - _MOST_SHARE) * total:
        # Most kinds go on, which a glance shows.
        return None
    before = np.cumsum(counts)
    lasted = np.maximum(seconds + 1 - begin, 1).astype(np.float64)
    left = np.maximum(end - seconds - 1, 1).astype(np.float64)
    told = _entropy(before, lasted) + _entropy(total - before, left) - total * np.log(total / (lasted + left))
    at = int(np.argmax(np.where(before / lasted > (total - before) / left, told, -np.inf)))
    rate, later = before[at] / lasted[at], (total - before[at]) / left[at]
    is_long = _SHORTEST_S <= lasted[at] <= _MOST_SHARE * (end - begin)
    is_missed = rate * left[at] >= _FEWEST and rate >= _TIMES * later
    return int(seconds[at]) if told[at] > _SURE and is_long and is_missed else None


def _entropy(count: Floats, seconds: Floats) -> Floats:
    return count * np.log(np.maximum(count, 1e-9) / seconds)
