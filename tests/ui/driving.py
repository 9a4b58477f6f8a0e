"""An app of a test: run, driven by keys and the mouse, and looked at."""

import asyncio
import threading
import time

from textual import events

from logscope.ui.log_pane import LogPane
from logscope.ui.rows import RowList
from tests.ui.conftest import settle


class Pasted(str):
    """Among keys: a text that comes at once; typed, each of its letters costs as much as a key."""


async def press(pilot, key):
    """A key, or a text that is pasted."""
    if isinstance(key, Pasted):
        pilot.app.post_message(events.Paste(key))
    else:
        await pilot.press(key)


def drive(app, keys=(), size=(120, 40), check=None):
    """Run an app, press keys, and look."""

    async def run():
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            for key in keys:
                await press(pilot, key)
                await settle(pilot)
            return check(app) if check else None

    return asyncio.run(run())


def drive_through(app, *steps, size=(120, 40)):
    """Run an app, and for each step press its keys, await what searches for them, and look.

    Keys may be a function that gives them when their turn comes. Returns what was seen, step by step.
    """

    async def run():
        seen = []
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            for keys, look in steps:
                for key in keys(app) if callable(keys) else keys:
                    await press(pilot, key)
                    await finish_search(pilot)
                seen.append(look(app))
        return seen

    return asyncio.run(run())


def point(app, act, size=(120, 40)):
    """Run an app, do something with the mouse, and look at what it returns."""

    async def run():
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            found = await act(pilot)
            await settle(pilot)
            return found() if callable(found) else found

    return asyncio.run(run())


async def finish_search(pilot):
    """Wait for the search's thread."""
    await pilot.app.workers.wait_for_complete()
    await settle(pilot)


async def wait_until_pilot(pilot, condition, seconds=20):
    """Let the app work until something holds."""
    for _ in range(seconds * 100):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("it did not come about")


def wait_until(condition, seconds=60):
    """Wait for another thread."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        threading.Event().wait(0.02)


def open_row(pane, service):
    """Keys that choose the first row of a service: the last step down to it, and Enter."""

    def keys(app):
        rows = app.query_one(f"#{pane}", RowList)
        standing = [row for row in rows.rows if row.can_stand]
        at = [row.service for row in standing].index(service)
        assert at, "a row stands above it"
        rows.put_cursor(standing[at - 1].key)
        return "j", "enter"

    return keys


def wheel(widget, direction, *, ctrl=False):
    """A turn of the wheel over a widget: down with 1, up with -1."""
    kind = events.MouseScrollDown if direction > 0 else events.MouseScrollUp
    return kind(widget, 40, 3, 0, direction, 0, shift=False, meta=False, ctrl=ctrl)


def log_line(app):
    return app.query_one("#logs", LogPane).current()


def status_of(app):
    """What stands in the place of the footer."""
    return str(app.query_one("#foot").render())


def text_of(widget):
    """What a widget shows, line by line."""
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


def nothing(app):
    del app
