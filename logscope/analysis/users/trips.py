"""Where requests and tasks went: the rows of a window's ids with corrected times, and what each kind of row means.

Read from the index; the base of what is left behind (`unfinished`) and of counting users instead of attempts (`users`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.analysis.kinds.kinds import SourceView
from logscope.index.index import Index
from logscope.index.journeys import KIND, LINE, OFFSET, PART, STATUS, TIME, Names
from logscope.ingest.batch import Int64, SignatureKind
from logscope.model.files import LineRef
from logscope.model.severity import Severity

SERVER_ERROR: Final = 500
_READING: Final = re.compile(r"\b(?:GET|HEAD|OPTIONS)\b")
"""Methods that change nothing (RFC 9110, 9.2.1): nothing is left undone when they fail."""
_WRITING: Final = re.compile(r"\b(?:POST|PUT|PATCH|DELETE)\b")


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of event that an id can show: a request of a route, whatever came of it, or a message."""

    source: str
    service: str
    label: str
    """Method and route without ids, or the message with its variable parts masked."""
    is_request: bool
    is_failure: bool
    """A warning or worse; a request is an attempt, not a failure."""

    @property
    def reads(self) -> bool:
        """It says itself that it changes nothing."""
        return _READING.search(self.label) is not None

    @property
    def writes(self) -> bool:
        """It says itself that it changes something."""
        return _WRITING.search(self.label) is not None


@dataclass(frozen=True, slots=True)
class Trips:
    """All rows, sorted by id, then time."""

    names: Names
    """The distinct ids."""
    id_of: Int64
    """For each row the number of its id."""
    step_of: Int64
    """For each row the number of its step."""
    time: Int64
    """Microseconds UTC, corrected."""
    status: Int64
    """HTTP status; 0 where a row is no request."""
    place: Int64
    """Columns part, offset, line."""
    steps: tuple[Step, ...]
    views: Mapping[str, SourceView]
    is_sample: bool
    """Not every id is kept: counts are of a sample."""

    def ref(self, row: int) -> LineRef:
        """Where a row stands."""
        part, offset, line = (int(value) for value in self.place[row])
        return LineRef(self.views[self.steps[int(self.step_of[row])].source].parts[part], line, offset)

    def name(self, number: int) -> str:
        """An id, in lower case and without dashes."""
        return bytes(self.names[number]).decode("ascii", "replace")


def read_trips(index: Index, views: Mapping[str, SourceView]) -> Trips:
    """All rows of a window."""
    rows = index.journeys.rows()
    steps: dict[Step, int] = {}
    step_of_kind = np.full(len(rows.kinds), -1, np.int64)
    shift_of_kind = np.zeros(len(rows.kinds), np.int64)
    for n, key in enumerate(rows.kinds):
        view = views.get(key.source)
        if view is None:
            continue
        signature = index.journeys.signature(key)
        is_request = signature.kind is SignatureKind.REQUEST
        label = signature.template.split("\n", 1)[0]
        if is_request:
            # What was asked for, whatever was answered: the answer is in the row.
            label = label.rpartition(" ")[0] or label
        step = Step(
            source=key.source,
            service=signature.service or view.service,
            label=label,
            is_request=is_request,
            is_failure=not is_request and key.severity >= Severity.WARN,
        )
        step_of_kind[n] = steps.setdefault(step, len(steps))
        shift_of_kind[n] = view.shift_us
    kept = step_of_kind[rows.table[:, KIND]] >= 0
    table, names = rows.table[kept], rows.names[kept]
    # Times of several logs are corrected each by its own: rows of one id are put in order again.
    time = table[:, TIME] + shift_of_kind[table[:, KIND]]
    distinct, id_of = np.unique(names, return_inverse=True)
    order = np.lexsort((table[:, OFFSET], table[:, PART], time, id_of))
    table = table[order]
    return Trips(
        names=distinct,
        id_of=id_of[order].astype(np.int64),
        step_of=step_of_kind[table[:, KIND]],
        time=time[order],
        status=table[:, STATUS],
        place=table[:, [PART, OFFSET, LINE]],
        steps=tuple(steps),
        views=views,
        is_sample=rows.level > 0,
    )
