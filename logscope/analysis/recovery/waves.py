"""What a second wave brings that the first did not have, and what was changed just before it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from logscope.analysis.causes.changes import Change, read_change
from logscope.analysis.causes.triggers import find_trigger
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly
from logscope.model.causes import Link, Trigger
from logscope.model.recovery import NewFault, Recovery, Wave
from logscope.model.times import US

_FEWEST: Final = 5
"""Records from which on a kind is a fault of its own, not a straggler."""
_RARE: Final = 5
"""A kind of so few records tells of an event each time."""
_SOON_US: Final = 30 * US
_SHARE: Final = 0.05
"""Of the wave's records."""
_AS_LOUD: Final = 0.5
"""Of the loudest kind's records: retries double what a caller writes."""


def calm_between(waves: Sequence[Wave]) -> list[tuple[int, int]]:
    """Spans between the end of one wave and a second one, microseconds."""
    return [(one.end, later.start) for one, later in pairwise(waves) if later.kind == "second_wave"]


def begin_faults(recovery: Recovery, anomalies: Sequence[Anomaly]) -> list[tuple[int, Anomaly]]:
    """Begin of each wave that brings a fault of its own, by time, with the kind that shows it."""
    by_id = {one.kind.id: one for one in anomalies}
    return [
        (min(wave.start, by_id[wave.fault.group].time) - US, by_id[wave.fault.group])
        for wave in recovery.waves
        if wave.fault is not None and wave.fault.group in by_id and by_id[wave.fault.group].time >= wave.start - US
    ]


def explain_waves(
    recovery: Recovery,
    anomalies: Sequence[Anomaly],
    changes: Sequence[Change],
    onsets: Mapping[str, Anomaly],
    root: Anomaly,
    trigger: Trigger | None = None,
    kinds: Iterable[Kind] = (),
) -> Recovery:
    """The recovery, with the new fault of each second wave, or what brought the same fault back.

    Args:
        recovery: Its waves by time.
        anomalies: Kinds of the incident.
        changes: Whatever was altered, by time.
        onsets: By node its first failure.
        root: The kind that shows the cause.
        trigger: What set the first one off.
        kinds: All kinds that are known: the same may have happened again.
    """
    kinds = list(kinds)
    waves: list[Wave] = []
    for wave in recovery.waves:
        before = waves[-1].end if waves else wave.start
        fault = _find_fault(wave, waves[-1] if waves else None, anomalies, root)
        is_undecided = wave is recovery.undecided
        if wave.kind != "second_wave" and (not is_undecided or fault is None):
            waves.append(wave)
            continue
        near = [change for change in changes if before <= change.time]
        if fault is None:
            # A wave begins in a second, not at a stamp: a change within it may still stand before its first record.
            back = root if root.kind.between(wave.start, wave.end) else None
            begins = wave.start if back is None else int(back.kind.firsts[back.kind.row_at(wave.start)])
            again = _find_again(trigger, root, kinds, before, begins)
            waves.append(replace(wave, trigger=again or find_trigger(near, back, root.node, begins, onsets)))
            continue
        time = max(fault.time, int(fault.kind.firsts[fault.kind.row_at(wave.start)]))
        row = fault.kind.row_at(time)
        new = NewFault(
            group=fault.kind.id,
            service=fault.kind.service,
            headline=fault.kind.headline,
            count=fault.kind.between(wave.start, wave.end),
            time=time,
            ref=fault.kind.ref_at(row),
            trigger=find_trigger(near, fault, fault.node, time, onsets),
        )
        waves.append(replace(wave, fault=new))
    return replace(recovery, waves=tuple(waves))


def _find_again(
    trigger: Trigger | None, root: Anomaly, kinds: Iterable[Kind], since: int, begins: int
) -> Trigger | None:
    """What set the first one off, as shortly before this one; or a cause that is told once before each."""
    reach = _SOON_US if trigger is None else max(2 * trigger.lag_us, _SOON_US)
    for kind in kinds:
        is_same = trigger is not None and kind.holds(trigger.sample)
        if not is_same and (kind.id != root.kind.id or kind.count > _RARE):
            continue
        rows = np.flatnonzero((kind.firsts > max(since, begins - reach)) & (kind.firsts <= begins))
        if len(rows):
            row = int(rows[-1])
            time, ref = int(kind.firsts[row]), kind.ref_at(row)
            kept = (one for one in kind.exemplars if one.line == ref.line and kind.view.parts[one.part] == ref.file)
            one = next(kept, None)
            sample = "" if one is None else one.text.decode("utf-8", "replace")
            link = trigger.link if trigger is not None and is_same else Link.NAMED
            # Its own words: the first one was another release, or another run.
            text = kind.template if one is None else read_change(kind, one).text
            return Trigger(ref.file, ref.line or 0, sample, time, begins - time, link, kind.service, text)
    return None


def _find_fault(wave: Wave, last: Wave | None, anomalies: Sequence[Anomaly], root: Anomaly) -> Anomaly | None:
    """The loudest kind of a wave that no earlier one held, or that neither the last one nor what broke explains.

    Of those that are about as loud the one whose words others quote: who passes an error on writes as many lines. A
    line of an access log shows no fault of its own.
    """
    is_other = not root.kind.between(wave.start, wave.end)
    new = [
        one
        for one in anomalies
        if one.kind.is_failure
        and not one.kind.is_request
        and one.kind.first_seen is not None
        and (
            one.kind.first_seen >= wave.start - US
            or (is_other and last is not None and not one.kind.between(last.start, last.end))
        )
        and one.kind.between(wave.start, wave.end) >= max(_FEWEST, _SHARE * wave.count)
    ]
    counts = {one.kind.id: one.kind.between(wave.start, wave.end) for one in new}
    loud = [one for one in new if counts[one.kind.id] >= _AS_LOUD * max(counts.values())]
    return max(loud, key=lambda one: (_count_quoting(one, loud), counts[one.kind.id], one.kind.order), default=None)


def _count_quoting(one: Anomaly, others: Sequence[Anomaly]) -> int:
    """Kinds of other services that repeat its words."""
    words = one.kind.headline
    return sum(other.kind.service != one.kind.service and words in other.kind.headline for other in others)
