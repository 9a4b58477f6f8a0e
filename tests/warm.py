"""Starts of the program out of one process that has loaded it: as from a shell, but for the second of loading.

That process forks for each start, gives the child a session, streams, folder, words and environment of its own, and
the child runs and ends as any other does. Which start loads what, and when, is asked of cold ones, and so is what
Python itself makes of streams and environment.
"""

import atexit
import ctypes
import fcntl
import importlib
import json
import os
import pty
import runpy
import signal
import socket
import subprocess
import sys
import termios
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOGSCOPE = ("-m", "logscope")
_SET_CHILD_SUBREAPER = 36


class WarmProcess:
    """A process that was forked elsewhere, with what the tests ask of a `subprocess.Popen`."""

    def __init__(self, pid):
        self.pid = pid
        self.returncode = None

    def poll(self):
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout=60):
        end = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.005)
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)


@cache
def _open_nursery():
    """The process that forks, and the socket that it is asked by; it ends with the tests."""
    # Whose parent has ended becomes a child of this process: it is waited for as if it were started here.
    assert ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    here, there = socket.socketpair()
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(there.fileno())],
        stdin=slave, stdout=slave, stderr=slave, pass_fds=[there.fileno()], start_new_session=True,
    )  # fmt: skip
    there.close()
    os.close(slave)

    def end():
        here.close()
        process.wait(timeout=60)
        os.close(master)

    atexit.register(end)
    return here


def start_warm(program, words, streams, env, cwd):
    """Run a program in a session of its own, and on a terminal of its own where its output is one.

    Args:
        program: As behind `python`: `-m` and a module, or `-c` and its text.
        words: Its arguments.
        streams: Descriptors of standard input, output and error.
        env: Its whole environment.
        cwd: Its folder.
    """
    nursery = _open_nursery()
    asked = json.dumps([program, words, dict(env), str(cwd)]).encode()
    socket.send_fds(nursery, [len(asked).to_bytes(4, "big")], streams)
    nursery.sendall(asked)
    pid = int.from_bytes(nursery.recv(4), "big")
    assert pid, "the process that starts others has ended"
    return WarmProcess(pid)


def run_warm(words, program=LOGSCOPE, *, stdin=None, data=b"", stdout=None, cwd=ROOT, **environment):
    """What a program wrote and how it ended, as of `subprocess.run`.

    Args:
        words: Its arguments.
        program: As behind `python`.
        stdin: Its standard input; without one a pipe with the data.
        data: What the pipe holds.
        stdout: Its standard output, where that is looked at elsewhere.
        cwd: Its folder.
        environment: Variables beside those of this process.
    """
    (read_in, write_in), (read_out, write_out), (read_error, write_error) = [os.pipe() for _ in range(3)]
    streams = [read_in if stdin is None else stdin, write_out if stdout is None else stdout, write_error]
    process = start_warm(program, list(map(str, words)), streams, {**os.environ, **environment}, cwd)
    for one in (read_in, write_out, write_error):
        os.close(one)
    with ThreadPoolExecutor(2) as readers:
        out, error = (readers.submit(_read_all, one) for one in (read_out, read_error))
        with os.fdopen(write_in, "wb") as pipe:
            pipe.write(data)
        return subprocess.CompletedProcess(words, process.wait(), out.result(), error.result())


def _read_all(descriptor):
    with os.fdopen(descriptor, "rb") as pipe:
        return pipe.read()


def _await_start(nursery):
    """Fork whenever it is asked; returns in the child, with what it is to run; ends when nobody can ask any more."""
    while True:
        size, streams, _, _ = socket.recv_fds(nursery, 4, 3)
        if not size:
            os._exit(0)
        program, words, env, cwd = json.loads(nursery.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
        told, telling = os.pipe()
        between = os.fork()
        if not between:
            child = os.fork()
            if child:
                os.write(telling, child.to_bytes(4, "big"))
                os._exit(0)
            for one in (told, telling):
                os.close(one)
            nursery.close()
            _become(streams, env, cwd)
            return program, words
        for one in (*streams, telling):
            os.close(one)
        os.waitpid(between, 0)
        # Only now is it the child of who asks.
        nursery.sendall(os.read(told, 4))
        os.close(told)


def _become(streams, env, cwd):
    os.setsid()
    is_terminal = os.isatty(streams[1])
    if is_terminal:
        fcntl.ioctl(streams[1], termios.TIOCSCTTY, 0)
    for number, one in enumerate(streams):
        os.dup2(one, number)
        os.close(one)
    if not is_terminal:
        # As Python opens them: by blocks where nobody sees them grow.
        sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
        sys.__stdin__, sys.__stdout__ = sys.stdin, sys.stdout
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)


def _run(program, words):
    kind, what = program
    sys.argv = [kind, *words]
    if kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(what, {"__name__": "__main__"})


if __name__ == "__main__":
    for name in ("cli.main", "cli.batch", "cli.opening", "ui.app"):
        importlib.import_module(f"logscope.{name}")
    _run(*_await_start(socket.socket(fileno=int(sys.argv[1]))))
