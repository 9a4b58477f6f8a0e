"""What a record says: a rule of the knowledge where one recognises it, else the general lexicon."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from logscope.knowledge.lexicon import Lexicon
from logscope.knowledge.matcher import Match, Matcher
from logscope.knowledge.rule import Kind, Rule, RuleClass

_DESCRIPTION: Final = {
    RuleClass.EXHAUSTION: "a resource is used up",
    RuleClass.CRASH: "a process died",
    RuleClass.STORAGE: "storage failed",
    RuleClass.CONFIG_CHANGE: "a configuration is wrong or missing",
    RuleClass.SECURITY: "access or a certificate was refused",
    RuleClass.BUG: "a fault in the code",
    RuleClass.SATURATION: "all of its workers are busy",
    RuleClass.TIMEOUT: "no answer in time",
    RuleClass.REFUSED: "a connection was refused",
    RuleClass.RESET: "a connection broke off",
    RuleClass.UPSTREAM: "a service behind it failed",
    RuleClass.CIRCUIT_OPEN: "it stopped calling a failing service",
    RuleClass.RETRY: "it tries again",
    RuleClass.STATE: "started, stopped or ready",
    RuleClass.CHANGE: "something was altered",
    RuleClass.RECOVERY: "well again",
    RuleClass.ALERT: "a monitor speaks",
}

_ABOUT_ANOTHER: Final = frozenset({RuleClass.CRASH, RuleClass.STATE, RuleClass.CHANGE, RuleClass.RECOVERY})
"""A process that dies, starts or is deployed is often reported by another one."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The sense of one kind."""

    kind: Kind
    cls: RuleClass | None
    words: str
    """The words that were recognised; empty where only their pattern was."""
    sentence: str
    """What a rule says about it; empty without a rule."""
    rule_id: str | None

    @property
    def is_state_report(self) -> bool:
        """May speak of another process than the one that writes it."""
        return self.cls in _ABOUT_ANOTHER

    def describe(self) -> str:
        """The sense in a few words."""
        return self.sentence or (_DESCRIPTION[self.cls] if self.cls else "")


SAYS_NOTHING: Final = Meaning(Kind.NONE, None, "", "", None)
"""Words of which no sense is known."""
_CLIENTS_WORDS: Final = re.compile(r'"(?:[^"\\]|\\.){0,4000}?((?: HTTP/\d(?:\.\d)?)?)"')
"""What stands in quotation marks in an access line, with the protocol that ends a request."""
_LONGEST_REQUEST: Final = 4096


class Classifier:
    """Rules first, then the lexicon."""

    def __init__(self, matcher: Matcher, lexicon: Lexicon) -> None:
        self._matcher = matcher
        self._lexicon = lexicon

    def classify(self, message: str, stack: str | None, service: str) -> tuple[Meaning, Match | None]:
        """Find what a record says.

        Args:
            message: Its message without head, in one line.
            stack: Its stack trace, or None.
            service: Whose log it stands in.
        """
        match = self._matcher.match(message, service)
        if match is None and stack:
            match = self._matcher.match(stack[:4096], service)
        if match is not None:
            rule = match.rule
            return Meaning(rule.cls.kind, rule.cls, match.words.strip(), rule.meaning, rule.id), match
        cls = self._lexicon.classify(message)
        if cls is None and stack:
            cls = self._lexicon.classify(_last_exception(stack))
        return (SAYS_NOTHING if cls is None else Meaning(cls.kind, cls, "", "", None)), None

    def find_silent(self, service: str) -> tuple[Rule, ...]:
        """Rules about what a service does not log."""
        return self._matcher.find_silent(service)

    def is_telling(self, word: str) -> bool:
        """A single word that says what kind of event it is (`SIGKILL`, `refused`)."""
        return self._lexicon.classify(word) is not None

    def knows(self, word: str) -> bool:
        """A word of the lexicon, whatever it says alone (`connection`)."""
        return self._lexicon.knows(word)

    def classify_requests(self, texts: Sequence[bytes], layout: str) -> tuple[Meaning, Match | None]:
        """The sense of lines of an access log: their words are the client's, but a proxy may say why it failed them.

        Args:
            texts: Some records of one route and status.
            layout: Name of their layout: whose flags they may hold.
        """
        found: Match | None = None
        for text in texts:
            line = _CLIENTS_WORDS.sub(r'"\1"', text[:_LONGEST_REQUEST].decode("utf-8", "replace"))
            match = self._matcher.match(line)
            if match is None or match.rule.component not in layout or (found and found.rule.id != match.rule.id):
                return SAYS_NOTHING, None
            found = match
        if found is None:
            return SAYS_NOTHING, None
        rule = found.rule
        return Meaning(rule.cls.kind, rule.cls, found.captures.get("flags", ""), rule.meaning, rule.id), found


_EXCEPTION: Final = re.compile(
    r"(?:Caused by: )?(?:[\w$]{1,80}[.:\\]{1,2}){0,12}(\w{2,80})"
    r"(?: \((?:0x[0-9A-Fa-f]{1,8}|\d{1,10})\))?(?:: (.{1,300}))?$"
)
"""A line of a trace that names an exception, whatever the language: qualified name, a number of .NET, its words."""
_TYPE: Final = re.compile(
    r"(?:Error|Exception|Failure|Fault|Timeout|Refused|Full|Exit|Interrupt|panic|Panic)$|^[A-Z]\w*[a-z]\w*$"
)


def warns_of_old_ways(message: str) -> bool:
    """Whether a message says only that something is deprecated: a new release says so at once, and it works."""
    return _OLD_WAYS.search(message[:600]) is not None


_OLD_WAYS: Final = re.compile(r"(?i)\bdeprecat(?:ed|ion)|\bobsolete\b|\bwill be removed in\b")


def innermost_exception(stack: str) -> str | None:
    """Type (without its package) and words of the exception at the bottom of a trace; None where none is seen."""
    thrown = _ELIXIR.findall(stack)
    if thrown:
        kind, words = thrown[-1]
        return f"{kind.rpartition('.')[2]}: {words}"
    found = _EXCEPTION.fullmatch(_last_exception(stack).strip()[:500])
    if found is None or _TYPE.search(found[1]) is None:
        return None
    return f"{found[1]}: {found[2]}" if found[2] else found[1]


_ELIXIR: Final = re.compile(
    r"^[ \t]{0,12}\*\* \(([A-Za-z][\w.]{0,100})\) (?!an exception was raised:)(.{1,300})$", re.M
)
"""How Elixir names an exception or an exit, the innermost last: frames, the last message and the state follow."""


_INNER: Final = "---> "
"""In front of what an exception of .NET was caused by."""


_EXPLAINS: Final = re.compile(
    r"(?i)\s{0,8}(?:(?:hint|detail|position|where|context|(?:internal )?query|statement|location|line \d{1,6}):"
    r"|\[(?:sql|parameters|cached since)\b|\(background on this error)"
)
"""What a database or its driver adds below an exception's own words."""


def _last_exception(stack: str) -> str:
    """The innermost cause of a trace: the last line that is no frame."""
    lines = [
        line
        for line in stack.splitlines()
        if line.strip()
        and not line.lstrip().startswith(("at ", "File ", "...", "--- ", "Node.js v"))
        and _EXPLAINS.match(line) is None
    ]
    causes = [line for line in lines if line.lstrip().startswith(("Caused by", _INNER))]
    return (causes or lines or [""])[-1].strip().removeprefix(_INNER)
