"""Of two that look like the cause: what a change set off, and what ran out behind another one's fault."""

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, comma, iso

BEGIN, BACK, END = 800, 1000, 1500


def judge(writer):
    writer.write()
    asked = Request([str(writer.folder)])
    return run_batch(asked, open_request(asked)).candidates


def write_shop(w, begin, said):
    """A shop that places orders, and fails with these words from a second on."""
    for s in w.often(0, END, 3):
        w.add("shop.log", s, f"{iso(s)} {f'ERROR {said}' if begin < s < BACK else 'INFO order placed'} rid={w.id()}")


def test_what_a_client_quotes_broke_and_the_servers_own_line_of_a_change_does_not(tmp_path):
    """A directory tells a new password at the everyday level, and refuses the old one: the refusal is what broke."""
    w = Writer(tmp_path, 3)
    write_shop(w, BEGIN, "login failed: [LDAP: error code 49 - Invalid Credentials]")
    for s in w.often(0, END, 1):
        w.add("slapd.log", s, f"{iso(s)} conn={w.number(1, 999)} op=1 SRCH base dc=acme")
    for s in w.often(BEGIN + 5, BACK, 3):
        w.add("slapd.log", s, f"{iso(s)} conn={w.number(1, 999)} fd=11 closed (connection lost)")
    w.add("slapd.log", BEGIN, f"{iso(BEGIN)} conn=1601 op=1 MOD attr=userPassword")
    for s in range(20, END, 90):
        w.add("rotate.log", s, f"{comma(s)} INFO lease check due={w.number(0, 1)}")
    w.add("rotate.log", BEGIN - 0.1, f"{comma(BEGIN - 0.1)} INFO rotated secret ldap/static-role/svc-shop")
    top = judge(w)[0]
    assert top.service == "ldap"
    assert "error code 49" in top.sample
    assert top.trigger is not None
    assert "rotated secret" in top.trigger.text


def test_connections_that_run_out_behind_a_full_disk_are_its_effect(tmp_path):
    """A disk is full, and ten seconds later all connections of a server are taken that everybody names."""
    w = Writer(tmp_path, 4)
    write_shop(w, BEGIN + 12, "ledger: too many connections, all slots are taken")
    for s in w.often(0, END, 2):
        is_full = BEGIN + 12 < s < BACK
        said = "ERROR too many connections, all slots are taken" if is_full else "INFO page written"
        w.add("ledger.log", s, f"{iso(s)} {said}")
    for s in range(0, END, 5):
        said = "ERROR segment not written: no space left on device" if BEGIN < s < BACK else "INFO segment written"
        w.add("archive.log", s, f"{iso(s)} {said}")
    first, second, *_ = judge(w)
    assert (first.service, second.service) == ("archive", "ledger")
    assert "no space left" in first.sample
    assert [one.text for one in second.evidence + second.counter_evidence if one.kind == "filled"]


def test_a_job_told_anew_gives_way_to_who_says_what_broke_behind_it(tmp_path):
    """Both came before the first failure, and the silent one that everybody names followed on either."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, END, 4):
        is_bad = BEGIN < s < BACK
        said = "ERROR quotes gave no answer within 2 s" if is_bad else "INFO page of quotes sent"
        w.add("portal.log", s, f"{iso(s)} {said}")
        if not is_bad or w.chance.random() < 0.2:
            w.add("quotes.log", s, f"{iso(s)} INFO quote {w.number(1, 999)} told")
    for s in w.often(BEGIN + 7, BACK, 1):
        w.add("quotes.log", s, f"{iso(s)} WARN thread starvation, pool of 8 threads exhausted")
    for s in w.often(0, END, 0.3):
        w.add("batch.log", s, f"{iso(s)} INFO task tidy[{w.id()}] received")
    w.add("batch.log", BEGIN - 21, f"{iso(BEGIN - 21)} INFO task recompute_all[{w.id()}] received")
    for s in range(0, END, 5):
        full = BEGIN - 10 < s < BACK
        what = (
            "Pause Full (G1 Compaction Pause) 2047M->2031M(2048M)" if full else "Pause Young (Normal) 900M->400M(2048M)"
        )
        w.add(
            "gc.log", s, f"[{iso(s)[:-1]}+0000][info][gc] GC({s // 5}) {what} {w.number(3, 9)}.{w.number(100, 999)}ms"
        )
    top = judge(w)[0]
    assert "Pause Full" in top.headline
    assert top.trigger is not None
    assert "recompute_all" in top.trigger.text
