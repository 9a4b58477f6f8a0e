"""The shipped samples played second by second: what the screen says at each moment, before the rest is written."""

from dataclasses import replace
from datetime import datetime

import pytest

from logscope.analysis.story.state import Moment, write_state
from logscope.model.incident import EventKind
from logscope.model.recovery import FixOrigin
from logscope.model.times import Dial
from logscope.samples import samples_folder
from tests.judged import judge_sample
from tests.second_by_second import Playback

pytestmark = pytest.mark.slow


def playback(name):
    return Playback(samples_folder() / name / "logs")


def at(text, day="2026-11-23"):
    return int(datetime.fromisoformat(f"{day}T{text}+00:00").timestamp())


def watch(played, begin, end, step):
    """What is said from a second to another: (second, snapshot) where the verdict is another than before."""
    said, before = [], None
    for second in range(begin, end + 1, step):
        snapshot = played.look(second)
        if snapshot.recovery.verdict is not before:
            before = snapshot.recovery.verdict
            said.append((second, snapshot))
    return said


def verdicts(said):
    return [snapshot.recovery.verdict.value for _, snapshot in said]


class TestConnectionLeak:
    """A leak takes the database's connections: one route after the other fails, then all is well at once."""

    @pytest.fixture(scope="class")
    def moments(self):
        played = playback("pg-too-many-clients")
        texts = ("12:39:30", "12:41:10", "12:42:00", "12:42:55", "12:43:25", "12:44:18")
        return {text: played.look(at(text)) for text in texts}

    def test_nothing_is_said_while_users_are_served(self, moments):
        """A minute of logs with a few warnings, all requests answered: no incident."""
        assert moments["12:39:30"].recovery.verdict.value == "no_incident"

    def test_ten_seconds_in_it_has_started_with_its_cause(self, moments):
        """Routes with their requests, those that still work too; cause and trigger are there already."""
        state, broke, set_off, _ = moments["12:41:10"].sentences
        assert (state.label, state.text.partition(" (")[0]) == ("STARTED", "10 s ago")
        assert "GET /catalog/* " in state.text
        assert "other requests 135 of 135 ok" in state.text, "without those of the two before they failed"
        assert broke.text.startswith("postgres: ")
        assert broke.confidence.value != "low"
        assert "feature flag changed" in set_off.text

    def test_after_a_minute_it_goes_on(self, moments):
        """The same cause, the age in words."""
        state = moments["12:42:00"].sentences[0]
        assert (state.label, state.text.partition(" (")[0]) == ("ONGOING", "1 min")

    def test_a_further_route_makes_it_worse_not_another_incident(self, moments):
        """Orders fail two minutes later: told as such, with the same cause, no wave."""
        snapshot = moments["12:42:55"]
        assert "worse since 12:42:4" in snapshot.sentences[0].text
        assert "/orders too" in snapshot.sentences[0].text
        assert snapshot.recovery.verdict.value == "ongoing"
        assert snapshot.candidates[0].service == "postgres"

    def test_seven_good_seconds_are_better_but_too_early(self, moments):
        """Judged by requests: all of them went well."""
        state = moments["12:43:25"].sentences[0]
        assert state.label == "BETTER"
        assert state.text.startswith("too early to say (7 s, as of 12:43:25): 82 of 82 requests ok")

    def test_a_minute_of_good_requests_confirms_it(self, moments):
        """Over since the second behind the last failure."""
        recovery = moments["12:44:18"].recovery
        assert (recovery.verdict.value, recovery.confirmed) == ("recovered", True)
        assert moments["12:44:18"].sentences[0].text.startswith("since 12:43:19, confirmed (as of 12:44:18): ")


class TestMemoryLeak:
    """A release leaks memory, a hotfix slows it: never over, never a second wave."""

    @pytest.fixture(scope="class")
    def moments(self):
        played = playback("recommender-memory-leak")
        texts = ("12:32:12", "12:32:40", "12:33:30", "12:34:31", "12:34:46", "12:35:31", "12:37:00")
        return {text: played.look(at(text)) for text in texts}

    def test_the_states_in_their_order(self, moments):
        """Started before the first crash; better after the hotfix; partial from its second crash on."""
        assert [one.sentences[0].label for one in moments.values()] == [
            "STARTED", "ONGOING", "ONGOING", "ONGOING", "BETTER", "PARTIAL", "PARTIAL",
        ]  # fmt: skip

    def test_what_is_done_about_it_is_in_the_story_before_it_helps(self, moments):
        """The hotfix of what broke, by its first line; no release of something else that came before it."""
        told = {
            text: [entry.line for entry in moments[text].timeline if entry.is_key and entry.service == "deploy"]
            for text in ("12:33:30", "12:34:31")
        }
        assert told == {"12:33:30": [2], "12:34:31": [2, 5]}

    def test_good_requests_do_not_hide_what_breaks_behind_them(self, moments):
        """Users are served, yet it crashed six times since the hotfix: not over."""
        text = moments["12:37:00"].sentences[0].text
        assert "users ok since 12:36:45" in text
        assert "out of memory" in text
        assert "6 times since 12:34:27" in text

    def test_the_hotfix_is_the_fix(self, moments):
        """The deployment that slowed it is named with its line."""
        recovery = moments["12:37:00"].recovery
        assert recovery.fix_ref.file.endswith("deploy.log")
        assert "r119" in recovery.fix_text

    def test_before_the_first_crash_no_memory_is_blamed(self, moments):
        """What is not written yet is not known."""
        assert "memory" not in moments["12:32:12"].sentences[1].text


def test_a_retry_storm_is_no_second_wave():
    """Killed, started again, overrun by its clients: one incident to its end, the cause stays."""
    played = playback("inventory-killed-herd")
    said = watch(played, at("12:19:05"), at("12:21:55"), 17)
    assert verdicts(said) == ["ongoing", "too_early", "herd"]
    assert {snapshot.candidates[0].service for _, snapshot in said} == {"inventory"}


def test_a_second_wave_is_said_when_it_is_one():
    """While users are served no wave is said; within a minute of the new failures none; then it is."""
    played = playback("cache-loss-second-wave")
    said = watch(played, at("12:49:40"), at("12:53:10"), 15)
    assert verdicts(said) == ["ongoing", "too_early", "recovered", "too_early", "second_wave"]
    (second, snapshot) = said[-1]
    assert at("12:53:00") <= second <= at("12:53:10")
    assert snapshot.sentences[0].text.startswith("second wave since 12:52:00")
    again = said[-2][1]
    assert again.sentences[0].label == "BACK"
    assert "retries or a second wave" in again.sentences[0].text
    assert "; new is profile-api: " in again.sentences[0].text
    assert [one.event[:17] for one in again.timeline if one.kind is EventKind.WAVE] == ["errors rise again"]
    assert "too early" not in again.recovery.explanation
    fixed = replace(again.recovery, fix_at=at("12:50:00") * 1_000_000, fix_origin=FixOrigin.MARKED)
    moment = Moment(again.as_of, again.as_of, again.progress)
    text = write_state(again.incident, fixed, moment, Dial()).text
    assert text.startswith("again since 12:52:00, 2 min after the fix, retries or a second wave")
    # What was said before, until when, and why it changed; newest first.
    history = snapshot.history
    assert [change.verdict.value for change in history] == ["too_early", "recovered", "too_early", "ongoing"]
    assert history[0].until == snapshot.as_of
    assert "errors rose again" in history[0].reason


def test_live_ends_as_batch():
    """Judged again and again as it comes or read at once: the same groups, candidates, verdict and sentences."""
    name = "pg-too-many-clients"
    played = playback(name)
    for second in range(at("12:40:00"), at("12:44:00"), 60):
        played.look(second)
    live = played.end()
    batch = judge_sample(name)
    for part in ("recovery", "sentences", "candidates", "cascade", "timeline", "groups", "incident"):
        assert getattr(live, part) == getattr(batch, part), part
