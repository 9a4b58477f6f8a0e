"""What broke first in an outbreak, and what set it off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from logscope.analysis.causes.forerunners import find_forerunners
from logscope.analysis.causes.holders import has_grown
from logscope.analysis.causes.overlaps import find_overlap
from logscope.analysis.causes.ranking import Ranking, rank
from logscope.analysis.causes.suspects import Suspect
from logscope.analysis.causes.triggers import find_trigger
from logscope.analysis.incident.base import Base
from logscope.analysis.incident.relations import Relations
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly, Outbreak
from logscope.analysis.onset.everyday import BROKEN
from logscope.analysis.onset.silences import Silence
from logscope.analysis.story.tables import onset_text
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import Confidence, Link, Trigger, name_with_log
from logscope.model.times import MINUTE_US

_SETS_OFF: Final = BROKEN | {RuleClass.CONFIG_CHANGE}
"""Faults of another one that set something off: dead, full or broken, or set wrongly as a clock is."""
_FAIR_SHARE: Final = 0.2
"""Of the failing requests, for a route to tell since when users fail."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The first candidate, and what stands for it."""

    ranking: Ranking
    shown: Anomaly | None
    """Its own kind, or the one that names it; None where no line does."""
    root: Anomaly
    """The same; where the cause is outside these logs, the first to fall stands for it."""
    everything: Sequence[Anomaly]
    """Of the outbreak and around it, with the root, by onset."""
    kinds: Sequence[Kind]
    """All kinds that say something, with the root's."""
    trigger: Trigger | None
    silence: Silence | None = None
    """Of its log, where others tell that it is down."""

    @property
    def top(self) -> Suspect:
        """The likeliest suspect."""
        return self.ranking.suspects[0]

    @property
    def start(self) -> int:
        """Of the incident, microseconds UTC: who watches a log's service tells a few checks later that it stopped."""
        stopped = self.silence
        return self.root.time if stopped is None else min(self.root.time, stopped.start)

    @property
    def signs(self) -> set[str]:
        """Nodes of the cause and of what set it off."""
        return {self.top.node, self.trigger.service if self.trigger else self.top.node}


def find_cause(base: Base, seen: Relations) -> Cause:
    """Rank who may be the cause, and find what set the first one off."""
    ranking = rank(
        seen.suspects,
        seen.onsets,
        seen.edges,
        seen.logged,
        has_times=True,
        silences=seen.silence_by_node,
        novelties=seen.novelties,
        changes=base.changes,
        harmed=_find_harmed(base, seen.outbreak),
    )
    top = ranking.suspects[0]
    if ranking.confidence is Confidence.HIGH and _users_failed_before(base, seen.outbreak, top.time):
        ranking = replace(ranking, confidence=Confidence.MEDIUM)
    shown = top.anomaly or (top.naming.anomaly if top.naming else None)
    root = shown or min(seen.onsets.values(), key=lambda one: (one.time, one.kind.order))
    everything, kinds = seen.everything, base.kinds
    if root not in everything:
        # An ordinary line of a new kind: nothing but the ranking knows of it yet.
        everything = sorted([*everything, root], key=lambda a: (a.time, a.kind.order))
        kinds = [*(kind for kind in kinds if kind.id != root.kind.id), root.kind]
    trigger = _find_trigger(base, seen, top, root, everything)
    silence = seen.silence_by_node.get(top.node) if any(one.kind == "silence" for one in top.evidence) else None
    return Cause(ranking, shown, root, everything, kinds, trigger, silence if top.anomaly is None else None)


def _find_trigger(
    base: Base, seen: Relations, top: Suspect, root: Anomaly, everything: Sequence[Anomaly]
) -> Trigger | None:
    faults = [one for one in everything if one.kind.match is not None and one.kind.match.rule.cls in _SETS_OFF]
    faults += find_forerunners(everything, root, seen.onsets)
    states = [one for one in everything if one.kind.meaning.kind is MeaningKind.STATE and one.is_new]
    trigger = find_trigger(
        base.changes,
        root,
        top.node,
        root.time,
        seen.onsets,
        seen.novelties,
        base.knows,
        faults,
        states,
        lambda one: onset_text(one, base.texts),
    )
    if trigger is not None and trigger.link is not Link.TIME:
        return trigger
    known = [*base.ordinary, *base.kinds]
    overlap = find_overlap(known, root.time)
    if overlap is None and trigger is not None and has_grown(known, top.anomaly, trigger.service, trigger.time):
        return replace(trigger, link=Link.NUMBER)
    return overlap or trigger


def tell_first(first: Anomaly) -> str:
    """What is said where no line shows a cause."""
    who = name_with_log(first.node, first.kind.service)
    return f"no line shows or names what broke; the first to fail is {who}: {first.kind.headline}"


def _users_failed_before(base: Base, outbreak: Outbreak, time: int) -> bool:
    """The edge fails long before the line that is taken for the cause: it explains at most what came then."""
    return any(one.is_strong and one.time < time - MINUTE_US for one in _failing_at_edge(base, outbreak))


def _find_harmed(base: Base, outbreak: Outbreak) -> int | None:
    """Since when users fail, by the edge's access log; routes that few of what fails is about tell nothing."""
    failing = _failing_at_edge(base, outbreak)
    total = sum(one.excess for one in failing)
    times = [one.time for one in failing if one.is_strong and one.excess >= _FAIR_SHARE * total]
    return min(times, default=None)


def _failing_at_edge(base: Base, outbreak: Outbreak) -> list[Anomaly]:
    edge = frozenset[str]() if base.users is None else base.users.sources
    return [one for one in outbreak.anomalies if one.kind.is_request and one.kind.view.key in edge]
