"""A second wave is told by what it has that is new, and by what was changed just before it."""

from logscope.model.advice import Risk
from logscope.model.causes import Link
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.judged import judge_sample


def test_a_second_wave_of_another_kind_has_its_own_fault_and_trigger():
    """Locks, not the lost cache, and the job that began two seconds before; by time only."""
    wave = judge_sample("cache-loss-second-wave").recovery.waves[-1]
    assert wave.kind == "second_wave"
    assert "Lock wait timeout exceeded" in wave.fault.headline
    assert wave.fault.trigger.service == "batch"
    assert wave.fault.trigger.link is Link.TIME


def test_what_fails_now_is_advised_on_first():
    """The wave's checks stand before those of the first cause; what is known by time alone is stopped on condition."""
    actions = judge_sample("cache-loss-second-wave").actions
    assert actions.check[0].text.startswith("Second wave: See whether this set it off")
    assert "job loyalty-recalc starting" in actions.check[0].text
    assert "innodb_trx" in actions.check[1].command
    stop = "Second wave: Stop what may have set it off, if the check shows that it did and it may be interrupted: batch"
    assert [one.text.startswith(stop) for one in actions.do if "loyalty-recalc" in one.text] == [True]


def test_a_server_that_is_named_and_not_reached_gets_first_aid():
    """Is it there, was it killed, does it listen, does it answer; then start it."""
    actions = judge_sample("cache-loss-second-wave").actions
    assert any("systemctl status memcached" in (one.command or "") for one in actions.check)
    (start,) = [one for one in actions.do if one.command == "systemctl start memcached"]
    assert start.risk is Risk.DISRUPTIVE


def test_a_retry_burst_has_no_fault_of_its_own():
    """A herd is the same trouble again."""
    assert all(wave.fault is None for wave in judge_sample("inventory-killed-herd").recovery.waves)


def test_a_change_is_told_in_its_own_words():
    """The second release is not told by the words of the first, though both are of one kind."""
    texts = [e.event for e in judge_sample("recommender-memory-leak").timeline if e.service == "deploy"]
    assert "version=r119" in texts[-1]


def test_few_failures_as_ever_are_no_impact():
    """One failed request of fourteen is what users get on any day: the cause's line has no impact yet."""
    (root,) = [entry for entry in judge_sample("checkout-redis-oom").timeline if entry.is_root]
    assert root.impact == "none yet"


def test_a_server_that_answers_with_an_error_is_reached(tmp_path):
    """A lock wait time-out is the database's own answer: its rule speaks, not the first aid for one that is down."""
    lines = [f"2026-05-04T09:{n // 60:02}:{n % 60:02}Z INFO basket saved {n}" for n in range(600)]
    lines += [
        f"2026-05-04T09:{10 + n // 60:02}:{n % 60:02}Z ERROR basket mysql: Lock wait timeout exceeded; try restarting"
        for n in range(120)
    ]
    (tmp_path / "basket.log").write_text("\n".join(lines) + "\n")
    asked = Request([str(tmp_path)])
    actions = run_batch(asked, open_request(asked)).actions
    assert [one.rule for one in actions.check] == ["mysql.lock-wait-timeout"]
    assert not any("systemctl" in (one.command or "") for one in actions.do)
