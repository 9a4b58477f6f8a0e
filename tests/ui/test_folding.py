"""Folded records, and marks for lines that were not kept."""

from logscope.model.lines import LogLine
from logscope.model.severity import Severity
from logscope.ui.folding import fold, mark_gaps


def make_line(number, *, is_head=True, part=0):
    return LogLine("a.log", "a", part, number, number, f"line {number}", Severity.INFO, is_head, number)


def test_a_long_record_is_folded_into_its_head():
    """Continuations of more than a few lines are hidden until the record is unfolded."""
    lines = [make_line(1), *(make_line(n, is_head=False) for n in range(2, 8)), make_line(8)]
    shown, hidden = fold(lines, ())
    assert [line.number for line in shown] == [1, 8]
    assert hidden == {lines[0].spot: 6}
    assert fold(lines, {lines[0].spot}) == (lines, {})


def test_lines_that_were_not_kept_are_counted():
    """A mark stands before the first kept line and in each gap; lines behind a folded head are not missing."""
    head = make_line(5)
    lines = [head, make_line(9), make_line(11), make_line(12)]
    shown, marks = mark_gaps(lines, {head.spot: 3}, is_first=True, ellipsis="...")
    assert [line.text for line in shown] == [
        "... 4 lines not kept", "line 5", "line 9", "... 1 line not kept", "line 11", "line 12",
    ]  # fmt: skip
    assert marks == {0, 3}
    assert mark_gaps(lines[1:3], {}, is_first=False, ellipsis="")[1] == {1}


def test_parts_and_unknown_numbers_make_no_gap():
    """Where numbers say nothing about what is missing nothing is claimed."""
    lines = [make_line(5), make_line(90, part=1)]
    assert mark_gaps(lines, {}, is_first=False, ellipsis="") == (lines, frozenset())
