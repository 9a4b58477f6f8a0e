"""Kinds: the groups of the index as the analysis sees them. Times corrected, texts read, meaning looked up."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from logscope.analysis.kinds.meaning import Meaning
from logscope.analysis.kinds.normal import NOTHING_KNOWN, Usual
from logscope.index.counts import STEPS_S, Columns
from logscope.index.exemplars import Exemplar
from logscope.index.index import GroupKey
from logscope.ingest.batch import Int64, SignatureKind
from logscope.ingest.layouts.layout import Layout
from logscope.knowledge.matcher import Match
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.files import LineRef
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME, US

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]

_CLIENTS_FAULT = (" 400", " 404", " 405", " 406", " 410", " 411", " 414", " 415", " 416", " 422")


@dataclass(frozen=True, slots=True)
class SourceView:
    """How one log is written, and what is added to its stamps."""

    key: str
    service: str
    parts: tuple[str, ...]
    """Paths, oldest first; places in the index point into it."""
    layout: Layout
    shift_us: int = 0
    """Added to a stamp as written: zone, day and clock corrections together."""
    offset_us: int = 0
    """Its part that corrects a wrong clock."""
    clock_sigma_us: int | None = None
    """How well the corrected times are known to be the common time; None where nothing tells."""
    is_whole_second: bool = False
    """Stamps are cut to seconds."""
    has_levels: bool = True
    """Records say how bad they are; where none does, only their words tell what failed."""


class Events(NamedTuple):
    """Records of a kind as events: what it writes in a moment is one, retries of it included."""

    starts: Int64
    """Begin of each clump of records, seconds, ascending."""
    sums: Floats
    """Events before each of them, and all."""


@dataclass(slots=True, eq=False)
class Kind:
    """Records of one event, ready to be judged. The same object as long as nothing about it changes."""

    key: GroupKey
    id: str
    service: str
    node: str
    """Who is meant by the service: files of one server share a node."""
    severity: Severity
    template: str
    signature_kind: SignatureKind
    view: SourceView
    rows: Columns
    """One for each active second; `second` and `first_us` are corrected."""
    untimed: int
    exemplars: tuple[Exemplar, ...]
    """By time as written."""
    headline: str
    """The first record's message in one line."""
    meaning: Meaning
    match: Match | None
    mentions: Mapping[str, float]
    """Node -> how surely and in which share of the records it is named; never the own node."""
    examined_only: bool
    subject: str = field(default="")
    """The node that it is about: its own, or the one that a supervisor, kernel or deployer speaks of."""
    quoted: str = ""
    """The node whose own words a rule recognises in it: a client repeats how it was refused."""
    usual: Usual = NOTHING_KNOWN
    """What other, normal logs of its service hold of it."""
    is_loss: bool = False
    """A client's fault by its status, or no fault by its level, yet in the place of what went well before."""
    seconds: Int64 = field(init=False)
    """Active seconds, ascending."""
    firsts: Int64 = field(init=False)
    """First record of each of them, microseconds UTC."""
    sums: Int64 = field(init=False)
    """Records before each of them, and all that have a time."""
    lumps: Int64 = field(init=False)
    """Of the active seconds those that stand for all since the first record of their row."""
    _searched: tuple["memoryview[int]", "memoryview[int]", tuple[int, int]] = field(init=False)
    """Active seconds, sums, and the first and last second, as they are searched fastest."""
    _refs: dict[int, LineRef] = field(default_factory=dict, init=False)
    """By row the places that were asked for: a judgement asks for the same few again and again."""
    last_seen: int | None = field(init=False)
    """Latest record, microseconds UTC; to the second where only the second is kept."""
    filled: tuple[tuple[int, int, int], tuple[int, ...]] | None = field(default=None, init=False)
    """Begin, width and number of the buckets that its records were last summed into, and the sums."""
    events: Events | None = field(default=None, init=False)
    """What its records stand for, once that was counted."""
    count: int = field(init=False)
    """All records."""
    is_request: bool = field(init=False)
    """A line of an access log: shows what users got, not what a service says of itself."""
    is_failure: bool = field(init=False)
    """A warning or worse, or in a log without levels words of failure: may be part of an incident's spread.

    A scanner's 404 is its own fault (onset/lost_routes.py).
    """

    @property
    def order(self) -> tuple[str, str, str]:
        """Its place among kinds that begin together: by what they say, for logs are told the same wherever they lie."""
        return self.service, self.template, self.id

    def __post_init__(self) -> None:
        self.seconds, self.firsts = self.rows.second, self.rows.first_us
        self.sums = np.zeros(len(self.seconds) + 1, np.int64)
        self.rows.records.cumsum(out=self.sums[1:])
        self.lumps = self.seconds[self.firsts < self.seconds * US]
        ends = (int(self.seconds[0]), int(self.seconds[-1])) if len(self.seconds) else (0, 0)
        self._searched = self.seconds.data, self.sums.data, ends
        self.count = int(self.sums[-1]) + self.untimed
        self.last_seen = None
        if len(self.firsts):
            kept = max((one.time for one in self.exemplars if one.time != NO_TIME), default=NO_TIME)
            self.last_seen = max(int(self.firsts[-1]), kept + self.view.shift_us if kept != NO_TIME else NO_TIME)
        self.is_request = self.signature_kind is SignatureKind.REQUEST
        # An access log's level is made of the status; a service that calls it an error itself means it.
        is_mild = self.severity < Severity.ERROR and not self.is_loss
        is_clients = self.is_request and is_mild and self.template.endswith(_CLIENTS_FAULT)
        says_so = not self.view.has_levels and (self.is_cause_like or self.is_symptom_like)
        says_so = says_so or self.tells_standing_death
        self.is_failure = (self.severity >= Severity.WARN or says_so or self.is_loss) and not is_clients

    @property
    def tells_standing_death(self) -> bool:
        """A rule knows it as a death that stands until another line takes it back, whatever its author calls it.

        supervisord gives a program up at the level of information.
        """
        match = self.match
        return match is not None and match.own_log and match.rule.cls is RuleClass.CRASH and bool(match.rule.cleared_by)

    @property
    def counts(self) -> Int64:
        """Records of each active second."""
        return self.sums[1:] - self.sums[:-1]

    @property
    def first_seen(self) -> int | None:
        """Earliest record, microseconds UTC."""
        return int(self.firsts[0]) if len(self.firsts) else None

    @property
    def sample(self) -> str:
        """The first kept record as it stands; empty where none is kept."""
        return self.exemplars[0].text.decode("utf-8", "replace") if self.exemplars else ""

    @property
    def is_cause_like(self) -> bool:
        """Its words say that something ran out, died, broke or was set wrongly."""
        return self.meaning.kind is MeaningKind.CAUSE

    @property
    def is_symptom_like(self) -> bool:
        """Its words say that somebody else did not answer."""
        return self.meaning.kind is MeaningKind.SYMPTOM

    def row_at(self, time_us: int) -> int:
        """Index of the first active second whose first record is not before a time; the last one if none is."""
        return min(bisect_left(self.firsts.data, time_us), len(self.firsts) - 1)

    def ref_at(self, row: int) -> LineRef:
        """Place of the first record of an active second."""
        ref = self._refs.get(row)
        if ref is None:
            part, offset, line = (int(column[row]) for column in (self.rows.part, self.rows.offset, self.rows.line))
            ref = self._refs[row] = LineRef(self.view.parts[part], line, offset)
        return ref

    def first_ref(self) -> LineRef:
        """Place of the first record."""
        if len(self.firsts):
            return self.ref_at(0)
        one = self.exemplars[0]
        return LineRef(self.view.parts[one.part], one.line, one.offset)

    def holds(self, sample: str) -> bool:
        """One of its kept records is this text."""
        return any(one.text.decode("utf-8", "replace") == sample for one in self.exemplars)

    def between(self, start_us: int, end_us: int) -> int:
        """Records in a span, at second resolution, both ends included."""
        # A third of the time that searching an array for two numbers takes; this is asked thousands of times a
        # judgement, most often of all up to a time or since one.
        seconds, sums, (first, last) = self._searched
        start, end = start_us // US, end_us // US
        low = 0 if start <= first else bisect_left(seconds, start)
        high = len(seconds) if end >= last else bisect_left(seconds, end + 1, low)
        return sums[high] - sums[low]

    def within(self, start_s: int, end_s: int) -> tuple[Int64, Int64]:
        """Active seconds from one to another, both included, and the records of each."""
        seconds = self._searched[0]
        low = bisect_left(seconds, start_s)
        high = bisect_left(seconds, end_s + 1, low)
        return self.seconds[low:high], self.sums[low + 1 : high + 1] - self.sums[low:high]

    def step_since(self, start_s: int) -> int:
        """Seconds of the shortest steps in each of which its records from one on are counted exactly."""
        if not len(self.lumps) or int(self.lumps[-1]) < start_s:
            return 1
        low = int(self.seconds.searchsorted(start_s))
        begins, ends = self.firsts[low:] // US, self.seconds[low:]
        return next((step for step in STEPS_S if (begins // step == ends // step).all()), STEPS_S[-1])


def by_node(kinds: Iterable[Kind]) -> dict[str, list[Kind]]:
    """Kinds by the node that they are about, both sorted."""
    nodes: dict[str, list[Kind]] = {}
    for kind in kinds:
        nodes.setdefault(kind.subject, []).append(kind)
    return dict(sorted(nodes.items()))
