"""The table of kinds: pure."""

from dataclasses import replace

from logscope.model.kinds import Role
from logscope.model.severity import Severity
from logscope.model.times import US
from logscope.ui.formatting import Look
from logscope.ui.palette import DARK, UNICODE
from logscope.ui.views import group_rows
from logscope.ui.views.kinds import EVERYDAY, fold_requests

LOOK = Look(DARK, UNICODE)


def test_the_cause_stands_first_within_its_second(story):
    """Where a stamp of whole seconds tells no order the cause does not stand behind its symptom, as in the story."""
    snapshot, top = story[2], story[2].candidates[0].group
    root = next(group for group in snapshot.groups if group.id == top)
    second = root.onset // US * US
    coarse = next(g for g in snapshot.groups if g.role.value == "symptom" and g.service != root.service)
    groups = (replace(root, onset=second + 332_000), replace(coarse, onset=second, first_seen=second))
    rows = group_rows(replace(snapshot, groups=groups), 120, LOOK)
    assert [row.key for row in rows if row.can_stand][:2] == [root.id, coarse.id]
    earlier = replace(coarse, onset=second - US, first_seen=second - US)
    rows = group_rows(replace(snapshot, groups=(groups[0], earlier)), 120, LOOK)
    assert [row.key for row in rows if row.can_stand][:2] == [coarse.id, root.id]


def test_where_nothing_broke_no_kind_is_the_cause(story):
    """Everyday kinds carry no star; where none of them is a warning, the folded row says so."""
    snapshot = story[2]
    everyday = [group for group in snapshot.groups if group.role.value == "chronic" and group.onset is None]
    top = replace(snapshot.candidates[0], group=everyday[0].id)
    calm = replace(snapshot, incident=None, groups=tuple(everyday), candidates=(top,))
    rows = group_rows(calm, 120, LOOK, unfolded=frozenset({EVERYDAY}))
    assert not any(UNICODE.root in row.text.plain for row in rows)
    mild = replace(calm, groups=tuple(replace(group, severity=Severity.INFO) for group in everyday))
    assert "unchanged: no warning" in "".join(row.text.plain for row in group_rows(mild, 120, LOOK))


def test_the_cause_is_no_everyday_kind(story):
    """A line that is told at a usual rate, or once without a level, may be what set it all off: it is listed."""
    snapshot = story[2]
    top = snapshot.candidates[0].group
    groups = tuple(replace(g, role=Role.CHRONIC, onset=None) if g.id == top else g for g in snapshot.groups)
    rows = group_rows(replace(snapshot, groups=groups), 120, LOOK)
    assert UNICODE.root in next(row for row in rows if row.key == top).text.plain


def test_the_likely_fix_is_told_as_that(story):
    """What was done to end it is not another kind that is new."""
    snapshot = story[2]
    texts = [row.text.plain for row in group_rows(snapshot, 120, LOOK)]
    at = next(n for n, text in enumerate(texts) if "the likely fix" in text)
    assert "CONFIG SET maxmemory" in texts[at + 1]
    assert not any("without a link:" in text for text in texts)


def test_without_times_no_kind_is_called_usual(story):
    """What rose cannot be told: all warnings and errors are listed."""
    snapshot = story[2]
    groups = tuple(replace(g, role=Role.CHRONIC, onset=None) for g in snapshot.groups)
    timeless = replace(snapshot, as_of=None, incident=None, groups=groups, timeline=(), candidates=())
    texts = "\n".join(row.text.plain for row in group_rows(timeless, 120, LOOK))
    assert "unchanged" not in texts.replace("unchanged: no warning", "")
    assert "no kind of warning" not in texts
    assert "NullPointerException" in texts


def test_one_route_that_is_answered_in_several_ways_is_named_alone(story):
    """The row of an access log counts routes where there are several."""
    groups = [
        group
        for group in story[2].groups
        if group.request and group.template.endswith(("GET /cart 500", "GET /cart 503"))
    ]
    assert [group.headline for group in fold_requests(groups)] == ["500 503 on GET /cart"]
    assert " on 4 routes: " in fold_requests([group for group in story[2].groups if group.request])[0].headline
