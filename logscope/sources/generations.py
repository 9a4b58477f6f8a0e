"""One generation of the files behind a path: open and growing, or a finished part, and how far it was read.

Identity is an open handle plus the bytes before the offset. An inode number alone proves nothing: it is given to the
next file as soon as the last handle is closed.
"""

import contextlib
import os
from dataclasses import dataclass
from typing import Final

from logscope.errors import SourceError
from logscope.sources.holes import ZEROS, find_hole_end, is_empty
from logscope.sources.opening import open_regular
from logscope.sources.reader import read_blocks

FINGERPRINT: Final = 256
"""Bytes before the offset that must be the same for a file to be read on."""
LONGEST_HEADER: Final = 4096
"""Bytes at the begin of files of one log that may be the same in all of them."""
_BLOCK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one file was read."""

    offset: int
    tail: bytes
    """The last `FINGERPRINT` bytes before the offset; fewer near the begin of the file."""
    identity: tuple[int, int] | None = None
    """Device and inode; None when not known."""
    mtime_ns: int = 0
    """When the file was last written as far as it was read: parts that are older were there before."""

    @staticmethod
    def at(offset: int, last: bytes, identity: tuple[int, int] | None = None, mtime_ns: int = 0) -> "Mark":
        """The mark after reading up to an offset.

        Args:
            offset: Where the next byte will be read.
            last: Bytes that end at the offset; at least `FINGERPRINT` of them if there are as many.
            identity: Of the file.
            mtime_ns: Of the file.
        """
        return Mark(offset, last[-FINGERPRINT:], identity, mtime_ns)


class Plain:
    """An open file that may grow, be cut, renamed or deleted."""

    def __init__(self, path: str, generation: int, mark: Mark | None = None) -> None:
        """Open it.

        Raises:
            SourceError: It cannot be opened, or is no regular file.
        """
        self.path = path
        self.generation = generation
        self.descriptor = open_regular(path)
        info = os.fstat(self.descriptor)
        self.identity = (info.st_dev, info.st_ino)
        self.offset = 0
        self.tail = b""
        self._begin = 0
        """Where this generation begins."""
        self.mtime_ns = info.st_mtime_ns
        self._was_empty = False
        """The last bytes were zeros, and a hole may go on from them."""
        self.quiet_since = 0.0
        """When it last gave bytes, or was rotated away; the follower's clock."""
        if mark is not None:
            self.resume(mark)

    @property
    def is_static(self) -> bool:
        """Nobody writes to it any more."""
        return False

    @property
    def mark(self) -> Mark:
        """How far it was read."""
        return Mark(self.offset, self.tail, self.identity, self.mtime_ns)

    def mark_at(self, offset: int) -> Mark:
        """The mark of an offset that was read."""
        begin = max(0, offset - FINGERPRINT)
        return Mark(offset, os.pread(self.descriptor, offset - begin, begin), self.identity, self.mtime_ns)

    @property
    def is_deleted(self) -> bool:
        """No name leads to it: only this handle keeps its bytes, and their room on the disk."""
        try:
            return os.fstat(self.descriptor).st_nlink == 0
        except OSError:
            return True  # A network file system forgot it: nothing more comes of it.

    def is_same(self) -> bool:
        """Whether the bytes before the offset are still those that were read."""
        return os.pread(self.descriptor, len(self.tail), self.offset - len(self.tail)) == self.tail

    def read(self, most: int) -> bytes | None:
        """The next bytes, empty at the end; None when those before the offset are not the ones that were read."""
        in_hole = self._measure_hole(most)
        # In one call with the fingerprint: what was cut in between cannot slip through.
        data = os.pread(self.descriptor, len(self.tail) + (0 if in_hole else most), self.offset - len(self.tail))
        if not data.startswith(self.tail):
            return None
        new = ZEROS[:in_hole] if in_hole else data[len(self.tail) :]
        if self.offset == self._begin and new[:1] == b"\0":
            new = self._skip_hole(new, most)
        self._was_empty = is_empty(new)
        if new:
            self.note_touch()
            self.offset += len(new)
            self.tail = (self.tail + new)[-FINGERPRINT:]
        return new

    def read_head(self) -> bytes:
        """Its first bytes."""
        return os.pread(self.descriptor, LONGEST_HEADER, 0)

    def was_touched(self) -> bool:
        """Whether it was written to since it was opened or read."""
        return os.fstat(self.descriptor).st_mtime_ns != self.mtime_ns

    def note_touch(self) -> None:
        """Take its present time as seen."""
        self.mtime_ns = os.fstat(self.descriptor).st_mtime_ns

    def reopen_if_stale(self, size: int) -> None:
        """Open it anew when its path shows more bytes than the handle.

        An overlay file system copies a file up when it is first written: the old handle never sees what is appended.
        """
        if os.fstat(self.descriptor).st_size >= size:
            return
        with contextlib.suppress(SourceError):
            fresh = open_regular(self.path)
            info = os.fstat(fresh)
            if (info.st_dev, info.st_ino) == self.identity:
                os.dup2(fresh, self.descriptor, inheritable=False)
            os.close(fresh)

    def _measure_hole(self, most: int) -> int:
        """Bytes that come next, at most so many, and were never written: they need not be read."""
        if not self._was_empty:
            return 0
        return min(most, len(ZEROS), find_hole_end(self.descriptor, self.offset) - self.offset)

    def _skip_hole(self, begin: bytes, most: int) -> bytes:
        """The first bytes that were written, behind a hole at the begin of the generation.

        A writer that does not append goes on at its old offset after the file was cut: gigabytes of zeros that
        nobody wrote. Zeros fill the last page before a hole, too.
        """
        try:
            hole = os.lseek(self.descriptor, self.offset, os.SEEK_HOLE)
            if begin[: hole - self.offset].strip(b"\0"):
                return begin
            written = os.lseek(self.descriptor, hole, os.SEEK_DATA)
        except (AttributeError, OSError):
            return begin  # No hole, or nothing behind it; and not every system can tell holes from zeros.
        data = os.pread(self.descriptor, most, written)
        text = data.lstrip(b"\0")
        self.offset, self.tail = written + len(data) - len(text), b""
        return text

    def resume(self, mark: Mark) -> None:
        """Go to where an earlier reading of this file stopped."""
        self.offset, self.tail, self.mtime_ns = mark.offset, mark.tail, mark.mtime_ns

    def restart(self, generation: int, offset: int = 0) -> None:
        """Begin at the first byte, or behind those that are known, as another generation."""
        self.generation = generation
        self.offset = self._begin = offset
        self.tail = self.mark_at(offset).tail if offset else b""
        self.note_touch()

    def close(self) -> None:
        """Let go of the handle."""
        os.close(self.descriptor)


class Packed:
    """A finished part that is only read: a compressed one, or the copy that was made before a file was cut."""

    is_static = True
    is_deleted = False

    def __init__(self, path: str, generation: int, mark: Mark | None) -> None:
        """Open it and read its first block.

        Raises:
            SourceError: It cannot be opened.
        """
        info = os.stat(path)
        self.path = path
        self.generation = generation
        self.identity = (info.st_dev, info.st_ino)
        self.offset = mark.offset if mark else 0
        self.quiet_since = 0.0
        self.problems: list[str] = []
        self._tail = mark.tail if mark else b""
        self._mtime_ns = info.st_mtime_ns
        self._blocks = read_blocks(
            path, lambda problem: self.problems.append(problem.detail), start=self.offset, block=_BLOCK
        )
        # Read at once: a moment later the name may be another file's.
        self._first = next(self._blocks, b"")

    @property
    def mark(self) -> Mark:
        """How far it was read."""
        return Mark(self.offset, self._tail, self.identity, self._mtime_ns)

    def read(self, most: int) -> bytes | None:
        """The next block, whatever `most` says; empty at the end."""
        data, self._first = self._first or next(self._blocks, b""), b""
        self.offset += len(data)
        self._tail = (self._tail + data)[-FINGERPRINT:]
        return data

    def close(self) -> None:
        """Let go of the handle."""
        self._first = b""
        self._blocks.close()


Stream = Plain | Packed


def mark_end(path: str, offset: int, identity: tuple[int, int]) -> Mark | None:
    """The mark of a plain file that was read up to an offset; None where another file is behind the path by now.

    Args:
        path: The file.
        offset: How far it was read.
        identity: Device and inode of what was read.
    """
    try:
        file = Plain(path, 0)
    except SourceError:
        return None
    try:
        mark = file.mark_at(offset)
    except OSError:
        mark = None
    finally:
        file.close()
    is_whole = mark is not None and len(mark.tail) == min(offset, FINGERPRINT)
    return mark if is_whole and file.identity == identity else None
