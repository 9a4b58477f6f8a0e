"""Compressed files that are still being written: each byte of the content once, as soon as it is whole."""

import bz2
import errno
import gzip
import lzma
import os
import random
import zlib

import pytest

from logscope.sources.content import WINDOW, open_content
from logscope.sources.events import Data, Ended, Flawed, Gone, Rotated, Truncated
from logscope.sources.follow import KEPT_S
from logscope.sources.growing import GrowingFile
from tests.reliability.corpus import PACKERS

LINES = [b"2026-03-02T14:02:03Z ERROR [cart] order %d failed after %d ms\n" % (n, n * 7919 % 1000) for n in range(400)]


class Growing:
    """A file that is appended to, and what follows it."""

    def __init__(self, folder):
        self.path = folder / "a.log.gz"
        self.now = 0.0
        self.path.touch()
        self.follower = GrowingFile(str(self.path), lambda: self.now)
        self.events = []

    def append(self, data):
        with self.path.open("ab") as file:
            file.write(data)

    def look(self):
        """The content that one look gave."""
        events = self.follower.poll()
        while self.follower.has_more:
            events += self.follower.poll()
        self.events += [event for event in events if not isinstance(event, Data)]
        return b"".join(event.data for event in events if isinstance(event, Data))


@pytest.fixture
def growing(tmp_path):
    one = Growing(tmp_path)
    yield one
    one.follower.close()


def test_what_is_flushed_is_read_at_once(growing):
    """A logger that compresses and flushes after each line is followed line by line."""
    packer = zlib.compressobj(wbits=31)
    for line in LINES:
        growing.append(packer.compress(line) + packer.flush(zlib.Z_SYNC_FLUSH))
        assert growing.look() == line
    growing.append(packer.flush())
    assert (growing.look(), growing.events) == (b"", [])


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_members_come_in_any_pieces(growing, pack):
    """However the bytes of several members arrive, the content is given once, whole, in order, without damage."""
    members = [b"".join(LINES[at : at + 50]) for at in range(0, 400, 50)]
    packed = b"".join(map(pack, members))
    chance = random.Random(1)
    at, content = 0, b""
    while at < len(packed):
        size = chance.choice((1, 2, 7, 400, 3000))
        growing.append(packed[at : at + size])
        at += size
        content += growing.look()
        assert b"".join(members).startswith(content)
    assert (content, growing.events) == (b"".join(members), [])


def test_a_member_is_read_when_it_is_whole(growing):
    """What stands in a block that is not finished comes later, once."""
    for pack in (bz2.compress, lzma.compress, gzip.compress):
        growing.path.unlink()
        growing.path.touch()
        growing.look()
        first, second = pack(LINES[0]), pack(LINES[1])
        growing.append(first + second[:5])
        assert growing.look() == LINES[0]
        growing.append(second[5:])
        assert growing.look() == LINES[1]


def test_a_file_that_ends_in_its_middle_is_told_once(growing):
    """A compressor may be slow; one that is silent for seconds was killed, and its file is told to be cut short."""
    packed = gzip.compress(b"".join(LINES))
    growing.append(packed[:-20])
    growing.look()
    assert growing.events == []
    growing.now = KEPT_S
    for _ in range(3):
        growing.look()
    (flawed,) = growing.events
    assert isinstance(flawed, Flawed)
    assert flawed.problem.kind == "truncated"


def test_damage_is_told(growing):
    """What comes before the damage is read."""
    growing.append(gzip.compress(b"".join(LINES)) + b"no member at all")
    assert growing.look() == b"".join(LINES)
    assert [event.problem.kind for event in growing.events] == ["damaged"]


def test_another_file_and_a_cut_one_are_read_from_their_begin(growing):
    """The rest of the old file comes before the new one; a file that was cut is read again, also where it is longer."""
    first, second, third = (gzip.compress(b"".join(LINES[at : at + 100])) for at in (0, 100, 200))
    growing.append(first[:40])
    growing.look()
    with growing.path.open("ab") as late:
        os.rename(growing.path, str(growing.path) + ".1")
        assert growing.look() == b""
        growing.path.write_bytes(second)
        late.write(first[40:])
    assert growing.look() == b"".join(LINES[:200])
    growing.path.write_bytes(third + third)
    assert growing.look() == b"".join(LINES[200:300] * 2)
    assert growing.events == [Gone(), Ended(0), Rotated(1, str(growing.path)), Truncated(2)]


def test_random_access_sees_what_has_grown(tmp_path):
    """Who shows lines of a compressed file finds those that were written after its end was seen."""
    path = tmp_path / "a.log.gz"
    text = b"".join(LINES)
    many = text * (WINDOW // len(text) + 1)
    path.write_bytes(gzip.compress(many))
    content = open_content(str(path))
    assert (content.read(0, 2 * len(many)), content.size) == (many, len(many))
    with path.open("ab") as file:
        file.write(gzip.compress(text))
    assert content.read(len(many), 2 * len(text)) == text
    assert content.size == len(many) + len(text)
    content.close()


def test_a_disk_that_fails_for_a_while(growing, monkeypatch):
    """What cannot be read is told and tried again although the file did not grow; each byte comes once."""
    data = gzip.compress(b"".join(LINES))
    growing.append(data[:2000])
    first = growing.look()
    growing.append(data[2000:])
    with monkeypatch.context() as patch:
        patch.setattr("logscope.sources.decompress.os.pread", fail_reading)
        assert growing.look() == b""
        assert growing.follower.trouble == "input/output error"
    assert first + growing.look() == b"".join(LINES)
    assert not growing.follower.trouble


def test_a_file_that_is_not_compressed_any_more_is_told(growing):
    """Plain text in the place of a compressed file is told for as long as it is there."""
    growing.append(gzip.compress(LINES[0]))
    growing.look()
    growing.path.unlink()
    growing.path.write_bytes(LINES[1])
    for _ in range(3):
        growing.now += KEPT_S
        growing.look()
    assert growing.follower.trouble == "is not compressed any more; name it anew"
    growing.path.unlink()
    growing.append(gzip.compress(LINES[2]))
    assert growing.look() == LINES[2]
    assert not growing.follower.trouble


def fail_reading(*_):
    raise OSError(errno.EIO, "Input/output error")
