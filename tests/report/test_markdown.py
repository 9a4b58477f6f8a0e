# ruff: noqa: E501 -- samples are single lines
"""The report is valid Markdown, says what the story says, and nothing from a log can break out of it."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from markdown_it import MarkdownIt

from logscope.model.advice import Action, Risk
from logscope.model.causes import OUTSIDE, Link, Trigger
from logscope.model.files import LineRef
from logscope.model.recovery import FixOrigin
from logscope.model.severity import Severity
from logscope.model.snapshot import Note, Rise
from logscope.report.handoff import render_handoff
from logscope.report.html import render_html
from logscope.report.json import render_json
from logscope.report.markdown import SECTIONS, Options, render_markdown
from logscope.report.markup import escape
from logscope.report.rows import build_rows, pick_symptoms
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import slow_for_a_while, slow_shelf
from tests.judged import judge_sample, judge_small

ATTACK = "a|b `x` ``` ~~~ <script>alert(1)</script> [click](javascript:x) ![i](http://e/) # h\n\n## evil\n\x1b[2J\u202e */ --> @all"


@pytest.fixture(scope="module")
def story():
    return judge_sample("checkout-redis-oom")


@pytest.fixture(scope="module")
def evil(story):
    """The story with an attack in every text that comes from a file."""
    groups = tuple(replace(g, headline=ATTACK, service=ATTACK, sample=ATTACK, template=ATTACK) for g in story.groups)
    entries = tuple(replace(e, event=ATTACK, service=ATTACK, impact=ATTACK, sample=ATTACK) for e in story.timeline)
    candidates = tuple(
        replace(c, headline=ATTACK, service=ATTACK, evidence=tuple(replace(e, text=ATTACK) for e in c.evidence))
        for c in story.candidates
    )
    files = tuple(replace(f, path=f"/tmp/{ATTACK}", service=ATTACK) for f in story.files)
    return replace(story, groups=groups, timeline=entries, candidates=candidates, files=files)


def parse(text):
    return MarkdownIt("gfm-like", {"linkify": False}).parse(text)


def headings(text):
    tokens = parse(text)
    return [tokens[n + 1].content for n, token in enumerate(tokens) if token.type == "heading_open"]


def test_the_report_reads_like_the_story(story):
    """Summary sentence, tables, gap and verdict are those of the walkthrough."""
    text = render_markdown(story)
    for words in (
        "redis", "maxmemory reached", "redis-server.log:29", "2,341", "412", "189", "99.2 %", "34.0 %", "9 min 57 s", "herd",
        "## Timeline", "## Root cause", "## Recovery", "```mermaid", "14:12:00", "What set it off?", "redis-cli -h redis -p 6379 INFO memory",
        "CONFIG SET maxmemory <bytes>", "circuit breaker", "3 symptoms, not 3 incidents",
    ):  # fmt: skip
        assert words in text, words


def test_every_section_can_be_left_out(story):
    """`--no-section` takes away exactly its part."""
    whole = headings(render_markdown(story))
    for name in SECTIONS:
        fewer = headings(render_markdown(story, Options(sections=frozenset(SECTIONS) - {name})))
        assert set(fewer) <= set(whole)
    assert len(headings(render_markdown(story, Options(sections=frozenset({"summary"}))))) == 2


def test_nothing_from_a_log_becomes_markup(story, evil):
    """An attack in every text adds no heading, link, image, HTML or table column."""
    honest, attacked = render_markdown(story), render_markdown(evil)
    assert headings(attacked)[1:] == headings(honest)[1:]
    inline = [child.type for token in parse(attacked) for child in token.children or ()]
    blocks = {token.type for token in parse(attacked)}
    assert not {"link_open", "image", "html_inline"} & set(inline)
    assert "html_block" not in blocks
    assert "\x1b" not in attacked
    assert "\u202e" not in attacked


def test_tables_keep_their_columns(evil):
    """Every row of a table has as many cells as its head."""
    width = 0
    for token in parse(render_markdown(evil)):
        if token.type == "tr_open":
            cells = 0
        elif token.type in ("th_open", "td_open"):
            cells += 1
        elif token.type == "tr_close":
            width = cells if width == 0 else width
            assert cells == width
        elif token.type == "table_close":
            width = 0


def test_html_has_no_tag_of_a_log(evil):
    """The page holds no script and loads nothing."""
    page = render_html(evil, Options())
    for tag in ("<script", "<img", "<a ", 'javascript:x"', "onerror"):
        assert tag not in page
    assert "Content-Security-Policy" in page


def test_html_speaks_of_what_it_shows(story):
    """In a dark page bars of errors are bright, and there is no diagram: only where they stand is true of both."""
    page = render_html(story, Options())
    assert "<figcaption>Errors, warnings on top of them, per 60 s" in page
    assert "(dashed where a diagram is drawn)" in page


def test_the_brief_fits_any_channel(story, evil):
    """At most 500 characters in three lines."""
    for snapshot in (story, evil):
        text = render_handoff(snapshot)
        assert len(text) <= 500
        assert text.count("\n") == 2


def test_json_is_ascii_and_strict(evil):
    """Whatever the logs hold, the document is one ASCII line of strict JSON."""
    text = render_json(evil)
    assert text.isascii()
    assert text.count("\n") == 1


def report_of(tmp_path, text):
    path = tmp_path / "job.log"
    path.write_text(text)
    request = Request([str(path)])
    return render_markdown(run_batch(request, open_request(request)))


def test_logs_without_times_claim_no_before_and_after(tmp_path):
    """Names and words give a likeliest cause; nothing is said of before, during or usual rates."""
    text = report_of(tmp_path, "ERROR something broke\nERROR cannot connect to redis:6379\n")
    assert text.startswith("# Without times, likeliest cause by its words: redis: cannot connect to redis:6379\n")
    assert "as job reports" in text
    assert "| cannot connect to redis:6379 | job | error | 1 | - | - |" in text
    assert "as often before" not in text


def test_a_quiet_log_is_told_in_one_sentence(tmp_path):
    """No incident: one title, one sentence with what was read, the files; no empty table."""
    lines = "".join(f"2026-05-04 10:{minute:02}:00,000 INFO [a] ok\n" for minute in range(40))
    text = report_of(tmp_path, lines)
    assert headings(text) == ["No incident found", "Summary", "Method"]
    assert "0 error and 0 warning records were read" in text


def test_without_an_incident_nobody_is_called_the_cause(story):
    """The title and the summary say what the screen says; of a blip alone it is told what may have caused it."""
    start, quiet = story.incident.start, replace(story, incident=None, timeline=(), groups=())
    state = replace(story.sentences[0], label="QUIET", text="no incident (as of 15:01), only a blip: cart: null (7)")
    quiet = replace(quiet, sentences=(state, *story.sentences[1:]))
    blip = replace(quiet, rise=Rise("cart: null", 7, start, until=start + 11_000_000))
    for one in (quiet, blip):
        text = render_markdown(one)
        assert text.startswith("# No incident found\n")
        assert "QUIET: no incident (as of 15:01), only a blip: cart: null (7)." in text
        assert "## Root cause" not in text
        assert "likeliest cause" not in text
        assert ("## What may have caused it" in text) == (one is blip)


def test_the_hand_off_says_what_matters_first(story):
    """State and users, cause and trigger, work: an incident that is over asks for a check, an open one for an action."""
    state, broke, work = render_handoff(story).split("\n")
    assert state.startswith("OVER")
    assert "34 %" in state
    assert "maxmemory reached" in broke
    assert broke.endswith("set off: not in these logs")
    assert work.startswith("CHECK Compare used_memory")
    still = replace(story, recovery=replace(story.recovery, over=False))
    assert render_handoff(still).split("\n")[2].startswith("NEXT Raise the limit")


def test_the_hand_off_says_of_a_change_that_it_is_known_by_time_only(story):
    """Also where its words are cut: before them."""
    state, broke, set_off, users = story.sentences
    text = f"ansible: copied {'a long path ' * 40} 14:01:50, 8 s before, by time only"
    told = replace(set_off, text=text, ref=LineRef("x.log", 1))
    line = render_handoff(replace(story, sentences=(state, broke, told, users))).split("\n")[1]
    assert "; set off (by time only): ansible: copied a long" in line
    assert line.endswith("…")


@pytest.mark.parametrize("over", [True, False])
def test_the_hand_off_tells_a_change_once(story, over):
    """What is to be looked at or undone stands in the line above it."""
    change = Trigger("d.log", 7, "", 0, 0, Link.TIME, "cfg", "flag=x, value=true")
    what = "cfg: flag=x, value=true (d.log:7)"
    actions = replace(
        story.actions,
        check=(Action(f"See whether this set it off: {what}", None, Risk.SAFE, None, "measured"),),
        do=(Action(f"Undo it, if it did: {what}", None, Risk.DISRUPTIVE, None, "measured"),),
    )
    candidates = (replace(story.candidates[0], trigger=change), *story.candidates[1:])
    told = replace(story, candidates=candidates, actions=actions, recovery=replace(story.recovery, over=over))
    assert render_handoff(told).split("\n")[2] == (
        "CHECK See whether this set it off" if over else "NEXT Undo it, if it did"
    )


def test_the_hand_off_of_a_quiet_log_asks_for_nothing(story):
    """Nothing broke: nothing set it off, and nothing is to be done."""
    state, _, _, users = story.sentences
    broke = replace(state, label="BROKE", text="nothing, as far as these logs show")
    quiet = replace(story, incident=None, sentences=(replace(state, label="QUIET"), broke, replace(users), users))
    assert render_handoff(quiet).split("\n")[1:] == ["BROKE nothing, as far as these logs show"]


def test_the_hand_off_never_cuts_what_users_got(story):
    """However long the other texts are, the first line ends with the whole of what users got."""
    state, broke, *others = story.sentences
    users = others[-1]
    long = (replace(state, text="x" * 600), replace(broke, text="y" * 600), *others)
    text = render_handoff(replace(story, sentences=long))
    assert text.split("\n")[0].endswith(f"…; users: {users.text}")
    assert len(text) == 500


def test_the_summary_counts_the_symptoms_that_the_table_lists():
    """As many symptoms as rows of errors beside the cause and the requests, however many services wrote them."""
    text = render_markdown(judge_sample("inventory-killed-herd"))
    rows = [line for line in text.partition("## Errors")[2].partition("By onset")[0].split("\n") if line[:2] == "| "][
        1:
    ]
    symptoms = [row for row in rows if "failed requests" not in row][1:]
    assert f"It is one incident with {len(symptoms)} symptoms, not {len(symptoms)} incidents" in text
    assert len(symptoms) == 7


def test_what_several_say_in_the_same_words_is_quoted_once(story):
    """Three services that fail for one reason are three names, not three times a sentence."""
    rows = [replace(row, text="POST /quote failed: 500") for row in pick_symptoms(story, build_rows(story))[:2]]
    rows = [replace(rows[0], service="cart", count=3), replace(rows[0], service="tax", count=4), rows[1]]
    rows[2] = replace(rows[2], service="mail", count=5, text="nothing to send")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("logscope.report.summary.pick_symptoms", lambda *_: rows)
        text = render_markdown(story, Options(sections=frozenset({"summary"})))
    assert "`POST /quote failed: 500` in cart (3) and tax (4); mail `nothing to send` (5)" in text


def test_a_wave_tells_whose_records_are_counted(story):
    """They are those of whoever wrote most; a few in a minute are no peak of 0."""
    (wave, *others) = story.recovery.waves
    waves = (replace(wave, count=15, service="worker", peak_per_s=0.3), *others)
    shown = replace(story, recovery=replace(story.recovery, waves=waves))
    assert "| 15 (worker) | 0.3 |" in render_markdown(shown, Options(sections=frozenset({"recovery"})))


def test_the_summary_is_short(story):
    """One paragraph that is read at a glance: quotes of many symptoms are in the table, the state is the screen's."""
    for sample in ("pg-too-many-clients", "recommender-memory-leak", "inventory-killed-herd", "checkout-redis-oom"):
        snapshot = judge_sample(sample)
        text = render_markdown(snapshot, Options(sections=frozenset({"summary"}))).split("\n")[4]
        assert len(text) < 1_200, sample
        state = snapshot.sentences[0]
        assert text.replace("\\", "").endswith(f"{state.label}: {state.text}.")
    row = pick_symptoms(story, build_rows(story))[0]
    many = [replace(row, service=f"svc{n}") for n in range(9)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("logscope.report.summary.pick_symptoms", lambda *_: many)
        text = render_markdown(story, Options(sections=frozenset({"summary"})))
    assert "svc0 (2,341), svc1 (2,341), svc2 (2,341), svc3 (2,341), svc4 (2,341) and 4 more services" in text


def test_an_event_began_when_its_line_says(story):
    """What came of it may begin later: the sentence gives the time of the line that it cites."""
    top = replace(story.candidates[0], is_event=True, first_seen=story.incident.start - 60_000_000)
    text = render_markdown(replace(story, candidates=(top,)), Options(sections=frozenset({"summary"})))
    assert "At 14:00:58.332 UTC it began with **redis**" in text


def test_without_a_culprit_nobody_is_called_one(story):
    """Where no line shows or names what broke, the words say that, and no name stands before them."""
    top = replace(story.candidates[0], service=OUTSIDE, headline="no line shows or names what broke", in_logs=False)
    timeless = replace(story, incident=None, as_of=None, candidates=(replace(top, group=None),))
    text = render_markdown(timeless, Options(sections=frozenset({"summary"})))
    assert OUTSIDE not in text
    assert ": no line shows or names what broke (" in text


def test_where_nothing_is_an_error_the_trend_shows_warnings(story):
    """Refused requests are warnings: the chart draws what rose rather than an empty row."""
    trend = replace(story.trend, errors=(0,) * len(story.trend.errors))
    text = render_markdown(replace(story, trend=trend, lanes=()), Options(sections=frozenset({"trend"})))
    assert re.search(r"^Warnings per .*, highest [1-9]", text, re.MULTILINE)


def test_unfinished_work_shows_no_masks():
    """What differs between records is an ellipsis, not the name of a mask."""
    text = sections_of("pg-too-many-clients", "unfinished")
    assert "Created orders … for user" in text
    assert "num" not in text


def sections_of(sample, *names):
    return render_markdown(judge_sample(sample), Options(sections=frozenset(names)))


def test_an_incident_begins_with_the_first_failure_not_with_its_explanation():
    """Users lost pages while the release loaded, before the first crash: the begin and the duration say so."""
    text = sections_of("recommender-memory-leak", "summary", "impact")
    assert "users' requests failed from 12:32:08 on, 7.7 s before" in text
    assert "| Began | 2026-11-23 12:32:08 UTC |" in text


def test_an_incident_that_goes_on_tells_its_phases():
    """The share since the hotfix and of the last minute stand beside the whole: better, not over."""
    text = sections_of("recommender-memory-leak", "impact")
    assert "| Requests | before | during | since 12:34:27 | last minute |" in text


def test_a_second_wave_is_told_as_another_fault():
    """Its own kind of error, the job before it, and the question whether it was that."""
    text = sections_of("cache-loss-second-wave", "summary", "open-questions", "ruled-out")
    assert "The second wave is another fault than the first: profile-api" in text
    assert "(by time only): batch `job loyalty-recalc starting (table users, exclusive)`" in text
    assert "- Did batch set the second wave off?" in text
    assert "**batch**" not in text


def test_a_monitor_is_no_suspect(story):
    """The pager that rang is not among those who are ruled out."""
    assert "**pagerduty**" not in render_markdown(story, Options(sections=frozenset({"ruled-out"})))


def test_an_exclamation_mark_is_escaped_only_where_it_would_make_an_image():
    """`no server available!` reads as it was logged."""
    assert escape("no server available! ![x](y)") == "no server available! \\!\\[x\\](y)"


def test_work_that_stopped_and_went_on_is_told_by_its_records():
    """Where nothing is an error the chart shows what fell, no table is empty, and nobody asks a log that is none."""
    told = judge_small(slow_for_a_while)
    text = render_markdown(told)
    assert text.startswith("# Incident 2026-05-04 09:06 UTC: stamper: writes far less")
    assert OUTSIDE not in text
    assert re.search(r"^Records of stamper per \d+ s from .*, highest \d", text, re.MULTILINE)
    assert re.search(r"^B the begin \S+, R back to usual \S+$", text, re.MULTILINE)
    assert "No kind of error belongs to it." in text or "## Errors" not in text
    assert not re.search(r"^\|[-:|]+\|\n(?!\|)", text, re.MULTILINE)
    assert "not known | not known" not in text
    assert 'class="r"' in render_html(told, Options())


def test_slow_work_is_told_with_whose_it_is_and_the_change_is_asked_about_once():
    """Nothing failed: the summary says what grew slow, no error falls, and the cause is itself what set it off."""
    told = judge_small(slow_shelf)
    text = render_markdown(told)
    summary = text.partition("## Summary")[2].partition("##")[0]
    assert "it began with **shelf**: `deploy of shelf-lists r8 done`" in summary
    assert "From 09:05:01 on shelf: its work takes longer" in summary
    assert "\nshelf: its work takes longer" in text.partition("## Impact")[2]
    assert "## What set it off\n\nThe cause itself: its line tells of an event" in text
    assert "| the cause's first line | 09:04:59 | 2.0 s before | `builds.log:1` |" in text
    assert "| the likely fix | 09:06:59 |" in text
    assert "errors fall" not in text
    assert "What set it off?" not in text
    assert "What limit does" not in text
    assert "set off: by the same line" in render_handoff(told)


def test_a_fix_behind_which_errors_went_on_is_not_told_to_have_ended_it(story):
    """Somebody marked one; it ended minutes later: the report says so, and asks."""

    def tell(seconds):
        at = story.recovery.since - seconds * 1_000_000
        recovery = replace(story.recovery, fix_at=at, fix_origin=FixOrigin.MARKED)
        note = Note(at, "restarted a pod", is_fix=True)
        told = replace(story, notes=(note,), recovery=recovery)
        return render_markdown(told, Options(sections=frozenset({"recovery", "open-questions"})))

    assert "marked by a person: restarted a pod; errors went on for 3 min 2 s." in tell(182)
    assert "that ended it? Errors went on for 3 min 2 s." in tell(182)
    assert "marked by a person: restarted a pod.\n" in tell(20)
    assert "that ended it?" not in tell(20)


def test_a_service_is_named_once(story):
    """Where its own words begin with its name, nothing repeats it: not the summary, the timeline, nor the cascade."""
    named = lambda one, words: f"{one.service}: {words}"  # noqa: E731
    groups = tuple(one if one.request else replace(one, headline=named(one, one.headline)) for one in story.groups)
    entries = tuple(replace(one, event=named(one, one.event)) if one.service else one for one in story.timeline)
    top, *others = story.candidates
    told = replace(
        story, groups=groups, timeline=entries, candidates=(replace(top, headline=named(top, top.headline)), *others)
    )
    text = render_markdown(told, Options(sections=frozenset({"summary", "cause", "timeline", "cascade"})))
    repeated = re.findall(r"\*{0,2}([\w-]+)(?:\*\*)?(?: broke)?:? `?\1: ", text)
    assert repeated == []


def test_the_first_error_may_be_the_causes_own_line(story):
    """Where that is an error, none is told to be the first behind it."""
    entries = tuple(replace(one, severity=Severity.FATAL) if one.is_root else one for one in story.timeline)
    text = render_markdown(replace(story, timeline=entries), Options(sections=frozenset({"timeline"})))
    root = next(one for one in entries if one.is_root)
    clock = datetime.fromtimestamp(root.time // 1_000_000, UTC).strftime("%H:%M:%S")
    assert f"| services: first error | {clock} | - |" in text


def test_the_fix_that_held_is_told_and_asked_about(tmp_path):
    """Behind a relapse the last change is the fix; the one before it is told with when errors came back."""
    edge, deploys = [], []
    for second in range(1200):
        is_bad = 400 <= second < 550 or 700 <= second < 850
        at = f"26/Nov/2026:21:{second // 60:02d}:{second % 60:02d} +0000"
        edge += [f'10.1.2.3 - - [{at}] "GET /search HTTP/1.1" {500 if is_bad else 200} 812 "-" "-"'] * 4
    for second, words in (
        (398, "deploy edge 4.2"),
        (549, "rollback edge to 4.1"),
        (698, "deploy edge 4.3"),
        (849, "rollback edge to 4.0"),
    ):
        deploys.append(f"2026-11-26T21:{second // 60:02d}:{second % 60:02d}.000Z INFO {words} done")
    (tmp_path / "edge.log").write_text("\n".join(edge) + "\n")
    (tmp_path / "deploy.log").write_text("2026-11-26T21:00:00.000Z INFO idle\n" + "\n".join(deploys) + "\n")
    asked = Request([str(tmp_path)])
    text = render_markdown(run_batch(asked, open_request(asked)))
    fixes = re.findall(r"^(Fix|Errors fell) at (\S+),.*?(?:; errors came back at (\S+)\.)?$", text, re.MULTILINE)
    assert fixes == [("Fix", "21:14:09", ""), ("Errors fell", "21:09:09", "21:11:40")]
    assert "Was it the change of 21:14:09" in text
    assert [line.split("|")[1].strip() for line in text.splitlines() if "likely fix:" in line] == [
        "21:09:09",
        "21:14:09",
    ]
