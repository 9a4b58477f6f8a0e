"""Live reading where a look may fail: disks, forgotten handles, files that are refused, few descriptors."""

import errno
import os
import resource

import pytest

from logscope.sources.events import Lost
from logscope.sources.follow import Follower
from logscope.sources.opening import followers_held_open, raise_descriptor_limit
from tests.sources.live import Log, follow


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
