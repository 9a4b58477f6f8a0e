"""Changes that a tool wrote as one list of objects in a single line: each has a time of its own. Pure.

`[{"time": "...", "service": "cart", "version": "2.1"}, ...]`: to a log's reader that is one record, of its first time.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple

from logscope.model.times import US
from logscope.text.fields import CHANGED, list_fields, tells_change

_TIMES: Final = (
    "time", "timestamp", "@timestamp", "ts", "date", "datetime", "at", "created_at", "createdAt", "started_at",
    "startedAt", "deployed_at", "deployedAt", "finished_at", "updated_at",
)  # fmt: skip
_FORMER_AND_NEW: Final = (("old", "new"), ("from", "to"), ("before", "after"), ("previous", "current"))
_MOST_ENTRIES: Final = 200
_DEEPEST: Final = 4
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Listed(NamedTuple):
    """One object of a list."""

    time: int
    """Microseconds UTC."""
    sample: str
    """As it stands."""
    text: str
    """What it says was altered."""


def find_listed(record: bytes) -> Iterator[Listed]:
    """The changes that a record lists in one line; none where it is no such list."""
    for sample, entry in islice(_read_entries(record), _MOST_ENTRIES):
        time = _read_time(entry)
        altered = list(_find_altered(entry, _DEEPEST))
        if time is not None and (altered or tells_change(sample)):
            yield Listed(time, sample, ", ".join([*altered, *list_fields(sample, CHANGED)]))


def _read_entries(text: bytes) -> Iterator[tuple[str, Mapping[str, object]]]:
    line = text.decode("utf-8", "replace").strip()
    if not line.startswith("[") or "\n" in line:
        return
    at, decoder = line.find("{"), json.JSONDecoder()
    while at > 0:
        try:
            entry, end = decoder.raw_decode(line, at)
        except (ValueError, RecursionError):
            # The rest of a long list was cut.
            return
        if isinstance(entry, dict):
            yield line[at:end], entry
        at = line.find("{", end)


def _read_time(entry: Mapping[str, object]) -> int | None:
    for name in _TIMES:
        value = entry.get(name)
        if not isinstance(value, str):
            continue
        try:
            stamp = datetime.fromisoformat(value)
        except ValueError:
            continue
        known = stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=UTC)
        return (known - _EPOCH) // timedelta(seconds=1) * US + known.microsecond
    return None


def _find_altered(value: object, depth: int) -> Iterator[str]:
    """`POOL_SIZE: 50 -> 5` for each pair of a former and a new value, however deep."""
    for name, inner in value.items() if isinstance(value, dict) and depth else ():
        if not isinstance(inner, dict):
            continue
        for former, new in _FORMER_AND_NEW:
            if former in inner and new in inner:
                yield f"{name}: {inner[former]} -> {inner[new]}"
        yield from _find_altered(inner, depth - 1)
