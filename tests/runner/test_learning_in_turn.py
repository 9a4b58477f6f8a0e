"""Logs that are learned one by one while the first are read: sooner an answer, and the same one at the end."""

from zoneinfo import ZoneInfo

import pytest

from logscope.model.files import DateOrigin, Zone, ZoneOrigin
from logscope.report.json import render_json
from logscope.runner import planning
from logscope.runner.live import LiveLoop
from logscope.runner.live_source import LiveSource
from logscope.runner.request import Request, find_sources, learn_in_turn, learn_sources
from logscope.runner.settings import LogSettings
from tests.judged import copy_story


def read(request, opened, publish):
    LiveLoop(request, opened, publish, follow=True, once=True, clock=iter(range(10**9)).__next__).run()


@pytest.fixture
def learned(monkeypatch):
    """Paths of the logs that were learned so far."""
    paths = []
    real = planning._draft_plan

    def draft(source, forced, *, live):
        paths.append(source.key)
        return real(source, forced, live=live)

    monkeypatch.setattr(planning, "_draft_plan", draft)
    return paths


def test_the_answer_is_the_same(learned, tmp_path):
    """A log that needs the others' dates is among them: it waits for all."""
    request = Request([str(copy_story(tmp_path / "logs", redis_server=1, edge_access=20, checkout_service=20))])
    found = find_sources(request)
    answers = []
    for learn in (learn_sources, learn_in_turn):
        told = []
        read(request, learn(request, found), told.append)
        answers.append(render_json(told[-1]))
    assert answers[0] == answers[1]


def test_the_first_log_is_told_of_before_the_others_are_learned(learned, tmp_path):
    """Only what is being read was learned, and every file is counted as one that will be."""
    for name in "abc":
        (tmp_path / f"{name}.log").write_text("2026-03-02T14:02:00Z ERROR no connection\n" * 40)
    request = Request([str(tmp_path)])
    told = []
    opened = learn_in_turn(request, find_sources(request))
    size = opened.bytes_total
    LiveLoop(
        request,
        opened,
        lambda one: told.append((one.progress, [*learned])),
        follow=False,
        clock=iter(range(999)).__next__,
    ).run()
    first, known = told[0]
    assert (first.files, first.bytes_total, len(known)) == (3, size, 1)
    assert len(learned) == 3


def test_a_log_whose_dates_come_from_others_is_the_only_one_that_waits(learned, tmp_path):
    """The dated one before it is given out at once; behind it all are learned, in their order."""
    dated = "2026-03-05T13:50:00Z INFO start\n2026-03-06T01:00:00Z INFO end\n"
    for name, text in (("a", dated), ("b", "Mar  5 14:02:08 web cron[1]: x\n" * 2), ("c", dated)):
        (tmp_path / f"{name}.log").write_text(text)
    request = Request([str(tmp_path)])
    plans = learn_in_turn(request, find_sources(request)).further
    seen = [(next(plans), len(learned)) for _ in range(3)]
    assert [count for _, count in seen] == [1, 3, 3]
    assert [plan.source.service for plan, _ in seen] == ["a", "b", "c"]
    assert seen[1][0].layout.date_origin is DateOrigin.YEAR_FROM_FILES


@pytest.mark.parametrize("learn", [learn_sources, learn_in_turn])
def test_a_zone_of_the_settings_holds_however_a_log_is_opened(learn, tmp_path):
    """Also for logs that are learned while the screen is there, and for those that are rotated afterwards."""
    (tmp_path / "cart.log").write_text("2026-03-02 14:02:00 ERROR no connection\n" * 40)
    york = LogSettings(("cart.log",), None, ZoneInfo("America/New_York"), "America/New_York")
    request = Request([str(tmp_path)], logs=(york,))
    told = []
    read(request, learn(request, find_sources(request)), told.append)
    assert told[-1].files[0].zone == Zone("America/New_York", ZoneOrigin.GIVEN)
    assert told[-1].files[0].first_seen == 1_772_478_120_000_000


def test_a_log_that_is_known_can_be_asked_for(monkeypatch, tmp_path):
    """The screen lists the logs while others are taken up: each that it knows of has its parts."""
    for name in "abc":
        (tmp_path / f"{name}.log").write_text("2026-03-02T14:02:00Z ERROR no connection\n" * 40)
    request = Request([str(tmp_path)])
    opened, asked = learn_in_turn(request, find_sources(request)), []
    loop = LiveLoop(request, opened, lambda _: None, follow=True, once=True)
    real = LiveSource.start

    def start(*args, **kwargs):
        asked.append([loop.parts_of(plan.source.key) for plan in opened.plans])
        return real(*args, **kwargs)

    monkeypatch.setattr(LiveSource, "start", start)
    loop.run()
    assert [len(one) for one in asked] == [0, 1, 2]
