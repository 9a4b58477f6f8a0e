"""Zones that nobody wrote down and wrong clocks follow from shared ids; work that waits is no clock."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from logscope.analysis.clocks.clocks import Clock, Extent, align_lone, find_clocks, name_zone
from logscope.analysis.clocks.offsets import Witness
from logscope.model.times import HOUR_US, MINUTE_US, US
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request

START = 1_780_000_000 * US


def make_witness(ids, *, shift=0, zone_written=False, whole=False, records=4000, length_s=1200, **more):
    """A log of twenty busy minutes whose stamps are shifted by so much."""
    moved = {name: (cut(a + shift, whole), cut(b + shift, whole)) for name, (a, b) in ids.items()}
    first, last = START + shift, START + shift + length_s * US
    return Witness(moved, 0, zone_written, whole, first, last, records, **more)


def cut(time, whole):
    return time // US * US if whole else time


def make_calls(count, seed=1, wrong=0.0):
    """Ids as the caller and as the called one saw them."""
    chance = random.Random(seed)
    outer, inner = {}, {}
    for n in range(count):
        begin = START + chance.randrange(1200 * US)
        took = chance.randrange(20_000, 300_000)
        name = b"%012x" % (n * 7919)
        outer[name] = (begin, begin + took)
        late = chance.randrange(600 * US) if chance.random() < wrong else 0
        inner[name] = (begin + 4000 + late, begin + took - 3000 + late)
    return outer, inner


def test_an_offset_that_is_a_zone_is_one():
    """A log five hours behind one whose zone is written is written in UTC-5, and that is proved."""
    outer, inner = make_calls(30)
    clocks = find_clocks(
        {"edge": make_witness(outer, zone_written=True), "api": make_witness(inner, shift=-5 * HOUR_US)}
    )
    assert clocks["api"].zone_us == 5 * HOUR_US
    assert clocks["api"].is_proved
    assert clocks["api"].offset_us == 0
    assert clocks["edge"].shift_us == 0
    assert name_zone(-clocks["api"].zone_us) == "-05:00"


@pytest.mark.parametrize("names", [("api", "worker"), ("web", "queue")])
def test_work_that_begins_seconds_later_is_no_clock(names):
    """What an answered request set going is written seconds later: no offset lies beyond what that leaves."""
    chance = random.Random(4)
    asked, done = {}, {}
    for n in range(60):
        begin = START + chance.randrange(1200 * US)
        waited = chance.randrange(1 * US, 4 * US)
        name = b"%012x" % (n * 7919)
        asked[name] = (begin, begin)
        done[name] = (begin + waited, begin + waited + 700_000 + chance.randrange(1 * US))
    clocks = find_clocks({names[0]: make_witness(asked), names[1]: make_witness(done, records=700)})
    assert not any(clock.offset_us for clock in clocks.values())


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("skew_s", [-47.25, 3.5, 600.125])
def test_a_wrong_clock_is_measured_with_its_uncertainty(skew_s, whole):
    """The true offset lies within the uncertainty that is told, also in whole seconds and with misleading ids."""
    outer, inner = make_calls(200, wrong=0.2)
    skew = round(skew_s * US)
    witnesses = {
        "edge": make_witness(outer, zone_written=True),
        "api": make_witness(inner, shift=skew, zone_written=True, whole=whole),
    }
    clock = find_clocks(witnesses)["api"]
    assert abs(clock.offset_us + skew) <= clock.sigma_us + 1000
    assert clock.sigma_us <= US


def test_a_written_zone_is_not_touched():
    """A clock that is an hour wrong in a log that writes its zone is a wrong clock, not another zone."""
    outer, inner = make_calls(30)
    clocks = find_clocks(
        {
            "a": make_witness(outer, zone_written=True),
            "b": make_witness(outer, zone_written=True),
            "api": make_witness(inner, shift=HOUR_US, zone_written=True),
        }
    )
    assert clocks["api"].zone_us == 0
    assert abs(clocks["api"].offset_us + HOUR_US) < US


def test_the_clock_of_the_most_is_right():
    """Of three logs the one that differs is wrong, whichever has most records."""
    outer, inner = make_calls(40)
    clocks = find_clocks(
        {
            "a": make_witness(outer, zone_written=True),
            "b": make_witness(inner, zone_written=True),
            "c": make_witness(inner, zone_written=True, shift=20 * US, records=9_000_000),
        }
    )
    assert [round(clocks[key].offset_us / US) for key in "abc"] == [0, 0, -20]


def test_an_hour_and_a_bit_is_a_zone_and_a_wrong_clock():
    """Both are told apart."""
    outer, inner = make_calls(40)
    shift = round(5.5 * HOUR_US) + 12 * US
    clocks = find_clocks({"edge": make_witness(outer, zone_written=True), "api": make_witness(inner, shift=shift)})
    assert name_zone(-clocks["api"].zone_us) == "+05:30"
    assert round(clocks["api"].offset_us / US) == -12


def test_a_quarter_of_an_hour_is_no_zone():
    """Nobody lives fifteen minutes east of Greenwich."""
    outer, inner = make_calls(40)
    shift = HOUR_US // 4
    clocks = find_clocks({"edge": make_witness(outer, zone_written=True), "api": make_witness(inner, shift=shift)})
    assert clocks["api"].zone_us == 0


def test_work_that_waits_is_no_clock():
    """Jobs that are done five minutes later every time, in logs that end together, leave the clocks alone."""
    outer, inner = make_calls(60)
    later = {name: (a + 300 * US, b + 300 * US) for name, (a, b) in inner.items()}
    clocks = find_clocks({"edge": make_witness(outer, zone_written=True), "jobs": make_witness(later)})
    assert clocks.get("jobs", Clock()).shift_us == 0


def test_waiting_times_that_differ_are_no_clock():
    """Ids that come minutes later, each at its own time, show nothing."""
    outer, inner = make_calls(60, wrong=1.0)
    assert find_clocks({"edge": make_witness(outer, zone_written=True), "jobs": make_witness(inner)}) == {}


def test_four_ids_prove_nothing():
    """Fewer than five shared ids leave a zone assumed."""
    outer, inner = make_calls(4)
    witnesses = {"edge": make_witness(outer, zone_written=True), "api": make_witness(inner, shift=-5 * HOUR_US)}
    assert find_clocks(witnesses) == {}


def test_a_short_form_is_the_same_id():
    """A log that writes the first characters of an id is compared with one that writes all of it."""
    outer, inner = make_calls(20)
    long = {name + b"77aa02bc": span for name, span in outer.items()}
    clocks = find_clocks({"edge": make_witness(long, zone_written=True), "api": make_witness(inner, shift=HOUR_US)})
    assert clocks["api"].zone_us == -HOUR_US


def test_without_any_zone_nothing_is_proved():
    """Two logs without zones are brought together, but where they stand is still assumed."""
    outer, inner = make_calls(30)
    clocks = find_clocks({"a": make_witness(outer, records=9000), "b": make_witness(inner, shift=2 * HOUR_US)})
    assert clocks["b"].zone_us - clocks["a"].zone_us == -2 * HOUR_US
    assert not clocks["a"].is_proved
    assert not clocks["b"].is_proved


def test_of_two_logs_without_zones_the_one_among_the_others_is_right():
    """Whichever has more records: what moves is the one that lies apart from logs that share nothing with either."""
    outer, inner = make_calls(30)
    apart = make_witness(outer, shift=-7 * HOUR_US, records=90_000)
    witnesses = {"bff": apart, "cart": make_witness(inner)}
    extents = {
        "bff": Extent(apart.first, apart.last, is_sure=False),
        "cart": Extent(START, START + 1200 * US, is_sure=False),
        "deploys": Extent(START + 600 * US, START + 604 * US, is_sure=True),
    }
    clocks = find_clocks(witnesses, extents)
    assert (clocks["bff"].zone_us, clocks["cart"].zone_us) == (7 * HOUR_US, 0)
    assert find_clocks(witnesses)["cart"].zone_us == -7 * HOUR_US


LONE = {
    "two hours east": (2 * HOUR_US + 5 * US, 2 * HOUR_US + 59 * MINUTE_US, -2 * HOUR_US),
    "in another zone that nobody has": (HOUR_US + 15 * MINUTE_US, 2 * HOUR_US + 15 * MINUTE_US, 0),
    "of another length": (2 * HOUR_US + 40 * MINUTE_US, 2 * HOUR_US + 59 * MINUTE_US, 0),
    "among the others": (0, HOUR_US, 0),
    "ended long before": (-3 * HOUR_US, -2 * HOUR_US - 10 * MINUTE_US, 0),
    "still written": (0, HOUR_US + 20 * MINUTE_US, 0),
}


@pytest.mark.parametrize(("first", "last", "zone"), LONE.values(), ids=LONE)
def test_a_lone_log_is_read_where_it_begins_and_ends_with_the_others(first, last, zone):
    """A guess, and only where a zone that exists explains both ends of a log that lies alone."""
    others = {"a": Extent(0, HOUR_US, is_sure=True), "b": Extent(0, HOUR_US, is_sure=False)}
    clocks = align_lone({**others, "lone": Extent(first, last, is_sure=False)})
    assert clocks.get("lone", Clock()).zone_us == zone
    assert not clocks.get("lone", Clock()).is_proved
    assert "b" not in clocks


def test_a_log_of_few_records_may_end_some_pauses_before_the_others():
    """What writes once in 45 s may have been silent for three minutes; what writes each second was not."""
    others = {"a": Extent(0, HOUR_US, is_sure=True)}
    first, last = 2 * HOUR_US + 40 * US, 3 * HOUR_US - 195 * US
    for records, zone in ((80, -2 * HOUR_US), (3600, 0)):
        clocks = align_lone({**others, "lone": Extent(first, last, is_sure=False, records=records)})
        assert clocks.get("lone", Clock()).zone_us == zone


def test_a_log_of_a_job_ends_when_the_job_is_done():
    """Of a dozen records an hour off, the begin tells the zone; of hundreds, that it ends with the others must, too."""
    others = {"a": Extent(0, HOUR_US, is_sure=True)}
    for records, zone in ((12, -HOUR_US), (400, 0)):
        lone = Extent(HOUR_US + 50 * US, HOUR_US + 15 * MINUTE_US, is_sure=False, records=records)
        assert align_lone({**others, "lone": lone}).get("lone", Clock()).zone_us == zone


def write_logs(folder, *, zone_h=0, skew_s=0):
    """An edge that logs in UTC, and a worker whose stamps carry no zone; its failure sets the edge's off."""
    chance = random.Random(5)
    start = datetime(2026, 5, 4, 9, tzinfo=UTC)
    edge, worker = [], []
    for n in range(1200):
        at = start + timedelta(seconds=n / 2 + chance.random() / 4)
        name = f"{chance.getrandbits(48):012x}"
        bad = n > 800
        local = at + timedelta(hours=zone_h, seconds=skew_s)
        stamp = local.strftime("%Y-%m-%d %H:%M:%S,") + f"{local.microsecond // 1000:03}"
        level, text = ("ERROR", "cannot write segment: No space left on device") if bad else ("INFO", "stored")
        worker.append(f"{stamp} {level} [main] store.Writer - {text} rid={name}")
        done = (at + timedelta(seconds=0.08)).isoformat(timespec="milliseconds")
        word = "ERROR" if bad else "INFO"
        edge.append(f"{done} {word} edge.Front {'upstream failed' if bad else 'done'} rid={name}")
    (folder / "edge.log").write_text("\n".join(edge) + "\n")
    (folder / "store.log").write_text("\n".join(worker) + "\n")
    return start


def judge(folder, **more):
    asked = Request([str(folder)], **more)
    return run_batch(asked, open_request(asked))


def test_a_proved_zone_holds_everywhere(tmp_path):
    """Groups, files, candidate and timeline of a log in another zone stand where they belong."""
    start = write_logs(tmp_path, zone_h=-5)
    snapshot = judge(tmp_path)
    begin = round(start.timestamp() * US)
    store = next(f for f in snapshot.files if f.service == "store")
    assert (store.zone.name, store.zone.origin.value) == ("-05:00", "proved")
    assert begin <= store.first_seen < begin + 2 * US
    assert snapshot.candidates[0].service == "store"
    assert begin + 400 * US <= snapshot.candidates[0].first_seen <= begin + 403 * US
    assert len(snapshot.trend.records) <= 12


def test_a_wrong_clock_is_corrected_and_shown(tmp_path):
    """The timeline is in corrected order and keeps the time as written."""
    start = write_logs(tmp_path, skew_s=90)
    snapshot = judge(tmp_path)
    begin = round(start.timestamp() * US)
    store = next(f for f in snapshot.files if f.service == "store")
    assert round(store.clock_offset_us / US) == -90
    root = next(entry for entry in snapshot.timeline if entry.is_root)
    assert root.service == "store"
    assert begin + 400 * US <= root.time <= begin + 403 * US
    assert root.time_logged == root.time - store.clock_offset_us


def test_since_cuts_by_the_proved_zone(tmp_path):
    """`--since` means the same moment in every log, whatever zone it is written in."""
    start = write_logs(tmp_path, zone_h=-5)
    since = round(start.timestamp() * US) + 300 * US
    firsts = [f.first_seen for f in judge(tmp_path, since=since).files]
    assert all(since <= first < since + 2 * US for first in firsts)
