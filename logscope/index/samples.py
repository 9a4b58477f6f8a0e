"""Records of each kind, a fair sample, with the numbers in them: what they did over time is read from it later.

Kept are those whose place has the lowest hash, so that merging is associative and commutative; of a kind with few
records all. A record without a number takes a place, too: else the lines of kinds that never have one would be read to
their end. Only of a window: it is read at every level.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np

from logscope.index.exemplars import spread_rank
from logscope.index.groups import GroupKey
from logscope.index.numbers import Values, read_all
from logscope.ingest.batch import Batch, Signature
from logscope.ingest.texts import take_texts
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME

MOST_SAMPLES: Final = 256
"""Of one kind."""
MOST_KINDS: Final = 200
"""Of one source: those whose key is least, which is by chance."""
_ROOM: Final = 10 * MOST_KINDS
"""Kinds of all sources; of many each has its share."""
_FEWEST_KINDS: Final = 32
_MOST_BYTES: Final = 512
"""Of a record: its first line as far as that."""
_HIGHEST: Final = 2**64


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


_Unread = tuple[int, int, int, int, int, bytes]
"""A record as it came: rank, time, part, offset and line as of a `Sample`, and the begin of its text."""


class _Pool:
    """The samples of one kind: up to twice as many as are kept, so that few are sorted again and again."""

    __slots__ = ("_is_cut", "_samples", "limit")

    def __init__(self, samples: Iterable[Sample | _Unread] = ()) -> None:
        self._samples = [*samples]
        self._is_cut = False
        self.limit = _HIGHEST
        """Records of a higher rank need not come: they would not be kept."""

    def add(self, fresh: Iterable[Sample | _Unread]) -> None:
        """Add records; one that came before counts once."""
        self._samples += fresh
        self._is_cut = False
        if len(self._samples) >= 2 * MOST_SAMPLES:
            self.cut()

    def cut(self) -> Sequence[Sample | _Unread]:
        """What is kept, by rank."""
        if not self._is_cut:
            ordered = sorted(self._samples, key=itemgetter(0))
            if any(one[0] == other[0] for one, other in pairwise(ordered)):
                known = {one[:5]: one for one in self._samples}
                ordered = [known[place] for place in sorted(known)]
            self._samples = ordered[:MOST_SAMPLES]
            self._is_cut = True
            if len(self._samples) == MOST_SAMPLES:
                self.limit = self._samples[-1][0]
        return self._samples

    def list_unread(self) -> list[bytes]:
        """Of what is kept the texts whose numbers were not read yet."""
        return [one[-1] for one in self.cut() if not isinstance(one, Sample)]

    def read(self, unread: Iterator[Values]) -> Sequence[Sample]:
        """What is kept, with its numbers; next come those of the texts that were not read yet."""
        read = [one if isinstance(one, Sample) else Sample(*one[:5], next(unread)) for one in self.cut()]
        self._samples = [*read]
        return read


class Samples:
    """Samples of all kinds. Their numbers are read when somebody asks: many records give way to later ones."""

    def __init__(self) -> None:
        self._pools: dict[str, dict[GroupKey, _Pool]] = {}
        self._most = MOST_KINDS

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
        places = list(zip(*(column.tolist() for column in columns), strict=True))
        edges = np.flatnonzero(np.concatenate([[True], np.diff(codes) != 0, [True]])).tolist()
        pools = self._pools.setdefault(source, {})
        self._share_room()
        # Neither a kind behind the last one that is kept nor its lines would be: they need no copying.
        last = max(pools) if len(pools) >= self._most else None
        wanted: list[tuple[_Pool, int, int]] = []
        for begin, end in pairwise(edges):
            one = int(codes[begin])
            key = GroupKey(source, Severity(one & 31), signatures[one >> 5].key)
            if last is not None and key > last:
                continue
            pool = pools.get(key)
            if pool is None:
                pool = pools[key] = _Pool()
            elif pool.limit < _HIGHEST:
                end = bisect_left(rank, pool.limit, begin, end)
            if begin < end:
                wanted.append((pool, begin, end))
        if wanted:
            at = np.concatenate([timed[order[begin:end]] for _, begin, end in wanted])
            texts = iter(take_texts(batch.texts, at))
            for pool, begin, end in wanted:
                pool.add(
                    [(rank[n], *places[n], next(texts).partition(b"\n")[0][:_MOST_BYTES]) for n in range(begin, end)]
                )
        self._bound(pools)

    def merge(self, other: "Samples") -> None:
        """Add another collection."""
        for source, theirs in other._pools.items():
            mine = self._pools.setdefault(source, {})
            for key, pool in theirs.items():
                mine.setdefault(key, _Pool()).add(pool.cut())
            self._bound(mine)
        self._share_room()

    def forget(self, source: str) -> None:
        """Drop the samples of a source."""
        self._pools.pop(source, None)

    def all_kinds(self) -> Mapping[GroupKey, Sequence[Sample]]:
        """All samples, also those without a number; in order."""
        ordered = {key: pools[key] for _, pools in sorted(self._pools.items()) for key in sorted(pools)}
        unread = iter(read_all([text for pool in ordered.values() for text in pool.list_unread()]))
        return {key: pool.read(unread) for key, pool in ordered.items()}

    def restore(self, samples: Mapping[GroupKey, Sequence[Sample]]) -> None:
        """Take over samples that were kept, into a collection without any."""
        for key, ranked in samples.items():
            self._pools.setdefault(key.source, {})[key] = _Pool(ranked)
        self._share_room()
        for pools in self._pools.values():
            self._bound(pools)

    def _share_room(self) -> None:
        """Keep fewer kinds of each source where there are many; what is kept does not depend on which came first."""
        most = min(MOST_KINDS, max(_FEWEST_KINDS, _ROOM // max(1, len(self._pools))))
        if most != self._most:
            self._most = most
            for pools in self._pools.values():
                self._bound(pools)

    def _bound(self, pools: dict[GroupKey, _Pool]) -> None:
        if len(pools) > self._most:
            for key in sorted(pools)[self._most :]:
                del pools[key]

    def by_kind(self) -> Mapping[GroupKey, Sequence[Sample]]:
        """All samples with a number; of each kind by rank."""
        told = {key: [one for one in samples if one.values] for key, samples in self.all_kinds().items()}
        return {key: samples for key, samples in told.items() if samples}
