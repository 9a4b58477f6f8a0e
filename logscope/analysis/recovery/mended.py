"""Whether somebody did something about it and users were served since: the nearest to a proof that it is over. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from logscope.analysis.recovery.fixes import Hint
from logscope.analysis.recovery.signs import Signs
from logscope.analysis.recovery.spells import QUIET_S, Spell
from logscope.model.times import US

_JUDGED_S: Final = 40
"""Of fewer seconds nobody knows whether a mended service holds: caches fill, and clients come back."""
_JUDGED: Final = 100
"""Requests that would have failed as those before did."""


def is_mended(hints: Iterable[Hint], last: Spell) -> bool:
    """Somebody changed what broke, or took back what set it off, within the last minute of errors."""
    return any(hint.is_deed and 0 <= last.end - hint.time // US <= QUIET_S for hint in hints)


def is_served_since(signs: Signs, marked: Sequence[int], hints: Iterable[Hint], last: Spell) -> bool:
    """Users are served by the hundred since somebody mended it: what would fail of them does not.

    A minute of requests is not waited for then; where it ended by itself, it is.

    Args:
        signs: All series.
        marked: Seconds that people marked as a fix.
        hints: Logged events about the cause.
        last: When it went wrong last.
    """
    requests = signs.requests
    if requests is None or signs.now - last.end < _JUDGED_S:
        return False
    if not any(last.end - at <= QUIET_S for at in marked) and not is_mended(hints, last):
        return False
    asked, failed = requests.between(last.start, last.end + 1)
    since, failed_since = requests.between(last.end + 1, signs.now + 1)
    is_usual = failed_since <= max(1.0, 2 * requests.usual_failed_share * since)
    return is_usual and since * failed >= _JUDGED * asked
