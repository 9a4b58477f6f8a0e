"""`follow --json` end to end: each line once in a real process, whatever rotation does to the files."""

import bz2
import gzip
import json
import lzma
import os
import select
import signal
import time

import pytest

from tests.sources.live import Log
from tests.warm import LOGSCOPE, ROOT, start_warm

LIMIT_S = 60.0
"""Reached only when the test fails."""


class ErrorLog(Log):
    """Every line is an error record of its own."""

    continued = 0
    """Lines that go on from one of the records."""

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


ERROR = b"2026-03-02T14:02:04Z ERROR [cart] order failed\n"


def copy_often(log):
    for _ in range(3):
        log.copytruncate()
        log.write(6)


def pack_part(pack, suffix):
    def act(log):
        log.rotate()
        with open(log.path + ".1", "rb") as plain, open(f"{log.path}.1.{suffix}", "wb") as packed:
            packed.write(pack(plain.read()))
        os.unlink(log.path + ".1")

    return act


def move_away(log):
    """As logrotate with olddir."""
    (log.folder / "old").mkdir()
    os.rename(log.path, log.folder / "old" / "x.log.1")
    log.forget()


def date_the_part(log):
    os.rename(log.path, log.path + "-20260302")
    log.forget()
    log.write(5)
    os.rename(log.path, log.path + "-20260303")
    log.forget()


def replace_folder(log):
    log.forget()
    os.rename(log.folder, f"{log.folder}-old")
    log.folder.mkdir()


def overwrite(log):
    """Other bytes of the same size, written over the old ones."""
    size = os.path.getsize(log.path)
    lines = ERROR * (size // len(ERROR) - 1)
    with open(log.path, "r+b") as file:
        file.write(lines + b"x" * (size - len(lines) - 1) + b"\n")
    log.written += [b""] * lines.count(b"\n")
    log.continued = 1


def reuse_inodes(log):
    for _ in range(5):
        log.delete()
        log.open()


def write_halves(log):
    """Half lines, a carriage return and its line feed, each in a write of its own."""
    for piece in (ERROR[:7], ERROR[7:-1], b"\r", b"\n", ERROR[:-1], b"\n"):
        log.write_raw(piece)
    log.written += [b""] * 2


def go_on_behind(log):
    """A stack trace whose frames are in the new file."""
    log.write_raw(b"2026-03-02T14:02:04Z ERROR [cart] order failed\njava.lang.IllegalStateException: no\n")
    log.rotate()
    log.write_raw(b"\tat a.B.c(D.java:1)\n\tat a.B.d(D.java:2)\n")
    log.written += [b""]
    log.continued = 3


def switch_folder(log):
    """As Kubernetes does: the link ..data leads to another folder."""
    log.forget()
    for number in (1, 2):
        (log.folder / f"v{number}").mkdir()
    os.rename(log.path, log.folder / "v1" / "x.log")
    os.symlink("v1", log.folder / "..data")
    os.symlink("..data/x.log", log.path)
    (log.folder / "v2" / "x.log").write_bytes(ERROR * 4)
    os.symlink("v2", log.folder / "..new")
    os.replace(log.folder / "..new", log.folder / "..data")
    log.written += [b""] * 4


def rename_and_back(log):
    os.rename(log.path, log.path + ".1")
    os.rename(log.path + ".1", log.path)


def rotate_empty(log):
    for _ in range(3):
        log.rotate()
        log.open()


def link_elsewhere(log):
    """The rotated part keeps a second name, and another file takes the first."""
    os.link(log.path, log.path + ".1")
    log.replace()


def delete_the_part(log):
    log.rotate()
    os.unlink(log.path + ".1")


def hole(log):
    """Its writer does not append: after the cut it goes on at its old offset, behind zeros that nobody wrote."""
    os.truncate(log.path, 0)
    with open(log.path, "r+b") as file:
        file.seek(1_000_000)
        file.write(ERROR * 2)
    log.written += [b""] * 2


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
    "several copytruncates between two looks": copy_often,
    "rename, and the part becomes bz2": pack_part(bz2.compress, "bz2"),
    "rename, and the part becomes xz": pack_part(lzma.compress, "xz"),
    "rename into another folder": move_away,
    "rename to dates": date_the_part,
    "the folder is replaced": replace_folder,
    "overwritten in place": overwrite,
    "deleted and created again and again, inodes reused": reuse_inodes,
    "half lines, and line ends in halves": write_halves,
    "a record that goes on in the new file": go_on_behind,
    "the folder behind a link is switched": switch_folder,
    "renamed and back": rename_and_back,
    "rotated while empty": rotate_empty,
    "a second name, then replaced": link_elsewhere,
    "the rotated part is deleted at once": delete_the_part,
    "truncated under a writer that does not append": hole,
    "touched": lambda log: os.utime(log.path),
}
CUTS = {
    "copytruncate", "several copytruncates between two looks", "truncate", "truncate and regrow past the old size",
    "overwritten in place", "truncated under a writer that does not append",
}  # fmt: skip


class Follow:
    """A running `logscope follow --json` and the newest counters of each file."""

    def __init__(self, *paths):
        (self._out, out), (self._error, error) = os.pipe(), os.pipe()
        with open(os.devnull, "rb") as nothing:
            streams = [nothing.fileno(), out, error]
            self.process = start_warm(LOGSCOPE, ["follow", "--json", *map(str, paths)], streams, os.environ, ROOT)
        os.close(out)
        os.close(error)
        self.rows = {}
        self._rest = b""

    def read(self, seconds=0.05):
        if select.select([self._out], [], [], seconds)[0]:
            *lines, self._rest = (self._rest + os.read(self._out, 65_536)).split(b"\n")
            for line in lines:
                row = json.loads(line)
                self.rows[row["file"]] = row

    def wait_for(self, lines_by_path):
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            self.read()
            if all(self.rows.get(path, {}).get("lines") == count for path, count in lines_by_path.items()):
                return
        got = {p: (n, self.rows.get(p)) for p, n in lines_by_path.items()}
        raise AssertionError({p: row for p, row in got.items() if row[1] is None or row[0] != row[1]["lines"]})

    def finish(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(LIMIT_S) == 0
        with open(self._out, "rb", closefd=False) as out, open(self._error, "rb", closefd=False) as error:
            for line in (self._rest + out.read()).splitlines():
                row = json.loads(line)
                self.rows[row["file"]] = row
            return self.rows[None], error.read().decode()

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self._out)
        os.close(self._error)


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
    expected = {log.path: len(log.written) + log.continued for log in logs.values()}
    # A last line without a newline is no line before its writer is known to be gone, or reading ends.
    open_ended = logs["rename behind a line without newline"]
    follow.wait_for({**expected, open_ended.path: len(open_ended.written) - 1})
    total, error = follow.finish()
    rows = {name: follow.rows[log.path] for name, log in logs.items()}
    assert {name: row["errors"] for name, row in rows.items()} == {name: len(log.written) for name, log in logs.items()}
    assert (total["total"], total["lost"], error) == (sum(expected.values()), 0, "")
    assert {name for name, row in rows.items() if row["truncations"]} == CUTS


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


def test_errors_are_counted_as_they_are_judged(tmp_path, start):
    """A request that is answered 503 is an error whatever level its author gives it; a damaged part is told."""
    line = b'{"time":"2026-03-02T14:00:00Z","level":"info","msg":"done","method":"GET","path":"/a","status":503}\n'
    web, part = tmp_path / "web.log", tmp_path / "web.log.1.gz"
    web.write_bytes(line * 8)
    part.write_bytes(gzip.compress(line * 8)[:-4])
    follow = start(web, part)
    follow.wait_for({str(web): 16})
    total, error = follow.finish()
    assert total["errors"] == 16
    assert error == f"logscope: {part}: the gz stream ends early; what it holds was read\n"
