"""`--baseline`: what is usual comes from another log where this one begins inside the incident."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from logscope.cli.main import main

YESTERDAY = datetime(2026, 5, 3, 9, tzinfo=UTC)
TODAY = YESTERDAY + timedelta(days=1)


def write(path, day, parts, seed):
    """Lines of one service: (level and message, records a minute, first second, last second)."""
    chance = random.Random(seed)
    lines = []
    for text, per_minute, low, high in parts:
        second = low
        while (second := second + chance.expovariate(per_minute / 60)) < high:
            stamp = (day + timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
            lines.append((second, f"{stamp} {text.format(n=chance.randint(1, 9000))}"))
    path.write_text("\n".join(line for _, line in sorted(lines)) + "\n")


SERVED = ("INFO  [shop.orders] order {n} stored", 60, 0, 1800)
SLOW = ("WARN  [shop.orders] slow lookup of {n} took 900 ms", 6, 0, 1800)
BROKEN = ("ERROR [shop.orders] could not store order {n}", 60, 1, 600)
USUAL = ("ERROR [shop.orders] could not store order {n}", 2, 0, 1800)


@pytest.fixture
def logs(tmp_path):
    """Yesterday's log and one of today that begins inside the incident and ends at 5 failures a minute."""
    (tmp_path / "yesterday").mkdir()
    (tmp_path / "today").mkdir()
    write(tmp_path / "yesterday" / "orders.log", YESTERDAY, [SERVED, SLOW, USUAL], 1)
    rest = ("ERROR [shop.orders] could not store order {n}", 5, 600, 1800)
    write(tmp_path / "today" / "orders.log", TODAY, [SERVED, SLOW, BROKEN, rest], 2)
    return tmp_path


def analyze(capsys, *arguments):
    assert main(["analyze", "--json", *map(str, arguments)]) == 0
    return json.loads(capsys.readouterr().out)


def test_five_a_minute_are_partial_where_two_are_usual(logs, capsys):
    """The rate before the incident is yesterday's; everyday warnings are no part of it."""
    document = analyze(capsys, "--baseline", logs / "yesterday" / "orders.log", logs / "today")
    recovery = document["recovery"]
    assert (recovery["verdict"], recovery["confirmed"]) == ("partial", True)
    assert recovery["baseline_per_min"] == pytest.approx(2, abs=0.7)
    roles = {group["template"].split(" ")[0]: group["role"] for group in document["groups"]}
    assert roles["slow"] == "chronic"
    assert roles["could"] in ("cause", "symptom")


def test_without_it_nothing_is_known_of_normal_times(logs, capsys):
    """The same log alone has no baseline."""
    assert analyze(capsys, logs / "today")["recovery"]["baseline_per_min"] is None


def test_the_other_log_is_never_told(logs, capsys):
    """Files, counts and times are those of today's log alone."""
    document = analyze(capsys, "--baseline", logs / "yesterday" / "orders.log", logs / "today")
    alone = analyze(capsys, logs / "today")
    assert document["files"] == alone["files"]
    assert {g["id"]: g["count"] for g in document["groups"]} == {g["id"]: g["count"] for g in alone["groups"]}


def test_a_baseline_that_is_missing_is_told(logs, capsys):
    """One line on stderr; the logs themselves are judged as ever."""
    assert main(["analyze", "--baseline", str(logs / "none.log"), str(logs / "today")]) == 0
    assert "none.log" in capsys.readouterr().err
