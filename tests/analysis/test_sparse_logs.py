"""What a log tells that holds a few lines only, or one line of a limit: a kernel's, a process manager's, a broker's."""

from tests.analysis.small_incidents import DAY, at, comma, iso
from tests.judged import judge_small


def killed_again_and_again(w):
    """The kernel's log holds three lines, all of them kills: whoever was killed is not said to be fine."""
    for second in (700, 1120, 1540):
        stamp = f"{at(second):%b %d %H:%M:%S} web1"
        w.add(
            "kern.log", second, f"{stamp} kernel: [{second}.1] Memory cgroup out of memory: Killed process 77 (render)"
        )
    for s in w.often(0, 1800, 3):
        is_down = any(killed < s < killed + 20 for killed in (700, 1120, 1540))
        stamp = f"{at(s):%d/%b/%Y:%H:%M:%S +0000}"
        w.add("access.log", s, f'10.1.2.3 - - [{stamp}] "GET /p HTTP/1.1" {502 if is_down else 200} 5 "-" "x"')
        if is_down:
            told = "connect() failed (111: Connection refused) while connecting to upstream"
            w.add("error.log", s, f'{at(s):%Y/%m/%d %H:%M:%S} [error] 9#9: *7 {told}, upstream: "http://10.0.0.8:9/p"')
        else:
            w.add("render.log", s, f"{iso(s)} INFO page drawn n={w.number(1, 999)}")


def too_few_workers(w):
    """A tool writes the pool's settings; the pool is full at once, and its clients only know that they waited."""
    w.add("puppet.log", 900, f"{iso(900)} (File[/etc/php/8.2/fpm/pool.d/www.conf]/content) content changed 'a' to 'b'")
    for second in range(0, 900, 300):
        w.add("puppet.log", second, f"{iso(second)} Applied catalog in 1.2 seconds")
    stamp = f"{at(901):%d-%b-%Y %H:%M:%S}"
    w.add("php-fpm.log", 0, f"[{DAY:%d-%b-%Y %H:%M:%S}] NOTICE: ready to handle connections")
    w.add("php-fpm.log", 901, f"[{stamp}] NOTICE: Reloading in progress ...")
    reached = "server reached pm.max_children setting (2), consider raising it"
    w.add("php-fpm.log", 902, f"[{at(902):%d-%b-%Y %H:%M:%S}] WARNING: [pool www] {reached}")
    for s in w.often(0, 1800, 3):
        is_full = 905 < s < 1400
        told = "WARN Upstream pricing answered 503" if is_full else "INFO priced"
        w.add("shop.log", s, f"{comma(s)} {told} sku={w.number(1, 999)}")


def full_broker(w):
    """A broker's disk is full; its client speaks of partitions of topics, which are no disks."""
    for second in range(0, 1500, 30):
        w.add(
            "kafka-server.log", second, f"[{comma(second)}] INFO Stabilized group a generation {second} (coordinator)"
        )
    full = "ERROR Error while appending records to clicks-3 (log.LogDir)\njava.io.IOException: No space left on device"
    w.add("kafka-server.log", 640, f"[{comma(640)}] {full}\n\tat kafka.log.LogSegment.append(LogSegment.scala:158)")
    for s in w.often(0, 1500, 3):
        told = (
            "ERROR Got error produce response on topic-partition clicks-3: NOT_LEADER" if 641 < s < 1100 else "INFO ok"
        )
        w.add("payments.log", s, f"{iso(s)} {told}")
        told = "WARN no payment event for order" if 645 < s < 1105 else "INFO posted"
        w.add("ledger.log", s, f"{iso(s)} {told} order={w.number(1, 999)}")


def set_clock(w):
    """A host's clock is stepped away and back; sessions of users begin there every minute and a half as ever."""
    for second, by in ((700, "47.2"), (1200, "-47.2")):
        told = f"System clock was stepped by {by}21831 seconds"
        w.add("auth1.journal", second, f"{at(second):%b %d %H:%M:%S} auth1 chronyd[611]: {told}")
    for second in range(0, 1500, 90):
        told = f"Started Session {second} of user deploy."
        w.add("auth1.journal", second, f"{at(second):%b %d %H:%M:%S} auth1 systemd[1]: {told}")
    for s in w.often(0, 1500, 2):
        told = "WARNING - rejected token: used before issued" if 701 < s < 1200 else "INFO - authenticated"
        w.add("orders.log", s, f"{comma(s)} - orders - {told} user={w.number(1, 999)}")


def test_a_log_of_kills_alone_tells_who_was_killed():
    """Its silence before the first of a few lines is a fact, as that of a log of nothing but errors is."""
    snapshot = judge_small(killed_again_and_again)
    assert "Killed process" in snapshot.candidates[0].headline
    assert "kern" not in {one.service for one in snapshot.ruled_out}


def test_a_pool_that_is_full_names_nobody_but_itself():
    """`[pool www]` is the pool's own name, its limit is a cause; who wrote its settings set it off, not the reload."""
    top = judge_small(too_few_workers).candidates[0]
    assert top.service == "php-fpm"
    assert top.trigger is not None
    assert top.trigger.service == "puppet"


def test_a_partition_of_a_topic_is_no_disk():
    """The broker whose disk is full is to blame, not the client that it no longer leads a partition for."""
    assert judge_small(full_broker).candidates[0].service == "kafka"


def test_what_comes_every_other_minute_is_no_fix():
    """The clock is set back when it ends; a session that a supervisor starts then, on the same host, is everyday."""
    snapshot = judge_small(set_clock)
    assert snapshot.candidates[0].service == "chronyd"
    assert "System clock was stepped" in (snapshot.recovery.fix_text or "")


def stopped_cache(w):
    """Somebody stops the cache; in the same second the database that it shielded has no connection left."""
    for second, told in ((600, "# User requested shutdown..."), (603.1, "* Ready to accept connections")):
        w.add("redis.log", second, f"1:M {at(second):%d %b %Y %H:%M:%S}.{int(second % 1 * 1000):03} {told}")
    for s in w.often(0, 1500, 5):
        is_refused = 600.02 < s < 900 and w.number(1, 10) < 8
        if is_refused:
            full = "FATAL:  sorry, too many clients already"
            w.add(
                "postgresql.log", s, f"{at(s):%Y-%m-%d %H:%M:%S}.{int(s % 1 * 1000):03} UTC [{w.number(9, 99)}] {full}"
            )
        told = "ERROR FATAL: sorry, too many clients already" if is_refused else "INFO page served"
        w.add("web.log", s, f"{iso(s)} {told}")
    for second in range(0, 1500, 60):
        told = "LOG:  checkpoint starting: time"
        w.add("postgresql.log", second, f"{at(second):%Y-%m-%d %H:%M:%S}.000 UTC [9] {told}")


def test_a_server_that_stops_a_moment_before_may_have_set_it_off():
    """A stop is no change, and where nobody altered anything it is told, by time only."""
    top = judge_small(stopped_cache).candidates[0]
    assert top.service == "postgres"
    assert top.trigger is not None
    assert "shutdown" in top.trigger.text


def ended_again_and_again(w):
    """A supervisor's log holds starts and exits alone, so that their first words look like loggers' names."""
    for s in w.often(0, 1800, 4):
        is_down = s > 900 and int(s - 900) % 30 < 8
        stamp = f"{at(s):%d/%b/%Y:%H:%M:%S +0000}"
        w.add("access.log", s, f'10.1.2.3 - - [{stamp}] "GET /p HTTP/1.1" {502 if is_down else 200} 5 "-" "x"')
        if not is_down:
            w.add("weigher.log", s, f"{iso(s)} INFO parcel {w.number(1, 999)} weighed")
    w.add("supervisord.log", 1, f"{comma(1)} INFO spawned: 'weigher' with pid 70")
    for number, s in enumerate(range(900, 1800, 30)):
        told = "exit status 143" if number == 0 else "exit status 3"
        w.add("supervisord.log", s, f"{comma(s)} WARN exited: weigher ({told}; not expected)")
        w.add("supervisord.log", s + 8, f"{comma(s + 8)} INFO spawned: 'weigher' with pid {71 + number}")


def test_the_exits_of_a_short_log_are_known_for_what_they_are():
    """The exit by a fault of its own is what broke: the first one was somebody who stopped it."""
    top = judge_small(ended_again_and_again).candidates[0]
    assert (top.service, top.rule) == ("weigher", "supervisor.exited")
    assert top.headline == "exited: weigher (exit status 3; not expected)"


def dies_of_one_message(w):
    """A worker meets a message that it cannot read, ends by that each time it is started, and its queue fills."""
    for s in range(1, 900, 3):
        w.add("labeller.log", s, f"{comma(s)} [7] INFO labels: label {w.number(1, 999)} printed")
    for s in (5, 300):
        w.add(
            "supervisord.log", s, f"{comma(s)} INFO success: mailgate entered RUNNING state, process has stayed up for"
        )
    for s in range(900, 1100, 4):
        trace = (
            'Traceback (most recent call last):\n  File "/srv/labels.py", line 9, in <module>\n    w = parcel["weight"]'
        )
        w.add("labeller.log", s, f"{trace}\nKeyError: 'weight'")
        w.add("supervisord.log", s + 1, f"{comma(s + 1)} WARN exited: labeller (exit status 1; not expected)")
        w.add("supervisord.log", s + 2, f"{comma(s + 2)} INFO spawned: 'labeller' with pid {s}")
        w.add("labeller.log", s + 3, f"{comma(s + 3)} [7] INFO labels: labeller up")
    for s in w.often(0, 1100, 4):
        said = "ERROR label refused, queue labels holds 90" if s > 915 else "INFO label asked for"
        w.add("shop.log", s, f"{iso(s)} {said}")


def test_the_fault_by_which_it_ended_is_shown_not_its_end():
    """The worker's own trace says why; its supervisor only that it exited."""
    top = judge_small(dies_of_one_message).candidates[0]
    assert (top.service, top.headline) == ("labeller", "KeyError: 'weight'")


def ends_for_its_database(w):
    """A unit ends itself at each start; its own log says for want of what, in words that blame somebody else."""
    for s in w.often(0, 900, 3):
        w.add("ferries.log", s, f"{iso(s)} INFO sailing {w.number(1, 99)} shown")
    for s in range(900, 1200, 3):
        w.add("ferries.log", s, f"{iso(s)} FATAL no timetable store: connect ECONNREFUSED 127.0.0.1:5499")
        for told in ("Main process exited, code=exited, status=1/FAILURE", "Failed with result 'exit-code'."):
            w.add("syslog", s, f"{at(s):%b %d %H:%M:%S} q1 systemd[1]: ferries.service: {told}")
    for s in range(3, 900, 60):
        w.add("syslog", s, f"{at(s):%b %d %H:%M:%S} q1 kernel: usb 1-1: link is fine")
    for s in w.often(0, 1200, 4):
        stamp = f"{at(s):%d/%b/%Y:%H:%M:%S +0000}"
        w.add("access.log", s, f'10.1.2.3 - - [{stamp}] "GET /s HTTP/1.1" {502 if s > 900 else 200} 5 "-" "x"')


def test_what_it_said_as_it_ended_stands_beside_its_end():
    """The supervisor knows that it ended, its own log why: told in the reasons, with the line, for no points."""
    top = judge_small(ends_for_its_database).candidates[0]
    assert top.service == "ferries"
    assert "exited" in top.headline
    (dying,) = [one for one in top.evidence if one.kind == "dying"]
    assert dying.points == 0
    assert dying.text.endswith("no timetable store: connect ECONNREFUSED 127.0.0.1:5499")
