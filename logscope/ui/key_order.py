"""One key after the other: what a key opens has the keys behind it.

The library hands a key to the focused widget's queue and takes the next one at once. Keys that come in one packet, as
they do over a slow link or from a paste, would go to the pane that was focused before the first of them was done, and
the rest of a search text would be taken for commands.
"""

from collections import deque
from typing import Final, Generic, TypeVar

from textual import events, on
from textual.app import App
from textual.driver import Driver
from textual.message import Message
from textual.widget import Widget

_PATIENCE_S: Final = 0.5
"""A key is not waited for longer: the widget that had it may be gone with the dialog that it closed."""
_ROUNDS: Final = 2
"""The key's own way up to the app, and that of what it set off there."""
_Result = TypeVar("_Result")
"""What the app returns."""


class KeyHandled(Message):
    """Follows a key through the same queues, from the focused widget up to the app."""

    def __init__(self, number: int, rounds: int) -> None:
        super().__init__()
        self.number = number
        self.rounds = rounds


class KeysInOrder(App[_Result], Generic[_Result]):
    """An app that takes a key when the one before has been handled."""

    def __init__(self, driver_class: type[Driver] | None = None, *, ansi_color: bool | None = None) -> None:
        super().__init__(driver_class, ansi_color=ansi_color)
        self._held_keys: deque[events.Key] = deque()
        self._key_target: Widget | None = None
        """Who has the key that is under way."""
        self._key_number = 0

    async def on_event(self, event: events.Event) -> None:
        """Hold keys back while another one is under way."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
        elif self._key_target is None:
            await self._take_key(event)
        else:
            self._held_keys.append(event)
            number = self._key_number
            self.set_timer(_PATIENCE_S, lambda: self._take_held(number))

    async def _take_key(self, event: events.Key) -> None:
        target = self.focused or self.screen
        await super().on_event(event)
        if event.is_forwarded:
            self._key_target, self._key_number = target, self._key_number + 1
            target.post_message(KeyHandled(self._key_number, _ROUNDS))

    @on(KeyHandled)
    async def _key_handled(self, message: KeyHandled) -> None:
        if message.number != self._key_number or self._key_target is None:
            return
        if message.rounds > 1 and self._key_target.is_attached:
            self._key_target.post_message(KeyHandled(message.number, message.rounds - 1))
        else:
            await self._take_held(message.number)

    async def _take_held(self, number: int) -> None:
        """Take the next keys, if the one with this number is the last that was taken."""
        if number != self._key_number:
            return
        self._key_target = None
        while self._held_keys and self._key_target is None:
            await self._take_key(self._held_keys.popleft())
