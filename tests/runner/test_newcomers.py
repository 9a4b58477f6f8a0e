"""Logs that appear in folders that are followed are read, and no line twice where parts of known logs are moved."""

import os
import shutil

import pytest

from logscope.runner.live import LiveLoop
from logscope.runner.newcomers import EVERY_S, Newcomers
from logscope.runner.request import Request, open_request
from logscope.runner.tailing import Tail
from tests.sources.live import Clock


def write(path, count=3, word="ready", second=0):
    path.parent.mkdir(exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        file.writelines(f"2026-11-28T14:02:{second + n:02}Z INFO [x] {path.stem} is {word} {n}\n" for n in range(count))


class Followed:
    """A folder as it is followed, and what appeared in it."""

    def __init__(self, *arguments):
        self.clock = Clock()
        self.request = Request(paths=[str(argument) for argument in arguments], siblings=False)
        self.plans = open_request(self.request, live=True).plans
        self.newcomers = Newcomers(self.request, self.plans, self.clock)

    def look(self):
        self.clock.now += EVERY_S
        found = self.newcomers.look([Tail(plan, lambda: 0.0) for plan in self.plans])
        self.plans += found
        return [(os.path.basename(plan.source.key), plan.source.service) for plan in found]


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "app.log")
    write(tmp_path / "old" / "gone.log")
    return tmp_path


def test_new_logs_of_a_folder_and_of_a_pattern(folder):
    """Below the folder at any depth; once each; by their folder where another has the name."""
    below, pattern = Followed(folder), Followed(folder / "*.log")
    assert (below.look(), pattern.look()) == ([], [])
    write(folder / "new.log")
    write(folder / "deep" / "app.log", word="deep")
    assert sorted(below.look()) == [("app.log", "deep/app"), ("new.log", "new")]
    assert pattern.look() == [("new.log", "new")]
    assert (below.look(), pattern.look()) == ([], [])


def test_names_that_were_given_hold_for_new_logs(folder):
    """NAME=FOLDER names all that is in it."""
    named = Followed(f"shop={folder}")
    write(folder / "new.log")
    assert named.look() == [("new.log", "shop")]


def test_nothing_appears_beside_files_that_were_named(folder):
    """Who names a file asks for that one."""
    named = Followed(folder / "app.log")
    write(folder / "new.log")
    assert named.look() == []


def test_looks_are_seldom(folder):
    """A look costs something: none at once after another."""
    followed = Followed(folder)
    write(folder / "new.log")
    followed.clock.now += EVERY_S / 2
    assert followed.newcomers.look([]) == []
    assert followed.look() == [("new.log", "new")]


def test_parts_of_known_logs_are_no_new_ones(folder):
    """Moved elsewhere, under any name, or copied; rotated beside, compressed or not."""
    followed = Followed(folder)
    shutil.copy(folder / "app.log", folder / "old" / "copy of app")
    shutil.copy(folder / "app.log", folder / "app.log.1")
    os.rename(folder / "app.log", folder / "old" / "moved.log")
    write(folder / "app.log", second=30)
    assert followed.look() == []
    # The second file was looked at while it was there: so it is known when it is moved as well.
    os.rename(folder / "app.log", folder / "old" / "again.log")
    write(folder / "app.log", second=50)
    assert followed.look() == []


def test_what_is_no_log_is_left_out_until_it_is_one(folder):
    """Hidden files, prose, bytes, empty files; one that is begun later is taken then."""
    followed = Followed(folder)
    (folder / "notes.txt").write_text("buy milk\n")
    (folder / "raw.log").write_bytes(bytes(range(256)) * 9)
    (folder / "late.log").touch()
    write(folder / ".hidden.log")
    write(folder / "report.md")
    assert followed.look() == []
    write(folder / "late.log")
    assert followed.look() == [("late.log", "late")]


def test_two_logs_with_one_header(folder):
    """A table begins as another one does: it is taken once it holds a row of its own."""
    header = "time,level,message\n"
    (folder / "one.csv").write_text(header + "2026-11-28T14:02:01Z,INFO,first\n2026-11-28T14:02:02Z,INFO,next\n")
    followed = Followed(folder)
    (folder / "two.csv").write_text(header)
    assert followed.look() == []
    (folder / "two.csv").write_text(header + "2026-11-28T14:02:03Z,ERROR,other\n2026-11-28T14:02:04Z,INFO,more\n")
    assert followed.look() == [("two.csv", "two")]


def test_the_screen_reads_a_new_log(folder):
    """Its records are among those of the answer."""
    clock = Clock()
    request = Request(paths=[str(folder)])
    told = []
    loop = LiveLoop(request, open_request(request, live=True), told.append, clock=clock)
    loop.catch_up()
    write(folder / "new.log", 5)
    clock.now += EVERY_S
    assert loop.take_newcomers()
    loop.judge()
    loop.close()
    assert {file.service: file.records for file in told[-1].files} == {"app": 3, "gone": 3, "new": 5}
