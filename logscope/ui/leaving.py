"""The end of the screen by a signal: the terminal is given back in moments, in whatever state the screen is."""

import os
import signal
import termios
import threading
from typing import Final, Protocol

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_PATIENCE_S: Final = 3.0
"""How long the screen may take to end before it is left without its help."""
_RESTORE: Final = (
    b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[m\n"
)
"""No bracketed paste, lines wrap, no mouse, plain keys, the main screen, the cursor, no focus reports, no colour."""


class Leaver(Protocol):
    """What can be asked to end."""

    def leave(self, code: int) -> None:
        """End soon."""
        ...


class SignalExit:
    """Ends the screen on any of `SIGNALS`."""

    def __init__(self, app: Leaver, keyboard: int = 0, display: int = 2) -> None:
        """Remember how the terminal is now.

        Args:
            app: The screen, not yet running.
            keyboard: Descriptor of the terminal that keys come from.
            display: Descriptor of the one that is written to.
        """
        self._app = app
        self._keyboard = keyboard
        self._display = display
        self._attributes: list[int | list[bytes | int]] | None = None
        try:
            self._attributes = termios.tcgetattr(keyboard)
        except termios.error:
            pass  # No terminal, no attributes.

    def install(self) -> None:
        """Take the signals over, from before the first escape sequence on."""
        for number in SIGNALS:
            signal.signal(number, lambda number, _: self._take(number))

    def _take(self, number: int) -> None:
        code = 128 + number
        timer = threading.Timer(_PATIENCE_S, self._force, (code,))
        timer.daemon = True
        timer.start()
        self._app.leave(code)

    def _force(self, code: int) -> None:
        """Give the terminal back by direct writes, and end: what is kept is written whole or not at all."""
        try:
            if self._attributes is not None:
                termios.tcsetattr(self._keyboard, termios.TCSANOW, self._attributes)
            # A terminal that takes nothing must not keep the process either.
            os.set_blocking(self._display, False)
            os.write(self._display, _RESTORE)
        except (OSError, termios.error):
            pass  # It is gone: nothing has to be given back.
        os._exit(code)
