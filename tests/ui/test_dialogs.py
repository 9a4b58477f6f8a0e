"""Help, palette, export, proof and picker; keys and colours of one's own."""

import asyncio
import threading
import time
from datetime import UTC

from textual import events

from logscope.report.sections import SECTIONS
from logscope.sources.nearby import NearbyFile
from logscope.ui.commands import LogscopeCommands
from logscope.ui.keys import KEYS
from logscope.ui.options import ScreenOptions
from logscope.ui.picker import PickerApp
from logscope.ui.timeline import Timeline
from tests.ui.conftest import settle
from tests.ui.driving import (
    drive,
    drive_through,
    status_of,
    wait_until_pilot,
)


def test_export_says_where(make_app):
    """`x` writes at once and the path stays in the status line."""
    status = drive(make_app(), ["x"], check=lambda app: str(app.query_one("#foot").render()))
    assert "incident-2026-03-02-1401.md" in status


def test_help_lists_every_key(make_app):
    """A stranger finds everything behind `?`."""
    text = drive(make_app(), ["question_mark"], check=lambda app: str(app.screen.query_one("#help Static").render()))
    for key in KEYS:
        assert key.label in text


def test_help_has_one_column_where_there_is_no_room_for_two(make_app):
    """On a narrow screen each key has its own line, and all stand below each other."""

    def keys_of(app):
        lines = str(app.screen.query_one("#help Static").render()).split("\n")
        return [line for line in lines if line.startswith("  ") and line[2:3].strip()]

    narrow, wide = (drive(make_app(), ["question_mark"], size=size, check=keys_of) for size in ((60, 24), (80, 24)))
    assert max(len(line.rstrip()) for line in narrow) < 40
    assert len(narrow) > len(wide) * 3 // 2


def test_saving_does_not_hold_the_screen(make_app, monkeypatch):
    """`S` saves beside the screen, which says where once it is done: a judgement of large logs takes seconds."""
    app, threads = make_app(), []
    monkeypatch.setattr(app.feed, "save", lambda _: (threads.append(threading.current_thread()), "x.lsx")[1])
    (status,) = drive_through(app, (["S"], status_of))
    assert "incident saved" in status
    assert "; `logscope x.lsx` opens it" in status
    assert app.exported == ["x.lsx"]
    assert threads != [threading.main_thread()]


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


def test_help_fits_its_columns():
    """No label is so long that it runs into the next column."""
    assert [key.label for key in KEYS if len(key.label) > 24] == []


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


def test_the_hand_off_is_shown_whole(make_app):
    """`Y`: all of its lines stand there to be selected, however the clipboard fares; a key closes them."""
    app = make_app()
    whole = app.feed.brief(app.feed.snapshots[0])
    shown, stack = drive_through(
        app,
        (["Y"], lambda app: str(app.screen.query_one("#help Static").render())),
        (["escape"], lambda app: len(app.screen_stack)),
        size=(80, 24),
    )
    assert whole in shown
    assert app.clipboard == whole
    assert stack == 1


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


def test_an_action_is_found_by_other_words_for_it(make_app):
    """Whoever types what it is called elsewhere finds it too."""

    async def run():
        app = make_app()
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            provider = LogscopeCommands(app.screen)
            return {word: [str(hit.text) async for hit in provider.search(word)] for word in ("export", "undo", "tail")}

    found = asyncio.run(run())
    assert [names[0][:1] for names in found.values()] == ["x", "U", "F"], found


async def _names(provider):
    async for hit in provider.discover():
        yield str(hit.text)


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


def test_times_are_shown_in_the_zone_of_this_machine_and_in_utc_again(make_app, monkeypatch):
    """From the palette: what the clock on the wall showed then; the sentences, the story and the axis follow."""

    def shown(app):
        timeline, head = app.query_one(Timeline), str(app.query_one("#head").render())
        axis = timeline.render_line(timeline.size.height - 1).text
        return [clock for clock in ("14:01:58", "09:01:58") if clock in head and clock in axis], status_of(app).strip()

    async def run():
        app = make_app()
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            for zone in ("local", "utc"):
                await app.run_action(f"use_zone('{zone}')")
                await settle(pilot)
                yield shown(app)

    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        seen = asyncio.run(_all(run()))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert seen == [(["09:01:58"], "times are shown in EST"), (["14:01:58"], "times are shown in UTC")]


async def _all(steps):
    return [step async for step in steps]
