"""Sections that tell what happened: summary, impact, cause, why, what set it off."""

from collections.abc import Sequence

from logscope.analysis.kinds.subjects import SUPERVISORS
from logscope.analysis.story.quiet import is_in_doubt
from logscope.analysis.story.sentences import sentences_in
from logscope.model.causes import OUTSIDE, Candidate, Confidence, Evidence, Link, Trigger
from logscope.model.incident import Incident, NumberChange
from logscope.model.kinds import GroupSummary
from logscope.model.times import US, span
from logscope.report.impact import find_requests, find_unlogged, name_requests
from logscope.report.page import Page
from logscope.report.rows import Row, build_steps, count_symptoms, find_root, pick_symptoms, tidy
from logscope.report.wording import figure_of, join_words, percent, sentence
from logscope.text.cutting import own_words, tell
from logscope.text.fields import list_fields

_MOST_SYMPTOMS, _MOST_QUOTED = 5, 3
_WORTH_NAMING = 0.05
"""Probability from which another candidate is worth a reader's time."""

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
        name = "" if page.top.service == OUTSIDE else f"{page.top.service}: "
        if page.snapshot.as_of is not None:
            # Nothing broke, as on the screen: what is named is the worst of the everyday.
            return "No incident found"
        return f"Without times, likeliest cause by its words: {name}{page.raw(tell_cause(page, page.top), 100)}"
    day = page.day_at(page.begin)[:16]
    shown = _find_group(page, page.top)
    by = f", as {shown.service} reports" if shown is not None and not page.top.in_logs else ""
    cause = page.raw(tell_cause(page, page.top), 100)
    told = cause if page.top.service == OUTSIDE else tell(f"{page.top.name}{by}", cause)
    return f"Incident {day} {page.options.zone_name}: {told}"


def tell_cause(page: Page, top: Candidate) -> str:
    """What shows the cause: its own words, or those of whoever names it."""
    shown = _find_group(page, top)
    said = shown.headline if shown is not None and not top.in_logs else top.headline
    # Of a log that stopped no line speaks: its name is told beside these words everywhere.
    return tidy(own_words(top.service, said))


def _who_says(page: Page, top: Candidate) -> str:
    """Whose words are quoted where the cause has none; and when, where it had fallen silent before."""
    shown, incident = _find_group(page, top), page.snapshot.incident
    if shown is None or top.in_logs:
        return ""
    is_later = incident is not None and top.first_seen is not None and top.first_seen - incident.start >= US
    return f", as {page.text(shown.service)} reports{f' at {page.at(top.first_seen)}' if is_later else ''}"


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
    # A change or a job does not break: it is what the rest came of.
    who = f"**{page.text(top.name)}**"
    begun = top.first_seen if top.is_event and top.first_seen is not None else s.incident.start
    broke = f"{_SURE[top.confidence]}it began with {who}" if top.is_event else f"{_SURE[top.confidence]}{who} broke"
    if top.service == OUTSIDE:
        broke = "it began"
    parts = [
        f"At {page.at(begun, millis=True)} {page.zone} {broke}: "
        f"{page.code(tell_cause(page, top))}{_who_says(page, top)}{f' ({where})' if where else ''}.",
        *_tell_trigger(page, top.trigger),
        *_tell_earlier(page),
        *_tell_unlogged(page, top),
        *_tell_symptoms(page),
    ]
    parts += _tell_shares(s.incident)
    if s.incident.detection_gap_us is not None and s.incident.detected_at is not None:
        parts.append(
            f"The alert came at {page.at(s.incident.detected_at)}, {_gap(s.incident.detection_gap_us)} the first error "
            f"({page.at(s.incident.first_error)})."
        )
    elif s.incident.detected_at is None:
        parts.append("No alert is in these logs.")
    else:
        parts.append(f"The alert came at {page.at(s.incident.detected_at)}.")
    # The same words as on the screen.
    state = sentences_in(s, page.options.zone)[0]
    parts.append(f"{state.label}: {page.text(state.text)}.")
    parts += tell_wave(page)
    return [*lines, " ".join(parts), *_tell_further(page)]


def _tell_shares(incident: Incident) -> list[str]:
    """The share of the users' requests that went well: before, during, since."""
    rate, tried = incident.success_rate, incident.attempts
    if rate.before is None or rate.during is None:
        return []
    after = f", and stand at {percent(rate.after)} since" if rate.after is not None else ""
    what = "Successful attempts" if tried is not None else "Successful requests"
    verb = "fell from" if rate.during < rate.before else "went from"
    if percent(rate.before) == percent(rate.during):
        return [f"{what} stayed at {percent(rate.before)}{after}."]
    again = ""
    if tried is not None and not tried.is_sample:
        again = f"; clients ask again, {tried.served:,} of {tried.asked:,} user requests were served in the end"
    return [f"{what} {verb} {percent(rate.before)} to {percent(rate.during)}{after}{again}."]


def _tell_further(page: Page) -> list[str]:
    """Other incidents in the same logs: when, whose, over or not; a paragraph each."""
    told = []
    for one in page.snapshot.further:
        top = one.candidates[0] if one.candidates else None
        where = page.ref(top.file, top.line) if top is not None else ""
        end = one.incident.end
        when = (
            f"{page.at(one.incident.start)} to {page.at(end)}"
            if end is not None
            else f"since {page.at(one.incident.start)}"
        )
        over = {True: "over", False: "not over", None: "not known to be over"}[one.recovery.over]
        what = f"{page.code(one.incident.headline, 160)}{f' ({where})' if where else ''}"
        kind = "Apart from it one service alone complains" if one.is_alone else "Another incident in these logs"
        told += ["", f"{kind}, {when}, {over}: {what}."]
    return told


def tell_wave(page: Page) -> list[str]:
    """What a later wave has that the first did not, and what was logged just before it."""
    told = []
    recovery = page.snapshot.recovery
    for wave, fault in ((wave, wave.fault) for wave in recovery.waves):
        if fault is None:
            continue
        told.append(
            f"The {recovery.name_wave(wave)} is another fault than the first: {page.text(fault.service)} "
            f"{page.code(tidy(fault.headline), 120)} ({fault.count:,}, first {page.at(fault.time, millis=True)}, "
            f"{page.refs([fault.ref])})."
        )
        if fault.trigger is not None:
            told.append(
                f"Logged {fault.trigger.when} ({fault.trigger.link.how}): {page.text(fault.trigger.service)} "
                f"{_what(page, fault.trigger)} ({page.ref(fault.trigger.file, fault.trigger.line)})."
            )
    return told


def _tell_earlier(page: Page) -> list[str]:
    """Where something failed before the line that shows the cause, the line is a report and not the moment."""
    incident, begin = page.snapshot.incident, page.begin
    if incident is None or begin is None or begin >= incident.start:
        return []
    requests = [row for row in find_requests(page) if row.first == begin]
    what = "users' requests failed" if requests else "errors were logged"
    return [f"That line is not the first sign: {what} from {page.at(begin)} on, {span(incident.start - begin)} before."]


def _tell_quiet(page: Page) -> list[str]:
    """Nothing rose, told as on the screen; or nothing can be compared: then names and words are all there is."""
    s = page.snapshot
    state = sentences_in(s, page.options.zone)[0]
    known = s.recovery.explanation if s.as_of is None else f"{state.label}: {state.text}"
    told = page.text(sentence(known))
    count = sum(f.errors for f in s.files), sum(f.warnings for f in s.files)
    told += f" {count[0]:,} error and {count[1]:,} warning records were read."
    if page.top is not None and s.as_of is None:
        where = page.ref(page.top.file, page.top.line)
        told += (
            f" By names and words alone, confidence {page.top.confidence.value}: {_name_cause(page, page.top)}"
            f"{f' ({where})' if where else ''}."
        )
    return [told]


def _name_cause(page: Page, top: Candidate) -> str:
    if top.service == OUTSIDE:
        return page.text(tell_cause(page, top))
    name, words = page.text(top.service), page.code(tell_cause(page, top))
    return f"the likeliest cause is **{name}**, {words}{_who_says(page, top)}"


def _gap(us: int) -> str:
    return f"{span(us)} after" if us >= 0 else f"{span(-us)} before"


def _tell_trigger(page: Page, trigger: Trigger | None) -> list[str]:
    if trigger is None:
        return []
    began = "Possibly (by time only) it" if trigger.link is Link.TIME else "It"
    what = f"{page.text(trigger.service)}: {_what(page, trigger)} ({page.ref(trigger.file, trigger.line)})"
    return [f"{began} was set off {trigger.when} by {what}."]


def _what(page: Page, trigger: Trigger) -> str:
    """What changed, with the values that the record holds."""
    return page.code(own_words(trigger.service, trigger.text), 160)


def _tell_unlogged(page: Page, top: Candidate) -> list[str]:
    """What came of it where no line is an error, unless the cause is told by just that."""
    found = find_unlogged(page)
    if found is None or found.event in top.headline:
        return []
    return [f"From {page.at(found.time)} on {page.text(tell(found.service, found.event))}."]


def _tell_symptoms(page: Page) -> list[str]:
    found = pick_symptoms(page.snapshot, page.rows)
    parts = []
    if found:
        # As many as the cascade and the table of errors list; the summary tells but the loudest of each service.
        count = count_symptoms(page.snapshot, page.rows)
        what = "one symptom" if count == 1 else f"{count} symptoms, not {count} incidents"
        beside = ", beside what users saw" if find_requests(page) else ""
        loudest = "" if count == len(found) else " (of each service the loudest)"
        parts.append(f"It is one incident with {what}{beside}: {_list_symptoms(page, found)}{loudest}.")
    for row in find_requests(page)[:1]:
        parts.append(
            f"Users saw {row.count:,} {name_requests(page)} from {page.at(row.first)} on "
            f"({page.text(row.service)}: {page.text(join_words([route.name for route in row.routes[:3]]))})."
        )
    return parts


def _list_symptoms(page: Page, rows: Sequence[Row]) -> str:
    """Each in its own words, and what several services say in the same words once; where there are many, whose."""
    if len(rows) > _MOST_QUOTED:
        # The table of errors quotes them all.
        named = [_count(page, row) for row in rows[:_MOST_SYMPTOMS]]
        named += [f"{len(rows) - _MOST_SYMPTOMS} more services"] if len(rows) > _MOST_SYMPTOMS else []
        return join_words(named)
    by_words: dict[str, list[Row]] = {}
    for row in rows:
        by_words.setdefault(own_words(row.service, row.text), []).append(row)
    told = [
        f"{page.text(same[0].service)} {page.code(words, 60)} ({same[0].count:,})"
        if len(same) == 1
        else f"{page.code(words, 60)} in {join_words([_count(page, row) for row in same])}"
        for words, same in by_words.items()
    ]
    return join_words(told) if len(told) == len(rows) else "; ".join(told)


def _count(page: Page, row: Row) -> str:
    return f"{page.text(row.service)} ({row.count:,})"


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
        f"**{name}**: {page.code(tell_cause(page, top))}{_who_says(page, top)}"
        f"{f' ({where})' if where else ''}, confidence "
        f"**{top.confidence.value}**.",
    ]
    if not top.in_logs and top.group is not None:
        silent = "was not given" if is_absent(top) else "shows nothing of it"
        lines += ["", f"Its own log {silent}: the line above is another service's."]
    shown = tuple(e for e in top.evidence if e.kind not in _TOLD_IN_WHY)
    lines += ["", *_evidence(page, "for", shown)] if shown else []
    if top.counter_evidence:
        lines += ["", *_evidence(page, "against", top.counter_evidence)]
    others = [c for c in page.snapshot.candidates[1:4] if c.probability >= _WORTH_NAMING]
    if others:
        told = "; ".join(f"{page.text(c.service)} {page.code(c.headline, 80)} ({c.probability:.0%})" for c in others)
        lines += ["", f"Other candidates: {told}."]
    return lines


_TOLD_IN_WHY = ("number", "ramp", "series", "holders", "dying")


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
        f"{page.text(trigger.service)}: {_what(page, trigger)} at {page.at(trigger.time, millis=True)} "
        f"({page.ref(trigger.file, trigger.line)}), {trigger.when}; {_LINKS[trigger.link]}.",
    ]
