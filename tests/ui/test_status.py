"""What stands at the edges of the screen: tabs, badges, news, the footer; colours, letters and the picker."""

import os
from dataclasses import replace

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from logscope.model.files import Problem, Progress
from logscope.model.recovery import Verdict
from logscope.model.snapshot import FurtherIncident
from logscope.model.times import Dial
from logscope.report.console import render_console
from logscope.runner.feed import LiveFeed
from logscope.runner.request import Request, open_request
from logscope.sources.nearby import NearbyFile
from logscope.ui.formatting import Look
from logscope.ui.news import find_news, find_trouble_news
from logscope.ui.palette import ANSI, ASCII, DARK, MONO, make_colours, to_ascii
from logscope.ui.picker import ago, picker_rows
from logscope.ui.rows import lay_over
from logscope.ui.status import badges, footer, tabs, title_line
from logscope.ui.views import (
    file_rows,
    group_rows,
    recovery_rows,
    story_rows,
    why_rows,
)
from tests.ui.rows_of import LOOK, MINUTE, plain


def test_news_tell_the_weightiest_change(known):
    """Another verdict first, then rotations, files that begin, problems; nothing when nothing changed."""
    assert find_news(None, known, Dial()).text == ""
    assert find_news(known, known, Dial()).text == ""
    back = (replace(known.sentences[0], label="BACK"), *known.sentences[1:])
    changed = find_news(known, replace(known, sentences=back), Dial())
    assert (changed.is_verdict, changed.text.split(" ")[0]) == (True, "BACK:")
    rotated = replace(known.files[0], path=known.files[0].path + ".1")
    assert find_news(known, replace(known, files=(*known.files, rotated)), Dial()).text.startswith("ROTATED")
    # The old part under its new name stands before the log's own path.
    old = replace(known.files[0], path=f"{known.files[0].path}.1")
    told = find_news(known, replace(known, files=(old, *known.files)), Dial()).text
    assert told.startswith(f"ROTATED {os.path.basename(known.files[0].path)}: following")
    started, ongoing = (
        replace(known, sentences=(replace(known.sentences[0], label=label), *known.sentences[1:]))
        for label in ("STARTED", "ONGOING")
    )
    assert not find_news(started, ongoing, Dial()).is_verdict  # it is only older
    marked = replace(ongoing, recovery=replace(known.recovery, verdict=Verdict.TOO_EARLY))
    assert find_news(ongoing, marked, Dial()).text == ""  # whoever marked the fix knows
    first = known.files[0]
    cut = replace(known, files=(replace(first, problems=(Problem("truncated", "cut"),)), first, *known.files[1:]))
    assert "truncated" in find_news(known, cut, Dial()).text
    assert find_news(cut, cut, Dial()).text == "", "once: it stands there twice from then on"
    stopped = replace(known, progress=Progress(50, 100, True, stopped=True))
    assert "reading stopped" in find_news(known, stopped, Dial()).text


def test_another_incident_on_top_is_explained(known):
    """When a lesser incident has ended the graver one is told again: whoever watched the lesser learns that."""
    later = replace(known.incident, start=known.incident.start + 60 * MINUTE)
    further = FurtherIncident(later, known.candidates, known.recovery)
    watched, told = replace(known, incident=later), replace(known, further=(further,))
    news = find_news(watched, told, Dial())
    assert news.is_verdict
    assert news.text == "the incident of 15:01:58 is over   on top from now on: OVER, that of 14:01:58"
    assert find_news(watched, known, Dial()).text == "", "it was judged anew: the same begins at another time"


def test_badges_give_way_by_weight(known):
    """At 80 cells the weightiest badge is there, the others as far as they fit."""
    told = badges(known, None, "cart", 2, 0, "LIVE")
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


def test_without_colours_letters_carry_the_meaning(known):
    """ASCII and no colour: levels, root, states are letters and marks."""
    look = Look(MONO, ASCII)
    texts = plain(story_rows(known, 100, 30, look)) + plain(group_rows(known, 100, look))
    texts += plain(recovery_rows(known, 100, look)) + plain(why_rows(known, 100, look))
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


def test_what_is_not_as_it_should_be_has_a_badge(known):
    """A file that is waited for or refuses, a clock that was corrected, no file events: each is on the screen."""
    skewed = replace(known.files[0], clock_offset_us=-180_000_000, clock_origin="shared ids")
    wrong = replace(known, files=(skewed, *known.files[1:]))
    told = badges(wrong, None, None, 0, 0, "POLLING", (("/var/log/a.log", "no such file"),))
    assert told[:3] == ["WAITING 1 (6)", "1 clock off (6)", "POLLING"]
    refused = badges(known, None, None, 0, 0, "LIVE", (("/var/log/a.log", "permission denied"),))
    assert refused[0] == "CANNOT READ 1 (6)"
    rows = plain(file_rows(wrong, [], 120, LOOK))
    assert any("clock -180.0 s corrected (shared ids)" in row for row in rows)


def test_what_cannot_be_read_is_news_once(known):
    """When it begins, when its reason changes, and when it is over."""
    gone, refused = (("/l/a.log", "gone, a new one is waited for"),), (("/l/a.log", "permission denied"),)
    assert find_trouble_news((), gone).startswith("WAITING for a.log: gone")
    assert find_trouble_news(gone, gone) == ""
    assert find_trouble_news(gone, refused).startswith("CANNOT READ a.log: permission denied")
    assert find_trouble_news(refused, ()) == "a.log is read on"


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


def test_what_a_person_has_hidden_is_never_left_out(known):
    """Of the badges the first one is cut where it does not fit, and keeps its key."""
    line = tabs({"story"}, ["SOLO checkout-service-eu (s)", "LIVE"], 80, LOOK).plain
    assert line.rstrip().endswith("… (s)")
    assert "SOLO checko" in line
    assert len(line) == 80


def test_what_the_library_draws_has_ascii_of_its_own():
    """Rules, frames and scroll bars of dialogs are no question marks on a terminal that knows only ASCII."""
    assert to_ascii("▔▔ 🔎 Search… ▁▁ ▊x▎ █") == "-- / Search~ __ |x| #"
    assert to_ascii("日本") == "??"


def test_files_that_were_taken_for_no_logs_are_told(tmp_path, known):
    """A file of the folder without times and levels may hold the answer: a badge, its row, and Enter reads it."""
    (tmp_path / "front.log").write_text("ERROR: no answer from billing\nINFO: done\n" * 50)
    (tmp_path / "billing.log").write_text("ok\n" * 400)
    request = Request([str(tmp_path)])
    feed = LiveFeed(request, open_request(request), follow=False)
    assert feed.left_out == (str(tmp_path / "billing.log"),)
    assert "1 left out (6)" in badges(known, None, None, 0, 0, "LIVE", (), 1)
    beside = NearbyFile(feed.left_out[0], 10, 0)
    rows = file_rows(known, [beside], 120, LOOK, (), feed.left_out)
    assert [row.key for row in rows].count(f"also:{feed.left_out[0]}") == 1
    assert any("LEFT OUT" in text for text in plain(rows))
    many = plain(file_rows(known, (), 120, LOOK, (), [f"/srv/{n}.txt" for n in range(2000)]))
    assert len(many) < 100
    assert many[-1].split() == ["and", "1,950", "more"]


def test_a_reversed_row_has_one_colour():
    """Where the cursor is told by reversed colours, words of several would be a patchwork; bold words stay bold."""
    words = Strip([Segment("CHECK ", Style(color="cyan", bold=True)), Segment("the memory", Style(color="green"))])
    row = lay_over(words, ANSI.cursor)
    assert [(segment.style.color, segment.style.reverse) for segment in row] == [(None, True)] * 2
    assert [bool(segment.style.bold) for segment in row] == [True, False]
    assert [s.style.color.name for s in lay_over(words, ANSI.cursor, has_colours=True)] == ["cyan", "green"]
    assert [s.style.color.name for s in lay_over(words, DARK.cursor)] == ["cyan", "green"]


def test_the_only_time_that_was_asked_for_stays_on_the_screen(known):
    """`--since` and `--until` hide what was written before and after: a badge says so, and what counts in the files."""
    since, until = known.incident.start // MINUTE * MINUTE, known.incident.start // MINUTE * MINUTE + 10 * MINUTE
    dial = Dial.around(since)
    both = replace(known, asked=(since, until))
    told = badges(both, None, None, 0, 0, "LIVE", dial=dial)
    assert "only 14:01-14:11" in tabs({"story"}, told, 80, LOOK).plain
    assert badges(replace(known, asked=(since, None)), None, None, 0, 0, "", dial=dial)[0] == "only from 14:01"
    reading = replace(both, progress=Progress(1, 2, done=False))
    assert "only 14:01-14:11" in badges(reading, None, None, 0, 0, "", dial=dial)
    assert badges(known, None, None, 0, 0, "", dial=dial)[0] == "6 files"
    rows = plain(file_rows(both, [], 80, replace(LOOK, dial=dial)))
    assert rows[0].strip() == "Only records from 14:01 until 14:11 count, as was asked; LINES are all."
    assert "only records from 14:01 until 14:11 count" in render_console(both, 80)


def test_answered_and_failed_are_no_red_and_green():
    """One in twelve men cannot tell them apart; where one is drawn on the other nothing else tells them."""
    assert {ANSI.users.color.name, ANSI.users.bgcolor.name} == {"cyan", "red"}


def test_the_title_of_the_pane_that_has_the_keys_stands_out_without_colours_of_our_own():
    """In the terminal's own colours a dim line would dim all that is written into it."""
    line = title_line("story", "", True, 40, Look(ANSI, ASCII))
    styles = {segment.text.strip(): segment.style for segment in line.render(Console())}
    assert not styles["1 Story"].dim
