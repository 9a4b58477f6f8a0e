"""Each format's sample lines are tests: what a person reads in them is what the learned layout reads."""

import pytest
from format_samples import BY_FILE, BY_NAME, CASES, layout_of, learn

from logscope.ingest.formats.form import Origin
from logscope.ingest.layouts.layout import Layout
from logscope.model.severity import Severity
from logscope.model.times import format_iso


def describe(layout: Layout, lines: list[bytes]) -> list[str]:
    state = layout.new_state()
    found, last = [], Severity.UNKNOWN
    for line in lines:
        head = layout.parse(line, state)
        if head is None or (head.origin is Origin.EITHER and last >= Severity.WARN):
            found.append("...")
            continue
        last = head.severity
        message = layout.fields(line).message if layout.is_structured else line[head.message :].decode()
        time = format_iso(head.time) if head.time is not None else "-"
        level = head.severity.word or "-"
        found.append(f"{time} {level} {head.service or '-'} {head.status or '-'} | {message}".rstrip())
    return found


def test_each_format_has_a_name_of_its_own():
    """Tests look samples up by their names: of two with one name the first would be looked at by nobody."""
    assert len(BY_NAME) == len(CASES)


@pytest.mark.parametrize("file", BY_FILE)
def test_sample_lines(file):
    """Time, level, service, status, message and continuations of a format's lines are read as a person would."""
    expected, found = {}, {}
    for name, form, rows in BY_FILE[file]:
        layout = layout_of(name)
        expected[name] = (form, [text for _, text in rows])
        found[name] = (layout.name, describe(layout, [line for line, _ in rows]))
    assert {name: found[name] for name in found if found[name] != expected[name]} == {}


@pytest.mark.parametrize("file", BY_FILE)
def test_windows_line_ends(file):
    """Carriage returns at the line ends change nothing."""
    for name, _, rows in BY_FILE[file]:
        lines = [line + b"\r" for line, _ in rows]
        found = [text.rstrip("\r").rstrip() for text in describe(learn(lines), lines)]
        assert [expected for _, expected in rows] == found, name
