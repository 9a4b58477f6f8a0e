"""Logs that begin in the middle: with the start of their service, or with the incident."""

from logscope.model.causes import Link
from logscope.model.kinds import Role
from logscope.model.recovery import Verdict
from tests.judged import judge


def stamp(second):
    return f"2026-05-04T{9 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


BEGIN = 1800
LOOP = (
    (0, "INFO Deploying v3.8.2 (previous: v3.8.1)"),
    (2, "INFO Pod starting..."),
    (5, "ERROR NullPointerException in Perch.open(): rules are null"),
    (6, "FATAL Bootstrap failed: module perch could not initialize"),
    (37, "ERROR NullPointerException in Perch.open(): rules are null"),
    (38, "FATAL Bootstrap failed: module perch could not initialize"),
    (47, "ERROR NullPointerException in Perch.open(): rules are null"),
    (48, "FATAL Bootstrap failed: module perch could not initialize"),
    (127, "ERROR NullPointerException in Perch.open(): rules are null"),
    (128, "FATAL Bootstrap failed: module perch could not initialize"),
)


def write(folder, *, first=LOOP, end=BEGIN + 130, others=True):
    """Half an hour of a quiet feeder, and the log of a new perch that dies as soon as it is started."""
    (folder / "feeder.log").write_text("".join(f"{stamp(s)} INFO fed bird {s}\n" for s in range(0, end, 5)))
    (folder / "perch.log").write_text("".join(f"{stamp(BEGIN + s)} {text}\n" for s, text in first))
    if others:
        refused = [f"{stamp(BEGIN + s)} ERROR asking perch failed: connection refused\n" for s in range(1, 120, 9)]
        asked = [f"{stamp(BEGIN + s)} INFO asked nest\n" for s in range(-4, 130, 3)]
        (folder / "gate.log").write_text("".join(sorted([*refused, *asked])))
    return folder


def test_a_log_that_begins_with_a_start_was_silent_before(tmp_path):
    """Four deaths of a service that was released are news, and its own line of the release set them off."""
    top = judge(write(tmp_path, others=False)).candidates[0]
    assert (top.service, top.line) in (("perch", 3), ("perch", 4))
    assert (top.trigger.link, top.trigger.line) == (Link.NAMED, 1)


def test_without_a_start_nobody_knows_what_was_usual(tmp_path):
    """The same few errors in a log that merely begins there show nothing by themselves but that one is fatal."""
    mild = [(s, text.replace("FATAL", "ERROR")) for s, text in LOOP[2:]] + [(s, "INFO sat") for s in range(0, 130, 2)]
    mild.sort()
    assert judge(write(tmp_path, first=mild, others=False)).recovery.verdict is Verdict.NO_INCIDENT


def test_what_fails_in_a_log_that_begins_with_the_incident_is_a_part(tmp_path):
    """The gate's log was cut moments before: its errors are no everyday noise."""
    snapshot = judge(write(tmp_path))
    roles = {one.service: one.role for one in snapshot.groups if one.service == "gate"}
    assert roles == {"gate": Role.SYMPTOM}
    assert snapshot.candidates[0].service == "perch"


def test_what_dies_again_with_longer_pauses_is_not_over(tmp_path):
    """The last death was a moment ago, though most of the last minutes were quiet."""
    assert judge(write(tmp_path)).recovery.verdict in (Verdict.PARTIAL, Verdict.ONGOING)
    later = tmp_path / "later"
    later.mkdir()
    over = judge(write(later, end=BEGIN + 1200)).recovery.verdict
    assert over is Verdict.RECOVERED


LOCKED = "[88{}] LOG:  process 88{} still waiting for AccessShareLock on relation 164 of database 1 after 1000.1 ms"


def test_a_cause_at_an_everyday_level_in_a_log_that_begins_with_it(tmp_path):
    """A database that writes only of trouble: its first line tells why statements are given up ten seconds later."""
    failed = "ERROR gave up on eggs: statement exceeded 10 s"
    fed = [(s, "INFO fed" if s < 0 or s % 2 else failed) for s in range(-600, 130, 3)]
    write(tmp_path, others=False, first=fed)
    waits = [(BEGIN - 10 + s, LOCKED.format(s % 10, s % 10)) for s in range(0, 120, 3)]
    ended = [(BEGIN + s, f"[88{s % 10}] ERROR:  canceling statement due to user request") for s in range(0, 120, 4)]
    rows = (f"{stamp(s)[:19].replace('T', ' ')}.000 UTC {text}\n" for s, text in sorted(waits + ended))
    (tmp_path / "db.log").write_text("".join(rows))
    top = judge(tmp_path).candidates[0]
    assert (top.service, top.line, top.rule) == ("db", 1, "postgresql.lock-wait")
