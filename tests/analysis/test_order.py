"""Events are ordered by their stamps, and where these leave it open by what caused what."""

from dataclasses import replace

from logscope.analysis.clocks.order import Event, put_in_order
from logscope.analysis.story.timeline import tell_once
from logscope.model.incident import EventKind
from tests.analysis.small_incidents import DAY, Writer, clock, iso
from tests.judged import judge, judge_sample

SECOND = 1_000_000
CAUSE, WITHIN = 41 * SECOND + 917_000, 41 * SECOND


def order(events):
    return [position for position, _ in put_in_order(events)]


def test_an_effect_stamped_in_its_cause_s_second_comes_behind_it():
    """A whole second holds the cause's millisecond: the effect cannot have been first."""
    assert put_in_order([Event(WITHIN, SECOND, (1,)), Event(CAUSE, 1)]) == [(1, CAUSE), (0, CAUSE)]


def test_an_effect_of_an_earlier_second_stays_where_its_stamp_says():
    """What was surely written before is before, whoever is blamed."""
    assert order([Event(WITHIN - SECOND, SECOND, (1,)), Event(CAUSE, 1)]) == [0, 1]


def test_effects_of_effects_follow_in_the_order_of_the_chain():
    """Database, service, edge: three stamps of one second."""
    assert order([Event(WITHIN, SECOND, (1,)), Event(WITHIN, SECOND, (2,)), Event(CAUSE, 1)]) == [2, 1, 0]


def test_two_that_blame_each_other_are_ordered_by_their_stamps():
    """A circle orders nothing, and ends."""
    assert order([Event(WITHIN + 5, 1, (1,)), Event(WITHIN, 1, (0,))]) == [1, 0]


def test_the_edge_s_failures_come_behind_what_failed_them():
    """The story's access log is written in whole seconds, the database's refusal within one."""
    told = [entry for entry in judge_sample("pg-too-many-clients").timeline if entry.kind.value == "onset"]
    root = next(n for n, entry in enumerate(told) if entry.is_root)
    edge = next(n for n, entry in enumerate(told) if entry.event == "GET /reports/export 500")
    assert edge > root
    assert told[root].time <= told[edge].time < told[edge].time_logged + SECOND
    assert told[edge].shown_time == told[edge].time_logged


def test_a_wave_is_told_with_the_end_before_it_and_the_change_that_set_it_off():
    """Errors end, a job begins, errors rise again: three lines of the story, in this order."""
    told = [entry for entry in judge_sample("cache-loss-second-wave").timeline if entry.is_key]
    at = next(n for n, entry in enumerate(told) if entry.kind.value == "wave")
    assert told[at - 2].event.startswith("errors end for 2 min")
    assert "loyalty-recalc starting" in told[at - 1].event


def test_a_fix_that_is_a_kind_too_is_told_once():
    """The line of a fix stands in one row, with the count of its kind."""
    timeline = judge_sample("checkout-redis-oom").timeline
    onset = next(e for e in timeline if e.is_key and e.kind is EventKind.ONSET and not e.is_root)
    fix = replace(onset, kind=EventKind.FIX, count=None, group=None)
    told = [e for e in tell_once((*timeline, fix)) if (e.file, e.line) == (onset.file, onset.line)]
    assert [(e.kind, e.count, e.group) for e in told] == [(EventKind.FIX, onset.count, onset.group)]


def test_what_is_logged_when_all_is_over_broke_nobody(tmp_path):
    """A server that its clients name says what holds it up, and is killed when they are well again."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 2400, 1):
        bad = 1002 < s < 1500
        w.add("till.log", s, f"{iso(s)} {'ERROR stockd did not answer in 2 s' if bad else 'INFO sold'}")
    for s in range(0, 2400, 20):
        w.add("stockd.log", s, f"{iso(s)} INFO {w.number(10, 90)} requests")
    for s in range(1000, 1500, 30):
        w.add("stockd.log", s + 0.5, f"{iso(s + 0.5)} WARN slow request: timed out behind the rebuild of shard 4")
    w.add("stockd.log", 1590.5, f"{iso(1590.5)} WARN process killed by signal 9")
    w.write()
    top = judge(tmp_path).candidates[0]
    assert (top.service, top.first_seen) == ("stockd", int(DAY.timestamp() * SECOND) + 1000_500_000)


def test_of_routes_that_fail_in_one_second_the_first_line_is_told_wherever_the_log_lies(tmp_path):
    """The story has one line of a service: which of two kinds it is does not hang on the path."""
    told = set()
    for name in "abcdef":
        w = Writer(tmp_path / name, 3)
        w.folder.mkdir()
        for s in range(0, 1200):
            for route in ("/cart", "/items"):
                stamp = clock(s, "%d/%b/%Y:%H:%M:%S +0000")
                status = 503 if s >= 900 else 200
                w.add("access.log", s, f'203.0.113.9 - - [{stamp}] "GET {route} HTTP/1.1" {status} 17 "-" "curl/8"')
        w.add("ledger.log", 600, f"{iso(600)} INFO compaction done")
        w.add("ledger.log", 899.5, f"{iso(899.5)} FATAL too many open files, exiting")
        w.write()
        told |= {(e.event, e.line) for e in judge(tmp_path / name).timeline if e.is_key and e.service == "access"}
    assert told == {("GET /cart 503", 1801)}


def test_an_end_comes_behind_the_fix_of_its_second(tmp_path):
    """Ends are counted by second; what brought one was logged within it."""
    w = Writer(tmp_path, 3)
    for s in range(0, 1500):
        bad = 900 <= s < 1000
        w.add("api.log", s + 0.2, f"{iso(s + 0.2)} {'ERROR no answer from ledger' if bad else 'INFO order done'}")
    w.add("ledger.log", 600, f"{iso(600)} INFO compaction done")
    w.add("ledger.log", 899.5, f"{iso(899.5)} FATAL too many open files, exiting")
    w.add("ledger.log", 1000.1, f"{iso(1000.1)} INFO starting ledger version 7")
    w.write()
    told = [entry for entry in judge(tmp_path).timeline if entry.kind in (EventKind.FIX, EventKind.RECOVERY)]
    assert [entry.kind for entry in told] == [EventKind.FIX, EventKind.RECOVERY]
    assert told[0].time >= told[1].time_logged
