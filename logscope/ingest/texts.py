"""The texts of a batch's notable records, cut out of their block only when somebody asks for them."""

from collections.abc import Mapping, Sequence
from typing import overload

from logscope.ingest.batch import Int64


class BlockTexts(Sequence[bytes]):
    """Texts of records: first some that are at hand, then those of one block."""

    __slots__ = ("_at_hand", "_begins", "_data", "_ends", "_joined")

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
        self._at_hand = at_hand
        self._data = data
        self._begins = begins
        self._ends = ends
        self._joined = joined

    def __len__(self) -> int:
        """How many records."""
        return len(self._at_hand) + len(self._begins)

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
        if not 0 <= index < len(self):
            raise IndexError(index)
        if index < len(self._at_hand):
            return self._at_hand[index]
        row = index - len(self._at_hand)
        joined = self._joined.get(row)
        return self._data[int(self._begins[row]) : int(self._ends[row])] if joined is None else joined
