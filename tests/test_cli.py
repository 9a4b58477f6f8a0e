"""The command line: what a script or a tired person meets."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from logscope.cli import parsing
from logscope.cli.arguments import COMMANDS
from logscope.cli.completion import option_strings
from logscope.cli.main import main
from logscope.samples import find_sample, list_samples
from tests.judged import copy_story
from tests.warm import run_warm

LINE = "2026-03-02 14:02:03,018 ERROR [shop.cart] redis-main:6379 connection refused\n"


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "cart.log"
    path.write_text(LINE * 3)
    return path


@pytest.fixture
def run(capsys):
    """A command line run here, as a process would: its exit code and what it wrote."""

    def call(*words):
        code = main([*map(str, words)])
        out, error = capsys.readouterr()
        return subprocess.CompletedProcess(words, code, out, error)

    return call


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help(command, capsys):
    """`--help` exits with 0 and names the command."""
    with pytest.raises(SystemExit) as caught:
        main([*([command] if command else []), "--help"])
    assert caught.value.code == 0
    assert "usage: logscope" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["analyze", "--wrong"], 2, "--wrong"),
        (["analyze", "/no/such/file.log"], 1, "no such file"),
        (["analyze", "--since", "never", "LOG"], 2, "no time"),
        (["analyze", "--tz", "Mars/Base", "LOG"], 2, "unknown time zone"),
        (["report", "--format", "docx", "LOG"], 2, "docx"),
        (["report", "--section", "nonsense", "LOG"], 2, "nonsense"),
        (["report", "LOG", "-o", "/no/such/folder/r.md"], 1, "no such folder"),
        (["report", "LOG", "-o", "LOG"], 1, "is one of the logs"),
        (["demo", "nothing"], 2, "no sample"),
        (["rules", "show", "nothing.here"], 2, "no rule"),
        (["follow", "LOG"], 2, "--json"),
        (["wait", "--timeout", "soon", "LOG"], 2, "no duration"),
    ],
)
def test_each_mistake_gives_one_sentence(words, code, said, log, capsys):
    """A mistake of the user's costs one line on stderr and the contract's exit code, never a traceback."""
    got = main([str(log) if word == "LOG" else word for word in words])
    error = capsys.readouterr().err
    assert (got, said in error, error.count("\n")) == (code, True, 1), error


def test_analyze_never_loads_the_screen(log):
    """`analyze` and `report` start fast: the terminal library is not imported."""
    code = (
        "import sys; from logscope.cli.main import main; "
        f"main(['analyze', '--json', {str(log)!r}]); main(['report', {str(log)!r}]); "
        "sys.exit(any(name.split('.')[0] == 'textual' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60).returncode == 0


def test_a_reader_that_goes_away_ends_it_quietly(log):
    """`| head` leaves no complaint."""
    log.write_text(LINE * 20_000)
    reading, writing = os.pipe()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(run_warm, ["parse", log], stdout=writing)
        with os.fdopen(reading) as head:
            assert json.loads(head.readline())["level"] == "error"
        os.close(writing)
        assert (done.result().returncode, done.result().stderr) == (0, b"")


def test_parse_gives_every_record(run, log):
    """One JSON line a record, with the contract's fields."""
    rows = [json.loads(line) for line in run("parse", log).stdout.splitlines()]
    assert [row["line"] for row in rows] == [1, 2, 3]
    assert set(rows[0]) == {"file", "line", "timestamp", "level", "message", "group"}
    assert rows[0]["message"] == "redis-main:6379 connection refused"
    assert rows[0]["timestamp"] == "2026-03-02T14:02:03.018000Z"


def test_parse_gives_the_same_at_any_size(run, log, monkeypatch):
    """A large file, which is read twice, gives the records, kinds and problems that a small one gives that is kept."""
    log.write_text("".join(f"{LINE[:-1]} {n} times\n{LINE}\tat shop.Cart.add(Cart.java:{n})\n" for n in range(400)))
    packed = log.with_name("orders.log.gz")
    packed.write_bytes(gzip.compress(log.read_bytes())[:-40])
    kept = run("parse", log, packed)
    assert "ends early" in kept.stderr
    monkeypatch.setattr(parsing, "_MOST_KEPT", 0)
    read_twice = run("parse", log, packed)
    assert (kept.stdout, kept.stderr) == (read_twice.stdout, read_twice.stderr)


def test_check_tells_how_a_file_is_read(run, log):
    """Format, zone and its origin, shares, and the first records without time or level are told per file."""
    log.write_text("Caused by: java.io.IOException\n" + LINE * 3)
    out = run("check", log).stdout
    assert "zone      UTC (assumed" in out
    assert "timed     3 of 4 records (75.0%)" in out
    assert out.count("    1: Caused by: java.io.IOException\n") == 2
    assert "zone      Europe/Berlin (given)" in run("check", "--tz", "Europe/Berlin", log).stdout


def test_parse_reads_stamps_in_the_zone_that_is_given(run, log):
    """Stamps without a zone are turned into UTC by `--tz`, each by its own day's offset."""
    log.write_text(LINE + LINE.replace("-03-", "-07-"))
    for west in (("--tz", "-05:00"), ("--tz=-05:00",)):
        assert "zone      -05:00 (given)" in run("check", *west, log).stdout
    rows = [json.loads(row) for row in run("parse", "--tz", "Europe/Berlin", log).stdout.splitlines()]
    assert [row["timestamp"] for row in rows] == ["2026-03-02T13:02:03.018000Z", "2026-07-02T12:02:03.018000Z"]


def test_one_bad_file_does_not_stop_the_others(run, log, tmp_path):
    """A missing file costs one line; the rest is analysed."""
    done = run("analyze", "--json", log, tmp_path / "missing.log")
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert json.loads(done.stdout)["files"][0]["records"] == 3


def test_without_a_terminal_the_screen_is_analyze(log):
    """`logscope PATH` in a pipe prints text without escapes."""
    done = run_warm([log])
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert done.stdout.strip()


def test_samples_are_listed_between_words_at_any_width(run, monkeypatch):
    """A script reads a line of each; on a terminal titles go on below themselves, and no line is wider than it."""
    names = [name for name, _ in list_samples()]
    assert [line.split()[0] for line in run("demo", "--list").stdout.splitlines()] == names
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    shown = run("demo", "--list").stdout.splitlines()
    assert max(map(len, shown)) <= 60
    assert [line.split()[0] for line in shown if line[0] != " "] == names
    assert len(shown) > len(names)
    assert " ".join(" ".join(shown).split()) == " ".join(f"{name} {title}" for name, title in list_samples())


def test_hostile_text_is_shown_not_obeyed(run, tmp_path):
    """Escape sequences and bidirectional controls of a log reach no terminal; in JSON they are escaped."""
    path = tmp_path / "evil.log"
    path.write_text("2026-03-02 14:02:03,018 ERROR [x] \x1b]0;owned\x07\x1b[2J \u202eevil [/red] boom\n" * 3)
    for words in (["analyze"], ["report"], ["check"]):
        out = run(*words, path).stdout
        assert "\x1b" not in out
        assert "\u202e" not in out
    assert run("analyze", "--json", path).stdout.isascii()


def test_a_report_is_for_its_owner_only(run, log, tmp_path):
    """Mode 0600, and a second one replaces the first."""
    target = tmp_path / "report.md"
    for _ in range(2):
        assert run("report", log, "-o", target).returncode == 0
    assert oct(target.stat().st_mode & 0o777) == "0o600"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_bug_leaves_a_trace_and_a_sentence(monkeypatch, tmp_path, capsys, log):
    """An unexpected error exits with 70; the traceback is in a file of the user's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("logscope.cli.batch.judge_batch", lambda *_: 1 / 0)
    assert main(["analyze", str(log)]) == 70
    (trace,) = (tmp_path / "logscope").iterdir()
    assert "ZeroDivisionError" in trace.read_text()
    assert oct(trace.stat().st_mode & 0o777) == "0o600"
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (BrokenPipeError(), 0, ""),
        (KeyboardInterrupt(), 130, ""),
        (ValueError("\x1b]0;owned\x07"), 70, "\\x1b]0;owned\\x07"),
    ],
)
def test_how_a_run_ends_that_does_not(monkeypatch, tmp_path, capsys, log, error, code, words):
    """A reader that goes away and an interrupt are told by the code alone; a bug by words that no terminal obeys."""

    def fail(*_):
        raise error

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("logscope.cli.main.abandon_output", lambda: None)
    monkeypatch.setattr("logscope.cli.batch.judge_batch", fail)
    assert main(["analyze", str(log)]) == code
    told = capsys.readouterr().err
    assert (words in told, bool(told), "\x1b" in told) == (True, bool(words), False)


def test_completion_knows_every_option(capsys):
    """The scripts are made from the parsers, so no option is missing."""
    for shell in ("bash", "zsh", "fish"):
        assert main(["completion", shell]) == 0
        script = capsys.readouterr().out
        for option in option_strings("analyze"):
            assert option.lstrip("-") in script


def test_named_paths_name_the_service(run, log):
    """`NAME=PATH` is the service's name."""
    document = json.loads(run("analyze", "--json", f"basket={log}").stdout)
    assert document["files"][0]["service"] == "basket"


def test_a_folder_is_read_recursively(run, log, tmp_path):
    """Logs are found; documents and truth files are not logs."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "api.log").write_text(LINE)
    (tmp_path / "README.md").write_text("2026-03-02 14:02:03 not a log\n")
    document = json.loads(run("analyze", "--json", tmp_path).stdout)
    assert sorted(Path(f["path"]).name for f in document["files"]) == ["api.log", "cart.log"]


def test_state_needs_no_home(run, log, monkeypatch):
    """Without HOME everything still works."""
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert run("analyze", log).returncode == 0


def test_a_saved_incident_outlives_its_logs(run, tmp_path, monkeypatch):
    """`--save` keeps an incident; with the logs gone, analyze and report tell the same, also of a fix."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    logs = tmp_path / "logs"
    # Who broke, and what users saw of it: the others' logs are most of the lines.
    shutil.copytree(
        find_sample("recommender-memory-leak") / "logs", logs, ignore=shutil.ignore_patterns("home-web*", "digest*")
    )
    saved = str(tmp_path / "night.lsx")
    first = run("analyze", "--json", logs, "--save", saved)
    report = run("report", logs)
    fixed = run("analyze", "--json", logs, "--fix-at", "12:37:30")
    early = json.loads(run("analyze", "--json", logs, "--until", "12:33").stdout)
    shutil.rmtree(logs)
    assert run("analyze", "--json", saved).stdout == first.stdout != ""
    assert run("report", saved).stdout == report.stdout != ""
    assert run("open").stdout.rstrip().endswith("incident-2026-11-23-1232.lsx")
    assert run("open", saved).stdout == run(saved).stdout == run("analyze", saved).stdout != ""
    assert run("open", saved, "--until", "12:33").stdout == run("analyze", saved, "--until", "12:33").stdout
    assert run("analyze", "--json", saved, "--fix-at", "12:37:30").stdout == fixed.stdout != first.stdout
    gone = run("analyze", saved, "--resume")
    assert (gone.returncode, gone.stderr) == (0, "")
    narrowed = json.loads(run("analyze", "--json", saved, "--until", "12:33").stdout)
    assert narrowed["incident"]["start"] == early["incident"]["start"]
    assert (
        narrowed["recovery"]["verdict"]
        == early["recovery"]["verdict"]
        != json.loads(first.stdout)["recovery"]["verdict"]
    )
    refused = run("report", saved, "--since", "2026-11-24T00:00")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "no record of the saved incident lies between" in refused.stderr
    assert run("analyze", saved, "--resume", "--since", "12:33").returncode == 2
    over = run("report", saved, "-o", saved)
    assert (over.returncode, over.stderr.count("\n")) == (1, 1)


def test_rules_of_ones_own_count_and_wrong_ones_are_left_out(run, tmp_path, monkeypatch):
    """A rule in the configuration folder speaks of the cause; a wrong one beside it costs one line, not the answer."""
    folder = tmp_path / "logscope" / "rules.d"
    folder.mkdir(parents=True)
    rule = (
        '[[rule]]\nid = "limit"\nclass = "exhaustion"\nconfidence = "high"\nmeaning = "Our own words."\n'
        'match.any = ["maxmemory reached, eviction policy"]\n'
        'sources = [{ document = "wiki", version = "1", checked_on = 2026-01-01, how = "experience" }]\n'
        'samples = { match = ["maxmemory reached, eviction policy: x"], no_match = ["x"] }\n'
    )
    (folder / "mine.toml").write_text(
        f'component = "redis"\n{rule}{rule.replace("limit", "bad").replace("high", "sure")}'
    )
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    logs = copy_story(tmp_path / "logs", redis_server=1, checkout_service=16)
    done = run("analyze", "--json", logs)
    assert json.loads(done.stdout)["actions"]["mechanism"]["rule"] == "redis.limit"
    assert "mine.toml" in done.stderr
    assert "confidence" in done.stderr
    assert done.stderr.count("\n") == 1
    listed = run("rules", "list")
    assert "redis.limit" in listed.stdout


def test_what_cannot_be_kept_takes_no_report_away(log, run, tmp_path):
    """`--save` into no folder fails with a sentence and exit 1, after the report was written."""
    done = run("report", log, "--no-state", "-o", tmp_path / "r.md", "--save", tmp_path / "none" / "x.lsx")
    assert done.returncode == 1
    assert "no such folder" in done.stderr
    assert (tmp_path / "r.md").exists()


def test_text_files_of_a_folder_that_are_no_logs_are_told(run, tmp_path):
    """One is named on stderr, of many their count; the answer is of the others."""
    (tmp_path / "shop.log").write_text("2026-03-05 14:02:08 ERROR lost order 7\n" * 3)
    (tmp_path / "prose.log").write_text("once upon a time\nthere was a shop\n")
    assert "prose.log: left out, no times" in run("analyze", tmp_path).stderr
    (tmp_path / "verse.log").write_text("a rose is a rose\nis a rose\n")
    found = run("analyze", tmp_path)
    assert (found.returncode, found.stderr.count("\n")) == (0, 1)
    assert "2 files left out" in found.stderr
    assert "1 file, 3 lines read" in found.stdout
