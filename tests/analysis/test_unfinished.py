"""What an incident leaves behind is counted by what the ids normally do, in any words."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request

START = datetime(2026, 5, 4, 9, tzinfo=UTC)
FAILING = range(300, 400)


class Logs:
    """An edge access log, and a worker that says in nonsense words when it takes and ends work."""

    def __init__(self):
        self.edge, self.worker = [], []

    def ask(self, second, name, status, method="POST"):
        stamp = (START + timedelta(seconds=second)).strftime("%d/%b/%Y:%H:%M:%S +0000")
        self.edge.append(
            (second, f'10.0.0.1 - - [{stamp}] "{method} /zib/{second} HTTP/1.1" {status} 5 "-" "x" rid={name}')
        )

    def say(self, second, words, name, level="INFO"):
        stamp = (START + timedelta(seconds=second)).isoformat(timespec="milliseconds")
        self.worker.append((second, f"{stamp} {level} [main] {words} [{name}]"))

    def write(self, folder):
        for name, lines in (("edge.access.log", self.edge), ("glorp.log", self.worker)):
            (folder / name).write_text("\n".join(line for _, line in sorted(lines, key=lambda one: one[0])) + "\n")
        asked = Request([str(folder)])
        return run_batch(asked, open_request(asked)).unfinished


def name_of(n):
    return f"{random.Random(n).getrandbits(48):012x}"


def write_normal(logs, n, method="POST"):
    logs.say(n + 0.1, "wug taken", name_of(n))
    logs.say(n + 0.3, "blicket sealed", name_of(n))
    logs.ask(n + 0.4, name_of(n), 200, method)


@pytest.fixture
def logs():
    """Ten minutes with one request a second; within the incident only every fifth is served."""
    made = Logs()
    for n in range(600):
        if n not in FAILING or n % 5 == 0:
            write_normal(made, n)
    return made


def fail(logs, n, method="POST"):
    logs.say(n + 0.1, "wug taken", name_of(n))
    logs.say(n + 0.2, "dax unavailable", name_of(n), "ERROR")
    logs.ask(n + 0.4, name_of(n), 503, method)


def test_begun_and_never_ended_is_counted_once(logs, tmp_path):
    """Eighty requests of the incident, asked twice each, never reach the step that always followed."""
    lost = [n for n in FAILING if n % 5]
    for n in lost:
        fail(logs, n)
        logs.ask(n + 0.5, name_of(n), 503)
    found = logs.write(tmp_path)
    assert [(one.kind, one.count, one.is_read_only) for one in found] == [("started_not_finished", 80, False)]
    assert "POST /zib" in found[0].from_event
    assert "blicket sealed" in found[0].to_event
    assert found[0].ids == tuple(name_of(n) for n in lost[:20])


def test_what_comes_through_on_a_repeat_is_not_lost(logs, tmp_path):
    """A request that fails, and ends well under the same id a little later, leaves nothing behind."""
    for n in FAILING:
        if n % 5:
            fail(logs, n)
            logs.say(n + 0.6, "blicket sealed", name_of(n))
            logs.ask(n + 0.7, name_of(n), 200)
    assert logs.write(tmp_path) == ()


def test_done_twice_and_told_failed(logs, tmp_path):
    """Work that is sealed twice under one id, and work whose caller was told that it failed, are told apart."""
    for n in FAILING:
        if n % 5 == 1:
            fail(logs, n)
        if n % 5 == 2:
            logs.say(n + 0.1, "wug taken", name_of(n))
            logs.say(n + 0.3, "blicket sealed", name_of(n))
            logs.ask(n + 0.35, name_of(n), 504)
        if n in (323, 343):
            logs.say(n + 0.1, "wug taken", name_of(n))
            logs.say(n + 0.3, "blicket sealed", name_of(n))
            logs.ask(n + 0.35, name_of(n), 504)
            logs.say(n + 0.6, "blicket sealed", name_of(n))
            logs.ask(n + 0.7, name_of(n), 200)
    found = {one.kind: one for one in logs.write(tmp_path)}
    assert {kind: one.count for kind, one in found.items()} == {
        "started_not_finished": 20, "done_twice": 2, "told_failed_but_done": 20,
    }  # fmt: skip
    assert found["done_twice"].ids == (name_of(323), name_of(343))


def test_reading_leaves_nothing_to_repair(tmp_path):
    """Pages that were not shown are lost views, and said to be."""
    logs = Logs()
    for n in range(600):
        if n in FAILING and n % 5:
            fail(logs, n, "GET")
        else:
            write_normal(logs, n, "GET")
    found = logs.write(tmp_path)
    assert [(one.kind, one.count, one.is_read_only) for one in found] == [("started_not_finished", 80, True)]


def test_what_has_just_begun_may_still_end(logs, tmp_path):
    """Work of the last seconds of a log that still fails is not called lost."""
    for n in FAILING:
        if n % 5:
            fail(logs, n)
    cut = FAILING[60]
    logs.edge = [one for one in logs.edge if one[0] < cut]
    logs.worker = [one for one in logs.worker if one[0] < cut]
    found = logs.write(tmp_path)
    assert [one.count for one in found] == [48 - 4]
