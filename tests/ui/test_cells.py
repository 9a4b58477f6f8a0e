"""Texts of scripts whose letters take two cells."""

from dataclasses import replace

from rich.cells import cell_len

from logscope.ui.axis import Axis
from logscope.ui.formatting import fit, shorten, shorten_clause, wrap
from logscope.ui.lanes import draw_lane
from logscope.ui.palette import UNICODE
from logscope.ui.timeline_rows import draw_strip
from logscope.ui.views import story_rows
from tests.ui.rows_of import LOOK

WIDE = "名前サービス"


def test_columns_and_lines_keep_their_width():
    """Fitted, shortened and wrapped texts take the cells that they were given."""
    text = f"{WIDE}: accept4: too many open files, {WIDE * 9}; {WIDE}"
    for width in (4, 9, 20, 33, 60):
        assert cell_len(fit(text, width, UNICODE)) == width
        assert cell_len(shorten(text, width, UNICODE)) <= width
        assert cell_len(shorten_clause(text, width, UNICODE)) <= width
        lines = wrap(text, width, width, 99, UNICODE)
        assert max(map(cell_len, lines)) <= width
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_lane_begins_in_its_column(known):
    """Whatever the service is called."""
    axis = Axis(known.incident.start, known.incident.start + 60_000_000, 40)
    lane = replace(known.lanes[0], service=WIDE)
    row = draw_lane(replace(known, lanes=(lane,)), WIDE, axis, LOOK)
    strips = [draw_strip(replace(row, label=label), None, 14, 64, LOOK) for label in (WIDE, "redis", WIDE * 3)]
    assert {strip.cell_length for strip in strips} == {64}
    assert len({strip.crop(14, 54).text for strip in strips}) == 1


def test_a_story_keeps_its_columns(known):
    """What users lost stands in one column behind words of any script."""
    entries = tuple(replace(one, event=f"{WIDE * 5} {one.event}", impact="none yet") for one in known.timeline)
    rows = [row.text for row in story_rows(replace(known, timeline=entries), 120, 0, LOOK)]
    assert len({cell_len(text.plain.partition("none yet")[0]) for text in rows}) == 1
