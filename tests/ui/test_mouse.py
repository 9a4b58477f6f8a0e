"""Clicks, drags and the wheel."""

from logscope.ui.aligned import AlignedPane
from logscope.ui.dialogs import HelpScreen
from logscope.ui.log_pane import LogPane
from logscope.ui.rows import RowList
from logscope.ui.timeline import Timeline
from tests.ui.conftest import settle
from tests.ui.driving import point, wheel


def test_the_timeline_is_clicked_dragged_and_wheeled(make_app):
    """A click puts the cursor time, a drag takes it along also beyond the edge, the wheel steps, ctrl+wheel zooms."""

    async def act(pilot):
        timeline = pilot.app.query_one(Timeline)
        times = []
        await pilot.mouse_down(timeline, offset=(40, 3))
        times.append(timeline.cursor_time)
        for x in (60, 80):
            await pilot.hover(timeline, offset=(x, 3))
            times.append(timeline.cursor_time)
        await pilot.mouse_up(timeline, offset=(80, 3))
        await pilot.hover(timeline, offset=(30, 3))
        assert timeline.cursor_time == times[-1], "after the button is up nothing moves"
        await settle(pilot)
        moment = pilot.app.query_one("#logs", LogPane).current().time
        assert (moment or 0) >= times[-1], "the log follows"
        axis = timeline.axis()
        cell = (axis.end - axis.start) // axis.cells
        timeline.post_message(wheel(timeline, 1))
        await settle(pilot)
        assert abs(timeline.cursor_time - times[-1] - cell) <= 1
        timeline.post_message(wheel(timeline, -1, ctrl=True))
        await settle(pilot)
        assert timeline.axis().end - timeline.axis().start < axis.end - axis.start
        return times

    times = point(make_app(), act)
    assert times == sorted(set(times))


def test_log_rows_and_log_lines_are_clicked_and_wheeled(make_app):
    """A click goes to the line under the pointer, the wheel moves three lines, a click on a row opens it."""

    async def act(pilot):
        logs = pilot.app.query_one("#logs", LogPane)
        first = logs.cursor
        await pilot.click(logs, offset=(20, 2))
        clicked = logs.cursor
        assert logs.has_focus
        assert clicked != first
        logs.post_message(wheel(logs, 1))
        await settle(pilot)
        assert logs.cursor == clicked + 3
        logs.post_message(wheel(logs, -1))
        await settle(pilot)
        assert logs.cursor == clicked
        story = pilot.app.query_one("#story", RowList)
        await pilot.click(story, offset=(30, 3))
        await settle(pilot)
        return story.current().service, logs.current().service

    row, line = point(make_app(), act)
    assert row == line == "cart-service"


def test_columns_side_by_side_are_clicked_and_wheeled(make_app):
    """At 200x60 the wheel moves three rows; a click opens the line of the column under the pointer."""

    async def act(pilot):
        pane = pilot.app.query_one(AlignedPane)
        before = pane.cursor
        pane.post_message(wheel(pane, 1))
        await settle(pilot)
        assert pane.cursor == before + 3
        row = next(y for y in range(pane.size.height - 1) if "checkout-service" in pane.rows[y + pane._top])
        columns = pane._columns()
        x = 13 + (pane.size.width - 13) * columns.index("checkout-service") // len(columns) + 3
        await pilot.click(pane, offset=(x, row + 1))
        await settle(pilot)
        return pilot.app.query_one("#logs", LogPane).current().service

    assert point(make_app(), act, (200, 60)) == "checkout-service"


def test_where_the_screen_is_wide_the_log_follows_the_row_after_a_rest(make_app):
    """The timer that moves the log is not the one that moves the columns side by side: both come."""

    async def act(pilot):
        story = pilot.app.query_one("#story", RowList)
        while story.current().service != "cart-service":
            await pilot.press("j")
        logs = pilot.app.query_one("#logs", LogPane)
        for _ in range(200):
            if logs.current().service == "cart-service":
                break
            await pilot.pause(0.01)
        return logs.current().service

    assert point(make_app(rest_s=0.01), act, (200, 60)) == "cart-service"


def test_sentences_are_clicked(make_app):
    """What broke opens the line that shows it, on any of its lines; whether it is over is told in recovery."""

    async def act(pilot):
        seen = []
        for word in ("HIGH", "USERS", "BROKE", "OVER"):
            lines = str(pilot.app.query_one("#head").render()).split("\n")
            y = next(n for n, line in enumerate(lines) if word in line)
            await pilot.click("#head", offset=(lines[y].index(word), y))
            await settle(pilot)
            seen.append(pilot.app.focused.id)
        return seen, pilot.app.query_one("#logs", LogPane).place

    expected = (["logs", "recovery", "logs", "recovery"], "redis-server.log:29")
    assert {str(point(make_app(), act, size)) for size in ((80, 24), (120, 40))} == {str(expected)}


def test_tabs_and_the_footer_are_clicked(make_app):
    """A click on a tab shows its view, one on a word of the footer does it; at both widths of the tabs."""

    async def act(pilot):
        at = lambda name, words: (str(pilot.app.query_one(name).render()).index(words) + 2, 0)  # noqa: E731
        await pilot.click("#tabs", offset=at("#tabs", "5 Rec"))
        await settle(pilot)
        focused = pilot.app.focused.id
        await pilot.click("#foot", offset=at("#foot", "? help"))
        await settle(pilot)
        return focused, type(pilot.app.screen)

    assert {point(make_app(), act, size) for size in ((80, 24), (120, 40))} == {("recovery", HelpScreen)}
