"""Servers whose objects hold the reason below the fields' holder: it is told, and rules know it."""

import json

from tests.judged import judge


def test_a_full_disk_that_only_a_held_field_tells_is_the_cause(tmp_path):
    """The message says `WiredTiger error message`; what ends the server is its consequence."""
    rows = [("I", "COMMAND", "Slow query", {"durationMillis": 120 + s}, s) for s in range(0, 600, 4)]
    rows += [
        ("E", "STORAGE", "WiredTiger error message", {"error": 28, "message": "pwrite: No space left on device"}, 400)
    ]
    rows += [("F", "-", "Fatal assertion", {"msgid": 50853}, 402)]
    rows = [(s, level, part, said, attr) for level, part, said, attr, s in rows if s <= 402]
    (tmp_path / "mongod.log").write_text(
        "".join(
            json.dumps(
                {"t": {"$date": stamp(s)}, "s": level, "c": part, "id": 1, "ctx": "conn1", "msg": said, "attr": attr}
            )
            + "\n"
            for s, level, part, said, attr in sorted(rows, key=lambda one: one[0])
        )
    )
    served = [f"{stamp(s)} INFO eggs counted" for s in range(0, 404, 2)]
    failed = [
        f"{stamp(s)} ERROR MongoServerSelectionError: connect ECONNREFUSED 10.4.2.9:27017" for s in range(404, 600, 2)
    ]
    (tmp_path / "nest.log").write_text("\n".join(served + failed) + "\n")
    top = judge(tmp_path).candidates[0]
    assert top.service == "mongodb"
    assert "No space left on device" in top.headline


def stamp(second):
    return f"2026-05-04T10:{second // 60:02}:{second % 60:02}.000+00:00"
