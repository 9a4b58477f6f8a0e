"""The numbers in lines: which there are, and what each is called.

Plan: where the digits of many lines stand, and what is around them, is looked at in all of them at once; an expression
is tried only on a line in which it may find something. Cost: 1.5 us a line, and about 4 us more for one with numbers.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64

_NAMED: Final = re.compile(
    rb"(?<![A-Za-z_])([A-Za-z_][\w.\-]{0,40}+)\"?\s?[=:]\s?\"?(-?\d{1,15}(?:\.\d{1,9})?)(?![\w:/\-]|\.\d)\s?(%?)"
)
"""A name, a number, and whether it is told to be of a hundred. What ends a name is never part of one: no going back,
and no second try from within a word."""

_IS_ID: Final = re.compile(r"(?:^|[_.\-])(?:[a-z]?id|[A-Z]?ID)\Z|[a-z](?:Id|ID)\Z")
"""`id`, `pid`, `request_id`, `traceId`: it names something and measures nothing."""
_FREE: Final = re.compile(rb"(\d{1,9}(?:\.\d{1,6})?)(%?)")
"""A number that stands free between blanks."""
_AROUND: Final = b"().,;!"
_NUMBER_BEGINS: Final = frozenset(b"0123456789" + _AROUND)
_WORD: Final = re.compile(rb"[A-Za-z]{3,20}")
_MOST_BESIDE: Final = 3
"""Of more numbers in one sentence nobody knows which word is whose."""
_TAKEN: Final = re.compile(
    rb"(?<![\w.])(\d{1,9}) ?(?:/|of|out of) ?(\d{1,9}) ((?:[A-Za-z]{2,20} ){0,3}?)"
    rb"(?:in use|used|busy|active|open|taken|occupied|leased|allocated)(?![\w-])"
)
"""`57 of 100 connections in use`: how much there is, and how much of it is taken."""
_CELL_NUMBER: Final = re.compile(rb'\s*"?(-?\d{1,15}(?:\.\d{1,9})?)\s?(%?)"?\s*')
_SEPARATORS: Final = (b",", b";", b"\t", b"|")
_FEWEST_CELLS: Final = 4
_MOST_CELLS: Final = 40
BESIDE: Final = "~"
CELL: Final = "#"
LIMIT: Final = "max "
"""In front of the name of a number that says how much of it there may be."""

_MOST_AT_ONCE: Final = 4096
"""Lines that are looked at together: 2 MiB at most."""

Values = tuple[tuple[str, float, bool], ...]
"""Names, values, and whether each says that it is of a hundred; the first of each name."""


def read_all(texts: Sequence[bytes]) -> list[Values]:
    """The numbers of each of many lines: named ones, those beside a word, or the cells of a row.

    A number beside a word is called by it behind `BESIDE`, the cell of a row by its place behind `CELL`: what the
    columns are called is not in the row.
    """
    read: list[Values] = []
    for begin in range(0, len(texts), _MOST_AT_ONCE):
        some = texts[begin : begin + _MOST_AT_ONCE]
        read += map(_read_one, some, _glance(some).tolist())
    return read


_MAY_NAME, _MAY_TELL_TAKEN, _MAY_STAND_FREE = 1, 2, 4
"""What a line may hold: a number behind its name, `57 of 100`, a number between blanks."""


def _read_one(text: bytes, may_hold: int) -> Values:
    found: dict[str, tuple[str, float, bool]] = {}
    if may_hold & _MAY_NAME:
        for name, number, percent in _NAMED.findall(text):
            word = _read_name(name)
            if word is not None:
                found.setdefault(word, (word, float(number), bool(percent)))
    if may_hold & _MAY_TELL_TAKEN:
        for taken, most, what in _TAKEN.findall(text):
            word = BESIDE + (what.decode("ascii").strip().lower() or "taken")
            found.setdefault(word, (word, float(taken), False))
            limit = BESIDE + LIMIT + word[len(BESIDE) :]
            found.setdefault(limit, (limit, float(most), False))
    if found:
        return tuple(found.values())
    separator = max(_SEPARATORS, key=text.count)
    if text.count(separator) >= _FEWEST_CELLS - 1:
        return _read_cells(text.split(separator))
    return _read_free(text.split()) if may_hold & _MAY_STAND_FREE else ()


def _read_free(tokens: Sequence[bytes]) -> Values:
    numbers = [
        (n, number)
        for n, token in enumerate(tokens)
        if token[0] in _NUMBER_BEGINS and (number := _FREE.fullmatch(token.strip(_AROUND))) is not None
    ]
    found: dict[str, tuple[str, float, bool]] = {}
    for n, number in numbers if len(numbers) <= _MOST_BESIDE else ():
        names = (_read_word(token) for token in (*tokens[n + 1 : n + 2], *tokens[max(0, n - 1) : n]))
        beside = next((name for name in names if name is not None), None)
        if beside is not None:
            found.setdefault(beside, (beside, float(number[1]), bool(number[2])))
    return tuple(found.values())


@lru_cache(maxsize=4096)
def _read_name(name: bytes) -> str | None:
    """What a number is called; None where it names somebody and measures nothing."""
    word = name.decode("ascii", "replace")
    return None if _IS_ID.search(word) else word


@lru_cache(maxsize=4096)
def _read_word(token: bytes) -> str | None:
    """What a number beside this is called; None where it is no word."""
    word = token.strip(_AROUND)
    return BESIDE + word.decode("ascii").lower() if _WORD.fullmatch(word) else None


def _read_cells(cells: Sequence[bytes]) -> Values:
    found = []
    for place, cell in enumerate(cells[:_MOST_CELLS]):
        number = _CELL_NUMBER.fullmatch(cell)
        if number is not None:
            found.append((f"{CELL}{place}", float(number[1]), bool(number[2])))
    return tuple(found)


_DIGIT, _NAME, _BLANK, _SIGN, _POINT, _GOES_ON = 1, 2, 4, 8, 16, 32
"""What a byte may be: a digit, part of a name, a blank, `=` or `:`, what stands around a free number or in it, and what
behind digits makes of them no named number."""


def _tell_bytes() -> NDArray[np.uint8]:
    kinds = np.zeros(256, np.uint8)
    for kind, members in (
        (_DIGIT, rb"\d"),
        (_NAME, rb"[\w.\-]"),
        (_BLANK, rb"\s"),
        (_SIGN, rb"[=:]"),
        (_POINT, rb"[%" + _AROUND + rb"]"),
        (_GOES_ON, rb"[\w:/\-]"),
    ):
        kinds[[byte for byte in range(256) if re.match(members, bytes((byte,)))]] |= kind
    return kinds


_KIND_BY_BYTE: Final = _tell_bytes()


def _glance(texts: Sequence[bytes]) -> NDArray[np.uint8]:
    """What each line may hold: nothing that is there is overlooked, and little that is not is taken for it."""
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    # Blanks around: what stands some bytes from the edge is asked for.
    data = np.frombuffer(b"\n".join((b"\n", *texts, b"\n\n\n\n")), np.uint8)
    kinds = _KIND_BY_BYTE[data]
    edges = np.flatnonzero(np.diff(kinds & _DIGIT))
    first, behind = edges[::2] + 1, edges[1::2] + 1
    may_hold = np.zeros(len(texts), np.uint8)
    ends = np.cumsum(sizes + 1) + 1
    for what, places in (
        (_MAY_NAME, _find_named(data, kinds, first, behind)),
        (_MAY_TELL_TAKEN, _find_taken(data, kinds, first, behind)),
        (_MAY_STAND_FREE, _find_free(kinds, first, behind)),
    ):
        may_hold[ends.searchsorted(places)] |= what
    return may_hold


def _find_named(data: NDArray[np.uint8], kinds: NDArray[np.uint8], first: Int64, behind: Int64) -> Int64:
    """Digits behind a name and a sign; what a clock shows is none.

    Args:
        data: The lines.
        kinds: What each byte of them is.
        first: Begins of all digits that stand together.
        behind: The ones behind their ends.
    """
    at = first - 1
    for one in b'-"':
        at = at - (data[at] == one)
    at = at - ((kinds[at] & _BLANK) > 0)
    chosen = np.flatnonzero(((kinds[at] & _SIGN) > 0) & ((kinds[behind] & _GOES_ON) == 0))
    at = at[chosen] - 1
    at = at - ((kinds[at] & _BLANK) > 0)
    at = at - (data[at] == ord('"'))
    # Of a name that ends with digits something stands before them.
    digits = np.maximum(first.searchsorted(at, side="right") - 1, 0)
    at = np.where((kinds[at] & _DIGIT) > 0, first[digits] - 1, at) if len(first) else at
    places: Int64 = first[chosen[(kinds[at] & _NAME) > 0]]
    return places


def _find_taken(data: NDArray[np.uint8], kinds: NDArray[np.uint8], first: Int64, behind: Int64) -> Int64:
    """Digits behind which `/`, `of` or `out of` stands."""
    at = behind + (data[behind] == ord(" "))
    follows = data[at + 1]
    follows_stroke = np.where(follows == ord(" "), data[at + 2], follows)
    is_share = (data[at] == ord("/")) & ((_KIND_BY_BYTE[follows_stroke] & _DIGIT) > 0)
    is_told = (data[at] == ord("o")) & ((follows == ord("f")) | (follows == ord("u")))
    places: Int64 = first[is_share | is_told]
    return places


def _find_free(kinds: NDArray[np.uint8], first: Int64, behind: Int64) -> Int64:
    """Digits that begin a number between blanks."""
    before, after = kinds[first - 1], kinds[behind]
    is_bare = ((before & (_BLANK | _POINT)) > 0) & ((after & (_BLANK | _POINT)) > 0)
    # `42,718`: of one word the first digits are asked.
    goes_on = ((before & _POINT) > 0) & ((kinds[first - 2] & _DIGIT) > 0)
    places: Int64 = first[is_bare & ~goes_on]
    return places
