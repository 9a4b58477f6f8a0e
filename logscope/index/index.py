"""The index of one incident: what is kept of all files, as integers and a few texts.

A commutative monoid: `Index()` is its identity, `merge` is associative and commutative, and `digest` depends only on
the content. Times are as written in the files; zones and clocks are corrected by whoever looks (analysis), so that a
better guess never needs a second reading.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from logscope.index.counts import SecondCounts, feed_digest, occurrence_rows
from logscope.index.exemplars import FIRST, SPREAD, Exemplar, cut_sample, spread_rank
from logscope.index.groups import Group as Group
from logscope.index.groups import GroupKey as GroupKey
from logscope.index.groups import Groups
from logscope.ingest.batch import Batch, Int64, Signature
from logscope.model.severity import Severity
from logscope.model.snapshot import Problem
from logscope.model.times import MINUTE_US, NO_TIME, US

_TALLY = ("lines", "bytes", "records", "errors", "warnings", "levelled", "untimed")

RECORDS, ERRORS, WARNINGS, REQUESTS, FAILED, REFUSED, SLOW_MS = range(7)
"""Columns of a source's per-second counters: records, error or fatal records, warn records, requests of an access log,
those answered 5xx, those answered 4xx, and the sum of durations in milliseconds."""

_COLUMNS = 7


@dataclass(slots=True)
class PartTally:
    """Exact sums over one part (file) of a source."""

    lines: int = 0
    bytes: int = 0
    records: int = 0
    errors: int = 0
    warnings: int = 0
    levelled: int = 0
    untimed: int = 0
    first: int | None = None
    """Earliest stamp, as written."""
    last: int | None = None
    problems: set[Problem] = field(default_factory=set)

    def merge(self, other: "PartTally") -> None:
        """Add another tally of the same part."""
        for name in _TALLY:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.first = _least(self.first, other.first)
        self.last = _most(self.last, other.last)
        self.problems |= other.problems


class SourceState:
    """What is kept of one log (all its rotated parts)."""

    __slots__ = ("parts", "seconds", "seek")

    def __init__(self) -> None:
        self.parts: dict[int, PartTally] = {}
        self.seconds = SecondCounts(_COLUMNS)
        self.seek: dict[int, tuple[int, int, int]] = {}
        """For each minute as written the first place of a record in it: (part, offset, line)."""

    def merge(self, other: "SourceState") -> None:
        """Add another state of the same source (other pieces of it)."""
        for part, tally in other.parts.items():
            self.parts.setdefault(part, PartTally()).merge(tally)
        self.seconds.merge(other.seconds)
        for minute, place in other.seek.items():
            self.seek[minute] = min(place, self.seek.get(minute, place))


class Index:
    """What is kept of all sources."""

    def __init__(self) -> None:
        self.sources: dict[str, SourceState] = {}
        self._groups = Groups()

    @property
    def groups(self) -> Mapping[GroupKey, Group]:
        """All groups. Bounded: kinds beyond the bounds are folded, see `folded_kinds`."""
        return self._groups.by_key

    def folded_kinds(self) -> Mapping[str, tuple[str, ...]]:
        """By source the templates of the groups that stand for more kinds than are told apart."""
        folded: dict[str, dict[str, None]] = {}
        for source, signature in self._groups.folded():
            folded.setdefault(source, {})[signature.template] = None
        return {source: tuple(templates) for source, templates in folded.items()}

    def fold(self, source: str, batch: Batch, signatures: list[Signature]) -> None:
        """Add the records of one piece of a source.

        Args:
            source: Key of the source.
            batch: Its records, as the scanner gave them.
            signatures: The scanner's signatures that `batch.signature` points into.
        """
        self._fold_source(source, batch)
        self._fold_groups(source, batch, signatures)

    def _fold_source(self, source: str, batch: Batch) -> None:
        state = self.sources.setdefault(source, SourceState())
        fed = state.parts.setdefault(batch.fed_part, PartTally())
        fed.lines += batch.line_count
        fed.bytes += batch.byte_count
        fed.problems.update(batch.problems)
        if not len(batch.part):
            return
        is_timed = batch.time != NO_TIME
        is_error = batch.severity >= Severity.ERROR
        is_warning = (batch.severity >= Severity.WARN) & ~is_error
        for part in np.unique(batch.part):
            tally = state.parts.setdefault(int(part), PartTally())
            mine = batch.part == part
            tally.records += int(mine.sum())
            tally.errors += int((mine & is_error).sum())
            tally.warnings += int((mine & is_warning).sum())
            tally.levelled += int((mine & (batch.severity != Severity.UNKNOWN)).sum())
            timed = batch.time[mine & is_timed]
            tally.untimed += int(mine.sum()) - len(timed)
            if len(timed):
                tally.first = _least(tally.first, int(timed.min()))
                tally.last = _most(tally.last, int(timed.max()))
        times = batch.time[is_timed]
        if not len(times):
            return
        values = np.zeros((len(times), _COLUMNS), np.int64)
        values[:, RECORDS] = 1
        values[:, ERRORS] = is_error[is_timed]
        values[:, WARNINGS] = is_warning[is_timed]
        if batch.status is not None:
            status = batch.status[is_timed]
            values[:, REQUESTS] = status > 0
            values[:, FAILED] = status >= 500
            values[:, REFUSED] = (status >= 400) & (status < 500)
        if batch.duration_us is not None:
            values[:, SLOW_MS] = np.maximum(batch.duration_us[is_timed], 0) // 1000
        state.seconds.add(*_sum_by_run(times // US, values))
        self._fold_seek(state, times, batch, is_timed)

    @staticmethod
    def _fold_seek(
        state: SourceState, times: Int64, batch: Batch, is_timed: np.ndarray[tuple[int], np.dtype[np.bool_]]
    ) -> None:
        minutes = times // MINUTE_US
        starts = np.flatnonzero(np.concatenate([[True], minutes[1:] != minutes[:-1]]))
        part, offset, line = batch.part[is_timed], batch.offset[is_timed], batch.line[is_timed]
        for at in starts.tolist():
            place = (int(part[at]), int(offset[at]), int(line[at]))
            minute = int(minutes[at])
            state.seek[minute] = min(place, state.seek.get(minute, place))

    def _fold_groups(self, source: str, batch: Batch, signatures: list[Signature]) -> None:
        if not len(batch.notable):
            return
        rows = batch.notable
        # One code per kind of this piece; kinds that are folded together by now share a slot. Records are sorted by
        # slot once, then handled group by group.
        code = batch.signature.astype(np.int64) * 32 + batch.severity[rows]
        codes, slot_of_code = np.unique(code, return_inverse=True)
        kinds = [(Severity(one & 31), signatures[one >> 5]) for one in codes.tolist()]
        for severity, signature in kinds:
            self._groups.place(source, severity, signature)
        slots: dict[int, int] = {}
        groups: list[Group] = []
        slot = np.empty(len(kinds), np.int64)
        for n, (severity, signature) in enumerate(kinds):
            group = self._groups.get(source, severity, signature)
            at = slots.setdefault(id(group), len(groups))
            if at == len(groups):
                groups.append(group)
            slot[n] = at
        slot = slot[slot_of_code]
        order = np.argsort(slot, kind="stable")
        bounds = np.flatnonzero(np.concatenate([[True], np.diff(slot[order]) != 0, [True]]))
        for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            chosen = order[start:stop]
            picked = rows[chosen]
            group = groups[int(slot[chosen[0]])]
            times = batch.time[picked]
            timed = picked[times != NO_TIME]
            group.untimed += len(picked) - len(timed)
            group.occurrences.add(
                occurrence_rows(
                    batch.time[timed], batch.part[timed].astype(np.int64), batch.offset[timed], batch.line[timed]
                )
            )
            self._fold_exemplars(group, batch, chosen, picked)

    @staticmethod
    def _fold_exemplars(group: Group, batch: Batch, chosen: Int64, picked: Int64) -> None:
        times = batch.time[picked]
        ranks = spread_rank(batch.part[picked], batch.offset[picked])
        # The newest of equal times is the last place, as `Exemplars` compares them.
        order = np.lexsort((batch.offset[picked], batch.part[picked], times))
        chosen_rows = {int(order[-1])}
        if group.exemplars.wants(int(times[order[0]]), int(ranks.min())):
            chosen_rows |= {*order[:FIRST].tolist(), *np.argsort(ranks, kind="stable")[:SPREAD].tolist()}
        group.exemplars.add(
            Exemplar(
                int(times[n]),
                int(batch.part[picked[n]]),
                int(batch.offset[picked[n]]),
                int(batch.line[picked[n]]),
                cut_sample(bytes(batch.texts[int(chosen[n])])),
            )
            for n in chosen_rows
        )

    def merge(self, other: "Index") -> None:
        """Add everything of another index; the other one must not be used afterwards."""
        for key, state in other.sources.items():
            if key in self.sources:
                self.sources[key].merge(state)
            else:
                self.sources[key] = state
        self._groups.merge(other._groups)

    def digest(self) -> str:
        """A hash of the content: equal for any cut of the bytes, any order and any merge tree."""
        digest = hashlib.new("blake2b")
        for key in sorted(self.sources):
            state = self.sources[key]
            digest.update(repr(key).encode())
            for part in sorted(state.parts):
                tally = state.parts[part]
                sums = [getattr(tally, name) for name in _TALLY]
                problems = sorted((p.kind, p.detail, p.line or 0) for p in tally.problems)
                digest.update(repr((part, sums, tally.first, tally.last, problems)).encode())
            seconds, values = state.seconds.arrays()
            feed_digest(digest, seconds)
            feed_digest(digest, values)
            digest.update(repr(sorted(state.seek.items())).encode())
        for group_key in sorted(self.groups):
            group = self.groups[group_key]
            digest.update(repr((group_key, group.signature, group.untimed, group.exemplars.all())).encode())
            feed_digest(digest, group.occurrences.table())
        return digest.hexdigest()[:32]


def _sum_by_run(seconds: Int64, values: Int64) -> tuple[Int64, Int64]:
    """Sum rows over runs of equal neighbouring seconds: most files are in order, so this shrinks a piece at once."""
    starts = np.flatnonzero(np.concatenate([[True], seconds[1:] != seconds[:-1]]))
    return seconds[starts], np.add.reduceat(values, starts, axis=0)


def _least(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else min(a, b)


def _most(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else max(a, b)
