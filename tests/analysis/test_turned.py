"""Ordinary lines of an old kind whose numbers turn to nothing, or from it, as it begins."""

import pytest

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, comma, iso

BEGIN, BACK, END = 800, 1000, 1500


def judge(folder, told, before=((100, 1967, 0), (450, 1967, 0))):
    """A shop that has nothing to sell for a while, and an import that says each ten minutes what it did."""
    w = Writer(folder, 6)
    for s in w.often(0, END, 3):
        w.add("shop.log", s, f"{iso(s)} {'ERROR article has no offer' if BEGIN < s < BACK else 'INFO order placed'}")
    for s in w.often(0, END, 2):
        w.add("search.log", s, f"{iso(s)} INFO {w.number(1, 90)} hits shown")
    for s, rows, gone in (*before, (BEGIN, *told), (BACK, 1967, 0)):
        w.add("feed.log", s, f"{comma(s)} INFO Import finished: {rows} rows read, {gone} articles deactivated")
    w.write()
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


def test_a_job_that_reads_nothing_this_time_is_the_cause_by_that_line(tmp_path):
    """Its words are those of every other time; the story quotes this record, not the kind's first one."""
    snapshot = judge(tmp_path, (0, 1967))
    top = snapshot.candidates[0]
    assert (top.service, "0 rows read, 1967" in top.sample) == ("feed", True)
    assert "tells 0 where it told 1,967 before" in [one.text for one in top.evidence]
    (root,) = [entry for entry in snapshot.timeline if entry.is_root]
    assert "0 rows read" in root.event


@pytest.mark.parametrize("told", [(1967, 0), (1802, 3), (1970, 0)])
def test_a_job_that_does_as_always_is_no_cause(tmp_path, told):
    """It ends at that second, too, and its numbers differ a little as they always do."""
    assert judge(tmp_path, told).candidates[0].service != "feed"


def test_one_time_before_is_no_habit(tmp_path):
    """The first run of all finds nothing yet to take away, as a server's first checkpoint has nothing to write."""
    snapshot = judge(tmp_path, (1967, 312), before=((450, 1967, 0),))
    assert not [one for one in snapshot.candidates[0].evidence if one.kind == "novel"]
