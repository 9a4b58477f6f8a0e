"""One JSON object a line, of any key names: which keys mean time, level, message and service is learned once.

A line that looks like an object but does not load (cut, damaged) is still a head: its time and level are looked up by
their keys in the raw text.
"""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final

from logscope.ingest.formats.flat_regex import compile_flat_message
from logscope.ingest.formats.form import Head
from logscope.ingest.formats.names import clean_name
from logscope.ingest.formats.objects import (
    JsonKeys,
    JsonValue,
    Path,
    get_path,
    join_items,
    list_elements,
    load_object,
)
from logscope.ingest.severity import (
    from_detailed,
    from_http_status,
    from_hundreds,
    from_jul,
    from_log4j,
    from_logback,
    from_node,
    from_otel,
    from_python,
    from_small,
    from_syslog,
    parse_word,
)
from logscope.ingest.signatures.fields import RecordFields, build_fields, read_object_fields
from logscope.ingest.timestamps.numbers import LATEST, scale_epoch
from logscope.ingest.timestamps.timestamp import AnyStamp, Missing, ParseState
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US, US

_SCALES: Final[Mapping[str, Callable[[int], Severity]]] = {
    "syslog": from_syslog,
    "node": from_node,
    "python": from_python,
    "otel": from_otel,
    "small": from_small,
    "detailed": from_detailed,
    "hundreds": from_hundreds,
    "log4j": from_log4j,
    "logback": from_logback,
    "jul": from_jul,
}


def read_time(value: JsonValue, stamps: AnyStamp, state: ParseState) -> int | None:
    """Microseconds of a field's value: a stamp in text, or a number since 1970."""
    if isinstance(value, str):
        if len(value) > 64:
            return None
        time = stamps.read(value.strip().encode("utf-8", "replace"), state)
        # Year 1 and 9999 are how Go and databases write "not set".
        return time if time is not None and -MINUTE_US < time < LATEST else None
    if isinstance(value, bool):
        return None
    if isinstance(value, dict):
        return read_parts(value)
    if isinstance(value, int):
        return scale_epoch(value)
    if isinstance(value, float):
        if not 1e6 <= value < 2e19:
            return None
        return round(value * US) if value < 2e10 else scale_epoch(int(value))
    return None


def read_parts(value: Mapping[object, object]) -> int | None:
    """Microseconds of seconds and nanoseconds in an object of their own, as log4j 2 and protobuf write them."""
    seconds = value.get("epochSecond", value.get("seconds"))
    nanos = value.get("nanoOfSecond", value.get("nanos", 0))
    if isinstance(seconds, int) and isinstance(nanos, int) and 1_000_000 <= seconds < 2e10 and 0 <= nanos < 1e9:
        return seconds * US + nanos // 1000
    return None


_OPENINGS: Final = b" \t,[\r"


class JsonForm:
    """One object a line."""

    def __init__(self, name: str, keys: JsonKeys, missing: Missing = Missing.NOTHING, reading: str = "") -> None:
        """Args are kept as attributes of the same names.

        Args:
            name: What `files[].format` says.
            keys: Where the objects hold what.
            missing: What their stamps do not say.
            reading: How ambiguous dates are read, see `AnyStamp`.
        """
        self.name = name
        self.keys = keys
        self.missing = missing
        self._stamps = AnyStamp(reading)
        self._to_severity = _SCALES[keys.scale]
        self.base = _find_base(keys)
        """Path of the first of the objects that each wraps in lists; empty where they wrap none."""
        self._words: dict[str, Severity] = {}
        self._message = _compile_key_search(keys.messages)
        self._raw_time = _compile_value_search(keys.times[:1])
        self._raw_level = _compile_value_search(keys.levels[:1])

    def __reduce__(self) -> tuple[type["JsonForm"], tuple[str, JsonKeys, Missing, str]]:
        return (JsonForm, (self.name, self.keys, self.missing, self._stamps.reading))

    def renamed(self, name: str) -> "JsonForm":
        """The same form by another name."""
        return JsonForm(name, self.keys, self.missing, self._stamps.reading)

    @property
    def is_timed(self) -> bool:
        """Its heads carry times."""
        return bool(self.keys.times)

    @property
    def first_bytes(self) -> frozenset[int]:
        """Bytes that its lines may begin with."""
        return frozenset(b"{" + _OPENINGS)

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """The head of the line, or None when it does not begin an object."""
        if line[:1] != b"{":
            line_start = len(line) - len(line.lstrip(_OPENINGS))
            if line[line_start : line_start + 1] != b"{":
                return None
            body = line[line_start:].rstrip(b", \t\r]")
        else:
            body = line
        record = load_object(body)
        if record is None:
            if body[:2] != b'{"' and body[1:].lstrip()[:1] != b'"':
                return None
            return self.read_damaged(line, state)
        return self.parse_object(record, line, state)

    def parse_object(self, record: dict[str, JsonValue], line: bytes, state: ParseState) -> Head:
        """The head of a line whose object is loaded already."""
        keys = self.keys
        record = self.choose_element(record)
        time = None
        for path in keys.times:
            time = read_time(get_path(record, path), self._stamps, state)
            if time is not None:
                break
        severity = self._read_severity(record)
        status = 0
        duration = -1
        if keys.status is not None and (keys.method is None or get_path(record, keys.method) is not None):
            status = _read_status(get_path(record, keys.status))
            if status and keys.took is not None:
                duration = _read_took(get_path(record, keys.took), keys.took_unit)
            if severity is None and status:
                severity = from_http_status(status)
        service = None
        for path in keys.service:
            named = get_path(record, path)
            if isinstance(named, str) and named:
                service = clean_name(named, keys.strip)
                break
        found = self._message(line) if self._message is not None else None
        return Head(
            time,
            keys.default if severity is None else severity,
            0 if found is None else found.end(),
            service,
            status,
            duration,
        )

    def choose_element(self, record: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """The object with the worst of those that it wraps alone: that one stands for all."""
        if not self.base:
            return record
        return max(list_elements(record, self.base), key=lambda one: self._read_severity(one) or Severity.UNKNOWN)

    def _read_severity(self, record: dict[str, JsonValue]) -> Severity | None:
        for path in self.keys.levels:
            value = record.get(path[0]) if len(path) == 1 else get_path(record, path)  # type: ignore[arg-type]
            severity = self.read_level(value)
            if severity is not None and (severity is not Severity.UNKNOWN or not isinstance(value, str)):
                return severity
        return None

    def read_level(self, value: JsonValue) -> Severity | None:
        """Severity of a value in the level's place: UNKNOWN for a word that says none, None for what is no level."""
        if isinstance(value, str):
            severity = self._words.get(value)
            if severity is None:
                severity = (
                    self._to_severity(int(value)) if value.isascii() and value.isdigit() and len(value) < 5
                    else parse_word(value)
                )  # fmt: skip
                if len(self._words) < 1000:
                    self._words[value] = severity
            return severity
        if isinstance(value, int) and not isinstance(value, bool):
            return self._to_severity(max(0, min(value, 1000)))
        if isinstance(value, float) and 0 <= value < 1000:
            return self._to_severity(int(value))
        return None

    def read_message(self, line: bytes) -> str | None:
        """The text of an object; None where it is none, or holds it in no field."""
        if self._match_flat is not None and (found := self._match_flat(line)) is not None:
            return found[1].decode("utf-8", "replace")
        record = load_object(line if line[:1] == b"{" else line.strip(b" \t,[]\r"))
        if record is None:
            return None
        record = self.choose_element(record)
        for path in self.keys.messages:
            value = get_path(record, path)
            if isinstance(value, str) and value:
                return value
            if isinstance(value, list):
                return join_items(value)
        return None

    @cached_property
    def _match_flat(self) -> "_Search | None":
        """Finds the text of most objects; None where it does not stand in the outermost object under one key."""
        path = self.keys.messages[0] if self.keys.messages else ()
        if self.base or len(path) != 1 or not isinstance(path[0], str):
            return None
        return compile_flat_message(path[0]).match

    def find_raw_places(self, line: bytes) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
        """Where the first time's and level's values stand in the raw text, without quotes."""
        places: list[tuple[int, int] | None] = []
        for search in (self._raw_time, self._raw_level):
            found = search(line) if search is not None else None
            places.append(None if found is None else found.span("number" if found["text"] is None else "text"))
        return places[0], places[1]

    def read_damaged(self, line: bytes, state: ParseState) -> Head:
        """The head of a text that is no whole object: what its time's and level's keys are followed by."""
        text = line[:65_536]
        time = None
        if self._raw_time is not None and (found := self._raw_time(text)) is not None:
            raw = found["text"]
            if raw is not None:
                time = read_time(raw.decode("latin-1"), self._stamps, state)
            else:
                time = read_time(float(found["number"]), self._stamps, state)
        severity = None
        if self._raw_level is not None and (found := self._raw_level(text)) is not None:
            if found["text"] is not None:
                severity = parse_word(found["text"].decode("latin-1"))
            else:
                severity = self._to_severity(int(float(found["number"])) if len(found["number"]) < 6 else 0)
        found = self._message(text) if self._message is not None else None
        severity = self.keys.default if severity is None else severity
        return Head(time, severity, 0 if found is None else found.end(), None, 0, -1)

    def _find_raw_message(self, line: bytes) -> str | None:
        """The message of a damaged object, where its field is whole and there is no other of its name."""
        for path in self.keys.messages:
            name = b'"' + str(path[-1]).encode("utf-8", "replace") + b'"'
            begin = line.find(name) + len(name)
            value = line[begin + 1 :].lstrip(b" \t")
            if line.count(name) == 1 and line[begin : begin + 1] == b":" and value[:1] == b'"':
                text, quote, _ = value[1:].partition(b'"')
                return text.decode("utf-8", "replace") if quote and not text.endswith(b"\\") else None
        return None

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a record."""
        record = load_object(lines[0].strip(b" \t,[]\r"))
        text = b"\n".join(lines).decode("utf-8", "replace")
        if record is None and (message := self._find_raw_message(lines[0])):
            return build_fields(message, {}, stack=b"\n".join(lines[1:]).decode("utf-8", "replace") or None, head=text)
        record = None if record is None else self.choose_element(record)
        return read_object_fields(record, self.keys, text, [line.decode("utf-8", "replace") for line in lines[1:]])


def _find_base(keys: JsonKeys) -> Path:
    """Down to the last list on the way to the time."""
    path = keys.times[0] if keys.times else ()
    last = max((at for at, key in enumerate(path) if isinstance(key, int)), default=-1)
    base = path[: last + 1]
    is_wrapped = len(base) % 2 == 0 and all(isinstance(key, int) is (at % 2 == 1) for at, key in enumerate(base))
    return base if is_wrapped else ()


def _read_status(value: JsonValue) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:
        value = int(value)
    if isinstance(value, int | float) and 100 <= value < 600:
        return int(value)
    return 0


_TOOK: Final = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)\s?(ns|us|µs|ms|s|m)?")
_UNITS: Final = {"ns": 0.001, "us": 1.0, "µs": 1.0, "ms": 1000.0, "s": 1e6, "m": 6e7}


def _read_took(value: JsonValue, unit: int) -> int:
    if isinstance(value, str):
        found = _TOOK.fullmatch(value.strip()) if len(value) < 32 else None
        if found is None:
            return -1
        return int(float(found[1]) * (_UNITS[found[2]] if found[2] else unit) + 0.5)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12:
        return int(value * unit + 0.5) if unit else int(value / 1000)
    return -1


_Search = Callable[[bytes], re.Match[bytes] | None]


def _key_pattern(paths: tuple[Path, ...]) -> bytes:
    names = dict.fromkeys(str(path[-1]) for path in paths if isinstance(path[-1], str))
    return b"|".join(re.escape(name.encode("utf-8", "replace")) for name in names)


def _compile_key_search(paths: tuple[Path, ...]) -> _Search | None:
    names = _key_pattern(paths)
    return re.compile(rb'(?<!\\)"(?:' + names + rb')"[ \t]{0,8}:[ \t]{0,8}"?').search if names else None


def _compile_value_search(paths: tuple[Path, ...]) -> _Search | None:
    names = _key_pattern(paths)
    if not names:
        return None
    value = rb'(?:"(?P<text>[^"\\]{1,64})"|(?P<number>\d{1,20}(?:\.\d{1,9})?))'
    return re.compile(rb'(?<!\\)"(?:' + names + rb')"[ \t]{0,8}:[ \t]{0,8}' + value).search
