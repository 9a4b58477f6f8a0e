"""A route on which everything fails is an incident within seconds; a blip of it, and a few failures, are none."""

import numpy as np
import pytest

from tests.second_by_second import Playback

BEGIN, FAILS = 1_772_460_000, 700


def play(folder, status_of):
    """Two routes of an edge log, two requests a second each, for twelve minutes."""
    rows = []
    for second in range(FAILS + 60):
        at = np.datetime64(BEGIN + second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
        for route, n in (("POST /pay", 0), ("POST /pay", 1), ("GET /list", 2), ("GET /list", 3)):
            status = status_of(second, n) if route == "POST /pay" else 200
            rows.append(f'10.1.1.{n} - - [{at}] "{route} HTTP/1.1" {status} 16 "-" "-"')
    (folder / "edge.log").write_text("\n".join(rows) + "\n")
    return Playback(folder)


def test_a_route_that_fails_altogether_is_told_within_seconds(tmp_path):
    """After eight seconds, with its requests; before it began there is nothing."""
    played = play(tmp_path, lambda second, n: 502 if second >= FAILS else 200)
    assert played.look(BEGIN + FAILS - 5).incident is None
    snapshot = played.look(BEGIN + FAILS + 8)
    assert snapshot.sentences[0].label == "STARTED"
    assert "POST /pay 0 of" in snapshot.sentences[0].text


@pytest.mark.parametrize(
    "status_of",
    [
        lambda second, n: 502 if FAILS <= second < FAILS + 4 else 200,
        lambda second, n: 502 if second >= FAILS and second % 4 == 0 and n else 200,
    ],
    ids=["four seconds", "one in eight"],
)
def test_a_moment_or_a_part_is_none_at_once(tmp_path, status_of):
    """A server is replaced; or a few requests fail among many that go well."""
    played = play(tmp_path, status_of)
    assert played.look(BEGIN + FAILS + 8).incident is None


def test_requests_that_are_refused_instead_of_served_are_told_soon(tmp_path):
    """Those with a new token are refused, others go well: as many are missing as are answered 401."""
    played = play(tmp_path, lambda second, n: 401 if second >= FAILS and second % 4 else 200)
    snapshot = played.look(BEGIN + FAILS + 12)
    assert snapshot.sentences[0].label == "STARTED"
    assert "POST /pay" in snapshot.sentences[0].text


def test_refused_requests_that_come_besides_are_no_dead_route(tmp_path):
    """Somebody tries tokens, while all others are served as before."""
    rows = []
    for second in range(FAILS + 30):
        at = np.datetime64(BEGIN + second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
        rows += [f'10.1.1.{n} - - [{at}] "POST /pay HTTP/1.1" 200 16 "-" "-"' for n in (0, 1)]
        rows += [f'10.9.9.9 - - [{at}] "POST /pay HTTP/1.1" 401 16 "-" "-"' for n in (0, 1) if second >= FAILS]
    (tmp_path / "edge.log").write_text("\n".join(rows) + "\n")
    assert Playback(tmp_path).look(BEGIN + FAILS + 12).incident is None
