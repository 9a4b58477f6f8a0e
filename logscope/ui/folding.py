"""Which lines of a log are shown: long records are folded, a mark stands for lines that were not kept. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from logscope.model.lines import LogLine, Spot

_FOLD_FROM = 4
"""Continuations from which on a record is folded."""


def fold(lines: Sequence[LogLine], unfolded: Collection[Spot]) -> tuple[list[LogLine], dict[Spot, int]]:
    """Leave out the continuations of long records.

    Args:
        lines: In their order.
        unfolded: Heads of records that are shown whole.

    Returns:
        The lines that are shown, and how many are hidden behind each folded head.
    """
    shown: list[LogLine] = []
    hidden: dict[Spot, int] = {}
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and not lines[end].is_head and lines[end].source == lines[at].source:
            end += 1
        head = lines[at]
        if end - at > _FOLD_FROM and head.is_head and head.spot not in unfolded:
            hidden[head.spot] = end - at - 1
            shown.append(head)
        else:
            shown += lines[at:end]
        at = end
    return shown, hidden


def mark_gaps(
    lines: Sequence[LogLine], hidden: Mapping[Spot, int], is_first: bool, ellipsis: str
) -> tuple[list[LogLine], frozenset[int]]:
    """Put a line in the place of those that a saved incident does not hold.

    Args:
        lines: Of one log, in their order.
        hidden: How many lines are folded behind each head.
        is_first: No kept line stands before the first of these.
        ellipsis: Before the words.

    Returns:
        The lines, and which of them are marks: each stands at the place of the line above it.
    """
    shown: list[LogLine] = []
    marks: set[int] = set()
    before: LogLine | None = None
    for line in lines:
        missing = _missing(before, hidden, line) if before is not None else (line.number or 1) - 1 if is_first else 0
        if missing > 0:
            marks.add(len(shown))
            text = f"{ellipsis} {missing:,} line{'s' if missing > 1 else ''} not kept"
            shown.append(replace(before or line, text=text, number=None, message=0, is_head=False))
        shown.append(line)
        before = line
    return shown, frozenset(marks)


def _missing(before: LogLine, hidden: Mapping[Spot, int], line: LogLine) -> int:
    """Lines of the log between two that are shown; 0 where that is not known."""
    if before.number is None or line.number is None or before.part != line.part:
        return 0
    return line.number - before.number - hidden.get(before.spot, 0) - 1
