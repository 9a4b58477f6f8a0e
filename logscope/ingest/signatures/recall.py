"""Knows the signatures of whole lines again without parsing them: of those that differ in digits and ids only.

A cache in front of the parser and `Signer.sign`: a line is remembered only where its template holds nothing of its
digits and ids and its parts are found the same way whatever these are. Lines are looked up a block at a time, which
costs about 1 us each.
"""

import re
from collections.abc import Callable, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import REACH, Block
from logscope.ingest.formats.form import Form, TextForm
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.signatures.fields import ERROR_NAMES
from logscope.ingest.signatures.ids import mask_all_ids
from logscope.ingest.signatures.masks import Spans, mask_ids
from logscope.ingest.signatures.object_message import ObjectMessage

_AS_ZERO: Final = bytes.maketrans(b"0123456789", b"0" * 10)
_MOST_LINES: Final = 50_000
_MOST_TEXTS: Final = 1000
_ENOUGH: Final = 64
"""Texts by which it is judged how texts are looked up."""
_LONGEST: Final = 2000
"""Bytes of a line: of longer ones the mask cuts off a tail, and where it does depends on the ids before it."""
_LONGEST_REQUEST: Final = 400
"""Of longer ones the route is cut."""
_BRACKET: Final = re.compile(rb"[()]")
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
    cut: Callable[[bytes], object]
    """Cuts them out; several as a tuple."""
    index_by_texts: dict[object, int]
    """By what is cut out."""


def _make_varied(spans: Spans) -> _Varied:
    return _Varied(spans, itemgetter(*(slice(begin, end) for begin, end in spans)), {})


class MessageRecall:
    """Signatures of messages: of those that are alike but for ids and for digits that do not matter."""

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}
        """Message to index of the signature; below -1, the number of one of `_varied` from -2 downwards."""
        self._varied: list[_Varied] = []
        self._has_ids = False

    def find(self, data: bytes, begins: Int64, ends: Int64) -> Int64:
        """Index of the signature of each message of a block; -1 where it is not known."""
        if not len(begins):
            return np.full(0, -1)
        return self.find_texts(
            [
                data[begin:end].strip() if end - begin <= _LONGEST else b""
                for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
            ]
        )

    def find_texts(self, texts: Sequence[bytes]) -> Int64:
        """Index of the signature of each text; -1 where it is not known."""
        if not self._known:
            return np.full(len(texts), -1)
        if self._has_ids:
            return self._look_up(mask_all_ids(b"\n".join(texts)).split(b"\n"))
        found = self._look_up(texts)
        misses = np.flatnonzero(found < 0).tolist()
        if misses:
            masked = mask_all_ids(b"\n".join([texts[n] for n in misses])).split(b"\n")
            found[misses] = again = self._look_up(masked)
            # Where most texts hold ids there is no use in looking them up as they stand.
            self._has_ids = bool(2 * np.count_nonzero(again >= 0) > len(texts) >= _ENOUGH)
        return found

    def _look_up(self, texts: Sequence[bytes]) -> Int64:
        keys = b"\n".join(texts).translate(_AS_ZERO).split(b"\n")
        found = np.fromiter(map(self._known.get, keys, repeat(-1)), np.int64, len(keys))
        rows = np.flatnonzero(found < -1)
        if len(rows):
            varied = self._varied
            found[rows] = [
                (entry := varied[-2 - code]).index_by_texts.get(entry.cut(texts[n]), -1)
                for n, code in zip(rows.tolist(), found[rows].tolist(), strict=True)
            ]
        return found

    def keep(self, text: bytes, index: int, spans: Spans) -> None:
        """Remember the signature of a message, with the places of digits that matter, blanks around and ids gone."""
        text = text.strip()
        if text and len(text) <= _LONGEST and b"<id>" not in text:
            self.keep_masked(mask_ids(text), index, spans)

    def keep_masked(self, text: bytes, index: int, spans: Spans) -> None:
        """Remember the signature of a text, ids masked, with the places of digits that matter."""
        key = text.translate(_AS_ZERO)
        if len(self._known) >= _MOST_LINES:
            self._known.clear()
            self._varied.clear()
        if not spans:
            self._known[key] = index
            return
        number = self._known.get(key, 0)
        if number >= -1:
            number = self._known[key] = -2 - len(self._varied)
            self._varied.append(_make_varied(spans))
        entry = self._varied[-2 - number]
        if len(entry.index_by_texts) < _MOST_TEXTS:
            entry.index_by_texts[entry.cut(text)] = index


class LineRecall:
    """Signatures of one stream's single-line records, by what of them is neither a digit nor an id.

    What is compared is a line's subject: of a text the line from its level on, of pairs the whole line, of an object
    its message alone.
    """

    def __init__(self, layout: Layout) -> None:
        fast, form = layout.fast, layout.forms[0]
        self._column = 0
        self._object: ObjectMessage | None = None
        self._is_text = not layout.is_structured
        self.is_able = False
        """Whether lines of this layout can be known again."""
        if isinstance(form, JsonForm):
            self._object = ObjectMessage(form, _say_more(form))
            self.is_able = True
        elif fast is None:
            pass
        elif layout.is_structured:
            self.is_able = True
        elif fast.level_column and not any(map(_DIGIT.search, dict(fast.level_words))):
            self._column = fast.level_column
            self.is_able = _asks_no_digit(form)
        self._texts = MessageRecall()

    def find(self, data: bytes, begins: Int64, ends: Int64) -> Int64:
        """Index of the signature of each line of a block; -1 where it is not known.

        Args:
            data: The block.
            begins: Where the lines begin in it.
            ends: The ones behind their ends.
        """
        if not len(begins):
            return np.full(0, -1)
        if self._object is not None:
            return self._texts.find_texts(_read_objects(self._object, data, begins, ends))
        return self._texts.find_texts(self._subjects(data, begins.tolist(), ends.tolist()))

    def _subjects(self, data: bytes, begins: Sequence[int], ends: Sequence[int]) -> list[bytes]:
        """What is compared of each line of text or pairs; empty where the line must be parsed."""
        column = self._column
        subjects = [
            data[begin + column : end] if end - begin <= _LONGEST else b""
            for begin, end in zip(begins, ends, strict=True)
        ]
        if not self._is_text and (b"\\" in data or b"\x1b" in data):
            return [b"" if b"\\" in subject or b"\x1b" in subject else subject for subject in subjects]
        return subjects

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
        moved = tuple((begin + offset, end + offset) for begin, end in spans)
        self._texts.keep_masked(mask_ids(subject), index, moved)

    def _subject(self, line: bytes) -> bytes:
        """What is compared; empty where the line must be parsed."""
        if self._object is not None:
            return self._object.read(line)
        return self._subjects(line, [0], [len(line)])[0]


def _read_objects(message: ObjectMessage, data: bytes, begins: Int64, ends: Int64) -> list[bytes]:
    """Messages of lines of a block, blanks around them off; empty where the line must be parsed."""
    if not message.is_able:
        return [b""] * len(begins)
    if (begins[1:] == ends[:-1] + 1).all():
        # In a storm, and where every record is looked at, the lines stand behind one another as they are.
        text = data[int(begins[0]) : int(ends[-1])] + b"\n"
    else:
        text = b"\n".join([data[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]) + b"\n"
    sizes = ends - begins
    last = np.cumsum(sizes + 1) - 1
    begin, end = message.find(Block(text + bytes(2 * REACH), 0, len(text)), last - sizes, last)
    is_short = sizes <= _LONGEST
    return [
        text[first:stop].strip() if first >= 0 else b""
        for first, stop in zip(np.where(is_short, begin, -1).tolist(), end.tolist(), strict=True)
    ]


def _say_more(form: JsonForm) -> list[str]:
    """Keys of what is read with the message."""
    return [*(str(path[-1]) for path in form.keys.stacks), *ERROR_NAMES]


class RequestRecall:
    """Signatures of one access log's lines, by request and status.

    A request is given as it stands in the line: method, path and protocol, closing quote, blank and status.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}
        self._as_written: dict[bytes, _Varied] = {}
        """By the request with all digits alike, in front of `_known`: most requests are found without a regex."""

    def find(self, requests: Sequence[bytes]) -> Int64:
        """Index of the signature of each request; -1 where it is not known."""
        if not requests:
            return np.full(0, -1)
        keys = b"\n".join(requests).translate(_AS_ZERO).split(b"\n")
        indexes = [
            -1 if entry is None else entry.index_by_texts.get(entry.cut(request), -1)
            for request, entry in zip(requests, map(self._as_written.get, keys), strict=True)
        ]
        found = np.array(indexes, np.int64)
        misses = np.flatnonzero(found < 0).tolist()
        if misses and self._known:
            for n, index in zip(misses, self._find_routes([requests[n] for n in misses]), strict=True):
                found[n] = index
                if index >= 0:
                    self._keep_written(requests[n], keys[n], index)
        return found

    def _find_routes(self, requests: Sequence[bytes]) -> list[int]:
        known = self._known
        keys = _as_zero(requests)
        found = [known.get(key, -1) for key in keys]
        misses = [n for n, index in enumerate(found) if index < 0]
        if misses:
            for n, key in zip(misses, _as_route([keys[n] for n in misses]), strict=True):
                found[n] = known.get(key, -1)
        return found

    def _keep_written(self, request: bytes, key: bytes, index: int) -> None:
        # Of all digits only those of versions and of the status make the template.
        spans = (*(match.span() for match in _VERSION.finditer(request[:-3])), (len(request) - 3, len(request)))
        if len(self._as_written) >= _MOST_LINES:
            self._as_written.clear()
        entry = self._as_written.get(key)
        if entry is None or entry.spans != spans:
            entry = self._as_written[key] = _make_varied(spans)
        if len(entry.index_by_texts) < _MOST_TEXTS:
            entry.index_by_texts[entry.cut(request)] = index

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
    for bracket in _BRACKET.finditer(behind):
        depth += 1 if bracket[0] == b"(" else -1
        if depth == 0:
            return _DIGIT.search(_NO_DIGIT.sub(b"", behind[bracket.end() :])) is None
    return False
