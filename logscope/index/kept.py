"""An index as plain values and tables, and back: what a saved incident holds of it.

What comes back may have been written by anybody: every number is checked where it is used as a place, a time or a
count. What follows from the rest (ranks, keys by prefix, limits) is not kept but made again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from zlib import crc32

import numpy as np

from logscope.index.exemplars import Exemplar, spread_rank
from logscope.index.groups import Folded, Group, GroupKey
from logscope.index.ids import SHORT
from logscope.index.index import Index, PartTally, SourceState
from logscope.index.journeys import RANK
from logscope.index.samples import Sample
from logscope.ingest.batch import Int64, Signature, SignatureKind
from logscope.ingest.ids import LONGEST_ID
from logscope.model.files import Problem
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME, US

_LARGEST = 2**53
"""Of places and counts: beyond any file."""
_LATEST = 2**53
"""Microseconds: the year 2255."""


class KeptError(ValueError):
    """A number is none that an index holds."""


@dataclass(frozen=True, slots=True)
class KeptKind:
    """One kind of record of a source."""

    source: str
    severity: Severity
    key: int
    service: str
    kind: SignatureKind
    template: str


@dataclass(frozen=True, slots=True)
class KeptGroup:
    """One group; its rows follow those of the group before."""

    kind: KeptKind
    untimed: int
    occurrences: int
    """Rows of `KeptIndex.occurrences`."""
    exemplars: int
    """Rows of `KeptIndex.exemplars`."""


@dataclass(frozen=True, slots=True)
class KeptFold:
    """Kinds that are no longer told apart."""

    source: str
    severity: Severity
    kind: SignatureKind
    length: str
    service: str
    clan: str | None
    """First word; None for the whole branch."""
    family: str | None
    """First words; None for the whole clan."""


@dataclass(frozen=True, slots=True)
class KeptPart:
    """Sums over one part; the names are those of `PartTally`."""

    part: int
    sums: tuple[int, ...]
    first: int | None
    last: int | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class KeptSource:
    """One log."""

    key: str
    parts: tuple[KeptPart, ...]
    seconds: Int64
    """A row for each active second: the second, then its counters."""
    seek: Int64
    """Rows of minute, part, offset, line."""
    ids: tuple[bytes, ...]
    spans: Int64
    """First and last stamp of each of the ids."""


@dataclass(frozen=True, slots=True)
class KeptJourneys:
    """Where ids went."""

    level: int
    kinds: tuple[KeptKind, ...]
    names: tuple[bytes, ...]
    """Distinct, ascending."""
    counts: Int64
    """Rows of each name."""
    rows: Int64
    """Stamp, part, offset, line, index of the kind, status; by name."""


@dataclass(frozen=True, slots=True)
class KeptSamples:
    """Records with numbers in them."""

    kinds: tuple[tuple[str, Severity, int], ...]
    names: tuple[str, ...]
    """Of the numbers."""
    rows: Int64
    """Index of the kind, stamp, part, offset, line, count of values."""
    values: Int64
    """Index of the name, bits of the number as a double, whether it is of a hundred."""


@dataclass(frozen=True, slots=True)
class KeptIndex:
    """All of an index."""

    sources: tuple[KeptSource, ...]
    groups: tuple[KeptGroup, ...]
    folds: tuple[KeptFold, ...]
    occurrences: Int64
    exemplars: Int64
    """Rows of stamp, part, offset, line, length of the text."""
    texts: bytes
    """Of all exemplars, one behind the other."""
    journeys: KeptJourneys
    samples: KeptSamples


def keep_index(index: Index) -> KeptIndex:
    """An index as plain values: the same for the same content."""
    groups = sorted(index.groups.items())
    exemplars = [one for _, group in groups for one in group.exemplars.all()]
    return KeptIndex(
        sources=tuple(_keep_source(key, state) for key, state in sorted(index.sources.items())),
        groups=tuple(
            KeptGroup(
                _keep_kind(key, group.signature),
                group.untimed,
                len(group.occurrences),
                len(group.exemplars.all()),
            )
            for key, group in groups
        ),
        folds=tuple(KeptFold(*one) for one in index.folds()),
        occurrences=_stack([group.occurrences.table() for _, group in groups], 6),
        exemplars=_table([(*one[:4], len(one.text)) for one in exemplars], 5),
        texts=b"".join(one.text for one in exemplars),
        journeys=_keep_journeys(index),
        samples=_keep_samples(index),
    )


def restore_index(kept: KeptIndex, parts: Mapping[str, int], *, is_window: bool) -> Index:
    """The index that was kept.

    Args:
        kept: What was kept of it.
        parts: How many parts each source has.
        is_window: As the index was made.

    Raises:
        KeptError: It holds a number that no index does.
    """
    index = Index(is_window=is_window)
    for source in kept.sources:
        _check(source.key in parts, "an unknown log")
        index.sources[source.key] = _restore_source(source, parts[source.key])
    index.restore_groups([Folded(*astuple(fold)) for fold in kept.folds], _restore_groups(kept, parts))
    _restore_journeys(kept.journeys, parts, index)
    _restore_samples(kept.samples, parts, index)
    return index


def _keep_kind(key: GroupKey, signature: Signature) -> KeptKind:
    return KeptKind(
        key.source, key.severity, signature.key, signature.service, signature.kind, signature.template
    )  # fmt: skip


def _keep_source(key: str, state: SourceState) -> KeptSource:
    seconds, values = state.seconds.arrays()
    spans = sorted(state.ids.spans().items())
    parts = tuple(
        KeptPart(
            part, tally.sums(), tally.first, tally.last,
            tuple(sorted(tally.problems, key=lambda p: (p.kind, p.detail, p.line or 0))),
        )
        for part, tally in sorted(state.parts.items())
    )  # fmt: skip
    return KeptSource(
        key=key,
        parts=parts,
        seconds=np.column_stack([seconds, values]),
        seek=_table([(minute, *place) for minute, place in sorted(state.seek.items())], 4),
        ids=tuple(name for name, _ in spans),
        spans=_table([span for _, span in spans], 2),
    )


def _restore_source(kept: KeptSource, parts: int) -> SourceState:
    state = SourceState()
    for one in kept.parts:
        _check(0 <= one.part < parts and len(one.sums) == len(PartTally.SUMS), "a part that is not there")
        _check(all(0 <= value < _LARGEST for value in one.sums), "a count below zero")
        _check_times(_table([(time,) for time in (one.first, one.last) if time is not None], 1)[:, 0])
        tally = state.parts[one.part] = PartTally(first=one.first, last=one.last, problems=set(one.problems))
        for name, value in zip(PartTally.SUMS, one.sums, strict=True):
            setattr(tally, name, value)
    seconds = _shaped(kept.seconds, state.seconds.width + 1)
    _check_seconds(seconds[:, 0])
    _check_range(seconds[:, 1:], 0, _LARGEST)
    state.seconds.add(seconds[:, 0].copy(), seconds[:, 1:].copy())
    seek = _shaped(kept.seek, 4)
    _check_seconds(seek[:, 0])
    _check_places(seek[:, 1:], parts)
    state.seek = {minute: (part, offset, line) for minute, part, offset, line in seek.tolist()}
    spans = _shaped(kept.spans, 2)
    _check_times(spans)
    _check(len(spans) == len(kept.ids) and bool((spans[:, 0] <= spans[:, 1]).all()), "spans without ids")
    for column in (0, 1):
        state.ids.add(kept.ids, spans[:, column].tolist())
    return state


def _restore_groups(kept: KeptIndex, parts: Mapping[str, int]) -> Iterable[tuple[GroupKey, Group]]:
    occurrences, exemplars = _shaped(kept.occurrences, 6), _shaped(kept.exemplars, 5)
    _check_seconds(occurrences[:, 0])
    _check_range(occurrences[:, 1], 1, _LARGEST)
    _check_times(occurrences[:, 2])
    _check_times(exemplars[:, 0])
    _check_range(exemplars[:, 4], 0, _LARGEST)
    at = shown = begin = 0
    for one in kept.groups:
        count = parts.get(one.kind.source, 0)
        _check(one.occurrences >= 0 and one.exemplars >= 0 and 0 <= one.untimed < _LARGEST, "a count below zero")
        rows = occurrences[at : at + one.occurrences]
        chosen = exemplars[shown : shown + one.exemplars]
        _check(len(rows) == one.occurrences and len(chosen) == one.exemplars > 0, "rows that are not there")
        _check_places(rows[:, 3:6], count)
        _check_places(chosen[:, 1:4], count)
        at, shown = at + one.occurrences, shown + one.exemplars
        key, signature = _restore_kind(one.kind)
        group = Group(signature)
        group.untimed = one.untimed
        group.occurrences.add(rows.copy())
        records = []
        for time, part, offset, line, size in chosen.tolist():
            records.append(Exemplar(time, part, offset, line, kept.texts[begin : begin + size]))
            begin += size
        group.exemplars.add(records)
        yield key, group
    _check(begin == len(kept.texts), "texts without places")


def _restore_kind(kept: KeptKind) -> tuple[GroupKey, Signature]:
    _check(0 <= kept.key < 2**63, "a key that is none")
    signature = Signature(kept.key, kept.service, kept.kind, kept.template)
    return GroupKey(kept.source, kept.severity, kept.key), signature


def _keep_journeys(index: Index) -> KeptJourneys:
    rows = index.journeys.rows()
    names, counts = np.unique(rows.names, return_counts=True)
    return KeptJourneys(
        level=rows.level,
        kinds=tuple(_keep_kind(key, index.journeys.signature(key)) for key in rows.kinds),
        names=tuple(names.tolist()),
        counts=counts.astype(np.int64),
        rows=rows.table[:, :RANK],
    )


def _restore_journeys(kept: KeptJourneys, parts: Mapping[str, int], index: Index) -> None:
    rows = _shaped(kept.rows, RANK)
    _check(0 <= kept.level < 32, "a level that is none")
    _check_range(kept.counts, 1, _LARGEST)
    _check(len(kept.counts) == len(kept.names) and int(kept.counts.sum()) == len(rows), "ids without rows")
    _check(all(0 < len(name) <= LONGEST_ID for name in kept.names), "an id that is none")
    _check_times(rows[:, 0])
    _check_range(rows[:, 5], 0, 1000)
    _check_kinds(rows[:, 4], rows[:, 1:4], [parts.get(one.source, 0) for one in kept.kinds])
    ranks = np.array([crc32(name[:SHORT]) for name in kept.names], np.int64)
    index.journeys.restore(
        kept.level,
        [_restore_kind(one) for one in kept.kinds],
        np.repeat(np.array(kept.names, f"S{LONGEST_ID}"), kept.counts),
        np.column_stack([rows, np.repeat(ranks, kept.counts)]),
    )


def _keep_samples(index: Index) -> KeptSamples:
    kinds = index.samples.all_kinds()
    names: dict[str, int] = {}
    rows, values = [], []
    for number, samples in enumerate(kinds.values()):
        for one in samples:
            rows.append((number, one.time, one.part, one.offset, one.line, len(one.values)))
            for name, value, is_percent in one.values:
                bits = int(np.float64(value).view(np.int64))
                values.append((names.setdefault(name, len(names)), bits, int(is_percent)))
    return KeptSamples(tuple(kinds), tuple(names), _table(rows, 6), _table(values, 3))


def _restore_samples(kept: KeptSamples, parts: Mapping[str, int], index: Index) -> None:
    rows, values = _shaped(kept.rows, 6), _shaped(kept.values, 3)
    _check_times(rows[:, 1])
    _check_range(rows[:, 5], 0, _LARGEST)
    _check_kinds(rows[:, 0], rows[:, 2:5], [parts.get(source, 0) for source, _, _ in kept.kinds])
    _check(int(rows[:, 5].sum()) == len(values), "values without records")
    _check_range(values[:, 0], 0, len(kept.names))
    numbers = np.ascontiguousarray(values[:, 1]).view(np.float64)
    _check(bool(np.isfinite(numbers).all()), "a number that is none")
    told = [
        (kept.names[name], number, bool(flag))
        for name, number, flag in zip(values[:, 0].tolist(), numbers.tolist(), values[:, 2].tolist(), strict=True)
    ]
    ranks = spread_rank(rows[:, 2].astype(np.uint16), rows[:, 3]).tolist()
    found: dict[GroupKey, list[Sample]] = {}
    at = 0
    for rank, (kind, time, part, offset, line, count) in zip(ranks, rows.tolist(), strict=True):
        sample = Sample(rank, time, part, offset, line, tuple(told[at : at + count]))
        found.setdefault(GroupKey(*kept.kinds[kind]), []).append(sample)
        at += count
    index.samples.restore(found)


def _table(rows: Sequence[tuple[int, ...]], width: int) -> Int64:
    return np.array(rows, np.int64).reshape(len(rows), width)


def _stack(tables: Sequence[Int64], width: int) -> Int64:
    return np.concatenate(tables) if tables else np.empty((0, width), np.int64)


def _shaped(table: Int64, width: int) -> Int64:
    _check(table.ndim == 2 and table.shape[1] == width, "a table of another form")
    return table


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise KeptError(what)


def _check_range(values: Int64, least: int, beyond: int) -> None:
    _check(not values.size or (int(values.min()) >= least and int(values.max()) < beyond), "a number out of range")


def _check_times(times: Int64) -> None:
    known = times[times != NO_TIME]
    _check_range(known, -_LATEST, _LATEST)


def _check_seconds(seconds: Int64) -> None:
    _check_range(seconds, -_LATEST // US, _LATEST // US)


def _check_places(places: Int64, parts: int) -> None:
    """Rows of part, offset and line."""
    _check_range(places[:, 0], 0, min(parts, 2**16))
    _check_range(places[:, 1:], 0, _LARGEST)


def _check_kinds(kinds: Int64, places: Int64, parts: Sequence[int]) -> None:
    """Rows whose kind says which log they are of: the index of the kind, and the place."""
    _check_range(kinds, 0, len(parts))
    _check_range(places, 0, _LARGEST)
    if len(kinds):
        _check(bool((places[:, 0] < np.array(parts, np.int64)[kinds]).all()), "a part that is not there")
