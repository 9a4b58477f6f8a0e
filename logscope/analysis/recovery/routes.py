"""What each route of the edge log answers, well or with a server error, from the kinds of its requests."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.recovery.spells import QUIET_S
from logscope.analysis.users.users import Users, route_of_unanswered
from logscope.model.times import US

_FEWEST: Final = 10
_SHARE: Final = 0.1


@dataclass(slots=True)
class Route:
    """One route as its users see it."""

    name: str
    """Method and path without ids."""
    ok: list[Kind]
    """Kinds of answers below 500; empty where only failures were kept."""
    failed: list[Kind]

    def count(self, start_us: int, end_us: int) -> tuple[int, int]:
        """Requests and failed ones, both ends included, at second resolution."""
        failed = sum(kind.between(start_us, end_us) for kind in self.failed)
        return failed + sum(kind.between(start_us, end_us) for kind in self.ok), failed


def find_routes(kinds: Iterable[Kind], users: Users) -> list[Route]:
    """Routes of the edge's access logs with at least one failed request, by name.

    Args:
        kinds: All kinds of every level that are known; answers that went well are known where the log was examined.
        users: What of them are the edge's.
    """
    found: dict[str, Route] = {}
    for kind in kinds:
        if kind.id in users.unanswered:
            name = route_of_unanswered(kind)
            found.setdefault(name, Route(name, [], [])).failed.append(kind)
            continue
        if not kind.is_request or kind.view.key not in users.sources:
            continue
        name, _, status = kind.template.rpartition(" ")
        if not name or not status.isdigit():
            continue
        route = found.setdefault(name, Route(name, [], []))
        (route.failed if int(status) >= 500 or kind.id in users.refused else route.ok).append(kind)
    return sorted((route for route in found.values() if route.failed), key=lambda route: route.name)


def fails_to_the_last(routes: Iterable[Route], start: int, now: int) -> bool:
    """Whether one request in ten fails on a route, to the last minute: nobody's normal, however few of all that is.

    Args:
        routes: Those with failed requests.
        start: Second from which they are counted.
        now: The last one.
    """
    for route in routes:
        asked, failed = route.count(start * US, now * US)
        if failed >= _FEWEST and failed >= _SHARE * asked and route.count((now - QUIET_S) * US, now * US)[1]:
            return True
    return False
