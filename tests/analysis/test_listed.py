"""Changes that stand in one line as a list of objects, each at its own time."""

import json

from tests.analysis.small_incidents import Writer, iso
from tests.judged import judge

BREAKS, END = 600, 900


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
    assert json.loads(top.trigger.sample) == entries[1]
