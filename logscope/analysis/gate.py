"""Which kinds are news: the likelihood-ratio scan for the onset, and the test whether it stands out.

Plan: for each active second as a possible start, and spans of 10 s, 1 min, 5 min and all that follows, compare the
records in the span with the rate before it (Poisson likelihood ratio). The start with the highest ratio is the onset;
it is always the stamp of a record. Cost: a few vector operations over the active seconds of each kind.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.analysis.anomalies import Anomaly, resolution_us
from logscope.analysis.kinds import Kind
from logscope.analysis.statistics import overdispersion, surprise
from logscope.ingest.batch import Int64
from logscope.model.snapshot import FileSummary
from logscope.model.times import US

ALARM: Final = 12.0
"""Log-likelihood ratio from which a rise is news: one false alarm in 200 h of baseline (analysis.md 2b)."""

NEWS: Final = 3.0
"""Surprise (-log10 p) from which a kind is anomalous."""

_SPANS_S: Final = (10, 60, 300)
_CONNECTED_S: Final = 30
"""Records closer than this belong to one rise."""
_SHORTEST_BASELINE_S: Final = 60
_NEAR_UNITS: Final = 2.0
"""Starts whose ratio is within this of the best are as likely: their span is the onset's uncertainty."""


Ratios = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Since when each source was able to show something."""

    starts: Mapping[str, int]
    """Source -> first stamp, microseconds UTC."""
    quiet_starts: Mapping[str, int]
    """The same, but for files that hold nothing but warnings and errors the begin of all files: their silence before
    is a fact, not a gap."""
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
        quiet = {key: first if failing[key][0] >= failing[key][1] * 0.95 else start for key, start in starts.items()}
        return cls(starts, quiet, first, as_of or 0)


def find_anomalies(kinds: Sequence[Kind], coverage: Coverage) -> list[Anomaly]:
    """Kinds that are new or risen, by onset."""
    found = [one for kind in kinds if (one := judge_kind(kind, coverage)) is not None]
    return sorted(found, key=lambda a: (a.time, a.kind.id))


def find_without_baseline(kinds: Sequence[Kind]) -> list[Anomaly]:
    """Where the logs begin inside the incident nothing can be compared: every failing kind counts."""
    found = [
        Anomaly(
            kind=kind,
            time=int(kind.table[0, 2]),
            sigma_us=resolution_us(kind) // 4,
            surprise=NEWS + np.log10(kind.count),
            is_new=True,
            baseline_per_s=0.0,
            excess=float(kind.count),
            last=kind.last_seen or int(kind.table[0, 2]),
            has_baseline=False,
        )
        for kind in kinds
        if len(kind.table)
    ]
    return sorted(found, key=lambda a: (a.time, a.kind.id))


def judge_kind(kind: Kind, coverage: Coverage) -> Anomaly | None:
    """The kind's onset if it stands out, else None."""
    if not len(kind.table) or not coverage.end:
        return None
    seconds, counts = kind.seconds, kind.counts
    begins_s = coverage.quiet_starts.get(kind.view.key, int(kind.table[0, 2])) // US
    ends_s = coverage.end // US + 1
    before = np.cumsum(counts) - counts
    elapsed = np.maximum(seconds - begins_s, 0)
    ratio = _best_ratio(seconds, counts, before, elapsed, ends_s)
    phi = _phi_before(seconds, counts, int(np.argmax(ratio)), begins_s)
    near = np.flatnonzero(ratio >= ratio.max() - _NEAR_UNITS * phi)
    # A stray record shortly before a rise fits nearly as well; leaving out a record of the rise itself does not.
    at = int(near[-1])
    if (np.diff(seconds[: at + 1]) <= _CONNECTED_S).all():
        # A kind never seen before that gathers speed began with its first record.
        at = 0
    baseline, baseline_s = int(before[at]), int(elapsed[at])
    has_baseline = baseline_s >= _SHORTEST_BASELINE_S
    after = int(counts[at:].sum())
    span_s = max(1, int(min(ends_s, seconds[-1] + 1) - seconds[at]))
    is_new = baseline == 0
    score = surprise(after, span_s, baseline, float(max(baseline_s, 1)), phi)
    # A short sharp burst among a steady rate is weaker over "all that follows" than over its own span.
    score = max(score, float(ratio[at]) / phi / np.log(10.0) - 1.0 if ratio[at] / phi > ALARM else 0.0)
    if has_baseline:
        if ratio[at] / phi <= ALARM and not is_new:
            return None
    elif begins_s * US < coverage.first + _SHORTEST_BASELINE_S * US or score < NEWS:
        # What a log holds from its first minute on is its normal, as far as anybody can tell.
        return None
    rate = (baseline + 0.5) / baseline_s if baseline_s and baseline else 0.0
    sigma = int(np.ptp(kind.table[near, 2])) // 2 if len(near) > 1 else 0
    return Anomaly(
        kind=kind,
        time=int(kind.table[at, 2]),
        sigma_us=min(sigma, 60 * US) + resolution_us(kind) // 4,
        surprise=score,
        is_new=is_new,
        baseline_per_s=rate,
        excess=max(0.0, after - rate * span_s),
        last=kind.last_seen or int(kind.table[at, 2]),
        has_baseline=has_baseline,
    )


def _best_ratio(seconds: Int64, counts: Int64, before: Int64, elapsed: Int64, ends_s: int) -> Ratios:
    """For each active second as start the highest log-likelihood ratio over the spans."""
    total = int(counts.sum())
    cumulative = np.concatenate([[0], np.cumsum(counts)])
    quiet = np.maximum(elapsed, 1).astype(np.float64)
    earlier = before.astype(np.float64)
    best = np.zeros(len(seconds))
    for span in (*_SPANS_S, None):
        if span is None:
            inside = (total - before).astype(np.float64)
            width = np.maximum(ends_s - seconds, 1).astype(np.float64)
        else:
            inside = (cumulative[np.searchsorted(seconds, seconds + span)] - before).astype(np.float64)
            width = np.minimum(span, np.maximum(ends_s - seconds, 1)).astype(np.float64)
        # Two rates against one; 0 log 0 is 0. A rate known from few records weighs as little as it should.
        ratio = _entropy(inside, width) + _entropy(earlier, quiet) - _entropy(inside + earlier, width + quiet)
        np.maximum(best, np.where(inside * quiet > earlier * width, ratio, 0.0), out=best)
    return best


def _entropy(count: Ratios, seconds: Ratios) -> Ratios:
    return count * np.log(np.maximum(count, 1e-9) / seconds)


def _phi_before(seconds: Int64, counts: Int64, at: int, begins_s: int) -> float:
    """Overdispersion of the minutes before a start; 1 where fewer than three are in view."""
    minutes = int(seconds[at] - begins_s) // 60
    if minutes < 3 or at == 0:
        return 1.0
    minutes = min(minutes, 240)
    bucket = (int(seconds[at]) - seconds[:at] - 1) // 60
    kept = bucket < minutes
    return overdispersion(np.bincount(bucket[kept], weights=counts[:at][kept], minlength=minutes).astype(int).tolist())
