"""The figures of an incident: from when to when, who failed, what users lost, when somebody was told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.incident.base import Base
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.recovery.waves import calm_between
from logscope.analysis.story.alerts import find_first
from logscope.analysis.users.attempts import count_attempts
from logscope.analysis.users.users import Users, success_rates
from logscope.model.causes import Candidate
from logscope.model.incident import Incident, Rates
from logscope.model.recovery import Recovery, Verdict
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US, US
from logscope.text.cutting import tell

_PRESENT_US: Final = 5 * MINUTE_US
_SHORT_US: Final = 20 * US
"""Behind a fix, that rates can be told of."""


def describe_incident(
    base: Base,
    users: Users | None,
    part_of: Sequence[Anomaly],
    top: Candidate,
    start: int,
    recovery: Recovery,
) -> Incident:
    """The figures of an incident.

    Args:
        base: Everything else.
        users: What users got, by an access log or by the ids of their operations; None where nothing shows it.
        part_of: Kinds of the incident, by onset.
        top: Candidate 1.
        start: Of the incident, microseconds UTC.
        recovery: What became of it.
    """
    assert base.as_of is not None, "an incident has times"
    failing = [one for one in part_of if one.kind.is_failure]
    strong = [one for one in failing if one.kind.severity >= Severity.ERROR and one.is_strong]
    # What a service says itself is exact; the edge's share of failures shows a moment later or by chance earlier.
    errors = [one.time for one in strong if not one.kind.is_request] or [one.time for one in strong]
    first_error = min(errors, default=min((one.time for one in failing), default=start))
    alert = find_first(base.alerts, start)
    incident = Incident(
        start=start,
        end=recovery.since if recovery.over else None,
        headline=tell(top.service, top.headline) if top.in_logs else top.headline,
        services=tuple(sorted({one.kind.service for one in failing})),
        first_error=first_error,
        alert_began=alert.began if alert else None,
        detected_at=alert.time if alert else None,
        detection_gap_us=alert.time - first_error if alert else None,
        success_rate=Rates(None, None, None),
        volume=Rates(None, None, None),
        success_note="no access log among these files",
    )
    if users is None:
        return incident
    # Users may fail long before the line that shows the cause: what is usual ends with their first failure.
    first_failure = min([start, first_error, *(one.time for one in strong if one.kind.is_request)])
    is_edge = top.in_logs and base.names.node_of_service.get(users.service) == top.service
    return replace(
        _count_losses(incident, base, users, first_failure, recovery), edge_fails=top.service if is_edge else ""
    )


def _count_losses(incident: Incident, base: Base, users: Users, first_failure: int, recovery: Recovery) -> Incident:
    """An incident with what its users lost.

    Args:
        incident: Without it.
        base: Everything else.
        users: What they got.
        first_failure: The first sign of it, microseconds UTC.
        recovery: What became of it.
    """
    assert base.as_of is not None, "an incident has times"
    begins = users.first_failing(first_failure - US, users.failed_share(0, first_failure)) or incident.start
    # Where nothing shows that it goes on, what users get since then is no part of it, early as it may be.
    turn = recovery.since if recovery.over is not False else None
    rates, volume, note = success_rates(users, begins, turn, base.as_of, calm_between(recovery.waves))
    is_by_ids = base.users is None
    share_until_fix = None
    partly = recovery.served.since if recovery.verdict is Verdict.PARTIAL and recovery.served is not None else None
    if partly is not None and rates.during is not None:
        asked, failed = users.count(begins, partly)
        share_until_fix = 1 - failed / asked if asked else None
    return replace(
        incident,
        success_rate=rates,
        volume=volume,
        success_note=f"{users.service}: operations by their ids, there is no access log" if is_by_ids else note,
        is_by_ids=is_by_ids,
        attempts=count_attempts(base.read_trips(), users, begins, base.as_of if incident.end is None else incident.end),
        share_until_fix=share_until_fix,
    )


def find_present(now: int, start: int, recovery: Recovery) -> tuple[int, int] | None:
    """The span whose rates are the present ones: of what goes on since the end, or the fix; None where it is short."""
    turns = (recovery.since, recovery.fix_at)
    since = next((turn for turn in turns if turn is not None and start < turn < now), start)
    if since != start and now - since < _SHORT_US:
        return None
    return max(since, now - _PRESENT_US), now


def find_baselines(base: Base, cause: int, rises: Mapping[str, Anomaly]) -> dict[str, float | None]:
    """Records per minute before the incident; None where no normal period of the file is in view."""
    rates: dict[str, float | None] = {}
    for kind in base.kinds:
        # What fails before its cause is logged was usual until it began to.
        start = min(cause, rises[kind.id].time) if kind.id in rises else cause
        # A log that holds nothing but failures was silent before its first one: none, which is not unknown.
        begins = base.coverage.quiet_starts.get(kind.view.key)
        usual = kind.usual
        if begins is not None and usual.seconds:
            count = kind.between(begins, start - US) + usual.count
            rates[kind.id] = round(count * 60 / (max(0, start - begins) / US + usual.seconds), 3)
        elif begins is None or start - begins < MINUTE_US:
            rates[kind.id] = None
        else:
            rates[kind.id] = round(kind.between(begins, start - US) * MINUTE_US / (start - begins), 3)
    return rates
