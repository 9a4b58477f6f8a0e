"""A record in one line, as people search for it: what broke first, and no id of a single request. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from logscope.analysis.kinds.meaning import innermost_exception
from logscope.ingest.ids import find_ids
from logscope.ingest.signatures.fields import RecordFields
from logscope.text.fields import CHANGED, list_fields

_HOLES: Final = re.compile(r"[ \t]{2,}|\t")
_LONGEST: Final = 300
_LONG_ANNOUNCEMENT: Final = 80
_FEW_WORDS: Final = 3
_MOST_FIELDS: Final = 3
_ID: Final = "\0"
"""Stands for an id: no text holds it, for a log's control characters are shown otherwise."""


def one_line(text: str) -> str:
    """A text's first line, without surrounding blanks, at most 300 characters.

    One that ends in a colon announces what the next one says: `Errors in file orcl_arc1.trc:` is told with it.
    """
    line, _, rest = text.lstrip().partition("\n")
    line, more = line.rstrip(), rest.split("\n", 1)[0].rstrip()
    if line.endswith(":") and more[:1].strip():
        # Where the announcement is long, what it announces would stand beyond the end.
        line = f"{line} {more}" if len(line) <= _LONG_ANNOUNCEMENT else f"{more} ({line[:-1]})"
    # Tabs and blanks part columns; in a sentence they would be a hole.
    line = _HOLES.sub(" ", line)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def add_fields(headline: str, texts: Sequence[bytes]) -> str:
    """A headline of a few words with what all of its records that are kept say in fields.

    `upstream error` is any; `upstream error: body=OVER_QUERY_LIMIT, host=maps.vendor.example` tells which.
    """
    if not texts or len(headline.split()) > _FEW_WORDS:
        return headline
    told = [list_fields(text.decode("utf-8", "replace")) for text in texts]
    common = [one for one in told[0] if _WORD.search(one.partition("=")[2]) and all(one in other for other in told)]
    return f"{headline}: {', '.join(common[:_MOST_FIELDS])}" if common else headline


_WORD: Final = re.compile(r"[A-Za-z]{2}")


_HOLE: Final = re.compile(r"\{[@$]?([A-Za-z]\w{0,60})(?:[,:][^{}\n]{0,30})?\}")


def fill_template(message: str, values: Mapping[str, object]) -> str:
    """A message template with its values, where the record holds them as fields: `{Contract} is closed`."""
    if "{" not in message:
        return message

    def fill(hole: re.Match[str]) -> str:
        value = next((values[name] for name in (hole[1], f"Properties.{hole[1]}") if name in values), None)
        if value is None:
            return hole[0]
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

    return _HOLE.sub(fill, message)


def fill_common(read: Sequence[RecordFields]) -> str:
    """The first record's message template with the values that all of these records have; an ellipsis for others."""
    first = read[0]
    common = {
        name: value if all(other.values.get(name) == value for other in read) else "…"
        for name, value in first.values.items()
    }
    return fill_template(first.message, common)


_TRACE: Final = "Traceback (most recent call last)"


def write_headline(fields: RecordFields, text: bytes, message: str | None = None) -> str:
    """A record in one line: its exception first, for that says more than "request failed"; then what it says failed.

    Args:
        fields: Of the record.
        text: The record.
        message: What stands for the message of all records of its kind; None for its own.
    """
    said = leave_out_asker(_HEAD.sub("", fields.message if message is None else message, 1))
    said = tell_nested(said)
    message = one_line(said) or one_line(text.decode("utf-8", "replace"))
    if message.startswith("{") and (told := list_fields(said, CHANGED)):
        # An object without a message says what it says in its fields.
        message = one_line(", ".join(told))
    message = _tell_within(message, text)
    if row := tell_row(fields):
        return one_line(row)
    if fields.error:
        return one_line(f"{message}: {fields.error}")
    exception = innermost_exception(fields.stack) if fields.stack else None
    if exception is not None and message.startswith(_TRACE):
        # A run-time system's own words around it say nothing.
        return one_line(exception)
    if exception is None and fields.stack and "\n" not in fields.message:
        return one_line(f"{message}\n{fields.stack}")
    if exception is None or exception.split(":", 1)[0] in message:
        return message
    said = hide_ids(message).strip()
    # `Too many open files`, and an exception of the same words: once is enough.
    return exception if exception.lower().endswith(said.lower()) else one_line(f"{exception} ({said})")


def _tell_within(message: str, text: bytes) -> str:
    """A headline that only announces (`crasher:`), or ends in a ruler, with the line of its record that says why."""
    bare = _RULER.sub("", message)
    if bare == message and _ANNOUNCES.fullmatch(message) is None:
        return message
    lines = text[:_LONGEST_RECORD].decode("utf-8", "replace").split("\n")[1:_MOST_LINES]
    said = [line.strip() for line in lines if line.strip() and _RULER.fullmatch(line.strip()) is None]
    why = next((line for line in said if _WHY.match(line) is not None), said[0] if said and bare != message else "")
    return one_line(f"{bare} {why}") if why else message


_RULER: Final = re.compile(r"[-=*_~#]{6,200}$")
_ANNOUNCES: Final = re.compile(r"[\w .-]{1,40}:")
_WHY: Final = re.compile(r"(?i)(?:[\w-]{0,20} ?(?:exception|error)\b|reason\b|cause\b|fatal\b|failed\b)")
_LONGEST_RECORD: Final = 4000
_MOST_LINES: Final = 30


def tell_row(fields: RecordFields) -> str:
    """A row of a table without a column for a message, by its columns: `service=cart, version=2.1`; else empty."""
    if fields.message != fields.text or fields.message in fields.values.values():
        return ""
    if any(f"{name}=" in fields.text or f'"{name}"' in fields.text for name in fields.values):
        return ""
    told = [f"{name}={value}" for name, value in fields.values.items() if value != "" and not _STAMPED.search(name)]
    return ", ".join(told[:_MOST_COLUMNS])


_STAMPED: Final = re.compile(r"(?i)(?:^|[^a-z])(?:time|timestamp|date|at|ts|id|uuid)$")
"""Columns that every row has another value of."""
_MOST_COLUMNS: Final = 5


_HEAD: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\s{1,4}"
    r"(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL)\s"
    r"(?:\s{0,4}\d{1,9} --- (?:\[[^\]\n]{0,80}\] ){1,3}\S{1,120}\s{1,40}: )?"
)
"""A line of a log with its own head, as a collector put it into a field or a column."""


def tell_nested(message: str) -> str:
    """A message that wraps exceptions in one line, by the innermost: `nested exception is ...` stands at its end."""
    outer, mark, inner = message.rpartition(_NESTED)
    if not mark or "\n" in outer:
        return message
    inner = inner.partition("] with root cause")[0].rstrip("] ")
    kind, colon, words = inner.partition(": ")
    return f"{kind.rpartition('.')[2]}{colon}{words} ({outer[:_LONG_ANNOUNCEMENT].partition(' [')[0]}…)"


_NESTED: Final = "nested exception is "
"""As Spring writes it."""


def leave_out_asker(message: str) -> str:
    """A message without what a server writes in numbers of the one who asked, where its own words follow or precede.

    redis tells twenty fields of a client before it says that it is closed, and nginx whose request it was behind each
    error: what happened would stand beyond the end of any line.
    """
    return _ASKED.sub("", _FIELDS.sub(" … ", message, 1), 1)


_FIELDS: Final = re.compile(r"\s(?:[\w.-]{1,24}=[^\s=]{0,60}[ ]){6,40}(?=[A-Za-z]{2,20} [A-Za-z]{2,20} )")
"""Many fields in the middle of a sentence, which goes on behind them."""
_ASKED: Final = re.compile(r", client: [^,\s]{1,60}, server: [^\n]*")
"""What nginx adds to an error: whose request to which of its servers it was."""


def hide_ids(headline: str, texts: Sequence[bytes] = ()) -> str:
    """A headline without ids of single requests: it stands for all of its kind, and the line itself can be opened.

    A pair or a bracket that holds nothing else goes with its id (`refused rid=73ad00b77819`), else an ellipsis stands
    for it.

    Args:
        headline: Of the first record.
        texts: Records of its kind.
    """
    headline = _NOTHING.sub("", headline)
    if _ID in headline:
        return headline
    line = headline.encode("utf-8", "replace")
    short = [(m.start(1), m.end(1)) for m in _SHORT_ID.finditer(line) if any(m[1] not in text for text in texts)]
    found = sorted([(one.at, one.end) for one in find_ids(line)] + short)
    if not found:
        return headline
    parts, end = [], 0
    for begin, behind in found:
        if begin >= end:
            parts.append(line[end:begin].decode("utf-8", "replace"))
            end = behind
    parts.append(line[end:].decode("utf-8", "replace"))
    text = _ID.join(parts)
    for pattern in (_PAIR, _BRACKET):
        text = pattern.sub("", text)
    text = _BLANK.sub("", _EMPTY.sub("", _OPENED.sub(r"\1", text)))
    return text.replace(_ID, "…").strip() or headline


_SHORT_ID: Final = re.compile(rb"(?<!\S)[\[(](?=[0-9a-fA-F]*[0-9])(?=[0-9a-fA-F]*[a-fA-F])([0-9a-fA-F]{8})[\])]")
"""May be a code as well (`[c0000005]`): it is an id where other records of the kind hold another one."""
_NOTHING: Final = re.compile(r"(?:\s+(?:\[\]|\{\}))+$")
"""Fields that a formatter writes though there are none."""
_PAIR: Final = re.compile(r"""[\s,;]*(?<![\w.-])["']?[\w.-]{1,24}["']?\s?[=:]\s?["']?\0["']?(?![\w.-])""")
_BRACKET: Final = re.compile(r"(?<!\S)[\[(]\s?\0\s?[\])]\s?")
_BLANK: Final = re.compile(r"(?<=\w)\s(?=:\s)")
"""What is left before a colon by a bracket that stood there."""
_OPENED: Final = re.compile(r"([{(\[])(?:\s*,\s*|\s+(?=\w))")
_EMPTY: Final = re.compile(r"\s*(?:\{\s*\}|(?<=\s)\(\s*\))")
