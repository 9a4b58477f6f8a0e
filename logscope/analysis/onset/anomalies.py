"""What is new or risen: kinds that pass the gate, with their onset, and the incident that they make up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.knowledge.rule import RuleClass
from logscope.model.times import MINUTE_US, US

CHAIN_GAP_US: Final = 10 * MINUTE_US
"""Onsets closer than this belong to one incident (analysis.md 3.3): payment failed 3 min 24 s after redis."""

MAIN_SHARE: Final = 0.05
"""A kind with this share of its node's excess counts for the node's onset; rarer ones may be everyday noise."""


STRONG: Final = 6.0
"""Surprise from which a kind alone shows that something is wrong; rarer kinds may be everyday noise seen first now."""


CLOCK_SIGMA_US: Final = US // 2
"""Assumed difference between two files' clocks where nothing proves one: hosts with NTP, often the same host."""

OVER_MARGIN_US: Final = 30 * US
"""What ended so long before the rest began is over."""


@dataclass(frozen=True, slots=True, eq=False)
class Anomaly:
    """A kind that began or rose. Each equals itself only: among which others it is, is asked hundreds of times."""

    kind: Kind
    time: int
    """Stamp of the first record at the onset, microseconds UTC."""
    sigma_us: int
    """Uncertainty of the onset: of the scan, and of the stamps' resolution."""
    surprise: float
    """-log10 of the chance that nothing changed."""
    is_new: bool
    """Never seen before the onset."""
    baseline_per_s: float
    excess: float
    """Records from the onset on beyond what the baseline explains."""
    last: int
    """Last record, microseconds UTC."""
    has_baseline: bool
    """A normal period is in view before the onset."""
    node: str = field(init=False)
    """Whom it is about."""
    spread_us: float = field(init=False)
    """Uncertainty of the onset, and of the stamps."""

    def __post_init__(self) -> None:
        # Both are asked for each pair of hundreds.
        object.__setattr__(self, "node", self.kind.subject)
        object.__setattr__(self, "spread_us", hypot(self.sigma_us, resolution_us(self.kind)))

    @property
    def is_strong(self) -> bool:
        """Shows by itself that something is wrong."""
        return self.surprise >= STRONG


@dataclass(frozen=True, slots=True)
class Outbreak:
    """Anomalies that belong together."""

    anomalies: tuple[Anomaly, ...]
    """By onset."""
    start: int
    """First onset of a main anomaly."""
    end: int
    """Last record of any of them."""
    silent: str | None = None
    """The node whose silence is the incident, which these merely tell of; None where they are the incident."""


def main_onsets(anomalies: Sequence[Anomaly]) -> dict[str, Anomaly]:
    """For each node that surely fails, the earliest anomaly that holds a fair share of its excess.

    Where no kind is strong, all count: a small incident is made of few records. What was over before any other node
    began is nobody's onset, unless its words tell of a cause: else noise of an hour ago makes a node the first to fall.
    """
    strong = [one for one in anomalies if one.is_strong]
    weightiest: dict[str, Anomaly] = {}
    for one in strong or anomalies:
        have = weightiest.get(one.node)
        if have is None or one.excess > have.excess:
            weightiest[one.node] = one
    anomalies = [one for one in strong or anomalies if not _is_over_before_the_rest(one, weightiest)]
    total: dict[str, float] = {}
    most: dict[str, float] = {}
    for one in anomalies:
        total[one.node] = total.get(one.node, 0.0) + one.excess
        most[one.node] = max(most.get(one.node, 0.0), one.excess)
    onsets: dict[str, Anomaly] = {}
    for one in sorted(anomalies, key=lambda a: (a.time, a.kind.order)):
        # Of very many kinds none holds that share: the first of the weightiest then.
        if one.node not in onsets and one.excess >= min(MAIN_SHARE * total[one.node], most[one.node]):
            onsets[one.node] = one
    return onsets


def _is_over_before_the_rest(one: Anomaly, weightiest: Mapping[str, Anomaly]) -> bool:
    """It ended clearly before the weightiest kind of any other node began."""
    if one.kind.is_cause_like:
        return False
    others = [other.time for node, other in weightiest.items() if node != one.node]
    return bool(others) and one.last < min(others) - OVER_MARGIN_US


def find_outbreaks(anomalies: Sequence[Anomaly]) -> list[Outbreak]:
    """Chain anomalies whose onsets lie close together, the weightiest chain first.

    Weight is the number of nodes that are taken down, then the surprise of the strongest kinds: one node's storm of
    its own is less than a spread over three.
    """
    chains: list[list[Anomaly]] = []
    for one in sorted(anomalies, key=lambda a: (a.time, a.kind.order)):
        if chains and one.time - chains[-1][-1].time <= CHAIN_GAP_US:
            chains[-1].append(one)
        else:
            chains.append([one])
    outbreaks = [make_outbreak(chain) for chain in chains]
    return sorted(outbreaks, key=lambda o: (-weigh(o), o.start))


def make_outbreak(chain: Sequence[Anomaly]) -> Outbreak:
    """Anomalies that belong together, by onset."""
    weighty = [one for one in chain if one.is_strong] or chain
    return Outbreak(tuple(chain), min(one.time for one in weighty), max(one.last for one in chain))


def weigh(outbreak: Outbreak) -> float:
    """How much an outbreak is."""
    nodes: dict[str, float] = {}
    for one in outbreak.anomalies:
        nodes[one.node] = max(nodes.get(one.node, 0.0), min(one.surprise, 30.0))
    return sum(nodes.values())


def says_why(one: Anomaly) -> bool:
    """Its words tell of a cause; a fault in the code is as often what followed."""
    return one.kind.is_cause_like and one.kind.meaning.cls is not RuleClass.BUG


def resolution_us(kind: Kind) -> int:
    """Width of the interval in which a stamp of this kind's file may lie."""
    return US if kind.view.is_whole_second else 1000
