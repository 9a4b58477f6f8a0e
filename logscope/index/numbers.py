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
from logscope.ingest.distinct import find_distinct

_NAMED: Final = re.compile(
    rb"(?<![A-Za-z_])([A-Za-z_][\w.\-]{0,40}+)\"?\s?[=:]\s?\"?(-?\d{1,15}(?:\.\d{1,9})?)"
    rb"(ns|us|\xc2\xb5s|ms|s|[kKMGT]i?B|[KMGTB])?(?![\w:/\-]|\.\d)\s?(%?)"
)
"""A name, a number, its unit, and whether it is told to be of a hundred. What ends a name is never part of one: no
going back, and no second try from within a word."""

_UNITS: Final[dict[bytes, tuple[float, str]]] = {
    b"ns": (1e-6, "_ms"), b"us": (1e-3, "_ms"), b"\xc2\xb5s": (1e-3, "_ms"), b"ms": (1.0, "_ms"), b"s": (1e3, "_ms"),
    b"B": (1e-6, "_MB"),
    **{
        prefix + unit: (steps ** power, "_MB")
        for power, prefixes in ((-1, (b"k", b"K")), (0, (b"M",)), (1, (b"G",)), (2, (b"T",)))
        for prefix in prefixes
        for unit, steps in ((b"B", 1000.0), (b"iB", 1024.0), (b"", 1024.0))
    },
}  # fmt: skip
"""By unit how many of the one it is told in that is, and what is put behind the name: durations and sizes change theirs
as they grow (`took=980ms`, `took=1.2s`)."""
_IS_ID: Final = re.compile(r"(?:^|[_.\-])(?:[a-z]?id|[A-Z]?ID)\Z|[a-z](?:Id|ID)\Z")
"""`id`, `pid`, `request_id`, `traceId`: it names something and measures nothing."""
_AROUND: Final = b"().,;!"
_FREE: Final = re.compile(rb"[%b]*+(\d{1,9}(?:\.\d{1,6})?)(%%?)[%b]*+" % (_AROUND, _AROUND))
"""A number that stands free between blanks."""
_WORD: Final = re.compile(rb"[A-Za-z]{3,20}|ms")
"""What a number beside it may be called: a word, or the unit of most durations."""
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
        lines = _Lines(some)
        may_hold = lines.glance()
        free = lines.read_free((may_hold & _MAY_BE_ROW) == 0)
        read += [
            (_read_one(text, may) if may else ()) or beside
            for text, may, beside in zip(some, may_hold.tolist(), free, strict=True)
        ]
    return read


_MAY_NAME, _MAY_TELL_TAKEN, _MAY_BE_ROW = 1, 2, 4
"""What a line may hold: a number behind its name, `57 of 100`, cells."""


def _read_one(text: bytes, may_hold: int) -> Values:
    """The numbers of a line but those that stand free."""
    found: dict[str, tuple[str, float, bool]] = {}
    if may_hold & _MAY_NAME:
        for name, number, unit, percent in _NAMED.findall(text):
            word, value = _read_name(name), float(number)
            if word is None:
                continue
            if unit:
                factor, behind = _UNITS[unit]
                word, value = f"{word}{behind}", round(value * factor, 9)
            found.setdefault(word, (word, value, bool(percent)))
    if may_hold & _MAY_TELL_TAKEN:
        for taken, most, what in _TAKEN.findall(text):
            word = BESIDE + (what.decode("ascii").strip().lower() or "taken")
            found.setdefault(word, (word, float(taken), False))
            limit = BESIDE + LIMIT + word[len(BESIDE) :]
            found.setdefault(limit, (limit, float(most), False))
    if found:
        return tuple(found.values())
    if may_hold & _MAY_BE_ROW:
        return _read_cells(text.split(max(_SEPARATORS, key=text.count)))
    return ()


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


_DIGIT, _NAME, _BLANK, _SIGN, _POINT, _GOES_ON, _MEASURE = 1, 2, 4, 8, 16, 32, 64
"""What a byte may be: a digit, part of a name, a blank, `=` or `:`, what stands around a free number or in it, what
behind digits makes of them no named number, and with what a unit behind them begins."""


def _tell_bytes() -> NDArray[np.uint8]:
    kinds = np.zeros(256, np.uint8)
    for kind, members in (
        (_DIGIT, rb"\d"),
        (_NAME, rb"[\w.\-]"),
        (_BLANK, rb"\s"),
        (_SIGN, rb"[=:]"),
        (_POINT, rb"[%" + _AROUND + rb"]"),
        (_GOES_ON, rb"[\w:/\-]"),
        (_MEASURE, rb"[nu\xc2mskKMGTB]"),
    ):
        kinds[[byte for byte in range(256) if re.match(members, bytes((byte,)))]] |= kind
    return kinds


_KIND_BY_BYTE: Final = _tell_bytes()


class _Lines:
    """Many lines, joined: where their digits and words stand, in all of them at once."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        # Blanks around: what stands some bytes from the edge is asked for.
        self._data = b"\n".join((b"\n", *texts, b"\n\n\n\n"))
        self._bytes = np.frombuffer(self._data, np.uint8)
        self._kinds = _KIND_BY_BYTE[self._bytes]
        self._ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1) + 1
        edges = np.flatnonzero(np.diff(self._kinds & _DIGIT))
        self._first, self._behind = edges[::2] + 1, edges[1::2] + 1
        """Begins of all digits that stand together, and the ones behind their ends."""

    def read_free(self, is_asked: NDArray[np.bool_]) -> list[Values]:
        """Of some lines the numbers that stand free, by the word behind each, or else the one before."""
        data = self._data
        read: list[Values] = [()] * len(is_asked)
        edges = np.flatnonzero(np.diff(self._kinds & _BLANK)) + 1
        begins, stops = edges[::2], edges[1::2]
        words = find_distinct(begins.searchsorted(self._find_free(), side="right") - 1)
        row = self._ends.searchsorted(begins[words])
        words, row = words[is_asked[row]], row[is_asked[row]]
        found = [
            _FREE.fullmatch(data, *word) for word in zip(begins[words].tolist(), stops[words].tolist(), strict=True)
        ]
        bounds = np.append(0, begins.searchsorted(self._ends))
        is_number = np.array([number is not None for number in found], np.bool_)
        chosen = np.flatnonzero(is_number & (np.bincount(row[is_number], minlength=len(read))[row] <= _MOST_BESIDE))
        # Whose word behind is that of the next line asks his word before; a number alone is beside itself, and no word.
        at, line = words[chosen], row[chosen]
        first, last = bounds[line], bounds[line + 1] - 1
        names = self._read_words(begins, stops, np.minimum(at + 1, last))
        unnamed = np.flatnonzero([name is None for name in names])
        before = self._read_words(begins, stops, np.maximum(at - 1, first)[unnamed])
        for n, name in zip(unnamed.tolist(), before, strict=True):
            names[n] = name
        for n, of, name in zip(chosen.tolist(), line.tolist(), names, strict=True):
            number = found[n]
            if name is not None and number is not None and (not read[of] or name not in [one[0] for one in read[of]]):
                read[of] += ((name, float(number[1]), bool(number[2])),)
        return read

    def _read_words(self, begins: Int64, stops: Int64, at: Int64) -> list[str | None]:
        """What numbers beside some words are called."""
        data = self._data
        return [
            _read_word(data[begin:stop]) for begin, stop in zip(begins[at].tolist(), stops[at].tolist(), strict=True)
        ]

    def glance(self) -> NDArray[np.uint8]:
        """What each line may hold: nothing that is there is overlooked, and little that is not is taken for it."""
        may_hold = np.zeros(len(self._ends), np.uint8)
        may_hold[self._ends.searchsorted(self._find_named())] |= _MAY_NAME
        may_hold[self._ends.searchsorted(self._find_taken())] |= _MAY_TELL_TAKEN
        for separator in _SEPARATORS:
            rows = self._ends.searchsorted(np.flatnonzero(self._bytes == separator[0]))
            may_hold[np.bincount(rows, minlength=len(may_hold)) >= _FEWEST_CELLS - 1] |= _MAY_BE_ROW
        return may_hold

    def _find_named(self) -> Int64:
        """Digits behind a name and a sign; what a clock shows is none."""
        data, kinds, first = self._bytes, self._kinds, self._first
        at = first - 1
        for one in b'-"':
            at = at - (data[at] == one)
        at = at - ((kinds[at] & _BLANK) > 0)
        # A unit is part of a word, too.
        ends = (kinds[self._behind] & (_GOES_ON | _MEASURE)) != _GOES_ON
        chosen = np.flatnonzero(((kinds[at] & _SIGN) > 0) & ends)
        at = at[chosen] - 1
        at = at - ((kinds[at] & _BLANK) > 0)
        at = at - (data[at] == ord('"'))
        # Of a name that ends with digits something stands before them.
        digits = np.maximum(first.searchsorted(at, side="right") - 1, 0)
        at = np.where((kinds[at] & _DIGIT) > 0, first[digits] - 1, at) if len(first) else at
        places: Int64 = first[chosen[(kinds[at] & _NAME) > 0]]
        return places

    def _find_taken(self) -> Int64:
        """Digits behind which `/`, `of` or `out of` stands."""
        data = self._bytes
        at = self._behind + (data[self._behind] == ord(" "))
        follows = data[at + 1]
        follows_stroke = np.where(follows == ord(" "), data[at + 2], follows)
        is_share = (data[at] == ord("/")) & ((_KIND_BY_BYTE[follows_stroke] & _DIGIT) > 0)
        is_told = (data[at] == ord("o")) & ((follows == ord("f")) | (follows == ord("u")))
        places: Int64 = self._first[is_share | is_told]
        return places

    def _find_free(self) -> Int64:
        """Digits that begin a number between blanks."""
        kinds, first = self._kinds, self._first
        before, after = kinds[first - 1], kinds[self._behind]
        is_bare = ((before & (_BLANK | _POINT)) > 0) & ((after & (_BLANK | _POINT)) > 0)
        # `42,718`: of one word the first digits are asked.
        goes_on = ((before & _POINT) > 0) & ((kinds[first - 2] & _DIGIT) > 0)
        places: Int64 = first[is_bare & ~goes_on]
        return places
