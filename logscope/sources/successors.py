"""The file in which a log goes on whose files are named by dates, weekdays or runs: none is written to for ever.

PostgreSQL, Tomcat, Serilog, log4j and kubelet open a file with another name instead of moving the old one away.
"""

import os
import stat
import time
from typing import Final

from logscope.sources.naming import may_have_successor, next_weekday, rotation_order, strip_compression
from logscope.sources.rotated import Found, Known, list_beside

_TICK_NS: Final = 2_000_000_000
"""The coarsest clocks of file systems."""


class Successors:
    """Looks for files that appear behind the newest one."""

    def __init__(self) -> None:
        self._folder_mtime_ns = -1
        self._path = ""
        self._is_newest = False
        """Nothing lay behind the file when it was first looked at: who names last week's log asks for that alone."""

    def find(self, path: str, known: Known) -> str | None:
        """The file that a log goes on in, if it appeared since the last look; the newest of several.

        Args:
            path: What is followed.
            known: Device, inode, mtime and size of what lay beside it before.
        """
        if path != self._path:
            self._path, self._folder_mtime_ns = path, -1
            self._is_newest = may_have_successor(path) and all(one.signature not in known for one in _list_behind(path))
        if not self._is_newest:
            return None
        return self._find_rewritten(path, known) or self._find_new(path, known)

    def _find_new(self, path: str, known: Known) -> str | None:
        try:
            mtime_ns = os.stat(os.path.dirname(path) or ".").st_mtime_ns
        except OSError:
            return None
        if mtime_ns == self._folder_mtime_ns:
            return None
        # A file that comes in the same tick of the file system's clock does not change it again.
        self._folder_mtime_ns = mtime_ns if abs(time.time_ns() - mtime_ns) > _TICK_NS else -1
        fresh = [one.path for one in _list_behind(path) if one.signature not in known]
        return max(fresh, key=rotation_order, default=None)

    def _find_rewritten(self, path: str, known: Known) -> str | None:
        """Tomorrow's file of a week's, which is last week's until it is begun anew."""
        name = next_weekday(path)
        if name is None:
            return None
        try:
            begun = Found(name, os.stat(name))
        except OSError:
            return None
        is_begun = stat.S_ISREG(begun.info.st_mode) and begun.signature not in known
        return name if is_begun and begun.info.st_mtime_ns >= _mtime_ns(path) else None


def _list_behind(path: str) -> list[Found]:
    """Files beside a path that are later parts of the same log, and not compressed."""
    order = rotation_order(path)
    return [
        one for one in list_beside(path) if rotation_order(one.path) > order and strip_compression(one.path) == one.path
    ]


def _mtime_ns(path: str) -> int:
    """When a file was last written; 0 where it is gone: what follows it is later."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
