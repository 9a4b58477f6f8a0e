"""Stretches in which it went wrong, parted by quiet: the incident, its echo, a second wave."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Final

from logscope.analysis.onset.statistics import rates_differ, surprise
from logscope.analysis.recovery.line import Line
from logscope.analysis.recovery.rates import find_target
from logscope.analysis.recovery.segments import PENALTY, Segment, dispersion, split

QUIET_S: Final = 60
"""So long near the baseline is quiet, less is a pause (contract: `second_wave`)."""
HERD_WITHIN_S: Final = 300
"""A surge that begins this soon after the fix and ends is its echo, not a second incident (contract)."""
HERD_LASTS_S: Final = 60
"""An echo holds nine tenths of its records within this."""

_HOT: Final = 3.0
"""Surprise from which a stretch stands above the target."""
_FEWEST: Final = 3
_NEAR_SHARE: Final = 0.05
"""After a fall to a twentieth it is near the baseline, and a rise from there is a rise again; what is left is judged
by itself."""
_SURGE: Final = 1.5
"""A herd stands surely this much above the plateau before it."""
_CHANCE: Final = 1e-4
_MINOR_SHARE: Final = 0.03
_MINOR_PEAK: Final = 0.5
"""A later spell with a smaller share of the records and of the height is of stragglers."""
_PAUSES: Final = 2.0
"""What comes and goes is over once it stays away twice as long as ever."""
_LONGER: Final = 1.5
"""And half as much again as the longest pause between two records."""
_SURELY: Final = -log(0.01)
_TRICKLE_S: Final = 5
"""A record so soon behind a spell belongs to it."""
_TELLING_PAUSE: Final = 6.9
"""Expected records of a pause at the rate that follows from which on it is no chance: one in a thousand."""
_RECURRENT: Final = 4
"""So many spells at even distances are one incident that comes and goes."""
_UNEVEN: Final = 3.0


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch above the target."""

    start: int
    """First second with a record."""
    end: int
    """Last second with a record, included."""
    count: int
    peak: int
    """Most records within five seconds."""
    fall: int
    """Last second before it fell; what trickles in behind it is its tail."""
    last_rate: float
    """Records per second in its last stretch of one rate."""

    @property
    def seconds(self) -> int:
        """How long it lasts."""
        return self.end + 1 - self.start

    @property
    def rate(self) -> float:
        """Records per second."""
        return self.count / self.seconds


def find_spells(line: Line, usual_per_s: float, phi: float, step_s: int = 1) -> list[Spell]:
    """Stretches clearly above the target, parted by at least a minute near it; those of stragglers left out.

    Args:
        line: The incident's failing records, from its begin to now.
        usual_per_s: Their rate before it.
        phi: Overdispersion before it.
        step_s: Seconds of the steps in which most of them are known.
    """
    active = line.active(line.start, line.end + 1)
    if not len(active):
        return []
    clumps = max(phi, dispersion(line, int(active[0]), int(active[-1]) + 1))
    segments = split(line, line.start, line.end + 1, PENALTY * clumps, step_s)
    target = find_target(usual_per_s)
    heights = _heights_before(segments)
    hot = [
        one
        for one, height in zip(segments, heights, strict=True)
        if _is_hot(one, max(target, _NEAR_SHARE * height), phi)
    ]
    spells: list[Spell] = []
    for one in hot:
        inside = line.active(one.start, one.end)
        if spells and int(inside[-1]) <= spells[-1].end:
            continue
        first, fall = int(inside[0]), int(inside[-1])
        pause = first - spells[-1].end if spells else 0
        if spells and (pause <= QUIET_S or pause * one.rate < _TELLING_PAUSE):
            first = spells.pop().start
        spells.append(_make(line, first, fall, one))
    return _without_stragglers(spells)


def make_spell(line: Line, first: int, last: int) -> Spell:
    """The spell between two seconds, both included, as one stretch."""
    count = line.count(first, last + 1)
    return Spell(first, last, count, line.peak(first, last + 1), last, count / (last + 1 - first))


def _make(line: Line, first: int, fall: int, segment: Segment) -> Spell:
    last = _last_straggler(line, fall)
    rate = line.rate(max(first, segment.start), fall + 1)
    return Spell(first, last, line.count(first, last + 1), line.peak(first, last + 1), fall, rate)


def _is_hot(one: Segment, target_per_s: float, phi: float) -> bool:
    if one.count < _FEWEST or one.rate <= target_per_s:
        return False
    # A rate that is known exactly is one from a very long time.
    long_s = 1e6
    return surprise(one.count, one.end - one.start, round(target_per_s * long_s), long_s, phi) >= _HOT


def _last_straggler(line: Line, last: int) -> int:
    """The last second of a spell with the records that trickle in right behind it."""
    behind = line.active(last + 1, last + 1 + _TRICKLE_S)
    return int(behind[-1]) if len(behind) else last


def _heights_before(segments: Sequence[Segment]) -> Iterator[float]:
    """Before each the highest rate per second that lasted a minute; of shorter stretches where none did."""
    lasting: float | None = None
    highest = 0.0
    for one in segments:
        yield highest if lasting is None else lasting
        highest = max(highest, one.rate)
        if one.end - one.start >= QUIET_S:
            lasting = one.rate if lasting is None else max(lasting, one.rate)


def _without_stragglers(spells: list[Spell]) -> list[Spell]:
    if not spells:
        return spells
    most, tallest = max(one.count for one in spells), max(one.peak for one in spells)
    return [one for one in spells if one.count >= _MINOR_SHARE * most or one.peak >= _MINOR_PEAK * tallest]


def is_recurrent(spells: Sequence[Spell]) -> bool:
    """One incident that comes and goes (a job each few minutes): as many spells at even distances are no waves."""
    if len(spells) < _RECURRENT:
        return False
    pauses = sorted(later.start - one.end for one, later in pairwise(spells))
    return pauses[-1] <= _UNEVEN * pauses[len(pauses) // 2]


def silence_needed(line: Line, spells: Sequence[Spell]) -> float:
    """Seconds without a record that are no chance, and no pause as the incident has them.

    Among n gaps one is longer than (4.6 + log n) / rate by chance once in a hundred times.
    """
    last = spells[-1]
    begin = max(last.start, last.end - HERD_WITHIN_S)
    count = line.count(begin, last.end + 1)
    chance = (_SURELY + log(max(1, count))) / last.last_rate if last.last_rate > 0 else 0.0
    pause = line.longest_pause(begin, last.end + 1) if count > 1 else 0
    return max(chance, _LONGER * pause)


def quiet_needed(line: Line, spells: Sequence[Spell]) -> float:
    """Seconds without a spell before it counts as quiet: a minute, and longer than the incident's own pauses."""
    needed = max(float(QUIET_S), silence_needed(line, spells))
    if is_recurrent(spells):
        needed = max(needed, _PAUSES * max(later.start - one.end for one, later in pairwise(spells)))
    return needed


def find_surge(line: Line, last: Spell, phi: float) -> Spell | None:
    """The end of a spell where it stands far above its plateau: clients that come back at once. None without one."""
    best: tuple[float, int] | None = None
    for cut in range(max(last.start + 10, last.end - HERD_WITHIN_S), last.end - 1):
        before_s, after_s = cut - last.start, last.end + 1 - cut
        plateau, tail = line.rate(last.start, cut), line.rate(cut, last.end + 1)
        if tail < _SURGE * plateau or after_s > max(3 * before_s, 30):
            continue
        before, count = line.count(last.start, cut), line.count(cut, last.end + 1)
        if rates_differ(count, after_s, round(_SURGE * before), before_s, phi) >= _CHANCE:
            continue
        mean = (before + count) / (before_s + after_s)
        # The cut that parts the spell best: log-likelihood of two rates against one.
        score = count * log(tail / mean) + before * log(max(plateau, 1e-9) / mean)
        if score > 0 and (best is None or score > best[0]):
            best = (score, cut)
    if best is None or line.peak(best[1], last.end + 1) <= _SURGE * line.common_peak(last.start, best[1]):
        # What comes in bursts all along ends with one of them.
        return None
    return make_spell(line, best[1], last.end)


def holds_most(line: Line, spell: Spell) -> int:
    """Seconds that hold the middle nine tenths of a spell's records."""
    return line.width_of(spell.start, spell.end + 1, 0.9)
