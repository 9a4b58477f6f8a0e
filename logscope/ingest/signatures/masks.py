"""Masks: what varies from record to record becomes a placeholder; words that make the event stay.

One combined pattern in one pass (as Sentry's parameterisation does), so that masking is a pure function of the text and
masking twice changes nothing. Names of hosts and services stay: they say who is blamed.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

MASK_VERSION: Final = 14
"""Belongs to every key: indexes with other masks cannot be merged."""

LONGEST_MASKED: Final = 2000
"""Bytes of a message that make its template; ids far behind do not make another event."""

_IDS: Final = re.compile(
    rb"\b(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{4,12}"
    rb"|(?=[a-fA-F]{0,39}\d)(?=\d{0,39}[a-fA-F])[0-9a-fA-F]{6,80}|[a-f]{8,80}|[A-F]{8,80})\b"
)
"""Ids whose letters vary too: they go first, so that what is left of records of one event differs in digits only. By
chance an id has letters only; no word is that long without a letter beyond f."""

_MONTH: Final = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_PIECES: Final = (
    rb"(?P<plain>\b(?!(?:status|responded|answered|returned|response|http|code|errno|error|signal|sqlstate|ora|sig"
    rb"|exit|exited) )[a-z]{2,60}(?= ))",
    # A UUID with more behind it: what the ids' own pattern left of it.
    rb"(?P<uuid><id>-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?=_))",
    # Of a pod the hash of its set, by chance an id, and its own: letters that make no word, and digits.
    rb"(?P<pod>(?:<id>|(?<=-)(?=\d{0,9}[b-z])[bcdfghjklmnpqrstvwxz\d]{8,10})"
    rb"-(?=\d{0,4}[b-z])[bcdfghjklmnpqrstvwxz\d]{5}(?![\w-]))",
    rb"(?P<done><[a-z*]{1,8}>(?::\d{1,5}\b)?)",
    rb"(?P<url>\b[a-z][a-z0-9+]{1,9}://(?:(?:<id>|[^\s/\"'<>]){1,100}@)?"
    rb"(?P<host>\[[0-9a-fA-F:]{2,45}\]|(?:<id>|[^\s/:@\"'<>?#,;)\]}]){1,100})"
    rb"(?P<port>:\d{1,5})?(?P<tail>[/?#](?:<id>|[^\s\"'<>)\]},;]){0,2000})?)",
    rb"(?P<mail>[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,80})",
    # The third is where a device sits on its bus, the last its name in the world.
    rb"(?P<mac>(?<![\w:.-])(?=[0-9a-fA-F]{1,4}[:-])(?:[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2}){5,19}(?![\w:])"
    rb"|[0-9a-fA-F]{2}(?:-[0-9a-fA-F]{2}){5,7}(?![\w-])|[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]\b"
    rb"|[0-9a-fA-F]{4}(?:-[0-9a-fA-F]{4}){3,15}(?![\w-])))",
    # Whole, behind the name of what has it too; with the longest run of zeros left out; with an older address in it.
    rb"(?P<ip6>(?<![\w.-])(?=[0-9a-fA-F]{0,4}:)(?:(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}(?![\w:])"
    rb"|(?<!:)(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{0,4}(?![\w:])|(?<!:)::(?:[fF]{4}:)?\d{1,3}(?:\.\d{1,3}){3}\b"
    rb"|(?<!:)(?=[a-fA-F:]{0,39}\d)(?:[0-9a-fA-F]{1,4}:){0,6}[0-9a-fA-F]{0,4}::"
    rb"(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6})?(?![\w:])))",
    rb"(?P<when>\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?(?!\w)"
    rb"|\b\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?!\d)(?: [+-]\d{4})?"
    rb"|\b\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?\b(?: [AP]M\b)?"
    # As `date` and `ctime` write it, and clocks of minutes and seconds.
    rb"|\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:" + _MONTH + rb" {1,2}\d{1,2}|\d{1,2} " + _MONTH + rb"(?: \d{4})?) "
    rb"\d\d:\d\d:\d\d(?!\d)(?:[.,]\d{1,9})?(?: (?:[A-Z]{2,4}T|UTC|GMT|[+-]\d{4}))?(?: \d{4}\b)?"
    rb"|(?<![\w.:/-])\d{1,2}:\d\d\b(?![:.\d]))",
    rb"(?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}\b(?P<ipport>:\d{1,5}\b)?)",
    # Codes that make the event: HTTP statuses, errno, exit statuses, signals, server error numbers.
    rb"(?P<code>(?i:\b(?:(?:(?:responded|answered|returned)(?: with)?|response)[\s=:\[(\"]{0,3}(?=\d{3}\b)"
    rb"|(?:status(?:[ _]?code)?|http(?:/[\d.]{1,3})?|code|errno|error|signal|sqlstate|ora|sig|exit(?:ed)?)"
    rb"[\s=:\[(\"]{0,3}))\d{1,5}\b(?!\.\d))",
    # A driver's `(1040, "Too many connections")` and a lone `(111)` are codes; `GC(145)`, `user(2017)` count or name.
    rb"(?P<tuple>(?<!\w)\((?:\d{3,5}(?=, ?[\"'])|\d{3}(?=\)))|\b(?:ORA|TNS|PLS|MY|DRG)-\d{4,6}\b)",
    rb"(?P<hex>\b0[xX][0-9a-fA-F]{1,40}\b)",
    # What a sign or a word of capitals says is an id: `#OLJCESPC7Z`, `ORD-7F3K2`.
    rb"(?P<marked>(?<![\w&#])#(?=[A-Z]{0,40}\d)(?=\d{0,40}[A-Z])[A-Z\d]{6,40}(?![\w#])"
    rb"|(?<![\w-])[A-Z]{2,6}-(?=[A-Z]{0,40}\d{1,40}[A-Z]{1,40}\d)[A-Z\d]{5,40}(?![\w-]))",
    # A host before its port keeps its name; the port is who listens, unless it is a client's.
    rb"(?P<named>\b[A-Za-z][\w-]{0,80}(?:\.[\w-]{1,60}){0,6}:(?P<listen>\d{2,5})\b(?!\.\d|@|:[0-9a-fA-F]{1,4}:))",
    rb"(?P<version>\b[vV]\d{1,5}(?:\.\d{1,9}){2,4}(?!\w))",
    # The first as Go writes how long something took.
    rb"(?P<amount>(?:(?<![\w.])|(?<=\.\.))(?:(?<!>)[-+])?(?:(?:\d{1,6}[dhm]){1,3}\d{1,9}(?:\.\d{1,9})?s"
    rb"|\d{1,20}(?:[.,]\d{1,12}){0,4}(?:[eE][-+]\d{1,3})?)"
    rb"(?:(?P<unit>(?i:ns|us|ms|sec|s|min|m|h|[kmgt](?:i?b)?|b|%)\b|%)| (?P<size>[kKMGTP]i?B|B|bytes)\b)?(?!\w))",
    rb"(?P<token>\b(?=[A-Za-z_]{0,60}\d)[A-Za-z0-9_]{1,200}\b)",
)
_MASK: Final = re.compile(b"|".join(_PIECES))
_FIRST_EPHEMERAL_PORT: Final = 32768
_FIRST_HIGH_PORT: Final = 10_000
SERVER_PORTS: Final = frozenset(
    (
        80, 443, 1433, 1521, 2181, 2379, 3000, 3306, 4222, 5000, 5432, 5672, 6379, 6380, 8000, 8080, 8081, 8443, 8500,
        9000, 9042, 9090, 9092, 9093, 9200, 9300, 11211, 15672, 26379, 27017,
    )
)  # fmt: skip
_CODE_PLACE: Final = re.compile(rb"[a-z][A-Z]")
"""A name in a program before a number, `wm.WindowState.removeLocked:1554` or `queuedJobs:80`: no host is written so."""
_SOURCE_FILE: Final = re.compile(
    rb"[\w-]+\.(?:c|cc|cpp|cxx|h|hpp|go|py|java|rs|js|ts|rb|php|cs|ex|erl|scala|kt|lua|pl|pm|swift|m|mm)"
)
"""A file before the number of its line."""
_NUMBERED: Final = re.compile(rb"[A-Za-z]{2,40}\d{0,40}(?:_(?:[A-Za-z]{0,40}\d{0,40}))+|\d{1,40}(?:_\d{1,40})+")
"""Words with numbers behind them (`attempt_2017_m_83`), and numbers alone, which no id is made of."""
_PREFIXED: Final = re.compile(rb"((?:[A-Za-z]{1,20}_){1,3})(?=[a-fA-F]{0,39}\d)(?=\d{0,39}[a-fA-F])[0-9a-fA-F]{6,80}")
"""An id behind the word that says what it is of: `req_9f9f1a72`."""
_SPLIT_TOKEN: Final = re.compile(rb"\d+")
_LONG_TOKEN: Final = 16
_RUNS_OF_ID: Final = 3
"""Runs of digits, letters between them, that no name has."""


def mask(message: bytes) -> bytes:
    """Replace ids, numbers, addresses and times; keep words, names and codes."""
    return _MASK.sub(_replace, mask_ids(message[:LONGEST_MASKED]))


def mask_ids(text: bytes) -> bytes:
    """Replace ids of digits and letters a to f, UUIDs among them: the first step of `mask`."""
    return _IDS.sub(b"<id>", text)


def _replace(match: re.Match[bytes]) -> bytes:
    text = match[0]
    match match.lastgroup:
        case "plain" | "done" | "code" | "tuple":
            return text
        case "hex" | "mac" | "uuid" | "pod":
            return b"<id>"
        case "marked":
            return (b"#" if text[:1] == b"#" else text[: text.index(b"-") + 1]) + b"<id>"
        case "mail":
            return b"<mail>"
        case "when":
            return b"<time>"
        case "ip" | "ipport":
            return b"<ip>" + _keep_port_of_ip(match["ipport"])
        case "ip6":
            return b"<ip>"
        case "version":
            return b"v<num>"
        case "url" | "host" | "port" | "tail":
            return _mask_url(match)
        case "named" | "listen":
            return _mask_named(text, int(match["listen"]))
        case "amount" | "unit" | "size":
            # Of an amount in words the unit is another the next time: `9.1 KB`, `17 MB`.
            return b"<num>" + (b" bytes" if match["size"] else match["unit"] or b"")
        case _:
            return _mask_token(text)


_URL: Final = re.compile(next(piece for piece in _PIECES if piece.startswith(b"(?P<url>")))
_AS_ZERO: Final = bytes.maketrans(b"0123456789", b"0" * 10)
_MOST_PLANS: Final = 20_000
_Piece = tuple[int, int, Callable[[bytes], bytes] | None]
"""Span of a message, and what makes its text in the template; None: the text as it is."""


Spans = tuple[tuple[int, int], ...]
"""Places of a text: begin, and the one behind the end."""


class _Plan(NamedTuple):
    """How all messages with one skeleton are masked."""

    pieces: bytes | tuple[bytes | _Piece, ...]
    """The template, where digits have no part in it."""
    spans: Spans
    """Of the pieces that are made of the message."""


class MaskCache:
    """`mask`, faster for messages that differ from earlier ones only in digits and ids.

    No pattern asks which digit it is (but for `0x`, which goes without), so such messages are matched alike: the
    template is known but for the few places where digits are kept, and these are made from the message at hand.
    """

    def __init__(self) -> None:
        self._plans: dict[bytes, _Plan] = {}

    def mask(self, message: bytes) -> tuple[bytes, Spans | None]:
        """Exactly what `mask` gives, and where in the message, ids masked, digits stand that matter.

        Messages that differ from this one in ids and in other digits only have the same template; without spans
        (None) nothing is known of them.
        """
        message = mask_ids(message[:LONGEST_MASKED])
        skeleton = message.translate(_AS_ZERO)
        if b"0x" in skeleton or b"0X" in skeleton:
            return _MASK.sub(_replace, message), None
        plan = self._plans.get(skeleton)
        if plan is None:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            plan = self._plans[skeleton] = _make_plan(message)
        if isinstance(plan.pieces, bytes):
            return plan.pieces, ()
        parts: list[bytes] = []
        for piece in plan.pieces:
            if isinstance(piece, bytes):
                parts.append(piece)
            else:
                text = message[piece[0] : piece[1]]
                parts.append(text if piece[2] is None else piece[2](text))
        return b"".join(parts), plan.spans


def _make_plan(message: bytes) -> _Plan:
    plan: list[bytes | _Piece] = []

    def add(start: int, end: int, make: Callable[[bytes], bytes] | None) -> None:
        text = message[start:end]
        if text != text.translate(None, b"0123456789"):
            plan.append((start, end, make))
        elif text:
            plan.append(text if make is None else make(text))

    at = 0
    for match in _MASK.finditer(message):
        if match.lastgroup == "plain":
            continue
        start, end = match.span()
        add(at, start, None)
        at = end
        match match.lastgroup:
            case "done" | "code" | "tuple":
                add(start, end, None)
            case "ip" | "ipport":
                plan.append(b"<ip>")
                if match["ipport"]:
                    add(*match.span("ipport"), _keep_port_of_ip)
            case "url" | "host" | "port" | "tail":
                add(start, end, _mask_url_text)
            case "named" | "listen":
                add(start, end, _mask_named_text)
            case "token":
                add(start, end, _mask_token)
            case _:
                plan.append(_replace(match))
    add(at, len(message), None)
    if all(isinstance(piece, bytes) for piece in plan):
        return _Plan(b"".join(piece for piece in plan if isinstance(piece, bytes)), ())
    return _Plan(tuple(plan), tuple((piece[0], piece[1]) for piece in plan if not isinstance(piece, bytes)))


def _mask_url_text(text: bytes) -> bytes:
    match = _URL.match(text)
    assert match is not None, "what the pattern found it finds again"
    return _mask_url(match)


def _mask_named_text(text: bytes) -> bytes:
    return _mask_named(text, int(text[text.rindex(b":") + 1 :]))


def _keep_port(port: bytes | None) -> bytes:
    if not port:
        return b""
    return port if int(port[1:]) < _FIRST_EPHEMERAL_PORT else b":<num>"


def _keep_port_of_ip(port: bytes | None) -> bytes:
    """Behind a number that names nobody high ports tell nothing, but those that servers are known for."""
    return (
        b":<num>"
        if port and int(port[1:]) >= _FIRST_HIGH_PORT and int(port[1:]) not in SERVER_PORTS
        else _keep_port(port)
    )


def _mask_named(text: bytes, port: int) -> bytes:
    """`redis-main:6379` is who listens; `user:1290` is an id behind a word."""
    name = text[: text.rindex(b":")]
    if _CODE_PLACE.search(name) is None and _SOURCE_FILE.fullmatch(name) is None:
        is_full = not name.replace(b"_", b"").isalnum()
        if port in SERVER_PORTS or (is_full and 80 <= port < _FIRST_EPHEMERAL_PORT):
            return text
    return _MASK.sub(_replace, name) + b":<num>"


def _mask_url(match: re.Match[bytes]) -> bytes:
    text = match[0]
    scheme = text[: text.index(b"://") + 3]
    host = match["host"]
    if host[:1].isdigit() or host[:1] == b"[":
        host = b"<ip>"
    tail = b"<path>" if match["tail"] and len(match["tail"]) > 1 else match["tail"] or b""
    return scheme + host + _keep_port(match["port"]) + tail


def _mask_token(token: bytes) -> bytes:
    """Words with digits: a long or thorough mixture is an id, in others the runs of digits go.

    One digit may belong to a name.
    """
    prefixed = _PREFIXED.fullmatch(token)
    if prefixed is not None:
        return prefixed[1] + b"<id>"
    digits = sum(48 <= byte <= 57 for byte in token)
    if digits == 1:
        return token
    is_mixed = len(token) >= _LONG_TOKEN or len(_SPLIT_TOKEN.findall(token)) >= _RUNS_OF_ID
    if digits >= _RUNS_OF_ID and is_mixed and not _NUMBERED.fullmatch(token):
        return b"<id>"
    return _SPLIT_TOKEN.sub(b"<num>", token)


_PATH_PART: Final = re.compile(rb"[^/]+")


def mask_route(path: bytes) -> bytes:
    """A request's path without ids: segments that hold a digit or are longer than 40 bytes become `*`; no query."""
    bare = path.split(b"?", 1)[0].split(b";", 1)[0].split(b"#", 1)[0][:512]
    return _PATH_PART.sub(_mask_segment, bare) or b"/"


def _mask_segment(match: re.Match[bytes]) -> bytes:
    part = match[0]
    has_digit = any(48 <= byte <= 57 for byte in part)
    is_version = len(part) <= 3 and part[:1] in b"vV"
    return b"*" if (has_digit and not is_version) or len(part) > 40 else part
