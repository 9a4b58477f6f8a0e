"""Compressed bytes in, content out, in small pieces: memory stays flat whatever the ratio.

Whatever could be read before the damage is given first. Input goes in by small pieces, because a decompressor that
meets damage throws away what the same call had already produced.
"""

import bz2
import lzma
import os
import sys
import zlib
from collections.abc import Callable
from typing import Final, Protocol

from logscope.errors import SourceError
from logscope.model.files import Problem
from logscope.sources.opening import MAGIC_SIZE, Compression, detect_compression, explain

_CHUNK: Final = 256 * 1024
"""Compressed bytes read at once."""
_SIZES_BY_KIND: Final = {
    Compression.GZ: (32 * 1024, 256 * 1024),
    Compression.BZ2: (1024, 64 * 1024),
    Compression.XZ: (1024, 64 * 1024),
    # A block of 128 KiB may be four bytes, and before Python 3.14 nothing limits the output: 8 MiB then.
    Compression.ZST: (256, 64 * 1024),
}
"""Compressed bytes that one call takes, and content that it makes at most."""
_MOST_MEMORY: Final = 192 * 1024 * 1024
"""For xz's dictionary; `xz -9` needs 65 MiB."""
_LONGEST_WINDOW: Final = 2**27
"""For zstd: what its own tool takes without being told otherwise."""

NO_ZSTD: Final = "is compressed with zstd, which needs an extra: pip install 'logscope[zstd]', or unpack it: unzstd"


class _Decompressor(Protocol):
    """What bz2's and lzma's decompressors look like."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class CompressedInput:
    """The bytes of a compressed file, read on from an offset without the descriptor's own position."""

    def __init__(self, descriptor: int, offset: int = 0) -> None:
        self._descriptor = descriptor
        self._offset = offset

    def read(self, size: int) -> bytes:
        """The next bytes; empty at the end."""
        data = os.pread(self._descriptor, size, self._offset)
        self._offset += len(data)
        return data

    def fork(self) -> "CompressedInput":
        """The same place, read on independently."""
        return CompressedInput(self._descriptor, self._offset)


class Unpacker:
    """The content of a compressed stream, in pieces of at most 8 MiB.

    One that grows ends where its file does so far, and goes on when it is asked again.
    """

    def __init__(
        self, kind: Compression, source: CompressedInput, path: str, on_problem: Callable[[Problem], None],
        *, is_growing: bool = False,
    ) -> None:  # fmt: skip
        """Begin at the first byte of the content.

        Args:
            kind: How it is compressed.
            source: The compressed bytes.
            path: For the error.
            on_problem: Is told of damage and of an early end; the iteration then ends.
            is_growing: What is not there yet may come: no early end is told.

        Raises:
            SourceError: This kind cannot be read here.
        """
        self._kind = kind
        self._source = source
        self._path = path
        self._on_problem = on_problem
        self._decompressor = _make(kind, path)
        self._errors = _list_errors(kind)
        self._stock = b""
        self._is_growing = is_growing
        self._is_between = False
        """A member ended, and no further one has begun."""
        self._is_member_begun = False
        self._is_over = False

    @property
    def is_inside(self) -> bool:
        """What was read so far ends inside a member."""
        return not self._is_over and self._is_member_begun and not self._is_between and not self._decompressor.eof

    def __iter__(self) -> "Unpacker":
        return self

    def __next__(self) -> bytes:
        while not self._is_over:
            piece = self._take_input()
            if piece is None:
                break
            self._is_member_begun = True
            try:
                data = self._decompressor.decompress(piece, _SIZES_BY_KIND[self._kind][1])
            except self._errors as error:
                data = self._decompressor.rescue(piece) if isinstance(self._decompressor, _Zlib) else b""
                self._end("damaged", f"the {self._kind} stream is damaged ({error}); what comes before was read")
            if data:
                return data
        raise StopIteration

    def fork(self) -> "Unpacker | None":
        """The same place, read on independently; None where the decompressor cannot be copied (all but gzip's)."""
        if not isinstance(self._decompressor, _Zlib):
            return None
        twin = Unpacker(self._kind, self._source.fork(), self._path, self._on_problem)
        twin._decompressor = self._decompressor.copy()
        twin._stock = self._stock
        twin._is_growing = self._is_growing
        twin._is_between = self._is_between
        twin._is_member_begun = self._is_member_begun
        twin._is_over = self._is_over
        return twin

    def _take_input(self) -> bytes | None:
        """What the next call of the decompressor gets, empty where it has enough; None at the end."""
        if self._decompressor.eof:
            self._stock = self._decompressor.unused_data + self._stock
            self._decompressor = _make(self._kind, self._path)
            self._is_between = True
        if self._is_between and not self._begin_member():
            return None
        if not self._decompressor.needs_input:
            return b""
        if not self._stock:
            self._stock = self._read_on(_CHUNK)
            if not self._stock:
                if self._is_member_begun and not self._is_growing and not self._is_over:
                    self._end("truncated", f"the {self._kind} stream ends early; what it holds was read")
                return None
        size = _SIZES_BY_KIND[self._kind][0]
        piece, self._stock = self._stock[:size], self._stock[size:]
        return piece

    def _read_on(self, size: int) -> bytes:
        """The next compressed bytes; empty at the end, and where the disk fails."""
        try:
            return self._source.read(size)
        except OSError as error:
            if self._is_growing:
                raise  # The next look tries again.
            self._end("unreadable", f"reading stopped: {explain(error)}")
            return b""

    def _begin_member(self) -> bool:
        self._stock = _next_member(self._stock, self._read_on)
        if not self._stock or (self._is_growing and len(self._stock) < MAGIC_SIZE):
            return False
        if detect_compression(self._stock[:MAGIC_SIZE]) is not self._kind:
            self._end("damaged", f"what follows the {self._kind} stream is not compressed and is not read")
            return False
        self._is_between = False
        return True

    def _end(self, kind: str, detail: str) -> None:
        self._is_over = True
        self._on_problem(Problem(kind, detail))


def _next_member(stock: bytes, read: Callable[[int], bytes]) -> bytes:
    """What follows a member, without the zeros that tapes and block devices add; empty at the end."""
    while True:
        stock = stock.lstrip(b"\0")
        if len(stock) >= MAGIC_SIZE:
            return stock
        more = read(_CHUNK)
        if not more:
            return stock
        stock += more


def _make(kind: Compression, path: str) -> _Decompressor:
    match kind:
        case Compression.GZ:
            return _Zlib()
        case Compression.BZ2:
            return bz2.BZ2Decompressor()
        case Compression.XZ:
            return lzma.LZMADecompressor(memlimit=_MOST_MEMORY)
        case Compression.ZST:
            return _make_zstd(path)


class _Zlib:
    """zlib's decompressor with the face of bz2's and lzma's."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)
        self._before = self._inner
        self._is_full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        # A full output may have more behind it although all input is taken.
        return not self._is_full and not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        # 40 KiB copied for each 32 KiB of input costs 3 %, and nothing is lost before damage.
        self._before = self._inner.copy()
        result = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._is_full = len(result) == max_length
        return result

    def copy(self) -> "_Zlib":
        """The same state."""
        twin = _Zlib()
        twin._inner = self._inner.copy()
        twin._is_full = self._is_full
        return twin

    def rescue(self, data: bytes) -> bytes:
        """What the failed call had produced before it met the damage."""
        inner = self._before
        result = []
        try:
            for byte in inner.unconsumed_tail + data:
                result.append(inner.decompress(bytes((byte,))))
        except zlib.error:
            pass  # The same damage again; it was told.
        return b"".join(result)


class _Zstd:
    """zstandard's decompressor with the face of bz2's and lzma's."""

    needs_input = True

    def __init__(self, path: str) -> None:
        try:
            import zstandard
        except ImportError as error:
            raise SourceError(path, NO_ZSTD) from error
        self._inner = zstandard.ZstdDecompressor(max_window_size=_LONGEST_WINDOW).decompressobj()

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data)

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return bytes(self._inner.decompress(data))


def _make_zstd(path: str) -> _Decompressor:
    if sys.version_info >= (3, 14):
        from compression import zstd

        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 27})
    return _Zstd(path)


def _list_errors(kind: Compression) -> tuple[type[Exception], ...]:
    """What a decompressor raises at damage."""
    usual = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)
    if kind is not Compression.ZST:
        return usual
    if sys.version_info >= (3, 14):
        from compression import zstd

        return (*usual, zstd.ZstdError)
    import zstandard

    return (*usual, zstandard.ZstdError)
