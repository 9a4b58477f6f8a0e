"""What stands on the screen before a key is pressed, at any size, in any terminal."""

import asyncio
from dataclasses import replace

from logscope.model.files import Progress
from logscope.runner.feed import LiveFeed
from logscope.runner.request import Request, open_request
from logscope.ui.aligned import AlignedPane
from logscope.ui.app import LogscopeApp
from logscope.ui.log_pane import LogPane
from logscope.ui.options import ScreenOptions
from logscope.ui.rows import RowList
from logscope.ui.status import window_title
from logscope.ui.timeline import Timeline
from tests.ui.conftest import settle
from tests.ui.driving import (
    drive,
    point,
    text_of,
    wait_until_pilot,
)


def test_the_first_screen_answers_the_four_questions(make_app):
    """State, cause with its line, trigger and users are on top without a key."""

    def look(app):
        return str(app.query_one("#head").render())

    head = drive(make_app(), check=look)
    for words in ("OVER", "BROKE", "maxmemory reached", "redis-server.log:29", "HIGH", "SET OFF", "USERS", "34 %"):
        assert words in head


def test_the_log_pane_opens_at_the_root(make_app):
    """The line that proves the cause is under the cursor from the start."""
    line = drive(make_app(), check=lambda app: app.query_one("#logs", LogPane).current())
    assert "maxmemory reached" in line.text


def test_where_no_line_shows_the_cause_the_log_opens_at_the_begin(make_app, story):
    """What was written when it began stands beside the story, of all logs by time."""
    top = replace(story[2].candidates[0], file=None, line=None, first_seen=None)
    snapshot = replace(story[2], candidates=(top, *story[2].candidates[1:]))

    def look(app):
        logs = app.query_one("#logs", LogPane)
        return logs.is_merged, logs.current().time - snapshot.incident.start

    is_merged, behind = drive(make_app(snapshot), check=look)
    assert is_merged
    assert 0 <= behind < 5_000_000


def test_while_reading_the_screen_says_so(make_app, story):
    """Before the exact pass is done the share that was read stands beside the panes' names."""
    snapshot = replace(story[2], provisional=True, progress=Progress(41, 100, False))
    text = drive(make_app(snapshot), size=(80, 24), check=lambda app: str(app.query_one("#tabs").render()))
    assert "READING 41 %" in text


def test_ascii_and_no_colour_are_complete(make_app):
    """With `--ascii` and NO_COLOR nothing beyond ASCII and no colour is drawn."""

    def look(app):
        lines = text_of(app.query_one(Timeline)) + text_of(app.query_one("#story", RowList))
        styles = [s.style for y in range(8) for s in app.query_one(Timeline).render_line(y) if s.style]
        return "".join(lines), [style.color for style in styles if style.color is not None]

    text, colours = drive(make_app(ascii_only=True, no_color=True), check=look)
    assert text.isascii(), {c for c in text if not c.isascii()}
    assert colours == []


def test_every_size_draws(make_app):
    """No size breaks the screen, whether it starts so or becomes so."""

    async def act(pilot):
        for size in ((40, 12), (80, 24), (120, 40), (200, 60), (20, 6)):
            for key in ("2", "3", "0", "5"):
                await pilot.press(key)
                await settle(pilot)
            await pilot.resize_terminal(*size)
            await settle(pilot)
        return pilot.app.is_running

    assert point(make_app(), act, (20, 6))


def test_hostile_text_never_becomes_markup(make_app, story):
    """Brackets, escapes and click actions of a log are plain text on every pane."""
    _, _, snapshot = story
    attack = "[/red][@click=app.quit]x[/] \x1b]0;owned\x07\x1b[2J\u202e [bold"
    groups = tuple(replace(g, headline=attack, service=attack) for g in snapshot.groups)
    entries = tuple(replace(e, event=attack, service=attack, impact=attack) for e in snapshot.timeline)
    candidates = tuple(replace(c, headline=attack, service=attack) for c in snapshot.candidates)
    sentences = tuple(replace(s, text=attack) for s in snapshot.sentences)
    evil = replace(snapshot, groups=groups, timeline=entries, candidates=candidates, sentences=sentences)

    def look(app):
        rows = []
        for name in ("story", "kinds", "actions", "recovery", "files", "why"):
            rows += [row.text.plain for row in app.query_one(f"#{name}", RowList).rows]
        return "".join(rows) + str(app.query_one("#head").render()) + window_title(app.snapshot, "")

    text = drive(make_app(evil), ["2", "4", "5", "6", "0"], check=look)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[/red][@click=app.quit]x[/]" in text


def test_the_title_says_what_the_first_sentence_says(tmp_path):
    """The terminal's title of an empty log is the word that the screen shows."""
    path = tmp_path / "empty.log"
    path.write_text("")
    request = Request([str(path)])
    titles = []

    async def run():
        app = LogscopeApp(LiveFeed(request, open_request(request), follow=False), ScreenOptions(rest_s=0))
        app._set_window_title = titles.append
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until_pilot(pilot, lambda: app.snapshot is not None and app.snapshot.progress.done)
            await settle(pilot)
            return str(app.query_one("#head").render()).split()[0]

    assert asyncio.run(run()) == "EMPTY"
    assert titles[-1].startswith("EMPTY")


def test_a_screen_of_thirty_lines_shows_more_lanes(make_app):
    """Of the lines beyond 24 the timeline takes half."""

    def look(app):
        return app.query_one(Timeline).size.height

    assert [drive(make_app(), size=(100, height), check=look) for height in (24, 30)] == [6, 9]


def test_logs_stand_side_by_side_where_the_screen_is_wide(make_app):
    """At 200x60: a column per service, in step by time, at the cursor time; the line beside them."""

    def look(app):
        pane = app.query_one(AlignedPane)
        return pane.rows[pane.cursor], text_of(pane), [row.text.plain for row in app.query_one("#line").rows]

    row, (head, *rows), line = drive(make_app(), size=(200, 60), check=look)
    assert "maxmemory reached" in row["redis-server"].text
    assert any(" W WARNING: maxmemory" in text for text in rows)  # without colour, too
    for service in ("redis-server", "checkout-service", "cart-service", "payment-gateway"):
        assert service in head
    assert any("maxmemory" in text for text in line)


def test_without_a_cause_the_newest_lines_are_shown(make_app, story):
    """Quiet logs are not an empty pane; without any time the first log is shown from its begin."""
    calm = replace(story[2], incident=None, candidates=(), cascade=(), timeline=())
    line = drive(make_app(calm), check=lambda app: app.query_one("#logs", LogPane).current())
    assert abs(line.time - calm.as_of) < 60_000_000
    noisy = replace(calm, candidates=story[2].candidates)
    line = drive(make_app(noisy), check=lambda app: app.query_one("#logs", LogPane).current())
    assert abs(line.time - calm.as_of) < 60_000_000
    line = drive(make_app(replace(calm, as_of=None)), check=lambda app: app.query_one("#logs", LogPane).current())
    assert line.number == 1
