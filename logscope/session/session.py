"""The only object that remembers the whole incident: batches and marks go in, a Snapshot comes out of each tick.

Pure: it reads no file and asks no clock. What it needs from the disk (exact records, a second look at the window around
the onset at every level) is lent to it (`texts.read`) or asked for (`wanted_window`); the runner answers.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import tzinfo
from itertools import islice
from typing import Final

from logscope.analysis.analyse import Judged, analyse, find_window
from logscope.analysis.causes.calls import find_calls
from logscope.analysis.inputs import Inputs
from logscope.analysis.kinds.addresses import Addresses, AddressReader
from logscope.analysis.kinds.builder import KindBuilder
from logscope.analysis.kinds.components import component_of
from logscope.analysis.kinds.entities import Names
from logscope.analysis.kinds.kinds import SourceView
from logscope.analysis.kinds.meaning import Classifier
from logscope.analysis.kinds.naming import build_names
from logscope.analysis.kinds.normal import Normal
from logscope.analysis.kinds.texts import TextShelf
from logscope.analysis.onset.gate import Gate
from logscope.analysis.story.alerts import Alerts
from logscope.analysis.story.sentences import write_sentences
from logscope.index.index import Index
from logscope.index.room import Room
from logscope.ingest.batch import Batch, Signature
from logscope.ingest.telling import holds_measurements, is_without_levels, tells_by_words, writes_levels
from logscope.knowledge.lexicon import load_lexicon
from logscope.knowledge.loader import load_package_rules
from logscope.knowledge.matcher import Matcher
from logscope.knowledge.rule import RuleSet
from logscope.model.files import LineRef, Progress
from logscope.model.incident import Incident
from logscope.model.recovery import VerdictChange
from logscope.model.snapshot import Note, Snapshot
from logscope.model.times import MINUTE_US, US, Dial
from logscope.session.clocks import Clocks
from logscope.session.failures import Failures
from logscope.session.memory import Memory, SourcePlan
from logscope.session.retention import coarsen_past

_MOST_SERVICES: Final = 1000
"""Whose names are known of those that only records tell."""


class Session:
    """Everything known about one incident."""

    def __init__(
        self,
        *,
        tz: tzinfo | None = None,
        tz_name: str | None = None,
        rules: RuleSet | None = None,
        room: Room | None = None,
    ) -> None:
        """Start with nothing.

        Args:
            tz: Zone of logs that carry none; None reads them as UTC, and says that it is assumed.
            tz_name: Its name, for the reader.
            rules: What is known of lines; None takes the rules that ship with logscope.
            room: The most that each index holds; None for that of a process of usual size.
        """
        self.index = Index(room=room)
        self.window = Index(is_window=True, room=room)
        """Records of every level from the span that was read a second time."""
        self.estimated = Index()
        """Of what was not read yet the records of each second, estimated from samples (runner/preview.py)."""
        self.texts = TextShelf()
        self._plans: dict[str, SourcePlan] = {}
        self.clocks = Clocks(self._plans, self.index, self.window, tz, tz_name)
        self._notes: list[Note] = []
        self._bindings: dict[str, str] = {}
        self._history: list[VerdictChange] = []
        self._focus: tuple[int, int] | None = None
        self._asked: tuple[int | None, int | None] = (None, None)
        self._classifier = Classifier(Matcher(rules or load_package_rules()), load_lexicon())
        self._failures = Failures(self._classifier)
        self._normal = Index()
        self._forget_judgements()

    def _forget_judgements(self) -> None:
        """Judge without what earlier judgements left: it is known by group, and holds while a group only grows."""
        self._judged: Judged | None = None
        self._builder: KindBuilder | None = None
        self._address_reader = AddressReader()
        self._addresses = Addresses((), ())
        self._told_services: tuple[str, ...] = ()
        self._gates = Gate(), Gate()
        self._alerts = Alerts()
        self._learn_telling()

    def _learn_telling(self) -> None:
        def tells(signature: Signature) -> bool:
            return self._classifier.classify(signature.template, None, signature.service)[1] is not None

        for index in (self.index, self.window):
            index.learn_telling(tells)

    def stop_examining(self) -> None:
        """Forget the window: more is read than can be looked at at every level."""
        self.window = Index(is_window=True, room=self.index.room)
        self.clocks.read_again(self.window)
        self._learn_telling()

    def recall(self) -> Memory:
        """All that is known. The indexes are the session's own: they are not to be changed."""
        return Memory(
            index=self.index,
            window=self.window,
            normal=self._normal,
            plans=tuple(plan for _, plan in sorted(self._plans.items())),
            tz=self.clocks.tz,
            tz_name=self.clocks.tz_name,
            notes=tuple(self._notes),
            bindings=tuple(sorted(self._bindings.items())),
            history=tuple(self._history),
            clocks=tuple(sorted(self.clocks.known.items())),
            arrivals=self.clocks.arrivals.all(),
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
        session._learn_telling()
        session.clocks = Clocks(session._plans, memory.index, memory.window, memory.tz, memory.tz_name)
        for plan in memory.plans:
            session.add_source(plan)
        session._notes = list(memory.notes)
        session._bindings = dict(memory.bindings)
        session._history = list(memory.history)
        session.clocks.know(dict(memory.clocks))
        for source, seen in memory.arrivals:
            for arrived, lag in seen:
                session.clocks.arrivals.note(source, arrived, arrived - lag)
        session.texts.keep(memory.texts)
        return session

    def add_source(self, plan: SourcePlan) -> None:
        """Add a log, or replace its plan (a part was added)."""
        if plan.key not in self._plans or self._plans[plan.key].service != plan.service:
            self._builder = None
        self._plans[plan.key] = plan

    def replace_source(self, plan: SourcePlan) -> None:
        """Forget all that was read of a log: it comes anew, by another plan. The verdict until then is no history."""
        self.add_source(plan)
        self.index.forget(plan.key)
        self.window.forget(plan.key)
        self.clocks.forget(plan.key)
        self.texts.forget(plan.key)
        self._forget_judgements()

    def take_over(self, other: "Session", sources: Collection[str]) -> None:
        """Know of some logs what another session knows of them, their normal time included, and nothing else.

        Args:
            other: It must not be used afterwards.
            sources: Keys of the logs.
        """
        for key in sources:
            self.replace_source(other._plans[key])
        for key in other.index.sources.keys() - set(sources):
            other.index.forget(key)
        self.index.merge(other.index)
        if not self._normal.sources:
            services = {other._plans[key].service for key in sources}
            for service in other._normal.sources.keys() - services:
                other._normal.forget(service)
            self._normal = other._normal

    def feed(self, source: str, batch: Batch, signatures: list[Signature]) -> None:
        """Add records of a source, in the order of its stream; of notable ones failures count."""
        plan = self._plans[source]
        batch = self._failures.keep(batch, signatures, plan.service, by_words=tells_by_words(plan.layout))
        self.index.fold(source, self.clocks.straighten(source, batch, "feed"), signatures)

    def examine(self, source: str, batch: Batch, signatures: list[Signature]) -> None:
        """Add records of every level from the window that `wanted_window` asked for."""
        self.window.fold(source, self.clocks.straighten(source, batch, "examine"), signatures)

    def learn_normal(self, service: str, batch: Batch, signatures: list[Signature]) -> None:
        """Add records of a normal time, from another log of a service: they are compared with, never told."""
        self._normal.fold(service, batch, signatures)
        self._builder = None

    def forget_normal(self) -> None:
        """Compare with no other logs any more."""
        self._normal = Index()
        self._builder = None

    def bind(self, name: str, service: str) -> None:
        """Remember that a host, an address or a name in the lines means a service."""
        self._bindings[name] = service
        self._builder = None

    def unbind(self, name: str) -> None:
        """Forget what a name in the lines was said to mean."""
        if self._bindings.pop(name, None) is not None:
            self._builder = None

    def add_note(self, note: Note) -> None:
        """Remember what a person said; once, however often it is told."""
        if note not in self._notes:
            self._notes.append(note)

    def remove_note(self, note: Note) -> None:
        """Forget what a person said."""
        if note in self._notes:
            self._notes.remove(note)

    def look_at(self, span: tuple[int, int] | None) -> None:
        """From now on a span is given in finer lanes; None for the incident's."""
        self._focus = span

    def narrow(self, since: int | None, until: int | None) -> None:
        """Remember that only records of this span are fed: each Snapshot says so."""
        self._asked = since, until

    @property
    def wanted_window(self) -> tuple[int, int] | None:
        """Span (microseconds UTC) that should be read at every level; None without an incident."""
        return self._judged.window if self._judged else None

    def bytes_of(self, key: str) -> int:
        """Bytes that were read of a log."""
        state = self.index.sources.get(key)
        return sum(tally.bytes for tally in state.parts.values()) if state is not None else 0

    def newest_time(self) -> int | None:
        """The latest stamp of all files, zones applied; None without any."""
        lasts = [
            tally.last + self.clocks.shift_of(key)
            for key, state in self.index.sources.items()
            if key in self._plans
            for tally in state.parts.values()
            if tally.last is not None
        ]
        return max(lasts, default=None)

    def seek(self, source: str, time: int) -> LineRef | None:
        """The first record of the minute of a time, or of the last minute before it; None without times."""
        state = self.index.sources.get(source)
        # Asked by another thread than the one that reads: what it holds now.
        seek = dict(state.seek) if state is not None else {}
        if not seek:
            return None
        minute = (time - self.clocks.shift_of(source)) // MINUTE_US
        part, offset, line = seek[max((known for known in seek if known <= minute), default=min(seek))]
        return LineRef(self._plans[source].parts[part], line, offset)

    def coarsen_past(self) -> None:
        """Keep less of what is long past, where much is kept."""
        newest = self.newest_time()
        if newest is not None:
            told = self._judged.snapshot if self._judged else None
            shifts = {key: self.clocks.shift_of(key) for key in self._plans}
            coarsen_past(self.index, self.window, told, newest, shifts)

    def tick(self, now: int | None, progress: Progress) -> Snapshot:
        """Judge everything anew.

        Args:
            now: The clock, microseconds UTC; None in batch, where the newest record is now.
            progress: How much has been read.
        """
        judged = analyse(self._gather(now, progress))
        self._remember_verdict(judged)
        self._judged = judged
        snapshot = replace(judged.snapshot, history=tuple(self._history), asked=self._asked)
        if snapshot.incident is None and self._asked != (None, None):
            # Where nothing is left to judge the sentences say what was asked for.
            return replace(snapshot, sentences=write_sentences(snapshot, Dial.around(snapshot.as_of)))
        return snapshot

    def find_window(self) -> tuple[int, int] | None:
        """What `wanted_window` will be, of a batch that has been read: nothing is told yet, and nothing remembered."""
        return find_window(self._gather(None, Progress(0, 0, done=True)))

    def _find_told_services(self) -> tuple[str, ...]:
        """What records call their services: several write to one stream, and others name them."""
        told = {group.signature.service for one in (self.index, self.window) for group in one.groups.values()}
        return tuple(sorted(told - {""})[:_MOST_SERVICES])

    def _take_builder(self) -> KindBuilder:
        """What makes kinds of groups; a new one where names have been learned since the last time."""
        addresses = self._address_reader.read(self.index, {key: plan.service for key, plan in self._plans.items()})
        told = self._find_told_services()
        if (addresses, told) != (self._addresses, self._told_services):
            self._addresses, self._told_services, self._builder = addresses, told, None
        if self._builder is None:
            normal = Normal(self._normal) if self._normal.sources else None
            self._builder = KindBuilder(self._learn_names(), self._classifier, normal)
        return self._builder

    def _learn_names(self) -> Names:
        """By which names the services go: of their logs, of what records say, and as people said."""
        logs = {plan.service: component_of(plan.layout.name) for plan in self._plans.values()}
        names = build_names({**dict.fromkeys(self._told_services), **logs})
        for port, service in self._addresses.ports:
            names.learn_port(port, service)
        for host, services in self._addresses.hosts:
            names.learn_host(host, services)
        for address, name in self._addresses.called:
            names.learn_address(address, name)
        for name, service in sorted(self._bindings.items()):
            names.bind(name, service)
        return names

    def _gather(self, now: int | None, progress: Progress) -> Inputs:
        builder, compared = self._take_builder(), self.clocks.update()
        return Inputs(
            index=self.index,
            window=self.window,
            views=self._views(),
            builder=builder,
            gate=self._gates[0],
            low_gate=self._gates[1],
            alerts=self._alerts,
            notes=tuple(sorted(self._notes, key=lambda n: (n.time, n.text))),
            now=now,
            progress=progress,
            texts=self.texts,
            zones={key: self.clocks.zone_of(key) for key in self._plans},
            date_origins={key: plan.layout.date_origin for key, plan in self._plans.items()},
            plan_problems={key: plan.problems for key, plan in self._plans.items()},
            history=tuple(self._history),
            clocks=compared.clocks,
            calls=find_calls(compared.witnesses, compared.clocks, compared.shared),
            estimated=self.estimated,
            focus=self._focus,
        )

    def _remember_verdict(self, judged: Judged) -> None:
        if self._judged is None or self._judged.snapshot.provisional:
            return
        before, after = self._judged.snapshot, judged.snapshot
        if before.recovery.verdict is after.recovery.verdict or after.as_of is None:
            return
        reason = after.recovery.explanation
        if _is_another(before.incident, after.incident):
            # The verdict of the one before did not change.
            reason = f"another incident was on top: {reason}"
        self._history.insert(0, VerdictChange(before.recovery.verdict, after.as_of, reason))

    def _views(self) -> Mapping[str, SourceView]:
        views = {}
        for key, plan in sorted(self._plans.items()):
            clock = self.clocks.clock_of(key)
            views[key] = SourceView(
                key=key,
                service=plan.service,
                parts=plan.parts,
                layout=plan.layout,
                shift_us=self.clocks.shift_of(key),
                offset_us=clock.offset_us,
                clock_sigma_us=clock.sigma_us,
                is_whole_second=self._is_whole_second(key),
                has_levels=self._has_levels(key),
            )
        return views

    def _has_levels(self, key: str) -> bool:
        """Whether a log's records say how bad they are.

        A log that shows only as a whole that it writes no levels, and was not examined as a whole, is taken for one
        with: nothing is known of what its words said before.
        """
        state, window = self.index.sources.get(key), self.window.sources.get(key)
        if state is None or holds_measurements(self._plans[key].layout):
            return True
        records = sum(tally.records for tally in state.parts.values())
        examined = sum(tally.records for tally in window.parts.values()) if window is not None else 0
        if examined < records and writes_levels(self._plans[key].layout):
            return True
        return not is_without_levels(sum(tally.levelled for tally in state.parts.values()), records)

    def _is_whole_second(self, key: str) -> bool:
        groups = islice((group for group_key, group in self.index.groups.items() if group_key.source == key), 20)
        stamps = [firsts[:50] for group in groups if len(firsts := group.occurrences.columns().first_us)]
        return bool(stamps) and all(not (piece % US).any() for piece in stamps)


def _is_another(before: Incident | None, after: Incident | None) -> bool:
    """A begin that moves by less was merely told more exactly."""
    return before is not None and after is not None and abs(before.start - after.start) >= MINUTE_US
