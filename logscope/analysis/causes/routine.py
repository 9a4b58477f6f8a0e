"""What changes again and again: a clock's work, or a habit, of which one more says nothing. Pure."""

from typing import Final

from logscope.analysis.causes.changes import Change
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.statistics import rates_differ
from logscope.model.times import US

_ROUTINE_FROM: Final = 3
"""Records of the same change before the onset from which on it may be routine."""

_CHANCE: Final = 0.01
"""Of so many changes since the onset at their usual rate: below this they come more often."""

_ROUTINE_CHANCE: Final = 0.4
"""Expected records within the lag: 1 - exp(-0.4) is one in three."""


def is_repeated(change: Change) -> bool:
    """Its kind came several times before it."""
    begin = change.kind.first_seen
    return begin is not None and change.kind.between(begin, change.time - US) >= _ROUTINE_FROM


def is_routine(change: Change, onset: int, chance: float = _ROUTINE_CHANCE) -> bool:
    """It came so often before that one as near as this may be a coincidence: sent by a clock, not by a person.

    The chance that events as frequent as these leave one within the lag is 1 - exp(-rate * lag) (a Poisson process);
    more than one in three proves nothing, and where words tie it to nothing one in ten does not either.
    """
    begin = change.kind.first_seen
    before = change.kind.between(begin, onset) if begin is not None else 0
    if begin is None or before < _ROUTINE_FROM:
        return False
    rate = (before - 1) / max(1, onset - begin)
    return rate * max(US, onset - change.time) > chance


def is_everyday(kind: Kind, onset: int, end: int) -> bool:
    """Changes of this kind came before the onset, and come no more often since: a clock's work."""
    begin = kind.first_seen
    if begin is None or kind.between(begin, onset) < _ROUTINE_FROM:
        return False
    # The first one only begins the span.
    before = kind.between(begin, onset) - 1
    since = kind.between(onset, end)
    return rates_differ(since, (end - onset) / US, before, (onset - begin) / US) > _CHANCE
