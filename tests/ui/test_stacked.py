"""A story that leaves lines free has the log below it."""

from logscope.ui.formatting import wrap
from logscope.ui.log_pane import LogPane
from logscope.ui.palette import UNICODE
from tests.ui.driving import drive, drive_through


def shown(app):
    """Which of the two are there, who has the keys, and where the log stands."""
    logs = app.query_one("#logs", LogPane)
    line = logs.current()
    return app.query_one("#story").display, logs.display, app.focused.id, line.service if line else ""


def test_the_log_stands_below_a_story_that_leaves_lines_free(make_app):
    """It follows the row under the cursor; where the story needs its lines it is not there."""
    steps = ((), shown), (["j"], shown), (["z"], shown)
    first, next_row, alone = drive_through(make_app(), *steps, size=(80, 44))
    assert first == (True, True, "story", "redis-server")
    assert next_row == (True, True, "story", "checkout-service")
    assert alone[:2] == (True, False)
    assert drive(make_app(), size=(80, 24), check=shown)[:2] == (True, False)


def test_every_event_and_some_lines_are_seen(make_app):
    """The story keeps a row an event at least, the log five lines; nothing lies behind the footer."""
    for height in range(30, 60, 3):
        app = make_app()
        heights = drive(
            app, size=(80, height), check=lambda app: [app.query_one(f"#{name}").region for name in ("story", "logs")]
        )
        story, logs = heights
        if logs.height:
            assert story.height >= 9, height
            assert logs.height >= 5, height
            assert logs.bottom == height - 1


def test_tab_leads_into_the_log_and_esc_back(make_app):
    """The log that gets the keys gets the room, too."""
    into, back = drive_through(make_app(), (["tab"], shown), (["escape"], shown), size=(80, 44))
    assert into[:3] == (False, True, "logs")
    assert back[:3] == (True, True, "story")


def test_no_line_ends_between_a_number_and_its_unit():
    """`100 %` and `16.9 s` are one word each."""
    assert wrap("served 100 % of all", 10, 10, 3, UNICODE) == ["served", "100 % of", "all"]
    assert wrap("it came 16.9 s, before", 12, 12, 3, UNICODE) == ["it came", "16.9 s,", "before"]
