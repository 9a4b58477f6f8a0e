"""Lines of a log: their words, and the fields of one of them."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from logscope.model.lines import Detail, LogLine
from logscope.model.severity import Severity
from logscope.ui.line_words import have_long_heads, split_line, split_message
from logscope.ui.log_line import DrawnLine, LinePlan, draw_line, service_cells
from logscope.ui.log_pane import LogPane
from logscope.ui.views import (
    line_rows,
)
from tests.ui.rows_of import LOOK, plain


@pytest.mark.parametrize(
    ("text", "message", "said"),
    [
        ('{"level":"info","msg":"order \\"a\\" placed","id":7}', 23, ('order \\"a\\" placed', '","id":7}')),
        ("14:02:03 INFO order placed", 14, ("order placed", "")),
        ('{"id":7,"MESSAGE":"14:02 ERROR no 10.0.0.9:5432"}', 31, ("no 10.0.0.9:5432", '"}')),
        ('{"msg":"cut in the mid', 8, ("cut in the mid", "")),
    ],
)
def test_a_structured_line_says_its_message(text, message, said):
    """What stands between the quotes, without the fields behind it; plain lines say all."""
    line = LogLine("a", "a", 0, 0, 1, text, Severity.INFO, True, None, message)
    assert split_message(line) == said


def test_lines_that_stand_together_are_written_alike():
    """One long head in ten shortens all: to the time, with a letter for what is bad."""
    short, long = "00:00:07 WARN [a] slow", "00:00:07 WARN [inventory-client-of-the-shop] slow"
    lines = [LogLine("a", "a", 0, n, n, short, Severity.WARN, True, 7_000_000, 18) for n in range(9)]
    far = LogLine("a", "a", 0, 10, 10, long, Severity.WARN, True, 7_000_000, 45)
    assert not have_long_heads(lines, 70, LOOK)
    assert have_long_heads([*lines, far], 70, LOOK)
    assert not have_long_heads([*lines, far], 100, LOOK)
    split = lambda line, **given: split_line(line, LOOK, 70, is_scrolled=False, **given)  # noqa: E731
    assert split(lines[0], is_short=False) == ("00:00:07 WARN [a] ", "slow", "")
    assert split(lines[0], is_short=True) == ("00:00:07     W ", "slow", "")
    assert split(far, is_short=False) == ("00:00:07     W ", "slow", "")
    assert split(replace(lines[0], severity=Severity.INFO), is_short=True)[0] == "00:00:07       "
    inside = replace(lines[0], is_head=False, message=0, text="  Caused by: x")
    assert split(inside, is_short=True, is_apart=True) == ("00:00:07     W ", "Caused by: x", "")
    assert split(inside, is_short=True)[0] == ""
    text = '{"level":"error","msg":"column \\"rank\\" is gone","took":{"ms":3}}'
    object_ = replace(lines[0], text=text, message=text.index("column"))
    said = ("00:00:07     W ", 'column "rank" is gone', ',"took":{"ms":3}')
    assert split(object_, is_short=True) == said, "what only closes or guards is left out"


def test_a_head_by_another_clock_is_told_by_the_screens_own():
    """A log of another zone, seconds since 1970, times from the onset: one time a moment is shown, everywhere."""
    line = LogLine("a", "a", 0, 0, 1, "02:00:07 WARN [a] slow", Severity.WARN, True, 7_000_000, 18)
    assert have_long_heads([line], 120, LOOK)
    assert split_line(line, LOOK, 120, is_short=False, is_scrolled=False)[0] == "00:00:07     W "
    own = replace(line, text="00:00:07 WARN [a] slow")
    assert not have_long_heads([own], 120, LOOK)
    assert have_long_heads([own], 120, replace(LOOK, origin=5_000_000))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            '10.0.0.7:41362 [27/Nov/2026:23:58:21.485] web web/s1 0/0/251 200 "GET /a"',
            'web web/s1 0/0/251 200 "GET /a"',
        ),
        ('10.0.0.7 - jo [24/Nov/2026:14:05:30 +0000] "GET /a" 503', '"GET /a" 503'),
        ("job [7] ended at [24/Nov/2026:14:05:30 +0000] late", "job [7] ended at [24/Nov/2026:14:05:30 +0000] late"),
    ],
)
def test_a_request_does_not_tell_its_time_twice(text, shown):
    """Behind the time the line begins with what was asked and answered, not with client and date."""
    head = "Nov 27 00:00:07 lb haproxy[9]: "
    line = LogLine("a", "a", 0, 0, 1, head + text, Severity.INFO, True, 7_000_000, len(head))
    assert split_line(line, LOOK, 70, is_short=True, is_scrolled=False) == ("00:00:07       ", shown, "")
    assert split_line(line, LOOK, 170, is_short=False, is_scrolled=False)[1] == text


def test_a_message_stands_for_a_text_that_wraps_it():
    """Behind the time, without what wraps it; what was searched for is not hidden by that."""
    text = r'{"log":"{\"msg\":\"basket gone\",\"rid\":7}","time":"x"}'
    line = LogLine("a", "a", 0, 0, 1, text, Severity.ERROR, True, 7_000_000, 20)
    split = split_line(line, LOOK, 200, is_short=False, is_scrolled=False, said="basket gone")
    assert split == ("00:00:07     E ", "basket gone", "")
    pane = LogPane(SimpleNamespace(message_of=lambda _: "basket gone"), LOOK, id="logs")
    assert pane._said(line) == "basket gone"
    pane.needle = "rid"
    assert pane._said(line) == ""
    pane.needle = "basket"
    assert pane._said(line) == "basket gone"


def test_lines_of_a_stream_tell_their_service():
    """Where several services write one log, whose line it is stands before heads that are told by their time."""
    lines = [
        LogLine("-", name, 0, n, n, "x", Severity.INFO, True, 7_000_000, 1) for n, name in enumerate(("db", "shop"))
    ]
    assert service_cells(lines) == 4
    assert service_cells(lines[:1] * 3) == 0
    plan = LinePlan(60, 0, is_merged=False, is_short=True, needle="", has_focus=False, service_cells=4)
    drawn = [draw_line(DrawnLine(line, False, False, 0), plan, LOOK).text for line in lines]
    assert [text[9:14] for text in drawn] == ["db   ", "shop "]
    more = DrawnLine(replace(lines[0], is_head=False), False, False, 0)
    assert draw_line(more, plan, LOOK).text[9:14] == " " * 5


def test_the_fields_of_a_line_stand_in_one_column():
    """The time among them, however short or long the others' names are."""
    line = LogLine("x", "tax", 0, 0, 7, "failed", Severity.ERROR, True, 1_772_460_118_332_000, 0)
    for names in (("level", "id"), ("level", "request_duration")):
        detail = Detail(tuple((name, "value") for name in names), "failed", ())
        rows = plain(line_rows(line, detail, 60, LOOK))[:3]
        assert {row.index(said) for row, said in zip(rows, ("14:01:58", "value", "value"), strict=True)} == {
            max(map(len, names)) + 3
        }
