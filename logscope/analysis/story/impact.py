"""What users lost in a span, in one phrase: from the access log, or else from the failing lines."""

from collections.abc import Callable, Sequence
from typing import Final

from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.statistics import poisson_cdf
from logscope.analysis.story.sentences import percent
from logscope.analysis.users.users import FALLEN_VOLUME, KNOWN_US, Users, failing_routes
from logscope.model.severity import Severity
from logscope.model.times import US

NONE_YET: Final = "none yet"
_FEW_REQUESTS: Final = 10
"""Of fewer requests a share says nothing: they are counted."""
_ENOUGH_WELL: Final = 5
"""Requests that all went well, which are no chance where most fail."""
_LATELY_US: Final = 5 * US
_WIDER_US: Final = (5 * US, 10 * US)
"""How far a count of few requests may look ahead."""
_MOST_NAMED: Final = 2
"""More services than these are counted before they are named."""
_BY_CHANCE: Final = 0.01
"""As many failures as usual, by a Poisson count."""


def describe_impact(users: Users | None, story_anomalies: Sequence[Anomaly], start: int) -> Callable[[int, int], str]:
    """A function that says what users lost in a span, from the access log or else from the failing lines."""
    kinds = [one.kind for one in story_anomalies]
    # Callers may fail before the cause's own line: what is usual ends with the first failure.
    failing = [one.time for one in story_anomalies if one.kind.severity >= Severity.ERROR and one.is_strong]
    start = min([start, *failing])
    if users is not None:
        requests, failed = users.count(0, start)
        usual = failed / requests if requests else 0.0
        begins = int(users.seconds[0]) * US
        pace = requests * US / (start - begins) if start - begins >= KNOWN_US else 0.0
        first = users.first_failing(start - US, usual)

        def from_requests(low: int, high: int) -> str:
            requests, failed = users.count(low, high)
            if pace and high - low >= KNOWN_US and requests * US < FALLEN_VOLUME * pace * (high - low):
                what = "fewer operations end" if users.is_by_ids else "requests lost before this log"
                return f"{what}, {pace:.1f}/s to {requests * US / (high - low):.1f}/s"
            if first is None or high <= first:
                return NONE_YET
            lately, lost = users.count(high - _LATELY_US, high)
            # All went well until now: those that fail a moment later are what the next entry tells.
            is_well = lately >= _ENOUGH_WELL and not lost
            for wider in _WIDER_US:
                # Entries a second apart: what users got from then on takes a few more to tell.
                if requests < _FEW_REQUESTS and high - low < wider and not is_well:
                    high = low + wider
                    requests, failed = users.count(low, high)
            if not requests:
                return "users served" if is_well else "no requests in this log"
            if low <= first and 1 - poisson_cdf(failed - 1, usual * requests) > _BY_CHANCE:
                return NONE_YET
            served = requests - failed
            ok = percent(served / requests) if requests >= _FEW_REQUESTS else f"{served}"
            if failed / requests <= max(0.02, 2 * usual):
                return "users served"
            routes = [route.route for route in failing_routes(kinds, low, high, users)[:2]]
            verb = "fails" if len(routes) == 1 else "fail"
            return f"{ok} of {requests:,} requests ok" + (f"; {', '.join(routes)} {verb}" if routes else "")

        return from_requests

    errors = sorted(
        (one for one in story_anomalies if one.kind.severity >= Severity.ERROR and one.is_strong), key=lambda a: a.time
    )

    def from_lines(low: int, high: int) -> str:
        failing = [one for one in errors if one.time < high and one.last >= low]
        if not failing:
            return NONE_YET if not errors or high <= errors[0].time else "no further errors"
        counts = {one.kind.service: 0 for one in failing}
        for one in failing:
            counts[one.kind.service] += one.kind.between(low, high - US)
        named = [f"{service} {count:,}" for service, count in sorted(counts.items(), key=lambda c: -c[1]) if count]
        if not named:
            return "no further errors"
        return (f"errors in {len(named)} services; " if len(named) > _MOST_NAMED else "errors: ") + ", ".join(named[:3])

    return from_lines
