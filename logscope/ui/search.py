"""Searches that may take long: in a thread of their own, with progress on the screen, stopped by Esc."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from textual.app import App

from logscope.model.lines import Progress

_TELL_EVERY_S = 0.25
_Found = TypeVar("_Found")


class Searcher:
    """Runs one search at a time; a new one stops the one before."""

    def __init__(self, app: "App[int]", say: Callable[[str], None]) -> None:
        self._app = app
        self._say = say
        self._stop: threading.Event | None = None

    @property
    def is_busy(self) -> bool:
        """A search is under way."""
        return self._stop is not None and not self._stop.is_set()

    def stop(self) -> None:
        """Give up the search; it tells so."""
        if self._stop is not None:
            self._stop.set()

    def run(self, what: str, work: Callable[[Progress], _Found], done: Callable[[_Found, bool], None]) -> None:
        """Start a search.

        Args:
            what: Is searched for, for the status line.
            work: Searches; told how to say how far it is.
            done: Called on the screen's thread with the result, and whether it was stopped.
        """
        self.stop()
        stop = self._stop = threading.Event()
        last = time.monotonic()

        def progress(bytes_done: int) -> bool:
            nonlocal last
            now = time.monotonic()
            if now - last >= _TELL_EVERY_S and not stop.is_set():
                last = now
                self._app.call_from_thread(self._say, f"{what}: {bytes_done / 1e6:,.0f} MB so far   Esc stops")
            return not stop.is_set()

        def search() -> None:
            result = work(progress)
            was_stopped = stop.is_set()
            stop.set()
            if self._stop is stop or not was_stopped:
                self._app.call_from_thread(done, result, was_stopped)

        self._app.run_worker(search, thread=True, group="search", exit_on_error=False)

    def run_quietly(self, work: Callable[[], _Found], done: Callable[[_Found, bool], None]) -> None:
        """Do something in a thread that is no search: nothing is shown, nothing stops it."""

        def act() -> None:
            result = work()
            self._app.call_from_thread(done, result, False)

        self._app.run_worker(act, thread=True, group="beside", exit_on_error=False)
