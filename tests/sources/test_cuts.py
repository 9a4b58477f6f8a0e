"""Files that are cut while they are followed, at their begin or in the middle, and the holes that this leaves."""

import os

import pytest

from logscope.sources.events import Lost, Truncated
from tests.sources.live import Log, follow


@pytest.mark.parametrize("action", ["delete", "replace", "truncate"])
def test_cut_after_reading(tmp_path, action, hold_open):
    """Deleted, replaced and cut files that had been read lose nothing."""
    log = Log(tmp_path)
    log.write(40)
    reader = follow(log, hold_open=hold_open)
    getattr(log, action)()
    log.write(100)
    reader.settle()
    assert log.written == reader.lines
    # Without a handle, a new file with the old one's inode number looks like the old one, cut.
    assert reader.kinds.count("Truncated") + reader.kinds.count("Rotated") == 1


def test_truncated_and_regrown(tmp_path, hold_open):
    """A file that was cut and grew past its old size is known by its bytes, not by its size."""
    log = Log(tmp_path)
    log.write(40)
    reader = follow(log, hold_open=hold_open)
    log.truncate()
    log.write(500)
    reader.poll(2)
    assert (reader.lines, reader.events) == (log.written, [Truncated(1)])


def test_what_was_cut_away_before_it_was_read_is_told(tmp_path, hold_open):
    """Where the reading is behind, the bytes that are surely lost are counted; where a copy was kept none are."""
    log = Log(tmp_path)
    log.write(100)
    size = os.stat(log.path).st_size
    reader = follow(log, most_bytes=1000, hold_open=hold_open)
    log.truncate()
    log.write(3)
    reader.settle()
    assert [event.reason for event in reader.events if isinstance(event, Lost)] == [
        f"the file was cut before its end was read: at least {size - 1000:,} bytes of it"
    ]
    log.write(100)
    reader.poll()
    log.copytruncate()
    reader.settle()
    assert reader.kinds.count("Lost") == 1
    assert reader.lines[-103:] == log.written[-103:]


@pytest.mark.parametrize("looked", [True, False], ids=["seen at the cut", "seen when written"])
@pytest.mark.parametrize(("kept", "more"), [(25, 5), (25, 300), (1, 3), (39, 40)])
def test_cut_in_the_middle(tmp_path, hold_open, kept, more, looked):
    """What remains of a file that was cut in its middle is not read again, and places stay true."""
    log = Log(tmp_path)
    log.write(40)
    size = os.stat(log.path).st_size // 40
    reader = follow(log, hold_open=hold_open)
    os.truncate(log.path, kept * size)
    if looked:
        reader.poll()
    log.write(more)
    reader.settle()
    assert reader.lines == log.written
    assert reader.events == [Truncated(1, kept * size, 40 - kept)]
    assert reader.offsets[1] == kept * size


def test_cut_in_the_middle_twice_and_within_a_line(tmp_path, hold_open):
    """A cut within a line leaves a part of a line that was read: only what is written behind it is new."""
    log = Log(tmp_path)
    log.write(40)
    size = os.stat(log.path).st_size // 40
    reader = follow(log, hold_open=hold_open)
    os.truncate(log.path, 30 * size + 7)
    reader.poll()
    log.write(3)
    reader.poll()
    os.truncate(log.path, 20 * size)
    log.write(3)
    reader.settle()
    assert reader.lines == log.written
    assert reader.events == [Truncated(1, 30 * size + 7, 10), Truncated(2, 20 * size, 13)]


def test_cut_in_the_middle_of_a_large_file(tmp_path):
    """Places stand further apart in a file of many lines; a cut that is seen before more is written is still exact."""
    log = Log(tmp_path)
    for _ in range(10):
        log.write(10_000)
    size = os.stat(log.path).st_size // 100_000
    reader = follow(log)
    while reader.follower.has_more:
        reader.poll()
    os.truncate(log.path, 60_001 * size)
    reader.poll()
    log.write(10)
    reader.settle()
    assert reader.lines == log.written
    assert reader.events == [Truncated(1, 60_001 * size, 39_999)]


def test_a_large_file_cut_in_its_middle_and_written_on_at_once(tmp_path):
    """Where it was cut between two places cannot be seen any more: what is read again are few lines, and is told."""
    log = Log(tmp_path)
    log.write(100_000)
    size = len(log.written[0]) + 1
    reader = follow(log.path)
    reader.poll(3)
    os.truncate(log.path, 60_007 * size)
    log.write(500)
    reader.settle()
    (cut,) = reader.events
    twice = 60_007 - cut.offset // size
    assert 0 < twice <= cut.doubtful < 30
    assert reader.lines == [*log.written[:100_000], *log.written[60_007 - twice : 60_007], *log.written[100_000:]]


def test_emptied_file_that_begins_alike(tmp_path):
    """A header that is written again into an emptied file is a new line."""
    log = Log(tmp_path)
    log.write_raw(b"time,level,message\n")
    log.write(20)
    reader = follow(log)
    log.truncate()
    log.write_raw(b"time,level,message\n")
    log.write(3)
    reader.settle()
    assert reader.lines.count(b"time,level,message") == 2
    assert reader.lines[-3:] == log.written[-3:]


def test_hole_after_truncation(tmp_path):
    """A writer that goes on at its old offset after a cut leaves a hole; it is passed over, and places stay true."""
    path = tmp_path / "x.log"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        os.write(descriptor, b"old line\n" * 50_000)
        reader = follow(str(path))
        os.truncate(path, 0)
        reader.poll()
        os.write(descriptor, b"new line\n")
        reader.poll(2)
    finally:
        os.close(descriptor)
    assert reader.data[1] == b"new line\n"
    assert reader.offsets[1] == 450_000
    assert reader.kinds == ["Truncated"]


def test_hole_after_a_cut_in_the_middle(tmp_path):
    """The same where the file was cut in its middle: what remains is not read again, the hole is passed over."""
    path = tmp_path / "x.log"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        os.write(descriptor, b"".join(b"line %06d\n" % n for n in range(50_000)))
        reader = follow(str(path))
        os.truncate(path, 12 * 10_000)
        reader.poll()
        os.write(descriptor, b"new line\n")
        reader.poll(2)
    finally:
        os.close(descriptor)
    assert reader.data[1] == b"new line\n"
    assert reader.offsets[1] == 600_000
    assert reader.events == [Truncated(1, 120_000, 40_000)]


def test_a_hole_in_the_middle_is_not_read(tmp_path, monkeypatch):
    """A writer that skips gigabytes costs no reading; its zeros are given, and so is what it writes behind them."""
    path = tmp_path / "x.log"
    size = 40_000_000
    with path.open("wb", buffering=0) as file:
        file.write(b"line\n" * 100)
        file.seek(size)
        file.write(b"\nline\n")
        sizes = []
        pread = os.pread
        monkeypatch.setattr("os.pread", lambda *words: sizes.append(len(data := pread(*words))) or data)
        reader = follow(str(path))
        reader.poll(10)
        file.write(b"last\n")
        reader.poll(2)
    assert reader.data[0] == (b"line\n" * 100).ljust(size, b"\0") + b"\nline\nlast\n"
    assert reader.events == []
    assert sum(sizes) < size // 4
