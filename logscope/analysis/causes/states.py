"""Numbers in rare lines that stay the same for long: another one right before the onset is a state that changed."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from logscope.analysis.causes.departures import MOST_TOLD
from logscope.analysis.causes.series import is_thing, name_of
from logscope.analysis.kinds.kinds import SourceView
from logscope.index.groups import GroupKey
from logscope.index.samples import Sample
from logscope.model.files import LineRef
from logscope.model.incident import NumberChange
from logscope.model.times import MINUTE_US, US

_FEWEST_STATES: Final = 3
_MOST_STATES: Final = 24
"""Records of a kind in the window: what is told more often is a measurement."""
_SAME: Final = 2
_SWITCHED_BACK: Final = 2
_MOST_OF_FEW: Final = 2
"""Values that a state may take though hardly any was told twice."""
_STATE_BEFORE_US: Final = 2 * MINUTE_US
_STATE_BEHIND_US: Final = 5 * US


def find_states(
    samples: Mapping[GroupKey, Sequence[Sample]], views: Mapping[str, SourceView], onset: int
) -> list[NumberChange]:
    """Numbers in rare lines that were always the same, and are another right before the onset: a state that changed.

    Args:
        samples: Of the window, by kind.
        views: By source.
        onset: When the incident began.
    """
    found = []
    things = _find_things(samples)
    for key, rows in sorted(samples.items()):
        if key.source not in views or not _FEWEST_STATES <= len(rows) <= _MOST_STATES:
            continue
        view = views[key.source]
        ordered = sorted(rows, key=lambda one: (one.time, one.part, one.offset))
        for name in sorted({name for row in ordered for name, _, _ in row.values}):
            called = name_of(name, view)
            told = [(row, value[1]) for row in ordered for value in row.values if value[0] == name]
            is_count = all(value == int(value) for _, value in told) and bool(called) and not is_thing(called)
            low, high = things.get((key.source, name), (1.0, 0.0))
            is_count = is_count and not all(low <= value <= high for _, value in told)
            change = _find_state(told, view, onset) if is_count else None
            if change is not None:
                begin, end, last = change
                before, after = ((told[n][0].time + view.shift_us, told[n][1]) for n in (begin, end))
                refs = tuple(LineRef(view.parts[r.part], r.line, r.offset) for r in (told[begin][0], told[end][0]))
                found.append(
                    NumberChange(
                        service=view.service, name=called, before=before[1], after=after[1], begin=before[0],
                        end=after[0], last=last, climbs_on=False, alert_at_80=None, is_full=False,
                        is_percent=False, score=0.0, lines=refs, is_state=True,
                    )
                )  # fmt: skip
    return sorted(found, key=lambda one: (one.end, one.service, one.name))[:MOST_TOLD]


def _find_things(samples: Mapping[GroupKey, Sequence[Sample]]) -> dict[tuple[str, str], tuple[float, float]]:
    """Least and greatest number by source and name, where lines of every other kind tell many: it names a session."""
    told: dict[tuple[str, str], list[set[float]]] = {}
    for key, rows in samples.items():
        by_name: dict[str, set[float]] = {}
        for row in rows:
            for name, value, _ in row.values:
                by_name.setdefault(name, set()).add(value)
        for name, values in by_name.items():
            if len(values) > _MOST_STATES:
                told.setdefault((key.source, name), []).append(values)
    found = {}
    for field, some in told.items():
        low, high = min(map(min, some)), max(map(max, some))
        # Of a sample the least and the greatest may be missing.
        if len(some) >= _KINDS_OF_THING:
            found[field] = (low - _SAMPLED * (high - low), high + _SAMPLED * (high - low))
    return found


_SAMPLED: Final = 0.1
_KINDS_OF_THING: Final = 2
"""Kinds of lines that tell a number of one name, other ones all the time."""


def _find_state(told: Sequence[tuple[Sample, float]], view: SourceView, onset: int) -> tuple[int, int, float] | None:
    """Rows of the last value before and of the first other one, and the latest value."""
    times = [row.time + view.shift_us for row, _ in told]
    values = [value for _, value in told]
    end = next((n for n in range(1, len(values)) if values[n] != values[0]), None)
    if end is None or not onset - _STATE_BEFORE_US <= times[end] <= onset + _STATE_BEHIND_US:
        return None
    # Twice the same before, or the same again later: else it may be a duration or a total that never repeats. And few
    # values in all: what is another one nearly each time names things (a tenant, a row).
    is_state = end >= _SAME or values[0] in values[end + 1 :]
    is_state = is_state and len(set(values)) <= max(_MOST_OF_FEW, len(values) // 2)
    # A state stays for a while; what goes to and fro is the size of this or that.
    switches = sum(one != other for one, other in pairwise(values))
    is_state = is_state and switches <= max(_SWITCHED_BACK, len(values) // 4)
    # What was back before it began is none of its causes.
    at_onset = max(end, sum(time <= onset for time in times) - 1)
    return (end - 1, end, values[-1]) if is_state and values[at_onset] != values[0] else None
