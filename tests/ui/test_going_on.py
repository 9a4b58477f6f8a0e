"""A screen while things go on: reading, new Snapshots, logs that come and that cannot be read."""

import asyncio
import os
import shutil
import threading
from dataclasses import replace

from logscope.model.files import Progress
from logscope.model.snapshot import Note
from logscope.runner.batch import run_batch
from logscope.runner.feed import LiveFeed
from logscope.runner.request import Opened, Request, open_request
from logscope.sources.nearby import NearbyFile
from logscope.ui.app import LogscopeApp
from logscope.ui.log_pane import LogPane
from logscope.ui.options import ScreenOptions
from logscope.ui.receiving import SnapshotReady
from logscope.ui.rows import RowList
from logscope.ui.status import window_title
from tests.ui.conftest import PreparedFeed, settle
from tests.ui.driving import (
    drive_through,
    log_line,
    point,
    wait_until,
)


def test_what_a_feed_remarks_is_said_and_stays(make_app):
    """The end of a replay is told once, until somebody presses a key."""

    class Remarking(PreparedFeed):
        remark = ""

    app = make_app()
    app.feed.__class__ = Remarking

    async def run():
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            app.feed.remark = "The replay is over"
            app._tick()
            first = app.message
            app._say("")
            app._tick()
            return first, app.message

    assert asyncio.run(run()) == ("The replay is over", "")


def test_the_screen_is_there_while_many_logs_are_looked_at(logs):
    """It is drawn before anything is known of the logs; a fix that is marked until then counts."""
    request = Request([str(logs)])
    go_on, noted = threading.Event(), Note(1_772_462_000_000_000, "restarted", is_fix=True)

    def learn():
        assert go_on.wait(60)
        return open_request(request)

    feed = LiveFeed(request, Opened([], [], 0), follow=False, learn=learn)
    app = LogscopeApp(feed, ScreenOptions(rest_s=0))

    async def run():
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            assert "finding out how the files are written" in str(app.query_one("#head").render())
            for key in "2/x\r":
                await pilot.press({"/": "slash", "\r": "enter"}.get(key, key))
            feed.add_note(noted)
            go_on.set()
            while app.snapshot is None or not app.snapshot.progress.done:
                await pilot.pause(0.02)
            return app.snapshot

    snapshot = asyncio.run(run())
    assert noted in snapshot.notes
    assert snapshot.candidates[0].service == "redis"


def test_a_log_is_read_as_well_while_it_runs(logs, tmp_path):
    """What was not given is added: its lines count, and what cannot be read is told in a sentence."""
    request = Request([str(logs)])
    seen = []
    feed = LiveFeed(request, open_request(request), follow=False)
    path = tmp_path / "haproxy.log"
    path.write_text("2026-03-02T14:02:00Z ERROR no server available\n" * 3)
    feed.start(seen.append, seen.append)
    try:
        wait_until(lambda: seen and seen[-1].progress.done)
        again = open_request(replace(request, paths=[str(path)])).plans
        assert feed.add_log(str(path)) is None
        feed._loop.add_plans(again)  # asked for once more before it was taken up
        wait_until(lambda: any(file.path == str(path) and file.lines == 3 for file in seen[-1].files))
        assert len([file for file in seen[-1].files if file.path == str(path)]) == 1
        assert "no such file" in feed.add_log(str(tmp_path / "none.log"))
        assert feed.also_written(seen[-1], everywhere=True) == ()
    finally:
        feed.stop()


def test_a_log_that_was_written_right_before_is_offered(logs, tmp_path):
    """What set it off was written before it began, also into a log that came beside the given ones since then."""
    folder = tmp_path / "app"
    shutil.copytree(logs, folder)
    request = Request([str(folder)])
    snapshot = run_batch(request, opened := open_request(request))
    start = snapshot.incident.start
    for name, before_s in (("deploy.log", 2), ("old.log", 7200)):
        (folder / name).write_text("deployed\n")
        os.utime(folder / name, ns=(0, start * 1000 - before_s * 10**9))
    then = LiveFeed(request, opened, follow=False, wall=lambda: snapshot.as_of / 1e6 + 60)
    assert [os.path.basename(one.path) for one in then.also_written(snapshot, everywhere=False)] == ["deploy.log"]
    later = LiveFeed(request, opened, follow=False)
    assert later.also_written(snapshot, everywhere=False) == (), "of old logs that says little: only who asks is told"
    assert [os.path.basename(one.path) for one in later.also_written(snapshot, everywhere=True)] == ["deploy.log"]


def test_logs_written_since_are_found_by_stat(make_app, story, monkeypatch, tmp_path):
    """Those beside the given ones are counted in a badge, `6` looks around for others as well, Enter adds one."""
    app = make_app()
    added, asked = [], []
    found = (NearbyFile(str(tmp_path / "haproxy.log"), 1000, app.feed.snapshots[0].as_of),)
    app.feed.also_written = lambda snapshot, everywhere: (asked.append(everywhere), found)[1]
    app.feed.add_log = lambda path: added.append(path)
    snapshot = app.feed.snapshots[0]
    files = (*snapshot.files, replace(snapshot.files[0], path=found[0].path))
    taken_in = lambda app: (app._take(SnapshotReady(replace(snapshot, files=files))), app._tick(), tabs(app))[2]  # noqa: E731
    tabs = lambda app: str(app.query_one("#tabs").render())  # noqa: E731
    first, last, read = drive_through(app, (["j"], tabs), (["6", "G", "enter"], tabs), (["6"], taken_in))
    assert "+1 log (6)" in first
    assert "+1 log (6)" not in read, "it was taken in by itself"
    assert asked == [False, True, True]
    assert added == [found[0].path]
    assert "log (6)" not in last


def test_a_file_that_cannot_be_read_on_is_told_and_what_ends_it(make_app):
    """While following: a sentence, a badge and a row with the reason; and a sentence when it is read again."""
    app = make_app()
    path = app.feed.snapshots[0].files[0].path
    foot = lambda: str(app.query_one("#foot").render())  # noqa: E731

    async def run():
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            app.feed.troubles = ((path, "permission denied"), ("/var/log/later.log", "no such file"))
            app._tick()
            seen = [foot(), str(app.query_one("#tabs").render())]
            await pilot.press("6")
            await settle(pilot)
            seen.append("\n".join(row.text.plain for row in app.query_one("#files", RowList).rows))
            app.feed.troubles = (("/var/log/later.log", "no such file"),)
            app._tick()
            return [*seen, foot()]

    said, tabs, rows, back = asyncio.run(run())
    assert "permission denied; it is tried again" in said
    assert "CANNOT READ 2 (6)" in tabs
    assert "now: permission denied" in rows
    assert "/var/log/later.log: no such file" in rows
    assert "is read on" in back


def test_the_verdict_rings_and_is_in_the_title(make_app, story):
    """`--bell`: one ring when the verdict is another one, none for more of the same."""

    async def run():
        app = make_app(bell=True)
        rung = []
        async with app.run_test(size=(80, 24)) as pilot:
            app.bell = lambda: rung.append(1)
            await settle(pilot)
            snapshot = story[2]
            app._take(SnapshotReady(replace(snapshot)))
            app._tick()
            back = (replace(snapshot.sentences[0], label="BACK"), *snapshot.sentences[1:])
            app._take(SnapshotReady(replace(snapshot, sentences=back)))
            app._tick()
            await settle(pilot)
            return len(rung), window_title(app.snapshot, app.snapshot.sentences[0].label)

    rings, title = asyncio.run(run())
    assert rings == 1
    assert title.startswith("BACK ")


def test_live_the_cursor_follows_the_root_until_a_key_is_pressed(make_app, story):
    """Another candidate moves everything to its line; once somebody has moved, nothing moves by itself."""
    snapshot = story[2]
    second = next(group for group in snapshot.groups if group.service == "cart-service" and group.onset_ref)
    other = replace(
        snapshot.candidates[0], file=second.onset_ref.file, line=second.onset_ref.line, first_seen=second.onset
    )
    changed = replace(snapshot, candidates=(other,))

    async def run(keys):
        app = make_app()
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            for key in keys:
                await pilot.press(key)
            app._take(SnapshotReady(changed))
            app._tick()
            await settle(pilot)
            return app.query_one("#logs", LogPane).current().service

    assert asyncio.run(run([])) == "cart-service"
    assert asyncio.run(run(["k"])) == "redis-server"


def test_follow_selection_and_scroll_survive_a_refresh(make_app, story):
    """Rows that come above do not move the chosen one; the log pane stays where it was put."""

    async def run():
        app = make_app()
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            for key in ("2", "j", "j"):
                await pilot.press(key)
            kinds = app.query_one("#kinds", RowList)
            before = kinds.current().key, app.query_one("#logs", LogPane).current()
            snapshot = story[2]
            extra = replace(snapshot.groups[0], id="new", template="new", onset=snapshot.incident.start - 1)
            app._take(SnapshotReady(replace(snapshot, groups=(extra, *snapshot.groups))))
            app._tick()
            await settle(pilot)
            return before, (kinds.current().key, app.query_one("#logs", LogPane).current())

    before, after = asyncio.run(run())
    assert before == after


def test_who_is_quicker_than_the_reading_gets_the_cause_too(make_app, story):
    """A key before the reading is done leaves the log pane empty only until then; the story stays where it was put."""
    reading = replace(story[2], progress=Progress(41, 100, False))

    async def act(pilot):
        await pilot.press("3")
        early = log_line(pilot.app)
        pilot.app.post_message(SnapshotReady(story[2]))
        await settle(pilot)
        pilot.app._tick()
        await settle(pilot)
        return early, log_line(pilot.app).text, pilot.app.focused.id

    early, text, focused = point(make_app(reading), act)
    assert (early, focused) == (None, "logs")
    assert "maxmemory reached" in text
