"""Files whose content is not read as it stands, compressed or not: turned into a stream of lines of UTF-8.

Newlines of UTF-16 and UTF-32 are not the byte 10; lines of exports hold many records.
"""

from collections.abc import Callable, Iterator
from typing import Final

from logscope.errors import SourceError
from logscope.model.files import Problem
from logscope.sources.decompress import CompressedInput, Unpacker
from logscope.sources.opening import Compression, explain
from logscope.text.decoding import GLANCE, Transcoder, detect_encoding, is_wide
from logscope.text.unrolling import Roll, Unroller

_CHUNK: Final = 256 * 1024


class Turned:
    """The content of such a file as lines of UTF-8, in pieces."""

    def __init__(self, begin: Callable[[], "Unpacker | _Raw"], encoding: str | None, roll: Roll | None) -> None:
        """Begin at the first byte.

        Args:
            begin: Starts reading the bytes behind it.
            encoding: Of these bytes, where it is a wide one.
            roll: Where the records of a line stand, where it holds many.
        """
        self._begin = begin
        self._encoding, self.roll = encoding, roll
        self._pieces = begin()
        self._coders: list[Transcoder | Unroller] = [] if encoding is None else [Transcoder(encoding)]
        if roll is not None:
            self._coders.append(Unroller(roll))
        self._is_over = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while not self._is_over:
            piece = next(self._pieces, None)
            self._is_over = piece is None
            data = piece or b""
            for coder in self._coders:
                data = coder.feed(data) + (coder.flush() if piece is None else b"")
            if data:
                return data
        raise StopIteration

    def begin_again(self) -> "Turned":
        """The same content from its first byte."""
        return Turned(self._begin, self._encoding, self.roll)

    def fork(self) -> "Turned | None":
        """The same place, read on independently; None where the decompressor below cannot be copied."""
        pieces = self._pieces.fork()
        if pieces is None:
            return None
        twin = Turned(lambda: pieces, self._encoding, self.roll)
        twin._begin = self._begin
        twin._coders = [coder.copy() for coder in self._coders]
        twin._is_over = self._is_over
        return twin


class _Raw:
    """The bytes of a file that is not compressed."""

    def __init__(self, source: CompressedInput, on_problem: Callable[[Problem], None]) -> None:
        self._source = source
        self._on_problem = on_problem

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            data = self._source.read(_CHUNK)
        except OSError as error:
            self._on_problem(Problem("unreadable", f"reading stopped: {explain(error)}"))
            data = b""
        if not data:
            raise StopIteration
        return data

    def fork(self) -> "_Raw":
        """The same place, read on independently."""
        return _Raw(self._source.fork(), self._on_problem)


def begin_turned(
    descriptor: int,
    kind: Compression | None,
    path: str,
    on_problem: Callable[[Problem], None],
    roll: Roll | None = None,
) -> Turned | None:
    """The content of a file that is turned from its first byte on; None for one that is read as it stands.

    Raises:
        SourceError: It cannot be read.
    """
    try:
        head = read_begin(kind, descriptor, path, GLANCE) if kind else CompressedInput(descriptor).read(GLANCE)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    found = detect_encoding(head)
    encoding = found if is_wide(found) else None
    if encoding is None and roll is None:
        return None
    if kind is None:
        return Turned(lambda: _Raw(CompressedInput(descriptor), on_problem), encoding, roll)
    return Turned(lambda: Unpacker(kind, CompressedInput(descriptor), path, on_problem), encoding, roll)


def read_begin(kind: Compression, descriptor: int, path: str, size: int) -> bytes:
    """The first bytes of a compressed file's content; damage is told by the full pass."""
    pieces = []
    length = 0
    for piece in Unpacker(kind, CompressedInput(descriptor), path, lambda _: None):
        pieces.append(piece)
        length += len(piece)
        if length >= size:
            break
    return b"".join(pieces)[:size]
