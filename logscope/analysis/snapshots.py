"""From what was judged to the Snapshot: numbers, lanes, what was left behind, the sentences. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from logscope.analysis.causes.codes import find_new_results
from logscope.analysis.causes.departures import describe_trend, find_departures, find_spreading
from logscope.analysis.causes.series import read_series
from logscope.analysis.causes.states import find_states
from logscope.analysis.incident.base import Base, Found
from logscope.analysis.incident.numbers import tell_numbers
from logscope.analysis.inputs import Inputs
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.cut_start import find_cut_start
from logscope.analysis.recovery.guards import guard_recovery, withhold_unread
from logscope.analysis.story.attempts import mark_attempts
from logscope.analysis.story.sentences import write_sentences
from logscope.analysis.story.tables import (
    LANE_WIDTHS_S,
    MOST_LANE_BUCKETS,
    Buckets,
    build_lanes,
    build_trend,
    build_users_lane,
)
from logscope.analysis.users.unfinished import find_unfinished
from logscope.ingest.ids import find_ids
from logscope.model.advice import Actions
from logscope.model.incident import EventKind, NumberChange, Unfinished
from logscope.model.kinds import Role
from logscope.model.lanes import LaneSet
from logscope.model.recovery import Verdict
from logscope.model.severity import Severity
from logscope.model.snapshot import FurtherIncident, Snapshot
from logscope.model.times import US, Dial

_LEAD_US = 5 * US
"""Work that began so long before the incident, or is done so long behind it, may have suffered from it."""


def make_snapshot(inputs: Inputs, base: Base, found: Found, further: tuple[FurtherIncident, ...]) -> Snapshot:
    """Everything that is shown, of the incident that is told and of further ones."""
    numbers, spreading = _find_numbers(inputs, base, found)
    results = []
    if found.incident is not None:
        results = find_new_results(inputs.window.samples.by_kind(), inputs.views, found.incident.start)
    found = tell_numbers(found, numbers, base.changes, results)
    if found.users is not None:
        base = replace(base, users=found.users)
    if found.candidates and found.incident is not None:
        involved = {found.candidates[0].service, *found.incident.services}
        recovery = guard_recovery(found.recovery, numbers, involved, inputs.builder.names.node_of_service)
        found = replace(found, recovery=replace(recovery, next_to_fail=spreading))
    if not inputs.progress.done:
        timeline = tuple(entry for entry in found.timeline if entry.kind is not EventKind.RECOVERY)
        found = replace(found, recovery=withhold_unread(found.recovery), timeline=timeline)
    trend = build_trend(inputs.curves, inputs.views, base.buckets)
    fine = base.lane_buckets
    bare = _find_bare(base, found)
    lanes = build_lanes(inputs.curves, inputs.views, fine, base.kinds, bare)
    snapshot = Snapshot(
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
        near=_build_near(inputs, base, found, bare),
        recovery=found.recovery,
        actions=Actions() if found.actions is None else found.actions,
        notes=tuple(inputs.notes),
        history=tuple(inputs.history),
        numbers=numbers,
        further=further,
        rise=found.rise,
        cut_start=None if found.incident is not None else find_cut_start(lanes, fine.start_s * US, fine.width_s * US),
    )
    snapshot = replace(snapshot, timeline=mark_attempts(snapshot))
    return replace(snapshot, sentences=write_sentences(snapshot, Dial.around(base.as_of)))


def _find_numbers(inputs: Inputs, base: Base, found: Found) -> tuple[tuple[NumberChange, ...], str]:
    """Numbers that led to it; and in words one that shows who falls next."""
    incident = found.incident
    if incident is None:
        return (), ""
    samples = inputs.window.samples.by_kind()
    series = read_series(samples, inputs.window.groups, inputs.views)
    services = [one.service for one in found.candidates[:3]]
    onset = incident.first_error or incident.start
    states = find_states(samples, inputs.views, incident.start)
    told = (*find_departures(series, incident.start, onset, services), *states)
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
        seconds = inputs.window.sources[source].seconds.seconds()
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


def _find_bare(base: Base, found: Found) -> list[Kind]:
    """Kinds of the incident that have no level: words of failure at their usual rate are nothing to see."""
    told = {group.id for group in found.groups if group.role in (Role.CAUSE, Role.SYMPTOM)}
    return [kind for kind in base.kinds if kind.is_failure and kind.severity is Severity.UNKNOWN and kind.id in told]


def _build_near(inputs: Inputs, base: Base, found: Found, bare: Sequence[Kind]) -> LaneSet | None:
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
    lanes = build_lanes(inputs.curves, inputs.views, near, base.kinds, bare)
    return LaneSet(near.start_s * US, near.width_s * US, lanes, build_users_lane(base.users, near))
