"""Records of a file that was read once, in a few bytes each: for whoever must know all of them before the first.

Kept are columns, as steps from record to record, and where the texts stand. The bytes themselves are read again, which
takes a fiftieth of the time of finding records in them; a checksum tells whether they are the same.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64, Messages, Signature
from logscope.ingest.columns import Flags
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.texts import BlockTexts
from logscope.model.files import Problem
from logscope.runner.examining import BEGIN, Piece, Spot, examine, read_parts
from logscope.runner.planning import Plan

_PIECE_BYTES: Final = 4096
"""Of a piece, its records aside."""
_SIGNATURE_BYTES: Final = 500
_CHANGED: Final = Problem("changed", "it changed while it was read: what stands there now was read anew")


Column = NDArray[np.integer[Any]]


class Rows(NamedTuple):
    """What is told of the records of a piece; a column has an entry for each."""

    part: Column
    line: Column
    time: Int64
    severity: Column
    signature: Column
    """Index into `signatures`."""
    signatures: Sequence[Signature]
    texts: Sequence[bytes]
    messages: Messages | None
    """As `Batch` tells them."""
    layout: Layout
    """How they are written."""


class _Steps(NamedTuple):
    """A column of whole numbers."""

    first: int
    """The first one; 0 where there is none."""
    steps: Column
    """From it to itself, and on to each of the others, in as few bytes as they need."""


class _Kept(NamedTuple):
    """What is kept of a piece."""

    spot: Spot
    """Where its bytes begin."""
    size: int
    checksum: int
    columns: Sequence[_Steps]
    """The first five of `Rows`."""
    signatures: Sequence[Signature]
    at_hand: Sequence[bytes]
    """Texts of its first records."""
    joined: Mapping[int, bytes]
    places: Sequence[_Steps]
    """Where the texts of the others begin and end."""
    messages: Sequence[_Steps]
    """Their begins, ends and sources; empty where none is known."""
    apart: bytes
    """Messages that do not stand in the piece as they are."""

    def count_bytes(self) -> int:
        """Of what grows with the records."""
        columns = sum(column.steps.nbytes for column in (*self.columns, *self.places, *self.messages))
        return columns + len(self.apart) + sum(map(len, self.at_hand)) + sum(map(len, self.joined.values()))


class KeptRecords:
    """The records of one file, as long as they need few bytes."""

    def __init__(self, plan: Plan, most: int) -> None:
        """Nothing yet.

        Args:
            plan: Of the file.
            most: Bytes that they may need.
        """
        self._plan = plan
        self._most = most
        self._size = 0
        self._spot = BEGIN
        self._kept: list[_Kept] = []
        self._signatures: list[Sequence[Signature]] = []
        """Each list grows until another is begun."""
        self.is_whole = True
        """All that were added are kept."""

    def add(self, piece: Piece) -> None:
        """Keep the records of the next piece of the file."""
        if not self.is_whole:
            return
        kept = _keep(piece, self._spot)
        self._kept.append(kept)
        if not self._signatures or self._signatures[-1] is not kept.signatures:
            self._signatures.append(kept.signatures)
        self._size += _PIECE_BYTES + kept.count_bytes()
        if self._size + _SIGNATURE_BYTES * sum(map(len, self._signatures)) > self._most:
            self.is_whole = False
            self._kept.clear()
            self._signatures.clear()
        part, offset, line = self._spot
        line += piece.batch.line_count
        self._spot = Spot(part, offset + kept.size, line) if kept.size else Spot(part + 1)

    def read_again(self, problems: list[Problem]) -> Iterator[Rows]:
        """All records, with the bytes that stand in the file now; from where these changed on what is there instead."""
        assert self.is_whole, "else it must be examined again"
        blocks = read_parts(self._plan, [])
        for kept in self._kept:
            _, data = next(blocks)
            while data and not kept.size:
                # What was written behind the end meanwhile is passed over.
                _, data = next(blocks)
            if zlib.crc32(data[: kept.size]) != kept.checksum:
                problems.append(_CHANGED)
                yield _read_open(kept, self._plan.layout)
                yield from map(take_rows, examine(self._plan, problems, spot=kept.spot))
                return
            yield _restore(kept, data, self._plan.layout)


def take_rows(piece: Piece) -> Rows:
    """What is told of the records of a piece that was examined: all of them are notable."""
    batch = piece.batch
    return Rows(
        batch.part, batch.line, batch.time, batch.severity, batch.signature,
        piece.signatures, batch.texts, batch.messages, piece.plan.layout,
    )  # fmt: skip


def _keep(piece: Piece, spot: Spot) -> _Kept:
    rows, data = take_rows(piece), piece.data
    texts = rows.texts if isinstance(rows.texts, BlockTexts) else BlockTexts(rows.texts, data, _NOWHERE, _NOWHERE, {})
    assert not len(texts.begins) or texts.data is data, "a block's texts stand in the bytes that were fed"
    messages, apart = _part_messages(rows.messages, data)
    return _Kept(
        spot, len(data), zlib.crc32(data), [_shorten(column) for column in rows[:5]], rows.signatures, texts.at_hand,
        texts.joined, [_shorten(texts.begins), _shorten(texts.ends)], messages, apart,
    )  # fmt: skip


_NOWHERE: Final = np.empty(0, np.int64)


def _part_messages(messages: Messages | None, data: bytes) -> tuple[Sequence[_Steps], bytes]:
    """Where messages stand, in a piece's bytes or else in others that are gathered of them."""
    if messages is None:
        return (), b""
    begin, end = messages.begin.copy(), messages.end.copy()
    is_here = np.array([source is data for source in messages.sources])[messages.source]
    elsewhere = np.flatnonzero(~is_here & (begin >= 0))
    texts = messages.take(elsewhere).texts()
    end[elsewhere] = np.cumsum([len(text) for text in texts], dtype=np.int64)
    begin[elsewhere] = end[elsewhere] - [len(text) for text in texts]
    return [_shorten(begin), _shorten(end), _shorten(~is_here)], b"".join(texts)


def _restore(kept: _Kept, data: bytes, layout: Layout) -> Rows:
    """The records of a piece, of which these are the bytes."""
    begin, end = map(_lengthen, kept.places)
    texts = BlockTexts(kept.at_hand, data, begin, end, kept.joined)
    messages = None
    if kept.messages:
        begins, ends, sources = map(_lengthen, kept.messages)
        messages = Messages(begins, ends, sources, (data, kept.apart))
    part, line, time, severity, signature = map(_lengthen, kept.columns)
    return Rows(part, line, time, severity, signature, kept.signatures, texts, messages, layout)


def _read_open(kept: _Kept, layout: Layout) -> Rows:
    """The records of a piece that began before its bytes."""
    columns = [_lengthen(column) for column in kept.columns]
    part, line = columns[:2]
    count = int(np.count_nonzero((part < kept.spot.part) | (line < kept.spot.line)))
    part, line, time, severity, signature = (column[:count] for column in columns)
    return Rows(part, line, time, severity, signature, kept.signatures, kept.at_hand[:count], None, layout)


def _shorten(column: Column | Flags) -> _Steps:
    column = column.astype(np.int64)
    first = int(column[0]) if len(column) else 0
    steps = np.diff(column, prepend=first)
    lowest, highest = int(steps.min(initial=0)), int(steps.max(initial=0))
    kind = next(kind for kind in _KINDS if np.iinfo(kind).min <= lowest and highest <= np.iinfo(kind).max)
    return _Steps(first, steps.astype(kind))


_KINDS: Final = (np.uint8, np.int8, np.uint16, np.int16, np.int32, np.int64)


def _lengthen(column: _Steps) -> Int64:
    return np.cumsum(column.steps, dtype=np.int64) + column.first
