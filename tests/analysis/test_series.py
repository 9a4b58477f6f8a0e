"""Numbers that ramp, step or run full before the onset are told; what only counts, or stays as it was, is not."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.index.numbers import read_all
from logscope.index.samples import Samples
from logscope.ingest.scanner import Scanner
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.effort import often
from tests.index.test_ids import learn, read


def judge(folder, gauge, *, errors=range(300, 500), probe_file="probe.log"):
    """A service that fails for some minutes, beside a probe that writes a gauge every three seconds."""
    app, probe = [], []
    for n in range(600):
        stamp = f"2026-05-04T09:{n // 60:02}:{n % 60:02}"
        bad = n in errors
        app.append(f"{stamp}.500Z {'ERROR' if bad else 'INFO'} app.Main - {'frob refused' if bad else 'frobbed'} n={n}")
        if n % 3 == 0:
            probe.append(f"{stamp}.000Z INFO probe.Gauge - seen {gauge(n)} tick={n}")
    if probe_file == "app.log":
        app = sorted([*app, *probe])
    else:
        (folder / probe_file).write_text("\n".join(probe) + "\n")
    (folder / "app.log").write_text("\n".join(app) + "\n")
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


def test_what_runs_full_is_told_with_when_an_alert_would_have_fired(tmp_path):
    """A gauge that climbs to the limit that its own records state is full, and was at 80 % long before."""
    snapshot = judge(tmp_path, lambda n: f"glorps={min(200, 50 + n // 2)} max_glorps=200")
    (one,) = snapshot.numbers
    assert (one.name, one.before, one.after, one.is_full) == ("glorps", 50, 200, True)
    assert one.lines[0].line == 1
    assert (snapshot.incident.first_error - one.alert_at_80) // 1_000_000 == 78
    assert any("at 80 %" in f.text for f in snapshot.actions.follow_up)


def test_what_is_taken_and_stands_still_as_it_begins_has_run_full(tmp_path):
    """Descriptors that only grew stand at one value from the first error on: a limit, though no record states it."""
    snapshot = judge(tmp_path, lambda n: f"open_fds={min(300, n) if n < 500 else n - 480}")
    (one,) = snapshot.numbers
    assert (one.name, one.before, one.after, one.is_full) == ("open_fds", 0, 300, True)


def test_a_total_that_stands_still_has_not_run_full(tmp_path):
    """Where nobody is served any more, what counts the served stands still, too; so does a gauge at no maximum."""
    snapshot = judge(tmp_path, lambda n: f"served={min(300, n) if n < 500 else n - 200} open_fds={250 + n % 3}")
    assert not any(one.is_full for one in snapshot.numbers)


def test_a_step_before_the_onset_is_told_and_whether_it_climbs_again(tmp_path):
    """A value that leaves its normal shortly before, falls back, and rises once more."""
    snapshot = judge(tmp_path, lambda n: f"zorp={21 if n < 290 else 134 if n < 500 else 38 + (n - 500)}")
    (one,) = snapshot.numbers
    assert (one.name, one.before, one.after, one.climbs_on) == ("zorp", 21, 134, True)
    assert one.last == 38 + 97


def test_noise_counters_and_late_changes_say_nothing(tmp_path):
    """What varies as before, what only counts up, and what changes minutes after the onset is not told."""
    chance = random.Random(4)
    snapshot = judge(tmp_path, lambda n: f"wug={chance.randint(40, 60)} dax={n * 3} late={9 if n > 400 else 1}")
    assert snapshot.numbers == ()


def test_a_value_that_climbs_on_is_no_end(tmp_path):
    """All is well for a minute and a half, but the broken service's own number rises as before the fall."""
    snapshot = judge(tmp_path, lambda n: f"zorp={21 if n < 290 else 134 if n < 500 else n - 462}", probe_file="app.log")
    recovery = snapshot.recovery
    assert (recovery.verdict.value, recovery.over) == ("partial", None)
    assert recovery.climbing == "zorp of app climbs on, now 135 (21 before, 134 at the worst)"
    assert recovery.climbing in snapshot.sentences[0].text


def test_a_value_that_fills_up_to_its_normal_is_an_end(tmp_path):
    """After a restart it rises from nothing, and not beyond what it was before."""
    snapshot = judge(tmp_path, lambda n: f"zorp={90 if n < 290 else 134 if n < 500 else n - 530}", probe_file="app.log")
    assert (snapshot.recovery.verdict.value, snapshot.recovery.climbing) == ("recovered", "")


def test_who_falls_next_is_told_while_it_goes_on(tmp_path):
    """A service that still works, and whose number sinks step by step since the onset; one that swings is not told."""
    snapshot = judge(
        tmp_path, lambda n: f"slots={6 if n < 320 else max(1, 6 - (n - 320) // 40)}", errors=range(300, 600)
    )
    assert snapshot.recovery.next_to_fail == "probe: slots 6 to 1"
    assert "still works, yet probe: slots 6 to 1" in snapshot.sentences[0].text
    chance = random.Random(4)
    swinging = judge(tmp_path, lambda n: f"slots={6 if n < 320 else chance.randint(1, 5)}", errors=range(300, 600))
    assert swinging.recovery.next_to_fail == ""


def test_what_falls_onto_a_lowered_limit_filled_up_with_nothing(tmp_path):
    """No alert on a share of it would have told of that."""
    snapshot = judge(tmp_path, lambda n: "glorps=44 max_glorps=60" if n < 280 else "glorps=6 max_glorps=6")
    told = [(one.is_full, one.alert_at_80) for one in snapshot.numbers if one.name == "glorps"]
    assert told == [(False, None)]


def test_a_limit_is_never_made_up(tmp_path):
    """A plateau without a stated limit is a change, not full."""
    snapshot = judge(tmp_path, lambda n: f"glorps={50 if n < 280 else 200}")
    assert [(one.is_full, one.alert_at_80) for one in snapshot.numbers] == [(False, None)]


LINES = b"".join(
    b"2026-03-05 14:%02d:%02d,000 INFO [main] a.B - seen glorps=%d of=%d%%\n" % (n // 60 % 60, n % 60, n, n % 100)
    for n in range(700)
)


@settings(max_examples=often(20))
@given(cuts=st.lists(st.integers(0, len(LINES)), max_size=5))
def test_any_cut_keeps_the_same_samples(cuts):
    """Of more records than are kept the same ones, whatever the pieces."""
    cut, whole = (read(LINES, at, is_window=True) for at in (cuts, []))
    assert list(cut.samples.by_kind().items()) == list(whole.samples.by_kind().items())
    assert [len(rows) for rows in whole.samples.by_kind().values()] == [256]
    assert cut.digest() == whole.digest()


def test_many_sources_share_the_room_in_whatever_order_they_come():
    """Of forty logs with sixty kinds each fewer kinds of each are kept, and the same ones."""
    names = [f"{first}{vowel}{last}ing" for first in "bcdfgh" for vowel in "aeiou" for last in "ln"]
    text = b"".join(
        b"2026-03-05 14:00:%02d,000 INFO [main] a.B - %b took %d ms\n" % (n, name.encode(), n)
        for n, name in enumerate(names)
    )
    scanner = Scanner(learn(text, len(text)), "x", examine=True)
    batches = [scanner.feed(text), scanner.flush()]
    keys = []
    for order in (range(40), reversed(range(40))):
        samples = Samples()
        for source in order:
            for batch in batches:
                samples.add(f"log-{source}", batch, scanner.signatures)
        keys.append(list(samples.all_kinds()))
    assert keys[0] == keys[1]
    assert len(keys[0]) == 40 * 50


def membership(folder, values):
    """A service that fails from second 300 on, and a rare line that tells how many there are."""
    snapshot = judge(folder, lambda n: "nothing")
    lines = [f"2026-05-04T09:{n // 60:02}:{n % 60:02}.000Z INFO raft - view holds {v} peers" for n, v in values]
    (folder / "raft.log").write_text("\n".join(lines) + "\n")
    asked = Request([str(folder)])
    snapshot = run_batch(asked, open_request(asked))
    return [(one.service, one.name, one.before, one.after) for one in snapshot.numbers if one.is_state], snapshot


def test_a_number_in_rare_lines_that_changes_before_the_onset_is_a_state(tmp_path):
    """12 peers, 9 peers, 12 peers: told at the everyday level, in the story and as evidence."""
    states, snapshot = membership(tmp_path, [(20, 12), (297, 9), (560, 12)])
    assert states == [("raft", "peers", 12, 9)]
    assert any("peers: 12 to 9" in entry.event or "9 peers" in entry.event for entry in snapshot.timeline)
    # Who shows that is not told to be as before.
    assert "raft" not in {one.service for one in snapshot.ruled_out}


def test_a_number_that_is_another_each_time_is_no_state(tmp_path):
    """Durations and totals differ from line to line; and what changes minutes before is not of this incident."""
    assert membership(tmp_path, [(20, 7), (100, 11), (297, 9), (560, 14)])[0] == []
    assert membership(tmp_path, [(20, 12), (60, 12), (120, 9), (560, 9)])[0] == []


def test_columns_of_a_metric_file_are_named_by_its_header(tmp_path):
    """A comma-separated file of values: what runs full is told by the column's name."""
    judge(tmp_path, lambda n: "nothing")
    rows = [f"2026-05-04T09:{n // 60:02}:{n % 60:02}Z,web-1,{min(2000, 500 + 5 * n)},2000,3" for n in range(0, 600, 3)]
    (tmp_path / "metrics.csv").write_text("\n".join(["time,host,mem_used_mb,mem_max_mb,queue", *rows]) + "\n")
    asked = Request([str(tmp_path)])
    (one,) = run_batch(asked, open_request(asked)).numbers
    assert (one.service, one.name, one.before, one.after, one.is_full) == ("metrics", "mem_used_mb", 500, 2000, True)


def test_what_names_something_measures_nothing():
    """Ids with digits alone are no values over time; words that end like them are."""
    text = b"rid=511404000000 request_id=12 traceId=7 pid=4711 paid=3 grid=5 id=9 order.id=8 used=40%"
    assert [name for name, _, _ in read_all([text])[0]] == ["paid", "grid", "used"]


def test_a_number_that_is_another_one_nearly_each_time_is_no_state(tmp_path):
    """It names things, a tenant say: of seven values five, though it began with the same one twice."""
    found, _ = membership(tmp_path, [(60, 12), (180, 12), (290, 71), (320, 32), (350, 16), (380, 56), (410, 12)])
    assert found == []


def test_how_much_of_how_much_is_taken_runs_full(tmp_path):
    """`57 of 100 glorps in use` names no field, and tells both the number and its limit."""
    snapshot = judge(tmp_path, lambda n: f"{min(200, 50 + n // 2)} of 200 glorps in use,")
    told = [(one.name, one.before, one.after, one.is_full) for one in snapshot.numbers]
    assert ("glorps", 50, 200, True) in told


def test_the_third_of_five_is_no_number_of_what_is_taken():
    """Attempts and pieces are counted, not used up."""
    assert not any("max" in name for name, _, _ in read_all([b"attempt 3 of 5 failed, chunk 2 of 7 loaded"])[0])


def test_a_limit_that_is_lowered_to_what_is_used_is_not_reached(tmp_path):
    """What was allowed fell, and what is used with it: nothing grew, and no alert at 80 % of it would have helped."""
    told = judge(tmp_path, lambda n: f"glorps={44 if n < 297 else 6} max_glorps={60 if n < 297 else 6}").numbers
    assert {(one.name, one.before, one.after, one.is_full) for one in told} == {
        ("glorps", 44, 6, False), ("max_glorps", 60, 6, False),
    }  # fmt: skip


def test_who_counts_again_from_the_beginning_only_counts(tmp_path):
    """Ids of sessions rise all the time, and once the server was started again they begin anew."""
    assert not judge(tmp_path, lambda n: f"sess={1000 + 2 * (n if n < 480 else n - 480)}").numbers


@pytest.mark.parametrize(("name", "is_told"), [("waiting", True), ("glorps_done", False)])
def test_a_queue_that_stood_still_and_grows_since_is_no_total(tmp_path, name, is_told):
    """What is called like work that waits is worked off as a rule; another count may begin late."""
    told = judge(tmp_path, lambda n: f"{name}={3 * max(0, n - 250)}", errors=range(250, 500)).numbers
    assert bool(told) is is_told
