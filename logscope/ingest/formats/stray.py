"""Lines of another shape than the file's that begin with a full date all the same: they are heads, too.

A server's banner, another program that writes into the same file, a deploy that changed the layout for a few lines:
too few to learn a form of, and no continuation of the record before. Only dates with year, month and day count.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from logscope.ingest.formats.firsts import find_first_bytes
from logscope.ingest.formats.form import Head, LevelCache
from logscope.ingest.formats.head_regex import HeadRegex
from logscope.ingest.formats.levels import STRICT_LEVEL
from logscope.ingest.signatures.fields import RecordFields, read_text_fields
from logscope.ingest.timestamps.kinds import NAMES_OF_DATES
from logscope.ingest.timestamps.timestamp import KINDS, Missing, ParseState, StampKind, StampReader, complete_groups

_BEFORE: Final = rb"[\[(<\"']?"
_BRACKETS: Final = (b"[", b"(", b"<", b'"', b"'")
_NUMBERS: Final = tuple(b"%c" % byte for byte in b"0123456789 @")
"""What kinds of dates begin with that do not begin with a word."""
_BEHIND: Final = rb"(?![\w/])[\])>\"']?:?[ \t]*+(?:" + STRICT_LEVEL + rb")?[ \t]*+(?P<message>)"
_GATE: Final = re.compile(rb"[\[(<\"']?(?:\d{1,4}[-/.: ]?[\dA-Za-z]|[A-Z][a-z]{2,8}[ ,.-]).{4,24}:\d\d")
"""What every line with a date at its begin passes, and hardly a frame of a trace: cheap."""
_WITHOUT: Final = frozenset(("epoch", "hex epoch", "tai64n", "short", "short compact", "compact", "compact millis"))
"""Kinds that a number in a dump may look like."""


_MAYBE: Final = re.compile(rb"[\[(<\"']?(?:\d|" + NAMES_OF_DATES + rb")")
"""What a date at a line's begin begins with."""


@lru_cache(maxsize=1)
def _readers() -> tuple[StampReader, ...]:
    return tuple(StampReader(kind) for kind in KINDS if kind.missing is Missing.NOTHING and kind.name not in _WITHOUT)


@lru_cache(maxsize=64)
def _compile_head(kind: StampKind) -> HeadRegex:
    return HeadRegex(complete_groups(_BEFORE + kind.pattern + _BEHIND))


def _find_head(line: bytes) -> Iterator[tuple[re.Match[bytes], StampReader]]:
    """Matches of the kinds of dates that a line begins with.

    A head's pattern is long: it is compiled for the few kinds of which a date stands there, and thirty are never.
    """
    at = 1 if line[:1] in _BRACKETS else 0
    is_worded = line[at : at + 1] not in _NUMBERS
    for reader in _readers():
        if reader.kind.is_worded is is_worded and reader.alone.match(line, at) is not None:
            match = _compile_head(reader.kind).match(line)
            if match is not None:
                yield match, reader


class StrayForm:
    """Heads of lines that no learned form reads."""

    name = "text"
    is_timed = False
    """Few lines of a file: they say nothing of its others."""
    missing = Missing.NOTHING
    begin_pattern = _MAYBE.pattern
    """A regex that every such line begins with."""

    def __init__(self) -> None:
        """Nothing is learned."""
        self._levels = LevelCache({})

    @property
    def first_bytes(self) -> frozenset[int] | None:
        """Bytes that its lines may begin with."""
        return find_first_bytes(_GATE.pattern)

    def __reduce__(self) -> tuple[type["StrayForm"], tuple[()]]:
        return (StrayForm, ())

    def may_be_head(self, line: bytes) -> bool:
        """Whether a line may begin with a date: cheap, for the lines of traces."""
        return _MAYBE.match(line) is not None

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """The head of a line that begins with a full date."""
        if _GATE.match(line) is None:
            return None
        for match, reader in _find_head(line):
            minute, second, fraction, zone, extra = match.group("minute", "second", "fraction", "zone", "extra")
            time = reader.read(minute, second, fraction, zone, extra, state)
            if time is not None:
                return Head(time, self._levels[match["level"] or b""], match.start("message"), None, 0, -1)
        return None

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a record."""
        for match, _ in _find_head(lines[0]):
            return read_text_fields(match, lines)
        raise AssertionError("asked only for lines that are heads")
