"""Who is asked for and who stops: a resolver's question blames nobody, and one of several replicas hangs."""

import json

import pytest

from tests.analysis.small_incidents import at, comma, iso
from tests.judged import judge_small


def _resolver_without_upstream(w):
    """A resolver gets no answer; the two services whose names it is asked for are well, and only hear nothing."""
    for s in w.often(0, 300, 4):
        dead = 120 < s < 200
        failed = "ERROR album not shown: getaddrinfo EAI_AGAIN pictures.lan" if w.chance.random() < 0.2 else ""
        said = (failed or "ERROR album not shown: socket timeout") if dead else "INFO album shown"
        w.add("gallery.log", s + (3 if dead else 0), f"{iso(s + (3 if dead else 0))} {said}")
        for name in ("pictures", "captions") if not dead else ():
            w.add(f"{name}.log", s, f"{comma(s)} INFO {name} {w.number(1, 999)} read")
    for s in (124, 125, 150, 151, 160):
        name = "pictures" if s % 2 else "captions"
        said = "all the configured stub or forward servers failed, at zone . upstream server timeout"
        w.add("unbound.log", s, f"{at(s):%b %d %H:%M:%S} unbound[31:0] error: SERVFAIL <{name}.lan. A IN>: {said}")
    w.add("unbound.log", 0, f"{at(0):%b %d %H:%M:%S} unbound[31:0] info: start of service (unbound 1.17.1).")


def _replica_hangs(w):
    """One of three hangs and writes nothing; who calls them knows only the name that all go by."""
    for s in w.often(0, 300, 18):
        number = w.number(1, 3)
        hangs = number == 2 and 120 < s < 200
        if hangs:
            w.add("till.log", s + 2, f"{iso(s + 2)} ERROR tariff call failed: the operation timed out")
        else:
            w.add(f"tariff-{number}.log", s, f"{comma(s)} INFO tariff {w.number(1, 999)} found")
            w.add("till.log", s, f"{iso(s)} INFO tariff shown")


def _job_by_fields(w):
    """A job takes rights away; its log is of fields alone, and tells its begin as a value."""
    for s in w.often(0, 300, 5):
        refused = s > 120
        said = "ERROR visit not stored: permission denied for table visits" if refused else "INFO visit stored"
        w.add("desk.log", s, f"{iso(s)} {said}")
    for second, text in (
        (20, "job=count-rows status=done tables=4"),
        (119, "job=narrow-rights status=start ticket=S-7"),
        (120, "job=narrow-rights status=done tables=1"),
    ):
        w.add("upkeep.log", second, f"{iso(second)} {text}")


def _new_version_starts(w):
    """A worker is started in another version, which nothing tells but its first line."""
    _start_versions(w, "crawler 1.8.2 started", "crawler 1.9.0 started")


def _new_short_version_starts(w):
    """The same, in a version of two numbers."""
    _start_versions(w, "crawler 4.1 started", "crawler 4.2 started")


def _takes_as_long_to_start(w):
    """The same version, which takes as long as it takes each time."""
    _start_versions(w, "crawler started in 4.1 s", "crawler started in 4.2 s")


def _start_versions(w, first, second):
    for at_second, told in ((0, first), (118, second)):
        w.add("crawler.log", at_second, f"{comma(at_second)} INFO {told}")
    for s in range(5, 300, 4):
        w.add("crawler.log", s, f"{comma(s)} INFO looked at {w.number(5, 90)} pages")
    for s in w.often(0, 300, 5):
        said = "ERROR memcached get failed: server closed the connection" if s > 122 else "INFO page shown"
        w.add("pages.log", s, f"{iso(s)} {said}")


def test_who_is_asked_for_is_not_at_fault():
    """A resolver that cannot answer for a name is where it fails, not the service of that name."""
    top = judge_small(_resolver_without_upstream).candidates[0]
    assert top.service == "dns"
    assert "SERVFAIL" in top.headline


def test_the_replica_that_stops_is_named():
    """Callers say `tariff`; of its replicas the one whose log stops is what broke."""
    top = judge_small(_replica_hangs).candidates[0]
    assert top.service == "tariff-2"
    assert any("as tariff" in one.text for one in top.evidence)


def test_a_job_that_begins_by_a_field_may_have_set_it_off():
    """`job=... status=start` right before the first refusal is found."""
    trigger = judge_small(_job_by_fields).candidates[0].trigger
    assert trigger is not None
    assert "narrow-rights" in trigger.text


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (_new_version_starts, "crawler 1.9.0 started (1.8.2 before)"),
        (_new_short_version_starts, "crawler 4.2 started (4.1 before)"),
    ],
)
def test_a_start_in_another_version_is_a_change(build, told):
    """Two starts of one service that tell unlike versions: it was released in between."""
    trigger = judge_small(build).candidates[0].trigger
    assert trigger is not None
    assert trigger.text == told


def _count_locks_all(w):
    """A nightly count takes a lock; nothing tells whose it is, but its log begins a second before the first waits."""
    w.add("census.log", 80, f"{comma(80)} census INFO yearly count began, 900 shelves")
    for s in range(90, 160, 10):
        w.add("census.log", s, f"{comma(s)} census INFO {s} shelves counted")
    for s in w.often(0, 230, 4):
        is_held = 81 < s < 160
        said = "ERROR loan failed: canceling statement due to statement timeout" if is_held else "INFO loan booked"
        w.add("loans.log", s + 2 * is_held, f"{iso(s + 2 * is_held)} {said}")
        if is_held:
            stamp = f"{at(s + 1):%Y-%m-%d %H:%M:%S}.{int(s % 1 * 1000):03} UTC"
            told = f"process {int(s)} still waiting for RowExclusiveLock on relation 71 of database 5 after 1000.1 ms"
            w.add("postgresql.log", s + 1, f"{stamp} [{int(s)}] loans@shelves LOG:  {told}")
    for s in range(5, 230, 60):
        w.add("postgresql.log", s, f"{at(s):%Y-%m-%d %H:%M:%S}.000 UTC [7] LOG:  checkpoint starting: time")


def test_a_log_that_begins_with_a_start_may_have_set_it_off():
    """A job's log begins right before the first failure, while all others are long written."""
    trigger = judge_small(_count_locks_all).candidates[0].trigger
    assert trigger is not None
    assert trigger.text.endswith("yearly count began, 900 shelves")


def _released_and_throttled(w):
    """A release asks a partner for everything anew; the service itself only says that it is up."""
    for second, told in ((2, "orders:7.1.0"), (598, "badges:5.2.0"), (602, "badges:5.2.0")):
        step = "finished" if second == 602 else "started"
        w.add("shipyard.log", second, f"{iso(second)} INFO deploy {step}, image {told}")
    for second, version in ((1, "5.1.0"), (599.5, "5.2.0")):
        w.add(
            "badges.log",
            second,
            json.dumps({"time": iso(second), "level": "info", "version": version, "msg": "badges up"}),
        )
    for s in w.often(3, 900, 4):
        said = {"level": "error", "msg": "badge not drawn: api.printlane.example answered 429"}
        if s < 600:
            said = {"level": "info", "msg": "badge drawn"}
        w.add("badges.log", s, json.dumps({"time": iso(s), "version": "5.2.0" if s > 599 else "5.1.0"} | said))


def test_the_release_is_what_set_it_off_not_that_its_service_is_up():
    """Who was throttled is up again a moment before the first refusal, by a deployer's word."""
    top = judge_small(_released_and_throttled).candidates[0]
    assert top.service == "printlane"
    assert top.trigger is not None
    assert "image badges:5.2.0" in top.trigger.text


def test_how_long_a_start_takes_is_no_version():
    """`4.2 s` is another number than before, and nothing was released."""
    trigger = judge_small(_takes_as_long_to_start).candidates[0].trigger
    assert trigger is None or "before)" not in trigger.text
