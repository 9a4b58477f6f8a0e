"""From Snapshots to rows of styled text. Pure: tested without an app. Text from a file passes `safe_text` here."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Final

from rich.style import Style
from rich.text import Text

from logscope.model.severity import Severity
from logscope.model.snapshot import (
    Action,
    Candidate,
    Evidence,
    FileSummary,
    GroupSummary,
    LineRef,
    Recovery,
    Risk,
    Role,
    Sentence,
    Snapshot,
    TimelineEntry,
)
from logscope.model.times import US
from logscope.text.safe_text import safe_text
from logscope.ui.palette import Glyphs, Palette

_MOST_LATER = 8
"""Kinds without a link to the incident that are listed one by one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a pane."""

    text: Text
    key: str = ""
    """Identity across refreshes: the cursor stays on it."""
    ref: LineRef | None = None
    """The line that Enter opens; None where there is none."""
    time: int | None = None
    """Where the shared cursor goes; None leaves it."""
    service: str = ""
    """What the row is about, for showing that service alone."""


def clock(time_us: int | None, zone: tzinfo = UTC) -> str:
    """Time of day to the second."""
    if time_us is None:
        return "--:--:--"
    return datetime.fromtimestamp(time_us // US, zone).strftime("%H:%M:%S")


def clock_ms(time_us: int | None, zone: tzinfo = UTC) -> str:
    """Time of day to the millisecond."""
    return "" if time_us is None else f"{clock(time_us, zone)}.{time_us // 1000 % 1000:03d}"


def place(ref: LineRef | None) -> str:
    """`file:line` with the file's own name."""
    return "" if ref is None else f"{safe_text(os.path.basename(ref.file))}:{ref.line}"


def fit(text: str, width: int, glyphs: Glyphs) -> str:
    """A safe text in exactly `width` cells, as far as its characters are one cell wide."""
    shown = safe_text(text)
    if len(shown) > width:
        return shown[: max(0, width - 1)] + glyphs.ellipsis if width > 0 else ""
    return shown.ljust(width)


def bar(counts: Sequence[int], width: int, glyphs: Glyphs) -> str:
    """A strip of blocks, square-root scale; whatever is not zero is visible."""
    cells = resample(counts, width)
    top = max(cells, default=0)
    if top <= 0:
        return glyphs.blocks[0] * len(cells)
    return "".join(glyphs.blocks[0 if v <= 0 else max(1, round((v / top) ** 0.5 * 8))] for v in cells)


def resample(counts: Sequence[int], width: int) -> list[int]:
    """Counts in `width` cells: the highest of the buckets that share one."""
    count = len(counts)
    if count == 0 or width <= 0:
        return [0] * max(0, width)
    return [
        max(counts[count * n // width : max(count * (n + 1) // width, count * n // width + 1)], default=0)
        for n in range(width)
    ]


def severity_letter(severity: Severity) -> str:
    """One letter for a level, so that colour is never alone."""
    if severity >= Severity.FATAL:
        return "F"
    if severity >= Severity.ERROR:
        return "E"
    if severity >= Severity.WARN:
        return "W"
    return "i" if severity >= Severity.INFO else "·"


def sentence_lines(
    sentences: Sequence[Sentence], width: int, height: int, palette: Palette, glyphs: Glyphs
) -> list[Text]:
    """The four sentences in a given number of lines: one each at four, more where there is room."""
    lines: list[Text] = []
    spare = max(0, height - len(sentences))
    for sentence in sentences[:height]:
        style = palette.tone(sentence.tone)
        suffix = f"  {place(sentence.ref)}" if sentence.ref else ""
        mark = f"  {sentence.confidence.value.upper()}" if sentence.confidence else ""
        room = width - 10 - len(suffix) - len(mark)
        text = safe_text(sentence.text)
        pieces = [text]
        if len(text) > room and spare:
            cut = text.rfind(" ", 0, width - 10)
            cut = cut if cut > 20 else width - 10
            pieces = [text[:cut], text[cut:].lstrip()]
            spare -= 1
        for number, piece in enumerate(pieces):
            is_last = number == len(pieces) - 1
            label = f" {sentence.label:<8} " if number == 0 else " " * 10
            line = Text(label, style=style if number == 0 else palette.plain, no_wrap=True)
            shown = fit(piece, max(10, room), glyphs).rstrip() if is_last else piece
            line.append(shown, palette.plain if sentence.tone == "plain" else style)
            if is_last:
                line.append(suffix, palette.info)
                line.append(mark, palette.strong)
            lines.append(line)
    return lines[:height]


def story_rows(
    snapshot: Snapshot, width: int, palette: Palette, glyphs: Glyphs, zone: tzinfo, *, full: bool = False
) -> list[Row]:
    """The lines that tell the incident, verbatim, in time order, each with what users lost."""
    entries = [e for e in snapshot.timeline if full or e.is_key]
    root = next((e.time for e in entries if e.is_root), None)
    rows: list[Row] = []
    for number, entry in enumerate(entries):
        ref = LineRef(entry.file, entry.line) if entry.file and entry.line else None
        key = f"{entry.kind.value}:{entry.time}:{entry.file}:{entry.line}:{number}"
        service = entry.service or ""
        rows.append(Row(_story_line(entry, root, width, palette, glyphs, zone), key, ref, entry.time, service))
        if not full:
            detail = Text(" " * 16, style=palette.dim, no_wrap=True)
            detail.append(place(ref), palette.info)
            if entry.impact:
                detail.append(
                    f"  users: {fit(entry.impact, max(10, width - 26 - len(place(ref))), glyphs).rstrip()}", palette.dim
                )
            rows.append(Row(detail, key + "d", ref, entry.time, service))
    if not rows:
        rows.append(Row(Text(" Nothing rose above its usual rate: there is no story to tell.", style=palette.dim)))
    return rows


def _story_line(
    entry: TimelineEntry, root: int | None, width: int, palette: Palette, glyphs: Glyphs, zone: tzinfo
) -> Text:
    mark, style = event_mark(entry, palette, glyphs)
    line = Text(f" {mark} ", style=style, no_wrap=True)
    line.append(f"{clock_ms(entry.time, zone)} ", palette.strong if entry.is_root else palette.plain)
    count = f" x{entry.count:,}" if entry.count and entry.count > 1 else ""
    lag = "" if root is None or entry.is_root else f" {signed_span(entry.time - root)}"
    service = f"{safe_text(entry.service)}: " if entry.service else ""
    line.append(fit(service + entry.event, max(10, width - 17 - len(count) - len(lag)), glyphs), style)
    line.append(count, palette.strong)
    line.append(lag, palette.dim)
    return line


def event_mark(entry: TimelineEntry, palette: Palette, glyphs: Glyphs) -> tuple[str, Style]:
    """The glyph and the style of a timeline entry."""
    if entry.is_root:
        return glyphs.root, palette.cause
    match entry.kind.value:
        case "change":
            return glyphs.change, palette.info
        case "alert":
            return glyphs.alert, palette.info
        case "fix" | "recovery":
            return glyphs.fix, palette.ok
        case "wave":
            return glyphs.wave, palette.error
        case "note":
            return glyphs.note, palette.info
        case _:
            return glyphs.onset, palette.error if entry.severity >= Severity.ERROR else palette.warning


def signed_span(us: int) -> str:
    """A lag: `+4.7s`, `-16.9s`, `+3m24s`."""
    sign = "-" if us < 0 else "+"
    seconds = abs(us) / US
    if seconds < 60:
        return f"{sign}{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{sign}{minutes}m{rest:02d}s" if minutes < 60 else f"{sign}{minutes // 60}h{minutes % 60:02d}m"


def group_rows(
    snapshot: Snapshot,
    width: int,
    palette: Palette,
    glyphs: Glyphs,
    zone: tzinfo,
    order: str = "onset",
    muted: frozenset[tuple[str, str]] = frozenset(),
) -> list[Row]:
    """Kinds by onset inside the incident; everyday and muted kinds folded into one last row each."""
    silenced = [g for g in snapshot.groups if (g.service, g.template) in muted]
    if silenced:
        snapshot = replace(snapshot, groups=tuple(g for g in snapshot.groups if g not in silenced))
    incident = [g for g in snapshot.groups if g.onset is not None and g.role in (Role.CAUSE, Role.SYMPTOM)]
    others = [g for g in snapshot.groups if g.onset is not None and g.role not in (Role.CAUSE, Role.SYMPTOM)]
    everyday = [g for g in snapshot.groups if g.role is Role.CHRONIC]
    keys = {
        "onset": lambda g: (g.onset or 0, g.id),
        "first": lambda g: (g.first_seen or 0, g.id),
        "count": lambda g: (-g.count, g.id),
        "last": lambda g: (-(g.last_seen or 0), g.id),
        "service": lambda g: (g.service, g.onset or 0, g.id),
    }
    spark = 24 if width >= 110 else 12 if width >= 76 else 0
    head = Text(
        f"   {'COUNT':>8} {'ONSET':<8} {'LAST':<8} {'PER MINUTE':<{spark}} KIND"
        if spark
        else f"   {'COUNT':>8} {'ONSET':<8} {'LAST':<8} KIND",
        style=palette.dim,
        no_wrap=True,
    )
    rows = [Row(head, "head")]
    for group in sorted(_fold_requests(incident), key=keys[order]):
        rows.append(_group_row(group, snapshot, width, spark, palette, glyphs, zone))
    if not incident:
        rows.append(Row(Text("   no kind of warning or error is new or risen", style=palette.dim)))
    since = snapshot.incident.start if snapshot.incident else 0
    later = [g for g in others if g.onset is not None and g.onset >= since][:_MOST_LATER]
    if later:
        rows.append(Row(Text("   new since then, without a link:", style=palette.dim), "later"))
        for group in sorted(later, key=keys[order]):
            rows.append(_group_row(group, snapshot, width, spark, palette, glyphs, zone))
    others = [g for g in others if g not in later]
    for label, listed in (
        ("everyday kinds, unchanged", everyday),
        ("kinds beside it, without a link", others),
        (MUTED, silenced),
    ):
        if listed:
            total = sum(g.count for g in listed)
            rows.append(Row(Text(f"   {total:>8,} {len(listed)} {label}", style=palette.dim), label))
    return rows


MUTED: Final = "muted kinds (K here: show again)"
"""Label and key of their row."""


def only_service(snapshot: Snapshot, service: str) -> Snapshot:
    """The story and kinds of one service alone."""
    return replace(
        snapshot,
        groups=tuple(g for g in snapshot.groups if g.service == service),
        timeline=tuple(e for e in snapshot.timeline if e.service == service),
    )


def _fold_requests(groups: Sequence[GroupSummary]) -> list[GroupSummary]:
    """One row for all failing routes of an access log: they are one fact, seen from the edge."""
    kept: list[GroupSummary] = []
    requests: dict[str, list[GroupSummary]] = {}
    for group in groups:
        if group.request:
            requests.setdefault(group.source, []).append(group)
        else:
            kept.append(group)
    for members in requests.values():
        if len(members) == 1:
            kept += members
            continue
        first = min(members, key=lambda g: (g.onset or 0, g.id))
        routes = sorted({g.template.rpartition(" ")[0] for g in members})
        statuses = sorted({g.template.rpartition(" ")[2] for g in members})
        length = max(len(g.per_minute.counts) for g in members)
        counts = tuple(
            sum(g.per_minute.counts[n] for g in members if n < len(g.per_minute.counts)) for n in range(length)
        )
        kept.append(
            replace(
                first,
                count=sum(g.count for g in members),
                last_seen=max((g.last_seen for g in members if g.last_seen is not None), default=None),
                headline=f"{' '.join(statuses)} on {len(routes)} routes: {', '.join(routes)}",
                per_minute=replace(first.per_minute, counts=counts),
            )
        )
    return kept


def _group_row(
    group: GroupSummary, snapshot: Snapshot, width: int, spark: int, palette: Palette, glyphs: Glyphs, zone: tzinfo
) -> Row:
    is_root = bool(snapshot.candidates) and snapshot.candidates[0].group == group.id
    style = palette.cause if is_root else palette.error if group.severity >= Severity.ERROR else palette.warning
    line = Text(f" {glyphs.root if is_root else severity_letter(group.severity)} ", style=style, no_wrap=True)
    line.append(f"{group.count:>8,} ", palette.strong)
    line.append(f"{clock(group.onset, zone)} {clock(group.last_seen, zone)} ", palette.plain)
    if spark:
        line.append(bar(group.per_minute.counts, spark, glyphs).ljust(spark) + " ", palette.warning)
    room = width - 31 - (spark + 1 if spark else 0)
    line.append(fit(f"{group.service}: {group.headline}", max(10, room), glyphs), style)
    return Row(line, group.id, group.onset_ref or LineRef(group.file, group.line), group.onset, group.service)


def action_rows(snapshot: Snapshot, width: int, palette: Palette, glyphs: Glyphs) -> list[Row]:
    """CHECK, DO, NOT, LEFT, NOT IT, and follow-ups."""
    rows: list[Row] = []
    for label, listed, style in (
        ("CHECK", snapshot.actions.check, palette.info),
        ("DO", snapshot.actions.do, palette.ok),
        ("NOT", snapshot.actions.avoid, palette.warning),
    ):
        for action in listed:
            rows += _action_rows(label, action, style, width, palette)
    for work in snapshot.unfinished:
        text = f"{work.count:,} {work.kind.replace('_', ' ')}: {work.from_event} > {work.to_event}"
        rows += _wrapped("LEFT", text, palette.warning, width, palette, work.lines[0] if work.lines else None)
    for one in snapshot.ruled_out[:6]:
        rows += _wrapped(
            "NOT IT", f"{one.service}: {one.reason}", palette.dim, width, palette, one.lines[0] if one.lines else None
        )
    for later in snapshot.actions.follow_up:
        text = f"{later.text} ({later.reason})"
        rows += _wrapped("LATER", text, palette.plain, width, palette, later.lines[0] if later.lines else None)
    return rows or [Row(Text(" Nothing to do, as far as these logs show.", style=palette.dim))]


def _action_rows(label: str, action: Action, style: Style, width: int, palette: Palette) -> list[Row]:
    risk = "" if action.risk is Risk.SAFE else f" [{action.risk.value}]"
    rows = _wrapped(label, action.text + risk, style, width, palette, None)
    if action.command:
        rows += _wrapped("", f"$ {action.command}", palette.strong, width, palette, None)
    return rows


def _wrapped(label: str, text: str, style: Style, width: int, palette: Palette, ref: LineRef | None) -> list[Row]:
    room = max(20, width - 11)
    words = safe_text(text).split(" ")
    lines: list[str] = [""]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > room and lines[-1]:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    rows = []
    for number, line in enumerate(lines[:6]):
        content = Text(f" {label if number == 0 else '':<7} ", style=style, no_wrap=True)
        content.append(line[:room], palette.plain)
        rows.append(Row(content, "", ref))
    return rows


def why_rows(snapshot: Snapshot, width: int, palette: Palette, glyphs: Glyphs, zone: tzinfo) -> list[Row]:
    """Evidence in words with points, cited lines, counter-evidence, the runner-up, and the cascade as a tree."""
    if not snapshot.candidates:
        return [Row(Text(" No candidate: nothing rose above its usual rate.", style=palette.dim))]
    rows: list[Row] = []
    for candidate in snapshot.candidates[:3]:
        rows += _candidate_rows(candidate, width, palette, glyphs, zone)
        rows.append(Row(Text("")))
    if len(snapshot.candidates) > 1:
        first, second = snapshot.candidates[:2]
        gap = first.points - second.points
        text = f"It would change if {second.service} gained, or {first.service} lost, {gap:.1f} points."
        rows += _wrapped("", text, palette.dim, width, palette, None)
    rows += _cascade_rows(snapshot, width, palette, glyphs)
    return rows


def _candidate_rows(candidate: Candidate, width: int, palette: Palette, glyphs: Glyphs, zone: tzinfo) -> list[Row]:
    ref = LineRef(candidate.file, candidate.line) if candidate.file and candidate.line else None
    style = palette.cause if candidate.rank == 1 else palette.plain
    sure = candidate.confidence.value.upper() if candidate.rank == 1 else f"{candidate.probability:.0%}"
    title = Text(f" {candidate.rank}  ", style=style, no_wrap=True)
    title.append(fit(f"{candidate.service}: {candidate.headline}", max(20, width - 8 - len(sure)), glyphs), style)
    title.append(f" {sure}", palette.strong)
    rows = [Row(title, f"candidate{candidate.rank}", ref, candidate.first_seen)]
    if ref is not None:
        where = Text(f"    {clock_ms(candidate.first_seen, zone)}  ", style=palette.plain, no_wrap=True)
        where.append(place(ref), palette.info)
        if not candidate.in_logs:
            where.append("  its own log shows nothing or was not given", palette.warning)
        rows.append(Row(where, "", ref, candidate.first_seen))
    for sign, listed in (("+", candidate.evidence), ("-", candidate.counter_evidence)):
        for one in listed:
            rows += _evidence_rows(one, sign, width, palette)
    if candidate.trigger is not None:
        t = candidate.trigger
        line = Text("    set off by ", style=palette.dim, no_wrap=True)
        line.append(fit(f"{t.service}: {t.text}", max(20, width - 50), glyphs).rstrip(), palette.plain)
        how = {"named": "by name", "number": "by number", "time": "by time only"}[t.link.value]
        line.append(f"  {clock_ms(t.time, zone)} ({how})  {place(LineRef(t.file, t.line))}", palette.info)
        rows.append(Row(line, "", LineRef(t.file, t.line), t.time))
    return rows


def _evidence_rows(one: Evidence, sign: str, width: int, palette: Palette) -> list[Row]:
    """Points and reason, then the lines that it rests on."""
    style = palette.ok if sign == "+" else palette.warning
    rows = _wrapped(
        f"{sign}{abs(one.points):.1f}", one.text, style, width, palette, one.lines[0] if one.lines else None
    )
    places = "  ".join(place(ref) for ref in one.lines[:3])
    last = rows[-1].text
    if places and last.cell_len + len(places) + 2 <= width:
        last.append(f"  {places}", palette.info)
    elif places:
        rows.append(Row(Text(f"{'':9}{places}"[:width], style=palette.info, no_wrap=True), "", one.lines[0]))
    return rows


def _cascade_rows(snapshot: Snapshot, width: int, palette: Palette, glyphs: Glyphs) -> list[Row]:
    groups = {g.id: g for g in snapshot.groups}
    children: dict[str, list[tuple[str, str]]] = {}
    for step in snapshot.cascade:
        how = "" if step.how.value == "named" else " by time"
        children.setdefault(step.from_group, []).append((step.to_group, f"{signed_span(step.lag_us)}{how}"))
    targets = {step.to_group for step in snapshot.cascade}
    rows = [Row(Text(""))] if children else []
    if children:
        rows.append(Row(Text(" Cascade", style=palette.strong)))

    def walk(one: str, depth: int, note: str) -> None:
        group = groups.get(one)
        if group is None or depth > 6 or len(rows) > 60:
            return
        line = Text(
            f" {'   ' * depth}{'└ ' if depth and glyphs.cursor != '|' else '  '}", style=palette.dim, no_wrap=True
        )
        if note:
            line.append(f"{note}  ", palette.dim)
        line.append(
            fit(f"{group.service}: {group.headline}", max(20, width - 16 - 3 * depth), glyphs).rstrip(), palette.plain
        )
        rows.append(Row(line, f"cascade{one}{depth}", group.onset_ref, group.onset))
        for child, lag in children.get(one, []):
            walk(child, depth + 1, lag)

    for root in [one for one in children if one not in targets]:
        walk(root, 0, "")
    return rows


def recovery_rows(snapshot: Snapshot, width: int, palette: Palette, glyphs: Glyphs, zone: tzinfo) -> list[Row]:
    """Before, during, now per kind; the target; time held; waves."""
    r: Recovery = snapshot.recovery
    rows = _wrapped(
        "",
        f"{r.verdict.value.replace('_', ' ')}{', confirmed' if r.confirmed else ''}: {r.explanation}",
        palette.strong,
        width,
        palette,
        None,
    )
    if r.fix_at is not None and r.fix_origin is not None:
        rows.append(
            Row(Text(f" fix {r.fix_origin.value} {clock(r.fix_at, zone)}", style=palette.ok), "fix", None, r.fix_at)
        )
    if r.target_per_min is not None and r.held_us is not None:
        held = f" target <= {r.target_per_min:.1f}/min, held {signed_span(r.held_us)[1:]}"
        rows.append(Row(Text(held, style=palette.plain)))
    if r.minutes_needed:
        rows.append(Row(Text(f" {r.minutes_needed:.0f} more quiet minutes would confirm it", style=palette.warning)))
    for wave in r.waves:
        name = {"herd": "retry burst", "second_wave": "second wave"}.get(wave.kind, wave.kind)
        when = f"{clock(wave.start, zone)}-{clock(wave.end, zone)}"
        text = f" {name:<12} {when}  {wave.count:,} records, up to {wave.peak_per_s:.0f}/s"
        rows.append(
            Row(Text(text, style=palette.error if wave.kind != "herd" else palette.warning), text, None, wave.start)
        )
    for left in r.remaining:
        rows += _wrapped(
            "LEFT",
            f"{left.what}  {left.rate_per_min:.1f}/min since {clock(left.since, zone)}",
            palette.warning,
            width,
            palette,
            None,
        )
    rows.append(Row(Text("")))
    head = f" {'':1} {'BEFORE':>8} {'PEAK':>8} {'NOW':>8} {'LAST':<8} KIND   (per minute)"
    rows.append(Row(Text(head, style=palette.dim, no_wrap=True), "head"))
    for group in [g for g in snapshot.groups if g.onset is not None and g.role in (Role.CAUSE, Role.SYMPTOM)]:
        rows.append(_recovery_row(group, snapshot, width, palette, glyphs, zone))
    for change in snapshot.history[:5]:
        text = f" was: {change.verdict.value.replace('_', ' ')} until {clock(change.until, zone)}"
        rows.append(Row(Text(text, style=palette.dim), text))
    return rows


def _recovery_row(
    group: GroupSummary, snapshot: Snapshot, width: int, palette: Palette, glyphs: Glyphs, zone: tzinfo
) -> Row:
    now, before = group.current_per_min, group.baseline_per_min
    fix = snapshot.recovery.fix_at
    if fix is not None and group.onset is not None and group.onset > fix:
        mark, style = "+", palette.error
    elif now is not None and now <= max(1.5 * (before or 0.0), (before or 0.0) + 0.5):
        mark, style = "v", palette.ok
    else:
        mark, style = "!", palette.error
    line = Text(f" {mark} ", style=style, no_wrap=True)
    figures = " ".join(f"{figure(x):>8}" for x in (before, group.peak_per_min, now))
    line.append(f"{figures} {clock(group.last_seen, zone)} ", palette.plain)
    line.append(fit(f"{group.service}: {group.headline}", max(10, width - 42), glyphs), style)
    return Row(line, group.id, group.onset_ref, group.onset)


def figure(value: float | None) -> str:
    """A rate in a column."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def file_rows(files: Sequence[FileSummary], width: int, palette: Palette, glyphs: Glyphs, zone: tzinfo) -> list[Row]:
    """Every file: lines, errors, zone, and what is wrong with it."""
    head = f"   {'LINES':>10} {'ERRORS':>8} {'WARN':>7} {'LAST':<8} {'ZONE':<14} {'FORMAT':<16} FILE"
    rows = [Row(Text(head, style=palette.dim, no_wrap=True), "head")]
    for file in files:
        style = (
            palette.warning
            if file.problems or (file.records and file.untimed_records > file.records // 2)
            else palette.plain
        )
        zone_text = (
            file.zone.name if file.zone.origin.value == "written" else f"{file.zone.name} {file.zone.origin.value}"
        )
        line = Text(
            f"   {file.lines:>10,} {file.errors:>8,} {file.warnings:>7,} {clock(file.last_seen, zone)} ",
            style=style,
            no_wrap=True,
        )
        line.append(f"{fit(zone_text, 14, glyphs)} {fit(file.format, 16, glyphs)} ", palette.dim)
        line.append(fit(os.path.basename(file.path), max(10, width - 72), glyphs), style)
        rows.append(Row(line, file.path, LineRef(file.path, max(1, file.lines))))
        for problem in file.problems[:3]:
            rows.append(
                Row(Text(f"     {safe_text(problem.kind)}: {safe_text(problem.detail)}", style=palette.warning), "")
            )
    return rows
