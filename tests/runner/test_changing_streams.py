"""Logs that are piped one behind another: each is read as it is written, and no line is lost between them."""

import pytest

from logscope.ingest.layouts.layout import Sample
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME
from logscope.runner import intake as intakes
from logscope.runner.intake import Intake
from logscope.runner.planning import Plan, learn_stream
from logscope.sources.discovery import Part, Source

FORMS = {
    "text": b"2026-03-05T14:%02d:%02d.000Z INFO [main] c.s.Cart - cart %d was read and put away\n",
    "json": b'{"ts":"2026-03-05T14:%02d:%02d.000Z","level":"error","msg":"no price for cart %d"}\n',
    "pairs": b'ts=2026-03-05T14:%02d:%02d.000Z level=info msg="seat %d is taken, and the next one is asked for"\n',
}


def write(name, count=2000):
    return b"".join(FORMS[name] % (n // 60 % 60, n % 60, n) for n in range(count))


def start(head, forced=None):
    layout = learn_stream(Sample("all", head, b"", b"", len(head), 0), forced)
    return Intake(Plan(Source("-", "all", (Part("-", len(head), 0, (0, 0)),)), layout), lambda: 1_772_719_328.0)


@pytest.mark.parametrize("names", [("text", "json"), ("json", "pairs", "text"), ("text", "json", "text")])
@pytest.mark.parametrize("size", [70_000, 250_000, 10_000_000])
def test_every_line_is_a_record_of_its_own_log(names, size):
    """Also where one piece of the pipe holds the end of one log and the begin of the next."""
    data = b"".join(map(write, names))
    intake = start(data[:65_536])
    found = [one for at in range(0, len(data), size) for one in intake.feed(data[at : at + size])] + intake.flush()
    times = [int(time) for batch, _ in found for time in batch.time]
    assert len(times) == data.count(b"\n")
    assert NO_TIME not in times
    errors = sum(int((batch.severity >= Severity.ERROR).sum()) for batch, _ in found)
    assert (errors > 0) is ("json" in names)


def test_a_log_of_long_traces_is_hardly_learned_again(monkeypatch):
    """Most of its lines have no time: they are looked at, and tried at twice as many bytes each time."""
    head = FORMS["text"] % (1, 1, 1)
    data = (head + b"java.lang.IllegalStateException: no cart\n" + b"\tat c.s.Cart.read(Cart.java:17)\n" * 60) * 3000
    intake, tried = start(data[:65_536]), []
    learn = intakes.learn_stream
    monkeypatch.setattr(intakes, "learn_stream", lambda *args: tried.append(1) or learn(*args))
    for at in range(0, len(data), 100_000):
        intake.feed(data[at : at + 100_000])
    assert len(tried) < 16


def test_what_a_person_says_of_a_pipe_holds_to_its_end():
    """A format that was named is not learned away by lines that another one would read better."""
    data = write("text", 5000)
    intake = start(data[:65_536], "plain")
    found = [one for at in range(0, len(data), 70_000) for one in intake.feed(data[at : at + 70_000])] + intake.flush()
    assert {int(time) for batch, _ in found for time in batch.time} == {NO_TIME}
