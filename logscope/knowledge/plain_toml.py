"""Reads the TOML that rule files are written in: tables, texts on one line, lists and dates; the rest is for tomllib.

A third of tomllib's time, which was the longest part of a start: one regular expression cuts the text into its tokens.
What a token or its place does not say plainly is refused, and the whole text is read by tomllib instead: a mistake is
told in its words, and nothing is read in another way than it would.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

_PIECE: Final = re.compile(
    r"""[ \t]*(?:\#[^\n]*)?("[^"\\\n]*"|[\[\]{}=,\n]|'[^'\n]*'|[A-Za-z0-9_.-]+|"(?:[^"\\\n]|\\["\\nt])*"|.)"""
)
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_ESCAPED: Final = re.compile(r"\\(.)")
_MEANT: Final = {"n": "\n", "t": "\t"}
_OTHERS: Final = re.compile(r'"""|\'\'\'|[\x00-\x08\x0b-\x1f\x7f]')
"""Texts of several lines, and what no text may hold."""

Table = dict[str, object]


class _NotPlainError(Exception):
    """Something that this reader leaves to tomllib."""


class _Dotted(Table):
    """A table that dotted keys made: they alone may add to it."""


class _Rows(list[object]):
    """The tables of headers in double brackets: these alone may add to it."""


def read_toml(text: str) -> Mapping[str, object]:
    """The document that `tomllib.loads` gives.

    Raises:
        tomllib.TOMLDecodeError: It is not TOML.
    """
    try:
        return read_plain(text)
    except (_NotPlainError, StopIteration):
        return tomllib.loads(text)


def read_plain(text: str) -> Table:
    """A document that holds nothing but what is plain; for `read_toml`, and for the test that rule files are so."""
    if _OTHERS.search(text) is not None:
        raise _NotPlainError
    document: Table = {}
    table = document
    pieces = iter(_PIECE.findall(text + "\n"))
    for piece in pieces:
        if piece == "\n":
            continue
        if piece == "[":
            table = _open_table(document, pieces)
        else:
            _set(table, piece, pieces)
        if next(pieces) != "\n":
            raise _NotPlainError
    return document


def _open_table(home: Table, pieces: Iterator[str]) -> Table:
    """The table of a header: `[name]` once, or one more of `[[name]]`; of a dotted name it is in the last row."""
    name = next(pieces)
    is_row = name == "["
    *parents, last = _split(next(pieces) if is_row else name)
    for parent in parents:
        rows = home.get(parent)
        if not isinstance(rows, _Rows) or not isinstance(row := rows[-1], dict):
            raise _NotPlainError
        home = row
    found: Table = {}
    if is_row:
        rows = home.setdefault(last, _Rows())
        if not isinstance(rows, _Rows):
            raise _NotPlainError
        rows.append(found)
    elif last in home:
        raise _NotPlainError
    else:
        home[last] = found
    if next(pieces) != "]" or (is_row and next(pieces) != "]"):
        raise _NotPlainError
    return found


def _set(table: Table, key: str, pieces: Iterator[str]) -> None:
    """Read a value into its place."""
    if not key.isidentifier() or not key.isascii():
        *parents, key = _split(key)
        for parent in parents:
            inner = table.setdefault(parent, _Dotted())
            if not isinstance(inner, _Dotted):
                raise _NotPlainError
            table = inner
    if key in table or next(pieces) != "=":
        raise _NotPlainError
    table[key] = _read_value(next(pieces), pieces)


def _split(key: str) -> list[str]:
    if _KEY.fullmatch(key) is None:
        raise _NotPlainError
    return key.split(".")


def _read_value(piece: str, pieces: Iterator[str]) -> object:
    first = piece[0]
    if first == '"':
        if len(piece) == 1:
            raise _NotPlainError
        return _ESCAPED.sub(_unescape, piece[1:-1]) if "\\" in piece else piece[1:-1]
    if first == "[":
        return _read_list(pieces)
    if first == "{":
        return _read_inline(pieces)
    if first == "'" and len(piece) > 1:
        return piece[1:-1]
    if _DATE.fullmatch(piece) is not None:
        try:
            return date.fromisoformat(piece)
        except ValueError:
            raise _NotPlainError from None
    raise _NotPlainError


def _unescape(found: re.Match[str]) -> str:
    return _MEANT.get(found[1], found[1])


def _read_list(pieces: Iterator[str]) -> list[object]:
    values: list[object] = []
    may_follow = True
    for piece in pieces:
        if piece == "\n":
            continue
        if piece == "]":
            return values
        if may_follow == (piece == ","):
            raise _NotPlainError
        may_follow = piece == ","
        if not may_follow:
            values.append(_read_value(piece, pieces))
    raise _NotPlainError


def _read_inline(pieces: Iterator[str]) -> Table:
    table: Table = {}
    for key in pieces:
        _set(table, key, pieces)
        following = next(pieces)
        if following == "}":
            return table
        if following != ",":
            break
    raise _NotPlainError
