"""Leaves of a saved session what lies in a span of time: what was counted by seconds, and the records that were kept.

Lines and bytes are those of the whole files, as where a span of logs is read. A log's records are cut to the second; of
a time that is long past, and in which much was kept, to the minute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from logscope.index.index import ERRORS, RECORDS, WARNINGS, PartTally
from logscope.index.kept import KeptGroup, KeptIndex, KeptJourneys, KeptPart, KeptSamples, KeptSource
from logscope.ingest.batch import Int64
from logscope.model.times import NO_TIME, US
from logscope.state.session import KeptSession

_FOREVER_US = 2**62
_MINUTE_S = 60
_Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Range:
    """A span as a log's own stamps write it, microseconds: from `begin` on, and before `end`."""

    begin: int = -_FOREVER_US
    end: int = _FOREVER_US

    def shift(self, by_us: int) -> "Range":
        """The same span in stamps to which so much is added."""
        return Range(self.begin - by_us, self.end - by_us)

    def holds(self, times: Int64) -> _Flags:
        """Which stamps are in it; what has none is."""
        return _lie_between(times, self.begin, self.end)

    def holds_seconds(self, seconds: Int64, width_s: int = 1) -> _Flags:
        """Which steps of time, told by their first second, are in it at least in part."""
        first, last = self.begin // US, (self.end - 1) // US
        return (seconds // width_s >= first // width_s) & (seconds // width_s <= last // width_s)


def narrow_session(kept: KeptSession, span: Range, shifts: Mapping[str, int]) -> KeptSession:
    """What is left of a session in a span; the newest record that is left is now.

    Args:
        kept: All that was saved.
        span: Which time is asked for, UTC.
        shifts: What is added to the stamps of each log, microseconds.
    """
    spans = {plan.key: span.shift(shifts.get(plan.key, 0)) for plan in kept.plans}
    return replace(
        kept,
        index=_narrow_index(kept.index, spans),
        window=_narrow_index(kept.window, spans),
        now=kept.now if kept.now is not None and kept.now < span.end else None,
        readings=(),
    )


def find_unexamined(kept: KeptSession, span: Range, shifts: Mapping[str, int]) -> tuple[int, int] | None:
    """The span of which records below a warning are known, UTC, where it does not cover what is asked for.

    None where it does; of no length where none are known.
    """
    known, examined = (_extent(index, shifts) for index in (kept.index, kept.window))
    if known is None:
        return None
    if examined is None:
        return span.begin, span.begin
    lower, upper = max(known[0], span.begin), min(known[1], span.end)
    return None if examined[0] <= lower and examined[1] >= upper else examined


def _extent(index: KeptIndex, shifts: Mapping[str, int]) -> tuple[int, int] | None:
    """Begin of the first second in which there is a record, and end of the last, UTC; None without any."""
    ends = [
        (int(seconds[0]) * US + shifts.get(source.key, 0), (int(seconds[-1]) + 1) * US + shifts.get(source.key, 0))
        for source in index.sources
        if len(seconds := source.seconds[:, 0])
    ]
    return (min(begin for begin, _ in ends), max(end for _, end in ends)) if ends else None


def _narrow_index(kept: KeptIndex, spans: Mapping[str, Range]) -> KeptIndex:
    groups, occurrences, exemplars, texts = _narrow_groups(kept, spans)
    return replace(
        kept,
        sources=tuple(_narrow_source(source, spans[source.key]) for source in kept.sources),
        groups=groups,
        occurrences=occurrences,
        exemplars=exemplars,
        texts=texts,
        journeys=_narrow_journeys(kept.journeys, spans),
        samples=_narrow_samples(kept.samples, spans),
    )


def _narrow_source(kept: KeptSource, span: Range) -> KeptSource:
    seconds = kept.seconds[span.holds_seconds(kept.seconds[:, 0])]
    named = [n for n, (first, last) in enumerate(kept.spans.tolist()) if first < span.end and last >= span.begin]
    return replace(
        kept,
        parts=tuple(_narrow_part(part, span, kept.seconds) for part in kept.parts),
        seconds=seconds,
        seek=kept.seek[span.holds_seconds(kept.seek[:, 0] * _MINUTE_S, _MINUTE_S)],
        ids=tuple(kept.ids[n] for n in named),
        spans=np.clip(kept.spans[named], span.begin, span.end - 1),
    )


def _narrow_part(kept: KeptPart, span: Range, seconds: Int64) -> KeptPart:
    """Sums over a part: those of its seconds that are left, where it is cut."""
    if kept.first is None or kept.last is None or (kept.first >= span.begin and kept.last < span.end):
        return kept
    sums = dict(zip(PartTally.SUMS, kept.sums, strict=True))
    mine = seconds[(seconds[:, 0] >= kept.first // US) & (seconds[:, 0] <= kept.last // US)]
    left = mine[span.holds_seconds(mine[:, 0])]
    share = len(left) and int(left[:, 1 + RECORDS].sum()) / max(1, int(mine[:, 1 + RECORDS].sum()))
    sums["levelled"] = round(sums["levelled"] * share)
    counted = {"records": RECORDS, "errors": ERRORS, "warnings": WARNINGS}
    sums.update({name: int(left[:, 1 + column].sum()) for name, column in counted.items()})
    sums["records"] += sums["untimed"]
    if not len(left):
        return replace(kept, sums=tuple(sums.values()), first=None, last=None)
    # Which moment of its second it was is not known: the whole second was read.
    first = max(kept.first, span.begin, int(left[0, 0]) * US)
    last = max(first, min(kept.last, span.end - 1, int(left[-1, 0]) * US + US - 1))
    return replace(kept, sums=tuple(sums.values()), first=first, last=last)


def _narrow_groups(kept: KeptIndex, spans: Mapping[str, Range]) -> tuple[tuple[KeptGroup, ...], Int64, Int64, bytes]:
    """The groups that have records left, with their rows. Of each at least one record is shown as it stands."""
    groups: list[KeptGroup] = []
    rows, shown, texts = [kept.occurrences[:0]], [kept.exemplars[:0]], []
    at = chosen = 0
    begins = np.concatenate([[0], np.cumsum(kept.exemplars[:, 4])])
    for one in kept.groups:
        span = spans[one.kind.source]
        mine = kept.occurrences[at : at + one.occurrences]
        mine = mine[span.holds_seconds(mine[:, 0]) & span.holds(mine[:, 2])]
        numbers = np.arange(chosen, chosen + one.exemplars)
        at, chosen = at + one.occurrences, chosen + one.exemplars
        if not len(mine) and not one.untimed:
            continue
        near = numbers[span.holds(kept.exemplars[numbers, 0])]
        numbers = near if len(near) else numbers[:1]
        rows.append(mine)
        shown.append(kept.exemplars[numbers])
        texts += [kept.texts[begins[n] : begins[n + 1]] for n in numbers.tolist()]
        groups.append(replace(one, occurrences=len(mine), exemplars=len(numbers)))
    return tuple(groups), np.concatenate(rows), np.concatenate(shown), b"".join(texts)


def _narrow_journeys(kept: KeptJourneys, spans: Mapping[str, Range]) -> KeptJourneys:
    holds = _holds_by_kind(kept.rows[:, 0], kept.rows[:, 4], [spans[kind.source] for kind in kept.kinds])
    named = np.repeat(np.arange(len(kept.names)), kept.counts)
    counts = np.bincount(named[holds], minlength=len(kept.names)).astype(np.int64)
    left = np.flatnonzero(counts)
    return replace(kept, names=tuple(kept.names[n] for n in left.tolist()), counts=counts[left], rows=kept.rows[holds])


def _narrow_samples(kept: KeptSamples, spans: Mapping[str, Range]) -> KeptSamples:
    holds = _holds_by_kind(kept.rows[:, 1], kept.rows[:, 0], [spans[source] for source, _, _ in kept.kinds])
    return replace(kept, rows=kept.rows[holds], values=kept.values[np.repeat(holds, kept.rows[:, 5])])


def _holds_by_kind(times: Int64, kinds: Int64, spans: Sequence[Range]) -> _Flags:
    """Which rows are in the span of the log that their kind is of."""
    begins = np.array([span.begin for span in spans], np.int64)
    ends = np.array([span.end for span in spans], np.int64)
    return _lie_between(times, begins[kinds], ends[kinds])


def _lie_between(times: Int64, begin: Int64 | int, end: Int64 | int) -> _Flags:
    """Which stamps are at or behind a begin and before an end; what has none is."""
    holds: _Flags = ((times >= begin) & (times < end)) | (times == NO_TIME)
    return holds
