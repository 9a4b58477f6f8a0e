"""Sections of figures: cascade, errors, trend, recovery."""

from logscope.analysis.story.attempts import Attempt, find_attempts
from logscope.model.causes import Link
from logscope.model.recovery import FixOrigin, Remaining
from logscope.model.severity import Severity
from logscope.model.snapshot import Snapshot
from logscope.model.times import US, span
from logscope.report.chart import Table, choose_cells, choose_table, draw_marks
from logscope.report.impact import find_phases
from logscope.report.markup import fence, mermaid_label
from logscope.report.moments import change_of
from logscope.report.page import Page
from logscope.report.rows import Row, Step, build_steps, tidy
from logscope.report.summary import tell_wave
from logscope.report.wording import count_of, everyday_groups, figure, join_words, percent, sentence, strip
from logscope.text.cutting import own_words

_LEGEND = (
    "*by time* (dashed where a diagram is drawn): it began after, and no line of its service names the other; in all "
    "other steps one does, or both are of one service."
)
_MOST_ROWS = 40
_MOST_STEPS = 30
_DEEPEST = 8
_MOST_LEFT = 10
_LATELY_US = 15 * US
"""What last happened this long ago does not happen now."""
_WAVES = {"incident": "incident", "herd": "retry burst (herd)", "tail": "draining tail"}
_LEAST_USUAL_PER_MIN = 0.05
"""A kind that was rarer than once in twenty minutes did not occur before."""


def write_cascade(page: Page) -> list[str]:
    """Who pulled down whom: as a diagram, and as text for where diagrams are not drawn."""
    steps = _in_tree_order(build_steps(page.snapshot, page.rows))[:_MOST_STEPS]
    if not steps:
        return []
    lines = ["## Cascade", "", "```mermaid", "graph LR"]
    names: dict[str, str] = {}
    for step in steps:
        for key in (step.cause, step.effect):
            if key not in names:
                names[key] = f"g{len(names)}"
                lines.append(f'  {names[key]}["{mermaid_label(_label(page, page.row_by_key[key]))}"]')
        arrow = "-->" if step.how is Link.NAMED else "-.->"
        lines.append(f"  {names[step.cause]} {arrow}|{_lag(step.lag_us)}| {names[step.effect]}")
    lines += ["```", "", *fence(_draw_tree(page, steps))]
    return [*lines, "", _LEGEND]


def _in_tree_order(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """From the root on, level by level: the root's node stands first in the diagram."""
    effects = {step.effect for step in steps}
    reached = list(dict.fromkeys(step.cause for step in steps if step.cause not in effects))
    ordered: list[Step] = []
    for key in reached:
        below = [step for step in steps if step.cause == key]
        ordered += below
        reached += [step.effect for step in below]
    return tuple(ordered)


def _label(page: Page, row: Row) -> str:
    """Of at most 90 characters; redacted before it is cut, for half a secret may not be known as one."""
    times = f" ({row.count:,})" if row.count > 1 else ""
    service = page.raw(row.service, 40)
    return f"{service}: {page.raw(own_words(row.service, row.text), 90 - len(times) - len(service) - 2)}{times}"


def _draw_tree(page: Page, steps: tuple[Step, ...]) -> list[str]:
    children: dict[str, list[Step]] = {}
    for step in steps:
        children.setdefault(step.cause, []).append(step)
    effects = {step.effect for step in steps}
    drawn: list[str] = []

    def walk(key: str, depth: int, note: str) -> None:
        drawn.append(f"{'   ' * depth}{note}{_label(page, page.row_by_key[key])}")
        for step in children.get(key, []) if depth < _DEEPEST else []:
            how = "" if step.how is Link.NAMED else ", by time"
            walk(step.effect, depth + 1, f"+- {_lag(step.lag_us)}{how}: ")

    for root in dict.fromkeys(step.cause for step in steps if step.cause not in effects):
        walk(root, 0, "")
    return drawn


def _lag(us: int) -> str:
    """Between two steps; what the stamps cannot tell apart is no lag of 0 ms."""
    return span(us) if us > 0 else "same time"


def write_errors(page: Page) -> list[str]:
    """The table of error types: what, whose, how often, first, last."""
    if page.snapshot.incident is None:
        return _write_all_kinds(page)
    lines = ["## Errors", ""]
    if page.rows:
        lines += [f"| Type | Service | Level | Count | First ({page.zone}) | Last |", "|---|---|---|---:|---|---|"]
    else:
        lines.append("No kind of error belongs to it.")
    for row in page.rows[:_MOST_ROWS]:
        usual = row.usual_per_min >= _LEAST_USUAL_PER_MIN
        note = f"; usual before: {figure(row.usual_per_min)}/min" if usual else ""
        lines.append(
            f"| {page.text(row.text + note, 180)} | {page.text(row.service)} | {row.severity.word or ''} "
            f"| {row.count:,} | {page.at(row.first)} | {page.at(row.last)} |"
        )
    if len(page.rows) > _MOST_ROWS:
        rest = page.rows[_MOST_ROWS:]
        lines.append(f"| {count_of(len(rest), 'more kind')} | | | {sum(row.count for row in rest):,} | | |")
    everyday = everyday_groups(page.snapshot)
    if page.rows:
        lines += ["", "By onset, not by count: what broke first is seldom what is logged most."]
    if everyday:
        total = sum(g.count for g in everyday)
        kinds = "kind" if len(everyday) == 1 else "kinds"
        lines += [
            "",
            f"Besides, {len(everyday)} everyday {kinds}, as often before as during ({count_of(total, 'record')}).",
        ]
    return lines if page.rows or everyday else []


def _write_all_kinds(page: Page) -> list[str]:
    """Where nothing is compared: all warnings and errors, the worst and most frequent first."""
    kinds = [g for g in page.snapshot.groups if g.severity >= Severity.WARN]
    kinds.sort(key=lambda g: (-g.severity, -g.count, g.id))
    if not kinds:
        return []
    head = f"| Type | Service | Level | Count | First ({page.zone}) | Last |"
    lines = ["## Errors", "", head, "|---|---|---|---:|---|---|"]
    lines += [
        f"| {page.text(tidy(g.headline), 180)} | {page.text(g.service)} | {g.severity.word or ''} | {g.count:,} "
        f"| {page.at(g.first_seen)} | {page.at(g.last_seen)} |"
        for g in kinds[:_MOST_ROWS]
    ]
    if len(kinds) > _MOST_ROWS:
        rest = kinds[_MOST_ROWS:]
        lines.append(f"| {count_of(len(rest), 'more kind')} | | | {sum(g.count for g in rest):,} | | |")
    return lines


def write_trend(page: Page) -> list[str]:
    """The incident with a little before and after: one row of text, and a table of at most a dozen and a half rows."""
    cells, table = choose_cells(page.snapshot), choose_table(page.snapshot)
    if cells is None or table is None:
        return []
    # Where nobody calls it an error (refused requests, say), the warnings are what rose.
    errors, what = cells.errors, "Errors"
    if not any(errors):
        errors, what = cells.warnings, "Warnings"
    if cells.records_of:
        errors, what = cells.records, f"Records of {page.text(join_words(cells.records_of))}"
    chart = [strip(errors, len(errors)).rstrip()]
    marks = find_marks(page.snapshot)
    row = draw_marks(cells, [(letter, time) for letter, time, _ in marks])
    legend = ", ".join(f"{letter} {name} {page.at(time)}" for letter, time, name in marks if letter in row)
    if row:
        chart += [row, legend]
    lines = [
        "## Trend",
        "",
        f"{what} per {_wide(cells.bucket_us)} from {page.at(cells.start)} {page.zone}, highest {max(errors):,}:",
        "",
        *fence(chart),
        "",
    ]
    with_requests = any(table.ok) or any(table.failed)
    head = [f"from (each {_wide(table.bucket_us)})", "errors", "warnings", "records"]
    head += ["requests ok", "of"] if with_requests else []
    lines += [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    for n, time in enumerate(range(table.start, table.start + len(table.errors) * table.bucket_us, table.bucket_us)):
        cell = [page.at(time), *(f"{series[n]:,}" for series in (table.errors, table.warnings, table.records))]
        if with_requests:
            cell += _requests(table, n)
        lines.append(f"| {' | '.join(cell)} |")
    return lines


def _requests(table: Table, n: int) -> list[str]:
    total = table.ok[n] + table.failed[n]
    return [percent(table.ok[n] / total) if total else "-", f"{total:,}"]


def find_marks(snapshot: Snapshot) -> list[tuple[str, int, str]]:
    """Letter, time and name of the moments that a chart shows."""
    incident, recovery = snapshot.incident, snapshot.recovery
    if incident is None:
        return []
    top = snapshot.candidates[0] if snapshot.candidates else None
    is_told_later = top is not None and top.first_seen is not None and top.first_seen > incident.start
    found = [
        (
            "B",
            incident.start,
            "the begin" if is_told_later or top is None or not top.file else "the cause's first line",
        ),
        ("A", incident.detected_at, "alert"),
        (
            "F",
            None if recovery.fix_at == incident.end else recovery.fix_at,
            "fix" if recovery.fix_origin is FixOrigin.MARKED else "falls",
        ),
        ("R", incident.end, "back to usual"),
    ]
    return [(letter, time, name) for letter, time, name in found if time is not None]


def _wide(us: int) -> str:
    seconds = us // US
    if seconds % 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return "minute" if minutes == 1 else f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def write_recovery(page: Page) -> list[str]:
    """The verdict with its numbers."""
    s, r = page.snapshot, page.snapshot.recovery
    if s.incident is None:
        return []
    confirmed = "confirmed" if r.confirmed else "not confirmed"
    figures = (r.baseline_per_min, r.during_per_min, r.current_per_min)
    lines = [
        "## Recovery",
        "",
        f"Verdict: **{r.verdict.value.replace('_', ' ')}**, {confirmed} as of {page.at(r.as_of)}. "
        f"{page.text(sentence(r.explanation))}",
    ]
    rate = s.incident.success_rate
    has_shares = any(x is not None for x in (rate.before, rate.during, rate.after))
    if has_shares or any(x is not None for x in figures):
        lines += ["", "| | before | during | now |", "|---|---:|---:|---:|"]
    if any(x is not None for x in figures):
        lines.append(f"| incident records per minute | {' | '.join(map(_rate, figures))} |")
    if has_shares:
        now = rate.after if s.incident.end else next((share for _, share, _ in reversed(find_phases(page))), None)
        lines.append(f"| successful requests | {percent(rate.before)} | {percent(rate.during)} | {percent(now)} |")
    lines += _write_fixes(page)
    if r.quiet_minutes_needed is not None:
        lines += ["", f"{r.quiet_minutes_needed} more quiet min would confirm it."]
    if r.waves:
        lines += [
            "",
            "| wave | from | to | requests failed | most records | peak per second |",
            "|---|---|---|---:|---:|---:|",
        ]
        earliest = min((row.first for row in page.rows), default=0)
        for w in r.waves:
            name = "again" if w is r.undecided else _WAVES.get(w.kind) or r.name_wave(w)
            # Everyday noise just before it may have opened the wave: it began with its first kind of error.
            start = max(w.start, earliest) if w.kind == "incident" else w.start
            lost = "-" if w.asked is None else f"{w.failed:,} of {w.asked:,}"
            whose = f" ({page.text(w.service)})" if w.service else ""
            counted = f"{w.count:,}{whose} | {figure(w.peak_per_s)}" if w.count else "- | -"
            lines.append(f"| {name} | {page.at(start)} | {page.at(w.end)} | {lost} | {counted} |")
        told = tell_wave(page)
        if told:
            lines += ["", " ".join(told)]
    if r.remaining:
        lines += ["", "Still broken:", ""]
        lines += [_tell_remaining(page, one) for one in r.remaining[:_MOST_LEFT]]
        if len(r.remaining) > _MOST_LEFT:
            lines.append(f"- and {len(r.remaining) - _MOST_LEFT} more")
    if r.over:
        lines += ["", "This cannot exclude a slow refill of what ran out (memory, disk, connections)."]
    return lines


def _tell_remaining(page: Page, left: Remaining) -> str:
    """What, how often, since when; and its last record, where that is some time ago: it may come back or not."""
    recovery = page.snapshot.recovery
    what = f"{page.text(tidy(left.what), 140)}: {figure(left.rate_per_min)}/min"
    since = page.at(recovery.broken_since(left))
    last = left.last if left.last is not None else _last_failed(page, left)
    if last is None or recovery.as_of is None or recovery.as_of - last < _LATELY_US:
        return f"- {what} now, since {since}"
    return f"- {what} lately, since {since}, none since {page.at(last)}"


def _last_failed(page: Page, left: Remaining) -> int | None:
    routes = (route for row in page.rows for route in row.routes)
    lasts = [route.last for route in routes if left.failed and route.name == left.what and route.last is not None]
    return max(lasts, default=None)


def _write_fixes(page: Page) -> list[str]:
    """What was done, the last first, and what became of it."""
    attempts = find_attempts(page.snapshot)
    lines: list[str] = []
    for one in reversed(attempts):
        outcome = one.tell_outcome(page.at(one.came_back))
        held = bool(page.snapshot.recovery.over) and one is attempts[-1]
        lines += ["", f"{_tell_fix(page, one, held=held)}{'; ' if outcome else ''}{outcome}."]
    return lines


def _tell_fix(page: Page, one: Attempt, *, held: bool) -> str:
    at = page.at(one.time)
    if one.origin is FixOrigin.MARKED:
        said = f": {page.text(one.text)}" if one.text else ""
        return f"Fix at {at}, marked by a person{said}"
    change = change_of(page, one)
    told = ""
    if change is not None:
        told = f"{page.text(change.service)} {page.code(own_words(change.service, change.event), 120)}"
        place = page.ref(change.file, change.line)
        if one.failed:
            return f"Logged at {at}: {told} ({place})"
        told = f"; logged shortly before: {told} at {page.at(change.time, millis=True)} ({place})"
    return f"{'Fix' if held else 'Errors fell'} at {at}, seen in the rates, not logged as such{told}"


def _rate(value: float | None) -> str:
    return "not known" if value is None else figure(value)
