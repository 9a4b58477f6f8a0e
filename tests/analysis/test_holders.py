"""Who held what ran out is counted from the server's own log, never guessed."""

import pytest

from logscope.model.causes import Link
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.judged import judge_sample


def holders_of(snapshot):
    return [one for one in snapshot.candidates[0].evidence if one.kind == "holders"]


def test_sessions_are_counted_by_user_at_the_first_refusal():
    """Opened less closed, as counted by hand in the log: the leak holds 14, the pool its 5, nobody else any."""
    (told,) = holders_of(judge_sample("pg-too-many-clients"))
    assert "reporting 14 (a minute before 0), orders 5 (a minute before 6)" in told.text
    assert "catalog" not in told.text
    assert told.points == 0
    assert told.lines[0].file.endswith("postgresql.log.1.gz")


def test_whose_sessions_grew_since_a_change_of_his_is_tied_to_it_by_number():
    """The flag is told in reporting's log, and reporting's sessions are what the server ran out of since."""
    trigger = judge_sample("pg-too-many-clients").candidates[0].trigger
    assert (trigger.service, trigger.link) == ("reporting", Link.NUMBER)


@pytest.mark.parametrize("sample", ["checkout-redis-oom", "recommender-memory-leak"])
def test_where_no_sessions_are_logged_nobody_is_named(sample):
    """Memory runs out as well: it has no sessions."""
    assert not holders_of(judge_sample(sample))


def test_a_log_that_tells_no_ends_tells_no_holders(tmp_path):
    """Logins alone would count everybody who ever came."""
    day = "2026-05-04"
    lines = [
        f"{day} 09:{n // 60:02}:{n % 60:02}.100 UTC [{n}] shop@db LOG:  connection authorized: user=shop database=db"
        for n in range(600)
    ]
    lines += [
        f"{day} 09:{10 + n // 60:02}:{n % 60:02}.200 UTC [{n}] shop@db FATAL:  sorry, too many clients already"
        for n in range(99)
    ]
    (tmp_path / "postgresql.log").write_text("\n".join(lines) + "\n")
    asked = Request([str(tmp_path)])
    snapshot = run_batch(asked, open_request(asked))
    assert snapshot.candidates[0].rule == "postgresql.too-many-clients"
    assert not holders_of(snapshot)


def test_who_holds_a_lock_is_told_by_his_own_line(tmp_path):
    """Who waits is told with his user, who holds with his process alone; another line of that tells whose it is."""
    day, lines = "2026-05-04", []
    for n in range(600):
        lines.append(f"{day} 09:{n // 60:02}:{n % 60:02}.100 UTC [{n}] shop@db LOG:  duration: {n % 9}.5 ms")
    for n in range(60):
        head = f"{day} 09:10:{n:02}.200 UTC [{7000 + n}] shop@db"
        lines.append(f"{head} LOG:  process {7000 + n} still waiting for ShareLock on transaction 1386 after 1000.1 ms")
        lines.append(f"{head} DETAIL:  Process holding the lock: 8435. Wait queue: {7000 + n}.")
        lines.append(f"{head} ERROR:  canceling statement due to lock timeout")
    lines.append(f"{day} 09:11:00.200 UTC [8435] desk@db FATAL:  terminating connection due to administrator command")
    (tmp_path / "postgresql.log").write_text("\n".join(lines) + "\n")
    asked = Request([str(tmp_path)])
    (told,) = holders_of(run_batch(asked, open_request(asked)))
    assert "process 8435, which holds the lock, is a session of desk" in told.text
    assert told.lines[0].line == len(lines)
