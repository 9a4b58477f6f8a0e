"""How it spread: for each failing kind the one that pulled it down, known by name or by time only."""

from collections.abc import Mapping, Sequence

from logscope.analysis.anomalies import Anomaly
from logscope.analysis.blame import Edge, pair_sigma_us
from logscope.model.causes import CascadeEdge, Link


def build_cascade(
    anomalies: Sequence[Anomaly], root: Anomaly, edges: Sequence[Edge]
) -> tuple[tuple[CascadeEdge, ...], Mapping[str, str]]:
    """Give each anomaly but the root a parent.

    The parent is the earliest kind of a node that it names; else, drawn dashed, the latest kind that began clearly
    earlier. Kinds that began before the root have none.

    Returns:
        The steps by time, and for each group id its parent's.
    """
    steps: list[CascadeEdge] = []
    parents: dict[str, str] = {}
    blamed = {(edge.caller, edge.callee) for edge in edges}
    by_time = sorted(anomalies, key=lambda a: (a.time, a.kind.id))
    for one in by_time:
        if one.kind.id == root.kind.id:
            continue
        parent, how = _find_parent(one, by_time, root, blamed)
        if parent is None or parent.kind.id == one.kind.id:
            continue
        steps.append(CascadeEdge(parent.kind.id, one.kind.id, max(0, one.time - parent.time), how))
        parents[one.kind.id] = parent.kind.id
    return tuple(steps), parents


def _find_parent(
    one: Anomaly, by_time: Sequence[Anomaly], root: Anomaly, blamed: set[tuple[str, str]]
) -> tuple[Anomaly | None, Link]:
    if not one.kind.is_failure and one.time < root.time:
        # What was there before the root is what set it off, or nothing to do with it: never its effect.
        return None, Link.TIME
    if (one.node, root.node) in blamed and root.node in one.kind.mentions and _is_not_after(root, one):
        return root, Link.NAMED
    earlier = [other for other in by_time if other.kind.id != one.kind.id and _is_not_after(other, one)]
    named = [other for other in earlier if (one.node, other.node) in blamed]
    if named:
        return (root if root in named else named[0]), Link.NAMED
    if one.node == root.node:
        return (root, Link.NAMED) if _is_not_after(root, one) else (None, Link.TIME)
    clearly = [
        other for other in earlier if one.time - other.time > pair_sigma_us(one, other) and other.node != one.node
    ]
    since_root = [other for other in clearly if other.time >= root.time]
    if since_root:
        return since_root[-1], Link.TIME
    return (root, Link.TIME) if _is_not_after(root, one) else (None, Link.TIME)


def _is_not_after(other: Anomaly, one: Anomaly) -> bool:
    return other.time <= one.time + 2 * pair_sigma_us(one, other)
