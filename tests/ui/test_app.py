"""What keys do on the incident screen."""

import asyncio
import threading
import time
from dataclasses import replace
from datetime import UTC

from textual import events
from textual.widgets import Input

from logscope.errors import ExportError
from logscope.model.files import LineRef, Progress
from logscope.model.incident import EventKind
from logscope.model.snapshot import Note
from logscope.model.times import DAY_US, US
from logscope.report.page import SECTIONS
from logscope.runner.feed import LiveFeed
from logscope.runner.request import Opened, Request, open_request
from logscope.sources import search
from logscope.sources.nearby import NearbyFile
from logscope.ui.aligned import AlignedPane
from logscope.ui.app import LogscopeApp, SnapshotReady
from logscope.ui.commands import LogscopeCommands
from logscope.ui.dialogs import HelpScreen
from logscope.ui.finding import find_round
from logscope.ui.keys import KEYS
from logscope.ui.log_pane import LogPane
from logscope.ui.options import ScreenOptions
from logscope.ui.picker import PickerApp
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


def status_of(app):
    """What stands in the place of the footer."""
    return str(app.query_one("#foot").render())


def text_of(widget):
    """What a widget shows, line by line."""
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


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
                    await pilot.press(key)
                    await finish_search(pilot)
                seen.append(look(app))
        return seen

    return asyncio.run(run())


async def finish_search(pilot):
    """Wait for the search's thread."""
    await pilot.app.workers.wait_for_complete()
    await settle(pilot)


def open_row(pane, service):
    """Keys from the cursor down to the first row of a service, and Enter."""

    def keys(app):
        rows = app.query_one(f"#{pane}", RowList)
        standing = [row for row in rows.rows if row.can_stand]
        return ["j"] * ([row.service for row in standing].index(service) - standing.index(rows.current())) + ["enter"]

    return keys


def log_line(app):
    return app.query_one("#logs", LogPane).current()


def nothing(app):
    del app


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


def test_fix_is_marked_with_time_and_words(make_app):
    """`M` asks one line: the time is there already, the words are typed; a time that cannot be is told."""
    app = make_app()
    late = ["M", *["backspace"] * 9, *"14:59 late", "enter"]
    _, status = drive_through(app, (["M", *"raised", "enter"], nothing), (late, status_of))
    assert [(note.is_fix, note.text) for note in app.feed.notes] == [(True, "raised"), (True, "late")]
    assert abs(app.feed.notes[0].time - app.snapshot.recovery.fix_at) < 1_000_000
    assert "errors had ended by" in status


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


def test_export_says_where(make_app):
    """`x` writes at once and the path stays in the status line."""
    status = drive(make_app(), ["x"], check=lambda app: str(app.query_one("#foot").render()))
    assert "incident-2026-03-02-1401.md" in status


def test_find_moves_to_the_line(make_app):
    """`/` finds a text in the log pane."""
    line = drive(make_app(), ["slash", *"CONFIG", "enter"], check=lambda app: app.query_one("#logs", LogPane).current())
    assert "CONFIG SET" in line.text


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
        return "".join(rows) + str(app.query_one("#head").render()) + window_title(app.snapshot, "")

    text = drive(make_app(evil), ["2", "4", "5", "6", "0"], check=look)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[/red][@click=app.quit]x[/]" in text


def test_saving_does_not_hold_the_screen(make_app, monkeypatch):
    """`S` saves beside the screen, which says where once it is done: a judgement of large logs takes seconds."""
    app, threads = make_app(), []
    monkeypatch.setattr(app.feed, "save", lambda _: (threads.append(threading.current_thread()), "x.lsx")[1])
    (status,) = drive_through(app, (["S"], status_of))
    assert "incident saved" in status
    assert app.exported == ["x.lsx"]
    assert threads != [threading.main_thread()]


def test_a_search_goes_through_the_whole_log(make_app):
    """`/` finds a line thousands of lines away, and says so when there is none."""
    _, _, line, status = drive_through(
        make_app(),
        ("2", nothing),
        (open_row("kinds", "checkout-service"), nothing),
        (["slash", *"15:01", "enter"], log_line),
        (["slash", *"zzzz", "enter"], status_of),
    )
    assert "15:01" in line.text
    assert "zzzz: not found in checkout-service.log" in status


def test_a_search_goes_round(make_app):
    """Behind the last match comes the first one, before it the last; that is said, and so is a match that is alone."""
    look = lambda app: (log_line(app).number, status_of(app))  # noqa: E731
    (first, _), (there, status), (_, alone) = drive_through(
        make_app(),
        (["3", "slash", *"CONFIG", "enter"], look),
        (["N"], look),
        (["slash", *"policy: noeviction", "enter", "n"], look),
    )
    assert there >= first
    assert "went on from the end" in status or "no other line" in status
    assert "no other line holds it" in alone


def test_what_was_searched_is_not_searched_again(logs, monkeypatch):
    """A text that is nowhere costs one reading of the log, or of all: the way round ends where it began."""
    monkeypatch.setattr(search, "_SLICE", 1000)
    log = logs / "checkout-service.log"
    request = Request([str(logs)])
    feed = LiveFeed(request, open_request(request), follow=False)
    (line,) = feed.around(feed.spot_of(LineRef(str(log), 500)), 0, 1)
    for merged, size in ((None, log.stat().st_size), (line, sum(path.stat().st_size for path in logs.iterdir()))):
        for direction in (1, -1):
            passes = [0]

            def go_on(done, passes=passes):
                passes.append(0) if done < passes[-1] else None
                passes[-1] = done
                return True

            assert find_round(feed, line.spot, merged, "no such text", direction, go_on) == (None, True)
            assert 0.9 * size < sum(passes) < 1.05 * size, (merged is None, direction, passes, size)


def test_all_logs_are_searched_where_all_are_shown(make_app):
    """In the merged view `/`, `e` and `&` mean every log; what is not there is said of what was searched."""
    merged = ("2", nothing), (open_row("kinds", "checkout-service"), nothing), ("A", nothing)
    *_, error, status, (found, is_merged) = drive_through(
        make_app(),
        *merged,
        ("e", log_line),
        (["slash", *"zzzz", "enter"], status_of),
        (["slash", *"CONFIG SET", "enter"], lambda app: (log_line(app), app.query_one("#logs", LogPane).is_merged)),
    )
    assert error.service == "edge-access"
    assert "zzzz: not found in any log" in status
    assert (found.service, is_merged) == ("redis-server", True)
    *_, logs = drive_through(
        make_app(), *merged, (["ampersand", *"eviction", "enter"], lambda app: app.query_one("#logs", LogPane))
    )
    assert ({line.service for line in logs.lines}, logs.is_merged) == ({"redis-server"}, True)


def test_the_incident_is_stepped_through(make_app):
    """`e` goes to the next record of the incident in the log, `E` back."""
    _, first, second, back = drive_through(
        make_app(), ("2", nothing), (open_row("kinds", "checkout-service"), log_line), ("e", log_line), ("E", log_line)
    )
    assert second.number > first.number
    assert second.severity >= 17
    assert back == first


def test_only_lines_with_a_text(make_app):
    """`&` shows matches from the whole log; Esc brings all lines back."""
    texts = lambda app: [line.text for line in app.query_one("#logs", LogPane).lines]  # noqa: E731
    matches, every = drive_through(make_app(), (["3", "ampersand", *"CONFIG", "enter"], texts), (["escape"], texts))
    assert matches
    assert all("CONFIG" in text for text in matches)
    assert len(every) > len(matches)


def test_esc_goes_back_to_the_log_that_was_shown(make_app):
    """From all lines with a request's id back to the one log, or to all logs by time, as it was before."""
    where = lambda app: (app.query_one("#logs", LogPane).is_merged, app.query_one("#logs", LogPane).filter != "")  # noqa: E731
    steps = (["o"], where), (["escape"], where), (["A", "o"], where), (["escape"], where)
    _, _, *shown = drive_through(make_app(), ("2", nothing), (open_row("kinds", "checkout-service"), nothing), *steps)
    assert shown == [(True, True), (False, False), (True, True), (True, False)]


def test_a_record_in_detail(make_app):
    """Enter unfolds or shows level, service and text; `o` there finds its id in every log."""
    _, _, text, services = drive_through(
        make_app(),
        ("2", nothing),
        (open_row("kinds", "cart-service"), nothing),
        (["enter"], lambda app: str(app.screen.query_one("#help Static").render())),
        ("o", lambda app: {line.service for line in app.query_one("#logs", LogPane).lines}),
    )
    assert "cart-service" in text
    assert "14:02:08.114" in text
    assert "cart-service.log:2889" in text
    assert "all lines with" in text
    assert "cart-service" in services


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
    notes = drive(make_app(later), ["a", *"ok", "enter"], check=lambda app: app.feed.notes)
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


async def wait_until_pilot(pilot, condition, seconds=20):
    """Let the app work until something holds."""
    for _ in range(seconds * 100):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("it did not come about")


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


def test_keys_in_one_packet_choose_the_logs_that_they_mean():
    """Over a slow link keys come together: each acts on the row that the one before it went to."""
    files = tuple(NearbyFile(f"/var/log/{name}.log", 10, 0) for name in "abc")

    async def run():
        app = PickerApp(files, 0, ScreenOptions(zone=UTC))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            for key in ("space", "down", "space", "enter"):
                app.post_message(events.Key(key, " " if key == "space" else None))
            await wait_until_pilot(pilot, lambda: app.return_value is not None)
            return app.return_value

    assert asyncio.run(run()) == ["/var/log/a.log", "/var/log/b.log"]


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
    """`m` keeps file, line and text of the cursor line."""
    notes = drive(make_app(), ["3", "m"], check=lambda app: app.feed.notes)
    assert len(notes) == 1
    assert "redis-server.log:29" in notes[0].text
    assert "maxmemory reached" in notes[0].text


def test_help_fits_its_columns():
    """No label is so long that it runs into the next column."""
    assert [key.label for key in KEYS if len(key.label) > 24] == []


def test_zooming_asks_for_finer_lanes(make_app):
    """From minutes to seconds: a span in which a bucket is wider than a cell is asked for again; `f` goes back."""
    app = make_app()
    asked = []
    app.feed.look_at = asked.append
    drive(app, ["plus"] * 6 + ["f"])
    first, last = asked[0]
    assert first < app.snapshot.incident.start < last
    assert asked[-1] is None


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
        assert feed.add_log(str(path)) is None
        wait_until(lambda: any(file.path == str(path) and file.lines == 3 for file in seen[-1].files))
        assert "no such file" in feed.add_log(str(tmp_path / "none.log"))
        assert feed.also_written(seen[-1]) == ()
    finally:
        feed.stop()


def wait_until(condition, seconds=60):
    """Wait for another thread."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        threading.Event().wait(0.02)


def test_logs_written_since_are_found_by_stat(make_app, story, monkeypatch, tmp_path):
    """`6` looks around once; the badge counts what was not given, Enter adds it."""
    app = make_app()
    added = []
    found = (NearbyFile(str(tmp_path / "haproxy.log"), 1000, app.feed.snapshots[0].as_of),)
    app.feed.also_written = lambda snapshot: found
    app.feed.add_log = lambda path: added.append(path)
    (tabs,) = drive_through(app, (["6", "G", "enter"], lambda app: str(app.query_one("#tabs").render())))
    assert added == [found[0].path]
    assert "more log" not in tabs


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


def test_keys_of_the_configuration(make_app):
    """An action gets its key from the configuration; the help shows it; unknown actions are told."""
    app = make_app(keymap={"kinds": "ctrl+k", "dance": "d"})
    message, is_shown = drive_through(
        app, ([], status_of), (["ctrl+k"], lambda app: app.query_one("#kinds").display), size=(80, 24)
    )
    assert "dance" in message
    assert is_shown


def test_a_theme_of_ones_own_is_used(make_app):
    """Its colours are drawn; a wrong one is told and the usual one stays."""
    mine = {"mine": {"cause": "#123456"}}
    style = drive(make_app(theme="mine", themes=mine), check=lambda app: app.look.palette.cause)
    assert style.color.name == "#123456"
    message = drive(make_app(themes={"bad": {"cause": "pink"}}), check=lambda app: str(app.query_one("#foot").render()))
    assert "#rrggbb" in message


def test_the_proof_is_one_key_away(make_app):
    """`v` on a kind shows the command that counts it and the one that prints its line."""
    text = drive(make_app(), ["2", "v"], check=lambda app: str(app.screen.query_one("#help Static").render()))
    assert "grep -acE" in text
    assert "sed -n 29p" in text


def test_the_report_is_chosen_and_previewed(make_app):
    """`X`: sections are turned off with space, the preview follows, Enter writes."""

    report = lambda app: str(app.screen.query_one("#report").render())  # noqa: E731
    whole, less, written = drive_through(
        make_app(), ("X", report), (["space"], report), (["enter"], lambda app: list(app.exported))
    )
    assert "## Summary" in whole
    assert "## Summary" not in less
    assert written == ["incident-2026-03-02-1401.md"]


def test_every_action_is_in_the_palette(make_app):
    """`:` lists what the keys do, and the themes."""

    async def run():
        app = make_app()
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            provider = LogscopeCommands(app.screen)
            return [name async for name in _names(provider)]

    names = asyncio.run(run())
    for key in KEYS:
        if key.label and key.id != "palette":
            assert any(key.label in name for name in names)
    assert any("logscope-light" in name for name in names)


async def _names(provider):
    async for hit in provider.discover():
        yield str(hit.text)


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


def point(app, act, size=(120, 40)):
    """Run an app, do something with the mouse, and look at what it returns."""

    async def run():
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            found = await act(pilot)
            await settle(pilot)
            return found() if callable(found) else found

    return asyncio.run(run())


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


def wheel(widget, direction, *, ctrl=False):
    """A turn of the wheel over a widget: down with 1, up with -1."""
    kind = events.MouseScrollDown if direction > 0 else events.MouseScrollUp
    return kind(widget, 40, 3, 0, direction, 0, shift=False, meta=False, ctrl=ctrl)


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

    (status, is_end), footer = drive_through(make_app(), (["t", *"23:59", "enter"], look), (["j"], status_of))
    assert ("the logs end at" in status, is_end) == (True, True)
    assert "next event" in footer


def test_the_export_dialog_is_whole_on_small_screens(make_app):
    """All sections and the keys that write and leave are in view; the preview goes where there is no room."""

    def look(app):
        box, listed = app.screen.query_one("#choices"), app.screen.query_one("#list")
        return str(listed.render()).split("\n"), box.size, app.screen.query_one("#preview").display

    for size in ((60, 20), (80, 24)):
        lines, box, has_preview = drive(make_app(), ["X"], size, look)
        seen = "\n".join(line[: box.width] for line in lines[: box.height])
        assert [words for words in ("Enter writes", "Esc leaves", *SECTIONS) if words not in seen] == []
        assert has_preview is (size[0] >= 80)


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


def test_a_fix_that_is_refused_says_why(make_app):
    """What cannot be judged anew is not claimed to count, and what cannot be saved is; both stay to be read."""

    def refuse(note):
        del note
        raise ExportError("it is shown as it was judged")

    app = make_app()
    app.feed.add_note = refuse
    mark = ["M", *"raised", "enter"]
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
