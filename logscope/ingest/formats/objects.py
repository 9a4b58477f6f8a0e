"""One JSON object: loaded however hostile its text, values by their paths, and which paths mean what."""

import json
import re
from dataclasses import dataclass
from typing import Final

from logscope.ingest.formats.colours import strip_hidden_colours
from logscope.ingest.formats.literals import may_be_literal, write_json
from logscope.model.severity import Severity
from logscope.model.times import US

Path = tuple[str | int, ...]
"""Keys and list indexes from the outermost object to a value."""

JsonValue = object
"""What `json.loads` gives."""

_LONGEST: Final = 1 << 20
"""Bytes beyond which an object is not loaded but looked up by keys."""


@dataclass(frozen=True, slots=True)
class JsonKeys:
    """Where an object holds what. Of several paths the first that holds a usable value counts."""

    times: tuple[Path, ...] = ()
    levels: tuple[Path, ...] = ()
    scale: str = "node"
    """What numbers in the level's place mean: the name of a scale of the form that reads it."""
    default: Severity = Severity.UNKNOWN
    """Severity of objects without a level."""
    messages: tuple[Path, ...] = ()
    service: tuple[Path, ...] = ()
    """Set only where one stream holds several services, or what stands around many records tells whose they are."""
    strip: str = ""
    """What is cut from names of services: see `clean_name`."""
    status: Path | None = None
    """HTTP status; set only where the objects are requests."""
    method: Path | None = None
    """An object is a request when it has this too."""
    took: Path | None = None
    took_unit: int = US
    """Microseconds in a unit of `took`."""
    logger: Path | None = None
    thread: Path | None = None
    stacks: tuple[Path, ...] = ()


class Attribute(str):
    """A key that is a name in a list of attributes: see `list_named`."""

    __slots__ = ()


def get_path(value: JsonValue, path: Path) -> JsonValue:
    """The value at a path, or None."""
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        elif isinstance(value, list) and isinstance(key, str):
            value = next((found for name, found in list_named(value) if name == key), None)
        else:
            return None
    return value


def list_named(value: list[JsonValue]) -> list[tuple[str, JsonValue]]:
    """Names and values of a list of attributes, as OpenTelemetry writes them; none where it is another list.

    `[{"key":"service.name","value":{"stringValue":"cart"}}]`.
    """
    if not value or not isinstance(value[0], dict) or value[0].keys() != _ATTRIBUTE:
        return []
    items = (item for item in value[:_MOST_ATTRIBUTES] if isinstance(item, dict))
    return [(key, item.get("value")) for item in items if isinstance(key := item.get("key"), str)]


_ATTRIBUTE: Final = {"key", "value"}
_MOST_ATTRIBUTES: Final = 100


def join_items(value: list[JsonValue]) -> str | None:
    """Text of a list that a console was given to print: texts as they are, the rest as JSON; None without a text.

    Lists of numbers are bytes that are no UTF-8, as journald writes them.
    """
    if not any(isinstance(item, str) for item in value):
        return None
    return " ".join(item if isinstance(item, str) else json.dumps(item) for item in value[:100])


def load_object(text: bytes) -> dict[str, JsonValue] | None:
    """The object of a line, or None for what is none; never an exception, however hostile the text."""
    if len(text) > _LONGEST:
        return None
    value = _load(strip_hidden_colours(text))
    if value is None and text[:1] == b"{" and text.rstrip(_BLANKS).endswith(_CLOSING):
        # The last of a list that opened before the object.
        text = text.rstrip(b" \t\r,]")
        value = _load(text)
    if value is None and may_be_literal(text):
        value = _load(write_json(text))
    return value if isinstance(value, dict) else None


_BLANKS: Final = b" \t\r"
_CLOSING: Final = (b"]", b",")


def _load(text: bytes) -> JsonValue:
    try:
        value: JsonValue = json.loads(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return value


def load_cut_object(text: bytes) -> dict[str, JsonValue] | None:
    """The object of a text that was cut somewhere: what is whole of it, all brackets closed; None where nothing is."""
    stack: list[int] = []
    whole: tuple[int, bytes] | None = None
    in_text = False
    for found in _MARKS.finditer(text):
        mark = text[found.start()]
        if mark == _ESCAPE:
            continue
        if in_text or mark == _QUOTE:
            in_text ^= mark == _QUOTE
        elif mark in _CLOSERS:
            stack.append(_CLOSERS[mark])
        elif stack and stack.pop() == mark:
            whole = found.end(), bytes(reversed(stack))
        else:
            return None
    return None if whole is None else load_object(text[: whole[0]] + whole[1])


_MARKS: Final = re.compile(rb"\\.|[\"{}\[\]]", re.DOTALL)
"""Quotes and brackets; what is escaped is passed over with its escape."""
_QUOTE: Final = ord('"')
_ESCAPE: Final = ord("\\")
_CLOSERS: Final = {ord("{"): ord("}"), ord("["): ord("]")}


def list_elements(record: dict[str, JsonValue], base: Path) -> list[dict[str, JsonValue]]:
    """The objects that one wraps in lists of objects, each wrapped alone as all were.

    Args:
        record: The outermost.
        base: Path of the first: keys of the lists, each with an index behind it.
    """
    if not base:
        return [record]
    key = str(base[0])
    rows = record.get(key)
    if not isinstance(rows, list):
        return [record]
    few = (row for row in rows[:_MOST_ELEMENTS] if isinstance(row, dict))
    return [{**record, key: [inner]} for row in few for inner in list_elements(row, base[2:])] or [record]


_MOST_ELEMENTS: Final = 10_000
