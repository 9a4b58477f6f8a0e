"""What rose or is new around an outbreak, and who names, calls or waits for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from logscope.analysis.causes.blame import Edge, find_called, find_edges
from logscope.analysis.causes.changes import FEW_RECORDS, changes_by_node
from logscope.analysis.causes.shared_names import find_shared_names
from logscope.analysis.incident.base import LOOK_BACK_US, Base
from logscope.analysis.onset.anomalies import Anomaly, Outbreak, main_onsets
from logscope.analysis.onset.last_words import mark_last_words
from logscope.analysis.onset.novelties import Novelty, find_later_novelties, find_novelties, tell_about
from logscope.analysis.onset.silences import Silence, find_silences
from logscope.analysis.onset.surges import find_surges
from logscope.analysis.onset.turned import find_turned
from logscope.analysis.story.jumps import is_jump
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.times import US


@dataclass(frozen=True, slots=True)
class Relations:
    """An outbreak and what surrounds it."""

    as_of: int
    """The moment that is judged, microseconds UTC."""
    outbreak: Outbreak
    """Failing kinds; the last words of processes are marked."""
    everything: Sequence[Anomaly]
    """These, and kinds below warning that are new or risen near them; by onset."""
    suspects: Sequence[Anomaly]
    """Those of them that a cause may be found among: an alert is told, it breaks nothing."""
    onsets: Mapping[str, Anomaly]
    """By node what it began to fail with."""
    edges: Sequence[Edge]
    """Who blames or calls whom."""
    logged: frozenset[str]
    """Nodes that a log is known of."""
    silences: Sequence[Silence]
    novelties: Sequence[Novelty]
    """Ordinary lines of kinds that were not seen before."""

    @property
    def silence_by_node(self) -> dict[str, Silence]:
        """By node the first of its silences."""
        return _first_by_node(self.silences)


def _first_by_node(silences: Sequence[Silence]) -> dict[str, Silence]:
    return {one.node: one for one in reversed(silences)}


def relate(base: Base, outbreak: Outbreak, low: Sequence[Anomaly]) -> Relations:
    """Find what surrounds an outbreak.

    Args:
        base: Everything else.
        outbreak: Failing kinds.
        low: Kinds below warning that are new or risen: causes logged at INFO, changes, states.
    """
    assert base.as_of is not None, "anomalies have times"
    near = [one for one in low if outbreak.start - LOOK_BACK_US <= one.time <= outbreak.end + US]
    silences = [
        one
        for one in find_silences(base.index, base.views, base.names, outbreak.start, base.as_of, base.coverage.first)
        if not is_jump(one, base.jumps, base.views)
    ]
    outbreak = replace(outbreak, anomalies=mark_last_words(outbreak.anomalies, base.index, base.as_of))
    everything = sorted([*outbreak.anomalies, *near], key=lambda a: (a.time, a.kind.order))
    onsets = main_onsets(outbreak.anomalies)
    suspects = [one for one in everything if one.kind.is_failure or one.kind.meaning.kind is not MeaningKind.ALERT]
    edges = _find_edges(base, outbreak, suspects, onsets, silences)
    logged = (
        frozenset(kind.node for kind in base.kinds)
        | {base.names.node_of_service.get(f.service, f.service) for f in base.files if f.records}
        | base.names.shared_names
    )
    unlogged = {edge.callee for edge in edges} - logged
    novelties = tell_about(_find_novelties(base, outbreak, suspects, onsets), base.names, unlogged)
    return Relations(base.as_of, outbreak, everything, suspects, onsets, edges, logged, silences, novelties)


def _find_edges(
    base: Base,
    outbreak: Outbreak,
    suspects: Sequence[Anomaly],
    onsets: Mapping[str, Anomaly],
    silences: Sequence[Silence],
) -> tuple[Edge, ...]:
    """By their words, by a name that they share, and by the ids of requests."""
    edges = tuple(
        find_edges(suspects, onsets, changes_by_node(base.changes), base.names.members_of, _first_by_node(silences))
    )
    part = {one.kind.id for one in outbreak.anomalies}
    normal = [kind for kind in (*base.kinds, *base.ordinary) if kind.id not in part] if base.ordinary else []
    named = {(edge.caller, edge.callee) for edge in edges}
    shared = find_shared_names(suspects, normal, base.names, base.knows)
    edges = (*edges, *(edge for edge in shared if (edge.caller, edge.callee) not in named))
    return (*edges, *find_called(calls_of_nodes(base), suspects, edges))


def _find_novelties(
    base: Base, outbreak: Outbreak, suspects: Sequence[Anomaly], onsets: Mapping[str, Anomaly]
) -> list[Novelty]:
    """Before the first onset, and behind it as long as nothing else explains what fails."""
    first = min((one.time for one in onsets.values()), default=outbreak.start)
    starts = _starts_of_events(base, outbreak)
    found = find_novelties(base.ordinary, first, starts, outbreak.start - LOOK_BACK_US)
    known = {one.anomaly.kind.id for one in found}
    later = find_later_novelties(base.ordinary, suspects, onsets, starts, outbreak.start - LOOK_BACK_US)
    found += [one for one in later if one.anomaly.kind.id not in known]
    known = {one.anomaly.kind.id for one in found}
    odd = (*find_turned(base.ordinary, first), *find_surges(base.ordinary, first, base.read_starts(), outbreak.end))
    return [*found, *(one for one in odd if one.anomaly.kind.id not in known)]


def _starts_of_events(base: Base, outbreak: Outbreak) -> Mapping[str, int]:
    """Since when each log was able to show something new: one of few records tells events, and was silent before.

    One that fails itself is no log of events, and what it was before its begin nobody knows.
    """
    failing = {one.kind.view.key for one in outbreak.anomalies if one.kind.is_failure}
    records: dict[str, int] = {}
    for one in base.files:
        records[one.source] = records.get(one.source, 0) + one.records
    return {
        key: base.coverage.first if records.get(key, 0) <= FEW_RECORDS and key not in failing else start
        for key, start in base.read_starts().items()
    }


def calls_of_nodes(base: Base) -> dict[tuple[str, str], int]:
    """By caller and called node the ids that show it."""
    node_of = {view.key: base.names.node_of_service.get(view.service, view.service) for view in base.views.values()}
    calls: dict[tuple[str, str], int] = {}
    for call in base.calls:
        pair = (node_of[call.caller], node_of[call.callee])
        calls[pair] = max(call.ids, calls.get(pair, 0))
    return calls
