"""Reads the sources of a batch in two processes: merging indexes in any order gives the index of reading all in one.

A fork costs nothing and needs nothing to be sent; what the child read comes back through a pipe. Only for commands that
run no thread: a forked child has none of them, but all of their locks.
"""

import os
import pickle
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from logscope.index.index import Index
from logscope.ingest.scanner import Place

LEAST_BYTES: Final = 128 * 1024 * 1024
"""Bytes of all sources below which a second process is not worth its start."""

Found = tuple[Index, dict[str, Place]]
"""What was read, and where the reading of each source stopped."""


def can_fork() -> bool:
    """Whether a second process may and can help."""
    if not hasattr(os, "fork") or threading.active_count() > 1:
        return False
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return len(cores) > 1


def share(sizes: Sequence[int]) -> list[int]:
    """Which of these are for the second process: the largest first, each to whom has less; the first has the rest."""
    mine = others = 0
    chosen: list[int] = []
    for number in sorted(range(len(sizes)), key=lambda n: (-sizes[n], n)):
        if others < mine:
            chosen.append(number)
            others += sizes[number]
        else:
            mine += sizes[number]
    return sorted(chosen)


class Child:
    """A second process that reads."""

    def __init__(self, read: Callable[[], Found]) -> None:
        """Start it; what `read` gives comes back."""
        reader, writer = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            code = 1
            try:
                os.close(reader)
                with os.fdopen(writer, "wb") as pipe:
                    pickle.dump(read(), pipe, protocol=5)
                code = 0
            finally:
                # Nothing that the first process will do again at its end: no flushing, no cleaning up.
                os._exit(code)
        os.close(writer)
        self._reader = reader

    def take(self) -> Found | None:
        """Wait for what it read; None where it died, and the same must be read here."""
        found: Found | None = None
        # Not all bytes at once: they would take as much as what is made of them.
        with os.fdopen(self._reader, "rb") as pipe, suppress(EOFError, pickle.UnpicklingError):
            found = pickle.load(pipe)  # noqa: S301 -- from our own child, through our own pipe
        _, status = os.waitpid(self._pid, 0)
        return found if status == 0 else None
