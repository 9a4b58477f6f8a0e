"""What to do: CHECK, DO, NOT, LEFT, NOT IT, LATER."""

from collections.abc import Sequence
from dataclasses import replace

from rich.style import Style

from logscope.model.advice import Action, Risk
from logscope.model.causes import RuledOut
from logscope.model.files import LineRef
from logscope.model.snapshot import Snapshot
from logscope.report.wording import WHEN_OVER, join_ruled_out, join_words, left_behind
from logscope.text.safe_text import safe_text
from logscope.ui.formatting import Look, Row, label, place, tagged
from logscope.ui.views.nothing import nothing_rows

_MOST_RULED_OUT = 8
_SEVERAL = 3
"""Kinds of everyday noise from which on they are told together."""
_EVERYDAY = "everyday: "
"""Begin of what rules such a kind out."""
_MOST_IDS = 3
"""Of unfinished work that are told; the report tells more."""


def action_rows(snapshot: Snapshot, width: int, look: Look) -> list[Row]:
    """What to check, do and avoid now, what is left behind, who is ruled out, and what to do later."""
    palette, actions = look.palette, snapshot.actions
    rows: list[Row] = []
    # One look first, then what to do: further checks stand behind it, where they push nothing off a small screen.
    # A question alone is no look yet: the first command is.
    looks = 2 if actions.check and not actions.check[0].command else 1
    first, further = actions.check[:looks], actions.check[looks:]
    for tag, listed, style in (
        ("CHECK", first, palette.info),
        ("DO", actions.do, palette.ok + Style(bold=True)),
        ("NOT", actions.avoid, palette.warning + Style(bold=True)),
    ):
        for action in listed:
            rows += _action(tag, action, style, width, look)
    if rows and snapshot.recovery.over:
        rows.insert(0, label(WHEN_OVER, look))
    rows += _gap(rows, rows, look)
    for work in snapshot.unfinished:
        ids = "".join(f", {one}" for one in work.ids[:_MOST_IDS]).replace(", ", "; ids ", 1)
        ids += f", {look.glyphs.ellipsis}" if len(work.ids) > _MOST_IDS else ""
        rows += tagged(
            "LEFT", left_behind(work) + ids, palette.warning + Style(bold=True), width, look, _first(work.lines)
        )
    rows += _gap(snapshot.unfinished, rows, look)
    for one in _fold_everyday(join_ruled_out(snapshot.ruled_out))[:_MOST_RULED_OUT]:
        rows += tagged("NOT IT", f"{one.service}: {one.reason}", palette.dim, width, look, _first(one.lines))
    rows += _gap(snapshot.ruled_out, rows, look)
    for action in further:
        rows += _action("CHECK", action, palette.info, width, look)
    rows += _gap(further, rows, look)
    for later in actions.follow_up:
        where = f"  {place(later.lines[0])}" if later.lines else ""
        text = f"{later.text} ({later.reason}){where}"
        rows += tagged("LATER", text, palette.dim, width, look, _first(later.lines))
    if not rows:
        return nothing_rows(snapshot, look, "Nothing to do, as far as these logs show.")
    return rows


def _fold_everyday(ruled_out: list[RuledOut]) -> list[RuledOut]:
    """The everyday noise of several kinds in one entry, in the place of the first: the kinds list them."""
    everyday = [one for one in ruled_out if one.reason.startswith(_EVERYDAY)]
    if len(everyday) < _SEVERAL:
        return ruled_out
    names = join_words(list(dict.fromkeys(one.service for one in everyday)))
    folded = replace(everyday[0], service=names, reason="everyday noise, as before: 2 Kinds lists it")
    return [folded if one is everyday[0] else one for one in ruled_out if one not in everyday[1:]]


def _first(lines: Sequence[LineRef]) -> LineRef | None:
    return lines[0] if lines else None


def _gap(listed: Sequence[object], rows: list[Row], look: Look) -> list[Row]:
    return [label("", look)] if listed and rows else []


def _action(tag: str, action: Action, style: Style, width: int, look: Look) -> list[Row]:
    risk = "" if action.risk is Risk.SAFE else f" [{action.risk.value}]"
    rows = tagged(tag, action.text + risk, style, width, look)
    if action.command:
        room = max(20, width - 12)
        for row in tagged("", f"$ {safe_text(action.command)}", look.palette.strong, room + 10, look, None, 4):
            row.text.stylize(look.palette.info, 9)
            rows.append(Row(row.text, is_joined=True))
    return rows
