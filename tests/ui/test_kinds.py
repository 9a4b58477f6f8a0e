"""The table of kinds: pure."""

from dataclasses import replace

from logscope.model.times import US
from logscope.ui.formatting import Look
from logscope.ui.palette import DARK, UNICODE
from logscope.ui.views import group_rows

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
