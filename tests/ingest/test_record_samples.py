"""Small files of many formats, traces and envelopes: their records are those that a person would count."""

import pytest
from record_samples import read_cases, read_records

CASES = list(read_cases())


@pytest.mark.parametrize(("name", "form", "data", "expected"), CASES, ids=[case[0] for case in CASES])
def test_records_of_small_files(name, form, data, expected):
    """Begin, time, level, service and the message's first line of every record."""
    layout, found = read_records(data)
    assert expected == [record._replace(message=record.message.split("\n", 1)[0], text=b"") for record in found]
    assert form == layout.name


@pytest.mark.parametrize(("name", "form", "data", "expected"), CASES, ids=[case[0] for case in CASES])
def test_records_are_the_whole_file(name, form, data, expected):
    """The texts of the records, one after the other, are the file: no line is dropped, none is in two."""
    assert data == b"".join(record.text + b"\n" for record in read_records(data)[1])
