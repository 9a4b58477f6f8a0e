"""The four sentences on top, at any width and height."""

from dataclasses import replace

import pytest

from logscope.model.causes import Confidence
from logscope.model.files import LineRef
from logscope.model.snapshot import Sentence
from logscope.ui.events import story_entries
from logscope.ui.formatting import shorten_clause, wrap
from logscope.ui.palette import UNICODE
from logscope.ui.views import (
    as_of_now,
    lines_wanted,
    sentence_lines,
    story_rows,
)
from tests.ui.rows_of import LOOK


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("height", [4, 5, 6, 7, 8])
def test_the_four_questions_are_always_answered(known, width, height):
    """However long the sentences are, each has its label, its line and its confidence, in the given lines."""
    long = "a mechanism that takes many words to be told " * 5
    sentences = (
        Sentence("OVER", long, None, "ok"),
        Sentence("BROKE", f"{long}  14:01:58.332", LineRef("x/redis-server.log", 29), "cause", Confidence.HIGH),
        Sentence("SET OFF", f"{long}  14:01:50, 8 s before, linked by time only", LineRef("deploy.log", 2), "warning"),
        Sentence("USERS", long, None, "plain"),
    )
    lines = [line.plain for line in sentence_lines(sentences, width, height, LOOK)]
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines), lines
    text = "\n".join(lines)
    for word in ("OVER", "BROKE", "SET OFF", "USERS", "redis-server.log:29", "HIGH", "deploy.log:2"):
        assert word in text
    if width >= 80 and height == len(sentences):
        # What broke is said before the millisecond in which it did.
        assert "BROKE    a mechanism that takes many wor" in text


def test_sentences_are_whole_where_there_is_room(known):
    """In the lines that they ask for nothing of the story's sentences is cut at 80 cells."""
    count = lines_wanted(known.sentences, 80, LOOK)
    text = "".join(line.plain for line in sentence_lines(known.sentences, 80, count, LOOK))
    assert count <= 8
    assert "…" not in text


@pytest.mark.parametrize(("width", "height"), [(80, 4), (80, 6), (80, 8), (60, 5), (60, 8), (49, 4), (44, 8), (40, 5)])
def test_a_change_that_is_known_by_time_only_says_so(width, height):
    """Where its figures do not fit the lag goes first, then the time: it may be no more than a coincidence."""
    words = "reporting: flags: feature flag changed: flag=export_v2_streaming, value=true"
    text = f"{words}  12:40:44.041, 16.9 s before, by time only"
    rest = [Sentence(label, "short", None, "plain") for label in ("OVER", "BROKE", "USERS")]
    sentences = (*rest[:2], Sentence("SET OFF", text, LineRef("reporting.log", 198), "warning"), rest[2])
    shown = " ".join(line.plain for line in sentence_lines(sentences, width, height, LOOK))
    assert "by time only" in shown
    assert ("12:40:44.041" in shown) == (width >= 80 and height > 4)


def test_texts_are_cut_where_a_clause_ends():
    """A cut leaves whole clauses or at least whole words."""
    assert shorten_clause("34 % of 589 requests ok; GET /cart fail", 28, UNICODE) == "34 % of 589 requests ok"
    assert shorten_clause("one two three four", 12, UNICODE) == "one two…"
    assert shorten_clause("job starting (table users, exclusive)", 28, UNICODE) == "job starting (table users…"
    assert wrap("one two three", 8, 8, 2, UNICODE) == ["one two", "three"]


def test_what_is_not_read_any_more_says_so_first(known):
    """A dead reader or a path without a file stands in the state's place, hostile names escaped."""
    state, broke, *_ = as_of_now(known, "MemoryError", (), LOOK)
    assert (state.label, state.tone) == ("STOPPED", "error")
    assert known.sentences[0].text in state.text
    assert broke == known.sentences[1]
    assert as_of_now(known, "", (("/x", "no such file"),), LOOK) == known.sentences
    empty = replace(known, files=())
    state, *rest = as_of_now(empty, "", (("/var/log/\x1b[2Jnope", "no such file"),), LOOK)
    assert (state.label, "\x1b" in state.text, "no such file" in state.text) == ("WAITING", False, True)
    assert {one.text for one in rest} == {"-"}


def test_a_further_line_goes_where_most_is_lost():
    """At 80x24 the trigger is told with its values before the state's last word gets a line of its own."""
    state = Sentence("OVER", "since 12:43:19, confirmed (as of 12:45:23): 1,545 of 1,545 requests served", None, "ok")
    broke = Sentence("BROKE", "postgres: no slot is left  12:41:00", LineRef("p.log", 3), "cause", Confidence.HIGH)
    trigger = "reporting: feature flag changed: flag=export_v2_streaming, value=true  12:40:44, 17 s before, by name"
    set_off = Sentence("SET OFF", trigger, LineRef("reporting.log", 198), "warning")
    users = Sentence("USERS", "100 % of 12/s -> 31 % of 13/s -> 100 % of 12/s", None, "plain")
    lines = [line.plain.strip() for line in sentence_lines((state, broke, set_off, users), 80, 5, LOOK)]
    assert lines[2].endswith("flag=export_v2_streaming, value=true")
    assert lines[3] == "12:40:44, 17 s before, by name  reporting.log:198"
    assert lines[0].endswith("requests…")


def test_a_short_sentence_keeps_its_point_beside_a_long_one():
    """What broke is not cut to its first word for a third line of the state."""
    words = "users ok since 12:36:45 (177 requests), yet the recommender ran out of memory again and again, "
    state = Sentence("PARTIAL", words + "6 times since 12:34:27, last 12:36:39; its memory climbs on", None, "warning")
    text = "recommender: out of memory while ranking candidates, aborting  12:32:15.650"
    broke = Sentence("BROKE", text, LineRef("recommender.log", 813), "cause", Confidence.MEDIUM)
    set_off = Sentence("SET OFF", "deploy: r118 started  12:32:07, 8 s before", LineRef("deploy.log", 2), "warning")
    users = Sentence("USERS", "100 % of 5.8/s -> 52 % of 6.3/s", None, "plain")
    lines = [line.plain.strip() for line in sentence_lines((state, broke, set_off, users), 80, 6, LOOK)]
    assert any(line.endswith("while ranking candidates, aborting") for line in lines)
    assert len(lines) == 6


def test_free_lines_go_to_words_that_are_cut(known):
    """One line an event; where lines are left the words go on below, the cause's first, with their place."""
    entries = story_entries(known.timeline)
    long = replace(known, timeline=tuple(replace(e, event=f"{'word ' * 11}end") for e in entries))
    tight, free = story_rows(long, 80, len(entries), LOOK), story_rows(long, 80, len(entries) + 1, LOOK)
    assert [row.is_joined for row in tight] == [False] * len(entries)
    (more,) = [n for n, row in enumerate(free) if row.is_joined]
    assert free[more].time == next(e.time for e in entries if e.is_root)
    assert "redis-server.log:29" in free[more].text.plain


def test_routes_that_fail_are_told_with_their_verb(known):
    """Where the list of them is cut, the share alone stands there."""
    impact = "94 % of 162 requests ok; GET /account, POST /account fail"
    entries = tuple(replace(entry, impact=impact) for entry in known.timeline)
    first = story_rows(replace(known, timeline=entries), 160, 0, LOOK)[0].text.plain
    assert first.rstrip().endswith("94 % of 162 requests ok")


def test_a_clause_that_ends_with_the_room_is_whole():
    """What fits up to the end of a clause needs no ellipsis."""
    assert shorten_clause("37 % of 1,458 requests ok; GET /catalog fails", 25, UNICODE) == "37 % of 1,458 requests ok"


def test_a_word_longer_than_a_line_begins_where_there_is_room():
    """It is parted behind a comma or the like, if one is near the end of the line; nothing of it is lost."""
    word = "constraint=none,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task=java"
    lines = wrap(f"kernel: {word}", 40, 40, 9, UNICODE)
    assert lines[0] == "kernel: constraint=none,nodemask=(null),"
    assert "".join(lines).replace("kernel: ", "") == word
    assert wrap("x" * 90, 40, 40, 9, UNICODE) == ["x" * 40, "x" * 40, "x" * 10]


@pytest.mark.parametrize("width", [24, 32, 40, 60])
def test_sentences_stay_inside_a_narrow_screen(known, width):
    """No line is wider than the screen: confidence goes first, then the place is cut."""
    lines = sentence_lines(known.sentences, width, 4, LOOK)
    assert [line.plain for line in lines if line.cell_len > width] == []
    assert shorten_clause("14:01:58.332", -3, UNICODE) == ""


def test_while_reading_nothing_is_sure(known):
    """Before all is read the cause is what is known so far, of no degree of confidence."""
    read = sentence_lines(as_of_now(known, "", (), LOOK), 120, 4, LOOK)
    reading = sentence_lines(as_of_now(replace(known, provisional=True), "", (), LOOK), 120, 4, LOOK)
    assert "HIGH" in read[1].plain
    assert " so far: redis" in reading[1].plain
    assert "HIGH" not in reading[1].plain


def test_the_narrowest_screen_tells_what_broke_rather_than_where():
    """Forty cells hold a mechanism or a place: the story has the place as well."""
    broke = Sentence("BROKE", "redis: maxmemory reached, eviction policy", LineRef("redis-server.log", 29), "cause")
    assert sentence_lines([broke], 40, 1, LOOK)[0].plain == " BROKE    redis: maxmemory reached"


def test_no_line_is_spent_on_the_last_word():
    """Where one word less lets what users got end in its line, it ends there; where there is room all is said."""
    state = Sentence("OVER", "since 03:22:41, confirmed (as of 03:29:59): 4,396 of 4,396 requests ok", None, "ok")
    assert lines_wanted([state], 80, LOOK) == 1
    (line,) = sentence_lines([state], 80, 1, LOOK)
    assert line.plain.endswith(": 4,396 of 4,396 ok")
    (line,) = sentence_lines([state], 100, 1, LOOK)
    assert line.plain.endswith(" requests ok")
    users = Sentence(
        "USERS", "100 % of 10.0/s -> 69 % of 10.1/s -> 100 % of 10.0/s; no alert in these logs", None, "plain"
    )
    assert [lines_wanted([users], width, LOOK) for width in (78, 80, 90)] == [2, 1, 1]
    assert sentence_lines([users], 80, 1, LOOK)[0].plain.endswith("; no alert logged")
    assert sentence_lines([users], 90, 1, LOOK)[0].plain.endswith("; no alert in these logs")
