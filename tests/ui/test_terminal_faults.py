"""A terminal that goes away, stops, talks rubbish, and a screen that breaks: the shell is whole afterwards."""

import os
import signal
import termios
import threading
from types import SimpleNamespace

import pytest
from textual.drivers.linux_driver import LinuxDriver

from logscope.ui.cell_diff import CellDiff
from logscope.ui.driver import MOST_COLUMNS, MOST_ROWS, DiffDriver
from logscope.ui.driver import Terminal as DriverTerminal
from tests.ui.terminal import Terminal, assert_given_back

LINES = "".join(f"2026-03-02T15:02:{n:02d}.250Z ERROR [cart] order {n} failed\n" for n in range(40))
BROKEN = """
import sys
from logscope.cli.main import main
from logscope.ui.app import LogscopeApp
from logscope.runner.live import LiveLoop
import logscope.ui.leaving as leaving
{}
sys.exit(main())
"""
CRASH = "LogscopeApp.action_sort = lambda self: 1 / 0"
DEAF = "leaving._PATIENCE_S = 0.3; LogscopeApp.leave = lambda self, code: None"
DYING = """
judge = LiveLoop.judge
def die(self, *, done=True):
    judge(self, done=done)
    raise MemoryError("reader")
LiveLoop.judge = die
"""


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "cart.log"
    path.write_text(LINES)
    return path


@pytest.fixture
def start(log, tmp_path):
    opened = []

    def run(patch="", **options):
        options.setdefault("XDG_STATE_HOME", str(tmp_path / "state"))
        one = Terminal([str(log)], program=("-c", BROKEN.format(patch)), **options)
        opened.append(one)
        one.wait_for("★ 15:02:00.250")
        return one

    yield run
    for one in opened:
        if one.master is not None:
            one.close()


def test_a_lost_terminal_ends_the_process(start):
    """When the connection drops, the process ends in moments; it neither hangs nor spins."""
    one = start(cold=True)
    os.close(one.slave)
    os.close(one.master)
    one.master = None
    assert one.process.wait(timeout=60) == 128 + signal.SIGHUP


def test_line_noise_costs_keys_not_the_screen(start):
    """Bytes that are no UTF-8, absurd sizes and replies that nobody asked for leave the screen as it is."""
    one = start()
    os.write(one.master, b"\xff\xf6\xc3\x1b[<0;99999;99999M\x1b[48;9999;99999;0;0t\x1bP+r\x1b\\\x00\x7f")
    one.settle()
    one.press("\x1b")
    one.settle()
    one.press("?")
    one.wait_for("Fit the incident")
    one.press("\x1b")
    one.settle()
    one.press("q")
    assert one.finish() == 0
    assert_given_back(one)


def test_no_size_is_too_large(monkeypatch):
    """Whatever the terminal says of its size, only so many cells are painted."""
    monkeypatch.setattr(LinuxDriver, "_get_terminal_size", lambda _: (65_535, 9_999))
    assert DiffDriver._get_terminal_size(DiffDriver.__new__(DiffDriver)) == (MOST_COLUMNS, MOST_ROWS)


def test_a_terminal_that_fails_is_lost_once():
    """Writing to a terminal that is gone raises nothing, and its loss is told once."""
    told = []
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w", closefd=False) as pipe:
        terminal = DriverTerminal(pipe, lambda: told.append("lost"))
        for _ in range(3):
            terminal.write("x" * 100_000)
            terminal.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), write)
    os.close(write)
    assert (told, terminal.is_lost) == (["lost"], True)


def test_the_end_of_the_terminal_ends_the_screen(monkeypatch):
    """Where the system sends no signal (no session leader), the end of what is read is taken for a hang-up."""
    told = []
    monkeypatch.setattr(os, "kill", lambda *call: told.append(call))
    driver = DiffDriver.__new__(DiffDriver)
    driver.fileno, write = os.pipe()
    driver.exit_event, driver._debug = threading.Event(), False
    os.close(write)
    driver.run_input_thread()
    os.close(driver.fileno)
    assert told == [(os.getpid(), signal.SIGHUP)]


def test_all_is_painted_again_after_a_stop(monkeypatch):
    """What was on the terminal before somebody else had it is not taken for what is there."""
    monkeypatch.setattr(LinuxDriver, "start_application_mode", lambda _: None)
    driver = DiffDriver.__new__(DiffDriver)
    driver._app = SimpleNamespace(call_later=lambda *_, **__: None, refresh=None)
    driver._diff = CellDiff(can_erase=True)
    driver._diff.resize(20, 2)
    painted = [driver._diff.reduce("\x1b[1;1Hpaid") for _ in range(2)]
    driver.start_application_mode()
    painted.append(driver._diff.reduce("\x1b[1;1Hpaid"))
    assert ["paid" in text for text in painted] == [True, False, True]


def test_it_comes_back_after_a_stop(start):
    """ctrl+z gives the terminal to the shell; after `fg` the whole screen is there again, as after a foreign stop."""
    one = start()
    one.settle()
    one.press("1")
    one.settle()
    before = one.screen.display[:]
    for is_key in (True, False):
        if is_key:
            one.press("\x1a")
        else:
            one.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, one.process.pid, os.WSTOPPED)
        one.read(0.1)
        if is_key:
            assert b"\x1b[?1049l" in one.raw[-300:]
            assert termios.tcgetattr(one.slave)[3] == one.before[3]
        one.screen.reset()
        one.process.send_signal(signal.SIGCONT)
        one.wait_for("★ 15:02:00.250")
        one.settle()
        assert one.screen.display == before
    one.press("q")
    assert one.finish() == 0
    assert_given_back(one)


def test_a_bug_leaves_a_sentence_and_a_file(start, tmp_path):
    """A crash in the screen: exit 70, one sentence, the traceback in the state folder for its owner only."""
    one = start(CRASH)
    one.press("r")
    assert one.finish() == 70
    assert_given_back(one)
    shown = one.raw[one.raw.rindex(b"\x1b[?1049l") :]
    assert b"this is a bug in logscope" in shown
    assert b"ZeroDivisionError" in shown
    assert b"Traceback" not in shown
    (trace,) = (tmp_path / "state" / "logscope").glob("crash-*.txt")
    assert "action_sort" in trace.read_text() or "<lambda>" in trace.read_text()
    assert trace.stat().st_mode & 0o777 == 0o600


def test_a_dead_reader_is_told_and_the_rest_goes_on(start, tmp_path):
    """When the reading thread dies the screen says so for good, keys still work, and quitting tells of the bug."""
    one = start(DYING)
    one.wait_for("nothing more is read (MemoryError: reader)")
    one.press("2")
    one.wait_for("ONSET")
    assert " STOPPED " in "\n".join(one.screen.display)
    one.press("q")
    assert one.finish() == 70
    assert len(list((tmp_path / "state" / "logscope").glob("crash-*.txt"))) == 1


def test_a_screen_that_does_not_end_is_left(start):
    """A signal gives the terminal back even where the screen itself hangs."""
    one = start(DEAF)
    one.process.send_signal(signal.SIGTERM)
    assert one.finish() == 128 + signal.SIGTERM
    assert_given_back(one)


def test_a_report_without_room_is_offered_at_the_end(start, tmp_path):
    """Where the report cannot be written it is kept, and written to the path that is answered after quitting."""
    one = start(
        "import os; os.chdir(os.environ['GONE']); os.rmdir(os.environ['GONE'])", GONE=str(_make(tmp_path / "gone"))
    )
    one.press("x")
    one.wait_for("kept until you quit: incident-2026-03-02-1502.md: cannot be written")
    one.press("q")
    one.wait_for("press Enter to print it here")
    one.press(f"{tmp_path / 'saved.md'}\n")
    assert one.finish() == 0
    assert (tmp_path / "saved.md").read_text().startswith("# ")


def _make(folder):
    folder.mkdir()
    return folder


BACKGROUND = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = os.fork()
if not child:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.executable, [sys.executable, "-m", "logscope", sys.argv[1]])
_, status = os.waitpid(child, os.WUNTRACED)
assert os.WIFSTOPPED(status), status
os.tcsetpgrp(0, child)
os.killpg(child, signal.SIGCONT)
_, status = os.waitpid(child, 0)
os.tcsetpgrp(0, os.getpgrp())
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_start_in_the_background_waits_for_the_terminal(log):
    """`logscope ... &` is stopped before it draws; `fg` then shows the screen, and the shell is whole afterwards."""
    one = Terminal([str(log)], program=("-c", BACKGROUND), cold=True)
    try:
        one.wait_for("★ 15:02:00.250")
        one.press("q")
        assert one.finish() == 0
        assert_given_back(one)
    finally:
        one.close()
