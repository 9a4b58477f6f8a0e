"""The timeline: milestones with their distance from the begin, then the story, one line for each kind."""

from logscope.analysis.story.attempts import Attempt, find_attempts
from logscope.model.causes import Trigger
from logscope.model.incident import EventKind, Incident, TimelineEntry
from logscope.model.kinds import GroupSummary, Role
from logscope.model.recovery import FixOrigin
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US, US, span
from logscope.report.impact import find_requests
from logscope.report.page import Page
from logscope.report.rows import is_twin
from logscope.report.wording import fix_word
from logscope.text.cutting import own_words

_EDGE_US = MINUTE_US
"""A change this shortly before the errors fell may be what ended them."""
_RECURRING = 4
"""Changes of one kind from which on they are everyday work."""

_DEEDS = (EventKind.FIX, EventKind.CHANGE)


def write_timeline(page: Page) -> list[str]:
    """Milestones with their distance from the begin, then the story, one line for each kind."""
    s = page.snapshot
    if not s.timeline:
        return []
    lines = ["## Timeline", "", *_milestones(page), f"| Time ({page.zone}) | Event | Impact |", "|---|---|---|"]
    told: list[tuple[int, str]] = []
    before = ""
    for entry in tell_entries(page):
        impact = "as above" if entry.impact == before and entry.impact else page.text(entry.impact, 140)
        before = entry.impact
        told.append((entry.time, f"| {page.at(entry.shown_time, millis=True)} | {_event(page, entry)} | {impact} |"))
    rows = [row for _, row in told]
    if s.incident is not None and s.incident.detected_at is None:
        at = next((n for n, (time, _) in enumerate(told) if _is_past(page, time)), len(rows))
        rows.insert(at, "| - | no alert in these logs | nobody told, as far as the logs show |")
    return [*lines, *rows]


def _is_past(page: Page, time: int) -> bool:
    recovery = page.snapshot.recovery
    ends = [t for t in (recovery.fix_at, recovery.since) if t is not None]
    return bool(ends) and time >= min(ends)


def tell_entries(page: Page) -> list[TimelineEntry]:
    """The entries that tell this incident: each row once, no kind or change that has nothing to do with it."""
    seen: set[str] = set()
    kept = []
    groups = {group.id: group for group in page.snapshot.groups}
    recurring = find_recurring(page)
    for entry in page.snapshot.timeline:
        if entry.kind is EventKind.ONSET and entry.group is not None:
            row = page.row_by_group.get(entry.group)
            key = row.key if row is not None else entry.group
            group = groups.get(entry.group)
            is_old = row is None and group is not None and not entry.is_root and _says_nothing_new(page, group)
            if key in seen or is_old:
                continue
            seen.add(key)
        if entry.kind is EventKind.CHANGE and not is_relevant(page, entry, recurring):
            continue
        if entry.kind is EventKind.SILENCE and not (entry.is_key or _is_inside(page, entry.time)):
            continue
        kept.append(entry)
    return kept


def _says_nothing_new(page: Page, group: GroupSummary) -> bool:
    return group.role in (Role.UNRELATED, Role.CHRONIC) or is_twin(group, page.rows)


def find_recurring(page: Page) -> frozenset[str]:
    """Kinds of changes that come again and again: everyday work, not somebody's hand."""
    counts: dict[str, int] = {}
    for entry in page.snapshot.timeline:
        if entry.kind is EventKind.CHANGE and entry.group is not None:
            counts[entry.group] = counts.get(entry.group, 0) + 1
    return frozenset(group for group, count in counts.items() if count >= _RECURRING)


def is_relevant(page: Page, entry: TimelineEntry, recurring: frozenset[str]) -> bool:
    """The change set it off, or speaks of a service of the incident, and is no everyday work."""
    if entry.group in recurring and not entry.is_key:
        return False
    incident, top = page.snapshot.incident, page.top
    if entry.is_key or incident is None or top is None:
        return True
    if any(wave.fault is not None and _is_at(wave.fault.trigger, entry) for wave in page.snapshot.recovery.waves):
        return True
    names = {top.service, *incident.services}
    return entry.service in names or any(name in entry.event for name in names)


def _is_at(trigger: Trigger | None, entry: TimelineEntry) -> bool:
    return trigger is not None and trigger.is_at(entry.file, entry.line)


def _is_inside(page: Page, time: int) -> bool:
    incident = page.snapshot.incident
    return incident is None or time >= incident.start - US


def _event(page: Page, entry: TimelineEntry) -> str:
    row = page.row_by_group.get(entry.group) if entry.group is not None else None
    what = row.text if row is not None and entry.kind is EventKind.ONSET else entry.event
    count = row.count if row is not None and entry.kind is EventKind.ONSET else entry.count
    service = f"{page.text(entry.service)}: " if entry.service else ""
    times = f" ({count:,})" if count and count > 1 else ""
    mark = "**" if entry.is_root else ""
    quoted = row.ref if row is not None and entry.kind is EventKind.ONSET else None
    ref = page.ref(entry.file, entry.line) if quoted is None else page.ref(quoted.file, quoted.line)
    words = page.text(own_words(entry.service, what), 160)
    return f"{mark}{fix_word(entry)}{service}{words}{times}{mark}{f' {ref}' if ref else ''}"


def _milestones(page: Page) -> list[str]:
    s = page.snapshot
    incident = s.incident
    if incident is None:
        return []
    top = page.top
    # Of a log that stops the incident begins with that, and who watches it says so later.
    told = incident.start if top is None or top.in_logs or top.first_seen is None else top.first_seen
    begun = top.first_seen if top is not None and top.is_event and top.first_seen is not None else None
    found: list[tuple[int | None, str, str]] = [
        (begun or max(told, incident.start), "the cause's first line", page.ref(top.file, top.line))
        if top is not None and top.file
        else (incident.start, "the begin", ""),
        (_first_error(page, incident), "services: first error", ""),
    ]
    requests = find_requests(page)
    if requests:
        refs = page.refs([row.ref for row in requests[:1] if row.ref is not None])
        found.append((requests[0].first, "users: first failed request", refs))
    found += _human_milestones(page)
    # What is not logged and lies at the end is told by the end.
    found += [
        _milestone(page, one) for one in find_attempts(s) if not one.failed and (one.ref or one.time != incident.end)
    ]
    if incident.end is not None:
        found.append((incident.end, "back at the usual rate", ""))
    begin = page.begin or incident.start
    timed = sorted(((t, name, ref) for t, name, ref in found if t is not None), key=lambda one: one[0])
    lines = [f"| Milestone | Time ({page.zone}) | After the begin | |", "|---|---|---:|---|"]
    for time, name, ref in timed:
        lines.append(f"| {name} | {page.at(time)} | {_distance(time, begin)} | {ref} |")
    if incident.detected_at is None:
        lines.append("| alert | - | - | no alert in these logs |")
    return [*lines, ""]


def _distance(time: int, start: int) -> str:
    """From the begin; a stamp in whole seconds may stand for any moment of its second."""
    if abs(time - start) < 1000:
        return "-"
    if time % US == 0 and time <= start < time + US:
        return "same second"
    return span(time - start) if time > start else f"{span(start - time)} before"


def _human_milestones(page: Page) -> list[tuple[int | None, str, str]]:
    """When a monitor fired, and when a person answered: the first of each."""
    incident = page.snapshot.incident
    assert incident is not None, "milestones belong to an incident"
    names = {"firing": "alert", "acknowledged": "acknowledged", "resolved": "alert resolved"}
    found: dict[str, tuple[int | None, str, str]] = {}
    for entry in page.snapshot.timeline:
        state = entry.event.partition(":")[0]
        if entry.kind is EventKind.ALERT and state in names and entry.time >= incident.start - MINUTE_US:
            found.setdefault(state, (entry.time, names[state], page.ref(entry.file, entry.line)))
    return list(found.values())


def _first_error(page: Page, incident: Incident) -> int | None:
    """The cause's own line may be one, though nobody suffers from it yet."""
    root = next((entry for entry in page.snapshot.timeline if entry.is_root), None)
    if root is None or incident.first_error is None or root.severity < Severity.ERROR:
        return incident.first_error
    return min(root.time, incident.first_error)


def _milestone(page: Page, one: Attempt) -> tuple[int | None, str, str]:
    """What may have ended it, or a wave of it."""
    if one.origin is FixOrigin.MARKED:
        return one.time, "fix marked", ""
    change = change_of(page, one)
    if change is None:
        return one.time, "errors fall" if page.rows else "it gets better", "what ended it is not logged"
    ref = page.ref(change.file, change.line)
    return (one.time, "errors fall", f"after {ref}") if page.rows else (one.time, "the likely fix", ref)


def find_ending(page: Page) -> TimelineEntry | None:
    """The change shortly before the errors fell for the last time; None where none is logged."""
    attempts = [one for one in find_attempts(page.snapshot) if not one.failed]
    return change_of(page, attempts[-1]) if attempts else None


def change_of(page: Page, one: Attempt) -> TimelineEntry | None:
    """The line of an attempt, else a change shortly before it that speaks of a service of the incident."""
    fix, timeline = one.time, page.snapshot.timeline
    if one.ref is not None:
        place = (one.ref.file, one.ref.line)
        return next((e for e in timeline if (e.file, e.line) == place and e.kind in _DEEDS), None)
    recurring = find_recurring(page)
    near = [
        entry
        for entry in timeline
        if entry.kind is EventKind.CHANGE
        and fix - _EDGE_US <= entry.time <= fix + 2 * US
        and entry.time > (page.snapshot.incident.start if page.snapshot.incident else 0)
        and is_relevant(page, entry, recurring)
    ]
    return near[-1] if near else None
