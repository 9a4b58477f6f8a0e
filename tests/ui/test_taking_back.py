"""`U` takes back what was said last, whatever it was."""

import asyncio

from textual.widgets import Input

from tests.ui.conftest import settle


def test_a_name_is_taken_back(make_app):
    """What `B` bound means nothing again; the note that was said before it is kept."""

    async def run():
        app = make_app()
        app.feed._memory = None
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            await pilot.press("m", "B")
            app.query_one("#prompt", Input).value = "10.0.0.7:6379=redis"
            await pilot.press("enter")
            bound = app.feed._said.bindings
            await pilot.press("U")
            await settle(pilot)
            return bound, app.feed._said.bindings, str(app.query_one("#foot").render()), len(app.feed.notes)

    bound, left, said, notes = asyncio.run(run())
    assert bound == (("10.0.0.7:6379", "redis"),)
    assert left == ()
    assert "taken back: 10.0.0.7:6379 means redis" in said
    assert notes == 1
