"""Keys that look for lines: a text, the incident's records, a request, a record in detail."""

import asyncio
import threading
import time

from logscope.model.files import LineRef
from logscope.runner.feed import LiveFeed
from logscope.runner.request import Request, open_request
from logscope.sources import search
from logscope.ui.finding import find_round
from logscope.ui.log_pane import LogPane
from tests.ui.conftest import settle
from tests.ui.driving import (
    Pasted,
    drive,
    drive_through,
    log_line,
    nothing,
    open_row,
    status_of,
    wait_until_pilot,
)


def test_find_moves_to_the_line(make_app):
    """`/` finds a text in the log pane."""
    line = drive(make_app(), ["slash", *"CONFIG", "enter"], check=lambda app: app.query_one("#logs", LogPane).current())
    assert "CONFIG SET" in line.text


def test_a_search_goes_through_the_whole_log(make_app):
    """`/` finds a line thousands of lines away, and says so when there is none."""
    _, _, line, status = drive_through(
        make_app(),
        ("2", nothing),
        (open_row("kinds", "checkout-service"), nothing),
        (["slash", Pasted("15:01"), "enter"], log_line),
        (["slash", Pasted("zzzz"), "enter"], status_of),
    )
    assert "15:01" in line.text
    assert "zzzz: not found in checkout-service.log" in status


def test_a_search_goes_round(make_app):
    """Behind the last match comes the first one, before it the last; that is said, and so is a match that is alone."""
    look = lambda app: (log_line(app).number, status_of(app))  # noqa: E731
    (first, _), (there, status), (_, alone) = drive_through(
        make_app(),
        (["3", "slash", Pasted("CONFIG"), "enter"], look),
        (["N"], look),
        (["slash", Pasted("policy: noeviction"), "enter", "n"], look),
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
        (["slash", Pasted("zzzz"), "enter"], status_of),
        (
            ["slash", Pasted("CONFIG SET"), "enter"],
            lambda app: (log_line(app), app.query_one("#logs", LogPane).is_merged),
        ),
    )
    assert error.service == "edge-access"
    assert "zzzz: not found in any log" in status
    assert (found.service, is_merged) == ("redis-server", True)
    *_, logs = drive_through(
        make_app(), *merged, (["ampersand", Pasted("eviction"), "enter"], lambda app: app.query_one("#logs", LogPane))
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
    matches, every = drive_through(
        make_app(), (["3", "ampersand", Pasted("CONFIG"), "enter"], texts), (["escape"], texts)
    )
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


def test_behind_the_last_warning_the_other_key_is_told(make_app):
    """Whoever stands at the end of a log is told how to find what is before it."""
    (status,) = drive_through(make_app(), (["3", "G", "w"], status_of))
    assert "no further warning in" in status
    assert "W looks the other way" in status


def test_a_search_that_fails_is_told(make_app):
    """A disk that breaks ends the search with a sentence, not with a line that says for ever that it goes on."""
    app = make_app()

    def break_off(*_):
        raise OSError(5, "Input/output error")

    app.feed.matching = break_off
    busy, status = drive(
        app, ["3", "ampersand", *"CONFIG", "enter"], check=lambda app: (app.searcher.is_busy, status_of(app))
    )
    assert not busy
    assert "failed: [Errno 5] Input/output error" in status


def test_what_does_not_answer_holds_nobody_at_the_end(make_app):
    """A thread that waits for a hung file system is left alone: the screen ends without it."""
    hung, asked = threading.Event(), threading.Event()
    app = make_app()
    app.feed.also_written = lambda snapshot, everywhere: (asked.set(), hung.wait(60), ())[2]

    async def run():
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await pilot.press("6")
            await wait_until_pilot(pilot, asked.is_set)

    begun = time.monotonic()
    asyncio.run(run())
    took = time.monotonic() - begun
    hung.set()
    assert took < 20
