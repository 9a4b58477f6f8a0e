"""Ordinary lines that were never seen before it began: levels are no filter, and what they say is not understood.

A cause may be told in one line at the everyday level, in words that no lexicon knows. What can be known of it is that
its kind is new, and how seldom this log holds new kinds: where every minute brings one, one more says nothing.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import Final

from logscope.analysis.kinds.entities import Names
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly, resolution_us
from logscope.model.times import MINUTE_US, US

_BEFORE_US: Final = 2 * MINUTE_US
"""How long before the first failure a line may stand and still be taken for its cause."""
_BEHIND_US: Final = 2 * US
"""A process may be told to fail a moment after others saw it."""
_BURN_IN: Final = 0.4
"""Share of the normal period in which kinds are new only because the log begins."""
_BEFORE_SHARE: Final = 3
"""Of a log that began shortly before, the last third is looked at: the rest must show how often it holds new kinds."""
_SHORTEST_US: Final = 40 * US
"""Of a shorter normal period nobody knows what is new."""
_LEAST_RARITY: Final = 0.2
_MOST: Final = 10
_WORD: Final = re.compile(r"[a-z][a-z0-9-]{3,60}")
_LONGEST_TEXT: Final = 2000
_SHORTEST_NAME: Final = 4
"""Of a shorter name nobody knows whether it is one."""
_SURE: Final = 0.7
"""Weight from which a name is meant, not just a word like it."""


@dataclass(frozen=True, slots=True)
class Novelty:
    """A kind of no known sense that is new."""

    anomaly: Anomaly
    rarity: float
    """Chance that this log would hold no new kind in so short a time by itself, 0 to 1."""
    about: str | None = None
    """Another node than the log's own that the line is about, as a log of releases is of what it releases."""
    reason: str = "is of a kind that this log did not hold before"
    more: str = ""
    """How much more often it comes; empty for a kind that is new."""


def find_novelties(ordinary: Sequence[Kind], onset: int, starts: Mapping[str, int], window_start: int) -> list[Novelty]:
    """New kinds just before the first failure, the rarest first.

    Args:
        ordinary: Kinds below warning that say nothing known, of the window that was read at every level.
        onset: The first failure.
        starts: First stamp of each source.
        window_start: Since when every level was read.
    """
    begins: dict[str, list[int]] = {}
    for kind in ordinary:
        if len(kind.firsts) and not kind.is_request:
            begins.setdefault(kind.view.key, []).append(int(kind.firsts[0]))
    found: list[Novelty] = []
    for kind in ordinary:
        if not len(kind.firsts) or kind.is_request:
            continue
        time = int(kind.firsts[0])
        begin = max(starts.get(kind.view.key, time), window_start)
        near = onset - min(_BEFORE_US, (onset - begin) // _BEFORE_SHARE)
        if not near <= time <= onset + _BEHIND_US or near - begin < _SHORTEST_US:
            continue
        late = begin + int(_BURN_IN * (near - begin))
        earlier = sum(late <= other < near for other in begins[kind.view.key])
        rate = (earlier + 0.5) / max(US, near - late)
        rarity = exp(-rate * (abs(onset - time) + 5 * US))
        if rarity >= _LEAST_RARITY:
            found.append(Novelty(make_sign(kind, int(kind.firsts[0])), rarity))
    return sorted(found, key=lambda one: (-one.rarity, one.anomaly.time, one.anomaly.kind.order))[:_MOST]


def find_later_novelties(
    ordinary: Sequence[Kind],
    anomalies: Sequence[Anomaly],
    onsets: Mapping[str, Anomaly],
    starts: Mapping[str, int],
    window_start: int,
) -> list[Novelty]:
    """New kinds just before the weightiest node fell, where another one fell first: that may be a coincidence.

    What a log says anew after it told of a failure, a change or a state is what followed, and says nothing.

    Args:
        ordinary: As above.
        anomalies: Kinds of the incident, and what was altered before it, by onset.
        onsets: Main onset of each failing node.
        starts: As above.
        window_start: As above.
    """
    own = [one for one in onsets.values() if not one.kind.is_request]
    if not own:
        return []
    weightiest = max(own, key=lambda one: (one.excess, -one.time, one.kind.order))
    told = {one.kind.view.key: one.time for one in reversed(anomalies)}
    return [
        one
        for one in find_novelties(ordinary, weightiest.time, starts, window_start)
        if one.anomaly.time <= told.get(one.anomaly.kind.view.key, one.anomaly.time)
    ]


def tell_about(novelties: Sequence[Novelty], names: Names, blamed: Collection[str] = ()) -> list[Novelty]:
    """Say of each whom it is about: whose field it carries in another one's log, or the only other node it names.

    Args:
        novelties: New kinds.
        names: Nodes that are known.
        blamed: Names that failing lines alone tell: only here is looked for them.
    """
    told = []
    for one in novelties:
        kind = one.anomaly.kind
        home = names.node_of_service.get(kind.view.service, kind.view.service)
        found = names.mentions(kind.headline, one.anomaly.node)
        named = [name for name, weight in found.items() if weight >= _SURE]
        if not named:
            words = set(_WORD.findall(kind.exemplars[0].text[:_LONGEST_TEXT].decode("utf-8", "replace").lower()))
            named = [name for name in blamed if name in words and len(name) >= _SHORTEST_NAME]
        about = kind.node if kind.node != home else named[0] if len(named) == 1 else None
        told.append(replace(one, about=about))
    return told


def make_sign(kind: Kind, time: int) -> Anomaly:
    """An ordinary line as a sign of trouble.

    Args:
        kind: Its kind.
        time: Of the line, microseconds UTC.
    """
    return Anomaly(
        kind=kind,
        time=time,
        sigma_us=resolution_us(kind) // 4,
        surprise=3.0,
        is_new=True,
        baseline_per_s=0.0,
        excess=float(kind.count),
        last=kind.last_seen or time,
        has_baseline=True,
    )
