"""Who points at whom: edges from the words of failing kinds, and how much of the incident leads to a node.

An edge goes from a node that fails to the one that its lines name. Words alone do not tell direction (a server may name
its clients), so an edge must also be consistent in time: what is blamed must not begin to fail clearly later than the
one that blames it (delay consistency, Lou et al., WASL 2010).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import hypot
from typing import Final

from logscope.analysis.kinds.components import component_of, keeps_data
from logscope.analysis.kinds.kinds import Kind, SourceView
from logscope.analysis.kinds.strangers import is_own_certificate_refused, is_own_limit, is_resolution_failure
from logscope.analysis.onset.anomalies import CLOCK_SIGMA_US, Anomaly, says_why
from logscope.analysis.onset.silences import Silence
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import Confidence
from logscope.model.times import US

HOP_DECAY: Final = 0.8
"""Each further hop counts for less: a symptom of a symptom (analysis.md 3.4)."""

_LEAST_WEIGHT: Final = 0.2
"""A name in fewer than a fifth of a kind's records is chance."""

_LATER_BLAME: Final = 0.6
"""A caller that fails over from one dependency to the next blames the first one first: what it names clearly later is
likelier pulled down by the failing over."""

_BY_IDS: Final = 0.6
"""Weight of a call that only shared ids show: the callee is used, which does not say that it failed."""

ALTERING_US: Final = US * 60
"""A release, a restart or a failover may take so long until it fails itself."""

_LATE: Final = 0.4
"""What is left of blame in words of a failing dependency, where only the clocks of two logs speak against it."""
_SKEW_US: Final = 120 * US
"""A host's clock that nobody keeps is off by up to this (5 % of hosts in analysis.md 2c)."""

_BY_POOL: Final = 0.6
"""Weight of a wait for a connection that names nobody."""
_STARVED_US: Final = 60 * US
_CONNECTIONS: Final = re.compile(r"(?i)\b(?:connections?|clients|sessions|connection slots|max_user_connections)\b")

_BROKEN: Final = 0.3
"""What is left of blame by who had broken of itself before: it does not get up again, and names whom it meets."""

BROKEN_US: Final = 300 * US
"""Who broke longer ago than this got up, or fails for another reason."""

_SHORTEST_QUOTE: Final = 20
"""Letters of a literal that two nodes share before one is taken to quote the other."""
_SHORTEST_CAUSE: Final = 12
"""The same where the literal tells of a cause: `deadlock detected` is nobody's everyday word."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One kind's lines name a node."""

    caller: str
    callee: str
    weight: float
    """0 to 1."""
    anomaly: Anomaly
    """The kind whose lines name it."""
    is_quote: bool = False
    """The caller repeats the callee's own words."""
    shared_ids: int = 0
    """Sampled ids of the caller that go through the callee, where that is all that ties them; 0 where words do."""
    is_wait: bool = False
    """The caller has no connection left and names nobody, and the callee says that it has none to give."""
    is_by_time: bool = False
    """Nothing ties them but that one began to fail moments before the other."""


def pair_sigma_us(a: Anomaly, b: Anomaly) -> float:
    """Uncertainty of the order of two onsets: of both scans, both stamps and the clocks between two files."""
    return max(1.0, hypot(a.spread_us, b.spread_us, _clock_sigma_us(a.kind.view, b.kind.view)))


def _clock_sigma_us(a: SourceView, b: SourceView) -> float:
    """How well two logs' clocks are known against each other: measured where shared ids tell, else assumed."""
    if a.key == b.key:
        return 0.0
    if a.clock_sigma_us is None or b.clock_sigma_us is None:
        return CLOCK_SIGMA_US
    measured = hypot(a.clock_sigma_us, b.clock_sigma_us)
    # Whole seconds measure a right clock worse than hosts keep it; a wrong one is known as well as it was measured.
    return measured if a.offset_us or b.offset_us else min(measured, CLOCK_SIGMA_US)


def find_edges(
    anomalies: Sequence[Anomaly],
    onsets: Mapping[str, Anomaly],
    changed: Mapping[str, Sequence[int]] | None = None,
    members_of: Callable[[str], Sequence[str]] = lambda component: (),
    silences: Mapping[str, Silence] | None = None,
) -> tuple[Edge, ...]:
    """Edges between nodes, one per pair: the strongest that holds.

    Args:
        anomalies: Kinds of the incident, by onset.
        onsets: Each node's main onset.
        changed: By node when something of it was altered, ascending: who is taken down for a release fails its callers
            before the new one says why it cannot start.
        members_of: Nodes of a server that several hosts run, by the name that clients use of all of them.
        silences: By node, logs that stopped around the begin: who hangs fails its callers, and says so when it goes on.
    """
    quiet = silences or {}
    best: dict[tuple[str, str], Edge] = {}
    broken = _find_broken(anomalies)
    altered = {name: list(times) for name, times in (changed or {}).items()}
    for one in anomalies:
        if one.kind.meaning.kind is MeaningKind.STATE and one.kind.node == one.node:
            # It was stopped or started then, whenever it fails itself.
            altered.setdefault(one.node, []).append(one.time)
    for edge in (*_named(anomalies), *_quoted(anomalies), *_starved(anomalies)):
        failing = [onsets[name] for name in members_of(edge.callee) if name in onsets]
        just_altered = [
            name
            for name in members_of(edge.callee)
            if not failing
            and any(edge.anomaly.time - ALTERING_US <= time <= edge.anomaly.time for time in altered.get(name, ()))
        ]
        if failing:
            edge = replace(edge, callee=min(failing, key=lambda one: (one.time, one.node)).node)
        elif len(just_altered) == 1:
            # Of several that go by the name one was just altered.
            edge = replace(edge, callee=just_altered[0])
        if edge.callee == edge.caller:
            continue
        blamed = onsets.get(edge.callee)
        is_told = _is_refusal(edge) or (edge.callee in quiet and is_hushed(quiet[edge.callee], edge.anomaly))
        if blamed is not None and not is_told and is_late(blamed, edge.anomaly, altered.get(edge.callee, ())):
            if edge.anomaly.kind.is_cause_like or not _may_be_skewed(blamed, edge.anomaly):
                continue
            edge = replace(edge, weight=edge.weight * _LATE)
        if any(_broke_before(reason, edge.anomaly, blamed) for reason in broken.get(edge.caller, ())):
            edge = replace(edge, weight=edge.weight * _BROKEN)
        pair = (edge.caller, edge.callee)
        if pair not in best or edge.weight > best[pair].weight:
            best[pair] = edge
    kept = [edge for pair, edge in best.items() if not _is_reversed(edge, best.get((pair[1], pair[0])))]
    resolvers = _find_resolvers(anomalies)
    kept = [edge for edge in kept if not _is_unresolved(edge, resolvers)]
    return tuple(sorted(_first_blame(kept), key=lambda e: (e.caller, e.callee)))


def _find_resolvers(anomalies: Iterable[Anomaly]) -> frozenset[str]:
    """Who says itself that it has no address of a name: a client names the resolver."""
    return frozenset(
        one.node
        for one in anomalies
        if one.kind.is_failure and not one.kind.mentions and is_resolution_failure(one.kind.headline)
    )


def _is_unresolved(edge: Edge, resolvers: frozenset[str]) -> bool:
    """Who cannot be resolved, where the resolver tells that it fails: nothing shows that anybody else does."""
    if not resolvers or edge.callee in resolvers or resolvers.isdisjoint(edge.anomaly.kind.mentions):
        return False
    return is_resolution_failure(edge.anomaly.kind.headline)


def _is_refusal(edge: Edge) -> bool:
    """Its own server's words, with the reason: that one had failed by then, however late its log or monitor says so."""
    return edge.anomaly.kind.is_cause_like and edge.anomaly.kind.quoted == edge.callee


def _find_broken(anomalies: Sequence[Anomaly]) -> dict[str, list[Anomaly]]:
    """By node what says that it broke of itself, naming nobody else."""
    found: dict[str, list[Anomaly]] = {}
    for one in anomalies:
        if says_why(one) and not (one.kind.mentions.keys() - {one.node}):
            found.setdefault(one.node, []).append(one)
    return found


def _broke_before(reason: Anomaly, blaming: Anomaly, blamed: Anomaly | None) -> bool:
    """It had broken when it began to blame somebody who was well then."""
    margin = 3 * pair_sigma_us(reason, blaming)
    is_first = blamed is None or reason.time < blamed.time - 3 * pair_sigma_us(reason, blamed)
    return is_first and margin < blaming.time - reason.time <= BROKEN_US


def is_late(blamed: Anomaly, blaming: Anomaly, changed: Sequence[int]) -> bool:
    """It began to fail clearly after the one that blames it, and was not being altered either."""
    margin = 3 * pair_sigma_us(blamed, blaming)
    if blamed.time <= blaming.time + margin:
        return False
    return not any(blamed.time - ALTERING_US <= time <= blaming.time + margin for time in changed)


def is_hushed(silence: Silence, blaming: Anomaly) -> bool:
    """A log had stopped when another one began to blame its node, and wrote nothing yet."""
    return silence.start <= blaming.time and (silence.end is None or blaming.time < silence.end)


def _may_be_skewed(blamed: Anomaly, blaming: Anomaly) -> bool:
    """Nothing tells how two logs' clocks differ, and no more than clocks that nobody keeps do."""
    is_measured = all(one.kind.view.clock_sigma_us is not None for one in (blamed, blaming))
    return blamed.kind.view.key != blaming.kind.view.key and not is_measured and blamed.time - blaming.time <= _SKEW_US


def find_called(
    calls: Mapping[tuple[str, str], int], anomalies: Sequence[Anomaly], edges: Sequence[Edge]
) -> tuple[Edge, ...]:
    """Edges that no line names: a node that fails sends its requests through another one that began to fail before.

    Args:
        calls: Ids by caller and called node.
        anomalies: Kinds of the incident, by onset.
        edges: What is known by words, which counts more.
    """
    known = {(edge.caller, edge.callee) for edge in edges} | {(edge.callee, edge.caller) for edge in edges}
    failing = [one for one in anomalies if one.kind.is_failure]
    found = []
    for (caller, callee), ids in sorted(calls.items()):
        # A node that does not fail itself is nobody's cause by being used.
        first = next((one for one in failing if one.node == callee), None)
        if caller == callee or first is None or (caller, callee) in known:
            continue
        # Not its first sign, which may be noise of its own: the greatest of what began with the callee's or later.
        later = [
            one for one in failing if one.node == caller and first.time <= one.time + 3 * pair_sigma_us(one, first)
        ]
        if any(one.is_strong for one in later):
            greatest = max(later, key=lambda a: (a.excess, a.kind.order))
            found.append(Edge(caller, callee, _BY_IDS, greatest, shared_ids=ids))
    return tuple(found)


def reach(edges: Iterable[Edge], nodes: Iterable[str]) -> dict[str, dict[str, float]]:
    """For each node that is blamed, how strongly each other node leads to it: 1 for a neighbour, less by each hop."""
    callers: dict[str, list[Edge]] = {}
    for edge in edges:
        callers.setdefault(edge.callee, []).append(edge)
    failing = set(nodes)
    result: dict[str, dict[str, float]] = {}
    for target in callers:
        strength = {target: 1.0 / HOP_DECAY}
        frontier = [target]
        while frontier:
            following: list[str] = []
            for node in frontier:
                for edge in callers.get(node, ()):
                    value = strength[node] * HOP_DECAY * edge.weight
                    if value > strength.get(edge.caller, 0.0) + 1e-9:
                        strength[edge.caller] = value
                        following.append(edge.caller)
            frontier = following
        result[target] = {n: min(1.0, v) for n, v in strength.items() if n != target and n in failing}
    return result


def _named(anomalies: Iterable[Anomaly]) -> Iterable[Edge]:
    for one in anomalies:
        kind = one.kind
        # Who refuses the certificate that was shown from here is not to blame for it, nor who was never spoken to.
        if is_own_certificate_refused(kind.headline) or is_own_limit(kind.headline):
            continue
        if not kind.is_failure and not _reports_another(kind):
            continue
        factor = 1.0 if kind.is_symptom_like else 0.8
        for name, weight in kind.mentions.items():
            if name != one.node and weight >= _LEAST_WEIGHT:
                yield Edge(one.node, name, min(1.0, weight * factor), one)


def _starved(anomalies: Sequence[Anomaly]) -> Iterable[Edge]:
    """Who has no connection left waits for the one database that says at the same time that it has none to give."""
    full = {one.node: one for one in reversed(anomalies) if _has_no_connection_to_give(one.kind)}
    if len(full) != 1:
        return
    ((node, said),) = full.items()
    for one in anomalies:
        is_pool = one.kind.match is not None and one.kind.match.rule.component == "pool"
        if is_pool and one.node != node and abs(one.time - said.time) <= _STARVED_US:
            yield Edge(one.node, node, _BY_POOL, one, is_wait=True)


def _has_no_connection_to_give(kind: Kind) -> bool:
    """A server that keeps data tells of itself that its connections are used up."""
    is_full = kind.is_failure and kind.meaning.cls is RuleClass.EXHAUSTION and kind.node == kind.subject
    if not is_full or _CONNECTIONS.search(kind.headline) is None:
        return False
    component = component_of(kind.node) or component_of(kind.view.layout.name)
    return component is not None and keeps_data(component)


def _reports_another(kind: Kind) -> bool:
    """Who watches others may tell at an everyday level that one is down: a rule is sure of what its line means."""
    is_sure = kind.match is not None and kind.match.rule.confidence is Confidence.HIGH
    return is_sure and kind.is_symptom_like and not kind.is_request


def _quoted(anomalies: Sequence[Anomaly]) -> Iterable[Edge]:
    """A client that logs a server's refusal repeats its words; the server says them first in its own message."""
    by_saying: dict[str, list[int]] = {}
    for m, one in enumerate(anomalies):
        if saying := _saying(one.kind.template, is_cause=one.kind.is_cause_like):
            by_saying.setdefault(saying, []).append(m)
    logs: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    for n, quoting in enumerate(anomalies):
        if quoting.kind.is_failure:
            text = quoting.kind.sample
            logs.setdefault((quoting.node, quoting.kind.view.key, quoting.kind.service), []).append((n, text))
    hits: list[tuple[int, int]] = []
    for (node, log, service), texts in logs.items():
        # Most words stand in no other log: all its texts are searched at once.
        whole = "\0".join(text for _, text in texts)
        for saying in _find_said(whole, tuple(by_saying)):
            others = [
                m
                for m in by_saying[saying]
                if anomalies[m].node != node
                # Several services may write to one log; what one of them says of others are no quotes.
                and (anomalies[m].kind.view.key, anomalies[m].kind.service) != (log, service)
            ]
            if others:
                hits += [(n, m) for n, text in texts if saying in text for m in others]
    for n, m in sorted(hits):
        quoting, said = anomalies[n], anomalies[m]
        # Who names the other as the one that failed is the one who repeats: a client may have cut the words short.
        repeats = said.kind.mentions.get(quoting.node, 0.0) >= _LEAST_WEIGHT
        if _are_peers(quoting.kind, said.kind):
            continue
        if not repeats and not quoting.kind.headline.startswith(said.kind.headline[:_SHORTEST_QUOTE]):
            yield Edge(quoting.node, said.node, 1.0, quoting, is_quote=True)


def _are_peers(a: Kind, b: Kind) -> bool:
    """Both fail to be served by the same third one: the words that they share are those of the library they use."""
    names = a.mentions.keys() | b.mentions.keys()
    is_both = a.is_symptom_like and b.is_symptom_like and names.isdisjoint((a.subject, b.subject))
    return is_both and not a.mentions.keys().isdisjoint(b.mentions)


@lru_cache(maxsize=64)
def _find_said(whole: str, sayings: tuple[str, ...]) -> tuple[str, ...]:
    """Which of these words stand in a text: asked again in each judgement, while lines of the same kinds come."""
    return tuple(saying for saying in sayings if saying in whole)


@lru_cache(maxsize=4096)
def _saying(template: str, *, is_cause: bool) -> str:
    """The longest literal of a kind's message, if it is long enough to be recognised elsewhere."""
    pieces = [piece.strip(" :;,.\"'()[]") for piece in _split_masks(template)]
    longest = max(pieces, key=len, default="")
    if is_cause:
        return longest if len(longest) >= _SHORTEST_CAUSE and " " in longest else ""
    return longest if len(longest) >= _SHORTEST_QUOTE and longest.count(" ") >= 2 else ""


def _split_masks(template: str) -> list[str]:
    pieces: list[str] = []
    rest = template.split("\n", 1)[0]
    while rest:
        head, mark, tail = rest.partition("<")
        pieces.append(head)
        rest = tail.partition(">")[2] if mark else ""
    return pieces


def _is_reversed(edge: Edge, opposite: Edge | None) -> bool:
    """Both name each other: the one that fails to be served points, the one that refuses only says to whom."""
    if opposite is None:
        return False
    mine, theirs = _pointing(edge), _pointing(opposite)
    if mine != theirs:
        return mine < theirs
    return (edge.weight, edge.anomaly.time) < (opposite.weight, opposite.anomaly.time)


def _pointing(edge: Edge) -> int:
    return (
        2
        if edge.is_quote or edge.anomaly.kind.quoted == edge.callee
        else 1
        if edge.anomaly.kind.is_symptom_like
        else 0
        if not edge.anomaly.kind.is_cause_like
        else -1
    )


def _first_blame(edges: Sequence[Edge]) -> Iterable[Edge]:
    first: dict[str, Edge] = {}
    for edge in edges:
        if edge.caller not in first or edge.anomaly.time < first[edge.caller].anomaly.time:
            first[edge.caller] = edge
    for edge in edges:
        earliest = first[edge.caller]
        is_later = edge.anomaly.time > earliest.anomaly.time + 3 * pair_sigma_us(edge.anomaly, earliest.anomaly)
        if is_later:
            yield replace(edge, weight=edge.weight * _LATER_BLAME)
        else:
            yield edge
