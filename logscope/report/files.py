"""Writing a report: atomically, for its owner only, never over an input, never half."""

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from logscope.errors import ExportError

_SPARE_BYTES: Final = 1024 * 1024
"""Free space that must be left: a full volume may be the incident."""

_SPARE_IF_NAMED: Final = 1024 * 1024 * 1024
"""Where the incident is that this volume is full; a twentieth of it where that is more."""

_MOST_NUMBERS: Final = 1000


def write_report(path: str, text: str, inputs: Iterable[str], *, replace: bool, full_paths: Iterable[str] = ()) -> str:
    """Write a report beside its target and move it there.

    Args:
        path: Target file.
        text: The report.
        inputs: Files that were read: none of them is ever written over.
        replace: An existing report may be replaced; otherwise the next free number is taken (`name-2.md`).
        full_paths: What the incident says lies on a full volume: while that is short of room, nothing is written there.

    Returns:
        The path that was written.

    Raises:
        ExportError: It cannot be written; nothing was changed.
    """
    return write_bytes(path, text.encode("utf-8", "backslashreplace"), inputs, replace=replace, full_paths=full_paths)


def write_bytes(path: str, data: bytes, inputs: Iterable[str], *, replace: bool, full_paths: Iterable[str] = ()) -> str:
    """Write bytes as `write_report` writes a text: whole or not at all, for the owner only.

    Raises:
        ExportError: It cannot be written; nothing was changed.
    """
    if not replace:
        path = free_name(path)
    target = Path(path)
    _check_target(target, inputs)
    folder = target.parent
    temporary = None
    try:
        _check_space(folder, len(data), full_paths)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o600)
        os.replace(temporary, target)
        temporary = None
        _sync_folder(folder)
    except OSError as error:
        raise ExportError(f"{path}: cannot be written: {_reason(error)}") from error
    finally:
        # Also when it is interrupted in the middle.
        if temporary is not None:
            _remove(temporary)
    return path


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the file system can; the report itself is on the disk."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def free_name(path: str) -> str:
    """The path itself, or with the first number that is not taken: an export never overwrites."""
    if not os.path.lexists(path):
        return path
    stem, suffix = os.path.splitext(path)
    for number in range(2, _MOST_NUMBERS):
        numbered = f"{stem}-{number}{suffix}"
        if not os.path.lexists(numbered):
            return numbered
    raise ExportError(f"{path}: too many reports of that name")


def _check_target(target: Path, inputs: Iterable[str]) -> None:
    try:
        info = os.stat(target)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ExportError(f"{target}: cannot be written: {_reason(error)}") from error
    if not stat.S_ISREG(info.st_mode):
        raise ExportError(f"{target}: is no regular file; name another one")
    for path in inputs:
        try:
            if os.path.samestat(info, os.stat(path)):
                raise ExportError(f"{target}: is one of the logs; they are only ever read")
        except OSError:
            continue


def _check_space(folder: Path, size: int, full_paths: Iterable[str]) -> None:
    usage = shutil.disk_usage(folder)
    spare = _SPARE_BYTES
    device = os.stat(folder).st_dev
    if any(_device_of(path) == device for path in full_paths):
        spare = max(_SPARE_IF_NAMED, usage.total // 20)
    if usage.free < size + spare:
        raise OSError(errno.ENOSPC, "no space left on the volume")


def _device_of(path: str) -> int | None:
    """The volume on which a path lies, or would lie; None where nothing of it is there, as in logs from elsewhere."""
    while path not in ("/", ""):
        with contextlib.suppress(OSError):
            return os.stat(path).st_dev
        path = os.path.dirname(path)
    return None


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such folder"
    if isinstance(error, PermissionError):
        return "permission denied; name a folder of your own with -o"
    if error.errno == errno.ENOSPC:
        return "no space is left there, or hardly any; name another folder with -o"
    return (error.strerror or str(error)).lower()


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
