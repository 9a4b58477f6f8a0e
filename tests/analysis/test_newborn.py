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
