"""Whether the work that set an incident off is done: stopping it then ends nothing."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from logscope.analysis.kinds.kinds import Kind
from logscope.model.causes import Trigger
from logscope.model.files import LineRef

_DONE: Final = re.compile(r"(?i)\b(?:done|finish(?:ed|es)|complet(?:e|ed|es)|ended|ends|took|succeeded|closed)\b")
_WORD: Final = re.compile(r"[a-z]{3,40}")
_BEGINS: Final = frozenset(
    (
        "start", "starts", "started", "starting", "begin", "begins", "began", "beginning", "begun", "launched",
        "launching", "running", "run", "runs", "triggered", "the", "and", "for", "from", "with", "info",
    )
)  # fmt: skip
"""What tells of a begin, and what tells nothing."""
_SHARE: Final = 0.6
"""Of the words that a begin's line says, so many stand in that of its end."""


class End(NamedTuple):
    """The line that tells of the end of some work."""

    time: int
    """Microseconds UTC."""
    ref: LineRef


def find_end(trigger: Trigger, kinds: Iterable[Kind]) -> End | None:
    """The line by which the same log says that what set it off is done; None where it does not say so.

    Args:
        trigger: What set it off.
        kinds: All kinds of every level that are known.
    """
    said = _tell(trigger.text)
    found: list[End] = []
    for kind in kinds:
        is_like = kind.service == trigger.service and not kind.is_failure and _DONE.search(kind.headline) is not None
        if not is_like or not said or len(said & _tell(kind.headline)) < _SHARE * len(said):
            continue
        row = kind.row_at(trigger.time)
        if len(kind.firsts) and int(kind.firsts[row]) > trigger.time and not kind.holds(trigger.sample):
            found.append(End(int(kind.firsts[row]), kind.ref_at(row)))
    return min(found, default=None, key=lambda end: (end.time, end.ref.file, end.ref.line or 0))


def _tell(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower())) - _BEGINS
