"""Ids of requests and tasks that a log shows, each with its first and last stamp: the same sample in all logs.

Kept are those whose hash is least, so that logs which share requests keep the same ones, however many each of them
saw (coordinated sampling, analysis.md 3.1). The hash is of the first characters, so that an id and its short form are
kept together. Merging is associative and commutative: what is dropped once is never among the least again.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from zlib import crc32

MOST_IDS: Final = 1024
"""Kept of one log: 100 kB. Of logs that share one request in ten a hundred pairs are left."""

SHORT: Final = 10
"""Characters that the hash is made of."""

Span = tuple[int, int]
"""First and last stamp, as written, microseconds."""


class IdSample:
    """The ids of one log whose hash is least."""

    __slots__ = ("_limit", "_spans")

    def __init__(self) -> None:
        self._spans: dict[bytes, Span] = {}
        self._limit: tuple[int, bytes] | None = None
        """The greatest that was kept at the last cut; greater ones need not be looked at."""

    def add(self, names: Iterable[bytes], times: Iterable[int]) -> None:
        """Add ids that were seen at these stamps."""
        spans, limit = self._spans, self._limit
        for name, time in zip(names, times, strict=True):
            known = spans.get(name)
            if known is not None:
                if time < known[0] or time > known[1]:
                    spans[name] = (min(time, known[0]), max(time, known[1]))
            elif limit is None or _rank(name) <= limit:
                spans[name] = (time, time)
        if len(spans) > 2 * MOST_IDS:
            self._cut()

    def merge(self, other: "IdSample") -> None:
        """Add another sample of the same log."""
        for name, (first, last) in other._spans.items():
            known = self._spans.get(name)
            self._spans[name] = (first, last) if known is None else (min(first, known[0]), max(last, known[1]))
        if len(self._spans) > 2 * MOST_IDS:
            self._cut()

    def spans(self) -> Mapping[bytes, Span]:
        """The sample, by hash."""
        if len(self._spans) > MOST_IDS:
            self._cut()
        return self._spans

    def _cut(self) -> None:
        ranked = sorted((_rank(name), name) for name in self._spans)[:MOST_IDS]
        self._spans = {name: self._spans[name] for _, name in ranked}
        self._limit = ranked[-1][0]


def merge_spans(sample: IdSample, other: IdSample | None) -> Mapping[bytes, Span]:
    """The ids of two samples of one log together; neither is changed."""
    both = dict(sample.spans())
    for name, (first, last) in other.spans().items() if other is not None else ():
        known = both.get(name)
        both[name] = (first, last) if known is None else (min(first, known[0]), max(last, known[1]))
    return both


def _rank(name: bytes) -> tuple[int, bytes]:
    return crc32(name[:SHORT]), name
