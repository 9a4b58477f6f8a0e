"""From a record that matters to its signature: finds message and stack, masks them, numbers what is new.

Caches only make it faster: each gives exactly what the functions behind it give (see `masks.MaskCache`).
"""

import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

from logscope.ingest.batch import Signature, SignatureKind
from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.formats.form import Form, TextForm
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.logfmt import LogfmtForm
from logscope.ingest.formats.objects import get_path, load_object
from logscope.ingest.formats.table import TableForm
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.layouts.repeats import drop_heads
from logscope.ingest.signatures.fields import ERROR_NAMES, ORNAMENT, REQUEST, RecordFields, find_error
from logscope.ingest.signatures.masks import MaskCache, Spans, mask_route
from logscope.ingest.signatures.signature import SignatureTable, template_of_request, template_of_stack
from logscope.ingest.signatures.stacks import Stack, read_stack

_AS_ZERO: Final = bytes.maketrans(b"0123456789", b"0" * 10)
_DIGITS: Final = b"0123456789"
_MOST_STACKS: Final = 4096
_VERSION: Final = re.compile(rb"/[vV][^/?;#]{1,2}(?=[/?;#]|$)")
_REQUEST: Final = re.compile(REQUEST.encode())
_QUERY: Final = re.compile(rb"[?#].*", re.DOTALL)
_MOST_MESSAGE: Final = 65_536
_LONGEST_PLAIN: Final = 2000
"""Bytes of a message that is surely taken as it is."""


class Signed(NamedTuple):
    """What signing a record gives."""

    number: int
    """Index of its signature."""
    is_exception: bool
    spans: Spans | None
    """Where in the message, blanks around it off and ids masked, digits stand that matter: records that differ in ids
    and other digits only have the same signature. None: nothing is known of them. Of a request always empty: route
    without ids and status matter."""


class Signer:
    """Signs the records of one stream."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._form = layout.forms[0]
        self._is_text = not layout.is_structured
        self.needs_head = not isinstance(self._form, JsonForm)
        """Objects are loaded to be signed: of a line that fits the fast plan their head adds nothing."""
        self.line = b""
        """What of the last record without a trace was masked."""
        self._masks = MaskCache()
        self._is_measured = isinstance(self._form, TableForm) and self._form.columns.value is not None
        self._table = SignatureTable()
        # Where no part of the head is named so, the request is found in the text, as `fields.build_fields` does.
        self._has_request = isinstance(self._form, TextForm) and not {"method", "route"} & set(
            self._form.regex.groupindex
        )
        self._routes: dict[bytes, str] = {}
        self._requests: dict[tuple[bytes, str, str, int], int] = {}
        self._alike: dict[tuple[bytes, bytes, str, int], int] = {}
        """Of requests whose paths are the same but for digits; -1: the record must be signed."""
        self._stacks: dict[bytes, str | None] = {}
        self._traces: dict[tuple[int, bytes], Signed] = {}
        self._indexes: dict[tuple[str, bytes], int] = {}
        self._records: dict[tuple[str, int, bytes], Signed] = {}
        """Of several lines, wrapped or structured: by service, where the message begins, and a hash of the text."""

    @property
    def signatures(self) -> list[Signature]:
        """Distinct signatures so far."""
        return self._table.signatures

    def sign(self, text: bytes, message: int, service: str, status: int) -> Signed:
        """The record's signature.

        Args:
            text: The record: its head line and continuations.
            message: Where the message begins in the head line.
            service: That the record itself names, else empty.
            status: HTTP status of a request, else 0.
        """
        if (marks := _MARKS.match(text)) is not None:
            # A file's first line is signed as it would be without the mark; where its words stand differs.
            size = marks.end()
            return self.sign(text[size:], max(0, message - size), service, status)._replace(spans=None)
        if status and b"\n" not in text and b"\x1b" not in text:
            found = self._find_request(text)
            if found is not None:
                method, path, begin = found
                index = self._index_request(method, path, service, status)
                return Signed(index, is_exception=False, spans=() if begin == message + 1 else None)
        if status:
            fields = self._layout.fields(text)
            if fields.route is not None:
                method = (fields.method or "").encode()
                template = template_of_request(method, fields.route.encode("utf-8", "replace"), status)
                index = self._table.index(service, SignatureKind.REQUEST, template)
                return Signed(index, is_exception=False, spans=None)
        if self._is_text or b"\n" not in text:
            return self._sign_record(text, message, service)
        # In a storm the same trace comes again and again: nothing but digits of its head tells it from the last.
        alike = text[:message].translate(_AS_ZERO) + text[message:]
        again = service, message, blake2b(alike, digest_size=16).digest()
        signed = self._records.get(again)
        if signed is None:
            signed = self._sign_record(text, message, service)
            if len(self._records) >= _MOST_STACKS:
                self._records.clear()
            self._records[again] = signed
        return signed

    def _sign_record(self, text: bytes, message: int, service: str) -> Signed:
        head, newline, rest = text.partition(b"\n")
        if newline and (again := head[:message].rstrip()) and rest.startswith(again):
            rest = b"\n".join(drop_heads([head, *rest.split(b"\n")], message)[1:])
        has_error = False
        if self._is_text and (not newline or head[message:].strip(ORNAMENT.encode())):
            words, trace = head[message:], rest
            stack = self._read_stack(rest, rest.translate(_AS_ZERO)) if newline else None
        else:
            words, trace, error = self._read_parts(head, message, text)
            if error:
                has_error = True
                words = words.split(b"\n", 1)[0].rstrip() + b": " + error
            stack = self._read_stack(trace, trace.translate(_AS_ZERO)) if trace else None
        line, _, behind = words.partition(b"\n")
        line = line.strip()
        if line[-1:] == b":" and stack is None:
            # Some servers write the head again before each line of an event.
            line = b" ".join([line, *_find_announced((behind or trace).removeprefix(head[:message]))])
        if stack is not None:
            template = self._masks.mask(line)[0].decode("utf-8", "replace") + stack
            index = self._table.index(service, SignatureKind.EXCEPTION, template)
            return Signed(index, is_exception=True, spans=None)
        signed = self._sign_line(line, service)
        return signed._replace(spans=None) if has_error else signed

    def _sign_line(self, line: bytes, service: str) -> Signed:
        self.line = line
        # `latency_p99` and `latency_p50` are measured apart.
        masked, spans = (line, None) if self._is_measured else self._masks.mask(line)
        known = self._indexes.get((service, masked))
        if known is None:
            known = self.index_message(service, masked.decode("utf-8", "replace"))
            if len(self._indexes) < _MOST_STACKS:
                self._indexes[service, masked] = known
        return Signed(known, is_exception=False, spans=spans)

    def index_message(self, service: str, template: str) -> int:
        """Index of the signature of a message by its template."""
        return self._table.index(service, SignatureKind.MESSAGE, template)

    def sign_message(self, message: bytes, service: str) -> Signed | None:
        """The signature of a record of one line by its message alone, as it stands there; None: it must be signed.

        Args:
            message: The rest of the line behind its head, or the cell of a row, whose head tells no status.
            service: That the record itself names, else empty.
        """
        is_plain = self._is_text or isinstance(self._form, EnvelopeForm | TableForm)
        if (
            not is_plain
            or len(message) > _LONGEST_PLAIN
            or not message.isascii()
            or not message.strip(ORNAMENT.encode())
        ):
            return None
        return self._sign_line(message.strip(), service)

    def sign_request(
        self, data: bytes, begin: int, end: int, parts: tuple[bytes, bytes] | None, service: str, status: int
    ) -> int:  # fmt: skip
        """Index of the signature of a line by its request; -1 where the record must be signed.

        Args:
            data: Holds the text of the line, or of the line that it wraps; the text is ASCII.
            begin: Of the text.
            end: The one behind it.
            parts: Method and path, where the head names them; else they are looked for in the text.
            service: That the record itself names, else empty.
            status: HTTP status.
        """
        if parts is None:
            found = _REQUEST.search(data, begin, min(end, begin + 8192))
            if found is None:
                return -1
            parts = found[1], found[2]
        method, path = parts
        key = method, _drop_digits(path), service, status
        index = self._alike.get(key)
        if index is None:
            if len(self._alike) >= _MOST_STACKS:
                self._alike.clear()
            index = self._alike[key] = self._sign_parts(method, path, service, status)
        return index

    def _sign_parts(self, method: bytes, path: bytes, service: str, status: int) -> int:
        size = len(method) + len(path)
        method, path = method.strip(), path.strip()
        # What stands for nothing in a table is a text elsewhere; so are blanks.
        if method == b"-" or path in (b"", b"-") or len(method) + len(path) != size:
            return -1
        return self._index_request(method, _QUERY.sub(b"", path), service, status)

    def _index_request(self, method: bytes, path: bytes, service: str, status: int) -> int:
        key = (method, self._mask_route(path), service, status)
        index = self._requests.get(key)
        if index is None:
            template = f"{method.decode('ascii')} {key[1]} {status}"
            index = self._table.index(service, SignatureKind.REQUEST, template)
            if len(self._requests) < _MOST_STACKS:
                self._requests[key] = index
        return index

    def _find_request(self, text: bytes) -> tuple[bytes, bytes, int] | None:
        """Method, path and begin of a line's request, as `fields` finds it; None where it must be asked.

        The begin is -1 where the request is a part of the head.
        """
        if self._has_request:
            found = _REQUEST.search(text, 0, 8192)
            return None if found is None else (found[1], found[2], found.start())
        forms: Sequence[Form] = self._layout.forms
        if isinstance(self._form, EnvelopeForm):
            forms, bodies = self._form.open_record([text])
            if len(bodies) > 1:
                return None
            text = bodies[0]
        if not text.isascii():
            return None
        for form in forms:
            if isinstance(form, TableForm):
                request = form.find_request(text)
                return None if request is None else (request[0], _QUERY.sub(b"", request[1]), -1)
            if not isinstance(form, TextForm):
                return None
            match = form.regex.match(text)
            if match is None:
                continue
            groups = match.groupdict()
            path = groups.get("route")
            if path:
                return (groups.get("method") or b"").strip(), _QUERY.sub(b"", path.strip()), -1
            found = _REQUEST.search(text, 0, 8192)
            return None if found is None else (found[1], found[2], -1)
        return None

    def sign_trace(self, line: int, trace: bytes) -> Signed | None:
        """The signature of a record of text whose first line alone has a known one; None where it must be signed whole.

        Args:
            line: Index of the first line's signature.
            trace: The lines behind it.
        """
        skeleton = trace.translate(_AS_ZERO)
        signed = self._traces.get((line, skeleton))
        if signed is not None:
            return signed
        first = self._table.signatures[line]
        if not self._is_text or first.kind is not SignatureKind.MESSAGE or not first.template.strip(ORNAMENT):
            return None
        stack = self._read_stack(trace, skeleton)
        if stack is None and first.template[-1:] == ":":
            return None
        if stack is None:
            signed = Signed(line, is_exception=False, spans=None)
        else:
            index = self._table.index(first.service, SignatureKind.EXCEPTION, first.template + stack)
            signed = Signed(index, is_exception=True, spans=None)
        if skeleton in self._stacks:
            if len(self._traces) >= _MOST_STACKS:
                self._traces.clear()
            self._traces[line, skeleton] = signed
        return signed

    def _mask_route(self, path: bytes) -> str:
        """`mask_route`, known for all paths that differ in digits only but for those of versions, which stay."""
        key = _drop_digits(path)
        route = self._routes.get(key)
        if route is None:
            route = mask_route(path).decode("utf-8", "replace")
            if len(self._routes) >= _MOST_STACKS:
                self._routes.clear()
            self._routes[key] = route
        return route

    def _read_parts(self, head: bytes, message: int, text: bytes) -> tuple[bytes, bytes, bytes]:
        """Message, trace and error of a record whose message is a field."""
        form = self._form
        if len(head) == len(text):
            if isinstance(form, JsonForm) and head[:1] == b"{" and b"\x1b" not in head:
                record = load_object(head)
                record = None if record is None else form.choose_element(record)
                if record is not None:
                    found = _read_object(form, record)
                    if found is not None:
                        return found
            elif isinstance(form, LogfmtForm) and head[message - 1 : message] == b'"' and b"\x1b" not in head:
                end = head.find(b'"', message)
                if end > message and b"\\" not in head[message:end] and not _may_hold_more(head):
                    return head[message:end], b"", b""
            elif isinstance(form, EnvelopeForm) and b"\x1b" not in head:
                body = form.find_message(head)
                if body is not None:
                    return body, b"", b""
        fields: RecordFields = self._layout.fields(text)
        parts = (fields.message, fields.stack or "", fields.error or "" if self._layout.is_structured else "")
        message_text, stack, error = (part.encode("utf-8", "replace") for part in parts)
        return message_text, stack, error

    def _read_stack(self, trace: bytes, skeleton: bytes) -> str | None:
        """The part of the template that a trace makes; None for what is no trace.

        Args:
            trace: Its lines.
            skeleton: The same with all digits alike.
        """
        if skeleton in self._stacks:
            return self._stacks[skeleton]
        stack = read_stack(trace)
        template = template_of_stack(stack) if stack is not None else None
        # Without digits in its names a template is that of all traces that differ in digits only.
        if b"0x" not in skeleton and (stack is None or not _has_digits(stack)):
            if len(self._stacks) >= _MOST_STACKS:
                self._stacks.clear()
            self._stacks[skeleton] = template
        return template


def _drop_digits(path: bytes) -> bytes:
    """A path with all digits alike but for those of versions: what is the same has the same route."""
    at = path.find(b"/v")
    if at < 0 and b"/V" not in path:
        return path.translate(_AS_ZERO)
    rest = path[at + 4 :].translate(_AS_ZERO)
    if at >= 0 and b"/v" not in rest and b"/V" not in path:
        # The usual case; where it is no version, as in `/v12345`, two digits more tell paths apart than must.
        return path[: at + 4] + rest
    return b"\n".join([path.translate(_AS_ZERO), *_VERSION.findall(path)])


_MARKS: Final = re.compile(rb"(?:%b)+" % BOM_UTF8)
"""Files that were put together have several."""
_STATEMENT: Final = re.compile(
    rb"(?i)(?:select|insert|update|delete|with|create|alter|drop|begin|commit|call|set|merge|truncate|explain|copy)\b"
)
"""Begins of what was run, not of what happened."""


def _find_announced(lines: bytes) -> list[bytes]:
    """Of lines behind one that ends with a colon the first, where that says what happened; else nothing.

    `Errors in file X.trc:` and `ORA-19815: WARNING: ...`: the first line alone is one kind whatever follows it.
    """
    line = lines.split(b"\n", 1)[0].rstrip()
    return [line] if line[:1].isalnum() and _STATEMENT.match(line) is None else []


def _has_digits(stack: Stack) -> bool:
    return any(name != name.translate(None, _DIGITS) for name in (*stack.types, *stack.frames))


_MORE: Final = re.compile(
    rb"stack|exception|\b(?:%s)=" % b"|".join(name.encode() for name in ERROR_NAMES), re.IGNORECASE
)
"""Keys of a line of pairs that say more than its message."""


def _may_hold_more(line: bytes) -> bool:
    return _MORE.search(line) is not None


def _read_object(form: JsonForm, record: dict[str, object]) -> tuple[bytes, bytes, bytes] | None:
    """Message, trace and error of a loaded object; None where they are not plain text."""
    message: str | None = None
    for path in form.keys.messages:
        value = get_path(record, path)
        if isinstance(value, list):
            return None
        if isinstance(value, str) and value:
            message = value
            break
    if message is None:
        return None
    trace = ""
    for path in form.keys.stacks:
        value = get_path(record, path)
        if isinstance(value, list):
            return None
        if isinstance(value, str) and value:
            trace = value
            break
    texts = (message[:_MOST_MESSAGE], trace[:_MOST_MESSAGE], find_error(record, message) or "")
    words, stack, error = (text.encode("utf-8", "replace") for text in texts)
    return words, stack, error
