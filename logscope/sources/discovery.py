"""Arguments to sources: paths, directories, globs, NAME=PATH, rotated siblings, standard input.

A source is one log with all its rotated parts, oldest first. No file is read twice: identity is the device and inode of
what is opened, not the name.
"""

import glob
import os
import re
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from logscope.model.snapshot import Problem

STDIN: Final = "-"
DEEPEST: Final = 4
"""Levels below a given directory that are read."""
_MOST_FILES: Final = 2000
_SKIPPED_NAMES: Final = frozenset({"truth.json"})
_SKIPPED_SUFFIXES: Final = (".md", ".lsx")
_COMPRESSION: Final = (".gz", ".bz2", ".xz", ".zst", ".zstd", ".Z", ".lz4")
_LOG_SUFFIXES: Final = (".log", ".jsonl", ".json", ".csv", ".txt", ".ndjson", ".tsv")
_DATE: Final = r"(?:\d{4}[-.]?\d{2}[-.]?\d{2}(?:[-_T.]?\d{2}(?:[-:.]?\d{2}){0,2})?|\d{10})"
_ROTATION: Final = re.compile(rf"(?:\.\d{{1,4}}|[-_.]{_DATE}|\.old|\.prev|~)$")
_INNER_ROTATION: Final = re.compile(rf"(?:\.\d{{1,4}}|[-_.]{_DATE})$")
_POD: Final = re.compile(r"/pods/[^/]+_([^/_]+)_[0-9a-f-]{8,}/([^/]+)/\d+\.log")
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
    """Not named by the user: a rotated sibling of a named log."""


@dataclass(frozen=True, slots=True)
class Source:
    """One log, all its parts."""

    key: str
    """Stable name: the path of the newest part without rotation and compression suffixes, as given."""
    service: str
    parts: tuple[Part, ...]
    """Oldest first. Empty for standard input and for a file that does not exist yet."""
    is_stdin: bool = False


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
        wait_for_missing: A file that does not exist is a source without parts instead of a refusal.
    """
    finder = _Finder(looks_like_log, siblings, wait_for_missing)
    for argument in arguments:
        finder.take(argument)
    return finder.result()


def log_key(path: str) -> str:
    """A path without compression and rotation suffixes: the same for all parts of one log."""
    folder, name = os.path.split(path)
    for suffix in _COMPRESSION:
        if name.endswith(suffix) and len(name) > len(suffix):
            name = name[: -len(suffix)]
            break
    bare = _ROTATION.sub("", name)
    for suffix in _LOG_SUFFIXES:
        if bare.endswith(suffix):
            stem = bare[: -len(suffix)]
            inner = _INNER_ROTATION.sub("", stem)
            return os.path.join(folder, (inner or stem) + suffix)
    return os.path.join(folder, bare or name)


def service_name(key: str) -> str:
    """Service of a file: its container in a pod's folder, else its name without suffixes."""
    pod = _POD.search(os.path.abspath(key))
    if pod:
        return pod.group(2)
    name = os.path.basename(key)
    for suffix in _LOG_SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def rotation_order(path: str) -> tuple[int, str, int]:
    """Sort key that puts older parts first: high numbers, then early dates, the log itself last."""
    name = os.path.basename(path)
    for suffix in _COMPRESSION:
        if name.endswith(suffix):
            name = name[: -len(suffix)]
            break
    stem = name
    for suffix in _LOG_SUFFIXES:
        if name.endswith(suffix):
            stem = name[: -len(suffix)]
            break
    date = re.search(rf"[-_.]({_DATE})(?:\.\d{{1,4}})?$", stem)
    if date:
        return (1, re.sub(r"\D", "", date.group(1)), 0)
    number = re.search(r"\.(\d{1,4})$", stem)
    if number:
        return (0, "", -int(number.group(1)))
    if stem.endswith((".old", ".prev", "~")):
        return (0, "", 0)
    return (2, "", 0)


class _Finder:
    def __init__(self, looks_like_log: Callable[[str], bool], siblings: bool, wait_for_missing: bool) -> None:
        self._looks_like_log = looks_like_log
        self._siblings = siblings
        self._wait = wait_for_missing
        self._parts: dict[str, dict[tuple[int, int], Part]] = {}
        self._services: dict[str, str] = {}
        self._seen: set[tuple[int, int]] = set()
        self._refusals: list[Refusal] = []
        self._order: list[str] = []

    def take(self, argument: str) -> None:
        name: str | None = None
        path = argument
        if argument != STDIN and not os.path.lexists(argument):
            named = _NAMED.fullmatch(argument)
            if named:
                name, path = named.group(1), named.group(2)
        if path == STDIN:
            self._add_key(STDIN, name or "stdin")
            return
        path = os.path.expanduser(path)
        if not os.path.lexists(path) and glob.has_magic(path):
            matches = sorted(glob.glob(path, recursive=True))
            if not matches:
                self._refusals.append(Refusal(path, "no file matches"))
            for match in matches:
                self._take_path(match, name)
            return
        self._take_path(path, name)

    def _take_path(self, path: str, name: str | None) -> None:
        try:
            info = os.stat(path)
        except FileNotFoundError:
            if self._wait:
                self._add_key(path, name or service_name(path))
            else:
                self._refusals.append(Refusal(path, "no such file"))
            return
        except OSError as error:
            self._refusals.append(Refusal(path, explain(error)))
            return
        if stat.S_ISDIR(info.st_mode):
            self._take_folder(path, name)
            return
        self._take_file(path, info, name, found=False)
        if self._siblings:
            self._take_siblings(path, name)

    def _take_file(self, path: str, info: os.stat_result, name: str | None, *, found: bool) -> None:
        if not stat.S_ISREG(info.st_mode):
            if not found:
                self._refusals.append(Refusal(path, describe_special(info.st_mode)))
            return
        identity = (info.st_dev, info.st_ino)
        if identity in self._seen:
            return
        self._seen.add(identity)
        key = log_key(path)
        self._add_key(key, name or service_name(key))
        part = Part(path, info.st_size, info.st_mtime_ns // 1000, identity, found)
        self._parts[key][identity] = part

    def _add_key(self, key: str, service: str) -> None:
        if key not in self._parts:
            self._parts[key] = {}
            self._services[key] = service
            self._order.append(key)

    def _take_siblings(self, path: str, name: str | None) -> None:
        folder, own = os.path.split(path)
        key = log_key(path)
        try:
            names = sorted(os.listdir(folder or "."))
        except OSError:
            return
        for sibling in names:
            other = os.path.join(folder, sibling)
            if sibling == own or log_key(other) != key or rotation_order(other) >= rotation_order(path):
                continue
            try:
                info = os.stat(other)
            except OSError:
                continue
            self._take_file(other, info, name, found=True)

    def _take_folder(self, folder: str, name: str | None) -> None:
        count = 0
        visited: set[tuple[int, int]] = set()
        for path, depth in _walk(folder, visited):
            if count >= _MOST_FILES:
                self._refusals.append(
                    Refusal(folder, f"holds more than {_MOST_FILES} files; the rest is left out", False)
                )
                return
            if depth > DEEPEST:
                continue
            base = os.path.basename(path)
            if base in _SKIPPED_NAMES or base.endswith(_SKIPPED_SUFFIXES) or base.startswith("."):
                continue
            try:
                info = os.stat(path)
            except OSError as error:
                self._refusals.append(Refusal(path, explain(error)))
                continue
            if not stat.S_ISREG(info.st_mode):
                continue
            count += 1
            if not os.access(path, os.R_OK):
                self._refusals.append(Refusal(path, "permission denied; try sudo"))
            elif self._looks_like_log(path):
                self._take_file(path, info, name, found=False)
            else:
                self._refusals.append(Refusal(path, "no times and no levels in it", is_error=False))

    def result(self) -> Discovery:
        sources = []
        for key in self._order:
            parts = tuple(sorted(self._parts[key].values(), key=lambda p: (rotation_order(p.path), p.mtime_us)))
            if parts and all(part.found for part in parts):
                continue
            sources.append(Source(key, self._services[key], parts, is_stdin=key == STDIN))
        return Discovery(tuple(_without_shared_services(sources)), tuple(self._refusals))


def _without_shared_services(sources: Iterable[Source]) -> Iterable[Source]:
    """Logs of the same name in different folders are different services: the folder tells them apart."""
    listed = list(sources)
    names = [source.service for source in listed]
    for source in listed:
        if names.count(source.service) > 1 and not source.is_stdin:
            parent = os.path.basename(os.path.dirname(os.path.abspath(source.key)))
            yield Source(source.key, f"{parent}/{source.service}" if parent else source.service, source.parts)
        else:
            yield source


def _walk(folder: str, visited: set[tuple[int, int]], depth: int = 1) -> Iterable[tuple[str, int]]:
    """Files below a folder, sorted; a folder reached twice (a loop of links) is entered once."""
    try:
        info = os.stat(folder)
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    identity = (info.st_dev, info.st_ino)
    if identity in visited:
        return
    visited.add(identity)
    for entry in entries:
        if entry.is_dir():
            if depth < DEEPEST:
                yield from _walk(entry.path, visited, depth + 1)
        else:
            yield entry.path, depth


def describe_special(mode: int) -> str:
    """Why a special file is not read."""
    for test, name in (
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return f"is {name}, not a file; feed it on standard input: logscope - < ..."
    return "is no regular file"


def explain(error: OSError) -> str:
    """The reason and what to do, in a few words."""
    if isinstance(error, PermissionError):
        return "permission denied; try sudo"
    return (error.strerror or str(error)).lower()


def to_problem(refusal: Refusal) -> Problem:
    """A refusal as an entry of `problems`."""
    return Problem("unreadable", refusal.reason)
