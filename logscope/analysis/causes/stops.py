"""Servers that say themselves that they stop, moments before others find nobody there: that line is what broke.

Receives a node's own lines and who names it. A stop far from any failure is routine, and is none of it.
"""

import re
from collections.abc import Sequence
from typing import Final

from logscope.analysis.causes.blame import ALTERING_US, Edge, pair_sigma_us
from logscope.analysis.causes.suspects import Suspect, onset_ref
from logscope.analysis.causes.weights import STOPPED
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import Evidence
from logscope.model.times import span

_STOPS: Final = re.compile(r"(?i)\bshut(?:ting|s)?[ -]?down\b|\bstopp(?:ed|ing)\b|\b(?:terminat|exit|halt)(?:ed|ing)\b")
_NOT_THERE: Final = frozenset({RuleClass.REFUSED, RuleClass.RESET})
_GONE: Final = re.compile(r"(?i)\b(?:is|are|went|seems?|looks?) (?:dead|down|gone|away|offline|not running)\b")
"""In words that say no more than that."""


def says_stop(kind: Kind) -> bool:
    """Whether a server says with a line that it stops."""
    return kind.meaning.kind is MeaningKind.STATE and _STOPS.search(kind.headline) is not None


def find_member_stop(node: str, own: Sequence[Anomaly], states: Sequence[Anomaly]) -> Anomaly | None:
    """Of a server with a log for each of several hosts the first that stopped before the rest of them began to fail.

    None where one of them failed before, or was back at once.
    """
    failing = [one for one in own if one.kind.is_failure and one.is_strong]
    stops = [one for one in states if one.kind.node == node and _STOPS.search(one.kind.headline)]
    if not stops or any(one.time < min(stop.time for stop in stops) for one in failing):
        return None
    first = min(stops, key=lambda one: (one.time, onset_ref(one).line))
    is_back = any(
        other.kind.view.key == first.kind.view.key and 0 < other.time - first.time <= ALTERING_US // 2
        for other in states
        if not _STOPS.search(other.kind.headline)
    )
    # A server's log of requests beside that of its errors is no other host.
    is_left = any(
        one.kind.view.key != first.kind.view.key
        and one.kind.view.layout.name == first.kind.view.layout.name
        and one.time - first.time <= ALTERING_US
        for one in failing
    )
    return first if is_left and not is_back else None


def find_stop(node: str, options: Sequence[Suspect], naming: Sequence[Edge]) -> Suspect | None:
    """The line with which a server says itself that it stops, right before others find nobody there; None without."""
    missed = [
        edge.anomaly
        for edge in naming
        if edge.anomaly.kind.meaning.cls in _NOT_THERE or _GONE.search(edge.anomaly.kind.headline)
    ]
    # What says that it stops may be a warning itself.
    own = [one.anomaly.kind for one in options if one.anomaly is not None]
    if not missed or any(kind.is_failure and not says_stop(kind) for kind in own):
        return None
    first = min(missed, key=lambda one: one.time)
    stops = [
        (one.anomaly.time, onset_ref(one.anomaly).line, one)
        for one in options
        if one.anomaly is not None
        and one.anomaly.kind.node == node
        and says_stop(one.anomaly.kind)
        and -pair_sigma_us(one.anomaly, first) <= first.time - one.anomaly.time <= ALTERING_US
    ]
    return min(stops, key=lambda row: row[:2])[2] if stops else None


def judge_stop(suspect: Suspect, naming: Sequence[Edge]) -> Evidence:
    """What speaks for a server whose own line says that it stops."""
    assert suspect.anomaly is not None, "a line says it"
    first = min((edge.anomaly for edge in naming), key=lambda one: one.time)
    gap = first.time - suspect.anomaly.time
    when = f"{span(gap)} before" if gap > 0 else "as"
    text = f"says itself that it stops, {when} {first.node} first names it"
    return Evidence("stop", STOPPED, text, (onset_ref(suspect.anomaly), onset_ref(first)))
