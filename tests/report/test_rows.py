"""Groups become the rows that a person would write: routes together, twins once, the cascade between rows."""

import dataclasses

import pytest
from rich.cells import cell_len

from logscope.model.causes import CascadeEdge, Link
from logscope.model.files import LineRef
from logscope.model.kinds import GroupSummary, Role, Series
from logscope.model.severity import Severity
from logscope.report.chart import choose_table, draw_marks
from logscope.report.console import render_console
from logscope.report.rendering import render_report
from logscope.report.rows import build_rows, build_steps, pick_symptoms, tidy
from logscope.report.sections import Options
from logscope.report.wording import count_of
from logscope.text.fields import tell_fields
from logscope.text.redact import Redactor
from tests.judged import judge_sample

US = 1_000_000


def make_group(service, headline, onset, count=100, *, role=Role.SYMPTOM, request=False, last=None, template=None):
    name = f"{service}/{headline}"
    return GroupSummary(
        id=name,
        file=f"{service}.log",
        source=service,
        service=service,
        severity=Severity.ERROR,
        template=template or headline,
        sample="",
        line=1,
        count=count,
        first_seen=onset,
        last_seen=onset + 60 * US if last is None else last,
        onset=onset,
        onset_ref=LineRef(f"{service}.log", 1),
        onset_sample="",
        onset_sigma_us=0,
        baseline_per_min=0.0,
        per_minute=Series(0, 60 * US, ()),
        outside_window=0,
        role=role,
        related_to=None,
        headline=headline,
        request=request,
    )


@pytest.fixture
def make_snapshot(story):
    def make(*groups, edges=()):
        top = dataclasses.replace(story.candidates[0], group=groups[0].id, service=groups[0].service)
        return dataclasses.replace(story, groups=groups, cascade=tuple(edges), candidates=(top,), timeline=())

    return make


def test_failed_requests_of_one_log_are_one_row(make_snapshot):
    """Routes and statuses of an access log are counted together and listed by route."""
    [row] = build_rows(
        make_snapshot(
            make_group("edge", "GET /a 500", 10 * US, 5, request=True),
            make_group("edge", "GET /a 503", 12 * US, 7, request=True),
            make_group("edge", "POST /b 500", 11 * US, 30, request=True),
        )
    )
    assert (row.count, row.text) == (42, "failed requests (500, 503): POST /b, GET /a")
    assert [(route.name, route.statuses, route.count) for route in row.routes] == [
        ("POST /b", ("500",), 30),
        ("GET /a", ("500", "503"), 12),
    ]


def test_an_event_that_is_logged_twice_is_one_row(make_snapshot):
    """A warning and its trace of the same service, as often and as long, are counted once."""
    first = make_group("api", "call failed", 10 * US, 100)
    twin = make_group("api", "TimeoutError: no answer", 10 * US + 400_000, 101)
    other = make_group("api", "queue is long", 10 * US, 40)
    rows = build_rows(make_snapshot(first, twin, other))
    assert sorted(row.count for row in rows) == [40, 101]


def test_the_same_sentence_about_several_routes_is_one_row(make_snapshot):
    """Only the route differs: one kind of error."""
    rows = build_rows(
        make_snapshot(
            make_group("api", "a", 10 * US, 5, template="request GET /a failed after <num> ms"),
            make_group("api", "b", 20 * US, 50, template="request POST /b/c failed after <num> ms"),
        )
    )
    assert [row.count for row in rows] == [55]


def test_a_cause_is_no_twin_of_its_symptom(make_snapshot):
    """What shows the cause stays a row of its own, whatever is as frequent."""
    rows = build_rows(
        make_snapshot(
            make_group("db", "disk full", 10 * US, role=Role.CAUSE), make_group("db", "query failed", 10 * US + 1)
        )
    )
    assert [row.is_cause for row in rows] == [True, False]


def test_an_access_log_pulls_nothing_down(make_snapshot):
    """What seems to follow failed requests follows what they follow, by time only."""
    cause = make_group("db", "disk full", 10 * US, role=Role.CAUSE)
    edge = make_group("edge", "GET /a 500", 11 * US, request=True)
    late = make_group("mail", "cannot send", 15 * US)
    edges = [CascadeEdge(cause.id, edge.id, US, Link.NAMED), CascadeEdge(edge.id, late.id, 4 * US, Link.NAMED)]
    snapshot = make_snapshot(cause, edge, late, edges=edges)
    steps = {(s.cause, s.effect): (s.how, s.lag_us) for s in build_steps(snapshot, build_rows(snapshot))}
    assert steps == {(cause.id, edge.id): (Link.NAMED, US), (cause.id, late.id): (Link.TIME, 5 * US)}


def test_steps_never_walk_in_a_circle(make_snapshot):
    """Two kinds that name each other give one arrow, not a loop."""
    one, other = make_group("a", "b failed", 10 * US), make_group("b", "a failed", 10 * US)
    root = make_group("c", "died", 10 * US, role=Role.CAUSE)
    edges = [CascadeEdge(one.id, other.id, 0, Link.NAMED), CascadeEdge(other.id, one.id, 0, Link.NAMED)]
    snapshot = make_snapshot(root, one, other, edges=edges)
    assert len(build_steps(snapshot, build_rows(snapshot))) == 1


def test_symptoms_are_counted_by_service(make_snapshot):
    """One symptom per service: the loudest; requests are what users saw, the cause's own lines no symptom."""
    snapshot = make_snapshot(
        make_group("db", "disk full", 10 * US, role=Role.CAUSE),
        make_group("db", "query failed", 11 * US),
        make_group("api", "rare", 12 * US, 3),
        make_group("api", "often", 13 * US, 300),
        make_group("edge", "GET /a 500", 11 * US, request=True),
    )
    assert [row.text for row in pick_symptoms(snapshot, build_rows(snapshot))] == ["often"]


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("call failed [5d574ee06634]: refused", "call failed: refused"),
        ("[cd1f66356623] call failed: [Errno 111] refused", "call failed: [Errno 111] refused"),
        ("Task digest.build[5db5b483-7bb2-4d73-9a3c-7d8833dde29f] retry: soon", "Task digest.build retry: soon"),
        ("lost [cd1f66356623] again", "lost again"),
        ("no answer from redis:6379 after 5000ms", "no answer from redis:6379 after 5000ms"),
    ],
)
def test_ids_of_one_record_are_left_out(headline, expected):
    """A row speaks of all its records: the id of the first says nothing; numbers and names stay."""
    assert tidy(headline) == expected


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ('{"time":"x","msg":"flag changed","trace":"ab12","flag":"v2","value":true}', "flag=v2, value=true"),
        ('{"msg":"x","request_id":"1","nested":{"a":1},"n":3.5}', "n=3.5"),
        ("plain text flag=v2", ""),
        ('ts=2026-01-02T03:04:05Z level=info msg="flag set" flag="new cards" value=true', "flag=new cards, value=true"),
        ('{"__REALTIME_TIMESTAMP":"1","_HOSTNAME":"n7","PRIORITY":"6","SYSLOG_IDENTIFIER":"CRON","MESSAGE":"x"}', ""),
        ('{"log":"x","stream":"stdout","time":"t","shard":7}', "shard=7"),
        ('{"cut": "', ""),
        ("[" * 5000, ""),
    ],
)
def test_values_of_a_record_are_told(sample, expected):
    """What an object or logfmt says beyond time, level, ids and message; text and damaged objects say nothing more."""
    assert tell_fields(sample) == expected


def test_the_trend_shows_the_incident_not_the_empty_hours(story):
    """The table has few rows, covers the incident with some time around it, and holds all its errors."""
    table = choose_table(story)
    assert table is not None
    assert 8 <= len(table.errors) <= 17
    end = table.start + len(table.errors) * table.bucket_us
    assert table.start < story.incident.start < story.incident.end < end
    inside = [n for n in range(len(story.trend.errors)) if table.start <= story.trend.start + n * 60 * US < end]
    assert sum(table.errors) == sum(story.trend.errors[n] for n in inside)


def test_marks_stand_beside_each_other(story):
    """Two moments in one cell are both shown."""
    table = choose_table(story)
    marks = draw_marks(table, [("B", table.start), ("A", table.start), ("F", None), ("R", table.start - 1)])
    assert marks == "BA"


def test_a_port_that_is_sometimes_masked_parts_no_kind(make_snapshot):
    """`p:80` looks like a port and is kept, `p:399` is masked: one kind, whichever of them shows the cause."""
    rows = build_rows(
        make_snapshot(
            make_group("api", "a", 10 * US, 900, role=Role.CAUSE, template="get p:<num> failed"),
            make_group("api", "b", 30 * US, 3, template="get p:80 failed"),
        )
    )
    assert [(row.count, row.is_cause) for row in rows] == [(903, True)]


def test_an_incident_outside_the_trend_has_no_chart(story):
    """Stray dates may move the trend's window away from the incident: the report is written without its chart."""
    away = dataclasses.replace(
        story.trend, start=story.trend.start + 10**9 * US, errors=(1,), warnings=(0,), records=(1,)
    )
    snapshot = dataclasses.replace(story, trend=away, lanes=())
    assert choose_table(snapshot) is None
    assert "## Trend" not in render_report(snapshot, "markdown", Options())
    assert "<svg" not in render_report(snapshot, "html", Options())


def test_what_a_row_quotes_stands_on_the_line_that_it_cites(make_snapshot):
    """Of one sentence about two routes the louder came later: the line that is cited tells of the first."""
    text = "{} /profile failed: timed out"
    first = make_group("shop", text.format("GET"), US, 5, template=text.format("GET"))
    louder = make_group("shop", text.format("POST"), 9 * US, 500, template=text.format("POST"))
    louder = dataclasses.replace(louder, onset_ref=LineRef("shop.log", 77))
    (row,) = build_rows(make_snapshot(first, louder))
    assert (row.text, row.ref) == (first.headline, first.onset_ref)
    assert row.count == 505


def test_one_is_not_many():
    """Counts in sentences agree with what they count."""
    assert (count_of(1, "record"), count_of(2341, "record"), count_of(0, "more kind")) == (
        "1 record", "2,341 records", "0 more kinds",
    )  # fmt: skip
    text = render_console(judge_sample("checkout-redis-oom"))
    assert "\n1 everyday kind, unchanged (" in text
    assert " peak 320/min\n" in text
    assert not [line for line in text.split("\n") if line != line.rstrip()]
    redactor = Redactor()
    redactor.redact("sent to anna@example.com")
    assert "1 mail address." in redactor.tell()


def test_the_row_of_errors_keeps_its_peak():
    """Also where it begins on another day than the others' times are of."""
    story = judge_sample("checkout-redis-oom")
    later = dataclasses.replace(story, as_of=story.as_of + 86_400 * US)
    for width in (60, 80, 120):
        row = next(line for line in render_console(later, width).split("\n") if line.startswith("ERRORS   Mar 2 1"))
        assert row.endswith(" peak 320/min")
        assert len(row) <= width


def test_columns_are_counted_in_cells():
    """Letters that take two cells move no column and reach beyond no edge; a long name leaves room for the event."""
    story = judge_sample("checkout-redis-oom")
    wide = "名前サービス"
    groups = tuple(dataclasses.replace(one, service=wide) if n % 2 else one for n, one in enumerate(story.groups))
    long = "shop-backend-with-a-name-of-its-own-eu-central-1a-blue"
    entries = tuple(
        dataclasses.replace(e, service=long if n % 2 else wide, is_key=True) for n, e in enumerate(story.timeline)
    )
    sentences = tuple(dataclasses.replace(one, text=f"{wide * 12} {one.text}") for one in story.sentences)
    text = render_console(dataclasses.replace(story, groups=groups, timeline=entries, sentences=sentences), 100)
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= 100
    table = lines[lines.index(next(line for line in lines if line.startswith("KINDS"))) + 1 :]
    rows = [line for line in table[: table.index("")] if line[-3:-2] == ":"]
    assert len({cell_len(row) for row in rows}) == 1
    assert any(row.startswith(wide) for row in rows)
    told = next(line for line in lines if "shop-backend" in line)
    assert len(told.split("… ", 1)[1]) > 30
