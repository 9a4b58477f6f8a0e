"""What a message of an unknown component says: cause, symptom, change, state or alert. Knows words, no products.

Plan: each word of a message becomes one letter, the letter of its concept in `lexicon.toml` (`refused`, `rejects` and
`denied` are one concept), or a blank for words that say nothing. A sense is a pattern over concepts, compiled to a
regular expression over those short strings. The first sense in the file's order that is found wins. A message without
a word of the lexicon costs one dictionary look-up a word.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from re import Pattern
from typing import Final

from logscope.knowledge.rule import RuleClass
from logscope.knowledge.words import keep_statements, split_cased_words
from logscope.tables import read_table

_BLANK: Final = " "
_MAX_CACHED_WORDS: Final = 50_000
"""Words are cached for speed; hostile logs hold endless new ones, so the cache starts over at this size."""

_HUMPS: Final = re.compile(rb"[A-Z]{2,20}(?![a-z])|[A-Z]?[a-z]{1,40}|[A-Z]")
"""Parts of a word in camel case."""
_MAX_WORD: Final = 80
"""Longer words are ids or data."""
_EQUALS: Final = "\x01"
"""The letter of an equals sign: the word before it is the name of a field."""

_TROUBLE: Final = (
    r"(?:errors|fail(?:ed|ures)|reject(?:ed|ions)|dropp?(?:ed|s)|exceeded|timeouts|refused|denied"
    r"|evict(?:ed|ions)|throttled|aborted|lost)"
)
_NONE_COUNTED: Final = re.compile(
    rf"(?i)(?<![\w.:/=-])0 {_TROUBLE}\b(?: by [a-z]{{1,20}}(?: [a-z-]{{1,20}})?)?"
    rf"|\b{_TROUBLE}(?:: ?|=| )0(?![\w.:/%]| bytes)"
)
"""Trouble of which none was counted: `0 rejected by ip ratelimiting`, `exceeded 0`; a server's figures, no news."""

_FLAG: Final = re.compile(r"(?i)\b(?:feature[ _-]?)?(?:flags?|toggles?)\b")
_COMPOUND: Final = re.compile(
    r"(?<![\w.-])(?!(?i:[\w-]{0,40}(?:flag|toggle)))"
    r"(?:[a-z][a-z0-9]{0,40}(?:[A-Z][a-z0-9]{1,40}){1,8}|[A-Za-z0-9]{1,40}(?:[-_][A-Za-z0-9]{1,40}){1,8})(?![\w.-])"
)
"""What a flag may be called. `paymentFailure` turned on tells of no failure, whatever it will bring."""

_DOTTED: Final = re.compile(r"(?<![\w.-])(?:[a-z0-9-]{1,63}\.){2,10}[a-z0-9-]{1,63}(?!\w|[.-]\w)")
"""An address or a host by its full name."""

_GAP: Final = 4
"""`..` in a pattern: up to this many words between two concepts; a name with one dot is two words."""


_RULERS: Final = "=*#>-"


class Lexicon:
    """Recognises the sense of a message by its words."""

    def __init__(
        self, concepts: Mapping[str, Sequence[str]], senses: Sequence[tuple[RuleClass, Sequence[str]]]
    ) -> None:
        """Compile concepts and senses.

        Args:
            concepts: Words of each concept; a word may end in `*`, which stands for any ending.
            senses: Class and patterns; the first that is found wins.

        Raises:
            ValueError: A word belongs to two concepts.
            KeyError: A pattern names a concept that is not there.
        """
        self._letter_by_concept = {name: chr(0x4E00 + number) for number, name in enumerate(concepts)}
        self._letter_by_word: dict[bytes, str] = {}
        by_prefix: dict[bytes, str] = {}
        for name, words in concepts.items():
            for word in words:
                table = by_prefix if word.endswith("*") else self._letter_by_word
                key = word.rstrip("*").encode()
                if key in table:
                    raise ValueError(f"lexicon: {word!r} of {name!r} belongs to another concept already")
                table[key] = self._letter_by_concept[name]
        self._letter_by_prefix = by_prefix
        self._letter_by_word[b"="] = _EQUALS
        # `timeout=30s` and `"error":null` are no statements, unlike `code=137`.
        self._field_names = re.compile(f"[^{self._letter_by_concept.get('code', _BLANK)}]{_EQUALS}")
        self._shortest_prefix = min(map(len, by_prefix), default=1)
        self._senses = tuple((cls, self._compile(patterns)) for cls, patterns in senses)
        self._cache: dict[bytes, str] = {}
        self._class_by_letters: dict[str, RuleClass | None] = {}

    def classify(self, message: str) -> RuleClass | None:
        """The class of a message; None when its words say nothing.

        Args:
            message: Text without its head. Of its first 4,096 characters the statements count, stack frames do not.
        """
        text = keep_statements(message)
        if text[:1] in _RULERS:
            # `=== release 12 to web1`: signs that make a line stand out say nothing.
            text = text.lstrip(f"{_RULERS} ")
        if " 0" in text or "=0" in text or ":0" in text or text[:2] == "0 ":
            # The pattern costs three times as much as all the rest.
            text = _NONE_COUNTED.sub(" ", text)
        if ("lag" in text or "oggle" in text) and _FLAG.search(text) is not None:
            text = _COMPOUND.sub(" ", text)
        if text.count(".") > 1:
            text = _DOTTED.sub(self._shorten_host, text)
        if "=" in text or '":' in text:
            text = text.replace("=", " = ").replace('":', " = ")
        words = split_cased_words(text)
        cache = self._cache
        try:
            letters = "".join([cache[word] for word in words])
        except KeyError:
            letters = "".join([self._translate(word) for word in words])
        if not letters.strip():
            return None
        try:
            return self._class_by_letters[letters]
        except KeyError:
            pass
        statement = self._field_names.sub(_BLANK, letters).replace(_EQUALS, "")
        found = next((cls for cls, pattern in self._senses if pattern.search(statement)), None)
        if len(self._class_by_letters) >= _MAX_CACHED_WORDS:
            self._class_by_letters.clear()
        self._class_by_letters[letters] = found
        return found

    def knows(self, word: str) -> bool:
        """Whether a word belongs to a concept."""
        return bool(self._translate(word.encode("utf-8", "replace")).strip())

    def _shorten_host(self, name: re.Match[str]) -> str:
        """What is known of a host's full name; else one word, as far as others are apart: who it is says nothing."""
        return " ".join(part for part in name[0].split(".") if self.knows(part)) or "x"

    def _translate(self, word: bytes) -> str:
        """The letters of a word: one for each of its humps (`ConnectException` has two)."""
        letters = self._cache.get(word)
        if letters is None:
            parts = _HUMPS.findall(word) if len(word) <= _MAX_WORD and word.isalpha() else [word[:_MAX_WORD]]
            # Of a compound the longest known beginning counts, if it is more than the first part.
            whole = self._look_up(word[:_MAX_WORD].lower(), len(parts[0]) + 1 if len(parts) > 1 else 0)
            letters = whole if whole != _BLANK else "".join(self._look_up(part.lower()) for part in parts)
            if len(self._cache) >= _MAX_CACHED_WORDS:
                self._cache.clear()
            self._cache[word] = letters
        return letters

    def _look_up(self, word: bytes, shortest: int = 0) -> str:
        """The letter of a lower-case word: as it stands, else by its longest prefix of at least `shortest` bytes."""
        letter = self._letter_by_word.get(word)
        if letter is not None:
            return letter
        for end in range(len(word), max(shortest, self._shortest_prefix) - 1, -1):
            letter = self._letter_by_prefix.get(word[:end])
            if letter is not None:
                return letter
        return _BLANK

    def _compile(self, patterns: Sequence[str]) -> Pattern[str]:
        """One expression for all patterns of a sense: `a|b .. c` is a or b, then c at most four words later."""
        return re.compile("|".join("".join(self._compile_word(word) for word in text.split()) for text in patterns))

    def _compile_word(self, word: str) -> str:
        if word == "..":
            return f".{{0,{_GAP}}}?"
        if word in "^$":
            return word
        return "[" + "".join(self._letter_by_concept[name] for name in word.split("|")) + "]"


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """The general lexicon that ships with logscope; parsed once."""
    document = read_table("logscope.knowledge", "lexicon.toml")
    senses = [(RuleClass(sense["class"]), sense["patterns"]) for sense in document["sense"]]
    return Lexicon(document["concepts"], senses)
