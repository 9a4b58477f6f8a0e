"""Title and summary: what broke, whom it took down, who knew when, where it stands; other incidents."""

from collections.abc import Sequence

from logscope.analysis.story.sentences import sentences_in
from logscope.model.causes import OUTSIDE, Candidate, Confidence, Link, Trigger
from logscope.model.incident import Incident
from logscope.model.times import span
from logscope.report.impact import find_requests, find_unlogged, name_requests
from logscope.report.page import Page
from logscope.report.quotes import find_group, tell_cause, tell_change, who_says
from logscope.report.rows import Row, count_symptoms, pick_symptoms, tidy
from logscope.report.wording import join_words, percent, sentence
from logscope.text.cutting import own_words, tell

_MOST_SYMPTOMS, _MOST_QUOTED = 5, 3
_SURE = {Confidence.HIGH: "", Confidence.MEDIUM: "most likely ", Confidence.LOW: "possibly (no clear cause) "}


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
    shown = find_group(page, page.top)
    by = f", as {shown.service} reports" if shown is not None and not page.top.in_logs else ""
    cause = page.raw(tell_cause(page, page.top), 100)
    told = cause if page.top.service == OUTSIDE else tell(f"{page.top.name}{by}", cause)
    return f"Incident {day} {page.options.zone_name}: {told}"


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
        f"{page.code(tell_cause(page, top))}{who_says(page, top)}{f' ({where})' if where else ''}.",
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
                f"{tell_change(page, fault.trigger)} ({page.ref(fault.trigger.file, fault.trigger.line)})."
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
    return f"the likeliest cause is **{name}**, {words}{who_says(page, top)}"


def _gap(us: int) -> str:
    return f"{span(us)} after" if us >= 0 else f"{span(-us)} before"


def _tell_trigger(page: Page, trigger: Trigger | None) -> list[str]:
    if trigger is None:
        return []
    began = "Possibly (by time only) it" if trigger.link is Link.TIME else "It"
    what = f"{page.text(trigger.service)}: {tell_change(page, trigger)} ({page.ref(trigger.file, trigger.line)})"
    return [f"{began} was set off {trigger.when} by {what}."]


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
        named = [route.name for route in row.routes[:_MOST_QUOTED]]
        named += [f"{len(row.routes) - _MOST_QUOTED} more"] if len(row.routes) > _MOST_QUOTED else []
        parts.append(
            f"Users saw {row.count:,} {name_requests(page)} from {page.at(row.first)} on "
            f"({page.text(row.service)}: {page.text(join_words(named))})."
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
