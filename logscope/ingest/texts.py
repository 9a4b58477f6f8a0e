"""The texts of a batch's notable records, cut out of their block only when somebody asks for them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import overload

import numpy as np

from logscope.ingest.batch import Int64


class BlockTexts(Sequence[bytes]):
    """Texts of records: first some that are at hand, then those of one block."""

    __slots__ = ("at_hand", "begins", "data", "ends", "joined")

    def __init__(
        self, at_hand: Sequence[bytes], data: bytes, begins: Int64, ends: Int64, joined: Mapping[int, bytes]
    ) -> None:
        """Args are kept.

        Args:
            at_hand: Texts of the first records.
            data: The block.
            begins: Of each further record, its begin in the block.
            ends: The one behind its end.
            joined: By their number among the further records: texts that do not stand in the block as they are.
        """
        self.at_hand = at_hand
        self.data = data
        self.begins = begins
        self.ends = ends
        self.joined = joined

    def __iter__(self) -> Iterator[bytes]:
        """All texts, in a third of the time that asking for each takes."""
        yield from self.at_hand
        data, joined = self.data, self.joined
        for row, (begin, end) in enumerate(zip(self.begins.tolist(), self.ends.tolist(), strict=True)):
            yield joined[row] if row in joined else data[begin:end]

    def take(self, rows: Int64) -> list[bytes]:
        """The texts of some records, in a fifth of the time that asking for each takes."""
        if not len(self.begins):
            return [self.at_hand[n] for n in rows.tolist()]
        data, joined, few = self.data, self.joined, len(self.at_hand)
        # Those at hand have no place in the block: what is cut out for them first is not kept.
        places = np.maximum(rows - few, 0)
        texts = [
            data[begin:end] for begin, end in zip(self.begins[places].tolist(), self.ends[places].tolist(), strict=True)
        ]
        if few or joined:
            for at, n in enumerate(rows.tolist()):
                if n < few:
                    texts[at] = self.at_hand[n]
                elif n - few in joined:
                    texts[at] = joined[n - few]
        return texts

    def __len__(self) -> int:
        """How many records."""
        return len(self.at_hand) + len(self.begins)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        """The text of a record."""
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        row = index - len(self.at_hand)
        if row < 0:
            if index < 0:
                raise IndexError(index)
            return self.at_hand[index]
        if self.joined and row in self.joined:
            return self.joined[row]
        return self.data[self.begins[row] : self.ends[row]]


def take_texts(texts: Sequence[bytes], rows: Int64) -> list[bytes]:
    """The texts of some records of a batch."""
    return texts.take(rows) if isinstance(texts, BlockTexts) else [texts[n] for n in rows.tolist()]
