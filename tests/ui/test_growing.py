"""While records come: the picture stands still, and the newest lines are shown until something breaks."""

import asyncio
from dataclasses import replace

import pytest

from logscope.model.recovery import NewFault, Verdict, Wave
from logscope.model.snapshot import FurtherIncident
from logscope.model.times import US
from logscope.ui.axis import Axis
from logscope.ui.formatting import Look, growing_span, incident_span
from logscope.ui.lanes import draw_axis, draw_marks
from logscope.ui.log_pane import LogPane
from logscope.ui.palette import DARK, UNICODE
from logscope.ui.receiving import SnapshotReady
from logscope.ui.timeline import Timeline
from tests.ui.conftest import settle
from tests.ui.driving import status_of

LOOK = Look(DARK, UNICODE)
MINUTE = 60 * US


def at(snapshot, seconds, end=None):
    """The story, so long after its begin; with an end, over since then."""
    start = snapshot.incident.start
    incident = replace(snapshot.incident, end=None if end is None else start + end * US)
    return replace(snapshot, as_of=start + seconds * US, incident=incident)


def test_the_picture_stands_still_between_two_steps(story):
    """A second more of an incident changes no cell that was drawn: its span grows in steps, and never shrinks."""
    spans, room = [], 0
    for seconds in range(5, 400, 5):
        span, room = growing_span(at(story[2], seconds), room)
        assert span[0] < story[2].incident.start < story[2].incident.start + seconds * US < span[1]
        spans.append(span)
    assert len(set(spans)) <= 7
    assert sorted(spans, key=lambda one: one[1]) == spans
    calm, _ = growing_span(at(story[2], 401, end=400), room)
    later, _ = growing_span(at(story[2], 500, end=400), room)
    assert calm == later


@pytest.mark.parametrize("seconds", [2, 14, 40, 90])
def test_a_young_incident_is_no_empty_picture(story, seconds):
    """What is to come has less room than what was: a few seconds of errors are no dot before a blank minute."""
    now = at(story[2], seconds)
    (first, behind), _ = growing_span(now, 0)
    assert behind - now.as_of < now.as_of - first


def test_what_comes_after_an_incident_is_shown(story):
    """Half as long again behind its end, two minutes at least: that it stays over is seen."""
    over = at(story[2], 4000, end=3600)
    assert incident_span(over)[1] == over.incident.end + 30 * MINUTE
    short = at(story[2], 400, end=60)
    assert incident_span(short)[1] == short.incident.end + 2 * MINUTE


def test_another_incident_is_in_view(story):
    """What the state tells of stands in the picture, unless this incident would be a sliver beside it."""
    over = at(story[2], 3000, end=600)
    alone, end = incident_span(over), over.incident.end

    def beside(minutes, **options):
        other = replace(over.incident, start=end + minutes * MINUTE, end=end + (minutes + 3) * MINUTE)
        return incident_span(replace(over, further=(FurtherIncident(other, (), over.recovery, **options),)))

    assert beside(20)[0] == alone[0]
    assert beside(20)[1] == end + 23 * MINUTE + 30 * US
    assert beside(600) == alone
    other = FurtherIncident(replace(over.incident, start=end + 20 * MINUTE, end=None), (), over.recovery)
    axis = Axis(*beside(20), 90)
    text = "".join(letter for letter, _ in draw_marks(replace(over, further=(other,)), axis, LOOK).cells)
    assert text[axis.column(end + 20 * MINUTE) :].startswith(f"{UNICODE.onset} also")
    assert beside(20, is_alone=True) == alone


def test_room_for_what_comes_is_told(story):
    """Behind the newest record stands `now`, and nothing is drawn as if it were silence there."""
    start = story[2].incident.start
    ahead = Axis(start - MINUTE, start + 8 * MINUTE, 90)
    text = "".join(letter for letter, _ in draw_marks(at(story[2], 300), ahead, LOOK).cells)
    assert text[ahead.column(start + 300 * US) :].strip() == "now"
    full = Axis(start - MINUTE, start + 300 * US + 1, 90)
    assert "now" not in "".join(letter for letter, _ in draw_marks(at(story[2], 300), full, LOOK).cells)


def test_the_cause_keeps_its_word(story):
    """A first symptom in the next cell takes no room from the word that names the mark."""
    root = next(entry for entry in story[2].timeline if entry.is_root)
    near = replace(root, time=root.time + 2 * US, is_root=False, is_key=True)
    axis = Axis(root.time - MINUTE, root.time + MINUTE, 60)
    text = "".join(letter for letter, _ in draw_marks(replace(story[2], timeline=(root, near)), axis, LOOK).cells)
    assert text.strip() == f"{UNICODE.root} cause"


def test_lanes_without_room_are_told_in_the_axis():
    """Every lane that is drawn keeps its own figure."""
    axis = Axis(0, 60 * MINUTE, 60)
    assert draw_axis(axis, None, LOOK, 12, hidden=3).tail == " +3 lanes"
    assert draw_axis(axis, None, LOOK, 12, hidden=1).tail == " +1 lane"
    assert draw_axis(axis, None, LOOK, 12).tail == " 60s/col"


@pytest.fixture
def push(make_app, story, monkeypatch):
    """Show Snapshots one after another on a live screen, and look at it after each."""

    def run(snapshots, look, keys=()):
        async def show():
            app = make_app(snapshots[0])
            monkeypatch.setattr(type(app.feed), "state", "LIVE")
            seen = []
            async with app.run_test(size=(120, 40)) as pilot:
                await settle(pilot)
                for key in keys:
                    await pilot.press(key)
                for snapshot in snapshots:
                    app._take(SnapshotReady(snapshot))
                    app._tick()
                    await settle(pilot)
                    seen.append(look(app))
            return seen

        return asyncio.run(show())

    return run


def test_a_quiet_live_screen_shows_the_newest_lines(push, story):
    """Until something breaks the log pane keeps up by itself; then it stands at the cause."""
    calm = replace(story[2], incident=None, candidates=(), cascade=(), timeline=())
    before = replace(calm, files=tuple(replace(file, lines=file.lines - 1) for file in calm.files))

    def look(app):
        logs = app.query_one("#logs", LogPane)
        return logs.is_following, logs.is_merged, logs.current().time

    early, late, broken = push([before, calm, story[2]], look)
    assert early[:2] == late[:2] == (True, True)
    assert late[2] == calm.as_of
    assert broken[:2] == (False, False)


def test_the_live_picture_has_room_and_keeps_it(push, story):
    """From the second look on the axis ends behind the newest record, and the next seconds move nothing."""
    axes = push([at(story[2], seconds) for seconds in (70, 75, 80, 85)], lambda app: app.query_one(Timeline).axis())
    assert axes[1] == axes[2] == axes[3]
    assert axes[1].end > story[2].incident.start + 85 * US


def test_looking_at_other_views_holds_nothing(push, story):
    """Another cause moves all to its line also where somebody went through the views; not where the lines were read."""
    second = next(group for group in story[2].groups if group.service == "cart-service" and group.onset_ref)
    place = second.onset_ref
    cause = replace(story[2].candidates[0], file=place.file, line=place.line, first_seen=second.onset)
    later = [story[2], replace(story[2], candidates=(cause,))]

    def look(app):
        return app.query_one("#logs", LogPane).current().service

    assert push(later, look, keys=("2", "5", "0", "i"))[1] == "cart-service"
    assert push(later, look, keys="3")[1] == "redis-server"


def test_what_is_asked_stays_to_be_read(push, story):
    """News that come while somebody types wait until the prompt is closed."""
    back = replace(story[2], sentences=(replace(story[2].sentences[0], label="BACK"), *story[2].sentences[1:]))

    def look(app):
        asked = status_of(app)
        if app.snapshot is back:
            app.close_prompt()
        return asked, status_of(app)

    asked, told = push([story[2], back], look, keys="M")[1]
    assert "what did you do?" in asked
    assert "BACK: was OVER" in told


def test_a_later_wave_of_another_fault_is_where_the_screen_stands(push, story):
    """What fails now is told on top, and its line is the one that is shown; once it is over, the first cause again."""
    second = next(group for group in story[2].groups if group.service == "cart-service" and group.onset_ref)
    fault = NewFault(second.id, second.service, second.headline, 9, second.onset, second.onset_ref, None)
    wave = Wave(second.onset, second.last_seen, 9, 9.0, "second_wave", second.service, fault=fault)
    waves = (*story[2].recovery.waves[:1], wave)
    back = replace(story[2].recovery, verdict=Verdict.SECOND_WAVE, over=False, waves=waves)

    def look(app):
        return app.query_one("#logs", LogPane).current().service, app.query_one(Timeline).cursor_time

    snapshots = [replace(story[2], recovery=one) for one in (story[2].recovery, back, replace(back, over=True))]
    first, present, over = push(snapshots, look)
    assert (first[0], present, over[0]) == ("redis-server", ("cart-service", second.onset), "redis-server")


def test_lines_that_are_followed_take_the_incident_out_of_no_view(push, story):
    """A pipe's newest lines run ahead of what is judged: the picture grows with the incident all the same."""

    def look(app):
        app.logs.is_following = True
        app._log_moved(LogPane.Moved(story[2].as_of))
        return app.query_one(Timeline).axis()

    axes = push([at(story[2], 70), at(story[2], 80), at(story[2], 2000, end=1783)], look)
    assert axes[-1].column(story[2].incident.start) is not None
    assert axes[-1].column(story[2].incident.start + 1783 * US) is not None
