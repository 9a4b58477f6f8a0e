"""Records of some kinds: which they are, and stepping through them."""

from dataclasses import replace

import pytest

from logscope.ingest.batch import SignatureKind
from logscope.ingest.signatures.signature import make_signature
from logscope.model.kinds import GroupSummary, Role, Series
from logscope.model.severity import Severity
from logscope.model.times import US
from logscope.runner.kind_search import WantedKinds
from tests.runner.test_log_view import keep_on, number_of, open_log, write_log

ERROR = int(Severity.ERROR)


def make_kind(template, **fields):
    """A kind of a service `api`."""
    kind = GroupSummary(
        id=template, file="f", source="s", service="api", severity=Severity.ERROR, template=template, sample="", line=1,
        count=1, first_seen=0, last_seen=0, onset=0, onset_ref=None, onset_sample="", onset_sigma_us=0,
        baseline_per_min=None, per_minute=Series(0, 60_000_000, (1,)), outside_window=0, role=Role.SYMPTOM,
        related_to=None,
    )  # fmt: skip
    return replace(kind, **fields)


def sign(template, kind=SignatureKind.MESSAGE, service="api"):
    """The signature of a record."""
    return make_signature(service, kind, template)


@pytest.mark.parametrize(
    ("template", "record", "is_one"),
    [
        ("pool is empty", "pool is empty", True),
        ("pool is empty", "pool is full", False),
        ("no answer from <*> in <num> ms", "no answer from redis in <num> ms", True),
        ("no answer from <*> in <num> ms", "no answer from redis in <num> ms, given up", False),
        ("user=<*> refused", "user=anna refused", True),
        ("user=<*> refused", "host=anna refused", False),
        ("job <id> failed", "job <num> failed", True),
        ("cart is null\nNullPointerException", "cart is null", True),
        ("cart is null\nNullPointerException", "cart is null\nIOException", False),
    ],
)
def test_a_record_belongs_to_the_kind_that_its_template_was_folded_into(template, record, is_one):
    """What a kind was folded from fits it word by word; another message, level, service or access log does not."""
    wanted = WantedKinds([make_kind(template)], "api")
    assert (wanted.find(ERROR, sign(record)) is not None) is is_one
    assert wanted.find(int(Severity.WARN), sign(record)) is None
    assert wanted.find(ERROR, sign(record, service="shop")) is None
    assert wanted.find(ERROR, sign(record, SignatureKind.REQUEST)) is None


def test_only_records_of_the_kinds_are_stepped_to(tmp_path):
    """Everyday errors between them are passed by, in both directions and over slices; what is told is the kind."""
    text = {5: "cache is cold", 20_000: "pool is empty", 20_001: "cache is cold", 39_000: "pool is empty"}
    log = open_log(
        write_log(
            tmp_path / "a.log",
            40_000,
            level=lambda n: "ERROR" if n in text else "INFO",
            text=lambda n: f"request {n} {text.get(n, 'served')}",
        )
    )
    kind = make_kind("request <num> pool is empty", service=log.service)
    wanted = WantedKinds([kind], log.service)
    first = log.find_kind(0, 0, wanted, 1, keep_on)
    second = log.find_kind(first.part, first.offset, wanted, 1, keep_on)
    back = log.find_kind(second.part, second.offset, wanted, -1, keep_on)
    assert [number_of(first), number_of(second), number_of(back)] == [20_000, 39_000, 20_000]
    assert log.kind_of(first.part, first.offset, wanted) == kind
    assert log.find_kind(second.part, second.offset, wanted, 1, keep_on) is None
    everyday = log.find_level(0, 0, Severity.ERROR, 1, keep_on)
    assert log.kind_of(everyday.part, everyday.offset, wanted) is None


def test_kinds_that_only_a_close_look_shows_are_looked_for_where_they_were_seen(tmp_path):
    """Below a warning: every record counts in their span of time, and none outside it."""
    log = open_log(write_log(tmp_path / "a.log", 40_000, text=lambda n: f"request {n} limit reached"))
    first = log.line_at(0, 0).time
    given = {"service": log.service, "severity": Severity.INFO, "examined_only": True}
    template = "request <num> limit reached"
    near = make_kind(template, first_seen=first, last_seen=first + 1000 * US, **given)
    assert number_of(log.find_kind(0, 0, WantedKinds([near], log.service), 1, keep_on)) == 1
    assert log.find_kind(0, 1_500_000, WantedKinds([near], log.service), 1, keep_on) is None
