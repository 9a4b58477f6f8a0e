"""A person says while a log is read how it is written: it is read anew by that, as if it had been said at first."""

import dataclasses
from pathlib import Path

import pytest

from logscope.model.times import US
from logscope.runner import live, live_sources
from logscope.runner.live import LiveLoop
from logscope.runner.naming_formats import Trial, say_format
from logscope.runner.request import Request, open_request
from tests.judged import copy_story

DATED = "2026-03-02T14:02:{0:02}.000Z ERROR [cart] basket {0} is gone\n"
UNDATED = "14:02:{0:02}.500 ERROR [shop] no basket {0}\n"
WALL = 1_780_000_000.0


@pytest.fixture
def logs(tmp_path):
    """The story's logs, few lines of each."""
    return copy_story(tmp_path / "logs", redis_server=1, payment_gateway=4, checkout_service=16)


class Reader:
    """A loop that follows, driven by hand."""

    def __init__(self, paths, formats=None):
        self.told = []
        self.now = 0.0
        request = Request([str(path) for path in paths], formats=formats or {})
        self.loop = LiveLoop(
            request, open_request(request, live=True), self.told.append, clock=lambda: self.now, wall=lambda: WALL
        )

    def catch_up(self):
        self.loop.catch_up()
        return self

    def read_as(self, path, name):
        self.loop.read_as(str(path), name)
        self.look()

    def look(self):
        self.now += 10
        self.loop.look()
        self.loop._take_orders()
        self.loop.look()
        self.loop.judge()

    @property
    def answer(self):
        """The last answer, without what tells how it was come by."""
        return dataclasses.replace(self.told[-1], history=())


def test_a_log_that_is_read_anew_gives_the_answer_that_it_had_given_at_first(logs):
    """A wrong name takes the clock away, the right one brings it back, and nothing is left of the wrong one."""
    checkout = logs / "checkout-service.log"
    good, bad = Reader([logs]).catch_up(), Reader([logs], {str(checkout): "plain"}).catch_up()
    assert good.answer != bad.answer
    reader = Reader([logs]).catch_up()
    reader.read_as(checkout, "plain")
    assert reader.answer == bad.answer
    reader.read_as(checkout, "")
    assert reader.answer == good.answer
    assert reader.told[-1].history == ()


def test_the_window_around_the_onset_is_looked_at_anew(logs, monkeypatch):
    """Where only a part of much is examined it is the part that the log shows as it is read now."""
    monkeypatch.setattr(live_sources, "EXAMINE_ALL", 0)
    formats = {str(path): "plain" for path in logs.iterdir()}
    reader, good = Reader([logs], formats).catch_up(), Reader([logs]).catch_up()
    assert reader.told[-1].incident is None
    for path in formats:
        reader.read_as(path, "")
    assert reader.answer == good.answer


def test_what_is_written_and_rotated_meanwhile_is_read_once(logs):
    """The parts are found where they lie by now, and the new file is followed."""
    log = logs / "checkout-service.log"
    reader = Reader([log]).catch_up()
    text = log.read_text()
    lines = len(text.splitlines())
    log.rename(logs / "checkout-service.log.1")
    log.write_text(text.splitlines(keepends=True)[-1])
    reader.look()
    reader.read_as(log, "plain")
    with log.open("a") as file:
        file.write("one more line\n")
    reader.look()
    assert sum(file.lines for file in reader.told[-1].files) == lines + 2
    assert all(file.untimed_records for file in reader.told[-1].files)
    assert [Path(one).name for one in reader.loop.parts_of(str(log))] == [
        "checkout-service.log.1", "checkout-service.log",
    ]  # fmt: skip


def test_what_was_copied_before_it_was_cut_is_found(logs):
    """Its lines lie beside the file by now, at a place where nobody has read."""
    log = logs / "checkout-service.log"
    reader = Reader([log]).catch_up()
    text = log.read_text()
    (logs / "checkout-service.log.1").write_text(text)
    with log.open("r+") as file:
        file.truncate(0)
        file.write(text.splitlines(keepends=True)[-1])
    reader.look()
    reader.read_as(log, "plain")
    assert sum(file.lines for file in reader.told[-1].files) == len(text.splitlines()) + 1


def test_a_part_that_is_gone_is_told(logs):
    """Its lines were counted, and cannot be any more."""
    log = logs / "checkout-service.log"
    old = logs / "checkout-service.log.1"
    old.write_bytes(log.read_bytes())
    reader = Reader([log]).catch_up()
    old.unlink()
    reader.read_as(log, "plain")
    problems = [one for file in reader.told[-1].files for one in file.problems]
    assert [one.kind for one in problems] == ["lost"]
    assert "no such file" in problems[0].detail


def test_a_log_without_days_takes_them_from_one_that_is_read_anew(tmp_path):
    """As where both are learned together: the other one is read anew as well."""
    dated, undated = tmp_path / "cart.log", tmp_path / "shop.log"
    dated.write_text("".join(DATED.format(n) for n in range(40)))
    undated.write_text("".join(UNDATED.format(n) for n in range(40)))
    reader = Reader([dated, undated], {str(dated): "plain"}).catch_up()
    reader.read_as(dated, "")
    assert reader.answer == Reader([dated, undated]).catch_up().answer
    firsts = [file.first_seen for file in reader.answer.files]
    assert firsts[1] - firsts[0] == US // 2


def test_a_name_that_comes_while_the_log_is_read_holds(tmp_path, monkeypatch):
    """What was read of it until then counts no more, and its other reading ends."""
    monkeypatch.setattr(live, "_FIRST_TICK_S", -1.0)
    monkeypatch.setattr(live, "_READING_TICK_S", -1.0)
    log = tmp_path / "cart.log"
    log.write_text("".join(DATED.format(n % 60) for n in range(20_000)))
    for follow in (True, False):
        request, told = Request([str(log)]), []
        loop = LiveLoop(request, open_request(request), told.append, follow=follow, wall=lambda: WALL)
        loop.read_as(str(log), "plain")
        loop.catch_up()
        loop.close()
        assert [file.lines for file in told[-1].files] == [20_000]
        assert told[-1].as_of is None
        assert told[-1].progress.done


def test_a_format_is_tried_before_it_is_taken(tmp_path):
    """What the first lines would say, how many have a time, and that a format cannot read them."""
    log = tmp_path / "cart.log"
    log.write_text("".join(DATED.format(n) for n in range(40)))
    trial = Trial(open_request(Request([str(log)])).plans[0])
    learned, wrong, plain = (trial.try_as(name) for name in ("", "cloudtrail", "plain"))
    assert (learned.timed, learned.count) == (40, 40)
    first = learned.lines[0]
    assert (first.is_head, first.time, first.severity.name) == (True, 1_772_460_120 * US, "ERROR")
    assert "basket 0 is gone" in first.message
    assert not wrong.is_readable
    assert (plain.timed, plain.is_readable) == (0, True)
    ranked = [one.name for one in trial.rank()]
    assert ranked.index("text") < ranked.index("plain") < ranked.index("cloudtrail")


def test_the_last_that_was_said_of_a_log_holds(tmp_path):
    """By whichever of its names it was said before."""
    log = tmp_path / "cart.log"
    log.write_text(DATED.format(1))
    source = open_request(Request([f"shop={log}"])).plans[0].source
    for known in (str(log), "shop"):
        assert say_format({known: "json", "other": "pino"}, source, "text") == {"other": "pino", str(log): "text"}
        assert say_format({known: "json"}, source, "") == {}
