"""Hosts without log files: recorded streams piped into logscope, the keyboard from a real terminal."""

import json
import os
import threading

import pytest

from logscope.cli.main import main
from tests.ui.terminal import Terminal
from tests.warm import run_warm

WEB_FAILS = range(201, 300)


def stamp(second):
    return f"2026-03-02T14:{second // 60:02d}:{second % 60:02d}"


def record(kind):
    """What `docker compose logs`, `kubectl logs --prefix` and `journalctl -o json` gave for the same five minutes."""
    for second in range(300):
        lines = [("redis", "INFO", "DB saved on disk"), ("web", "INFO", f"request served in {second} ms")]
        if second in WEB_FAILS:
            lines.append(("redis", "WARN", "OOM command not allowed when used memory > 'maxmemory'"))
            lines.append(("web", "ERROR", f"cart {second}: redis: connection refused"))
        for service, level, text in lines:
            if kind == "compose":
                yield f"{service}-1  | {stamp(second)}.000Z {level} {text}"
            elif kind == "kubectl":
                yield f"[pod/{service}-7d4b9c6f5d-x2x9z/{service}] {stamp(second)}.000Z {level} {text}"
            else:
                yield json.dumps(
                    {
                        "__REALTIME_TIMESTAMP": str((1772460000 + second) * 1_000_000),
                        "PRIORITY": {"INFO": "6", "WARN": "4", "ERROR": "3"}[level],
                        "_SYSTEMD_UNIT": f"{service}.service",
                        "MESSAGE": text,
                    }
                )


def write_all(descriptor, data):
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(data)


@pytest.fixture
def run_piped(capsys):
    """A command run here with a pipe as its standard input, and what it wrote."""

    def run(words, data):
        reading, writing = os.pipe()
        kept = os.dup(0)
        os.dup2(reading, 0)
        os.close(reading)
        writer = threading.Thread(target=write_all, args=(writing, data.encode()))
        writer.start()
        try:
            assert main(words) == 0
        finally:
            os.dup2(kept, 0)
            os.close(kept)
            writer.join()
        return capsys.readouterr().out

    return run


@pytest.fixture
def piped():
    """Start logscope on a terminal of its own, its standard input a pipe; gives the terminal and the pipe's end."""
    opened = []

    def start(words, **options):
        reading, writing = os.pipe()
        opened.append(Terminal(words, stdin=reading, **options))
        os.close(reading)
        return opened[-1], writing

    yield start
    for one in opened:
        one.close()


@pytest.mark.parametrize("kind", ["compose", "kubectl", "journald"])
def test_a_stream_of_several_services_is_told_apart(kind, run_piped):
    """`... | logscope analyze --json -`: each line counts once, groups and candidates name the services."""
    lines = list(record(kind))
    document = json.loads(run_piped(["analyze", "--json", "-"], "\n".join(lines) + "\n"))
    (file,) = document["files"]
    assert (file["path"], file["lines"], file["untimed_records"]) == ("-", len(lines), 0)
    assert {g["service"]: g["count"] for g in document["groups"]} == {"redis": 99, "web": 99}
    assert {c["service"] for c in document["candidates"][:2]} == {"redis", "web"}


def test_every_command_takes_a_pipe(run_piped):
    """`report`, `parse`, `check`, `follow` read standard input, by `-` or because it is piped."""
    data = "\n".join(record("kubectl")) + "\n"
    assert "OOM command not allowed" in run_piped(["report"], data)
    assert len(run_piped(["parse", "-"], data).splitlines()) == 798
    assert "lines     798, records 798" in run_piped(["check"], data)
    last = json.loads(run_warm(["follow", "--json", "-"], data=data.encode()).stdout.splitlines()[-1])
    assert (last["total"], last["errors"], last["warnings"]) == (798, 99, 99)


def test_the_screen_follows_a_pipe_and_takes_keys_from_the_terminal(piped):
    """`... | logscope`: there while nothing has come yet, it learns from the first lines; what comes later counts."""
    one, pipe = piped([], size=(120, 40))
    one.wait_for("2 Kinds")
    lines = list(record("kubectl"))
    os.write(pipe, ("\n".join(lines[:700]) + "\n").encode())
    one.wait_for("OOM command not allowed")
    one.press("2")
    one.wait_for("ONSET")
    os.write(pipe, ("\n".join(lines[700:]) + "\n").encode())
    one.wait_for("99 14:03:21")
    one.wait_for("LIVE")
    one.wait_for("stdin:")
    os.close(pipe)
    one.wait_for("ENDED")
    one.press("q")
    assert one.finish() == 0


def test_without_a_terminal_a_pipe_is_analysed():
    """`... | logscope`, the output is no terminal: the answer as text."""
    done = run_warm([], data="".join(f"{line}\n" for line in record("compose")).encode())
    assert (done.returncode, b"\x1b" in done.stdout, b"OOM" in done.stdout) == (0, False, True)
