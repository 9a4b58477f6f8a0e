"""Where an event is all that is known of the cause: what it says, and the same again as its reversal."""

import pytest

from logscope.analysis.causes.changes import is_check
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.series import make_kind
from tests.analysis.small_incidents import Writer, at, iso

BREAKS, FIXED, END = 300, 400, 600


def published(second, version):
    return f'time={iso(second)} level=INFO msg="published rule set" version={version} author=trust-team'


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """A rule set makes three of four requests fail; the next one leaves one of ten; a scanner warns now and then."""
    w = Writer(tmp_path_factory.mktemp("events"), 5)
    for s in w.often(0, END, 5):
        bad = w.chance.random() < (0.75 if BREAKS + 2 < s < FIXED else 0.1 if s > FIXED else 0)
        stamp = at(s).strftime("%d/%b/%Y:%H:%M:%S +0000")
        request = f'10.1.2.3 - - [{stamp}] "POST /comments HTTP/1.1" {504 if bad else 200} 12 "-" "okhttp/4"'
        w.add("edge.access.log", s, request)
        said = "ERROR comment refused: no answer in 4 s" if bad else "INFO comment stored"
        w.add("comments.log", s, f"{iso(s)} {said}")
    for s in w.often(BREAKS - 60, END, 0.07):
        w.add("scanner.log", s, f"{iso(s)} WARN odd locale in comment")
    for s in range(0, END, 3):
        w.add("scanner.log", s, f"{iso(s)} INFO comment looked at")
    for s in (20, 70, 120, 170, 220, 270, 320, 370, FIXED + 4, 450, 500, 550):
        w.add("rules.log", s, f'time={iso(s)} level=INFO msg="no changes to publish"')
    w.add("rules.log", BREAKS, published(BREAKS, "2026.47"))
    w.add("rules.log", FIXED, published(FIXED, "2026.48"))
    w.write()
    asked = Request([str(w.folder)])
    return run_batch(asked, open_request(asked))


def test_an_event_is_told_with_what_its_own_line_holds(snapshot):
    """Its kind says only what all its records have in common: which version it was stands in the line."""
    top = snapshot.candidates[0]
    assert top.service == "rules"
    assert top.headline.startswith("published rule set: version=2026.47")
    assert next(entry.event for entry in snapshot.timeline if entry.is_root) == top.headline, "in the story as well"


def test_the_same_event_again_is_the_likely_fix(snapshot):
    """Not what is said each time somebody looks, though it came a moment later."""
    assert "version=2026.48" in snapshot.recovery.fix_text


@pytest.mark.parametrize(
    ("said", "is_only_look"),
    [
        ("Successfully validated 41 migrations (execution time 00:00.033s)", True),
        ("Verifying checksums of applied changesets", True),
        ('Migrating schema `shop` to version "41 - add orders channel"', False),
        ("Successfully applied 1 migration to schema `shop`, now at version v41", False),
    ],
)
def test_what_only_looks_at_something_alters_nothing(said, is_only_look):
    """A tool validates its migrations before it runs one: the running is what may have broken something."""
    assert is_check(make_kind([1], words=said)) is is_only_look
