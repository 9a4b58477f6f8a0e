"""What is known when nodes are judged: who fails, who names or follows whom, what is new, silent or altered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

from logscope.analysis.causes.blame import Edge, reach
from logscope.analysis.causes.changes import Change, changes_by_node
from logscope.analysis.causes.following import find_behind, find_followed
from logscope.analysis.causes.scene import Scene
from logscope.analysis.causes.silent_logs import find_silent_logs
from logscope.analysis.causes.suspects import Suspect
from logscope.analysis.onset.anomalies import Anomaly, says_why
from logscope.analysis.onset.novelties import Novelty
from logscope.analysis.onset.silences import Silence


@dataclass(frozen=True, slots=True)
class Case:
    """An incident, laid out for the judgement of each node."""

    anomalies: Sequence[Anomaly]
    """Kinds of the incident and changes before it, by onset."""
    scene: Scene
    nodes_with_log: frozenset[str]
    silences: Mapping[str, Silence]
    """By node, logs that stopped when it began."""
    changes: Sequence[Change]
    altered: Mapping[str, Sequence[int]]
    """By node when it was altered."""
    hushed: Mapping[str, Suspect]
    """By node whose only sign is that its log stops."""
    by_time: Sequence[Edge]
    """Who fell behind whom, without a name."""
    led: Mapping[str, Mapping[str, float]]
    """By node how strongly each other one leads to it by words."""
    led_by_all: Mapping[str, Mapping[str, float]]
    """The same by words and by time."""
    new_by_node: Mapping[str, Sequence[Novelty]]
    told_of: Mapping[str, Sequence[Novelty]]
    """By node that fails what other logs tell anew of it."""
    ends: Mapping[str, int]
    """Last failing record of each node."""

    @classmethod
    def lay_out(
        cls,
        anomalies: Sequence[Anomaly],
        onsets: Mapping[str, Anomaly],
        edges: Sequence[Edge],
        nodes_with_log: frozenset[str],
        silences: Mapping[str, Silence],
        novelties: Sequence[Novelty],
        changes: Sequence[Change],
        *,
        has_times: bool,
        harmed: int | None,
    ) -> Self:
        """Find who follows whom, who fell silent, and what was told of whom; the arguments are those of `rank`."""
        failing = {*onsets, *(edge.callee for edge in edges)}
        reasons = [one for one in anomalies if says_why(one) and one.kind.is_failure]
        hushed = {one.node: one for one in find_silent_logs(silences.values(), onsets, failing, reasons)}
        by_time: tuple[Edge, ...] = ()
        if has_times:
            stopped = [one.silence for one in hushed.values() if one.silence is not None]
            by_time = (
                *find_followed(anomalies, novelties, onsets, edges, stopped),
                *find_behind(anomalies, novelties, onsets, edges),
            )
        led = reach(edges, onsets)
        main = median(one.time for one in onsets.values()) if onsets else 0
        new_by_node: dict[str, list[Novelty]] = {}
        told_of: dict[str, list[Novelty]] = {}
        for novelty in novelties:
            # A log that tells anew of a node that fails tells what was done to it: that one is the suspect.
            if novelty.about in failing:
                told_of.setdefault(novelty.about or "", []).append(novelty)
            else:
                new_by_node.setdefault(novelty.anomaly.node, []).append(novelty)
        ends: dict[str, int] = {}
        for one in anomalies:
            if one.kind.is_failure:
                ends[one.node] = max(one.last, ends.get(one.node, one.last))
        return cls(
            anomalies=anomalies,
            scene=Scene(anomalies, onsets, edges, int(main), has_times=has_times, harmed=harmed),
            nodes_with_log=nodes_with_log,
            silences=silences,
            changes=changes,
            altered=changes_by_node(changes),
            hushed=hushed,
            by_time=by_time,
            led=led,
            led_by_all=reach((*edges, *by_time), onsets) if by_time else led,
            new_by_node=new_by_node,
            told_of=told_of,
            ends=ends,
        )

    @property
    def nodes(self) -> list[str]:
        """Everybody who fails, is blamed or tells something new."""
        told = {one.node for one in self.anomalies}
        return sorted(told | {edge.callee for edge in self.scene.edges} | set(self.new_by_node))

    def naming(self, node: str) -> list[Edge]:
        """Who names a node in words."""
        return [edge for edge in self.scene.edges if edge.callee == node and not edge.shared_ids and not edge.is_wait]
