"""Lines of `key=value` pairs in any order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from logscope.ingest.formats.firsts import find_first_bytes
from logscope.ingest.formats.form import Head, LevelCache
from logscope.ingest.severity import SYSLOG_NUMBERS, from_http_status
from logscope.ingest.signatures.fields import RecordFields, decode, read_pairs_fields, read_value
from logscope.ingest.timestamps.timestamp import AnyStamp, Missing, ParseState
from logscope.model.severity import Severity
from logscope.model.times import US

PAIR: Final = re.compile(
    rb'(?<![A-Za-z_@])([A-Za-z_@][^\s="]{0,63})=("(?:[^"\\]|\\.){0,65536}"?|\'(?:[^\'\\]|\\.){0,65536}\'(?=[,;]?(?:\s|$))'
    rb'|(?=[^\s"]{0,2048}+(?:\s|$))[^\s"]*(?<![,;\s]))(?=[,;]?(?:\s|$))'
)
"""One pair; a quoted value may hold escaped quotes, an unfinished one ends with the line. A comma may stand behind.

Whether a word ends where a value may is asked before it is taken, and for words of a bound: a word full of `=` would be
looked at anew from each of them.
"""

LABELLED: Final = re.compile(rb"(?<![^\t])([A-Za-z_@][^\s:]{0,63}):([^\t\r]{0,65536}+)(?=\t|\r?$)")
"""One value with its label of LTSV, where tabs divide them."""


def _divide(mark: bytes) -> re.Pattern[bytes]:
    begin = rb"(?<![^" + mark + rb"])[ ]{0,4}([A-Za-z_@][^\s=" + mark + rb"]{0,63})="
    return re.compile(begin + rb"([^\r" + mark + rb"]{0,65536}+)(?=[" + mark + rb"]|\r?$)")


DIVIDED: Final[Mapping[str, bytes]] = {"pairs between semicolons": b";", "pairs between bars": b"|"}
"""What stands between pairs whose values are not quoted, blanks or not, by the name of the form."""

PAIRS: Final[Mapping[str, re.Pattern[bytes]]] = {
    "logfmt": PAIR,
    "ltsv": LABELLED,
    **{name: _divide(mark) for name, mark in DIVIDED.items()},
}
"""How a pair looks, by the name of the form."""

_WALK: Final = (
    rb"(?:(?!%(key)s=)[A-Za-z_@][^\s=\"']{0,63}="
    rb"(?:\"[^\"\\]{0,2048}+\"|[^\s\"'=,;\\]{0,2048}+) )*+%(key)s=\"(?P<message>[^\"\\\x00-\x1f]{0,8192}+)\"(?=\s|$)"
)
"""Plain pairs up to one with a key, whose value is quoted and holds no escapes."""

_QUOTES: Final = b"\"'"
_SYSLOG_KEYS: Final = (b"pri", b"priority")
"""Keys whose numbers are of syslog's scale."""


@dataclass(frozen=True, slots=True)
class PairKeys:
    """Names of the keys that mean something."""

    time: bytes | None
    level: bytes | None
    message: bytes | None
    service: bytes | None = None
    """Set only where one stream holds several services."""
    status: bytes | None = None
    """Set only where lines are requests."""
    took: bytes | None = None
    took_unit: int = US


class LogfmtForm:
    """Lines of pairs."""

    def __init__(self, name: str, keys: PairKeys, missing: Missing = Missing.NOTHING, reading: str = "") -> None:
        """Args are kept as attributes of the same names.

        Args:
            name: What `files[].format` says; one of `PAIRS`.
            keys: Names of the keys that mean something.
            missing: What the stamps do not say.
            reading: How ambiguous dates are read, see `AnyStamp`.
        """
        self.name = name
        self.keys = keys
        self.missing = missing
        self.pair = PAIRS[name]
        self._stamps = AnyStamp(reading)
        self._levels = LevelCache(SYSLOG_NUMBERS if (keys.level or b"").lower() in _SYSLOG_KEYS else {})
        is_walked = keys.message is not None and name == "logfmt"
        self.walk = _WALK % {b"key": re.escape(keys.message or b"")} if is_walked else None
        """Finds the message of most lines in one go, where going from pair to pair gives the same."""
        self._walk = None if self.walk is None else re.compile(self.walk).match
        self._wanted = frozenset(
            key
            for key in (keys.time, keys.level, keys.message, keys.service, keys.status, keys.took)
            if key is not None
        )

    def __reduce__(self) -> tuple[type["LogfmtForm"], tuple[str, PairKeys, Missing, str]]:
        return (LogfmtForm, (self.name, self.keys, self.missing, self._stamps.reading))

    @property
    def is_timed(self) -> bool:
        """Its heads carry times."""
        return self.keys.time is not None

    @property
    def first_bytes(self) -> frozenset[int] | None:
        """Bytes that its lines may begin with."""
        return find_first_bytes(self.pair.pattern)

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """The head of the line, or None when it holds neither the time's nor the level's key near its begin."""
        keys = self.keys
        wanted = self._wanted
        found: dict[bytes, tuple[bytes, int]] = {}
        first = self.pair.match(line)
        if first is None:
            return None
        for pair in self.pair.finditer(line):
            key = pair[1]
            if key in wanted and key not in found:
                found[key] = (pair[2], pair.start(2))
                if len(found) == len(wanted):
                    break
        if keys.time is not None and keys.time not in found:
            return None
        if keys.time is None and not found:
            return None
        time = None
        if keys.time is not None:
            raw = found[keys.time][0]
            time = self._stamps.read(raw.strip(_QUOTES), state)
            if time is None:
                return None
        severity = Severity.UNKNOWN
        level = found.get(keys.level) if keys.level is not None else None
        if level is not None:
            severity = self._levels[level[0].strip(_QUOTES)]
        status = 0
        duration = -1
        if keys.status is not None and keys.status in found:
            text = found[keys.status][0].strip(_QUOTES)
            status = int(text) if len(text) == 3 and text.isdigit() else 0
            if severity is Severity.UNKNOWN and status:
                severity = from_http_status(status)
            if keys.took is not None and keys.took in found:
                duration = read_took(found[keys.took][0].strip(_QUOTES), keys.took_unit)
        message = 0
        if keys.message is not None and keys.message in found:
            text, message = found[keys.message]
            message += text[:1] in _QUOTES and text != b""
        service = None
        if keys.service is not None and keys.service in found:
            service = found[keys.service][0].strip(_QUOTES).decode("utf-8", "replace") or None
        return Head(time, severity, message, service, status, duration)

    def read_message(self, line: bytes) -> str | None:
        """The text of a line of pairs; None where it holds it in no field."""
        if self.keys.message is None:
            return None
        found = self._walk(line) if self._walk is not None else None
        if found is not None:
            return found[1].decode("utf-8", "replace")
        for pair in self.pair.finditer(line):
            if pair[1] == self.keys.message:
                return read_value(decode(pair[2]))
        return None

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a record."""
        return read_pairs_fields(lines, self.keys.message, None if self.pair is PAIR else self.pair)


_TOOK: Final = re.compile(rb"(\d{1,12}(?:\.\d{1,12})?)(ns|us|\xc2\xb5s|ms|s)?")
_UNITS: Final = {b"ns": 0.001, b"us": 1.0, b"\xc2\xb5s": 1.0, b"ms": 1000.0, b"s": 1e6}


def read_took(text: bytes, unit: int) -> int:
    """Microseconds of a duration with or without a unit of its own; -1 when it is none."""
    match = _TOOK.fullmatch(text[:32])
    if match is None:
        return -1
    return int(float(match[1]) * (_UNITS[match[2]] if match[2] else unit) + 0.5)
