"""Logs that stop before anybody fails, and that no line names."""

import json
from dataclasses import replace

import pytest

from logscope.analysis.causes.ranking import rank
from logscope.analysis.causes.silent_logs import find_silent_logs
from logscope.analysis.kinds.meaning import Meaning
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.silences import Silence
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import Confidence
from logscope.model.files import LineRef
from logscope.model.severity import Severity
from logscope.model.times import US
from logscope.report.markdown import render_markdown
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.series import START, make_kind
from tests.analysis.small_incidents import Writer, at, comma, iso


def failing(node, second, count=200):
    """A node that fails from a second on, a record a second, and says nothing of why."""
    kind = make_kind([START + second + step for step in range(count)], node, "it failed", Severity.ERROR)
    begin = round((START + second) * US)
    return Anomaly(kind, begin, 1000, 50.0, True, 0.0, float(count), begin + count * US, True)


def silent(second, until=None, **given):
    """A log of three records a second that stops."""
    end = None if until is None else (START + until) * US
    place = LineRef("feed.log", 40)
    return replace(Silence("feed", "feed", (START + second) * US, end, 3.0, place, "feed.log", None, place), **given)


def points(silence, *onsets):
    found = find_silent_logs([silence], {one.node: one for one in onsets}, ())
    return found[0].points if found else None


SHOP, GATE = failing("shop", 10), failing("gate", 14)


def test_who_stopped_before_anybody_failed_is_likelier_than_the_first_to_fail():
    """Nobody names the feed, and it stopped ten seconds before the first failure: suspected first, never surely."""
    onsets = {"shop": SHOP, "gate": GATE}
    found = rank([SHOP, GATE], onsets, (), frozenset(onsets), has_times=True, silences={"feed": silent(0)})
    assert found.suspects[0].node == "feed"
    assert found.suspects[0].time == START * US
    assert found.confidence is not Confidence.HIGH


def test_both_ends_of_a_silence_that_fit_weigh_more():
    """It writes again as the failures end."""
    assert points(silent(0, until=212), SHOP, GATE) > points(silent(0), SHOP, GATE)
    assert points(silent(0, until=120), SHOP, GATE) == points(silent(0), SHOP, GATE)


def test_who_stops_behind_a_line_that_says_what_broke_was_stopped_by_it():
    """One warning of a full disk is no storm, and explains why a log stops four seconds later."""
    disk = failing("disk", -4, count=1)
    disk.kind.meaning = Meaning(RuleClass.STORAGE.kind, RuleClass.STORAGE, "", "", None)
    assert find_silent_logs([silent(0)], {"shop": SHOP}, (), [disk]) == []


@pytest.mark.parametrize(
    "silence",
    [
        pytest.param(silent(60), id="it stopped behind them"),
        pytest.param(silent(0, is_steady=False), id="a job that was done"),
        pytest.param(silent(0, node="shop"), id="it says how it fails"),
    ],
)
def test_no_silence_without_a_lead_is_suspected(silence):
    """What stops behind a failure has nothing to do any more; a job's log ends with the job."""
    assert find_silent_logs([silence], {"shop": SHOP, "gate": GATE}, {"shop", "gate"}) == []


def test_the_silence_is_shown_with_a_line_that_is_there(tmp_path):
    """The sentence names the log that stopped, quotes a line of it, and nobody rules it out."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 2400, 2):
        if not 1200 < s < 1800:
            w.add("ticks.log", s, f"{iso(s)} INFO tick {w.number(1, 9999)} of EURUSD")
    for s in w.often(0, 2400, 1):
        bad = 1212 < s < 1801
        text = json.dumps(
            {"time": iso(s), "level": "WARN" if bad else "INFO", "msg": "price is old" if bad else "price shown"}
        )
        w.add("quotes.log", s, text)
    for s in w.often(0, 2400, 1):
        bad = 1216 < s < 1803
        w.add("orders.log", s, f"{comma(s)} {'ERROR order refused, its price is old' if bad else 'INFO order taken'}")
    w.write()
    asked = Request([str(tmp_path)])
    snapshot = run_batch(asked, open_request(asked))
    top = snapshot.candidates[0]
    assert (top.service, top.in_logs) == ("ticks", False)
    assert "falls silent" in top.headline
    assert top.sample == (tmp_path / "ticks.log").read_text().splitlines()[top.line - 1]
    assert "ticks" not in {one.service for one in snapshot.ruled_out}
    # What to do about a process that hangs; and its own last line is nobody else's.
    assert any("its process is there" in action.text for action in snapshot.actions.check)
    assert any("restart it if it does not go on" in action.text for action in snapshot.actions.do)
    report = render_markdown(snapshot)
    assert "another service's" not in report
    assert "ticks: ticks:" not in report


def test_what_is_written_at_once_at_the_start_is_no_rhythm(tmp_path):
    """A server tells forty lines as it starts and nothing until its first error a minute and a half later."""
    lines = [f"2026-05-04T09:00:0{n // 15}Z INFO store: setting {n} read" for n in range(40)]
    stamps = [f"2026-05-04T09:{2 + n // 60:02}:{n % 60:02}Z" for n in range(120)]
    lines += [f"{one} ERROR store: relation is missing" for one in stamps]
    (tmp_path / "store.log").write_text("\n".join(lines) + "\n")
    shop = [
        f"2026-05-04T09:{n // 60:02}:{n % 60:02}Z {'ERROR store failed' if n >= 120 else 'INFO ok'}" for n in range(240)
    ]
    (tmp_path / "shop.log").write_text("\n".join(shop) + "\n")
    asked = Request([str(tmp_path)])
    told = [entry.event for entry in run_batch(asked, open_request(asked)).timeline]
    assert not any("falls silent" in event for event in told)


def test_who_tells_of_it_later_is_not_called_silent(tmp_path):
    """Its clients quote the refusal a minute before its own log complains: that is said."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 900, 2):
        refused = "ERROR redis refused SET: OOM command not allowed when used memory is above maxmemory"
        w.add("till.log", s, f"{iso(s)} {refused if s > 600 else 'INFO booked'}")
    for s in range(0, 900, 7):
        said = "# Error trying to save the DB" if s > 660 else "* 10 changes in 300 seconds"
        w.add("redis.log", s, f"1:M {at(s):%d %b %Y %H:%M:%S}.000 {said}")
    w.write()
    asked = Request([str(tmp_path)])
    report = render_markdown(run_batch(asked, open_request(asked)))
    assert "Its own log fails from 09:11:05 on" in report
    assert "shows nothing" not in report
