"""An incident that no line reports: requests stopped reaching the edge, or take long. All else is told by time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.causes.ranking import rank
from logscope.analysis.causes.triggers import find_trigger
from logscope.analysis.incident.base import LOOK_BACK_US, Base, Found
from logscope.analysis.incident.listed import choose_listed
from logscope.analysis.losses.drops import Drop
from logscope.analysis.losses.slowness import Slowdown
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.novelties import find_novelties
from logscope.analysis.recovery.fixes import find_fix, find_hints
from logscope.analysis.story.actions import advise_on_harm, tell_change
from logscope.analysis.story.alerts import find_first
from logscope.analysis.story.candidates import make_candidates
from logscope.analysis.story.impact import describe_impact
from logscope.analysis.story.tables import summarise_groups
from logscope.analysis.story.timeline import Story, build_timeline
from logscope.analysis.users.users import Users, success_rates
from logscope.knowledge.advice import Harm
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.causes import Candidate, Confidence
from logscope.model.incident import EventKind, Incident, Rates, TimelineEntry
from logscope.model.recovery import Recovery
from logscope.model.times import MINUTE_US, US

_BEFORE_US: Final = 2 * MINUTE_US
"""What set it off stands so shortly before it."""
_BEHIND_US: Final = 5 * US
_SLOWER_BEHIND_US: Final = 10 * US
"""Durations are looked at by ten seconds."""


_NOT_KNOWN: Final = Rates(None, None, None)


def judge_lost(base: Base, users: Users, harm: Drop | Slowdown, rising: Sequence[Anomaly]) -> Found:
    """Judge what users lost though nothing failed.

    Args:
        base: Everything else.
        users: Of the edge.
        harm: What they lost, when.
        rising: Kinds below warning that are new or risen.
    """
    assert base.as_of is not None, "requests have times"
    start = harm.start * US
    behind = _SLOWER_BEHIND_US if isinstance(harm, Slowdown) else _BEHIND_US
    near = [
        one
        for one in rising
        if start - _BEFORE_US <= one.time <= start + behind and one.kind.meaning.kind is not MeaningKind.ALERT
    ]
    novelties = find_novelties(base.ordinary, start + behind, base.read_starts(), start - LOOK_BACK_US)
    ranking = rank(near, {}, (), frozenset(), has_times=True, novelties=novelties)
    if ranking.confidence is Confidence.HIGH:
        # Nothing but the time ties a line to requests that nobody saw.
        ranking = replace(ranking, confidence=Confidence.MEDIUM)
    top = ranking.suspects[0]
    root = top.anomaly
    trigger = find_trigger(base.changes, root, top.node, start, {})
    candidates = make_candidates(ranking, base.texts, trigger, f"{users.service}: {harm.describe()}; no line says why")
    recovery = _with_fix(harm.judge(users), base, top.node, harm)
    end = recovery.since if recovery.over else None
    story = Story(
        anomalies=near if root is None or root in near else [*near, root],
        root=root,
        start=start if root is None else min(start, root.time),
        trigger=trigger,
        changes=base.changes,
        alerts=base.alerts,
        notes=base.notes,
        recovery=recovery,
        users=None if _is_work(harm) else users,
        impact_end=base.as_of,
        texts=base.texts,
        root_node=top.node,
        offsets=base.offset_by_part(),
    )
    kind = EventKind.SILENCE if isinstance(harm, Drop) else EventKind.ONSET
    fall = TimelineEntry(start, start, kind, users.service, None, None, "", harm.describe(), "", is_key=True)
    changed = trigger if trigger is not None or root is None else tell_change(root, is_sure=False)
    return Found(
        actions=advise_on_harm(_name_harm(harm), changed),
        groups=summarise_groups(
            choose_listed(base.kinds, base.ordinary, candidates), {}, {}, {}, base.buckets, {}, None, base.texts
        ),
        recovery=recovery,
        incident=_incident(base, users, harm, candidates, end),
        candidates=candidates,
        timeline=build_timeline(story, describe_impact(story.users, (), start), (fall,)),
        window=(start - LOOK_BACK_US, base.as_of),
    )


def _name_harm(harm: Drop | Slowdown) -> Harm:
    if isinstance(harm, Slowdown):
        return Harm.SLOW
    return Harm.SLUMP if _is_work(harm) else Harm.LOST


def _is_work(harm: Drop | Slowdown) -> bool:
    """What fell or grew slow are records of work, no requests: of users they tell nothing."""
    return bool(harm.worker)


def _with_fix(recovery: Recovery, base: Base, node: str, harm: Drop | Slowdown) -> Recovery:
    """Name the line that tells what brought the requests back."""
    if harm.end is None:
        return recovery
    hints = find_hints([*base.kinds, *base.ordinary], node, None, harm.start * US, harm.end * US)
    marked = sorted(note.time // US for note in base.notes if note.is_fix and note.time >= harm.start * US)
    fix = find_fix(harm.start, harm.end, marked, hints, is_fallen=True)
    if fix is None:
        return recovery
    told = replace(
        recovery,
        fix_at=fix.time,
        fix_origin=fix.origin,
        to_mitigate_us=max(0, fix.second - harm.start) * US,
    )
    if fix.hint is None:
        return told
    hint = fix.hint
    return replace(told, fix_ref=hint.ref, fix_text=hint.text, fix_sample=hint.sample, fix_service=hint.kind.service)


def _incident(
    base: Base, users: Users, harm: Drop | Slowdown, candidates: Sequence[Candidate], end: int | None
) -> Incident:
    assert base.as_of is not None, "requests have times"
    start = harm.start * US
    alert = find_first(base.alerts, start)
    rates = volume = _NOT_KNOWN
    if not _is_work(harm):
        rates, volume, _ = success_rates(users, start, end, base.as_of)
    told = f"{users.service}: {harm.describe()}"
    top = candidates[0] if candidates else None
    return Incident(
        start=start,
        end=end,
        headline=told if top is None or top.group is None else f"{told} ({top.service}: {top.headline})",
        services=(users.service,),
        first_error=None,
        alert_began=alert.began if alert is not None else None,
        detected_at=alert.time if alert is not None else None,
        detection_gap_us=None,
        success_rate=replace(rates, during=None) if isinstance(harm, Drop) else rates,
        volume=volume,
        success_note=harm.describe_users() if isinstance(harm, Drop) else told if _is_work(harm) else harm.describe(),
    )
