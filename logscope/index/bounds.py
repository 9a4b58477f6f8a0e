"""Keeps an index within its room: what is beyond it is told apart less, counted all the same, and named by source."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from logscope.index.counts import SecondCounts
from logscope.index.exemplars import MOST_BYTES
from logscope.index.groups import Groups
from logscope.index.room import FILLED, Room, share_evenly
from logscope.model.files import Problem

TOGETHER: Final = Problem(
    "merged", "more kinds of messages than there is room for: some are counted together (--max-memory gives more)"
)
COARSE: Final = Problem(
    "coarse", "more seconds than there is room for: some times are known to a step (--max-memory gives more)"
)
CUT: Final = Problem("cut", "more examples than there is room for: long ones are cut (--max-memory gives more)")

_MINUTES_PER_SECOND: Final = 5
"""Seconds whose room a minute's place takes."""
_LEAST_TEXT: Final = 256
"""Bytes of an example that stay in any case: its first line, mostly."""
_CHECKED: Final = 8
"""Texts are measured when a share of their room came anew: that takes a look at each."""

Seek = dict[int, tuple[int, int, int]]


class Bounds:
    """Compares what an index holds with its room, and gives up what is beyond it."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._offered = 0
        """Bytes of texts that came since they were measured."""

    def of_groups(self, groups: Groups, offered: int) -> Iterator[tuple[str, Problem]]:
        """Bound kinds, their seconds and their examples.

        Args:
            groups: Of the index.
            offered: Bytes of the examples that came.

        Yields:
            Source, and what is no longer known of it.
        """
        for source in groups.bound(self.room.kinds):
            yield source, TOGETHER
        for source in self._bound_rows(groups):
            yield source, COARSE
        self._offered += offered
        if self._offered > self.room.text_bytes // _CHECKED:
            self._offered = 0
            for source in self._bound_texts(groups):
                yield source, CUT

    def _bound_rows(self, groups: Groups) -> set[str]:
        held = sum(group.occurrences.held() for group in groups.by_key.values())
        if held <= self.room.rows:
            return set()
        # What waits takes the most; folded it may be little.
        sizes = {key: len(group.occurrences) for key, group in groups.by_key.items()}
        if sum(sizes.values()) <= FILLED * self.room.rows:
            return set()
        share = share_evenly(sizes.values(), int(FILLED * self.room.rows))
        crowded = (key for key, size in sizes.items() if size > share)
        return {key.source for key in crowded if groups.by_key[key].occurrences.shorten(share)}

    def _bound_texts(self, groups: Groups) -> set[str]:
        sizes = {key: group.exemplars.text_bytes() for key, group in groups.by_key.items()}
        total, most = sum(sizes.values()), MOST_BYTES
        found: set[str] = set()
        while total > self.room.text_bytes and most > _LEAST_TEXT:
            most //= 2
            for key, group in groups.by_key.items():
                if sizes[key] > most:
                    group.exemplars.cut(most)
                    now = group.exemplars.text_bytes()
                    if now < sizes[key]:
                        found.add(key.source)
                    total += now - sizes[key]
                    sizes[key] = now
        return found

    def of_sources(self, seconds: Mapping[str, SecondCounts], seeks: Iterable[Seek]) -> Iterator[tuple[str, Problem]]:
        """Bound the seconds of the sources, and the places by which a time is found.

        Yields:
            Source, and what is no longer known of it.
        """
        if sum(one.held() for one in seconds.values()) > self.room.seconds:
            sizes = {source: len(one.seconds()) for source, one in seconds.items()}
            share = share_evenly(sizes.values(), int(FILLED * self.room.seconds))
            for source, size in sizes.items():
                if size > share and seconds[source].shorten(share):
                    yield source, COARSE
        most = self.room.seconds // _MINUTES_PER_SECOND
        by_size = [(seek, len(seek)) for seek in seeks]
        if sum(size for _, size in by_size) > most:
            share = share_evenly((size for _, size in by_size), int(FILLED * most))
            for seek, size in by_size:
                if size > share:
                    _thin(seek, -(-size // share))


def _thin(seek: Seek, step: int) -> None:
    """Keep of so many neighbours the first: from there a time is found by reading on."""
    kept = set(sorted(seek)[::step])
    for minute in seek.keys() - kept:
        del seek[minute]
