"""What each suspect's own kinds are judged against."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from logscope.analysis.causes.blame import Edge
from logscope.analysis.onset.anomalies import Anomaly, says_why


class Scene:
    """What each suspect's own kinds are judged against; what several of them ask for is found once."""

    def __init__(
        self,
        anomalies: Sequence[Anomaly],
        onsets: Mapping[str, Anomaly],
        edges: Sequence[Edge],
        main: int,
        *,
        has_times: bool,
        harmed: int | None = None,
    ) -> None:
        """Sort what is known by node.

        Args:
            anomalies: Kinds of the incident and changes before it, by onset.
            onsets: Main onset of each failing node.
            edges: Who blames whom.
            main: When most nodes had begun to fail, microseconds UTC.
            has_times: The files carry times.
            harmed: Since when users fail, microseconds UTC; None where no access log tells.
        """
        self.onsets = onsets
        self.edges = edges
        self.main = main
        self.harmed = harmed
        self.has_times = has_times
        self.by_node: dict[str, list[Anomaly]] = {}
        for one in anomalies:
            self.by_node.setdefault(one.node, []).append(one)
        told = {
            other.node: other
            for other in reversed(anomalies)
            if says_why(other) and (other.kind.is_failure or other.kind.match is not None)
        }
        self.told = dict(sorted(told.items()))
        """By node who says in a line or two what broke."""
        self.tied = {edge.caller for edge in edges} | {edge.callee for edge in edges}
        """Nodes that name somebody of it, or are named."""
        self._blamed: dict[str, Edge | None] = {}
        self._whole: dict[str, list[Edge]] = {}

    def find_blamed(self, one: Anomaly) -> Edge | None:
        """The strongest edge that rests on a kind's own words; None where it names nobody that may be blamed."""
        if one.kind.id not in self._blamed:
            self._blamed[one.kind.id] = _whom_it_blames(one, self.edges)
        return self._blamed[one.kind.id]

    def list_blamed(self, node: str) -> list[Edge]:
        """For each kind of what a node surely fails with whom it names, weighed by its share of all of that."""
        if node not in self._whole:
            own = [other for other in self.by_node.get(node, ()) if other.kind.is_failure and other.is_strong]
            total = sum(other.excess for other in own)
            found = [(other, self.find_blamed(other)) for other in own]
            # What comes no more often than before has no share: its kinds weigh alike then.
            self._whole[node] = [
                replace(edge, weight=edge.weight * (other.excess / total if total > 0 else 1 / len(own)))
                for other, edge in found
                if edge is not None
            ]
        return self._whole[node]


def _whom_it_blames(one: Anomaly, edges: Sequence[Edge]) -> Edge | None:
    found = []
    for edge in edges:
        if edge.caller != one.node or edge.shared_ids:
            continue
        own_weight = one.kind.mentions.get(edge.callee, 0.0)
        if edge.anomaly.kind.id == one.kind.id:
            found.append(edge)
        elif own_weight:
            found.append(replace(edge, weight=min(edge.weight, own_weight), anomaly=one))
    return max(found, key=lambda e: e.weight, default=None)
