"""Every kind of bad input through every command: no traceback, strict JSON, exact line counts, damage told."""

import json

import pytest

from logscope.cli.main import main
from tests.effort import EFFORT
from tests.reliability.corpus import GOOD, GOOD_LINES, KINDS


def refuse(word):
    raise AssertionError(f"{word} is no JSON")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """All kinds in one folder, each as a log of its own, and good files before and behind them."""
    folder = tmp_path_factory.mktemp("corpus")
    made = {}
    for number, (name, make) in enumerate(KINDS.items()):
        path = folder / f"kind{number:03d}"
        made[str(path)] = (name, make())
        path.write_bytes(made[str(path)][1].data)
    for name in ("aaa", "zzz"):
        (folder / f"{name}.log").write_bytes(GOOD)
    return folder, made


@pytest.fixture
def run(capsys):
    def act(command, *words):
        code = main([*command.split(), *map(str, words)])
        out, error = capsys.readouterr()
        assert "bug in logscope" not in error
        assert "Traceback" not in out + error
        return code, out, error

    return act


@pytest.fixture(scope="module")
def paths(corpus):
    folder, made = corpus
    return [folder / "aaa.log", *made, folder / "zzz.log"]


def test_there_are_over_a_hundred_kinds():
    """The corpus holds what the tables of hazards name, and more."""
    assert len(KINDS) > 200


def test_analyze_counts_every_line_of_every_kind(run, corpus, paths):
    """One run over all: each file's lines are counted exactly, damage stands in `problems`, group counts add up."""
    _, made = corpus
    code, out, error = run("analyze --json", *paths)
    assert code == 0
    document = json.loads(out, parse_constant=refuse)
    files = {file["path"]: file for file in document["files"]}
    wrong = {}
    for path, (name, bad) in made.items():
        file = files.get(path)
        if bad.refused:
            told = [line for line in error.splitlines() if f"{path}: " in line]
            if file is not None or len(told) != 1:
                wrong[name] = told
        elif file is None or (bad.lines >= 0 and file["lines"] != bad.lines):
            wrong[name] = (bad.lines, file and file["lines"])
        elif bad.problem is not None and bad.problem not in [problem["kind"] for problem in file["problems"]]:
            wrong[name] = (bad.problem, file["problems"])
        elif bad.lines < 0 and bad.problem and not file["lines"]:
            wrong[name] = "nothing was read before the damage"
    assert wrong == {}
    for path in (paths[0], paths[-1]):
        assert (files[str(path)]["lines"], files[str(path)]["errors"]) == (GOOD_LINES, GOOD_LINES)
    failures = sum(file["errors"] + file["warnings"] for file in files.values())
    counted = sum(g["count"] for g in document["groups"] if g["level"] in ("warn", "error", "fatal"))
    assert counted == failures
    refused = sum(bad.refused for _, bad in made.values())
    assert len(error.splitlines()) == refused


def test_parse_gives_every_record_of_every_kind(run, corpus, paths):
    """`parse` prints strict JSON lines whose line numbers grow within each file; damage is told on stderr.

    A usual run parses every other one: `analyze` reads all by the same code.
    """
    _, made = corpus
    made = dict(list(made.items())[:: max(1, 2 // EFFORT)])
    code, out, error = run("parse", paths[0], *made, paths[-1])
    assert code == 0
    last = {}
    for line in out.splitlines():
        row = json.loads(line, parse_constant=refuse)
        assert last.get(row["file"], 0) < row["line"]
        last[row["file"]] = row["line"]
    silent = [name for path, (name, bad) in made.items() if bad.problem and path not in error]
    assert silent == []
    late = {name: last.get(path, 0) for path, (name, bad) in made.items() if 0 <= bad.lines < last.get(path, 0)}
    assert late == {}


def test_check_and_report_stand_every_kind(run, corpus, paths):
    """`check` tells how each is read, and which are damaged; the report quotes none of their control characters.

    A usual run asks of every third: all are read by the same commands above.
    """
    _, made = corpus
    some = dict(list(made.items())[:: max(1, 3 // EFFORT)])
    code, out, _ = run("check", *some)
    assert code == 0
    sections = out.split(str(corpus[0]))
    for path, (name, bad) in some.items():
        section = next(text for text in sections if text.startswith(path.removeprefix(str(corpus[0]))))
        assert bad.problem is None or bad.problem in section, name
    assert not any(ord(character) < 32 and character != "\n" for character in out)
    code, out, _ = run("report --no-state", *paths[::7])
    assert code == 0
    assert not any(ord(character) < 32 and character != "\n" for character in out)
