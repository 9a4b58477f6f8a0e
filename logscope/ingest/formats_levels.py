"""Regexes of a level's place in text, shared by learned and plain forms.

A level word counts in upper case, in brackets, or followed by a colon; where most lines of a file have a level in the
same place, the place is proven and any case counts. A word inside prose never does.
"""

from typing import Final

from logscope.ingest.severity import PROSE_SAFE_WORDS, SEVERITY_BY_WORD


def _alternatives(words: frozenset[str]) -> bytes:
    return b"|".join(word.encode() for word in sorted(words, key=lambda word: (-len(word), word)))


SAFE_WORDS: Final = _alternatives(PROSE_SAFE_WORDS)
"""Regex of the words that are levels by their place alone, lower case."""
_ALL: Final = _alternatives(frozenset(SEVERITY_BY_WORD))

STRICT_LEVEL: Final = (
    rb"[\[(<|]?[ ]?(?P<level>(?:" + SAFE_WORDS.upper() + rb")(?![\w.=(-])"
    rb"|(?<=[\[(<|])(?i:" + SAFE_WORDS + rb")(?=[\])>|])"
    rb"|(?i:" + SAFE_WORDS + rb")(?=:(?![\w:])))[ ]?[\])>|]?:?"
)
"""A level where only its looks speak for it, with its brackets and colon."""

PROVEN_LEVEL: Final = rb"[\[(<|]?[ ]?(?P<level>(?i:" + _ALL + rb"))(?![\w=.])[ ]{0,8}(?:\(\d{1,3}\))?[\])>|]?:?"
"""A level in a proven place."""

LETTER_LEVEL: Final = rb"[\[(]?(?P<level>[TVDINWECFA])(?=[\s/\]):,|])[\])]?"
"""A single letter in a proven place."""
