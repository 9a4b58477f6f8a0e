"""A worker that hangs: its log stops for long while others go on, and somebody complains of it by name, once perhaps.

No kind of error rises then: a broker closes its connection with one line, work piles up without a word. The silence is
the incident, and the line that names who fell silent is its proof; neither alone is one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from logscope.analysis.kinds.entities import Names
from logscope.analysis.kinds.kinds import Kind, SourceView
from logscope.analysis.onset.anomalies import Outbreak, make_outbreak
from logscope.analysis.onset.gate import find_without_baseline
from logscope.analysis.onset.silences import find_active, find_silences
from logscope.index.index import Index
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US, US

_FEWEST_S: Final = 120
"""A silence that a complaint may come in the middle of: shorter ones are pauses."""
_BEHIND_US: Final = 10 * MINUTE_US
"""Between the last record and the complaint: the heartbeats and deadlines of others."""


def find_hung(
    failing: Sequence[Kind], index: Index, views: Mapping[str, SourceView], names: Names, as_of: int, begin: int
) -> list[Outbreak]:
    """Complaints that name a node whose log had stopped by then, each with its silence as its begin.

    Args:
        failing: Kinds of errors and warnings.
        index: All records.
        views: How each source is written.
        names: Who is known.
        as_of: Now, microseconds UTC.
        begin: Where all logs begin.
    """
    paused = _find_paused(index, views, names, as_of)
    found: dict[str, list[Kind]] = {}
    starts: dict[str, int] = {}
    for kind in failing:
        named = {key: view for node in kind.mentions for key, view in paused.get(node, {}).items()}
        if kind.severity < Severity.ERROR or not len(kind.firsts) or not named:
            continue
        first = int(kind.firsts[0])
        for silence in find_silences(index, named, names, first, as_of, begin, before_us=_BEHIND_US):
            end = as_of if silence.end is None else silence.end
            is_inside = silence.start <= first <= end and end - silence.start >= _FEWEST_S * US
            if is_inside and silence.is_steady:
                found.setdefault(silence.node, []).append(kind)
                starts[silence.node] = silence.start
    outbreaks = [(node, make_outbreak(find_without_baseline(kinds))) for node, kinds in found.items()]
    return [replace(outbreak, start=starts[node], silent=node) for node, outbreak in outbreaks]


def _find_paused(
    index: Index, views: Mapping[str, SourceView], names: Names, as_of: int
) -> dict[str, dict[str, SourceView]]:
    """By node its logs that ever wrote nothing for long: mostly none, and then no complaint is looked at."""
    found: dict[str, dict[str, SourceView]] = {}
    for key, view in views.items():
        state = index.sources.get(key)
        active = find_active(state, view) if state is not None else ()
        if len(active) and np.diff(active, append=as_of // US + 1).max() > _FEWEST_S:
            found.setdefault(names.node_of_service.get(view.service, view.service), {})[key] = view
    return found
