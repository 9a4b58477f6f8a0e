"""Ordinary lines that come again with nothing where there always was something, or the other way round. Pure.

`Import finished: 0 rows read, 1967 articles deactivated` is of the kind of each import before it, which read 1967 rows
and deactivated none. No word of it is bad and its kind is old: what is new are its numbers. Only numbers that turn from
nothing or to nothing count, of kinds that come seldom, right before the first failure: anything else that changes is
work as usual. Cost: the kept records of a few kinds.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.kinds.headlines import fill_template, one_line
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.novelties import Novelty, make_sign
from logscope.index.exemplars import Exemplar
from logscope.model.times import MINUTE_US, NO_TIME, US

_BEFORE_US: Final = MINUTE_US
_BEHIND_US: Final = 2 * US
_MOST_RECORDS: Final = 9
"""Of so many all are kept."""
_FEWEST_BEFORE: Final = 2
"""One alone may be of the start, when there was nothing yet to count."""
_MUCH: Final = 10
"""Fewer may be none by chance."""
_RARITY: Final = 0.9
"""Below that of a kind that was never seen."""
_NUMBER: Final = re.compile(r"(?<![\w.:/-])\d{1,12}(?![\w.:/-])")


def find_turned(ordinary: Sequence[Kind], onset: int) -> list[Novelty]:
    """Records right before the first failure whose numbers turned, by time.

    Args:
        ordinary: Kinds below warning that say nothing known.
        onset: The first failure.
    """
    found = []
    for kind in ordinary:
        if not _FEWEST_BEFORE < kind.count <= _MOST_RECORDS or kind.is_request:
            continue
        kept = sorted((one for one in kind.exemplars if one.time != NO_TIME), key=lambda one: (one.time, one.line))
        shift = kind.view.shift_us
        for at, one in enumerate(kept):
            time = one.time + shift
            is_near = onset - _BEFORE_US <= time <= onset + _BEHIND_US
            told = _tell_turn(kind, kept[:at], one) if at >= _FEWEST_BEFORE and is_near else ""
            if told:
                # Its kind is told by its first record; here this one says it.
                read = kind.view.layout.fields(one.text)
                said = one_line(fill_template(read.message, read.values)) or kind.headline
                found.append(Novelty(make_sign(replace(kind, headline=said), time), _RARITY, reason=told))
                break
    return sorted(found, key=lambda one: (one.anomaly.time, one.anomaly.kind.order))


def _tell_turn(kind: Kind, before: Sequence[Exemplar], now: Exemplar) -> str:
    """How the first number turned that did; empty where none did."""
    numbers = _read_numbers(kind, now)
    earlier = [_read_numbers(kind, one) for one in before]
    if not numbers or any(len(one) != len(numbers) for one in earlier):
        return ""
    for at, number in enumerate(numbers):
        usual = [one[at] for one in earlier]
        if number == 0 and min(usual) >= _MUCH:
            return f"tells 0 where it told {usual[-1]:,} before"
        if number >= _MUCH and max(usual) == 0:
            return f"tells {number:,} where it told 0 before"
    return ""


def _read_numbers(kind: Kind, one: Exemplar) -> list[int]:
    return [int(number) for number in _NUMBER.findall(kind.view.layout.fields(one.text).message.partition("\n")[0])]
