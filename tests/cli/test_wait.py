"""`logscope wait --for recovered`: what ends it, in each state, and with which exit code."""

import os
import time
from dataclasses import replace

import pytest

from logscope.cli.live import EXIT_NOT_IN_TIME, EXIT_SECOND_WAVE, answer_waiting
from logscope.cli.main import main
from logscope.model.recovery import Verdict
from logscope.model.snapshot import FurtherIncident
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from logscope.sources.stream import StreamReader


def write(path, failing, length=900):
    """A service that answers five times a second and fails in the given seconds."""
    with path.open("w") as file:
        for second in range(length):
            stamp = f"2026-05-04T09:{second // 60:02}:{second % 60:02}"
            for n in range(5):
                word = "ERROR charge refused" if second in failing else "INFO charged"
                file.write(f"{stamp}.{n}00Z {word} order={second * 5 + n}\n")


@pytest.fixture(scope="module")
def over(tmp_path_factory):
    folder = tmp_path_factory.mktemp("over")
    write(folder / "app.log", range(400, 460))
    request = Request([str(folder)])
    return run_batch(request, open_request(request))


STATES = [
    (Verdict.RECOVERED, True, True, 0),
    (Verdict.RECOVERED, True, False, None),
    (Verdict.RECOVERED, None, False, None),
    (Verdict.HERD, True, True, 0),
    (Verdict.SECOND_WAVE, True, True, 0),
    (Verdict.SECOND_WAVE, None, False, None),
    (Verdict.SECOND_WAVE, False, True, EXIT_SECOND_WAVE),
    (Verdict.PARTIAL, False, True, None),
    (Verdict.PARTIAL, None, False, None),
    (Verdict.ONGOING, False, True, None),
    (Verdict.TOO_EARLY, None, False, None),
    (Verdict.NO_BASELINE, None, False, None),
    (Verdict.NO_INCIDENT, None, True, 0),
]


@pytest.mark.parametrize(("verdict", "is_over", "confirmed", "answer"), STATES)
def test_what_ends_the_waiting(over, verdict, is_over, confirmed, answer):
    """Only a confirmed end is one; a second wave that goes on is told at once, one that is past is an end."""
    recovery = replace(over.recovery, verdict=verdict, over=is_over, confirmed=confirmed)
    assert answer_waiting(replace(over, recovery=recovery)) == answer


@pytest.mark.parametrize(("is_alone", "answer"), [(False, None), (True, 0)])
def test_only_another_incident_holds_the_answer_up(over, is_alone, answer):
    """One service that complains of its own, and takes nobody down, is nothing that a script waits for."""
    other = FurtherIncident(over.incident, (), replace(over.recovery, over=False), is_alone=is_alone)
    assert answer_waiting(replace(over, further=(other,))) == answer


@pytest.mark.parametrize(("failing", "expected"), [(range(400, 460), 0), (range(400, 900), EXIT_NOT_IN_TIME)])
def test_the_command_waits_for_the_end(tmp_path, capsys, failing, expected):
    """0 at once where it is over and confirmed; 1 where it is not in time, the state on stderr."""
    write(tmp_path / "app.log", failing)
    code = main(["wait", "--for", "recovered", "--timeout", "1s", str(tmp_path / "app.log")])
    assert code == expected
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("ONGOING" if expected else "OVER")
    assert (told[-1] == "not recovered within 1s") is (expected == EXIT_NOT_IN_TIME)


def test_the_same_state_is_told_twice_a_minute_at_most(tmp_path, capsys, monkeypatch, over):
    """Numbers that change with each look make no line each; a state that changes does, at once."""
    clock = iter([0.0, 100.0, 101.0, 102.0, 131.0, 132.0])
    monkeypatch.setattr("logscope.cli.live.time.monotonic", lambda: next(clock, 140.0))
    state = replace(over.sentences[0], label="ONGOING")

    class Loop:
        def __init__(self, _request, _opened, look):
            self.look = look

        def run(self):
            looks = [("ONGOING", n) for n in range(5)] + [("OVER", 5)]
            for label, n in looks:
                told = replace(state, label=label, text=f"{n} errors")
                waiting = replace(over.recovery, over=None, confirmed=False, verdict=Verdict.TOO_EARLY)
                self.look(replace(over, sentences=(told, *over.sentences[1:]), recovery=waiting))

        def stop(self):
            pass

    monkeypatch.setattr("logscope.cli.live.LiveLoop", Loop)
    write(tmp_path / "app.log", range(400, 460), 500)
    assert main(["wait", "--timeout", "200ms", str(tmp_path / "app.log")]) == EXIT_NOT_IN_TIME
    assert capsys.readouterr().err.splitlines() == [
        "ONGOING 0 errors",
        "ONGOING 1 errors",
        "ONGOING 4 errors",
        "OVER 5 errors",
        "not recovered when the input ended",
    ]


def test_nothing_is_waited_for_from_a_pipe_that_has_ended(tmp_path, monkeypatch, capfd):
    """Nobody writes into a pipe any more: nothing can become of it, and the script is told at once."""
    log = tmp_path / "app.log"
    write(log, range(400, 500), 500)
    with log.open("rb") as piped:
        monkeypatch.setattr("logscope.sources.tape.open_stdin", lambda: StreamReader(os.dup(piped.fileno())))
        begun = time.monotonic()
        assert main(["wait", "--timeout", "10m", "-"]) == EXIT_NOT_IN_TIME
    assert time.monotonic() - begun < 60
    assert capfd.readouterr().err.splitlines()[-1] == "not recovered when the input ended"


def test_what_is_told_is_safe_for_the_terminal(capsys, monkeypatch, over):
    """A log's own words stand in the state: no control character of any kind, nor one that turns text, gets out."""
    state = replace(over.sentences[0], text="cannot reach \x9b31m\u202edb\x1b[2J")

    class Loop:
        def __init__(self, _request, _opened, look):
            self.look = look

        def run(self):
            self.look(replace(over, sentences=(state, *over.sentences[1:])))

        def stop(self):
            pass

    monkeypatch.setattr("logscope.cli.live.LiveLoop", Loop)
    monkeypatch.setattr("logscope.cli.live.open_or_complain", lambda *_, **__: None)
    main(["wait", "--timeout", "200ms", __file__])
    err = capsys.readouterr().err
    assert not set(err) & {"\x9b", "\u202e", "\x1b"}
    assert "cannot reach" in err
