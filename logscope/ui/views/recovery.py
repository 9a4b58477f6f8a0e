"""Is it over: the verdict and its reasons, the target, waves, and before, during, now of every kind of the incident."""

from dataclasses import replace

from rich.style import Style
from rich.text import Text

from logscope.analysis.story.attempts import find_attempts
from logscope.model.files import LineRef
from logscope.model.kinds import GroupSummary, Role
from logscope.model.recovery import FixOrigin, Recovery, Verdict
from logscope.model.severity import Severity
from logscope.model.snapshot import Snapshot
from logscope.model.times import US, span
from logscope.report.wording import figure
from logscope.text.cutting import tell
from logscope.text.safe_text import safe_text
from logscope.ui.formatting import Look, Row, fit, label, place, safe, tagged
from logscope.ui.views.kinds import fold_requests

_WORDS = {
    Verdict.RECOVERED: "over",
    Verdict.HERD: "over, after a burst of retries",
    Verdict.SECOND_WAVE: "a second wave",
    Verdict.PARTIAL: "better, not over",
    Verdict.ONGOING: "errors go on",
    Verdict.NO_INCIDENT: "no incident",
    Verdict.NO_BASELINE: "no telling: no normal time in view",
    Verdict.TOO_EARLY: "too early to say",
}
_MOST_FIXES = 4
_WAVES = {"incident": "incident", "tail": "tail", "herd": "retry burst"}


def recovery_rows(snapshot: Snapshot, width: int, look: Look) -> list[Row]:
    """Before, during, now per kind; the target and how long it has been held; waves; what the verdict was before."""
    r: Recovery = snapshot.recovery
    palette = look.palette
    sure = " (confirmed)" if r.confirmed and r.over else ""
    # The explanation tells of the burst itself.
    words = _WORDS[Verdict.RECOVERED if r.verdict is Verdict.HERD else r.verdict]
    if r.verdict is Verdict.SECOND_WAVE:
        words = f"over, after a {r.name_wave()}" if r.over else f"a {r.name_wave()}"
    rows = tagged("VERDICT", f"{words}{sure}: {r.explanation.removeprefix(f'{words}: ')}", palette.strong, width, look)
    rows += _fixes(snapshot, width, look)
    rows += _target(r, look)
    rows += _waves(r, look)
    since_fix, others = _split(snapshot)
    told = {name for group in (*since_fix, *others) for name in (tell(group.service, group.headline), _route(group))}
    for left in r.remaining:
        if left.what in told:
            continue  # the table says it, with what it was before
        text = f"{left.what}  {figure(left.rate_per_min)}/min now, since {look.clock(r.broken_since(left))}"
        rows += tagged("BROKEN", text, palette.warning + Style(bold=True), width, look, None, 2)
    rows.append(label("", look))
    if since_fix or others:
        columns = f"{'BEFORE':>8} {'PEAK':>8} {'NOW':>8} {'LAST':<8} {'STATE':<6} KIND  (records per minute)"
        rows.append(label(f"  {columns}", look))
    else:
        none = "no kind of error rose" if snapshot.rise is None else "2 Kinds shows what came with what rose"
        rows.append(label(f"  {none}", look))
    for group in [*since_fix, *others]:
        rows.append(_kind(group, group in since_fix, width, look))
    if snapshot.history:
        rows.append(label("", look))
    for change in snapshot.history[:8]:
        text = f"{_WORDS[change.verdict]} until {look.clock(change.until)}; then {change.reason}"
        rows += tagged("WAS", text, palette.dim, width, look, None, 2)
    return rows


def _fixes(snapshot: Snapshot, width: int, look: Look) -> list[Row]:
    """What was done, the last first: when, by whom it is known, what it was, and what became of it."""
    rows: list[Row] = []
    for one in reversed(find_attempts(snapshot)[-_MOST_FIXES:]):
        words = one.text or ("what was done is not logged" if one.origin is FixOrigin.DETECTED else "")
        known = "logged" if one.failed and one.origin is FixOrigin.DETECTED else one.origin.value
        text = f"{look.clock(one.time)}  {known}{': ' + words if words else ''}"
        outcome = one.tell_outcome(look.clock(one.came_back).strip())
        text += f"; {outcome}" if outcome else ""
        where = f"  {place(one.ref)}" if one.ref is not None else ""
        first, *further = tagged("FIX", text + where, look.palette.ok, width, look, one.ref, 2)
        rows += [replace(first, key=f"fix{one.time}", time=one.time), *further]
    return rows


def _pair(tag: str, text: str, style: Style, look: Look) -> Text:
    line = Text(no_wrap=True)
    line.append(f" {tag:<8} ", style)
    line.append(safe(text, look.glyphs), look.palette.plain)
    return line


def _target(r: Recovery, look: Look) -> list[Row]:
    if r.target_per_min is None:
        return []
    held = "not reached" if r.held_us is None else f"held {span(r.held_us)}"
    text = f"at most {figure(r.target_per_min)}/min, {held}"
    if r.quiet_minutes_needed is not None:
        text += f"; {r.quiet_minutes_needed} more quiet min would confirm it"
    return [Row(_pair("TARGET", text, look.palette.dim, look), "target")]


def _waves(r: Recovery, look: Look) -> list[Row]:
    rows = []
    for wave in r.waves:
        kind = "again" if wave is r.undecided else _WAVES.get(wave.kind) or r.name_wave(wave)
        style = look.palette.warning if wave.kind in ("herd", "tail") else look.palette.error
        text = f"{look.clock(wave.start)} to {look.clock(wave.end)}  {kind:<11} "
        if wave.failed and wave.asked:
            text += f"{wave.failed:,} of {wave.asked:,} requests fail"
        elif wave.count:
            text += f"{wave.count:,} records, up to {figure(wave.peak_per_s)}/s"
        else:
            text += "no errors are logged"
        rows.append(Row(_pair("WAVE", text, style, look), f"wave{wave.start}", None, wave.start))
    is_told = any(wave.kind == "second_wave" for wave in r.waves) or (
        r.verdict is Verdict.TOO_EARLY and r.since is None
    )
    if r.waves and not is_told:
        rows.append(Row(_pair("", "no second wave", look.palette.dim, look), "nowave"))
    return rows


def _split(snapshot: Snapshot) -> tuple[list[GroupSummary], list[GroupSummary]]:
    """Kinds that are new since the fix, and the incident's others."""
    fix = snapshot.recovery.fix_at
    risen = [g for g in snapshot.groups if g.onset is not None]
    # A mark is of the second: what the fix itself writes is not new since then.
    since = None if fix is None else fix + US
    parts = (Role.CAUSE, Role.SYMPTOM)
    # What is no part of the incident is new where nothing of it was there before (everyday noise rises by chance) and
    # it complains: that somebody was started is no error.
    apart = [g for g in risen if g.role not in (*parts, Role.CHRONIC) and g.severity >= Severity.WARN]
    begun = [*((g, g.onset) for g in risen if g.role in parts), *((g, g.first_seen) for g in apart)]
    new = [g for g, begin in begun if since is not None and (begin or 0) > since]
    counted = {g.id for g in new}
    others = [g for g in risen if g.role in parts and g.id not in counted]
    return fold_requests(new), fold_requests(others)


def _route(group: GroupSummary) -> str:
    """What the kind is called where it is told by name: a request by its route, unless its row is that of several."""
    is_one = group.request and group.headline.startswith(group.template)
    return group.template.rpartition(" ")[0] if is_one else group.template


def _kind(group: GroupSummary, is_new: bool, width: int, look: Look) -> Row:
    palette = look.palette
    now, before = group.current_per_min, group.baseline_per_min
    usual = before or 0.0
    is_gone = now is not None and now <= max(1.5 * usual, usual + 0.5)
    if is_new and is_gone:
        mark, word, style = "+", "ended", palette.warning
    elif is_new:
        mark, word, style = "+", "NEW", palette.error
    elif is_gone:
        mark, word, style = "v", "gone" if not now else "usual", palette.ok
    elif now is None:
        mark, word, style = "?", "early", palette.warning
    else:
        mark, word, style = "!", "above", palette.error
    line = Text(no_wrap=True)
    line.append(f" {mark} ", style)
    figures = " ".join(f"{figure(x):>8}" for x in (before, group.peak_per_min, now))
    line.append(f"{figures} ", palette.plain)
    line.append(f"{look.clock(group.last_seen)} ", palette.dim)
    line.append(f"{word:<6} ", style)
    room = max(10, width - line.cell_len - 1)
    line.append(fit(tell(safe_text(group.service), group.headline), room, look.glyphs), palette.plain)
    ref = group.onset_ref or LineRef(group.file, group.line)
    return Row(line, group.id, ref, group.onset, group.service, proves=group.id)
