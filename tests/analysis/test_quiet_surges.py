"""Ordinary work that comes many times as often right before others fail, and what is new in short logs."""

import json

from logscope.model.causes import Link
from tests.analysis.small_incidents import Writer, at, iso
from tests.judged import judge


def write_overrun(folder, *, surge):
    """Boards are drawn, one export a quarter of a minute; from second 600 on, one each second, and boards time out."""
    w = Writer(folder, 11)
    for s in w.often(0, 900, 4):
        fails = s > 606
        said = "ERROR no worker free, board not drawn" if fails else "INFO board drawn"
        w.add("edge.log", s, f"{iso(s)} {said}")
    for s in range(3, 900, 15):
        row = {"ts": iso(s), "level": "info", "msg": "export begins", "tenant": ("elm", "fir", "oak")[s % 3]}
        w.add("boards.log", s, json.dumps(row))
    for s in w.often(600, 900, 1 if surge else 1 / 15):
        w.add("boards.log", s, json.dumps({"ts": iso(s), "level": "info", "msg": "export begins", "tenant": "yew"}))
    for s in w.often(0, 900, 3):
        w.add("boards.log", s, json.dumps({"ts": iso(s), "level": "info", "msg": "card moved", "tenant": "elm"}))
    w.write()
    return judge(folder)


def test_who_asks_for_many_times_as_much_is_told(tmp_path):
    """No word of it is bad and its kind is old: it comes so often that nobody else is served, and one tenant asks."""
    candidates = write_overrun(tmp_path, surge=True).candidates
    told = [one.text for c in candidates if c.service == "boards" for one in c.evidence if one.kind == "novel"]
    assert len(told) == 1
    assert "times as often as before; tenant=yew" in told[0]


def test_what_comes_more_often_sets_off_where_it_rises(tmp_path):
    """An oven is lit now and then; it is lit ten times as often, and half a minute later it breaks."""
    w = Writer(tmp_path, 9)
    for s in [*range(5, 600, 30), *w.often(570, 640, 1)]:
        w.add("oven.log", s, f"{iso(s)} INFO flame {w.number(1, 99)} is lit")
    for s in w.often(0, 900, 2):
        w.add("oven.log", s, f"{iso(s)} {'ERROR gas line is full' if s > 600 else 'INFO bread baked'}")
        w.add("shop.log", s + 0.1, f"{iso(s + 0.1)} {'ERROR oven refused: no bread' if s > 603 else 'INFO bread sold'}")
    w.write()
    trigger = judge(tmp_path).candidates[0].trigger
    assert trigger is not None
    assert "times as often as before" in trigger.text
    assert 20 <= trigger.lag_us / 1e6 <= 40


def test_as_much_work_as_before_is_no_surge(tmp_path):
    """Twice as many exports may be a busy minute."""
    candidates = write_overrun(tmp_path, surge=False).candidates
    assert "boards" not in {c.service for c in candidates}


def test_a_short_log_shows_what_is_new_too(tmp_path):
    """A minute and a quarter is in view before: a series is retired, and who did not hear of it refuses at INFO."""
    w = Writer(tmp_path, 3)
    for s in w.often(0, 170, 8):
        refused = 78 < s < 150
        w.add("seats.log", s, f"{iso(s)} INFO {'ticket of an unknown series, not let in' if refused else 'let in'}")
        status = 401 if refused else 200
        w.add(
            "door.log",
            s + 0.01,
            f'10.0.0.9 - - [04/May/2026:09:{int(s) // 60:02}:{int(s) % 60:02} +0000] "GET /seat HTTP/1.1" {status} 2',
        )
    for s in w.often(0, 170, 2):
        w.add("issuer.log", s, f"{iso(s)} INFO ticket issued")
    w.add("issuer.log", 77, f"{iso(77)} INFO series B is in use, series A is retired")
    w.write()
    top = judge(tmp_path).candidates[0]
    assert top.headline.startswith(("ticket of an unknown series", "series B is in use"))


def test_a_flag_at_the_begin_of_the_logs_is_told_before_a_warning_that_says_nothing(tmp_path):
    """The logs begin three seconds before it: nobody knows what is normal, but a flag was set and then users waited."""
    w = Writer(tmp_path, 5)
    for s in w.often(0, 120, 5):
        w.add(
            "menu.log", s, json.dumps({"ts": iso(s), "level": "info", "msg": "menu shown", "queries": 1 + 30 * (s > 3)})
        )
    for s in w.often(0.3, 120, 0.3):
        w.add("menu.log", s, json.dumps({"ts": iso(s), "level": "warn", "msg": "dish has no picture"}))
    flag = {"ts": iso(3), "level": "info", "msg": "flag changed", "flag": "neighbours", "value": True}
    w.add("menu.log", 3, json.dumps(flag))
    for s in w.often(0, 120, 6):
        status = 504 if s > 8 else 200
        clock = f"04/May/2026:09:{int(s) // 60:02}:{int(s) % 60:02}"
        w.add("door.log", s, f'10.0.0.9 - - [{clock} +0000] "GET /menu HTTP/1.1" {status} 2')
    w.write()
    top = judge(tmp_path).candidates[0]
    assert (top.service, top.headline) == ("menu", "flag changed: flag=neighbours, value=true")


def test_a_value_that_every_refusal_tells_ties_what_was_altered(tmp_path):
    """The issuer says that series B7-x is in use, and from then on each refusal names that series."""
    w = Writer(tmp_path, 3)
    for s in w.often(0, 400, 8):
        refused = 302 < s < 390
        said = f"ticket {w.number(100, 999)} of series b7-x not known here, not let in" if refused else "let in"
        w.add("seats.log", s, f"{iso(s)} INFO {said}")
        status = 401 if refused else 200
        clock = f"04/May/2026:09:{int(s) // 60:02}:{int(s) % 60:02}"
        w.add("door.log", s + 0.01, f'10.0.0.9 - - [{clock} +0000] "GET /seat HTTP/1.1" {status} 2')
    for s in w.often(0, 400, 2):
        w.add("issuer.log", s, f"{iso(s)} INFO ticket issued")
    w.add("issuer.log", 301, f"{iso(301)} INFO series b7-x is in use")
    w.write()
    top = judge(tmp_path).candidates[0]
    assert top.service == "seats"
    assert top.trigger is not None
    assert (top.trigger.service, top.trigger.link) == ("issuer", Link.NAMED)


def test_lines_of_one_second_stand_in_the_order_of_their_log(tmp_path):
    """A rollout that starts and ends in one second: it is told as it is written, though the start is what counts."""
    w = Writer(tmp_path, 3)
    for s in w.often(0, 400, 6):
        w.add("books.log", s, f"{iso(s)} {'ERROR entry of 7 has no amount' if s > 303 else 'INFO entry booked'}")
    w.add("crane.log", 20, f"{at(20):%Y-%m-%dT%H:%M:%SZ} INFO rollout of docs done, revision=41")
    for k, said in enumerate(("rollout of tills started, image=tills:3.0", "rollout of tills done, revision=92")):
        w.add("crane.log", 300 + k / 9, f"{at(300):%Y-%m-%dT%H:%M:%SZ} INFO {said}")
    w.write()
    told = [one.event for one in judge(tmp_path).timeline if "tills" in one.event]
    assert [("started" in one, "done" in one) for one in told] == [(True, False), (False, True)]
