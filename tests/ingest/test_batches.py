"""Exporters and archives wrap many records in one object a line: the worst stands for all, and that is told."""

import json

from format_samples import learn

from logscope.ingest.formats.objects import list_elements, load_cut_object
from logscope.ingest.layouts.learn import collect_lines
from logscope.ingest.layouts.sample import Sample
from logscope.model.severity import Severity


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


def test_the_worst_of_a_line_stands_for_it():
    """An error deep in a batch is the record's level, time and message."""
    lines = [export(number, bad=7) for number in range(4)]
    layout = learn(lines)
    heads = [head for line in lines if (head := layout.parse(line, layout.new_state())) is not None]
    assert layout.is_batched
    assert [(head.severity, (head.time or 0) // 1_000_000) for head in heads] == [
        (Severity.ERROR, 1_772_719_335 + 10 * number) for number in range(4)
    ]
    assert [layout.read_message(line) for line in lines] == ["request 7 failed"] * 4
    assert layout.fields(lines[0]).message == "request 7 failed"


def test_objects_that_wrap_nothing_are_no_batches():
    """A list inside a record is its own."""
    lines = [b'{"time":"2026-03-05T14:02:0%dZ","level":"info","msg":"ok","tags":[{"a":1}]}' % n for n in range(5)]
    assert not learn(lines).is_batched


def test_objects_around_one_record_each_are_no_batches():
    """A list of one record is that record: nothing stands for others."""
    lines = [json.dumps({"Records": [{"eventTime": f"2026-03-05T14:02:0{n}Z", "m": "a b"}]}).encode() for n in range(5)]
    assert not learn(lines).is_batched


def test_a_line_that_is_longer_than_the_sample_is_learned_from_its_begin():
    """One line of an archive, far longer than what is sampled of a line, is read as objects."""
    rows = [{"eventTime": f"2026-03-05T14:02:{n % 60:02}Z", "eventName": "DescribeInstances"} for n in range(600)]
    line = json.dumps({"Records": rows}).encode()
    cut, _ = collect_lines(Sample("x.json", line + b"\n", b"", b"", len(line) + 1, None))
    layout = learn([line])
    head = layout.parse(line, layout.new_state())
    assert len(cut[0]) < len(line)
    assert layout.is_batched
    assert head is not None
    assert head.time == 1_772_719_320_000_000


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
