"""Anomalies that belong together, judged: candidates, trigger, cascade, timeline, recovery and what to do."""

import re
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Final

from logscope.analysis.causes.dying_words import find_dying_words
from logscope.analysis.causes.holders import find_holders
from logscope.analysis.causes.links import AFTER_US, TIME_ONLY_US
from logscope.analysis.causes.roles import find_ruled_out
from logscope.analysis.causes.weights import LEAST_RARITY
from logscope.analysis.incident.base import LOOK_BACK_US, Base, Found
from logscope.analysis.incident.cause import Cause, find_cause, tell_first
from logscope.analysis.incident.figures import describe_incident, find_baselines, find_present
from logscope.analysis.incident.listed import choose_listed
from logscope.analysis.incident.parts import Parts, find_parts
from logscope.analysis.incident.relations import Relations, relate
from logscope.analysis.losses.witness import find_witness
from logscope.analysis.onset.anomalies import Anomaly, Outbreak
from logscope.analysis.onset.novelties import Novelty
from logscope.analysis.onset.refused import count_refused
from logscope.analysis.recovery.fixes import Hint, find_hints, find_last_deed, find_told_end
from logscope.analysis.recovery.routes import Route, find_routes
from logscope.analysis.recovery.signs import SourceRecords
from logscope.analysis.recovery.silent import judge_silence
from logscope.analysis.recovery.standing import find_standing, withhold_standing
from logscope.analysis.recovery.verdict import judge_recovery
from logscope.analysis.recovery.waves import begin_faults, explain_waves
from logscope.analysis.story.actions import choose_actions
from logscope.analysis.story.candidates import make_candidates
from logscope.analysis.story.cascade import build_cascade
from logscope.analysis.story.findings import Surroundings
from logscope.analysis.story.impact import describe_impact
from logscope.analysis.story.jumps import tell_jumps
from logscope.analysis.story.tables import summarise_groups
from logscope.analysis.story.timeline import Story, build_timeline
from logscope.analysis.users.outcomes import find_outcomes
from logscope.analysis.users.users import Users
from logscope.index.index import RECORDS
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.advice import Actions
from logscope.model.causes import Candidate, CascadeEdge, RuledOut
from logscope.model.files import LineRef
from logscope.model.incident import Incident
from logscope.model.recovery import Recovery
from logscope.model.times import US
from logscope.text.cutting import tell

_WORD: Final = re.compile(r"[\w-]+")


def judge_outbreak(base: Base, outbreak: Outbreak, others: Sequence[Outbreak], low: Sequence[Anomaly]) -> Found:
    """Judge anomalies that belong together.

    Args:
        base: Everything else.
        outbreak: Failing kinds.
        others: Failing kinds that rose at other times: listed, not part of it.
        low: Kinds below warning that are new or risen: causes logged at INFO, changes, states.
    """
    if base.users is not None:
        counted = count_refused(base.users, outbreak, [*base.kinds, *base.ordinary])
        base = replace(base, users=find_witness(counted, base.index.sources, outbreak.start, outbreak.end))
    seen = relate(base, outbreak, low)
    cause = find_cause(base, seen)
    parts = find_parts(seen, cause, others)
    hints = _find_hints(base, seen, cause)
    recovery = _judge_recovery(base, seen, cause, parts, hints)
    mending = [one for one in parts.part_of if one is not cause.root and _is_of(one, recovery.fix_ref)]
    if len(mending) < len(parts.part_of):
        # What was written when somebody mended it may be a warning; it is no symptom.
        parts = parts.without(mending)
    candidates = _make_candidates(base, cause)
    users = base.users or _find_outcomes(base, cause.start, seen.as_of)
    incident = describe_incident(base, users, parts.part_of, candidates[0], cause.start, recovery)
    cascade, parents = build_cascade(parts.part_of, cause.root, seen.edges, begin_faults(recovery, parts.part_of))
    return Found(
        actions=_choose_actions(base, cause, parts, incident, recovery),
        groups=summarise_groups(
            choose_listed(base.kinds, [*base.ordinary, *base.kinds], candidates),
            parts.rises,
            parts.roles,
            parents,
            base.buckets,
            find_baselines(base, cause.start, parts.rises),
            find_present(seen.as_of, cause.start, recovery),
            base.texts,
        ),
        recovery=recovery,
        incident=incident,
        candidates=candidates,
        ruled_out=_rule_out(base, seen, cause, parts, recovery),
        cascade=cascade,
        timeline=build_timeline(
            _tell_story(base, seen, cause, recovery, cascade, hints),
            describe_impact(users, parts.part_of, cause.start),
            tell_jumps(base.jumps, base.views, base.index),
        ),
        window=(cause.start - LOOK_BACK_US, seen.as_of),
        users=base.users,
    )


def _find_outcomes(base: Base, start: int, as_of: int) -> Users | None:
    """What users got, by the ids of their operations; None where these tell nothing of it."""
    found = find_outcomes(base.read_trips(), start, frozenset(call.callee for call in base.calls))
    return find_witness(found, base.index.sources, start, as_of)


def _find_hints(base: Base, seen: Relations, cause: Cause) -> list[Hint]:
    known = [*base.kinds, *base.ordinary]
    return find_hints(known, cause.top.node, cause.trigger, cause.start, seen.as_of, cause.root.kind)


def _judge_recovery(base: Base, seen: Relations, cause: Cause, parts: Parts, hints: Sequence[Hint]) -> Recovery:
    """What became of it."""
    known, root = [*base.kinds, *base.ordinary], cause.root
    failing = {one.kind.view.key for one in parts.part_of if one.kind.is_failure}
    recovery = judge_recovery(
        # What goes its own way is no part of the story, yet its noise must not be taken for a rise of the rest.
        [*parts.part_of, *parts.noise],
        base.users,
        base.coverage,
        cause.start,
        seen.as_of,
        base.notes,
        hints,
        _records_of(base, failing),
        lambda: _records_of(base, base.views.keys() - failing),
        _routes(base),
        root.kind.id,
        find_told_end(known, cause.start),
    )
    silence = seen.silence_by_node.get(seen.outbreak.silent or "")
    if silence is not None:
        return judge_silence(recovery, silence, seen.as_of)
    foreign = {tell(one.kind.service, one.kind.headline) for one in parts.noise}
    recovery = replace(recovery, remaining=tuple(one for one in recovery.remaining if one.what not in foreign))
    recovery = withhold_standing(recovery, find_standing(known, cause.start))
    return explain_waves(recovery, parts.part_of, base.changes, seen.onsets, root, cause.trigger, known)


def _make_candidates(base: Base, cause: Cause) -> tuple[Candidate, ...]:
    """Who may be the cause; of the first also who holds what it waits for, and what it said as it ended."""
    candidates = make_candidates(cause.ranking, base.texts, cause.trigger, tell_first(cause.root), cause.root)
    holders = find_holders([*base.ordinary, *base.kinds], cause.top.anomaly)
    more = [one for one in (holders, find_dying_words(cause.everything, cause.top.anomaly)) if one is not None]
    first = replace(candidates[0], evidence=(*candidates[0].evidence, *more))
    if cause.top.anomaly is None:
        own = [one.time for one in cause.everything if one.kind.is_failure and one.kind.node == cause.top.node]
        first = replace(first, told_since=min(own, default=None))
    return (first, *candidates[1:])


def _choose_actions(base: Base, cause: Cause, parts: Parts, incident: Incident, recovery: Recovery) -> Actions:
    alert = next((one.ref for one in base.alerts if one.time == incident.detected_at), None)
    around = Surroundings(
        cause.trigger,
        incident,
        recovery,
        parts.part_of,
        alert,
        base.names,
        base.find_silent,
        cause.ranking.confidence,
        base.kinds,
        base.ordinary,
    )
    return choose_actions(cause.top, around)


def _rule_out(base: Base, seen: Relations, cause: Cause, parts: Parts, recovery: Recovery) -> tuple[RuledOut, ...]:
    """Who need not be woken."""
    end = recovery.since if recovery.over and recovery.since is not None else None
    return find_ruled_out(
        base.index,
        base.views,
        base.files,
        base.kinds,
        parts.rises,
        parts.roles,
        cause.start,
        end or seen.as_of,
        _suspected(base, cause, seen.novelties),
    )


def _tell_story(
    base: Base, seen: Relations, cause: Cause, recovery: Recovery, cascade: Sequence[CascadeEdge], hints: Sequence[Hint]
) -> Story:
    tried = None
    if recovery.fix_ref is None and recovery.over is False:
        # What was done about it is told before it shows whether it helps.
        tried = find_last_deed([one for one in hints if one.is_deed or _names_the_same(one, cause)])
    return Story(
        anomalies=cause.everything,
        root=cause.root,
        start=cause.start,
        trigger=cause.trigger,
        changes=base.changes,
        alerts=base.alerts,
        notes=base.notes,
        recovery=recovery,
        users=base.users,
        impact_end=seen.as_of,
        texts=base.texts,
        silences=seen.silences,
        cascade=cascade,
        root_node=cause.top.node,
        offsets=base.offset_by_part(),
        tried=tried.ref if tried is not None else None,
    )


def _names_the_same(one: Hint, cause: Cause) -> bool:
    """A change in the log of what set it off that names a service that fails, as that did."""
    trigger = cause.trigger
    if trigger is None or one.kind.service != trigger.service or one.kind.meaning.kind is not MeaningKind.CHANGE:
        return False
    failing = {a.kind.service.lower() for a in cause.everything if a.kind.is_failure} - {trigger.service.lower()}
    return bool(failing & _words_of(one.text) & _words_of(trigger.sample))


def _words_of(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _is_of(one: Anomaly, ref: LineRef | None) -> bool:
    """Whether a kind begins with a line."""
    return ref is not None and one.kind.ref_at(one.kind.row_at(one.time)) == ref


def _routes(base: Base) -> Sequence[Route]:
    if base.users is None:
        return ()
    return find_routes([*base.kinds, *base.ordinary], base.users)


def _suspected(base: Base, cause: Cause, novelties: Sequence[Novelty]) -> set[str]:
    """Services that are the cause or whose lines show it, what set it off or may have; and who alerts."""
    top, root, trigger = cause.top, cause.root, cause.trigger
    near = [(one.kind, one.time) for one in base.changes]
    near += [(one.anomaly.kind, one.anomaly.time) for one in novelties if one.rarity >= LEAST_RARITY]
    close = [kind for kind, time in near if root.time - TIME_ONLY_US <= time <= root.time + AFTER_US]
    services = {name for kind in (root.kind, *close) for name in (kind.service, kind.view.service)}
    # Another log tells of it while its own shows nothing: a server may break without a word.
    services |= {
        view.service for view in base.views.values() if base.names.node_of_service.get(view.service) == top.node
    }
    if top.silence is not None:
        services.add(top.silence.service)
    if trigger is not None:
        services |= {trigger.service, *(v.service for v in base.views.values() if trigger.file in v.parts)}
    return services | {alert.service for alert in base.alerts}


def _records_of(base: Base, keys: Set[str]) -> list[SourceRecords]:
    """All records of some logs."""
    found = []
    for key in sorted(keys & base.index.sources.keys()):
        counts = base.index.sources[key].seconds
        shifted = counts.seconds() + base.views[key].shift_us // US
        found.append(SourceRecords(base.views[key].service, shifted, counts.column(RECORDS)))
    return found
