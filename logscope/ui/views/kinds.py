"""The kinds of errors: count, onset, last, per-minute strip; by onset inside the incident, everyday noise folded."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from rich.text import Text

from logscope.analysis.story.quiet import late_groups, risen_groups
from logscope.model.files import LineRef
from logscope.model.incident import EventKind
from logscope.model.kinds import GroupSummary, Role
from logscope.model.severity import Severity
from logscope.model.snapshot import Snapshot
from logscope.report.wording import incident_groups
from logscope.text.cutting import tell
from logscope.text.safe_text import safe_text
from logscope.ui.axis import Axis
from logscope.ui.formatting import Look, Row, bar, fit, incident_span, label, place_in_time, severity_letter

SORTS: Final = ("onset", "first", "count", "last", "service")
EVERYDAY: Final = "everyday kinds, unchanged"
BESIDE: Final = "kinds beside it, without a link"
MUTED: Final = "muted kinds (K here: show again)"
"""Labels and keys of the folded rows."""

_MOST_LATER = 8
"""Kinds without a link to the incident that are listed one by one."""
_LEAST_STRIP = 4
"""Fewer cells show no course."""
_STRIPS = ((110, 24), (70, 14), (0, 0))
"""From this width on, this many cells for the strip."""

_KEYS: Final[dict[str, Callable[[GroupSummary], tuple[object, ...]]]] = {
    "onset": lambda g: (g.onset or g.first_seen or 0, g.request, g.id),
    "first": lambda g: (g.first_seen or 0, g.id),
    "count": lambda g: (-g.count, g.id),
    "last": lambda g: (-(g.last_seen or 0), g.id),
    "service": lambda g: (g.service, g.onset or 0, g.id),
}


def group_rows(
    snapshot: Snapshot,
    width: int,
    look: Look,
    order: str = "onset",
    muted: frozenset[tuple[str, str]] = frozenset(),
    unfolded: frozenset[str] = frozenset(),
) -> list[Row]:
    """Kinds of the incident, then what began beside it; everyday and muted kinds in one row each.

    Args:
        snapshot: What is known.
        width: Cells.
        look: Colours and times.
        order: One of SORTS.
        muted: Service and template of kinds that a person called known noise.
        unfolded: Labels of folded rows whose kinds are listed.
    """
    silenced = [g for g in snapshot.groups if (g.service, g.template) in muted]
    shown = [g for g in snapshot.groups if (g.service, g.template) not in muted]
    top = snapshot.candidates[0].group if snapshot.has_cause else None
    incident = _told_kinds(snapshot, shown, top)
    told = {g.id for g in incident}
    others = [g for g in shown if g.onset is not None and g.id not in told]
    everyday = [g for g in shown if g.role is Role.CHRONIC and g.onset is None and g.id not in told]
    strip = next(cells for least, cells in _STRIPS if width >= least)
    axis = _strip_axis(snapshot, strip)
    strip = 0 if axis is None else axis.cells
    per = f"{'PER MINUTE':<{strip}} " if strip >= 10 else " " * (strip + 1) if strip else ""
    rows = [label(f"  {'COUNT':>8} {'ONSET':<8} {'LAST':<8} {per}KIND", look)]
    root = next((g.onset for g in snapshot.groups if g.id == top), None)

    def listed(groups: Sequence[GroupSummary]) -> list[Row]:
        ordered = sorted(groups, key=_KEYS[order])
        if order == SORTS[0] and root is not None:
            # Within a second that a coarse stamp does not divide the order is not known: the cause stands first.
            ordered.sort(key=lambda g: (place_in_time(g.onset or g.first_seen or 0, root), g.id != top))
        return [_group_row(g, g.id == top, width, axis, look) for g in ordered]

    rows += listed(fold_requests(incident))
    for title, kinds in _not_unchanged(snapshot, everyday):
        rows += [label(f"  {title}:", look), *listed(kinds)]
        listed_ids = {g.id for g in kinds}
        everyday = [g for g in everyday if g.id not in listed_ids]
    if len(rows) == 1:
        so_far = "so far " if snapshot.provisional else ""
        rows.append(label(f"  {so_far}no kind of warning or error is new or risen", look))
    since = snapshot.incident.start if snapshot.incident else 0
    fixes = {(e.file, e.line) for e in snapshot.timeline if e.kind is EventKind.FIX}
    done = [g for g in others if {(g.file, g.line), _place(g.onset_ref)} & fixes]
    later = [g for g in others if g.onset is not None and g.onset >= since and g not in done][:_MOST_LATER]
    for title, kinds in (("the likely fix", done), ("new since then, without a link", later)):
        if kinds:
            rows.append(label(f"  {title}:", look))
            rows += listed(kinds)
    others = [g for g in others if g not in later and g not in done]
    for name, folded in ((EVERYDAY, everyday), (BESIDE, others), (MUTED, silenced)):
        if folded:
            total = sum(g.count for g in folded)
            named = name if len(folded) > 1 else name.replace("kinds", "kind", 1)
            if name == EVERYDAY and all(g.severity < Severity.WARN for g in folded):
                named += ": no warning"
            text = Text(f"   {total:>8,} {len(folded)} {named}", style=look.palette.dim, no_wrap=True)
            rows.append(Row(text, name))
            if name in unfolded:
                rows += listed(folded)
    return rows


def _not_unchanged(snapshot: Snapshot, everyday: Sequence[GroupSummary]) -> Iterator[tuple[str, list[GroupSummary]]]:
    """Kinds that are no part of an incident and were not always there, each lot under its title."""
    listed = {g.id for g in everyday}
    for title, kinds in (
        ("came with what rose, and is no incident", risen_groups(snapshot)),
        ("came late in these logs, and too seldom for an incident", late_groups(snapshot)),
    ):
        shown = [g for g in kinds if g.id in listed]
        if shown:
            yield title, shown


def _place(ref: LineRef | None) -> tuple[str, int] | None:
    return None if ref is None else (ref.file, ref.line)


def _told_kinds(snapshot: Snapshot, shown: Sequence[GroupSummary], top: str | None) -> tuple[GroupSummary, ...]:
    """What the incident consists of, its cause whatever its kind is like.

    Without times nothing tells what rose: all warnings and errors are told.
    """
    if snapshot.as_of is None:
        return tuple(g for g in shown if g.severity >= Severity.WARN or g.id == top)
    inside = {g.id for g in incident_kinds(snapshot)}
    return tuple(g for g in shown if g.id in inside or g.id == top)


def incident_kinds(snapshot: Snapshot, muted: frozenset[tuple[str, str]] = frozenset()) -> tuple[GroupSummary, ...]:
    """What the incident consists of: its cause and its symptoms, without what a person called noise."""
    return tuple(g for g in incident_groups(snapshot) if (g.service, g.template) not in muted)


def fold_requests(groups: Sequence[GroupSummary]) -> list[GroupSummary]:
    """One row for all failing routes of an access log: they are one fact, seen from the edge."""
    kept: list[GroupSummary] = []
    requests: dict[str, list[GroupSummary]] = {}
    for group in groups:
        if group.request:
            requests.setdefault(group.source, []).append(group)
        else:
            kept.append(group)
    for members in requests.values():
        kept += members if len(members) == 1 else [_join(members)]
    return kept


def _join(members: Sequence[GroupSummary]) -> GroupSummary:
    first = min(members, key=lambda g: (g.onset or 0, g.id))
    routes = sorted({g.template.rpartition(" ")[0] for g in members})
    statuses = sorted({g.template.rpartition(" ")[2] for g in members})
    where = f"{len(routes)} routes: " if len(routes) > 1 else ""
    length = max(len(g.per_minute.counts) for g in members)
    counts = tuple(sum(g.per_minute.counts[n] for g in members if n < len(g.per_minute.counts)) for n in range(length))
    current = _total(g.current_per_min for g in members)
    return replace(
        first,
        count=sum(g.count for g in members),
        last_seen=max((g.last_seen for g in members if g.last_seen is not None), default=None),
        headline=f"{' '.join(statuses)} on {where}{', '.join(routes)}",
        per_minute=replace(first.per_minute, counts=counts),
        baseline_per_min=_total(g.baseline_per_min for g in members),
        current_per_min=current,
        peak_per_min=max(max(counts, default=0) * 60e6 / max(1, first.per_minute.bucket_us), current or 0.0),
    )


def _total(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _strip_axis(snapshot: Snapshot, cells: int) -> Axis | None:
    """What the strips show: the incident and its surroundings, as the timeline does; None where there is no room."""
    trend = snapshot.trend
    first, last = trend.start, trend.start + max(1, len(trend.records)) * trend.bucket_us
    low, high = incident_span(snapshot) or (first, last)
    low, high = max(low, first), min(high, last)
    # A strip of fewer buckets than cells would show steps that are not there.
    cells = min(cells, max(1, (high - low) // max(1, trend.bucket_us)))
    return Axis(low, max(high, low + 1), cells) if cells >= _LEAST_STRIP else None


def _group_row(group: GroupSummary, is_root: bool, width: int, axis: Axis | None, look: Look) -> Row:
    palette = look.palette
    tone = palette.cause if is_root else palette.error if group.severity >= Severity.ERROR else palette.warning
    if group.severity < Severity.WARN and not is_root:
        tone = palette.dim
    line = Text(no_wrap=True)
    line.append(f" {look.glyphs.root if is_root else severity_letter(group.severity)} ", tone)
    line.append(f"{group.count:>8,} ", palette.strong)
    line.append(f"{look.clock(group.onset or group.first_seen)} ", palette.plain)
    line.append(f"{look.clock(group.last_seen)} ", palette.dim)
    if axis is not None:
        counts = axis.spread(group.per_minute.counts, group.per_minute.start, group.per_minute.bucket_us)
        area = palette.error_area if group.severity >= Severity.ERROR else palette.warning_area
        line.append(bar(counts, axis.cells, look.glyphs) + " ", tone if is_root else area)
    room = max(10, width - line.cell_len - 1)
    words = palette.cause if is_root else palette.plain
    line.append(fit(tell(safe_text(group.service), group.headline), room, look.glyphs), words)
    ref = group.onset_ref or LineRef(group.file, group.line)
    return Row(line, group.id, ref, group.onset or group.first_seen, group.service, proves=group.id)


def only_service(snapshot: Snapshot, service: str) -> Snapshot:
    """The story and kinds of one service alone."""
    incident = snapshot.incident
    return replace(
        snapshot,
        incident=None if incident is None else replace(incident, services=(service,)),
        groups=tuple(g for g in snapshot.groups if g.service == service),
        timeline=tuple(e for e in snapshot.timeline if e.service == service),
    )
