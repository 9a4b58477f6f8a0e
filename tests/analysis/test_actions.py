"""Advice on what broke comes from the rule that says most, wherever the line stands."""

import json

import pytest

from logscope.model.advice import Risk
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.judged import judge_sample


def stamp(second):
    return f"2026-05-04 10:{second // 60:02}:{second % 60:02}"


def write(folder, name, lines):
    (folder / name).write_text("".join(f"{line}\n" for line in lines))


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """A cache in trouble in words that no rule knows; its client quotes the server's refusal, and waits for minutes."""
    folder = tmp_path_factory.mktemp("logs")
    usual = [f"{stamp(s)},000 INFO [cache] snapshot of {s} keys done" for s in range(0, 1500, 20)]
    broken = [f"{stamp(600)},100 WARN [cache] memory budget is exhausted, nothing may go"]
    write(folder, "redis.log", sorted(usual + broken))
    lines = []
    for s in range(1500):
        lines.append(f"{stamp(s)},200 INFO [basket] served basket {s}")
        if 602 <= s < 1200:
            lines.append(
                f"{stamp(s)},300 ERROR [basket] write to redis-cache:6390 failed: "
                "OOM command not allowed when used memory > 'maxmemory'."
            )
            lines.append(f"{stamp(s)},400 ERROR [basket] request to redis timed out after 1500 ms")
    write(folder, "basket.log", lines)
    request = Request([str(folder)])
    return run_batch(request, open_request(request))


def test_a_quoted_refusal_brings_the_servers_rule(judged):
    """The cause's own line has no rule, but a client quotes the server: the server's rule advises."""
    assert judged.candidates[0].service == "redis"
    assert judged.actions.mechanism is not None
    assert judged.actions.mechanism.rule == "redis.maxmemory-noeviction"
    assert {action.rule for action in judged.actions.do} == {"redis.maxmemory-noeviction"}


def test_places_come_from_the_line_that_calls(judged):
    """Host and port are those under which the client calls the server; sizes and keys stay open."""
    commands = [action.command for action in judged.actions.check + judged.actions.do if action.command]
    assert any("-h redis-cache -p 6390 INFO memory" in command for command in commands)
    assert any("maxmemory <bytes>" in command for command in commands)
    assert any("UNLINK <key>" in a.command for a in judged.actions.do if a.risk is Risk.DESTRUCTIVE and a.command)


def test_callers_that_wait_for_minutes_lack_a_breaker(judged):
    """Hundreds of time-outs over ten minutes without an open breaker call for one, with the first line."""
    found = [one for one in judged.actions.follow_up if "circuit breaker" in one.text]
    assert [one.reason.split(":")[0] for one in found] == ["basket waited in vain 598 times over 9 min 57 s"]
    assert [ref.file.rsplit("/", 1)[-1] for one in found for ref in one.lines] == ["basket.log"]


def test_every_follow_up_rests_on_a_line(judged):
    """No follow-up without evidence."""
    assert judged.actions.follow_up
    assert all(one.lines for one in judged.actions.follow_up)


def test_advice_to_undo_is_given_once():
    """Where the release that set it off is named, no rule says once more to undo whatever was changed."""
    texts = [one.text for one in judge_sample("recommender-memory-leak").actions.do]
    assert [text.split(":")[0] for text in texts if text.startswith(("Undo", "Go back"))] == [
        "Undo what set it off, back to what ran before r118"
    ]
    assert any(text.startswith("Raise its limit") for text in texts)


def test_a_log_of_failures_alone_had_none_before(tmp_path):
    """Its silence before is none rather than unknown, and what goes on now is never more than the most."""
    write(tmp_path, "web.log", [f"{stamp(s)},000 INFO [web] served page {s}" for s in range(1212)])
    failed = [f"{stamp(s)},{n}00 ERROR [pay] cannot reach the bank" for s in range(1200, 1212) for n in range(1, 6)]
    write(tmp_path, "pay.log", failed)
    request = Request([str(tmp_path)])
    (group,) = [one for one in run_batch(request, open_request(request)).groups if one.service == "pay"]
    assert group.baseline_per_min == 0.0
    assert group.current_per_min is not None
    assert group.peak_per_min >= group.current_per_min > 200


def test_what_ended_it_is_told_by_its_fields(tmp_path):
    """An object of an audit trail has no message: what was done to what is told, as of what set it off."""

    def audit(second, replicas):
        meant = {"resource": "deployments", "namespace": "shop", "name": "pay"}
        kind = {"kind": "Event", "apiVersion": "audit.k8s.io/v1", "verb": "patch", "objectRef": meant}
        asked = {"user": {"username": "mira"}, "requestObject": {"spec": {"replicas": replicas}}}
        return json.dumps({**kind, **asked, "requestReceivedTimestamp": f"{stamp(second)}Z".replace(" ", "T")})

    write(tmp_path, "audit.json", [audit(1200, 1), audit(1500, 6)])
    bad = range(1201, 1501)
    served = [f"{stamp(s)},000 INFO [pay] charged order {s}" for s in range(2400) if s not in bad]
    failed = [f"{stamp(s)},000 ERROR [pay] no worker took the order" for s in bad]
    write(tmp_path, "pay.log", sorted([*served, *failed]))
    request = Request([str(tmp_path)])
    recovery = run_batch(request, open_request(request)).recovery
    assert recovery.fix_text == "verb=patch, resource=deployments shop/pay, replicas=6, user=mira"


def test_the_worst_minute_begins_anywhere(tmp_path):
    """What failed in fifty seconds around the full minute was never fewer a minute than that."""
    write(tmp_path, "web.log", [f"{stamp(s)},000 INFO [web] served page {s}" for s in range(1500)])
    failed = [f"{stamp(s)},{n}00 ERROR [pay] cannot reach the bank" for s in range(1175, 1225) for n in range(1, 4)]
    write(tmp_path, "pay.log", failed)
    request = Request([str(tmp_path)])
    (group,) = [one for one in run_batch(request, open_request(request)).groups if one.service == "pay"]
    assert group.peak_per_min == 150


@pytest.mark.parametrize(
    ("words", "is_told"),
    [
        ("java.lang.NullPointerException: stock is null after postgres gave none", True),
        ("Servlet.service() for servlet [web] threw exception; postgres: deadlock detected", False),
    ],
)
def test_only_code_that_met_null_is_to_handle_it(tmp_path, words, is_told):
    """A framework that passes on what the database said did not fail on a missing answer."""
    usual = [f"{stamp(s)}.000 UTC [7] LOG:  checkpoint complete: wrote {s} buffers" for s in range(0, 1500, 20)]
    locked = [f"{stamp(s)}.100 UTC [9] ERROR:  deadlock detected" for s in range(900, 1500)]
    write(tmp_path, "postgresql.log", sorted(usual + locked))
    served = [f"{stamp(s)},200 INFO [shop] served {s}" for s in range(1500)]
    write(tmp_path, "shop.log", sorted(served + [f"{stamp(s)},300 ERROR [shop] {words}" for s in range(901, 1500)]))
    request = Request([str(tmp_path)])
    follow_up = run_batch(request, open_request(request)).actions.follow_up
    assert any("instead of failing on null" in one.text for one in follow_up) is is_told


def test_what_broke_by_a_change_alone_is_undone_or_asked_about(tmp_path):
    """Where an ordinary line is the cause there is no rule, yet something to do: undo it, where that is sure."""
    usual = [f"{stamp(s)},000 INFO [keeper] bundle checked" for s in range(0, 1500, 30)]
    write(
        tmp_path,
        "keeper.log",
        sorted([*usual, f"{stamp(900)},500 INFO [keeper] bundle 58 active, default_rps=2 (was 200)"]),
    )
    calls = [(s, "ERROR [api] refused by keeper: 429" if s > 900 else "INFO [api] paid") for s in range(1500)]
    write(tmp_path, "api.log", [f"{stamp(s)},900 {text}" for s, text in calls])
    request = Request([str(tmp_path)])
    snapshot = run_batch(request, open_request(request))
    assert snapshot.candidates[0].trigger is None
    told = [one.text for one in (*snapshot.actions.check, *snapshot.actions.do)]
    assert any("keeper: bundle 58 active" in text and "keeper.log:32" in text for text in told), told


def test_who_names_the_server_repeats_its_words(tmp_path):
    """A client that cuts a store's refusal short quotes it: the store's longer message does not quote the client."""
    refusal = "Code: 252. Exception: Too many parts (300)"
    told = [f"{stamp(s)}.100 [ 7 ] <Information> executeQuery: Read {s} rows" for s in range(0, 1500, 20)]
    told += [
        f"{stamp(s)}.200 [ 7 ] <Error> executeQuery: {refusal}. Merges are slower than inserts."
        for s in range(900, 1200, 7)
    ]
    write(tmp_path, "clickhouse-server.log", sorted(told))
    lines = []
    for s in range(1500):
        lines.append(f"{stamp(s)},200 INFO [basket] served basket {s}")
        if 900 < s < 1200 and s % 2:
            lines.append(f"{stamp(s)},300 ERROR [basket] insert into clickhouse:8123 failed: {refusal}")
    write(tmp_path, "basket.log", lines)
    request = Request([str(tmp_path)])
    assert run_batch(request, open_request(request)).candidates[0].service == "clickhouse"


def test_a_time_out_asks_for_no_refused_password(tmp_path):
    """Whoever refuses a password answers: where a silent server only times out, its limits are asked for, not that."""
    write(tmp_path, "redis.log", [f"{stamp(s)},000 INFO [cache] snapshot done" for s in range(0, 1500, 20)])
    lines = []
    for s in range(1500):
        told = "ERROR [basket] request to redis timed out after 1500 ms" if 600 <= s < 1200 else "INFO [basket] served"
        lines.append(f"{stamp(s)},200 {told}")
    write(tmp_path, "basket.log", lines)
    request = Request([str(tmp_path)])
    snapshot = run_batch(request, open_request(request))
    assert snapshot.candidates[0].service == "redis"
    rules = {action.rule for action in snapshot.actions.check}
    assert "redis.max-clients" in rules
    assert "redis.auth-failed" not in rules


def test_where_a_call_was_refused_is_where_to_ask(tmp_path):
    """The line of who could not connect holds one address: commands are filled with it."""
    lines = [f"{stamp(s)},000 INFO [fares] fare {s} quoted" for s in range(600)]
    lines += [
        f"{stamp(s)},000 FATAL [fares] no database: postgres connect ECONNREFUSED 10.3.0.9:5433"
        for s in range(600, 700)
    ]
    write(tmp_path, "fares.log", lines)
    request = Request([str(tmp_path)])
    snapshot = run_batch(request, open_request(request))
    assert any(one.command == "pg_isready -h 10.3.0.9 -p 5433" for one in snapshot.actions.check)


def test_what_a_file_held_before_is_told_with_the_advice(tmp_path):
    """The action quotes what was changed, as the cause does, and not the first line of a difference."""
    write(tmp_path, "app.log", [
        f"{stamp(s)},000 {'ERROR [app] worker timed out' if s >= 605 else 'INFO [app] served'}" for s in range(700)
    ])  # fmt: skip
    difference = (
        f"{stamp(600)},000 INFO [agent] File changed:\n--- \n+++ \n@@ -1,2 +1,2 @@\n a = 1\n-timeout = 30\n+timeout = 2"
    )
    write(
        tmp_path,
        "agent.log",
        [f"{stamp(0)},000 INFO [agent] checked", difference, f"{stamp(601)},000 INFO [agent] done"],
    )
    request = Request([str(tmp_path)])
    snapshot = run_batch(request, open_request(request))
    actions = [*snapshot.actions.check, *snapshot.actions.do]
    assert any("-timeout = 30 +timeout = 2" in one.text for one in actions)
    assert not any("File changed: ---" in one.text for one in actions)
