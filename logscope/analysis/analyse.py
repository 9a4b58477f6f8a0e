"""From the index to the Snapshot: every view in its order. Pure; the composition of this room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from logscope.analysis.alerts import Alerts
from logscope.analysis.anomalies import Anomaly, Outbreak, find_outbreaks, weigh
from logscope.analysis.base import Base, Found
from logscope.analysis.calls import Call
from logscope.analysis.clocks import Clock, describe_clock
from logscope.analysis.cut_start import find_cut_start
from logscope.analysis.dead_routes import find_dead_routes
from logscope.analysis.drops import Drop, find_drop
from logscope.analysis.everyday import find_incidents, says_broken
from logscope.analysis.gate import Coverage, Gate, find_without_baseline
from logscope.analysis.guards import guard_recovery, withhold_unread
from logscope.analysis.harmless import describe_rise, is_harmless
from logscope.analysis.incident import calls_of_nodes, judge_outbreak, judge_quiet, tell_numbers
from logscope.analysis.kinds import Kind, KindBuilder, SourceView
from logscope.analysis.lost import judge_lost
from logscope.analysis.refused import count_refused
from logscope.analysis.sentences import Facts, write_sentences
from logscope.analysis.series import describe_trend, find_spreading, find_states, read_series
from logscope.analysis.series import find_changes as find_number_changes
from logscope.analysis.several import (
    goes_on_beside,
    hurts_users,
    is_beside,
    is_incident,
    is_lesser,
    last_of,
    nodes_of,
    part_outbreaks,
    without_failures,
)
from logscope.analysis.slowness import Slowdown, find_slowdown
from logscope.analysis.tables import (
    LANE_WIDTHS_S,
    MOST_LANE_BUCKETS,
    Buckets,
    build_lanes,
    build_trend,
    build_users_lane,
    choose_window,
    summarise_part,
)
from logscope.analysis.texts import TextShelf
from logscope.analysis.triggers import find_changes
from logscope.analysis.trips import read_trips
from logscope.analysis.unfinished import find_unfinished
from logscope.analysis.users import Users, find_users
from logscope.index.index import Index, PartTally
from logscope.ingest.ids import find_ids
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.advice import Actions
from logscope.model.files import DateOrigin, FileSummary, Problem, Progress, Zone, ZoneOrigin
from logscope.model.incident import NumberChange, Unfinished
from logscope.model.lanes import LaneSet
from logscope.model.recovery import Verdict, VerdictChange
from logscope.model.snapshot import FurtherIncident, Note, Snapshot
from logscope.model.times import MINUTE_US, US

_SHORT_US = 5 * MINUTE_US
"""Logs shorter than this may hold nothing but the incident."""

_FEW_REQUESTS = 100
_SERVED_SHARE = 0.01
"""With at least so many requests and at most this share failed, users are served."""


_FAILING_SHARE = 0.3
"""Of all records: where so many are errors from the first line on, the logs begin inside the incident."""
_FAILING_SHARE_SHORT = 0.1
"""The same for logs of a few minutes, which somebody cut for the sake of what they hold."""
_NORMAL_PER_MIN = 2.0
_LEAD_US = 5 * US
"""Work that began so long before the incident, or is done so long behind it, may have suffered from it."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a judgement rests on."""

    index: Index
    window: Index
    """Records of every level from the span that was read again."""
    views: Mapping[str, SourceView]
    builder: KindBuilder
    gate: Gate
    """Of failing kinds."""
    low_gate: Gate
    """Of kinds below warning."""
    alerts: Alerts
    notes: Sequence[Note]
    now: int | None
    """The clock; None in batch."""
    progress: Progress
    texts: TextShelf
    zones: Mapping[str, Zone]
    date_origins: Mapping[str, DateOrigin]
    plan_problems: Mapping[str, Sequence[Problem]]
    history: Sequence[VerdictChange]
    clocks: Mapping[str, Clock]
    """For each source whose clock could be compared how it differs."""
    calls: Sequence[Call]
    """Which sources' requests go through which others."""
    focus: tuple[int, int] | None = None
    """Span that somebody looks at closely; None for the incident."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A snapshot, and the window that should be read at every level."""

    snapshot: Snapshot
    window: tuple[int, int] | None


def analyse(inputs: Inputs) -> Judged:
    """Judge everything that is in the index."""
    base, found, further = _judge(inputs)
    return Judged(_make_snapshot(inputs, base, found, further), found.window)


def find_window(inputs: Inputs) -> tuple[int, int] | None:
    """The window that should be read at every level, before anything is told; None without an incident."""
    return _judge(inputs)[1].window


def _judge(inputs: Inputs) -> tuple[Base, Found, tuple[FurtherIncident, ...]]:
    """What everything rests on, the incident that is told, and further ones."""
    span = choose_window(inputs.index, inputs.views)
    files = _summarise_files(inputs)
    as_of = _find_now(inputs, files, span)
    kinds = inputs.builder.build(inputs.index, inputs.views)
    examined = _examined_kinds(inputs, kinds)
    low_kinds = [kind for kind in examined if _says_something(kind)]
    coverage = Coverage.of(files, as_of)
    users = find_users(inputs.index, inputs.views, inputs.builder.normal)
    first, last = span or (0, 0)
    base = Base(
        index=inputs.index,
        views=inputs.views,
        files=files,
        as_of=as_of,
        kinds=[*kinds, *low_kinds],
        ordinary=[kind for kind in examined if not _says_something(kind)],
        buckets=Buckets(first, last),
        lane_buckets=Buckets(first, last, most=MOST_LANE_BUCKETS, widths_s=LANE_WIDTHS_S),
        users=users,
        read_trips=cache(lambda: read_trips(inputs.window, inputs.views)),
        alerts=inputs.alerts.find([*examined, *kinds]),
        changes=find_changes([*examined, *kinds], coverage.starts),
        coverage=coverage,
        notes=tuple(inputs.notes),
        texts=inputs.texts,
        names=inputs.builder.names,
        calls=inputs.calls,
        knows=inputs.builder.knows,
        find_silent=inputs.builder.find_silent,
    )
    failing = [kind for kind in kinds if kind.is_failure]
    anomalies = inputs.gate.find_anomalies(failing, coverage)
    dead = find_dead_routes(anomalies, [*base.kinds, *base.ordinary], users, as_of or 0)
    outbreaks = find_incidents(anomalies, coverage, len(failing), dead)
    harmless = [one for one in outbreaks if is_harmless(one, _count_users(base, one), as_of or 0)]
    outbreaks = [one for one in outbreaks if one not in harmless]
    is_short = coverage.end - coverage.first < _SHORT_US and not _is_served(users, coverage)
    is_alone = inputs.builder.normal is None
    share = _FAILING_SHARE_SHORT if is_short else _FAILING_SHARE
    unsettled = find_without_baseline(failing)
    is_broken = is_short and any(says_broken(one) for one in unsettled)
    if not outbreaks and is_alone and (is_broken or _is_mostly_failing(files, coverage, share)):
        outbreaks = find_outbreaks(unsettled)
    further: tuple[FurtherIncident, ...] = ()
    if outbreaks:
        part = {one.kind.id for outbreak in outbreaks for one in outbreak.anomalies}
        # Noise sets nothing off, but what is new is shown beside the incident, with when it was seen.
        noise = find_outbreaks([one for one in anomalies if one.kind.id not in part])
        found, further = _judge_several(base, outbreaks, noise, inputs.low_gate.find_anomalies(low_kinds, coverage))
    else:
        harm = _find_harm(users, as_of, is_live=inputs.now is not None)
        if users is not None and harm is not None:
            found = judge_lost(base, users, harm, inputs.low_gate.find_anomalies(low_kinds, coverage))
        else:
            found = judge_quiet(base)
            if harmless:
                told = replace(found.recovery, explanation="warnings rose, and users are served as before")
                found = replace(found, recovery=told, rise=describe_rise(harmless[0]))
    return base, found, further


def _judge_several(
    base: Base, outbreaks: Sequence[Outbreak], noise: Sequence[Outbreak], low: Sequence[Anomaly]
) -> tuple[Found, tuple[FurtherIncident, ...]]:
    """Each incident by itself; first the weightiest, unless it is over and another one is not.

    What went on beside it all along and costs no user anything, or one service alone tells of where others fell, does
    not take its place: it is told with it.
    """
    parted = part_outbreaks(outbreaks, base.as_of or 0, calls_of_nodes(base).keys())
    main = max(parted, key=weigh)
    as_of = base.as_of or 0
    incidents = [o for o in parted if o is main or is_incident(o) or goes_on_beside(o, main, as_of)]
    judged: list[tuple[Outbreak, Found]] = []
    lasting: list[tuple[Outbreak, Found]] = []
    for one in incidents:
        apart = replace(base, users=_users_of(base.users, incidents, one))
        later = [other.start for other in incidents if other.start > last_of(one)]
        if later and base.as_of is not None:
            # What comes after it is another story: it is judged by what was known then.
            apart = replace(apart, as_of=min(base.as_of, min(later) - US))
        found = judge_outbreak(apart, one, [*(o for o in parted if o is not one), *noise], _low_of(one, incidents, low))
        judged.append((one, found))
        # One that stopped before the next began was merely not yet known to be over.
        if not later and found.recovery.over is False:
            lasting.append((one, found))
    chosen = next(pair for pair in judged if pair[0] is main)
    if chosen[1].recovery.over:
        lasting = [
            (one, found)
            for one, found in lasting
            if hurts_users(one) or not is_beside(one, main) or not (hurts_users(main) or is_lesser(one, main))
        ]
        chosen = max(lasting, key=lambda pair: weigh(pair[0]), default=chosen)
    others = [found for one, found in judged if one is not chosen[0]]
    further = [
        FurtherIncident(found.incident, found.candidates[:3], found.recovery)
        for found in others
        if found.incident is not None
    ]
    # Who has an incident of his own is told of there, not as somebody who need not be woken.
    services = {name for one in further for name in one.incident.services}
    quiet = tuple(one for one in chosen[1].ruled_out if one.service not in services)
    return replace(chosen[1], ruled_out=quiet), tuple(sorted(further, key=lambda one: one.incident.start))


def _low_of(one: Outbreak, incidents: Sequence[Outbreak], low: Sequence[Anomaly]) -> list[Anomaly]:
    """What was told below warning, without what others tell in whose incident these have no part."""
    mine = nodes_of(one)
    others = {node for other in incidents if other is not one for node in nodes_of(other)} - mine
    return [told for told in low if told.node not in others]


def _count_users(base: Base, outbreak: Outbreak) -> Users | None:
    if base.users is None:
        return None
    return count_refused(base.users, outbreak.anomalies, [*base.kinds, *base.ordinary])


def _find_harm(users: Users | None, as_of: int | None, *, is_live: bool) -> Drop | Slowdown | None:
    """What users suffer though nothing fails: requests that are lost, or take long."""
    if users is None or as_of is None:
        return None
    return find_drop(users, as_of, is_live=is_live) or find_slowdown(users, as_of)


def _users_of(users: Users | None, incidents: Sequence[Outbreak], one: Outbreak) -> Users | None:
    """The edge's requests without the failures of incidents before, behind, or beside it if these alone cost some."""
    if users is None:
        return None
    others = [
        o
        for o in incidents
        if o is not one
        and (last_of(o) < one.start or o.start > last_of(one) or (hurts_users(o) and not hurts_users(one)))
    ]
    return without_failures(users, [(o.start, last_of(o)) for o in others])


def _is_mostly_failing(files: Sequence[FileSummary], coverage: Coverage, share: float) -> bool:
    """Whether errors are so many that what these logs hold can be nobody's normal: they begin inside it."""
    errors = sum(one.errors for one in files)
    minutes = max(1.0, (coverage.end - coverage.first) / MINUTE_US)
    return errors >= minutes * _NORMAL_PER_MIN and errors >= share * sum(one.records for one in files)


def _build_near(inputs: Inputs, base: Base, found: Found) -> LaneSet | None:
    """Finer lanes of the span that is looked at: with a day of logs in view a minute of it would be half a bucket."""
    focus = inputs.focus
    if focus is None and found.incident is not None:
        start = found.incident.start
        end = max(start, found.incident.end or base.as_of or start)
        margin = max((end - start) // 4, 60 * US)
        focus = (start - margin, end + margin)
    if focus is None:
        return None
    whole = base.lane_buckets
    low = max(focus[0], whole.start_s * US)
    high = min(focus[1], (whole.start_s + whole.count * whole.width_s) * US)
    if high <= low:
        return None
    near = Buckets(low, high, most=MOST_LANE_BUCKETS, widths_s=LANE_WIDTHS_S)
    if near.width_s >= whole.width_s:
        return None
    lanes = build_lanes(inputs.index, inputs.views, near)
    return LaneSet(near.start_s * US, near.width_s * US, lanes, build_users_lane(base.users, near))


def _is_served(users: Users | None, coverage: Coverage) -> bool:
    """The edge shows that users lose next to nothing: what else is logged needs a normal period to be news."""
    if users is None or users.count(coverage.first, coverage.end + US)[0] < _FEW_REQUESTS:
        return False
    return users.failed_share(coverage.first, coverage.end + US) < _SERVED_SHARE


def _make_snapshot(inputs: Inputs, base: Base, found: Found, further: tuple[FurtherIncident, ...]) -> Snapshot:
    numbers, spreading = _find_numbers(inputs, base, found)
    found = tell_numbers(found, numbers)
    if found.users is not None:
        base = replace(base, users=found.users)
    if found.candidates and found.incident is not None:
        involved = {found.candidates[0].service, *found.incident.services}
        recovery = guard_recovery(found.recovery, numbers, involved, inputs.builder.names.node_of_service)
        found = replace(found, recovery=replace(recovery, next_to_fail=spreading))
    if not inputs.progress.done:
        found = replace(found, recovery=withhold_unread(found.recovery))
    trend = build_trend(inputs.index, inputs.views, base.buckets)
    fine = base.lane_buckets
    lanes = build_lanes(inputs.index, inputs.views, fine)
    return Snapshot(
        as_of=base.as_of,
        provisional=not inputs.progress.done,
        progress=inputs.progress,
        files=base.files,
        groups=found.groups,
        incident=found.incident,
        candidates=found.candidates,
        ruled_out=found.ruled_out,
        unfinished=_find_left_behind(inputs, base, found),
        cascade=found.cascade,
        timeline=found.timeline,
        trend=replace(trend, estimate=not inputs.progress.done),
        lanes=lanes,
        users=build_users_lane(base.users, fine),
        lane_start=fine.start_s * US,
        lane_bucket_us=fine.width_s * US,
        near=_build_near(inputs, base, found),
        recovery=found.recovery,
        actions=Actions() if found.actions is None else found.actions,
        sentences=write_sentences(
            Facts(
                incident=found.incident,
                candidates=found.candidates,
                recovery=found.recovery,
                as_of=base.as_of,
                progress=inputs.progress,
                file_count=len(base.files),
                everyday=sum(f.errors + f.warnings for f in base.files),
                newest=max((f.last_seen for f in base.files if f.last_seen is not None), default=None),
                further=further,
                background=tuple(f for f in found.actions.follow_up if f.is_background) if found.actions else (),
                cut_start=None
                if found.incident is not None
                else find_cut_start(lanes, fine.start_s * US, fine.width_s * US),
                rise=found.rise,
            )
        ),
        notes=tuple(inputs.notes),
        history=tuple(inputs.history),
        numbers=numbers,
        further=further,
    )


def _find_numbers(inputs: Inputs, base: Base, found: Found) -> tuple[tuple[NumberChange, ...], str]:
    """Numbers that led to it; and in words one that shows who falls next."""
    incident = found.incident
    if incident is None:
        return (), ""
    samples = inputs.window.samples.by_kind()
    series = read_series(samples, inputs.views)
    services = [one.service for one in found.candidates[:3]]
    onset = incident.first_error or incident.start
    states = find_states(samples, inputs.views, incident.start)
    told = (*find_number_changes(series, incident.start, onset, services), *states)
    spreading = None
    if found.recovery.over is False:
        healthy = {view.service for view in base.views.values()} - {*incident.services, *services[:1]}
        spreading = find_spreading(series, onset, healthy)
    return told, "" if spreading is None else describe_trend(spreading)


def _find_left_behind(inputs: Inputs, base: Base, found: Found) -> tuple[Unfinished, ...]:
    incident = found.incident
    if incident is None or base.as_of is None or found.recovery.verdict is Verdict.NO_INCIDENT:
        return ()
    trips = base.read_trips()
    start = min(incident.start, incident.first_error or incident.start)
    end = base.as_of if incident.end is None else incident.end

    def covered(source: str) -> tuple[int, int]:
        seconds, _ = inputs.window.sources[source].seconds.arrays()
        shift = inputs.views[source].shift_us
        return int(seconds[0]) * US + shift, (int(seconds[-1]) + 1) * US + shift

    def quote(row: int) -> str:
        """The id as its line writes it: dashes and capitals matter to whoever searches for it."""
        name = trips.name(int(trips.id_of[row]))
        part, offset, _ = (int(value) for value in trips.place[row])
        text = inputs.texts.get(trips.steps[int(trips.step_of[row])].source, part, offset) or b""
        line = text.split(b"\n", 1)[0]
        raw = next((line[one.at : one.end] for one in find_ids(line) if one.name == name.encode()), None)
        return name if raw is None else raw.decode("ascii", "replace")

    return find_unfinished(trips, start - _LEAD_US, end + _LEAD_US, base.as_of, covered, quote)


def _find_now(inputs: Inputs, files: Sequence[FileSummary], span: tuple[int, int] | None) -> int | None:
    """The clock, or in batch the newest trustworthy record: one inside the trend's window."""
    if inputs.now is not None or span is None:
        return inputs.now
    sure = [f.last_seen for f in files if f.last_seen is not None and f.zone.origin is not ZoneOrigin.ASSUMED]
    # A log that lies alone beyond all others, in a zone that nobody wrote, is no clock.
    ends = [
        f.last_seen
        for f in files
        if f.last_seen is not None
        and f.last_seen // US <= span[1] // US
        and not (f.zone.origin is ZoneOrigin.ASSUMED and sure and (f.first_seen or 0) > max(sure))
    ]
    return max(ends, default=span[1])


def _summarise_files(inputs: Inputs) -> tuple[FileSummary, ...]:
    rows = []
    for key, view in inputs.views.items():
        state = inputs.index.sources.get(key)
        origin = describe_clock(inputs.clocks.get(key), lambda other: inputs.views[other].service)
        for part in range(len(view.parts)):
            tally = state.parts.get(part) if state else None
            row = summarise_part(view, part, tally or PartTally(), inputs.zones[key], inputs.date_origins[key], origin)
            problems = (*inputs.plan_problems[key], *row.problems) if part == len(view.parts) - 1 else row.problems
            rows.append(replace(row, problems=problems))
    return tuple(rows)


def _examined_kinds(inputs: Inputs, kinds: Sequence[Kind]) -> list[Kind]:
    """Kinds below warning from the window that was read at every level."""
    known = {kind.key for kind in kinds}
    built = inputs.builder.build(inputs.window, inputs.views, examined_only=True)
    return [kind for kind in built if kind.key not in known]


def _says_something(kind: Kind) -> bool:
    return kind.match is not None or kind.meaning.kind is not MeaningKind.NONE
