"""How lines of logs begin."""

from logscope.ingest.formats.head_regex import compile_head
from logscope.ingest.formats.levels import STRICT_LEVEL
from logscope.ingest.layouts.text import find_stamp

_OPENS = (b"{", b"[", b"(", b"<")


def begins_as_line(text: bytes) -> bool:
    """Whether a message begins as a line of a log does: with a stamp, a bracket, an object, or a level."""
    return text[:1] in _OPENS or find_stamp(text) is not None or compile_head(STRICT_LEVEL).match(text) is not None
