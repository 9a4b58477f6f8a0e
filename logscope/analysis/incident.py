"""One incident, judged: candidates, trigger, cascade, timeline, recovery and what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.base import Base, Found
from logscope.analysis.causes.blame import find_called, find_edges
from logscope.analysis.causes.changes import FEW_RECORDS, Change, changes_by_node
from logscope.analysis.causes.holders import find_holders
from logscope.analysis.causes.ranking import rank
from logscope.analysis.causes.roles import assign_roles, find_apart, find_earlier, find_ruled_out, find_unmoved
from logscope.analysis.causes.series import describe_number
from logscope.analysis.causes.shared_names import find_shared_names
from logscope.analysis.causes.suspects import Suspect
from logscope.analysis.causes.triggers import AFTER_US, TIME_ONLY_US, find_by_number, find_trigger
from logscope.analysis.causes.weights import LEAST_RARITY
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly, Outbreak, main_onsets
from logscope.analysis.onset.everyday import BROKEN
from logscope.analysis.onset.last_words import mark_last_words
from logscope.analysis.onset.novelties import Novelty, find_later_novelties, find_novelties, tell_about
from logscope.analysis.onset.refused import count_refused
from logscope.analysis.onset.silences import find_silences
from logscope.analysis.recovery.fixes import find_hints
from logscope.analysis.recovery.routes import Route, find_routes
from logscope.analysis.recovery.signs import SourceRecords
from logscope.analysis.recovery.verdict import judge_recovery, quiet_recovery
from logscope.analysis.recovery.waves import begin_faults, calm_between, explain_waves
from logscope.analysis.story.actions import choose_actions
from logscope.analysis.story.alerts import AlertState
from logscope.analysis.story.candidates import make_candidates
from logscope.analysis.story.cascade import build_cascade
from logscope.analysis.story.findings import Surroundings
from logscope.analysis.story.impact import describe_impact
from logscope.analysis.story.tables import summarise_groups
from logscope.analysis.story.timeline import Story, build_timeline, tell_states
from logscope.analysis.users.attempts import count_attempts
from logscope.analysis.users.outcomes import find_outcomes
from logscope.analysis.users.users import Users, success_rates
from logscope.index.index import RECORDS
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.advice import FollowUp
from logscope.model.causes import Candidate, Confidence, Evidence, Trigger
from logscope.model.files import LineRef
from logscope.model.incident import Incident, NumberChange, Rates
from logscope.model.kinds import Role
from logscope.model.recovery import Recovery, Verdict
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US, US, span

LOOK_BACK_US: Final = 30 * MINUTE_US
"""The window before the onset that is read at every level (analysis.md 3.2)."""
_SETS_OFF: Final = BROKEN | {RuleClass.CONFIG_CHANGE}
"""Faults of another one that set something off: dead, full or broken, or set wrongly as a clock is."""
_FAIR_SHARE: Final = 0.2
"""Of the failing requests, for a route to tell since when users fail."""
_PRESENT_US: Final = 5 * MINUTE_US
_SHORT_US: Final = 20 * US
"""Behind a fix, that rates can be told of."""


def judge_outbreak(base: Base, outbreak: Outbreak, others: Sequence[Outbreak], low: Sequence[Anomaly]) -> Found:
    """Judge anomalies that belong together.

    Args:
        base: Everything else.
        outbreak: Failing kinds.
        others: Failing kinds that rose at other times: listed, not part of it.
        low: Kinds below warning that are new or risen: causes logged at INFO, changes, states.
    """
    if base.users is not None:
        base = replace(base, users=count_refused(base.users, outbreak, [*base.kinds, *base.ordinary]))
    assert base.as_of is not None, "anomalies have times"
    near = [one for one in low if outbreak.start - LOOK_BACK_US <= one.time <= outbreak.end + US]
    silences = find_silences(base.index, base.views, base.names, outbreak.start, base.as_of, base.coverage.first)
    silence_by_node = {s.node: s for s in reversed(silences)}
    outbreak = replace(outbreak, anomalies=mark_last_words(outbreak.anomalies, base.index, base.as_of))
    everything = sorted([*outbreak.anomalies, *near], key=lambda a: (a.time, a.kind.id))
    onsets = main_onsets(outbreak.anomalies)
    suspects_from = [one for one in everything if one.kind.is_failure or one.kind.meaning.kind is not MeaningKind.ALERT]
    altered = changes_by_node(base.changes)
    edges = find_edges(suspects_from, onsets, altered, base.names.members_of, silence_by_node)
    part = {one.kind.id for one in outbreak.anomalies}
    normal = [kind for kind in (*base.kinds, *base.ordinary) if kind.id not in part] if base.ordinary else []
    named = {(edge.caller, edge.callee) for edge in edges}
    shared = find_shared_names(suspects_from, normal, base.names, base.knows)
    edges = (*edges, *(edge for edge in shared if (edge.caller, edge.callee) not in named))
    edges = (*edges, *find_called(calls_of_nodes(base), suspects_from, edges))
    nodes_with_log = frozenset(
        {kind.node for kind in base.kinds}
        | {base.names.node_of_service.get(f.service, f.service) for f in base.files if f.records}
        | base.names.shared_names
    )
    first = min((one.time for one in onsets.values()), default=outbreak.start)
    starts = _starts_of_events(base)
    unlogged = {edge.callee for edge in edges} - nodes_with_log
    new = find_novelties(base.ordinary, first, starts, outbreak.start - LOOK_BACK_US)
    known = {one.anomaly.kind.id for one in new}
    later = find_later_novelties(base.ordinary, suspects_from, onsets, starts, outbreak.start - LOOK_BACK_US)
    novelties = tell_about([*new, *(one for one in later if one.anomaly.kind.id not in known)], base.names, unlogged)
    ranking = rank(
        suspects_from,
        onsets,
        edges,
        nodes_with_log,
        has_times=True,
        silences=silence_by_node,
        novelties=novelties,
        changes=base.changes,
        harmed=_find_harmed(base, outbreak),
    )
    top = ranking.suspects[0]
    if ranking.confidence is Confidence.HIGH and _users_failed_before(base, outbreak, top.time):
        ranking = replace(ranking, confidence=Confidence.MEDIUM)
    shown = top.anomaly or (top.naming.anomaly if top.naming else None)
    # Where the cause is outside, the first to fall stands for it.
    root = shown or min(onsets.values(), key=lambda one: (one.time, one.kind.id))
    kinds = base.kinds
    if root not in everything:
        # An ordinary line of a new kind: nothing but the ranking knows of it yet.
        everything = sorted([*everything, root], key=lambda a: (a.time, a.kind.id))
        kinds = [*(kind for kind in kinds if kind.id != root.kind.id), root.kind]
    start = root.time
    faults = [one for one in everything if one.kind.match is not None and one.kind.match.rule.cls in _SETS_OFF]
    states = [one for one in everything if one.kind.meaning.kind is MeaningKind.STATE and one.is_new]
    trigger = find_trigger(base.changes, root, top.node, start, onsets, novelties, base.knows, faults, states)
    by_id = {one.kind.id: one for one in everything}
    signs = {top.node, trigger.service if trigger else top.node}
    apart = find_apart(everything, signs, start)
    earlier = find_earlier(outbreak.anomalies, top.node, start)
    unmoved = find_unmoved(outbreak.anomalies, signs, edges, start) - earlier
    roles = assign_roles(kinds, by_id, shown, top.node, edges, start, apart | unmoved, earlier)
    for one in (one for other in others for one in other.anomalies):
        by_id[one.kind.id] = one
        roles[one.kind.id] = Role.UNRELATED
    part_of = [one for one in everything if roles[one.kind.id] in (Role.CAUSE, Role.SYMPTOM)]
    if not any(one.kind.is_failure for one in part_of):
        # Nothing is tied to the first candidate: what rose is still what must end.
        part_of += [one for one in outbreak.anomalies if one not in part_of]
    hints = find_hints([*base.kinds, *base.ordinary], top.node, trigger, start, base.as_of, root.kind)
    # What goes its own way is no part of the story, yet its noise must not be taken for a rise of the rest.
    noise = [one for one in outbreak.anomalies if one.kind.id in apart and one not in part_of]
    recovery = judge_recovery(
        [*part_of, *noise],
        base.users,
        base.coverage,
        start,
        base.as_of,
        base.notes,
        hints,
        _records_of(base, part_of),
        _routes(base),
        root.kind.id,
    )
    foreign = {f"{one.kind.service}: {one.kind.headline}" for one in noise}
    recovery = replace(recovery, remaining=tuple(one for one in recovery.remaining if one.what not in foreign))
    recovery = explain_waves(recovery, part_of, base.changes, onsets, root, trigger, [*base.kinds, *base.ordinary])
    mending = [one for one in part_of if one is not root and _is_of(one, recovery.fix_ref)]
    if len(mending) < len(part_of):
        # What was written when somebody mended it may be a warning; it is no symptom.
        part_of = [one for one in part_of if one not in mending]
        roles.update((one.kind.id, Role.OTHER) for one in mending)
    end = recovery.since if recovery.over and recovery.since is not None else None
    cascade, parents = build_cascade(part_of, root, edges, begin_faults(recovery, part_of))
    candidates = make_candidates(ranking, base.texts, trigger, _first_to_fall(root), root)
    holders = find_holders([*base.ordinary, *base.kinds], top.anomaly)
    if holders is not None:
        held = replace(candidates[0], evidence=(*candidates[0].evidence, holders))
        candidates = (held, *candidates[1:])
    seen = base.users or find_outcomes(base.read_trips(), start, frozenset(call.callee for call in base.calls))
    incident = _incident(base, seen, outbreak, part_of, candidates[0], start, recovery)
    story = Story(
        anomalies=everything,
        root=root,
        start=start,
        trigger=trigger,
        changes=base.changes,
        alerts=base.alerts,
        notes=base.notes,
        recovery=recovery,
        users=base.users,
        impact_end=base.as_of,
        texts=base.texts,
        silences=silences,
        cascade=cascade,
        root_node=top.node,
        offsets=base.offset_by_part(),
    )
    impact = describe_impact(seen, part_of, start)
    baselines = _baselines(base, start, by_id)
    recent = _present(base.as_of, start, recovery)
    alert_ref = next((a.ref for a in base.alerts if a.time == incident.detected_at), None)
    return Found(
        actions=choose_actions(
            top,
            Surroundings(
                trigger,
                incident,
                recovery,
                part_of,
                alert_ref,
                base.names,
                base.find_silent,
                ranking.confidence,
                base.kinds,
            ),
        ),
        groups=summarise_groups(
            choose_listed(base.kinds, [*base.ordinary, *base.kinds], candidates),
            by_id,
            roles,
            parents,
            base.buckets,
            baselines,
            recent,
            base.texts,
        ),
        recovery=recovery,
        incident=incident,
        candidates=candidates,
        ruled_out=find_ruled_out(
            base.index,
            base.views,
            base.files,
            base.kinds,
            by_id,
            roles,
            start,
            end or base.as_of,
            _suspected(base, top, root, trigger, novelties),
        ),
        cascade=cascade,
        timeline=build_timeline(story, impact),
        window=(start - LOOK_BACK_US, base.as_of),
        users=base.users,
    )


def _is_of(one: Anomaly, ref: LineRef | None) -> bool:
    """Whether a kind begins with a line."""
    return ref is not None and one.kind.ref_at(one.kind.row_at(one.time)) == ref


def _users_failed_before(base: Base, outbreak: Outbreak, time: int) -> bool:
    """The edge fails long before the line that is taken for the cause: it explains at most what came then."""
    edge = frozenset[str]() if base.users is None else base.users.sources
    return any(
        one.kind.is_request and one.is_strong and one.kind.view.key in edge and one.time < time - MINUTE_US
        for one in outbreak.anomalies
    )


def _find_harmed(base: Base, outbreak: Outbreak) -> int | None:
    """Since when users fail, by the edge's access log; routes that few of what fails is about tell nothing."""
    edge = frozenset[str]() if base.users is None else base.users.sources
    failing = [one for one in outbreak.anomalies if one.kind.is_request and one.kind.view.key in edge]
    total = sum(one.excess for one in failing)
    times = [one.time for one in failing if one.is_strong and one.excess >= _FAIR_SHARE * total]
    return min(times, default=None)


def _routes(base: Base) -> Sequence[Route]:
    if base.users is None:
        return ()
    return find_routes([*base.kinds, *base.ordinary], base.users.sources, base.users.refused)


def _starts_of_events(base: Base) -> Mapping[str, int]:
    """Since when each log was able to show something new: one of few records tells events, and was silent before."""
    records: dict[str, int] = {}
    for one in base.files:
        records[one.source] = records.get(one.source, 0) + one.records
    return {
        key: base.coverage.first if records.get(key, 0) <= FEW_RECORDS else start
        for key, start in base.read_starts().items()
    }


def _suspected(
    base: Base, top: Suspect, root: Anomaly, trigger: Trigger | None, novelties: Sequence[Novelty]
) -> set[str]:
    """Services that are the cause or whose lines show it, what set it off or may have; and who alerts."""
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


def calls_of_nodes(base: Base) -> dict[tuple[str, str], int]:
    """By caller and called node the ids that show it."""
    node_of = {view.key: base.names.node_of_service.get(view.service, view.service) for view in base.views.values()}
    calls: dict[tuple[str, str], int] = {}
    for call in base.calls:
        pair = (node_of[call.caller], node_of[call.callee])
        calls[pair] = max(call.ids, calls.get(pair, 0))
    return calls


def judge_quiet(base: Base) -> Found:
    """Nothing rose above its baseline, or no file carries a time: what fails is ranked by names and words alone."""
    groups = summarise_groups(choose_listed(base.kinds), {}, {}, {}, base.buckets, {}, None, base.texts)
    found = Found(groups=groups, recovery=quiet_recovery(base.as_of, base.coverage))
    anomalies = [
        Anomaly(kind, 0, 0, 3.0, is_new=True, baseline_per_s=0.0, excess=kind.count, last=0, has_baseline=False)
        for kind in base.kinds
        if kind.is_failure or kind.is_cause_like
    ]
    if not anomalies:
        return found
    onsets = main_onsets(anomalies)
    edges = find_edges(anomalies, onsets)
    ranking = rank(anomalies, onsets, edges, frozenset(kind.node for kind in base.kinds), has_times=False)
    if base.as_of is not None:
        # Everyday noise: somebody may ask which of it is worst, but nothing of it is a cause of anything.
        ranking = replace(ranking, confidence=Confidence.LOW)
    first = min(onsets.values(), key=lambda one: one.kind.id)
    return replace(found, candidates=make_candidates(ranking, base.texts, None, _first_to_fall(first), first))


def choose_listed(
    kinds: Sequence[Kind], everything: Sequence[Kind] = (), candidates: Sequence[Candidate] = ()
) -> list[Kind]:
    """Warning-or-worse kinds, those that knowledge recognises, and those that a candidate points to."""
    listed = {
        kind.id: kind for kind in kinds if kind.severity >= Severity.WARN or kind.meaning.kind is not MeaningKind.NONE
    }
    named = {one.group for one in candidates}
    listed.update({kind.id: kind for kind in everything if kind.id in named})
    return list(listed.values())


def _first_to_fall(first: Anomaly) -> str:
    return f"no line shows or names what broke; the first to fail is {first.node}: {first.kind.headline}"


def _incident(
    base: Base,
    users: Users | None,
    outbreak: Outbreak,
    part_of: Sequence[Anomaly],
    top: Candidate,
    start: int,
    recovery: Recovery,
) -> Incident:
    assert base.as_of is not None, "an incident has times"
    end = recovery.since if recovery.over else None
    failing = [one for one in part_of if one.kind.is_failure]
    strong = [one for one in failing if one.kind.severity >= Severity.ERROR and one.is_strong]
    # What a service says itself is exact; the edge's share of failures shows a moment later or by chance earlier.
    errors = [one.time for one in strong if not one.kind.is_request] or [one.time for one in strong]
    first_error = min(errors, default=min((one.time for one in failing), default=start))
    firing = [a for a in base.alerts if a.state is AlertState.FIRING and a.time >= start - MINUTE_US]
    alert = firing[0] if firing else None
    rates = Rates(None, None, None)
    volume = Rates(None, None, None)
    note = "no access log among these files"
    attempts = None
    if users is not None:
        # Users may fail long before the line that shows the cause: what is usual ends with their first failure.
        first_failure = min([start, first_error, *(one.time for one in strong if one.kind.is_request)])
        usual = users.failed_share(0, first_failure)
        begins = users.first_failing(first_failure - US, usual) or start
        # Where nothing shows that it goes on, what users get since then is no part of it, early as it may be.
        turn = recovery.since if recovery.over is not False else None
        rates, volume, note = success_rates(users, begins, turn, base.as_of, calm_between(recovery.waves))
        attempts = count_attempts(base.read_trips(), users, begins, base.as_of if end is None else end)
    is_by_ids = users is not None and base.users is None
    if users is not None and is_by_ids:
        note = f"{users.service}: operations by their ids, there is no access log"
    edge_fails = ""
    if users is not None and top.in_logs and base.names.node_of_service.get(users.service) == top.service:
        edge_fails = top.service
    share_until_fix = None
    partly = recovery.served.since if recovery.verdict is Verdict.PARTIAL and recovery.served is not None else None
    if users is not None and partly is not None and rates.during is not None:
        asked, failed = users.count(begins, partly)
        share_until_fix = 1 - failed / asked if asked else None
    services = sorted({one.kind.service for one in failing})
    return Incident(
        start=start,
        end=end,
        headline=f"{top.service}: {top.headline}" if top.in_logs else top.headline,
        services=tuple(services),
        first_error=first_error,
        alert_began=alert.began if alert else None,
        detected_at=alert.time if alert else None,
        detection_gap_us=alert.time - first_error if alert else None,
        success_rate=rates,
        volume=volume,
        success_note=note,
        is_by_ids=is_by_ids,
        attempts=attempts,
        share_until_fix=share_until_fix,
        edge_fails=edge_fails,
    )


def _records_of(base: Base, anomalies: Sequence[Anomaly]) -> list[SourceRecords]:
    """All records of the logs that hold an incident's kinds."""
    found = []
    for key in sorted({one.kind.view.key for one in anomalies if one.kind.is_failure}):
        counts = base.index.sources[key].seconds
        shifted = counts.seconds() + base.views[key].shift_us // US
        found.append(SourceRecords(base.views[key].service, shifted, counts.column(RECORDS)))
    return found


def _present(now: int, start: int, recovery: Recovery) -> tuple[int, int] | None:
    """The span whose rates are the present ones: of what goes on since the end, or the fix; None where it is short."""
    turns = (recovery.since, recovery.fix_at)
    since = next((turn for turn in turns if turn is not None and start < turn < now), start)
    if since != start and now - since < _SHORT_US:
        return None
    return max(since, now - _PRESENT_US), now


def _baselines(base: Base, cause: int, rises: Mapping[str, Anomaly]) -> dict[str, float | None]:
    """Records per minute before the incident; None where no normal period of the file is in view."""
    rates: dict[str, float | None] = {}
    for kind in base.kinds:
        # What fails before its cause is logged was usual until it began to.
        start = min(cause, rises[kind.id].time) if kind.id in rises else cause
        # A log that holds nothing but failures was silent before its first one: none, which is not unknown.
        begins = base.coverage.quiet_starts.get(kind.view.key)
        usual = kind.usual
        if begins is not None and usual.seconds:
            count = kind.between(begins, start - US) + usual.count
            rates[kind.id] = round(count * 60 / (max(0, start - begins) / US + usual.seconds), 3)
        elif begins is None or start - begins < MINUTE_US:
            rates[kind.id] = None
        else:
            rates[kind.id] = round(kind.between(begins, start - US) * MINUTE_US / (start - begins), 3)
    return rates


def tell_numbers(found: Found, numbers: Sequence[NumberChange], changes: Sequence[Change]) -> Found:
    """Show the likeliest candidate's own numbers, and limits that were reached, as evidence and as work for later.

    They carry no points: where a number stands is known, what it means for the ranking is not. Where nothing else tells
    what set it off, it is the change with which a number left its normal.
    """
    if not found.candidates or not numbers:
        return found
    top = found.candidates[0]
    own: list[NumberChange] = []
    if top.trigger is None and not top.is_event and found.incident is not None:
        by_number = find_by_number(changes, numbers, found.incident.start)
        if by_number is not None:
            top = replace(top, trigger=by_number[0])
            own.append(by_number[1])
    for one in numbers:
        # A share and the amount that it is the share of tell the same.
        is_told = any((o.service, o.begin, o.end, o.is_full) == (one.service, one.begin, one.end, True) for o in own)
        if (one.service == top.service or one.is_full or one.is_state) and not is_told and one not in own:
            own.append(one)
    own = own[:3]
    evidence = tuple(Evidence("number", 0.0, describe_number(one), one.lines) for one in own)
    later = tuple(
        FollowUp(
            f"Alert on {one.name} of {one.service} at 80 %",
            f"would have fired {span(first_error - one.alert_at_80)} before the first error",
            one.lines,
            None,
        )
        for one in own
        if one.alert_at_80 is not None
        and found.incident is not None
        and (first_error := found.incident.first_error) is not None
    )
    actions = None if found.actions is None else replace(found.actions, follow_up=(*later, *found.actions.follow_up))
    candidates = (replace(top, evidence=(*top.evidence, *evidence)), *found.candidates[1:])
    timeline = tell_states(found.timeline, [one for one in numbers if one.is_state])
    return replace(found, candidates=candidates, actions=actions, timeline=timeline)
