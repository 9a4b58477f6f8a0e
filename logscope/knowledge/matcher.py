"""Which rules recognise a message. Receives a message's text, gives rules; never reads a file.

Plan: every literal names one rare word of its own as its anchor. A message is cut into words once; when it holds no
anchor it is done (about 1.5 us). Otherwise only the rules of the anchors it holds are compared. Cost does not grow with
the number of rules, only with the words of the message.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from logscope.knowledge.patterns import compile_bounded
from logscope.knowledge.rule import Component, MatchSpec, Rule, RuleSet, Scope
from logscope.knowledge.words import keep_statements, normalise, split_words
from logscope.model.causes import Confidence

_COMMON_WORDS: Final = frozenset(
    b"a accept accepting access after alert all allowed already an and any api app at back been block buffer by "
    b"byte bytes call called can cannot cert certificate change changed check client clients clocks close closed "
    b"closing cluster code command complete completed config configuration connect connected connecting connection "
    b"connections container contains could create created current data database db delete detected device "
    b"directory disk does done down duration enabled end entry environment error errors event exception exist "
    b"failed failure fast file files for found from full further gc get got had half has have heard hit host http "
    b"https id image in included index info install installed interval into is issue it java job key known large "
    b"last left level limit list load loading log login long lost main master max memory message messages min mode "
    b"more name new no node not notify now number object of off ok old on only open opening operation option or "
    b"out output over page parameter password path pause pid pool port possible post previous primary process "
    b"query queue read ready reason received record remaining remove replica replicas report request requested "
    b"requests required reset resource response restart result role route run running runtime s saving scheduled "
    b"security send sending sent server servers service serving session set shared short shutdown signal size so "
    b"soft space sql start started starting startup state statement status step still stop stopped storage success "
    b"successfully such supported sync system t table target task tasks test than the then there these this thread "
    b"threads time timed timeout to token too took total transaction transactions type unix unknown up update "
    b"updated upgrade upgraded upstream uri url use used user username using valid value version volume volumes "
    b"wait waiting warning was were when while with within without worker workers write writing yet".split()
)
"""Words that many healthy lines hold: poor anchors. A literal may still consist of them alone."""

_CONFIDENCE_RANK: Final = {Confidence.HIGH: 2, Confidence.MEDIUM: 1, Confidence.LOW: 0}


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that recognises a message."""

    rule: Rule
    words: str
    """The literal that was found, in normal form."""
    captures: Mapping[str, str]
    """Values of the named groups of the rule's regex: raw text of the file."""
    own_log: bool
    """The message stands in the log of the rule's component."""


class Matcher:
    """Finds the rules that recognise a message."""

    def __init__(self, rules: RuleSet) -> None:
        self._components = {component.name: component for component in rules.components}
        by_anchor: dict[bytes, list[tuple[bytes, Rule]]] = {}
        for rule in rules.rules:
            for literal in rule.match.any:
                by_anchor.setdefault(_choose_anchor(literal), []).append((literal, rule))
        self._by_anchor = {anchor: tuple(entries) for anchor, entries in by_anchor.items()}
        self._anchors = frozenset(self._by_anchor)
        self._silent = tuple(rule for rule in rules.rules if rule.silent_by_design)

    def match(self, message: str, component_hint: str | None = None) -> Match | None:
        """The rule that recognises a message best, or None.

        Args:
            message: The raw message without its head (time, level, pid). Of its first 4,096 characters the statements
                count, stack frames do not. Masked templates match literals, but not regexes that want a number.
            component_hint: Name of the service, file, unit or container whose log holds it; None when unknown.
        """
        text = keep_statements(message)
        words = split_words(text)
        if self._anchors.isdisjoint(words):
            return None
        found = self._compare(words, text, component_hint)
        return found[0] if found else None

    def match_all(self, message: str, component_hint: str | None = None) -> tuple[Match, ...]:
        """All rules that recognise a message, the best first."""
        text = keep_statements(message)
        words = split_words(text)
        if self._anchors.isdisjoint(words):
            return ()
        return tuple(self._compare(words, text, component_hint))

    def find_silent(self, name: str) -> tuple[Rule, ...]:
        """Rules about what the component behind a name does not log: for a service that is blamed but says nothing."""
        return tuple(rule for rule in self._silent if self._is_component(rule.component, name))

    def _compare(self, words: list[bytes], message: str, hint: str | None) -> list[Match]:
        """Matches, the best first: own log, then confidence, then the more specific literal, then the id."""
        text = b" " + b" ".join(words) + b" "
        found: dict[str, tuple[tuple[object, ...], Match]] = {}
        for anchor in self._anchors.intersection(words):
            for literal, rule in self._by_anchor[anchor]:
                if literal not in text:
                    continue
                own_log = hint is not None and self._is_component(rule.component, hint)
                captures = _confirm(rule.match, text, message, own_log)
                if captures is None:
                    continue
                rank = (not own_log, -_CONFIDENCE_RANK[rule.confidence], -len(literal), rule.id)
                if rule.id not in found or rank < found[rule.id][0]:
                    found[rule.id] = (rank, Match(rule, literal.decode().strip(), captures, own_log))
        return [match for _, match in sorted(found.values(), key=lambda entry: entry[0])]

    def _is_component(self, component: str, name: str) -> bool:
        """Whether a service, file or host name speaks of a component: one of its names occurs as a word in it."""
        known = self._components.get(component) or Component(component, ())
        text = normalise(name)
        return any(normalise(alias) in text for alias in (known.name, *known.aliases))


def _confirm(spec: MatchSpec, text: bytes, message: str, own_log: bool) -> Mapping[str, str] | None:
    """The captures of a message that holds a literal of the spec; None when the rest of the spec does not hold."""
    if spec.scope is Scope.OWN_LOG and not own_log:
        return None
    if any(literal in text for literal in spec.none):
        return None
    if spec.regex is None:
        return {}
    found = compile_bounded(spec.regex).search(message)
    return None if found is None else {name: value for name, value in found.groupdict().items() if value}


@lru_cache(maxsize=16_384)
def _choose_anchor(literal: bytes) -> bytes:
    """The word of a literal that healthy lines are least likely to hold: uncommon first, then the longest."""
    return max(literal.split(), key=lambda word: (word not in _COMMON_WORDS, len(word), word))
