"""Random access to the content of one part, compressed or not, for whoever shows lines of it. Never maps a file.

A compressed part, or one in a wide encoding, is read forward; decompressors are kept every few MiB where they can be
copied, and the last windows are kept everywhere. What is kept is bounded whatever the size of the file.
"""

import os
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from logscope.errors import SourceError
from logscope.model.files import Problem
from logscope.sources.decompress import CompressedInput, Unpacker
from logscope.sources.naming import log_key
from logscope.sources.opening import MAGIC_SIZE, detect_compression, explain, open_regular
from logscope.sources.tape import Tape
from logscope.sources.wide import Turned, begin_turned
from logscope.text.unrolling import Roll

WINDOW: Final = 256 * 1024
_MOST_WINDOWS: Final = 64
"""16 MiB of content."""
_MOST_CHECKPOINTS: Final = 128
"""At about 300 KiB each, mostly compressed bytes in stock."""
_CHECKPOINT_EVERY: Final = 4 * 1024 * 1024


class PlainContent:
    """A file that is not compressed. The handle is kept: renaming or deleting it takes nothing away."""

    is_packed = False
    is_rolled = False

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @property
    def size(self) -> int:
        """Bytes that there are now."""
        return os.fstat(self._descriptor).st_size

    def read(self, offset: int, size: int) -> bytes:
        """Bytes at an offset; fewer at the end, none where they are gone."""
        try:
            return os.pread(self._descriptor, size, offset)
        except OSError:
            return b""

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


Pieces = Unpacker | Turned


class PackedContent:
    """A compressed or turned file as if it were neither."""

    is_packed = True

    def __init__(self, descriptor: int, begin: Callable[[], Pieces], *, is_rolled: bool = False) -> None:
        """Take over a descriptor.

        Args:
            descriptor: Of the file.
            begin: Starts reading its content at the first byte.
            is_rolled: One line of the file may be several rows of it (`text.unrolling`).
        """
        self._descriptor = descriptor
        self._begin = begin
        self.is_rolled = is_rolled
        self._windows: OrderedDict[int, bytes] = OrderedDict()
        self._checkpoints: dict[int, tuple[Pieces, bytes]] = {}
        self._spacing = _CHECKPOINT_EVERY
        self._cursor = self._begin()
        self._pending = b""
        self._position = 0
        self._size: int | None = None
        self._length = 0
        """Of the file when the end of its content was reached."""

    @property
    def size(self) -> int | None:
        """Bytes of the content; None until its end was reached, and when the file has grown since."""
        self._notice_growth()
        return self._size

    def read(self, offset: int, size: int) -> bytes:
        """Bytes at an offset; fewer at the end."""
        pieces = []
        position = offset
        while position < offset + size:
            window = self._window(position // WINDOW)
            piece = window[position % WINDOW :][: offset + size - position]
            if not piece:
                break
            pieces.append(piece)
            position += len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _notice_growth(self) -> None:
        """A compressor that was not done has written more: the end is somewhere else."""
        if self._size is None or os.fstat(self._descriptor).st_size == self._length:
            return
        self._windows.pop(self._size // WINDOW, None)
        self._size = None
        self._cursor, self._pending, self._position = self._begin(), b"", 0

    def _window(self, number: int) -> bytes:
        self._notice_growth()
        if number in self._windows:
            self._windows.move_to_end(number)
            return self._windows[number]
        start = number * WINDOW
        if self._size is not None and start >= self._size:
            return b""
        self._go_before(start)
        while self._position <= start:
            at = self._position
            data = self._next_window()
            self._windows[at // WINDOW] = data
            self._windows.move_to_end(at // WINDOW)
            if len(self._windows) > _MOST_WINDOWS:
                self._windows.popitem(last=False)
            if len(data) < WINDOW:
                break
        return self._windows.get(number, b"")

    def _go_before(self, start: int) -> None:
        """Put the cursor at the nearest place that is not behind `start`."""
        near = max((place for place in self._checkpoints if place <= start), default=0)
        if self._position <= start and near <= self._position:
            return
        if near in self._checkpoints:
            unpacker, pending = self._checkpoints[near]
            twin = unpacker.fork()
            assert twin is not None, "only what can be copied is kept"
            self._cursor, self._pending, self._position = twin, pending, near
        else:
            self._cursor, self._pending, self._position = self._begin(), b"", 0

    def _next_window(self) -> bytes:
        """The next `WINDOW` bytes, fewer at the end."""
        on_disk = os.fstat(self._descriptor).st_size
        pieces = [self._pending]
        length = len(self._pending)
        while length < WINDOW:
            piece = next(self._cursor, b"")
            if not piece:
                break
            pieces.append(piece)
            length += len(piece)
        data = b"".join(pieces)
        window, self._pending = data[:WINDOW], data[WINDOW:]
        self._position += len(window)
        if len(window) < WINDOW:
            self._size, self._length = self._position, on_disk
        elif self._position % self._spacing == 0:
            self._keep_checkpoint()
        return window

    def _keep_checkpoint(self) -> None:
        if self._position in self._checkpoints:
            return
        twin = self._cursor.fork()
        if twin is None:
            return
        self._checkpoints[self._position] = (twin, self._pending)
        if len(self._checkpoints) > _MOST_CHECKPOINTS:
            self._spacing *= 2
            self._checkpoints = {at: kept for at, kept in self._checkpoints.items() if at % self._spacing == 0}


Content = PlainContent | PackedContent | Tape


def open_content(path: str, identity: tuple[int, int] | None = None, roll: Roll | None = None) -> Content:
    """Open a part, wherever rotation has put it.

    Args:
        path: Where it was.
        identity: Its device and inode; None to take whatever is there.
        roll: Where the records of its lines stand, where each of them becomes a line.

    Raises:
        SourceError: It cannot be opened, or is gone.
    """
    try:
        descriptor = open_regular(path)
    except SourceError:
        if identity is None:
            raise
        return open_content(find_moved(path, identity), None, roll)
    info = os.fstat(descriptor)
    if identity is not None and identity != (info.st_dev, info.st_ino):
        os.close(descriptor)
        return open_content(find_moved(path, identity), None, roll)
    try:
        kind = detect_compression(os.pread(descriptor, MAGIC_SIZE, 0))
        turned = begin_turned(descriptor, kind, path, _ignore, roll)
        if turned is not None:
            return PackedContent(descriptor, lambda: turned.begin_again(), is_rolled=roll is not None)
        if kind is None:
            return PlainContent(descriptor)
        return PackedContent(descriptor, lambda: Unpacker(kind, CompressedInput(descriptor), path, _ignore))
    except (OSError, SourceError) as error:
        os.close(descriptor)
        raise error if isinstance(error, SourceError) else SourceError(path, explain(error)) from error


def _ignore(_: Problem) -> None:
    """Damage is told by the full pass."""


def find_moved(path: str, identity: tuple[int, int]) -> str:
    """Where a rotated part lies now."""
    folder = os.path.dirname(path)
    key = log_key(path)
    try:
        with os.scandir(folder or ".") as scan:
            for entry in scan:
                if log_key(os.path.join(folder, entry.name)) == key and entry.inode() == identity[1]:
                    return os.path.join(folder, entry.name)
    except OSError:
        pass  # The folder is gone, too.
    raise SourceError(path, "was rotated away or deleted")
