"""Exact records by place. The index keeps places; whoever owns the disk lends a function that reads a record."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class TextPlace(NamedTuple):
    """Where a record begins."""

    source: str
    part: int
    offset: int


@dataclass(slots=True)
class TextShelf:
    """Records that were quoted once: rotation may take their bytes away."""

    read: Callable[[TextPlace], bytes | None] | None = None
    """Reads the record at a place, None where its bytes are gone; without it nothing can be read."""
    _kept: dict[TextPlace, bytes | None] = field(default_factory=dict)

    def get(self, source: str, part: int, offset: int) -> bytes | None:
        """The record at a place; None where it cannot be read."""
        place = TextPlace(source, part, offset)
        if place not in self._kept:
            if self.read is None:
                return None
            self._kept[place] = self.read(place)
        return self._kept[place]

    def forget(self, source: str) -> None:
        """Keep no record of a source: where one ends is about to be another place."""
        self._kept = {place: text for place, text in self._kept.items() if place.source != source}

    def all(self) -> tuple[tuple[TextPlace, bytes | None], ...]:
        """Every record that was asked for, by place; None where its bytes were gone."""
        return tuple(sorted(self._kept.items(), key=lambda one: one[0]))

    def keep(self, texts: Iterable[tuple[TextPlace, bytes | None]]) -> None:
        """Take over records that were quoted before."""
        self._kept.update(texts)
