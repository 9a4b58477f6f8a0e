"""Texts measured in cells of the screen: letters of some scripts take two, marks over letters none. Pure."""

from rich.cells import cell_len, chop_cells


def cells_of(text: str) -> int:
    """How many cells a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, width: int) -> str:
    """The begin of a text in at most `width` cells."""
    if width <= 0:
        return ""
    if text.isascii():
        return text[:width]
    if width == 1:
        return text[:1] if cell_len(text[:1]) <= 1 else ""
    return chop_cells(text, width)[0] if text else ""


def pad(text: str, width: int) -> str:
    """A text with blanks behind it, `width` cells at least."""
    return text + " " * (width - cells_of(text))
