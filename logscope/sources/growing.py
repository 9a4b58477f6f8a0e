"""Live reading of a compressed file that is still being written: new blocks and members as they become whole.

A compressor that has not finished, or a logger that compresses and flushes. What stands in the open block is not there
yet. Another file behind the path is read after the end of the one before it; one that was cut is read from its begin.
"""

import os
from collections.abc import Callable
from typing import Final

from logscope.errors import SourceError
from logscope.model.files import Problem
from logscope.sources.decompress import CompressedInput, Unpacker
from logscope.sources.events import Data, Ended, Event, Flawed, Gone, Rotated, Truncated
from logscope.sources.follow import KEPT_S, MOST_BYTES
from logscope.sources.generations import FINGERPRINT
from logscope.sources.opening import MAGIC_SIZE, detect_compression, explain, open_regular

_BLOCK: Final = 1024 * 1024


class _Input(CompressedInput):
    """The compressed bytes, as long as those before them are the ones that were read."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self._tail = b""

    def read(self, size: int) -> bytes:
        """The next bytes; empty at the end, and where the file was cut."""
        if not self.is_same():
            return b""
        data = super().read(size)
        self._tail = (self._tail + data)[-FINGERPRINT:]
        return data

    def is_same(self) -> bool:
        """Whether the bytes before the place are still those that were read."""
        before = os.pread(self._descriptor, len(self._tail), self._offset - len(self._tail))
        return before == self._tail


class GrowingFile:
    """Reads one compressed path on and on, with the events of a follower."""

    def __init__(self, path: str, clock: Callable[[], float], *, most_bytes: int = MOST_BYTES) -> None:
        """Look at nothing yet.

        Args:
            path: A compressed file.
            clock: Seconds that only grow; used for how long a file may end in its middle before that is told.
            most_bytes: Bytes that one poll gives at most, and a block more.
        """
        self.path = path
        self.has_more = False
        """The last poll stopped at its limit: poll again without waiting."""
        self.trouble = ""
        """Why nothing new can be read behind the path, as of the last look; empty when all is well."""
        self._clock = clock
        self._most_bytes = most_bytes
        self._generation = -1
        self._descriptor: int | None = None
        self._source: _Input | None = None
        self._pieces: Unpacker | None = None
        self._problems: list[Problem] = []
        self._offset = 0
        self._seen: tuple[int, int] = (0, 0)
        """Size and mtime when it was read to its end."""
        self._grown = 0.0
        """When something came last; the clock's seconds."""
        self._is_told = False
        """That it ends in its middle."""
        self._failure = ""
        """Why the open file could not be read at the last try."""

    @property
    def generation(self) -> int:
        """The newest generation; the first is 0."""
        return max(0, self._generation)

    @property
    def identity(self) -> tuple[int, int] | None:
        """Device and inode of the newest generation; None before the first."""
        if self._descriptor is None:
            return None
        info = os.fstat(self._descriptor)
        return (info.st_dev, info.st_ino)

    def poll(self) -> list[Event]:
        """Look once, and read what is new."""
        events: list[Event] = []
        try:
            if self._descriptor is None:
                self._open(events)
            self._drain(events)
            if self._descriptor is not None and not self.has_more:
                self._look(events)
        except OSError as error:
            self._failure = explain(error)
        self.trouble = self._failure or self.trouble
        return events

    def close(self) -> None:
        """Let go of the handle."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = self._pieces = self._source = None

    def _look(self, events: list[Event]) -> None:
        """See what is behind the path, when all that is open was read."""
        assert self._descriptor is not None, "asked of an open file"
        try:
            info, held = os.stat(self.path), os.fstat(self._descriptor)
        except FileNotFoundError:
            self._tell("gone, a new one is waited for", events)
            return
        except OSError as error:
            self.trouble = explain(error)
            return
        self.trouble = ""
        if (info.st_dev, info.st_ino) != (held.st_dev, held.st_ino):
            # Its compressor may not be done: it gets as long as any file that is rotated away.
            if self._clock() - self._grown >= KEPT_S or not self._is_inside:
                self._open(events)
                self._drain(events)
        elif self._source is not None and not self._source.is_same():
            self._begin(self._descriptor, events, is_cut=True)
            self._drain(events)

    def _tell(self, reason: str, events: list[Event]) -> None:
        if self.trouble != reason:
            self.trouble = reason
            events.append(Gone())

    def _open(self, events: list[Event]) -> None:
        """Go on to the file that is behind the path now."""
        try:
            fresh = open_regular(self.path)
        except SourceError as error:
            self.trouble = error.reason
            return
        if self._descriptor is not None:
            events.append(Ended(self._generation))
        self.close()
        self._begin(fresh, events, is_cut=False)

    def _begin(self, descriptor: int, events: list[Event], *, is_cut: bool) -> None:
        self._descriptor = descriptor
        self._generation += 1
        if self._generation:
            cut = Truncated(self._generation) if is_cut else Rotated(self._generation, self.path)
            events.append(cut)
        self._pieces, self._offset, self._seen, self._is_told = None, 0, (0, 0), False
        self._failure = ""
        self._source = _Input(descriptor)
        self._grown = self._clock()

    def _drain(self, events: list[Event]) -> None:
        """Read what there is of the open file, until the budget is used up."""
        if self._descriptor is None or self._source is None:
            return
        info = os.fstat(self._descriptor)
        state = (info.st_size, info.st_mtime_ns)
        if state != self._seen or self.has_more:
            self.has_more, self._failure = False, ""
            try:
                self.has_more = self._read(self._descriptor, self._source, events) <= 0
                self._seen = state
            except OSError as error:
                self._failure = explain(error)  # A disk or a network that does not answer: the next look tries again.
        if self._is_inside and not self._is_told and self._clock() - self._grown >= KEPT_S:
            self._is_told = True
            self._problems.append(Problem("truncated", "the stream has no end yet; what it holds so far was read"))
        events.extend(Flawed(self._generation, problem) for problem in self._problems)
        self._problems.clear()

    @property
    def _is_inside(self) -> bool:
        return self._pieces is not None and self._pieces.is_inside

    def _read(self, descriptor: int, source: _Input, events: list[Event]) -> int:
        """Give what there is, at most `most_bytes` and a piece more; what is left of them."""
        budget = self._most_bytes
        if self._pieces is None:
            kind = detect_compression(os.pread(descriptor, MAGIC_SIZE, 0))
            if kind is None:
                size = os.fstat(descriptor).st_size
                self._failure = "is not compressed any more; name it anew" if size >= MAGIC_SIZE else ""
                return budget
            self._pieces = Unpacker(kind, source, self.path, self._problems.append, is_growing=True)
        kept: list[bytes] = []
        length = 0
        try:
            for piece in self._pieces:
                kept.append(piece)
                length += len(piece)
                budget -= len(piece)
                if length >= _BLOCK:
                    self._give(kept, events)
                    kept, length = [], 0
                if budget <= 0:
                    break
        finally:
            # What was unpacked before a disk failed does not come again.
            self._give(kept, events)
        return budget

    def _give(self, pieces: list[bytes], events: list[Event]) -> None:
        data = b"".join(pieces)
        if data:
            events.append(Data(data, self._generation, self._offset))
            self._offset += len(data)
            self._grown = self._clock()
