"""What a log tells for the first time sets off; what fails and says why broke. And what users lose without an error."""

import pytest

from logscope.model.causes import Confidence, Link
from logscope.model.recovery import Verdict
from tests.analysis.small_incidents import clock, iso
from tests.judged import judge_small


def _edge(w, start, end, rate, path, status):
    for s in w.often(start, end, rate):
        stamp = clock(s // 1, "%d/%b/%Y:%H:%M:%S +0000")
        code = status(s) if callable(status) else status
        w.add("edge.access.log", s, f'10.0.3.{w.number(1, 99)} - - [{stamp}] "GET {path} HTTP/1.1" {code} 90 "-" "-"')


def own_version(w):
    """A service tells of another version, and what it does fails since, in words of its own."""
    for s in w.often(0, 900, 3):
        is_bad = 500 < s < 700
        said = "ERROR label not queued: E_BULK" if is_bad else f"INFO label queued, {w.number(1, 999)} waiting"
        w.add("labels.log", s, f"{iso(s)} {said}")
    w.add("labels.log", 499.9, f"{iso(499.9)} INFO logo in colour now part of each label")


def test_errors_of_a_log_are_what_broke_and_its_new_line_what_set_them_off():
    """Both stand in one log; the error alone says what does not work."""
    top = judge_small(own_version).candidates[0]
    assert "E_BULK" in top.headline
    assert top.confidence is not Confidence.LOW
    assert top.trigger is not None
    assert "logo in colour" in top.trigger.text


def limit_at_the_proxy(w):
    """A proxy answers 429 since its settings were written by a tool that tells the file without its folder."""
    for s in w.often(300, 800, 6):
        stamp = f"{clock(s // 1, '%b %d %H:%M:%S')} edge1 haproxy[77]:"
        state = "shop/<NOSRV> -1/-1/-1/-1/0 429" if 502 < s < 700 else "api/api-1 0/0/0/8/8 200"
        mark = "PR--" if 502 < s < 700 else "----"
        at = clock(s // 1, "%d/%b/%Y:%H:%M:%S.000")
        tail = f'90 - - {mark} 1/1/0/0/0 0/0 "GET /item/{w.number(1, 99)} HTTP/1.1"'
        w.add("haproxy.log", s, f"{stamp} 10.0.0.{w.number(1, 9)}:{w.number(3000, 9000)} [{at}] shop {state} {tail}")
    w.add(
        "haproxy.log",
        500.9,
        f"{clock(500, '%b %d %H:%M:%S')} edge1 haproxy[77]: Proxy shop stopped (cumulated conns: FE: 99, BE: 0).",
    )
    for s in range(0, 900, 15):
        w.add("sync.log", s, f"{iso(s)} objects in step, nothing to do")
    w.add("sync.log", 499, f"{iso(499)} applied edge/haproxy.cfg of commit 7f0c2ab")


def test_a_request_that_is_refused_tells_not_why():
    """The settings of the proxy that refuses are the nearest to a reason that these logs hold."""
    snapshot = judge_small(limit_at_the_proxy)
    top = snapshot.candidates[0]
    assert "haproxy.cfg" in (top.trigger.text if top.trigger is not None else top.headline)


def _previews(w, *, waiting):
    """A shop shows pictures; from 600 s on each is shown without what a worker made of it before."""
    _edge(w, 0, 1200, 5, "/picture", 200)
    for s in w.often(0, 1200, 4):
        said = "WARN picture shown in full size, preview is not there" if s > 600 else "INFO picture shown with preview"
        w.add("shop.log", s, f"{iso(s)} {said}")
    for s in range(0, 1200, 10):
        w.add("shop.log", s + 0.5, f"{iso(s + 0.5)} INFO to do: waiting={waiting(s)}")


def work_undone(w):
    _previews(w, waiting=lambda s: max(0, s - 600) * 4)


def other_words(w):
    _previews(w, waiting=lambda s: 0)


def test_warnings_in_the_place_of_what_was_done_are_an_incident_while_work_piles_up():
    """Every request is answered with 200."""
    snapshot = judge_small(work_undone)
    assert snapshot.recovery.verdict is Verdict.ONGOING
    assert snapshot.incident is not None


def test_the_same_warnings_alone_are_none():
    """A release may say otherwise what it does."""
    assert judge_small(other_words).incident is None


def short_stop(w):
    """A cache is stopped for eleven seconds of many minutes."""
    for s in w.often(0, 1200, 5):
        is_bad = 600 < s < 601.4
        w.add("cart.log", s, f"{iso(s)} {'ERROR no cart: redis connection refused' if is_bad else 'INFO cart shown'}")
    _edge(w, 0, 1200, 6, "/cart", lambda s: 500 if 600 < s < 601.4 else 200)
    form = "%d %b %Y %H:%M:%S.100"
    for s, said in ((0, "# Server initialized"), (599, "# User requested shutdown..."), (611, "# Server initialized")):
        w.add("redis.log", s, f"88:M {clock(s, form)} {said}")
    w.add("redis.log", 599.5, f"88:M {clock(599, '%d %b %Y %H:%M:%S.400')} # Redis is now ready to exit, bye bye...")


def test_what_a_blip_came_of_is_told():
    """It is no incident, and yet nobody has to look for what it was."""
    snapshot = judge_small(short_stop)
    assert snapshot.incident is None
    (broke,) = [one for one in snapshot.sentences if one.label == "BROKE"]
    assert broke.text.startswith("for moments: redis: ")
    assert broke.ref is not None


def _taken_back(w, *, logged):
    """Half of the requests fail until settings are taken back, 50 s before the logs end."""
    _edge(w, 0, 655, 12, "/parts", lambda s: 500 if 480 < s < 602 and w.chance.random() < 0.6 else 200)
    for s in w.often(480, 602, 6):
        stamp = f"{clock(s // 1, '%Y-%m-%d %H:%M:%S')}.{int(s % 1 * 1000):03} UTC"
        w.add("postgresql.log", s, f"{stamp} [{w.number(90, 99)}] ERROR:  canceling statement due to statement timeout")
    told = [(3, "checkpoint complete: wrote 3 buffers"), (240, "checkpoint complete: wrote 4 buffers")]
    told += [(s, "received SIGHUP, reloading configuration files") for s in (479, 600)[: 2 if logged else 1]]
    told += [(s, "checkpoint complete: wrote 9 buffers") for s in (610, 630)]
    for s, said in told:
        w.add("postgresql.log", s, f"{clock(s, '%Y-%m-%d %H:%M:%S.900 UTC')} [70] LOG:  {said}")


def taken_back(w):
    _taken_back(w, logged=True)


def gone_by_itself(w):
    _taken_back(w, logged=False)


@pytest.mark.parametrize(("build", "verdict"), [(taken_back, Verdict.RECOVERED), (gone_by_itself, Verdict.TOO_EARLY)])
def test_hundreds_of_requests_behind_a_logged_fix_need_no_minute(build, verdict):
    """What ended by itself may come back as it went; of what was mended a minute at most is waited for."""
    recovery = judge_small(build).recovery
    assert recovery.verdict is verdict
    assert not recovery.confirmed
    assert (recovery.minutes_needed or 0.0) <= 1.0


def refused_secret(w):
    """A server is started again with other secrets; one who asks it has the former one."""
    for s in w.often(0, 900, 4):
        is_bad = s > 503 and w.chance.random() < 0.5
        said = "Dropping packet without response: invalid authenticator, shared secret is incorrect" if is_bad else "ok"
        w.add("radius.log", s, f"{iso(s)} INFO {said}")
        told = "ERROR no answer from radius after 2 tries" if is_bad else "INFO admitted by radius"
        w.add("gate.log", s + 0.2, f"{iso(s + 0.2)} {told}")
    for s, said in ((500.5, "Signalled to terminate"), (500.6, "Exiting normally"), (502, "Ready to process requests")):
        w.add("radius.log", s, f"{iso(s)} INFO {said}")
    for s in range(0, 900, 30):
        w.add("keeper.log", s, f"{iso(s)} nothing to commit")
    w.add("keeper.log", 500, f"{iso(500)} clients file: secrets changed (3 of 3)")


def test_a_secret_that_is_refused_is_tied_to_the_secrets_that_were_changed():
    """That the server ended to read them is a step of the same change, and no death."""
    top = judge_small(refused_secret).candidates[0]
    assert top.service == "radius"
    assert "shared secret" in top.headline
    assert top.trigger is not None
    assert "secrets changed" in top.trigger.text
    assert top.trigger.link is Link.NAMED


def slower_model(w):
    """A worker reads another model, and later the former one, of which it says less; what it is sent is refused."""
    for s in w.often(0, 655, 6):
        is_bad = 500 < s < 598
        w.add(
            "intake.log", s, f"{iso(s)} {'ERROR claim not handed over: nacked' if is_bad else 'INFO claim handed over'}"
        )
        _edge(w, s, s + 0.2, 9, "/claim", 503 if is_bad else 200)
    for s in w.often(0, 655, 5):
        if not 490 < s < 598 or w.chance.random() < 0.1:
            w.add("sorter.log", s, f"{iso(s)} INFO claim sorted")
    w.add("sorter.log", 489, f"{iso(489)} INFO model v7 loaded (photos too)")
    w.add("sorter.log", 596, f"{iso(596)} INFO model v6 loaded")


def release_taken_back(w):
    """A release is named by its number alone, and so is the one that takes it back."""
    for n, (s, told) in enumerate([(200, "release 31"), (500, "release 32"), (596, "release 33 (rollback of 32)")]):
        w.add("deploy.log", s, f"{iso(s)} === {told} to www1")
        w.add("deploy.log", s, f"{iso(s)} sync: {n + 3} files")
    for s in w.often(0, 655, 6):
        is_bad = 500.5 < s < 598
        stamp = clock(s // 1, "%a %b %d %H:%M:%S") + f".{int(s % 1 * 1000000):06} 2026"
        if is_bad:
            text = "[client 192.0.2.4:9] AH01630: client denied by server configuration: /srv/www/f.pdf"
            w.add("apache-error.log", s, f"[{stamp}] [authz_core:error] [pid 7:tid 8] {text}")
        _edge(w, s, s + 0.2, 9, "/f.pdf", 403 if is_bad else 200)
    w.add(
        "apache-error.log", 0, f"[{clock(0, '%a %b %d %H:%M:%S')}.000000 2026] [core:notice] [pid 7:tid 7] AH00094: up"
    )


@pytest.mark.parametrize(("build", "words"), [(slower_model, "model v6"), (release_taken_back, "rollback of 32")])
def test_what_was_done_is_undone_by_the_same_log(build, words):
    """In other words than it was done in."""
    recovery = judge_small(build).recovery
    assert words in recovery.fix_text
    assert recovery.verdict is Verdict.RECOVERED


def change_behind(w):
    """Nothing is reached from the first line on; minutes later somebody reloads something."""
    for s in w.often(0, 400, 2):
        w.add("sync.log", s, f"{iso(s)} ERROR upload of order{w.number(1, 999)}.xml failed: Connection refused")
    for s in range(3, 400, 24):
        w.add("agent.log", s, f"{iso(s)} all promises kept")
    w.add("agent.log", 180, f"{iso(180)} Executing 'systemctl reload ftpd'")


def test_a_change_when_all_has_failed_for_long_is_no_candidate():
    """It came minutes later: nothing speaks against it but that it is a change."""
    top = judge_small(change_behind).candidates[0]
    assert "reload" not in top.headline


def user_cut_down(w):
    """Somebody takes writing from a user of a cache by a command that another log tells; reading goes on."""
    for s in w.often(0, 900, 6):
        is_bad = 500 < s < 700 and w.chance.random() < 0.5
        told = "ERROR answer not counted: NOPERM this user has no permissions to run the 'incr' command of redis"
        w.add("quiz.log", s, f"{iso(s)} {told if is_bad else 'INFO score read'}")
    w.add("redis.log", 0, f"88:M {clock(0, '%d %b %Y %H:%M:%S.100')} * Ready to accept connections")
    form = "%b %d %H:%M:%S"
    for s in range(0, 900, 25):
        w.add("auth.log", s, f"{clock(s, form)} host1 CRON[511]: pam_unix(cron:session): session opened for user root")
    command = "nele : TTY=pts/1 ; PWD=/root ; USER=root ; COMMAND=/usr/bin/redis-cli acl setuser quiz -@write"
    w.add("auth.log", 499, f"{clock(499, form)} host1 sudo: {command}")


def test_a_command_that_names_who_refuses_is_tied_by_name():
    """No word of it is known to alter anything."""
    trigger = judge_small(user_cut_down).candidates[0].trigger
    assert trigger is not None
    assert "setuser" in trigger.text
    assert trigger.link is Link.NAMED
