"""Is it an incident at all, or everyday noise that these logs happen to show for the first time?

A healthy log holds warnings and errors too, and each of their kinds is seen for the first time at some moment: of
twenty kinds that come once in ten minutes, most begin somewhere behind the first minutes. What tells an incident from
them is that records keep coming from some moment on, far more often than chance would bring them. Chance brings
clumps: one failed request is retried, and told by each that it passes. So events are counted, not records, and the
threshold grows with the number of kinds and moments that chance had to try.
"""

from collections.abc import Collection, Sequence
from math import log
from typing import Final

import numpy as np

from logscope.analysis.kinds.kinds import Events, Kind
from logscope.analysis.onset.anomalies import Anomaly, Outbreak, find_outbreaks, make_outbreak
from logscope.analysis.onset.gate import Coverage
from logscope.knowledge.rule import RuleClass
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US, US

_CLUMP_S: Final = 5
"""What one kind writes in so many seconds is one event, retries of it included."""
_CLUMP_ERRORS: Final = 5.0
"""A clump of errors counts as one more event for each so many of them: forty failures in a moment are no retries."""
_FEWEST_EVENTS: Final = 4.0
"""A blip of a few seconds is none that anybody is called for."""
_FALSE_ALARMS: Final = 0.01
"""Chance of a false alarm in one set of healthy logs."""
_COINCIDENCES: Final = 0.7
"""A kind seen for the first time so early that chance alone brings so many by then is as likely noise as a sign."""
_TOGETHER_US: Final = 10 * US
_HALF: Final = 0.5
_BLIP_US: Final = 30 * US
_FEWEST_OF_BLIP: Final = 5
"""Of fewer nobody asks what they were."""
_SPANS_S: Final = (10, 60, 300)
BROKEN: Final = frozenset({RuleClass.CRASH, RuleClass.STORAGE, RuleClass.EXHAUSTION})
"""What a rule recognises as one of these broke, be it told once."""


def find_incidents(
    anomalies: Sequence[Anomaly], coverage: Coverage, kind_count: int, dead: Collection[str] = ()
) -> list[Outbreak]:
    """Outbreaks that are more than everyday noise, without the noise that happens to lie in them.

    Args:
        anomalies: Kinds that are new or risen.
        coverage: Since when what could be seen.
        kind_count: Failing kinds in all logs: so many times chance could strike.
        dead: Ids of kinds that are an incident whatever their number (dead_routes.py).
    """
    moments = max(1.0, (coverage.end - coverage.first) / MINUTE_US)
    threshold = log(moments * max(1, kind_count) / _FALSE_ALARMS)
    measures = [(one, _measure(one, coverage)) for one in anomalies]
    evident = {
        one.kind.id
        for one, measure in measures
        if one.kind.id in dead
        or says_broken(one)
        or measure > threshold
        or (measure > _HALF * threshold and measure + _find_company(one, measures, threshold) > threshold)
    }
    by_chance = (len(anomalies) - len(evident)) / max(1, coverage.end - coverage.first)
    found = []
    for outbreak in find_outbreaks(anomalies):
        begins = min((one.time for one in outbreak.anomalies if one.kind.id in evident), default=None)
        if begins is None:
            continue
        since = begins - int(_COINCIDENCES / by_chance) if by_chance else 0
        found.append(make_outbreak([one for one in outbreak.anomalies if one.kind.id in evident or one.time >= since]))
    return found


def find_blip(anomalies: Sequence[Anomaly]) -> Outbreak | None:
    """Errors that surely came in numbers, for moments: too few events for an incident, and yet no everyday noise.

    The one with most records, where there are several; None without any.
    """
    sharp = [
        (sum(one.kind.between(one.time, one.last) for one in storm), outbreak)
        for outbreak in find_outbreaks(anomalies)
        if (storm := [one for one in outbreak.anomalies if one.kind.severity >= Severity.ERROR and _is_sharp(one)])
    ]
    return max(sharp, key=lambda pair: (pair[0], -pair[1].start), default=(0, None))[1]


def _is_sharp(one: Anomaly) -> bool:
    """Many records within moments, and none but those since it rose."""
    count = one.kind.between(one.time, one.last)
    return one.is_new and one.last - one.time <= _BLIP_US and count >= _FEWEST_OF_BLIP


def says_broken(one: Anomaly) -> bool:
    """A line at the level of errors that a rule knows as a death, a full or a broken thing; or one that is fatal.

    In a log without levels, as a kernel's, every line that a rule knows so.
    """
    kind = one.kind
    if one.is_new and kind.tells_standing_death:
        return True
    is_mild = kind.severity < Severity.ERROR and kind.view.has_levels
    if not one.is_new or is_mild or kind.is_request:
        return False
    return kind.severity >= Severity.FATAL or (kind.match is not None and kind.match.rule.cls in BROKEN)


def _find_company(one: Anomaly, measures: Sequence[tuple[Anomaly, float]], threshold: float) -> float:
    """What another service adds that begins to fail in the same moments: chance seldom begins two at once.

    One request that fails is told by each that it passes, so the other's events are half as good as new ones; a blip
    is nothing.
    """
    others = [
        measure
        for other, measure in measures
        if measure > _HALF * threshold and abs(other.time - one.time) <= _TOGETHER_US and other.node != one.node
    ]
    return _HALF * max(others, default=0.0)


def _measure(one: Anomaly, coverage: Coverage) -> float:
    """Log-likelihood ratio of the events from the onset on against those before it; 0 for a blip."""
    kind = one.kind
    if kind.events is None:
        kind.events = _count_events(kind)
    starts, sums = kind.events
    onset = one.time // US
    begins = coverage.quiet_starts.get(kind.view.key, onset) // US
    ends = max(coverage.end // US, int(kind.seconds[-1])) + 1
    widths = [max(1, min(span, ends - onset)) for span in (*_SPANS_S, ends - onset)]
    first, *behind = sums[starts.searchsorted([onset - _CLUMP_S, *(onset + width for width in widths)])].tolist()
    before = first + kind.usual.count
    quiet = max(1, onset - begins) + kind.usual.seconds
    best = 0.0
    for width, until in zip(widths, behind, strict=True):
        inside = until - first
        if inside >= _FEWEST_EVENTS and inside * quiet > before * width:
            best = max(
                best, _entropy(inside, width) + _entropy(before, quiet) - _entropy(inside + before, width + quiet)
            )
    return best


def _count_events(kind: Kind) -> Events:
    """The clumps of its records, and for how many events each stands."""
    clumps = kind.seconds // _CLUMP_S
    firsts = np.flatnonzero(np.concatenate([[True], clumps[1:] != clumps[:-1]]))
    sums = kind.sums[firsts]
    records = np.concatenate([sums[1:], kind.sums[-1:]]) - sums
    events = np.ones(len(firsts))
    if len(kind.lumps):
        # Of what is long past it is only known how many records a minute held: they may have come one by one.
        widths = clumps[firsts] - np.minimum.reduceat(kind.firsts // US, firsts) // _CLUMP_S + 1
        events = np.minimum(records, widths).astype(np.float64)
    if kind.severity >= Severity.ERROR:
        events = np.maximum(events, records / _CLUMP_ERRORS)
    return Events(clumps[firsts] * _CLUMP_S, np.concatenate([[0.0], np.cumsum(events)]))


def _entropy(count: float, seconds: float) -> float:
    return count * log(count / seconds) if count > 0 else 0.0
