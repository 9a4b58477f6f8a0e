"""Makes kinds of the groups of an index: reads what their records say, whom they name and about whom they are.

Everything is recomputed or taken from a cache keyed by the group and its version; nothing is remembered that a new
reading of the index would not give.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from logscope.analysis.kinds.components import component_of, is_proxy, keeps_data
from logscope.analysis.kinds.entities import Names
from logscope.analysis.kinds.folding import Folding
from logscope.analysis.kinds.headlines import add_fields, fill_common, hide_ids, one_line, write_headline
from logscope.analysis.kinds.kinds import Kind, SourceView
from logscope.analysis.kinds.meaning import SAYS_NOTHING, Classifier, Meaning, innermost_exception
from logscope.analysis.kinds.normal import NOTHING_KNOWN, Normal
from logscope.analysis.kinds.spoken import read_spoken
from logscope.analysis.kinds.strangers import find_strangers, is_resolution_failure, read_lacked, tell_sides
from logscope.analysis.kinds.subjects import SUPERVISORS, find_subject, is_own_word
from logscope.index.index import Group, GroupKey
from logscope.ingest.batch import Signature, SignatureKind
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.signatures.fields import RecordFields
from logscope.knowledge.matcher import Match
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import Rule, RuleClass
from logscope.knowledge.words import normalise
from logscope.model.severity import Severity
from logscope.model.times import US
from logscope.text.fields import read_settings, tells_change, tells_difference

_OWN_LIMITS = frozenset({RuleClass.EXHAUSTION, RuleClass.STORAGE, RuleClass.SATURATION})
_BY_RULE = 0.9
"""Weight of a mention by a rule of another component's."""
_MOST_WORDS = 20_000
"""Remembered of the words that templates differ in."""
_MOST_EXEMPLARS_READ = 4
"""Mentions are read from this many records of a kind: they share one template."""
_LONGEST_REASON = 160
_NUMBER = re.compile(r"\d+")
_UNDECODED = re.compile(
    r"(?i)deseriali|unmarshal|decod|pars(?:e|ing)\b|unexpected (?:token|character)|invalid character"
)
_MANY_ADDRESSES = 3
"""Addresses that differ from record to record from which on they are a list of peers."""


class KindBuilder:
    """Makes Kinds; remembers what it read of a group while the group has not changed."""

    def __init__(self, names: Names, classifier: Classifier, normal: Normal | None = None) -> None:
        self.names = names
        self.normal = normal
        self._classifier = classifier
        self._telling: dict[str, bool] = {}
        self._known: dict[str, bool] = {}
        self._foldings = {is_window: Folding(self._is_telling) for is_window in (False, True)}
        self._built: dict[bool, dict[GroupKey, _Built]] = {False: {}, True: {}}

    def build(
        self, groups: Mapping[GroupKey, Group], views: Mapping[str, SourceView], *, examined_only: bool = False
    ) -> list[Kind]:
        """One Kind per group, sorted by key.

        Args:
            groups: Of an index.
            views: How each source is written; groups of other sources are left out.
            examined_only: They are of a window that was read at every level, not of everything.
        """
        groups = self._foldings[examined_only].fold({k: g for k, g in groups.items() if k.source in views})
        before, built = self._built[examined_only], dict[GroupKey, _Built]()
        for key, group in sorted(groups.items(), key=lambda item: item[0]):
            made = before.get(key)
            view, version = views[key.source], group.version
            if made is None or made.group is not group or made.version != version or made.kind.view != view:
                made = self._build_one(key, group, view, examined_only, made.reading if made is not None else None)
            built[key] = made
        self._built[examined_only] = built
        return [one.kind for one in built.values()]

    def find_silent(self, service: str) -> tuple[Rule, ...]:
        """Rules about what a service does not log."""
        return self._classifier.find_silent(service)

    def _is_telling(self, word: str) -> bool:
        """A word that names somebody, or says by itself what kind of event it is."""
        known = self._telling.get(word)
        if known is None:
            if len(self._telling) >= _MOST_WORDS:
                self._telling.clear()
            known = bool(self.names.mentions(word, "")) or self._classifier.is_telling(word)
            self._telling[word] = known
        return known

    def _build_one(
        self, key: GroupKey, group: Group, view: SourceView, examined_only: bool, before: "_Reading | None"
    ) -> "_Built":
        rows = group.occurrences.columns()
        if view.shift_us:
            firsts = rows.first_us + view.shift_us
            rows = rows._replace(second=rows.second - rows.first_us // US + firsts // US, first_us=firsts)
        exemplars = group.exemplars.all()
        service = group.signature.service or view.service
        node = self.names.node_of_record(service, view.service)
        shown = [one.text for one in exemplars]
        texts = tuple(shown[:: max(1, len(shown) // _MOST_EXEMPLARS_READ)][:_MOST_EXEMPLARS_READ])
        home = self.names.node_of_service.get(view.service, view.service)
        severity = max(key.severity, Severity.ERROR) if _tells_failed(group.signature) else key.severity
        asked = _Asked(texts, view.layout, service, node, view.has_levels, home, severity)
        reading = before if before is not None and before.asked == asked else self._read(group, asked)
        kind = Kind(
            key=key,
            id=key.text(),
            service=service,
            node=node,
            severity=severity,
            template=group.signature.template,
            signature_kind=group.signature.kind,
            view=view,
            rows=rows,
            untimed=group.untimed,
            exemplars=exemplars,
            headline=reading.headline,
            meaning=reading.meaning,
            match=reading.match,
            mentions=reading.mentions,
            examined_only=examined_only,
            quoted=reading.quoted,
            usual=NOTHING_KNOWN if self.normal is None else self.normal.find(service, group.signature.template),
        )
        kind.subject = find_subject(kind)
        return _Built(group, group.version, reading, kind)

    def _read(self, group: Group, asked: "_Asked") -> "_Reading":
        is_request = group.signature.kind is SignatureKind.REQUEST
        said = self._read_request(group, asked) if is_request else self._read_message(group, asked)
        headline, meaning, match = said.headline, said.meaning, said.match
        node = asked.node
        weights = self._find_named(group, said, asked)
        if match is None and meaning.cls is RuleClass.EXHAUSTION and self._lacks_others(headline, node):
            meaning = Meaning(RuleClass.UPSTREAM.kind, RuleClass.UPSTREAM, "", "", None)
        weights = self._without_own(weights, meaning, said, asked)
        quoted = ""
        if match is not None:
            # A rule that recognises a line knows whose it is, even where the name itself is not written.
            owner = self.names.node_of_component(match.rule.component)
            # One of several servers of a kind: what broke by its own log is it, not the one they are all called like.
            is_its_own = component_of(asked.layout.name) == component_of(match.rule.component) is not None
            is_said_of_itself = (is_its_own and meaning.kind is MeaningKind.CAUSE) or _is_of_proxy(match, headline)
            if owner is not None and owner != node and not is_said_of_itself:
                quoted = owner
                weights[owner] = max(weights.get(owner, 0.0), _BY_RULE)
        if group.signature.kind is SignatureKind.MESSAGE:
            headline = add_fields(headline, asked.texts)
        return _Reading(asked, hide_ids(headline, asked.texts), meaning, match, weights, quoted)

    def _read_request(self, group: Group, asked: "_Asked") -> "_Said":
        """What requests of one route and status mean.

        The words of a request line are its user's, not the server's: what it is, is route and status.
        """
        texts, layout = asked.texts, asked.layout
        headline = group.signature.template
        meaning, match = self._classifier.classify_requests(texts, layout.name)
        if match is not None and meaning.words:
            return _Said(f"{headline} ({meaning.words})", meaning, match)
        if asked.severity < Severity.ERROR:
            return _Said(headline, meaning, match)
        reasons = [reason for text in texts if (reason := _tell_reason(layout.fields(text)))]
        if reasons:
            shown, is_common = _choose_reason(reasons)
            headline = f"{headline} ({one_line(shown)[:_LONGEST_REASON]}{'' if is_common else '; others too'})"
            match = match or self._classifier.classify(shown, None, asked.service)[1]
        return _Said(headline, meaning, match, tuple(reasons))

    def _read_message(self, group: Group, asked: "_Asked") -> "_Said":
        """What a message or exception means."""
        texts, layout, service = asked.texts, asked.layout, asked.service
        fields = layout.fields(texts[0])
        message = fill_common([layout.fields(text) for text in texts]) if "{" in fields.message else fields.message
        headline = write_headline(fields, texts[0], message)
        # An object carries its trace inside the message as often as in a field of its own.
        stack = fields.stack or fields.message.partition("\n")[2] or None
        meaning, match = self._classifier.classify(headline, stack, service)
        if match is None and fields.logger and fields.logger.isalpha():
            # `exited: web (exit status 3)`: in a log of few kinds the first word is taken for a logger's name.
            whole = f"{fields.logger}: {headline}"
            by_whole, known = self._classifier.classify(whole, None, service)
            if known is not None and known.own_log:
                meaning, match, headline = by_whole, known, whole
        if match is None and stack and asked.severity >= Severity.ERROR and meaning.kind is MeaningKind.STATE:
            # An exception is no report of a state, whatever its words are.
            meaning = SAYS_NOTHING
        if match is None and tells_difference(texts[0].decode("utf-8", "replace")):
            # What a diff holds are settings, whatever their words say.
            meaning = Meaning(RuleClass.CHANGE.kind, RuleClass.CHANGE, "", "", None)
        is_vague = match is None and meaning.kind in (MeaningKind.NONE, MeaningKind.SYMPTOM)
        if is_vague and group.signature.kind is SignatureKind.MESSAGE:
            # `alarm raised`, or `write refused`, and only a field says which and why.
            by_fields, known = self._classifier.classify(add_fields(headline, texts), None, service)
            if known is not None:
                meaning, match = by_fields, known
        return _Said(self._shown(headline, fields, message, asked.node, service), meaning, match)

    def _find_named(self, group: Group, said: "_Said", asked: "_Asked") -> dict[str, float]:
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
            weights[self.names.label_of(peer)] = _BY_RULE
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
            return {**weights, resolver: _BY_RULE}
        return weights

    def _sum_mentions(
        self, reasons: Sequence[str], read: Sequence[bytes], group: Group, asked: "_Asked"
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

    def _add_strangers(self, weights: dict[str, float], headline: str, group: Group, asked: "_Asked") -> None:
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

    def _without_own(
        self, weights: dict[str, float], meaning: Meaning, said: "_Said", asked: "_Asked"
    ) -> dict[str, float]:
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
            found[owner] = max(found.get(owner, 0.0), _BY_RULE)
        return found

    def _shown(self, headline: str, fields: RecordFields, said: str, node: str, service: str) -> str:
        """The headline as people search for it: a message that names somebody, before an exception without a cause.

        `Redis ConnectionTimeout: no answer (SocketTimeoutException)`, but `NullPointerException: cart is null (view
        failed)`.
        """
        message = one_line(said)
        exception = innermost_exception(fields.stack) if fields.stack and not fields.error else None
        if exception is None or not message or exception.split(":", 1)[0] in message:
            return headline
        is_cause = self._classifier.classify(exception, None, service)[0].kind is MeaningKind.CAUSE
        if is_cause or not (self.names.mentions(message, node) or find_strangers(message, self.knows)):
            return headline
        return one_line(f"{message} ({exception.split(':', 1)[0]})")

    def _lacks_others(self, message: str, own: str) -> bool:
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


def _tells_failed(signature: Signature) -> bool:
    """Requests that a server failed, whatever level its author gives such a line."""
    return signature.kind is SignatureKind.REQUEST and _FAILED.search(signature.template) is not None


_FAILED = re.compile(r" 5\d\d\Z")


def _tell_reason(fields: RecordFields) -> str:
    """Why a server failed a request, where a field of the record says it; empty without one."""
    exception = innermost_exception(fields.stack) if fields.stack else None
    return exception or ("" if fields.stack else fields.error) or ""


def _choose_reason(reasons: Sequence[str]) -> tuple[str, bool]:
    """What most records give as the reason, numbers aside, and whether they do; else what the first gives."""
    by_shape = Counter(_NUMBER.sub("", reason) for reason in reasons)
    ((shape, most),) = by_shape.most_common(1)
    is_common = most * 2 > len(reasons)
    return next(one for one in reasons if not is_common or _NUMBER.sub("", one) == shape), is_common


def _find_peer(match: Match) -> str:
    """Whom a line tells not to answer, by a rule that knows where its name stands; empty without one."""
    is_upstream = match.rule.cls is RuleClass.UPSTREAM
    return (match.captures.get("host") or match.captures.get("peer") or "") if is_upstream else ""


class _Asked(NamedTuple):
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


class _Said(NamedTuple):
    """What records say of themselves."""

    headline: str
    meaning: Meaning
    match: Match | None
    reasons: tuple[str, ...] = ()
    """Why requests failed, of each record that tells."""


@dataclass(frozen=True, slots=True)
class _Reading:
    asked: _Asked
    headline: str
    meaning: Meaning
    match: Match | None
    mentions: Mapping[str, float]
    quoted: str


class _Built(NamedTuple):
    """A kind, and of what it was made."""

    group: Group
    version: int
    reading: _Reading
    kind: Kind


def _is_of_proxy(match: Match, headline: str) -> bool:
    """Whether a message is a proxy's own report of who is behind it, however its service is called.

    Clients of a proxy see a status, and at most quote its answer behind words of their own.
    """
    is_report = match.rule.cls.kind is MeaningKind.SYMPTOM and is_proxy(match.rule.component)
    return is_report and normalise(headline).lstrip().startswith(match.words.encode())


def _is_address(name: str) -> bool:
    return name.replace(".", "").isdigit()
