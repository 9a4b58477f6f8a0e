"""Arguments to sources: paths, directories, globs, NAME=PATH, rotated siblings, pipes, standard input.

A source is one log with all its rotated parts, oldest first. No file is read twice: identity is the device and inode of
what is opened, and the real path, not the name. Every path is opened once to see that it can be read.
"""

import glob
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from logscope.errors import SourceError
from logscope.sources.naming import (
    LOG_SUFFIXES,
    is_numbered_inside,
    log_key,
    place_of_service,
    pod_names,
    rotation_order,
    service_name,
    tell_apart,
)
from logscope.sources.opening import (
    MAGIC_SIZE,
    Compression,
    describe_foreign,
    describe_special,
    detect_compression,
    explain,
    open_regular,
    read_small,
)

STDIN: Final = "-"
DEEPEST: Final = 4
"""Levels of folders below a given directory that are read."""
NO_LOG: Final = "no times and no levels in it"
"""Why a text file of a folder is left out."""
_MOST_FILES: Final = 2000
_NEAR_US: Final = 24 * 3600 * 1_000_000
"""How long before a named log a rotated part beside it may end and still tell what was normal."""
_MOST_BLANK: Final = 64
"""Bytes of line ends and blanks that a log holds before its first line."""
_SKIPPED_NAMES: Final = frozenset({"truth.json"})
_SKIPPED_SUFFIXES: Final = (".md", ".lsx")
_NAMED: Final = re.compile(r"([A-Za-z0-9][\w.@+-]{0,99})=(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a source."""

    path: str
    """As it was given or found."""
    size: int
    """Bytes on disk."""
    mtime_us: int
    identity: tuple[int, int]
    """Device and inode."""
    found: bool = False
    """Not named by the user: a rotated sibling of a named log. The caller decides by its times whether it is read."""
    compression: Compression | None = None
    """By its first bytes; None where it is read as it is."""


@dataclass(frozen=True, slots=True)
class Source:
    """One log, all its parts."""

    key: str
    """Stable name: the path without rotation and compression suffixes, as given; `-` for standard input."""
    service: str
    parts: tuple[Part, ...]
    """Oldest first. Empty for a stream and for a file that does not exist yet."""
    stream: str | None = None
    """`-` or the path of a pipe: read once, as it comes (`sources.stream`); None for files."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A path that is not read, and why."""

    path: str
    reason: str
    is_error: bool = True
    """False for files that a directory holds beside its logs."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What the arguments mean."""

    sources: tuple[Source, ...]
    refusals: tuple[Refusal, ...]


def discover(
    arguments: Sequence[str], looks_like_log: Callable[[str], bool], *, siblings: bool, wait_for_missing: bool = False
) -> Discovery:
    """Find the sources that arguments name.

    Args:
        arguments: As typed.
        looks_like_log: Whether a regular file found in a directory holds times or levels.
        siblings: Also take rotated parts beside a named log.
        wait_for_missing: A file that does not exist is a source without parts instead of a refusal, and an empty one
            in a directory may become a log.
    """
    finder = _Finder(looks_like_log, wait_for_missing)
    for argument in arguments:
        finder.take(argument)
    if siblings:
        finder.take_siblings()
    return Discovery(tuple(finder.sources()), tuple(finder.refusals))


def means_several(argument: str) -> bool:
    """Whether an argument may come to mean more files than it does: a folder, a pattern."""
    _, path = split_argument(argument)
    return path != STDIN and (os.path.isdir(path) or _is_pattern(path))


def list_several(argument: str) -> list[str]:
    """The files below a folder, or those that match a pattern, whatever they are; none for other arguments."""
    _, path = split_argument(argument)
    if _is_pattern(path):
        return glob.glob(path, recursive=True)
    return list(islice(_walk(path, []), _MOST_FILES)) if os.path.isdir(path) else []


def split_argument(argument: str) -> tuple[str | None, str]:
    """Name, where one is given, and path."""
    name: str | None = None
    path = argument
    if argument != STDIN and not os.path.lexists(argument):
        named = _NAMED.fullmatch(argument)
        if named:
            name, path = named.group(1), named.group(2)
    # The shell leaves the tilde of NAME=~/x and of a quoted glob alone.
    return name, path if path == STDIN or os.path.lexists(path) else os.path.expanduser(path)


def _is_pattern(path: str) -> bool:
    return not os.path.lexists(path) and glob.has_magic(path)


def keep_near_parts(source: Source, begin_us: int, end_of: Callable[[Part], int | None]) -> Source:
    """Leave out found parts that end more than a day before the named log begins.

    Args:
        source: With parts that were found beside the named ones.
        begin_us: First time of the named parts, microseconds UTC.
        end_of: Last time of a part; None when unknown: its modification time counts.
    """
    parts = tuple(part for part in source.parts if not part.found or _is_near(part, begin_us, end_of))
    return replace(source, parts=parts)


def _is_near(part: Part, begin_us: int, end_of: Callable[[Part], int | None]) -> bool:
    end_us = end_of(part)
    return (part.mtime_us if end_us is None else end_us) >= begin_us - _NEAR_US


@dataclass(slots=True)
class _Log:
    """A source in the making."""

    service: str | None
    """Given by NAME=; None where the file name says it."""
    stream: str | None = None
    parts: list[Part] = field(default_factory=list)


class _Finder:
    def __init__(self, looks_like_log: Callable[[str], bool], wait_for_missing: bool) -> None:
        self.refusals: list[Refusal] = []
        self._looks_like_log = looks_like_log
        self._wait = wait_for_missing
        self._logs: dict[str, _Log] = {}
        self._seen: set[tuple[int, int] | str] = set()

    def take(self, argument: str) -> None:
        name, path = split_argument(argument)
        if path == STDIN:
            self._log_of(STDIN, name or "stdin").stream = STDIN
        elif _is_pattern(path):
            self._take_glob(path, name)
        else:
            self._take_path(path, name)

    def _take_glob(self, pattern: str, name: str | None) -> None:
        matches = sorted(glob.glob(pattern, recursive=True))
        if not matches:
            self.refusals.append(Refusal(pattern, "no file matches"))
        for match in matches:
            self._take_path(match, name)

    def _take_path(self, path: str, name: str | None) -> None:
        if os.path.isdir(path):
            self._take_folder(path, name)
            return
        try:
            self._take_file(path, name)
        except SourceError as error:
            if self._wait and "\0" not in path and not os.path.lexists(path):
                self._log_of(log_key(path), name)
            else:
                self.refusals.append(Refusal(path, error.reason))

    def _take_file(self, path: str, name: str | None) -> None:
        """Open a path that the user named.

        Raises:
            SourceError: It cannot be read.
        """
        try:
            info = os.stat(path)
        except (OSError, ValueError) as error:
            raise SourceError(path, explain(error)) from error
        if stat.S_ISFIFO(info.st_mode):
            self._take_stream(path, info, name)
        else:
            self._add_part(path, name, _read_part(path, info.st_mode, found=False))

    def _take_stream(self, path: str, info: os.stat_result, name: str | None) -> None:
        if self._is_new(path, (info.st_dev, info.st_ino)):
            stream = STDIN if _is_standard_input(info) else path
            self._log_of(stream, name or ("stdin" if stream == STDIN else None)).stream = stream

    def _add_part(self, path: str, name: str | None, part: Part) -> None:
        if self._is_new(path, part.identity):
            self._log_of(log_key(path), name).parts.append(part)

    def _is_new(self, path: str, identity: tuple[int, int]) -> bool:
        real = os.path.realpath(path)
        if identity in self._seen or real in self._seen:
            return False
        self._seen |= {identity, real}
        return True

    def _log_of(self, key: str, name: str | None) -> _Log:
        log = self._logs.setdefault(key, _Log(name))
        log.service = log.service or name
        return log

    def take_siblings(self) -> None:
        """Add older parts that lie beside the named ones."""
        names_by_key_by_folder: dict[str, dict[str, list[str]]] = {}
        for key, log in self._logs.items():
            if not log.parts:
                continue
            folder = os.path.dirname(log.parts[0].path)
            if folder not in names_by_key_by_folder:
                names_by_key_by_folder[folder] = _list_by_key(folder)
            oldest_named = min(rotation_order(part.path) for part in log.parts)
            for path in names_by_key_by_folder[folder].get(key, []):
                if rotation_order(path) < oldest_named:
                    self._take_sibling(path, log)

    def _take_sibling(self, path: str, log: _Log) -> None:
        try:
            part = _read_part(path, os.stat(path).st_mode, found=True)
        except (OSError, SourceError):
            return  # Nobody asked for it.
        if self._is_new(path, part.identity):
            log.parts.append(part)

    def _take_folder(self, folder: str, name: str | None) -> None:
        for count, path in enumerate(_walk(folder, self.refusals)):
            if count >= _MOST_FILES:
                too_many = f"holds more than {_MOST_FILES} files; the rest is left out: name the folder that matters"
                self.refusals.append(Refusal(folder, too_many))
                return
            reason = reason_to_skip(path)
            if reason is None:
                self._take_member(path, name)
            else:
                self.refusals.append(Refusal(path, reason, is_error=False))

    def _take_member(self, path: str, name: str | None) -> None:
        try:
            part = _read_part(path, stat.S_IFREG, found=False)
        except SourceError as error:
            self.refusals.append(Refusal(path, error.reason))
            return
        is_blank = _is_blank(path, part.size)
        is_log = self._wait and path.endswith(LOG_SUFFIXES) if is_blank else self._looks_like_log(path)
        if is_log:
            self._add_part(path, name, part)
        else:
            self.refusals.append(Refusal(path, "is empty" if is_blank else NO_LOG, is_error=False))

    def sources(self) -> Iterator[Source]:
        logs = dict(self._split_workers())
        services = {key: log.service or service_name(_path_of(key, log)) for key, log in logs.items()}
        shared = {name for name, count in Counter(services.values()).items() if count > 1}
        unnamed = [key for key, log in logs.items() if log.service is None and services[key] in shared]
        services |= tell_apart({key: _path_of(key, logs[key]) for key in unnamed}, services)
        for key, log in logs.items():
            parts = tuple(sorted(log.parts, key=lambda part: (rotation_order(part.path), part.mtime_us, part.path)))
            yield Source(key, services[key], parts, log.stream)

    def _split_workers(self) -> Iterator[tuple[str, _Log]]:
        """Logs as they are; x.1.log and x.2.log without an x.log are two workers, not two parts."""
        for key, log in self._logs.items():
            numbered = [part for part in log.parts if is_numbered_inside(part.path)]
            if not numbered or len(numbered) < len(log.parts) or os.path.lexists(key):
                yield key, log
                continue
            for part in numbered:
                if not part.found:
                    yield part.path, _Log(log.service, None, [part])


def reason_to_skip(path: str) -> str | None:
    """Why a file of a directory is not even opened; None where it may be a log."""
    base = os.path.basename(path)
    if base.startswith("."):
        return "is hidden"
    if base in _SKIPPED_NAMES or base.endswith(_SKIPPED_SUFFIXES):
        return "is no log by its name"
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        return explain(error)
    return None if stat.S_ISREG(mode) else describe_special(mode)


def _is_blank(path: str, size: int) -> bool:
    """Whether nothing has been written to a file but blank lines."""
    if size > _MOST_BLANK:
        return False
    try:
        return not read_small(path, _MOST_BLANK).strip()
    except SourceError:
        return False  # It has grown, or is another file by now.


def _read_part(path: str, mode: int, *, found: bool) -> Part:
    """Open a file and see what it is. Devices are not opened: that alone may do something.

    Raises:
        SourceError: It is not read: a special file, an archive, a foreign format.
    """
    if not stat.S_ISREG(mode):
        raise SourceError(path, describe_special(mode))
    descriptor = open_regular(path)
    try:
        info = os.fstat(descriptor)
        first = os.pread(descriptor, MAGIC_SIZE, 0)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    finally:
        os.close(descriptor)
    foreign = describe_foreign(first)
    if foreign is not None:
        raise SourceError(path, foreign)
    identity = (info.st_dev, info.st_ino)
    return Part(path, info.st_size, info.st_mtime_ns // 1000, identity, found, detect_compression(first))


def _is_standard_input(info: os.stat_result) -> bool:
    try:
        own = os.fstat(0)
    except OSError:
        return False
    return (own.st_dev, own.st_ino) == (info.st_dev, info.st_ino)


def _path_of(key: str, log: _Log) -> str:
    """A path that tells the service: links of kubelet are followed to the pod, `current` is named by its folder."""
    path = log.parts[0].path if log.parts else key
    real = os.path.realpath(path)
    return real if pod_names(real) else place_of_service(key)


def _list_by_key(folder: str) -> dict[str, list[str]]:
    """Paths in a folder by the log that they are a part of."""
    result: dict[str, list[str]] = {}
    try:
        names = sorted(os.listdir(folder or "."))
    except OSError:
        return result
    for name in names:
        path = os.path.join(folder, name)
        result.setdefault(log_key(path), []).append(path)
    return result


def _walk(folder: str, refusals: list[Refusal]) -> Iterable[str]:
    """Paths below a folder, sorted; a folder reached twice (a loop of links) is entered once, hidden ones are not."""
    pending = [(folder, 0)]
    visited: set[tuple[int, int]] = set()
    while pending:
        current, depth = pending.pop()
        try:
            info = os.stat(current)
            if (info.st_dev, info.st_ino) in visited:
                continue
            visited.add((info.st_dev, info.st_ino))
            with os.scandir(current) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            refusals.append(Refusal(current, explain(error)))
            continue
        below = []
        for entry in entries:
            if not os.path.isdir(entry.path):
                yield entry.path
            elif entry.name.startswith("."):
                continue
            elif depth < DEEPEST:
                below.append((entry.path, depth + 1))
            else:
                refusals.append(Refusal(entry.path, f"lies more than {DEEPEST} levels down", is_error=False))
        pending.extend(reversed(below))
