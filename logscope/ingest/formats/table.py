"""Tables: one record a row, columns named by a header (CSV, TSV) or by directives in the file (W3C, Zeek).

The header is part of the sample, so the plan knows the columns by number; rows are split by number alone.
"""

import json
import re
from dataclasses import dataclass
from typing import Final

from logscope.ingest.formats.form import Head, LevelCache, read_duration
from logscope.ingest.severity import SCALES, from_http_status
from logscope.ingest.signatures.fields import RecordFields, build_fields, decode, to_value
from logscope.ingest.timestamps.timestamp import AnyStamp, Missing, ParseState
from logscope.model.severity import Severity
from logscope.model.times import US

_QUOTED: Final = {
    # A cell of several lines is open where the first of them ends.
    mark: re.compile(
        rb'(?:^|' + re.escape(mark) + rb')(?:"((?:[^"]|""){0,65536}+)(?:"|$)|([^' + re.escape(mark) + rb"]*))"
    )
    for mark in (b",", b";", b"\t", b"|")
}  # fmt: skip


ALIGNED: Final = b"  "
"""Divides columns that are filled up with blanks, as tools print tables."""
ARRAY: Final = b"[]"
"""Divides the values of rows that are an array of JSON each."""
LONGEST_ROW: Final = 65_536
"""Bytes that are looked at of a row with quotes."""
_GAP: Final = re.compile(rb"[ \t]{2,}|\t")

_METHODS: Final = ("cs-method", "method", "verb")
_PATHS: Final = ("cs-uri-stem", "uri", "path", "route", "url")
"""Names of the columns that hold a request's parts."""


_DIRECTIVES: Final = (b"#Software", b"#Fields", b"#separator", b"#fields", b"#close")
"""How what a writer says of itself begins when it starts; further lines of it go on from there."""
NO_ROW: Final = Head(None, Severity.UNKNOWN, 0, None, 0, -1)
"""A directive, or the names of the columns: no part of the row before."""


@dataclass(frozen=True, slots=True)
class TableColumns:
    """Which column holds what, by number; None where none does."""

    names: tuple[str, ...]
    separator: bytes
    """Of columns; a blank for W3C, where runs are not joined; `ALIGNED` where they are; `ARRAY`."""
    time: tuple[int, ...]
    """One column, or date and time."""
    level: int | None = None
    message: int | None = None
    service: int | None = None
    """Set only where one stream holds several services."""
    status: int | None = None
    took: int | None = None
    took_unit: int = US
    value: int | None = None
    """Of a table of measurements, a row each; what was measured is its message."""
    scale: str = ""
    """What a level's cells mean: the name of a scale; empty where they are the usual words or syslog's numbers."""


class TableForm:
    """Rows of a table."""

    def __init__(
        self,
        name: str,
        columns: TableColumns,
        missing: Missing = Missing.NOTHING,
        reading: str = "",
    ) -> None:
        """Args are kept.

        Args:
            name: What `files[].format` says.
            columns: Which column holds what.
            missing: What the stamps do not say.
            reading: How ambiguous dates are read, see `AnyStamp`.
        """
        self.name = name
        self.columns = columns
        self.missing = missing
        self.reading = reading
        self._stamps = AnyStamp(reading)
        self._levels = LevelCache(SCALES.get(columns.scale, {}))

    def __reduce__(self) -> tuple[type["TableForm"], tuple[str, TableColumns, Missing, str]]:
        return (TableForm, (self.name, self.columns, self.missing, self.reading))

    @property
    def is_timed(self) -> bool:
        """Its rows carry times."""
        return bool(self.columns.time)

    @property
    def first_bytes(self) -> None:
        """Any byte may begin a row."""
        return None

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """The head of a row; None for lines that are none: too few columns, the header, a time that is none."""
        columns = self.columns
        if line[:1] == b"#":
            return NO_ROW if line.startswith(_DIRECTIVES) else None
        cells = split_row(line, columns.separator)
        if len(cells) < len(columns.names) * 2 // 3:
            return None
        time = None
        if columns.time:
            if max(columns.time) >= len(cells):
                return None
            text = b" ".join(cells[column] for column in columns.time).strip()
            time = self._stamps.read(text, state) if len(text) <= 64 else None
            if time is None:
                # The writer started anew and named the columns again.
                is_header = [decode(cell).strip() for cell in cells] == list(columns.names)
                return NO_ROW if is_header else None
        elif [decode(cell).strip() for cell in cells] == list(columns.names):
            return NO_ROW
        severity = Severity.UNKNOWN
        if columns.level is not None and columns.level < len(cells):
            severity = self._levels[cells[columns.level][:64]]
        status = 0
        duration = -1
        if columns.status is not None and columns.status < len(cells):
            code = cells[columns.status]
            status = int(code) if len(code) == 3 and code.isdigit() else 0
            if severity is Severity.UNKNOWN and status:
                severity = from_http_status(status)
            if columns.took is not None and columns.took < len(cells):
                duration = read_duration(cells[columns.took], columns.took_unit)
        service = None
        if columns.service is not None and columns.service < len(cells):
            service = cells[columns.service].decode("utf-8", "replace") or None
        message = 0
        if columns.message is not None and columns.message < len(cells):
            cell = cells[columns.message]
            message = max(0, line.find(cell)) if cell else 0
        return Head(time, severity, message, service, status, duration)

    def read_level(self, cell: bytes) -> Severity:
        """What the cell of a level means."""
        return self._levels[cell[:64]]

    def find_request(self, line: bytes) -> tuple[bytes, bytes] | None:
        """Method and path of a row of ASCII, as `read_fields` gives them; None where it must be asked."""
        cells = split_row(line, self.columns.separator)
        path = self._pick(cells, _PATHS)
        return None if path is None else (self._pick(cells, _METHODS) or b"", path)

    @property
    def request_columns(self) -> tuple[int | None, int | None]:
        """The columns of method and path, as `find_request` picks them."""
        names = [name.lower() for name in self.columns.names]
        method, path = (next((n for n, name in enumerate(names) if name in some), None) for some in (_METHODS, _PATHS))
        return method, path

    def _pick(self, cells: list[bytes], names: tuple[str, ...]) -> bytes | None:
        for name, cell in zip(self.columns.names, cells, strict=False):
            if name.lower() in names:
                return cell if cell and cell != b"-" else None
        return None

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a row."""
        columns = self.columns
        if self.parse(lines[0], ParseState()) is NO_ROW:
            return build_fields(decode(lines[0]), {}, stack=decode(b"\n".join(lines[1:])) or None)
        # Cells in quotes may hold line ends; an array's hold them escaped.
        row = lines[0] if columns.separator == ARRAY else b"\n".join(lines)
        cells = [decode(cell) for cell in split_row(row, columns.separator)]
        values = {name: to_value(cell) for name, cell in zip(columns.names, cells, strict=False) if cell}
        message = decode(lines[0])
        if columns.message is not None and columns.message < len(cells):
            message = cells[columns.message]

        def pick(*names: str) -> str | None:
            found = next(
                (cell for name, cell in zip(columns.names, cells, strict=False) if name.lower() in names), None
            )
            return found if found and found != "-" else None

        status = cells[columns.status] if columns.status is not None and columns.status < len(cells) else ""
        return build_fields(
            message,
            values,
            logger=pick("logger", "component", "source", "module"),
            thread=pick("thread"),
            service=pick("service", "app"),
            method=pick(*_METHODS),
            route=pick(*_PATHS),
            status=int(status) if status.isdigit() and len(status) == 3 else None,
        )


def may_quote(separator: bytes) -> bool:
    """Whether cells between such separators may stand in quotes, and then hold separators."""
    return separator in _QUOTED


def split_row(line: bytes, separator: bytes) -> list[bytes]:
    """Cells of a row; quoted ones without their quotes."""
    line = line.rstrip(b"\r")
    if separator == ARRAY:
        return _split_array(line)
    if separator == ALIGNED:
        return _GAP.split(line.strip(b" ")[:LONGEST_ROW])
    if b'"' not in line or not may_quote(separator):
        return line.split(separator)
    cells = _QUOTED[separator].findall(line[:LONGEST_ROW])
    return [quoted.replace(b'""', b'"') if quoted else plain for quoted, plain in cells]


def _split_array(line: bytes) -> list[bytes]:
    """Values of a row that is an array of JSON; none where it is no array."""
    if line[:1] != b"[" or len(line) > LONGEST_ROW:
        return []
    try:
        # Numbers stay as they are written.
        values = json.loads(line.decode("utf-8", "replace"), parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return []
    texts = (value if isinstance(value, str) else "" if value is None else json.dumps(value) for value in values)
    return [text.encode("utf-8", "replace") for text in texts]
