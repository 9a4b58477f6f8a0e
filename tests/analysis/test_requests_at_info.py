"""Requests that a server failed are failures, whatever level the lines have that tell of them."""

import json

import pytest

from logscope.runner import batch
from tests.analysis.small_incidents import Writer, iso
from tests.judged import judge

FORMS = {
    "json": lambda s, status: json.dumps(
        {"ts": iso(s), "level": "info", "msg": "request done", "method": "GET", "path": "/seats", "status": status}
    ),
    "pairs": lambda s, status: (
        f'ts={iso(s)} level=info msg="request done" method=GET path=/seats status={status} took_ms=7'
    ),
    "text": lambda s, status: f"{iso(s)} INFO GET /seats {status} 7ms",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("most", [batch.EXAMINE_ALL, 0], ids=["looked at whole", "by failures"])
def test_failed_requests_at_the_level_of_information_are_an_incident(tmp_path, monkeypatch, form, most):
    """A third of them is answered 503 from second 500 on; no line is a warning or worse."""
    monkeypatch.setattr(batch, "EXAMINE_ALL", most)
    w = Writer(tmp_path, 3)
    for n, s in enumerate(w.often(0, 700, 4)):
        w.add("desk.log", s, FORMS[form](s, 503 if s > 500 and n % 3 == 0 else 200))
    w.write()
    snapshot = judge(tmp_path)
    assert snapshot.incident is not None
    assert snapshot.recovery.over is False
    assert snapshot.candidates[0].headline.endswith("GET /seats 503")
    assert sum(one.errors for one in snapshot.files) == next(g.count for g in snapshot.groups if "503" in g.template)
