"""Incidents as they are met on running servers, told in other words: what they must say, and must not."""

import json

from tests.analysis.small_incidents import at, comma, iso
from tests.judged import judge_small


def _settings_in_a_diff(w):
    """A tool shows line by line what it alters in a relay's settings; clients wait in storms until it is taken back."""
    for s in w.often(0, 520, 8):
        bad = 300 < s < 318 or 388 < s < 400
        said = "ERROR parcel not weighed: timed out" if bad else "INFO parcel weighed"
        w.add("scale.log", s, f"{comma(s)} {said}")
    for s in range(10, 520, 90):
        w.add("puppet-agent.log", s, f"{at(s):%Y-%m-%d %H:%M:%S} +0000 Puppet (notice): Applied catalog in 2.1 seconds")
    for s, told in ((299, ("-ReadTimeout 30", "+ReadTimeout 1")), (389, ("-ReadTimeout 1", "+ReadTimeout 30"))):
        for line in told:
            head = f"{at(s):%Y-%m-%d %H:%M:%S} +0000 /Stage[main]/Relay/File[/etc/relay/relay.conf]/content (notice):"
            w.add("puppet-agent.log", s, f"{head} {line}")
    w.add("scale.log", 463, f"{comma(463)} INFO parcel weighed")


def test_a_setting_in_a_diff_is_no_failure():
    """`+ReadTimeout 1` alters a setting, whatever its words say; the same file once more takes it back."""
    snapshot = judge_small(_settings_in_a_diff)
    top = snapshot.candidates[0]
    assert [one for one in top.counter_evidence if one.kind == "symptom"] == []
    assert "ReadTimeout" in top.headline
    assert snapshot.recovery.over


def _short_outage(w):
    """A store is restarted for four seconds; its clients fail meanwhile, and all is well since."""
    for s in w.often(0, 420, 2):
        bad = 200 < s < 204
        said = "ERROR seat not kept: connect ECONNREFUSED 10.0.0.8:6379 (redis)" if bad else "INFO seat kept"
        w.add("seats.log", s, f"{comma(s)} {said}")
    for s, said in ((199.9, "User requested shutdown..."), (203.8, "Ready to accept connections tcp")):
        w.add("redis.log", s, f"812:M {at(s):%d %b %Y %H:%M:%S}.{int(s % 1 * 1000):03} # {said}")
    for s in range(5, 420, 40):
        w.add("redis.log", s, f"812:M {at(s):%d %b %Y %H:%M:%S}.000 * 1 changes in 60 seconds. Saving...")


def test_what_rose_for_moments_is_told_though_it_is_no_incident():
    """Nobody is told that nothing rose: what did, when, and whose fault it was."""
    snapshot = judge_small(_short_outage)
    assert snapshot.incident is None
    assert "no kind of error rose" not in snapshot.recovery.explanation
    assert "a blip: seats: seat not kept" in snapshot.sentences[0].text
    assert snapshot.candidates[0].service == "redis"


def _full_of_retries(w):
    """An export holds a store of prices for nine seconds; callers that ask again at once keep it full ever since."""
    for s in w.often(0, 900, 4):
        bad = s > 400
        said = "WARN prices:7070 timed out, trying again" if bad else "INFO basket priced"
        for n in range(3 if bad else 1):
            w.add("basket.log", s + n / 5, f"{comma(s + n / 5)} {said}")
        if bad:
            w.add("basket.log", s + 0.7, f"{comma(s + 0.7)} ERROR basket not priced: no answer in time")
    for s in range(0, 900, 9):
        w.add("prices.log", s, f"{iso(s)} INFO list {w.number(1, 40)} read")
    w.add("prices.log", 400, f"{iso(400)} INFO export of table rebates started")
    w.add("prices.log", 409, f"{iso(409)} INFO export of table rebates finished in 9 s")


def test_work_that_is_done_is_not_to_be_stopped():
    """It fails on without what set it off: load must be taken off, and nobody is told to stop what is done."""
    snapshot = judge_small(_full_of_retries)
    assert snapshot.candidates[0].service == "prices"
    told = [one.text for one in (*snapshot.actions.check, *snapshot.actions.do)]
    assert [text for text in told if "what set it off is done (prices.log:" in text]
    assert [text for text in told if text.startswith("Take load off")]
    assert not [text for text in told if text.startswith("Stop what set it off")]


def _switched_twice(w):
    """A switch makes calls hang; it is taken back, and thrown once more when all had been well for two minutes."""
    on, off, again = 300, 400, 540
    for s in w.often(0, 700, 6):
        bad = on < s < off or again < s
        said = "ERROR no row within 3 s: timed out" if bad else "INFO row held"
        w.add("rows.log", s, f"{comma(s)} {said}")
    for s, told in ((20, "banner enabled"), (on, "lanes enabled"), (off, "lanes disabled"), (again, "lanes enabled")):
        w.add("switches.log", s, json.dumps({"time": iso(s), "user": "t.ash", "event": f"feature {told}"}))


def test_what_was_done_twice_and_failed_twice_is_to_be_undone():
    """Each time it was thrown it failed: that is no chance, and it is the last one that is to be taken back."""
    snapshot = judge_small(_switched_twice)
    assert snapshot.recovery.verdict.value == "second_wave"
    do = [one.text for one in snapshot.actions.do]
    assert [text for text in do if text.startswith("Undo what set it off") and "switches.log:4" in text]


def _promoted(w):
    """A pipeline promotes a portal, whose log an engine wraps; since then it takes one session after another."""
    for s in w.often(0, 900, 4):
        bad = s > 450
        said = {"lvl": "error", "msg": "sign-in broken: too many connections"} if bad else {"msg": "signed in"}
        line = json.dumps({"t": iso(s), **said})
        w.add("portal.log", s, json.dumps({"log": f"{line}\n", "stream": "stdout", "time": iso(s)}))
    for s, version in ((0, "3.1"), (402, "3.2")):
        line = json.dumps({"t": iso(s), "msg": "portal up", "version": version})
        w.add("portal.log", s, json.dumps({"log": f"{line}\n", "stream": "stdout", "time": iso(s)}))
    for s, what in ((30, "build 40 of site passed"), (400, "promote portal 3.2 to production")):
        w.add("pipeline.log", s, f"{iso(s)} pipeline: {what}")


def test_a_promotion_to_production_sets_off():
    """`promote ... to production` is a release, and the one that starts tells of another version than before."""
    trigger = judge_small(_promoted).candidates[0].trigger
    assert trigger is not None
    assert trigger.text == "promote portal 3.2 to production"


def _given_up(w):
    """A broker is away for twenty seconds; a worker cannot start meanwhile and is given up, at the level of INFO."""
    away, back = 300, 320
    for s in w.often(0, 600, 4):
        bad = away < s < back
        said = "ERROR order not kept: connect ECONNREFUSED 10.0.0.8:6379 (redis)" if bad else "INFO order kept"
        w.add("orders.log", s, f"{comma(s)} {said}")
    for s in w.often(0, away, 4):
        w.add("stamper.log", s, f"{comma(s)} INFO stamp {w.number(1, 900)} printed")
    w.add("stamper.log", away, f"{comma(away)} ERROR cannot read from redis: connection refused")
    for s, said in ((away - 0.1, "User requested shutdown..."), (back - 0.1, "Ready to accept connections tcp")):
        w.add("redis.log", s, f"812:M {at(s):%d %b %Y %H:%M:%S}.{int(s % 1 * 1000):03} # {said}")
    told = [(0, "INFO spawned: 'stamper' with pid 41"), (2, "INFO success: stamper entered RUNNING state")]
    told += [(away + n, "WARN exited: stamper (exit status 1; not expected)") for n in (0.2, 2, 5, 9)]
    told += [(away + 10, "INFO gave up: stamper entered FATAL state, too many start retries too quickly")]
    for s, line in told:
        w.add("supervisord.log", s, f"{comma(s)} {line}")


def test_what_a_supervisor_gave_up_is_not_over():
    """Callers are served again, and a worker stays down by its supervisor's last word: start it."""
    snapshot = judge_small(_given_up)
    assert snapshot.candidates[0].service == "redis"
    assert snapshot.recovery.verdict.value == "partial"
    assert "since since" not in snapshot.sentences[0].text
    assert "entered FATAL state" in snapshot.recovery.standing
    assert snapshot.actions.do[0].command == "supervisorctl start stamper"


def _half_taken_back(w):
    """Of two packers with a bad release one is taken back; the other fails on, one request in a hundred."""
    again = [459.0, 466.0, 475.0, 483.0, 488.0]
    for s in sorted([*w.often(0, 490, 9), *again]):
        packer = "b" if s in again else w.chance.choice("ab")
        bad = s in again or (300 < s < 420 and w.chance.random() < 0.5)
        said = f"{'ERROR box not packed: lane jammed in shrink()' if bad else 'INFO box packed'}"
        w.add(f"packer-{packer}.log", s, f"{comma(s)} {said}")
        day = f"{at(s):%d/%b/%Y:%H:%M:%S +0000}"
        w.add("edge-access.log", s, f'10.0.0.4 - - [{day}] "POST /box HTTP/1.1" {500 if bad else 200} 90 "-" "-"')
    for s, what in ((20, "site r7 live"), (299, "packer r8 live"), (420, "packer-a back to r7")):
        w.add("rollout.log", s, f"{iso(s)} rollout: {what}")


def test_what_broke_and_is_told_on_is_no_end():
    """Ninety-nine of a hundred are served, and yet the fault that never was before goes on: partly over."""
    assert judge_small(_half_taken_back).recovery.verdict.value == "partial"


def _settings_refused_late(w):
    """A proxy does not take its new settings, for a name in them; a minute later it is restarted and does not start."""
    refused, stopped, back = 300, 360, 430

    def say(second, level, told):
        w.add("nginx-error.log", second, f"{at(second):%Y/%m/%d %H:%M:%S} [{level}] 812#812: {told}")

    for s in w.often(0, 600, 5):
        bad = stopped < s < back
        said = "ERROR no picture: connect ECONNREFUSED 10.0.0.2:443" if bad else "INFO picture shown"
        w.add("gallery.log", s, f"{comma(s)} {said}")
        if not bad:
            w.add("wren.log", s, f"{comma(s)} INFO picture {w.number(1, 900)} read")
    for s in (0, back):
        say(s, "notice", "start worker processes")
    say(refused, "notice", "signal 1 (SIGHUP) received from 41, reconfiguring")
    say(refused, "emerg", 'host not found in upstream "wren.svc.int" in /etc/nginx/sites/gallery.conf:4')
    say(stopped, "notice", "signal 3 (SIGQUIT) received from 1, shutting down")


def test_who_refuses_his_own_settings_is_the_one_that_stays_down():
    """The name that stands in them is nobody's fault, though whoever has it falls silent when nobody asks."""
    top = judge_small(_settings_refused_late).candidates[0]
    assert top.service == "nginx"
    assert "host not found in upstream" in top.headline


def _chain_exchanged(w):
    """An agent renews a store's certificate; a client that lacks its issuer refuses it from then on."""
    for s in w.often(0, 600, 4):
        why = "certificate verify failed (unable to get local issuer certificate)"
        w.add("cart.log", s, f"{comma(s)} {f'ERROR cart not priced: {why}' if s > 400 else 'INFO cart priced'}")
    for s, told in ((30, "mail.test is not due for renewal"), (399, "certificate of wren.test renewed, front reloads")):
        w.add("acme.log", s, f"{iso(s)} INFO {told}")


def test_a_certificate_that_was_exchanged_is_no_coincidence():
    """Both lines speak of a certificate: linked by more than time."""
    trigger = judge_small(_chain_exchanged).candidates[0].trigger
    assert trigger is not None
    assert "certificate of wren.test renewed" in trigger.text
    assert trigger.link.value == "named"


def test_a_change_that_only_came_first_is_not_sure():
    """Nothing but time ties it to who fails: medium at most."""
    top = judge_small(_settings_in_a_diff).candidates[0]
    assert top.service == "puppet-agent"
    assert top.confidence.value == "medium"


def _runs_pile_up(w):
    """A nightly match that took four seconds takes minutes since a list grew; each run holds two of few sessions."""
    grew = 300
    for s in w.often(0, 600, 5):
        bad = s > 400 and w.chance.random() < 0.4
        said = "ERROR ledger not read: sorry, too many clients already" if bad else "INFO ledger read"
        w.add("ledger.log", s, f"{comma(s)} {said}")
    for n, s in enumerate(range(5, 600, 15)):
        pid, rows = 400 + n, 90_000 + n if s > grew else 700 + n
        w.add("match.log", s, f"{iso(s)} match[{pid}] run started over {rows} rows")
        if s <= grew:
            w.add("match.log", s + 4, f"{iso(s + 4)} match[{pid}] run finished")


def test_runs_that_do_not_wait_for_each_other_set_it_off():
    """They used to take turns: since one that did not end, one more is open with each start, until sessions run out."""
    snapshot = judge_small(_runs_pile_up)
    trigger = snapshot.candidates[0].trigger
    assert trigger is not None
    assert trigger.service == "match"
    assert trigger.line == 41
    assert "never more than 1 before" in trigger.text
    assert [one.text for one in snapshot.actions.do if one.text.startswith("Keep the job from starting again")]


def _pool_never_filled_again(w):
    """A store is slow for six seconds; a caller loses a connection with each call that it gave up: none is left."""
    slow, empty = 300, 306
    for s in w.often(0, 600, 5):
        said = "INFO row read"
        if slow < s < empty:
            said = "ERROR row not read: QueryCanceled: canceling statement due to statement timeout"
            w.add(
                "postgresql.log",
                s,
                f"{at(s):%Y-%m-%d %H:%M:%S}.{int(s % 1 * 1000):03} UTC [{w.number(60, 90)}] ERROR:  "
                "canceling statement due to statement timeout",
            )
        elif s > empty:
            said = "ERROR row not read: PoolError: connection pool exhausted"
        w.add("rows.log", s, f"{comma(s)} {said}")
    for s in range(5, 600, 30):
        w.add("postgresql.log", s, f"{at(s):%Y-%m-%d %H:%M:%S}.000 UTC [12] LOG:  checkpoint complete: wrote 4 buffers")


def test_who_never_gives_back_is_to_be_restarted():
    """What broke says nothing for minutes, and goes on writing; its caller's pool stays empty all the same."""
    snapshot = judge_small(_pool_never_filled_again)
    assert snapshot.recovery.cause_silent_since is not None
    assert [one.text for one in snapshot.actions.do if one.text.startswith("Restart rows: what broke is silent")]
