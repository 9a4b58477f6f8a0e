"""A full pool waits for others unless it was altered moments before; a proxy's flags say why it failed a request."""

import pytest

from logscope.model.causes import Link
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, at, iso

BREAKS, FIXED, END = 300, 400, 600


def judge(folder):
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


def fpm(second, text):
    return f"[{at(second):%d-%b-%Y %H:%M:%S}] {text}"


@pytest.mark.parametrize(("is_altered", "cause"), [(True, "php-fpm"), (False, "rates")])
def test_a_full_pool_broke_only_where_it_was_altered(tmp_path, is_altered, cause):
    """Behind a reload of its own the limit is what broke; else what its scripts wait for."""
    w = Writer(tmp_path, 3)
    for s in w.often(0, END, 4):
        bad = BREAKS + 2 < s < FIXED
        w.add("shop.log", s, f"{iso(s)} {'ERROR call to rates timed out after 3000 ms' if bad else 'INFO page'}")
    for s in range(10, END, 40):
        w.add("php-fpm.log", s, fpm(s, "NOTICE: fpm status page asked"))
    if is_altered:
        w.add("php-fpm.log", BREAKS, fpm(BREAKS, "NOTICE: Reloading in progress ..."))
    full = "WARNING: [pool www] server reached pm.max_children setting (2), consider raising it"
    w.add("php-fpm.log", BREAKS + 1, fpm(BREAKS + 1, full))
    w.write()
    top = judge(tmp_path).candidates[0]
    assert top.service == cause


def squid(second, flags, status, host):
    time = at(second).timestamp()
    return f"{time:.3f}     12 10.0.0.9 {flags}/{status} 3462 GET http://{host}/v1/x - HIER_NONE/- text/html"


def test_what_a_proxy_refuses_by_its_own_rules_is_its_own_failure(tmp_path):
    """Clients tell of a 403 from partners that were never asked: the proxy's flag says whose it is."""
    w = Writer(tmp_path, 3)
    for s in w.often(0, END, 4):
        bad = BREAKS < s < FIXED
        w.add("squid-access.log", s, squid(s, *(("TCP_DENIED", 403) if bad else ("TCP_MISS", 200)), "pay.example"))
        said = "ERROR Charge failed: Response status code does not indicate success: 403 (Forbidden)."
        w.add("payments.log", s + 0.01, f"{iso(s + 0.01)} {said if bad else 'INFO charge accepted'}")
    for s in range(30, END, 60):
        w.add("ansible.log", s, f"{iso(s)} PLAY RECAP egress : ok=9 changed=0")
    w.add("ansible.log", BREAKS - 1, f"{iso(BREAKS - 1)} RUNNING HANDLER [egress : reconfigure squid] ***")
    w.write()
    top = judge(tmp_path).candidates[0]
    assert top.service == "squid-access"
    assert "TCP_DENIED" in top.headline
    assert top.trigger is not None
    assert (top.trigger.service, top.trigger.link) == ("ansible", Link.NAMED)


def test_words_of_a_client_in_a_request_are_no_flags(tmp_path):
    """A path that is called like a flag says nothing of the proxy."""
    w = Writer(tmp_path, 3)
    for s in w.often(0, END, 4):
        status = 403 if BREAKS < s < FIXED else 200
        w.add("squid-access.log", s, squid(s, "TCP_MISS", status, "x.example/1 TCP_DENIED/403 "))
    w.write()
    assert all("(" not in one.headline for one in judge(tmp_path).groups)


def test_a_change_gives_way_to_what_it_broke(tmp_path):
    """The engineer wants both: who is refused since as the cause, the rotated password as what set it off."""
    w = Writer(tmp_path, 3)
    for s in w.often(0, END, 4):
        bad = s > BREAKS
        refused = "ERROR login not processed: [LDAP: error code 49 - Invalid Credentials]"
        w.add("sso.log", s, f"{iso(s)} {refused if bad else 'INFO user authenticated'}")
        w.add("portal.log", s + 0.01, f"{iso(s + 0.01)} {'ERROR sso answered 500' if bad else 'INFO page'}")
        w.add("slapd.log", s, f"{iso(s)} conn=7 fd=11 closed{' (connection lost)' if s > BREAKS + 5 else ''}")
    for s in range(30, END, 60):
        w.add("vault.log", s, f"{iso(s)} INFO lease check due=0")
    w.add("vault.log", BREAKS, f"{iso(BREAKS)} INFO rotated secret path=ldap/static-role/svc-sso dn=cn=svc-sso")
    w.write()
    top = judge(tmp_path).candidates[0]
    assert top.service == "sso"
    assert top.trigger is not None
    assert "rotated secret" in top.trigger.text


def test_a_pooler_blames_neither_the_database_nor_the_user_of_a_session(tmp_path):
    """Database and user tell whose session was thrown out: nobody got a connection of the pool."""
    w = Writer(tmp_path, 3)
    for s in w.often(0, END, 4):
        bad = BREAKS < s < FIXED
        said = "WARNING C-0x563ee121b960: postgres/app@10.0.0.9:41878 pooler error: query_wait_timeout"
        w.add("pgbouncer.log", s, f"{at(s):%Y-%m-%d %H:%M:%S}.000 UTC [96] {said if bad else 'LOG stats: 9 xacts/s'}")
        w.add(
            "rides.log", s + 0.01, f"{iso(s + 0.01)} {'ERROR ride failed: query_wait_timeout' if bad else 'INFO ride'}"
        )
    for s in range(5, END, 50):
        w.add("postgresql.log", s, f"{at(s):%Y-%m-%d %H:%M:%S}.000 UTC [7] LOG:  checkpoint complete: wrote 9 buffers")
    w.write()
    assert judge(tmp_path).candidates[0].service == "pgbouncer"


def test_what_alters_is_told_and_not_who_logged_in_to_do_it(tmp_path):
    """Both lines are new in the database's log, a moment apart: the statement is what broke."""
    w = Writer(tmp_path, 3)

    def said(second, text):
        w.add("postgresql.log", second, f"{at(second):%Y-%m-%d %H:%M:%S}.{int(second % 1 * 1000):03} UTC [9] {text}")

    for s in w.often(0, END, 4):
        said(s, "catalog@shop LOG:  connection authorized: user=catalog database=shop")
        if s > BREAKS + 0.3:
            said(s + 0.12, "catalog@shop ERROR:  canceling statement due to statement timeout")
        failed = "ERROR query failed: canceling statement due to statement timeout"
        w.add("catalog.log", s + 0.13, f"{iso(s + 0.13)} {failed if s > BREAKS + 0.3 else 'INFO query done'}")
    said(BREAKS, "postgres@shop LOG:  connection authorized: user=postgres database=shop application_name=terraform")
    said(BREAKS + 0.05, "postgres@shop LOG:  statement: ALTER ROLE catalog SET statement_timeout = '120ms'")
    w.write()
    assert "ALTER ROLE catalog" in judge(tmp_path).candidates[0].headline
