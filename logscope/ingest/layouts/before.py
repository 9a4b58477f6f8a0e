"""What stands before the stamp of a line: the words of its host, thread and service, made free, and a level among them.

Receives the texts before the stamps of the lines that vote; gives regexes of them.
"""

import re
from typing import Final

from logscope.ingest.formats.levels import PROVEN_LEVEL, WIDE_LEVEL
from logscope.ingest.severity import PROSE_SAFE_WORDS, SEVERITY_BY_LETTER, SEVERITY_BY_WORD

BLANKS: Final = rb"[ \t]++"
_PRI: Final = re.compile(rb"<\d{1,3}>[ *]?")
"""Syslog's facility and severity."""
_TOKEN: Final = re.compile(rb"\[[^\]\n]{0,200}\]|\([^)\n]{0,100}\)|[\w.$@/#+-]+|[ \t]+|.", re.DOTALL)


def generalise(prefix: bytes, level_at: int = -1) -> bytes:
    """A regex for the text before a stamp: words, numbers and bracketed text free, punctuation as it is.

    Args:
        prefix: Of a line.
        level_at: Number of the token that is a level in any case, -1 for none.
    """
    if _PRI.fullmatch(prefix):
        return rb"<(?P<level>\d{1,3})>" + prefix[prefix.index(b">") + 1 :]
    parts: list[bytes] = []
    levelled = False
    for at, token in enumerate(_TOKEN.findall(prefix)):
        if at == level_at:
            levelled = True
            level = PROVEN_LEVEL if len(token.strip(_BRACKETS)) > 1 else _LONE_LETTER
            parts.append(rb"(?:" + level + rb"|" + _generalise_token(token) + rb")")
            continue
        word = token.strip(b"[]() ").decode("latin-1")
        first = re.split(r"[:/ |,]", word, maxsplit=1)[0]
        if not levelled and first.lower() in PROSE_SAFE_WORDS and (first.isupper() or token[:1] == b"["):
            levelled = True
            is_padded = token[:1] == b"[" and b" " in (token[1:2], token[-2:-1])
            blanks = rb"\[[ ]{0,8}" if is_padded else rb""
            level = PROVEN_LEVEL if len(first) == len(word) else PROVEN_LEVEL + rb"[^\]]{0,100}\]?"
            # A word that is no level stands there once in a while: `AUDIT`.
            head = blanks if len(first) == len(word) else blanks or rb"\[?"
            parts.append(rb"(?:" + head + level + rb"|" + _generalise_token(token) + rb")")
        else:
            parts.append(_generalise_token(token))
    return b"".join(parts)


def _generalise_token(token: bytes) -> bytes:
    if token[:1] == b"[" and len(token) > 1:
        return rb"\[[^\]]{0,200}\]"
    if token[:1] == b"(" and len(token) > 1:
        return rb"\([^)]{0,100}\)"
    if token[:1] in (b" ", b"\t"):
        return BLANKS
    return rb"[\w.$@/#+-]{1,128}" if re.match(rb"[\w.$@/#+-]", token) else re.escape(token)


_LETTERS: Final = frozenset(SEVERITY_BY_LETTER)
_BRACKETS: Final = b"[](){}<>"
_LONE_LETTER: Final = rb"[\[({<]?(?P<level>[A-Z])[\])}>]?"


def find_level(prefixes: list[bytes]) -> int:
    """Number of the token before the stamp that is a level in all lines, different ones among them; -1 without one."""
    rows = [_TOKEN.findall(prefix) for prefix in prefixes]
    for at in range(min(map(len, rows))):
        words = {row[at].strip(_BRACKETS).decode("latin-1") for row in rows}
        known = {word.lower() for word in words}
        is_told = known <= SEVERITY_BY_WORD.keys() and len(known & PROSE_SAFE_WORDS) > 1
        if 1 < len(words) <= 12 and (words <= _LETTERS or is_told):
            return at
        if not at and 1 < len(words) <= 8 and _are_letters([row[0] for row in rows]):
            return at
    return -1


def are_labels(prefixes: list[bytes]) -> bool:
    """A level and a colon stand before each stamp, perhaps the same in all: `info: 2026-03-05 14:02:08 ...`."""
    words = {prefix[:-2].decode("latin-1").lower() for prefix in prefixes if prefix.endswith(b": ")}
    return words <= SEVERITY_BY_WORD.keys() and all(prefix.endswith(b": ") for prefix in prefixes)


LABELLED: Final = rb"(?:" + WIDE_LEVEL + rb"|[\w.$@/#+-]{1,128}:)[ \t]++"


def _are_letters(tokens: list[bytes]) -> bool:
    """Lines begin with one letter each, most of them those of levels: the others are levels of the writer's own."""
    known = [token for token in tokens if token in (b"I", b"W", b"E", b"D")]
    return (
        all(len(token) == 1 and token.isupper() for token in tokens)
        and len(set(known)) > 1
        and len(known) * 10 >= 6 * len(tokens)
    )


def loosen_words(prefix: bytes) -> bytes:
    """What stands before a second stamp, words before a blank of any shape: the host of one line has a colon in it."""
    *parts, last = prefix.split(BLANKS)
    return BLANKS.join(
        (*(part if not part or b"[^" in part or b"(?P<" in part else rb"[^ \t\n]{1,128}" for part in parts), last)
    )
