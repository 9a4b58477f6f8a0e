"""Views are pure: rows of prepared Snapshots, at any width."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from logscope.model.causes import Confidence
from logscope.model.files import LineRef, Progress
from logscope.model.kinds import Role
from logscope.model.lines import LogLine
from logscope.model.recovery import Remaining, Verdict, VerdictChange
from logscope.model.severity import Severity
from logscope.model.snapshot import FurtherIncident, Note, Sentence
from logscope.model.times import DAY_US, Dial
from logscope.sources.nearby import NearbyFile
from logscope.ui.axis import Axis
from logscope.ui.events import story_entries
from logscope.ui.formatting import Look, shorten_clause, wrap
from logscope.ui.lanes import draw_axis, draw_histogram, draw_lane, draw_marks, draw_users, order_lanes
from logscope.ui.line_words import have_long_heads, split_line, split_message
from logscope.ui.news import find_news, find_trouble_news
from logscope.ui.palette import ASCII, DARK, MONO, UNICODE, make_colours, to_ascii
from logscope.ui.picker import ago, picker_rows
from logscope.ui.status import badges, footer, tabs
from logscope.ui.views import (
    action_rows,
    as_of_now,
    file_rows,
    group_rows,
    lines_wanted,
    recovery_rows,
    sentence_lines,
    story_rows,
    why_rows,
)

LOOK = Look(DARK, UNICODE)
MINUTE = 60_000_000


def plain(rows):
    return [row.text.plain for row in rows]


@pytest.fixture
def snapshot(story):
    return story[2]


@pytest.mark.parametrize("width", [74, 80, 120, 200])
def test_rows_stay_inside_their_pane(snapshot, width):
    """No view draws beyond its width."""
    also = [NearbyFile("/var/log/" + "x" * 200, 10, 0)]
    for rows in (
        story_rows(snapshot, width, 40, LOOK),
        story_rows(snapshot, width, 4, LOOK),
        group_rows(snapshot, width, LOOK),
        action_rows(snapshot, width, LOOK),
        recovery_rows(snapshot, width, LOOK),
        why_rows(snapshot, width, LOOK),
    ):
        assert [row.text.plain for row in rows if row.text.cell_len > width] == []
    if width >= 80:
        assert [text for text in plain(file_rows(snapshot.files, also, width, LOOK)) if len(text) > width] == []


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("height", [4, 5, 6, 7, 8])
def test_the_four_questions_are_always_answered(snapshot, width, height):
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


def test_sentences_are_whole_where_there_is_room(snapshot):
    """In the lines that they ask for nothing of the story's sentences is cut at 80 cells."""
    count = lines_wanted(snapshot.sentences, 80, LOOK)
    text = "".join(line.plain for line in sentence_lines(snapshot.sentences, 80, count, LOOK))
    assert count <= 8
    assert "…" not in text


def test_texts_are_cut_where_a_clause_ends():
    """A cut leaves whole clauses or at least whole words."""
    assert shorten_clause("34 % of 589 requests ok; GET /cart fail", 28, UNICODE) == "34 % of 589 requests ok"
    assert shorten_clause("one two three four", 12, UNICODE) == "one two…"
    assert wrap("one two three", 8, 8, 2, UNICODE) == ["one two", "three"]


def test_the_cause_is_visible_beside_a_storm(snapshot):
    """One line against 150 a minute: the lane has its own scale, the cell its own colour, half its height at least."""
    first, last = snapshot.incident.start - 5 * MINUTE, snapshot.incident.start + 40 * MINUTE
    axis = Axis(first, last, 80)
    assert order_lanes(snapshot)[0] == "redis-server"
    row = draw_lane(snapshot, "redis-server", axis, LOOK)
    glyph, style = row.cells[axis.column(snapshot.incident.start)]
    assert glyph in UNICODE.blocks[4:]
    assert style == DARK.cause


def test_users_are_drawn_as_the_share_that_was_served(snapshot):
    """Full before the incident, a third in it, full again; the figure is the cursor cell's."""
    start = snapshot.incident.start
    axis = Axis(start - 10 * MINUTE, start + 50 * MINUTE, 60)
    row = draw_users(snapshot, axis, LOOK)
    heights = [UNICODE.blocks.index(glyph) for glyph, _ in row.cells]
    assert min(heights[:9]) >= 7
    assert max(heights[12:38]) <= 4
    assert min(heights[45:]) >= 7
    assert row.tails[20].strip().endswith("%")


def test_an_estimate_is_drawn_differently(snapshot):
    """Bars of what is still being read are faint and labelled."""
    axis = Axis(snapshot.incident.start, snapshot.incident.start + 30 * MINUTE, 40)
    exact = draw_histogram(snapshot, axis, 0, 1, LOOK)
    estimate = draw_histogram(replace(snapshot, provisional=True), axis, 0, 1, LOOK)
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


def test_the_axis_tells_where_a_day_begins():
    """At midnight of the zone that is shown stands the date."""
    start = round(datetime(2026, 3, 2, 20, tzinfo=UTC).timestamp()) * 1_000_000
    axis = Axis(start, start + 480 * MINUTE, 100)
    assert "Mar 3" in axis.labels(LOOK)
    assert "22:00" in axis.labels(LOOK)
    assert "00:00" not in axis.labels(LOOK)


def test_times_count_from_the_onset(snapshot):
    """`T`: the root is at zero, what follows at its lag."""
    rows = plain(group_rows(snapshot, 120, replace(LOOK, origin=snapshot.incident.start)))
    assert any("+00:00" in row for row in rows)
    assert any("+03:24" in row for row in rows)


def test_folded_kinds_are_listed_when_asked_for(snapshot):
    """Everyday kinds are one row; open, each has its own."""
    folded = group_rows(snapshot, 120, LOOK)
    name = next(row.key for row in folded if row.key.startswith("everyday"))
    assert len(group_rows(snapshot, 120, LOOK, unfolded=frozenset({name}))) > len(folded)


def test_the_verdict_keeps_its_predecessors(snapshot):
    """What was said before, until when, and what took its place."""
    change = VerdictChange(Verdict.TOO_EARLY, snapshot.as_of, "rose again at 14:33:10")
    text = "\n".join(plain(recovery_rows(replace(snapshot, history=(change,)), 120, LOOK)))
    assert "WAS" in text
    assert "too early to say until 15:01:59; then rose again at 14:33:10" in text


def test_what_is_new_since_the_fix_stands_out(snapshot):
    """A kind that began behind the fix stands first and is NEW while it goes on, then ended."""
    recovery = replace(snapshot.recovery, fix_at=snapshot.incident.start + 1_000_000)
    going_on = tuple(replace(g, current_per_min=50.0) for g in snapshot.groups)
    for groups, word in ((snapshot.groups, "ended"), (going_on, "NEW")):
        rows = recovery_rows(replace(snapshot, recovery=recovery, groups=groups), 120, LOOK)
        assert word in next(row for row in rows if row.proves).text.plain


def test_what_was_there_before_is_not_new_since_the_fix(snapshot):
    """Everyday noise that rises by chance behind the fix is no part of the recovery; what never was there is."""
    fix = snapshot.incident.start + 60_000_000
    recovery = replace(snapshot.recovery, fix_at=fix)
    noise = replace(snapshot.groups[0], id="n", role=Role.UNRELATED, onset=fix + 10 * MINUTE, headline="requeued")
    shown = lambda one: [  # noqa: E731
        row.key for row in recovery_rows(replace(snapshot, recovery=recovery, groups=(one,)), 120, LOOK) if row.proves
    ]
    assert shown(replace(noise, first_seen=fix - MINUTE)) == []
    assert shown(replace(noise, first_seen=fix + MINUTE)) == ["n"]


def test_logs_that_were_not_given_are_offered(snapshot):
    """ALSO WRITTEN lists them with their size; each row adds one."""
    rows = file_rows(snapshot.files, [NearbyFile("/var/log/haproxy.log", 2048, 0)], 120, LOOK)
    assert "ALSO WRITTEN" in "\n".join(plain(rows))
    assert rows[-1].key == "also:/var/log/haproxy.log"


def test_news_tell_the_weightiest_change(snapshot):
    """Another verdict first, then rotations, files that begin, problems; nothing when nothing changed."""
    assert find_news(None, snapshot).text == ""
    assert find_news(snapshot, snapshot).text == ""
    back = (replace(snapshot.sentences[0], label="BACK"), *snapshot.sentences[1:])
    changed = find_news(snapshot, replace(snapshot, sentences=back))
    assert (changed.is_verdict, changed.text.split(" ")[0]) == (True, "BACK:")
    rotated = replace(snapshot.files[0], path=snapshot.files[0].path + ".1")
    assert find_news(snapshot, replace(snapshot, files=(*snapshot.files, rotated))).text.startswith("ROTATED")
    started, ongoing = (
        replace(snapshot, sentences=(replace(snapshot.sentences[0], label=label), *snapshot.sentences[1:]))
        for label in ("STARTED", "ONGOING")
    )
    assert not find_news(started, ongoing).is_verdict  # it is only older
    marked = replace(ongoing, recovery=replace(snapshot.recovery, verdict=Verdict.TOO_EARLY))
    assert find_news(ongoing, marked).text == ""  # whoever marked the fix knows
    stopped = replace(snapshot, progress=Progress(50, 100, True, stopped=True))
    assert "reading stopped" in find_news(snapshot, stopped).text


def test_badges_give_way_by_weight(snapshot):
    """At 80 cells the weightiest badge is there, the others as far as they fit."""
    told = badges(snapshot, None, "cart", 2, 0, "LIVE")
    assert "SOLO cart (s)" in tabs({"story"}, told, 80, LOOK).plain
    wide = tabs({"story"}, told, 160, LOOK).plain
    for words in ("SOLO cart (s)", "2 MUTED (K)", "LIVE", "56,499 lines"):
        assert words in wide


def test_the_footer_alone_shows_help_export_and_quit():
    """A stranger at 80x24 finds them without a manual."""
    text = footer("", 80, LOOK).plain
    for words in ("x report", "? help", "q quit", "M fixed", "/ find"):
        assert words in text
    assert len(text) <= 80
    own = footer("", 80, LOOK, {"find": "ctrl+o,slash"}).plain
    assert "ctrl+o find" in own
    assert "/ find" not in own


def test_without_colours_letters_carry_the_meaning(snapshot):
    """ASCII and no colour: levels, root, states are letters and marks."""
    look = Look(MONO, ASCII)
    texts = plain(story_rows(snapshot, 100, 30, look)) + plain(group_rows(snapshot, 100, look))
    texts += plain(recovery_rows(snapshot, 100, look)) + plain(why_rows(snapshot, 100, look))
    assert "".join(texts).isascii(), {letter for letter in "".join(texts) if not letter.isascii()}
    assert any(text.startswith(" * ") for text in texts)


def test_themes_of_ones_own():
    """Colours by meaning; what is not given is the base theme's, what is not known is refused."""
    colours = make_colours("night", {"base": "light", "error": "#112233"})
    assert colours.palette.error.color.name == "#112233"
    assert not colours.theme.dark
    with pytest.raises(ValueError, match="unknown colour 'pink'"):
        make_colours("night", {"pink": "#112233"})
    with pytest.raises(ValueError, match="base must be dark or light"):
        make_colours("night", {"base": "nope"})
    with pytest.raises(ValueError, match="#rrggbb"):
        make_colours("night", {"error": "red"})


def test_the_picker_says_how_long_ago():
    """Rows carry age, size and whether they are chosen."""
    files = [NearbyFile("/var/log/a.log", 8_100_000, 0), NearbyFile("/var/log/b.log", 10, 0)]
    rows = plain(picker_rows(files, frozenset({"/var/log/a.log"}), 5 * MINUTE, 80, LOOK))
    assert "[x] 5 min ago" in rows[1]
    assert "8.1 MB" in rows[1]
    assert "[ ]" in rows[2]
    assert [ago(us) for us in (0, 59 * MINUTE, 180 * MINUTE, 5000 * MINUTE)] == [
        "now",
        "59 min ago",
        "3 h ago",
        "3 days ago",
    ]


def test_a_stamp_claims_no_more_than_it_says(snapshot):
    """A whole second is shown as one, its lag without tenths; within the cause's second the cause stands first."""
    root = next(e for e in snapshot.timeline if e.is_root)
    second = root.time // 1_000_000 * 1_000_000
    same = replace(root, time=second, event="in the same second", is_root=False)
    later = replace(same, time=second + 5_000_000, event="five later")
    exact = replace(same, time=root.time + 120_000, event="exact")
    placed = replace(exact, event="not before its cause", is_placed=True)
    rows = plain(story_rows(replace(snapshot, timeline=(same, root, placed, exact, later)), 120, 5, LOOK))
    assert [row[3:24] for row in rows] == [
        "14:01:58.332         ",
        "14:01:58     same s  ",
        "14:01:58     same s  ",
        "14:01:58.452 +0.1s   ",
        "14:02:03     +5s     ",
    ]


def test_what_is_not_read_any_more_says_so_first(snapshot):
    """A dead reader or a path without a file stands in the state's place, hostile names escaped."""
    state, broke, *_ = as_of_now(snapshot, "MemoryError", (), LOOK)
    assert (state.label, state.tone) == ("STOPPED", "error")
    assert snapshot.sentences[0].text in state.text
    assert broke == snapshot.sentences[1]
    assert as_of_now(snapshot, "", (("/x", "no such file"),), LOOK) == snapshot.sentences
    empty = replace(snapshot, files=())
    state, *rest = as_of_now(empty, "", (("/var/log/\x1b[2Jnope", "no such file"),), LOOK)
    assert (state.label, "\x1b" in state.text, "no such file" in state.text) == ("WAITING", False, True)
    assert {one.text for one in rest} == {"-"}


def test_a_further_line_goes_where_most_is_lost():
    """At 80x24 the trigger is told with its values before the state's last word gets a line of its own."""
    state = Sentence("OVER", "since 12:43:19, confirmed (as of 12:45:23): 1,545 of 1,545 requests ok", None, "ok")
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


def test_one_look_then_what_to_do(snapshot):
    """The first check, all that is to be done and not to be done, and only then further checks."""
    tags = [text[:10].strip() for text in plain(action_rows(snapshot, 200, LOOK))]
    tags = [tag for tag in tags if tag]
    assert len(snapshot.actions.check) > 1
    assert tags.index("DO") == 1
    assert tags.index("NOT") < len(tags) - 1 - tags[::-1].index("CHECK")
    assert tags.count("CHECK") == len(snapshot.actions.check)


def test_the_fix_is_told_with_what_it_was(snapshot):
    """The line that was logged and its place, or a person's words; else that nothing says it."""
    fix = lambda one: next(text for text in plain(recovery_rows(one, 120, LOOK)) if " FIX " in text)  # noqa: E731
    assert "CONFIG SET maxmemory" in fix(snapshot)
    assert "redis-server.log:37" in fix(snapshot)
    note = Note(snapshot.recovery.fix_at, "raised the limit", is_fix=True)
    assert "raised the limit" in fix(replace(snapshot, notes=(note,)))
    unknown = replace(snapshot.recovery, fix_text="", fix_ref=None)
    assert "what was done is not logged" in fix(replace(snapshot, recovery=unknown))
    ongoing = replace(snapshot.recovery, verdict=Verdict.ONGOING)
    assert "it did not end it" in fix(replace(snapshot, recovery=ongoing))
    assert "it did not end it" not in fix(snapshot)


def test_what_is_not_as_it_should_be_has_a_badge(snapshot):
    """A file that is waited for or refuses, a clock that was corrected, no file events: each is on the screen."""
    skewed = replace(snapshot.files[0], clock_offset_us=-180_000_000, clock_origin="shared ids")
    wrong = replace(snapshot, files=(skewed, *snapshot.files[1:]))
    told = badges(wrong, None, None, 0, 0, "POLLING", (("/var/log/a.log", "no such file"),))
    assert told[:3] == ["WAITING 1 (6)", "1 clock corrected (6)", "POLLING"]
    refused = badges(snapshot, None, None, 0, 0, "LIVE", (("/var/log/a.log", "permission denied"),))
    assert refused[0] == "CANNOT READ 1 (6)"
    rows = plain(file_rows(wrong.files, [], 120, LOOK))
    assert any("clock -180.0 s corrected (shared ids)" in row for row in rows)


def test_what_cannot_be_read_is_news_once(snapshot):
    """When it begins, when its reason changes, and when it is over."""
    gone, refused = (("/l/a.log", "gone, a new one is waited for"),), (("/l/a.log", "permission denied"),)
    assert find_trouble_news((), gone).startswith("WAITING for a.log: gone")
    assert find_trouble_news(gone, gone) == ""
    assert find_trouble_news(gone, refused).startswith("CANNOT READ a.log: permission denied")
    assert find_trouble_news(refused, ()) == "a.log is read on"


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
    short, long = "14:02:03 WARN [a] slow", "14:02:03 WARN [inventory-client-of-the-shop] slow"
    lines = [LogLine("a", "a", 0, n, n, short, Severity.WARN, True, 7_000_000, 18) for n in range(9)]
    far = LogLine("a", "a", 0, 10, 10, long, Severity.WARN, True, 7_000_000, 45)
    assert not have_long_heads(lines, 70)
    assert have_long_heads([*lines, far], 70)
    assert not have_long_heads([*lines, far], 100)
    split = lambda line, **given: split_line(line, LOOK, 70, is_scrolled=False, **given)  # noqa: E731
    assert split(lines[0], is_short=False) == ("14:02:03 WARN [a] ", "slow", "")
    assert split(lines[0], is_short=True) == ("00:00:07     W ", "slow", "")
    assert split(far, is_short=False) == ("00:00:07     W ", "slow", "")
    assert split(replace(lines[0], severity=Severity.INFO), is_short=True)[0] == "00:00:07       "


def test_other_incidents_stand_below_the_story(snapshot):
    """When they began, what they are and whether they are over; their line opens, and why says what speaks for them."""
    over = replace(snapshot.recovery, over=False)
    other = FurtherIncident(replace(snapshot.incident, headline="relay: refused"), snapshot.candidates[1:], over)
    both = replace(snapshot, further=(other,))
    for width in (80, 120):
        row = story_rows(both, width, 30, LOOK)[-1]
        assert row.text.plain[3:].startswith("14:01:58     also    relay: refused ")
        assert row.text.plain.endswith(" not over ")
        assert row.ref == LineRef(other.candidates[0].file, other.candidates[0].line)
        assert row.text.cell_len <= width
    assert " ALSO, not over" in "\n".join(plain(why_rows(both, 100, LOOK)))
    assert len(story_rows(both, 80, 12, LOOK)) <= 12


def test_everyday_noise_is_no_cause(snapshot):
    """Where nothing rose, why says so, and ranks nothing as a root cause."""
    rows = plain(why_rows(replace(snapshot, incident=None), 100, LOOK))
    text = "\n".join(rows)
    assert "nothing broke" in rows[0]
    assert "EVERYDAY" in text
    assert [word for word in ("ROOT CAUSE", "RUNNER-UP", "SET OFF BY", "HIGH") if word in text] == []


def test_what_would_change_the_order_is_one_sentence(snapshot):
    """The heaviest reason is named by its words alone, and the sentence ends once."""
    first, second, *rest = snapshot.candidates
    close = replace(snapshot, candidates=(first, replace(second, points=first.points - 1.5), *rest))
    text = " ".join(plain(why_rows(close, 200, LOOK)))
    said = text[text.index("CHANGES") : text.index("CASCADE")]
    assert said.rstrip().endswith('says "maxmemory reached".')
    assert ".." not in said


def test_free_lines_go_to_words_that_are_cut(snapshot):
    """One line an event; where lines are left the words go on below, the cause's first, with their place."""
    entries = story_entries(snapshot.timeline)
    long = replace(snapshot, timeline=tuple(replace(e, event=f"{'word ' * 11}end") for e in entries))
    tight, free = story_rows(long, 80, len(entries), LOOK), story_rows(long, 80, len(entries) + 1, LOOK)
    assert [row.is_joined for row in tight] == [False] * len(entries)
    (more,) = [n for n, row in enumerate(free) if row.is_joined]
    assert free[more].time == next(e.time for e in entries if e.is_root)
    assert "redis-server.log:29" in free[more].text.plain


def test_figures_of_the_lanes_are_of_what_is_in_view(snapshot):
    """Counts and peaks beside the lanes are those of the buckets that are shown, and a word says so."""
    start, width = snapshot.lane_start, snapshot.lane_bucket_us
    name = next(lane.service for lane in snapshot.lanes if sum(lane.errors))
    lane = next(lane for lane in snapshot.lanes if lane.service == name)
    at = next(n for n, count in enumerate(lane.errors) if count)
    axis = Axis(start + at * width, start + (at + 1) * width, 40)
    assert draw_lane(snapshot, name, axis, LOOK).tail == f" {lane.errors[at]:,} E"
    assert draw_marks(snapshot, axis, LOOK).tail.strip() == "in view:"


def test_a_clause_that_ends_with_the_room_is_whole():
    """What fits up to the end of a clause needs no ellipsis."""
    assert shorten_clause("37 % of 1,458 requests ok; GET /catalog fails", 25, UNICODE) == "37 % of 1,458 requests ok"


def test_where_there_is_nothing_to_show_the_reason_is_told(snapshot):
    """No line yet, still reading, no times, and nothing risen are four different things."""
    calm = replace(snapshot, timeline=(), candidates=(), incident=None)
    empty = replace(calm, files=tuple(replace(f, lines=0) for f in calm.files))
    reading = replace(calm, progress=Progress(1, 2, False))
    told = [plain(story_rows(one, 80, 10, LOOK)) for one in (empty, reading, replace(calm, as_of=None), calm)]
    for rows, words in zip(
        told, ("No line is written", "Still reading", "No line carries a time", "no story"), strict=True
    ):
        assert words in rows[0]
    assert as_of_now(empty, "", (), LOOK)[0].label == "EMPTY"
    assert any("6  how each file is read" in row for row in told[2])
    untimed = replace(snapshot, timeline=(), as_of=None)
    assert "0  what is named most" in plain(story_rows(untimed, 80, 10, LOOK))[-1]


def test_a_word_longer_than_a_line_begins_where_there_is_room():
    """It is parted behind a comma or the like, if one is near the end of the line; nothing of it is lost."""
    word = "constraint=none,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task=java"
    lines = wrap(f"kernel: {word}", 40, 40, 9, UNICODE)
    assert lines[0] == "kernel: constraint=none,nodemask=(null),"
    assert "".join(lines).replace("kernel: ", "") == word
    assert wrap("x" * 90, 40, 40, 9, UNICODE) == ["x" * 40, "x" * 40, "x" * 10]


def test_the_footer_keeps_what_a_stranger_needs():
    """However narrow it is, why, report, help and quit stay; a long message gets a second line."""
    for width in (40, 60, 80):
        line = footer("", width, LOOK).plain
        assert [word for word in ("Enter why", "x report", "? help", "q quit") if word not in line] == []
        assert len(line) <= width
    assert "next event" in footer("", 80, LOOK).plain
    said = footer(f"fix marked, but {'long ' * 18}reasons", 80, LOOK).plain
    assert said.count("\n") == 1
    assert said.rstrip().endswith("reasons")


@pytest.mark.parametrize("width", [24, 32, 40, 60])
def test_sentences_stay_inside_a_narrow_screen(snapshot, width):
    """No line is wider than the screen: confidence goes first, then the place is cut."""
    lines = sentence_lines(snapshot.sentences, width, 4, LOOK)
    assert [line.plain for line in lines if line.cell_len > width] == []
    assert shorten_clause("14:01:58.332", -3, UNICODE) == ""


def test_another_candidate_is_unlikely_not_impossible(snapshot):
    """A chance of less than one in a hundred is told as that, not as nothing."""
    top, second, *others = snapshot.candidates
    for chance, words in ((0.003, "RUNNER-UP  below 1 %"), (0.12, "RUNNER-UP  12 %")):
        named = (top, replace(second, probability=chance), *others)
        assert any(words in row for row in plain(why_rows(replace(snapshot, candidates=named), 120, LOOK)))


def test_what_a_person_has_hidden_is_never_left_out(snapshot):
    """Of the badges the first one is cut where it does not fit, and keeps its key."""
    line = tabs({"story"}, ["SOLO checkout-service-eu (s)", "LIVE"], 80, LOOK).plain
    assert line.rstrip().endswith("… (s)")
    assert "SOLO checko" in line
    assert len(line) == 80


def test_while_reading_nothing_is_sure(snapshot):
    """Before all is read the cause is what is known so far, of no degree of confidence."""
    read = sentence_lines(as_of_now(snapshot, "", (), LOOK), 120, 4, LOOK)
    reading = sentence_lines(as_of_now(replace(snapshot, provisional=True), "", (), LOOK), 120, 4, LOOK)
    assert "HIGH" in read[1].plain
    assert " so far: redis" in reading[1].plain
    assert "HIGH" not in reading[1].plain


def test_what_users_lost_is_said_once(snapshot):
    """Where events in a row say the same of it, the later ones say that."""
    first, second, *_ = (replace(e, impact="9 % of 99 requests ok") for e in story_entries(snapshot.timeline))
    third = replace(second, time=second.time + 1, impact="users served")
    for width in (80, 120, 200):
        text = "\n".join(plain(story_rows(replace(snapshot, timeline=(first, second, third)), width, 9, LOOK)))
        assert [text.count(part) for part in ("9 % of 99", "as above", "users served")] == [1, 1, 1]


def test_what_the_table_says_is_not_said_twice(snapshot):
    """Of what is left those are listed that are no kinds of the table below."""
    kind = next(g for g in snapshot.groups if g.onset is not None and g.role is Role.SYMPTOM and not g.request)
    left = [Remaining(what, 9.0, 99, 0, 0.0) for what in (f"{kind.service}: {kind.headline}", "GET /cart")]
    rows = plain(
        recovery_rows(replace(snapshot, recovery=replace(snapshot.recovery, remaining=tuple(left))), 120, LOOK)
    )
    assert [row.split()[1:3] for row in rows if row.startswith(" LEFT")] == [["GET", "/cart"]]


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


def test_what_the_library_draws_has_ascii_of_its_own():
    """Rules, frames and scroll bars of dialogs are no question marks on a terminal that knows only ASCII."""
    assert to_ascii("▔▔ 🔎 Search… ▁▁ ▊x▎ █") == "-- / Search~ __ |x| #"
    assert to_ascii("日本") == "??"
