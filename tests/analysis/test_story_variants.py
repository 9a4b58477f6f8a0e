"""The story told otherwise: its cause silent, not given, without a name, by a wrong clock, beside a red herring."""

import json
import re
from pathlib import Path

import pytest

from tests.judged import judge as judge_logs

LOGS = Path(__file__).parents[2] / "sample_incidents" / "checkout-redis-oom" / "logs"
REDIS = "redis-server.log"
FROM, UNTIL = "13:40:00", "14:12:00"
_TIME = re.compile(r"(?<!\d)(\d\d:\d\d:\d\d)(?!\d)")


def read_records(path):
    """The records between two times of day, with their continuations, oldest first."""
    records = []
    for line in path.read_text().splitlines():
        found = _TIME.search(line[:60])
        if found:
            records.append((found[1], [line]))
        elif records:
            records[-1][1].append(line)
    return ["\n".join(lines) for time, lines in records if FROM <= time < UNTIL]


@pytest.fixture(scope="module")
def story():
    """Records of each log, half an hour of them, without the pager's.

    Of the two services that log each request's course every sixth record that tells of nothing wrong.
    """
    logs = {path.name: read_records(path) for path in LOGS.iterdir() if not path.name.startswith("pagerduty")}
    for name in ("checkout-service.log", "cart-service.log"):
        logs[name] = [text for n, text in enumerate(logs[name]) if n % 6 == 0 or " INFO " not in text]
    return logs


def without_redis(logs):
    return {name: records for name, records in logs.items() if name != REDIS}


def with_silent_redis(logs):
    return logs | {REDIS: [line for line in logs[REDIS] if not line.startswith("14:01:58")]}


def with_redis_ahead(logs):
    """Its clock is a minute fast."""
    moved = [f"14:02:{line[6:]}" if line.startswith("14:01:58") else line for line in logs[REDIS]]
    return logs | {REDIS: moved}


def payment_line(second, message):
    time = f"2026-03-02T{13 + second // 3600:02}:{second % 3600 // 60:02}:{second % 60:02}.100Z"
    return json.dumps({"level": "error", "time": time, "msg": message, "order": f"o{second}", "reqId": "5a0de1b2c3d4"})


def with_lines(logs, lines):
    records = sorted([*logs["payment-gateway.log"], *lines], key=lambda text: json.loads(text)["time"])
    return logs | {"payment-gateway.log": records}


def with_herring(logs):
    """Something else failed eight minutes before, for half a minute."""
    return with_lines(logs, [payment_line(54 * 60 + 4 * n, "exchange rates are an hour old") for n in range(8)])


def with_loud_herring(logs):
    """Something else fails since a minute before, and its words are those of a cause."""
    return with_lines(
        logs, [payment_line(61 * 60 + 8 * n, "audit file not written: disk quota exceeded") for n in range(75)]
    )


def with_loud_herring_after_little(logs):
    """The same, and the logs begin but twelve minutes before: one of the routes failed once by itself in between."""
    return {name: [text for text in records if _TIME.search(text)[1] >= "13:50:00"]
            for name, records in with_loud_herring(logs).items()}  # fmt: skip


def with_all_names(logs):
    """Each names the one behind it."""
    carts = [
        text.replace("cart view failed", "cart view failed, no answer from checkout-service,")
        for text in logs["cart-service.log"]
    ]
    payments = [
        text.replace("order rejected, cart is empty", "order rejected, cart-service sent an empty cart")
        for text in logs["payment-gateway.log"]
    ]
    return logs | {"cart-service.log": carts, "payment-gateway.log": payments}


def without_names(logs):
    """Nobody says redis, and no class or address is called so."""
    bare = [re.sub(r"(?i)redis(:6379)?", "store", text) for text in logs["checkout-service.log"]]
    return logs | {"checkout-service.log": [text.replace("no answer from store", "no answer") for text in bare]}


def judge(logs, folder):
    for name, records in logs.items():
        (folder / name).write_text("\n".join(records) + "\n")
    return judge_logs(folder)


@pytest.mark.parametrize(
    ("change", "in_logs", "likely"),
    [
        pytest.param(lambda logs: logs, True, 0.9, id="A as told"),
        pytest.param(without_redis, False, 0.75, id="B its file not given"),
        pytest.param(with_silent_redis, False, 0.75, id="C its log silent"),
        pytest.param(with_redis_ahead, True, 0.8, id="D its clock ahead"),
        pytest.param(with_herring, True, 0.9, id="F something else before"),
        pytest.param(with_loud_herring, True, 0.5, id="G something else, still going on"),
        pytest.param(with_loud_herring_after_little, True, 0.5, id="G after a short normal time"),
        pytest.param(with_all_names, True, 0.9, id="H all names"),
        pytest.param(without_names, True, 0.8, id="I no names"),
    ],
)
def test_redis_is_named_however_it_is_told(story, tmp_path, change, in_logs, likely):
    """Candidate 1 is redis, in its own log where that shows it, and likely."""
    top = judge(change(story), tmp_path).candidates[0]
    assert (top.service, top.in_logs) == ("redis", in_logs)
    assert top.probability >= likely


def test_nothing_is_clear_without_names_and_file(story, tmp_path):
    """J: nobody is named and redis' file is missing: three guesses, one of them that it is outside these logs."""
    snapshot = judge(without_redis(without_names(story)), tmp_path)
    top = snapshot.candidates[0]
    assert top.confidence.value == "low"
    assert "outside these logs" in [one.service for one in snapshot.candidates[:3]]
    broke = next(one for one in snapshot.sentences if one.label == "BROKE")
    assert broke.text.startswith("no clear cause")
