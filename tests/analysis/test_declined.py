"""Work that is turned down at the everyday level: an incident though no line warns of anything."""

import pytest

from logscope.model.causes import Link
from logscope.model.recovery import Verdict
from tests.analysis.small_incidents import iso
from tests.judged import judge_small


def _loans(w, *, share, done=True, word="loan refused", notice=True):
    """A desk that decides of loans four times a second; from 600 to 840 s it refuses a share of them instead of 4 %."""
    for s in w.often(0, 1500, 4):
        is_bad = 600 < s < 840
        if w.chance.random() < (share if is_bad else 0.04):
            w.add("desk.log", s, f"{iso(s)} INFO {word} case={w.number(1, 9999)}")
        elif done or not is_bad:
            w.add("desk.log", s, f"{iso(s)} INFO loan granted case={w.number(1, 9999)}")
    for s in w.often(0, 1500, 0.1):
        w.add("archive.log", s, f"{iso(s)} WARN page {w.number(1, 99)} is blank")
    if notice:
        for s, most in ((3, 40), (600, 2), (840, 40)):
            w.add("policy.log", s, f"{iso(s)} INFO rules in force max_open_loans={most} age_min=18")


def refused_in_place(w):
    _loans(w, share=0.6)


def refused_on_top(w):
    """As many are granted as ever, and many more are refused: somebody who may not tries all the time."""
    _loans(w, share=0.04, notice=False)
    for s in w.often(600, 840, 8):
        w.add("desk.log", s, f"{iso(s)} INFO loan refused case={w.number(1, 9999)}")


def hits_and_misses(w):
    """A cache that was emptied: no word of it says that anything is turned down."""
    _loans(w, share=0.6, word="loan worked out anew", notice=False)


def test_what_is_refused_in_the_place_of_what_was_done_is_an_incident():
    """No line is above INFO; it begins and ends with the rules, which are told with what they were before."""
    snapshot = judge_small(refused_in_place)
    top = snapshot.candidates[0]
    assert top.service == "desk"
    assert top.headline.startswith("loan refused")
    assert snapshot.recovery.verdict is Verdict.RECOVERED
    assert top.trigger is not None
    assert top.trigger.link is Link.TIME
    assert "max_open_loans=40 before" in top.trigger.text


@pytest.mark.parametrize("build", [refused_on_top, hits_and_misses])
def test_what_is_refused_on_top_or_only_otherwise_done_is_none(build):
    """Everybody is served as ever."""
    assert judge_small(build).incident is None
