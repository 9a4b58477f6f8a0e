"""What set something off though no words tell of a change: a new or busier line, or what befell others before. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from logscope.analysis.causes.changes import FEW_RECORDS, Change, read_change
from logscope.analysis.causes.links import AFTER_US, LOOK_BACK_US, STEPS_US, TIME_ONLY_US
from logscope.analysis.causes.ties import Ties
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.novelties import Novelty
from logscope.index.exemplars import Exemplar
from logscope.model.times import US

_LEAST_RARITY: Final = 0.8
"""How seldom its log must hold new kinds for a new one to be taken for what set it off: one chance in five."""

_FAILS: Final = re.compile(r"(?i)\b(?:error|exception|fail\w*|timed out)\b|\b(?:not|cannot|couldn't) [a-z]{3,20}")
"""What another one says at no level, and yet suffers."""
ReadText = Callable[[Anomaly], str]
"""Gives the record with which a kind began: few records of each are kept."""


def find_new(novelties: Sequence[Novelty], ties: Ties, read: ReadText) -> Change | None:
    """The first line of the rarest new kinds' log.

    What a failing service says anew is likelier its suffering, and so is what begins with the failures and comes as
    often as they do.
    """
    near = [one for one in novelties if _may_set_off(one, ties)]
    if not near:
        return None
    rarest = max(near, key=lambda one: (one.rarity, one.anomaly.time, one.anomaly.kind.order))
    log = [one for one in near if one.anomaly.kind.view.key == rarest.anomaly.kind.view.key]
    first = min(log, key=lambda one: (one.anomaly.time, one.anomaly.kind.order))
    change = _read_onset(first.anomaly, read)
    return replace(change, text=f"{change.text} ({first.more})") if first.more else change


def _is_same_event(one: Anomaly, cause: Anomaly) -> bool:
    """Its own log tells it in the breath in which it says what broke: it measures that, and nobody did it."""
    return one.kind.view.key == cause.kind.view.key and 0 <= cause.time - one.time <= _ONE_BREATH_US


_ONE_BREATH_US: Final = US // 10
"""Between the lines that a server writes of one event."""


def _may_set_off(new: Novelty, ties: Ties) -> bool:
    one, cause, onset = new.anomaly, ties.cause, ties.onset
    if new.rarity < _LEAST_RARITY or not onset - TIME_ONLY_US <= one.time <= onset:
        return False
    if one.node != ties.node and (one.node in ties.failing or _FAILS.search(one.kind.headline)):
        return False
    if cause is not None and (one.kind.id == cause.kind.id or ties.is_behind(one.kind.first_ref(), one.time)):
        return False
    if cause is not None and cause.kind.is_cause_like and _is_same_event(one, cause):
        return False
    return one.kind.count <= FEW_RECORDS or onset - one.time > AFTER_US


def _same_rule(a: Anomaly, b: Anomaly) -> bool:
    return a.kind.match is not None and b.kind.match is not None and a.kind.match.rule.id == b.kind.match.rule.id


def find_event(events: Sequence[Anomaly], ties: Ties, read: ReadText) -> Change | None:
    """What befell another one moments before: a disk that is full or a server that stops is no change, and sets off."""
    cause, onset = ties.cause, ties.onset
    near = [
        one
        for one in events
        if 0 <= onset - one.time <= STEPS_US
        and one.node not in ties.failing
        and not (cause and one.kind.view.key == cause.kind.view.key)
        # Who meets the same full disk suffers from what filled it, too.
        and not (cause and _same_rule(cause, one))
    ]
    last = max(near, key=lambda one: (one.time, one.kind.order), default=None)
    return None if last is None else _read_onset(last, read)


def find_leading(faults: Sequence[Anomaly], ties: Ties, read: ReadText) -> Change | None:
    """The first fault of the same server that led up to the cause and went on until then: the disk fills meanwhile."""
    cause, onset = ties.cause, ties.onset
    if cause is None:
        return None
    near = [
        one
        for one in faults
        if one.node == cause.node
        and one.kind.id != cause.kind.id
        and not _same_rule(cause, one)
        and TIME_ONLY_US // 4 <= onset - one.time <= LOOK_BACK_US
        and one.last >= onset - STEPS_US
    ]
    first = min(near, key=lambda one: (one.time, one.kind.order), default=None)
    return None if first is None else _read_onset(first, read)


def read_kept(one: Anomaly) -> str:
    """The kept record that is nearest to where a kind began; of those behind it, where there are any."""
    shift = one.kind.view.shift_us
    later = (kept for kept in one.kind.exemplars if kept.time + shift >= one.time)
    return next(later, one.kind.exemplars[0]).text.decode("utf-8", "replace")


def _read_onset(one: Anomaly, read: ReadText) -> Change:
    """The record with which a kind began, as what it says."""
    kind, row = one.kind, one.kind.row_at(one.time)
    part, offset, line = (int(column[row]) for column in (kind.rows.part, kind.rows.offset, kind.rows.line))
    text = read(one).encode("utf-8", "replace")
    return read_change(kind, Exemplar(one.time - kind.view.shift_us, part, offset, line, text))
