"""Learns the head of unknown text lines: where the stamp stands, where the level, what else is head.

Plan: each sample line votes for the stamp's kind and the generalised text before it; the winner's lines then vote,
part by part from the left, on what follows the stamp (brackets, numbers, dashes, a level, a tag). A part that most
lines have becomes an optional part of the regex. Cost: a few regexes a line, on some hundred lines a file.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from logscope.ingest.formats.form import TextForm
from logscope.ingest.formats.levels import LETTER_LEVEL, PROVEN_LEVEL, STRICT_LEVEL, WIDE_LEVEL
from logscope.ingest.severity import PROSE_SAFE_WORDS
from logscope.ingest.timestamps.timestamp import KINDS, Missing, StampKind

_PREFIX: Final = 160
"""Bytes of a line in which its stamp is looked for."""
_VOTERS: Final = 200
"""Lines that vote."""
_LONG_PREFIX: Final = 24
_MOST: Final = 0.9
_PARTS: Final = 12


class StampPlace(NamedTuple):
    """Where one line's stamp stands."""

    kind: StampKind
    prefix: bytes
    """Regex of what stands before it."""
    start: int
    end: int


@lru_cache(maxsize=1)
def _searches() -> tuple[tuple[StampKind, re.Pattern[bytes]], ...]:
    # A stamp does not begin inside a word or a number.
    return tuple(
        (
            kind,
            re.compile((rb"(?<![\w./+-])" if kind.missing is Missing.NOTHING else rb"(?<![\w.:/+-])") + kind.pattern),
        )
        for kind in KINDS
    )


def find_stamp(line: bytes) -> StampPlace | None:
    """The first stamp near the begin of a line; of two at the same place the more telling kind."""
    text = line[:_PREFIX]
    if not _DIGITS.search(text):
        return None
    best: tuple[StampKind, re.Match[bytes]] | None = None
    for kind, search in _searches():
        match = search.search(text)
        if match is not None and (best is None or match.start() < best[1].start()):
            best = kind, match
            if match.start() == 0:
                break
    if best is None:
        return None
    kind, match = best
    return StampPlace(kind, _generalise(line[: match.start()]), match.start(), match.end())


_DIGITS: Final = re.compile(rb"\d\d:?\d\d|\d{10}")
_TOKEN: Final = re.compile(rb"\[[^\]\n]{0,200}\]|\([^)\n]{0,100}\)|[\w.$@/#+-]+|[ \t]+|.", re.DOTALL)


def _generalise(prefix: bytes) -> bytes:
    """A regex for the text before a stamp: words, numbers and bracketed text free, punctuation as it is."""
    parts: list[bytes] = []
    levelled = False
    for token in _TOKEN.findall(prefix):
        word = token.strip(b"[]()").decode("latin-1")
        first = re.split(r"[:/ ]", word, maxsplit=1)[0]
        if not levelled and first.lower() in PROSE_SAFE_WORDS and (first.isupper() or token[:1] == b"["):
            levelled = True
            inner = PROVEN_LEVEL
            parts.append(inner if len(first) == len(word) else rb"\[?" + inner + rb"[^\]]{0,100}\]?")
        elif token[:1] == b"[" and len(token) > 1:
            parts.append(rb"\[[^\]]{0,200}\]")
        elif token[:1] == b"(" and len(token) > 1:
            parts.append(rb"\([^)]{0,100}\)")
        elif token[:1] in (b" ", b"\t"):
            parts.append(rb"[ \t]++")
        elif re.match(rb"[\w.$@/#+-]", token):
            parts.append(rb"[\w.$@/#+-]{1,128}")
        else:
            parts.append(re.escape(token))
    return b"".join(parts)


def learn_text(lines: Sequence[bytes]) -> tuple[TextForm, int] | None:
    """The form that most stamped lines share, and how many of the lines have its head; None without stamps."""
    few = lines[:: max(1, len(lines) // _VOTERS)]
    places = [(line, place) for line in few if (place := find_stamp(line)) is not None]
    if not places:
        return None
    votes = Counter((place.kind.name, place.prefix) for _, place in places)
    (kind_name, prefix), count = max(votes.items(), key=lambda vote: (vote[1], -len(vote[0][1])))
    mine = [(line, place) for line, place in places if (place.kind.name, place.prefix) == (kind_name, prefix)]
    if mine[0][1].start > _LONG_PREFIX and count * 2 < len(few):
        return None  # a time in prose
    kind = mine[0][1].kind
    before = mine[0][0][: mine[0][1].start]
    open_bracket = before.count(b"[") > before.count(b"]")
    rest = _learn_rest([line[place.end :] for line, place in mine], b"(?P<level>" in prefix, open_bracket)
    pattern = prefix + kind.pattern + rest
    form = TextForm("text", pattern, kind.name)
    return form, sum(1 for line in lines if form.regex.match(line))


_ELEMENTS: Final[tuple[tuple[str, bytes, float], ...]] = (
    ("bracket", rb"\[[^\]\n]{0,200}\]:?", _MOST),
    ("paren", rb"\([^)\n]{0,100}\):?", _MOST),
    ("angle", rb"<[^>\n]{0,100}>", _MOST),
    ("brace", rb"\{[^}\n]{0,200}\}", _MOST),
    ("number", rb"\d{1,10}(?=[ \t])", 0.95),
    ("dash", rb"-{1,3}(?=[ \t])", _MOST),
    ("mark", rb"[|:,;](?=[ \t])", _MOST),
    ("closer", rb"[\])>\"']", _MOST),
)
_TAG: Final = (
    rb"(?P<logger>[A-Za-z_#][\w.$/@<>#-]{0,127}(?::[\w.<>$-]{1,64}){0,2})"
    rb"(?:\[(?P<pid>\d{1,10})\])?[ \t]{0,60}(?::|-|\|)(?=[ \t])"
)
_WORD: Final = rb"(?:\"[^\"]{0,200}\"|[^\s]{1,128})"
_CELL: Final = rb"(?:[^\s|]{1,128}(?=\t)|[^|\s]{1,128}\|(?! ))"
"""A column between tabs or bars."""
_LETTERS: Final = re.compile(LETTER_LEVEL)
_PROVEN: Final = re.compile(PROVEN_LEVEL)
_STRICT: Final = re.compile(STRICT_LEVEL)
_WIDE: Final = re.compile(WIDE_LEVEL)
_WHOLE: Final = re.compile(rb"\"[^\"\n]{0,200}\"|\[[^\]\n]{0,200}\]|\([^)\n]{0,100}\)|<[^>\n]{0,100}>|\S+")


def _learn_rest(rests: list[bytes], has_level: bool, open_bracket: bool) -> bytes:
    """Regex of what stands between the stamp and the message."""
    total = len(rests)
    parts: list[bytes] = []
    strict_place, strict_share = 0, 0.0
    thread_named = logger_named = cell_seen = False
    for _ in range(_PARTS):
        rests = [rest.lstrip(b" \t") for rest in rests]
        if not has_level:
            level = _choose_level(rests, total)
            if level is not None:
                rests = _consume(rests, level)
                parts.append(level)
                has_level = True
                continue
            share = sum(1 for rest in rests if _STRICT.match(rest)) / total
            if share > strict_share:
                strict_place, strict_share = len(parts), share
        if open_bracket:
            closing = rb"[^\]\s]{0,100}\]"
            if _share(rests, closing, total) >= _MOST:
                rests = _consume(rests, closing)
                parts.append(closing)
                open_bracket = False
                continue
        for name, element, least in _ELEMENTS:
            if _share(rests, element, total) >= least:
                if name == "bracket" and not thread_named and not _numeric(rests):
                    thread_named = True
                    element = rb"\[(?P<thread>[^\]\n]{0,200})\]:?"
                break
        else:
            if not has_level and _level_is_ahead(rests, total):
                element = _WORD
            elif has_level and not cell_seen and _share(rests, _CELL, total) >= 0.97:
                cell_seen = True
                element = _CELL
            elif not logger_named and _share(rests, _TAG, total) >= 0.97:
                logger_named = True
                element = _TAG
            else:
                break
        rests = _consume(rests, element)
        parts.append(element)
    if not has_level:
        place = strict_place if strict_share else len(parts)
        parts.insert(place, STRICT_LEVEL)
    return b"".join(rb"[ \t]*+(?:" + part + rb")?" for part in parts) + rb"[ \t]*+"


def _share(rests: list[bytes], element: bytes, total: int) -> float:
    match = re.compile(element).match
    return sum(1 for rest in rests if match(rest)) / total


def _consume(rests: list[bytes], element: bytes) -> list[bytes]:
    match = re.compile(element).match
    return [rest[found.end() :] if (found := match(rest)) else rest for rest in rests]


def _numeric(rests: list[bytes]) -> bool:
    """Most bracketed texts are numbers: process ids, not threads."""
    return sum(1 for rest in rests if re.match(rb"\[ *\d+ *\]", rest)) * 2 > len(rests)


def _choose_level(rests: list[bytes], total: int) -> bytes | None:
    """The level element for this place when the place is proven."""
    if sum(1 for rest in rests if _PROVEN.match(rest)) / total >= _MOST:
        return PROVEN_LEVEL
    if sum(1 for rest in rests if _WIDE.match(rest)) / total >= 0.6:
        return WIDE_LEVEL
    if total >= 3 and sum(1 for rest in rests if _LETTERS.match(rest)) / total >= _MOST:
        return LETTER_LEVEL
    return None


def _level_is_ahead(rests: list[bytes], total: int) -> bool:
    """One of the next five tokens is a level in most lines, at the same place."""
    votes: Counter[int] = Counter()
    letters: Counter[int] = Counter()
    for rest in rests:
        for index, token in enumerate(_WHOLE.finditer(rest[:512])):
            if index > 5:
                break
            if _WIDE.match(rest, token.start()):
                votes[index] += 1
                break
            if total >= 3 and token.end() - token.start() == 1 and _LETTERS.match(rest, token.start()):
                letters[index] += 1
                break
    if votes and votes.most_common(1)[0][1] / total >= 0.6:
        return True
    return bool(letters) and letters.most_common(1)[0][1] / total >= 0.95
