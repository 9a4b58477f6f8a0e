"""How wide a text is on a terminal: letters of some scripts take two cells, marks over letters none. Pure."""

from itertools import accumulate
from typing import Final
from unicodedata import category, east_asian_width

_WIDE: Final = frozenset({"W", "F"})
_NOTHING: Final = frozenset({"Mn", "Me", "Cf"})


def cells_of(text: str) -> int:
    """How many cells a text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(letter: str) -> int:
    if category(letter) in _NOTHING:
        return 0
    return 2 if east_asian_width(letter) in _WIDE else 1


def fit(text: str, width: int) -> int:
    """How many letters of a text are in its first `width` cells."""
    if text.isascii():
        return min(len(text), width)
    return sum(end <= width for end in accumulate(map(_cells, text)))


def cut_cells(text: str, width: int) -> str:
    """A text in at most `width` cells, with an ellipsis where something was left out."""
    return text if cells_of(text) <= width else text[: fit(text, max(0, width - 1))] + "…"


def pad_cells(text: str, width: int) -> str:
    """A text with blanks behind it, `width` cells at least."""
    return text + " " * (width - cells_of(text))
