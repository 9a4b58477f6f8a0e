"""Results that a kind of line tells as a number, and never told before the onset: `err=4` where all was `err=0`.

No level says that it is bad, and the kind of line is the same as ever. Read from the same samples as numbers are.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from logscope.analysis.causes.series import name_of, part_humps
from logscope.analysis.kinds.kinds import SourceView
from logscope.index.groups import GroupKey
from logscope.index.samples import Sample
from logscope.model.causes import Evidence
from logscope.model.files import LineRef
from logscope.model.times import MINUTE_US, US

_RESULT: Final = re.compile(
    r"(?i)(?:^|[^a-z])(?:err|errno|error|rc|ret|(?:ret|return|exit|err|error|result)_?code|exit|exit_?status|code|status"
    r"|result|res)$"
)
"""Ends of names whose numbers are the results of what was done."""
_FEWEST_BEFORE: Final = 20
_MOST_USUAL: Final = 6
"""Different results before: where there are more, one more is no news."""
_FEWEST: Final = 4
_CHANCE: Final = 1e-4
_LEAD_US: Final = 30 * US
_NEAR_US: Final = 2 * MINUTE_US
"""Around the onset in which it must come first."""
_HTTP: Final = (100, 600)
"""What users got is counted elsewhere."""
_MOST_TOLD: Final = 2


def find_new_results(
    samples: Mapping[GroupKey, Sequence[Sample]], views: Mapping[str, SourceView], onset: int
) -> list[Evidence]:
    """Results that came around the onset and never before, each with its first line in the sample; the surest first.

    Args:
        samples: Of the window, by kind.
        views: By source.
        onset: When the incident began, microseconds UTC.
    """
    found = []
    for key, rows in samples.items():
        view = views.get(key.source)
        if view is None or len(rows) < _FEWEST_BEFORE:
            continue
        ordered = sorted(rows, key=lambda one: (one.time, one.part, one.offset))
        for name in sorted({name for row in ordered for name, _, _ in row.values}):
            called = name_of(name, view)
            if called and _RESULT.search(part_humps(called)):
                told = [(row, value) for row in ordered for other, value, _ in row.values if other == name]
                found += _find_new(told, called, view, onset)
    return [one for _, _, one in sorted(found, key=lambda row: row[:2])[:_MOST_TOLD]]


def _find_new(
    told: Sequence[tuple[Sample, float]], name: str, view: SourceView, onset: int
) -> list[tuple[int, str, Evidence]]:
    at = sum(row.time + view.shift_us < onset - _LEAD_US for row, _ in told)
    usual = Counter(value for _, value in told[:at])
    later = Counter(value for _, value in told[at:])
    if at < _FEWEST_BEFORE or len(usual) > _MOST_USUAL:
        return []
    found = []
    for value, count in later.items():
        is_chance = (len(told[at:]) / len(told)) ** count > _CHANCE
        row = next(row for row, other in told[at:] if other == value)
        time = row.time + view.shift_us
        if value in usual or value == 0 or count < _FEWEST or is_chance or _HTTP[0] <= value < _HTTP[1]:
            continue
        if time <= onset + _NEAR_US:
            mostly = usual.most_common(1)[0][0]
            since = f"{name} is {value:g} in {count} of {len(told) - at} such lines since"
            text = f"{view.service}: {since}, in none of {at} before, where {mostly:g} is usual (of a sample)"
            here = LineRef(view.parts[row.part], row.line, row.offset)
            found.append((-count, text, Evidence("number", 0.0, text, (here,))))
    return found
