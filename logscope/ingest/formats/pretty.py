"""Objects that are printed over several lines, one value a line: a record begins with its brace."""

import re
from typing import Final

from logscope.ingest.formats.form import Head
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.objects import load_object
from logscope.ingest.signatures.fields import RecordFields, read_object_fields
from logscope.ingest.timestamps.timestamp import Missing, ParseState
from logscope.model.severity import Severity

_BEGIN: Final = re.compile(rb"(?P<indent>[ \t]{0,16})(?:\[[ \t]*|\}[ \t]*,[ \t]*)?\{[ \t\r]*$")
_BEFORE: Final = b" \t\r,[}"


def find_begin(line: bytes) -> int | None:
    """Blanks before the brace of a line that begins an object and holds nothing else; None for all others."""
    found = _BEGIN.match(line)
    return None if found is None else len(found["indent"])


def cut_object(lines: list[bytes]) -> list[bytes]:
    """The lines down to the brace that closes the object: behind the last one stand those of what holds them all."""
    first = lines[0]
    closing = first[: len(first) - len(first.lstrip(b" \t"))] + b"}"
    end = next((at for at, line in enumerate(lines) if at and line.startswith(closing)), len(lines))
    return lines[: end + 1]


def join_lines(lines: list[bytes]) -> bytes:
    """The object that lines from its begin on are in one line, as writers of one object a line print it."""
    line = b" ".join(line.strip() for line in cut_object(lines))
    begin, end = line.find(b"{"), line.rfind(b"}")
    return line[begin : end + 1] if 0 <= begin < end else line.lstrip(_BEFORE)


def load_lines(lines: list[bytes]) -> dict[str, object] | None:
    """The object that lines from its begin on are; None where they are none."""
    text = b"\n".join(cut_object(lines))
    begin, end = text.find(b"{"), text.rfind(b"}")
    return load_object(text[begin : end + 1]) if 0 <= begin < end else None


class PrettyForm:
    """Objects over several lines. Times and levels are read when a record is complete."""

    is_late = True
    missing = Missing.NOTHING

    def __init__(self, inner: JsonForm, indent: int) -> None:
        """Args are kept.

        Args:
            inner: Reads the objects.
            indent: Blanks before the braces that begin them.
        """
        self.inner = inner
        self.indent = indent
        self.name = inner.name

    def __reduce__(self) -> tuple[type["PrettyForm"], tuple[JsonForm, int]]:
        return (PrettyForm, (self.inner, self.indent))

    @property
    def is_timed(self) -> bool:
        """Its records carry times."""
        return self.inner.is_timed

    @property
    def first_bytes(self) -> frozenset[int]:
        """Bytes that its lines may begin with."""
        return frozenset(b" \t[{}")

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """A head that says nothing yet for a line that begins an object; None for all others."""
        return Head(None, Severity.UNKNOWN, 0, None, 0, -1) if find_begin(line) == self.indent else None

    def find_time(self, line: bytes) -> bytes | None:
        """The text of the time, where a line holds it."""
        place, _ = self.inner.find_raw_places(line)
        return None if place is None else line[place[0] : place[1]]

    def read_late(self, lines: list[bytes], head: Head) -> Head:
        """Time, level and so on of a whole object."""
        record = load_lines(lines)
        text = b"\n".join(lines)
        if record is None:
            return self.inner.read_damaged(text, ParseState())
        return self.inner.parse_object(record, text, ParseState())

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a record."""
        text = join_lines(lines).decode("utf-8", "replace")
        return read_object_fields(load_lines(lines), self.inner.keys, text, [])
