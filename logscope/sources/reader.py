"""Bytes of one part, in bounded blocks: plain files and compressed streams alike. Never maps a file."""

import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Final

from logscope.errors import SourceError
from logscope.model.files import Problem
from logscope.sources.decompress import CompressedInput, Unpacker
from logscope.sources.holes import find_hole_end, is_empty
from logscope.sources.opening import MAGIC_SIZE, Compression, detect_compression, explain, open_regular
from logscope.sources.wide import begin_turned, read_begin
from logscope.text.unrolling import Roll

BLOCK: Final = 2 * 1024 * 1024
_DEEP: Final = 1024 * 1024
"""Content of a compressed file that is read for its samples: about 10 ms."""


@dataclass(frozen=True, slots=True)
class Extract:
    """Samples of a part: its begin, middle and end, and how long its content is (on disk where compressed)."""

    head: bytes
    middle: bytes
    """May begin and end inside a line; empty for small files. Of a compressed file at most 1 MiB in."""
    tail: bytes
    """May begin inside a line; empty for small and for compressed files."""
    size: int
    mtime_us: int


def read_blocks(
    path: str,
    on_problem: Callable[[Problem], None],
    *,
    start: int = 0,
    block: int = BLOCK,
    roll: Roll | None = None,
) -> Generator[bytes, None, None]:
    """The content of a file from an offset on, in blocks of at most `block` bytes; of UTF-16 and UTF-32 as UTF-8.

    Damage ends the stream after what could be read, and is told. The file is read to the end that it has by then.

    Args:
        path: The file.
        on_problem: Is told of damage.
        start: Offset in the content; of a compressed or turned file everything before it is read and thrown away.
        block: Largest block.
        roll: Where the records of its lines stand, where each of them becomes a line.

    Raises:
        SourceError: The file cannot be opened, or its compression cannot be read.
    """
    descriptor = open_regular(path)
    try:
        kind = _detect(descriptor, path)
        turned = begin_turned(descriptor, kind, path, on_problem, roll)
        if turned is not None:
            yield from _gather(_skip(turned, start), block)
        elif kind is None:
            yield from _read_plain(descriptor, start, block, on_problem)
        else:
            pieces = Unpacker(kind, CompressedInput(descriptor), path, on_problem)
            yield from _gather(_skip(pieces, start), block)
    finally:
        os.close(descriptor)


def read_extract(path: str, size: int = 65_536) -> Extract:
    """Samples of a file, in its own encoding; of a compressed one from its first MiB only.

    Raises:
        SourceError: The file cannot be opened, or its compression cannot be read.
    """
    descriptor = open_regular(path)
    try:
        info = os.fstat(descriptor)
        mtime_us = info.st_mtime_ns // 1000
        kind = _detect(descriptor, path)
        if kind is not None:
            begin = read_begin(kind, descriptor, path, _DEEP + size)
            middle = begin[-size:] if len(begin) >= 4 * size else b""
            return Extract(begin[:size], middle, b"", info.st_size, mtime_us)
        length = info.st_size
        head = os.pread(descriptor, size, 0)
        middle = os.pread(descriptor, size, length // 2) if length > 4 * size else b""
        tail = os.pread(descriptor, size, max(size, length - size)) if length > size else b""
        return Extract(head, middle, tail, length, mtime_us)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    finally:
        os.close(descriptor)


def read_pieces(path: str, size: int, most: int) -> Iterator[tuple[int, bytes]]:
    """Pieces of a file that is not compressed, evenly spread, with their offsets; all of a small one.

    They may begin and end inside a line.

    Args:
        path: Of the file.
        size: Bytes of a piece.
        most: Bytes of all.

    Raises:
        SourceError: The file cannot be read.
    """
    descriptor = open_regular(path)
    try:
        length = os.fstat(descriptor).st_size
        if _detect(descriptor, path) is not None:
            return
        step = size if length <= most else length // (most // size)
        for offset in range(0, length, step):
            yield offset, os.pread(descriptor, size, offset)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    finally:
        os.close(descriptor)


def _detect(descriptor: int, path: str) -> Compression | None:
    try:
        return detect_compression(os.pread(descriptor, MAGIC_SIZE, 0))
    except OSError as error:
        raise SourceError(path, explain(error)) from error


def _read_plain(descriptor: int, start: int, block: int, on_problem: Callable[[Problem], None]) -> Iterator[bytes]:
    offset = start
    while True:
        try:
            data = os.pread(descriptor, block, offset)
        except OSError as error:
            on_problem(Problem("unreadable", f"reading stopped at byte {offset}: {explain(error)}"))
            return
        if not data:
            return
        offset += len(data)
        yield data
        if not is_empty(data):
            continue
        end = find_hole_end(descriptor, offset)
        if end - offset >= len(data):
            on_problem(
                Problem("hole", f"nothing was written from byte {offset - len(data)} to {end}: it is passed over")
            )
        while end - offset >= len(data):
            offset += len(data)
            yield data


def _skip(pieces: Iterator[bytes], start: int) -> Iterator[bytes]:
    for data in pieces:
        if start >= len(data):
            start -= len(data)
            continue
        yield data[start:] if start else data
        start = 0


def _gather(pieces: Iterator[bytes], block: int) -> Iterator[bytes]:
    """Pieces of any size as blocks of exactly `block` bytes, the last one smaller."""
    kept: list[bytes] = []
    length = 0
    for piece in pieces:
        kept.append(piece)
        length += len(piece)
        if length < block:
            continue
        data = b"".join(kept)
        for at in range(0, length - block + 1, block):
            yield data[at : at + block]
        rest = data[length - length % block :]
        kept, length = [rest], len(rest)
    if length:
        yield b"".join(kept)
