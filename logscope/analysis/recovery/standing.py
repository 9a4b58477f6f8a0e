"""What a log told that is down and never took back: users may be served by what is left of it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.recovery.guards import ENDS, withhold_end
from logscope.knowledge.patterns import compile_bounded
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import Rule, RuleClass
from logscope.model.recovery import Recovery
from logscope.model.times import MINUTE_US, NO_TIME
from logscope.text.cutting import shorten

_LONGEST_RECORD: Final = 4000
_LONGEST_WORDS: Final = 80
_LEAD_US: Final = MINUTE_US
"""What was told sooner before it began is no part of it."""


class _Told(NamedTuple):
    time: int
    kind: Kind
    rule: Rule
    whom: frozenset[tuple[str, str]]
    """Captures that say of whom, and what else the line holds."""
    words: str
    """What the rule recognises in it."""


def find_standing(kinds: Iterable[Kind], start: int) -> str:
    """What is down by the last word of a log, where another line of it would take that back; empty without.

    Args:
        kinds: Of every level.
        start: Of the incident, microseconds UTC.
    """
    known = list(kinds)
    down = [
        told
        for kind in known
        if (rule := _rule_of(kind)) is not None and rule.cleared_by
        for told in _read_all(kind, rule)
        if told.time >= start - _LEAD_US
    ]
    if not down:
        return ""
    standing: dict[frozenset[tuple[str, str]], _Told] = {}
    for one in sorted(down, key=lambda told: (told.time, told.kind.order)):
        if not _is_taken_back(one, known):
            standing.setdefault(one.whom, one)
    if not standing:
        return ""
    first = next(iter(standing.values()))
    more = f" (and {len(standing) - 1} more)" if len(standing) > 1 else ""
    return f"{first.kind.service} has not taken back: {first.words}{more}"


def withhold_standing(recovery: Recovery, standing: str) -> Recovery:
    """Withhold an end while something is down by the last word of who watches it."""
    if not standing or recovery.verdict not in ENDS:
        return recovery
    return replace(withhold_end(recovery), standing=standing, explanation=f"{recovery.explanation}; {standing}")


def _is_taken_back(down: _Told, kinds: Iterable[Kind]) -> bool:
    for kind in kinds:
        if kind.view.key != down.kind.view.key or kind.last_seen is None or kind.last_seen < down.time:
            continue
        rule = _rule_of(kind)
        if rule is None or rule.id != down.rule.cleared_by:
            if kind.meaning.kind in _ALTERING and kind.meaning.cls is not RuleClass.RECOVERY:
                # Who is started or altered since, or takes somebody out by hand, may not say it again.
                return True
            continue
        told = list(_read_all(kind, rule))
        if any(one.time >= down.time and one.whom <= down.whom for one in told):
            return True
        if kind.count > len(kind.exemplars) and len({one.whom for one in told}) > 1:
            # Of many only some are kept: it may be among the others.
            return True
    return False


_ALTERING: Final = (MeaningKind.STATE, MeaningKind.CHANGE)


def _rule_of(kind: Kind) -> Rule | None:
    return kind.match.rule if kind.match is not None else None


def _read_all(kind: Kind, rule: Rule) -> Iterator[_Told]:
    """What each kept record tells, and of whom."""
    for one in kind.exemplars:
        if one.time == NO_TIME:
            continue
        whom: frozenset[tuple[str, str]] = frozenset()
        words = shorten(kind.headline, _LONGEST_WORDS)
        if rule.match.regex is not None:
            found = compile_bounded(rule.match.regex).search(one.text[:_LONGEST_RECORD].decode("utf-8", "replace"))
            if found is not None:
                whom, words = frozenset(found.groupdict(default="").items()), found[0]
        yield _Told(one.time + kind.view.shift_us, kind, rule, whom, words)
