"""An index stays within its room whatever the logs are like: counts stay exact, what is given up is little and told."""

import random

import numpy as np
import pytest

from logscope.index.counts import Occurrences
from logscope.index.exemplars import Exemplar, Exemplars
from logscope.index.index import Index
from logscope.index.room import Room, room_of, share_evenly
from logscope.ingest.layouts.layout import Sample, learn_layout
from logscope.ingest.scanner import Scanner
from logscope.model.times import US
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.index.test_families import make_line, word_of
from tests.judged import copy_story, judge
from tests.occurrences import occurrence_rows

BEGIN = 1_772_460_000
SMALL = Room(kinds=40, rows=2_000, seconds=2_000, text_bytes=50_000)


def fill(index, source, lines, part=0, offset=0):
    data = "".join(lines).encode()
    sample = make_line(0, "failed to process").encode() * 20
    layout = learn_layout(Sample("x.log", sample, b"", b"", len(sample), 0))
    scanner = Scanner(layout, source, part=part, offset=offset)
    for batch in (scanner.feed(data), scanner.flush()):
        index.fold(source, batch, scanner.signatures)
    return index


def strangers(count, seed, level="ERROR"):
    """Lines of so many kinds, each of another length, so that families do not fold them."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("bcdfghklmnpr", k=6)) for _ in range(200)]
    return [make_line(n, " ".join(chance.choices(words, k=2 + n % 9)), level) for n in range(count)]


def make_series(times_s):
    times = np.array(times_s, np.int64) * US
    series, at = Occurrences(), np.arange(len(times))
    series.add(occurrence_rows(times, at * 0, 100 * at, at + 1))
    return series


def problems_of(index, source):
    return {problem.kind for tally in index.sources[source].parts.values() for problem in tally.problems}


@pytest.mark.parametrize(
    ("sizes", "most", "share"),
    [([3, 10, 100], 40, 27), ([3, 3], 40, 3), ([50, 50], 40, 20), ([9, 9], 1, 1), ([], 5, 5)],
)
def test_who_needs_little_keeps_it(sizes, most, share):
    """What small ones do not take is shared by the large ones."""
    assert share_evenly(sizes, most) == share


def test_room_follows_what_the_process_may_take():
    """Of twice the memory an index holds more than twice as much; of the least there is some, too."""
    assert room_of(800 * 2**20).kinds > 2 * room_of().kinds
    assert 0 < room_of(128 * 2**20).rows < room_of().rows // 8


def test_a_log_of_few_kinds_keeps_them_beside_one_of_many():
    """Kinds of the crowded log are counted together and that is told; every record counts, whatever the order is."""
    quiet = [make_line(n, f"pool {word_of(n)} is empty") for n in range(9)]
    noisy = strangers(300, 1)
    ways = [
        [("quiet", quiet, 0), ("noisy", noisy, 0)],
        [("noisy", noisy[150:], sum(map(len, noisy[:150]))), ("quiet", quiet, 0), ("noisy", noisy[:150], 0)],
    ]
    for way in ways:
        index = Index(room=SMALL)
        for source, lines, offset in way:
            index.merge(fill(Index(room=SMALL), source, lines, offset=offset))
        sums = {source: [g.count() for k, g in index.groups.items() if k.source == source] for source, _, _ in way}
        assert (sorted(sums["quiet"]), sum(sums["noisy"])) == ([1] * 9, 300)
        assert 10 <= len(sums["noisy"]) <= SMALL.kinds
        assert (problems_of(index, "quiet"), problems_of(index, "noisy")) == (set(), {"merged"})


def test_a_log_that_is_read_anew_has_its_room_again():
    """What was counted together when it was read as something else is told apart."""
    index = Index(room=SMALL)
    fill(index, "noisy", strangers(300, 1))
    index.forget("noisy")
    fill(index, "noisy", strangers(30, 1))
    assert [group.count() for group in index.groups.values()] == [1] * 30


def test_kinds_that_tell_what_broke_are_kept_longest():
    """Of many kinds those that somebody knows are told apart far more often than others."""
    known = [make_line(n, f"{word_of(n)} disk {'full ' * (1 + n % 9)}".rstrip()) for n in range(20)]
    index = Index(room=SMALL)
    index.learn_telling(lambda signature: "disk" in signature.template)
    fill(index, "noisy", [*strangers(200, 2), *known])
    left = sum("disk" in group.signature.template for group in index.groups.values())
    assert left / 20 > 3 * (len(index.groups) - left) / 200
    assert sum(group.count() for group in index.groups.values()) == 220


def test_a_busy_kind_keeps_the_seconds_around_its_rise():
    """What came all along is summed in steps; where most more came at once each second stays; nothing is lost."""
    rise = BEGIN + 5000
    times = sorted([*range(BEGIN, BEGIN + 9000, 2), *(rise + n // 5 for n in range(900))])
    series = make_series(times)
    assert series.shorten(300)
    table = series.table()
    assert (int(table[:, 1].sum()), int(table[0, 2]), len(table) <= 400) == (len(times), BEGIN * US, True)
    near = table[(table[:, 0] >= rise - 20) & (table[:, 0] <= rise + 20)]
    assert ((near[:, 2] // US) == near[:, 0]).all()
    assert set(range(rise, rise + 20)) <= set(near[:, 0].tolist())


def test_rare_kinds_lose_no_second():
    """Beside a kind that fills the room a rare one stays as it was, and the log is told to be known in steps."""
    index = Index(room=SMALL)
    rare = [make_line(n * 60, "pool is empty") for n in range(9)]
    busy = [make_line(n, "cannot reach the ledger of today") for n in range(3599)]
    fill(index, "a", rare)
    alone = {k: g.occurrences.table().tolist() for k, g in index.groups.items()}
    fill(index, "b", busy)
    assert {k: g.occurrences.table().tolist() for k, g in index.groups.items() if k.source == "a"} == alone
    assert sum(len(group.occurrences) for group in index.groups.values()) <= SMALL.rows
    assert sum(g.count() for k, g in index.groups.items() if k.source == "b") == 3599
    assert (problems_of(index, "a"), problems_of(index, "b")) == (set(), {"coarse"})


def test_long_examples_are_cut_where_there_are_many():
    """Their places and first lines stay."""
    index = Index(room=SMALL)
    trace = "\n".join(["", *(f"    at com.example.Cart.step{n}(Cart.java:{n})" for n in range(60))])
    lines = [f"{line[:-1]}{trace}\n" for line in strangers(30, 3)]
    whole = fill(Index(), "a", lines)
    fill(index, "a", lines)
    kept = {key: group.exemplars.all() for key, group in index.groups.items()}
    assert sum(len(one.text) for shown in kept.values() for one in shown) <= SMALL.text_bytes
    for key, shown in kept.items():
        there = whole.groups[key].exemplars.all()
        assert [one[:4] for one in shown] == [one[:4] for one in there]
        assert [one.text.partition(b"\n")[0] for one in shown] == [one.text.partition(b"\n")[0] for one in there]
    assert problems_of(index, "a") == {"cut"}


def test_a_record_that_is_kept_twice_is_cut_the_same():
    """The first of all may be one of the spread ones, too."""
    kept = Exemplars()
    kept.add([Exemplar(1, 0, 0, 1, b"x" * 900)])
    kept.cut(300)
    assert [len(one.text) for one in kept.all()] == [300]


def test_seconds_of_long_logs_are_summed():
    """Of a log of many hours its counters are summed in steps, and a place of each few minutes is left."""
    index = Index(room=SMALL._replace(seconds=300))
    for hour in range(24):
        lines = [
            f"2026-03-{5 + hour // 12:02d} {hour % 12:02d}:{n:02d}:{n:02d} INFO [main] order kept\n" for n in range(60)
        ]
        fill(index, "a", lines, offset=hour * 10_000)
    state = index.sources["a"]
    seconds, values = state.seconds.arrays()
    assert (len(seconds) <= 300, int(values[:, 0].sum())) == (True, 1440)
    assert len(state.seek) <= 60 + 60
    assert min(state.seek.values()) == (0, 0, 1)


def test_the_answer_stays_where_room_is_short(tmp_path):
    """Beside logs of very many kinds the story has its cause, its verdict and its counts, though room is short."""
    logs = copy_story(tmp_path / "logs", redis_server=1, checkout_service=8, cart_service=4, payment_gateway=2)
    told = judge(logs)
    chance = random.Random(4)
    for n in range(4):
        kinds = [line.partition("] ")[2] for line in strangers(120, 10 + n)]
        rows = sorted((chance.randrange(14 * 3600 - 1800, 14 * 3600 + 2400), chance.choice(kinds)) for _ in range(900))
        (logs / f"noise{n}.log").write_text(
            "".join(
                f"2026-03-02T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z WARN [main] {text}" for s, text in rows
            )
        )
    asked = Request([str(logs)], room=Room(kinds=250, rows=2_500, seconds=20_000, text_bytes=200_000))
    short = run_batch(asked, open_request(asked))
    assert any(problem.kind == "merged" for file in short.files for problem in file.problems)
    assert len(short.groups) <= 2 * 250
    for one in (told, short):
        assert one.incident is not None
    assert short.candidates[0].headline == told.candidates[0].headline
    assert short.recovery.verdict is told.recovery.verdict
    counts = [
        {
            group.headline: group.count
            for group in one.groups
            if "noise" not in group.service and not group.examined_only
        }
        for one in (told, short)
    ]
    assert counts[0].items() <= counts[1].items()
