"""Runs of a job that do not end before the next begins: each holds its sessions, locks or memory until none is left.

A clock starts a job again and again, and its log says when one begins and when one is done. That they used to take
turns and pile up since some moment is seen by counting both lines, whatever else they say. Requests that nobody answers
pile up as well, but no clock sends them. Pure.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from logscope.analysis.causes.changes import read_change
from logscope.analysis.kinds.kinds import Kind
from logscope.model.causes import Link, Trigger
from logscope.model.times import NO_TIME, US
from logscope.text.cutting import hide_masks

_BEGINS: Final = re.compile(r"(?i)\b(?:start(?:s|ed|ing)?|begins?|beginning|began|launch(?:es|ed|ing)?)\b")
_DONE: Final = re.compile(r"(?i)\b(?:done|finish(?:ed|es)|complet(?:e|ed|es)|ended|ends|succeeded)\b")
_WORD: Final = re.compile(r"[a-z]{3,40}")
_FEWEST_TURNS: Final = 4
"""Runs that ended before the next began: of fewer no habit is known."""
_PILED: Final = 3
"""Runs open at once that are news where there was one at a time."""
_MORE: Final = 2
"""Times as many as ever before."""
_MOST_RUNS: Final = 2000
_LEAST_GAP_S: Final = 5
"""Between two starts of a job."""
_EVEN: Final = 1.5
"""Times the usual gap that each is at most: what a clock starts comes evenly."""


class _Event(NamedTuple):
    time: int
    step: int
    """+1 for a begin, -1 for an end."""


def find_overlap(kinds: Iterable[Kind], onset: int) -> Trigger | None:
    """The first run that did not end before the next began, where runs pile up until an onset; None without any.

    Args:
        kinds: All kinds of every level that are known.
        onset: When the cause began, microseconds UTC.
    """
    known = [kind for kind in kinds if not kind.is_failure and not kind.is_request and kind.count <= _MOST_RUNS]
    ends = [kind for kind in known if _DONE.search(kind.headline) is not None]
    found = []
    for begin in known:
        if _BEGINS.search(begin.headline) is None:
            continue
        for end in ends:
            if end.view.key != begin.view.key or end.id == begin.id or not _words(begin) & _words(end):
                continue
            piled = _find_piled(_list_events(begin, end, onset))
            if piled is not None:
                found.append((piled, begin))
    if not found:
        return None
    (time, count, usual), kind = max(found, key=lambda one: (one[0][1], -one[0][0], one[1].order))
    return _tell(kind, time, count, usual, onset)


def _words(kind: Kind) -> set[str]:
    told = set(_WORD.findall(kind.headline.lower()))
    return {word for word in told if not _BEGINS.fullmatch(word) and not _DONE.fullmatch(word)}


def _list_events(begin: Kind, end: Kind, onset: int) -> list[_Event]:
    """Begins and ends up to the onset, by time; an end in the second of a begin is of the run before it."""
    return sorted(
        _Event(int(time) // US, step)
        for kind, step in ((begin, 1), (end, -1))
        for time, count in zip(kind.firsts.tolist(), kind.counts.tolist(), strict=True)
        for _ in range(int(count))
        if time <= onset
    )


def _find_piled(events: Sequence[_Event]) -> tuple[int, int, int] | None:
    """When the first run began that the next did not wait for, how many are open at last, and how many were before."""
    running = turns = 0
    last_free = -1
    counts = []
    for number, event in enumerate(events):
        running = max(0, running + event.step)
        counts.append(running)
        turns += event.step < 0
        if running == 0:
            last_free = number
    if not counts or last_free + 1 >= len(events) or turns < _FEWEST_TURNS:
        return None
    starts = [event.time for event in events if event.step > 0]
    gaps = [later - one for one, later in pairwise(starts)]
    if not gaps or median(gaps) < _LEAST_GAP_S or max(gaps) > _EVEN * median(gaps):
        return None
    most = max(counts[: last_free + 1], default=0)
    if counts[-1] < max(_PILED, _MORE * most):
        return None
    return events[last_free + 1].time, counts[-1], most


def _tell(kind: Kind, second: int, count: int, usual: int, onset: int) -> Trigger:
    row = kind.row_at(second * US)
    time, ref = int(kind.firsts[row]), kind.ref_at(row)
    kept = (one for one in kind.exemplars if one.time != NO_TIME and one.line == ref.line)
    one = next((one for one in kept if kind.view.parts[one.part] == ref.file), None)
    # What another run said of itself is not what this one says.
    text = hide_masks(kind.template) if one is None else read_change(kind, one).text
    more = f"{count} runs are open at once when it breaks, never more than {usual} before"
    sample = "" if one is None else one.text.decode("utf-8", "replace")
    return Trigger(
        ref.file, ref.line or 0, sample, time, max(0, onset - time), Link.NUMBER, kind.service, f"{text} ({more})"
    )
