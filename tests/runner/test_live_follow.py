"""`follow --json` end to end: each line once in a real process, whatever rotation does to the files."""

import json
import os
import select
import signal
import subprocess
import sys
import time

import pytest

from tests.sources.live import Log

LIMIT_S = 20.0
"""Reached only when the test fails."""


class ErrorLog(Log):
    """Every line is an error record of its own."""

    def write(self, count=10, width=40):
        if self._file is None:
            self.open()
        start = len(self.written)
        lines = [b"2026-03-02T14:02:03.%06dZ ERROR [cart] order failed" % n for n in range(start, start + count)]
        os.write(self._file, b"".join(line + b"\n" for line in lines))
        self.written += lines


def rename_many(log):
    for _ in range(4):
        log.rotate()
        log.write(7)


def rename_and_gzip(log):
    log.rotate()
    log.write(5)
    log.compress(1)


def keep_descriptor(log):
    """The writer goes on in the old file, and reopens late."""
    log.rotate_keeping_descriptor()
    log.write(30)
    with open(log.path, "ab") as fresh:
        fresh.write(b"2026-03-02T14:02:04Z ERROR [cart] order failed\n" * 5)
    log.written += [b""] * 5


def regrow(log):
    log.truncate()
    log.write(200)


def half_a_line(log):
    """Its last line ends in the new file's time: the writer has both halves in the old one."""
    log.write_raw(b"2026-03-02T14:02:04Z ERROR [cart] cut he")
    log.rotate_keeping_descriptor()
    with open(log.path, "ab") as fresh:
        fresh.write(b"2026-03-02T14:02:04Z ERROR [cart] order failed\n")
    log.write_raw(b"re\n")
    log.written += [b""] * 2


def no_newline(log):
    log.write_raw(b"2026-03-02T14:02:04Z ERROR [cart] the last words")
    log.written += [b""]
    log.rotate()


def switch_link(log):
    target = log.folder / "other.log"
    target.write_bytes(b"2026-03-02T14:02:04Z ERROR [cart] order failed\n" * 3)
    os.symlink(target, log.path + "~link")
    log.forget()
    os.replace(log.path + "~link", log.path)
    log.written += [b""] * 3


CASES = {
    "append": lambda log: log.write(5),
    "rename": lambda log: log.rotate(),
    "several renames between two looks": rename_many,
    "rename, and the rotated part is compressed": rename_and_gzip,
    "rename, the writer keeps its descriptor": keep_descriptor,
    "rename inside a line": half_a_line,
    "rename behind a line without newline": no_newline,
    "delete and create": lambda log: log.delete(),
    "copytruncate": lambda log: log.copytruncate(),
    "truncate": lambda log: log.truncate(),
    "truncate and regrow past the old size": regrow,
    "replace": lambda log: log.replace(),
    "symlink switch": switch_link,
}


class Follow:
    """A running `logscope follow --json` and the newest counters of each file."""

    def __init__(self, *paths):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "logscope", "follow", "--json", *map(str, paths)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.rows = {}
        self._rest = b""

    def read(self, seconds=0.05):
        if select.select([self.process.stdout], [], [], seconds)[0]:
            *lines, self._rest = (self._rest + os.read(self.process.stdout.fileno(), 65_536)).split(b"\n")
            for line in lines:
                row = json.loads(line)
                self.rows[row["file"]] = row

    def wait_for(self, lines_by_path):
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            self.read()
            if all(self.rows.get(path, {}).get("lines") == count for path, count in lines_by_path.items()):
                return
        raise AssertionError({p: (n, self.rows.get(p)) for p, n in lines_by_path.items()})

    def finish(self):
        self.process.send_signal(signal.SIGTERM)
        rest, error = self.process.communicate(timeout=LIMIT_S)
        for line in (self._rest + rest).splitlines():
            row = json.loads(line)
            self.rows[row["file"]] = row
        return self.rows[None], error.decode()

    def close(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def start():
    opened = []

    def run(*paths):
        opened.append(Follow(*paths))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


def test_each_line_once_under_every_rotation(tmp_path, start):
    """Lines before, between and after a rotation of any kind are counted once; the total is their sum."""
    logs = {}
    for number, name in enumerate(CASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        logs[name] = ErrorLog(folder)
        logs[name].write(40)
    follow = start(*(log.path for log in logs.values()))
    follow.wait_for({log.path: 40 for log in logs.values()})
    for name, log in logs.items():
        CASES[name](log)
        log.write(20)
    expected = {log.path: len(log.written) for log in logs.values()}
    # A last line without a newline is no line before its writer is known to be gone, or reading ends.
    open_ended = logs["rename behind a line without newline"]
    follow.wait_for({**expected, open_ended.path: len(open_ended.written) - 1})
    total, error = follow.finish()
    rows = {name: follow.rows[log.path] for name, log in logs.items()}
    assert {name: row["errors"] for name, row in rows.items()} == {name: len(log.written) for name, log in logs.items()}
    assert (total["total"], total["lost"], error) == (sum(expected.values()), 0, "")
    assert [name for name, row in rows.items() if row["truncations"]] == [name for name in CASES if "trunc" in name]


def test_a_missing_file_is_waited_for_and_an_unreadable_one_told(tmp_path, start):
    """What does not exist yet costs one line on stderr and is read when it comes; others are followed meanwhile."""
    there, late = tmp_path / "there.log", tmp_path / "late.log"
    there.write_bytes(b"2026-03-02T14:02:03Z ERROR [cart] order failed\n")
    follow = start(there, late, tmp_path)
    follow.wait_for({str(there): 1})
    late.write_bytes(b"2026-03-02T14:02:03Z WARN slow\n" * 3)
    follow.wait_for({str(late): 3})
    total, error = follow.finish()
    assert (total["total"], total["errors"], total["warnings"]) == (4, 1, 3)
    assert error == f"logscope: {late}: no such file yet; waiting for it\n"


def test_a_file_that_begins_empty_is_learned_from_its_first_lines(tmp_path, start):
    """An empty log gets its format when there is something to learn from; what was held back is counted at the end."""
    log = tmp_path / "x.log"
    log.touch()
    follow = start(log)
    follow.wait_for({})
    log.write_bytes(b'{"time":"2026-03-02T14:02:03Z","level":"error","msg":"order failed"}\n' * 3 + b'{"time":')
    follow.wait_for({str(log): 3})
    total, _ = follow.finish()
    assert (total["total"], total["errors"]) == (4, 3)
