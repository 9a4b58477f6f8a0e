"""Pipes as sources."""

import os
import pty

import pytest

from logscope.errors import SourceError
from logscope.sources.stream import StreamReader, open_stdin, open_stream, reopen_tty


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    reader = StreamReader(reading)
    yield reader, writing
    reader.close()


def test_pipe(pipe):
    """What has arrived is read, nothing is waited for, and the end is told."""
    reader, writing = pipe
    assert reader.poll() == []
    os.write(writing, b"one\ntw")
    assert reader.poll() == [b"one\ntw"]
    assert (reader.poll(), reader.is_at_end) == ([], False)
    os.write(writing, b"o\n")
    os.close(writing)
    assert b"".join(reader.poll()) == b"o\n"
    assert (reader.poll(), reader.is_at_end, reader.offset, reader.problem) == ([], True, 8, None)


def test_bounded(pipe):
    """One poll gives no more than its limit, and says that there may be more."""
    reader, writing = pipe
    os.write(writing, b"x" * 1000)
    assert (b"".join(reader.poll(most=600)), reader.has_more) == (b"x" * 600, True)
    assert (b"".join(reader.poll(most=600)), reader.has_more) == (b"x" * 400, False)
    os.close(writing)


def test_descriptor_stays_blocking(pipe):
    """The pipe is not made non-blocking for those who share it."""
    reader, writing = pipe
    assert os.get_blocking(reader.fileno())
    os.close(writing)


def test_redirected_file(tmp_path):
    """Standard input that is a file is read to its end."""
    (tmp_path / "x").write_bytes(b"line\n")
    reader = StreamReader(os.open(tmp_path / "x", os.O_RDONLY))
    assert (reader.poll(), reader.is_at_end) == ([b"line\n"], True)
    reader.close()


def test_named_pipe(tmp_path):
    """A named pipe opens without a writer, waits for one, and ends when the last has gone."""
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    reader = open_stream(path)
    assert (reader.poll(), reader.is_at_end) == ([], False)
    writing = os.open(path, os.O_WRONLY)
    os.write(writing, b"line\n")
    assert (reader.poll(), reader.is_at_end) == ([b"line\n"], False)
    os.close(writing)
    assert (reader.poll(), reader.is_at_end) == ([], True)
    reader.close()


def test_a_followed_pipe_outlives_its_writers(tmp_path):
    """Writers of a named pipe come and go, half a line of one is ended, and a pipe made anew is taken."""
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    reader = open_stream(path)
    reader.outlast_writers()
    for said in (b"one\n", b"half", b"two\n"):
        with open(path, "wb", buffering=0) as writer:
            writer.write(said)
        assert b"".join(reader.poll()) == (said if said.endswith(b"\n") else said + b"\n")
        assert (reader.poll(), reader.is_at_end) == ([], False)
    os.rename(path, path + ".old")
    assert reader.poll() == []
    os.mkfifo(path)
    assert reader.poll() == []
    with open(path, "wb", buffering=0) as writer:
        writer.write(b"three\n")
        assert reader.poll() == [b"three\n"]
    assert reader.offset == len(b"one\nhalf\ntwo\nthree\n")
    reader.close()


def test_a_pipe_without_a_name_ends_with_its_writer():
    """What a shell makes for `<(...)` is at its end when its command is, followed or not."""
    reading, writing = os.pipe()
    reader = open_stream(f"/dev/fd/{reading}")
    os.close(reading)
    reader.outlast_writers()
    os.close(writing)
    assert (reader.poll(), reader.is_at_end) == ([], True)
    reader.close()


def test_process_substitution():
    """A pipe under /dev/fd is read by its path."""
    reading, writing = os.pipe()
    reader = open_stream(f"/dev/fd/{reading}")
    os.close(reading)
    os.write(writing, b"line\n")
    os.close(writing)
    assert b"".join(reader.poll()) == b"line\n"
    assert reader.poll() == []
    assert reader.is_at_end
    reader.close()


def test_refused(tmp_path):
    """What is no pipe is refused with a sentence."""
    (tmp_path / "x").touch()
    with pytest.raises(SourceError, match="is no pipe"):
        open_stream(str(tmp_path / "x"))
    with pytest.raises(SourceError, match="no such file"):
        open_stream(str(tmp_path / "gone"))


def swap_stdin(descriptor):
    kept = os.dup(0)
    os.dup2(descriptor, 0)
    return kept


def test_stdin_and_keyboard():
    """The data come from the old standard input, the keyboard from the terminal."""
    reading, writing = os.pipe()
    master, slave = pty.openpty()
    kept = swap_stdin(reading)
    try:
        data = open_stdin()
        assert reopen_tty(os.ttyname(slave))
        os.write(writing, b"log line\n")
        os.write(master, b"q\n")
        assert data.poll() == [b"log line\n"]
        assert os.isatty(0)
        assert os.read(0, 10) == b"q\n"
        with pytest.raises(SourceError, match="is the terminal"):
            open_stdin()
        data.close()
    finally:
        os.dup2(kept, 0)
        for descriptor in (kept, reading, writing, master, slave):
            os.close(descriptor)


def test_no_terminal(tmp_path):
    """Without a terminal standard input stays what it was."""
    before = os.fstat(0)
    assert not reopen_tty(str(tmp_path / "none"))
    (tmp_path / "file").touch()
    assert not reopen_tty(str(tmp_path / "file"))
    assert os.path.samestat(before, os.fstat(0))


def test_failing_pipe_is_told(pipe, monkeypatch):
    """A pipe that fails ends with its reason."""
    reader, writing = pipe
    os.write(writing, b"x")

    def fail(descriptor, size):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("logscope.sources.stream.os.read", fail)
        assert reader.poll() == []
    assert (reader.is_at_end, reader.problem) == (True, "input/output error")
    os.close(writing)
