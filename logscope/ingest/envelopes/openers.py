"""Open wrapped lines: each kind of envelope gives its own head and the body, which forms of the body read."""

from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from logscope.ingest.formats.colours import strip_colours
from logscope.ingest.formats.form import Head, TextForm
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.names import clean_name
from logscope.ingest.formats.objects import Path, get_path, load_object
from logscope.ingest.formats.table import NO_ROW, TableForm, split_row
from logscope.ingest.timestamps.timestamp import Missing, ParseState


class Opened(NamedTuple):
    """One line out of its envelope."""

    head: Head
    """The envelope's own; `message` is where the body begins in the line."""
    body: bytes
    service: str | None
    is_partial: bool
    """The body goes on in the next line of the same output."""
    output: str
    """Of a container: standard output or standard error; never empty."""


_ONLY: Final = "-"
"""The output of envelopes that know one."""


class Opener(Protocol):
    """Opens the lines of one kind of envelope."""

    @property
    def name(self) -> str:
        """How the envelope is called in `files[].format`."""
        ...

    @property
    def header(self) -> TextForm | JsonForm | TableForm:
        """Reads the envelope's own head."""
        ...

    @property
    def is_record(self) -> bool:
        """Each of its lines is a message of its own, not a piece of a text stream."""
        ...

    @property
    def is_timed(self) -> bool:
        """It carries times of its own."""
        ...

    @property
    def missing(self) -> Missing:
        """What its stamps do not say."""
        ...

    def open(self, line: bytes, state: ParseState) -> Opened | None:
        """The line's parts, or None when it is not wrapped so."""
        ...

    def gather(self, lines: list[bytes]) -> list[bytes]:
        """The lines of a record as they are to be opened: those that are one, joined."""
        ...


_Header = TypeVar("_Header", bound=TextForm | JsonForm | TableForm)


class _HeadOpener(Generic[_Header]):
    """What openers have in common that read a head of their own."""

    _header: _Header

    @property
    def header(self) -> _Header:
        """Reads the envelope's own head."""
        return self._header

    @property
    def name(self) -> str:
        """How the envelope is called."""
        return self._header.name

    @property
    def is_timed(self) -> bool:
        """It carries times of its own."""
        return self._header.is_timed

    @property
    def missing(self) -> Missing:
        """What its stamps do not say."""
        return self._header.missing

    def gather(self, lines: list[bytes]) -> list[bytes]:
        """The lines as they are: each is opened by itself."""
        return lines


class TextOpener(_HeadOpener[TextForm]):
    """An envelope that is a prefix of text: the body begins at its head's end."""

    def __init__(self, header: TextForm, strip: str = "") -> None:
        """Args are kept.

        Args:
            header: Reads the prefix; its group `service`, where it has one, names the service, its group `partial`
                takes part where the body goes on.
            strip: What is cut from names: the numbering of `compose`, `pod` or `path`, the begin of a `tag`, or none.
        """
        self._header = header
        self.strip = strip
        self._has_partial = b"(?P<partial>" in header.pattern
        self._names: dict[str, str] = {}

    def __reduce__(self) -> tuple[type["TextOpener"], tuple[TextForm, str]]:
        return (TextOpener, (self._header, self.strip))

    @property
    def is_record(self) -> bool:
        """Each of its lines is a message of its own, not a piece of a text stream."""
        return self._header.is_timed and self._header.services

    def open(self, line: bytes, state: ParseState) -> Opened | None:
        """The line's parts, or None when it is not wrapped so."""
        head = self._header.parse(line, state)
        if head is None:
            return None
        service = head.service
        if service is not None:
            service = self.clean(service)
        partial, output = False, _ONLY
        if self._has_partial:
            match = self._header.regex.match(line)
            if match is not None:
                partial, output = match["partial"] is not None, match["output"].decode("latin-1")
        return Opened(head, line[head.message :], service, partial, output)

    def clean(self, name: str) -> str:
        """The service of a name as it is written."""
        known = self._names.get(name)
        if known is None:
            known = clean_name(name, self.strip)
            if len(self._names) < 1000:
                self._names[name] = known
        return known


class JsonOpener(_HeadOpener[JsonForm]):
    """An envelope that is a JSON object with the body in one of its fields."""

    def __init__(
        self, header: JsonForm, body: Path, *, cuts: bool = False, is_sure: bool = True, is_record: bool = False
    ) -> None:
        """Args are kept.

        Args:
            header: Reads time, level and service of the object.
            body: Where the wrapped line stands.
            cuts: Long lines are cut, and whole ones marked with their newline.
            is_sure: Every object wraps a line; others may have no text there, and are no envelopes then.
            is_record: Each line is a message of its own, not a piece of a text stream.
        """
        self._header = header
        self.body = body
        self.cuts = cuts
        self.is_sure = is_sure
        self.is_record = is_record

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_json_opener, (self._header, self.body, self.cuts, self.is_sure, self.is_record))

    def open(self, line: bytes, state: ParseState) -> Opened | None:
        """The line's parts, or None when it is not wrapped so."""
        record = load_object(line) if line[:1] == b"{" else None
        if record is None:
            return None
        record = self._header.choose_element(record)
        head = self._header.parse_object(record, line, state)
        value = get_path(record, self.body)
        if isinstance(value, list):
            # What holds bytes that a terminal would act on journald writes as numbers.
            text = strip_colours(bytes(item & 255 for item in value[:65_536] if isinstance(item, int)))
        else:
            if not self.is_sure and not (isinstance(value, str) and value.strip()):
                return None
            text = value.encode("utf-8", "replace") if isinstance(value, str) else b""
        partial = self.cuts and bool(text) and not text.endswith(b"\n")
        output = record.get("stream")
        return Opened(
            head, text.rstrip(b"\r\n"), head.service, partial, output if isinstance(output, str) and output else _ONLY
        )


def _rebuild_json_opener(header: JsonForm, body: Path, cuts: bool, is_sure: bool, is_record: bool) -> JsonOpener:
    return JsonOpener(header, body, cuts=cuts, is_sure=is_sure, is_record=is_record)


class TableOpener(_HeadOpener[TableForm]):
    """An export: a table of which one column holds lines of logs."""

    is_record = False

    def __init__(self, header: TableForm) -> None:
        """Args are kept.

        Args:
            header: Reads the rows; its column of messages holds the lines.
        """
        self._header = header

    def __reduce__(self) -> tuple[type["TableOpener"], tuple[TableForm]]:
        return (TableOpener, (self._header,))

    def open(self, line: bytes, state: ParseState) -> Opened | None:
        """The row's parts, or None for one that names the columns, or goes on with a quoted cell."""
        head, columns = self._header.parse(line, state), self._header.columns
        if head is None or head is NO_ROW or columns.message is None:
            return None
        cells = split_row(line, columns.separator)
        body = cells[columns.message] if columns.message < len(cells) else b""
        return Opened(head, body.rstrip(b"\r\n"), head.service, False, _ONLY)

    def gather(self, lines: list[bytes]) -> list[bytes]:
        """The rows: a quoted cell may hold several lines."""
        rows: list[bytes] = []
        state = ParseState()
        for line in lines:
            if rows and self._header.parse(line, state) is None:
                rows[-1] += b"\n" + line
            else:
                rows.append(line)
        return rows
