"""The table of kinds: pure."""

from dataclasses import replace

from logscope.model.severity import Severity
from logscope.model.times import US
from logscope.ui.formatting import Look
from logscope.ui.palette import DARK, UNICODE
from logscope.ui.views import group_rows
from logscope.ui.views.kinds import EVERYDAY

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
