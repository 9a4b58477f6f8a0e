"""The telling fields of a record that is a JSON object. Pure."""

import json
from typing import Final

_HEAD_FIELDS: Final = frozenset(
    (
        "time", "timestamp", "@timestamp", "ts", "date", "datetime", "level", "severity", "lvl", "loglevel", "msg",
        "message", "event", "logger", "name", "thread", "pid", "host", "hostname", "service", "app", "component",
        "caller", "version", "v", "env", "trace", "span", "stack", "stacktrace", "exc_info", "error", "id",
        "stream", "log",
    )
)  # fmt: skip
"""What any record has, or what only tells one record from the next."""
_ID_WORDS: Final = ("id", "trace", "span", "uuid", "time", "logger", "thread", "service", "stack", "level")
_MOST_FIELDS: Final = 4


def tell_fields(sample: str) -> str:
    """Values of a record that is a JSON object, beyond what any record has: `flag=x, value=true`; empty for text."""
    if not sample.startswith("{"):
        return ""
    try:
        record = json.loads(sample)
    except (ValueError, RecursionError):
        return ""
    told = []
    for key, value in record.items() if isinstance(record, dict) else ():
        words = key.lower().replace("-", "_").replace(".", "_").split("_")
        if key.startswith("_") or key.isupper():
            # Of the journal's envelope (systemd.journal-fields(7)), not of the event.
            continue
        if key.lower() in _HEAD_FIELDS or any(word in _ID_WORDS for word in words):
            continue
        if isinstance(value, bool | int | float) or (isinstance(value, str) and 0 < len(value) <= 60):
            told.append(f"{key}={json.dumps(value) if isinstance(value, bool) else value}")
    return ", ".join(told[:_MOST_FIELDS])
