"""What set the cause off: the change before it, linked by name, by number or by time alone."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from logscope.analysis.causes.changes import (
    Change,
    find_concerned,
    find_deployed,
    find_doer,
    is_answer,
)
from logscope.analysis.causes.forerunners import speaks_of, tell_quoted
from logscope.analysis.causes.links import AFTER_US, LOOK_BACK_US, STEPS_US, TIME_ONLY_US, writes_settings_of
from logscope.analysis.causes.routine import is_repeated, is_routine
from logscope.analysis.causes.ties import NAMED, Ties
from logscope.analysis.causes.unspoken import ReadText, find_event, find_leading, find_new, read_kept
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.onset.anomalies import Anomaly, resolution_us
from logscope.analysis.onset.novelties import Novelty
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.causes import Link, Trigger
from logscope.model.incident import NumberChange
from logscope.model.times import MINUTE_US, US
from logscope.text.fields import tells_alteration

FAR_US: Final = 120 * MINUTE_US
"""What was altered of the failing node itself may take so long to fill a pool, a disk or a memory."""

_AT_ONCE_US: Final = 30 * US
"""Between the last usual value and the change: a number is told only now and then."""

_ONE_CHANGE_US: Final = 10 * MINUTE_US
"""Of what was altered long ago the begin is told: a release may take so long."""

_COINCIDENCE: Final = 0.1
"""The same for a job of a clock that only time ties to the cause: one in ten."""

_START_US: Final = 30 * US
"""A server is ready within."""


def _first_step(change: Change, changes: Sequence[Change], onset: int) -> Change:
    """Where a change is logged in steps (started, finished), its first step before the onset."""
    first = change
    if change.kind.meaning.kind is not MeaningKind.CHANGE:
        return first
    for earlier in reversed([c for c in changes if c.file == change.file and c.time <= change.time]):
        if first.time - earlier.time > STEPS_US:
            break
        if earlier.time <= onset and _is_step(earlier, change):
            first = earlier
    return first


def _is_step(earlier: Change, change: Change) -> bool:
    """Whether both are of one change.

    `shop: release r7 live` and `mail: release r3 live` are of one kind, and steps of two; so are `key a set to on` and
    `key b set to on`. Replicas that are altered in turn differ by a number.
    """
    if (earlier.kind.subject, earlier.kind.node, earlier.tag) != (change.kind.subject, change.kind.node, change.tag):
        return False
    is_alike = _DIGITS.sub("0", earlier.text) == _DIGITS.sub("0", change.text)
    return earlier.kind.id != change.kind.id or is_alike


_DIGITS: Final = re.compile(r"\d+")


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


_RELOAD: Final = re.compile(
    r"(?i)\breload|\breconfigur|\bSIG(?:HUP|USR\d)\b|\brestart|\bstopp(?:ed|ing)\b|\bshut(?:ting)? ?down\b"
)
_RELOADED_US: Final = 15 * US
"""So soon behind a file is written its reader is told, and a second for stamps without a fraction."""


def is_mere_change(cause: Anomaly) -> bool:
    """Its line tells that something was altered, and of no failure."""
    return cause.kind.meaning.kind is MeaningKind.CHANGE and not cause.kind.is_failure


_DUMP: Final = 3
"""New kinds of one log in one moment."""


def _is_at_once(kind: Kind, time: int, cause: Anomaly) -> bool:
    """A record stands in the cause's own log, and in the same moment as far as the stamps tell."""
    is_own = kind.node == cause.kind.node and kind.view.key == cause.kind.view.key
    return is_own and abs(cause.time - time) <= resolution_us(cause.kind)


class _Option(NamedTuple):
    """One change, in the order in which changes are preferred."""

    order: tuple[bool, int, int, bool, int]
    strength: int
    change: Change

    @classmethod
    def of(cls, change: Change, strength: int, lag: int) -> "_Option":
        """Named beats time; tied by time alone, what came once beats what comes again and again."""
        is_once = not is_repeated(change)
        # A moment after its effect is less likely than before.
        ranks = (strength, is_once) if strength >= NAMED else (is_once, strength)
        return cls((strength >= NAMED, *ranks, lag >= 0, change.time), strength, change)

    @property
    def is_weak(self) -> bool:
        """Only time ties it, and it comes again and again."""
        return self.strength < NAMED and is_repeated(self.change)


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
    read: ReadText = read_kept,
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
        read: Gives the record with which a kind began.
    """
    ties = Ties.of(cause, cause_node, onset, failing, knows)
    is_change = cause is not None and (is_mere_change(cause) or _tells_change(ties, changes))
    possible, told = _find_possible(changes, novelties, ties, is_change=is_change)
    best = _find_best(possible, ties)
    fault = _find_fault(faults, ties, read) if best is None or best.strength < NAMED else None
    if fault is not None:
        best = fault
    elif best is None or best.is_weak:
        best = _find_unspoken(best, possible, ties, told, states, read)
    if best is None or (is_change and best.strength < NAMED):
        # What was altered is itself what is to be undone; that something else came before by chance is no news.
        return None
    change = _find_begin(best.change, changes, ties)
    return _make_trigger(change, onset, Link.NAMED if best.strength >= NAMED else Link.TIME)


def _find_possible(
    changes: Sequence[Change], novelties: Sequence[Novelty], ties: Ties, *, is_change: bool
) -> tuple[list[Change], Sequence[Novelty]]:
    """Changes and new ordinary lines that may have set the cause off.

    Args:
        changes: All.
        novelties: All.
        ties: The cause.
        is_change: Its line only tells that something was altered.
    """
    possible = [change for change in changes if _may_be(change, ties)]
    cause = ties.cause
    if cause is not None and is_change:
        # A log of releases: one of them sets no other one off, unless it is of somebody who fails.
        log = cause.kind.view.key
        possible = [one for one in possible if one.kind.view.key != log or _is_of_failing(one, ties)]
        novelties = [one for one in novelties if one.anomaly.kind.view.key != log]
    if cause is None or sum(_is_at_once(one.anomaly.kind, one.anomaly.time, cause) for one in novelties) < _DUMP:
        return possible, novelties
    # A process that dies writes all it knows: one event in many lines, the cause's among them.
    told = [one for one in novelties if not _is_at_once(one.anomaly.kind, one.anomaly.time, cause)]
    return [one for one in possible if one.is_alteration or not _is_at_once(one.kind, one.time, cause)], told


def _is_of_failing(change: Change, ties: Ties) -> bool:
    """It names somebody who fails, other than who writes its log."""
    return not (find_concerned(change) - {change.kind.node, change.kind.service, ties.node}).isdisjoint(ties.failing)


def _find_begin(change: Change, changes: Sequence[Change], ties: Ties) -> Change:
    """What is to be undone: the first step of a change, and who did it where another one only tells of it."""
    first = _first_step(change, changes, ties.onset)
    if ties.is_line_of(first) or (change.time - first.time <= AFTER_US and _ties_by_name(change, ties, first)):
        # `zone pay.example/IN: loaded` says more than that zones are loaded, in the same moment.
        first = change
    change = _find_written(first, changes)
    deployed = find_deployed(change, changes)
    change = change if deployed is change else _first_step(deployed, changes, ties.onset)
    return find_doer(change, changes, ties.failing)


def _ties_by_name(change: Change, ties: Ties, other: Change) -> bool:
    """Words tie a change to the cause that do not tie another one."""
    return (ties.weigh(change) or 0) >= NAMED > (ties.weigh(other) or 0)


def _may_be(change: Change, ties: Ties) -> bool:
    """It came in time to set the cause off, is none of its own lines, and no habit."""
    lag, cause = ties.lag(change), ties.cause
    if not -AFTER_US <= lag <= FAR_US or (lag < 0 and is_answer(change)) or is_routine(change, ties.onset):
        return False
    if cause is None:
        return True
    return not (change.kind.id == cause.kind.id or ties.is_line_of(change) or ties.is_behind(change.ref, change.time))


def _tells_change(ties: Ties, changes: Sequence[Change]) -> bool:
    """The cause's line tells that something was altered, in whatever words, and of no failure."""
    kind = ties.cause.kind if ties.cause is not None else None
    if kind is None or kind.is_failure or kind.is_cause_like:
        return False
    return any(change.is_alteration and ties.is_line_of(change) for change in changes)


def _find_best(possible: Sequence[Change], ties: Ties) -> _Option | None:
    """Of the changes of the last half hour the one that is tied best."""
    best: _Option | None = None
    for change in possible:
        lag = ties.lag(change)
        strength = ties.weigh(change) if lag <= LOOK_BACK_US else None
        if strength is None:
            continue
        if strength < NAMED and not change.is_alteration and is_routine(change, ties.onset, _COINCIDENCE):
            continue
        option = _Option.of(change, strength, lag)
        if best is None or option.order > best.order:
            best = option
    return best


def _find_far(possible: Sequence[Change], ties: Ties) -> Change | None:
    """What was altered of the failing node itself longer ago; of a release in steps the begin."""
    far: Change | None = None
    for change in possible:
        is_own = change.is_alteration and ties.node in find_concerned(change) and not is_repeated(change)
        if ties.lag(change) > LOOK_BACK_US and is_own and (far is None or change.time - far.time > _ONE_CHANGE_US):
            far = change
    return far


def _find_fault(faults: Sequence[Anomaly], ties: Ties, read: ReadText) -> _Option | None:
    """A fault that led up to the cause, or that befell another one moments before; none that quotes the cause's own."""
    faults = [one for one in faults if one.kind.quoted != ties.node]
    leading = find_leading(faults, ties, read)
    if leading is not None:
        return _Option.of(leading, NAMED, ties.lag(leading))
    fault = find_event(faults, ties, read)
    if fault is None:
        return None
    is_about = ties.cause is not None and speaks_of(fault.text, tell_quoted(ties.cause.kind))
    return _Option.of(fault, NAMED if is_about else 0, ties.lag(fault))


def _find_unspoken(
    weak: _Option | None,
    possible: Sequence[Change],
    ties: Ties,
    novelties: Sequence[Novelty],
    states: Sequence[Anomaly],
    read: ReadText,
) -> _Option | None:
    """Where nothing but a habit tells of a change: a new ordinary line, what is long past, or a stop or start.

    Args:
        weak: The habit, which counts where it came before the cause and there is nothing else.
        possible: Changes that came in time.
        ties: What ties them to the cause.
        novelties: Ordinary lines of new kinds.
        states: Lines that tell of a stop or start.
        read: Gives the record with which a kind began.
    """
    new = find_new(novelties, ties, read)
    if new is not None:
        return _Option.of(new, NAMED if ties.names_new(new, novelties) else 0, ties.lag(new))
    far = _find_far(possible, ties)
    if far is not None:
        return _Option.of(far, NAMED, ties.lag(far))
    if weak is not None:
        return weak if weak.change.time <= ties.onset else None
    state = find_event(states, ties, read)
    return None if state is None else _Option.of(state, 0, ties.lag(state))


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
            and not is_repeated(change)
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
