"""How lines of logs begin."""

import re
from typing import Final

from logscope.ingest.formats.head_regex import compile_head
from logscope.ingest.formats.levels import STRICT_LEVEL
from logscope.ingest.layouts.text import find_stamp

_OPENS: Final = (b"{", b"[", b"(", b"<")
_PAIRS: Final = re.compile(rb"[A-Za-z_][\w.-]{0,40}=[^\s\"]{1,100}[ \t]{1,8}[A-Za-z_][\w.-]{0,40}=")


def begins_as_line(text: bytes) -> bool:
    """Whether a message begins as a line of a log does: with a stamp, a bracket, an object, a level, or pairs."""
    return (
        text[:1] in _OPENS or find_stamp(text) is not None or begins_with_level(text) or _PAIRS.match(text) is not None
    )


def begins_with_level(text: bytes) -> bool:
    """Whether a text begins with a level in a level's place."""
    return compile_head(STRICT_LEVEL).match(text) is not None
