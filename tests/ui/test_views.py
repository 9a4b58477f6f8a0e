"""Views are pure: rows of prepared Snapshots, at any width."""

import re
from dataclasses import replace

import pytest

from logscope.analysis.story.quiet import risen_groups
from logscope.analysis.story.sentences import write_sentences
from logscope.model.causes import Link, Trigger
from logscope.model.files import LineRef, Progress, Zone, ZoneOrigin
from logscope.model.incident import EventKind
from logscope.model.kinds import Role
from logscope.model.lines import Detail, LogLine
from logscope.model.recovery import FixOrigin, Remaining, Verdict, VerdictChange
from logscope.model.severity import Severity
from logscope.model.snapshot import FurtherIncident, Note, Rise
from logscope.model.times import US
from logscope.report.wording import everyday_groups
from logscope.sources.nearby import NearbyFile
from logscope.ui.events import story_entries
from logscope.ui.line_words import have_long_heads, split_line, split_message
from logscope.ui.log_line import DrawnLine, LinePlan, draw_line, service_cells
from logscope.ui.views import (
    action_rows,
    as_of_now,
    file_rows,
    group_rows,
    line_rows,
    recovery_rows,
    story_rows,
    why_rows,
)
from tests.judged import judge_sample
from tests.ui.rows_of import LOOK, MINUTE, plain


@pytest.mark.parametrize("width", [74, 80, 120, 200])
def test_rows_stay_inside_their_pane(known, width):
    """No view draws beyond its width."""
    also = [NearbyFile("/var/log/" + "x" * 200, 10, 0)]
    for rows in (
        story_rows(known, width, 40, LOOK),
        story_rows(known, width, 4, LOOK),
        group_rows(known, width, LOOK),
        action_rows(known, width, LOOK),
        recovery_rows(known, width, LOOK),
        why_rows(known, width, LOOK),
    ):
        assert [row.text.plain for row in rows if row.text.cell_len > width] == []
    if width >= 80:
        assert [text for text in plain(file_rows(known.files, also, width, LOOK)) if len(text) > width] == []


def test_times_count_from_the_onset(known):
    """`T`: the root is at zero, what follows at its lag."""
    rows = plain(group_rows(known, 120, replace(LOOK, origin=known.incident.start)))
    assert any("+00:00" in row for row in rows)
    assert any("+03:24" in row for row in rows)


def test_why_explains_a_second_wave_first_while_it_goes_on():
    """What it has that the first did not and the job before it stand above the first cause; once over, behind it."""
    known = judge_sample("cache-loss-second-wave")
    titles = [text.strip().split("  ")[0] for text in plain(why_rows(known, 120, LOOK)) if text[1:2].isupper()]
    assert titles[:4] == ["SECOND WAVE", "SET OFF BY", "ROOT CAUSE OF THE FIRST WAVE", "SET OFF BY"]
    assert "loyalty-recalc" in plain(why_rows(known, 120, LOOK))[6]
    over = replace(known, recovery=replace(known.recovery, over=True))
    assert plain(why_rows(over, 120, LOOK))[0].startswith(" ROOT CAUSE OF THE FIRST WAVE")


def test_why_and_the_sentences_on_top_say_the_same(known):
    """What set it off in the same words where no change is known; the later wave by its number; reasons by weight."""
    event = replace(known.candidates[0], is_event=True, trigger=None)
    alone = replace(known, candidates=(event, *known.candidates[1:]))
    rows = plain(why_rows(replace(alone, sentences=write_sentences(alone, LOOK.dial)), 120, LOOK))
    assert any(row.startswith(" SET OFF  by the same line") and "redis-server.log:29" in row for row in rows)
    assert any(row.strip() == "SET OFF BY  not in these logs" for row in plain(why_rows(known, 120, LOOK)))
    points = [float(row.split()[0]) for row in rows[: rows.index("")] if re.match(r" +\+\d", row)]
    assert len(points) > 1
    assert points == sorted(points, reverse=True)
    assert not any(row.startswith(" THIRD") for row in plain(why_rows(known, 120, LOOK))), "it has less than 1 %"
    made = judge_sample("cache-loss-second-wave")
    last = made.recovery.waves[-1]
    third = replace(last, start=last.start + MINUTE, end=last.end + MINUTE)
    again = replace(made, recovery=replace(made.recovery, waves=(*made.recovery.waves, third)))
    assert plain(why_rows(again, 120, LOOK))[0].startswith(" THIRD WAVE")


def test_recovery_tells_what_is_left_once(known):
    """A route whose failed requests stand in the table is not told a second time with another figure."""
    request = next(g for g in known.groups if g.request and g.role is Role.SYMPTOM)
    one = Remaining(request.template.rpartition(" ")[0], 205.7, 9, known.as_of, failed=9, begun=0)
    left = (one, replace(one, what="POST /other", rate_per_min=205.0))
    told = "errors go on: 0/min before"
    recovery = replace(known.recovery, verdict=Verdict.ONGOING, explanation=told, remaining=left)
    alone = (request, *(g for g in known.groups if not g.request))
    rows = plain(recovery_rows(replace(known, groups=alone, recovery=recovery), 120, LOOK))
    (row,) = [row for row in rows if row.startswith(" BROKEN")]
    assert row.split(maxsplit=3)[1:] == ["POST", "/other", f"205/min now, since {LOOK.clock(0)}"], "not: since a minute"
    assert rows[0].startswith(" VERDICT  errors go on (confirmed): 0/min before")
    again = replace(known.recovery.waves[0], kind="second_wave", start=known.as_of - MINUTE, trigger=None)
    waves = replace(recovery, waves=(*known.recovery.waves[:1], again))
    rows = plain(recovery_rows(replace(known, groups=alone, recovery=waves), 120, LOOK))
    assert any(row.endswith(f"since {LOOK.clock(again.start)}") for row in rows), "between the waves it was not broken"
    rows = plain(recovery_rows(replace(known, recovery=recovery), 120, LOOK))
    assert len([row for row in rows if row.startswith(" BROKEN")]) == 2, "one row stands for all routes there"


def test_recovery_numbers_the_waves_and_says_when_they_are_over():
    """The verdict agrees with the state on top."""
    made = judge_sample("cache-loss-second-wave")
    last = made.recovery.waves[-1]
    third = replace(last, start=last.start + MINUTE, end=last.end + MINUTE)
    recovery = replace(made.recovery, waves=(*made.recovery.waves, third))
    goes_on = plain(recovery_rows(replace(made, recovery=recovery), 120, LOOK))
    assert goes_on[0].startswith(" VERDICT  a third wave")
    assert [re.search(r"(\w+) wave", row)[1] for row in goes_on if " WAVE " in row and " wave " in row] == [
        "second",
        "third",
    ]
    over = plain(recovery_rows(replace(made, recovery=replace(recovery, over=True)), 120, LOOK))
    assert over[0].startswith(" VERDICT  over, after a third wave")


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


def test_a_question_is_followed_by_a_look():
    """Where the first thing to check is a question, the first command stands above what to do as well."""
    tags = [text[:9].strip() for text in plain(action_rows(judge_sample("cache-loss-second-wave"), 120, LOOK))]
    assert [tag for tag in tags if tag and tag != "$"][:3] == ["CHECK", "CHECK", "DO"]


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


def test_folded_kinds_are_listed_when_asked_for(known):
    """Everyday kinds are one row; open, each has its own."""
    folded = group_rows(known, 120, LOOK)
    name = next(row.key for row in folded if row.key.startswith("everyday"))
    assert len(group_rows(known, 120, LOOK, unfolded=frozenset({name}))) > len(folded)


def test_the_verdict_keeps_its_predecessors(known):
    """What was said before, until when, and what took its place."""
    change = VerdictChange(Verdict.TOO_EARLY, known.as_of, "rose again at 14:33:10")
    text = "\n".join(plain(recovery_rows(replace(known, history=(change,)), 120, LOOK)))
    assert "WAS" in text
    assert "too early to say until 15:01:59; then rose again at 14:33:10" in text


def test_what_is_new_since_the_fix_stands_out(known):
    """A kind that began behind the fix stands first and is NEW while it goes on, then ended."""
    recovery = replace(known.recovery, fix_at=known.incident.start + 1_000_000)
    going_on = tuple(replace(g, current_per_min=50.0) for g in known.groups)
    for groups, word in ((known.groups, "ended"), (going_on, "NEW")):
        rows = recovery_rows(replace(known, recovery=recovery, groups=groups), 120, LOOK)
        assert word in next(row for row in rows if row.proves).text.plain


def test_what_was_there_before_is_not_new_since_the_fix(known):
    """Everyday noise that rises by chance behind the fix is no part of the recovery; what never was there is."""
    fix = known.incident.start + 60_000_000
    recovery = replace(known.recovery, fix_at=fix)
    noise = replace(known.groups[0], id="n", role=Role.UNRELATED, onset=fix + 10 * MINUTE, headline="requeued")
    shown = lambda one: [  # noqa: E731
        row.key for row in recovery_rows(replace(known, recovery=recovery, groups=(one,)), 120, LOOK) if row.proves
    ]
    assert shown(replace(noise, first_seen=fix - MINUTE)) == []
    assert shown(replace(noise, first_seen=fix + MINUTE)) == ["n"]


def test_a_zone_that_is_assumed_is_told_whole(known):
    """The longest offset with where it comes from fits into its column at 80 cells."""
    file = replace(known.files[0], zone=Zone("+05:30", ZoneOrigin.ASSUMED))
    assert "+05:30 assumed" in plain(file_rows([file], [], 80, LOOK))[1]


def test_logs_that_were_not_given_are_offered(known):
    """ALSO WRITTEN lists them with their size; each row adds one."""
    rows = file_rows(known.files, [NearbyFile("/var/log/haproxy.log", 2048, 0)], 120, LOOK)
    assert "ALSO WRITTEN" in "\n".join(plain(rows))
    assert rows[-1].key == "also:/var/log/haproxy.log"


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


def test_one_look_then_what_to_do(known):
    """The first check, all that is to be done and not to be done, and only then further checks."""
    tags = [text[:10].strip() for text in plain(action_rows(known, 200, LOOK))]
    tags = [tag for tag in tags if tag]
    assert len(known.actions.check) > 1
    assert tags.index("DO") == 1
    assert tags.index("NOT") < len(tags) - 1 - tags[::-1].index("CHECK")
    assert tags.count("CHECK") == len(known.actions.check)


def test_the_fix_is_told_with_what_it_was(known):
    """The line that was logged and its place, or a person's words; else that nothing says it."""
    fix = lambda one: next(text for text in plain(recovery_rows(one, 120, LOOK)) if " FIX " in text)  # noqa: E731
    assert "CONFIG SET maxmemory" in fix(known)
    assert "redis-server.log:37" in fix(known)
    note = Note(known.recovery.fix_at, "raised the limit", is_fix=True)
    marked = replace(known.recovery, fix_origin=FixOrigin.MARKED)
    assert "raised the limit" in fix(replace(known, notes=(note,), recovery=marked))
    unknown = replace(known.recovery, fix_text="", fix_ref=None)
    assert "what was done is not logged" in fix(replace(known, recovery=unknown))
    ongoing = replace(known.recovery, verdict=Verdict.ONGOING, over=False)
    assert "it did not end it" in fix(replace(known, recovery=ongoing))
    assert "it did not end it" not in fix(known)
    partial = replace(known.recovery, verdict=Verdict.PARTIAL, over=False)
    assert "better since, not over" in fix(replace(known, recovery=partial))


def test_a_silence_has_no_counts(known):
    """What fell silent logged no errors: no row counts none, and no columns stand above no rows."""
    wave = replace(known.recovery.waves[0], count=0, asked=None, failed=None)
    silent = replace(known, groups=(), recovery=replace(known.recovery, waves=(wave,)))
    rows = plain(recovery_rows(silent, 120, LOOK))
    assert any(row.rstrip().endswith("incident    no errors are logged") for row in rows)
    assert not any("BEFORE" in row for row in rows)


def test_of_several_fixes_the_last_stands_first(known):
    """What ended the last wave, as the logs tell of it; before it what did not last, with when errors came back."""
    start = known.incident.start
    first, again = replace(known.recovery.waves[0], end=start + 10 * MINUTE), start + 20 * MINUTE
    wave = replace(first, kind="second_wave", start=again, end=again + 2 * MINUTE, trigger=None, fault=None)
    entry = next(e for e in known.timeline if e.kind is EventKind.FIX)
    undone = replace(entry, kind=EventKind.CHANGE, time=wave.end - 1, event="CONFIG SET again", line=99)
    other = replace(undone, time=wave.end, service="blog", event="blog redeployed", sample="")
    recovery = replace(
        known.recovery, waves=(first, wave), verdict=Verdict.SECOND_WAVE, over=True, fix_at=first.end - 1
    )
    relapse = replace(known, recovery=recovery, timeline=(*known.timeline, undone, other))
    last, earlier = (text for text in plain(recovery_rows(relapse, 160, LOOK)) if " FIX " in text)
    assert "CONFIG SET again" in last
    assert "came back" not in last
    assert f"errors came back at {LOOK.clock(again)}" in earlier
    going_on = replace(relapse, recovery=replace(recovery, over=False))
    assert any("CONFIG SET again; it did not end it" in text for text in plain(recovery_rows(going_on, 160, LOOK)))
    marks = tuple(Note(time, words, is_fix=True) for time, words in ((first.end, "evicted"), (wave.end, "raised")))
    marked = replace(recovery, fix_at=wave.end, fix_origin=FixOrigin.MARKED)
    rows = plain(recovery_rows(replace(relapse, recovery=marked, notes=marks), 160, LOOK))
    assert [("raised" in row, "evicted" in row) for row in rows if " FIX " in row] == [(True, False), (False, True)]


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
    inside = replace(lines[0], is_head=False, message=0, text="  Caused by: x")
    assert split(inside, is_short=True, is_apart=True) == ("00:00:07     W ", "Caused by: x", "")
    assert split(inside, is_short=True)[0] == ""
    text = '{"level":"error","msg":"column \\"rank\\" is gone","took":{"ms":3}}'
    object_ = replace(lines[0], text=text, message=text.index("column"))
    said = ("00:00:07     W ", 'column "rank" is gone', ',"took":{"ms":3}')
    assert split(object_, is_short=True) == said, "what only closes or guards is left out"


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


def test_everyday_noise_is_no_cause(known):
    """Where nothing rose, why says so, and ranks nothing as a root cause."""
    rows = plain(why_rows(replace(known, incident=None, groups=()), 100, LOOK))
    text = "\n".join(rows)
    assert "nothing broke" in rows[0]
    assert "EVERYDAY" in text
    assert [word for word in ("ROOT CAUSE", "RUNNER-UP", "SET OFF BY", "HIGH") if word in text] == []


def test_what_set_it_off_is_no_runner_up(known):
    """The same line is not told as another cause; the next candidate stands in its place."""
    top, second, *_ = known.candidates
    other = replace(second, file="/x/deploy.log", line=7, service="deploys", headline="release 9")
    trigger = Trigger("/x/deploy.log", 7, "", 0, 0, Link.NAMED, "deploys", "release 9")
    rows = plain(why_rows(replace(known, candidates=(replace(top, trigger=trigger), other, second)), 120, LOOK))
    at = next(n for n, row in enumerate(rows) if row.startswith(" RUNNER-UP"))
    assert second.headline[:20] in rows[at + 1]
    assert sum("release 9" in row for row in rows) == 1


def test_what_would_change_the_order_is_one_sentence(known):
    """The heaviest reason is named by its words alone, and the sentence ends once."""
    first, second, *rest = known.candidates
    close = replace(known, candidates=(first, replace(second, points=first.points - 1.5), *rest))
    text = " ".join(plain(why_rows(close, 200, LOOK)))
    said = text[text.index("CHANGES") : text.index("CASCADE")]
    assert said.rstrip().endswith('says "maxmemory reached".')
    assert ".." not in said


def make_quiet(known, seconds):
    """The story's lines, as if what rose was no incident: over after so many seconds, or at nobody's cost (None)."""
    start = known.incident.start
    groups = tuple(replace(g, role=Role.CHRONIC, onset=None) for g in known.groups)
    rise = Rise("cart: null", 7, start, until=None if seconds is None else start + seconds * US)
    return replace(known, timeline=(), incident=None, groups=groups, rise=rise)


@pytest.mark.parametrize(
    ("seconds", "reason", "of"),
    [
        (11, "What rose was over in moments", "Of what came with it, what says most"),
        (None, "What rose costs nobody anything", "Of the everyday noise, what says most"),
    ],
)
def test_all_panes_tell_the_same_of_what_is_no_incident(known, seconds, reason, of):
    """No pane says that nothing rose; the kinds that came with it are listed, and not called unchanged."""
    quiet = make_quiet(known, seconds)
    story, why, kinds = (plain(rows) for rows in (
        story_rows(quiet, 80, 10, LOOK), why_rows(quiet, 80, LOOK), group_rows(quiet, 80, LOOK),
    ))  # fmt: skip
    assert story[0] == f" {reason}: there is no story to tell."
    assert " ".join(line.strip() for line in why[: why.index("")]).startswith(f"{reason}: nothing broke")
    assert of in " ".join(line.strip() for line in why)
    assert max(map(len, why)) <= 80
    assert ("0  what may have caused it" in " ".join(story)) == (seconds is not None)
    recovery = " ".join(plain(recovery_rows(quiet, 80, LOOK)))
    assert "no kind of error rose" not in recovery
    assert "2 Kinds shows what came with what rose" in recovery
    assert kinds[1].strip() == "came with what rose, and is no incident:"
    assert any("maxmemory" in row for row in kinds)
    assert not any("no kind of warning" in row for row in kinds)
    told = {g.id for g in risen_groups(quiet)}
    assert told
    assert not told & {g.id for g in everyday_groups(quiet)}


def test_an_error_that_came_late_is_not_called_unchanged(known):
    """A fatal line in the middle of quiet logs is listed; what stood at their begin is everyday, also while reading."""
    quiet = replace(make_quiet(known, None), rise=None)
    begin = min(file.first_seen for file in quiet.files)
    noise, fatal = [g for g in quiet.groups if g.severity >= Severity.ERROR and not g.request][:2]
    quiet = replace(quiet, groups=(replace(noise, first_seen=begin), replace(fatal, first_seen=begin + 40 * MINUTE)))
    rows = plain(group_rows(quiet, 120, LOOK))
    assert rows[1].strip() == "came late in these logs, and too seldom for an incident:"
    assert fatal.headline[:20] in rows[2]
    assert any("1 everyday kind, unchanged" in row for row in rows)
    story = plain(story_rows(quiet, 80, 10, LOOK))
    assert story[0] == " New errors came, too few for an incident: there is no story to tell."
    assert story[-1].strip() == "0  what may have caused it"
    told = write_sentences(replace(quiet, recovery=replace(quiet.recovery, verdict=Verdict.NO_INCIDENT)), LOOK.dial)[0]
    assert f"yet new errors came: {fatal.service}: {fatal.headline[:20]}" in told.text
    reading = replace(quiet, progress=Progress(1, 2, False))
    assert "too seldom" not in " ".join(plain(group_rows(reading, 120, LOOK)))


def test_where_there_is_nothing_to_show_the_reason_is_told(known):
    """No line yet, still reading, no times, and nothing risen are four different things."""
    calm = replace(known, timeline=(), candidates=(), incident=None)
    empty = replace(calm, files=tuple(replace(f, lines=0) for f in calm.files))
    reading = replace(calm, progress=Progress(1, 2, False))
    told = [plain(story_rows(one, 80, 10, LOOK)) for one in (empty, reading, replace(calm, as_of=None), calm)]
    for rows, words in zip(
        told, ("No line is written", "Still reading", "No line carries a time", "no story"), strict=True
    ):
        assert words in rows[0]
    assert as_of_now(empty, "", (), LOOK)[0].label == "EMPTY"
    assert any("6  how each file is read" in row for row in told[2])
    untimed = replace(known, timeline=(), as_of=None)
    assert "0  what is named most" in plain(story_rows(untimed, 80, 10, LOOK))[-1]


def test_another_candidate_is_unlikely_not_impossible(known):
    """A chance of less than one in a hundred is told as that, not as nothing."""
    top, second, *others = known.candidates
    for chance, words in ((0.003, "RUNNER-UP  below 1 %"), (0.12, "RUNNER-UP  12 %")):
        named = (top, replace(second, probability=chance), *others)
        assert any(words in row for row in plain(why_rows(replace(known, candidates=named), 120, LOOK)))


def test_what_users_lost_is_said_once(known):
    """Where events in a row say the same of it, the later ones say that."""
    first, second, *_ = (replace(e, impact="9 % of 99 requests ok") for e in story_entries(known.timeline))
    third = replace(second, time=second.time + 1, impact="users served")
    for width in (80, 120, 200):
        text = "\n".join(plain(story_rows(replace(known, timeline=(first, second, third)), width, 9, LOOK)))
        assert [text.count(part) for part in ("9 % of 99", "as above", "users served")] == [1, 1, 1]


def test_what_the_table_says_is_not_said_twice(known):
    """Of what is left those are listed that are no kinds of the table below."""
    kind = next(g for g in known.groups if g.onset is not None and g.role is Role.SYMPTOM and not g.request)
    left = [Remaining(what, 9.0, 99, 0, 0.0) for what in (f"{kind.service}: {kind.headline}", "GET /cart")]
    rows = plain(recovery_rows(replace(known, recovery=replace(known.recovery, remaining=tuple(left))), 120, LOOK))
    assert [row.split()[1:3] for row in rows if row.startswith(" BROKEN")] == [["GET", "/cart"]]


def test_the_fields_of_a_line_stand_in_one_column():
    """The time among them, however short or long the others' names are."""
    line = LogLine("x", "tax", 0, 0, 7, "failed", Severity.ERROR, True, 1_772_460_118_332_000, 0)
    for names in (("level", "id"), ("level", "request_duration")):
        detail = Detail(tuple((name, "value") for name in names), "failed", ())
        rows = plain(line_rows(line, detail, 60, LOOK))[:3]
        assert {row.index(said) for row, said in zip(rows, ("14:01:58", "value", "value"), strict=True)} == {
            max(map(len, names)) + 3
        }
