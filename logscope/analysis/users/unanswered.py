"""Requests that a log tells to have failed in a line of its own, without the status of an answer.

Where what goes well is `GET /fares 200 9ms` and what fails is `GET /fares failed after 3000ms: timeout`, the second is
a request, too: without it a failing service looks as if nobody asked it any more.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.users.users import Users
from logscope.ingest.batch import Int64
from logscope.model.severity import Severity
from logscope.model.times import US

_REQUEST: Final = re.compile(r"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /")
_BEFORE_S: Final = 600
_FEWEST: Final = 20
"""Answers before the first of them; of fewer nobody knows how often users ask."""
_MOST: Final = 1.3
"""Times as often as before they may ask: else one request fails in several lines, or is answered as well."""
_ANSWERED: Final = 0.5
"""From as many answers with a status of failure on, for each such line, these are of the same requests."""


def count_unanswered(users: Users, kinds: Iterable[Kind]) -> Users:
    """The edge's requests with those that failed without a status, where these take the place of answers.

    A failure that does not say what was asked is one where no other explains that answers are missing.

    Args:
        users: Requests of the edge.
        kinds: All that is known.
    """
    failing = [kind for kind in kinds if kind.view.key in users.sources and _is_timed_error(kind)]
    telling = [kind for kind in failing if _REQUEST.match(kind.headline) is not None]
    if not len(users.seconds) or not failing:
        return users
    lost = telling or failing
    seconds, failed = _sum([(kind.seconds, kind.counts) for kind in lost])
    if not _take_the_place(users, seconds, failed, tells_requests=bool(telling)):
        return users
    nothing = np.zeros_like(failed)
    waited = users.waited_ms
    if waited is not None:
        waited = _sum([(users.seconds, waited), (seconds, nothing)])[1]
    everything, requests = _sum([(users.seconds, users.requests), (seconds, failed)])
    return replace(
        users,
        seconds=everything,
        requests=requests,
        failed=_sum([(users.seconds, users.failed), (seconds, failed)])[1],
        waited_ms=waited,
        unanswered=frozenset(kind.id for kind in telling),
    )


def _take_the_place(users: Users, seconds: Int64, failed: Int64, *, tells_requests: bool) -> bool:
    """Whether failures stand where answers would: as many are missing.

    Args:
        users: Requests of the edge.
        seconds: Of the failures, ascending.
        failed: How many in each.
        tells_requests: They say themselves what was asked; else their number must fill the gap.
    """
    first, last, count = int(seconds[0]), int(seconds[-1]), int(failed.sum())
    begin = max(int(users.seconds[0]), first - _BEFORE_S)
    before, _ = users.count(begin * US, first * US)
    answered, refused = users.count(first * US, (last + 1) * US)
    usual = before / max(1, first - begin) * (last + 1 - first)
    if before < _FEWEST or answered + count > _MOST * usual or refused > _ANSWERED * count:
        return False
    missing = usual - answered
    return tells_requests or (missing > _LEAST_MISSING * usual and abs(missing - count) < _NEAR * count)


_LEAST_MISSING: Final = 0.15
"""Part of the usual requests: of fewer nobody knows whether they are missing."""
_NEAR: Final = 0.35
"""Part by which the failures may be more or fewer than what is missing: users do not ask evenly."""


def _is_timed_error(kind: Kind) -> bool:
    return kind.severity >= Severity.ERROR and not kind.is_request and len(kind.seconds) > 0


def _sum(counts: list[tuple[Int64, Int64]]) -> tuple[Int64, Int64]:
    """Seconds, ascending, and the sums of what was counted in each."""
    seconds, at = np.unique(np.concatenate([one for one, _ in counts]), return_inverse=True)
    weights = np.concatenate([one for _, one in counts])
    return seconds, np.bincount(at, weights=weights, minlength=len(seconds)).astype(np.int64)
