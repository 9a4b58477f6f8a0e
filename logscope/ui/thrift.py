"""How often the answer of a part of the lines is painted: on a slow link the last one must not wait behind them.

Nor must a key: painting an answer takes ten times as long as following a key, and the reading takes half of the time.
"""

from collections.abc import Callable
from typing import Final

_FIRST_BYTES: Final = 9_000
"""What is painted before all is read: the opening and one answer. The last answer takes as much again, and the first
screen is to take 20 kB at most."""
_FIRST_S: Final = 10.0
_BYTES_PER_S: Final = 1_000
"""From then on: a tenth of a slow link."""
_KEYS_S: Final = 0.5
"""Who pressed a key so lately is about to press the next one."""


class Thrift:
    """Bytes that were written for answers of a part of the lines."""

    def __init__(self, clock: Callable[[], float], written: Callable[[], int | None]) -> None:
        """Begin with nothing spent.

        Args:
            clock: Seconds that only grow.
            written: Bytes written to the terminal so far; None where they are not counted, and nothing is saved.
        """
        self._clock = clock
        self._written = written
        self._begun = clock()
        self._last_key: float | None = None
        self._spent = 0
        self._last = 0
        """Cost of the last painting."""
        self._before: int | None = None
        """Bytes written before a painting that is not counted yet."""

    def begin_painting(self) -> None:
        """What is written from now on belongs to an answer; what came before the first belongs to it too."""
        if self._spent == 0:
            self._spent = self._written() or 0
        self._before = self._written()

    def end_painting(self) -> None:
        """The painting is done, if there was one: what is written from now on answers keys."""
        written = self._written()
        if self._before is not None and written is not None:
            self._last = written - self._before
            self._spent += self._last
        self._before = None

    def note_key(self) -> None:
        """Somebody has pressed a key."""
        self._last_key = self._clock()

    def affords_another(self, *, is_due: bool = False) -> bool:
        """Whether another answer of a part may be painted, should it cost as much as the last.

        Args:
            is_due: It tells much more than the last one: it waits for keys alone, whatever it costs.
        """
        if self._written() is None:
            return True
        if self._last_key is not None and self._clock() - self._last_key < _KEYS_S:
            return False
        if is_due:
            return True
        later = max(0.0, self._clock() - self._begun - _FIRST_S)
        return self._spent + self._last <= _FIRST_BYTES + _BYTES_PER_S * later
