"""Exact records by place. The index keeps places; whoever owns the disk fills in the texts that were asked for."""

from dataclasses import dataclass, field
from typing import NamedTuple


class TextPlace(NamedTuple):
    """Where a record begins."""

    source: str
    part: int
    offset: int


@dataclass(slots=True)
class TextShelf:
    """Texts that were read, and places that were asked for and not read yet."""

    missing: set[TextPlace] = field(default_factory=set)
    _kept: dict[TextPlace, bytes | None] = field(default_factory=dict)

    def get(self, source: str, part: int, offset: int) -> bytes | None:
        """The record at a place; None if it is not read yet (then it is asked for) or gone."""
        place = TextPlace(source, part, offset)
        if place not in self._kept:
            self.missing.add(place)
            return None
        return self._kept[place]

    def put(self, place: TextPlace, text: bytes | None) -> None:
        """Answer a place that was asked for; None where the bytes are gone."""
        self._kept[place] = text
        self.missing.discard(place)
