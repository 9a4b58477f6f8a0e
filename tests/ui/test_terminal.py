"""End to end in a real pseudo-terminal: keys, resize, signals, and the terminal given back."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pyte
import pytest

ROOT = Path(__file__).parents[2]
LINE = "2026-03-02T15:02:0{}.000Z ERROR 1 --- [x] com.shop.X : brand new failure of the billing export\n"
UNHURRIED = """
import sys
from logscope.cli.main import main
from logscope.runner import live
live._FIRST_TICK_S = live._READING_TICK_S = 60
sys.exit(main())
"""
"""A start that paints nothing of what is half read, as on a machine that reads three small logs in a moment."""
_IDLE_TICKS = 3
"""What an idle screen's clock costs in half a second, with room to spare: 30 ms."""


class Terminal:
    """A program on a terminal of its own, and what its screen shows."""

    def __init__(self, words, size=(80, 24), stdin=None, program=("-m", "logscope"), **environment):
        self.master, slave = pty.openpty()
        self.screen = pyte.Screen(*size)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._resize(size)
        self.before = termios.tcgetattr(slave)
        env = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **environment}
        for name in ("SSH_CONNECTION", "COLUMNS", "LINES"):
            # The size is the terminal's; a worker's shell library exports that of its own.
            env.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, *program, *words],
            stdin=slave if stdin is None else stdin, stdout=slave, stderr=slave, env=env, cwd=ROOT,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(1, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        self.slave = slave

    def _resize(self, size):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def read(self, seconds=0.1):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.master], [], [], left)[0]:
                try:
                    data = os.read(self.master, 65_536)
                except OSError:
                    return
                self.raw += data
                self.stream.feed(data)

    def wait_for(self, words, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read()
            if words in "\n".join(self.screen.display):
                return
        raise AssertionError(f"{words!r} not seen in:\n" + "\n".join(self.screen.display))

    def settle(self, seconds=60):
        """Read until nothing comes for as long as two ticks, in which the program also had nothing to do.

        On a busy machine a program that is still at work is silent too: what counts is that it slept.
        """
        done, end = False, time.monotonic() + seconds
        while not done:
            assert time.monotonic() < end, "it never rests"
            size, ticks = len(self.raw), self._look()[1]
            self.read(0.55)
            state, now = self._look()
            done = size == len(self.raw) and state != "R" and now - ticks <= _IDLE_TICKS

    def _look(self):
        """State of the process, and its CPU time so far in clock ticks."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return fields[0], int(fields[11]) + int(fields[12])

    def count_bytes(self, act):
        """Bytes that the program writes for an action."""
        before = len(self.raw)
        act()
        self.settle()
        return len(self.raw) - before

    def press(self, keys):
        os.write(self.master, keys.encode())

    def resize(self, size):
        self._resize(size)
        self.screen.resize(size[1], size[0])
        os.killpg(self.process.pid, signal.SIGWINCH)

    def finish(self, seconds=60):
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self.read()
        self.read(0.2)
        return self.process.wait(timeout=1)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def terminal():
    opened = []

    def start(words, **options):
        opened.append(Terminal(words, **options))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def assert_given_back(one):
    """Main screen, cursor and no mouse reports; the line discipline as before."""
    tail = one.raw[-4000:]
    assert b"\x1b[?1049l" in tail
    assert b"\x1b[?25h" in tail
    assert b"\x1b[?1000l" in tail or b"\x1b[?1003l" in tail
    assert termios.tcgetattr(one.slave)[3] == one.before[3]


def test_start_keys_resize_quit(terminal):
    """The demo answers, follows keys (also many at once) and a resize, and gives the terminal back."""
    one = terminal(["demo", "recommender-memory-leak"])
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
    """Played again as fast as can be: a log whose first line comes in the middle is followed like the others."""
    one = terminal(["demo", "pg-too-many-clients", "--replay", "--speed", "5000"])
    one.wait_for("OVER")
    one.press("6")
    one.wait_for("158      158       0 12:43:18 UTC assumed   nginx-error.log")
    one.press("q")
    assert one.finish() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_a_signal_gives_the_terminal_back(terminal, logs, number):
    """A lost connection or a kill leaves no broken shell behind."""
    one = terminal([str(logs)])
    one.wait_for("maxmemory reached")
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
    one = terminal([str(logs)], TERM="dumb")
    assert one.finish() == 0
    assert b"\x1b" not in one.raw
    assert b"maxmemory reached" in one.raw


def test_few_bytes_over_a_slow_link(terminal, logs):
    """At 120x40: the first screen in 20 kB, a scrub step in 4 kB, a tick with new lines in 5 kB, nothing when idle."""
    path = logs / "checkout-service.log"
    one = terminal([str(logs)], size=(120, 40), program=("-c", UNHURRIED))
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
