"""Texts as a line has room for them: shortened, with a service named once, without masks."""

import re
from typing import Final

_END_PERCENT: Final = 40
"""Of a shortened text, what its end gets."""

_MASK: Final = re.compile(r"<(?:id|num|ip|hex|time|date|uuid|path|str|\*)>")
"""What stands in a kind of records for what differs."""


def shorten(text: str, most: int = 160) -> str:
    """At most so many characters, without the middle: who complains stands first, why it failed often last."""
    if len(text) <= most:
        return text
    end = text[-(most * _END_PERCENT // 100) :]
    word = end.find(" ")
    end = end[word + 1 :] if 0 <= word < len(end) // 2 else end
    begin = text[: most - len(end) - 3]
    word = begin.rfind(" ")
    # Half a word is left out, where that is not most of what there is.
    begin = begin[:word] if text[len(begin)] != " " and word > len(begin) // 2 else begin
    return f"{begin.rstrip()} … {end}"


def own_words(service: str, words: str) -> str:
    """What a service says, where its name stands beside it already."""
    rest = words[len(service) + 1 :].lstrip()
    return rest if rest and service and _names_itself(service, words) else words


def tell(service: str, words: str) -> str:
    """Who says what; a message that begins with its service's name names it once."""
    return words if _names_itself(service, words) else f"{service}: {words}"


def _names_itself(service: str, words: str) -> bool:
    return words[: len(service) + 1].lower() == f"{service.lower()}:"


def hide_masks(template: str) -> str:
    """What a kind of records says, with an ellipsis for what differs: a mask looks like something to fill in."""
    return _MASK.sub("…", template)
