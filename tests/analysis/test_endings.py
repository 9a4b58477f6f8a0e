"""Logs that begin inside an incident which ends in view."""

import random

from logscope.model.causes import Confidence
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, comma, iso


def judge(writer):
    writer.write()
    asked = Request([str(writer.folder)])
    return run_batch(asked, open_request(asked))


def write(folder, ends, share=0.6):
    """Two services that fail from the first line on until a second of their own, and a third with everyday errors."""
    folder.mkdir(exist_ok=True)
    w = Writer(folder, 6)
    chance = random.Random(8)
    for name, stamp, text, until in (
        ("store.log", iso, "read of shard failed, replica missing", ends[0]),
        ("front.log", comma, "page not built: store answered 500", ends[1]),
    ):
        for s in w.often(0, 2400, 2):
            failed = s < until and chance.random() < share
            w.add(name, s, f"{stamp(s)} {f'ERROR {text}' if failed else 'INFO served'}")
    for s in w.often(0, 2400, 0.4):
        w.add("badges.log", s, f"{iso(s)} ERROR ribbon of printer {w.number(1, 4)} is low")
    return w


def test_what_fails_from_the_first_minute_on_and_ends_at_once_is_an_incident_that_is_over(tmp_path):
    """Both stop in the same moment; what came all along is no part of it; without a time before nobody is sure."""
    snapshot = judge(write(tmp_path, (900, 903)))
    assert snapshot.incident is not None
    assert snapshot.recovery.verdict.value == "recovered"
    assert set(snapshot.incident.services) == {"front", "store"}
    assert snapshot.candidates[0].service == "store"
    assert snapshot.candidates[0].confidence is not Confidence.HIGH


def test_a_job_that_is_done_is_none(tmp_path):
    """One service alone stops; the other one goes on as ever, or stopped minutes before."""
    assert judge(write(tmp_path / "a", (900, 9000), share=0.1)).incident is None
    assert judge(write(tmp_path / "b", (900, 400))).incident is None
