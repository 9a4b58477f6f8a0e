"""Work that takes long though nothing fails, told by nothing but a service's own records."""

import pytest

from tests.analysis.small_incidents import comma, slow_shelf
from tests.judged import judge_small

BEGIN, END = 300, 420


def _slow_now_and_then(w):
    """One look in thirty takes long, as always."""
    for s in w.often(0, 600, 6):
        took = w.number(350, 900) if w.chance.random() < 0.03 else w.number(1, 9)
        w.add("shelf.log", s, f"{comma(s)} INFO shelf.web - shelf {w.number(1, 90)} found in {took} ms")


def _slow_waits(w):
    """A client waits for longer and longer between two looks, as it is told to."""
    for s in w.often(0, 600, 6):
        wait = 900 if BEGIN < s < END else 5
        w.add("poller.log", s, f"{comma(s)} INFO poller - nothing new, delay_ms={wait}")


def _slow_job(w):
    """A job of each minute is slow at one time of the day; nobody waits for it."""
    for s in range(0, 3000, 20):
        took = w.number(3000, 9000) if 1500 < s < 2500 else w.number(20, 40)
        w.add("sums.log", s, f"{comma(s)} INFO sums - hour summed in {took} ms")


def test_work_that_takes_long_is_an_incident_without_an_error():
    """When it became slow, from what to what, what was altered before, and that it is fast again."""
    snapshot = judge_small(slow_shelf)
    assert snapshot.incident is not None
    assert abs(snapshot.incident.start / 1e6 % 86_400 - 9 * 3600 - BEGIN) < 5
    assert "its work takes longer" in snapshot.incident.headline
    assert "deploy of shelf-lists r8" in snapshot.candidates[0].headline
    assert snapshot.recovery.verdict.value == "recovered"
    assert "fast again" in snapshot.sentences[0].text
    asked, back = snapshot.actions.check, snapshot.actions.do
    assert "known by time only" in asked[0].text
    assert "waits for" in asked[1].text
    assert back[0].text.startswith("Undo what may have set it off")
    assert not any(one.text.startswith("Go back to") for one in back)


@pytest.mark.parametrize("build", [_slow_now_and_then, _slow_waits, _slow_job], ids=lambda build: build.__name__)
def test_what_is_slow_on_purpose_or_seldom_is_none(build):
    """Nobody waits for it more than ever."""
    assert judge_small(build).incident is None
