"""What is not found any more: a client's fault, until what was served on the same route is not served any more."""

import json

import pytest

from tests.analysis.small_incidents import at, comma, iso
from tests.judged import judge_small


def access(w, s, path, status):
    stamp = at(s).strftime("%d/%b/%Y:%H:%M:%S +0000")
    w.add("edge.log", s, f'10.1.1.{w.number(2, 9)} - - [{stamp}] "GET {path} HTTP/1.1" {status} 512 "-" "curl/8"')


def _route_lost(w):
    """A release serves half of a route's requests no more."""
    for s in w.often(0, 600, 6):
        access(w, s, "/tickets", 404 if s > 300 and w.chance.random() < 0.5 else 200)
        access(w, s, "/home", 200)
    w.add("release.log", 298, f"{iso(298)} INFO tickets 8.4.0 deployed")


def _scanner(w):
    """Somebody asks for what never was there, and for one page that is; users are served as before."""
    for s in w.often(0, 600, 6):
        access(w, s, "/tickets", 200)
    for s in w.often(300, 420, 6):
        access(w, s, w.chance.choice(["/wp-login.php", "/.env", "/tickets"]), 404)


def _own_error(w):
    """A service calls its 404 an error itself; no access log is given."""
    for s in w.often(0, 600, 6):
        row = {"time": iso(s), "level": "info", "msg": "shown", "method": "GET", "path": "/seat", "status": 200}
        if s > 300 and w.chance.random() < 0.5:
            row |= {"level": "error", "msg": "seat not on this copy", "status": 404}
        w.add("seats.log", s, json.dumps(row))
    w.add("copy.log", 299, f"{comma(299)} ERROR copy: stopped, duplicate row 4711")


def _workers_killed(w):
    """A kernel, whose lines have no level, ends the only two workers; who gives them work goes on."""
    for s in w.often(0, 600, 4):
        w.add("intake.log", s, f"{iso(s)} INFO letter taken")
        if s < 300:
            w.add("printer.log", s, f"{comma(s)} INFO letter {w.number(1, 999)} printed")
    for s, pid in ((300, 811), (302, 812)):
        said = f"Memory cgroup out of memory: Killed process {pid} (printer) total-vm:900000kB, anon-rss:800000kB"
        w.add("kern.log", s, f"{at(s):%b %e %H:%M:%S} node1 kernel: [{9000 + s}.000001] {said}")
        w.add("printer.log", s + 0.1, f"{comma(s + 0.1)} ERROR worker {pid} ended by signal 9")
    for s in w.often(303, 600, 0.1):
        w.add("printer.log", s, f"{comma(s)} INFO queue looked at")
    w.add("release.log", 270, f"{iso(270)} INFO letters 3.1.0 deployed")


@pytest.mark.parametrize("build", [_route_lost, _own_error])
def test_a_route_that_is_lost_is_an_incident(build):
    """Half of what was served is not found since."""
    told = judge_small(build)
    assert told.recovery.verdict.value == "ongoing"
    assert told.incident is not None
    assert 298 <= told.incident.start / 1e6 - at(0).timestamp() <= 303


def test_what_set_a_lost_route_off_is_told():
    """The release before it."""
    assert judge_small(_route_lost).candidates[0].service == "release"


def test_a_scanner_is_none():
    """As much is served as before, on the page that it found, too."""
    assert judge_small(_scanner).incident is None


def test_workers_that_are_killed_and_stay_away():
    """Few lines and no level: yet it broke by what the kernel says, and is not over while nothing is done."""
    told = judge_small(_workers_killed)
    top = told.candidates[0]
    assert (top.service, told.recovery.verdict.value) == ("printer", "ongoing")
    assert "out of memory" in top.headline
    assert any("may have set printer off" in one.text for one in told.candidates[1].counter_evidence)
    state = next(one for one in told.sentences if one.label == "ONGOING")
    assert "printer writes next to nothing any more, while others go on" in state.text
