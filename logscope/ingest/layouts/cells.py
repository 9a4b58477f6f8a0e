"""Learns columns that a separator without blanks divides: `;ERROR;cart;...`, `|7|WARN|...`, `#INFO#Gateway#...`."""

import re
from typing import Final

from logscope.ingest.formats.head_regex import compile_head
from logscope.ingest.formats.levels import ANY_LEVEL, LETTER_LEVEL, PROVEN_LEVEL
from logscope.ingest.severity import PROSE_SAFE_WORDS, SEVERITY_BY_WORD

_SEPARATORS: Final = b"|;,#~^"
_NEARLY_ALL: Final = 0.97
_MOST_CELLS: Final = 12
_LONGEST: Final = 128


def find_separator(rests: list[bytes]) -> bytes:
    """The byte that divides columns where nearly all lines go on with it, and have a second one; else empty.

    Args:
        rests: Of the lines that vote, from behind what is known of their heads.
    """
    first = rests[0].lstrip(b' \t"')[:1]
    if first == b":":
        # Colons stand in all prose: they divide columns where the first one is a level.
        match = compile_head(rb"[ \t]*:" + PROVEN_LEVEL + rb":").match
        return first if sum(1 for rest in rests if match(rest)) >= _NEARLY_ALL * len(rests) else b""
    if not first or first not in _SEPARATORS:
        return b""
    begins = re.compile(rb'[ \t]*"?' + re.escape(first) + rb"[^ \t" + re.escape(first) + rb"][^\n]*" + re.escape(first))
    return first if sum(1 for rest in rests if begins.match(rest)) >= _NEARLY_ALL * len(rests) else b""


def learn_cells(rests: list[bytes], separator: bytes, has_level: bool) -> tuple[bytes, bool]:
    """Regex of the columns before the message, and whether a level is known then.

    Args:
        rests: Of the lines that vote; they begin with the separator.
        separator: One byte.
        has_level: The level has been found before.
    """
    cell = rb'(?:"[^"\n]{0,%d}"|[^"\n%s][^\n%s]{0,%d}|)' % (
        _LONGEST,
        re.escape(separator),
        re.escape(separator),
        _LONGEST,
    )
    split = re.compile(
        rb'"?' + re.escape(separator) + rb"[ \t]*(" + cell + rb")[ \t]*(?=" + re.escape(separator) + rb")"
    )
    rows = [_split(split, rest) for rest in rests]
    level = None if has_level else _find_level(rows)
    wanted = 0
    for column in range(_MOST_CELLS):
        cells = [row[column] for row in rows if column < len(row)]
        if len(cells) < _NEARLY_ALL * len(rows):
            break
        if level is not None and column == level[0]:
            wanted = column + 1
        elif level is None or column > level[0]:
            if sum(1 for one in cells if b" " not in one.strip()) < _NEARLY_ALL * len(cells):
                break
            if level is None and not has_level and _name_events(cells):
                break
            wanted = column + 1
    mark = re.escape(separator)
    pattern = b""
    for column in range(wanted):
        inner = rb"[ \t]{0,8}(?:" + level[1] + rb")" if level is not None and column == level[0] else cell
        pattern += mark + rb"[ \t]{0,8}" + inner + rb"[ \t]{0,8}(?=" + mark + rb")"
    return rb'"?' + pattern + mark + rb'"?', has_level or level is not None


def _name_events(cells: list[bytes]) -> bool:
    """Words in capitals, a few different ones: what happened, where no level says how bad it was."""
    words = {one.strip() for one in cells}
    return 1 < len(words) <= _FEW_EVENTS and all(map(_EVENT.fullmatch, words))


_FEW_EVENTS: Final = 20
_EVENT: Final = re.compile(rb"[A-Z][A-Z_]{2,30}")


def _split(split: re.Pattern[bytes], rest: bytes) -> list[bytes]:
    cells: list[bytes] = []
    at = len(rest) - len(rest.lstrip(b" \t"))
    while len(cells) < _MOST_CELLS and (found := split.match(rest, at)):
        cells.append(found[1])
        at = found.end()
    return cells


def _find_level(rows: list[list[bytes]]) -> tuple[int, bytes] | None:
    """The column that holds a level in nearly all rows, a word or different letters, and its regex."""
    for element in (PROVEN_LEVEL, LETTER_LEVEL):
        match = compile_head(element + rb"\Z" if element is PROVEN_LEVEL else _LONE_LETTER).match
        for column in range(_MOST_CELLS):
            found = [match(row[column].strip()) for row in rows if column < len(row)]
            levels = [one["level"] for one in found if one is not None]
            if len(levels) >= _NEARLY_ALL * len(rows) and (element is PROVEN_LEVEL or len(set(levels)) > 1):
                return column, element
    return _find_any_level(rows)


def _find_any_level(rows: list[list[bytes]]) -> tuple[int, bytes] | None:
    """The column whose cells are words of levels, sure ones among them: `LOG` beside `ERROR`."""
    for column in range(_MOST_CELLS):
        words = [row[column].strip().decode("latin-1").lower() for row in rows if column < len(row)]
        levels = {word for word in words if word in SEVERITY_BY_WORD}
        count = sum(1 for word in words if word in levels)
        if count >= _NEARLY_ALL * len(rows) and len(levels) > 1 and levels & PROSE_SAFE_WORDS:
            return column, ANY_LEVEL
    return None


_LONE_LETTER: Final = rb"(?P<level>[TVDINWECFA])\Z"
