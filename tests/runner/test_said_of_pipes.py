"""What was noted of one pipe is not told of another one."""

import os
import threading
import time

import pytest

from logscope.model.snapshot import Note
from logscope.model.times import US
from logscope.runner.feed import LiveFeed
from logscope.runner.newest import find_newest
from logscope.runner.request import Request, open_request
from logscope.state.notes import Memory, Remembered

BEGIN = 1_772_460_000
"""2026-03-02 14:00 UTC."""


def test_notes_of_another_time_wait_for_lines_of_it(tmp_path):
    """A pipe has no name to know it by: earlier notes count where its lines are of their time, and are kept if not."""
    pipe = tmp_path / "in"
    os.mkfifo(pipe)
    lines = [
        f"2026-03-02T14:{n // 60:02d}:{n % 60:02d}Z {'ERROR' if n > 200 else 'INFO'} cart {n}\n" for n in range(300)
    ]
    threading.Thread(target=lambda: pipe.write_text("".join(lines)), daemon=True).start()
    mine = Note((BEGIN + 290) * US, "raised the limit", is_fix=True)
    other = Note((BEGIN + 66_000) * US, "cancelled the build", is_fix=True)
    memory = Memory(tmp_path / "state", [str(pipe)])
    memory.save(Remembered(notes=(mine, other)))
    request, told, failed = Request([str(pipe)]), [], []
    feed = LiveFeed(request, open_request(request, live=True), follow=True, memory=memory)
    feed.start(told.append, failed.append)
    end = time.monotonic() + 30
    while time.monotonic() < end and not (told and mine in told[-1].notes):
        time.sleep(0.02)
    feed.stop()
    assert failed == []
    assert told[-1].notes == (mine,)
    assert memory.load().notes == (mine, other)


@pytest.mark.parametrize("written", ["{}/a=b.in", "{}/*.in", "cart={}/*.in"])
def test_the_end_of_the_logs_is_not_taken_from_a_pipe(tmp_path, written):
    """What `14:00` means is asked of files alone, however a pipe is named: what is taken from it is gone."""
    pipe = tmp_path / "a=b.in"
    os.mkfifo(pipe)
    text = "2026-03-02T14:00:00Z ERROR cart\n" * 50
    threading.Thread(target=lambda: pipe.write_text(text), daemon=True).start()
    assert find_newest(Request([written.format(tmp_path)]), (BEGIN + 60) * US) is None
    assert pipe.read_text() == text
