"""A prepared Snapshot of the story's sample, and a feed that needs no thread."""

import os
from pathlib import Path

import pytest
from textual import _wait
from textual.css.stylesheet import Stylesheet

from logscope.runner.batch import run_batch
from logscope.runner.feed import LiveFeed
from logscope.runner.request import Request, open_request
from logscope.ui.app import LogscopeApp
from logscope.ui.options import ScreenOptions
from tests.judged import copy_story

ROOT = Path(__file__).parents[2]


class PreparedFeed(LiveFeed):
    """Publishes one Snapshot at once; lines come from the real files."""

    troubles = ()
    left_out = ()

    def __init__(self, request, opened, snapshots):
        super().__init__(request, opened, follow=False)
        self.snapshots = snapshots
        self.notes = []
        self.publish = None

    def start(self, publish, failed):
        self.publish = publish
        for snapshot in self.snapshots:
            publish(snapshot)

    def stop(self):
        pass

    def add_note(self, note):
        self.notes.append(note)

    def remove_note(self, note):
        self.notes.remove(note)

    def export(self, snapshot, options=None, path=None):
        del snapshot, options, path
        return "incident-2026-03-02-1401.md"


@pytest.fixture(scope="session")
def story():
    """The request, its sources, and the Snapshot, with paths that are the same on every machine."""
    before = os.getcwd()
    os.chdir(ROOT)
    try:
        request = Request(["sample_incidents/checkout-redis-oom/logs"])
        opened = open_request(request)
        yield request, opened, run_batch(request, opened)
    finally:
        os.chdir(before)


@pytest.fixture
def known(story):
    """What is known of the story. Not `snapshot`: that is the picture tests' own."""
    return story[2]


@pytest.fixture
def logs(tmp_path):
    """A small live copy of the story's logs, so small that one look reads it whole."""
    return copy_story(tmp_path / "logs", redis_server=1, payment_gateway=4, checkout_service=16)


@pytest.fixture
def make_app(story):
    """An app on the story; options as for `ScreenOptions`."""

    def make(snapshot=None, **options):
        request, opened, prepared = story
        options.setdefault("rest_s", 0)
        feed = PreparedFeed(request, opened, [snapshot or prepared])
        return LogscopeApp(feed, ScreenOptions(**options))

    return make


@pytest.fixture(autouse=True, scope="session")
def short_waits():
    """Textual's pilot sleeps 20 ms at a time, twice a key: here it looks for a quiet moment every millisecond."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_wait, "SLEEP_GRANULARITY", 0.001)
        patch.setattr(_wait, "SLEEP_IDLE", 0.0005)
        yield


@pytest.fixture(autouse=True, scope="session")
def styles_read_once():
    """Each app reads the same style sheets: they are parsed once, under each theme."""
    read, known = Stylesheet._parse_rules, {}

    def parse(self, css, read_from, is_default_rules=False, tie_breaker=0, scope=""):
        key = (css, read_from, is_default_rules, tie_breaker, scope, tuple(self._variables.items()))
        if key not in known:
            known[key] = read(self, css, read_from, is_default_rules, tie_breaker, scope)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse)
        yield


async def settle(pilot):
    """Wait until the app has drawn what it was given."""
    for _ in range(3):
        await pilot.pause()
