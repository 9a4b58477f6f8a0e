"""Who follows whom by time alone, and what was altered of a node: evidence where no line names anybody."""

from dataclasses import replace
from unittest.mock import ANY

import pytest

from logscope.analysis.causes.blame import Edge, find_edges
from logscope.analysis.causes.following import find_behind, find_followed
from logscope.analysis.causes.ranking import rank
from logscope.analysis.kinds.meaning import Meaning
from logscope.analysis.kinds.naming import build_names
from logscope.analysis.onset.anomalies import Anomaly, main_onsets
from logscope.analysis.onset.gate import find_without_baseline
from logscope.analysis.onset.novelties import Novelty
from logscope.knowledge.rule import RuleClass
from logscope.model.severity import Severity
from logscope.model.times import US
from tests.analysis.series import START, make_kind


def failing(node, second, count=200, words="it failed", cls=None, severity=Severity.ERROR):
    """A node that fails from a second on, a record a second."""
    kind = make_kind([START + second + step for step in range(count)], node, words, severity)
    if cls is not None:
        kind.meaning = Meaning(cls.kind, cls, words, "", None)
    begin = round((START + second) * US)
    return Anomaly(kind, begin, 1000, 50.0, True, 0.0, float(count), begin + count * US, True)


def judge(*anomalies, edges=(), novelties=()):
    onsets = {one.node: one for one in anomalies}
    nodes = frozenset(onsets)
    return rank(anomalies, onsets, edges, nodes, has_times=True, novelties=novelties)


def test_who_names_nobody_follows_who_failed_moments_before():
    """Two nodes fail; one is named by a third, but the other failed five seconds before it and nobody names it."""
    store, shop, gate = failing("store", 0), failing("shop", 5), failing("gate", 9)
    edges = [Edge("gate", "shop", 0.8, gate)]
    top = judge(store, shop, gate, edges=edges).suspects[0]
    assert top.node == "store"
    assert any(one.kind == "following" and one.points > 0.5 for one in top.evidence)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(failing("store", 0), failing("shop", 90), id="minutes later"),
        pytest.param(failing("store", 0), failing("shop", 0.2), id="within the clocks"),
        pytest.param(failing("store", 0), failing("shop", 5, cls=RuleClass.STORAGE), id="it says why itself"),
    ],
)
def test_nobody_follows(first, second):
    """No edge by time where the step is too long, too short to order, or the later one gives its own reason."""
    anomalies = [first, second]
    assert find_followed(anomalies, (), {one.node: one for one in anomalies}, ()) == []


def test_who_points_at_somebody_follows_nobody_else():
    """A node whose lines name another one is explained by it."""
    store, shop = failing("store", 0), failing("shop", 5)
    edges = [Edge("shop", "payments", 1.0, shop)]
    assert find_followed([store, shop], (), {"store": store, "shop": shop}, edges) == []


def test_a_new_line_of_another_log_explains_who_is_named_but_silent():
    """Callers name a node that shows nothing; moments before, a switch said what it never said: that comes first."""
    shop = failing("shop", 0)
    edges = [Edge("shop", "10.2.0.100", 0.8, shop)]
    news = Novelty(replace(failing("switch", -4, count=1, words="port 14 lost"), surprise=3.0), 0.99)
    ranking = judge(shop, edges=edges, novelties=[news])
    assert [one.node for one in ranking.suspects[:2]] == ["switch", "10.2.0.100"]
    (edge,) = find_behind([shop], [news], {"shop": shop}, edges)
    assert (edge.caller, edge.callee, edge.is_by_time) == ("10.2.0.100", "switch", True)


def test_an_ordered_stop_is_no_reason():
    """A node that is named says only that it shuts down; moments before, its host said why: that explains it."""
    shop = failing("shop", 0)
    stop = failing("ledger", -1, count=1, words="shutting down", cls=RuleClass.STATE, severity=Severity.INFO)
    reclaim = failing("kubelet", -4, count=1, words="disk is full", cls=RuleClass.EXHAUSTION)
    edges = [Edge("shop", "ledger", 1.0, shop)]
    (edge,) = find_behind([reclaim, stop, shop], [], {"shop": shop}, edges)
    assert (edge.caller, edge.callee) == ("ledger", "kubelet")


def test_what_was_told_later_is_no_reason():
    """Of two logs that tell something new before it, the one that did so first is the reason."""
    shop = failing("shop", 0)
    edges = [Edge("shop", "10.2.0.100", 0.8, shop)]
    news = [Novelty(failing(name, at, count=1), 0.99) for name, at in (("switch", -9), ("balancer", -2))]
    assert [one.callee for one in find_behind([shop], news, {"shop": shop}, edges)] == ["switch"]


def test_what_another_log_tells_anew_of_a_node_speaks_for_that_node():
    """A log of releases says in unknown words something of the node that fails: no suspect itself, but evidence."""
    shop, gate = failing("shop", 0), failing("gate", 6)
    news = Novelty(failing("pipeline", -5, count=1, words="wave 3 reached shop"), 0.99, about="shop")
    top = judge(shop, gate, novelties=[news]).suspects[0]
    assert top.node == "shop"
    (changed,) = [one for one in top.evidence if one.kind == "change"]
    assert changed.text == "is named in a line of a new kind 5.0 s before: wave 3 reached shop"


def test_a_line_that_came_after_the_blame_is_not_what_was_blamed():
    """Callers name a node for a minute before it says that it stops: what broke is what they said of it."""
    shop = failing("shop", 0)
    store = failing("store", 60, count=3, words="shutdown requested")
    edges = [Edge("shop", "store", 1.0, shop)]
    top = judge(shop, store, edges=edges).suspects[0]
    assert (top.node, top.anomaly) == ("store", None)


def test_who_names_nobody_follows_an_ordinary_line_that_was_never_said_before():
    """Nobody failed before the shop, but another log told something new: that is what it follows."""
    shop = failing("shop", 0)
    news = Novelty(failing("store", -6, count=1, words="merging segments"), 0.95)
    (edge,) = find_followed([shop], [news], {"shop": shop}, ())
    assert (edge.caller, edge.callee) == ("shop", "store")


def test_a_node_that_fails_behind_the_blame_is_not_said_to_show_nothing():
    """Callers name a store whose own errors begin half a minute later: it is named, and that is all."""
    shop, store = failing("shop", 0), failing("store", 30)
    edges = [Edge("shop", "store", 0.4, shop)]
    (suspect,) = [one for one in judge(shop, store, edges=edges).suspects if one.node == "store"]
    assert not any(one.kind == "phantom" for one in suspect.evidence)


def test_who_broke_of_itself_before_is_not_pulled_down_by_whom_it_names():
    """A gateway dies; two minutes later all its clients come back at once and overload the sessions: it died first."""
    died = failing("gateway", 0, count=1, words="main process exited", cls=RuleClass.CRASH)
    back = failing("gateway", 120, words="sessions refuse", cls=RuleClass.REFUSED)
    back.kind.mentions = {"sessions": 1.0}
    full = failing("sessions", 119.9, words="too many handshakes", cls=RuleClass.EXHAUSTION)
    anomalies = [died, full, back]
    onsets = {"gateway": back, "sessions": full}
    (edge,) = find_edges(anomalies, onsets)
    assert edge.weight < 0.5
    ranking = rank(anomalies, onsets, [edge], frozenset(onsets), has_times=True)
    assert ranking.suspects[0].anomaly is died


def test_who_names_a_server_of_several_hosts_means_the_one_that_fails():
    """Two hosts run the database; a client that names none of them blames the one whose log fails."""
    shop, first = failing("shop", 1), failing("db-1/postgresql", 0)
    shop.kind.mentions = {"postgres": 1.0}
    names = build_names({"shop": None, "db-1/postgresql": "postgres", "db-2/postgresql": "postgres"})
    onsets = {one.node: one for one in (shop, first)}
    (edge,) = find_edges([first, shop], onsets, members_of=names.members_of)
    assert edge.callee == "db-1/postgresql"


def test_who_refuses_a_certificate_is_not_blamed_for_it():
    """`remote error: tls: bad certificate` from payments says that the shop's own certificate was refused."""
    shop = failing("shop", 0, words="POST https://payments:8443: remote error: tls: bad certificate")
    shop.kind.mentions = {"payments": 1.0}
    assert find_edges([shop], {"shop": shop}) == ()


def test_a_warning_of_old_ways_pulls_nobody_down():
    """A release says at once that an option is deprecated; who fails a quarter of a minute later does not follow it."""
    search, quotes, cart = (
        failing("search", 0, words="analyzer 'x' is deprecated"),
        failing("quotes", 15),
        failing("cart", 17),
    )
    ranking = judge(search, quotes, cart, edges=[Edge("cart", "quotes", 0.8, cart)])
    assert ranking.suspects[0].node == "quotes"


def test_where_the_logs_begin_inside_it_hundreds_of_records_are_a_failure():
    """A sealed store's 300 warnings count as much as its callers' 1,500 errors, where nothing is known of before."""
    kinds = [
        make_kind([START + n * 900 / count for n in range(count)], node)
        for node, count in (("store", 300), ("bills", 1500), ("portal", 1400))
    ]
    assert set(main_onsets(find_without_baseline(kinds))) == {"store", "bills", "portal"}


@pytest.mark.parametrize(("behind", "has_part"), [(150, False), (40, True)])
def test_who_is_named_long_before_others_fall_does_not_explain_them(behind, has_part):
    """A collector that nobody has a log of is named; minutes later others fail: no cascade takes that long a step."""
    exporter, gate = failing("exporter", 0), failing("gate", behind + 3)
    shop = failing("shop", behind, cls=RuleClass.EXHAUSTION)
    ranking = judge(exporter, shop, gate, edges=[Edge("exporter", "collector", 1.0, exporter)])
    (collector,) = [one for one in ranking.suspects if one.node == "collector"]
    apart = [one for one in collector.evidence if one.kind == "apart"]
    assert [one.points < -0.5 for one in apart] == ([] if has_part else [True])
    assert has_part or ranking.suspects[0].node == "shop"


def test_who_fails_in_very_many_ways_fails_too():
    """Of sixty kinds of one service, as many records each, none holds a fair share: it began with the first of them."""
    ways = [failing("shop", second, count=30, words=f"reason {second}") for second in range(60)]
    assert main_onsets([failing("store", 20), *ways]) == {"store": ANY, "shop": ways[0]}
