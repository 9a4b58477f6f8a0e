"""One record in detail beside the logs: its fields, its whole text, and where its request was seen."""

from rich.text import Text

from logscope.model.lines import Detail, LogLine
from logscope.ui.formatting import Look, Row, label, shorten, wrap

_MOST_TEXT_LINES = 60


def line_rows(line: LogLine | None, detail: Detail | None, width: int, look: Look) -> list[Row]:
    """Fields as a table, then the text in lines that are wrapped.

    Args:
        line: Under the cursor; None without one.
        detail: Of its record; None where it cannot be read any more.
        width: Cells.
        look: Colours and times.
    """
    if line is None:
        return [label("no line is chosen", look)]
    if detail is None:
        return [label("this line cannot be read any more", look)]
    fields = [("time", look.clock_ms(line.time).strip() or "none"), *detail.rows]
    cells = min(16, max(len(name) for name, _ in fields))
    rows = [_field(name, value, cells, width, look) for name, value in fields]
    rows.append(label("", look))
    for number, text in enumerate(detail.text.split("\n")[:_MOST_TEXT_LINES]):
        style = look.palette.plain if number == 0 else look.palette.dim
        for piece in wrap(text, width - 2, width - 2, 8, look.glyphs):
            rows.append(Row(Text(f" {piece}", style=style, no_wrap=True), f"text{number}"))
    if detail.ids:
        rows += [label("", look), label("o: the same request in every log", look)]
    return rows


def _field(name: str, value: str, cells: int, width: int, look: Look) -> Row:
    text = Text(no_wrap=True)
    text.append(f" {shorten(name, cells, look.glyphs):<{cells}}  ", look.palette.dim)
    text.append(shorten(value, max(8, width - cells - 4), look.glyphs), look.palette.plain)
    return Row(text, f"field{name}")
