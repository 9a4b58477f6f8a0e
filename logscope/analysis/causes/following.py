"""Who follows whom where no line tells: edges by time alone.

A node that fails and names nobody was pulled down by something all the same, most often by one that failed moments
before. And a node that others name though its own log shows nothing was stopped by something, too: where another log
tells of a fault, or of something that it never told before, at that very moment, that is likelier the reason than
chance. Such edges carry blame on (analysis.md 3.4: drawn dashed), weaker than words, and never take any away.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import exp
from pathlib import PurePath

from logscope.analysis.causes.blame import Edge, pair_sigma_us, reach
from logscope.analysis.causes.weights import BEHIND_A_NAME, FOLLOWING, FOLLOWING_SCALE_US, FOLLOWING_US, LEAST_RARITY
from logscope.analysis.kinds.kinds import SourceView
from logscope.analysis.kinds.meaning import warns_of_old_ways
from logscope.analysis.onset.anomalies import Anomaly, says_why
from logscope.analysis.onset.novelties import Novelty
from logscope.analysis.onset.silences import Silence
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass


def find_followed(
    anomalies: Sequence[Anomaly],
    novelties: Sequence[Novelty],
    onsets: Mapping[str, Anomaly],
    edges: Sequence[Edge],
    silences: Sequence[Silence] = (),
) -> list[Edge]:
    """Edges from each node that fails without naming anybody to those that failed moments before, or told anew.

    Args:
        anomalies: Kinds of the incident: of a host that has a folder of its own even weak ones count.
        novelties: Ordinary lines of new kinds just before it began: of a node that shows no failure they are its sign.
        onsets: Main onset of each failing node.
        edges: What is known by words and ids.
        silences: Of nodes whose log stopped before, which is all that is known of them.
    """
    led = reach(edges, onsets)
    pointing = {edge.caller for edge in edges}
    folders = {_folder_of(one.kind.view) for one in anomalies}
    told = {
        one.anomaly.node: one.anomaly
        for one in sorted(novelties, key=lambda new: -new.anomaly.time)
        if one.rarity >= LEAST_RARITY and one.about is None and one.anomaly.node not in onsets
    }
    found: list[Edge] = []
    for node, one in sorted(onsets.items()):
        if one.kind.is_request or node in pointing or says_why(one):
            continue
        before = {**onsets, **told}
        if len(folders) > 1:
            for other in reversed(anomalies):
                if other.kind.is_failure and _folder_of(other.kind.view) == _folder_of(one.kind.view):
                    before[other.node] = other
        earlier = [
            name
            for name, other in sorted(before.items())
            if name != node
            and not other.kind.is_request
            and not warns_of_old_ways(other.kind.headline)
            and name not in led.get(node, {})
            and 2 * pair_sigma_us(one, other) < one.time - other.time <= FOLLOWING_US
        ]
        begun = {name: before[name].time for name in earlier}
        for silence in silences:
            lead = one.time - silence.start
            if silence.node != node and 2 * silence.sigma_us(one) < lead <= FOLLOWING_US:
                begun[silence.node] = silence.start
        # Of several any may be it: what they get together is what one alone would.
        for name, time in begun.items():
            near = exp((time - one.time) / FOLLOWING_SCALE_US)
            found.append(Edge(node, name, FOLLOWING * near / len(begun), one, is_by_time=True))
    return found


def find_behind(
    anomalies: Sequence[Anomaly], novelties: Sequence[Novelty], onsets: Mapping[str, Anomaly], edges: Sequence[Edge]
) -> list[Edge]:
    """Edges from each node that is named, but shows nothing itself, to what other logs told at that moment.

    Args:
        anomalies: Kinds of the incident and states before it.
        novelties: Ordinary lines of new kinds just before it began.
        onsets: Main onset of each failing node.
        edges: What is known by words and ids.
    """
    led = reach(edges, onsets)
    reasons = [
        (one, 1.0)
        for one in anomalies
        if (says_why(one) or one.kind.meaning.cls is RuleClass.SATURATION)
        and not (one.kind.mentions.keys() - {one.node})
    ]
    # What another log tells anew of a node itself was done to that node, which stays the one that is asked.
    about = {one.anomaly.kind.id: one.about for one in novelties}
    reasons += [(one.anomaly, one.rarity) for one in novelties if one.rarity >= LEAST_RARITY]
    changes = [(one, 1.0) for one in anomalies if one.kind.meaning.kind is MeaningKind.CHANGE]
    are_hosts = len({_folder_of(one.kind.view) for one in anomalies}) > 1
    found: list[Edge] = []
    for node in sorted({edge.callee for edge in edges}):
        naming = [edge.anomaly for edge in edges if edge.callee == node]
        first = min(naming, key=lambda a: (a.time, a.kind.order))
        own = [one for one in anomalies if one.node == node]
        # A stop or start in its own log is what was done to it, no reason.
        failing = [one for one in own if one.kind.is_failure or one.kind.is_cause_like]
        if any(one.time <= first.time + 3 * pair_sigma_us(one, first) for one in failing) or any(
            one.anomaly.node == node for one in novelties
        ):
            continue
        # What was altered on its own host is a reason as well.
        host = {_folder_of(one.kind.view) for one in own} if are_hosts else set()
        near = [
            (reason, weight)
            for reason, weight in (*reasons, *(one for one in changes if _folder_of(one[0].kind.view) in host))
            if -2 * pair_sigma_us(first, reason) <= first.time - reason.time <= FOLLOWING_US
            and reason.node not in led.get(node, {})
            and about.get(reason.kind.id) != node
        ]
        weights = _weigh_firsts(near)
        found += [
            Edge(node, name, BEHIND_A_NAME * weight / len(weights), first, is_by_time=True)
            for name, weight in sorted(weights.items())
        ]
    return found


def _weigh_firsts(near: Iterable[tuple[Anomaly, float]]) -> dict[str, float]:
    """By node the weight of those that nobody clearly came before: what was told later followed from them."""
    steps: dict[str, list[tuple[Anomaly, float]]] = {}
    for one, weight in near:
        steps.setdefault(one.kind.view.key, []).append((one, weight))
    # What one log tells are steps of one story: who logs in, writes a file and reloads it, changed it by the last.
    acts = [max(told, key=lambda step: _tell_sense(step[0])) for _, told in sorted(steps.items())]
    firsts: dict[str, float] = {}
    for one, weight in acts:
        if not any(one.time - other.time > 2 * pair_sigma_us(one, other) for other, _ in acts):
            firsts[one.node] = max(weight, firsts.get(one.node, 0.0))
    return firsts


def _tell_sense(one: Anomaly) -> tuple[int, int, str]:
    """How much a line explains: a fault, a change, the latest of those; then the first of what no word is known of."""
    if says_why(one):
        return 2, -one.time, one.kind.id
    if one.kind.meaning.kind is MeaningKind.CHANGE:
        return 1, one.time, one.kind.id
    return 0, -one.time, one.kind.id


def _folder_of(view: SourceView) -> str:
    """Where a log lies: logs of several hosts or pods lie in a folder for each."""
    return _parent_of(view.parts[-1])


@lru_cache(maxsize=4096)
def _parent_of(path: str) -> str:
    return str(PurePath(path).parent)
