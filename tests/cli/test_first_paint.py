"""The first painting: the files' names and sizes, before anything that reads logs is even loaded."""

import json
import subprocess
import sys
from pathlib import Path

LOOK = """
import asyncio, json, sys
from logscope.cli import screen
from logscope.cli.main import main

def run(app, **_):
    async def look():
        opened = app.opening.open_feed
        seen = {}
        def open_feed():
            seen["modules"] = sorted(sys.modules)
            rows = app.query_one("#story").rows
            seen["picture"] = [str(app.query_one("#head").render()), *(row.text.plain for row in rows)]
            return opened()
        object.__setattr__(app.opening, "open_feed", open_feed)
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.press("2")
            while app.is_running and not app.crash and (app.snapshot is None or not app.snapshot.progress.done):
                await pilot.pause(0.02)
            seen["pane"] = app._pane
            seen["lines"] = sum(file.lines for file in app.snapshot.files) if app.snapshot else 0
        seen["crash"] = app.crash
        print(json.dumps(seen))
    asyncio.run(look())

screen.can_draw = lambda: True
from logscope.ui.app import LogscopeApp
LogscopeApp.run = run
sys.exit(main(["--no-follow", "--no-state", sys.argv[1]]))
"""
"""The screen without a terminal: what was loaded and painted when the logs began to be opened, and what came of it."""
READERS = (
    "numpy",
    "logscope.ingest",
    "logscope.index",
    "logscope.knowledge",
    "logscope.session",
    "logscope.runner.live",
)


def look(folder):
    done = subprocess.run([sys.executable, "-c", LOOK, str(folder)], capture_output=True, text=True, timeout=120)
    assert done.stdout, done.stderr
    return json.loads(done.stdout), done


def test_the_screen_is_painted_before_what_reads_logs_is_loaded(tmp_path):
    """Names and sizes stand there at once; keys that are pressed meanwhile are taken up when the logs are there."""
    for name, lines in (("checkout.log", 40), ("redis.log", 2)):
        (tmp_path / name).write_text("2026-03-02T14:02:00Z ERROR no connection\n" * lines)
    seen, _ = look(tmp_path)
    assert [name for name in seen["modules"] if name.startswith(READERS)] == []
    head, _, *rows = seen["picture"]
    assert "2 files" in head
    assert [row.split()[-1].rpartition("/")[2] for row in rows] == ["checkout.log", "redis.log"]
    assert ("1.6 kB" in rows[0], seen["lines"], seen["pane"]) == (True, 42, "kinds")


def test_a_folder_without_logs_ends_in_a_sentence(tmp_path):
    """What only reading tells, that no file is a log, ends the screen as it would have kept it from opening."""
    (tmp_path / "poem.txt").write_text("the quick brown fox\njumps over\nthe lazy dog\n" * 5)
    seen, done = look(tmp_path)
    assert seen["lines"] == 0
    assert "nothing readable" in done.stderr
    assert Path(tmp_path).name in done.stderr
