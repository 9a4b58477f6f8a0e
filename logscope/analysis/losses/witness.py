"""Whether requests that a log tells of show how users fared in an incident.

An access log does, whatever it shows. Among other lines a service may tell of what went well alone, or have no part in
the incident at all: where its requests neither fail more often nor come less often, they witness nothing.
"""

from collections.abc import Mapping
from typing import Final

from logscope.analysis.onset.anomalies import Outbreak
from logscope.analysis.onset.statistics import rates_differ
from logscope.analysis.users.users import FALLEN_VOLUME, Users, is_access_log
from logscope.index.index import SourceState
from logscope.model.times import US

_CHANCE: Final = 0.01
"""More failures than before are none where chance brings as many in one of a hundred incidents."""


def find_witness(users: Users | None, sources: Mapping[str, SourceState], start: int, end: int) -> Users | None:
    """What users got; None where these requests show nothing of the incident, and may not know of it.

    Args:
        users: Requests of the log that saw most of them, or operations by their ids.
        sources: All logs by key.
        start: Begin of the incident.
        end: Its end, or now.
    """
    if users is None:
        return None
    return users if _is_edge(users, sources) or _shows_harm(users, start, end + US) else None


def can_tell_of(outbreak: Outbreak, users: Users, sources: Mapping[str, SourceState]) -> bool:
    """Whether requests that go well show that what rose costs nobody anything.

    An access log does; else only that of who complains: others are not asked for what fails here.
    """
    return _is_edge(users, sources) or all(one.kind.view.key in users.sources for one in outbreak.anomalies)


def _is_edge(users: Users, sources: Mapping[str, SourceState]) -> bool:
    return not users.is_by_ids and all(is_access_log(sources[key]) for key in users.sources)


def _shows_harm(users: Users, start: int, end: int) -> bool:
    """More of the requests fail in a span than before it, or far fewer come."""
    begins = int(users.seconds[0]) * US
    before, failed_before = users.count(begins, start)
    asked, failed = users.count(start, end)
    if failed * before > failed_before * asked:
        return rates_differ(failed, asked, failed_before, before) < _CHANCE
    return asked * (start - begins) < FALLEN_VOLUME * before * (end - start)
