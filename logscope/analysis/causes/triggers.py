"""What set the cause off: the change before it, linked by name, by number or by time alone."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from logscope.analysis.causes.changes import (
    FEW_RECORDS,
    Change,
    find_concerned,
    find_deployed,
    is_answer,
    read_change,
)
from logscope.analysis.causes.forerunners import speaks_of, tell_quoted
from logscope.analysis.causes.links import (
    TIME_ONLY_US,
    find_unusual,
    is_by_certificate,
    shares_path,
    shares_value,
    tells_name_of,
    words_of,
    writes_settings_of,
)
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.novelties import Novelty
from logscope.analysis.onset.statistics import rates_differ
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import Link, Trigger
from logscope.model.files import LineRef
from logscope.model.incident import NumberChange
from logscope.model.times import MINUTE_US, US
from logscope.text.fields import tell_values, tells_alteration

LOOK_BACK_US: Final = 30 * MINUTE_US
"""A change may take this long to break something (analysis.md 3.4)."""

FAR_US: Final = 120 * MINUTE_US
"""What was altered of the failing node itself may take so long to fill a pool, a disk or a memory."""

_AT_ONCE_US: Final = 30 * US
"""Between the last usual value and the change: a number is told only now and then."""

_STEPS_US: Final = 60 * US
"""Steps of one change follow each other at most this far."""

_ONE_CHANGE_US: Final = 10 * MINUTE_US
"""Of what was altered long ago the begin is told: a release may take so long."""

_ROUTINE_FROM: Final = 3
"""Records of the same change before the onset from which on it may be routine."""

_CHANCE: Final = 0.01
"""Of so many changes since the onset at their usual rate: below this they come more often."""

_ROUTINE_CHANCE: Final = 0.4
"""Expected records within the lag: 1 - exp(-0.4) is one in three."""

_COINCIDENCE: Final = 0.1
"""The same for a job of a clock that only time ties to the cause: one in ten."""

_START_US: Final = 30 * US
"""A server is ready within."""

_LEAST_RARITY: Final = 0.8
"""How seldom its log must hold new kinds for a new one to be taken for what set it off: one chance in five."""

_NAMED: Final = 2
"""Strength from which words tie a change to the cause."""

AFTER_US: Final = 2 * US
"""A change may be logged by another process a moment after its effect."""


def _first_step(change: Change, changes: Sequence[Change], onset: int) -> Change:
    """Where a change is logged in steps (started, finished), its first step before the onset."""
    first = change
    if change.kind.meaning.kind is not MeaningKind.CHANGE:
        return first
    for earlier in reversed([c for c in changes if c.file == change.file and c.time <= change.time]):
        if first.time - earlier.time > _STEPS_US:
            break
        # `shop: release r7 live` and `mail: release r3 live` are of one kind, and steps of two changes.
        same = (change.kind.subject, change.kind.node, change.tag)
        if earlier.time <= onset and (earlier.kind.subject, earlier.kind.node, earlier.tag) == same:
            first = earlier
    return first


def _find_written(change: Change, changes: Sequence[Change]) -> Change:
    """Where a server only took over its settings: who wrote a file of its own moments before; else the change.

    Of one log, that of a tool that writes files and reloads who reads them, the order of its lines is enough.
    """
    if _RELOAD.search(change.text) is None:
        return change
    names = {name.lower() for name in (change.kind.service, change.kind.node, change.kind.subject)}
    for other in reversed(changes):
        is_near = 0 <= change.time + US - other.time <= _RELOADED_US
        if not is_near or not tells_alteration(other.sample):
            continue
        if other.file == change.file and other.line < change.line and change.kind.subject != change.kind.node:
            return other
        if other.file != change.file and writes_settings_of(other.sample, names):
            return other
    return change


_RELOAD: Final = re.compile(r"(?i)\breload|\breconfigur|\bSIGHUP\b")
_RELOADED_US: Final = 15 * US
"""So soon behind a file is written its reader is told, and a second for stamps without a fraction."""


def _is_behind(place: LineRef, cause: Anomaly) -> bool:
    """It stands behind the cause's line in the same log: that order is certain, whatever the stamps round to."""
    if not len(cause.kind.firsts):
        return False
    ref = cause.kind.ref_at(cause.kind.row_at(cause.time))
    return place.file == ref.file and place.line > ref.line


def is_mere_change(cause: Anomaly) -> bool:
    """Its line tells that something was altered, and of no failure."""
    return cause.kind.meaning.kind is MeaningKind.CHANGE and not cause.kind.is_failure


def _is_line_of(change: Change, cause: Anomaly) -> bool:
    """The record that shows the cause: nothing sets itself off."""
    ref = cause.kind.ref_at(cause.kind.row_at(cause.time)) if len(cause.kind.firsts) else cause.kind.first_ref()
    return (change.file, change.line) == (ref.file, ref.line)


def _find_new(
    novelties: Sequence[Novelty], cause: Anomaly | None, cause_node: str, onset: int, failing: Mapping[str, Anomaly]
) -> Change | None:
    """The first line of the rarest new kinds' log.

    What a failing service says anew is likelier its suffering, and so is what begins with the failures and comes as
    often as they do.
    """
    near = [
        one
        for one in novelties
        if one.rarity >= _LEAST_RARITY
        and onset - TIME_ONLY_US <= one.anomaly.time <= onset
        and (one.anomaly.node == cause_node or one.anomaly.node not in failing)
        and not (cause and (one.anomaly.kind.id == cause.kind.id or _is_behind(one.anomaly.kind.first_ref(), cause)))
        and not (one.anomaly.kind.count > FEW_RECORDS and onset - one.anomaly.time <= AFTER_US)
    ]
    if not near:
        return None
    rarest = max(near, key=lambda one: (one.rarity, one.anomaly.time, one.anomaly.kind.id))
    log = [one.anomaly for one in near if one.anomaly.kind.view.key == rarest.anomaly.kind.view.key]
    return _read_onset(min(log, key=lambda one: (one.time, one.kind.id)))


def _is_told_by(one: Novelty, change: Change) -> bool:
    return one.anomaly.kind.id == change.kind.id


def _same_rule(a: Anomaly, b: Anomaly) -> bool:
    return a.kind.match is not None and b.kind.match is not None and a.kind.match.rule.id == b.kind.match.rule.id


def _find_event(
    events: Sequence[Anomaly], cause: Anomaly | None, failing: Mapping[str, Anomaly], onset: int
) -> Change | None:
    """What befell another one moments before: a disk that is full or a server that stops is no change, and sets off."""
    near = [
        one
        for one in events
        if 0 <= onset - one.time <= _STEPS_US
        and one.node not in failing
        and not (cause and one.kind.view.key == cause.kind.view.key)
        # Who meets the same full disk suffers from what filled it, too.
        and not (cause and _same_rule(cause, one))
    ]
    last = max(near, key=lambda one: (one.time, one.kind.id), default=None)
    return None if last is None else _read_onset(last)


def _find_leading(faults: Sequence[Anomaly], cause: Anomaly | None, onset: int) -> Change | None:
    """The first fault of the same server that led up to the cause and went on until then: the disk fills meanwhile."""
    if cause is None:
        return None
    near = [
        one
        for one in faults
        if one.node == cause.node
        and one.kind.id != cause.kind.id
        and not _same_rule(cause, one)
        and TIME_ONLY_US // 4 <= onset - one.time <= LOOK_BACK_US
        and one.last >= onset - _STEPS_US
    ]
    first = min(near, key=lambda one: (one.time, one.kind.id), default=None)
    return None if first is None else _read_onset(first)


def _read_onset(one: Anomaly) -> Change:
    """The record with which a kind began, as what it says."""
    shift = one.kind.view.shift_us
    at_onset = (kept for kept in one.kind.exemplars if kept.time + shift == one.time)
    return read_change(one.kind, next(at_onset, one.kind.exemplars[0]))


def _is_repeated(change: Change) -> bool:
    """Its kind came several times before it."""
    begin = change.kind.first_seen
    return begin is not None and change.kind.between(begin, change.time - US) >= _ROUTINE_FROM


def is_routine(change: Change, onset: int, chance: float = _ROUTINE_CHANCE) -> bool:
    """It came so often before that one as near as this may be a coincidence: sent by a clock, not by a person.

    The chance that events as frequent as these leave one within the lag is 1 - exp(-rate * lag) (a Poisson process);
    more than one in three proves nothing, and where words tie it to nothing one in ten does not either.
    """
    begin = change.kind.first_seen
    before = change.kind.between(begin, onset) if begin is not None else 0
    if begin is None or before < _ROUTINE_FROM:
        return False
    rate = (before - 1) / max(1, onset - begin)
    return rate * max(US, onset - change.time) > chance


def is_everyday(kind: Kind, onset: int, end: int) -> bool:
    """Changes of this kind came before the onset, and come no more often since: a clock's work."""
    begin = kind.first_seen
    if begin is None or kind.between(begin, onset) < _ROUTINE_FROM:
        return False
    # The first one only begins the span.
    before = kind.between(begin, onset) - 1
    since = kind.between(onset, end)
    return rates_differ(since, (end - onset) / US, before, (onset - begin) / US) > _CHANCE


class _Option(NamedTuple):
    """One change, in the order in which changes are preferred."""

    order: tuple[bool, int, int, bool, int]
    strength: int
    change: Change

    @classmethod
    def of(cls, change: Change, strength: int, lag: int) -> "_Option":
        """Named beats time; tied by time alone, what came once beats what comes again and again."""
        is_once = not _is_repeated(change)
        # A moment after its effect is less likely than before.
        ranks = (strength, is_once) if strength >= _NAMED else (is_once, strength)
        return cls((strength >= _NAMED, *ranks, lag >= 0, change.time), strength, change)

    @property
    def is_weak(self) -> bool:
        """Only time ties it, and it comes again and again."""
        return self.strength < _NAMED and _is_repeated(self.change)


def find_trigger(
    changes: Sequence[Change],
    cause: Anomaly | None,
    cause_node: str,
    onset: int,
    failing: Mapping[str, Anomaly],
    novelties: Sequence[Novelty] = (),
    knows: Callable[[str], bool] = lambda word: True,
    faults: Sequence[Anomaly] = (),
    states: Sequence[Anomaly] = (),
) -> Trigger | None:
    """The change that most likely set the cause off; None when none is near.

    Named beats time: a change that names the cause's node, stands in its own log, concerns a node that the cause's
    lines name, or holds an unusual word of theirs. Among equals what came once wins before what comes again and again,
    then the latest, for it is nearest to the effect. Where no words tell of a change, an ordinary line will do of a
    kind that its log never held before, if that is no habit of the log; and where there is none either, what was
    altered of the failing node longer ago.

    Args:
        changes: Records that say that something was altered, by time.
        cause: The kind that shows the cause; None where no line does.
        cause_node: Who is the cause.
        onset: When it began.
        failing: Main onset of each failing node.
        novelties: Ordinary lines of new kinds just before it began.
        knows: Whether a word has a sense of its own, or is the name of somebody known.
        faults: Lines that a rule knows as something dead, full or broken, of any log.
        states: Lines of any log that tell of a stop or start.
    """
    best: _Option | None = None
    far: Change | None = None
    unusual = find_unusual(cause, knows)
    named_by_cause = set(cause.kind.mentions) if cause else set()
    # Credentials are kept on both sides: who is refused may be the one whose were altered.
    refused = {cause.kind.node} if cause and cause.kind.meaning.cls is RuleClass.SECURITY else set[str]()
    is_refusal = cause is not None and cause.kind.meaning.cls in (RuleClass.SECURITY, RuleClass.CONFIG_CHANGE)
    if is_refusal:
        # What a server refuses was asked by somebody, who quotes it: he asks otherwise since he was altered.
        refused |= {name for name, one in failing.items() if one.kind.quoted == cause_node}
    values = tell_values(cause.kind.sample) if cause else frozenset[str]()
    for change in changes:
        lag = onset - change.time
        if not -AFTER_US <= lag <= FAR_US or (cause and change.kind.id == cause.kind.id):
            continue
        if lag < 0 and is_answer(change):
            continue
        if is_routine(change, onset) or (cause and (_is_line_of(change, cause) or _is_behind(change.ref, cause))):
            continue
        if cause and is_mere_change(cause) and change.kind.view.key == cause.kind.view.key:
            # A log of releases: one of them sets no other one off.
            continue
        about = find_concerned(change)
        if lag > LOOK_BACK_US:
            is_own = cause_node in about and change.is_alteration and not _is_repeated(change)
            if is_own and (far is None or change.time - far.time > _ONE_CHANGE_US):
                far = change
            continue
        if cause_node in about:
            strength = 3
        elif (
            about & named_by_cause
            or about & refused
            or shares_value(change, values, cause_node, lag)
            or (is_refusal and lag <= TIME_ONLY_US and tells_name_of(change.text, refused))
        ):
            strength = _NAMED
        elif cause is not None and writes_settings_of(change.sample, {cause_node.lower(), cause.kind.service.lower()}):
            # `/etc/nginx/conf.d/uploads.conf` is read by nobody else.
            strength = _NAMED
        elif cause is not None and shares_path(change.sample, cause.kind.sample):
            strength = _NAMED
        elif lag > TIME_ONLY_US:
            continue
        elif unusual & words_of(change.text) or (cause is not None and is_by_certificate(change, cause.kind)):
            strength = _NAMED
        else:
            strength = 1 if about & set(failing) else 0
            if not change.is_alteration and is_routine(change, onset, _COINCIDENCE):
                continue
        option = _Option.of(change, strength, lag)
        if best is None or option.order > best.order:
            best = option
    fault = _find_event(faults, cause, failing, onset)
    leading = _find_leading(faults, cause, onset)
    if leading is not None and (best is None or best.strength < _NAMED):
        best = _Option.of(leading, _NAMED, onset - leading.time)
    elif fault is not None and (best is None or best.strength < _NAMED):
        is_about = cause is not None and speaks_of(fault.text, tell_quoted(cause.kind))
        best = _Option.of(fault, _NAMED if is_about else 0, onset - fault.time)
    elif best is None or best.is_weak:
        new = _find_new(novelties, cause, cause_node, onset, failing)
        if new is not None:
            is_named = bool(find_concerned(new) & {cause_node, *named_by_cause} or unusual & words_of(new.text))
            is_named = is_named or shares_value(new, values, cause_node, onset - new.time)
            is_named = is_named or (is_refusal and tells_name_of(new.text, refused))
            # `domain auth-1 paused` in a hypervisor's log names the one that hangs.
            is_named = is_named or any(one.about == cause_node and _is_told_by(one, new) for one in novelties)
            best = _Option.of(new, _NAMED if is_named else 0, onset - new.time)
        elif far is not None:
            best = _Option.of(far, _NAMED, onset - far.time)
        elif best is None and (state := _find_event(states, cause, failing, onset)) is not None:
            best = _Option.of(state, 0, onset - state.time)
        elif best is None or best.change.time > onset:
            return None
    first = _first_step(best.change, changes, onset)
    change = best.change if cause and _is_line_of(first, cause) else first
    change = find_deployed(_find_written(change, changes), changes)
    return _make_trigger(change, onset, Link.NAMED if best.strength >= _NAMED else Link.TIME)


def find_by_number(
    changes: Sequence[Change], numbers: Sequence[NumberChange], onset: int
) -> tuple[Trigger, NumberChange] | None:
    """The change with which a number left its normal long before anybody failed, and that number; None without one.

    Args:
        changes: Records that say that something was altered, by time.
        numbers: Series that left their normal, the most telling first.
        onset: When the cause began.
    """
    for one in numbers:
        if not one.left_normal or one.is_state or onset - one.begin < TIME_ONLY_US:
            continue
        near = [
            change
            for change in changes
            if change.is_alteration
            and one.begin - TIME_ONLY_US <= change.time <= one.begin + _AT_ONCE_US
            and not _is_repeated(change)
            and not is_routine(change, onset)
        ]
        if near:
            # The nearest to where the number still was as usual.
            change = min(near, key=lambda c: (abs(c.time - one.begin), c.file, c.line))
            return _make_trigger(change, onset, Link.NUMBER), one
    return None


def _make_trigger(change: Change, onset: int, link: Link) -> Trigger:
    return Trigger(
        file=change.file,
        line=change.line,
        sample=change.sample,
        time=change.time,
        lag_us=max(0, onset - change.time),
        link=link,
        service=change.kind.service,
        text=change.text,
    )
