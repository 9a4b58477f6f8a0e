"""Incidents of many kinds: what a person would name is named, with its reason, and nothing else set it off."""

from pathlib import Path

import pytest

from logscope.model.kinds import Role
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis import small_incidents as incidents
from tests.judged import judge_sample, judge_small

CASES = {
    incidents.expired_certificate: ("ledger", "certificate has expired", None),
    incidents.full_disk: ("postgres", "No space left on device", None),
    incidents.bad_release: ("pricing", "ArithmeticException: / by zero", "rollout pricing v4.12.0 -> v4.13.0"),
    incidents.broker_out_of_memory: ("rabbit@mq1", "memory resource limit alarm", None),
    incidents.name_server_down: ("dns", "server misbehaving", None),
    incidents.rotated_password: ("redis", "NOAUTH Authentication required", "rotated credential"),
    incidents.evicted_pod: ("kubelet", "Eviction manager", None),
    incidents.locking_migration: ("mysql", "Lock wait timeout exceeded", "applying 0091_add_index_orders"),
    incidents.forgotten_transaction: ("postgres", "still waiting for ShareLock", None),
    incidents.hanging_service: ("inventory", "context deadline exceeded", None),
}
"""Who, words that say why, and what set it off."""


@pytest.fixture(scope="module", params=CASES, ids=lambda build: build.__name__)
def judged(request):
    return CASES[request.param], judge_small(request.param)


def test_the_cause_is_named_with_its_reason(judged):
    """Candidate 1 is the service that a person would name, and its sentence says why."""
    (service, words, _), snapshot = judged
    top = snapshot.candidates[0]
    assert top.service == service
    assert words in top.headline


def test_what_set_it_off_is_a_change_or_nothing(judged):
    """A release that names the service is the trigger; routine records never are."""
    (_, _, trigger), snapshot = judged
    found = snapshot.candidates[0].trigger
    assert (found is None) is (trigger is None)
    if trigger is not None:
        assert trigger in found.text


def test_it_is_over_when_the_last_failure_is_long_past(judged):
    """Each ends, and a third of the log behind it is quiet; not before users are served again."""
    recovery = judged[1].recovery
    assert recovery.over
    failing = [g for g in judged[1].groups if g.role.value in ("cause", "symptom") and g.count > 10]
    assert recovery.since >= max(g.last_seen for g in failing) - 2_000_000


def test_each_line_is_told_once(judged):
    """A line that began a kind and ended the incident stands in the timeline as what ended it alone."""
    places = [(e.file, e.line) for e in judged[1].timeline if e.file is not None and e.line is not None]
    assert len(places) == len(set(places))


def test_what_a_clock_does_is_no_change(judged):
    """A job that runs every minute, before as since, stands in no timeline."""
    assert not [e for e in judged[1].timeline if "CMD" in e.event]


def test_the_line_that_ended_it_is_no_symptom(judged):
    """However loud its level, it is neither part of the cascade nor counted with what failed."""
    fix = judged[1].recovery.fix_ref
    ended = {g.id: g.role for g in judged[1].groups if fix is not None and (g.file, g.line) == (fix.file, fix.line)}
    assert Role.SYMPTOM not in ended.values()
    assert not set(ended) & {step.to_group for step in judged[1].cascade}


def test_a_log_that_stops_is_told():
    """Silence is an event of the story, and evidence, where everybody waits for that service."""
    snapshot = judge_small(incidents.hanging_service)
    (silence,) = [entry for entry in snapshot.timeline if entry.kind.value == "silence"]
    assert silence.service == "inventory"
    assert silence.is_key
    assert "falls silent for 11 min" in silence.event
    lines = Path(silence.file).read_text().splitlines()
    assert "09:16:3" in lines[silence.line - 1]
    assert "09:28:2" in lines[silence.line]
    assert any(one.kind == "silence" for one in snapshot.candidates[0].evidence)


def test_settings_loaded_while_a_server_starts_set_nothing_off(tmp_path):
    """What a server's first lines say of its configuration is where its log begins, not a change to undo."""
    start = [
        f"24060:C 04 May 2026 09:16:0{n}.{n}00 # {text}"
        for n, text in ((0, "Redis is starting"), (0, "Configuration loaded"), (1, "Server initialized"))
    ]
    refused = [
        f"24060:M 04 May 2026 09:1{7 + n // 60}:{n % 60:02}.000 # Connection refused: OOM command not allowed"
        for n in range(60, 100)
    ]
    (tmp_path / "redis-server.log").write_text("\n".join([*start, *refused]) + "\n")
    lines = [f"2026-05-04T09:{10 + n // 60}:{n % 60:02}Z INFO shop order {n} stored in redis" for n in range(480)]
    lines += [f"2026-05-04T09:{18 + n // 60}:{n % 60:02}Z ERROR shop order not stored in redis: OOM" for n in range(99)]
    (tmp_path / "shop.log").write_text("\n".join(lines) + "\n")
    asked = Request([str(tmp_path)])
    snapshot = run_batch(asked, open_request(asked))
    assert snapshot.candidates[0].service == "redis"
    assert snapshot.candidates[0].trigger is None


def _judge(build, folder):
    writer = incidents.Writer(folder, 7)
    build(writer)
    writer.write()
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


def test_fatal_words_that_nobody_knows_tell_of_a_death_where_the_log_ends(tmp_path):
    """Who says something fatal and then nothing for minutes died: no warning before it and no victim goes first."""
    top = _judge(incidents.fatal_in_unknown_words, tmp_path).candidates[0]
    assert (top.service, top.headline.startswith("epoch of this one")) == ("ledger-b", True)
    assert any("log ends" in one.text for one in top.evidence)


def test_too_few_of_another_blames_that_other(tmp_path):
    """`not enough keepers` is no resource of the relay's, even where its clock makes it the first to fail."""
    top = _judge(incidents.too_few_of_another, tmp_path).candidates[0]
    assert top.service.startswith("keeper")
    assert "out of space" in top.headline


def test_a_disk_and_what_waits_for_it_are_one_incident(tmp_path):
    """Whoever began to fail moments behind it, tied to nothing before, is not left to noise that began earlier."""
    snapshot = _judge(incidents.failing_disk_beside_chronic_noise, tmp_path)
    assert snapshot.candidates[0].service == "kernel"
    assert {"vault-of-scans", "reading-room"} <= set(snapshot.incident.services)


def test_a_value_beside_the_former_one_is_a_change_of_whom_it_names(tmp_path):
    """`mode: LAX -> STRICT` of ledger set off that ledger refuses, though no word says that anything was altered."""
    top = _judge(incidents.stricter_policy, tmp_path).candidates[0]
    assert top.service == "ledger"
    assert "LAX -> STRICT" in top.trigger.sample
    assert top.trigger.link.value == "named"


def test_an_error_log_that_ends_with_the_incident_falls_not_silent():
    """It began behind the onset: nobody knows it otherwise, and its end is the end of the errors."""
    snapshot = judge_sample("pg-too-many-clients")
    assert "nginx-error" in {entry.service for entry in snapshot.timeline}
    assert not [entry for entry in snapshot.timeline if entry.kind.value == "silence"]
