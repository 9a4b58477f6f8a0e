"""What people take out of their platforms: a stream of objects, a table of measurements, lists of what was changed."""

import json

import pytest

from logscope.model.causes import Link
from tests.judged import judge

SERVICES = ("roost", "nest", "perch")


def stamp(minute, second=0):
    return f"2026-05-04T{9 + minute // 60:02}:{minute % 60:02}:{second:02}Z"


def write(folder, *, releases=(), flags=(), indent=2, limit=lambda m: 50):
    """Ninety minutes; from the 44th on nest gets no connections, and roost behind it fails."""
    rows = [(stamp(m), SERVICES[m % 3], "INFO", "eggs counted") for m in range(90)]
    for m in range(44, 90):
        rows += [(stamp(m, s), "nest", "ERROR", "failed to acquire connection: pool timeout") for s in (3, 23, 43)]
        rows += [(stamp(m, s), "roost", "ERROR", "upstream nest slow") for s in (11, 51)]
    said = ({"timestamp": t, "service": s, "severity_text": level, "msg": text} for t, s, level, text in sorted(rows))
    (folder / "logs.ndjson").write_text("".join(json.dumps(one) + "\n" for one in said))
    table = ["timestamp,service,metric,value"]
    for m in range(90):
        table.append(f"{stamp(m)},nest,pool_max_conns,{limit(m)}")
        table.append(f"{stamp(m)},nest,wait_p50_ms,{4 + m % 3}")
        table.append(f"{stamp(m)},nest,wait_p99_ms,{20 + m % 5 if m < 41 else 3000 + m % 7}")
        table.append(f"{stamp(m)},roost,error_rate,{0.01 if m < 44 else 0.4}")
    (folder / "metrics.csv").write_text("\n".join(table) + "\n")
    (folder / "releases.json").write_text(json.dumps(list(releases), indent=indent))
    (folder / "flags.json").write_text(json.dumps(list(flags), indent=indent))
    return folder


RELEASES = (
    {"timestamp": stamp(7), "service": "perch", "commit_sha": "1" * 40, "version": "v1.9.2"},
    {"timestamp": stamp(36), "service": "nest", "commit_sha": "ab" * 20, "version": "v2.4.0"},
    {"timestamp": stamp(42), "service": "perch", "commit_sha": "2" * 40, "version": "v1.9.3"},
)
FLAGS = (
    {"timestamp": stamp(6), "flag": "wide_nests", "old": "off", "new": "on"},
    {"timestamp": stamp(43), "flag": "new_banner", "old": "off", "new": "on"},
)


def test_a_release_among_others_is_told_by_its_fields(tmp_path):
    """Of three releases and two flags the one of the failing service, as its object says it without a message."""
    write(tmp_path, releases=RELEASES, flags=FLAGS)
    top = judge(tmp_path).candidates[0]
    assert (top.service, top.trigger.link, top.trigger.line) == ("nest", Link.NAMED, 8)
    assert top.trigger.text == "service=nest, commit_sha=abababababab, version=v2.4.0"


def test_a_flag_beside_the_begin_is_told_with_what_it_was(tmp_path):
    """Without a release the flag that was thrown last, by time only."""
    write(tmp_path, releases=RELEASES[:1], flags=FLAGS)
    trigger = judge(tmp_path).candidates[0].trigger
    assert (trigger.link, trigger.text) == (Link.TIME, "flag=new_banner, old=off, new=on")


def test_each_measured_name_is_a_series_of_its_service(tmp_path):
    """Names that differ in a digit are two, and one that is called after errors is no error."""
    write(tmp_path, limit=lambda m: 50 if m < 36 else 10)
    snapshot = judge(tmp_path)
    told = {(one.service, one.name): (one.before, one.after) for one in snapshot.numbers}
    assert told["nest", "pool_max_conns"] == (50, 10)
    assert told["nest", "wait_p99_ms"][1] >= 3000
    assert ("nest", "wait_p50_ms") not in told
    assert all("error_rate" not in one.headline for one in snapshot.groups)


def read_numbers(folder, *records):
    """Numbers told where the measurements are these, before and behind minute 41."""
    write(folder)
    (folder / "metrics.csv").unlink()
    rows = [one.format(t=stamp(m), m=m % 3, v=4 + m % 3 if m < 41 else 900) for m in range(90) for one in records]
    (folder / "gauges.log").write_text("\n".join(rows) + "\n")
    return [(one.service, one.name, one.after) for one in judge(folder).numbers]


def test_each_measured_name_is_a_series_in_objects(tmp_path):
    """A value is called by the field that says what was measured, and one of them left its normal."""
    held = '{{"time": "{t}", "service": "nest", "metric": "%s", "value": %s}}'
    told = read_numbers(tmp_path, held % ("twigs_held", "{v}"), held % ("eggs_laid", "7{m}"))
    assert told == [("gauges", "twigs_held", 900)]


def test_what_is_measured_of_each_host_is_a_series_of_its_own(tmp_path):
    """Two hosts in one log: between them the values go to and fro, and of one they rise."""
    told = read_numbers(tmp_path, "time={t} host=elm twigs={v} m={m}", "time={t} host=oak twigs=70{m} m={m}")
    assert told == [("gauges", "elm twigs", 900)]


def test_users_are_not_counted_by_failures_alone(tmp_path):
    """A status that only failed requests tell: how many were served is not known."""
    folder = write(tmp_path)
    said = (folder / "logs.ndjson").read_text().splitlines()
    said = [line.replace("}", ', "http.status_code": 503}') if "upstream nest" in line else line for line in said]
    (folder / "logs.ndjson").write_text("\n".join(said) + "\n")
    snapshot = judge(folder)
    assert snapshot.incident.success_rate.during is None


@pytest.mark.parametrize("place", ["", "/v1/eggs", "?kind=eggs"])
def test_of_an_address_the_host_is_to_blame(tmp_path, place):
    """`https://api.heron.example/v1/eggs returned 503`: nobody is called eggs."""
    folder = write(tmp_path)
    said = (folder / "logs.ndjson").read_text()
    asked = f"POST https://api.heron.example{place} returned 503"
    said = said.replace("failed to acquire connection: pool timeout", asked)
    (folder / "logs.ndjson").write_text(said)
    assert judge(folder).candidates[0].service == "heron"


def test_numbers_of_one_stream_are_their_services(tmp_path):
    """Two services write the same field: whose it is that left its normal, and not that both go to and fro."""
    folder = write(tmp_path)
    (folder / "metrics.csv").unlink()
    said = [json.loads(line) for line in (folder / "logs.ndjson").read_text().splitlines()]
    for m in range(90):
        for service, heap in (("nest", 20 if m < 40 else 300), ("roost", 900)):
            said.append({"timestamp": stamp(m, 30), "service": service, "msg": "sized", "heap": heap + m % 3})
    said.sort(key=lambda one: one["timestamp"])
    (folder / "logs.ndjson").write_text("".join(json.dumps(one) + "\n" for one in said))
    (one,) = judge(folder).numbers
    assert (one.service, one.name) == ("nest", "heap")


def test_objects_over_several_lines_are_told_by_their_message_and_cited_as_they_stand(tmp_path):
    """They mean what the same objects in one line mean; a report shows the lines of the file."""
    records = [
        {"time": f"2026-05-04T10:{s // 60:02}:{s % 60:02}Z", "level": "INFO", "app": "basket", "message": "served"}
        for s in range(600)
    ]
    for one in records[400:500]:
        one |= {"level": "ERROR", "message": "redis: OOM command not allowed when used memory > 'maxmemory'."}
    heads = []
    for indent in (None, 2):
        folder = tmp_path / f"indent-{indent}"
        folder.mkdir()
        (folder / "basket.log").write_text("\n".join(json.dumps(one, indent=indent) for one in records) + "\n")
        snapshot = judge(folder)
        heads.append(snapshot.candidates[0].headline)
    assert heads[0] == heads[1]
    assert "OOM command not allowed when used memory > 'maxmemory'" in heads[0]
    (root,) = [entry for entry in snapshot.timeline if entry.is_root]
    assert root.sample == json.dumps(records[400], indent=2)
