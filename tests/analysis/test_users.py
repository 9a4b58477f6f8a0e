"""Which access logs show what users get: one, or those of several servers that share the load."""

import json
import random

import numpy as np
import pytest

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.second_by_second import Playback

BEGIN = 1_772_460_000
LENGTH_S = 900


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        for second, status in rows:
            stamp = np.datetime64(second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
            file.write(f'10.1.1.{second % 200} - - [{stamp}] "GET /poll HTTP/1.1" {status} 160 "-" "-"\n')


def serve(seed, broken_from=2**62, rate=4):
    """Requests of one server: (second, status)."""
    chance = np.random.default_rng(seed)
    return [
        (second, 502 if second >= broken_from and n % 2 else 200)
        for second in range(BEGIN, BEGIN + LENGTH_S)
        for n in range(chance.poisson(rate))
    ]


def incident(folder):
    request = Request([str(folder)])
    return run_batch(request, open_request(request)).incident


@pytest.mark.parametrize("names", [("edge1-access.log", "edge2-access.log"), ("web-a/access.log", "web-b/access.log")])
def test_servers_that_share_the_load_are_seen_together(tmp_path, names):
    """Half of one server's requests fail: a quarter of the users', with the volume of both."""
    for seed, name in enumerate(names):
        write(tmp_path / name, serve(seed, BEGIN + 600 if seed else 2**62))
    found = incident(tmp_path)
    assert found.volume.before == pytest.approx(8, abs=0.5)
    assert found.success_rate.during == pytest.approx(0.77, abs=0.04)


def test_a_request_that_two_logs_saw_is_counted_once(tmp_path):
    """The same requests in a log of a like name: a proxy before a proxy, or a copy."""
    rows = serve(1, BEGIN + 600)
    write(tmp_path / "edge1-access.log", rows)
    write(tmp_path / "edge2-access.log", [row for row in rows if random.Random(row[0]).random() < 0.8])
    assert incident(tmp_path).volume.before == pytest.approx(4, abs=0.3)


def test_a_failing_server_is_named_with_the_route(tmp_path):
    """What still fails is told with the server that fails, and users as those of both."""
    write(tmp_path / "edge1-access.log", serve(1))
    write(tmp_path / "edge2-access.log", serve(2, BEGIN + 600))
    snapshot = Playback(tmp_path).look(BEGIN + 700)
    (row,) = [row for row in snapshot.recovery.remaining if row.failed]
    assert row.what == "GET /poll at edge2-access"
    assert row.asked == pytest.approx(8 * 60, abs=60)


def refuse(folder, during):
    """A service that refuses tokens for four minutes, behind an edge that gives these answers each second."""
    answers = dict.fromkeys(range(BEGIN + 600, BEGIN + 840), during)
    seconds = range(BEGIN, BEGIN + LENGTH_S)
    write(folder / "edge.log", [(second, one) for second in seconds for one in answers.get(second, (200, 200))])
    lines = [f"{np.datetime64(s, 's')}Z ERROR token refused: unknown key" for s in range(BEGIN + 600, BEGIN + 840)]
    normal = [f"{np.datetime64(s, 's')}Z INFO profile read" for s in range(BEGIN, BEGIN + LENGTH_S, 2)]
    (folder / "profile.log").write_text("\n".join(sorted([*lines, *normal])) + "\n")


@pytest.mark.parametrize("status", [401, 404, 422])
def test_refusals_in_the_place_of_answers_are_what_users_lost(tmp_path, status):
    """Every request is refused, not found or not understood where it was 200: no server error, and nobody is served."""
    refuse(tmp_path, (status, status))
    found = incident(tmp_path)
    assert found.success_rate.during == pytest.approx(0, abs=0.02)
    assert found.success_rate.before == found.success_rate.after == 1


@pytest.mark.parametrize("status", [401, 404])
def test_refusals_beside_answers_are_nobody_s_loss(tmp_path, status):
    """Somebody guesses passwords or names on the same route: half are refused, as many as ever are served."""
    refuse(tmp_path, (200, 200, status, status))
    assert incident(tmp_path).success_rate.during == 1


def pay(folder, lost, *, edge):
    """A service that writes each answer in words and refuses tokens for four minutes; `lost`: in the place of answers.

    Args:
        folder: For its log.
        lost: The refused ones would have gone well before; else they come on top.
        edge: A proxy before it writes an access log of the same requests.
    """
    lines, rows = [], []
    for second in range(BEGIN, BEGIN + LENGTH_S):
        is_bad = BEGIN + 500 <= second < BEGIN + 740
        answers = [201] * 3 if not is_bad else [401, 401, 201] if lost else [201] * 3 + [401] * 2
        for n, status in enumerate(answers):
            stamp = f"{np.datetime64(second, 's')}.{n}00"
            head = {"@t": stamp + "0000Z", "@mt": "HTTP {RequestMethod} {RequestPath} responded {StatusCode}"}
            told = {"RequestMethod": "POST", "RequestPath": "/charge", "StatusCode": status}
            lines.append(json.dumps({**head, **({"@l": "Warning"} if status > 400 else {}), **told}))
            rows.append((second, status))
        lines.append(json.dumps({"@t": f"{np.datetime64(second, 's')}.9000000Z", "@mt": "Ledger flushed"}))
    (folder / "pay.clef").write_text("\n".join(lines) + "\n")
    if edge:
        write(folder / "proxy.log", rows)


@pytest.mark.parametrize("edge", [True, False])
def test_refusals_that_a_service_tells_in_words_are_what_users_lost(tmp_path, edge):
    """Two requests of three are refused since a key changed, at the level of warnings: an incident, with its share."""
    pay(tmp_path, lost=True, edge=edge)
    found = incident(tmp_path)
    assert found.success_rate.during == pytest.approx(1 / 3, abs=0.05)
    assert found.success_rate.before == 1


def test_refusals_on_top_of_what_is_served_are_no_incident(tmp_path):
    """Somebody guesses while as many as ever are served."""
    pay(tmp_path, lost=False, edge=False)
    assert incident(tmp_path) is None


def test_an_audit_log_shows_no_users(tmp_path):
    """What operators ask of a cluster is answered well while its users fail."""
    record = {"kind": "Event", "verb": "get", "requestURI": "/api/v1/pods", "responseStatus": {"code": 200}}
    record["objectRef"] = {"resource": "pods"}
    with (tmp_path / "kube-audit.json").open("w") as file:
        for second in range(BEGIN, BEGIN + LENGTH_S, 2):
            stamp = f"{np.datetime64(second, 's')}.100Z"
            file.write(
                json.dumps(record | {"objectRef": {"resource": "pods"}, "requestReceivedTimestamp": stamp}) + "\n"
            )
    with (tmp_path / "arena.log").open("w") as file:
        for second in range(BEGIN, BEGIN + LENGTH_S):
            said = "ERROR no game" if second >= BEGIN + 600 else "INFO game begun"
            file.write(f"{np.datetime64(second, 's')}.300Z {said}\n")
    assert incident(tmp_path).success_rate.during is None


@pytest.mark.parametrize("fails", [False, True])
def test_requests_of_who_has_no_part_tell_nothing_of_users(tmp_path, fails):
    """A service writes each request among other lines; while another one fails its answers are as ever, or not."""
    with (tmp_path / "stock.log").open("w") as file:
        for second in range(BEGIN, BEGIN + LENGTH_S):
            stamp = np.datetime64(second, "s")
            status = 500 if fails and second >= BEGIN + 600 and second % 2 else 200
            file.write(f"{stamp}.100Z INFO GET /shelf/{second} {status} 8ms\n{stamp}.200Z INFO counted {second}\n")
    with (tmp_path / "arena.log").open("w") as file:
        for second in range(BEGIN, BEGIN + LENGTH_S):
            said = "ERROR no game" if second >= BEGIN + 600 else "INFO game begun"
            file.write(f"{np.datetime64(second, 's')}.300Z {said}\n")
    assert (incident(tmp_path).success_rate.during is not None) is fails
