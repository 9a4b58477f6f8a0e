"""Whether who hung works again: by its own log alone, since nothing else fails."""

from dataclasses import replace
from typing import Final

from logscope.analysis.onset.silences import Silence
from logscope.analysis.recovery.spells import QUIET_S
from logscope.model.recovery import Recovery, Verdict
from logscope.model.times import MINUTE_US, US, span

_QUIET_US: Final = QUIET_S * US


def judge_silence(recovery: Recovery, silence: Silence, as_of: int) -> Recovery:
    """The verdict where a silence is the incident.

    Args:
        recovery: By the few lines that tell of it.
        silence: Of whom hangs.
        as_of: Now, microseconds UTC.
    """
    if silence.end is None:
        told = f"{silence.service} has written nothing for {span(as_of - silence.start)}"
        return replace(
            recovery,
            verdict=Verdict.ONGOING,
            confirmed=False,
            over=False,
            since=None,
            minutes_needed=None,
            held_us=None,
            to_recover_us=None,
            explanation=told,
            silence=told,
        )
    held = max(0, as_of - silence.end)
    told = f"{silence.service} writes again after {span(silence.end - silence.start)}"
    return replace(
        recovery,
        verdict=Verdict.RECOVERED,
        confirmed=held >= _QUIET_US,
        over=True,
        since=silence.end,
        minutes_needed=max(0, _QUIET_US - held) / MINUTE_US or None,
        held_us=held,
        to_recover_us=silence.end - silence.start,
        explanation=told,
        silence=told,
    )
