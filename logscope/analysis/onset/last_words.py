"""Lines with which a process ends: fatal by their level, and the last that its log holds for a long while.

What it says may be in words that nobody knows. That it was fatal is known by what followed: nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from logscope.analysis.kinds.meaning import Meaning
from logscope.analysis.onset.anomalies import Anomaly
from logscope.index.index import RECORDS, Index
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.severity import Severity
from logscope.model.times import US

_DYING_S: Final = 5
"""Between its last words and the end of its log: a trace and the closing of files."""
_FEWEST: Final = 10
"""Active seconds before it: of fewer no rhythm is known."""
_SHORTEST_S: Final = 10
_SENTENCE: Final = "A fatal error, with which its log ends for a while: the process stopped there."
_DIED: Final = Meaning(RuleClass.CRASH.kind, RuleClass.CRASH, "", _SENTENCE, None)


def mark_last_words(anomalies: Sequence[Anomaly], index: Index, as_of: int) -> tuple[Anomaly, ...]:
    """The same anomalies; fatal lines of unknown sense with which a log ends tell of a cause.

    Args:
        anomalies: By onset.
        index: The state to look at.
        as_of: The newest record of all, microseconds UTC.
    """
    return tuple(
        replace(one, kind=replace(one.kind, meaning=_DIED)) if _is_last(one, index, as_of) else one for one in anomalies
    )


def _is_last(one: Anomaly, index: Index, as_of: int) -> bool:
    """Its log is silent behind it for longer than ever before."""
    kind = one.kind
    is_unknown = kind.meaning.kind is MeaningKind.NONE and not kind.mentions and kind.subject == kind.node
    state = index.sources.get(kind.view.key)
    if kind.severity < Severity.FATAL or not is_unknown or state is None:
        return False
    active = np.append(
        state.seconds.seconds()[state.seconds.column(RECORDS) > 0] + kind.view.shift_us // US, as_of // US + 1
    )
    at = int(active.searchsorted(one.time // US))
    last = int(active.searchsorted(one.time // US + _DYING_S, "right")) - 1
    if at < _FEWEST or last + 1 >= len(active):
        return False
    return int(active[last + 1] - active[last]) > max(_SHORTEST_S, int(np.diff(active[: at + 1]).max()))
