"""Logs that begin inside trouble that ends soon after: nothing rises in them, and yet they are not quiet."""

from collections.abc import Sequence
from typing import Final

from logscope.model.lanes import Lane
from logscope.model.snapshot import CutStart

_FEWEST: Final = 20
"""Errors at the begin that are worth a word."""
_QUIET_BUCKETS: Final = 3
"""So many buckets at the later rate end the first spell."""
_TIMES: Final = 10
"""The first spell's rate over that of the rest."""
_MOST_SHARE: Final = 0.5
"""Of what is read: a spell that takes more leaves too little to compare it with."""


def find_cut_start(lanes: Sequence[Lane], start_us: int, bucket_us: int) -> CutStart | None:
    """The errors with which the logs begin, where far fewer come afterwards.

    Args:
        lanes: Of all services, with the same buckets.
        start_us: Begin of the first bucket, microseconds UTC.
        bucket_us: Length of a bucket.
    """
    errors = [sum(counts) for counts in zip(*(lane.errors for lane in lanes), strict=True)]
    end = next(
        (n for n in range(1, len(errors)) if not any(errors[n : n + _QUIET_BUCKETS]) and n < len(errors) - 1), None
    )
    if end is None or (not errors[0] and not errors[1]) or end > _MOST_SHARE * len(errors):
        return None
    first, rest = sum(errors[:end]), sum(errors[end:])
    is_much = first >= _FEWEST and first / end >= _TIMES * (rest + 1) / (len(errors) - end)
    return CutStart(first, start_us + end * bucket_us) if is_much else None
