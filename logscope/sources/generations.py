"""The files behind one path over time: one open generation, and the search for those that were rotated away unseen.

Identity is an open handle plus the bytes before the offset. An inode number alone proves nothing: it is given to the
next file as soon as the last handle is closed.
"""

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from logscope.errors import SourceError
from logscope.sources.holes import ZEROS, find_hole_end, is_empty
from logscope.sources.naming import log_key, rotation_order, strip_compression
from logscope.sources.opening import MAGIC_SIZE, detect_compression, explain, open_regular
from logscope.sources.reader import read_blocks

FINGERPRINT: Final = 256
"""Bytes before the offset that must be the same for a file to be read on."""
_BLOCK: Final = 1024 * 1024
_LONGEST_HEADER: Final = 4096
_MOST_TRIES: Final = 8
_MOST_BETWEEN: Final = 32
"""Generations between two looks that are read; more are told as lost."""

Known = frozenset[tuple[int, int, int, int]]
"""Device, inode, mtime and size of parts that were there at the last look."""


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
        return os.fstat(self.descriptor).st_nlink == 0

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
            self.offset += len(new)
            self.tail = (self.tail + new)[-FINGERPRINT:]
            self.mtime_ns = os.fstat(self.descriptor).st_mtime_ns
        return new

    def read_head(self) -> bytes:
        """Its first bytes."""
        return os.pread(self.descriptor, _LONGEST_HEADER, 0)

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


@dataclass(frozen=True, slots=True)
class Between:
    """What was written after a mark and rotated away before the next look."""

    rest: "Found | None"
    """The part that holds the marked file's bytes: renamed, copied or compressed. None when it is not there."""
    later: "tuple[Found, ...]"
    """Parts that came after it, oldest first."""
    dropped: int
    """Older parts among them that are too many to be read."""
    known: Known
    """All that was seen beside the path."""


@dataclass(frozen=True, slots=True)
class Found:
    """One rotated part."""

    path: str
    """Where it lay when it was found."""
    info: os.stat_result

    @property
    def identity(self) -> tuple[int, int]:
        """Device and inode."""
        return (self.info.st_dev, self.info.st_ino)

    @property
    def signature(self) -> tuple[int, int, int, int]:
        """What tells it from a later file with the same inode number."""
        return (*self.identity, self.info.st_mtime_ns, self.info.st_size)


def find_between(
    path: str, mark: Mark, live: tuple[int, int] | None, known: Known, read: Iterable[Mark], heads: Sequence[bytes]
) -> Between:
    """Find the parts that a follower did not see.

    Args:
        path: The path that is followed.
        mark: How far its last file was read.
        live: Device and inode of the file that is there now.
        known: What lay beside it at the last look.
        read: Generations that were read before.
        heads: What the files that are open begin with.
    """
    earlier = list(read)
    siblings = _list_siblings(path)
    for _ in range(_MOST_TRIES):
        between = _judge(_before(siblings, live), mark, known, earlier, heads)
        # A rotation in the middle of it renames many files one by one: what was seen holds only if it is still so.
        seen = [(sibling.path, sibling.identity) for sibling in siblings]
        siblings = _list_siblings(path)
        if seen == [(sibling.path, sibling.identity) for sibling in siblings]:
            break
    return between


def open_part(found: Found, generation: int, mark: Mark | None, *, is_copy: bool, path: str) -> Stream:
    """Open a rotated part, and see that it is the one that was found.

    Args:
        found: The part.
        generation: Its number.
        mark: Where to read on; None to read it whole.
        is_copy: It was made by copying: nobody writes to it.
        path: The path that is followed: if the part was renamed meanwhile, it is found again beside it.

    Raises:
        SourceError: It cannot be opened.
    """
    error = SourceError(found.path, "was renamed or deleted")
    for _ in range(_MOST_TRIES):
        try:
            packed = is_copy or _is_packed(found.path)
            part = Packed(found.path, generation, mark) if packed else Plain(found.path, generation, mark)
            info = os.stat(found.path)
            if part.identity == found.identity == (info.st_dev, info.st_ino):
                return part
            part.close()
        except OSError as failure:
            error = SourceError(found.path, explain(failure))
        except SourceError as failure:
            error = failure
        moved = [sibling for sibling in _list_siblings(path) if sibling.identity == found.identity]
        if moved:
            found = moved[0]
    raise error


def _before(siblings: list[Found], live: tuple[int, int] | None) -> list[Found]:
    """Parts older than the live file, which may itself have become a part."""
    at = next((number for number, sibling in enumerate(siblings) if sibling.identity == live), len(siblings))
    return siblings[:at]


def _judge(siblings: list[Found], mark: Mark, known: Known, earlier: list[Mark], heads: Sequence[bytes]) -> Between:
    at = _index_of(siblings, mark)
    later = [
        sibling
        for sibling in siblings[at + 1 :]
        if sibling.signature not in known
        and (at >= 0 or sibling.info.st_mtime_ns >= mark.mtime_ns)
        and not any(_was_read(sibling, other) for other in earlier)
        and not _is_copy(sibling, heads)
    ]
    kept = later[-_MOST_BETWEEN:]
    rest = siblings[at] if at >= 0 else None
    seen = frozenset(sibling.signature for sibling in siblings)
    return Between(rest, tuple(kept), len(later) - len(kept), seen)


def list_known(path: str) -> Known:
    """What lies beside a path now."""
    return frozenset(sibling.signature for sibling in _list_siblings(path))


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


def holds(path: str, mark: Mark) -> bool:
    """Whether a part holds the bytes that end at a mark, compressed or not."""
    return bool(mark.tail) and _read_at(path, mark.offset - len(mark.tail), len(mark.tail)) == mark.tail


def _was_read(sibling: Found, mark: Mark) -> bool:
    """Whether a part is one that was read up to a mark, renamed, copied or compressed since."""
    if sibling.identity == mark.identity or mark.offset >= _LONGEST_HEADER:
        return holds(sibling.path, mark)
    # Every file of a log may begin with the same header: a copy of one that had hardly more ends where that did.
    start = mark.offset - len(mark.tail)
    return bool(mark.tail) and _read_at(sibling.path, start, len(mark.tail) + 1) == mark.tail


def _is_copy(sibling: Found, heads: Sequence[bytes]) -> bool:
    """Whether a part begins like a file that is open: it is that one, compressed a moment ago."""
    head = _read_at(sibling.path, 0, _LONGEST_HEADER)
    return bool(head) and any(other.startswith(head) for other in heads)


def _read_at(path: str, start: int, size: int) -> bytes:
    """Bytes of a part; fewer at its end."""
    problems: list[object] = []
    try:
        return next(read_blocks(path, problems.append, start=start, block=size), b"")
    except SourceError:
        return b""


def _index_of(siblings: list[Found], mark: Mark) -> int:
    """Which part is the marked file, or a copy of it; -1 for none. Plain parts first: packed ones cost a reading."""
    newest_first = [(number, sibling) for number, sibling in reversed(list(enumerate(siblings)))]
    for number, sibling in newest_first:
        if sibling.identity == mark.identity and (not mark.tail or holds(sibling.path, mark)):
            return number
    for wants_packed in (False, True):
        for number, sibling in newest_first:
            if _is_packed(sibling.path) == wants_packed and holds(sibling.path, mark):
                return number
    return -1


def _is_packed(path: str) -> bool:
    try:
        descriptor = open_regular(path)
    except SourceError:
        return False
    try:
        return detect_compression(os.pread(descriptor, MAGIC_SIZE, 0)) is not None
    finally:
        os.close(descriptor)


def _list_siblings(path: str) -> list[Found]:
    """Rotated parts of a log, oldest first: beside the path, then beside the file that a link leads to.

    Each of the two is numbered for itself: `x.log.1` is older than `run7.log.3`, for the link leads to run7 now.
    """
    by_identity: dict[tuple[int, int], tuple[int, Found]] = {}
    for group, name in enumerate(dict.fromkeys((path, os.path.realpath(path)))):
        for sibling in _list_beside(name):
            by_identity.setdefault(sibling.identity, (group, sibling))
    ordered = sorted(
        by_identity.values(),
        key=lambda one: (one[0], rotation_order(one[1].path), one[1].info.st_mtime_ns, one[1].path),
    )
    return [sibling for _, sibling in ordered]


def _list_beside(path: str) -> Iterator[Found]:
    folder = os.path.dirname(path)
    key = log_key(path)
    try:
        paths = {os.path.join(folder, name) for name in os.listdir(folder or ".")}
    except OSError:
        return
    for other in paths:
        if other == path or log_key(other) != key:
            continue
        unpacked = strip_compression(other)
        if unpacked != other and unpacked in paths:
            continue  # It is being written: x.log.1 goes when x.log.1.gz is whole.
        try:
            info = os.stat(other)
        except OSError:
            continue
        if stat.S_ISREG(info.st_mode):
            yield Found(other, info)
