"""What a verdict is made from: failing records, requests and all records as series, and what was usual before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.gate import Coverage
from logscope.analysis.onset.statistics import overdispersion
from logscope.analysis.recovery.line import Line
from logscope.analysis.users.users import Users
from logscope.ingest.batch import Int64
from logscope.ingest.distinct import find_distinct
from logscope.model.times import US

_SAID_ENOUGH: Final = 0.1
"""Records of the services for each failed request from which on they tell the waves by themselves."""
_UNTOLD: Final = 0.15
"""Of the failed requests: more of them in minutes in which services say next to nothing tell more than these."""
_LONGEST_DISPERSION_MIN: Final = 240
_MOST_DENSE_MIN: Final = 20_000
"""Minutes, two weeks: of a longer span only those with records are looked at, for a stray stamp makes decades of it."""
_ENOUGH_RECORDS: Final = 20
"""Records that are no failures, in the normal period: of fewer a log's silence says nothing."""
_NEARLY_ALL: Final = 0.9


@dataclass(frozen=True, slots=True)
class SourceRecords:
    """All records of one log."""

    service: str
    seconds: Int64
    counts: Int64


@dataclass(frozen=True, slots=True)
class Writing:
    """How much one log writes: silence of one that failed and stopped is no health."""

    service: str
    line: Line
    usual_per_s: float
    """Records in the normal period; 0 where too few are known."""
    longest_pause_s: int
    """In the normal period, up to its end: a log that writes in bursts is not silent between two of them."""
    failing_share: float
    """Of the incident's failing records."""


@dataclass(frozen=True, slots=True)
class Requests:
    """The edge log's side."""

    ok: Line
    failed: Line
    usual_per_s: float
    usual_count: int
    usual_failed: int

    @property
    def usual_failed_share(self) -> float:
        """Share of failed requests before the incident."""
        return self.usual_failed / self.usual_count if self.usual_count else 0.0

    def between(self, start: int, end: int) -> tuple[int, int]:
        """Requests and failed ones, end excluded."""
        failed = self.failed.count(start, end)
        return self.ok.count(start, end) + failed, failed


@dataclass(frozen=True, slots=True)
class Signs:
    """Everything that the judge looks at."""

    line: Line
    """Records of the incident's telling kinds per second."""
    requests: Requests | None
    """None without an access log."""
    writing: tuple[Writing, ...]
    usual_count: int
    """Telling records in the normal period."""
    usual_s: float
    """Length of the normal period; 0 without one."""
    start: int
    """Second in which the incident began."""
    now: int
    """Last second in view."""
    phi: float
    step_s: int
    """Seconds of the steps in which most of the records are known: 1 unless they were too many."""
    read_others: Callable[[], Sequence[Writing]]
    """The logs that hold no failing kind: only read where a failing one falls silent."""
    _lines: dict[tuple[int, ...], Line] = field(default_factory=dict, compare=False)

    def line_of(self, anomalies: Sequence[Anomaly]) -> Line:
        """The records of some of the incident's kinds; counted once, however often they are looked at."""
        asked = _name(anomalies)
        if asked not in self._lines:
            self._lines[asked] = Line.of([one.kind for one in anomalies], self.start, self.now)
        return self._lines[asked]

    @property
    def usual_per_s(self) -> float:
        """Telling records before the incident."""
        return self.usual_count / self.usual_s if self.usual_s > 0 else 0.0


def _name(anomalies: Sequence[Anomaly]) -> tuple[int, ...]:
    return tuple(id(one) for one in anomalies)


def by_service(failing: Iterable[Anomaly]) -> dict[str, list[Anomaly]]:
    """The kinds of each service that fails."""
    found: dict[str, list[Anomaly]] = {}
    for one in failing:
        found.setdefault(one.kind.service, []).append(one)
    return found


def choose_telling(failing: Sequence[Anomaly], start_us: int, now_us: int) -> list[Anomaly]:
    """The kinds whose records tell when it ends: what services say, unless next to nothing beside the failed requests.

    The edge's failures are the users' side, judged by requests. But a cause may be one line, and a service that is
    down says nothing: then only the edge knows, be it for the first minutes alone.
    """
    own = [one for one in failing if not one.kind.is_request]
    requests = [one for one in failing if one.kind.is_request]
    if not own or not requests:
        return list(failing)
    begin = min(start_us, *(one.time for one in requests)) // US
    minutes, failed = _by_minute(requests, begin, now_us // US)
    told_at, told = _by_minute(own, begin, now_us // US)
    said = np.zeros(len(minutes), np.int64)
    at = np.searchsorted(minutes, told_at)
    met = np.flatnonzero(np.append(minutes, -1)[at] == told_at)
    said[at[met]] = told[met]
    untold = int(failed[said < _SAID_ENOUGH * failed].sum())
    return own if untold <= _UNTOLD * failed.sum() else list(failing)


def _by_minute(kinds: Sequence[Anomaly], begin: int, end: int) -> tuple[Int64, Int64]:
    """The minutes with records between two seconds, ascending from 0, and the records of each."""
    last = max(0, end - begin) // 60
    if last < _MOST_DENSE_MIN:
        counts = _count_minutes(kinds, begin, last + 1)
        minutes = np.flatnonzero(counts)
        return minutes, counts[minutes]
    none = np.zeros(0, np.int64)
    at = np.concatenate([none, *((one.kind.seconds - begin) // 60 for one in kinds)])
    counts = np.concatenate([none, *(one.kind.counts for one in kinds)])
    inside = np.flatnonzero((at >= 0) & (at <= last))
    inside = inside[np.argsort(at[inside], kind="stable")]
    at, counts = at[inside], counts[inside]
    firsts = np.flatnonzero(np.diff(at, prepend=-1))
    return at[firsts], np.add.reduceat(counts, firsts) if len(firsts) else none


def _count_minutes(kinds: Sequence[Anomaly], begin: int, minutes: int) -> Int64:
    """Records of all kinds in each minute from a second on."""
    edges = begin + 60 * np.arange(minutes + 1)
    total = np.zeros(minutes + 1, np.int64)
    for one in kinds:
        total += one.kind.sums[one.kind.seconds.searchsorted(edges)]
    counts: Int64 = np.diff(total)
    return counts


def read_signs(
    telling: Sequence[Anomaly],
    users: Users | None,
    coverage: Coverage,
    start_us: int,
    as_of: int,
    records: Sequence[SourceRecords],
    read_others: Callable[[], Sequence[SourceRecords]],
) -> Signs:
    """Lay everything out by second, from the begin of the incident to now."""
    start, now = start_us // US, as_of // US
    begins = min((coverage.quiet_starts.get(a.kind.view.key, start_us) for a in telling), default=start_us) // US
    first = min(start, min(one.time for one in telling) // US)
    now = max(now, first)
    has_usual = any(one.has_baseline for one in telling)
    usual_s = max(0, first - begins)
    minutes = int(min(usual_s // 60, _LONGEST_DISPERSION_MIN))
    phi = 1.0
    if minutes >= 3:
        phi = overdispersion(_count_minutes(telling, first - 60 * minutes, minutes)[::-1].tolist())
    lines = {_name(kinds): Line.of([one.kind for one in kinds], first, now) for kinds in by_service(telling).values()}
    before = {id(one): one.kind.between(begins * US, (first - 1) * US) for one in telling}
    return Signs(
        line=Line.sum(list(lines.values())),
        requests=_read_requests(users, begins, first, now) if users is not None else None,
        writing=_read_writing(records, telling, before, begins, first, now),
        usual_count=sum(before[id(one)] + one.kind.usual.count for one in telling) if has_usual else 0,
        usual_s=float(usual_s + max(one.kind.usual.seconds for one in telling)) if has_usual else 0.0,
        start=first,
        now=now,
        phi=phi,
        step_s=_find_step(telling, first),
        read_others=lambda: _read_writing(read_others(), (), {}, begins, first, now),
        _lines=lines,
    )


def _find_step(telling: Sequence[Anomaly], first: int) -> int:
    """The step in which nearly all records since a second are known; a few rare kinds do not make it longer."""
    counts: dict[int, int] = {}
    for one in telling:
        step = one.kind.step_since(first)
        counts[step] = counts.get(step, 0) + one.kind.between(first * US, int(one.kind.seconds[-1]) * US)
    total, known = sum(counts.values()), 0
    for step, count in sorted(counts.items()):
        known += count
        if known >= _NEARLY_ALL * total:
            return step
    return 1


def _read_requests(users: Users, begins: int, first: int, now: int) -> Requests | None:
    if not len(users.seconds):
        return None
    known_from = max(begins, int(users.seconds[0]))
    requests, failed = users.count(known_from * US, first * US)
    requests, failed = requests + users.usual.requests, failed + users.usual.failed
    length = max(0, first - known_from) + users.usual.seconds
    return Requests(
        ok=Line(first, now, users.seconds, users.requests - users.failed),
        failed=Line(first, now, users.seconds, users.failed),
        usual_per_s=requests / length if length else 0.0,
        usual_count=requests,
        usual_failed=failed,
    )


def _read_writing(
    records: Sequence[SourceRecords],
    telling: Sequence[Anomaly],
    told_before: Mapping[int, int],
    begins: int,
    first: int,
    now: int,
) -> tuple[Writing, ...]:
    since = {id(one): one.kind.between(first * US, now * US) for one in telling}
    total = sum(since.values())
    found = []
    for source in records:
        mine = [one for one in telling if one.kind.service == source.service]
        before = (source.seconds >= begins) & (source.seconds < first)
        usual = int(source.counts[before].sum())
        normal = usual - sum(told_before[id(one)] for one in mine)
        seconds = source.seconds[before]
        length = first - int(seconds[0]) if len(seconds) else 0
        rate = usual / length if normal >= _ENOUGH_RECORDS and length else 0.0
        share = sum(since[id(one)] for one in mine) / total if total else 0.0
        pause = int(np.diff(np.append(find_distinct(seconds), first)).max(initial=0)) if len(seconds) else 0
        found.append(Writing(source.service, Line(first, now, source.seconds, source.counts), rate, pause, share))
    return tuple(found)
