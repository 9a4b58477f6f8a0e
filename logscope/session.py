"""The only object that remembers the whole incident: batches and marks go in, a Snapshot comes out of each tick.

Pure: it reads no file and asks no clock. What it needs from the disk (exact records, a second look at the window around
the onset at every level) is lent to it (`texts.read`) or asked for (`wanted_window`); the runner answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

import numpy as np

from logscope.analysis.analyse import Judged, analyse, find_window
from logscope.analysis.causes.calls import find_calls
from logscope.analysis.clocks.arrivals import Arrivals
from logscope.analysis.clocks.clocks import Clock, Extent, align_lone, find_clocks, name_zone
from logscope.analysis.clocks.offsets import SharedIds, Witness, share_ids
from logscope.analysis.inputs import Inputs
from logscope.analysis.kinds.addresses import Addresses, AddressReader
from logscope.analysis.kinds.entities import build_names, component_of
from logscope.analysis.kinds.kinds import KindBuilder, SourceView
from logscope.analysis.kinds.meaning import Classifier
from logscope.analysis.kinds.normal import Normal
from logscope.analysis.kinds.texts import TextPlace, TextShelf
from logscope.analysis.onset.gate import Gate
from logscope.analysis.story.alerts import Alerts
from logscope.index.ids import merge_spans
from logscope.index.index import Index
from logscope.ingest.batch import Batch, Int64, Signature
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.timestamps.local import LocalClock
from logscope.knowledge.lexicon import load_lexicon
from logscope.knowledge.loader import load_package_rules
from logscope.knowledge.matcher import Matcher
from logscope.knowledge.rule import RuleSet
from logscope.model.files import LineRef, Problem, Progress, Zone, ZoneOrigin
from logscope.model.recovery import VerdictChange
from logscope.model.snapshot import Note, Snapshot
from logscope.model.times import MINUTE_US, NO_TIME, US


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One log of the session and how it is written."""

    key: str
    service: str
    parts: tuple[str, ...]
    """Paths, oldest first."""
    layout: Layout
    problems: tuple[Problem, ...] = ()
    """Found before the first byte was parsed."""
    zone: tuple[tzinfo, str] | None = None
    """Zone of its stamps where they carry none, and its name; None where only the session's holds."""


@dataclass(frozen=True, slots=True)
class Memory:
    """All that a session knows, without what follows from it."""

    index: Index
    window: Index
    normal: Index
    plans: tuple[SourcePlan, ...]
    tz: tzinfo | None
    tz_name: str | None
    notes: tuple[Note, ...]
    bindings: tuple[tuple[str, str], ...]
    history: tuple[VerdictChange, ...]
    clocks: tuple[tuple[str, Clock], ...]
    """What an earlier reading showed of them."""
    arrivals: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
    texts: tuple[tuple[TextPlace, bytes | None], ...]


_MANY_ROWS: Final = 200_000
"""Active seconds of all kinds, 20 MB with what is made of them, up to which everything is kept."""
_FINE_US: Final = 30 * MINUTE_US
"""Before the newest record: an incident that has not been noticed by then begins with a minute's first record."""
_AROUND_US: Final = 5 * MINUTE_US
"""Before and behind an incident."""
_FEW_LEVELS: Final = 20
"""A log in which fewer than one record in so many has a level writes none."""
_MOST_TOLD: Final = 4
_NO_STAMPS: Final = np.empty(0, np.int64)


class Session:
    """Everything known about one incident."""

    def __init__(self, *, tz: tzinfo | None = None, tz_name: str | None = None, rules: RuleSet | None = None) -> None:
        """Start with nothing.

        Args:
            tz: Zone of logs that carry none; None reads them as UTC, and says that it is assumed.
            tz_name: Its name, for the reader.
            rules: What is known of lines; None takes the rules that ship with logscope.
        """
        self.index = Index()
        self.window = Index(is_window=True)
        """Records of every level from the span that was read a second time."""
        self.texts = TextShelf()
        self._plans: dict[str, SourcePlan] = {}
        self._tz = tz
        self._tz_name = tz_name
        self._notes: list[Note] = []
        self._bindings: dict[str, str] = {}
        self._history: list[VerdictChange] = []
        self._focus: tuple[int, int] | None = None
        self._judged: Judged | None = None
        self._classifier = Classifier(Matcher(rules or load_package_rules()), load_lexicon())
        self._builder: KindBuilder | None = None
        self._address_reader = AddressReader()
        self._addresses = Addresses((), ())
        self._gates = Gate(), Gate()
        self._alerts = Alerts()
        self._clocks: Mapping[str, Clock] = {}
        self._known_clocks: Mapping[str, Clock] = {}
        self._normal = Index()
        self._arrivals = Arrivals()
        self._local_clocks: dict[tuple[str, str], LocalClock] = {}
        """Of logs in a given zone, one for each reading of them."""

    def recall(self) -> Memory:
        """All that is known. The indexes are the session's own: they are not to be changed."""
        return Memory(
            index=self.index,
            window=self.window,
            normal=self._normal,
            plans=tuple(plan for _, plan in sorted(self._plans.items())),
            tz=self._tz,
            tz_name=self._tz_name,
            notes=tuple(self._notes),
            bindings=tuple(sorted(self._bindings.items())),
            history=tuple(self._history),
            clocks=tuple(sorted(self._known_clocks.items())),
            arrivals=self._arrivals.all(),
            texts=self.texts.all(),
        )

    @classmethod
    def remember(cls, memory: Memory, rules: RuleSet | None = None) -> "Session":
        """A session that knows what another one knew.

        Args:
            memory: What that one recalled; its indexes become this one's.
            rules: What is known of lines; None takes the rules that ship with logscope.
        """
        session = cls(tz=memory.tz, tz_name=memory.tz_name, rules=rules)
        session.index, session.window, session._normal = memory.index, memory.window, memory.normal
        for plan in memory.plans:
            session.add_source(plan)
        session._notes = list(memory.notes)
        session._bindings = dict(memory.bindings)
        session._history = list(memory.history)
        session.know_clocks(dict(memory.clocks))
        for source, seen in memory.arrivals:
            for arrived, lag in seen:
                session._arrivals.note(source, arrived, arrived - lag)
        session.texts.keep(memory.texts)
        return session

    def add_source(self, plan: SourcePlan) -> None:
        """Add a log, or replace its plan (a part was added)."""
        if plan.key not in self._plans or self._plans[plan.key].service != plan.service:
            self._builder = None
        self._plans[plan.key] = plan

    def feed(self, source: str, batch: Batch, signatures: list[Signature]) -> None:
        """Add records of a source, in the order of its stream."""
        self.index.fold(source, self._straighten(source, batch, "feed"), signatures)

    def examine(self, source: str, batch: Batch, signatures: list[Signature]) -> None:
        """Add records of every level from the window that `wanted_window` asked for."""
        self.window.fold(source, self._straighten(source, batch, "examine"), signatures)

    def learn_normal(self, service: str, batch: Batch, signatures: list[Signature]) -> None:
        """Add records of a normal time, from another log of a service: they are compared with, never told."""
        self._normal.fold(service, batch, signatures)
        self._builder = None

    def set_zone(self, tz: tzinfo, name: str) -> None:
        """From now on logs that carry no zone are read in this one."""
        self._tz, self._tz_name = tz, name
        self._local_clocks.clear()

    def forget_normal(self) -> None:
        """Compare with no other logs any more."""
        self._normal = Index()
        self._builder = None

    def note_arrival(self, source: str, arrived: int, stamp: int) -> None:
        """Remember when lines came that were just written: it tells the zone of a log that carries none.

        Args:
            source: Key of the log.
            arrived: The clock, microseconds UTC.
            stamp: The newest stamp of the lines, as written.
        """
        self._arrivals.note(source, arrived, stamp)

    def bind(self, name: str, service: str) -> None:
        """Remember that a host, an address or a name in the lines means a service."""
        self._bindings[name] = service
        self._builder = None

    def know_clocks(self, clocks: Mapping[str, Clock]) -> None:
        """Take over what an earlier reading of the same files showed, for where this one shows less of them.

        Args:
            clocks: Zones counted from UTC.
        """
        self._known_clocks = {key: clock for key, clock in clocks.items() if clock.is_proved}
        self._clocks = dict(self._known_clocks)

    def find_clocks(self) -> dict[str, Clock]:
        """Compare the clocks of all logs that share ids."""
        witnesses = self._witnesses()
        return self._compare_clocks(witnesses, share_ids(witnesses))

    def _compare_clocks(self, witnesses: Mapping[str, Witness], shared: SharedIds) -> dict[str, Clock]:
        found = find_clocks(witnesses, self._extents({}), shared)
        found |= {k: c for k, c in self._known_clocks.items() if not found.get(k, Clock()).is_proved}
        clocks = {**align_lone(self._extents(found)), **found}
        arrived = {key: self._arrived_zone(key, plan) for key, plan in self._plans.items()}
        return clocks | {
            key: replace(clocks.get(key, Clock()), is_by_arrival=True)
            for key, zone in arrived.items()
            if zone is not None
        }

    def _arrived_zone(self, key: str, plan: SourcePlan) -> int | None:
        """The zone by arrival of a log of which no other one is known."""
        is_known = plan.layout.zone_written or key in self._known_clocks or self._given_zone(plan) is not None
        return None if is_known else self._arrivals.zone_of(key)

    def _extents(self, clocks: Mapping[str, Clock]) -> Mapping[str, Extent]:
        """From when to when each log reaches by the zones that are known."""
        extents = {}
        for key, plan in sorted(self._plans.items()):
            tallies = self.index.sources[key].parts.values() if key in self.index.sources else ()
            seen = [(one.first, one.last) for one in tallies if one.first is not None and one.last is not None]
            if not seen:
                continue
            given, clock = self._given_shift(key, plan), clocks.get(key, Clock())
            shift = given + clock.shift_us
            is_sure = (
                plan.layout.zone_written
                or clock.is_proved
                or self._given_zone(plan) is not None
                or bool(clock.reference)
                or self._arrived_zone(key, plan) is not None
            )
            extents[key] = Extent(
                min(first for first, _ in seen) + shift,
                max(last for _, last in seen) + shift,
                is_sure,
                given,
                sum(one.records for one in tallies),
            )
        return extents

    def add_note(self, note: Note) -> None:
        """Remember what a person said; once, however often it is told."""
        if note not in self._notes:
            self._notes.append(note)

    def look_at(self, span: tuple[int, int] | None) -> None:
        """From now on a span is given in finer lanes; None for the incident's."""
        self._focus = span

    @property
    def wanted_window(self) -> tuple[int, int] | None:
        """Span (microseconds UTC) that should be read at every level; None without an incident."""
        return self._judged.window if self._judged else None

    def newest_time(self) -> int | None:
        """The latest stamp of all files, zones applied; None without any."""
        views = self._views()
        lasts = [
            tally.last + views[key].shift_us
            for key, state in self.index.sources.items()
            if key in views
            for tally in state.parts.values()
            if tally.last is not None
        ]
        return max(lasts, default=None)

    def seek(self, source: str, time: int) -> LineRef | None:
        """The first record of the minute of a time, or of the last minute before it; None without times."""
        state = self.index.sources.get(source)
        if state is None or not state.seek:
            return None
        minute = (time - self.shift_of(source)) // MINUTE_US
        earlier = [known for known in list(state.seek) if known <= minute]
        part, offset, line = state.seek[max(earlier) if earlier else min(state.seek)]
        return LineRef(self._plans[source].parts[part], line, offset)

    def utc_of(self, source: str, stamps: Int64) -> Int64:
        """Microseconds UTC of stamps as written, in the order of the stream and before they are fed."""
        plan = self._plans[source]
        zone, first = self._zone_to_follow(source, plan), self._first_stamp(source, stamps)
        if zone is None or first is None:
            return np.where(stamps == NO_TIME, NO_TIME, stamps + self.shift_of(source))
        return self._local_clock(source, "cut", zone).to_utc_all(stamps)

    def coarsen_past(self) -> None:
        """Keep less of what is long past, where much is kept: the memory of a long follow stays what it is.

        Half an hour up to the newest record, and the first hour of what is told as an incident with the minutes around
        it, stay as they are.
        """
        newest = self.newest_time()
        if newest is None or self.index.count_rows() + self.window.count_rows() <= _MANY_ROWS:
            return
        shifts = {key: self.shift_of(key) // US for key in self._plans}
        # What is below a warning comes in ten times as many lines, and matters around the onset.
        for index, fine_us in ((self.index, _FINE_US), (self.window, _FINE_US // 2)):
            spans = self._told_spans(newest, 2 * fine_us)
            until = {key: (newest - fine_us) // US - shift for key, shift in shifts.items()}
            kept = {key: [(low // US - by, high // US - by) for low, high in spans] for key, by in shifts.items()}
            index.coarsen(until, kept)

    def _told_spans(self, newest: int, longest_us: int) -> list[tuple[int, int]]:
        """The incidents that are told, with the minutes around them; of a long one the begin."""
        if self._judged is None:
            return []
        snapshot = self._judged.snapshot
        told = [snapshot.incident, *sorted((one.incident for one in snapshot.further), key=lambda one: -one.start)]
        spans = []
        for one in told[:_MOST_TOLD]:
            if one is not None:
                begin = min(one.start, one.first_error or one.start) - _AROUND_US
                spans.append((begin, min(begin + longest_us, (one.end or newest) + _AROUND_US)))
        return spans

    def _straighten(self, source: str, batch: Batch, reading: str) -> Batch:
        """A batch as if its clock had never been moved: one shift turns all its stamps into UTC."""
        plan = self._plans.get(source)
        zone = self._zone_to_follow(source, plan) if plan is not None else None
        first = self._first_stamp(source, batch.time)
        if zone is None or first is None:
            return batch
        clock = self._local_clock(source, reading, zone)
        time = clock.to_utc_all(batch.time)
        time = np.where(time == NO_TIME, NO_TIME, time + clock.find_offsets(first)[0])
        return batch if np.array_equal(time, batch.time) else replace(batch, time=time)

    def _first_stamp(self, source: str, stamps: Int64) -> int | None:
        """The earliest stamp of a log, whose offset all its stamps are brought to; None without any."""
        state = self.index.sources.get(source)
        firsts = [tally.first for tally in state.parts.values() if tally.first is not None] if state else []
        timed = stamps[stamps != NO_TIME]
        return min(firsts) if firsts else int(timed[0]) if len(timed) else None

    def _zone_to_follow(self, source: str, plan: SourcePlan) -> tzinfo | None:
        """The zone that the user gave to a log whose stamps carry none and whose clock nothing else tells."""
        given = self._given_zone(plan)
        return None if given is None or plan.layout.zone_written or source in self._known_clocks else given[0]

    def _local_clock(self, source: str, reading: str, zone: tzinfo) -> LocalClock:
        return self._local_clocks.setdefault((source, reading), LocalClock(zone))

    def shift_of(self, source: str) -> int:
        """What is added to a stamp of this source as written."""
        return self._views()[source].shift_us

    def tick(self, now: int | None, progress: Progress) -> Snapshot:
        """Judge everything anew.

        Args:
            now: The clock, microseconds UTC; None in batch, where the newest record is now.
            progress: How much has been read.
        """
        judged = analyse(self._gather(now, progress))
        self._remember_verdict(judged)
        self._judged = judged
        return replace(judged.snapshot, history=tuple(self._history))

    def find_window(self) -> tuple[int, int] | None:
        """What `wanted_window` will be, of a batch that has been read: nothing is told yet, and nothing remembered."""
        return find_window(self._gather(None, Progress(0, 0, done=True)))

    def _gather(self, now: int | None, progress: Progress) -> Inputs:
        addresses = self._address_reader.read(self.index, {key: plan.service for key, plan in self._plans.items()})
        if addresses != self._addresses:
            self._addresses, self._builder = addresses, None
        if self._builder is None:
            names = build_names({plan.service: component_of(plan.layout.name) for plan in self._plans.values()})
            for port, service in addresses.ports:
                names.learn_port(port, service)
            for host, services in addresses.hosts:
                names.learn_host(host, services)
            for name, service in sorted(self._bindings.items()):
                names.bind(name, service)
            normal = Normal(self._normal) if self._normal.sources else None
            self._builder = KindBuilder(names, self._classifier, normal)
        witnesses = self._witnesses()
        shared = share_ids(witnesses)
        self._clocks = self._compare_clocks(witnesses, shared)
        views = self._views()
        return Inputs(
            index=self.index,
            window=self.window,
            views=views,
            builder=self._builder,
            gate=self._gates[0],
            low_gate=self._gates[1],
            alerts=self._alerts,
            notes=tuple(sorted(self._notes, key=lambda n: (n.time, n.text))),
            now=now,
            progress=progress,
            texts=self.texts,
            zones={key: self._zone(key, plan) for key, plan in self._plans.items()},
            date_origins={key: plan.layout.date_origin for key, plan in self._plans.items()},
            plan_problems={key: plan.problems for key, plan in self._plans.items()},
            history=tuple(self._history),
            clocks=self._clocks,
            calls=find_calls(witnesses, self._clocks, shared),
            focus=self._focus,
        )

    def _remember_verdict(self, judged: Judged) -> None:
        before = self._judged.snapshot.recovery if self._judged else None
        after = judged.snapshot.recovery
        if (
            before is None
            or self._judged is None
            or self._judged.snapshot.provisional
            or before.verdict is after.verdict
        ):
            return
        until = judged.snapshot.as_of
        if until is not None:
            self._history.insert(0, VerdictChange(before.verdict, until, after.explanation))

    def _views(self) -> Mapping[str, SourceView]:
        views = {}
        for key, plan in sorted(self._plans.items()):
            clock = self._clocks.get(key, Clock())
            views[key] = SourceView(
                key=key,
                service=plan.service,
                parts=plan.parts,
                layout=plan.layout,
                shift_us=self._given_shift(key, plan) + clock.shift_us,
                offset_us=clock.offset_us,
                clock_sigma_us=clock.sigma_us,
                is_whole_second=self._is_whole_second(key),
                has_levels=self._has_levels(key),
            )
        return views

    def _has_levels(self, key: str) -> bool:
        """Whether a log's records say how bad they are; a line in twenty may be a stray one's.

        Of a log without levels that was not examined as a whole nothing is known of before: it is taken for one with.
        """
        state, window = self.index.sources.get(key), self.window.sources.get(key)
        if state is None or window is None:
            return True
        records = sum(tally.records for tally in state.parts.values())
        if sum(tally.records for tally in window.parts.values()) < records:
            return True
        return sum(tally.levelled for tally in state.parts.values()) * _FEW_LEVELS >= records

    def _witnesses(self) -> Mapping[str, Witness]:
        """What each log that shows ids says about its clock."""
        found = {}
        for key, state in self.index.sources.items():
            plan = self._plans.get(key)
            window = self.window.sources.get(key)
            ids = merge_spans(state.ids, window.ids if window is not None else None)
            firsts = [tally.first for tally in state.parts.values() if tally.first is not None]
            lasts = [tally.last for tally in state.parts.values() if tally.last is not None]
            if plan is None or not ids or not firsts:
                continue
            found[key] = Witness(
                ids=ids,
                shift_us=self._given_shift(key, plan),
                is_zone_written=plan.layout.zone_written,
                is_anchored=plan.zone is not None or self._arrived_zone(key, plan) is not None,
                is_whole_second=all(not (first % US or last % US) for first, last in ids.values()),
                first=min(firsts),
                last=max(lasts),
                records=sum(tally.records for tally in state.parts.values()),
            )
        return found

    def _zone(self, key: str, plan: SourcePlan) -> Zone:
        if plan.layout.zone_written:
            return Zone(plan.layout.zone_name or "UTC", ZoneOrigin.WRITTEN)
        given, clock = self._given_zone(plan), self._clocks.get(key, Clock())
        if given is not None and not clock.zone_us:
            return Zone(given[1], ZoneOrigin.GIVEN)
        name = name_zone(-self._given_shift(key, plan) - clock.zone_us)
        is_proved = clock.is_proved or self._arrived_zone(key, plan) is not None
        return Zone(name, ZoneOrigin.PROVED if is_proved else ZoneOrigin.ASSUMED)

    def _given_zone(self, plan: SourcePlan) -> tuple[tzinfo, str] | None:
        if plan.zone is not None or self._tz is None:
            return plan.zone
        return self._tz, self._tz_name or str(self._tz)

    def _given_shift(self, key: str, plan: SourcePlan) -> int:
        """What is added to the stamps of a log without a zone because the user said where it was written."""
        arrived = self._arrived_zone(key, plan)
        if arrived is not None:
            return arrived
        zone, first = self._zone_to_follow(key, plan), self._first_stamp(key, _NO_STAMPS)
        return 0 if zone is None or first is None else -LocalClock(zone).find_offsets(first)[0]

    def _is_whole_second(self, key: str) -> bool:
        groups = [group for group_key, group in self.index.groups.items() if group_key.source == key]
        tables = [group.occurrences.table() for group in groups[:20]]
        stamps = [table[:50, 2] for table in tables if len(table)]
        return bool(stamps) and all(not (piece % US).any() for piece in stamps)
