"""Changes that stand in one line as a list of objects, each at its own time."""

import json

import pytest

from logscope.analysis.causes.listed import find_listed
from tests.analysis.small_incidents import Writer, iso
from tests.judged import judge

BREAKS, END = 600, 900


def test_each_object_of_a_list_is_a_change_of_its_own():
    """With its time, and with what stood there before where it says so."""
    line = json.dumps(
        [
            {"id": 1, "time": "2026-03-05T09:00:00.500Z", "service": "cart", "version": "2.1"},
            {"id": 2, "time": "2026-03-05T10:00:00+01:00", "settings": {"pool": {"size": {"old": 50, "new": 5}}}},
            {"id": 3, "time": "2026-03-05T09:20:00Z", "service": "cart", "note": "looked at"},
            {"id": 4, "service": "cart", "version": "2.2"},
        ]
    )
    first, second = find_listed(line.encode())
    assert (first.text, second.text) == ("service=cart, version=2.1", "size: 50 -> 5")
    assert first.time - second.time == 500_000
    assert json.loads(second.sample)["id"] == 2


@pytest.mark.parametrize(
    "record", [b'{"version": "2.1"}', b"[http-1] started version=2", b"[", b'[{"version": "2', b"[[{"]
)
def test_what_is_no_list_of_objects_lists_nothing(record):
    """An object, a thread in brackets, and what was cut."""
    assert not [*find_listed(record)]


def test_the_object_before_the_onset_set_it_off(tmp_path):
    """Three entries of one line: the one seconds before it begins, with the number that it brought."""
    w = Writer(tmp_path, 4)
    for s in w.often(0, END, 3):
        bad = s > BREAKS
        w.add("orders.log", s, f"{iso(s)} {'ERROR no session left' if bad else 'INFO order placed'} rid={w.id()}")
    w.write()
    entries = [
        {"time": iso(60), "service": "blog", "version": "1.4"},
        {"time": iso(BREAKS - 8), "service": "orders", "limits": {"sessions": {"old": 40, "new": 4}}},
        {"time": iso(BREAKS + 120), "service": "blog", "version": "1.5"},
    ]
    (tmp_path / "releases.json").write_text(json.dumps(entries) + "\n")
    top = judge(tmp_path).candidates[0]
    assert top.trigger is not None
    assert top.trigger.text.startswith("sessions: 40 -> 4, service=orders")
