"""A saved incident: everything that is known at one moment, in one file that outlives the logs' rotation.

One line of text that says what it is, then one zlib stream: the length of a JSON text in eight bytes, the text, and
tables of integers behind it. It holds the answer, and all that it was judged from. No code is in it and none is run;
it is as raw as the logs (redaction happens on every way out), and for its owner only.
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
from logscope.ingest.batch import Int64
from logscope.model.snapshot import Snapshot
from logscope.model.times import US
from logscope.report.files import write_bytes
from logscope.sources.opening import read_small
from logscope.state.codec import CodecError, decode, encode
from logscope.state.series import find_misfit
from logscope.state.session import FORM as SESSION_FORM
from logscope.state.session import KeptSession
from logscope.state.suffix import SUFFIX
from logscope.state.tables import pack_table, unpack_tables

FORMAT: Final = 2
"""Raised when an older file can no longer be understood; fields with defaults may come without that."""
_ANSWER_ONLY: Final = 1
"""A file of this form is the answer alone, as JSON."""

_HEAD: Final = re.compile(rb"logscope incident (\d{1,6}) by ([\w.+-]{1,40})\n")
_LONGEST_HEAD: Final = 80
_MOST_BYTES: Final = 64 * 1024 * 1024
_MOST_TEXT: Final = 48 * 1024 * 1024
_MOST_TABLES: Final = 128 * 1024 * 1024
"""A hostile file may unpack to anything: no more than this is taken, nor written."""
_MOST_BRACKETS: Final = 3_000_000
"""Of the text: each may be an object of its own when it is read, a hundred bytes."""
_MOST_KEPT: Final = 50
"""Incidents that are kept by themselves; the oldest make room."""
_MOST_KEPT_BYTES: Final = 256 * 1024 * 1024
_LENGTH: Final = 8
"""Bytes that tell the length of the text."""
_EFFORT: Final = 4
"""Of zlib: twice as fast as its usual 6, and 3 % longer."""
_GZIP: Final = 31
"""Packed with a CRC-32: the Adler-32 of a zlib stream is the same for some streams in which one bit was flipped."""
_ZLIB_OR_GZIP: Final = 47
"""As older ones were packed, too."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved incident in a folder."""

    path: str
    saved_at: float
    """Seconds since 1970, by the file's time."""
    size: int


@dataclass(frozen=True, slots=True)
class Saved:
    """What a file holds."""

    snapshot: Snapshot
    session: KeptSession | None = None
    """What it was judged from; None where the file holds the answer alone."""
    why_not: str = ""
    """Why it cannot be judged anew; empty where it can."""


def pack(saved: Saved) -> bytes:
    """The content of a saved incident: the same for the same values. What is too large is kept as the answer alone."""
    found = _pack(saved.snapshot, saved.session) if saved.session is not None else None
    content = found or _pack(saved.snapshot, None)
    if content is None:
        raise ExportError("the incident is larger than a saved one may be")
    head = f"logscope incident {FORMAT} by {__version__}\n".encode("ascii")
    return head + zlib.compress(content, _EFFORT, wbits=_GZIP)


def _pack(snapshot: Snapshot, session: KeptSession | None) -> bytes | None:
    """The content; None where it is larger than what is read."""
    tables: list[Int64] = []
    data = {"snapshot": encode(snapshot), "session": encode(session, tables)}
    shapes = [list(table.shape) for table in tables]
    text = json.dumps({**data, "tables": shapes}, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    size = sum(table.nbytes for table in tables)
    if len(text) > _MOST_TEXT or _count_brackets(text) > _MOST_BRACKETS or size > _MOST_TABLES:
        return None
    return b"".join([len(text).to_bytes(_LENGTH, "little"), text, *(pack_table(table) for table in tables)])


def unpack(content: bytes, path: str) -> Saved:
    """What a saved incident holds.

    Raises:
        SourceError: It is none, is damaged, or was saved by a logscope that this one does not understand.
    """
    head = _HEAD.match(content[:_LONGEST_HEAD])
    if head is None:
        raise SourceError(path, "is no saved incident of logscope")
    form, writer = int(head[1]), head[2].decode("ascii")
    if form not in (FORMAT, _ANSWER_ONLY):
        reason = f"was saved by logscope {writer} in another form (number {form}; this one reads {FORMAT})"
        raise SourceError(path, f"{reason}; open it with that version, or read the logs again")
    try:
        text = _inflate(content[head.end() :])
        if form == _ANSWER_ONLY:
            answer = _decode_answer(_load(text))
            return Saved(answer, None, f"it was saved by logscope {writer}, which kept the answer alone")
        return _read(text, writer)
    except (zlib.error, EOFError, ValueError, RecursionError, OverflowError, TypeError) as error:
        what = str(error) if isinstance(error, CodecError) else "damaged or cut"
        saved_by = f"saved by logscope {writer}, this is {__version__}"
        raise SourceError(path, f"cannot be opened: {what} ({saved_by})") from error


def _read(content: bytes, writer: str) -> Saved:
    end = _LENGTH + int.from_bytes(content[:_LENGTH], "little")
    if end > len(content):
        raise EOFError("cut")
    data = _load(content[_LENGTH:end])
    if not isinstance(data, dict):
        raise CodecError("incident is not an object")
    snapshot = _decode_answer(data.get("snapshot"))
    kept = data.get("session")
    if kept is None:
        return Saved(snapshot, None, "it was saved without what it was judged from")
    if not isinstance(kept, dict) or kept.get("form") != list(SESSION_FORM):
        return Saved(snapshot, None, f"it was saved by logscope {writer}, which counted otherwise")
    tables = unpack_tables(content[end:], data.get("tables"))
    session = decode(KeptSession, kept, "session", tables)
    assert isinstance(session, KeptSession), "decoding gives what was asked for"
    return Saved(snapshot, session)


def _decode_answer(data: object) -> Snapshot:
    snapshot = decode(Snapshot, data, "incident")
    assert isinstance(snapshot, Snapshot), "decoding gives what was asked for"
    misfit = find_misfit(snapshot)
    if misfit is not None:
        raise CodecError(f"it holds {misfit}")
    return snapshot


def _load(text: bytes) -> object:
    if len(text) > _MOST_TEXT or _count_brackets(text) > _MOST_BRACKETS:
        raise EOFError("larger than any incident")
    data: object = json.loads(text)
    return data


def _count_brackets(text: bytes) -> int:
    return text.count(b"[") + text.count(b"{")


def _inflate(content: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=_ZLIB_OR_GZIP)
    text = stream.decompress(content, _LENGTH + _MOST_TEXT + _MOST_TABLES)
    if not stream.eof:
        raise EOFError("cut" if not stream.unconsumed_tail else "larger than any incident")
    if stream.unused_data:
        raise EOFError("something follows its end")
    return text


def save_incident(path: str, saved: Saved, *, replace: bool) -> str:
    """Keep an incident: written beside its place and moved there, for its owner only.

    Args:
        path: Target file.
        saved: What is known.
        replace: An existing saved incident may be replaced; otherwise the next free number is taken.

    Returns:
        The path that was written.

    Raises:
        ExportError: It cannot be written; nothing was changed.
    """
    return write_bytes(path, pack(saved), [f.path for f in saved.snapshot.files], replace=replace)


def load_incident(path: str) -> Saved:
    """Open a saved incident.

    Raises:
        SourceError: It cannot be read, or is none.
    """
    return unpack(read_small(path, _MOST_BYTES), path)


def name_incident(snapshot: Snapshot) -> str:
    """File name without suffix: `incident-2026-03-02-1401`."""
    start = snapshot.incident.start if snapshot.incident else snapshot.as_of or 0
    try:
        return f"incident-{datetime.fromtimestamp(start // US, UTC):%Y-%m-%d-%H%M}"
    except (ValueError, OverflowError, OSError):
        return "incident"


def keep_incident(folder: Path, saved: Saved) -> str:
    """Keep an incident among the saved ones, replacing an earlier state of the same one.

    Raises:
        ExportError: It cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder}: {(error.strerror or str(error)).lower()}") from error
    path = save_incident(str(folder / f"{name_incident(saved.snapshot)}{SUFFIX}"), saved, replace=True)
    room = _MOST_KEPT_BYTES
    for number, old in enumerate(list_kept(folder)):
        room -= old.size
        if number == 0 or (number < _MOST_KEPT and room >= 0):
            continue
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
