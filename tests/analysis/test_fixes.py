"""What is taken for the fix: an event, not the routine of a running server."""

from dataclasses import replace

import numpy as np

from logscope.analysis.story.attempts import find_attempts
from logscope.model.recovery import FixOrigin
from logscope.model.snapshot import Note
from logscope.model.times import US
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, at, iso

BEGIN = 1_772_460_000
FULL, ROOM = 300, 420
LIMIT = "Free bytes: 79208448. Limit: 80000000"


def test_what_a_server_says_all_the_time_is_no_fix(tmp_path):
    """Clients that connect again and again come nearer to the fall than the line that tells of it, and more often."""
    chance = np.random.default_rng(5)
    broker, app, edge = [], [], []
    for second in range(560):
        stamp = f"{np.datetime64(BEGIN + second, 's')}".replace("T", " ")
        is_full = FULL <= second < ROOM
        if second == FULL:
            broker.append(f"{stamp}.100000+00:00 [warning] <0.1.0> Free disk space is insufficient. {LIMIT}")
        for n in range(4 if is_full else 0):
            pid, port = f"<0.{second}.{n}>", 40_000 + 4 * second + n
            said = f"accepting AMQP connection {pid} (10.1.1.8:{port} -> 10.1.1.7:5672)"
            broker.append(f"{stamp}.{2 + n}00000+00:00 [info] {pid} {said}")
        if second == ROOM:
            broker.append(f"{stamp}.000000+00:00 [warning] <0.1.0> Free disk space is sufficient. {LIMIT}")
        if second % 10 == 0:
            broker.append(f"{stamp}.000000+00:00 [info] <0.9.0> statistics were collected")
        for _ in range(chance.poisson(6)):
            said = "ERROR publish failed: rabbitmq blocks the connection" if is_full else "INFO published"
            app.append(f"{stamp.replace(' ', 'T')}.800Z {said}")
            day = np.datetime64(BEGIN + second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
            edge.append(f'10.1.1.9 - - [{day}] "POST /orders HTTP/1.1" {503 if is_full else 201} 160 "-" "-"')
    (tmp_path / "rabbitmq.log").write_text("\n".join(broker) + "\n")
    (tmp_path / "app.log").write_text("\n".join(app) + "\n")
    (tmp_path / "edge-access.log").write_text("\n".join(edge) + "\n")
    asked = Request([str(tmp_path)])
    recovery = run_batch(asked, open_request(asked)).recovery
    assert recovery.over
    assert "accepting" not in recovery.fix_text
    assert recovery.fix_at >= (BEGIN + ROOM) * 1_000_000


def write_limits(folder, end):
    """A tool writes a server's file, which refuses requests until a second, about when the tool writes it again."""
    w = Writer(folder, 5)
    for s in w.often(0, 1500, 3):
        said = "ERROR invalid configuration: limit of requests is 1" if 800 < s < end else "INFO served"
        w.add("ledger.log", s, f"{iso(s)} {said}")
    for s in range(20, 1500, 60):
        w.add("chef.log", s, f"{iso(s)} INFO run complete in {w.number(2, 9)} s")
    for s, sums in ((799, "8e1f0 -> 41bb7"), (1000, "41bb7 -> 8e1f0")):
        w.add("chef.log", s, f"{iso(s)} INFO template[/etc/ledger/limits.conf] updated file contents (checksum {sums})")
    w.write()


def test_the_same_file_written_once_more_is_the_fix_and_no_error_is(tmp_path):
    """A tool writes a server's file, which refuses requests until it writes it again, and says so at each."""
    write_limits(tmp_path, 1000)
    asked = Request([str(tmp_path)])
    recovery = run_batch(asked, open_request(asked)).recovery
    assert recovery.over
    assert "41bb7 -> 8e1f0" in recovery.fix_text


def test_what_was_done_beside_the_begin_and_is_done_again_is_the_fix(tmp_path):
    """A tool with a log of its own writes a proxy's file; at the end the proxy alone says that it read it once more."""
    w = Writer(tmp_path, 6)
    for s in w.often(0, 900, 6):
        bad = 500 < s < 640
        stamp = f"{at(s):%Y/%m/%d %H:%M:%S}"
        if bad:
            said = "connect() failed (111: Connection refused) while connecting to upstream, client: 10.1.1.4"
            to = 'request: "GET /fares HTTP/1.1", upstream: "http://10.1.1.7:9000/fares"'
            w.add("nginx-error.log", s, f"{stamp} [error] 81#81: *{w.number(1, 9999)} {said}, server: fares, {to}")
        else:
            w.add("fares.log", s, f"{iso(s)} INFO fares sent")
    w.add("puppet.log", 497, f"{iso(497)} notice: /File[/etc/nginx/conf.d/fares.conf]/content: content changed")
    w.add("puppet.log", 498, f"{iso(498)} notice: /Service[nginx]: Triggered 'refresh' from 1 event")
    for s in (499, 639):
        stamp = f"{at(s):%Y/%m/%d %H:%M:%S}"
        w.add("nginx-error.log", s, f"{stamp} [notice] 80#80: signal 1 (SIGHUP) received from {s}, reconfiguring")
    w.write()
    asked = Request([str(tmp_path)])
    recovery = run_batch(asked, open_request(asked)).recovery
    assert recovery.over
    assert "SIGHUP" in recovery.fix_text


def test_a_file_written_again_is_the_fix_before_who_reads_it(tmp_path):
    """A tool writes a file that a balancer reads, and writes it again: its own word, not the balancer's, is the fix."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 900, 5):
        w.add("shop.log", s, f"{iso(s)} {'ERROR heron refused: no route' if 400 < s < 500 else 'INFO shown'}")
    for s in range(5, 900, 60):
        w.add("heron.log", s, f"{iso(s)} INFO {w.number(1, 9)} routes up")
    w.add("heron.log", 399.4, f"{iso(399.4)} ERROR no route left")
    for s in (399, 500):
        w.add("plays.log", s, f"{iso(s)} | changed: [edge-1] => (item=heron.conf)")
        w.add("heron.log", s + 0.2, f"{iso(s + 0.2)} INFO reloading settings of heron")
    w.write()
    asked = Request([str(tmp_path)])
    recovery = run_batch(asked, open_request(asked)).recovery
    assert recovery.over
    assert recovery.fix_service == "plays"


def test_a_command_on_the_full_folder_is_the_fix(tmp_path):
    """Somebody empties by hand, as sudo tells, the folder that the cause's line names."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 900, 5):
        full = "ERROR cannot write /srv/heron/spool/a1: No space left on device"
        w.add("heron.log", s, f"{iso(s)} {full if 400 < s < 500 else 'INFO kept'}")
    stamp = [at(s).strftime("%b %e %H:%M:%S") for s in (20, 500)]
    w.add("auth.log", 20, f"{stamp[0]} web1 sshd[31]: Accepted publickey for backup from 10.0.3.9 port 50122 ssh2")
    by = "web1 sudo:    mira : TTY=pts/0 ; PWD=/home/mira ; USER=root ; COMMAND=/usr/bin/find /srv/heron/spool -delete"
    w.add("auth.log", 500, f"{stamp[1]} {by}")
    w.write()
    asked = Request([str(tmp_path)])
    recovery = run_batch(asked, open_request(asked)).recovery
    assert recovery.over
    assert "COMMAND=" in recovery.fix_text


def test_a_step_that_failed_ended_nothing(tmp_path):
    """The last thing that a server says before the fall is that it timed out: what mended it was not logged."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 1500, 3):
        bad = 800 < s < 1000
        w.add("names.log", s, f"{iso(s)} {'ERROR zone perch expired' if bad else 'INFO zone perch asked'}")
        if bad:
            w.add("app.log", s + 0.1, f"{iso(s + 0.1)} ERROR names answered SERVFAIL")
    w.add("names.log", 985, f"{iso(985)} INFO transfer of perch from 10.0.0.3: timed out")
    w.write()
    asked = Request([str(tmp_path)])
    recovery = run_batch(asked, open_request(asked)).recovery
    assert recovery.over
    assert recovery.fix_text is None or "timed out" not in recovery.fix_text


def test_what_a_log_tells_later_is_the_fix_where_a_mark_was_in_vain(tmp_path):
    """Errors go on for minutes behind what a person marked, and end as the file is written again: both were tried."""
    write_limits(tmp_path, 1001)
    mark = Note(int(at(850).timestamp()) * US, "restarted ledger", is_fix=True)
    asked = Request([str(tmp_path)], notes=(mark,))
    snapshot = run_batch(asked, open_request(asked))
    assert "41bb7 -> 8e1f0" in snapshot.recovery.fix_text
    assert [(one.text.split()[0], one.failed) for one in find_attempts(snapshot)] == [
        ("restarted", True),
        ("template[/etc/ledger/limits.conf]", False),
    ]
    asked = Request([str(tmp_path)], notes=(replace(mark, time=mark.time + 145 * US),))
    assert run_batch(asked, open_request(asked)).recovery.fix_origin is FixOrigin.MARKED
