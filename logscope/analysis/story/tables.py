"""The tables of the Snapshot: files, groups, trend and lanes. Sums that hold, nothing judged."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Final

import numpy as np

from logscope.analysis.kinds.kinds import Kind, SourceView
from logscope.analysis.kinds.texts import TextShelf
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.users.users import Users
from logscope.index.exemplars import cut_sample
from logscope.index.index import ERRORS, RECORDS, WARNINGS, Index, PartTally
from logscope.ingest.batch import Int64, SignatureKind
from logscope.model.files import DateOrigin, FileSummary, Problem, Zone
from logscope.model.kinds import GroupSummary, Role, Series
from logscope.model.lanes import Lane, Trend, UsersLane
from logscope.model.severity import Severity
from logscope.model.times import DAY_US, MINUTE_US, US

MOST_BUCKETS: Final = 2880
TREND_WIDTHS_S: Final = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 604800)

LANE_WIDTHS_S: Final = (1, 2, 5, 10, 15, 30, *TREND_WIDTHS_S)
MOST_LANE_BUCKETS: Final = 720
"""Finer than the trend: the timeline is zoomed down to seconds."""


class Buckets:
    """Equal buckets over the window of the trend."""

    def __init__(
        self, first_us: int, last_us: int, *, most: int = MOST_BUCKETS, widths_s: Sequence[int] = TREND_WIDTHS_S
    ) -> None:
        """Choose the least width with which at most so many buckets cover both ends."""
        wide = next((w for w in widths_s if (last_us - first_us) / (w * US) < most - 1), widths_s[-1])
        self.width_s = wide
        self.start_s = first_us // US // wide * wide
        self.count = min(most, last_us // US // wide - self.start_s // wide + 1)

    def fill(self, seconds: Int64, counts: Int64) -> Int64:
        """Sum counters into the buckets; what lies outside is left out."""
        at = (seconds - self.start_s) // self.width_s
        if len(at) and (int(at.min()) < 0 or int(at.max()) >= self.count):
            inside = (at >= 0) & (at < self.count)
            at, counts = at[inside], counts[inside]
        return np.bincount(at, weights=counts, minlength=self.count).astype(np.int64)

    def fill_kind(self, kind: Kind) -> tuple[int, ...]:
        """The records of a kind in each bucket; what did not change since the last time is not counted again."""
        shape = (self.start_s, self.width_s, self.count)
        if kind.filled is None or kind.filled[0] != shape:
            kind.filled = shape, tuple(self.fill(kind.seconds, kind.counts).tolist())
        return kind.filled[1]


_STRAY: Final = 0.02
"""Stamps far from the rest are strays when they are less than this share of the largest stretch."""


def choose_window(indexes: Sequence[Index], views: Mapping[str, SourceView]) -> tuple[int, int] | None:
    """First and last second of the trend: all stamps but those that stand alone far from the rest.

    A stray stamp (a clock before it was set, a date inside a record) would stretch the trend over years: where a gap of
    more than 30 days parts the seconds, the latest stretch is taken that holds more than a few strays.
    """
    spans = []
    for key, state in chain.from_iterable(index.sources.items() for index in indexes):
        if key in views:
            seconds = state.seconds.seconds() + views[key].shift_us // US
            spans.append(np.column_stack([seconds, state.seconds.column(RECORDS)]))
    table = np.concatenate(spans) if spans else np.empty((0, 2), np.int64)
    if not len(table):
        return None
    table = table[np.argsort(table[:, 0], kind="stable")]
    cuts = np.flatnonzero(np.diff(table[:, 0]) > 30 * DAY_US // US) + 1
    stretches = np.split(table, cuts)
    counts = [int(stretch[:, 1].sum()) for stretch in stretches]
    best = next(
        s for s, count in zip(reversed(stretches), reversed(counts), strict=True) if count >= _STRAY * max(counts)
    )
    return int(best[0, 0]) * US, int(best[-1, 0]) * US


def build_trend(indexes: Sequence[Index], views: Mapping[str, SourceView], buckets: Buckets) -> Trend:
    """Errors, warnings and records per bucket, over all files."""
    total = np.zeros((3, buckets.count), np.int64)
    for rows in _service_rows(indexes, views, buckets).values():
        total += rows
    return Trend(
        start=buckets.start_s * US,
        bucket_us=buckets.width_s * US,
        errors=tuple(total[0].tolist()),
        warnings=tuple(total[1].tolist()),
        records=tuple(total[2].tolist()),
    )


def build_lanes(
    indexes: Sequence[Index],
    views: Mapping[str, SourceView],
    buckets: Buckets,
    kinds: Sequence[Kind] = (),
    bare: Sequence[Kind] = (),
) -> tuple[Lane, ...]:
    """One row for each service.

    Args:
        indexes: All records, some of them estimated perhaps.
        views: How each source is written.
        buckets: Of the lanes.
        kinds: All: where one stream holds several services each has the row of what it complains of.
        bare: Without a level, drawn as warnings all the same.
    """
    rows = _service_rows(indexes, views, buckets)
    for kind in kinds:
        if kind.service != kind.view.service and kind.severity >= Severity.WARN:
            _part_stream(rows, kind, buckets)
    for kind in bare:
        rows[kind.view.service][1] += buckets.fill(kind.seconds, kind.counts)
    return tuple(Lane(name, *(tuple(row.tolist()) for row in rows[name])) for name in sorted(rows))


def _part_stream(rows: dict[str, Int64], kind: Kind, buckets: Buckets) -> None:
    """Move the records of a kind from its stream's row to that of the service that wrote them; sums hold."""
    column = 0 if kind.severity >= Severity.ERROR else 1
    stream = rows[kind.view.service]
    moved = np.minimum(buckets.fill(kind.seconds, kind.counts), stream[column])
    own = rows.setdefault(kind.service, np.zeros_like(stream))
    for row in (column, 2):
        stream[row] -= moved
        own[row] += moved


def _service_rows(indexes: Sequence[Index], views: Mapping[str, SourceView], buckets: Buckets) -> dict[str, Int64]:
    """For each service errors, warnings and records per bucket, shape (3, buckets)."""
    found: dict[str, Int64] = {}
    for key, state in sorted(chain.from_iterable(index.sources.items() for index in indexes), key=itemgetter(0)):
        if key not in views:
            continue
        counts = state.seconds
        seconds = counts.seconds() + views[key].shift_us // US
        rows = np.stack([buckets.fill(seconds, counts.column(column)) for column in (ERRORS, WARNINGS, RECORDS)])
        service = views[key].service
        found[service] = found[service] + rows if service in found else rows
    return found


def build_users_lane(users: Users | None, buckets: Buckets) -> UsersLane | None:
    """Requests per bucket; None without an access log."""
    if users is None:
        return None
    failed = buckets.fill(users.seconds, users.failed)
    requests = buckets.fill(users.seconds, users.requests)
    return UsersLane(users.source, tuple((requests - failed).tolist()), tuple(failed.tolist()), users.beside)


def summarise_part(
    view: SourceView, part: int, tally: PartTally, zone: Zone, date_origin: DateOrigin, clock_origin: str
) -> FileSummary:
    """One file's row."""
    return FileSummary(
        path=view.parts[part],
        source=view.key,
        service=view.service,
        format=view.layout.name,
        encoding=view.layout.encoding,
        zone=zone,
        date_origin=date_origin,
        lines=tally.lines,
        records=tally.records,
        bytes=tally.bytes,
        errors=tally.errors,
        warnings=tally.warnings,
        untimed_records=tally.untimed,
        first_seen=None if tally.first is None else tally.first + view.shift_us,
        last_seen=None if tally.last is None else tally.last + view.shift_us,
        clock_offset_us=view.offset_us,
        problems=tuple(sorted(tally.problems, key=_problem_order)),
        levelled_records=tally.levelled,
        clock_origin=clock_origin,
    )


def _problem_order(problem: Problem) -> tuple[int, str, str]:
    return (problem.line or 0, problem.kind, problem.detail)


def summarise_groups(
    kinds: Iterable[Kind],
    anomalies: Mapping[str, Anomaly],
    roles: Mapping[str, Role],
    parents: Mapping[str, str],
    buckets: Buckets,
    baselines: Mapping[str, float | None],
    recent: tuple[int, int] | None,
    texts: TextShelf,
) -> tuple[GroupSummary, ...]:
    """One row per kind, by onset inside the incident, then by first record.

    Args:
        kinds: What to list.
        anomalies: By group id, of the incident.
        roles: By group id; missing ones are chronic.
        parents: By group id, the group that it follows.
        buckets: Of the trend.
        baselines: By group id, records per minute before the incident; None without a normal period.
        recent: Span of "now" for the current rate; None when too early.
        texts: Exact records by place.
    """
    rows = []
    for kind in kinds:
        anomaly = anomalies.get(kind.id)
        filled = buckets.fill_kind(kind)
        first = kind.first_ref()
        current = _rate(kind, recent)
        # A bucket may be wider than the span of the present; what goes on now is no more than the most.
        peak = max(float(max(filled, default=0)) * 60 / buckets.width_s, float(_most_in_a_minute(kind)), current or 0.0)
        onset_ref = kind.ref_at(kind.row_at(anomaly.time)) if anomaly and len(kind.firsts) else None
        rows.append(
            GroupSummary(
                id=kind.id,
                file=first.file,
                source=kind.view.key,
                service=kind.service,
                severity=kind.severity,
                template=kind.template,
                sample=cut_sample(kind.exemplars[0].text).decode("utf-8", "replace"),
                line=first.line,
                count=kind.count,
                first_seen=kind.first_seen,
                last_seen=kind.last_seen,
                onset=anomaly.time if anomaly else None,
                onset_ref=onset_ref,
                onset_sample=onset_text(anomaly, texts) if anomaly else "",
                onset_sigma_us=anomaly.sigma_us if anomaly else 0,
                baseline_per_min=baselines.get(kind.id),
                per_minute=Series(buckets.start_s * US, buckets.width_s * US, filled),
                outside_window=kind.count - sum(filled),
                role=roles.get(kind.id, Role.CHRONIC),
                related_to=parents.get(kind.id),
                headline=kind.headline,
                current_per_min=current,
                peak_per_min=peak,
                examined_only=kind.examined_only,
                rule=kind.match.rule.id if kind.match else None,
                exception=kind.signature_kind is SignatureKind.EXCEPTION,
                request=kind.is_request,
            )
        )
    last = 2**62
    # A request is logged when it has ended, behind what failed it.
    rows.sort(
        key=lambda g: (
            g.onset is None,
            g.onset or g.first_seen or last,
            g.first_seen or last,
            g.request,
            g.service,
            g.template,
            g.id,
        )
    )
    return tuple(rows)


def onset_text(anomaly: Anomaly, texts: TextShelf) -> str:
    """Raw text of the record at the onset."""
    kind = anomaly.kind
    if not len(kind.firsts):
        return kind.sample
    row = kind.row_at(anomaly.time)
    part, offset = int(kind.rows.part[row]), int(kind.rows.offset[row])
    for one in kind.exemplars:
        if (one.part, one.offset) == (part, offset):
            return one.text.decode("utf-8", "replace")
    kept = texts.get(kind.view.key, part, offset)
    if kept is not None:
        return cut_sample(kept).decode("utf-8", "replace")
    later = [one for one in kind.exemplars if one.time + kind.view.shift_us >= anomaly.time]
    return (later or list(kind.exemplars))[0].text.decode("utf-8", "replace")


def _most_in_a_minute(kind: Kind) -> int:
    """The most records within a minute, wherever it begins; of what is long past only whole minutes are known."""
    first = int(kind.seconds.searchsorted(kind.lumps[-1], "right")) if len(kind.lumps) else 0
    ends = kind.seconds.searchsorted(kind.seconds[first:] + 60)
    return int((kind.sums[ends] - kind.sums[first:-1]).max(initial=0))


def _rate(kind: Kind, span: tuple[int, int] | None) -> float | None:
    if span is None or span[1] <= span[0]:
        return None
    return kind.between(*span) * MINUTE_US / (span[1] - span[0])
