"""Less is kept of what is long past: all is counted still, and what is told of it is the same."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from logscope.analysis.onset.everyday import find_incidents
from logscope.analysis.onset.gate import Coverage, judge_kind
from logscope.analysis.onset.rises import Series, scan
from logscope.index.counts import Occurrences, SecondCounts
from logscope.index.kept import keep_index, restore_index
from logscope.ingest.layouts.layout import Sample, learn_layout
from logscope.ingest.scanner import Scanner
from logscope.model.files import Progress
from logscope.model.severity import Severity
from logscope.model.times import US
from logscope.session.memory import SourcePlan
from logscope.session.session import Session
from tests.analysis.series import make_kind
from tests.bench.bench_tick import make_session
from tests.occurrences import occurrence_rows

BEGIN = 1_772_460_000
HOUR = 3600
DONE = Progress(1, 1, done=True)


def make_series(times_us):
    times = np.array(times_us, np.int64)
    series = Occurrences()
    at = np.arange(len(times))
    series.add(occurrence_rows(times, np.zeros(len(times), np.int64), 100 * at, at + 1))
    return series


def make_follow(rows_by_service, *, examine=False):
    """A session that has read rows of (second, head, text), every level of them where it examines."""
    session = Session()
    for service, rows in rows_by_service.items():
        data = "".join(
            f"{datetime.fromtimestamp(BEGIN + s, UTC):%Y-%m-%dT%H:%M:%S}.{n % 1000:03d}Z {head} {text}\n"
            for n, (s, head, text) in enumerate(sorted(rows))
        ).encode()
        layout = learn_layout(Sample(f"{service}.log", data[:65536], b"", b"", len(data), BEGIN * US), None, None)
        session.add_source(SourcePlan(service, service, (f"{service}.log",), layout))
        scanner = Scanner(layout, service, examine=examine)
        for batch in (scanner.feed(data), scanner.flush()):
            if examine:
                session.examine(service, batch, scanner.signatures)
            session.feed(service, batch, scanner.signatures)
    return session


def coarsen(times_s, until, kept=(), **how):
    """A kind whose records before a second are kept by the minute."""
    kind = make_kind(times_s, **how)
    series = Occurrences()
    series.add(kind.rows.table())
    series.coarsen(60, until, kept)
    return make_kind(times_s, rows=series.columns(), **how)


def cover(end):
    return Coverage({"a.log": BEGIN * US}, {"a.log": BEGIN * US}, BEGIN * US, end * US)


def test_a_minute_keeps_its_count_and_its_first_record():
    """Of a minute one row is left: its last second, all records, the first one's stamp and place."""
    series = make_series([(BEGIN + s) * US + 7 for s in (0, 5, 5, 61, 119, 121, 300)])
    series.coarsen(60, BEGIN + 121, ())
    assert series.table()[:, [0, 1, 2, 4]].tolist() == [
        [BEGIN + 5, 3, BEGIN * US + 7, 0],
        [BEGIN + 119, 2, (BEGIN + 61) * US + 7, 300],
        [BEGIN + 121, 1, (BEGIN + 121) * US + 7, 500],
        [BEGIN + 300, 1, (BEGIN + 300) * US + 7, 600],
    ]


def test_spans_that_are_told_of_stay_as_they_are():
    """Within a kept span each second has its row, and what lies around it is counted on its own side."""
    series = make_series([(BEGIN + s) * US for s in range(300)])
    series.coarsen(60, BEGIN + 300, [(BEGIN + 130, BEGIN + 139)])
    seconds, counts = series.table()[:, 0] - BEGIN, series.table()[:, 1]
    assert seconds.tolist() == [59, 119, 129, *range(130, 140), 179, 239, 299]
    assert counts.tolist() == [60, 60, 10, *[1] * 10, 40, 60, 60]


@pytest.mark.parametrize("seed", range(8))
def test_late_lines_and_other_series_keep_the_order(seed):
    """Whatever comes late or is merged in: nothing is lost, and seconds and stamps ascend."""
    chance = random.Random(seed)
    times = [BEGIN * US + chance.randrange(1200 * US) for _ in range(600)]
    series = make_series(sorted(times[:400]))
    series.coarsen(60, BEGIN + 900, [(BEGIN + 200, BEGIN + 300)])
    other = make_series(sorted(times[400:500]))
    other.coarsen(60, BEGIN + 700, ())
    series.merge(other)
    series.add(make_series(sorted(times[500:])).table())
    series.coarsen(60, BEGIN + 1000, ())
    table = series.table()
    assert int(table[:, 1].sum()) == len(times)
    assert int(table[0, 2]) == min(times)
    assert (np.diff(table[:, 0]) > 0).all()
    assert (np.diff(table[:, 2]) >= 0).all()
    assert (table[:, 0] >= table[:, 2] // US).all()


def test_sums_of_a_source_keep_every_record():
    """Counters are summed in steps, each told as of its first active second."""
    counts = SecondCounts(2)
    counts.add(np.arange(100, 120), np.column_stack([np.ones(20, np.int64), np.arange(20)]))
    counts.coarsen(5, 110, ())
    seconds, values = counts.arrays()
    assert seconds.tolist() == [100, 105, *range(110, 120)]
    assert values[:2].tolist() == [[5, 10], [5, 35]]
    assert values.sum(axis=0).tolist() == [20, 190]


@pytest.mark.parametrize("rate", [0.02, 0.3, 3.0])
@pytest.mark.parametrize("severity", [Severity.WARN, Severity.ERROR])
def test_a_minute_in_one_row_is_no_burst(rate, severity):
    """What came steadily for hours is no news when only its minutes are known, nor is it an incident."""
    chance = random.Random(1)
    times = [BEGIN + 4 * HOUR * chance.random() for _ in range(int(4 * HOUR * rate))]
    end = BEGIN + 4 * HOUR
    kind = coarsen(times, end - HOUR, severity=severity)
    assert len(kind.lumps)
    found = judge_kind(kind, cover(end))
    assert not find_incidents([found] if found else [], cover(end), 1)


@pytest.mark.parametrize("begin", [BEGIN + 2 * HOUR, BEGIN + 4 * HOUR - 600])
@pytest.mark.parametrize("rate", [0.02, 0.3, 3.0])
def test_a_rise_is_found_where_it_was(rate, begin):
    """What begins in the last hour, or was told when it began, begins at the same record, hours coarsened or not."""
    chance = random.Random(2)
    end = BEGIN + 4 * HOUR
    times = [BEGIN + 4 * HOUR * chance.random() for _ in range(int(4 * HOUR * rate))]
    times += [begin + 300 * chance.random() for _ in range(int(300 * (20 * rate + 1)))]
    told = [(BEGIN + 2 * HOUR - 1800, BEGIN + 2 * HOUR + 1800)]
    rises = []
    for kind in (make_kind(times), coarsen(times, end - HOUR, told)):
        series = Series.of(kind.seconds, kind.sums, BEGIN, kind.usual, kind.lumps)
        rise, _ = scan(series, end + 1, None)
        rises.append((int(kind.firsts[rise.at]), rise.ratio, len(kind.lumps) > 0))
    assert rises[0][0] == pytest.approx(begin * US, abs=10 * US)
    assert rises == [(*rises[0][:2], False), (*rises[0][:2], True)]


def test_a_session_keeps_less_and_says_the_same(monkeypatch):
    """Of a long follow the hours before the incident are kept by the minute, and every answer stays."""
    monkeypatch.setattr("logscope.session.retention.MANY_ROWS", 1000)
    chance = random.Random(3)
    session = make_follow({
        "cart": [(s, "WARN cart", f"slow basket: {chance.randrange(900)} ms") for s in range(0, 4 * HOUR, 3)],
        "orders": [
            *((s, "INFO orders", "order kept") for s in range(0, 4 * HOUR, 7)),
            *((s, "ERROR orders", "cannot reach ledger:8090: refused") for s in range(4 * HOUR - 1500, 4 * HOUR - 600)),
        ],
    })  # fmt: skip
    whole, rows = session.tick(None, DONE), session.index.count_rows()
    session.coarsen_past()
    coarse = session.tick(None, DONE)
    assert session.index.count_rows() < rows * 2 // 3
    assert whole.incident is not None
    assert replace(whole, lanes=()) == replace(coarse, lanes=())


def test_what_is_below_a_warning_has_a_bound_of_its_own(monkeypatch):
    """Many usual lines are kept by the minute where they are long past; few errors beside them lose no detail."""
    monkeypatch.setattr("logscope.session.retention.MANY_LOW_ROWS", 1000)
    rows = [(s, "INFO cart", "basket kept") for s in range(HOUR)]
    session = make_follow({"cart": [*rows, (9, "ERROR cart", "no"), (12, "ERROR cart", "no")]}, examine=True)
    session.tick(None, DONE)
    errors = session.index.digest()
    session.coarsen_past()
    assert session.index.digest() == errors
    assert session.window.count_rows() < HOUR // 4 + HOUR // 60 + 100
    assert sum(group.count() for group in session.window.groups.values()) == HOUR


def test_little_is_kept_as_it_is():
    """A follow of few errors loses no detail, however long it goes on."""
    session, _ = make_session(10, 200)
    session.tick(None, DONE)
    before = session.index.digest()
    session.coarsen_past()
    assert session.index.digest() == before


def test_what_was_coarsened_is_kept_as_it_is():
    """A saved follow comes back with its minutes as they were."""
    session = make_follow({"cart": [(s, "WARN cart", "slow basket") for s in range(0, HOUR, 3)]})
    session.index.coarsen({"cart": BEGIN + HOUR // 2}, {"cart": [(BEGIN + 600, BEGIN + 660)]})
    again = restore_index(keep_index(session.index), {"cart": 1}, is_window=False)
    assert again.digest() == session.index.digest()
    assert sum(group.count() for group in again.groups.values()) == HOUR // 3
