"""Each sentence of a report is true of the lines that it cites: whose times, whose counts, what is known and asked."""

from dataclasses import replace

import pytest

from logscope.model.advice import FollowUp
from logscope.model.files import LineRef
from logscope.model.incident import Attempts, NumberChange
from logscope.report.markdown import Options, render_markdown
from logscope.report.page import Page
from logscope.report.sections import SECTIONS, find_section
from logscope.text.redact import Redactor
from tests.analysis.small_incidents import hanging_service
from tests.judged import judge_sample, judge_small

US = 1_000_000


def sections(snapshot, *names):
    return render_markdown(snapshot, Options(sections=frozenset(names)))


def test_it_spread_at_times_that_can_be_compared(story):
    """Each lag is from another cause, so that lags do not add up: when each service failed is told."""
    text = sections(story, "why")
    assert (
        "It spread, by the names in the lines, to checkout-service (14:02:03) and payment-gateway (14:05:22)." in text
    )


def test_nothing_spreads_to_who_keeps_processes():
    """That a supervisor tells of an exit is no failure of its own."""
    text = sections(judge_sample("recommender-memory-leak"), "why")
    assert "to home-web (12:32:08) and digest-worker (12:32:08)." in text


def test_attempts_are_not_called_requests(story):
    """Where clients ask again under the same id, more attempts than requests fail."""
    assert "Users saw 3,565 failed requests from" in sections(story, "summary")
    again = replace(story.incident, attempts=Attempts(900, 700, 1200, 500, is_sample=False))
    text = sections(replace(story, incident=again), "summary", "impact")
    assert "Users saw 3,565 failed attempts from" in text
    assert "| Failed attempts | Log |" in text


def test_who_broke_is_among_the_services_whatever_its_level(story):
    """A server may tell only at the level of information that it is full."""
    incident = replace(story.incident, services=("cart-service",))
    services = "cart-service, checkout-service, edge-access, payment-gateway, redis-server"
    assert f"| Services | {services} |" in sections(replace(story, incident=incident), "impact")


def test_who_lists_some_routes_says_how_many_there_are_beside(story):
    """Four routes fail: three names alone would be all of them."""
    assert "(edge-access: GET /cart/items, POST /checkout, POST /orders and 1 more)." in sections(story, "summary")


def test_warnings_are_not_counted_as_errors(story):
    """The records of an incident are of any level."""
    assert "| Log records of the incident | 2,944 |" in sections(story, "impact")


def test_what_did_not_fail_lately_does_not_fail_now():
    """The hotfix holds for the moment: pages fail no more for half a minute, and may again."""
    text = sections(judge_sample("recommender-memory-leak"), "recovery")
    assert "- GET /home: 96/min lately, since 12:32:08, none since 12:36:44" in text
    assert "/min now" not in text
    assert "- POST /account: 356/min now, since 12:52:00" in sections(
        judge_sample("cache-loss-second-wave"), "recovery"
    )


def test_what_was_said_all_along_is_asked_about(story):
    """A job that removed nothing may be the usual cause: then the lines do tell something."""
    asked = "Which of the usual causes was it here (see *Why it happened*)? These lines do not tell."
    assert asked in sections(story, "open-questions")
    said = FollowUp("watch it", "the job removed 0 of 12", (LineRef("jobs.log", 3),), None, is_background=True)
    told = replace(story, actions=replace(story.actions, follow_up=(*story.actions.follow_up, said)))
    text = sections(told, "open-questions")
    assert "- Was it what was said all along (`jobs.log:3`) that brought it about? No line links the two." in text
    assert asked not in text


@pytest.mark.parametrize(("is_state", "count"), [(False, 1), (True, 0)])
def test_a_setting_runs_into_no_limit(story, is_state, count):
    """A number that is another one since a change is no resource that fills up."""
    refs = (LineRef("redis-server.log", 3), LineRef("redis-server.log", 9))
    number = NumberChange(
        story.candidates[0].service, "pools", 3.0, 4.0, story.incident.start - 60 * US, story.incident.start, 4.0,
        climbs_on=False, alert_at_80=None, is_full=False, is_percent=False, score=9.0, lines=refs, is_state=is_state,
    )  # fmt: skip
    text = sections(replace(story, numbers=(number,)), "open-questions")
    assert text.count("What limit does `pools`") == count


def test_who_reports_a_silent_server_does_so_at_a_time_of_its_own(story):
    """The incident begins when its log stops; the line that is quoted is of some seconds later."""
    top = replace(story.candidates[0], in_logs=False, first_seen=story.incident.start + 9 * US)
    text = sections(replace(story, candidates=(top,)), "summary")
    assert ", as redis-server reports at 14:02:07 (`redis-server.log:29`)" in text
    assert "reports at" not in sections(replace(story, candidates=(replace(top, in_logs=True),)), "summary")


def test_an_address_of_a_document_is_code_wherever_it_stands(story):
    """No backslash gets into it, and GitHub makes no link of it."""
    page = Page(story, Options(), str)
    told = "server 1.2 with a_b*; https://example.org/a_b.html (seen on 2, today)"
    assert page.source(told) == "server 1.2 with a_b\\*; `https://example.org/a_b.html` (seen on 2, today)"
    assert page.source("https://example.org/x (from practice)") == "`https://example.org/x` (from practice)"


def test_silence_is_told_once():
    """That a log stops is evidence; why it stopped is not known by that."""
    text = sections(judge_small(hanging_service), "cause", "why")
    assert text.count("falls silent for 11 min") == 1


def test_a_burst_is_told_with_whose_records_it_counts(story):
    """They fall into the burst, which begins some time behind the fix; the line is one of them."""
    (told,) = [one for one in story.actions.follow_up if "burst behind the fix" in one.reason]
    assert told.reason.startswith("checkout-service: 168 records in the 15.0 s of the burst behind the fix")
    assert told.lines[0].file.endswith("checkout-service.log")
    (told,) = [
        one for one in judge_sample("inventory-killed-herd").actions.follow_up if "burst behind the fix" in one.reason
    ]
    assert told.reason.startswith("inventory: 6,537 records")
    assert "inventory.log" in told.lines[0].file


def test_a_label_is_redacted_before_it_is_cut(story):
    """An address on the edge of what is shown is replaced whole; how often it was is never lost."""
    groups = tuple(replace(g, headline=f"{'x ' * 30}8.8.8.8 refused {'y ' * 30}") for g in story.groups)
    text = render_markdown(
        replace(story, groups=groups), Options(sections=frozenset({"cascade"})), Redactor().redact
    )  # fmt: skip
    assert "8.8." not in text
    assert "……" not in text
    assert text.count("(2,341)") == 2


@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("Root cause", "cause"),
        ("why it happened", "why"),
        ("follow_ups", "follow-up"),
        ("Impact", "impact"),
        ("x", None),
    ],
)
def test_a_section_is_known_by_its_heading(name, section):
    """Who has read a report asks for its headings."""
    assert find_section(name) == section


def test_each_heading_names_its_section(story):
    """None was forgotten."""
    for name in SECTIONS:
        headings = [line for line in sections(story, name).splitlines() if line.startswith("## ")]
        assert all(find_section(heading[3:]) == name for heading in headings)


def test_what_the_evidence_rests_on_is_cited_too():
    """The logs may be gone when it is read: beside the story's lines, what is known of those of its reasons."""
    told = judge_sample("pg-too-many-clients")
    cited = sections(told, "appendix")
    evidence = [
        ref for one in told.candidates[0].evidence for ref in one.lines if ref.file.endswith("catalog.log.1.gz")
    ]
    assert evidence
    assert all(f"`catalog.log.1.gz:{ref.line}`\n\n```text\n" in cited for ref in evidence)
    places = [line for line in cited.splitlines() if line.startswith("`") and not line.startswith("```")]
    assert len(places) == len(set(places))
