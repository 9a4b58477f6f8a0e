"""The index is a commutative monoid and loses nothing."""

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.index.counts import Occurrences, SecondCounts
from logscope.index.exemplars import cut_sample
from logscope.index.index import Index
from logscope.ingest.batch import Batch, Signature, SignatureKind
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME, US
from tests.effort import often
from tests.occurrences import occurrence_rows

SIGNATURES = [Signature(n, "", SignatureKind.MESSAGE, f"template {n}") for n in range(4)]


def make_batch(records, part=0, fed_part=None):
    """A batch from (time, severity, signature, offset) rows; the notable ones are warnings and worse."""
    count = len(records)
    notable = [n for n, (_, severity, _, _) in enumerate(records) if severity >= Severity.WARN]
    return Batch(
        part=np.full(count, part, np.uint16),
        offset=np.array([r[3] for r in records], np.int64),
        line=np.array([r[3] // 100 + 1 for r in records], np.int64),
        length=np.full(count, 50, np.int32),
        lines=np.ones(count, np.int32),
        time=np.array([r[0] for r in records], np.int64),
        severity=np.array([r[1] for r in records], np.uint8),
        service=None,
        status=None,
        duration_us=None,
        notable=np.array(notable, np.int64),
        signature=np.array([records[n][2] for n in notable], np.int32),
        texts=[f"record at {records[n][3]}".encode() for n in notable],
        line_count=count,
        byte_count=100 * count,
        fed_part=part if fed_part is None else fed_part,
    )


def make_records(seed, count=200):
    """Records in file order, with disorder, missing times and all levels."""
    chance = random.Random(seed)
    levels = [Severity.INFO, Severity.INFO, Severity.WARN, Severity.ERROR, Severity.FATAL, Severity.UNKNOWN]
    records = []
    for n in range(count):
        time = NO_TIME if chance.random() < 0.05 else (1_700_000_000 + n // 3 + chance.randint(-5, 5)) * US + n
        records.append((time, chance.choice(levels), chance.randrange(4), n * 100))
    return records


def fold_pieces(records, cuts, source="a"):
    index = Index()
    bounds = [0, *sorted(cuts), len(records)]
    for start, stop in pairwise(bounds):
        index.fold(source, make_batch(records[start:stop]), SIGNATURES)
    return index


@settings(max_examples=often(25))
@given(seed=st.integers(0, 999), cuts=st.lists(st.integers(0, 200), max_size=8))
def test_any_cut_gives_the_same_digest(seed, cuts):
    """However a stream is cut into pieces, the digest is that of the whole."""
    records = make_records(seed)
    assert fold_pieces(records, cuts).digest() == fold_pieces(records, []).digest()


@settings(max_examples=often(25))
@given(seed=st.integers(0, 999))
def test_any_merge_tree_gives_the_same_digest(seed):
    """Sources and pieces may be merged in any order and any tree."""
    chance = random.Random(seed)
    whole = Index()
    parts = []
    for source in ("a", "b", "c"):
        records = make_records(seed + ord(source))
        whole.fold(source, make_batch(records), SIGNATURES)
        middle = chance.randrange(len(records))
        parts += [fold_pieces(records[:middle], [], source), fold_pieces(records[middle:], [], source)]
    while len(parts) > 1:
        chance.shuffle(parts)
        one, other = parts.pop(), parts.pop()
        one.merge(other)
        parts.append(one)
    assert whole.digest() == parts[0].digest()


def test_group_counts_are_the_warnings_and_worse():
    """The groups' counts, their seconds, and the warning-or-worse records of the tally are the same number."""
    records = make_records(7)
    index = fold_pieces(records, [50, 120])
    tally = index.sources["a"].parts[0]
    expected = sum(1 for r in records if r[1] >= Severity.WARN)
    assert expected == tally.errors + tally.warnings
    assert expected == sum(group.count() for group in index.groups.values())
    assert expected == sum(int(g.occurrences.table()[:, 1].sum()) + g.untimed for g in index.groups.values())


def test_lines_belong_to_the_part_that_was_fed():
    """Lines of a piece without a finished record count for the part whose bytes they are."""
    index = Index()
    index.fold("a", make_batch([], fed_part=2), SIGNATURES)
    index.fold("a", make_batch([(NO_TIME, Severity.INFO, 0, 0)], part=1, fed_part=2), SIGNATURES)
    assert {p: t.lines for p, t in index.sources["a"].parts.items()} == {2: 1, 1: 0}
    assert index.sources["a"].parts[1].records == 1


def test_first_record_of_a_second_is_the_earliest():
    """Within a second the earliest stamp keeps its place, in whatever order the rows come."""
    series = Occurrences()
    times = np.array([5 * US + 9, 5 * US + 3, 7 * US], np.int64)
    series.add(occurrence_rows(times, np.zeros(3, np.int64), np.array([10, 20, 30]), np.array([1, 2, 3])))
    assert series.table().tolist() == [[5, 2, 5 * US + 3, 0, 20, 2], [7, 1, 7 * US, 0, 30, 3]]


@pytest.mark.parametrize("large", [2**32, 2**40 + 1, -3])
def test_numbers_of_any_size_are_kept(large):
    """Most counters and places are small and take few bytes; a large one among them is kept as it is."""
    counts, series = SecondCounts(3), Occurrences()
    for second, value in [(10, 1), (11, large), (12, 5), (11, 2)]:
        counts.add(np.array([second]), np.array([[7, 0, value]]))
        series.add(np.array([[second, 1, second * US, 0, 9, 4]]))
        assert counts.arrays()[0].tolist() == counts.seconds().tolist()
    assert counts.arrays()[1].tolist() == [[7, 0, 1], [14, 0, large + 2], [7, 0, 5]]
    assert [counts.column(number).tolist() for number in range(3)] == [[7, 14, 7], [0, 0, 0], [1, large + 2, 5]]
    series.add(np.array([[13, 1, 13 * US, 0, large, 5], [14, large, 14 * US, 0, 10, 6]]))
    assert series.table()[:, [1, 4]].tolist() == [[1, 9], [2, 9], [1, 9], [1, large], [large, 10]]


def test_second_counts_sum_by_second():
    """Counters of the same second are added, and seconds come out sorted."""
    series = SecondCounts(1)
    for second in (9, 4, 9):
        series.add(np.array([second]), np.array([[1]]))
    seconds, values = series.arrays()
    assert (seconds.tolist(), values[:, 0].tolist()) == ([4, 9], [1, 2])


@pytest.mark.parametrize("lines", [41, 400])
def test_a_cut_trace_keeps_head_and_last_cause(lines):
    """Of a long trace the head, the first frames and the last cause stay within 40 lines."""
    frames = [f"\tat com.example.Type{n}.call(Type.java:{n})" for n in range(lines)]
    frames[lines - 5] = "Caused by: java.io.IOException: No space left on device"
    text = "\n".join(["ERROR it broke", *frames]).encode()
    cut = cut_sample(text)
    assert cut.startswith(b"ERROR it broke\n\tat com.example.Type0")
    assert b"No space left on device" in cut
    assert cut.count(b"\n") < 40


def test_a_sample_is_at_most_8_kib():
    """A single long line is cut."""
    assert len(cut_sample(b"x" * 100_000)) == 8192
