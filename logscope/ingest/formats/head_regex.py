"""A regex of a head in which the place of a level stands for all words: which word stands there is looked up.

`re` is asked with a pattern that takes any word for a level. Where the word is none, it is asked again with a pattern
in which no level can stand: that is what a pattern with all words in it would find, at a tenth of the price.
Names that must not be words of levels are looked up as well.
"""

import re
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Final

from logscope.ingest.formats.levels import COLUMN_LEVEL, NO_LEVEL, PROVEN_LEVEL, STRICT_LEVEL, WIDE_LEVEL, encode_words
from logscope.ingest.severity import PROSE_SAFE_WORDS, SEVERITY_BY_WORD

_SAFE: Final = encode_words(PROSE_SAFE_WORDS)
_ALL: Final = encode_words(frozenset(SEVERITY_BY_WORD))
_PLACES: Final = {WIDE_LEVEL: _ALL, STRICT_LEVEL: _SAFE, PROVEN_LEVEL: _SAFE, COLUMN_LEVEL: _ALL}
"""Places of levels in patterns, and the words that count there; one that holds another comes before it."""
_NONE: Final = b"(?!)"
_LEVEL: Final = b"(?P<level>"


class HeadRegex:
    """Matches as `re.Pattern` does."""

    def __init__(self, pattern: bytes) -> None:
        """Compile a pattern that holds a place of a level once at the most, or names that are no levels."""
        self.pattern = pattern
        self._regex = re.compile(pattern)
        self.groupindex = self._regex.groupindex
        place = next((place for place in _PLACES if place in pattern), None)
        self.is_open = place is not None
        """Of what it matches as a level, the word must be looked up: see `is_level`."""
        if place is not None:
            self._place, self._words = place, _PLACES[place]
        self.barred = tuple(
            number - 1 for name, number in self.groupindex.items() if NO_LEVEL + b"(?P<%s>" % name.encode() in pattern
        )
        """Numbers of the groups that hold a name's first word: where it is a level's, nothing is matched."""
        self.match: Callable[..., re.Match[bytes] | None] = self._regex.match
        if self.barred:
            self.match = self._match_barred
        elif self.is_open:
            self.match = self._match_open
        self.bracketed = self.groupindex["level"] + 1 if place is PROVEN_LEVEL else 0
        """Number of the group that takes part where brackets around the level speak for it; 0 without one."""

    @cached_property
    def bare(self) -> bytes:
        """The pattern without its place of a level: what heads match whose word there is none."""
        # As many groups as there were, so that all have their numbers.
        level = _LEVEL + _NONE + b"()" * (self.bracketed > 0) + b")"
        return self.pattern.replace(self._place, self._place[: self._place.index(_LEVEL)] + level)

    @cached_property
    def _bare_match(self) -> Callable[..., re.Match[bytes] | None]:
        return re.compile(self.bare).match

    def is_level(self, word: bytes, *, is_bracketed: bool) -> bool:
        """Whether a word counts as a level here."""
        return word.lower() in (_ALL if is_bracketed else self._words)

    def is_barred(self, word: bytes) -> bool:
        """Whether a name must not begin with a word."""
        return word.lower() in _SAFE

    def _match_barred(self, text: bytes, begin: int = 0) -> re.Match[bytes] | None:
        found = self._regex.match(text, begin)
        if found is None or any(word.lower() in _SAFE for word in found.group(0, *self.barred)[1:]):
            return None
        return found

    def _match_open(self, text: bytes, begin: int = 0) -> re.Match[bytes] | None:
        found = self._regex.match(text, begin)
        if found is None or (word := found["level"]) is None:
            return found
        if word.lower() in self._words:
            return found
        if self.bracketed and found[self.bracketed] is not None and word.lower() in _ALL:
            return found
        return self._bare_match(text, begin)


@lru_cache(maxsize=512)
def compile_head(pattern: bytes) -> HeadRegex:
    """The regex of a pattern, made once."""
    return HeadRegex(pattern)
