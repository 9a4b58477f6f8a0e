"""Causes and triggers that one everyday line tells: found, told in the story, never ruled out."""

import json
import random

import pytest

from logscope.model.causes import Link
from logscope.model.kinds import Role
from logscope.model.recovery import Verdict
from logscope.runner import batch
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, comma, iso


def judge(writer):
    writer.write()
    asked = Request([str(writer.folder)])
    return run_batch(asked, open_request(asked))


def write_failing(w, file, begin, end, text="order failed"):
    """A service that does its work, and says only that it fails from a second on."""
    for s in w.often(0, 1500, 3):
        failed = begin < s < end
        word = f"ERROR {text}" if failed else "INFO order placed"
        w.add(file, s, f"{iso(s)} {word} rid={w.id()}")


def test_an_everyday_warning_is_told_by_rates_that_can_be_compared(tmp_path):
    """Twice a minute before and during: counts of 13 minutes beside counts of seven would look like a change."""
    w = Writer(tmp_path, 4)
    write_failing(w, "shop.log", 801, 1200)
    for s in range(10, 1500, 30):
        w.add("shop.log", s, f"{iso(s)} WARN thumbnail is missing for item {w.number(1, 99)}")
    (reason,) = [one.reason for one in judge(w).ruled_out if "thumbnail" in one.reason]
    assert reason.startswith("everyday: 2.0/min before, 2.0/min during: ") or reason.startswith(
        "everyday: 2.0/min before, 2.1/min during: "
    )


def test_a_cause_that_one_ordinary_line_tells_is_in_the_story_and_not_ruled_out(tmp_path):
    """The line that candidate 1 rests on is the story's key line, and its log is not called unsuspicious."""
    w = Writer(tmp_path, 3)
    write_failing(w, "shop.log", 801, 1200)
    for s in w.often(0, 1500, 0.5):
        w.add("store.log", s, f"{iso(s)} INFO segment {w.number(1, 99)} read")
    w.add("store.log", 800, f"{iso(800)} INFO merging segments, readers paused")
    snapshot = judge(w)
    assert snapshot.candidates[0].service == "store"
    (root,) = [entry for entry in snapshot.timeline if entry.is_root]
    assert "readers paused" in root.event
    set_off = snapshot.sentences[2]
    assert (set_off.text.split(":")[0], set_off.ref.line) == ("by the same line", root.line)
    assert "store" not in {one.service for one in snapshot.ruled_out}


def test_two_minutes_before_it_tell_what_is_new(tmp_path):
    """Logs that begin two minutes before the first error know their everyday lines by then."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 400, 3):
        word = "ERROR order failed" if 120 < s < 300 else "INFO order placed"
        w.add("shop.log", s, f"{iso(s)} {word} rid={w.id()}")
    for s in w.often(0, 400, 0.5):
        w.add("store.log", s, f"{iso(s)} INFO segment {w.number(1, 99)} read")
    w.add("store.log", 119, f"{iso(119)} INFO merging segments, readers paused")
    assert judge(w).candidates[0].service == "store"


def test_what_a_log_says_when_it_wakes_up_did_not_make_it_sleep(tmp_path):
    """A server hangs, its callers say so; it goes on, is overrun, and says that its queue is full."""
    w = Writer(tmp_path, 6)
    for s in w.often(0, 500, 4):
        hangs, busy = 120 <= s < 200, 200 <= s < 240
        word = "ERROR accounts did not answer" if 122 < s < 202 else "INFO page sent"
        w.add("pages.log", s, f"{iso(s)} {word} rid={w.id()}")
        if not hangs:
            word = "WARN login queue is full, refusing" if busy else "INFO token checked"
            w.add("accounts.log", s, f"{iso(s)} {word} rid={w.id()}")
    for s in w.often(0, 500, 0.1):
        w.add("hypervisor.log", s, f"{iso(s)} info: pool images refreshed")
    w.add("hypervisor.log", 119.9, f"{iso(119.9)} info: domain accounts-1 paused: saving")
    w.add("hypervisor.log", 199.9, f"{iso(199.9)} info: domain accounts-1 resumed")
    snapshot = judge(w)
    first = snapshot.candidates[0]
    assert (first.service, "did not answer" in first.sample) == ("accounts", True)
    assert ("paused" in first.trigger.sample, first.trigger.link) == (True, Link.NAMED)
    assert "silence" in {one.kind for one in first.evidence}
    assert snapshot.recovery.verdict is Verdict.HERD, "as many fail behind the fix, of a limit that nobody met before"


def test_a_restart_is_not_what_broke_if_it_fails_in_another_way_ever_since(tmp_path):
    """A service is stopped and started with another configuration, and knows no customer from then on."""
    w = Writer(tmp_path, 7)
    for s in w.often(0, 500, 4):
        if 120 <= s < 122:
            w.add("shop.log", s, f"{iso(s)} ERROR accounts: connection refused")
            continue
        lost = s >= 122
        w.add("shop.log", s, f"{iso(s)} {'ERROR order not placed' if lost else 'INFO order placed'} rid={w.id()}")
        w.add("accounts.log", s - 0.01, f"{iso(s - 0.01)} {'WARN nobody of that number' if lost else 'INFO read'}")
    for s in w.often(0, 500, 0.1):
        w.add("supervisord.log", s, f"{comma(s)} INFO success: cron entered RUNNING state")
    w.add("supervisord.log", 120, f"{comma(120)} WARN stopped: accounts (terminated by SIGTERM)")
    w.add("supervisord.log", 121, f"{comma(121)} INFO spawned: 'accounts' with pid {w.number(1000, 9999)}")
    first = judge(w).candidates[0]
    assert (first.service, "nobody of that number" in first.sample) == ("accounts", True)


def test_a_field_tells_why_where_the_words_only_say_that(tmp_path):
    """`write refused` is the word of any client; whose limit it was stands in a field of the record."""
    w = Writer(tmp_path, 8)
    for s in w.often(0, 900, 3):
        bad = 600 < s < 800
        record = {"level": "info", "time": iso(s), "msg": "page served"}
        if bad:
            reply = {"reply": "SERVER_ERROR object too large for cache"}
            record = {"level": "warn", "time": iso(s), "msg": "cache set refused", **reply}
        w.add("pages.log", s, json.dumps(record))
    first = judge(w).candidates[0]
    assert first.service == "memcached"


def write_rotation(w):
    """A vault that renews leases says once that it rotated a role; half a minute later its database refuses users."""
    for s in w.often(0, 1500, 0.05):
        w.add("vault.log", s, f"{iso(s)} INFO lease {w.id()} prolonged")
    w.add("vault.log", 770, f"{iso(770)} INFO new epoch of static role ledger")
    for s in w.often(0, 1500, 1):
        refused = 'ERROR FATAL: password authentication failed for user "ledger"'
        w.add("database.log", s, f"{iso(s)} {refused if 801 < s < 1200 else 'INFO session opened'}")


def test_an_ordinary_line_of_a_new_kind_may_have_set_it_off(tmp_path):
    """No word says that anything changed, but its log never held such a line, and it holds the refused user's name."""
    w = Writer(tmp_path, 4)
    write_rotation(w)
    found = judge(w).candidates[0].trigger
    assert found is not None
    assert (found.service, found.text, found.link.value) == ("vault", "new epoch of static role ledger", "named")


def test_one_more_new_kind_in_a_log_that_holds_many_sets_nothing_off(tmp_path):
    """Where every minute brings a line of a kind that nobody saw before, one more says nothing."""
    w = Writer(tmp_path, 4)
    write_rotation(w)
    words = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "islet", "junco", "knoll", "larch")
    for n, s in enumerate(w.often(60, 800, 0.06)):
        said = " ".join(random.Random(n).sample(words, 3 + n % 6))
        w.add("vault.log", s, f"{iso(s)} INFO {said}")
    assert judge(w).candidates[0].trigger is None


def test_a_database_speaks_of_itself_whatever_users_its_lines_name(tmp_path):
    """`booking@booking FATAL: terminating connection` is the database's end of a session, not the client's failure."""
    w = Writer(tmp_path, 5)
    write_failing(w, "booking-api.log", 800, 1100, "query failed")
    pid = 900
    for s in w.often(0, 1500, 0.1):
        w.add("postgresql.log", s, f"{iso(s)[:-1].replace('T', ' ')} UTC [71] LOG:  checkpoint starting: time")
    for n in range(12):
        ended = "FATAL:  terminating connection due to administrator command"
        stamp = iso(799 + n / 10)[:-1].replace("T", " ")
        w.add("postgresql.log", 799 + n / 10, f"{stamp} UTC [{pid + n}] booking@booking {ended}")
    nodes = {one.service: one for one in judge(w).candidates if "terminating" in one.headline and one.in_logs}
    assert "postgres" in nodes
    assert "booking-api" not in nodes


def test_a_job_that_a_clock_sends_set_nothing_off_where_something_happened_once(tmp_path):
    """A cron line near the onset is passed over for the one new line of another log; alone and late it is nothing."""
    for once in (True, False):
        w = Writer(tmp_path / str(once), 6)
        w.folder.mkdir()
        write_failing(w, "orders.log", 800, 1200, "write failed: No space left on device")
        for s in range(11, 1500, 79):
            w.add("cron.log", s, f"{iso(s)} INFO (root) CMD (gather-statistics --short)")
        for s in w.often(0, 1500, 0.02):
            w.add("mover.log", s, f"{iso(s)} INFO shelf {w.id()} looked at")
        if once:
            w.add("mover.log", 798, f"{iso(798)} INFO bulk copy of archive 7 under way")
        trigger = judge(w).candidates[0].trigger
        assert (trigger and trigger.service) == ("mover" if once else None)


def test_the_release_of_what_fails_set_it_off_and_not_the_latest_one(tmp_path):
    """No word says that anything was altered: a record with a version tells of a release, and of whose by name."""
    w = Writer(tmp_path, 8)
    write_failing(w, "quotes.log", 800, 1200, "row rejected")
    for s in w.often(0, 1500, 0.03):
        w.add("cd.log", s, f"{iso(s)} phase=idle apps=14")
    for s, app in ((540, "quotes"), (785, "search")):
        w.add("cd.log", s, f"{iso(s)} app={app} version=7.{s}.0 phase=sync")
    trigger = judge(w).candidates[0].trigger
    assert trigger is not None
    assert (trigger.text, trigger.link.value) == ("app=quotes version=7.540.0 phase=sync", "named")


def write_bare(w, *, until):
    """Two logs without a level in any line: orders that fail from second 800 on, a store, and its everyday losses."""
    for s in w.often(0, 1500, 3):
        bad = 800 < s < until
        text = "not saved: store at 10.0.4.9:7001 did not answer within 2000 ms" if bad else "saved"
        w.add("orders.log", s, f"{comma(s)} order {w.number(1, 9999)} {text}")
    for s in range(0, 1500, 4):
        text = f"connection of client {w.number(1, 99)} lost" if s % 24 == 0 else f"{w.number(1, 99)} keys compacted"
        w.add("store.log", s, f"{comma(s)} {text}")
    if until > 800:
        w.add("store.log", 799.5, f"{comma(799.5)} segment 401: write: No space left on device; going read-only")


@pytest.fixture(params=["small", "large"])
def any_size(request, monkeypatch):
    """Logs that are examined as a whole, and such of which only the time around the onset is."""
    if request.param == "large":
        monkeypatch.setattr(batch, "EXAMINE_ALL", 0)


def test_in_logs_without_levels_words_tell_what_failed(tmp_path, any_size):
    """Nothing in them has a level, and yet the store broke, and the orders fail of it; nothing else does."""
    w = Writer(tmp_path, 5)
    write_bare(w, until=1200)
    snapshot = judge(w)
    assert snapshot.candidates[0].service == "store"
    assert "No space left on device" in snapshot.candidates[0].headline
    symptoms = [g.service for g in snapshot.groups if g.role is Role.SYMPTOM]
    assert symptoms == ["orders"]
    assert snapshot.recovery.over
    lanes = {lane.service: sum(lane.warnings) for lane in snapshot.lanes}
    assert lanes["orders"] > 300
    assert lanes["store"] == 1


def test_words_of_failure_at_their_usual_rate_are_no_incident(tmp_path, any_size):
    """What a log without levels loses every day is not news."""
    w = Writer(tmp_path, 5)
    write_bare(w, until=0)
    assert judge(w).incident is None


def test_a_cause_without_a_level_counts_in_a_log_of_which_others_have_one(tmp_path):
    """A number at the level of an error, and behind it in a line without any level what is full: that line is told."""
    w = Writer(tmp_path, 8)
    write_failing(w, "shop.log", 802, 1200)
    for s in w.often(0, 1500, 1):
        w.add("store.log", s, f"{iso(s)} page {w.number(1, 99)} was written")
    for s in range(800, 1200, 2):
        w.add("store.log", s, f"{iso(s)} ERROR 9002, state 2")
        w.add("store.log", s, f"{iso(s)} The volume of segment {w.number(1, 99)} is full: no space left on device")
    assert "no space left" in judge(w).candidates[0].sample
