"""End to end in a real pseudo-terminal: keys, resize, signals, and the terminal given back."""

import signal
import time

import pytest

from tests.ui.terminal import Terminal, assert_given_back

LINE = "2026-03-02T15:02:0{}.000Z ERROR 1 --- [x] com.shop.X : brand new failure of the billing export\n"
UNHURRIED = """
import sys
from logscope.cli.main import main
from logscope.runner import live
live._FIRST_TICK_S = live._READING_TICK_S = 60
sys.exit(main())
"""
"""A start that paints nothing of what is half read, as on a machine that reads three small logs in a moment."""

HURRIED = UNHURRIED.replace("= 60", "= 0.05")
"""A start that judges what is half read again and again, as where much is read."""


@pytest.fixture
def terminal():
    opened = []

    def start(words, **options):
        opened.append(Terminal(words, **options))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def test_start_keys_resize_quit(terminal):
    """The demo answers, follows keys (also many at once) and a resize, and gives the terminal back."""
    one = terminal(["demo", "recommender-memory-leak"], cold=True)
    one.wait_for("out of memory while ranking")
    one.press("2")
    one.wait_for("ONSET")
    one.resize((120, 40))
    one.wait_for("3 Logs")
    # In one packet, as over a slow link: the text is for the prompt that the first key opens, and quits nothing.
    one.press("/quick exit\rn")
    one.wait_for("quick exit: not found")
    one.press("q")
    assert one.finish() == 0
    assert_given_back(one)


def test_a_sample_is_replayed(terminal):
    """As fast as can be: a log whose first line comes late is followed like the others, and the end is told."""
    one = terminal(["demo", "pg-too-many-clients", "--replay", "--speed", "5000"])
    one.wait_for("OVER")
    one.wait_for("The replay is over.")
    one.press("6")
    one.wait_for("158      158       0 12:43:18 UTC assumed    nginx-error.log")
    one.press("q")
    assert one.finish() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_a_signal_gives_the_terminal_back(terminal, tmp_path, number):
    """A lost connection or a kill leaves no broken shell behind."""
    log = tmp_path / "shop.log"
    log.write_text("".join(LINE.format(n) for n in range(10)))
    one = terminal([str(log)])
    one.wait_for("brand new failure")
    one.process.send_signal(number)
    assert one.finish() == 128 + number
    assert_given_back(one)


def test_appended_lines_change_the_counts_also_after_a_rotation(terminal, logs):
    """Live: new lines count within moments; a rename loses none and doubles none."""
    path = logs / "checkout-service.log"
    one = terminal([str(logs)], size=(120, 40))
    one.wait_for("maxmemory reached")
    with path.open("a") as file:
        file.writelines(LINE.format(n) for n in range(3))
    one.press("2")
    one.wait_for("       3 15:02:00")
    path.rename(logs / "checkout-service.log.1")
    path.write_text("".join(LINE.format(n) for n in range(3, 7)))
    one.wait_for("       7 15:02:00")
    one.press("q")
    assert one.finish() == 0


def test_a_dumb_terminal_gets_text(terminal, logs):
    """TERM=dumb: the answer as text, no escapes."""
    one = terminal([str(logs)], cold=True, TERM="dumb")
    assert one.finish() == 0
    assert b"\x1b" not in one.raw
    assert b"maxmemory reached" in one.raw


def test_a_start_with_many_answers_on_the_way_takes_no_more_bytes(terminal):
    """Answers of a part of the lines are painted as far as the last one still fits into 20 kB; the progress always."""
    one = terminal(["sample_incidents/pg-too-many-clients/logs"], size=(120, 40), program=("-c", HURRIED))
    begun = time.monotonic()
    one.wait_for("LIVE")
    reading_s = time.monotonic() - begun
    one.settle()
    assert len(one.raw) <= 20_000 + 1000 * max(0, reading_s - 10), "longer than 10 s on a slow machine"
    one.press("q")
    assert one.finish() == 0


def test_few_bytes_over_a_slow_link(terminal, logs):
    """At 120x40: the first screen in 20 kB, a scrub step in 4 kB, a tick with new lines in 5 kB, nothing when idle."""
    path = logs / "checkout-service.log"
    one = terminal([str(logs)], size=(120, 40), program=("-c", UNHURRIED), cold=True)
    one.wait_for("maxmemory reached")
    one.wait_for("checkout-service: ")
    one.settle()
    assert len(one.raw) <= 20_000
    assert one.count_bytes(lambda: None) == 0
    assert one.count_bytes(lambda: one.press("]")) <= 4000
    seen = len(one.raw)
    with path.open("a") as file:
        file.writelines(LINE.format(n) for n in range(3))
    one.wait_for("as of 15:02:0")
    one.settle()
    assert len(one.raw) - seen <= 2 * 5000, "two ticks: the lines, and what is made of them"
    one.press("/")
    one.settle()
    assert one.count_bytes(lambda: None) == 0, "an open prompt"
    one.press("\x1b")
    one.settle()
    one.press("q")
    assert one.finish() == 0
