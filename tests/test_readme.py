"""The README is true: its commands run, its keys and exit codes are those of the program."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from logscope.cli.arguments import COMMANDS
from logscope.cli.main import main
from logscope.samples import find_sample
from logscope.ui.keys import KEYS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
INSTALL = re.compile(r"python3 -m venv \.venv && \.venv/bin/pip install -q (?P<what>\S+) && (?P<run>.*)")


def one_liner(word):
    """The README's line that holds a word, cut into what is installed and what is run."""
    (line,) = [text.strip() for text in BLOCKS if INSTALL.fullmatch(text.strip()) and word in text]
    return INSTALL.fullmatch(line)


def run_here(command, cwd):
    """Run a command of the README with this environment's programs."""
    bin_folder = Path(sys.executable).parent
    return subprocess.run(
        ["bash", "-c", command.replace(".venv/bin/", f"{bin_folder}/")],
        capture_output=True, text=True, timeout=60, cwd=cwd, stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"},
    )  # fmt: skip


def test_the_first_line_shows_a_sample(tmp_path):
    """After the install the demo answers what broke."""
    line = one_liner("demo")
    assert line["what"] == "."
    done = run_here(line["run"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert "maxmemory reached" in done.stdout


def test_the_picture_is_of_the_screen_as_it_is():
    """What the first picture shows is what the test of that screen shows."""
    texts = [
        re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text("utf-8"))[1:]
        for path in (
            ROOT / ".pictures" / "incident.svg",
            ROOT / "tests/ui/__snapshots__/test_pictures/test_incident[120x40].svg",
        )
    ]
    assert texts[0] == texts[1], "make the pictures anew: python tests/tools/make_pictures.py"


def test_the_second_line_runs_the_tests():
    """It installs what the tests need, and collects them; CI runs it whole."""
    line = one_liner("pytest")
    assert line["what"] == "'.[dev]'"
    done = run_here(line["run"] + " --collect-only tests/test_readme.py", ROOT)
    assert "test_the_second_line_runs_the_tests" in done.stdout


@pytest.mark.parametrize(
    "line",
    [
        text.split("#")[0].strip()
        for block in BLOCKS
        for text in block.splitlines()
        if text.startswith("logscope ") and "wait" not in text
    ],
)
def test_every_example_runs(line, tmp_path, monkeypatch, capsys):
    """The examples work as written, on a sample's folder."""
    monkeypatch.chdir(tmp_path)
    program, *words = shlex.split(line.replace("/var/log/app", str(find_sample("recommender-memory-leak") / "logs")))
    assert (program, main(words)) == ("logscope", 0)
    out, error = capsys.readouterr()
    assert out or "Report:" in error


def test_the_keys_are_those_of_the_screen():
    """Every key of the README's table is bound."""
    shown = " ".join(key.shown for key in KEYS) + " 1 to 6 h l Enter"
    for row in re.findall(r"^\| (`.*?) \|", README, re.MULTILINE):
        for key in re.findall(r"`([^`]+)`", row):
            assert key in shown, key


def test_the_exit_codes_are_those_of_the_contract():
    """All of them are named."""
    for code in ("0 done", "1 nothing readable", "2 usage", "3 an incident", "5 second wave", "70 a bug", "130"):
        assert code in " ".join(README.split())


def test_commands_of_the_readme_exist():
    """No example names a command that is not there."""
    for word in re.findall(r"^logscope ([a-z]+) ", README, re.MULTILINE):
        assert word in COMMANDS
