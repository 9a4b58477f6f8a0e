"""Logs that were not named: changed lately beside the named ones and in the usual folders. By stat only."""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from logscope.sources.naming import log_key

USUAL_FOLDERS: Final = ("/var/log", "/var/log/pods", "/srv/log", "/opt/log")
"""Where logs lie on most hosts."""
_MOST_ENTRIES: Final = 5000
"""Directory entries that are looked at: about 30 ms."""
_DEEPEST: Final = 3
_LOG_SUFFIX: Final = re.compile(r"\.(?:log|jsonl|ndjson|out|err)(?:[.-]|$)", re.IGNORECASE)
_LOG_WORD: Final = re.compile(
    r"(?:^|[._-])(?:log|logs|syslog|messages|access|error|audit|stdout|stderr)(?:[._-]|$)"
    r"|^(?:auth|daemon|kern|mail|cron|secure|dmesg|debug|user)(?:\.|$)",
    re.IGNORECASE,
)
_OTHER_SUFFIX: Final = re.compile(
    r"\.(?:c|cc|cfg|class|conf|cpp|cs|css|db|go|h|html|ini|jar|java|js|lock|lsx|lua|md|mjs|pdf|php|pid|pl|png|py|pyc|rb"
    r"|rs|rst|sh|service|so|sock|sql|sqlite|svg|tar|toml|ts|tsv|xml|ya?ml|zip)$",
    re.IGNORECASE,
)
"""What is no log behind a word such as `access` or `error`: code, settings, documents. Other endings may be a host."""
_BINARY_NAMES: Final = frozenset({"wtmp", "btmp", "lastlog", "faillog"})


@dataclass(frozen=True, slots=True)
class NearbyFile:
    """A log that might matter."""

    path: str
    size: int
    """Bytes on disk."""
    mtime_us: int


def find_nearby(
    given: Iterable[str], since_us: int, folders: Sequence[str] = USUAL_FOLDERS, *, most: int = 20
) -> tuple[NearbyFile, ...]:
    """Logs changed since a time that nobody named: in the folders of the named ones, then elsewhere, the newest first.

    What is empty tells nothing.

    Args:
        given: Paths that were named; their rotated parts count as named.
        since_us: Microseconds UTC.
        folders: Looked at besides; up to three levels down.
        most: How many.
    """
    named = list(given)
    keys = {log_key(os.path.realpath(path)) for path in named}
    own = dict.fromkeys(os.path.dirname(os.path.abspath(path)) for path in named)
    found = (
        file
        for file in _list_logs([*own, *folders])
        if file.size and file.mtime_us >= since_us and log_key(os.path.realpath(file.path)) not in keys
    )
    ranked = _newest(found)
    beside = tuple(f"{folder}{os.sep}" for folder in own)
    return tuple(sorted(ranked, key=lambda one: not one.path.startswith(beside)))[:most]


def find_recent(folders: Sequence[str] = (".", *USUAL_FOLDERS), *, most: int = 20) -> tuple[NearbyFile, ...]:
    """Recently written logs to pick from, newest first."""
    return _newest(file for file in _list_logs(folders) if file.size)[:most]


def _newest(files: Iterable[NearbyFile]) -> tuple[NearbyFile, ...]:
    """The newest part of each log, the newest logs first."""
    best: dict[str, NearbyFile] = {}
    for file in files:
        key = log_key(file.path)
        if key not in best or file.mtime_us > best[key].mtime_us:
            best[key] = file
    return tuple(sorted(best.values(), key=lambda file: (-file.mtime_us, file.path)))


def _list_logs(folders: Iterable[str]) -> Iterator[NearbyFile]:
    """Readable files with a log's name, breadth first, each once."""
    pending = [(folder, 0) for folder in folders]
    seen: set[tuple[int, int]] = set()
    looked_at = 0
    while pending:
        folder, depth = pending.pop(0)
        try:
            info = os.stat(folder)
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            continue
        if (info.st_dev, info.st_ino) in seen:
            continue
        seen.add((info.st_dev, info.st_ino))
        for entry in entries:
            looked_at += 1
            if looked_at > _MOST_ENTRIES:
                return
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST:
                    pending.append((entry.path, depth + 1))
            elif _is_named_like_a_log(entry.name):
                file = _stat_log(entry.path, seen)
                if file is not None:
                    yield file


def _is_named_like_a_log(name: str) -> bool:
    if name in _BINARY_NAMES:
        return False
    if _LOG_SUFFIX.search(name):
        return True
    return _LOG_WORD.search(name) is not None and _OTHER_SUFFIX.search(log_key(name)) is None


def _stat_log(path: str, seen: set[tuple[int, int]]) -> NearbyFile | None:
    try:
        info = os.stat(path)
    except OSError:
        return None
    identity = (info.st_dev, info.st_ino)
    if not stat.S_ISREG(info.st_mode) or identity in seen or not os.access(path, os.R_OK):
        return None
    seen.add(identity)
    return NearbyFile(path, info.st_size, info.st_mtime_ns // 1000)
