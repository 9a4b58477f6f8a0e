"""A warning in the place of what went well, while something piles up: users are answered, with less than asked for.

`shown without preview` where each page was shown is answered with 200 as well, and alone it may be a new wording of a
release. It is an outage where hardly anything of what the same service did instead is done any more, and a number that
some log tells climbs since then and for as long, as a queue does that nobody works off. Pure.
"""

from collections.abc import Callable, Sequence
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly, Outbreak
from logscope.model.incident import NumberChange
from logscope.model.times import MINUTE_US, US

_BEFORE_US: Final = 10 * MINUTE_US
_FEWEST: Final = 20
_LEFT: Final = 0.1
"""Of what was done before: no more than this."""
_AS_OFTEN: Final = 0.5
"""Of what was done: at least so many warnings stand in its place."""
_NEAR_US: Final = 30 * US
"""Between the first warning and the moment from which a number climbs."""


def is_degraded(
    outbreak: Outbreak, ordinary: Sequence[Kind], first: int, read_numbers: Callable[[int], Sequence[NumberChange]]
) -> bool:
    """Whether an outbreak of warnings tells of work that is not done.

    Args:
        outbreak: What rose.
        ordinary: Kinds below warning, read at every level.
        first: Begin of the logs, microseconds UTC.
        read_numbers: Gives the numbers that left their normal around a time.
    """
    for one in outbreak.anomalies:
        if one.kind.is_request or not one.is_strong or not _takes_place(one, ordinary, first):
            continue
        for number in read_numbers(one.time):
            if number.climbs_on and number.after > number.before and abs(number.begin - one.time) <= _NEAR_US:
                return True
    return False


def _takes_place(one: Anomaly, ordinary: Sequence[Kind], first: int) -> bool:
    """Of a kind that the same service told all along hardly any is left, and this one comes about as often."""
    begin, end = max(first, one.time - _BEFORE_US), one.last + US
    before_s, during_s = (one.time - begin) / US, (end - one.time) / US
    told = one.kind.between(one.time, end - US)
    for done in ordinary:
        if done.view.key != one.kind.view.key or done.node != one.kind.node or done.is_request:
            continue
        usual = done.between(begin, one.time - US)
        left = done.between(one.time + US, end - US)
        expected = usual * during_s / before_s if before_s >= 1 else 0.0
        if usual >= _FEWEST and expected >= _FEWEST and left <= _LEFT * expected and told >= _AS_OFTEN * expected:
            return True
    return False
