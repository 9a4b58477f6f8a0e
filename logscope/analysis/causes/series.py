"""Numbers in the logs as series: one field of one service over time.

Values are read by their names (`rss_mb=134`, `"pct": 99.8`) from a sample of each kind's records in the window that is
read at every level. Cost: one regular expression for each sampled record, cached by whoever keeps the reader.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logscope.analysis.kinds.kinds import SourceView
from logscope.index.groups import Group, GroupKey
from logscope.index.numbers import BESIDE, CELL
from logscope.index.samples import Sample
from logscope.ingest.formats.table import TableForm
from logscope.model.files import LineRef

_THINGS: Final = re.compile(
    r"(?:^|[^a-z])(?:u?id|port|pid|tid|ppid|line|code|status|year|version|seq|offset|lsn|ts|time|timestamp|epoch|user|uid|gid"
    r"|order|sku|number|no|key|hash|shard|partition|rev|build|level|severity|priority|facility|v)$",
    re.IGNORECASE,
)
"""Ends of names whose numbers name things instead of counting or measuring them."""
_MEASURES: Final = frozenset(
    (
        "", "used", "current", "active", "cur", "total", "bytes", "kb", "mb", "gb", "count", "size", "in", "use",
        "entries",
    )
)  # fmt: skip
"""Parts of a name that say how something is counted, not what."""
_CODE: Final = (".go", ".py", ".java", ".js", ".ts", ".rb", ".c", ".cc", ".cpp", ".rs", ".cs", ".php", ".kt", ".ex")
"""Behind these stands a line of the source."""
FEWEST: Final = 6
"""Values before the onset, of which a normal is known."""
FEWEST_AFTER: Final = 2
FEWEST_VALUES: Final = FEWEST + FEWEST_AFTER
"""Of fewer a field is no series."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """One field of one kind over time."""

    source: str
    service: str
    name: str
    time: NDArray[np.int64]
    """Microseconds UTC, ascending."""
    value: Floats
    refs: tuple[LineRef, ...]
    is_percent: bool
    limit: Floats | None
    """What another field of the same records states as its limit, for each value; None without one."""


class _Group(NamedTuple):
    """Whose records with the same fields are one series, whatever their level."""

    source: str
    service: str
    names: tuple[str, ...]


def read_series(
    samples: Mapping[GroupKey, Sequence[Sample]], groups: Mapping[GroupKey, Group], views: Mapping[str, SourceView]
) -> list[Series]:
    """All fields with enough values.

    Args:
        samples: Of what was read at every level.
        groups: The same, all records.
        views: How each source is written; samples of other sources are left out.
    """
    templates = {(key.source, key.signature): group.signature.template for key, group in groups.items()}
    found = []
    for (source, service, names), by_kind in sorted(_group_samples(samples, groups, views).items()):
        view = views[source]
        called = {kind: templates[source, kind] for kind in by_kind}
        for label, rows in _part(by_kind, called, names, view):
            if len(rows) < FEWEST_VALUES:
                continue
            measured = _name_measured(names, label, view)
            if not measured:
                continue
            rows.sort(key=attrgetter("time", "part", "offset"))
            time = np.array([row.time for row in rows], np.int64) + view.shift_us
            refs = tuple(LineRef(view.parts[row.part], row.line, row.offset) for row in rows)
            read = [{name: (value, percent) for name, value, percent in row.values} for row in rows]
            for name, title in measured:
                values = [record[name] for record in read]
                found.append(
                    Series(
                        source, service, title, time, np.array([value for value, _ in values]), refs,
                        _is_percent(title, values), _find_limit(name, names, read, view),
                    )
                )  # fmt: skip
    return found


def _name_measured(names: Sequence[str], label: str, view: SourceView) -> list[tuple[str, str]]:
    """The fields that measure something, and what is said of each."""
    if (value := _find_value(view)) is not None:
        return [(name, label) for name in names if name == f"{CELL}{value}"]
    if _holds_value(names) and label:
        return [(names[0], label)]
    called = [(name, name_of(name, view)) for name in names]
    return [(name, f"{label} {title}".lstrip()) for name, title in called if title and not is_thing(title)]


def _group_samples(
    samples: Mapping[GroupKey, Sequence[Sample]], groups: Mapping[GroupKey, Group], views: Mapping[str, SourceView]
) -> dict[_Group, dict[int, list[Sample]]]:
    """By fields, then by kind of line."""
    found: dict[_Group, dict[int, list[Sample]]] = {}
    ordered: dict[tuple[str, ...], tuple[str, ...]] = {}
    for key, rows in samples.items():
        group = groups.get(key)
        if key.source not in views or group is None:
            continue
        service = group.signature.service or views[key.source].service
        for row in rows:
            written = tuple([name for name, _, _ in row.values])
            names = ordered.get(written) or ordered.setdefault(written, tuple(sorted(written)))
            by_kind = found.setdefault(_Group(key.source, service, names), {})
            by_kind.setdefault(key.signature, []).append(row)
    return found


def _part(
    by_kind: Mapping[int, list[Sample]], templates: Mapping[int, str], names: Sequence[str], view: SourceView
) -> list[tuple[str, list[Sample]]]:
    """What is measured, each by itself, and what tells it from the rest; empty where nothing needs to."""
    if _find_value(view) is not None:
        return [(templates[kind], rows) for kind, rows in by_kind.items()]
    if names and names[0].startswith(BESIDE):
        # A word beside a number says what it is only within one kind of line.
        return [("", rows) for rows in by_kind.values()]
    if _holds_value(names):
        measures = {kind: found[1] for kind, text in templates.items() if (found := _MEASURE.search(text)) is not None}
        if measures:
            return [(measure, by_kind[kind]) for kind, measure in measures.items()]
    beside = _find_side_by_side(by_kind)
    labels = _tell_apart({kind: templates[kind] for kind in beside})
    if len(set(labels.values())) > 1:
        return [(labels.get(kind, ""), by_kind[kind]) for kind in beside]
    return [("", [row for rows in by_kind.values() for row in rows])]


_MEASURE: Final = re.compile(
    r"\b(?:metric|kpi|measure|measurement|series|counter|gauge|indicator)(?:[_-]?name)?\"?\s?[:=]\s?\"?([A-Za-z][^\s\",;}]{0,80})"
)
"""What was measured, beside its value."""


def _holds_value(names: Sequence[str]) -> bool:
    """Records of one number each, which another field says the name of."""
    return len(names) == 1 and names[0].lower() in ("value", "val")


def _find_side_by_side(by_kind: Mapping[int, Sequence[Sample]]) -> list[int]:
    """Kinds of line with the same fields that are written all along: each tells of another one.

    What one kind tells before, and another after, is of one: `used=70` as a note, and `used=95` as a warning.
    """
    times = {kind: [row.time for row in rows] for kind, rows in by_kind.items() if len(rows) >= FEWEST_VALUES}
    if len(times) < 2:
        return []
    begin, end = (pick(pick(some) for some in times.values()) for pick in (min, max))
    late = (end - begin) // _EDGE
    return [kind for kind, some in times.items() if min(some) <= begin + late and max(some) >= end - late]


_EDGE: Final = 10
"""Part of the time at either end in which what is measured all along has a value."""
_LABEL: Final = re.compile(
    r"\b(?!(?:level|lvl|severity|msg|message|event|caller|logger|error|err)\b)"
    r"[A-Za-z_][\w.-]{0,40}\"?[=:] ?\"?([A-Za-z][\w./-]{1,60})(?=[\s\",;}\])]|$)"
)
"""The value of a field that says of what a line tells, and not what it tells."""


def _tell_apart(templates: Mapping[int, str]) -> dict[int, str]:
    """Of each kind of line the values of fields that not all others have; no entry where there are none."""
    values = {kind: _LABEL.findall(template) for kind, template in templates.items()}
    common = set.intersection(*map(set, values.values())) if values else set[str]()
    own = {kind: " ".join(dict.fromkeys(one for one in some if one not in common)) for kind, some in values.items()}
    return {kind: label for kind, label in own.items() if label}


def _is_percent(name: str, values: Sequence[tuple[float, bool]]) -> bool:
    words = name.lower()
    says = "pct" in words or "percent" in words or all(percent for _, percent in values)
    return says and all(0 <= value <= 110 for value, _ in values)


def name_of(name: str, view: SourceView) -> str:
    """What a number is called: the column of a cell, the word beside it; empty where a row has no columns."""
    if name.startswith(BESIDE):
        return name[len(BESIDE) :]
    if not name.startswith(CELL):
        return name
    place = int(name[len(CELL) :])
    form = view.layout.forms[0] if view.layout.forms else None
    columns = form.columns.names if isinstance(form, TableForm) else ()
    return columns[place] if place < len(columns) else ""


@lru_cache(maxsize=4096)
def is_thing(name: str) -> bool:
    """Its numbers name things."""
    return name.lower().endswith(_CODE) or _THINGS.search(part_humps(name)) is not None


def part_humps(name: str) -> str:
    """`heapUsed` as `heap_Used`."""
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name)


def _find_value(view: SourceView) -> int | None:
    """The column of the value in a table of measurements; None where a log is none."""
    form = view.layout.forms[0] if view.layout.forms else None
    return form.columns.value if isinstance(form, TableForm) else None


def _find_limit(
    name: str, names: Sequence[str], records: Sequence[Mapping[str, tuple[float, bool]]], view: SourceView
) -> Floats | None:
    """Another field of the same records that says how much there may be: named as its maximum, and never below it."""
    tokens = [token for token in re.split(r"[^a-z0-9]+", name_of(name, view).lower()) if token not in _MEASURES]
    for other in names:
        words = name_of(other, view).lower()
        if other == name or not re.search(r"max|limit|capacity|quota", words):
            continue
        if not all(token in words for token in tokens):
            continue
        values = [(record[name][0], record[other][0]) for record in records]
        if all(limit > 0 and value <= 1.05 * limit for value, limit in values):
            return np.array([limit for _, limit in values])
    return None
