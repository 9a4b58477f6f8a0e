"""What numbers say of the verdict: a green share is no end while the value that brought it down climbs on."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.causes.departures import describe_trend
from logscope.model.incident import NumberChange
from logscope.model.recovery import Recovery, Verdict

ENDS: Final = frozenset({Verdict.RECOVERED, Verdict.HERD})


def guard_recovery(
    recovery: Recovery, numbers: Sequence[NumberChange], involved: Container[str], node_of_service: Mapping[str, str]
) -> Recovery:
    """Withhold an end, and tell what climbs.

    Args:
        recovery: By errors and requests.
        numbers: That left their normal before or with the onset, the most telling first.
        involved: Node of candidate 1 and the services that failed: of others a value may climb for any reason.
        node_of_service: By service of a log whose fault its lines tell.
    """
    rising = next(
        (
            one
            for one in numbers
            if one.climbs_on and (one.service in involved or node_of_service.get(one.service) in involved)
        ),
        None,
    )
    if rising is None or recovery.verdict not in (*ENDS, Verdict.TOO_EARLY, Verdict.PARTIAL):
        return recovery
    told = replace(
        recovery,
        climbing=describe_trend(rising),
        explanation=f"{recovery.explanation}; {describe_trend(rising)}",
    )
    if recovery.verdict not in ENDS:
        return told
    return withhold_end(told)


def withhold_end(recovery: Recovery) -> Recovery:
    """What is no end after all: something is left of it."""
    return replace(
        recovery, verdict=Verdict.PARTIAL, confirmed=False, over=None, minutes_needed=None, to_recover_us=None
    )


def withhold_unread(recovery: Recovery) -> Recovery:
    """While logs are read no end is told: what was not read yet may hold the errors that go on."""
    if not recovery.over and recovery.verdict not in ENDS:
        return recovery
    return replace(
        recovery,
        verdict=Verdict.TOO_EARLY,
        confirmed=False,
        over=None,
        since=None,
        minutes_needed=None,
        held_us=None,
        to_recover_us=None,
        explanation="not everything is read yet",
    )
