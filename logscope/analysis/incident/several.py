"""Several incidents in the same logs: each is judged by itself, and one of them is told first. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.incident.base import Base, Found
from logscope.analysis.incident.outbreak import judge_outbreak
from logscope.analysis.incident.relations import calls_of_nodes
from logscope.analysis.onset.anomalies import Anomaly, Outbreak, weigh
from logscope.analysis.onset.several import (
    goes_on_beside,
    hurts_users,
    is_beside,
    is_incident,
    is_lesser,
    last_of,
    nodes_of,
    own_of,
    part_outbreaks,
    stands_alone,
    without_failures,
)
from logscope.analysis.users.users import Users
from logscope.model.incident import Incident
from logscope.model.snapshot import FurtherIncident
from logscope.model.times import MINUTE_US, US
from logscope.text.cutting import tell

_BEHIND_US: Final = MINUTE_US
"""So long behind its first line an incident has shown what it rests on."""

_LATELY_US: Final = 15 * MINUTE_US
"""So long after its end the state of an incident is still what the logs are opened for."""


def judge_several(
    base: Base, outbreaks: Sequence[Outbreak], noise: Sequence[Outbreak], low: Sequence[Anomaly]
) -> tuple[Found, tuple[FurtherIncident, ...]]:
    """Each incident by itself; first the weightiest, unless it is over and another one is not, or ended lately.

    What went on beside it all along and costs no user anything, or one service alone tells of where others fell, does
    not take its place: it is told with it.
    """
    parted = part_outbreaks(outbreaks, base.as_of or 0, calls_of_nodes(base).keys())
    main = max(parted, key=weigh)
    as_of = base.as_of or 0
    incidents = [o for o in parted if o is main or is_incident(o) or goes_on_beside(o, main, as_of)]
    judged: list[tuple[Outbreak, Found]] = []
    lasting: list[tuple[Outbreak, Found]] = []
    for one in incidents:
        apart = replace(base, users=_users_of(base.users, incidents, one))
        later = [other.start for other in incidents if other.start > last_of(one)]
        if later and base.as_of is not None:
            # What comes after it is another story: it is judged by what was known then.
            apart = replace(apart, as_of=min(base.as_of, min(later) - US))
        found = judge_outbreak(apart, one, [*(o for o in parted if o is not one), *noise], _low_of(one, incidents, low))
        judged.append((one, found))
        # One that stopped before the next began was merely not yet known to be over. Of the last that is no answer:
        # it broke until a moment ago, whatever was over before.
        if not later and not found.recovery.over and (found.recovery.over is False or not stands_alone(one)):
            lasting.append((one, found))
    chosen = next(pair for pair in judged if pair[0] is main)
    if chosen[1].recovery.over:
        lasting = [(one, found) for one, found in lasting if not is_beside(one, main) or _counts_as_much(one, main)]
        chosen = max(lasting, key=lambda pair: weigh(pair[0]), default=_ended_lately(judged, chosen, as_of))
    further = [
        _tell_beside(found.incident, found, one, chosen[0])
        for one, found in judged
        if one is not chosen[0] and found.incident is not None
    ]
    # Who has an incident of his own is told of there, not as somebody who need not be woken.
    services = {name for one in further for name in one.incident.services}
    quiet = tuple(one for one in chosen[1].ruled_out if one.service not in services)
    return replace(chosen[1], ruled_out=quiet), tuple(sorted(further, key=lambda one: one.incident.start))


def _counts_as_much(one: Outbreak, main: Outbreak) -> bool:
    """It costs users something, or neither does and it is no matter of one service alone."""
    return hurts_users(one) or not (hurts_users(main) or is_lesser(one, main))


def _ended_lately(
    judged: Sequence[tuple[Outbreak, Found]], main: tuple[Outbreak, Found], as_of: int
) -> tuple[Outbreak, Found]:
    """Of incidents that are all over one that came behind the weightiest, while people still ask whether it holds."""
    later = [
        (one, found)
        for one, found in judged
        if one.start > last_of(main[0]) and as_of - last_of(one) < _LATELY_US and _counts_as_much(one, main[0])
    ]
    return max(later, key=lambda pair: last_of(pair[0]), default=main)


def _tell_beside(incident: Incident, found: Found, one: Outbreak, main: Outbreak) -> FurtherIncident:
    """What else is in the logs; of one that stands alone beside the main one only who complains, and of what."""
    if not stands_alone(one) or stands_alone(main):
        return FurtherIncident(incident, found.candidates[:3], found.recovery)
    loud = max(own_of(one.anomalies), key=lambda a: a.excess).kind
    complaint = replace(incident, start=one.start, headline=tell(loud.service, loud.headline), services=(loud.service,))
    candidates = tuple(c for c in found.candidates if c.service == loud.service)
    return FurtherIncident(complaint, candidates[:3], found.recovery, is_alone=True)


def _low_of(one: Outbreak, incidents: Sequence[Outbreak], low: Sequence[Anomaly]) -> list[Anomaly]:
    """What was told below warning, without what belongs to others.

    That is what others tell in whose incident these have no part, and what was logged while this one went on and
    another one began.
    """
    mine = nodes_of(one)
    rest = [other for other in incidents if other is not one]
    others = {node for other in rest for node in nodes_of(other)} - mine
    return [told for told in low if told.node not in others and not _is_of_another(told, one, rest)]


def _is_of_another(told: Anomaly, one: Outbreak, rest: Sequence[Outbreak]) -> bool:
    behind = told.time - one.start
    return behind > _BEHIND_US and any(abs(other.start - told.time) < behind for other in rest)


def _users_of(users: Users | None, incidents: Sequence[Outbreak], one: Outbreak) -> Users | None:
    """The edge's requests without the failures of incidents before, behind, or beside it if these alone cost some."""
    if users is None:
        return None
    others = [
        o
        for o in incidents
        if o is not one
        and (last_of(o) < one.start or o.start > last_of(one) or (hurts_users(o) and not hurts_users(one)))
    ]
    return without_failures(users, [(o.start, last_of(o)) for o in others])
