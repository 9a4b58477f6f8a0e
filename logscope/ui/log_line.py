"""One line of a log as it is drawn: its number or service, its level, its words, what was searched for. Pure.

A line is never wrapped: what does not fit is reached by scrolling sideways, and the time stays where it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from logscope.model.lines import LogLine
from logscope.model.severity import Severity
from logscope.text.cells import cells_of, cut, pad
from logscope.text.safe_text import safe_text
from logscope.ui.formatting import Look
from logscope.ui.line_words import split_line
from logscope.ui.palette import Palette
from logscope.ui.rows import lay_over

GUTTER_CELLS: Final = 9
"""For the number of a line."""
_SERVICE_CELLS: Final = 16


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line, and what it stands for."""

    line: LogLine
    is_gap: bool
    """It stands for others that were not kept."""
    is_cursor: bool
    folded: int
    """Lines that are hidden behind it."""
    said: str = ""
    """Stands for its text, which wraps it; empty where that is shown as it stands."""


@dataclass(frozen=True, slots=True)
class LinePlan:
    """What holds for all lines of a pane."""

    width: int
    left: int
    """Cells that are scrolled out at the left."""
    is_merged: bool
    """Of several logs: the service stands before the line, not its number."""
    is_short: bool
    """Heads are told by their time and level."""
    needle: str
    """What was searched for, in lower case; empty where nothing was."""
    has_focus: bool
    is_apart: bool = False
    """The lines do not stand together: a search found them."""
    service_cells: int = 0
    """Of one stream that several services write: the service stands behind the number, in so many cells."""


def draw_line(drawn: DrawnLine, plan: LinePlan, look: Look) -> Strip:
    """Number or service, level's colour, text, and how much is folded behind it.

    Args:
        drawn: The line.
        plan: The pane's.
        look: Colours and times.
    """
    line, palette, width = drawn.line, look.palette, plan.width
    gutter, gutter_style = _gutter(drawn, plan, palette)
    more = f" {look.glyphs.folded}{drawn.folded} lines" if drawn.folded else ""
    room = max(1, width - len(gutter) - len(more))
    segments = [Segment(gutter, gutter_style)]
    style = palette.dim if drawn.is_gap else _style_of(line, palette)
    head, *words = split_line(
        line,
        look,
        room,
        is_short=plan.is_short,
        is_scrolled=plan.left > 0,
        is_apart=plan.is_apart,
        said=drawn.said,
    )
    before = 0 if drawn.is_gap else -plan.left
    if head and plan.left:
        # The time stays where it is: what is scrolled is told of by its moment.
        segments.append(Segment(head[:room], palette.dim))
        room -= len(head[:room])
    else:
        words.insert(0, head)
    for text, own in zip(words, (palette.dim, style, palette.dim)[-len(words) :], strict=True):
        shown = text[max(0, -before) : max(0, room - before)]
        before += len(text)
        if shown:
            segments += _highlighted(shown, own, plan.needle, palette)
    if more:
        segments.append(Segment(more, palette.dim))
    strip = Strip(segments)
    if strip.cell_length < width:
        strip = Strip([*segments, Segment(" " * (width - strip.cell_length), palette.plain)])
    if drawn.is_cursor:
        strip = lay_over(strip, palette.cursor if plan.has_focus else palette.selected)
    return strip.crop(0, width).simplify()


def service_cells(lines: Sequence[LogLine]) -> int:
    """Cells for the services of a stream's lines; 0 where one alone writes it."""
    names = {line.service for line in lines if line.is_head}
    return min(_SERVICE_CELLS, max(cells_of(safe_text(name)) for name in names)) if len(names) > 1 else 0


def _gutter(drawn: DrawnLine, plan: LinePlan, palette: Palette) -> tuple[str, Style]:
    mark = ">" if drawn.is_cursor else " "
    style = palette.info if drawn.is_cursor else palette.faint
    if plan.is_merged:
        return f"{mark}{pad(cut(safe_text(drawn.line.service), _SERVICE_CELLS), _SERVICE_CELLS)} ", style
    number = drawn.line.number
    service = ""
    if plan.service_cells and plan.is_short:
        # A continuation's record names it.
        name = safe_text(drawn.line.service) if drawn.line.is_head and not drawn.is_gap else ""
        service = pad(cut(name, plan.service_cells), plan.service_cells) + " "
    return f"{mark}{number if number is not None else '':>7} {service}", style


def _style_of(line: LogLine, palette: Palette) -> Style:
    if not line.is_head:
        return palette.dim
    if line.severity >= Severity.ERROR:
        return palette.error
    return palette.warning if line.severity >= Severity.WARN else palette.plain


def _highlighted(text: str, style: Style, needle: str, palette: Palette) -> list[Segment]:
    at = text.lower().find(needle) if needle else -1
    if at < 0:
        return [Segment(text, style)]
    end = at + len(needle)
    return [Segment(text[:at], style), Segment(text[at:end], palette.found), Segment(text[end:], style)]
