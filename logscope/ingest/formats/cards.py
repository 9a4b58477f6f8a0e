"""Records that list named values, one a line, as exporters and shells print them: `Id : 7031`, `MESSAGE=...`."""

import re
from collections.abc import Sequence
from typing import Final

from logscope.ingest.formats.form import Head
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.pretty import PrettyForm
from logscope.ingest.signatures.fields import RecordFields, read_object_fields
from logscope.ingest.timestamps.timestamp import ParseState
from logscope.model.severity import Severity

_LABEL: Final = re.compile(
    rb"([A-Za-z_@][\w.@-]{0,60}(?: [\w.@()/-]{1,30}){0,3})[ \t]{0,40}[:=](?!:)[ \t]?(.*)", re.DOTALL
)
_BLANKS: Final = b" \t\r"
_LONGEST_VALUE: Final = 65_536
_FAILURES: Final = frozenset(("error", "exception", "failure", "fatal"))
_NO_FAILURE: Final = frozenset(("", "0", "no", "none", "null", "nil", "false", "-", "n/a", "success"))


def read_label(line: bytes) -> tuple[str, str] | None:
    """Name and value of a line; None where it is none."""
    found = _LABEL.match(line)
    if found is None:
        return None
    return found[1].decode("utf-8", "replace"), found[2].strip(_BLANKS).decode("utf-8", "replace")


def load_card(lines: Sequence[bytes]) -> dict[str, object]:
    """The values of a record's lines by their names: the first of each name, with the indented lines behind it."""
    values: dict[str, object] = {}
    last = ""
    for line in lines:
        label = None if line[:1] in (b" ", b"\t") else read_label(line)
        if label is not None:
            last = label[0] if label[0] not in values else ""
            values.setdefault(*label)
        elif last and line.strip(_BLANKS) and len(str(values[last])) < _LONGEST_VALUE:
            values[last] = f"{values[last]}\n{line.strip(_BLANKS).decode('utf-8', 'replace')}".strip("\n")
    return values


def _tells_failure(label: tuple[str, object]) -> bool:
    """Whether a name and its value tell that something failed: `Error: disk is gone`, but not `Error: none`."""
    name, value = label
    return name.lower() in _FAILURES and str(value).lower() not in _NO_FAILURE


class CardForm(PrettyForm):
    """A record begins with the value that is the first of each. Times and levels are read when it is complete."""

    def __init__(self, inner: JsonForm, first: str) -> None:
        """Args are kept.

        Args:
            inner: Reads the values.
            first: Name of the value that each record begins with.
        """
        super().__init__(inner, 0)
        self.first = first

    def __reduce__(self) -> tuple[type["CardForm"], tuple[JsonForm, str]]:  # type: ignore[override]
        return (CardForm, (self.inner, self.first))

    @property
    def first_bytes(self) -> frozenset[int]:
        """Bytes that its lines may begin with."""
        return frozenset(self.first.encode()[:1])

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """A head that says nothing yet for a line that begins a record; None for all others."""
        label = read_label(line) if line.startswith(self.first.encode()) else None
        is_first = label is not None and label[0] == self.first
        return Head(None, Severity.UNKNOWN, 0, None, 0, -1) if is_first else None

    def find_time(self, line: bytes) -> bytes | None:
        """The text of the time, where a line holds it."""
        label = read_label(line)
        is_time = label is not None and any(path == (label[0],) for path in self.inner.keys.times[:1])
        return label[1].encode() if label is not None and is_time else None

    def read_late(self, lines: list[bytes], head: Head) -> Head:
        """Time, level and so on of a whole record; one without a level that lists an error is one."""
        values = load_card(lines)
        told = self.inner.parse_object(values, b"", ParseState())
        is_failure = told.severity is Severity.UNKNOWN and any(map(_tells_failure, values.items()))
        return told._replace(severity=Severity.ERROR) if is_failure else told

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a record."""
        text = b"\n".join(lines).decode("utf-8", "replace")
        return read_object_fields(load_card(lines), self.inner.keys, text, [])
