"""What healthy logs hold is no incident, however late its kinds are first seen; what goes on is one."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from logscope.model.recovery import Verdict
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request

DAY = datetime(2026, 3, 9, 10, tzinfo=UTC)
WARNINGS = (
    "slow query took {n} ms",
    "retrying request to {peer} (attempt 1)",
    "connection to {peer} reset, reconnecting",
    "token for user u{n} expired",
    "payload of {n} bytes truncated",
    "pool busy: {n} of 20",
)
ERRORS = (
    "request {hex} failed: read timed out after {n} ms",
    "failed to send mail to user{n}@example.org: mailbox full",
    "IllegalStateException: cart {n} already closed",
    "permission denied for user u{n} on /admin",
)
CHANGES = ("config reloaded", "worker {n} started", "scheduled backup started", "pool resized to {n}")
SERVICES = ("cart", "ledger", "mailer", "search")


def write_healthy(folder, seed, minutes):
    """Four services that work, with everyday noise of fixed rates: most of it comes once in several minutes."""
    chance = random.Random(seed)

    def often(rate):
        second = 0.0
        while (second := second + chance.expovariate(rate)) < minutes * 60:
            yield second

    for service in SERVICES:
        rows = [(second, "info", "handled request {hex} in {n} ms") for second in often(1.0)]
        for level, texts, most in (("warn", WARNINGS, -1.0), ("error", ERRORS, -1.6), ("info", CHANGES, -2.0)):
            for text in chance.sample(texts, 3):
                rows += [(second, level, text) for second in often(10 ** chance.uniform(-3.0, most))]
        lines = []
        for second, level, text in sorted(rows):
            peer = chance.choice([one for one in SERVICES if one != service])
            said = text.format(n=chance.randint(1, 5000), hex=f"{chance.getrandbits(32):08x}", peer=peer)
            lines.append(json.dumps({"ts": (DAY + timedelta(seconds=second)).isoformat(), "level": level, "msg": said}))
        (folder / f"{service}.log").write_text("\n".join(lines) + "\n")


def judge(folder):
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


@pytest.mark.parametrize(("seed", "minutes"), [(1, 2), (2, 4), (3, 8), (4, 10), (5, 20), (6, 45)])
def test_healthy_logs_are_quiet(tmp_path, seed, minutes):
    """Warnings and errors that come by chance, most kinds first seen late, are no incident."""
    write_healthy(tmp_path, seed, minutes)
    snapshot = judge(tmp_path)
    assert sum(one.errors + one.warnings for one in snapshot.files) > minutes
    assert snapshot.incident is None
    assert snapshot.recovery.verdict is Verdict.NO_INCIDENT


@pytest.mark.parametrize(
    ("seconds", "is_found"),
    [
        pytest.param([500, 501, 503, 506], False, id="one request and its retries"),
        pytest.param([500 + 4 * step for step in range(15)], True, id="a minute of failures"),
        pytest.param([500 + step / 10 for step in range(40)], True, id="forty failures in four seconds"),
    ],
)
def test_what_goes_on_or_is_much_at_once_is_an_incident(tmp_path, seconds, is_found):
    """A failed request that was retried is none; failures that keep coming are one, and so are forty in a moment."""
    write_healthy(tmp_path, 7, 10)
    with (tmp_path / "cart.log").open("a") as log:
        for second in seconds:
            said = {
                "ts": (DAY + timedelta(seconds=second)).isoformat(),
                "level": "error",
                "msg": "basket is unreadable",
            }
            log.write(json.dumps(said) + "\n")
    assert (judge(tmp_path).incident is not None) is is_found


def test_one_line_of_a_broken_thing_is_an_incident(tmp_path):
    """A disk that is full is told once by a program that then stops: one line is enough."""
    write_healthy(tmp_path, 8, 10)
    said = {"ts": (DAY + timedelta(seconds=400)).isoformat(), "level": "error", "msg": "write: No space left on device"}
    with (tmp_path / "ledger.log").open("a") as log:
        log.write(json.dumps(said) + "\n")
    snapshot = judge(tmp_path)
    assert snapshot.incident is not None
    assert any("No space left" in one.sample for one in snapshot.candidates[:3])


def test_two_services_that_begin_to_fail_together_are_an_incident(tmp_path):
    """Of a log of two minutes neither alone would be surely more than noise: both within a second are."""
    alone, together = tmp_path / "alone", tmp_path / "together"
    for folder in (alone, together):
        folder.mkdir()
        for service in ("cart", "ledger"):
            fails = folder is together or service == "cart"
            lines = []
            for second in range(150):
                lines.append({"level": "info", "msg": "handled request"})
                if fails and second >= 100 and second % 10 == 0:
                    lines.append({"level": "error", "msg": "entry not written, waited too long"})
                elif second % 30 == 7:
                    lines.append({"level": "warn", "msg": "payload truncated"})
                for line in lines:
                    line.setdefault("ts", (DAY + timedelta(seconds=second)).isoformat())
            (folder / f"{service}.log").write_text("\n".join(map(json.dumps, lines)) + "\n")
    assert judge(alone).recovery.verdict is Verdict.NO_INCIDENT
    assert judge(together).recovery.verdict is not Verdict.NO_INCIDENT
