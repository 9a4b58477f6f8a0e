"""Warnings of other logs before it that speak of what the cause's line names: who was to prepare it, and could not.

`could not create partition readings_h08`, said once by a job that fails nobody, and forty seconds later `no partition
of relation "readings"`: neither names the other's server, but both say what it is about.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly
from logscope.model.times import MINUTE_US
from logscope.text.fields import tell_values

_SHORTEST: Final = 5
"""Letters of a name that no other name begins with by chance."""
_FEW: Final = 3
_LEAD_US: Final = 2 * MINUTE_US
_WORD: Final = re.compile(r"[A-Za-z][\w.-]{4,80}")
_LONGEST_TEXT: Final = 600


def find_forerunners(anomalies: Iterable[Anomaly], cause: Anomaly, failing: Collection[str]) -> list[Anomaly]:
    """Warnings that came before, of somebody who does not fail, about something that the cause's line quotes.

    Args:
        anomalies: Kinds of the incident and before it.
        cause: What broke.
        failing: Nodes that fail.
    """
    values = tell_quoted(cause.kind)
    return [
        one
        for one in anomalies
        if one.kind.is_failure
        and one.is_new
        and one.kind.count <= _FEW
        and one.node not in failing
        and one.kind.view.key != cause.kind.view.key
        and 0 < cause.time - one.time <= _LEAD_US
        and speaks_of(one.kind.headline, values)
    ]


def tell_quoted(kind: Kind) -> frozenset[str]:
    """Names that the first kept record of a kind quotes, long enough to be recognised elsewhere."""
    return frozenset(value for value in tell_values(kind.sample) if len(value) >= _SHORTEST)


def speaks_of(text: str, values: Collection[str]) -> bool:
    """Whether a text holds one of these names, or one that is made of it (`readings_h08` of `readings`)."""
    return any(
        word == value or word.startswith((f"{value}_", f"{value}-", f"{value}."))
        for word in _WORD.findall(text[:_LONGEST_TEXT])
        for value in values
    )
