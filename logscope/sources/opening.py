"""Opening files that may be anything: never blocks, never follows a surprise, says in a sentence why not."""

import os
import resource
import stat
from enum import StrEnum
from typing import Final

from logscope.errors import SourceError

MAGIC_SIZE: Final = 8
"""Bytes that tell a file's kind."""
_MOST_DESCRIPTORS: Final = 8192
_RESERVED_DESCRIPTORS: Final = 24
_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class Compression(StrEnum):
    """Compressed streams that are read."""

    GZ = "gz"
    BZ2 = "bz2"
    XZ = "xz"
    ZST = "zst"


_MAGIC: Final = (
    (b"\x1f\x8b", Compression.GZ),
    (b"BZh", Compression.BZ2),
    (b"\xfd7zXZ\x00", Compression.XZ),
    (b"\x28\xb5\x2f\xfd", Compression.ZST),
)
_FOREIGN: Final = (
    (b"PK\x03\x04", "is a zip archive; unpack it first: unzip"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive; unpack it first: 7z x"),
    (b"\x04\x22\x4d\x18", "is compressed with lz4, which is not read; unpack it first: lz4 -d"),
    (b"LZIP", "is compressed with lzip, which is not read; unpack it first: lzip -dk"),
    (b"\x1f\x9d", "is compressed with compress, which is not read; unpack it first: uncompress"),
    (b"LPKSHHRH", "is a binary journal; feed it as text: journalctl --file NAME -o json | logscope -"),
)
"""Begins of files that hold logs in a shape that is not read, and what to do instead."""


def open_log(path: str) -> int:
    """Open a path for reading only. Never blocks, whatever it is: a pipe without a writer opens too.

    Raises:
        SourceError: It cannot be opened.
    """
    try:
        return os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise SourceError(path, explain(error)) from error


def open_regular(path: str) -> int:
    """Open a regular file for reading only.

    Raises:
        SourceError: It cannot be opened or is no regular file.
    """
    descriptor = open_log(path)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise SourceError(path, describe_special(mode))
    return descriptor


def read_small(path: str, most: int) -> bytes:
    """The whole of a small regular file that a person named.

    Args:
        path: The file.
        most: Bytes.

    Raises:
        SourceError: It cannot be read, or holds more.
    """
    descriptor = open_log(path)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SourceError(path, "is no regular file")
    with os.fdopen(descriptor, "rb") as file:
        try:
            data = file.read(most + 1)
        except OSError as error:
            raise SourceError(path, explain(error)) from error
    if len(data) > most:
        raise SourceError(path, f"is larger than {most // 2**20} MiB")
    return data


def detect_compression(first: bytes) -> Compression | None:
    """How a file is compressed by its first `MAGIC_SIZE` bytes, whatever its name says; None for anything else."""
    for magic, kind in _MAGIC:
        if first.startswith(magic):
            return kind
    # Parallel writers of zstd begin with a skippable frame: 0x184D2A50 to 5F.
    if len(first) >= 4 and first[1:4] == b"\x2a\x4d\x18" and first[0] >> 4 == 5:
        return Compression.ZST
    return None


def describe_foreign(first: bytes) -> str | None:
    """What to do with a file that begins like an archive or a format that is not read; None for anything else."""
    return next((reason for magic, reason in _FOREIGN if first.startswith(magic)), None)


def describe_special(mode: int) -> str:
    """Why a file of this mode is not read."""
    if stat.S_ISDIR(mode):
        return "is a directory"
    for test, name in (
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return f"is {name}, not a file; feed it on standard input: logscope - < ..."
    return "is no regular file"


def explain(error: OSError | ValueError) -> str:
    """The reason and what to do, in a few words."""
    if isinstance(error, PermissionError):
        return "permission denied; try sudo, or join the group that owns it"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, ValueError):
        return "the name holds a NUL byte"  # What Python says of it differs by its version.
    return str(error)


def raise_descriptor_limit() -> int:
    """Allow this process as many descriptors as it may give itself; how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return min(soft, _MOST_DESCRIPTORS) if soft != resource.RLIM_INFINITY else _MOST_DESCRIPTORS
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def followers_held_open(limit: int | None = None) -> int:
    """How many followed files may keep their handle; the others are found again by their bytes at each look.

    Args:
        limit: Descriptors that the process may have; None to ask for as many as it may give itself.
    """
    limit = raise_descriptor_limit() if limit is None else limit
    # A third is for rotated files that are read to their end, a reserve for the screen, the watcher and reports.
    return max(0, (limit - _RESERVED_DESCRIPTORS) * 2 // 3)
