"""Which parts of an incident have ended while others go on: a service, a host, a log or a route of several that failed.

A total rate hides it: one of two servers that is well again takes a third of the errors away. A part has ended when it
wrote a fair share of what failed, fails no more for longer than chance or its own pauses explain, and still works: a
service that stopped writing has stopped, not recovered.
"""

from collections.abc import Sequence
from math import log
from typing import Final

from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.recovery.line import Line
from logscope.analysis.recovery.routes import Route
from logscope.analysis.recovery.signs import Signs, Writing, by_service
from logscope.analysis.recovery.spells import QUIET_S

_FEWEST: Final = 20
_LEAST_S: Final = 30
"""What failed for a moment only was no part of what lasts."""
_SHARE: Final = 0.2
"""Of what failed while it did, as whoever saw most of it counts."""
_SURELY: Final = 6.9
"""Expected failures of a silence that is no chance: one in a thousand."""
_PAUSES: Final = 2.0
_ALIVE: Final = 0.5
"""Of what it usually writes beside failures."""


def find_ended_part(signs: Signs, failing: Sequence[Anomaly], routes: Sequence[Route] = ()) -> int | None:
    """The first second behind the latest part that ended; None where none did, or nothing else goes on.

    Args:
        signs: All series.
        failing: The incident's kinds, the users' side too.
        routes: Of the edge log.
    """
    lines = {service: signs.line_of(kinds) for service, kinds in by_service(failing).items()}
    alive = {one.service: one for one in signs.writing}
    ends = []
    for service, line in lines.items():
        end = _find_end(line, signs)
        if end is None or service not in alive:
            continue
        start = int(line.active(line.start, line.end + 1)[0])
        # The same failures are told by whoever stands before it: of the most that anybody tells, not of the sum.
        most = max(other.count(start, end) for other in lines.values())
        if line.count(start, end) >= _SHARE * most and _works(alive[service], line, end, signs):
            ends.append(end)
    return max([*ends, *_ended_routes(signs, routes)], default=None)


def _ended_routes(signs: Signs, routes: Sequence[Route]) -> list[int]:
    """The first second behind the failures of each route that was broken, and answers as many users well since."""
    failed = {route.name: Line.of(route.failed, signs.start, signs.now) for route in routes if route.ok}
    ends = []
    for route in routes:
        line = failed.get(route.name)
        end = _find_end(line, signs) if line is not None else None
        if line is None or end is None:
            continue
        start = int(line.active(line.start, line.end + 1)[0])
        most = max(other.count(start, end) for other in failed.values())
        ok = Line.of(route.ok, signs.start, signs.now)
        asked = line.rate(start, end) + ok.rate(start, end)
        if line.count(start, end) >= _SHARE * most and ok.rate(end, signs.now + 1) >= _ALIVE * asked:
            ends.append(end)
    return ends


def _find_end(line: Line, signs: Signs) -> int | None:
    """The second behind its last failure, where it surely fails no more."""
    active = line.active(line.start, line.end + 1)
    if not len(active):
        return None
    first, last = int(active[0]), int(active[-1])
    seconds, quiet = last + 1 - first, signs.now - last
    count = line.count(first, last + 1)
    if count < _FEWEST or seconds < _LEAST_S or quiet < QUIET_S:
        return None
    needed = max((_SURELY + log(count)) * seconds / count, _PAUSES * line.longest_pause(first, last + 1))
    return last + 1 if quiet >= needed else None


def _works(writing: Writing, failing: Line, end: int, signs: Signs) -> bool:
    """It goes on with what it does beside failing."""
    since = signs.now + 1
    written = writing.line.count(end, since) - failing.count(end, since)
    return writing.usual_per_s > 0 and written >= _ALIVE * writing.usual_per_s * (since - end)
