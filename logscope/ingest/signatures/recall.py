"""Knows the signatures of whole lines again without parsing them: of those that differ in digits and ids only.

A cache in front of the parser and `Signer.sign`: a line is remembered only where its template holds nothing of its
digits and ids and its parts are found the same way whatever these are. Lines are looked up a block at a time, which
costs about 1 us each.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from logscope.ingest.formats.form import Form, TextForm
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.signatures.fields import ERROR_NAMES
from logscope.ingest.signatures.masks import Spans, mask_ids

_AS_ZERO: Final = bytes.maketrans(b"0123456789", b"0" * 10)
_MOST_LINES: Final = 50_000
_MOST_TEXTS: Final = 1000
_LONGEST: Final = 2000
"""Bytes of a line: of longer ones the mask cuts off a tail, and where it does depends on the ids before it."""
_LONGEST_REQUEST: Final = 400
"""Of longer ones the route is cut."""
_DIGIT: Final = re.compile(rb"\d")
_NO_DIGIT: Final = re.compile(rb"\{\d+(?:,\d*)?\}|0-9|\\x[0-9a-fA-F]{2}")
_AS_CONTROL: Final = bytes.maketrans(b"0123456789", bytes(range(14, 24)))
_QUERY: Final = re.compile(rb"\?[^\s\"]*")
_VERSION: Final = re.compile(rb"/[vV][^/?;#\s\"]{1,2}(?=[/?;#\s\"])")
_SEGMENT: Final = re.compile(rb"/[^/?;#\s\"0]*0[^/?;#\s\"]*(?=[/?;#\s])")
"""A segment of a path that holds a digit; not the protocol's version behind the blank, nor a version."""


class _Varied(NamedTuple):
    """Lines that are alike but for digits, some of which stay in their templates."""

    spans: Spans
    """Where these stand in the line's subject, ids masked."""
    index_by_texts: dict[tuple[bytes, ...], int]


class LineRecall:
    """Signatures of one stream's single-line records, by what of them is neither a digit nor an id.

    What is compared is a line's subject: of a text the line from its level on, of pairs the whole line, of an object
    its message alone.
    """

    def __init__(self, layout: Layout) -> None:
        fast, form = layout.fast, layout.forms[0]
        self._column = 0
        self._object: _ObjectMessage | None = None
        self._is_text = not layout.is_structured
        self.is_able = False
        """Whether lines of this layout can be known again."""
        if fast is None:
            pass
        elif isinstance(form, JsonForm):
            self._object = _ObjectMessage(form)
            self.is_able = True
        elif layout.is_structured:
            self.is_able = True
        elif fast.level_column and not any(map(_DIGIT.search, dict(fast.level_words))):
            self._column = fast.level_column
            self.is_able = _asks_no_digit(form)
        self._known: dict[bytes, int | _Varied] = {}

    def find(self, lines: Sequence[bytes]) -> list[int]:
        """Index of each line's signature; -1 where it is not known."""
        found = [-1] * len(lines)
        if not self._known:
            return found
        subjects = [self._subject(line) for line in lines]
        rows = [n for n, subject in enumerate(subjects) if subject]
        self._look_up(rows, [subjects[n] for n in rows], found)
        misses = [n for n in rows if found[n] < 0]
        if misses:
            masked = mask_ids(b"\n".join([subjects[n] for n in misses])).split(b"\n")
            self._look_up(misses, masked, found)
        return found

    def _look_up(self, rows: Sequence[int], subjects: Sequence[bytes], found: list[int]) -> None:
        get = self._known.get
        keys = b"\n".join(subjects).translate(_AS_ZERO).split(b"\n")
        # Without rows there is one empty key.
        for n, subject, key in zip(rows, subjects, keys, strict=False):
            entry = get(key)
            if entry is None:
                continue
            if not isinstance(entry, _Varied):
                found[n] = entry
                continue
            texts = tuple([subject[begin:end] for begin, end in entry.spans])
            found[n] = entry.index_by_texts.get(texts, -1)

    def keep(self, line: bytes, message: int, index: int, spans: Spans) -> None:
        """Remember the signature of a line.

        Args:
            line: The whole record, without its newline.
            message: Where its message begins; of objects anything.
            index: Of its signature.
            spans: Where in the message, blanks around it off and ids masked, digits stand that the template keeps.
        """
        subject = self._subject(line) if self.is_able and b"<id>" not in line else b""
        if not subject or len(line) > _LONGEST:
            return
        offset = 0
        if self._object is None:
            head = line[self._column : message]
            masked = mask_ids(head)
            if self._is_text and masked != head:
                return
            offset = len(masked) + len(line) - message - len(line[message:].lstrip())
        subject = mask_ids(subject)
        key = subject.translate(_AS_ZERO)
        if len(self._known) >= _MOST_LINES:
            self._known.clear()
        if not spans:
            self._known[key] = index
            return
        entry = self._known.get(key)
        if not isinstance(entry, _Varied):
            moved = tuple((begin + offset, end + offset) for begin, end in spans)
            entry = self._known[key] = _Varied(moved, {})
        if len(entry.index_by_texts) < _MOST_TEXTS:
            entry.index_by_texts[tuple([subject[begin:end] for begin, end in entry.spans])] = index

    def _subject(self, line: bytes) -> bytes:
        """What is compared; empty where the line must be parsed."""
        if self._is_text:
            return line[self._column :]
        if b"\\" in line or b"\x1b" in line:
            return b""
        return line if self._object is None else self._object.read(line)


class _ObjectMessage:
    """Finds the message of an object without loading it, where that surely gives the same."""

    def __init__(self, form: JsonForm) -> None:
        path = form.keys.messages[0] if form.keys.messages else ()
        name = path[0] if len(path) == 1 else None
        self._name = b'"' + name.encode() + b'"' if isinstance(name, str) else None
        others = [*(str(other[-1]) for other in form.keys.stacks), *ERROR_NAMES]
        self._others = [b'"' + other.encode("utf-8", "replace") + b'":' for other in others]

    def read(self, line: bytes) -> bytes:
        """The message of a line without escapes, blanks around it off; empty where it must be parsed."""
        name = self._name
        if name is None or line[-1:] != b"}" or line.count(name) != 1:
            return b""
        at = line.find(name) + len(name)
        at = line.find(b'"', at) + 1 if line[at : at + 2] in (b':"', b": ") else 0
        end = line.find(b'"', at)
        if at <= 0 or end < 0 or line.count(b"{", 0, at) != 1 or line.count(b'"') & 1:
            return b""
        for other in self._others:
            if other in line:
                return b""
        message = line[at:end].strip()
        return message if message.isascii() else b""


class RequestRecall:
    """Signatures of one access log's lines, by request and status.

    A request is given as it stands in the line: method, path and protocol, closing quote, blank and status.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}

    def find(self, requests: Sequence[bytes]) -> list[int]:
        """Index of the signature of each request; -1 where it is not known."""
        if not requests:
            return []
        known = self._known
        keys = _as_zero(requests)
        found = [known.get(key, -1) for key in keys]
        misses = [n for n, index in enumerate(found) if index < 0]
        if misses and known:
            for n, key in zip(misses, _as_route([keys[n] for n in misses]), strict=True):
                found[n] = known.get(key, -1)
        return found

    def keep(self, request: bytes, index: int) -> None:
        """Remember one whose template is made of its method, route and status."""
        if len(request) > _LONGEST_REQUEST:
            return
        keys = _as_zero([request])
        for key in {*keys, *_as_route(keys)}:
            if len(self._known) >= _MOST_LINES:
                self._known.clear()
            self._known[key] = index


def _as_zero(requests: Sequence[bytes]) -> list[bytes]:
    """Requests without query, with all digits alike but for those of versions and of the status at their end."""
    blob = b"\n".join([request[:-3] for request in requests])
    if b"?" in blob:
        blob = _QUERY.sub(b"?", blob)
    if b"/v" in blob or b"/V" in blob:
        blob = _VERSION.sub(lambda match: match[0].translate(_AS_CONTROL), blob)
    paths = blob.translate(_AS_ZERO).split(b"\n")
    return [path + request[-3:] for path, request in zip(paths, requests, strict=True)]


def _as_route(keys: Sequence[bytes]) -> list[bytes]:
    """The same with one mark for each segment of the path that is masked in the template for its digits."""
    return _SEGMENT.sub(b"/*", b"\n".join(keys)).split(b"\n")


def _asks_no_digit(form: Form) -> bool:
    """Whether the head behind the level is found the same way whatever the digits in it."""
    if not isinstance(form, TextForm):
        return False
    behind = form.pattern[form.pattern.find(b"(?P<level>") :].replace(b"\\(", b"").replace(b"\\)", b"")
    depth = 0
    for end, byte in enumerate(behind):
        depth += (byte == ord("(")) - (byte == ord(")"))
        if depth == 0:
            return _DIGIT.search(_NO_DIGIT.sub(b"", behind[end:])) is None
    return False
