"""How the clocks of a session's logs are read: from zones that are written, given, proved by ids or told by arrival."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

import numpy as np

from logscope.analysis.clocks.arrivals import Arrivals
from logscope.analysis.clocks.clocks import Clock, Extent, align_lone, find_clocks, name_zone
from logscope.analysis.clocks.offsets import SharedIds, Witness, share_ids
from logscope.index.ids import merge_spans
from logscope.index.index import Index
from logscope.ingest.batch import Batch, Int64
from logscope.ingest.timestamps.local import LocalClock
from logscope.model.files import Zone, ZoneOrigin
from logscope.model.times import NO_TIME, US
from logscope.session.memory import SourcePlan

_NO_STAMPS: Final = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Compared:
    """What the logs that show ids say of each other's clocks."""

    witnesses: Mapping[str, Witness]
    shared: SharedIds
    clocks: Mapping[str, Clock]


class Clocks:
    """The clocks of all logs of a session."""

    def __init__(
        self, plans: Mapping[str, SourcePlan], index: Index, window: Index, tz: tzinfo | None, tz_name: str | None
    ) -> None:
        """Start with what the plans say.

        Args:
            plans: The session's, which go on changing.
            index: What was read of each log.
            window: What was read of it a second time.
            tz: Zone of logs that carry none; None reads them as UTC, and says that it is assumed.
            tz_name: Its name, for the reader.
        """
        self.tz, self.tz_name = tz, tz_name
        self.arrivals = Arrivals()
        self.known: Mapping[str, Clock] = {}
        """What an earlier reading showed."""
        self._plans = plans
        self._index = index
        self._window = window
        self._clocks: Mapping[str, Clock] = {}
        self._local: dict[tuple[str, str], LocalClock] = {}
        """Of logs in a given zone, one for each reading of them."""

    def read_again(self, window: Index) -> None:
        """Look for ids in another window."""
        self._window = window

    def set_zone(self, tz: tzinfo, name: str) -> None:
        """From now on logs that carry no zone are read in this one."""
        self.tz, self.tz_name = tz, name
        self._local.clear()

    def know(self, clocks: Mapping[str, Clock]) -> None:
        """Take over what an earlier reading of the same files showed, for where this one shows less of them.

        Args:
            clocks: Zones counted from UTC.
        """
        self.known = {key: clock for key, clock in clocks.items() if clock.is_proved}
        self._clocks = dict(self.known)

    def forget(self, key: str) -> None:
        """Know nothing of a log's clock any more, nor of one that was corrected by it."""
        self.arrivals.forget(key)
        self.known = {one: clock for one, clock in self.known.items() if one != key}
        self._clocks = dict(self.known)
        self._local = {pair: clock for pair, clock in self._local.items() if pair[0] != key}

    def compare(self) -> Compared:
        """Compare the clocks of all logs that share ids, without taking over what is found."""
        witnesses = self._witnesses()
        shared = share_ids(witnesses)
        found = find_clocks(witnesses, self._extents({}), shared)
        found |= {k: c for k, c in self.known.items() if not found.get(k, Clock()).is_proved}
        clocks = {**align_lone(self._extents(found)), **found}
        arrived = {key: self._arrived_zone(key, plan) for key, plan in self._plans.items()}
        clocks |= {
            key: replace(clocks.get(key, Clock()), is_by_arrival=True)
            for key, zone in arrived.items()
            if zone is not None
        }
        return Compared(witnesses, shared, clocks)

    def update(self) -> Compared:
        """Compare, and read all stamps by what is found from now on."""
        compared = self.compare()
        self._clocks = compared.clocks
        return compared

    def clock_of(self, key: str) -> Clock:
        """What is known of a log's clock."""
        return self._clocks.get(key, Clock())

    def shift_of(self, key: str) -> int:
        """What is added to a stamp of a log as written, microseconds."""
        return self._given_shift(key, self._plans[key]) + self.clock_of(key).shift_us

    def steady_shift_of(self, key: str) -> int | None:
        """What is added to each stamp of a log as written; None where that changes with the clocks of its zone."""
        return None if self._zone_to_follow(key, self._plans[key]) is not None else self.shift_of(key)

    def zone_of(self, key: str) -> Zone:
        """The zone that a log's stamps are read in, and where it comes from."""
        plan = self._plans[key]
        if plan.layout.zone_written:
            return Zone(plan.layout.zone_name or "UTC", ZoneOrigin.WRITTEN)
        given, clock = self._given_zone(plan), self.clock_of(key)
        if given is not None and not clock.zone_us:
            return Zone(given[1], ZoneOrigin.GIVEN)
        name = name_zone(-self._given_shift(key, plan) - clock.zone_us)
        is_proved = clock.is_proved or self._arrived_zone(key, plan) is not None
        return Zone(name, ZoneOrigin.PROVED if is_proved else ZoneOrigin.ASSUMED)

    def utc_of(self, key: str, stamps: Int64) -> Int64:
        """Microseconds UTC of stamps as written, in the order of the stream and before they are fed."""
        zone, first = self._zone_to_follow(key, self._plans[key]), self._first_stamp(key, stamps)
        if zone is None or first is None:
            return np.where(stamps == NO_TIME, NO_TIME, stamps + self.shift_of(key))
        return self._local_clock(key, "cut", zone).to_utc_all(stamps)

    def straighten(self, key: str, batch: Batch, reading: str) -> Batch:
        """A batch as if its clock had never been moved: one shift turns all its stamps into UTC.

        Args:
            key: The log.
            batch: Records in the order of its stream.
            reading: Which of the readings of the log they come from: each follows the clock on its own.
        """
        plan = self._plans.get(key)
        zone = self._zone_to_follow(key, plan) if plan is not None else None
        first = self._first_stamp(key, batch.time)
        if zone is None or first is None:
            return batch
        clock = self._local_clock(key, reading, zone)
        time = clock.to_utc_all(batch.time)
        time = np.where(time == NO_TIME, NO_TIME, time + clock.find_offsets(first)[0])
        return batch if np.array_equal(time, batch.time) else replace(batch, time=time)

    def _local_clock(self, key: str, reading: str, zone: tzinfo) -> LocalClock:
        return self._local.setdefault((key, reading), LocalClock(zone))

    def _first_stamp(self, key: str, stamps: Int64) -> int | None:
        """The earliest stamp of a log, whose offset all its stamps are brought to; None without any."""
        state = self._index.sources.get(key)
        firsts = [tally.first for tally in state.parts.values() if tally.first is not None] if state else []
        timed = stamps[stamps != NO_TIME]
        return min(firsts) if firsts else int(timed[0]) if len(timed) else None

    def _zone_to_follow(self, key: str, plan: SourcePlan) -> tzinfo | None:
        """The zone that the user gave to a log whose stamps carry none and whose clock nothing else tells."""
        given = self._given_zone(plan)
        return None if given is None or plan.layout.zone_written or key in self.known else given[0]

    def _given_zone(self, plan: SourcePlan) -> tuple[tzinfo, str] | None:
        if plan.zone is not None or self.tz is None:
            return plan.zone
        return self.tz, self.tz_name or str(self.tz)

    def _given_shift(self, key: str, plan: SourcePlan) -> int:
        """What is added to the stamps of a log without a zone because the user said where it was written."""
        arrived = self._arrived_zone(key, plan)
        if arrived is not None:
            return arrived
        zone, first = self._zone_to_follow(key, plan), self._first_stamp(key, _NO_STAMPS)
        return 0 if zone is None or first is None else -LocalClock(zone).find_offsets(first)[0]

    def _arrived_zone(self, key: str, plan: SourcePlan) -> int | None:
        """The zone by arrival of a log of which no other one is known."""
        is_known = plan.layout.zone_written or key in self.known or self._given_zone(plan) is not None
        return None if is_known else self.arrivals.zone_of(key)

    def _extents(self, clocks: Mapping[str, Clock]) -> Mapping[str, Extent]:
        """From when to when each log reaches by the zones that are known."""
        extents = {}
        for key, plan in sorted(self._plans.items()):
            tallies = self._index.sources[key].parts.values() if key in self._index.sources else ()
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

    def _witnesses(self) -> Mapping[str, Witness]:
        """What each log that shows ids says about its clock."""
        found = {}
        for key, state in self._index.sources.items():
            plan = self._plans.get(key)
            window = self._window.sources.get(key)
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
