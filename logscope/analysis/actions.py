"""What to do: the knowledge's advice on the first candidate, and follow-ups from what was measured."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from logscope.analysis.anomalies import Anomaly
from logscope.analysis.ranking import Suspect, span
from logscope.knowledge.advice import Adviser, Finding, FindingKind, load_adviser
from logscope.knowledge.rule import RuleClass
from logscope.model.snapshot import Actions, Incident, LineRef, Recovery, Trigger, Verdict
from logscope.model.times import MINUTE_US

_LATE_US: Final = 2 * MINUTE_US
"""An alert that comes later than this after the first error is late."""


@lru_cache(maxsize=1)
def _adviser() -> Adviser:
    return load_adviser()


def choose_actions(
    top: Suspect,
    trigger: Trigger | None,
    incident: Incident,
    recovery: Recovery,
    part_of: Sequence[Anomaly],
    alert_ref: LineRef | None,
) -> Actions:
    """Advice on the likeliest cause.

    Args:
        top: Candidate 1.
        trigger: What set it off.
        incident: As a whole.
        recovery: Whether it is over.
        part_of: Kinds of the incident.
        alert_ref: Line of the first alert, if there is one.
    """
    shown = top.anomaly or (top.naming.anomaly if top.naming else None)
    match = shown.kind.match if shown else None
    if shown is not None and top.anomaly is None and not shown.kind.is_cause_like:
        # A client's complaint is not the mechanism: its rule would advise on the client.
        match = None
    cls: RuleClass | None = shown.kind.meaning.cls if shown else None
    refs = (shown.kind.ref_at(shown.kind.row_at(shown.time)),) if shown is not None and len(shown.kind.table) else ()
    return _adviser().advise(
        match,
        cls,
        trigger,
        _findings(top, incident, recovery, part_of, alert_ref),
        _entities(top),
        refs,
    )


def _entities(top: Suspect) -> Mapping[str, str]:
    """Values for the placeholders of commands: only what the logs tell."""
    return {"service": top.node} if top.anomaly is not None else {}


def _findings(
    top: Suspect, incident: Incident, recovery: Recovery, part_of: Sequence[Anomaly], alert_ref: LineRef | None
) -> list[Finding]:
    found: list[Finding] = []
    first = min((one for one in part_of if one.kind.is_failure), key=lambda a: a.time, default=None)
    first_ref = (first.kind.ref_at(first.kind.row_at(first.time)),) if first is not None else ()
    if incident.detection_gap_us is not None and incident.detection_gap_us > _LATE_US and alert_ref is not None:
        text = f"the alert came {span(incident.detection_gap_us)} after the first error"
        found.append(Finding(FindingKind.LATE_ALERT, text, (alert_ref, *first_ref)))
    elif incident.detected_at is None and first_ref:
        found.append(Finding(FindingKind.NO_ALERT, "no alert is in these logs", first_ref))
    for one in part_of:
        ref = (one.kind.ref_at(one.kind.row_at(one.time)),)
        if one.kind.meaning.cls is RuleClass.RETRY and one.kind.count >= 100:
            text = f"{one.kind.service} retried {one.kind.count:,} times: {one.kind.headline}"
            found.append(Finding(FindingKind.RETRY_STORM, text, ref))
        elif one.kind.meaning.cls is RuleClass.BUG and one.node != top.node:
            text = f"{one.kind.service} fails in its own code on a missing answer ({one.kind.count:,} records)"
            found.append(Finding(FindingKind.NULL_AFTER_DEPENDENCY, text, ref))
    if recovery.verdict is Verdict.HERD and recovery.waves and first_ref:
        wave = recovery.waves[-1]
        text = f"{wave.count:,} records within {span(wave.end - wave.start)} of the fix, up to {wave.peak_per_s:.0f}/s"
        found.append(Finding(FindingKind.HERD, text, first_ref))
    if top.anomaly is None and top.naming is not None:
        one = top.naming.anomaly
        text = f"{top.node} is blamed, and nothing of its own is in these logs"
        found.append(Finding(FindingKind.SILENT_CAUSE, text, (one.kind.ref_at(one.kind.row_at(one.time)),)))
    return found
