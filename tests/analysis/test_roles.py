"""What belongs to an incident, and what merely happens beside it."""

import pytest

from logscope.model.kinds import Role
from tests.analysis.small_incidents import at, iso
from tests.judged import judge_sample, judge_small

BESIDE = {
    "inventory-killed-herd": "getaddrinfo EAI_AGAIN",
    "recommender-memory-leak": "user unknown",
    "cache-loss-second-wave": "gravatar fetch",
}
"""Rare kinds of services that fail, there before it began and as rare during it."""


@pytest.mark.parametrize("sample", BESIDE)
def test_a_rare_kind_that_keeps_its_pace_is_not_part_of_the_incident(sample):
    """It stands among what is ruled out: neither a symptom nor something that must end."""
    snapshot = judge_sample(sample)
    roles = {group.role for group in snapshot.groups if BESIDE[sample] in group.headline}
    assert roles <= {Role.UNRELATED, Role.CHRONIC}
    assert not any(BESIDE[sample] in one.what for one in snapshot.recovery.remaining)


def test_an_early_sign_of_what_set_it_off_stays():
    """Few warnings before the first failure, in the log that tells the change, belong to it."""
    snapshot = judge_sample("pg-too-many-clients")
    (early,) = [group for group in snapshot.groups if "checked out and not returned" in group.headline]
    assert early.role is Role.SYMPTOM


def test_who_alerts_is_no_service_that_may_be_ruled_out():
    """A pager's log has no part in any incident: that it is quiet comforts nobody."""
    snapshot = judge_sample("inventory-killed-herd")
    assert any(entry.service == "pagerduty" for entry in snapshot.timeline)
    assert "pagerduty" not in {one.service for one in snapshot.ruled_out}


def test_what_begins_with_a_wave_of_another_fault_follows_that_one():
    """Locks of the second wave hang under the locks, not under the lost cache of the first."""
    snapshot = judge_sample("cache-loss-second-wave")
    fault = snapshot.recovery.waves[-1].fault
    parents = {edge.to_group: edge.from_group for edge in snapshot.cascade}
    assert fault is not None
    assert fault.group not in parents
    late = {g.id for g in snapshot.groups if g.id in parents and g.onset is not None and g.onset > fault.time}
    assert late
    assert {parents[one] for one in late} <= {fault.group, *late}


def full_store_told_by_its_monitor(w):
    """The store's own log saves on as ever; its monitor says that it is full, its client that writes are refused."""
    for s in range(0, 1800, 20):
        w.add("redis-server.log", s, f"812:M {at(s):%d %b %Y %H:%M:%S}.{s % 1000:03} * DB saved on disk")
        if 1000 < s < 1500:
            w.add("redis-monitor.log", s, f"{iso(s)} ERROR maxmemory reached, writes are rejected instance=redis:6379")
    for s in w.often(0, 1800, 2):
        bad = 1001 < s < 1500
        told = "ERROR redis:6379 refused SET: OOM command not allowed" if bad else "INFO basket stored"
        w.add("basket.log", s, f"{iso(s)} {told} n={w.number(1, 999)}")


def test_the_silent_log_of_what_broke_is_not_ruled_out():
    """A monitor tells that a store is full: that the store's own log goes on as before clears nobody."""
    snapshot = judge_small(full_store_told_by_its_monitor)
    assert snapshot.candidates[0].service == "redis"
    assert "redis-server" not in {one.service for one in snapshot.ruled_out}
