"""Causes and triggers that one everyday line tells: found, told in the story, never ruled out."""

from logscope.runner.batch import Request, open_request, run_batch
from tests.analysis.small_incidents import Writer, iso


def judge(writer):
    writer.write()
    asked = Request([str(writer.folder)])
    return run_batch(asked, open_request(asked))


def write_failing(w, file, begin, end, text="order failed"):
    """A service that does its work, and says only that it fails from a second on."""
    for s in w.often(0, 1500, 3):
        failed = begin < s < end
        word = f"ERROR {text}" if failed else "INFO order placed"
        w.add(file, s, f"{iso(s)} {word} rid={w.id()}")


def test_a_cause_that_one_ordinary_line_tells_is_in_the_story_and_not_ruled_out(tmp_path):
    """The line that candidate 1 rests on is the story's key line, and its log is not called unsuspicious."""
    w = Writer(tmp_path, 3)
    write_failing(w, "shop.log", 801, 1200)
    for s in w.often(0, 1500, 0.5):
        w.add("store.log", s, f"{iso(s)} INFO segment {w.number(1, 99)} read")
    w.add("store.log", 800, f"{iso(800)} INFO merging segments, readers paused")
    snapshot = judge(w)
    assert snapshot.candidates[0].service == "store"
    (root,) = [entry for entry in snapshot.timeline if entry.is_root]
    assert "readers paused" in root.event
    assert "store" not in {one.service for one in snapshot.ruled_out}
