"""The timeline: its axis, the lanes of the services, users, errors and marks."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from logscope.model.incident import EventKind
from logscope.model.times import DAY_US, Dial
from logscope.ui.axis import Axis
from logscope.ui.lanes import draw_axis, draw_histogram, draw_lane, draw_marks, draw_users, order_lanes
from logscope.ui.palette import ANSI, DARK, MONO, UNICODE
from logscope.ui.timeline_rows import draw_rows, draw_strip, lines_wanted
from tests.ui.rows_of import LOOK, MINUTE


def test_the_cause_is_visible_beside_a_storm(known):
    """One line against 150 a minute: the lane has its own scale, the cell its own colour, half its height at least."""
    first, last = known.incident.start - 5 * MINUTE, known.incident.start + 40 * MINUTE
    axis = Axis(first, last, 80)
    assert order_lanes(known)[0] == "redis-server"
    row = draw_lane(known, "redis-server", axis, LOOK)
    glyph, style = row.cells[axis.column(known.incident.start)]
    assert glyph in UNICODE.blocks[4:]
    assert style == DARK.cause


@pytest.mark.parametrize("palette", [ANSI, MONO], ids=["ansi", "mono"])
def test_the_cause_is_visible_below_the_cursor(known, palette):
    """The cursor stands on it at first: a bar that is reversed shows what it does not fill."""
    look = replace(LOOK, palette=palette)
    axis = Axis(known.incident.start - 5 * MINUTE, known.incident.start + 40 * MINUTE, 80)
    column = axis.column(known.incident.start)
    cell = 20 + column, 21 + column
    (bar,) = draw_strip(draw_lane(known, "redis-server", axis, look), column, 20, 110, look).crop(*cell)
    (mark,) = draw_strip(draw_marks(known, axis, look), column, 20, 110, look).crop(*cell)
    assert bar.text in UNICODE.blocks[4:]
    assert (bar.style.reverse, bar.style.color) == (None, palette.cause.color)
    assert (mark.text, mark.style.reverse) == (UNICODE.root, True)


def test_where_nobody_complains_lanes_show_who_writes(known):
    """Without an error, a warning or an event all services have a lane, the busiest first."""
    lanes = tuple(
        replace(lane, errors=tuple(0 for _ in lane.errors), warnings=tuple(0 for _ in lane.warnings))
        for lane in known.lanes
    )
    order = order_lanes(replace(known, lanes=lanes, timeline=()))
    calm = replace(known, lanes=lanes, timeline=())
    assert lines_wanted(calm, 20) == 2 + 2 + 1 + len(order), "and the histogram one line"
    written = {lane.service: sum(lane.records) for lane in lanes}
    assert order == sorted((name for name in written if written[name]), key=lambda name: -written[name])


def test_where_nobody_complains_what_is_written_has_bars(known):
    """A service that writes a tenth of what it did is seen to; how many asked is drawn however few lines there are."""
    count = len(known.lanes[0].records)
    fallen = tuple(90 if n < count // 2 else 9 for n in range(count))
    none = tuple(0 for _ in fallen)
    lanes = tuple(replace(lane, records=fallen, errors=none, warnings=none) for lane in known.lanes)
    users = replace(known.users, ok=fallen, failed=none)
    told = tuple(entry for entry in known.timeline if entry.is_root)
    calm = replace(known, lanes=lanes, users=users, near=None, timeline=told, candidates=())
    first, last = known.lane_start, known.lane_start + count * known.lane_bucket_us
    assert set(order_lanes(calm)) == {lane.service for lane in lanes}, "not of the event's service alone"
    bars = "".join(text for text, _ in draw_lane(calm, lanes[0].service, Axis(first, last, 40), LOOK).cells)
    assert bars[:19] == "█" * 19
    assert set(bars[21:]) <= set("▂▃")
    for lines in (6, 9):
        drawn = draw_rows(calm, Axis(first, last, 40), lines, LOOK, is_big=False)
        labels = [row.label for row in drawn.rows]
        assert labels[1:3] == ["users ok", "requests"]
        assert "err + warn" not in labels, "nothing stands in it: a lane has its line"
        assert drawn.hidden == len(lanes) - lines + 4


def test_who_fell_silent_without_a_word_shows_what_it_wrote(known):
    """Beside services that complain: of one that does not the fall is all that there is to see."""
    count = len(known.lanes[0].records)
    none = (0,) * count
    silent = replace(
        known.lanes[-1], records=(90,) * (count // 2) + (0,) * (count - count // 2), errors=none, warnings=none
    )
    entry = replace(known.timeline[-1], kind=EventKind.SILENCE, is_key=True, service=silent.service)
    told = replace(
        known, lanes=(*known.lanes[:-1], silent), near=None, candidates=(), timeline=(*known.timeline, entry)
    )
    axis = Axis(known.lane_start, known.lane_start + count * known.lane_bucket_us, 40)
    bars = lambda one: "".join(text for text, _ in draw_lane(one, silent.service, axis, LOOK).cells)  # noqa: E731
    assert bars(told)[:19] == "█" * 19
    assert bars(told)[21:] == " " * 19
    assert "█" not in bars(replace(told, timeline=known.timeline))


def test_users_are_drawn_as_the_share_that_was_served(known):
    """Full before the incident, a third in it, full again; the figure is the cursor cell's."""
    start = known.incident.start
    axis = Axis(start - 10 * MINUTE, start + 50 * MINUTE, 60)
    row = draw_users(known, axis, LOOK)
    heights = [UNICODE.blocks.index(glyph) for glyph, _ in row.cells]
    assert min(heights[:9]) >= 7
    assert max(heights[12:38]) <= 4
    assert min(heights[45:]) >= 7
    assert row.tails[20].strip().endswith("%")


def test_an_estimate_is_drawn_differently(known):
    """Bars of what is still being read are faint and labelled."""
    axis = Axis(known.incident.start, known.incident.start + 30 * MINUTE, 40)
    exact = draw_histogram(known, axis, 0, 1, LOOK)
    estimate = draw_histogram(replace(known, provisional=True), axis, 0, 1, LOOK)
    assert estimate.label == "so far"
    assert [glyph for glyph, _ in exact.cells] == [glyph for glyph, _ in estimate.cells]
    assert {style for glyph, style in estimate.cells if glyph.strip()} == {DARK.faint}


def test_cells_of_the_axis_hold_every_record():
    """Where several buckets share a cell their counts are summed; none is lost."""
    counts = list(range(100))
    axis = Axis(0, 100 * MINUTE, 30)
    assert sum(axis.spread(counts, 0, MINUTE)) == sum(counts)
    assert axis.column(axis.time_at(7)) == 7
    assert axis.column(100 * MINUTE) is None


def test_round_times_are_labelled():
    """Labels are at round minutes, counted from midnight or from the onset."""
    start = 1_772_460_000_000_000 + 118 * 1_000_000
    labels = Axis(start, start + 60 * MINUTE, 100).labels(LOOK)
    assert labels.split() == [text for text in labels.split() if text[-2:] in ("00", "10", "20", "30", "40", "50")]
    from_onset = Axis(start, start + 60 * MINUTE, 100).labels(replace(LOOK, origin=start))
    assert from_onset.split()[0] == "+00:00"


@pytest.mark.parametrize(
    ("back", "cells", "millis"),
    [
        (0, "14:02:03", "14:02:03.250"),
        (1, "-1d14:02", "-1d 14:02:03"),
        (9, "-9d14:02", "-9d 14:02:03"),
        (10, "Feb 21  ", "Feb 21 14:02"),
        (-1, "Mar 04  ", "Mar 04 14:02"),
    ],
)
def test_another_day_is_told_in_as_many_cells(back, cells, millis):
    """A time of another day than the newest record's says so: it would be read as today's."""
    moment = datetime(2026, 3, 3, 14, 2, 3, 250_000, tzinfo=UTC) - timedelta(days=back)
    look = replace(LOOK, dial=Dial(UTC, date(2026, 3, 3)))
    time = round(moment.timestamp() * 1_000_000)
    assert (look.clock(time), look.clock_ms(time)) == (cells, millis)


@pytest.mark.parametrize(("room", "told"), [(18, "2026-03-03 UTC"), (12, "Mar 3 UTC")])
def test_before_the_axis_stand_its_day_and_zone(room, told):
    """Logs of another day look like tonight's otherwise; counted from the onset, times are of no day."""
    end = round(datetime(2026, 3, 3, 1, tzinfo=UTC).timestamp()) * 1_000_000
    axis = Axis(end - 120 * MINUTE, end, 60)
    assert draw_axis(axis, None, LOOK, room).label == told
    assert draw_axis(axis, None, replace(LOOK, origin=end), room).label.startswith("from ")


@pytest.mark.parametrize("days", [40, 90, 400, 4000])
def test_labels_of_a_long_span_do_not_touch(days):
    """Found by reading: steps ended at a week, and dates of half a year were written over each other."""
    start = round(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * 1_000_000
    shown = Axis(start, start + days * 1440 * MINUTE, 100).labels(LOOK)
    assert 2 <= len(re.findall(r"[A-Z][a-z]{2} \d{1,2}(?= |$)", shown)) <= 8
    assert not re.search(r"[A-Z][a-z]{2}[^ ]", shown)


def test_a_time_that_no_calendar_has_is_shown_at_its_edge():
    """A saved incident may hold any number."""
    assert (Dial().read(2**62).year, Dial(timezone(timedelta(hours=14))).read(2**62).year) == (9999, 9999)
    assert Dial(timezone(-timedelta(hours=12))).read(-(2**62)).year == 1


def test_the_axis_tells_where_a_day_begins():
    """At midnight of the zone that is shown stands the date."""
    start = round(datetime(2026, 3, 2, 20, tzinfo=UTC).timestamp()) * 1_000_000
    axis = Axis(start, start + 480 * MINUTE, 100)
    assert "Mar 3" in axis.labels(LOOK)
    assert "22:00" in axis.labels(LOOK)
    assert "00:00" not in axis.labels(LOOK)


def test_figures_of_the_lanes_are_of_what_is_in_view(known):
    """Counts and peaks beside the lanes are those of the buckets that are shown, and a word says so."""
    start, width = known.lane_start, known.lane_bucket_us
    name = next(lane.service for lane in known.lanes if sum(lane.errors))
    lane = next(lane for lane in known.lanes if lane.service == name)
    at = next(n for n, count in enumerate(lane.errors) if count)
    axis = Axis(start + at * width, start + (at + 1) * width, 40)
    assert draw_lane(known, name, axis, LOOK).tail == f" {lane.errors[at]:,} E"
    assert draw_marks(known, axis, LOOK).tail.strip() == "in view:"


def test_the_cursor_leaves_no_half_of_a_label():
    """A date has a blank of its own: what is beside the cursor's time goes whole, its neighbours stay."""
    noon = 1_772_452_800_000_000
    look = replace(LOOK, dial=Dial.around(noon + 40 * DAY_US))
    axis = Axis(noon - 12 * 60 * MINUTE, noon + 60 * 60 * MINUTE, 72)
    whole = axis.labels(look).split("  ")
    for column in range(72):
        shown = "".join(letter for letter, _ in draw_axis(axis, axis.time_at(column), look, 18).cells)
        cursor = look.clock(axis.time_at(column)).strip()
        left = [part for part in re.split(" {2,}", shown.replace(cursor, "  ")) if part.strip()]
        assert {part.strip() for part in left} <= {part.strip() for part in whole}, (column, shown)
