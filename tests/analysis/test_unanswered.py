"""Requests that fail in a line of their own, without the status of an answer, are requests that users lost."""

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, iso


def judge(folder):
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


def write(folder, *, answers=False):
    w = Writer(folder, 9)
    for s in w.often(0, 900, 6):
        route = f"GET /fares/{w.number(1, 400)}"
        if 500 < s < 640:
            w.add("desk.log", s, f"{iso(s)} error: [web] {route} failed after 3000ms: connect ETIMEDOUT 10.1.1.7:9000")
            if answers:
                w.add("desk.log", s, f"{iso(s)} error: [web] {route} 500 3001ms")
        else:
            w.add("desk.log", s, f"{iso(s)} info: [web] {route} 200 {w.number(4, 30)}ms")
            w.add("fares.log", s, f"{iso(s)} INFO fares sent")
    w.write()


def test_they_are_counted_where_nothing_else_tells_of_them(tmp_path):
    """Answers are `GET /fares/7 200 9ms`, failures `GET /fares/7 failed after 3000ms`: as many as before, all lost."""
    write(tmp_path)
    incident = judge(tmp_path).incident
    assert incident.success_rate.during < 0.02
    assert incident.volume.during > 0.8 * incident.volume.before
    assert "lost before this log" not in incident.success_note


def test_they_are_not_counted_twice(tmp_path):
    """Each failure is answered with a status as well: the answers are the requests."""
    write(tmp_path, answers=True)
    incident = judge(tmp_path).incident
    assert incident.success_rate.during < 0.02
    assert incident.volume.during < 1.2 * incident.volume.before


def test_the_routes_that_fail_are_named(tmp_path):
    """The story says which route fails, as it does of answers."""
    write(tmp_path)
    impacts = [entry.impact for entry in judge(tmp_path).timeline]
    assert any("GET /fares/" in impact and "fail" in impact for impact in impacts)


def test_failures_that_fill_the_gap_are_requests_of_which_nobody_knows_the_route(tmp_path):
    """`tile lookup: i/o timeout` in the place of every third answer: a third is lost, and not nothing."""
    w = Writer(tmp_path, 9)
    for s in w.often(0, 900, 6):
        bad = 500 < s < 840 and w.number(1, 3) == 1
        said = "error desk tile lookup: i/o timeout" if bad else f"info desk GET /fares/{w.number(1, 400)} 200"
        w.add("desk.log", s, f"{iso(s)} {said}")
    w.write()
    incident = judge(tmp_path).incident
    assert 0.6 < incident.success_rate.during < 0.75
    assert incident.volume.during > 0.9 * incident.volume.before
