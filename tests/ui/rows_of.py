"""What tests of rows share: a look, and their plain text."""

from logscope.ui.formatting import Look
from logscope.ui.palette import DARK, UNICODE

LOOK = Look(DARK, UNICODE)
MINUTE = 60_000_000


def plain(rows):
    return [row.text.plain for row in rows]
