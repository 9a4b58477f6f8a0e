"""Views are pure: rows of prepared Snapshots, at any width."""

from dataclasses import replace

import pytest

from logscope.analysis.story.quiet import late_groups, risen_groups
from logscope.analysis.story.sentences import write_sentences
from logscope.model.files import Progress, Zone, ZoneOrigin
from logscope.model.kinds import Role
from logscope.model.recovery import Verdict
from logscope.model.severity import Severity
from logscope.model.snapshot import Rise
from logscope.model.times import US
from logscope.report.wording import everyday_groups
from logscope.sources.nearby import NearbyFile
from logscope.ui.formatting import lag_between
from logscope.ui.views import (
    action_rows,
    as_of_now,
    file_rows,
    group_rows,
    recovery_rows,
    story_rows,
    why_rows,
)
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
        assert [text for text in plain(file_rows(known, also, width, LOOK)) if len(text) > width] == []


def test_times_count_from_the_onset(known):
    """`T`: the root is at zero, what follows at its lag."""
    rows = plain(group_rows(known, 120, replace(LOOK, origin=known.incident.start)))
    assert any("+00:00" in row for row in rows)
    assert any("+03:24" in row for row in rows)


def test_a_stamp_of_whole_seconds_is_as_far_from_the_onset_as_its_lag_says():
    """`T` claims no milliseconds that nobody wrote, also where the onset itself has some."""
    onset = 1_772_460_118_332_000
    look = replace(LOOK, origin=onset)
    second, fine = onset // 1_000_000 * 1_000_000 + 5_000_000, onset + 4_668_000
    assert (look.clock(second).strip(), look.clock_ms(second).strip()) == ("+00:05", "+00:05")
    assert lag_between(second, onset) == "+5s"
    assert (look.clock_ms(fine + 1).strip(), lag_between(fine + 1, onset)) == ("+00:04.668", "+4.7s")
    assert replace(LOOK, origin=second).clock_ms(fine + 1_000_500).strip() == "+00:01"


def test_folded_kinds_are_listed_when_asked_for(known):
    """Everyday kinds are one row; open, each has its own."""
    folded = group_rows(known, 120, LOOK)
    name = next(row.key for row in folded if row.key.startswith("everyday"))
    assert len(group_rows(known, 120, LOOK, unfolded=frozenset({name}))) > len(folded)


def test_a_zone_that_is_assumed_is_told_whole(known):
    """The longest offset with where it comes from fits into its column at 80 cells."""
    file = replace(known.files[0], zone=Zone("+05:30", ZoneOrigin.ASSUMED))
    assert "+05:30 assumed" in plain(file_rows(replace(known, files=(file,)), [], 80, LOOK))[1]


def test_logs_that_were_not_given_are_offered(known):
    """ALSO WRITTEN lists them with their size; each row adds one."""
    rows = file_rows(known, [NearbyFile("/var/log/haproxy.log", 2048, 0)], 120, LOOK)
    assert "ALSO WRITTEN" in "\n".join(plain(rows))
    assert rows[-1].key == "also:/var/log/haproxy.log"


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
    reading = replace(quiet, progress=Progress(1, 2, False), provisional=True)
    assert "too seldom" not in " ".join(plain(group_rows(reading, 120, LOOK)))
    nothing = replace(reading, groups=(), candidates=())
    assert plain(group_rows(nothing, 120, LOOK))[1].strip() == "so far no kind of warning or error is new or risen"
    assert write_sentences(nothing, LOOK.dial)[1].text == "nothing so far"


def test_an_answer_that_a_log_always_gave_is_not_new_because_of_its_route(known):
    """Of a log that answers 503 now and then another route's 503 is no news; its first 500 is, and so is another's."""
    quiet = replace(make_quiet(known, None), rise=None)
    begin = min(file.first_seen for file in quiet.files)
    first, other = (
        next(g for g in quiet.groups if g.request and g.template.endswith(status)) for status in ("503", "500")
    )
    usual, late = replace(first, first_seen=begin), begin + 40 * MINUTE
    route, status = (replace(one, id=f"late{n}", first_seen=late) for n, one in enumerate((first, other)))
    assert late_groups(replace(quiet, groups=(usual, route, status))) == [status]
    assert late_groups(replace(quiet, groups=(route,))) == [route]


def test_where_there_is_nothing_to_show_the_reason_is_told(known):
    """No line yet, still reading, no times, none of the time asked for, and nothing risen are different things."""
    calm = replace(known, timeline=(), candidates=(), incident=None)
    empty = replace(calm, files=tuple(replace(f, lines=0) for f in calm.files))
    reading = replace(calm, progress=Progress(1, 2, False))
    elsewhen = replace(empty, asked=(0, 60_000_000), files=tuple(replace(f, records=0) for f in empty.files))
    cases = (empty, reading, replace(calm, as_of=None), calm, elsewhen)
    told = [plain(story_rows(one, 80, 10, LOOK)) for one in cases]
    reasons = (
        "No line is written",
        "Still reading",
        "No line carries a time",
        "no story",
        "No line of these files is of",
    )
    for rows, words in zip(told, reasons, strict=True):
        assert words in rows[0]
    for one, label in ((empty, "EMPTY"), (elsewhen, "EMPTY"), (replace(empty, files=known.files), "NO CLOCK")):
        unread = replace(one, recovery=replace(one.recovery, verdict=Verdict.NO_BASELINE))
        said = replace(unread, sentences=write_sentences(unread, LOOK.dial))
        assert as_of_now(said, "", (), LOOK)[0].label == label
    assert any("6  how each file is read" in row for row in told[2])
    untimed = replace(known, timeline=(), as_of=None)
    assert "0  what is named most" in plain(story_rows(untimed, 80, 10, LOOK))[-1]
