"""A program in a real pseudo-terminal, and what it shows and leaves behind."""

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

from tests.warm import ROOT, start_warm

_IDLE_TICKS = 3
"""What an idle screen's clock costs in half a second, with room to spare: 30 ms."""


class Terminal:
    """A program on a terminal of its own, and what its screen shows.

    It is loaded already, unless the start is cold: then it is started as from a shell.
    """

    def __init__(self, words, size=(80, 24), stdin=None, program=("-m", "logscope"), *, cold=False, **environment):
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
        streams = [slave if stdin is None else stdin, slave, slave]
        if cold:
            self.process = subprocess.Popen(
                [sys.executable, *program, *words],
                stdin=streams[0], stdout=slave, stderr=slave, env=env, cwd=ROOT,
                start_new_session=True, preexec_fn=lambda: fcntl.ioctl(1, termios.TIOCSCTTY, 0),
            )  # fmt: skip
        else:
            self.process = start_warm(program, words, streams, env, ROOT)
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


def assert_given_back(one):
    """Main screen, cursor and no mouse reports; the line discipline as before."""
    tail = one.raw[-4000:]
    assert b"\x1b[?1049l" in tail
    assert b"\x1b[?25h" in tail
    assert b"\x1b[?1000l" in tail or b"\x1b[?1003l" in tail
    assert termios.tcgetattr(one.slave)[3] == one.before[3]
