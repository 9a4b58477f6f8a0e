"""Signs the records of a stream that matter: warnings and worse, and heads of stack traces; all when examining.

Where no level tells what failed, those matter whose words may.

Records of a block that were known before are looked up together; only the others are signed one by one.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from logscope.ingest.batch import Int64, Messages, Signature, SignatureKind
from logscope.ingest.distinct import find_distinct
from logscope.ingest.formats.form import Head
from logscope.ingest.known import Requests
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.records import HEADLESS
from logscope.ingest.signatures.recall import LineRecall, MessageRecall, RequestRecall
from logscope.ingest.signatures.signing import Signer
from logscope.ingest.signatures.stacks import has_stack

_FEW: Final = 32
"""Unknown records that are signed before the others are looked up again; then twice as many, and so on."""
_UNKNOWN, _NONE = -1, -2
"""Instead of the index of a signature: not looked at yet, and a record that does not matter."""


class Found(NamedTuple):
    """The records of a block that may matter; one entry each, in stream order."""

    begin: Int64
    """Offset of the head line in the block's data."""
    head_end: Int64
    """The one behind the head line."""
    end: Int64
    """The one behind the record's text."""
    matters: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """Those that are signed whatever they hold; of the others the heads of stack traces are."""
    is_long: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """Records of several lines."""
    joined: dict[int, bytes]
    """Texts of records that do not stand in the block as they are."""
    heads: dict[int, Head]
    """Heads of records whose first line was parsed."""
    messages: Messages | None
    """Where the messages stand; None: all lines fit the layout's plan."""
    service: Int64 | None
    """Where the message's begin is known, a number for the service that the line names, -1 for none."""
    known_requests: Requests | None
    """What makes the kind of those lines whose messages are known that have a status; None: none has one."""
    requests: tuple[Int64, Int64] | None
    """Of an access log where request and status begin and end, -1 where that was not read; None for other logs."""
    services: Sequence[str]
    """Names that `service` points into."""

    def tell_messages(self, data: bytes, at: Int64) -> Messages | None:
        """Where the messages of some of them stand; None: of none is that known."""
        if self.messages is not None:
            return self.messages.take(at)
        if self.requests is None:
            return None
        # Of an access log the line from the quote before the request on.
        begin = np.maximum(self.requests[0][at], 0) - 1
        return Messages(begin, self.end[at], np.zeros(len(at), np.int64), (data,))

    def text(self, data: bytes, n: int) -> bytes:
        """The text of one of them."""
        joined = self.joined.get(n)
        return data[int(self.begin[n]) : int(self.end[n])] if joined is None else joined


class Noter:
    """Signs the records of one stream."""

    def __init__(self, layout: Layout) -> None:
        """Begin to number signatures from 0; the layout is how the stream is written."""
        self._layout = layout
        self._signer = Signer(layout)
        self._lines = LineRecall(layout)
        self._messages = MessageRecall()
        """Gives numbers of templates: services of one program write alike."""
        self._templates: dict[str, int] = {}
        self._texts: list[str] = []
        """Of the templates, by their numbers."""
        self._index_by_service: dict[tuple[int, str], int] = {}
        """Indexes of signatures by the number of their template and their service."""
        self._requests = RequestRecall()

    @property
    def signatures(self) -> list[Signature]:
        """Distinct signatures so far."""
        return self._signer.signatures

    def note(self, text: bytes, head: Head | None, *, matters: bool) -> int:
        """Index of the signature of one record; negative where it does not matter.

        Args:
            text: The record.
            head: Of its first line; without it that is parsed.
            matters: By its level, by its words, or because all do; else it does where it holds a stack trace.
        """
        is_long = b"\n" in text
        if not matters and not (is_long and has_stack(text)):
            return _NONE
        if head is None:
            head = self._parse(text) if self._signer.needs_head else HEADLESS
        signed = self._signer.sign(text, head.message, head.service or "", head.status)
        return signed.number if matters or signed.is_exception else _NONE

    def note_block(self, data: bytes, found: Found) -> Int64:
        """The index of each record's signature; negative where it does not matter."""
        index = np.full(len(found.begin), _UNKNOWN)
        fits = np.ones(len(index), np.bool_)
        if found.heads:
            fits[list(found.heads)] = False
        for n in np.flatnonzero(found.is_long & ~found.matters).tolist():
            if not has_stack(found.text(data, n)):
                index[n], fits[n] = _NONE, False
        rows = np.flatnonzero(fits)
        if found.requests is not None:
            self._note_requests(data, found, rows[~found.is_long[rows]], index)
        else:
            self._note_lines(data, found, rows, index)
            long = rows[found.is_long[rows]]
            index[long] = self._note_traces(data, found, long, index)
        for n in np.flatnonzero(index == _UNKNOWN).tolist():
            index[n] = self.note(found.text(data, n), found.heads.get(n), matters=bool(found.matters[n]))
        return index

    def _note_traces(self, data: bytes, found: Found, rows: Int64, index: Int64) -> list[int]:
        """Indexes of records of several lines by those of their first lines."""
        columns = (rows, found.begin[rows], found.head_end[rows], found.end[rows], index[rows])
        indexes = []
        for n, begin, head_end, end, first, is_told in zip(
            *(column.tolist() for column in columns), found.matters[rows].tolist(), strict=True
        ):
            if first < 0:
                indexes.append(_UNKNOWN)
                continue
            joined = found.joined.get(n)
            trace = data[head_end + 1 : end] if joined is None else joined[head_end - begin + 1 :]
            signed = self._signer.sign_trace(first, trace)
            if signed is None:
                indexes.append(_UNKNOWN)
            else:
                indexes.append(signed.number if is_told or signed.is_exception else _NONE)
        return indexes

    def _note_lines(self, data: bytes, found: Found, rows: Int64, index: Int64) -> None:
        """Indexes of first lines, as if they were whole records."""
        begins, ends = found.begin, found.head_end
        plain = rows if found.messages is None else rows[found.messages.begin[rows] == -2]
        index[plain] = self._look_up(
            len(plain),
            lambda some: self._lines.find(data, begins[plain[some]], ends[plain[some]]),
            lambda n: self._sign_line(data[int(begins[plain[n]]) : int(ends[plain[n]])], b""),
        )
        if found.messages is None:
            return
        is_known = found.messages.begin[rows] != -2
        is_told = found.messages.begin[rows] >= 0
        if found.known_requests is not None:
            is_told &= found.known_requests.status[rows] == 0
            self._note_known_requests(data, found, rows[is_known & ~is_told], index)
        self._note_messages(data, found, rows[is_told], index)
        for n in rows[is_known & ~is_told & (index[rows] == _UNKNOWN)].tolist():
            index[n] = self._sign_line(data[int(begins[n]) : int(ends[n])], b"", is_known=False)

    def _note_known_requests(self, data: bytes, found: Found, rows: Int64, index: Int64) -> None:
        """Indexes of lines whose request can be found without the parser."""
        requests, messages = found.known_requests, found.messages
        assert requests is not None, "asked for lines that have a status"
        assert messages is not None, "told with the requests"
        assert found.service is not None, "told with the messages"
        rows = rows[(requests.status[rows] > 0) & (requests.body[rows] >= 0) & ~found.is_long[rows]]
        nowhere = np.full(len(rows), -1)
        cells = [nowhere] * 4 if requests.cells is None else [column[rows] for column in requests.cells]
        columns = (
            requests.status[rows], found.service[rows], messages.source[rows], requests.body[rows],
            messages.end[rows], *cells,
        )  # fmt: skip
        is_plain = [source.isascii() for source in messages.sources]
        sign, sources, services = self._signer.sign_request, messages.sources, found.services
        signed: list[int] = []
        for status, own, source, begin, end, method, method_end, path, path_end in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            text, parts = sources[source], None
            if not is_plain[source] and not text[begin:end].isascii():
                signed.append(_UNKNOWN)
                continue
            if path >= 0:
                parts = text[method:method_end] if method >= 0 else b"", text[path:path_end]
            signed.append(sign(text, begin, end, parts, services[own] if own >= 0 else "", status))
        index[rows] = signed

    def _note_messages(self, data: bytes, found: Found, rows: Int64, index: Int64) -> None:
        """Indexes of lines by their messages."""
        assert found.messages is not None, "asked for lines whose messages are known"
        assert found.service is not None, "told with the messages"
        template = np.full(len(rows), _UNKNOWN)
        for source in find_distinct(found.messages.source[rows]).tolist():
            chosen = np.flatnonzero(found.messages.source[rows] == source)
            messages, text = found.messages.take(rows[chosen]), found.messages.sources[source]
            template[chosen] = self._look_up(
                len(chosen),
                partial(_find_texts, self._messages, text, messages),
                partial(self._sign_message, data, found, rows[chosen], index),
            )
        rows, template = rows[template >= 0], template[template >= 0]
        if not len(rows):
            return
        services = found.service[rows]
        # Behind those that have a name there is none.
        names = [*found.services, ""]
        pair = template * len(names) + np.where(services < 0, len(found.services), services)
        known = find_distinct(pair)
        indexes = [self._index_message(one // len(names), names[one % len(names)]) for one in known.tolist()]
        index[rows] = np.array(indexes)[np.searchsorted(known, pair)]

    def _index_message(self, template: int, service: str) -> int:
        """Index of the signature of a service's messages with a remembered template."""
        index = self._index_by_service.get((template, service))
        if index is None:
            index = self._signer.index_message(service, self._texts[template])
            self._index_by_service[template, service] = index
        return index

    def _note_requests(self, data: bytes, found: Found, rows: Int64, index: Int64) -> None:
        assert found.requests is not None, "asked only for access logs"
        first, last = (bound[rows] for bound in found.requests)
        rows, first, last = rows[first >= 0], first[first >= 0], last[first >= 0]
        requests = [data[begin:end] for begin, end in zip(first.tolist(), last.tolist(), strict=True)]
        index[rows] = self._look_up(
            len(rows),
            lambda some: self._requests.find([requests[n] for n in some.tolist()]),
            lambda n: self._sign_line(found.text(data, int(rows[n])), requests[n]),
        )

    @staticmethod
    def _look_up(count: int, look_up: Callable[[Int64], Int64], sign: Callable[[int], int]) -> Int64:
        """Look all up, sign what is not known: bit by bit, so that the others profit from what the first ones teach."""
        taken = look_up(np.arange(count))
        missing = np.flatnonzero(taken < 0)
        few = _FEW
        while len(missing):
            for n in missing[:few].tolist():
                taken[n] = sign(n)
            missing = missing[few:]
            few *= 2
            if len(missing):
                taken[missing] = look_up(missing)
                missing = missing[taken[missing] < 0]
        return taken

    def _sign_message(self, data: bytes, found: Found, rows: Int64, index: Int64, n: int) -> int:
        """Sign a line whose message is known; gives the template's number if that is remembered for all of its kind."""
        assert found.messages is not None, "asked for lines whose messages are known"
        assert found.service is not None, "told with the messages"
        row = int(rows[n])
        message, service = found.messages.text(row), int(found.service[row])
        assert message is not None, "asked for lines whose messages are known"
        signed = self._signer.sign_message(message, found.services[service] if service >= 0 else "")
        if signed is None:
            text = data[int(found.begin[row]) : int(found.head_end[row])]
            head = self._parse(text)
            signed = self._signer.sign(text, head.message, head.service or "", head.status)
        index[row] = signed.number
        if signed.spans is None or self._signer.line != message.strip():
            return _NONE
        text_of = self._signer.signatures[signed.number].template
        template = self._templates.setdefault(text_of, len(self._texts))
        if template == len(self._texts):
            self._texts.append(text_of)
        self._messages.keep(message, template, signed.spans)
        return template

    def _sign_line(self, text: bytes, request: bytes, *, is_known: bool = True) -> int:
        """Sign a line, and remember one that fits the layout's plan for the next of its kind."""
        head = self._parse(text) if self._signer.needs_head else HEADLESS
        signed = self._signer.sign(text, head.message, head.service or "", head.status)
        if signed.spans is not None and is_known:
            if request and self._signer.signatures[signed.number].kind is SignatureKind.REQUEST:
                self._requests.keep(request, signed.number)
            elif not request:
                self._lines.keep(text, head.message, signed.number, signed.spans)
        return signed.number

    def _parse(self, text: bytes) -> Head:
        return self._layout.parse(text.split(b"\n", 1)[0], self._layout.new_state()) or HEADLESS


def _find_texts(recall: MessageRecall, data: bytes, messages: Messages, some: Int64) -> Int64:
    """Indexes of the signatures of some messages that stand in one text; -1 where they are not known."""
    return recall.find(data, messages.begin[some], messages.end[some])
