"""Lines at any place of a log, with their numbers, and the search for bytes."""

import bz2
import gzip
import os
import random

import pytest

from logscope.errors import SourceError
from logscope.sources import pages
from logscope.sources.content import PackedContent, open_content
from logscope.sources.line_index import LineIndex
from logscope.sources.pages import LONGEST_LINE, PagePart, PageReader
from logscope.sources.search import Place, search

PACK = {"plain": bytes, "gz": gzip.compress, "bz2": bz2.compress}


def make_lines(count, seed=1):
    rng = random.Random(seed)
    return [b"line %06d %s" % (n, rng.randbytes(rng.randrange(60)).hex().encode()) for n in range(count)]


def join(lines):
    return b"".join(line + b"\n" for line in lines)


def make_reader(tmp_path, *contents, pack=bytes):
    paths = []
    for number, content in enumerate(contents):
        path = tmp_path / f"x.log.{len(contents) - number}"
        path.write_bytes(pack(content))
        paths.append(str(path))
    return PageReader([PagePart(path) for path in paths])


def texts(page):
    return [line.data for line in page.lines]


@pytest.fixture(params=PACK)
def pack(request):
    return PACK[request.param]


def test_lines_around_any_byte(tmp_path, pack):
    """Any byte of a line, its newline included, gives the same lines with the same numbers."""
    lines = make_lines(3000)
    content = join(lines)
    reader = make_reader(tmp_path, content, pack=pack)
    rng = random.Random(2)
    for _ in range(40):
        number = rng.randrange(20, 2980)
        start = len(join(lines[:number]))
        offset = start + rng.randrange(len(lines[number]) + 1)
        page = reader.read(0, offset, 5, 7)
        assert texts(page) == lines[number - 5 : number + 7]
        assert [line.line for line in page.lines] == list(range(number - 4, number + 8))
        assert page.lines[5].offset == start
        assert reader.offset_of_line(0, number + 1) == start
    reader.close()


def test_parts_are_one_sequence(tmp_path, pack):
    """Lines go on in the parts before and behind; numbers begin anew in each."""
    lines = make_lines(30)
    reader = make_reader(tmp_path, join(lines[:10]), join(lines[10:20]), join(lines[20:]), pack=pack)
    page = reader.read(1, 0, 15, 25)
    assert texts(page) == lines
    assert [(line.part, line.line) for line in page.lines] == [(n // 10, n % 10 + 1) for n in range(30)]
    reader.close()


def test_lines_longer_than_one_look(tmp_path, monkeypatch):
    """However much is read at once, the same lines come: longer, shorter, empty, without newline."""
    monkeypatch.setattr(pages, "_CHUNK", 12)
    rng = random.Random(3)
    for number in range(60):
        lines = [b"x" * rng.choice((0, 0, 3, 10, 11, 12, 13, 40)) for _ in range(rng.randrange(1, 12))]
        content = join(lines)[: -rng.randrange(2) or None]
        lines = content.removesuffix(b"\n").split(b"\n")
        folder = tmp_path / str(number)
        folder.mkdir()
        reader = make_reader(folder, join([b"first"]), content)
        offset = rng.randrange(len(content)) if content else 0
        at = content[:offset].count(b"\n")
        page = reader.read(1, offset, 20, 20)
        if content:
            assert texts(page) == [b"first", *lines]
            assert [line.length for line in page.lines] == [5, *map(len, lines)]
            assert texts(reader.read(1, offset, 2, 2)) == [b"first", *lines][max(0, at - 1) : at + 3]
        reader.close()


def test_ends(tmp_path):
    """At the begin and the end there are fewer lines; a last line without newline is one."""
    reader = make_reader(tmp_path, b"one\ntwo\nthree")
    assert texts(reader.read(0, 0, 5, 1)) == [b"one"]
    assert texts(reader.read(0, 9, 5, 5)) == [b"one", b"two", b"three"]
    assert texts(reader.read(0, 13, 1, 5)) == [b"two", b"three"]
    empty = make_reader(tmp_path, b"")
    assert (empty.read(0, 0, 5, 5).lines, empty.read(0, 0, 5, 5).gone) == ((), None)
    reader.close()
    empty.close()


def test_long_line(tmp_path):
    """Of a long line the first 64 KiB are kept and the length is told; its neighbours are found."""
    reader = make_reader(tmp_path, b"before\n" + b"x" * 500_000 + b"\nafter\n")
    page = reader.read(0, 300_000, 1, 2)
    assert [(line.data[:6], len(line.data), line.length) for line in page.lines] == [
        (b"before", 6, 6),
        (b"xxxxxx", LONGEST_LINE, 500_000),
        (b"after", 5, 5),
    ]
    reader.close()


def test_growing_file(tmp_path):
    """Lines that are appended are seen at the next look."""
    reader = make_reader(tmp_path, b"one\n")
    assert texts(reader.read(0, 0, 0, 5)) == [b"one"]
    with open(tmp_path / "x.log.1", "ab") as file:
        file.write(b"two\n")
    assert texts(reader.read(0, 0, 0, 5)) == [b"one", b"two"]
    reader.close()


def test_gone(tmp_path):
    """What is deleted before it was opened, or cut, is a value with a reason."""
    reader = make_reader(tmp_path, join(make_lines(100)))
    os.unlink(tmp_path / "x.log.1")
    assert (reader.read(0, 50, 1, 1).lines, reader.read(0, 50, 1, 1).gone) == ((), "no such file")
    assert reader.line_at(0, 50) is None
    reader = make_reader(tmp_path, join(make_lines(100)))
    assert reader.read(0, 2000, 1, 1).gone is None
    os.truncate(tmp_path / "x.log.1", 100)
    assert "cut" in reader.read(0, 2000, 1, 1).gone
    reader.close()


def test_rotated_since(tmp_path):
    """A part that was renamed since it was read is found by its identity; a stranger is not shown."""
    path = tmp_path / "x.log"
    path.write_bytes(b"mine\n")
    info = os.stat(path)
    reader = PageReader([PagePart(str(path), (info.st_dev, info.st_ino))])
    os.rename(path, tmp_path / "x.log.1")
    path.write_bytes(b"not mine\n")
    assert texts(reader.read(0, 0, 0, 5)) == [b"mine"]
    reader.close()
    os.unlink(tmp_path / "x.log.1")
    assert reader.read(0, 0, 0, 5).gone == "was rotated away or deleted"


def test_far_lines_are_not_counted(tmp_path):
    """A line too far from a known place has no number until it is counted, or a near one is told."""
    lines = make_lines(40_000)
    reader = make_reader(tmp_path, join(lines))
    offset = len(join(lines[:30_000]))
    assert reader.line_at(0, offset, most=1_000_000) is None
    assert reader.offset_of_line(0, 30_001, most=1_000_000) is None
    reader.add_anchor(0, len(join(lines[:29_990])), 29_991)
    assert reader.line_at(0, offset, most=1_000_000) == 30_001
    assert reader.offset_of_line(0, 30_001, most=1_000_000) == offset
    while reader.advance(0):
        pass
    assert reader.line_at(0, offset, most=2_000_000) == 30_001
    assert reader.offset_of_line(0, 40_002) is None
    reader.close()


@pytest.mark.parametrize("name", ["gz", "bz2"])
def test_packed_windows(tmp_path, name, monkeypatch):
    """Any order of reads of a compressed file gives its bytes, with few windows and checkpoints kept."""
    monkeypatch.setattr("logscope.sources.content.WINDOW", 4096)
    monkeypatch.setattr("logscope.sources.content._CHECKPOINT_EVERY", 16_384)
    monkeypatch.setattr("logscope.sources.content._MOST_WINDOWS", 3)
    monkeypatch.setattr("logscope.sources.content._MOST_CHECKPOINTS", 4)
    data = join(make_lines(6000))
    path = tmp_path / "x"
    half = len(data) // 2
    path.write_bytes(PACK[name](data[:half]) + PACK[name](data[half:]))
    content = open_content(str(path))
    assert isinstance(content, PackedContent)
    rng = random.Random(3)
    for _ in range(40):
        offset, size = rng.randrange(len(data)), rng.randrange(20_000)
        assert content.read(offset, size) == data[offset : offset + size]
        assert len(content._windows) <= 3
        assert len(content._checkpoints) <= 4
    assert content.read(len(data), 10) == b""
    assert content.size == len(data)
    content.close()


def test_a_part_that_was_rotated_is_found_or_told(tmp_path):
    """Behind the path lies another file: the part that was meant is opened, or it is told that it is gone."""
    path, moved = tmp_path / "app.log", tmp_path / "app.log.1"
    path.write_bytes(b"old\n")
    info = path.stat()
    path.rename(moved)
    path.write_bytes(b"new\n")
    content = open_content(str(path), (info.st_dev, info.st_ino))
    assert content.read(0, 10) == b"old\n"
    content.close()
    moved.rename(tmp_path / "other")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(SourceError, match="was rotated away or deleted"):
        open_content(str(path), (info.st_dev, info.st_ino))
    assert len(os.listdir("/proc/self/fd")) == before


def test_index_of_random_content(tmp_path):
    """Numbers and offsets agree with a plain count, empty lines included."""
    rng = random.Random(5)
    data = bytes(rng.choices(b"ab\n", k=5000))
    (tmp_path / "x").write_bytes(data)
    content = open_content(str(tmp_path / "x"))
    index = LineIndex(content)
    for offset in range(0, 5000, 37):
        assert index.line_at(offset) == data.count(b"\n", 0, offset) + 1
    starts = [0, *(n + 1 for n, byte in enumerate(data) if byte == 10)]
    for number in range(1, len(starts), 13):
        assert index.offset_of_line(number) == starts[number - 1]
    content.close()


def find(reader, pattern, start, **options):
    steps = list(search(reader, pattern, start, lambda: False, **options))
    return steps[-1].found if steps else None


def test_search(tmp_path, pack, monkeypatch):
    """Both directions, over slices and parts, find what a plain search finds."""
    monkeypatch.setattr("logscope.sources.search._SLICE", 1000)
    contents = [join(make_lines(200, seed)).replace(b"000150", b"needle") for seed in (1, 2)]
    reader = make_reader(tmp_path, *contents, pack=pack)
    one, two = (content.index(b"needle") for content in contents)
    assert find(reader, b"needle", Place(0, 0)) == Place(0, one)
    assert find(reader, b"needle", Place(0, one)) == Place(0, one)
    assert find(reader, b"needle", Place(0, one + 1)) == Place(1, two)
    assert find(reader, b"needle", Place(1, two + 1)) is None
    assert find(reader, b"needle", Place(1, two), backward=True) == Place(0, one)
    assert find(reader, b"needle", Place(1, len(contents[1])), backward=True) == Place(1, two)
    assert find(reader, b"needle", Place(0, one), backward=True) is None
    assert find(reader, b"NEEDLE", Place(0, 0)) is None
    assert find(reader, b"NEEDLE", Place(0, 0), ignore_case=True) == Place(0, one)
    reader.close()


@pytest.mark.parametrize("shift", range(12))
def test_search_across_slices(tmp_path, shift, monkeypatch):
    """A match that lies across the border of two slices is found, once, in both directions."""
    monkeypatch.setattr("logscope.sources.search._SLICE", 100)
    at = 92 + shift
    reader = make_reader(tmp_path, b"." * at + b"needle" + b"." * 100)
    assert find(reader, b"needle", Place(0, 0)) == Place(0, at)
    assert find(reader, b"needle", Place(0, 206), backward=True) == Place(0, at)
    reader.close()


def test_search_stops(tmp_path):
    """A search that is stopped ends without a match."""
    reader = make_reader(tmp_path, join(make_lines(10)))
    assert list(search(reader, b"line", Place(0, 0), lambda: True)) == []
    reader.close()
