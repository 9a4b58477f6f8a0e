"""What a log calls its service, whatever the log is called: others name it so."""

import json

import pytest

from tests.judged import judge


def stamp(second):
    return f"2026-05-04T09:{second // 60:02}:{second % 60:02}.000Z"


def as_object(second, level, service, text):
    return json.dumps({"time": stamp(second), "level": level, "service": service, "msg": text})


def as_text(second, level, service, text):
    return f"{stamp(second)} {level} [{service}] {text}"


def write(folder, form, *, own="nest-svc"):
    """Two logs that are called after machines: one of a disk that runs full, one of who asks."""
    nest, gate = [], []
    for s in range(0, 900, 3):
        bad = 600 <= s < 800
        nest.append(form(s, *(("ERROR", own, "could not write: no space left") if bad else ("INFO", own, "written"))))
        asked = ("ERROR", "gate-api", "call to nest-svc failed: 500") if bad else ("INFO", "gate-api", "asked")
        gate.append(form(s + 1, *asked))
    (folder / "node1.log").write_text("\n".join(nest) + "\n")
    (folder / "node2.log").write_text("\n".join(gate) + "\n")
    return folder


@pytest.mark.parametrize("form", [as_object, as_text])
def test_who_is_called_as_a_log_calls_itself_is_that_log(tmp_path, form):
    """`call to nest-svc failed` is about the log of nest-svc, though that is called node1."""
    candidates = judge(write(tmp_path, form)).candidates
    assert [one.service for one in candidates] == ["node1", "node2"]
    assert any(one.text.startswith("named by node2") for one in candidates[0].evidence)


def test_who_is_called_otherwise_is_somebody_else(tmp_path):
    """A log that calls itself by another name is not meant."""
    candidates = judge(write(tmp_path, as_object, own="roost-svc")).candidates
    assert "nest-svc" in {one.service for one in candidates}
