"""What is said before everything is read, and which times count where logs hold years."""

from pathlib import Path

from logscope.model.files import Progress
from logscope.model.incident import EventKind
from logscope.model.recovery import Verdict
from logscope.runner.batch import BatchReading, run_batch, start_session
from logscope.runner.request import Request, open_request

SAMPLE = Path(__file__).parents[2] / "sample_incidents" / "pg-too-many-clients" / "logs"


def test_no_end_is_told_before_all_is_read():
    """The same lines that are over when all is read leave it open while a part is unread."""
    request = Request([str(SAMPLE)])
    opened = open_request(request)
    session = start_session(request, opened)
    reading = BatchReading(session, request, opened)
    reading.read_all()
    assert reading.settle().recovery.over
    snapshot = session.tick(None, Progress(41, 100, done=False))
    assert snapshot.recovery.over is None
    assert snapshot.recovery.verdict is Verdict.TOO_EARLY
    assert EventKind.RECOVERY not in {entry.kind for entry in snapshot.timeline}, "nor in the story"
    state = snapshot.sentences[0]
    assert state.label == "READING"
    assert state.text.startswith("41 % read")
    stopped = session.tick(None, Progress(41, 100, done=True, stopped=True)).sentences[0]
    assert stopped.text.startswith("in the 41 % that was read: ")


def test_the_latest_of_stretches_far_apart_counts(tmp_path):
    """A log that goes on after a pause of a year is judged by its last lines; one stray stamp ahead is no last line."""
    lines = [f"2025-06-24 14:{n // 60:02}:{n % 60:02} INFO worker: done {n}" for n in range(600)]
    lines += [f"2026-11-26 09:00:{n % 60:02} INFO worker: done {n}" for n in range(60)]
    lines += ["2031-01-01 00:00:00 INFO worker: done 1"]
    (tmp_path / "worker.log").write_text("\n".join(lines) + "\n")
    request = Request([str(tmp_path)])
    snapshot = run_batch(request, open_request(request))
    assert "as of 09:00:59" in snapshot.sentences[0].text
