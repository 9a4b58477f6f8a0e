"""The incident report in GitHub-flavoured Markdown: what one takes into the post-mortem.

Nothing is claimed that no line shows: what only a person can know is an open question. Every text from a file is made
safe for Markdown and for terminals before it is placed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final

from logscope.model.snapshot import (
    Action,
    Candidate,
    CascadeEdge,
    Confidence,
    GroupSummary,
    LineRef,
    Risk,
    Snapshot,
    ZoneOrigin,
)
from logscope.model.times import US
from logscope.report.wording import clock, cut, day_and_clock, everyday_groups, figure, incident_groups, place, strip
from logscope.text.safe_text import safe_text

SECTIONS: Final = (
    "summary", "impact", "cause", "trigger", "timeline", "cascade", "errors", "trend", "recovery", "actions",
    "unfinished", "follow-up", "ruled-out", "open-questions", "method", "appendix",
)  # fmt: skip
"""Names for `--section` and `--no-section`, in the order of the report."""

_MOST_GROUPS: Final = 40
_MOST_APPENDIX: Final = 20
_APPENDIX_LINES: Final = 12
_MOST_TREND_ROWS: Final = 60


@dataclass(frozen=True, slots=True)
class Options:
    """How a report is written."""

    zone: tzinfo = UTC
    zone_name: str = "UTC"
    title: str | None = None
    sections: frozenset[str] = frozenset(SECTIONS)
    most_raw_lines: int = 240
    """Raw lines in the appendix, all cited records together."""


def render_markdown(snapshot: Snapshot, options: Options | None = None, clean: Callable[[str], str] = str) -> str:
    """The whole report.

    Args:
        snapshot: What is known.
        options: Zone, title and sections.
        clean: Applied to every text that comes from a file: redaction.
    """
    return _Report(snapshot, options or Options(), clean).render()


class _Report:
    def __init__(self, snapshot: Snapshot, options: Options, clean: Callable[[str], str]) -> None:
        self.s = snapshot
        self.o = options
        self._clean = clean
        self.top: Candidate | None = snapshot.candidates[0] if snapshot.candidates else None

    def render(self) -> str:
        parts: dict[str, Callable[[], list[str]]] = {
            "summary": self._summary,
            "impact": self._impact,
            "cause": self._cause,
            "trigger": self._trigger,
            "timeline": self._timeline,
            "cascade": self._cascade,
            "errors": self._errors,
            "trend": self._trend,
            "recovery": self._recovery,
            "actions": self._actions,
            "unfinished": self._unfinished,
            "follow-up": self._follow_up,
            "ruled-out": self._ruled_out,
            "open-questions": self._open_questions,
            "method": self._method,
            "appendix": self._appendix,
        }
        lines = [f"# {self.text(self._title())}", ""]
        for name, write in parts.items():
            if name in self.o.sections:
                body = write()
                if body:
                    lines += [*body, ""]
        return "\n".join(lines).rstrip("\n") + "\n"

    # Texts

    def text(self, raw: str, most: int = 400) -> str:
        """A text from a file inside a paragraph or table cell."""
        return escape(cut(safe_text(self._clean(raw)), most))

    def code(self, raw: str, most: int = 200) -> str:
        """A text from a file as inline code."""
        return inline_code(cut(safe_text(self._clean(raw)), most))

    def refs(self, refs: Iterable[LineRef]) -> str:
        """Places as inline code."""
        return ", ".join(inline_code(safe_text(place(ref))) for ref in refs)

    def at(self, time: int | None, *, millis: bool = False) -> str:
        """A time of day in the report's zone."""
        return clock(time, self.o.zone, millis=millis)

    # Sections

    def _title(self) -> str:
        if self.o.title:
            return self.o.title
        if self.s.incident is None or self.top is None:
            return "No incident found"
        day = day_and_clock(self.s.incident.start, self.o.zone)[:16]
        return f"Incident {day}: {self.top.service}: {cut(self._clean(self.top.headline), 90)}"

    def _summary(self) -> list[str]:
        lines = ["## Summary", ""]
        incident, recovery = self.s.incident, self.s.recovery
        if incident is None:
            lines.append(f"No kind of error rose above its usual rate: {self.text(recovery.explanation)}.")
            return lines
        assert self.top is not None, "an incident has a candidate"
        sure = {Confidence.HIGH: "", Confidence.MEDIUM: "most likely ", Confidence.LOW: "possibly (no clear cause) "}
        parts = [
            f"At {self.at(incident.start, millis=True)} {self.o.zone_name} {sure[self.top.confidence]}"
            f"**{self.text(self.top.service)}** broke: {self.code(self.top.headline)}"
            f"{self._where(self.top)}.",
        ]
        symptoms = [g for g in incident_groups(self.s) if g.role.value == "symptom"]
        if symptoms:
            shown = "; ".join(
                f"{self.text(g.service)} {self.code(g.headline, 80)} ({g.count:,}, first {self.at(g.onset)})"
                for g in _one_per_service(symptoms)[:4]
            )
            parts.append(f"It is one incident with {len(symptoms)} symptom{'s' * (len(symptoms) != 1)}: {shown}.")
        rate = incident.success_rate
        if rate.before is not None and rate.during is not None:
            parts.append(f"Successful requests fell from {_percent(rate.before)} to {_percent(rate.during)}.")
        if incident.detection_gap_us is not None and incident.detected_at is not None:
            parts.append(
                f"The alert came at {self.at(incident.detected_at)}, {_span(incident.detection_gap_us)} after the "
                f"first error ({self.at(incident.first_error)})."
            )
        elif incident.detected_at is None:
            parts.append("No alert is in these logs.")
        parts.append(
            f"State as of {self.at(self.s.as_of)}: {self.s.sentences[0].label}, {self.text(recovery.explanation)}."
        )
        lines.append(" ".join(parts))
        return lines

    def _where(self, candidate: Candidate) -> str:
        if candidate.file is None or candidate.line is None:
            return ""
        return f" ({inline_code(safe_text(place(LineRef(candidate.file, candidate.line))))})"

    def _impact(self) -> list[str]:
        incident = self.s.incident
        if incident is None:
            return []
        end = incident.end or self.s.as_of or incident.start
        errors = sum(f.errors for f in self.s.files)
        rate, volume = incident.success_rate, incident.volume
        rows = [
            ("Began", f"{day_and_clock(incident.start, self.o.zone)} {self.o.zone_name}"),
            ("Ended", f"{day_and_clock(incident.end, self.o.zone)} {self.o.zone_name}" if incident.end else "not over"),
            ("Duration", _span(end - incident.start)),
            ("Services", self.text(", ".join(incident.services))),
            ("Successful requests", " / ".join(_percent(x) for x in (rate.before, rate.during, rate.after))),
            ("Requests per second", " / ".join(figure(x) for x in (volume.before, volume.during, volume.after))),
            ("Error records read", f"{errors:,}"),
            ("First error", self.at(incident.first_error, millis=True)),
            ("Alert", self.at(incident.detected_at) if incident.detected_at else "no alert in these logs"),
        ]
        if incident.detection_gap_us is not None:
            rows.append(("Alert gap", f"{incident.detection_gap_us / US:.0f} s after the first error"))
        lines = ["## Impact", "", "| | |", "|---|---|"]
        lines += [f"| {name} | {value} |" for name, value in rows]
        lines += ["", f"Shares and rates: before / during / after; {self.text(incident.success_note)}."]
        return lines

    def _cause(self) -> list[str]:
        if self.top is None:
            return []
        top = self.top
        lines = [
            "## Root cause",
            "",
            f"**{self.text(top.service)}**: {self.code(top.headline)}, confidence **{top.confidence.value}**.",
            "",
        ]
        if not top.in_logs:
            lines += ["Its own log shows nothing or was not given: the line above is another service's.", ""]
        lines += ["| for | points | lines |", "|---|---:|---|"]
        lines += [f"| {self.text(e.text)} | {e.points:+.2f} | {self.refs(e.lines)} |" for e in top.evidence]
        if top.counter_evidence:
            lines += ["", "| against | points | lines |", "|---|---:|---|"]
            lines += [f"| {self.text(e.text)} | {e.points:+.2f} | {self.refs(e.lines)} |" for e in top.counter_evidence]
        others = [c for c in self.s.candidates[1:4] if c.probability >= 0.01]
        if others:
            lines += [
                "",
                "Other candidates: "
                + "; ".join(f"{self.text(c.service)} {self.code(c.headline, 80)} ({c.probability:.0%})" for c in others)
                + ".",
            ]
        return lines

    def _trigger(self) -> list[str]:
        if self.top is None or self.s.incident is None:
            return []
        lines = ["## What set it off", ""]
        trigger = self.top.trigger
        if trigger is None:
            return [*lines, "Not in these logs."]
        how = {"named": "linked by name", "number": "linked by number", "time": "linked by time only: not proved"}
        ref = inline_code(safe_text(place(LineRef(trigger.file, trigger.line))))
        lines.append(
            f"{self.text(trigger.service)}: {self.code(trigger.text)} at {self.at(trigger.time, millis=True)} ({ref}), "
            f"{_span(trigger.lag_us)} before; {how[trigger.link.value]}."
        )
        return lines

    def _timeline(self) -> list[str]:
        if not self.s.timeline:
            return []
        lines = ["## Timeline", "", f"| Time ({self.o.zone_name}) | Event | Impact |", "|---|---|---|"]
        for e in self.s.timeline:
            mark = "**" if e.is_root else ""
            service = f"{self.text(e.service)}: " if e.service else ""
            count = f" ({e.count:,})" if e.count and e.count > 1 else ""
            ref = f" {inline_code(safe_text(place(LineRef(e.file, e.line))))}" if e.file and e.line else ""
            event = f"{mark}{service}{self.text(e.event, 160)}{count}{mark}{ref}"
            lines.append(f"| {self.at(e.time, millis=True)} | {event} | {self.text(e.impact, 120)} |")
        return lines

    def _cascade(self) -> list[str]:
        groups = {g.id: g for g in self.s.groups}
        known = [c for c in self.s.cascade if c.from_group in groups and c.to_group in groups]
        # What began before its cause was not pulled down by it, whatever it names.
        steps = [c for c in known if _can_follow(groups[c.to_group], groups[c.from_group])][:30]
        if not steps:
            return []
        lines = ["## Cascade", "", "```mermaid", "graph LR"]
        names: dict[str, str] = {}
        for step in steps:
            for one in (step.from_group, step.to_group):
                if one not in names:
                    names[one] = f"g{len(names)}"
                    label = mermaid_label(cut(self._clean(f"{groups[one].service}: {groups[one].headline}"), 80))
                    lines.append(f'  {names[one]}["{label}"]')
            arrow = "-->" if step.how.value == "named" else "-.->"
            lines.append(f"  {names[step.from_group]} {arrow}|{_lag(step.lag_us)}| {names[step.to_group]}")
        lines += ["```", "", *fence(self._tree(steps, groups))]
        lines += ["", "Solid: named in the lines; dashed: by time only."]
        return lines

    def _tree(self, steps: Sequence[CascadeEdge], groups: dict[str, GroupSummary]) -> list[str]:
        children: dict[str, list[CascadeEdge]] = {}
        for step in steps:
            children.setdefault(step.from_group, []).append(step)
        targets = {step.to_group for step in steps}
        rows: list[str] = []

        def walk(one: str, depth: int, note: str) -> None:
            g = groups[one]
            what = cut(safe_text(self._clean(g.headline)), 80)
            rows.append(f"{'   ' * depth}{note}{safe_text(self._clean(g.service))}: {what}")
            for step in children.get(one, []) if depth < 8 else []:
                walk(
                    step.to_group,
                    depth + 1,
                    f"+- {_lag(step.lag_us)} {'' if step.how.value == 'named' else '(by time) '}",
                )

        for root in [one for one in children if one not in targets]:
            walk(root, 0, "")
        return rows

    def _errors(self) -> list[str]:
        groups = incident_groups(self.s)
        lines = ["## Errors", "", "| Type | Service | Level | Count | First | Last |", "|---|---|---|---:|---|---|"]
        for g in groups[:_MOST_GROUPS]:
            lines.append(
                f"| {self.text(g.headline, 140)} | {self.text(g.service)} | {g.severity.word or ''} | {g.count:,} "
                f"| {self.at(g.first_seen)} | {self.at(g.last_seen)} |"
            )
        if len(groups) > _MOST_GROUPS:
            lines.append(f"| {len(groups) - _MOST_GROUPS} more kinds | | | | | |")
        everyday = everyday_groups(self.s)
        if everyday:
            total = sum(g.count for g in everyday)
            lines += ["", f"Besides, {len(everyday)} everyday kinds, as often before as during ({total:,} records)."]
        return lines if groups or everyday else []

    def _trend(self) -> list[str]:
        trend = self.s.trend
        if not any(trend.errors) and not any(trend.warnings):
            return []
        width = trend.bucket_us // US
        unit = "minute" if width == 60 else f"{width} s"
        lines = ["## Trend", "", f"Errors per {unit} from {self.at(trend.start)[:5]} {self.o.zone_name}:", ""]
        lines += fence([strip(trend.errors, 100)])
        busy = [n for n, value in enumerate(trend.errors) if value]
        if busy:
            rows = range(max(0, busy[0] - 1), min(len(trend.errors), busy[-1] + 2))
            step = max(1, len(rows) // _MOST_TREND_ROWS + 1)
            lines += ["", "| from | errors | warnings | records |", "|---|---:|---:|---:|"]
            for n in rows[::step]:
                sums = [sum(series[n : n + step]) for series in (trend.errors, trend.warnings, trend.records)]
                when = self.at(trend.start + n * trend.bucket_us)[:5]
                lines.append(f"| {when} | {sums[0]:,} | {sums[1]:,} | {sums[2]:,} |")
        return lines

    def _recovery(self) -> list[str]:
        r = self.s.recovery
        if self.s.incident is None:
            return []
        lines = [
            "## Recovery",
            "",
            f"Verdict: **{r.verdict.value.replace('_', ' ')}**, "
            f"{'confirmed' if r.confirmed else 'not confirmed'} as of {self.at(r.as_of)}. "
            f"{self.text(_sentence(r.explanation))}",
        ]
        if r.fix_at is not None and r.fix_origin is not None:
            lines.append(f"Fix {r.fix_origin.value}: {self.at(r.fix_at)}.")
        if r.minutes_needed:
            lines.append(f"{r.minutes_needed:.0f} more quiet minutes would confirm it.")
        if r.waves:
            lines += ["", "| wave | from | to | records | peak per second |", "|---|---|---|---:|---:|"]
            for w in r.waves:
                name = {"herd": "retry burst", "second_wave": "second wave"}.get(w.kind, w.kind)
                lines.append(f"| {name} | {self.at(w.start)} | {self.at(w.end)} | {w.count:,} | {w.peak_per_s:.0f} |")
        if r.remaining:
            lines += ["", "Still broken:", ""]
            lines += [
                f"- {self.text(x.what, 140)}: {figure(x.rate_per_min)}/min, since {self.at(x.since)}"
                for x in r.remaining
            ]
        lines += ["", "This cannot exclude a slow refill of what ran out (memory, disk, connections)."]
        return lines

    def _actions(self) -> list[str]:
        actions = self.s.actions
        lines: list[str] = []
        for title, listed in (
            ("Check (read only)", actions.check),
            ("Do, in this order", actions.do),
            ("Do not", actions.avoid),
        ):
            if listed:
                lines += ["", f"### {title}", ""]
                for number, action in enumerate(listed, 1):
                    lines += self._action(number, action)
        return ["## Immediate actions", *lines] if lines else []

    def _action(self, number: int, action: Action) -> list[str]:
        risk = "" if action.risk is Risk.SAFE else f" **[{action.risk.value}]**"
        rule = f" (rule `{action.rule}`; {self.text(action.source)})" if action.rule else ""
        lines = [f"{number}. {self.text(action.text)}{risk}{rule}"]
        if action.command:
            lines += [f"   {line}" for line in fence([safe_text(self._clean(action.command))], "sh")]
        if action.undo:
            lines.append(f"   Undo: {self.text(action.undo)}")
        return lines

    def _unfinished(self) -> list[str]:
        if not self.s.unfinished:
            return []
        lines = ["## Unfinished work", ""]
        for u in self.s.unfinished:
            ids = ", ".join(self.code(one, 60) for one in u.ids[:5])
            kind = u.kind.replace("_", " ")
            lines.append(
                f"- {u.count:,} {kind}: {self.text(u.from_event, 120)} → {self.text(u.to_event, 120)}; "
                f"{ids} {self.refs(u.lines[:3])}"
            )
        return lines

    def _follow_up(self) -> list[str]:
        if not self.s.actions.follow_up:
            return []
        lines = ["## Follow-ups", ""]
        for f in self.s.actions.follow_up:
            refs = f" ({self.refs(f.lines[:3])})" if f.lines else ""
            lines.append(f"- [ ] {self.text(_sentence(f.text))} Reason: {self.text(f.reason)}{refs}")
        return lines

    def _ruled_out(self) -> list[str]:
        if not self.s.ruled_out:
            return []
        lines = ["## Ruled out", ""]
        for r in self.s.ruled_out[:20]:
            refs = f" ({self.refs(r.lines[:2])})" if r.lines else ""
            lines.append(f"- {self.text(r.service)}: {self.text(r.reason, 200)}{refs}")
        return lines

    def _open_questions(self) -> list[str]:
        if self.s.incident is None or self.top is None:
            return []
        questions = []
        if self.top.trigger is None:
            questions.append(f"What set it off? No change before {self.at(self.s.incident.start)} is in these logs.")
        elif self.top.trigger.link.value == "time":
            questions.append("Did the change really set it off? It is linked by time only.")
        if not self.top.in_logs:
            questions.append(
                f"What does {self.text(self.top.service)} itself say? Its log shows nothing or was not given."
            )
        if self.s.recovery.fix_origin is None or self.s.recovery.fix_origin.value == "detected":
            questions.append(
                "Who fixed it, and how? The fix is seen by its effect, not logged."
                if self.s.recovery.over
                else "What has been tried?"
            )
        if self.s.incident.detected_at is None:
            questions.append("When and how did a person learn of it?")
        return ["## Open questions", "", *(f"- {q}" for q in questions)] if questions else []

    def _method(self) -> list[str]:
        lines = [
            "## Method",
            "",
            "| File | Service | Format | Zone | Lines | Errors | Warnings | Without time |",
            "|---|---|---|---|---:|---:|---:|---:|",
        ]
        for f in self.s.files:
            zone = f.zone.name if f.zone.origin is ZoneOrigin.WRITTEN else f"{f.zone.name} ({f.zone.origin.value})"
            name = self.code(f.path.rsplit("/", 1)[-1])
            lines.append(
                f"| {name} | {self.text(f.service)} | {self.text(f.format)} | {self.text(zone)} | {f.lines:,} "
                f"| {f.errors:,} | {f.warnings:,} | {f.untimed_records:,} |"
            )
        notes = [
            f"{self.code(f.path.rsplit('/', 1)[-1])}: {self.text(p.detail)}"
            for f in self.s.files
            for p in f.problems[:5]
        ]
        notes += [
            f"{self.code(f.path.rsplit('/', 1)[-1])}: dates are inferred ({f.date_origin.value})"
            for f in self.s.files
            if f.date_origin.value not in ("written", "none")
        ]
        if notes:
            lines += ["", *(f"- {note}" for note in notes)]
        lines += [
            "",
            "Kinds are records with the same masked text; the ranking adds points for who is named, words of a cause "
            "and order, never for volume. Times are as written, with each file's zone applied.",
        ]
        if self.s.provisional:
            lines.append("**Provisional**: the files were not read to their end.")
        return lines

    def _appendix(self) -> list[str]:
        entries = [e for e in self.s.timeline if e.sample and e.file and e.line and (e.is_key or e.is_root)]
        if not entries:
            return []
        lines = ["## Cited lines", ""]
        room = self.o.most_raw_lines
        for e in entries[:_MOST_APPENDIX]:
            if room <= 0:
                lines += ["Further cited lines were left out.", ""]
                break
            assert e.file is not None, "only entries with a file are chosen"
            lines += [f"{inline_code(safe_text(place(LineRef(e.file, e.line or 0))))}", ""]
            # Redacted as a whole: a key of several lines is not recognised line by line.
            raw = [safe_text(line) for line in self._clean(e.sample).split("\n")[: min(_APPENDIX_LINES, room)]]
            room -= len(raw)
            lines += [*fence([cut(line, 500) for line in raw]), ""]
        return lines


_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>|~&#!$])")


_ADDRESS: Final = re.compile(r"(?<=[a-z]):(?=//)|(?<=\bwww)\.", re.IGNORECASE)
"""Where GitHub would make a link of a bare address."""


def escape(text: str) -> str:
    """Text that Markdown, its HTML and its tables take literally; no link is made, not even of a bare address."""
    return _ADDRESS.sub(r"\\\g<0>", _SPECIAL.sub(r"\\\1", text)).replace("\n", " ")


def inline_code(text: str) -> str:
    """Text as inline code; a pipe would end a table's cell even there."""
    text = text.replace("\n", " ").replace("|", "¦")
    if not text:
        return ""
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fence(lines: Sequence[str], language: str = "text") -> list[str]:
    """Lines as a code block that none of them can end."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    ticks = "`" * max(3, longest + 1)
    return [f"{ticks}{language}", *lines, ticks]


_MERMAID: Final = re.compile(r"[^\w .,:;/()=+-]", re.UNICODE)


def mermaid_label(text: str) -> str:
    """A node's label: only letters, digits and harmless punctuation."""
    return _MERMAID.sub("·", safe_text(text))


def _can_follow(effect: GroupSummary, cause: GroupSummary) -> bool:
    """The effect did not begin before the cause, as far as the stamps can tell."""
    if effect.onset is None or cause.onset is None:
        return True
    # A stamp in whole seconds may stand for any moment of its second.
    blur = US if effect.onset % US == 0 or cause.onset % US == 0 else 0
    return effect.onset + blur + 2 * max(effect.onset_sigma_us, cause.onset_sigma_us) >= cause.onset


def _one_per_service(groups: Sequence[GroupSummary]) -> list[GroupSummary]:
    best: dict[str, GroupSummary] = {}
    for g in groups:
        if g.service not in best or g.count > best[g.service].count:
            best[g.service] = g
    return sorted(best.values(), key=lambda g: g.onset or 0)


def _sentence(text: str) -> str:
    """With a capital at its begin and a full stop at its end."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def _percent(share: float | None) -> str:
    if share is None:
        return "not known"
    return "100 %" if share >= 1 else f"{int(share * 1000) / 10:.1f} %"


def _lag(us: int) -> str:
    """Between two steps; what the stamps cannot tell apart is no lag of 0 ms."""
    return _span(us) if us > 0 else "same time"


def _span(us: int) -> str:
    seconds = us / US
    if seconds < 1:
        return f"{max(0, round(us / 1000))} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if rest else f"{minutes} min"
