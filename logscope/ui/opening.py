"""Logs that are opened while the screen is already there: what is shown and who answers until then."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from logscope.errors import LogscopeError
from logscope.model.kinds import Kind
from logscope.sources.nearby import NearbyFile
from logscope.ui.feeding import Feed

LEAVING_KEYS: Final = frozenset({"q", "ctrl+c"})
"""Keys that wait for nothing."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Logs that nothing is known of but where they lie and how large they are."""

    files: Sequence[NearbyFile]
    """All that may be meant."""
    open_feed: Callable[[], Feed]
    """Loads what reads logs, and finds those that are meant; takes a while, and may raise `LogscopeError`."""

    def run(
        self, take: Callable[[Feed], None], refuse: Callable[[LogscopeError], None], failed: Callable[[str], None]
    ) -> None:
        """Open them, in a thread of its own.

        Args:
            take: Gets the feed, not yet started.
            refuse: Gets the reason why there is none.
            failed: Gets the traceback of a bug.
        """
        try:
            take(self.open_feed())
        except LogscopeError as error:
            refuse(error)
        except Exception:  # the thread's last resort: the screen must say so and stay
            failed(traceback.format_exc())


class Unopened:
    """Answers for the feed before there is one: keys, and with them all that asks for more, wait until then."""

    state = ""
    remark = ""
    troubles: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()
    muted: frozenset[Kind] = frozenset()
    named_formats: Mapping[str, str] = MappingProxyType({})

    def stop(self) -> None:
        """Nothing is read yet."""
