"""Live reading: each line exactly once, whatever happens to the file."""

import os

import pytest

from logscope.sources import rotated
from logscope.sources.events import Rotated, Waiting
from logscope.sources.follow import Follower
from logscope.sources.generations import Mark
from tests.sources.live import Clock, Log, Reader, follow

ROTATIONS = {
    "rename": lambda log, reader: log.rotate(),
    "rename, then seen missing": lambda log, reader: (log.rotate(), reader.poll()),
    "rename twice": lambda log, reader: (log.rotate(), log.write(), log.rotate()),
    "rename five times": lambda log, reader: [(log.rotate(), log.write(3)) for _ in range(5)],
    "rename and gzip": lambda log, reader: (log.rotate(), log.compress(1)),
    "rename twice and gzip both": lambda log, reader: (
        log.rotate(), log.write(), log.rotate(), log.compress(2), log.compress(1)),
    "copytruncate": lambda log, reader: log.copytruncate(),
    "copytruncate, grown past the old size": lambda log, reader: (log.copytruncate(), log.write(100)),
    "copytruncate twice": lambda log, reader: (log.copytruncate(), log.write(), log.copytruncate()),
    "copytruncate and gzip": lambda log, reader: (log.copytruncate(), log.compress(1)),
    "move to another folder": lambda log, reader: (
        os.mkdir(log.folder / "old"), os.rename(log.path, log.folder / "old" / "x.log"), log.forget()),
}  # fmt: skip


def test_append(tmp_path, hold_open):
    """What is appended is read once, from the begin of the file."""
    log = Log(tmp_path)
    log.write()
    reader = follow(log, hold_open=hold_open)
    log.write()
    reader.poll(3)
    assert (reader.lines, reader.events) == (log.written, [])


@pytest.mark.parametrize("name", ROTATIONS)
def test_rotation(tmp_path, name, hold_open):
    """Unread lines before a rotation and all lines after it are read once, in order."""
    if name == "move to another folder" and not hold_open:
        pytest.skip("without a handle a file that leaves its folder cannot be found; it is told as lost")
    log = Log(tmp_path)
    log.write(40)
    reader = follow(log, hold_open=hold_open)
    log.write(20)
    ROTATIONS[name](log, reader)
    log.write(40)
    reader.poll(2)
    log.write(5)
    reader.settle()
    assert log.written == reader.lines
    assert "Lost" not in reader.kinds


@pytest.mark.parametrize("name", ROTATIONS)
def test_rotation_before_first_read(tmp_path, name):
    """The same holds when the first look comes after a batch reading and a rotation."""
    if name == "move to another folder":
        pytest.skip("told as lost")
    log = Log(tmp_path)
    log.write(40)
    content = (tmp_path / "x.log").read_bytes()
    info = os.stat(log.path)
    mark = Mark.at(len(content), content, (info.st_dev, info.st_ino), info.st_mtime_ns)
    log.write(20)
    reader = Reader(log, start=mark)
    ROTATIONS[name](log, reader)
    log.write(40)
    reader.settle()
    assert reader.lines == log.written[40:]
    assert "Lost" not in reader.kinds


@pytest.mark.parametrize("action", ["delete", "replace"])
def test_unread_lines_of_unlinked_file(tmp_path, action):
    """The open handle gives the unread lines of a file that has no name any more."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    log.write(50)
    getattr(log, action)()
    log.write(10)
    reader.settle()
    assert log.written == reader.lines


def test_lost_is_told(tmp_path):
    """Without a handle, a file that was deleted with unread lines is told as lost, or as cut (its inode was reused)."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log, hold_open=False)
    log.write(10)
    log.delete()
    log.write(10)
    reader.settle()
    assert {"Lost", "Truncated"} & set(reader.kinds)
    assert log.written[20:] == reader.lines[10:]


def test_lost_lines_of_a_replaced_file_are_told(tmp_path):
    """Without a handle, a file with unread lines that another one takes the place of is told as lost, once."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log, hold_open=False)
    log.write(10)
    log.replace()
    log.write(10)
    reader.settle()
    assert reader.kinds == ["Lost", "Rotated"]
    assert reader.lines == log.written[:10] + log.written[20:]


def test_writer_keeps_old_descriptor(tmp_path):
    """A writer that goes on in the renamed file is read; its file is closed after five silent seconds."""
    log = Log(tmp_path)
    log.write(40)
    reader = follow(log)
    log.rotate_keeping_descriptor()
    for _ in range(10):
        log.write(8)
        reader.pause(3.0)
        reader.poll()
    assert reader.lines == log.written
    log.forget()
    log.write(10)
    reader.poll()
    assert reader.ended == []
    reader.pause(5.0)
    reader.poll()
    assert (reader.ended, reader.lines) == ([0], log.written)


def test_writer_that_is_late_for_minutes(tmp_path):
    """As long as nothing is in the new file the writer may still go on in the old one, however long it is silent."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    log.rotate_keeping_descriptor()
    for _ in range(3):
        reader.pause(600.0)
        reader.poll(2)
    log.write(5)
    reader.poll()
    assert (reader.lines, reader.ended) == (log.written, [])


def test_late_lines_of_old_file_beside_new_ones(tmp_path):
    """Lines that reach the old file while the new one grows keep their generation."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    with open(log.path, "ab", buffering=0) as old:
        log.rotate()
        log.write(10)
        reader.poll()
        old.write(b"late\n")
    log.write(10)
    reader.settle()
    assert reader.data[0].splitlines() == [*log.written[:10], b"late"]
    assert reader.data[1].splitlines() == log.written[10:]


def test_last_line_without_newline(tmp_path, hold_open):
    """A last line without a newline is whole when its generation ends."""
    log = Log(tmp_path)
    log.write(3)
    log.write_raw(b"half")
    reader = follow(log, hold_open=hold_open)
    log.write_raw(b" and half")
    log.rotate()
    log.write(3)
    reader.settle()
    assert reader.data[0].splitlines()[-1] == b"half and half"
    assert reader.ended == [0]
    assert reader.data[1].splitlines() == log.written[3:]


def test_symlink_switch(tmp_path, hold_open):
    """When a link moves on to another file, the old one is read to its end first."""
    link = str(tmp_path / "x.log")
    one, two, three = (Log(tmp_path, f"x.log.2026-11-{day}", first=day * 1000) for day in (21, 22, 23))
    one.write(10)
    os.symlink(one.path, link)
    reader = follow(link, hold_open=hold_open)
    one.write(10)
    for log in (two, three):
        log.write(10)
        os.symlink(log.path, link + "~")
        os.replace(link + "~", link)
    three.write(10)
    reader.settle()
    assert [reader.data[n].splitlines() for n in sorted(reader.data)] == [one.written, two.written, three.written]
    assert [event.generation for event in reader.events if isinstance(event, Rotated)] == [1, 2]


def test_missing_then_created(tmp_path, hold_open):
    """A missing file is waited for, said once, and read from its begin."""
    log = Log(tmp_path)
    reader = Reader(log, hold_open=hold_open)
    reader.poll(3)
    log.write()
    reader.poll(2)
    assert (reader.lines, reader.events) == (log.written, [Waiting("no such file")])


def test_missing_then_created_and_rotated(tmp_path, hold_open):
    """A file that is created and rotated while it is waited for is read; parts that lay there before are not."""
    log = Log(tmp_path)
    log.write(5)
    log.rotate()
    reader = Reader(log, hold_open=hold_open)
    reader.poll()
    log.write(5)
    log.rotate()
    log.write(5)
    log.rotate()
    log.write(5)
    reader.settle()
    assert reader.lines == log.written[5:]
    assert sorted(reader.data) == [0, 1, 2]


def test_gone_and_back(tmp_path, hold_open):
    """A path that vanishes is told once, and its next file is another generation."""
    log = Log(tmp_path)
    log.write()
    reader = follow(log, hold_open=hold_open)
    log.delete()
    for _ in range(3):
        reader.poll()
        reader.pause()
    log.write()
    reader.poll()
    assert reader.lines == log.written
    told = [kind for kind in reader.kinds if kind != "Lost"]
    assert told in (["Gone", "Rotated"], ["Gone", "Truncated"])


def test_inode_reuse(tmp_path):
    """A new file that has the inode number of the old one, and is longer, is read from its begin."""
    log = Log(tmp_path)
    log.write(40)
    reader = follow(log, hold_open=False)
    identity = os.stat(log.path).st_ino
    log.truncate()  # The same inode with other bytes is what reuse looks like.
    log.write(200)
    reader.settle()
    assert os.stat(log.path).st_ino == identity
    assert reader.lines == log.written


def test_inode_reuse_by_a_file_that_begins_alike(tmp_path):
    """A new file with the inode number and the first line of one that was deleted and read to its end is another."""
    log = Log(tmp_path)
    log.write_raw(b"time,level,message\n")
    reader = follow(log)
    identity = os.stat(log.path).st_ino
    log.delete()
    reader.settle()
    assert reader.ended == [0]
    log.write_raw(b"time,level,message\n")
    if os.stat(log.path).st_ino != identity:
        pytest.skip("this file system gives another number")
    log.write(2)
    reader.settle()
    assert reader.data[1].splitlines() == [b"time,level,message", *log.written]


def test_directory_replaced(tmp_path, hold_open):
    """When the whole folder is replaced, the old file is read to its end and the new one from its begin."""
    folder = tmp_path / "app"
    folder.mkdir()
    log = Log(folder)
    log.write(20)
    reader = follow(log, hold_open=hold_open)
    if hold_open:
        log.write(20)
    os.rename(folder, tmp_path / "app.old")
    reader.poll()
    folder.mkdir()
    log.forget()
    log.write(20)
    reader.settle()
    assert reader.lines == log.written


def test_rotations_that_never_pause_for_a_look(tmp_path, monkeypatch):
    """While parts are renamed faster than they are looked at it waits: none is read twice, none is left out."""
    log = Log(tmp_path)
    log.write(9)
    reader = follow(log)
    for _ in range(5):
        log.rotate()
        log.write(9)
    list_parts, rotations = rotated._list_siblings, iter(range(20))

    def list_and_rotate(path):
        found = list_parts(path)
        if next(rotations, None) is not None:
            log.rotate()
            log.write(9)
        return found

    monkeypatch.setattr(rotated, "_list_siblings", list_and_rotate)
    reader.settle()
    assert next(rotations, None) is None
    assert (reader.lines, reader.kinds.count("Lost")) == (log.written, 0)


def test_bounded_poll(tmp_path):
    """One poll gives no more than its limit, and says that there is more; the old file comes before the new."""
    log = Log(tmp_path)
    log.write(1)
    reader = follow(log, most_bytes=1000)
    log.write(100)
    log.rotate()
    log.write(100)
    polls = 0
    while reader.follower.has_more or polls == 0:
        before = sum(map(len, reader.data.values()))
        reader.poll()
        polls += 1
        assert sum(map(len, reader.data.values())) - before <= 1000
    assert polls > 8
    assert reader.lines == log.written


def test_clock_is_the_only_time(tmp_path):
    """Without time passing, an old file stays open."""
    log = Log(tmp_path)
    log.write(2)
    follower = Follower(log.path, Clock())
    follower.poll()
    log.rotate()
    log.write(2)
    for _ in range(5):
        follower.poll()
    assert len(follower._old) == 1
