"""Warnings that rise while users are served as ever are told, and are no incident."""

import random

import numpy as np
import pytest

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request

BEGIN, LENGTH, FROM = 1_772_460_000, 1500, 800


def judge(folder, *, status_of=lambda second, n: 200, word="WARN setting x.y is deprecated, ignored", edge=True):
    """A service whose warnings begin in the fourteenth minute, behind an edge that answers six requests a second."""
    lines, rows = [], []
    for second in range(BEGIN, BEGIN + LENGTH):
        lines.append(f"{np.datetime64(second, 's')}Z INFO order read")
        if second >= BEGIN + FROM:
            lines += [f"{np.datetime64(second, 's')}Z {word}"] * 2
        at = np.datetime64(second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
        rows += [f'10.0.0.{n} - - [{at}] "GET /o HTTP/1.1" {status_of(second, n)} 9 "-" "-"' for n in range(6)]
    (folder / "orders.log").write_text("\n".join(lines) + "\n")
    if edge:
        (folder / "edge.log").write_text("\n".join(rows) + "\n")
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


def test_warnings_beside_users_that_are_served_are_no_incident(tmp_path):
    """A release that warns of an old setting twice a second: quiet, and the warning told with its count and begin."""
    snapshot = judge(tmp_path)
    assert snapshot.incident is None
    state = snapshot.sentences[0]
    assert state.label == "QUIET"
    assert "users are served as before" in state.text
    assert f"orders: setting x.y is deprecated, ignored ({2 * (LENGTH - FROM):,} since" in state.text


def test_a_few_failures_of_the_release_itself_change_nothing(tmp_path):
    """One second of refused requests while a server is replaced."""
    assert judge(tmp_path, status_of=lambda second, n: 502 if second == BEGIN + FROM else 200).incident is None


@pytest.mark.parametrize(
    "trouble",
    [
        {"status_of": lambda second, n: 503 if n == 0 and second >= BEGIN + FROM else 200},
        {"status_of": lambda second, n: 503 if BEGIN + FROM <= second < BEGIN + FROM + 30 else 200},
        {"word": "ERROR order kept, database refused"},
        {"word": "WARN maxmemory reached, writes are rejected"},
        {"edge": False},
    ],
    ids=["one in six fails", "all fail for half a minute", "errors", "something full", "no edge log"],
)
def test_users_that_fail_errors_and_what_is_full_are_one(tmp_path, trouble):
    """And where no edge log shows users, warnings are all there is."""
    assert judge(tmp_path, **trouble).incident is not None


def test_failures_that_grow_with_the_traffic_alone_are_none(tmp_path):
    """One request in sixty fails all along; at noon six times as many ask, and by chance some minute looks bad."""
    chance = random.Random(3)
    rows = []
    for second in range(BEGIN, BEGIN + 9000):
        if chance.random() < (0.1 if second < BEGIN + 3000 else 0.6):
            at = np.datetime64(second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
            status = 503 if chance.random() < 1 / 60 else 200
            rows.append(f'10.0.0.1 - - [{at}] "GET /o HTTP/1.1" {status} 9 "-" "-"')
    (tmp_path / "edge.log").write_text("\n".join(rows) + "\n")
    asked = Request([str(tmp_path)])
    assert run_batch(asked, open_request(asked)).incident is None


def test_half_a_minute_of_errors_that_users_hardly_noticed_is_told_and_no_incident(tmp_path):
    """A release: five errors and three failed requests within twenty seconds, a quarter of an hour ago."""
    moments = {BEGIN + 400 + 5 * n for n in range(5)}
    snapshot = judge(
        tmp_path, status_of=lambda second, n: 502 if n == 0 and second in moments else 200, word="INFO cached"
    )
    assert snapshot.incident is None
    lines = (tmp_path / "orders.log").read_text().splitlines()
    lines += [f"{np.datetime64(second, 's')}Z ERROR database pool not ready {n}" for second in moments for n in "abc"]
    (tmp_path / "orders.log").write_text("\n".join(sorted(lines, key=lambda line: line[:20])) + "\n")
    asked = Request([str(tmp_path)])
    snapshot = run_batch(asked, open_request(asked))
    assert snapshot.incident is None
    assert "errors came: orders: database pool not ready" in snapshot.sentences[0].text


def test_errors_that_come_with_each_hundredth_request_rise_with_them(tmp_path):
    """Four times as many ask, and four times as many carts change while they are read."""
    chance = random.Random(5)
    rows, lines = [], []
    for second in range(BEGIN, BEGIN + 6000):
        lines.append(f"{np.datetime64(second, 's')}Z INFO cart read")
        at = np.datetime64(second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
        for _ in range(2 if second < BEGIN + 3000 else 8):
            rows.append(f'10.0.0.1 - - [{at}] "GET /o HTTP/1.1" 200 9 "-" "-"')
            if chance.random() < 0.01:
                lines.append(f"{np.datetime64(second, 's')}Z ERROR cart changed while read, tried again")
    (tmp_path / "edge.log").write_text("\n".join(rows) + "\n")
    (tmp_path / "carts.log").write_text("\n".join(lines) + "\n")
    asked = Request([str(tmp_path)])
    assert run_batch(asked, open_request(asked)).incident is None


@pytest.mark.parametrize("own", [False, True])
def test_who_is_asked_for_something_else_does_not_tell_that_nothing_is_lost(tmp_path, own):
    """Who answers among other lines stands for its own warnings; of letters that are not sent it knows nothing."""
    with (tmp_path / "stock.log").open("w") as stock, (tmp_path / "post.log").open("w") as post:
        for n in range(900):
            stamp = np.datetime64(BEGIN + n, "s")
            stock.write(f"{stamp}.100Z INFO GET /shelf/{n} 200 8ms\n{stamp}.200Z INFO counted {n}\n")
            said = "WARN letter 7 not sent, kept for later" if n >= 600 else "INFO letter sent"
            (stock if own else post).write(f"{stamp}.300Z {said}\n")
    asked = Request([str(tmp_path)])
    assert (run_batch(asked, open_request(asked)).incident is None) is own
