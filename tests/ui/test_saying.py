"""What a person says of the incident: fixes, notes, muted kinds, one service alone; and takes back."""

import asyncio
from dataclasses import replace

from textual.widgets import Input

from logscope.errors import ExportError
from logscope.model.snapshot import Note
from logscope.model.times import DAY_US, US
from logscope.runner.feed import LiveFeed
from logscope.runner.request import Request, open_request
from logscope.ui.app import LogscopeApp
from logscope.ui.options import ScreenOptions
from logscope.ui.receiving import SnapshotReady
from logscope.ui.rows import RowList
from logscope.ui.timeline import Timeline
from tests.ui.conftest import settle
from tests.ui.driving import (
    Pasted,
    drive,
    drive_through,
    nothing,
    point,
    status_of,
    text_of,
    wait_until,
    wait_until_pilot,
)


def test_fix_is_marked_with_time_and_words(make_app):
    """`M` asks one line: the time is there already, the words are typed; a time that cannot be is told."""
    app = make_app()
    late = ["M", *["backspace"] * 9, *"14:59 late", "enter"]
    _, status = drive_through(app, (["M", Pasted("raised"), "enter"], nothing), (late, status_of))
    assert [(note.is_fix, note.text) for note in app.feed.notes] == [(True, "raised"), (True, "late")]
    assert abs(app.feed.notes[0].time - app.snapshot.recovery.fix_at) < 1_000_000
    assert "errors had ended by" in status


def test_known_noise_is_muted_and_shown_again(make_app):
    """`K` folds a kind away with a badge; on its row it brings all back."""

    def look(app):
        kinds = "\n".join(row.text.plain for row in app.query_one("#kinds", RowList).rows)
        return kinds, str(app.query_one("#tabs").render())

    before, muted, back = drive_through(make_app(), ("2", look), ("jK", look), ("GK", look))
    assert "Client conn" in before[0]
    assert "Client conn" not in muted[0]
    assert "1 muted kind (K here" in muted[0]
    assert "1 MUTED" in muted[1]
    assert "Client conn" in back[0]
    assert "MUTED" not in back[1]


def test_what_happened_days_ago_is_noted_at_its_time(make_app, story):
    """The prompts offer a time that they read themselves, also where the logs end on a later day."""
    later = replace(story[2], as_of=story[2].as_of + 3 * DAY_US)
    notes = drive(make_app(later), ["a", Pasted("ok"), "enter"], check=lambda app: app.feed.notes)
    assert [(note.text, note.time // US) for note in notes] == [("ok", story[2].incident.start // US)]


def test_k_twice_mutes_one_kind(make_app):
    """`K` again where the cursor went by itself takes the mute back; after a move it mutes the next kind."""
    muted = [len(app_muted) for app_muted in drive_through(
        make_app(), ("2jK", lambda app: app.feed.muted), ("K", lambda app: app.feed.muted),
        ("KkjK", lambda app: app.feed.muted),
    )]  # fmt: skip
    assert muted == [1, 0, 2]


def test_what_was_said_is_taken_back(logs):
    """`U` forgets the fix where the recovery is shown, and the note of the story's row under the cursor."""
    request = Request([str(logs)])

    async def run():
        app = LogscopeApp(LiveFeed(request, open_request(request), follow=False), ScreenOptions(rest_s=0))
        async with app.run_test(size=(120, 40)) as pilot:
            await wait_until_pilot(pilot, lambda: app.snapshot is not None and app.snapshot.progress.done)
            for text in ("14:10 looked at redis", "14:20 raised maxmemory"):
                await pilot.press("a" if "looked" in text else "M")
                app.query_one("#prompt", Input).value = text
                await pilot.press("enter")
                await wait_until_pilot(pilot, lambda text=text: text[6:] in [n.text for n in app.snapshot.notes])
            app._said = ()  # as after another start
            await pilot.press("5", "U")
            await wait_until_pilot(pilot, lambda: len(app.snapshot.notes) == 1)
            await pilot.press("1")
            left = app.snapshot.notes[0].text
            story = app.query_one("#story", RowList)
            await wait_until_pilot(pilot, lambda: any(text_of(story)))
            shown = "\n".join(text_of(story))
            await pilot.press("g")
            for _ in range(20):
                if "looked at" not in app.query_one("#story", RowList).current().text.plain:
                    await pilot.press("j")
            await pilot.press("U")
            await wait_until_pilot(pilot, lambda: not app.snapshot.notes)
            said = status_of(app)
            await pilot.press("U")
            return left, shown, said, status_of(app)

    left, shown, said, nothing_left = asyncio.run(run())
    assert left == "looked at redis"
    assert "looked at redis" in shown
    assert "raised maxmemory" not in shown
    assert "taken back: note at 14:10:00: looked at redis" in said
    assert "nothing to take back" in nothing_left


def test_what_was_said_last_is_taken_back_anywhere(make_app):
    """`U` in the log forgets the line that was just marked, and keeps what was said before."""
    notes = drive(make_app(), ["3", "m", "j", "m", "U"], check=lambda app: app.feed.notes)
    assert [note.text.split("  ")[0] for note in notes] == ["redis-server.log:29"]


def test_one_service_alone(make_app):
    """`s` shows the story and kinds of the service under the cursor, with a badge, and all again."""

    def look(app):
        return "\n".join(text_of(app.query_one("#story", RowList))), str(app.query_one("#tabs").render())

    alone, again = drive_through(make_app(), ("s", look), ("s", look))
    assert "cart-service" not in alone[0]
    assert "SOLO redis-server" in alone[1]
    assert "cart-service" in again[0]
    assert "SOLO" not in again[1]


def test_a_marked_line_is_a_note(make_app):
    """`m` keeps file, line and message of the cursor line; its stamp stands before the note already."""
    notes = drive(make_app(), ["3", "m"], check=lambda app: app.feed.notes)
    assert len(notes) == 1
    assert "redis-server.log:29" in notes[0].text
    assert "maxmemory reached" in notes[0].text
    assert "02 Mar 2026" not in notes[0].text


def test_what_is_said_counts_without_following(logs):
    """On files that are not followed, as in the demo, notes and names are judged at once."""
    request = Request([str(logs)])
    seen = []
    feed = LiveFeed(request, open_request(request), follow=False)
    feed.start(seen.append, seen.append)
    try:
        wait_until(lambda: seen and seen[-1].progress.done)
        count = len(seen)
        feed.add_note(Note(seen[-1].incident.start, "restarted", is_fix=True))
        wait_until(lambda: len(seen) > count and any(note.is_fix for note in seen[-1].notes))
    finally:
        feed.stop()


def test_a_fix_that_is_refused_says_why(make_app):
    """What cannot be judged anew is not claimed to count, and what cannot be saved is; both stay to be read."""

    def refuse(note):
        del note
        raise ExportError("it is shown as it was judged")

    app = make_app()
    app.feed.add_note = refuse
    mark = ["M", Pasted("raised"), "enter"]
    saved = property(lambda self: "SAVED")
    (live,) = drive_through(app, (mark, status_of))
    kept = make_app()
    kept.feed.__class__ = type("KeptFeed", (type(kept.feed),), {"state": saved})
    kept.feed.add_note = refuse
    (refused,) = drive_through(kept, (mark, status_of))
    assert "counts now, but is not saved: it is shown as it was judged" in live
    assert refused.strip() == "it is shown as it was judged"


def test_a_log_that_grows_is_fixed_now(make_app, story):
    """While records come the fix is offered at the newest; in logs that stand still at the cursor."""
    ongoing = replace(story[2], recovery=replace(story[2].recovery, over=False))
    cursor = ongoing.incident.start + 60_000_000

    async def act(pilot):
        app = pilot.app
        app.query_one(Timeline).put_cursor(cursor)
        still = app._mark_time("fix")
        app.post_message(SnapshotReady(replace(ongoing, as_of=ongoing.as_of + 1_000_000)))
        await settle(pilot)
        app._tick()
        return still, app._mark_time("fix")

    assert point(make_app(ongoing), act) == (cursor, ongoing.as_of + 1_000_000)
