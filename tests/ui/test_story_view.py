"""The story: what happened in order, who fails as well, and what users lost."""

import re
from dataclasses import replace

import pytest

from logscope.model.causes import Link, Trigger
from logscope.model.files import LineRef
from logscope.model.incident import EventKind
from logscope.model.snapshot import FurtherIncident
from logscope.ui.events import story_entries
from logscope.ui.views import (
    story_rows,
    why_rows,
)
from tests.ui.rows_of import LOOK, plain


def test_who_has_no_event_in_the_story_is_told_below_it(known):
    """Of a dozen services that fail the story tells five: how many more there are, and who, stands in a line."""
    many = tuple(f"svc{n}" for n in range(9))
    wide = replace(known, incident=replace(known.incident, services=(*known.incident.services, *many)))
    for width in (80, 120):
        row = story_rows(wide, width, 30, LOOK)[-1]
        assert "too     9 more services: svc0, svc1, svc2" in row.text.plain
        assert (row.can_stand, row.text.cell_len <= width) == (False, True)
    few = replace(known, incident=replace(known.incident, services=(*known.incident.services, *many[:2])))
    assert "more services" not in "".join(plain(story_rows(few, 120, 30, LOOK)))
    assert "more services" not in "".join(plain(story_rows(known, 120, 30, LOOK)))


def test_words_take_the_place_of_a_count_that_is_not_there(known):
    """A row without a count tells more of its line; `none yet` is said again, it is no longer than `as above`."""
    rows = plain(story_rows(known, 120, 9, LOOK))
    assert "eviction policy: noeviction" in rows[0]
    entries = [replace(one, impact="none yet") for one in known.timeline]
    assert "as above" not in "".join(plain(story_rows(replace(known, timeline=tuple(entries)), 120, 9, LOOK)))


def test_what_users_lost_is_set_off_from_the_words(known):
    """A line that ends with a figure is not read on into the share behind it."""
    long = f"{'word ' * 30}size 5"
    entries = [replace(e, event=long, impact=f"{n} % of 73 requests ok") for n, e in enumerate(known.timeline)]
    for row in plain(story_rows(replace(known, timeline=tuple(entries)), 120, 9, LOOK)):
        assert re.search(r"  \d+ % of 73", row)


def test_what_the_event_says_is_not_said_again(known):
    """A loss that is an event itself needs no second telling, cut short."""
    lost = "requests lost before this log"
    entries = [replace(one, event=f"{lost}: 8.2/s to 0.9/s", impact=lost) for one in known.timeline]
    rows = plain(story_rows(replace(known, timeline=tuple(entries)), 120, 9, LOOK))
    assert [row.count("lost") for row in rows] == [1] * len(rows)


def test_routes_that_fail_are_told_whole_or_not_at_all(known):
    """Half a route says nothing: the share stands alone where its route has no room."""
    impact = "58 % of 3,976 requests ok; POST /v1/payments/and/captures fails"
    entries = tuple(replace(one, impact=impact) for one in known.timeline)
    for width in (120, 160):
        assert "requests ok; POST" not in "".join(plain(story_rows(replace(known, timeline=entries), width, 9, LOOK)))


def test_a_change_in_the_causes_second_stands_before_it(known):
    """Where a coarse stamp hides the order: it may have set the cause off, and is told as that on top."""
    root = next(e for e in known.timeline if e.is_root)
    second = root.time // 1_000_000 * 1_000_000
    change = replace(root, time=second, kind=EventKind.CHANGE, event="flag on", is_root=False)
    rows = plain(story_rows(replace(known, timeline=(root, change)), 120, 2, LOOK))[:2]
    assert ["flag on" in row for row in rows] == [True, False]


@pytest.mark.parametrize(
    ("time", "lag", "told"),
    [
        (5_250_000, 16_900_000, "16.9 s before"),
        (5_250_000, 400, "at the same moment"),
        (5_000_000, 626_000, "in the same second"),
        (5_147_000, 853_000, "1 s before"),
        (5_000_000, 125_400_000, "2 min 5 s before"),
    ],
)
def test_a_trigger_is_told_no_finer_than_both_stamps(time, lag, told):
    """Its lag is not known to the millisecond where one of the two is of whole seconds."""
    assert Trigger("f", 1, "", time, lag, Link.TIME).when == told


def test_a_stamp_claims_no_more_than_it_says(known):
    """A whole second is shown as one, its lag without tenths; within the cause's second the cause stands first."""
    root = next(e for e in known.timeline if e.is_root)
    second = root.time // 1_000_000 * 1_000_000
    same = replace(root, time=second, event="in the same second", is_root=False)
    later = replace(same, time=second + 5_000_000, event="five later")
    exact = replace(same, time=root.time + 120_000, event="exact")
    placed = replace(exact, event="not before its cause", is_placed=True)
    rows = plain(story_rows(replace(known, timeline=(same, root, placed, exact, later)), 120, 5, LOOK))[:5]
    assert [row[3:24] for row in rows] == [
        "14:01:58.332         ",
        "14:01:58     <1s     ",
        "14:01:58     <1s     ",
        "14:01:58.452 +0.1s   ",
        "14:02:03     +5s     ",
    ]


def test_other_incidents_stand_below_the_story(known):
    """When they began, what they are and whether they are over; their line opens, and why says what speaks for them."""
    over = replace(known.recovery, over=False)
    other = FurtherIncident(replace(known.incident, headline="relay: refused"), known.candidates[1:], over)
    both = replace(known, further=(other,))
    for width in (80, 120):
        row = story_rows(both, width, 30, LOOK)[-1]
        assert row.text.plain[3:].startswith("14:01:58     also    relay: refused ")
        assert row.text.plain.endswith(" not over ")
        assert row.ref == LineRef(other.candidates[0].file, other.candidates[0].line)
        assert row.text.cell_len <= width
    assert " ALSO, not over" in "\n".join(plain(why_rows(both, 100, LOOK)))
    assert len(story_rows(both, 80, 12, LOOK)) <= 12


def test_what_users_lost_is_said_once(known):
    """Where events in a row say the same of it, the later ones say that."""
    first, second, *_ = (replace(e, impact="9 % of 99 requests ok") for e in story_entries(known.timeline))
    third = replace(second, time=second.time + 1, impact="users served")
    for width in (80, 120, 200):
        text = "\n".join(plain(story_rows(replace(known, timeline=(first, second, third)), width, 9, LOOK)))
        assert [text.count(part) for part in ("9 % of 99", "as above", "users served")] == [1, 1, 1]


def test_a_fix_says_how_it_is_known(known):
    """A line that may have ended it is the likely fix; a person's words are marked as those; both in all layouts."""
    marked = replace(
        next(e for e in known.timeline if e.kind is EventKind.FIX), file=None, line=None, service="", event="raised it"
    )
    both = replace(known, timeline=(*known.timeline, marked))
    for height in (9, 60):
        text = "\n".join(plain(story_rows(both, 120, height, LOOK)))
        assert "likely fix: " in text
        assert "fix marked: raised it" in text
