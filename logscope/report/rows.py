"""What a person would call one kind of error: groups of the index put together for tables, story and cascade. Pure.

The index keeps each route and status, each wording and each trace apart, because the analysis needs that. In a report
they are one row: the failed requests of one access log; the same event logged twice (a warning and its trace); the same
sentence about several routes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from logscope.ingest.signatures.masks import mask_ids
from logscope.model.causes import Link
from logscope.model.files import LineRef
from logscope.model.incident import EventKind
from logscope.model.kinds import GroupSummary, Role
from logscope.model.severity import Severity
from logscope.model.snapshot import Snapshot
from logscope.model.times import US

_ROUTE: Final = re.compile(r"\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b /?[^\s\"',;]{0,200}")
_NUMBER: Final = re.compile(r":(?:<num>|\d{1,5}\b)")
"""A number behind a colon may be kept as a port in one record and masked in the next: still one kind."""
_REQUEST: Final = re.compile(r"(?P<route>.{1,300}?) (?P<status>\d{3})(?P<flag> \([\w/-]{1,40}\))?")
"""A request as kinds of them are called; behind the status stands what a proxy says of how it ended."""
_TWIN_US: Final = 2 * US
"""Two kinds of one service that begin and end within this, as often as each other, are one event logged twice."""
_TWIN_SHARE: Final = 0.02
_LEAST_OF_TWINS: Final = 2
_MOST_ROUTES: Final = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of error as a report shows it."""

    key: str
    """Id of its first group."""
    groups: frozenset[str]
    service: str
    text: str
    severity: Severity
    count: int
    """Records from the onset on."""
    first: int
    """Onset in the incident."""
    last: int | None
    ref: LineRef | None
    usual_per_min: float
    """Rate before the incident; 0 where it never occurred, or no normal period is in view."""
    is_cause: bool
    is_request: bool
    sigma_us: int
    peak: int = 0
    """Records of its loudest group."""
    routes: tuple["Route", ...] = ()
    """Of failed requests, the most failed first."""


@dataclass(frozen=True, slots=True)
class Route:
    """Failed requests of one route."""

    name: str
    statuses: tuple[str, ...]
    count: int
    first: int
    last: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the cascade between rows."""

    cause: str
    """Key of a row."""
    effect: str
    lag_us: int
    how: Link


def build_rows(snapshot: Snapshot) -> tuple[Row, ...]:
    """The kinds of the incident, put together, by onset."""
    counted = {e.group: e.count for e in snapshot.timeline if e.kind is EventKind.ONSET and e.group and e.count}
    members: dict[tuple[str, ...], list[GroupSummary]] = {}
    for group in snapshot.groups:
        if group.onset is not None and group.role in (Role.CAUSE, Role.SYMPTOM):
            members.setdefault(_key(group), []).append(group)
    rows = [_make_row(groups, counted) for groups in members.values()]
    return tuple(sorted(_join_twins(rows), key=lambda row: (row.first, not row.is_cause, row.is_request, row.key)))


def _key(group: GroupSummary) -> tuple[str, ...]:
    if group.request:
        return (group.service, "requests", group.role)
    lines = _NUMBER.sub(":#", _ROUTE.sub("<request>", group.template)).split("\n")
    return (group.service, lines[0], next((line for line in lines if line.startswith("caused by")), ""))


def is_twin(group: GroupSummary, rows: Iterable[Row]) -> bool:
    """A kind below warning that says once more what a row says."""
    if group.onset is None or group.last_seen is None:
        return False
    return any(
        row.service == group.service
        and row.last is not None
        and abs(row.count - group.count) <= _TWIN_SHARE * group.count
        and abs(row.first - group.onset) <= _TWIN_US
        and abs(row.last - group.last_seen) <= _TWIN_US
        for row in rows
    )


def _make_row(groups: Sequence[GroupSummary], counted: dict[str, int]) -> Row:
    first = min(groups, key=lambda g: (g.onset or 0, g.id))
    counts = {g.id: counted.get(g.id, g.count) for g in groups}
    routes = _routes(groups, counts) if first.request else ()
    assert first.onset is not None, "only groups with an onset become rows"
    return Row(
        key=first.id,
        groups=frozenset(counts),
        service=first.service,
        # What is quoted stands on the line that is cited.
        text=_name_requests(routes) if routes else tidy(first.headline),
        severity=max(g.severity for g in groups),
        count=sum(counts.values()),
        first=first.onset,
        last=max((g.last_seen for g in groups if g.last_seen is not None), default=None),
        ref=first.onset_ref,
        usual_per_min=sum(g.baseline_per_min or 0.0 for g in groups if _is_old(g)),
        is_cause=any(g.role is Role.CAUSE for g in groups),
        is_request=first.request,
        sigma_us=max(g.onset_sigma_us for g in groups),
        peak=max(counts.values()),
        routes=routes,
    )


def _is_old(group: GroupSummary) -> bool:
    """It was seen before it rose."""
    return group.first_seen is not None and group.onset is not None and group.first_seen < group.onset - US


def _routes(groups: Iterable[GroupSummary], counts: dict[str, int]) -> tuple[Route, ...]:
    found: dict[str, Route] = {}
    for group in groups:
        match = _REQUEST.fullmatch(group.headline)
        name, status = (match["route"] + (match["flag"] or ""), match["status"]) if match else (group.headline, "")
        one = Route(name, (status,) if status else (), counts[group.id], group.onset or 0, group.last_seen)
        have = found.get(name)
        if have is not None:
            lasts = [last for last in (have.last, one.last) if last is not None]
            one = Route(
                name,
                tuple(sorted({*have.statuses, *one.statuses})),
                have.count + one.count,
                min(have.first, one.first),
                max(lasts, default=None),
            )
        found[name] = one
    return tuple(sorted(found.values(), key=lambda route: (-route.count, route.name)))


def _name_requests(routes: Sequence[Route]) -> str:
    names = ", ".join(route.name for route in routes[:_MOST_ROUTES])
    more = f" and {len(routes) - _MOST_ROUTES} more" if len(routes) > _MOST_ROUTES else ""
    statuses = ", ".join(sorted({status for route in routes for status in route.statuses}))
    return f"failed requests{f' ({statuses})' if statuses else ''}: {names}{more}"


def _join_twins(rows: Sequence[Row]) -> list[Row]:
    """The same event logged twice becomes one row: the worse level and the exception speak for it."""
    joined: list[Row] = []
    near: dict[tuple[str, int], list[int]] = {}
    """Places of what may be a twin, by service and by when it first came: kinds may be thousands."""
    for row in sorted(rows, key=lambda row: (-row.severity, row.first, row.key)):
        if row.is_request or row.last is None or row.count < _LEAST_OF_TWINS:
            joined.append(row)
            continue
        span = row.first // _TWIN_US
        places = sorted(n for at in (span - 1, span, span + 1) for n in near.get((row.service, at), ()))
        place = next((n for n in places if _are_twins(row, joined[n])), None)
        if place is None:
            near.setdefault((row.service, span), []).append(len(joined))
            joined.append(row)
            continue
        other = joined[place]
        first = min(row.first, other.first)
        if first // _TWIN_US != other.first // _TWIN_US:
            near.setdefault((row.service, first // _TWIN_US), []).append(place)
        joined[place] = replace(
            other,
            groups=other.groups | row.groups,
            first=first,
            count=max(row.count, other.count),
            last=max(row.last or 0, other.last or 0) or None,
        )
    return joined


def _are_twins(one: Row, other: Row) -> bool:
    if one.is_cause != other.is_cause or one.last is None or other.last is None:
        return False
    alike = abs(one.count - other.count) <= _TWIN_SHARE * max(one.count, other.count)
    return alike and abs(one.first - other.first) <= _TWIN_US and abs(one.last - other.last) <= _TWIN_US


_ID: Final = re.compile(r"<id>")
_EMPTY: Final = re.compile(r"^\s*\[…\]\s*|\s*\[…\](?=\s|[:;,.]|$)")
"""Brackets around nothing but an id."""


def tidy(headline: str) -> str:
    """A message without the ids of the one record that it was taken from."""
    masked = mask_ids(headline.encode("utf-8", "replace")).decode("utf-8", "replace")
    return _EMPTY.sub("", _ID.sub("…", masked)).strip()


def row_by_group(rows: Iterable[Row]) -> dict[str, Row]:
    """Which row a group became part of."""
    return {group: row for row in rows for group in row.groups}


def build_steps(snapshot: Snapshot, rows: Sequence[Row]) -> tuple[Step, ...]:
    """The cascade between rows: one step to each effect, by lag. What the cause's own service logs is one node.

    An access log shows what users got; it pulls nothing down: what seems to follow it follows its cause.
    """
    of_group = row_by_group(rows)
    root = find_root(snapshot, rows)
    parents: dict[str, Row] = {}
    best: dict[str, tuple[tuple[int, int, str], Step]] = {}
    for edge in sorted(snapshot.cascade, key=lambda edge: (edge.lag_us, edge.to_group)):
        cause, effect = of_group.get(edge.from_group), of_group.get(edge.to_group)
        if cause is None or effect is None:
            continue
        cause, effect = _as_root(cause, root), _as_root(effect, root)
        how = edge.how
        if cause.is_request and not effect.is_request:
            cause, how = parents.get(cause.key, root or cause), Link.TIME
        if cause.key == effect.key or effect is root or not can_follow(effect, cause):
            continue
        step = Step(cause.key, effect.key, max(0, effect.first - cause.first), how)
        rank = (0 if how is Link.NAMED else 1, edge.lag_us, cause.key)
        if effect.key not in best or rank < best[effect.key][0]:
            best[effect.key] = (rank, step)
            parents[effect.key] = cause
    steps = [step for _, step in best.values()]
    return tuple(sorted(_without_cycles(steps), key=lambda step: (step.lag_us, step.effect)))


def _without_cycles(steps: Sequence[Step]) -> list[Step]:
    """Steps from which no walk against the arrows comes back to where it began."""
    parent = {step.effect: step.cause for step in steps}
    kept = []
    for step in steps:
        seen, at = {step.effect}, step.cause
        while at in parent and at not in seen:
            seen.add(at)
            at = parent[at]
        if at in seen:
            parent.pop(step.effect, None)
        else:
            kept.append(step)
    return kept


def find_root(snapshot: Snapshot, rows: Sequence[Row]) -> Row | None:
    """The row of the first candidate's line; None where it has none."""
    if not snapshot.candidates or snapshot.candidates[0].group is None:
        return None
    return row_by_group(rows).get(snapshot.candidates[0].group)


def _as_root(row: Row, root: Row | None) -> Row:
    return root if root is not None and row.is_cause and row.service == root.service else row


def can_follow(effect: Row, cause: Row) -> bool:
    """The effect did not begin before the cause, as far as the stamps can tell."""
    # A stamp in whole seconds may stand for any moment of its second.
    blur = US if effect.first % US == 0 or cause.first % US == 0 else 0
    return effect.first + blur + 2 * max(effect.sigma_us, cause.sigma_us) >= cause.first


def pick_symptoms(snapshot: Snapshot, rows: Sequence[Row]) -> list[Row]:
    """The loudest symptom of each service other than the one that broke, by onset; requests are what users saw."""
    root = find_root(snapshot, rows)
    own = {snapshot.candidates[0].service} if snapshot.candidates else set()
    own |= {root.service} if root is not None and snapshot.candidates[0].in_logs else set()
    best: dict[str, Row] = {}
    for row in rows:
        if row.is_cause or row.is_request or row.service in own:
            continue
        if row.service not in best or row.count > best[row.service].count:
            best[row.service] = row
    return sorted(best.values(), key=lambda row: (row.first, row.key))


def count_symptoms(snapshot: Snapshot, rows: Sequence[Row]) -> int:
    """Kinds of the incident beside the one that broke and the users' failed requests."""
    root = find_root(snapshot, rows)
    return sum(not (row.is_cause or row.is_request or row is root) for row in rows)
