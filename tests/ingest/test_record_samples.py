"""Small files of many formats, traces and envelopes: their records are those that a person would count."""

from itertools import groupby

import pytest
from record_samples import read_cases, read_records

CASES = {file: list(cases) for file, cases in groupby(read_cases(), key=lambda case: case.file)}


@pytest.mark.parametrize("file", CASES)
def test_records_of_small_files(file):
    """Begin, time, level, service and the message's first line of every record.

    Their texts, one after the other, are the file: no line is dropped, none is in two.
    """
    wrong = {}
    for case in CASES[file]:
        layout, found = read_records(case.data)
        records = [record._replace(message=record.message.split("\n", 1)[0], text=b"") for record in found]
        if (layout.name, records) != (case.form, case.records):
            wrong[case.name] = (layout.name, records)
        assert case.data == b"".join(record.text + b"\n" for record in found), case.name
    assert wrong == {}
