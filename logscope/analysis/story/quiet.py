"""Of logs without an incident: which of their warnings and errors are not everyday. Pure."""

from typing import Final

from logscope.model.kinds import GroupSummary
from logscope.model.severity import Severity
from logscope.model.snapshot import Snapshot
from logscope.model.times import MINUTE_US, US

_WITH_RISE_US: Final = 5 * US
"""What came first so shortly before or behind what rose came with it."""
_LATE: Final = 5
"""Behind this part of its log an error that first comes is late."""
_FEW_LATE: Final = 8
"""Kinds of errors that first come late; where there are more, new ones are nothing special."""


def risen_groups(snapshot: Snapshot) -> list[GroupSummary]:
    """Warnings and errors that came first with what rose and is no incident, by time."""
    rise = snapshot.rise
    if rise is None or snapshot.incident is not None:
        return []
    end = rise.since if rise.until is None else rise.until
    first = [(g.first_seen, g) for g in snapshot.groups if g.severity >= Severity.WARN and g.first_seen is not None]
    told = [(time, g) for time, g in first if rise.since - _WITH_RISE_US <= time <= end + _WITH_RISE_US]
    return [g for _, g in sorted(told, key=lambda one: (one[0], one[1].service, one[1].template, one[1].id))]


def late_groups(snapshot: Snapshot) -> list[GroupSummary]:
    """Errors of quiet logs that first came late in them, by time: too few for an incident, and not everyday for sure.

    So are warnings in which a rule recognises what the likeliest cause is known by.

    Where kinds come for the first time again and again that is everyday as well; and so is an answer of a log that gave
    the same one from the begin: which route it meets first is chance.
    """
    if snapshot.rise is not None or snapshot.incident is not None or not snapshot.progress.done:
        return []
    spans: dict[str, tuple[int, int]] = {}
    for file in snapshot.files:
        if file.first_seen is not None and file.last_seen is not None:
            first, last = spans.get(file.source, (file.first_seen, file.last_seen))
            spans[file.source] = min(first, file.first_seen), max(last, file.last_seen)
    late, usual = [], set()
    known = snapshot.candidates[0].rule if snapshot.candidates else None
    for group in snapshot.groups:
        is_told = group.severity >= Severity.ERROR
        is_told |= group.severity is Severity.WARN and group.rule is not None and group.rule == known
        if not is_told or group.first_seen is None or group.source not in spans:
            continue
        begin, end = spans[group.source]
        if group.first_seen - begin >= max(MINUTE_US, (end - begin) // _LATE):
            late.append((group.first_seen, group))
        else:
            usual.add(_answer(group))
    late = [(time, group) for time, group in late if not group.request or _answer(group) not in usual]
    return (
        [g for _, g in sorted(late, key=lambda one: (one[0], one[1].service, one[1].template, one[1].id))]
        if len(late) <= _FEW_LATE
        else []
    )


def _answer(group: GroupSummary) -> tuple[str, str]:
    """The log, and the status that its template ends with."""
    return group.source, group.template.rpartition(" ")[2] if group.request else ""


def is_in_doubt(snapshot: Snapshot) -> bool:
    """Something failed, and was too little for an incident: somebody may ask for its cause."""
    return (snapshot.rise is not None and snapshot.rise.until is not None) or bool(late_groups(snapshot))
