"""Live reading: each line exactly once, whatever happens to the file."""

import errno
import os
import resource

import pytest

from logscope.sources.events import Lost, Rotated, Waiting
from logscope.sources.follow import Follower
from logscope.sources.generations import Mark
from logscope.sources.opening import followers_held_open, raise_descriptor_limit
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


def test_permission_taken_and_given_back(tmp_path, monkeypatch):
    """A new file that may not be opened is waited for; nothing of it is lost, and rotations meanwhile are found."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    log.rotate()
    log.write(10)
    real = os.open

    def refuse(path, *args, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("logscope.sources.opening.os.open", refuse)
        reader.poll(3)
        log_lines = list(log.written)
    assert real is os.open
    log.rotate()
    log.write(10)
    reader.settle()
    assert reader.lines == log.written
    assert log_lines == log.written[:20]
    assert reader.kinds == ["Waiting", "Rotated", "Rotated"]


def test_path_becomes_a_pipe(tmp_path):
    """What is no regular file is waited out, never opened for good."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    log.delete()
    os.mkfifo(log.path)
    reader.poll()
    assert "is a pipe" in reader.events[-1].reason
    os.unlink(log.path)
    log.write(10)
    reader.settle()
    assert reader.lines == log.written


def fail_reading(monkeypatch, number):
    """Every reading of an open file fails."""

    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("logscope.sources.generations.os.pread", fail)


@pytest.mark.parametrize("number", [errno.ESTALE, errno.EIO])
def test_reading_that_fails_for_a_while(tmp_path, monkeypatch, number):
    """A network or a disk that does not answer is told; once it does, nothing was lost, and nothing is read twice."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    log.write(10)
    with monkeypatch.context() as patch:
        fail_reading(patch, number)
        reader.poll(3)
        trouble = reader.follower.trouble
    reader.settle()
    assert (reader.lines, [kind for kind in reader.kinds if kind != "Waiting"]) == (log.written, [])
    assert trouble
    assert not reader.follower.trouble


def test_a_forgotten_handle_is_no_use_any_more(tmp_path, monkeypatch):
    """A handle that a network file system forgot never reads again: the file is opened anew and found by its bytes."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    stale, real = reader.follower._live.descriptor, os.pread

    def fail(descriptor, *words):
        if descriptor == stale:
            raise OSError(errno.ESTALE, "Stale file handle")
        return real(descriptor, *words)

    held = os.open(os.devnull, os.O_RDONLY)
    log.write(10)
    monkeypatch.setattr("logscope.sources.generations.os.pread", fail)
    # Its number is given to another file at once.
    monkeypatch.setattr("logscope.sources.generations.os.close", lambda descriptor: None)
    reader.poll(3)
    monkeypatch.undo()
    os.close(held)
    assert (reader.lines, reader.kinds) == (log.written, [])


def test_an_old_file_that_fails_or_is_cut_is_told(tmp_path, monkeypatch):
    """What cannot be read of a rotated file any more is told as lost; the new one is read on."""
    for number in (None, errno.EIO):
        folder = tmp_path / str(number)
        folder.mkdir()
        log = Log(folder)
        log.write(10)
        reader = follow(log)
        log.rotate_keeping_descriptor()
        log.write(5)
        reader.poll()
        with monkeypatch.context() as patch:
            if number is None:
                os.truncate(log.path + ".1", 0)
                log.write(50)
            else:
                fail_reading(patch, number)
            reader.poll()
        (lost,) = [event.reason for event in reader.events if isinstance(event, Lost)]
        assert lost.startswith("a rotated file " + ("was cut" if number is None else "cannot be read on"))
        log.forget()
        log.write(5)
        reader.settle()
        assert reader.lines == log.written


def test_cut_between_the_look_and_the_reading(tmp_path, monkeypatch):
    """A file that is cut and grows past its old size in the middle of a look is not read on at its old place."""
    log = Log(tmp_path)
    log.write(20)
    reader = follow(log)
    look = reader.follower._look

    def look_and_cut(*words):
        look(*words)
        log.truncate()
        log.write(60)

    with monkeypatch.context() as patch:
        patch.setattr(reader.follower, "_look", look_and_cut)
        reader.poll()
    reader.settle()
    assert (reader.lines, reader.kinds) == (log.written, ["Truncated"])


def test_stale_handle_of_overlay(tmp_path):
    """A handle that no longer sees what the path shows is opened anew, and goes on at its offset."""
    log = Log(tmp_path)
    log.write(10)
    reader = follow(log)
    frozen = tmp_path / "lower"
    frozen.write_bytes((tmp_path / "x.log").read_bytes())
    live = reader.follower._live
    lower = os.open(frozen, os.O_RDONLY)
    os.dup2(lower, live.descriptor)
    os.close(lower)
    log.write(10)
    reader.poll()
    assert (reader.lines, reader.events) == (log.written, [])


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


def test_close_gives_handles_back(tmp_path):
    """A closed follower holds nothing."""
    before = len(os.listdir("/proc/self/fd"))
    log = Log(tmp_path)
    log.write(5)
    reader = follow(log)
    log.rotate()
    log.write(5)
    reader.poll()
    reader.follower.close()
    log.forget()
    assert len(os.listdir("/proc/self/fd")) == before


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


@pytest.mark.parametrize(("limit", "held"), [(1024, 666), (48, 16), (16, 0)])
def test_handles_are_shared_out(limit, held):
    """With few descriptors, few files keep their handle."""
    assert followers_held_open(limit) == held


def test_descriptors_are_asked_for(monkeypatch):
    """As many as the host allows, up to a bound; what there is already is never taken back."""
    given = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: given.append(limits))
    for limits, got in (((1024, 4096), 4096), ((1024, 10**6), 8192), ((1024, resource.RLIM_INFINITY), 8192)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, limits=limits: limits)
        assert raise_descriptor_limit() == got
        assert given.pop() == (got, limits[1])
    monkeypatch.setattr(resource, "getrlimit", lambda _: (20_000, 20_000))
    assert (raise_descriptor_limit(), given) == (8192, [])


def test_trouble_is_told_until_it_is_over(tmp_path):
    """Why nothing can be read now: missing, a folder in its place, gone; empty again once lines come."""
    path = tmp_path / "a.log"
    one = Follower(str(path), lambda: 0.0)
    told = []
    for change in (
        lambda: None,
        lambda: path.write_text("x\n"),
        path.unlink,
        path.mkdir,
        lambda: (path.rmdir(), path.write_text("y\n")),
    ):
        change()
        one.poll()
        told.append(one.trouble)
    one.close()
    assert told == ["no such file", "", "gone, a new one is waited for", "is a directory", ""]
