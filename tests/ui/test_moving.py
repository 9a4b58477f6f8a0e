"""Keys that go from pane to pane, from event to event and through time."""

import asyncio
from dataclasses import replace

from logscope.model.incident import EventKind
from logscope.ui.log_pane import LogPane
from logscope.ui.rows import RowList
from logscope.ui.timeline import Timeline
from tests.ui.conftest import settle
from tests.ui.driving import Pasted, drive, drive_through, log_line, open_row, status_of, text_of, wait_until_pilot


def test_a_digit_shows_its_pane(make_app):
    """At 80x24 one pane at a time, and the focus is in it."""
    panes = {"2": "kinds", "3": "logs", "4": "actions", "5": "recovery", "6": "files", "0": "why", "1": "story"}

    def look(app):
        return [pane for pane in panes.values() if app.query_one(f"#{pane}").display], app.focused and app.focused.id

    seen = drive_through(make_app(), *((key, look) for key in panes), size=(80, 24))
    assert [([pane], pane) for pane in panes.values()] == seen


def test_enter_on_the_root_says_why(make_app):
    """The evidence is one key away."""
    rows = drive(make_app(), ["enter"], (80, 24), lambda app: text_of(app.query_one("#why", RowList)))
    assert any("named by checkout-service" in row for row in rows)


def test_enter_on_a_symptom_opens_its_line(make_app):
    """Every row of the story opens the line that it stands for."""
    (line,) = drive_through(make_app(), (open_row("story", "checkout-service"), log_line), size=(80, 24))
    assert "ConnectionTimeout" in line.text


def test_all_panes_follow_the_cursor_time(make_app):
    """Stepping through the events moves the timeline and the log."""

    def look(app):
        return app.query_one(Timeline).cursor_time, log_line(app).time

    before, after = drive_through(make_app(), ([], look), (["full_stop"] * 4, look))
    assert before[0] < after[0]
    assert before[1] <= after[1]


def test_scrubbing_and_zooming_stay_inside_the_logs(make_app):
    """Whatever is pressed, the cursor stays between the first and the last record."""

    def look(app):
        snapshot, timeline = app.snapshot, app.query_one(Timeline)
        end = snapshot.lane_start + len(snapshot.lanes[0].records) * snapshot.lane_bucket_us
        return snapshot.lane_start <= timeline.cursor_time < end

    assert drive(make_app(), ["plus"] * 9 + ["right_square_bracket"] * 30 + ["minus"] * 9, check=look)


def test_stepping_brings_the_row_and_the_line(make_app):
    """`.` stands at the event's row of the story and at its own line in the log; at the last it says so."""

    def look(app):
        row = app.query_one("#story", RowList).current()
        return app.query_one(Timeline).cursor_time, row.time, row.ref, app.query_one("#logs", LogPane).place

    stepped, status = drive_through(make_app(), (["full_stop"] * 2, look), (["full_stop"] * 15, status_of))
    time, row_time, ref, place = stepped
    assert time == row_time
    assert place == f"{ref.file.rsplit('/', 1)[-1]}:{ref.line}"
    assert "no further event" in status


def test_an_event_beside_the_story_opens_its_line(make_app, story):
    """What has no row in the story is told in the status line, and its own line is opened."""
    snapshot = story[2]
    root = next(e for e in snapshot.timeline if e.is_root)
    path = next(f.path for f in snapshot.files if "cart-service" in f.path)
    beside = replace(root, kind=EventKind.CHANGE, time=root.time + 1, file=path, line=40, event="deployed")
    beside = replace(beside, is_root=False, is_key=False)
    app = make_app(replace(snapshot, timeline=(*snapshot.timeline, beside)))
    shown = drive(app, ["full_stop"], check=lambda app: (status_of(app), app.query_one("#logs", LogPane).place))
    assert "deployed" in shown[0]
    assert shown[1] == "cart-service.log:40"


def test_each_step_of_an_investigation_is_near(make_app):
    """Which errors, why, the line, all logs at its time, is it over, the report, the fix: three keys at most each."""
    steps = {
        ("kinds", "2,341 14:02:03 14:31:45"): ["2"],
        ("why", "CASCADE"): ["1", "enter"],
        ("logs", "maxmemory reached"): ["1", "enter", "enter"],
        ("logs", "redis-server     14:01:58.332 W WARNING"): ["A"],
        ("recovery", "retry burst"): ["5"],
        ("foot", "report written: "): ["x"],
        ("recovery", "BEFORE     PEAK      NOW"): ["M", "enter"],
    }

    def look(app, pane):
        widget = app.query_one(f"#{pane}")
        if not widget.display or pane == "foot":
            return status_of(app)
        rows = [row.text.plain for row in widget.rows] if isinstance(widget, RowList) else text_of(widget)
        return "\n".join(rows)

    seen = drive_through(
        make_app(),
        *((keys, lambda app, pane=pane: look(app, pane)) for (pane, _), keys in steps.items()),
        size=(80, 24),
    )
    assert [(said, text) for (_, said), text in zip(steps, seen, strict=True) if said not in text] == []
    assert max(map(len, steps.values())) <= 3


def test_zooming_asks_for_finer_lanes(make_app):
    """From minutes to seconds: a span in which a bucket is wider than a cell is asked for again; `f` goes back."""
    app = make_app()
    asked = []
    app.feed.look_at = asked.append
    drive(app, ["plus"] * 6 + ["f"])
    first, last = asked[0]
    assert first < app.snapshot.incident.start < last
    assert asked[-1] is None


def test_zero_is_why_unless_the_log_is_scrolled(make_app):
    """In the log `0` goes back to the begin of the lines; where they are not scrolled it is the tab's key."""
    where = lambda app: (app.focused.id, app.query_one("#logs", LogPane)._left)  # noqa: E731
    seen = drive_through(make_app(), (["3", "l", "l", "0"], where), (["0"], where), size=(80, 24))
    assert seen == [("logs", 0), ("why", 0)]


def test_scrolled_lines_keep_their_time(make_app):
    """Scrolling sideways moves the words of a line, never its time."""
    texts = drive(make_app(), ["3", "l"], (80, 24), lambda app: text_of(app.query_one("#logs", LogPane)))
    cursor = next(text for text in texts if text.startswith(">"))
    assert "29 14:01:58.332 " in cursor
    assert "WARNING: maxmemory" not in cursor
    assert "eviction policy: noeviction" in cursor


def test_enter_on_an_event_without_a_line_shows_its_time(make_app):
    """The row that tells of the recovery has no line of its own: Enter shows what was logged then."""
    merged = drive(make_app(), ["G", "enter"], (80, 24), lambda app: (app.focused.id, app.query_one("#logs").is_merged))
    assert merged == ("logs", True)


def test_a_time_outside_the_logs_is_their_end(make_app):
    """`t` stays inside the logs and says where they end; the next key gives the footer back."""

    def look(app):
        timeline = app.query_one(Timeline)
        return status_of(app), timeline.cursor_time == timeline.reach()[1]

    (status, is_end), footer = drive_through(make_app(), (["t", Pasted("23:59"), "enter"], look), (["j"], status_of))
    assert ("the logs end at" in status, is_end) == (True, True)
    assert "next event" in footer


def test_the_log_s_title_tells_the_line_that_was_stepped_to(make_app):
    """The log follows after a rest, and its title with it: not that of the event before."""

    async def run():
        app = make_app(rest_s=0.01)
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            before = app.logs.place
            await pilot.press("full_stop")
            await wait_until_pilot(pilot, lambda: app.logs.place != before)
            await settle(pilot)
            return app.logs.place, str(app.query_one("#title-logs").render())

    place, title = asyncio.run(run())
    assert place in title
