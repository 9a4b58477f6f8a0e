"""Shell commands that prove lines and counts: they are run, and say what was promised."""

import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from logscope.model.files import LineRef
from logscope.model.kinds import GroupSummary, Role, Series
from logscope.model.severity import Severity
from logscope.runner.batch import run_batch
from logscope.runner.proof import make_pattern, prove_count, prove_line
from logscope.runner.request import Request, open_request
from tests.judged import judge_sample

SAMPLES = Path(__file__).parents[2] / "sample_incidents"


def run(command):
    """What a POSIX shell prints for a command."""
    return subprocess.run(["sh", "-c", command], capture_output=True, timeout=60).stdout


def make_group():
    """A kind with nothing special."""
    return GroupSummary(
        id="g", file="f", source="s", service="x", severity=Severity.ERROR, template="", sample="", line=1, count=1,
        first_seen=0, last_seen=0, onset=0, onset_ref=None, onset_sample="", onset_sigma_us=0, baseline_per_min=None,
        per_minute=Series(0, 60_000_000, (1,)), outside_window=0, role=Role.SYMPTOM, related_to=None,
    )  # fmt: skip


@pytest.fixture(scope="module", params=["checkout-redis-oom", "pg-too-many-clients", "inventory-killed-herd"])
def snapshot(request):
    """The answer on a shipped sample."""
    return judge_sample(request.param)


def test_counts_are_what_the_commands_count(snapshot):
    """For each kind of the incident the command prints the number that was told beforehand."""
    kinds = [group for group in snapshot.groups if group.onset is not None]
    proofs = [(group, proof) for group in kinds if (proof := prove_count(group, snapshot)) is not None]
    wrong = [(group.headline, proof.command) for group, proof in proofs if int(run(proof.command)) != proof.count]
    assert wrong == []
    assert proofs


def test_a_count_is_no_promise_while_logs_are_read(snapshot):
    """The command reads the files to their end: until logscope has, its number is the least."""
    half = replace(snapshot, progress=replace(snapshot.progress, done=False))
    group = next(group for group in snapshot.groups if prove_count(group, snapshot) is not None)
    assert prove_count(group, half).expected.startswith("at least ")


def test_most_kinds_can_be_proved(snapshot):
    """Of the kinds that were counted in whole files, three in four at least can be counted by a pattern."""
    kinds = [group for group in snapshot.groups if group.onset is not None and not group.examined_only]
    proved = [group for group in kinds if prove_count(group, snapshot) is not None]
    assert len(proved) >= 0.75 * len(kinds), [group.headline for group in kinds if group not in proved]


def test_lines_are_what_the_commands_print(snapshot):
    """The line of every candidate, compressed or not, is printed as it was quoted."""
    for one in snapshot.candidates:
        printed = run(prove_line(LineRef(one.file, one.line)).command).decode("utf-8", "replace")
        assert printed.rstrip("\n") == one.sample.split("\n")[0]


def test_what_was_piped_is_to_be_piped_again(snapshot):
    """No command reads a file called `-`: what gave the lines stands before it, to be filled in."""
    group = next(group for group in snapshot.groups if prove_count(group, snapshot) is not None)
    file = next(file for file in snapshot.files if file.source == group.source)
    piped = replace(snapshot, files=(replace(file, path="-"),))
    count = prove_count(group, piped)
    assert count.command.startswith("<what was piped> | grep -acE -e ")
    assert count.what.endswith("where the same is piped again")
    assert prove_line(LineRef("-", 7)).command == "<what was piped> | sed -n 7p"


def test_hostile_names_and_texts_stay_one_argument(tmp_path):
    """Quotes, dashes, substitutions and newlines in names or templates never reach the shell as code."""
    target = tmp_path / "owned"
    path = tmp_path / f"-e $(touch {target.name}) '; touch owned\n.log"
    path.write_text("one\ntwo $(touch owned) `touch owned`\n")
    assert run(f"cd {tmp_path}; {prove_line(LineRef(str(path), 2)).command}") == b"two $(touch owned) `touch owned`\n"
    text = "'; touch owned; $(touch owned) \\ * [ ( . -- x"
    path.write_text(text + "\n")
    asked = Request([str(path)])
    snapshot = run_batch(asked, open_request(asked))
    group = replace(make_group(), template=text, sample=text, source=snapshot.files[0].source)
    assert make_pattern(group) is not None
    proof = prove_count(group, replace(snapshot, groups=(group,)))
    assert run(f"cd {tmp_path}; {proof.command}") == b"1\n"
    assert not target.exists()


@pytest.mark.parametrize("is_request", [False, True])
def test_a_line_of_a_stranger_does_not_keep_the_screen_busy(is_request, snapshot):
    """However often a kind's words stand in another's line, whether its pattern is found there is known at once."""
    words = "/a/*" * 12 if is_request else "a <num> " * 12
    kind = replace(
        make_group(),
        template=f"GET {words}/zz 503" if is_request else f"{words}zz",
        sample=f'"GET {"/a/1" * 12}/zz HTTP/1.1" 503 7' if is_request else f"{'a 1 ' * 12}zz",
        request=is_request,
    )
    other = replace(make_group(), id="o", sample=f'"GET {"/a" * 2000} HTTP/1.1" 503 7' if is_request else "a " * 4000)
    begun = time.process_time()
    proof = prove_count(kind, replace(snapshot, groups=(kind, other)))
    assert proof is not None
    assert proof.count == 1
    assert time.process_time() - begun < 1
