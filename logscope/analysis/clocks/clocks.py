"""How the clocks of the logs differ: zones that nobody wrote down and clocks that run ahead or behind.

Logs that show the same request, trace or task saw it at about the same moment (offsets.py). An offset that makes a log
without a zone one of a zone that exists is that zone; any other is a clock that is wrong. Written zones are never
touched.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from logscope.analysis.clocks.offsets import Pairs, SharedIds, Witness, find_offsets, share_ids
from logscope.model.times import MINUTE_US, US

LEAST_SKEW_US: Final = US
"""Smaller offsets are as often the time that a request takes from one log to the next."""
_QUARTER_US: Final = 15 * MINUTE_US
_HOUR_US: Final = 60 * MINUTE_US
_EVENTS: Final = 50
"""Up to so many records a log may be one of a job's events."""
_ZONE_SLACK_US: Final = 90 * US
"""A log in another zone may have a wrong clock as well, by up to this much."""
_ZONE_STEP_US: Final = 30 * MINUTE_US
"""A log that overlaps the others must end so much later before its zone is doubted: the least step between zones."""
_TOGETHER_US: Final = 2 * MINUTE_US
"""Logs that are collected together end within so much: what writes once a minute may just have been silent."""
_PAUSES: Final = 5
"""A log may be silent for so many of its usual pauses (chance e^-5 of records that come at random)."""
_LONGEST_SILENCE_US: Final = 10 * MINUTE_US
_WEST, _EAST = -12 * 60, 14 * 60
_ODD_ZONES: Final = frozenset(
    {-570, -210, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825}
)  # fmt: skip
"""Zones that are no whole hours, minutes east (IANA tz database 2024a, with summer times); no other ones exist."""


@dataclass(frozen=True, slots=True)
class Extent:
    """From when to when a log reaches, corrected as far as its zone is known."""

    first: int
    last: int
    is_sure: bool
    """Its zone is written, given or proved."""
    shift_us: int = 0
    """Added to its stamps by a zone that was given."""
    records: int = 0
    """How many it holds; 0 where nobody counted."""

    @property
    def silence_us(self) -> int:
        """How long it may just have been silent: less than half the step between most zones."""
        pause = (self.last - self.first) // self.records if self.records else 0
        return max(_TOGETHER_US, min(_PAUSES * pause, _LONGEST_SILENCE_US))


@dataclass(frozen=True, slots=True)
class Clock:
    """One log's clock against the common time."""

    zone_us: int = 0
    """Added to its stamps because it is written in another zone than assumed; whole quarters of an hour."""
    offset_us: int = 0
    """Added to its stamps because its clock is wrong; 0 where nothing shows a difference."""
    sigma_us: int | None = None
    """How well the common time of its stamps is known; None where nothing tells."""
    ids: int = 0
    """Shared ids that agree."""
    reference: str = ""
    """Key of the log that it was compared with; empty where there is none."""
    is_proved: bool = False
    """The zone follows from a log whose zone is known."""
    is_by_arrival: bool = False
    """The zone follows from when lines arrived."""
    is_aligned: bool = False
    """Nothing is shared: the zone is a guess with which the log begins and ends with the others."""

    @property
    def shift_us(self) -> int:
        """Both corrections together."""
        return self.zone_us + self.offset_us


def find_clocks(
    witnesses: Mapping[str, Witness], extents: Mapping[str, Extent] | None = None, shared: SharedIds | None = None
) -> dict[str, Clock]:
    """Compare all logs that share ids.

    Args:
        witnesses: By key of the log.
        extents: From when to when all logs reach as they stand, those without ids too: of logs that differ and have no
            zone, those that lie among the others are right.
        shared: What `share_ids` gives for the witnesses, where the caller has it.

    Returns:
        A clock for each log that was compared with another one; the others are not in it.
    """
    offsets = find_offsets(witnesses, share_ids(witnesses) if shared is None else shared)
    clocks: dict[str, Clock] = {}
    for members in _connect(witnesses, offsets):
        clocks.update(_judge(members, witnesses, offsets, extents or {}))
    return clocks


def _connect(witnesses: Mapping[str, Witness], offsets: Pairs) -> list[list[str]]:
    """Logs that are compared with each other, directly or through others."""
    home = {key: key for key in witnesses}

    def root(key: str) -> str:
        while home[key] != key:
            key = home[key]
        return key

    for a, b in offsets:
        home[root(b)] = root(a)
    members: dict[str, list[str]] = {}
    for key in sorted(witnesses):
        members.setdefault(root(key), []).append(key)
    return [keys for keys in members.values() if len(keys) > 1]


def align_lone(extents: Mapping[str, Extent]) -> dict[str, Clock]:
    """Zones for logs that lie alone, hours off all others, with nothing shared that could prove where they belong.

    Logs are collected together: a log without a zone that ends when no other one is there is likelier written in
    another zone than by a lone survivor. The zone is the one with which it begins and ends with the others, or, of a
    job's few events, only begins with them; where it overlaps the others as it stands, nothing is guessed.
    """
    sure = [one for one in extents.values() if one.is_sure]
    found: dict[str, Clock] = {}
    for key, one in extents.items():
        others = sure or [other for name, other in extents.items() if name != key]
        if one.is_sure or not others:
            continue
        first, last = min(other.first for other in others), max(other.last for other in others)
        if one.first <= last and one.last >= first and one.last - last < _ZONE_STEP_US:
            continue
        # A sparse log ends some minutes early: the nearest of the two quarters of an hour that is a zone.
        apart = last - one.last
        low = apart // _QUARTER_US * _QUARTER_US
        near = sorted((low, low + _QUARTER_US), key=lambda z: abs(z - apart))
        zone = next((z for z in near if z and is_zone(z, one.shift_us)), 0)
        begins = abs(one.first + zone - first) <= max(one.silence_us, (last - first) // 10)
        ends = abs(one.last + zone - last) <= one.silence_us
        if not (zone and begins and ends) and 0 < one.records <= _EVENTS:
            # A log of a job's few events ends when the job is done: its begin alone must do, by whole hours.
            zone = round((first - one.first) / _HOUR_US) * _HOUR_US
            begins = abs(one.first + zone - first) <= max(one.silence_us, (last - first) // 10)
            ends = is_zone(zone, one.shift_us) and one.last + zone <= last
        if zone and begins and ends:
            found[key] = Clock(zone_us=zone, is_aligned=True)
    return found


@dataclass(frozen=True, slots=True)
class _Step:
    """The way from a log's time to the one that the walk began with."""

    theta: int
    sigma_us: int
    ids: int
    via: str


def _judge(
    members: Sequence[str], witnesses: Mapping[str, Witness], offsets: Pairs, extents: Mapping[str, Extent]
) -> dict[str, Clock]:
    steps = _walk(members, offsets)
    company = {key: _count_company(key, members, extents) for key in members}
    common = _find_common(members, witnesses, steps, company)
    base = steps[common].theta
    is_known = witnesses[common].is_zone_written or witnesses[common].is_anchored
    clocks: dict[str, Clock] = {}
    for key in members:
        step = steps[key]
        theta = step.theta - base
        zone, offset = _split(theta, _sigma_between(key, common, steps), witnesses[key])
        clocks[key] = Clock(
            zone_us=zone,
            offset_us=offset,
            sigma_us=step.sigma_us if step.via else None,
            ids=step.ids,
            reference=step.via,
            is_proved=is_known and not witnesses[key].is_zone_written,
        )
    first = next(key for key in members if not steps[key].via)
    nearest = max((key for key in members if steps[key].via == first), key=lambda key: (steps[key].ids, key))
    clocks[first] = Clock(
        zone_us=clocks[first].zone_us,
        offset_us=clocks[first].offset_us,
        sigma_us=steps[nearest].sigma_us,
        ids=steps[nearest].ids,
        reference=nearest,
        is_proved=clocks[first].is_proved,
    )
    return clocks


def _walk(members: Sequence[str], offsets: Pairs) -> dict[str, _Step]:
    """Each log's offset to the first one, over the pairs that share most ids."""
    edges: dict[str, list[tuple[int, int, str, int]]] = {key: [] for key in members}
    for (a, b), offset in offsets.items():
        if a in edges:
            edges[a].append((offset.agreeing, offset.sigma_us, b, offset.theta))
            edges[b].append((offset.agreeing, offset.sigma_us, a, -offset.theta))
    first = max(members, key=lambda key: (sum(edge[0] for edge in edges[key]), key))
    steps = {first: _Step(0, 0, 0, "")}
    while len(steps) < len(members):
        # Widest first, as in Prim's tree: a chain of well-known steps is better than a short one of few ids.
        ids, sigma, new, old, theta = max(
            (ids, -sigma, new, old, theta) for old in steps for ids, sigma, new, theta in edges[old] if new not in steps
        )
        steps[new] = _Step(steps[old].theta + theta, steps[old].sigma_us - sigma, ids, old)
    return steps


def _count_company(key: str, members: Sequence[str], extents: Mapping[str, Extent]) -> tuple[int, int]:
    """How many logs that it shares nothing with lie around a log as it stands: of known zones, and of any."""
    own = extents.get(key)
    if own is None:
        return 0, 0
    around = [
        one
        for name, one in extents.items()
        if name not in members and one.first <= own.last and one.last >= own.first
    ]  # fmt: skip
    return sum(one.is_sure for one in around), len(around)


def _find_common(
    members: Sequence[str],
    witnesses: Mapping[str, Witness],
    steps: Mapping[str, _Step],
    company: Mapping[str, tuple[int, int]],
) -> str:
    """The log whose clock is taken for right: one whose zone is known, of those that most others agree with."""

    def weight(key: str) -> tuple[int, tuple[int, int], int, int, str]:
        near = [
            other
            for other in members
            if abs(steps[other].theta - steps[key].theta)
            <= LEAST_SKEW_US + steps[other].sigma_us + steps[key].sigma_us
        ]  # fmt: skip
        known = [one for one in near if witnesses[one].is_zone_written or witnesses[one].is_anchored]
        is_known = witnesses[key].is_zone_written or witnesses[key].is_anchored
        return (len(known) + is_known, company[key], len(near), witnesses[key].records, key)

    return max(members, key=weight)


def _sigma_between(one: str, other: str, steps: Mapping[str, _Step]) -> int:
    """How well the offset of two logs is known: what the steps of the walk leave open that lie between them."""
    ways = []
    for key in (one, other):
        way = {key}
        while key := steps[key].via:
            way.add(key)
        ways.append(way)
    return sum(
        steps[key].sigma_us - (steps[via].sigma_us if (via := steps[key].via) else 0) for key in ways[0] ^ ways[1]
    )


def _split(theta: int, sigma_us: int, witness: Witness) -> tuple[int, int]:
    """Zone and clock error of an offset."""
    zone = 0
    if not witness.is_zone_written:
        nearest = round(theta / _QUARTER_US) * _QUARTER_US
        if nearest and abs(theta - nearest) <= _ZONE_SLACK_US + sigma_us and is_zone(nearest, witness.shift_us):
            zone = nearest
    rest = theta - zone
    return zone, rest if abs(rest) > max(LEAST_SKEW_US, 2 * sigma_us) else 0


def is_zone(zone_us: int, given_us: int = 0) -> bool:
    """Whether there is a zone with this offset."""
    east = -(zone_us + given_us) // MINUTE_US
    return _WEST <= east <= _EAST and (east % 60 == 0 or east in _ODD_ZONES)


def name_zone(east_us: int) -> str:
    """`UTC`, or an offset such as `-05:00`."""
    minutes = abs(east_us) // MINUTE_US
    return f"{'-' if east_us < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}" if minutes else "UTC"


def describe_clock(clock: Clock | None, name_of: Callable[[str], str]) -> str:
    """Why a log's clock is taken for what it is; `assumed` where nothing tells."""
    if clock is not None and clock.is_aligned:
        return "assumed: its lines then begin and end with the others'"
    if clock is not None and clock.is_by_arrival and not clock.reference:
        return "its lines arrive when they are stamped"
    if clock is None or clock.sigma_us is None:
        return "assumed"
    return f"{clock.ids} ids shared with {name_of(clock.reference)}, ± {_span(clock.sigma_us)}"


def _span(us: int) -> str:
    return f"{us / US:.1f} s" if us >= 100_000 else f"{max(1, us // 1000)} ms"
