"""How it spread: for each failing kind the one that pulled it down, known by name or by time only."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter
from typing import Final

from logscope.analysis.causes.blame import Edge, pair_sigma_us
from logscope.analysis.onset.anomalies import Anomaly
from logscope.model.causes import CascadeEdge, Link

_ROUNDING: Final = 1 - 1e-9


def build_cascade(
    anomalies: Sequence[Anomaly], root: Anomaly, edges: Sequence[Edge], later: Sequence[tuple[int, Anomaly]] = ()
) -> tuple[tuple[CascadeEdge, ...], Mapping[str, str]]:
    """Give each anomaly but the roots a parent.

    The parent is the earliest kind of a node that it names; else, drawn dashed, the latest kind that began clearly
    earlier. Kinds that began before the root have none.

    Args:
        anomalies: Of the incident.
        root: The kind that shows the cause.
        edges: Who blames whom.
        later: Begin of each later wave of another fault, by time, with the kind that shows that one: what begins with
            it follows it, and not what was mended before.

    Returns:
        The steps by time, and for each group id its parent's.
    """
    if later:
        begin, fault = later[-1]
        before = [one for one in anomalies if one.time < begin and one is not fault]
        first, parents_before = build_cascade(before, root, edges, later[:-1])
        since = [one for one in anomalies if one.time >= begin and one is not fault]
        second, parents_since = build_cascade([fault, *since], fault, edges)
        return (*first, *second), {**parents_before, **parents_since}
    steps: list[CascadeEdge] = []
    parents: dict[str, str] = {}
    blamed: dict[str, set[str]] = {}
    for edge in edges:
        if not edge.is_wait:
            blamed.setdefault(edge.caller, set()).add(edge.callee)
    by_time = sorted(anomalies, key=lambda a: (a.time, a.kind.order))
    callees = {node: [one for one in by_time if one.node in named] for node, named in blamed.items()}
    for one in by_time:
        if one.kind.id == root.kind.id:
            continue
        node = one.node
        parent, how = _find_parent(one, by_time, root, blamed.get(node, frozenset()), callees.get(node, ()))
        if parent is None:
            continue
        steps.append(CascadeEdge(parent.kind.id, one.kind.id, max(0, one.time - parent.time), how))
        parents[one.kind.id] = parent.kind.id
    return tuple(steps), parents


def _find_parent(
    one: Anomaly, by_time: Sequence[Anomaly], root: Anomaly, blamed: AbstractSet[str], callees: Sequence[Anomaly]
) -> tuple[Anomaly | None, Link]:
    """Whom one anomaly follows. Looks at few of the others: a storm has hundreds of kinds.

    Args:
        one: Not the root.
        by_time: All of the incident.
        root: Of the incident.
        blamed: Nodes that its node names.
        callees: What is about these, by time.
    """
    if not one.kind.is_failure and one.time < root.time:
        # What was there before the root is what set it off, or nothing to do with it: never its effect.
        return None, Link.TIME
    follows_root = _is_not_after(root, one)
    if root.node in blamed and root.node in one.kind.mentions and follows_root:
        return root, Link.NAMED
    named = next((other for other in callees if other is not one and _is_not_after(other, one)), None)
    if named is not None:
        return (root if root.node in blamed and follows_root else named), Link.NAMED
    if one.node == root.node:
        return (root, Link.NAMED) if follows_root else (None, Link.TIME)
    # What began within its own uncertainty is not asked how sure that order is.
    clearly = one.time - int(one.spread_us * _ROUNDING)
    since_root = (
        by_time[n]
        for n in range(bisect_left(by_time, clearly, key=attrgetter("time")) - 1, -1, -1)
        if by_time[n].time >= root.time
    )
    latest = next((o for o in since_root if o.node != one.node and one.time - o.time > pair_sigma_us(one, o)), None)
    if latest is not None:
        return latest, Link.TIME
    return (root, Link.TIME) if follows_root else (None, Link.TIME)


def _is_not_after(other: Anomaly, one: Anomaly) -> bool:
    return other.time <= one.time + 2 * pair_sigma_us(one, other)
