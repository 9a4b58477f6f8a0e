"""Makes kinds of the groups of an index: reads what their records say, whom they name and about whom they are.

Everything is recomputed or taken from a cache keyed by the group and its version; nothing is remembered that a new
reading of the index would not give.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from logscope.analysis.kinds.blamed import BY_RULE, Asked, Blamed, Said
from logscope.analysis.kinds.components import component_of, is_proxy
from logscope.analysis.kinds.entities import Names
from logscope.analysis.kinds.folding import Folding
from logscope.analysis.kinds.headlines import add_fields, fill_common, hide_ids, one_line, write_headline
from logscope.analysis.kinds.kinds import Kind, SourceView
from logscope.analysis.kinds.meaning import SAYS_NOTHING, Classifier, Meaning, innermost_exception
from logscope.analysis.kinds.normal import NOTHING_KNOWN, Normal
from logscope.analysis.kinds.strangers import find_strangers
from logscope.analysis.kinds.subjects import find_subject
from logscope.index.index import Group, GroupKey
from logscope.ingest.batch import Signature, SignatureKind
from logscope.ingest.signatures.fields import RecordFields
from logscope.knowledge.matcher import Match
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import Rule, RuleClass
from logscope.knowledge.words import normalise
from logscope.model.severity import Severity
from logscope.model.times import US
from logscope.text.fields import tells_difference

_MOST_WORDS = 20_000
"""Remembered of the words that templates differ in."""
_MOST_EXEMPLARS_READ = 4
"""Mentions are read from this many records of a kind: they share one template."""
_LONGEST_REASON = 160
_NUMBER = re.compile(r"\d+")


class KindBuilder:
    """Makes Kinds; remembers what it read of a group while the group has not changed."""

    def __init__(self, names: Names, classifier: Classifier, normal: Normal | None = None) -> None:
        self.names = names
        self.normal = normal
        self._classifier = classifier
        self._telling: dict[str, bool] = {}
        self._blamed = Blamed(names, classifier)
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
        asked = Asked(texts, view.layout, service, node, view.has_levels, home, severity)
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

    def _read(self, group: Group, asked: Asked) -> "_Reading":
        is_request = group.signature.kind is SignatureKind.REQUEST
        said = self._read_request(group, asked) if is_request else self._read_message(group, asked)
        headline, meaning, match = said.headline, said.meaning, said.match
        node = asked.node
        weights = self._blamed.find(group, said, asked)
        if match is None and meaning.cls is RuleClass.EXHAUSTION and self._blamed.lacks_others(headline, node):
            meaning = Meaning(RuleClass.UPSTREAM.kind, RuleClass.UPSTREAM, "", "", None)
        weights = self._blamed.without_own(weights, meaning, said, asked)
        quoted = ""
        if match is not None:
            # A rule that recognises a line knows whose it is, even where the name itself is not written.
            owner = self.names.node_of_component(match.rule.component)
            # One of several servers of a kind: what broke by its own log is it, not the one they are all called like.
            is_its_own = component_of(asked.layout.name) == component_of(match.rule.component) is not None
            is_said_of_itself = (is_its_own and meaning.kind is MeaningKind.CAUSE) or _is_of_proxy(match, headline)
            if owner is not None and owner != node and not is_said_of_itself:
                quoted = owner
                weights[owner] = max(weights.get(owner, 0.0), BY_RULE)
        if group.signature.kind is SignatureKind.MESSAGE:
            headline = add_fields(headline, asked.texts)
        return _Reading(asked, hide_ids(headline, asked.texts), meaning, match, weights, quoted)

    def _read_request(self, group: Group, asked: Asked) -> Said:
        """What requests of one route and status mean.

        The words of a request line are its user's, not the server's: what it is, is route and status.
        """
        texts, layout = asked.texts, asked.layout
        headline = group.signature.template
        meaning, match = self._classifier.classify_requests(texts, layout.name)
        if match is not None and meaning.words:
            return Said(f"{headline} ({meaning.words})", meaning, match)
        if asked.severity < Severity.ERROR:
            return Said(headline, meaning, match)
        reasons = [reason for text in texts if (reason := _tell_reason(layout.fields(text)))]
        if reasons:
            shown, is_common = _choose_reason(reasons)
            headline = f"{headline} ({one_line(shown)[:_LONGEST_REASON]}{'' if is_common else '; others too'})"
            match = match or self._classifier.classify(shown, None, asked.service)[1]
        return Said(headline, meaning, match, tuple(reasons))

    def _read_message(self, group: Group, asked: Asked) -> Said:
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
        return Said(self._shown(headline, fields, message, asked.node, service), meaning, match)

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

    def knows(self, word: str) -> bool:
        """Whether a word has a sense of its own, or is the name of somebody known."""
        return self._blamed.knows(word)


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


@dataclass(frozen=True, slots=True)
class _Reading:
    asked: Asked
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
