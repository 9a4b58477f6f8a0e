"""Lanes of one stream that several services write."""

from datetime import UTC, datetime, timedelta

import pytest

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from logscope.ui.lanes import order_lanes

BEGIN = datetime(2026, 3, 2, 14, tzinfo=UTC)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """What `kubectl logs --prefix` gives of a database that refuses sessions, and of whom it refuses."""
    path = tmp_path_factory.mktemp("stream") / "pods.log"
    lines = []
    for second in range(900):
        stamp = (BEGIN + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for pod, word in (("db-0/postgres", "FATAL: sorry, too many clients already"), ("shop-7d9c-abcde/shop", "")):
            text = word or f"ERROR db: sorry, too many clients already id={second}"
            lines.append(f"[pod/{pod}] {stamp} {text if second >= 600 else 'INFO done'}")
    path.write_text("\n".join(lines) + "\n")
    asked = Request([str(path)])
    return run_batch(asked, open_request(asked))


def test_each_service_has_the_lane_of_what_it_complains_of(snapshot):
    """In the timeline stand the services that the story tells of, not the stream; nothing is counted twice."""
    lanes = {lane.service: lane for lane in snapshot.lanes}
    errors = {name: sum(lane.errors) for name, lane in lanes.items()}
    assert errors.pop("pods") == 0
    assert sorted(errors.values()) == [300, 300]
    assert set(errors) == {group.service for group in snapshot.groups}
    assert sum(sum(lane.records) for lane in lanes.values()) == sum(snapshot.trend.records) == 1800
    assert min(min(lane.records) for lane in lanes.values()) == 0
    assert set(order_lanes(snapshot)) == set(errors)
