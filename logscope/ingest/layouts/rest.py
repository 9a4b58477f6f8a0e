"""Learns what stands between the stamp and the message of unknown text lines.

Plan: the lines vote, part by part from the left, on what comes next (brackets, numbers, dashes, a level, a tag, the
columns of a separator). A part that most lines have becomes an optional part of the regex.
"""

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
    LABEL,
    LABELLED_LEVEL,
    LETTER_LEVEL,
    LOUD_LEVEL,
    LOWER_LETTER,
    LOWER_LEVEL,
    MNEMONIC_LEVEL,
    NUMBER_LEVEL,
    PROVEN_LEVEL,
    QUALIFIED_LEVELS,
    SAFE_WORDS,
    SPARSE_LETTER,
    STRICT_LEVEL,
    WHOLE_LEVELS,
    WIDE_LEVEL,
    loosen,
)
from logscope.ingest.layouts.cells import find_separator, learn_cells
from logscope.ingest.severity import PROSE_SAFE_WORDS

_MOST: Final = 0.9
_NEARLY_ALL: Final = 0.97
_PARTS: Final = 12

_ELEMENTS: Final[tuple[tuple[str, bytes, float], ...]] = (
    ("bracket", rb"\[(?:[^\[\]\n]|\[[^\[\]\n]{0,80}\]){0,200}\]:?", _MOST),
    ("paren", rb"\([^)\n]{0,100}\)[:?]?", _MOST),
    ("angle", rb"<[^>\n]{0,100}>", _MOST),
    ("brace", rb"\{[^}\n]{0,200}\}", _MOST),
    ("number", rb"\d{1,10}(?:\[[^\[\]\n]{1,60}\]:?|:)?(?=[ \t])", 0.95),
    ("hex", rb"(?:[0-9A-F]{4}|[0-9a-f]{4}|[0-9A-F]{8}|[0-9a-f]{8})(?=[ \t])", _NEARLY_ALL),
    (
        "id",
        rb"(?:0x[0-9a-fA-F]{1,16}|(?=[a-fA-F-]{0,35}\d)[0-9a-fA-F]{6,32}(?:-[0-9a-fA-F]{2,12}){0,4}|\d{1,10}\.\d{1,6}%?)"
        rb"(?=[ \t])",
        0.95,
    ),
    ("code", rb"\d{2}[A-Z](?=[ \t])", 0.95),
    ("dash", rb"-{1,3}(?=[ \t])", _MOST),
    (
        "mark",
        rb"(?:[|:,;#~]|\*{1,5}|>{1,3}|[=-]>|\xc2\xb7|\xe2(?:\x80[\x93\x94\xa2\xba]|\x86\x92|\x8b\xae))(?=[ \t])",
        _MOST,
    ),
    ("wide colon", rb"\xef\xbc\x9a", _MOST),
    ("closer", rb"[\])>\"']", _MOST),
    # Where tracing is in, before who writes: some records are in no span, others in several.
    ("spans", rb"(?:[a-z_][\w-]{0,60}(?:\{[^{}\n]{0,300}\})?:){0,8}[a-z_][\w-]{0,60}\{[^{}\n]{0,300}\}:(?=[ \t])", 0.3),
    ("call", rb"[A-Za-z][\w.-]{1,60}\(\d{1,10}\)(?=[ \t])", 0.95),
)
_SOURCE_FILE: Final = (
    rb"(?P<logger>[\w./-]{1,100}\.[A-Za-z]{1,5}(?::\d{1,6}|\(\d{1,6}\)|\([\w:~<>]{1,80}\):\d{1,6}))"
    rb"(?::[\w.*()~$<>:-]{1,120})?[\]:]?(?=[ \t])"
)
"""A source file and the line in it, with the function and what it works on."""
_FUNCTION: Final = rb"[ \t]{1,8}[\w.~$<>:]{1,120}(?=[ \t]{1,8}(?:-{1,3}|\|)[ \t])"
_LOGGERS: Final = (
    # Class names and paths of modules, which no prose begins with in nearly all lines.
    rb"(?P<logger>[A-Za-z_$][\w$<>-]{0,80}(?:(?:\.|::)[\w$<>-]{1,80}){2,12}"
    rb"|[a-z_]\w{0,80}(?:::\w{1,80}){1,12}):?(?=[ \t])",
    _SOURCE_FILE + _FUNCTION,
    _SOURCE_FILE,
    rb"/?(?P<logger>[A-Za-z_#][\w.$/@<>#-]{0,127}(?:::?[\w.<>$-]{1,64}){0,2})"
    rb"(?:\[(?P<pid>\d{1,10})\]|[ ]{0,16}\([ ]{0,8}\d{1,10}\)|[ \t]{1,4}[*#(][^\s:|]{1,16})?"
    rb"[ \t]{0,60}(?::|-|\|)(?=[ \t])",
    rb"(?P<logger>[A-Za-z_][\w.$/:-]{0,127})(?:\[\d{1,10}\])?(?=[ \t]{1,60}\[[^\]\n]{0,200}\])",
    # What a process is, which task and which class: `web[AYx1][o.s.Platform]`.
    rb"(?P<logger>[A-Za-z_][\w.-]{0,60}(?:\[[^\[\]\n]{0,100}\]){2,3})(?=[ \t])",
    # A class and the number of its event.
    rb"(?P<logger>[A-Za-z_]\w{0,80}(?:\.\w{1,80}){1,12})\[\d{1,10}\](?=[ \t])",
)
"""Who writes, where nearly all lines say it."""
_CODE: Final = rb"[A-Z]{2,10}[-_]?\d{2,6}[A-Z]?:[ \t]"
"""The number of a message, which says what happened and not who writes: `CWWKZ0001I: `, `ORA-00060: `."""
_TAG: Final = rb"(?:[^:\n]|:(?![ \t])){1,100}:(?=[ \t])"
"""Who writes, from where, however many words that takes: up to the first colon with a blank behind it."""
_PAIRS: Final = (
    rb"(?:[A-Za-z_][\w.-]{0,40}(?:=(?:\"[^\"\n]{0,200}\"|[^\s\"]{0,200})|\([^()\n]{0,100}\))[ \t]{1,8}){1,16}"
)
"""Values with names, as many as a record has: `pid=71 tid=ab`, `Process(71.1) Program(x)`."""
_DIVIDER: Final = rb"(?:\||::?|-{1,2}|[=-]?>)[ \t]"
_OPTION: Final = rb"\[(?=[^\[\]\s]{0,60}\d)[^\[\]\s]{1,60}\]:?(?=[ \t])"
"""The id of a call or request, where a record has one."""
_WORD: Final = rb"(?![\[(<|](?i:" + SAFE_WORDS + rb")[\])>|])(?:\"[^\"]{0,200}\"|[^\s]{1,128})"
"""A column before the level; where a line has fewer of them, the level itself is none."""
_CELL: Final = rb"(?:[^\s|]{1,128}(?=\t|[ ]{2})|[^|\s]{1,128}\|(?! ))"
"""A column between tabs or bars, or filled up with blanks."""
_WHOLE: Final = re.compile(rb"\"[^\"\n]{0,200}\"|\[[^\]\n]{0,200}\]|\([^)\n]{0,100}\)|<[^>\n]{0,100}>|\S+")


_WHO: Final = (
    rb"[^\s\[\](){}<>\"',;:]{1,64}(?=[ \t]{1,60}(?:"
    + b"|".join(one.replace(b"?P<logger>", b"?:") for one in (_LOGGERS[0], _SOURCE_FILE))
    + rb")[ \t]{1,8}(?:-|:|\|)[ \t]|[ \t]{1,60}[A-Za-z_]\w{0,80}(?:\.\w{1,80}){1,12}:[ \t]"
    # Or a source file, which speaks for itself.
    rb"|[ \t]{1,60}[\w./-]{1,100}\.[A-Za-z]{1,5}:\d{1,6}:[\w.*()~$<>:-]{1,120}[ \t])"
)
"""A user or category before the class or source file that writes, where what divides them from the message follows."""


def learn_rest(rests: list[bytes], has_level: bool, open_bracket: bool, *, is_whole: bool = False) -> bytes:
    """Regex of what stands between the stamp and the message.

    Args as of `learn_parts`.
    """
    parts, _ = learn_parts(rests, has_level, open_bracket, is_whole=is_whole)
    return b"".join(rb"[ \t]*+(?:" + part + rb")?" for part in parts) + rb"[ \t]*+"


def learn_parts(
    rests: list[bytes], has_level: bool, open_bracket: bool, *, is_whole: bool = False
) -> tuple[list[bytes], int]:
    """Regexes of the parts of a head in their order, and which of them is a level in a proven place; -1 for none.

    Args:
        rests: Of the lines that vote, from behind the stamp.
        has_level: A level stands before the stamp.
        open_bracket: A bracket that opens before the stamp has not been closed.
        is_whole: Most records are of one line: what a line ends with is the message, no part of the head.
    """
    total = len(rests)
    parts: list[bytes] = []
    strict_place, strict_share = 0, 0.0
    level_at = -1
    words = 0
    named: set[str] = set()
    for _ in range(_PARTS):
        separator = find_separator(rests)
        if separator:
            element, knows_level = learn_cells(rests, separator, has_level)
            if is_whole and _ends(_consume(rests, element)):
                break
            if knows_level and not has_level:
                has_level, level_at = True, len(parts)
            rests = _consume(rests, element)
            parts.append(element)
            words = len(parts)
            continue
        is_apart = sum(1 for rest in rests if rest[:1] in b" \t") * 2 > total
        rests = [rest.lstrip(b" \t") for rest in rests]
        if not has_level:
            level = _choose_level(rests, total, open_bracket)
            if level is not None and is_whole and _ends(_consume(rests, level)):
                break
            if level is not None:
                rests = _consume(rests, level)
                # What stands in columns before a level stands there only where a level follows.
                columns = b"".join(rb"(?>" + part + rb")?[ \t]*+" for part in parts[words:])
                del parts[words:]
                has_level, level_at = True, len(parts)
                parts.append(columns + level)
                open_bracket = open_bracket and level not in _CLOSINGS
                continue
            share = _share(rests, STRICT_LEVEL, total)
            if share > strict_share:
                strict_place, strict_share = len(parts), share
        found = _choose_element(rests, has_level, open_bracket, named, is_whole=is_whole, is_apart=is_apart)
        if found is None:
            break
        name, element = found
        is_tag = _share(rests, rb"\S{1,128}:(?=[ \t])", total) >= _NEARLY_ALL
        left = _consume(rests, element)
        if is_whole and _ends(left):
            break
        if name == "pairs" and not has_level and (told := _find_told(rests, total)):
            has_level, level_at = True, len(parts)
            parts.append(told)
        open_bracket = open_bracket and name != "closing"
        rests = left
        parts.append(element)
        if name != "word" or is_tag:
            words = len(parts)
        if name == "dash" and has_level and "logger" in named:
            break  # What opens behind it is the message's: `o.a.p.ServerCnx - [/10.0.0.1:5] closed`.
    if not has_level:
        told = _find_told(rests, total)
        if told:
            parts.append(told)
            has_level = True
    if not has_level:
        place = strict_place if strict_share else len(parts)
        parts.insert(place, STRICT_LEVEL)
    return parts, level_at


def _ends(rests: list[bytes]) -> bool:
    """Nothing is left of most lines."""
    return sum(1 for rest in rests if not rest.strip(b" \t\r")) * 2 > len(rests)


def _find_told(rests: list[bytes], total: int) -> bytes:
    """Regex of a level that a label or an event's name tells in nearly all lines, part of the message; else empty."""
    if total >= 2 and _share(rests, MNEMONIC_LEVEL, total) >= _MOST:
        return rb"(?=" + MNEMONIC_LEVEL + rb")"
    behind_host = rb"(?=[^\n]{0,80}?[ \t:]" + MNEMONIC_LEVEL + rb")"
    if total >= 2 and _share(rests, behind_host, total) >= _MOST:
        return behind_host
    ahead = rb"(?=.{0,400}?" + LABELLED_LEVEL + rb")"
    # What the label says need not be a level in every line: `LEVEL: Event`.
    if (
        total >= 2
        and _share(rests, rb".{0,400}?" + LABEL + rb"\w", total) >= _MOST
        and _share(rests, ahead, total) >= 0.5
    ):
        return ahead
    return b""


def _choose_element(
    rests: list[bytes],
    has_level: bool,
    open_bracket: bool,
    named: set[str],
    *,
    is_whole: bool,
    is_apart: bool,
) -> tuple[str, bytes] | None:
    """Name and regex of the part that comes next in most lines; None where the message begins.

    Args:
        rests: Without blanks at their begins.
        has_level: The level has been found.
        open_bracket: A bracket before the stamp is open.
        named: Groups that are taken; grows.
        is_whole: What a line ends with is no part of the head.
        is_apart: Blanks stood before most of the rests: a quote opens what is quoted.
    """
    total = len(rests)
    closing = rb"[^\[\]\n]{0,100}\]:?"
    if open_bracket and _share(rests, closing, total) >= _MOST:
        return "closing", closing
    for name, element, least in _ELEMENTS:
        if _share(rests, element, total) < least:
            continue
        if name == "hex" and sum(1 for rest in rests if re.match(rb"[0-9a-fA-F]*\d", rest)) * 2 < total:
            continue  # words of these letters
        if name == "spans" and "logger" in named:
            continue  # behind who writes they are what is said
        if name == "closer" and is_apart and sum(map(_quotes, rests)) * 2 > total:
            continue
        if name == "brace" and sum(1 for rest in rests if rest[:2] == b'{"') * 10 > total * 9:
            return None  # an object, not a part of the head
        if name == "bracket" and "thread" not in named and not _numeric(rests):
            named.add("thread")
            element = rb"\[(?P<thread>(?:[^\[\]\n]|\[[^\[\]\n]{0,80}\]){0,200})\]:?"
        return name, element
    if "pairs" not in named and _leads_on(rests, _PAIRS, has_level):
        named.add("pairs")
        return "pairs", _PAIRS
    if not has_level and _level_is_ahead(rests, total, is_whole):
        return "word", _WORD
    if not has_level and _is_told_by(_TAG + rb"[ \t]+" + LOUD_LEVEL, rests, total, _NEARLY_ALL):
        return "tag", _TAG
    if "option" not in named and _MOST > _share(rests, _OPTION, total) > 1 - _MOST:
        # Only before more of the head: the message may begin with such a text, too.
        behind = [rest.lstrip(b" \t") for rest in _consume(rests, _OPTION)]
        if any(_share(behind, element, total) >= _NEARLY_ALL for element in _LOGGERS):
            named.add("option")
            return "option", _OPTION
    if has_level and "cell" not in named and _share(rests, _CELL, total) >= _NEARLY_ALL:
        named.add("cell")
        return "cell", _CELL
    if "who" not in named and "logger" not in named and _share(rests, _WHO, total) >= _NEARLY_ALL:
        named.add("who")
        return "who", _WHO
    if "logger" not in named:
        for element in _LOGGERS:
            if (
                _share(rests, element, total) >= _NEARLY_ALL
                and _share(rests, _CODE, total) < _SOME
                and (element.startswith(_SOURCE_FILE) or not _are_subjects(rests, element))
            ):
                named.update(("logger", "pid") if b"<pid>" in element else ("logger",))
                return "logger", element
    return None


def _are_subjects(rests: list[bytes], element: bytes) -> bool:
    """Who seems to write is another one in most lines: paths that something is said of."""
    match = compile_head(element).match
    names = [found["logger"] for rest in rests if (found := match(rest)) is not None]
    told = set(names)
    return len(names) >= _MANY and len(told) * 10 > len(names) * 6 and sum(b"/" in one for one in told) * 2 > len(told)


def _quotes(rest: bytes) -> bool:
    """A text begins with a quotation."""
    return rest[:1] in (b'"', b"'") and rest.find(rest[:1], 1) > 0


def _leads_on(rests: list[bytes], element: bytes, has_level: bool) -> bool:
    """Whether nearly all lines have the element, and behind it what divides it from the message: a level, or a mark."""
    match = compile_head(element).match
    behind = [rest[found.end() :] for rest in rests if (found := match(rest)) is not None]
    if len(behind) < _NEARLY_ALL * len(rests):
        return False
    total = len(behind)
    if _share(behind, _DIVIDER, total) >= _NEARLY_ALL:
        return True
    return not has_level and (
        _share(behind, STRICT_LEVEL, total) >= _MOST or any(_is_told_by(code, behind, total) for code in CODE_LEVELS)
    )


def _share(rests: list[bytes], element: bytes, total: int) -> float:
    match = compile_head(element).match
    return sum(1 for rest in rests if match(rest)) / total


def _consume(rests: list[bytes], element: bytes) -> list[bytes]:
    match = compile_head(element).match
    return [rest[found.end() :] if (found := match(rest)) else rest for rest in rests]


def _numeric(rests: list[bytes]) -> bool:
    """Most bracketed texts are numbers: process ids, not threads."""
    return sum(1 for rest in rests if re.match(rb"\[ *\d+ *\]", rest)) * 2 > len(rests)


def _choose_level(rests: list[bytes], total: int, open_bracket: bool) -> bytes | None:
    """The level element for this place when the place is proven."""
    for closing in _CLOSINGS if open_bracket else ():
        if _is_told_by(closing, rests, total):
            return closing
    for element in WHOLE_LEVELS:
        if _is_told_by(element, rests, total):
            return element
    match = compile_head(PROVEN_LEVEL).match
    proven = [found for rest in rests if (found := match(rest)) is not None]
    if len(proven) / total >= _MOST and (
        total < 3
        or len({found["level"] for found in proven}) > 1
        or not _is_bare(proven[0])
        or (_is_everyday(proven[0]["level"]) and total >= _MANY and len(proven) / total >= _NEARLY_ALL)
    ):
        return PROVEN_LEVEL
    if _share(rests, WIDE_LEVEL, total) >= 0.6:
        # Where brackets hold levels, what they hold in the other lines is a level of that writer's, too.
        is_column = total >= 3 and _share(rests, _BRACKETED, total) >= _NEARLY_ALL
        if is_column:
            return rb"(?:" + WIDE_LEVEL + rb"|" + _BRACKETED + rb")"
        # `OK` and `FAIL` say what happened, too.
        match = compile_head(WIDE_LEVEL).match
        words = {found["level"].decode("latin-1").lower() for rest in rests if (found := match(rest)) is not None}
        return WIDE_LEVEL if words & PROSE_SAFE_WORDS else rb"(?=" + WIDE_LEVEL + rb")"
    for element in (*QUALIFIED_LEVELS, NUMBER_LEVEL, LOWER_LEVEL):
        if _is_told_by(element, rests, total):
            return element
    for code in CODE_LEVELS:
        if _is_told_by(code, rests, total):
            return code + rb":?" if _are_levels(code, rests) else rb"(?=" + code + rb")"
    if _is_told_by(COLUMN_LEVEL, rests, total, _NEARLY_ALL) and _share(rests, PROVEN_LEVEL, total) > _SOME:
        return COLUMN_LEVEL
    if _is_told_by(BRACKETED_LETTER, rests, total, _NEARLY_ALL) and _share(rests, LETTER_LEVEL, total) >= 0.6:
        return BRACKETED_LETTER
    if total >= 3 and _share(rests, LETTER_LEVEL, total) >= _MOST:
        return LETTER_LEVEL
    if total >= 3 and _is_told_by(LOWER_LETTER, rests, total, _NEARLY_ALL):
        return LOWER_LETTER
    if _share(rests, rb":[ \t]", total) and _is_told_by(SPARSE_LETTER, rests, total, _NEARLY_ALL):
        return SPARSE_LETTER
    return None


def _are_levels(code: bytes, rests: list[bytes]) -> bool:
    """Codes say how bad it is and not what happened: `I005`, `W003` and `E002`, one for each letter."""
    match = compile_head(code).match
    found = [one for rest in rests if (one := match(rest)) is not None]
    return len(found) >= _MANY and len({one[0] for one in found}) == len({one["level"] for one in found})


_BRACKETED: Final = rb"\[[ ]{0,8}[A-Za-z][A-Za-z_-]{0,15}[ ]{0,8}\]:?"
"""A word in brackets."""
_CLOSINGS: Final = (CLOSING_LEVEL, CLOSING_LETTER)
_SOME: Final = 0.2
"""Share of lines whose word is a level by its place alone, where other words stand there, too."""


def _is_told_by(element: bytes, rests: list[bytes], total: int, least: float = _MOST) -> bool:
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


_MANY: Final = 20
"""Lines from which on a word that begins all of them is no word of their messages."""


def _is_everyday(level: bytes) -> bool:
    """What a healthy log says of each line: a sample of it may show no other level, however many come later."""
    return level.lower() in (b"info", b"debug")


_AHEAD: Final = 8
"""Tokens before which a level is looked for."""


def _level_is_ahead(rests: list[bytes], total: int, is_whole: bool) -> bool:
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
        is_told = len(words[index]) > 1 or (total >= _MANY and all(map(_is_everyday, words[index])))
        if count / total >= _NEARLY_ALL and is_told:
            return True
    return bool(letters) and letters.most_common(1)[0][1] / total >= 0.95
