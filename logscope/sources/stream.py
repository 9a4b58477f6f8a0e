"""Pipes as sources: standard input, named pipes, process substitution. Read as they come, never waiting for more.

A pipe can be read once. Its bytes have no other place, so whoever wants to show them again keeps them.
"""

import os
import select
import stat
from typing import Final

from logscope.errors import SourceError
from logscope.sources.opening import explain

MOST_BYTES: Final = 8 * 1024 * 1024
_BLOCK: Final = 256 * 1024
_LOOK_S: Final = 0.05
_LONGEST_UNIT: Final = 4
"""Bytes of one character in the widest encoding."""


class StreamReader:
    """Reads one pipe, or what standard input was redirected from."""

    def __init__(self, descriptor: int, path: str = "-") -> None:
        """Take over a descriptor; it is closed with the reader.

        The descriptor is not made non-blocking: that would change the terminal or pipe for everybody who shares it.
        """
        self.path = path
        self.is_at_end = False
        """The writers have closed it, or it failed: nothing comes any more."""
        self.problem: str | None = None
        """Why it ended early; None where it did not."""
        self.offset = 0
        """Bytes read so far."""
        self.has_more = False
        """The last poll stopped at its limit."""
        self.is_closed = False
        self._descriptor = descriptor
        mode = os.fstat(descriptor).st_mode
        self._is_file = stat.S_ISREG(mode)
        self._is_lasting = False
        self._last = b""
        """The bytes that came last: few."""

    def fileno(self) -> int:
        """The descriptor, to wait for it beside others."""
        return self._descriptor

    def outlast_writers(self) -> None:
        """Go on when the last writer closes a named pipe: the next one may come. Other pipes end with it."""
        # What a shell makes for `<(...)` has no name that could be opened again.
        self._is_lasting = self.path != "-" and os.path.exists(os.path.realpath(self.path))
        if self._is_lasting and not self.problem:
            self.is_at_end = False

    def poll(self, most: int = MOST_BYTES, timeout: float = 0.0) -> list[bytes]:
        """What has arrived, in blocks, at most `most` bytes.

        Args:
            most: Bytes.
            timeout: Seconds to wait for the first byte.
        """
        blocks: list[bytes] = []
        budget = most
        while budget > 0 and not self.is_at_end and self._is_ready(0.0 if blocks else timeout):
            try:
                data = os.read(self._descriptor, min(_BLOCK, budget))
            except (BlockingIOError, InterruptedError):
                break
            except OSError as error:
                self.is_at_end, self.problem = True, explain(error)
                break
            if not data:
                data = self._end_line() if self._is_lasting else b""
                self.is_at_end = not self._is_lasting
                self._reopen_if_replaced()
                if not data:
                    break
            blocks.append(data)
            budget -= len(data)
            self.offset += len(data)
            self._last = (self._last + data)[-_LONGEST_UNIT:]
        self.has_more = budget <= 0
        return blocks

    def _end_line(self) -> bytes:
        """What ends half a line whose writer has gone: the next one would go on in its middle. Mostly nothing."""
        # A newline of two or four bytes is none of one, and nothing is put between them.
        is_half = self._last and not self._last.endswith(b"\n") and b"\0" not in self._last
        return b"\n" if is_half else b""

    def _reopen_if_replaced(self) -> None:
        """Take the pipe that is behind the path now: services make theirs anew when they start."""
        if not self._is_lasting:
            return
        try:
            info, held = os.stat(self.path), os.fstat(self._descriptor)
            if (info.st_dev, info.st_ino) == (held.st_dev, held.st_ino) or not stat.S_ISFIFO(info.st_mode):
                return
            fresh = _open_pipe(self.path)
        except OSError:
            return  # There is none, or not yet for us: the next look tries again.
        # The number stays: others wait for it.
        os.dup2(fresh, self._descriptor, inheritable=False)
        os.close(fresh)

    def await_writer(self, seconds: float) -> list[bytes]:
        """Wait until somebody writes to a pipe that was opened by its path.

        Args:
            seconds: To wait; a shell may open its end a moment later.

        Returns:
            What was read while looking; mostly nothing.

        Raises:
            SourceError: Nobody does: it would be waited for without an end.
        """
        for _ in range(max(1, round(seconds / _LOOK_S))):
            if self._is_ready(_LOOK_S):
                return []
            try:
                data = os.read(self._descriptor, _BLOCK)
            except BlockingIOError:
                return []  # A writer has it open, and is silent.
            if data:
                self.offset += len(data)
                return [data]
        raise SourceError(self.path, "is a pipe that nobody writes to")

    def close(self) -> None:
        """Let go of the descriptor: a writer gets SIGPIPE."""
        os.close(self._descriptor)
        self.is_at_end = self.is_closed = True

    def _is_ready(self, timeout: float) -> bool:
        if self._is_file:
            return True
        # poll, not select: descriptors above 1,024 are common with many logs.
        poller = select.poll()
        poller.register(self._descriptor, select.POLLIN | select.POLLHUP)
        return bool(poller.poll(timeout * 1000))


def open_stream(path: str) -> StreamReader:
    """Open a pipe by its path. Does not wait for a writer: until one comes, nothing has arrived.

    Raises:
        SourceError: It cannot be opened, or is no pipe.
    """
    try:
        if not stat.S_ISFIFO(os.stat(path).st_mode):
            raise SourceError(path, "is no pipe")
        # Without a writer this opens at once, and poll tells neither data nor an end until one has come.
        return StreamReader(_open_pipe(path), path)
    except OSError as error:
        raise SourceError(path, explain(error)) from error


def _open_pipe(path: str) -> int:
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)


def open_stdin() -> StreamReader:
    """Take standard input as a source; descriptor 0 stays what it is.

    Raises:
        SourceError: It is closed or a terminal.
    """
    try:
        descriptor = os.dup(0)
    except OSError as error:
        raise SourceError("-", "standard input is closed") from error
    if os.isatty(descriptor):
        os.close(descriptor)
        raise SourceError("-", "standard input is the terminal; pipe a log into it: ... | logscope -")
    return StreamReader(descriptor)


def has_tty(tty: str = "/dev/tty") -> bool:
    """Whether there is a terminal to take keys from, whatever standard input is."""
    try:
        os.close(os.open(tty, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def reopen_tty(tty: str = "/dev/tty", standard_input: int = 0) -> bool:
    """Make the terminal standard input again, after `open_stdin` took the pipe: the keyboard works in a pipeline.

    To be called before anything of the screen is imported.

    Returns:
        False where there is no terminal; standard input is then unchanged.
    """
    try:
        terminal = os.open(tty, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if not os.isatty(terminal):
            return False
        os.dup2(terminal, standard_input)
    finally:
        if terminal != standard_input:
            os.close(terminal)
    return True
