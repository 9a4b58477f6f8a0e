"""The public contract of `analyze --json`: fields, types, orders and sums, held on every sample incident."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from logscope.report.json import render_json
from logscope.samples import samples_folder
from tests.judged import judge_sample

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
LEVELS = {"trace", "debug", "info", "notice", "warn", "error", "fatal", None}

FIELDS = {
    "files": {
        "path", "service", "format", "encoding", "zone", "date_origin", "lines", "records", "bytes", "errors",
        "warnings", "untimed_records", "first_seen", "last_seen", "clock_offset_s", "problems",
    },
    "groups": {
        "id", "file", "service", "level", "template", "sample", "line", "count", "first_seen", "last_seen", "onset",
        "baseline_per_min", "per_minute", "outside_window", "role", "related_to",
    },
    "candidates": {
        "rank", "in_logs", "file", "service", "group", "first_seen", "sample", "line", "points", "probability",
        "confidence", "evidence", "counter_evidence", "trigger",
    },
    "ruled_out": {"service", "file", "reason", "lines"},
    "unfinished": {"kind", "from", "to", "count", "ids", "lines"},
    "cascade": {"from", "to", "lag_s", "how"},
    "timeline": {"time", "time_logged", "kind", "service", "file", "line", "sample", "event", "impact"},
}  # fmt: skip
OBJECTS = {
    "incident": {
        "start", "end", "headline", "services", "first_error", "alert_began", "detected_at", "detection_gap_s",
        "success_rate", "volume",
    },
    "trend": {"start", "bucket_s", "errors", "warnings", "records"},
    "recovery": {
        "verdict", "confirmed", "over", "as_of", "fix_at", "fix_origin", "baseline_per_min", "current_per_min", "since",
        "minutes_needed", "remaining", "waves", "explanation",
    },
    "actions": {"check", "do", "avoid", "follow_up"},
}  # fmt: skip
VERDICTS = {
    "recovered", "herd", "second_wave", "partial", "ongoing", "no_incident", "no_baseline", "too_early",
}  # fmt: skip
SAMPLES = sorted(path.name for path in samples_folder().iterdir() if (path / "truth.json").exists())


@pytest.fixture(scope="module", params=SAMPLES)
def document(request):
    """The JSON document of one sample, as text and read."""
    return json.loads(render_json(judge_sample(request.param)), parse_constant=pytest.fail)


def us(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def times_in(value):
    if isinstance(value, dict):
        for key, one in value.items():
            is_time = key in ("first_seen", "last_seen", "onset", "start", "end", "time", "as_of", "fix_at", "since")
            if is_time and isinstance(one, str):
                yield one
            yield from times_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from times_in(one)


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_row_has_the_fields_of_the_contract(document, name):
    """Scripts depend on names: rows may have more fields, never fewer."""
    for row in document[name]:
        assert FIELDS[name] <= set(row)


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_objects_have_the_fields_of_the_contract(document, name):
    """The single objects likewise."""
    assert OBJECTS[name] <= set(document[name])


def test_times_are_utc(document):
    """Every time is ISO 8601 in UTC."""
    assert [text for text in times_in(document) if not TIME.fullmatch(text)] == []


def test_words_are_those_of_the_contract(document):
    """Verdict, roles, levels, confidence and origins are closed sets."""
    assert document["schema"] == "logscope.analysis/1"
    assert document["recovery"]["verdict"] in VERDICTS
    assert {group["role"] for group in document["groups"]} <= {"cause", "symptom", "chronic", "unrelated", "other"}
    assert {group["level"] for group in document["groups"]} <= LEVELS
    assert {one["confidence"] for one in document["candidates"]} <= {"high", "medium", "low"}
    assert {file["zone"]["origin"] for file in document["files"]} <= {"written", "given", "proved", "assumed"}
    assert {edge["how"] for edge in document["cascade"]} <= {"named", "time"}


def test_counts_add_up(document):
    """What files count as errors and warnings is in the groups, and each group in its buckets."""
    of_files = sum(file["errors"] + file["warnings"] for file in document["files"])
    of_groups = sum(g["count"] for g in document["groups"] if g["level"] in ("warn", "error", "fatal"))
    assert of_groups == of_files
    for group in document["groups"]:
        assert sum(group["per_minute"]["counts"]) + group["outside_window"] == group["count"]
    assert sum(document["trend"]["errors"]) <= sum(file["errors"] for file in document["files"])


def test_series_are_bounded_and_of_one_length(document):
    """At most 2,880 buckets; the three series of the trend have the same."""
    trend = document["trend"]
    assert len(trend["errors"]) == len(trend["warnings"]) == len(trend["records"]) <= 2880
    assert trend["bucket_s"] >= 60


def test_orders(document):
    """Candidates by rank, the timeline by corrected time, firsts before lasts."""
    ranks = [one["rank"] for one in document["candidates"]]
    assert ranks == list(range(1, len(ranks) + 1))
    moments = [us(entry["time"]) for entry in document["timeline"]]
    assert moments == sorted(moments)
    for row in [*document["files"], *document["groups"]]:
        if row["first_seen"]:
            assert us(row["first_seen"]) <= us(row["last_seen"])
    assert all(edge["lag_s"] >= 0 for edge in document["cascade"])


def cited(value):
    if isinstance(value, dict):
        if isinstance(value.get("file"), str) and isinstance(value.get("line"), int):
            yield value["file"], value["line"], value.get("sample")
        for one in value.values():
            yield from cited(one)
    elif isinstance(value, list):
        for one in value:
            yield from cited(one)


def read_lines(path):
    import gzip

    raw = Path(path).read_bytes()
    return (gzip.decompress(raw) if path.endswith(".gz") else raw).split(b"\n")


def test_every_cited_line_is_there(document):
    """A place can be opened; where a sample stands beside it, the line begins it."""
    lines = {}
    for path, number, sample in cited(
        {key: document[key] for key in ("groups", "candidates", "timeline", "ruled_out")}
    ):
        text = lines.setdefault(path, read_lines(path))
        assert 1 <= number <= len(text)
        if sample:
            first = sample.split("\n", 1)[0]
            assert text[number - 1].decode("utf-8", "replace").rstrip("\r").startswith(first[:200])


def test_references_hold(document):
    """Groups named elsewhere exist; related groups are of the list."""
    ids = {group["id"] for group in document["groups"]}
    assert len(ids) == len(document["groups"])
    assert {one["group"] for one in document["candidates"]} - {None} <= ids
    assert {group["related_to"] for group in document["groups"]} - {None} <= ids
    assert {edge[end] for edge in document["cascade"] for end in ("from", "to")} <= ids


def test_actions_name_their_risk_and_rule(document):
    """Checks are commands or texts; what is done says how much it breaks."""
    for action in document["actions"]["do"] + document["actions"]["avoid"] + document["actions"]["check"]:
        assert {"text", "command", "risk", "rule", "source"} <= set(action)
        assert action["risk"] in ("safe", "disruptive", "destructive")
    for follow_up in document["actions"]["follow_up"]:
        assert {"text", "reason", "lines", "rule"} <= set(follow_up)
        assert follow_up["lines"], "no follow-up without a line that it rests on"
