"""A server that says itself that it stops, a change and what is refused since: what broke, and what set it off."""

from logscope.model.causes import Confidence
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, at, comma, iso

STOP, BACK, END = 800, 1000, 1500


def judge(writer):
    writer.write()
    asked = Request([str(writer.folder)])
    return run_batch(asked, open_request(asked))


def test_a_server_that_says_that_it_stops_is_the_cause_by_its_own_line(tmp_path):
    """Its callers name it and find nobody there: its own line says why, and not that its log shows no failure."""
    w = Writer(tmp_path, 7)
    for s in w.often(0, END, 3):
        away = STOP < s < BACK
        said = "ERROR ledger: connection refused" if away else "INFO order placed"
        w.add("shop.log", s, f"{iso(s)} {said} rid={w.id()}")
    for s in range(0, END, 5):
        if not STOP <= s < BACK:
            w.add("ledger.log", s, f"{comma(s)} INFO ledger.core: page {w.number(1, 99)} written")
    w.add("apt.log", STOP - 2, f"{comma(STOP - 2)} packages that will be upgraded: ledger-server ledger-client")
    w.add("ledger.log", STOP - 1, f"{comma(STOP - 1)} INFO ledger.core: Normal shutdown, asked by root")
    snapshot = judge(w)
    top = snapshot.candidates[0]
    assert (top.service, top.in_logs) == ("ledger", True)
    assert "Normal shutdown" in top.sample
    assert any("dead in their pools" in one.text for one in snapshot.actions.do)


def test_what_the_rest_says_since_a_member_stopped_came_of_that(tmp_path):
    """Of three with a log each one stops; that the others are slow and without a leader then is its effect."""
    w = Writer(tmp_path, 8)
    for n in (1, 2, 3):
        for s in range(0, END, 4):
            if n != 2 or not STOP <= s < BACK:
                w.add(f"vault-{n}.log", s, f"{iso(s)} INFO lease {w.number(1, 99)} renewed")
    w.add("vault-2.log", STOP, f"{iso(STOP)} INFO received signal, shutting down")
    for s in w.often(STOP + 2, BACK, 2):
        w.add("vault-1.log", s, f"{iso(s)} ERROR disk write failed: i/o error while waiting for a quorum")
    for s in w.often(0, END, 3):
        said = "ERROR settings not read: timeout" if STOP + 3 < s < BACK else "INFO settings read"
        w.add("shop.log", s, f"{iso(s)} {said} rid={w.id()}")
    top = judge(w).candidates[0]
    assert "shutting down" in top.sample
    assert top.evidence[0].lines


def test_what_is_refused_since_a_change_broke_and_the_change_set_it_off(tmp_path):
    """A change and, within a second, a server that refuses in numbers and blames nobody: two answers, in this order."""
    w = Writer(tmp_path, 9)
    for s in w.often(0, END, 3):
        bad = STOP < s < BACK
        w.add("registry.log", s, f"{iso(s)} {'ERROR row shape differs from the asked' if bad else 'INFO row read'}")
        if w.chance.random() < 0.7:
            said = "ERROR registry answered 500" if bad else "INFO order placed"
            w.add("shop.log", s + 0.01, f"{iso(s + 0.01)} {said}")
    for s in range(0, END, 120):
        w.add("migrate.log", s, f"{comma(s)} INFO lock released")
    w.add("registry.log", STOP, f"{iso(STOP)} INFO statement: ALTER TABLE rows ADD COLUMN source text")
    w.add("migrate.log", STOP, f"{comma(STOP)} INFO ChangeSet 0118-registry-source::mk has been applied")
    snapshot = judge(w)
    top = snapshot.candidates[0]
    assert (top.service, "row shape differs" in top.sample) == ("registry", True)
    assert top.trigger is not None
    assert "ALTER TABLE" in top.trigger.sample


def test_the_kernel_says_why_before_a_supervisor_says_that(tmp_path):
    """A process that the kernel kills for memory: the line with its name, not the search before nor the exit behind."""
    w = Writer(tmp_path, 10)
    for s in w.often(0, END, 3):
        away = STOP < s < BACK
        w.add(
            "shop.log", s, f"{iso(s)} {'ERROR redis: connection refused' if away else 'INFO order placed'} rid={w.id()}"
        )
    for s in range(0, END, 60):
        w.add("supervisord.log", s, f"{comma(s)} INFO reaped 0 processes")
    head = f"{at(STOP):%b} {at(STOP).day:2} {at(STOP):%H:%M:%S} cache-2 kernel: [  812.{STOP}]"
    w.add("kern.log", STOP, f"{head} redis-server invoked oom-killer: gfp_mask=0x1100cca, order=0, oom_score_adj=0")
    w.add("kern.log", STOP, f"{head} Out of memory: Killed process 812 (redis-server) total-vm:8123412kB")
    said = "WARN exited: redis (terminated by SIGKILL; not expected)"
    w.add("supervisord.log", STOP + 0.6, f"{comma(STOP + 0.6)} {said}")
    assert "Killed process 812" in judge(w).candidates[0].sample


def test_a_stop_at_warning_that_another_log_tells_by_initials_is_the_cause(tmp_path):
    """`PSR is dead` of who looks every 30 s means psr-relayd, whose last line says that it was ended by a signal.

    What needed it waits for half a minute, and is loud then.
    """
    w = Writer(tmp_path, 12)
    for s in w.often(0, END, 3):
        bad = STOP + 30 < s < BACK
        w.add(
            "shop.log", s, f"{iso(s)} {'ERROR job not spawned: process died' if bad else 'INFO job done'} rid={w.id()}"
        )
    for s in w.often(0, END, 0.05):
        if not STOP <= s < BACK:
            w.add("psr-relayd.log", s, f"{iso(s)} INFO relay {w.number(1, 99)} added")
    w.add("psr-relayd.log", STOP, f"{iso(STOP)} WARN terminating with signal 15 (Terminated)")
    for s in range(2, END, 30):
        away = STOP < s < BACK
        said = "WARN PSR is dead. Will look again later" if away else "INFO looked after the relays"
        w.add("watch-agent.log", s, f"{iso(s)} {said}")
    top = judge(w).candidates[0]
    assert (top.service, top.in_logs) == ("psr-relayd", True)
    assert not any(one.kind == "ended" for one in top.counter_evidence)


def test_an_end_that_a_supervisor_tells_under_another_name_yields_to_who_said_why(tmp_path):
    """The scanner says that its patterns are broken and ends; the unit that systemd tells of is called otherwise."""
    w = Writer(tmp_path, 9)

    def add(second, told):
        w.add("syslog", second, f"{at(second):%Y-%m-%dT%H:%M:%S}.{int(second % 1 * 1e6):06}+00:00 post1 {told}")

    for s in w.often(0, 1200, 2):
        failed = "warning: filter at port 7357: cannot read reply: Connection reset by peer"
        add(s, f"relay/in[31]: {failed if s > 806 else f'letter {w.number(1, 999)} taken'}")
    for s in range(0, 790, 30):
        add(s, "scand[44]: self-check: patterns are well")
    add(800, "scand[44]: ERROR: error parsing patterns /var/lib/scan/own.db at line 41")
    add(803, "systemd[1]: letter-scan.service: Main process exited, code=exited, status=1/FAILURE")
    found = judge(w)
    assert found.candidates[0].service == "scand"
    assert found.candidates[0].confidence is not Confidence.LOW
    (told,) = [one for c in found.candidates if c.service == "systemd" for one in c.counter_evidence]
    assert "after scand said what broke" in told.text
