"""What ended it: a person's mark, a logged event right before the fall, or the fall alone."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.analysis.causes.changes import read_change
from logscope.analysis.causes.links import shares_path
from logscope.analysis.causes.routine import is_everyday
from logscope.analysis.kinds.kinds import Kind
from logscope.index.exemplars import Exemplar
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.causes import Trigger
from logscope.model.files import LineRef
from logscope.model.recovery import FixOrigin
from logscope.model.severity import Severity
from logscope.model.times import US
from logscope.text.fields import tells_alteration

_BEFORE_S: Final = 120
"""A fix takes effect within this."""
_BEHIND_S: Final = 5
"""A fix may be logged a moment after its effect: by another process, or by stamps of whole seconds."""
_RARE: Final = 3
"""A kind of so few records is an event, not the routine of a running service."""
_STEPS_US: Final = 15 * US
"""Steps of one change (stopped, started, ready) follow each other this closely."""
_AGAIN: Final = 4
"""Strength of what set it off, again."""
_DEED: Final = 3
"""Strength of a change of what broke: somebody did something about it."""
_STATE: Final = 2
"""Strength of a stop or start."""
_MARKED_NEAR_S: Final = 30
"""A person marks a fix within this of the line that tells of it."""
_GAVE_UP: Final = re.compile(
    r"(?i)\b(?:skip(?:ped|ping)|not available|giv(?:ing|en) up|gave up|cancel(?:ed|led|ing|ling))\b"
)
"""What was left undone because of it mends nothing."""
_UNCHANGED: Final = re.compile(r"(?i)\bno changes?\b|\bunchanged\b|\bup[- ]to[- ]date\b")
"""Said each time somebody looks, and nothing was altered."""
_MOST_STATES: Final = 12
"""A server that starts, loads or copies again and again all the while is not mended by one of these."""
_MOST_RECORDS: Final = 200
"""Records of one kind that are looked at: what is changed more often is no fix."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A record after the start that may be what somebody did about it."""

    time: int
    """Microseconds UTC."""
    kind: Kind
    row: int
    strength: int
    """4 the trigger's own kind again, 3 a change about the cause, 2 a start or stop of it, 1 a rare line of its log."""

    @property
    def ref(self) -> LineRef:
        """Its line."""
        return self.kind.ref_at(self.row)

    @property
    def is_deed(self) -> bool:
        """Somebody changed what broke, or what set it off."""
        return self.strength >= _DEED

    @property
    def text(self) -> str:
        """What it says: the line itself where it is kept, else what its kind says."""
        kept = self._kept()
        return self.kind.headline if kept is None else read_change(self.kind, kept).text

    @property
    def sample(self) -> str:
        """The record as it stands; empty where it is not kept."""
        kept = self._kept()
        return "" if kept is None else kept.text.decode("utf-8", "replace")

    def _kept(self) -> Exemplar | None:
        ref = self.ref
        is_it = (one for one in self.kind.exemplars if one.line == ref.line)
        return next((one for one in is_it if self.kind.view.parts[one.part] == ref.file), None)


@dataclass(frozen=True, slots=True)
class Fix:
    """What ended it, as far as anybody knows."""

    second: int
    origin: FixOrigin
    hint: Hint | None
    """The line that tells; None where nothing was logged."""

    @property
    def time(self) -> int:
        """Of the line that tells, as exactly as its stamp does, else to the second; microseconds UTC."""
        is_line = self.hint is not None and self.origin is FixOrigin.DETECTED
        return self.hint.time if self.hint is not None and is_line else self.second * US


def find_hints(
    kinds: Iterable[Kind], node: str, trigger: Trigger | None, start: int, end: int, root: Kind | None = None
) -> list[Hint]:
    """Records about the cause after the start that may be a fix, by time.

    Args:
        kinds: All kinds of every level that are known.
        node: Whose fault it is.
        trigger: What set it off: the same again may be its reversal.
        start: Start of the incident.
        end: Now.
        root: The kind that shows the cause: where it tells an event, the same again may be its reversal.
    """
    found: list[Hint] = []
    kinds = list(kinds)
    targets = {
        kind.subject
        for kind in kinds
        if trigger is not None and kind.subject != kind.node and kind.holds(trigger.sample)
    }
    for kind in kinds:
        is_again = root is not None and kind.count <= _RARE and _is_done_again(kind, root)
        is_beside = _is_beside(kind, start)
        strength = _AGAIN if is_again or is_beside else _strength(kind, node, trigger, targets, start)
        if not strength and root is not None and _is_command_on(kind, root):
            strength = _DEED
        if not strength or is_everyday(kind, start, end):
            continue
        rows = np.flatnonzero(kind.firsts > (start + _STEPS_US if is_beside else start))
        # Several records of a second are one row.
        if len(rows) and kind.between(start, kind.last_seen or start) <= _MOST_RECORDS:
            found += [Hint(int(kind.firsts[row]), kind, row, strength) for row in rows.tolist()]
    return sorted(found, key=lambda h: (h.time, h.kind.order))


def find_told_end(kinds: Iterable[Kind], start: int) -> int | None:
    """When somebody said for the first time since the start that all is well again; microseconds UTC.

    What was said so before is said again and again while a service comes and goes: it proves nothing.
    """
    times = (
        kind.first_seen
        for kind in kinds
        if kind.meaning.cls is RuleClass.RECOVERY and not kind.is_failure and kind.count <= _RARE
    )
    return max((time for time in times if time is not None and time > start), default=None)


def _is_done_again(kind: Kind, root: Kind) -> bool:
    """What the cause's line tells of was done once more, or whoever altered something altered something else."""
    if kind.is_failure or kind.id == root.id:
        return not kind.is_failure
    if root.is_failure or kind.view.key != root.view.key or kind.node != root.node:
        return False
    if root.meaning.kind is MeaningKind.CHANGE and _is_altering(kind):
        return True
    # `model v7 loaded (photos)`, and later `model v6 loaded`.
    words, others = (set(_WORD.findall(one.headline.lower())) for one in (root, kind))
    return len(words & others) >= _FEWEST_ALIKE and 2 * len(words & others) > min(len(words), len(others))


def _takes_back(kind: Kind, trigger: Trigger) -> bool:
    """The log of what set it off says that something is undone, and names it or where it was done by a number."""
    is_its_log = trigger.file in kind.view.parts and not kind.is_failure and kind.count <= _RARE
    if not is_its_log or _UNDONE.search(kind.sample) is None:
        return False
    return bool(set(_NUMBERED.findall(kind.headline)) & set(_NUMBERED.findall(trigger.text)))


_WORD: Final = re.compile(r"(?<![\w.-])[a-z][a-z_-]{2,40}(?![\w.-])")
"""Without a digit: versions differ."""
_FEWEST_ALIKE: Final = 2
_UNDONE: Final = re.compile(
    r"(?i)\broll(?:ed|ing|s)?[ -]?back\b|\brevert(?:ed|ing|s)?\b|\bundo(?:ne|ing)?\b|\bbacked out\b"
)
_NUMBERED: Final = re.compile(r"[\w.-]{0,60}\d[\w.-]{0,60}")


def _is_beside(kind: Kind, start: int) -> bool:
    """A change beside the begin and once more: a reload by a tool with its own log is done again to take it back."""
    return (
        not kind.is_failure
        and kind.count <= _RARE
        and _is_altering(kind)
        and 0 < kind.between(start - _STEPS_US, start + _STEPS_US) < kind.count
        and (kind.last_seen or 0) > start + _STEPS_US
    )


def _is_altering(kind: Kind) -> bool:
    """It tells that something was altered, by its words or by the file that it says was written."""
    is_written = kind.count <= _RARE and not kind.is_failure and tells_alteration(kind.sample)
    return is_written or kind.meaning.kind is MeaningKind.CHANGE or kind.meaning.cls is RuleClass.CONFIG_CHANGE


def _is_command_on(kind: Kind, root: Kind) -> bool:
    """Somebody ran a command, as sudo logs it, on a folder or file that the cause's line tells of."""
    return kind.count <= _RARE and "COMMAND=" in kind.sample and shares_path(kind.sample, root.sample)


def _strength(kind: Kind, node: str, trigger: Trigger | None, targets: Collection[str], start: int) -> int:
    """How likely a kind tells of a fix.

    Args:
        kind: A kind.
        node: Whose fault it is.
        trigger: What set it off.
        targets: Of whom the trigger's log told that it was altered, where that is another one.
        start: Start of the incident.
    """
    is_about = node in (kind.subject, kind.node, *kind.mentions)
    meaning = kind.meaning.kind
    if kind.severity >= Severity.ERROR and meaning is not MeaningKind.STATE:
        # What fails mends nothing, whatever it says of settings.
        return 0
    is_trigger = trigger is not None and trigger.service == kind.service and kind.holds(trigger.sample)
    if is_trigger and not kind.is_failure and kind.count <= _RARE:
        # The same file is written once more, whatever words of a change the line has.
        return _AGAIN
    if trigger is not None and trigger.service == kind.service and _is_step_of(kind, trigger):
        return _AGAIN
    if trigger is not None and _takes_back(kind, trigger):
        return _AGAIN
    if _is_altering(kind):
        if (
            trigger is not None
            and trigger.service == kind.service
            and (is_about or kind.subject in targets or kind.holds(trigger.sample))
        ):
            return _AGAIN
        if is_about:
            return _DEED
    is_seldom = kind.between(start, kind.last_seen or start) <= _MOST_STATES
    if meaning is MeaningKind.STATE and is_about and is_seldom and _UNCHANGED.search(kind.headline) is None:
        return _STATE
    # An ordinary line that its own log, or that of what set it off, never held before: what a server says when somebody
    # changes it by hand.
    is_new = kind.first_seen is not None and kind.first_seen > start
    is_near = kind.node == node or (trigger is not None and kind.service == trigger.service)
    is_broken = kind.is_failure or kind.is_symptom_like or kind.is_cause_like
    is_plain = not is_broken and not kind.is_request and _GAVE_UP.search(kind.headline) is None
    if is_near and is_new and kind.count <= _RARE and is_plain:
        return 1
    return 0


def _is_step_of(kind: Kind, trigger: Trigger) -> bool:
    """Something that was altered together with the trigger: once more, it is taken back."""
    near = kind.between(trigger.time - _STEPS_US, trigger.time + _STEPS_US)
    return 0 < near < kind.count <= _RARE and not kind.is_failure and tells_alteration(kind.sample)


def find_last_deed(deeds: Sequence[Hint]) -> Hint | None:
    """The first step of what was done last; None without any.

    Args:
        deeds: What was done, by time.
    """
    last: Hint | None = None
    for one in reversed(deeds):
        if last is not None and (one.kind.service != last.kind.service or last.time - one.time > _STEPS_US):
            break
        last = one
    return last


def find_fix(start: int, turn: int, marked: Sequence[int], hints: Sequence[Hint], *, is_fallen: bool) -> Fix | None:
    """What ended it.

    Args:
        start: The second in which it began.
        turn: The second in which errors began to fall or users to be served.
        marked: Seconds that people marked.
        hints: Logged events about the cause.
        is_fallen: It has ended; while it goes on, only a mark is a fix.
    """
    later = _find_later_deed(turn, marked, hints) if marked and is_fallen else None
    if later is not None:
        return Fix(later.time // US, FixOrigin.DETECTED, later)
    if marked:
        return Fix(marked[-1], FixOrigin.MARKED, _nearest(marked[-1], hints, _MARKED_NEAR_S, _MARKED_NEAR_S))
    if not is_fallen:
        return None
    # What stands nearer to the begin than to the end came of it, or brought it.
    hint = _nearest(turn, hints, min(_BEFORE_S, max(0, turn - start) // 2), _BEHIND_S)
    return Fix(turn if hint is None else hint.time // US, FixOrigin.DETECTED, hint)


def _find_later_deed(turn: int, marked: Sequence[int], hints: Sequence[Hint]) -> Hint | None:
    """What a log tells was done as it ended, where a person's mark is long past by then: that one was tried in vain."""
    if turn - marked[-1] <= _IN_VAIN_S:
        return None
    hint = _nearest(turn, [one for one in hints if one.time // US > marked[-1] + _MARKED_NEAR_S], _IN_VAIN_S, _BEHIND_S)
    return hint if hint is not None and hint.is_deed else None


_IN_VAIN_S: Final = 60
"""Errors that go on for so long behind a mark did not end by it, where another deed stands at their end."""


def _nearest(turn: int, hints: Sequence[Hint], before_s: int, behind_s: int) -> Hint | None:
    """The strongest event near a second, the latest of equals; where it is logged in steps, its first step.

    Who wrote a file did what its reader then tells of itself.
    """
    near = [one for one in hints if turn - before_s <= one.time // US <= turn + behind_s]
    best = max(near, key=lambda one: (one.strength, tells_alteration(one.sample), one.time), default=None)
    if best is None:
        return None
    steps = [one for one in near if one.strength == best.strength or _is_restart(one)]
    for earlier in reversed([one for one in steps if one.time < best.time]):
        if best.time - earlier.time > _STEPS_US:
            break
        best = earlier
    return best


def _is_restart(hint: Hint) -> bool:
    """A stop or start that is none of many: settings that are read behind it are steps of it."""
    return hint.strength == _STATE and hint.kind.count <= _RARE
