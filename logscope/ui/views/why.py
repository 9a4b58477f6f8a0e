"""Why: evidence in words with points, the lines that it rests on, what speaks against it, runner-up, cascade."""

import re

from rich.style import Style
from rich.text import Text

from logscope.analysis.story.quiet import is_in_doubt
from logscope.analysis.story.sentences import sentences_in
from logscope.model.causes import OUTSIDE, Candidate, Evidence, Link, Trigger
from logscope.model.files import LineRef
from logscope.model.snapshot import Snapshot
from logscope.text.cutting import tell
from logscope.text.safe_text import safe_text
from logscope.ui.formatting import Look, Row, label, place, shorten, signed_span, tagged, wrap
from logscope.ui.views.also import MOST_ALSO, told_state
from logscope.ui.views.nothing import nothing_rows, why_quiet

_MOST_STEPS = 40
_WORTH_NAMING = 0.01
_DEEPEST = 6
_SAME = 0.05
"""Points that are told as none."""
_EXPLAINED = re.compile(r'(?<="): | \(')
"""Where the words of a piece of evidence go over to what they mean."""


def why_rows(snapshot: Snapshot, width: int, look: Look) -> list[Row]:
    """The first candidates with their reasons, what would change their order, and the cascade as a tree."""
    if not snapshot.candidates:
        return nothing_rows(snapshot, look, f"{why_quiet(snapshot)}: nobody is suspected.")
    top, *others = snapshot.candidates
    if snapshot.incident is None and snapshot.as_of is not None:
        return _noise(snapshot, width, look)
    wave = _wave(snapshot, width, look)
    title = "ROOT CAUSE OF THE FIRST WAVE" if wave else "ROOT CAUSE"
    rows = _candidate(top, title, width, look) + _set_off(snapshot, top, width, look)
    if wave:
        # What fails now is asked about first.
        parts = (rows, wave) if snapshot.recovery.over else (wave, rows)
        rows = [*parts[0], label("", look), *parts[1]]
    # What set it off is told already, and no other cause.
    others = [one for one in others if top.trigger is None or not top.trigger.is_at(one.file, one.line)]
    # A third that next to nothing speaks for is nobody to ask about.
    shown = [one for one in others[:2] if one is others[0] or one.probability >= _WORTH_NAMING]
    for number, candidate in enumerate(shown):
        rows.append(label("", look))
        rows += _candidate(candidate, "RUNNER-UP" if number == 0 else "THIRD", width, look)
    if others:
        rows += _what_would_change(top, others[0], width, look)
    rows += _cascade(snapshot, width, look)
    for one in snapshot.further[:MOST_ALSO]:
        title = f"ALSO, {told_state(one)}"
        for top in one.candidates[:1]:
            rows += [label("", look), *_candidate(top, title, width, look, is_cause=False)]
    return rows


def _wave(snapshot: Snapshot, width: int, look: Look) -> list[Row]:
    """What the last wave has that the first did not, and what was logged just before it; empty without either."""
    wave = next((wave for wave in reversed(snapshot.recovery.waves) if wave.fault or wave.trigger), None)
    if wave is None:
        return []
    palette, fault = look.palette, wave.fault
    time, ref = (wave.start, None) if fault is None else (fault.time, fault.ref)
    head = Text(no_wrap=True)
    name = snapshot.recovery.name_wave(wave).upper() if wave.kind == "second_wave" else "SINCE THEN"
    head.append(f" {name}", palette.cause)
    head.append(f"  {look.clock_ms(time).rstrip()}", palette.plain)
    head.append(f"  {place(ref)}" if ref is not None else "", palette.info)
    if fault is None:
        rows = [Row(head, "wave", time=time), label("  the same errors as in the first wave came back", look)]
    else:
        rows = [Row(head, "wave", ref, time, fault.service, proves=fault.group)]
        rows += _quoted(tell(fault.service, fault.headline), palette.cause, ref, time, width, look)
        rows.append(label(f"  {fault.count:,} records in it, none in the wave before: another fault", look))
    return rows + _trigger(wave.set_off, width, look)


def _quoted(text: str, style: Style, ref: LineRef | None, time: int | None, width: int, look: Look) -> list[Row]:
    """What a line says, in two lines at most."""
    return [
        Row(Text(f"   {line}", style=style, no_wrap=True), "", ref, time, is_joined=True)
        for line in wrap(text, width - 4, width - 4, 2, look.glyphs)
    ]


def _noise(snapshot: Snapshot, width: int, look: Look) -> list[Row]:
    """Without an incident: what one would ask about of what rose, or of what is always there; no cause of anything."""
    is_asked = is_in_doubt(snapshot)
    broke, of = ("nothing broke for long", "what came with it") if is_asked else ("nothing broke", "the everyday noise")
    told, room = f"{why_quiet(snapshot)}: {broke}. Of {of}, what says most:", max(20, width - 2)
    rows = [label(line, look) for line in wrap(told, room, room, 3, look.glyphs)]
    for candidate in snapshot.candidates[:3]:
        rows.append(label("", look))
        rows += _candidate(candidate, "MAYBE" if is_asked else "EVERYDAY", width, look, is_cause=False)
    return rows


def _candidate(candidate: Candidate, title: str, width: int, look: Look, *, is_cause: bool = True) -> list[Row]:
    palette = look.palette
    is_first = candidate.rank == 1 and is_cause
    ref = LineRef(candidate.file, candidate.line) if candidate.file and candidate.line else None
    sure = candidate.confidence.value.upper() if is_first else _chance(candidate.probability)
    head = Text(no_wrap=True)
    head.append(f" {title}", palette.cause if is_first else palette.strong)
    head.append(f"  {sure}" if is_cause else "", palette.strong)
    if candidate.first_seen is not None:
        head.append(f"  {look.clock_ms(candidate.first_seen).rstrip()}", palette.plain)
    if ref is not None:
        head.append(f"  {place(ref)}", palette.info)
    rows = [Row(head, f"candidate{candidate.rank}", ref, candidate.first_seen, candidate.service)]
    style = palette.cause if is_first else palette.plain
    named = "" if candidate.headline.startswith(candidate.service) else f"{candidate.name}: "
    rows += _quoted(named + candidate.headline, style, ref, candidate.first_seen, width, look)
    # Where a reason tells which of the two it is, or that the log stopped, that is enough.
    is_told = any(one.kind in ("phantom", "silence") for one in candidate.evidence)
    is_silent = not candidate.in_logs and candidate.told_since is None
    if is_silent and candidate.service != OUTSIDE and not is_told:
        text = Text("   its own log shows nothing, or was not given", style=palette.warning, no_wrap=True)
        rows.append(Row(text, is_joined=True))
    for sign, listed in (("+", candidate.evidence), ("-", candidate.counter_evidence)):
        for one in sorted(listed, key=lambda one: -abs(one.points)):
            rows += _evidence(one, sign, width, look)
    if is_first and not candidate.counter_evidence:
        rows.append(label(f"  {'':6} nothing in these logs speaks against it", look))
    return rows


def _chance(probability: float) -> str:
    """Of another candidate: no more digits than it deserves, and never none at all."""
    return "below 1 %" if probability < 0.01 else f"{100 * probability:.0f} %"


def _evidence(one: Evidence, sign: str, width: int, look: Look) -> list[Row]:
    """Points, reason, then the lines that it rests on."""
    palette = look.palette
    ref = one.lines[0] if one.lines else None
    room = max(20, width - 11)
    places = "  ".join(place(line) for line in one.lines[:3])
    if len(one.lines) > 3:
        places += f"  and {len(one.lines) - 3} more"
    rows = []
    for number, piece in enumerate(wrap(one.text, room, room, 3, look.glyphs)):
        # What weighs nothing is told for whoever reads on: it has no points, not 0.0 of them.
        points = f"{sign}{abs(one.points):.1f}" if number == 0 and abs(one.points) >= 0.05 else ""
        line = Text(no_wrap=True)
        line.append(f"   {points:<6} ", palette.ok if sign == "+" else palette.warning)
        line.append(piece, palette.plain)
        rows.append(Row(line, f"evidence{one.text}", ref, is_joined=number > 0))
    if places and rows[-1].text.cell_len + len(places) + 3 <= width:
        rows[-1].text.append(f"  {places}", palette.info)
    elif places:
        text = Text(f"{'':10}{shorten(places, width - 11, look.glyphs)}", style=palette.info, no_wrap=True)
        rows.append(Row(text, "", ref, is_joined=True))
    return rows


def _set_off(snapshot: Snapshot, top: Candidate, width: int, look: Look) -> list[Row]:
    """What the sentence on top says of it; where no change is known it may be the line itself, or what was said before.

    Of a wave with another fault the sentence tells the wave's: that stands above.
    """
    told = sentences_in(snapshot, look.dial.zone)[2]
    if top.trigger is not None or told.ref is None or _has_own_fault(snapshot):
        return _trigger(top.trigger, width, look)
    return [
        label("", look),
        *tagged("SET OFF", f"{told.text}  {place(told.ref)}", look.palette.strong, width, look, told.ref),
    ]


def _has_own_fault(snapshot: Snapshot) -> bool:
    return any(wave.fault is not None for wave in snapshot.recovery.waves)


def _trigger(trigger: Trigger | None, width: int, look: Look) -> list[Row]:
    head = Text(no_wrap=True)
    head.append(" SET OFF BY  ", look.palette.strong)
    if trigger is None:
        head.append("not in these logs", look.palette.dim)
        return [label("", look), Row(head, "trigger")]
    ref = LineRef(trigger.file, trigger.line)
    head.append(
        f"{look.clock_ms(trigger.time).rstrip()}, {trigger.when}, {trigger.link.how}",
        look.palette.plain,
    )
    head.append(f"  {place(ref)}", look.palette.info)
    rows = [label("", look), Row(head, "trigger", ref, trigger.time, trigger.service)]
    return rows + _quoted(tell(trigger.service, trigger.text), look.palette.plain, ref, trigger.time, width, look)


def _what_would_change(first: Candidate, second: Candidate, width: int, look: Look) -> list[Row]:
    gap = first.points - second.points
    heaviest = max(first.evidence, key=lambda one: one.points, default=None)
    if gap < _SAME:
        text = f"{second.service} weighs as much as {first.service}: any further line may turn the order"
    else:
        text = f"The order turns if {second.service} gains, or {first.service} loses, {gap:.1f} points"
    if heaviest is not None and heaviest.points >= gap >= _SAME:
        text += f"; what weighs most: {_as_clause(heaviest.text)}"
    return [label("", look), *tagged("CHANGES", f"{text}.", look.palette.dim, width, look, None, 3)]


def _as_clause(text: str) -> str:
    """A reason inside a sentence: without what a quotation means, or what stands in brackets."""
    return _EXPLAINED.split(safe_text(text))[0].rstrip(".")


def _cascade(snapshot: Snapshot, width: int, look: Look) -> list[Row]:
    """Who fell because of whom, with lags; each step opens its line."""
    groups = {g.id: g for g in snapshot.groups}
    children: dict[str, list[tuple[str, str]]] = {}
    for step in snapshot.cascade:
        how = "" if step.how is Link.NAMED else " by time"
        children.setdefault(step.from_group, []).append((step.to_group, f"{signed_span(step.lag_us)}{how}"))
    if not children:
        return []
    targets = {step.to_group for step in snapshot.cascade}
    rows = [label("", look), Row(Text(" CASCADE", style=look.palette.strong, no_wrap=True), "cascade")]
    seen: set[str] = set()

    def walk(one: str, depth: int, note: str) -> None:
        group = groups.get(one)
        if group is None or depth > _DEEPEST or len(rows) > _MOST_STEPS or one in seen:
            return
        seen.add(one)
        branch = look.glyphs.branch if depth else ""
        line = Text(no_wrap=True)
        line.append(f"   {'   ' * max(0, depth - 1)}{branch}", look.palette.faint)
        line.append(f"{note}  " if note else "", look.palette.dim)
        room = max(20, width - line.cell_len - 1)
        style = look.palette.cause if depth == 0 else look.palette.plain
        line.append(shorten(tell(safe_text(group.service), group.headline), room, look.glyphs), style)
        ref = group.onset_ref or LineRef(group.file, group.line)
        rows.append(Row(line, f"cascade{one}", ref, group.onset, group.service, proves=one))
        for child, lag in children.get(one, []):
            walk(child, depth + 1, lag)

    for root in [one for one in children if one not in targets]:
        walk(root, 0, "")
    return rows
