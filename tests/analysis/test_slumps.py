"""A worker that nearly stops is an incident where something shows that its work is missing, and only there."""

import json
import re

import pytest

from tests.analysis.small_incidents import comma, iso, slow_for_a_while
from tests.judged import judge_small


def work(w, *, slow_from, others=6.0, others_late=6.0):
    """A worker with ten letters a second, one while it is slow; and a shop that sends them."""
    for s in w.often(0, 900, 10):
        if s < slow_from or w.chance.random() < 0.08:
            w.add("stamper.log", s, f"{comma(s)} INFO letter {w.number(1, 999)} stamped in {w.number(9, 40)} ms")
    for s in (*w.often(0, slow_from, others), *w.often(slow_from, 900, others_late)):
        w.add("shop.log", s, f"{iso(s)} INFO letter asked for")


def queue(w, *, grows_from):
    depth = 0
    for s in range(0, 900, 10):
        depth = depth + 90 if s >= grows_from else w.number(0, 5)
        w.add("gauge.log", s, f"{iso(s)} INFO waiting={depth} letters")


def _slow(w):
    work(w, slow_from=400)
    queue(w, grows_from=400)
    w.add("stamper.log", 398, f"{comma(398)} INFO ink comes from store B")


def _slow_with_alert(w):
    work(w, slow_from=400)
    alert = {"status": "firing", "labels": {"alertname": "LettersLate"}, "startsAt": iso(600)}
    w.add("alerts.log", 601, json.dumps({"receiver": "ops", "status": "firing", "alerts": [alert]}))


def _done(w):
    """Nobody misses anything."""
    work(w, slow_from=400)
    queue(w, grows_from=2000)


def _night(w):
    """Everybody asks for less; what climbs has other reasons."""
    work(w, slow_from=400, others_late=0.5)
    queue(w, grows_from=400)


def _alert_before(w):
    work(w, slow_from=400)
    alert = {"status": "firing", "labels": {"alertname": "LettersLate"}, "startsAt": iso(100)}
    w.add("alerts.log", 101, json.dumps({"receiver": "ops", "status": "firing", "alerts": [alert]}))


@pytest.mark.parametrize(
    ("build", "missed"), [(_slow, "waiting of gauge climbs on"), (_slow_with_alert, "an alert fires")]
)
def test_work_that_is_missed_is_an_incident(build, missed):
    """To the second, ongoing, and with what shows it."""
    told = judge_small(build)
    assert told.recovery.verdict.value == "ongoing"
    assert "records of stamper fell from" in told.recovery.explanation
    assert missed in told.recovery.explanation
    assert told.incident.success_rate.before is None


def test_the_new_line_before_it_is_the_first_guess():
    """And stands in the timeline, before the fall."""
    told = judge_small(_slow)
    assert told.candidates[0].headline == "ink comes from store B"
    assert [one.event.partition(":")[0] for one in told.timeline[:2]] == ["ink comes from store B", "writes far less"]


def test_an_alert_is_told():
    """When it came is known, though no line failed."""
    told = judge_small(_slow_with_alert)
    assert told.incident.detected_at is not None
    assert "alert 09:10:00" in next(one for one in told.sentences if one.label == "USERS").text


def test_work_that_goes_on_again_is_told_as_over():
    """Though nothing climbs any more: what was missing then is known, and since when it is not."""
    told = judge_small(slow_for_a_while)
    assert (told.recovery.verdict.value, told.recovery.over) == ("recovered", True)
    assert 635 <= (told.recovery.since - told.incident.start) // 1_000_000 + 400 <= 650
    assert "gauge: waiting" in told.recovery.explanation
    assert "climbs on" not in told.recovery.explanation
    assert {one.source for one in (*told.actions.check, *told.actions.do)} == {"general advice (slump)"}
    state, _, _, users = told.sentences
    assert state.label == "OVER"
    assert re.search(r"stamper writes 10(\.\d)?/s again$", state.text)
    assert re.match(r"stamper writes far less: 10(\.\d)?/s to 0\.\d/s, 10(\.\d)?/s again; no alert", users.text)
    assert [one.event for one in told.timeline] == [
        next(one.event for one in told.timeline if "writes far less" in one.event), "back at the usual rate",
    ]  # fmt: skip


@pytest.mark.parametrize("build", [_done, _night, _alert_before], ids=lambda one: one.__name__)
def test_what_nobody_misses_is_none(build):
    """A batch that is done, an evening, and an alert of before."""
    assert judge_small(build).incident is None
