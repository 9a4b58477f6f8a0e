"""Escapes for a terminal that a program wrote into its log: colours, cursor moves, titles and character sets."""

import re
from typing import Final

ESCAPE: Final = re.compile(rb"\x1b(?:\[[0-9;:?]{0,32}[A-Za-z]|\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)|[()][0-9A-B])")
"""One of them."""
_IN_OBJECT: Final = re.compile(rb"(?<!\\)\\u001[bB](?:\[[0-9;:?]{0,32}[A-Za-z]|[()][0-9A-B])")
"""One as the text of an object holds it."""


def strip_colours(text: bytes) -> bytes:
    """A text without them."""
    return ESCAPE.sub(b"", text) if b"\x1b" in text else text


def strip_hidden_colours(text: bytes) -> bytes:
    """The text of an object without those in its values."""
    return _IN_OBJECT.sub(b"", text) if b"\\u001" in text else text
