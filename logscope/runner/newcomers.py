"""Logs that appear while folders and patterns are followed: found, and told from parts of those that are read."""

import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from logscope.errors import SourceError
from logscope.runner.planning import Plan, looks_like_log
from logscope.runner.request import Request, open_request
from logscope.runner.tailing import Tail
from logscope.sources.discovery import list_several, means_several, reason_to_skip, split_argument
from logscope.sources.generations import LONGEST_HEADER
from logscope.sources.naming import log_key, strip_compression
from logscope.sources.opening import open_regular

EVERY_S: Final = 4.0
"""Between two looks at the folders: a look at 2,000 names takes a few milliseconds."""
_MOST_PAST: Final = 4096


class Newcomers:
    """Looks for logs that were not there at the start."""

    def __init__(self, request: Request, plans: Iterable[Plan], clock: Callable[[], float]) -> None:
        """Note what is there now; nothing of it is new.

        Args:
            request: What the user asked for.
            plans: What is read of it.
            clock: Seconds that only grow.
        """
        self._request = request
        self._clock = clock
        self._named = [(split_argument(one)[0], one) for one in request.paths if means_several(one)]
        """Folders and patterns, each with the name that was given for what is in it."""
        self._sizes = {path: _size(path) for _, path in self._list()}
        self._heads: dict[str, bytes] = {}
        """What the files of known logs begin with, by where they lie."""
        self._looks: dict[str, tuple[int, int, int]] = {}
        """What was seen of these files when their first bytes were read."""
        self._past: deque[bytes] = deque(maxlen=_MOST_PAST)
        """What others began with that lay there: a part that was moved or copied elsewhere is no new log."""
        if self._named:
            self._note([part.path for part in plan.source.parts] for plan in plans)
        self._last = clock()

    def look(self, tails: Collection[Tail]) -> list[Plan]:
        """Logs that appeared since the last look, or said nothing until then; none while that is a moment ago.

        Args:
            tails: Of all logs that are read.
        """
        if not self._named or self._clock() - self._last < EVERY_S:
            return []
        self._last = self._clock()
        self._note(tail.parts for tail in tails)
        known = {tail.plan.source.key for tail in tails}
        fresh = [
            path if name is None else f"{name}={path}"
            for name, path in self._list()
            if self._is_changed(path, known) and self._is_new_log(path)
        ]
        if not fresh:
            return []
        opened = open_request(replace(self._request, paths=fresh, siblings=False, baseline=()), live=True)
        # A name that was given holds for all below it.
        services = {tail.plan.source.service for tail in tails} - {name for name, _ in self._named}
        return [_name_by_folder(plan) if plan.source.service in services else plan for plan in opened.plans]

    def _list(self) -> Iterator[tuple[str | None, str]]:
        for name, argument in self._named:
            for path in list_several(argument):
                yield name, path

    def _is_changed(self, path: str, known: Collection[str]) -> bool:
        """Whether a file is a part of no known log, and was not there or had another size at the last look."""
        if path in known or log_key(path) in known or strip_compression(path) != path:
            return False
        size = _size(path)
        is_changed = self._sizes.get(path) != size
        self._sizes[path] = size
        return is_changed and size > 0

    def _is_new_log(self, path: str) -> bool:
        if reason_to_skip(path) is not None or not looks_like_log(path):
            return False
        head = _read_head(path)
        known = chain(self._heads.values(), self._past)
        return not any(head.startswith(other) or other.startswith(head) for other in known)

    def _note(self, logs: Iterable[Sequence[str]]) -> None:
        """Remember what known logs begin with before their files are moved away."""
        for paths in logs:
            for path in paths:
                # What was rotated away does not change any more.
                if path == paths[-1] or path not in self._heads:
                    self._note_head(path)

    def _note_head(self, path: str) -> None:
        look = _look_at(path)
        if look is None or self._looks.get(path) == look:
            return
        self._looks[path] = look
        before, head = self._heads.get(path), _read_head(path)
        if head and before is not None and not head.startswith(before):
            self._past.append(before)
        if head:
            self._heads[path] = head


def _name_by_folder(plan: Plan) -> Plan:
    """The log of a name that another one has, told from it by its folder."""
    folder = os.path.basename(os.path.dirname(os.path.abspath(plan.source.key)))
    return replace(plan, source=replace(plan.source, service=f"{folder}/{plan.source.service}"))


def _look_at(path: str) -> tuple[int, int, int] | None:
    """Device and inode of a file, and how many bytes of its head there are; None without a file."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    return info.st_dev, info.st_ino, min(info.st_size, LONGEST_HEADER)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _read_head(path: str) -> bytes:
    """A file's first bytes; none where it cannot be read."""
    try:
        descriptor = open_regular(path)
    except SourceError:
        return b""
    try:
        return os.pread(descriptor, LONGEST_HEADER, 0)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
