"""Each error that a user can cause: one line that says what and what to do, and the contract's exit code."""

import ast
import os
import runpy
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from logscope.cli.main import main
from tests.warm import run_warm

LINE = "2026-03-02 14:02:03,018 ERROR [shop.cart] redis-main:6379 connection refused\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with one log and everything that is none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.log").write_text(LINE * 3)
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.md").write_text("# nothing\n")
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04" + b"\0" * 30)
    (tmp_path / "x.lz4").write_bytes(b"\x04\x22\x4d\x18" + b"\0" * 30)
    (tmp_path / "x.journal").write_bytes(b"LPKSHHRH" + b"\0" * 300)
    (tmp_path / "bad.toml").write_text("[[[")
    (tmp_path / "deep.toml").write_text("a = " + "[" * 5000)
    (tmp_path / "bad.bin").write_bytes(b"\xff\xfe\xfd")
    (tmp_path / "bad.lsx").write_bytes(b"no incident")
    os.mkfifo(tmp_path / "pipe.lsx")
    os.mkfifo(tmp_path / "pipe")
    os.symlink("loop", tmp_path / "loop")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("sock")
    monkeypatch.setattr("logscope.sources.tape._WRITER_S", 0.05)
    return tmp_path


UNREADABLE = {
    "/no/such/file.log": "no such file",
    "": "no such file",
    "nothing/*.log": "no file matches",
    "loop": "symbolic link",
    "sock": "is a socket",
    "pipe": "is a pipe that nobody writes to",
    "/dev/zero": "is a device",
    "/dev/null": "is a device",
    "empty": "nothing readable",
    "notes": "nothing readable",
    "x.zip": "unzip",
    "x.lz4": "lz4 -d",
    "x.journal": "journalctl",
    "a.log/b": "not a directory",
    "x" * 300: "file name too long",
    "a\0b": "nul byte",
}


@pytest.mark.parametrize("command", ["analyze", "parse", "follow --json"])
@pytest.mark.parametrize("path", [path for path in UNREADABLE if path not in ("/no/such/file.log", "", "x" * 300)])
def test_what_cannot_be_read(folder, capsys, path, command):
    """Each command says in one line why a path is not read, and exits with 1."""
    if path in ("pipe", "nothing/*.log", "loop", "a.log/b") and command.split()[:1] == ["follow"]:
        pytest.skip("is waited for")
    code = main([*command.split(), path])
    error = capsys.readouterr().err
    assert (code, UNREADABLE[path] in error.lower(), error.count("\n")) == (1, True, 1), error
    assert error.startswith("logscope: ")


@pytest.mark.parametrize(
    "words",
    [
        ["analyze", "a.log", "{}"], ["parse", "{}"], ["report", "a.log", "-o", "{}/r.md"],
        ["analyze", "--tz", "{}", "a.log"], ["report", "a.log", "--config", "{}"],
    ],
)  # fmt: skip
def test_a_name_is_shown_not_obeyed(folder, capsys, words):
    """Escapes, line breaks and turned text in the name of a path or in a value reach no terminal by an error line."""
    main([word.format("x\x1b]0;PWN\x07\x9b2J\u202e\ny") for word in words])
    error = capsys.readouterr().err
    assert ("PWN" in error, error.count("\n")) == (True, 1), error
    assert not set("\x1b\x07\x9b\u202e") & set(error)


@pytest.mark.parametrize("path", UNREADABLE)
def test_one_bad_path_costs_one_line_and_not_the_others(folder, capsys, path):
    """What cannot be read costs one line on stderr; the others are read."""
    if path in ("empty", "notes"):
        pytest.skip("folders without logs are no error beside others")
    code = main(["analyze", "--json", "a.log", path])
    out, error = capsys.readouterr()
    assert (code, UNREADABLE[path] in error.lower(), error.count("\n")) == (0, True, 1), error
    assert '"lines":3' in out.replace(" ", "")


USAGE = {
    "analyze --wrong a.log": "--wrong",
    "analyze --since never a.log": "30m",
    "analyze --since 99999999999999d a.log": "30m",
    "analyze --until 25:99 a.log": "30m",
    "analyze --since= a.log": "30m",
    "analyze --since 14:00 --until 13:00 a.log": "--until 13:00 is not later than --since 14:00",
    "analyze --since 2h --until 2h a.log": "nothing lies between",
    "analyze --tz Mars/Base a.log": "Europe/Berlin",
    "analyze --tz ../../etc/passwd a.log": "Europe/Berlin",
    "analyze --tz +99:99 a.log": "offset",
    f"analyze --tz {'.' * 2000}/x a.log": "Europe/Berlin",
    "analyze --display-tz Nowhere a.log": "Europe/Berlin",
    "analyze --note x a.log": "TIME=TEXT",
    "analyze --note never=x a.log": "14:00",
    "analyze --fix-at never a.log": "14:00",
    "analyze --format a.log=nonsense a.log": "nonsense",
    "analyze --format nonsense a.log": "FILE=NAME",
    "analyze --config /no/such.toml a.log": "/no/such.toml",
    "analyze --config bad.toml a.log": "bad.toml",
    "analyze --config deep.toml a.log": "deep.toml",
    "analyze --config pipe a.log": "no regular file",
    "analyze --config /dev/zero a.log": "no regular file",
    "analyze --config empty a.log": "no regular file",
    "analyze --max-memory x a.log": "400M",
    "analyze --max-memory 1M a.log": "128M",
    "analyze --since 2026-03-02T14:00XYZ a.log": "30m",
    "report --format docx a.log": "markdown",
    "report --section nonsense a.log": "summary",
    "report --no-section nonsense a.log": "summary",
    "follow a.log": "--json",
    "wait --timeout soon a.log": "15m",
    "wait --for ever a.log": "recovered",
    "demo nothing": "checkout-redis-oom",
    "demo --speed x": "--speed",
    "demo --replay": "terminal",
    "rules show nothing.here": "rules list",
    "rules show": "id of a rule",
    "rules check /no/such.toml": "no such file",
    "rules nonsense": "list",
    "rules": "list, show, check or test",
    "rules check pipe": "no regular file",
    "rules check empty": "no regular file",
    "rules test bad.bin": "not UTF-8",
    "report --template pipe a.log": "no regular file",
    "report --template empty a.log": "no regular file",
    "report --template /no/such.j2 a.log": "no such file",
    "completion": "bash, zsh or fish",
    "completion tcsh": "bash",
    "analyse a.log": "did you mean `logscope analyze`?",
    "reprot a.log": "did you mean `logscope report`?",
    "open a.log": ".lsx",
    "analyze --resume a.log": "name one (.lsx)",
    "a.log x.lsx": "opened alone",
}


@pytest.mark.parametrize("words", USAGE)
def test_what_cannot_be_understood(folder, capsys, words):
    """A mistake on the command line costs one line with what to write instead, and exit 2."""
    code = main(words.split())
    out, error = capsys.readouterr()
    assert (code, USAGE[words] in error, error.count("\n"), out) == (2, True, 1, ""), error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("open bad.lsx", "no saved incident"), ("analyze bad.lsx", "no saved incident"),
        ("open pipe.lsx", "no regular file"), ("report none.lsx", "no such file"), ("open empty.lsx", "no such file"),
        ("--resume none.lsx", "no such file"),
    ],
)  # fmt: skip
def test_what_is_no_saved_incident(folder, capsys, words, said):
    """A saved incident that is none, or not there, costs one line and exit 1."""
    code = main(words.split())
    error = capsys.readouterr().err
    assert (code, said in error, error.count("\n")) == (1, True, 1), error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--baseline empty", "empty: nothing readable to compare with"),
        ("--baseline a.log", "a.log: is one of the logs themselves"),
        ("--baseline /no/such.log", "/no/such.log: no such file"),
        ("--baseline empty --baseline pipe", "pipe: is a pipe"),
    ],
)
def test_a_normal_time_that_is_none(folder, capsys, words, said):
    """What cannot be compared with costs one line; the answer is that without it."""
    answers = []
    for more in ("", words):
        assert main(["analyze", *more.split(), "a.log"]) == 0
        out, error = capsys.readouterr()
        answers.append(out)
    assert (said in error, error.count("\n"), answers[0] == answers[1]) == (True, 1, True), error


@pytest.mark.parametrize(
    ("name", "text", "words", "said"),
    [
        ("a.log", "", "", "EMPTY    no line is written in this file yet"),
        ("a.log", "no time here\n", "", "NO CLOCK no line of these files carries a time"),
        ("a.log", "no time here\n", "--since 14:00", "NO CLOCK no line that carries a time is from 14:00:00"),
        ("a.log", LINE, "--until 2026-03-02T13:00", "EMPTY    no line of these files is up to 13:00:00"),
        (
            "a.log",
            LINE,
            "--since 2026-03-02T15:00 --until 2026-03-02T16:00",
            "EMPTY    no line of these files is from 15:00:00 up to 16:00:00",
        ),
    ],
)
def test_why_there_is_nothing_to_say(tmp_path, monkeypatch, capsys, name, text, words, said):
    """Empty logs, lines without times, and a time of which there is no line are three things."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text)
    assert main(["analyze", *words.split(), name]) == 0
    assert said in capsys.readouterr().out.splitlines()[0]


def test_an_older_python_says_what_it_needs(monkeypatch):
    """Nothing is loaded that an older interpreter cannot read: one sentence instead of a syntax error."""
    for version in ((2, 7), (3, 6), (3, 10)):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "version_info", (*version, 0, "final", 0))
            patch.setitem(sys.modules, "logscope.cli.main", None)
            with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, this is {}\.{}".format(*version)):
                runpy.run_module("logscope", run_name="__main__")
    source = Path(__file__).parents[2].joinpath("logscope", "__main__.py").read_text()
    # Words of its own grammar would be a syntax error there.
    ast.parse(source, feature_version=(3, 6))
    assert 'f"' not in source


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("no/such/r.md", "no such folder"),
        ("a.log", "is one of the logs"),
        ("./empty/../a.log", "is one of the logs"),
        ("empty", "is no regular file"),
        ("/dev/full", "is no regular file"),
        ("pipe", "is no regular file"),
        ("a.log/r.md", "not a directory"),
        ("x" * 300, "file name too long"),
    ],
)
def test_what_cannot_be_written(folder, capsys, target, said):
    """A report that cannot be written costs one line and exit 1; nothing is left beside the target."""
    before = sorted(os.listdir(folder))
    code = main(["report", "--no-state", "a.log", "-o", target])
    error = capsys.readouterr().err
    assert (code, said in error.lower(), error.count("\n")) == (1, True, 1), error
    assert sorted(os.listdir(folder)) == before
    assert (folder / "a.log").read_text() == LINE * 3


def test_a_log_on_standard_input_is_not_written_over(folder):
    """The shell opened it: its name stands nowhere, and it is the same file all the same."""
    with open("a.log", "rb") as log:
        done = run_warm(["report", "--no-state", "-", "-o", "a.log"], stdin=log.fileno(), cwd=folder)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"a.log: is one of the logs" in done.stderr
    assert (folder / "a.log").read_text() == LINE * 3


def test_a_normal_time_is_not_written_over(folder, capsys):
    """What was only compared with was read, too."""
    (folder / "b.log").write_text(LINE)
    assert main(["report", "--no-state", "--baseline", "b.log", "a.log", "-o", "b.log"]) == 1
    assert "b.log: is one of the logs" in capsys.readouterr().err
    assert (folder / "b.log").read_text() == LINE


def shell(command, folder, **environment):
    env = {
        **os.environ,
        "L": f"{sys.executable} -m logscope",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        **environment,
    }
    return subprocess.run(["sh", "-c", command], cwd=folder, env=env, capture_output=True, timeout=60)


@pytest.mark.parametrize("words", ["analyze a.log", "a.log <&-"])
def test_an_output_that_is_closed(folder, words):
    """No standard output is one sentence and exit 1, not a bug."""
    done = shell(f"exec $L {words} >&-", folder)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1), done.stderr
    assert b"standard output: cannot be written: bad file descriptor" in done.stderr


def test_an_output_that_is_full(folder):
    """The last of an answer that no longer fits is one sentence and exit 1, not a bug."""
    with open("/dev/full", "wb") as full:
        done = run_warm(["analyze", "a.log"], stdout=full.fileno(), cwd=folder)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1), done.stderr
    assert b"standard output: cannot be written: no space left" in done.stderr


LIMITED = """
import resource, runpy
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
runpy.run_module("logscope", run_name="__main__")
"""
"""The program where no file may hold anything."""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("parse a.log", b"standard output: cannot be written: file too large"),
        ("report a.log -o r.md", b"r.md: cannot be written: file too large"),
    ],
)
def test_an_output_that_may_hold_nothing(folder, words, said):
    """What a limit of the system keeps from being written is one sentence and exit 1, and leaves no file."""
    with open("out", "wb") as out:
        done = run_warm(words.split(), ("-c", LIMITED), stdout=out.fileno(), cwd=folder)
    assert (done.returncode, said in done.stderr, done.stderr.count(b"\n")) == (1, True, 1), done.stderr
    assert not (folder / "r.md").exists()


def test_other_encodings_get_escapes(folder):
    """Where the locale has no word for a character it is written as an escape; nothing fails."""
    (folder / "a.log").write_text("2026-03-02 14:02:03,018 ERROR [shop] Größe 中 überschritten\n" * 3)
    done = shell("exec $L analyze a.log", folder, PYTHONIOENCODING="latin-1", LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Größe".encode("latin-1") in done.stdout
    assert b"\\u4e2d" in done.stdout


def test_without_a_home_nothing_is_kept_and_nothing_fails(folder):
    """No HOME, one that is no folder, or one that cannot be written: the report is written, no file elsewhere."""
    for home in ("/dev/null", "relative"):
        done = run_warm(["report", "a.log", "-o", "r.md"], cwd=folder, HOME=home, XDG_STATE_HOME="")
        assert (done.returncode, done.stderr) == (0, b"Report: r.md\n")
    assert not (folder / "relative").exists()
