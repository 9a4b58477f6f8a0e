"""Whom the records of a group name, and how surely each is meant: by words, by rules, by a message's grammar.

What a record says of itself is read before (builder.py): who tells of a limit of its own blames nobody.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from logscope.analysis.kinds.components import keeps_data
from logscope.analysis.kinds.entities import Names
from logscope.analysis.kinds.meaning import Classifier, Meaning
from logscope.analysis.kinds.spoken import read_spoken
from logscope.analysis.kinds.strangers import find_strangers, is_resolution_failure, read_lacked, tell_sides
from logscope.analysis.kinds.subjects import SUPERVISORS, is_own_word
from logscope.index.index import Group
from logscope.ingest.batch import SignatureKind
from logscope.ingest.layouts.layout import Layout
from logscope.knowledge.matcher import Match
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.severity import Severity
from logscope.text.fields import read_settings, tells_change

_OWN_LIMITS = frozenset({RuleClass.EXHAUSTION, RuleClass.STORAGE, RuleClass.SATURATION})
BY_RULE = 0.9
"""Weight of a mention by a rule of another component's."""
_MOST_WORDS: Final = 20_000
"""Remembered of the words that grammar takes for names."""
_UNDECODED = re.compile(
    r"(?i)deseriali|unmarshal|decod|pars(?:e|ing)\b|unexpected (?:token|character)|invalid character"
)
_MANY_ADDRESSES = 3
"""Addresses that differ from record to record from which on they are a list of peers."""


class Asked(NamedTuple):
    """All that a reading of a group depends on."""

    texts: tuple[bytes, ...]
    """Of the records that are read; the first one is the group's first."""
    layout: Layout
    service: str
    node: str
    has_levels: bool
    home: str
    """Node of its log."""
    severity: Severity


class Said(NamedTuple):
    """What records say of themselves."""

    headline: str
    meaning: Meaning
    match: Match | None
    reasons: tuple[str, ...] = ()
    """Why requests failed, of each record that tells."""


class Blamed:
    """Finds whom records name."""

    def __init__(self, names: Names, classifier: Classifier) -> None:
        self.names = names
        self._classifier = classifier
        self._known: dict[str, bool] = {}

    def find(self, group: Group, said: Said, asked: Asked) -> dict[str, float]:
        """Whom the records name, and how surely each is meant."""
        texts, node = asked.texts, asked.node
        meaning, match, headline = said.meaning, said.match, said.headline
        # Ordinary lines below warning name everybody all the time; only those that say something are read for names.
        says_something = asked.severity >= Severity.WARN or match is not None or meaning.kind is not MeaningKind.NONE
        fails = asked.severity >= Severity.WARN or (says_something and not asked.has_levels)
        # What tells a version, a setting, or a value beside the former one was altered: whose, its other words say.
        first = texts[0].decode("utf-8", "replace")
        is_read = says_something or tells_change(first) or bool(read_settings(first))
        weights = self._sum_mentions(said.reasons, texts if is_read else (), group, asked)
        # What a server that keeps data names in words that a rule knows are its queues and tables, whoever quotes it.
        is_of_data = match is not None and keeps_data(match.rule.component)
        # That something was altered blames nobody.
        if fails and not is_of_data and meaning.kind is not MeaningKind.CHANGE:
            self._add_strangers(weights, headline, group, asked)
        if fails and match is not None and not weights and (peer := _find_peer(match)):
            weights[self.names.label_of(peer)] = BY_RULE
        if match is not None and match.rule.component == "dns" and node == self.names.node_of_component("dns"):
            # Whose name a resolver could not find an answer for is asked for, and not at fault.
            return {}
        if fails and is_resolution_failure(headline):
            resolver = self.names.label_of("dns")
            if resolver == node or (match is not None and match.own_log and meaning.cls is RuleClass.CONFIG_CHANGE):
                # Who does not accept its own settings for a name in them stops or goes on by itself.
                return {}
            # A name that cannot be resolved tells of whoever resolves names, not of who has the name.
            weights = {name: weight for name, weight in weights.items() if self.names.has_log(name)}
            return {**weights, resolver: BY_RULE}
        return weights

    def _sum_mentions(
        self, reasons: Sequence[str], read: Sequence[bytes], group: Group, asked: Asked
    ) -> dict[str, float]:
        """Nodes that reasons and records name, each by the share of records that do."""
        weights: dict[str, float] = {}
        for reason in reasons:
            # Of each what it says: one route fails for another reason an hour later.
            for name, weight in self._blamed_by(reason, asked.node, asked.service).items():
                weights[name] = weights.get(name, 0.0) + weight / len(asked.texts)
        for text in read:
            found = self.names.mentions(read_spoken(text, asked.layout, group.signature.kind), asked.node)
            if any(not _is_address(name) for name in found):
                # `10.0.0.6:7300 (thumbnailer)`: the address is that name's.
                found = {name: weight for name, weight in found.items() if not _is_address(name)}
            for name, weight in found.items():
                weights[name] = weights.get(name, 0.0) + weight / len(read)
        if asked.home != asked.node:
            # The log of a host, or of all services, is called so in front of each line.
            weights.pop(asked.home, None)
        addresses = [name for name in weights if _is_address(name)]
        # Each record its own: who is served is told, not who is at fault.
        singles = [name for name in addresses if weights[name] * len(read) <= 1.0]
        if len(read) >= _MANY_ADDRESSES > len(addresses) and len(singles) > 1:
            weights = {name: weight for name, weight in weights.items() if name not in singles}
        if len(addresses) >= _MANY_ADDRESSES:
            # A member tells of each of its peers in turn: that names none of them.
            weights = {name: weight for name, weight in weights.items() if name not in addresses}
        return weights

    def _add_strangers(self, weights: dict[str, float], headline: str, group: Group, asked: Asked) -> None:
        """Add whom only the grammar of a failure's message shows."""
        # Of a request its path is the client's word.
        is_request = group.signature.kind is SignatureKind.REQUEST
        told = tell_sides(asked.texts) if is_request else f"{headline} {tell_sides(asked.texts)}"
        found = self._strangers(told, asked.node, is_alone=is_request or not weights)
        if is_request:
            found |= self.names.mentions(told, asked.node)
        if is_request and found:
            # `peer=points:7070` and `refused 10.0.5.5:7070`: the address is that name's.
            for name in [name for name in weights if _is_address(name)]:
                del weights[name]
        for name, weight in found.items():
            weights[name] = max(weights.get(name, 0.0), weight)

    def without_own(self, weights: dict[str, float], meaning: Meaning, said: Said, asked: Asked) -> dict[str, float]:
        """Whom they blame: nobody where a service tells of itself."""
        match = said.match
        # A full pool of workers, a batch that took too long: whose libraries write it says so of itself.
        is_its_word = match is not None and (match.own_log or meaning.cls is RuleClass.SATURATION)
        is_own = is_its_word and meaning.cls in _OWN_LIMITS and asked.node not in SUPERVISORS
        if is_own or (match is not None and meaning.cls is RuleClass.BUG):
            # A fault in the code is its own, and so is a limit that a server tells of itself, whatever its lines name.
            return {}
        if meaning.kind is MeaningKind.STATE and is_own_word(match, asked.layout.name):
            # That a session was ended or a start goes on blames none of its users.
            return {}
        if meaning.cls is RuleClass.BUG and _UNDECODED.search(said.headline) is not None:
            # What cannot be decoded came from whom the message names, not from whose library handed it over.
            return dict(self.names.mentions(said.headline, asked.node))
        return weights

    def _blamed_by(self, reason: str, node: str, service: str) -> dict[str, float]:
        """Whom the reason of a failed request names, or means by words that a rule knows."""
        found = dict(self.names.mentions(reason, node))
        _, match = self._classifier.classify(reason, None, service)
        owner = self.names.node_of_component(match.rule.component) if match is not None else None
        if owner is not None and owner != node:
            found[owner] = max(found.get(owner, 0.0), BY_RULE)
        return found

    def lacks_others(self, message: str, own: str) -> bool:
        """Not a resource of its own is used up: `not enough brokers` are there of those that it names."""
        return any(self.names.mentions(word, own) for word in read_lacked(message))

    def _strangers(self, message: str, own: str, *, is_alone: bool) -> dict[str, float]:
        """Names that only this message's grammar shows.

        Args:
            message: Its message.
            own: Its own node, which is none of them.
            is_alone: Nobody else is named; else `broker` of `broker mq1:5672` is not one more.
        """
        return {
            label: weight
            for word, weight in find_strangers(message, self.knows).items()
            if (label := self.names.label_of(word)) != own and (is_alone or not self._classifier.knows(word))
        }

    def knows(self, word: str) -> bool:
        """Whether a word has a sense of its own, or is the name of somebody known."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _MOST_WORDS:
                self._known.clear()
            known = self._classifier.knows(word) or bool(self.names.mentions(word, ""))
            self._known[word] = known
        return known


def _find_peer(match: Match) -> str:
    """Whom a line tells not to answer, by a rule that knows where its name stands; empty without one."""
    is_upstream = match.rule.cls is RuleClass.UPSTREAM
    return (match.captures.get("host") or match.captures.get("peer") or "") if is_upstream else ""


def _is_address(name: str) -> bool:
    return name.replace(".", "").isdigit()
