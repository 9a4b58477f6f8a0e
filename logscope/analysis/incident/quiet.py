"""Nothing that rose, or nothing that carries a time: what there is to say without an incident."""

from dataclasses import replace

from logscope.analysis.causes.blame import find_edges
from logscope.analysis.causes.ranking import rank
from logscope.analysis.incident.base import Base, Found
from logscope.analysis.incident.cause import tell_first
from logscope.analysis.incident.listed import choose_listed
from logscope.analysis.losses.harmless import describe_rise
from logscope.analysis.onset.anomalies import Anomaly, Outbreak, main_onsets
from logscope.analysis.recovery.verdict import quiet_recovery
from logscope.analysis.story.candidates import make_candidates
from logscope.analysis.story.tables import summarise_groups
from logscope.model.causes import Confidence
from logscope.model.times import US, span


def judge_quiet(base: Base, blip: Outbreak | None = None) -> Found:
    """Nothing rose above its baseline, or no file carries a time: what fails is ranked by names and words alone.

    Args:
        base: Everything.
        blip: What rose for moments, too little for an incident; it is told, and ranked instead of the everyday noise.
    """
    groups = summarise_groups(choose_listed(base.kinds), {}, {}, {}, base.buckets, {}, None, base.texts)
    found = Found(groups=groups, recovery=quiet_recovery(base.as_of, base.coverage))
    if blip is not None:
        return _judge_blip(base, found, blip)
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
    first = min(onsets.values(), key=lambda one: one.kind.order)
    return replace(found, candidates=make_candidates(ranking, base.texts, None, tell_first(first), first))


def _judge_blip(base: Base, found: Found, blip: Outbreak) -> Found:
    """No incident, and yet something rose: what, for how long, and who is the likeliest cause of it."""
    rise = replace(describe_rise(blip), until=blip.end)
    lasted = span(max(US, blip.end - rise.since))
    onsets = main_onsets(blip.anomalies)
    ranking = rank(
        blip.anomalies,
        onsets,
        find_edges(blip.anomalies, onsets),
        frozenset(kind.node for kind in base.kinds),
        has_times=True,
        changes=base.changes,
    )
    ranking = replace(ranking, confidence=Confidence.LOW)
    first = min(onsets.values(), key=lambda one: (one.time, one.kind.order))
    return replace(
        found,
        candidates=make_candidates(ranking, base.texts, None, tell_first(first), first),
        recovery=replace(found.recovery, explanation=f"what rose was over after {lasted}, too little for an incident"),
        rise=rise,
    )
