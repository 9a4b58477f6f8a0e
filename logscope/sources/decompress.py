"""Compressed bytes in, content out, in small pieces: memory stays flat whatever the ratio.

Whatever could be read before the damage is given first. Input goes in by small pieces, because a decompressor that
meets damage throws away what the same call had already produced.
"""

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from logscope.errors import SourceError
from logscope.model.snapshot import Problem
from logscope.sources.opening import MAGIC_SIZE, Compression, detect_compression

_CHUNK: Final = 256 * 1024
"""Compressed bytes read at once."""
_SIZES_BY_KIND: Final = {
    Compression.GZ: (32 * 1024, 256 * 1024),
    Compression.BZ2: (1024, 64 * 1024),
    Compression.XZ: (1024, 64 * 1024),
    # A block of 128 KiB may be four bytes, and the decompressor has no limit for its output: 8 MiB then.
    Compression.ZST: (256, 0),
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


class _DamageError(Exception):
    """The stream cannot be read on."""


def decompress(
    kind: Compression, read: Callable[[int], bytes], path: str, on_problem: Callable[[Problem], None]
) -> Iterator[bytes]:
    """The content of a compressed stream, in pieces of at most 8 MiB.

    Args:
        kind: How it is compressed.
        read: Gives the next bytes, at most as many as asked for; empty at the end.
        path: For the error.
        on_problem: Is told of damage and of an early end; the iteration then ends.

    Raises:
        SourceError: This kind cannot be read here.
    """
    decompressor = _make(kind, path)
    input_size, output_size = _SIZES_BY_KIND[kind]
    stock = b""
    is_member_begun = False
    while True:
        if decompressor.eof:
            stock = _next_member(decompressor.unused_data + stock, read)
            if not stock:
                return
            if detect_compression(stock[:MAGIC_SIZE]) is not kind:
                on_problem(Problem("damaged", f"what follows the {kind} stream is not compressed and is not read"))
                return
            decompressor = _make(kind, path)
        if not stock and decompressor.needs_input:
            stock = read(_CHUNK)
            if not stock:
                if is_member_begun:
                    on_problem(Problem("truncated", f"the {kind} stream ends early; what it holds was read"))
                return
        piece = b""
        if decompressor.needs_input:
            piece, stock = stock[:input_size], stock[input_size:]
        is_member_begun = True
        try:
            data = decompressor.decompress(piece, output_size)
        except _ERRORS as error:
            if isinstance(decompressor, _Zlib):
                yield decompressor.rescue(piece)
            on_problem(Problem("damaged", f"the {kind} stream is damaged ({error}); what comes before was read"))
            return
        if data:
            yield data


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
        self._error: type[Exception] = zstandard.ZstdError

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data)

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        try:
            return bytes(self._inner.decompress(data))
        except self._error as error:
            raise _DamageError(str(error)) from error


def _make_zstd(path: str) -> _Decompressor:
    if sys.version_info >= (3, 14):
        from compression import zstd

        return _Checked(zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 27}), zstd.ZstdError)
    return _Zstd(path)


class _Checked:
    """A decompressor of the standard library whose own error is not in `_ERRORS`."""

    def __init__(self, inner: _Decompressor, error: type[Exception]) -> None:
        self._inner = inner
        self._error = error

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return self._inner.needs_input

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        try:
            return self._inner.decompress(data, max_length)
        except self._error as error:
            raise _DamageError(str(error)) from error


_ERRORS: Final = (_DamageError, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)
