"""The index of one incident: what is kept of all files, as integers and a few texts.

A commutative monoid: `Index()` is its identity, `merge` is associative and commutative, and `digest` depends only on
the content. Times are as written in the files; zones and clocks are corrected by whoever looks (analysis), so that a
better guess never needs a second reading.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from logscope.index.bounds import Bounds
from logscope.index.counts import SecondCounts, Spans, feed_digest
from logscope.index.groups import Folded, Groups
from logscope.index.groups import Group as Group
from logscope.index.groups import GroupKey as GroupKey
from logscope.index.ids import IdSample
from logscope.index.journeys import Journeys
from logscope.index.notes import Notes
from logscope.index.room import Room, room_of
from logscope.index.samples import Samples
from logscope.ingest.batch import Batch, Int64, Signature
from logscope.ingest.ids import is_sampled
from logscope.ingest.severity import FAILING_STATUS
from logscope.model.files import Problem
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US, NO_TIME, US

RECORDS, ERRORS, WARNINGS, REQUESTS, FAILED, REFUSED, SLOW_MS = range(7)
"""Columns of a source's per-second counters: records, error or fatal records, warn records, requests of an access log,
those answered 5xx, those answered 4xx, and the sum of durations in milliseconds."""

_COLUMNS = 7
_BOUNDED_EVERY = 16
"""Pieces after which the sources are compared with their room: 32 MiB of a file."""
_GROUP_STEP_S = 60
_SOURCE_STEP_S = 5
"""Pauses of a log, and requests that it shares with others, are looked for in steps of seconds."""
_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(slots=True)
class PartTally:
    """Exact sums over one part (file) of a source."""

    SUMS: ClassVar = ("lines", "bytes", "records", "errors", "warnings", "levelled", "untimed")

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
        for name in self.SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.first = _least(self.first, other.first)
        self.last = _most(self.last, other.last)
        self.problems |= other.problems

    def sums(self) -> tuple[int, ...]:
        """The values of `SUMS`."""
        return tuple(getattr(self, name) for name in self.SUMS)


class SourceState:
    """What is kept of one log (all its rotated parts)."""

    __slots__ = ("ids", "parts", "seconds", "seek")

    def __init__(self) -> None:
        self.ids = IdSample()
        self.parts: dict[int, PartTally] = {}
        self.seconds = SecondCounts(_COLUMNS)
        self.seek: dict[int, tuple[int, int, int]] = {}
        """For each minute as written the first place of a record in it: (part, offset, line)."""

    def merge(self, other: "SourceState") -> None:
        """Add another state of the same source (other pieces of it)."""
        for part, tally in other.parts.items():
            self.parts.setdefault(part, PartTally()).merge(tally)
        self.ids.merge(other.ids)
        self.seconds.merge(other.seconds)
        for minute, place in other.seek.items():
            self.seek[minute] = min(place, self.seek.get(minute, place))


class Index:
    """What is kept of all sources."""

    def __init__(self, *, is_window: bool = False, room: Room | None = None) -> None:
        """Start with nothing.

        Args:
            is_window: Every record of a span is read at every level: what is found in each of them is kept, not only
                what a sample of the seconds shows.
            room: The most that is held; None for that of a process of usual size.
        """
        self._is_window = is_window
        self._bounds = Bounds(room or room_of())
        self._pieces = 0
        self.journeys = Journeys()
        """Where each id went; empty but for a window."""
        self.samples = Samples()
        """Records with numbers in them; empty but for a window."""
        self.sources: dict[str, SourceState] = {}
        self._groups = Groups()
        self._notes = Notes()

    @property
    def groups(self) -> Mapping[GroupKey, Group]:
        """All groups. Bounded: kinds beyond the bounds are folded, see `folded_kinds`."""
        self._settle()
        return self._groups.by_key

    def folded_kinds(self) -> Mapping[str, tuple[str, ...]]:
        """By source the templates of the groups that stand for more kinds than are told apart."""
        self._settle()
        folded: dict[str, dict[str, None]] = {}
        for source, signature in self._groups.folded():
            folded.setdefault(source, {})[signature.template] = None
        return {source: tuple(templates) for source, templates in folded.items()}

    def folds(self) -> Iterator[Folded]:
        """What is no longer told apart, in order."""
        self._settle()
        return self._groups.folds()

    def restore_groups(self, folds: Iterable[Folded], groups: Iterable[tuple[GroupKey, Group]]) -> None:
        """Take over the groups of an index that was kept, into one without groups."""
        self._groups.restore(folds, groups)

    def fold(self, source: str, batch: Batch, signatures: list[Signature]) -> None:
        """Add the records of one piece of a source.

        Args:
            source: Key of the source.
            batch: Its records, as the scanner gave them.
            signatures: The scanner's signatures that `batch.signature` points into.
        """
        self.fold_counts(source, batch)
        if self._is_window:
            self.journeys.add(source, batch, signatures)
            self.samples.add(source, batch, signatures)
        # Warnings and worse have their groups in the index of everything: nobody asks a window for them.
        low = np.flatnonzero(batch.severity[batch.notable] < Severity.WARN) if self._is_window else None
        self._notes.add(source, batch, signatures, low)
        if self._notes.is_full:
            self._settle()
        self._pieces += 1
        if self._pieces % _BOUNDED_EVERY == 0:
            self._bound_sources()

    def fold_counts(self, source: str, batch: Batch) -> None:
        """Add what is counted of the records of a piece, and their ids; what they say is left out."""
        state = self.sources.setdefault(source, SourceState())
        fed = state.parts.setdefault(batch.fed_part, PartTally())
        fed.lines += batch.line_count
        fed.bytes += batch.byte_count
        fed.problems.update(batch.problems)
        if not len(batch.part):
            return
        is_error, is_warning = tell_levels(batch)
        is_timed = batch.time != NO_TIME
        all_timed = bool(is_timed.all())
        bounds = np.flatnonzero(np.concatenate([[True], batch.part[1:] != batch.part[:-1], [True]])).tolist()
        for begin, end in pairwise(bounds):
            mine = slice(begin, end)
            tally = state.parts.setdefault(int(batch.part[begin]), PartTally())
            tally.records += end - begin
            tally.errors += int(np.count_nonzero(is_error[mine]))
            tally.warnings += int(np.count_nonzero(is_warning[mine]))
            tally.levelled += int(np.count_nonzero(batch.severity[mine] != Severity.UNKNOWN))
            timed = batch.time[mine] if all_timed else batch.time[mine][is_timed[mine]]
            tally.untimed += end - begin - len(timed)
            if len(timed):
                tally.first = _least(tally.first, int(timed.min()))
                tally.last = _most(tally.last, int(timed.max()))
        rows = None if all_timed else np.flatnonzero(is_timed)

        def pick(column: NDArray[_Scalar]) -> NDArray[_Scalar]:
            return column if rows is None else column[rows]

        times = pick(batch.time)
        if not len(times):
            return
        seconds = times // US
        starts = np.flatnonzero(np.concatenate([[True], seconds[1:] != seconds[:-1]]))
        values = np.zeros((len(starts), _COLUMNS), np.int64)
        values[:, RECORDS] = np.diff(np.append(starts, len(times)))
        values[:, ERRORS] = _count_by_run(pick(is_error), starts)
        values[:, WARNINGS] = _count_by_run(pick(is_warning), starts)
        if batch.status is not None:
            status = pick(batch.status)
            values[:, REQUESTS] = _count_by_run(status > 0, starts)
            values[:, FAILED] = _count_by_run(status >= 500, starts)
            values[:, REFUSED] = _count_by_run((status >= 400) & (status < 500), starts)
        if batch.duration_us is not None:
            values[:, SLOW_MS] = np.add.reduceat(np.maximum(pick(batch.duration_us), 0) // 1000, starts)
        state.seconds.add(seconds[starts], values)
        minutes = seconds[starts] // 60
        at = starts[np.concatenate([[True], minutes[1:] != minutes[:-1]])]
        if rows is not None:
            at = rows[at]
        self._fold_seek(state, batch, at)
        self._fold_ids(state, batch)

    def estimate(self, source: str, seconds: Int64, values: Int64) -> None:
        """Add counters of a source that stand for records which were not read.

        Args:
            source: Its key.
            seconds: As its stamps are written.
            values: For each of them a row of its per-second counters.
        """
        self.sources.setdefault(source, SourceState()).seconds.add(seconds, values)

    def _fold_ids(self, state: SourceState, batch: Batch) -> None:
        if not len(batch.id_rows):
            return
        times = batch.time[batch.id_rows]
        # A scanner that examines gives more: what is kept of a stream does not depend on how it was read.
        kept = np.flatnonzero(times != NO_TIME if self._is_window else is_sampled(times)).tolist()
        state.ids.add([batch.id_names[n] for n in kept], times[kept].tolist())

    @staticmethod
    def _fold_seek(state: SourceState, batch: Batch, rows: Int64) -> None:
        """Remember the places of records that are the first of a minute in this piece."""
        columns = (batch.time[rows] // MINUTE_US, batch.part[rows], batch.offset[rows], batch.line[rows])
        for minute, part, offset, line in zip(*(column.tolist() for column in columns), strict=True):
            place = (part, offset, line)
            state.seek[minute] = min(place, state.seek.get(minute, place))

    def _settle(self) -> None:
        """Put what waits into its groups."""
        if not self._notes.is_empty:
            offered = self._notes.text_bytes
            self._notes.fold_into(self._groups)
            self._bound_groups(offered)

    def _bound_groups(self, offered: int) -> None:
        for source, problem in self._bounds.of_groups(self._groups, offered):
            self._tell(source, problem)

    def _bound_sources(self) -> None:
        seconds = {source: state.seconds for source, state in self.sources.items()}
        for source, problem in self._bounds.of_sources(seconds, (state.seek for state in self.sources.values())):
            self._tell(source, problem)

    def _tell(self, source: str, problem: Problem) -> None:
        """Say once of a source what is no longer known of it."""
        parts = self.sources[source].parts
        if not any(problem in tally.problems for tally in parts.values()):
            parts[max(parts)].problems.add(problem)

    def learn_telling(self, tells: Callable[[Signature], bool]) -> None:
        """Let kinds that say by themselves what broke be told apart longest."""
        self._groups.tells = tells

    @property
    def room(self) -> Room:
        """The most that is held."""
        return self._bounds.room

    def __reduce__(self) -> tuple[Callable[..., "Index"], tuple[dict[str, SourceState], Groups, Room]]:
        """What another process gets: everything in its group."""
        self._settle()
        return (_rebuild, (self.sources, self._groups, self.room))

    def count_rows(self) -> int:
        """Active seconds of all groups: what grows with the time that is in view."""
        return sum(len(group.occurrences) for group in self.groups.values())

    def coarsen(self, until: Mapping[str, int], kept: Mapping[str, Spans]) -> None:
        """Keep less of what is long past: of groups the minutes, of sources what each five seconds held.

        All counts, and the first record of each minute with its place, stay.

        Args:
            until: For each source the second, as written, from which on everything is kept.
            kept: For each source spans of seconds before that of which everything is kept, too.
        """
        for key, group in self.groups.items():
            group.occurrences.coarsen(_GROUP_STEP_S, until[key.source], kept[key.source])
        for source, state in self.sources.items():
            state.seconds.coarsen(_SOURCE_STEP_S, until[source], kept[source])

    def merge(self, other: "Index") -> None:
        """Add everything of another index; the other one must not be used afterwards."""
        for key, state in other.sources.items():
            if key in self.sources:
                self.sources[key].merge(state)
            else:
                self.sources[key] = state
        self.journeys.merge(other.journeys)
        self.samples.merge(other.samples)
        self._settle()
        other._settle()
        self._groups.merge(other._groups)
        self._bound_groups(self.room.text_bytes)
        self._bound_sources()

    def forget(self, source: str) -> None:
        """Drop all that was read of a source, as if it had never been fed: it is about to be read by another plan."""
        self._settle()
        self.sources.pop(source, None)
        self._groups.forget(source)
        self._notes.forget_kinds()
        self.journeys.forget(source)
        self.samples.forget(source)

    def digest(self) -> str:
        """A hash of the content: equal for any cut of the bytes, any order and any merge tree."""
        digest = hashlib.new("blake2b")
        for key in sorted(self.sources):
            state = self.sources[key]
            digest.update(repr(key).encode())
            for part in sorted(state.parts):
                tally = state.parts[part]
                sums = list(tally.sums())
                problems = sorted((p.kind, p.detail, p.line or 0) for p in tally.problems)
                digest.update(repr((part, sums, tally.first, tally.last, problems)).encode())
            seconds, values = state.seconds.arrays()
            feed_digest(digest, seconds)
            feed_digest(digest, values)
            digest.update(repr(sorted(state.seek.items())).encode())
            digest.update(repr(sorted(state.ids.spans().items())).encode())
        for group_key in sorted(self.groups):
            group = self.groups[group_key]
            digest.update(repr((group_key, group.signature, group.untimed, group.exemplars.all())).encode())
            feed_digest(digest, group.occurrences.table())
        rows = self.journeys.rows()
        digest.update(repr((rows.level, rows.kinds, rows.names.tolist(), rows.table.tolist())).encode())
        digest.update(repr(list(self.samples.by_kind().items())).encode())
        return digest.hexdigest()[:32]


def _rebuild(sources: dict[str, SourceState], groups: Groups, room: Room) -> Index:
    index = Index(room=room)
    index.sources, index._groups = sources, groups
    return index


def tell_levels(batch: Batch) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which records of a batch count as errors, and which as warnings."""
    is_error = batch.severity >= Severity.ERROR
    if batch.status is not None:
        # Users got no answer, whatever level its author gives that.
        is_error |= batch.status >= FAILING_STATUS
    return is_error, (batch.severity >= Severity.WARN) & ~is_error


def _count_by_run(flags: NDArray[np.bool_], starts: Int64) -> Int64:
    """How many are set in each run, by where the runs start; most files are in order, so runs are few."""
    return np.diff(np.searchsorted(np.flatnonzero(flags), starts), append=np.count_nonzero(flags))


def _least(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else min(a, b)


def _most(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else max(a, b)
