"""What takes no notice of an incident is no part of it: neither its story nor its verdict."""

import numpy as np
import pytest

from logscope.analysis.causes.blame import Edge
from logscope.analysis.causes.roles import find_unmoved
from logscope.analysis.onset.anomalies import Anomaly
from logscope.model.times import US
from tests.analysis.series import START, make_kind
from tests.second_by_second import Playback

BEGIN = 1_772_460_000
FIRST, FIRST_END = BEGIN + 500, BEGIN + 640


def failing(node, begin, end, every=2.0):
    """A node that fails at a pace between two seconds."""
    kind = make_kind(np.arange(START + begin, START + end, every).tolist(), node)
    times = round((START + begin) * US), round((START + end) * US)
    return Anomaly(kind, times[0], 1000, 50.0, True, 0.0, 200.0, times[1], True)


SHOP = failing("shop", 0, 600)


@pytest.mark.parametrize(
    ("other", "is_unmoved"),
    [
        pytest.param(failing("printer", -300, 900), True, id="goes on at its pace"),
        pytest.param(failing("printer", -300, -5), True, id="stopped as it began"),
        pytest.param(failing("printer", -50, 600, 0.1), True, id="a storm of less than a minute before"),
        pytest.param(failing("printer", -50, 600, 0.5), False, id="not so loud and not so long before"),
        pytest.param(failing("printer", -30, 600), False, id="began with it"),
        pytest.param(failing("printer", -300, 20), False, id="went on for a while"),
    ],
)
def test_what_was_there_before_and_takes_no_notice_is_somebody_elses(other, is_unmoved):
    """It began minutes before, and stopped at the start or kept its pace."""
    found = find_unmoved([SHOP, other], {"shop"}, (), SHOP.time)
    assert found == (frozenset({other.kind.id}) if is_unmoved else frozenset())


def test_what_names_or_is_named_by_it_stays():
    """A store that failed minutes before is no stranger where the shop blames it."""
    store = failing("store", -300, 900)
    assert find_unmoved([SHOP, store], {"shop"}, [Edge("shop", "store", 1.0, SHOP)], SHOP.time) == frozenset()


def test_what_rose_with_it_stays():
    """Its pace trebles at the start: it took notice."""
    calm, loud = np.arange(START - 300, START, 4.0), np.arange(START, START + 600, 1.0)
    kind = make_kind([*calm.tolist(), *loud.tolist()], "printer")
    begin, end = round((START - 300) * US), round((START + 600) * US)
    assert find_unmoved(
        [SHOP, Anomaly(kind, begin, 1000, 50.0, True, 0.0, 600.0, end, True)], {"shop"}, (), SHOP.time
    ) == (frozenset())


def stamp(second):
    return f"{np.datetime64(int(second), 's')}Z"


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Two services fail together for two minutes and name nobody; a scale's sensor drifts since long and for ever."""
    folder = tmp_path_factory.mktemp("unmoved")
    chance = np.random.default_rng(3)
    logs = {"dock": [], "gate": [], "scale": []}
    for now in range(BEGIN, BEGIN + 900):
        is_broken, is_drifting = FIRST <= now < FIRST_END, now >= BEGIN + 250
        for name, words in (("dock", "slot not reserved"), ("gate", "truck turned away")):
            for _ in range(chance.poisson(1.5)):
                logs[name].append(f"{stamp(now + (name == 'gate'))} {f'ERROR {words}' if is_broken else 'INFO done'}")
        if chance.random() < 0.4:
            logs["scale"].append(f"{stamp(now)} {'ERROR sensor drifts' if is_drifting else 'INFO weighed'}")
    for name, lines in logs.items():
        (folder / f"{name}.log").write_text("\n".join(lines) + "\n")
    return Playback(folder).look(BEGIN + 890)


def test_those_who_fall_together_are_one_incident_and_come_first(judged):
    """One service alone that fails beside them, and is not over, does not take their place or part them."""
    assert judged.incident.services == ("dock", "gate")
    assert (judged.recovery.verdict.value, judged.recovery.over) == ("recovered", True)
