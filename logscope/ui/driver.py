"""A driver that writes only the cells that change, and outlives a terminal that goes away, talks rubbish, or stops."""

import os
import select
import signal
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import Final, TextIO

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.message import Message

from logscope.ui.cell_diff import CellDiff
from logscope.ui.palette import to_ascii

MOST_COLUMNS: Final = 1000
MOST_ROWS: Final = 500
"""Cells that are painted at most, whatever the terminal or COLUMNS says."""
_LOOK_MS: Final = 100


class Terminal:
    """The file behind the terminal. Once it fails, what is written goes nowhere, and the loss is told once.

    The library's writer would die of it, and whoever writes next would wait for ever.
    """

    def __init__(self, file: TextIO, on_lost: Callable[[], None]) -> None:
        self._file = file
        self._on_lost = on_lost
        self.is_lost = False

    def write(self, text: str) -> None:
        """Write, unless it is lost."""
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        """Flush, unless it is lost."""
        self._try(self._file.flush)

    def fileno(self) -> int:
        """The descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """It was a terminal when the driver chose it."""
        return True

    def _try(self, act: Callable[[], object]) -> None:
        if self.is_lost:
            return
        try:
            act()
        except (OSError, ValueError):
            self.is_lost = True
            self._on_lost()


def _can_erase(fileno: int) -> bool:
    """The terminal says that it erases cells, and in the colour of the background that is set."""
    try:
        # The part of `curses` that reads terminfo: the whole takes seven milliseconds more.
        import _curses
    except ImportError:
        return False
    try:
        _curses.setupterm(fd=fileno)
    except _curses.error:
        return False
    return _curses.tigetflag("bce") == 1 and _curses.tigetstr("ech") == b"\x1b[%p1%dX"


class DiffDriver(LinuxDriver):
    """The terminal behind a `CellDiff`."""

    def __init__(
        self, app: "App[object]", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file: TextIO = Terminal(self._file, self._lose)  # type: ignore[assignment]
        self._diff = CellDiff(can_erase=_can_erase(self._file.fileno()))
        self._known_size = (0, 0)
        self._is_started = False
        self.bytes_written = 0
        """Since the start."""
        options = getattr(app, "options", None)
        self._is_ascii = options is not None and options.ascii_only

    def write(self, data: str) -> None:
        """Write what changes; after another size everything does."""
        size = self._get_terminal_size()
        if size != self._known_size:
            self._known_size = size
            self._diff.resize(*size)
        reduced = self._diff.reduce(to_ascii(data) if self._is_ascii else data)
        if reduced:
            self.bytes_written += len(reduced.encode())
            super().write(reduced)

    def _get_terminal_size(self) -> tuple[int, int]:
        width, height = super()._get_terminal_size()
        return min(width, MOST_COLUMNS), min(height, MOST_ROWS)

    def process_message(self, message: Message) -> None:
        """Pass an event on; a size that no terminal has comes from a broken one."""
        if isinstance(message, Resize) and (message.size.width > MOST_COLUMNS or message.size.height > MOST_ROWS):
            return
        super().process_message(message)

    def forget(self) -> None:
        """Something else has written to the terminal: the next painting is whole."""
        self._diff.forget()

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        self._is_started = True
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # After a stop nothing of what was painted is there any more.
        self._diff.forget()
        self._app.call_later(self._app.refresh, layout=True)

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self._is_started = False
        super().stop_application_mode()

    def _sigcont_application(self, *_: object) -> None:
        """Somebody let the process go on, perhaps after a stop that nobody could see: take the terminal over again."""
        # A start in the background is stopped before anything was taken over.
        if self._is_started and self._writer_thread is not None:
            # Its modes are not known: those from before the screen are put back first, and kept.
            self.suspend_application_mode()
            self._must_signal_resume = True
        super()._sigcont_application()

    def run_input_thread(self) -> None:
        """Read keys until the screen ends, or the terminal does.

        Bytes that are no UTF-8 (line noise, a terminal in another encoding) cost a key, not the screen.
        """
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        poller = select.poll()
        poller.register(self.fileno, select.POLLIN)
        while not self.exit_event.is_set():
            data = b""
            if poller.poll(_LOOK_MS):
                try:
                    data = os.read(self.fileno, 4096)
                except OSError:
                    pass  # Hung up: told like an end.
                if not data:
                    self._lose()
                    return
            # An empty text would tell the parser that there is an end.
            if text := decode(data):
                for event in parser.feed(text):
                    self.process_message(event)
            for event in parser.tick():
                self.process_message(event)

    def _lose(self) -> None:
        """The terminal is gone: nobody can see or end the screen any more."""
        os.kill(os.getpid(), signal.SIGHUP)
