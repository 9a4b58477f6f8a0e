"""Records of each kind, a fair sample, with the numbers in them: what they did over time is read from it later.

Kept are those whose place has the lowest hash, so that merging is associative and commutative; of a kind with few
records all. A record without a number takes a place, too: else the lines of kinds that never have one would be read to
their end. Only of a window: it is read at every level.
"""

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from logscope.index.exemplars import spread_rank
from logscope.index.groups import GroupKey
from logscope.ingest.batch import Batch, Signature
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME

MOST_SAMPLES: Final = 256
"""Of one kind."""
MOST_KINDS: Final = 200
"""Of one source: those whose key is least, which is by chance."""
_MOST_BYTES: Final = 512
"""Of a record: its first line as far as that."""


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
_CELL_NUMBER: Final = re.compile(rb'\s*"?(-?\d{1,15}(?:\.\d{1,9})?)\s?(%?)"?\s*')
_SEPARATORS: Final = (b",", b";", b"\t", b"|")
_FEWEST_CELLS: Final = 4
_MOST_CELLS: Final = 40
BESIDE: Final = "~"
CELL: Final = "#"

Values = tuple[tuple[str, float, bool], ...]
"""Names, values, and whether each says that it is of a hundred; the first of each name."""


class Sample(NamedTuple):
    """One record."""

    rank: int
    time: int
    """As written, microseconds."""
    part: int
    offset: int
    line: int
    values: Values
    """None of a record without a number."""


class _Unread(NamedTuple):
    """A record as it came."""

    rank: int
    time: int
    part: int
    offset: int
    line: int
    text: bytes
    """The begin of it."""


_Kept = list[Sample | _Unread]
"""By rank."""


class Samples:
    """Samples of all kinds. Their numbers are read when somebody asks: many records give way to later ones."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[GroupKey, _Kept]] = {}

    def add(self, source: str, batch: Batch, signatures: Sequence[Signature]) -> None:
        """Add the notable records of a piece."""
        timed = np.flatnonzero(batch.time[batch.notable] != NO_TIME)
        if not len(timed):
            return
        rows = batch.notable[timed]
        ranks = spread_rank(batch.part[rows], batch.offset[rows])
        code = batch.signature[timed].astype(np.int64) * 32 + batch.severity[rows]
        order = np.lexsort((ranks, code))
        starts = np.flatnonzero(np.concatenate([[True], np.diff(code[order]) != 0]))
        sizes = np.diff(np.append(starts, len(order)))
        order = order[np.arange(len(order)) - np.repeat(starts, sizes) < MOST_SAMPLES]
        codes, rank, row = code[order], ranks[order].tolist(), rows[order]
        columns = (batch.time[row], batch.part[row], batch.offset[row], batch.line[row])
        places = list(zip(*(column.tolist() for column in columns), timed[order].tolist(), strict=True))
        edges = np.flatnonzero(np.concatenate([[True], np.diff(codes) != 0, [True]])).tolist()
        kinds = self._kept.setdefault(source, {})
        pieces: list[tuple[GroupKey, int, int]] = []
        for begin, end in pairwise(edges):
            one = int(codes[begin])
            pieces.append((GroupKey(source, Severity(one & 31), signatures[one >> 5].key), begin, end))
        known = sorted(kinds)
        for key, begin, end in sorted(pieces):
            if len(known) >= MOST_KINDS and key > known[MOST_KINDS - 1]:
                # Neither this kind nor one of those behind it would be kept: their lines need no copying.
                break
            kept = kinds.get(key)
            if kept is None:
                insort(known, key)
                kept = []
            elif len(kept) >= MOST_SAMPLES:
                end = bisect_left(rank, kept[-1].rank, begin, end)
            fresh = [
                _Unread(rank[n], time, part, offset, line, batch.texts[at].split(b"\n", 1)[0][:_MOST_BYTES])
                for n, (time, part, offset, line, at) in enumerate(places[begin:end], begin)
            ]
            kinds[key] = _join(kept, fresh) if fresh else kept
        self._bound(kinds)

    def merge(self, other: "Samples") -> None:
        """Add another collection."""
        for source, theirs in other._kept.items():
            mine = self._kept.setdefault(source, {})
            for key, samples in theirs.items():
                mine[key] = _join(mine.get(key, []), samples)
            self._bound(mine)

    def all_kinds(self) -> Mapping[GroupKey, Sequence[Sample]]:
        """All samples, also those without a number; in order."""
        return {key: self._read(kinds, key) for _, kinds in sorted(self._kept.items()) for key in sorted(kinds)}

    @staticmethod
    def _read(kinds: dict[GroupKey, _Kept], key: GroupKey) -> list[Sample]:
        """Samples of one kind, with the numbers of those that were not read yet."""
        read = [one if isinstance(one, Sample) else Sample(*one[:5], read_values(one.text)) for one in kinds[key]]
        kinds[key] = [*read]
        return read

    def restore(self, samples: Mapping[GroupKey, Sequence[Sample]]) -> None:
        """Take over samples that were kept, into a collection without any."""
        for key, ranked in samples.items():
            self._kept.setdefault(key.source, {})[key] = _join(ranked, ())
        for kinds in self._kept.values():
            self._bound(kinds)

    @staticmethod
    def _bound(kinds: dict[GroupKey, _Kept]) -> None:
        if len(kinds) > MOST_KINDS:
            for key in sorted(kinds)[MOST_KINDS:]:
                del kinds[key]

    def by_kind(self) -> Mapping[GroupKey, Sequence[Sample]]:
        """All samples with a number; of each kind by rank."""
        told = {key: [one for one in samples if one.values] for key, samples in self.all_kinds().items()}
        return {key: samples for key, samples in told.items() if samples}


def _join(some: Iterable[Sample | _Unread], others: Iterable[Sample | _Unread]) -> _Kept:
    """Of two collections of one kind what is kept; a record that is in both counts once."""
    known = {one[:5]: one for one in (*some, *others)}
    return [known[place] for place in sorted(known)[:MOST_SAMPLES]]


def read_values(text: bytes) -> Values:
    """The numbers of a record's first line: named ones, those beside a word, or the cells of a row.

    A number beside a word is called by it behind `BESIDE`, the cell of a row by its place behind `CELL`: what the
    columns are called is not in the row.
    """
    found: dict[str, tuple[str, float, bool]] = {}
    for name, number, percent in _NAMED.findall(text):
        word = name.decode("ascii", "replace")
        if _IS_ID.search(word) is None:
            found.setdefault(word, (word, float(number), bool(percent)))
    if found:
        return tuple(found.values())
    separator = max(_SEPARATORS, key=text.count)
    if text.count(separator) >= _FEWEST_CELLS - 1:
        return _read_cells(text.split(separator))
    tokens = text.split()
    numbers = [
        (n, number)
        for n, token in enumerate(tokens)
        if token[0] in _NUMBER_BEGINS and (number := _FREE.fullmatch(token.strip(_AROUND))) is not None
    ]
    for n, number in numbers if len(numbers) <= _MOST_BESIDE else ():
        beside = (token.strip(_AROUND) for token in (*tokens[n + 1 : n + 2], *tokens[max(0, n - 1) : n]))
        word = next((token for token in beside if _WORD.fullmatch(token)), None)
        if word is not None:
            name = BESIDE + word.decode("ascii").lower()
            found.setdefault(name, (name, float(number[1]), bool(number[2])))
    return tuple(found.values())


def _read_cells(cells: Sequence[bytes]) -> Values:
    found = []
    for place, cell in enumerate(cells[:_MOST_CELLS]):
        number = _CELL_NUMBER.fullmatch(cell)
        if number is not None:
            found.append((f"{CELL}{place}", float(number[1]), bool(number[2])))
    return tuple(found)
