"""Ordinary work that comes many times as often as before, right before the first failure. Pure.

`export begins` is of a kind that this log always held, and no word of it is bad; who begins ten times as many at once
takes what the others need. Only what rises clearly before anybody fails counts: afterwards everybody tries again. Cost:
one scan of each kind that comes often enough.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from logscope.analysis.kinds.headlines import fill_template, one_line
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly, resolution_us
from logscope.analysis.onset.gate import Coverage, judge_kind
from logscope.analysis.onset.novelties import Novelty, make_sign
from logscope.model.times import MINUTE_US, NO_TIME, US
from logscope.text.fields import list_fields

_BEFORE_US: Final = MINUTE_US
"""What is overrun fails within this."""
_TIMES: Final = 5.0
"""As often as before, from which on it is another load."""
_FEWEST: Final = 8
_FEWEST_LATELY: Final = 3
"""Right before the failure: of fewer no rise is sure."""
_RARITY: Final = 0.85
"""Below that of a kind that was never seen."""


def find_surges(ordinary: Iterable[Kind], onset: int, starts: Mapping[str, int], end: int) -> list[Novelty]:
    """Kinds that came all along and rise right before the first failure, by time.

    Args:
        ordinary: Kinds below warning that say nothing known, of the window that was read at every level.
        onset: The first failure.
        starts: By source since when its lines are known at every level.
        end: Of that window.
    """
    coverage = Coverage(starts, starts, min(starts.values(), default=0), end)
    found = []
    for kind in ordinary:
        if kind.count < _FEWEST or kind.is_request or kind.between(onset - _BEFORE_US, onset) < _FEWEST_LATELY:
            continue
        rise = judge_kind(kind, coverage)
        if rise is None or rise.is_new or not rise.has_baseline or not _is_before(rise, onset):
            continue
        times = rise.excess * US / max(US, rise.last - rise.time) / max(rise.baseline_per_s, 1e-9) + 1.0
        if times >= _TIMES:
            more = f"{times:,.0f} times as often as before{_tell_whose(kind, rise.time)}"
            sign = make_sign(_as_told(kind, rise.time, more), rise.time)
            found.append(Novelty(sign, _RARITY, reason=f"comes {more}", more=more))
    return sorted(found, key=lambda one: (one.anomaly.time, one.anomaly.kind.order))


def _is_before(rise: Anomaly, onset: int) -> bool:
    """Clearly, as far as both stamps tell."""
    return onset - _BEFORE_US <= rise.time <= onset - 2 * resolution_us(rise.kind)


def _as_told(kind: Kind, time: int, more: str) -> Kind:
    """The kind in the words of its record at a moment, where that is kept, with how much more often it comes."""
    shift = kind.view.shift_us
    one = next((kept for kept in kind.exemplars if kept.time != NO_TIME and kept.time + shift == time), None)
    said = kind.headline
    if one is not None:
        read = kind.view.layout.fields(one.text)
        said = one_line(fill_template(read.message, read.values)) or said
    return replace(kind, headline=f"{said} ({more})")


def _tell_whose(kind: Kind, time: int) -> str:
    """What nearly all kept records since the rise hold in a field, and none before: who asks for so much."""
    shift = kind.view.shift_us
    kept = [(one.time + shift, one.text.decode("utf-8", "replace")) for one in kind.exemplars if one.time != NO_TIME]
    before = {field for at, text in kept if at < time for field in list_fields(text)}
    since = [list_fields(text) for at, text in kept if at >= time]
    counts = Counter(field for fields in since for field in fields if field not in before)
    field, count = max(counts.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0))
    if count < _MOSTLY * len(since) or len(since) < _FEWEST_KEPT:
        return ""
    return f"; {field} in {count} of {len(since)} kept since, in none before"


_MOSTLY: Final = 0.7
_FEWEST_KEPT: Final = 4
