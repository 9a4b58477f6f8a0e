"""Finds out whether lines hold many records in lists, as exports, archives and answers of queries write them.

`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":...`, `{"Records":[{"eventTime":...`, `[{"ts":...`, and
Loki's `{"streams":[{"stream":{..},"values":[["1772719328000000000","text"],...`. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from logscope.ingest.formats.objects import Path, get_path, list_named, load_cut_object, load_object
from logscope.ingest.layouts.keys import normalise, read_key_names
from logscope.ingest.severity import parse_word
from logscope.model.severity import Severity
from logscope.text.unrolling import Roll

_FEW_LINES: Final = 20
_MOST_BESIDE: Final = 8
"""Keys of an object that only wraps: documents of alerts, which hold lists as well, have more of their own."""
_WRAPS: Final = 5
"""Objects around a record."""
_MOST_ITEMS: Final = 20
"""Of a list that are looked at."""
_MOSTLY: Final = 0.6
"""Share of the lines that must hold records in the same way."""
_LEAST_SHARE: Final = 0.3
"""Of a line that its records take: around few there stands as much again."""


def find_roll(lines: Sequence[bytes]) -> Roll | None:
    """Where the records of a sample's lines stand; None where each line is one.

    Args:
        lines: The first ones, not blank; the last may be cut.
    """
    rows = [line for line in lines[:_FEW_LINES] if line[:1] in (b"{", b"[")]
    loaded = [value for line in rows if (value := _load(line)) is not None]
    paths = [find_base([value]) for value in loaded]
    path = next((one for one in paths if one), None)
    if path is None or paths.count(path) < _MOSTLY * len(loaded):
        return None
    wrapped = [value for value, one in zip(loaded, paths, strict=True) if one == path]
    if not any(_holds_many(value, path) for value in wrapped):
        return None
    return Roll(path[1:], any(_tells_more(value, path) for value in wrapped))


def _load(line: bytes) -> dict[str, object] | None:
    """What stands in a line, whatever it is, in an object."""
    boxed = b'{"":%b}' % line.strip()
    return load_object(boxed) or load_cut_object(boxed[:-1])


def find_base(records: Sequence[Mapping[str, object]]) -> Path:
    """Down to the first record in objects that wrap them in lists; empty where the outermost is one, or none is found.

    Args:
        records: Objects that wrap alike.
    """
    found = _find_path(records, _WRAPS) or ()
    last = max((at for at, key in enumerate(found) if isinstance(key, int)), default=-1)
    return found[: last + 1]


def _find_path(records: Sequence[object], depth: int) -> Path | None:
    """The way from objects to what has a time; None where there is none, or more than one."""
    if records and all(is_row(record) for record in records):
        return ()
    objects = [record for record in records if isinstance(record, dict)]
    if not objects or any(_has_time(record) for record in objects):
        return () if objects else None
    if not depth or max(map(len, objects)) > _MOST_BESIDE or any(map(_says_something, objects)):
        return None
    ways = [_find_path_of(key, objects, depth) for key in dict.fromkeys(key for record in objects for key in record)]
    found = [way for way in ways if way is not None]
    return found[0] if len(found) == 1 else None


def _find_path_of(key: str, objects: Sequence[Mapping[str, object]], depth: int) -> Path | None:
    values = [record[key] for record in objects if record.get(key)]
    if all(isinstance(value, dict) for value in values):
        inner = _find_path(values, depth - 1)
        return None if inner is None else (key, *inner)
    if not all(isinstance(value, list) and not list_named(value) for value in values):
        return None
    items = [item for value in values if isinstance(value, list) for item in value[:_MOST_ITEMS]]
    inner = _find_path(items, depth - 1)
    return None if inner is None else (key, 0, *inner)


def is_row(value: object) -> bool:
    """Whether a list is a moment since 1970 and a text."""
    if not isinstance(value, list) or len(value) < 2 or not isinstance(value[1], str):
        return False
    moment = value[0]
    return isinstance(moment, str) and moment.isascii() and moment.isdigit() and len(moment) in (13, 16, 19)


def _has_time(record: Mapping[str, object]) -> bool:
    names = read_key_names().time
    return any(normalise(str(key)) in names and not isinstance(value, list) for key, value in record.items())


def _says_something(record: Mapping[str, object]) -> bool:
    """Whether an object is a record of its own, which has no time: of a known writer, by its level, or by its words."""
    names = read_key_names()
    keys = {normalise(str(key)) for key in record}
    if any(marks <= keys for _, marks in names.objects):
        return True
    for key, value in record.items():
        name = normalise(str(key))
        if not isinstance(value, str):
            continue
        if name in names.level and parse_word(value) is not Severity.UNKNOWN:
            return True
        if name in names.message and " " in value.strip():
            return True
    return False


def _holds_many(value: dict[str, object], path: Path) -> bool:
    """Whether the records in a line are several, and a good part of it."""
    found = list(_list_records(value, path))
    return len(found) > 1 and sum(len(str(one)) for one in found) > _LEAST_SHARE * len(str(value))


def _list_records(value: object, path: Path) -> Iterator[object]:
    """All that stands at the end of a path, whatever items of lists it leads through."""
    if not path:
        yield value
    elif path[0] == 0:
        for item in value if isinstance(value, list) else ():
            yield from _list_records(item, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _list_records(value[path[0]], path[1:])


def _tells_more(value: Mapping[str, object], path: Path) -> bool:
    """Whether what stands around the records says who writes them, or whatever differs between lists."""
    services = read_key_names().service
    around: object = value
    for at, step in enumerate(path):
        if isinstance(around, dict) and isinstance(step, str):
            beside = {key: inner for key, inner in around.items() if key != step}
            is_item = at > 1 and isinstance(path[at - 1], int)
            names = [name for name, text in _list_texts(beside) if is_item or name in services]
            if names:
                return True
        around = get_path(around, (step,))
    return False


def _list_texts(value: object, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Names and texts of an object, however deep, the attributes of OpenTelemetry among them."""
    if isinstance(value, str) and value:
        yield name, value
    elif isinstance(value, dict) and depth < _WRAPS:
        for key, inner in value.items():
            yield from _list_texts(inner, normalise(str(key)), depth + 1)
    elif isinstance(value, list) and depth < _WRAPS:
        for key, inner in list_named(value):
            yield from _list_texts(inner, normalise(key), depth + 1)
