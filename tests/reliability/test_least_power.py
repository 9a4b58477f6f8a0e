"""The least that is needed: logs are only read, nothing is run, nothing is connected, nothing is half written."""

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from logscope.errors import ExportError
from logscope.model.snapshot import Note
from logscope.report import files as report_files
from logscope.report.files import write_report
from logscope.report.volumes import find_full_paths
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from logscope.state.notes import Memory, Remembered

ROOT = Path(__file__).parents[2]
LINE = "2026-03-02 14:02:03,018 ERROR [shop.cart] redis-main:6379 connection refused\n"
AUDIT = """
import json, os, sys
seen = []
def watch(event, args):
    if event == "open" and isinstance(args[0], str) and not args[0].endswith((".pyc", ".py")):
        if isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen.append([event, args[0]])
    elif event.startswith(("socket.", "subprocess.", "os.exec", "os.system", "os.posix_spawn", "os.fork", "os.remove",
                           "os.rename", "os.chmod", "os.truncate", "os.mkdir", "os.symlink", "os.link", "ctypes.")):
        seen.append([event, str(args[0]) if args else ""])
from logscope.cli.main import main
sys.addaudithook(watch)
code = [main([*command.split(), sys.argv[1]]) for command in sys.argv[2:]]
sys.stderr.write(json.dumps(seen))
sys.exit(any(code))
"""


def test_reading_runs_and_writes_nothing(tmp_path):
    """An audit of the interpreter sees no process, no socket, no file opened for writing and no name changed."""
    (tmp_path / "a.log").write_text(LINE * 30)
    (tmp_path / "a.log.1").write_text(LINE * 30)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", AUDIT, str(tmp_path), "analyze --json", "report --no-state", "parse", "check"],
        capture_output=True, text=True, env=env, timeout=60, check=False,
    )  # fmt: skip
    seen = [row for row in json.loads(done.stderr) if not row[0].startswith("ctypes")]
    assert (done.returncode, seen) == (0, [])
    assert sorted(os.listdir(tmp_path)) == ["a.log", "a.log.1"]


def test_a_report_is_for_its_owner_whatever_the_umask(tmp_path):
    """Mode 0600 under any umask, also where an open one is replaced."""
    before = os.umask(0)
    try:
        target = tmp_path / "r.md"
        target.write_text("old")
        target.chmod(0o666)
        write_report(str(target), "new", [], replace=True)
    finally:
        os.umask(before)
    assert (stat.S_IMODE(target.stat().st_mode), target.read_text()) == (0o600, "new")


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), OSError(errno.EDQUOT, "quota"), KeyboardInterrupt()])
def test_the_old_report_or_the_new_one(tmp_path, monkeypatch, step, error):
    """Whatever fails in the middle, or whoever interrupts it, the old report is whole and nothing lies beside it."""

    def fail(*_):
        raise error

    target = tmp_path / "r.md"
    target.write_text("old")
    monkeypatch.setattr(report_files.os, step, fail)
    with pytest.raises((ExportError, KeyboardInterrupt)):
        write_report(str(target), "new" * 1000, [], replace=True)
    assert (target.read_text(), os.listdir(tmp_path)) == ("old", ["r.md"])


def test_a_kill_in_the_middle_leaves_the_old_notes(tmp_path):
    """kill -9 between the bytes and the name: what was kept before is read again."""
    code = (
        "import os, signal, sys; from pathlib import Path; from logscope.state.notes import Memory, Remembered;"
        "from logscope.model.snapshot import Note; memory = Memory(Path(sys.argv[1]), ['a.log']);"
        "memory.save(Remembered((Note(1, 'kept'),)));"
        "os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL);"
        "memory.save(Remembered((Note(1, 'kept'), Note(2, 'lost'))))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == -9
    assert Memory(tmp_path, [str(ROOT / "a.log")]).load().notes == (Note(1, "kept"),)


def test_notes_that_cannot_be_kept_are_told(tmp_path):
    """A state folder that cannot be made is an error with a sentence, never a crash."""
    (tmp_path / "file").write_text("")
    memory = Memory(tmp_path / "file", ["a.log"])
    assert memory.load() == Remembered()
    with pytest.raises(ExportError, match="cannot be made"):
        memory.save(Remembered((Note(1, "x"),)))


class Usage:
    total = 100 * 2**30

    def __init__(self, free):
        self.free = free


def test_nothing_is_written_where_the_incident_is_that_it_is_full(tmp_path, monkeypatch):
    """Half a gigabyte is enough for a report, but not on the volume that the incident names."""
    data = tmp_path / "pgdata"
    data.mkdir()
    log = tmp_path / "postgresql.log"
    text = f'2026-03-02 14:02:03.018 UTC [7] ERROR:  could not extend file "{data}/base/1": No space left on device\n'
    log.write_text(text * 30)
    request = Request([str(log)])
    paths = find_full_paths(run_batch(request, open_request(request)))
    assert f"{data}/base/1" in paths
    monkeypatch.setattr(report_files.shutil, "disk_usage", lambda _: Usage(2**29))
    write_report(str(tmp_path / "a.md"), "x", [], replace=True)
    with pytest.raises(ExportError, match="no space is left there"):
        write_report(str(tmp_path / "b.md"), "x", [], replace=True, full_paths=paths)
    write_report(str(tmp_path / "c.md"), "x", [], replace=True, full_paths=["/nowhere/on/this/host"])
    monkeypatch.setattr(report_files.shutil, "disk_usage", lambda _: Usage(2**19))
    with pytest.raises(ExportError, match="no space is left there"):
        write_report(str(tmp_path / "d.md"), "x", [], replace=True)
    assert sorted(path.name for path in tmp_path.glob("?.md")) == ["a.md", "c.md"]
