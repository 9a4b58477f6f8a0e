"""Texts measured in cells of a terminal: letters of some scripts take two, marks over letters none. Pure.

Widths are those of the library that draws the screen, so that all faces keep the same columns.
"""

from rich.cells import cell_len, chop_cells


def cells_of(text: str) -> int:
    """How many cells a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, width: int) -> str:
    """The begin of a text in at most `width` cells; no letter is cut through."""
    if width <= 0:
        return ""
    if text.isascii():
        return text[:width]
    # A text of nothing but marks has no lines.
    return next(iter(chop_cells(text, width)), text)


def pad(text: str, width: int) -> str:
    """A text with blanks behind it, `width` cells at least."""
    return text + " " * (width - cells_of(text))
