"""Chooses the place of a level in what stands behind the stamps of unknown text lines."""

import re
from collections import Counter
from typing import Final

from logscope.ingest.formats.head_regex import compile_head
from logscope.ingest.formats.levels import (
    BRACKETED_LETTER,
    CLOSING_LETTER,
    CLOSING_LEVEL,
    CODE_LEVELS,
    COLUMN_LEVEL,
    EITHER_LEVEL,
    LETTER_LEVEL,
    LOWER_LETTER,
    LOWER_LEVEL,
    NUMBER_LEVEL,
    PROVEN_LEVEL,
    QUALIFIED_LEVELS,
    SPARSE_LETTER,
    WHOLE_LEVELS,
    WIDE_LEVEL,
    loosen,
)
from logscope.ingest.layouts.elements import MOST, NEARLY_ALL
from logscope.ingest.severity import PROSE_SAFE_WORDS

_WHOLE: Final = re.compile(rb"\"[^\"\n]{0,200}\"|\[[^\]\n]{0,200}\]|\([^)\n]{0,100}\)|<[^>\n]{0,100}>|\S+")


def share(rests: list[bytes], element: bytes, total: int) -> float:
    """How many of the lines, as a part of all, go on with an element."""
    match = compile_head(element).match
    return sum(1 for rest in rests if match(rest)) / total


def consume(rests: list[bytes], element: bytes) -> list[bytes]:
    """What stands behind an element; lines without it as they are."""
    match = compile_head(element).match
    return [rest[found.end() :] if (found := match(rest)) else rest for rest in rests]


def choose_level(rests: list[bytes], total: int, open_bracket: bool) -> bytes | None:
    """The level element for this place when the place is proven."""
    for closing in CLOSINGS if open_bracket else ():
        if is_told_by(closing, rests, total):
            return closing
    for element in WHOLE_LEVELS:
        if is_told_by(element, rests, total):
            return element
    is_some = share(rests, loosen(WHOLE_LEVELS[0]), total) > 0 and share(rests, WHOLE_LEVELS[0], total) > 1 - MOST
    if is_some and is_told_by(EITHER_LEVEL, rests, total):
        return EITHER_LEVEL
    match = compile_head(PROVEN_LEVEL).match
    proven = [found for rest in rests if (found := match(rest)) is not None]
    if len(proven) / total >= MOST and (
        total < 3
        or len({found["level"] for found in proven}) > 1
        or not _is_bare(proven[0])
        or (_is_everyday(proven[0]["level"]) and total >= MANY and len(proven) / total >= NEARLY_ALL)
    ):
        return PROVEN_LEVEL
    if share(rests, WIDE_LEVEL, total) >= 0.6:
        # Where brackets hold levels, what they hold in the other lines is a level of that writer's, too.
        is_column = total >= 3 and share(rests, _BRACKETED, total) >= NEARLY_ALL
        if is_column:
            return rb"(?:" + WIDE_LEVEL + rb"|" + _BRACKETED + rb")"
        # `OK` and `FAIL` say what happened, too.
        match = compile_head(WIDE_LEVEL).match
        words = {found["level"].decode("latin-1").lower() for rest in rests if (found := match(rest)) is not None}
        return WIDE_LEVEL if words & PROSE_SAFE_WORDS else rb"(?=" + WIDE_LEVEL + rb")"
    for element in (*QUALIFIED_LEVELS, NUMBER_LEVEL, LOWER_LEVEL):
        if is_told_by(element, rests, total):
            return element
    for code in CODE_LEVELS:
        if is_told_by(code, rests, total):
            return code + rb":?" if _are_levels(code, rests) else rb"(?=" + code + rb")"
    if is_told_by(COLUMN_LEVEL, rests, total, NEARLY_ALL) and share(rests, PROVEN_LEVEL, total) > SOME:
        return COLUMN_LEVEL
    if is_told_by(BRACKETED_LETTER, rests, total, NEARLY_ALL) and share(rests, LETTER_LEVEL, total) >= 0.6:
        return BRACKETED_LETTER
    if total >= 3 and share(rests, LETTER_LEVEL, total) >= MOST:
        return LETTER_LEVEL
    if total >= 3 and is_told_by(LOWER_LETTER, rests, total, NEARLY_ALL):
        return LOWER_LETTER
    if share(rests, rb":[ \t]", total) and is_told_by(SPARSE_LETTER, rests, total, NEARLY_ALL):
        return SPARSE_LETTER
    return None


def _are_levels(code: bytes, rests: list[bytes]) -> bool:
    """Codes say how bad it is and not what happened: `I005`, `W003` and `E002`, one for each letter."""
    match = compile_head(code).match
    found = [one for rest in rests if (one := match(rest)) is not None]
    return len(found) >= MANY and len({one[0] for one in found}) == len({one["level"] for one in found})


_BRACKETED: Final = rb"\[[ ]{0,8}[A-Za-z][A-Za-z_-]{0,15}[ ]{0,8}\]:?"
"""A word in brackets."""
CLOSINGS: Final = (CLOSING_LEVEL, CLOSING_LETTER)
SOME: Final = 0.2
"""Share of lines whose word is a level by its place alone, where other words stand there, too."""


def is_told_by(element: bytes, rests: list[bytes], total: int, least: float = MOST) -> bool:
    """Most lines go on with the element, and with different levels in it."""
    if (loose := loosen(element)) != element:
        may_match = compile_head(loose).match
        rests = [rest for rest in rests if may_match(rest)]
        if len(rests) / total < least:
            return False
    match = compile_head(element).match
    levels = [found["level"] for rest in rests if (found := match(rest)) is not None]
    return len(levels) / total >= least and len(set(levels)) > 1


def _is_bare(found: re.Match[bytes]) -> bool:
    """A level that nothing but its place speaks for: in lower case, without brackets or colon."""
    whole = found[0].strip()
    behind = found.string[found.end() : found.end() + 2]
    return whole == found["level"] and not whole.isupper() and behind[:1] not in (b"\t", b"|", b"/") and behind != b"  "


MANY: Final = 20
"""Lines from which on a word that begins all of them is no word of their messages."""


def _is_everyday(level: bytes) -> bool:
    """What a healthy log says of each line: a sample of it may show no other level, however many come later."""
    return level.lower() in (b"info", b"debug")


_AHEAD: Final = 8
"""Tokens before which a level is looked for."""


def level_is_ahead(rests: list[bytes], total: int, is_whole: bool) -> bool:
    """One of the next tokens is a level in most lines, at the same place."""
    votes: Counter[int] = Counter()
    letters: Counter[int] = Counter()
    bare: Counter[int] = Counter()
    words: dict[int, set[bytes]] = {}
    match_proven, match_wide, match_letter = (
        compile_head(pattern).match for pattern in (PROVEN_LEVEL, WIDE_LEVEL, LETTER_LEVEL)
    )
    for rest in rests:
        tokens = list(_WHOLE.finditer(rest[:512]))
        if is_whole and tokens and tokens[-1].end() == len(rest.rstrip()):
            tokens.pop()
        del tokens[_AHEAD:]
        for index, token in enumerate(tokens):
            found = match_proven(rest, token.start())
            if found is not None and found.end() >= token.end():
                bare[index] += 1
                words.setdefault(index, set()).add(found["level"])
        for index, token in enumerate(tokens):
            if match_wide(rest, token.start()):
                votes[index] += 1
                break
            if total >= 3 and token.end() - token.start() == 1 and match_letter(rest, token.start()):
                letters[index] += 1
                break
    if votes and votes.most_common(1)[0][1] / total >= 0.6:
        return True
    # In any case, where different levels stand at one place of nearly all lines.
    for index, count in bare.items():
        is_told = len(words[index]) > 1 or (total >= MANY and all(map(_is_everyday, words[index])))
        if count / total >= NEARLY_ALL and is_told:
            return True
    return bool(letters) and letters.most_common(1)[0][1] / total >= 0.95
