"""What each group is to the incident, and who need not be woken."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from logscope.analysis.causes.blame import Edge
from logscope.analysis.kinds.kinds import Kind, SourceView
from logscope.analysis.onset.anomalies import Anomaly
from logscope.index.index import RECORDS, Index
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import RuledOut
from logscope.model.files import FileSummary
from logscope.model.kinds import Role
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US, US, span

_STRONG = 6.0
"""Surprise (-log10 p) from which a kind without any link still counts as part of the spread."""
_STOPPING_US = 10 * US
"""What ends so shortly behind the start ended before it, by the other log's clock."""
_FEWEST = 10
"""Records of which fewer are no pace."""
_LOUD = 200
"""Records before the start that show the pace of a storm within half a minute."""
_LOUD_BEFORE_US = 30 * US
_SELDOM = 0.05
"""Records per second that round to nothing: no pace can be compared."""
_HARDLY = 0.1
"""Of what a log wrote before: what is under way when it begins, and the first as it ends."""
_SAME_PACE = 2.0
"""A rare kind whose pace does not grow beyond this when it begins goes its own way."""


def assign_roles(
    kinds: Iterable[Kind],
    anomalies: Mapping[str, Anomaly],
    root: Anomaly | None,
    root_node: str,
    edges: Sequence[Edge],
    start: int,
    apart: Collection[str] = (),
    earlier: Collection[str] = (),
) -> dict[str, Role]:
    """A role for every kind.

    Args:
        kinds: All kinds.
        anomalies: Of the incident, by group id.
        root: The kind of candidate 1; None where no line of its own shows the cause.
        root_node: Node of candidate 1.
        edges: Who blames whom.
        start: Start of the incident.
        apart: Ids of kinds that go their own way (`find_apart`).
        earlier: Ids of kinds of an earlier wave (`find_earlier`).
    """
    linked = {root_node}
    for edge in edges:
        linked |= {edge.caller, edge.callee}
    # A small incident is made of few records: where no kind is strong, all count.
    is_sure = any(one.surprise >= _STRONG for one in anomalies.values())
    roles: dict[str, Role] = {}
    for kind in kinds:
        anomaly = anomalies.get(kind.id)
        if anomaly is None:
            roles[kind.id] = Role.CHRONIC if kind.is_failure else Role.OTHER
        elif root is not None and kind.id == root.kind.id:
            roles[kind.id] = Role.CAUSE
        elif kind.meaning.cls is RuleClass.RECOVERY:
            # `alarm cleared` may be a warning; that it is well again is no symptom.
            roles[kind.id] = Role.OTHER
        elif not kind.is_failure and not kind.is_cause_like:
            # A change or a start is told in the story; it is no error of its own.
            roles[kind.id] = Role.OTHER
        elif root is not None and anomaly.node == root_node and _shows_cause(anomaly, root):
            roles[kind.id] = Role.CAUSE
        elif (
            kind.id in apart
            or (anomaly.has_baseline and anomaly.last < start - MINUTE_US and kind.id not in earlier)
            or (is_sure and anomaly.surprise < _STRONG and anomaly.node not in linked)
        ):
            roles[kind.id] = Role.UNRELATED
        else:
            roles[kind.id] = Role.SYMPTOM
    return roles


def find_apart(anomalies: Sequence[Anomaly], near: Collection[str], start: int) -> frozenset[str]:
    """Ids of rare kinds that were there before it began and came no more often then: somebody else's trouble.

    Args:
        anomalies: Of the incident.
        near: Nodes and services that may give early signs: the cause's, and whose change set it off.
        start: Start of the incident.
    """
    failing = {one.node for one in anomalies}
    return frozenset(
        one.kind.id
        for one in anomalies
        if one.node not in near and one.kind.service not in near and _goes_its_own_way(one, start, failing)
    )


def find_unmoved(
    anomalies: Sequence[Anomaly], near: Collection[str], edges: Sequence[Edge], start: int
) -> frozenset[str]:
    """Ids of kinds that were there before it began, and took no notice of it: somebody else's failure.

    They stopped as it began, or went on at their pace; nobody of it is named in them, or names who writes them.

    Args:
        anomalies: Of the incident.
        near: Nodes and services that may give early signs: the cause's, and whose change set it off.
        edges: Who blames whom.
        start: Start of the incident.
    """
    tied = {*near, *(edge.caller for edge in edges), *(edge.callee for edge in edges)}
    return frozenset(
        one.kind.id
        for one in anomalies
        if one.kind.is_failure
        and not one.kind.is_request
        and one.time < start - _LOUD_BEFORE_US
        and not tied & {one.node, one.kind.node, one.kind.service, *one.kind.mentions}
        and (
            (one.time < start - MINUTE_US and (one.last <= start + _STOPPING_US or _keeps_pace(one, start)))
            or (one.kind.between(one.time, start - US) >= _LOUD and _keeps_pace(one, start))
        )
    )


def _keeps_pace(one: Anomaly, start: int) -> bool:
    """It comes as often for a minute or more behind the start as from its own begin to there."""
    before, after = one.kind.between(one.time, start - US), one.kind.between(start, one.last)
    expected = before * (one.last + US - start) / (start - one.time)
    lasts = one.last >= start + MINUTE_US and expected >= _FEWEST
    return lasts and expected / _SAME_PACE <= after <= expected * _SAME_PACE


def find_earlier(anomalies: Sequence[Anomaly], node: str, start: int) -> frozenset[str]:
    """Ids of kinds that were over before it began and cost users something, where the same nodes have a part in both.

    They are the first wave of what came again, if of another cause: not noise of an hour ago.

    Args:
        anomalies: Of the incident.
        node: Of candidate 1.
        start: When its line began.
    """
    now = [one for one in anomalies if one.last >= start - MINUTE_US]
    near = {node, *(one.node for one in now), *(name for one in now for name in one.kind.mentions)}
    over = [one for one in anomalies if one.last < start - MINUTE_US and one.is_strong]
    lost = [one for one in anomalies if one.kind.is_request and one.kind.severity >= Severity.ERROR and one.is_strong]
    said = [
        one
        for one in over
        if not one.kind.is_request
        and one.kind.severity >= Severity.ERROR
        and near & {one.node, *one.kind.mentions}
        and any(2 * row.kind.between(one.time, one.last) >= one.excess for row in lost)
    ]
    spans = [(one.time - US, one.last + US) for one in said]
    edge = [row for row in lost if row in over and any(low <= row.time and row.last <= high for low, high in spans)]
    return frozenset(one.kind.id for one in (*said, *edge))


def _goes_its_own_way(one: Anomaly, start: int, failing: Collection[str]) -> bool:
    """A rare kind that was there before, names nobody who fails, and came no more often once it had begun."""
    if one.surprise >= _STRONG or one.time > start - US or any(name in failing for name in one.kind.mentions):
        return False
    before = one.kind.between(one.time, start)
    after = one.kind.between(start, one.last + US)
    return after >= 2 and after * (start - one.time) <= _SAME_PACE * before * (one.last + US - start)


def _shows_cause(one: Anomaly, root: Anomaly) -> bool:
    """Another line of the same mechanism: same node, same sense."""
    return one.kind.is_cause_like and one.kind.meaning.cls is root.kind.meaning.cls


def find_ruled_out(
    index: Index,
    views: Mapping[str, SourceView],
    files: Sequence[FileSummary],
    kinds: Sequence[Kind],
    anomalies: Mapping[str, Anomaly],
    roles: Mapping[str, Role],
    start: int,
    end: int,
    suspected: Collection[str] = (),
) -> tuple[RuledOut, ...]:
    """Services and everyday kinds that are not the cause, each with the reason and a line.

    Args:
        index: All records.
        views: How each source is written.
        files: For the paths.
        kinds: All kinds.
        anomalies: Of the incident, by group id.
        roles: Of each kind.
        start: Of the incident.
        end: Of the incident, or now.
        suspected: Services whose lines show the cause or what may have set it off: never ruled out, however quiet.
    """
    found: list[RuledOut] = []
    # Of whoever has trouble of his own that is told below, not that he has none.
    failing = set(suspected) | {one.kind.service for one in anomalies.values()}
    paths = {f.service: f.path for f in files}
    involved = _find_involved(anomalies, roles, suspected, start)
    begins = _begins(index, views)
    for service in sorted({view.service for view in views.values()} - failing):
        before, during, active = _volumes(index, views, service, begins.get(service), start, end)
        if active == 0:
            continue
        if before is None:
            reason = "no warning of its own rises here"
        elif before < _SELDOM:
            reason = "writes seldom, and no kind of error of it is new or risen"
        elif during < _HARDLY * before:
            reason = (
                f"hardly writes meanwhile ({before:.1f}/s to {during:.1f}/s), as when nobody reaches it, and says of "
            )
            reason += "no fault"
        elif during < 0.75 * before and (before - during > 0.2 or during < 0.5 * before):
            reason = (
                f"alive, with fewer records than before ({before:.1f}/s to {during:.1f}/s) and no new kind of error"
            )
        elif during > 2 * before and during - before > 0.2:
            reason = f"writes more than before ({before:.1f}/s to {during:.1f}/s), but no kind of error is new or risen"
        else:
            reason = f"writes as before ({before:.1f}/s to {during:.1f}/s), no kind of error new or risen"
        found.append(RuledOut(service, paths.get(service), reason))
    for kind in kinds:
        role = roles.get(kind.id)
        if role is Role.CHRONIC and kind.is_failure and kind.first_seen is not None and kind.count >= 2:
            before = kind.between(kind.first_seen - US, start - US)
            during = kind.between(start, end)
            if before and during:
                # A program of a log of all programs was watched since that log began.
                since = begins.get(kind.service, begins.get(kind.view.service, start))
                word = "everyday" if start - since >= MINUTE_US else "was there before"
                reason = f"{word}: {_per_minute(before, since, start)} before, "
                reason += f"{_per_minute(during, start, end)} during: {kind.headline}"
                found.append(RuledOut(kind.service, kind.first_ref().file, reason, (kind.first_ref(),)))
        elif role is Role.UNRELATED and kind.id not in involved:
            one = anomalies[kind.id]
            when = f"began {span(start - one.time)} before" if one.time < start else "is not tied to it by name"
            found.append(RuledOut(kind.service, kind.first_ref().file, f"{when}: {kind.headline}", (kind.first_ref(),)))
    return tuple(found[:40])


def _begins(index: Index, views: Mapping[str, SourceView]) -> dict[str, int]:
    """The first second of each service, in microseconds: counts before the incident are of this time on."""
    found: dict[str, int] = {}
    for key, view in views.items():
        if key not in index.sources:
            continue
        seconds = index.sources[key].seconds.seconds()
        if len(seconds):
            first = int(seconds[0]) * US + view.shift_us
            found[view.service] = min(first, found.get(view.service, first))
    return found


def _per_minute(count: int, begin: int, end: int) -> str:
    """A rate of two spans that can be compared: the counts alone are of spans of unlike length.

    What a few seconds hold is told as that: it is no rate of minutes.
    """
    if end - begin < MINUTE_US:
        return f"{count:,} in {span(max(US, end - begin))}"
    rate = count * 60 * US / max(US, end - begin)
    return f"{rate:.1f}/min" if rate < 10 else f"{rate:,.0f}/min"


def _find_involved(
    anomalies: Mapping[str, Anomaly], roles: Mapping[str, Role], suspected: Collection[str], start: int
) -> set[str]:
    """Ids of kinds of whoever may have a part in it after all: nobody says of these that they need not be woken.

    A node that broke or names a suspect may be what it began with; one that fails with it has no trouble of its own.
    """
    marked = {
        one.node
        for one in anomalies.values()
        if one.kind.is_cause_like or {one.node, *one.kind.mentions} & set(suspected)
    }
    failing = {one.node for name, one in anomalies.items() if roles.get(name) in (Role.CAUSE, Role.SYMPTOM)}
    return {
        name
        for name, one in anomalies.items()
        if one.kind.is_request or one.node in marked or (one.node in failing and one.time >= start)
    }


def _volumes(
    index: Index, views: Mapping[str, SourceView], service: str, begin: int | None, start: int, end: int
) -> tuple[float | None, float, int]:
    """Records per second before (None without a normal period) and during, and all records."""
    before = during = total = 0
    for key, view in views.items():
        if view.service != service or key not in index.sources:
            continue
        counts = index.sources[key].seconds
        seconds = counts.seconds() + view.shift_us // US
        records = counts.column(RECORDS)
        total += int(records.sum())
        before += int(records[seconds < start // US].sum())
        during += int(records[(seconds >= start // US) & (seconds <= end // US)].sum())
    length_before = start // US - begin // US if begin is not None else 0
    length = max(1, end // US - start // US + 1)
    return (before / length_before if length_before >= 10 else None), during / length, total
