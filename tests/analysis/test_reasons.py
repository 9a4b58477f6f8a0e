"""What a line gives as the reason: of a failed request in a field of it, of a death in the last words of its log."""

import json

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, at, iso


def judge(folder):
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


def write_requests(folder, reason):
    """A service that answers 500 from second 500 on and gives a reason in a field."""
    w = Writer(folder, 3)
    for s in w.often(0, 700, 6):
        row = {"time": iso(s), "level": "info", "msg": "done", "method": "GET", "path": "/seats", "status": 200}
        if s > 500:
            row |= {"level": "error", "msg": "failed", "status": 500, **reason}
        w.add("desk.log", s, json.dumps(row))
    for s in w.often(0, 700, 1):
        w.add("seats.log", s, f"{iso(s)} INFO plan read")
    w.write()


def test_a_failed_request_blames_whom_its_reason_names(tmp_path):
    """Route and status name nobody, and the words of the path are the client's; the field `error` is the server's."""
    write_requests(tmp_path, {"error": "seats answered 503"})
    top = judge(tmp_path).candidates[0]
    assert top.service == "seats"
    assert "named by desk" in top.headline


def test_the_address_of_a_reason_is_whom_another_field_names(tmp_path):
    """`peer` says who was asked at that port; it died without a word."""
    w = Writer(tmp_path, 3)
    for s in w.often(0, 700, 6):
        row = {"time": iso(s), "level": "info", "msg": "done", "peer": "seats:7070", "path": "/seats", "status": 200}
        if s > 500:
            row |= {"level": "error", "msg": "failed", "status": 503, "error": "connect ECONNREFUSED 10.0.5.5:7070"}
        else:
            w.add("seats.log", s, f"{iso(s)} INFO plan read")
        w.add("desk.log", s, json.dumps(row))
    w.write()
    top = judge(tmp_path).candidates[0]
    assert top.service == "seats"
    assert any("falls silent" in one.text for one in top.evidence)


def test_a_failed_request_blames_whose_words_its_reason_has(tmp_path):
    """No line says `redis`, but only that server says so, and its log is not given."""
    write_requests(tmp_path, {"error": "OOM command not allowed when used memory > 'maxmemory'."})
    assert judge(tmp_path).candidates[0].service == "redis"


def test_of_several_reasons_the_commonest_or_the_first_is_shown(tmp_path):
    """One route fails for many reasons: the request shows one of them and says that there are others."""
    w = Writer(tmp_path, 3)
    reasons = ("seats answered 503", "plan 9 is locked", "row is taken", "seats answered 504")
    for number, s in enumerate(w.often(0, 700, 6)):
        row = {"time": iso(s), "level": "info", "msg": "done", "method": "GET", "path": "/seats", "status": 200}
        if s > 500:
            row |= {"level": "error", "msg": "failed", "status": 500, "error": reasons[number % 4]}
        w.add("desk.log", s, json.dumps(row))
    w.write()
    told = [group.headline for group in judge(tmp_path).groups if "GET /seats 500" in group.headline]
    assert len(told) == 1
    assert "; others too)" in told[0]
    assert any(reason in told[0] for reason in reasons)


def test_the_exception_of_a_request_is_told_with_it(tmp_path):
    """The last line of its trace, as the kind is shown."""
    trace = 'Traceback (most recent call last):\n  File "desk.py", line 3, in read\nKeyError: "row"'
    write_requests(tmp_path, {"exception": trace})
    headlines = [group.headline for group in judge(tmp_path).groups]
    assert any("GET /seats 500" in one and "KeyError" in one for one in headlines)


def test_who_does_not_answer_a_kernel_is_named_by_it(tmp_path):
    """A mount hangs: one line of the kernel, without a level, says whose, and all others only that they waited."""
    w = Writer(tmp_path, 4)
    for s in w.often(0, 900, 5):
        bad = 503 < s < 640
        said = "ERROR request ran for longer than 15000 ms" if bad else "INFO picture stored"
        w.add("pictures.log", s, f"{iso(s)} {said}")
    for s in range(5, 900, 50):
        w.add("kern.log", s, f"{at(s):%b %e %H:%M:%S} img1 kernel: [{70_000 + s}.000001] audit: type=1400 audit({s})")
    w.add(
        "kern.log",
        500,
        f"{at(500):%b %e %H:%M:%S} img1 kernel: [70500.1] nfs: server 10.1.1.9 not responding, still trying",
    )
    w.write()
    assert judge(tmp_path).candidates[0].service == "10.1.1.9"


def test_what_a_resolver_cannot_resolve_is_not_to_blame(tmp_path):
    """It says of which names it has no address, and their services' logs go on as before."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 900, 6):
        bad = 500 < s < 640
        said = "ERROR order failed: getaddrinfo EAI_AGAIN prices.svc" if bad else "INFO order stored"
        w.add("orders.log", s, f"{iso(s)} {said}")
        if not bad:
            w.add("prices.log", s, f"{iso(s)} INFO priced")
    start = int(at(0).timestamp())
    for s in range(3, 900, 20):
        w.add("unbound.log", s, f"[{start + s}] unbound[31:0] info: 10.1.1.3 prices.svc. A IN")
    for s in range(500, 640, 4):
        said = "SERVFAIL <prices.svc. A IN>: all the configured stub or forward servers failed, at zone svc."
        w.add("unbound.log", s, f"[{start + s}] unbound[31:0] error: {said}")
    w.write()
    assert judge(tmp_path).candidates[0].service == "dns"


def test_what_a_server_dies_of_broke_and_what_led_there_set_it_off(tmp_path):
    """Its archive command fails for a minute and a half at the everyday level, then it cannot write and dies."""
    w = Writer(tmp_path, 6)
    for s in w.often(0, 700, 6):
        said = "ERROR not stored: the database system is in recovery mode" if s > 500 else "INFO stored"
        w.add("orders.log", s, f"{iso(s)} {said}")
    for s in range(5, 500, 45):
        w.add("postgresql.log", s, f"{at(s):%Y-%m-%d %H:%M:%S}.000 UTC [81] LOG:  checkpoint starting: time")
    for s in (410, 440, 470):
        said = "LOG:  archive command failed with exit code 1"
        w.add("postgresql.log", s, f"{at(s):%Y-%m-%d %H:%M:%S}.100 UTC [82] {said}")
    said = 'PANIC:  could not write to file "pg_wal/xlogtemp.83": No space left on device'
    w.add("postgresql.log", 500, f"{at(500):%Y-%m-%d %H:%M:%S}.100 UTC [83] {said}")
    w.write()
    top = judge(tmp_path).candidates[0]
    assert "No space left" in top.sample
    assert "archive command failed" in top.trigger.text
