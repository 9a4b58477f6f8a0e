"""Sections on the cause: what it is and how that is known, why it happened, what set it off."""

from logscope.analysis.kinds.subjects import SUPERVISORS
from logscope.analysis.story.quiet import is_in_doubt
from logscope.model.causes import OUTSIDE, Candidate, Evidence, Link
from logscope.model.incident import NumberChange
from logscope.model.times import US, span
from logscope.report.page import Page
from logscope.report.quotes import tell_cause, tell_change, who_says
from logscope.report.rows import Row, build_steps, find_root, tidy
from logscope.report.wording import figure_of, join_words
from logscope.text.fields import list_fields

_WORTH_NAMING = 0.05
"""Probability from which another candidate is worth a reader's time."""

_LINKS = {
    Link.NAMED: "linked by name",
    Link.NUMBER: "linked by number",
    Link.TIME: "linked by time only: not proved",
}
_TOLD_IN_WHY = ("number", "ramp", "series", "holders", "dying")


def write_cause(page: Page) -> list[str]:
    """The likeliest cause, with evidence for and against, and who else is suspected."""
    top = page.top
    is_quiet = page.snapshot.incident is None and page.snapshot.as_of is not None
    if top is None or (is_quiet and not is_in_doubt(page.snapshot)):
        return []
    where = page.ref(top.file, top.line)
    name = "Not shown by any line" if top.service == OUTSIDE else page.text(top.name)
    lines = [
        "## What may have caused it" if is_quiet else "## Root cause",
        "",
        f"**{name}**: {page.code(tell_cause(page, top))}{who_says(page, top)}"
        f"{f' ({where})' if where else ''}, confidence "
        f"**{top.confidence.value}**.",
    ]
    if not top.in_logs and top.group is not None:
        lines += ["", f"Its own log {tell_own_log(page, top)}: the line above is another service's."]
    shown = tuple(e for e in top.evidence if e.kind not in _TOLD_IN_WHY)
    lines += ["", *_evidence(page, "for", shown)] if shown else []
    if top.counter_evidence:
        lines += ["", *_evidence(page, "against", top.counter_evidence)]
    others = [c for c in page.snapshot.candidates[1:4] if c.probability >= _WORTH_NAMING]
    if others:
        told = "; ".join(f"{page.text(c.service)} {page.code(c.headline, 80)} ({c.probability:.0%})" for c in others)
        lines += ["", f"Other candidates: {told}."]
    return lines


def tell_own_log(page: Page, top: Candidate) -> str:
    """What the log of one shows that another one's line stands for."""
    if top.told_since is not None:
        return f"fails from {page.at(top.told_since)} on"
    return "was not given" if is_absent(top) else "shows nothing of it"


def is_absent(top: Candidate) -> bool:
    """No file of the blamed service is among the given ones."""
    return any("was not given" in one.text for one in top.evidence)


def _evidence(page: Page, title: str, found: tuple[Evidence, ...]) -> list[str]:
    lines = [f"| {title} | points | lines |", "|---|---:|---|"]
    ordered = sorted(found, key=lambda one: -abs(one.points))
    return lines + [f"| {page.text(e.text)} | {e.points:+.2f} | {page.refs(e.lines)} |" for e in ordered]


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
        told.append(f"General knowledge is by rule `{mechanism.rule}`: {page.source(mechanism.source)}.")
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
        fields = ", ".join(one for one in list_fields(samples.get(row.key, "")) if one not in row.text)
        told.append(
            f"{page.text(row.service)} warned {span(root.first - row.first)} before: "
            f"{page.code(f'{row.text}: {fields}' if fields else row.text, 160)} "
            f"({row.count:,}, first {page.at(row.first)}{_at_line(page, row)})"
        )
    cited = {e.lines for e in top.evidence if e.kind in _TOLD_IN_WHY}
    # A share and the amount that it is the share of rise in the same records: told once.
    numbers = {one.lines: one for one in reversed(page.snapshot.numbers) if one.lines in cited}
    told += [_tell_number(page, one) for one in numbers.values()]
    told += [
        f"{page.text(top.service)}: {page.text(e.text)} ({page.refs(e.lines)})"
        for e in (*top.evidence, *top.counter_evidence)
        if e.kind in ("holders", "dying") and e.lines
    ]
    return told + _told_background(page)


def _tell_number(page: Page, one: NumberChange) -> str:
    """A number that rose or fell, with its times, and when an alert on it would have fired."""
    verb = "rose" if one.after > one.before else "fell"
    told = (
        f"{page.text(one.service)}: {page.code(one.name, 60)} {verb} from {figure_of(one, one.before)} "
        f"({page.at(one.begin)}) to {figure_of(one, one.after)} ({page.at(one.end)})"
    )
    told += ", its limit" if one.is_full else ""
    told += f"; it climbs on and stood at {figure_of(one, one.last)} in the end" if one.climbs_on else ""
    first = page.snapshot.incident.first_error if page.snapshot.incident else None
    if one.alert_at_80 is not None and first is not None:
        told += (
            f"; an alert at 80 % would have fired at {page.at(one.alert_at_80)}, "
            f"{span(first - one.alert_at_80)} before the first error"
        )
    return f"{told} ({page.refs(one.lines)})."


def _told_background(page: Page) -> list[str]:
    """What somebody said all along, and follow-ups rest on: it made room for the incident."""
    return [
        f"Beside it, all along: {page.text(tidy(f.reason))} ({page.refs(f.lines)})"
        for f in page.snapshot.actions.follow_up
        if f.is_background
    ]


def _told_spread(page: Page) -> list[str]:
    """How it went from service to service, by the steps that lines name."""
    named = [s for s in build_steps(page.snapshot, page.rows) if s.how is Link.NAMED]
    own = page.top.service if page.top is not None else ""
    root = find_root(page.snapshot, page.rows)
    # Where the cause's own log is silent another service's line stands for it.
    spoken = root.key if root is not None and page.top is not None and not page.top.in_logs else ""
    begun: dict[str, int] = {}
    for step in sorted(named, key=lambda step: page.row_by_key[step.effect].first):
        effect = page.row_by_key[step.effect]
        cause = own if step.cause == spoken else page.row_by_key[step.cause].service
        # Who keeps processes tells of their end: nothing spreads to him.
        if effect.service not in (own, cause, *SUPERVISORS):
            begun.setdefault(effect.service, effect.first)
    told = [f"{page.text(name)} ({page.at(time)})" for name, time in begun.items()]
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
        own = "The cause itself: its line tells of an event, and nothing before it is known."
        return [*lines, own if page.top.is_set_off_by_itself else "Not in these logs."]
    return [
        *lines,
        f"{page.text(trigger.service)}: {tell_change(page, trigger)} at {page.at(trigger.time, millis=True)} "
        f"({page.ref(trigger.file, trigger.line)}), {trigger.when}; {_LINKS[trigger.link]}.",
    ]
