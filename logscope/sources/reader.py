"""Bytes of one part, in bounded blocks: plain files and compressed streams alike. Never maps a file."""

import bz2
import lzma
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from logscope.errors import SourceError
from logscope.model.snapshot import Problem
from logscope.sources.discovery import describe_special, explain

BLOCK: Final = 2 * 1024 * 1024
_MAGIC: Final = ((b"\x1f\x8b", "gz"), (b"BZh", "bz2"), (b"\xfd7zXZ\x00", "xz"), (b"\x28\xb5\x2f\xfd", "zst"))
_COMPRESSED_CHUNK: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Extract:
    """Samples of a part: its begin, middle and end, and how long its content is (on disk where compressed)."""

    head: bytes
    middle: bytes
    tail: bytes
    size: int
    mtime_us: int


def open_regular(path: str) -> int:
    """Open a regular file for reading only; never blocks on a pipe.

    Raises:
        SourceError: It cannot be opened or is no regular file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise SourceError(path, describe_special(mode))
    return descriptor


def compression_of(path: str) -> str | None:
    """`gz`, `bz2`, `xz` or `zst` by the first bytes, whatever the name says; None for anything else.

    Raises:
        SourceError: The file cannot be opened.
    """
    descriptor = open_regular(path)
    try:
        return _kind_of(os.pread(descriptor, 6, 0))
    finally:
        os.close(descriptor)


def read_blocks(
    path: str, on_problem: Callable[[Problem], None], *, start: int = 0, block: int = BLOCK
) -> Iterator[bytes]:
    """The content of a file from an offset on, in blocks of at most `block` bytes.

    Damage ends the stream after what could be read, and is told.

    Args:
        path: The file.
        on_problem: Is told of damage.
        start: Offset in the content; of a compressed file everything before it is read and thrown away.
        block: Largest block.

    Raises:
        SourceError: The file cannot be opened.
    """
    descriptor = open_regular(path)
    try:
        kind = _kind_of(os.pread(descriptor, 6, 0))
        if kind is None:
            yield from _read_plain(descriptor, start, block, path, on_problem)
        else:
            yield from _skip(_read_compressed(descriptor, kind, block, path, on_problem), start)
    finally:
        os.close(descriptor)


def read_extract(path: str, size: int = 65_536) -> Extract:
    """Samples of a file: of a compressed one only the begin.

    Raises:
        SourceError: The file cannot be opened.
    """
    descriptor = open_regular(path)
    try:
        info = os.fstat(descriptor)
        mtime_us = info.st_mtime_ns // 1000
        kind = _kind_of(os.pread(descriptor, 6, 0))
        if kind is not None:
            head = b""
            for piece in _read_compressed(descriptor, kind, size, path, lambda _: None):
                head += piece
                if len(head) >= size:
                    break
            return Extract(head[:size], b"", b"", info.st_size, mtime_us)
        length = info.st_size
        head = os.pread(descriptor, size, 0)
        middle = os.pread(descriptor, size, length // 2) if length > 4 * size else b""
        tail = os.pread(descriptor, size, max(size, length - size)) if length > size else b""
        return Extract(head, middle, tail, length, mtime_us)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    finally:
        os.close(descriptor)


def _kind_of(first: bytes) -> str | None:
    return next((kind for magic, kind in _MAGIC if first.startswith(magic)), None)


def _read_plain(
    descriptor: int, start: int, block: int, path: str, on_problem: Callable[[Problem], None]
) -> Iterator[bytes]:
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


def _skip(blocks: Iterator[bytes], start: int) -> Iterator[bytes]:
    for data in blocks:
        if start >= len(data):
            start -= len(data)
            continue
        yield data[start:] if start else data
        start = 0


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...

    @property
    def needs_input(self) -> bool: ...


class _Zlib:
    """zlib's decompressor with the interface of bz2's and lzma's."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _make_decompressor(kind: str, path: str) -> _Decompressor:
    if kind == "gz":
        return _Zlib()
    if kind == "bz2":
        return bz2.BZ2Decompressor()
    if kind == "xz":
        return lzma.LZMADecompressor(memlimit=256 * 1024 * 1024)
    raise SourceError(path, "zstd needs the extra: pip install 'logscope[zstd]'")


def _read_compressed(
    descriptor: int, kind: str, block: int, path: str, on_problem: Callable[[Problem], None]
) -> Iterator[bytes]:
    """Members one after the other, never more than a block at a time: a bomb stays as small as any file."""
    if kind == "zst":
        yield from _read_zstd(descriptor, block, path, on_problem)
        return
    decompressor = _make_decompressor(kind, path)
    offset = 0
    pending = b""
    started = False
    while True:
        if not pending and (decompressor.eof or decompressor.needs_input):
            pending = os.pread(descriptor, _COMPRESSED_CHUNK, offset)
            offset += len(pending)
            if not pending:
                if started and not decompressor.eof:
                    on_problem(Problem("truncated", f"the {kind} stream ends early; what it holds was read"))
                return
        if decompressor.eof:
            pending = (decompressor.unused_data + pending).lstrip(b"\0")
            if not pending:
                continue
            if _kind_of(pending) != kind and len(pending) >= 6:
                on_problem(Problem("damaged", f"{len(pending)} bytes behind the {kind} stream are not read"))
                return
            decompressor = _make_decompressor(kind, path)
        started = True
        try:
            data = decompressor.decompress(pending, block)
        except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError) as error:
            on_problem(Problem("damaged", f"the {kind} stream is damaged ({error}); what comes before was read"))
            return
        pending = b""
        if data:
            yield data


def _read_zstd(descriptor: int, block: int, path: str, on_problem: Callable[[Problem], None]) -> Iterator[bytes]:
    try:
        import zstandard
    except ImportError as error:
        raise SourceError(path, "zstd needs the extra: pip install 'logscope[zstd]'") from error
    reader = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(
        os.fdopen(os.dup(descriptor), "rb"), read_across_frames=True
    )
    while True:
        try:
            data = reader.read(block)
        except zstandard.ZstdError as error:
            on_problem(Problem("damaged", f"the zst stream is damaged ({error}); what comes before was read"))
            return
        if not data:
            return
        yield data
