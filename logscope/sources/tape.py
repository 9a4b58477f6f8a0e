"""Streams that can be looked at again: the newest bytes of a pipe are kept, because they have no other place."""

from collections.abc import Iterator
from typing import Final

from logscope.sources.events import Data, Ended, Event, Lost
from logscope.sources.reader import BLOCK
from logscope.sources.stream import MOST_BYTES, StreamReader, open_stdin, open_stream
from logscope.text.unrolling import Roll, Unroller

KEPT: Final = 32 * 1024 * 1024
"""Bytes of one stream that are kept: records are quoted, and the window around an onset read again, from these."""
_PIECE: Final = 256 * 1024
_SAMPLE: Final = 65_536
_PATIENCE_S: Final = 0.25
"""How long more of the first block is waited for when something has come."""
_PAUSE_S: Final = 0.005
"""A writer that pauses for longer gets its bytes read at once; one that does not, in large blocks."""
_FOREVER_S: Final = 3600.0
_WRITER_S: Final = 2.0
"""How long somebody is waited for who opens a named pipe to write."""


class Tape:
    """The newest bytes of a stream, by their offset. Read by one thread while another one appends."""

    is_packed = False

    def __init__(self, most: int = KEPT) -> None:
        self.size = 0
        """Bytes that there were so far."""
        self.is_rolled = False
        """One line of the stream may be several rows."""
        self._most = most
        self._pieces: list[tuple[int, bytes]] = []
        """Offset and bytes, oldest first. Replaced whole, never changed: a reader keeps what it has taken."""

    @property
    def begin(self) -> int:
        """Offset of the first byte that is still kept."""
        return self._pieces[0][0] if self._pieces else self.size

    def append(self, data: bytes) -> None:
        """Keep the next bytes; the oldest go when there are too many."""
        pieces = list(self._pieces)
        if pieces and len(pieces[-1][1]) + len(data) <= _PIECE:
            offset, last = pieces.pop()
            pieces.append((offset, last + data))
        elif data:
            pieces.append((self.size, data))
        self.size += len(data)
        while pieces and self.size - pieces[0][0] - len(pieces[0][1]) >= self._most:
            pieces.pop(0)
        self._pieces = pieces

    def read(self, offset: int, size: int) -> bytes:
        """Bytes at an offset; fewer at the end, none where they are no longer kept."""
        found: list[bytes] = []
        for start, data in self._pieces:
            if start + len(data) <= offset:
                continue
            if start > offset:
                break
            found.append(data[offset - start :][:size])
            size -= len(found[-1])
            offset += len(found[-1])
            if size <= 0:
                break
        return b"".join(found)

    def close(self) -> None:
        """Nothing is open."""


class RecordedStream:
    """A pipe with its tape. Gives the events of a follower: one generation, which ends when the writers close it."""

    def __init__(self, reader: StreamReader, tape: Tape | None = None) -> None:
        """Take over a reader; nothing is read yet."""
        self.path = reader.path
        self.has_more = False
        """The last poll stopped at its limit: poll again without waiting."""
        self.tape = tape or Tape()
        self._reader = reader
        self._head: list[bytes] = []
        self._is_told = False
        self._unroller: Unroller | None = None

    @property
    def is_at_end(self) -> bool:
        """Nothing comes any more."""
        return self._reader.is_at_end and not self._head

    @property
    def problem(self) -> str | None:
        """Why it ended early; None where it did not."""
        return self._reader.problem

    def outlast_writers(self) -> None:
        """Go on when the last writer of a named pipe has gone."""
        self._reader.outlast_writers()

    def peek(self, timeout: float | None) -> bytes:
        """The first bytes, up to 64 KiB, to learn from; they will be given again.

        Args:
            timeout: Seconds to wait for the first of them; None to wait as long as it takes.

        Raises:
            SourceError: Nobody writes to a named pipe, and it is to be read to its end.
        """
        if timeout is None and self.path != "-":
            self._head += self._reader.await_writer(_WRITER_S)
        size = sum(map(len, self._head))
        while size < _SAMPLE:
            patience = _PATIENCE_S if size else _FOREVER_S if timeout is None else timeout
            blocks = self._reader.poll(_SAMPLE, patience)
            self._head += blocks
            size += sum(map(len, blocks))
            if self._reader.is_at_end or (not blocks and (size or timeout is not None)):
                break
        return b"".join(self._head)[:_SAMPLE]

    def unroll(self, roll: Roll) -> None:
        """Each record of a line is a line from the first byte on, of which none was given out yet."""
        assert not self.tape.size, "what was given out is kept as it was"
        self._unroller, self.tape.is_rolled = Unroller(roll), True

    def poll(self, most: int = MOST_BYTES) -> list[Event]:
        """What has arrived."""
        offset = self.tape.size
        data = self._take(most, 0.0)
        self.has_more = self._reader.has_more
        events: list[Event] = [Data(data, 0, offset)] if data else []
        if self.is_at_end and not self._is_told:
            self._is_told = True
            if self.problem:
                events.append(Lost(0, f"reading stopped: {self.problem}"))
            events.append(Ended(0))
        return events

    def read_to_end(self, block: int = BLOCK) -> Iterator[bytes]:
        """All that comes until the writers close it, in blocks of at most `block` bytes, of fewer if it is slow."""
        while not self.is_at_end:
            pieces = [self._take(block, _FOREVER_S)]
            size = len(pieces[0])
            while pieces[-1] and size < block and not self.is_at_end:
                pieces.append(self._take(block - size, _PAUSE_S))
                size += len(pieces[-1])
            if size:
                yield b"".join(pieces)

    def read_again(self, start: int, block: int) -> Iterator[bytes]:
        """What is still kept from an offset on, up to what has been read by now."""
        while data := self.tape.read(start, block):
            yield data
            start += len(data)

    def close(self) -> None:
        """Let go of the pipe: a writer gets SIGPIPE. The tape stays."""
        if not self._reader.is_closed:
            self._reader.close()

    def _take(self, most: int, timeout: float) -> bytes:
        blocks, self._head = self._head, []
        if not blocks:
            blocks = self._reader.poll(most, timeout)
        data = b"".join(blocks)
        if self._unroller is not None:
            data = self._unroller.feed(data)
            if self.is_at_end:
                data, self._unroller = data + self._unroller.flush(), None
        self.tape.append(data)
        return data


def record_stream(path: str) -> RecordedStream:
    """Open standard input (`-`) or a named pipe.

    Raises:
        SourceError: It cannot be read.
    """
    return RecordedStream(open_stdin() if path == "-" else open_stream(path))
