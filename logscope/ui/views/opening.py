"""The first picture: the files that were given, before any of them was read."""

from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

from logscope.sources.nearby import NearbyFile
from logscope.ui.formatting import Look, Row, fit, label, size
from logscope.ui.views.head import LABEL


def opening_line(files: Sequence[NearbyFile], look: Look) -> Text:
    """How many files there are, where that is known, and what is being done."""
    line = Text(no_wrap=True)
    line.append(f" {'READING':<{LABEL - 1}}", look.palette.info + Style(bold=True))
    if files:
        count = "1 file" if len(files) == 1 else f"{len(files)} files"
        line.append(f"{count}   {size(sum(file.size for file in files))}   ", look.palette.strong)
    line.append("finding out how the files are written", look.palette.plain)
    return line


def opening_rows(files: Sequence[NearbyFile], width: int, look: Look) -> list[Row]:
    """Size and path of each file."""
    rows = [label(f"  {'SIZE':>11}  FILE", look)]
    for file in files:
        line = Text(no_wrap=True)
        line.append(f"   {size(file.size):>11}  ", look.palette.dim)
        line.append(fit(file.path, max(10, width - line.cell_len - 1), look.glyphs), look.palette.plain)
        rows.append(Row(line, file.path))
    return rows
