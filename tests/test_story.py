"""The story's sample: every figure that the walkthrough tells, from the shipped logs."""

import json
import sys
from pathlib import Path

import pytest

from logscope.cli.main import main
from logscope.report.json import render_json
from tests.judged import copy_story, judge_sample

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_incidents" / "checkout-redis-oom"

sys.path.insert(0, str(ROOT / "tests" / "tools"))


@pytest.fixture(scope="module")
def story():
    """The JSON document of the sample."""
    return json.loads(render_json(judge_sample(SAMPLE.name)))


@pytest.mark.parametrize(
    ("words", "count", "first", "last"),
    [
        ("Redis ConnectionTimeout", 2341, "14:02:03", "14:31:45"),
        ("cart view failed", 412, "14:02:08", "14:31:40"),
        ("PaymentGateway 503", 189, "14:05:22", "14:31:42"),
    ],
)
def test_the_three_counts_are_exact(story, words, count, first, last):
    """Each kind of error has the story's count, first and last time."""
    group = next(g for g in story["groups"] if words in g["headline"])
    assert (group["count"], group["first_seen"][11:19], group["last_seen"][11:19]) == (count, first, last)


def test_the_redis_line_is_candidate_one(story):
    """The line of 14:01:58 in the file without dates is the cause, with high confidence."""
    top = story["candidates"][0]
    assert top["first_seen"].startswith("2026-03-02T14:01:58")
    assert "maxmemory reached" in top["sample"]
    assert (top["service"], top["confidence"], top["in_logs"]) == ("redis", "high", True)


def test_the_alert_gap_is_597_seconds(story):
    """The pager fired 597 s after the first error, and it is one incident."""
    assert round(story["incident"]["detection_gap_s"]) == 597
    assert story["incident"]["detected_at"] == "2026-03-02T14:12:00.000000Z"
    assert story["incident"]["start"].startswith("2026-03-02T14:01:58")


def test_success_falls_from_99_to_34_percent(story):
    """Shares are those of the edge's access log."""
    rate = story["incident"]["success_rate"]
    assert rate["before"] == pytest.approx(0.992, abs=0.001)
    assert rate["during"] == pytest.approx(0.34, abs=0.005)
    assert rate["after"] == pytest.approx(0.992, abs=0.001)


def test_the_verdict_is_a_herd_and_confirmed(story):
    """After the fix all clients came back at once; then half an hour was quiet."""
    recovery = story["recovery"]
    assert (recovery["verdict"], recovery["confirmed"], recovery["over"]) == ("herd", True, True)
    assert recovery["since"].startswith("2026-03-02T14:31:46")
    assert [w["kind"] for w in recovery["waves"]] == ["incident", "herd"]


def test_the_fix_is_named_with_its_line(story):
    """Redis logs its new limit a second before the fall, at a level below warning: that line is the fix."""
    recovery = story["recovery"]
    assert recovery["fix_at"].startswith("2026-03-02T14:31:30")
    assert recovery["fix_text"].startswith("CONFIG SET maxmemory")
    (line,) = recovery["fix_lines"]
    assert (line["file"].rsplit("/", 1)[1], line["line"]) == ("redis-server.log", 37)


def test_sums_hold(story):
    """Lines are those of the files; warnings and errors are the groups' counts; buckets and the rest are the counts."""
    for one in story["files"]:
        assert one["lines"] == Path(one["path"]).read_bytes().count(b"\n")
    failing = [g for g in story["groups"] if g["level"] in ("warn", "error", "fatal")]
    assert sum(g["count"] for g in failing) == sum(f["errors"] + f["warnings"] for f in story["files"])
    for group in story["groups"]:
        assert sum(group["per_minute"]["counts"]) + group["outside_window"] == group["count"]


def test_the_same_bytes_give_the_same_document(capsys):
    """What the command prints depends on nothing but the files and the options: it is what was judged before."""
    name = "recommender-memory-leak"
    assert main(["analyze", "--json", str(SAMPLE.parent / name / "logs")]) == 0
    assert capsys.readouterr().out == render_json(judge_sample(name))


def test_the_script_writes_the_same_sample_again():
    """What is shipped is what the script in `tests/tools` writes."""
    from make_story import make

    for name, text in make().items():
        assert text == (SAMPLE / name).read_text("utf-8"), name


def test_a_clock_time_is_of_the_log_s_own_day(capsys, tmp_path):
    """The logs are of March: `--fix-at 14:31:30` and `--note` mean that day, not yesterday's."""
    logs = copy_story(tmp_path / "logs", redis_server=1, edge_access=8, checkout_service=16)
    arguments = ["--fix-at", "14:31:30", "--note", "14:15=investigating"]
    assert main(["analyze", "--json", *arguments, str(logs)]) == 0
    document = json.loads(capsys.readouterr().out)
    recovery = document["recovery"]
    assert (recovery["fix_at"], recovery["fix_origin"]) == ("2026-03-02T14:31:30.000000Z", "marked")
    assert recovery["fix_text"].startswith("CONFIG SET maxmemory")
    (note,) = [entry for entry in document["timeline"] if entry["kind"] == "note"]
    assert (note["time"], note["event"]) == ("2026-03-02T14:15:00.000000Z", "investigating")
