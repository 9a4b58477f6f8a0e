"""What users lost: duration, share and volume of requests, routes that failed."""

from typing import Final

from logscope.model.incident import EventKind, TimelineEntry
from logscope.model.lanes import LaneSet
from logscope.model.times import MINUTE_US, US, span
from logscope.report.page import Page
from logscope.report.rows import Row
from logscope.report.wording import figure, percent, sentence
from logscope.text.cutting import tell

_MOST_ROUTES: Final = 10


def find_requests(page: Page) -> list[Row]:
    """The failed requests; where several logs saw them, those of the log that the shares are counted from."""
    rows = [row for row in page.rows if row.is_request]
    users = page.snapshot.users
    edge = {f.service for f in page.snapshot.files if users is not None and f.source in (users.source, *users.beside)}
    return [row for row in rows if row.service in edge] or rows


def name_requests(page: Page) -> str:
    """Whose clients ask again has more failed attempts than requests that failed."""
    incident = page.snapshot.incident
    return "failed requests" if incident is None or incident.attempts is None else "failed attempts"


def find_unlogged(page: Page) -> TimelineEntry | None:
    """What no line reports as an error: requests that stopped coming, work that takes long; None where lines do."""
    if page.rows:
        return None
    kinds = (EventKind.ONSET, EventKind.SILENCE)
    return next((one for one in page.snapshot.timeline if one.is_key and one.file is None and one.kind in kinds), None)


def write_impact(page: Page) -> list[str]:
    """Duration, share and volume before, during and after; the routes that failed."""
    incident = page.snapshot.incident
    if incident is None:
        return []
    begin = page.begin or incident.start
    end = incident.end or page.snapshot.as_of or begin
    rate, volume = incident.success_rate, incident.volume
    zone = page.zone
    ended = f"{page.day_at(incident.end)} {zone}" if incident.end else f"not over as of {page.at(page.snapshot.as_of)}"
    rows = [
        ("Began", f"{page.day_at(begin)} {zone}"),
        ("Ended", ended),
        ("Duration", span(end - begin) + ("" if incident.end else " so far")),
        # Who broke may have told it below a warning only.
        ("Services", page.text(", ".join(sorted({*incident.services, *(row.service for row in page.rows)})))),
        ("Log records of the incident", f"{sum(row.count for row in page.rows if not row.is_request):,}"),
    ]
    lines = ["## Impact", "", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
    if any(x is not None for x in (rate.before, rate.during, rate.after, volume.before, volume.during)):
        columns = [("before", rate.before, volume.before), ("during", rate.during, volume.during)]
        columns += [("after", rate.after, volume.after)] if incident.end else find_phases(page)
        lines += [
            f"| Requests | {' | '.join(name for name, _, _ in columns)} |",
            f"|---|{'---:|' * len(columns)}",
            f"| successful | {' | '.join(percent(share) for _, share, _ in columns)} |",
            f"| per second | {' | '.join(figure(pace) for _, _, pace in columns)} |",
            "",
        ]
    counted = incident.success_rate.during is not None
    unlogged = find_unlogged(page)
    if counted:
        lines.append(f"Counted from {page.text(incident.success_note)}.")
    elif unlogged is not None and unlogged.event in incident.success_note:
        lines.append(f"{page.text(tell(unlogged.service, unlogged.event))}.")
    else:
        lines.append(page.text(sentence(incident.success_note)))
    tried = incident.attempts
    if counted and tried is not None:
        of = "Of a sample, " if tried.is_sample else ""
        lines.append(
            f"{of}{tried.served:,} of {tried.asked:,} user requests were served in the end: clients ask again under "
            f"the same id, so that {tried.failed_attempts:,} of {tried.attempts:,} attempts failed."
        )
    routes = [(row, route) for row in find_requests(page) for route in row.routes]
    if routes:
        what = name_requests(page).capitalize()
        lines += ["", f"| {what} | Log | Status | Count | From ({zone}) |", "|---|---|---|---:|---|"]
        lines += [
            f"| {page.text(route.name, 100)} | {page.text(row.service)} | {page.text(', '.join(route.statuses))} "
            f"| {route.count:,} | {page.at(route.first)} |"
            for row, route in routes[:_MOST_ROUTES]
        ]
        if len(routes) > _MOST_ROUTES:
            rest = sum(route.count for _, route in routes[_MOST_ROUTES:])
            lines.append(f"| {len(routes) - _MOST_ROUTES} more | | | {rest:,} | |")
    return lines


def find_phases(page: Page) -> list[tuple[str, float | None, float | None]]:
    """Of an incident that goes on: share and pace of requests since the errors fell, and in the last minute."""
    s = page.snapshot
    lanes = LaneSet(s.lane_start, s.lane_bucket_us, s.lanes, s.users)
    shown = s.near if s.near is not None and s.near.users is not None else lanes
    if shown.users is None or s.as_of is None or s.incident is None or s.incident.success_rate.during is None:
        return []
    found: list[tuple[str, float | None, float | None]] = []
    starts = [(s.recovery.fix_at, f"since {page.at(s.recovery.fix_at)}"), (s.as_of - MINUTE_US, "last minute")]
    for start, name in starts:
        if start is None or start < s.incident.start:
            continue
        first = max(0, -(-(start - shown.start) // shown.bucket_us))
        ok, failed = sum(shown.users.ok[first:]), sum(shown.users.failed[first:])
        seconds = (s.as_of - (shown.start + first * shown.bucket_us)) / US
        if ok + failed and seconds >= shown.bucket_us / US:
            found.append((name, ok / (ok + failed), (ok + failed) / seconds))
    return found
