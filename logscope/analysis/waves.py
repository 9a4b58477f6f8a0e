"""What a second wave brings that the first did not have, and what was changed just before it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.anomalies import Anomaly
from logscope.analysis.triggers import Change, find_trigger
from logscope.model.recovery import NewFault, Recovery, Wave
from logscope.model.times import US

_FEWEST: Final = 5
"""Records from which on a kind is a fault of its own, not a straggler."""
_SHARE: Final = 0.05
"""Of the wave's records."""


def explain_waves(
    recovery: Recovery,
    anomalies: Sequence[Anomaly],
    changes: Sequence[Change],
    onsets: Mapping[str, Anomaly],
    root: Anomaly,
) -> Recovery:
    """The recovery, with the new fault of each second wave, or what brought the same fault back.

    Args:
        recovery: Its waves by time.
        anomalies: Kinds of the incident.
        changes: Whatever was altered, by time.
        onsets: By node its first failure.
        root: The kind that shows the cause.
    """
    waves: list[Wave] = []
    for wave in recovery.waves:
        before = waves[-1].end if waves else wave.start
        fault = _find_fault(wave, anomalies)
        if wave.kind != "second_wave":
            waves.append(wave)
            continue
        near = [change for change in changes if before <= change.time]
        if fault is None:
            # A wave begins in a second, not at a stamp: a change within it may still stand before its first record.
            back = root if root.kind.between(wave.start, wave.end) else None
            begins = wave.start if back is None else int(back.kind.table[back.kind.row_at(wave.start), 2])
            waves.append(replace(wave, trigger=find_trigger(near, back, root.node, begins, onsets)))
            continue
        row = fault.kind.row_at(fault.time)
        new = NewFault(
            group=fault.kind.id,
            service=fault.kind.service,
            headline=fault.kind.headline,
            count=fault.kind.between(wave.start, wave.end),
            time=fault.time,
            ref=fault.kind.ref_at(row),
            trigger=find_trigger(near, fault, fault.node, fault.time, onsets),
        )
        waves.append(replace(wave, fault=new))
    return replace(recovery, waves=tuple(waves))


def _find_fault(wave: Wave, anomalies: Sequence[Anomaly]) -> Anomaly | None:
    """The loudest kind that no earlier wave held; a line of an access log shows no fault of its own."""
    new = [
        one
        for one in anomalies
        if one.kind.is_failure
        and not one.kind.is_request
        and one.kind.first_seen is not None
        and one.kind.first_seen >= wave.start - US
        and one.kind.between(wave.start, wave.end) >= max(_FEWEST, _SHARE * wave.count)
    ]
    return max(new, key=lambda one: (one.kind.between(wave.start, wave.end), one.kind.id), default=None)
