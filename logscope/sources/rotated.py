"""Finds the parts beside a path that were rotated away unseen, and opens them.

A part is known by the bytes that it holds: its name changes at each rotation, and an inode number is given to the next
file as soon as the last handle is closed.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from logscope.errors import SourceError
from logscope.sources.generations import LONGEST_HEADER, Mark, Packed, Plain, Stream
from logscope.sources.naming import log_key, rotation_order, strip_compression
from logscope.sources.opening import MAGIC_SIZE, detect_compression, explain, open_regular
from logscope.sources.reader import read_blocks

_MOST_TRIES: Final = 8
_MOST_BETWEEN: Final = 32
"""Generations between two looks that are read; more are told as lost."""

Known = frozenset[tuple[int, int, int, int]]
"""Device, inode, mtime and size of parts that were there at the last look."""


class UnsettledError(Exception):
    """Files are renamed faster than they can be looked at: what was seen of them holds no more."""


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
    path: str,
    mark: Mark,
    live: tuple[int, int] | None,
    known: Known,
    read: Iterable[Mark],
    heads: Sequence[bytes],
    *,
    is_patient: bool,
) -> Between:
    """Find the parts that a follower did not see.

    Args:
        path: The path that is followed.
        mark: How far its last file was read.
        live: Device and inode of the file that is there now.
        known: What lay beside it at the last look.
        read: Generations that were read before.
        heads: What the files that are open begin with.
        is_patient: A later look is as good.

    Raises:
        UnsettledError: The files were never the same for the time of a look, and a later one is as good.
    """
    earlier = list(read)
    siblings = _list_siblings(path)
    for _ in range(_MOST_TRIES):
        between = _judge(_before(siblings, live), mark, known, earlier, heads)
        # A rotation in the middle of it renames many files one by one: what was seen holds only if it is still so.
        seen = [(sibling.path, sibling.identity) for sibling in siblings]
        siblings = _list_siblings(path)
        if seen == [(sibling.path, sibling.identity) for sibling in siblings]:
            return between
    if is_patient:
        raise UnsettledError
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


def holds(path: str, mark: Mark) -> bool:
    """Whether a part holds the bytes that end at a mark, compressed or not."""
    return bool(mark.tail) and _read_at(path, mark.offset - len(mark.tail), len(mark.tail)) == mark.tail


def _was_read(sibling: Found, mark: Mark) -> bool:
    """Whether a part is one that was read up to a mark, renamed, copied or compressed since."""
    if sibling.identity == mark.identity or mark.offset >= LONGEST_HEADER:
        return holds(sibling.path, mark)
    # Every file of a log may begin with the same header: a copy of one that had hardly more ends where that did.
    start = mark.offset - len(mark.tail)
    return bool(mark.tail) and _read_at(sibling.path, start, len(mark.tail) + 1) == mark.tail


def _is_copy(sibling: Found, heads: Sequence[bytes]) -> bool:
    """Whether a part begins like a file that is open: it is that one, compressed a moment ago."""
    head = _read_at(sibling.path, 0, LONGEST_HEADER)
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
        for sibling in list_beside(name):
            by_identity.setdefault(sibling.identity, (group, sibling))
    ordered = sorted(
        by_identity.values(),
        key=lambda one: (one[0], rotation_order(one[1].path), one[1].info.st_mtime_ns, one[1].path),
    )
    return [sibling for _, sibling in ordered]


def list_beside(path: str) -> Iterator[Found]:
    """Regular files beside a path that are parts of the same log, in no order."""
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
