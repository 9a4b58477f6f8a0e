"""Which kinds are news: those whose rise, or begin, is no chance.

Where a kind rises is found by `rises`; here it is tested whether that stands out. Cost: nothing for a kind that did not
change since the last judgement, unless what follows its last record tells more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly, resolution_us
from logscope.analysis.onset.rises import ALARM, LONGEST_S, Rise, Scan, Series, find_begin, scan
from logscope.analysis.onset.statistics import rates_differ, surprise
from logscope.model.files import FileSummary
from logscope.model.times import US

NEWS: Final = 3.0
"""Surprise (-log10 p) from which a kind is anomalous."""
SHORTEST_BASELINE_S: Final = 60

_USUAL_SILENCES: Final = 3.0
"""Records that may be missing by chance: of a log that writes so many in a span one in twenty such spans is silent."""
_SURE_OF_MANY: Final = 1.5
"""Where no normal time is in view, a hundred records of a kind are taken to be more than everyday noise."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Since when each source was able to show something."""

    starts: Mapping[str, int]
    """Source -> first stamp, microseconds UTC."""
    quiet_starts: Mapping[str, int]
    """The same, but the begin of all files for those that hold nothing but warnings and errors, and for those that tell
    a few events: their silence before is a fact, not a gap."""
    first: int
    """The earliest stamp of all files."""
    end: int
    """Now."""

    @classmethod
    def of(cls, files: Iterable[FileSummary], as_of: int | None) -> "Coverage":
        """Coverage of the given files."""
        starts: dict[str, int] = {}
        failing: dict[str, list[int]] = {}
        for one in files:
            if one.first_seen is not None:
                starts[one.source] = min(one.first_seen, starts.get(one.source, one.first_seen))
            tally = failing.setdefault(one.source, [0, 0])
            tally[0] += one.errors + one.warnings
            tally[1] += one.records
        first = min(starts.values(), default=0)
        quiet = {
            key: first
            if bad >= records * 0.95 or _is_sparse(records, start - first, (as_of or start) - start)
            else start
            for key, start in starts.items()
            for bad, records in (failing[key],)
        }
        return cls(starts, quiet, first, as_of or 0)


def _is_sparse(records: int, before_us: int, after_us: int) -> bool:
    """So few records that as long a silence as that before the first one is usual among them."""
    return records * before_us <= _USUAL_SILENCES * max(after_us, 1)


_MOST_ROWS: Final = 500_000
"""Starts of scans that are remembered: 16 MiB."""


class Gate:
    """Judges a set of kinds again and again; what it found of the last ones spares work with the next."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[str, _Known] = {}

    def find_anomalies(self, kinds: Sequence[Kind], coverage: Coverage) -> list[Anomaly]:
        """Kinds that are new or risen, by onset."""
        before, self._known = self._known, {}
        rows = 0
        for kind in kinds:
            if len(kind.firsts) and coverage.end:
                judged = _judge(kind, coverage, before.get(kind.id))
                rows += judged.scan.count_rows() if judged.scan is not None else 0
                self._known[kind.id] = judged if rows <= _MOST_ROWS else judged._replace(scan=None)
        found = [one.anomaly for one in self._known.values() if one.anomaly is not None]
        return sorted(found, key=lambda a: (a.time, a.kind.order))


def find_without_baseline(kinds: Sequence[Kind], begins: int | None = None) -> list[Anomaly]:
    """Where the logs begin inside the incident nothing can be compared: every failing kind counts.

    Args:
        kinds: Failing ones.
        begins: First stamp of all logs: what came before is not known, and a kind whose first record lies no farther
            behind it than its records from each other may have come all along.
    """
    found = [
        Anomaly(
            kind=kind,
            time=int(kind.firsts[0]),
            sigma_us=max(resolution_us(kind) // 4, _gap_at_begin(kind, begins)),
            surprise=NEWS + _SURE_OF_MANY * np.log10(kind.count),
            is_new=True,
            baseline_per_s=0.0,
            excess=float(kind.count),
            last=kind.last_seen or int(kind.firsts[0]),
            has_baseline=False,
        )
        for kind in kinds
        if len(kind.firsts)
    ]
    return sorted(found, key=lambda a: (a.time, a.kind.order))


def _gap_at_begin(kind: Kind, begins: int | None) -> int:
    """How far a kind's records lie from each other, where its first one may be by chance; else 0."""
    first, last = int(kind.firsts[0]), kind.last_seen or 0
    gap = (last - first) // (kind.count - 1) if kind.count > 1 else 0
    return gap if begins is not None and first - begins <= _MOST_GAPS * gap else 0


_MOST_GAPS: Final = 3
"""A longer pause before the first of many records is no chance."""


def judge_kind(kind: Kind, coverage: Coverage) -> Anomaly | None:
    """The kind's onset if it stands out, else None."""
    return _judge(kind, coverage, None).anomaly if len(kind.firsts) and coverage.end else None


class _Known(NamedTuple):
    """A kind that was judged."""

    kind: Kind
    begins_s: int
    first: int
    """Begin of the coverage."""
    ends_s: int
    is_past: bool
    """Its rise says the same whatever time goes by."""
    scan: Scan | None
    """None where days of storms would fill the memory: scanned anew when more comes."""
    anomaly: Anomaly | None


def _judge(kind: Kind, coverage: Coverage, known: _Known | None) -> _Known:
    begins_s = coverage.quiet_starts.get(kind.view.key, int(kind.firsts[0])) // US
    ends_s = coverage.end // US + 1
    if known is not None and known.kind is kind and (known.begins_s, known.first) == (begins_s, coverage.first):
        settled_s = int(kind.seconds[-1]) + LONGEST_S
        if ends_s == known.ends_s or (known.is_past and min(ends_s, known.ends_s) >= settled_s):
            return known
    series = Series.of(kind.seconds, kind.sums, begins_s, kind.usual, kind.lumps)
    rise, scanned = scan(series, ends_s, known.scan if known is not None else None)
    anomaly = _test(kind, series, rise, scanned, ends_s, coverage)
    return _Known(kind, begins_s, coverage.first, ends_s, rise.is_by_span, scanned, anomaly)


def _only_returns(series: Series, at: int) -> bool:
    """It comes again as often as before a pause: who had nothing to tell while others failed does so as always.

    Args:
        series: Of one kind.
        at: Row with which it rises.
    """
    seconds, sums = series.seconds, series.sums
    since = max(1, int(np.searchsorted(seconds, seconds[at] - _WAKING_S)))
    gaps = np.diff(seconds[since - 1 : at + 1])
    if not len(gaps):
        return False
    row = since + int(np.argmax(gaps))
    pause, before_s = int(gaps.max()), int(seconds[row - 1]) + 1 - series.begins_s
    before = int(sums[row])
    if before_s < _SHORTEST_NORMAL_S or pause * before < _MISSED * before_s:
        return False
    until = min(int(seconds[row]) + SHORTEST_BASELINE_S, int(seconds[-1]) + 1)
    after = int(sums[np.searchsorted(seconds, until)]) - before
    after_s = max(1, until - int(seconds[row]))
    return after * before_s <= _AS_OFTEN * before * after_s or rates_differ(after, after_s, before, before_s) > _CHANCE


def _came_all_along(series: Series, at: int) -> bool:
    """It came in spells before it rose, as thick and nearly as often as since.

    Args:
        series: Of one kind.
        at: Row with which it rises.
    """
    seconds, sums = series.seconds, series.sums
    before_s, after_s = int(seconds[at]) - series.begins_s, int(seconds[-1]) + 1 - int(seconds[at])
    before, after = int(sums[at]), int(sums[-1] - sums[at])
    rows = np.searchsorted(seconds, seconds + _SPELL_S)
    # Rows at the rise do not look beyond it.
    peak = int((sums[np.minimum(rows[:at], at)] - sums[:at]).max(initial=0))
    later = int((sums[rows[at:]] - sums[at : len(seconds)]).max(initial=0))
    is_in_spells = peak * before_s >= _THICK * _SPELL_S * before
    return peak >= _FEWEST_OF_SPELL and is_in_spells and peak >= later * 0.7 and after * before_s < 2 * before * after_s


_SPELL_S: Final = 10
_THICK: Final = 2
"""So many times as many records in a spell as on average."""
_FEWEST_OF_SPELL: Final = 20
_WAKING_S: Final = 10
"""Behind a pause the first records may come slowly."""
_SHORTEST_NORMAL_S: Final = 30
_MISSED: Final = 10
"""So many records must be missing in it for a pause."""
_AS_OFTEN: Final = 1.3
_CHANCE: Final = 0.01


def _test(
    kind: Kind, series: Series, rise: Rise, scanned: Scan, ends_s: int, coverage: Coverage
) -> Anomaly | None:  # fmt: skip
    """The onset, if it is no chance."""
    seconds, begins_s = series.seconds, series.begins_s
    at = find_begin(series, rise, scanned)
    if series.elapsed[at] < SHORTEST_BASELINE_S <= series.elapsed[rise.at]:
        if _came_all_along(series, rise.at):
            # It comes and goes as much since the first minute: that is no normal, and its begin is not in view.
            return find_without_baseline([kind])[0]
        # What a log holds from its first minute on is its normal, and its rise is measured against that.
        at = rise.at
    if _only_returns(series, at):
        return None
    baseline, baseline_s = int(series.before[at]), int(series.elapsed[at])
    has_baseline = baseline_s >= SHORTEST_BASELINE_S
    after = int(series.sums[-1] - series.sums[at])
    span_s = max(1, int(min(ends_s, seconds[-1] + 1) - seconds[at]))
    is_new = baseline == 0
    score = surprise(after, span_s, baseline, float(max(baseline_s, 1)), rise.phi)
    # A short sharp burst among a steady rate is weaker over "all that follows" than over its own span.
    score = max(score, rise.ratio / rise.phi / np.log(10.0) - 1.0 if rise.ratio / rise.phi > ALARM else 0.0)
    if has_baseline:
        if rise.ratio / rise.phi <= ALARM and not is_new:
            return None
    elif begins_s * US < coverage.first + SHORTEST_BASELINE_S * US or score < NEWS:
        # What a log holds from its first minute on is its normal, as far as anybody can tell.
        return None
    rate = (baseline + 0.5) / baseline_s if baseline_s and baseline else 0.0
    sigma = int(np.ptp(kind.firsts[rise.near])) // 2 if len(rise.near) > 1 and at == rise.at else 0
    return Anomaly(
        kind=kind,
        time=int(kind.firsts[at]),
        sigma_us=min(sigma, 60 * US) + resolution_us(kind) // 4,
        surprise=score,
        is_new=is_new,
        baseline_per_s=rate,
        excess=max(0.0, after - rate * span_s),
        last=kind.last_seen or int(kind.firsts[at]),
        has_baseline=has_baseline,
    )
