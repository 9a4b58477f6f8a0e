"""What keys do on the incident screen."""

import asyncio
from dataclasses import replace

import pytest

from logscope.model.snapshot import Progress
from logscope.ui.keys import KEYS
from logscope.ui.log_pane import LogPane
from logscope.ui.rows import RowList
from logscope.ui.status import window_title
from logscope.ui.timeline import Timeline
from tests.ui.conftest import settle


def drive(app, keys=(), size=(120, 40), check=None):
    """Run an app, press keys, and look."""

    async def run():
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            for key in keys:
                await pilot.press(key)
                await settle(pilot)
            return check(app) if check else None

    return asyncio.run(run())


def text_of(widget):
    """What a widget shows, line by line."""
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


def test_the_first_screen_answers_the_four_questions(make_app):
    """State, cause with its line, trigger and users are on top without a key."""

    def look(app):
        return str(app.query_one("#head").render())

    head = drive(make_app(), check=look)
    for words in ("OVER", "BROKE", "maxmemory reached", "redis-server.log:29", "HIGH", "SET OFF", "USERS", "34.0 %"):
        assert words in head


def test_the_log_pane_opens_at_the_root(make_app):
    """The line that proves the cause is under the cursor from the start."""
    line = drive(make_app(), check=lambda app: app.query_one("#logs", LogPane).current())
    assert "maxmemory reached" in line.text


@pytest.mark.parametrize(
    ("key", "pane"),
    [("2", "kinds"), ("3", "logs"), ("4", "actions"), ("5", "recovery"), ("6", "files"), ("0", "why"), ("1", "story")],
)
def test_a_digit_shows_its_pane(make_app, key, pane):
    """At 80x24 one pane at a time, and the focus is in it."""
    shown, focused = drive(
        make_app(), [key], (80, 24), lambda app: (app.query_one(f"#{pane}").display, app.focused and app.focused.id)
    )
    assert (shown, focused) == (True, pane)


def test_enter_on_the_root_says_why(make_app):
    """The evidence is one key away."""
    rows = drive(make_app(), ["enter"], (80, 24), lambda app: text_of(app.query_one("#why", RowList)))
    assert any("named by checkout-service" in row for row in rows)


def steps_to(make_app, pane, service, size=(120, 40), keys=()):
    """How often `j` is pressed from the cursor to the first row of a service."""

    def count(app):
        rows = app.query_one(f"#{pane}", RowList)
        standing = [row for row in rows.rows if row.can_stand]
        return [row.service for row in standing].index(service) - standing.index(rows.current())

    return drive(make_app(), keys, size, count)


def test_enter_on_a_symptom_opens_its_line(make_app):
    """Every row of the story opens the line that it stands for."""
    steps = steps_to(make_app, "story", "checkout-service", (80, 24))
    line = drive(
        make_app(), [*["down"] * steps, "enter"], (80, 24), lambda app: app.query_one("#logs", LogPane).current()
    )
    assert "ConnectionTimeout" in line.text


def test_all_panes_follow_the_cursor_time(make_app):
    """Stepping through the events moves the timeline and the log."""

    def look(app):
        return app.query_one(Timeline).cursor_time, app.query_one("#logs", LogPane).current().time

    before = drive(make_app(), check=look)
    after = drive(make_app(), ["full_stop"] * 4, check=look)
    assert before[0] < after[0]
    assert before[1] <= after[1]


def test_scrubbing_and_zooming_stay_inside_the_logs(make_app):
    """Whatever is pressed, the cursor stays between the first and the last record."""

    def look(app):
        snapshot, timeline = app.snapshot, app.query_one(Timeline)
        end = snapshot.lane_start + len(snapshot.lanes[0].records) * snapshot.lane_bucket_us
        return snapshot.lane_start <= timeline.cursor_time < end

    assert drive(make_app(), ["plus"] * 9 + ["right_square_bracket"] * 30 + ["minus"] * 9, check=look)


def test_fix_is_marked_with_time_and_words(make_app):
    """`M` asks one line: the time is there already, the words are typed."""
    app = make_app()
    drive(app, ["M", *"raised", "enter"])
    (note,) = app.feed.notes
    assert (note.is_fix, note.text) == (True, "raised")
    assert abs(note.time - app.snapshot.as_of) < 1_000_000


def test_export_says_where(make_app):
    """`x` writes at once and the path stays in the status line."""
    status = drive(make_app(), ["x"], check=lambda app: str(app.query_one("#foot").render()))
    assert "incident-2026-03-02-1401.md" in status


def test_find_moves_to_the_line(make_app):
    """`/` finds a text in the log pane."""
    line = drive(make_app(), ["slash", *"CONFIG", "enter"], check=lambda app: app.query_one("#logs", LogPane).current())
    assert "CONFIG SET" in line.text


def test_while_reading_the_screen_says_so(make_app, story):
    """Before the exact pass is done the word is provisional, with the share that was read."""
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


@pytest.mark.parametrize("size", [(20, 6), (40, 12), (80, 24), (120, 40), (200, 60)])
def test_every_size_draws(make_app, size):
    """No size breaks the screen."""
    assert drive(make_app(), ["2", "3", "0", "5"], size, lambda app: app.is_running)


def test_help_lists_every_key(make_app):
    """A stranger finds everything behind `?`."""
    text = drive(make_app(), ["question_mark"], check=lambda app: str(app.screen.query_one("#help Static").render()))
    for key in KEYS:
        assert key.label in text


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
        return "".join(rows) + str(app.query_one("#head").render()) + window_title(app.snapshot)

    text = drive(make_app(evil), ["2", "4", "5", "6", "0"], check=look)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[/red][@click=app.quit]x[/]" in text


async def finish_search(pilot):
    """Wait for the search's thread."""
    await pilot.app.workers.wait_for_complete()
    await settle(pilot)


def drive_searching(app, keys, check, size=(120, 40)):
    """Like `drive`, with searches awaited."""

    async def run():
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            for key in keys:
                await pilot.press(key)
                await finish_search(pilot)
            return check(app)

    return asyncio.run(run())


def test_a_search_goes_through_the_whole_log(make_app):
    """`/` finds a line thousands of lines away, and says so when there is none."""
    look = lambda app: (app.query_one("#logs", LogPane).current(), str(app.query_one("#foot").render()))  # noqa: E731
    open_checkout = ["2", *["j"] * steps_to(make_app, "kinds", "checkout-service", keys=["2"]), "enter"]
    line, _ = drive_searching(make_app(), [*open_checkout, "slash", *"15:01", "enter"], look)
    assert "15:01" in line.text
    _, status = drive_searching(make_app(), [*open_checkout, "slash", *"zzzz", "enter"], look)
    assert "zzzz: not found below" in status


def test_errors_are_stepped_through(make_app):
    """`e` goes to the next error of the log, `E` back."""
    look = lambda app: app.query_one("#logs", LogPane).current()  # noqa: E731
    open_checkout = ["2", *["j"] * steps_to(make_app, "kinds", "checkout-service", keys=["2"]), "enter"]
    first = drive_searching(make_app(), open_checkout, look)
    second = drive_searching(make_app(), [*open_checkout, "e"], look)
    assert second.number > first.number
    assert second.severity >= 17
    assert drive_searching(make_app(), [*open_checkout, "e", "E"], look) == first


def test_only_lines_with_a_text(make_app):
    """`&` shows matches from the whole log; Esc brings all lines back."""
    logs = lambda app: app.query_one("#logs", LogPane)  # noqa: E731
    keys = ["3", "ampersand", *"CONFIG", "enter"]
    texts = drive_searching(make_app(), keys, lambda app: [line.text for line in logs(app).lines])
    assert texts
    assert all("CONFIG" in text for text in texts)
    assert len(drive_searching(make_app(), [*keys, "escape"], lambda app: logs(app).lines)) > len(texts)


def test_a_record_in_detail(make_app):
    """Enter unfolds or shows level, service and text; `o` there finds its id in every log."""
    keys = ["2", *["j"] * steps_to(make_app, "kinds", "cart-service", keys=["2"]), "enter", "enter"]
    text = drive_searching(make_app(), keys, lambda app: str(app.screen.query_one("#help Static").render()))
    assert "cart-service" in text
    assert "all lines with" in text
    services = drive_searching(
        make_app(), [*keys, "o"], lambda app: {line.service for line in app.query_one("#logs", LogPane).lines}
    )
    assert "cart-service" in services


def test_known_noise_is_muted_and_shown_again(make_app):
    """`K` folds a kind away with a badge; on its row it brings all back."""
    kinds = lambda app: "\n".join(row.text.plain for row in app.query_one("#kinds", RowList).rows)  # noqa: E731
    badge = lambda app: str(app.query_one("#tabs").render())  # noqa: E731
    keys = ["2", "j", "K"]
    assert "Client conn" in drive(make_app(), ["2"], check=kinds)
    shown = drive(make_app(), keys, check=kinds)
    assert "Client conn" not in shown
    assert "muted kinds" in shown
    assert "1 MUTED" in drive(make_app(), keys, check=badge)
    assert "Client conn" in drive(make_app(), [*keys, "G", "K"], check=kinds)


def test_one_service_alone(make_app):
    """`s` shows the story and kinds of the service under the cursor, with a badge, and all again."""
    story = lambda app: "\n".join(text_of(app.query_one("#story", RowList)))  # noqa: E731
    assert "cart-service" not in drive(make_app(), ["s"], check=story)
    assert "cart-service" in drive(make_app(), ["s", "s"], check=story)
    assert "SOLO redis-server" in drive(make_app(), ["s"], check=lambda app: str(app.query_one("#tabs").render()))


def test_a_marked_line_is_a_note(make_app):
    """`m` keeps file, line and text of the cursor line."""
    notes = drive(make_app(), ["3", "m"], check=lambda app: app.feed.notes)
    assert len(notes) == 1
    assert "redis-server.log:29" in notes[0].text
    assert "maxmemory reached" in notes[0].text


def test_help_fits_its_columns():
    """No label is so long that it runs into the next column."""
    assert [key.label for key in KEYS if len(key.label) > 24] == []
