"""How surely it is over: by requests where users ask, else by time; and what silence may hide."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from logscope.analysis.onset.statistics import rate_upper_bound
from logscope.analysis.recovery.rates import Comparison
from logscope.analysis.recovery.signs import Signs, Writing
from logscope.analysis.recovery.spells import QUIET_S
from logscope.analysis.users.users import FALLEN_VOLUME, do_others_go_on

_ENOUGH_REQUESTS: Final = 300
_FEW_FAILURES: Final = 0.02
"""With so many requests since, and at most this share failing for sure beyond the usual, users are served."""
_SILENT: Final = 0.1
"""A log that writes less than this share of its usual records has stopped."""
_EXPECTED: Final = 10.0
"""Records that should have come before a silence is told."""
_LONGER: Final = 4.0
"""A silence is news when it lasts so many times the longest pause before it."""
_MOSTLY: Final = 0.9
_TAKEN_OVER: Final = 0.3
"""Of what the silent ones wrote: another that writes so much more may do their work."""
_WEIGHTY: Final = 0.2
"""Share of the failing records from which a silent log decides."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """What stands between quiet and over."""

    is_confirmed: bool = False
    is_unknown: bool = False
    """Quiet may mean that nobody asks, or that nothing runs."""
    is_too_early: bool = False
    """Less than a minute's worth of records follows."""
    is_unanswered: bool = False
    """Nearly all requests failed to the last one, and none came since: nothing was served that could show an end."""
    stopped: str = ""
    """Whose work ended with its errors, while everything else goes on."""
    minutes_needed: float | None = None
    text: str = ""


def find_doubts(signs: Signs, compared: Comparison, since: int) -> Doubts:
    """Judge the quiet since a second.

    Args:
        signs: All series.
        compared: Rates before, during and since.
        since: First quiet second.
    """
    held_s = signs.now + 1 - since
    silent = [one for one in signs.writing if _is_silent(one, since, signs.now + 1)]
    requests = signs.requests
    if requests is not None:
        asked, failed = requests.between(since, signs.now + 1)
        if requests.usual_per_s and asked < FALLEN_VOLUME * requests.usual_per_s * held_s:
            fall = f"{requests.usual_per_s:.1f}/s to {asked / held_s:.1f}/s"
            text = f"traffic is down, {fall}: quiet may mean that nobody asks"
            if asked == failed and held_s >= QUIET_S and _failed_to_the_last(signs, since):
                return Doubts(is_unknown=True, is_unanswered=True, text=text)
            is_early = asked / requests.usual_per_s < QUIET_S
            return Doubts(is_unknown=True, is_too_early=is_early, text=text)
        text = f"{asked - failed:,} of {asked:,} requests ok since"
        is_served = asked >= _ENOUGH_REQUESTS and rate_upper_bound(failed, asked) <= (
            _FEW_FAILURES + 1.5 * requests.usual_failed_share
        )
        if not silent and held_s >= QUIET_S and (is_served or compared.bound_per_s <= compared.target_per_s):
            return Doubts(is_confirmed=True, text=text)
        if not silent:
            by_requests = (_ENOUGH_REQUESTS - asked) * held_s / max(1, asked) / 60
            by_requests = 0.0 if is_served else max(by_requests, 0.0) or compared.minutes_needed
            needed = min(compared.minutes_needed, by_requests)
            return Doubts(minutes_needed=_rounded(needed, held_s), text=text)
    elif not silent:
        written = sum(one.line.count(since, signs.now + 1) for one in signs.writing)
        usual = sum(one.usual_per_s for one in signs.writing)
        if usual and written < FALLEN_VOLUME * usual * held_s:
            fall = f"{usual:.1f}/s to {written / held_s:.1f}/s"
            text = f"fewer lines than usual are written, {fall}: quiet may mean that nothing runs"
            return Doubts(is_unknown=True, is_too_early=written / usual < QUIET_S, text=text)
    if silent:
        names = ", ".join(sorted({one.service for one in silent})[:3])
        weight = sum(one.failing_share for one in silent)
        is_unknown = weight >= _WEIGHTY and requests is None
        if is_unknown and held_s >= QUIET_S and _others_go_on(signs, silent, since):
            return Doubts(is_unknown=True, stopped=f"{names} writes next to nothing any more, while others go on")
        text = f"{names} writes next to nothing any more: quiet may mean that nothing runs"
        is_unanswered = is_unknown and held_s >= QUIET_S and _wrote_failures_alone(signs, silent, since)
        is_early = is_unknown and weight > 0.5
        return Doubts(is_unknown=is_unknown, is_too_early=is_early, is_unanswered=is_unanswered, text=text)
    if held_s >= QUIET_S and compared.bound_per_s <= compared.target_per_s:
        return Doubts(is_confirmed=True)
    return Doubts(minutes_needed=_rounded(compared.minutes_needed, held_s))


def _failed_to_the_last(signs: Signs, since: int) -> bool:
    """Nearly all of the last minute's requests before a second failed."""
    assert signs.requests is not None, "asked only where users ask"
    asked, failed = signs.requests.between(since - QUIET_S, since)
    return failed > _MOSTLY * asked


def _wrote_failures_alone(signs: Signs, silent: Sequence[Writing], since: int) -> bool:
    """Nearly all that the silent ones wrote in the last minute before a second were failures."""
    low = since - QUIET_S
    failed = signs.line.count(low, since) * sum(one.failing_share for one in silent)
    return failed > _MOSTLY * sum(one.line.count(low, since) for one in silent)


def _others_go_on(signs: Signs, silent: Sequence[Writing], since: int) -> bool:
    """Whether all other logs together write about as before, and none so much more that it may do their work."""
    others = [one for one in signs.read_others() if one.usual_per_s]
    usual = sum(one.usual_per_s for one in others)
    rates = [one.line.rate(since, signs.now + 1) for one in others]
    lost = sum(one.usual_per_s for one in silent)
    is_taken_over = any(rate - one.usual_per_s > _TAKEN_OVER * lost for one, rate in zip(others, rates, strict=True))
    return do_others_go_on(usual, sum(rates)) and not is_taken_over


def _is_silent(one: Writing, since: int, end: int) -> bool:
    """It writes next to nothing, for much longer than it ever paused before."""
    held_s = end - since
    if one.usual_per_s * held_s < _EXPECTED or held_s < _LONGER * one.longest_pause_s:
        return False
    return one.line.rate(since, end) < _SILENT * one.usual_per_s


def _rounded(minutes: float, held_s: int) -> float:
    """Never less than what is left of the first quiet minute."""
    return round(max(0.1, minutes, (QUIET_S - held_s) / 60), 1)
