"""Generated series whose truth is known, and the verdict on them: normal work, an incident, what follows."""

import random
from dataclasses import replace

import numpy as np

from logscope.analysis.kinds.kinds import Kind, SourceView
from logscope.analysis.kinds.meaning import Meaning
from logscope.analysis.onset.gate import Coverage, find_without_baseline, judge_kind
from logscope.analysis.recovery.signs import SourceRecords
from logscope.analysis.recovery.verdict import judge_recovery
from logscope.analysis.users.users import Users
from logscope.index.counts import Occurrences
from logscope.index.exemplars import Exemplar
from logscope.index.index import GroupKey
from logscope.ingest.batch import SignatureKind
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.severity import Severity
from logscope.model.snapshot import Note
from logscope.model.times import US
from tests.occurrences import occurrence_rows

BEGIN = 1_772_460_000
"""Seconds; the incident begins half an hour later."""
START = BEGIN + 1800
MEANING = Meaning(MeaningKind.NONE, None, "", "", None)


def make_kind(times_s, service="a", words="it failed", severity=Severity.ERROR, request=False, rows=None):
    """A kind of errors with a record at each of these seconds; rows of its own stand for them."""
    times = np.array(sorted(round(t * US) for t in times_s), np.int64)
    series = Occurrences()
    zeros = np.zeros(len(times), np.int64)
    series.add(occurrence_rows(times, zeros, np.arange(len(times)), np.arange(len(times))))
    path = f"{service}.log"
    view = SourceView(path, service, (path,), None)
    first = Exemplar(int(times[0]), 0, 0, 1, words.encode())
    last = Exemplar(int(times[-1]), 0, 1, 2, words.encode())
    signature = SignatureKind.REQUEST if request else SignatureKind.MESSAGE
    return Kind(
        GroupKey(path, severity, 1), f"{service} {words}", service, service, severity, words, signature, view,
        series.columns() if rows is None else rows, 0, (first, last), words, MEANING, None, {}, False, service,
    )  # fmt: skip


def poisson(chance, rate_per_s, start, end):
    """Times of independent records."""
    now, times = start, []
    while rate_per_s > 0 and (now := now + chance.expovariate(rate_per_s)) < end:
        times.append(now)
    return times


class Series:
    """One service's errors: what it usually has, and stretches of other rates, in seconds from the incident's start."""

    def __init__(self, seed=1, *, base=2 / 60, during=1.5, length=600, after=2 / 60, quiet=1200, extra=()):
        chance = random.Random(seed)
        self.end = START + length
        self.last = self.end + quiet
        self.times = poisson(chance, base, BEGIN, START) + poisson(chance, during, START, self.end)
        self.times += poisson(chance, after, self.end, self.last)
        for rate, low, high in extra:
            self.times += poisson(chance, rate, self.end + low, self.end + high)
        self.chance = chance


def judge(
    times,
    now,
    *,
    ok=None,
    failed=None,
    traffic=5,
    traffic_end=None,
    beside=None,
    marked=(),
    baseline=True,
    others=(),
    cause=None,
    broke=None,
    routes=(),
):
    """The verdict as of a second.

    Args:
        times: Seconds of the service's errors.
        now: As of this second, included.
        ok: Requests answered well in a second, or None without an access log.
        failed: Failed requests in a second.
        traffic: Records of every level that the service writes in a second.
        traffic_end: When it stops writing.
        beside: Records of every level that another log holds in a second, if there is one.
        marked: Seconds that a person marked as the fix.
        baseline: False where the logs begin inside the incident.
        others: Further kinds of the incident.
        cause: Seconds at which what broke is told, below a warning.
        broke: The kind among them that broke.
        routes: Of the edge log.
    """
    begin = BEGIN if baseline else START
    kinds = [make_kind([t for t in times if begin <= t <= now]), *others]
    coverage = Coverage(
        {k.view.key: begin * US for k in kinds}, {k.view.key: begin * US for k in kinds}, begin * US, now * US
    )
    if baseline:
        anomalies = [one for one in (judge_kind(kind, coverage) for kind in kinds) if one is not None]
    else:
        anomalies = find_without_baseline(kinds)
    seconds = np.arange(begin, min(now, traffic_end or now) + 1)
    users = None
    if ok is not None:
        asked = np.arange(begin, now + 1)
        good = np.array([ok(s) for s in asked])
        bad = np.array([failed(s) for s in asked])
        users = Users("edge", "edge", asked, good + bad, bad)
    records = [SourceRecords(one, seconds, np.full(len(seconds), traffic)) for one in {k.service for k in kinds}]
    asked = np.arange(begin, now + 1)
    kept = [] if beside is None else [SourceRecords("b", asked, np.array([beside(s) for s in asked]))]
    notes = [Note(at * US, "fixed", is_fix=True) for at in marked]
    start = min(one.time for one in anomalies)
    told = "told" if cause is not None else broke.id if broke is not None else ""
    if cause is not None:
        kind = make_kind([t for t in cause if t <= now], "syslog", "main process exited", Severity.INFO)
        anomalies.append(replace(anomalies[0], kind=replace(kind, id=told)))
    return judge_recovery(anomalies, users, coverage, start, now * US, notes, (), records, lambda: kept, routes, told)
