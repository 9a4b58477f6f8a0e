"""Work that is turned down where it used to be done, and told at the everyday level. Pure.

`payment declined` is an answer as good as `payment taken`, and a service that gives it need not warn of anything. It is
an outage where it comes many times as often, and what the same service did instead falls by about as much while no less
is asked for. Looked for where nothing else fails. Cost: a scan for each kind that says so in its words.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.kinds.meaning import SAYS_NOTHING
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.gate import Coverage, judge_kind
from logscope.analysis.onset.statistics import rates_differ
from logscope.model.times import MINUTE_US, US

_TURNED_DOWN: Final = re.compile(
    r"(?i)\b(?:declin|den(?:y|ied)|reject|refus|cancel|abort|abandon|discard|unallocat|unavailab|fail)\w*"
    r"|\bturned (?:down|away)\b|\btimed out\b|\bg[ai]ven? up\b|\b(?:not|cannot|couldn't|could not|never) [a-z]{3,20}"
)
_BEFORE_US: Final = 10 * MINUTE_US
_WHILE_US: Final = 2 * MINUTE_US
_FEWEST: Final = 20
"""Of fewer no fall is sure."""
_FALLEN: Final = 0.8
"""Of what was done before, where more is lost than chance takes."""
_TAKEN: Final = 0.5
"""Of what is turned down: at least so much less is done."""
_ASKED: Final = 0.7
"""Of what was asked for before: where it is less, it is the askers who are missing."""
_CHANCE: Final = 1e-6


def find_declined(ordinary: Sequence[Kind], coverage: Coverage) -> list[Kind]:
    """The kinds that tell of work which is turned down in the place of what was done, as failures.

    Args:
        ordinary: Kinds below warning, read at every level.
        coverage: Since when each log was read so.
    """
    told = [kind for kind in ordinary if not kind.is_request and kind.count >= _FEWEST]
    done = [kind for kind in told if _TURNED_DOWN.search(kind.headline) is None]
    found = []
    for kind in told:
        if _TURNED_DOWN.search(kind.headline) is None:
            continue
        rise = judge_kind(kind, coverage)
        beside = [one for one in done if one.view.key == kind.view.key and one.node == kind.node]
        if rise is not None and rise.has_baseline and any(_takes_place_of(rise, one, coverage) for one in beside):
            # It decides of what it is asked: `loan refused` tells of no connection, and of nobody behind it.
            meaning = kind.meaning if kind.match is not None else SAYS_NOTHING
            found.append(replace(kind, is_loss=True, meaning=meaning))
    return found


def _takes_place_of(rise: Anomaly, done: Kind, coverage: Coverage) -> bool:
    """As much less of it was done as more was turned down, and as much was asked for as before."""
    # It may come as seldom as before again, and is looked at while it surely does not.
    start, end = rise.time, min(rise.last, rise.time + _WHILE_US) + US
    begin = max(start - _BEFORE_US, coverage.starts.get(done.view.key, coverage.first))
    before_s, during_s = (start - begin) / US, (end - start) / US
    if before_s < 1:
        return False
    served, served_then = done.between(begin, start - US), done.between(start, end - US)
    down, down_then = rise.kind.between(begin, start - US), rise.kind.between(start, end - US)
    fall, more = served / before_s - served_then / during_s, down_then / during_s - down / before_s
    is_asked = (served_then + down_then) / during_s >= _ASKED * (served + down) / before_s
    is_less = served >= _FEWEST and served_then / during_s < _FALLEN * served / before_s
    return (
        is_less and is_asked and fall >= _TAKEN * more
        and rates_differ(served, before_s, served_then, during_s) < _CHANCE
    )  # fmt: skip
