"""Wake-ups are a hint; without them everything still works, and is told."""

import os
import threading

import pytest

from logscope.sources.watch import EVENT_POLL_S, POLL_S, Waker, filesystem_of, watched_folders

LIMIT_S = 10.0
"""A wait that ends by an event; reached only when the test fails."""


class FakeWatch:
    """Changes on demand."""

    def __init__(self, error=None):
        self.folders = None
        self.changes = threading.Semaphore(0)
        self.error = error
        self.asked = threading.Event()

    def __call__(self, folders, stop):
        self.folders = list(folders)
        self.asked.set()
        if self.error is not None:
            raise self.error
        while not stop.is_set():
            if self.changes.acquire(timeout=0.02):
                yield object()


@pytest.fixture(autouse=True)
def local_disk(monkeypatch):
    """The file system that the tests run on does not matter."""
    monkeypatch.setattr("logscope.sources.watch.filesystem_of", lambda folder: "ext4")


def test_change_ends_wait(tmp_path):
    """A change ends the wait; without one the time runs out."""
    watch = FakeWatch()
    waker = Waker([str(tmp_path / "x.log")], watch=watch)
    watch.changes.release()
    assert waker.wait(LIMIT_S)
    assert not waker.wait(0)
    assert (waker.polling, waker.interval_s) == (False, EVENT_POLL_S)
    waker.close()
    assert not waker._thread.is_alive()


@pytest.mark.parametrize("error", [OSError(28, "no inotify left"), ImportError("no wheel"), RuntimeError("odd")])
def test_falls_back(tmp_path, error):
    """Whatever the watcher fails of, the waits go on as polling, and the reason is told."""
    watch = FakeWatch(error)
    waker = Waker([str(tmp_path / "x.log")], watch=watch)
    waker._thread.join(LIMIT_S)
    assert (waker.polling, waker.interval_s) == (True, POLL_S)
    assert str(error) in waker.reason
    assert not waker.wait(0)


def test_a_watcher_that_ends_is_not_waited_for(tmp_path):
    """A watcher that stops by itself tells nothing any more: the waits go on as polling."""
    waker = Waker([str(tmp_path / "x.log")], watch=lambda folders, stop: iter(()))
    waker._thread.join(LIMIT_S)
    assert (waker.polling, waker.reason) == (True, "the watcher of file events ended")


def test_a_change_without_an_event_is_seen_soon():
    """An event that is missed costs a second, hosts without any a quarter of one."""
    assert POLL_S <= 0.25
    assert EVENT_POLL_S <= 1.0


def test_a_watcher_that_does_not_end_keeps_nobody(tmp_path, monkeypatch):
    """What is closed waits for its watcher, which may be in the middle of machine code, but not for ever."""
    monkeypatch.setattr("logscope.sources.watch._PATIENCE_S", 0.05)
    ended = threading.Event()

    def watch(folders, stop):
        ended.wait(LIMIT_S)
        yield from ()

    waker = Waker([str(tmp_path / "x.log")], watch=watch)
    waker.close()
    assert waker._thread.is_alive()
    ended.set()
    waker._thread.join(LIMIT_S)


def test_no_folder():
    """Where no folder exists yet, it polls."""
    waker = Waker(["/nowhere/at/all/x.log"])
    assert waker.polling
    assert not waker.wait(0)
    waker.close()


def test_network_file_system(tmp_path, monkeypatch):
    """On a network file system others write without an event: it polls besides."""
    monkeypatch.setattr("logscope.sources.watch.filesystem_of", lambda folder: "nfs4")
    watch = FakeWatch()
    waker = Waker([str(tmp_path / "x.log")], watch=watch)
    assert (waker.polling, waker.reason) == (True, "file events are not reliable on nfs4")
    watch.changes.release()
    assert waker.wait(LIMIT_S)
    waker.close()
    assert not waker._thread.is_alive()


def test_folders(tmp_path):
    """Folders are watched, the one of a link's target too, each once."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "0.log").touch()
    os.symlink(tmp_path / "b" / "0.log", tmp_path / "a" / "x.log")
    paths = [str(tmp_path / "a" / "x.log"), str(tmp_path / "a" / "missing.log"), "/nowhere/x.log"]
    assert watched_folders(paths) == [str(tmp_path / "a"), str(tmp_path / "b")]


def test_filesystem_of(tmp_path):
    """The longest mount point above a folder says its kind."""
    (tmp_path / "my share" / "logs").mkdir(parents=True)
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/sda / ext4 rw 0 0\nhost:/x {str(tmp_path / 'my share').replace(' ', chr(92) + '040')} nfs4 rw 0 0\n"
        f"sshfs {tmp_path}/my fuse.sshfs rw 0 0\nbroken\n"
    )
    assert filesystem_of(str(tmp_path / "my share" / "logs"), str(mounts)) == "nfs4"
    assert filesystem_of("/usr", str(mounts)) == "ext4"
    assert filesystem_of("/usr", str(tmp_path / "none")) is None


@pytest.mark.slow
def test_real_events(tmp_path):
    """With the real watcher, writing, renaming and creating end waits."""
    path = tmp_path / "x.log"
    path.touch()
    waker = Waker([str(path)])
    try:
        # The watcher starts in its own thread: write until it has seen one.
        for _ in range(200):
            path.write_bytes(b"x")
            if waker.wait(0.05):
                break
        else:
            pytest.skip(f"no file events here: {waker.reason}")
        os.rename(path, tmp_path / "x.log.1")
        path.touch()
        assert waker.wait(LIMIT_S)
    finally:
        waker.close()
    assert not waker._thread.is_alive()
