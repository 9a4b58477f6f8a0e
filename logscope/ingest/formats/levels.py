"""Regexes of a level's place in text, shared by learned and plain forms.

A level word counts in upper case, in brackets, or followed by a colon; where most lines of a file have a level in the
same place, the place is proven and any case counts. A word inside prose never does.
"""

from typing import Final

from logscope.ingest.severity import PROSE_SAFE_WORDS, SEVERITY_BY_WORD


def _alternatives(words: frozenset[str]) -> bytes:
    # Letters beyond ASCII know no case in bytes.
    both = {*words, *(word.upper() for word in words if not word.isascii())}
    return b"|".join(word.encode() for word in sorted(both, key=lambda word: (-len(word), word)))


SAFE_WORDS: Final = _alternatives(PROSE_SAFE_WORDS)
"""Regex of the words that are levels by their place alone, lower case."""
_ALL: Final = _alternatives(frozenset(SEVERITY_BY_WORD))


def _strict(words: bytes) -> bytes:
    return (
        rb"[\[(<|\"]?[ ]?(?P<level>(?:" + words.upper() + rb")(?![\w.=(-])"
        rb"|(?<=[\[(<|])(?i:" + words + rb")(?=[ ]{0,8}[\])>|])"
        rb"|(?i:" + words + rb")(?=:(?![\w:])))[ ]{0,8}[\])>|\"]?:?"
    )


STRICT_LEVEL: Final = _strict(SAFE_WORDS)
"""A level where only its looks speak for it, with its brackets and colon."""

WIDE_LEVEL: Final = _strict(_ALL)
"""The same with words that are levels only where most lines have one."""

PROVEN_LEVEL: Final = (
    rb"[\[(<|\"]?[ ]?(?P<level>(?i:"
    + SAFE_WORDS
    + rb")(?![\w=.])|(?<=[\[(<|\"])(?i:"
    + _ALL
    + rb")(?=[ ]{0,8}[\])>|\"]))"
    rb"[ ]{0,8}(?:\(\d{1,3}\))?[\])>|\"]?:?"
)
"""A level in a proven place, in any case."""

LETTER_LEVEL: Final = rb"[\[(]?(?P<level>[TVDINWECFA])(?=[\s/\]):,|])[\])]?"
"""A single letter in a proven place."""
