"""Suspects as the contract shows them: rank, line, evidence in points, trigger."""

from dataclasses import replace
from typing import Final

from logscope.analysis.causes.changes import read_change
from logscope.analysis.causes.ranking import Ranking
from logscope.analysis.causes.suspects import Suspect, onset_ref
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.kinds.texts import TextShelf
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.story.tables import onset_text
from logscope.index.exemplars import cut_sample
from logscope.model.causes import OUTSIDE, Candidate, Confidence, Evidence, Trigger
from logscope.model.files import LineRef

_MOST_CANDIDATES: Final = 10
_LEAST_OUTSIDE: Final = 0.05
"""Probability from which "outside these logs" is listed."""
_NOTHING: Final = 0.05
"""Evidence with fewer points says nothing and is not shown."""


def make_candidates(
    ranking: Ranking, texts: TextShelf, trigger: Trigger | None, unknown: str, first: Anomaly | None = None
) -> tuple[Candidate, ...]:
    """Suspects as the contract shows them; "outside these logs" only where it may be so.

    Args:
        ranking: The suspects.
        texts: Of the records that are quoted.
        trigger: Of the likeliest.
        unknown: What is told where no line shows or names the cause.
        first: The first to fail: its line is where to look then; None where nobody is known to.
    """
    is_open = ranking.confidence is Confidence.LOW or _tells_no_reason(ranking.suspects[0])
    least = 0.0 if is_open else _LEAST_OUTSIDE
    listed = [one for one in ranking.suspects if one.node != OUTSIDE or one.probability >= least]
    return tuple(
        _candidate(suspect, position, ranking, texts, trigger if position == 1 else None, unknown, first)
        for position, suspect in enumerate(listed[:_MOST_CANDIDATES], 1)
    )


def _tells_no_reason(top: Suspect) -> bool:
    """The first to fail by its own line, which says only that something did not answer: what broke may be elsewhere."""
    return top.anomaly is not None and top.anomaly.kind.is_symptom_like


def _candidate(
    suspect: Suspect,
    position: int,
    ranking: Ranking,
    texts: TextShelf,
    trigger: Trigger | None,
    unknown: str,
    first: Anomaly | None,
) -> Candidate:
    shown = suspect.anomaly or (suspect.naming.anomaly if suspect.naming else None)
    ref: LineRef | None = None
    sample = ""
    headline = unknown
    if shown is not None:
        kind = shown.kind
        ref = kind.ref_at(kind.row_at(shown.time)) if len(kind.firsts) else kind.first_ref()
        sample = onset_text(shown, texts)
        headline = tell_line(kind, ref) if suspect.anomaly is not None else kind.headline
        if suspect.anomaly is None:
            headline = f"{suspect.node} (named by {kind.service}: {headline})"
    elif suspect.silence is not None:
        headline = f"{suspect.node}: its log, {suspect.silence.describe()}"
        ref = suspect.silence.shown_at
        text = None if suspect.silence.shown is None else texts.get(*suspect.silence.shown)
        sample = "" if text is None else cut_sample(text).decode("utf-8", "replace")
    elif first is not None:
        ref, sample = onset_ref(first), onset_text(first, texts)
    confidence = ranking.confidence if position == 1 else Confidence.LOW
    return Candidate(
        rank=position,
        in_logs=suspect.anomaly is not None,
        file=ref.file if ref else None,
        service=suspect.node,
        group=shown.kind.id if shown else None,
        first_seen=shown.time if shown and shown.time else suspect.silence.start if suspect.silence else None,
        sample=sample,
        line=ref.line if ref else None,
        points=round(suspect.points, 2),
        probability=round(suspect.probability, 3),
        confidence=confidence,
        evidence=tuple(_rounded(one) for one in suspect.evidence if one.points > _NOTHING),
        counter_evidence=tuple(_rounded(one) for one in suspect.evidence if one.points < -_NOTHING),
        trigger=trigger,
        headline=headline,
        rule=shown.kind.match.rule.id if shown and shown.kind.match else None,
        is_event=suspect.anomaly is not None and _is_event(suspect.anomaly.kind),
        log_service=_name_log(suspect),
    )


def _name_log(suspect: Suspect) -> str:
    """The service of its own log, where that shows it."""
    kind = None if suspect.anomaly is None else suspect.anomaly.kind
    return kind.service if kind is not None and kind.node == suspect.node else ""


def _is_event(kind: Kind) -> bool:
    """It tells what happened, not what is wrong."""
    return not kind.is_failure and not kind.is_cause_like


def tell_line(kind: Kind, ref: LineRef) -> str:
    """What a line of a kind says: of an event which version was published, where its kind only says that one was."""
    if not _is_event(kind):
        return kind.headline
    kept = (one for one in kind.exemplars if one.line == ref.line and kind.view.parts[one.part] == ref.file)
    return next((read_change(kind, one).text for one in kept), kind.headline)


def _rounded(one: Evidence) -> Evidence:
    return replace(one, points=round(one.points, 2))
