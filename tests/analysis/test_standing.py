"""Users are served by what is left, while somebody who watches has the last word that a server is down."""

import pytest

from logscope.model.recovery import Verdict
from logscope.report.markdown import render_markdown
from tests.analysis.small_incidents import Writer, at, iso
from tests.judged import judge

BACKEND = "Layer4 timeout, check duration: 2001ms"


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """The answer, by whether both replicas are back at the end."""
    return {is_back: balanced(tmp_path_factory.mktemp("balanced"), is_back=is_back) for is_back in (False, True)}


def balanced(folder, *, is_back):
    """Two of three replicas hang; one works again after a minute, the other one only where it `is_back`."""
    w = Writer(folder, 5)
    hung = {"map-2": (1200, 1262), "map-3": (1200, 1262 if is_back else 9999)}
    for name in ("map-1", "map-2", "map-3"):
        for s in w.often(0, 1500, 3):
            begin, end = hung.get(name, (9999, 9999))
            if not begin < s < end:
                w.add(f"{name}.log", s, f"{iso(s)} INFO tile {w.id(24)} drawn")
    for s in w.often(0, 1500, 9):
        bad = 1202 < s < 1262 and w.chance.random() < 0.3
        told = "ERROR map request failed: deadline of 2 s exceeded" if bad else "INFO page sent"
        w.add("portal.log", s, f"{iso(s)} {told}")
    said = [(1207, f"map3 is DOWN, reason: {BACKEND}"), (1209, f"map2 is DOWN, reason: {BACKEND}")]
    said += [(1264, "map2 is UP, reason: Layer4 check passed, check duration: 1ms")]
    said += [(1266, "map3 is UP, reason: Layer4 check passed, check duration: 1ms")] * is_back
    for s in w.often(0, 1500, 5):
        stamp = f"{at(s):%b %d %H:%M:%S}"
        w.add("lb.log", s, f'{stamp} lb9 haproxy[70]: 10.1.1.4:4411 be_maps/map1 0/0/1/9/10 200 217 "GET /t HTTP/1.1"')
    for s, text in said:
        w.add("lb.log", s, f"{at(s):%b %d %H:%M:%S} lb9 haproxy[70]: Server be_maps/{text}. 1 active servers left.")
    w.write()
    return judge(folder)


def test_a_server_that_is_down_by_the_last_word_of_its_balancer_leaves_it_partly_over(answers):
    """Nothing fails any more, and one of the two is still away: which one is said."""
    recovery = answers[False].recovery
    assert recovery.verdict is Verdict.PARTIAL
    assert recovery.standing == "lb has not taken back: Server be_maps/map3 is DOWN, reason: Layer4 timeout"
    assert recovery.standing in recovery.explanation


def test_what_was_taken_back_is_over(answers):
    """Both are told to be up again."""
    recovery = answers[True].recovery
    assert (recovery.verdict, recovery.standing) == (Verdict.RECOVERED, "")


@pytest.mark.parametrize("is_back", [False, True])
def test_which_of_several_broke_is_told_by_who_watches_them(answers, is_back):
    """`map` failed for its caller; the balancer says which one is down, and its log stopped: that line is shown."""
    snapshot = answers[is_back]
    top = snapshot.candidates[0]
    assert top.service in ("map-2", "map-3")
    assert "is DOWN, reason" in top.sample
    assert top.service not in {one.service for one in snapshot.ruled_out}
    # It began when the log stopped, not some checks later when that was told.
    assert snapshot.incident.start < at(1207).timestamp() * 1_000_000
    told = next(row for row in render_markdown(snapshot).splitlines() if row.startswith("| the cause's first line"))
    assert f"{at(1207):%H:%M:%S}" in told or f"{at(1209):%H:%M:%S}" in told
