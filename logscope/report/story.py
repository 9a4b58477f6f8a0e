"""Sections that tell what happened: summary, impact, cause, why, what set it off."""

from logscope.model.snapshot import (
    Candidate,
    Confidence,
    Evidence,
    GroupSummary,
    Link,
    Trigger,
)
from logscope.model.times import US
from logscope.report.page import Page
from logscope.report.rows import Row, build_steps, find_root, pick_symptoms, tidy
from logscope.report.wording import figure, join_words, percent, sentence, span
from logscope.text.fields import tell_fields

_MOST_SYMPTOMS = 5
_MOST_ROUTES = 10

_SURE = {Confidence.HIGH: "", Confidence.MEDIUM: "most likely ", Confidence.LOW: "possibly (no clear cause) "}
_LINKS = {
    Link.NAMED: "linked by name",
    Link.NUMBER: "linked by number",
    Link.TIME: "linked by time only: not proved",
}


def write_title(page: Page) -> str:
    """The heading: when, who, what; not yet escaped."""
    if page.options.title:
        return page.options.title
    if page.top is None:
        return "No incident found"
    if page.snapshot.incident is None:
        return f"Without times, likeliest cause: {page.top.service}: {page.raw(tell_cause(page, page.top), 100)}"
    day = page.day_at(page.snapshot.incident.start)[:16]
    return f"Incident {day} {page.options.zone_name}: {page.top.service}: {page.raw(tell_cause(page, page.top), 100)}"


def tell_cause(page: Page, top: Candidate) -> str:
    """What shows the cause: its own words, or those of whoever names it."""
    shown = _find_group(page, top)
    return tidy(shown.headline) if shown is not None and not top.in_logs else top.headline


def _who_says(page: Page, top: Candidate) -> str:
    shown = _find_group(page, top)
    return f", as {page.text(shown.service)} reports" if shown is not None and not top.in_logs else ""


def _find_group(page: Page, top: Candidate) -> GroupSummary | None:
    return next((group for group in page.snapshot.groups if group.id == top.group), None)


def write_summary(page: Page) -> list[str]:
    """One paragraph: what broke, whom it took down, who knew when, where it stands."""
    s = page.snapshot
    lines = ["## Summary", ""]
    if s.incident is None or page.top is None:
        return [*lines, *_tell_quiet(page)]
    top = page.top
    where = page.ref(top.file, top.line)
    parts = [
        f"At {page.at(s.incident.start, millis=True)} {page.zone} {_SURE[top.confidence]}**{page.text(top.service)}** "
        f"broke: {page.code(tell_cause(page, top))}{_who_says(page, top)}{f' ({where})' if where else ''}.",
        *_tell_trigger(page, top.trigger),
        *_tell_symptoms(page),
    ]
    rate = s.incident.success_rate
    if rate.before is not None and rate.during is not None:
        after = f", and stand at {percent(rate.after)} since" if rate.after is not None else ""
        parts.append(f"Successful requests fell from {percent(rate.before)} to {percent(rate.during)}{after}.")
    if s.incident.detection_gap_us is not None and s.incident.detected_at is not None:
        parts.append(
            f"The alert came at {page.at(s.incident.detected_at)}, {_gap(s.incident.detection_gap_us)} the first error "
            f"({page.at(s.incident.first_error)})."
        )
    elif s.incident.detected_at is None:
        parts.append("No alert is in these logs.")
    state = s.sentences[0].label if s.sentences else s.recovery.verdict.value.replace("_", " ")
    parts.append(f"As of {page.at(s.as_of)}: {state}, {page.text(s.recovery.explanation)}.")
    return [*lines, " ".join(parts)]


def _tell_quiet(page: Page) -> list[str]:
    """Nothing rose, or nothing can be compared: then names and words are all there is."""
    s = page.snapshot
    told = page.text(sentence(s.recovery.explanation))
    count = sum(f.errors for f in s.files), sum(f.warnings for f in s.files)
    told += f" {count[0]:,} error and {count[1]:,} warning records were read."
    if page.top is not None:
        where = page.ref(page.top.file, page.top.line)
        told += (
            f" By names and words alone the likeliest cause is **{page.text(page.top.service)}**, confidence "
            f"{page.top.confidence.value}: {page.code(tell_cause(page, page.top))}{_who_says(page, page.top)}"
            f"{f' ({where})' if where else ''}."
        )
    return [told]


def _gap(us: int) -> str:
    return f"{span(us)} after" if us >= 0 else f"{span(-us)} before"


def _tell_trigger(page: Page, trigger: Trigger | None) -> list[str]:
    if trigger is None:
        return []
    began = "Possibly (by time only) it" if trigger.link is Link.TIME else "It"
    what = f"{page.text(trigger.service)}: {_what(page, trigger)} ({page.ref(trigger.file, trigger.line)})"
    return [f"{began} was set off {span(trigger.lag_us)} before by {what}."]


def _what(page: Page, trigger: Trigger) -> str:
    """What changed, with the values that the record holds."""
    return page.code(trigger.text, 160)


def _tell_symptoms(page: Page) -> list[str]:
    found = pick_symptoms(page.snapshot, page.rows)
    parts = []
    if found:
        told = "; ".join(
            f"{page.text(row.service)} {page.code(row.text, 90)} ({row.count:,}, first {page.at(row.first)})"
            for row in found[:_MOST_SYMPTOMS]
        )
        more = f"; and {len(found) - _MOST_SYMPTOMS} more" if len(found) > _MOST_SYMPTOMS else ""
        what = "one symptom" if len(found) == 1 else f"{len(found)} symptoms, not {len(found)} incidents"
        parts.append(f"It is one incident with {what}: {told}{more}.")
    for row in find_requests(page)[:1]:
        parts.append(
            f"Users saw {row.count:,} failed requests from {page.at(row.first)} on "
            f"({page.text(row.service)}: {page.text(join_words([route.name for route in row.routes[:3]]))})."
        )
    return parts


def find_requests(page: Page) -> list[Row]:
    """The failed requests; where several logs saw them, those of the log that the shares are counted from."""
    rows = [row for row in page.rows if row.is_request]
    users = page.snapshot.users
    edge = {f.service for f in page.snapshot.files if users is not None and f.source in (users.source, *users.beside)}
    return [row for row in rows if row.service in edge] or rows


def write_impact(page: Page) -> list[str]:
    """Duration, share and volume before, during and after; the routes that failed."""
    incident = page.snapshot.incident
    if incident is None:
        return []
    end = incident.end or page.snapshot.as_of or incident.start
    rate, volume = incident.success_rate, incident.volume
    zone = page.zone
    ended = f"{page.day_at(incident.end)} {zone}" if incident.end else f"not over as of {page.at(page.snapshot.as_of)}"
    rows = [
        ("Began", f"{page.day_at(incident.start)} {zone}"),
        ("Ended", ended),
        ("Duration", span(end - incident.start) + ("" if incident.end else " so far")),
        ("Services", page.text(", ".join(incident.services))),
        ("Error records of the incident", f"{sum(row.count for row in page.rows if not row.is_request):,}"),
    ]
    lines = ["## Impact", "", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
    if any(x is not None for x in (rate.before, rate.during, rate.after, volume.before, volume.during)):
        lines += [
            "| Requests | before | during | after |",
            "|---|---:|---:|---:|",
            f"| successful | {percent(rate.before)} | {percent(rate.during)} | {percent(rate.after)} |",
            f"| per second | {figure(volume.before)} | {figure(volume.during)} | {figure(volume.after)} |",
            "",
        ]
    counted = incident.success_rate.during is not None
    note = page.text(incident.success_note if counted else sentence(incident.success_note))
    lines.append(f"Counted from {note}." if counted else note)
    tried = incident.attempts
    if counted and tried is not None:
        of = "Of a sample, " if tried.is_sample else ""
        lines.append(
            f"{of}{tried.served:,} of {tried.asked:,} user requests were served in the end: clients ask again under "
            f"the same id, so that {tried.failed_attempts:,} of {tried.attempts:,} attempts failed."
        )
    routes = [(row, route) for row in find_requests(page) for route in row.routes]
    if routes:
        lines += ["", f"| Failed requests | Log | Status | Count | From ({zone}) |", "|---|---|---|---:|---|"]
        lines += [
            f"| {page.text(route.name, 100)} | {page.text(row.service)} | {page.text(', '.join(route.statuses))} "
            f"| {route.count:,} | {page.at(route.first)} |"
            for row, route in routes[:_MOST_ROUTES]
        ]
        if len(routes) > _MOST_ROUTES:
            rest = sum(route.count for _, route in routes[_MOST_ROUTES:])
            lines.append(f"| {len(routes) - _MOST_ROUTES} more | | | {rest:,} | |")
    return lines


def write_cause(page: Page) -> list[str]:
    """The likeliest cause, with evidence for and against, and who else is suspected."""
    top = page.top
    if top is None:
        return []
    where = page.ref(top.file, top.line)
    lines = [
        "## Root cause",
        "",
        f"**{page.text(top.service)}**: {page.code(tell_cause(page, top))}{_who_says(page, top)}"
        f"{f' ({where})' if where else ''}, confidence "
        f"**{top.confidence.value}**.",
    ]
    if not top.in_logs:
        lines += ["", "Its own log shows nothing or was not given: the line above is another service's."]
    lines += ["", *_evidence(page, "for", top.evidence)]
    if top.counter_evidence:
        lines += ["", *_evidence(page, "against", top.counter_evidence)]
    others = [c for c in page.snapshot.candidates[1:4] if c.probability >= 0.01]
    if others:
        told = "; ".join(f"{page.text(c.service)} {page.code(c.headline, 80)} ({c.probability:.0%})" for c in others)
        lines += ["", f"Other candidates: {told}."]
    return lines


def _evidence(page: Page, title: str, found: tuple[Evidence, ...]) -> list[str]:
    lines = [f"| {title} | points | lines |", "|---|---:|---|"]
    return lines + [f"| {page.text(e.text)} | {e.points:+.2f} | {page.refs(e.lines)} |" for e in found]


def write_why(page: Page) -> list[str]:
    """Why it happened, as far as lines and rules tell: general knowledge is marked as such."""
    top, incident = page.top, page.snapshot.incident
    if top is None or incident is None:
        return []
    told = [*_told_before(page, top), *_told_spread(page)]
    mechanism = page.snapshot.actions.mechanism
    if mechanism is not None:
        refs = page.refs(mechanism.lines)
        told.insert(0, f"What it means: {page.text(mechanism.meaning)}{f' ({refs})' if refs else ''}")
        if mechanism.usual_causes:
            told.append(
                f"What usually brings it about (general knowledge, not shown by these lines): "
                f"{page.text(mechanism.usual_causes, 600)}"
            )
        if mechanism.silent_by_design:
            told.append(f"What no log would show: {page.text(mechanism.silent_by_design, 600)}")
        told.append(f"Rule `{mechanism.rule}`: {page.text(mechanism.source)}.")
    return ["## Why it happened", "", *(f"- {one}" for one in told)] if told else []


def _told_before(page: Page, top: Candidate) -> list[str]:
    """What the broken service itself said before it broke, and numbers that rose."""
    root = find_root(page.snapshot, page.rows)
    samples = {group.id: group.onset_sample for group in page.snapshot.groups}
    near = {root.service} if root is not None and top.in_logs else set()
    near |= {top.trigger.service} if top.trigger is not None else set()
    told = []
    for row in page.rows:
        if root is None or row.is_request or row.service not in near or row.first >= root.first - US:
            continue
        fields = tell_fields(samples.get(row.key, ""))
        told.append(
            f"{page.text(row.service)} warned {span(root.first - row.first)} before: "
            f"{page.code(f'{row.text}: {fields}' if fields else row.text, 160)} "
            f"({row.count:,}, first {page.at(row.first)}{_at_line(page, row)})"
        )
    told += [
        f"{page.text(sentence(e.text))} ({page.refs(e.lines)})"
        for e in (*top.evidence, *top.counter_evidence)
        if e.kind in ("number", "ramp", "series", "silence") and e.lines
    ]
    return told


def _told_spread(page: Page) -> list[str]:
    """How it went from service to service, by the steps that lines name."""
    named = [s for s in build_steps(page.snapshot, page.rows) if s.how is Link.NAMED]
    lags: dict[str, int] = {}
    for step in sorted(named, key=lambda step: page.row_by_key[step.effect].first):
        service = page.row_by_key[step.effect].service
        if service != page.row_by_key[step.cause].service:
            lags.setdefault(service, step.lag_us)
    told = [f"{page.text(name)} ({f'after {span(lag)}' if lag > 0 else 'at once'})" for name, lag in lags.items()]
    return [f"It spread, by the names in the lines, to {join_words(told[:6])}."] if told else []


def _at_line(page: Page, row: Row) -> str:
    return f", {page.refs([row.ref])}" if row.ref is not None else ""


def write_trigger(page: Page) -> list[str]:
    """The change or event before the cause."""
    if page.top is None or page.snapshot.incident is None:
        return []
    lines = ["## What set it off", ""]
    trigger = page.top.trigger
    if trigger is None:
        return [*lines, "Not in these logs."]
    return [
        *lines,
        f"{page.text(trigger.service)}: {_what(page, trigger)} at {page.at(trigger.time, millis=True)} "
        f"({page.ref(trigger.file, trigger.line)}), {span(trigger.lag_us)} before; {_LINKS[trigger.link]}.",
    ]
