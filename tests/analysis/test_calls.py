"""Who sends its requests through whom is seen from shared ids where no line names anybody."""

from logscope.analysis.causes.calls import Call, find_calls
from logscope.analysis.clocks.clocks import find_clocks
from logscope.model.times import HOUR_US
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.test_clocks import make_calls, make_witness


def compare(witnesses):
    return find_calls(witnesses, find_clocks(witnesses))


def test_the_log_that_encloses_calls():
    """The one that is there before and after hands its requests on, whatever zone the other one writes in."""
    outer, inner = make_calls(30)
    witnesses = {"web": make_witness(outer, zone_written=True), "api": make_witness(inner, shift=-5 * HOUR_US)}
    assert compare(witnesses) == (Call("web", "api", 30),)


def test_equal_spans_show_no_direction():
    """Logs that show an id at the same moments do not call each other."""
    outer, _ = make_calls(30)
    assert compare({"a": make_witness(outer, zone_written=True), "b": make_witness(outer)}) == ()


def write_pair(folder):
    """A front that fails without a word about whom, and a store behind it that runs full; ids tie them."""
    front, store = [], []
    for n in range(1500):
        stamp = f"2026-05-04 09:{n // 60 % 60:02}:{n % 60:02}"
        name = f"{n * 7919 + 2**40:012x}"
        bad = n > 900
        front.append(f"{stamp}.100 INFO web.Front - begin rid={name}")
        store.append(f"{stamp}.150 INFO seg.Writer - taken rid={name}")
        if n >= 900 and n % 30 == 0:
            store.append(f"{stamp}.151 WARN seg.Writer - compaction postponed once more")
        front.append(f"{stamp}.190 {'ERROR web.Front - gave up' if bad else 'INFO web.Front - done'} rid={name}")
    (folder / "front.log").write_text("\n".join(front) + "\n")
    (folder / "blob.log").write_text("\n".join(store) + "\n")


def test_a_call_leads_to_who_failed_before(tmp_path):
    """A node that fails behind the shared ids is led to, and the evidence says how that is known."""
    write_pair(tmp_path)
    asked = Request([str(tmp_path)])
    snapshot = run_batch(asked, open_request(asked))
    blob = next(c for c in snapshot.candidates if c.service == "blob")
    assert any("called by front (" in e.text and "shared ids" in e.text for e in blob.evidence)
