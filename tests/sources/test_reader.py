"""Reading parts: plain and compressed, whole and damaged, in bounded memory."""

import bz2
import errno
import gzip
import lzma
import os
import random
import tracemalloc
from functools import cache

import pytest
import zstandard

from logscope.errors import SourceError
from logscope.sources.reader import read_blocks, read_extract

COMPRESS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lambda data: lzma.compress(data, preset=0),
    "zst": zstandard.compress,
}
KINDS = list(COMPRESS)
MIB = 1024 * 1024


@cache
def make_lines(count, seed=1):
    rng = random.Random(seed)
    return b"".join(
        b"2026-11-24 10:00:%02d INFO request %016x done\n" % (i % 60, rng.getrandbits(64)) for i in range(count)
    )


@cache
def pack_lines(kind):
    """Two megabytes of lines, compressed."""
    return COMPRESS[kind](make_lines(40_000))


def write(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return str(path)


def read(path, **options):
    problems = []
    blocks = list(read_blocks(path, problems.append, **options))
    return b"".join(blocks), [problem.kind for problem in problems], blocks


def test_plain_blocks(tmp_path):
    """A plain file comes whole, in blocks no larger than asked for, from any offset."""
    data = make_lines(1000)
    path = write(tmp_path, "x.log", data)
    content, problems, blocks = read(path, block=1000)
    assert (content, problems) == (data, [])
    assert max(map(len, blocks)) == 1000
    assert read(path, start=777)[0] == data[777:]
    assert read(path, start=len(data) + 5)[0] == b""


def count_reads(monkeypatch):
    """Sizes of what is read from now on."""
    sizes = []
    pread = os.pread

    def count(descriptor, size, offset):
        sizes.append(len(pread(descriptor, size, offset)))
        return pread(descriptor, size, offset)

    monkeypatch.setattr("os.pread", count)
    return sizes


@pytest.mark.parametrize("behind", [b"", b"\n", b"line\n" * 10])
def test_a_hole_is_not_read(tmp_path, monkeypatch, behind):
    """What nobody wrote comes as zeros, byte for byte, is told, and is not asked of the disk."""
    path = tmp_path / "x.log"
    with path.open("wb") as file:
        file.write(b"line\n" * 100)
        file.truncate(50 * MIB)
        file.seek(0, os.SEEK_END)
        file.write(behind)
    sizes = count_reads(monkeypatch)
    content, problems, blocks = read(str(path), block=MIB)
    assert content == (b"line\n" * 100).ljust(50 * MIB, b"\0") + behind
    assert (problems, max(map(len, blocks))) == (["hole"], MIB)
    assert sum(sizes) < 5 * MIB


def test_written_zeros_are_read(tmp_path):
    """Zeros that somebody wrote are content like any other, and nothing to tell of."""
    data = b"line\n" + bytes(5 * MIB) + b"\nline\n"
    assert read(write(tmp_path, "x.log", data), block=MIB)[:2] == (data, [])


@pytest.mark.parametrize("kind", KINDS)
def test_compressed(tmp_path, kind):
    """A compressed file is known by its first bytes, whatever its name, and reads like its content."""
    data = make_lines(3000)
    path = write(tmp_path, "misnamed.log", COMPRESS[kind](data))
    content, problems, blocks = read(path, block=10_000)
    assert (content, problems) == (data, [])
    assert {len(block) for block in blocks[:-1]} == {10_000}
    assert read(path, start=12_345)[0] == data[12_345:]


@pytest.mark.parametrize("kind", KINDS)
def test_members(tmp_path, kind):
    """Concatenated members are one content; zeros between and behind them are padding."""
    one, two = make_lines(500, 1), make_lines(500, 2)
    compress = COMPRESS[kind]
    padding = b"" if kind == "zst" else b"\0" * 512
    path = write(tmp_path, "x.log.gz", compress(one) + padding + compress(two) + compress(b"") + padding)
    assert read(path)[:2] == (one + two, [])


@pytest.mark.parametrize("kind", KINDS)
def test_cut_tail(tmp_path, kind):
    """A stream that ends early gives what it holds, and says that it ends early."""
    data = make_lines(40_000)
    content, problems, _ = read(write(tmp_path, "x", pack_lines(kind)[:-50]))
    assert problems == ["truncated"]
    assert data.startswith(content)
    # bz2 gives nothing of an unfinished block of 900 kB.
    assert len(content) > len(data) - 1_000_000


@pytest.mark.parametrize("kind", KINDS)
def test_damage(tmp_path, kind):
    """Bytes that are damaged in the middle end the stream after what was good, and are told."""
    data = make_lines(40_000)
    whole = bytearray(pack_lines(kind))
    at = len(whole) * 3 // 4
    whole[at : at + 64] = b"\xaa" * 64
    content, problems, _ = read(write(tmp_path, "x", whole))
    assert problems == ["damaged"]
    good = len(data) // 3
    assert content[:good] == data[:good]


def test_wrong_checksum_loses_nothing(tmp_path):
    """A gzip file whose checksum is wrong gives all its content."""
    data = make_lines(2000)
    whole = bytearray(gzip.compress(data))
    whole[-6] ^= 0xFF
    assert read(write(tmp_path, "x", whole))[:2] == (data, ["damaged"])


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_behind(tmp_path, kind):
    """What follows the stream and is no stream is told, not read."""
    data = make_lines(100)
    assert read(write(tmp_path, "x", COMPRESS[kind](data) + b"not compressed"))[:2] == (data, ["damaged"])


@pytest.mark.parametrize("kind", KINDS)
def test_only_magic(tmp_path, kind):
    """A file of nothing but the first bytes of a stream ends early."""
    assert read(write(tmp_path, "x", COMPRESS[kind](b"abc")[:6]))[:2] == (b"", ["truncated"])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_bomb(tmp_path, kind):
    """48 MiB of zeros from a few KiB are read in a bounded part of that memory."""
    size = 48 * MIB
    path = write(tmp_path, "x", COMPRESS[kind](bytes(size)))
    tracemalloc.start()
    try:
        read_bytes = sum(len(block) for block in read_blocks(path, lambda _: None))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert read_bytes == size
    assert peak < 36 * MIB


def test_a_zstd_window_is_bounded(tmp_path):
    """A header of nine bytes that asks for 256 MiB is refused and told; 128 MiB is what zstd's own tool takes, too."""
    told = []
    for exponent in (17, 18):
        # One raw block of five bytes behind the size of the window.
        frame = b"\x28\xb5\x2f\xfd\x00" + bytes([exponent << 3]) + b"\x29\x00\x00paid\n"
        told.append(read(write(tmp_path, "x", frame))[:2])
    assert told == [(b"paid\n", []), (b"", ["damaged"])]


def test_bomb_is_sampled_by_its_begin(tmp_path):
    """Samples of a bomb cost a bounded read."""
    extract = read_extract(write(tmp_path, "x", gzip.compress(bytes(8 * MIB))))
    assert (len(extract.head), len(extract.middle), extract.tail) == (65_536, 65_536, b"")


def test_extract(tmp_path):
    """Samples are the begin, the middle and the end; a small file has only a begin."""
    data = make_lines(20_000)
    extract = read_extract(write(tmp_path, "x", data), 1000)
    assert (extract.head, extract.tail, extract.size) == (data[:1000], data[-1000:], len(data))
    assert extract.middle == data[len(data) // 2 :][:1000]
    small = read_extract(write(tmp_path, "y", data[:900]), 1000)
    assert (small.head, small.middle, small.tail) == (data[:900], b"", b"")
    between = read_extract(write(tmp_path, "z", data[:1500]), 1000)
    assert (between.head, between.tail) == (data[:1000], data[1000:1500])


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "no such file"),
        (os.mkfifo, "is a pipe"),
        (os.mkdir, "is a directory"),
        (lambda path: os.symlink(path, path), "too many levels of symbolic links"),
    ],
)
def test_refused(tmp_path, make, reason):
    """What is no regular file is refused with a sentence, and never blocks."""
    path = str(tmp_path / "x")
    make(path)
    with pytest.raises(SourceError, match=reason):
        list(read_blocks(path, lambda _: None))


def test_nul_in_path():
    """A path that no file can have is an error with a sentence."""
    with pytest.raises(SourceError, match="NUL byte"):
        list(read_blocks("a\0b", lambda _: None))


def test_file_cut_while_read(tmp_path):
    """A file that is cut while it is read ends there: no signal, no exception."""
    path = write(tmp_path, "x", make_lines(1000))
    blocks = read_blocks(path, lambda _: None, block=100)
    assert len(next(blocks)) == 100
    os.truncate(path, 50)
    assert list(blocks) == []


@pytest.mark.parametrize("kind", KINDS)
def test_any_bytes(tmp_path, kind):
    """Whatever bytes follow the first ones of a stream, reading ends without an exception and gives no wrong begin."""
    rng = random.Random(7)
    data = make_lines(400)
    whole = COMPRESS[kind](data)
    for number in range(60):
        broken = bytearray(whole)
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(6, len(broken))
            if rng.random() < 0.3:
                del broken[at:]
                broken += rng.randbytes(rng.randrange(200))
            else:
                broken[at : at + rng.randrange(1, 20)] = rng.randbytes(rng.randrange(20))
        content, problems, _ = read(write(tmp_path, f"x{number}", broken))
        assert content == data or problems
    content, problems, _ = read(write(tmp_path, "y", whole[:6] + rng.randbytes(5000)))
    assert problems


@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_fails_in_a_compressed_file(tmp_path, monkeypatch, kind):
    """What was unpacked until then is given, and that reading stopped is told."""
    data = make_lines(40_000)
    path = write(tmp_path, "x.log", pack_lines(kind))
    real = os.pread

    def fail(descriptor, size, offset):
        if offset:
            raise OSError(errno.EIO, "Input/output error")
        return real(descriptor, size, offset)

    monkeypatch.setattr("logscope.sources.decompress.os.pread", fail)
    content, problems, _ = read(path)
    assert (problems, data.startswith(content), len(content) > 0) == (["unreadable"], True, True)
