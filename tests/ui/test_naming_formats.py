"""The format of a log is named in the screen: a log, a name with what it would give, and what it changes."""

import asyncio
from dataclasses import replace

import pytest

from logscope.cli.options import recall_formats
from logscope.model.snapshot import Note
from logscope.model.times import US
from logscope.runner.feed import LiveFeed
from logscope.runner.request import Request, find_sources, learn_sources, open_request
from logscope.runner.saved_feed import SavedFeed
from logscope.state.incident import Saved
from logscope.state.notes import Memory
from logscope.ui.app import LogscopeApp
from logscope.ui.commands import LogscopeCommands
from logscope.ui.options import ScreenOptions
from logscope.ui.rows import RowList
from tests.ui.conftest import settle
from tests.ui.driving import log_line, status_of, wait_until_pilot
from tests.ui.terminal import Terminal, assert_given_back

SHOP = "2026-03-02T14:02:{:02}.000Z ERROR [shop] basket is gone\n"
CART = "2026-03-02T14:02:{:02}.500Z INFO [cart] basket is full\n"


@pytest.fixture
def two(tmp_path):
    """A folder with two logs."""
    folder = tmp_path / "two"
    folder.mkdir()
    for name, line in (("cart", CART), ("shop", SHOP)):
        (folder / f"{name}.log").write_text("".join(line.format(n) for n in range(40)))
    return folder


@pytest.fixture
def wrong(two):
    """A request by which one of the two has no clock."""
    return Request([str(two)], formats={str(two / "shop.log"): "plain"})


def make_live(request, **feed):
    return LogscopeApp(LiveFeed(request, open_request(request), follow=False, **feed), ScreenOptions(rest_s=0))


def name_format(app, *steps, size=(120, 40)):
    """Run an app until the logs are read, and for each step press keys and look; `!` is the palette's action."""

    async def run():
        seen = []
        async with app.run_test(size=size) as pilot:
            await wait_until_pilot(pilot, lambda: app.snapshot is not None and app.snapshot.progress.done)
            for keys, look in steps:
                for key in keys:
                    await (app.run_action("name_format") if key == "!" else pilot.press(key))
                    await settle(pilot)
                await app.workers.wait_for_complete()
                await wait_until_pilot(pilot, lambda: not app.is_renamed)
                await settle(pilot)
                seen.append(look(app))
        return seen

    return asyncio.run(run())


def names(app):
    """The rows of the dialog's list."""
    return [row.text.plain.rstrip() for row in app.screen.query_one("#names", RowList).rows]


def lines(app):
    """The lines as they would be read."""
    return [row.text.plain.rstrip() for row in app.screen.query_one("#tried", RowList).rows]


def dialogs(app):
    return len(app.screen_stack) - 1


def test_a_log_gets_its_clock(wrong, two):
    """The log at the cursor is offered first, then names by their letters with what they would give."""
    app = make_live(wrong)
    note = Note(1_772_460_130 * US, "looked at it")
    app.feed.add_note(note)
    seen = name_format(
        app,
        (["6", "j", "!"], names),
        (["enter"], names),
        (["l", "e", "a", "r", "n"], names),
        ([], lines),
        (["enter"], dialogs),
        ([], status_of),
    )
    logs, formats, typed, preview, left, told = seen
    assert logs[1].split() == ["text,", "as", "said", "0", "%", "shop.log"]
    assert formats[0].split() == ["as", "learned", "40", "of", "40", "timed"]
    assert len(formats) > 50
    assert len(typed) == 1
    assert preview[1] == " 2026-03-02 14:02:00 E basket is gone"
    assert left == 0
    assert "shop.log is read anew as its lines teach   : format changes it" in told
    assert [file.untimed_records for file in app.snapshot.files] == [0, 0]
    assert app.snapshot.notes == (note,)


def test_the_lines_that_are_shown_are_read_by_it(wrong, two):
    """Time and level of the log pane are those of the format, and the cursor stays on its line."""
    app = make_live(wrong)

    def go(app):
        app.logs.open_spot((str(two / "shop.log"), 0, 20 * len(SHOP.format(10))))
        return log_line(app)

    before, _, after = name_format(
        app, ([], go), (["!", "enter", "l", "e", "a", "r", "n", "enter"], dialogs), ([], log_line)
    )
    assert (before.time, after.time) == (None, 1_772_460_140 * US)
    assert before.spot == after.spot


def test_what_cannot_read_the_lines_is_not_taken(wrong):
    """It is shown that no line can be read so, Enter says it, and Esc leads back to the logs, and out."""
    unread, still, back, out = name_format(
        make_live(wrong),
        (["!", "enter", *"cloudtrail"], lines),
        (["enter"], dialogs),
        (["escape"], names),
        (["escape"], dialogs),
    )
    assert unread == [" no line of this log can be read as cloudtrail"]
    assert still == 1
    assert "WITH A TIME" in back[0]
    assert out == 0


def test_a_single_log_is_not_asked_for(two):
    """Its formats are there at once, those that give most lines a time first."""
    (found,) = name_format(make_live(Request([str(two / "shop.log")])), (["!"], names))
    assert found[0].split()[:2] == ["as", "learned"]
    assert found[1].split() == ["log4j", "40", "of", "40", "timed"]
    assert found[-1].endswith("reads no line")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_lines_that_are_tried_fill_their_room(two, size):
    """Also when they are shown first, before the widget has a size."""

    def room(app):
        return app.screen._preview_cells() - app.screen.query_one("#tried").size.width

    (left,) = name_format(make_live(Request([str(two / "shop.log")])), (["!"], room), size=size)
    assert left in (0, -1), "with a scroll bar or without"


def test_what_was_said_holds_at_the_next_start_until_it_is_taken_back(two, tmp_path):
    """As notes do; what the command line says wins; the files say it."""
    request = Request([str(two)])
    keys = [source.key for source in find_sources(request).sources]
    memory = Memory(tmp_path, keys)
    app = make_live(request, memory=memory)
    said, row = name_format(
        app,
        (["6", "!", "enter", *"plain", "enter"], status_of),
        (["6"], lambda app: [row.text.plain for row in app.query_one("#files", RowList).rows]),
    )
    assert "as plain, also when these logs are opened again" in said
    assert any("└ read as plain, as was said   : format, as learned takes it back" in one for one in row)
    again = Memory(tmp_path, keys).load().formats
    assert again == ((str(two / "cart.log"), "plain"),)
    app.feed.read_as(keys[0], "")
    assert Memory(tmp_path, keys).load().formats == ()


def test_what_is_remembered_counts_before_the_logs_are_learned(two, tmp_path, monkeypatch):
    """Not a name that is no format any more, and not against the command line."""
    monkeypatch.setattr("logscope.cli.options.state_folder", lambda: tmp_path)
    request = Request([str(two)])
    sources = find_sources(request).sources
    keys = [source.key for source in sources]
    memory = Memory(tmp_path, keys)
    memory.save(replace(memory.load(), formats=((keys[0], "plain"), (keys[1], "of an earlier version"))))
    learned = learn_sources(recall_formats(request, sources), find_sources(request))
    assert [plan.layout.untimed for plan in learned.plans] == [True, False]
    given = replace(request, formats={keys[0]: "text"})
    learned = learn_sources(recall_formats(given, sources), find_sources(request))
    assert [plan.layout.untimed for plan in learned.plans] == [False, False]


def test_where_nothing_can_be_read_anew_it_is_refused(story, monkeypatch):
    """A saved incident holds no lines, and what a pipe gave is gone."""
    told = "cannot be read anew"
    feed = SavedFeed(Saved(story[2]), "x.lsx")
    assert told in feed.try_formats(story[2].files[0].source)
    live = LiveFeed(story[0], story[1], follow=False)
    key = story[1].plans[0].source.key
    assert live.try_formats(key) == "it is not read yet"
    monkeypatch.setattr(live, "_loop", object())
    monkeypatch.setattr(story[1], "plans", [replace(story[1].plans[0], stream=object())])
    assert "what came through a pipe is gone" in live.try_formats(key)


def test_a_log_that_is_gone_stays_as_it_was_read(two):
    """It is said when it is chosen, and nothing is forgotten."""
    app = make_live(Request([str(two / "shop.log")]))

    def delete(app):
        (two / "shop.log").unlink()

    _, told = name_format(app, ([], delete), (["!"], lambda app: str(app.screen.query_one("#said").render())))
    assert "shop.log: it cannot be read anew now: no such file" in told


def test_the_palette_finds_it(make_app):
    """By the word that one has in mind, before all that has it among its other words."""

    async def search(app):
        async with app.run_test() as pilot:
            await settle(pilot)
            commands = LogscopeCommands(app.screen)
            return [[hit async for hit in commands.search(word)] for word in ("format", "no clock")]

    for hits in asyncio.run(search(make_app())):
        best = max(hits, key=lambda hit: hit.score)
        assert "Name the format of a log" in str(best.text)


def test_a_log_without_clock_end_to_end(tmp_path):
    """The screen says where to name the format; that is done, and holds when it is opened again."""
    log = tmp_path / "shop.log"
    log.write_text("".join(SHOP.format(n) for n in range(40)))
    for words, asked in (["--format", f"{log}=plain"], True), ([], False):
        one = Terminal([*words, str(log)], size=(100, 30), XDG_STATE_HOME=str(tmp_path / "state"))
        try:
            if asked:
                one.wait_for("NO CLOCK")
                one.wait_for("format: name how a log is written")
                one.press(":format\r")
                one.wait_for("as learned")
                one.press("text")
                one.wait_for("2026-03-02 14:02:00 E basket is gone")
                one.press("\r")
                one.wait_for("14:02:39")
            else:
                one.wait_for("14:02:39")
                one.press("6")
                one.wait_for("read as text, as was said")
            one.press("q")
            assert one.finish() == 0
            assert_given_back(one)
        finally:
            one.close()
