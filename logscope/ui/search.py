"""Searches that may take long: in a thread of their own, with progress on the screen, stopped by Esc."""

import asyncio
import contextlib
import contextvars
import threading
import time
from collections.abc import Callable
from typing import TypeVar, cast

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
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()
        last = time.monotonic()

        def progress(bytes_done: int) -> bool:
            nonlocal last
            now = time.monotonic()
            if now - last >= _TELL_EVERY_S and not stop.is_set():
                last = now
                told = f"{what}: {bytes_done / 1e6:,.0f} MB so far   Esc stops"
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._say, told, context=context)
            return not stop.is_set()

        def search() -> tuple[_Found, bool]:
            try:
                result = work(progress)
                return result, stop.is_set()
            finally:
                stop.set()

        def tell(found: tuple[_Found, bool]) -> None:
            if self._stop is stop or not found[1]:
                done(*found)

        self._start(search, tell, "search", what)

    def run_quietly(self, work: Callable[[], _Found], done: Callable[[_Found, bool], None]) -> None:
        """Do something in a thread that is no search: nothing is shown, nothing stops it."""
        self._start(work, lambda result: done(result, False), "beside", "what was asked for")

    def _start(self, act: Callable[[], _Found], done: Callable[[_Found], None], group: str, what: str) -> None:
        """In a thread that nobody waits for at the end: a file system that does not answer may hold it for hours."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[_Found] = loop.create_future()

        def end(result: _Found | None, error: Exception | None) -> None:
            if ended.done():
                return
            if error is not None:
                ended.set_exception(error)
            else:
                ended.set_result(cast(_Found, result))

        def run() -> None:
            result: _Found | None = None
            failed: Exception | None = None
            try:
                result = act()
            except Exception as error:  # whatever it is, it must not be printed over the screen
                failed = error
            # At the end of the screen there is no loop any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(end, result, failed)

        async def wait() -> None:
            try:
                done(await ended)
            except Exception as error:  # who waits for an answer is told that none comes; the screen goes on
                self._say(f"{what}: failed: {str(error) or type(error).__name__}")

        threading.Thread(target=run, name=f"logscope-{group}", daemon=True).start()
        self._app.run_worker(wait(), group=group, exit_on_error=False)
