"""The sample of ids is the same whatever the cuts, the order and the merges; what is kept is what all logs keep."""

import random
from functools import cache
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.index import ids as ids_module
from logscope.index.ids import IdSample
from logscope.index.index import Index
from logscope.ingest.layouts.layout import Sample, learn_layout
from logscope.ingest.scanner import Scanner
from tests.effort import often

PAIRS = st.lists(st.tuples(st.sampled_from([b"%012x" % n for n in range(60)]), st.integers(0, 99)), max_size=200)


@settings(max_examples=often(60))
@given(pairs=PAIRS, cuts=st.lists(st.integers(0, 200), max_size=5), seed=st.integers(0, 99))
def test_any_cut_and_merge_keeps_the_same_ids(pairs, cuts, seed):
    """The ids whose hash is least, each with its first and last stamp of all pieces."""
    most, ids_module.MOST_IDS = ids_module.MOST_IDS, 8
    try:
        whole = IdSample()
        whole.add([name for name, _ in pairs], [time for _, time in pairs])
        bounds = [0, *sorted(cuts), len(pairs)]
        parts = []
        for start, stop in pairwise(bounds):
            parts.append(IdSample())
            parts[-1].add([name for name, _ in pairs[start:stop]], [time for _, time in pairs[start:stop]])
        random.Random(seed).shuffle(parts)
        for other in parts[1:]:
            parts[0].merge(other)
        assert dict(whole.spans()) == dict(parts[0].spans())
        assert len(whole.spans()) == min(8, len({name for name, _ in pairs}))
    finally:
        ids_module.MOST_IDS = most


def make_lines(count, seed=3):
    chance = random.Random(seed)
    lines = []
    for n in range(count):
        stamp = f"2026-03-05 14:{n // 60 % 60:02d}:{n % 60:02d},000"
        lines.append(f"{stamp} INFO [main] a.B - done rid={chance.getrandbits(48):012x} in {n} ms")
        if n % 7 == 0:
            lines.append(f"  detail {chance.getrandbits(64):016x}")
    return "\n".join(lines).encode() + b"\n"


@cache
def learn(begin, size):
    return learn_layout(Sample("x.log", begin, b"", b"", size, 0))


def read(data, cuts, *, is_window):
    scanner, index = Scanner(learn(data[:4000], len(data)), "x", examine=is_window), Index(is_window=is_window)
    bounds = [0, *sorted(cuts), len(data)]
    for start, stop in pairwise(bounds):
        index.fold("x", scanner.feed(data[start:stop]), scanner.signatures)
    index.fold("x", scanner.flush(), scanner.signatures)
    return index


@settings(max_examples=often(20))
@given(cuts=st.lists(st.integers(0, 60_000), max_size=6), is_window=st.booleans())
def test_any_cut_of_the_bytes_finds_the_same_ids(cuts, is_window):
    """Blocks that are searched as a whole and records that are searched one by one give the same ids."""
    data = make_lines(900)
    cut, whole = read(data, cuts, is_window=is_window), read(data, [], is_window=is_window)
    assert cut.sources["x"].ids.spans()
    assert cut.digest() == whole.digest()


def test_ids_of_continuations_do_not_count():
    """The first line of a record says whose it is; the rest may be anything."""
    assert all(len(name) == 12 for name in read(make_lines(300), [], is_window=True).sources["x"].ids.spans())


def test_of_what_is_not_examined_the_same_seconds_are_searched_in_every_zone():
    """Logs whose stamps differ by quarters of an hour sample the same requests."""
    data = make_lines(3600)
    moved = data.replace(b"2026-03-05 14:", b"2026-03-05 09:")
    here, there = (set(read(one, [], is_window=False).sources["x"].ids.spans()) for one in (data, moved))
    assert here == there
    assert 20 <= len(here) <= 60
