"""What was normal at another time: counts of kinds and requests in logs that show no incident (`--baseline`)."""

from collections.abc import Iterable
from dataclasses import dataclass

from logscope.index.index import FAILED, REQUESTS, Index


@dataclass(frozen=True, slots=True)
class Usual:
    """How often something came in a normal time."""

    count: int = 0
    seconds: int = 0
    """Length of that time; 0 where nothing is known."""


@dataclass(frozen=True, slots=True)
class UsualRequests:
    """Requests of an access log in a normal time."""

    requests: int = 0
    failed: int = 0
    seconds: int = 0


NOTHING_KNOWN = Usual()
NO_REQUESTS = UsualRequests()


class Normal:
    """Looks usual counts up by the service's name; one log alone stands for whatever it is compared with."""

    def __init__(self, index: Index) -> None:
        """Count what an index of normal logs holds, each source keyed by its service."""
        self._seconds: dict[str, int] = {}
        self._requests: dict[str, UsualRequests] = {}
        self._counts: dict[str, dict[str, int]] = {}
        self._is_single = len(index.sources) == 1
        for service, state in index.sources.items():
            seconds = state.seconds.seconds()
            if not len(seconds):
                continue
            length = int(seconds[-1] - seconds[0]) + 1
            self._seconds[service] = length
            requests, failed = (int(state.seconds.column(one).sum()) for one in (REQUESTS, FAILED))
            self._requests[service] = UsualRequests(requests, failed, length)
        for key, group in index.groups.items():
            templates = self._counts.setdefault(key.source, {})
            template = group.signature.template
            templates[template] = templates.get(template, 0) + group.occurrences.count()

    def find(self, service: str, template: str) -> Usual:
        """The usual count of a kind: 0 where its service was normal without it."""
        log = self._log_of(service)
        if log is None:
            return NOTHING_KNOWN
        return Usual(_count(self._counts.get(log, {}), template), self._seconds[log])

    def find_requests(self, service: str) -> UsualRequests:
        """The usual requests of an access log."""
        log = self._log_of(service)
        return self._requests[log] if log is not None else NO_REQUESTS

    def _log_of(self, service: str) -> str | None:
        if service in self._seconds:
            return service
        return next(iter(self._seconds)) if len(self._seconds) == 1 and self._is_single else None


def _count(counts: dict[str, int], template: str) -> int:
    """Records of a template; of one that stands for several words, of all that it covers."""
    if "<*>" not in template:
        return counts.get(template, 0)
    words = template.split(" ")
    return sum(count for other, count in counts.items() if _covers(words, other.split(" ")))


def _covers(words: Iterable[str], others: list[str]) -> bool:
    words = list(words)
    return len(words) == len(others) and all(
        one in ("<*>", other) or other == "<*>" for one, other in zip(words, others, strict=True)
    )
