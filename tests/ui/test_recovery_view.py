"""The recovery view: whether it is over, since which fix, in which waves, and what is left."""

import re
from dataclasses import replace

import pytest

from logscope.model.incident import EventKind
from logscope.model.kinds import Role
from logscope.model.recovery import FixOrigin, Remaining, Verdict, VerdictChange
from logscope.model.severity import Severity
from logscope.model.snapshot import Note
from logscope.ui.views import (
    recovery_rows,
)
from tests.judged import judge_sample
from tests.ui.rows_of import LOOK, MINUTE, plain


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
    new = replace(noise, first_seen=fix + MINUTE)
    assert shown(new) == ["n"]
    assert shown(replace(new, severity=Severity.INFO)) == [], "that somebody was started is no error"


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
    unharmed = replace(wave, count=115, asked=0, failed=0, peak_per_s=3.0)
    rows = plain(recovery_rows(replace(known, recovery=replace(known.recovery, waves=(unharmed,))), 120, LOOK))
    assert any(row.rstrip().endswith("incident    115 records, up to 3.0/s") for row in rows), "not: 0 of 0 requests"


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


def test_what_the_table_says_is_not_said_twice(known):
    """Of what is left those are listed that are no kinds of the table below."""
    kind = next(g for g in known.groups if g.onset is not None and g.role is Role.SYMPTOM and not g.request)
    left = [Remaining(what, 9.0, 99, 0, 0.0) for what in (f"{kind.service}: {kind.headline}", "GET /cart")]
    rows = plain(recovery_rows(replace(known, recovery=replace(known.recovery, remaining=tuple(left))), 120, LOOK))
    assert [row.split()[1:3] for row in rows if row.startswith(" BROKEN")] == [["GET", "/cart"]]


@pytest.mark.parametrize(("needed", "told"), [(0.4, "1 more quiet min"), (2.6, "3 more quiet min"), (None, "")])
def test_what_would_confirm_it_is_told_as_on_top(known, needed, told):
    """Less than half a minute is no reason to say that nothing is needed."""
    early = replace(known, recovery=replace(known.recovery, confirmed=False, minutes_needed=needed))
    target = next(text for text in plain(recovery_rows(early, 120, LOOK)) if "TARGET" in text)
    assert ("more quiet" in target, told in target) == (bool(told), True)
