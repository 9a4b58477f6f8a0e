"""From the index to the Snapshot: every view in its order. Pure; the composition of this room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from logscope.analysis.causes.changes import find_changes
from logscope.analysis.causes.departures import find_departures
from logscope.analysis.causes.series import Series, read_series
from logscope.analysis.clocks.clocks import describe_clock
from logscope.analysis.clocks.steps import Jump, find_ahead, find_jumps, find_last_second
from logscope.analysis.incident.base import Base, Found
from logscope.analysis.incident.lost import judge_lost
from logscope.analysis.incident.quiet import judge_quiet
from logscope.analysis.incident.several import judge_several
from logscope.analysis.inputs import Inputs
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.losses.degraded import is_degraded
from logscope.analysis.losses.drops import Drop, find_drop
from logscope.analysis.losses.harmless import describe_rise, is_harmless
from logscope.analysis.losses.slow_work import find_slow_work
from logscope.analysis.losses.slowness import Slowdown, find_slowdown
from logscope.analysis.losses.slumps import find_slump, known_until
from logscope.analysis.losses.witness import can_tell_of
from logscope.analysis.onset.anomalies import Anomaly, Outbreak, find_outbreaks
from logscope.analysis.onset.dead_routes import find_dead_routes
from logscope.analysis.onset.declined import find_declined
from logscope.analysis.onset.endings import find_ended
from logscope.analysis.onset.everyday import find_blip, find_incidents, says_broken
from logscope.analysis.onset.excerpts import SHORT_US, fails_on_a_route, is_mostly_failing
from logscope.analysis.onset.gate import Coverage, find_without_baseline
from logscope.analysis.onset.hung import find_hung
from logscope.analysis.onset.lost_routes import mark_lost_routes
from logscope.analysis.onset.newborn import find_unsettled_causes, join_unsettled, know_newborn
from logscope.analysis.onset.refused import count_refused
from logscope.analysis.onset.silences import find_active
from logscope.analysis.snapshots import make_snapshot
from logscope.analysis.story.tables import (
    LANE_WIDTHS_S,
    MOST_LANE_BUCKETS,
    Buckets,
    choose_window,
    summarise_part,
)
from logscope.analysis.users.trips import read_trips
from logscope.analysis.users.unanswered import count_unanswered
from logscope.analysis.users.users import Users, find_users
from logscope.index.index import PartTally
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.files import FileSummary, ZoneOrigin
from logscope.model.incident import NumberChange
from logscope.model.severity import Severity
from logscope.model.snapshot import FurtherIncident, Snapshot
from logscope.model.times import MINUTE_US, US

_NOTED_BEFORE_US = 60 * MINUTE_US
"""What was noted so long before the first record was noted of an earlier incident in the same files."""
_FEW_REQUESTS = 100
_SERVED_SHARE = 0.01
"""With at least so many requests and at most this share failed, users are served."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A snapshot, and the window that should be read at every level."""

    snapshot: Snapshot
    window: tuple[int, int] | None


def analyse(inputs: Inputs) -> Judged:
    """Judge everything that is in the index."""
    base, found, further = _judge(inputs)
    return Judged(make_snapshot(inputs, base, found, further), found.window)


def find_window(inputs: Inputs) -> tuple[int, int] | None:
    """The window that should be read at every level, before anything is told; None without an incident."""
    return _judge(inputs)[1].window


def _judge(inputs: Inputs) -> tuple[Base, Found, tuple[FurtherIncident, ...]]:
    """What everything rests on, the incident that is told, and further ones."""
    base = _gather(inputs)
    failing = [kind for kind in base.kinds if kind.is_failure]
    # Where nothing else fails a page is all that is known.
    failing = [kind for kind in failing if not inputs.alerts.is_alert(kind)] or failing
    anomalies = inputs.gate.find_anomalies(failing, base.coverage)
    outbreaks, harmless = _find_outbreaks(inputs, base, failing, anomalies)
    if not outbreaks and (declined := find_declined(_find_mild(base), _read_coverage(base))):
        base = _with_failing(base, declined)
        anomalies = inputs.gate.find_anomalies(declined, _read_coverage(base))
        outbreaks = find_outbreaks(anomalies)
    if not outbreaks:
        return base, _judge_harm(inputs, base) or _judge_quiet(base, anomalies, harmless), ()
    part = {one.kind.id for outbreak in outbreaks for one in outbreak.anomalies}
    # Noise sets nothing off, but what is new is shown beside the incident, with when it was seen.
    noise = find_outbreaks([one for one in anomalies if one.kind.id not in part])
    found, further = judge_several(base, outbreaks, noise, _find_low(inputs, base))
    return base, found, further


def _gather(inputs: Inputs) -> Base:
    span = choose_window(inputs.curves, inputs.views)
    files = _summarise_files(inputs)
    active = {key: find_active(state, inputs.views[key]) for key, state in inputs.index.sources.items()}
    jumps = find_jumps(active)
    as_of = _find_now(inputs, files, span, jumps)
    kinds = inputs.builder.build(inputs.index.groups, inputs.views)
    examined = _examined_kinds(inputs, kinds)
    coverage = know_newborn(Coverage.of(files, as_of), [*examined, *kinds])
    users = find_users(inputs.index, inputs.views, inputs.builder.normal)
    users = None if users is None else count_unanswered(users, kinds)
    kinds = mark_lost_routes(kinds, examined, users, coverage)
    first, last = span or (0, 0)
    return Base(
        index=inputs.index,
        views=inputs.views,
        files=files,
        as_of=as_of,
        kinds=[*kinds, *(kind for kind in examined if _says_something(kind))],
        ordinary=[kind for kind in examined if not _says_something(kind)],
        read_since=_find_read_since(inputs),
        buckets=Buckets(first, last),
        lane_buckets=Buckets(first, last, most=MOST_LANE_BUCKETS, widths_s=LANE_WIDTHS_S),
        users=users,
        read_trips=cache(lambda: read_trips(inputs.window, inputs.views)),
        jumps=jumps,
        alerts=inputs.alerts.find([*examined, *kinds]),
        changes=find_changes([*examined, *kinds], coverage.starts),
        coverage=coverage,
        notes=tuple(one for one in inputs.notes if one.time >= coverage.first - _NOTED_BEFORE_US),
        texts=inputs.texts,
        names=inputs.builder.names,
        calls=inputs.calls,
        knows=inputs.builder.knows,
        find_silent=inputs.builder.find_silent,
    )


def _read_coverage(base: Base) -> Coverage:
    """Since when what each log holds at every level is known."""
    return replace(base.coverage, starts=base.read_starts(), quiet_starts=base.read_starts())


def _with_failing(base: Base, declined: Sequence[Kind]) -> Base:
    """Kinds below warning among those that fail."""
    ids = {kind.id for kind in declined}
    kinds, ordinary = ([kind for kind in some if kind.id not in ids] for some in (base.kinds, base.ordinary))
    return replace(base, kinds=[*kinds, *declined], ordinary=ordinary)


def _find_mild(base: Base) -> list[Kind]:
    """Kinds below warning that were read at every level, whatever they say."""
    return [*base.ordinary, *(kind for kind in base.kinds if kind.examined_only and not kind.is_failure)]


def _find_low(inputs: Inputs, base: Base) -> list[Anomaly]:
    """What is new or risen of what tells no failure and yet something.

    A log of which only some lines have a level keeps what the others say in the index: a cause may be among them.
    """
    said = [kind for kind in base.kinds if _says_something(kind) and (kind.examined_only or not kind.is_request)]
    low = [kind for kind in said if not kind.is_failure]
    found = inputs.low_gate.find_anomalies(low, base.coverage)
    known = {one.kind.id for one in found}
    found += [one for one in find_unsettled_causes(low, base.coverage) if one.kind.id not in known]
    return sorted(found, key=lambda one: (one.time, one.kind.order))


def _find_outbreaks(
    inputs: Inputs, base: Base, failing: Sequence[Kind], anomalies: Sequence[Anomaly]
) -> tuple[list[Outbreak], list[Outbreak]]:
    """Incidents, the weightiest first; and what rose and costs nobody anything."""
    coverage, users, as_of = base.coverage, base.users, base.as_of
    dead = find_dead_routes(anomalies, [*base.kinds, *base.ordinary], users, as_of or 0)
    outbreaks = join_unsettled(find_incidents(anomalies, coverage, len(failing), dead), failing, coverage)
    harmless = [one for one in outbreaks if is_harmless(one, _count_users(base, one), as_of or 0)]
    harmless = [one for one in harmless if not _is_degraded(inputs, base, one)]
    outbreaks = [one for one in outbreaks if one not in harmless]
    is_short = coverage.end - coverage.first < SHORT_US and not _is_served(users, coverage)
    is_alone = inputs.builder.normal is None
    unsettled = find_without_baseline(failing, coverage.first)
    is_broken = is_short and any(says_broken(one) for one in unsettled)
    is_broken = is_broken or is_mostly_failing(base.files, failing, coverage, is_short=is_short)
    is_broken = is_broken or (is_short and fails_on_a_route(failing, [*base.kinds, *base.ordinary]))
    if not outbreaks and is_alone and is_broken:
        outbreaks = find_outbreaks(unsettled)
    if not outbreaks and is_alone:
        ended = find_ended([kind for kind in failing if len(kind.seconds)], coverage)
        outbreaks = find_outbreaks(find_without_baseline(ended))
    if not outbreaks and as_of is not None:
        outbreaks = find_hung(failing, inputs.index, inputs.views, base.names, as_of, coverage.first)
    return outbreaks, harmless


def _judge_harm(inputs: Inputs, base: Base) -> Found | None:
    """What users or work lost though nothing fails; None where nothing is lost."""
    harm = _find_harm(base.users, base.as_of, is_live=inputs.now is not None)
    if base.users is not None and harm is not None:
        return judge_lost(base, base.users, harm, _find_low(inputs, base))
    work = _find_slump(inputs, base) or _find_slow_work(inputs, base)
    if work is None:
        return None
    worker, lost = work
    return judge_lost(base, worker, lost, _find_low(inputs, base))


def _judge_quiet(base: Base, anomalies: Sequence[Anomaly], harmless: Sequence[Outbreak]) -> Found:
    """No incident; what rose is told."""
    if not harmless:
        return judge_quiet(base, find_blip(anomalies))
    found = judge_quiet(base, None)
    told = replace(found.recovery, explanation="what rose costs nobody anything: users are served as before")
    return replace(found, recovery=told, rise=describe_rise(harmless[0]))


def _count_users(base: Base, outbreak: Outbreak) -> Users | None:
    """What users got while something rose; None where nothing shows it."""
    if base.users is None or not can_tell_of(outbreak, base.users, base.index.sources):
        return None
    return count_refused(base.users, outbreak, [*base.kinds, *base.ordinary])


def _is_degraded(inputs: Inputs, base: Base, outbreak: Outbreak) -> bool:
    def read_numbers(start: int) -> list[NumberChange]:
        return find_departures(_read_series(inputs), start, start, ())

    return is_degraded(outbreak, base.ordinary, base.coverage.first, read_numbers)


def _find_harm(users: Users | None, as_of: int | None, *, is_live: bool) -> Drop | Slowdown | None:
    """What users suffer though nothing fails: requests that are lost, or take long."""
    if users is None or as_of is None:
        return None
    return find_drop(users, as_of, is_live=is_live) or find_slowdown(users, as_of)


def _find_slump(inputs: Inputs, base: Base) -> tuple[Users, Drop] | None:
    """Work that nearly stops though nothing fails."""
    if base.as_of is None:
        return None

    def read_numbers(start: int, until: int | None) -> list[NumberChange]:
        series = _read_series(inputs)
        return find_departures(series if until is None else known_until(series, until), start, start, ())

    return find_slump(inputs.index, inputs.views, base.as_of, base.alerts, read_numbers, is_live=inputs.now is not None)


def _find_slow_work(inputs: Inputs, base: Base) -> tuple[Users, Slowdown] | None:
    """Work that takes long though nothing fails, where all that was written could be read."""
    if base.as_of is None:
        return None
    series = _read_series(inputs)
    return find_slow_work(series, inputs.index, inputs.views, base.as_of)


def _read_series(inputs: Inputs) -> list[Series]:
    return read_series(inputs.window.samples.by_kind(), inputs.window.groups, inputs.views)


def _is_served(users: Users | None, coverage: Coverage) -> bool:
    """The edge shows that users lose next to nothing: what else is logged needs a normal period to be news."""
    if users is None or users.count(coverage.first, coverage.end + US)[0] < _FEW_REQUESTS:
        return False
    return users.failed_share(coverage.first, coverage.end + US) < _SERVED_SHARE


def _find_now(
    inputs: Inputs, files: Sequence[FileSummary], span: tuple[int, int] | None, jumps: Mapping[str, Jump]
) -> int | None:
    """The clock, or in batch the newest trustworthy record: one inside the trend's window."""
    if inputs.now is not None or span is None:
        return inputs.now
    sure = [f.last_seen for f in files if f.last_seen is not None and f.zone.origin is not ZoneOrigin.ASSUMED]
    astray = _find_astray(inputs, jumps)
    # A log that lies alone beyond all others, in a zone that nobody wrote, is no clock.
    ends = [
        min(f.last_seen, astray.get(f.source, f.last_seen))
        for f in files
        if f.last_seen is not None
        and f.last_seen // US <= span[1] // US
        and not (f.zone.origin is ZoneOrigin.ASSUMED and sure and (f.first_seen or 0) > max(sure))
    ]
    return max(ends, default=span[1])


def _find_astray(inputs: Inputs, jumps: Mapping[str, Jump]) -> dict[str, int]:
    """By log whose clock was ahead for a while: the last stamp that can be trusted, or what it would be without."""
    found: dict[str, int] = {}
    for key, state in inputs.index.sources.items():
        if key in jumps:
            found[key] = (int(find_active(state, inputs.views[key])[-1]) + 1 - jumps[key].by) * US - 1
            continue
        ahead = find_ahead(state.seek)
        last = find_last_second(state.seconds.seconds(), ahead) if ahead else None
        if last is not None:
            found[key] = (last + 1) * US - 1 + inputs.views[key].shift_us
    return found


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
    """Kinds below warning from the window that was read at every level.

    Warnings and worse, and what else the index has, are all there: built of the window alone, where fewer kinds are
    like each other, they would be folded otherwise, and told twice.
    """
    index = inputs.index.groups
    groups = {
        key: group for key, group in inputs.window.groups.items() if key.severity < Severity.WARN and key not in index
    }
    known = {kind.key for kind in kinds}
    built = inputs.builder.build(groups, inputs.views, examined_only=True)
    return [kind for kind in built if kind.key not in known]


def _find_read_since(inputs: Inputs) -> dict[str, int]:
    """For each source the first second of the window that was read at every level, microseconds UTC."""
    seconds = {key: source.seconds.seconds() for key, source in inputs.window.sources.items()}
    # Seconds stand in an index as they are written, in whatever zone.
    return {key: int(one[0]) * US + inputs.views[key].shift_us for key, one in seconds.items() if len(one)}


def _says_something(kind: Kind) -> bool:
    return kind.match is not None or kind.meaning.kind is not MeaningKind.NONE
