"""Logs side by side: pure."""

from logscope.model.lines import LogLine
from logscope.model.severity import Severity
from logscope.ui.aligned import align, find_chief


def line(service, ms, severity=Severity.INFO):
    """A head of a record of a service."""
    return LogLine(service, service, 0, ms, 1, "text", severity, True, 1000 * ms)


def test_lines_of_one_row_are_of_its_time():
    """A line that comes later than a tenth of a second has a row of its own: the row's time is said of all."""
    rows = align([line("a", 0), line("b", 90), line("a", 95), line("b", 400)], ("a", "b"))
    assert [{name: one.time // 1000 for name, one in row.items()} for row in rows] == [
        {"a": 0, "b": 90}, {"a": 95}, {"b": 400},
    ]  # fmt: skip


def test_a_row_is_told_by_its_gravest_line():
    """Its time is before the row, and Enter opens it; of ordinary lines the first is meant."""
    row = {"a": line("a", 14), "b": line("b", 32, Severity.WARN), "c": line("c", 20, Severity.NOTICE)}
    assert find_chief(row).time == 32_000
    del row["b"]
    assert find_chief(row).time == 14_000
