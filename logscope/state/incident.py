"""A saved incident: everything that is known at one moment, in one file that outlives the logs' rotation.

One line of text that says what it is, then one zlib stream of JSON. No code is in it and none is run; it is as raw as
the logs (redaction happens on every way out), and for its owner only.
"""

import json
import os
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from logscope import __version__
from logscope.errors import ExportError, SourceError
from logscope.model.snapshot import Snapshot
from logscope.model.times import US
from logscope.report.files import write_bytes
from logscope.state.codec import CodecError, decode, encode

SUFFIX: Final = ".lsx"
FORMAT: Final = 1
"""Raised when an older file can no longer be understood; fields with defaults may come without that."""

_HEAD: Final = re.compile(rb"logscope incident (\d{1,6}) by ([\w.+-]{1,40})\n")
_LONGEST_HEAD: Final = 80
_MOST_BYTES: Final = 256 * 1024 * 1024
_MOST_CONTENT: Final = 512 * 1024 * 1024
"""A hostile file may unpack to anything: no more than this is taken."""
_MOST_KEPT: Final = 50
"""Incidents that are kept by themselves; the oldest make room."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved incident in a folder."""

    path: str
    saved_at: float
    """Seconds since 1970, by the file's time."""
    size: int


def is_saved(path: str) -> bool:
    """Whether a path names a saved incident: by its suffix; what is in it is checked when it is read."""
    return path.endswith(SUFFIX)


def pack(snapshot: Snapshot) -> bytes:
    """The content of a saved incident: the same for the same Snapshot."""
    text = json.dumps(encode(snapshot), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    head = f"logscope incident {FORMAT} by {__version__}\n".encode("ascii")
    return head + zlib.compress(text.encode("ascii"), 6)


def unpack(content: bytes, path: str) -> Snapshot:
    """The Snapshot of a saved incident.

    Raises:
        SourceError: It is none, is damaged, or was saved by a logscope that this one does not understand.
    """
    head = _HEAD.match(content[:_LONGEST_HEAD])
    if head is None:
        raise SourceError(path, "is no saved incident of logscope")
    if int(head[1]) != FORMAT:
        writer = head[2].decode("ascii")
        reason = f"was saved by logscope {writer} in another form (number {int(head[1])}; this one reads {FORMAT})"
        raise SourceError(path, f"{reason}; open it with that version, or read the logs again")
    try:
        data = json.loads(_inflate(content[head.end() :]))
        snapshot = decode(Snapshot, data, "incident")
    except (zlib.error, EOFError, ValueError, RecursionError, OverflowError, TypeError) as error:
        what = str(error) if isinstance(error, CodecError) else "damaged or cut"
        saved_by = f"saved by logscope {head[2].decode('ascii')}, this is {__version__}"
        raise SourceError(path, f"cannot be opened: {what} ({saved_by})") from error
    assert isinstance(snapshot, Snapshot), "decoding gives what was asked for"
    return snapshot


def _inflate(content: bytes) -> bytes:
    stream = zlib.decompressobj()
    text = stream.decompress(content, _MOST_CONTENT)
    if not stream.eof:
        raise EOFError("cut" if not stream.unconsumed_tail else "larger than any incident")
    if stream.unused_data:
        raise EOFError("something follows its end")
    return text


def save_incident(path: str, snapshot: Snapshot, *, replace: bool) -> str:
    """Keep a Snapshot: written beside its place and moved there, for its owner only.

    Args:
        path: Target file.
        snapshot: What is known.
        replace: An existing saved incident may be replaced; otherwise the next free number is taken.

    Returns:
        The path that was written.

    Raises:
        ExportError: It cannot be written; nothing was changed.
    """
    return write_bytes(path, pack(snapshot), [f.path for f in snapshot.files], replace=replace)


def load_incident(path: str) -> Snapshot:
    """Open a saved incident.

    Raises:
        SourceError: It cannot be read, or is none.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise SourceError(path, (error.strerror or str(error)).lower()) from error
    if len(content) > _MOST_BYTES:
        raise SourceError(path, "is larger than any saved incident")
    return unpack(content, path)


def name_incident(snapshot: Snapshot) -> str:
    """File name without suffix: `incident-2026-03-02-1401`."""
    start = snapshot.incident.start if snapshot.incident else snapshot.as_of or 0
    try:
        return f"incident-{datetime.fromtimestamp(start // US, UTC):%Y-%m-%d-%H%M}"
    except (ValueError, OverflowError, OSError):
        return "incident"


def keep_incident(folder: Path, snapshot: Snapshot) -> str:
    """Keep an incident among the saved ones, replacing an earlier state of the same one.

    Raises:
        ExportError: It cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder}: {(error.strerror or str(error)).lower()}") from error
    path = save_incident(str(folder / f"{name_incident(snapshot)}{SUFFIX}"), snapshot, replace=True)
    for old in list_kept(folder)[_MOST_KEPT:]:
        try:
            os.unlink(old.path)
        except OSError:
            # Somebody else's file, or gone already: it takes no harm.
            continue
    return path


def list_kept(folder: Path) -> list[Kept]:
    """Saved incidents of a folder, the newest first."""
    return sorted(_stat_all(folder), key=lambda one: (-one.saved_at, one.path))


def _stat_all(folder: Path) -> Iterable[Kept]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False):
            info = entry.stat(follow_symlinks=False)
            yield Kept(entry.path, info.st_mtime, info.st_size)
