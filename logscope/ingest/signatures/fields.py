"""The rich view of one record: message, logger, thread, stack, named values, ids, request and peer.

Made only of the few records that are looked at closely, so it favours completeness over speed. Texts are capped, every
pattern is bounded.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from logscope.ingest.formats.names import clean_name
from logscope.ingest.formats.objects import JsonKeys, get_path, join_items
from logscope.ingest.layouts.repeats import drop_heads


@dataclass(frozen=True, slots=True)
class RecordFields:
    """What one record says, as text (undecodable bytes are U+FFFD)."""

    message: str
    """What its author wrote: without head, without continuations."""
    logger: str | None = None
    thread: str | None = None
    service: str | None = None
    stack: str | None = None
    """Stack trace or other continuation: the lines behind the head, or the field of an object."""
    values: dict[str, str | float] = field(default_factory=dict)
    """Named values: fields of objects (nested ones as `a.b`), pairs in the message, named parts of the head."""
    method: str | None = None
    route: str | None = None
    """Path of the request, without its query."""
    status: int | None = None
    told_peer: str | None = None
    """Host (and port) of the other side where the format has a place for it."""
    error: str | None = None
    """What a field of its own says went wrong, in one line; the message often says only what failed."""
    text: str = ""
    """Where else ids and the other side may stand: the head as it is written, or the message."""

    # Only who looks at one record asks for these: to find them costs more than all the rest.

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids that tie records of several services together: of requests, traces, tasks, jobs."""
        ids = dict.fromkeys(str(value) for _, value in _id_values(self.values))
        ids.update(dict.fromkeys(found[0] for found in _ID_TEXT.finditer(self.text[:8192])))
        return tuple(ids)[:20]

    @property
    def peer(self) -> str | None:
        """Host (and port) of the other side: upstream, backend or server, where a field says so."""
        if self.told_peer is not None:
            return self.told_peer
        upstream = _UPSTREAM.search(self.text[:8192])
        if upstream is not None:
            return upstream[1]
        named = (v for k, v in self.values.items() if _PEER_KEY.search(k) and isinstance(v, str) and v)
        return next(named, None)


ORNAMENT: Final = " =*#_~+-[\r"
"""What a line may consist of that says nothing: rules, and brackets that open a text of several lines."""
_CAP: Final = 65_536
_VALUES: Final = 200
_DEEPEST: Final = 6

_PAIR: Final = re.compile(
    r"(?<![^\s,;({\[])([A-Za-z_@][\w.@-]{0,63})="
    r"(\"(?:[^\"\\]|\\.){0,4000}\"|'(?:[^'\\\n]|\\.){0,1000}'(?![\w'])|[^\s,;\"]{0,1000})"
)
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE", "PROPFIND")
REQUEST: Final = (
    "(" + "|".join(rf"{method}(?<!\w{method})" for method in _METHODS) + ")"
    r"[ |]{1,8}(?:https?://[^/\s\"]{1,200})?(/[^\s?\"#]{0,1000})"
)
"""Method and path of a request, in a text or in bytes.

That a word begins there is asked behind it: `re` skips what begins no method in a tenth of the time.
"""
_REQUEST: Final = re.compile(REQUEST)
_ID_KEY: Final = re.compile(
    r"(?:^|[._-])(?:(?:x[-_])?(?:req(?:uest)?|trace|correlation|corr|task|job|transaction|txn?|session|order|message|msg|"
    r"event|opid|op|call|conversation|flow|root|parent)[-_.]?u?u?id|rid|req|jid|tid|sid|trace|traceid|reqid|guid|uuid)$",
    re.IGNORECASE,
)
_PEER_KEY: Final = re.compile(
    r"(?:^|[._-])(?:upstream|upstream_?addr|upstream_?host|backend|peer|server|remote_?addr|host|addr|address|target|"
    r"endpoint|instance|url|dsn|broker|db_?host|destination)$",
    re.IGNORECASE,
)
_ID_TEXT: Final = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|(?<![\w.-])(?=[a-f]{0,31}\d)(?=\d{0,31}[a-f])[0-9a-f]{12,32}(?![\w.-])"
)
_UPSTREAM: Final = re.compile(r'\bupstream: "(?:[a-z]{1,12}://)?([^/"\s]{1,200})')
_HEX_ONLY: Final = re.compile(r"[\w.:-]{4,128}")


def read_text_fields(match: re.Match[bytes] | None, lines: list[bytes]) -> RecordFields:
    """Fields of a record by the match of its head, if it has one; the named groups become values."""
    head = lines[0]
    groups = {} if match is None else {name: value for name, value in match.groupdict().items() if value}
    begin = 0
    if match is not None:
        begin = match.start("message") if match["message"] is not None else match.end()
        lines = drop_heads(lines, begin)
    named = {name: decode(value).strip() for name, value in groups.items() if name not in _STAMP_GROUPS}
    message = decode(head[begin:])
    lines = lines[1:]
    if not message.strip(ORNAMENT):
        # Two-line heads: the text follows on the next line.
        index = next((index for index, line in enumerate(lines) if line.strip() and not _ASIDE.match(line)), None)
        named_text = _find_named_text(lines)
        coded = next((index for index, line in enumerate(lines[:_MOST_LABELS]) if _CODED.match(line)), None)
        if coded is not None:
            message = decode(lines[coded])
            lines = lines[:coded] + lines[coded + 1 :]
        elif named_text is not None:
            index, message = named_text
            lines = lines[:index] + lines[index + 1 :]
        elif index is not None:
            message = _SECOND_LEVEL.sub("", decode(lines[index]).strip())
            lines = lines[index + 1 :]
    values = dict(read_pairs(message))
    for name, value in named.items():
        if name not in ("logger", "thread", "service", "level", "message", "method", "route", "status"):
            values.setdefault(name, to_value(value))
    return build_fields(
        message,
        values,
        stack=_join_stack(lines),
        logger=named.get("logger"),
        thread=named.get("thread"),
        service=named.get("service"),
        method=named.get("method"),
        route=named.get("route"),
        status=int(named["status"]) if named.get("status", "").isdigit() else None,
        head=decode(head),
    )


_CODED: Final = re.compile(rb"[A-Z]{3,6}\d{3,6}[IWES]:[ \t]")
"""The number of a message below a head that says nothing."""


def _find_named_text(lines: list[bytes]) -> tuple[int, str] | None:
    """Of lines that list named values the one that holds the text, and the text; None where most list none."""
    labels = [_LABEL.match(line) for line in lines[:_MOST_LABELS]]
    if sum(1 for label in labels if label is not None) < _FEWEST_LABELS:
        return None
    for name in _TEXT_LABELS:
        for index, label in enumerate(labels):
            if label is not None and label[1].lower() == name:
                return index, decode(label[2]).strip()
    return None


_LABEL: Final = re.compile(rb"([A-Za-z_][\w.-]{0,40})[ \t]{0,30}[:=][ \t]{1,8}(\S.*)", re.DOTALL)
_MOST_LABELS: Final = 40
_FEWEST_LABELS: Final = 3
_TEXT_LABELS: Final = (b"message", b"msg", b"text", b"description", b"error", b"reason")
_SECOND_LEVEL: Final = re.compile(
    r"^[^\W\d_]{4,14}: |^<(?:\w{1,20}:)?[Mm]essage>(?:<!\[CDATA\[)?|(?:\]\]>)?</(?:\w{1,20}:)?[Mm]essage>$"
)
_ASIDE: Final = re.compile(rb"#|SET timestamp=\d{1,20};|use [^\s;]{1,64};\r?$")
"""Lines before a slow query's statement."""
_STAMP_GROUPS: Final = frozenset(("minute", "second", "fraction", "zone", "extra", "message"))


def decode(text: bytes) -> str:
    """Text of a line, whatever its bytes; without the carriage return at its end."""
    return text[:_CAP].decode("utf-8", "replace").rstrip("\r")


def _join_stack(lines: Iterable[bytes]) -> str | None:
    text = "\n".join(decode(line) for line in lines)
    return text if text.strip() else None


def to_value(text: str) -> str | float:
    """A number where the text is one, else the text."""
    if text and (text[0].isdigit() or text[0] in "-+.") and len(text) < 32:
        try:
            return float(text)
        except ValueError:
            return text
    return text


def read_pairs(text: str) -> Iterator[tuple[str, str | float]]:
    """Pairs of `key=value` in free text, at most 200."""
    for count, pair in enumerate(_PAIR.finditer(text[:_CAP])):
        if count >= _VALUES:
            return
        value = pair[2]
        plain = read_value(value)
        yield pair[1], plain if plain != value else to_value(value.rstrip(".:"))


def read_value(text: str) -> str:
    """A value of a pair: without its quotes, where it has any."""
    if text[:1] == '"':
        return unquote(text)
    return text[1:-1].replace("\\'", "'") if len(text) > 1 and text[0] == text[-1] == "'" else text


def unquote(text: str) -> str:
    """A quoted value without its quotes, escapes undone."""
    try:
        value = json.loads(text)
    except ValueError:
        value = text.strip('"')
    return value if isinstance(value, str) else text


def build_fields(
    message: str,
    values: dict[str, str | float],
    *,
    stack: str | None = None,
    logger: str | None = None,
    thread: str | None = None,
    service: str | None = None,
    method: str | None = None,
    route: str | None = None,
    status: int | None = None,
    peer: str | None = None,
    error: str | None = None,
    head: str = "",
) -> RecordFields:
    """Complete what is known with the request that the text tells."""
    text = head or message
    if route is None:
        request = _REQUEST.search(text[:8192])
        if request is not None:
            method, route = request[1], request[2]
    if route is not None:
        route = route.split("?", 1)[0].split("#", 1)[0]
    return RecordFields(message, logger, thread, service, stack, values, method, route, status, peer, error, text)


def _id_values(values: dict[str, str | float]) -> Iterator[tuple[str, str | float]]:
    for key, value in values.items():
        if _ID_KEY.search(key):
            if isinstance(value, float):
                value = str(int(value)) if value.is_integer() else str(value)
            if _HEX_ONLY.fullmatch(value):
                yield key, value


def flatten(value: object, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str | float]]:
    """Leaves of an object as `a.b` names; of lists the first three elements."""
    if isinstance(value, dict):
        if depth < _DEEPEST:
            for key, inner in value.items():
                yield from flatten(inner, f"{prefix}.{key}" if prefix else str(key), depth + 1)
    elif isinstance(value, list):
        if depth < _DEEPEST:
            for index, inner in enumerate(value[:3]):
                yield from flatten(inner, f"{prefix}.{index}", depth + 1)
    elif isinstance(value, bool):
        yield prefix, str(value).lower()
    elif isinstance(value, int | float):
        try:
            yield prefix, float(value)
        except OverflowError:
            yield prefix, str(value)[:64]
    elif isinstance(value, str):
        yield prefix, value[:_CAP]


def read_object_fields(
    record: dict[str, object] | None, keys: JsonKeys, text: str, continuations: list[str]
) -> RecordFields:
    """Fields of a record that is one JSON object; of a damaged one only its text."""
    if record is None:
        return build_fields(text, {}, stack="\n".join(continuations) or None)
    values: dict[str, str | float] = {}
    for name, value in flatten(record):
        if len(values) >= _VALUES:
            break
        values[name] = value

    def first_text(paths: Iterable[tuple[str | int, ...]]) -> str | None:
        for path in paths:
            value = get_path(record, path)
            if isinstance(value, str) and value:
                return value[:_CAP]
            if isinstance(value, list) and value and all(isinstance(item, int) for item in value):
                # journald writes a message that is not UTF-8 as a list of bytes.
                return bytes(item & 255 for item in value[:_CAP] if isinstance(item, int)).decode("utf-8", "replace")
            if isinstance(value, list) and (joined := join_items(value)):
                return joined[:_CAP]
        return None

    message = first_text(keys.messages)
    if message is None:
        message = text.split("\n", 1)[0]
    stack = first_text(keys.stacks)
    if stack is None and continuations:
        stack = "\n".join(continuations)
    status = get_path(record, keys.status) if keys.status is not None else None
    service = first_text(keys.service)
    return build_fields(
        message,
        values,
        stack=stack,
        logger=first_text((keys.logger,)) if keys.logger else None,
        thread=first_text((keys.thread,)) if keys.thread else None,
        service=None if service is None else clean_name(service, keys.strip),
        method=_first_value(values, _METHOD_NAMES),
        route=_strip_host(_first_value(values, _ROUTE_NAMES)),
        status=int(status) if isinstance(status, int | float) and 100 <= status < 600 else None,
        error=find_error(record, message),
        head=text if len(text) < 8192 else "",
    )


ERROR_NAMES: Final = ("error", "err", "exception", "error_message", "errorMessage", "errmsg", "cause", "reason",
                       "err.message", "err.detail", "error.message", "error.detail")  # fmt: skip
"""Fields that hold what went wrong; of an object its `message` or `msg`."""


_HOLDERS: Final = ("attr", "context")
"""Objects that hold all fields of a record but its message, as MongoDB and Monolog write them."""


def find_error(record: Mapping[str, object], message: str) -> str | None:
    """What a field says went wrong, in one line; None where none does, or the message holds it already."""
    said = _find_said(record, ERROR_NAMES)
    for name in _HOLDERS if said is None else ():
        inner = record.get(name)
        if isinstance(inner, dict) and (said := _find_said(inner, _HELD_NAMES)) is not None:
            break
    if said is None:
        return None
    line = said.strip()[:_LONGEST_ERROR].split("\n", 1)[0].rstrip()
    return line if line and line not in message else None


def _find_said(record: Mapping[str, object], names: Sequence[str]) -> str | None:
    for name in names:
        value = record.get(name)
        if isinstance(value, dict):
            value = next((text for key in _SAID_NAMES if (text := value.get(key))), None)
        if isinstance(value, str) and value:
            return value
    return None


_HELD_NAMES: Final = (*ERROR_NAMES, "message")
"""Behind a message of its own, another one in a holder is what somebody else said of it."""
_SAID_NAMES: Final = ("message", "msg", "detail", "errmsg")


_LONGEST_ERROR: Final = 1000


_METHOD_NAMES: Final = ("method", "request_method", "http.request.method", "http.method", "req.method",
                        "request.method", "httprequest.requestmethod", "verb", "clientrequestmethod")  # fmt: skip
_ROUTE_NAMES: Final = ("route", "path", "uri", "url", "request_uri", "http.route", "url.path", "req.url", "request.uri",
                       "http.target", "httprequest.requesturl", "target_path", "clientrequesturi")  # fmt: skip


def _first_value(values: dict[str, str | float], names: tuple[str, ...]) -> str | None:
    lowered = {key.lower(): value for key, value in values.items()}
    for name in names:
        value = lowered.get(name)
        if isinstance(value, str) and value:
            return value
    return None


def _strip_host(route: str | None) -> str | None:
    if route is not None and "://" in route[:12]:
        slash = route.find("/", route.find("://") + 3)
        return route[slash:] if slash >= 0 else "/"
    return route


def read_pairs_fields(
    lines: list[bytes], message_key: bytes | None, pair: re.Pattern[bytes] | None = None
) -> RecordFields:
    """Fields of a record that is a line of pairs; `pair` finds them where they are no logfmt."""
    text = decode(lines[0])
    values: dict[str, str | float]
    if pair is None:
        values = dict(read_pairs(text))
    else:
        values = {decode(one[1]): to_value(decode(one[2])) for one in islice(pair.finditer(lines[0][:_CAP]), _VALUES)}
    message = values.get(message_key.decode("utf-8", "replace")) if message_key is not None else None
    route = _first_value(values, _ROUTE_NAMES)
    status = values.get("status")
    return build_fields(
        text if message is None else str(message),
        values,
        stack=_first_value(values, ("stack", "stacktrace", "stack_trace", "exception")) or _join_stack(lines[1:]),
        logger=_first_value(values, ("logger", "component", "caller")),
        method=_first_value(values, _METHOD_NAMES),
        route=_strip_host(route),
        status=int(status) if isinstance(status, float) and 100 <= status < 600 else None,
        error=find_error(values, text if message is None else str(message)),
        head=text,
    )
