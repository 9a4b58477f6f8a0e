"""Texts that are too long for their place."""

from typing import Final

_END_PERCENT: Final = 40
"""Of a shortened text, what its end gets."""


def shorten(text: str, most: int = 160) -> str:
    """At most so many characters, without the middle: who complains stands first, why it failed often last."""
    if len(text) <= most:
        return text
    end = text[-(most * _END_PERCENT // 100) :]
    word = end.find(" ")
    end = end[word + 1 :] if 0 <= word < len(end) // 2 else end
    return f"{text[: most - len(end) - 3].rstrip()} … {end}"
