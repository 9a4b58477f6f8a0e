"""Exports and archives wrap many records in one line: each is a record, with that line's number."""

import json
from itertools import pairwise

import pytest
from format_samples import learn

from logscope.ingest.formats.objects import list_elements, load_cut_object
from logscope.ingest.layouts.layout import Sample, learn_layout
from logscope.ingest.scanner import Scanner
from logscope.model.severity import Severity
from logscope.model.times import US, format_iso
from logscope.text.unrolling import Unroller

T0 = 1_772_719_320


def export(number: int, *, bad: int) -> bytes:
    """Ten records in two scopes, of which one is an error."""
    records = [
        {
            "timeUnixNano": str((1_772_719_328 + 10 * number + n) * 10**9),
            "severityText": "ERROR" if n == bad else "INFO",
            "body": {"stringValue": f"request {n} failed" if n == bad else f"request {n} ok"},
        }
        for n in range(10)
    ]
    scopes = [{"scope": {}, "logRecords": records[:5]}, {"scope": {}, "logRecords": records[5:]}]
    return json.dumps({"resourceLogs": [{"resource": {"attributes": []}, "scopeLogs": scopes}]}).encode()


def read(data: bytes, *, cuts: tuple[int, ...] = ()) -> list[tuple[int, str, str, str, int]]:
    """Line, second, level, service and message of each record of a file."""
    layout = learn_layout(Sample("x.json", data[:65_536], b"", b"", len(data), None))
    scanner, coder = Scanner(layout, "own", examine=True), None if layout.roll is None else Unroller(layout.roll)
    found = []
    lines = 0
    bounds = [0, *cuts, len(data)]
    for begin, end in pairwise(bounds):
        piece = data[begin:end] if coder is None else coder.feed(data[begin:end])
        found.append(scanner.feed(piece))
    found += [scanner.feed(b"" if coder is None else coder.flush()), scanner.flush()]
    rows = []
    for batch in found:
        lines += batch.line_count
        services = [0] * len(batch.time) if batch.service is None else batch.service.tolist()
        rows += [
            (line, time // US % 60, Severity(level).word, scanner.services[service], layout.read_message(text))
            for line, time, level, service, text in zip(
                batch.line.tolist(), batch.time.tolist(), batch.severity.tolist(), services, batch.texts, strict=True
            )
        ]
    assert lines == data.count(b"\n") + (not data.endswith(b"\n"))
    return rows


def wrap(name: str, rows: list[dict]) -> dict | list:
    """Records as a tool writes them, many in one line."""
    if name == "otlp":
        return {
            "resourceLogs": [
                {
                    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]},
                    "scopeLogs": [{"scope": {}, "logRecords": [
                        {"timeUnixNano": f"{row['at']}000000000", "severityText": row["level"].upper(),
                         "body": {"stringValue": row["text"]}} for row in rows if row["service"] == service
                    ]}],
                }
                for service in ("cart", "pay")
            ]
        }  # fmt: skip
    if name == "loki":
        streams = [
            {"stream": {"app": service, "region": "eu"},
             "values": [[f"{row['at']}000000000", f"level={row['level']} msg=\"{row['text']}\" n=1"]
                        for row in rows if row["service"] == service]}
            for service in ("cart", "pay")
        ]  # fmt: skip
        return {"status": "success", "data": {"resultType": "streams", "result": streams, "stats": {"summary": {}}}}
    if name == "elasticsearch":
        hits = [
            {"_index": "shop", "_id": str(n), "_score": None, "_source": {
                "@timestamp": format_iso(row["at"] * US), "log": {"level": row["level"]},
                "service": {"name": row["service"]}, "message": row["text"]}}
            for n, row in enumerate(rows)
        ]  # fmt: skip
        return {"took": 3, "timed_out": False, "hits": {"total": {"value": 9, "relation": "eq"}, "hits": hits}}
    if name == "gcp":
        entries = [
            {"insertId": str(n), "timestamp": format_iso(row["at"] * US), "severity": row["level"].upper(),
             "resource": {"labels": {"container_name": row["service"]}}, "textPayload": row["text"]}
            for n, row in enumerate(rows)
        ]  # fmt: skip
        return {"entries": entries, "nextPageToken": "x"}
    if name == "cloudwatch":
        events = [
            {"id": str(n), "timestamp": row["at"] * 1000, "message": f"{row['level'].upper()} {row['text']}"}
            for n, row in enumerate(rows)
        ]
        return {"messageType": "DATA_MESSAGE", "logGroup": "g", "logStream": "s", "logEvents": events}
    return [{"time": format_iso(row["at"] * US), "level": row["level"], "service": row["service"], "msg": row["text"]}
            for row in rows]  # fmt: skip


NAMES = ("array", "otlp", "loki", "elasticsearch", "gcp", "cloudwatch")


def make_rows(first: int, count: int) -> list[dict]:
    """Records a second apart, of two services, one after the other: some are errors."""
    return [
        {"at": T0 + n, "level": "error" if n % 7 == 3 else "info",
         "service": "cart" if n - first < count // 2 else "pay",
         "text": f"request {n} failed" if n % 7 == 3 else f"request {n} ok"}
        for n in range(first, first + count)
    ]  # fmt: skip


@pytest.mark.parametrize("count", [2, 20])
@pytest.mark.parametrize("name", NAMES)
def test_each_record_of_a_line_is_one(name, count):
    """With its own time, level, service and words, and the number of the line that holds it; whatever the pieces."""
    batches = [make_rows(first, count) for first in range(0, 40, count)]
    data = b"".join(json.dumps(wrap(name, rows)).encode() + b"\n" for rows in batches)
    own = name == "cloudwatch"  # one stream for all
    expected = [
        (number, row["at"] % 60, row["level"], "s" if own else row["service"], row["text"])
        for number, rows in enumerate(batches, 1)
        for row in rows
    ]
    assert read(data) == expected
    assert read(data, cuts=tuple(range(1, len(data), 97))) == expected
    assert read(data[:-1]) == expected


def test_one_line_without_an_end_is_a_file():
    """As `aws logs` and `curl` write them: far longer than the sample, without a newline."""
    rows = make_rows(0, 3000)
    data = json.dumps(wrap("array", rows)).encode()
    assert len(data) > 4 * 65_536
    found = read(data, cuts=tuple(range(4096, len(data), 4096)))
    assert [(line, text) for line, *_, text in found] == [(1, row["text"]) for row in rows]


@pytest.mark.parametrize(
    "line",
    [
        {"level": "info", "msg": "order stored", "items": [{"time": "2026-03-05T14:02:08Z"}] * 3},
        {"time": "2026-03-05T14:02:08Z", "items": [{"time": "2026-03-05T14:02:09Z", "note": "x" * 90}] * 3},
        {"alerts": [{"startsAt": "2026-03-05T14:02:08Z"}] * 3, "receiver": "x", "status": "firing"},
        {"event": "resized", "points": [{"x": 1}, {"x": 2}], "by": [1, 2, 3]},
        {"a": [{"time": "2026-03-05T14:02:08Z"}] * 2, "b": [{"time": "2026-03-05T14:02:08Z"}] * 2},
    ],
)
def test_lists_inside_a_record_are_its_own(line):
    """It has a time, a level, or words of its own; its lists are none of records, or several."""
    data = b"".join(json.dumps(line).encode() + b"\n" for _ in range(5))
    assert learn_layout(Sample("x.json", data, b"", b"", len(data), None)).roll is None


def test_the_worst_stands_for_all_where_a_transport_wraps_them():
    """Objects of many records that a container wrote are one record: an error deep in one is its level and message."""
    lines = [
        json.dumps({"log": export(n, bad=7).decode(), "stream": "stdout", "time": f"2026-03-05T14:02:0{n}Z"}).encode()
        for n in range(4)
    ]
    layout = learn(lines)
    heads = [head for line in lines if (head := layout.parse(line, layout.new_state())) is not None]
    assert layout.is_batched
    assert [(head.severity, (head.time or 0) // US) for head in heads] == [
        (Severity.ERROR, 1_772_719_320 + n) for n in range(4)
    ]
    assert [layout.read_message(line) for line in lines] == ["request 7 failed"] * 4


def test_objects_that_wrap_nothing_are_no_batches():
    """A list inside a record is its own."""
    lines = [b'{"time":"2026-03-05T14:02:0%dZ","level":"info","msg":"ok","tags":[{"a":1}]}' % n for n in range(5)]
    assert not learn(lines).is_batched


def test_objects_around_one_record_each_are_no_batches():
    """A list of one record is that record: nothing stands for others."""
    lines = [json.dumps({"Records": [{"eventTime": f"2026-03-05T14:02:0{n}Z", "m": "a b"}]}).encode() for n in range(5)]
    assert not learn(lines).is_batched


def test_cut_objects():
    """What is whole of a cut text is an object; brackets in its texts count for nothing."""
    text = b'{"a":[{"b":"x]}\\"{"},{"c":1},{"d":"lon'
    assert load_cut_object(text) == {"a": [{"b": 'x]}"{'}, {"c": 1}]}
    assert load_cut_object(b'{"a":"lon') is None
    assert load_cut_object(b"]{}") is None
    for end in range(len(text)):
        load_cut_object(text[:end])


def test_elements_are_listed_as_they_were_wrapped():
    """Each element alone in the lists that all were in; what is no list is one element."""
    record: dict[str, object] = {"r": [{"s": [{"n": 1}, {"n": 2}], "k": 0}, "x", {"s": [{"n": 3}]}]}
    found = list_elements(record, ("r", 0, "s", 0))
    assert found == [
        {"r": [{"s": [{"n": 1}], "k": 0}]},
        {"r": [{"s": [{"n": 2}], "k": 0}]},
        {"r": [{"s": [{"n": 3}]}]},
    ]
    assert list_elements({"r": 7}, ("r", 0)) == [{"r": 7}]


def name_services(*lines) -> list[str]:
    """Of the records of a file."""
    found = read(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    return list(dict.fromkeys(service for _, _, _, service, _ in found))


EVENTS = [{"timestamp": (T0 + n) * 1000, "message": f"ERROR request {n} failed"} for n in range(9)]
VALUES = [[f"{T0 + n}000000000", f"ERROR request {n} failed"] for n in range(9)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([{"logGroup": "/aws/lambda/pay", "logStream": "2026/03/05/[$LATEST]0ab", "logEvents": EVENTS}], ["pay"]),
        (
            [
                {"logGroup": "/shop", "logStream": f"ecs/{name}/0123456789abcdef0123456789abcdef", "logEvents": EVENTS}
                for name in ("cart", "pay")
            ],
            ["cart", "pay"],
        ),
        ([{"data": {"result": [{"stream": {"container": "stock", "pod": "stock-0"}, "values": VALUES}]}}], ["stock"]),
        (
            [{"streams": [{"stream": {"pod": f"{name}-7d9f8c6b5-x2x4z"}, "values": VALUES} for name in ("a", "b")]}],
            ["a", "b"],
        ),
        ([{"entries": [{"service": "cart", "timestamp": "2026-03-05T14:02:08Z", "msg": "x y"}] * 9}], ["own"]),
    ],
)
def test_what_stands_around_records_names_their_service(lines, expected):
    """Also where there is one only, as of an envelope; the records themselves name them where there are several."""
    assert name_services(*lines) == expected


def test_a_resource_names_the_service_of_each_record():
    """Of exports with many records a line, and with one."""
    record = {"timeUnixNano": f"{T0}000000000", "severityText": "ERROR", "body": {"stringValue": "request failed"}}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "stock-db"}}]}
    for count in (1, 5):
        wrapped = [{"resource": resource, "scopeLogs": [{"scope": {}, "logRecords": [record] * count}]}]
        assert name_services(*[{"resourceLogs": wrapped}] * 4) == ["stock-db"]
