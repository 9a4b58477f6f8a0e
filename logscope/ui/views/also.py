"""Other incidents in the same logs: a row each below the story."""

from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

from logscope.model.files import LineRef
from logscope.model.snapshot import FurtherIncident
from logscope.text.safe_text import safe_text
from logscope.ui.formatting import Look, Row, fit

MOST_ALSO = 3
_TIME = 13
_LAG = 8
_STATE = 10


def also_rows(further: Sequence[FurtherIncident], width: int, look: Look) -> list[Row]:
    """When each began, what it is, and whether it is over; Enter opens its line."""
    rows = []
    for number, one in enumerate(further[:MOST_ALSO]):
        top = one.candidates[0] if one.candidates else None
        style = _style(one, look)
        line = Text(no_wrap=True)
        line.append(f" {look.glyphs.onset} ", style)
        line.append(f"{look.clock(one.incident.start):<{_TIME}}", look.palette.plain)
        line.append(f"{'also':<{_LAG}}", look.palette.dim)
        room = max(10, width - line.cell_len - _STATE)
        line.append(fit(safe_text(one.incident.headline), room, look.glyphs), look.palette.plain)
        line.append(f"{told_state(one):>{_STATE - 1}} ", style)
        ref = LineRef(top.file, top.line) if top is not None and top.file and top.line else None
        service = top.service if top is not None else ""
        rows.append(Row(line, f"also{number}", ref, one.incident.start, service))
    return rows


def others_rows(services: Sequence[str], width: int, look: Look) -> list[Row]:
    """Who fails as well, in a line; none without."""
    if not services:
        return []
    text = f"{'':{3 + _TIME}}{'too':<{_LAG}}{len(services)} more services: {', '.join(services)}"
    return [Row(Text(fit(text, width, look.glyphs), style=look.palette.dim, no_wrap=True), "others", is_label=True)]


def told_state(one: FurtherIncident) -> str:
    """Whether it is over, in a word or two."""
    return {True: "over", False: "not over", None: "unclear"}[one.recovery.over]


def _style(one: FurtherIncident, look: Look) -> Style:
    """What goes on and fails users stands out."""
    if one.recovery.over:
        return look.palette.dim
    return look.palette.warning if one.is_alone else look.palette.error
