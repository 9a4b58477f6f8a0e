"""The public JSON document `logscope.analysis/1`: strict, ASCII, and the same bytes for the same Snapshot."""

import json
from collections.abc import Callable, Sequence
from typing import Final

from logscope.model.advice import Action, FollowUp, Mechanism
from logscope.model.causes import Candidate, Evidence, Trigger
from logscope.model.files import FileSummary, LineRef
from logscope.model.incident import Incident, Rates, TimelineEntry
from logscope.model.kinds import GroupSummary, Role
from logscope.model.recovery import Recovery
from logscope.model.snapshot import Snapshot
from logscope.model.times import US, format_iso

SCHEMA: Final = "logscope.analysis/1"
MOST_GROUPS: Final = 1000
MOST_SERVICES: Final = 200

Json = dict[str, object]


def render_json(snapshot: Snapshot, clean: Callable[[str], str] = str) -> str:
    """The document, one line, ending with a newline.

    Args:
        snapshot: What is known.
        clean: Applied to every text that comes from a file: redaction.
    """
    document = _Renderer(clean).document(snapshot)
    return json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":")) + "\n"


class _Renderer:
    """Carries the cleaning of texts to where texts are."""

    def __init__(self, clean: Callable[[str], str]) -> None:
        self._clean = clean

    def document(self, s: Snapshot) -> Json:
        return {
            "schema": SCHEMA,
            "as_of": _time(s.as_of),
            "provisional": s.provisional,
            "files": [self._file(one) for one in s.files],
            "groups": self._groups(s),
            "incident": self._incident(s.incident) if s.incident else None,
            "candidates": [self._candidate(one) for one in s.candidates],
            "further": [
                {
                    "incident": self._incident(one.incident),
                    "candidates": [self._candidate(c) for c in one.candidates],
                    "recovery": self._recovery(one.recovery),
                    "alone": one.is_alone,
                }
                for one in s.further
            ],
            "ruled_out": [
                {"service": r.service, "file": r.file, "reason": self._clean(r.reason), "lines": _refs(r.lines)}
                for r in s.ruled_out
            ],
            "unfinished": [
                {
                    "kind": u.kind,
                    "from": self._clean(u.from_event),
                    "to": self._clean(u.to_event),
                    "count": u.count,
                    "ids": [self._clean(one) for one in u.ids[:20]],
                    "lines": _refs(u.lines),
                    "read_only": u.is_read_only,
                    "sample": u.is_sample,
                    "told_failed": u.told,
                }
                for u in s.unfinished
            ],
            "numbers": [
                {
                    "service": n.service,
                    "field": self._clean(n.name),
                    "before": n.before,
                    "after": n.after,
                    "begin": _time(n.begin),
                    "end": _time(n.end),
                    "last": n.last,
                    "climbs_on": n.climbs_on,
                    "alert_at_80": _time(n.alert_at_80),
                    "full": n.is_full,
                    "lines": _refs(n.lines),
                }
                for n in s.numbers
            ],
            "cascade": [
                {"from": c.from_group, "to": c.to_group, "lag_s": _seconds(c.lag_us), "how": c.how.value}
                for c in s.cascade
            ],
            "timeline": [self._entry(one) for one in s.timeline],
            "trend": {
                "start": _time(s.trend.start) if s.trend.records else None,
                "bucket_s": s.trend.bucket_us // US,
                "errors": list(s.trend.errors),
                "warnings": list(s.trend.warnings),
                "records": list(s.trend.records),
                "estimate": s.trend.estimate,
            },
            "recovery": self._recovery(s.recovery),
            "actions": {
                "check": [self._action(one) for one in s.actions.check],
                "do": [self._action(one) for one in s.actions.do],
                "avoid": [self._action(one) for one in s.actions.avoid],
                "follow_up": [self._follow_up(one) for one in s.actions.follow_up],
                "mechanism": self._mechanism(s.actions.mechanism) if s.actions.mechanism else None,
            },
            "sentences": [
                {"label": one.label, "text": self._clean(one.text), "line": _ref(one.ref) if one.ref else None}
                for one in s.sentences
            ],
        }

    def _file(self, f: FileSummary) -> Json:
        return {
            "path": f.path,
            "service": f.service,
            "format": f.format,
            "encoding": f.encoding,
            "zone": {"name": f.zone.name, "origin": f.zone.origin.value},
            "date_origin": f.date_origin.value,
            "lines": f.lines,
            "records": f.records,
            "bytes": f.bytes,
            "errors": f.errors,
            "warnings": f.warnings,
            "untimed_records": f.untimed_records,
            "levelled_records": f.levelled_records,
            "first_seen": _time(f.first_seen),
            "last_seen": _time(f.last_seen),
            "clock_offset_s": f.clock_offset_us / US,
            "clock_origin": f.clock_origin,
            "problems": [{"kind": p.kind, "detail": self._clean(p.detail), "line": p.line} for p in f.problems],
        }

    def _groups(self, s: Snapshot) -> list[Json]:
        listed = s.groups
        rows = [self._group(one) for one in listed[:MOST_GROUPS]]
        rest = listed[MOST_GROUPS:]
        if rest:
            rows.append(_rest_group(rest))
        return rows

    def _group(self, g: GroupSummary) -> Json:
        return {
            "id": g.id,
            "file": g.file,
            "service": g.service,
            "level": g.severity.word,
            "template": self._clean(g.template),
            "sample": self._clean(g.sample),
            "headline": self._clean(g.headline),
            "line": _line(g.line),
            "count": g.count,
            "first_seen": _time(g.first_seen),
            "last_seen": _time(g.last_seen),
            "onset": _time(g.onset),
            "baseline_per_min": g.baseline_per_min,
            "per_minute": {"start": _time(g.per_minute.start), "counts": list(g.per_minute.counts)},
            "outside_window": g.outside_window,
            "role": g.role.value,
            "related_to": g.related_to,
            "examined_only": g.examined_only,
            "rule": g.rule,
        }

    def _incident(self, i: Incident) -> Json:
        return {
            "start": _time(i.start),
            "end": _time(i.end),
            "headline": self._clean(i.headline),
            "services": list(i.services[:MOST_SERVICES]),
            "first_error": _time(i.first_error),
            "alert_began": _time(i.alert_began),
            "detected_at": _time(i.detected_at),
            "detection_gap_s": None if i.detection_gap_us is None else _seconds(i.detection_gap_us),
            "success_rate": _rates(i.success_rate),
            "volume": _rates(i.volume),
            "success_note": self._clean(i.success_note),
            "attempts": None
            if i.attempts is None
            else {
                "asked": i.attempts.asked,
                "served": i.attempts.served,
                "attempts": i.attempts.attempts,
                "failed_attempts": i.attempts.failed_attempts,
                "is_sample": i.attempts.is_sample,
            },
        }

    def _candidate(self, c: Candidate) -> Json:
        return {
            "rank": c.rank,
            "in_logs": c.in_logs,
            "file": c.file,
            "service": c.service,
            "group": c.group,
            "first_seen": _time(c.first_seen),
            "sample": self._clean(c.sample),
            "headline": self._clean(c.headline),
            "line": _line(c.line),
            "points": c.points,
            "probability": c.probability,
            "confidence": c.confidence.value,
            "evidence": [self._evidence(one) for one in c.evidence],
            "counter_evidence": [self._evidence(one) for one in c.counter_evidence],
            "trigger": self._trigger(c.trigger) if c.trigger else None,
            "rule": c.rule,
        }

    def _evidence(self, e: Evidence) -> Json:
        return {"kind": e.kind, "points": e.points, "text": self._clean(e.text), "lines": _refs(e.lines)}

    def _trigger(self, t: Trigger) -> Json:
        return {
            "file": t.file,
            "line": _line(t.line),
            "sample": self._clean(t.sample),
            "time": _time(t.time),
            "lag_s": _seconds(t.lag_us),
            "link": t.link.value,
            "service": t.service,
        }

    def _entry(self, e: TimelineEntry) -> Json:
        return {
            "time": _time(e.time),
            "time_logged": _time(e.time_logged),
            "kind": e.kind.value,
            "service": e.service,
            "file": e.file,
            "line": _line(e.line),
            "sample": self._clean(e.sample),
            "event": self._clean(e.event),
            "impact": self._clean(e.impact),
            "group": e.group,
            "count": e.count,
            "level": e.severity.word,
        }

    def _recovery(self, r: Recovery) -> Json:
        return {
            "verdict": r.verdict.value,
            "confirmed": r.confirmed,
            "over": r.over,
            "as_of": _time(r.as_of),
            "fix_at": _time(r.fix_at),
            "fix_origin": r.fix_origin.value if r.fix_origin else None,
            "fix_text": self._clean(r.fix_text) if r.fix_text else None,
            "fix_lines": _refs((r.fix_ref,) if r.fix_ref is not None else ()),
            "time_to_mitigate_s": None if r.to_mitigate_us is None else r.to_mitigate_us / US,
            "time_to_recover_s": None if r.to_recover_us is None else r.to_recover_us / US,
            "baseline_per_min": r.baseline_per_min,
            "during_per_min": r.during_per_min,
            "current_per_min": r.current_per_min,
            "target_per_min": r.target_per_min,
            "since": _time(r.since),
            "minutes_needed": r.minutes_needed,
            "remaining": [
                {
                    "what": self._clean(x.what),
                    "rate": x.rate_per_min,
                    "volume": x.volume,
                    "since": _time(x.since),
                    "usual": x.usual_per_min,
                    "requests": x.asked,
                    "failed": x.failed if x.asked is not None else None,
                }
                for x in r.remaining
            ],
            "waves": [
                {
                    "start": _time(w.start),
                    "end": _time(w.end),
                    "count": w.count,
                    "peak_per_s": w.peak_per_s,
                    "kind": w.kind,
                    "service": w.service or None,
                    "requests": w.asked,
                    "failed": w.failed,
                    "fault": None
                    if w.fault is None
                    else {
                        "group": w.fault.group,
                        "service": w.fault.service,
                        "headline": self._clean(w.fault.headline),
                        "count": w.fault.count,
                        "time": _time(w.fault.time),
                        "file": w.fault.ref.file,
                        "line": _line(w.fault.ref.line),
                        "trigger": self._trigger(w.fault.trigger) if w.fault.trigger else None,
                    },
                }
                for w in r.waves
            ],
            "explanation": self._clean(r.explanation),
            "cause_silent_since": _time(r.cause_silent_since),
            "climbing": self._clean(r.climbing) or None,
            "standing": self._clean(r.standing) or None,
            "next_to_fail": self._clean(r.next_to_fail) or None,
            "served": None
            if r.served is None
            else {
                "ok": r.served.ok,
                "requests": r.served.requests,
                "since": _time(r.served.since),
                "ok_since": _time(r.served.ok_since),
                "ok_requests": r.served.ok_requests,
            },
        }

    def _action(self, a: Action) -> Json:
        return {
            "text": self._clean(a.text),
            "command": None if a.command is None else self._clean(a.command),
            "risk": a.risk.value,
            "undo": a.undo,
            "rule": a.rule,
            "source": a.source,
        }

    def _mechanism(self, m: Mechanism) -> Json:
        return {
            "rule": m.rule,
            "meaning": m.meaning,
            "usual_causes": m.usual_causes,
            "silent_by_design": m.silent_by_design,
            "source": m.source,
            "lines": _refs(m.lines),
        }

    def _follow_up(self, f: FollowUp) -> Json:
        return {"text": self._clean(f.text), "reason": self._clean(f.reason), "lines": _refs(f.lines), "rule": f.rule}


def _rest_group(rest: Sequence[GroupSummary]) -> Json:
    """All groups beyond the limit as one, so that sums hold."""
    firsts = [g.first_seen for g in rest if g.first_seen is not None]
    lasts = [g.last_seen for g in rest if g.last_seen is not None]
    length = max(len(g.per_minute.counts) for g in rest)
    counts = [sum(g.per_minute.counts[n] for g in rest if n < len(g.per_minute.counts)) for n in range(length)]
    return {
        "id": "other",
        "file": None,
        "service": None,
        "level": None,
        "template": f"{len(rest)} further groups",
        "sample": "",
        "headline": f"{len(rest)} further groups",
        "line": None,
        "count": sum(g.count for g in rest),
        "first_seen": _time(min(firsts, default=None)),
        "last_seen": _time(max(lasts, default=None)),
        "onset": None,
        "baseline_per_min": None,
        "per_minute": {"start": _time(rest[0].per_minute.start), "counts": counts},
        "outside_window": sum(g.outside_window for g in rest),
        "role": Role.OTHER.value,
        "related_to": None,
        "examined_only": False,
        "rule": None,
    }


def _time(time_us: int | None) -> str | None:
    return None if time_us is None else format_iso(time_us)


def _seconds(us: int) -> float:
    return round(us / US, 6)


def _rates(rates: Rates) -> Json:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 4)

    return {"before": rounded(rates.before), "during": rounded(rates.during), "after": rounded(rates.after)}


def _line(number: int | None) -> int | None:
    """A line's number; None where nobody counted the lines before it."""
    return number if number is not None and number > 0 else None


def _ref(ref: LineRef) -> Json:
    return {"file": ref.file, "line": _line(ref.line)}


def _refs(refs: Sequence[LineRef]) -> list[Json]:
    return [_ref(one) for one in refs]
