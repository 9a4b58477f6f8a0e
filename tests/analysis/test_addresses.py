"""Who writes on a host is whom its name means."""

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, at, comma, iso


def test_a_part_of_a_program_is_no_stranger_that_its_own_host_names(tmp_path):
    """`mx1` in front of each line of postfix/smtp means postfix itself, in whose log that stands."""
    w = Writer(tmp_path, 4)
    for s in w.often(0, 2400, 1):
        bad = 1200 < s < 1800
        to = f"to=<u{w.number(1, 99)}@example.net>"
        said = "deferred (connect to relay.example[203.0.113.9]:25: Connection timed out)" if bad else "sent (250 ok)"
        w.add("postfix.log", s, f"{at(s):%b %d %H:%M:%S} mx1 postfix/smtp[{w.number(1000, 9999)}]: {to}, status={said}")
    for s in w.often(0, 2400, 0.1):
        said = f"connect from unknown[192.0.2.{w.number(1, 99)}]"
        w.add("postfix.log", s, f"{at(s):%b %d %H:%M:%S} mx1 postfix/smtpd[{w.number(1000, 9999)}]: {said}")
    for s in w.often(0, 2400, 1):
        w.add("mailer.log", s, f"{iso(s)} {'WARN delivery deferred by relay' if 1203 < s < 1800 else 'INFO mail left'}")
    w.write()
    asked = Request([str(tmp_path)])
    services = [one.service for one in run_batch(asked, open_request(asked)).candidates]
    assert not [name for name in services if "/" in name]


def test_the_host_on_which_all_runs_is_nobody_in_particular(tmp_path):
    """One journal of one host: its name in front of each line blames nobody."""
    w = Writer(tmp_path, 4)
    for unit, bad, rate in (("renderd", "ERROR cannot write frame", 1), ("queued", "WARN job waits", 0.7)):
        for s in w.often(0, 2400, rate):
            text = bad if 1200 < s < 1800 else "frame written"
            w.add("host9.log", s, f"{at(s):%b %d %H:%M:%S} host9 {unit}[7]: {text}")
    w.write()
    asked = Request([str(tmp_path)])
    assert "host9" not in {one.service for one in run_batch(asked, open_request(asked)).candidates}


def test_a_level_in_the_place_of_a_host_is_none(tmp_path):
    """`2026-03-05 14:02:08,123 WARN exited: web (...)` of a supervisor: whoever writes WARN does not name it."""
    w = Writer(tmp_path, 4)
    for s in w.often(0, 2400, 0.2):
        w.add("supervisord.log", s, f"{comma(s)} WARN exited: metrics (exit status 2; not expected)")
        w.add("supervisord.log", s + 0.1, f"{comma(s + 0.1)} INFO spawned: 'metrics' with pid {w.number(1000, 9999)}")
    for name in ("mailer", "shop", "stock"):
        for s in w.often(0, 2400, 1):
            w.add(f"{name}.log", s, f"{iso(s)} {'WARN nobody left' if 1203 < s < 1800 else 'INFO mail left'}")
    w.write()
    asked = Request([str(tmp_path)])
    snapshot = run_batch(asked, open_request(asked))
    assert not [name for kind in snapshot.candidates for name in kind.service.split() if name == "supervisord"]


def test_an_address_is_whose_name_stands_beside_it_in_another_line(tmp_path):
    """Who refuses the certificate tells the address alone, who gives up tells the name with it: one is to blame."""
    w = Writer(tmp_path, 4)
    for s in w.often(0, 2400, 2):
        if 1200 < s < 1800:
            stamp = f"[{at(s):%a %b %d %H:%M:%S}.{int(s % 1 * 1e6):06} 2026]"
            w.add("proxy.log", s, f"{stamp} [ssl:error] [pid 7] [remote 10.2.0.7:9443] certificate has expired")
            w.add("proxy.log", s, f"{stamp} [proxy:error] [pid 7] request failed to 10.2.0.7:9443 (deeds.reg.lan)")
        else:
            w.add("proxy.log", s, f"[{at(s):%a %b %d %H:%M:%S}.000000 2026] [core:info] [pid 7] passed on")
    w.write()
    asked = Request([str(tmp_path)])
    found = run_batch(asked, open_request(asked)).candidates
    assert found[0].service == "deeds"
    assert "certificate has expired" in found[0].sample
    assert "10.2.0.7" not in {one.service for one in found}


def test_a_state_beside_an_address_is_no_name(tmp_path):
    """`10.2.0.7:6379 (closed)`: nobody is called so."""
    w = Writer(tmp_path, 4)
    for s in w.often(0, 2400, 2):
        told = "ERROR write to 10.2.0.7:6379 (closed)" if 1200 < s < 1800 else "INFO written"
        w.add("basket.log", s, f"{iso(s)} {told}")
    w.write()
    asked = Request([str(tmp_path)])
    assert "closed" not in {one.service for one in run_batch(asked, open_request(asked)).candidates}


def test_clients_by_their_addresses_are_not_to_blame(tmp_path):
    """A gate that refuses everybody tells each one's address in front: they are who suffers, whichever come first."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 2400, 2):
        peer = f"10.9.{w.number(0, 9)}.{w.number(1, 250)}:{w.number(20000, 60000)}"
        bad = 1200 < s < 1800
        w.add("gate.log", s, f"{iso(s)} {'WARN' if bad else 'INFO'} {peer} {'was not let in' if bad else 'came in'}")
    w.write()
    asked = Request([str(tmp_path)])
    services = [one.service for one in run_batch(asked, open_request(asked)).candidates]
    assert services[0] == "gate"
    assert not [name for name in services if name.startswith("10.")]
