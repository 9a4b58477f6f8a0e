"""Learns what stands between the stamp and the message of unknown text lines.

Plan: the lines vote, part by part from the left, on what comes next (brackets, numbers, dashes, a level, a tag, the
columns of a separator). A part that most lines have becomes an optional part of the regex.
"""

import re
from typing import Final

from logscope.ingest.formats.head_regex import compile_head
from logscope.ingest.formats.levels import (
    CODE_LEVELS,
    LABEL,
    LABELLED_LEVEL,
    LOUD_LEVEL,
    MNEMONIC_LEVEL,
    STRICT_LEVEL,
    TRAILING_LEVEL,
)
from logscope.ingest.layouts.cells import find_separator, learn_cells
from logscope.ingest.layouts.elements import (
    CELL,
    CODE,
    COLUMN,
    DIVIDER,
    ELEMENTS,
    GLUED_LOGGER,
    LOGGERS,
    LONE_LOGGER,
    MOST,
    NEARLY_ALL,
    OPTION,
    PAIRS,
    SOURCE_FILE,
    TAG,
    WHO,
    WORD,
)
from logscope.ingest.layouts.level_places import (
    CLOSINGS,
    MANY,
    SOME,
    choose_level,
    consume,
    is_told_by,
    level_is_ahead,
    share,
)

_PARTS: Final = 12


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
    is_behind_bar = False
    for _ in range(_PARTS):
        separator = find_separator(rests)
        if separator:
            element, knows_level = learn_cells(rests, separator, has_level)
            if is_whole and _ends(consume(rests, element)):
                break
            if knows_level and not has_level:
                has_level, level_at = True, len(parts)
            rests = consume(rests, element)
            parts.append(element)
            words = len(parts)
            continue
        is_apart = sum(1 for rest in rests if rest[:1] in b" \t") * 2 > total
        rests = [rest.lstrip(b" \t") for rest in rests]
        if not has_level:
            level = choose_level(rests, total, open_bracket)
            if level is not None and is_whole and _ends(consume(rests, level)):
                break
            if level is not None:
                rests = consume(rests, level)
                # What stands in columns before a level stands there only where a level follows.
                columns = b"".join(rb"(?>" + part + rb")?[ \t]*+" for part in parts[words:])
                del parts[words:]
                has_level, level_at = True, len(parts)
                parts.append(columns + level)
                open_bracket = open_bracket and level not in CLOSINGS
                continue
            strict = share(rests, STRICT_LEVEL, total)
            if strict > strict_share:
                strict_place, strict_share = len(parts), strict
        found = _choose_element(
            rests, has_level, open_bracket, named, is_whole=is_whole, is_apart=is_apart, is_behind_bar=is_behind_bar
        )
        if found is None:
            break
        name, element = found
        is_tag = share(rests, rb"\S{1,128}:(?=[ \t])", total) >= NEARLY_ALL
        left = consume(rests, element)
        is_behind_bar = _end_with_bars(rests, left)
        if is_whole and _ends(consume(left, _OF_WHOM) if name == "logger" else left):
            break
        if name == "pairs" and not has_level and (told := _find_told(rests, total)):
            has_level, level_at = True, len(parts)
            parts.append(told)
        open_bracket = open_bracket and name != "closing"
        whole, rests = rests, left
        parts.append(element)
        if name != "word" or is_tag:
            words = len(parts)
        if has_level and "logger" in named and (name == "dash" or _are_colons(whole, left)):
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


_OF_WHOM: Final = rb"[ \t]{0,60}\[[^\[\]\n]{0,200}\][ \t]{0,8}[*=-]{0,200}(?=[ \t\r]{0,8}$)"
"""Of whom something is said, where nothing else is behind it: `changed: [web1]` is the message."""


def _ends(rests: list[bytes]) -> bool:
    """Nothing is left of most lines."""
    return sum(1 for rest in rests if not rest.strip(b" \t\r")) * 2 > len(rests)


def _find_told(rests: list[bytes], total: int) -> bytes:
    """Regex of a level that a label or an event's name tells in nearly all lines, part of the message; else empty."""
    if total >= 2 and share(rests, MNEMONIC_LEVEL, total) >= MOST:
        return rb"(?=" + MNEMONIC_LEVEL + rb")"
    behind_host = rb"(?=[^\n]{0,80}?[ \t:]" + MNEMONIC_LEVEL + rb")"
    if total >= 2 and share(rests, behind_host, total) >= MOST:
        return behind_host
    ahead = rb"(?=.{0,400}?" + LABELLED_LEVEL + rb")"
    # What the label says need not be a level in every line: `LEVEL: Event`.
    at_end = rb"(?=[^\n]{0,16000}[ \t]" + TRAILING_LEVEL + rb"[ \t]{0,8}\r?$)"
    if total >= _FEWEST and is_told_by(at_end, rests, total):
        return at_end
    if total >= 2 and share(rests, rb".{0,400}?" + LABEL + rb"\w", total) >= MOST and share(rests, ahead, total) >= 0.5:
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
    is_behind_bar: bool,
) -> tuple[str, bytes] | None:
    """Name and regex of the part that comes next in most lines; None where the message begins.

    Args:
        rests: Without blanks at their begins.
        has_level: The level has been found.
        open_bracket: A bracket before the stamp is open.
        named: Groups that are taken; grows.
        is_whole: What a line ends with is no part of the head.
        is_apart: Blanks stood before most of the rests: a quote opens what is quoted.
        is_behind_bar: A bar stood before that.
    """
    total = len(rests)
    if has_level and is_behind_bar and _are_columns(rests):
        return "column", COLUMN.replace(b"?P<cell>", b"?:")
    closing = rb"[^\[\]\n]{0,100}\]:?"
    if open_bracket and share(rests, closing, total) >= MOST:
        return "closing", closing
    for name, element, least in ELEMENTS:
        if share(rests, element, total) < least:
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
    if "pairs" not in named and _leads_on(rests, PAIRS, has_level):
        named.add("pairs")
        return "pairs", PAIRS
    if not has_level and level_is_ahead(rests, total, is_whole):
        return "word", WORD
    if not has_level and is_told_by(TAG + rb"[ \t]+" + LOUD_LEVEL, rests, total, NEARLY_ALL):
        return "tag", TAG
    if "option" not in named and MOST > share(rests, OPTION, total) > 1 - MOST:
        # Only before more of the head: the message may begin with such a text, too.
        behind = [rest.lstrip(b" \t") for rest in consume(rests, OPTION)]
        if any(share(behind, element, total) >= NEARLY_ALL for element in LOGGERS):
            named.add("option")
            return "option", OPTION
    if has_level and "cell" not in named and share(rests, CELL, total) >= NEARLY_ALL:
        named.add("cell")
        return "cell", CELL
    is_long = total >= _FEWEST and not is_whole
    if is_long and "logger" not in named and share(rests, LONE_LOGGER, total) >= NEARLY_ALL:
        named.add("logger")
        return "logger", LONE_LOGGER
    if "who" not in named and "logger" not in named and share(rests, WHO, total) >= NEARLY_ALL:
        named.add("who")
        return "who", WHO
    if "logger" not in named and has_level and not is_apart and _are_writers(rests):
        named.add("logger")
        return "logger", GLUED_LOGGER
    if "logger" not in named:
        for element in LOGGERS:
            if (
                share(rests, element, total) >= NEARLY_ALL
                and share(rests, CODE, total) < SOME
                and (element.startswith(SOURCE_FILE) or not _are_subjects(rests, element))
            ):
                named.update(("logger", "pid") if b"<pid>" in element else ("logger",))
                return "logger", element
    return None


def _are_columns(rests: list[bytes]) -> bool:
    """Texts up to a bar are few: the cells of a column, and not the begins of messages."""
    match = compile_head(COLUMN).match
    cells = [found["cell"] for rest in rests if (found := match(rest)) is not None]
    return len(cells) >= max(_SOME_ROWS, NEARLY_ALL * len(rests)) and len(set(cells)) * 4 <= len(cells)


def _are_writers(rests: list[bytes]) -> bool:
    """Nearly all lines go on with a name between colons, and the names are few."""
    match = compile_head(GLUED_LOGGER).match
    names = [found["logger"] for rest in rests if (found := match(rest)) is not None]
    return len(names) >= max(_FEWEST, NEARLY_ALL * len(rests)) and len(set(names)) * 2 <= len(names)


_FEWEST: Final = 3
_SOME_ROWS: Final = 12


def _end_with_bars(rests: list[bytes], left: list[bytes]) -> bool:
    """A bar stands where a part of most lines ends."""
    ends = (rest[: len(rest) - len(after)].rstrip()[-1:] for rest, after in zip(rests, left, strict=True))
    return sum(end == b"|" for end in ends) * 2 > len(rests)


def _are_colons(rests: list[bytes], left: list[bytes]) -> bool:
    """A part of most lines is a colon that stands alone."""
    parts = (rest[: len(rest) - len(after)].strip() for rest, after in zip(rests, left, strict=True))
    return sum(part == b":" for part in parts) * 2 > len(rests)


def _are_subjects(rests: list[bytes], element: bytes) -> bool:
    """Who seems to write is another one in most lines: paths that something is said of."""
    match = compile_head(element).match
    names = [found["logger"] for rest in rests if (found := match(rest)) is not None]
    told = set(names)
    return len(names) >= MANY and len(told) * 10 > len(names) * 6 and sum(b"/" in one for one in told) * 2 > len(told)


def _quotes(rest: bytes) -> bool:
    """A text begins with a quotation."""
    return rest[:1] in (b'"', b"'") and rest.find(rest[:1], 1) > 0


def _leads_on(rests: list[bytes], element: bytes, has_level: bool) -> bool:
    """Whether nearly all lines have the element, and behind it what divides it from the message: a level, or a mark."""
    match = compile_head(element).match
    behind = [rest[found.end() :] for rest in rests if (found := match(rest)) is not None]
    if len(behind) < NEARLY_ALL * len(rests):
        return False
    total = len(behind)
    if share(behind, DIVIDER, total) >= NEARLY_ALL:
        return True
    return not has_level and (
        share(behind, STRICT_LEVEL, total) >= MOST or any(is_told_by(code, behind, total) for code in CODE_LEVELS)
    )


def _numeric(rests: list[bytes]) -> bool:
    """Most bracketed texts are numbers: process ids, not threads."""
    return sum(1 for rest in rests if re.match(rb"\[ *\d+ *\]", rest)) * 2 > len(rests)
