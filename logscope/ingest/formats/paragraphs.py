"""Records of several lines whose time stands in a later one: reports, event listings, audit sections, XML elements.

A record begins with a line of one shape and lists what there is to tell, a name and its value a line. When it was and
how bad is read when the record is complete.
"""

import re
import sys
from collections.abc import Sequence
from typing import Final

from logscope.ingest.formats.firsts import find_first_bytes
from logscope.ingest.formats.form import Head
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.pretty import PrettyForm
from logscope.ingest.signatures.fields import RecordFields, read_object_fields
from logscope.ingest.timestamps.timestamp import (
    KIND_BY_NAME,
    Missing,
    ParseState,
    StampReader,
    complete_groups,
)
from logscope.model.severity import Severity

_LABEL: Final = re.compile(
    rb"[ \t*|>-]{0,40}(?P<name>[A-Za-z_@][\w.@-]{0,60}(?: [\w.@()/-]{1,30}){0,3}?)"
    rb"(?:(?:[ .\t]{0,40})(?:[:=](?!:)[ \t]{0,8}|[ \t]{2,40})(?P<value>.*)|[ \t\r]*$)",
    re.DOTALL,
)
"""A name, and its value behind a colon, a sign of equality or blanks; or a name that is all of its line."""
_ELEMENT: Final = re.compile(
    rb"[ \t]*<(?:[A-Za-z][\w.-]{0,60}:)?(?P<name>[A-Za-z][\w.-]{0,60})(?:\s[^<>]{0,4000})?>"
    rb"(?:<!\[CDATA\[(?P<data>(?:[^\]]|\](?!\]>))*)|(?P<value>[^<]*))",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(rb"(?<![\w.:-])([A-Za-z][\w.:-]{0,60})=(?:\"([^\"]{0,4000})\"|'([^']{0,4000})')")
_ENTITY: Final = re.compile(r"&(?:(?P<name>lt|gt|quot|apos|amp)|#(?P<number>\d{1,7})|#x(?P<hex>[0-9a-fA-F]{1,6}));")
"""What XML writes for signs. `html` knows these, too, and two thousand more, whose names take 2 ms of each start."""
_SIGNS: Final = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}
_BLANKS: Final = b" \t\r"
_LONGEST_VALUE: Final = 65_536
_MOST_LINES: Final = 400
_LONGEST_LINE: Final = 4096
"""Bytes of a line in which its stamp is looked for."""


def read_labels(line: bytes) -> list[tuple[str, str]]:
    """Names and values that a line may list: one of each, or the attributes and the content of an element."""
    line = line[:_LONGEST_VALUE]
    named: list[tuple[bytes, bytes]] = [(one[1], one[2] or one[3] or b"") for one in _ATTRIBUTE.finditer(line)]
    if line.lstrip(_BLANKS)[:1] == b"<":
        element = _ELEMENT.match(line)
        content = b"" if element is None else element["data"] or element["value"] or b""
        if element is not None and (content.strip(_BLANKS) or not named):
            named.append((element["name"], content))
    if len(named) > 1 or line.lstrip(_BLANKS)[:1] == b"<":
        return [(_decode(name), _unescape(_decode(value))) for name, value in named]
    found = _LABEL.match(line)
    return [] if found is None else [(_decode(found["name"]), _unquote(_decode(found["value"] or b"")))]


def _decode(text: bytes) -> str:
    return text[:_LONGEST_VALUE].strip(_BLANKS).decode("utf-8", "replace")


def _unquote(text: str) -> str:
    """A value without the quotation marks around it."""
    mark = text[:1]
    is_quoted = mark in ('"', "'") and len(text) > 1 and text.find(mark, 1) == len(text) - 1
    return text[1:-1] if is_quoted else text


def _unescape(text: str) -> str:
    return _ENTITY.sub(_read_entity, text) if "&" in text else text


def _read_entity(found: re.Match[str]) -> str:
    name, number, hexadecimal = found.groups()
    if name is not None:
        return _SIGNS[name]
    code = int(number) if number is not None else int(hexadecimal, 16)
    return chr(code) if code <= sys.maxunicode and not 0xD800 <= code < 0xE000 else "\ufffd"


def load_paragraph(lines: Sequence[bytes], names: frozenset[str]) -> dict[str, object]:
    """The values of a record's lines by their names: the first of each, with the lines without a name behind it.

    Args:
        lines: Of the record.
        names: Those that records have: other names are part of a value.
    """
    values: dict[str, object] = {}
    last = ""
    for line in lines[:_MOST_LINES]:
        labels = [label for label in read_labels(line) if label[0] in names]
        if labels:
            for name, value in labels:
                last = name if name not in values else ""
                values.setdefault(name, value)
        elif line.lstrip(_BLANKS).startswith(b"</"):
            last = ""
        elif not line.strip(_BLANKS):
            last = last if last and not values[last] else ""
        elif last and len(str(values[last])) < _LONGEST_VALUE:
            values[last] = f"{values[last]}\n{_unescape(_decode(line))}".strip("\n")
    return values


class ParagraphForm(PrettyForm):
    """A record begins with a line of one shape; its first stamp of a kind is its time."""

    def __init__(self, inner: JsonForm, opener: bytes, stamp: str, before: bytes, names: frozenset[str]) -> None:
        """Args are kept.

        Args:
            inner: Reads the values.
            opener: Regex of the begin of a line that begins a record.
            stamp: Name of the kind of the stamps.
            before: Regex of what stands before the stamp in its line.
            names: Of values that records have.
        """
        super().__init__(inner, 0)
        self.opener, self.stamp, self.before, self.names = opener, stamp, before, names
        kind = KIND_BY_NAME[stamp]
        self.missing = kind.missing
        self._opens = re.compile(opener).match
        self._find = re.compile(rb"(?m)^" + before + complete_groups(kind.pattern)).search
        self._reader = StampReader(kind)
        keys = inner.keys
        paths = (*keys.levels, *keys.service, *(path for path in (keys.status, keys.method, keys.took) if path))
        self._told = tuple({str(path[-1]).encode() for path in paths})
        """Names whose values a head is made of."""

    def __reduce__(self) -> tuple[type["ParagraphForm"], tuple[JsonForm, bytes, str, bytes, frozenset[str]]]:  # type: ignore[override]
        return (ParagraphForm, (self.inner, self.opener, self.stamp, self.before, self.names))

    @property
    def is_timed(self) -> bool:
        """Its records carry times."""
        return True

    @property
    def first_bytes(self) -> frozenset[int] | None:  # type: ignore[override]
        """Bytes that its lines may begin with."""
        return find_first_bytes(self.opener)

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """A head that says nothing yet for a line that begins a record; None for all others."""
        return Head(None, Severity.UNKNOWN, 0, None, 0, -1) if self._opens(line) is not None else None

    def find_time(self, line: bytes) -> bytes | None:
        """The text of the time, where a line holds it."""
        found = self._find(line)
        return None if found is None else line[found.start("minute") : found.end()]

    def read_late(self, lines: list[bytes], head: Head) -> Head:
        """Time, level and so on of a whole record."""
        # Few lines hold what a head is made of; where one only names it, the value stands in the next.
        few = [line for line in lines[:_MOST_LINES] if any(name in line for name in self._told)]
        values = load_paragraph(few, self.names)
        if not all(values.values()):
            values = load_paragraph(lines, self.names)
        told = self.inner.parse_object(values, b"", ParseState())
        found = self._find(b"\n".join(line[:_LONGEST_LINE] for line in lines[:_MOST_LINES]))
        if found is None:
            return told._replace(time=None)
        minute, second, fraction, zone, extra = found.group("minute", "second", "fraction", "zone", "extra")
        return told._replace(time=self._reader.read(minute, second, fraction, zone, extra, ParseState()))

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a record."""
        text = b"\n".join(lines).decode("utf-8", "replace")
        return read_object_fields(load_paragraph(lines, self.names), self.inner.keys, text, [])


assert ParagraphForm.missing is Missing.NOTHING, "stamps without a year or day are not learned here"
