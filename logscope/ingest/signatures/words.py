"""Words of a template made comparable: lists without their length, amounts without their unit, ids as numbers."""

import re
from functools import lru_cache
from typing import Final

from logscope.ingest.signatures.masks import LONGEST_MASKED

_AMOUNT: Final = re.compile(
    r"<?<num> ?(?i:ns|[uµ]s|ms|msecs?|millis|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?"
    r"|[kmgtp]i?b?|b|bytes?)(?![\w<=])|<?<num>(?:(?:h|ms|m|s)<num>)+(?:ms|m|s)?(?!\w)|<time>"
)
"""What was short or small the next time is written in another unit, or as a clock."""
_SIGN: Final = re.compile(r"(?<![A-Za-z0-9>])[-+](?=<num>)")
_AGAIN: Final = re.compile(r"(<num>) \(<num>\)")
"""An amount and the same in larger units."""
_DIGITS: Final = re.compile(r"\d+|<num>|<id>")


def simplify(head: str) -> tuple[str, ...]:
    """The words of a template's first line, without what does not make another event.

    Numbers and ids are alike (an id of hex digits is by chance one of digits alone), and so are amounts in different
    units; of items that follow one another and differ in numbers only the first stays, be they of one word or of a
    few; a quoted value is one word, whatever is said in it.
    """
    plain = _SIGN.sub("", _AMOUNT.sub("<num>", head.replace("<id>", "<num>")))
    if '="' in plain:
        plain = _SAID.sub(lambda found: found[0].replace(" ", JOINT), plain)
    if "<num>," in plain:
        plain = _MORE.sub(r"\1", plain)
    if "," in plain:
        plain = _ITEMS.sub(_keep_first, plain)
    words = _AGAIN.sub(r"\1", plain).split(" ") if JOINT in plain else _AGAIN.sub(r"\1", plain).split()
    if len(head) >= LONGEST_MASKED - 16 and len(words) > 1:
        del words[-1]  # cut somewhere in it
    kept: list[str] = []
    outlines: list[str] = []
    for word in words:
        if not word:
            continue
        outline = _find_outline(word)
        # Keys that differ in numbers name different values: `a0=1f a1=7`.
        if outline and outlines and outline == outlines[-1] and "=" not in outline:
            opening, first, _ = _split_edges(kept[-1])
            kept[-1] = opening + _DIGITS.sub("<num>", first) + _split_edges(word)[2]
            continue
        kept.append(word)
        outlines.append(outline or word)
        seen = len(outlines)
        for size in _PERIODS:
            if seen >= 2 * size and outlines[-1] == outlines[-1 - size]:
                item = outlines[-size:]
                if item == outlines[-2 * size : -size] and _is_item(item):
                    del kept[-size:], outlines[-size:]
                    break
    return tuple(kept)


JOINT: Final = "\x1f"
"""Stands for a blank inside a quoted value."""
_MORE: Final = re.compile(r"(<num>)(?:,<num>)+")
"""Numbers in one word."""
_ITEMS: Final = re.compile(r"(?<![\w.=<>,-])[A-Za-z][\w.<>-]{0,60}(?:,[A-Za-z][\w.<>-]{0,60}){1,200}(?![\w=,])")
"""Names in one word: `osd.1,osd.12`."""


def _keep_first(found: re.Match[str]) -> str:
    """The first of names that differ in their numbers only; all of others."""
    items = found[0].split(",")
    outlines = {_DIGITS.sub("#", item) for item in items}
    return _DIGITS.sub("<num>", items[0]) if len(outlines) == 1 and "#" in outlines.pop() else found[0]


_SAID: Final = re.compile(r"=\"[^\"=\\ ]{1,40}(?: [^\"=\\ ]{1,40}){1,2}\"")
"""A name of a few words; more are a sentence."""
_FRAME: Final = re.compile(r"[A-Za-z_<][\w$<>-]*(?:\.[\w$<>-]+){2,}:(?:<num>|\d+)")
"""A place in a program: who called."""
_PERIODS: Final = (2, 3, 4)
"""Words of one item of a list."""


_MOST_WORDS: Final = 4096
"""Remembered of what words look like: programs write few different ones."""


@lru_cache(maxsize=_MOST_WORDS)
def _find_outline(word: str) -> str:
    """A word that holds a number or an id without it; empty for others."""
    if "<" not in word and not any(letter.isdigit() for letter in word):
        return ""
    core = _split_edges(word)[1]
    return "@" if _FRAME.fullmatch(core) else _DIGITS.sub("#", core)


def _is_item(outlines: list[str]) -> bool:
    """Whether words may be one item of a list: there is a number in them, and they name no value by its key."""
    return any("#" in outline for outline in outlines) and not any("=" in outline for outline in outlines)


def _split_edges(word: str) -> tuple[str, str, str]:
    """Brackets before a word, the word, and brackets and points behind it; placeholders are left whole."""
    core = word.strip("[](){},;.:")
    begin = word.index(core) if core else 0
    return word[:begin], core, word[begin + len(core) :]


_MACHINE: Final = re.compile(
    r"[a-z][a-z0-9+]{1,9}://[^\s,;\"')\]}]+"
    r"|(?<![\w<>])~?/[\w.@%+~<>*$:-]+(?:/[\w.@%+~<>*$:-]*)+"
    r"|(?:[A-Za-z]:|\\\\[\w?.]+)\\[^\s,;\"')\]}]+"
    r"|[A-Za-z_<][\w$<>*-]*(?:[./][\w$<>*-]+){2,}(?::(?:\d+|<num>))?"
)
"""Addresses, paths, and dotted names of hosts, packages and classes."""
_QUOTED: Final = re.compile(r"([\"'])[^\"']{1,200}\1")
_VALUE: Final = re.compile(
    r"(?<![\w.-])([A-Za-z_][\w.-]{0,60})=(?!=)[\[({\"']*([^\s=,;(){}\[\]]+)(?:[({\[][^\s(){}\[\]]*[)}\]])?"
)
_FIXED: Final = re.compile(r"(?i:true|false|yes|no|on|off|ok)")
"""Values that are one of few: they may make the event."""
_HOST: Final = re.compile(r"<ip>(?::(?:\d+|<num>)\b)?")
_TOKEN: Final = re.compile(r"[\w<>.:-]+")
_LONGEST: Final = 300
"""Characters of a word that is looked into."""


@lru_cache(maxsize=_MOST_WORDS)
def sketch(word: str) -> str:
    """A word with what a program names in it left out: templates with the same words otherwise may be one event."""
    if len(word) > _LONGEST:
        return word
    word = _HOST.sub("*/*", _MACHINE.sub("*/*", word))
    word = _QUOTED.sub(r"\1*\1", word)
    word = _VALUE.sub(lambda found: found[0] if _FIXED.fullmatch(found[2]) else found[1] + "=*", word)
    return _TOKEN.sub(_sketch_token, word)


def _sketch_token(found: re.Match[str]) -> str:
    return "*#" if _DIGITS.search(found[0]) else found[0]


def is_machine_made(text: str) -> bool:
    """Whether a text holds an address, a path or a dotted name."""
    return len(text) <= _LONGEST and _MACHINE.search(text) is not None
