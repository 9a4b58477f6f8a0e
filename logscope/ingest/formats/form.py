"""What one way of writing lines is, and the form of most logs: a head found by one regex, then free text.

Receives single lines as bytes (no newline, a carriage return may be left) and gives their heads. Any bytes are
accepted. Nothing here learns; see `layouts_learn`.
"""

import re
from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import cached_property
from typing import Final, NamedTuple, Protocol

from logscope.ingest.formats.firsts import find_first_bytes
from logscope.ingest.formats.head_regex import HeadRegex, compile_head
from logscope.ingest.formats.levels import LATE_CODE, LATE_LEVEL
from logscope.ingest.severity import from_http_status, parse_word
from logscope.ingest.signatures.fields import RecordFields, read_text_fields
from logscope.ingest.timestamps.timestamp import KIND_BY_NAME, Missing, ParseState, StampReader, complete_groups
from logscope.model.severity import Severity
from logscope.model.times import US


class Origin(IntEnum):
    """Who wrote a line."""

    LOGGER = 0
    RUNTIME = 1
    """A run-time system, bare: when it did is told by the record before."""
    EITHER = 2
    """The same; but behind a warning or worse the logger wrote it, and it belongs to that."""


class Head(NamedTuple):
    """What the first line of a record says."""

    time: int | None
    """Microseconds as written: an offset in the line is applied, a stamp without zone is read as if it were UTC."""
    severity: Severity
    message: int
    """Byte offset in the line where the message begins; in JSON, logfmt and tables that of its field's value."""
    service: str | None
    """Only where one stream holds several services."""
    status: int
    """HTTP status of access-log lines, else 0."""
    duration_us: int
    """How long the request took, else -1."""
    origin: Origin = Origin.LOGGER
    """Who wrote the line."""


CONTINUES: Final = Head(None, Severity.UNKNOWN, -1, None, 0, -1)
"""What a form answers for a line that it knows to belong to the record before, whatever stands at its begin."""


class Form(Protocol):
    """One way of writing lines. Immutable as far as a caller can see, and picklable."""

    @property
    def name(self) -> str:
        """What `files[].format` says."""
        ...

    @property
    def is_timed(self) -> bool:
        """Its heads carry times."""
        ...

    @property
    def missing(self) -> Missing:
        """What its stamps do not say."""
        ...

    @property
    def first_bytes(self) -> frozenset[int] | None:
        """Bytes that its lines may begin with; None where any may, or what is no head changes the state."""
        ...

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """The head of the line; None when it is not a head of this form, `CONTINUES` when it is none of any form."""
        ...

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a whole record; the first line is its head."""
        ...


class LevelCache(dict[bytes, Severity]):
    """Text of a level's place to its severity; bounded."""

    __slots__ = ("_levels",)

    def __init__(self, levels: Mapping[bytes, Severity]) -> None:
        super().__init__(levels)
        self._levels = levels

    def __missing__(self, key: bytes) -> Severity:
        if len(self) > 1000:
            self.clear()
            self.update(self._levels)
        # Cells of tables may be filled up with blanks.
        value = self._levels.get(key.strip())
        value = self[key] = parse_word(decode_word(key)) if value is None else value
        return value

    def __reduce__(self) -> tuple[type["LevelCache"], tuple[Mapping[bytes, Severity]]]:
        return (LevelCache, (self._levels,))


def decode_word(text: bytes) -> str:
    """A word in the file's encoding: what is no UTF-8 is a letter each, as in the files of older writers."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


_GROUPS: Final = (
    b"minute", b"second", b"fraction", b"zone", b"extra", b"level", b"status", b"service", b"took", b"message",
)  # fmt: skip


class TextForm:
    """Lines that begin with a head of fixed parts. The regex matches the head; the message begins at its end."""

    def __init__(
        self,
        name: str,
        pattern: bytes,
        stamp: str | None,
        *,
        levels: Mapping[bytes, Severity] | None = None,
        default: Severity = Severity.UNKNOWN,
        continuations: frozenset[bytes] = frozenset(),
        took_unit: int = US,
        took_pattern: bytes | None = None,
        services: bool = False,
    ) -> None:
        """Args are kept as attributes of the same names.

        Args:
            name: What `files[].format` says.
            pattern: Regex of the head with the stamp's groups and any of level, status, service, took, message,
                logger, thread; begins at the line's first byte.
            stamp: Name of the stamp's kind; None when lines carry no time.
            levels: What the level's text means where the general words do not know it.
            default: Severity of heads without a level.
            continuations: Level words whose lines belong to the record before.
            took_unit: Microseconds in a unit of `took`.
            took_pattern: Where the duration stands when it is behind the message's begin; one group.
            services: The group `service` tells the services of one stream apart.
        """
        self.name = name
        self.pattern = pattern
        self.stamp = stamp
        self.levels = dict(levels or {})
        self.default = default
        self.continuations = continuations
        self.took_unit = took_unit
        self.took_pattern = took_pattern
        self.services = services
        self._level_cache = LevelCache(self.levels)
        self._reader = StampReader(KIND_BY_NAME[stamp]) if stamp is not None else None
        self._took = re.compile(took_pattern).search if took_pattern else None

    # Compiled by the first line that is asked: most forms that are thought of are ruled out by less.

    @cached_property
    def regex(self) -> HeadRegex:
        """Matches heads; has all groups that a head may have."""
        return compile_head(complete_groups(self.pattern, _GROUPS))

    @cached_property
    def _match(self) -> Callable[..., re.Match[bytes] | None]:
        return self.regex.match

    @cached_property
    def _indexes(self) -> tuple[int, ...]:
        return tuple(self.regex.groupindex[group.decode()] for group in _GROUPS[:9])

    @cached_property
    def _message(self) -> int:
        return self.regex.groupindex["message"]

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_text_form, (self._arguments(),))

    def _arguments(self) -> dict[str, object]:
        names = (
            "name", "pattern", "stamp", "levels", "default", "continuations", "took_unit", "took_pattern", "services",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}

    def renamed(self, name: str) -> "TextForm":
        """The same form by another name."""
        return _rebuild_text_form({**self._arguments(), "name": name})

    def with_services(self, group: str) -> "TextForm":
        """The same form, whose other group tells the services of one stream apart."""
        pattern = self.pattern.replace(b"(?P<%b>" % group.encode(), b"(?P<service>")
        return _rebuild_text_form({**self._arguments(), "pattern": pattern, "services": True})

    @property
    def is_timed(self) -> bool:
        """Its heads carry times."""
        return self._reader is not None

    @property
    def missing(self) -> Missing:
        """What its stamps do not say."""
        return self._reader.kind.missing if self._reader is not None else Missing.NOTHING

    @property
    def first_bytes(self) -> frozenset[int] | None:
        """Bytes that its lines may begin with."""
        return find_first_bytes(self.pattern)

    @property
    def is_late(self) -> bool:
        """Its heads carry neither level nor text: both are in the next line."""
        return b"(?P<message>)" in self.pattern and b"(?P<level>" not in self.pattern and self.pattern.endswith(b"$")

    def read_late(self, lines: list[bytes], head: Head) -> Head:
        """The head of a whole record whose level stands in the line behind it, or in the number of a message below."""
        if len(lines) < 2 or head.severity is not Severity.UNKNOWN:
            return head
        found = compile_head(LATE_LEVEL).match(lines[1])
        if found is not None:
            return head._replace(severity=self._level_cache[found["level"]])
        code = next((one for line in lines[1:MOST_AHEAD] if (one := _match_code(line)) is not None), None)
        return head if code is None else head._replace(severity=_CODES[code["level"]])

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """The head of the line; None when it is not one, `CONTINUES` for levels that are no event of their own."""
        match = self._match(line)
        if match is None:
            return None
        minute, second, fraction, zone, extra, level, status, service, took = match.group(*self._indexes)
        if level in self.continuations:
            return CONTINUES
        severity = self.default if level is None else self._level_cache[level]
        if self._reader is None or minute is None:
            time = None
        else:
            time = self._reader.read(minute, second, fraction, zone, extra, state)
        message = match.start(self._message)
        if message < 0:
            message = match.end()
        code = 0
        duration = -1
        if status is not None:
            code = int(status)
            if level is None:
                severity = from_http_status(code) or severity
            if self._took is not None:
                found = self._took(line, message)
                took = found[1] if found is not None else None
        if took is not None:
            duration = read_duration(took, self.took_unit)
        name = service.decode("utf-8", "replace") if self.services and service is not None else None
        return Head(time, severity, message, name, code, duration)

    def read_level(self, text: bytes) -> Severity:
        """What the text of a level's place means."""
        return self._level_cache[text]

    def find_message(self, line: bytes) -> int:
        """Byte offset where the message begins, -1 where the line is no head."""
        match = self._match(line)
        if match is None or (self.continuations and match["level"] in self.continuations):
            return -1
        begin = match.start(self._message)
        return begin if begin >= 0 else match.end()

    def read_took(self, data: bytes, message: int, end: int) -> int:
        """Microseconds of the duration behind a message's begin, -1 without one; as `parse` reads it."""
        found = self._took(data, message, end) if self._took is not None else None
        return read_duration(found[1], self.took_unit) if found is not None else -1

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a record."""
        return read_text_fields(self.regex.match(lines[0]), lines)


MOST_AHEAD: Final = 40
"""Lines of a record in which the number of its message stands."""
_match_code: Final = re.compile(LATE_CODE).match
_CODES: Final = {b"I": Severity.INFO, b"W": Severity.WARN, b"E": Severity.ERROR, b"S": Severity.ERROR}


def read_duration(text: bytes, unit: int) -> int:
    """Microseconds of a decimal number of units; -1 when it is none or absurd."""
    try:
        value = float(text)
    except ValueError:
        return -1
    return int(value * unit + 0.5) if 0 <= value < 1e9 else -1


def _rebuild_text_form(arguments: dict[str, object]) -> TextForm:
    return TextForm(**arguments)  # type: ignore[arg-type]
