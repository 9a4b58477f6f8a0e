"""A log that is rotated while the screen follows it: each look, and what is said after each look."""

import os
import random
import shutil
from pathlib import Path

import pytest

from logscope.runner.live import LiveLoop
from logscope.runner.request import Request, open_request
from tests.sources.live import Log

STAMP = b"2026-03-02T14:%02d:%02dZ "


class Followed:
    """A log that is written by hand, and a loop that looks when it is told to."""

    def __init__(self, folder):
        self.log = Log(folder)
        self.second = 0
        self.log.open()
        self.write(40)
        self.now = 0.0
        self.said = []
        request = Request([self.log.path])
        self.loop = LiveLoop(
            request, open_request(request, live=True), self.said.append, clock=lambda: self.now, wall=lambda: 0.0
        )
        self.loop.catch_up()

    def write(self, count):
        for _ in range(count):
            self.second += 1
            words = b"ERROR db timeout after 5 s" if self.second % 5 == 0 else b"INFO flushed segment"
            self.log.write_raw(STAMP % divmod(self.second, 60) + words + b" seq=%d\n" % self.second)

    def look(self):
        self.now += 1.0
        self.loop.look()

    def judge(self):
        self.loop.judge()
        return self.said[-1]


@pytest.fixture
def followed(tmp_path):
    one = Followed(tmp_path)
    yield one
    one.loop.close()


def test_a_rotation_is_seen_before_the_new_file_has_a_line(followed):
    """The part is known although the look that found it gave no line."""
    followed.write(3)
    followed.look()
    followed.log.rotate()
    followed.log.open()
    followed.look()
    followed.write(10)
    followed.look()
    files = {file.path: file.lines for file in followed.judge().files}
    assert files == {followed.log.path + ".1": 43, followed.log.path: 10}


def test_a_record_that_goes_on_in_the_new_file_is_one(followed):
    """Frames that a writer puts into the new file belong to the error whose head is in the old one."""
    trace = [b"java.lang.IllegalStateException: no\n", b"\tat a.B.c(D.java:1)\n", b"\tat a.B.d(D.java:2)\n"]
    followed.log.write_raw(STAMP % (40, 0) + b"ERROR [cart] order failed\n" + trace[0])
    followed.look()
    followed.log.rotate()
    followed.log.write_raw(b"".join(trace[1:]))
    followed.log.write_raw(STAMP % (40, 1) + b"INFO flushed segment\n")
    for _ in range(3):
        followed.look()
    said = followed.judge()
    assert [file.records for file in said.files] == [41, 1]
    assert [file.lines for file in said.files] == [42, 3]


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_cut_in_the_middle_counts_no_line_again(followed, is_seen):
    """After a cut the lines that remain are not counted again, and the next one has the number it has in the file."""
    size = os.stat(followed.log.path).st_size
    followed.write(10)
    followed.look()
    os.truncate(followed.log.path, size)
    if is_seen:
        followed.look()
    followed.write(7)
    for _ in range(2):
        followed.look()
    files = followed.judge().files
    assert sum(file.lines for file in files) == 57
    assert "read on from line 41" in str([file.problems for file in files])
    place = followed.loop._sources.all[0].tail.place
    assert (place.line, place.offset) == (48, os.stat(followed.log.path).st_size)


def test_a_cut_is_told_with_what_may_be_missing(followed):
    """What a writer adds between copying and cutting is in neither file: nobody can count it, so that is said."""
    followed.log.write(5)
    shutil.copyfile(followed.log.path, followed.log.path + ".1")
    followed.log.write_raw(STAMP % (9, 0) + b"ERROR in neither file\n")
    followed.log.truncate()
    followed.write(5)
    followed.look()
    files = followed.judge().files
    assert sum(file.lines for file in files) == 50
    assert "lines of the moment before may be missing" in str([file.problems for file in files])


def test_half_a_line_before_a_cut_is_a_line(followed):
    """Nobody ends a line whose file was emptied: it is given out when its generation ends."""
    followed.log.write_raw(STAMP % (9, 0) + b"ERROR half")
    followed.look()
    followed.log.truncate()
    followed.write(5)
    followed.look()
    assert sum(file.lines for file in followed.judge().files) == 46


@pytest.mark.parametrize("seed", range(12))
def test_looks_and_rotations_in_any_order(followed, seed):
    """Whatever lies between two looks, every look can be judged, and at the end each line was counted once."""
    rng = random.Random(seed)
    written = 40
    for _ in range(25):
        match rng.choice(("write", "look", "rotate", "copy", "judge", "cut")):
            case "write":
                count = rng.randrange(1, 8)
                followed.write(count)
                written += count
            case "rotate":
                followed.log.rotate()
                followed.log.open()
            case "copy":
                followed.look()
                followed.log.copytruncate()
            case "cut":
                # At the end of a line, of a file that begins with a stamp and was looked at.
                followed.look()
                content = Path(followed.log.path).read_bytes()
                ends = [at for at in range(1, len(content) + 1) if content[at - 1 : at] == b"\n"]
                os.truncate(followed.log.path, rng.choice([0, *ends]))
            case "judge":
                followed.judge()
            case _:
                followed.look()
    for _ in range(3):
        followed.look()
    assert sum(file.lines for file in followed.judge().files) == written


def test_what_takes_long_is_judged_seldom(followed):
    """Without new lines judging takes half a percent of a core, whatever one judgement costs."""
    for cost, most in ((0.0, 5.0), (0.01, 5.0), (0.1, 20.0)):
        followed.loop._tick_cost_s = cost
        assert followed.loop._idle_tick_s == pytest.approx(most)
