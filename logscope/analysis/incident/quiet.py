"""Nothing that rose, or nothing that carries a time: what there is to say without an incident."""

from dataclasses import replace

from logscope.analysis.causes.blame import find_edges
from logscope.analysis.causes.ranking import rank
from logscope.analysis.incident.base import Base, Found
from logscope.analysis.incident.cause import tell_first
from logscope.analysis.incident.listed import choose_listed
from logscope.analysis.onset.anomalies import Anomaly, main_onsets
from logscope.analysis.recovery.verdict import quiet_recovery
from logscope.analysis.story.candidates import make_candidates
from logscope.analysis.story.tables import summarise_groups
from logscope.model.causes import Confidence


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
    return replace(found, candidates=make_candidates(ranking, base.texts, None, tell_first(first), first))
